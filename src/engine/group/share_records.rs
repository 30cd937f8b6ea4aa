//! What the coordinator writes to `__consumer_offsets` about a share group (`GroupCoordinatorRecordHelpers`).
//! The bytes follow from the tables in `wire::coordinator_records`.

use super::{ShareGroup, ShareMember};
use crate::base::{GroupId, MemberId, TopicName, TopicPartition};
use crate::engine::group::records::by_topic;
use crate::engine::metadata::Cluster;
use crate::engine::wire::{
    GroupKey, MemberKey, OffsetsRecord, Record, ShareGroupCurrentMemberAssignmentValue, ShareGroupMemberMetadataValue,
    ShareGroupMetadataValue, ShareGroupStatePartitionMetadataValue, TargetAssignmentMemberValue, TargetAssignmentMetadataValue,
    TopicPartitions, TopicPartitionsInfo,
};

/// All records that take a group from what it was to what it is.
pub fn difference(cluster: &Cluster, group_id: &GroupId, before: Option<&ShareGroup>, after: Option<&ShareGroup>) -> Vec<Record> {
    use OffsetsRecord::*;
    let none = ShareGroup::new();
    let is_new = before.is_none();
    let before = before.unwrap_or(&none);
    let key = || GroupKey { group_id: group_id.clone() };
    let of = |member_id: &MemberId| MemberKey { group_id: group_id.clone(), member_id: member_id.clone() };
    let mut records = Vec::new();
    for member_id in before.members.keys().filter(|id| after.is_none_or(|after| !after.members.contains_key(*id))) {
        records.push(ShareGroupCurrentMemberAssignment(of(member_id), None));
        records.push(ShareGroupTargetAssignmentMember(of(member_id), None));
        records.push(ShareGroupMemberMetadata(of(member_id), None));
    }
    let Some(after) = after else {
        records.push(ShareGroupTargetAssignmentMetadata(key(), None));
        records.push(ShareGroupStatePartitionMetadata(key(), None));
        records.push(ShareGroupMetadata(key(), None));
        return records.iter().map(OffsetsRecord::write).collect();
    };
    let changed = |member_id: &MemberId, same: fn(&ShareMember, &ShareMember) -> bool| {
        before.members.get(member_id).zip(after.members.get(member_id)).is_none_or(|(old, new)| !same(old, new))
    };
    for (member_id, member) in &after.members {
        let same = |old: &ShareMember, new: &ShareMember| {
            old.topics == new.topics && old.client_id == new.client_id && old.rack_id == new.rack_id
        };
        if changed(member_id, same) {
            records.push(ShareGroupMemberMetadata(of(member_id), Some(member_metadata(member))));
        }
    }
    if is_new || (before.group_epoch, before.metadata_hash) != (after.group_epoch, after.metadata_hash) {
        let value = ShareGroupMetadataValue { epoch: after.group_epoch, metadata_hash: after.metadata_hash };
        records.push(ShareGroupMetadata(key(), Some(value)));
    }
    for (member_id, target) in after.target.iter().filter(|(id, target)| before.target.get(*id) != Some(*target)) {
        let value = TargetAssignmentMemberValue { topic_partitions: topics(cluster, target) };
        records.push(ShareGroupTargetAssignmentMember(of(member_id), Some(value)));
    }
    if (before.assignment_epoch, before.assigned_at) != (after.assignment_epoch, after.assigned_at) {
        let value = TargetAssignmentMetadataValue {
            assignment_epoch: after.assignment_epoch,
            assignment_timestamp: after.assigned_at.map(|at| at.timestamp()).unwrap_or_default(),
        };
        records.push(ShareGroupTargetAssignmentMetadata(key(), Some(value)));
    }
    for (member_id, member) in &after.members {
        let same = |old: &ShareMember, new: &ShareMember| {
            (old.member_epoch, old.previous_epoch) == (new.member_epoch, new.previous_epoch) && old.assignment == new.assignment
        };
        if changed(member_id, same) {
            records.push(ShareGroupCurrentMemberAssignment(of(member_id), Some(current_assignment(cluster, member))));
        }
    }
    let partitions = |group: &ShareGroup| (group.initializing.clone(), group.initialized.clone());
    if partitions(before) != partitions(after) {
        records.push(ShareGroupStatePartitionMetadata(key(), Some(state_partitions(cluster, after))));
    }
    records.iter().map(OffsetsRecord::write).collect()
}

fn member_metadata(member: &ShareMember) -> ShareGroupMemberMetadataValue {
    ShareGroupMemberMetadataValue {
        rack_id: member.rack_id.clone(),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        subscribed_topic_names: member.topics.iter().cloned().collect(),
    }
}

fn current_assignment(cluster: &Cluster, member: &ShareMember) -> ShareGroupCurrentMemberAssignmentValue {
    ShareGroupCurrentMemberAssignmentValue {
        member_epoch: member.member_epoch,
        previous_member_epoch: member.previous_epoch,
        // A share member has nothing to give up first: it is always stable.
        state: 0,
        assigned_partitions: topics(cluster, &member.assignment),
    }
}

/// A topic that is gone is left out.
fn state_partitions(cluster: &Cluster, group: &ShareGroup) -> ShareGroupStatePartitionMetadataValue {
    let info = |(name, partitions): (&TopicName, &Vec<i32>)| {
        let topic_id = cluster.topic(name.as_str())?.topic_id;
        Some(TopicPartitionsInfo { topic_id, topic_name: name.clone(), partitions: partitions.clone() })
    };
    let initializing = group.initializing.iter().map(|(name, (partitions, _))| (name, partitions));
    ShareGroupStatePartitionMetadataValue {
        initializing_topics: initializing.filter_map(info).collect(),
        initialized_topics: group.initialized.iter().filter_map(info).collect(),
        deleting_topics: Vec::new(),
    }
}

fn topics(cluster: &Cluster, partitions: &[TopicPartition]) -> Vec<TopicPartitions> {
    let partitions = partitions.iter().map(|partition| (partition, None));
    by_topic(partitions, |name| Some(cluster.topic(name.as_str())?.topic_id))
}
