//! Committed offsets: OffsetCommit, OffsetFetch, OffsetDelete.

use super::classic::{Work, check_member};
use super::streams;
use crate::base::{GroupId, MemberId, TopicName, TopicPartition};
use crate::engine::broker::Broker;
use crate::engine::coordinator::home::append;
use crate::engine::group::streams::records as streams_records;
use crate::engine::group::{ConsumerGroup, ConsumerGroupState, GroupState, StreamsGroupState, consumer_records, records};
use crate::engine::network::RequestRef;
use crate::engine::node::{Change, NodeContext, Outcome};
use crate::engine::protocol::{
    CommittedOffset, ErrorCode, OffsetCommitRequest, OffsetCommitResponse, OffsetDeleteRequest, OffsetDeleteResponse,
    OffsetFetchRequest, OffsetFetchResponse, Response,
};
use crate::engine::trace::{AnyGroupState, GroupReason, TraceEvent};
use crate::engine::wire::Record;

/// `ConsumerGroup.validateOffsetCommit`: an older epoch will do for a partition that the member has had since then.
fn check_modern_commit(group: &ConsumerGroup, request: &OffsetCommitRequest) -> Result<(), ErrorCode> {
    if request.generation_id < 0 && group.members.is_empty() {
        return Ok(());
    }
    let member = request.member_id.as_ref().and_then(|member_id| group.members.get(member_id));
    let member = member.ok_or(ErrorCode::UnknownMemberId)?;
    let stale = if member.classic.is_some() { ErrorCode::IllegalGeneration } else { ErrorCode::StaleMemberEpoch };
    let had_since = |partition: &TopicPartition| {
        let since = member.assigned.get(partition).or_else(|| member.pending_revocation.get(partition));
        since.is_some_and(|since| request.generation_id >= *since)
    };
    if request.generation_id == member.epoch
        || request.generation_id < member.epoch && request.offsets.iter().all(|(partition, _)| had_since(partition))
    {
        return Ok(());
    }
    Err(stale)
}

/// `ConsumerGroup.validateOffsetFetch`.
fn check_modern_fetch(group: &ConsumerGroup, request: &OffsetFetchRequest) -> Result<(), ErrorCode> {
    let Some((member_id, epoch)) = &request.member else {
        return Ok(());
    };
    let member = group.members.get(member_id).ok_or(ErrorCode::UnknownMemberId)?;
    match &member.classic {
        _ if *epoch == member.epoch => Ok(()),
        Some(_) => Err(ErrorCode::IllegalGeneration),
        None => Err(ErrorCode::StaleMemberEpoch),
    }
}

/// `ClassicGroup.validateOffsetCommit`.
fn check_commit(broker: &Broker, request: &OffsetCommitRequest) -> Result<(), ErrorCode> {
    if let Some(group) = broker.consumer_groups.get(&request.group_id) {
        return check_modern_commit(group, request);
    }
    if let Some(group) = broker.streams_groups.get(&request.group_id) {
        return streams::check_commit(group, request);
    }
    let Some(group) = broker.groups.get(&request.group_id) else {
        // A group that is not there comes into being with its first offsets, but not in the middle of a generation.
        return if request.generation_id < 0 { Ok(()) } else { Err(ErrorCode::GroupIdNotFound) };
    };
    if request.generation_id < 0 && group.state == GroupState::Empty {
        return Ok(());
    }
    if request.generation_id >= 0 || request.member_id.is_some() || request.group_instance_id.is_some() {
        let member_id = request.member_id.clone().unwrap_or_else(|| MemberId::from(""));
        check_member(group, &member_id, request.group_instance_id.as_deref())?;
        if request.generation_id != group.generation_id {
            return Err(ErrorCode::IllegalGeneration);
        }
    } else if group.state != GroupState::Empty {
        return Err(ErrorCode::UnknownMemberId);
    }
    match group.state {
        GroupState::CompletingRebalance => Err(ErrorCode::RebalanceInProgress),
        _ => Ok(()),
    }
}

