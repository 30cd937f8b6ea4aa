//! A story in a session, for tests: let time pass, give lines, look into the topics.

use kafka_playground::base::{Offset, Span, TopicPartition};
use kafka_playground::engine::client::ProducerConfig;
use kafka_playground::engine::program::{Behaviour, Context, Event, NewRecord};
use kafka_playground::engine::{Program, TraceEvent, World};
use kafka_playground::scenario::CATALOG;
use kafka_playground::session::{ScenarioEntry, Session};

/// More dues than any of these tests needs.
const DUES_MAX: u64 = 5_000_000;

pub struct Story {
    session: Session,
}

impl Story {
    pub fn open(scenario: &str, seed: u64) -> Self {
        let entry = CATALOG.iter().find(|entry| entry.name == scenario).expect("a story of that name");
        let seeded = |line: &str| if line.starts_with("! seed ") { format!("! seed {seed}\n") } else { format!("{line}\n") };
        let script: String = entry.script.lines().map(seeded).collect();
        let catalog: &'static [ScenarioEntry] = Box::leak(Box::new([ScenarioEntry { service: with_sender(scenario), ..*entry }]));
        let session = Session::open(&script, catalog).unwrap_or_else(|error| panic!("{error}"));
        Self { session }
    }

    pub fn world(&self) -> &World {
        self.session.world()
    }

    pub fn give(&mut self, line: &str) {
        self.session.input(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }

    /// False when the line was refused.
    pub fn try_to_give(&mut self, line: &str) -> bool {
        self.session.input(line).is_ok()
    }

    /// Goes to an earlier moment and comes back by replay.
    pub fn back_and_forth(&mut self) {
        let cursor = self.session.cursor();
        for earlier in [cursor / 3, cursor / 2 + 1, cursor - 1] {
            self.session.seek(earlier);
            self.session.seek(cursor);
        }
    }

    /// Lets seconds pass.
    pub fn pass(&mut self, seconds: u64) {
        self.session.advance(Span::from_secs(seconds), DUES_MAX);
        assert_eq!(self.world().failure(), None);
    }

    /// Lets time pass until the world is so, step by step; fails after `seconds`. Returns the milliseconds it took.
    pub fn until(&mut self, what: &str, seconds: u64, met: impl Fn(&World) -> bool) -> u64 {
        let begun = self.session.now();
        while !met(self.world()) {
            let passed = self.session.now().since(begun);
            assert!(passed < Span::from_secs(seconds), "not met within {seconds} s: {what}\n{}", self.said().join("\n"));
            assert!(self.session.step(), "nothing is due any more: {what}");
        }
        assert_eq!(self.world().failure(), None);
        self.session.now().since(begun).ms()
    }

    /// Writes a record as anyone may.
    pub fn produce(&mut self, topic: &str, key: Option<&[u8]>, value: Option<&[u8]>) {
        let hex = |bytes: Option<&[u8]>| match bytes {
            Some(bytes) => format!("x{}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
            None => "-".to_owned(),
        };
        if self.world().program_named("sender").is_none() {
            self.give("$ start-service sender");
        }
        self.give(&format!("$ tell-service sender {topic} {} {}", hex(key), hex(value)));
    }

    /// What the services have said, newest last.
    pub fn said(&self) -> Vec<String> {
        let world = self.world();
        let name = |program| world.program(program).map_or("?", |entry| &entry.name);
        let said = world.trace().iter().filter_map(|entry| match &entry.event {
            TraceEvent::Said { program, text } => Some(format!("{:>7} {}: {text}", entry.at.ms(), name(*program))),
            _ => None,
        });
        said.collect()
    }
}

/// The story's services, and one that writes any bytes.
fn with_sender(scenario: &str) -> fn(&str) -> Option<Box<dyn Program>> {
    fn taxi(name: &str) -> Option<Box<dyn Program>> {
        sender(name).or_else(|| kafka_playground::scenario::taxi::service(name))
    }
    fn news(name: &str) -> Option<Box<dyn Program>> {
        sender(name).or_else(|| kafka_playground::scenario::news::service(name))
    }
    fn groups(name: &str) -> Option<Box<dyn Program>> {
        sender(name).or_else(|| kafka_playground::scenario::groups::service(name))
    }
    fn sender(name: &str) -> Option<Box<dyn Program>> {
        (name == "sender").then(|| Box::new(Sender) as Box<dyn Program>)
    }
    match scenario {
        "taxi-booking" => taxi,
        "live-news" => news,
        _ => groups,
    }
}

#[derive(Clone, Hash, Debug)]
struct Sender;

impl Behaviour for Sender {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        let Event::Tell(words) = event else { return };
        let words: Vec<&str> = words.split(' ').collect();
        let bytes = |word: &str| {
            let hex = word.strip_prefix('x')?;
            Some((0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect::<Vec<u8>>())
        };
        let (key, value) = (bytes(words[1]), bytes(words[2]));
        let producer = context.producer(ProducerConfig::default());
        let record = NewRecord { topic: words[0], key: key.as_deref(), value: value.as_deref(), ..NewRecord::default() };
        context.send(producer, record);
    }
}

/// All records of a topic: partition after partition, in order of offset. Null values are left out.
pub fn records(world: &World, topic: &str) -> Vec<(TopicPartition, Vec<u8>)> {
    timed(world, topic).into_iter().map(|(_, at, value)| (at, value)).collect()
}

/// The values of a topic's records in the order of their timestamps.
pub fn by_time(world: &World, topic: &str) -> Vec<Vec<u8>> {
    let mut all = timed(world, topic);
    all.sort_by_key(|(timestamp, ..)| *timestamp);
    all.into_iter().map(|(.., value)| value).collect()
}

fn timed(world: &World, topic: &str) -> Vec<(i64, TopicPartition, Vec<u8>)> {
    let mut found = Vec::new();
    for broker in world.brokers() {
        let leads = |at: &TopicPartition| {
            let state = world.cluster().topic(topic).and_then(|topic| topic.partition(at.partition));
            at.topic.as_str() == topic && state.is_some_and(|state| state.leader == Some(broker.id))
        };
        for (at, replica) in broker.replicas.iter().filter(|(at, _)| leads(at)) {
            replica.log.for_each_record(Offset::ZERO, replica.log.log_end_offset(), |record| {
                if let Some(value) = record.value {
                    found.push((record.timestamp.0, at.clone(), value.to_vec()));
                }
                true
            });
        }
    }
    found
}
