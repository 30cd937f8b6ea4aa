//! Consumers of the consumer protocol beyond what the recorded timelines show: expressions that the coordinator resolves,
//! a coordinator that is lost, offsets that grow old.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use kafka_playground::base::{ClientId, Span, TopicPartition};
use kafka_playground::engine::client::{AutoOffsetReset, ConsumerConfig, GroupProtocol, ModernState};
use kafka_playground::engine::group::ConsumerGroup;
use kafka_playground::engine::program::{Behaviour, Context, Event};
use kafka_playground::engine::{World, WorldConfig};

use crate::programs::{create_topics, fill, run_for};

/// Polls, and counts what it is given.
#[derive(Clone, Hash, Debug)]
struct Reader {
    config: ConsumerConfig,
    topics: &'static [&'static str],
    /// Instead of topics.
    regex: Option<&'static str>,
    consumer: Option<ClientId>,
    read: u32,
    failed: bool,
}

impl Behaviour for Reader {
    fn on(&mut self, event: Event, cx: &mut Context<'_>) {
        match event {
            Event::Started => {
                let consumer = cx.consumer(self.config.clone());
                match self.regex {
                    Some(regex) => cx.subscribe_regex(consumer, regex),
                    None => cx.subscribe(consumer, self.topics),
                }
                self.consumer = Some(consumer);
                cx.poll(consumer, Span::from_ms(100));
            }
            Event::Polled { consumer, records } => {
                self.read += records.count();
                cx.poll(consumer, Span::from_ms(100));
            }
            Event::PollFailed { .. } => self.failed = true,
            Event::Interrupt => cx.close(self.consumer.unwrap()),
            Event::Closed { .. } => cx.exit(0),
            _ => {}
        }
    }
}

fn start(world: &mut World, name: &str, topics: &'static [&'static str], regex: Option<&'static str>) {
    let config = ConsumerConfig {
        client_id: name.to_owned(),
        group_id: Some("g".into()),
        group_protocol: GroupProtocol::Consumer,
        auto_offset_reset: AutoOffsetReset::Earliest,
        ..ConsumerConfig::default()
    };
    world.start_program(name, Box::new(Reader { config, topics, regex, consumer: None, read: 0, failed: false }));
}

fn group(world: &World) -> &ConsumerGroup {
    world.brokers().find_map(|broker| broker.consumer_groups.get("g")).unwrap()
}

fn of<const N: usize>(shares: [(&str, usize); N]) -> BTreeMap<String, usize> {
    shares.map(|(client_id, count)| (client_id.to_owned(), count)).into()
}

/// Who owns how many partitions, by client id.
fn shares(world: &World) -> BTreeMap<String, usize> {
    group(world).members.values().map(|member| (member.client_id.clone(), member.assigned.len())).collect()
}

fn reader<'w>(world: &'w World, name: &str) -> &'w Reader {
    world.program_named(name).unwrap().state().unwrap()
}

#[test]
fn the_coordinator_finds_the_topics_of_an_expression() {
    let mut world = World::new(WorldConfig::default());
    create_topics(&mut world, &[("rides-eu", 2), ("rides-us", 1), ("bills", 1)]);
    start(&mut world, "a", &[], Some("rides-.*"));
    run_for(&mut world, 12_000);
    let topics = |world: &World| group(world).regexes.get("rides-.*").unwrap().topics.clone();
    assert_eq!(topics(&world).as_slice(), ["rides-eu", "rides-us"].map(Into::into));
    assert_eq!((shares(&world), group(&world).state().name()), (of([("a", 3)]), "Stable"));
    create_topics(&mut world, &[("rides-asia", 4)]);
    fill(&mut world, "rides-asia", 3, 5);
    run_for(&mut world, 30_000);
    assert_eq!((shares(&world), reader(&world, "a").read), (of([("a", 7)]), 5), "a topic made later is found");
    start(&mut world, "b", &["bills"], None);
    run_for(&mut world, 12_000);
    assert_eq!(shares(&world), of([("a", 7), ("b", 1)]));
    world.send_event(world.program_named("a").unwrap().id, Event::Interrupt);
    run_for(&mut world, 12_000);
    assert_eq!((shares(&world), group(&world).regexes.len()), (of([("b", 1)]), 0), "nobody has the expression any more");
}

