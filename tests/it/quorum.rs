//! Three controllers: who leads them, and what stands still while nobody does.

use kafka_playground::base::{BrokerId, Span, TopicPartition};
use kafka_playground::engine::World;
use kafka_playground::session::{Advanced, Session};

const AT: &str = "--bootstrap-server localhost:9092,localhost:9093,localhost:9094";

fn session() -> Session {
    let text = format!(
        "! seed 3\n! brokers 3\n! controllers 3\n$ kafka-topics.sh {AT} --create --topic t --replica-assignment 1:2:3\n\
         $ echo one | kafka-console-producer.sh {AT} --topic t\n"
    );
    Session::open(&text, &[]).unwrap_or_else(|error| panic!("{error}"))
}

fn pass(session: &mut Session, seconds: u64) {
    assert!(matches!(session.advance(Span::from_secs(seconds), 5_000_000), Advanced::There));
}

fn give(session: &mut Session, line: &str) {
    session.input(line).unwrap_or_else(|error| panic!("{line}: {error}"));
}

/// What a command prints, waited for.
fn run(session: &mut Session, command: &str) -> Vec<String> {
    let before = session.world().program_named("main").map(|program| program.id);
    let (tool, rest) = command.split_once(' ').unwrap_or((command, ""));
    give(session, &format!("$ {tool} {AT} {rest}"));
    for _ in 0..90 {
        pass(session, 1);
        if session.world().program_named("main").is_some_and(|program| Some(program.id) != before && !program.is_running()) {
            break;
        }
    }
    let program = session.world().program_named("main").expect("it ran");
    program.output.iter().map(|line| line.text.to_string()).collect()
}

fn leader(world: &World) -> Option<BrokerId> {
    world.cluster().quorum.leader
}

fn value<'a>(lines: &'a [String], name: &str) -> &'a str {
    let line = lines.iter().find(|line| line.starts_with(name)).map_or("", String::as_str);
    line.split_once(':').map_or("", |(_, value)| value.trim())
}

fn records(world: &World) -> i64 {
    let partition = TopicPartition::new("t", 0);
    world.broker(BrokerId(1)).and_then(|broker| broker.replica(&partition)).map_or(0, |replica| replica.log.log_end_offset().0)
}

/// As a real quorum of three showed it, but for who leads and how long its log is.
#[test]
fn the_quorum_is_described_with_its_leader() {
    let mut session = session();
    let first = leader(session.world()).expect("a leader");
    let lines = run(&mut session, "kafka-metadata-quorum.sh describe --status");
    assert_eq!(value(&lines, "LeaderId"), first.to_string());
    assert_eq!(value(&lines, "LeaderEpoch"), "1");
    assert_eq!(value(&lines, "MaxFollowerLag"), "0");
    assert_eq!(
        value(&lines, "CurrentVoters"),
        "[{\"id\": 100, \"endpoints\": [\"CONTROLLER://localhost:9192\"]}, {\"id\": 101, \"endpoints\": \
         [\"CONTROLLER://localhost:9193\"]}, {\"id\": 102, \"endpoints\": [\"CONTROLLER://localhost:9194\"]}]"
    );
    give(&mut session, &format!("$ kill-controller {first}"));
    pass(&mut session, 1);
    let second = leader(session.world()).expect("the others have voted");
    assert_ne!(second, first);
    let lines = run(&mut session, "kafka-metadata-quorum.sh describe --status");
    assert_eq!((value(&lines, "LeaderEpoch"), value(&lines, "MaxFollowerLagTimeMs")), ("2", "-1"));
    let lag: i64 = value(&lines, "MaxFollowerLag").parse().expect("a number");
    assert_eq!(lag, value(&lines, "HighWatermark").parse::<i64>().expect("a number") + 1);
    let rows = run(&mut session, "kafka-metadata-quorum.sh describe --replication --human-readable");
    let statuses: Vec<&str> = rows.iter().skip(1).filter_map(|row| row.trim_end().rsplit('\t').next()).map(str::trim).collect();
    assert_eq!(statuses, ["Leader", "Follower", "Follower", "Observer", "Observer", "Observer"]);
    let gone = rows.iter().find(|row| row.starts_with(&first.to_string())).expect("its row");
    let cells: Vec<&str> = gone.split('\t').map(str::trim).collect();
    assert_eq!((cells[2], cells[4], cells[5]), ("-1", "-1", "-1"), "{gone}");
}

