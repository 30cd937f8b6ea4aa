//! All of a consumer but its membership: the subscription, positions, what was fetched, commits. The membership, of either
//! protocol, works on it.

use std::collections::VecDeque;
use std::rc::Rc;

use super::fetching::{Buffered, FetchInFlight, PartitionState};
use super::offsets::Commit;
use super::{ConsumerConfig, GroupProtocol, SubscriptionKind};
use crate::base::{Offset, Pattern, SimTime, SortedMap, SortedSet, Span, TopicName, TopicPartition};
use crate::engine::client::membership::{CoordinatorLookup, PollClock};
use crate::engine::client::{ClientContext, ClientTimer, ConsumerError, Event, Metadata};
use crate::engine::protocol::{ErrorCode, MetadataResponse, StreamsStatus, TopicMetadata};
use crate::engine::trace::TraceEvent;

/// How long the program's rebalance listener takes before the consumer goes on.
const LISTENER_COST: Span = Span::from_us(10);

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) enum Closing {
    #[default]
    Open,
    /// Waits for its last commits.
    Committing,
    /// The rebalance listener is being told.
    Revoking,
    /// The coordinator is being told.
    Leaving,
}

/// The program's rebalance listener (`ConsumerRebalanceListener`).
#[derive(Clone, Hash, Debug, Default)]
pub(super) struct Listener {
    /// It was called and has not returned.
    pub(super) is_running: bool,
    /// Its program has more to do before it returns: to wait for what it has sent.
    is_held: bool,
    calls: u64,
}

impl Listener {
    /// It was called, and its program handles that now. The consumer continues when it returns, in another step.
    pub(super) fn run(&mut self, cx: &mut ClientContext<'_>) {
        self.is_running = true;
        self.calls += 1;
        cx.timer(LISTENER_COST, ClientTimer::ListenerDone { stamp: self.calls });
    }

    pub(super) fn returned(&mut self, call: u64) {
        if self.calls == call && !self.is_held {
            self.is_running = false;
        }
    }

    /// It does not return before it is let go.
    pub(super) fn hold(&mut self) {
        self.is_held = self.is_running;
    }

    /// True if it was held.
    pub(super) fn let_go(&mut self) -> bool {
        let held = std::mem::take(&mut self.is_held);
        if held {
            self.is_running = false;
        }
        held
    }
}

#[derive(Clone, Hash, Debug, Default)]
pub(super) struct Core {
    pub(super) config: ConsumerConfig,
    pub(super) metadata: Metadata,
    pub(super) kind: SubscriptionKind,
    pub(super) subscription: SortedSet<TopicName>,
    /// The subscription is all topics whose names match.
    pub(super) pattern: Option<Pattern>,
    /// The coordinator subscribes the member to all topics that match this expression.
    pub(super) subscribed_regex: Option<String>,
    pub(super) partitions: SortedMap<TopicPartition, PartitionState>,
    /// Fetched and not yet returned, in the order of arrival; one entry for a partition at most.
    pub(super) buffered: VecDeque<Buffered>,
    pub(super) fetches: SortedMap<u32, FetchInFlight>,
    /// ListOffsets on their way.
    pub(super) listings: SortedMap<u32, Vec<TopicPartition>>,
    /// OffsetsForLeaderEpoch on their way, with the positions that they are about.
    pub(super) validations: SortedMap<u32, Vec<(TopicPartition, Offset)>>,
    pub(super) offset_fetch: Option<u32>,
    /// Counts answers with data: a partition that just gave some is asked after the others.
    pub(super) fetch_turn: u64,
    pub(super) coordinator: CoordinatorLookup,
    pub(super) listener: Listener,
    pub(super) commits_waiting: VecDeque<Commit>,
    pub(super) commits_in_flight: SortedMap<u32, Commit>,
    /// The commit before the rebalance is answered.
    pub(super) has_committed: bool,
    pub(super) next_auto_commit: Option<SimTime>,
    pub(super) auto_commit_timer_at: Option<SimTime>,
    pub(super) poll: PollClock,
    /// What the coordinator of a streams group has said of the group, beside the tasks.
    pub(super) streams_status: Vec<(StreamsStatus, String)>,
    /// What the next poll throws.
    pub(super) error: Option<ConsumerError>,
    pub(super) closing: Closing,
}

