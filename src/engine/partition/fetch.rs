//! Reading: fetch with its waiting, offsets by time, and moving a log's start.

use std::rc::Rc;

use crate::base::{BrokerId, Offset, Span, Timestamp, TopicPartition};
use crate::engine::broker::{Broker, ParkedFetch, Replica, as_fetch};
use crate::engine::metadata::PartitionState;
use crate::engine::network::RequestRef;
use crate::engine::node::{BrokerTimer, Change, NodeContext, Outcome};
use crate::engine::protocol::{
    DeleteRecordsRequest, DeleteRecordsResponse, EpochAsked, EpochEnd, ErrorCode, FetchPartition, FetchRequest, FetchResponse,
    FetchedPartition, ListOffsetsRequest, ListOffsetsResponse, ListedOffset, OffsetSpec, OffsetsForLeaderEpochRequest,
    OffsetsForLeaderEpochResponse, Request, Response,
};
use crate::engine::trace::TraceEvent;

/// The replica that this broker leads, or why it answers with an error.
pub fn led<'a>(cx: &NodeContext<'_>, broker: &'a Broker, partition: &TopicPartition) -> Result<(&'a Replica, i32), ErrorCode> {
    let (_, state) = cx.metadata.partition(partition).ok_or(ErrorCode::UnknownTopicOrPartition)?;
    if state.leader != Some(broker.id) {
        return Err(ErrorCode::NotLeaderOrFollower);
    }
    let replica = broker.replica(partition).ok_or(ErrorCode::NotLeaderOrFollower)?;
    Ok((replica, state.leader_epoch))
}

/// `Partition.checkCurrentLeaderEpoch`
fn check_epoch(asked: Option<i32>, epoch: i32) -> Result<(), ErrorCode> {
    match asked {
        Some(asked) if asked < epoch => Err(ErrorCode::FencedLeaderEpoch),
        Some(asked) if asked > epoch => Err(ErrorCode::UnknownLeaderEpoch),
        _ => Ok(()),
    }
}

/// The replica that a consumer may read here: of the leader, or of a follower (KIP-392).
fn readable<'a>(
    cx: &'a NodeContext<'a>,
    broker: &'a Broker,
    wanted: &FetchPartition,
) -> Result<(&'a Replica, &'a PartitionState), ErrorCode> {
    let partition = &wanted.topic_partition;
    let (_, state) = cx.metadata.partition(partition).ok_or(ErrorCode::UnknownTopicOrPartition)?;
    let replica = broker.replica(partition).ok_or(ErrorCode::NotLeaderOrFollower)?;
    check_epoch(wanted.current_leader_epoch, state.leader_epoch)?;
    Ok((replica, state))
}

/// `RackAwareReplicaSelector`: the follower in sync that is in the consumer's rack and has the offset, the furthest of
/// several; none where the leader is in that rack itself.
fn preferred_replica(
    cx: &NodeContext<'_>,
    broker: &Broker,
    wanted: &FetchPartition,
    state: &PartitionState,
    rack: &str,
) -> Option<BrokerId> {
    let aware = cx.configs.replica_selector_class.ends_with("RackAwareReplicaSelector");
    if !aware || rack.is_empty() || state.leader != Some(broker.id) {
        return None;
    }
    let metadata = cx.metadata;
    let in_rack = |replica: &BrokerId| metadata.registrations.get(replica).is_some_and(|known| known.rack.as_deref() == Some(rack));
    if in_rack(&broker.id) {
        return None;
    }
    let end = |replica: &BrokerId| Some(broker.sessions.get(replica)?.partitions.get(&wanted.topic_partition)?.log_end_offset);
    let followers = state.isr.iter().filter(|replica| in_rack(replica));
    let followers = followers.filter_map(|replica| Some((end(replica)?, *replica)));
    followers.filter(|(end, _)| *end >= wanted.fetch_offset).max().map(|(_, replica)| replica)
}

pub fn fetch(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &Rc<Request>) -> Outcome {
    let Some(fetch) = as_fetch(request) else {
        return Outcome::default();
    };
    if let Some(response) = answer(cx, broker, fetch, false) {
        return Outcome::answer(from, Response::Fetch(response));
    }
    let deadline = cx.now + Span::from_ms(fetch.max_wait_ms);
    Outcome {
        changes: vec![Change::ParkFetch {
            broker: broker.id,
            request: from,
            parked: ParkedFetch { request: request.clone(), deadline },
        }],
        timers: vec![(deadline, BrokerTimer::FetchExpires { request: from })],
        ..Outcome::default()
    }
}

