//! AlterPartition (key 56): a leader asks the controller for another in-sync set.
//!
//! - Refused when leader epoch or partition epoch are not the controller's, or a member may not be in sync (fenced, or
//!   registered anew since the leader heard of it).

use super::ErrorCode;
use crate::base::{BrokerId, TopicPartition};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterPartitionRequest {
    pub topic_partition: TopicPartition,
    pub leader_epoch: i32,
    pub partition_epoch: i32,
    /// With the registration of each that the leader knows; of those that never fetched from it, none (KIP-903).
    pub new_isr: Vec<(BrokerId, Option<i64>)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterPartitionResponse {
    pub topic_partition: TopicPartition,
    pub error: Option<ErrorCode>,
}
