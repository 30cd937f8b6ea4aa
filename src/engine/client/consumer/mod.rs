//! Lives here: the consumer (`KafkaConsumer`): positions, fetching, its membership in a group by either protocol.
//! Never here: how a group is coordinated, and who gets which partition (that is `group_coordinator/`).
//!
//! - A call to `poll` does what is due: auto-commit, join, positions, fetches. It returns at once when records are
//!   there, else when some arrive or its timeout is over.
//! - Between polls only heartbeats go on, and answers are taken in: fetched batches wait for the next poll.
//! - Batches stay shared with the broker's log. Records are counted by arithmetic on offsets, not by reading them.
//!
//! Not simulated: `read_committed`.

mod classic_member;
mod config;
mod consumer_member;
mod core;
mod fetching;
mod membership;
mod offsets;
mod snapshot;
mod validation;

pub use classic_member::MemberState;
pub use config::{AutoOffsetReset, ConsumerConfig, GroupProtocol, StreamsRebalanceData};
pub use consumer_member::StreamsTasks;
use core::{Closing, Core};
use fetching::{PartitionState, Reset};
use membership::Membership;

use super::common::wire::Node;
use super::membership::{CLOSE_TIMEOUT, ModernState, POLL_COST};
use super::{ClientContext, ClientTimer, ConsumerError, Event, PolledRecords, SeekTo};
use crate::base::{BrokerId, MemberId, Offset, Pattern, SimTime, Span, TopicName, TopicPartition};
use crate::engine::protocol::{ErrorCode, Response, StreamsStatus};
use crate::engine::trace::TraceEvent;

/// Where classic members and commits log.
const COORDINATOR_LOGGER: &str = "org.apache.kafka.clients.consumer.internals.ConsumerCoordinator";

/// How partitions come to the consumer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum SubscriptionKind {
    #[default]
    None,
    /// By the group, for the topics subscribed to.
    Topics,
    /// By `assign`: no group management.
    Manual,
}

#[derive(Clone, Hash, Debug)]
pub struct Consumer {
    core: Core,
    membership: Membership,
}

impl Consumer {
    pub fn new(config: ConsumerConfig) -> Self {
        Self { membership: Membership::new(&config), core: Core::new(config) }
    }

    // ---- looking

    pub fn config(&self) -> &ConsumerConfig {
        &self.core.config
    }

    pub fn kind(&self) -> SubscriptionKind {
        self.core.kind
    }

    /// The topics subscribed to.
    pub fn subscription(&self) -> impl Iterator<Item = &TopicName> {
        self.core.subscription.iter()
    }

    /// The partitions that the consumer owns now.
    pub fn assignment(&self) -> Vec<TopicPartition> {
        self.core.assignment()
    }

    /// Is the partition assigned to it?
    pub fn owns(&self, partition: &TopicPartition) -> bool {
        self.core.partitions.contains_key(partition)
    }

    pub fn partitions(&self) -> impl Iterator<Item = (&TopicPartition, &PartitionState)> {
        self.core.partitions.iter()
    }

    /// The offset of the next record that a poll would return; `None` while it is not known yet.
    pub fn position(&self, partition: &TopicPartition) -> Option<Offset> {
        self.core.partitions.get(partition)?.position
    }

    /// The committed offset, as far as the consumer knows it from its own commits and from joining.
    pub fn committed(&self, partition: &TopicPartition) -> Option<Offset> {
        self.core.partitions.get(partition)?.committed
    }

    /// The position with its epochs, as `FetchPosition` writes it.
    pub fn fetch_position(&self, partition: &TopicPartition) -> String {
        self.core.fetch_position(partition)
    }

    pub fn is_paused(&self, partition: &TopicPartition) -> bool {
        self.core.partitions.get(partition).is_some_and(|state| state.paused)
    }

    pub fn is_polling(&self) -> bool {
        self.core.poll.deadline().is_some()
    }

    /// When the program was last inside a poll: what max.poll.interval.ms counts from.
    pub fn last_poll(&self) -> Option<SimTime> {
        self.core.poll.last_poll()
    }

    pub fn last_heartbeat(&self) -> Option<SimTime> {
        self.membership.last_heartbeat()
    }

    /// The tasks of a member of a streams group: those that the listener is being told, or those that it has.
    pub fn streams_tasks(&self) -> Option<&StreamsTasks> {
        match &self.membership {
            Membership::Consumer(member) => member.tasks(),
            Membership::Classic(_) => None,
        }
    }

    /// What the coordinator of a streams group says of the group, beside the tasks.
    pub fn streams_status(&self) -> &[(StreamsStatus, String)] {
        &self.core.streams_status
    }

