//! Where records wait for their batch to leave (`RecordAccumulator`).

use std::collections::VecDeque;

use super::batch::PendingBatch;
use super::config::ProducerConfig;
use super::partitioning::{BuiltIn, Queues, Sticky};
use super::sequences::Sequences;
use crate::base::{Bits, BrokerId, Derived, Prng, SimTime, SortedMap, Span, Timestamp, TopicName, TopicPartition};
use crate::engine::client::common::metadata::{Leaders, Metadata};
use crate::engine::client::{ClientContext, NewRecord};
use crate::engine::log::record::batch_size_upper_bound;

#[derive(Clone, Hash, Debug)]
pub(super) struct Accumulator {
    batch_size: usize,
    retry_backoff: Span,
    built_in: BuiltIn,
    /// Bytes of `buffer.memory` that no batch has (`BufferPool`).
    available_memory: u64,
    topics: SortedMap<TopicName, TopicQueues>,
    outlook: Derived<Outlook>,
}

const NEVER: SimTime = SimTime(u64::MAX);

/// Until when there is nothing to look for in the queues. A producer looks with each batch that it opens.
#[derive(Clone, Debug)]
struct Outlook {
    /// No first batch may leave before.
    ready_at: SimTime,
    /// No batch was opened before.
    oldest: SimTime,
    /// The metadata by which the leaders of first batches were noted.
    metadata_version: u64,
}

#[derive(Clone, Hash, Debug, Default)]
struct TopicQueues {
    /// By partition; as long as the highest one that was written to.
    partitions: Vec<Queue>,
    sticky: Option<Sticky>,
    /// How many partitions were written to.
    used: usize,
    /// The queues that have batches.
    busy: Derived<Bits>,
    /// Queues with another first batch, whose leader is not noted yet.
    unnoted: Derived<Vec<usize>>,
}

/// The batches of one partition, oldest first; records go into the last one.
#[derive(Clone, Hash, Debug, Default)]
struct Queue {
    batches: VecDeque<PendingBatch>,
    used: bool,
}

/// There is no memory for a batch of this size.
pub(super) struct NoMemory(pub(super) u64);

/// What an append did to its partition's queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Appended {
    /// A batch was opened for the record.
    pub(super) opened: bool,
    /// The record filled its batch.
    pub(super) filled: bool,
}

impl Queue {
    /// `RecordAccumulator.allBatchesFull`: only the last one can still be open.
    fn all_full(&self) -> bool {
        self.batches.back().is_none_or(PendingBatch::is_full)
    }

    /// When its first batch may leave.
    fn ready_at(&self, linger: Span, retry_backoff: Span) -> Option<SimTime> {
        let first = self.batches.front()?;
        if first.attempts > 0 {
            return Some(first.retry_at(retry_backoff));
        }
        Some(if self.batches.len() > 1 || first.is_full() { SimTime::ZERO } else { first.created + linger })
    }
}

impl TopicQueues {
    fn take_first(&mut self, at: usize) -> Option<PendingBatch> {
        let queue = &mut self.partitions[at];
        let first = queue.batches.pop_front();
        if queue.batches.is_empty() {
            self.busy.0.remove(at);
        } else {
            self.unnoted.0.push(at);
        }
        first
    }

    /// The sticky partition, switched first if enough went there and its queue has no batch to fill.
    fn sticky_partition(&mut self, choice: &mut Choice<'_, '_>) -> i32 {
        if let Some(sticky) = self.sticky {
            let all_full = self.partitions.get(sticky.partition as usize).is_none_or(Queue::all_full);
            self.count_sticky(choice, 0, all_full);
        }
        let sticky = self.sticky.unwrap_or_else(|| self.next_sticky(choice));
        self.sticky = Some(sticky);
        sticky.partition
    }

    fn next_sticky(&self, choice: &mut Choice<'_, '_>) -> Sticky {
        let length = |at: usize| self.partitions.get(at).map_or(0, |queue| queue.batches.len());
        let all_used = self.used == choice.leaders.len();
        choice.built_in.next(choice.chance, choice.metadata, &Queues { leaders: choice.leaders, all_used, length: &length })
    }

    /// `BuiltInPartitioner.updatePartitionInfo`.
    fn count_sticky(&mut self, choice: &mut Choice<'_, '_>, bytes: usize, may_switch: bool) {
        let Some(sticky) = &mut self.sticky else { return };
        sticky.produced_bytes += bytes;
        let produced = sticky.produced_bytes;
        if produced >= choice.batch_size && may_switch || produced >= 2 * choice.batch_size {
            self.sticky = Some(self.next_sticky(choice));
        }
    }
}

/// What a sticky partition is chosen by.
struct Choice<'c, 'm> {
    chance: &'c mut Prng,
    built_in: &'c BuiltIn,
    batch_size: usize,
    metadata: &'m Metadata,
    leaders: &'m Leaders,
}

