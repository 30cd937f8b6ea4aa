//! StreamsGroupHeartbeat: joining, staying, and the steps towards the target (`GroupMetadataManager.streamsGroupHeartbeat`).

use super::work::StreamsWork;
use super::{Refusal, check, internal_topics, leave, member, reconcile, target, topics};
use crate::engine::broker::Broker;
use crate::engine::configs::GroupConfigs;
use crate::engine::group::GroupTimer;
use crate::engine::group::streams::{ConfiguredTopology, StreamsGroupState, StreamsMember, Tasks, TasksState};
use crate::engine::network::RequestRef;
use crate::engine::node::{Change, NodeContext, Outcome};
use crate::engine::protocol::{
    JOIN_EPOCH, LEAVE_EPOCH, LEAVE_STATIC_EPOCH, Response, StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse,
    StreamsStatus,
};
use crate::engine::trace::GroupReason;

pub fn heartbeat(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &StreamsGroupHeartbeatRequest) -> Outcome {
    let result = check::request(request).and_then(|()| match request.member_epoch {
        LEAVE_EPOCH | LEAVE_STATIC_EPOCH => leave::leave(cx, broker, from, request),
        _ => match nothing_new(cx, broker, from, request) {
            Some(outcome) => Ok(outcome),
            None => stay(cx, broker, from, request),
        },
    });
    result.unwrap_or_else(|error| {
        Outcome::answer(from, Response::StreamsGroupHeartbeat(StreamsGroupHeartbeatResponse::refused(error)))
    })
}

/// Does the group have to be assigned anew?
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum AssignmentUpdate {
    No,
    /// Only its epoch grows.
    Refined,
    Recompute,
}

fn stay(
    cx: &NodeContext<'_>,
    broker: &Broker,
    from: RequestRef,
    request: &StreamsGroupHeartbeatRequest,
) -> Result<Outcome, Refusal> {
    let joins = request.member_epoch == JOIN_EPOCH;
    let mut work = StreamsWork::find_or_make(cx, broker, &request.group_id, joins)?;
    work.from = Some(from);
    if joins {
        member::check_room(&work, request)?;
    }
    let known = member::find_member(&mut work, request, joins)?;
    let updated = member::with_request(&known, request);
    let mut status: Vec<(StreamsStatus, String)> = Vec::new();
    let mut update = member::take_in_member(&mut work, &known, &updated);
    let topology = topics::take_in_topology(&mut work, request)?;
    status.extend(topics::stale_topology(&work.group, &updated));
    let configured = topics::take_in_topics(&mut work, &topology, &mut update)?;
    if configured.is_ready() {
        check::tasks(&configured, request)?;
    }
    topics::take_in_offsets(&mut work, request)?;
    let configs = work.configs();
    let update = bump_if_needed(&mut work, &updated, &configured, &configs, update);
    let refine_only = update == AssignmentUpdate::Refined;
    let wanted = target::Wanted { updated: Some(&updated), topology: &configured, refine_only };
    let delayed = target::update_target(&mut work, &wanted);
    status.extend(delayed.map(|why| (StreamsStatus::AssignmentDelayed, why.to_owned())));
    let after = advance(&mut work, updated, request);
    if request.shutdown_application {
        work.group.shutdown_requested_by.get_or_insert_with(|| request.member_id.clone());
    }
    internal_topics::create(&mut work, &configured, configs.streams_heartbeat_interval);
    status.extend(internal_topics::status(&work, &configured));
    status.extend(group_status(&work, &configs, &after));
    let response = answer(&mut work, &configs, joins, (&known, &after), status);
    work.answer(from, Response::StreamsGroupHeartbeat(response));
    work.renew_session(&request.member_id, configs.streams_session_timeout);
    Ok(work.finish())
}

/// Most heartbeats change nothing: they are answered without a copy of the group.
fn nothing_new(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &StreamsGroupHeartbeatRequest) -> Option<Outcome> {
    let group = broker.streams_groups.get(&request.group_id)?;
    let member = group.members.get(&request.member_id)?;
    let says_nothing = request.rebalance_timeout_ms.is_none()
        && request.rack_id.is_none()
        && request.topology.is_none()
        && request.active_tasks.is_none()
        && request.process_id.is_none()
        && request.user_endpoint.is_none()
        && request.client_tags.is_none()
        && request.task_offsets.is_none()
        && request.task_end_offsets.is_none()
        && !request.shutdown_application
        && request.instance_id == member.instance_id
        && request.client_id == member.client_id;
    let topology = group.topology.as_ref()?;
    let configs = cx.group_configs(&request.group_id);
    let at_rest = request.member_epoch == member.epoch
        && group.state() == StreamsGroupState::Stable
        && group.configured.as_ref().is_some_and(|configured| configured.is_ready())
        && group.initial_delay.is_none()
        && group.shutdown_requested_by.is_none()
        && member.topology_epoch == topology.epoch
        && group.target_of(&request.member_id).is_some_and(|target| target.same_tasks(&member.assigned))
        && configs.streams_rack_aware_assignment_tags.is_empty()
        && group.last_assignment_configs == target::assignment_configs(&configs)
        && group.topics == topics::topics_of(cx.metadata, topology);
    if !says_nothing || !at_rest {
        return None;
    }
    let response = plain_answer(&configs, member, group.endpoint_information_epoch);
    let mut outcome = Outcome::answer(from, Response::StreamsGroupHeartbeat(response));
    let (group_id, member_id) = (request.group_id.clone(), request.member_id.clone());
    outcome.changes.push(Change::MemberHeard { broker: broker.id, group_id, member_id });
    Some(outcome)
}

