//! The classic group's state machine (`ClassicGroup`, `GroupMetadataManager`).
//!
//! ```text
//!  state               │ request            │ answer                      │ next
//!  Empty               │ JoinGroup, no id   │ MEMBER_ID_REQUIRED, an id   │ Empty
//!                      │ JoinGroup          │ waits                       │ PreparingRebalance (with the initial delay)
//!                      │ Sync, Heartbeat    │ UNKNOWN_MEMBER_ID           │ Empty
//!  PreparingRebalance  │ JoinGroup          │ waits                       │ CompletingRebalance when all have joined,
//!                      │                    │                             │ or the rebalance timeout drops the others
//!                      │ Sync, Heartbeat    │ REBALANCE_IN_PROGRESS       │ PreparingRebalance
//!                      │ Leave, session over│                             │ as JoinGroup; Empty without members
//!  CompletingRebalance │ JoinGroup          │ waits (the same: as before) │ PreparingRebalance; waiting syncs are refused
//!                      │ Sync of a follower │ waits                       │ CompletingRebalance
//!                      │ Sync of the leader │ all get their partitions    │ Stable
//!                      │ Heartbeat          │ ok                          │ CompletingRebalance
//!                      │ Leave, session over│                             │ PreparingRebalance
//!  Stable              │ JoinGroup, changed │ waits                       │ PreparingRebalance
//!                      │  or of the leader  │                             │
//!                      │ JoinGroup, same    │ the current generation      │ Stable
//!                      │ Sync               │ its partitions              │ Stable
//!                      │ Heartbeat          │ ok                          │ Stable
//!                      │ Leave, session over│                             │ PreparingRebalance
//! ```
//!
//! A static member that comes back without its id takes the place of the old one: in Stable with the same subscription
//! nothing is rebalanced, and whoever still uses the old id is fenced.

use super::rebalance::{Waiting, complete_join_if_all, prepare_rebalance, refuse_waiting, remove_and_rebalance, select_protocol};
use super::work::Work;
use super::{Group, GroupState, GroupTimer, Member, consumer, failed};
use crate::base::{MemberId, Prng, Span};
use crate::engine::broker::{Broker, Change, Outcome};
use crate::engine::controller::random_uuid;
use crate::engine::error::ErrorCode;
use crate::engine::network::RequestRef;
use crate::engine::protocol::{
    HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, JoinedMember, LeaveGroupRequest, LeaveGroupResponse,
    Request, Response, SyncGroupRequest, SyncGroupResponse,
};
use crate::engine::trace::{MemberStep, TraceEvent};
use crate::engine::world::World;

/// How long a new member is kept that waits for its first rebalance (`GroupCoordinatorConfig.CLASSIC_GROUP_NEW_MEMBER_JOIN_TIMEOUT_MS`).
const NEW_MEMBER_JOIN_TIMEOUT: Span = Span::from_secs(300);

// ---- JoinGroup

pub(super) fn join(world: &World, broker: &Broker, from: RequestRef, request: &JoinGroupRequest) -> Outcome {
    let refuse = |error| {
        let response = failed(&Request::JoinGroup(request.clone()), error);
        Outcome { responses: response.map(|response| (from, response)).into_iter().collect(), ..Outcome::default() }
    };
    let limit = |name| world.broker_config(name).parse().unwrap_or(0);
    let (min, max): (u64, u64) = (limit("group.min.session.timeout.ms"), limit("group.max.session.timeout.ms"));
    if request.session_timeout_ms < min || request.session_timeout_ms > max {
        return refuse(ErrorCode::InvalidSessionTimeout);
    }
    let modern = broker.consumer_groups.get(&request.group_id);
    if modern.is_some_and(|group| !group.members.is_empty()) {
        return consumer::classic_join(world, broker, from, request);
    }
    let known = broker.groups.get(&request.group_id);
    if known.is_none() && request.member_id.is_some() {
        return refuse(ErrorCode::UnknownMemberId);
    }
    if let Some(group) = known
        && !supports(group, request)
    {
        return refuse(ErrorCode::InconsistentGroupProtocol);
    }
    if request.protocols.is_empty() {
        return refuse(ErrorCode::InconsistentGroupProtocol);
    }
    let mut work = Work::on_or_new(world, broker, &request.group_id);
    if let Some(modern) = modern {
        consumer::give_way(&mut work, modern);
    }
    if known.is_none() {
        work.write_group();
        work.watch_emptiness();
    }
    let result = match &request.member_id {
        None => join_new(&mut work, from, request),
        Some(member_id) => join_known(&mut work, from, request, member_id),
    };
    match result {
        Ok(()) => work.finish(),
        Err(error) => refuse(error),
    }
}

