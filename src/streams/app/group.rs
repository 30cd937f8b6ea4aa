//! What an application tells its group, and how the names of its topics look from outside.

use super::TaskId;
use super::config::{StreamsConfig, uuid};
use crate::base::{GroupId, TopicName};
use crate::engine::client::{AutoOffsetReset, ConsumerConfig, GroupProtocol, StreamsRebalanceData};
use crate::engine::protocol::{CopartitionGroup, StreamsTopology, Subtopology, TaskIds, TopicInfo};
use crate::engine::world::program::Context;
use crate::streams::topology::{OwnTopic, Topology};
use std::rc::Rc;

/// The main consumer's settings: it is the member of the group.
pub(super) fn consumer(config: &StreamsConfig, topology: &Topology, cx: &mut Context<'_>) -> ConsumerConfig {
    let data = StreamsRebalanceData { process_id: uuid(cx), topology: told(config, topology) };
    ConsumerConfig {
        group_id: Some(GroupId::from(&*config.application_id)),
        group_instance_id: config.group_instance_id.clone(),
        group_protocol: GroupProtocol::Consumer,
        streams: Some(Rc::new(data)),
        auto_offset_reset: AutoOffsetReset::Earliest,
        max_poll_records: 1000,
        ..ConsumerConfig::default()
    }
}

/// The topology as a heartbeat carries it.
fn told(config: &StreamsConfig, topology: &Topology) -> StreamsTopology {
    let name = |topic: &str| TopicName::from(decorated(config, topology, topic).as_str());
    let own = |topic: &OwnTopic| TopicInfo {
        name: TopicName::from(format!("{}-{}", config.application_id, topic.name).as_str()),
        partitions: topic.partitions.unwrap_or(0),
        replication_factor: 0,
        topic_configs: topic.configs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
    };
    let subtopology = |kind: crate::streams::topology::Subtopology| {
        let place = |topics: &[String], topic: &str| topics.iter().position(|other| other == topic).map(|place| place as i16);
        let sources: Vec<String> = kind.sources.iter().map(|topic| topic.to_string()).collect();
        let repartitions: Vec<String> = kind.repartition_sources.iter().map(|topic| topic.name.clone()).collect();
        let copartition = |group: &Vec<Rc<str>>| CopartitionGroup {
            source_topics: group.iter().filter_map(|topic| place(&sources, topic)).collect(),
            source_topic_regex: Vec::new(),
            repartition_source_topics: group.iter().filter_map(|topic| place(&repartitions, topic)).collect(),
        };
        Subtopology {
            subtopology_id: kind.number.to_string(),
            source_topics: kind.sources.iter().map(|topic| name(topic)).collect(),
            source_topic_regex: Vec::new(),
            state_changelog_topics: kind.changelogs.iter().map(own).collect(),
            repartition_sink_topics: kind.repartition_sinks.iter().map(|topic| name(topic)).collect(),
            repartition_source_topics: kind.repartition_sources.iter().map(own).collect(),
            copartition_groups: kind.copartitions.iter().map(copartition).collect(),
        }
    };
    StreamsTopology { epoch: 0, subtopologies: topology.task_kinds().into_iter().map(subtopology).collect() }
}

/// All topics that tasks read, by their full names.
pub(super) fn subscribed(config: &StreamsConfig, topology: &Topology) -> Vec<String> {
    let of = |subtopology: Subtopology| {
        let own = subtopology.repartition_source_topics.into_iter().map(|topic| topic.name);
        subtopology.source_topics.into_iter().chain(own).map(|topic| topic.as_str().to_owned()).collect::<Vec<_>>()
    };
    told(config, topology).subtopologies.into_iter().flat_map(of).collect()
}

fn is_internal(topology: &Topology, topic: &str) -> bool {
    topology.internal_topics.iter().any(|internal| &*internal.name == topic)
}

/// A topic's full name.
pub(super) fn decorated(config: &StreamsConfig, topology: &Topology, topic: &str) -> String {
    if is_internal(topology, topic) { format!("{}-{topic}", config.application_id) } else { topic.to_owned() }
}

/// A topic as the topology calls it.
pub(super) fn plain<'a>(config: &StreamsConfig, topology: &Topology, topic: &'a str) -> &'a str {
    let own = topic.strip_prefix(&*config.application_id).and_then(|rest| rest.strip_prefix('-'));
    own.filter(|own| is_internal(topology, own)).unwrap_or(topic)
}

pub(super) fn task_ids(tasks: &[TaskIds]) -> Vec<TaskId> {
    let each = |tasks: &TaskIds| {
        let subtopology = tasks.subtopology_id.parse().unwrap_or(usize::MAX);
        tasks.partitions.iter().map(move |partition| TaskId { subtopology, partition: *partition }).collect::<Vec<_>>()
    };
    tasks.iter().flat_map(each).collect()
}
