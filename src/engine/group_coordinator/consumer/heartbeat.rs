//! ConsumerGroupHeartbeat: joining, staying, and the steps towards the target (`GroupMetadataManager.consumerGroupHeartbeat`).

use std::rc::Rc;

use super::work::ConsumerWork;
use super::{Refusal, leave, migrate, reconcile, regex, target};
use crate::base::{MemberId, SimTime, SortedMap, Span, TopicName, TopicPartition};
use crate::engine::broker::Broker;
use crate::engine::group::{ConsumerGroup, ConsumerMember, GroupTimer, ReconciliationState, assignors, consumer_records};
use crate::engine::network::RequestRef;
use crate::engine::node::{Change, NodeContext, Outcome};
use crate::engine::protocol::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, ErrorCode, JOIN_EPOCH, LEAVE_EPOCH, LEAVE_STATIC_EPOCH, Response,
};
use crate::engine::trace::{GroupReason, MemberStep, TraceEvent};

pub fn heartbeat(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &ConsumerGroupHeartbeatRequest) -> Outcome {
    let result = check_request(cx, request).and_then(|()| match request.member_epoch {
        LEAVE_EPOCH | LEAVE_STATIC_EPOCH => leave::leave(cx, broker, from, request),
        _ => stay(cx, broker, from, request),
    });
    result.unwrap_or_else(|(error, message)| {
        let response = ConsumerGroupHeartbeatResponse {
            error: Some(error),
            error_message: Some(message),
            member_id: request.member_id.clone(),
            member_epoch: 0,
            heartbeat_interval_ms: 0,
            assignment: None,
        };
        Outcome::answer(from, Response::ConsumerGroupHeartbeat(response))
    })
}

/// `throwIfConsumerGroupHeartbeatRequestIsInvalid`.
fn check_request(cx: &NodeContext<'_>, request: &ConsumerGroupHeartbeatRequest) -> Result<(), Refusal> {
    let invalid = |what: &str| Err((ErrorCode::InvalidRequest, what.to_owned()));
    if request.member_id.as_str().is_empty() {
        return invalid("MemberId can't be empty.");
    }
    if request.instance_id.as_deref() == Some("") {
        return invalid("InstanceId can't be empty.");
    }
    if request.rack_id.as_deref() == Some("") {
        return invalid("RackId can't be empty.");
    }
    match request.member_epoch {
        JOIN_EPOCH if request.rebalance_timeout_ms.is_none() => {
            return invalid("RebalanceTimeoutMs must be provided in first request.");
        }
        JOIN_EPOCH if request.topic_partitions.as_ref().is_none_or(|owned| !owned.is_empty()) => {
            return invalid("TopicPartitions must be empty when (re-)joining.");
        }
        JOIN_EPOCH if request.subscribed_topic_names.is_none() && request.subscribed_topic_regex.is_none() => {
            return invalid("Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.");
        }
        LEAVE_STATIC_EPOCH if request.instance_id.is_none() => return invalid("InstanceId can't be null."),
        epoch if epoch < LEAVE_STATIC_EPOCH => return invalid("MemberEpoch is invalid."),
        _ => {}
    }
    let known = &cx.configs.group_consumer_assignors;
    match request.server_assignor.as_deref() {
        Some(assignor) if !known.iter().any(|name| name == assignor) || !assignors::SERVER_ASSIGNORS.contains(&assignor) => {
            let text = format!("ServerAssignor {assignor} is not supported. Supported assignors: {}.", known.join(", "));
            Err((ErrorCode::UnsupportedAssignor, text))
        }
        _ => Ok(()),
    }
}

