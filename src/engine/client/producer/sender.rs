//! Batches on their way (`Sender`): which leave, what an answer means for them, and when they are given up.

use super::batch::PendingBatch;
use super::{Acks, InFlight, Producer};
use crate::base::{BrokerId, Offset, Span, put_in_order};
use crate::engine::client::common::metadata::backoff;
use crate::engine::client::{ClientContext, ClientTimer, Event, SendError, Target};
use crate::engine::protocol::{ErrorCode, ProduceRequest, Request};

const SENDER_LOGGER: &str = "org.apache.kafka.clients.producer.internals.Sender";

/// Splits of the same records after which a producer's thread ends: each is a link of a chain that is followed by recursion
/// (`FutureRecordMetadata.chain`), until the stack is full. The number is about what a thread of Java has room for; it is reached
/// only where a record that is too large keeps a smaller one with it, which no split parts.
const SPLITS_MAX: u32 = 40_000;

impl Producer {
    /// Sends every batch that is ready, and with it what else waits for the same broker.
    pub(super) fn drain(&mut self, cx: &mut ClientContext<'_>) {
        if self.died {
            return;
        }
        self.expire(cx);
        if self.is_idempotent() && self.sequences.identity.is_none() {
            if self.accumulator.queued_records() > 0 {
                self.ask_identity(cx);
                self.watch_delivery_timeout(cx);
            }
            return;
        }
        self.begin_next_epoch();
        let linger = Span::from_ms(self.config.linger_ms);
        // A flush begins when the sends before it have returned, and one that waits for memory has the same effect.
        let flushes = self.calls.is_empty() && (self.flush_until.is_some() || self.closing);
        let all = flushes || self.calls.front().is_some_and(|call| call.waits_for_memory);
        self.accumulator.note_leaders(&self.metadata);
        if !all && !self.accumulator.may_be_ready(cx.now) {
            return;
        }
        let mut served: Vec<BrokerId> = Vec::new();
        let mut waits_for_node = false;
        loop {
            let ready: Option<BrokerId> = self
                .accumulator
                .ready_partitions(cx.now, linger, all)
                .filter_map(|partition| self.metadata.leader(partition))
                .find(|broker| !served.contains(broker));
            let Some(broker) = ready else { break };
            let free_at = cx.wire.free_at(broker);
            let is_full = self.in_flight_on(broker) >= self.config.max_in_flight;
            self.accumulator.looked_at(broker, cx.now, !is_full && free_at <= cx.now);
            if is_full {
                served.push(broker);
                continue;
            }
            if free_at > cx.now {
                waits_for_node = true;
                served.push(broker);
                cx.wake_at(free_at);
                continue;
            }
            if self.config.acks == Acks::None && !self.connects(cx, broker) {
                waits_for_node = true;
                served.push(broker);
                continue;
            }
            let metadata = &self.metadata;
            let batches = self.accumulator.take_for(cx.now, self.config.max_request_size, &mut self.sequences, |partition| {
                metadata.leader(partition) == Some(broker)
            });
            if batches.is_empty() {
                served.push(broker);
                continue;
            }
            self.dispatch(cx, broker, batches);
        }
        let leaderless =
            self.accumulator.ready_partitions(cx.now, linger, all).any(|partition| self.metadata.leader(partition).is_none());
        self.accumulator.look_ahead(cx.now, linger);
        if leaderless {
            self.metadata.request_update(cx);
        }
        if leaderless || waits_for_node {
            self.watch_delivery_timeout(cx);
        }
    }

    /// Is the connection open? Of a batch that is not answered nothing else would tell.
    fn connects(&self, cx: &mut ClientContext<'_>, broker: BrokerId) -> bool {
        let (open, opening) = cx.wire.state(broker);
        if !open && !opening {
            cx.request(Target::Broker(broker), Request::ApiVersions);
        }
        open
    }

    /// Sees to it that batches which cannot leave expire.
    pub(super) fn watch_delivery_timeout(&mut self, cx: &mut ClientContext<'_>) {
        if let Some(created) = self.accumulator.oldest_created() {
            let at = created + Span::from_ms(self.config.delivery_timeout_ms);
            if self.expiry_timer_at.is_none_or(|armed| armed > at) {
                self.expiry_timer_at = Some(at);
                cx.timer_at(at, ClientTimer::DeliveryTimeout);
            }
        }
    }

