//! ShareFetch and ShareAcknowledge (`SharePartitionManager`, `DelayedShareFetch`): within a session, acknowledgements, and
//! records for the member or a wait for some.

use std::rc::Rc;

use super::persister;
use super::work::ShareWork;
use crate::base::{ClientId, GroupId, MemberId, Offset, Span, Timestamp, TopicPartition};
use crate::engine::broker::{Asked, Broker, Replica};
use crate::engine::configs::Reset;
use crate::engine::log::Batch;
use crate::engine::network::{Endpoint, RequestRef};
use crate::engine::node::{NodeContext, Outcome};
use crate::engine::partition::led;
use crate::engine::protocol::{
    Acknowledgements, ErrorCode, Request, Response, ShareAcknowledgeRequest, ShareAcknowledgeResponse, ShareFetchRequest,
    ShareFetchResponse, ShareGroupOffset, SharedPartition, StateOperation, StateWrite,
};
use crate::engine::share::{
    Limits, ParkedShareFetch, ShareChange, ShareKey, SharePartition, ShareSession, ShareTimer, UNINITIALIZED, Wish,
};
use crate::engine::trace::{ShareStep, TraceEvent};

/// What became of acknowledgements, by partition.
type Acknowledged = Vec<(TopicPartition, Option<ErrorCode>)>;

/// The session's last request.
pub const FINAL_EPOCH: i32 = -1;
/// The session's first request.
pub const INITIAL_EPOCH: i32 = 0;

fn as_fetch(request: &Request) -> Option<&ShareFetchRequest> {
    match request {
        Request::ShareFetch(fetch) => Some(fetch),
        _ => None,
    }
}

fn response(
    cx: &NodeContext<'_>,
    group_id: &GroupId,
    error: Option<ErrorCode>,
    partitions: Vec<SharedPartition>,
) -> ShareFetchResponse {
    let acquisition_lock_timeout_ms = cx.group_configs(group_id).share_record_lock_duration.ms();
    ShareFetchResponse { error, acquisition_lock_timeout_ms, partitions }
}

pub fn fetch(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &Rc<Request>) -> Outcome {
    let Some(fetch) = as_fetch(request) else {
        return Outcome::default();
    };
    let mut work = ShareWork::new(cx, broker);
    let key = (fetch.group_id.clone(), fetch.member_id.clone());
    let Endpoint::Client(client) = from.from else {
        return Outcome::default();
    };
    let session = match next_session(broker, &key, client, fetch) {
        Ok(session) => session,
        Err(error) => {
            let refused = response(cx, &fetch.group_id, Some(error), Vec::new());
            return Outcome::answer(from, Response::ShareFetch(refused));
        }
    };
    let Some(session) = session else {
        let acknowledged = acknowledge_all(&mut work, &fetch.group_id, &fetch.member_id, &fetch.acknowledgements);
        end_session(&mut work, &key);
        let ended = response(cx, &fetch.group_id, None, answered(Vec::new(), &acknowledged));
        work.answer(from, Response::ShareFetch(ended));
        return work.finish();
    };
    let partitions = if fetch.is_renew_ack { Vec::new() } else { rotated(&session.partitions, fetch.session_epoch) };
    work.change(ShareChange::Session { group_id: key.0, member_id: key.1, session: Some(session.clone()) });
    // What is acknowledged here is being written while the log is read: of it nothing is given at once.
    let nothing = session.partitions.is_empty() && !fetch.is_renew_ack;
    let given = if nothing { Some(Vec::new()) } else { try_to_give(&mut work, fetch, &partitions, Patience::Arrived) };
    let acknowledged = acknowledge_all(&mut work, &fetch.group_id, &fetch.member_id, &fetch.acknowledgements);
    let deadline = cx.now + Span::from_ms(fetch.max_wait_ms);
    let parked = ParkedShareFetch { from, request: request.clone(), partitions, acknowledged, left: 0, is_lost: false, deadline };
    if let Some(given) = given {
        answer(&mut work, fetch, &parked, Some(session), given);
    } else {
        work.timer(deadline, ShareTimer::FetchExpires { request: from });
        work.park(parked);
    }
    work.finish()
}

