//! Followers and their leaders (`ReplicaFetcherThread`, `Partition`, `DelayedProduce`).
//!
//! ```text
//!  follower                                      leader
//!  Fetch: positions that have changed      ──▸   notes how far the follower is; moves the high watermark; asks the
//!                                                controller for a larger ISR when it has caught up
//!                                          ◂──   records, at once or within replica.fetch.wait.max.ms
//!  appends, takes the high watermark over
//!         … the next Fetch says how far it came: a record is committed one round later
//! ```
//!
//! One fetcher per leader, one session per follower. A partition in which nothing happens costs nothing: it is in no
//! request and no answer, and how long its follower has been in sync follows from the session's last fetch.

use crate::base::{BrokerId, Offset, SimTime, SortedSet, Span, TopicPartition, sort};
use crate::engine::broker::{Asked, Broker, DelayedProduce, FetchSession, FollowerState, Replica, ReplicationChange, Told};
use crate::engine::metadata::{PartitionState, Topic};
use crate::engine::network::{Endpoint, RequestRef};
use crate::engine::node::{BrokerTimer, Change, NodeContext, Outcome};
use crate::engine::protocol::{
    AlterPartitionRequest, ErrorCode, ProducePartition, ProduceResponse, ReplicaFetchRequest, ReplicaFetchResponse, ReplicaFetched,
    ReplicaPosition, Request, Response,
};
use crate::engine::trace::TraceEvent;

// ---- the leader's side

/// A partition that a broker leads: its metadata, and the replica.
#[derive(Clone, Copy)]
struct Led<'a> {
    topic: &'a Topic,
    state: &'a PartitionState,
    replica: &'a Replica,
}

impl<'a> Led<'a> {
    fn find(cx: &'a NodeContext<'a>, broker: &'a Broker, partition: &TopicPartition) -> Option<Self> {
        let (topic, state) = cx.metadata.partition(partition).filter(|(_, state)| state.leader == Some(broker.id))?;
        Some(Self { topic, state, replica: broker.replica(partition)? })
    }

    /// Are too few of its replicas in sync to commit anything?
    fn is_under_min_isr(&self) -> bool {
        self.state.isr.len() < effective_min_isr(self.topic, self.state)
    }
}

/// min.insync.replicas, but never more than there are replicas (`Partition.effectiveMinIsr`).
pub fn effective_min_isr(topic: &Topic, state: &PartitionState) -> usize {
    topic.settings.min_insync_replicas.min(state.replicas.len())
}

fn caught_up_at(session: &FetchSession, state: &FollowerState, leader_end: Offset) -> SimTime {
    if state.log_end_offset >= leader_end { session.last_fetch.max(state.caught_up_at) } else { state.caught_up_at }
}

/// `Partition.isReplicaIsrEligible`: what is known of a follower that has started again since is worth nothing.
fn may_join(cx: &NodeContext<'_>, session: &FetchSession, replica: BrokerId) -> bool {
    let metadata = cx.metadata;
    metadata.is_active(replica) && metadata.registration_epoch(replica) == session.replica_epoch
}

/// Where the high watermark belongs now, if it moves (`Partition.maybeIncrementLeaderHW`).
fn next_high_watermark(
    cx: &NodeContext<'_>,
    broker: &Broker,
    partition: &TopicPartition,
    led: Led<'_>,
    lag_max: Span,
) -> Option<Offset> {
    let Led { state, replica, .. } = led;
    let end = replica.log.log_end_offset();
    if end == replica.high_watermark || led.is_under_min_isr() {
        return None;
    }
    let counts = |follower: &BrokerId| {
        let pending = replica.pending_isr.as_ref().is_some_and(|isr| isr.contains(follower));
        state.isr.contains(follower) || pending
    };
    let mut lowest = end;
    for follower in state.replicas.iter().filter(|follower| **follower != broker.id) {
        let known = broker.sessions.get(follower).and_then(|session| Some((session, session.partitions.get(partition)?)));
        let position = known.map_or(replica.log.log_start_offset(), |(_, state)| state.log_end_offset);
        let joins = known.is_some_and(|(session, state)| {
            cx.now.since(caught_up_at(session, state, end)) <= lag_max && may_join(cx, session, *follower)
        });
        if counts(follower) || joins {
            lowest = lowest.min(position);
        }
    }
    (lowest > replica.high_watermark).then_some(lowest)
}

