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
//! Heartbeats go on between polls, and their answers carry the assignment. The next poll reconciles with it, while partitions
//! that stay are read. There is no leader, and no member waits for all others.

use super::core::Core;
use super::membership::Committer;
use super::{ConsumerConfig, StreamsRebalanceData};
use crate::base::{SortedSet, TopicName, TopicPartition};
use crate::engine::client::membership::{HeartbeatLog, ModernMember, ModernState};
use crate::engine::client::{ClientContext, ConsumerError};
use crate::engine::protocol::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, ErrorCode, JOIN_EPOCH, LEAVE_EPOCH, LEAVE_STATIC_EPOCH, Request,
    StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse, TaskIds,
};

const LOG: HeartbeatLog = HeartbeatLog {
    request: "ConsumerGroupHeartbeatRequest",
    heartbeats: "org.apache.kafka.clients.consumer.internals.ConsumerHeartbeatRequestManager",
    membership: "org.apache.kafka.clients.consumer.internals.ConsumerMembershipManager",
};

/// The tasks of a member of a streams group. What they are is the program's business.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct StreamsTasks {
    pub active: Vec<TaskIds>,
    pub standby: Vec<TaskIds>,
    pub warmup: Vec<TaskIds>,
}

/// How far a reconciliation has come.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
enum Phase {
    #[default]
    Idle,
    Committing,
    Revoking,
    Assigning,
    /// The rebalance listener is told that all partitions are lost.
    Losing,
}

/// An assignment, numbered in the order of arrival: the same partitions, assigned again later, are not equal to the first ones.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct LocalAssignment {
    number: u64,
    partitions: SortedSet<TopicPartition>,
    /// In a streams group: the tasks that the partitions are for, and those without.
    tasks: StreamsTasks,
}

/// The fields that earlier heartbeats carried: a heartbeat carries a field only when it has changed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct SentFields {
    rebalance_timeout: bool,
    topics: Option<SortedSet<TopicName>>,
    regex: Option<String>,
    assignor: bool,
    owned: Option<LocalAssignment>,
    /// In a streams group: the topology, which goes with the first heartbeat only.
    streams: bool,
}

#[derive(Clone, Hash, Debug, Default)]
pub(super) struct ConsumerMember {
    pub(super) modern: ModernMember,
    target: Option<LocalAssignment>,
    current: Option<LocalAssignment>,
    /// The assignment that the current reconciliation is moving to.
    resolving: Option<LocalAssignment>,
    phase: Phase,
    sent: SentFields,
}

impl ConsumerMember {
    pub(super) fn new(retry_backoff_ms: u64) -> Self {
        Self { modern: ModernMember::new(retry_backoff_ms), ..Self::default() }
    }

