//! What losing disks does to a record, tried on copies of the world: it depends on copies, in-sync sets and settings.

use kafka_playground::base::{BrokerId, Offset, Span, TopicPartition};
use kafka_playground::engine::safety::{Fate, safety};
use kafka_playground::session::Session;
use kafka_playground::view::safety::{Outcome, record_safety};

const SERVER: &str = "--bootstrap-server localhost:9092";

/// Three brokers and one partition with these replicas and settings, and the record `one` at offset 0.
fn world(replicas: &str, configs: &[&str]) -> Session {
    let configs: String = configs.iter().map(|config| format!(" --config {config}")).collect();
    let script = format!(
        "! seed 3\n! brokers 3\n\
         $ kafka-topics.sh --create --topic pay --replica-assignment {replicas}{configs} {SERVER}\n\
         $ kafka-console-producer.sh --topic pay {SERVER}\n> one\n^D\n"
    );
    Session::open(&script, &[]).expect("the script is a script")
}

fn given(session: &mut Session, line: &str, ms: u64) {
    session.input(line).unwrap_or_else(|why| panic!("{line}: {why}"));
    session.advance(Span::from_ms(ms), 1_000_000);
}

fn write(session: &mut Session, acks: &str) {
    given(session, &format!("$ kafka-console-producer.sh --topic pay {SERVER} --command-property acks={acks}\n> two\n^D"), 4_000);
}

fn pay() -> TopicPartition {
    TopicPartition::new("pay", 0)
}

/// Each trial as `1+2 kept`, `1 lost`, `1 offline 2+3`.
fn tried(session: &Session, offset: i64) -> Vec<String> {
    let before = session.hash();
    let found = safety(session.world(), &pay(), Offset(offset)).expect("a record");
    assert_eq!(session.hash(), before, "the world itself is left alone");
    assert!(found.steps < 200_000, "{} steps", found.steps);
    let list = |ids: &[BrokerId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join("+");
    found
        .trials
        .iter()
        .map(|trial| match &trial.fate {
            Fate::Kept { .. } => format!("{} kept", list(&trial.lost)),
            Fate::Offline { copies } => format!("{} offline {}", list(&trial.lost), list(copies)),
            Fate::Lost => format!("{} lost", list(&trial.lost)),
        })
        .collect()
}

#[test]
fn three_copies_in_sync_outlive_any_two_disks() {
    let session = world("1:2:3", &["min.insync.replicas=2"]);
    assert_eq!(tried(&session, 0), ["1 kept", "2 kept", "3 kept", "1+2 kept", "1+3 kept", "2+3 kept"]);
    let view = record_safety(session.world(), &pay(), Offset(0)).expect("a record");
    assert_eq!((view.verdict.as_str(), view.survives_one), ("Safe from the loss of any two disks.", true));
    assert_eq!(safety(session.world(), &pay(), Offset(1)), None, "there is no such record");
}

#[test]
fn a_single_copy_goes_with_its_disk() {
    let session = world("2", &[]);
    assert_eq!(tried(&session, 0), ["2 lost"]);
    let view = record_safety(session.world(), &pay(), Offset(0)).expect("a record");
    assert_eq!(view.verdict, "Not safe: there is one copy, and it is lost with disk 2.");
}

#[test]
fn what_was_acknowledged_by_the_leader_alone_is_lost_with_it() {
    let mut session = world("1:2:3", &["min.insync.replicas=2"]);
    given(&mut session, "$ cut 1 2,3", 0);
    write(&mut session, "1");
    assert_eq!(tried(&session, 1), ["1 lost", "2 kept", "3 kept", "1+2 lost", "1+3 lost", "2+3 kept"]);
    // The one before it was committed.
    assert_eq!(tried(&session, 0), ["1 kept", "2 kept", "3 kept", "1+2 kept", "1+3 kept", "2+3 kept"]);
    let view = record_safety(session.world(), &pay(), Offset(1)).expect("a record");
    assert_eq!(view.facts[1].1, "no");
}

#[test]
fn acks_all_with_an_in_sync_set_of_one_is_one_copy() {
    let mut session = world("1:2:3", &["min.insync.replicas=1"]);
    given(&mut session, "$ kill-broker 2", 2_000);
    given(&mut session, "$ kill-broker 3", 2_000);
    write(&mut session, "all");
    let view = record_safety(session.world(), &pay(), Offset(1)).expect("a record");
    assert_eq!(view.facts[1].1, "yes", "it counts as committed");
    assert_eq!(view.trials[0].outcome, Outcome::Lost);
    assert!(!view.survives_one);
}

#[test]
fn without_an_eligible_leader_it_depends_on_unclean_election() {
    let mut fates = Vec::new();
    for unclean in ["false", "true"] {
        let setting = format!("unclean.leader.election.enable={unclean}");
        let mut session = world("1:2:3", &["min.insync.replicas=1", &setting]);
        // Broker 1 goes on alone until the others have left the in-sync set.
        given(&mut session, "$ cut 1 2,3", 0);
        write(&mut session, "1");
        session.advance(Span::from_secs(60), 1_000_000);
        fates.push((tried(&session, 0)[0].clone(), tried(&session, 1)[0].clone()));
    }
    let expected = [("1 offline 2+3", "1 lost"), ("1 kept", "1 lost")].map(|(one, two)| (one.to_owned(), two.to_owned()));
    assert_eq!(fates, expected);
}
