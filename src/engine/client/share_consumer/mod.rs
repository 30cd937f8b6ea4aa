//! Lives here: the share consumer (`KafkaShareConsumer`): membership in a share group, share sessions, records handed out
//! one by one and acknowledged.
//! Never here: which member gets which record (that is `engine/share/`).
//!
//! - A poll sends the acknowledgements of what the last one returned, and returns what has been acquired since; whole
//!   record batches, so that it may be more than max.poll.records.
//! - After a poll asked for records the consumer fetches until some come, also between polls, and then no more until the
//!   next poll: acquired records do not pile up in it.
//! - Explicit mode: each record must be acknowledged before the next poll. Implicit mode: the next poll accepts all.
//! - Close acknowledges, ends its sessions, which gives back what is left, and leaves the group.
//!
//! Not simulated: acknowledgement callbacks (a commit's result comes as an event).

mod fetching;
mod share_member;

use std::collections::VecDeque;

use fetching::{Completed, Session};
use share_member::ShareMember;

use super::common::wire::Node;
use super::membership::{CLOSE_TIMEOUT, CoordinatorLookup, ModernState, POLL_COST, PollClock};
use super::{ClientContext, ClientTimer, Event, Metadata, ShareError};
use crate::base::{BrokerId, GroupId, MemberId, Offset, SimTime, SortedMap, SortedSet, Span, TopicName, TopicPartition};
use crate::engine::protocol::{AcknowledgeType, ErrorCode, Response, ShareAcquireMode};

/// `share.acknowledgement.mode`
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum AcknowledgementMode {
    #[default]
    Implicit,
    Explicit,
}

/// Settings of a share consumer, with Kafka's defaults.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShareConsumerConfig {
    pub client_id: String,
    /// `bootstrap.servers`; none stands for all brokers.
    pub bootstrap_servers: Vec<BrokerId>,
    pub group_id: GroupId,
    pub acknowledgement_mode: AcknowledgementMode,
    pub acquire_mode: ShareAcquireMode,
    pub max_poll_records: u32,
    pub max_poll_interval_ms: u64,
    pub fetch_min_bytes: u64,
    pub fetch_max_wait_ms: u64,
    pub fetch_max_bytes: u64,
    pub metadata_max_age_ms: u64,
    pub retry_backoff_ms: u64,
    pub request_timeout_ms: u64,
    pub allow_auto_create_topics: bool,
    /// `client.rack`; empty for none.
    pub client_rack: String,
}

impl ShareConsumerConfig {
    pub fn new(client_id: &str, group_id: GroupId) -> Self {
        Self {
            client_id: client_id.to_owned(),
            bootstrap_servers: Vec::new(),
            group_id,
            acknowledgement_mode: AcknowledgementMode::Implicit,
            acquire_mode: ShareAcquireMode::BatchOptimized,
            max_poll_records: 500,
            max_poll_interval_ms: 300_000,
            fetch_min_bytes: 1,
            fetch_max_wait_ms: 500,
            fetch_max_bytes: 52_428_800,
            metadata_max_age_ms: 300_000,
            retry_backoff_ms: 100,
            request_timeout_ms: 30_000,
            allow_auto_create_topics: true,
            client_rack: String::new(),
        }
    }
}

/// Acknowledgements of one partition, by offset.
pub(super) type Acks = SortedMap<Offset, AcknowledgeType>;

pub(super) type PartitionAcks = SortedMap<TopicPartition, Acks>;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Closing {
    Open,
    /// Sessions are being ended, with the last acknowledgements.
    Sessions,
    /// The coordinator is being told.
    Leaving,
}

#[derive(Clone, Hash, Debug)]
pub struct ShareConsumer {
    config: ShareConsumerConfig,
    metadata: Metadata,
    subscription: SortedSet<TopicName>,
    member: ShareMember,
    coordinator: CoordinatorLookup,
    sessions: SortedMap<BrokerId, Session>,
    /// Records are wanted: a poll has asked, and none have come since.
    wants_records: bool,
    /// Acquired and not yet returned.
    buffered: VecDeque<Completed>,
    /// What the last poll returned, and what was said of it.
    current: SortedMap<TopicPartition, SortedMap<Offset, Option<AcknowledgeType>>>,
    /// Acknowledgements that go with the next fetch.
    acks_with_fetch: PartitionAcks,
    /// Acknowledgements that go at once.
    acks_alone: PartitionAcks,
    /// A commit that the program waits for: partitions whose answers are missing, and the first error.
    commit: Option<(SortedSet<TopicPartition>, Option<ErrorCode>)>,
    poll: PollClock,
    error: Option<ShareError>,
    closing: Closing,
}

