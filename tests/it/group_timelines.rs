//! What the members of a group see while others join, leave, crash, stall, restart and change their subscription,
//! against real consumers (`tests/vectors/groups-timeline.jsonl`).

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use kafka_playground::base::{ClientId, Span, TopicPartition};
use kafka_playground::engine::client::{AutoOffsetReset, ConsumerConfig, GroupProtocol};
use kafka_playground::engine::group::GroupState;
use kafka_playground::engine::program::{Behaviour, Context, Event};
use kafka_playground::engine::protocol::{CreatePartitionsRequest, Request};
use kafka_playground::engine::{World, WorldConfig};
use serde_json::{Value, json};

use crate::programs::{Caller, create_topics, run_for};
use crate::vectors;

/// A consumer that polls and writes down what its rebalance listener is told.
#[derive(Clone, Hash, Debug)]
struct Node {
    config: ConsumerConfig,
    topics: Vec<String>,
    consumer: Option<ClientId>,
    stalled: bool,
    events: Vec<(&'static str, Vec<TopicPartition>)>,
}

impl Node {
    fn poll(&self, cx: &mut Context<'_>) {
        if let (Some(consumer), false) = (self.consumer, self.stalled) {
            cx.poll(consumer, Span::from_ms(50));
        }
    }

    fn subscribe(&self, cx: &mut Context<'_>) {
        let topics: Vec<&str> = self.topics.iter().map(String::as_str).collect();
        cx.subscribe(self.consumer.unwrap(), &topics);
    }

