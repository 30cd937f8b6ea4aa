//! `org.apache.kafka.coordinator.group.streams.assignor.StickyTaskAssignor`: who runs which task, and who keeps a copy of its
//! state.
//!
//! - A member keeps its active tasks, up to its share of all active ones. A task that is free then goes to a member that has its
//!   state; what is left goes, one by one, to the process with the least tasks for its members, and there to the member with the
//!   least.
//! - A standby task goes to the member that had the task, or its copy, and else to the process with the least. A process has each
//!   task once: there is no copy of a task beside it.
//!
//! Where members or processes are equal, Java's hash tables and its priority queue decide: as they do for the same ids.

use std::rc::Rc;

use super::{AssignedTasks, ConfiguredSubtopology, TaskId, TaskSet, Tasks};
use crate::base::java::{computed_order, hash_order, string_hash};
use crate::base::{MemberId, Offset, SortedMap, put_in_order};

/// Its name in settings.
pub const NAME: &str = "sticky";

/// What the assignor knows of a member.
pub struct AssignableMember<'a> {
    pub member_id: &'a MemberId,
    pub process_id: &'a Rc<str>,
    /// What it runs now.
    pub assigned: &'a AssignedTasks,
    /// How far the state is that it has, by task.
    pub offsets: Option<&'a SortedMap<TaskId, Offset>>,
}

/// `assign`, with so many copies of each task that has state.
pub fn assign(
    mut members: Vec<AssignableMember<'_>>,
    subtopologies: &SortedMap<String, ConfiguredSubtopology>,
    standby_replicas: usize,
) -> SortedMap<MemberId, Tasks> {
    hash_order(&mut members, 16, |member| string_hash(member.member_id.as_str()));
    let mut assignment = Assignment::new(&members, subtopologies, standby_replicas);
    assignment.assign_active(tasks(subtopologies, false));
    if standby_replicas > 0 {
        assignment.assign_standby(tasks(subtopologies, true), standby_replicas);
    }
    let tasks_of = |at: usize| {
        let member = &assignment.members[at];
        (
            members[at].member_id.clone(),
            Tasks { active: member.active.clone(), standby: member.standby.clone(), ..Tasks::default() },
        )
    };
    (0..members.len()).map(tasks_of).collect()
}

/// In the order of the subtopologies, then of the partitions.
fn tasks(subtopologies: &SortedMap<String, ConfiguredSubtopology>, stateful_only: bool) -> Vec<TaskId> {
    let of = |(id, subtopology): (&String, &ConfiguredSubtopology)| {
        let id: Rc<str> = id.as_str().into();
        (0..subtopology.number_of_tasks).map(move |partition| TaskId { subtopology_id: id.clone(), partition })
    };
    subtopologies.iter().filter(|(_, subtopology)| !stateful_only || subtopology.is_stateful()).flat_map(of).collect()
}

/// By partition, then by subtopology.
fn by_partition(one: &TaskId, other: &TaskId) -> bool {
    (one.partition, &one.subtopology_id) < (other.partition, &other.subtopology_id)
}

/// How many tasks are still to be shared out among how many members, and what that comes to for each.
struct Quota {
    tasks: usize,
    members: usize,
    per_member: usize,
}

impl Quota {
    fn new(tasks: usize, members: usize) -> Self {
        Self { tasks, members, per_member: if members == 0 { 0 } else { tasks.div_ceil(members) } }
    }

    /// A member has so many now: one that has its share leaves the rest to the others.
    fn has(&mut self, count: usize) {
        if count == self.per_member {
            *self = Self::new(self.tasks.saturating_sub(count), self.members.saturating_sub(1));
        }
    }
}

struct Member {
    process: usize,
    count: usize,
    active: TaskSet,
    standby: TaskSet,
}

/// An instance of the application (`ProcessState`).
struct Process {
    /// In the order of a hash table.
    members: Vec<usize>,
    tasks: TaskSet,
    count: usize,
    /// Its members with their counts, the least first; `None`: to be made anew.
    by_load: Option<Queue<(usize, usize)>>,
}

/// `LocalState`. Members and processes are places in its lists.
struct Assignment {
    members: Vec<Member>,
    processes: Vec<Process>,
    active: Quota,
    all: Quota,
    /// Who ran a task before.
    ran: SortedMap<TaskId, usize>,
    /// Who had its state before: the best first.
    had_state: SortedMap<TaskId, Vec<usize>>,
}