impl ShareConsumer {
    pub fn new(config: ShareConsumerConfig) -> Self {
        let backoff = Span::from_ms(config.retry_backoff_ms);
        let metadata = Metadata::new(config.allow_auto_create_topics, backoff, Span::from_ms(config.metadata_max_age_ms));
        Self {
            metadata,
            subscription: SortedSet::new(),
            member: ShareMember::new(config.retry_backoff_ms),
            coordinator: CoordinatorLookup::new(Some(config.group_id.clone()), config.retry_backoff_ms),
            poll: PollClock::new(config.max_poll_interval_ms),
            config,
            sessions: SortedMap::new(),
            wants_records: false,
            buffered: VecDeque::new(),
            current: SortedMap::new(),
            acks_with_fetch: SortedMap::new(),
            acks_alone: SortedMap::new(),
            commit: None,
            error: None,
            closing: Closing::Open,
        }
    }

    // ---- looking

    pub fn config(&self) -> &ShareConsumerConfig {
        &self.config
    }

    pub fn subscription(&self) -> impl Iterator<Item = &TopicName> {
        self.subscription.iter()
    }

    pub fn member_id(&self) -> Option<&MemberId> {
        self.member.modern.member_id.as_ref()
    }

    pub fn member_epoch(&self) -> i32 {
        self.member.modern.epoch
    }

    pub fn member_state(&self) -> ModernState {
        self.member.modern.state
    }

    /// The partitions that the coordinator has it read.
    pub fn assignment(&self) -> &[TopicPartition] {
        &self.member.assignment
    }

    /// Is its program inside a poll?
    pub fn is_polling(&self) -> bool {
        self.poll.deadline().is_some()
    }

    /// When its program polled last.
    pub fn last_poll(&self) -> Option<SimTime> {
        self.poll.last_poll()
    }

    /// Records of the last poll that nothing was said of yet.
    pub fn unacknowledged(&self) -> u64 {
        self.current.values().flat_map(SortedMap::values).filter(|said| said.is_none()).count() as u64
    }

    // ---- calls

    pub fn subscribe(&mut self, cx: &mut ClientContext<'_>, topics: Vec<TopicName>) {
        self.subscription = topics.iter().cloned().collect();
        self.metadata.want_only(cx, topics);
        self.member.subscribed(cx);
    }

    /// Answered by `Event::SharePolled` or `Event::SharePollFailed`.
    pub fn poll(&mut self, cx: &mut ClientContext<'_>, timeout: Span) {
        self.accept_if_implicit();
        if self.unacknowledged() > 0 {
            cx.emit_after(POLL_COST, Event::SharePollFailed { consumer: cx.id, error: ShareError::Unacknowledged });
            return;
        }
        self.poll.begin(cx.now, timeout);
        self.poll.watch_interval(cx);
        self.member.polled();
        let acks = self.take_acknowledged();
        if self.buffered.is_empty() {
            self.wants_records = true;
            add_acks(&mut self.acks_with_fetch, acks);
        } else {
            add_acks(&mut self.acks_alone, acks);
        }
        self.go_on(cx);
    }

    /// Implicit mode: what nothing was said of is accepted.
    fn accept_if_implicit(&mut self) {
        if self.config.acknowledgement_mode == AcknowledgementMode::Implicit {
            let unsaid = self.current.values_mut().flat_map(SortedMap::values_mut).filter(|said| said.is_none());
            unsaid.for_each(|said| *said = Some(AcknowledgeType::Accept));
        }
    }

    /// Says of a record of the last poll what has become of it. False when it is none of these.
    pub fn acknowledge(&mut self, partition: &TopicPartition, offset: Offset, kind: AcknowledgeType) -> bool {
        let said = self.current.get_mut(partition).and_then(|records| records.get_mut(&offset));
        said.map(|said| *said = Some(kind)).is_some()
    }

    /// Sends acknowledgements now. Answered by `Event::ShareCommitted`.
    pub fn commit(&mut self, cx: &mut ClientContext<'_>) {
        self.accept_if_implicit();
        let acks = self.take_acknowledged();
        if acks.is_empty() {
            cx.emit_after(POLL_COST, Event::ShareCommitted { consumer: cx.id, result: Ok(()) });
            return;
        }
        self.commit = Some((acks.keys().cloned().collect(), None));
        add_acks(&mut self.acks_alone, acks);
        self.go_on(cx);
    }

    pub fn close(&mut self, cx: &mut ClientContext<'_>) {
        if self.closing != Closing::Open {
            return;
        }
        self.poll.cancel();
        self.wants_records = false;
        self.buffered.clear();
        let acks = self.take_acknowledged();
        add_acks(&mut self.acks_alone, acks);
        add_acks(&mut self.acks_alone, std::mem::take(&mut self.acks_with_fetch));
        self.closing = Closing::Sessions;
        cx.timer(CLOSE_TIMEOUT, ClientTimer::CloseTimeout);
        self.go_on(cx);
    }