impl Accumulator {
    pub(super) fn new(config: &ProducerConfig) -> Self {
        let outlook = Outlook { ready_at: SimTime::ZERO, oldest: NEVER, metadata_version: 0 };
        let (batch_size, retry_backoff) = (config.batch_size.max(1), Span::from_ms(config.retry_backoff_ms));
        Self {
            batch_size,
            retry_backoff,
            built_in: BuiltIn::new(config),
            available_memory: config.buffer_memory,
            topics: SortedMap::new(),
            outlook: Derived(outlook),
        }
    }

    /// Notes new leaders of the partitions whose batches wait for another try.
    pub(super) fn note_leaders(&mut self, metadata: &Metadata) {
        let outlook = &mut self.outlook.0;
        let all = std::mem::replace(&mut outlook.metadata_version, metadata.version) != metadata.version;
        for topic in self.topics.values_mut() {
            if all {
                topic.unnoted.0 = topic.busy.0.iter().collect();
            }
            for at in topic.unnoted.0.drain(..) {
                let Some(first) = topic.partitions[at].batches.front_mut() else { continue };
                first.note_leader(metadata.leader_epoch(&first.partition));
                if first.attempts > 0 {
                    outlook.ready_at = SimTime::ZERO;
                }
            }
        }
    }

    /// May a first batch leave now? False where nothing needs to be looked for.
    pub(super) fn may_be_ready(&self, now: SimTime) -> bool {
        now >= self.outlook.0.ready_at
    }

    /// A batch that was just opened may leave at this moment.
    pub(super) fn ready_by(&mut self, at: SimTime) {
        self.outlook.0.ready_at = self.outlook.0.ready_at.min(at);
    }

