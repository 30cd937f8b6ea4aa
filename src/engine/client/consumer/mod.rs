//! Lives here: the consumer (`KafkaConsumer`): positions, fetching, its membership in a group by either protocol.
//! Never here: how a group is coordinated, and who gets which partition (that is `group/`).
//!
//! - A call to `poll` does what is due: auto-commit, join, positions, fetches. It returns at once when records are
//!   there, else when some arrive or its timeout is over.
//! - Between polls only heartbeats go on, and answers are taken in: fetched batches wait for the next poll.
//! - Batches stay shared with the broker's log. Records are counted by arithmetic on offsets, not by reading them.
//!
//! Not simulated: `read_committed`.

mod config;
mod fetching;
mod membership;
mod modern;
mod offsets;
mod snapshot;
mod validation;

use std::collections::VecDeque;

pub use config::{AutoOffsetReset, ConsumerConfig, GroupProtocol};
use fetching::{Buffered, FetchInFlight, PartitionState, Reset};
pub use membership::MemberState;
use membership::Membership;
use modern::Modern;
pub use modern::ModernState;
use offsets::Commit;

use super::wire::Node;
use super::{ClientContext, ClientTimer, Metadata};
use crate::base::{BrokerId, MemberId, Offset, Pattern, SimTime, SortedMap, SortedSet, Span, TopicName, TopicPartition};
use crate::engine::error::ErrorCode;
use crate::engine::program::{ConsumerError, Event, PolledRecords, SeekTo};
use crate::engine::protocol::{MetadataResponse, Response, TopicMetadata};
use crate::engine::trace::TraceEvent;

/// What returning from a poll costs: time goes on even for a program that polls without a timeout.
const POLL_COST: Span = Span::from_us(10);

/// A close that is not done by then ends anyway (`Consumer.DEFAULT_CLOSE_TIMEOUT_MS`).
const CLOSE_TIMEOUT: Span = Span::from_secs(30);

/// How partitions come to the consumer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SubscriptionKind {
    None,
    /// By the group, for the topics subscribed to.
    Topics,
    /// By `assign`: no group management.
    Manual,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Closing {
    Open,
    /// Waits for its last commits.
    Committing,
    /// The rebalance listener is being told.
    Revoking,
    /// The coordinator is being told.
    Leaving,
}

#[derive(Clone, Hash, Debug)]
pub struct Consumer {
    config: ConsumerConfig,
    metadata: Metadata,
    kind: SubscriptionKind,
    subscription: SortedSet<TopicName>,
    /// The topics are those that fit.
    pattern: Option<Pattern>,
    /// An expression that the coordinator finds the topics for.
    subscribed_regex: Option<String>,
    partitions: SortedMap<TopicPartition, PartitionState>,
    /// Fetched and not yet returned, in the order of arrival; one entry for a partition at most.
    buffered: VecDeque<Buffered>,
    fetches: SortedMap<u32, FetchInFlight>,
    /// ListOffsets on their way.
    listings: SortedMap<u32, Vec<TopicPartition>>,
    /// OffsetsForLeaderEpoch on their way, with the positions that they are about.
    validations: SortedMap<u32, Vec<(TopicPartition, Offset)>>,
    offset_fetch: Option<u32>,
    /// Counts answers with data: a partition that just gave some is asked after the others.
    fetch_turn: u64,
    membership: Membership,
    /// With `group.protocol=consumer`.
    modern: Option<Box<Modern>>,
    coordinator: Option<BrokerId>,
    finding_coordinator: Option<u32>,
    coordinator_retry_waits: bool,
    /// Look-ups of the coordinator in a row without success.
    coordinator_misses: u32,
    commits_waiting: VecDeque<Commit>,
    commits_in_flight: SortedMap<u32, Commit>,
    next_auto_commit: Option<SimTime>,
    auto_commit_timer_at: Option<SimTime>,
    /// When the poll that is going on gives up.
    poll_deadline: Option<SimTime>,
    poll_timer_at: Option<SimTime>,
    last_poll: Option<SimTime>,
    /// What the next poll throws.
    error: Option<ConsumerError>,
    closing: Closing,
}

