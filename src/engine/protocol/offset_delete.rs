//! OffsetDelete (key 47): drops committed offsets of topics that no member subscribes to.

use super::ErrorCode;
use crate::base::{GroupId, TopicPartition};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OffsetDeleteRequest {
    pub group_id: GroupId,
    pub partitions: Vec<TopicPartition>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OffsetDeleteResponse {
    pub error: Option<ErrorCode>,
    pub partitions: Vec<(TopicPartition, Option<ErrorCode>)>,
}
