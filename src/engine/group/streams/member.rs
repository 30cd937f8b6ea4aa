//! A member of a streams group (`StreamsGroupMember`): a thread of an instance of the application.

use std::rc::Rc;

use super::{AssignedTasks, TaskId};
use crate::base::{MemberId, Offset, SortedMap, Span};
use crate::engine::group::MemberTimers;
use crate::engine::protocol::{Endpoint, KeyValue, TaskOffset};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StreamsMember {
    pub member_id: MemberId,
    pub instance_id: Option<String>,
    pub rack_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub rebalance_timeout: Span,
    /// The epoch of the topology that it runs.
    pub topology_epoch: i32,
    /// The instance of the application that it is a thread of.
    pub process_id: Rc<str>,
    pub user_endpoint: Option<Endpoint>,
    pub client_tags: SortedMap<String, String>,
    pub state: TasksState,
    /// -2 for a static member that is away.
    pub epoch: i32,
    pub previous_epoch: i32,
    /// What it may run.
    pub assigned: AssignedTasks,
    /// What it has been told to give up.
    pub pending_revocation: AssignedTasks,
    pub timers: MemberTimers,
}

/// `org.apache.kafka.coordinator.group.streams.MemberState`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TasksState {
    /// Runs what its epoch gives it.
    Stable,
    /// Has been told to give tasks up and has not said that it did.
    UnrevokedTasks,
    /// Waits for tasks that others have not given up.
    UnreleasedTasks,
}

impl TasksState {
    /// As records have it.
    pub fn number(self) -> i8 {
        match self {
            Self::Stable => 1,
            Self::UnrevokedTasks => 2,
            Self::UnreleasedTasks => 3,
        }
    }

    pub fn of_number(number: i8) -> Self {
        match number {
            2 => Self::UnrevokedTasks,
            3 => Self::UnreleasedTasks,
            _ => Self::Stable,
        }
    }

    /// Kafka's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stable => "STABLE",
            Self::UnrevokedTasks => "UNREVOKED_TASKS",
            Self::UnreleasedTasks => "UNRELEASED_TASKS",
        }
    }
}

impl StreamsMember {
    pub(in crate::engine) fn new(member_id: MemberId) -> Self {
        Self {
            member_id,
            instance_id: None,
            rack_id: None,
            client_id: String::new(),
            client_host: String::new(),
            rebalance_timeout: Span::ZERO,
            topology_epoch: -1,
            process_id: "".into(),
            user_endpoint: None,
            client_tags: SortedMap::new(),
            state: TasksState::Stable,
            epoch: 0,
            previous_epoch: 0,
            assigned: AssignedTasks::default(),
            pending_revocation: AssignedTasks::default(),
            timers: MemberTimers::default(),
        }
    }

    /// Does it run what the assignment epoch gives it?
    pub fn is_reconciled_to(&self, assignment_epoch: i32) -> bool {
        self.state == TasksState::Stable && self.epoch == assignment_epoch
    }

    /// Is what it says about itself the same? Its place in the group does not count.
    pub(in crate::engine) fn tells_the_same(&self, other: &Self) -> bool {
        let told = |member: &Self| {
            let client = (member.client_id.clone(), member.client_host.clone(), member.rebalance_timeout);
            (member.instance_id.clone(), client, member.user_endpoint.clone())
        };
        told(self) == told(other) && self.asks_for_the_same(other)
    }

    /// Is what an assignment goes by the same (`hasEpochRelevantMemberConfigChanged`)?
    pub(in crate::engine) fn asks_for_the_same(&self, other: &Self) -> bool {
        let told =
            |member: &Self| (member.topology_epoch, member.rack_id.clone(), member.client_tags.clone(), member.process_id.clone());
        told(self) == told(other)
    }

    pub fn described_tags(&self) -> Vec<KeyValue> {
        self.client_tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}

/// How far a member's tasks are, as sums over their changelogs (`MemberTaskOffsets`).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct TaskOffsets {
    pub offsets: SortedMap<TaskId, Offset>,
    pub end_offsets: SortedMap<TaskId, Offset>,
}

impl TaskOffsets {
    /// As a request has them; the task that is there twice, if one is.
    pub(in crate::engine) fn read(told: &[TaskOffset]) -> Result<SortedMap<TaskId, Offset>, &TaskOffset> {
        let mut offsets = SortedMap::new();
        for one in told {
            if offsets.insert(TaskId::new(&one.subtopology_id, one.partition), one.offset).is_some() {
                return Err(one);
            }
        }
        Ok(offsets)
    }

    pub fn described(offsets: &SortedMap<TaskId, Offset>) -> Vec<TaskOffset> {
        let one = |(task, offset): (&TaskId, &Offset)| TaskOffset {
            subtopology_id: task.subtopology_id.to_string(),
            partition: task.partition,
            offset: *offset,
        };
        offsets.iter().map(one).collect()
    }
}
