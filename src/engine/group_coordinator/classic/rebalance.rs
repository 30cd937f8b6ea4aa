//! What a rebalance of a classic group is made of: who is waited for, who leads, who is dropped, and the timers of that.

use super::requests::joined;
use super::work::Work;
use crate::base::{GroupId, MemberId, SimTime, Span};
use crate::engine::broker::Broker;
use crate::engine::group::{Group, GroupState, GroupTimer, Member};
use crate::engine::network::RequestRef;
use crate::engine::node::{NodeContext, Outcome};
use crate::engine::protocol::{ErrorCode, JoinGroupResponse, Response, SyncGroupResponse};
use crate::engine::trace::{GoneReason, GroupReason, TraceEvent};

pub fn prepare_rebalance(work: &mut Work<'_>, reason: GroupReason) {
    if work.group.state == GroupState::CompletingRebalance {
        // Whoever waits for its assignment must join again.
        let refused = |member: &mut Member| member.awaiting_sync.take().map(|request| (request, member.member_id.clone()));
        let waiting: Vec<(RequestRef, MemberId)> = work.group.members.values_mut().filter_map(refused).collect();
        for (request, member_id) in waiting {
            refuse_waiting(work, Some(Waiting::Sync(request)), ErrorCode::RebalanceInProgress);
            work.renew_session(&member_id, None);
        }
        for member in work.group.members.values_mut() {
            member.assignment.clear();
        }
    }
    work.group.sync_deadline = None;
    for member in work.group.members.values_mut() {
        member.pending_sync = false;
    }
    let is_first = work.group.state == GroupState::Empty;
    work.transition(GroupState::PreparingRebalance, reason);
    if is_first {
        let delay = work.cx.configs.group_initial_rebalance_delay;
        work.group.new_member_added = false;
        work.group.initial_delay_left = Some(less(rebalance_timeout(&work.group), delay));
        let deadline = work.now() + delay;
        work.group.join_deadline = Some(deadline);
        work.timer(deadline, GroupTimer::Join);
    } else {
        complete_join_if_all(work);
    }
}

fn less(span: Span, by: Span) -> Span {
    Span(span.0.saturating_sub(by.0))
}

fn rebalance_timeout(group: &Group) -> Span {
    group.members.values().map(|member| member.rebalance_timeout).max().unwrap_or(Span::ZERO)
}

/// Completes the join when nobody is missing; else sets the deadline for those who are.
pub fn complete_join_if_all(work: &mut Work<'_>) {
    let group = &work.group;
    if group.state != GroupState::PreparingRebalance || group.initial_delay_left.is_some() {
        return;
    }
    let all = group.pending_members.is_empty() && group.members.values().all(|member| member.awaiting_join.is_some());
    if all {
        complete_join(work);
    } else if group.join_deadline.is_none() {
        let deadline = work.now() + rebalance_timeout(&work.group);
        work.group.join_deadline = Some(deadline);
        work.timer(deadline, GroupTimer::Join);
    }
}

/// `completeClassicGroupJoin`: drops the dynamic members that have not joined, and begins the next generation.
fn complete_join(work: &mut Work<'_>) {
    work.group.join_deadline = None;
    work.group.initial_delay_left = None;
    let missing = |member: &&Member| member.awaiting_join.is_none() && member.group_instance_id.is_none();
    let gone: Vec<MemberId> = work.group.members.values().filter(missing).map(|member| member.member_id.clone()).collect();
    for member_id in gone {
        remove_member(work, &member_id, GoneReason::NotJoined);
    }
    if !elect_leader(&mut work.group) && !work.group.members.is_empty() {
        // Only static members are left, and none has joined: their sessions decide.
        let deadline = work.now() + rebalance_timeout(&work.group);
        work.group.join_deadline = Some(deadline);
        work.timer(deadline, GroupTimer::Join);
        return;
    }
    work.group.generation_id += 1;
    if work.group.members.is_empty() {
        work.group.protocol_name = None;
        work.transition(GroupState::Empty, GroupReason::NoMembers);
        work.write_group();
        return;
    }
    work.group.protocol_name = select_protocol(&work.group);
    let count = work.group.members.len();
    work.transition(GroupState::CompletingRebalance, GroupReason::AllJoined { members: count });
    let deadline = work.now() + rebalance_timeout(&work.group);
    work.group.sync_deadline = Some(deadline);
    work.timer(deadline, GroupTimer::Sync);
    let ids: Vec<MemberId> = work.group.members.keys().cloned().collect();
    for member_id in ids {
        let response = joined(&work.group, &member_id);
        let Some(member) = work.member_mut(&member_id) else {
            continue;
        };
        member.is_new = false;
        member.pending_sync = true;
        let waiting = member.awaiting_join.take();
        if let Some(request) = waiting {
            work.answer(request, Response::JoinGroup(response));
        }
        work.renew_session(&member_id, None);
    }
}

/// A leader among those who have joined: the one there is, if it has. False if nobody has joined.
fn elect_leader(group: &mut Group) -> bool {
    let has_joined = |id: &MemberId| group.members.get(id).is_some_and(|member| member.awaiting_join.is_some());
    if !group.leader.as_ref().is_some_and(has_joined) {
        let first = group.members.values().find(|member| member.awaiting_join.is_some());
        match first.map(|member| member.member_id.clone()) {
            Some(first) => group.leader = Some(first),
            None => return false,
        }
    }
    true
}

