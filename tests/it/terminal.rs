//! What a terminal shows, how it completes, and how commands that have aged are written today.

use kafka_playground::base::Span;
use kafka_playground::scenario::CATALOG;
use kafka_playground::scenario::way::Way;
use kafka_playground::session::line::{Typed, is_continued, join_continued, typed};
use kafka_playground::session::typing::{Given, Refusal, WAITING_MAX};
use kafka_playground::session::{Clock, Fork, Session, Typing, Wish};
use kafka_playground::shell::hint;
use kafka_playground::view::terminal::{Row, Screen, complete, tabs};

const SERVER: &str = "--bootstrap-server localhost:9092";

/// Types a line and lets its program settle.
fn type_in(session: &mut Session, terminal: &str, line: &str) {
    match typed(session, terminal, line) {
        Typed::Give(block) => session.input(&block).expect("a line that is taken"),
        other => panic!("{line}: {other:?}"),
    }
    session.advance(Span::from_secs(4), 100_000);
}

fn shown(session: &Session, terminal: &str) -> Vec<String> {
    let mut screen = Screen::default();
    screen.update(session, terminal, 80, &[]);
    screen.all_text(session).lines().map(str::to_owned).collect()
}

#[test]
fn a_terminal_shows_what_was_typed_and_printed_in_order() {
    let mut session = Session::empty(1, 1, &[]);
    type_in(&mut session, "main", "cat | cat");
    type_in(&mut session, "main", "one");
    type_in(&mut session, "t2", "echo elsewhere");
    type_in(&mut session, "main", "two");
    assert_eq!(shown(&session, "main"), ["$ cat | cat", "> one", "one", "> two", "two"]);
    type_in(&mut session, "main", "^D");
    type_in(&mut session, "main", "false");
    assert_eq!(shown(&session, "main"), ["$ cat | cat", "> one", "one", "> two", "two", "^D", "$ false"]);
    assert_eq!(shown(&session, "t2"), ["$ echo elsewhere", "elsewhere"]);
    let names: Vec<_> = tabs(&session).into_iter().map(|tab| (tab.label, tab.inputs, tab.runs)).collect();
    assert_eq!(names, [("1".to_owned(), 5, false), ("2".to_owned(), 1, false)]);
    // The script brings back the same, and so does a step back.
    let again = Session::open(&session.script(), &[]).expect("its own script");
    assert_eq!(shown(&again, "main"), shown(&session, "main"));
    let before_two = session.inputs()[3].cursor;
    session.seek(before_two);
    assert_eq!(shown(&session, "main"), ["$ cat | cat", "> one", "one"]);
}

#[test]
fn a_screen_kept_through_time_equals_one_made_anew() {
    let mut session = Session::empty(1, 1, &[]);
    let mut kept = Screen::default();
    for line in ["seq 1 5000", "cat", "a", "b", "^C", "help", "echo x; false", "clear", "echo after"] {
        type_in(&mut session, "main", line);
        kept.update(&session, "main", 80, &[]);
        let mut anew = Screen::default();
        anew.update(&session, "main", 80, &[]);
        assert_eq!((kept.len(), kept.height()), (anew.len(), anew.height()), "{line}");
        assert_eq!(kept.all_text(&session), anew.all_text(&session), "{line}");
    }
    assert_eq!(shown(&session, "main"), ["$ echo after", "after"]);
    session.seek(session.inputs()[7].cursor);
    kept.update(&session, "main", 80, &[]);
    assert!(kept.len() > 5000, "a step back takes the clearing back");
    assert!(kept.all_text(&session).contains("\n4999\n"));
}

#[test]
fn places_on_the_screen_and_items_agree() {
    let mut session = Session::empty(1, 1, &[]);
    type_in(&mut session, "main", "seq 1 2000");
    type_in(&mut session, "main", "echo a line that is longer than the forty columns which this screen has");
    let mut screen = Screen::default();
    screen.update(&session, "main", 40, &[]);
    assert_eq!(screen.len(), 2003);
    assert_eq!(screen.height(), 2001 + 2 + 2);
    for item in 0..screen.len() {
        assert_eq!(screen.item_at(screen.rows_above(item)), item);
    }
    assert_eq!(screen.rows(&session, 1999..2001), [Row::Output("1999".into()), Row::Output("2000".into())]);
    assert_eq!(screen.find(&session, "999"), [999, 1999]);
    assert_eq!(screen.find(&session, "LONGER"), [2001, 2002]);
}

