//! AlterPartition (key 56): a leader asks the controller for another in-sync set.
//!
//! - Refused when leader epoch or partition epoch are not the controller's, or a member may not be in sync (fenced).

use crate::base::{BrokerId, TopicPartition};
use crate::engine::error::ErrorCode;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterPartitionRequest {
    pub topic_partition: TopicPartition,
    pub leader_epoch: i32,
    pub partition_epoch: i32,
    pub new_isr: Vec<BrokerId>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterPartitionResponse {
    pub topic_partition: TopicPartition,
    pub error: Option<ErrorCode>,
}