/// The group epoch grows with each change of members, topics or settings. The first member of a group has the first assignment
/// wait for others.
fn bump_if_needed(
    work: &mut StreamsWork<'_>,
    updated: &StreamsMember,
    configured: &ConfiguredTopology,
    configs: &GroupConfigs,
    mut update: AssignmentUpdate,
) -> AssignmentUpdate {
    let validated = if configured.is_ready() { configured.epoch } else { -1 };
    let settings = target::assignment_configs(configs);
    let group = &mut work.group;
    if validated != group.validated_topology_epoch || settings != group.last_assignment_configs {
        update = AssignmentUpdate::Recompute;
    }
    let is_at_target = || match group.target_of(&updated.member_id) {
        Some(target) => target.same_tasks(&updated.assigned),
        None => updated.assigned.is_empty(),
    };
    if update == AssignmentUpdate::No && work.before.0 == StreamsGroupState::Stable && !is_at_target() {
        update = AssignmentUpdate::Refined;
    }
    if update != AssignmentUpdate::No {
        (group.validated_topology_epoch, group.last_assignment_configs) = (validated, settings);
        work.bump_group_epoch();
    }
    let delay = configs.streams_initial_rebalance_delay;
    if work.before.0 == StreamsGroupState::Empty && delay.ms() > 0 && work.group.initial_delay.is_none() {
        let until = work.now() + delay;
        work.group.initial_delay = Some(until);
        work.timer(until, GroupTimer::InitialRebalance);
    }
    update
}

/// The member's next step towards its target, with its record and the clock that runs while it has to give up tasks
/// (`maybeReconcile`).
fn advance(work: &mut StreamsWork<'_>, member: StreamsMember, request: &StreamsGroupHeartbeatRequest) -> StreamsMember {
    let owned = match (&request.active_tasks, &request.standby_tasks, &request.warmup_tasks) {
        (Some(active), Some(standby), Some(warmup)) => Some(Tasks::read(active, standby, warmup)),
        _ => None,
    };
    let target = work.group.target.get(&member.member_id).filter(|_| work.group.initial_delay.is_none());
    let target = target.cloned().unwrap_or_default();
    let goal = reconcile::Goal { assignment_epoch: work.group.assignment_epoch, target: &target, owned: owned.as_ref() };
    let mut after = reconcile::step(&work.group, &member, &goal);
    if after == member {
        work.group.put(member);
        return after;
    }
    after.timers.revocation =
        (after.state == TasksState::UnrevokedTasks).then(|| (work.now() + after.rebalance_timeout, after.epoch));
    if let Some((deadline, _)) = after.timers.revocation {
        work.timer(deadline, GroupTimer::Revocation { member: after.member_id.clone() });
    }
    work.because(GroupReason::Reconciles { member: after.member_id.clone(), epoch: after.epoch });
    work.put_current(after.clone());
    after
}

/// What all members are told, and what this one lacks.
fn group_status(work: &StreamsWork<'_>, configs: &GroupConfigs, member: &StreamsMember) -> Vec<(StreamsStatus, String)> {
    let shutdown = work.group.shutdown_requested_by.as_ref().map(|by| {
        let text =
            format!("Streams group member {by} encountered a fatal error and requested a shutdown for the entire application.");
        (StreamsStatus::ShutdownApplication, text)
    });
    let wanted = configs.streams_rack_aware_assignment_tags.iter();
    let missing: Vec<&str> = wanted.filter(|tag| !member.client_tags.contains_key(*tag)).map(String::as_str).collect();
    let tags = (!missing.is_empty()).then(|| {
        let text = format!(
            "Missing required client tags for rack-aware standby assignment: [{}]. Configure them via 'client.tag.<tagKey>' in \
             your Streams config.",
            missing.join(", ")
        );
        (StreamsStatus::MissingClientTags, text)
    });
    shutdown.into_iter().chain(tags).collect()
}

/// An answer that tells of no change.
fn plain_answer(configs: &GroupConfigs, member: &StreamsMember, endpoint_epoch: i32) -> StreamsGroupHeartbeatResponse {
    StreamsGroupHeartbeatResponse {
        error: None,
        member_id: member.member_id.clone(),
        member_epoch: member.epoch,
        heartbeat_interval_ms: configs.streams_heartbeat_interval.ms(),
        acceptable_recovery_lag: i64::try_from(configs.streams_acceptable_recovery_lag).unwrap_or(i64::MAX),
        task_offset_interval_ms: configs.streams_task_offset_interval.ms(),
        status: Vec::new(),
        active_tasks: None,
        standby_tasks: None,
        warmup_tasks: None,
        endpoint_information_epoch: endpoint_epoch,
    }
}

/// The answer: with the member's tasks where it joins or they are others now.
fn answer(
    work: &mut StreamsWork<'_>,
    configs: &GroupConfigs,
    joins: bool,
    (before, after): (&StreamsMember, &StreamsMember),
    status: Vec<(StreamsStatus, String)>,
) -> StreamsGroupHeartbeatResponse {
    let has_changed = before.assigned != after.assigned;
    if before.user_endpoint != after.user_endpoint || has_changed && after.user_endpoint.is_some() {
        work.group.endpoint_information_epoch += 1;
    }
    if work.is_new {
        // It keeps only what its records say.
        (work.group.endpoint_information_epoch, work.group.shutdown_requested_by) = (0, None);
    }
    let mut answer = plain_answer(configs, after, work.group.endpoint_information_epoch);
    answer.status = status;
    if joins || has_changed {
        let tasks = after.assigned.described();
        answer.active_tasks = Some(tasks.active_tasks);
        answer.standby_tasks = Some(tasks.standby_tasks);
        answer.warmup_tasks = Some(tasks.warmup_tasks);
    }
    answer
}