#[test]
fn an_error_is_folded_and_explained_and_a_failure_marked() {
    let mut session = Session::empty(1, 1, &[]);
    type_in(&mut session, "main", &format!("kafka-topics.sh --describe --topic none {SERVER}"));
    let mut screen = Screen::default();
    screen.update(&session, "main", 80, &[]);
    let rows = screen.rows(&session, 0..screen.len());
    assert!(matches!(&rows[0], Row::Command { failed: Some(1), .. }), "{rows:?}");
    assert!(rows.iter().any(|row| matches!(row, Row::Stack(why) if why.contains("kafka-topics.sh"))), "{rows:?}");
}

#[test]
fn a_line_waits_for_a_program_that_reads_nothing() {
    let mut session = Session::empty(1, 1, &[]);
    type_in(&mut session, "main", &format!("kafka-topics.sh --create --topic t {SERVER}"));
    type_in(&mut session, "main", &format!("kafka-console-consumer.sh --topic t {SERVER}"));
    assert_eq!(typed(&session, "main", "echo later"), Typed::Waits);
    assert_eq!(typed(&session, "main", "^C"), Typed::Give("@main ^C".to_owned()));
    type_in(&mut session, "main", "^C");
    assert_eq!(typed(&session, "main", "$ echo later"), Typed::Give("$ echo later".to_owned()));
    assert_eq!(typed(&session, "main", "# nothing"), Typed::Nothing);
    assert_eq!(typed(&session, "main", "^D"), Typed::Nothing);
    assert_eq!(typed(&session, "t2", "sleep 1"), Typed::Give("@t2 $ sleep 1".to_owned()));
    let joined = join_continued(["a \\", "  b \\", "c", r"d\\", "e"].map(str::to_owned).to_vec());
    assert_eq!(joined, ["a b c", r"d\\", "e"]);
    let joined = join_continued(["for i in 1 2", "do", "  echo $i", "done", "while we", "wait"].map(str::to_owned).to_vec());
    assert_eq!(joined, ["for i in 1 2; do echo $i; done", "while we", "wait"]);
    for (text, more) in [("for i in 1; do", true), ("for i in 1\ndo echo\ndone", false), ("echo \\", true), ("echo (", false)] {
        assert_eq!(is_continued(text), more, "{text}");
    }
}

/// A program whose input is a here-document, or has ended, reads nothing: what is typed is for the next command.
#[test]
fn what_is_typed_after_the_input_has_ended_waits() {
    let mut session = Session::empty(1, 1, &[]);
    let give = |session: &mut Session, line: &str| match typed(session, "main", line) {
        Typed::Give(block) => session.input(&block).expect("a line that is taken"),
        other => panic!("{line}: {other:?}"),
    };
    give(&mut session, &format!("kafka-console-producer.sh --topic t {SERVER} <<END"));
    assert_eq!(typed(&session, "main", "one"), Typed::Give("@main > one".to_owned()));
    give(&mut session, "one");
    give(&mut session, "END");
    assert_eq!(typed(&session, "main", "ls"), Typed::Waits);
    session.advance(Span::from_secs(5), 100_000);
    give(&mut session, &format!("kafka-console-producer.sh --topic t {SERVER}"));
    give(&mut session, "two");
    give(&mut session, "^D");
    assert_eq!(typed(&session, "main", "ls"), Typed::Waits);
}

#[test]
fn a_command_that_sleeps_takes_its_time() {
    let mut session = Session::empty(1, 1, &[]);
    type_in(&mut session, "main", "sleep 30");
    assert!(tabs(&session)[0].runs);
    assert_eq!(shown(&session, "main"), ["$ sleep 30"]);
    assert_eq!(Typing::default().commands(&session), ["sleep 30"]);
}

/// Types lines into the main terminal as the page does.
fn type_lines(session: &mut Session, typing: &mut Typing, lines: &[&str]) -> Given {
    let given = typing.type_lines(session, &"main".into(), lines.iter().map(|line| (*line).to_owned()).collect());
    session.advance(Span::from_secs(4), 100_000);
    given
}

