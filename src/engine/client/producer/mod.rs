//! Lives here: the producer (`KafkaProducer`, `Sender`, `RecordAccumulator`): gathers records into batches and sends them.
//! Never here: which partition a key goes to (partitioner.rs), what a broker does with a batch.
//!
//! - A `send` returns when its topic is in the metadata and there is memory for its batch, at most after max.block.ms; those
//!   behind it begin when it has returned.
//! - A batch leaves when it is full, when another waits behind it, when linger.ms is over, or on flush. With it leave the
//!   first batches of all other partitions of that broker, up to max.request.size.
//! - At most max.in.flight.requests.per.connection requests are unanswered.
//! - Retriable errors put the batch back at the front, with its sequence, until retries are used up or
//!   delivery.timeout.ms is over (sequences.rs has what that means for batches behind it).
//! - A batch of several records that is too large for the broker is split, and its parts are sent.
//!
//! Not simulated: compression.

mod accumulator;
mod batch;
mod config;
mod partitioning;
mod sender;
mod sequences;

use std::collections::VecDeque;
use std::rc::Rc;

pub use config::{Acks, Partitioner, ProducerConfig};

use self::accumulator::{Accumulator, Appended, NoMemory};
use self::batch::PendingBatch;
use self::partitioning::Turns;
use self::sequences::Sequences;
use super::common::wire::Node;
use super::{ClientContext, ClientTimer, Event, Metadata, NewRecord, SendError, Target};
use crate::base::{BrokerId, Offset, SimTime, SortedMap, Span, Timestamp, TopicName, TopicPartition};
use crate::engine::log::Header;
use crate::engine::log::record::batch_size_upper_bound;
use crate::engine::network::Loss;
use crate::engine::protocol::{ErrorCode, ProducePartition, Request, Response};

#[derive(Clone, Hash, Debug)]
pub struct Producer {
    config: ProducerConfig,
    metadata: Metadata,
    next_send: u64,
    /// Calls of `send` that have not returned, in order.
    calls: VecDeque<Call>,
    accumulator: Accumulator,
    /// For partitioner.class=RoundRobinPartitioner.
    turns: Turns,
    sequences: Sequences,
    identity_asked: Option<u32>,
    /// Batches that are on their way, by request.
    in_flight: SortedMap<u32, InFlight>,
    /// Sends below this are being flushed.
    flush_until: Option<u64>,
    closing: bool,
    expiry_timer_at: Option<SimTime>,
    /// Its thread has ended: it sends nothing any more.
    died: bool,
}

#[derive(Clone, Hash, Debug)]
struct InFlight {
    broker: BrokerId,
    batches: Vec<PendingBatch>,
}

/// A `send` that has not returned: the first one waits for its topic or for memory, and those behind it have not begun.
#[derive(Clone, Hash, Debug)]
struct Call {
    send: u64,
    began: Option<SimTime>,
    waits_for_memory: bool,
    /// When its topic was known.
    topic_known: Option<SimTime>,
    topic: TopicName,
    partition: Option<i32>,
    timestamp: Option<Timestamp>,
    key: Option<Vec<u8>>,
    partition_key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<Header>,
}

impl Call {
    fn new(send: u64, record: NewRecord<'_>) -> Self {
        Self {
            send,
            began: None,
            waits_for_memory: false,
            topic_known: None,
            topic: TopicName::from(record.topic),
            partition: record.partition,
            timestamp: record.timestamp,
            key: record.key.map(<[u8]>::to_vec),
            partition_key: record.partition_key.map(<[u8]>::to_vec),
            value: record.value.map(<[u8]>::to_vec),
            headers: record.headers.to_vec(),
        }
    }

    fn record(&self) -> NewRecord<'_> {
        NewRecord {
            topic: self.topic.as_str(),
            partition: self.partition,
            timestamp: self.timestamp,
            key: self.key.as_deref(),
            partition_key: self.partition_key.as_deref(),
            value: self.value.as_deref(),
            headers: &self.headers,
        }
    }
}

/// Why a `send` does not return.
enum Blocked {
    Topic,
    Memory {
        /// The partition that was chosen for it.
        partition: Option<i32>,
    },
}

/// Between the return of a `send` that waited and the program's next one.
const NEXT_SEND: Span = Span::from_ms(1);

impl Producer {
    pub fn new(config: ProducerConfig) -> Self {
        let backoff = Span::from_ms(config.retry_backoff_ms);
        let metadata = Metadata::new(true, backoff, Span::from_ms(config.metadata_max_age_ms));
        let accumulator = Accumulator::new(&config);
        Self {
            config,
            metadata,
            next_send: 0,
            calls: VecDeque::new(),
            accumulator,
            turns: Turns::default(),
            sequences: Sequences::default(),
            identity_asked: None,
            in_flight: SortedMap::new(),
            flush_until: None,
            closing: false,
            expiry_timer_at: None,
            died: false,
        }
    }

