//! A batch on its way from its first record to the broker's last word on it (`ProducerBatch`).

use std::rc::Rc;

use super::sequences::{Identity, Sequences, after};
use crate::base::{SimTime, Span, Timestamp, TopicPartition};
use crate::engine::client::NewRecord;
use crate::engine::client::common::metadata::backoff;
use crate::engine::log::batch::NO_PRODUCER_ID;
use crate::engine::log::record::batch_size_upper_bound;
use crate::engine::log::{Batch, BatchBuilder, RecordView};

#[derive(Clone, Hash, Debug)]
pub(super) struct PendingBatch {
    pub(super) partition: TopicPartition,
    pub(super) created: SimTime,
    /// How often it was put back for another try.
    pub(super) attempts: u32,
    last_attempt: SimTime,
    /// The newest leader epoch known to it, and how many attempts there were when it became known.
    leader_epoch: Option<i32>,
    leader_changed_at: Option<u32>,
    /// Its sequence was set anew since it was last sent.
    pub(super) was_reset: bool,
    /// How often records of it were in a batch that was too large.
    pub(super) splits: u32,
    /// How large it may become.
    room: usize,
    content: Content,
    sends: Vec<u64>,
}

#[derive(Clone, Hash, Debug)]
enum Content {
    Open(BatchBuilder),
    /// No record fits any more.
    Full(BatchBuilder),
    /// Sent at least once: records and sequence are fixed.
    Sealed(Rc<Batch>),
}

impl PendingBatch {
    pub(super) fn new(partition: TopicPartition, created: SimTime, room: usize) -> Self {
        let content = Content::Open(BatchBuilder::new(0));
        Self {
            partition,
            created,
            attempts: 0,
            last_attempt: SimTime::ZERO,
            leader_epoch: None,
            leader_changed_at: None,
            was_reset: false,
            splits: 0,
            room,
            content,
            sends: Vec::new(),
        }
    }

    /// What it has of `buffer.memory`: parts of a split batch have none.
    pub(super) fn memory(&self) -> u64 {
        if self.splits > 0 { 0 } else { self.room as u64 }
    }

    /// Its first and last sequence, once it has one.
    pub(super) fn sequences(&self) -> Option<(i32, i32)> {
        match &self.content {
            Content::Sealed(batch) if batch.base_sequence >= 0 => Some((batch.base_sequence, batch.last_sequence())),
            _ => None,
        }
    }

    /// `ProducerBatch.maybeUpdateLeaderEpoch`
    pub(super) fn note_leader(&mut self, epoch: Option<i32>) {
        if epoch > self.leader_epoch {
            self.leader_epoch = epoch;
            self.leader_changed_at = Some(self.attempts);
        }
    }

    /// The wait before the next try; none at a new leader (`RecordAccumulator.shouldBackoff`, KIP-951).
    pub(super) fn retry_at(&self, retry_backoff: Span) -> SimTime {
        if self.attempts == 0 || self.leader_changed_at == Some(self.attempts) {
            return SimTime::ZERO;
        }
        self.last_attempt + backoff(retry_backoff, self.attempts - 1)
    }

    /// It was sent in vain.
    pub(super) fn tried(&mut self, now: SimTime) {
        self.attempts += 1;
        self.last_attempt = now;
    }

    /// Gives it another producer epoch and sequence.
    pub(super) fn reset_sequence(&mut self, (producer_id, producer_epoch): Identity, sequence: i32) {
        if let Content::Sealed(batch) = &self.content {
            self.content = Content::Sealed(Rc::new(batch.with_producer(producer_id, producer_epoch, sequence)));
            self.was_reset = true;
        }
    }

    pub(super) fn sends(&self) -> &[u64] {
        &self.sends
    }

    pub(super) fn first_send(&self) -> Option<u64> {
        self.sends.first().copied()
    }

    pub(super) fn record_count(&self) -> i32 {
        self.sends.len() as i32
    }

    /// The batch as it is sent. Only batches that `take_for` returned are asked.
    pub(super) fn sealed(&self) -> Rc<Batch> {
        match &self.content {
            Content::Sealed(batch) => batch.clone(),
            Content::Open(builder) | Content::Full(builder) => Rc::new(builder.clone().build(NO_PRODUCER_ID, -1, -1)),
        }
    }

    pub(super) fn size_bytes(&self) -> usize {
        match &self.content {
            Content::Open(builder) | Content::Full(builder) => builder.size_bytes(),
            Content::Sealed(batch) => batch.size_bytes() as usize,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        match &self.content {
            Content::Open(builder) => builder.size_bytes() >= self.room,
            _ => true,
        }
    }

    /// The bytes that the record took, or `None` when it does not fit.
    pub(super) fn try_append(&mut self, send: u64, timestamp: Timestamp, record: &NewRecord<'_>) -> Option<usize> {
        let Content::Open(builder) = &mut self.content else {
            return None;
        };
        let before = builder.size_bytes();
        if !builder.is_empty() && builder.size_with(timestamp, record.key, record.value, record.headers) > self.room {
            let full = std::mem::replace(builder, BatchBuilder::new(0));
            self.content = Content::Full(full);
            return None;
        }
        builder.push(timestamp, record.key, record.value, record.headers);
        self.sends.push(send);
        Some(builder.size_bytes() - before)
    }

    pub(super) fn seal(&mut self, sequences: &mut Sequences) {
        if matches!(self.content, Content::Sealed(_)) {
            return;
        }
        match sequences.assign(&self.partition, self.record_count()) {
            Some((identity, sequence)) => self.close(identity, sequence),
            None => self.close((NO_PRODUCER_ID, -1), -1),
        }
    }

    /// The batches that take the place of one that is too large for the broker, with the sequences that its records had
    /// (`ProducerBatch.split`). The first time they are as large as any; a batch that was split before is halved, but for its
    /// largest record.
    pub(super) fn split(&self, batch_size: usize) -> Vec<Self> {
        let whole = self.sealed();
        let bound = |record: &RecordView<'_>| batch_size_upper_bound(record.key, record.value, &record.headers());
        let target = match self.splits > 0 {
            true => whole.records().map(|record| bound(&record)).fold(self.size_bytes() / 2, usize::max),
            false => batch_size,
        };
        let mut parts: Vec<Self> = Vec::new();
        for (record, send) in whole.records().zip(&self.sends) {
            let (timestamp, headers) = (record.timestamp, record.headers());
            let new = NewRecord { key: record.key, value: record.value, headers: &headers, ..NewRecord::default() };
            if parts.last_mut().is_some_and(|part| part.try_append(*send, timestamp, &new).is_some()) {
                continue;
            }
            let mut part = Self::new(self.partition.clone(), self.created, target.max(bound(&record)));
            part.try_append(*send, timestamp, &new);
            parts.push(part);
        }
        let mut sequence = whole.base_sequence;
        for part in &mut parts {
            part.splits = self.splits + 1;
            part.close((whole.producer_id, whole.producer_epoch), sequence);
            if sequence >= 0 {
                sequence = after(sequence, part.record_count());
            }
        }
        parts
    }

    /// No record comes into it any more.
    fn close(&mut self, (producer_id, producer_epoch): Identity, sequence: i32) {
        if let Content::Open(builder) | Content::Full(builder) = &mut self.content {
            let builder = std::mem::replace(builder, BatchBuilder::new(0));
            self.content = Content::Sealed(Rc::new(builder.build(producer_id, producer_epoch, sequence)));
        }
    }
}
