//! What the coordinator writes to `__consumer_offsets` about a streams group (`StreamsCoordinatorRecordHelpers`).
//! The bytes follow from the tables in `wire::coordinator_records`.

use super::{AssignedTasks, StreamsGroup, StreamsMember, TaskId, TaskSet, Tasks, task_ids};
use crate::base::{GroupId, MemberId, SortedMap, Timestamp};
use crate::engine::protocol::{CopartitionGroup, Endpoint, KeyValue, StreamsTopology, Subtopology, TaskIds, TopicInfo};
use crate::engine::wire::{
    ConfigValue, CopartitionGroupValue, EndpointValue, GroupKey, InternalTopicValue, MemberKey, Nullable, OffsetsRecord, Record,
    StreamsGroupCurrentMemberAssignmentValue, StreamsGroupMemberMetadataValue, StreamsGroupMetadataValue,
    StreamsGroupTargetAssignmentMemberValue, StreamsGroupTopologyValue, SubtopologyValue, TargetAssignmentMetadataValue,
    TaskIdsValue,
};

fn of_group(group_id: &GroupId) -> GroupKey {
    GroupKey { group_id: group_id.clone() }
}

fn of_member(group_id: &GroupId, member_id: &MemberId) -> MemberKey {
    MemberKey { group_id: group_id.clone(), member_id: member_id.clone() }
}

/// Group epoch, what was found of the topics, and the settings that the assignment goes by. Without a plugin that keeps
/// descriptions of topologies their epochs are -1.
pub fn group_epoch(group_id: &GroupId, group: &StreamsGroup) -> Record {
    let config = |(key, value): (&String, &String)| ConfigValue { key: key.clone(), value: value.clone() };
    let value = StreamsGroupMetadataValue {
        epoch: group.group_epoch,
        metadata_hash: group.metadata_hash,
        validated_topology_epoch: group.validated_topology_epoch,
        last_assignment_configs: group.last_assignment_configs.iter().map(config).collect(),
        stored_description_topology_epoch: -1,
        failed_description_topology_epoch: -1,
    };
    OffsetsRecord::StreamsGroupMetadata(of_group(group_id), Some(value)).write()
}

pub fn member_metadata(group_id: &GroupId, member: &StreamsMember) -> Record {
    let endpoint = |endpoint: &Endpoint| EndpointValue { host: endpoint.host.clone(), port: endpoint.port };
    let value = StreamsGroupMemberMetadataValue {
        instance_id: member.instance_id.clone(),
        rack_id: member.rack_id.clone(),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        rebalance_timeout_ms: member.rebalance_timeout,
        topology_epoch: member.topology_epoch,
        process_id: member.process_id.to_string(),
        user_endpoint: Nullable(member.user_endpoint.as_ref().map(endpoint)),
        client_tags: pairs(&member.described_tags()),
    };
    OffsetsRecord::StreamsGroupMemberMetadata(of_member(group_id, &member.member_id), Some(value)).write()
}

fn pairs(pairs: &[KeyValue]) -> Vec<ConfigValue> {
    pairs.iter().map(|(key, value)| ConfigValue { key: key.clone(), value: value.clone() }).collect()
}

fn unpaired(pairs: &[ConfigValue]) -> Vec<KeyValue> {
    pairs.iter().map(|pair| (pair.key.clone(), pair.value.clone())).collect()
}

pub fn target_metadata(group_id: &GroupId, group: &StreamsGroup) -> Record {
    let assignment_timestamp = group.assigned_at.map_or(Timestamp(0), |at| at.timestamp());
    let value = TargetAssignmentMetadataValue { assignment_epoch: group.assignment_epoch, assignment_timestamp };
    OffsetsRecord::StreamsGroupTargetAssignmentMetadata(of_group(group_id), Some(value)).write()
}

fn without_epochs(tasks: &TaskSet) -> Vec<TaskIdsValue> {
    let value = |ids: TaskIds| TaskIdsValue {
        subtopology_id: ids.subtopology_id,
        partitions: ids.partitions,
        assignment_epochs: Vec::new(),
    };
    task_ids(tasks).into_iter().map(value).collect()
}

