//! `StickyAssignor` and `CooperativeStickyAssignor` (`AbstractStickyAssignor`): as balanced as can be, and of those
//! assignments one that moves little.
//!
//! - All members subscribe to the same topics: each keeps what it owns up to its quota (`total / members`, one more for
//!   the first of them), the rest is dealt to those below it. That is `constrained` here, and linear.
//! - Else `general` starts from what is owned and moves single partitions while that makes it more balanced.
//! - Cooperative: a partition that is to change hands is left out, so that its owner gives it up first; the next
//!   rebalance, which follows at once, hands it on.
//!
//! Where Kafka goes through a hash map of members, they are taken by member id here.

use std::collections::VecDeque;

use super::general;
use super::problem::Problem;
use super::{AssignableTopic, Assignment};
use crate::base::{SortedMap, TopicName};
use crate::engine::protocol::JoinedMember;

/// The names in `partition.assignment.strategy` and on the wire.
pub const NAME: &str = "sticky";
pub const COOPERATIVE_NAME: &str = "cooperative-sticky";

pub fn assign(topics: &SortedMap<TopicName, AssignableTopic>, members: &[JoinedMember]) -> Assignment {
    let problem = Problem::new(topics, members, false);
    problem.named(&solve(&problem))
}

/// `CooperativeStickyAssignor.adjustAssignment`: without what someone else still owns.
pub fn assign_cooperative(topics: &SortedMap<TopicName, AssignableTopic>, members: &[JoinedMember]) -> Assignment {
    let problem = Problem::new(topics, members, true);
    let mut assignment = solve(&problem);
    // Who else has to give a partition up first. With equal subscriptions only valid claims count, else all.
    let claims = if problem.all.equal { &problem.owned } else { &problem.claims };
    let mut is_claimed = vec![false; problem.all.topic_of.len()];
    claims.iter().flatten().for_each(|partition| is_claimed[*partition] = true);
    // The member that was last seen to claim a partition: of those at hand its own.
    let mut claimed_by = vec![usize::MAX; problem.all.topic_of.len()];
    for (member, (partitions, own)) in assignment.iter_mut().zip(claims).enumerate() {
        own.iter().for_each(|partition| claimed_by[*partition] = member);
        let free = |partition: &usize| !is_claimed[*partition] || claimed_by[*partition] == member;
        partitions.retain(|partition| free(partition) && !(problem.all.equal && problem.contested.contains(partition)));
    }
    problem.named(&assignment)
}

fn solve(problem: &Problem<'_>) -> Vec<Vec<usize>> {
    if problem.members.is_empty() {
        return Vec::new();
    }
    if problem.all.equal { Constrained::new(problem).build() } else { general::build(problem) }
}

/// `ConstrainedAssignmentBuilder`.
struct Constrained<'p, 'a> {
    problem: &'p Problem<'a>,
    min_quota: usize,
    max_quota: usize,
    /// How many members get more than `min_quota`, and how many do already.
    over_min_wanted: usize,
    over_min: usize,
    assignment: Vec<Vec<usize>>,
    is_assigned: Vec<bool>,
    below_min: Vec<usize>,
    at_min: VecDeque<usize>,
}

impl<'p, 'a> Constrained<'p, 'a> {
    fn new(problem: &'p Problem<'a>) -> Self {
        let (members, total) = (problem.members.len(), problem.all.topic_of.len());
        Self {
            problem,
            min_quota: total / members,
            max_quota: total.div_ceil(members),
            over_min_wanted: total % members,
            over_min: 0,
            assignment: vec![Vec::new(); members],
            is_assigned: vec![false; total],
            below_min: Vec::new(),
            at_min: VecDeque::new(),
        }
    }

    fn build(mut self) -> Vec<Vec<usize>> {
        for member in 0..self.assignment.len() {
            self.keep_owned(member);
        }
        let mut unassigned: Vec<usize> = (0..self.is_assigned.len()).filter(|partition| !self.is_assigned[*partition]).collect();
        if self.problem.racks.matter {
            unassigned.sort_by_key(|partition| self.problem.racks.members_near(*partition));
            self.deal_by_rack(&mut unassigned);
        }
        self.deal(&unassigned);
        self.assignment
    }

    fn keep_owned(&mut self, member: usize) {
        let problem = self.problem;
        let mut owned: Vec<usize> = problem.owned[member]
            .iter()
            .copied()
            .filter(|partition| !problem.racks.mismatch(member, *partition) && !problem.contested.contains(partition))
            .collect();
        owned.sort_by_key(|partition| (problem.all.place(*partition), *partition));
        if owned.len() < self.min_quota {
            self.below_min.push(member);
        } else if owned.len() >= self.max_quota && self.over_min < self.over_min_wanted {
            self.over_min += 1;
            if self.over_min == self.over_min_wanted {
                self.at_min.clear();
            }
            owned.truncate(self.max_quota);
        } else {
            owned.truncate(self.min_quota);
            if self.over_min < self.over_min_wanted {
                self.at_min.push_back(member);
            }
        }
        owned.iter().for_each(|partition| self.is_assigned[*partition] = true);
        self.assignment[member] = owned;
    }

    /// The next member, from `from` on and around, that is near the partition.
    fn next_near(&self, partition: usize, members: &[usize], from: usize) -> Option<usize> {
        let near = |at: &usize| self.problem.racks.share(members[*at], partition);
        (from..members.len()).find(near).or_else(|| (0..from.min(members.len())).find(near))
    }

    /// `assignRackAwareRoundRobin`: takes what it deals out of `unassigned`.
    fn deal_by_rack(&mut self, unassigned: &mut Vec<usize>) {
        let mut from = 0;
        let mut left = Vec::new();
        for partition in std::mem::take(unassigned) {
            if let Some(mut at) = self.next_near(partition, &self.below_min, from) {
                let member = self.below_min[at];
                self.assignment[member].push(partition);
                let count = self.assignment[member].len();
                if count >= self.min_quota {
                    self.below_min.remove(at);
                    if count < self.max_quota && self.over_min < self.over_min_wanted {
                        self.at_min.push_back(member);
                    }
                } else {
                    at += 1;
                }
                from = if self.below_min.is_empty() { 0 } else { at % self.below_min.len() };
                continue;
            }
            self.at_min.make_contiguous();
            let near = self.next_near(partition, self.at_min.as_slices().0, 0);
            match near.and_then(|at| self.at_min.get(at).copied().map(|member| (at, member))) {
                Some((at, member)) => {
                    self.assignment[member].push(partition);
                    if self.assignment[member].len() == self.max_quota {
                        self.at_min.remove(at);
                        self.over_min += 1;
                        if self.over_min == self.over_min_wanted {
                            self.at_min.clear();
                        }
                    }
                }
                None => left.push(partition),
            }
        }
        *unassigned = left;
    }

    /// `assignRoundRobin`.
    fn deal(&mut self, unassigned: &[usize]) {
        // Who still needs some in this round, and in the next one.
        let mut round: VecDeque<usize> = self.below_min.iter().copied().collect();
        let mut next_round = VecDeque::new();
        for partition in unassigned {
            if round.is_empty() {
                std::mem::swap(&mut round, &mut next_round);
            }
            let Some(member) = round.pop_front().or_else(|| self.at_min.pop_front()) else {
                return;
            };
            self.assignment[member].push(*partition);
            match self.assignment[member].len() {
                count if count < self.min_quota => next_round.push_back(member),
                count if count == self.min_quota => self.at_min.push_back(member),
                _ => {}
            }
        }
    }
}
