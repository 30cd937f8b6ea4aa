//! Lives here: what a streams group is (KIP-1071): its state, members and tasks, its topology and what that asks of topics,
//! the assignor, and the records that all of it is kept in.
//! Never here: what a request does to a group (that is `group_coordinator/streams/`), and the tasks' own work (`streams/`).

pub mod assignor;
mod member;
pub mod records;
mod tasks;
mod topology;

use std::rc::Rc;

pub use member::{StreamsMember, TaskOffsets, TasksState};
pub use tasks::{AssignedTasks, TaskId, TaskSet, Tasks, by_task, task_ids};
pub use topology::{ConfiguredSubtopology, ConfiguredTopology, TopologyError, configure};

use super::Topics;
use crate::base::{MemberId, SimTime, SortedMap, SortedSet, TopicName};
use crate::engine::protocol::StreamsTopology;

/// Group and assignment epoch of a new group.
const FIRST_EPOCH: i32 = 1;

/// A streams group, as its coordinator keeps it (`StreamsGroup`).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StreamsGroup {
    pub group_epoch: i32,
    /// The group epoch that `target` was computed for.
    pub assignment_epoch: i32,
    /// When that was; `None` for a group without members.
    pub assigned_at: Option<SimTime>,
    /// The epoch of the topology whose topics were found in order; -1: they were not.
    pub validated_topology_epoch: i32,
    pub(in crate::engine) metadata_hash: i64,
    /// What the first member told of it. Only a group that is being made has none.
    pub topology: Option<Rc<StreamsTopology>>,
    /// What the topology asks of topics, as they were when the group last looked; `None`: it has not.
    pub configured: Option<Rc<ConfiguredTopology>>,
    /// The topics of the topology that were there then.
    pub(in crate::engine) topics: Topics,
    pub members: SortedMap<MemberId, Rc<StreamsMember>>,
    /// group.instance.id and the member that has it.
    pub static_members: SortedMap<String, MemberId>,
    /// What each member is to run.
    pub target: SortedMap<MemberId, Rc<Tasks>>,
    /// The settings of the assignment that the group epoch last grew with.
    pub last_assignment_configs: SortedMap<String, String>,
    /// A member that has asked for the end of the whole application.
    pub shutdown_requested_by: Option<MemberId>,
    /// How far the members' state is. No record holds this.
    pub task_offsets: SortedMap<MemberId, TaskOffsets>,
    pub endpoint_information_epoch: i32,
    /// The first assignment waits until then for more members.
    pub initial_delay: Option<SimTime>,
    /// Where each task runs, or has not ended yet, by process.
    processes: Processes,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Processes {
    active: SortedMap<TaskId, Rc<str>>,
    standby: SortedMap<TaskId, SortedSet<Rc<str>>>,
    warmup: SortedMap<TaskId, SortedSet<Rc<str>>>,
}

/// `StreamsGroupState`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StreamsGroupState {
    Empty,
    /// Topics that the topology needs are missing or have other partitions than they should.
    NotReady,
    /// The group epoch has grown, and there is no target assignment for it yet.
    Assigning,
    /// Members are on their way to their targets.
    Reconciling,
    Stable,
    /// Dropped.
    Dead,
}

impl StreamsGroupState {
    /// As Kafka's tools write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::NotReady => "NotReady",
            Self::Assigning => "Assigning",
            Self::Reconciling => "Reconciling",
            Self::Stable => "Stable",
            Self::Dead => "Dead",
        }
    }
}

impl StreamsGroup {
    pub(in crate::engine) fn new() -> Self {
        Self {
            group_epoch: FIRST_EPOCH,
            assignment_epoch: FIRST_EPOCH,
            assigned_at: None,
            validated_topology_epoch: -1,
            metadata_hash: 0,
            topology: None,
            configured: None,
            topics: Topics::new(),
            members: SortedMap::new(),
            static_members: SortedMap::new(),
            target: SortedMap::new(),
            last_assignment_configs: SortedMap::new(),
            shutdown_requested_by: None,
            task_offsets: SortedMap::new(),
            endpoint_information_epoch: 0,
            initial_delay: None,
            processes: Processes::default(),
        }
    }

    pub fn state(&self) -> StreamsGroupState {
        if self.members.is_empty() {
            StreamsGroupState::Empty
        } else if self.topology.as_ref().is_none_or(|topology| topology.epoch != self.validated_topology_epoch) {
            StreamsGroupState::NotReady
        } else if self.group_epoch > self.assignment_epoch {
            StreamsGroupState::Assigning
        } else if self.members.values().all(|member| member.is_reconciled_to(self.assignment_epoch)) {
            StreamsGroupState::Stable
        } else {
            StreamsGroupState::Reconciling
        }
    }

