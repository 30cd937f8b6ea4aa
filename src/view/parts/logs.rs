//! Partitions as the Logs view draws them: where each log begins and ends, and who stands where in it.

use std::ops::Range;
use std::rc::Rc;

use super::clients::{consumers, owner_name};
use super::row::leader_replica;
use crate::base::{BrokerId, ClientId, Offset, TopicPartition, put_in_order};
use crate::engine::group::Loaded;
use crate::engine::world::World;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartitionView {
    pub topic_partition: TopicPartition,
    pub leader: Option<BrokerId>,
    /// The leader's process runs; one that has just died leads until the controller has noticed.
    pub leader_runs: bool,
    pub log_start_offset: i64,
    /// Readers see what lies below it.
    pub high_watermark: i64,
    /// The offset that the next record gets.
    pub log_end_offset: i64,
    pub size_bytes: u64,
    pub markers: Vec<Marker>,
}

/// Where a group, or a consumer without one, stands in a partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Marker {
    /// `None`: a consumer outside of any group.
    pub group: Option<Rc<str>>,
    /// The consumer that owns the partition now.
    pub client: Option<ClientId>,
    /// That consumer's program.
    pub name: Option<Rc<str>>,
    /// The offset of the next record that the consumer will be given.
    pub position: Option<i64>,
    /// The group's mark: where reading goes on after a restart.
    pub committed_offset: Option<i64>,
    /// High watermark − committed, as `kafka-consumer-groups.sh` has it; `None` while nothing is committed, which is not 0.
    pub lag: Option<i64>,
}

/// Some partitions of a topic; none for a topic that is not there.
pub fn partitions(world: &World, topic: &str, range: Range<usize>) -> Vec<PartitionView> {
    let Some(state) = world.cluster().topic(topic) else {
        return Vec::new();
    };
    let lost = world.groups_without_coordinator();
    (range.start..range.end.min(state.partitions.len()))
        .filter_map(|partition| one(world, lost.as_ref(), &TopicPartition::new(topic, partition as i32)))
        .collect()
}

/// One partition; `None` if it is not there.
pub fn partition_view(world: &World, partition: &TopicPartition) -> Option<PartitionView> {
    one(world, world.groups_without_coordinator().as_ref(), partition)
}

/// `lost`: the groups that no coordinator has loaded.
fn one(world: &World, lost: Option<&Loaded>, partition: &TopicPartition) -> Option<PartitionView> {
    let state = world.cluster().topic(partition.topic.as_str())?.partition(partition.partition)?;
    let replica = leader_replica(world, partition)?;
    Some(PartitionView {
        topic_partition: partition.clone(),
        leader: state.leader,
        leader_runs: state.leader.and_then(|leader| world.broker(leader)).is_some_and(|leader| leader.running),
        log_start_offset: replica.log.log_start_offset().0,
        high_watermark: replica.high_watermark.0,
        log_end_offset: replica.log.log_end_offset().0,
        size_bytes: replica.log.size_bytes(),
        markers: markers(world, lost, partition, replica.high_watermark),
    })
}

fn markers(world: &World, lost: Option<&Loaded>, partition: &TopicPartition, high_watermark: Offset) -> Vec<Marker> {
    let mut markers: Vec<Marker> = offsets(world, lost, partition)
        .into_iter()
        .map(|(group, committed)| Marker {
            group: Some(group),
            client: None,
            name: None,
            position: None,
            committed_offset: Some(committed.0),
            lag: Some((high_watermark.0 - committed.0).max(0)),
        })
        .collect();
    for (client, consumer) in consumers(world).filter(|(_, consumer)| consumer.owns(partition)) {
        let group = consumer.config().group_id.as_ref().map(|group| group.0.clone());
        let at = group.as_ref().and_then(|group| markers.iter().position(|marker| marker.group.as_ref() == Some(group)));
        let mut marker = match at {
            Some(at) => markers.remove(at),
            None => Marker { group, client: None, name: None, position: None, committed_offset: None, lag: None },
        };
        marker.client = Some(client.id);
        marker.name = Some(owner_name(world, client));
        marker.position = consumer.position(partition).map(|offset| offset.0);
        markers.insert(at.unwrap_or(markers.len()), marker);
    }
    markers
}

/// The committed offset of each group that has one in this partition, by group id.
pub fn group_offsets(world: &World, partition: &TopicPartition) -> Vec<(Rc<str>, Offset)> {
    offsets(world, world.groups_without_coordinator().as_ref(), partition)
}

fn offsets(world: &World, lost: Option<&Loaded>, partition: &TopicPartition) -> Vec<(Rc<str>, Offset)> {
    let mut offsets: Vec<(Rc<str>, Offset)> = world
        .brokers()
        .flat_map(|broker| &broker.committed)
        .chain(lost.into_iter().flat_map(|lost| &lost.committed))
        .filter_map(|(group, offsets)| Some((group.0.clone(), offsets.get(partition)?.offset)))
        .collect();
    put_in_order(&mut offsets, &|one, other| one < other);
    offsets
}