fn stay(
    cx: &NodeContext<'_>,
    broker: &Broker,
    from: RequestRef,
    request: &ConsumerGroupHeartbeatRequest,
) -> Result<Outcome, Refusal> {
    if let Some(outcome) = nothing_new(cx, broker, from, request) {
        return Ok(outcome);
    }
    let joins = request.member_epoch == JOIN_EPOCH;
    let mut work = migrate::find_or_make(cx, broker, &request.group_id, joins)?;
    work.from = Some(from);
    check_room(&work, &request.member_id, request.instance_id.as_deref())?;
    let known = find_member(&mut work, request, joins)?;
    let updated = with_request(&known, request);
    // The interval that the coordinator asks for, and the session, are the broker's settings here.
    let session_timeout = work.configs().consumer_session_timeout;
    let subscription_changed = take_in(&mut work, &known, &updated)?;
    target::update_target(&mut work);
    let before = known.assigned.clone();
    let after = advance(&mut work, &request.member_id, subscription_changed, request.topic_partitions.as_deref());
    work.renew_session(&request.member_id, session_timeout);
    let is_full = request.rebalance_timeout_ms.is_some()
        && (request.subscribed_topic_names.is_some() || request.subscribed_topic_regex.is_some())
        && request.topic_partitions.is_some();
    let assignment = (joins || is_full || before != after.assigned).then(|| after.assigned.keys().cloned().collect());
    let response = ConsumerGroupHeartbeatResponse {
        error: None,
        error_message: None,
        member_id: after.member_id.clone(),
        member_epoch: after.epoch,
        heartbeat_interval_ms: work.configs().consumer_heartbeat_interval.ms(),
        assignment,
    };
    work.answer(from, Response::ConsumerGroupHeartbeat(response));
    Ok(work.finish())
}

/// Most heartbeats change nothing: they are answered without a copy of the group.
fn nothing_new(
    cx: &NodeContext<'_>,
    broker: &Broker,
    from: RequestRef,
    request: &ConsumerGroupHeartbeatRequest,
) -> Option<Outcome> {
    let group = broker.consumer_groups.get(&request.group_id)?;
    let member = group.members.get(&request.member_id)?;
    let says_nothing = request.rebalance_timeout_ms.is_none()
        && request.subscribed_topic_names.is_none()
        && request.subscribed_topic_regex.is_none()
        && request.server_assignor.is_none()
        && request.rack_id.is_none()
        && request.instance_id == member.instance_id
        && request.client_id == member.client_id
        && member.classic.is_none();
    let at_rest = request.member_epoch == member.epoch
        && group.assignment_epoch >= group.group_epoch
        && member.is_reconciled_to(group.assignment_epoch)
        && !regex::is_refresh_due(cx, group)
        && !target::topics_have_changed(cx.metadata, group);
    if !says_nothing || !at_rest {
        return None;
    }
    let response = ConsumerGroupHeartbeatResponse {
        error: None,
        error_message: None,
        member_id: member.member_id.clone(),
        member_epoch: member.epoch,
        heartbeat_interval_ms: cx.group_configs(&request.group_id).consumer_heartbeat_interval.ms(),
        assignment: None,
    };
    let mut outcome = Outcome::answer(from, Response::ConsumerGroupHeartbeat(response));
    let (group_id, member_id) = (request.group_id.clone(), request.member_id.clone());
    outcome.changes.push(Change::MemberHeard { broker: broker.id, group_id, member_id });
    Some(outcome)
}

/// `throwIfConsumerGroupIsFull`.
pub(super) fn check_room(work: &ConsumerWork<'_>, member_id: &MemberId, instance_id: Option<&str>) -> Result<(), Refusal> {
    let group = &work.group;
    let size_max = work.cx.configs.group_consumer_max_size;
    let is_known = group.members.contains_key(member_id) || instance_id.is_some_and(|id| group.static_members.contains_key(id));
    if is_known || group.members.len() < size_max {
        return Ok(());
    }
    let text = format!("The consumer group has reached its maximum capacity of {size_max} members.");
    Err((ErrorCode::GroupMaxSizeReached, text))
}