    // ---- looking

    pub fn config(&self) -> &ProducerConfig {
        &self.config
    }

    /// Producer id and epoch of an idempotent producer.
    pub fn identity(&self) -> Option<(i64, i16)> {
        self.sequences.identity
    }

    /// The partition that records without key go to now (the sticky one), for each topic it was needed for.
    pub fn sticky_partitions(&self) -> impl Iterator<Item = (&TopicName, i32)> {
        self.accumulator.sticky_partitions()
    }

    /// The topics that it has been given records for.
    pub fn topics(&self) -> impl Iterator<Item = &TopicName> {
        self.metadata.wanted()
    }

    /// Records that are not sent yet: waiting for metadata, for linger, or for a free request.
    pub fn queued_records(&self) -> usize {
        self.calls.len() + self.accumulator.queued_records()
    }

    /// Batches that are on their way or not acknowledged yet.
    pub fn in_flight_batches(&self) -> impl Iterator<Item = (&TopicPartition, i32)> {
        self.in_flight.values().flat_map(|sent| sent.batches.iter().map(|batch| (&batch.partition, batch.record_count())))
    }

    // ---- calls

    /// Takes a record in and returns its number.
    pub fn send(&mut self, cx: &mut ClientContext<'_>, record: NewRecord<'_>) -> u64 {
        let send = self.next_send;
        self.next_send += 1;
        self.ask_identity(cx);
        if !self.calls.is_empty() {
            self.calls.push_back(Call::new(send, record));
            return send;
        }
        match self.attempt(cx, send, record) {
            Ok(true) => self.drain(cx),
            Ok(false) => {}
            Err(blocked) => {
                self.calls.push_back(Call::new(send, record));
                self.block(cx, &blocked);
            }
        }
        send
    }

    pub fn flush(&mut self, cx: &mut ClientContext<'_>) {
        self.flush_until = Some(self.next_send);
        self.drain(cx);
        self.settle(cx);
    }

    pub fn close(&mut self, cx: &mut ClientContext<'_>) {
        self.closing = true;
        if self.died {
            cx.gone();
            return;
        }
        self.flush(cx);
    }

    // ---- answers and timers

    pub fn on_response(&mut self, cx: &mut ClientContext<'_>, correlation: u32, response: &Response) {
        match response {
            Response::Metadata(response) => {
                if self.metadata.on_response(cx, correlation, response) {
                    self.look_for_topic(cx);
                    self.go_on(cx);
                    self.drain(cx);
                }
            }
            Response::InitProducerId(response) if self.identity_asked == Some(correlation) && response.error.is_some() => {
                self.identity_asked = None;
                cx.timer(Span::from_ms(self.config.retry_backoff_ms), ClientTimer::Retry { stamp: 0 });
            }
            Response::InitProducerId(response) if self.identity_asked == Some(correlation) => {
                self.sequences.identity = Some((response.producer_id, response.producer_epoch));
                self.drain(cx);
            }
            Response::Produce(response) => {
                let Some(sent) = self.in_flight.remove(&correlation) else {
                    return;
                };
                cx.effects.reserve(sent.batches.len());
                for (at, batch) in sent.batches.into_iter().enumerate() {
                    // They are answered in the order in which they were sent.
                    let is_of = |answer: &&ProducePartition| answer.topic_partition == batch.partition;
                    let answer = response.partitions.get(at).filter(is_of);
                    let answer = answer.or_else(|| response.partitions.iter().find(is_of));
                    match answer.map(|answer| (answer.error, answer.base_offset)) {
                        Some((None, base_offset)) => self.written(cx, &batch, base_offset),
                        Some((Some(error), _)) => self.refused(cx, batch, correlation, SendError::Broker(error)),
                        None => self.refused(cx, batch, correlation, SendError::Broker(ErrorCode::UnknownServerError)),
                    }
                }
                self.drain(cx);
            }
            Response::ApiVersions => self.drain(cx),
            _ => {}
        }
        self.settle(cx);
    }

    /// Batches on a connection that is gone may be written or not: they are sent again.
    pub(super) fn on_lost(&mut self, cx: &mut ClientContext<'_>, correlation: u32, node: Node, loss: Loss) {
        if self.metadata.on_lost(cx, correlation) {
            return;
        }
        if self.identity_asked == Some(correlation) && self.sequences.identity.is_none() {
            self.identity_asked = None;
            cx.timer(Span::from_ms(self.config.retry_backoff_ms), ClientTimer::Retry { stamp: 0 });
        }
        if let Some(sent) = self.in_flight.remove(&correlation) {
            let error = SendError::Disconnected { broker: cx.wire.broker(node), timed_out: loss == Loss::TimedOut };
            for batch in sent.batches {
                match loss {
                    // It never left: there was no connection.
                    Loss::Refused => self.accumulator.take_back(batch),
                    _ => self.refused(cx, batch, correlation, error.clone()),
                }
            }
        }
        self.settle(cx);
    }

