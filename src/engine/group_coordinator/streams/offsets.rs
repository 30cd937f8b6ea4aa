//! May a member of a streams group commit, or ask for what is committed (`StreamsGroup.validateOffsetCommit`,
//! `validateOffsetFetch`)?

use crate::base::TopicPartition;
use crate::engine::group::streams::{StreamsGroup, TaskId};
use crate::engine::protocol::{ErrorCode, OffsetCommitRequest, OffsetFetchRequest};

/// An older epoch will do for a partition whose task the member has run since then.
pub fn check_commit(group: &StreamsGroup, request: &OffsetCommitRequest) -> Result<(), ErrorCode> {
    if request.generation_id < 0 && group.members.is_empty() {
        return Ok(());
    }
    let member = request.member_id.as_ref().and_then(|member_id| group.members.get(member_id));
    let member = member.ok_or(ErrorCode::UnknownMemberId)?;
    let ran_since = |partition: &TopicPartition| {
        let Some(subtopology) = group.subtopology_of(&partition.topic) else { return false };
        let task = TaskId::new(subtopology, partition.partition);
        let since = member.assigned.active.get(&task).or_else(|| member.pending_revocation.active.get(&task));
        since.is_some_and(|since| request.generation_id >= *since)
    };
    match request.generation_id == member.epoch || request.generation_id < member.epoch && request.partitions().all(ran_since) {
        true => Ok(()),
        false => Err(ErrorCode::StaleMemberEpoch),
    }
}

pub fn check_fetch(group: &StreamsGroup, request: &OffsetFetchRequest) -> Result<(), ErrorCode> {
    let Some((member_id, epoch)) = &request.member else {
        return Ok(());
    };
    let member = group.members.get(member_id).ok_or(ErrorCode::UnknownMemberId)?;
    if *epoch == member.epoch { Ok(()) } else { Err(ErrorCode::StaleMemberEpoch) }
}
