//! DescribeQuorum (key 55): who leads the metadata log, and how far the controllers and brokers that follow it are.

use crate::base::{BrokerId, Offset, Timestamp, TopicId};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribeQuorumResponse {
    pub leader: BrokerId,
    pub leader_epoch: i32,
    pub high_watermark: Offset,
    pub voters: Vec<QuorumReplica>,
    pub observers: Vec<QuorumReplica>,
}

/// `QuorumInfo.ReplicaState`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct QuorumReplica {
    pub id: BrokerId,
    /// The id of its folder, which a voter of a static quorum does not tell.
    pub directory_id: Option<TopicId>,
    pub log_end_offset: Offset,
    pub last_fetch: Timestamp,
    pub last_caught_up: Timestamp,
}
