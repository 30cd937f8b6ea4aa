//! What the Cluster view shows of several brokers: processes apart from disks, replicas side by side, links, faults.

use kafka_playground::base::{BrokerId, Span, TopicPartition};
use kafka_playground::session::Session;
use kafka_playground::view::api;
use kafka_playground::view::cluster::{
    ClusterRow, ClusterView, ClusterWindow, Health, Held, HostSpot, Process, broker_faults, cluster, cluster_flights, last_fault,
    link_faults, traffic,
};
use kafka_playground::view::inspect::{Selection, inspect};

const SERVER: &str = "--bootstrap-server localhost:9092";

/// For when broker 1, at the first of these addresses, is down.
const SERVERS: &str = "--bootstrap-server localhost:9092,localhost:9093,localhost:9094";

/// Three brokers, a topic of one partition on all of them led by broker 1, and one record in it.
pub fn three() -> Session {
    let script = format!(
        "! seed 7\n! brokers 3\n\
         $ kafka-topics.sh --create --topic rides --replica-assignment 1:2:3 --config min.insync.replicas=2 {SERVER}\n\
         $ kafka-console-producer.sh --topic rides {SERVER}\n> one\n^D\n"
    );
    Session::open(&script, &[]).expect("the script is a script")
}

pub fn rides() -> TopicPartition {
    TopicPartition::new("rides", 0)
}

pub fn given(session: &mut Session, line: &str, ms: u64) {
    session.input(line).unwrap_or_else(|why| panic!("{line}: {why}"));
    session.advance(Span::from_ms(ms), 1_000_000);
    assert_eq!(session.world().failure(), None);
}

fn shown(session: &Session) -> ClusterView {
    cluster(session.world(), &ClusterWindow::default())
}

fn shown_row(session: &Session) -> ClusterRow {
    shown(session).rows.into_iter().next().expect("a row")
}

/// A replica's slots, oldest first: `.` nothing, `r` a record, `u` one above the high watermark, `d` one that will go.
fn drawn(row: &ClusterRow, at: usize) -> String {
    let letter = |held: &Held| match held {
        Held::Nothing => '.',
        Held::Part { .. } => '/',
        Held::Record { diverges: true, .. } => 'd',
        Held::Record { above_high_watermark: true, .. } => 'u',
        Held::Record { .. } => 'r',
    };
    row.replicas[at].held.iter().map(letter).collect()
}

#[test]
fn replicas_of_a_partition_stand_side_by_side() {
    let session = three();
    let view = shown(&session);
    assert_eq!((view.controllers.len(), view.brokers.len(), view.row_count), (1, 3, 1));
    assert!(view.brokers.iter().all(|card| (card.process, card.state, card.fenced) == (Process::Running, "running", false)));
    assert_eq!(view.links.len(), 6, "three brokers and the controller, each with each");
    let row = shown_row(&session);
    assert_eq!((row.leader, row.high_watermark, row.log_end_offset, row.health), (Some(BrokerId(1)), 1, 1, Health::Fine));
    assert_eq!((row.min_isr, row.below_high_watermark), (2, 1));
    assert_eq!(row.replicas.iter().map(|replica| replica.leader).collect::<Vec<_>>(), [true, false, false]);
    for at in 0..3 {
        assert!(row.replicas[at].in_isr && row.replicas[at].alive && row.replicas[at].on_disk);
        assert_eq!(drawn(&row, at), "r");
    }
}

#[test]
fn a_process_ends_and_its_disk_stays() {
    let mut session = three();
    given(&mut session, "$ kill-broker 3 --crash", 100);
    let view = shown(&session);
    assert_eq!((view.brokers[2].process, view.brokers[2].note), (Process::Down, "not noticed yet"));
    assert_eq!(view.brokers[2].disk.replicas, 1);
    assert!(view.rows[0].replicas[2].in_isr, "the controller has not noticed yet");
    session.advance(Span::from_secs(15), 1_000_000);
    let view = shown(&session);
    assert_eq!((view.brokers[2].state, view.brokers[2].note), ("down", "fenced"));
    let row = &view.rows[0];
    assert_eq!((row.health, view.under_replicated), (Health::UnderReplicated, 1));
    assert!(!row.replicas[2].in_isr && row.replicas[2].on_disk && !row.replicas[2].alive);
    assert_eq!(drawn(row, 2), "r", "its record is on its disk");
    given(&mut session, "$ start-broker 3", 10_000);
    assert_eq!(shown_row(&session).health, Health::Fine);
}