impl Core {
    pub(super) fn new(config: ConsumerConfig) -> Self {
        let backoff = Span::from_ms(config.retry_backoff_ms);
        Self {
            metadata: Metadata::new(config.allow_auto_create_topics, backoff, Span::from_ms(config.metadata_max_age_ms)),
            coordinator: CoordinatorLookup::new(config.group_id.clone(), config.retry_backoff_ms),
            poll: PollClock::new(config.max_poll_interval_ms),
            config,
            ..Self::default()
        }
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing != Closing::Open
    }

    // ---- subscription

    /// Is its membership, if it has one, by the consumer protocol?
    pub(super) fn is_modern(&self) -> bool {
        self.config.group_protocol == GroupProtocol::Consumer
    }

    /// Is the consumer a member of a group, or does it mean to be?
    pub(super) fn is_group_managed(&self) -> bool {
        self.kind == SubscriptionKind::Topics && self.config.group_id.is_some()
    }

    pub(super) fn subscribe_to_topics(&mut self) {
        if self.config.group_id.is_none() {
            self.fail(ErrorCode::InvalidGroupId);
        }
        self.kind = SubscriptionKind::Topics;
    }

    /// After new metadata: subscribes to the topics that match the pattern.
    pub(super) fn find_topics(&mut self, response: &MetadataResponse) {
        let Some(pattern) = &self.pattern else { return };
        let fits = |topic: &&TopicMetadata| !topic.internal && topic.error.is_none() && pattern.matches(topic.name.as_str());
        self.subscription = response.topics.iter().filter(fits).map(|topic| topic.name.clone()).collect();
    }

    /// The next poll throws this.
    pub(super) fn fail(&mut self, error: ErrorCode) {
        self.error = Some(ConsumerError::Broker(error));
    }

    /// What the poll that is going on throws.
    pub(super) fn take_error(&mut self) -> Option<ConsumerError> {
        let is_invalid = |topic: &&TopicName| self.metadata.error(topic.as_str()) == Some(ErrorCode::InvalidTopic);
        let invalid = self.subscription.iter().find(is_invalid);
        self.error.take().or_else(|| invalid.cloned().map(ConsumerError::InvalidTopic))
    }

    // ---- assignment

    pub(super) fn assignment(&self) -> Vec<TopicPartition> {
        self.partitions.keys().cloned().collect()
    }

    /// Gives up all partitions: positions begin anew.
    pub(super) fn clear_assignment(&mut self) {
        self.partitions.clear();
        self.buffered.clear();
    }

    /// Replaces the assignment; what the consumer keeps goes on where it is.
    pub(super) fn keep_assignment(&mut self, partitions: Vec<TopicPartition>) {
        let mut before = std::mem::take(&mut self.partitions);
        for partition in partitions {
            let state = before.remove(&partition).unwrap_or_default();
            self.partitions.insert(partition, state);
        }
        self.buffered.retain(|buffered| self.partitions.contains_key(&buffered.partition));
    }

    // ---- the rebalance listener

    pub(super) fn tell_assigned(&mut self, cx: &mut ClientContext<'_>, partitions: Vec<TopicPartition>) {
        let partitions: Rc<[TopicPartition]> = partitions.into();
        cx.trace(TraceEvent::PartitionsAssigned { client: cx.id, partitions: partitions.clone() });
        cx.emit(Event::PartitionsAssigned { consumer: cx.id, partitions });
    }

    /// `lost`: they may already belong to someone else.
    pub(super) fn tell_given_up(&mut self, cx: &mut ClientContext<'_>, lost: bool, partitions: Vec<TopicPartition>) {
        let partitions: Rc<[TopicPartition]> = partitions.into();
        let (consumer, client) = (cx.id, cx.id);
        if lost {
            cx.trace(TraceEvent::PartitionsLost { client, partitions: partitions.clone() });
            cx.emit(Event::PartitionsLost { consumer, partitions });
        } else {
            cx.trace(TraceEvent::PartitionsRevoked { client, partitions: partitions.clone() });
            cx.emit(Event::PartitionsRevoked { consumer, partitions });
        }
    }

    /// Calls the listener before leaving, if there are partitions. True if it was called.
    pub(super) fn tell_given_away(&mut self, cx: &mut ClientContext<'_>, lost: bool) -> bool {
        let tells = !self.partitions.is_empty();
        if tells {
            self.tell_given_up(cx, lost, self.assignment());
        }
        tells
    }
}
