//! What the coordinator writes to `__consumer_offsets` about a group of the consumer protocol (`GroupCoordinatorRecordHelpers`).
//! The bytes follow from the tables in `wire::coordinator_records`.

use super::records::by_topic;
use super::{ConsumerGroup, ConsumerMember, ResolvedRegex};
use crate::base::{GroupId, MemberId, TopicPartition};
use crate::engine::wire::{
    ClassicMemberMetadata, ClassicProtocol, ConsumerGroupCurrentMemberAssignmentValue, ConsumerGroupMemberMetadataValue,
    ConsumerGroupMetadataValue, ConsumerGroupRegularExpressionValue, GroupKey, MemberKey, OffsetsRecord, Record,
    RegularExpressionKey, TargetAssignmentMemberValue, TargetAssignmentMetadataValue, TopicPartitions, consumer_protocol,
};

fn of_group(group_id: &GroupId) -> GroupKey {
    GroupKey { group_id: group_id.clone() }
}

fn of_member(group_id: &GroupId, member_id: &MemberId) -> MemberKey {
    MemberKey { group_id: group_id.clone(), member_id: member_id.clone() }
}

pub fn group_epoch(group_id: &GroupId, group: &ConsumerGroup) -> Record {
    let value = ConsumerGroupMetadataValue { epoch: group.group_epoch, metadata_hash: group.metadata_hash };
    OffsetsRecord::ConsumerGroupMetadata(of_group(group_id), Some(value)).write()
}

pub fn member_subscription(group_id: &GroupId, member: &ConsumerMember) -> Record {
    let classic = member.classic.as_ref().map(|classic| ClassicMemberMetadata {
        session_timeout_ms: classic.session_timeout,
        supported_protocols: classic
            .protocols
            .iter()
            .map(|(name, subscription)| ClassicProtocol {
                name: name.clone(),
                metadata: consumer_protocol::write_subscription(subscription),
            })
            .collect(),
    });
    let value = ConsumerGroupMemberMetadataValue {
        instance_id: member.instance_id.clone(),
        rack_id: member.rack_id.clone(),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        subscribed_topic_names: member.subscribed_topics.iter().cloned().collect(),
        subscribed_topic_regex: Some(member.subscribed_regex.clone()),
        rebalance_timeout_ms: member.rebalance_timeout,
        server_assignor: member.server_assignor.clone(),
        classic_member_metadata: classic,
    };
    OffsetsRecord::ConsumerGroupMemberMetadata(of_member(group_id, &member.member_id), Some(value)).write()
}

pub fn target_metadata(group_id: &GroupId, group: &ConsumerGroup) -> Record {
    let value = TargetAssignmentMetadataValue {
        assignment_epoch: group.assignment_epoch,
        assignment_timestamp: group.assigned_at.map(|at| at.timestamp()).unwrap_or_default(),
    };
    OffsetsRecord::ConsumerGroupTargetAssignmentMetadata(of_group(group_id), Some(value)).write()
}

/// A topic that is gone is left out.
fn topics<'p>(
    group: &ConsumerGroup,
    partitions: impl IntoIterator<Item = (&'p TopicPartition, Option<i32>)>,
) -> Vec<TopicPartitions> {
    by_topic(partitions, |name| group.topics.get(name).map(|topic| topic.topic_id))
}

pub fn target_assignment(group_id: &GroupId, member_id: &MemberId, target: &[TopicPartition], group: &ConsumerGroup) -> Record {
    let topic_partitions = topics(group, target.iter().map(|partition| (partition, None)));
    let value = TargetAssignmentMemberValue { topic_partitions };
    OffsetsRecord::ConsumerGroupTargetAssignmentMember(of_member(group_id, member_id), Some(value)).write()
}

