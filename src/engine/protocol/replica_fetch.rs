//! Fetch (key 1) as followers send it: incremental sessions (KIP-227), divergence told in the answer (KIP-595).
//!
//! - A request names only partitions whose position has changed; the first of a session names all.
//! - An answer names only partitions with records, a new high watermark, an error, or a diverging epoch.
//! - What the follower has from an epoch that ended earlier at the leader it truncates before it asks again.

use std::rc::Rc;

use super::ErrorCode;
use crate::base::{Offset, TopicPartition};
use crate::engine::log::Batch;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ReplicaFetchRequest {
    pub max_wait_ms: u64,
    /// The follower's registration: one that has started again is another (KIP-903).
    pub replica_epoch: i64,
    /// Begins a new session: what was known of the follower's partitions is dropped.
    pub full: bool,
    pub partitions: Vec<ReplicaPosition>,
    pub forgotten: Vec<TopicPartition>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ReplicaPosition {
    pub topic_partition: TopicPartition,
    pub fetch_offset: Offset,
    /// Epoch of the follower's last record; -1 for an empty log.
    pub last_fetched_epoch: i32,
    pub current_leader_epoch: i32,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ReplicaFetchResponse {
    pub partitions: Vec<ReplicaFetched>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ReplicaFetched {
    pub topic_partition: TopicPartition,
    pub leader_epoch: i32,
    pub error: Option<ErrorCode>,
    pub high_watermark: Offset,
    pub log_start_offset: Offset,
    /// The last epoch that both logs can have in common, and where it ends at the leader.
    pub diverging: Option<(i32, Offset)>,
    pub batches: Vec<Rc<Batch>>,
}