    /// Does a subtopology read the topic, and has the group a member?
    pub fn subscribes_to(&self, topic: &TopicName) -> bool {
        !self.members.is_empty() && self.subtopology_of(topic).is_some()
    }

    /// The subtopology that reads a topic (`StreamsTopology.sourceTopicMap`): of several the last.
    pub fn subtopology_of(&self, topic: &TopicName) -> Option<&str> {
        let topology = self.topology.as_ref()?;
        let reads = topology.subtopologies.iter().rev().find(|subtopology| {
            subtopology.source_topics.contains(topic)
                || subtopology.repartition_source_topics.iter().any(|source| source.name == *topic)
        })?;
        Some(&reads.subtopology_id)
    }

    pub fn target_of(&self, member_id: &MemberId) -> Option<&Tasks> {
        self.target.get(member_id).map(Rc::as_ref)
    }

    /// The process that runs the task, or has not ended it yet.
    pub(in crate::engine) fn active_process(&self, task: &TaskId) -> Option<&str> {
        self.processes.active.get(task).map(Rc::as_ref)
    }

    /// Does the process keep a copy of the task's state?
    pub(in crate::engine) fn has_standby(&self, task: &TaskId, process_id: &str) -> bool {
        self.processes.standby.get(task).is_some_and(|processes| processes.contains(process_id))
    }

    pub(in crate::engine) fn has_warmup(&self, task: &TaskId, process_id: &str) -> bool {
        self.processes.warmup.get(task).is_some_and(|processes| processes.contains(process_id))
    }

    /// Puts a member in place of what it was.
    pub(in crate::engine) fn put(&mut self, member: StreamsMember) {
        if let Some(before) = self.members.get(&member.member_id).cloned() {
            self.processes.forget(&before);
            if let Some(instance_id) = &before.instance_id {
                self.static_members.remove(instance_id);
            }
        }
        self.processes.remember(&member);
        if let Some(instance_id) = &member.instance_id {
            self.static_members.insert(instance_id.clone(), member.member_id.clone());
        }
        self.members.insert(member.member_id.clone(), Rc::new(member));
    }

    pub(in crate::engine) fn remove(&mut self, member_id: &MemberId) -> Option<Rc<StreamsMember>> {
        self.target.remove(member_id);
        self.task_offsets.remove(member_id);
        let member = self.members.remove(member_id)?;
        self.processes.forget(&member);
        if let Some(instance_id) = &member.instance_id {
            self.static_members.remove(instance_id);
        }
        if self.members.is_empty() {
            self.shutdown_requested_by = None;
        }
        Some(member)
    }

    /// Takes a member's session forward: it was heard of.
    pub(in crate::engine) fn heard_of(&mut self, member_id: &MemberId, now: SimTime) {
        if let Some(member) = self.members.get_mut(member_id) {
            let timers = &mut Rc::make_mut(member).timers;
            timers.session_deadline = now + timers.session_timeout;
        }
    }
}

/// A set knows a process once, however many of its members keep a copy: whichever is forgotten first takes it away.
impl Processes {
    fn remember(&mut self, member: &StreamsMember) {
        for tasks in [&member.assigned, &member.pending_revocation] {
            for task in tasks.active.keys() {
                self.active.insert(task.clone(), member.process_id.clone());
            }
            for (known, tasks) in [(&mut self.standby, &tasks.standby), (&mut self.warmup, &tasks.warmup)] {
                for task in tasks {
                    known.get_or_default(task.clone()).insert(member.process_id.clone());
                }
            }
        }
    }

    fn forget(&mut self, member: &StreamsMember) {
        for tasks in [&member.assigned, &member.pending_revocation] {
            for task in tasks.active.keys() {
                if self.active.get(task) == Some(&member.process_id) {
                    self.active.remove(task);
                }
            }
            for (known, tasks) in [(&mut self.standby, &tasks.standby), (&mut self.warmup, &tasks.warmup)] {
                for task in tasks {
                    if let Some(processes) = known.get_mut(task) {
                        processes.remove(&member.process_id);
                    }
                }
            }
        }
        let holds = |_: &TaskId, processes: &mut SortedSet<Rc<str>>| !processes.is_empty();
        self.standby.retain(holds);
        self.warmup.retain(holds);
    }
}
