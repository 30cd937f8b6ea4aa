//! From the classic protocol to the consumer protocol and back, with the members that are there
//! (`group.consumer.migration.policy`; `convertToConsumerGroup`, `convertToClassicGroup`).
//!
//! ```text
//!  classic, empty      ── a member of the consumer protocol joins ──▸ consumer, its offsets stay
//!  classic, members    ── the same ──▸ consumer: generation = group epoch, assignment = target; the others stay classic
//!  consumer, members   ── the last one of the consumer protocol goes, classic ones stay ──▸ classic, and a rebalance
//!  consumer, empty     ── a classic member joins ──▸ classic
//! ```

use std::rc::Rc;

use super::work::ConsumerWork;
use super::{Refusal, target};
use crate::base::{GroupId, MemberId, SimTime, SortedMap, TopicPartition, sort};
use crate::engine::broker::Broker;
use crate::engine::group::{ClassicMember, ConsumerGroup, ConsumerMember, Group, GroupState, Member, consumer_records, records};
use crate::engine::group_coordinator::classic::{Waiting, Work, prepare_rebalance, refuse_waiting, select_protocol};
use crate::engine::node::{Change, NodeContext, Outcome};
use crate::engine::protocol::ErrorCode;
use crate::engine::trace::{AnyGroupState, GroupReason, TraceEvent};

/// May members of the classic protocol be in a group of the consumer protocol?
pub(super) fn is_any_enabled(cx: &NodeContext<'_>) -> bool {
    !cx.configs.group_consumer_migration_policy.eq_ignore_ascii_case("disabled")
}

/// The group of the consumer protocol; when `joins`, also a new one or one made of a classic group
/// (`getOrMaybeCreateConsumerGroup`).
pub(super) fn find_or_make<'a>(
    cx: &'a NodeContext<'a>,
    broker: &'a Broker,
    group_id: &GroupId,
    joins: bool,
) -> Result<ConsumerWork<'a>, Refusal> {
    if let Some(work) = ConsumerWork::on(cx, broker, group_id) {
        return Ok(work);
    }
    let missing = |text: String| Err((ErrorCode::GroupIdNotFound, text));
    let is_another = broker.share_groups.contains_key(group_id) || broker.streams_groups.contains_key(group_id);
    match broker.groups.get(group_id) {
        None if is_another => missing(format!("Group {group_id} is not a consumer group.")),
        None if joins => Ok(ConsumerWork::with(cx, broker, group_id, ConsumerGroup::new())),
        None => missing(format!("Consumer group {group_id} not found.")),
        Some(_) if !joins => missing(format!("Group {group_id} is not a consumer group.")),
        Some(classic) if classic.state == GroupState::Empty => {
            let mut work = ConsumerWork::with(cx, broker, group_id, ConsumerGroup::new());
            work.because(GroupReason::UpgradedEmpty);
            work.write(records::group_tombstone(group_id));
            work.outcome.changes.push(Change::Group { broker: broker.id, group_id: group_id.clone(), group: None });
            Ok(work)
        }
        Some(classic) => {
            check_upgrade(cx, classic, group_id)?;
            upgrade(cx, broker, group_id, classic)
        }
    }
}

/// `validateOnlineUpgrade`.
fn check_upgrade(cx: &NodeContext<'_>, classic: &Group, group_id: &GroupId) -> Result<(), Refusal> {
    let cannot = |why: &str| {
        let text = format!("Cannot upgrade classic group {group_id} to consumer group because {why}.");
        Err((ErrorCode::GroupIdNotFound, text))
    };
    if !cx.configs.may_migrate("upgrade") {
        return cannot("online upgrade is disabled");
    }
    if classic.protocol_type != "consumer" {
        return cannot("the group does not use the consumer embedded protocol");
    }
    let size_max = cx.configs.group_consumer_max_size;
    if classic.members.len() > size_max {
        return cannot("the group size exceeds the consumer group maximum size");
    }
    Ok(())
}

/// The classic members keep what they have, at the generation as epoch. Whoever waits for an answer joins again.
fn upgrade<'a>(
    cx: &'a NodeContext<'a>,
    broker: &'a Broker,
    group_id: &GroupId,
    classic: &Group,
) -> Result<ConsumerWork<'a>, Refusal> {
    let Some(protocol) = classic.protocol_name.clone() else {
        // Kafka takes for granted that the first rebalance is over.
        return Err((ErrorCode::UnknownServerError, "No value present".to_owned()));
    };
    let mut refusing = Work::with(cx, broker, group_id, classic.clone());
    for member in classic.members.values() {
        for waiting in [member.awaiting_join.map(Waiting::Join), member.awaiting_sync.map(Waiting::Sync)] {
            refuse_waiting(&mut refusing, waiting, ErrorCode::RebalanceInProgress);
        }
    }
    let epoch = classic.generation_id;
    let group = ConsumerGroup { group_epoch: epoch, assignment_epoch: epoch, ..ConsumerGroup::new() };
    let mut work = ConsumerWork::with(cx, broker, group_id, group);
    work.outcome = refusing.outcome;
    work.because(GroupReason::Upgraded);
    work.write(records::group_tombstone(group_id));
    work.outcome.changes.push(Change::Group { broker: broker.id, group_id: group_id.clone(), group: None });
    for member in classic.members.values() {
        work.group.put(upgraded(member, &protocol, epoch));
        let mut target = member.assignment.clone();
        sort(&mut target);
        work.group.target.insert(member.member_id.clone(), target.into());
    }
    target::remember_topics(&mut work);
    for record in consumer_records::whole_group(group_id, &work.group) {
        work.write(record);
    }
    for member in classic.members.values() {
        work.renew_session(&member.member_id, member.session_timeout);
    }
    Ok(work)
}

