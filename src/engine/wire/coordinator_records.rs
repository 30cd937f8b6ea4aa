//! The records that coordinators write: each field once, with Kafka's name and type (the message definitions of
//! `group-coordinator` and `share-coordinator`).

use std::rc::Rc;

use super::codec::{Bytes, Field, Nullable, Reader, Record, Writer, message, records};
use crate::base::{GroupId, MemberId, Offset, Span, Timestamp, TopicId, TopicName};

records! {
    /// A record of `__consumer_offsets` (`CoordinatorRecordType`). Without a value it is a tombstone.
    OffsetsRecord {
        1 OffsetCommit: OffsetCommitKey => OffsetCommitValue, 4 true;
        2 GroupMetadata: GroupMetadataKey => GroupMetadataValue, 3 false;
        3 ConsumerGroupMetadata: GroupKey => ConsumerGroupMetadataValue, 0 true;
        4 ConsumerGroupPartitionMetadata: GroupKey => NeverWritten, 0 true;
        5 ConsumerGroupMemberMetadata: MemberKey => ConsumerGroupMemberMetadataValue, 0 true;
        6 ConsumerGroupTargetAssignmentMetadata: GroupKey => TargetAssignmentMetadataValue, 0 true;
        7 ConsumerGroupTargetAssignmentMember: MemberKey => TargetAssignmentMemberValue, 0 true;
        8 ConsumerGroupCurrentMemberAssignment: MemberKey => ConsumerGroupCurrentMemberAssignmentValue, 0 true;
        10 ShareGroupMemberMetadata: MemberKey => ShareGroupMemberMetadataValue, 0 true;
        11 ShareGroupMetadata: GroupKey => ShareGroupMetadataValue, 0 true;
        12 ShareGroupTargetAssignmentMetadata: GroupKey => TargetAssignmentMetadataValue, 0 true;
        13 ShareGroupTargetAssignmentMember: MemberKey => TargetAssignmentMemberValue, 0 true;
        14 ShareGroupCurrentMemberAssignment: MemberKey => ShareGroupCurrentMemberAssignmentValue, 0 true;
        15 ShareGroupStatePartitionMetadata: GroupKey => ShareGroupStatePartitionMetadataValue, 0 true;
        16 ConsumerGroupRegularExpression: RegularExpressionKey => ConsumerGroupRegularExpressionValue, 0 true;
        17 StreamsGroupMetadata: GroupKey => StreamsGroupMetadataValue, 0 true;
        19 StreamsGroupMemberMetadata: MemberKey => StreamsGroupMemberMetadataValue, 0 true;
        20 StreamsGroupTargetAssignmentMetadata: GroupKey => TargetAssignmentMetadataValue, 0 true;
        21 StreamsGroupTargetAssignmentMember: MemberKey => StreamsGroupTargetAssignmentMemberValue, 0 true;
        22 StreamsGroupCurrentMemberAssignment: MemberKey => StreamsGroupCurrentMemberAssignmentValue, 0 true;
        23 StreamsGroupTopology: GroupKey => StreamsGroupTopologyValue, 0 true;
    }
}

records! {
    /// A record of `__share_group_state`. A snapshot has all that is kept of a share partition, an update what has changed
    /// since. Without a value it is a tombstone.
    ShareStateRecord {
        0 Snapshot: SharePartitionKey => ShareSnapshotValue, 0 true;
        1 Update: SharePartitionKey => ShareUpdateValue, 0 true;
    }
}

// ---- keys

message! {
    OffsetCommitKey { group: GroupId, topic: TopicName, partition: i32 }
    GroupMetadataKey { group: GroupId }
    GroupKey { group_id: GroupId }
    MemberKey { group_id: GroupId, member_id: MemberId }
    RegularExpressionKey { group_id: GroupId, regular_expression: String }
    SharePartitionKey { group_id: GroupId, topic_id: TopicId, partition: i32 }
}

// ---- committed offsets and classic groups

message! {
    /// Without a leader epoch that is known, that is -1.
    OffsetCommitValue {
        offset: Offset, leader_epoch: i32, metadata: Rc<str>, commit_timestamp: Timestamp, topic_id: TopicId = tag 0 or TopicId(0)
    }
    GroupMetadataValue {
        protocol_type: String, generation: i32, protocol: Option<String>, leader: Option<MemberId>,
        current_state_timestamp: Timestamp, members: Vec<MemberMetadata>
    }
    MemberMetadata {
        member_id: MemberId, group_instance_id: Option<String>, client_id: String, client_host: String,
        rebalance_timeout: Span, session_timeout: Span, subscription: Bytes, assignment: Bytes
    }
}

// ---- groups of the consumer protocol (KIP-848)

