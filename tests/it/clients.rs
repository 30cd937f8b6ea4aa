//! What clients do about several brokers: replicas to read from, sequences over a fail-over, nodes that do not answer; and how
//! often members of a group send heartbeats.

use kafka_playground::base::{BrokerId, Offset, Span, TopicPartition};
use kafka_playground::engine::{TraceEvent, World};
use kafka_playground::session::{Advanced, Session};

fn session(text: &str) -> Session {
    Session::open(text, &[]).unwrap_or_else(|error| panic!("{error}"))
}

fn pass(session: &mut Session, seconds: u64) {
    assert!(matches!(session.advance(Span::from_secs(seconds), 1_000_000), Advanced::There));
}

fn output(world: &World, name: &str) -> Vec<String> {
    let lines = world.program_named(name).map(|program| program.output.iter().map(|line| line.text.to_string()).collect());
    lines.unwrap_or_default()
}

/// Which brokers were asked for records since this step.
fn fetched_from(world: &World, step: u64) -> Vec<BrokerId> {
    let mut brokers: Vec<BrokerId> = Vec::new();
    for entry in world.trace().iter().filter(|entry| entry.step > step) {
        if let TraceEvent::RequestSent { broker, name: "Fetch", .. } = entry.event {
            brokers.push(broker);
        }
    }
    brokers.sort();
    brokers.dedup();
    brokers
}

const RACKS: &str = "! brokers 3
! racks a,b,c
! broker replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector
$ kafka-topics.sh --bootstrap-server localhost:9092 --create --topic orders --replica-assignment 1:2
@c $ kafka-console-consumer.sh --bootstrap-server localhost:9092 --topic orders --partition 0 --offset earliest --command-property client.rack=RACK
";

#[test]
fn a_consumer_reads_from_the_replica_in_its_rack() {
    for (rack, expected) in [("b", 2), ("c", 1), ("a", 1)] {
        let mut session = session(&RACKS.replace("RACK", rack));
        let step = session.world().steps();
        session.input("$ echo one | kafka-console-producer.sh --bootstrap-server localhost:9092 --topic orders").expect("a line");
        pass(&mut session, 5);
        assert_eq!(output(session.world(), "c"), ["one"], "rack {rack}");
        assert_eq!(fetched_from(session.world(), step), [BrokerId(expected)], "rack {rack}");
    }
}

#[test]
fn a_consumer_goes_back_to_the_leader_when_the_replica_is_gone() {
    let mut session = session(&RACKS.replace("RACK", "b"));
    session.input("$ kill-broker 2").expect("a line");
    pass(&mut session, 2);
    session.input("$ echo one | kafka-console-producer.sh --bootstrap-server localhost:9092 --topic orders").expect("a line");
    pass(&mut session, 5);
    assert_eq!(output(session.world(), "c"), ["one"]);
}

/// A leader that stands still keeps what it was sent: the producer sends it again to the next one, once, in order.
#[test]
fn nothing_is_lost_twice_or_out_of_order_over_a_leader_that_stands_still() {
    let mut session = session(
        "! brokers 3
$ kafka-topics.sh --bootstrap-server localhost:9092 --create --topic orders --replica-assignment 2:3:1 --config min.insync.replicas=2
@p $ kafka-console-producer.sh --bootstrap-server localhost:9092 --topic orders --timeout 0 --message-send-max-retries 100
@p > 1
",
    );
    for number in 2..=40 {
        match number {
            8 => session.input("$ freeze-broker 2").expect("a line"),
            30 => session.input("$ thaw-broker 2").expect("a line"),
            _ => {}
        }
        session.input(&format!("@p > {number}")).expect("a line");
        pass(&mut session, 1);
    }
    pass(&mut session, 20);
    let world = session.world();
    let leader = world.cluster().topic("orders").and_then(|topic| topic.partitions[0].leader).expect("a leader");
    let replica = world.broker(leader).and_then(|broker| broker.replica(&TopicPartition::new("orders", 0))).expect("its replica");
    let log = &replica.log;
    let records: Vec<String> = log
        .batches_from(log.log_start_offset())
        .flat_map(|batch| batch.records().map(|record| String::from_utf8_lossy(record.value.unwrap_or_default()).into_owned()))
        .collect();
    assert_eq!(records, (1..=40).map(|number| number.to_string()).collect::<Vec<_>>());
    assert!(output(world, "p").iter().any(|line| line.contains("REQUEST_TIMED_OUT")), "{:?}", output(world, "p"));
}

#[test]
fn a_server_that_is_down_is_tried_less_and_less() {
    let mut session = session(
        "! brokers 2
$ kill-broker 1
@t $ kafka-topics.sh --bootstrap-server localhost:9092 --list
",
    );
    pass(&mut session, 62);
    let output = output(session.world(), "t");
    let refused = output.iter().filter(|line| line.contains("could not be established")).count();
    assert!((55..=75).contains(&refused), "{refused} attempts");
    assert!(output.iter().any(|line| line.contains("Timed out waiting for a node assignment. Call: listTopics")), "{output:?}");
}