fn with_epochs(tasks: &SortedMap<TaskId, i32>) -> Vec<TaskIdsValue> {
    let mut epochs = tasks.values().copied();
    let value = |ids: TaskIds| TaskIdsValue {
        subtopology_id: ids.subtopology_id,
        assignment_epochs: epochs.by_ref().take(ids.partitions.len()).collect(),
        partitions: ids.partitions,
    };
    task_ids(tasks.keys()).into_iter().map(value).collect()
}

pub fn target_assignment(group_id: &GroupId, member_id: &MemberId, target: &Tasks) -> Record {
    let value = StreamsGroupTargetAssignmentMemberValue {
        active_tasks: without_epochs(&target.active),
        standby_tasks: without_epochs(&target.standby),
        warmup_tasks: without_epochs(&target.warmup),
    };
    OffsetsRecord::StreamsGroupTargetAssignmentMember(of_member(group_id, member_id), Some(value)).write()
}

pub fn current_assignment(group_id: &GroupId, member: &StreamsMember) -> Record {
    let (assigned, pending) = (&member.assigned, &member.pending_revocation);
    let value = StreamsGroupCurrentMemberAssignmentValue {
        member_epoch: member.epoch,
        previous_member_epoch: member.previous_epoch,
        state: member.state.number(),
        active_tasks: with_epochs(&assigned.active),
        standby_tasks: without_epochs(&assigned.standby),
        warmup_tasks: without_epochs(&assigned.warmup),
        active_tasks_pending_revocation: with_epochs(&pending.active),
        standby_tasks_pending_revocation: without_epochs(&pending.standby),
        warmup_tasks_pending_revocation: without_epochs(&pending.warmup),
    };
    OffsetsRecord::StreamsGroupCurrentMemberAssignment(of_member(group_id, &member.member_id), Some(value)).write()
}

pub fn topology(group_id: &GroupId, topology: &StreamsTopology) -> Record {
    let info = |topic: &TopicInfo| InternalTopicValue {
        name: topic.name.clone(),
        partitions: topic.partitions,
        replication_factor: topic.replication_factor,
        topic_configs: pairs(&topic.topic_configs),
    };
    let group = |group: &CopartitionGroup| CopartitionGroupValue {
        source_topics: group.source_topics.clone(),
        source_topic_regex: group.source_topic_regex.clone(),
        repartition_source_topics: group.repartition_source_topics.clone(),
    };
    let subtopology = |of: &Subtopology| SubtopologyValue {
        subtopology_id: of.subtopology_id.clone(),
        source_topics: of.source_topics.clone(),
        source_topic_regex: of.source_topic_regex.clone(),
        state_changelog_topics: of.state_changelog_topics.iter().map(info).collect(),
        repartition_sink_topics: of.repartition_sink_topics.clone(),
        repartition_source_topics: of.repartition_source_topics.iter().map(info).collect(),
        copartition_groups: of.copartition_groups.iter().map(group).collect(),
    };
    let subtopologies = topology.subtopologies.iter().map(subtopology).collect();
    let value = StreamsGroupTopologyValue { epoch: topology.epoch, subtopologies };
    OffsetsRecord::StreamsGroupTopology(of_group(group_id), Some(value)).write()
}

pub fn member_tombstones(group_id: &GroupId, member_id: &MemberId) -> [Record; 3] {
    let key = of_member(group_id, member_id);
    [
        OffsetsRecord::StreamsGroupCurrentMemberAssignment(key.clone(), None),
        OffsetsRecord::StreamsGroupTargetAssignmentMember(key.clone(), None),
        OffsetsRecord::StreamsGroupMemberMetadata(key, None),
    ]
    .map(|record| record.write())
}

/// The whole group, which is empty, is gone (`createGroupTombstoneRecords`).
pub fn group_tombstones(group_id: &GroupId) -> [Record; 3] {
    let key = || of_group(group_id);
    [
        OffsetsRecord::StreamsGroupTargetAssignmentMetadata(key(), None),
        OffsetsRecord::StreamsGroupMetadata(key(), None),
        OffsetsRecord::StreamsGroupTopology(key(), None),
    ]
    .map(|record| record.write())
}