#[test]
fn a_member_tells_its_rack() {
    let mut world = World::new(WorldConfig::default());
    create_topics(&mut world, &[("rides", 1)]);
    let racks =
        |world: &World| -> Vec<Option<String>> { group(world).members.values().map(|member| member.rack_id.clone()).collect() };
    start(&mut world, "a", &["rides"], None);
    run_for(&mut world, 12_000);
    assert_eq!(racks(&world), [None]);
    let config = ConsumerConfig { client_rack: "r".to_owned(), ..reader(&world, "a").config.clone() };
    let reader = Reader { config, topics: &["rides"], regex: None, consumer: None, read: 0, failed: false };
    world.start_program("b", Box::new(reader));
    run_for(&mut world, 12_000);
    let mut both = racks(&world);
    both.sort();
    assert_eq!(both, [None, Some("r".to_owned())], "told once, and kept");
}

#[test]
fn an_expression_that_is_none_is_fatal() {
    let mut world = World::new(WorldConfig::default());
    start(&mut world, "a", &[], Some("rides-["));
    run_for(&mut world, 6_000);
    assert!(reader(&world, "a").failed);
    let consumer = world.consumer(reader(&world, "a").consumer.unwrap()).unwrap();
    assert_eq!(consumer.modern_state(), Some(ModernState::Fatal));
}

#[test]
fn another_coordinator_goes_on_where_the_last_one_was() {
    let broker_configs = [("offsets.topic.replication.factor".to_owned(), "3".to_owned())].into();
    let mut world = World::new(WorldConfig { brokers: 3, broker_configs, ..WorldConfig::default() });
    create_topics(&mut world, &[("rides", 6)]);
    start(&mut world, "a", &["rides"], None);
    run_for(&mut world, 8_000);
    start(&mut world, "b", &["rides"], None);
    run_for(&mut world, 20_000);
    let before = (shares(&world), group(&world).group_epoch);
    assert_eq!((&before, group(&world).state().name()), (&(of([("a", 3), ("b", 3)]), 3), "Stable"));
    let coordinator = world.brokers().find(|broker| broker.consumer_groups.contains_key("g")).unwrap().id;
    world.stop_broker(coordinator, false);
    run_for(&mut world, 20_000);
    let new = world.brokers().find(|broker| broker.consumer_groups.contains_key("g")).unwrap();
    assert_ne!(new.id, coordinator);
    assert_eq!((shares(&world), group(&world).group_epoch), before, "nobody has noticed");
    assert_eq!(group(&world).state().name(), "Stable");
    // The new coordinator also knows when a session ends.
    world.kill_program(world.program_named("a").unwrap().id);
    run_for(&mut world, 60_000);
    assert_eq!((shares(&world), group(&world).state().name()), (of([("b", 6)]), "Stable"));
}

#[test]
fn offsets_of_an_empty_group_expire_each_by_its_own_commit() {
    let broker_configs = [
        ("offsets.retention.minutes".to_owned(), "10".to_owned()),
        ("offsets.retention.check.interval.ms".to_owned(), "60000".to_owned()),
    ];
    let mut world = World::new(WorldConfig { broker_configs: broker_configs.into(), ..WorldConfig::default() });
    create_topics(&mut world, &[("old", 1), ("new", 1)]);
    let mut read = |topic: &'static str, topics: &'static [&'static str]| {
        fill(&mut world, topic, 0, 3);
        start(&mut world, topic, topics, None);
        run_for(&mut world, 10_000);
        world.send_event(world.program_named(topic).unwrap().id, Event::Interrupt);
        run_for(&mut world, 290_000);
    };
    read("old", &["old"]);
    read("new", &["new"]);
    let kept = |world: &World| -> Vec<TopicPartition> {
        let committed = world.brokers().next().unwrap().committed.get("g");
        committed.into_iter().flat_map(|committed| committed.keys().cloned()).collect()
    };
    assert_eq!(kept(&world).len(), 2);
    run_for(&mut world, 180_000);
    assert_eq!(kept(&world), [TopicPartition::new("new", 0)]);
    run_for(&mut world, 300_000);
    assert_eq!(kept(&world), []);
    assert!(world.brokers().all(|broker| broker.consumer_groups.is_empty()), "the group goes with its last offset");
}
