//! CreateTopics (key 19), handled by the controller.

use super::ErrorCode;
use crate::base::{BrokerId, TopicName};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CreateTopicsRequest {
    pub topics: Vec<NewTopic>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct NewTopic {
    pub name: TopicName,
    /// `None`: the broker's `num.partitions`.
    pub partitions: Option<i32>,
    /// `None`: the broker's `default.replication.factor`.
    pub replication_factor: Option<i16>,
    /// Replicas of each partition, leader first; empty to let the controller place them.
    pub replica_assignment: Vec<Vec<BrokerId>>,
    pub configs: Vec<(String, String)>,
}

/// A topic's outcome: an error carries the broker's own message.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TopicResult {
    pub name: TopicName,
    pub error: Option<(ErrorCode, String)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CreateTopicsResponse {
    pub topics: Vec<TopicResult>,
}
