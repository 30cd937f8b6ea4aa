//! Applications of streams on a cluster: instances that come and go, brokers that end in between, and what the tables say then.

use std::collections::BTreeMap;

use kafka_playground::base::{BrokerId, Prng, ProgramId, Span, TopicName, TopicPartition};
use kafka_playground::engine::client::ProducerConfig;
use kafka_playground::engine::program::{Behaviour, Context, Event, NewRecord};
use kafka_playground::engine::{World, WorldConfig};
use kafka_playground::streams::topology::{Aggregator, Materialized};
use kafka_playground::streams::values::expression::Comparison;
use kafka_playground::streams::{Expression, Serde, StreamsApp, StreamsBuilder, StreamsConfig, Topology, Value};

use kafka_playground::engine::protocol::{CreateTopicsRequest, NewTopic, Request};

use crate::programs::{Caller, run_for};

const ZONES: [&str; 5] = ["north", "south", "east", "west", "centre"];

/// Sends rides over some time.
#[derive(Clone, Hash)]
struct Rides {
    rides: Vec<(&'static str, i64)>,
    producer: Option<kafka_playground::base::ClientId>,
}

impl Behaviour for Rides {
    fn on(&mut self, event: Event, cx: &mut Context<'_>) {
        match event {
            Event::Started => self.producer = Some(cx.producer(ProducerConfig::default())),
            Event::Timer { .. } => {}
            _ => return,
        }
        let Some(producer) = self.producer else { return };
        let Some((zone, fare)) = self.rides.pop() else { return cx.close(producer) };
        let (key, value) = (format!("ride-{}", self.rides.len()), format!("{{\"zone\":\"{zone}\",\"fare\":{fare}}}"));
        let record = NewRecord { topic: "rides", key: Some(key.as_bytes()), value: Some(value.as_bytes()), ..NewRecord::default() };
        cx.send(producer, record);
        cx.timer(Span::from_ms(100), 0);
    }
}

/// Rides of some fare, by zone: how many (`counts`), and the highest fare (`highest`).
fn topology() -> Topology {
    let mut builder = StreamsBuilder::default();
    let text = &Serde::Text;
    let rides = builder.stream("rides", text, text, None);
    let fare = || Expression::field("fare").text().long();
    let paid = fare().compare(Comparison::GreaterOrEqual, Expression::Literal(Value::Long(10)));
    let paid = builder.filter(&rides, paid, false, None);
    let zones = builder.group_by(&paid, Expression::field("zone").text(), text, None);
    let counts = builder.count(&zones, None, None, None);
    let counts = builder.to_stream(&counts, None);
    let counts = builder.map_values(&counts, Expression::Value.text(), text, None);
    builder.to(&counts, "counts", None);

    let fares = builder.map(&paid, Expression::field("zone").text(), fare().text(), (text, text), None);
    let fares = builder.group_by_key(&fares, None);
    let higher = Expression::Other.long().compare(Comparison::GreaterOrEqual, Expression::Value.long());
    let higher = Expression::Case(vec![(higher, Expression::Other)], Box::new(Expression::Value));
    let made = Materialized { named: None, store: None, value: text };
    let highest = builder.aggregate(&fares, None, Aggregator::reduce(higher, None), made);
    let highest = builder.to_stream(&highest, None);
    builder.to(&highest, "highest", None);
    builder.build()
}

fn start_instance(world: &mut World, number: usize) -> ProgramId {
    let mut config = StreamsConfig::new("zones");
    config.commit_interval_ms = 1000;
    world.start_program(&format!("zones-{number}"), Box::new(StreamsApp::new(config, topology())))
}

fn app(world: &World, number: usize) -> Option<&StreamsApp> {
    world.program_named(&format!("zones-{number}"))?.state()
}

/// The last value of each key of a topic.
fn table(world: &World, topic: &str) -> BTreeMap<String, i64> {
    let mut rows = BTreeMap::new();
    for partition in 0..3 {
        let partition = TopicPartition::new(topic, partition);
        let leader = world.cluster().partition(&partition).and_then(|(_, state)| state.leader).expect("a leader");
        let log = &world.broker(leader).and_then(|broker| broker.replica(&partition)).expect("a replica").log;
        for record in log.batches_from(log.log_start_offset()).flat_map(|batch| batch.records()) {
            let text = |bytes: Option<&[u8]>| String::from_utf8(bytes.unwrap_or_default().to_vec()).expect("text");
            rows.insert(text(record.key), text(record.value).parse().expect("a number"));
        }
    }
    rows
}

struct Expected {
    counts: BTreeMap<String, i64>,
    highest: BTreeMap<String, i64>,
}

fn rides(chance: &mut Prng, count: usize) -> (Vec<(&'static str, i64)>, Expected) {
    let rides: Vec<(&str, i64)> = (0..count).map(|_| (ZONES[chance.below(5) as usize], chance.below(100) as i64)).collect();
    let mut expected = Expected { counts: BTreeMap::new(), highest: BTreeMap::new() };
    for (zone, fare) in rides.iter().filter(|(_, fare)| *fare >= 10) {
        *expected.counts.entry((*zone).to_owned()).or_default() += 1;
        let highest = expected.highest.entry((*zone).to_owned()).or_default();
        *highest = (*highest).max(*fare);
    }
    (rides, expected)
}

fn cluster(seed: u64) -> World {
    let settings = ["default.replication.factor=3", "min.insync.replicas=2"];
    let broker_configs = settings
        .map(|setting| setting.split_once('=').expect("a setting"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut world = World::new(WorldConfig { brokers: 3, seed, broker_configs: broker_configs.into(), ..WorldConfig::default() });
    let topics = [("rides", 4), ("counts", 3), ("highest", 3)].map(|(name, partitions)| NewTopic {
        name: TopicName::from(name),
        partitions: Some(partitions),
        replication_factor: Some(3),
        replica_assignment: Vec::new(),
        configs: Vec::new(),
    });
    world.start_program("admin", Box::new(Caller(vec![Request::CreateTopics(CreateTopicsRequest { topics: topics.into() })])));
    run_for(&mut world, 500);
    world
}

#[test]
fn one_instance_makes_its_tables() {
    let mut world = cluster(1);
    let (rides, expected) = rides(&mut Prng::new(1, "rides"), 60);
    world.start_program("rides", Box::new(Rides { rides, producer: None }));
    start_instance(&mut world, 1);
    run_for(&mut world, 20_000);
    let app = app(&world, 1).expect("it runs");
    assert_eq!(app.failure(), None);
    let tasks: Vec<String> = app.tasks().map(|(id, _)| id.to_string()).collect();
    assert_eq!(tasks.len(), 12, "{tasks:?}");
    assert_eq!(table(&world, "counts"), expected.counts);
    assert_eq!(table(&world, "highest"), expected.highest);
}

/// A run with instances that end and start, and a broker that ends in between. Whether more was counted than there was.
fn disturbed(seed: u64) -> bool {
    let mut chance = Prng::new(seed, "disturbed");
    let mut world = cluster(seed);
    let (rides, expected) = rides(&mut chance, 80);
    world.start_program("rides", Box::new(Rides { rides, producer: None }));
    let mut instances: Vec<ProgramId> =
        (1..=[1, 2, 4][seed as usize % 3]).map(|number| start_instance(&mut world, number)).collect();
    run_for(&mut world, chance.between(2_000, 9_000));
    for number in 10..10 + chance.between(1, 2) as usize {
        let ended = instances.remove(chance.below(instances.len() as u64) as usize);
        match chance.below(2) {
            0 => world.kill_program(ended),
            _ => world.send_event(ended, Event::Interrupt),
        }
        let broker = BrokerId(chance.between(1, 3) as i32);
        let stops = chance.below(2) == 0;
        if stops {
            world.stop_broker(broker, chance.below(2) == 0);
        }
        run_for(&mut world, chance.between(100, 3_000));
        instances.push(start_instance(&mut world, number));
        if stops {
            world.start_broker(broker);
        }
        run_for(&mut world, chance.between(500, 4_000));
    }
    // The session of a member that was killed ends after 45 s.
    run_for(&mut world, 90_000);
    assert_eq!(table(&world, "highest"), expected.highest, "seed {seed}");
    let counts = table(&world, "counts");
    assert_eq!(counts.keys().collect::<Vec<_>>(), expected.counts.keys().collect::<Vec<_>>(), "seed {seed}");
    let fewer = counts.iter().find(|(zone, count)| **count < expected.counts[*zone]);
    assert_eq!(fewer, None, "seed {seed}: nothing may be lost, of {:?}", expected.counts);
    counts != expected.counts
}

/// The number of seeds: `STREAMS_SEEDS=3000` for more.
#[test]
fn tables_come_out_right_whatever_ends_in_between() {
    let seeds = std::env::var("STREAMS_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(300);
    let doubled = (0..seeds).filter(|seed| disturbed(*seed)).count();
    // At least once, and sometimes more than once: what was counted after the last commit is counted again.
    assert!(doubled > 0, "no run of {seeds} counted anything twice");
}
