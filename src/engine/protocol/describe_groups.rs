//! DescribeGroups (key 15): state, members and assignment of classic groups.

use crate::base::{BrokerId, GroupId, MemberId, TopicPartition};
use crate::engine::error::ErrorCode;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribeGroupsRequest {
    pub groups: Vec<GroupId>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribeGroupsResponse {
    pub groups: Vec<(GroupId, Result<DescribedGroup, ErrorCode>)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribedGroup {
    pub state: &'static str,
    pub group_type: &'static str,
    pub protocol_type: String,
    /// The assignor in use; empty while there is none.
    pub protocol: String,
    pub generation_id: i32,
    pub coordinator: BrokerId,
    pub members: Vec<DescribedMember>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribedMember {
    pub member_id: MemberId,
    pub group_instance_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub assignment: Vec<TopicPartition>,
}
