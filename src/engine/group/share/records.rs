//! What the coordinator writes to `__consumer_offsets` about a share group (`GroupCoordinatorRecordHelpers`).
//!
//! ```text
//! key: type int16, group string, member string (10, 13, 14)
//! value: version int16 = 0, then
//!  10 ShareGroupMemberMetadata           rackId nullable, clientId, clientHost string, topics [string]
//!  11 ShareGroupMetadata                 epoch int32, metadataHash int64
//!  12 ShareGroupTargetAssignmentMetadata assignmentEpoch int32; tag 0: assignmentTimestamp int64
//!  13 ShareGroupTargetAssignmentMember   [topicId uuid, [partition int32]]
//!  14 ShareGroupCurrentMemberAssignment  memberEpoch, previousMemberEpoch int32, state int8, [topicId, [partition]]
//!  15 ShareGroupStatePartitionMetadata   initializing, initialized [topicId, topicName string, [partition int32]],
//!                                        deleting [topicId, topicName string]
//! ```
//!
//! Strings and arrays are compact, and each structure ends in its tagged fields, as in `consumer::records`.

use super::{ShareGroup, ShareMember};
use crate::base::{GroupId, MemberId, SortedMap, TopicId, TopicName, TopicPartition};
use crate::engine::controller::Cluster;
use crate::engine::group::consumer::records::{key, length, nullable, tagged, value};
use crate::engine::group::records::{Record, Writer};

pub const MEMBER_METADATA_KEY: i16 = 10;
pub const GROUP_METADATA_KEY: i16 = 11;
pub const TARGET_METADATA_KEY: i16 = 12;
pub const TARGET_MEMBER_KEY: i16 = 13;
pub const CURRENT_ASSIGNMENT_KEY: i16 = 14;
pub const STATE_PARTITIONS_KEY: i16 = 15;

/// Is it about a share group?
pub fn is_one(kind: i16) -> bool {
    (MEMBER_METADATA_KEY..=STATE_PARTITIONS_KEY).contains(&kind)
}

/// All records that take a group from what it was to what it is.
pub fn difference(cluster: &Cluster, group_id: &GroupId, before: Option<&ShareGroup>, after: Option<&ShareGroup>) -> Vec<Record> {
    let none = ShareGroup::new();
    let is_new = before.is_none();
    let before = before.unwrap_or(&none);
    let mut records = Vec::new();
    for member_id in before.members.keys().filter(|id| after.is_none_or(|after| !after.members.contains_key(*id))) {
        for kind in [CURRENT_ASSIGNMENT_KEY, TARGET_MEMBER_KEY, MEMBER_METADATA_KEY] {
            records.push((key(kind, group_id, Some(member_id.as_str())), None));
        }
    }
    let Some(after) = after else {
        let of_group = [TARGET_METADATA_KEY, STATE_PARTITIONS_KEY, GROUP_METADATA_KEY];
        records.extend(of_group.map(|kind| (key(kind, group_id, None), None)));
        return records;
    };
    let changed = |member_id: &MemberId, same: fn(&ShareMember, &ShareMember) -> bool| {
        before.members.get(member_id).zip(after.members.get(member_id)).is_none_or(|(old, new)| !same(old, new))
    };
    for (member_id, member) in &after.members {
        let same = |old: &ShareMember, new: &ShareMember| {
            old.topics == new.topics && old.client_id == new.client_id && old.rack_id == new.rack_id
        };
        if changed(member_id, same) {
            records.push(member_metadata(group_id, member_id, member));
        }
    }
    if is_new || (before.group_epoch, before.metadata_hash) != (after.group_epoch, after.metadata_hash) {
        records.push(group_epoch(group_id, after));
    }
    for (member_id, target) in after.target.iter().filter(|(id, target)| before.target.get(*id) != Some(*target)) {
        let mut value = value();
        put_partitions(&mut value, cluster, target);
        value.unsigned_varint(0);
        records.push((key(TARGET_MEMBER_KEY, group_id, Some(member_id.as_str())), Some(value.bytes)));
    }
    if (before.assignment_epoch, before.assigned_at) != (after.assignment_epoch, after.assigned_at) {
        records.push(target_metadata(group_id, after));
    }
    for (member_id, member) in &after.members {
        let same = |old: &ShareMember, new: &ShareMember| {
            (old.member_epoch, old.previous_epoch) == (new.member_epoch, new.previous_epoch) && old.assignment == new.assignment
        };
        if changed(member_id, same) {
            records.push(current_assignment(cluster, group_id, member_id, member));
        }
    }
    let partitions = |group: &ShareGroup| (group.initializing.clone(), group.initialized.clone());
    if partitions(before) != partitions(after) {
        records.push(state_partitions(cluster, group_id, after));
    }
    records
}

