//! FindCoordinator (key 10): the broker that leads the group's partition of `__consumer_offsets`.
//!
//! - The partition is `abs(hash(group id)) % offsets.topic.num.partitions`, with Java's string hash.
//! - The topic is created on the first question, which is answered `COORDINATOR_NOT_AVAILABLE`.

use super::ErrorCode;
use crate::base::{BrokerId, GroupId};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FindCoordinatorRequest {
    pub group_id: GroupId,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FindCoordinatorResponse {
    pub error: Option<ErrorCode>,
    pub coordinator: Option<BrokerId>,
}