#[test]
fn a_wiped_disk_is_empty_until_it_has_fetched_all() {
    let mut session = three();
    given(&mut session, "$ wipe-disk 2", 15_000);
    let view = shown(&session);
    assert_eq!((view.brokers[1].process, view.brokers[1].disk.replicas), (Process::Down, 0));
    assert!(!view.rows[0].replicas[1].on_disk);
    assert_eq!(drawn(&view.rows[0], 1), ".");
    given(&mut session, "$ start-broker 2", 10_000);
    let row = shown_row(&session);
    assert_eq!((row.health, drawn(&row, 1).as_str()), (Health::Fine, "r"));
}

#[test]
fn what_only_the_leader_has_lies_above_the_line_and_goes_when_another_leads() {
    let mut session = three();
    given(&mut session, "$ cut 1 2,3", 0);
    let produce = format!("$ kafka-console-producer.sh --topic rides {SERVER} --command-property acks=1\n> two\n^D");
    given(&mut session, &produce, 4_000);
    let row = shown_row(&session);
    assert_eq!((row.high_watermark, row.log_end_offset, row.below_high_watermark), (1, 2, 1));
    assert_eq!([drawn(&row, 0), drawn(&row, 1)], ["ru", "r."]);
    given(&mut session, "$ kill-broker 1 --crash", 15_000);
    let row = shown_row(&session);
    assert_eq!(row.leader, Some(BrokerId(2)));
    assert_eq!(drawn(&row, 0), "rd", "the leader has no such record");
    let view = shown(&session);
    let cut: Vec<String> = view.links.iter().filter(|link| link.cut).map(|link| link.other.title()).collect();
    assert_eq!(cut, ["broker 2", "broker 3"]);
    given(&mut session, "$ heal", 0);
    given(&mut session, "$ start-broker 1", 10_000);
    assert_eq!(drawn(&shown_row(&session), 0), "r", "it has truncated");
}

#[test]
fn followers_fetches_fly_between_brokers() {
    let mut session = three();
    let mut seen = Vec::new();
    given(&mut session, &format!("$ kafka-console-producer.sh --topic rides {SERVER}\n> two\n^D"), 0);
    for _ in 0..400 {
        let (flights, _) = cluster_flights(session.world(), session.now(), 100);
        seen.extend(flights.into_iter().filter(|flight| flight.replicates && flight.record_count > 0));
        session.step();
    }
    let first = seen.first().expect("a fetch is answered with the record");
    assert_eq!((&first.from, first.is_response), (&HostSpot::Broker(BrokerId(1)), true));
    assert_eq!(first.label, "Fetch response: 1 record of rides-0");
}

#[test]
fn what_flies_is_counted_on_lanes_and_told_apart_by_what_is_selected() {
    let mut session = three();
    given(&mut session, &format!("@c1 $ kafka-console-consumer.sh --topic rides --group g {SERVER}"), 5_000);
    let produce = format!("$ kafka-console-producer.sh --topic rides {SERVER}\n> one\n> two\n^D");
    session.input(&produce).expect("it is taken");
    let partition = TopicPartition::new("rides", 0);
    let (mut ways, mut faded, mut counted) = (Vec::new(), 0, 0);
    for _ in 0..600 {
        session.step();
        let world = session.world();
        let (flights, _) = cluster_flights(world, session.now(), 1000);
        let all = traffic(world, session.now(), None);
        assert!(all.beads.iter().all(|bead| bead.concerns) && all.lanes.iter().all(|lane| lane.concerns));
        assert_eq!(all.beads.iter().map(|bead| bead.count).sum::<usize>(), flights.len(), "each flight is in one bead");
        assert_eq!(all.lanes.iter().map(|lane| lane.count).sum::<usize>(), flights.len(), "and in one lane");
        assert!(all.lanes.windows(2).all(|pair| pair[0].way < pair[1].way), "one lane for each way");
        counted += all.lanes.iter().filter(|lane| lane.words.contains('×')).count();
        ways.extend(all.lanes.into_iter().map(|lane| lane.words));
        let chosen = traffic(world, session.now(), Some(&Selection::Partition(partition.clone())));
        faded += chosen.beads.iter().filter(|bead| !bead.concerns).count();
        for bead in chosen.beads.iter().filter(|bead| bead.concerns) {
            let broker = |spot: &HostSpot| matches!(spot, HostSpot::Broker(_));
            assert!(broker(&bead.from) || broker(&bead.to), "{bead:?}");
        }
    }
    for expected in ["Fetch", "Produce"] {
        assert!(ways.iter().any(|words| words.starts_with(expected)), "no {expected} in {ways:?}");
    }
    assert!(faded > 0, "heartbeats have nothing to do with a partition");
    assert!(counted > 0, "nothing was ever counted");
}