/// The session as it is after this request; `None` when it ends with it (`newContext`).
fn next_session(
    broker: &Broker,
    key: &(GroupId, MemberId),
    client: ClientId,
    fetch: &ShareFetchRequest,
) -> Result<Option<ShareSession>, ErrorCode> {
    let known = broker.share.sessions.get(key);
    match fetch.session_epoch {
        INITIAL_EPOCH if !fetch.acknowledgements.is_empty() => Err(ErrorCode::InvalidRequest),
        INITIAL_EPOCH => Ok(Some(ShareSession::new(&fetch.partitions, client))),
        FINAL_EPOCH => known.map(|_| None).ok_or(ErrorCode::ShareSessionNotFound),
        epoch => {
            let mut session = known.ok_or(ErrorCode::ShareSessionNotFound)?.clone();
            if session.epoch != epoch {
                return Err(ErrorCode::InvalidShareSessionEpoch);
            }
            session.update(&fetch.partitions, &fetch.forgotten);
            Ok(Some(session))
        }
    }
}

/// With each request another partition comes first (`PartitionRotateStrategy`).
fn rotated(partitions: &[TopicPartition], session_epoch: i32) -> Vec<TopicPartition> {
    let mut partitions = partitions.to_vec();
    if let Ok(epoch) = usize::try_from(session_epoch)
        && !partitions.is_empty()
    {
        let by = epoch % partitions.len();
        partitions.rotate_left(by);
    }
    partitions
}

/// Sends the answer to a fetch: what was given, and what became of its acknowledgements.
fn answer(
    work: &mut ShareWork<'_>,
    fetch: &ShareFetchRequest,
    parked: &ParkedShareFetch,
    session: Option<ShareSession>,
    given: Vec<SharedPartition>,
) {
    if let Some(mut session) = session {
        given.iter().filter(|given| !given.acquired.is_empty()).for_each(|given| session.gave(&given.topic_partition));
        work.change(ShareChange::Session {
            group_id: fetch.group_id.clone(),
            member_id: fetch.member_id.clone(),
            session: Some(session),
        });
    }
    let partitions = answered(given, &parked.acknowledged);
    let answer = response(work.cx, &fetch.group_id, None, partitions);
    work.answer_after(parked.from, Response::ShareFetch(answer), parked.left);
}

/// Partitions that have nothing to say are left out.
fn answered(mut given: Vec<SharedPartition>, acknowledged: &Acknowledged) -> Vec<SharedPartition> {
    given.retain(|given| given.error.is_some() || !given.acquired.is_empty());
    for (partition, error) in acknowledged {
        match given.iter_mut().find(|given| given.topic_partition == *partition) {
            Some(given) => given.acknowledge_error = *error,
            None => given.push(SharedPartition { acknowledge_error: *error, ..SharedPartition::new(partition.clone()) }),
        }
    }
    given
}

pub fn on_timer(cx: &NodeContext<'_>, broker: &Broker, timer: ShareTimer) -> Outcome {
    let mut work = ShareWork::new(cx, broker);
    match timer {
        ShareTimer::FetchExpires { request } => {
            let Some(parked) = broker.share.parked.iter().find(|parked| parked.from == request) else {
                return Outcome::default();
            };
            complete(&mut work, parked, Patience::Over);
        }
        ShareTimer::Locks { key } => {
            let Some(mut partition) = work.take(&key) else {
                return Outcome::default();
            };
            for write in partition.time_out_locks(cx.now, &Limits::of(&cx.group_configs(&key.0))) {
                keep(&mut work, &key, None, |_| ShareStep::LockTimedOut, Some(write));
            }
            work.put(key, partition);
        }
        ShareTimer::Disconnected { client } => return disconnected(cx, broker, client),
        ShareTimer::AskAgain(ask) => {
            let mut outcome = Outcome::default();
            persister::send(cx, broker, ask.as_ref().clone(), &mut outcome);
            return outcome;
        }
        ShareTimer::Session { .. } | ShareTimer::Initialize { .. } => {
            debug_assert!(false, "a timer of a share group's coordinator")
        }
    }
    work.finish()
}

/// Something has changed for these partitions: the one that waits longest for one of them may get it. What that changes
/// brings the next ones their turn.
pub fn progressed(cx: &NodeContext<'_>, broker: &Broker, partitions: &[TopicPartition]) -> Option<Outcome> {
    let waits = |parked: &&ParkedShareFetch| parked.partitions.iter().any(|wanted| partitions.contains(wanted));
    for parked in broker.share.parked.iter().filter(waits) {
        let mut work = ShareWork::new(cx, broker);
        if complete(&mut work, parked, Patience::Waits) {
            return Some(work.finish());
        }
    }
    None
}

