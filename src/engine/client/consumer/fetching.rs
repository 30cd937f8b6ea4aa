//! Positions and fetching (`SubscriptionState`, `OffsetFetcher`, `Fetcher`, `FetchBuffer`).
//!
//! ```text
//!   position known? ── no ─▸ committed offset? ── yes ─▸ that is the position
//!                                │ no (or no group)
//!                                ▼
//!                      auto.offset.reset ── none ─▸ the poll throws
//!                                │ earliest, latest, by_duration
//!                                ▼
//!                      ListOffsets to the leader ─▸ that is the position
//! ```

use std::collections::VecDeque;
use std::rc::Rc;

use super::AutoOffsetReset;
use super::core::Core;
use super::membership::Committer;
use crate::base::{BrokerId, Offset, SimTime, SortedMap, Span, Timestamp, TopicPartition, put_in_order};
use crate::engine::client::{ClientContext, ConsumerError, RecordRun, Target};
use crate::engine::log::Batch;
use crate::engine::protocol::{
    ErrorCode, FetchPartition, FetchRequest, FetchResponse, FetchedPartition, ListOffsetsRequest, ListOffsetsResponse,
    OffsetFetchRequest, OffsetFetchResponse, OffsetSpec, Request,
};
use crate::engine::trace::TraceEvent;

/// Where a position is to be looked up.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reset {
    Earliest,
    Latest,
    /// The first record at or after a time; the end where there is none.
    Since(Timestamp),
}

/// What the consumer knows of a partition that it owns.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct PartitionState {
    /// The next record to return.
    pub position: Option<Offset>,
    /// The position waits for a look-up at the leader.
    pub reset: Option<Reset>,
    /// As the consumer last knew it: the next record that the group would read after a restart.
    pub committed: Option<Offset>,
    pub paused: bool,
    /// Is about to be given up: not read any more.
    pub(super) revoking: bool,
    pub high_watermark: Option<Offset>,
    pub log_start_offset: Option<Offset>,
    /// Leader epoch of the last record returned.
    pub last_epoch: Option<i32>,
    /// The last known leader and its epoch.
    pub leader: Option<(BrokerId, i32)>,
    /// The leader is asked whether the position is still part of its log; nothing is fetched before it has answered.
    pub validating: bool,
    /// The follower that the leader named for reading, and until when that holds.
    pub preferred: Option<(BrokerId, SimTime)>,
    /// The leader answered with an error: not asked again before metadata newer than this has come, or this moment.
    pub(super) stale_metadata: Option<(u64, SimTime)>,
    turn: u64,
}

impl PartitionState {
    pub(super) fn seek(&mut self, offset: Offset) {
        self.position = Some(offset);
        self.reset = None;
        self.last_epoch = None;
        self.validating = false;
    }

    pub(super) fn ask_reset(&mut self, reset: Reset) {
        self.position = None;
        self.validating = false;
        self.reset = Some(reset);
    }
}

/// Batches of one partition that no poll has returned yet.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Buffered {
    pub(super) partition: TopicPartition,
    batches: VecDeque<Rc<Batch>>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct FetchInFlight {
    broker: BrokerId,
    partitions: Vec<(TopicPartition, Offset)>,
}

/// How many records of a batch lie in `from..to`, and where they end: at most `left` of them.
///
/// Offsets without gaps are counted without reading a record.
fn count_records(batch: &Batch, from: Offset, left: u32) -> (u32, Offset) {
    let from = from.max(batch.base_offset);
    if batch.record_count == batch.last_offset_delta.saturating_add(1) {
        let there = u32::try_from(batch.next_offset().0 - from.0).unwrap_or(0);
        let count = there.min(left);
        return (count, from.plus(count.into()));
    }
    let mut count = 0;
    for record in batch.records().filter(|record| record.offset >= from) {
        if count == left {
            return (count, record.offset);
        }
        count += 1;
    }
    (count, batch.next_offset())
}

impl Core {
    // ---- positions