/// Has the follower not fetched for so long that it is in sync in nothing?
fn is_silent(cx: &NodeContext<'_>, session: &FetchSession) -> bool {
    cx.now.since(session.last_fetch) > cx.configs.replica_lag_time_max
}

/// A larger ISR to ask for: a follower has reached the high watermark and this epoch's beginning.
fn expansion(cx: &NodeContext<'_>, broker: &Broker, partition: &TopicPartition, led: Led<'_>) -> Option<Vec<BrokerId>> {
    let Led { state, replica, .. } = led;
    if replica.pending_isr.is_some() || state.isr.len() == state.replicas.len() {
        return None;
    }
    let epoch_start = replica.epochs.latest().map_or(Offset::ZERO, |(_, start)| start);
    let in_sync = |follower: &&BrokerId| {
        // Kafka looks at this when the follower fetches: one that is silent does not come back.
        let session = broker.sessions.get(follower).filter(|session| !is_silent(cx, session));
        let session = session.filter(|session| may_join(cx, session, **follower));
        let position = session.and_then(|session| session.partitions.get(partition)).map(|state| state.log_end_offset);
        !state.isr.contains(follower)
            && position.is_some_and(|position| position >= replica.high_watermark && position >= epoch_start)
    };
    // Kafka keeps the ISR in the order of the map that it is made from: by id.
    let joined: Vec<BrokerId> = state.replicas.iter().filter(in_sync).copied().collect();
    if joined.is_empty() {
        return None;
    }
    let mut isr: Vec<BrokerId> = state.isr.iter().chain(&joined).copied().collect();
    sort(&mut isr);
    Some(isr)
}

fn ask_isr(
    cx: &NodeContext<'_>,
    broker: &Broker,
    partition: &TopicPartition,
    state: &PartitionState,
    isr: Vec<BrokerId>,
    outcome: &mut Outcome,
) {
    let epoch = |replica| broker.sessions.get(&replica).map(|session| session.replica_epoch);
    let request = AlterPartitionRequest {
        topic_partition: partition.clone(),
        leader_epoch: state.leader_epoch,
        partition_epoch: state.partition_epoch,
        new_isr: isr.iter().map(|replica| (*replica, epoch(*replica))).collect(),
    };
    let all: SortedSet<BrokerId> = state.isr.iter().copied().chain(isr).collect();
    outcome
        .replication(broker, ReplicationChange::PendingIsr { partition: partition.clone(), isr: Some(all.into_iter().collect()) });
    let controller = cx.metadata.controller;
    outcome.requests.push((controller, Request::AlterPartition(request), Asked::AlterPartition(partition.clone())));
}

pub fn fetch(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &ReplicaFetchRequest) -> Outcome {
    let Endpoint::Broker(follower) = from.from else { return Outcome::default() };
    let mut outcome = Outcome::default();
    let mut wrong = Vec::new();
    let mut positions = Vec::with_capacity(request.partitions.len());
    for wanted in &request.partitions {
        match check_position(cx, broker, follower, wanted) {
            Ok(()) => positions.push((wanted.topic_partition.clone(), wanted.fetch_offset)),
            Err(answer) => wrong.push(answer),
        }
    }
    outcome.touched.extend(positions.iter().map(|(partition, _)| partition.clone()));
    // What came while none of its fetches was here is told by this one.
    let untold = broker.sessions.get(&follower).and_then(|session| session.dirty.iter().next());
    outcome.touched.extend(untold);
    // Back after a silence: it may be in sync again in all that it follows.
    let back = broker.sessions.get(&follower).filter(|session| is_silent(cx, session));
    outcome.touched.extend(back.into_iter().flat_map(|session| session.partitions.keys().cloned()));
    let forgotten = request.forgotten.iter().chain(wrong.iter().map(|answer| &answer.topic_partition)).cloned().collect();
    let (replica_epoch, full) = (request.replica_epoch, request.full);
    outcome.replication(broker, ReplicationChange::Fetched { follower, replica_epoch, full, positions, forgotten });
    if !wrong.is_empty() {
        let response = ReplicaFetchResponse { partitions: wrong };
        outcome.responses.push((from, Response::ReplicaFetch(response)));
        return outcome;
    }
    // Answered from the state that the fetch has made: at the latest when its time is over.
    let deadline = cx.now + Span::from_ms(request.max_wait_ms);
    outcome.replication(broker, ReplicationChange::Parked { follower, parked: Some((from, deadline)) });
    outcome.timers.push((deadline, BrokerTimer::ReplicaFetchExpires { follower, request: from }));
    outcome
}