#[test]
fn each_fault_is_a_line_that_can_be_taken_back() {
    let mut session = three();
    let lines = |session: &Session, id: i32| -> Vec<String> {
        broker_faults(session.world(), BrokerId(id))
            .into_iter()
            .filter(|fault| fault.disabled.is_none())
            .map(|fault| fault.line)
            .collect()
    };
    let all = ["kill-broker 2", "kill-broker 2 --crash", "freeze-broker 2", "slow-disk 2 500", "wipe-disk 2"];
    assert_eq!(lines(&session, 2), all);
    assert_eq!(last_fault(&session), None);
    let before = session.hash();
    for line in all {
        given(&mut session, &format!("$ {line}"), 10);
        assert_eq!(last_fault(&session).map(|input| &*input.text), Some(format!("$ {line}").as_str()));
        assert!(!lines(&session, 2).contains(&line.to_owned()) || line == "wipe-disk 2", "{line} is offered again");
        assert!(session.undo());
        assert_eq!(session.hash(), before, "{line} is not taken back");
    }
    given(&mut session, "$ kill-broker 2", 10);
    assert_eq!(lines(&session, 2), ["start-broker 2", "slow-disk 2 500", "wipe-disk 2"]);
    let (one, other) = (HostSpot::Controller, HostSpot::Broker(BrokerId(3)));
    for fault in link_faults(session.world(), &one, &other) {
        given(&mut session, &fault.block(), 10);
    }
    assert!(shown(&session).links.iter().all(|link| link.is_sound()), "the last of them mends it");
}

#[test]
fn only_rows_in_the_window_are_made() {
    let mut session = three();
    given(&mut session, &format!("$ kafka-topics.sh --create --topic wide --partitions 200 {SERVER}"), 5_000);
    let view = cluster(session.world(), &ClusterWindow { rows: 100..105, ..ClusterWindow::default() });
    assert_eq!((view.row_count, view.rows.len()), (201, 5));
    assert_eq!(view.rows[0].topic_partition, TopicPartition::new("wide", 99));
}

#[test]
fn the_api_tells_of_several_brokers() {
    let mut session = three();
    given(&mut session, "$ freeze-broker 1", 20_000);
    given(&mut session, "$ kill-broker 3", 2_000);
    let brokers = api::brokers(session.world());
    let states: Vec<(i32, &str, u32, u32)> =
        brokers.iter().map(|broker| (broker.id, broker.state, broker.leads, broker.replicas)).collect();
    assert_eq!(states, [(1, "frozen", 0, 1), (2, "running", 1, 1), (3, "down", 0, 1)]);
    assert!(brokers.iter().all(|broker| !broker.controller && broker.rack.is_none()), "the controller is node 100");
    let partition = api::partitions(session.world(), "rides").expect("it is there").remove(0);
    assert_eq!((partition.leader, partition.isr, partition.elr), (Some(2), vec![2], vec![3]));
    let trace = api::trace(session.world(), 0, 10_000).expect("a window");
    let types: Vec<&str> = trace.iter().filter_map(|entry| entry["type"].as_str()).collect();
    for expected in ["brokerFrozen", "brokerFenced", "leaderElected", "isrChanged", "brokerStopped"] {
        assert!(types.contains(&expected), "no {expected} among {types:?}");
    }
}

