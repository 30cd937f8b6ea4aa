//! OffsetFetch (key 9): a group's committed offsets. Partitions without one are answered with `None`.

use super::ErrorCode;
use super::offset_commit::CommittedOffset;
use crate::base::{GroupId, MemberId, TopicPartition};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OffsetFetchRequest {
    pub group_id: GroupId,
    /// Who asks and in which epoch, from a member of the consumer protocol: a stale one is refused.
    pub member: Option<(MemberId, i32)>,
    /// `None` asks for all that the group has.
    pub partitions: Option<Vec<TopicPartition>>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OffsetFetchResponse {
    pub error: Option<ErrorCode>,
    pub partitions: Vec<(TopicPartition, Option<CommittedOffset>)>,
}