pub(super) fn commit(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &OffsetCommitRequest) -> Outcome {
    let refused = check_commit(broker, request).err();
    let metadata_max = cx.configs.offset_metadata_max_bytes;
    let now = cx.now.timestamp();
    let mut taken: Vec<(TopicPartition, CommittedOffset)> = Vec::new();
    let mut written: Vec<Record> = Vec::new();
    let mut partitions = Vec::with_capacity(request.offsets.len());
    for (partition, committed) in &request.offsets {
        let topic = cx.metadata.topic(partition.topic.as_str());
        let error = match topic.filter(|topic| topic.partition(partition.partition).is_some()) {
            _ if refused.is_some() => refused,
            None => Some(ErrorCode::UnknownTopicOrPartition),
            Some(_) if committed.metadata.len() > metadata_max => Some(ErrorCode::OffsetMetadataTooLarge),
            Some(topic) => {
                let committed = CommittedOffset { commit_timestamp: now, ..committed.clone() };
                written.push(records::offset_commit(&request.group_id, partition, &committed, topic.topic_id));
                taken.push((partition.clone(), committed));
                None
            }
        };
        partitions.push((partition.clone(), error));
    }
    let mut outcome = if refused.is_none() { keep_group(cx, broker, request) } else { Outcome::default() };
    if !taken.is_empty() {
        append(cx, broker, &request.group_id, &written, &mut outcome);
        let offsets = taken.iter().map(|(partition, committed)| (partition.clone(), committed.offset)).collect();
        outcome.trace.push(TraceEvent::OffsetsCommitted { group: request.group_id.clone(), offsets });
        let offsets = taken.into_iter().map(|(partition, committed)| (partition, Some(committed))).collect();
        outcome.changes.push(Change::Committed { broker: broker.id, group_id: request.group_id.clone(), offsets });
    }
    outcome.responses.push((from, Response::OffsetCommit(OffsetCommitResponse { partitions })));
    outcome
}

/// A commit counts as a heartbeat, but in a classic group alone. Outside of a generation it makes the group that
/// is to hold the offsets. When one that is there became empty stays as it is: its offsets are kept no longer for that.
fn keep_group(cx: &NodeContext<'_>, broker: &Broker, request: &OffsetCommitRequest) -> Outcome {
    if broker.consumer_groups.contains_key(&request.group_id) || broker.streams_groups.contains_key(&request.group_id) {
        return Outcome::default();
    }
    match &request.member_id {
        Some(member_id) if request.generation_id >= 0 => {
            let (group_id, member_id) = (request.group_id.clone(), member_id.clone());
            Outcome { changes: vec![Change::MemberHeard { broker: broker.id, group_id, member_id }], ..Outcome::default() }
        }
        _ if broker.groups.contains_key(&request.group_id) => Outcome::default(),
        _ => Work::on_or_new(cx, broker, &request.group_id).finish(),
    }
}

pub(super) fn fetch(broker: &Broker, from: RequestRef, request: &OffsetFetchRequest) -> Outcome {
    let modern = broker.consumer_groups.get(&request.group_id).and_then(|group| check_modern_fetch(group, request).err());
    let streams = broker.streams_groups.get(&request.group_id).and_then(|group| streams::check_fetch(group, request).err());
    if let Some(error) = modern.or(streams) {
        let response = OffsetFetchResponse { error: Some(error), partitions: Vec::new() };
        return Outcome::answer(from, Response::OffsetFetch(response));
    }
    let committed = broker.committed.get(&request.group_id);
    let partitions = match &request.partitions {
        None => {
            committed.into_iter().flatten().map(|(partition, committed)| (partition.clone(), Some(committed.clone()))).collect()
        }
        Some(wanted) => {
            let found = |partition: &TopicPartition| committed.and_then(|committed| committed.get(partition)).cloned();
            wanted.iter().map(|partition| (partition.clone(), found(partition))).collect()
        }
    };
    Outcome::answer(from, Response::OffsetFetch(OffsetFetchResponse { error: None, partitions }))
}

