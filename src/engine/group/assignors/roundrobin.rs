//! `RoundRobinAssignor`: all partitions of all topics in order, dealt to the members in order, like cards.
//!
//! ```text
//!   t1: 0 1 2, t2: 0 1 2, 2 members     m1 [t1-0 t1-2 t2-1]   m2 [t1-1 t2-0 t2-2]
//! ```
//!
//! A member that does not subscribe to the partition's topic is passed over. Racks play no part.

use super::{AssignableTopic, Assignment, in_assignor_order};
use crate::base::{SortedMap, SortedSet, TopicName, TopicPartition};
use crate::engine::protocol::JoinedMember;

/// The name in `partition.assignment.strategy` and on the wire.
pub const NAME: &str = "roundrobin";

pub fn assign(topics: &SortedMap<TopicName, AssignableTopic>, members: &[JoinedMember]) -> Assignment {
    let ordered = in_assignor_order(members);
    let subscribed: Vec<SortedSet<&TopicName>> = ordered.iter().map(|member| member.subscription.topics.iter().collect()).collect();
    let mut dealt: Vec<Vec<TopicPartition>> = vec![Vec::new(); ordered.len()];
    let mut next = 0;
    for (topic, info) in topics {
        if !subscribed.iter().any(|topics| topics.contains(topic)) {
            continue;
        }
        for partition in 0..info.partition_count {
            while !subscribed[next].contains(topic) {
                next = (next + 1) % ordered.len();
            }
            dealt[next].push(TopicPartition::new(topic.clone(), partition));
            next = (next + 1) % ordered.len();
        }
    }
    ordered.iter().map(|member| member.member_id.clone()).zip(dealt).collect()
}
