//! ListGroups, DescribeGroups, DeleteGroups.

use std::rc::Rc;

use super::offsets::drop_group;
use super::{consumer, share, streams};
use crate::base::java::{hash_order, partition_hash};
use crate::base::{BrokerId, GroupId, SortedMap, TopicPartition, put_in_order};
use crate::engine::broker::Broker;
use crate::engine::coordinator::home::{append, home};
use crate::engine::group::{ConsumerGroup, Group, GroupState, Member, ShareGroup, StreamsGroup};
use crate::engine::metadata::OFFSETS_TOPIC;
use crate::engine::network::RequestRef;
use crate::engine::node::{NodeContext, Outcome};
use crate::engine::protocol::{
    DeleteGroupsResponse, DescribeGroupsRequest, DescribeGroupsResponse, DescribedGroup, DescribedMember, ErrorCode,
    ListGroupsResponse, ListedGroup, Request, Response, StateOperation, StateResult,
};
use crate::engine::share::{ShareKey, Then};
use crate::engine::share_partition::ShareWork;
use crate::engine::trace::GroupReason;
use crate::engine::wire::Record;

const CLASSIC: &str = "classic";

/// The groups of one partition of `__consumer_offsets` after those of another: the runtime has them in a hash table
/// (`CoordinatorRuntime.scheduleReadAllOperation`).
pub(super) fn list(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef) -> Outcome {
    let led = cx.metadata.topic(OFFSETS_TOPIC).into_iter().flat_map(|topic| topic.partitions.iter().enumerate());
    let mut homes: Vec<TopicPartition> = led
        .filter(|(_, partition)| partition.leader == Some(broker.id))
        .map(|(number, _)| TopicPartition::new(OFFSETS_TOPIC, number as i32))
        .collect();
    hash_order(&mut homes, 16, partition_hash);
    let mut groups = listed(&broker.groups, &broker.consumer_groups, &broker.share_groups, &broker.streams_groups);
    groups.extend(broker.strays.values().flatten().cloned());
    let place = |group: &ListedGroup| {
        let home = home(cx, broker, &group.group_id);
        (homes.iter().position(|partition| Some(partition) == home.as_ref()), group.group_id.clone())
    };
    put_in_order(&mut groups, &|one, other| place(one) < place(other));
    Outcome::answer(from, Response::ListGroups(ListGroupsResponse { groups }))
}

/// Groups of all kinds as ListGroups tells them.
pub(super) fn listed(
    classic: &SortedMap<GroupId, Rc<Group>>,
    modern: &SortedMap<GroupId, Rc<ConsumerGroup>>,
    shares: &SortedMap<GroupId, Rc<ShareGroup>>,
    streams: &SortedMap<GroupId, Rc<StreamsGroup>>,
) -> Vec<ListedGroup> {
    let classic = classic.iter().map(|(id, group)| (id, group.protocol_type.as_str(), group.state.name(), CLASSIC));
    let modern = modern.iter().map(|(id, group)| (id, "consumer", group.state().name(), consumer::GROUP_TYPE));
    let shares = shares.iter().map(|(id, group)| (id, "share", group.state().name(), "share"));
    let streams = streams.iter().map(|(id, group)| (id, streams::GROUP_TYPE, group.state().name(), streams::GROUP_TYPE));
    let one = |(id, protocol_type, state, group_type): (&GroupId, &str, &'static str, &'static str)| ListedGroup {
        group_id: id.clone(),
        protocol_type: protocol_type.to_owned(),
        state,
        group_type,
    };
    classic.chain(modern).chain(shares).chain(streams).map(one).collect()
}

pub(super) fn describe(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &DescribeGroupsRequest) -> Outcome {
    let describe_one = |group_id: &GroupId| {
        home(cx, broker, group_id).ok_or(ErrorCode::NotCoordinator)?;
        broker.groups.get(group_id).map(|group| described(group, broker.id)).ok_or(ErrorCode::GroupIdNotFound)
    };
    let groups = request.groups.iter().map(|group_id| (group_id.clone(), describe_one(group_id))).collect();
    Outcome::answer(from, Response::DescribeGroups(DescribeGroupsResponse { groups }))
}