/// Every member votes for the first assignor in its list that all have; most votes win.
pub fn select_protocol(group: &Group) -> Option<String> {
    let first = group.members.values().next()?;
    let common: Vec<&String> = first
        .protocols
        .iter()
        .map(|(name, _)| name)
        .filter(|name| group.members.values().all(|member| member.subscription(name).is_some()))
        .collect();
    let votes = |candidate: &String| {
        let vote =
            |member: &&Member| member.protocols.iter().map(|(name, _)| name).find(|name| common.contains(name)) == Some(candidate);
        group.members.values().filter(vote).count()
    };
    let most = common.iter().map(|candidate| votes(candidate)).max()?;
    common.iter().find(|candidate| votes(candidate) == most).map(|name| (*name).clone())
}

fn remove_member(work: &mut Work<'_>, member_id: &MemberId, reason: GoneReason) {
    let Some(member) = work.group.members.remove(member_id) else {
        return;
    };
    if let Some(instance_id) = &member.group_instance_id {
        work.group.static_members.remove(instance_id);
    }
    if work.group.leader.as_ref() == Some(member_id) {
        work.group.leader = work.group.members.keys().next().cloned();
    }
    // A SyncGroup that waits is never answered, as in Kafka.
    refuse_waiting(work, member.awaiting_join.map(Waiting::Join), ErrorCode::UnknownMemberId);
    let group = work.group_id.clone();
    work.outcome.trace.push(TraceEvent::MemberGone { group, member: member_id.clone(), reason });
}

pub fn remove_and_rebalance(work: &mut Work<'_>, member_id: &MemberId, reason: GoneReason) {
    remove_member(work, member_id, reason.clone());
    match work.group.state {
        GroupState::Stable | GroupState::CompletingRebalance => {
            prepare_rebalance(work, GroupReason::Gone { member: member_id.clone(), reason })
        }
        GroupState::PreparingRebalance => complete_join_if_all(work),
        GroupState::Empty | GroupState::Dead => {}
    }
}

/// A request that waits for its answer.
pub enum Waiting {
    Join(RequestRef),
    Sync(RequestRef),
}

pub fn refuse_waiting(work: &mut Work<'_>, waiting: Option<Waiting>, error: ErrorCode) {
    match waiting {
        Some(Waiting::Join(request)) => {
            let response = JoinGroupResponse {
                error: Some(error),
                generation_id: -1,
                protocol_name: String::new(),
                leader: None,
                member_id: None,
                skip_assignment: false,
                members: Vec::new(),
            };
            work.answer(request, Response::JoinGroup(response));
        }
        Some(Waiting::Sync(request)) => {
            let response = SyncGroupResponse { error: Some(error), protocol_name: String::new(), assignment: Vec::new() };
            work.answer(request, Response::SyncGroup(response));
        }
        None => {}
    }
}

// ---- timers

pub fn on_timer(cx: &NodeContext<'_>, broker: &Broker, group_id: &GroupId, timer: GroupTimer) -> Outcome {
    let Some(mut work) = Work::on(cx, broker, group_id) else {
        return Outcome::default();
    };
    let now = cx.now;
    // A broker that was frozen gets its timers late.
    let is_due = |deadline: Option<SimTime>| deadline.is_some_and(|at| at <= now);
    match timer {
        GroupTimer::Join if is_due(work.group.join_deadline) => join_due(&mut work),
        GroupTimer::Sync if is_due(work.group.sync_deadline) => sync_due(&mut work),
        GroupTimer::Session { member } => {
            if !session_due(&mut work, &member) {
                return Outcome::default();
            }
        }
        GroupTimer::PendingMember { member } if is_due(work.group.pending_members.get(&member).copied()) => {
            work.group.pending_members.remove(&member);
            complete_join_if_all(&mut work);
        }
        _ => return Outcome::default(),
    }
    work.finish()
}

fn join_due(work: &mut Work<'_>) {
    let delay = work.cx.configs.group_initial_rebalance_delay;
    match work.group.initial_delay_left {
        Some(left) if work.group.new_member_added && left > Span::ZERO => {
            // InitialDelayedJoin: someone came during the delay; wait as long again, up to the rebalance timeout in all.
            work.group.new_member_added = false;
            work.group.initial_delay_left = Some(less(left, delay));
            let deadline = work.now() + delay.min(left);
            work.group.join_deadline = Some(deadline);
            work.timer(deadline, GroupTimer::Join);
        }
        _ => complete_join(work),
    }
}

fn sync_due(work: &mut Work<'_>) {
    work.group.sync_deadline = None;
    let late: Vec<MemberId> =
        work.group.members.values().filter(|member| member.pending_sync).map(|member| member.member_id.clone()).collect();
    for member_id in &late {
        remove_member(work, member_id, GoneReason::NotSynced);
    }
    if !late.is_empty() && matches!(work.group.state, GroupState::Stable | GroupState::CompletingRebalance) {
        prepare_rebalance(work, GroupReason::NotSynced);
    }
}

/// False when nothing is to be done: the timer is an old one.
fn session_due(work: &mut Work<'_>, member_id: &MemberId) -> bool {
    let now = work.now();
    let Some(member) = work.group.members.get_mut(member_id) else {
        return false;
    };
    if member.session_timer_at > now {
        return false;
    }
    // Who waits for an answer of ours is not expected to say anything.
    if !member.is_new && (member.awaiting_join.is_some() || member.awaiting_sync.is_some()) {
        member.session_deadline = now + member.session_timeout;
    }
    let deadline = member.session_deadline;
    if deadline > now {
        member.session_timer_at = deadline;
        work.timer(deadline, GroupTimer::Session { member: member_id.clone() });
        return true;
    }
    remove_and_rebalance(work, member_id, GoneReason::SessionExpired { setting: "session.timeout.ms" });
    true
}
