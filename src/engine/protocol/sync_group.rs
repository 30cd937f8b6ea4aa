//! SyncGroup (key 14): the leader hands in the assignment, every member gets its part.

use super::ErrorCode;
use crate::base::{GroupId, MemberId, TopicPartition};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SyncGroupRequest {
    pub group_id: GroupId,
    pub generation_id: i32,
    pub member_id: MemberId,
    pub group_instance_id: Option<String>,
    /// From the leader only.
    pub assignments: Vec<(MemberId, Vec<TopicPartition>)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SyncGroupResponse {
    pub error: Option<ErrorCode>,
    pub protocol_name: String,
    pub assignment: Vec<TopicPartition>,
}

impl SyncGroupResponse {
    pub fn refused(error: ErrorCode) -> Self {
        Self { error: Some(error), protocol_name: String::new(), assignment: Vec::new() }
    }
}