// ---- the way back

pub(in crate::engine) fn read_member(mut member: StreamsMember, value: &StreamsGroupMemberMetadataValue) -> StreamsMember {
    let endpoint = |endpoint: &EndpointValue| Endpoint { host: endpoint.host.clone(), port: endpoint.port };
    member.instance_id = value.instance_id.clone();
    member.rack_id = value.rack_id.clone();
    member.client_id = value.client_id.clone();
    member.client_host = value.client_host.clone();
    member.rebalance_timeout = value.rebalance_timeout_ms;
    member.topology_epoch = value.topology_epoch;
    member.process_id = value.process_id.as_str().into();
    member.user_endpoint = value.user_endpoint.0.as_ref().map(endpoint);
    member.client_tags = unpaired(&value.client_tags).into_iter().collect();
    member
}

fn read_tasks(values: &[TaskIdsValue]) -> TaskSet {
    let of = |ids: &TaskIdsValue| {
        ids.partitions.iter().map(|partition| TaskId::new(&ids.subtopology_id, *partition)).collect::<Vec<_>>()
    };
    values.iter().flat_map(of).collect()
}

/// A task without an epoch of its own has the member's.
fn read_active(values: &[TaskIdsValue], member_epoch: i32) -> SortedMap<TaskId, i32> {
    let of = |ids: &TaskIdsValue| {
        let epochs = Some(&ids.assignment_epochs).filter(|epochs| epochs.len() == ids.partitions.len());
        let epoch = |at: usize| epochs.and_then(|epochs| epochs.get(at)).copied().unwrap_or(member_epoch);
        let task = |(at, partition): (usize, &i32)| (TaskId::new(&ids.subtopology_id, *partition), epoch(at));
        ids.partitions.iter().enumerate().map(task).collect::<Vec<_>>()
    };
    values.iter().flat_map(of).collect()
}

pub(in crate::engine) fn read_target(value: &StreamsGroupTargetAssignmentMemberValue) -> Tasks {
    Tasks {
        active: read_tasks(&value.active_tasks),
        standby: read_tasks(&value.standby_tasks),
        warmup: read_tasks(&value.warmup_tasks),
    }
}

/// What a member may run, and what it has to give up.
pub(in crate::engine) fn read_current(value: &StreamsGroupCurrentMemberAssignmentValue) -> [AssignedTasks; 2] {
    let assigned = (&value.active_tasks, &value.standby_tasks, &value.warmup_tasks);
    let pending =
        (&value.active_tasks_pending_revocation, &value.standby_tasks_pending_revocation, &value.warmup_tasks_pending_revocation);
    [assigned, pending].map(|(active, standby, warmup)| AssignedTasks {
        active: read_active(active, value.member_epoch),
        standby: read_tasks(standby),
        warmup: read_tasks(warmup),
    })
}

pub(in crate::engine) fn read_topology(value: &StreamsGroupTopologyValue) -> StreamsTopology {
    let info = |topic: &InternalTopicValue| TopicInfo {
        name: topic.name.clone(),
        partitions: topic.partitions,
        replication_factor: topic.replication_factor,
        topic_configs: unpaired(&topic.topic_configs),
    };
    let group = |group: &CopartitionGroupValue| CopartitionGroup {
        source_topics: group.source_topics.clone(),
        source_topic_regex: group.source_topic_regex.clone(),
        repartition_source_topics: group.repartition_source_topics.clone(),
    };
    let subtopology = |of: &SubtopologyValue| Subtopology {
        subtopology_id: of.subtopology_id.clone(),
        source_topics: of.source_topics.clone(),
        source_topic_regex: of.source_topic_regex.clone(),
        state_changelog_topics: of.state_changelog_topics.iter().map(info).collect(),
        repartition_sink_topics: of.repartition_sink_topics.clone(),
        repartition_source_topics: of.repartition_source_topics.iter().map(info).collect(),
        copartition_groups: of.copartition_groups.iter().map(group).collect(),
    };
    StreamsTopology { epoch: value.epoch, subtopologies: value.subtopologies.iter().map(subtopology).collect() }.in_order()
}