/// The member that the request is from, or a new one.
fn find_member(
    work: &mut ConsumerWork<'_>,
    request: &ConsumerGroupHeartbeatRequest,
    joins: bool,
) -> Result<ConsumerMember, Refusal> {
    let Some(instance_id) = &request.instance_id else {
        let member = match work.group.members.get(&request.member_id) {
            Some(member) => member.as_ref().clone(),
            None if joins => ConsumerMember::new(request.member_id.clone()),
            None => return Err(unknown_member(work, &request.member_id)),
        };
        reconcile::check_epoch(&member, request.member_epoch, request.topic_partitions.as_deref())?;
        return Ok(member);
    };
    let known = work.group.static_members.get(instance_id).and_then(|member_id| work.group.members.get(member_id)).cloned();
    if joins {
        return join_static(work, known.as_deref(), &request.member_id, instance_id, false);
    }
    let known = check_static(known, &request.member_id, instance_id)?;
    reconcile::check_epoch(&known, request.member_epoch, request.topic_partitions.as_deref())?;
    Ok(known.as_ref().clone())
}

pub(super) fn unknown_member(work: &ConsumerWork<'_>, member_id: &MemberId) -> Refusal {
    (ErrorCode::UnknownMemberId, format!("Member {member_id} is not a member of group {}.", work.group_id))
}

/// `throwIfStaticMemberIsUnknown`, `throwIfInstanceIdIsFenced`.
pub(super) fn check_static(
    known: Option<Rc<ConsumerMember>>,
    member_id: &MemberId,
    instance_id: &str,
) -> Result<Rc<ConsumerMember>, Refusal> {
    match known {
        None => Err((ErrorCode::UnknownMemberId, format!("Instance id {instance_id} is unknown."))),
        Some(known) if known.member_id != *member_id => {
            let text =
                format!("Static member {member_id} with instance id {instance_id} was fenced by member {}.", known.member_id);
            Err((ErrorCode::FencedInstanceId, text))
        }
        Some(known) => Ok(known),
    }
}

/// A static member joins: as a new one, or in the place of the one that is away. Between classic members, or from one
/// protocol to the other, it need not be away.
pub(super) fn join_static(
    work: &mut ConsumerWork<'_>,
    known: Option<&ConsumerMember>,
    member_id: &MemberId,
    instance_id: &str,
    is_classic: bool,
) -> Result<ConsumerMember, Refusal> {
    let Some(known) = known else {
        let found = work.group.members.get(member_id).map(|member| member.as_ref().clone());
        return Ok(found.unwrap_or_else(|| ConsumerMember::new(member_id.clone())));
    };
    if !is_classic && known.classic.is_none() && known.epoch != LEAVE_STATIC_EPOCH {
        let text = format!(
            "Static member {member_id} with instance id {instance_id} cannot join the group because the instance id is owned by {} \
             member.",
            known.member_id
        );
        return Err((ErrorCode::UnreleasedInstanceId, text));
    }
    let timers = crate::engine::group::MemberTimers::default();
    let new = ConsumerMember { member_id: member_id.clone(), epoch: 0, previous_epoch: 0, timers, ..known.clone() };
    replace(work, &known.member_id, new.clone());
    Ok(new)
}

/// A static member's new run takes the place of the old one, target and all.
fn replace(work: &mut ConsumerWork<'_>, old: &MemberId, new: ConsumerMember) {
    let target = work.group.target.get(old).cloned().unwrap_or_else(|| Rc::from([]));
    work.remove(old);
    work.write(consumer_records::member_subscription(&work.group_id, &new));
    work.group.target.insert(new.member_id.clone(), target.clone());
    work.write(consumer_records::target_assignment(&work.group_id, &new.member_id, &target, &work.group));
    work.put_current(new);
}

