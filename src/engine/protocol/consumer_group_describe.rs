//! ConsumerGroupDescribe (key 69, KIP-848): state, epochs, members and assignments of groups of the consumer protocol.
//! A group of another kind is `GROUP_ID_NOT_FOUND`: clients then ask with DescribeGroups.

use super::ErrorCode;
use super::describe_groups::DescribedGroup;
use crate::base::GroupId;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ConsumerGroupDescribeRequest {
    pub groups: Vec<GroupId>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ConsumerGroupDescribeResponse {
    pub groups: Vec<(GroupId, Result<DescribedGroup, ErrorCode>)>,
}
