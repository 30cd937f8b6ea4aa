//! What the coordinator writes to `__consumer_offsets` about such a group (`GroupCoordinatorRecordHelpers`).
//!
//! ```text
//!  key: type int16, group string, member string (5, 7, 8) or expression string (16)
//!  value: version int16 = 0, then
//!   3  ConsumerGroupMetadata              epoch int32; tag 0: metadataHash int64
//!   5  ConsumerGroupMemberMetadata        instanceId, rackId nullable, clientId, clientHost string, topics [string],
//!                                         regex nullable, rebalanceTimeoutMs int32, serverAssignor nullable;
//!                                         tag 0: classic member: sessionTimeoutMs int32, [name string, metadata bytes]
//!   6  ConsumerGroupTargetAssignmentMetadata  assignmentEpoch int32; tag 0: assignmentTimestamp int64
//!   7  ConsumerGroupTargetAssignmentMember    [topicId uuid, [partition int32]]
//!   8  ConsumerGroupCurrentMemberAssignment   memberEpoch, previousMemberEpoch int32, state int8, assigned and
//!                                         pending revocation [topicId uuid, [partition int32]; tag 0: epochs [int32]]
//!   16 ConsumerGroupRegularExpression     topics [string], version, timestamp int64
//! ```
//!
//! Strings, arrays and bytes of values are compact: one more than their length as an unsigned varint, 0 for null. Each
//! structure ends in its tagged fields: how many, and for each its tag, its length and its bytes.

pub(super) use super::super::records::Record;
use super::super::records::{Writer, subscription_bytes};
use super::regex::ResolvedRegex;
use super::{ConsumerGroup, ConsumerMember};
use crate::base::{GroupId, MemberId, SortedMap, TopicId, TopicName, TopicPartition};

pub const GROUP_METADATA_KEY: i16 = 3;
pub const SUBSCRIPTION_METADATA_KEY: i16 = 4;
pub const MEMBER_METADATA_KEY: i16 = 5;
pub const TARGET_METADATA_KEY: i16 = 6;
pub const TARGET_MEMBER_KEY: i16 = 7;
pub const CURRENT_ASSIGNMENT_KEY: i16 = 8;
pub const REGULAR_EXPRESSION_KEY: i16 = 16;

/// Is it about a group of the consumer protocol?
pub fn is_one(kind: i16) -> bool {
    (GROUP_METADATA_KEY..=CURRENT_ASSIGNMENT_KEY).contains(&kind) || kind == REGULAR_EXPRESSION_KEY
}

pub(in crate::engine::group) fn key(kind: i16, group: &GroupId, of: Option<&str>) -> Vec<u8> {
    let mut key = Writer::default();
    key.i16(kind).string(group.as_str());
    if let Some(of) = of {
        key.string(of);
    }
    key.bytes
}

pub(in crate::engine::group) fn value() -> Writer {
    let mut value = Writer::default();
    value.i16(0);
    value
}

pub(in crate::engine::group) fn nullable<'w>(value: &'w mut Writer, text: Option<&str>) -> &'w mut Writer {
    match text {
        Some(text) => value.compact_string(text),
        None => value.unsigned_varint(0),
    }
}

pub(in crate::engine::group) fn length(value: &mut Writer, count: usize) -> &mut Writer {
    value.unsigned_varint(count as u32 + 1)
}

/// One tagged field, tag 0.
pub(in crate::engine::group) fn tagged(value: &mut Writer, field: &[u8]) {
    value.unsigned_varint(1).unsigned_varint(0).unsigned_varint(field.len() as u32);
    value.bytes.extend_from_slice(field);
}

pub fn group_epoch(group_id: &GroupId, group: &ConsumerGroup) -> Record {
    let mut value = value();
    value.i32(group.group_epoch);
    match group.metadata_hash {
        0 => {
            value.unsigned_varint(0);
        }
        hash => tagged(&mut value, &hash.to_be_bytes()),
    }
    (key(GROUP_METADATA_KEY, group_id, None), Some(value.bytes))
}

pub fn member_subscription(group_id: &GroupId, member: &ConsumerMember) -> Record {
    let mut value = value();
    nullable(&mut value, member.instance_id.as_deref());
    nullable(&mut value, member.rack_id.as_deref());
    value.compact_string(&member.client_id).compact_string(&member.client_host);
    length(&mut value, member.subscribed_topics.len());
    for topic in &member.subscribed_topics {
        value.compact_string(topic.as_str());
    }
    value.compact_string(&member.subscribed_regex);
    value.i32(i32::try_from(member.rebalance_timeout.ms()).unwrap_or(i32::MAX));
    nullable(&mut value, member.server_assignor.as_deref());
    match &member.classic {
        None => {
            value.unsigned_varint(0);
        }
        Some(classic) => {
            let mut field = Writer::default();
            field.i32(i32::try_from(classic.session_timeout.ms()).unwrap_or(i32::MAX));
            length(&mut field, classic.protocols.len());
            for (name, subscription) in &classic.protocols {
                let metadata = subscription_bytes(subscription);
                field.compact_string(name);
                length(&mut field, metadata.len());
                field.bytes.extend_from_slice(&metadata);
                field.unsigned_varint(0);
            }
            field.unsigned_varint(0);
            tagged(&mut value, &field.bytes);
        }
    }
    (key(MEMBER_METADATA_KEY, group_id, Some(member.member_id.as_str())), Some(value.bytes))
}

