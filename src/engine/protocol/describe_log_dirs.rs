//! DescribeLogDirs (key 35): the partitions in a broker's log folder, with their sizes.

use crate::base::{BrokerId, TopicPartition};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribeLogDirsRequest {
    /// The broker that is asked.
    pub broker: BrokerId,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribeLogDirsResponse {
    pub partitions: Vec<LogDirPartition>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LogDirPartition {
    pub partition: TopicPartition,
    pub size_bytes: u64,
}
