//! Lives here: who gets which partition, as the leader of a classic group computes it (`ConsumerPartitionAssignor`).
//! Never here: the coordinator's state, and when an assignment takes effect.

pub mod range;

use crate::base::{MemberId, SortedMap, TopicName, TopicPartition};
use crate::engine::protocol::JoinedMember;

/// What an assignor is told of a topic.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct AssignableTopic {
    pub partition_count: i32,
    /// For each partition the racks of its replicas; empty where racks play no part.
    pub replica_racks: Vec<Vec<String>>,
}

/// Partitions for each member, members without any included.
pub type Assignment = SortedMap<MemberId, Vec<TopicPartition>>;

/// Runs the assignor that the group has chosen. `None` for one that is not known here.
pub fn assign(name: &str, topics: &SortedMap<TopicName, AssignableTopic>, members: &[JoinedMember]) -> Option<Assignment> {
    match name {
        range::NAME => Some(range::assign(topics, members)),
        _ => None,
    }
}