    /// A connection has ended: the metadata may be out of date.
    pub(super) fn on_disconnect(&mut self, cx: &mut ClientContext<'_>) {
        self.metadata.request_update(cx);
        self.drain(cx);
    }

    pub fn on_timer(&mut self, cx: &mut ClientContext<'_>, timer: ClientTimer) {
        if self.metadata.on_timer(cx, timer) {
            return;
        }
        match timer {
            ClientTimer::Linger | ClientTimer::Retry { .. } | ClientTimer::Reconnect => self.drain(cx),
            ClientTimer::DeliveryTimeout if self.expiry_timer_at.is_some_and(|at| at <= cx.now) => {
                self.expiry_timer_at = None;
                self.drain(cx);
            }
            ClientTimer::MaxBlock => self.max_block(cx),
            ClientTimer::NextSend => self.next_calls(cx),
            _ => {}
        }
        self.settle(cx);
    }

    // ---- inside

    fn is_idempotent(&self) -> bool {
        self.config.enable_idempotence && self.config.acks == Acks::All
    }

    fn ask_identity(&mut self, cx: &mut ClientContext<'_>) {
        if self.is_idempotent() && self.identity_asked.is_none() {
            self.identity_asked = Some(cx.request(Target::Any, Request::InitProducerId));
        }
    }

    fn has_partition(&self, topic: &str, partition: Option<i32>) -> bool {
        self.metadata.partition_count(topic).is_some_and(|count| partition.is_none_or(|partition| partition < count))
    }

    /// One try of a `send` that is to go on: it puts the record into a batch, or fails it. Says whether the sender has a reason
    /// to look.
    fn attempt(&mut self, cx: &mut ClientContext<'_>, send: u64, mut record: NewRecord<'_>) -> Result<bool, Blocked> {
        if self.metadata.error(record.topic) == Some(ErrorCode::InvalidTopic) {
            self.fail(cx, TopicPartition::new(record.topic, -1), send, SendError::KnownInvalidTopic);
            return Ok(false);
        }
        if !self.has_partition(record.topic, record.partition) {
            return Err(Blocked::Topic);
        }
        let Some((topic, leaders)) = self.metadata.known_topic(record.topic) else { return Err(Blocked::Topic) };
        if record.partition.is_none() && self.config.partitioner == Partitioner::RoundRobin {
            record.partition = Some(self.turns.next(&self.metadata, topic, leaders));
        }
        let size = batch_size_upper_bound(record.key, record.value, record.headers) as u64;
        let (max, limit) = (self.config.max_request_size, self.config.buffer_memory);
        let error = if size > max {
            SendError::RecordTooLarge { size, max }
        } else if size > limit {
            SendError::LargerThanMemory { size }
        } else {
            let timestamp = record.timestamp.unwrap_or(cx.now.timestamp());
            match self.accumulator.append(cx, &self.metadata, (topic, leaders), send, timestamp, record) {
                Ok(appended) => return Ok(self.appended(cx, appended)),
                Err(NoMemory(size)) if size > limit => SendError::BatchLargerThanMemory { size, limit },
                Err(NoMemory(_)) => return Err(Blocked::Memory { partition: record.partition }),
            }
        };
        self.fail(cx, TopicPartition::new(record.topic, record.partition.unwrap_or(-1)), send, error);
        Ok(false)
    }

    fn appended(&mut self, cx: &mut ClientContext<'_>, appended: Appended) -> bool {
        let linger = Span::from_ms(self.config.linger_ms);
        if appended.opened {
            self.accumulator.ready_by(cx.now + linger);
        }
        if appended.opened && self.config.linger_ms > 0 {
            cx.timer(linger, ClientTimer::Linger);
        }
        self.config.linger_ms == 0 || appended.opened || appended.filled
    }

    /// The first call waits.
    fn block(&mut self, cx: &mut ClientContext<'_>, blocked: &Blocked) {
        let Some(call) = self.calls.front_mut() else { return };
        let began = *call.began.get_or_insert(cx.now);
        cx.timer_at(began + Span::from_ms(self.config.max_block_ms), ClientTimer::MaxBlock);
        match blocked {
            Blocked::Topic if self.metadata.wants(call.topic.as_str()) => self.metadata.request_update(cx),
            Blocked::Topic => self.metadata.want(cx, &call.topic),
            Blocked::Memory { partition } => {
                call.waits_for_memory = true;
                call.topic_known = Some(cx.now);
                call.partition = *partition;
                self.drain(cx);
            }
        }
    }