    /// The records of a partition that a poll has not returned yet, as far as the client knows the partition's end.
    pub fn lag(&self, partition: &TopicPartition) -> Option<Offset> {
        let state = self.core.partitions.get(partition)?;
        Some(Offset((state.high_watermark?.0 - state.position?.0).max(0)))
    }

    /// Where the member stands, in the words of the classic protocol.
    pub fn member_state(&self) -> MemberState {
        self.membership.member_state(!self.core.partitions.is_empty())
    }

    /// Where the member stands, with `group.protocol=consumer`.
    pub fn modern_state(&self) -> Option<ModernState> {
        self.membership.modern_state()
    }

    /// The generation, or the member's epoch with the consumer protocol. -1 outside of the group.
    pub fn generation_id(&self) -> i32 {
        self.membership.committer().generation_id
    }

    pub fn member_id(&self) -> Option<&MemberId> {
        self.membership.committer().member_id
    }

    /// The assignor that the group has chosen; empty outside of a generation.
    pub fn assignor(&self) -> &str {
        self.membership.classic().map_or("", |member| &member.protocol_name)
    }

    pub fn coordinator(&self) -> Option<BrokerId> {
        self.core.coordinator.broker()
    }

    pub fn is_closing(&self) -> bool {
        self.core.is_closing()
    }

    // ---- calls

    /// Subscribes to exactly these topics, in place of what was before. None at all unsubscribes: the group is left.
    pub fn subscribe(&mut self, cx: &mut ClientContext<'_>, topics: Vec<TopicName>) {
        let core = &self.core;
        let other_kind = core.kind == SubscriptionKind::Manual || core.pattern.is_some() || core.subscribed_regex.is_some();
        if topics.is_empty() || other_kind {
            self.unsubscribe(cx);
        }
        if topics.is_empty() {
            return;
        }
        let core = &mut self.core;
        core.subscribe_to_topics();
        core.subscription = topics.into_iter().collect();
        core.buffered.retain(|buffered| core.subscription.contains(&buffered.partition.topic));
        core.metadata.want_only(cx, core.subscription.iter().cloned());
    }

    /// Subscribes to all topics that fit, now and later: the client looks at the names of all topics whenever it fetches its
    /// metadata.
    pub fn subscribe_pattern(&mut self, cx: &mut ClientContext<'_>, pattern: Pattern) {
        self.unsubscribe(cx);
        self.core.subscribe_to_topics();
        self.core.pattern = Some(pattern);
        self.core.metadata.want_all(cx, true);
    }

    /// The same, but the coordinator looks (`SubscriptionPattern`): with the consumer protocol only.
    pub fn subscribe_regex(&mut self, cx: &mut ClientContext<'_>, regex: &str) {
        self.unsubscribe(cx);
        self.core.subscribe_to_topics();
        self.core.subscribed_regex = Some(regex.to_owned());
        if self.membership.classic().is_some() {
            self.core.fail(ErrorCode::UnsupportedVersion);
        }
    }

    /// Takes exactly these partitions, without group management. None at all unsubscribes.
    pub fn assign(&mut self, cx: &mut ClientContext<'_>, partitions: Vec<TopicPartition>) {
        if partitions.is_empty() || self.core.kind == SubscriptionKind::Topics {
            self.unsubscribe(cx);
        }
        if partitions.is_empty() {
            return;
        }
        if self.core.kind == SubscriptionKind::Manual {
            self.core.auto_commit(cx, self.membership.committer());
        }
        self.core.kind = SubscriptionKind::Manual;
        self.core.start_auto_commit(cx);
        self.core.metadata.want_only(cx, partitions.iter().map(|partition| partition.topic.clone()));
        self.core.keep_assignment(partitions);
    }

    fn unsubscribe(&mut self, cx: &mut ClientContext<'_>) {
        if self.core.kind == SubscriptionKind::Topics {
            self.core.tell_given_away(cx, !self.membership.committer().is_settled());
            self.membership.leave_group(&mut self.core, cx, "the consumer unsubscribed from all topics");
        }
        self.core.kind = SubscriptionKind::None;
        self.core.subscription.clear();
        (self.core.pattern, self.core.subscribed_regex) = (None, None);
        self.core.metadata.want_all(cx, false);
        self.core.clear_assignment();
        self.core.metadata.want_only(cx, []);
    }

    /// Answered by one `Event::Polled` or `Event::PollFailed`.
    pub fn poll(&mut self, cx: &mut ClientContext<'_>, timeout: Span) {
        if self.is_closing() {
            return;
        }
        self.core.poll.begin(cx.now, timeout);
        if self.core.is_group_managed() {
            self.core.poll.watch_interval(cx);
        }
        self.go_on(cx);
    }

