//! AlterPartitionReassignments (key 45), ListPartitionReassignments (key 46) (KIP-455).
//!
//! - New replicas are added first; when all of them are in sync, the old ones go.
//! - The number of replicas may change, unless the request says no.
//! - No replicas at all cancel a reassignment: the partition goes back to what it was.

use super::ErrorCode;
use crate::base::{BrokerId, TopicPartition};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterReassignmentsRequest {
    /// Partition and its final replicas; `None` cancels.
    pub partitions: Vec<(TopicPartition, Option<Vec<BrokerId>>)>,
    /// May a partition get more or fewer replicas than it had (KIP-860)?
    pub allow_replication_factor_change: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterReassignmentsResponse {
    pub partitions: Vec<(TopicPartition, Option<(ErrorCode, String)>)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ListReassignmentsResponse {
    pub partitions: Vec<OngoingReassignment>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OngoingReassignment {
    pub topic_partition: TopicPartition,
    pub replicas: Vec<BrokerId>,
    pub adding: Vec<BrokerId>,
    pub removing: Vec<BrokerId>,
}
