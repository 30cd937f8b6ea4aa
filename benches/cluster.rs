//! What a cluster costs: simulated seconds for each second on the clock, and how that changes with its size.

use super::pace::Pace;
use kafka_playground::base::{ClientId, SimTime, Span};
use kafka_playground::engine::client::ProducerConfig;
use kafka_playground::engine::program::{Behaviour, Context, Event, NewRecord};
use kafka_playground::engine::protocol::{CreateTopicsRequest, NewTopic, Request};
use kafka_playground::engine::{World, WorldConfig};

/// Programs that share the load.
const PRODUCERS: u32 = 10;
/// How often each of them sends.
const TICK: Span = Span::from_ms(20);
const VALUE: [u8; 100] = [b'x'; 100];

/// How large a cluster is.
#[derive(Clone, Copy)]
pub struct Load {
    pub brokers: u32,
    pub partitions: i32,
    pub replication_factor: i16,
    pub records_per_second: u32,
}

const BASE: Load = Load { brokers: 10, partitions: 1000, replication_factor: 3, records_per_second: 50_000 };

/// Sends its share of the load, to one partition after another.
#[derive(Clone, Hash, Debug)]
struct Pacer {
    partitions: i32,
    next: i32,
    records_per_tick: u32,
    producer: Option<ClientId>,
}

impl Behaviour for Pacer {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        match event {
            Event::Started => {
                self.producer = Some(context.producer(ProducerConfig::default()));
                context.timer(TICK, 0);
            }
            Event::Timer { .. } => {
                let Some(producer) = self.producer else { return };
                for _ in 0..self.records_per_tick {
                    let partition = Some(self.next);
                    self.next = (self.next + 1) % self.partitions;
                    context.send(producer, NewRecord { topic: "t", partition, value: Some(&VALUE), ..NewRecord::default() });
                }
                context.timer(TICK, 0);
            }
            Event::Delivered { result, .. } => assert!(result.is_ok(), "{result:?}"),
            _ => {}
        }
    }
}

/// Creates the topic.
#[derive(Clone, Hash, Debug)]
struct Creator(i32, i16);

impl Behaviour for Creator {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        if event == Event::Started {
            let admin = context.admin("setup");
            let topic = NewTopic {
                name: "t".into(),
                partitions: Some(self.0),
                replication_factor: Some(self.1),
                replica_assignment: Vec::new(),
                configs: Vec::new(),
            };
            context.call(admin, Request::CreateTopics(CreateTopicsRequest { topics: vec![topic] }));
        }
    }
}

async fn run_until(pace: &Pace<'_>, world: &mut World, ms: u64) {
    while world.next_time().is_some_and(|at| at <= SimTime::from_ms(ms)) {
        world.step();
        if world.steps().is_multiple_of(128) {
            pace.breathe().await;
        }
    }
}

/// A cluster that has been under load for `ms` simulated milliseconds.
pub async fn loaded(pace: &Pace<'_>, load: Load, ms: u64) -> World {
    let mut world = World::new(WorldConfig { brokers: load.brokers, ..WorldConfig::default() });
    world.start_program("creator", Box::new(Creator(load.partitions, load.replication_factor)));
    run_until(pace, &mut world, 1000).await;
    for at in 0..PRODUCERS {
        let records_per_tick = load.records_per_second / PRODUCERS / (1000 / TICK.ms() as u32);
        // Each begins elsewhere, so that all partitions get as much.
        let next = load.partitions / PRODUCERS as i32 * at as i32;
        let pacer = Pacer { partitions: load.partitions, next, records_per_tick, producer: None };
        world.start_program(&format!("pacer-{at}"), Box::new(pacer));
    }
    run_until(pace, &mut world, 1000 + ms).await;
    world
}

/// Milliseconds on the clock for one simulated second under load.
async fn cost(pace: &Pace<'_>, load: Load) -> f64 {
    let mut world = loaded(pace, load, 500).await;
    let steps = world.steps();
    let start = pace.now();
    run_until(pace, &mut world, 2500).await;
    let took = pace.now() - start;
    assert!(world.steps() > steps, "something happens");
    took
}

pub async fn run(pace: &Pace<'_>, print: &mut dyn FnMut(&str)) {
    let base = cost(pace, BASE).await.min(cost(pace, BASE).await);
    print(&format!(
        "cluster of {} brokers, {} partitions x {}, {} records/s: {:.2} simulated seconds a second",
        BASE.brokers,
        BASE.partitions,
        BASE.replication_factor,
        BASE.records_per_second,
        1000.0 / base
    ));
    for times in [2, 4] {
        let grown = [
            ("brokers", Load { brokers: BASE.brokers * times, ..BASE }),
            ("partitions", Load { partitions: BASE.partitions * times as i32, ..BASE }),
            ("records/s", Load { records_per_second: BASE.records_per_second * times, ..BASE }),
        ];
        for (what, load) in grown {
            print(&format!(
                "    {times} times the {what:<12}                       {:>6.2} times the cost",
                cost(pace, load).await / base
            ));
        }
    }
}
