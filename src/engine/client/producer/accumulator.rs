//! Where records wait for their batch to leave (`RecordAccumulator`), and the sticky choice of a partition for records
//! without a key (`BuiltInPartitioner`, KIP-794).

use std::collections::VecDeque;
use std::rc::Rc;

use super::sequences::{Identity, Sequences};
use crate::base::{SimTime, SortedMap, Span, Timestamp, TopicName, TopicPartition};
use crate::engine::client::metadata::backoff;
use crate::engine::client::partitioner::partition_for_key;
use crate::engine::client::{ClientContext, NewRecord};
use crate::engine::log::batch::NO_PRODUCER_ID;
use crate::engine::log::record::batch_size_upper_bound;
use crate::engine::log::{Batch, BatchBuilder};

#[derive(Clone, Hash, Debug)]
pub(super) struct Accumulator {
    batch_size: usize,
    retry_backoff: Span,
    topics: SortedMap<TopicName, TopicQueues>,
}

#[derive(Clone, Hash, Debug, Default)]
struct TopicQueues {
    /// By partition; as long as the highest one that was written to.
    partitions: Vec<Queue>,
    sticky: Option<Sticky>,
}

/// The batches of one partition, oldest first; records go into the last one.
#[derive(Clone, Hash, Debug, Default)]
struct Queue {
    batches: VecDeque<PendingBatch>,
}

/// The partition of the moment for records without key: kept until about `batch.size` bytes went there.
#[derive(Clone, Copy, Hash, Debug)]
struct Sticky {
    partition: i32,
    produced_bytes: usize,
}

