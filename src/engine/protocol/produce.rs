//! Produce (key 0): appends batches to partitions that the broker leads.
//!
//! - acks=0: no response is sent at all. acks=1: answered after the leader's append. acks=-1: after the high watermark
//!   has passed the batch.
//! - An idempotent batch whose sequence is not the next one is refused; one of the last five is answered again as before.

use std::rc::Rc;

use super::ErrorCode;
use crate::base::{Offset, SortedMap, TopicId, TopicName, TopicPartition};
use crate::engine::log::Batch;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ProduceRequest {
    /// 0, 1 or -1 (all).
    pub acks: i16,
    pub timeout_ms: u64,
    pub batches: Vec<(TopicPartition, Rc<Batch>)>,
    /// The ids by which the producer knows the topics: of another that has its name now, the request is not.
    pub topic_ids: SortedMap<TopicName, TopicId>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ProduceResponse {
    pub partitions: Vec<ProducePartition>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ProducePartition {
    pub topic_partition: TopicPartition,
    pub error: Option<ErrorCode>,
    /// Offset of the batch's first record; -1 on error.
    pub base_offset: Offset,
    pub log_start_offset: Offset,
}
