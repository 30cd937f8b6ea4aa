//! Statements of the query language typed in a terminal: rows as they come, queries that run, and what is said of mistakes.

use kafka_playground::base::Span;
use kafka_playground::session::{Advanced, Session};

const SERVER: &str = "--bootstrap-server localhost:9092";

fn rides() -> Session {
    let text = format!(
        "$ kafka-topics.sh {SERVER} --create --topic rides --partitions 2\n\
         $ kafka-console-producer.sh {SERVER} --topic rides\n\
         > {{\"id\":\"r1\",\"zone\":\"north\",\"fare\":12}}\n\
         > {{\"id\":\"r2\",\"zone\":\"south\",\"fare\":7}}\n\
         > {{\"id\":\"r3\",\"zone\":\"north\",\"fare\":20}}\n\
         ^D\n"
    );
    let mut session = Session::open(&text, &[]).unwrap_or_else(|error| panic!("{error}"));
    pass(&mut session, 5);
    session
}

fn pass(session: &mut Session, seconds: u64) {
    assert!(matches!(session.advance(Span::from_secs(seconds), 1_000_000), Advanced::There));
    assert_eq!(session.world().failure(), None);
}

fn output(session: &Session, name: &str) -> Vec<String> {
    let program = session.world().program_named(name);
    program.map(|program| program.output.iter().map(|line| line.text.to_string()).collect()).unwrap_or_default()
}

/// What a line prints that ends by itself.
fn said(session: &mut Session, line: &str) -> Vec<String> {
    session.input(&format!("@main $ {line}")).unwrap_or_else(|error| panic!("{line}: {error}"));
    pass(session, 5);
    assert!(!session.world().program_named("main").is_some_and(|program| program.is_running()), "{line} does not end");
    output(session, "main")
}

#[test]
fn a_select_shows_rows_as_they_come_and_takes_its_topics_along() {
    let mut session = rides();
    let line = "@q $ SELECT zone, COUNT(*) AS n, SUM(fare) AS total FROM rides GROUP BY zone EMIT CHANGES;";
    session.input(line).expect("a line");
    pass(&mut session, 15);
    let mut rows = output(&session, "q");
    assert_eq!(rows.remove(0), "zone          n             total");
    rows.sort();
    assert_eq!(rows, ["north         1             12", "north         2             32", "south         1             7"]);
    session
        .input(&format!("@p $ echo '{{\"zone\":\"south\",\"fare\":30}}' | kafka-console-producer.sh {SERVER} --topic rides"))
        .expect("a line");
    pass(&mut session, 5);
    assert_eq!(output(&session, "q").last().map(String::as_str), Some("south         2             37"));

    session.input("@q ^C").expect("a line");
    pass(&mut session, 10);
    let topics = said(&mut session, &format!("kafka-topics.sh {SERVER} --list"));
    assert_eq!(topics, ["__consumer_offsets", "rides"]);
    assert_eq!(said(&mut session, &format!("kafka-streams-groups.sh {SERVER} --list")), Vec::<String>::new());
}

#[test]
fn a_query_that_is_created_runs_and_is_read_by_others() {
    let mut session = rides();
    session.input("@c $ CREATE STREAM dear AS SELECT id, fare FROM rides WHERE fare > 10;").expect("a line");
    pass(&mut session, 15);
    assert_eq!(said(&mut session, "SHOW STREAMS"), ["dear                     topic dear"]);
    let rows = |session: &Session| {
        let mut rows = output(session, "main");
        rows.retain(|row| row.starts_with('r'));
        rows
    };
    session.input("@main $ select id from dear emit changes limit 2").expect("a line");
    pass(&mut session, 25);
    assert_eq!(rows(&session).len(), 2, "{:?}", output(&session, "main"));
    // One more instance of it, and the first one ended: the other goes on.
    session.input("@d $ CREATE STREAM dear AS SELECT id, fare FROM rides WHERE fare > 10;").expect("a line");
    pass(&mut session, 15);
    session.input("@c ^C").expect("a line");
    session
        .input(&format!("@p $ echo '{{\"id\":\"r9\",\"fare\":99}}' | kafka-console-producer.sh {SERVER} --topic rides"))
        .expect("a line");
    pass(&mut session, 90);
    let line = format!("kafka-console-consumer.sh {SERVER} --topic dear --from-beginning --timeout-ms 3000 | grep r9");
    assert!(!said(&mut session, &line).is_empty());
    assert_eq!(said(&mut session, "DROP STREAM dear").len(), 1);
}

#[test]
fn a_mistake_names_what_there_is() {
    let mut session = rides();
    let lines = said(&mut session, "SELECT fre FROM rides");
    assert_eq!(lines[0], "Line 1, column 8: There is no field fre in rides. It has: fare, id, zone.");
    assert!(said(&mut session, "SELECT id FROM nowhere")[0].contains("nowhere"));
    assert!(said(&mut session, "SELECT FROM rides")[0].starts_with("Line 1, column 8"));
}

#[test]
fn a_session_with_a_query_replays_to_the_same_world() {
    let mut session = rides();
    session.input("@q $ SELECT id FROM rides EMIT CHANGES").expect("a line");
    pass(&mut session, 20);
    let (hash, now) = (session.world().hash(), session.world().now());
    let mut again = Session::open(&session.script_until_now(), &[]).expect("it opens");
    while again.world().now() < now {
        pass(&mut again, 1);
    }
    assert_eq!(again.world().hash(), hash);
}
