//! Share sessions and what goes over them (`ShareConsumeRequestManager`, `ShareSessionHandler`, `ShareCompletedFetch`).
//!
//! One request to a broker at a time. Acknowledgements go with the fetch that they came before, or alone when there are
//! still records in the buffer.

use std::collections::VecDeque;
use std::rc::Rc;

use super::{Acks, Closing, PartitionAcks, ShareConsumer, add_acks};
use crate::base::{BrokerId, Offset, SortedMap, TopicPartition};
use crate::engine::client::{ClientContext, Event, ShareRun, Target};
use crate::engine::log::Batch;
use crate::engine::protocol::{
    AcknowledgeType, AcknowledgementBatch, Acknowledgements, AcquiredRecords, ErrorCode, Request, ShareAcknowledgeRequest,
    ShareAcknowledgeResponse, ShareFetchRequest, ShareFetchResponse, SharedPartition,
};
use crate::engine::trace::TraceEvent;

/// The session's last request.
const FINAL_EPOCH: i32 = -1;

/// A share session with a broker, as the consumer keeps it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Session {
    /// What the next request carries; 0 opens the session.
    epoch: i32,
    /// What the broker knows that we read.
    partitions: Vec<TopicPartition>,
    in_flight: Option<InFlight>,
    /// Partitions that are not asked for before newer metadata has come: the broker answered with an error.
    stale: Option<u64>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct InFlight {
    correlation: u32,
    /// Partitions with acknowledgements in it.
    acknowledges: Vec<TopicPartition>,
    closes: bool,
}

impl Session {
    /// Nothing is left to be told to the broker.
    pub(super) fn is_over(&self) -> bool {
        self.epoch == FINAL_EPOCH || self.epoch == 0 && self.in_flight.is_none()
    }

    fn next_epoch(&mut self) {
        self.epoch = if self.epoch == i32::MAX { 1 } else { self.epoch + 1 };
    }
}

/// Acquired records of one partition that no poll has returned yet.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Completed {
    partition: TopicPartition,
    batches: VecDeque<Rc<Batch>>,
    acquired: VecDeque<AcquiredRecords>,
}

/// Acknowledgements as a request carries them: runs of offsets, with one type for all where it is the same.
fn to_batches(acks: &Acks) -> Vec<AcknowledgementBatch> {
    let mut batches: Vec<AcknowledgementBatch> = Vec::new();
    for (offset, kind) in acks {
        match batches.last_mut() {
            Some(batch) if batch.last_offset.plus(1) == *offset => {
                batch.last_offset = *offset;
                batch.types.push(*kind);
            }
            _ => batches.push(AcknowledgementBatch { first_offset: *offset, last_offset: *offset, types: vec![*kind] }),
        }
    }
    for batch in &mut batches {
        if batch.types.iter().all(|kind| Some(kind) == batch.types.first()) {
            batch.types.truncate(1);
        }
    }
    batches
}

impl ShareConsumer {
    /// Sends to each broker what is to be sent to it and may be.
    pub(super) fn send_to_leaders(&mut self, cx: &mut ClientContext<'_>) {
        let mut by_leader: SortedMap<BrokerId, Vec<TopicPartition>> = SortedMap::new();
        let mut leaderless = false;
        for partition in &self.member.assignment {
            match self.metadata.leader(partition) {
                Some(leader) => by_leader.get_or_default(leader).push(partition.clone()),
                None => leaderless = true,
            }
        }
        if leaderless && self.wants_records {
            self.metadata.request_update(cx);
        }
        if self.closing == Closing::Open && self.wants_records {
            for leader in by_leader.keys() {
                self.sessions.get_or_default(*leader);
            }
        }
        let brokers: Vec<BrokerId> = self.sessions.keys().copied().collect();
        for broker in brokers {
            let wanted = by_leader.remove(&broker).unwrap_or_default();
            self.send_to(cx, broker, wanted);
        }
        self.drop_unsendable(cx);
    }

