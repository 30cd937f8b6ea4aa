//! DeleteTopics (key 20), handled by the controller. Committed offsets of the topic are dropped with it.

use super::create_topics::TopicResult;
use crate::base::TopicName;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DeleteTopicsRequest {
    pub topics: Vec<TopicName>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DeleteTopicsResponse {
    pub topics: Vec<TopicResult>,
}