    /// Commits these offsets, or all positions.
    pub fn commit(&mut self, cx: &mut ClientContext<'_>, offsets: Option<Vec<(TopicPartition, Offset)>>) {
        self.core.commit_for_program(cx, self.membership.committer(), offsets);
    }

    /// Moves the position. Nothing is committed by it.
    pub fn seek(&mut self, cx: &mut ClientContext<'_>, partition: &TopicPartition, to: SeekTo) {
        let Some(state) = self.core.partitions.get_mut(partition) else {
            return;
        };
        match to {
            SeekTo::Offset(offset) => state.seek(offset),
            SeekTo::Beginning => state.ask_reset(Reset::Earliest),
            SeekTo::End => state.ask_reset(Reset::Latest),
        }
        self.core.buffered.retain(|buffered| buffered.partition != *partition);
        self.go_on(cx);
    }

    /// The rebalance listener, which is being told of something, does not return before `release_rebalance`.
    pub fn hold_rebalance(&mut self) {
        self.core.listener.hold();
    }

    pub fn release_rebalance(&mut self, cx: &mut ClientContext<'_>) {
        if self.core.listener.let_go() {
            self.go_on(cx);
        }
    }

    /// Polls skip these partitions until `resume`; what is fetched of them is kept.
    pub fn pause(&mut self, partitions: &[TopicPartition]) {
        self.set_paused(partitions, true);
    }

    pub fn resume(&mut self, cx: &mut ClientContext<'_>, partitions: &[TopicPartition]) {
        self.set_paused(partitions, false);
        self.go_on(cx);
    }

    fn set_paused(&mut self, partitions: &[TopicPartition], paused: bool) {
        for partition in partitions {
            if let Some(state) = self.core.partitions.get_mut(partition) {
                state.paused = paused;
            }
        }
    }

    /// Commits (with auto-commit), gives its partitions away, leaves the group (a static member does not), and is gone.
    /// A poll that is going on ends without an event.
    pub fn close(&mut self, cx: &mut ClientContext<'_>) {
        if self.is_closing() {
            return;
        }
        self.core.poll.cancel();
        self.core.closing = Closing::Committing;
        self.core.commit_before_close(cx, self.membership.committer());
        self.go_on_closing(cx);
        if self.is_closing() {
            cx.timer(CLOSE_TIMEOUT, ClientTimer::CloseTimeout);
        }
    }

    // ---- answers and timers

    pub fn on_response(&mut self, cx: &mut ClientContext<'_>, correlation: u32, response: &Response) {
        let Self { core, membership } = self;
        if core.closing == Closing::Leaving && membership.is_leave(correlation) {
            cx.gone();
            return;
        }
        match (response, &mut *membership) {
            (Response::Metadata(response), membership) => {
                if core.metadata.on_response(cx, correlation, response) {
                    core.find_topics(response);
                }
                if let Membership::Classic(member) = membership {
                    member.assign_as_leader(core, cx);
                }
            }
            (Response::FindCoordinator(response), _) => core.coordinator.answered(cx, correlation, response),
            (response, Membership::Classic(member)) if member.is_waiting_for(correlation) => member.answered(core, cx, response),
            (Response::StreamsGroupHeartbeat(response), Membership::Consumer(member)) if member.modern.beats(correlation) => {
                member.streams_heartbeat_answered(core, cx, response);
            }
            (Response::ConsumerGroupHeartbeat(response), Membership::Consumer(member)) if member.modern.beats(correlation) => {
                member.heartbeat_answered(core, cx, response);
            }
            (Response::OffsetCommit(response), membership) => core.commit_answered(membership, cx, correlation, response),
            (Response::OffsetFetch(response), _) if core.offset_fetch == Some(correlation) => core.committed_answered(cx, response),
            (Response::ListOffsets(response), _) => core.listing_answered(cx, correlation, response),
            (Response::OffsetsForLeaderEpoch(response), _) => core.validation_answered(cx, correlation, response),
            (Response::Fetch(response), _) => core.fetch_answered(cx, correlation, response),
            _ => {}
        }
        self.go_on(cx);
    }

    /// A connection is gone, with the answers that were to come on it.
    pub fn on_lost(&mut self, cx: &mut ClientContext<'_>, correlation: u32) {
        let core = &mut self.core;
        if !core.coordinator.on_lost(cx, correlation) && !core.metadata.on_lost(cx, correlation) {
            core.fetch_lost(cx, correlation);
            core.commit_lost(cx, correlation);
            let lost = self.membership.on_lost(core, cx, correlation);
            if lost && core.closing == Closing::Leaving {
                cx.gone();
                return;
            }
        }
        self.go_on(cx);
    }