/// Can the follower go on from there, or does it have what its leader has not?
fn check_position(
    cx: &NodeContext<'_>,
    broker: &Broker,
    follower: BrokerId,
    wanted: &ReplicaPosition,
) -> Result<(), ReplicaFetched> {
    let partition = &wanted.topic_partition;
    let wrong = |error, replica: Option<&Replica>| ReplicaFetched {
        topic_partition: partition.clone(),
        leader_epoch: wanted.current_leader_epoch,
        error,
        high_watermark: replica.map_or(Offset(-1), |replica| replica.high_watermark),
        log_start_offset: replica.map_or(Offset(-1), |replica| replica.log.log_start_offset()),
        diverging: None,
        batches: Vec::new(),
    };
    let led = Led::find(cx, broker, partition).filter(|led| led.state.replicas.contains(&follower));
    let Some(Led { state, replica, .. }) = led else {
        return Err(wrong(Some(ErrorCode::NotLeaderOrFollower), None));
    };
    if state.leader_epoch != wanted.current_leader_epoch {
        let older = wanted.current_leader_epoch < state.leader_epoch;
        return Err(wrong(Some(if older { ErrorCode::FencedLeaderEpoch } else { ErrorCode::UnknownLeaderEpoch }), None));
    }
    if wanted.last_fetched_epoch >= 0 {
        let (epoch, end) = replica.end_of_epoch(wanted.last_fetched_epoch);
        if epoch < wanted.last_fetched_epoch || end < wanted.fetch_offset {
            return Err(ReplicaFetched { diverging: Some((epoch, end)), ..wrong(None, Some(replica)) });
        }
    }
    if wanted.fetch_offset > replica.log.log_end_offset() || wanted.fetch_offset < replica.log.log_start_offset() {
        return Err(wrong(Some(ErrorCode::OffsetOutOfRange), Some(replica)));
    }
    Ok(())
}

/// Answers a follower's fetch that waits, if there is something to tell or it `must`.
fn answer(cx: &NodeContext<'_>, broker: &Broker, follower: BrokerId, must: bool, outcome: &mut Outcome) {
    let Some(session) = broker.sessions.get(&follower) else { return };
    let Some((request, _)) = session.parked else { return };
    if session.dirty.is_empty() && !must {
        return;
    }
    let partition_max = cx.configs.replica_fetch_max_bytes;
    let mut left = cx.configs.replica_fetch_response_max_bytes;
    let mut partitions = Vec::with_capacity(session.dirty.len());
    let mut told = Vec::with_capacity(session.dirty.len());
    for partition in session.dirty.iter() {
        let (Some(led), Some(known)) = (Led::find(cx, broker, &partition), session.partitions.get(&partition)) else {
            continue;
        };
        let Led { state, replica, .. } = led;
        let mut size = 0;
        let mut batches = Vec::new();
        for batch in replica.log.batches_from(known.log_end_offset) {
            // The first batch is given whatever its size, so that a follower always gets on.
            if !(batches.is_empty() && partitions.is_empty()) && size + batch.size_bytes() > partition_max.min(left) {
                break;
            }
            size += batch.size_bytes();
            batches.push(batch.clone());
        }
        left = left.saturating_sub(size);
        let end = batches.last().map_or(known.log_end_offset, |batch| batch.next_offset());
        let all = end >= replica.log.log_end_offset();
        let high_watermark = replica.high_watermark;
        told.push(Told { partition: partition.clone(), high_watermark, all });
        if batches.is_empty() && high_watermark == known.told_high_watermark {
            continue;
        }
        partitions.push(ReplicaFetched {
            topic_partition: partition,
            leader_epoch: state.leader_epoch,
            error: None,
            high_watermark,
            log_start_offset: replica.log.log_start_offset(),
            diverging: None,
            batches,
        });
    }
    outcome.replication(broker, ReplicationChange::Told { follower, told });
    if partitions.is_empty() && !must {
        return;
    }
    outcome.replication(broker, ReplicationChange::Parked { follower, parked: None });
    outcome.responses.push((request, Response::ReplicaFetch(ReplicaFetchResponse { partitions })));
}

