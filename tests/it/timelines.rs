//! Rebalances of classic groups, against recordings of real consumers (`tests/vectors/groups-timeline.jsonl`).

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use kafka_playground::base::{ClientId, Span, TopicPartition};
use kafka_playground::engine::client::ConsumerConfig;
use kafka_playground::engine::program::{Behaviour, Context, Event};
use kafka_playground::engine::protocol::{CreatePartitionsRequest, Request};
use kafka_playground::engine::{World, WorldConfig};
use serde_json::Value;

use crate::programs::{Caller, create_topics, run_for};

/// A consumer as the recording's: it polls all the time and notes what its rebalance listener is told.
#[derive(Clone, Hash, Debug)]
struct Member {
    name: String,
    topics: Vec<String>,
    is_static: bool,
    consumer: Option<ClientId>,
    polls: bool,
    events: Vec<(String, Vec<TopicPartition>)>,
}

impl Member {
    fn poll(&self, cx: &mut Context<'_>) {
        if let Some(consumer) = self.consumer
            && self.polls
        {
            cx.poll(consumer, Span::from_ms(50));
        }
    }

    fn subscribe(&self, cx: &mut Context<'_>) {
        if let Some(consumer) = self.consumer {
            let topics: Vec<&str> = self.topics.iter().map(String::as_str).collect();
            cx.subscribe(consumer, &topics);
        }
    }
}

impl Behaviour for Member {
    fn on(&mut self, event: Event, cx: &mut Context<'_>) {
        match event {
            Event::Started => {
                let config = ConsumerConfig {
                    client_id: self.name.clone(),
                    group_id: Some("g".into()),
                    group_instance_id: self.is_static.then(|| format!("i-{}", self.name)),
                    enable_auto_commit: false,
                    session_timeout_ms: 3000,
                    heartbeat_interval_ms: 200,
                    max_poll_interval_ms: 2000,
                    metadata_max_age_ms: 500,
                    assignors: vec!["range".to_owned()],
                    ..ConsumerConfig::default()
                };
                self.consumer = Some(cx.consumer(config));
                self.subscribe(cx);
                self.poll(cx);
            }
            Event::Polled { .. } => self.poll(cx),
            Event::PollFailed { error, .. } => self.events.push((format!("{error:?}"), Vec::new())),
            Event::PartitionsAssigned { partitions, .. } => self.events.push(("assigned".to_owned(), partitions.to_vec())),
            Event::PartitionsRevoked { partitions, .. } => self.events.push(("revoked".to_owned(), partitions.to_vec())),
            Event::PartitionsLost { partitions, .. } => self.events.push(("lost".to_owned(), partitions.to_vec())),
            Event::Tell(word) => match word.split_once(' ') {
                Some(("subscribe", topics)) => {
                    self.topics = topics.split(',').map(str::to_owned).collect();
                    self.subscribe(cx);
                }
                _ if word.as_ref() == "stall" => self.polls = false,
                _ => {
                    self.polls = true;
                    self.poll(cx);
                }
            },
            Event::Interrupt => {
                self.polls = false;
                if let Some(consumer) = self.consumer {
                    cx.close(consumer);
                }
            }
            Event::Closed { .. } => cx.exit(0),
            _ => {}
        }
    }
}

fn partitions_of(value: &Value) -> Vec<TopicPartition> {
    let pairs = value.as_array().into_iter().flatten();
    pairs.map(|pair| TopicPartition::new(pair[0].as_str().unwrap(), pair[1].as_i64().unwrap() as i32)).collect()
}

fn new_world(topics: &Value) -> World {
    let settings = [
        ("group.initial.rebalance.delay.ms", "0"),
        ("group.min.session.timeout.ms", "1000"),
        ("offsets.topic.num.partitions", "1"),
    ];
    let broker_configs = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let mut world = World::new(WorldConfig { broker_configs, ..WorldConfig::default() });
    let topics: Vec<(&str, i32)> =
        topics.as_object().unwrap().iter().map(|(name, count)| (name.as_str(), count.as_i64().unwrap() as i32)).collect();
    create_topics(&mut world, &topics);
    world
}

fn member(name: &str, topics: &[String], is_static: bool) -> Box<Member> {
    let (name, topics) = (name.to_owned(), topics.to_vec());
    Box::new(Member { name, topics, is_static, consumer: None, polls: true, events: Vec::new() })
}

