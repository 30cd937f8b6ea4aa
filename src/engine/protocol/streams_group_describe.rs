//! StreamsGroupDescribe (key 89, KIP-1071): state, epochs, topology, members and tasks of streams groups.

use super::{Endpoint, ErrorCode, KeyValue, TaskIds, TaskOffset, TopicInfo};
use crate::base::{BrokerId, GroupId, MemberId, TopicName};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StreamsGroupDescribeRequest {
    pub groups: Vec<GroupId>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StreamsGroupDescribeResponse {
    pub groups: Vec<(GroupId, Result<DescribedStreamsGroup, (ErrorCode, String)>)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribedStreamsGroup {
    /// `Empty`, `NotReady`, `Assigning`, `Reconciling` or `Stable`.
    pub state: &'static str,
    pub group_epoch: i32,
    pub assignment_epoch: i32,
    pub topology: Option<DescribedTopology>,
    pub coordinator: BrokerId,
    pub members: Vec<DescribedStreamsMember>,
    pub assignor_name: String,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribedTopology {
    pub epoch: i32,
    pub subtopologies: Vec<DescribedSubtopology>,
}

/// With the partitions that the internal topics have, or will have, once those are known.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribedSubtopology {
    pub subtopology_id: String,
    pub source_topics: Vec<TopicName>,
    pub repartition_sink_topics: Vec<TopicName>,
    pub state_changelog_topics: Vec<TopicInfo>,
    pub repartition_source_topics: Vec<TopicInfo>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribedStreamsMember {
    pub member_id: MemberId,
    pub member_epoch: i32,
    pub instance_id: Option<String>,
    pub rack_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub topology_epoch: i32,
    pub process_id: String,
    pub user_endpoint: Option<Endpoint>,
    pub client_tags: Vec<KeyValue>,
    pub task_offsets: Vec<TaskOffset>,
    pub task_end_offsets: Vec<TaskOffset>,
    pub assignment: DescribedTasks,
    pub target_assignment: DescribedTasks,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct DescribedTasks {
    pub active_tasks: Vec<TaskIds>,
    pub standby_tasks: Vec<TaskIds>,
    pub warmup_tasks: Vec<TaskIds>,
}
