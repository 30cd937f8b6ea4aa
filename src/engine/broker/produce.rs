//! Produce: checks a batch, appends it to the leader's log, moves the high watermark.

use std::rc::Rc;

use super::replica::SequenceCheck;
use super::{Broker, Change, Outcome};
use crate::base::{ClientId, Offset, TopicPartition};
use crate::engine::configs;
use crate::engine::error::ErrorCode;
use crate::engine::log::Batch;
use crate::engine::network::RequestRef;
use crate::engine::protocol::{ProducePartition, ProduceRequest, ProduceResponse, Response};
use crate::engine::trace::TraceEvent;
use crate::engine::world::World;

pub(super) fn produce(world: &World, broker: &Broker, from: RequestRef, request: &ProduceRequest) -> Outcome {
    let mut outcome = Outcome::default();
    let mut partitions = Vec::with_capacity(request.batches.len());
    for (partition, batch) in &request.batches {
        let log_start_offset = broker.replica(partition).map_or(Offset(-1), |replica| replica.log.log_start_offset());
        let (error, base_offset) = match check(world, broker, request.acks, partition, batch) {
            Ok(Some(duplicate_of)) => (None, duplicate_of),
            Ok(None) => match append(world, broker, partition, batch, Some(from.from)) {
                Some(mut appended) => {
                    let base_offset = broker.replica(partition).map_or(Offset(-1), |replica| replica.log.log_end_offset());
                    outcome.changes.append(&mut appended.changes);
                    outcome.trace.append(&mut appended.trace);
                    (None, base_offset)
                }
                None => (Some(ErrorCode::NotLeaderOrFollower), Offset(-1)),
            },
            Err(error) => (Some(error), Offset(-1)),
        };
        if let Some(error) = error {
            outcome.trace.push(TraceEvent::ProduceRefused { topic_partition: partition.clone(), error });
        }
        partitions.push(ProducePartition { topic_partition: partition.clone(), error, base_offset, log_start_offset });
    }
    if request.acks != 0 {
        outcome.responses.push((from, Response::Produce(ProduceResponse { partitions })));
    }
    outcome
}

/// `Ok(Some(offset))` when the batch is already in the log, from there on.
fn check(
    world: &World,
    broker: &Broker,
    acks: i16,
    partition: &TopicPartition,
    batch: &Batch,
) -> Result<Option<Offset>, ErrorCode> {
    if !matches!(acks, -1..=1) {
        return Err(ErrorCode::InvalidRequiredAcks);
    }
    let topic = world.cluster().topic(partition.topic.as_str()).ok_or(ErrorCode::UnknownTopicOrPartition)?;
    let state = topic.partition(partition.partition).ok_or(ErrorCode::UnknownTopicOrPartition)?;
    let replica = broker.replica(partition).ok_or(ErrorCode::NotLeaderOrFollower)?;
    if state.leader != Some(broker.id) {
        return Err(ErrorCode::NotLeaderOrFollower);
    }
    if batch.size_bytes() > topic.number("max.message.bytes") {
        return Err(ErrorCode::MessageTooLarge);
    }
    if configs::is_compacted(topic) && batch.records().any(|record| record.key.is_none()) {
        return Err(ErrorCode::InvalidRecord);
    }
    if acks == -1 && (state.isr.len() as u64) < topic.number("min.insync.replicas") {
        return Err(ErrorCode::NotEnoughReplicas);
    }
    match replica.check_sequence(batch) {
        SequenceCheck::InOrder => Ok(None),
        SequenceCheck::Duplicate(base_offset) => Ok(Some(base_offset)),
        SequenceCheck::Refused(error) => Err(error),
    }
}

/// Appends as the leader. With the leader alone in sync, the high watermark follows at once.
pub(super) fn append(
    world: &World,
    broker: &Broker,
    partition: &TopicPartition,
    batch: &Rc<Batch>,
    client: Option<ClientId>,
) -> Option<Outcome> {
    let state = world.cluster().topic(partition.topic.as_str())?.partition(partition.partition)?;
    let replica = broker.replica(partition)?;
    if state.leader != Some(broker.id) {
        return None;
    }
    let mut placed = batch.placed(replica.log.log_end_offset(), state.leader_epoch);
    if world.cluster().topic(partition.topic.as_str())?.config("message.timestamp.type") == "LogAppendTime" {
        placed.stamp(world.now().timestamp());
    }
    let mut outcome = Outcome::default();
    outcome.trace.push(TraceEvent::Appended {
        topic_partition: partition.clone(),
        base_offset: placed.base_offset,
        record_count: placed.record_count,
        client,
    });
    let high_watermark = placed.next_offset();
    outcome.changes.push(Change::Append { broker: broker.id, partition: partition.clone(), batch: Rc::new(placed) });
    outcome.changes.push(Change::HighWatermark { broker: broker.id, partition: partition.clone(), high_watermark });
    outcome.trace.push(TraceEvent::HighWatermark { topic_partition: partition.clone(), high_watermark });
    Some(outcome)
}