impl Consumer {
    pub fn new(config: ConsumerConfig) -> Self {
        let backoff = Span::from_ms(config.retry_backoff_ms);
        let metadata = Metadata::new(config.allow_auto_create_topics, backoff, Span::from_ms(config.metadata_max_age_ms));
        let modern = (config.group_protocol == GroupProtocol::Consumer).then(|| Box::new(Modern::new()));
        Self {
            config,
            metadata,
            kind: SubscriptionKind::None,
            subscription: SortedSet::new(),
            pattern: None,
            subscribed_regex: None,
            partitions: SortedMap::new(),
            buffered: VecDeque::new(),
            fetches: SortedMap::new(),
            listings: SortedMap::new(),
            validations: SortedMap::new(),
            offset_fetch: None,
            fetch_turn: 0,
            membership: Membership::new(),
            modern,
            coordinator: None,
            finding_coordinator: None,
            coordinator_retry_waits: false,
            coordinator_misses: 0,
            commits_waiting: VecDeque::new(),
            commits_in_flight: SortedMap::new(),
            next_auto_commit: None,
            auto_commit_timer_at: None,
            poll_deadline: None,
            poll_timer_at: None,
            last_poll: None,
            error: None,
            closing: Closing::Open,
        }
    }

    // ---- looking

    pub fn config(&self) -> &ConsumerConfig {
        &self.config
    }

    pub fn kind(&self) -> SubscriptionKind {
        self.kind
    }

    /// The topics subscribed to.
    pub fn subscription(&self) -> impl Iterator<Item = &TopicName> {
        self.subscription.iter()
    }

    /// The partitions that the consumer owns now.
    pub fn assignment(&self) -> Vec<TopicPartition> {
        self.partitions.keys().cloned().collect()
    }

    pub fn partitions(&self) -> impl Iterator<Item = (&TopicPartition, &PartitionState)> {
        self.partitions.iter()
    }

    /// The offset of the next record that a poll would return; `None` while it is not known yet.
    pub fn position(&self, partition: &TopicPartition) -> Option<Offset> {
        self.partitions.get(partition)?.position
    }

    /// The committed offset, as far as the consumer knows it from its own commits and from joining.
    pub fn committed(&self, partition: &TopicPartition) -> Option<Offset> {
        self.partitions.get(partition)?.committed
    }

    pub fn is_paused(&self, partition: &TopicPartition) -> bool {
        self.partitions.get(partition).is_some_and(|state| state.paused)
    }

    /// Records that were fetched and that no poll has returned yet, by offsets (compaction may have left fewer).
    pub fn buffered_records(&self, partition: &TopicPartition) -> u64 {
        let Some(position) = self.position(partition) else {
            return 0;
        };
        let end = self.buffered.iter().find(|buffered| buffered.partition == *partition).map(Buffered::end);
        end.map_or(0, |end| u64::try_from(end.0 - position.0).unwrap_or(0))
    }

    /// Is a fetch on its way?
    pub fn fetch_in_flight(&self) -> bool {
        !self.fetches.is_empty()
    }

    pub fn is_polling(&self) -> bool {
        self.poll_deadline.is_some()
    }

    /// When the poll that is going on gives up.
    pub fn poll_deadline(&self) -> Option<SimTime> {
        self.poll_deadline
    }

    /// When the program was last inside a poll: what max.poll.interval.ms counts from.
    pub fn last_poll(&self) -> Option<SimTime> {
        self.last_poll
    }

    pub fn last_heartbeat(&self) -> Option<SimTime> {
        self.membership.last_heartbeat
    }

    /// Where the member stands, in the words of the classic protocol.
    pub fn member_state(&self) -> MemberState {
        match self.modern_state() {
            None => self.membership.state,
            Some(ModernState::Joining) => MemberState::Joining,
            Some(ModernState::Reconciling) if self.partitions.is_empty() => MemberState::Syncing,
            Some(ModernState::Reconciling | ModernState::Acknowledging | ModernState::Stable) => MemberState::Stable,
            Some(_) => MemberState::Unjoined,
        }
    }

    /// The generation, or the member's epoch with the consumer protocol. -1 outside of the group.
    pub fn generation_id(&self) -> i32 {
        match &self.modern {
            Some(modern) if modern.is_member() => modern.epoch,
            Some(_) => -1,
            None => self.membership.generation_id,
        }
    }

