//! IncrementalAlterConfigs (key 44).
//!
//! - Of a broker this very broker is asked; what may change while it runs is in `configs::validate_broker`.
//! - Another `min.insync.replicas` clears the eligible leaders: a topic's of its partitions, that of all brokers of all (KIP-966).
//! - A group need not be there to have settings.

use super::ErrorCode;
use crate::base::{BrokerId, GroupId, TopicName};

/// What has settings.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ConfigResource {
    Topic(TopicName),
    Broker(BrokerId),
    Group(GroupId),
    /// All brokers, as far as they have none of their own.
    Brokers,
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
