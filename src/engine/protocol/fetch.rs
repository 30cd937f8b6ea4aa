//! Fetch (key 1): reads batches below the high watermark.
//!
//! - Answers at once when `min_bytes` are there or a partition has an error; else waits up to `max_wait_ms`.
//! - A leader may send a consumer of the same rack as a follower there (KIP-392).
//! - A leader epoch other than the broker's is `FENCED_LEADER_EPOCH` or `UNKNOWN_LEADER_EPOCH` (KIP-320).
//! - An offset outside the log is `OFFSET_OUT_OF_RANGE`.
//! - Whole batches are given, also when the position lies inside one; the client drops what it does not want.

use std::rc::Rc;

use super::ErrorCode;
use crate::base::{BrokerId, Offset, TopicPartition};
use crate::engine::log::Batch;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FetchRequest {
    pub max_wait_ms: u64,
    pub min_bytes: u64,
    pub max_bytes: u64,
    /// `client.rack`
    pub rack_id: Option<String>,
    pub partitions: Vec<FetchPartition>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FetchPartition {
    pub topic_partition: TopicPartition,
    pub fetch_offset: Offset,
    /// As the consumer knows it.
    pub current_leader_epoch: Option<i32>,
    pub partition_max_bytes: u64,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FetchResponse {
    pub partitions: Vec<FetchedPartition>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FetchedPartition {
    pub topic_partition: TopicPartition,
    pub error: Option<ErrorCode>,
    pub high_watermark: Offset,
    pub log_start_offset: Offset,
    /// Whom the consumer should ask instead.
    pub preferred_read_replica: Option<BrokerId>,
    pub batches: Vec<Rc<Batch>>,
}