/// How long a fetch has been here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// It has just come: the share partitions that it wants are made where there are none yet.
    Arrived,
    /// It waits. A share partition that is forgotten meanwhile has nothing for it.
    Waits,
    /// It has waited long enough: it takes what there is.
    Over,
}

/// Answers a waiting fetch, if there is something to give or its time is over.
fn complete(work: &mut ShareWork<'_>, parked: &ParkedShareFetch, patience: Patience) -> bool {
    let Some(fetch) = as_fetch(&parked.request) else { return false };
    if parked.is_lost {
        return answer_lost(work, fetch, parked);
    }
    let Some(given) = try_to_give(work, fetch, &parked.partitions, patience) else {
        return false;
    };
    let key = (fetch.group_id.clone(), fetch.member_id.clone());
    let session = work.broker.share.sessions.get(&key).cloned();
    work.change(ShareChange::Unpark(parked.from));
    answer(work, fetch, parked, session, given);
    true
}

/// What a waiting fetch acknowledged may be lost: its answer says so, and gives nothing.
fn answer_lost(work: &mut ShareWork<'_>, fetch: &ShareFetchRequest, parked: &ParkedShareFetch) -> bool {
    let mut acknowledged = parked.acknowledged.clone();
    for (_, error) in &mut acknowledged {
        error.get_or_insert(ErrorCode::CoordinatorNotAvailable);
    }
    let key = (fetch.group_id.clone(), fetch.member_id.clone());
    let session = work.broker.share.sessions.get(&key).cloned();
    work.change(ShareChange::Unpark(parked.from));
    let parked = ParkedShareFetch { acknowledged, left: 0, ..parked.clone() };
    answer(work, fetch, &parked, session, Vec::new());
    true
}

/// What there is for the member now; `None` when there is too little and the fetch may wait.
fn try_to_give(
    work: &mut ShareWork<'_>,
    fetch: &ShareFetchRequest,
    partitions: &[TopicPartition],
    patience: Patience,
) -> Option<Vec<SharedPartition>> {
    let limits = Limits::of(&work.cx.group_configs(&fetch.group_id));
    let mut failed = Vec::new();
    let mut acquirable = Vec::new();
    for partition in partitions {
        let key = (fetch.group_id.clone(), partition.clone());
        if patience != Patience::Arrived && work.partition(&key).is_none() {
            continue;
        }
        match share_partition(work, &key) {
            Ok(Some((share, replica))) if share.can_acquire(&limits) => acquirable.push((key, share, replica)),
            Ok(_) => {}
            Err(error) => {
                failed.push(SharedPartition { error: Some(error), ..SharedPartition::new(partition.clone()) });
            }
        }
    }
    let limit = fetch.max_bytes / (acquirable.len() as u64).max(1);
    let mut bytes = 0;
    let mut cut = false;
    let mut reads = Vec::new();
    for (key, mut share, replica) in acquirable {
        let offset = share.next_fetch_offset();
        let log = &replica.log;
        if offset < log.log_start_offset() || offset > log.log_end_offset() {
            share.log_start_moved(log.log_start_offset());
            cut = true;
            reads.push((key, share, offset, Vec::new()));
            continue;
        }
        let read = read(replica, offset, limit);
        bytes += read.iter().map(|batch| batch.size_bytes()).sum::<u64>();
        reads.push((key, share, offset, read));
    }
    if patience != Patience::Over && failed.is_empty() && !cut && bytes < fetch.min_bytes.max(1) {
        return None;
    }
    let mut left = fetch.max_records;
    let mut given = failed;
    for (key, mut share, fetch_offset, batches) in reads {
        let wish = Wish {
            member: &fetch.member_id,
            mode: fetch.acquire_mode,
            batch_size: fetch.batch_size,
            records_max: left,
            fetch_offset,
            now: work.now(),
        };
        let acquired = share.acquire(&wish, &batches, &limits);
        left -= acquired.iter().map(|records| records.last_offset.0 - records.first_offset.0 + 1).sum::<i64>();
        for records in &acquired {
            work.outcome.trace.push(TraceEvent::ShareRecords {
                group: fetch.group_id.clone(),
                member: Some(fetch.member_id.clone()),
                topic_partition: key.1.clone(),
                first_offset: records.first_offset,
                last_offset: records.last_offset,
                delivery_count: records.delivery_count,
                what: ShareStep::Acquired,
            });
        }
        let within = |batch: &&Rc<Batch>| match (acquired.first(), acquired.last()) {
            (Some(first), Some(last)) => batch.last_offset() >= first.first_offset && batch.base_offset <= last.last_offset,
            _ => false,
        };
        let batches = batches.iter().filter(within).cloned().collect();
        given.push(SharedPartition { batches, acquired, ..SharedPartition::new(key.1.clone()) });
        work.put(key, share);
    }
    Some(given)
}