fn shown_with(session: &Session, screen: &mut Screen, refused: &[Refusal]) -> Vec<String> {
    screen.update(session, "main", 80, refused);
    screen.all_text(session).lines().map(str::to_owned).collect()
}

#[test]
fn a_refused_line_stands_where_it_was_typed_and_goes_with_its_moment() {
    let mut session = Session::empty(1, 1, &[]);
    let (mut typing, mut kept) = (Typing::default(), Screen::default());
    for line in ["echo one", "<img src=x &", "kafka-topics.sh --list &", "echo two", "kill-broker 9"] {
        type_lines(&mut session, &mut typing, &[line]);
        assert_eq!(typing.waits(), [], "{line}");
        shown_with(&session, &mut kept, typing.refused());
    }
    let refused = typing.refused().to_vec();
    let shown = shown_with(&session, &mut kept, &refused);
    assert_eq!(
        shown[..4],
        ["$ echo one", "one", "$ <img src=x &", "bash: '&' (background) is not simulated: open another terminal instead"]
    );
    assert_eq!(shown[4], "$ kafka-topics.sh --list &");
    assert!(shown[5].starts_with("bash: '&' (background) is not simulated"), "{}", shown[5]);
    assert_eq!(shown[6..8], ["$ echo two", "two"]);
    assert_eq!(shown[8], "$ kill-broker 9");
    assert!(shown[9].starts_with("bash: "), "{}", shown[9]);
    assert_eq!(shown, shown_with(&session, &mut Screen::default(), &refused), "kept, it equals one made anew");
    let typed = ["echo one", "<img src=x &", "kafka-topics.sh --list &", "echo two", "kill-broker 9"];
    assert_eq!(typing.commands(&session), typed);
    // It is no part of the session, and a step back takes it back.
    assert!(!session.script().contains("img"));
    let end = session.cursor();
    session.seek(session.inputs()[1].cursor);
    assert_eq!(shown_with(&session, &mut kept, &refused).len(), 6);
    session.seek(1);
    assert_eq!(shown_with(&session, &mut kept, &refused)[..1], ["$ echo one"]);
    session.seek(end);
    assert_eq!(shown_with(&session, &mut kept, &refused), shown);
    // In another history it was never typed.
    session.seek(0);
    type_lines(&mut session, &mut typing, &["echo other"]);
    session.advance(Span::from_secs(60), 100_000);
    type_lines(&mut session, &mut typing, &["echo more"]);
    assert_eq!(shown_with(&session, &mut kept, &refused), ["$ echo other", "other", "$ echo more", "more"]);
    assert_eq!(typing.commands(&session), ["echo other", "echo more"]);
}

#[test]
fn pasted_lines_wait_in_order_and_an_interrupt_drops_them() {
    let mut session = Session::empty(1, 1, &[]);
    let mut typing = Typing::default();
    let given = type_lines(&mut session, &mut typing, &["sleep 2", "echo &", "echo later"]);
    assert_eq!((given, typing.waits().len()), (Given { taken: 1, refused: 0 }, 2), "they wait for the command before them");
    let mut later = typing.clone();
    assert_eq!((later.give(&mut session), later.waits()), (Given { taken: 1, refused: 1 }, &[][..]));
    session.advance(Span::from_secs(1), 100_000);
    session.input("$ sleep 60 && cat").expect("a command");
    let many = vec!["echo".to_owned(); WAITING_MAX + 1];
    assert_eq!(typing.type_lines(&mut session, &"main".into(), many).refused, 1, "more than may wait");
    assert_eq!((typing.waits().len(), typing.refused()[0].line.as_deref()), (WAITING_MAX, None));
    assert_eq!(type_lines(&mut session, &mut typing, &["^C"]).taken, 1);
    assert_eq!(typing.waits(), [], "an interrupt drops what was typed ahead");
}

