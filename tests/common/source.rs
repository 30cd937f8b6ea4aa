//! A program that sends records as fast as the acknowledgements come, into a topic `t` that it creates first.

use kafka_playground::base::ClientId;
use kafka_playground::engine::client::ProducerConfig;
use kafka_playground::engine::program::{Behaviour, Context, Event, NewRecord};
use kafka_playground::engine::protocol::{CreateTopicsRequest, NewTopic, Request};

#[derive(Clone, Hash, Debug)]
pub struct Source {
    left: u64,
    unacknowledged: u64,
    producer: Option<ClientId>,
    partitions: i32,
    value: Vec<u8>,
}

impl Source {
    /// Records that may wait for an acknowledgement: about what buffer.memory would hold.
    const WINDOW: u64 = 20_000;

    /// Sends so many records, with values of so many bytes (at least eight: they count down).
    pub fn new(records: u64, partitions: i32, value_bytes: usize) -> Self {
        Self { left: records, unacknowledged: 0, producer: None, partitions, value: vec![b'x'; value_bytes.max(8)] }
    }

    fn fill(&mut self, context: &mut Context<'_>) {
        let Some(producer) = self.producer else { return };
        while self.left > 0 && self.unacknowledged < Self::WINDOW {
            self.value[..8].copy_from_slice(&self.left.to_be_bytes());
            context.send(producer, NewRecord { topic: "t", value: Some(&self.value), ..NewRecord::default() });
            self.left -= 1;
            self.unacknowledged += 1;
        }
    }
}

impl Behaviour for Source {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        match event {
            Event::Started => {
                let admin = context.admin("setup");
                let topic = NewTopic {
                    name: "t".into(),
                    partitions: Some(self.partitions),
                    replication_factor: Some(1),
                    replica_assignment: Vec::new(),
                    configs: Vec::new(),
                };
                context.call(admin, Request::CreateTopics(CreateTopicsRequest { topics: vec![topic] }));
                self.producer = Some(context.producer(ProducerConfig::default()));
            }
            Event::Answered { .. } => self.fill(context),
            Event::Delivered { sends, result, .. } => {
                assert!(result.is_ok());
                self.unacknowledged -= sends.len() as u64;
                if self.unacknowledged < Self::WINDOW / 2 {
                    self.fill(context);
                }
            }
            _ => {}
        }
    }
}
