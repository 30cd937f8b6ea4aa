//! What of a group expires, and when: by the kind of the group, its state, who subscribes to what, and how old the offsets are,
//! as Kafka's own coordinator answered (`tests/vectors/offset-expiry.txt`).

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use kafka_playground::base::{BrokerId, Offset, Timestamp, TopicPartition};
use kafka_playground::engine::World;
use kafka_playground::engine::network::{Host, LinkFault};
use kafka_playground::engine::protocol::{
    CommittedOffset, ConsumerGroupHeartbeatRequest, DeleteTopicsRequest, OffsetCommitRequest, OffsetFetchRequest, Request, Response,
};

use crate::classic_group_states::{GROUP, Walk};
use crate::programs::{create_topics, run_for};
use crate::vectors;

/// As in `OffsetExpiry.java`: nobody's time is over while the clock runs.
const TEN_HOURS_MS: u64 = 36_000_000;
const SETTINGS: &[(&str, &str)] = &[
    ("offsets.retention.minutes", "60"),
    ("offsets.retention.check.interval.ms", "60000"),
    ("group.max.session.timeout.ms", "36000000"),
    ("group.consumer.max.session.timeout.ms", "36000000"),
    ("group.consumer.session.timeout.ms", "36000000"),
];

struct Expiry(Walk);

impl Expiry {
    fn step(&mut self, what: &str) {
        match what.split(' ').collect::<Vec<_>>()[..] {
            ["wait", minutes] => run_for(&mut self.0.world, 60_000 * minutes.parse::<u64>().unwrap()),
            ["commit", name, topic] => self.commit(name, topic),
            ["enter", name, topic] => self.beat(name, Some(topic)),
            ["exit", name] => self.beat(name, None),
            ["drop", topic] => drop(self.0.ask(Request::DeleteTopics(DeleteTopicsRequest { topics: vec![topic.into()] }))),
            _ => drop(self.0.step(what)),
        }
        self.0.late();
    }

    fn commit(&mut self, name: &str, topic: &str) {
        let is_outside = name == "-";
        let committed =
            CommittedOffset { offset: Offset(0), leader_epoch: None, metadata: "".into(), commit_timestamp: Timestamp(0) };
        let request = OffsetCommitRequest {
            group_id: GROUP.into(),
            generation_id: if is_outside { -1 } else { self.0.generations[name] },
            member_id: (!is_outside).then(|| self.0.id(name)),
            group_instance_id: None,
            offsets: vec![(TopicPartition::new(topic, 0), committed)],
        };
        let asked = self.0.ask(Request::OffsetCommit(request));
        let Some(Response::OffsetCommit(answer)) = self.0.answer(asked) else { panic!("no answer") };
        assert_eq!(answer.partitions[0].1, None, "{name} commits to {topic}");
    }

    /// Enters a group of the consumer protocol, or leaves it.
    fn beat(&mut self, name: &str, topic: Option<&str>) {
        let request = ConsumerGroupHeartbeatRequest {
            group_id: GROUP.into(),
            member_id: name.into(),
            member_epoch: if topic.is_some() { 0 } else { -1 },
            instance_id: None,
            rack_id: None,
            client_id: name.to_owned(),
            rebalance_timeout_ms: topic.map(|_| TEN_HOURS_MS),
            subscribed_topic_names: topic.map(|topic| vec![topic.into()]),
            subscribed_topic_regex: None,
            server_assignor: None,
            topic_partitions: topic.map(|_| Vec::new()),
        };
        let asked = self.0.ask(Request::ConsumerGroupHeartbeat(request));
        let Some(Response::ConsumerGroupHeartbeat(answer)) = self.0.answer(asked) else { panic!("no answer") };
        assert_eq!(answer.error, None, "{name}: {:?}", answer.error_message);
        self.0.ids.insert(name.to_owned(), name.into());
        self.0.generations.insert(name.to_owned(), answer.member_epoch);
    }

    /// Keys of the tombstones in `__consumer_offsets`, in order.
    fn tombstones(&self) -> Vec<String> {
        let mut keys = Vec::new();
        let brokers = self.0.world.brokers();
        let led = brokers.flat_map(|broker| {
            broker.replicas.iter().filter(|(partition, _)| {
                partition.topic.as_str() == "__consumer_offsets" && broker.coordinates.contains_key(&partition.partition)
            })
        });
        for (_, replica) in led {
            replica.log.for_each_record(Offset::ZERO, Offset(i64::MAX), |record| {
                if record.value.is_none() {
                    keys.push(key_in_words(record.key.unwrap()));
                }
                true
            });
        }
        keys
    }