    fn send_to(&mut self, cx: &mut ClientContext<'_>, broker: BrokerId, wanted: Vec<TopicPartition>) {
        let version = self.metadata.version;
        let Some(session) = self.sessions.get(&broker) else { return };
        if session.in_flight.is_some() || session.epoch == FINAL_EPOCH {
            return;
        }
        let stale = session.stale.is_some_and(|stale| stale >= version);
        let opened = session.epoch > 0;
        if self.closing != Closing::Open {
            if opened {
                let acks = self.take_acks(broker, false);
                self.send_acknowledge(cx, broker, acks, true);
            }
            return;
        }
        let alone = if opened { self.take_acks(broker, false) } else { SortedMap::new() };
        if !alone.is_empty() {
            self.send_acknowledge(cx, broker, alone, false);
        } else if self.wants_records && !stale {
            let acks = if opened { self.take_acks(broker, true) } else { SortedMap::new() };
            if !wanted.is_empty() || !acks.is_empty() {
                self.send_fetch(cx, broker, wanted, acks);
            }
        }
    }

    /// Takes the acknowledgements that are for a broker: those of partitions in its session.
    fn take_acks(&mut self, broker: BrokerId, with_fetch: bool) -> PartitionAcks {
        let from = if with_fetch { &mut self.acks_with_fetch } else { &mut self.acks_alone };
        let mut taken = SortedMap::new();
        if let Some(session) = self.sessions.get(&broker) {
            for partition in &session.partitions {
                if let Some(acks) = from.remove(partition) {
                    taken.insert(partition.clone(), acks);
                }
            }
        }
        taken
    }

    /// Acknowledgements of partitions that are in no session cannot be sent any more: their records are given to others.
    fn drop_unsendable(&mut self, cx: &mut ClientContext<'_>) {
        let in_session = |partition: &TopicPartition| self.sessions.values().any(|session| session.partitions.contains(partition));
        let lost: Vec<TopicPartition> =
            self.acks_alone.keys().chain(self.acks_with_fetch.keys()).filter(|partition| !in_session(partition)).cloned().collect();
        for partition in lost {
            self.acks_alone.remove(&partition);
            self.acks_with_fetch.remove(&partition);
            self.committed(cx, &partition, Some(ErrorCode::NotLeaderOrFollower));
        }
    }

    fn send_fetch(&mut self, cx: &mut ClientContext<'_>, broker: BrokerId, wanted: Vec<TopicPartition>, acks: PartitionAcks) {
        let (Some(member_id), Some(session)) = (self.member.modern.member_id.clone(), self.sessions.get_mut(&broker)) else {
            return;
        };
        let known = std::mem::replace(&mut session.partitions, wanted.clone());
        let (added, forgotten) = if session.epoch == 0 {
            (wanted, Vec::new())
        } else {
            let added = wanted.iter().filter(|partition| !known.contains(partition)).cloned().collect();
            (added, known.into_iter().filter(|partition| !wanted.contains(partition)).collect())
        };
        let max_records = i64::from(self.config.max_poll_records);
        let is_renew_ack = acks.values().flat_map(SortedMap::values).any(|kind| *kind == AcknowledgeType::Renew);
        let acknowledges = acks.keys().cloned().collect();
        let request = ShareFetchRequest {
            group_id: self.config.group_id.clone(),
            member_id,
            session_epoch: session.epoch,
            max_wait_ms: self.config.fetch_max_wait_ms,
            min_bytes: self.config.fetch_min_bytes,
            max_bytes: self.config.fetch_max_bytes,
            max_records,
            batch_size: max_records,
            acquire_mode: self.config.acquire_mode,
            partitions: added,
            forgotten,
            acknowledgements: all_batches(&acks),
            is_renew_ack,
        };
        let correlation = cx.request(Target::Broker(broker), Request::ShareFetch(request));
        session.in_flight = Some(InFlight { correlation, acknowledges, closes: false });
    }

