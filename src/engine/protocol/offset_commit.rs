//! OffsetCommit (key 8): stores a group's offsets as records of `__consumer_offsets`.
//!
//! - From a member: its id and generation must be the group's current ones.
//! - Without member id (generation -1), as the tools and manual assignment do: only while the group is empty.

use std::rc::Rc;

use crate::base::{GroupId, MemberId, Offset, TopicPartition};
use crate::engine::error::ErrorCode;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OffsetCommitRequest {
    pub group_id: GroupId,
    /// -1 outside of group management.
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
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OffsetCommitResponse {
    pub partitions: Vec<(TopicPartition, Option<ErrorCode>)>,
}