    pub fn member_id(&self) -> Option<&MemberId> {
        match &self.modern {
            Some(modern) => modern.member_id.as_ref(),
            None => self.membership.member_id.as_ref(),
        }
    }

    /// Is it in the group, at a generation or an epoch?
    fn is_member(&self) -> bool {
        self.generation_id() >= 0
    }

    /// Is it in the group, and not on the way into another generation?
    fn is_settled(&self) -> bool {
        if self.modern.is_some() { self.is_member() } else { self.membership.is_settled() }
    }

    /// Did this member compute the group's assignment?
    pub fn is_leader(&self) -> bool {
        self.membership.is_leader()
    }

    /// The assignor that the group has chosen; empty outside of a generation.
    pub fn assignor(&self) -> &str {
        &self.membership.protocol_name
    }

    pub fn coordinator(&self) -> Option<BrokerId> {
        self.coordinator
    }

    /// Commits that are not answered yet.
    pub fn pending_commits(&self) -> usize {
        self.commits_waiting.len() + self.commits_in_flight.len()
    }

    /// When the next poll commits by itself.
    pub fn next_auto_commit(&self) -> Option<SimTime> {
        self.next_auto_commit
    }

    pub fn is_closing(&self) -> bool {
        self.closing != Closing::Open
    }

    // ---- calls

    /// Subscribes to exactly these topics, in place of what was before. None at all unsubscribes: the group is left.
    pub fn subscribe(&mut self, cx: &mut ClientContext<'_>, topics: Vec<TopicName>) {
        if topics.is_empty() || self.kind == SubscriptionKind::Manual || self.pattern.is_some() || self.subscribed_regex.is_some() {
            self.unsubscribe(cx);
        }
        if topics.is_empty() {
            return;
        }
        if self.config.group_id.is_none() {
            self.error = Some(ConsumerError::Broker(ErrorCode::InvalidGroupId));
        }
        self.kind = SubscriptionKind::Topics;
        self.subscription = topics.into_iter().collect();
        self.buffered.retain(|buffered| self.subscription.contains(&buffered.partition.topic));
        self.metadata.want_only(cx, self.subscription.iter().cloned());
    }

    /// Subscribes to all topics that fit, now and later: the client looks at the names of all topics whenever it fetches its
    /// metadata.
    pub fn subscribe_pattern(&mut self, cx: &mut ClientContext<'_>, pattern: Pattern) {
        self.unsubscribe(cx);
        self.subscribe_to_what_is_found();
        self.pattern = Some(pattern);
        self.metadata.want_all(cx, true);
    }

    /// The same, but the coordinator looks (`SubscriptionPattern`): with the consumer protocol only.
    pub fn subscribe_regex(&mut self, cx: &mut ClientContext<'_>, regex: &str) {
        self.unsubscribe(cx);
        self.subscribe_to_what_is_found();
        self.subscribed_regex = Some(regex.to_owned());
        if self.modern.is_none() {
            self.error = Some(ConsumerError::Broker(ErrorCode::UnsupportedVersion));
        }
    }

    fn subscribe_to_what_is_found(&mut self) {
        if self.config.group_id.is_none() {
            self.error = Some(ConsumerError::Broker(ErrorCode::InvalidGroupId));
        }
        self.kind = SubscriptionKind::Topics;
    }

    /// All topics are known again: those that fit the pattern are what is subscribed to.
    fn find_topics(&mut self, response: &MetadataResponse) {
        let Some(pattern) = &self.pattern else { return };
        let fits = |topic: &&TopicMetadata| !topic.internal && topic.error.is_none() && pattern.matches(topic.name.as_str());
        self.subscription = response.topics.iter().filter(fits).map(|topic| topic.name.clone()).collect();
    }

    /// Takes exactly these partitions, without group management. None at all unsubscribes.
    pub fn assign(&mut self, cx: &mut ClientContext<'_>, partitions: Vec<TopicPartition>) {
        if partitions.is_empty() || self.kind == SubscriptionKind::Topics {
            self.unsubscribe(cx);
        }
        if partitions.is_empty() {
            return;
        }
        if self.kind == SubscriptionKind::Manual {
            self.auto_commit(cx);
        }
        self.kind = SubscriptionKind::Manual;
        self.start_auto_commit(cx);
        let topics: SortedSet<TopicName> = partitions.iter().map(|partition| partition.topic.clone()).collect();
        self.metadata.want_only(cx, topics);
        let mut before = std::mem::take(&mut self.partitions);
        for partition in partitions {
            let state = before.remove(&partition).unwrap_or_default();
            self.partitions.insert(partition, state);
        }
        self.buffered.retain(|buffered| self.partitions.contains_key(&buffered.partition));
    }

