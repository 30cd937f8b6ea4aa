//! Committed offsets: OffsetCommit, OffsetFetch, OffsetDelete, and their end after offsets.retention.minutes.

use super::classic::check_member;
use super::records::{self, Record};
use super::work::{Work, append};
use super::{GroupState, home};
use crate::base::{GroupId, SimTime, Span, TopicPartition};
use crate::engine::broker::{Broker, Change, Outcome};
use crate::engine::error::ErrorCode;
use crate::engine::network::RequestRef;
use crate::engine::protocol::{
    CommittedOffset, OffsetCommitRequest, OffsetCommitResponse, OffsetDeleteRequest, OffsetDeleteResponse, OffsetFetchRequest,
    OffsetFetchResponse, Response,
};
use crate::engine::trace::TraceEvent;
use crate::engine::world::World;

/// `ClassicGroup.validateOffsetCommit`.
fn check_commit(broker: &Broker, request: &OffsetCommitRequest) -> Result<(), ErrorCode> {
    let Some(group) = broker.groups.get(&request.group_id) else {
        // A group that is not there comes into being with its first offsets, but not in the middle of a generation.
        return if request.generation_id < 0 { Ok(()) } else { Err(ErrorCode::IllegalGeneration) };
    };
    if request.generation_id < 0 && group.state == GroupState::Empty {
        return Ok(());
    }
    match &request.member_id {
        Some(member_id) if request.generation_id >= 0 => {
            check_member(group, member_id, request.group_instance_id.as_deref())?;
            if request.generation_id != group.generation_id {
                return Err(ErrorCode::IllegalGeneration);
            }
        }
        _ if group.state == GroupState::Empty => {}
        _ => return Err(ErrorCode::UnknownMemberId),
    }
    match group.state {
        GroupState::Empty | GroupState::Stable | GroupState::PreparingRebalance => Ok(()),
        GroupState::CompletingRebalance => Err(ErrorCode::RebalanceInProgress),
        GroupState::Dead => Err(ErrorCode::UnknownMemberId),
    }
}

pub(super) fn commit(world: &World, broker: &Broker, from: RequestRef, request: &OffsetCommitRequest) -> Outcome {
    let refused = check_commit(broker, request).err();
    let metadata_max = world.broker_config("offset.metadata.max.bytes").parse().unwrap_or(4096);
    let now = world.now().timestamp();
    let mut taken: Vec<(TopicPartition, CommittedOffset)> = Vec::new();
    let mut written: Vec<Record> = Vec::new();
    let mut partitions = Vec::with_capacity(request.offsets.len());
    for (partition, committed) in &request.offsets {
        let topic = world.cluster().topic(partition.topic.as_str());
        let error = match topic.filter(|topic| topic.partition(partition.partition).is_some()) {
            _ if refused.is_some() => refused,
            None => Some(ErrorCode::UnknownTopicOrPartition),
            Some(_) if committed.metadata.len() > metadata_max => Some(ErrorCode::OffsetMetadataTooLarge),
            Some(topic) => {
                written.push(records::offset_commit(&request.group_id, partition, committed, topic.topic_id, now));
                taken.push((partition.clone(), committed.clone()));
                None
            }
        };
        partitions.push((partition.clone(), error));
    }
    let mut outcome = if refused.is_none() { keep_group(world, broker, request) } else { Outcome::default() };
    if !taken.is_empty() {
        append(world, broker, &request.group_id, &written, &mut outcome);
        let offsets = taken.iter().map(|(partition, committed)| (partition.clone(), committed.offset)).collect();
        outcome.trace.push(TraceEvent::OffsetsCommitted { group: request.group_id.clone(), offsets });
        let offsets = taken.into_iter().map(|(partition, committed)| (partition, Some(committed))).collect();
        outcome.changes.push(Change::Committed { broker: broker.id, group_id: request.group_id.clone(), offsets });
    }
    outcome.responses.push((from, Response::OffsetCommit(OffsetCommitResponse { partitions })));
    outcome
}

/// A commit counts as a heartbeat. Outside of a generation it makes the group that is to hold the offsets, and begins
/// the time anew for which an empty group keeps them.
fn keep_group(world: &World, broker: &Broker, request: &OffsetCommitRequest) -> Outcome {
    match &request.member_id {
        Some(member_id) if request.generation_id >= 0 => {
            let (group_id, member_id) = (request.group_id.clone(), member_id.clone());
            Outcome { changes: vec![Change::MemberHeard { broker: broker.id, group_id, member_id }], ..Outcome::default() }
        }
        _ => {
            let mut work = Work::on_or_new(world, broker, &request.group_id);
            work.group.state_since = world.now();
            work.watch_emptiness();
            work.finish()
        }
    }
}

