//! Membership by the consumer protocol (KIP-848; `AbstractMembershipManager`, `ConsumerHeartbeatRequestManager`).
//!
//! ```text
//!  state         │ on                             │ does                                      │ next
//!  Unsubscribed  │ poll after subscribe           │ heartbeat, epoch 0, all fields            │ Joining
//!  Joining       │ an assignment                  │                                           │ Reconciling
//!  Reconciling   │ poll                           │ commit; listener (revoked), gives up;     │ Acknowledging
//!                │                                │ listener (assigned), takes                │
//!                │ another assignment             │ goes on with the old one, then that       │ Reconciling
//!  Acknowledging │ no heartbeat on its way        │ heartbeat: what it owns now               │ Stable or Reconciling
//!  Stable        │ the interval is over           │ heartbeat                                 │ Stable
//!                │ an assignment that differs     │                                           │ Reconciling
//!  any of these  │ FENCED_MEMBER_EPOCH, UNKNOWN…  │                                           │ Fenced
//!                │ max.poll.interval.ms over      │ heartbeat, epoch -1 (static: -2)          │ Stale
//!                │ any other error                │ the next poll throws                      │ Fatal
//!                │ close, unsubscribe             │ commit; listener; heartbeat, epoch -1, -2 │ Unsubscribed
//!  Fenced, Stale │ poll                           │ listener (lost), gives all up             │ Joining
//! ```
//!
//! Heartbeats go on between polls. What a member may own comes with their answers; it is taken in inside a poll, and other
//! partitions are read meanwhile. There is no leader, and nobody stops for others.

use std::rc::Rc;

use super::Consumer;
use crate::base::{MemberId, SimTime, SortedSet, Span, TopicName, TopicPartition};
use crate::engine::client::{ClientContext, ClientTimer, Target};
use crate::engine::controller::random_uuid;
use crate::engine::error::ErrorCode;
use crate::engine::program::{ConsumerError, Event};
use crate::engine::protocol::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, JOIN_EPOCH, LEAVE_EPOCH, LEAVE_STATIC_EPOCH, Request,
};
use crate::engine::trace::TraceEvent;

/// `org.apache.kafka.clients.consumer.internals.MemberState`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ModernState {
    Unsubscribed,
    Joining,
    Reconciling,
    Acknowledging,
    Stable,
    Fenced,
    /// Has left because its program did not poll.
    Stale,
    Fatal,
}

/// How far a reconciliation has come.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Phase {
    Idle,
    Committing,
    Revoking,
    Assigning,
    /// Its program is told that all is lost.
    Losing,
}

/// An assignment as it came: the same partitions once more are another one.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Local {
    number: u64,
    partitions: SortedSet<TopicPartition>,
}

/// What heartbeats have told already: only changes are told again.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Sent {
    rebalance_timeout: bool,
    topics: Option<SortedSet<TopicName>>,
    regex: Option<String>,
    assignor: bool,
    owned: Option<Local>,
}

#[derive(Clone, Hash, Debug)]
pub(super) struct Modern {
    pub(super) state: ModernState,
    pub(super) epoch: i32,
    pub(super) member_id: Option<MemberId>,
    target: Option<Local>,
    current: Option<Local>,
    /// What the reconciliation that is going on leads to.
    resolving: Option<Local>,
    phase: Phase,
    sent: Sent,
    /// A heartbeat on its way.
    heartbeat: Option<u32>,
    leave: Option<u32>,
    /// 0 until the coordinator has said.
    interval: Span,
    next_heartbeat: Option<SimTime>,
    /// Not before: the last one was refused.
    backoff_until: SimTime,
    stamp: u64,
}

impl Modern {
    pub(super) fn new() -> Self {
        Self {
            state: ModernState::Unsubscribed,
            epoch: JOIN_EPOCH,
            member_id: None,
            target: None,
            current: None,
            resolving: None,
            phase: Phase::Idle,
            sent: Sent::default(),
            heartbeat: None,
            leave: None,
            interval: Span::ZERO,
            next_heartbeat: None,
            backoff_until: SimTime::ZERO,
            stamp: 0,
        }
    }

    pub(super) fn is_member(&self) -> bool {
        self.epoch > 0
    }