/// What an append did to its partition's queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Appended {
    /// A batch was opened for the record.
    pub(super) opened: bool,
    /// The record filled its batch.
    pub(super) filled: bool,
}

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
    fn new(partition: TopicPartition, created: SimTime, room: usize) -> Self {
        let content = Content::Open { builder: BatchBuilder::new(0), room };
        Self {
            partition,
            created,
            attempts: 0,
            last_attempt: SimTime::ZERO,
            leader_epoch: None,
            leader_changed_at: None,
            was_reset: false,
            content,
            sends: Vec::new(),
        }
    }

    /// Its first and last sequence, once it has one.
    pub(super) fn sequences(&self) -> Option<(i32, i32)> {
        match &self.content {
            Content::Sealed(batch) if batch.base_sequence >= 0 => Some((batch.base_sequence, batch.last_sequence())),
            _ => None,
        }
    }

    /// `ProducerBatch.maybeUpdateLeaderEpoch`
    fn note_leader(&mut self, epoch: Option<i32>) {
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

    fn seal(&mut self, sequences: &mut Sequences) {
        let builder = match &mut self.content {
            Content::Open { builder, .. } | Content::Full(builder) => std::mem::replace(builder, BatchBuilder::new(0)),
            Content::Sealed(_) => return,
        };
        let batch = match sequences.assign(&self.partition, builder.record_count()) {
            Some(((producer_id, producer_epoch), base_sequence)) => builder.build(producer_id, producer_epoch, base_sequence),
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

    fn is_ready(&self, now: SimTime, linger: Span, retry_backoff: Span, all: bool) -> bool {
        let Some(first) = self.batches.front() else {
            return false;
        };
        if first.attempts > 0 {
            return now >= first.retry_at(retry_backoff);
        }
        all || self.batches.len() > 1 || first.is_full() || now.since(first.created) >= linger
    }
}

impl Sticky {
    fn next(cx: &mut ClientContext<'_>, partition_count: i32) -> Self {
        Self { partition: cx.chance.below(partition_count as u64) as i32, produced_bytes: 0 }
    }
}

impl TopicQueues {
    /// The sticky partition, switched first if enough went there and its queue has no batch to fill.
    fn sticky_partition(&mut self, cx: &mut ClientContext<'_>, partition_count: i32, batch_size: usize) -> i32 {
        if let Some(sticky) = self.sticky {
            let all_full = self.partitions.get(sticky.partition as usize).is_none_or(Queue::all_full);
            self.count_sticky(cx, partition_count, batch_size, 0, all_full);
        }
        self.sticky.get_or_insert_with(|| Sticky::next(cx, partition_count)).partition
    }

    /// `BuiltInPartitioner.updatePartitionInfo`.
    fn count_sticky(
        &mut self,
        cx: &mut ClientContext<'_>,
        partition_count: i32,
        batch_size: usize,
        bytes: usize,
        may_switch: bool,
    ) {
        let Some(sticky) = &mut self.sticky else { return };
        sticky.produced_bytes += bytes;
        if sticky.produced_bytes >= batch_size && may_switch || sticky.produced_bytes >= 2 * batch_size {
            *sticky = Sticky::next(cx, partition_count);
        }
    }
}

impl Accumulator {
    pub(super) fn new(batch_size: usize, retry_backoff: Span) -> Self {
        Self { batch_size, retry_backoff, topics: SortedMap::new() }
    }

    /// Notes new leaders of the partitions whose batches wait for another try.
    pub(super) fn note_leaders(&mut self, epoch: impl Fn(&TopicPartition) -> Option<i32>) {
        for first in self.queues_mut().filter_map(|queue| queue.batches.front_mut()) {
            let epoch = epoch(&first.partition);
            first.note_leader(epoch);
        }
    }

    /// The batches of a partition that were sent before.
    pub(super) fn sent_batches_mut<'a>(&'a mut self, partition: &TopicPartition) -> impl Iterator<Item = &'a mut PendingBatch> {
        let at = partition.partition.max(0) as usize;
        let queue = self.topics.get_mut(&partition.topic).and_then(|topic| topic.partitions.get_mut(at));
        queue.into_iter().flat_map(|queue| &mut queue.batches).filter(|batch| batch.sequences().is_some())
    }

    /// When the next batch that waits would expire.
    pub(super) fn oldest_created(&self) -> Option<SimTime> {
        self.queues().filter_map(|queue| queue.batches.front()).map(|first| first.created).min()
    }

    pub(super) fn sticky_partitions(&self) -> impl Iterator<Item = (&TopicName, i32)> {
        self.topics.iter().filter_map(|(topic, queues)| Some((topic, queues.sticky?.partition)))
    }

    fn queues(&self) -> impl Iterator<Item = &Queue> {
        self.topics.values().flat_map(|topic| &topic.partitions)
    }

    fn queues_mut(&mut self) -> impl Iterator<Item = &mut Queue> {
        self.topics.values_mut().flat_map(|topic| &mut topic.partitions)
    }

    pub(super) fn queued_records(&self) -> usize {
        self.queues().flat_map(|queue| &queue.batches).map(|batch| batch.sends.len()).sum()
    }

    pub(super) fn oldest_send(&self) -> Option<u64> {
        self.queues().flat_map(|queue| &queue.batches).filter_map(PendingBatch::first_send).min()
    }

    /// Puts a record into its partition's last batch, or a new one.
    pub(super) fn append(
        &mut self,
        cx: &mut ClientContext<'_>,
        partition_count: i32,
        send: u64,
        timestamp: Timestamp,
        record: NewRecord<'_>,
    ) -> Appended {
        let batch_size = self.batch_size;
        if !self.topics.contains_key(record.topic) {
            self.topics.insert(record.topic.into(), TopicQueues::default());
        }
        let Some(topic) = self.topics.get_mut(record.topic) else { return Appended::default() };
        let fixed = record.partition.or_else(|| record.key.map(|key| partition_for_key(key, partition_count)));
        let partition = fixed.unwrap_or_else(|| topic.sticky_partition(cx, partition_count, batch_size));
        let at = partition.max(0) as usize;
        if topic.partitions.len() <= at {
            topic.partitions.resize_with(at + 1, Queue::default);
        }
        let queue = &mut topic.partitions[at];
        let appended = queue.batches.back_mut().and_then(|last| last.try_append(send, timestamp, &record));
        let opened = appended.is_none();
        let bytes = appended.unwrap_or_else(|| {
            let room = batch_size.max(batch_size_upper_bound(record.key, record.value, record.headers));
            let partition = TopicPartition::new(record.topic, partition);
            let mut batch = PendingBatch::new(partition, cx.now, room);
            let bytes = batch.try_append(send, timestamp, &record).unwrap_or(0);
            queue.batches.push_back(batch);
            bytes
        });
        let filled = queue.all_full();
        if fixed.is_none() {
            topic.count_sticky(cx, partition_count, batch_size, bytes, filled);
        }
        Appended { opened, filled }
    }

    /// Partitions whose first batch may leave now.
    pub(super) fn ready_partitions(&self, now: SimTime, linger: Span, all: bool) -> impl Iterator<Item = &TopicPartition> {
        let retry_backoff = self.retry_backoff;
        let ready = move |queue: &&Queue| queue.is_ready(now, linger, retry_backoff, all);
        self.queues().filter(ready).filter_map(|queue| queue.batches.front()).map(|batch| &batch.partition)
    }

    /// Takes the first batch of each partition that `led` accepts, up to `max_size` bytes (the first whatever its size).
    pub(super) fn take_for(
        &mut self,
        now: SimTime,
        max_size: u64,
        sequences: &mut Sequences,
        led: impl Fn(&TopicPartition) -> bool,
    ) -> Vec<PendingBatch> {
        let mut taken: Vec<PendingBatch> = Vec::new();
        let mut size = 0;
        let retry_backoff = self.retry_backoff;
        for queue in self.queues_mut() {
            let Some(first) = queue.batches.front().filter(|first| led(&first.partition)) else { continue };
            let sequence = first.sequences().map(|(sequence, _)| sequence);
            if now < first.retry_at(retry_backoff) || !sequences.may_leave(&first.partition, sequence) {
                continue;
            }
            if size + first.size_bytes() as u64 > max_size && !taken.is_empty() {
                break;
            }
            if let Some(mut batch) = queue.batches.pop_front() {
                size += batch.size_bytes() as u64;
                batch.seal(sequences);
                batch.was_reset = false;
                taken.push(batch);
            }
        }
        taken
    }

    /// Puts a batch that was refused back for another try: by its sequence, or else first of all, before what was sent
    /// earlier and is refused later.
    pub(super) fn put_back(&mut self, now: SimTime, mut batch: PendingBatch) {
        batch.attempts += 1;
        batch.last_attempt = now;
        if batch.sequences().is_none()
            && let Some(queue) = self.queue_of(&batch)
        {
            queue.batches.push_front(batch);
            return;
        }
        self.take_back(batch);
    }

    /// Puts a batch back that has not left, to where it was.
    pub(super) fn take_back(&mut self, batch: PendingBatch) {
        let Some(queue) = self.queue_of(&batch) else { return };
        let place = queue.batches.iter().position(|other| match (other.sequences(), batch.sequences()) {
            (Some((other, _)), Some((mine, _))) => other > mine,
            (None, Some(_)) => true,
            _ => other.first_send() > batch.first_send(),
        });
        queue.batches.insert(place.unwrap_or(queue.batches.len()), batch);
    }

    fn queue_of(&mut self, batch: &PendingBatch) -> Option<&mut Queue> {
        let at = batch.partition.partition.max(0) as usize;
        self.topics.get_mut(&batch.partition.topic)?.partitions.get_mut(at)
    }

    pub(super) fn take_expired(&mut self, now: SimTime, timeout: Span) -> Vec<PendingBatch> {
        let mut expired = Vec::new();
        for queue in self.queues_mut() {
            while queue.batches.front().is_some_and(|first| now.since(first.created) >= timeout) {
                expired.extend(queue.batches.pop_front());
            }
        }
        expired
    }
}