#[test]
fn the_clock_is_lent_until_a_command_has_ended_or_time_is_up() {
    let mut session = Session::empty(1, 1, &[]);
    let (main, typing, stands) = ("main".into(), Typing::default(), Clock::default());
    assert_eq!(stands.lend(&session, &main, false), None, "nothing runs");
    session.input("$ sleep 3 && cat").expect("a command");
    let lent = stands.lend(&session, &main, false).expect("a command runs");
    assert!(lent.runs());
    let mut plays = Clock::default();
    plays.play(true);
    assert_eq!(plays.lend(&session, &main, false), None, "a person lets it run, and stops it");
    assert_eq!(lent.give_back(&session, &typing), None);
    session.advance(Span::from_secs(5), 100_000);
    assert_eq!(lent.give_back(&session, &typing), None, "it reads, and its time is not up");
    session.advance(Span::from_secs(5), 100_000);
    assert_eq!(lent.give_back(&session, &typing), Some(Clock::default()), "it stands again");
    // A line that is read gets less; a command that ends gives back what is left.
    session.input("@main > a").expect("a line");
    let lent = stands.lend(&session, &main, true).expect("it runs");
    session.advance(Span::from_secs(2), 100_000);
    assert_eq!(lent.give_back(&session, &typing), Some(Clock::default()), "it reads still");
    session.input("@main ^D").expect("the end of its input");
    session.input("$ sleep 1; true").expect("another command");
    let lent = stands.lend(&session, &main, false).expect("it runs");
    let mut waits = Typing::default();
    waits.type_lines(&mut session, &main, vec!["echo".to_owned()]);
    assert_eq!(waits.waits().len(), 1);
    session.advance(Span::from_secs(2), 100_000);
    assert_eq!(lent.give_back(&session, &typing), Some(Clock::default()), "it has ended");
    assert_eq!(lent.give_back(&session, &waits), None, "what waits there comes next");
}

/// In the past a person is asked first, unless nothing would come of it.
#[test]
fn what_sets_aside_a_future_is_asked_first() {
    let mut session = Session::empty(1, 1, &[]);
    let give = || Wish::Give(vec!["$ echo b".to_owned()]);
    let typed = |line: &str| Wish::Type { terminal: "main".into(), lines: vec![line.to_owned()] };
    session.input("$ echo a").expect("a command");
    session.advance(Span::from_secs(2), 100_000);
    assert_eq!(session.ask_first(give()), Ok(give()), "nothing lies ahead");
    session.seek(0);
    assert_eq!(session.ask_first(give()), Err(Fork { wish: give(), ahead: 1 }));
    assert_eq!(session.ask_first(typed("echo b")), Err(Fork { wish: typed("echo b"), ahead: 1 }));
    assert_eq!(session.ask_first(typed("  ")), Ok(typed("  ")));
    assert_eq!(session.ask_first(Wish::Give(Vec::new())), Ok(Wish::Give(Vec::new())));
    assert_eq!(session.ask_first(Wish::Begin).map_err(|fork| fork.ahead), Err(1));
    session.seek_end();
    assert_eq!(session.ask_first(give()), Ok(give()));
    assert_eq!(session.now().0, 2_000_000);
}

/// Lines that were clicked are given one after the other; another session in its place makes them go.
#[test]
fn what_was_clicked_waits_beside_the_session() {
    let mut session = Session::empty(1, 1, &[]);
    let mut way = Way::of(&session);
    way.queue.add(&session, ["$ sleep 1;", "$ echo later"].map(str::to_owned).to_vec());
    assert_eq!(way.follow(&mut session).0.count, 1);
    assert_eq!(way.follow(&mut session).0.count, 0, "the first runs");
    session.advance(Span::from_secs(2), 100_000);
    assert_eq!(way.follow(&mut session).0.count, 1);
    way.queue.add(&session, vec!["$ echo last".to_owned()]);
    let mut other = Session::open("! scenario taxi-booking\n", CATALOG).expect("a story");
    assert_eq!(way.follow(&mut other).0.count, 0);
    assert_eq!((way.story.as_deref(), way.queue.is_empty()), (Some("taxi-booking"), true));
}

#[test]
fn history_lists_the_commands_of_all_terminals() {
    let mut session = Session::empty(1, 1, &[]);
    type_in(&mut session, "main", "echo a");
    type_in(&mut session, "t2", "echo b");
    type_in(&mut session, "main", "history");
    let shown = shown(&session, "main");
    assert_eq!(shown[2..], ["$ history", "    1  echo a", "    2  echo b", "    3  history"]);
}

