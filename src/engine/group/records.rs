//! What the coordinator writes to `__consumer_offsets` about offsets and classic groups (`GroupCoordinatorRecordHelpers`).
//! The bytes follow from the tables in `wire::coordinator_records`.

use super::{Group, Member};
use crate::base::{GroupId, SortedMap, TopicId, TopicName, TopicPartition};
use crate::engine::protocol::CommittedOffset;
use crate::engine::wire::{
    GroupMetadataKey, GroupMetadataValue, MemberMetadata, OffsetCommitKey, OffsetCommitValue, OffsetsRecord, Record,
    TopicPartitions, consumer_protocol,
};

/// A committed offset.
pub fn offset_commit(group: &GroupId, partition: &TopicPartition, committed: &CommittedOffset, topic_id: TopicId) -> Record {
    let value = OffsetCommitValue {
        offset: committed.offset,
        leader_epoch: committed.leader_epoch.unwrap_or(-1),
        metadata: committed.metadata.clone(),
        commit_timestamp: committed.commit_timestamp,
        topic_id,
    };
    OffsetsRecord::OffsetCommit(offset_key(group, partition), Some(value)).write()
}

/// A committed offset is gone.
pub fn offset_tombstone(group: &GroupId, partition: &TopicPartition) -> Record {
    OffsetsRecord::OffsetCommit(offset_key(group, partition), None).write()
}

fn offset_key(group: &GroupId, partition: &TopicPartition) -> OffsetCommitKey {
    OffsetCommitKey { group: group.clone(), topic: partition.topic.clone(), partition: partition.partition }
}

/// The group is gone.
pub fn group_tombstone(group: &GroupId) -> Record {
    OffsetsRecord::GroupMetadata(GroupMetadataKey { group: group.clone() }, None).write()
}

/// A group's generation, with its members and what each was assigned.
pub(in crate::engine) fn group_metadata(group_id: &GroupId, group: &Group) -> Record {
    let protocol = group.protocol_name.as_deref().unwrap_or_default();
    let value = GroupMetadataValue {
        protocol_type: group.protocol_type.clone(),
        generation: group.generation_id,
        protocol: group.protocol_name.clone(),
        leader: group.leader.clone().filter(|_| !group.members.is_empty()),
        current_state_timestamp: group.state_since.timestamp(),
        members: group.members.values().map(|member| member_metadata(member, protocol)).collect(),
    };
    OffsetsRecord::GroupMetadata(GroupMetadataKey { group: group_id.clone() }, Some(value)).write()
}

fn member_metadata(member: &Member, protocol: &str) -> MemberMetadata {
    let subscription = member.subscription(protocol);
    MemberMetadata {
        member_id: member.member_id.clone(),
        group_instance_id: member.group_instance_id.clone(),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        rebalance_timeout: member.rebalance_timeout,
        session_timeout: member.session_timeout,
        subscription: subscription.map(|subscription| consumer_protocol::write_subscription(subscription)).unwrap_or_default(),
        assignment: consumer_protocol::write_assignment(&member.assignment),
    }
}

/// Topics by id: records name them so. A topic that is gone is left out.
pub type Names = SortedMap<TopicId, TopicName>;

/// Partitions as records have them, each with the epoch since when its member has it if that is kept. Topics are in the order
/// of their names; one without id is gone, and left out.
pub(in crate::engine) fn by_topic<'p>(
    partitions: impl IntoIterator<Item = (&'p TopicPartition, Option<i32>)>,
    topic_id: impl Fn(&TopicName) -> Option<TopicId>,
) -> Vec<TopicPartitions> {
    let mut topics: SortedMap<&TopicName, Vec<(i32, Option<i32>)>> = SortedMap::new();
    for (partition, epoch) in partitions {
        topics.get_or_default(&partition.topic).push((partition.partition, epoch));
    }
    let with_id = |(name, numbers): (&TopicName, Vec<(i32, Option<i32>)>)| {
        let assignment_epochs = numbers.iter().map(|(_, epoch)| *epoch).collect();
        let partitions = numbers.into_iter().map(|(number, _)| number).collect();
        Some(TopicPartitions { topic_id: topic_id(name)?, partitions, assignment_epochs })
    };
    topics.into_iter().filter_map(with_id).collect()
}

/// The way back from `by_topic`. The epoch of a partition without one is 0.
pub(in crate::engine) fn partitions(topics: &[TopicPartitions], names: &Names) -> Vec<(TopicPartition, i32)> {
    let mut partitions = Vec::new();
    for topic in topics {
        let Some(name) = names.get(&topic.topic_id) else { continue };
        for (at, number) in topic.partitions.iter().enumerate() {
            let epoch = topic.assignment_epochs.as_ref().and_then(|epochs| epochs.get(at));
            partitions.push((TopicPartition::new(name.clone(), *number), epoch.copied().unwrap_or(0)));
        }
    }
    partitions
}