fn member_metadata(group_id: &GroupId, member_id: &MemberId, member: &ShareMember) -> Record {
    let mut value = value();
    nullable(&mut value, member.rack_id.as_deref());
    value.compact_string(&member.client_id).compact_string(&member.client_host);
    length(&mut value, member.topics.len());
    for topic in &member.topics {
        value.compact_string(topic.as_str());
    }
    value.unsigned_varint(0);
    (key(MEMBER_METADATA_KEY, group_id, Some(member_id.as_str())), Some(value.bytes))
}

fn group_epoch(group_id: &GroupId, group: &ShareGroup) -> Record {
    let mut value = value();
    value.i32(group.group_epoch).i64(group.metadata_hash).unsigned_varint(0);
    (key(GROUP_METADATA_KEY, group_id, None), Some(value.bytes))
}

fn target_metadata(group_id: &GroupId, group: &ShareGroup) -> Record {
    let mut value = value();
    value.i32(group.assignment_epoch);
    match group.assigned_at {
        None => {
            value.unsigned_varint(0);
        }
        Some(at) => tagged(&mut value, &at.timestamp().0.to_be_bytes()),
    }
    (key(TARGET_METADATA_KEY, group_id, None), Some(value.bytes))
}

fn current_assignment(cluster: &Cluster, group_id: &GroupId, member_id: &MemberId, member: &ShareMember) -> Record {
    let mut value = value();
    value.i32(member.member_epoch).i32(member.previous_epoch);
    // A share member has nothing to give up first: it is always stable.
    value.bytes.push(0);
    put_partitions(&mut value, cluster, &member.assignment);
    value.unsigned_varint(0);
    (key(CURRENT_ASSIGNMENT_KEY, group_id, Some(member_id.as_str())), Some(value.bytes))
}

fn state_partitions(cluster: &Cluster, group_id: &GroupId, group: &ShareGroup) -> Record {
    let mut value = value();
    let initializing = group.initializing.iter().map(|(topic, (partitions, _))| (topic, partitions.as_slice()));
    put_topics(&mut value, cluster, initializing.collect());
    put_topics(&mut value, cluster, group.initialized.iter().map(|(topic, partitions)| (topic, partitions.as_slice())).collect());
    length(&mut value, 0).unsigned_varint(0);
    (key(STATE_PARTITIONS_KEY, group_id, None), Some(value.bytes))
}

fn put_numbers(value: &mut Writer, topic_id: TopicId, name: Option<&TopicName>, numbers: &[i32]) {
    value.bytes.extend_from_slice(&topic_id.0.to_be_bytes());
    if let Some(name) = name {
        value.compact_string(name.as_str());
    }
    length(value, numbers.len());
    for number in numbers {
        value.i32(*number);
    }
    value.unsigned_varint(0);
}

/// A topic that is gone is left out.
fn put_topics(value: &mut Writer, cluster: &Cluster, topics: Vec<(&TopicName, &[i32])>) {
    let with_id = |(name, numbers)| Some((cluster.topic(TopicName::as_str(name))?.topic_id, name, numbers));
    let topics: Vec<(TopicId, &TopicName, &[i32])> = topics.into_iter().filter_map(with_id).collect();
    length(value, topics.len());
    for (topic_id, name, numbers) in topics {
        put_numbers(value, topic_id, Some(name), numbers);
    }
}

fn put_partitions(value: &mut Writer, cluster: &Cluster, partitions: &[TopicPartition]) {
    let mut topics: SortedMap<&TopicName, Vec<i32>> = SortedMap::new();
    for partition in partitions {
        topics.get_or_default(&partition.topic).push(partition.partition);
    }
    let with_id = |(name, numbers): (&TopicName, Vec<i32>)| Some((cluster.topic(name.as_str())?.topic_id, numbers));
    let topics: Vec<(TopicId, Vec<i32>)> = topics.into_iter().filter_map(with_id).collect();
    length(value, topics.len());
    for (topic_id, numbers) in topics {
        put_numbers(value, topic_id, None, &numbers);
    }
}
