//! Members of the classic protocol in a group of the consumer protocol: the coordinator assigns, and JoinGroup, SyncGroup and
//! Heartbeat are their way of taking its steps (`classicGroupJoinToConsumerGroup` and what goes with it).
//!
//! ```text
//!  request   │ member                                   │ answer
//!  JoinGroup │ without id, not static                   │ MEMBER_ID_REQUIRED, an id
//!            │ any                                      │ its epoch as generation; no leader, nobody to assign for
//!  SyncGroup │ at the assignment epoch, or still to     │ what it may own
//!            │ give up partitions                       │
//!            │ behind the assignment epoch              │ REBALANCE_IN_PROGRESS
//!            │ another generation                       │ ILLEGAL_GENERATION
//!  Heartbeat │ behind, or to give up partitions, or     │ REBALANCE_IN_PROGRESS, and it has the rebalance timeout to
//!            │ those that it waits for are free         │ join again
//!            │ else                                     │ ok
//!  LeaveGroup│ any                                      │ ok, gone
//! ```

use super::heartbeat::{advance, check_room, join_static, take_in};
use super::work::ConsumerWork;
use super::{leave as leaving, migrate, target};
use crate::base::{MemberId, Prng, Span};
use crate::engine::broker::Broker;
use crate::engine::group::{ClassicMember, ConsumerMember, GroupTimer, ReconciliationState};
use crate::engine::group_coordinator::classic::{is_session_timeout_legal, prepare_rebalance};
use crate::engine::metadata::random_uuid;
use crate::engine::network::RequestRef;
use crate::engine::node::{NodeContext, Outcome};
use crate::engine::protocol::{
    ErrorCode, HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, LeaveGroupResponse,
    Response, SyncGroupRequest, SyncGroupResponse,
};
use crate::engine::trace::{GoneReason, GroupReason};

// ---- JoinGroup

pub fn join(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &JoinGroupRequest) -> Outcome {
    let refuse = |error| {
        let response = JoinGroupResponse::refused(request.member_id.as_ref(), error);
        Outcome::answer(from, Response::JoinGroup(response))
    };
    if !is_session_timeout_legal(cx, request) {
        return refuse(ErrorCode::InvalidSessionTimeout);
    }
    let Some(work) = ConsumerWork::on(cx, broker, &request.group_id) else {
        return refuse(ErrorCode::UnknownMemberId);
    };
    let member_id = request.member_id.clone().unwrap_or_else(|| new_member_id(cx, from));
    if let Err(error) = check_join(&work, request, &member_id) {
        return refuse(error);
    }
    if request.member_id.is_none() && request.group_instance_id.is_none() {
        return answer_join(from, Some(ErrorCode::MemberIdRequired), -1, String::new(), &member_id);
    }
    join_checked(work, from, request, &member_id).unwrap_or_else(refuse)
}

/// A random UUID, made of the seed and of who asks. Unlike in a classic group, the client's name is no part of it.
fn new_member_id(cx: &NodeContext<'_>, from: RequestRef) -> MemberId {
    let mut chance = Prng::new(cx.seed, &format!("member {} {}", from.from, from.correlation));
    MemberId::from(random_uuid(&mut chance).to_string())
}

fn check_join(work: &ConsumerWork<'_>, request: &JoinGroupRequest, member_id: &MemberId) -> Result<(), ErrorCode> {
    if !migrate::is_any_enabled(work.cx) {
        return Err(ErrorCode::InconsistentGroupProtocol);
    }
    check_room(work, member_id, request.group_instance_id.as_deref()).map_err(|(error, _)| error)?;
    let classic = || work.group.members.values().filter_map(|member| member.classic.as_ref());
    let all_have = |name: &String| classic().all(|member| member.protocols.iter().any(|(known, _)| known == name));
    if request.protocols.iter().any(|(name, _)| all_have(name)) { Ok(()) } else { Err(ErrorCode::InconsistentGroupProtocol) }
}

