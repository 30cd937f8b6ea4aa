//! Lives here: one file per request: its fields, a list of what it does, its answer.
//! Never here: the doing (that is `broker/`, `controller/` and `group/`).

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
pub mod fetch;
pub mod find_coordinator;
pub mod group_configs;
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
pub mod sync_group;

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
pub use group_configs::*;
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
pub use sync_group::*;

/// A request, as it travels.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Request {
    Produce(ProduceRequest),
    Fetch(FetchRequest),
    Metadata(MetadataRequest),
    /// Key 18: what a client asks first on a new connection. Here alone where it has nothing that would be answered.
    ApiVersions,
    InitProducerId,
    FindCoordinator(FindCoordinatorRequest),
    JoinGroup(JoinGroupRequest),
    SyncGroup(SyncGroupRequest),
    Heartbeat(HeartbeatRequest),
    LeaveGroup(LeaveGroupRequest),
    ConsumerGroupHeartbeat(ConsumerGroupHeartbeatRequest),
    ConsumerGroupDescribe(ConsumerGroupDescribeRequest),
    OffsetCommit(OffsetCommitRequest),
    OffsetFetch(OffsetFetchRequest),
    ListOffsets(ListOffsetsRequest),
    OffsetsForLeaderEpoch(OffsetsForLeaderEpochRequest),
    CreateTopics(CreateTopicsRequest),
    DeleteTopics(DeleteTopicsRequest),
    CreatePartitions(CreatePartitionsRequest),
    AlterConfigs(AlterConfigsRequest),
    DescribeConfigs(DescribeConfigsRequest),
    DeleteRecords(DeleteRecordsRequest),
    ListGroups,
    DescribeGroups(DescribeGroupsRequest),
    DeleteGroups(DeleteGroupsRequest),
    OffsetDelete(OffsetDeleteRequest),
    DescribeLogDirs(DescribeLogDirsRequest),
    DescribeCluster,
    DescribeQuorum,
    ReplicaFetch(ReplicaFetchRequest),
    AlterPartition(AlterPartitionRequest),
    /// Key 63: a broker tells the controller that it lives. The first one after its start unfences it.
    BrokerHeartbeat,
    ElectLeaders(ElectLeadersRequest),
    AlterReassignments(AlterReassignmentsRequest),
    ListReassignments,
    ShareGroupHeartbeat(ShareGroupHeartbeatRequest),
    ShareGroupDescribe(ShareGroupDescribeRequest),
    ShareFetch(ShareFetchRequest),
    ShareAcknowledge(ShareAcknowledgeRequest),
    DescribeShareGroupOffsets(DescribeShareGroupOffsetsRequest),
    AlterShareGroupOffsets(AlterShareGroupOffsetsRequest),
    DeleteShareGroupOffsets(DeleteShareGroupOffsetsRequest),
    AlterGroupConfigs(AlterGroupConfigsRequest),
    DescribeGroupConfigs,
    ShareGroupState(ShareGroupStateRequest),
}

/// An answer, as it travels.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Response {
    Produce(ProduceResponse),
    Fetch(FetchResponse),
    Metadata(MetadataResponse),
    ApiVersions,
    InitProducerId(InitProducerIdResponse),
    FindCoordinator(FindCoordinatorResponse),
    JoinGroup(JoinGroupResponse),
    SyncGroup(SyncGroupResponse),
    Heartbeat(HeartbeatResponse),
    LeaveGroup(LeaveGroupResponse),
    ConsumerGroupHeartbeat(ConsumerGroupHeartbeatResponse),
    ConsumerGroupDescribe(ConsumerGroupDescribeResponse),
    OffsetCommit(OffsetCommitResponse),
    OffsetFetch(OffsetFetchResponse),
    ListOffsets(ListOffsetsResponse),
    OffsetsForLeaderEpoch(OffsetsForLeaderEpochResponse),
    CreateTopics(CreateTopicsResponse),
    DeleteTopics(DeleteTopicsResponse),
    CreatePartitions(CreatePartitionsResponse),
    AlterConfigs(AlterConfigsResponse),
    DescribeConfigs(DescribeConfigsResponse),
    DeleteRecords(DeleteRecordsResponse),
    ListGroups(ListGroupsResponse),
    DescribeGroups(DescribeGroupsResponse),
    DeleteGroups(DeleteGroupsResponse),
    OffsetDelete(OffsetDeleteResponse),
    DescribeLogDirs(DescribeLogDirsResponse),
    DescribeCluster(DescribeClusterResponse),
    DescribeQuorum(DescribeQuorumResponse),
    ReplicaFetch(ReplicaFetchResponse),
    AlterPartition(AlterPartitionResponse),
    BrokerHeartbeat,
    ElectLeaders(ElectLeadersResponse),
    AlterReassignments(AlterReassignmentsResponse),
    ListReassignments(ListReassignmentsResponse),
    ShareGroupHeartbeat(ShareGroupHeartbeatResponse),
    ShareGroupDescribe(ShareGroupDescribeResponse),
    ShareFetch(ShareFetchResponse),
    ShareAcknowledge(ShareAcknowledgeResponse),
    DescribeShareGroupOffsets(DescribeShareGroupOffsetsResponse),
    AlterShareGroupOffsets(AlterShareGroupOffsetsResponse),
    DeleteShareGroupOffsets(DeleteShareGroupOffsetsResponse),
    AlterGroupConfigs(AlterGroupConfigsResponse),
    DescribeGroupConfigs(DescribeGroupConfigsResponse),
    ShareGroupState(ShareGroupStateResponse),
}

