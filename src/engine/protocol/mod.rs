//! Lives here: one file per request: its fields, a list of what it does, its answer.
//! Never here: the doing (that is `partition/`, `controller/`, the coordinators and `share_partition/`).

pub mod alter_configs;
pub mod alter_partition;
pub mod consumer_group_describe;
pub mod consumer_group_heartbeat;
pub mod create_partitions;
pub mod create_topics;
pub mod delete_groups;
pub mod delete_records;
pub mod delete_topics;
pub mod describe_cluster;
pub mod describe_configs;
pub mod describe_groups;
pub mod describe_log_dirs;
pub mod describe_quorum;
pub mod elect_leaders;
pub mod error;
pub mod fetch;
pub mod find_coordinator;
pub mod heartbeat;
pub mod init_producer_id;
pub mod join_group;
pub mod leave_group;
pub mod list_groups;
pub mod list_offsets;
pub mod metadata;
pub mod offset_commit;
pub mod offset_delete;
pub mod offset_fetch;
pub mod offsets_for_leader_epoch;
pub mod produce;
pub mod reassignments;
pub mod replica_fetch;
pub mod share_acknowledge;
pub mod share_fetch;
pub mod share_group_describe;
pub mod share_group_heartbeat;
pub mod share_group_offsets;
pub mod share_group_state;
pub mod share_records;
pub mod streams_group_describe;
pub mod streams_group_heartbeat;
pub mod sync_group;
pub mod unregister_broker;

pub use alter_configs::*;
pub use alter_partition::*;
pub use consumer_group_describe::*;
pub use consumer_group_heartbeat::*;
pub use create_partitions::*;
pub use create_topics::*;
pub use delete_groups::*;
pub use delete_records::*;
pub use delete_topics::*;
pub use describe_cluster::*;
pub use describe_configs::*;
pub use describe_groups::*;
pub use describe_log_dirs::*;
pub use describe_quorum::*;
pub use elect_leaders::*;
pub use fetch::*;
pub use find_coordinator::*;
pub use heartbeat::*;
pub use init_producer_id::*;
pub use join_group::*;
pub use leave_group::*;
pub use list_groups::*;
pub use list_offsets::*;
pub use metadata::*;
pub use offset_commit::*;
pub use offset_delete::*;
pub use offset_fetch::*;
pub use offsets_for_leader_epoch::*;
pub use produce::*;
pub use reassignments::*;
pub use replica_fetch::*;
pub use share_acknowledge::*;
pub use share_fetch::*;
pub use share_group_describe::*;
pub use share_group_heartbeat::*;
pub use share_group_offsets::*;
pub use share_group_state::*;
pub use share_records::*;
pub use streams_group_describe::*;
pub use streams_group_heartbeat::*;
pub use sync_group::*;
pub use unregister_broker::*;

use crate::base::{BrokerId, GroupId};
pub use error::ErrorCode;

