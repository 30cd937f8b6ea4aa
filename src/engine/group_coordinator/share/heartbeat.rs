//! ShareGroupHeartbeat: members come, stay and go; the coordinator assigns (`GroupMetadataManager.shareGroupHeartbeat`).
//!
//! What a group begins to read needs share state first. It is asked for after the answer, so that the partitions are
//! assigned with a later heartbeat.

use super::{Refused, find, not_found};
use crate::base::{GroupId, MemberId, Offset, SimTime, SortedSet, Span, TopicName, TopicPartition, sort};
use crate::engine::broker::Broker;
use crate::engine::group::assignors::{TargetMember, simple};
use crate::engine::group::{ShareGroup, ShareMember, TopicMetadata, Topics};
use crate::engine::metadata::Cluster;
use crate::engine::network::RequestRef;
use crate::engine::node::{NodeContext, Outcome};
use crate::engine::protocol::{
    ErrorCode, Response, ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse, StateOperation, StateResult,
};
use crate::engine::share::{ShareKey, ShareTimer, Then};
use crate::engine::share_partition::ShareWork;
use crate::engine::share_partition::persister::PERSISTER_BACKOFF;
use crate::engine::trace::{AnyGroupState, GoneReason, GroupReason, TraceEvent};

/// The epoch of a member that joins, and of one that leaves.
const JOIN: i32 = 0;
const LEAVE: i32 = -1;

/// group.share.initialize.retry.interval.ms
const INITIALIZE_RETRY: Span = Span::from_secs(30);

pub(super) fn heartbeat(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &ShareGroupHeartbeatRequest) -> Outcome {
    let mut work = ShareWork::new(cx, broker);
    let result = match request.member_epoch {
        LEAVE => leave(&mut work, request),
        _ => stay(&mut work, from, request),
    };
    let response = result.unwrap_or_else(ShareGroupHeartbeatResponse::refused);
    work.answer(from, Response::ShareGroupHeartbeat(response));
    work.finish()
}

fn stay(
    work: &mut ShareWork<'_>,
    from: RequestRef,
    request: &ShareGroupHeartbeatRequest,
) -> Result<ShareGroupHeartbeatResponse, Refused> {
    let group_id = &request.group_id;
    let joins = request.member_epoch == JOIN;
    let found = find(work.broker, group_id)?;
    let is_new = found.is_none();
    let mut group = match found {
        Some(group) => group,
        None if joins => ShareGroup::new(),
        None => return Err(not_found(format!("Share group {group_id} not found."))),
    };
    let known = group.members.get(&request.member_id).cloned();
    let size_max = work.cx.configs.group_share_max_size;
    if known.is_none() && group.members.len() >= size_max {
        let why = format!("The share group has reached its maximum capacity of {size_max} members.");
        return Err((ErrorCode::GroupMaxSizeReached, why));
    }
    let before = match known {
        Some(member) => {
            check_epoch(&member, request.member_epoch)?;
            Some(member)
        }
        None if joins => None,
        None => return Err(unknown_member(group_id, &request.member_id)),
    };
    let now = work.now();
    let new = || ShareMember::new(request.client_id.clone(), "/127.0.0.1".to_owned(), now);
    let mut member = before.clone().unwrap_or_else(new);
    if let Some(topics) = &request.subscribed_topics {
        member.topics = topics.iter().cloned().collect();
    }
    member.rack_id = request.rack_id.clone().or(member.rack_id);
    let mut changed = before.as_ref().is_none_or(|before| before.topics != member.topics);
    group.members.insert(request.member_id.clone(), member);
    if group.assignment_epoch >= group.group_epoch {
        changed |= awaits_initialized(&group);
    }
    let topics = topics(work.cx.metadata, &group);
    if changed || topics != group.topics {
        group.set_topics(topics);
        group.group_epoch += 1;
        changed = true;
    }
    retarget(work, group_id, &mut group);
    let assigned = reconcile(&mut group, &request.member_id, changed);
    if before.is_none() {
        let (group, member) = (group_id.clone(), request.member_id.clone());
        work.outcome.trace.push(TraceEvent::MemberJoined { group, member, by: from.client() });
    }
    if is_new || before.is_none() && group.members.len() == 1 {
        let member = request.member_id.clone();
        tell_state(work, group_id, &group, GroupReason::Joins { member, client_reason: "".into() });
    }
    renew_session(work, group_id, &mut group, &request.member_id);
    ask_for_state(work, group_id, &mut group);
    let member = group.members.get(&request.member_id);
    let tells = joins || request.subscribed_topics.is_some() || assigned;
    let response = ShareGroupHeartbeatResponse {
        error: None,
        member_epoch: member.map_or(0, |member| member.member_epoch),
        heartbeat_interval_ms: work.cx.group_configs(group_id).share_heartbeat_interval.ms(),
        assignment: member.filter(|_| tells).map(|member| member.assignment.clone()),
    };
    work.put_group(group_id, group);
    Ok(response)
}