    fn send_acknowledge(&mut self, cx: &mut ClientContext<'_>, broker: BrokerId, acks: PartitionAcks, closes: bool) {
        let (Some(member_id), Some(session)) = (self.member.modern.member_id.clone(), self.sessions.get_mut(&broker)) else {
            return;
        };
        let acknowledges = acks.keys().cloned().collect();
        let request = ShareAcknowledgeRequest {
            group_id: self.config.group_id.clone(),
            member_id,
            session_epoch: if closes { FINAL_EPOCH } else { session.epoch },
            acknowledgements: all_batches(&acks),
        };
        let correlation = cx.request(Target::Broker(broker), Request::ShareAcknowledge(request));
        session.in_flight = Some(InFlight { correlation, acknowledges, closes });
    }

    /// The session whose request this answers, and what was in flight.
    fn answered(&mut self, correlation: u32) -> Option<(BrokerId, InFlight)> {
        let mine = |(_, session): &(&BrokerId, &mut Session)| {
            session.in_flight.as_ref().is_some_and(|in_flight| in_flight.correlation == correlation)
        };
        let (broker, session) = self.sessions.iter_mut().find(mine)?;
        Some((*broker, session.in_flight.take()?))
    }

    pub(super) fn fetch_answered(&mut self, cx: &mut ClientContext<'_>, correlation: u32, response: &ShareFetchResponse) {
        let Some((broker, in_flight)) = self.answered(correlation) else { return };
        let version = self.metadata.version;
        let Some(session) = self.sessions.get_mut(&broker) else { return };
        if let Some(error) = response.error {
            // The broker does not know the session, or not so: a new one is opened.
            *session = Session::default();
            for partition in &in_flight.acknowledges {
                self.committed(cx, partition, Some(error));
            }
            return;
        }
        session.next_epoch();
        let mut failed = false;
        for fetched in &response.partitions {
            if in_flight.acknowledges.contains(&fetched.topic_partition) {
                self.committed(cx, &fetched.topic_partition, fetched.acknowledge_error);
            }
            failed |= fetched.error.is_some();
            self.take_fetched(fetched);
        }
        if failed {
            if let Some(session) = self.sessions.get_mut(&broker) {
                session.stale = Some(version);
            }
            self.metadata.request_update(cx);
        }
    }

    fn take_fetched(&mut self, fetched: &SharedPartition) {
        if fetched.acquired.is_empty() || self.closing != Closing::Open {
            return;
        }
        self.wants_records = false;
        self.buffered.push_back(Completed {
            partition: fetched.topic_partition.clone(),
            batches: fetched.batches.iter().cloned().collect(),
            acquired: fetched.acquired.iter().copied().collect(),
        });
    }

    pub(super) fn acknowledge_answered(
        &mut self,
        cx: &mut ClientContext<'_>,
        correlation: u32,
        response: &ShareAcknowledgeResponse,
    ) {
        let Some((broker, in_flight)) = self.answered(correlation) else { return };
        let Some(session) = self.sessions.get_mut(&broker) else { return };
        match response.error {
            _ if in_flight.closes => session.epoch = FINAL_EPOCH,
            None => session.next_epoch(),
            Some(_) => *session = Session::default(),
        }
        for partition in &in_flight.acknowledges {
            let found = response.partitions.iter().find(|(answered, _)| answered == partition);
            self.committed(cx, partition, found.map_or(response.error, |(_, error)| *error));
        }
    }

    /// A request over a session will not be answered: the session is over with its connection.
    pub(super) fn session_lost(&mut self, cx: &mut ClientContext<'_>, correlation: u32) {
        let Some((broker, in_flight)) = self.answered(correlation) else { return };
        let version = self.metadata.version;
        self.sessions.insert(broker, Session { stale: Some(version), ..Session::default() });
        for partition in &in_flight.acknowledges {
            self.committed(cx, partition, Some(ErrorCode::NotLeaderOrFollower));
        }
        self.metadata.request_update(cx);
    }

