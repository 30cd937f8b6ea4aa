//! The topics of the coordinators, and which of their partitions is whose home.

use crate::base::java::string_hash;
use crate::base::{GroupId, TopicId, TopicPartition};

/// Where groups keep their offsets.
pub const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// The partition of `__consumer_offsets` that holds a group (`GroupCoordinatorService.partitionFor`). `Utils.abs` is not
/// `Utils.toPositive`: it negates, and only the smallest number, which has no counterpart, becomes 0.
pub fn group_partition(group: &GroupId, partitions: i32) -> i32 {
    string_hash(group.as_str()).checked_abs().unwrap_or(0) % partitions.max(1)
}

/// Where share groups keep how far they are.
pub const STATE_TOPIC: &str = "__share_group_state";

/// The partition of `__share_group_state` that keeps a share partition (`ShareCoordinatorService.partitionFor`).
pub fn state_partition(key: &(GroupId, TopicPartition), topic_id: TopicId, partitions: i32) -> TopicPartition {
    let text = format!("{}:{}:{}", key.0, topic_id, key.1.partition);
    TopicPartition::new(STATE_TOPIC, string_hash(&text).checked_abs().unwrap_or(0) % partitions.max(1))
}

/// Is the group kept in this partition?
pub fn lives_in(group: &GroupId, partition: i32, partitions: i32) -> bool {
    group_partition(group, partitions) == partition
}