    pub(super) fn find_positions(&mut self, cx: &mut ClientContext<'_>, member: Committer<'_>) {
        let unknown: Vec<TopicPartition> = self
            .partitions
            .iter()
            .filter(|(_, state)| state.position.is_none() && state.reset.is_none())
            .map(|(partition, _)| partition.clone())
            .collect();
        if !unknown.is_empty() {
            self.coordinator.find(cx);
            match &self.config.group_id {
                None => self.reset_by_policy(unknown, cx.now.timestamp()),
                Some(group_id) if self.offset_fetch.is_none() && self.coordinator.is_ready() => {
                    // With the consumer protocol, the coordinator answers only to members of the current epoch.
                    let in_epoch = member.member_id.filter(|_| self.is_modern() && member.generation_id >= 0);
                    let member = in_epoch.map(|member_id| (member_id.clone(), member.generation_id));
                    let request = OffsetFetchRequest { group_id: group_id.clone(), member, partitions: Some(unknown) };
                    self.offset_fetch = self.coordinator.request(cx, Request::OffsetFetch(request));
                }
                Some(_) => {}
            }
        }
        self.look_up_resets(cx);
        self.validate_positions(cx);
    }

    pub(super) fn committed_answered(&mut self, cx: &mut ClientContext<'_>, response: &OffsetFetchResponse) {
        self.offset_fetch = None;
        if let Some(error) = response.error {
            // With a stale epoch: asked again after a while, in the member's epoch then.
            let stale = matches!(error, ErrorCode::StaleMemberEpoch | ErrorCode::UnknownMemberId);
            self.coordinator.failed(cx, if stale { ErrorCode::CoordinatorLoadInProgress } else { error });
            return;
        }
        let mut without = Vec::new();
        for (partition, committed) in &response.partitions {
            let Some(state) = self.partitions.get_mut(partition) else {
                continue;
            };
            state.committed = committed.as_ref().map(|committed| committed.offset);
            if state.position.is_some() || state.reset.is_some() {
                // Someone has sought meanwhile: that counts.
                continue;
            }
            match committed {
                Some(committed) => {
                    state.position = Some(committed.offset);
                    state.last_epoch = committed.leader_epoch;
                    state.begin_validation();
                }
                None => without.push(partition.clone()),
            }
        }
        self.reset_by_policy(without, cx.now.timestamp());
    }

    pub(super) fn reset_by_policy(&mut self, partitions: Vec<TopicPartition>, now: Timestamp) {
        let reset = match self.config.auto_offset_reset {
            AutoOffsetReset::Earliest => Reset::Earliest,
            AutoOffsetReset::Latest => Reset::Latest,
            AutoOffsetReset::ByDuration { ms } => Reset::Since(Timestamp(now.0.saturating_sub_unsigned(ms))),
            AutoOffsetReset::None => {
                if let Some(first) = partitions.into_iter().next() {
                    self.error = Some(ConsumerError::NoOffsetForPartition(first));
                }
                return;
            }
        };
        for partition in partitions {
            if let Some(state) = self.partitions.get_mut(&partition) {
                state.ask_reset(reset);
            }
        }
    }

    /// Asks the leaders for the positions that are to be reset, one request for each leader.
    fn look_up_resets(&mut self, cx: &mut ClientContext<'_>) {
        let mut by_leader: SortedMap<BrokerId, Vec<(TopicPartition, OffsetSpec)>> = SortedMap::new();
        let mut leaderless = false;
        for (partition, state) in &self.partitions {
            let Some(reset) = state.reset else { continue };
            if self.listings.values().flatten().any(|asked| asked == partition) || self.is_stale(state, cx.now) {
                continue;
            }
            let spec = match reset {
                Reset::Earliest => OffsetSpec::Earliest,
                Reset::Latest => OffsetSpec::Latest,
                Reset::Since(timestamp) => OffsetSpec::Timestamp(timestamp),
            };
            match self.metadata.leader(partition) {
                Some(leader) => by_leader.get_or_default(leader).push((partition.clone(), spec)),
                None => leaderless = true,
            }
        }
        for (leader, partitions) in by_leader {
            let asked = partitions.iter().map(|(partition, _)| partition.clone()).collect();
            let correlation = cx.request(Target::Broker(leader), Request::ListOffsets(ListOffsetsRequest { partitions }));
            self.listings.insert(correlation, asked);
        }
        if leaderless {
            self.metadata.request_update(cx);
        }
    }

