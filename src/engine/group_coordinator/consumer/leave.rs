//! How members go: they leave, their session is over, or they did not give up partitions in time.

use super::heartbeat::{check_static, unknown_member};
use super::work::ConsumerWork;
use super::{Refusal, migrate, regex, target};
use crate::base::{GroupId, MemberId, SortedMap};
use crate::engine::broker::Broker;
use crate::engine::group::{ConsumerMember, GroupTimer, consumer_records};
use crate::engine::network::RequestRef;
use crate::engine::node::{NodeContext, Outcome};
use crate::engine::protocol::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, ErrorCode, LEAVE_STATIC_EPOCH, Response,
};
use crate::engine::trace::{GoneReason, GroupReason};

/// `consumerGroupLeave`.
pub(super) fn leave(
    cx: &NodeContext<'_>,
    broker: &Broker,
    from: RequestRef,
    request: &ConsumerGroupHeartbeatRequest,
) -> Result<Outcome, Refusal> {
    let mut work = find(cx, broker, &request.group_id)?;
    let known = match &request.instance_id {
        None => work.group.members.get(&request.member_id).cloned().ok_or_else(|| unknown_member(&work, &request.member_id))?,
        Some(instance_id) => {
            let known = work.group.static_members.get(instance_id).and_then(|id| work.group.members.get(id)).cloned();
            check_static(known, &request.member_id, instance_id)?
        }
    };
    let response = ConsumerGroupHeartbeatResponse {
        error: None,
        error_message: None,
        member_id: request.member_id.clone(),
        member_epoch: request.member_epoch,
        heartbeat_interval_ms: 0,
        assignment: None,
    };
    work.answer(from, Response::ConsumerGroupHeartbeat(response));
    if request.instance_id.is_some() && request.member_epoch == LEAVE_STATIC_EPOCH {
        work.because(GroupReason::Away { member: known.member_id.clone() });
        go_away(&mut work, &known);
        return Ok(work.finish());
    }
    Ok(fence(work, std::slice::from_ref(&known.member_id), &GoneReason::Left { client_reason: "".into() }))
}

fn find<'a>(cx: &'a NodeContext<'a>, broker: &'a Broker, group_id: &GroupId) -> Result<ConsumerWork<'a>, Refusal> {
    ConsumerWork::on(cx, broker, group_id).ok_or_else(|| {
        let is_another = broker.groups.contains_key(group_id)
            || broker.share_groups.contains_key(group_id)
            || broker.streams_groups.contains_key(group_id);
        let text =
            if is_another { format!("Group {group_id} is not a consumer group.") } else { format!("Group {group_id} not found.") };
        (ErrorCode::GroupIdNotFound, text)
    })
}

/// A static member keeps its partitions and its session goes on; only its epoch says that it is away.
fn go_away(work: &mut ConsumerWork<'_>, member: &ConsumerMember) {
    let mut away = ConsumerMember {
        epoch: LEAVE_STATIC_EPOCH,
        assigned: member.assigned.keys().map(|partition| (partition.clone(), 0)).collect(),
        pending_revocation: SortedMap::new(),
        ..member.clone()
    };
    away.timers.revocation = None;
    work.put_current(away);
}

/// `consumerGroupFenceMembers`: the members are gone and the others get a new target, or, if none but classic members are
/// left, the group goes back to the classic protocol.
pub(super) fn fence(mut work: ConsumerWork<'_>, members: &[MemberId], reason: &GoneReason) -> Outcome {
    for member_id in members {
        work.gone(member_id, reason.clone());
    }
    if migrate::may_downgrade_without(&work, members) {
        return migrate::downgrade(work, members, GroupReason::DowngradedByLeave);
    }
    for member_id in members {
        work.remove(member_id);
        work.because(GroupReason::Gone { member: member_id.clone(), reason: reason.clone() });
    }
    regex::forget_unused(&mut work);
    target::update_metadata(&mut work, true);
    if work.group.members.is_empty() {
        work.group.assignment_epoch = work.group.group_epoch;
        work.group.assigned_at = None;
        work.write(consumer_records::target_metadata(&work.group_id, &work.group));
    }
    work.finish()
}

/// A timer that stands for no deadline any more does nothing. A broker that was frozen gets its timers late.
pub fn on_timer(cx: &NodeContext<'_>, broker: &Broker, group_id: &GroupId, timer: &GroupTimer) -> Outcome {
    let Some(work) = ConsumerWork::on(cx, broker, group_id) else {
        return Outcome::default();
    };
    let now = cx.now;
    let member_of = |member_id: &MemberId| work.group.members.get(member_id).cloned();
    match timer {
        GroupTimer::Session { member } => session_due(work, member),
        GroupTimer::Revocation { member } => {
            let due = member_of(member)
                .is_some_and(|known| known.timers.revocation.is_some_and(|(at, epoch)| at <= now && epoch == known.epoch));
            fence_if(due, work, member, GoneReason::NotRevoked)
        }
        GroupTimer::ClassicJoin { member } => {
            let due = member_of(member).is_some_and(|known| known.timers.join.is_some_and(|at| at <= now));
            fence_if(due, work, member, GoneReason::NotJoined)
        }
        GroupTimer::ClassicSync { member } => {
            let due = member_of(member).is_some_and(|known| known.timers.sync.is_some_and(|at| at <= now));
            fence_if(due, work, member, GoneReason::NotSynced)
        }
        GroupTimer::Regex => regex::resolved(cx, broker, group_id),
        _ => Outcome::default(),
    }
}

fn fence_if(due: bool, work: ConsumerWork<'_>, member: &MemberId, reason: GoneReason) -> Outcome {
    if due { fence(work, std::slice::from_ref(member), &reason) } else { Outcome::default() }
}

fn session_due(mut work: ConsumerWork<'_>, member_id: &MemberId) -> Outcome {
    let now = work.now();
    let Some(member) = work.member_mut(member_id) else {
        return Outcome::default();
    };
    if member.timers.session_timer_at > now {
        return Outcome::default();
    }
    let setting = if member.classic.is_some() { "session.timeout.ms" } else { "group.consumer.session.timeout.ms" };
    let deadline = member.timers.session_deadline;
    if deadline > now {
        member.timers.session_timer_at = deadline;
        work.timer(deadline, GroupTimer::Session { member: member_id.clone() });
        return work.finish();
    }
    fence(work, std::slice::from_ref(member_id), &GoneReason::SessionExpired { setting })
}
