//! OffsetsForLeaderEpoch (key 23): where a leader epoch ends in the leader's log (KIP-320). A consumer whose position lies
//! beyond that end has read what is no longer there.

use super::ErrorCode;
use crate::base::{Offset, TopicPartition};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OffsetsForLeaderEpochRequest {
    pub partitions: Vec<EpochAsked>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct EpochAsked {
    pub topic_partition: TopicPartition,
    /// The leader's epoch, as the one who asks knows it.
    pub current_leader_epoch: i32,
    /// The epoch whose end is wanted.
    pub leader_epoch: i32,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OffsetsForLeaderEpochResponse {
    pub partitions: Vec<EpochEnd>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct EpochEnd {
    pub topic_partition: TopicPartition,
    pub error: Option<ErrorCode>,
    /// The largest epoch up to the one asked for, and one past its last record; `None` where there is none.
    pub end: Option<(i32, Offset)>,
}
