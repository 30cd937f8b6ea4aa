//! Global tables (`GlobalStreamThread`): a consumer of its own reads all partitions of their topics, first to where they end, and
//! only then the instance joins its group; later it goes on reading.

use super::StreamsApp;
use crate::base::{ClientId, Offset, TopicName, TopicPartition};
use crate::engine::client::ConsumerConfig;
use crate::engine::protocol::{ListOffsetsRequest, MetadataRequest, OffsetSpec, Request, Response};
use crate::engine::world::program::{Context, PolledRecords, SeekTo};
use crate::streams::task::take_global;
use crate::streams::topology::Operator;
use crate::streams::values::{Context as RecordContext, Raw};
use std::collections::BTreeMap;

/// How far the global tables are.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Globals {
    pub(super) consumer: Option<ClientId>,
    /// The question for the partitions, or for their ends.
    asked: Option<u64>,
    /// Where each partition ended when the instance began.
    ends: BTreeMap<TopicPartition, Offset>,
    pub(super) caught_up: bool,
}

impl StreamsApp {
    fn global_topics(&self) -> Vec<String> {
        let global = self.topology.nodes.iter().filter(|node| self.topology.is_global(node.subtopology));
        let topics = global.filter_map(|node| match &node.operator {
            Operator::Source { topics, .. } => topics.first().map(|topic| topic.to_string()),
            _ => None,
        });
        topics.collect()
    }

    /// True if there are global tables to read first.
    pub(super) fn start_globals(&mut self, cx: &mut Context<'_>, client_id: &str) -> bool {
        let topics = self.global_topics();
        if topics.is_empty() {
            self.read_globals.caught_up = true;
            return false;
        }
        self.read_globals.consumer = Some(cx.consumer(ConsumerConfig {
            client_id: format!("{client_id}-global-consumer"),
            bootstrap_servers: self.config.bootstrap_servers.clone(),
            enable_auto_commit: false,
            allow_auto_create_topics: false,
            ..ConsumerConfig::default()
        }));
        self.ask_for_global_partitions(cx);
        true
    }

    fn ask_for_global_partitions(&mut self, cx: &mut Context<'_>) {
        let Some(clients) = self.clients else { return };
        let topics = Some(self.global_topics().iter().map(|topic| TopicName::from(topic.as_str())).collect());
        let request = MetadataRequest { topics, allow_auto_topic_creation: false };
        self.read_globals.asked = Some(cx.call(clients.admin, Request::Metadata(request)));
    }

    pub(super) fn globals_answered(&mut self, cx: &mut Context<'_>, call: u64, response: Option<&Response>) {
        let (Some(clients), Some(consumer)) = (self.clients, self.read_globals.consumer) else { return };
        if self.read_globals.asked != Some(call) {
            return;
        }
        self.read_globals.asked = None;
        match response {
            Some(Response::Metadata(response)) => {
                let of = |topic: &crate::engine::protocol::TopicMetadata| {
                    (0..topic.partitions.len())
                        .map(|number| TopicPartition::new(topic.name.clone(), number as i32))
                        .collect::<Vec<_>>()
                };
                let partitions: Vec<TopicPartition> = response.topics.iter().flat_map(of).collect();
                if partitions.is_empty() {
                    return self.ask_for_global_partitions(cx);
                }
                cx.assign(consumer, partitions.clone());
                partitions.iter().for_each(|partition| cx.seek(consumer, partition, SeekTo::Beginning));
                let partitions = partitions.into_iter().map(|partition| (partition, OffsetSpec::Latest)).collect();
                self.read_globals.asked = Some(cx.call(clients.admin, Request::ListOffsets(ListOffsetsRequest { partitions })));
            }
            Some(Response::ListOffsets(response)) => {
                let listed = response.partitions.iter();
                self.read_globals.ends =
                    listed.map(|listed| (listed.topic_partition.clone(), listed.offset.unwrap_or(Offset(0)))).collect();
                self.look_whether_globals_are_read(cx);
                cx.poll(consumer, self.config.poll());
            }
            _ => self.ask_for_global_partitions(cx),
        }
    }

    pub(super) fn read_globals(&mut self, cx: &mut Context<'_>, records: &PolledRecords) {
        let Some(consumer) = self.read_globals.consumer else { return };
        let now = self.now(cx);
        for (partition, record) in records.iter() {
            let topic = partition.topic.as_str();
            let global = |source: &usize| self.topology.is_global(self.topology.nodes[*source].subtopology);
            let Some(source) = self.topology.sources_of(topic).find(global) else { continue };
            let raw = Raw::of(&record);
            let context = RecordContext {
                topic: topic.into(),
                partition: partition.partition,
                offset: raw.offset,
                timestamp: raw.timestamp,
                now,
            };
            match take_global(&self.topology, &mut self.globals, source, &context, &raw) {
                Ok(dropped) => self.dropped += dropped.len() as u64,
                // What cannot be read is left out.
                Err(_) => self.dropped += 1,
            }
        }
        self.look_whether_globals_are_read(cx);
        cx.poll(consumer, self.config.poll());
    }

    fn look_whether_globals_are_read(&mut self, cx: &mut Context<'_>) {
        let Some(consumer) = self.read_globals.consumer else { return };
        let is_read = |(partition, end): (&TopicPartition, &Offset)| {
            *end == Offset(0) || cx.position(consumer, partition).is_some_and(|position| position >= *end)
        };
        if !self.read_globals.caught_up && self.read_globals.ends.iter().all(is_read) {
            self.read_globals.caught_up = true;
            self.join(cx);
        }
    }
}
