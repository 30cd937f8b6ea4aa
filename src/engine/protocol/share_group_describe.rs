//! ShareGroupDescribe (key 77): state, epochs, members and assignment of share groups.

use super::ErrorCode;
use crate::base::{BrokerId, GroupId, MemberId, TopicPartition};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShareGroupDescribeRequest {
    pub groups: Vec<GroupId>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShareGroupDescribeResponse {
    pub groups: Vec<(GroupId, Result<DescribedShareGroup, (ErrorCode, String)>)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribedShareGroup {
    /// `Empty` or `Stable`.
    pub state: &'static str,
    pub group_epoch: i32,
    pub assignment_epoch: i32,
    pub coordinator: BrokerId,
    pub members: Vec<DescribedShareMember>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribedShareMember {
    pub member_id: MemberId,
    pub member_epoch: i32,
    pub client_id: String,
    pub client_host: String,
    pub assignment: Vec<TopicPartition>,
}