    /// Its type and state, and the topics of its offsets.
    fn left(&mut self) -> String {
        let asked = self.0.ask(Request::ListGroups);
        let Some(Response::ListGroups(groups)) = self.0.answer(asked) else { panic!("no list") };
        let Some(group) = groups.groups.first() else { return "no group".to_owned() };
        let all = OffsetFetchRequest { group_id: GROUP.into(), member: None, partitions: None };
        let asked = self.0.ask(Request::OffsetFetch(all));
        let Some(Response::OffsetFetch(offsets)) = self.0.answer(asked) else { panic!("no offsets") };
        let topics: BTreeSet<String> = offsets.partitions.iter().map(|(partition, _)| partition.topic.to_string()).collect();
        let topics: Vec<String> = topics.into_iter().collect();
        format!("{} {} [{}]", group.group_type, group.state, topics.join(" "))
    }
}

/// An offset's by its partition, others by their type.
fn key_in_words(key: &[u8]) -> String {
    let number = |at: usize| i16::from_be_bytes([key[at], key[at + 1]]);
    if number(0) != 1 {
        return format!("type {}", number(0));
    }
    let group = 4 + number(2) as usize;
    let topic = &key[group + 2..group + 2 + number(group) as usize];
    format!("{}-{}", String::from_utf8_lossy(topic), key.last().unwrap())
}

fn walk(steps: &str) -> String {
    let mut expiry = Expiry(Walk::with(SETTINGS, |_| TEN_HOURS_MS, TEN_HOURS_MS));
    let mut before = 0;
    for what in steps.split(", ") {
        before = expiry.tombstones().len();
        expiry.step(what);
    }
    let gone = expiry.tombstones().split_off(before);
    format!("{} | {}", gone.join(", "), expiry.left())
}

#[test]
fn what_expires_is_as_kafkas_coordinator_answered() {
    let mut begins: BTreeMap<&str, &str> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut checked = 0;
    let vectors = vectors::read("offset-expiry.txt");
    for line in vectors.text.lines().filter(|line| !line.starts_with('#')) {
        let (steps, expected) = line.split_once('|').unwrap();
        let (steps, expected) = (steps.trim(), expected.trim());
        if let Some(begin) = steps.strip_prefix("= ") {
            begins.insert(begin.trim(), expected);
            continue;
        }
        let spelled: Vec<&str> = steps.split(", ").map(|what| begins.get(what).copied().unwrap_or(what)).collect();
        let ours = walk(&spelled.join(", "));
        if ours.trim() != expected {
            wrong.push(format!("{steps}\n    kafka: {expected}\n    here:  {}", ours.trim()));
        }
        checked += 1;
    }
    assert!(wrong.is_empty(), "{} of {checked} lines are otherwise:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked > 50 || !vectors.own, "only {checked} lines");
}

/// A group with offsets of two topics on three brokers, and who coordinates it.
fn offsets_of_three() -> (Expiry, BrokerId) {
    let mut expiry = Expiry(Walk::on_brokers(3, SETTINGS, |_| TEN_HOURS_MS, TEN_HOURS_MS));
    expiry.commit("-", "t");
    expiry.commit("-", "u");
    let coordinator = expiry.0.world.brokers().find(|broker| broker.committed.contains_key(GROUP)).unwrap().id;
    (expiry, coordinator)
}

fn kept(world: &World) -> Vec<String> {
    let committed = world.brokers().flat_map(|broker| broker.committed.get(GROUP)).flat_map(|committed| committed.keys());
    committed.map(|partition| partition.topic.to_string()).collect()
}

#[test]
fn offsets_do_not_come_back_with_a_topic_of_the_same_name() {
    let (mut expiry, coordinator) = offsets_of_three();
    expiry.step("drop u");
    create_topics(&mut expiry.0.world, &[("u", 1)]);
    expiry.0.world.stop_broker(coordinator, false);
    run_for(&mut expiry.0.world, 2000);
    expiry.0.world.start_broker(coordinator);
    run_for(&mut expiry.0.world, 10_000);
    assert_eq!(kept(&expiry.0.world), ["t"], "read anew from the records");
}

#[test]
fn a_coordinator_that_heard_nothing_drops_the_offsets_when_it_does() {
    let (mut expiry, coordinator) = offsets_of_three();
    let controller = expiry.0.world.cluster().quorum.leader.unwrap();
    let cut = LinkFault { cut: true, ..LinkFault::default() };
    expiry.0.world.set_link(&[Host::Node(coordinator)], &[Host::Node(controller)], cut);
    expiry.step("drop u");
    assert!(expiry.0.world.cluster().topic("u").is_none(), "another broker passed it on");
    assert_eq!((kept(&expiry.0.world), expiry.tombstones()), (vec!["t".to_owned(), "u".to_owned()], Vec::new()));
    expiry.0.world.heal_links();
    run_for(&mut expiry.0.world, 2000);
    assert_eq!((kept(&expiry.0.world), expiry.tombstones()), (vec!["t".to_owned()], vec!["u-0".to_owned()]));
}