    /// Where a gap in the sequences was found, the producer goes on with the next epoch.
    pub(super) fn begin_next_epoch(&mut self) {
        self.sequences.resolve();
        for partition in self.sequences.bump() {
            let in_flight = self.in_flight.values_mut().flat_map(|sent| &mut sent.batches);
            let in_flight = in_flight.filter(|batch| batch.partition == partition);
            let mut open: Vec<&mut PendingBatch> = in_flight.chain(self.accumulator.sent_batches_mut(&partition)).collect();
            put_in_order(&mut open, &|one, other| one.sequences() < other.sequences());
            let records: Vec<i32> = open.iter().map(|batch| batch.record_count()).collect();
            for (batch, (identity, sequence)) in open.into_iter().zip(self.sequences.restart(&partition, &records)) {
                batch.reset_sequence(identity, sequence);
            }
        }
    }

    pub(super) fn in_flight_on(&self, broker: BrokerId) -> usize {
        self.in_flight.values().filter(|sent| sent.broker == broker).count()
    }

    fn dispatch(&mut self, cx: &mut ClientContext<'_>, broker: BrokerId, batches: Vec<PendingBatch>) {
        let request = ProduceRequest {
            acks: self.config.acks.number(),
            timeout_ms: self.config.request_timeout_ms,
            batches: batches.iter().map(|batch| (batch.partition.clone(), batch.sealed())).collect(),
            topic_ids: batches.iter().filter_map(|batch| self.metadata.topic_id(&batch.partition.topic)).collect(),
        };
        let correlation = cx.request(Target::Broker(broker), Request::Produce(request));
        if self.config.acks == Acks::None {
            // Nobody will answer: sent is as good as it gets.
            cx.wire.forget(correlation);
            for batch in &batches {
                self.complete(cx, batch, Ok(Offset(-1)));
            }
        } else {
            self.in_flight.insert(correlation, InFlight { broker, batches });
        }
    }

    /// Gives up batches older than delivery.timeout.ms that are not on their way.
    pub(super) fn expire(&mut self, cx: &mut ClientContext<'_>) {
        let timeout = Span::from_ms(self.config.delivery_timeout_ms);
        for batch in self.accumulator.take_expired(cx.now, timeout) {
            self.expired(cx, &batch);
        }
    }

    fn expired(&mut self, cx: &mut ClientContext<'_>, batch: &PendingBatch) {
        if let Some((first, last)) = batch.sequences() {
            self.sequences.failed(&batch.partition, first, None, false);
            self.sequences.lost_sight_of(&batch.partition, last);
        }
        let ms = cx.now.since(batch.created).ms();
        self.complete(cx, batch, Err(SendError::Expired { records: batch.record_count(), ms }));
    }

    pub(super) fn written(&mut self, cx: &mut ClientContext<'_>, batch: &PendingBatch, base_offset: Offset) {
        if let Some((first, last)) = batch.sequences() {
            self.sequences.acked(&batch.partition, first, last);
        }
        self.complete(cx, batch, Ok(base_offset));
    }

    /// `TransactionManager.handleFailedBatch`
    fn tell_out_of_order(&self, cx: &mut ClientContext<'_>, batch: &PendingBatch, error: &SendError) {
        let sent = batch.sealed();
        let text = format!(
            "The broker returned {} for topic-partition {} with producerId {}, epoch {}, and sequence number {}",
            error.exception(),
            batch.partition,
            sent.producer_id,
            sent.producer_epoch,
            sent.base_sequence
        );
        cx.log("ERROR", text, "org.apache.kafka.clients.producer.internals.TransactionManager");
    }