/// A batch that never left leaves a gap in the sequences when it expires: the producer goes on with its next epoch.
#[test]
fn a_producer_goes_on_after_a_batch_has_expired() {
    let mut session = session(
        "! brokers 3
$ kafka-topics.sh --bootstrap-server localhost:9092 --create --topic orders --replica-assignment 2
@p $ kafka-console-producer.sh --bootstrap-server localhost:9092 --topic orders --timeout 0 --command-property delivery.timeout.ms=3000
@p > one
$ kill-broker 2 --crash
@p > two
$ sleep 10
$ start-broker 2
@p > three
$ sleep 3
@p > four
$ sleep 3
",
    );
    session
        .input("@c $ kafka-console-consumer.sh --bootstrap-server localhost:9092 --topic orders --partition 0 --offset earliest")
        .expect("a line");
    pass(&mut session, 3);
    assert_eq!(output(session.world(), "c"), ["one", "three", "four"]);
    let said = output(session.world(), "p");
    assert!(said.iter().any(|line| line.contains("Expiring 1 record(s) for orders-0:3000 ms")), "{said:?}");
}

/// Requests that wait for a node share a timer: when there were more and more of them, nothing else got its turn.
#[test]
fn a_client_without_any_server_stays_calm() {
    let at = "--bootstrap-server localhost:9092,localhost:9093,localhost:9094,localhost:9095";
    let mut session = session(&format!(
        "! brokers 4\n$ kafka-topics.sh {at} --create --topic orders --partitions 4 --replication-factor 1\n\
         @c $ kafka-console-consumer.sh {at} --topic orders --group g\n"
    ));
    for line in ["$ kill-broker 4", "$ kill-broker 1 --crash", "$ kill-broker 2 --crash", "$ freeze-broker 3"] {
        session.input(line).expect("a line");
        pass(&mut session, 4);
    }
    let before = session.world().steps();
    pass(&mut session, 60);
    assert!(session.world().steps() - before < 5_000, "{} steps", session.world().steps() - before);
}

/// Counted from one heartbeat to the next, however long an answer takes (`HeartbeatRequestState`).
#[test]
fn members_whose_coordinator_assigns_send_a_heartbeat_each_interval() {
    let mut session = session(
        "$ kafka-topics.sh --bootstrap-server localhost:9092 --create --topic orders
@c $ kafka-console-consumer.sh --bootstrap-server localhost:9092 --topic orders --group g --command-property group.protocol=consumer
@s $ kafka-console-share-consumer.sh --bootstrap-server localhost:9092 --topic orders --group s
",
    );
    pass(&mut session, 40);
    for kind in ["ConsumerGroupHeartbeat", "ShareGroupHeartbeat"] {
        let is_heartbeat = |event: &TraceEvent| matches!(event, TraceEvent::RequestSent { name, .. } if *name == kind);
        let trace = session.world().trace();
        let sent: Vec<_> = trace.iter().filter(|entry| is_heartbeat(&entry.event)).map(|entry| entry.at).collect();
        let gaps: Vec<Span> = sent.windows(2).map(|pair| pair[1].since(pair[0])).collect();
        assert!(gaps.len() >= 7 && gaps[gaps.len() - 5..].iter().all(|gap| *gap == Span::from_secs(5)), "{kind}: {gaps:?}");
    }
}

/// Followers name only positions that have moved: a fetch that names none still brings what was written while it was on its way.
#[test]
fn no_record_waits_for_a_followers_fetch_to_expire() {
    for gap in (50..600).step_by(50) {
        let mut session = session(
            "! seed 3
! brokers 3
! latency 100
$ kafka-topics.sh --bootstrap-server localhost:9092 --create --topic orders --partitions 1 --replication-factor 3
@p $ kafka-console-producer.sh --bootstrap-server localhost:9092 --topic orders --command-property linger.ms=0
@p > first
",
        );
        pass(&mut session, 20);
        session.input("@p > one").expect("a line");
        assert!(matches!(session.advance(Span::from_ms(gap), 1_000_000), Advanced::There));
        session.input("@p > another").expect("a line");
        pass(&mut session, 5);
        let at = |what: &dyn Fn(&TraceEvent) -> bool| {
            session.world().trace().iter().find(|entry| what(&entry.event)).expect("it has happened").at
        };
        let written = at(&|event| matches!(event, TraceEvent::Appended { base_offset: Offset(2), .. }));
        let committed = at(&|event| matches!(event, TraceEvent::HighWatermark { high_watermark: Offset(3), .. }));
        assert!(committed.since(written) < Span::from_ms(500), "{gap} ms apart: {:?}", committed.since(written));
    }
}
