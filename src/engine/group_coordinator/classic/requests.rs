//! The classic group's state machine (`ClassicGroup`, `GroupMetadataManager`).
//!
//! A group, by what is asked and by whom. Every cell: `tests/vectors/classic-group-states.txt`.
//!
//! ```text
//!  group               │ request                │ answer                      │ next
//!  none                │ Join without id        │ MEMBER_ID_REQUIRED, an id   │ Empty
//!                      │ any with an id         │ UNKNOWN_MEMBER_ID           │ none
//!                      │ Commit in a generation │ GROUP_ID_NOT_FOUND          │ none
//!                      │ Commit outside of one  │ ok                          │ Empty
//!  Empty               │ Join of a pending one  │ waits                       │ PreparingRebalance, for the initial delay
//!                      │ any but a commit       │ UNKNOWN_MEMBER_ID           │ Empty
//!                      │ Commit outside         │ ok                          │ Empty
//!  PreparingRebalance  │ Join                   │ waits                       │ CompletingRebalance when all have joined
//!                      │ Sync, Heartbeat        │ REBALANCE_IN_PROGRESS       │ the same
//!                      │ Leave, session over    │ ok                          │ as Join; Empty without members
//!                      │ initial delay over     │                             │ as Join, or another delay if some have come
//!                      │ rebalance timeout      │                             │ CompletingRebalance without the dynamic members
//!                      │                        │                             │ that are missing; the same if nobody has joined
//!                      │ Commit of a member     │ ok                          │ the same
//!  CompletingRebalance │ Join, same             │ the current generation      │ the same
//!                      │ Join, changed or new   │ waits                       │ PreparingRebalance; waiting syncs are refused
//!                      │ Sync of a follower     │ waits                       │ the same
//!                      │ Sync of the leader     │ all get their partitions    │ Stable
//!                      │ Heartbeat              │ ok                          │ the same
//!                      │ Leave, session over    │ ok                          │ PreparingRebalance; waiting syncs are refused
//!                      │ rebalance timeout      │                             │ PreparingRebalance without those who did not sync
//!                      │ Commit of a member     │ REBALANCE_IN_PROGRESS       │ the same
//!  Stable              │ Join, same             │ the current generation      │ Stable
//!                      │ Join, changed or new,  │ waits                       │ PreparingRebalance
//!                      │  or of the leader      │                             │
//!                      │ Sync                   │ its partitions              │ Stable
//!                      │ Heartbeat              │ ok                          │ Stable
//!                      │ Leave, session over    │ ok                          │ PreparingRebalance
//!                      │ rebalance timeout      │                             │ PreparingRebalance without those who did not sync
//!                      │ Commit of a member     │ ok                          │ Stable
//!  Dead                │ it is dropped at once: as none
//! ```
//!
//! Whoever it is, first of all: no common assignor is INCONSISTENT_GROUP_PROTOCOL, another generation ILLEGAL_GENERATION, an id
//! that no member has UNKNOWN_MEMBER_ID, and a commit outside of a generation UNKNOWN_MEMBER_ID while there are members.
//!
//! ```text
//!  member         │ request                │ answer                       │ next
//!  unknown        │ Join                   │ MEMBER_ID_REQUIRED, an id    │ pending
//!                 │ Join of a static one   │ waits                        │ awaiting join
//!  pending        │ Join                   │ waits                        │ awaiting join
//!                 │ Leave                  │ ok, and a rebalance          │ unknown
//!                 │ session over           │                              │ unknown
//!                 │ any other              │ UNKNOWN_MEMBER_ID            │ pending
//!  awaiting join  │ all have joined        │ Join: the next generation    │ joined, has not synced
//!                 │ Leave                  │ Join: UNKNOWN_MEMBER_ID      │ unknown
//!                 │ session over           │ not while it waits           │ awaiting join
//!  joined         │ Sync                   │ waits                        │ awaiting sync
//!                 │ a rebalance begins     │                              │ joined, is to join again
//!                 │ Leave, session over    │ ok                           │ unknown
//!                 │ rebalance timeout      │                              │ unknown: it has not synced, or not joined again
//!  awaiting sync  │ the leader syncs       │ Sync: its partitions         │ joined
//!                 │ a rebalance begins     │ Sync: REBALANCE_IN_PROGRESS  │ joined, is to join again
//!                 │ Leave                  │ Sync: none                   │ unknown
//!                 │ session over           │ not while it waits           │ awaiting sync
//!  static         │ Join without its id    │ as below; what the old one   │ the new id has its place; for the old one all is
//!                 │                        │ waits for FENCED_INSTANCE_ID │ FENCED_INSTANCE_ID
//!                 │ rebalance timeout      │ stays though it has not joined again
//! ```
//!
//! A static member that comes back without its id takes the place of the old one, client id included: in Stable, if the same
//! assignor is chosen, nothing is rebalanced, whatever it subscribes to.