fn unknown_member(group_id: &GroupId, member_id: &MemberId) -> Refused {
    (ErrorCode::UnknownMemberId, format!("Member {member_id} is not a member of group {group_id}."))
}

/// `throwIfShareGroupMemberEpochIsInvalid`
fn check_epoch(member: &ShareMember, epoch: i32) -> Result<(), Refused> {
    let known = member.member_epoch;
    let fenced = |what: String| {
        let why = format!("{what} The member must abandon all its partitions and rejoin.");
        Err((ErrorCode::FencedMemberEpoch, why))
    };
    if epoch == JOIN || epoch == known || epoch < known && epoch == member.previous_epoch {
        return Ok(());
    }
    if epoch > known {
        return fenced(format!(
            "The share group member has a greater member epoch ({epoch}) than the one known by the group coordinator ({known})."
        ));
    }
    fenced(format!(
        "The share group member has a smaller member epoch ({epoch}) than the one known by the group coordinator ({known}), and \
         it does not match the previous member epoch ({}).",
        member.previous_epoch
    ))
}

/// The topics that the group reads and that there are.
pub(super) fn topics(cluster: &Cluster, group: &ShareGroup) -> Topics {
    let wanted: SortedSet<&TopicName> = group.members.values().flat_map(|member| member.topics.iter()).collect();
    wanted.into_iter().filter_map(|name| Some((name.clone(), TopicMetadata::of(cluster, name)?))).collect()
}

/// Is there share state of partitions that nobody is to read yet (`initializedAssignmentPending`)?
fn awaits_initialized(group: &ShareGroup) -> bool {
    let subscribed = |topic: &TopicName| group.members.values().any(|member| member.topics.contains(topic));
    group.initialized.iter().filter(|(topic, _)| subscribed(topic)).any(|(topic, partitions)| {
        let assigned = |partition: &i32| {
            let wanted = TopicPartition::new(topic.clone(), *partition);
            group.target.values().any(|target| target.contains(&wanted))
        };
        !partitions.iter().all(assigned)
    })
}

/// Makes a target assignment for the group epoch, at most once in share.assignment.interval.ms.
fn retarget(work: &ShareWork<'_>, group_id: &GroupId, group: &mut ShareGroup) {
    let interval = work.cx.group_configs(group_id).share_assignment_interval;
    let too_early = group.assigned_at.is_some_and(|at| work.now() < at + interval);
    if group.assignment_epoch >= group.group_epoch || too_early {
        return;
    }
    let none = Vec::new();
    let members: Vec<TargetMember<'_>> = group
        .members
        .iter()
        .map(|(member_id, member)| TargetMember {
            member_id: member_id.clone(),
            group_instance_id: None,
            topics: &member.topics,
            previous: group.target.get(member_id).unwrap_or(&none),
        })
        .collect();
    group.target = simple::assign(&group.initialized, &members);
    group.assignment_epoch = group.group_epoch;
    group.assigned_at = Some(work.now());
}