/// Whole batches below the high watermark from an offset on; the first one whatever its size.
fn read(replica: &Replica, offset: Offset, limit: u64) -> Vec<Rc<Batch>> {
    let mut size = 0;
    let mut batches: Vec<Rc<Batch>> = Vec::new();
    for batch in replica.log.batches_from(offset) {
        if batch.last_offset() >= replica.high_watermark || (!batches.is_empty() && size + batch.size_bytes() > limit) {
            break;
        }
        size += batch.size_bytes();
        batches.push(batch.clone());
    }
    batches
}

/// The share partition and its log; `None` while its state is being read (`maybeInitialize`), which begins here.
fn share_partition<'a>(work: &mut ShareWork<'a>, key: &ShareKey) -> Result<Option<(SharePartition, &'a Replica)>, ErrorCode> {
    let (replica, leader_epoch) = led(work.cx, work.broker, &key.1)?;
    if let Some(share) = work.take(key) {
        return Ok(Some((share, replica)));
    }
    let read = StateOperation::Read { leader_epoch };
    let is_read = |asked: &Asked| match asked {
        Asked::ShareState(ask) => ask.request.group_id == key.0 && ask.request.partitions.contains(&(key.1.clone(), read.clone())),
        _ => false,
    };
    if !work.broker.asked.values().any(is_read) {
        work.ask(key, read);
    }
    Ok(None)
}

/// The state of a share partition has come: it begins where that says.
pub fn loaded(work: &mut ShareWork<'_>, key: &ShareKey, leader_epoch: i32, state: &ShareGroupOffset) {
    let Ok((replica, epoch)) = led(work.cx, work.broker, &key.1) else { return };
    if epoch != leader_epoch || work.take(key).is_some() {
        return;
    }
    let start_offset = if state.start_offset == UNINITIALIZED {
        match work.cx.group_configs(&key.0).share_auto_offset_reset {
            Reset::Latest => replica.high_watermark,
            Reset::Earliest => replica.log.log_start_offset(),
            Reset::ByDuration { ms } => {
                let since = Timestamp(work.now().timestamp().0.saturating_sub(ms));
                let found = replica.log.offset_by_timestamp(since).map(|(offset, _)| offset);
                found.filter(|offset| *offset < replica.high_watermark).unwrap_or(replica.high_watermark)
            }
        }
    } else {
        state.start_offset
    };
    work.put(key.clone(), SharePartition::restored(start_offset, leader_epoch, state.state_epoch, &state.batches));
}

/// Keeps what has become of records, and tells of it.
fn keep(
    work: &mut ShareWork<'_>,
    key: &ShareKey,
    member: Option<&MemberId>,
    what: impl Fn(Offset) -> ShareStep,
    write: Option<StateWrite>,
) {
    let Some(write) = write else { return };
    for batch in &write.batches {
        work.outcome.trace.push(TraceEvent::ShareRecords {
            group: key.0.clone(),
            member: member.cloned(),
            topic_partition: key.1.clone(),
            first_offset: batch.first_offset,
            last_offset: batch.last_offset,
            delivery_count: batch.delivery_count,
            what: match batch.state {
                crate::engine::protocol::RecordState::Acknowledged => ShareStep::Accepted,
                crate::engine::protocol::RecordState::Archived if what(batch.first_offset) != ShareStep::Rejected => {
                    ShareStep::Archived
                }
                _ => what(batch.first_offset),
            },
        });
    }
    if let Some(share) = work.partition(key) {
        let leader_epoch = share.leader_epoch;
        work.ask(key, StateOperation::Write { leader_epoch, write });
    }
}

// ---- acknowledgements and sessions

