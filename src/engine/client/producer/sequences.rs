//! What an idempotent producer knows of its sequences (`TransactionManager`, `TxnPartitionMap`).
//!
//! ```text
//!  a batch …                                  │ what follows
//!  is sent for the first time                 │ gets the partition's next sequences
//!  is sent again                              │ keeps its own, and goes before all later ones
//!  is acknowledged                            │ the partition's last acknowledged sequence moves
//!  OUT_OF_ORDER_SEQUENCE, and one before it   │ is sent again: the earlier one comes first
//!    is still open                            │
//!  OUT_OF_ORDER_SEQUENCE, and it is the next  │ is sent again, with the next epoch and sequences from 0
//!  fails for good                             │ the next epoch, from 0: a gap would be refused
//!  expires after it was sent                  │ nothing new is sent until the others are answered; then as above if one is missing
//! ```

use crate::base::{PartitionMap, SortedMap, SortedSet, TopicPartition};
use crate::engine::protocol::ErrorCode;

/// Producer id and epoch.
pub(super) type Identity = (i64, i16);

/// Nothing is acknowledged yet.
const NONE_ACKED: i32 = -1;

#[derive(Clone, Hash, Debug, Default)]
pub(super) struct Sequences {
    pub(super) identity: Option<Identity>,
    partitions: PartitionMap<Entry>,
    /// Partitions with a batch of which nobody knows whether it was written, and the sequence after it.
    unresolved: SortedMap<TopicPartition, i32>,
    /// Partitions that asked for the next epoch.
    to_rewrite: SortedSet<TopicPartition>,
}

#[derive(Clone, Hash, Debug)]
struct Entry {
    identity: Identity,
    next: i32,
    last_acked: i32,
    /// First sequences of the batches that were sent and are not done.
    open: SortedSet<i32>,
}

/// The sequence so many records later: they wrap to 0 after the largest (`DefaultRecordBatch.incrementSequence`).
pub(super) fn after(sequence: i32, records: i32) -> i32 {
    sequence.wrapping_add(records) & i32::MAX
}

impl Sequences {
    fn is_next(&self, partition: &TopicPartition, sequence: i32) -> bool {
        let last_acked = self.partitions.get(partition).map_or(NONE_ACKED, |entry| entry.last_acked);
        sequence == if last_acked == NONE_ACKED { 0 } else { after(last_acked, 1) }
    }

    /// May the first batch of a queue leave? `sequence`: its own, if it was sent before
    /// (`RecordAccumulator.shouldStopDrainBatchesForPartition`).
    pub(super) fn may_leave(&self, partition: &TopicPartition, sequence: Option<i32>) -> bool {
        let Some(entry) = self.partitions.get(partition) else { return true };
        match (sequence, entry.open.as_slice().first()) {
            (Some(sequence), Some(first)) => sequence == *first,
            (Some(_), None) => true,
            (None, first) => {
                let stale = self.identity != Some(entry.identity);
                !(self.unresolved.contains_key(partition) || stale && first.is_some())
            }
        }
    }

    /// The sequence of a batch that leaves for the first time; `None` without an identity.
    pub(super) fn assign(&mut self, partition: &TopicPartition, records: i32) -> Option<(Identity, i32)> {
        let identity = self.identity?;
        let new = Entry { identity, next: 0, last_acked: NONE_ACKED, open: SortedSet::new() };
        let entry = self.partitions.get_or_insert_with(partition, || new.clone());
        if entry.identity != identity && entry.open.is_empty() {
            *entry = new;
        }
        let sequence = entry.next;
        entry.next = after(sequence, records);
        entry.open.insert(sequence);
        Some((entry.identity, sequence))
    }

    /// A batch that was sent is split into others, given by their first sequences.
    pub(super) fn split(&mut self, partition: &TopicPartition, first: i32, parts: impl Iterator<Item = i32>) {
        if let Some(entry) = self.partitions.get_mut(partition) {
            entry.open.remove(&first);
            entry.open.extend(parts);
        }
    }

    /// A batch is acknowledged.
    pub(super) fn acked(&mut self, partition: &TopicPartition, first: i32, last: i32) {
        if let Some(entry) = self.partitions.get_mut(partition) {
            entry.last_acked = entry.last_acked.max(last);
            entry.open.remove(&first);
        }
    }

    /// Is a refused batch to be sent again? It may ask for the next epoch (`TransactionManager.canRetry`).
    pub(super) fn can_retry(&mut self, error: ErrorCode, partition: &TopicPartition, sequence: i32, was_reset: bool) -> bool {
        match error {
            ErrorCode::UnknownProducerId => {
                if !was_reset {
                    self.to_rewrite.insert(partition.clone());
                }
                true
            }
            ErrorCode::OutOfOrderSequenceNumber => {
                let unresolved = self.unresolved.get(partition).copied();
                let waits = unresolved.is_none() && (was_reset || !self.is_next(partition, sequence));
                if !waits && unresolved.is_none_or(|next| next == sequence) {
                    self.to_rewrite.insert(partition.clone());
                }
                true
            }
            error => super::sender::is_retriable(error),
        }
    }

    /// A batch has failed for good. `retries_left`: others of its partition may still be written, out of order.
    pub(super) fn failed(&mut self, partition: &TopicPartition, first: i32, error: Option<ErrorCode>, retries_left: bool) {
        if let Some(entry) = self.partitions.get_mut(partition) {
            entry.open.remove(&first);
        }
        if retries_left || error == Some(ErrorCode::OutOfOrderSequenceNumber) {
            self.to_rewrite.insert(partition.clone());
        }
    }

    /// A batch was given up after it was sent: it may be written or not.
    pub(super) fn lost_sight_of(&mut self, partition: &TopicPartition, last: i32) {
        let next = after(last, 1);
        let known = self.unresolved.get_or_default(partition.clone());
        *known = next.max(*known);
    }

    /// Once nothing of a partition is open, it is known whether a sequence is missing (`maybeResolveSequences`).
    pub(super) fn resolve(&mut self) {
        let settled = |partition: &&TopicPartition| self.partitions.get(partition).is_none_or(|entry| entry.open.is_empty());
        let settled: Vec<TopicPartition> = self.unresolved.keys().filter(settled).cloned().collect();
        for partition in settled {
            let next = self.partitions.get(&partition).map_or(0, |entry| entry.next);
            if !self.is_next(&partition, next) {
                self.to_rewrite.insert(partition.clone());
            }
            self.unresolved.remove(&partition);
        }
    }

    /// Begins the next epoch if a partition asked for it: the partitions whose open batches get new sequences
    /// (`bumpIdempotentProducerEpoch`).
    pub(super) fn bump(&mut self) -> Vec<TopicPartition> {
        let partitions: Vec<TopicPartition> = std::mem::take(&mut self.to_rewrite).into_iter().collect();
        if let (Some((id, epoch)), false) = (self.identity, partitions.is_empty()) {
            self.identity = Some((id, epoch.saturating_add(1)));
        }
        partitions
    }

    /// The new sequences of a partition's open batches, given with their record counts in their order.
    pub(super) fn restart(&mut self, partition: &TopicPartition, records: &[i32]) -> Vec<(Identity, i32)> {
        let Some(identity) = self.identity else { return Vec::new() };
        self.unresolved.remove(partition);
        self.partitions.insert(partition, Entry { identity, next: 0, last_acked: NONE_ACKED, open: SortedSet::new() });
        records.iter().filter_map(|records| self.assign(partition, *records)).collect()
    }
}