/// Takes a member to the target assignment at once: nobody has to give up anything first. True when its partitions have
/// changed.
fn reconcile(group: &mut ShareGroup, member_id: &MemberId, changed: bool) -> bool {
    let target = group.target.get(member_id).cloned().unwrap_or_default();
    let epoch = group.assignment_epoch;
    let Some(member) = group.members.get_mut(member_id) else { return false };
    if member.member_epoch == epoch && !changed {
        return false;
    }
    let assignment: Vec<TopicPartition> = target.into_iter().filter(|partition| member.topics.contains(&partition.topic)).collect();
    if member.member_epoch != epoch {
        member.previous_epoch = member.member_epoch;
        member.member_epoch = epoch;
    }
    let differs = member.assignment != assignment;
    member.assignment = assignment;
    differs
}

fn renew_session(work: &mut ShareWork<'_>, group_id: &GroupId, group: &mut ShareGroup, member_id: &MemberId) {
    let now = work.now();
    let deadline = now + work.cx.group_configs(group_id).share_session_timeout;
    let Some(member) = group.members.get_mut(member_id) else { return };
    member.session_deadline = deadline;
    if member.session_timer_at <= now || member.session_timer_at > deadline {
        member.session_timer_at = deadline;
        work.timer(deadline, ShareTimer::Session { group_id: group_id.clone(), member_id: member_id.clone() });
    }
}

/// Notes what has no share state yet, and has it made after the answer.
fn ask_for_state(work: &mut ShareWork<'_>, group_id: &GroupId, group: &mut ShareGroup) {
    let now = work.now();
    let mut starts = Vec::new();
    for (topic, TopicMetadata { partition_count, .. }) in &group.topics {
        let initialized = group.initialized.get(topic);
        let initializing = group.initializing.get(topic).cloned();
        let mut known = initialized.cloned().unwrap_or_default();
        if let Some((partitions, since)) = &initializing
            && now < *since + INITIALIZE_RETRY
        {
            known.extend(partitions);
        }
        let missing: Vec<i32> = (0..*partition_count).filter(|partition| !known.contains(partition)).collect();
        if missing.is_empty() {
            continue;
        }
        // Partitions that a topic gets later are read from their beginning, whatever share.auto.offset.reset says.
        let is_known = initialized.is_some() || initializing.is_some();
        let start_offset = if is_known { Offset::ZERO } else { Offset(-1) };
        starts.extend(missing.iter().map(|partition| (TopicPartition::new(topic.clone(), *partition), start_offset)));
        let mut all = initializing.map_or(Vec::new(), |(partitions, _)| partitions);
        all.extend(missing);
        sort(&mut all);
        all.dedup();
        group.initializing.insert(topic.clone(), (all, now));
    }
    if !starts.is_empty() {
        work.timer(now, ShareTimer::Initialize { group_id: group_id.clone(), starts });
    }
}

/// Makes share state for what a group has begun to read, where its starts are -1 to be decided by the first read.
pub(super) fn initialize(
    cx: &NodeContext<'_>,
    broker: &Broker,
    group_id: GroupId,
    starts: Vec<(TopicPartition, Offset)>,
) -> Outcome {
    let mut work = ShareWork::new(cx, broker);
    let Ok(Some(mut group)) = find(broker, &group_id) else {
        return Outcome::default();
    };
    let (here, gone): (Vec<_>, Vec<_>) = starts.into_iter().partition(|(partition, _)| cx.metadata.has(partition));
    for (partition, start_offset) in &here {
        let operation = StateOperation::Initialize { state_epoch: group.group_epoch, start_offset: *start_offset };
        work.ask(&(group_id.clone(), partition.clone()), operation);
    }
    if !here.is_empty() {
        work.then(work.own_request(), Then::Initialized { group_id: group_id.clone(), starts: here });
    }
    if !gone.is_empty() {
        gone.iter().for_each(|(partition, _)| note_initialized(&mut group, partition, false));
        work.put_group(&group_id, group);
    }
    work.finish()
}