pub fn expired(cx: &NodeContext<'_>, broker: &Broker, follower: BrokerId, request: RequestRef) -> Outcome {
    let mut outcome = Outcome::default();
    let waits = broker.sessions.get(&follower).and_then(|session| session.parked);
    if waits.is_some_and(|(parked, _)| parked == request) {
        answer(cx, broker, follower, true, &mut outcome);
    }
    outcome
}

/// Followers that have not caught up for replica.lag.time.max.ms leave the ISR (`Partition.maybeShrinkIsr`).
pub fn shrink(cx: &NodeContext<'_>, broker: &Broker) -> Outcome {
    let mut outcome = Outcome::default();
    let lag_max = cx.configs.replica_lag_time_max;
    for partition in broker.replicas.keys() {
        let Some(Led { state, replica, .. }) = Led::find(cx, broker, partition) else { continue };
        if replica.pending_isr.is_some() || state.isr.len() < 2 {
            continue;
        }
        let end = replica.log.log_end_offset();
        let keeps = |follower: &&BrokerId| {
            let known = broker.sessions.get(follower).and_then(|session| Some((session, session.partitions.get(partition)?)));
            **follower == broker.id
                || known.is_some_and(|(session, state)| cx.now.since(caught_up_at(session, state, end)) <= lag_max)
        };
        let isr: Vec<BrokerId> = state.isr.iter().filter(keeps).copied().collect();
        if isr.len() < state.isr.len() {
            ask_isr(cx, broker, partition, state, isr, &mut outcome);
        }
    }
    outcome.timers.push((cx.now + Span(lag_max.0 / 2), BrokerTimer::IsrExpiration));
    outcome
}

// ---- produce with acks=all

/// Holds a produce's answer back until the high watermark has passed what it wrote.
pub fn delay(cx: &NodeContext<'_>, broker: &Broker, request: RequestRef, timeout_ms: u64, delayed: DelayedProduce) -> Outcome {
    let mut outcome = Outcome::default();
    outcome.replication(broker, ReplicationChange::Delay { request, delayed: Some(delayed) });
    outcome.timers.push((cx.now + Span::from_ms(timeout_ms), BrokerTimer::ProduceExpires { request }));
    outcome
}

fn complete(
    cx: &NodeContext<'_>,
    broker: &Broker,
    request: RequestRef,
    delayed: &DelayedProduce,
    must: bool,
    outcome: &mut Outcome,
) {
    let reached = |(partition, required): (&ProducePartition, &Option<Offset>)| {
        let replica = Led::find(cx, broker, &partition.topic_partition).map(|led| led.replica);
        required.is_none_or(|required| replica.is_none_or(|replica| replica.high_watermark >= required))
    };
    if !must && !delayed.partitions.iter().zip(&delayed.required).all(reached) {
        return;
    }
    let mut answer = delayed.partitions.clone();
    for (partition, required) in answer.iter_mut().zip(&delayed.required) {
        let Some(required) = required else { continue };
        partition.error = match Led::find(cx, broker, &partition.topic_partition) {
            None => Some(ErrorCode::NotLeaderOrFollower),
            Some(led) if led.replica.high_watermark < *required => Some(ErrorCode::RequestTimedOut),
            Some(led) if led.is_under_min_isr() => Some(ErrorCode::NotEnoughReplicasAfterAppend),
            Some(_) => None,
        };
        if partition.error.is_some() {
            partition.base_offset = Offset(-1);
        }
    }
    outcome.replication(broker, ReplicationChange::Delay { request, delayed: None });
    outcome.responses.push((request, Response::Produce(ProduceResponse { partitions: answer })));
}

