//! ConsumerGroupHeartbeat (key 68, KIP-848): the one request by which a member of the consumer protocol joins, stays, tells
//! what it owns, and leaves.
//!
//! - Epoch 0 joins, and makes the group. All fields must be there.
//! - Later heartbeats carry only what has changed; with everything in them, the answer repeats the assignment.
//! - Epoch -1 leaves; -2 is a static member's: it will be back.
//! - The answer has an assignment when that has changed: what the member may own now, not yet all of its target.

use super::ErrorCode;
use crate::base::{GroupId, MemberId, TopicName, TopicPartition};

/// The epoch of a member that joins.
pub const JOIN_EPOCH: i32 = 0;
/// The epoch with which a member leaves.
pub const LEAVE_EPOCH: i32 = -1;
/// The epoch with which a static member leaves for a while.
pub const LEAVE_STATIC_EPOCH: i32 = -2;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ConsumerGroupHeartbeatRequest {
    pub group_id: GroupId,
    /// Made up by the client, once for its lifetime.
    pub member_id: MemberId,
    pub member_epoch: i32,
    pub instance_id: Option<String>,
    pub rack_id: Option<String>,
    /// The client's `client.id`, which the request header carries.
    pub client_id: String,
    /// `max.poll.interval.ms`; `None` when it is as before. So are the other fields.
    pub rebalance_timeout_ms: Option<u64>,
    pub subscribed_topic_names: Option<Vec<TopicName>>,
    /// Empty: no expression any more.
    pub subscribed_topic_regex: Option<String>,
    pub server_assignor: Option<String>,
    /// What the member owns now.
    pub topic_partitions: Option<Vec<TopicPartition>>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ConsumerGroupHeartbeatResponse {
    pub error: Option<ErrorCode>,
    pub error_message: Option<String>,
    pub member_id: MemberId,
    pub member_epoch: i32,
    /// When the coordinator wants to hear from the member again.
    pub heartbeat_interval_ms: u64,
    /// What the member may own; `None` when it is as before.
    pub assignment: Option<Vec<TopicPartition>>,
}

impl ConsumerGroupHeartbeatResponse {
    pub fn refused(member_id: &MemberId, error: ErrorCode) -> Self {
        Self {
            error: Some(error),
            error_message: Some(error.message().to_owned()),
            member_id: member_id.clone(),
            member_epoch: 0,
            heartbeat_interval_ms: 0,
            assignment: None,
        }
    }
}
