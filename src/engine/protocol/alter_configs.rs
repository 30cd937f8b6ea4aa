//! IncrementalAlterConfigs (key 44), for topics.

use super::create_topics::TopicResult;
use crate::base::TopicName;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterConfigsRequest {
    pub topic: TopicName,
    /// Name and new value; `None` deletes the topic's own value.
    pub changes: Vec<(String, Option<String>)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterConfigsResponse {
    pub result: TopicResult,
}
