//! Moving replicas to other brokers (KIP-455): the new ones are added, and when all of them are in sync the old ones go.
//!
//! ```text
//!  replicas 1,2  ── to 2,3 ─▸  replicas 2,3,1  adding 3  removing 1  ── 3 in the ISR ─▸  replicas 2,3
//! ```

use super::brokers::{elect, push_partition};
use super::elections::{Election, PartitionChange};
use super::{PartitionState, Topic};
use crate::base::{BrokerId, TopicPartition};
use crate::engine::broker::Outcome;
use crate::engine::error::ErrorCode;
use crate::engine::protocol::{
    AlterReassignmentsRequest, AlterReassignmentsResponse, ElectLeadersRequest, ElectLeadersResponse, ListReassignmentsResponse,
    OngoingReassignment,
};
use crate::engine::world::World;

type Refusal = (ErrorCode, String);

pub(super) fn elect_leaders(world: &World, request: &ElectLeadersRequest, outcome: &mut Outcome) -> ElectLeadersResponse {
    let all = || {
        let topics = world.cluster().topics();
        topics
            .flat_map(|(name, topic)| (0..topic.partitions.len()).map(|at| TopicPartition::new(name.clone(), at as i32)))
            .collect::<Vec<_>>()
    };
    let wanted = request.partitions.clone().unwrap_or_else(all);
    let mut partitions = Vec::new();
    for partition in wanted {
        let error = match elect(world, &partition, request.election) {
            Ok(state) => {
                if let Some(before) =
                    world.cluster().topic(partition.topic.as_str()).and_then(|topic| topic.partition(partition.partition))
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

pub(super) fn alter(world: &World, request: &AlterReassignmentsRequest, outcome: &mut Outcome) -> AlterReassignmentsResponse {
    let mut partitions = Vec::new();
    for (partition, target) in &request.partitions {
        let error = alter_one(world, partition, target.as_deref(), outcome).err();
        partitions.push((partition.clone(), error));
    }
    AlterReassignmentsResponse { partitions }
}

fn alter_one(world: &World, partition: &TopicPartition, target: Option<&[BrokerId]>, outcome: &mut Outcome) -> Result<(), Refusal> {
    let cluster = world.cluster();
    let unknown = || (ErrorCode::UnknownTopicOrPartition, format!("Unable to find a partition named {partition}."));
    let topic: &Topic = cluster.topic(partition.topic.as_str()).ok_or_else(unknown)?;
    let state = topic.partition(partition.partition).ok_or_else(unknown)?;
    let target = match target {
        Some([]) => {
            return Err((
                ErrorCode::InvalidReplicaAssignment,
                "The manual partition assignment includes an empty replica list.".to_owned(),
            ));
        }
        Some(target) => {
            if let Some(unknown) = target.iter().find(|broker| !cluster.broker_ids.contains(broker)) {
                let why = format!("The manual partition assignment includes broker {unknown}, but no such broker is registered.");
                return Err((ErrorCode::InvalidReplicaAssignment, why));
            }
            target.to_vec()
        }
        None if state.adding.is_empty() && state.removing.is_empty() => {
            return Err((ErrorCode::NoReassignmentInProgress, ErrorCode::NoReassignmentInProgress.message().to_owned()));
        }
        None => original(state),
    };
    let base = original(state);
    let may_lead = |broker| cluster.is_active(broker);
    let mut change = PartitionChange::new(state, &may_lead, topic.number("min.insync.replicas") as usize);
    change.election = if topic.config("unclean.leader.election.enable") == "true" { Election::Unclean } else { Election::Online };
    change.target_removing = base.iter().filter(|replica| !target.contains(replica)).copied().collect();
    change.target_adding = target.iter().filter(|replica| !base.contains(replica)).copied().collect();
    // Those that an earlier reassignment had begun to add are dropped at once.
    let merged: Vec<BrokerId> = target.iter().chain(&change.target_removing).copied().collect();
    change.target_isr.retain(|replica| merged.contains(replica));
    change.target_replicas = merged;
    if let Some(next) = change.build() {
        push_partition(&partition.topic, partition.partition, state, next, outcome);
    }
    Ok(())
}

/// The replicas without what a reassignment adds.
fn original(state: &PartitionState) -> Vec<BrokerId> {
    state.replicas.iter().filter(|replica| !state.adding.contains(replica)).copied().collect()
}

pub(super) fn list(world: &World) -> ListReassignmentsResponse {
    let mut partitions = Vec::new();
    for (name, topic) in world.cluster().topics() {
        for (at, state) in topic.partitions.iter().enumerate() {
            if !state.adding.is_empty() || !state.removing.is_empty() {
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
