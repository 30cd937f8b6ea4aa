//! The producer cuts batches where Kafka's own does (`producer-batches.jsonl`).

use kafka_playground::base::{BrokerId, ClientId, SimTime, Span, TopicPartition};
use kafka_playground::engine::client::ProducerConfig;
use kafka_playground::engine::program::{Behaviour, Context, Event, NewRecord};
use kafka_playground::engine::protocol::{CreateTopicsRequest, NewTopic, Request};
use kafka_playground::engine::{World, WorldConfig};
use serde_json::Value;

use crate::vectors;

/// Sends what it is told to.
#[derive(Clone, Hash, Debug)]
struct Sender {
    config: ProducerConfig,
    producer: Option<ClientId>,
}

impl Behaviour for Sender {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        match event {
            Event::Started => {
                let admin = context.admin("setup");
                let topic = NewTopic {
                    name: "t".into(),
                    partitions: Some(1),
                    replication_factor: Some(1),
                    replica_assignment: Vec::new(),
                    configs: Vec::new(),
                };
                context.call(admin, Request::CreateTopics(CreateTopicsRequest { topics: vec![topic] }));
                self.producer = Some(context.producer(self.config.clone()));
            }
            Event::Tell(word) => {
                let producer = self.producer.expect("started");
                match word.split_once('|') {
                    Some((key, size)) => {
                        let value = "x".repeat(size.parse().expect("a size"));
                        let key = (key != "(null)").then_some(key.as_bytes());
                        context
                            .send(producer, NewRecord { topic: "t", key, value: Some(value.as_bytes()), ..NewRecord::default() });
                    }
                    None => context.flush(producer),
                }
            }
            _ => {}
        }
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).expect("a number")
}

/// Lets everything due until then happen.
fn run_until(world: &mut World, at: SimTime) {
    while world.next_time().is_some_and(|due| due <= at) {
        world.step();
    }
    world.advance_clock(at);
}

fn play(case: &Value) -> Vec<(i64, i64, i64, u64, i64)> {
    let config = &case["config"];
    let config = ProducerConfig {
        batch_size: number(&config["batch.size"]) as usize,
        linger_ms: number(&config["linger.ms"]),
        max_in_flight: number(&config["max.in.flight.requests.per.connection"]) as usize,
        ..ProducerConfig::default()
    };
    let idle_first = config.linger_ms == 0;
    let mut world = World::new(WorldConfig { latency: Span::ZERO, jitter: Span::ZERO, ..WorldConfig::default() });
    let program = world.start_program("sender", Box::new(Sender { config, producer: None }));
    let mut stopped = false;
    // Time for the topic to be there.
    let begin = SimTime::from_ms(10);
    run_until(&mut world, begin);
    for (at, step) in case["steps"].as_array().expect("steps").iter().enumerate() {
        let now = begin + Span::from_ms(number(&step["at"]));
        if now > world.now() || (!stopped && idle_first) || at == 1 {
            run_until(&mut world, now);
        }
        match step["action"].as_str().expect("an action") {
            "send" => {
                let key = step["key"].as_str().unwrap_or("(null)");
                let word = format!("{key}|{}", number(&step["value_bytes"]));
                world.send_event(program, Event::Tell(word.into()));
            }
            "flush" => {
                world.send_event(program, Event::Tell("flush".into()));
                run_until(&mut world, now);
            }
            "broker-stops" => {
                run_until(&mut world, now);
                world.freeze_broker(BrokerId(1));
                stopped = true;
            }
            "broker-goes-on" => {
                world.thaw_broker(BrokerId(1));
                stopped = false;
            }
            "wait" => run_until(&mut world, now),
            other => panic!("no such action: {other}"),
        }
        if let Some(expected) = step["log_end_offset"].as_i64().filter(|_| !stopped && step["action"] == "wait") {
            let replica =
                world.brokers().next().and_then(|broker| broker.replica(&TopicPartition::new("t", 0))).expect("the replica");
            assert_eq!(replica.log.log_end_offset().0, expected, "{} at {now:?}", case["name"]);
        }
    }
    let end = world.now() + Span::from_secs(10);
    run_until(&mut world, end);
    let replica = world.brokers().next().and_then(|broker| broker.replica(&TopicPartition::new("t", 0))).expect("the replica");
    let row = |batch: &kafka_playground::engine::log::Batch| {
        assert!(batch.is_valid());
        (
            batch.base_offset.0,
            batch.last_offset().0,
            i64::from(batch.record_count),
            batch.size_bytes(),
            i64::from(batch.base_sequence),
        )
    };
    replica.log.batches_from(kafka_playground::base::Offset::ZERO).map(|batch| row(batch)).collect()
}

#[test]
fn batches_are_cut_where_kafka_cuts_them() {
    let mut played = 0;
    let vectors = vectors::read("producer-batches.jsonl");
    for line in vectors.text.lines() {
        let case: Value = serde_json::from_str(line).expect("JSON");
        // Listed in docs/fidelity.md: connections are always there, and nothing is compressed.
        if case["name"] == "not-connected" || !case["config"]["compression.type"].is_null() {
            continue;
        }
        let expected: Vec<_> = case["batches"]
            .as_array()
            .expect("batches")
            .iter()
            .map(|batch| {
                let field = |name: &str| batch[name].as_i64().expect("a number");
                (field("base_offset"), field("last_offset"), field("records"), field("size") as u64, field("base_sequence"))
            })
            .collect();
        assert_eq!(play(&case), expected, "{}", case["name"]);
        played += 1;
    }
    vectors.counted(played, 20);
}
