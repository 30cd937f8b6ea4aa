//! `RangeAssignor`: topic by topic, members in order, each gets one run of neighbouring partitions.
//!
//! ```text
//!   7 partitions, 3 members     m1 [0 1 2]   m2 [3 4]   m3 [5 6]      7 / 3 = 2, and 1 extra for the first
//! ```
//!
//! - Members are ordered by group.instance.id where both have one, static ones before dynamic ones, else by member id.
//! - With racks (KIP-881) a first round gives partitions to members in a rack of theirs, up to each member's share;
//!   topics with the same members and partition count stay co-partitioned. The plain round places the rest.

use super::{AssignableTopic, Assignment, in_assignor_order};
use crate::base::{MemberId, SortedMap, SortedSet, TopicName, TopicPartition};
use crate::engine::protocol::JoinedMember;

/// The name in `partition.assignment.strategy` and on the wire.
pub const NAME: &str = "range";

/// `RangeAssignor.TopicAssignmentState`.
struct TopicState<'a> {
    topic: &'a TopicName,
    partition_count: i32,
    /// Subscribed members in order, with their racks.
    members: Vec<(&'a MemberId, Option<&'a str>)>,
    replica_racks: &'a [Vec<String>],
    unassigned: SortedSet<i32>,
    assigned: SortedMap<&'a MemberId, i32>,
    share: i32,
    /// Members that may still get one more than their share.
    extra: i32,
    rack_aware: bool,
}

impl<'a> TopicState<'a> {
    fn new(topic: &'a TopicName, info: &'a AssignableTopic, ordered: &[&'a JoinedMember]) -> Self {
        let members: Vec<(&MemberId, Option<&str>)> = ordered
            .iter()
            .filter(|member| member.subscription.topics.contains(topic))
            .map(|member| (&member.member_id, member.subscription.rack_id.as_deref()))
            .collect();
        let count = members.len() as i32;
        Self {
            topic,
            partition_count: info.partition_count,
            replica_racks: &info.replica_racks,
            unassigned: (0..info.partition_count).collect(),
            assigned: SortedMap::new(),
            share: if count == 0 { 0 } else { info.partition_count / count },
            extra: if count == 0 { 0 } else { info.partition_count % count },
            rack_aware: needs_racks(&members, &info.replica_racks),
            members,
        }
    }

    fn racks_match(&self, rack: Option<&str>, partition: i32) -> bool {
        rack.is_none_or(|rack| self.racks_of(partition).iter().any(|replica| replica == rack))
    }

    fn racks_of(&self, partition: i32) -> &[String] {
        usize::try_from(partition).ok().and_then(|at| self.replica_racks.get(at)).map_or(&[], Vec::as_slice)
    }

    /// How many more partitions the member may get.
    fn room(&self, member: &MemberId) -> i32 {
        let has = self.assigned.get(member).copied().unwrap_or(0);
        (self.share + i32::from(self.extra > 0) - has).max(0)
    }

    fn give(&mut self, member: &'a MemberId, partitions: &[i32], assignment: &mut Assignment) {
        let has = self.assigned.get_or_insert_with(member, || 0);
        *has += partitions.len() as i32;
        if *has > self.share {
            self.extra -= 1;
        }
        for partition in partitions {
            self.unassigned.remove(partition);
            assignment.get_or_default(member.clone()).push(TopicPartition::new(self.topic.clone(), *partition));
        }
    }

    /// Gives each member in order a run of what is left, up to its room.
    fn give_ranges(&mut self, by_rack: bool, assignment: &mut Assignment) {
        for (member, rack) in self.members.clone() {
            let room = usize::try_from(self.room(member)).unwrap_or(0);
            let partitions: Vec<i32> =
                self.unassigned.iter().copied().filter(|at| !by_rack || self.racks_match(rack, *at)).take(room).collect();
            if !partitions.is_empty() {
                self.give(member, &partitions, assignment);
            }
        }
    }
}

/// Racks matter when members and replicas share one, and not every partition is in every rack.
fn needs_racks(members: &[(&MemberId, Option<&str>)], replica_racks: &[Vec<String>]) -> bool {
    let member_racks: SortedSet<&str> = members.iter().filter_map(|(_, rack)| *rack).collect();
    let all: SortedSet<&str> = replica_racks.iter().flatten().map(String::as_str).collect();
    if !member_racks.iter().any(|rack| all.contains(rack)) {
        return false;
    }
    !replica_racks.iter().all(|racks| racks.iter().map(String::as_str).collect::<SortedSet<_>>() == all)
}

/// The assignment of all `topics` among `members`.
pub fn assign(topics: &SortedMap<TopicName, AssignableTopic>, members: &[JoinedMember]) -> Assignment {
    let ordered = in_assignor_order(members);
    let mut assignment: Assignment = members.iter().map(|member| (member.member_id.clone(), Vec::new())).collect();
    let mut states: Vec<TopicState<'_>> = topics
        .iter()
        .filter(|(_, info)| info.partition_count > 0)
        .map(|(topic, info)| TopicState::new(topic, info, &ordered))
        .collect();
    let rack_aware = states.iter().any(|state| state.rack_aware);
    if rack_aware {
        give_by_rack(&mut states, &mut assignment);
    }
    for state in &mut states {
        state.give_ranges(false, &mut assignment);
    }
    if rack_aware {
        for partitions in assignment.values_mut() {
            partitions.sort();
        }
    }
    assignment
}

/// A member and its rack.
type RackedMember = (MemberId, Option<String>);

/// `RangeAssignor.assignWithRackMatching`.
fn give_by_rack(states: &mut [TopicState<'_>], assignment: &mut Assignment) {
    let mut alike: SortedMap<(Vec<RackedMember>, i32), Vec<usize>> = SortedMap::new();
    for (at, state) in states.iter().enumerate() {
        let members = state.members.iter().map(|(member, rack)| ((*member).clone(), rack.map(str::to_owned))).collect();
        alike.get_or_default((members, state.partition_count)).push(at);
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
fn give_co_partitioned(states: &mut [TopicState<'_>], group: &[usize], partition_count: i32, assignment: &mut Assignment) {
    let mut remaining = states[group[0]].members.clone();
    for partition in 0..partition_count {
        let fits = |member: &MemberId, rack: Option<&str>| {
            group.iter().all(|at| states[*at].racks_match(rack, partition) && states[*at].room(member) > 0)
        };
        let Some((member, _)) = remaining.iter().copied().find(|(member, rack)| fits(member, *rack)) else {
            continue;
        };
        for at in group {
            states[*at].give(member, &[partition], assignment);
        }
        if group.iter().all(|at| states[*at].room(member) == 0) {
            remaining.retain(|(other, _)| *other != member);
        }
    }
}
