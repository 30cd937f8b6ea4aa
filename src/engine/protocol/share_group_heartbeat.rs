//! ShareGroupHeartbeat (key 76, KIP-932): enters a share group, stays in it, leaves it.
//!
//! - Epoch 0 enters, with an id that the member has made up; -1 leaves; another one says "still here".
//! - The answer has the assignment when the member enters, names its topics, or its assignment has changed.
//! - A topic's partitions are assigned once their share state is there, which a first heartbeat only asks for: a new
//!   group's members so get their partitions with their second heartbeat.

use super::ErrorCode;
use crate::base::{GroupId, MemberId, TopicName, TopicPartition};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShareGroupHeartbeatRequest {
    pub group_id: GroupId,
    pub member_id: MemberId,
    pub member_epoch: i32,
    /// The client's `client.id`, which the request header carries.
    pub client_id: String,
    /// `client.rack`, with the first heartbeat; `None`: as before.
    pub rack_id: Option<String>,
    /// `None`: as before.
    pub subscribed_topics: Option<Vec<TopicName>>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShareGroupHeartbeatResponse {
    pub error: Option<(ErrorCode, String)>,
    pub member_epoch: i32,
    pub heartbeat_interval_ms: u64,
    pub assignment: Option<Vec<TopicPartition>>,
}

impl ShareGroupHeartbeatResponse {
    pub fn refused(error: (ErrorCode, String)) -> Self {
        Self { error: Some(error), member_epoch: 0, heartbeat_interval_ms: 0, assignment: None }
    }
}
