//! What must hold after every step. Checked in tests and debug builds; a broken one stops the simulation with a report.

use super::World;
use crate::base::{SortedMap, TopicPartition};
use crate::engine::group::{ConsumerGroup, Group, StreamsGroup};
use crate::engine::metadata::STATE_TOPIC;
use crate::engine::share_coordinator;

pub fn check(world: &World) -> Result<(), String> {
    for broker in world.brokers() {
        for (partition, replica) in &broker.replicas {
            let log = &replica.log;
            if log.log_start_offset() > log.log_end_offset() {
                return Err(format!(
                    "{partition} on broker {}: the log starts at {} and ends at {}",
                    broker.id,
                    log.log_start_offset(),
                    log.log_end_offset()
                ));
            }
            if replica.high_watermark > log.log_end_offset() {
                return Err(format!(
                    "{partition} on broker {}: the high watermark {} lies beyond the log's end {}",
                    broker.id,
                    replica.high_watermark,
                    log.log_end_offset()
                ));
            }
        }
    }
    for (name, topic) in world.cluster().topics() {
        for (at, state) in topic.partitions.iter().enumerate() {
            if state.leader.is_some_and(|leader| !state.isr.contains(&leader)) {
                return Err(format!("{name}-{at}: the leader is not in the in-sync replicas"));
            }
        }
    }
    for broker in world.brokers() {
        for (group_id, group) in &broker.groups {
            one_owner(group).map_err(|report| format!("group {group_id}, generation {}: {report}", group.generation_id))?;
        }
        for (group_id, group) in &broker.consumer_groups {
            one_holder(group).map_err(|report| format!("group {group_id}, epoch {}: {report}", group.group_epoch))?;
        }
        for (group_id, group) in &broker.streams_groups {
            one_runner(group).map_err(|report| format!("group {group_id}, epoch {}: {report}", group.group_epoch))?;
        }
    }
    Ok(())
}

/// What a share coordinator has in memory is what its partition of `__share_group_state` says. Too slow for each step.
pub fn share_state_as_written(world: &World) -> Result<(), String> {
    for broker in world.brokers().filter(|broker| broker.running) {
        for (partition, kept) in &broker.share.keeps {
            if share_coordinator::load(&world.informed(), broker, &TopicPartition::new(STATE_TOPIC, *partition)) != kept.states {
                return Err(format!("broker {}: {STATE_TOPIC}-{partition} says something else than is kept", broker.id));
            }
        }
    }
    Ok(())
}

/// In one generation a partition belongs to one member.
fn one_owner(group: &Group) -> Result<(), String> {
    let mut owners = SortedMap::new();
    for member in group.members.values() {
        for partition in &member.assignment {
            if let Some(other) = owners.insert(partition, &member.member_id) {
                return Err(format!("{partition} belongs to {other} and to {}", member.member_id));
            }
        }
    }
    Ok(())
}

/// A task is active with one member of a streams group, whatever the epoch, and a process has its state once.
fn one_runner(group: &StreamsGroup) -> Result<(), String> {
    let (mut runners, mut copies) = (SortedMap::new(), SortedMap::new());
    for member in group.members.values() {
        for tasks in [&member.assigned, &member.pending_revocation] {
            for task in tasks.active.keys() {
                if let Some(other) = runners.insert(task, &member.member_id) {
                    return Err(format!("{task} is active at {other} and at {}", member.member_id));
                }
            }
            for task in tasks.standby.iter().chain(&tasks.warmup) {
                if let Some(other) =
                    copies.insert((task, &member.process_id), &member.member_id).filter(|id| *id != &member.member_id)
                {
                    return Err(format!("{other} and {} of one process keep copies of {task}", member.member_id));
                }
            }
        }
        if member.epoch > group.assignment_epoch || group.assignment_epoch > group.group_epoch {
            return Err(format!(
                "{} is at epoch {}, the assignment at {}, the group at {}",
                member.member_id, member.epoch, group.assignment_epoch, group.group_epoch
            ));
        }
    }
    Ok(())
}

/// A partition belongs to one member of the consumer protocol, whatever the epoch: it is given to the next only when the one
/// before has given it up. A member is never ahead of the assignment, nor the assignment of the group.
fn one_holder(group: &ConsumerGroup) -> Result<(), String> {
    let mut holders = SortedMap::new();
    for member in group.members.values() {
        for partition in member.owned() {
            if let Some(other) = holders.insert(partition, &member.member_id) {
                return Err(format!("{partition} belongs to {other} and to {}", member.member_id));
            }
        }
        if member.epoch > group.assignment_epoch {
            return Err(format!(
                "{} is at epoch {} and the assignment at {}",
                member.member_id, member.epoch, group.assignment_epoch
            ));
        }
    }
    if group.assignment_epoch > group.group_epoch {
        return Err(format!("the assignment is at epoch {}", group.assignment_epoch));
    }
    Ok(())
}

/// No group has committed beyond the end of a log. Not part of `check`: a program may commit any offset, and a topic that
/// is deleted and made again under a running consumer is committed with the old topic's offsets. Where neither happens,
/// a test can ask for it.
pub fn committed_within_logs(world: &World) -> Result<(), String> {
    let end_of = |partition: &TopicPartition| {
        let leader = world.cluster().topic(partition.topic.as_str())?.partition(partition.partition)?.leader?;
        Some(world.broker(leader)?.replica(partition)?.log.log_end_offset())
    };
    for broker in world.brokers() {
        for (group_id, committed) in &broker.committed {
            for (partition, mark) in committed {
                if let Some(end) = end_of(partition)
                    && mark.offset > end
                {
                    return Err(format!("group {group_id} has committed {} in {partition}, which ends at {end}", mark.offset));
                }
            }
        }
    }
    Ok(())
}