fn join_checked(
    mut work: ConsumerWork<'_>,
    from: RequestRef,
    request: &JoinGroupRequest,
    member_id: &MemberId,
) -> Result<Outcome, ErrorCode> {
    let (protocol, subscription) = request.protocols.first().cloned().ok_or(ErrorCode::InconsistentGroupProtocol)?;
    let replaced = request.group_instance_id.as_ref().and_then(|id| work.group.static_members.get(id)).cloned();
    let replaced = replaced.and_then(|id| work.group.members.get(&id)).cloned();
    let downgrades = replaced.as_ref().is_some_and(|replaced| migrate::may_downgrade_replacing(&work, replaced));
    let known = match &request.group_instance_id {
        None => work.group.members.get(member_id).map_or_else(|| ConsumerMember::new(member_id.clone()), |known| (**known).clone()),
        Some(instance_id) if request.member_id.is_none() => {
            join_static(&mut work, replaced.as_deref(), member_id, instance_id, true).map_err(|(error, _)| error)?
        }
        Some(_) => {
            check_instance(&work, member_id, request.group_instance_id.as_deref())?;
            replaced.as_deref().cloned().ok_or(ErrorCode::UnknownMemberId)?
        }
    };
    let mut updated = known.clone();
    updated.instance_id = request.group_instance_id.clone().or(updated.instance_id);
    updated.rack_id = subscription.rack_id.clone().or(updated.rack_id);
    updated.rebalance_timeout = Span::from_ms(request.rebalance_timeout_ms);
    updated.subscribed_topics = subscription.topics.iter().cloned().collect();
    updated.subscribed_regex.clear();
    updated.client_id = request.client_id.clone();
    updated.client_host = "/127.0.0.1".to_owned();
    let session_timeout = Span::from_ms(request.session_timeout_ms);
    updated.classic = Some(ClassicMember { session_timeout, protocols: request.protocols.clone() });
    work.from = Some(from);
    let changed = take_in(&mut work, &known, &updated).map_err(|(error, _)| error)?;
    if downgrades {
        return Ok(downgrade(work, from, member_id, &protocol));
    }
    target::update_target(&mut work);
    let after = advance(&mut work, member_id, changed, Some(&subscription.owned_partitions));
    work.renew_session(member_id, session_timeout);
    let sync_deadline = work.now() + after.rebalance_timeout;
    if let Some(member) = work.member_mut(member_id) {
        member.timers.join = None;
        member.timers.sync = Some(sync_deadline);
    }
    work.timer(sync_deadline, GroupTimer::ClassicSync { member: member_id.clone() });
    let mut outcome = work.finish();
    outcome.responses.append(&mut answer_join(from, None, after.epoch, protocol, member_id).responses);
    Ok(outcome)
}

/// A static member comes back with the classic protocol, and all others have it already.
fn downgrade(work: ConsumerWork<'_>, from: RequestRef, member_id: &MemberId, protocol: &str) -> Outcome {
    let rebalance = work.group.assignment_epoch < work.group.group_epoch;
    let epoch = work.group.group_epoch;
    let mut classic = migrate::to_classic(work, &[]);
    if rebalance {
        prepare_rebalance(&mut classic, GroupReason::DowngradedStale);
    }
    let mut outcome = classic.finish();
    outcome.responses.append(&mut answer_join(from, None, epoch, protocol.to_owned(), member_id).responses);
    outcome
}

fn answer_join(
    from: RequestRef,
    error: Option<ErrorCode>,
    generation_id: i32,
    protocol_name: String,
    member_id: &MemberId,
) -> Outcome {
    let response = JoinGroupResponse {
        error,
        generation_id,
        protocol_name,
        leader: None,
        member_id: Some(member_id.clone()),
        skip_assignment: false,
        members: Vec::new(),
    };
    Outcome::answer(from, Response::JoinGroup(response))
}

// ---- SyncGroup, Heartbeat, LeaveGroup

/// `validateConsumerGroupMember`.
fn check_instance(work: &ConsumerWork<'_>, member_id: &MemberId, instance_id: Option<&str>) -> Result<(), ErrorCode> {
    match instance_id {
        None if work.group.members.contains_key(member_id) => Ok(()),
        None => Err(ErrorCode::UnknownMemberId),
        Some(instance_id) => match work.group.static_members.get(instance_id) {
            None => Err(ErrorCode::UnknownMemberId),
            Some(current) if current != member_id => Err(ErrorCode::FencedInstanceId),
            Some(_) => Ok(()),
        },
    }
}

/// A classic member at this generation.
fn classic_member(
    work: &ConsumerWork<'_>,
    member_id: &MemberId,
    instance_id: Option<&str>,
    generation_id: i32,
) -> Result<(ConsumerMember, Span), ErrorCode> {
    check_instance(work, member_id, instance_id)?;
    let member = work.group.members.get(member_id).ok_or(ErrorCode::UnknownMemberId)?;
    let session_timeout = member.classic.as_ref().ok_or(ErrorCode::UnknownMemberId)?.session_timeout;
    if member.epoch != generation_id {
        return Err(ErrorCode::IllegalGeneration);
    }
    Ok((member.as_ref().clone(), session_timeout))
}

