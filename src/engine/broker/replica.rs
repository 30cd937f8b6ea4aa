//! One replica of a partition on one broker: its log, its high watermark, and what it knows of producers.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::leader_epochs::LeaderEpochs;
use crate::base::{BrokerId, Offset, SimTime, SortedMap, TopicId};
use crate::engine::log::{Batch, PartitionLog};
use crate::engine::protocol::ErrorCode;

/// Batches remembered for each producer (`ProducerStateEntry.NUM_BATCHES_TO_RETAIN`).
const BATCHES_REMEMBERED: usize = 5;

#[derive(Clone, Hash, Debug)]
pub struct Replica {
    /// Of which topic of this name (`partition.metadata`).
    pub topic_id: TopicId,
    pub log: PartitionLog,
    /// Readers see what lies below it.
    pub high_watermark: Offset,
    pub producers: SortedMap<i64, Rc<ProducerState>>,
    /// The epoch of the leader that this replica serves, or follows.
    pub leader_epoch: i32,
    pub epochs: LeaderEpochs,
    /// As leader: the in-sync set that the controller was asked for. It counts as in sync until it answers.
    pub pending_isr: Option<Vec<BrokerId>>,
}

/// The last batches of one idempotent producer, so that its retries can be told from new records.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ProducerState {
    pub producer_epoch: i16,
    pub last_sequence: i32,
    recent: RecentBatches,
}

/// The last batches of a producer, oldest first. There is one for each producer and replica: they lie in one piece.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct RecentBatches {
    batches: [RecentBatch; BATCHES_REMEMBERED],
    count: usize,
}

impl RecentBatches {
    fn as_slice(&self) -> &[RecentBatch] {
        &self.batches[..self.count]
    }

    fn push(&mut self, batch: RecentBatch) {
        if self.count == BATCHES_REMEMBERED {
            self.batches.rotate_left(1);
            self.count -= 1;
        }
        self.batches[self.count] = batch;
        self.count += 1;
    }
}

impl Hash for RecentBatches {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct RecentBatch {
    base_sequence: i32,
    last_sequence: i32,
    base_offset: Offset,
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
    pub fn new(topic_id: TopicId, now: SimTime) -> Self {
        Self {
            topic_id,
            log: PartitionLog::new(now),
            high_watermark: Offset::ZERO,
            producers: SortedMap::new(),
            leader_epoch: -1,
            epochs: LeaderEpochs::default(),
            pending_isr: None,
        }
    }

    /// The epoch of the last record, -1 if there is none.
    pub fn last_epoch(&self) -> i32 {
        self.epochs.latest().map_or(-1, |(epoch, _)| epoch)
    }

    /// The largest epoch up to this one, and where it ends (`LeaderEpochFileCache.endOffsetFor`).
    pub fn end_of_epoch(&self, epoch: i32) -> (i32, Offset) {
        match self.epochs.up_to(epoch) {
            (Some(known), next) => (known, next.unwrap_or(self.log.log_end_offset())),
            (None, _) => (-1, self.log.log_start_offset()),
        }
    }

    /// Gives up what lies at `offset` or above, and what it knew of it.
    pub(in crate::engine) fn truncate_to(&mut self, offset: Offset) {
        self.log.truncate_to(offset);
        let end = self.log.log_end_offset();
        self.high_watermark = self.high_watermark.min(end);
        self.epochs.truncate_to(end);
        self.producers.clear();
        let batches: Vec<_> = self.log.batches_from(self.log.log_start_offset()).cloned().collect();
        batches.iter().for_each(|batch| self.remember(batch));
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
            && let Some(recent) = state.recent.as_slice().iter().find(same)
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
    pub(in crate::engine) fn remember(&mut self, batch: &Batch) {
        if batch.producer_id < 0 || batch.is_control() {
            return;
        }
        let new = || ProducerState { producer_epoch: batch.producer_epoch, last_sequence: -1, recent: RecentBatches::default() };
        let state = Rc::make_mut(self.producers.get_or_insert_with(batch.producer_id, || Rc::new(new())));
        if state.producer_epoch != batch.producer_epoch {
            state.producer_epoch = batch.producer_epoch;
            state.recent = RecentBatches::default();
        }
        state.last_sequence = batch.last_sequence();
        state.recent.push(RecentBatch {
            base_sequence: batch.base_sequence,
            last_sequence: batch.last_sequence(),
            base_offset: batch.base_offset,
        });
    }
}