pub fn target_metadata(group_id: &GroupId, group: &ConsumerGroup) -> Record {
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

/// Partitions with something of each, by topic id. A topic that is gone is left out.
fn by_topic<'p, T>(
    group: &ConsumerGroup,
    partitions: impl Iterator<Item = (&'p TopicPartition, T)>,
) -> Vec<(TopicId, Vec<(i32, T)>)> {
    let mut topics: SortedMap<&TopicName, Vec<(i32, T)>> = SortedMap::new();
    for (partition, of) in partitions {
        topics.get_or_default(&partition.topic).push((partition.partition, of));
    }
    let with_id = |(name, numbers): (&TopicName, Vec<(i32, T)>)| Some((group.topics.get(name)?.topic_id, numbers));
    topics.into_iter().filter_map(with_id).collect()
}

pub fn target_assignment(group_id: &GroupId, member_id: &MemberId, target: &[TopicPartition], group: &ConsumerGroup) -> Record {
    let mut value = value();
    let topics = by_topic(group, target.iter().map(|partition| (partition, ())));
    length(&mut value, topics.len());
    for (topic_id, numbers) in topics {
        value.bytes.extend_from_slice(&topic_id.0.to_be_bytes());
        length(&mut value, numbers.len());
        for (number, ()) in numbers {
            value.i32(number);
        }
        value.unsigned_varint(0);
    }
    value.unsigned_varint(0);
    (key(TARGET_MEMBER_KEY, group_id, Some(member_id.as_str())), Some(value.bytes))
}

pub fn current_assignment(group_id: &GroupId, member: &ConsumerMember, group: &ConsumerGroup) -> Record {
    let mut value = value();
    value.i32(member.epoch).i32(member.previous_epoch);
    value.bytes.push(member.state.number() as u8);
    for partitions in [&member.assigned, &member.pending_revocation] {
        let topics = by_topic(group, partitions.iter());
        length(&mut value, topics.len());
        for (topic_id, numbers) in topics {
            value.bytes.extend_from_slice(&topic_id.0.to_be_bytes());
            length(&mut value, numbers.len());
            let mut epochs = Writer::default();
            length(&mut epochs, numbers.len());
            for (number, epoch) in numbers {
                value.i32(number);
                epochs.i32(*epoch);
            }
            tagged(&mut value, &epochs.bytes);
        }
    }
    value.unsigned_varint(0);
    (key(CURRENT_ASSIGNMENT_KEY, group_id, Some(member.member_id.as_str())), Some(value.bytes))
}

pub fn regex(group_id: &GroupId, regex: &str, resolved: &ResolvedRegex) -> Record {
    let mut value = value();
    length(&mut value, resolved.topics.len());
    for topic in &resolved.topics {
        value.compact_string(topic.as_str());
    }
    // The version of the metadata that was looked at is its time here.
    let at = resolved.resolved_at.timestamp().0;
    value.i64(at).i64(at).unsigned_varint(0);
    (key(REGULAR_EXPRESSION_KEY, group_id, Some(regex)), Some(value.bytes))
}

pub fn regex_tombstone(group_id: &GroupId, regex: &str) -> Record {
    (key(REGULAR_EXPRESSION_KEY, group_id, Some(regex)), None)
}

pub fn member_tombstones(group_id: &GroupId, member_id: &MemberId) -> [Record; 3] {
    [CURRENT_ASSIGNMENT_KEY, TARGET_MEMBER_KEY, MEMBER_METADATA_KEY]
        .map(|kind| (key(kind, group_id, Some(member_id.as_str())), None))
}

/// The whole group is gone (`createGroupTombstoneRecords`).
pub fn group_tombstones(group_id: &GroupId, group: &ConsumerGroup) -> Vec<Record> {
    let of_members = |kind| group.members.keys().map(move |member_id| (key(kind, group_id, Some(member_id.as_str())), None));
    let of_group = |kind| (key(kind, group_id, None), None);
    let mut tombstones: Vec<Record> = of_members(CURRENT_ASSIGNMENT_KEY).chain(of_members(TARGET_MEMBER_KEY)).collect();
    tombstones.push(of_group(TARGET_METADATA_KEY));
    tombstones.extend(of_members(MEMBER_METADATA_KEY));
    tombstones.extend(group.regexes.keys().map(|regex| regex_tombstone(group_id, regex)));
    tombstones.extend([of_group(SUBSCRIPTION_METADATA_KEY), of_group(GROUP_METADATA_KEY)]);
    tombstones
}

/// A group that was classic until now, whole (`createConsumerGroupRecords`).
pub fn whole_group(group_id: &GroupId, group: &ConsumerGroup) -> Vec<Record> {
    let members = || group.members.values();
    let mut records: Vec<Record> = members().map(|member| member_subscription(group_id, member)).collect();
    records.push(group_epoch(group_id, group));
    records.extend(group.target.iter().map(|(member_id, target)| target_assignment(group_id, member_id, target, group)));
    records.push(target_metadata(group_id, group));
    records.extend(members().map(|member| current_assignment(group_id, member, group)));
    records
}

#[cfg(test)]
mod tests {
    // A test may panic: that is how it fails.
    #![allow(clippy::unwrap_used)]

    use std::rc::Rc;

    use super::super::{ClassicMember, ReconciliationState, TopicMetadata};
    use super::*;
    use crate::base::{SimTime, Span};

    fn hex(record: Record) -> (String, String) {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        (hex(&record.0), hex(&record.1.unwrap_or_default()))
    }

    fn is(record: Record, key: &str, value: &str) {
        assert_eq!(hex(record), (key.to_owned(), value.to_owned()));
    }

    /// Against the bytes of Kafka's own `GroupCoordinatorRecordHelpers`.
    #[test]
    fn records_have_kafkas_bytes() {
        let id = "01020304050607081112131415161718";
        let topic_id = TopicId(u128::from_str_radix(id, 16).unwrap());
        let (group_id, member_id) = (GroupId::from("g"), MemberId::from("m"));
        let mut group = ConsumerGroup { group_epoch: 7, assignment_epoch: 7, ..ConsumerGroup::new() };
        is(group_epoch(&group_id, &group), "0003000167", "00000000000700");
        is(target_metadata(&group_id, &group), "0006000167", "00000000000700");
        group.assigned_at = Some(SimTime::ZERO);
        let timestamp = format!("{:016x}", SimTime::ZERO.timestamp().0);
        is(target_metadata(&group_id, &group), "0006000167", &format!("000000000007010008{timestamp}"));
        group.topics.insert("t".into(), TopicMetadata { topic_id, partition_count: 3 });
        group.metadata_hash = 0x1122_3344_5566_7788;
        is(super::group_epoch(&group_id, &group), "0003000167", "0000000000070100081122334455667788");
        let [zero, two] = [0, 2].map(|partition| TopicPartition::new("t", partition));
        is(
            target_assignment(&group_id, &member_id, &[zero.clone(), two.clone()], &group),
            "000700016700016d",
            &format!("000002{id}0300000000000000020000"),
        );
        let mut member = ConsumerMember {
            instance_id: Some("i".to_owned()),
            client_id: "c".to_owned(),
            client_host: "/h".to_owned(),
            subscribed_topics: ["a", "b"].map(TopicName::from).into_iter().collect(),
            rebalance_timeout: Span::from_secs(300),
            state: ReconciliationState::UnrevokedPartitions,
            epoch: 3,
            previous_epoch: 2,
            assigned: [(zero, 2), (two, 3)].into(),
            ..ConsumerMember::new(member_id)
        };
        is(member_subscription(&group_id, &member), "000500016700016d", "00000269000263032f68030261026201000493e00000");
        is(
            current_assignment(&group_id, &member, &group),
            "000800016700016d",
            &format!("0000000000030000000201 02{id}03000000000000000201000903000000020000000301 00").replace(' ', ""),
        );
        member.instance_id = None;
        member.rack_id = Some("r".to_owned());
        member.subscribed_topics = Default::default();
        member.subscribed_regex = "x.*".to_owned();
        member.server_assignor = Some("range".to_owned());
        let told = hex(member_subscription(&group_id, &member)).1;
        assert_eq!(told, "00000002720263032f680104782e2a000493e00672616e676500");
        // The subscription inside is tested with the records of classic groups.
        let protocols = vec![("range".to_owned(), Rc::default())];
        member.classic = Some(ClassicMember { session_timeout: Span::from_secs(45), protocols });
        let told = hex(member_subscription(&group_id, &member)).1;
        assert!(told.starts_with("00000002720263032f680104782e2a000493e00672616e67650100"), "{told}");
        assert!(told.contains("0000afc8020672616e6765") && told.ends_with("0000"), "{told}");
        is(regex_tombstone(&group_id, "x.*"), "00100001670003782e2a", "");
    }
}
