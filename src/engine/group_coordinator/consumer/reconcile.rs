//! A member's next step towards its target (`CurrentAssignmentBuilder`).
//!
//! ```text
//!  assigned now     ┌────────── kept ──────────┬── not in the target ──┐
//!  target                      └──── kept ─────┼── free ──┬── owned by others ──┐
//!                                              │          │
//!  first: give up ◂── what is not in the target┘          └──▸ last: wait for these
//!  then: take what is free, and the target's epoch
//! ```

use super::Refusal;
use crate::base::{SortedMap, SortedSet, TopicName, TopicPartition};
use crate::engine::group::{ConsumerGroup, ConsumerMember, ReconciliationState};
use crate::engine::protocol::ErrorCode;

/// Where a member is to get.
pub(super) struct Goal<'a> {
    pub assignment_epoch: i32,
    pub target: &'a [TopicPartition],
    /// Topics that it subscribes to and that exist.
    pub subscribed: SortedSet<TopicName>,
    /// The subscription has changed in this very request.
    pub subscription_changed: bool,
    /// What the member says it owns, if it says.
    pub owned: Option<&'a [TopicPartition]>,
}

type Partitions = SortedMap<TopicPartition, i32>;

/// The member after the step; as it was when there is none to take.
pub(super) fn step(group: &ConsumerGroup, member: &ConsumerMember, goal: &Goal<'_>) -> ConsumerMember {
    if !goal.subscription_changed && member.is_reconciled_to(goal.assignment_epoch) {
        return member.clone();
    }
    match member.state {
        ReconciliationState::Stable if member.epoch != goal.assignment_epoch => next_assignment(group, member, goal),
        ReconciliationState::UnrevokedPartitions if !goal.still_owns(&member.pending_revocation) => {
            next_assignment(group, member, goal)
        }
        ReconciliationState::UnreleasedPartitions => next_assignment(group, member, goal),
        _ if goal.subscription_changed => drop_unsubscribed(member, goal),
        _ => member.clone(),
    }
}

impl Goal<'_> {
    /// Does the member own one of these? One that does not say does.
    fn still_owns(&self, partitions: &Partitions) -> bool {
        self.owned.is_none_or(|owned| owned.iter().any(|partition| partitions.contains_key(partition)))
    }
}

fn next_assignment(group: &ConsumerGroup, member: &ConsumerMember, goal: &Goal<'_>) -> ConsumerMember {
    let target: SortedSet<&TopicPartition> =
        goal.target.iter().filter(|partition| goal.subscribed.contains(&partition.topic)).collect();
    let (mut assigned, mut revoked) = (Partitions::new(), Partitions::new());
    for (partition, epoch) in &member.assigned {
        let part = if target.contains(&partition) { &mut assigned } else { &mut revoked };
        part.insert(partition.clone(), *epoch);
    }
    if !revoked.is_empty() && goal.still_owns(&revoked) {
        let state = ReconciliationState::UnrevokedPartitions;
        return moved(member, state, member.epoch, assigned, revoked);
    }
    let mut waits = false;
    for partition in target.iter().filter(|partition| !member.assigned.contains_key(**partition)) {
        if group.is_owned(partition) && !member.pending_revocation.contains_key(*partition) {
            waits = true;
        } else {
            assigned.insert((*partition).clone(), goal.assignment_epoch);
        }
    }
    let state = if waits { ReconciliationState::UnreleasedPartitions } else { ReconciliationState::Stable };
    moved(member, state, goal.assignment_epoch, assigned, Partitions::new())
}

/// The subscription has lost a topic: what the member has of it is to be given up at once, whatever the target says.
fn drop_unsubscribed(member: &ConsumerMember, goal: &Goal<'_>) -> ConsumerMember {
    let (mut assigned, mut revoked) = (Partitions::new(), member.pending_revocation.clone());
    for (partition, epoch) in &member.assigned {
        let part = if goal.subscribed.contains(&partition.topic) { &mut assigned } else { &mut revoked };
        part.insert(partition.clone(), *epoch);
    }
    if assigned.len() == member.assigned.len() {
        return member.clone();
    }
    if goal.still_owns(&revoked) {
        return moved(member, ReconciliationState::UnrevokedPartitions, member.epoch, assigned, revoked);
    }
    moved(member, member.state, member.epoch, assigned, member.pending_revocation.clone())
}

fn moved(
    member: &ConsumerMember,
    state: ReconciliationState,
    epoch: i32,
    assigned: Partitions,
    pending_revocation: Partitions,
) -> ConsumerMember {
    ConsumerMember { state, epoch, previous_epoch: member.epoch, assigned, pending_revocation, ..member.clone() }
}

/// `throwIfConsumerGroupMemberEpochIsInvalid`: an older epoch is taken only when it is the one before and the member owns
/// nothing that it should not, as when an answer was lost.
pub(super) fn check_epoch(member: &ConsumerMember, epoch: i32, owned: Option<&[TopicPartition]>) -> Result<(), Refusal> {
    let fenced = |word: &str| {
        let text = format!(
            "The consumer group member has a {word} member epoch ({epoch}) than the one known by the group coordinator ({}). The \
             member must abandon all its partitions and rejoin.",
            member.epoch
        );
        Err((ErrorCode::FencedMemberEpoch, text))
    };
    let owns_no_more = || owned.is_some_and(|owned| owned.iter().all(|partition| member.assigned.contains_key(partition)));
    if epoch == 0 || epoch == member.epoch {
        Ok(())
    } else if epoch > member.epoch {
        fenced("greater")
    } else if epoch == member.previous_epoch && owns_no_more() {
        Ok(())
    } else {
        fenced("smaller")
    }
}