/// The member with what the request says about it.
fn with_request(member: &ConsumerMember, request: &ConsumerGroupHeartbeatRequest) -> ConsumerMember {
    let mut updated = member.clone();
    updated.instance_id = request.instance_id.clone().or(updated.instance_id);
    updated.rack_id = request.rack_id.clone().or(updated.rack_id);
    updated.server_assignor = request.server_assignor.clone().or(updated.server_assignor);
    if let Some(ms) = request.rebalance_timeout_ms {
        updated.rebalance_timeout = Span::from_ms(ms);
    }
    if let Some(names) = &request.subscribed_topic_names {
        updated.subscribed_topics = names.iter().cloned().collect();
    }
    if let Some(regex) = &request.subscribed_topic_regex {
        updated.subscribed_regex = regex.clone();
    }
    updated.client_id = request.client_id.clone();
    updated.client_host = "/127.0.0.1".to_owned();
    updated.classic = None;
    updated
}

/// Takes in what a member says about itself, and what follows for the group: subscriptions, expressions, the group epoch.
/// True if its subscription has changed.
pub(super) fn take_in(work: &mut ConsumerWork<'_>, known: &ConsumerMember, updated: &ConsumerMember) -> Result<bool, Refusal> {
    let is_new = !work.group.members.contains_key(&updated.member_id);
    let assignor = |group: &ConsumerGroup| group.preferred_assignor().unwrap_or(assignors::uniform::NAME);
    let assignor_before = assignor(&work.group);
    let names_changed = updated.subscribed_topics != known.subscribed_topics;
    let regex_change = regex::take_in(work, known, updated)?;
    if !updated.tells_the_same(known) {
        work.write(consumer_records::member_subscription(&work.group_id, updated));
    }
    work.group.put(updated.clone());
    if is_new {
        work.joined(&updated.member_id);
        work.because(GroupReason::Joins { member: updated.member_id.clone(), client_reason: "".into() });
    }
    regex::forget_unused(work);
    let assignor_changed = assignor_before != assignor(&work.group);
    let bump = names_changed || regex_change == regex::RegexChange::Resolved || assignor_changed;
    if bump {
        work.because(GroupReason::SubscriptionChanged { member: updated.member_id.clone() });
    }
    target::update_metadata(work, bump);
    regex::refresh_if_due(work);
    Ok(names_changed || regex_change != regex::RegexChange::None)
}

/// The member's next step towards its target, with its record and the clock that runs while it has to give up partitions
/// (`maybeReconcile`).
pub(super) fn advance(
    work: &mut ConsumerWork<'_>,
    member_id: &MemberId,
    subscription_changed: bool,
    owned: Option<&[TopicPartition]>,
) -> ConsumerMember {
    let Some(member) = work.group.members.get(member_id).cloned() else {
        return ConsumerMember::new(member_id.clone());
    };
    let cluster = work.cx.metadata;
    let exists = |topic: &TopicName| cluster.topic(topic.as_str()).is_some();
    let goal = reconcile::Goal {
        assignment_epoch: work.group.assignment_epoch,
        target: work.group.target_of(member_id),
        subscribed: work.group.topics_of(&member).into_iter().filter(exists).collect(),
        subscription_changed,
        owned,
    };
    let mut after = reconcile::step(&work.group, &member, &goal);
    if after == *member {
        return after;
    }
    if after.classic.is_none() {
        after.timers.revocation = (after.state == ReconciliationState::UnrevokedPartitions).then(|| {
            let deadline: SimTime = work.now() + after.rebalance_timeout;
            (deadline, after.epoch)
        });
        if let Some((deadline, _)) = after.timers.revocation {
            work.timer(deadline, GroupTimer::Revocation { member: member_id.clone() });
        }
    }
    work.because(GroupReason::Reconciles { member: member_id.clone(), epoch: after.epoch });
    work.put_current(after.clone());
    let partitions = |of: &SortedMap<TopicPartition, i32>| of.keys().cloned().collect();
    let step = MemberStep::Reconciles {
        member_epoch: after.epoch,
        state: after.state,
        assigned: partitions(&after.assigned),
        pending_revocation: partitions(&after.pending_revocation),
    };
    let (group, member) = (work.group_id.clone(), member_id.clone());
    work.outcome.trace.push(TraceEvent::MemberStep { group, member, step });
    after
}