fn upgraded(member: &Member, protocol: &str, epoch: i32) -> ConsumerMember {
    let subscription = member.subscription(protocol).cloned().unwrap_or_default();
    ConsumerMember {
        instance_id: member.group_instance_id.clone(),
        rack_id: subscription.rack_id.clone(),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        rebalance_timeout: member.rebalance_timeout,
        subscribed_topics: subscription.topics.iter().cloned().collect(),
        epoch,
        previous_epoch: epoch,
        assigned: member.assignment.iter().map(|partition| (partition.clone(), epoch)).collect(),
        classic: Some(ClassicMember { session_timeout: member.session_timeout, protocols: member.protocols.clone() }),
        ..ConsumerMember::new(member.member_id.clone())
    }
}

/// Without these members, would none but classic ones be left, and may the group then go back?
/// (`validateOnlineDowngradeWithFencedMembers`)
pub(super) fn may_downgrade_without(work: &ConsumerWork<'_>, leaving: &[MemberId]) -> bool {
    let mut left = work.group.members.values().filter(|member| !leaving.contains(&member.member_id)).peekable();
    left.peek().is_some() && may_be_classic(work, left.clone().count()) && left.all(|member| member.classic.is_some())
}

/// The same, when a classic run of a static member takes the place of its old one.
pub(super) fn may_downgrade_replacing(work: &ConsumerWork<'_>, replaced: &ConsumerMember) -> bool {
    let mut others = work.group.members.values().filter(|member| member.member_id != replaced.member_id);
    replaced.classic.is_none() && may_be_classic(work, work.group.members.len()) && others.all(|member| member.classic.is_some())
}

fn may_be_classic(work: &ConsumerWork<'_>, size: usize) -> bool {
    let size_max = work.cx.configs.group_max_size;
    work.cx.configs.may_migrate("downgrade") && size <= size_max
}

/// Back to the classic protocol with the members that stay, and a rebalance.
pub(super) fn downgrade(work: ConsumerWork<'_>, leaving: &[MemberId], reason: GroupReason) -> Outcome {
    let mut classic = to_classic(work, leaving);
    prepare_rebalance(&mut classic, reason);
    classic.finish()
}

/// The classic group in the place of this one, `Stable` at the group epoch. Each member is told to own its target.
pub(super) fn to_classic<'a>(mut work: ConsumerWork<'a>, leaving: &[MemberId]) -> Work<'a> {
    let (cx, broker, group_id) = (work.cx, work.broker, work.group_id.clone());
    let group = classic_group(&work.group, leaving, work.now());
    for tombstone in consumer_records::group_tombstones(&group_id, &work.group) {
        work.write(tombstone);
    }
    let mut classic = Work::with(cx, broker, &group_id, group);
    for record in work.take_records() {
        classic.write(record);
    }
    classic.outcome = work.outcome;
    classic.outcome.changes.push(Change::ConsumerGroup { broker: broker.id, group_id: group_id.clone(), group: None });
    classic.outcome.trace.push(TraceEvent::GroupState {
        group: group_id,
        state: AnyGroupState::Classic(GroupState::Stable),
        generation_id: classic.group.generation_id,
        reason: Some(GroupReason::Downgraded),
    });
    classic.write_group();
    let ids: Vec<MemberId> = classic.group.members.keys().cloned().collect();
    for member_id in ids {
        classic.renew_session(&member_id, None);
    }
    classic
}

fn classic_group(group: &ConsumerGroup, leaving: &[MemberId], now: SimTime) -> Group {
    let staying = || group.members.values().filter(|member| !leaving.contains(&member.member_id));
    let members: SortedMap<MemberId, Member> =
        staying().filter_map(|member| Some((member.member_id.clone(), to_member(group, member, now)?))).collect();
    let instance = |member: &Member| Some((member.group_instance_id.clone()?, member.member_id.clone()));
    let static_members = members.values().filter_map(instance).collect();
    let leader = members.keys().next().cloned();
    let mut classic = Group {
        state: GroupState::Stable,
        generation_id: group.group_epoch,
        protocol_type: "consumer".to_owned(),
        leader,
        static_members,
        members,
        ..Group::new(now)
    };
    classic.protocol_name = select_protocol(&classic);
    classic
}

fn to_member(group: &ConsumerGroup, member: &Rc<ConsumerMember>, now: SimTime) -> Option<Member> {
    let classic = member.classic.as_ref()?;
    let assignment: Vec<TopicPartition> = group.target_of(&member.member_id).to_vec();
    Some(Member {
        member_id: member.member_id.clone(),
        group_instance_id: member.instance_id.clone(),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        session_timeout: classic.session_timeout,
        rebalance_timeout: member.rebalance_timeout,
        protocols: classic.protocols.clone(),
        assignment,
        session_deadline: now,
        session_timer_at: now,
        is_new: false,
        awaiting_join: None,
        awaiting_sync: None,
        pending_sync: false,
    })
}