    fn unsubscribe(&mut self, cx: &mut ClientContext<'_>) {
        if self.kind == SubscriptionKind::Topics {
            self.tell_given_away(cx);
            self.leave_group(cx, "the consumer unsubscribed from all topics");
        }
        self.kind = SubscriptionKind::None;
        self.subscription.clear();
        (self.pattern, self.subscribed_regex) = (None, None);
        self.metadata.want_all(cx, false);
        self.set_assignment([]);
        self.metadata.want_only(cx, []);
    }

    /// Answered by one `Event::Polled` or `Event::PollFailed`.
    pub fn poll(&mut self, cx: &mut ClientContext<'_>, timeout: Span) {
        if self.is_closing() {
            return;
        }
        self.last_poll = Some(cx.now);
        self.poll_deadline = Some(cx.now + timeout);
        self.watch_poll_interval(cx);
        self.go_on(cx);
    }

    /// Commits these offsets, or all positions.
    pub fn commit(&mut self, cx: &mut ClientContext<'_>, offsets: Option<Vec<(TopicPartition, Offset)>>) {
        self.commit_for_program(cx, offsets);
    }

    /// Moves the position. Nothing is committed by it.
    pub fn seek(&mut self, cx: &mut ClientContext<'_>, partition: &TopicPartition, to: SeekTo) {
        let Some(state) = self.partitions.get_mut(partition) else {
            return;
        };
        match to {
            SeekTo::Offset(offset) => state.seek(offset),
            SeekTo::Beginning => state.ask_reset(Reset::Earliest),
            SeekTo::End => state.ask_reset(Reset::Latest),
        }
        self.buffered.retain(|buffered| buffered.partition != *partition);
        self.go_on(cx);
    }

    /// Polls skip these partitions until `resume`; what is fetched of them is kept.
    pub fn pause(&mut self, _cx: &mut ClientContext<'_>, partitions: &[TopicPartition]) {
        for partition in partitions {
            if let Some(state) = self.partitions.get_mut(partition) {
                state.paused = true;
            }
        }
    }

    pub fn resume(&mut self, cx: &mut ClientContext<'_>, partitions: &[TopicPartition]) {
        for partition in partitions {
            if let Some(state) = self.partitions.get_mut(partition) {
                state.paused = false;
            }
        }
        self.go_on(cx);
    }

    /// Commits (with auto-commit), gives its partitions away, leaves the group (a static member does not), and is gone.
    /// A poll that is going on ends without an event.
    pub fn close(&mut self, cx: &mut ClientContext<'_>) {
        if self.is_closing() {
            return;
        }
        self.poll_deadline = None;
        self.closing = Closing::Committing;
        self.commit_before_close(cx);
        self.go_on_closing(cx);
        if self.is_closing() {
            cx.timer(CLOSE_TIMEOUT, ClientTimer::CloseTimeout);
        }
    }

    // ---- answers and timers

    pub fn on_response(&mut self, cx: &mut ClientContext<'_>, correlation: u32, response: &Response) {
        match response {
            Response::Metadata(response) => {
                if self.metadata.on_response(cx, correlation, response) {
                    self.find_topics(response);
                }
                self.assign_as_leader(cx);
            }
            Response::FindCoordinator(response) if self.finding_coordinator == Some(correlation) => {
                self.coordinator_answered(cx, response);
            }
            Response::JoinGroup(response) => self.join_answered(cx, correlation, response),
            Response::SyncGroup(response) => self.sync_answered(cx, correlation, response),
            Response::ConsumerGroupHeartbeat(_) if self.closing == Closing::Leaving && self.is_leaving(correlation) => {
                cx.gone();
                return;
            }
            Response::ConsumerGroupHeartbeat(response) => self.modern_answered(cx, correlation, response),
            Response::Heartbeat(response) => self.heartbeat_answered(cx, correlation, response),
            Response::LeaveGroup(_) if self.closing == Closing::Leaving && self.membership.is_waiting_for(correlation) => {
                cx.gone();
                return;
            }
            Response::OffsetCommit(response) => self.commit_answered(cx, correlation, response),
            Response::OffsetFetch(response) if self.offset_fetch == Some(correlation) => {
                self.committed_answered(cx, response);
            }
            Response::ListOffsets(response) => self.listing_answered(cx, correlation, response),
            Response::OffsetsForLeaderEpoch(response) => self.validation_answered(cx, correlation, response),
            Response::Fetch(response) => self.fetch_answered(cx, correlation, response),
            _ => {}
        }
        self.go_on(cx);
    }