/// From now on the member has the rebalance timeout to join again.
fn watch_join(work: &mut ConsumerWork<'_>, member: &ConsumerMember) {
    if member.timers.join.is_some() {
        return;
    }
    let deadline = work.now() + member.rebalance_timeout;
    if let Some(member) = work.member_mut(&member.member_id) {
        member.timers.join = Some(deadline);
    }
    work.timer(deadline, GroupTimer::ClassicJoin { member: member.member_id.clone() });
}

pub fn sync(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &SyncGroupRequest) -> Outcome {
    let answer = |error, protocol_name, assignment| Response::SyncGroup(SyncGroupResponse { error, protocol_name, assignment });
    let refuse = |error| Outcome::answer(from, answer(Some(error), String::new(), Vec::new()));
    let Some(mut work) = ConsumerWork::on(cx, broker, &request.group_id) else {
        return refuse(ErrorCode::UnknownMemberId);
    };
    let found = classic_member(&work, &request.member_id, request.group_instance_id.as_deref(), request.generation_id);
    let (member, session_timeout) = match found {
        Ok(found) => found,
        Err(error) => return refuse(error),
    };
    if work.group.assignment_epoch > member.epoch && member.state != ReconciliationState::UnrevokedPartitions {
        watch_join(&mut work, &member);
        work.answer(from, answer(Some(ErrorCode::RebalanceInProgress), String::new(), Vec::new()));
        return work.finish();
    }
    if let Some(member) = work.member_mut(&request.member_id) {
        member.timers.sync = None;
    }
    work.renew_session(&request.member_id, session_timeout);
    let protocol = member.classic.as_ref().and_then(|classic| classic.protocols.first());
    let protocol = protocol.map(|(name, _)| name.clone()).unwrap_or_default();
    work.answer(from, answer(None, protocol, member.assigned.keys().cloned().collect()));
    work.finish()
}

pub fn heartbeat(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &HeartbeatRequest) -> Outcome {
    let answer = |error| Response::Heartbeat(HeartbeatResponse { error });
    let Some(mut work) = ConsumerWork::on(cx, broker, &request.group_id) else {
        return Outcome::answer(from, answer(Some(ErrorCode::UnknownMemberId)));
    };
    let found = classic_member(&work, &request.member_id, request.group_instance_id.as_deref(), request.generation_id);
    let (member, session_timeout) = match found {
        Ok(found) => found,
        Err(error) => return Outcome::answer(from, answer(Some(error))),
    };
    work.renew_session(&request.member_id, session_timeout);
    let must_join = member.epoch < work.group.assignment_epoch
        || match member.state {
            ReconciliationState::Stable => false,
            ReconciliationState::UnrevokedPartitions => true,
            ReconciliationState::UnreleasedPartitions => !waits_for_others(&work, &member),
        };
    if must_join {
        watch_join(&mut work, &member);
    }
    work.answer(from, answer(must_join.then_some(ErrorCode::RebalanceInProgress)));
    work.finish()
}

/// `waitingOnUnreleasedPartition`.
fn waits_for_others(work: &ConsumerWork<'_>, member: &ConsumerMember) -> bool {
    let target = work.group.target_of(&member.member_id).iter();
    target.filter(|partition| !member.assigned.contains_key(*partition)).any(|partition| work.group.is_owned(partition))
}

pub fn leave(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &LeaveGroupRequest) -> Outcome {
    let answer = |error| Response::LeaveGroup(LeaveGroupResponse { error });
    let Some(mut work) = ConsumerWork::on(cx, broker, &request.group_id) else {
        return Outcome::answer(from, answer(Some(ErrorCode::UnknownMemberId)));
    };
    // An administrator may name the instance alone.
    let by_instance = request.group_instance_id.as_ref().and_then(|instance_id| work.group.static_members.get(instance_id));
    let member_id = match by_instance {
        Some(member_id) if request.member_id.as_str().is_empty() => member_id.clone(),
        _ => request.member_id.clone(),
    };
    if let Err(error) = check_instance(&work, &member_id, request.group_instance_id.as_deref()) {
        return Outcome::answer(from, answer(Some(error)));
    }
    work.answer(from, answer(None));
    leaving::fence(work, &[member_id], &GoneReason::Left { client_reason: "".into() })
}