pub(super) fn delete(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &OffsetDeleteRequest) -> Outcome {
    let group_id = &request.group_id;
    let is_modern = broker.consumer_groups.contains_key(group_id) || broker.streams_groups.contains_key(group_id);
    if !broker.groups.contains_key(group_id) && !is_modern {
        let response = OffsetDeleteResponse { error: Some(ErrorCode::GroupIdNotFound), partitions: Vec::new() };
        return Outcome::answer(from, Response::OffsetDelete(response));
    }
    let committed = broker.committed.get(&request.group_id);
    let mut gone: Vec<TopicPartition> = Vec::new();
    let mut partitions = Vec::new();
    for partition in &request.partitions {
        let topic = cx.metadata.topic(partition.topic.as_str());
        let error = if topic.and_then(|topic| topic.partition(partition.partition)).is_none() {
            Some(ErrorCode::UnknownTopicOrPartition)
        } else if is_subscribed(broker, &request.group_id, &partition.topic) {
            Some(ErrorCode::GroupSubscribedToTopic)
        } else {
            if committed.is_some_and(|committed| committed.contains_key(partition)) {
                gone.push(partition.clone());
            }
            None
        };
        partitions.push((partition.clone(), error));
    }
    let mut outcome = Outcome::default();
    let tombstones = drop_offsets(broker, &request.group_id, gone, &mut outcome);
    append(cx, broker, &request.group_id, &tombstones, &mut outcome);
    outcome.responses.push((from, Response::OffsetDelete(OffsetDeleteResponse { error: None, partitions })));
    outcome
}

/// Does a member of the group subscribe to the topic?
pub(super) fn is_subscribed(broker: &Broker, group_id: &GroupId, topic: &TopicName) -> bool {
    let classic = broker.groups.get(group_id).is_some_and(|group| group.subscribes_to(topic));
    classic
        || broker.consumer_groups.get(group_id).is_some_and(|group| group.subscribes_to(topic))
        || broker.streams_groups.get(group_id).is_some_and(|group| group.subscribes_to(topic))
}

/// Drops some of a group's offsets. Gives the tombstones, which the caller appends: a partition takes one batch of an outcome.
pub(super) fn drop_offsets(broker: &Broker, group_id: &GroupId, gone: Vec<TopicPartition>, outcome: &mut Outcome) -> Vec<Record> {
    let tombstones = gone.iter().map(|partition| records::offset_tombstone(group_id, partition)).collect();
    if !gone.is_empty() {
        let offsets = gone.into_iter().map(|partition| (partition, None)).collect();
        outcome.changes.push(Change::Committed { broker: broker.id, group_id: group_id.clone(), offsets });
    }
    tombstones
}

/// Drops a group with all that it holds. Gives the tombstones of both, as `drop_offsets` does.
pub(super) fn drop_group(broker: &Broker, group_id: &GroupId, reason: GroupReason, outcome: &mut Outcome) -> Vec<Record> {
    let committed = broker.committed.get(group_id).into_iter().flatten();
    let mut tombstones: Vec<Record> = committed.map(|(partition, _)| records::offset_tombstone(group_id, partition)).collect();
    let (state, generation_id) = if let Some(group) = broker.consumer_groups.get(group_id) {
        tombstones.extend(consumer_records::group_tombstones(group_id, group));
        outcome.changes.push(Change::ConsumerGroup { broker: broker.id, group_id: group_id.clone(), group: None });
        (AnyGroupState::Consumer(ConsumerGroupState::Dead), group.group_epoch)
    } else if let Some(group) = broker.streams_groups.get(group_id) {
        tombstones.extend(streams_records::group_tombstones(group_id));
        outcome.changes.push(Change::StreamsGroup { broker: broker.id, group_id: group_id.clone(), group: None });
        (AnyGroupState::Streams(StreamsGroupState::Dead), group.group_epoch)
    } else if let Some(group) = broker.groups.get(group_id) {
        tombstones.push(records::group_tombstone(group_id));
        outcome.changes.push(Change::Group { broker: broker.id, group_id: group_id.clone(), group: None });
        (AnyGroupState::Classic(GroupState::Dead), group.generation_id)
    } else {
        return Vec::new();
    };
    outcome.changes.push(Change::ForgetCommitted { broker: broker.id, group_id: group_id.clone() });
    outcome.trace.push(TraceEvent::GroupState { group: group_id.clone(), state, generation_id, reason: Some(reason) });
    tombstones
}