    /// A connection is gone, with the answers that were to come on it.
    pub fn on_lost(&mut self, cx: &mut ClientContext<'_>, correlation: u32) {
        if self.finding_coordinator == Some(correlation) {
            self.finding_coordinator = None;
            self.wait_for_coordinator(cx);
        } else if !self.metadata.on_lost(cx, correlation) {
            self.fetch_lost(cx, correlation);
            self.commit_lost(cx, correlation);
            let lost = self.membership_lost(cx, correlation) || self.heartbeat_lost(cx, correlation);
            if lost && self.closing == Closing::Leaving {
                cx.gone();
                return;
            }
        }
        self.go_on(cx);
    }

    /// A connection has ended: the coordinator may have moved, the metadata be out of date.
    pub(super) fn on_disconnect(&mut self, cx: &mut ClientContext<'_>, node: Node) {
        self.metadata.request_update(cx);
        if matches!(node, Node::Coordinator(broker) if self.coordinator == Some(broker)) {
            self.coordinator = None;
        }
        self.go_on(cx);
    }

    pub fn on_timer(&mut self, cx: &mut ClientContext<'_>, timer: ClientTimer) {
        if self.metadata.on_timer(cx, timer) {
            return;
        }
        match timer {
            ClientTimer::Heartbeat { stamp } if self.modern.is_some() => {
                if !self.is_modern_timer(stamp) {
                    return;
                }
            }
            ClientTimer::Heartbeat { stamp } => self.heartbeat_due(cx, stamp),
            ClientTimer::MaxPollInterval => self.poll_interval_due(cx),
            ClientTimer::ListenerDone { stamp } => self.listener_done(stamp),
            ClientTimer::CoordinatorRetry => self.coordinator_retry_waits = false,
            ClientTimer::RejoinRetry => self.membership.retry_waits = false,
            ClientTimer::AutoCommit if self.auto_commit_timer_at == Some(cx.now) => self.auto_commit_timer_at = None,
            ClientTimer::PollTimeout if self.poll_timer_at == Some(cx.now) => self.poll_timer_at = None,
            ClientTimer::CloseTimeout if self.is_closing() => {
                cx.gone();
                return;
            }
            _ => {}
        }
        self.go_on(cx);
    }

    // ---- inside

    /// Does what can be done now. All of it happens inside a poll or a close, but for commits that wait.
    fn go_on(&mut self, cx: &mut ClientContext<'_>) {
        self.send_commits(cx);
        if self.is_closing() {
            self.go_on_closing(cx);
            return;
        }
        self.beat_if_due(cx);
        let Some(deadline) = self.poll_deadline else {
            return;
        };
        if self.has_invalid_topic() || self.error.is_some() {
            self.throw(cx);
            return;
        }
        if self.config.group_id.is_some() && self.kind != SubscriptionKind::None {
            self.find_coordinator(cx);
            if self.pattern.is_some() && self.metadata.version == 0 {
                // Nothing can be said about the topics yet.
            } else if self.modern.is_some() {
                self.auto_commit_if_due(cx);
                self.reconcile(cx);
                if self.membership.listener_pending {
                    // The poll is inside the listener.
                    return;
                }
            } else {
                self.join_if_needed(cx);
                // A member that has to join first commits as part of that, and one that knows no coordinator as soon as it does
                // (`ConsumerCoordinator.poll`).
                let has_joined = self.membership.state == MemberState::Stable && self.coordinator.is_some();
                if self.kind == SubscriptionKind::Manual || has_joined {
                    self.auto_commit_if_due(cx);
                }
            }
        }
        self.note_leaders();
        self.find_positions(cx);
        if self.error.is_some() {
            self.throw(cx);
            return;
        }
        let runs = self.take_records();
        if !runs.is_empty() {
            // The next round of fetches leaves before the records are handed out (`ClassicKafkaConsumer.poll`).
            self.send_fetches(cx);
            self.end_poll(cx);
            let records = PolledRecords { runs };
            cx.trace(TraceEvent::Polled { client: cx.id, record_count: records.count() });
            cx.emit_after(POLL_COST, Event::Polled { consumer: cx.id, records });
            return;
        }
        self.send_fetches(cx);
        if cx.now >= deadline {
            self.end_poll(cx);
            cx.emit_after(POLL_COST, Event::Polled { consumer: cx.id, records: PolledRecords::default() });
            return;
        }
        self.arm_poll_timers(cx);
    }

