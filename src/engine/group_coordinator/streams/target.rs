//! The target assignment: when it is computed anew (`maybeUpdateStreamsTargetAssignment`, `TargetAssignmentBuilder`).

use std::rc::Rc;

use super::work::StreamsWork;
use crate::base::{MemberId, SortedMap};
use crate::engine::configs::GroupConfigs;
use crate::engine::group::streams::assignor::{self, AssignableMember};
use crate::engine::group::streams::{ConfiguredTopology, StreamsMember, Tasks, records};

/// Why there is no new target yet.
const INITIAL_DELAY: &str = "Assignment delayed due to the configured initial rebalance delay.";
const INTERVAL: &str = "Assignment delayed due to the configured assignment interval.";

/// The settings that an assignment goes by (`streamsGroupAssignmentConfigs`).
pub(super) fn assignment_configs(configs: &GroupConfigs) -> SortedMap<String, String> {
    let replicas = ("num.standby.replicas".to_owned(), configs.streams_num_standby_replicas.to_string());
    let tags = configs.streams_rack_aware_assignment_tags.join(",");
    let tags = Some(tags).filter(|tags| !tags.is_empty()).map(|tags| ("rack.aware.assignment.tags".to_owned(), tags));
    [replicas].into_iter().chain(tags).collect()
}

/// What a new target is computed with.
pub(super) struct Wanted<'a> {
    /// A member as it is to be, in place of what the group has of it.
    pub updated: Option<&'a StreamsMember>,
    pub topology: &'a ConfiguredTopology,
    /// Only the epoch grows.
    pub refine_only: bool,
}

/// Computes the target for the group epoch, unless there is something to wait for: that is told.
pub(super) fn update_target(work: &mut StreamsWork<'_>, wanted: &Wanted<'_>) -> Option<&'static str> {
    if work.group.initial_delay.is_some() {
        return Some(INITIAL_DELAY);
    }
    if work.group.assignment_epoch >= work.group.group_epoch {
        return None;
    }
    if wanted.refine_only && work.group.assignment_epoch >= work.before.1 {
        reach_group_epoch(work);
        return None;
    }
    let configs = work.configs();
    if work.group.assigned_at.is_some_and(|at| work.now() < at + configs.streams_assignment_interval) {
        return Some(INTERVAL);
    }
    let mut target = assignment(work, wanted, configs.streams_num_standby_replicas);
    target.retain(|member_id, tasks| work.group.target.get(member_id).is_none_or(|before| **before != *tasks));
    for (member_id, tasks) in target {
        work.write(records::target_assignment(&work.group_id, &member_id, &tasks));
        work.group.target.insert(member_id, Rc::new(tasks));
    }
    work.group.assigned_at = Some(work.now());
    reach_group_epoch(work);
    None
}

fn reach_group_epoch(work: &mut StreamsWork<'_>) {
    work.group.assignment_epoch = work.group.group_epoch;
    work.write(records::target_metadata(&work.group_id, &work.group));
}

/// All members with their tasks: none while the topics are not in order.
fn assignment<'a>(work: &'a StreamsWork<'_>, wanted: &'a Wanted<'a>, standby_replicas: usize) -> SortedMap<MemberId, Tasks> {
    let group = &work.group;
    let is_other = |member: &&StreamsMember| wanted.updated.is_none_or(|updated| updated.member_id != member.member_id);
    let members = group.members.values().map(Rc::as_ref).filter(is_other).chain(wanted.updated);
    let Some(subtopologies) = wanted.topology.subtopologies.as_ref().filter(|_| wanted.topology.is_ready()) else {
        return members.map(|member| (member.member_id.clone(), Tasks::default())).collect();
    };
    let assignable = |member: &'a StreamsMember| AssignableMember {
        member_id: &member.member_id,
        process_id: &member.process_id,
        assigned: &member.assigned,
        offsets: group.task_offsets.get(&member.member_id).map(|known| &known.offsets),
    };
    assignor::assign(members.map(assignable).collect(), subtopologies, standby_replicas)
}