    fn is_in_group(&self) -> bool {
        use ModernState::{Acknowledging, Joining, Reconciling, Stable};
        matches!(self.state, Joining | Reconciling | Acknowledging | Stable)
    }

    pub(super) fn is_leaving(&self, correlation: u32) -> bool {
        self.leave == Some(correlation)
    }

    fn join(&mut self) {
        self.epoch = JOIN_EPOCH;
        self.state = ModernState::Joining;
        self.target = None;
    }
}

impl Consumer {
    /// Where the member stands, with `group.protocol=consumer`.
    pub fn modern_state(&self) -> Option<ModernState> {
        self.modern.as_ref().map(|modern| modern.state)
    }

    /// Who asks for offsets, and in which epoch, with the consumer protocol.
    pub(super) fn epoch_of_member(&self) -> Option<(MemberId, i32)> {
        let modern = self.modern.as_ref().filter(|modern| modern.is_member())?;
        Some((modern.member_id.clone()?, modern.epoch))
    }

    // ---- heartbeats, also between polls

    /// Sends the heartbeat that is due, if any.
    pub(super) fn beat_if_due(&mut self, cx: &mut ClientContext<'_>) {
        let Some(modern) = &self.modern else { return };
        if !modern.is_in_group() || self.is_closing() {
            return;
        }
        if self.coordinator.is_none() {
            self.find_coordinator(cx);
            return;
        }
        let at_once = matches!(modern.state, ModernState::Joining | ModernState::Acknowledging);
        let due = at_once || modern.next_heartbeat.is_some_and(|at| cx.now >= at);
        if modern.heartbeat.is_some() || !due {
            return;
        }
        if cx.now < modern.backoff_until {
            let at = modern.backoff_until;
            self.wake_at(cx, at);
            return;
        }
        self.send_heartbeat(cx);
    }

    fn wake_at(&mut self, cx: &mut ClientContext<'_>, at: SimTime) {
        if let Some(modern) = &mut self.modern {
            modern.stamp += 1;
            cx.timer_at(at, ClientTimer::Heartbeat { stamp: modern.stamp });
        }
    }

    pub(super) fn is_modern_timer(&self, stamp: u64) -> bool {
        self.modern.as_ref().is_some_and(|modern| modern.stamp == stamp)
    }

    fn send_heartbeat(&mut self, cx: &mut ClientContext<'_>) {
        let Some(broker) = self.coordinator else { return };
        let Some(request) = self.heartbeat_request(cx) else { return };
        let correlation = cx.request(Target::Coordinator(broker), Request::ConsumerGroupHeartbeat(request));
        self.membership.last_heartbeat = Some(cx.now);
        let Some(modern) = &mut self.modern else { return };
        modern.heartbeat = Some(correlation);
        if modern.state == ModernState::Acknowledging {
            let done = modern.current == modern.target;
            modern.state = if done { ModernState::Stable } else { ModernState::Reconciling };
        }
        if modern.interval > Span::ZERO {
            let at = cx.now + modern.interval;
            modern.next_heartbeat = Some(at);
            self.wake_at(cx, at);
        }
    }

    /// All that the coordinator has not been told yet.
    fn heartbeat_request(&mut self, cx: &mut ClientContext<'_>) -> Option<ConsumerGroupHeartbeatRequest> {
        let group_id = self.config.group_id.clone()?;
        let topics = self.subscription.clone();
        let regex = self.subscribed_regex.clone();
        let config = &self.config;
        let modern = self.modern.as_mut()?;
        let member_id = modern.member_id.get_or_insert_with(|| random_uuid(cx.chance).to_string().into()).clone();
        let all = modern.state == ModernState::Joining;
        let owned = modern.current.clone();
        let regex_told = modern.sent.regex.clone();
        let tells_regex = all && regex.is_some() || regex != regex_told;
        let request = ConsumerGroupHeartbeatRequest {
            group_id,
            member_id,
            member_epoch: modern.epoch,
            instance_id: config.group_instance_id.clone(),
            rack_id: config.rack().filter(|_| all),
            client_id: config.client_id.clone(),
            rebalance_timeout_ms: (all || !modern.sent.rebalance_timeout).then_some(config.max_poll_interval_ms),
            subscribed_topic_names: (all || modern.sent.topics.as_ref() != Some(&topics)).then(|| topics.iter().cloned().collect()),
            subscribed_topic_regex: tells_regex.then(|| regex.clone().unwrap_or_default()),
            server_assignor: config.remote_assignor.clone().filter(|_| all || !modern.sent.assignor),
            topic_partitions: (all || owned != modern.sent.owned)
                .then(|| owned.iter().flat_map(|owned| owned.partitions.iter().cloned()).collect()),
        };
        modern.sent = Sent { rebalance_timeout: true, topics: Some(topics), regex, assignor: true, owned };
        Some(request)
    }

