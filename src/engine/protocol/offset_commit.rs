//! OffsetCommit (key 8): stores a group's offsets as records of `__consumer_offsets`.
//!
//! - From a member: its id and generation must be the group's current ones.
//! - From a member of the consumer protocol: its epoch may be an older one, as long as it has owned the partition since.
//! - Without member id (generation -1), as the tools and manual assignment do: only while the group is empty.

use std::rc::Rc;

use super::ErrorCode;
use crate::base::{GroupId, MemberId, Offset, Timestamp, TopicPartition};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OffsetCommitRequest {
    pub group_id: GroupId,
    /// The generation, or the member's epoch with the consumer protocol. -1 outside of group management.
    pub generation_id: i32,
    pub member_id: Option<MemberId>,
    pub group_instance_id: Option<String>,
    pub offsets: Vec<(TopicPartition, CommittedOffset)>,
}

/// A group's mark in a partition: the offset of the *next* record to read.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CommittedOffset {
    pub offset: Offset,
    pub leader_epoch: Option<i32>,
    pub metadata: Rc<str>,
    /// When the coordinator took it; what a client says counts for nothing.
    pub commit_timestamp: Timestamp,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OffsetCommitResponse {
    pub partitions: Vec<(TopicPartition, Option<ErrorCode>)>,
}

impl OffsetCommitRequest {
    pub fn partitions(&self) -> impl Iterator<Item = &TopicPartition> {
        self.offsets.iter().map(|(partition, _)| partition)
    }
}

impl OffsetCommitResponse {
    pub fn partitions(&self) -> impl Iterator<Item = &TopicPartition> {
        self.partitions.iter().map(|(partition, _)| partition)
    }
}