    pub(super) fn listing_answered(&mut self, cx: &mut ClientContext<'_>, correlation: u32, response: &ListOffsetsResponse) {
        if self.listings.remove(&correlation).is_none() {
            return;
        }
        for listed in &response.partitions {
            let Some(state) = self.partitions.get_mut(&listed.topic_partition) else {
                continue;
            };
            let Some(reset) = state.reset else { continue };
            match (listed.error, listed.offset) {
                (None, Some(position)) => {
                    state.seek(position);
                    let topic_partition = listed.topic_partition.clone();
                    cx.trace(TraceEvent::OffsetsReset { client: cx.id, topic_partition, position });
                }
                (None, None) if matches!(reset, Reset::Since(_)) => state.ask_reset(Reset::Latest),
                _ => self.look_again(cx, &listed.topic_partition),
            }
        }
    }

    pub(super) fn is_stale(&self, state: &PartitionState, now: SimTime) -> bool {
        state.stale_metadata.is_some_and(|(version, until)| version >= self.metadata.version && now < until)
    }

    // ---- fetching

    /// Fetches for every partition without fetched records, one request to a broker at a time.
    pub(super) fn send_fetches(&mut self, cx: &mut ClientContext<'_>) {
        let mut by_node: SortedMap<BrokerId, Vec<(u64, FetchPartition)>> = SortedMap::new();
        let mut leaderless = false;
        for (partition, state) in &self.partitions {
            let Some(position) = state.position else { continue };
            let waits = state.paused || state.revoking || state.validating || self.is_stale(state, cx.now);
            if waits || self.buffered.iter().any(|buffered| buffered.partition == *partition) {
                continue;
            }
            let Some((leader, leader_epoch)) = state.leader else {
                leaderless = true;
                continue;
            };
            let preferred = state.preferred.filter(|(replica, until)| cx.now < *until && cx.wire.knows(*replica));
            let node = preferred.map_or(leader, |(replica, _)| replica);
            if self.fetches.values().any(|fetch| fetch.broker == node) {
                continue;
            }
            let free_at = cx.wire.free_at(node);
            if free_at > cx.now {
                cx.wake_at(free_at);
                continue;
            }
            let fetch = FetchPartition {
                topic_partition: partition.clone(),
                fetch_offset: position,
                current_leader_epoch: Some(leader_epoch),
                partition_max_bytes: self.config.max_partition_fetch_bytes,
            };
            by_node.get_or_default(node).push((state.turn, fetch));
        }
        for (broker, mut wanted) in by_node {
            put_in_order(&mut wanted, &|(turn, _), (other, _)| turn < other);
            let partitions: Vec<FetchPartition> = wanted.into_iter().map(|(_, fetch)| fetch).collect();
            let asked = partitions.iter().map(|fetch| (fetch.topic_partition.clone(), fetch.fetch_offset)).collect();
            let request = FetchRequest {
                max_wait_ms: self.config.fetch_max_wait_ms,
                min_bytes: self.config.fetch_min_bytes,
                max_bytes: self.config.fetch_max_bytes,
                rack_id: self.config.rack(),
                partitions,
            };
            let correlation = cx.request(Target::Broker(broker), Request::Fetch(request));
            self.fetches.insert(correlation, FetchInFlight { broker, partitions: asked });
        }
        if leaderless {
            self.metadata.request_update(cx);
        }
    }

    pub(super) fn fetch_answered(&mut self, cx: &mut ClientContext<'_>, correlation: u32, response: &FetchResponse) {
        let Some(fetch) = self.fetches.remove(&correlation) else {
            return;
        };
        for fetched in &response.partitions {
            let asked = fetch.partitions.iter().find(|(partition, _)| *partition == fetched.topic_partition);
            if let Some((_, offset)) = asked {
                self.take_fetched(cx, fetched, *offset);
            }
        }
    }