/// Share coordinators have made state for what a group has begun to read; what they have not made is asked for again.
pub fn initialized(
    cx: &NodeContext<'_>,
    broker: &Broker,
    group_id: &GroupId,
    starts: &[(TopicPartition, Offset)],
    states: &[(ShareKey, StateResult)],
) -> Outcome {
    let mut work = ShareWork::new(cx, broker);
    let Ok(Some(mut group)) = find(broker, group_id) else { return Outcome::default() };
    let is_made = |partition: &TopicPartition| states.iter().any(|((_, known), result)| known == partition && result.is_ok());
    let (made, later): (Vec<_>, Vec<_>) = starts.iter().cloned().partition(|(partition, _)| is_made(partition));
    made.iter().for_each(|(partition, _)| note_initialized(&mut group, partition, cx.metadata.has(partition)));
    if !later.is_empty() {
        work.timer(cx.now + PERSISTER_BACKOFF, ShareTimer::Initialize { group_id: group_id.clone(), starts: later });
    }
    work.put_group(group_id, group);
    work.finish()
}

/// A partition's state is being made no more: it is there, or the partition is gone.
pub(super) fn note_initialized(group: &mut ShareGroup, partition: &TopicPartition, is_there: bool) {
    if let Some((partitions, _)) = group.initializing.get_mut(&partition.topic) {
        partitions.retain(|number| *number != partition.partition);
        if partitions.is_empty() {
            group.initializing.remove(&partition.topic);
        }
    }
    if is_there {
        let known = group.initialized.get_or_default(partition.topic.clone());
        if !known.contains(&partition.partition) {
            known.push(partition.partition);
            sort(known);
        }
    }
}

fn leave(work: &mut ShareWork<'_>, request: &ShareGroupHeartbeatRequest) -> Result<ShareGroupHeartbeatResponse, Refused> {
    let group_id = &request.group_id;
    let mut group = find(work.broker, group_id)?.ok_or_else(|| not_found(format!("Group {group_id} not found.")))?;
    if !group.members.contains_key(&request.member_id) {
        return Err(unknown_member(group_id, &request.member_id));
    }
    remove(work, group_id, &mut group, &request.member_id, GoneReason::Left { client_reason: "".into() });
    work.put_group(group_id, group);
    Ok(ShareGroupHeartbeatResponse { error: None, member_epoch: LEAVE, heartbeat_interval_ms: 0, assignment: None })
}

/// `shareGroupFenceMember`
fn remove(work: &mut ShareWork<'_>, group_id: &GroupId, group: &mut ShareGroup, member_id: &MemberId, reason: GoneReason) {
    group.members.remove(member_id);
    group.target.remove(member_id);
    let topics = topics(work.cx.metadata, group);
    group.set_topics(topics);
    group.group_epoch += 1;
    if group.members.is_empty() {
        group.assignment_epoch = group.group_epoch;
        group.assigned_at = None;
    }
    let (group_name, member) = (group_id.clone(), member_id.clone());
    work.outcome.trace.push(TraceEvent::MemberGone { group: group_name, member, reason });
    if group.members.is_empty() {
        tell_state(work, group_id, group, GroupReason::NoMembers);
    }
}

fn tell_state(work: &mut ShareWork<'_>, group_id: &GroupId, group: &ShareGroup, reason: GroupReason) {
    work.outcome.trace.push(TraceEvent::GroupState {
        group: group_id.clone(),
        state: AnyGroupState::Share(group.state()),
        generation_id: group.group_epoch,
        reason: Some(reason),
    });
}

/// A member's session timer has run out: the member is gone, unless it was heard of since the timer was set.
pub(super) fn session_due(cx: &NodeContext<'_>, broker: &Broker, group_id: &GroupId, member_id: &MemberId) -> Outcome {
    let mut work = ShareWork::new(cx, broker);
    let Ok(Some(mut group)) = find(broker, group_id) else {
        return Outcome::default();
    };
    let now: SimTime = cx.now;
    let Some(member) = group.members.get_mut(member_id).filter(|member| member.session_timer_at <= now) else {
        return Outcome::default();
    };
    if member.session_deadline > now {
        let deadline = member.session_deadline;
        member.session_timer_at = deadline;
        work.timer(deadline, ShareTimer::Session { group_id: group_id.clone(), member_id: member_id.clone() });
    } else {
        remove(&mut work, group_id, &mut group, member_id, GoneReason::SessionExpired { setting: "share.session.timeout.ms" });
    }
    work.put_group(group_id, group);
    work.finish()
}
