//! The share groups' assignor (`SimpleAssignor`): several members may have the same partition.
//!
//! With at least as many partitions as members each partition goes to one member, as evenly as can be; with fewer, each
//! goes to as many members as it takes to give every one something. A member keeps what it has where that allows it.
//! Where members subscribe to different topics, each topic is spread over its own members.
//!
//! Kafka goes through members and partitions in the order of a hash table; here it is the order of ids and names.

use super::{Assignment, TargetMember};
use crate::base::{SortedMap, SortedSet, TopicName, TopicPartition};

pub const NAME: &str = "simple";

/// For members in order of their ids; `topics` has the partitions that may be assigned.
pub fn assign(topics: &SortedMap<TopicName, Vec<i32>>, members: &[TargetMember<'_>]) -> Assignment {
    let mut assignment: Assignment = members.iter().map(|member| (member.member_id.clone(), Vec::new())).collect();
    let partitions_of = |topic: &TopicName| -> Vec<TopicPartition> {
        let partitions = topics.get(topic).into_iter().flatten();
        partitions.map(|partition| TopicPartition::new(topic.clone(), *partition)).collect()
    };
    let Some(first) = members.first() else { return assignment };
    let all: Vec<&TargetMember<'_>> = members.iter().collect();
    if members.iter().all(|member| member.topics == first.topics) {
        let partitions: Vec<TopicPartition> = first.topics.iter().flat_map(partitions_of).collect();
        spread(&partitions, &all, &mut assignment);
        return assignment;
    }
    let mut subscribed: SortedSet<&TopicName> = SortedSet::new();
    subscribed.extend(members.iter().flat_map(|member| member.topics.iter()));
    for topic in &subscribed {
        let own: Vec<&TargetMember<'_>> = members.iter().filter(|member| member.topics.contains(*topic)).collect();
        spread(&partitions_of(topic), &own, &mut assignment);
    }
    assignment
}

/// Spreads partitions over members that all want them, and adds what each gets.
fn spread(partitions: &[TopicPartition], members: &[&TargetMember<'_>], assignment: &mut Assignment) {
    let (partition_count, member_count) = (partitions.len(), members.len());
    if partition_count == 0 || member_count == 0 {
        return;
    }
    let sharing = member_count.div_ceil(partition_count);
    let up_to = |member: usize| (sharing * partition_count * member).div_ceil(member_count);
    let wanted: Vec<usize> = (0..member_count).map(|member| up_to(member + 1) - up_to(member)).collect();
    let mut owned: Vec<SortedSet<usize>> = members
        .iter()
        .map(|member| {
            let kept = |partition: &TopicPartition| partitions.iter().position(|known| known == partition);
            member.previous.iter().filter_map(kept).collect()
        })
        .collect();
    for (owned, wanted) in owned.iter_mut().zip(&wanted) {
        while owned.len() > *wanted {
            drop_first(owned);
        }
    }
    let mut owners: Vec<SortedSet<usize>> = (0..partition_count)
        .map(|partition| (0..member_count).filter(|member| owned[*member].contains(&partition)).collect())
        .collect();
    for (partition, owners) in owners.iter_mut().enumerate() {
        while owners.len() > sharing {
            if let Some(member) = drop_first(owners) {
                owned[member].remove(&partition);
            }
        }
    }
    hand_out(sharing, &wanted, &mut owned, &mut owners);
    for (member, owned) in members.iter().zip(&owned) {
        let own = assignment.get_or_default(member.member_id.clone());
        own.extend(owned.iter().map(|partition| partitions[*partition].clone()));
    }
}

fn drop_first(set: &mut SortedSet<usize>) -> Option<usize> {
    let first = set.iter().next().copied()?;
    set.remove(&first);
    Some(first)
}

/// Members that want more take turns at the partitions that are not shared enough yet.
fn hand_out(sharing: usize, wanted: &[usize], owned: &mut [SortedSet<usize>], owners: &mut [SortedSet<usize>]) {
    let mut unfilled: Vec<usize> = (0..wanted.len()).filter(|member| owned[*member].len() < wanted[*member]).collect();
    let mut turn = 0;
    let mut gave = false;
    for (partition, owners) in owners.iter_mut().enumerate() {
        while owners.len() < sharing && !unfilled.is_empty() {
            if turn >= unfilled.len() {
                if !gave {
                    break;
                }
                turn = 0;
                gave = false;
            }
            let member = unfilled[turn];
            turn += 1;
            if !owners.insert(member) {
                continue;
            }
            owned[member].insert(partition);
            gave = true;
            if owned[member].len() >= wanted[member] {
                turn -= 1;
                unfilled.remove(turn);
            }
        }
    }
}