/// Members show what they were assigned last, also while the group rebalances (`ClassicGroupMember.describeNoMetadata`).
fn described(group: &Group, coordinator: BrokerId) -> DescribedGroup {
    let stable = group.state == GroupState::Stable;
    let member = |member: &Member| DescribedMember {
        member_id: member.member_id.clone(),
        group_instance_id: member.group_instance_id.clone(),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        assignment: member.assignment.clone(),
        modern: None,
    };
    DescribedGroup {
        state: group.state.name(),
        group_type: CLASSIC,
        protocol_type: group.protocol_type.clone(),
        protocol: group.protocol_name.clone().filter(|_| stable).unwrap_or_default(),
        generation_id: group.generation_id,
        assignment_epoch: None,
        coordinator,
        members: group.members.values().map(member).collect(),
    }
}

/// Of share groups, what share coordinators keep goes first.
pub(super) fn delete(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &Rc<Request>) -> Outcome {
    let Request::DeleteGroups(delete) = request.as_ref() else { return Outcome::default() };
    let here: Vec<GroupId> = delete.groups.iter().filter(|group_id| home(cx, broker, group_id).is_some()).cloned().collect();
    let mut work = ShareWork::new(cx, broker);
    let keys = share::state_to_delete(broker, &here);
    if keys.is_empty() {
        return delete_with_state(cx, broker, from, request, &[]);
    }
    keys.iter().for_each(|key| work.ask(key, StateOperation::Delete));
    work.then(from, Then::DeleteGroups(request.clone()));
    work.finish()
}

/// Deletes groups: those of share groups whose state is gone, by what share coordinators have said.
pub(super) fn delete_with_state(
    cx: &NodeContext<'_>,
    broker: &Broker,
    from: RequestRef,
    request: &Request,
    states: &[(ShareKey, StateResult)],
) -> Outcome {
    let Request::DeleteGroups(request) = request else { return Outcome::default() };
    let mut outcome = Outcome::default();
    let mut groups = Vec::new();
    // Tombstones by partition of `__consumer_offsets`, with one of the groups that live there.
    let mut written: SortedMap<TopicPartition, (GroupId, Vec<Record>)> = SortedMap::new();
    for group_id in &request.groups {
        if home(cx, broker, group_id).is_some()
            && let Some(dropped) = share::delete(cx, broker, group_id, states, &mut outcome)
        {
            groups.push((group_id.clone(), dropped.as_ref().err().copied()));
            if let (Some(partition), Ok(tombstones)) = (home(cx, broker, group_id), dropped) {
                written.get_or_insert_with(partition, || (group_id.clone(), Vec::new())).1.extend(tombstones);
            }
            continue;
        }
        let classic = broker.groups.get(group_id).map(|group| group.state == GroupState::Empty);
        let modern = || broker.consumer_groups.get(group_id).map(|group| group.members.is_empty());
        let streams = || broker.streams_groups.get(group_id).map(|group| group.members.is_empty());
        let is_empty = classic.or_else(modern).or_else(streams);
        let error = match (home(cx, broker, group_id), is_empty) {
            (None, _) => Some(ErrorCode::NotCoordinator),
            (Some(_), None) => Some(ErrorCode::GroupIdNotFound),
            (Some(_), Some(false)) => Some(ErrorCode::NonEmptyGroup),
            (Some(partition), Some(true)) => {
                let tombstones = drop_group(broker, group_id, GroupReason::Deleted, &mut outcome);
                written.get_or_insert_with(partition, || (group_id.clone(), Vec::new())).1.extend(tombstones);
                None
            }
        };
        groups.push((group_id.clone(), error));
    }
    for (group_id, tombstones) in written.values() {
        append(cx, broker, group_id, tombstones, &mut outcome);
    }
    outcome.responses.push((from, Response::DeleteGroups(DeleteGroupsResponse { groups })));
    outcome
}