    fn told(&mut self, word: &str, cx: &mut Context<'_>) {
        match word {
            "stall" => self.stalled = true,
            "resume" => {
                self.stalled = false;
                self.poll(cx);
            }
            topics => {
                self.topics = topics.split(',').map(str::to_owned).collect();
                self.subscribe(cx);
            }
        }
    }
}

impl Behaviour for Node {
    fn on(&mut self, event: Event, cx: &mut Context<'_>) {
        match event {
            Event::Started => {
                self.consumer = Some(cx.consumer(self.config.clone()));
                self.subscribe(cx);
                self.poll(cx);
            }
            Event::Polled { .. } | Event::PollFailed { .. } => self.poll(cx),
            Event::PartitionsAssigned { partitions, .. } => self.events.push(("assigned", partitions.to_vec())),
            Event::PartitionsRevoked { partitions, .. } => self.events.push(("revoked", partitions.to_vec())),
            Event::PartitionsLost { partitions, .. } => self.events.push(("lost", partitions.to_vec())),
            Event::Tell(word) => self.told(&word, cx),
            Event::Interrupt => cx.close(self.consumer.unwrap()),
            Event::Closed { .. } => cx.exit(0),
            _ => {}
        }
    }
}

fn pairs(partitions: &[TopicPartition]) -> Value {
    let mut sorted = partitions.to_vec();
    sorted.sort();
    sorted.iter().map(|partition| json!([partition.topic.as_str(), partition.partition])).collect()
}

/// What each run of a program has written down, and how much of it was compared.
type Seen = BTreeMap<u32, usize>;

fn events(world: &World, seen: &mut Seen, muted: &[u32]) -> Value {
    let mut by_member: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for entry in world.programs() {
        let Some(node) = entry.state::<Node>() else { continue };
        let from = seen.insert(entry.id.0, node.events.len()).unwrap_or(0);
        if muted.contains(&entry.id.0) {
            continue;
        }
        let new = node.events[from..].iter().map(|(event, partitions)| json!({ "event": event, "partitions": pairs(partitions) }));
        by_member.entry(entry.name.to_string()).or_default().extend(new);
    }
    by_member.retain(|_, events| !events.is_empty());
    json!(by_member)
}

fn members(world: &World) -> (Value, Value, Value, i32) {
    let broker = world.brokers().next().unwrap();
    let group = broker.groups.get("g").unwrap();
    let stable = group.state == GroupState::Stable;
    let member = |member: &kafka_playground::engine::group::Member| {
        (member.client_id.clone(), json!({ "partitions": pairs(&member.assignment) }))
    };
    let members: BTreeMap<String, Value> = group.members.values().map(member).collect();
    let assignor = if stable { group.protocol_name.clone().unwrap_or_default() } else { String::new() };
    (json!(group.state.name()), json!(assignor), json!(members), group.generation_id)
}

fn start(world: &mut World, row: &Value, name: &str, topics: &str) {
    let config = ConsumerConfig {
        client_id: name.to_owned(),
        group_id: Some("g".into()),
        group_instance_id: (row["static"] == true).then(|| format!("i-{name}")),
        auto_offset_reset: AutoOffsetReset::Earliest,
        enable_auto_commit: false,
        max_poll_interval_ms: 2000,
        session_timeout_ms: 3000,
        heartbeat_interval_ms: 200,
        metadata_max_age_ms: 500,
        assignors: vec![row["assignor"].as_str().unwrap().to_owned()],
        group_protocol: if row["protocol"] == "consumer" { GroupProtocol::Consumer } else { GroupProtocol::Classic },
        remote_assignor: row["assignor"].as_str().map(str::to_owned),
        ..ConsumerConfig::default()
    };
    let topics = topics.split(',').map(str::to_owned).collect();
    world.start_program(name, Box::new(Node { config, topics, consumer: None, stalled: false, events: Vec::new() }));
}

fn act(world: &mut World, row: &Value, action: &str, muted: &mut Vec<u32>) {
    let all: Vec<&str> = row["topics"].as_object().unwrap().keys().map(String::as_str).collect();
    let words: Vec<&str> = action.split(' ').collect();
    let topics = words.get(2).map_or_else(|| all.join(","), |topics| (*topics).to_owned());
    let id = world.program_named(words[1]).map(|entry| entry.id);
    match words[0] {
        "join" => start(world, row, words[1], &topics),
        "leave" => world.send_event(id.unwrap(), Event::Interrupt),
        "crash" => {
            muted.push(id.unwrap().0);
            world.kill_program(id.unwrap());
        }
        "restart" => {
            world.send_event(id.unwrap(), Event::Interrupt);
            run_for(world, 200);
            start(world, row, words[1], &topics);
        }
        "subscribe" => world.send_event(id.unwrap(), Event::Tell(topics.as_str().into())),
        "partitions" => {
            let count = words[2].parse().unwrap();
            let request = CreatePartitionsRequest { topic: words[1].into(), count, replica_assignment: None };
            world.start_program("admin", Box::new(Caller(vec![Request::CreatePartitions(request)])));
        }
        word @ ("stall" | "resume") => world.send_event(id.unwrap(), Event::Tell(word.into())),
        _ => {}
    }
    // A static member that leaves is looked at before its session is over.
    let leaves = row["static"] == true && words[0] == "leave";
    // The recorder went on as soon as nothing changed for 0.8 s. Here that shows: m2 joins before the assignment interval is
    // over, and gets nothing at first. After a longer pause a real broker gives it its partitions at once, as ours does.
    let hurries = row["name"] == "consumer-subscription" && action == "join m1 t1";
    run_for(
        world,
        if leaves {
            600
        } else if hurries {
            900
        } else {
            8000
        },
    );
}

/// The same of a group of the consumer protocol: members with partitions, target and epoch, then the epochs of the group.
fn modern_members(world: &World) -> (Value, Value, Value, Value) {
    let group = world.brokers().next().unwrap().consumer_groups.get("g").unwrap();
    let member = |member: &std::rc::Rc<kafka_playground::engine::group::ConsumerMember>| {
        let owned: Vec<TopicPartition> = member.owned().cloned().collect();
        let target = pairs(group.target_of(&member.member_id));
        (member.client_id.clone(), json!({ "partitions": pairs(&owned), "target": target, "member_epoch": member.epoch }))
    };
    let members: BTreeMap<String, Value> = group.members.values().map(member).collect();
    let epochs = json!([group.group_epoch, group.assignment_epoch]);
    (json!(group.state().name()), json!(group.preferred_assignor().unwrap_or("uniform")), json!(members), epochs)
}

/// The recorded members were called m1, m2, ...: the assignors go by the ids, so the simulated ones have to come in that
/// order too.
fn ids_in_order(world: &World) -> bool {
    let consumers = world.clients().filter_map(|client| world.consumer(client.id));
    let mut members: Vec<(&str, &str)> =
        consumers.filter_map(|consumer| Some((consumer.config().client_id.as_str(), consumer.member_id()?.as_str()))).collect();
    members.sort_unstable();
    members.is_sorted_by_key(|(_, member_id)| *member_id)
}

/// False if the seed's member ids are not in the order of the recorded ones.
fn check_modern(row: &Value, seed: u64) -> bool {
    let broker_configs = [("heartbeat.interval", "200"), ("session.timeout", "3000")]
        .map(|(name, ms)| (format!("group.consumer.{name}.ms"), ms.to_owned()));
    let mut world = World::new(WorldConfig { seed, broker_configs: broker_configs.into(), ..WorldConfig::default() });
    for (topic, count) in row["topics"].as_object().unwrap() {
        create_topics(&mut world, &[(topic, count.as_i64().unwrap() as i32)]);
    }
    let (mut seen, mut muted) = (Seen::new(), Vec::new());
    for step in row["steps"].as_array().unwrap() {
        act(&mut world, row, step["action"].as_str().unwrap(), &mut muted);
        if !ids_in_order(&world) {
            return false;
        }
        let what = format!("{} {}", row["name"], step["action"]);
        let told = events(&world, &mut seen, &muted);
        let (state, assignor, members, epochs) = modern_members(&world);
        if !step["varies"].as_array().is_some_and(|fields| fields.contains(&json!("events"))) {
            assert_eq!(told, step["events"], "{what}");
        }
        assert_eq!(state, step["state"], "{what}");
        assert_eq!(members, step["members"], "{what}");
        assert_eq!(epochs, json!([step["group_epoch"], step["target_assignment_epoch"]]), "{what}");
        assert_eq!(assignor, step["assignor"], "{what}");
        assert_eq!(world.failure(), None, "{what}");
    }
    true
}

fn check(row: &Value) {
    if row["protocol"] == "consumer" {
        assert!((1..1000).any(|seed| check_modern(row, seed)), "no seed has member ids in order");
        return;
    }
    let broker_configs = [
        ("group.initial.rebalance.delay.ms".to_owned(), "0".to_owned()),
        ("group.min.session.timeout.ms".to_owned(), "1000".to_owned()),
    ];
    let mut world = World::new(WorldConfig { broker_configs: broker_configs.into(), ..WorldConfig::default() });
    for (topic, count) in row["topics"].as_object().unwrap() {
        create_topics(&mut world, &[(topic, count.as_i64().unwrap() as i32)]);
    }
    let (mut seen, mut muted) = (Seen::new(), Vec::new());
    for step in row["steps"].as_array().unwrap() {
        act(&mut world, row, step["action"].as_str().unwrap(), &mut muted);
        let what = format!("{} {}", row["name"], step["action"]);
        let varies = |field: &str| step["varies"].as_array().is_some_and(|fields| fields.contains(&json!(field)));
        let told = events(&world, &mut seen, &muted);
        let (state, assignor, members, generation) = members(&world);
        if !varies("events") {
            assert_eq!(told, step["events"], "{what}");
        }
        assert_eq!(state, step["state"], "{what}");
        assert_eq!(assignor, step["assignor"], "{what}");
        if !varies("members") {
            assert_eq!(members, step["members"], "{what}");
        }
        if let Some(expected) = step["generation"].as_i64() {
            assert_eq!(i64::from(generation), expected, "{what}");
        }
    }
}

fn all_rows(protocol: &str, count: usize) {
    let mut failed = Vec::new();
    let mut checked = 0;
    let vectors = vectors::read("groups-timeline.jsonl");
    for line in vectors.text.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        if row["protocol"] == protocol {
            checked += 1;
            if std::panic::catch_unwind(|| check(&row)).is_err() {
                failed.push(row["name"].clone());
            }
        }
    }
    vectors.counted(checked, count);
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn classic_groups_go_through_the_same_steps() {
    all_rows("classic", 23);
}

#[test]
fn groups_of_the_consumer_protocol_go_through_the_same_steps() {
    all_rows("consumer", 11);
}