    pub(super) fn modern_answered(
        &mut self,
        cx: &mut ClientContext<'_>,
        correlation: u32,
        response: &ConsumerGroupHeartbeatResponse,
    ) {
        let Some(modern) = self.modern.as_mut().filter(|modern| modern.heartbeat == Some(correlation)) else {
            return;
        };
        modern.heartbeat = None;
        if let Some(error) = response.error {
            modern.sent = Sent::default();
            self.heartbeat_refused(cx, error, response.error_message.as_deref().unwrap_or(error.message()));
            return;
        }
        let interval = Span::from_ms(response.heartbeat_interval_ms);
        let new_interval = interval != modern.interval;
        modern.interval = interval;
        let at = cx.now + interval;
        if new_interval {
            modern.next_heartbeat = Some(at);
        }
        if modern.is_in_group() && response.member_epoch >= 0 {
            modern.epoch = response.member_epoch;
            if let Some(partitions) = &response.assignment {
                modern.take_target(partitions);
            }
        }
        if new_interval {
            self.wake_at(cx, at);
        }
    }

    fn heartbeat_refused(&mut self, cx: &mut ClientContext<'_>, error: ErrorCode, message: &str) {
        let backoff = cx.now + Span::from_ms(self.config.retry_backoff_ms);
        let Some(modern) = &mut self.modern else { return };
        modern.next_heartbeat = Some(cx.now);
        match error {
            ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable => self.coordinator_failed(cx, error),
            ErrorCode::CoordinatorLoadInProgress => {
                modern.backoff_until = backoff;
                self.wake_at(cx, backoff);
            }
            ErrorCode::FencedMemberEpoch | ErrorCode::UnknownMemberId => {
                modern.epoch = JOIN_EPOCH;
                modern.state = ModernState::Fenced;
                self.give_all_up();
            }
            _ => {
                log_fatal(cx, modern, error, message, self.config.group_instance_id.as_deref());
                modern.state = ModernState::Fatal;
                modern.epoch = JOIN_EPOCH;
                self.error = Some(ConsumerError::Told(error, message.into()));
                self.give_all_up();
            }
        }
    }

    /// True if it was a heartbeat whose answer will not come. All is told again, in case it did not arrive.
    pub(super) fn heartbeat_lost(&mut self, cx: &mut ClientContext<'_>, correlation: u32) -> bool {
        let Some(modern) = &mut self.modern else { return false };
        if modern.leave == Some(correlation) {
            modern.leave = None;
        } else if modern.heartbeat == Some(correlation) {
            modern.heartbeat = None;
            modern.sent = Sent::default();
            modern.next_heartbeat = Some(cx.now);
        } else {
            return false;
        }
        self.coordinator_failed(cx, ErrorCode::NotCoordinator);
        true
    }

    // ---- reconciliation, inside a poll

    /// A poll begins, or goes on.
    pub(super) fn reconcile(&mut self, cx: &mut ClientContext<'_>) {
        if self.membership.listener_pending {
            return;
        }
        if !self.is_group_managed() {
            return;
        }
        self.lose_if_fenced(cx);
        let Some(modern) = &mut self.modern else { return };
        if modern.state == ModernState::Unsubscribed {
            modern.join();
        }
        if modern.phase != Phase::Idle && modern.phase != Phase::Losing && modern.state != ModernState::Reconciling {
            self.give_reconciliation_up();
        }
        self.begin_reconciliation(cx);
        self.revoke(cx);
        self.take_over(cx);
        self.acknowledge(cx);
        self.beat_if_due(cx);
    }

