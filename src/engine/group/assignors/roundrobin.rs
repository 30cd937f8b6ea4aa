//! `RoundRobinAssignor`: all partitions of all topics in order, dealt to the members in order, like cards.
//!
//! ```text
//!   t1: 0 1 2, t2: 0 1 2, 2 members     m1 [t1-0 t1-2 t2-1]   m2 [t1-1 t2-0 t2-2]
//! ```
//!
//! A member that does not subscribe to the partition's topic is passed over. Racks play no part.

use super::numbered::Numbered;
use super::{AssignableTopic, Assignment, Member, in_assignor_order};
use crate::base::{SortedMap, TopicName};
use crate::engine::protocol::JoinedMember;

/// The name in `partition.assignment.strategy` and on the wire.
pub const NAME: &str = "roundrobin";

pub fn assign(topics: &SortedMap<TopicName, AssignableTopic>, members: &[JoinedMember]) -> Assignment {
    let ordered = in_assignor_order(members.iter().map(Member::joined));
    let all = Numbered::new(topics, &ordered.iter().map(|member| member.topics).collect::<Vec<_>>());
    let mut dealt: Vec<Vec<usize>> = vec![Vec::new(); ordered.len()];
    let mut next = 0;
    for (partition, topic) in all.topic_of.iter().enumerate() {
        while !all.subscribed[next].contains(topic) {
            next = (next + 1) % ordered.len();
        }
        dealt[next].push(partition);
        next = (next + 1) % ordered.len();
    }
    all.named(ordered.iter().map(|member| member.member_id), &dealt)
}
