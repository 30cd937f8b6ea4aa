//! A member's next step towards its target (`CurrentAssignmentBuilder`).
//!
//! ```text
//!  assigned now     ┌────────── kept ──────────┬── not in the target ──┐
//!  target                      └──── kept ─────┼── free ──┬── held by others ──┐
//!                                              │          │
//!  first: give up ◂── what is not in the target┘          └──▸ last: wait for these
//!  then: take what is free, and the target's epoch
//!
//!  the same task │ active → standby    │ at once, beside giving the active one up
//!                │ standby ↔ warmup    │ at once
//!                │ standby, warmup →   │ the copy is kept until the member may run the task, and is not given up before
//!                │ active              │
//! ```

use crate::base::SortedMap;
use crate::engine::group::streams::{AssignedTasks, StreamsGroup, StreamsMember, TaskId, TaskSet, Tasks, TasksState};

/// Where a member is to get.
pub(super) struct Goal<'a> {
    pub assignment_epoch: i32,
    pub target: &'a Tasks,
    /// What the member says it runs, if it says.
    pub owned: Option<&'a Tasks>,
}

/// The member after the step; as it was when there is none to take.
pub(super) fn step(group: &StreamsGroup, member: &StreamsMember, goal: &Goal<'_>) -> StreamsMember {
    if member.is_reconciled_to(goal.assignment_epoch) {
        return member.clone();
    }
    let step = Step { group, member, goal };
    match member.state {
        TasksState::Stable | TasksState::UnreleasedTasks => step.next_assignment(member.epoch),
        TasksState::UnrevokedTasks if !goal.still_runs(&member.pending_revocation) => step.next_assignment(member.epoch + 1),
        TasksState::UnrevokedTasks => member.clone(),
    }
}

impl Goal<'_> {
    /// Does the member run one of these? One that does not say does.
    fn still_runs(&self, tasks: &AssignedTasks) -> bool {
        self.owned.is_none_or(|owned| owned.contains_any(tasks))
    }
}

/// What becomes of a member's tasks.
#[derive(Default)]
struct Difference {
    kept: AssignedTasks,
    revoked: AssignedTasks,
    gained: AssignedTasks,
    /// Others have not let go of some.
    waits: bool,
}

struct Step<'a> {
    group: &'a StreamsGroup,
    member: &'a StreamsMember,
    goal: &'a Goal<'a>,
}

impl Step<'_> {
    fn next_assignment(&self, epoch: i32) -> StreamsMember {
        let mut difference = self.difference();
        self.change_roles(&mut difference);
        let must_give_up = self.promote(&mut difference);
        let Difference { mut kept, revoked, gained, waits } = difference;
        let (state, epoch, pending_revocation) = if must_give_up {
            (TasksState::UnrevokedTasks, epoch, revoked)
        } else {
            kept.merge(gained);
            let state = if waits { TasksState::UnreleasedTasks } else { TasksState::Stable };
            (state, self.goal.assignment_epoch, AssignedTasks::default())
        };
        let previous_epoch = self.member.epoch;
        StreamsMember { state, epoch, previous_epoch, assigned: kept, pending_revocation, ..self.member.clone() }
    }

    /// `computeAssignmentDifference`, of each kind.
    fn difference(&self) -> Difference {
        let (now, target) = (&self.member.assigned, self.goal.target);
        let mut difference = Difference::default();
        for (task, epoch) in &now.active {
            let part = if target.active.contains(task) { &mut difference.kept } else { &mut difference.revoked };
            part.active.insert(task.clone(), *epoch);
        }
        for task in target.active.iter().filter(|task| !now.active.contains_key(*task)) {
            if self.is_unreleased_active(task) {
                difference.waits = true;
            } else {
                difference.gained.active.insert(task.clone(), self.goal.assignment_epoch);
            }
        }
        let mut waits = false;
        let mut copies = |now: &TaskSet, target: &TaskSet, is_unreleased: &dyn Fn(&TaskId) -> bool| {
            let (kept, revoked): (Vec<&TaskId>, Vec<&TaskId>) = now.iter().partition(|task| target.contains(*task));
            let (unreleased, gained): (Vec<&TaskId>, Vec<&TaskId>) =
                target.iter().filter(|task| !now.contains(*task)).partition(|task| is_unreleased(task));
            waits |= !unreleased.is_empty();
            [kept, revoked, gained].map(|tasks| tasks.into_iter().cloned().collect::<TaskSet>())
        };
        let Difference { kept, revoked, gained, .. } = &mut difference;
        [kept.standby, revoked.standby, gained.standby] =
            copies(&now.standby, &target.standby, &|task| self.is_unreleased_standby(task));
        [kept.warmup, revoked.warmup, gained.warmup] = copies(&now.warmup, &target.warmup, &|task| self.is_unreleased_warmup(task));
        difference.waits |= waits;
        difference
    }

    fn is_unreleased_active(&self, task: &TaskId) -> bool {
        self.group.active_process(task).is_some() || self.is_standby_beside(task) || self.is_warmup_beside(task)
    }

    fn is_unreleased_standby(&self, task: &TaskId) -> bool {
        let runs_beside = self.is_active_here(task) && !self.member.assigned.active.contains_key(task);
        runs_beside || self.group.has_standby(task, &self.member.process_id) || self.is_warmup_beside(task)
    }

    fn is_unreleased_warmup(&self, task: &TaskId) -> bool {
        self.is_active_here(task) || self.is_standby_beside(task) || self.group.has_warmup(task, &self.member.process_id)
    }

    /// Does a member of this process run the task?
    fn is_active_here(&self, task: &TaskId) -> bool {
        self.group.active_process(task) == Some(&self.member.process_id)
    }

    /// Does another member of this process keep a copy of the task's state?
    fn is_standby_beside(&self, task: &TaskId) -> bool {
        self.group.has_standby(task, &self.member.process_id) && !self.member.assigned.standby.contains(task)
    }

    fn is_warmup_beside(&self, task: &TaskId) -> bool {
        self.group.has_warmup(task, &self.member.process_id) && !self.member.assigned.warmup.contains(task)
    }

    /// `demoteActiveTasksToStandby`, `convertReplicaRole`.
    fn change_roles(&self, difference: &mut Difference) {
        let now = &self.member.assigned;
        let Difference { kept, revoked, gained, .. } = difference;
        for task in now.active.keys().filter(|task| gained.standby.remove(*task)) {
            kept.standby.insert(task.clone());
        }
        for task in now.standby.iter().filter(|task| gained.warmup.remove(*task)) {
            kept.warmup.insert(task.clone());
            revoked.standby.remove(task);
        }
        for task in now.warmup.iter().filter(|task| gained.standby.remove(*task)) {
            kept.standby.insert(task.clone());
            revoked.warmup.remove(task);
        }
    }

    /// `applyPromotionsToActive`: a copy of what is to become active is kept until it does. Gives whether there is anything to
    /// give up first.
    fn promote(&self, difference: &mut Difference) -> bool {
        let now = &self.member.assigned;
        let Difference { kept, revoked, gained, .. } = difference;
        let is_promoted = |task: &&TaskId| self.goal.target.active.contains(*task);
        for (now, revoked) in [(&now.standby, &mut revoked.standby), (&now.warmup, &mut revoked.warmup)] {
            for task in now.iter().filter(is_promoted) {
                revoked.remove(task);
            }
        }
        let must_give_up = !revoked.is_empty() && self.goal.still_runs(revoked);
        let granted = |gained: &SortedMap<TaskId, i32>, task: &TaskId| !must_give_up && gained.contains_key(task);
        for (now, kept) in [(&now.standby, &mut kept.standby), (&now.warmup, &mut kept.warmup)] {
            for task in now.iter().filter(is_promoted).filter(|task| !granted(&gained.active, task)) {
                kept.insert(task.clone());
            }
        }
        must_give_up
    }
}