fn acknowledge_all(work: &mut ShareWork<'_>, group_id: &GroupId, member: &MemberId, all: &Acknowledgements) -> Acknowledged {
    let limits = Limits::of(&work.cx.group_configs(group_id));
    let mut acknowledged = Vec::new();
    for (partition, batches) in all {
        let key = (group_id.clone(), partition.clone());
        let error = match work.take(&key) {
            None => Some(ErrorCode::UnknownTopicOrPartition),
            Some(mut share) => {
                let result = share.acknowledge(member, batches, work.now(), &limits);
                let error = result.as_ref().err().map(|(error, _)| *error);
                let rejected = |offset| batches.iter().any(|batch| batch.rejects(offset));
                let what = |offset| if rejected(offset) { ShareStep::Rejected } else { ShareStep::Released };
                keep(work, &key, Some(member), what, result.unwrap_or_default());
                work.put(key, share);
                error
            }
        };
        acknowledged.push((partition.clone(), error));
    }
    acknowledged
}

pub fn acknowledge(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &ShareAcknowledgeRequest) -> Outcome {
    let key = (request.group_id.clone(), request.member_id.clone());
    let refused = |error| {
        let response = ShareAcknowledgeResponse { error: Some(error), partitions: Vec::new() };
        Outcome::answer(from, Response::ShareAcknowledge(response))
    };
    if request.session_epoch == INITIAL_EPOCH {
        return refused(ErrorCode::InvalidShareSessionEpoch);
    }
    let Some(session) = broker.share.sessions.get(&key) else {
        return refused(ErrorCode::ShareSessionNotFound);
    };
    let ends = request.session_epoch == FINAL_EPOCH;
    if !ends && session.epoch != request.session_epoch {
        return refused(ErrorCode::InvalidShareSessionEpoch);
    }
    let mut work = ShareWork::new(cx, broker);
    let partitions = acknowledge_all(&mut work, &request.group_id, &request.member_id, &request.acknowledgements);
    if ends {
        end_session(&mut work, &key);
    } else {
        let mut session = session.clone();
        session.update(&[], &[]);
        work.change(ShareChange::Session { group_id: key.0, member_id: key.1, session: Some(session) });
    }
    work.answer(from, Response::ShareAcknowledge(ShareAcknowledgeResponse { error: None, partitions }));
    work.finish()
}

/// `releaseSession`: what the member holds is given back.
fn end_session(work: &mut ShareWork<'_>, key: &(GroupId, MemberId)) {
    let Some(session) = work.broker.share.sessions.get(key) else { return };
    let limits = Limits::of(&work.cx.group_configs(&key.0));
    for partition in &session.partitions {
        let key_of_partition = (key.0.clone(), partition.clone());
        if let Some(mut share) = work.take(&key_of_partition) {
            let write = share.release_acquired(&key.1, &limits);
            keep(work, &key_of_partition, Some(&key.1), |_| ShareStep::Released, write);
            work.put(key_of_partition, share);
        }
    }
    work.change(ShareChange::Session { group_id: key.0.clone(), member_id: key.1.clone(), session: None });
}

/// A client's connection is gone: its sessions end, and share partitions that nobody reads any more are forgotten
/// (`ShareSessionCache.onDisconnect`, `onGroupEmpty`).
pub fn disconnected(cx: &NodeContext<'_>, broker: &Broker, client: ClientId) -> Outcome {
    let mut work = ShareWork::new(cx, broker);
    let ended = broker.share.sessions.iter().filter(|(_, session)| session.client == client);
    ended.for_each(|(key, _)| end_session(&mut work, key));
    let is_read = |group_id: &GroupId| {
        broker.share.sessions.iter().any(|((reader, _), session)| reader == group_id && session.client != client)
    };
    for key in broker.share.partitions.keys().filter(|(group_id, _)| !is_read(group_id)) {
        forget(&mut work, key);
    }
    work.finish()
}

/// Forgets a share partition. Whatever is still held in it, by members that are gone, is available to the next reader.
pub fn forget(work: &mut ShareWork<'_>, key: &ShareKey) {
    let batches = work.partition(key).map(|share| share.batches().to_vec()).unwrap_or_default();
    for (first_offset, last_offset, state) in batches.iter().flat_map(|batch| batch.runs()) {
        if state.member.is_some() {
            work.outcome.trace.push(TraceEvent::ShareRecords {
                group: key.0.clone(),
                member: None,
                topic_partition: key.1.clone(),
                first_offset,
                last_offset,
                delivery_count: state.delivery_count,
                what: ShareStep::Forgotten,
            });
        }
    }
    work.forget(key.clone());
}
