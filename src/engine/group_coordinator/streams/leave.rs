//! How members go: they leave, their session is over, or they did not give up tasks in time. And the end of the wait for the
//! first members.

use std::rc::Rc;

use super::work::StreamsWork;
use super::{Refusal, member, missing, target, unknown_member};
use crate::base::{GroupId, MemberId};
use crate::engine::broker::Broker;
use crate::engine::group::GroupTimer;
use crate::engine::group::streams::{AssignedTasks, StreamsMember, records};
use crate::engine::network::RequestRef;
use crate::engine::node::{NodeContext, Outcome};
use crate::engine::protocol::{
    ErrorCode, LEAVE_STATIC_EPOCH, Response, StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse,
};
use crate::engine::trace::{GoneReason, GroupReason};

/// `streamsGroupLeave`.
pub(super) fn leave(
    cx: &NodeContext<'_>,
    broker: &Broker,
    from: RequestRef,
    request: &StreamsGroupHeartbeatRequest,
) -> Result<Outcome, Refusal> {
    let mut work = StreamsWork::on(cx, broker, &request.group_id).ok_or_else(|| missing(broker, &request.group_id))?;
    let known = match &request.instance_id {
        None => {
            let known = work.group.members.get(&request.member_id).cloned();
            known.ok_or_else(|| unknown_member(&work.group_id, &request.member_id))?
        }
        Some(instance_id) => member::find_static(&work.group, request, instance_id)?,
    };
    if request.shutdown_application {
        work.group.shutdown_requested_by.get_or_insert_with(|| request.member_id.clone());
    }
    let mut response = StreamsGroupHeartbeatResponse::refused(ErrorCode::UnknownServerError.told());
    response.error = None;
    (response.member_id, response.member_epoch) = (request.member_id.clone(), request.member_epoch);
    work.answer(from, Response::StreamsGroupHeartbeat(response));
    if request.instance_id.is_some() && request.member_epoch == LEAVE_STATIC_EPOCH {
        work.because(GroupReason::Away { member: known.member_id.clone() });
        go_away(&mut work, &known);
        return Ok(work.finish());
    }
    Ok(fence(work, &known.member_id, GoneReason::Left { client_reason: "".into() }))
}

/// A static member keeps its tasks and its session goes on; only its epoch says that it is away.
fn go_away(work: &mut StreamsWork<'_>, member: &StreamsMember) {
    let mut away = StreamsMember { epoch: LEAVE_STATIC_EPOCH, pending_revocation: AssignedTasks::default(), ..member.clone() };
    away.assigned.active.values_mut().for_each(|epoch| *epoch = 0);
    away.timers.revocation = None;
    work.put_current(away);
}

/// `streamsGroupFenceMember`: the member is gone and the others get a new target.
fn fence(mut work: StreamsWork<'_>, member_id: &MemberId, reason: GoneReason) -> Outcome {
    work.gone(member_id, reason.clone());
    work.remove(member_id);
    work.because(GroupReason::Gone { member: member_id.clone(), reason });
    work.bump_group_epoch();
    if work.group.members.is_empty() {
        work.group.assignment_epoch = work.group.group_epoch;
        work.group.assigned_at = None;
        work.write(records::target_metadata(&work.group_id, &work.group));
    }
    work.finish()
}

/// A timer that stands for no deadline any more does nothing. A broker that was frozen gets its timers late.
pub fn on_timer(cx: &NodeContext<'_>, broker: &Broker, group_id: &GroupId, timer: &GroupTimer) -> Outcome {
    let Some(work) = StreamsWork::on(cx, broker, group_id) else {
        return Outcome::default();
    };
    let now = cx.now;
    match timer {
        GroupTimer::Session { member } => session_due(work, member),
        GroupTimer::Revocation { member } => {
            let known = work.group.members.get(member);
            let due =
                known.is_some_and(|known| known.timers.revocation.is_some_and(|(at, epoch)| at <= now && epoch == known.epoch));
            if due { fence(work, member, GoneReason::NotRevoked) } else { Outcome::default() }
        }
        GroupTimer::InitialRebalance if work.group.initial_delay.is_some_and(|at| at <= now) => initial_delay_over(work),
        _ => Outcome::default(),
    }
}

fn session_due(mut work: StreamsWork<'_>, member_id: &MemberId) -> Outcome {
    let now = work.now();
    let Some(member) = work.group.members.get_mut(member_id).map(Rc::make_mut) else {
        return Outcome::default();
    };
    if member.timers.session_timer_at > now {
        return Outcome::default();
    }
    let deadline = member.timers.session_deadline;
    if deadline > now {
        member.timers.session_timer_at = deadline;
        work.timer(deadline, GroupTimer::Session { member: member_id.clone() });
        return work.finish();
    }
    fence(work, member_id, GoneReason::SessionExpired { setting: "group.streams.session.timeout.ms" })
}

/// `computeDelayedTargetAssignment`: the members that have come get their target; those that have not looked at the topics again
/// since the group was made do so themselves, with their next heartbeat.
fn initial_delay_over(mut work: StreamsWork<'_>) -> Outcome {
    work.group.initial_delay = None;
    if let Some(topology) = work.group.configured.clone().filter(|_| !work.group.members.is_empty()) {
        let wanted = target::Wanted { updated: None, topology: &topology, refine_only: false };
        target::update_target(&mut work, &wanted);
    }
    work.finish()
}
