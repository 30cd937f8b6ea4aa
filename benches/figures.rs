//! What the engine costs, measured the same way natively and in a browser. Figures are ratios to a baseline of the same
//! run, since machines are noisy; the absolute numbers beside them are for orientation.

use super::pace::Pace;
use crate::source::Source;
use kafka_playground::base::{Offset, SimTime, Span, TopicPartition};
use kafka_playground::engine::client::{AutoOffsetReset, ConsumerConfig};
use kafka_playground::engine::program::{Behaviour, Context, Event};
use kafka_playground::engine::{World, WorldConfig};
use kafka_playground::scenario::CATALOG;
use kafka_playground::session::Session;
use kafka_playground::view::row::{RowStart, partition_row};

const RECORDS: u64 = 1_000_000;
const VALUE_BYTES: usize = 100;

/// Reads them as one group.
#[derive(Clone, Hash, Debug, Default)]
struct Sink {
    records: u64,
    bytes: u64,
}

impl Behaviour for Sink {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        match event {
            Event::Started => {
                let config = ConsumerConfig {
                    group_id: Some("g".into()),
                    auto_offset_reset: AutoOffsetReset::Earliest,
                    metadata_max_age_ms: 100,
                    ..ConsumerConfig::default()
                };
                let consumer = context.consumer(config);
                context.subscribe(consumer, &["t"]);
                context.poll(consumer, Span::from_ms(100));
            }
            Event::Polled { consumer, records } => {
                for (_, record) in records.iter() {
                    self.records += 1;
                    self.bytes += record.value.map_or(0, <[u8]>::len) as u64;
                }
                context.poll(consumer, Span::from_ms(100));
            }
            _ => {}
        }
    }
}

/// A world in which a million records were produced and consumed.
async fn million(pace: &Pace<'_>) -> World {
    let config = WorldConfig {
        broker_configs: [("group.initial.rebalance.delay.ms".to_owned(), "0".to_owned())].into(),
        ..WorldConfig::default()
    };
    let mut world = World::new(config);
    world.start_program("source", Box::new(Source::new(RECORDS, 3, VALUE_BYTES)));
    world.start_program("sink", Box::new(Sink::default()));
    while consumed(&world) < RECORDS {
        assert!(world.step() && world.now() < SimTime::from_ms(3_600_000), "the records never came");
        pace.breathe().await;
    }
    world
}

fn consumed(world: &World) -> u64 {
    world.program_named("sink").and_then(|program| program.state::<Sink>()).map_or(0, |sink| sink.records)
}

/// The fastest of some runs, in milliseconds.
async fn best<T>(pace: &Pace<'_>, runs: u32, work: impl AsyncFn() -> T) -> (f64, T) {
    let mut best = None;
    for _ in 0..runs {
        pace.breathe().await;
        let start = pace.now();
        let result = work().await;
        let took = pace.now() - start;
        if best.as_ref().is_none_or(|(before, _)| took < *before) {
            best = Some((took, result));
        }
    }
    best.expect("at least one run")
}

/// Time for one call of something quick, in microseconds.
async fn each<T>(pace: &Pace<'_>, mut work: impl FnMut() -> T) -> f64 {
    let mut calls = 1u32;
    loop {
        pace.breathe().await;
        let start = pace.now();
        for _ in 0..calls {
            std::hint::black_box(work());
        }
        let took = pace.now() - start;
        if took > 200.0 || calls > 1 << 28 {
            return took * 1000.0 / f64::from(calls);
        }
        calls *= 4;
    }
}

pub async fn run(pace: &Pace<'_>, print: &mut dyn FnMut(&str)) {
    let (baseline, _) = best(pace, 3, async || {
        let mut log: Vec<Vec<u8>> = Vec::new();
        for at in 0..RECORDS {
            let mut value = [b'x'; VALUE_BYTES];
            value[..8].copy_from_slice(&at.to_be_bytes());
            log.push(value.to_vec());
        }
        std::hint::black_box(&log);
    })
    .await;
    let (took, world) = best(pace, 3, async || million(pace).await).await;
    let rate = |ms: f64| RECORDS as f64 / ms * 1000.0;
    print(&format!("baseline, {VALUE_BYTES}-byte values pushed into a Vec   {:>12.0} records/s   1.00", rate(baseline)));
    print(&format!(
        "produced and consumed by one group            {:>12.0} records/s   {:.2} of the baseline",
        rate(took),
        baseline / took
    ));

    let copy = each(pace, || world.clone()).await;
    let plain: Vec<Vec<u8>> = (0..RECORDS).map(|_| vec![b'x'; VALUE_BYTES]).collect();
    let (plain_copy, _) = best(pace, 2, async || plain.clone()).await;
    drop(plain);
    print(&format!(
        "copy of a world with {RECORDS} records           {copy:>12.1} µs          1/{:.0} of copying the Vec",
        plain_copy * 1000.0 / copy
    ));

    let small = small_world();
    let (partition, few) = (fullest(&world), fullest(&small));
    let large_row = each(pace, || partition_row(&world, &partition, RowStart::Tail, 40)).await;
    let small_row = each(pace, || partition_row(&small, &few, RowStart::Tail, 40)).await;
    print(&format!(
        "a screenful of a partition, {:>7} records        {large_row:>12.1} µs          {:.2} of one with 100",
        log_end(&world, &partition).0,
        large_row / small_row
    ));

    for entry in CATALOG {
        let mut session = Session::open(entry.script, CATALOG).expect("a story opens");
        let start = pace.now();
        let before = session.world().steps();
        while session.world().steps() - before < 100_000 {
            session.advance(Span::from_secs(10), 5000);
            pace.breathe().await;
        }
        let took = pace.now() - start;
        let dues = (session.world().steps() - before) as f64;
        print(&format!("{:<14} dues                            {:>12.0} dues/s", entry.name, dues / took * 1000.0));
        let mut worst = 0.0f64;
        let mut total = 0.0;
        for _ in 0..200 {
            pace.breathe().await;
            let start = pace.now();
            session.back();
            let took = pace.now() - start;
            worst = worst.max(took);
            total += took;
        }
        print(&format!(
            "{:<14} step back among {:>7} dues          {:>12.2} ms, worst {worst:.2} ms of a frame's 16.7",
            entry.name,
            session.end_cursor(),
            total / 200.0
        ));
    }
}

/// The partition with the most records.
fn fullest(world: &World) -> TopicPartition {
    let partitions = (0..3).map(|partition| TopicPartition::new("t", partition));
    partitions.max_by_key(|partition| log_end(world, partition)).expect("three partitions")
}

fn log_end(world: &World, partition: &TopicPartition) -> Offset {
    world.brokers().next().and_then(|broker| broker.replica(partition)).map_or(Offset::ZERO, |replica| replica.log.log_end_offset())
}

/// A world with a hundred records.
fn small_world() -> World {
    let mut world = World::new(WorldConfig::default());
    world.start_program("source", Box::new(Source::new(100, 3, VALUE_BYTES)));
    while world.now() < SimTime::from_ms(2000) && world.step() {}
    world
}