/// `max_wait_ms` is over: whatever is there is the answer.
pub fn expired(cx: &NodeContext<'_>, broker: &Broker, request: RequestRef) -> Outcome {
    let Some(parked) = broker.parked.get(&request) else {
        return Outcome::default();
    };
    let response = as_fetch(&parked.request).and_then(|fetch| answer(cx, broker, fetch, true));
    unpark(broker, request, response)
}

pub fn progressed(cx: &NodeContext<'_>, broker: &Broker, partitions: &[TopicPartition]) -> Option<Outcome> {
    let mut outcome = Outcome::default();
    for (request, parked) in broker.parked.touched(partitions) {
        if let Some(fetch) = as_fetch(&parked.request)
            && let Some(response) = answer(cx, broker, fetch, false)
        {
            outcome.merge(unpark(broker, request, Some(response)));
        }
    }
    (!outcome.changes.is_empty()).then_some(outcome)
}

fn unpark(broker: &Broker, request: RequestRef, response: Option<FetchResponse>) -> Outcome {
    Outcome {
        changes: vec![Change::UnparkFetch { broker: broker.id, request }],
        responses: response.map(|response| (request, Response::Fetch(response))).into_iter().collect(),
        ..Outcome::default()
    }
}

/// The answer, or `None` when it would be too small and may wait.
fn answer(cx: &NodeContext<'_>, broker: &Broker, fetch: &FetchRequest, must: bool) -> Option<FetchResponse> {
    let mut left = fetch.max_bytes;
    let mut bytes = 0;
    let mut at_once = false;
    let partitions: Vec<FetchedPartition> = fetch
        .partitions
        .iter()
        .map(|wanted| {
            let read = read(cx, broker, wanted, fetch.rack_id.as_deref(), left, bytes == 0);
            let size: u64 = read.batches.iter().map(|batch| batch.size_bytes()).sum();
            left = left.saturating_sub(size);
            bytes += size;
            at_once |= read.error.is_some() || read.preferred_read_replica.is_some();
            read
        })
        .collect();
    (must || at_once || bytes >= fetch.min_bytes).then_some(FetchResponse { partitions })
}

fn read(
    cx: &NodeContext<'_>,
    broker: &Broker,
    wanted: &FetchPartition,
    rack: Option<&str>,
    left: u64,
    first: bool,
) -> FetchedPartition {
    let partition = &wanted.topic_partition;
    let mut fetched = FetchedPartition {
        topic_partition: partition.clone(),
        error: None,
        high_watermark: Offset(-1),
        log_start_offset: Offset(-1),
        preferred_read_replica: None,
        batches: Vec::new(),
    };
    let (replica, state) = match readable(cx, broker, wanted) {
        Ok(found) => found,
        Err(error) => {
            return FetchedPartition { error: Some(error), ..fetched };
        }
    };
    fetched.high_watermark = replica.high_watermark;
    fetched.log_start_offset = replica.log.log_start_offset();
    if wanted.fetch_offset < replica.log.log_start_offset() || wanted.fetch_offset > replica.log.log_end_offset() {
        return FetchedPartition { error: Some(ErrorCode::OffsetOutOfRange), ..fetched };
    }
    fetched.preferred_read_replica = rack.and_then(|rack| preferred_replica(cx, broker, wanted, state, rack));
    if fetched.preferred_read_replica.is_some() {
        return fetched;
    }
    let limit = left.min(wanted.partition_max_bytes);
    let mut size = 0;
    for batch in replica.log.batches_from(wanted.fetch_offset) {
        if batch.last_offset() >= replica.high_watermark {
            break;
        }
        // The first batch of an answer is given whatever its size, so that a reader always gets on (KIP-74).
        let always = first && fetched.batches.is_empty();
        if !always && size + batch.size_bytes() > limit {
            break;
        }
        size += batch.size_bytes();
        fetched.batches.push(batch.clone());
    }
    fetched
}

pub fn list_offsets(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &ListOffsetsRequest) -> Outcome {
    let partitions = request.partitions.iter().map(|(partition, spec)| list_offset(cx, broker, partition, *spec)).collect();
    Outcome::answer(from, Response::ListOffsets(ListOffsetsResponse { partitions }))
}

