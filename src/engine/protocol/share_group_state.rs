//! What brokers ask a share coordinator (KIP-932): InitializeShareGroupState (key 83), ReadShareGroupState (84),
//! WriteShareGroupState (85), DeleteShareGroupState (86) and ReadShareGroupStateSummary (87).
//!
//! - A request asks the same of some share partitions of one group, whose state one partition of `__share_group_state` keeps.
//! - It is answered when what was written for it is committed; `NOT_COORDINATOR` where another broker leads that partition.
//! - A write or read with a leader epoch below the last one is refused with `FENCED_LEADER_EPOCH`.

use std::rc::Rc;

use super::ErrorCode;
use crate::base::{GroupId, Offset, TopicPartition};
use crate::engine::protocol::RecordState;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShareGroupStateRequest {
    pub group_id: GroupId,
    /// The partition of `__share_group_state`.
    pub home: i32,
    /// What is asked of each share partition: all of one kind.
    pub partitions: Vec<(TopicPartition, StateOperation)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum StateOperation {
    /// Sets a start anew, or has share.auto.offset.reset decide it.
    Initialize {
        state_epoch: i32,
        start_offset: Offset,
    },
    /// By the leader of the partition, which is known from then on.
    Read {
        leader_epoch: i32,
    },
    Write {
        leader_epoch: i32,
        write: StateWrite,
    },
    Delete,
    /// By the group's coordinator: changes nothing.
    ReadSummary,
}

impl StateOperation {
    /// Of the request in Kafka's protocol guide.
    pub fn api_key(&self) -> i16 {
        match self {
            Self::Initialize { .. } => 83,
            Self::Read { .. } => 84,
            Self::Write { .. } => 85,
            Self::Delete => 86,
            Self::ReadSummary => 87,
        }
    }
}

impl ShareGroupStateRequest {
    pub fn api_key(&self) -> i16 {
        self.partitions.first().map_or(87, |(_, operation)| operation.api_key())
    }

    /// The answer that says the same error of all.
    pub fn refused(&self, error: ErrorCode) -> ShareGroupStateResponse {
        let partitions = self.partitions.iter().map(|(partition, _)| (partition.clone(), Err(error))).collect();
        ShareGroupStateResponse { api_key: self.api_key(), partitions }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShareGroupStateResponse {
    pub api_key: i16,
    /// In the order in which they were asked for: the state after the operation; `None` where none is kept.
    pub partitions: Vec<(TopicPartition, StateResult)>,
}

impl ShareGroupStateResponse {
    pub fn api_key(&self) -> i16 {
        self.api_key
    }

    /// The answer that says the same error of all.
    pub fn refused(&self, error: ErrorCode) -> Self {
        let partitions = self.partitions.iter().map(|(partition, _)| (partition.clone(), Err(error))).collect();
        Self { api_key: self.api_key, partitions }
    }
}

pub type StateResult = Result<Option<Rc<ShareGroupOffset>>, ErrorCode>;

/// What is kept of a share partition: records from first to last offset (inclusive) that have been in flight.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct StateBatch {
    pub first_offset: Offset,
    pub last_offset: Offset,
    pub state: RecordState,
    pub delivery_count: u16,
}

/// What is to be kept of a change. The start is the one *before* the change: the next write carries the new one.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StateWrite {
    pub start_offset: Offset,
    pub delivery_complete_count: i64,
    pub batches: Vec<StateBatch>,
}

/// How far a share group is in a partition, as a share coordinator keeps it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShareGroupOffset {
    pub snapshot_epoch: i32,
    /// The group's epoch when its start was set.
    pub state_epoch: i32,
    pub leader_epoch: i32,
    pub start_offset: Offset,
    /// Records after the start that are done with.
    pub delivery_complete_count: i64,
    pub batches: Rc<[StateBatch]>,
    /// Update records since the last snapshot record.
    pub updates: u32,
}