    /// A batch of several records is too large for the broker: it is sent again in parts, which is no retry
    /// (`RecordAccumulator.splitAndReenqueue`).
    fn split(&mut self, cx: &mut ClientContext<'_>, batch: &PendingBatch, correlation: u32, error: &SendError) {
        let text = format!(
            "Got error produce response in correlation id {correlation} on topic-partition {}, splitting and retrying ({} attempts \
             left). Error: {}",
            batch.partition,
            self.config.retries.saturating_sub(batch.attempts),
            error.detail()
        );
        cx.log("WARN", text, SENDER_LOGGER);
        if batch.splits >= SPLITS_MAX {
            self.died = true;
            cx.emit(Event::SenderDied { client: cx.id });
            if self.closing {
                cx.gone();
            }
            return;
        }
        self.accumulator.release(batch);
        let parts = batch.split(self.config.batch_size);
        if let Some((first, _)) = batch.sequences() {
            let firsts = parts.iter().filter_map(PendingBatch::sequences).map(|(first, _)| first);
            self.sequences.split(&batch.partition, first, firsts);
        }
        for part in parts.into_iter().rev() {
            self.accumulator.put_at_front(part);
        }
    }

    /// `Sender.completeBatch`, for a batch that was not taken.
    pub(super) fn refused(&mut self, cx: &mut ClientContext<'_>, batch: PendingBatch, correlation: u32, error: SendError) {
        let code = error.code();
        if code == ErrorCode::MessageTooLarge && batch.record_count() > 1 {
            self.split(cx, &batch, correlation, &error);
            return;
        }
        if cx.now.since(batch.created) >= Span::from_ms(self.config.delivery_timeout_ms) {
            self.expired(cx, &batch);
            return;
        }
        let partition = batch.partition.clone();
        let left = self.config.retries.saturating_sub(batch.attempts);
        let retriable = left > 0
            && match batch.sequences() {
                Some((sequence, _)) => self.sequences.can_retry(code, &partition, sequence, batch.was_reset),
                None => is_retriable(code),
            };
        if retriable {
            let text = format!(
                "Got error produce response with correlation id {correlation} on topic-partition {partition}, retrying ({} attempts left). Error: {}",
                left - 1,
                error.detail()
            );
            cx.log("WARN", text, SENDER_LOGGER);
            let retry_at = cx.now + backoff(Span::from_ms(self.config.retry_backoff_ms), batch.attempts);
            self.accumulator.put_back(cx.now, batch);
            cx.timer_at(retry_at, ClientTimer::Retry { stamp: 0 });
        } else if code == ErrorCode::DuplicateSequenceNumber {
            self.written(cx, &batch, Offset(-1));
        } else {
            self.complete(cx, &batch, Err(error.clone()));
            if let Some((first, _)) = batch.sequences() {
                self.sequences.failed(&partition, first, Some(code), left > 0);
                if code == ErrorCode::OutOfOrderSequenceNumber {
                    self.tell_out_of_order(cx, &batch, &error);
                }
            }
        }
        if is_about_metadata(code) {
            let text = match code {
                ErrorCode::UnknownTopicOrPartition => format!(
                    "Received unknown topic or partition error in produce request on partition {partition}. The topic-partition may not exist or the user may not have Describe access to it"
                ),
                _ => format!(
                    "Received invalid metadata error in produce request on partition {partition} due to {} Going to request metadata update now",
                    error.exception()
                ),
            };
            cx.log("WARN", text, SENDER_LOGGER);
            self.metadata.request_update(cx);
        }
    }
}

/// `InvalidMetadataException` among what a produce response can carry.
fn is_about_metadata(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::UnknownTopicOrPartition
            | ErrorCode::UnknownTopicId
            | ErrorCode::LeaderNotAvailable
            | ErrorCode::NotLeaderOrFollower
            | ErrorCode::FencedLeaderEpoch
            | ErrorCode::UnknownLeaderEpoch
            | ErrorCode::NetworkException
    )
}

/// `RetriableException` among what a produce response can carry.
pub(super) fn is_retriable(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::UnknownTopicOrPartition
            | ErrorCode::UnknownTopicId
            | ErrorCode::LeaderNotAvailable
            | ErrorCode::NotLeaderOrFollower
            | ErrorCode::RequestTimedOut
            | ErrorCode::NotEnoughReplicas
            | ErrorCode::NotEnoughReplicasAfterAppend
            | ErrorCode::CorruptMessage
            | ErrorCode::NetworkException
    )
}