fn list_offset(cx: &NodeContext<'_>, broker: &Broker, partition: &TopicPartition, spec: OffsetSpec) -> ListedOffset {
    let mut listed =
        ListedOffset { topic_partition: partition.clone(), error: None, offset: None, timestamp: Timestamp(-1), leader_epoch: -1 };
    let (replica, leader_epoch) = match led(cx, broker, partition) {
        Ok(found) => found,
        Err(error) => {
            return ListedOffset { error: Some(error), ..listed };
        }
    };
    listed.leader_epoch = leader_epoch;
    // A new leader does not know yet how far its records are committed: what it said might be less than was told before (KIP-207).
    let epoch_start = replica.epochs.latest().map_or(Offset::ZERO, |(_, start)| start);
    let too_early = ListedOffset { error: Some(ErrorCode::OffsetNotAvailable), ..listed.clone() };
    let is_early = epoch_start > replica.high_watermark;
    let found = match spec {
        OffsetSpec::Earliest => {
            listed.offset = Some(replica.log.log_start_offset());
            None
        }
        OffsetSpec::Latest if is_early => return too_early,
        OffsetSpec::Latest => {
            listed.offset = Some(replica.high_watermark);
            None
        }
        OffsetSpec::MaxTimestamp => replica.log.offset_by_timestamp(replica.log.max_timestamp()),
        // Negative numbers are kinds of offsets, and this is one that there is not.
        OffsetSpec::Timestamp(timestamp) if timestamp.0 < 0 => {
            return ListedOffset { error: Some(ErrorCode::UnsupportedVersion), ..listed };
        }
        OffsetSpec::Timestamp(timestamp) => {
            let found = replica.log.offset_by_timestamp(timestamp).filter(|(offset, _)| *offset < replica.high_watermark);
            if found.is_none() && is_early {
                return too_early;
            }
            found
        }
    };
    if let Some((offset, timestamp)) = found {
        listed.offset = Some(offset);
        listed.timestamp = timestamp;
    }
    listed
}

pub fn epoch_ends(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &OffsetsForLeaderEpochRequest) -> Outcome {
    let end = |asked: &EpochAsked| {
        let found = led(cx, broker, &asked.topic_partition).and_then(|(replica, epoch)| {
            check_epoch(Some(asked.current_leader_epoch), epoch)?;
            Ok(Some(replica.end_of_epoch(asked.leader_epoch)).filter(|(epoch, _)| *epoch >= 0))
        });
        EpochEnd { topic_partition: asked.topic_partition.clone(), error: found.err(), end: found.ok().flatten() }
    };
    let partitions = request.partitions.iter().map(end).collect();
    Outcome::answer(from, Response::OffsetsForLeaderEpoch(OffsetsForLeaderEpochResponse { partitions }))
}

pub fn delete_records(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &DeleteRecordsRequest) -> Outcome {
    let mut outcome = Outcome::default();
    let mut partitions = Vec::new();
    for (partition, offset) in &request.partitions {
        let result = deletable(cx, broker, partition, *offset);
        if let Ok(log_start_offset) = result {
            outcome.changes.push(Change::LogStart { broker: broker.id, partition: partition.clone(), log_start_offset });
            outcome.trace.push(TraceEvent::RecordsDeleted { topic_partition: partition.clone(), log_start_offset });
        }
        partitions.push((partition.clone(), result));
    }
    outcome.responses.push((from, Response::DeleteRecords(DeleteRecordsResponse { partitions })));
    outcome
}

fn deletable(cx: &NodeContext<'_>, broker: &Broker, partition: &TopicPartition, offset: Offset) -> Result<Offset, ErrorCode> {
    let (replica, _) = led(cx, broker, partition)?;
    let topic = cx.metadata.topic(partition.topic.as_str()).ok_or(ErrorCode::UnknownTopicOrPartition)?;
    if !cx.metadata.settings_at(broker.id, topic).is_deleted() {
        return Err(ErrorCode::PolicyViolation);
    }
    let offset = if offset.0 == -1 { replica.high_watermark } else { offset };
    if offset.0 < 0 || offset > replica.high_watermark {
        return Err(ErrorCode::OffsetOutOfRange);
    }
    Ok(offset.max(replica.log.log_start_offset()))
}
