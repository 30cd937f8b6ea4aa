//! ShareFetch (key 78, KIP-932): records of share partitions, and acknowledgements of earlier ones.
//!
//! - Goes to a partition's leader, within a share session: epoch 0 opens one, each request counts it up, -1 ends it.
//!   A session remembers its partitions; a request names only new ones and those to forget.
//! - What is available is acquired for the member; with nothing to give, the request waits up to `max_wait_ms`. Records
//!   that are released by the same request are given only when there are no others.
//! - Whole record batches are sent; `acquired` says which of their records the member now holds.

use std::rc::Rc;

use super::ErrorCode;
use crate::base::{GroupId, MemberId, TopicPartition};
use crate::engine::log::Batch;
use crate::engine::protocol::{AcknowledgementBatch, AcquiredRecords, ShareAcquireMode};

/// Acknowledgements by partition.
pub type Acknowledgements = Vec<(TopicPartition, Vec<AcknowledgementBatch>)>;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShareFetchRequest {
    pub group_id: GroupId,
    pub member_id: MemberId,
    pub session_epoch: i32,
    pub max_wait_ms: u64,
    pub min_bytes: u64,
    pub max_bytes: u64,
    pub max_records: i64,
    /// Records that the client wants to acknowledge together.
    pub batch_size: i64,
    pub acquire_mode: ShareAcquireMode,
    /// New to the session.
    pub partitions: Vec<TopicPartition>,
    pub forgotten: Vec<TopicPartition>,
    pub acknowledgements: Acknowledgements,
    /// Some of them renew locks: then nothing is fetched (KIP-1222).
    pub is_renew_ack: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShareFetchResponse {
    pub error: Option<ErrorCode>,
    pub acquisition_lock_timeout_ms: u64,
    pub partitions: Vec<SharedPartition>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SharedPartition {
    pub topic_partition: TopicPartition,
    pub error: Option<ErrorCode>,
    pub acknowledge_error: Option<ErrorCode>,
    pub batches: Vec<Rc<Batch>>,
    pub acquired: Vec<AcquiredRecords>,
}

impl SharedPartition {
    pub fn new(topic_partition: TopicPartition) -> Self {
        Self { topic_partition, error: None, acknowledge_error: None, batches: Vec::new(), acquired: Vec::new() }
    }
}