    fn begin_reconciliation(&mut self, cx: &mut ClientContext<'_>) {
        let Some(modern) = self.modern.as_mut().filter(|modern| modern.state == ModernState::Reconciling) else {
            return;
        };
        if modern.phase != Phase::Idle || modern.target == modern.current {
            return;
        }
        let Some(target) = modern.target.clone() else { return };
        if modern.current.as_ref().is_some_and(|current| current.partitions == target.partitions) {
            modern.current = Some(target);
            modern.state = ModernState::Acknowledging;
            return;
        }
        for (partition, state) in self.partitions.iter_mut() {
            state.revoking = !target.partitions.contains(partition);
        }
        modern.resolving = Some(target);
        modern.phase = Phase::Committing;
        self.membership.committed = false;
        if !self.commit_before_rebalance(cx) {
            self.membership.committed = true;
        }
    }

    fn revoke(&mut self, cx: &mut ClientContext<'_>) {
        let Some(modern) = self.modern.as_mut().filter(|modern| modern.phase == Phase::Committing) else {
            return;
        };
        if !self.membership.committed {
            return;
        }
        modern.phase = Phase::Revoking;
        let revoked: Vec<TopicPartition> =
            self.partitions.iter().filter(|(_, state)| state.revoking).map(|(partition, _)| partition.clone()).collect();
        if !revoked.is_empty() {
            self.tell_listener(cx, false, revoked);
            self.membership.ask_listener(cx);
        }
    }

    /// What the listener committed is waited for, as it would have.
    fn take_over(&mut self, cx: &mut ClientContext<'_>) {
        let waits = self.membership.listener_pending || self.pending_commits() > 0;
        let Some(modern) = self.modern.as_mut().filter(|modern| modern.phase == Phase::Revoking && !waits) else {
            return;
        };
        let Some(target) = modern.resolving.clone() else { return };
        modern.phase = Phase::Assigning;
        let partitions: Vec<TopicPartition> = target.partitions.iter().cloned().collect();
        let added: Vec<TopicPartition> =
            partitions.iter().filter(|partition| !self.partitions.contains_key(*partition)).cloned().collect();
        let topics: SortedSet<TopicName> =
            partitions.iter().map(|partition| partition.topic.clone()).chain(self.subscription.iter().cloned()).collect();
        self.metadata.want_only(cx, topics);
        self.keep_assignment(partitions);
        let partitions: Rc<[TopicPartition]> = added.into();
        cx.trace(TraceEvent::PartitionsAssigned { client: cx.id, partitions: partitions.clone() });
        cx.emit(Event::PartitionsAssigned { consumer: cx.id, partitions });
        self.membership.ask_listener(cx);
    }

    fn acknowledge(&mut self, cx: &mut ClientContext<'_>) {
        let waits = self.membership.listener_pending;
        let Some(modern) = self.modern.as_mut().filter(|modern| modern.phase == Phase::Assigning && !waits) else {
            return;
        };
        modern.current = modern.resolving.take();
        modern.phase = Phase::Idle;
        modern.state = ModernState::Acknowledging;
        self.start_auto_commit(cx);
    }

    fn give_reconciliation_up(&mut self) {
        if let Some(modern) = &mut self.modern {
            modern.phase = Phase::Idle;
            modern.resolving = None;
        }
        for state in self.partitions.values_mut() {
            state.revoking = false;
        }
    }

    // ---- out of the group

    /// Nothing of what it has is read any more. Without partitions there is nothing to tell, and a fenced member joins at once.
    fn give_all_up(&mut self) {
        self.give_reconciliation_up();
        for state in self.partitions.values_mut() {
            state.revoking = true;
        }
        let nothing = self.partitions.is_empty();
        if let Some(modern) = &mut self.modern {
            modern.current = None;
            modern.target = None;
            if nothing && modern.state == ModernState::Fenced {
                modern.join();
            }
        }
    }

    /// The listener's part when a member was fenced, or had left because it did not poll; then it joins again.
    fn lose_if_fenced(&mut self, cx: &mut ClientContext<'_>) {
        use ModernState::{Fatal, Fenced, Stale};
        let Some(modern) = self.modern.as_mut().filter(|modern| matches!(modern.state, Fenced | Stale | Fatal)) else {
            return;
        };
        if modern.phase != Phase::Losing && !self.partitions.is_empty() {
            modern.phase = Phase::Losing;
            let lost = self.assignment();
            self.tell_listener(cx, true, lost);
            self.membership.ask_listener(cx);
            return;
        }
        modern.phase = Phase::Idle;
        if modern.state != Fatal {
            modern.join();
        }
        self.set_assignment([]);
    }

