//! LeaveGroup (key 13): a member goes at once, without waiting for its session to time out.

use super::ErrorCode;
use crate::base::{GroupId, MemberId};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LeaveGroupRequest {
    pub group_id: GroupId,
    pub member_id: MemberId,
    pub group_instance_id: Option<String>,
    pub reason: String,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LeaveGroupResponse {
    pub error: Option<ErrorCode>,
}