    /// All that could leave has left: finds out when the next batch may.
    pub(super) fn look_ahead(&mut self, now: SimTime, linger: Span) {
        let ready_at = self.queues().filter_map(|queue| queue.ready_at(linger, self.retry_backoff)).min();
        // What was ready and could not leave may leave with any answer.
        self.outlook.0.ready_at = ready_at.map_or(NEVER, |at| if at <= now { SimTime::ZERO } else { at });
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

    /// The queues that have batches, by topic and partition.
    fn queues(&self) -> impl Iterator<Item = &Queue> {
        self.topics.values().flat_map(|topic| topic.busy.0.iter().map(|at| &topic.partitions[at]))
    }

    pub(super) fn queued_records(&self) -> usize {
        self.queues().flat_map(|queue| &queue.batches).map(|batch| batch.sends().len()).sum()
    }

    pub(super) fn oldest_send(&self) -> Option<u64> {
        self.queues().flat_map(|queue| &queue.batches).filter_map(PendingBatch::first_send).min()
    }

    pub(super) fn available_memory(&self) -> u64 {
        self.available_memory
    }

    /// A batch is done, or split into others that have memory of their own.
    pub(super) fn release(&mut self, batch: &PendingBatch) {
        self.available_memory += batch.memory();
    }

    /// A broker was looked at with records for it; `ready`: it could be sent to.
    pub(super) fn looked_at(&mut self, broker: BrokerId, now: SimTime, ready: bool) {
        self.built_in.looked_at(broker, now, ready);
    }

    /// Puts a record into its partition's last batch, or a new one.
    pub(super) fn append(
        &mut self,
        cx: &mut ClientContext<'_>,
        metadata: &Metadata,
        (name, leaders): (&TopicName, &Leaders),
        send: u64,
        timestamp: Timestamp,
        record: NewRecord<'_>,
    ) -> Result<Appended, NoMemory> {
        let batch_size = self.batch_size;
        let outlook = &mut self.outlook.0;
        let topic = self.topics.get_or_default(name.clone());
        let built_in = &self.built_in;
        let mut choice = Choice { chance: cx.chance, built_in, batch_size, metadata, leaders };
        let fixed = record.partition.or_else(|| built_in.by_key(record.partition_key.or(record.key), leaders.len() as i32));
        let partition = fixed.unwrap_or_else(|| topic.sticky_partition(&mut choice));
        let at = partition.max(0) as usize;
        if topic.partitions.len() <= at {
            topic.partitions.resize_with(at + 1, Queue::default);
        }
        let queue = &mut topic.partitions[at];
        if !queue.used {
            (queue.used, topic.used) = (true, topic.used + 1);
        }
        let appended = queue.batches.back_mut().and_then(|last| last.try_append(send, timestamp, &record));
        let opened = appended.is_none();
        let room = || batch_size.max(batch_size_upper_bound(record.key, record.value, record.headers));
        if opened && room() as u64 > self.available_memory {
            return Err(NoMemory(room() as u64));
        }
        let bytes = appended.unwrap_or_else(|| {
            let room = room();
            self.available_memory -= room as u64;
            let partition = TopicPartition { topic: name.clone(), partition };
            let mut batch = PendingBatch::new(partition, cx.now, room);
            let bytes = batch.try_append(send, timestamp, &record).unwrap_or(0);
            outlook.oldest = outlook.oldest.min(batch.created);
            queue.batches.push_back(batch);
            if topic.busy.0.insert(at) {
                topic.unnoted.0.push(at);
            }
            bytes
        });
        let filled = queue.all_full();
        if filled || queue.batches.len() > 1 {
            outlook.ready_at = SimTime::ZERO;
        }
        if fixed.is_none() {
            topic.count_sticky(&mut choice, bytes, filled);
        }
        Ok(Appended { opened, filled })
    }

    /// Partitions whose first batch may leave now.
    pub(super) fn ready_partitions(&self, now: SimTime, linger: Span, all: bool) -> impl Iterator<Item = &TopicPartition> {
        let retry_backoff = self.retry_backoff;
        let ready = move |queue: &&Queue| {
            let is_new = queue.batches.front().is_some_and(|first| first.attempts == 0);
            all && is_new || queue.ready_at(linger, retry_backoff).is_some_and(|at| now >= at)
        };
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
        let mut taken: Vec<PendingBatch> = Vec::with_capacity(8);
        let mut size = 0;
        let retry_backoff = self.retry_backoff;
        for topic in self.topics.values_mut() {
            let busy: Vec<usize> = topic.busy.0.iter().collect();
            for at in busy {
                let Some(first) = topic.partitions[at].batches.front().filter(|first| led(&first.partition)) else { continue };
                let sequence = first.sequences().map(|(sequence, _)| sequence);
                if now < first.retry_at(retry_backoff) || !sequences.may_leave(&first.partition, sequence) {
                    continue;
                }
                if size + first.size_bytes() as u64 > max_size && !taken.is_empty() {
                    return taken;
                }
                if let Some(mut batch) = topic.take_first(at) {
                    size += batch.size_bytes() as u64;
                    batch.seal(sequences);
                    batch.was_reset = false;
                    taken.push(batch);
                }
            }
        }
        taken
    }

    /// Puts a batch that was refused back for another try: by its sequence, or else first of all, before what was sent
    /// earlier and is refused later.
    pub(super) fn put_back(&mut self, now: SimTime, mut batch: PendingBatch) {
        batch.tried(now);
        self.put_at_front(batch);
    }

    /// Puts a batch to where it belongs among those that were sent, and else first of all.
    pub(super) fn put_at_front(&mut self, batch: PendingBatch) {
        match batch.sequences() {
            None => self.put(batch, |_, _| 0),
            Some(_) => self.take_back(batch),
        }
    }

    /// Puts a batch back that has not left, to where it was.
    pub(super) fn take_back(&mut self, batch: PendingBatch) {
        self.put(batch, |queue, batch| {
            let place = queue.batches.iter().position(|other| match (other.sequences(), batch.sequences()) {
                (Some((other, _)), Some((mine, _))) => other > mine,
                (None, Some(_)) => true,
                _ => other.first_send() > batch.first_send(),
            });
            place.unwrap_or(queue.batches.len())
        });
    }

    fn put(&mut self, batch: PendingBatch, place: impl Fn(&Queue, &PendingBatch) -> usize) {
        let at = batch.partition.partition.max(0) as usize;
        let Some(topic) = self.topics.get_mut(&batch.partition.topic) else { return };
        let Some(queue) = topic.partitions.get_mut(at) else { return };
        let outlook = &mut self.outlook.0;
        (outlook.oldest, outlook.ready_at) = (outlook.oldest.min(batch.created), SimTime::ZERO);
        queue.batches.insert(place(queue, &batch), batch);
        topic.busy.0.insert(at);
        topic.unnoted.0.push(at);
    }

    pub(super) fn take_expired(&mut self, now: SimTime, timeout: Span) -> Vec<PendingBatch> {
        let mut expired = Vec::new();
        if now.since(self.outlook.0.oldest) < timeout {
            return expired;
        }
        for topic in self.topics.values_mut() {
            let busy: Vec<usize> = topic.busy.0.iter().collect();
            for at in busy {
                while topic.partitions[at].batches.front().is_some_and(|first| now.since(first.created) >= timeout) {
                    expired.extend(topic.take_first(at));
                }
            }
        }
        let oldest = self.queues().flat_map(|queue| &queue.batches).map(|batch| batch.created).min();
        self.outlook.0.oldest = oldest.unwrap_or(NEVER);
        self.outlook.0.ready_at = SimTime::ZERO;
        expired
    }
}