    /// max.poll.interval.ms is over: leaves, so that others get its partitions.
    pub(super) fn go_stale(&mut self, cx: &mut ClientContext<'_>) {
        if self.modern.as_ref().is_some_and(|modern| modern.is_in_group()) {
            self.send_leave(cx);
            if let Some(modern) = &mut self.modern {
                modern.state = ModernState::Stale;
            }
            self.give_all_up();
        }
    }

    /// Leaves the group for good. True if a heartbeat that says so is on its way.
    pub(super) fn leave_modern(&mut self, cx: &mut ClientContext<'_>) -> bool {
        let sent = self.modern.as_ref().is_some_and(|modern| modern.is_in_group()) && self.send_leave(cx);
        self.give_reconciliation_up();
        if let Some(modern) = &mut self.modern {
            modern.state = ModernState::Unsubscribed;
            (modern.current, modern.target) = (None, None);
        }
        sent
    }

    fn send_leave(&mut self, cx: &mut ClientContext<'_>) -> bool {
        let epoch = if self.config.group_instance_id.is_some() { LEAVE_STATIC_EPOCH } else { LEAVE_EPOCH };
        let Some(modern) = &mut self.modern else { return false };
        modern.epoch = epoch;
        modern.current = None;
        // A member that has never been answered need not be known to the coordinator; it says goodbye all the same.
        let Some(broker) = self.coordinator.filter(|_| modern.member_id.is_some()) else {
            return false;
        };
        let Some(request) = self.heartbeat_request(cx) else { return false };
        let correlation = cx.request(Target::Coordinator(broker), Request::ConsumerGroupHeartbeat(request));
        if let Some(modern) = &mut self.modern {
            modern.leave = Some(correlation);
            modern.heartbeat = None;
            modern.sent = Sent::default();
        }
        true
    }
}

impl Modern {
    fn take_target(&mut self, partitions: &[TopicPartition]) {
        let partitions: SortedSet<TopicPartition> = partitions.iter().cloned().collect();
        if self.target.as_ref().is_none_or(|target| target.partitions != partitions) {
            let number = self.target.as_ref().or(self.current.as_ref()).map_or(0, |before| before.number + 1);
            self.target = Some(Local { number, partitions });
        }
        if self.target != self.current {
            self.state = ModernState::Reconciling;
        } else if matches!(self.state, ModernState::Reconciling | ModernState::Joining) {
            self.state = ModernState::Stable;
        }
    }
}

/// What the client writes to its log before the poll throws.
fn log_fatal(cx: &mut ClientContext<'_>, modern: &Modern, error: ErrorCode, message: &str, instance: Option<&str>) {
    let what = "ConsumerGroupHeartbeatRequest failed";
    let instance = instance.unwrap_or("null");
    let text = match error {
        ErrorCode::UnreleasedInstanceId => format!("{what} due to unreleased instance id {instance}: {message}"),
        ErrorCode::FencedInstanceId => format!(
            "{what} due to fenced instance id {instance}: {message}. This is expected in the case that the member was removed from \
             the group by an admin client, and another member joined using the same group instance id."
        ),
        ErrorCode::InvalidRequest | ErrorCode::GroupMaxSizeReached | ErrorCode::UnsupportedAssignor => {
            format!("{what} due to {error}: {message}")
        }
        _ => format!("{what} due to unexpected error {error}: {message}"),
    };
    let member = modern.member_id.as_ref().map_or("", |member_id| member_id.as_str());
    let fatal = format!("Member {member} with epoch {} transitioned to fatal state", modern.epoch);
    let logged = [
        (text, "org.apache.kafka.clients.consumer.internals.ConsumerHeartbeatRequestManager"),
        (fatal, "org.apache.kafka.clients.consumer.internals.ConsumerMembershipManager"),
    ];
    for (text, logger) in logged {
        cx.emit(Event::Logged { client: cx.id, level: "ERROR", text: text.into(), logger });
    }
}
