//! Produce: checks a batch, appends it to the leader's log, moves the high watermark.

use std::rc::Rc;

use super::replication;
use crate::base::{ClientId, Offset, TopicPartition};
use crate::engine::broker::{Broker, DelayedProduce, SequenceCheck};
use crate::engine::log::Batch;
use crate::engine::network::{Endpoint, RequestRef};
use crate::engine::node::{Change, NodeContext, Outcome};
use crate::engine::protocol::{ErrorCode, ProducePartition, ProduceRequest, ProduceResponse, Response};
use crate::engine::trace::TraceEvent;

pub fn produce(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &ProduceRequest) -> Outcome {
    let mut outcome = Outcome::default();
    let mut partitions = Vec::with_capacity(request.batches.len());
    let mut required = Vec::with_capacity(request.batches.len());
    outcome.changes.reserve(request.batches.len() + 1);
    outcome.trace.reserve(request.batches.len());
    for (partition, batch) in &request.batches {
        let log_start_offset = broker.replica(partition).map_or(Offset(-1), |replica| replica.log.log_start_offset());
        let mut wait_for = None;
        let (error, base_offset) = match check(cx, broker, request, partition, batch) {
            Ok(Some(duplicate_of)) => {
                wait_for = Some(duplicate_of.plus(i64::from(batch.last_offset_delta) + 1));
                (None, duplicate_of)
            }
            Ok(None) => match append(cx, broker, partition, batch, client_of(from), &mut outcome) {
                Some(base_offset) => {
                    wait_for = Some(base_offset.plus(i64::from(batch.last_offset_delta) + 1));
                    (None, base_offset)
                }
                None => (Some(ErrorCode::NotLeaderOrFollower), Offset(-1)),
            },
            Err(error) => (Some(error), Offset(-1)),
        };
        if let Some(error) = error {
            outcome.trace.push(TraceEvent::ProduceRefused { topic_partition: partition.clone(), error });
        }
        let alone = alone(cx, partition);
        required.push(wait_for.filter(|_| !alone));
        partitions.push(ProducePartition { topic_partition: partition.clone(), error, base_offset, log_start_offset });
    }
    if request.acks == -1 && required.iter().any(Option::is_some) {
        outcome.merge(replication::delay(cx, broker, from, request.timeout_ms, DelayedProduce { partitions, required }));
        outcome.touched.extend(request.batches.iter().map(|(partition, _)| partition.clone()));
    } else if request.acks != 0 {
        outcome.responses.push((from, Response::Produce(ProduceResponse { partitions })));
    }
    outcome
}

fn client_of(request: RequestRef) -> Option<ClientId> {
    match request.from {
        Endpoint::Client(client) => Some(client),
        Endpoint::Broker(_) => None,
    }
}

/// Is there no other replica to wait for?
fn alone(cx: &NodeContext<'_>, partition: &TopicPartition) -> bool {
    cx.metadata.partition(partition).is_none_or(|(_, state)| state.replicas.len() < 2)
}

/// `Ok(Some(offset))` when the batch is already in the log, from there on.
fn check(
    cx: &NodeContext<'_>,
    broker: &Broker,
    request: &ProduceRequest,
    partition: &TopicPartition,
    batch: &Batch,
) -> Result<Option<Offset>, ErrorCode> {
    if !matches!(request.acks, -1..=1) {
        return Err(ErrorCode::InvalidRequiredAcks);
    }
    let known = cx.metadata.topic(partition.topic.as_str());
    if known.map(|topic| &topic.topic_id) != request.topic_ids.get(&partition.topic) {
        return Err(ErrorCode::UnknownTopicId);
    }
    let (topic, state) = cx.metadata.partition(partition).ok_or(ErrorCode::UnknownTopicOrPartition)?;
    let replica = broker.replica(partition).ok_or(ErrorCode::NotLeaderOrFollower)?;
    if state.leader != Some(broker.id) {
        return Err(ErrorCode::NotLeaderOrFollower);
    }
    let settings = cx.metadata.settings_at(broker.id, topic);
    if batch.size_bytes() > settings.max_message_bytes {
        return Err(ErrorCode::MessageTooLarge);
    }
    if settings.is_compacted() && batch.records().any(|record| record.key.is_none()) {
        return Err(ErrorCode::InvalidRecord);
    }
    if request.acks == -1 && state.isr.len() < replication::effective_min_isr(topic, state) {
        return Err(ErrorCode::NotEnoughReplicas);
    }
    match replica.check_sequence(batch) {
        SequenceCheck::InOrder => Ok(None),
        SequenceCheck::Duplicate(base_offset) => Ok(Some(base_offset)),
        SequenceCheck::Refused(error) => Err(error),
    }
}

/// Appends as the leader, and returns the batch's first offset. Of a single replica the high watermark follows at once.
pub fn append(
    cx: &NodeContext<'_>,
    broker: &Broker,
    partition: &TopicPartition,
    batch: &Rc<Batch>,
    client: Option<ClientId>,
    outcome: &mut Outcome,
) -> Option<Offset> {
    let (topic, state) = cx.metadata.partition(partition)?;
    let replica = broker.replica(partition)?;
    if state.leader != Some(broker.id) {
        return None;
    }
    let mut placed = batch.placed(replica.log.log_end_offset(), state.leader_epoch);
    if cx.metadata.settings_at(broker.id, topic).stamps_appends() {
        placed.stamp(cx.now.timestamp());
    }
    outcome.trace.push(TraceEvent::Appended {
        topic_partition: partition.clone(),
        base_offset: placed.base_offset,
        record_count: placed.record_count,
        client,
    });
    let (base_offset, high_watermark) = (placed.base_offset, placed.next_offset());
    outcome.changes.push(Change::Append { broker: broker.id, partition: partition.clone(), batch: Rc::new(placed) });
    if state.replicas.len() < 2 {
        outcome.changes.push(Change::HighWatermark { broker: broker.id, partition: partition.clone(), high_watermark });
        outcome.trace.push(TraceEvent::HighWatermark { topic_partition: partition.clone(), high_watermark });
    }
    Some(base_offset)
}

/// Appends a batch that the broker itself writes (a coordinator's), as the leader of the partition. Nothing happens if it does
/// not lead it.
pub fn append_own(cx: &NodeContext<'_>, broker: &Broker, partition: &TopicPartition, batch: Batch, outcome: &mut Outcome) {
    append(cx, broker, partition, &Rc::new(batch), None, outcome);
}
