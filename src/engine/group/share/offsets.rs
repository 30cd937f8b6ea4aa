//! Where share groups begin: DescribeShareGroupOffsets, AlterShareGroupOffsets, DeleteShareGroupOffsets.

use std::rc::Rc;

use super::heartbeat::PERSISTER_BACKOFF;
use super::{Refused, ShareGroup, find, not_found};
use crate::base::{GroupId, Offset, TopicName, TopicPartition};
use crate::engine::broker::{Broker, Outcome};
use crate::engine::controller::make_share_state_topic;
use crate::engine::error::ErrorCode;
use crate::engine::network::RequestRef;
use crate::engine::protocol::{
    AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse, DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse,
    DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse, Request, Response, SharePartitionOffsetInfo,
};
use crate::engine::share::{KeptChange, STATE_TOPIC, ShareTimer, ShareWork};
use crate::engine::world::World;

fn told(error: ErrorCode) -> Refused {
    (error, error.message().to_owned())
}

pub(super) fn describe(world: &World, broker: &Broker, from: RequestRef, request: &DescribeShareGroupOffsetsRequest) -> Outcome {
    let work = ShareWork::new(world, broker);
    let mut partitions = Vec::new();
    if let Some(group) = world.cluster().shares.groups.get(&request.group_id) {
        for (topic, numbers) in &group.initialized {
            for number in numbers {
                let partition = TopicPartition::new(topic.clone(), *number);
                let info = info(&work, &request.group_id, &partition);
                partitions.push((partition, info));
            }
        }
    }
    Outcome::answer(from, Response::DescribeShareGroupOffsets(DescribeShareGroupOffsetsResponse { error: None, partitions }))
}

/// The start that is kept, and how far it is to the end without what is done with already.
fn info(work: &ShareWork<'_>, group_id: &GroupId, partition: &TopicPartition) -> Option<SharePartitionOffsetInfo> {
    let state = work.state(&(group_id.clone(), partition.clone()))?;
    if state.start_offset.0 < 0 {
        return None;
    }
    let leader = work.world.cluster().topic(partition.topic.as_str())?.partition(partition.partition)?.leader;
    let end = leader.and_then(|leader| Some(work.world.broker(leader)?.replica(partition)?.high_watermark));
    let lag = end.filter(|_| state.delivery_complete_count >= 0);
    Some(SharePartitionOffsetInfo {
        start_offset: state.start_offset,
        leader_epoch: state.leader_epoch,
        lag: lag.map(|end| end.0 - state.start_offset.0 - state.delivery_complete_count),
    })
}

pub(super) fn alter(
    world: &World,
    broker: &Broker,
    from: RequestRef,
    request: &Rc<Request>,
    alter: &AlterShareGroupOffsetsRequest,
) -> Outcome {
    let mut work = ShareWork::new(world, broker);
    let mut group = match empty_group(world, broker, &alter.group_id) {
        Ok(group) => group.unwrap_or_else(ShareGroup::new),
        Err(error) => {
            let response = AlterShareGroupOffsetsResponse { error: Some(error), partitions: Vec::new() };
            return Outcome::answer(from, Response::AlterShareGroupOffsets(response));
        }
    };
    if world.cluster().topic(STATE_TOPIC).is_none() {
        // The answer waits for the share coordinator, whose topic is made by the first who looks for it.
        make_share_state_topic(world, &mut work.outcome);
        work.timer(world.now() + PERSISTER_BACKOFF, ShareTimer::Again { from, request: request.clone() });
        return work.finish();
    }
    let mut partitions = Vec::new();
    for (partition, start_offset) in &alter.offsets {
        let there =
            world.cluster().topic(partition.topic.as_str()).is_some_and(|topic| topic.partition(partition.partition).is_some());
        partitions.push((partition.clone(), (!there).then_some(ErrorCode::UnknownTopicOrPartition)));
        if there {
            set_start(&mut work, &alter.group_id, &mut group, partition, *start_offset);
        }
    }
    work.keep(KeptChange::Group { group_id: alter.group_id.clone(), group: Some(Rc::new(group)) });
    work.answer(from, Response::AlterShareGroupOffsets(AlterShareGroupOffsetsResponse { error: None, partitions }));
    work.finish()
}

fn set_start(
    work: &mut ShareWork<'_>,
    group_id: &GroupId,
    group: &mut ShareGroup,
    partition: &TopicPartition,
    start_offset: Offset,
) {
    work.initialize(&(group_id.clone(), partition.clone()), start_offset, group.group_epoch);
    let known = group.initialized.get_or_default(partition.topic.clone());
    if !known.contains(&partition.partition) {
        known.push(partition.partition);
        known.sort_unstable();
    }
}

/// The group, which must have no members; `Ok(None)` where there is none.
fn empty_group(world: &World, broker: &Broker, group_id: &GroupId) -> Result<Option<ShareGroup>, Refused> {
    let group = find(world, broker, group_id)?;
    match group {
        Some(group) if !group.members.is_empty() => Err(told(ErrorCode::NonEmptyGroup)),
        group => Ok(group),
    }
}

pub(super) fn delete(world: &World, broker: &Broker, from: RequestRef, delete: &DeleteShareGroupOffsetsRequest) -> Outcome {
    let mut work = ShareWork::new(world, broker);
    let found = empty_group(world, broker, &delete.group_id)
        .and_then(|group| group.ok_or_else(|| not_found(format!("Group {} not found.", delete.group_id))));
    let response = match found {
        Err(error) => DeleteShareGroupOffsetsResponse { error: Some(error), topics: Vec::new() },
        Ok(mut group) => {
            let topics = delete.topics.iter().map(|topic| (topic.clone(), delete_topic(&mut work, delete, &mut group, topic)));
            let topics = topics.collect();
            work.keep(KeptChange::Group { group_id: delete.group_id.clone(), group: Some(Rc::new(group)) });
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
    if work.world.cluster().topic(topic.as_str()).is_none() {
        return Some(told(ErrorCode::UnknownTopicOrPartition));
    }
    let Some(partitions) = group.initialized.remove(topic) else {
        let why = "There is no offset information to delete.".to_owned();
        return Some((ErrorCode::UnknownTopicOrPartition, why));
    };
    for partition in partitions {
        work.delete_state(&(request.group_id.clone(), TopicPartition::new(topic.clone(), partition)));
    }
    None
}