impl Request {
    /// Does a broker pass it on to the active controller (`ForwardingManager`)?
    pub fn is_for_controller(&self) -> bool {
        matches!(
            self,
            Self::CreateTopics(_)
                | Self::DeleteTopics(_)
                | Self::CreatePartitions(_)
                | Self::AlterConfigs(_)
                | Self::AlterGroupConfigs(_)
                | Self::ElectLeaders(_)
                | Self::AlterReassignments(_)
                | Self::ListReassignments
                | Self::DescribeQuorum
        )
    }

    /// The request's name in Kafka's protocol guide.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Produce(_) => "Produce",
            Self::Fetch(_) => "Fetch",
            Self::Metadata(_) => "Metadata",
            Self::ApiVersions => "ApiVersions",
            Self::InitProducerId => "InitProducerId",
            Self::FindCoordinator(_) => "FindCoordinator",
            Self::JoinGroup(_) => "JoinGroup",
            Self::SyncGroup(_) => "SyncGroup",
            Self::Heartbeat(_) => "Heartbeat",
            Self::LeaveGroup(_) => "LeaveGroup",
            Self::ConsumerGroupHeartbeat(_) => "ConsumerGroupHeartbeat",
            Self::ConsumerGroupDescribe(_) => "ConsumerGroupDescribe",
            Self::OffsetCommit(_) => "OffsetCommit",
            Self::OffsetFetch(_) => "OffsetFetch",
            Self::ListOffsets(_) => "ListOffsets",
            Self::OffsetsForLeaderEpoch(_) => "OffsetsForLeaderEpoch",
            Self::CreateTopics(_) => "CreateTopics",
            Self::DeleteTopics(_) => "DeleteTopics",
            Self::CreatePartitions(_) => "CreatePartitions",
            Self::AlterConfigs(_) => "IncrementalAlterConfigs",
            Self::DescribeConfigs(_) => "DescribeConfigs",
            Self::DeleteRecords(_) => "DeleteRecords",
            Self::ListGroups => "ListGroups",
            Self::DescribeGroups(_) => "DescribeGroups",
            Self::DeleteGroups(_) => "DeleteGroups",
            Self::OffsetDelete(_) => "OffsetDelete",
            Self::DescribeLogDirs(_) => "DescribeLogDirs",
            Self::DescribeCluster => "DescribeCluster",
            Self::DescribeQuorum => "DescribeQuorum",
            Self::ReplicaFetch(_) => "Fetch",
            Self::AlterPartition(_) => "AlterPartition",
            Self::BrokerHeartbeat => "BrokerHeartbeat",
            Self::ElectLeaders(_) => "ElectLeaders",
            Self::AlterReassignments(_) => "AlterPartitionReassignments",
            Self::ListReassignments => "ListPartitionReassignments",
            Self::ShareGroupHeartbeat(_) => "ShareGroupHeartbeat",
            Self::ShareGroupDescribe(_) => "ShareGroupDescribe",
            Self::ShareFetch(_) => "ShareFetch",
            Self::ShareAcknowledge(_) => "ShareAcknowledge",
            Self::DescribeShareGroupOffsets(_) => "DescribeShareGroupOffsets",
            Self::AlterShareGroupOffsets(_) => "AlterShareGroupOffsets",
            Self::DeleteShareGroupOffsets(_) => "DeleteShareGroupOffsets",
            Self::AlterGroupConfigs(_) => "IncrementalAlterConfigs",
            Self::DescribeGroupConfigs => "DescribeConfigs",
            Self::ShareGroupState(request) => state_request_name(request.api_key()),
        }
    }
}