pub fn produce_expired(cx: &NodeContext<'_>, broker: &Broker, request: RequestRef) -> Outcome {
    let mut outcome = Outcome::default();
    if let Some(delayed) = broker.delayed.get(&request) {
        complete(cx, broker, request, delayed, true, &mut outcome);
    }
    outcome
}

// ---- what follows from a change

/// Something has changed in these partitions: high watermarks, in-sync sets, answers that waited, fetchers.
pub fn progressed(cx: &NodeContext<'_>, broker: &Broker, partitions: &[TopicPartition]) -> Outcome {
    let mut outcome = Outcome::default();
    let lag_max = cx.configs.replica_lag_time_max;
    let mut leads = false;
    for partition in partitions {
        let Some(led) = Led::find(cx, broker, partition) else { continue };
        leads = true;
        if let Some(high_watermark) = next_high_watermark(cx, broker, partition, led, lag_max) {
            outcome.changes.push(Change::HighWatermark { broker: broker.id, partition: partition.clone(), high_watermark });
            outcome.trace.push(TraceEvent::HighWatermark { topic_partition: partition.clone(), high_watermark });
        } else if let Some(isr) = expansion(cx, broker, partition, led) {
            ask_isr(cx, broker, partition, led.state, isr, &mut outcome);
        }
    }
    if outcome.changes.iter().any(|change| matches!(change, Change::HighWatermark { .. })) {
        return outcome;
    }
    for (request, delayed) in broker.delayed.touched(partitions) {
        complete(cx, broker, request, delayed, false, &mut outcome);
    }
    // Followers are told of what this broker leads only.
    for (follower, session) in broker.sessions.iter().filter(|_| leads) {
        if session.parked.is_some() && partitions.iter().any(|partition| session.dirty.contains(partition)) {
            answer(cx, broker, *follower, false, &mut outcome);
        }
    }
    send_fetches(cx, broker, &mut outcome);
    outcome
}

// ---- the follower's side

/// Sends each fetcher's next request, where none is on its way.
pub fn send_fetches(cx: &NodeContext<'_>, broker: &Broker, outcome: &mut Outcome) {
    for (leader, fetcher) in &broker.fetchers {
        if fetcher.in_flight || fetcher.waits || fetcher.partitions.is_empty() {
            continue;
        }
        let named = if fetcher.established { &fetcher.changed } else { &fetcher.partitions };
        let position = |partition: TopicPartition| {
            let replica = broker.replica(&partition)?;
            Some(ReplicaPosition {
                topic_partition: partition,
                fetch_offset: replica.log.log_end_offset(),
                last_fetched_epoch: replica.last_epoch(),
                current_leader_epoch: replica.leader_epoch,
            })
        };
        let mut partitions = Vec::with_capacity(named.len());
        partitions.extend(named.iter().filter_map(position));
        let request = ReplicaFetchRequest {
            max_wait_ms: cx.configs.replica_fetch_wait_max_ms,
            replica_epoch: cx.metadata.registration_epoch(broker.id),
            full: !fetcher.established,
            partitions,
            forgotten: fetcher.forgotten.iter().collect(),
        };
        outcome.replication(broker, ReplicationChange::Asked { leader: *leader });
        outcome.requests.push((*leader, Request::ReplicaFetch(request), Asked::Fetch(*leader)));
    }
}

