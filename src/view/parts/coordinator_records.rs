//! Records of `__consumer_offsets` in plain words.

use super::text::count;
use crate::engine::wire::{
    ConsumerGroupCurrentMemberAssignmentValue, GroupMetadataValue, MemberKey, OffsetsRecord,
    StreamsGroupCurrentMemberAssignmentValue, TaskIdsValue, TopicPartitions, consumer_protocol,
};

/// `group billing, rides-0: committed offset 3`: what the record is about, and what it says of that.
pub fn describe(record: &OffsetsRecord) -> String {
    use OffsetsRecord::*;
    let dropped = || "dropped".to_owned();
    let epoch = |epoch: Option<i32>| epoch.map_or_else(dropped, |epoch| epoch.to_string());
    let member = |key: &MemberKey| format!("group {}, member {}", key.group_id, key.member_id);
    let changed = |is_dropped: bool| if is_dropped { "dropped" } else { "changed" };
    match record {
        OffsetCommit(key, value) => {
            let offset = value.as_ref().map_or_else(dropped, |value| value.offset.to_string());
            format!("group {}, {}-{}: committed offset {offset}", key.group, key.topic, key.partition)
        }
        GroupMetadata(key, None) => format!("group {}: dropped", key.group),
        GroupMetadata(key, Some(value)) => format!("group {}, {}", key.group, generation(value)),
        ConsumerGroupMetadata(key, value) => {
            format!("group {}: group epoch {}", key.group_id, epoch(value.as_ref().map(|value| value.epoch)))
        }
        ConsumerGroupPartitionMetadata(key, _) => format!("group {}: topics dropped", key.group_id),
        ConsumerGroupMemberMetadata(key, value) => {
            let topics = value.as_ref().map_or_else(dropped, |value| joined(&value.subscribed_topic_names));
            format!("{}: subscription {topics}", member(key))
        }
        ConsumerGroupTargetAssignmentMetadata(key, value) => {
            let epoch = epoch(value.as_ref().map(|value| value.assignment_epoch));
            format!("group {}: assignment epoch {epoch}", key.group_id)
        }
        ConsumerGroupTargetAssignmentMember(key, value) => {
            let target = value.as_ref().map_or_else(dropped, |value| format!("of {}", counted(&value.topic_partitions)));
            format!("{}: target assignment {target}", member(key))
        }
        ConsumerGroupCurrentMemberAssignment(key, value) => {
            format!("{}: current assignment {}", member(key), value.as_ref().map_or_else(dropped, assignment))
        }
        ConsumerGroupRegularExpression(key, value) => {
            let topics = value.as_ref().map_or_else(dropped, |value| joined(&value.topics));
            format!("group {}, expression {}: topics {topics}", key.group_id, key.regular_expression)
        }
        ShareGroupMemberMetadata(key, value) => {
            let topics = value.as_ref().map_or_else(dropped, |value| joined(&value.subscribed_topic_names));
            format!("share {}: subscription {topics}", member(key))
        }
        ShareGroupMetadata(key, value) => {
            format!("share group {}: group epoch {}", key.group_id, epoch(value.as_ref().map(|value| value.epoch)))
        }
        ShareGroupTargetAssignmentMetadata(key, value) => {
            let epoch = epoch(value.as_ref().map(|value| value.assignment_epoch));
            format!("share group {}: assignment epoch {epoch}", key.group_id)
        }
        ShareGroupTargetAssignmentMember(key, value) => {
            format!("share {}: target assignment {}", member(key), changed(value.is_none()))
        }
        ShareGroupCurrentMemberAssignment(key, value) => {
            format!("share {}: current assignment {}", member(key), changed(value.is_none()))
        }
        ShareGroupStatePartitionMetadata(key, value) => {
            format!("share group {}: partitions with share state {}", key.group_id, changed(value.is_none()))
        }
        StreamsGroupMetadata(key, value) => {
            format!("streams group {}: group epoch {}", key.group_id, epoch(value.as_ref().map(|value| value.epoch)))
        }
        StreamsGroupMemberMetadata(key, value) => {
            let process = value.as_ref().map_or_else(dropped, |value| format!("of process {}", value.process_id));
            format!("streams {}: {process}", member(key))
        }
        StreamsGroupTargetAssignmentMetadata(key, value) => {
            let epoch = epoch(value.as_ref().map(|value| value.assignment_epoch));
            format!("streams group {}: assignment epoch {epoch}", key.group_id)
        }
        StreamsGroupTargetAssignmentMember(key, value) => {
            let target = value
                .as_ref()
                .map_or_else(dropped, |value| format!("of {}{}", tasks(&value.active_tasks, ""), standby(&value.standby_tasks)));
            format!("streams {}: target assignment {target}", member(key))
        }
        StreamsGroupCurrentMemberAssignment(key, value) => {
            format!("streams {}: current assignment {}", member(key), value.as_ref().map_or_else(dropped, task_assignment))
        }
        StreamsGroupTopology(key, value) => {
            format!("streams group {}: topology epoch {}", key.group_id, epoch(value.as_ref().map(|value| value.epoch)))
        }
    }
}

fn task_assignment(value: &StreamsGroupCurrentMemberAssignmentValue) -> String {
    let to_give_up =
        [&value.active_tasks_pending_revocation, &value.standby_tasks_pending_revocation, &value.warmup_tasks_pending_revocation];
    let to_give_up: Vec<TaskIdsValue> = to_give_up.into_iter().flatten().cloned().collect();
    let pending = if to_give_up.is_empty() { String::new() } else { format!(", {} to give up", tasks(&to_give_up, "")) };
    let standby = standby(&value.standby_tasks);
    format!("of {}{standby} at epoch {}{pending}", tasks(&value.active_tasks, ""), value.member_epoch)
}

fn standby(ids: &[TaskIdsValue]) -> String {
    if ids.is_empty() { String::new() } else { format!(" and {}", tasks(ids, "standby ")) }
}

fn tasks(ids: &[TaskIdsValue], kind: &str) -> String {
    count(ids.iter().map(|of| of.partitions.len() as i64).sum::<i64>(), &format!("{kind}task"))
}

fn joined<T: ToString>(texts: &[T]) -> String {
    texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn generation(value: &GroupMetadataValue) -> String {
    let mut text = format!("generation {}", value.generation);
    if value.members.is_empty() {
        return text + ": no members";
    }
    text += &format!(", assignor {}", value.protocol.as_deref().unwrap_or("none"));
    if let Some(leader) = &value.leader {
        text += &format!(", leader {leader}");
    }
    for member in &value.members {
        let partitions = consumer_protocol::read_assignment(&member.assignment).unwrap_or_default();
        let partitions = if partitions.is_empty() { "nothing".to_owned() } else { joined(&partitions) };
        text += &format!("; {} has {partitions}", member.member_id);
    }
    text
}

fn assignment(value: &ConsumerGroupCurrentMemberAssignmentValue) -> String {
    let to_give_up = &value.partitions_pending_revocation;
    let pending = if to_give_up.is_empty() { String::new() } else { format!(", {} to give up", counted(to_give_up)) };
    format!("of {} at epoch {}{pending}", counted(&value.assigned_partitions), value.member_epoch)
}

fn counted(topics: &[TopicPartitions]) -> String {
    count(topics.iter().map(|topic| topic.partitions.len() as i64).sum::<i64>(), "partition")
}
