//! ListOffsets (key 2): the first, the last, or the first offset at or after a time.

use super::ErrorCode;
use crate::base::{Offset, Timestamp, TopicPartition};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ListOffsetsRequest {
    pub partitions: Vec<(TopicPartition, OffsetSpec)>,
}

/// `OffsetSpec` of the admin client; the numbers in parentheses are the timestamps that stand for it on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OffsetSpec {
    /// The log start offset (-2).
    Earliest,
    /// The high watermark (-1): where the next visible record will be.
    Latest,
    /// The record with the largest timestamp (-3).
    MaxTimestamp,
    /// The first record whose timestamp is at or after this one.
    Timestamp(Timestamp),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ListOffsetsResponse {
    pub partitions: Vec<ListedOffset>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ListedOffset {
    pub topic_partition: TopicPartition,
    pub error: Option<ErrorCode>,
    /// `None` when no record matches.
    pub offset: Option<Offset>,
    pub timestamp: Timestamp,
    pub leader_epoch: i32,
}

impl ListedOffset {
    /// The answer for a partition that has none.
    pub fn refused(topic_partition: TopicPartition, error: ErrorCode) -> Self {
        Self { topic_partition, error: Some(error), offset: None, timestamp: Timestamp(-1), leader_epoch: -1 }
    }
}