#[cfg(test)]
mod tests {
    // A test may panic: that is how it fails.
    #![allow(clippy::unwrap_used)]

    use serde_json::{Value, json};

    use super::*;

    fn array(value: &Value) -> &[Value] {
        value.as_array().unwrap()
    }

    /// `0_1`, or `0_1@3`: the task, and its epoch.
    fn task(value: &Value) -> (TaskId, i32) {
        let (task, epoch) = value.as_str().map(|text| text.split_once('@').unwrap_or((text, "0"))).unwrap();
        let (id, partition) = task.split_once('_').unwrap();
        (TaskId::new(id, partition.parse().unwrap()), epoch.parse().unwrap())
    }

    fn set(value: &Value) -> TaskSet {
        array(value).iter().map(|value| task(value).0).collect()
    }

    fn assigned(value: &Value) -> AssignedTasks {
        AssignedTasks { active: array(&value[0]).iter().map(task).collect(), standby: set(&value[1]), warmup: set(&value[2]) }
    }

    fn tasks(value: &Value) -> Tasks {
        Tasks { active: set(&value[0]), standby: set(&value[1]), warmup: set(&value[2]) }
    }

    fn member(value: &Value) -> StreamsMember {
        let states = [TasksState::Stable, TasksState::UnrevokedTasks, TasksState::UnreleasedTasks];
        let number = |name: &str| value[name].as_i64().unwrap() as i32;
        StreamsMember {
            process_id: value["process"].as_str().unwrap().into(),
            state: states.into_iter().find(|state| value["state"] == state.name()).unwrap(),
            epoch: number("epoch"),
            previous_epoch: number("previous"),
            assigned: assigned(&value["assigned"]),
            pending_revocation: assigned(&value["pending"]),
            ..StreamsMember::new(value["id"].as_str().unwrap().into())
        }
    }

    fn told(tasks: &AssignedTasks) -> Value {
        let set = |tasks: &TaskSet| tasks.iter().map(ToString::to_string).collect::<Vec<_>>();
        let active: Vec<String> = tasks.active.iter().map(|(task, epoch)| format!("{task}@{epoch}")).collect();
        json!([active, set(&tasks.standby), set(&tasks.warmup)])
    }

    /// Against Kafka's own `CurrentAssignmentBuilder`, with members that have whatever chance gave them.
    #[test]
    fn steps_are_kafkas() {
        let vectors = include_str!("../../../../tests/vectors/streams-groups.jsonl");
        let rows = vectors.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut checked = 0;
        for row in rows.filter(|row| row["kind"] == "step") {
            let mut group = StreamsGroup::new();
            array(&row["members"]).iter().for_each(|told| group.put(member(told)));
            let (target, owned) = (tasks(&row["target"]), Some(&row["owned"]).filter(|owned| !owned.is_null()).map(tasks));
            let assignment_epoch = row["epoch"].as_i64().unwrap() as i32;
            let goal = Goal { assignment_epoch, target: &target, owned: owned.as_ref() };
            let after = step(&group, group.members.get(row["member"].as_str().unwrap()).unwrap(), &goal);
            let after = json!({
                "id": after.member_id.as_str(), "process": &*after.process_id, "state": after.state.name(), "epoch": after.epoch,
                "previous": after.previous_epoch, "assigned": told(&after.assigned), "pending": told(&after.pending_revocation),
            });
            assert_eq!(after, row["result"], "{row}");
            checked += 1;
        }
        assert_eq!(checked, 400);
    }
}
