//! Questions to the world that stages, tours and goals ask: who runs, what a group has committed, how far behind it is.

use super::power::Power;
use crate::base::{BrokerId, GroupId, Offset, TopicPartition};
use crate::engine::World;
use crate::engine::client::Consumer;
use crate::engine::client::consumer::MemberState;
use crate::engine::log::RecordView;
use crate::engine::metadata::PartitionState;
use crate::engine::world::{ProgramEntry, ProgramStatus};

/// How the latest run of a service fares.
pub fn power(world: &World, name: &str) -> Power {
    match world.program_named(name).map(|entry| entry.status) {
        None => Power::Absent,
        Some(ProgramStatus::Running) => Power::Running,
        Some(ProgramStatus::Exited { .. }) => Power::Stopped,
        Some(ProgramStatus::Killed { .. }) => Power::Killed,
    }
}

pub fn is_on(world: &World, name: &str) -> bool {
    power(world, name).is_on()
}

/// The state of the latest run, whether it still runs or not.
pub fn state<'w, T: 'static>(world: &'w World, name: &str) -> Option<&'w T> {
    world.program_named(name)?.state()
}

/// The state of the run before the latest.
pub fn state_before<'w, T: 'static>(world: &'w World, name: &str) -> Option<&'w T> {
    runs(world, name).nth(1)?.state()
}

/// All runs under a name, the latest first.
pub fn runs<'w>(world: &'w World, name: &str) -> impl Iterator<Item = &'w ProgramEntry> {
    let name = name.to_owned();
    world.programs().rev().filter(move |entry| *entry.name == *name)
}

/// Is the broker's process gone, and does the controller know it?
pub fn is_out(world: &World, broker: BrokerId) -> bool {
    world.broker(broker).is_some_and(|broker| !broker.running) && !world.cluster().is_active(broker)
}

fn partitions<'w>(world: &'w World, topic: &str) -> impl Iterator<Item = &'w PartitionState> {
    world.cluster().topic(topic).into_iter().flat_map(|topic| &topic.partitions)
}

/// Is each partition of a topic led by another broker than this one?
pub fn is_led_without(world: &World, topic: &str, broker: BrokerId) -> bool {
    partitions(world, topic).all(|partition| partition.leader.is_some_and(|leader| leader != broker))
}

/// Is the broker in sync in all that it keeps of a topic?
pub fn is_in_sync(world: &World, topic: &str, broker: BrokerId) -> bool {
    partitions(world, topic).all(|partition| !partition.replicas.contains(&broker) || partition.isr.contains(&broker))
}

/// Log end offset of a partition, at its leader.
pub fn log_end_offset(world: &World, partition: &TopicPartition) -> Option<Offset> {
    let leader = world.cluster().topic(partition.topic.as_str())?.partition(partition.partition)?.leader?;
    Some(world.broker(leader)?.replica(partition)?.log.log_end_offset())
}

/// What a group has committed.
pub fn committed(world: &World, group: &str) -> Vec<(TopicPartition, Offset)> {
    let group = GroupId::from(group);
    let found = world.brokers().find_map(|broker| broker.committed.get(&group));
    found.into_iter().flatten().map(|(partition, committed)| (partition.clone(), committed.offset)).collect()
}

/// High watermark of a partition, at its leader: what Kafka's tools call LOG-END-OFFSET.
fn high_watermark(world: &World, partition: &TopicPartition) -> Option<Offset> {
    let leader = world.cluster().topic(partition.topic.as_str())?.partition(partition.partition)?.leader?;
    Some(world.broker(leader)?.replica(partition)?.high_watermark)
}

/// LAG over all partitions in which the group has committed; `None` while there is none.
pub fn lag(world: &World, group: &str) -> Option<i64> {
    let committed = committed(world, group);
    if committed.is_empty() {
        return None;
    }
    Some(committed.iter().filter_map(|(partition, offset)| Some((high_watermark(world, partition)?.0 - offset.0).max(0))).sum())
}

