//! DescribeGroups (key 15): state, members and assignment of classic groups.

use super::ErrorCode;
use crate::base::{BrokerId, GroupId, MemberId, TopicPartition};

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
    /// The generation; the group's epoch in the consumer protocol.
    pub generation_id: i32,
    /// The epoch of the target assignment; `None` with the classic protocol.
    pub assignment_epoch: Option<i32>,
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
    /// `None` with the classic protocol.
    pub modern: Option<DescribedEpochs>,
}

/// What the consumer protocol tells of a member besides.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribedEpochs {
    pub member_epoch: i32,
    pub target_assignment: Vec<TopicPartition>,
    /// Does the member speak the consumer protocol, or the classic one in a group that is being migrated?
    pub upgraded: bool,
}