/// What Tab makes of a line; with what it offers.
fn tab_key(session: &Session, line: &str) -> (String, Vec<String>) {
    let done = complete(session, line, "");
    done.map_or_else(Default::default, |done| (done.text, done.offered.into_iter().map(|(text, _)| text).collect()))
}

#[test]
fn tab_completes_what_there_is() {
    let mut session = Session::empty(1, 1, &[]);
    type_in(&mut session, "main", &format!("kafka-topics.sh --create --topic rides --partitions 2 {SERVER}"));
    type_in(&mut session, "main", &format!("kafka-topics.sh --create --topic riders {SERVER}"));
    type_in(&mut session, "main", "echo x > 'my plan.json'");
    for (line, text) in [
        ("kafka-top", "kafka-topics.sh "),
        ("bin/kafka-top", "bin/kafka-topics.sh "),
        ("kafka-topics.sh --desc", "kafka-topics.sh --describe "),
        ("kafka-topics --list --boot", "kafka-topics --list --bootstrap-server "),
        ("kafka-topics.sh --bootstrap-server ", "kafka-topics.sh --bootstrap-server localhost:9092 "),
        ("kafka-topics.sh --topic r", "kafka-topics.sh --topic ride"),
        ("kafka-topics.sh --topic rides", "kafka-topics.sh --topic rides "),
        ("kafka-configs.sh --add-config retention.m", "kafka-configs.sh --add-config retention.ms="),
        ("kafka-configs.sh --add-config retention.ms=1,cleanup", "kafka-configs.sh --add-config retention.ms=1,cleanup.policy="),
        ("kafka-configs.sh --broker 1 --add-config num.io", "kafka-configs.sh --broker 1 --add-config num.io.threads="),
        (
            "kafka-console-consumer.sh --formatter-property print.o",
            "kafka-console-consumer.sh --formatter-property print.offset=true ",
        ),
        ("kafka-delete-records.sh --offset-json-file ", "kafka-delete-records.sh --offset-json-file 'my plan.json' "),
        ("cat ", "cat 'my plan.json' "),
        ("seq 3 | kafka-console-p", "seq 3 | kafka-console-producer.sh "),
        ("kafka-leader-election.sh --election-type unc", "kafka-leader-election.sh --election-type unclean "),
        (
            "kafka-reassign-partitions.sh --execute --reassignment-json-file ",
            "kafka-reassign-partitions.sh --execute --reassignment-json-file 'my plan.json' ",
        ),
        ("kill-b", "kill-broker "),
        ("freeze-broker ", "freeze-broker 1 "),
        ("kill-broker 1 ", "kill-broker 1 --crash "),
        ("slow-link 1 con", "slow-link 1 controller "),
        ("heal 1 2 ", ""),
        ("cat nothing-like-it", ""),
        ("echo hello", ""),
    ] {
        assert_eq!(tab_key(&session, line).0, text, "{line}");
    }
    assert_eq!(tab_key(&session, "kafka-topics.sh --topic ri").1, ["riders", "rides"]);
    let (_, offered) = tab_key(&session, "kafka-topics.sh --list --");
    assert!(offered.contains(&"--topic".to_owned()) && !offered.contains(&"--list".to_owned()), "{offered:?}");
}

#[test]
fn tab_completes_statements_with_the_fields_that_records_have() {
    let mut session = Session::empty(1, 1, &[]);
    type_in(&mut session, "main", &format!("kafka-topics.sh --create --topic rides --partitions 2 {SERVER}"));
    let line = r#"echo '{"zone":"north","fare":{"amount":7,"currency":"EUR"}}' | kafka-console-producer.sh --topic rides"#;
    type_in(&mut session, "main", &format!("{line} {SERVER}"));
    type_in(&mut session, "main", "CREATE STREAM shown WITH (KAFKA_TOPIC='rides', VALUE_FORMAT='JSON')");
    for (line, text) in [
        ("SEL", "SELECT "),
        ("sel", "select "),
        ("SELECT * FR", "SELECT * FROM "),
        ("select * from ri", "select * from rides "),
        ("SELECT * FROM sh", "SELECT * FROM shown "),
        ("SELECT * FROM rides WHERE zo", "SELECT * FROM rides WHERE zone "),
        ("SELECT * FROM rides WHERE fare->cur", "SELECT * FROM rides WHERE fare->currency "),
        ("SELECT zone, COUNT(*) AS n FROM shown GROUP BY zo", "SELECT zone, COUNT(*) AS n FROM shown GROUP BY zone "),
        ("SELECT * FROM rides EM", "SELECT * FROM rides EMIT "),
        ("SELECT FROM FROM x", ""),
    ] {
        assert_eq!(tab_key(&session, line).0, text, "{line}");
    }
    // What stands after the caret says where the fields are.
    let done = complete(&session, "SELECT zo", " FROM rides").expect("a field");
    assert_eq!(done.text, "SELECT zone ");
    let (_, offered) = tab_key(&session, "SHOW ");
    assert!(offered.contains(&"STREAMS".to_owned()) && offered.contains(&"TOPICS".to_owned()), "{offered:?}");
}