/// The consumer of a service that runs.
fn consumer<'w>(world: &'w World, name: &str) -> Option<&'w Consumer> {
    let entry = world.program_named(name).filter(|entry| entry.is_running())?;
    world.clients().filter(|client| client.owner == entry.id).find_map(|client| world.consumer(client.id))
}

/// Partitions that the service's consumer owns now.
pub fn assignment(world: &World, name: &str) -> Vec<TopicPartition> {
    consumer(world, name).map(|consumer| consumer.assignment()).unwrap_or_default()
}

/// How far the service's consumer is from the ends of the logs that it reads; `None` while it reads none, or does not know
/// where it stands. Unlike the lag it does not wait for a commit.
pub fn behind(world: &World, name: &str) -> Option<i64> {
    let consumer = consumer(world, name)?;
    let assignment = consumer.assignment();
    let ahead = |partition: &TopicPartition| Some(log_end_offset(world, partition)?.0 - consumer.position(partition)?.0);
    if assignment.is_empty() { None } else { assignment.iter().map(ahead).sum() }
}

/// Has the service's consumer found its place in its group: joined, and told which partitions are its own?
pub fn is_settled(world: &World, name: &str) -> bool {
    consumer(world, name).is_some_and(|consumer| consumer.member_state() == MemberState::Stable)
}

/// Records of a partition that are looked through for one that a step speaks of.
const LOOKED_AT_MAX: i64 = 300;

/// The last record of a topic, by time, whose value names this event, with its key.
pub fn last_record(world: &World, topic: &str, event: &str) -> Option<(TopicPartition, Offset, String)> {
    let mut last: Option<(i64, TopicPartition, Offset, String)> = None;
    each_record(world, topic, |partition, record| {
        let later = last.as_ref().is_none_or(|(at, ..)| record.timestamp.0 >= *at);
        if let (true, Some(key)) = (later && names(record.value, event), record.key) {
            last = Some((record.timestamp.0, partition.clone(), record.offset, String::from_utf8_lossy(key).into_owned()));
        }
    });
    last.map(|(_, partition, offset, key)| (partition, offset, key))
}

/// The record with this key whose value names this event; `skip` earlier ones are passed over.
pub fn record_of(world: &World, topic: &str, event: &str, key: &str, skip: usize) -> Option<(TopicPartition, Offset)> {
    let mut found = Vec::new();
    each_record(world, topic, |partition, record| {
        if record.key == Some(key.as_bytes()) && names(record.value, event) {
            found.push((partition.clone(), record.offset));
        }
    });
    found.into_iter().nth(skip)
}

/// Does a record's value hold this word in quotes? Cheaper than to read its JSON, and enough to find what a service wrote.
fn names(value: Option<&[u8]>, event: &str) -> bool {
    let word = format!("\"{event}\"");
    value.is_some_and(|value| value.windows(word.len()).any(|part| part == word.as_bytes()))
}

/// The latest records of a topic, partition by partition.
fn each_record(world: &World, topic: &str, mut look: impl FnMut(&TopicPartition, &RecordView<'_>)) {
    let count = world.cluster().topic(topic).map_or(0, |topic| topic.partitions.len() as i32);
    for partition in (0..count).map(|partition| TopicPartition::new(topic, partition)) {
        let state = world.cluster().topic(topic).and_then(|topic| topic.partition(partition.partition));
        let Some(replica) = state.and_then(|state| world.broker(state.leader?)?.replica(&partition)) else { continue };
        let from = Offset((replica.log.log_end_offset().0 - LOOKED_AT_MAX).max(0)).max(replica.log.log_start_offset());
        for batch in replica.log.batches_from(from) {
            batch.records().for_each(|record| look(&partition, &record));
        }
    }
}

/// The last record with this key.
pub fn last_record_of(world: &World, topic: &str, key: &str) -> Option<(TopicPartition, Offset)> {
    let mut last = None;
    each_record(world, topic, |partition, record| {
        if record.key == Some(key.as_bytes()) {
            last = Some((partition.clone(), record.offset));
        }
    });
    last
}