    /// Takes what was said of the last poll's records. Renewed ones stay to be acknowledged again.
    fn take_acknowledged(&mut self) -> PartitionAcks {
        let mut taken: PartitionAcks = SortedMap::new();
        for (partition, records) in self.current.iter_mut() {
            for (offset, said) in records.iter_mut() {
                if let Some(kind) = *said {
                    taken.get_or_default(partition.clone()).insert(*offset, kind);
                    if kind == AcknowledgeType::Renew {
                        *said = None;
                    }
                }
            }
            records.retain(|_, said| said.is_none());
        }
        self.current.retain(|_, records| !records.is_empty());
        taken
    }

    // ---- what comes

    pub fn on_response(&mut self, cx: &mut ClientContext<'_>, correlation: u32, response: &Response) {
        match response {
            Response::Metadata(response) => {
                self.metadata.on_response(cx, correlation, response);
            }
            Response::FindCoordinator(response) => self.coordinator.answered(cx, correlation, response),
            Response::ShareGroupHeartbeat(_) if self.closing == Closing::Leaving && self.member.modern.is_leave(correlation) => {
                cx.gone();
                return;
            }
            Response::ShareGroupHeartbeat(response) if self.member.modern.beats(correlation) => {
                self.heartbeat_answered(cx, response)
            }
            Response::ShareFetch(response) => self.fetch_answered(cx, correlation, response),
            Response::ShareAcknowledge(response) => self.acknowledge_answered(cx, correlation, response),
            _ => return,
        }
        self.go_on(cx);
    }

    /// A connection is gone, with the answers that were to come on it.
    pub fn on_lost(&mut self, cx: &mut ClientContext<'_>, correlation: u32) {
        if self.heartbeat_lost(cx, correlation) {
            if self.closing == Closing::Leaving {
                cx.gone();
                return;
            }
        } else if !self.coordinator.on_lost(cx, correlation) && !self.metadata.on_lost(cx, correlation) {
            self.session_lost(cx, correlation);
        }
        self.go_on(cx);
    }

    /// A connection has ended: the coordinator may have moved, the metadata be out of date.
    pub(super) fn on_disconnect(&mut self, cx: &mut ClientContext<'_>, node: Node) {
        self.metadata.request_update(cx);
        self.coordinator.on_disconnect(node);
        self.go_on(cx);
    }

    pub fn on_timer(&mut self, cx: &mut ClientContext<'_>, timer: ClientTimer) {
        if self.metadata.on_timer(cx, timer) {
            return;
        }
        match timer {
            ClientTimer::Heartbeat { stamp } if !self.member.modern.is_timer(stamp) => return,
            ClientTimer::CoordinatorRetry => self.coordinator.backoff_over(),
            ClientTimer::PollTimeout => self.poll.timer_over(cx.now),
            ClientTimer::MaxPollInterval => {
                if self.poll.is_interval_over(cx, self.closing == Closing::Open) {
                    self.go_stale(cx);
                }
            }
            ClientTimer::CloseTimeout if self.closing != Closing::Open => {
                cx.gone();
                return;
            }
            _ => {}
        }
        self.go_on(cx);
    }

    /// Does what can be done now.
    fn go_on(&mut self, cx: &mut ClientContext<'_>) {
        self.beat_if_due(cx);
        self.send_to_leaders(cx);
        if self.closing != Closing::Open {
            self.go_on_closing(cx);
            return;
        }
        let Some(deadline) = self.poll.deadline() else { return };
        let invalid = self.subscription.iter().find(|topic| self.metadata.error(topic.as_str()) == Some(ErrorCode::InvalidTopic));
        if let Some(error) = self.error.take().or_else(|| invalid.cloned().map(ShareError::InvalidTopic)) {
            self.poll.end(cx.now);
            cx.emit_after(POLL_COST, Event::SharePollFailed { consumer: cx.id, error });
            return;
        }
        let runs = self.collect();
        if !runs.is_empty() || cx.now >= deadline {
            self.poll.end(cx.now);
            Self::trace_polled(cx, &runs);
            cx.emit_after(POLL_COST, Event::SharePolled { consumer: cx.id, runs: runs.into() });
            self.send_to_leaders(cx);
            return;
        }
        self.poll.set_timer(cx);
    }

    fn go_on_closing(&mut self, cx: &mut ClientContext<'_>) {
        if self.closing == Closing::Sessions && self.sessions.values().all(|session| session.is_over()) {
            self.closing = Closing::Leaving;
            if !self.leave_group(cx) {
                cx.gone();
            }
        }
    }
}

/// Adds acknowledgements to others that wait; later words of the same record count.
fn add_acks(to: &mut PartitionAcks, acks: PartitionAcks) {
    for (partition, acks) in acks {
        to.get_or_default(partition).extend(acks);
    }
}
