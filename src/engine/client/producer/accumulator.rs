//! Where records wait for their batch to leave (`RecordAccumulator`), and the sticky choice of a partition for records
//! without a key (`BuiltInPartitioner`, KIP-794).

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crate::base::{SimTime, Span, Timestamp, TopicName, TopicPartition};
use crate::engine::client::ClientContext;
use crate::engine::client::partitioner::partition_for_key;
use crate::engine::log::batch::NO_PRODUCER_ID;
use crate::engine::log::record::batch_size_upper_bound;
use crate::engine::log::{Batch, BatchBuilder};
use crate::engine::program::NewRecord;

#[derive(Clone, Hash, Debug)]
pub(super) struct Accumulator {
    batch_size: usize,
    queues: BTreeMap<TopicPartition, Queue>,
    sticky: BTreeMap<TopicName, Sticky>,
}

/// The batches of one partition, oldest first; records go into the last one.
#[derive(Clone, Hash, Debug, Default)]
struct Queue {
    batches: VecDeque<PendingBatch>,
    next_sequence: i32,
}

/// The partition of the moment for records without key: kept until about `batch.size` bytes went there.
#[derive(Clone, Hash, Debug)]
struct Sticky {
    partition: i32,
    produced_bytes: usize,
}

#[derive(Clone, Hash, Debug)]
pub(super) struct PendingBatch {
    pub(super) partition: TopicPartition,
    pub(super) created: SimTime,
    pub(super) attempts: u32,
    pub(super) retry_at: SimTime,
    content: Content,
    sends: Vec<u64>,
}

#[derive(Clone, Hash, Debug)]
enum Content {
    /// `room`: how large the batch may become.
    Open { builder: BatchBuilder, room: usize },
    /// No record fits any more.
    Full(BatchBuilder),
    /// Sent at least once: records and sequence are fixed.
    Sealed(Rc<Batch>),
}

impl PendingBatch {
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
            Content::Open { builder, .. } | Content::Full(builder) => Rc::new(builder.clone().build(NO_PRODUCER_ID, -1, -1)),
        }
    }

    fn size_bytes(&self) -> usize {
        match &self.content {
            Content::Open { builder, .. } | Content::Full(builder) => builder.size_bytes(),
            Content::Sealed(batch) => batch.size_bytes() as usize,
        }
    }

    fn is_full(&self) -> bool {
        match &self.content {
            Content::Open { builder, room } => builder.size_bytes() >= *room,
            _ => true,
        }
    }

    /// The bytes that the record took, or `None` when it does not fit.
    fn try_append(&mut self, send: u64, timestamp: Timestamp, record: &NewRecord<'_>) -> Option<usize> {
        let Content::Open { builder, room } = &mut self.content else {
            return None;
        };
        let before = builder.size_bytes();
        if !builder.is_empty() && builder.size_with(timestamp, record.key, record.value, record.headers) > *room {
            let full = std::mem::replace(builder, BatchBuilder::new(0));
            self.content = Content::Full(full);
            return None;
        }
        builder.push(timestamp, record.key, record.value, record.headers);
        self.sends.push(send);
        Some(builder.size_bytes() - before)
    }

    fn seal(&mut self, identity: Option<(i64, i16)>, next_sequence: &mut i32) {
        let builder = match &mut self.content {
            Content::Open { builder, .. } | Content::Full(builder) => std::mem::replace(builder, BatchBuilder::new(0)),
            Content::Sealed(_) => return,
        };
        let batch = match identity {
            Some((producer_id, producer_epoch)) => {
                let base_sequence = *next_sequence;
                // Sequences wrap to 0 after the largest 32-bit number (DefaultRecordBatch.incrementSequence).
                *next_sequence = base_sequence.wrapping_add(builder.record_count()) & i32::MAX;
                builder.build(producer_id, producer_epoch, base_sequence)
            }
            None => builder.build(NO_PRODUCER_ID, -1, -1),
        };
        self.content = Content::Sealed(Rc::new(batch));
    }
}

impl Queue {
    /// `RecordAccumulator.allBatchesFull`: only the last one can still be open.
    fn all_full(&self) -> bool {
        self.batches.back().is_none_or(PendingBatch::is_full)
    }

    fn is_ready(&self, now: SimTime, linger: Span, all: bool) -> bool {
        let Some(first) = self.batches.front() else {
            return false;
        };
        if first.attempts > 0 {
            return now >= first.retry_at;
        }
        all || self.batches.len() > 1 || first.is_full() || now.since(first.created) >= linger
    }
}

impl Accumulator {
    pub(super) fn new(batch_size: usize) -> Self {
        Self { batch_size, queues: BTreeMap::new(), sticky: BTreeMap::new() }
    }

    pub(super) fn sticky_partitions(&self) -> impl Iterator<Item = (&TopicName, i32)> {
        self.sticky.iter().map(|(topic, sticky)| (topic, sticky.partition))
    }

    pub(super) fn queued_records(&self) -> usize {
        self.queues.values().flat_map(|queue| &queue.batches).map(|batch| batch.sends.len()).sum()
    }

    pub(super) fn oldest_send(&self) -> Option<u64> {
        self.queues.values().flat_map(|queue| &queue.batches).filter_map(PendingBatch::first_send).min()
    }