#[test]
fn the_statements_that_help_shows_work() {
    let mut session = Session::empty(1, 1, &[]);
    type_in(&mut session, "main", &format!("kafka-topics.sh --create --topic events --partitions 3 {SERVER}"));
    type_in(&mut session, "main", &format!("echo '{{\"a\":1}}' | kafka-console-producer.sh --topic events {SERVER}"));
    type_in(&mut session, "main", "help sql");
    let mut screen = Screen::default();
    screen.update(&session, "main", 80, &[]);
    let rows = screen.rows(&session, 0..screen.len());
    let examples: Vec<String> =
        rows.iter().filter_map(|row| if let Row::Example(text) = row { Some(text.to_string()) } else { None }).collect();
    assert_eq!(examples.len(), 3, "{rows:?}");
    for example in examples {
        type_in(&mut session, "main", "clear");
        type_in(&mut session, "main", &example);
        if session.world().program_named("main").is_some_and(|program| program.is_running()) {
            type_in(&mut session, "main", "^C");
        }
        screen.update(&session, "main", 80, &[]);
        let rows = screen.rows(&session, 0..screen.len());
        let failed = rows.iter().any(|row| matches!(row, Row::Command { failed: Some(code), .. } if *code != 130));
        assert!(!failed && rows.len() > 1, "{example}: {rows:?}");
    }
}

#[test]
fn commands_that_have_aged_are_written_as_today() {
    for (old, now) in [
        (
            "kafka-console-producer.sh --topic events --broker-list localhost:9092",
            "kafka-console-producer.sh --topic events --bootstrap-server localhost:9092",
        ),
        (
            "bin/kafka-topics.sh --create --zookeeper localhost:2181/kafka --replication-factor 1 --topic t",
            "bin/kafka-topics.sh --create --bootstrap-server localhost:9092 --replication-factor 1 --topic t",
        ),
        (
            "kafka-console-consumer.sh --bootstrap-server localhost:9092 --new-consumer --whitelist 'a|b' --property print.key=true",
            "kafka-console-consumer.sh --bootstrap-server localhost:9092 --include 'a|b' --formatter-property print.key=true",
        ),
        (
            "echo 'k: v' | kafka-console-producer.sh --broker-list=h:1 --topic t --property parse.key=true && echo --property x",
            "echo 'k: v' | kafka-console-producer.sh --bootstrap-server h:1 --topic t --reader-property parse.key=true && echo --property x",
        ),
        (
            "kafka-console-consumer.sh --zookeeper z:2181 --bootstrap-server b:9092 --topic t --consumer.config f > out.txt",
            "kafka-console-consumer.sh --bootstrap-server b:9092 --topic t --command-config f > out.txt",
        ),
        (
            "kafka-topics.sh --alter --zookeeper z:2181 --topic t --config retention.ms=1 --config segment.ms=2",
            "kafka-configs.sh --alter --topic t --add-config retention.ms=1,segment.ms=2 --bootstrap-server localhost:9092",
        ),
        (
            "kafka-run-class.sh kafka.tools.GetOffsetShell --broker-list localhost:9092 --topic t",
            "kafka-get-offsets.sh --bootstrap-server localhost:9092 --topic t",
        ),
    ] {
        let hint = hint(old).unwrap_or_else(|| panic!("no hint for {old}"));
        assert_eq!(hint.now.as_deref(), Some(now), "{}", hint.why);
    }
    assert_eq!(hint("zookeeper-server-start.sh config/zookeeper.properties").map(|hint| hint.now), Some(None));
    for fine in [
        "kafka-console-producer.sh --topic events --bootstrap-server localhost:9092 --reader-property parse.key=true",
        "kafka-topics.sh --create --topic t --config retention.ms=1 --bootstrap-server localhost:9092",
        "echo --broker-list --zookeeper",
        "grep 'zookeeper-server-start' notes.txt | head -n 1",
        "",
        "'",
    ] {
        assert_eq!(hint(fine), None, "{fine}");
    }
}