use super::rebalance::{Waiting, complete_join_if_all, prepare_rebalance, refuse_waiting, remove_and_rebalance, select_protocol};
use super::work::Work;
use crate::base::{MemberId, Prng, Span};
use crate::engine::broker::Broker;
use crate::engine::group::{Group, GroupState, GroupTimer, Member};
use crate::engine::metadata::random_uuid;
use crate::engine::network::RequestRef;
use crate::engine::node::{Change, NodeContext, Outcome};
use crate::engine::protocol::{
    ErrorCode, HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, JoinedMember, LeaveGroupRequest,
    LeaveGroupResponse, Response, SyncGroupRequest, SyncGroupResponse,
};
use crate::engine::trace::{GoneReason, GroupReason, MemberStep, TraceEvent};

/// How long a new member is kept that waits for its first rebalance (`GroupCoordinatorConfig.CLASSIC_GROUP_NEW_MEMBER_JOIN_TIMEOUT_MS`).
const NEW_MEMBER_JOIN_TIMEOUT: Span = Span::from_secs(300);

// ---- JoinGroup

pub fn join(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &JoinGroupRequest) -> Outcome {
    let refuse = |error| {
        let response = JoinGroupResponse::refused(request.member_id.as_ref(), error);
        Outcome::answer(from, Response::JoinGroup(response))
    };
    if !is_session_timeout_legal(cx, request) {
        return refuse(ErrorCode::InvalidSessionTimeout);
    }
    let known = broker.groups.get(&request.group_id);
    if known.is_none() && request.member_id.is_some() {
        return refuse(ErrorCode::UnknownMemberId);
    }
    if let Some(error) = known.and_then(|group| refuses(cx, group, request)) {
        return refuse(error);
    }
    if request.protocols.is_empty() {
        return refuse(ErrorCode::InconsistentGroupProtocol);
    }
    let mut work = Work::on_or_new(cx, broker, &request.group_id);
    if let Some(empty) = broker.consumer_groups.get(&request.group_id) {
        work.take_place_of(empty);
    }
    if broker.streams_groups.contains_key(&request.group_id) {
        work.take_place_of_streams();
    }
    if known.is_none() {
        work.write_group();
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

/// group.min.session.timeout.ms and group.max.session.timeout.ms.
pub fn is_session_timeout_legal(cx: &NodeContext<'_>, request: &JoinGroupRequest) -> bool {
    let limits = cx.configs.group_min_session_timeout..=cx.configs.group_max_session_timeout;
    limits.contains(&Span::from_ms(request.session_timeout_ms))
}

/// `acceptJoiningMember` and `supportsProtocols`: is there room, and an assignor that all members have? A member counts with
/// what it had before, so one that is alone cannot change to another assignor while it is in the group.
fn refuses(cx: &NodeContext<'_>, group: &Group, request: &JoinGroupRequest) -> Option<ErrorCode> {
    let size_max = cx.configs.group_max_size;
    let member = request.member_id.as_ref().and_then(|member_id| group.members.get(member_id));
    let fits = match group.state {
        GroupState::Empty | GroupState::Dead => true,
        GroupState::PreparingRebalance => {
            let joined = group.members.values().filter(|member| member.awaiting_join.is_some()).count();
            member.is_some_and(|member| member.awaiting_join.is_some()) || joined < size_max
        }
        GroupState::CompletingRebalance | GroupState::Stable => member.is_some() || group.members.len() < size_max,
    };
    if !fits {
        return Some(ErrorCode::GroupMaxSizeReached);
    }
    let have = |name: &String| group.members.values().all(|member| member.subscription(name).is_some());
    let supports = group.state == GroupState::Empty || request.protocols.iter().any(|(name, _)| have(name));
    (!supports).then_some(ErrorCode::InconsistentGroupProtocol)
}

/// A member id: the client's or the instance's name and a random UUID, made of the seed and of who asks.
fn new_member_id(cx: &NodeContext<'_>, from: RequestRef, request: &JoinGroupRequest) -> MemberId {
    let mut chance = Prng::new(cx.seed, &format!("member {} {}", from.from, from.correlation));
    let hex = format!("{:032x}", random_uuid(&mut chance).0);
    let name = request.group_instance_id.as_deref().unwrap_or(&request.client_id);
    MemberId::from(format!("{name}-{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]))
}

fn join_new(work: &mut Work<'_>, from: RequestRef, request: &JoinGroupRequest) -> Result<(), ErrorCode> {
    let member_id = new_member_id(work.cx, from, request);
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
    let response = JoinGroupResponse::refused(Some(&member_id), ErrorCode::MemberIdRequired);
    work.answer(from, Response::JoinGroup(response));
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
            let is_leader = is_leader && work.group.state == GroupState::Stable;
            let client_reason = request.reason.as_str().into();
            let reason = GroupReason::JoinsAgain { member: member_id.clone(), is_leader, client_reason };
            update_member(work, from, request, member_id);
            prepare_rebalance(work, reason);
        }
        GroupState::Empty | GroupState::Dead => return Err(ErrorCode::UnknownMemberId),
    }
    if work.group.state == GroupState::PreparingRebalance {
        complete_join_if_all(work);
    }
    Ok(())
}

/// The member's place in the current generation, again.
fn answer_current(work: &mut Work<'_>, from: RequestRef, member_id: &MemberId) {
    let response = joined(&work.group, member_id);
    work.answer(from, Response::JoinGroup(response));
}

pub fn joined(group: &Group, member_id: &MemberId) -> JoinGroupResponse {
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
    // In its first rebalance since it was empty, a newcomer makes the group wait a little longer for others.
    if work.group.initial_delay_left.is_some() {
        work.group.new_member_added = true;
    }
    work.renew_session(&member_id, Some(NEW_MEMBER_JOIN_TIMEOUT));
    let (group, by) = (work.group_id.clone(), from.client());
    work.outcome.trace.push(TraceEvent::MemberJoined { group, member: member_id.clone(), by });
    if work.group.state == GroupState::PreparingRebalance {
        complete_join_if_all(work);
    } else {
        prepare_rebalance(work, GroupReason::Joins { member: member_id, client_reason: request.reason.as_str().into() });
    }
}

fn update_member(work: &mut Work<'_>, from: RequestRef, request: &JoinGroupRequest, member_id: &MemberId) {
    let Some(member) = work.member_mut(member_id) else {
        return;
    };
    member.protocols = request.protocols.clone();
    member.rebalance_timeout = Span::from_ms(request.rebalance_timeout_ms);
    member.session_timeout = Span::from_ms(request.session_timeout_ms);
    // A request that waited before is never answered.
    member.awaiting_join = Some(from);
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
    member.member_id = new.clone();
    member.session_timer_at = work.now();
    let was_leader = work.group.leader.as_ref() == Some(old);
    if was_leader {
        work.group.leader = Some(new.clone());
    }
    if let Some(instance_id) = &member.group_instance_id {
        work.group.static_members.insert(instance_id.clone(), new.clone());
    }
    work.group.members.insert(new.clone(), member);
    // The first session is as long as the old run had asked for.
    work.renew_session(&new, None);
    if let Some(member) = work.member_mut(&new) {
        member.protocols = request.protocols.clone();
        member.session_timeout = Span::from_ms(request.session_timeout_ms);
        member.rebalance_timeout = Span::from_ms(request.rebalance_timeout_ms);
    }
    let (group, by) = (work.group_id.clone(), from.client());
    work.outcome.trace.push(TraceEvent::MemberJoined { group, member: new.clone(), by });
    match work.group.state {
        GroupState::Stable if select_protocol(&work.group) == work.group.protocol_name => {
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
            let client_reason = request.reason.as_str().into();
            prepare_rebalance(work, GroupReason::Replaces { new, old: old.clone(), client_reason });
        }
    }
}

fn set_awaiting(work: &mut Work<'_>, member_id: &MemberId, from: RequestRef) {
    if let Some(member) = work.member_mut(member_id) {
        member.awaiting_join = Some(from);
    }
}

// ---- SyncGroup

pub fn sync(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &SyncGroupRequest) -> Outcome {
    let refuse = |error| {
        let response = SyncGroupResponse { error: Some(error), protocol_name: String::new(), assignment: Vec::new() };
        Outcome::answer(from, Response::SyncGroup(response))
    };
    let Some(mut work) = Work::on(cx, broker, &request.group_id) else {
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
            let protocol_name = work.group.protocol_name.clone().unwrap_or_default();
            if let Some(member) = work.member_mut(&request.member_id) {
                member.pending_sync = false;
                let assignment = member.assignment.clone();
                work.answer(from, Response::SyncGroup(SyncGroupResponse { error: None, protocol_name, assignment }));
            }
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
    work.transition(GroupState::Stable, GroupReason::HandedIn { leader: request.member_id.clone() });
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
pub fn check_member(group: &Group, member_id: &MemberId, instance_id: Option<&str>) -> Result<(), ErrorCode> {
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
pub fn heartbeat(broker: &Broker, from: RequestRef, request: &HeartbeatRequest) -> Outcome {
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

pub fn leave(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &LeaveGroupRequest) -> Outcome {
    let answer = |error| Response::LeaveGroup(LeaveGroupResponse { error });
    let Some(mut work) = Work::on(cx, broker, &request.group_id) else {
        return Outcome::answer(from, answer(Some(ErrorCode::UnknownMemberId)));
    };
    let pending = work.group.pending_members.remove(&request.member_id).is_some();
    let member_id = if request.member_id.as_str().is_empty() {
        // An administrator may name the instance alone.
        request.group_instance_id.as_ref().and_then(|instance_id| work.group.static_members.get(instance_id)).cloned()
    } else {
        Some(request.member_id.clone())
    };
    let checked = match &member_id {
        _ if pending => Ok(()),
        Some(_) if request.member_id.as_str().is_empty() => Ok(()),
        Some(member_id) => check_member(&work.group, member_id, request.group_instance_id.as_deref()),
        None => Err(ErrorCode::UnknownMemberId),
    };
    let (Some(member_id), Ok(())) = (member_id, checked) else {
        return Outcome::answer(from, answer(checked.err().or(Some(ErrorCode::UnknownMemberId))));
    };
    work.answer(from, answer(None));
    // Of one that was never a member too.
    remove_and_rebalance(&mut work, &member_id, GoneReason::Left { client_reason: request.reason.as_str().into() });
    work.finish()
}
