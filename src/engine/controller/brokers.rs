//! Which brokers live, and what becomes of their partitions (`ClusterControlManager`, `BrokerHeartbeatManager`,
//! `ReplicationControlManager`).
//!
//! ```text
//!  broker is    │ event                                     │ becomes
//!  unfenced     │ silent for broker.session.timeout.ms      │ fenced: leads nothing, in no ISR
//!               │ stops in an orderly way                   │ fenced, at once
//!               │ starts again though it never was fenced   │ fenced, and out of the ELR: it may have lost records
//!  any          │ UnregisterBroker                          │ fenced, and no part of the cluster until it starts again
//!  fenced       │ heartbeat                                 │ unfenced: partitions without a leader may get one
//! ```

use super::elections::PartitionChange;
use crate::base::{BrokerId, Span, TopicName, TopicPartition};
use crate::engine::metadata::{PartitionState, RegistrationChange, Topic, TopicChange};
use crate::engine::network::{Endpoint, RequestRef};
use crate::engine::node::{BrokerTimer, Change, NodeContext, Outcome};
use crate::engine::protocol::{
    AlterPartitionRequest, AlterPartitionResponse, Election, ErrorCode, Request, Response, UnregisterBrokerResponse,
};
use crate::engine::trace::TraceEvent;

/// How often the controller looks for partitions that an unclean election may lead
/// (`QuorumController.Builder.uncleanLeaderElectionCheckIntervalMs`).
pub(in crate::engine) const UNCLEAN_CHECK: Span = Span::from_secs(300);

/// min.insync.replicas of a topic, but never more than it has replicas (`getTopicEffectiveMinIsr`).
pub(super) fn min_isr(topic: &Topic) -> usize {
    topic.settings.min_insync_replicas.min(topic.replication_factor())
}

/// Any live replica rather than none?
pub(super) fn standard_election(topic: &Topic) -> Election {
    if topic.settings.unclean_leader_election { Election::Unclean } else { Election::Online }
}

/// Puts a partition's next state into an outcome, and tells of it.
pub(super) fn push_partition(name: &TopicName, at: i32, before: &PartitionState, state: PartitionState, outcome: &mut Outcome) {
    let topic_partition = TopicPartition::new(name.clone(), at);
    if state.leader_epoch != before.leader_epoch {
        let (leader, leader_epoch) = (state.leader, state.leader_epoch);
        outcome.trace.push(TraceEvent::LeaderElected { topic_partition: topic_partition.clone(), leader, leader_epoch });
    }
    if state.isr != before.isr {
        outcome.trace.push(TraceEvent::IsrChanged { topic_partition, isr: state.isr.clone().into() });
    }
    outcome.changes.push(Change::Topic(Box::new(TopicChange::Partition { name: name.clone(), partition: at, state })));
}