/// Records go on without a leader of the controllers; topics, elections and producer ids do not.
#[test]
fn without_a_majority_the_metadata_stands_still() {
    let mut session = session();
    let mut stopped = Vec::new();
    for _ in 0..2 {
        let id = leader(session.world()).expect("a leader");
        give(&mut session, &format!("$ kill-controller {id} --crash"));
        pass(&mut session, 5);
        stopped.push(id);
    }
    assert_eq!(leader(session.world()), None);
    let made = run(&mut session, "kafka-topics.sh --create --topic u --partitions 1 --replication-factor 3");
    assert_eq!(made.len(), 4, "{made:?}");
    assert!(made[0].ends_with("after 1 attempt(s)") && made[2].contains("Cancelled createTopics request"), "{made:?}");
    assert!(made[0].starts_with("Error while executing topic command : Call(callName=createTopics"), "{made:?}");
    assert!(session.world().cluster().topic("u").is_none());
    give(&mut session, &format!("@p $ kafka-console-producer.sh {AT} --topic t"));
    give(&mut session, "@p > two");
    pass(&mut session, 20);
    assert_eq!(records(session.world()), 2, "broker 1 has producer ids left");
    give(&mut session, "$ kill-broker 1 --crash");
    pass(&mut session, 30);
    let partition = |world: &World| world.cluster().topic("t").and_then(|topic| topic.partition(0)).cloned().expect("there");
    assert_eq!(partition(session.world()).leader, Some(BrokerId(1)), "nobody elects another");
    give(&mut session, &format!("$ start-controller {}", stopped[0]));
    pass(&mut session, 20);
    assert!(leader(session.world()).is_some());
    assert_eq!(partition(session.world()).leader, Some(BrokerId(2)));
    assert!(session.world().cluster().topic("u").is_none(), "who asked for it has given up");
    let read = run(&mut session, "kafka-console-consumer.sh --topic t --from-beginning --max-messages 1");
    assert!(read.iter().any(|line| line == "one"), "{read:?}");
}

/// As a real quorum of three listed itself.
#[test]
fn all_controllers_are_listed() {
    let mut session = session();
    give(&mut session, "$ kafka-cluster.sh list-endpoints --bootstrap-controller localhost:9192");
    pass(&mut session, 2);
    let program = session.world().program_named("main").expect("it ran");
    let lines: Vec<String> = program.output.iter().map(|line| line.text.trim_end().to_owned()).collect();
    assert_eq!(
        lines,
        [
            "ID         HOST      PORT       RACK       ENDPOINT_TYPE",
            "100        localhost 9192       null       controller",
            "101        localhost 9193       null       controller",
            "102        localhost 9194       null       controller",
        ]
    );
}

/// A request that waits at a broker while the controllers vote is answered when they have.
#[test]
fn a_topic_asked_for_during_the_vote_is_made_after_it() {
    let mut session = session();
    let id = leader(session.world()).expect("a leader");
    give(&mut session, &format!("$ kill-controller {id} --crash"));
    let made = run(&mut session, "kafka-topics.sh --create --topic u --partitions 1 --replication-factor 3");
    assert_eq!(made, ["Created topic u."]);
    assert!(session.now().0 < 20_000_000, "within the election's seconds: {:?}", session.now());
}

/// The leader that is cut off from the others is none any more; one that loses sight of one of them goes on.
#[test]
fn a_leader_needs_a_majority() {
    let mut session = session();
    let first = leader(session.world()).expect("a leader");
    let others: Vec<String> =
        session.world().cluster().quorum.voters.keys().filter(|id| **id != first).map(|id| id.to_string()).collect();
    give(&mut session, &format!("$ cut {first} {}", others[0]));
    pass(&mut session, 10);
    assert_eq!(leader(session.world()), Some(first));
    give(&mut session, &format!("$ cut {first} {}", others[1]));
    assert_eq!(leader(session.world()), None);
    pass(&mut session, 5);
    assert_ne!(leader(session.world()), Some(first));
    assert!(leader(session.world()).is_some());
}

#[test]
fn what_cannot_be_is_refused_in_words() {
    let mut one = Session::open("! brokers 3\n", &[]).expect("it opens");
    let refused = one.input("$ kill-controller 100").expect_err("there is one").to_string();
    assert!(refused.contains("! controllers 3"), "{refused}");
    let mut three = session();
    for (line, word) in [("$ kill-controller 9", "100, 101, 102"), ("$ start-controller 100", "is running")] {
        let refused = three.input(line).expect_err("refused").to_string();
        assert!(refused.contains(word), "{refused}");
    }
    let Err(refused) = Session::open("! controllers 2\n", &[]) else { panic!("two controllers are no quorum") };
    assert!(refused.to_string().contains("1 or 3"), "{refused}");
}

/// Nothing that a script says of its world is lost when it is saved.
#[test]
fn all_that_a_world_is_made_of_is_saved() {
    let text = "! seed 5\n! brokers 3\n! controllers 3\n! racks a,b,c\n! latency 20\n! broker num.partitions=2\n";
    let session = Session::open(text, &[]).expect("it opens");
    let saved = session.script();
    for line in text.lines() {
        assert!(saved.lines().any(|other| other == line), "{line} is gone:\n{saved}");
    }
}