/// Is there an assignor that all members and the newcomer have?
fn supports(group: &Group, request: &JoinGroupRequest) -> bool {
    let others = || group.members.values().filter(|member| Some(&member.member_id) != request.member_id.as_ref());
    others().next().is_none()
        || request.protocols.iter().any(|(name, _)| others().all(|member| member.subscription(name).is_some()))
}

/// A member id: the client's or the instance's name and a random UUID, made of the seed and of who asks.
fn new_member_id(world: &World, from: RequestRef, request: &JoinGroupRequest) -> MemberId {
    let mut chance = Prng::new(world.config().seed, &format!("member {} {}", from.from, from.correlation));
    let hex = format!("{:032x}", random_uuid(&mut chance).0);
    let name = request.group_instance_id.as_deref().unwrap_or(&request.client_id);
    MemberId::from(format!("{name}-{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]))
}

fn join_new(work: &mut Work<'_>, from: RequestRef, request: &JoinGroupRequest) -> Result<(), ErrorCode> {
    let member_id = new_member_id(work.world, from, request);
    if let Some(instance_id) = &request.group_instance_id {
        if let Some(old) = work.group.static_members.get(instance_id).cloned() {
            replace_static(work, from, request, &old, member_id);
            return Ok(());
        }
        add_member(work, from, request, member_id);
        return Ok(());
    }
    // KIP-394: a client that dies right here must not hold back the group as a member that nobody knows.
    let deadline = work.now() + Span::from_ms(request.session_timeout_ms);
    work.group.pending_members.insert(member_id.clone(), deadline);
    work.timer(deadline, GroupTimer::PendingMember { member: member_id.clone() });
    if let Some(Response::JoinGroup(response)) = failed(&Request::JoinGroup(request.clone()), ErrorCode::MemberIdRequired) {
        work.answer(from, Response::JoinGroup(JoinGroupResponse { member_id: Some(member_id), ..response }));
    }
    Ok(())
}

fn join_known(work: &mut Work<'_>, from: RequestRef, request: &JoinGroupRequest, member_id: &MemberId) -> Result<(), ErrorCode> {
    if work.group.pending_members.remove(member_id).is_some() {
        add_member(work, from, request, member_id.clone());
        return Ok(());
    }
    check_member(&work.group, member_id, request.group_instance_id.as_deref())?;
    let member = work.group.members.get(member_id).ok_or(ErrorCode::UnknownMemberId)?;
    let same = member.protocols == request.protocols;
    let is_leader = work.group.leader.as_ref() == Some(member_id);
    match work.group.state {
        GroupState::PreparingRebalance => update_member(work, from, request, member_id),
        GroupState::CompletingRebalance if same => answer_current(work, from, member_id),
        GroupState::Stable if same && !is_leader => answer_current(work, from, member_id),
        GroupState::CompletingRebalance | GroupState::Stable => {
            let why = if is_leader && work.group.state == GroupState::Stable { "leader" } else { "member" };
            let reason = with_reason(&format!("{why} {member_id} joins again"), &request.reason);
            update_member(work, from, request, member_id);
            prepare_rebalance(work, &reason);
        }
        GroupState::Empty | GroupState::Dead => return Err(ErrorCode::UnknownMemberId),
    }
    if work.group.state == GroupState::PreparingRebalance {
        complete_join_if_all(work);
    }
    Ok(())
}

fn with_reason(what: &str, client_reason: &str) -> String {
    if client_reason.is_empty() { what.to_owned() } else { format!("{what}: {client_reason}") }
}

/// The member's place in the current generation, again.
fn answer_current(work: &mut Work<'_>, from: RequestRef, member_id: &MemberId) {
    let response = joined(&work.group, member_id);
    work.renew_session(member_id, None);
    work.answer(from, Response::JoinGroup(response));
}

pub(super) fn joined(group: &Group, member_id: &MemberId) -> JoinGroupResponse {
    let protocol_name = group.protocol_name.clone().unwrap_or_default();
    let is_leader = group.leader.as_ref() == Some(member_id);
    let listed = |member: &Member| JoinedMember {
        member_id: member.member_id.clone(),
        group_instance_id: member.group_instance_id.clone(),
        subscription: member.subscription(&protocol_name).cloned().unwrap_or_default(),
    };
    JoinGroupResponse {
        error: None,
        generation_id: group.generation_id,
        leader: group.leader.clone(),
        member_id: Some(member_id.clone()),
        skip_assignment: false,
        members: if is_leader { group.members.values().map(listed).collect() } else { Vec::new() },
        protocol_name,
    }
}

fn add_member(work: &mut Work<'_>, from: RequestRef, request: &JoinGroupRequest, member_id: MemberId) {
    let now = work.now();
    let member = Member {
        member_id: member_id.clone(),
        group_instance_id: request.group_instance_id.clone(),
        client_id: request.client_id.clone(),
        client_host: "/127.0.0.1".to_owned(),
        session_timeout: Span::from_ms(request.session_timeout_ms),
        rebalance_timeout: Span::from_ms(request.rebalance_timeout_ms),
        protocols: request.protocols.clone(),
        assignment: Vec::new(),
        session_deadline: now,
        session_timer_at: now,
        is_new: true,
        awaiting_join: Some(from),
        awaiting_sync: None,
        pending_sync: false,
    };
    if work.group.members.is_empty() {
        work.group.protocol_type = "consumer".to_owned();
    }
    if let Some(instance_id) = &request.group_instance_id {
        work.group.static_members.insert(instance_id.clone(), member_id.clone());
    }
    work.group.leader.get_or_insert_with(|| member_id.clone());
    work.group.members.insert(member_id.clone(), member);
    // Before the first generation, a newcomer makes the group wait a little longer for others.
    if work.group.state == GroupState::PreparingRebalance && work.group.generation_id == 0 {
        work.group.new_member_added = true;
    }
    work.renew_session(&member_id, Some(NEW_MEMBER_JOIN_TIMEOUT));
    let (group, by) = (work.group_id.clone(), work.world.asked_by(from));
    work.outcome.trace.push(TraceEvent::MemberJoined { group, member: member_id.clone(), by });
    if work.group.state == GroupState::PreparingRebalance {
        complete_join_if_all(work);
    } else {
        prepare_rebalance(work, &with_reason(&format!("member {member_id} joins"), &request.reason));
    }
}

fn update_member(work: &mut Work<'_>, from: RequestRef, request: &JoinGroupRequest, member_id: &MemberId) {
    let Some(member) = work.member_mut(member_id) else {
        return;
    };
    member.protocols = request.protocols.clone();
    member.rebalance_timeout = Span::from_ms(request.rebalance_timeout_ms);
    member.session_timeout = Span::from_ms(request.session_timeout_ms);
    let before = member.awaiting_join.replace(from);
    if let Some(before) = before
        && let Some(response) = failed(&Request::JoinGroup(request.clone()), ErrorCode::UnknownMemberId)
    {
        work.answer(before, response);
    }
    let (group, member) = (work.group_id.clone(), member_id.clone());
    work.outcome.trace.push(TraceEvent::MemberStep { group, member, step: MemberStep::Rejoined });
}

/// A static member is back under a new member id (`GroupMetadataManager.updateStaticMemberThenRebalanceOrCompleteJoin`).
fn replace_static(work: &mut Work<'_>, from: RequestRef, request: &JoinGroupRequest, old: &MemberId, new: MemberId) {
    let Some(mut member) = work.group.members.remove(old) else {
        return;
    };
    for waiting in [member.awaiting_join.take().map(Waiting::Join), member.awaiting_sync.take().map(Waiting::Sync)] {
        refuse_waiting(work, waiting, ErrorCode::FencedInstanceId);
    }
    let group_protocol = work.group.protocol_name.clone().unwrap_or_default();
    let before = member.subscription(&group_protocol).cloned();
    member.member_id = new.clone();
    member.client_id = request.client_id.clone();
    member.protocols = request.protocols.clone();
    member.session_timeout = Span::from_ms(request.session_timeout_ms);
    member.rebalance_timeout = Span::from_ms(request.rebalance_timeout_ms);
    member.session_timer_at = work.now();
    let after = member.subscription(&group_protocol).cloned();
    let was_leader = work.group.leader.as_ref() == Some(old);
    if was_leader {
        work.group.leader = Some(new.clone());
    }
    if let Some(instance_id) = &member.group_instance_id {
        work.group.static_members.insert(instance_id.clone(), new.clone());
    }
    work.group.members.insert(new.clone(), member);
    work.renew_session(&new, None);
    let (group, by) = (work.group_id.clone(), work.world.asked_by(from));
    work.outcome.trace.push(TraceEvent::MemberJoined { group, member: new.clone(), by });
    let same_topics = before.map(|before| before.topics.clone()) == after.map(|after| after.topics.clone());
    match work.group.state {
        GroupState::Stable if same_topics && select_protocol(&work.group).as_deref() == Some(&group_protocol) => {
            // The leader is told to keep the assignment as it is (KIP-814).
            let mut response = joined(&work.group, &new);
            response.skip_assignment = was_leader;
            work.write_group();
            work.answer(from, Response::JoinGroup(response));
        }
        GroupState::PreparingRebalance => {
            set_awaiting(work, &new, from);
            complete_join_if_all(work);
        }
        _ => {
            set_awaiting(work, &new, from);
            prepare_rebalance(work, &with_reason(&format!("static member {new} takes the place of {old}"), &request.reason));
        }
    }
}

fn set_awaiting(work: &mut Work<'_>, member_id: &MemberId, from: RequestRef) {
    if let Some(member) = work.member_mut(member_id) {
        member.awaiting_join = Some(from);
    }
}

// ---- SyncGroup

pub(super) fn sync(world: &World, broker: &Broker, from: RequestRef, request: &SyncGroupRequest) -> Outcome {
    let refuse = |error| {
        let response = SyncGroupResponse { error: Some(error), protocol_name: String::new(), assignment: Vec::new() };
        Outcome::answer(from, Response::SyncGroup(response))
    };
    let Some(mut work) = Work::on(world, broker, &request.group_id) else {
        return refuse(ErrorCode::UnknownMemberId);
    };
    if let Err(error) = check_member(&work.group, &request.member_id, request.group_instance_id.as_deref()) {
        return refuse(error);
    }
    if request.generation_id != work.group.generation_id {
        return refuse(ErrorCode::IllegalGeneration);
    }
    match work.group.state {
        GroupState::Empty | GroupState::Dead => return refuse(ErrorCode::UnknownMemberId),
        GroupState::PreparingRebalance => return refuse(ErrorCode::RebalanceInProgress),
        GroupState::CompletingRebalance => {
            if let Some(member) = work.member_mut(&request.member_id) {
                member.pending_sync = false;
                member.awaiting_sync = Some(from);
            }
            if work.group.leader.as_ref() == Some(&request.member_id) {
                take_assignment(&mut work, request);
            }
        }
        GroupState::Stable => {
            if let Some(member) = work.member_mut(&request.member_id) {
                member.pending_sync = false;
                member.awaiting_sync = Some(from);
            }
            answer_syncs(&mut work);
        }
    }
    if work.group.members.values().all(|member| !member.pending_sync) {
        work.group.sync_deadline = None;
    }
    work.finish()
}

fn take_assignment(work: &mut Work<'_>, request: &SyncGroupRequest) {
    for member in work.group.members.values_mut() {
        let given = request.assignments.iter().find(|(member_id, _)| *member_id == member.member_id);
        member.assignment = given.map(|(_, partitions)| partitions.clone()).unwrap_or_default();
    }
    // Written before the change of state, as Kafka does: it becomes Stable when the record is in the log.
    work.write_group();
    work.transition(GroupState::Stable, format!("the leader {} has handed in the assignment", request.member_id));
    answer_syncs(work);
}

fn answer_syncs(work: &mut Work<'_>) {
    let protocol_name = work.group.protocol_name.clone().unwrap_or_default();
    let ids: Vec<MemberId> = work.group.members.keys().cloned().collect();
    for member_id in ids {
        let Some(member) = work.member_mut(&member_id) else {
            continue;
        };
        let assignment = member.assignment.clone();
        let waiting = member.awaiting_sync.take();
        if let Some(request) = waiting {
            let response = SyncGroupResponse { error: None, protocol_name: protocol_name.clone(), assignment };
            work.answer(request, Response::SyncGroup(response));
            work.renew_session(&member_id, None);
        }
    }
}

// ---- Heartbeat, LeaveGroup

/// Is this a member, and is it the one that its group.instance.id stands for?
pub(super) fn check_member(group: &Group, member_id: &MemberId, instance_id: Option<&str>) -> Result<(), ErrorCode> {
    if let Some(instance_id) = instance_id {
        return match group.static_members.get(instance_id) {
            None => Err(ErrorCode::UnknownMemberId),
            Some(current) if current != member_id => Err(ErrorCode::FencedInstanceId),
            Some(_) => Ok(()),
        };
    }
    if group.members.contains_key(member_id) { Ok(()) } else { Err(ErrorCode::UnknownMemberId) }
}

/// Copies no group: there are many heartbeats, and they move one deadline.
pub(super) fn heartbeat(_world: &World, broker: &Broker, from: RequestRef, request: &HeartbeatRequest) -> Outcome {
    let answer = |error| Outcome::answer(from, Response::Heartbeat(HeartbeatResponse { error }));
    let Some(group) = broker.groups.get(&request.group_id) else {
        return answer(Some(ErrorCode::UnknownMemberId));
    };
    if let Err(error) = check_member(group, &request.member_id, request.group_instance_id.as_deref()) {
        return answer(Some(error));
    }
    if request.generation_id != group.generation_id {
        return answer(Some(ErrorCode::IllegalGeneration));
    }
    let error = match group.state {
        GroupState::Empty | GroupState::Dead => return answer(Some(ErrorCode::UnknownMemberId)),
        GroupState::PreparingRebalance => Some(ErrorCode::RebalanceInProgress),
        GroupState::CompletingRebalance | GroupState::Stable => None,
    };
    let mut outcome = answer(error);
    if error.is_some() {
        let (group, member) = (request.group_id.clone(), request.member_id.clone());
        outcome.trace.push(TraceEvent::MemberStep { group, member, step: MemberStep::Told });
    }
    outcome.changes.push(Change::MemberHeard {
        broker: broker.id,
        group_id: request.group_id.clone(),
        member_id: request.member_id.clone(),
    });
    outcome
}

pub(super) fn leave(world: &World, broker: &Broker, from: RequestRef, request: &LeaveGroupRequest) -> Outcome {
    let answer = |error| Response::LeaveGroup(LeaveGroupResponse { error });
    let Some(mut work) = Work::on(world, broker, &request.group_id) else {
        return Outcome::answer(from, answer(Some(ErrorCode::UnknownMemberId)));
    };
    let member_id = match &request.group_instance_id {
        // An administrator may name the instance alone.
        Some(instance_id) => work.group.static_members.get(instance_id).cloned().unwrap_or_else(|| request.member_id.clone()),
        None => request.member_id.clone(),
    };
    if work.group.pending_members.remove(&member_id).is_some() {
        complete_join_if_all(&mut work);
        work.answer(from, answer(None));
        return work.finish();
    }
    if !work.group.members.contains_key(&member_id) {
        return Outcome::answer(from, answer(Some(ErrorCode::UnknownMemberId)));
    }
    work.answer(from, answer(None));
    remove_and_rebalance(&mut work, &member_id, &with_reason("left", &request.reason));
    work.finish()
}