    pub(super) fn has_full_batch(&self) -> bool {
        self.queues.values().any(|queue| queue.batches.front().is_some_and(PendingBatch::is_full))
    }

    /// Puts a record into its partition's last batch; true when a batch was opened for it.
    pub(super) fn append(
        &mut self,
        cx: &mut ClientContext<'_>,
        partition_count: i32,
        send: u64,
        timestamp: Timestamp,
        record: NewRecord<'_>,
    ) -> bool {
        let fixed = record.partition.or_else(|| record.key.map(|key| partition_for_key(key, partition_count)));
        let partition = fixed.unwrap_or_else(|| self.sticky_partition(cx, record.topic, partition_count));
        let queue = match self.queues.iter_mut().find(|(tp, _)| tp.partition == partition && tp.topic.as_str() == record.topic) {
            Some((_, queue)) => queue,
            None => self.queues.entry(TopicPartition::new(record.topic, partition)).or_default(),
        };
        let appended = queue.batches.back_mut().and_then(|last| last.try_append(send, timestamp, &record));
        let (bytes, opened) = match appended {
            Some(bytes) => (bytes, false),
            None => {
                let needed = batch_size_upper_bound(record.key, record.value, record.headers);
                let room = self.batch_size.max(needed);
                let mut batch = PendingBatch {
                    partition: TopicPartition::new(record.topic, partition),
                    created: cx.now,
                    attempts: 0,
                    retry_at: SimTime::ZERO,
                    content: Content::Open { builder: BatchBuilder::new(0), room },
                    sends: Vec::new(),
                };
                let bytes = batch.try_append(send, timestamp, &record).unwrap_or(0);
                queue.batches.push_back(batch);
                (bytes, true)
            }
        };
        let all_full = queue.all_full();
        if fixed.is_none() {
            self.count_sticky(cx, record.topic, partition_count, bytes, all_full);
        }
        opened
    }

    /// The sticky partition, switched first if enough went there and its queue has no batch to fill.
    fn sticky_partition(&mut self, cx: &mut ClientContext<'_>, topic: &str, partition_count: i32) -> i32 {
        if let Some(sticky) = self.sticky.get(topic) {
            let all_full = self.queues.get(&TopicPartition::new(topic, sticky.partition)).is_none_or(Queue::all_full);
            self.count_sticky(cx, topic, partition_count, 0, all_full);
        }
        let next = || Sticky { partition: cx.chance.below(partition_count as u64) as i32, produced_bytes: 0 };
        self.sticky.entry(topic.into()).or_insert_with(next).partition
    }

    /// `BuiltInPartitioner.updatePartitionInfo`.
    fn count_sticky(&mut self, cx: &mut ClientContext<'_>, topic: &str, partition_count: i32, bytes: usize, may_switch: bool) {
        let Some(sticky) = self.sticky.get_mut(topic) else {
            return;
        };
        sticky.produced_bytes += bytes;
        if sticky.produced_bytes >= self.batch_size && may_switch || sticky.produced_bytes >= 2 * self.batch_size {
            *sticky = Sticky { partition: cx.chance.below(partition_count as u64) as i32, produced_bytes: 0 };
        }
    }

    pub(super) fn ready_partitions(&self, now: SimTime, linger: Span, all: bool) -> impl Iterator<Item = &TopicPartition> {
        self.queues.iter().filter(move |(_, queue)| queue.is_ready(now, linger, all)).map(|(partition, _)| partition)
    }

    /// Takes the first batch of each partition that `led` accepts, up to `max_size` bytes (the first whatever its size).
    pub(super) fn take_for(
        &mut self,
        now: SimTime,
        max_size: u64,
        identity: Option<(i64, i16)>,
        led: impl Fn(&TopicPartition) -> bool,
    ) -> Vec<PendingBatch> {
        let mut taken: Vec<PendingBatch> = Vec::new();
        let mut size = 0;
        for (_, queue) in self.queues.iter_mut().filter(|(partition, _)| led(partition)) {
            let Some(first) = queue.batches.front() else {
                continue;
            };
            if first.attempts > 0 && now < first.retry_at {
                continue;
            }
            if size + first.size_bytes() as u64 > max_size && !taken.is_empty() {
                break;
            }
            if let Some(mut batch) = queue.batches.pop_front() {
                size += batch.size_bytes() as u64;
                batch.seal(identity, &mut queue.next_sequence);
                batch.attempts += 1;
                taken.push(batch);
            }
        }
        taken
    }

    /// Puts a batch back for another try, in the order of sequences.
    pub(super) fn put_back(&mut self, batch: PendingBatch) {
        let queue = self.queues.entry(batch.partition.clone()).or_default();
        let sequence = |batch: &PendingBatch| match &batch.content {
            Content::Sealed(sealed) => sealed.base_sequence,
            _ => i32::MAX,
        };
        let mine = sequence(&batch);
        let at =
            queue.batches.iter().position(|other| sequence(other) > mine || other.attempts == 0).unwrap_or(queue.batches.len());
        queue.batches.insert(at, batch);
    }

    pub(super) fn take_expired(&mut self, now: SimTime, timeout: Span) -> Vec<PendingBatch> {
        let mut expired = Vec::new();
        for queue in self.queues.values_mut() {
            while queue.batches.front().is_some_and(|first| now.since(first.created) >= timeout) {
                expired.extend(queue.batches.pop_front());
            }
        }
        expired
    }
}