/// What a hint proposes is a command that the tool takes.
#[test]
fn what_a_hint_proposes_works() {
    let mut session = Session::empty(1, 1, &[]);
    for old in [
        "kafka-topics.sh --create --zookeeper localhost:2181 --replication-factor 1 --partitions 1 --topic t",
        "kafka-topics.sh --alter --topic t --config retention.ms=1000 --zookeeper localhost:2181",
        "echo k:v | kafka-console-producer.sh --broker-list localhost:9092 --topic t --property parse.key=true --property key.separator=:",
        "kafka-console-consumer.sh --zookeeper localhost:2181 --topic t --from-beginning --max-messages 1 --property print.key=true",
        "kafka-consumer-groups.sh --zookeeper localhost:2181 --list",
        "kafka-configs.sh --zookeeper localhost:2181 --describe --entity-type topics --entity-name t",
        "kafka-run-class.sh kafka.tools.GetOffsetShell --broker-list localhost:9092 --topic t",
    ] {
        let now = hint(old).and_then(|hint| hint.now).expect("a hint");
        type_in(&mut session, "main", &now);
        let mut screen = Screen::default();
        screen.update(&session, "main", 80, &[]);
        let rows = screen.rows(&session, 0..screen.len());
        let failed = rows.iter().any(|row| matches!(row, Row::Command { failed: Some(_), .. } | Row::Hint(_)));
        assert!(!failed, "{now}: {rows:?}");
        type_in(&mut session, "main", "clear");
    }
}

#[test]
fn what_the_small_shell_has_not_gets_a_word_of_explanation() {
    for (line, word) in
        [("cd /tmp", "without cd"), ("X=5", "as long as its line"), ("export BS=localhost:9092", "as long as its line")]
    {
        let hint = hint(line).expect("a hint");
        assert!(hint.why.contains(word) && hint.now.is_none(), "{hint:?}");
    }
    for line in ["echo a=b cd", "for i in 1 2; do echo $i; done", "X=5; echo $X", "X=5 echo"] {
        assert_eq!(hint(line), None, "{line}");
    }
}

#[test]
fn help_gives_lines_to_try_that_work() {
    let mut session = Session::empty(1, 1, &[]);
    type_in(&mut session, "main", &format!("kafka-topics.sh --create --topic events --partitions 3 {SERVER}"));
    type_in(&mut session, "main", "help kafka-topics.sh");
    let mut screen = Screen::default();
    screen.update(&session, "main", 80, &[]);
    let rows = screen.rows(&session, 0..screen.len());
    let tries = rows.iter().filter(|row| matches!(row, Row::Example(_))).count();
    assert_eq!(tries, 3, "{rows:?}");
    for info in kafka_playground::shell::tools::TOOLS {
        let examples = info.examples;
        assert!(!examples.is_empty(), "{} has no example", info.name);
        // The topic is there already.
        for example in examples.iter().filter(|example| !example.contains("--create")) {
            type_in(&mut session, "main", "clear");
            type_in(&mut session, "main", example);
            if session.world().program_named("main").is_some_and(|program| program.is_running()) {
                type_in(&mut session, "main", if info.name.ends_with("producer") { "^D" } else { "^C" });
            }
            screen.update(&session, "main", 80, &[]);
            let rows = screen.rows(&session, 0..screen.len());
            let interrupted = info.name.contains("consumer") || info.name == "kafka-run-class";
            let failed =
                rows.iter().any(|row| matches!(row, Row::Command { failed: Some(code), .. } if !interrupted || *code != 130));
            assert!(!failed, "{example}: {rows:?}");
        }
    }
}
