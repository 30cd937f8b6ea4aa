//! CreatePartitions (key 37): raises a topic's partition count. It never shrinks, and no record moves.

use super::create_topics::TopicResult;
use crate::base::{BrokerId, TopicName};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CreatePartitionsRequest {
    pub topic: TopicName,
    /// The new total.
    pub count: i32,
    /// Replicas of each new partition; `None` to let the controller place them.
    pub replica_assignment: Option<Vec<Vec<BrokerId>>>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CreatePartitionsResponse {
    pub result: TopicResult,
}