/// Runs one event over all partitions that it can concern.
fn for_each_partition(
    cx: &NodeContext<'_>,
    outcome: &mut Outcome,
    concerns: &dyn Fn(&PartitionState) -> bool,
    may_lead: &dyn Fn(BrokerId) -> bool,
    shape: &dyn Fn(&mut PartitionChange<'_>),
) {
    for (name, topic) in cx.metadata.topics() {
        for (at, partition) in topic.partitions.iter().enumerate() {
            if !concerns(partition) {
                continue;
            }
            let mut change = PartitionChange::new(partition, may_lead, min_isr(topic));
            change.election = standard_election(topic);
            shape(&mut change);
            if let Some(state) = change.build() {
                push_partition(name, at as i32, partition, state, outcome);
            }
        }
    }
}

/// Takes a broker out of all ISRs and leads its partitions from elsewhere. `unclean`: its logs may have lost their ends.
pub fn fence(cx: &NodeContext<'_>, broker: BrokerId, unclean: bool) -> Outcome {
    let mut outcome = Outcome::default();
    let was_active = cx.metadata.is_active(broker);
    if !was_active && !unclean {
        return outcome;
    }
    if was_active {
        outcome.trace.push(TraceEvent::BrokerFenced { broker });
        outcome.changes.push(Change::Registration(RegistrationChange::Fenced(broker)));
    }
    for_each_partition(
        cx,
        &mut outcome,
        &|partition| {
            partition.isr.contains(&broker) || partition.leader == Some(broker) || unclean && partition.elr.contains(&broker)
        },
        &|other| other != broker && cx.metadata.is_active(other),
        &|change| {
            change.target_isr.retain(|other| *other != broker);
            if unclean {
                change.unclean_shutdown.push(broker);
            }
        },
    );
    outcome
}

/// A broker has started. What the controller still took for alive ends by that.
pub fn register(cx: &NodeContext<'_>, broker: BrokerId, unclean: bool) -> Outcome {
    let mut outcome = fence(cx, broker, unclean);
    outcome.changes.push(Change::Registration(RegistrationChange::Registered(broker)));
    outcome
}

/// `ReplicationControlManager.unregisterBroker`. A broker that runs is not told: its heartbeats are refused from then on.
pub(super) fn unregister(cx: &NodeContext<'_>, broker: BrokerId, outcome: &mut Outcome) -> UnregisterBrokerResponse {
    if !cx.metadata.broker_ids.contains(&broker) {
        let why = format!("Broker ID {broker} is not currently registered");
        return UnregisterBrokerResponse { error: Some((ErrorCode::BrokerIdNotRegistered, why)) };
    }
    let fenced = fence(cx, broker, false);
    outcome.trace.extend(fenced.trace);
    outcome.changes.extend(fenced.changes);
    outcome.changes.push(Change::Registration(RegistrationChange::Unregistered(broker)));
    UnregisterBrokerResponse { error: None }
}

fn unfence(cx: &NodeContext<'_>, broker: BrokerId) -> Outcome {
    let mut outcome = Outcome::default();
    outcome.trace.push(TraceEvent::BrokerUnfenced { broker });
    outcome.changes.push(Change::Registration(RegistrationChange::Unfenced(broker)));
    for_each_partition(
        cx,
        &mut outcome,
        &|partition| partition.leader.is_none() && partition.replicas.contains(&broker),
        &|other| other == broker || cx.metadata.is_active(other),
        &|_| {},
    );
    outcome
}

/// A broker is in touch again, or has started: it learns all of the metadata.
pub fn hears_all(broker: BrokerId) -> Outcome {
    Outcome { changes: vec![Change::HearsAll { broker }], ..Outcome::default() }
}

/// A request to the controller's own node.
pub fn handle(cx: &NodeContext<'_>, from: RequestRef, request: &Request) -> Outcome {
    let Endpoint::Broker(broker) = from.from else { return Outcome::default() };
    match request {
        Request::BrokerHeartbeat => {
            if !cx.metadata.broker_ids.contains(&broker) {
                return Outcome::answer(from, Response::BrokerHeartbeat);
            }
            let fenced = cx.metadata.registrations.get(&broker).is_some_and(|registration| registration.fenced);
            let mut outcome = if fenced { unfence(cx, broker) } else { Outcome::default() };
            outcome.changes.push(Change::Registration(RegistrationChange::Heard(broker)));
            if fenced {
                outcome.timers.push((cx.now + cx.configs.broker_session_timeout, BrokerTimer::BrokerSession { broker }));
            }
            outcome.responses.push((from, Response::BrokerHeartbeat));
            outcome
        }
        Request::AlterPartition(request) => alter_partition(cx, broker, from, request),
        _ => Outcome::default(),
    }
}

pub fn on_timer(cx: &NodeContext<'_>, timer: BrokerTimer) -> Outcome {
    if cx.metadata.quorum.leader.is_none() {
        // Whoever leads next begins with all sessions anew.
        return Outcome { timers: vec![(cx.now + cx.configs.broker_session_timeout, timer)], ..Outcome::default() };
    }
    match timer {
        BrokerTimer::BrokerSession { broker } => {
            let Some(registration) = cx.metadata.registrations.get(&broker).filter(|known| !known.fenced) else {
                return Outcome::default();
            };
            let ends = registration.last_heartbeat + cx.configs.broker_session_timeout;
            if cx.now >= ends {
                return fence(cx, broker, false);
            }
            Outcome { timers: vec![(ends, BrokerTimer::BrokerSession { broker })], ..Outcome::default() }
        }
        BrokerTimer::RebalanceLeaders => {
            let mut outcome = Outcome::default();
            for_each_partition(
                cx,
                &mut outcome,
                &|partition| !partition.has_preferred_leader(),
                &|other| cx.metadata.is_active(other),
                &|change| change.election = Election::Preferred,
            );
            outcome.timers.push((cx.now + rebalance_interval(cx), BrokerTimer::RebalanceLeaders));
            outcome
        }
        BrokerTimer::ElectUnclean => {
            let mut outcome = elect_unclean(cx);
            outcome.timers.push((cx.now + UNCLEAN_CHECK, BrokerTimer::ElectUnclean));
            outcome
        }
        _ => Outcome::default(),
    }
}

/// Leaders for partitions that have none, in topics with unclean.leader.election.enable. Setting it elects nobody: the
/// controller looks at it at the next event, or now.
fn elect_unclean(cx: &NodeContext<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    for (name, topic) in cx.metadata.topics().filter(|(_, topic)| standard_election(topic) == Election::Unclean) {
        for (at, partition) in topic.partitions.iter().enumerate() {
            let topic_partition = TopicPartition::new(name.clone(), at as i32);
            if let Ok(state) = elect(cx, &topic_partition, Election::Unclean) {
                push_partition(name, at as i32, partition, state, &mut outcome);
            }
        }
    }
    outcome
}

pub(in crate::engine) fn rebalance_interval(cx: &NodeContext<'_>) -> Span {
    Span::from_secs(cx.configs.leader_imbalance_check_interval_seconds)
}

fn alter_partition(cx: &NodeContext<'_>, leader: BrokerId, from: RequestRef, request: &AlterPartitionRequest) -> Outcome {
    let mut outcome = Outcome::default();
    let error = alter(cx, leader, request, &mut outcome).err();
    let response = AlterPartitionResponse { topic_partition: request.topic_partition.clone(), error };
    outcome.responses.push((from, Response::AlterPartition(response)));
    outcome
}

fn alter(cx: &NodeContext<'_>, leader: BrokerId, request: &AlterPartitionRequest, outcome: &mut Outcome) -> Result<(), ErrorCode> {
    let TopicPartition { topic: name, partition: at } = &request.topic_partition;
    let cluster = cx.metadata;
    let topic = cluster.topic(name.as_str()).ok_or(ErrorCode::UnknownTopicOrPartition)?;
    let partition = topic.partition(*at).ok_or(ErrorCode::UnknownTopicOrPartition)?;
    if request.leader_epoch > partition.leader_epoch || request.partition_epoch > partition.partition_epoch {
        return Err(ErrorCode::NotController);
    }
    if request.leader_epoch < partition.leader_epoch {
        return Err(ErrorCode::FencedLeaderEpoch);
    }
    if partition.leader != Some(leader) {
        return Err(ErrorCode::InvalidRequest);
    }
    if request.partition_epoch < partition.partition_epoch {
        return Err(ErrorCode::InvalidUpdateVersion);
    }
    let new_isr: Vec<BrokerId> = request.new_isr.iter().map(|(replica, _)| *replica).collect();
    if !new_isr.contains(&leader) || new_isr.iter().any(|replica| !partition.replicas.contains(replica)) {
        return Err(ErrorCode::InvalidRequest);
    }
    let is_other = |replica, epoch: Option<i64>| epoch.is_some_and(|epoch| epoch != cluster.registration_epoch(replica));
    if request.new_isr.iter().any(|(replica, epoch)| !cluster.is_active(*replica) || is_other(*replica, *epoch)) {
        return Err(ErrorCode::IneligibleReplica);
    }
    let may_lead = |broker| cluster.is_active(broker);
    let mut change = PartitionChange::new(partition, &may_lead, min_isr(topic));
    change.election = standard_election(topic);
    change.target_isr = new_isr;
    change.recovering = false;
    if let Some(state) = change.build() {
        push_partition(name, *at, partition, state, outcome);
    }
    Ok(())
}

/// ElectLeaders for one partition: its next state, or why there is none.
pub(super) fn elect(
    cx: &NodeContext<'_>,
    partition: &TopicPartition,
    election: Election,
) -> Result<PartitionState, (ErrorCode, String)> {
    let cluster = cx.metadata;
    let unknown = |what: String| (ErrorCode::UnknownTopicOrPartition, what);
    let topic = cluster.topic(partition.topic.as_str()).ok_or_else(|| unknown(format!("No such topic as {}", partition.topic)))?;
    let state = topic.partition(partition.partition).ok_or_else(|| unknown(format!("No such partition as {partition}")))?;
    let (needed, failed) = match election {
        Election::Preferred => (!state.has_preferred_leader(), ErrorCode::PreferredLeaderNotAvailable),
        _ => (state.leader.is_none(), ErrorCode::EligibleLeadersNotAvailable),
    };
    let refused = |error: ErrorCode| (error, error.message().to_owned());
    if !needed {
        return Err(refused(ErrorCode::ElectionNotNeeded));
    }
    let may_lead = |broker| cluster.is_active(broker);
    let mut change = PartitionChange::new(state, &may_lead, min_isr(topic));
    change.election = election;
    change.build().ok_or_else(|| refused(failed))
}