pub fn answered(cx: &NodeContext<'_>, broker: &Broker, leader: BrokerId, response: &ReplicaFetchResponse) -> Outcome {
    let mut outcome = Outcome::default();
    let mut moved = Vec::with_capacity(response.partitions.len());
    outcome.changes.reserve(2 * response.partitions.len() + 3);
    let mut failed = false;
    let fetcher = broker.fetchers.get(&leader);
    for fetched in &response.partitions {
        let partition = &fetched.topic_partition;
        let follows = fetcher.is_some_and(|fetcher| fetcher.partitions.contains(partition));
        let Some(replica) = broker.replica(partition).filter(|replica| follows && replica.leader_epoch == fetched.leader_epoch)
        else {
            continue;
        };
        // A position that is where it was is not named again (`FetchSessionHandler`).
        if fetched.error.is_none() && fetched.diverging.is_none() && fetched.batches.is_empty() {
            take_in(broker, replica, fetched, &mut outcome);
            continue;
        }
        let partition = partition.clone();
        match (fetched.error, fetched.diverging) {
            (None, Some((epoch, end))) => {
                // The common part: what both have of the last common epoch.
                let (own_epoch, own_end) = replica.end_of_epoch(epoch);
                let offset = if own_epoch < epoch { own_end } else { own_end.min(end) };
                outcome.replication(broker, ReplicationChange::Truncate { partition: partition.clone(), offset });
            }
            (None, None) => take_in(broker, replica, fetched, &mut outcome),
            (Some(ErrorCode::OffsetOutOfRange), _) if replica.log.log_end_offset() < fetched.log_start_offset => {
                let offset = fetched.log_start_offset;
                outcome.replication(broker, ReplicationChange::Restart { partition: partition.clone(), offset });
            }
            (Some(ErrorCode::OffsetOutOfRange), _) => {
                let offset = fetched.high_watermark;
                outcome.replication(broker, ReplicationChange::Truncate { partition: partition.clone(), offset });
            }
            (Some(_), _) => failed = true,
        }
        moved.push(partition);
    }
    outcome.replication(broker, ReplicationChange::Answered { leader, established: !failed, waits: failed });
    outcome.replication(broker, ReplicationChange::Moved { leader, partitions: moved });
    outcome.wakes = true;
    if failed {
        back_off(cx, leader, &mut outcome);
    }
    outcome
}

fn take_in(broker: &Broker, replica: &Replica, fetched: &ReplicaFetched, outcome: &mut Outcome) {
    let partition = &fetched.topic_partition;
    let mut end = replica.log.log_end_offset();
    for batch in &fetched.batches {
        if batch.base_offset < end {
            continue;
        }
        end = batch.next_offset();
        outcome.changes.push(Change::Append { broker: broker.id, partition: partition.clone(), batch: batch.clone() });
    }
    let high_watermark = fetched.high_watermark.min(end);
    if high_watermark > replica.high_watermark {
        outcome.changes.push(Change::HighWatermark { broker: broker.id, partition: partition.clone(), high_watermark });
    }
    if fetched.log_start_offset > replica.log.log_start_offset() {
        let log_start_offset = fetched.log_start_offset;
        outcome.changes.push(Change::LogStart { broker: broker.id, partition: partition.clone(), log_start_offset });
    }
}

fn back_off(cx: &NodeContext<'_>, leader: BrokerId, outcome: &mut Outcome) {
    let at = cx.now + cx.configs.replica_fetch_backoff;
    outcome.timers.push((at, BrokerTimer::FetchBackoff { leader }));
}

/// The leader does not answer: again after replica.fetch.backoff.ms, in a new session.
pub fn lost(cx: &NodeContext<'_>, broker: &Broker, leader: BrokerId) -> Outcome {
    let mut outcome = Outcome::default();
    outcome.replication(broker, ReplicationChange::Answered { leader, established: false, waits: true });
    back_off(cx, leader, &mut outcome);
    outcome
}

pub fn backoff_over(broker: &Broker, leader: BrokerId) -> Outcome {
    let mut outcome = Outcome::default();
    if broker.fetchers.get(&leader).is_some_and(|fetcher| fetcher.waits && !fetcher.in_flight) {
        outcome.replication(broker, ReplicationChange::Answered { leader, established: false, waits: false });
        outcome.wakes = true;
    }
    outcome
}

/// The controller has changed the set, or refused: either way the metadata says what counts.
pub fn isr_answered(broker: &Broker, partition: &TopicPartition) -> Outcome {
    let mut outcome = Outcome::default();
    outcome.replication(broker, ReplicationChange::PendingIsr { partition: partition.clone(), isr: None });
    outcome.touched.push(partition.clone());
    outcome
}
