//! DeleteRecords (key 21): moves a log's start. Never makes a hole in the middle.

use super::ErrorCode;
use crate::base::{Offset, TopicPartition};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DeleteRecordsRequest {
    /// Partition and the new log start offset; -1 stands for the high watermark.
    pub partitions: Vec<(TopicPartition, Offset)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DeleteRecordsResponse {
    /// The low watermark, or why not.
    pub partitions: Vec<(TopicPartition, Result<Offset, ErrorCode>)>,
}