    /// What became of the acknowledgements of a partition: told when a commit waits for it, and it is the last.
    fn committed(&mut self, cx: &mut ClientContext<'_>, partition: &TopicPartition, error: Option<ErrorCode>) {
        let Some((waiting, first)) = &mut self.commit else { return };
        if !waiting.remove(partition) {
            return;
        }
        *first = first.or(error);
        if waiting.is_empty() {
            let result = first.map_or(Ok(()), Err);
            self.commit = None;
            cx.emit(Event::ShareCommitted { consumer: cx.id, result });
        }
    }

    // ---- handing out

    /// Takes records out of the buffer: whole record batches, until max.poll.records are reached.
    pub(super) fn collect(&mut self) -> Vec<ShareRun> {
        let mut runs = Vec::new();
        let mut left = i64::from(self.config.max_poll_records);
        while left > 0 {
            let Some(mut completed) = self.buffered.pop_front() else { break };
            left -= self.collect_from(&mut completed, left, &mut runs);
            if !completed.batches.is_empty() {
                self.buffered.push_front(completed);
            }
        }
        runs
    }

    fn collect_from(&mut self, completed: &mut Completed, left: i64, runs: &mut Vec<ShareRun>) -> i64 {
        let mut count = 0;
        while count < left
            && let Some(batch) = completed.batches.pop_front()
        {
            let offsets: Vec<Offset> = batch.records().map(|record| record.offset).collect();
            while let Some(acquired) = completed.acquired.front().copied().filter(|next| next.first_offset <= batch.last_offset()) {
                completed.acquired.pop_front();
                let to = acquired.last_offset.min(batch.last_offset());
                if acquired.last_offset > to {
                    completed.acquired.push_front(AcquiredRecords { first_offset: to.plus(1), ..acquired });
                }
                let from = acquired.first_offset;
                let there = offsets.iter().filter(|offset| **offset >= from && **offset <= to).count() as i64;
                count += there;
                self.hold(&completed.partition, from, to, &offsets);
                if there > 0 {
                    let (topic_partition, delivery_count) = (completed.partition.clone(), acquired.delivery_count);
                    runs.push(ShareRun { topic_partition, batch: batch.clone(), from, to, delivery_count });
                }
                if acquired.last_offset > to {
                    break;
                }
            }
        }
        if completed.batches.is_empty() {
            for acquired in std::mem::take(&mut completed.acquired) {
                self.hold(&completed.partition, acquired.first_offset, acquired.last_offset, &[]);
            }
        }
        count
    }

    /// Remembers records that are handed out. Where the log has none at an offset, that is told to the broker.
    fn hold(&mut self, partition: &TopicPartition, from: Offset, to: Offset, there: &[Offset]) {
        let mut gaps = Acks::new();
        let records = self.current.get_or_default(partition.clone());
        for offset in (from.0..=to.0).map(Offset) {
            if there.binary_search(&offset).is_ok() {
                records.insert(offset, None);
            } else {
                gaps.insert(offset, AcknowledgeType::Gap);
            }
        }
        if records.is_empty() {
            self.current.remove(partition);
        }
        if !gaps.is_empty() {
            add_acks(&mut self.acks_alone, PartitionAcks::from([(partition.clone(), gaps)]));
        }
    }

    /// Tells of a poll that returned records.
    pub(super) fn trace_polled(cx: &mut ClientContext<'_>, runs: &[ShareRun]) {
        let record_count = runs.iter().map(|run| run.records().count() as u32).sum();
        if record_count > 0 {
            cx.trace(TraceEvent::Polled { client: cx.id, record_count });
        }
    }
}

fn all_batches(acks: &PartitionAcks) -> Acknowledgements {
    acks.iter().map(|(partition, acks)| (partition.clone(), to_batches(acks))).collect()
}