pub fn current_assignment(group_id: &GroupId, member: &ConsumerMember, group: &ConsumerGroup) -> Record {
    let [assigned_partitions, partitions_pending_revocation] = [&member.assigned, &member.pending_revocation]
        .map(|partitions| topics(group, partitions.iter().map(|(partition, epoch)| (partition, Some(*epoch)))));
    let value = ConsumerGroupCurrentMemberAssignmentValue {
        member_epoch: member.epoch,
        previous_member_epoch: member.previous_epoch,
        state: member.state.number(),
        assigned_partitions,
        partitions_pending_revocation,
    };
    OffsetsRecord::ConsumerGroupCurrentMemberAssignment(of_member(group_id, &member.member_id), Some(value)).write()
}

fn of_regex(group_id: &GroupId, regex: &str) -> RegularExpressionKey {
    RegularExpressionKey { group_id: group_id.clone(), regular_expression: regex.to_owned() }
}

pub fn regex(group_id: &GroupId, regex: &str, resolved: &ResolvedRegex) -> Record {
    let timestamp = resolved.resolved_at.timestamp();
    // The version of the metadata that was looked at is its time here.
    let topics = resolved.topics.iter().cloned().collect();
    let value = ConsumerGroupRegularExpressionValue { topics, version: timestamp.0, timestamp };
    OffsetsRecord::ConsumerGroupRegularExpression(of_regex(group_id, regex), Some(value)).write()
}

pub fn regex_tombstone(group_id: &GroupId, regex: &str) -> Record {
    OffsetsRecord::ConsumerGroupRegularExpression(of_regex(group_id, regex), None).write()
}

pub fn member_tombstones(group_id: &GroupId, member_id: &MemberId) -> [Record; 3] {
    let key = of_member(group_id, member_id);
    [
        OffsetsRecord::ConsumerGroupCurrentMemberAssignment(key.clone(), None),
        OffsetsRecord::ConsumerGroupTargetAssignmentMember(key.clone(), None),
        OffsetsRecord::ConsumerGroupMemberMetadata(key, None),
    ]
    .map(|record| record.write())
}

/// The whole group is gone (`createGroupTombstoneRecords`).
pub fn group_tombstones(group_id: &GroupId, group: &ConsumerGroup) -> Vec<Record> {
    use OffsetsRecord::*;
    let members = || group.members.keys().map(|member_id| of_member(group_id, member_id));
    let key = || of_group(group_id);
    let mut tombstones: Vec<OffsetsRecord> = Vec::new();
    tombstones.extend(members().map(|key| ConsumerGroupCurrentMemberAssignment(key, None)));
    tombstones.extend(members().map(|key| ConsumerGroupTargetAssignmentMember(key, None)));
    tombstones.push(ConsumerGroupTargetAssignmentMetadata(key(), None));
    tombstones.extend(members().map(|key| ConsumerGroupMemberMetadata(key, None)));
    tombstones.extend(group.regexes.keys().map(|regex| ConsumerGroupRegularExpression(of_regex(group_id, regex), None)));
    tombstones.extend([ConsumerGroupPartitionMetadata(key(), None), ConsumerGroupMetadata(key(), None)]);
    tombstones.iter().map(OffsetsRecord::write).collect()
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

    use super::*;
    use crate::base::{SimTime, Span, TopicId, TopicName};
    use crate::engine::group::{ClassicMember, ReconciliationState, TopicMetadata};

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
        group.topics.insert("t".into(), TopicMetadata { topic_id, partition_count: 3, racks: Vec::new() });
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
        is(member_subscription(&group_id, &member), "000500016700016d", "00000269000263032f68030261026201000493e00001000100");
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
        assert_eq!(told, "00000002720263032f680104782e2a000493e00672616e676501000100");
        // The subscription inside is tested with the records of classic groups.
        let protocols = vec![("range".to_owned(), Rc::default())];
        member.classic = Some(ClassicMember { session_timeout: Span::from_secs(45), protocols });
        let told = hex(member_subscription(&group_id, &member)).1;
        assert!(told.starts_with("00000002720263032f680104782e2a000493e00672616e67650100"), "{told}");
        assert!(told.contains("010000afc8020672616e6765") && told.ends_with("0000"), "{told}");
        is(regex_tombstone(&group_id, "x.*"), "00100001670003782e2a", "");
    }
}
