//! Moving replicas to other brokers (KIP-455): the new ones are added, and when all of them are in sync the old ones go.
//!
//! ```text
//!  replicas 1,2  ── to 2,3 ─▸  replicas 2,3,1  adding 3  removing 1  ── 3 in the ISR ─▸  replicas 2,3
//! ```

use super::brokers::{elect, min_isr, push_partition, standard_election};
use super::elections::PartitionChange;
use super::placement::check_replicas;
use crate::base::{BrokerId, TopicPartition, sort};
use crate::engine::metadata::{PartitionState, Topic};
use crate::engine::node::{NodeContext, Outcome};
use crate::engine::protocol::{
    AlterReassignmentsRequest, AlterReassignmentsResponse, ElectLeadersRequest, ElectLeadersResponse, Election, ErrorCode,
    ListReassignmentsResponse, OngoingReassignment,
};

type Refusal = (ErrorCode, String);

pub(super) fn elect_leaders(cx: &NodeContext<'_>, request: &ElectLeadersRequest, outcome: &mut Outcome) -> ElectLeadersResponse {
    let all = || {
        let topics = cx.metadata.topics();
        topics
            .flat_map(|(name, topic)| (0..topic.partitions.len()).map(|at| TopicPartition::new(name.clone(), at as i32)))
            .collect::<Vec<_>>()
    };
    let wanted = request.partitions.clone().unwrap_or_else(all);
    let mut partitions = Vec::new();
    for partition in wanted {
        let error = match elect(cx, &partition, request.election) {
            Ok(state) => {
                if let Some(before) =
                    cx.metadata.topic(partition.topic.as_str()).and_then(|topic| topic.partition(partition.partition))
                {
                    push_partition(&partition.topic, partition.partition, before, state, outcome);
                }
                None
            }
            Err((ErrorCode::ElectionNotNeeded, _)) if request.partitions.is_none() => continue,
            Err(error) => Some(error),
        };
        partitions.push((partition, error));
    }
    ElectLeadersResponse { partitions }
}

pub(super) fn alter(
    cx: &NodeContext<'_>,
    request: &AlterReassignmentsRequest,
    outcome: &mut Outcome,
) -> AlterReassignmentsResponse {
    let mut partitions = Vec::new();
    for (partition, target) in &request.partitions {
        let error = alter_one(cx, request, partition, target.as_deref(), outcome).err();
        partitions.push((partition.clone(), error));
    }
    AlterReassignmentsResponse { partitions }
}

fn alter_one(
    cx: &NodeContext<'_>,
    request: &AlterReassignmentsRequest,
    partition: &TopicPartition,
    target: Option<&[BrokerId]>,
    outcome: &mut Outcome,
) -> Result<(), Refusal> {
    let TopicPartition { topic: name, partition: at } = partition;
    let unknown = |what: String| (ErrorCode::UnknownTopicOrPartition, what);
    let topic = cx.metadata.topic(name.as_str());
    let topic = topic.ok_or_else(|| unknown(format!("Unable to find a topic named {name}.")))?;
    let state = topic.partition(*at).ok_or_else(|| unknown(format!("Unable to find partition {name}:{at}.")))?;
    let may_lead = |broker| cx.metadata.is_active(broker);
    let mut change = PartitionChange::new(state, &may_lead, min_isr(topic));
    match target {
        Some(target) => reassign(cx, request, state, target, &mut change)?,
        None => revert(partition, topic, state, &mut change)?,
    }
    if let Some(next) = change.build() {
        push_partition(name, *at, state, next, outcome);
    }
    Ok(())
}

/// What replicas the partition shall have (`changePartitionReassignment`): those of an earlier reassignment that are not
/// wanted any more stay until the new ones are in sync.
fn reassign(
    cx: &NodeContext<'_>,
    request: &AlterReassignmentsRequest,
    state: &PartitionState,
    target: &[BrokerId],
    change: &mut PartitionChange<'_>,
) -> Result<(), Refusal> {
    check_replicas(&cx.metadata.broker_ids, target, None)?;
    let final_count = state.replicas.iter().filter(|replica| !state.removing.contains(replica)).count();
    if !request.allow_replication_factor_change && final_count != target.len() {
        let why = format!("The replication factor is changed from {final_count} to {}", target.len());
        return Err((ErrorCode::InvalidReplicationFactor, why));
    }
    let mut removing: Vec<BrokerId> = state.replicas.iter().filter(|replica| !target.contains(replica)).copied().collect();
    let mut adding: Vec<BrokerId> = target.iter().filter(|replica| !state.replicas.contains(replica)).copied().collect();
    sort(&mut removing);
    sort(&mut adding);
    change.target_replicas = target.iter().chain(&removing).copied().collect();
    // As in Kafka, an empty list leaves what an earlier reassignment has set.
    if !removing.is_empty() {
        change.target_removing = removing;
    }
    if !adding.is_empty() {
        change.target_adding = adding;
    }
    Ok(())
}

/// Back to the replicas before the reassignment (`PartitionReassignmentRevert`).
fn revert(
    partition: &TopicPartition,
    topic: &Topic,
    state: &PartitionState,
    change: &mut PartitionChange<'_>,
) -> Result<(), Refusal> {
    if !state.is_reassigned() {
        return Err((ErrorCode::NoReassignmentInProgress, ErrorCode::NoReassignmentInProgress.message().to_owned()));
    }
    let without_added = |replicas: &[BrokerId]| -> Vec<BrokerId> {
        replicas.iter().filter(|replica| !state.adding.contains(replica)).copied().collect()
    };
    let (replicas, mut isr) = (without_added(&state.replicas), without_added(&state.isr));
    change.election = standard_election(topic);
    if isr.is_empty() {
        let Some(first) = replicas.first() else {
            let why = "Invalid replica assignment: addingReplicas contains all replicas.";
            return Err((ErrorCode::InvalidReplicaAssignment, why.to_owned()));
        };
        isr.push(*first);
        if change.election != Election::Unclean {
            let TopicPartition { topic: name, partition: at } = partition;
            let why = "because it would require an unclean leader election.";
            return Err((
                ErrorCode::InvalidReplicaAssignment,
                format!("Unable to revert partition assignment for {name}:{at} {why}"),
            ));
        }
    }
    (change.target_replicas, change.target_isr) = (replicas, isr);
    change.target_adding.clear();
    change.target_removing.clear();
    Ok(())
}

pub(super) fn list(cx: &NodeContext<'_>) -> ListReassignmentsResponse {
    let mut partitions = Vec::new();
    for (name, topic) in cx.metadata.topics() {
        for (at, state) in topic.partitions.iter().enumerate() {
            if state.is_reassigned() {
                partitions.push(OngoingReassignment {
                    topic_partition: TopicPartition::new(name.clone(), at as i32),
                    replicas: state.replicas.clone(),
                    adding: state.adding.clone(),
                    removing: state.removing.clone(),
                });
            }
        }
    }
    ListReassignmentsResponse { partitions }
}
