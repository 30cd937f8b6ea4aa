//! Lives here: the producer (`KafkaProducer`, `Sender`, `RecordAccumulator`): gathers records into batches and sends them.
//! Never here: which partition a key goes to (partitioner.rs), what a broker does with a batch.
//!
//! - A record waits until its topic is in the metadata, at most max.block.ms.
//! - A batch leaves when it is full, when another waits behind it, when linger.ms is over, or on flush. With it leave the
//!   first batches of all other partitions of that broker, up to max.request.size.
//! - At most max.in.flight.requests.per.connection requests are unanswered.
//! - Retriable errors put the batch back at the front, with its sequence, until retries are used up or
//!   delivery.timeout.ms is over (sequences.rs has what that means for batches behind it).
//! - A batch of several records that is too large for the broker is split, and its parts are sent.
//!
//! Not simulated: buffer.memory (a send never blocks), compression.

mod accumulator;
mod batch;
mod config;
mod partitioning;
mod sender;
mod sequences;

use std::collections::VecDeque;
use std::rc::Rc;

pub use config::{Acks, Partitioner, ProducerConfig};

use self::accumulator::Accumulator;
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
    /// Records whose topic is not in the metadata yet, in order.
    waiting: VecDeque<WaitingRecord>,
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

/// A record that waits for metadata.
#[derive(Clone, Hash, Debug)]
struct WaitingRecord {
    send: u64,
    since: SimTime,
    topic: TopicName,
    partition: Option<i32>,
    timestamp: Timestamp,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<Header>,
}