    /// A connection has ended: the coordinator may have moved, the metadata be out of date.
    pub(super) fn on_disconnect(&mut self, cx: &mut ClientContext<'_>, node: Node) {
        self.core.metadata.request_update(cx);
        self.core.coordinator.on_disconnect(node);
        self.go_on(cx);
    }

    pub fn on_timer(&mut self, cx: &mut ClientContext<'_>, timer: ClientTimer) {
        let Self { core, membership } = self;
        if core.metadata.on_timer(cx, timer) {
            return;
        }
        match (timer, &mut *membership) {
            (ClientTimer::Heartbeat { stamp }, Membership::Consumer(member)) if !member.modern.is_timer(stamp) => return,
            (ClientTimer::Heartbeat { stamp }, Membership::Classic(member)) => member.heartbeat_due(core, cx, stamp),
            (ClientTimer::RejoinRetry, Membership::Classic(member)) => member.retry_waits = false,
            (ClientTimer::MaxPollInterval, membership) => {
                let watched = core.is_group_managed() && !core.is_closing();
                if core.poll.is_interval_over(cx, watched) {
                    membership.poll_interval_over(core, cx);
                }
            }
            (ClientTimer::ListenerDone { stamp }, _) => core.listener.returned(stamp),
            (ClientTimer::CoordinatorRetry, _) => core.coordinator.backoff_over(),
            (ClientTimer::AutoCommit, _) => core.auto_commit_timer_over(cx.now),
            (ClientTimer::PollTimeout, _) => core.poll.timer_over(cx.now),
            (ClientTimer::CloseTimeout, _) if core.is_closing() => {
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
        let Self { core, membership } = self;
        core.send_commits(cx, membership.committer());
        if core.is_closing() {
            self.go_on_closing(cx);
            return;
        }
        if let Membership::Consumer(member) = membership {
            member.beat_if_due(core, cx);
        }
        let Some(deadline) = core.poll.deadline() else { return };
        if let Some(error) = core.take_error() {
            self.throw(cx, error);
            return;
        }
        if core.config.group_id.is_some() && core.kind != SubscriptionKind::None {
            // One that takes its partitions itself looks for its coordinator only when there is something to ask it, but with the
            // consumer protocol (`CoordinatorRequestManager`).
            if core.kind == SubscriptionKind::Topics || core.is_modern() {
                core.coordinator.find(cx);
            }
            // With a pattern nothing can be said about the topics before the first metadata.
            if core.pattern.is_none() || core.metadata.version > 0 {
                membership.poll(core, cx);
            }
            if membership.classic().is_none() && core.listener.is_running {
                // The poll is inside the listener.
                return;
            }
        }
        core.note_leaders();
        core.find_positions(cx, membership.committer());
        if let Some(error) = core.take_error() {
            self.throw(cx, error);
            return;
        }
        let runs = core.take_records();
        if !runs.is_empty() {
            // The next round of fetches leaves before the records are handed out (`ClassicKafkaConsumer.poll`).
            core.send_fetches(cx);
            core.poll.end(cx.now);
            let records = PolledRecords { runs };
            cx.trace(TraceEvent::Polled { client: cx.id, record_count: records.count() });
            cx.emit_after(POLL_COST, Event::Polled { consumer: cx.id, records });
            return;
        }
        core.send_fetches(cx);
        if cx.now >= deadline {
            core.poll.end(cx.now);
            cx.emit_after(POLL_COST, Event::Polled { consumer: cx.id, records: PolledRecords::default() });
            return;
        }
        core.poll.set_timer(cx);
        core.set_auto_commit_timer(cx, deadline);
    }

    /// Ends the poll as by an exception.
    fn throw(&mut self, cx: &mut ClientContext<'_>, error: ConsumerError) {
        self.core.poll.end(cx.now);
        cx.emit_after(POLL_COST, Event::PollFailed { consumer: cx.id, error });
    }

    fn go_on_closing(&mut self, cx: &mut ClientContext<'_>) {
        let Self { core, membership } = self;
        if core.closing == Closing::Committing && core.pending_commits() == 0 {
            core.closing = Closing::Revoking;
            let lost = !membership.committer().is_settled();
            if core.kind == SubscriptionKind::Topics && core.tell_given_away(cx, lost) {
                core.listener.run(cx);
                return;
            }
            core.listener.is_running = false;
        }
        if core.closing == Closing::Revoking && !core.listener.is_running && core.pending_commits() == 0 {
            core.closing = Closing::Leaving;
            core.clear_assignment();
            if !membership.leave_group(core, cx, "the consumer is being closed") {
                cx.gone();
            }
        }
    }
}
