//! Where share groups begin: DescribeShareGroupOffsets, AlterShareGroupOffsets, DeleteShareGroupOffsets.

use super::heartbeat::note_initialized;
use super::{Refused, find, not_found};
use crate::base::{GroupId, Offset, TopicName, TopicPartition};
use crate::engine::broker::Broker;
use crate::engine::group::ShareGroup;
use crate::engine::network::RequestRef;
use crate::engine::node::{NodeContext, Outcome};
use crate::engine::protocol::{
    AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse, DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse,
    DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse, ErrorCode, Response, SharePartitionOffsetInfo,
    StateOperation, StateResult,
};
use crate::engine::share::{Awaiting, ShareKey, Then};
use crate::engine::share_partition::ShareWork;

fn keys(group_id: &GroupId, topic: &TopicName, partitions: &[i32]) -> impl Iterator<Item = ShareKey> {
    partitions.iter().map(|partition| (group_id.clone(), TopicPartition::new(topic.clone(), *partition)))
}

pub(super) fn describe(
    cx: &NodeContext<'_>,
    broker: &Broker,
    from: RequestRef,
    asked: &DescribeShareGroupOffsetsRequest,
) -> Outcome {
    let mut work = ShareWork::new(cx, broker);
    let initialized = broker.share_groups.get(&asked.group_id).map(|group| &group.initialized);
    let mut is_any = false;
    for key in initialized.into_iter().flatten().flat_map(|(topic, numbers)| keys(&asked.group_id, topic, numbers)) {
        work.ask(&key, StateOperation::ReadSummary);
        work.ask_end(&key.1);
        is_any = true;
    }
    if !is_any {
        return refusal(from, None);
    }
    work.then(from, Then::DescribeOffsets);
    work.finish()
}

/// An answer without partitions.
fn refusal(from: RequestRef, error: Option<ErrorCode>) -> Outcome {
    let response = DescribeShareGroupOffsetsResponse { error, partitions: Vec::new() };
    Outcome::answer(from, Response::DescribeShareGroupOffsets(response))
}

/// Share coordinators have said what they keep, and leaders where their partitions end.
pub fn described(awaiting: &Awaiting) -> Outcome {
    if let Some(error) = awaiting.states.iter().find_map(|(_, result)| result.as_ref().err()) {
        return refusal(awaiting.to, Some(*error));
    }
    let info = |(key, result): &(ShareKey, StateResult)| (key.1.clone(), info(result, &key.1, &awaiting.ends));
    let mut partitions: Vec<_> = awaiting.states.iter().map(info).collect();
    partitions.sort_by(|(one, _), (other, _)| one.cmp(other));
    let response = DescribeShareGroupOffsetsResponse { error: None, partitions };
    Outcome::answer(awaiting.to, Response::DescribeShareGroupOffsets(response))
}

/// The start that is kept, and how far it is to the end without what is done with already.
fn info(state: &StateResult, partition: &TopicPartition, ends: &[(TopicPartition, Offset)]) -> Option<SharePartitionOffsetInfo> {
    let state = state.as_ref().ok()?.as_ref().filter(|state| state.start_offset.0 >= 0)?;
    let end = ends.iter().find(|(known, _)| known == partition).map(|(_, end)| *end);
    let lag = end.filter(|_| state.delivery_complete_count >= 0);
    Some(SharePartitionOffsetInfo {
        start_offset: state.start_offset,
        leader_epoch: state.leader_epoch,
        lag: lag.map(|end| end.0 - state.start_offset.0 - state.delivery_complete_count),
    })
}

pub(super) fn alter(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, alter: &AlterShareGroupOffsetsRequest) -> Outcome {
    let mut work = ShareWork::new(cx, broker);
    let refusal = |error| {
        let response = AlterShareGroupOffsetsResponse { error: Some(error), partitions: Vec::new() };
        Outcome::answer(from, Response::AlterShareGroupOffsets(response))
    };
    let mut group = match empty_group(broker, &alter.group_id) {
        Ok(group) => group.unwrap_or_else(ShareGroup::new),
        Err(error) => return refusal(error),
    };
    let mut partitions = Vec::new();
    for (partition, start_offset) in &alter.offsets {
        let there = cx.metadata.has(partition);
        partitions.push((partition.clone(), (!there).then_some(ErrorCode::UnknownTopicOrPartition)));
        if there {
            let operation = StateOperation::Initialize { state_epoch: group.group_epoch, start_offset: *start_offset };
            work.ask(&(alter.group_id.clone(), partition.clone()), operation);
            note_initialized(&mut group, partition, true);
        }
    }
    work.put_group(&alter.group_id, group);
    work.answer(from, Response::AlterShareGroupOffsets(AlterShareGroupOffsetsResponse { error: None, partitions }));
    work.finish()
}

/// The group, which must have no members; `Ok(None)` where there is none.
fn empty_group(broker: &Broker, group_id: &GroupId) -> Result<Option<ShareGroup>, Refused> {
    let group = find(broker, group_id)?;
    match group {
        Some(group) if !group.members.is_empty() => Err(ErrorCode::NonEmptyGroup.told()),
        group => Ok(group),
    }
}

pub(super) fn delete(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, delete: &DeleteShareGroupOffsetsRequest) -> Outcome {
    let mut work = ShareWork::new(cx, broker);
    let found = empty_group(broker, &delete.group_id)
        .and_then(|group| group.ok_or_else(|| not_found(format!("Group {} not found.", delete.group_id))));
    let response = match found {
        Err(error) => DeleteShareGroupOffsetsResponse { error: Some(error), topics: Vec::new() },
        Ok(mut group) => {
            let topics = delete.topics.iter().map(|topic| (topic.clone(), delete_topic(&mut work, delete, &mut group, topic)));
            let topics = topics.collect();
            work.put_group(&delete.group_id, group);
            DeleteShareGroupOffsetsResponse { error: None, topics }
        }
    };
    work.answer(from, Response::DeleteShareGroupOffsets(response));
    work.finish()
}

fn delete_topic(
    work: &mut ShareWork<'_>,
    request: &DeleteShareGroupOffsetsRequest,
    group: &mut ShareGroup,
    topic: &TopicName,
) -> Option<Refused> {
    if work.cx.metadata.topic(topic.as_str()).is_none() {
        return Some(ErrorCode::UnknownTopicOrPartition.told());
    }
    let Some(partitions) = group.initialized.remove(topic) else {
        let why = "There is no offset information to delete.".to_owned();
        return Some((ErrorCode::UnknownTopicOrPartition, why));
    };
    keys(&request.group_id, topic, &partitions).for_each(|key| work.ask(&key, StateOperation::Delete));
    None
}
