//! Small programs that tests run, and how they let time pass.

use kafka_playground::base::{SimTime, TopicName};
use kafka_playground::engine::World;
use kafka_playground::engine::client::ProducerConfig;
use kafka_playground::engine::program::{Behaviour, Context, Event, NewRecord};
use kafka_playground::engine::protocol::{CreateTopicsRequest, NewTopic, Request};

/// Sends requests once.
#[derive(Clone, Hash, Debug)]
pub struct Caller(pub Vec<Request>);

impl Behaviour for Caller {
    fn on(&mut self, event: Event, cx: &mut Context<'_>) {
        if event == Event::Started {
            let admin = cx.admin("admin");
            for request in self.0.drain(..) {
                cx.call(admin, request);
            }
        }
    }
}

/// Writes `count` records to one partition.
#[derive(Clone, Hash, Debug)]
pub struct Filler {
    pub topic: &'static str,
    pub partition: i32,
    pub count: usize,
}

impl Behaviour for Filler {
    fn on(&mut self, event: Event, cx: &mut Context<'_>) {
        if event == Event::Started {
            let producer = cx.producer(ProducerConfig::default());
            for _ in 0..self.count {
                let partition = Some(self.partition);
                cx.send(producer, NewRecord { topic: self.topic, partition, value: Some(b"v"), ..NewRecord::default() });
            }
            cx.close(producer);
        }
    }
}

pub fn run_for(world: &mut World, ms: u64) {
    let until = SimTime(world.now().0 + ms * 1000);
    while world.next_time().is_some_and(|at| at <= until) {
        world.step();
    }
    assert_eq!(world.failure(), None);
    world.advance_clock(until);
}

pub fn create_topics(world: &mut World, topics: &[(&str, i32)]) {
    let topics = topics.iter().map(|(name, count)| NewTopic {
        name: TopicName::from(*name),
        partitions: Some(*count),
        replication_factor: Some(1),
        replica_assignment: Vec::new(),
        configs: Vec::new(),
    });
    let create = Request::CreateTopics(CreateTopicsRequest { topics: topics.collect() });
    world.start_program("admin", Box::new(Caller(vec![create])));
    run_for(world, 100);
}

pub fn fill(world: &mut World, topic: &'static str, partition: i32, count: usize) {
    world.start_program("filler", Box::new(Filler { topic, partition, count }));
    run_for(world, 500);
}
