//! IncrementalAlterConfigs (key 44), for topics, and for brokers the throttles of a reassignment.
//!
//! - A topic's new `min.insync.replicas` clears the eligible leaders of its partitions (KIP-966).

use super::ErrorCode;
use crate::base::{BrokerId, TopicName};

/// What has settings.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ConfigResource {
    Topic(TopicName),
    Broker(BrokerId),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterConfigsRequest {
    pub resource: ConfigResource,
    /// Name and new value; `None` deletes the resource's own value.
    pub changes: Vec<(String, Option<String>)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterConfigsResponse {
    pub error: Option<(ErrorCode, String)>,
}