/// Does what a step says. Gives the name of the member whose old run ended in it and was followed by another.
fn act(world: &mut World, action: &str, topics: &[String], is_static: bool) {
    let words: Vec<&str> = action.split(' ').collect();
    let id = |world: &World, name: &str| world.program_named(name).unwrap().id;
    match words.as_slice() {
        ["join", name] => {
            world.start_program(name, member(name, topics, is_static));
        }
        ["join", name, topics] => {
            let topics: Vec<String> = topics.split(',').map(str::to_owned).collect();
            world.start_program(name, member(name, &topics, is_static));
        }
        ["leave", name] => world.send_event(id(world, name), Event::Interrupt),
        ["restart", name] => {
            world.send_event(id(world, name), Event::Interrupt);
            run_for(world, 100);
            let before = world.program_named(name).unwrap().state::<Member>().unwrap().events.clone();
            let mut again = member(name, topics, is_static);
            again.events = before;
            world.start_program(name, again);
        }
        ["crash", name] => world.kill_program(id(world, name)),
        ["stall", name] => world.send_event(id(world, name), Event::Tell("stall".into())),
        ["resume", name] => world.send_event(id(world, name), Event::Tell("resume".into())),
        ["subscribe", name, topics] => world.send_event(id(world, name), Event::Tell(format!("subscribe {topics}").into())),
        ["partitions", topic, count] => {
            let request =
                CreatePartitionsRequest { topic: (*topic).into(), count: count.parse().unwrap(), replica_assignment: Vec::new() };
            world.start_program("partitions", Box::new(Caller(vec![Request::CreatePartitions(request)])));
        }
        ["wait", ..] => {}
        other => panic!("unknown action {other:?}"),
    }
}

fn check(row: &Value) {
    let name = row["name"].as_str().unwrap();
    let is_static = row["static"].as_bool().unwrap();
    let topics: Vec<String> = row["topics"].as_object().unwrap().keys().cloned().collect();
    let mut world = new_world(&row["topics"]);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for step in row["steps"].as_array().unwrap() {
        let action = step["action"].as_str().unwrap();
        let at = format!("{name}, {action}");
        act(&mut world, action, &topics, is_static);
        // As long as it takes: a session (3 s) or a poll interval (2 s) may have to run out.
        let settle = if action.starts_with("leave") && is_static { 1000 } else { 4500 };
        run_for(&mut world, settle);

        let crashed = action.strip_prefix("crash ");
        let names: BTreeSet<String> = world.latest_programs().map(|entry| entry.name.to_string()).collect();
        for member in names {
            let Some(state) = world.program_named(&member).and_then(|entry| entry.state::<Member>()) else {
                continue;
            };
            let from = seen.insert(member.clone(), state.events.len()).unwrap_or(0);
            if crashed == Some(member.as_str()) {
                continue;
            }
            let expected: Vec<(String, Vec<TopicPartition>)> = step["events"][&member]
                .as_array()
                .into_iter()
                .flatten()
                .map(|event| (event["event"].as_str().unwrap().to_owned(), partitions_of(&event["partitions"])))
                .collect();
            assert_eq!(state.events[from..], expected, "{at}: what {member} was told");
        }
        check_group(&world, step, &at);
    }
}

fn check_group(world: &World, step: &Value, at: &str) {
    let group = world.brokers().find_map(|broker| broker.groups.get("g")).unwrap();
    assert_eq!(group.state.name(), step["state"].as_str().unwrap(), "{at}: state");
    if let Some(generation) = step["generation"].as_i64() {
        assert_eq!(i64::from(group.generation_id), generation, "{at}: generation");
    }
    assert_eq!(group.protocol_name.as_deref().unwrap_or(""), step["assignor"].as_str().unwrap(), "{at}: assignor");
    let members: BTreeMap<String, Vec<TopicPartition>> =
        group.members.values().map(|member| (member.client_id.clone(), member.assignment.clone())).collect();
    let expected: BTreeMap<String, Vec<TopicPartition>> = step["members"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, member)| (name.clone(), partitions_of(&member["partitions"])))
        .collect();
    assert_eq!(members, expected, "{at}: members");
}

#[test]
fn classic_range_groups_rebalance_as_real_ones_do() {
    let rows = include_str!("../vectors/groups-timeline.jsonl").lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut checked = 0;
    for row in rows.filter(|row| row["protocol"] == "classic" && row["assignor"] == "range") {
        check(&row);
        checked += 1;
    }
    assert_eq!(checked, 11);
}
