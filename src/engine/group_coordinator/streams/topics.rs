//! The topology that a group has, and the topics as they are now.

use std::rc::Rc;

use super::Refusal;
use super::heartbeat::AssignmentUpdate;
use super::work::StreamsWork;
use crate::engine::group::streams::{ConfiguredTopology, StreamsGroup, StreamsMember, TaskOffsets, configure, records};
use crate::engine::group::{TopicMetadata, Topics, group_hash};
use crate::engine::metadata::Cluster;
use crate::engine::protocol::{ErrorCode, StreamsGroupHeartbeatRequest, StreamsStatus, StreamsTopology, TaskOffset};
use crate::engine::trace::GroupReason;

/// The group's topology: what its first member tells, for good (`maybeUpdateTopology`).
pub(super) fn take_in_topology(
    work: &mut StreamsWork<'_>,
    request: &StreamsGroupHeartbeatRequest,
) -> Result<Rc<StreamsTopology>, Refusal> {
    match (&request.topology, &work.group.topology) {
        (Some(told), None) => {
            work.write(records::topology(&work.group_id, told));
            Ok(Rc::new(told.clone().in_order()))
        }
        (Some(told), Some(known)) if known.epoch <= told.epoch && **known != told.clone().in_order() => {
            Err((ErrorCode::InvalidRequest, "Topology updates are not supported yet.".to_owned()))
        }
        (_, Some(known)) => Ok(known.clone()),
        (None, None) => Err(ErrorCode::UnknownServerError.told()),
    }
}

/// `maybeSetTopologyStaleStatus`.
pub(super) fn stale_topology(group: &StreamsGroup, member: &StreamsMember) -> Option<(StreamsStatus, String)> {
    let (epoch, known) = (member.topology_epoch, group.topology.as_ref()?.epoch);
    let text = || format!("The member's topology epoch {epoch} is behind the group's topology epoch {known}.");
    (epoch < known).then(|| (StreamsStatus::StaleTopology, text()))
}

/// What the cluster knows of the topics of a topology; those that do not exist are left out.
pub(super) fn topics_of(cluster: &Cluster, topology: &StreamsTopology) -> Topics {
    let known = |name| Some((Clone::clone(name), TopicMetadata::of(cluster, name)?));
    topology.required_topics().into_iter().filter_map(known).collect()
}

/// Looks at the topics of the topology. Others than before ask for a new assignment.
pub(super) fn take_in_topics(
    work: &mut StreamsWork<'_>,
    topology: &Rc<StreamsTopology>,
    update: &mut AssignmentUpdate,
) -> Result<Rc<ConfiguredTopology>, Refusal> {
    let cluster = work.cx.metadata;
    let topics = topics_of(cluster, topology);
    let hash = group_hash(&topics);
    let has_changed = hash != work.group.metadata_hash;
    if has_changed {
        *update = AssignmentUpdate::Recompute;
        work.because(GroupReason::TopicsChanged);
    }
    let is_first = work.group.topology.is_none();
    let configured = match work.group.configured.clone().filter(|_| !is_first && !has_changed) {
        Some(configured) => configured,
        None => Rc::new(configure(cluster, topology)?),
    };
    work.group.topology = Some(topology.clone());
    (work.group.topics, work.group.metadata_hash) = (topics, hash);
    // A group that is being made keeps only what its records say: it looks again with the next heartbeat.
    work.group.configured = Some(configured.clone()).filter(|_| !work.is_new);
    Ok(configured)
}

/// Only a group that was there before remembers them.
pub(super) fn take_in_offsets(work: &mut StreamsWork<'_>, request: &StreamsGroupHeartbeatRequest) -> Result<(), Refusal> {
    let twice = |offset: &TaskOffset| {
        let (id, partition) = (&offset.subtopology_id, offset.partition);
        let text = format!("Task offsets contain a duplicate entry for subtopology {id} and partition {partition}.");
        (ErrorCode::InvalidRequest, text)
    };
    let offsets = request.task_offsets.as_deref().map(TaskOffsets::read).transpose().map_err(twice)?;
    let ends = request.task_end_offsets.as_deref().map(TaskOffsets::read).transpose().map_err(twice)?;
    if work.is_new || offsets.is_none() && ends.is_none() {
        return Ok(());
    }
    let known = work.group.task_offsets.get_or_default(request.member_id.clone());
    known.offsets = offsets.unwrap_or_else(|| std::mem::take(&mut known.offsets));
    known.end_offsets = ends.unwrap_or_else(|| std::mem::take(&mut known.end_offsets));
    Ok(())
}
