//! Heartbeat (key 12): "still here", answered `REBALANCE_IN_PROGRESS` when the member has to join again.

use super::ErrorCode;
use crate::base::{GroupId, MemberId};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct HeartbeatRequest {
    pub group_id: GroupId,
    pub generation_id: i32,
    pub member_id: MemberId,
    pub group_instance_id: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct HeartbeatResponse {
    pub error: Option<ErrorCode>,
}