pub(super) fn fetch(broker: &Broker, from: RequestRef, request: &OffsetFetchRequest) -> Outcome {
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

pub(super) fn delete(world: &World, broker: &Broker, from: RequestRef, request: &OffsetDeleteRequest) -> Outcome {
    let Some(group) = broker.groups.get(&request.group_id) else {
        let response = OffsetDeleteResponse { error: Some(ErrorCode::GroupIdNotFound), partitions: Vec::new() };
        return Outcome::answer(from, Response::OffsetDelete(response));
    };
    let committed = broker.committed.get(&request.group_id);
    let mut gone: Vec<TopicPartition> = Vec::new();
    let mut partitions = Vec::new();
    for partition in &request.partitions {
        let topic = world.cluster().topic(partition.topic.as_str());
        let error = if topic.and_then(|topic| topic.partition(partition.partition)).is_none() {
            Some(ErrorCode::UnknownTopicOrPartition)
        } else if group.subscribes_to(&partition.topic) {
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
    drop_offsets(world, broker, &request.group_id, gone, &mut outcome);
    outcome.responses.push((from, Response::OffsetDelete(OffsetDeleteResponse { error: None, partitions })));
    outcome
}

fn drop_offsets(world: &World, broker: &Broker, group_id: &GroupId, gone: Vec<TopicPartition>, outcome: &mut Outcome) {
    if gone.is_empty() {
        return;
    }
    let tombstones: Vec<Record> = gone.iter().map(|partition| records::offset_tombstone(group_id, partition)).collect();
    append(world, broker, group_id, &tombstones, outcome);
    let offsets = gone.into_iter().map(|partition| (partition, None)).collect();
    outcome.changes.push(Change::Committed { broker: broker.id, group_id: group_id.clone(), offsets });
}

/// Drops a group with all that it holds. Gives the tombstones of both, which the caller appends: a partition takes one
/// batch of an outcome.
pub(super) fn drop_group(broker: &Broker, group_id: &GroupId, reason: &str, outcome: &mut Outcome) -> Vec<Record> {
    let Some(group) = broker.groups.get(group_id) else {
        return Vec::new();
    };
    let committed = broker.committed.get(group_id).into_iter().flatten();
    let mut tombstones: Vec<Record> = committed.map(|(partition, _)| records::offset_tombstone(group_id, partition)).collect();
    tombstones.push(records::group_tombstone(group_id));
    outcome.changes.push(Change::ForgetCommitted { broker: broker.id, group_id: group_id.clone() });
    outcome.changes.push(Change::Group { broker: broker.id, group_id: group_id.clone(), group: None });
    outcome.trace.push(TraceEvent::GroupState {
        group: group_id.clone(),
        state: GroupState::Dead.name(),
        generation_id: group.generation_id,
        reason: reason.into(),
    });
    tombstones
}

/// Every offsets.retention.check.interval.ms: an empty group without offsets goes, one with offsets when they are too old.
pub(super) fn clean_up(world: &World, broker: &Broker, group_id: &GroupId) -> Outcome {
    let Some(mut work) = Work::on(world, broker, group_id) else {
        return Outcome::default();
    };
    work.group.cleanup_timer = false;
    if work.group.state != GroupState::Empty || home(world, broker, group_id).is_none() {
        return work.finish();
    }
    let minutes: u64 = world.broker_config("offsets.retention.minutes").parse().unwrap_or(10_080);
    let expires: SimTime = work.group.state_since + Span::from_secs(minutes.saturating_mul(60));
    let holds = broker.committed.get(group_id).is_some_and(|committed| !committed.is_empty());
    if !work.group.pending_members.is_empty() || holds && world.now() < expires {
        work.watch_emptiness();
        return work.finish();
    }
    let reason = if holds { "its offsets have expired" } else { "it is empty and holds no offsets" };
    let mut outcome = Outcome::default();
    let tombstones = drop_group(broker, group_id, reason, &mut outcome);
    append(world, broker, group_id, &tombstones, &mut outcome);
    outcome
}
