//! Where share groups begin: DescribeShareGroupOffsets, AlterShareGroupOffsets, DeleteShareGroupOffsets.

use std::rc::Rc;

use super::heartbeat::{PERSISTER_BACKOFF, make_state_topic, note_initialized};
use super::{Refused, ShareGroup, failed, find, group_of, not_found};
use crate::base::{GroupId, TopicName, TopicPartition};
use crate::engine::broker::{Broker, Outcome};
use crate::engine::error::ErrorCode;
use crate::engine::group::home;
use crate::engine::network::RequestRef;
use crate::engine::node::NodeContext;
use crate::engine::protocol::{
    AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse, DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse,
    DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse, Request, Response, SharePartitionOffsetInfo,
};
use crate::engine::share::{STATE_TOPIC, ShareKey, ShareTimer, ShareWork};

fn told(error: ErrorCode) -> Refused {
    (error, error.message().to_owned())
}

/// How often a request looks for the share coordinator (`PersisterStateManager.MAX_FIND_COORD_ATTEMPTS`).
const TRIES: u32 = 5;

/// A request that had to wait for a share coordinator is handled again.
pub(super) fn again(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &Rc<Request>, tries: u32) -> Outcome {
    match request.as_ref() {
        request if group_of(request).and_then(|group_id| home(cx, broker, group_id)).is_none() => {
            failed(request, ErrorCode::NotCoordinator).map_or_else(Outcome::default, |response| Outcome::answer(from, response))
        }
        Request::DescribeShareGroupOffsets(asked) => describe(cx, broker, from, request, asked, tries),
        Request::AlterShareGroupOffsets(asked) => alter(cx, broker, from, request, asked, tries),
        Request::DeleteShareGroupOffsets(asked) => delete(cx, broker, from, request, asked, tries),
        _ => Outcome::default(),
    }
}

/// Are the share coordinators there that keep these partitions? Else the request waits for them, and is refused in the end.
fn wait_for_keepers(work: &mut ShareWork<'_>, keys: &[ShareKey], from: RequestRef, request: &Rc<Request>, tries: u32) -> bool {
    let Some(error) = keys.iter().find_map(|key| work.keeper(key).err()) else { return true };
    if work.cx.metadata.topic(STATE_TOPIC).is_none() {
        make_state_topic(work);
    }
    if tries + 1 < TRIES {
        let timer = ShareTimer::Again { from, request: request.clone(), tries: tries + 1 };
        work.timer(work.now() + PERSISTER_BACKOFF, timer);
    } else if let Some(response) = failed(request, error) {
        work.answer(from, response);
    }
    false
}

fn keys(group_id: &GroupId, topic: &TopicName, partitions: &[i32]) -> impl Iterator<Item = ShareKey> {
    partitions.iter().map(|partition| (group_id.clone(), TopicPartition::new(topic.clone(), *partition)))
}

pub(super) fn describe(
    cx: &NodeContext<'_>,
    broker: &Broker,
    from: RequestRef,
    request: &Rc<Request>,
    asked: &DescribeShareGroupOffsetsRequest,
    tries: u32,
) -> Outcome {
    let mut work = ShareWork::new(cx, broker);
    let initialized = broker.share_groups.get(&asked.group_id).map(|group| &group.initialized);
    let keys: Vec<ShareKey> =
        initialized.into_iter().flatten().flat_map(|(topic, numbers)| keys(&asked.group_id, topic, numbers)).collect();
    if wait_for_keepers(&mut work, &keys, from, request, tries) {
        let partitions = keys.into_iter().map(|key| (key.1.clone(), info(&work, &key))).collect();
        let response = DescribeShareGroupOffsetsResponse { error: None, partitions };
        work.answer(from, Response::DescribeShareGroupOffsets(response));
    }
    work.finish()
}

/// The start that is kept, and how far it is to the end without what is done with already.
fn info(work: &ShareWork<'_>, key: &ShareKey) -> Option<SharePartitionOffsetInfo> {
    let (state, partition) = (work.state(key)?, &key.1);
    if state.start_offset.0 < 0 {
        return None;
    }
    let leader = work.cx.metadata.topic(partition.topic.as_str())?.partition(partition.partition)?.leader;
    let end = leader.and_then(|leader| Some(work.cx.world.broker(leader)?.replica(partition)?.high_watermark));
    let lag = end.filter(|_| state.delivery_complete_count >= 0);
    Some(SharePartitionOffsetInfo {
        start_offset: state.start_offset,
        leader_epoch: state.leader_epoch,
        lag: lag.map(|end| end.0 - state.start_offset.0 - state.delivery_complete_count),
    })
}

pub(super) fn alter(
    cx: &NodeContext<'_>,
    broker: &Broker,
    from: RequestRef,
    request: &Rc<Request>,
    alter: &AlterShareGroupOffsetsRequest,
    tries: u32,
) -> Outcome {
    let mut work = ShareWork::new(cx, broker);
    let mut group = match empty_group(broker, &alter.group_id) {
        Ok(group) => group.unwrap_or_else(ShareGroup::new),
        Err(error) => {
            let response = AlterShareGroupOffsetsResponse { error: Some(error), partitions: Vec::new() };
            return Outcome::answer(from, Response::AlterShareGroupOffsets(response));
        }
    };
    let there = alter.offsets.iter().filter(|(partition, _)| cx.metadata.has(partition));
    let keys: Vec<ShareKey> = there.map(|(partition, _)| (alter.group_id.clone(), partition.clone())).collect();
    if !wait_for_keepers(&mut work, &keys, from, request, tries) {
        return work.finish();
    }
    let mut partitions = Vec::new();
    for (partition, start_offset) in &alter.offsets {
        let there = cx.metadata.has(partition);
        partitions.push((partition.clone(), (!there).then_some(ErrorCode::UnknownTopicOrPartition)));
        if there {
            work.initialize(&(alter.group_id.clone(), partition.clone()), *start_offset, group.group_epoch);
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
        Some(group) if !group.members.is_empty() => Err(told(ErrorCode::NonEmptyGroup)),
        group => Ok(group),
    }
}

pub(super) fn delete(
    cx: &NodeContext<'_>,
    broker: &Broker,
    from: RequestRef,
    request: &Rc<Request>,
    delete: &DeleteShareGroupOffsetsRequest,
    tries: u32,
) -> Outcome {
    let mut work = ShareWork::new(cx, broker);
    let found = empty_group(broker, &delete.group_id)
        .and_then(|group| group.ok_or_else(|| not_found(format!("Group {} not found.", delete.group_id))));
    let response = match found {
        Err(error) => DeleteShareGroupOffsetsResponse { error: Some(error), topics: Vec::new() },
        Ok(mut group) => {
            let there = delete.topics.iter().filter_map(|topic| Some((topic, group.initialized.get(topic)?)));
            let keys: Vec<ShareKey> = there.flat_map(|(topic, numbers)| keys(&delete.group_id, topic, numbers)).collect();
            if !wait_for_keepers(&mut work, &keys, from, request, tries) {
                return work.finish();
            }
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
        return Some(told(ErrorCode::UnknownTopicOrPartition));
    }
    let Some(partitions) = group.initialized.remove(topic) else {
        let why = "There is no offset information to delete.".to_owned();
        return Some((ErrorCode::UnknownTopicOrPartition, why));
    };
    keys(&request.group_id, topic, &partitions).for_each(|key| work.delete_state(&key));
    None
}