    /// Tries the call that waits again. When it returns, the next one begins a moment later.
    fn go_on(&mut self, cx: &mut ClientContext<'_>) {
        let Some(call) = self.calls.pop_front_if(|call| call.began.is_some()) else { return };
        match self.attempt(cx, call.send, call.record()) {
            Ok(_) => self.returned(cx),
            Err(blocked) => {
                let waited = call.waits_for_memory;
                self.calls.push_front(call);
                if !waited && matches!(blocked, Blocked::Memory { .. }) {
                    self.block(cx, &blocked);
                }
            }
        }
    }

    fn returned(&mut self, cx: &mut ClientContext<'_>) {
        if !self.calls.is_empty() {
            cx.timer(NEXT_SEND, ClientTimer::NextSend);
        }
        self.drain(cx);
    }

    /// The calls behind one that has returned, up to one that waits itself.
    fn next_calls(&mut self, cx: &mut ClientContext<'_>) {
        while let Some(call) = self.calls.pop_front_if(|call| call.began.is_none()) {
            if let Err(blocked) = self.attempt(cx, call.send, call.record()) {
                self.calls.push_front(call);
                self.block(cx, &blocked);
                return;
            }
        }
        self.drain(cx);
    }

    /// What the metadata says of the topic that a call waits for.
    fn look_for_topic(&mut self, cx: &mut ClientContext<'_>) {
        let Some(call) = self.calls.front().filter(|call| call.began.is_some() && call.topic_known.is_none()) else { return };
        let topic = call.topic.as_str();
        if self.has_partition(topic, call.partition) {
            return;
        }
        match self.metadata.error(topic) {
            Some(error @ ErrorCode::InvalidTopic) => self.give_up(cx, SendError::Broker(error)),
            // The topic is there without the partition asked for, or not there at all: ask again.
            _ => self.metadata.request_update(cx),
        }
    }

    /// Gives up the call that has waited for max.block.ms.
    fn max_block(&mut self, cx: &mut ClientContext<'_>) {
        let max_block = Span::from_ms(self.config.max_block_ms);
        let Some(call) = self.calls.front() else { return };
        let Some(began) = call.began.filter(|began| cx.now.since(*began) >= max_block) else { return };
        let topic = call.topic.as_str();
        let error = match (call.topic_known, self.metadata.partition_count(topic)) {
            (Some(known), _) => SendError::MemoryExhausted {
                size: batch_size_upper_bound(call.key.as_deref(), call.value.as_deref(), &call.headers).max(self.config.batch_size)
                    as u64,
                ms: self.config.max_block_ms.saturating_sub(known.since(began).ms()),
                total: self.config.buffer_memory,
                available: self.accumulator.available_memory(),
                poolable: self.config.batch_size as u64,
            },
            (None, None) => SendError::TopicNotPresent { error: self.metadata.error(topic) },
            (None, Some(_)) => SendError::InvalidPartition,
        };
        self.give_up(cx, error);
    }

    fn give_up(&mut self, cx: &mut ClientContext<'_>, error: SendError) {
        let Some(call) = self.calls.pop_front() else { return };
        let partition = TopicPartition { topic: call.topic, partition: call.partition.unwrap_or(-1) };
        self.fail(cx, partition, call.send, error);
        self.returned(cx);
    }

    fn complete(&mut self, cx: &mut ClientContext<'_>, batch: &PendingBatch, result: Result<Offset, SendError>) {
        self.accumulator.release(batch);
        let topic_partition = batch.partition.clone();
        cx.emit(Event::Delivered { producer: cx.id, topic_partition, sends: batch.sends().into(), result });
    }

    fn fail(&mut self, cx: &mut ClientContext<'_>, topic_partition: TopicPartition, send: u64, error: SendError) {
        cx.emit(Event::Delivered { producer: cx.id, topic_partition, sends: Rc::new([send]), result: Err(error) });
    }

    /// Lets a call go on for which there is memory now, and ends a flush when all that it waited for is done.
    fn settle(&mut self, cx: &mut ClientContext<'_>) {
        if self.calls.front().is_some_and(|call| call.waits_for_memory) {
            self.go_on(cx);
        }
        let Some(until) = self.flush_until else {
            return;
        };
        let in_flight = self.in_flight.values().flat_map(|sent| &sent.batches).filter_map(PendingBatch::first_send).min();
        let calling = self.calls.front().map(|call| call.send);
        let oldest = [in_flight, calling, self.accumulator.oldest_send()].into_iter().flatten().min();
        if oldest.is_some_and(|send| send < until) {
            return;
        }
        self.flush_until = None;
        if self.closing { cx.gone() } else { cx.emit(Event::Flushed { producer: cx.id }) }
    }
}