    pub(super) fn fetch_lost(&mut self, cx: &mut ClientContext<'_>, correlation: u32) {
        if self.offset_fetch == Some(correlation) {
            self.offset_fetch = None;
            self.coordinator.failed(cx, ErrorCode::NotCoordinator);
        }
        for partition in self.listings.remove(&correlation).unwrap_or_default() {
            self.look_again(cx, &partition);
        }
        self.validation_lost(cx, correlation);
        let fetched = self.fetches.remove(&correlation).map(|fetch| fetch.partitions).unwrap_or_default();
        for (partition, _) in &fetched {
            if let Some(state) = self.partitions.get_mut(partition) {
                state.preferred = None;
            }
        }
    }

    /// Takes in what was fetched of one partition, unless the position has moved since.
    fn take_fetched(&mut self, cx: &mut ClientContext<'_>, fetched: &FetchedPartition, fetch_offset: Offset) {
        let partition = &fetched.topic_partition;
        let Some(state) = self.partitions.get_mut(partition) else {
            return;
        };
        if state.position != Some(fetch_offset) {
            return;
        }
        match fetched.error {
            None if fetched.preferred_read_replica.is_some() => {
                let until = cx.now + Span::from_ms(self.config.metadata_max_age_ms);
                state.preferred = fetched.preferred_read_replica.map(|replica| (replica, until));
            }
            None => {
                state.stale_metadata = None;
                state.high_watermark = Some(fetched.high_watermark);
                state.log_start_offset = Some(fetched.log_start_offset);
                let twice = self.buffered.iter().any(|buffered| buffered.partition == *partition);
                if !fetched.batches.is_empty() && !twice {
                    self.fetch_turn += 1;
                    state.turn = self.fetch_turn;
                    let batches = fetched.batches.iter().cloned().collect();
                    self.buffered.push_back(Buffered { partition: partition.clone(), batches });
                }
            }
            // A follower may not have it yet: the leader is asked.
            Some(ErrorCode::OffsetOutOfRange) if state.preferred.is_some() => state.preferred = None,
            Some(ErrorCode::OffsetOutOfRange) if self.config.auto_offset_reset == AutoOffsetReset::None => {
                self.error = Some(ConsumerError::OffsetOutOfRange(partition.clone()));
            }
            Some(ErrorCode::OffsetOutOfRange) => self.reset_by_policy(vec![partition.clone()], cx.now.timestamp()),
            Some(error) => {
                // `FetchCollector.handleInitializeErrors`
                if error == ErrorCode::UnknownTopicOrPartition {
                    let text = format!("Received unknown topic or partition error in fetch for partition {partition}");
                    cx.log("WARN", text, "org.apache.kafka.clients.consumer.internals.FetchCollector");
                }
                self.look_again(cx, partition);
            }
        }
    }

    /// Up to max.poll.records of what was fetched; positions move past them.
    pub(super) fn take_records(&mut self) -> Vec<RecordRun> {
        let mut left = self.config.max_poll_records;
        let mut runs = Vec::new();
        let mut at = 0;
        while left > 0
            && let Some(buffered) = self.buffered.get_mut(at)
        {
            let Some(state) = self.partitions.get_mut(&buffered.partition) else {
                self.buffered.remove(at);
                continue;
            };
            if state.paused || state.revoking || state.validating {
                at += 1;
                continue;
            }
            while left > 0
                && let Some(batch) = buffered.batches.front()
            {
                let from = state.position.unwrap_or(batch.base_offset).max(batch.base_offset);
                let (count, to) = if batch.is_control() { (0, batch.next_offset()) } else { count_records(batch, from, left) };
                if count > 0 {
                    let topic_partition = buffered.partition.clone();
                    runs.push(RecordRun { topic_partition, batch: batch.clone(), from, to, count });
                }
                left -= count;
                state.position = Some(to.max(from));
                state.last_epoch = Some(batch.partition_leader_epoch);
                if to >= batch.next_offset() {
                    buffered.batches.pop_front();
                }
            }
            if buffered.batches.is_empty() {
                self.buffered.remove(at);
            }
        }
        runs
    }
}
