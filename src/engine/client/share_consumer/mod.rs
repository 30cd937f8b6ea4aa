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
mod membership;

use std::collections::VecDeque;
use std::rc::Rc;

use fetching::{Completed, Session};
pub use membership::ShareMemberState;
use membership::ShareMembership;

use super::wire::Node;
use super::{ClientContext, ClientTimer, Metadata};
use crate::base::{BrokerId, GroupId, MemberId, Offset, SimTime, SortedMap, SortedSet, Span, TopicName, TopicPartition};
use crate::engine::error::ErrorCode;
use crate::engine::log::{Batch, RecordView};
use crate::engine::program::Event;
use crate::engine::protocol::Response;
use crate::engine::share::{AcknowledgeType, ShareAcquireMode};

/// What returning from a poll costs: time goes on even for a program that polls without a timeout.
const POLL_COST: Span = Span::from_us(10);

/// A close that is not done by then ends anyway (`ShareConsumer.close`).
const CLOSE_TIMEOUT: Span = Span::from_secs(30);

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

/// What a poll throws.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ShareError {
    /// Explicit mode, and not all records of the last poll have been acknowledged (`IllegalStateException`).
    Unacknowledged,
    InvalidTopic(TopicName),
    /// The coordinator's refusal, with its words.
    Broker(ErrorCode, Rc<str>),
}

/// The records `from..=to` of one batch, which have all been delivered so often.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShareRun {
    pub topic_partition: TopicPartition,
    pub batch: Rc<Batch>,
    pub from: Offset,
    pub to: Offset,
    pub delivery_count: u16,
}

impl ShareRun {
    pub fn records(&self) -> impl Iterator<Item = RecordView<'_>> {
        self.batch.records().filter(|record| record.offset >= self.from && record.offset <= self.to)
    }
}

/// Acknowledgements of one partition, by offset.
pub(super) type Acks = SortedMap<Offset, AcknowledgeType>;

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
    membership: ShareMembership,
    coordinator: Option<BrokerId>,
    finding_coordinator: Option<u32>,
    coordinator_retry_waits: bool,
    /// Look-ups of the coordinator in a row without success.
    coordinator_misses: u32,
    sessions: SortedMap<BrokerId, Session>,
    /// Records are wanted: a poll has asked, and none have come since.
    wants_records: bool,
    /// Acquired and not yet returned.
    buffered: VecDeque<Completed>,
    /// What the last poll returned, and what was said of it.
    current: SortedMap<TopicPartition, SortedMap<Offset, Option<AcknowledgeType>>>,
    /// Acknowledgements that go with the next fetch.
    acks_with_fetch: SortedMap<TopicPartition, Acks>,
    /// Acknowledgements that go at once.
    acks_alone: SortedMap<TopicPartition, Acks>,
    /// A commit that the program waits for: partitions whose answers are missing, and the first error.
    commit: Option<(SortedSet<TopicPartition>, Option<ErrorCode>)>,
    poll_deadline: Option<SimTime>,
    poll_timer_at: Option<SimTime>,
    last_poll: Option<SimTime>,
    poll_interval_timer_at: Option<SimTime>,
    error: Option<ShareError>,
    closing: Closing,
}

