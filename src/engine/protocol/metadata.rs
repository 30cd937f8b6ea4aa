//! Metadata (key 3): which topics and brokers there are, and who leads what.
//!
//! - `topics: None` asks for all of them.
//! - An unknown topic is created when the client and the broker allow it; this answer still carries
//!   `UNKNOWN_TOPIC_OR_PARTITION` or `LEADER_NOT_AVAILABLE`, and the client asks again.

use super::ErrorCode;
use crate::base::{BrokerId, SortedMap, TopicId, TopicName};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MetadataRequest {
    pub topics: Option<Vec<TopicName>>,
    pub allow_auto_topic_creation: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MetadataResponse {
    /// Those that live.
    pub brokers: Vec<BrokerId>,
    /// `broker.rack` of those among them that have one.
    pub racks: SortedMap<BrokerId, String>,
    pub controller: BrokerId,
    pub topics: Vec<TopicMetadata>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TopicMetadata {
    pub name: TopicName,
    pub topic_id: TopicId,
    pub error: Option<ErrorCode>,
    pub internal: bool,
    pub partitions: Vec<PartitionMetadata>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PartitionMetadata {
    pub partition: i32,
    /// `None` while there is no leader.
    pub leader: Option<BrokerId>,
    pub leader_epoch: i32,
    pub replicas: Vec<BrokerId>,
    pub isr: Vec<BrokerId>,
    pub elr: Vec<BrokerId>,
    pub last_known_elr: Vec<BrokerId>,
}
