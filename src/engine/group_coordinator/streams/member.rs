//! The member that a heartbeat is from: found, made, or put in the place of one that was away; and what it says of itself.

use std::rc::Rc;

use super::heartbeat::AssignmentUpdate;
use super::work::StreamsWork;
use super::{Refusal, check, unknown_member};
use crate::base::Span;
use crate::engine::group::MemberTimers;
use crate::engine::group::streams::{StreamsGroup, StreamsMember, records};
use crate::engine::protocol::{ErrorCode, JOIN_EPOCH, LEAVE_STATIC_EPOCH, StreamsGroupHeartbeatRequest};
use crate::engine::trace::GroupReason;

/// `throwIfStreamsGroupIsFull`.
pub(super) fn check_room(work: &StreamsWork<'_>, request: &StreamsGroupHeartbeatRequest) -> Result<(), Refusal> {
    let group = &work.group;
    let size_max = work.cx.configs.group_streams_max_size;
    let is_static = request.instance_id.as_ref().is_some_and(|id| group.static_members.contains_key(id));
    if is_static || group.members.contains_key(&request.member_id) || group.members.len() < size_max {
        return Ok(());
    }
    let text = format!("The streams group has reached its maximum capacity of {size_max} members.");
    Err((ErrorCode::GroupMaxSizeReached, text))
}

/// The member that the request is from, or a new one.
pub(super) fn find_member(
    work: &mut StreamsWork<'_>,
    request: &StreamsGroupHeartbeatRequest,
    joins: bool,
) -> Result<StreamsMember, Refusal> {
    let member_id = &request.member_id;
    let Some(instance_id) = &request.instance_id else {
        let member = match work.group.members.get(member_id) {
            Some(member) => member.as_ref().clone(),
            None if joins => StreamsMember::new(member_id.clone()),
            None => return Err(unknown_member(&work.group_id, member_id)),
        };
        check::epoch(&member, request)?;
        return Ok(member);
    };
    if joins {
        return join_static(work, request, instance_id);
    }
    let known = find_static(&work.group, request, instance_id)?;
    check::epoch(&known, request)?;
    Ok(known.as_ref().clone())
}

/// `throwIfStaticMemberIsUnknown`, `throwIfInstanceIdIsFenced`.
pub(super) fn find_static(
    group: &StreamsGroup,
    request: &StreamsGroupHeartbeatRequest,
    instance_id: &str,
) -> Result<Rc<StreamsMember>, Refusal> {
    let member_id = &request.member_id;
    match group.static_members.get(instance_id).and_then(|member_id| group.members.get(member_id)) {
        None => Err((ErrorCode::UnknownMemberId, format!("Instance id {instance_id} is unknown."))),
        Some(known) if known.member_id != *member_id => {
            let text =
                format!("Static member {member_id} with instance id {instance_id} was fenced by member {}.", known.member_id);
            Err((ErrorCode::FencedInstanceId, text))
        }
        Some(known) => Ok(known.clone()),
    }
}

/// A static member joins: as a new one, or in the place of the one that is away, target and all.
fn join_static(
    work: &mut StreamsWork<'_>,
    request: &StreamsGroupHeartbeatRequest,
    instance_id: &str,
) -> Result<StreamsMember, Refusal> {
    let member_id = &request.member_id;
    let known = work.group.static_members.get(instance_id).and_then(|member_id| work.group.members.get(member_id)).cloned();
    let Some(known) = known else {
        let found = work.group.members.get(member_id).map(|member| member.as_ref().clone());
        return Ok(found.unwrap_or_else(|| StreamsMember::new(member_id.clone())));
    };
    if known.epoch != LEAVE_STATIC_EPOCH {
        let text = format!(
            "Static member {member_id} with instance id {instance_id} cannot join the group because the instance id is owned by {} \
             member.",
            known.member_id
        );
        return Err((ErrorCode::UnreleasedInstanceId, text));
    }
    let timers = MemberTimers::default();
    let new = StreamsMember { member_id: member_id.clone(), epoch: 0, previous_epoch: 0, timers, ..known.as_ref().clone() };
    let target = work.group.target.get(&known.member_id).cloned().unwrap_or_default();
    work.remove(&known.member_id);
    work.write(records::member_metadata(&work.group_id, &new));
    work.write(records::target_assignment(&work.group_id, member_id, &target));
    work.group.target.insert(member_id.clone(), target);
    work.put_current(new.clone());
    let (new_id, old) = (member_id.clone(), known.member_id.clone());
    work.because(GroupReason::Replaces { new: new_id, old, client_reason: "".into() });
    Ok(new)
}

/// The member with what the request says about it.
pub(super) fn with_request(member: &StreamsMember, request: &StreamsGroupHeartbeatRequest) -> StreamsMember {
    let mut updated = member.clone();
    updated.instance_id = request.instance_id.clone().or(updated.instance_id);
    updated.rack_id = request.rack_id.clone().or(updated.rack_id);
    if let Some(ms) = request.rebalance_timeout_ms {
        updated.rebalance_timeout = Span::from_ms(ms);
    }
    if let Some(topology) = &request.topology {
        updated.topology_epoch = topology.epoch;
    }
    if let Some(process_id) = &request.process_id {
        updated.process_id = process_id.as_str().into();
    }
    if let Some(tags) = &request.client_tags {
        updated.client_tags = tags.iter().cloned().collect();
    }
    if request.member_epoch == JOIN_EPOCH || request.user_endpoint.is_some() {
        updated.user_endpoint = request.user_endpoint.clone();
    }
    updated.client_id = request.client_id.clone();
    updated.client_host = "/127.0.0.1".to_owned();
    updated
}

/// `hasStreamsMemberMetadataChanged`: a static member that only comes back under another name changes no assignment.
pub(super) fn take_in_member(work: &mut StreamsWork<'_>, known: &StreamsMember, updated: &StreamsMember) -> AssignmentUpdate {
    if !work.group.members.contains_key(&updated.member_id) {
        work.joined(&updated.member_id);
        work.because(GroupReason::Joins { member: updated.member_id.clone(), client_reason: "".into() });
    }
    if updated.tells_the_same(known) {
        return AssignmentUpdate::No;
    }
    work.write(records::member_metadata(&work.group_id, updated));
    match updated.instance_id.is_none() || !updated.asks_for_the_same(known) {
        true => AssignmentUpdate::Recompute,
        false => AssignmentUpdate::No,
    }
}