message! {
    ConsumerGroupMetadataValue { epoch: i32, metadata_hash: i64 = tag 0 or 0 }
    /// Kafka 4 only drops what an earlier one has written.
    NeverWritten {}
    ConsumerGroupMemberMetadataValue {
        instance_id: Option<String>, rack_id: Option<String>, client_id: String, client_host: String,
        subscribed_topic_names: Vec<TopicName>, subscribed_topic_regex: Option<String>, rebalance_timeout_ms: Span,
        server_assignor: Option<String>,
        classic_member_metadata: Option<ClassicMemberMetadata> = tag 0 or Some(ClassicMemberMetadata::NONE)
    }
    ClassicMemberMetadata { session_timeout_ms: Span, supported_protocols: Vec<ClassicProtocol> }
    ClassicProtocol { name: String, metadata: Bytes }
    TargetAssignmentMetadataValue { assignment_epoch: i32, assignment_timestamp: Timestamp = tag 0 or Timestamp(0) }
    TargetAssignmentMemberValue { topic_partitions: Vec<TopicPartitions> }
    ConsumerGroupCurrentMemberAssignmentValue {
        member_epoch: i32, previous_member_epoch: i32, state: i8,
        assigned_partitions: Vec<TopicPartitions>, partitions_pending_revocation: Vec<TopicPartitions>
    }
    /// With the epoch since when the member has each partition, where that is kept (KIP-1251).
    TopicPartitions { topic_id: TopicId, partitions: Vec<i32>, assignment_epochs: Option<Vec<i32>> = tag 0 or None }
    ConsumerGroupRegularExpressionValue { topics: Vec<TopicName>, version: i64, timestamp: Timestamp }
}

impl ClassicMemberMetadata {
    /// What Kafka's message has where nothing is given: so a member of the consumer protocol has null written.
    const NONE: Self = Self { session_timeout_ms: Span::ZERO, supported_protocols: Vec::new() };
}

// ---- share groups (KIP-932)

message! {
    ShareGroupMemberMetadataValue {
        rack_id: Option<String>, client_id: String, client_host: String, subscribed_topic_names: Vec<TopicName>
    }
    ShareGroupMetadataValue { epoch: i32, metadata_hash: i64 }
    ShareGroupCurrentMemberAssignmentValue {
        member_epoch: i32, previous_member_epoch: i32, state: i8, assigned_partitions: Vec<TopicPartitions>
    }
    ShareGroupStatePartitionMetadataValue {
        initializing_topics: Vec<TopicPartitionsInfo>, initialized_topics: Vec<TopicPartitionsInfo>, deleting_topics: Vec<TopicInfo>
    }
    TopicPartitionsInfo { topic_id: TopicId, topic_name: TopicName, partitions: Vec<i32> }
    TopicInfo { topic_id: TopicId, topic_name: TopicName }
    /// A delivery complete count that is not known is -1, here and below.
    ShareSnapshotValue {
        snapshot_epoch: i32, state_epoch: i32, leader_epoch: i32, start_offset: Offset,
        delivery_complete_count: i32 = tag 0 or -1, create_timestamp: Timestamp, write_timestamp: Timestamp,
        state_batches: Vec<PersistedBatch>
    }
    ShareUpdateValue {
        snapshot_epoch: i32, leader_epoch: i32, start_offset: Offset, delivery_complete_count: i32 = tag 0 or -1,
        state_batches: Vec<PersistedBatch>
    }
    /// `StateBatch`.
    PersistedBatch { first_offset: Offset, last_offset: Offset, delivery_state: i8, delivery_count: i16 }
}

// ---- streams groups (KIP-1071)

message! {
    StreamsGroupMetadataValue {
        epoch: i32, metadata_hash: i64, validated_topology_epoch: i32 = tag 0 or -1,
        last_assignment_configs: Vec<ConfigValue> = tag 1 or Vec::<ConfigValue>::new(),
        stored_description_topology_epoch: i32 = tag 2 or -1, failed_description_topology_epoch: i32 = tag 3 or -1
    }
    ConfigValue { key: String, value: String }
    StreamsGroupMemberMetadataValue {
        instance_id: Option<String>, rack_id: Option<String>, client_id: String, client_host: String,
        rebalance_timeout_ms: Span, topology_epoch: i32, process_id: String, user_endpoint: Nullable<EndpointValue>,
        client_tags: Vec<ConfigValue>
    }
    EndpointValue { host: String, port: u16 }
    StreamsGroupTargetAssignmentMemberValue {
        active_tasks: Vec<TaskIdsValue>, standby_tasks: Vec<TaskIdsValue>, warmup_tasks: Vec<TaskIdsValue>
    }
    StreamsGroupCurrentMemberAssignmentValue {
        member_epoch: i32, previous_member_epoch: i32, state: i8,
        active_tasks: Vec<TaskIdsValue>, standby_tasks: Vec<TaskIdsValue>, warmup_tasks: Vec<TaskIdsValue>,
        active_tasks_pending_revocation: Vec<TaskIdsValue>, standby_tasks_pending_revocation: Vec<TaskIdsValue>,
        warmup_tasks_pending_revocation: Vec<TaskIdsValue>
    }
    /// With the epoch since when the member has each task, where it runs them and that is what is kept.
    TaskIdsValue { subtopology_id: String, partitions: Vec<i32>, assignment_epochs: Vec<i32> = tag 0 or Vec::<i32>::new() }
    StreamsGroupTopologyValue { epoch: i32, subtopologies: Vec<SubtopologyValue> }
    SubtopologyValue {
        subtopology_id: String, source_topics: Vec<TopicName>, source_topic_regex: Vec<String>,
        state_changelog_topics: Vec<InternalTopicValue>, repartition_sink_topics: Vec<TopicName>,
        repartition_source_topics: Vec<InternalTopicValue>, copartition_groups: Vec<CopartitionGroupValue>
    }
    CopartitionGroupValue { source_topics: Vec<i16>, source_topic_regex: Vec<i16>, repartition_source_topics: Vec<i16> }
    InternalTopicValue { name: TopicName, partitions: i32, replication_factor: i16, topic_configs: Vec<ConfigValue> }
}
