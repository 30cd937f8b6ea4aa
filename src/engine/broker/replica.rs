//! One replica of a partition on one broker: its log, its high watermark, and what it knows of producers.

use std::collections::VecDeque;

use crate::base::{Offset, SimTime, SortedMap};
use crate::engine::error::ErrorCode;
use crate::engine::log::{Batch, PartitionLog};

/// Batches remembered for each producer (`ProducerStateEntry.NUM_BATCHES_TO_RETAIN`).
const BATCHES_REMEMBERED: usize = 5;

#[derive(Clone, Hash, Debug)]
pub struct Replica {
    pub log: PartitionLog,
    /// Readers see what lies below it.
    pub high_watermark: Offset,
    pub producers: SortedMap<i64, ProducerState>,
}

/// The last batches of one idempotent producer, so that its retries can be told from new records.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ProducerState {
    pub producer_epoch: i16,
    pub last_sequence: i32,
    pub recent: VecDeque<RecentBatch>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RecentBatch {
    pub base_sequence: i32,
    pub last_sequence: i32,
    pub base_offset: Offset,
}

/// What a batch is to a log that knows its producer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SequenceCheck {
    InOrder,
    /// Already here, with its first record at this offset.
    Duplicate(Offset),
    Refused(ErrorCode),
}

impl Replica {
    pub fn new(now: SimTime) -> Self {
        Self { log: PartitionLog::new(now), high_watermark: Offset::ZERO, producers: SortedMap::new() }
    }

    /// `ProducerAppendInfo.checkSequence` and `ProducerStateEntry.findDuplicateBatch`.
    pub fn check_sequence(&self, batch: &Batch) -> SequenceCheck {
        if batch.producer_id < 0 {
            return SequenceCheck::InOrder;
        }
        let Some(state) = self.producers.get(&batch.producer_id) else {
            // Nothing is known of this producer: any sequence is taken as its first.
            return SequenceCheck::InOrder;
        };
        let same =
            |recent: &&RecentBatch| recent.base_sequence == batch.base_sequence && recent.last_sequence == batch.last_sequence();
        if state.producer_epoch == batch.producer_epoch
            && let Some(recent) = state.recent.iter().find(same)
        {
            return SequenceCheck::Duplicate(recent.base_offset);
        }
        if batch.producer_epoch < state.producer_epoch {
            return SequenceCheck::Refused(ErrorCode::InvalidProducerEpoch);
        }
        let next = if state.last_sequence == i32::MAX { 0 } else { state.last_sequence + 1 };
        let in_order =
            if batch.producer_epoch > state.producer_epoch { batch.base_sequence == 0 } else { batch.base_sequence == next };
        if in_order { SequenceCheck::InOrder } else { SequenceCheck::Refused(ErrorCode::OutOfOrderSequenceNumber) }
    }

    /// Notes an appended batch for its producer.
    pub(super) fn remember(&mut self, batch: &Batch) {
        if batch.producer_id < 0 || batch.is_control() {
            return;
        }
        let state = self.producers.get_or_insert_with(batch.producer_id, || ProducerState {
            producer_epoch: batch.producer_epoch,
            last_sequence: -1,
            recent: VecDeque::new(),
        });
        if state.producer_epoch != batch.producer_epoch {
            state.producer_epoch = batch.producer_epoch;
            state.recent.clear();
        }
        state.last_sequence = batch.last_sequence();
        state.recent.push_back(RecentBatch {
            base_sequence: batch.base_sequence,
            last_sequence: batch.last_sequence(),
            base_offset: batch.base_offset,
        });
        if state.recent.len() > BATCHES_REMEMBERED {
            state.recent.pop_front();
        }
    }
}