    pub(super) fn committer(&self) -> Committer<'_> {
        let is_member = self.modern.is_member();
        let generation_id = if is_member { self.modern.epoch } else { -1 };
        let refusal = (!is_member).then_some(ErrorCode::UnknownMemberId);
        Committer { member_id: self.modern.member_id.as_ref(), generation_id, refusal }
    }

    fn join(&mut self) {
        self.modern.join();
        self.target = None;
    }

    // ---- heartbeats, also between polls

    /// Sends the heartbeat that is due, if any.
    pub(super) fn beat_if_due(&mut self, core: &mut Core, cx: &mut ClientContext<'_>) {
        if !self.modern.is_in_group() || core.is_closing() {
            return;
        }
        core.coordinator.find(cx);
        if !core.coordinator.is_known() || !self.modern.is_due(cx) {
            return;
        }
        let Some(request) = self.heartbeat_request(core, cx) else { return };
        self.modern.beat(cx, &core.coordinator, request);
        if self.modern.state == ModernState::Acknowledging {
            let done = self.current == self.target;
            self.modern.state = if done { ModernState::Stable } else { ModernState::Reconciling };
        }
    }

    /// The tasks of the assignment that is being taken over, or of the one that holds.
    pub(super) fn tasks(&self) -> Option<&StreamsTasks> {
        self.resolving.as_ref().or(self.current.as_ref()).map(|assignment| &assignment.tasks)
    }

    /// A heartbeat with the fields that have changed since the last one.
    fn heartbeat_request(&mut self, core: &Core, cx: &mut ClientContext<'_>) -> Option<Request> {
        let config = &core.config;
        if let Some(streams) = &config.streams {
            return self.streams_request(config, &streams.clone(), cx);
        }
        let (topics, regex, owned) = (&core.subscription, &core.subscribed_regex, &self.current);
        let all = self.modern.state == ModernState::Joining;
        let tells_regex = all && regex.is_some() || *regex != self.sent.regex;
        let request = ConsumerGroupHeartbeatRequest {
            group_id: config.group_id.clone()?,
            member_id: self.modern.id(cx),
            member_epoch: self.modern.epoch,
            instance_id: config.group_instance_id.clone(),
            rack_id: config.rack().filter(|_| all),
            client_id: config.client_id.clone(),
            rebalance_timeout_ms: (all || !self.sent.rebalance_timeout).then_some(config.max_poll_interval_ms),
            subscribed_topic_names: (all || self.sent.topics.as_ref() != Some(topics)).then(|| topics.iter().cloned().collect()),
            subscribed_topic_regex: tells_regex.then(|| regex.clone().unwrap_or_default()),
            server_assignor: config.remote_assignor.clone().filter(|_| all || !self.sent.assignor),
            topic_partitions: (all || *owned != self.sent.owned)
                .then(|| owned.iter().flat_map(|owned| owned.partitions.iter().cloned()).collect()),
        };
        let (topics, regex, owned) = (Some(topics.clone()), regex.clone(), owned.clone());
        self.sent = SentFields { rebalance_timeout: true, topics, regex, assignor: true, owned, streams: false };
        Some(Request::ConsumerGroupHeartbeat(request))
    }

    /// The same as the member of a streams group (`StreamsGroupHeartbeatRequestManager`).
    fn streams_request(
        &mut self,
        config: &ConsumerConfig,
        streams: &StreamsRebalanceData,
        cx: &mut ClientContext<'_>,
    ) -> Option<Request> {
        let all = self.modern.state == ModernState::Joining;
        let first = all || !self.sent.streams;
        let tasks = (all || self.current != self.sent.owned)
            .then(|| self.current.as_ref().map(|current| current.tasks.clone()).unwrap_or_default());
        let (active, standby, warmup) = match tasks {
            Some(tasks) => (Some(tasks.active), Some(tasks.standby), Some(tasks.warmup)),
            None => (None, None, None),
        };
        let request = StreamsGroupHeartbeatRequest {
            group_id: config.group_id.clone()?,
            member_id: self.modern.id(cx),
            member_epoch: self.modern.epoch,
            endpoint_information_epoch: -1,
            instance_id: config.group_instance_id.clone(),
            rack_id: config.rack().filter(|_| all),
            client_id: config.client_id.clone(),
            rebalance_timeout_ms: first.then_some(config.max_poll_interval_ms),
            topology: all.then(|| streams.topology.clone()),
            active_tasks: active,
            standby_tasks: standby,
            warmup_tasks: warmup,
            process_id: first.then(|| streams.process_id.clone()),
            user_endpoint: None,
            client_tags: None,
            task_offsets: None,
            task_end_offsets: None,
            shutdown_application: false,
        };
        self.sent = SentFields { owned: self.current.clone(), streams: true, ..SentFields::default() };
        Some(Request::StreamsGroupHeartbeat(request))
    }

    pub(super) fn streams_heartbeat_answered(
        &mut self,
        core: &mut Core,
        cx: &mut ClientContext<'_>,
        response: &StreamsGroupHeartbeatResponse,
    ) {
        if let Some((error, message)) = &response.error {
            self.sent = SentFields::default();
            self.refused(core, cx, *error, message);
            return;
        }
        core.streams_status.clone_from(&response.status);
        if !response.status.is_empty() {
            let each = response.status.iter().map(|(status, words)| format!("({}) {words}", status.code()));
            let all: Vec<String> = each.collect();
            let logger = "org.apache.kafka.clients.consumer.internals.StreamsGroupHeartbeatRequestManager";
            cx.log("WARN", format!("Membership is in the following statuses: {}", all.join(", ")), logger);
        }
        if !self.modern.accepted(cx, response.member_epoch, response.heartbeat_interval_ms) {
            return;
        }
        if let Some(active) = &response.active_tasks {
            let partitions = core.config.streams.as_ref().map(|streams| streams.partitions(active)).unwrap_or_default();
            let tasks = StreamsTasks {
                active: active.clone(),
                standby: response.standby_tasks.clone().unwrap_or_default(),
                warmup: response.warmup_tasks.clone().unwrap_or_default(),
            };
            self.take_target(&partitions, tasks);
        }
    }

    pub(super) fn heartbeat_answered(
        &mut self,
        core: &mut Core,
        cx: &mut ClientContext<'_>,
        response: &ConsumerGroupHeartbeatResponse,
    ) {
        if let Some(error) = response.error {
            self.sent = SentFields::default();
            self.refused(core, cx, error, response.error_message.as_deref().unwrap_or(error.message()));
        } else if self.modern.accepted(cx, response.member_epoch, response.heartbeat_interval_ms)
            && let Some(partitions) = &response.assignment
        {
            self.take_target(partitions, StreamsTasks::default());
        }
    }

    fn refused(&mut self, core: &mut Core, cx: &mut ClientContext<'_>, error: ErrorCode, message: &str) {
        self.modern.refused(cx, &mut core.coordinator, error);
        match self.modern.state {
            ModernState::Fenced => self.give_all_up(core),
            ModernState::Fatal => {
                self.modern.log_fatal(cx, &LOG, error, message, core.config.group_instance_id.as_deref());
                self.modern.epoch = JOIN_EPOCH;
                core.error = Some(ConsumerError::Told(error, message.into()));
                self.give_all_up(core);
            }
            _ => {}
        }
    }

    fn take_target(&mut self, partitions: &[TopicPartition], tasks: StreamsTasks) {
        let partitions: SortedSet<TopicPartition> = partitions.iter().cloned().collect();
        if self.target.as_ref().is_none_or(|target| target.partitions != partitions || target.tasks != tasks) {
            let number = self.target.as_ref().or(self.current.as_ref()).map_or(0, |before| before.number + 1);
            self.target = Some(LocalAssignment { number, partitions, tasks });
        }
        if self.target != self.current {
            self.modern.state = ModernState::Reconciling;
        } else if matches!(self.modern.state, ModernState::Reconciling | ModernState::Joining) {
            self.modern.state = ModernState::Stable;
        }
    }

    /// True if it was a heartbeat whose answer will not come. All is told again, in case it did not arrive.
    pub(super) fn on_lost(&mut self, core: &mut Core, cx: &mut ClientContext<'_>, correlation: u32) -> bool {
        let lost = self.modern.on_lost(cx, &mut core.coordinator, correlation);
        if lost {
            self.sent = SentFields::default();
        }
        lost
    }

    // ---- reconciliation, inside a poll

    /// A poll begins, or goes on.
    pub(super) fn reconcile(&mut self, core: &mut Core, cx: &mut ClientContext<'_>) {
        if core.listener.is_running || !core.is_group_managed() {
            return;
        }
        self.lose_if_fenced(core, cx);
        if self.modern.state == ModernState::Unsubscribed {
            self.join();
        }
        if self.phase != Phase::Idle && self.phase != Phase::Losing && self.modern.state != ModernState::Reconciling {
            self.give_reconciliation_up(core);
        }
        self.begin_reconciliation(core, cx);
        self.revoke(core, cx);
        self.take_over(core, cx);
        self.acknowledge(core, cx);
        self.beat_if_due(core, cx);
    }

    fn begin_reconciliation(&mut self, core: &mut Core, cx: &mut ClientContext<'_>) {
        if self.modern.state != ModernState::Reconciling || self.phase != Phase::Idle || self.target == self.current {
            return;
        }
        let Some(target) = self.target.clone() else { return };
        if self.current.as_ref().is_some_and(|current| current.partitions == target.partitions && current.tasks == target.tasks) {
            self.current = Some(target);
            self.modern.state = ModernState::Acknowledging;
            return;
        }
        for (partition, state) in core.partitions.iter_mut() {
            state.revoking = !target.partitions.contains(partition);
        }
        self.resolving = Some(target);
        self.phase = Phase::Committing;
        core.has_committed = !core.commit_before_rebalance(cx, self.committer());
    }

    fn revoke(&mut self, core: &mut Core, cx: &mut ClientContext<'_>) {
        if self.phase != Phase::Committing || !core.has_committed {
            return;
        }
        self.phase = Phase::Revoking;
        let revoked: Vec<TopicPartition> =
            core.partitions.iter().filter(|(_, state)| state.revoking).map(|(partition, _)| partition.clone()).collect();
        if !revoked.is_empty() {
            core.tell_given_up(cx, false, revoked);
            core.listener.run(cx);
        }
    }

    /// After the listener has returned and its commits are answered: takes the new assignment.
    fn take_over(&mut self, core: &mut Core, cx: &mut ClientContext<'_>) {
        if self.phase != Phase::Revoking || core.listener.is_running || core.pending_commits() > 0 {
            return;
        }
        let Some(target) = &self.resolving else { return };
        self.phase = Phase::Assigning;
        let partitions: Vec<TopicPartition> = target.partitions.iter().cloned().collect();
        let added = partitions.iter().filter(|partition| !core.partitions.contains_key(*partition)).cloned().collect();
        let topics: SortedSet<TopicName> =
            partitions.iter().map(|partition| partition.topic.clone()).chain(core.subscription.iter().cloned()).collect();
        core.metadata.want_only(cx, topics);
        core.keep_assignment(partitions);
        core.tell_assigned(cx, added);
        core.listener.run(cx);
    }

    fn acknowledge(&mut self, core: &mut Core, cx: &mut ClientContext<'_>) {
        if self.phase == Phase::Assigning && !core.listener.is_running {
            self.current = self.resolving.take();
            self.phase = Phase::Idle;
            self.modern.state = ModernState::Acknowledging;
            core.start_auto_commit(cx);
        }
    }

    fn give_reconciliation_up(&mut self, core: &mut Core) {
        self.phase = Phase::Idle;
        self.resolving = None;
        core.partitions.values_mut().for_each(|state| state.revoking = false);
    }

    // ---- out of the group

    /// Stops reading all its partitions; the next poll tells the listener. A fenced member without partitions joins at once.
    fn give_all_up(&mut self, core: &mut Core) {
        self.phase = Phase::Idle;
        (self.resolving, self.current, self.target) = (None, None, None);
        core.partitions.values_mut().for_each(|state| state.revoking = true);
        if core.partitions.is_empty() && self.modern.state == ModernState::Fenced {
            self.join();
        }
    }

    /// Of a member that was fenced, or left because it did not poll: tells the listener that all is lost, then joins again.
    fn lose_if_fenced(&mut self, core: &mut Core, cx: &mut ClientContext<'_>) {
        use ModernState::{Fatal, Fenced, Stale};
        if !matches!(self.modern.state, Fenced | Stale | Fatal) {
            return;
        }
        if self.phase != Phase::Losing && !core.partitions.is_empty() {
            self.phase = Phase::Losing;
            core.tell_given_up(cx, true, core.assignment());
            core.listener.run(cx);
            return;
        }
        self.phase = Phase::Idle;
        if self.modern.state != Fatal {
            self.join();
        }
        core.clear_assignment();
    }

    /// max.poll.interval.ms is over: leaves, so that others get its partitions.
    pub(super) fn go_stale(&mut self, core: &mut Core, cx: &mut ClientContext<'_>) {
        if self.modern.is_in_group() {
            self.send_leave(core, cx);
            self.modern.state = ModernState::Stale;
            self.give_all_up(core);
        }
    }

    /// Leaves the group for good. True if a heartbeat that says so is on its way.
    pub(super) fn leave_group(&mut self, core: &mut Core, cx: &mut ClientContext<'_>) -> bool {
        let sent = self.modern.is_in_group() && self.send_leave(core, cx);
        self.give_reconciliation_up(core);
        self.modern.state = ModernState::Unsubscribed;
        (self.current, self.target) = (None, None);
        sent
    }

    /// Also sent by a member whose first heartbeat is not answered yet: the coordinator may or may not know it.
    fn send_leave(&mut self, core: &Core, cx: &mut ClientContext<'_>) -> bool {
        self.modern.epoch = if core.config.group_instance_id.is_some() { LEAVE_STATIC_EPOCH } else { LEAVE_EPOCH };
        self.current = None;
        if !core.coordinator.is_known() || self.modern.member_id.is_none() {
            return false;
        }
        let Some(request) = self.heartbeat_request(core, cx) else { return false };
        self.sent = SentFields::default();
        self.modern.leave(cx, &core.coordinator, request)
    }
}