impl ShareConsumer {
    pub fn new(config: ShareConsumerConfig) -> Self {
        let backoff = Span::from_ms(config.retry_backoff_ms);
        let metadata = Metadata::new(config.allow_auto_create_topics, backoff, Span::from_ms(config.metadata_max_age_ms));
        Self {
            config,
            metadata,
            subscription: SortedSet::new(),
            membership: ShareMembership::new(),
            coordinator: None,
            finding_coordinator: None,
            coordinator_retry_waits: false,
            coordinator_misses: 0,
            sessions: SortedMap::new(),
            wants_records: false,
            buffered: VecDeque::new(),
            current: SortedMap::new(),
            acks_with_fetch: SortedMap::new(),
            acks_alone: SortedMap::new(),
            commit: None,
            poll_deadline: None,
            poll_timer_at: None,
            last_poll: None,
            poll_interval_timer_at: None,
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
        self.membership.member_id.as_ref()
    }

    pub fn member_epoch(&self) -> i32 {
        self.membership.member_epoch
    }

    pub fn member_state(&self) -> ShareMemberState {
        self.membership.state
    }

    /// The partitions that the coordinator has it read.
    pub fn assignment(&self) -> &[TopicPartition] {
        &self.membership.assignment
    }

    /// Is its program inside a poll?
    pub fn is_polling(&self) -> bool {
        self.poll_deadline.is_some()
    }

    /// When its program polled last.
    pub fn last_poll(&self) -> Option<SimTime> {
        self.last_poll
    }

    /// Records of the last poll that nothing was said of yet.
    pub fn unacknowledged(&self) -> u64 {
        self.current.values().flat_map(SortedMap::values).filter(|said| said.is_none()).count() as u64
    }

    // ---- calls

    pub fn subscribe(&mut self, cx: &mut ClientContext<'_>, topics: Vec<TopicName>) {
        self.subscription = topics.iter().cloned().collect();
        self.metadata.want_only(cx, topics);
        self.membership.subscribed(cx);
    }

    /// Answered by `Event::SharePolled` or `Event::SharePollFailed`.
    pub fn poll(&mut self, cx: &mut ClientContext<'_>, timeout: Span) {
        if self.config.acknowledgement_mode == AcknowledgementMode::Implicit {
            self.current.values_mut().flat_map(SortedMap::values_mut).for_each(|said| {
                said.get_or_insert(AcknowledgeType::Accept);
            });
        } else if self.unacknowledged() > 0 {
            cx.emit_after(POLL_COST, Event::SharePollFailed { consumer: cx.id, error: ShareError::Unacknowledged });
            return;
        }
        self.last_poll = Some(cx.now);
        self.poll_deadline = Some(cx.now + timeout);
        self.membership.polled();
        self.watch_poll_interval(cx);
        let acks = self.take_acknowledged();
        if self.buffered.is_empty() {
            self.wants_records = true;
            add_acks(&mut self.acks_with_fetch, acks);
        } else {
            add_acks(&mut self.acks_alone, acks);
        }
        self.go_on(cx);
    }

    /// Says of a record of the last poll what has become of it. False when it is none of these.
    pub fn acknowledge(&mut self, partition: &TopicPartition, offset: Offset, kind: AcknowledgeType) -> bool {
        let said = self.current.get_mut(partition).and_then(|records| records.get_mut(&offset));
        said.map(|said| *said = Some(kind)).is_some()
    }

    /// Sends acknowledgements now. Answered by `Event::ShareCommitted`.
    pub fn commit(&mut self, cx: &mut ClientContext<'_>) {
        if self.config.acknowledgement_mode == AcknowledgementMode::Implicit {
            self.current.values_mut().flat_map(SortedMap::values_mut).for_each(|said| {
                said.get_or_insert(AcknowledgeType::Accept);
            });
        }
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
        self.poll_deadline = None;
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
    fn take_acknowledged(&mut self) -> SortedMap<TopicPartition, Acks> {
        let mut taken: SortedMap<TopicPartition, Acks> = SortedMap::new();
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
            Response::FindCoordinator(response) if self.finding_coordinator == Some(correlation) => {
                self.finding_coordinator = None;
                match (response.error, response.coordinator) {
                    (None, Some(broker)) => {
                        self.coordinator = Some(broker);
                        self.coordinator_misses = 0;
                    }
                    _ => self.wait_for_coordinator(cx),
                }
            }
            Response::ShareGroupHeartbeat(response) => self.heartbeat_answered(cx, correlation, response),
            Response::ShareFetch(response) => self.fetch_answered(cx, correlation, response),
            Response::ShareAcknowledge(response) => self.acknowledge_answered(cx, correlation, response),
            _ => return,
        }
        self.go_on(cx);
    }

    /// A connection is gone, with the answers that were to come on it.
    pub fn on_lost(&mut self, cx: &mut ClientContext<'_>, correlation: u32) {
        if self.finding_coordinator == Some(correlation) {
            self.finding_coordinator = None;
            self.wait_for_coordinator(cx);
        } else if !self.metadata.on_lost(cx, correlation) && !self.heartbeat_lost(cx, correlation) {
            self.session_lost(cx, correlation);
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
            ClientTimer::CoordinatorRetry => self.coordinator_retry_waits = false,
            ClientTimer::PollTimeout if self.poll_timer_at == Some(cx.now) => self.poll_timer_at = None,
            ClientTimer::MaxPollInterval if self.poll_interval_timer_at == Some(cx.now) => {
                self.poll_interval_timer_at = None;
                self.poll_interval_due(cx);
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
        self.find_coordinator(cx);
        self.heartbeat_if_due(cx);
        self.send_to_leaders(cx);
        if self.closing != Closing::Open {
            self.go_on_closing(cx);
            return;
        }
        let Some(deadline) = self.poll_deadline else { return };
        let invalid = self.subscription.iter().find(|topic| self.metadata.error(topic.as_str()) == Some(ErrorCode::InvalidTopic));
        if let Some(error) = self.error.take().or_else(|| invalid.cloned().map(ShareError::InvalidTopic)) {
            self.end_poll(cx);
            cx.emit_after(POLL_COST, Event::SharePollFailed { consumer: cx.id, error });
            return;
        }
        let runs = self.collect();
        if !runs.is_empty() || cx.now >= deadline {
            self.end_poll(cx);
            Self::trace_polled(cx, &runs);
            cx.emit_after(POLL_COST, Event::SharePolled { consumer: cx.id, runs: runs.into() });
            self.send_to_leaders(cx);
            return;
        }
        if self.poll_timer_at.is_none_or(|at| at > deadline) {
            self.poll_timer_at = Some(deadline);
            cx.timer_at(deadline, ClientTimer::PollTimeout);
        }
    }

    fn end_poll(&mut self, cx: &mut ClientContext<'_>) {
        self.poll_deadline = None;
        self.last_poll = Some(cx.now);
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
fn add_acks(to: &mut SortedMap<TopicPartition, Acks>, acks: SortedMap<TopicPartition, Acks>) {
    for (partition, acks) in acks {
        to.get_or_default(partition).extend(acks);
    }
}
