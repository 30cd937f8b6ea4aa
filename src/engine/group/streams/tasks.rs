//! Tasks of a streams group, and sets of them (`TasksTuple`, `TasksTupleWithEpochs`).

use std::fmt;
use std::rc::Rc;

use crate::base::{SortedMap, SortedSet};
use crate::engine::protocol::{DescribedTasks, TaskIds};

/// A subtopology's work on one partition of its sources.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TaskId {
    pub subtopology_id: Rc<str>,
    pub partition: i32,
}

impl TaskId {
    pub fn new(subtopology_id: &str, partition: i32) -> Self {
        Self { subtopology_id: subtopology_id.into(), partition }
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.subtopology_id, self.partition)
    }
}

pub type TaskSet = SortedSet<TaskId>;

/// What a member is to run, or says that it runs.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Tasks {
    /// They read, compute and write.
    pub active: TaskSet,
    /// They keep a copy of the state.
    pub standby: TaskSet,
    /// They catch up with the state, to become active.
    pub warmup: TaskSet,
}

/// What a member may run, or has to give up: the active tasks with the epoch since when it has them.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct AssignedTasks {
    pub active: SortedMap<TaskId, i32>,
    pub standby: TaskSet,
    pub warmup: TaskSet,
}

impl Tasks {
    /// As a request has them.
    pub fn read(active: &[TaskIds], standby: &[TaskIds], warmup: &[TaskIds]) -> Self {
        let [active, standby, warmup] = [active, standby, warmup].map(|tasks| by_task(tasks).collect());
        Self { active, standby, warmup }
    }

    /// Is one of these among the others, in the same role?
    pub fn contains_any(&self, other: &AssignedTasks) -> bool {
        let shared = |one: &TaskSet, other: &TaskSet| one.iter().any(|task| other.contains(task));
        self.active.iter().any(|task| other.active.contains_key(task))
            || shared(&self.standby, &other.standby)
            || shared(&self.warmup, &other.warmup)
    }

    /// Are these the others, whatever their epochs?
    pub fn same_tasks(&self, other: &AssignedTasks) -> bool {
        self.standby == other.standby && self.warmup == other.warmup && self.active.iter().eq(other.active.keys())
    }

    pub fn described(&self) -> DescribedTasks {
        DescribedTasks {
            active_tasks: task_ids(&self.active),
            standby_tasks: task_ids(&self.standby),
            warmup_tasks: task_ids(&self.warmup),
        }
    }
}

impl AssignedTasks {
    pub fn is_empty(&self) -> bool {
        self.active.is_empty() && self.standby.is_empty() && self.warmup.is_empty()
    }

    /// All of both.
    pub(in crate::engine) fn merge(&mut self, other: Self) {
        self.active.extend(other.active);
        self.standby.extend(other.standby);
        self.warmup.extend(other.warmup);
    }

    pub fn described(&self) -> DescribedTasks {
        DescribedTasks {
            active_tasks: task_ids(self.active.keys()),
            standby_tasks: task_ids(&self.standby),
            warmup_tasks: task_ids(&self.warmup),
        }
    }
}

/// Tasks by subtopology, each with its partitions in order.
pub fn task_ids<'t>(tasks: impl IntoIterator<Item = &'t TaskId>) -> Vec<TaskIds> {
    let mut ids: Vec<TaskIds> = Vec::new();
    for task in tasks {
        match ids.last_mut().filter(|last| *last.subtopology_id == *task.subtopology_id) {
            Some(last) => last.partitions.push(task.partition),
            None => ids.push(TaskIds { subtopology_id: task.subtopology_id.to_string(), partitions: vec![task.partition] }),
        }
    }
    ids
}

/// The way back from `task_ids`.
pub fn by_task(ids: &[TaskIds]) -> impl Iterator<Item = TaskId> {
    ids.iter().flat_map(|of| {
        let subtopology_id: Rc<str> = of.subtopology_id.as_str().into();
        of.partitions.iter().map(move |partition| TaskId { subtopology_id: subtopology_id.clone(), partition: *partition })
    })
}
