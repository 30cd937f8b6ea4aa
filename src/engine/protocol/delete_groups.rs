//! DeleteGroups (key 42): drops empty groups with all their offsets.

use super::ErrorCode;
use crate::base::GroupId;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DeleteGroupsRequest {
    pub groups: Vec<GroupId>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DeleteGroupsResponse {
    pub groups: Vec<(GroupId, Option<ErrorCode>)>,
}