impl Assignment {
    fn new(
        members: &[AssignableMember<'_>],
        subtopologies: &SortedMap<String, ConfiguredSubtopology>,
        standby_replicas: usize,
    ) -> Self {
        let ids = computed_order(members.iter().map(|member| &**member.process_id), members.len());
        let process_of = |member: &AssignableMember<'_>| ids.iter().position(|id| *id == &**member.process_id).unwrap_or(0);
        let process = |at: usize| {
            let mut of_this: Vec<usize> = (0..members.len()).filter(|member| process_of(&members[*member]) == at).collect();
            hash_order(&mut of_this, 16, |member| string_hash(members[*member].member_id.as_str()));
            Process { members: of_this, tasks: TaskSet::new(), count: 0, by_load: None }
        };
        let active: usize = tasks(subtopologies, false).len();
        let standby = tasks(subtopologies, true).len() * standby_replicas;
        let member = |member| Member { process: process_of(member), count: 0, active: TaskSet::new(), standby: TaskSet::new() };
        let ran = |(at, member): (usize, &AssignableMember<'_>)| {
            member.assigned.active.keys().map(|task| (task.clone(), at)).collect::<Vec<_>>()
        };
        Self {
            members: members.iter().map(member).collect(),
            processes: (0..ids.len()).map(process).collect(),
            active: Quota::new(active, members.len()),
            all: Quota::new(active + standby, members.len()),
            ran: members.iter().enumerate().flat_map(ran).collect(),
            had_state: had_state(members),
        }
    }

    fn has_task(&self, member: usize, task: &TaskId) -> bool {
        self.processes[self.members[member].process].tasks.contains(task)
    }

    /// Gives a task to a member (`addTaskInternal`).
    fn give(&mut self, member: usize, task: &TaskId, active: bool) {
        let known = &mut self.members[member];
        known.count += 1;
        if active {
            known.active.insert(task.clone())
        } else {
            known.standby.insert(task.clone())
        };
        let count = known.count;
        let process = &mut self.processes[known.process];
        process.count += 1;
        process.tasks.insert(task.clone());
        if active {
            self.active.has(count);
        }
        self.all.has(count);
    }

    /// Gives a task to a certain member.
    fn give_back(&mut self, member: usize, task: &TaskId, active: bool) {
        self.give(member, task, active);
        self.processes[self.members[member].process].by_load = None;
    }

    /// Gives a task to the member of a process that has the least.
    fn give_to_least(&mut self, process: usize, task: &TaskId, active: bool) {
        let of = &mut self.processes[process];
        if let [member] = of.members[..] {
            return self.give(member, task, active);
        }
        let fewer = |one: &(usize, usize), other: &(usize, usize)| one.1 < other.1;
        let members = &self.members;
        let mut queue =
            of.by_load.take().unwrap_or_else(|| Queue::of(of.members.iter().map(|at| (*at, members[*at].count)), &fewer));
        let Some((member, count)) = queue.poll(&fewer) else { return };
        queue.add((member, count + 1), &fewer);
        of.by_load = Some(queue);
        self.give(member, task, active);
    }

    /// Has one process less to do than the other, for its members?
    fn has_less_load(&self, one: usize, other: usize) -> bool {
        let [one, other] = [one, other].map(|process| (self.processes[process].count, self.processes[process].members.len()));
        one.0 * other.1 < other.0 * one.1
    }

    fn assign_active(&mut self, mut tasks: Vec<TaskId>) {
        put_in_order(&mut tasks, &by_partition);
        tasks.retain(|task| {
            let before = self.ran.get(task).copied();
            !before.is_some_and(|member| self.give_if_active_share(member, task))
        });
        tasks.retain(|task| {
            let before = self.least_loaded_with_state(task, false);
            !before.is_some_and(|member| self.give_if_active_share(member, task))
        });
        put_in_order(&mut tasks, &|one, other| one < other);
        let mut queue = Queue::of(0..self.processes.len(), &|one, other| self.has_less_load(*one, *other));
        for task in &tasks {
            let Some(process) = queue.poll(&|one, other| self.has_less_load(*one, *other)) else { return };
            self.give_to_least(process, task, true);
            queue.add(process, &|one, other| self.has_less_load(*one, *other));
        }
    }

    /// False where the member has its share of active tasks.
    fn give_if_active_share(&mut self, member: usize, task: &TaskId) -> bool {
        let has_room = self.members[member].count < self.active.per_member;
        if has_room {
            self.give_back(member, task, true);
        }
        has_room
    }

    /// Of those that had a task's state the one with the least load (`findPrevMemberWithLeastLoad`): its process and itself
    /// must have less than those of one before it. `not_beside`: not one whose process has the task.
    fn least_loaded_with_state(&self, task: &TaskId, not_beside: bool) -> Option<usize> {
        let mut best: Option<usize> = None;
        for member in self.had_state.get(task).into_iter().flatten().copied() {
            if not_beside && self.has_task(member, task) {
                continue;
            }
            let is_better = |best: usize| {
                let [one, other] = [member, best].map(|at| &self.members[at]);
                self.has_less_load(one.process, other.process) && one.count < other.count
            };
            if best.is_none_or(is_better) {
                best = Some(member);
            }
        }
        best
    }

    fn assign_standby(&mut self, mut tasks: Vec<TaskId>, replicas: usize) {
        put_in_order(&mut tasks, &|one, other| by_partition(other, one));
        let mut left: Vec<(TaskId, usize)> = Vec::new();
        for task in tasks {
            let given = (0..replicas).take_while(|_| self.give_copy_back(&task)).count();
            if given < replicas {
                left.push((task, replicas - given));
            }
        }
        put_in_order(&mut left, &|one, other| one.0 > other.0);
        let mut queue = Queue::of(0..self.processes.len(), &|one, other| self.has_less_load(*one, *other));
        for (task, replicas) in &left {
            // With fewer processes than copies some are left out.
            let _ = (0..*replicas).all(|_| self.give_copy_to_least(&mut queue, task));
        }
    }

    /// A copy for who ran the task before, or had a copy. False where neither can take it.
    fn give_copy_back(&mut self, task: &TaskId) -> bool {
        let has_room = |member: &usize| self.members[*member].count < self.all.per_member;
        let ran = self.ran.get(task).copied().filter(|member| !self.has_task(*member, task)).filter(has_room);
        let member = ran.or_else(|| self.least_loaded_with_state(task, true).filter(has_room));
        if let Some(member) = member {
            self.give_back(member, task, false);
        }
        member.is_some()
    }

    /// A copy for the process with the least that has not got the task. False where all have it.
    fn give_copy_to_least(&mut self, queue: &mut Queue<usize>, task: &TaskId) -> bool {
        let mut passed = Vec::new();
        let mut found = false;
        while let Some(process) = queue.poll(&|one, other| self.has_less_load(*one, *other)) {
            passed.push(process);
            if !self.processes[process].tasks.contains(task) {
                self.give_to_least(process, task, false);
                found = true;
                break;
            }
        }
        // The last that was taken goes back first.
        for process in passed.into_iter().rev() {
            queue.add(process, &|one, other| self.has_less_load(*one, *other));
        }
        found
    }
}

/// Who has a task's state: first those that keep a copy, then by how far it is (`rankStandbyCandidates`).
fn had_state(members: &[AssignableMember<'_>]) -> SortedMap<TaskId, Vec<usize>> {
    let mut candidates: SortedMap<TaskId, Vec<(bool, Offset, usize)>> = SortedMap::new();
    for (at, member) in members.iter().enumerate() {
        let offset = |task: &TaskId| member.offsets.and_then(|offsets| offsets.get(task)).copied().unwrap_or(Offset(0));
        for task in &member.assigned.standby {
            candidates.get_or_default(task.clone()).push((true, offset(task), at));
        }
        for (task, offset) in member.offsets.into_iter().flatten() {
            if !member.assigned.standby.contains(task) {
                candidates.get_or_default(task.clone()).push((false, *offset, at));
            }
        }
    }
    let ranked = |(task, mut candidates): (TaskId, Vec<(bool, Offset, usize)>)| {
        put_in_order(&mut candidates, &|one, other| (other.0, other.1) < (one.0, one.1));
        (task, candidates.into_iter().map(|(_, _, member)| member).collect())
    };
    candidates.into_iter().map(ranked).collect()
}

/// `java.util.PriorityQueue`: which of two equals comes first follows from how it moves them.
struct Queue<T> {
    items: Vec<T>,
}

type ComesBefore<'f, T> = &'f dyn Fn(&T, &T) -> bool;

impl<T: Copy> Queue<T> {
    fn of(items: impl Iterator<Item = T>, before: ComesBefore<'_, T>) -> Self {
        let mut queue = Self { items: Vec::new() };
        items.for_each(|item| queue.add(item, before));
        queue
    }

    fn add(&mut self, item: T, before: ComesBefore<'_, T>) {
        let mut at = self.items.len();
        self.items.push(item);
        while at > 0 && before(&item, &self.items[(at - 1) / 2]) {
            self.items.swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
    }

    fn poll(&mut self, before: ComesBefore<'_, T>) -> Option<T> {
        let last = self.items.len().checked_sub(1)?;
        let first = self.items.swap_remove(0);
        let mut at = 0;
        while 2 * at + 1 < last {
            let (left, right) = (2 * at + 1, 2 * at + 2);
            let child = if right < last && before(&self.items[right], &self.items[left]) { right } else { left };
            if !before(&self.items[child], &self.items[at]) {
                break;
            }
            self.items.swap(at, child);
            at = child;
        }
        Some(first)
    }
}