    fn end_poll(&mut self, cx: &mut ClientContext<'_>) {
        self.poll_deadline = None;
        self.last_poll = Some(cx.now);
    }

    /// Ends the poll as by an exception.
    fn throw(&mut self, cx: &mut ClientContext<'_>) {
        let invalid = self.subscription.iter().find(|topic| self.is_invalid(topic)).cloned();
        let error = self.error.take().or_else(|| invalid.map(ConsumerError::InvalidTopic));
        if let Some(error) = error {
            self.end_poll(cx);
            cx.emit_after(POLL_COST, Event::PollFailed { consumer: cx.id, error });
        }
    }

    fn is_invalid(&self, topic: &TopicName) -> bool {
        self.metadata.error(topic.as_str()) == Some(ErrorCode::InvalidTopic)
    }

    fn has_invalid_topic(&self) -> bool {
        self.subscription.iter().any(|topic| self.is_invalid(topic))
    }

    /// Timers for a poll that has to wait. Each is set only when none that comes early enough is set already, so that
    /// many short polls leave few of them behind.
    fn arm_poll_timers(&mut self, cx: &mut ClientContext<'_>) {
        let Some(deadline) = self.poll_deadline else {
            return;
        };
        if self.poll_timer_at.is_none_or(|at| at > deadline) {
            self.poll_timer_at = Some(deadline);
            cx.timer_at(deadline, ClientTimer::PollTimeout);
        }
        if let Some(at) = self.next_auto_commit
            && at > cx.now
            && at < deadline
            && self.auto_commit_timer_at.is_none_or(|armed| armed > at)
        {
            self.auto_commit_timer_at = Some(at);
            cx.timer_at(at, ClientTimer::AutoCommit);
        }
    }

    fn is_leaving(&self, correlation: u32) -> bool {
        self.modern.as_ref().is_some_and(|modern| modern.is_leaving(correlation))
    }

    /// Replaces the assignment; positions begin anew.
    fn set_assignment(&mut self, partitions: impl IntoIterator<Item = TopicPartition>) {
        self.partitions = partitions.into_iter().map(|partition| (partition, PartitionState::default())).collect();
        self.buffered.clear();
    }

    /// Replaces the assignment; what the consumer keeps goes on where it is.
    fn keep_assignment(&mut self, partitions: Vec<TopicPartition>) {
        let mut before = std::mem::take(&mut self.partitions);
        for partition in partitions {
            let state = before.remove(&partition).unwrap_or_default();
            self.partitions.insert(partition, state);
        }
        self.buffered.retain(|buffered| self.partitions.contains_key(&buffered.partition));
    }

    fn go_on_closing(&mut self, cx: &mut ClientContext<'_>) {
        if self.closing == Closing::Committing && self.pending_commits() == 0 {
            self.closing = Closing::Revoking;
            if self.kind == SubscriptionKind::Topics && self.tell_given_away(cx) {
                self.membership.ask_listener(cx);
                return;
            }
            self.membership.listener_pending = false;
        }
        if self.closing == Closing::Revoking && !self.membership.listener_pending && self.pending_commits() == 0 {
            self.closing = Closing::Leaving;
            self.set_assignment([]);
            if !self.leave_group(cx, "the consumer is being closed") {
                cx.gone();
            }
        }
    }
}
