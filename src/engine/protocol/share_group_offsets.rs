//! DescribeShareGroupOffsets (key 90), AlterShareGroupOffsets (91), DeleteShareGroupOffsets (92): where share groups
//! begin to read, asked of the group's coordinator.
//!
//! - The start offset is the one last written to the share state, which lies behind the one in use by a write. The lag
//!   leaves out what is done with after it.
//! - Altering and deleting need a group without members. Altering makes the group where there is none.

use super::ErrorCode;
use crate::base::{GroupId, Offset, TopicName, TopicPartition};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribeShareGroupOffsetsRequest {
    pub group_id: GroupId,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribeShareGroupOffsetsResponse {
    pub error: Option<ErrorCode>,
    /// Of a partition that nothing was acknowledged in yet, all is unknown.
    pub partitions: Vec<(TopicPartition, Option<SharePartitionOffsetInfo>)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SharePartitionOffsetInfo {
    pub start_offset: Offset,
    pub leader_epoch: i32,
    pub lag: Option<i64>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterShareGroupOffsetsRequest {
    pub group_id: GroupId,
    pub offsets: Vec<(TopicPartition, Offset)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterShareGroupOffsetsResponse {
    pub error: Option<(ErrorCode, String)>,
    pub partitions: Vec<(TopicPartition, Option<ErrorCode>)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DeleteShareGroupOffsetsRequest {
    pub group_id: GroupId,
    pub topics: Vec<TopicName>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DeleteShareGroupOffsetsResponse {
    pub error: Option<(ErrorCode, String)>,
    pub topics: Vec<(TopicName, Option<(ErrorCode, String)>)>,
}
