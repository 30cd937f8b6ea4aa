//! `RangeAssignor`: topic by topic, members in order, each gets one run of neighbouring partitions.
//!
//! ```text
//!   7 partitions, 3 members     m1 [0 1 2]   m2 [3 4]   m3 [5 6]      7 / 3 = 2, and 1 extra for the first
//! ```
//!
//! - Members are ordered by group.instance.id where both have one, static ones before dynamic ones, else by member id.
//! - With racks (KIP-881) a first round gives partitions to members in a rack of theirs, up to each member's share;
//!   topics with the same members and partition count stay co-partitioned. The plain round places the rest.

use super::numbered::{Numbered, Topic};
use super::{AssignableTopic, Assignment, Member, in_assignor_order};
use crate::base::{SortedMap, SortedSet, TopicName};

/// The name in `partition.assignment.strategy` and on the wire.
pub const NAME: &str = "range";

/// `RangeAssignor.TopicAssignmentState`. Partitions count from 0 in the topic.
struct TopicState<'a, 't> {
    topic: &'t Topic<'a>,
    /// Subscribed members: their places in the order of all.
    members: Vec<usize>,
    /// For each of them its rack, and how many partitions it has.
    racks: Vec<Option<&'a str>>,
    has: Vec<usize>,
    is_given: Vec<bool>,
    share: usize,
    /// Members that may still get one more than their share.
    extra: usize,
    rack_aware: bool,
}

impl<'a, 't> TopicState<'a, 't> {
    fn new(topic: &'t Topic<'a>, members: Vec<usize>, ordered: &[Member<'a>]) -> Self {
        let racks: Vec<Option<&str>> = members.iter().map(|member| ordered[*member].rack).collect();
        Self {
            topic,
            has: vec![0; members.len()],
            is_given: vec![false; topic.count],
            share: topic.count / members.len(),
            extra: topic.count % members.len(),
            rack_aware: needs_racks(&racks, &topic.info.replica_racks),
            members,
            racks,
        }
    }

    fn racks_match(&self, rack: Option<&str>, partition: usize) -> bool {
        let replicas = || self.topic.info.replica_racks.get(partition).map_or(&[][..], Vec::as_slice);
        rack.is_none_or(|rack| replicas().iter().any(|replica| replica == rack))
    }

    /// How many more partitions a member may get.
    fn room(&self, member: usize) -> usize {
        (self.share + usize::from(self.extra > 0)).saturating_sub(self.has[member])
    }

    fn give(&mut self, member: usize, partition: usize, assignment: &mut [Vec<usize>]) {
        self.is_given[partition] = true;
        assignment[self.members[member]].push(self.topic.first + partition);
        self.has[member] += 1;
    }

    /// The member has got what it gets for now.
    fn gave(&mut self, member: usize, before: usize) {
        if self.has[member] > before.max(self.share) {
            self.extra -= 1;
        }
    }

    /// Gives each member in order a run of what is left, up to its room.
    fn give_ranges(&mut self, by_rack: bool, assignment: &mut [Vec<usize>]) {
        let mut from = 0;
        for member in 0..self.members.len() {
            let (before, rack) = (self.has[member], self.racks[member]);
            let until = before + self.room(member);
            // In a rack a later member may like what this one passes over.
            let mut partition = if by_rack { 0 } else { from };
            while self.has[member] < until && partition < self.topic.count {
                if !self.is_given[partition] && (!by_rack || self.racks_match(rack, partition)) {
                    self.give(member, partition, assignment);
                }
                partition += 1;
            }
            from = partition;
            self.gave(member, before);
        }
    }
}

/// Racks matter when members and replicas share one, and not every partition is in every rack.
fn needs_racks(member_racks: &[Option<&str>], replica_racks: &[Vec<String>]) -> bool {
    if member_racks.iter().all(Option::is_none) {
        return false;
    }
    let all: SortedSet<&str> = replica_racks.iter().flatten().map(String::as_str).collect();
    if !member_racks.iter().flatten().any(|rack| all.contains(*rack)) {
        return false;
    }
    !replica_racks.iter().all(|racks| racks.iter().map(String::as_str).collect::<SortedSet<_>>() == all)
}

/// The assignment of all `topics` among `members`.
pub(super) fn assign<'a>(
    topics: &'a SortedMap<TopicName, AssignableTopic>,
    members: impl Iterator<Item = Member<'a>>,
) -> Assignment {
    let ordered = in_assignor_order(members);
    let all = Numbered::new(topics, &ordered.iter().map(|member| member.topics).collect::<Vec<_>>());
    let mut assignment: Vec<Vec<usize>> = vec![Vec::new(); ordered.len()];
    let subscribers = all.topics.iter().zip(all.subscribers());
    let mut states: Vec<TopicState<'_, '_>> =
        subscribers.map(|(topic, members)| TopicState::new(topic, members, &ordered)).collect();
    let rack_aware = states.iter().any(|state| state.rack_aware);
    if rack_aware {
        give_by_rack(&mut states, &mut assignment);
    }
    for state in &mut states {
        state.give_ranges(false, &mut assignment);
    }
    if rack_aware {
        assignment.iter_mut().for_each(|partitions| partitions.sort_unstable());
    }
    all.named(ordered.iter().map(|member| member.member_id), &assignment)
}

/// `RangeAssignor.assignWithRackMatching`.
fn give_by_rack(states: &mut [TopicState<'_, '_>], assignment: &mut [Vec<usize>]) {
    let mut alike: SortedMap<(Vec<usize>, usize), Vec<usize>> = SortedMap::new();
    for (at, state) in states.iter().enumerate() {
        alike.get_or_default((state.members.clone(), state.topic.count)).push(at);
    }
    for ((_, partition_count), group) in alike {
        match group.as_slice() {
            [at] => {
                if states[*at].rack_aware {
                    states[*at].give_ranges(true, assignment);
                }
            }
            _ => give_co_partitioned(states, &group, partition_count, assignment),
        }
    }
}

/// Partition by partition, over all these topics at once, to the first member whose rack fits in every topic.
fn give_co_partitioned(states: &mut [TopicState<'_, '_>], group: &[usize], partition_count: usize, assignment: &mut [Vec<usize>]) {
    let racks = states[group[0]].racks.clone();
    let mut remaining: Vec<usize> = (0..racks.len()).collect();
    for partition in 0..partition_count {
        let fits = |member: &usize| {
            group.iter().all(|at| states[*at].racks_match(racks[*member], partition) && states[*at].room(*member) > 0)
        };
        let Some(member) = remaining.iter().copied().find(fits) else {
            continue;
        };
        for at in group {
            let before = states[*at].has[member];
            states[*at].give(member, partition, assignment);
            states[*at].gave(member, before);
        }
        if group.iter().all(|at| states[*at].room(member) == 0) {
            remaining.retain(|other| *other != member);
        }
    }
}