/// The value and the why of a fact.
fn fact(session: &Session, selection: &Selection, label: &str) -> (String, String) {
    let inspection = inspect(session.world(), None, selection).expect("it is there");
    let fact = inspection.facts.into_iter().find(|fact| fact.label == label);
    let fact = fact.unwrap_or_else(|| panic!("no {label} of {selection:?}"));
    (fact.value, fact.why.unwrap_or_default())
}

#[test]
fn the_inspector_says_why_this_leader_why_not_in_sync_and_why_the_line_stands() {
    let mut session = three();
    let replica = |id: i32| Selection::Replica { topic_partition: rides(), broker: BrokerId(id) };
    assert!(fact(&session, &replica(1), "Role").1.contains("the preferred leader"), "{:?}", fact(&session, &replica(1), "Role"));
    assert_eq!(fact(&session, &replica(2), "In sync").0, "yes");
    given(&mut session, "$ kill-broker 1", 2_000);
    let (role, why) = fact(&session, &replica(2), "Role");
    assert_eq!(role, "leader");
    assert!(why.contains("when broker 1 (the preferred leader) was out"), "{why}");
    let (in_sync, why) = fact(&session, &replica(1), "In sync");
    assert_eq!(in_sync, "no");
    assert!(why.contains("Its broker is down"), "{why}");
    given(&mut session, "$ cut 2 3", 0);
    let produce = format!("$ kafka-console-producer.sh --topic rides {SERVERS} --command-property acks=1\n> two\n^D");
    given(&mut session, &produce, 4_000);
    let (_, why) = fact(&session, &Selection::Partition(rides()), "High watermark");
    assert!(why.contains("log ends at 2") && why.contains("broker 3 asked for offset 1"), "{why}");
    session.advance(Span::from_secs(60), 1_000_000);
    let (_, why) = fact(&session, &Selection::Partition(rides()), "High watermark");
    assert!(why.contains("min.insync.replicas is 2"), "{why}");
    assert!(fact(&session, &Selection::Partition(rides()), "ELR").1.contains("may lead without loss"));
    let link = Selection::Link { one: HostSpot::Broker(BrokerId(2)), other: HostSpot::Broker(BrokerId(3)) };
    assert_eq!(fact(&session, &link, "State").0, "cut");
    assert!(fact(&session, &Selection::Broker(BrokerId(1)), "Disk").0.contains("1 replica"));
    assert_eq!(fact(&session, &Selection::Broker(BrokerId(100)), "Active brokers").0, "2 of 3");
}

/// Three controllers are drawn with who leads; links go to that one; what can be done to each is a line of the script.
#[test]
fn controllers_are_shown_with_their_leader() {
    let mut session = Session::empty(1, 5, &[]);
    let states = |session: &Session| -> Vec<&'static str> { shown(session).controllers.iter().map(|card| card.state).collect() };
    let leader = session.world().cluster().quorum.leader.expect("a leader");
    assert_eq!(states(&session).iter().filter(|state| **state == "leads").count(), 1);
    let view = shown(&session);
    assert!(view.links.iter().any(|link| link.one == HostSpot::Voter(leader)));
    let faults = kafka_playground::view::cluster::controller_faults(session.world(), leader);
    session.input(&faults[1].block()).expect("a crash");
    let view = shown(&session);
    assert!(view.controllers.iter().all(|card| !card.leads));
    assert!(view.brokers.iter().all(|card| card.out_of_touch), "they hear nothing until the vote");
    session.advance(Span::from_secs(5), 100_000);
    let shown = states(&session);
    assert_eq!((shown.contains(&"leads"), shown.contains(&"down")), (true, true), "{shown:?}");
    let inspection = inspect(session.world(), None, &Selection::Broker(leader)).expect("it can be looked at");
    assert_eq!(inspection.title, format!("Controller {leader}"));
    assert!(inspection.actions.iter().any(|action| action.blocks == [format!("$ start-controller {leader}")]));
}