/// Whom a request is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recipient<'r> {
    /// Any broker, which answers for itself.
    AnyBroker,
    Broker(BrokerId),
    /// Each broker, for what it alone knows.
    AllBrokers,
    /// The leaders of the partitions that it names.
    Leaders,
    Coordinator(&'r GroupId),
    /// The coordinator of each of these groups.
    Coordinators(&'r [GroupId]),
    /// The leader of this partition of `__share_group_state`, which brokers ask.
    ShareCoordinator(i32),
    /// The active controller, to which any broker passes it on (`ForwardingManager`).
    Controller,
    /// The active controller, which brokers ask without a detour.
    ActiveController,
}

/// One row for each request: fields and answer, key and name in Kafka's protocol guide, whom it is for, and the answer that
/// refuses all of it. That is made of the request or, where an answer was held back and must not go out any more, of that
/// answer: one expression serves both, so what it reads has the same name in both. A request that stands for several of
/// Kafka's says itself which of them it is.
macro_rules! requests {
    ($(
        $(#[$doc:meta])*
        $variant:ident $(($request:ident: $fields:ty))? => $(($answer:ty))?,
            $key:literal $name:literal $(| $other_key:literal $other_name:literal)*, $recipient:expr
            $(, refused |$of:ident, $error:ident| $refused:expr)?;
    )*) => {
        /// A request, as it travels.
        #[derive(Clone, PartialEq, Eq, Hash, Debug)]
        pub enum Request {
            $($(#[$doc])* $variant $(($fields))?,)*
        }

        /// An answer, as it travels.
        #[derive(Clone, PartialEq, Eq, Hash, Debug)]
        pub enum Response {
            $($variant $(($answer))?,)*
        }

        /// Key and name of each request.
        pub const API_KEYS: &[(i16, &str)] = &[$(($key, $name), $(($other_key, $other_name),)*)*];

        impl Request {
            /// The request's name in Kafka's protocol guide.
            pub fn name(&self) -> &'static str {
                match self {
                    $($(Self::$variant(several) if several.api_key() == $other_key => $other_name,)*)*
                    $(Self::$variant { .. } => $name,)*
                }
            }

            pub fn recipient(&self) -> Recipient<'_> {
                use Recipient::*;
                match self {
                    $(Self::$variant $(($request))? => $recipient,)*
                }
            }

            /// The answer that refuses all that is asked; `None` for a request that is not for one coordinator.
            pub fn refused(&self, error: ErrorCode) -> Option<Response> {
                match (self, error) {
                    $($((Self::$variant($of), $error) => Some(Response::$variant($refused)),)?)*
                    _ => None,
                }
            }
        }

        impl Response {
            /// The name of the request that it answers.
            pub fn name(&self) -> &'static str {
                match self {
                    $($(Self::$variant(several) if several.api_key() == $other_key => $other_name,)*)*
                    $(Self::$variant { .. } => $name,)*
                }
            }

            /// An answer of the same kind that says no; the same answer where there is none.
            pub fn refused(&self, error: ErrorCode) -> Response {
                match (self, error) {
                    $($((Self::$variant($of), $error) => Self::$variant($refused),)?)*
                    _ => self.clone(),
                }
            }
        }
    };
}

requests! {
    Produce(_r: ProduceRequest) => (ProduceResponse), 0 "Produce", Leaders;
    Fetch(_r: FetchRequest) => (FetchResponse), 1 "Fetch", Leaders;
    Metadata(_r: MetadataRequest) => (MetadataResponse), 3 "Metadata", AnyBroker;
    /// What a client asks first on a new connection. Here alone where it has nothing that would be answered.
    ApiVersions => , 18 "ApiVersions", AnyBroker;
    InitProducerId => (InitProducerIdResponse), 22 "InitProducerId", AnyBroker;
    FindCoordinator(_r: FindCoordinatorRequest) => (FindCoordinatorResponse), 10 "FindCoordinator", AnyBroker;
    JoinGroup(join: JoinGroupRequest) => (JoinGroupResponse), 11 "JoinGroup", Coordinator(&join.group_id),
        refused |join, error| JoinGroupResponse::refused(join.member_id.as_ref(), error);
    SyncGroup(sync: SyncGroupRequest) => (SyncGroupResponse), 14 "SyncGroup", Coordinator(&sync.group_id),
        refused |_r, error| SyncGroupResponse::refused(error);
    Heartbeat(heartbeat: HeartbeatRequest) => (HeartbeatResponse), 12 "Heartbeat", Coordinator(&heartbeat.group_id),
        refused |_r, error| HeartbeatResponse { error: Some(error) };
    LeaveGroup(leave: LeaveGroupRequest) => (LeaveGroupResponse), 13 "LeaveGroup", Coordinator(&leave.group_id),
        refused |_r, error| LeaveGroupResponse { error: Some(error) };
    ConsumerGroupHeartbeat(heartbeat: ConsumerGroupHeartbeatRequest) => (ConsumerGroupHeartbeatResponse),
        68 "ConsumerGroupHeartbeat", Coordinator(&heartbeat.group_id),
        refused |heartbeat, error| ConsumerGroupHeartbeatResponse::refused(&heartbeat.member_id, error);
    ConsumerGroupDescribe(describe: ConsumerGroupDescribeRequest) => (ConsumerGroupDescribeResponse),
        69 "ConsumerGroupDescribe", Coordinators(&describe.groups);
    OffsetCommit(commit: OffsetCommitRequest) => (OffsetCommitResponse), 8 "OffsetCommit", Coordinator(&commit.group_id),
        refused |commit, error| OffsetCommitResponse {
            partitions: commit.partitions().map(|partition| (partition.clone(), Some(error))).collect(),
        };
    OffsetFetch(fetch: OffsetFetchRequest) => (OffsetFetchResponse), 9 "OffsetFetch", Coordinator(&fetch.group_id),
        refused |_r, error| OffsetFetchResponse { error: Some(error), partitions: Vec::new() };
    ListOffsets(_r: ListOffsetsRequest) => (ListOffsetsResponse), 2 "ListOffsets", Leaders;
    OffsetsForLeaderEpoch(_r: OffsetsForLeaderEpochRequest) => (OffsetsForLeaderEpochResponse),
        23 "OffsetForLeaderEpoch", Leaders;
    CreateTopics(_r: CreateTopicsRequest) => (CreateTopicsResponse), 19 "CreateTopics", Controller;
    DeleteTopics(_r: DeleteTopicsRequest) => (DeleteTopicsResponse), 20 "DeleteTopics", Controller;
    CreatePartitions(_r: CreatePartitionsRequest) => (CreatePartitionsResponse), 37 "CreatePartitions", Controller;
    AlterConfigs(_r: AlterConfigsRequest) => (AlterConfigsResponse), 44 "IncrementalAlterConfigs", Controller;
    DescribeConfigs(_r: DescribeConfigsRequest) => (DescribeConfigsResponse), 32 "DescribeConfigs", AnyBroker;
    DeleteRecords(_r: DeleteRecordsRequest) => (DeleteRecordsResponse), 21 "DeleteRecords", Leaders;
    ListGroups => (ListGroupsResponse), 16 "ListGroups", AllBrokers;
    DescribeGroups(describe: DescribeGroupsRequest) => (DescribeGroupsResponse), 15 "DescribeGroups", Coordinators(&describe.groups);
    DeleteGroups(delete: DeleteGroupsRequest) => (DeleteGroupsResponse), 42 "DeleteGroups", Coordinators(&delete.groups);
    OffsetDelete(delete: OffsetDeleteRequest) => (OffsetDeleteResponse), 47 "OffsetDelete", Coordinator(&delete.group_id),
        refused |_r, error| OffsetDeleteResponse { error: Some(error), partitions: Vec::new() };
    DescribeLogDirs(describe: DescribeLogDirsRequest) => (DescribeLogDirsResponse), 35 "DescribeLogDirs", Broker(describe.broker);
    DescribeCluster => (DescribeClusterResponse), 60 "DescribeCluster", AnyBroker;
    DescribeQuorum => (DescribeQuorumResponse), 55 "DescribeQuorum", Controller;
    /// A follower's Fetch.
    ReplicaFetch(_r: ReplicaFetchRequest) => (ReplicaFetchResponse), 1 "Fetch", Leaders;
    AlterPartition(_r: AlterPartitionRequest) => (AlterPartitionResponse), 56 "AlterPartition", ActiveController;
    /// A broker tells the controller that it lives. The first one after its start unfences it.
    BrokerHeartbeat => , 63 "BrokerHeartbeat", ActiveController;
    ElectLeaders(_r: ElectLeadersRequest) => (ElectLeadersResponse), 43 "ElectLeaders", Controller;
    AlterReassignments(_r: AlterReassignmentsRequest) => (AlterReassignmentsResponse),
        45 "AlterPartitionReassignments", Controller;
    UnregisterBroker(_r: UnregisterBrokerRequest) => (UnregisterBrokerResponse), 64 "UnregisterBroker", Controller;
    ListReassignments => (ListReassignmentsResponse), 46 "ListPartitionReassignments", Controller;
    ShareGroupHeartbeat(heartbeat: ShareGroupHeartbeatRequest) => (ShareGroupHeartbeatResponse),
        76 "ShareGroupHeartbeat", Coordinator(&heartbeat.group_id),
        refused |_r, error| ShareGroupHeartbeatResponse::refused(error.told());
    ShareGroupDescribe(describe: ShareGroupDescribeRequest) => (ShareGroupDescribeResponse),
        77 "ShareGroupDescribe", Coordinators(&describe.groups);
    ShareFetch(_r: ShareFetchRequest) => (ShareFetchResponse), 78 "ShareFetch", Leaders;
    ShareAcknowledge(_r: ShareAcknowledgeRequest) => (ShareAcknowledgeResponse), 79 "ShareAcknowledge", Leaders;
    DescribeShareGroupOffsets(describe: DescribeShareGroupOffsetsRequest) => (DescribeShareGroupOffsetsResponse),
        90 "DescribeShareGroupOffsets", Coordinator(&describe.group_id),
        refused |_r, error| DescribeShareGroupOffsetsResponse { error: Some(error), partitions: Vec::new() };
    AlterShareGroupOffsets(alter: AlterShareGroupOffsetsRequest) => (AlterShareGroupOffsetsResponse),
        91 "AlterShareGroupOffsets", Coordinator(&alter.group_id),
        refused |_r, error| AlterShareGroupOffsetsResponse { error: Some(error.told()), partitions: Vec::new() };
    DeleteShareGroupOffsets(delete: DeleteShareGroupOffsetsRequest) => (DeleteShareGroupOffsetsResponse),
        92 "DeleteShareGroupOffsets", Coordinator(&delete.group_id),
        refused |_r, error| DeleteShareGroupOffsetsResponse { error: Some(error.told()), topics: Vec::new() };
    StreamsGroupHeartbeat(heartbeat: StreamsGroupHeartbeatRequest) => (StreamsGroupHeartbeatResponse),
        88 "StreamsGroupHeartbeat", Coordinator(&heartbeat.group_id),
        refused |_r, error| StreamsGroupHeartbeatResponse::refused(error.told());
    StreamsGroupDescribe(describe: StreamsGroupDescribeRequest) => (StreamsGroupDescribeResponse),
        89 "StreamsGroupDescribe", Coordinators(&describe.groups);
    ListConfigResources => (ListConfigResourcesResponse), 74 "ListConfigResources", AnyBroker;
    ShareGroupState(asked: ShareGroupStateRequest) => (ShareGroupStateResponse),
        83 "InitializeShareGroupState" | 84 "ReadShareGroupState" | 85 "WriteShareGroupState" | 86 "DeleteShareGroupState"
            | 87 "ReadShareGroupStateSummary", ShareCoordinator(asked.home),
        refused |asked, error| asked.refused(error);
}