impl Producer {
    pub fn new(config: ProducerConfig) -> Self {
        let backoff = Span::from_ms(config.retry_backoff_ms);
        let metadata = Metadata::new(true, backoff, Span::from_ms(config.metadata_max_age_ms));
        let accumulator = Accumulator::new(&config);
        Self {
            config,
            metadata,
            next_send: 0,
            waiting: VecDeque::new(),
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
        self.waiting.len() + self.accumulator.queued_records()
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
        let size = batch_size_upper_bound(record.key, record.value, record.headers) as u64;
        if size > self.config.max_request_size {
            let error = SendError::RecordTooLarge { size, max: self.config.max_request_size };
            self.fail(cx, TopicPartition::new(record.topic, record.partition.unwrap_or(-1)), send, error);
            return send;
        }
        if self.metadata.error(record.topic) == Some(ErrorCode::InvalidTopic) {
            self.fail(cx, TopicPartition::new(record.topic, -1), send, SendError::KnownInvalidTopic);
            return send;
        }
        let timestamp = record.timestamp.unwrap_or(cx.now.timestamp());
        let known = self.has_partition(record.topic, record.partition);
        let behind = !self.waiting.is_empty() && self.waiting.iter().any(|waiting| waiting.topic.as_str() == record.topic);
        if known && !behind {
            if self.append(cx, send, timestamp, record) {
                self.drain(cx);
            }
            return send;
        }
        let topic = TopicName::from(record.topic);
        self.waiting.push_back(WaitingRecord {
            send,
            since: cx.now,
            topic: topic.clone(),
            partition: record.partition,
            timestamp,
            key: record.key.map(<[u8]>::to_vec),
            value: record.value.map(<[u8]>::to_vec),
            headers: record.headers.to_vec(),
        });
        if self.waiting.len() == 1 {
            cx.timer(Span::from_ms(self.config.max_block_ms), ClientTimer::MaxBlock);
        }
        if self.metadata.wants(topic.as_str()) {
            self.metadata.request_update(cx)
        } else {
            self.metadata.want(cx, &topic)
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
                    self.release_waiting(cx);
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
            ClientTimer::MaxBlock => self.give_up_waiting(cx),
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

    /// Puts a record into a batch; says whether the sender has a reason to look.
    fn append(&mut self, cx: &mut ClientContext<'_>, send: u64, timestamp: Timestamp, record: NewRecord<'_>) -> bool {
        let Some((topic, leaders)) = self.metadata.known_topic(record.topic) else { return false };
        let mut record = record;
        if record.partition.is_none() && self.config.partitioner == Partitioner::RoundRobin {
            record.partition = Some(self.turns.next(&self.metadata, topic, leaders));
        }
        let appended = self.accumulator.append(cx, &self.metadata, (topic, leaders), send, timestamp, record);
        let linger = Span::from_ms(self.config.linger_ms);
        if appended.opened {
            self.accumulator.ready_by(cx.now + linger);
        }
        if appended.opened && self.config.linger_ms > 0 {
            cx.timer(linger, ClientTimer::Linger);
        }
        self.config.linger_ms == 0 || appended.opened || appended.filled
    }

    /// Appends what waited for metadata. Nothing leaves before all of it has its batch: the calls that waited return one
    /// right after the other, and only then can a flush begin.
    fn release_waiting(&mut self, cx: &mut ClientContext<'_>) {
        let mut invalid: Vec<TopicName> = Vec::new();
        for waiting in std::mem::take(&mut self.waiting) {
            let topic = waiting.topic.as_str();
            if self.has_partition(topic, waiting.partition) {
                let record = NewRecord {
                    topic,
                    partition: waiting.partition,
                    timestamp: None,
                    key: waiting.key.as_deref(),
                    value: waiting.value.as_deref(),
                    headers: &waiting.headers,
                };
                self.append(cx, waiting.send, waiting.timestamp, record);
            } else if let Some(error @ ErrorCode::InvalidTopic) = self.metadata.error(topic) {
                // Only the first of them waited for this news.
                let known = invalid.contains(&waiting.topic);
                invalid.push(waiting.topic.clone());
                let partition = TopicPartition { topic: waiting.topic, partition: -1 };
                let error = if known { SendError::KnownInvalidTopic } else { SendError::Broker(error) };
                self.fail(cx, partition, waiting.send, error);
            } else {
                // The topic is there without the partition asked for, or not there at all: ask again.
                self.metadata.request_update(cx);
                self.waiting.push_back(waiting);
            }
        }
    }

    /// Gives up records that waited max.block.ms for their topic. One timer serves all: it is set for the oldest.
    fn give_up_waiting(&mut self, cx: &mut ClientContext<'_>) {
        let max_block = Span::from_ms(self.config.max_block_ms);
        while let Some(waiting) = self.waiting.pop_front_if(|waiting| cx.now.since(waiting.since) >= max_block) {
            let topic = waiting.topic.as_str();
            let error = match self.metadata.partition_count(topic) {
                None => SendError::TopicNotPresent { error: self.metadata.error(topic) },
                Some(_) => SendError::InvalidPartition,
            };
            let partition = TopicPartition { topic: waiting.topic, partition: waiting.partition.unwrap_or(-1) };
            self.fail(cx, partition, waiting.send, error);
        }
        if let Some(oldest) = self.waiting.front() {
            cx.timer_at(oldest.since + max_block, ClientTimer::MaxBlock);
        }
    }

    fn complete(&mut self, cx: &mut ClientContext<'_>, batch: &PendingBatch, result: Result<Offset, SendError>) {
        let topic_partition = batch.partition.clone();
        cx.emit(Event::Delivered { producer: cx.id, topic_partition, sends: batch.sends().into(), result });
    }

    fn fail(&mut self, cx: &mut ClientContext<'_>, topic_partition: TopicPartition, send: u64, error: SendError) {
        cx.emit(Event::Delivered { producer: cx.id, topic_partition, sends: Rc::new([send]), result: Err(error) });
    }

    /// Ends a flush when all that it waited for is done.
    fn settle(&mut self, cx: &mut ClientContext<'_>) {
        let Some(until) = self.flush_until else {
            return;
        };
        let in_flight = self.in_flight.values().flat_map(|sent| &sent.batches).filter_map(PendingBatch::first_send).min();
        let waiting = self.waiting.front().map(|waiting| waiting.send);
        let oldest = [in_flight, waiting, self.accumulator.oldest_send()].into_iter().flatten().min();
        if oldest.is_some_and(|send| send < until) {
            return;
        }
        self.flush_until = None;
        if self.closing { cx.gone() } else { cx.emit(Event::Flushed { producer: cx.id }) }
    }
}
