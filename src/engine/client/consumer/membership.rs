//! Membership in a classic group (`AbstractCoordinator`, `ConsumerCoordinator`).
//!
//! ```text
//!  state       │ on                          │ does                                   │ next
//!  Unjoined    │ poll, coordinator known     │ listener (lost, if it had partitions)  │ Revoking or Joining
//!  Stable      │ poll, rejoin needed         │ auto-commit                            │ Committing, or as below
//!  Committing  │ commit answered             │ listener (revoked)                     │ Revoking
//!  Revoking    │ listener done, its commits  │ gives up all partitions, JoinGroup     │ Joining
//!  Joining     │ JoinGroup: MEMBER_ID_REQ.   │ JoinGroup with the id given            │ Joining
//!              │ JoinGroup ok                │ leader assigns; SyncGroup; heartbeats  │ Syncing
//!              │ errors                      │ see `join_failed`                      │ Unjoined
//!  Syncing     │ SyncGroup ok                │ in a poll: listener (assigned)         │ Stable
//!              │ errors                      │ see `join_failed`                      │ Unjoined
//!  any of a    │ heartbeat: REBALANCE_IN_…   │ asks for a rejoin                      │ Stable
//!  generation  │ heartbeat: unknown, fenced  │ forgets its generation                 │ Unjoined
//!              │ max.poll.interval.ms over   │ LeaveGroup, forgets its generation     │ Unjoined
//! ```
//!
//! Eager protocol: everything is given up before each join. A generation that was lost makes it `onPartitionsLost`.
//! Cooperative protocol (KIP-429): a member keeps what it has, gives up what the new assignment no longer holds when that
//! comes, and then joins again at once.

use std::rc::Rc;

use super::snapshot::Snapshot;
use super::{Consumer, SubscriptionKind};
use crate::base::{MemberId, SimTime, SortedSet, Span, TopicName, TopicPartition, sort};
use crate::engine::client::{ClientContext, ClientTimer, Target};
use crate::engine::error::ErrorCode;
use crate::engine::group::assignors::{self, sticky};
use crate::engine::program::{ConsumerError, Event};
use crate::engine::protocol::{
    HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, JoinedMember, LeaveGroupRequest, Request,
    Subscription, SyncGroupRequest, SyncGroupResponse, UserData,
};
use crate::engine::trace::TraceEvent;

/// How long the program's rebalance listener takes before the consumer goes on.
const LISTENER_COST: Span = Span::from_us(10);

/// Where a member stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MemberState {
    /// Not in a generation.
    Unjoined,
    /// Commits its positions before it joins.
    Committing,
    /// Its program is told what it gives up.
    Revoking,
    /// JoinGroup is on its way or waits at the coordinator.
    Joining,
    /// SyncGroup is on its way or waits for the leader, or the leader waits for metadata.
    Syncing,
    Stable,
}

#[derive(Clone, Hash, Debug)]
pub(super) struct Membership {
    pub(super) state: MemberState,
    pub(super) generation_id: i32,
    pub(super) member_id: Option<MemberId>,
    pub(super) protocol_name: String,
    pub(super) last_heartbeat: Option<SimTime>,
    pub(super) retry_waits: bool,
    pub(super) listener_pending: bool,
    /// JoinGroup, SyncGroup or LeaveGroup on its way.
    request: Option<u32>,
    heartbeat: Option<u32>,
    heartbeat_stamp: u64,
    listener_stamp: u64,
    poll_interval_timer_at: Option<SimTime>,
    /// Why the member has to join again, while it is Stable or on the way to.
    rejoin_reason: Option<Rc<str>>,
    /// The partitions were given up for the join that is going on.
    prepared: bool,
    /// A commit before the rebalance is answered.
    pub(super) committed: bool,
    joined_subscription: SortedSet<TopicName>,
    /// Leader: the members that it has to find partitions for.
    to_assign: Option<Vec<JoinedMember>>,
    /// Leader: what its assignment was made of.
    assigned_from: Option<Snapshot>,
    /// What SyncGroup brought, until a poll takes it in.
    brought: Option<Vec<TopicPartition>>,
    /// What the member was last assigned and in which generation: the sticky assignors remember it, also when it is lost.
    last_assigned: Option<(Vec<TopicPartition>, i32)>,
}

impl Membership {
    pub(super) fn new() -> Self {
        Self {
            state: MemberState::Unjoined,
            generation_id: -1,
            member_id: None,
            protocol_name: String::new(),
            last_heartbeat: None,
            retry_waits: false,
            listener_pending: false,
            request: None,
            heartbeat: None,
            heartbeat_stamp: 0,
            listener_stamp: 0,
            poll_interval_timer_at: None,
            rejoin_reason: None,
            prepared: false,
            committed: false,
            joined_subscription: SortedSet::new(),
            to_assign: None,
            assigned_from: None,
            brought: None,
            last_assigned: None,
        }
    }

    /// What an assignor adds to the subscription (`subscriptionUserData`).
    fn user_data(&self, assignor: &str) -> UserData {
        match (assignor, &self.last_assigned) {
            (sticky::NAME, Some((partitions, generation_id))) => {
                UserData::Owned { partitions: partitions.clone(), generation_id: *generation_id }
            }
            (sticky::COOPERATIVE_NAME, last) => UserData::Generation(last.as_ref().map_or(-1, |(_, generation_id)| *generation_id)),
            _ => UserData::None,
        }
    }

    pub(super) fn is_member(&self) -> bool {
        self.generation_id >= 0 && self.member_id.is_some()
    }

    /// May it commit in its generation? Not on the way into another: what it holds may be someone else's there
    /// (`AbstractCoordinator.generationIfStable`).
    pub(super) fn is_settled(&self) -> bool {
        self.is_member()
            && match self.state {
                MemberState::Unjoined | MemberState::Joining => false,
                MemberState::Syncing => self.brought.is_some(),
                MemberState::Committing | MemberState::Revoking | MemberState::Stable => true,
            }
    }

    pub(super) fn is_leader(&self) -> bool {
        self.assigned_from.is_some()
    }

    pub(super) fn is_waiting_for(&self, correlation: u32) -> bool {
        self.request == Some(correlation)
    }

    /// What a commit outside of a generation fails with.
    pub(super) fn commit_refusal(&self) -> ErrorCode {
        match self.state {
            MemberState::Joining | MemberState::Syncing => ErrorCode::RebalanceInProgress,
            // Between two tries to join.
            MemberState::Unjoined if self.prepared => ErrorCode::RebalanceInProgress,
            _ => ErrorCode::UnknownMemberId,
        }
    }

    /// Heartbeats are sent in these states.
    fn is_alive(&self) -> bool {
        self.is_member() && !matches!(self.state, MemberState::Unjoined | MemberState::Joining)
    }

    pub(super) fn ask_rejoin(&mut self, reason: &str) {
        self.rejoin_reason.get_or_insert_with(|| reason.into());
    }

    /// Forgets the generation, since the coordinator refused it. What the member still holds is lost. The member id stays if
    /// only the generation is wrong: the group still counts on that member (`AbstractCoordinator.resetStateOnResponseError`).
    pub(super) fn refused(&mut self, error: ErrorCode, reason: &str) {
        let member_id = self.member_id.take().filter(|_| error == ErrorCode::IllegalGeneration);
        self.reset_generation(reason);
        self.member_id = member_id;
    }

    /// Forgets the generation and the member id. What the member still holds is lost.
    fn reset_generation(&mut self, reason: &str) {
        self.state = MemberState::Unjoined;
        self.generation_id = -1;
        self.member_id = None;
        self.protocol_name.clear();
        self.request = None;
        self.heartbeat = None;
        self.heartbeat_stamp += 1;
        self.to_assign = None;
        self.assigned_from = None;
        self.brought = None;
        self.listener_pending = false;
        self.prepared = false;
        self.rejoin_reason = Some(reason.into());
    }

    pub(super) fn committed_before_rebalance(&mut self) {
        self.committed = true;
    }

    /// The listener was called: its program handles that now. Go on in a step of its own.
    pub(super) fn ask_listener(&mut self, cx: &mut ClientContext<'_>) {
        self.listener_pending = true;
        self.listener_stamp += 1;
        cx.timer(LISTENER_COST, ClientTimer::ListenerDone { stamp: self.listener_stamp });
    }
}

impl Consumer {
    // ---- joining, inside a poll

    pub(super) fn join_if_needed(&mut self, cx: &mut ClientContext<'_>) {
        if !self.is_group_managed() {
            return;
        }
        if self.membership.state == MemberState::Syncing && self.membership.brought.is_some() {
            self.complete_join(cx);
        }
        if self.membership.state == MemberState::Stable
            && let Some(reason) = self.rejoin_reason()
        {
            self.membership.ask_rejoin(&reason);
            self.membership.committed = false;
            if self.commit_before_rebalance(cx) {
                self.membership.state = MemberState::Committing;
                return;
            }
            self.give_up(cx);
        }
        if self.membership.state == MemberState::Committing && self.membership.committed {
            self.give_up(cx);
        }
        if self.membership.state == MemberState::Unjoined && !self.membership.retry_waits {
            if self.membership.prepared {
                self.send_join(cx);
            } else {
                self.give_up(cx);
            }
        }
        if self.membership.state == MemberState::Revoking && !self.membership.listener_pending && self.pending_commits() == 0 {
            let kept = self.kept_through_join();
            self.keep_assignment(kept);
            self.membership.prepared = true;
            self.send_join(cx);
        }
    }

    /// `ConsumerCoordinator.rejoinNeededOrPending`.
    fn rejoin_reason(&self) -> Option<String> {
        if let Some(reason) = &self.membership.rejoin_reason {
            return Some(reason.to_string());
        }
        if let Some(change) = self.membership.assigned_from.as_ref().and_then(|snapshot| snapshot.change(&self.metadata)) {
            return Some(format!("cached metadata has changed: {change}"));
        }
        (self.membership.joined_subscription != self.subscription).then(|| "subscription has changed".to_owned())
    }

    /// The listener's part before a join.
    fn give_up(&mut self, cx: &mut ClientContext<'_>) {
        if self.coordinator.is_none() {
            return;
        }
        let told = self.tell_given_up(cx);
        self.membership.state = MemberState::Revoking;
        if told {
            self.membership.ask_listener(cx);
        }
    }

    fn is_cooperative(&self) -> bool {
        assignors::is_cooperative(&self.config.assignors)
    }

    /// What a member keeps while it joins: nothing with the eager protocol, and with the cooperative one what it subscribes
    /// to, unless its generation is lost.
    fn kept_through_join(&self) -> Vec<TopicPartition> {
        if !self.is_cooperative() || !self.membership.is_member() {
            return Vec::new();
        }
        self.partitions.keys().filter(|partition| self.subscription.contains(&partition.topic)).cloned().collect()
    }

    /// Calls the listener before a join: revoked, of an eager member with an empty list too; lost only with partitions.
    /// True if it was called.
    fn tell_given_up(&mut self, cx: &mut ClientContext<'_>) -> bool {
        let lost = !self.membership.is_member();
        let kept = self.kept_through_join();
        let given_up: Vec<TopicPartition> = self.partitions.keys().filter(|partition| !kept.contains(partition)).cloned().collect();
        if given_up.is_empty() && (lost || self.is_cooperative()) {
            return false;
        }
        self.tell_listener(cx, lost, given_up);
        true
    }

    /// Calls the listener before leaving: not without partitions. True if it was called.
    pub(super) fn tell_given_away(&mut self, cx: &mut ClientContext<'_>) -> bool {
        if self.partitions.is_empty() {
            return false;
        }
        let partitions = self.assignment();
        self.tell_listener(cx, !self.is_settled(), partitions);
        true
    }

    pub(super) fn tell_listener(&mut self, cx: &mut ClientContext<'_>, lost: bool, partitions: Vec<TopicPartition>) {
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

    pub(super) fn listener_done(&mut self, stamp: u64) {
        if self.membership.listener_stamp == stamp {
            self.membership.listener_pending = false;
        }
    }

    fn send_join(&mut self, cx: &mut ClientContext<'_>) {
        let (Some(broker), Some(group_id)) = (self.coordinator, self.config.group_id.clone()) else {
            self.membership.state = MemberState::Unjoined;
            return;
        };
        let subscription = Subscription {
            topics: self.subscription.iter().cloned().collect(),
            owned_partitions: self.assignment(),
            generation_id: self.membership.generation_id,
            rack_id: self.config.rack(),
            ..Subscription::default()
        };
        let reason = self.membership.rejoin_reason.take().map_or(String::new(), |reason| reason.to_string());
        let with_data = |assignor: &String| {
            let user_data = self.membership.user_data(assignor);
            (assignor.clone(), Rc::new(Subscription { user_data, ..subscription.clone() }))
        };
        let request = JoinGroupRequest {
            group_id,
            session_timeout_ms: self.config.session_timeout_ms,
            rebalance_timeout_ms: self.config.max_poll_interval_ms,
            member_id: self.membership.member_id.clone(),
            group_instance_id: self.config.group_instance_id.clone(),
            client_id: self.config.client_id.clone(),
            protocols: self.config.assignors.iter().map(with_data).collect(),
            reason,
        };
        self.membership.joined_subscription = self.subscription.clone();
        self.membership.assigned_from = None;
        self.membership.brought = None;
        self.membership.state = MemberState::Joining;
        self.membership.request = Some(cx.request(Target::Coordinator(broker), Request::JoinGroup(request)));
    }

    pub(super) fn join_answered(&mut self, cx: &mut ClientContext<'_>, correlation: u32, response: &JoinGroupResponse) {
        if !self.membership.is_waiting_for(correlation) {
            return;
        }
        self.membership.request = None;
        match response.error {
            None => {}
            Some(ErrorCode::MemberIdRequired) => {
                self.membership.member_id = response.member_id.clone();
                self.membership.state = MemberState::Unjoined;
                return;
            }
            Some(error) => {
                log_fatal(cx, error);
                self.join_failed(cx, error);
                return;
            }
        }
        self.membership.generation_id = response.generation_id;
        self.membership.member_id = response.member_id.clone();
        self.membership.protocol_name = response.protocol_name.clone();
        self.membership.state = MemberState::Syncing;
        self.start_heartbeats(cx);
        if response.leader.is_some() && response.leader == response.member_id {
            let topics: SortedSet<TopicName> =
                response.members.iter().flat_map(|member| member.subscription.topics.iter().cloned()).collect();
            // The leader keeps an eye on all topics of the group, not only on its own.
            self.metadata.want_only(cx, topics);
            self.membership.to_assign = Some(response.members.clone());
            self.assign_as_leader(cx);
        } else {
            self.metadata.want_only(cx, self.subscription.iter().cloned());
            self.send_sync(cx, Vec::new());
        }
    }

    /// Computes the assignment once the metadata says something about every topic.
    pub(super) fn assign_as_leader(&mut self, cx: &mut ClientContext<'_>) {
        let Some(members) = &self.membership.to_assign else {
            return;
        };
        let topics: SortedSet<&TopicName> = members.iter().flat_map(|member| &member.subscription.topics).collect();
        let settled = |topic: &str| self.metadata.partition_count(topic).is_some() || self.metadata.error(topic).is_some();
        if !topics.iter().all(|topic| settled(topic.as_str())) {
            return;
        }
        let snapshot = Snapshot::take(&self.metadata, topics.into_iter(), self.config.rack().is_some());
        let racks_matter = members.iter().any(|member| member.subscription.rack_id.is_some());
        let assignable = snapshot.assignable(&self.metadata, racks_matter);
        let assignment = assignors::assign(&self.membership.protocol_name, &assignable, members);
        self.membership.to_assign = None;
        self.membership.assigned_from = Some(snapshot);
        match assignment {
            Some(assignment) => self.send_sync(cx, assignment.into_iter().collect()),
            None => self.join_failed(cx, ErrorCode::InconsistentGroupProtocol),
        }
    }

    fn send_sync(&mut self, cx: &mut ClientContext<'_>, assignments: Vec<(MemberId, Vec<TopicPartition>)>) {
        let (Some(broker), Some(group_id), Some(member_id)) =
            (self.coordinator, self.config.group_id.clone(), self.membership.member_id.clone())
        else {
            self.membership.state = MemberState::Unjoined;
            return;
        };
        let request = SyncGroupRequest {
            group_id,
            generation_id: self.membership.generation_id,
            member_id,
            group_instance_id: self.config.group_instance_id.clone(),
            assignments,
        };
        self.membership.request = Some(cx.request(Target::Coordinator(broker), Request::SyncGroup(request)));
    }

    pub(super) fn sync_answered(&mut self, cx: &mut ClientContext<'_>, correlation: u32, response: &SyncGroupResponse) {
        if !self.membership.is_waiting_for(correlation) {
            return;
        }
        self.membership.request = None;
        match response.error {
            None => {
                self.membership.brought = Some(response.assignment.clone());
                self.membership.rejoin_reason = None;
            }
            Some(error) => self.join_failed(cx, error),
        }
    }

    /// What JoinGroup and SyncGroup can be refused with.
    fn join_failed(&mut self, cx: &mut ClientContext<'_>, error: ErrorCode) {
        match error {
            ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration => {
                self.membership.refused(error, &format!("encountered {error} from the coordinator"));
            }
            ErrorCode::RebalanceInProgress => {
                self.membership.state = MemberState::Unjoined;
                self.membership.ask_rejoin("a new rebalance began before this one was over");
            }
            ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable | ErrorCode::CoordinatorLoadInProgress => {
                self.membership.state = MemberState::Unjoined;
                self.coordinator_failed(cx, error);
                if !self.membership.retry_waits {
                    self.membership.retry_waits = true;
                    cx.timer(Span::from_ms(self.config.retry_backoff_ms), ClientTimer::RejoinRetry);
                }
            }
            _ => {
                self.membership.state = MemberState::Unjoined;
                self.error = Some(ConsumerError::Broker(error));
            }
        }
    }

    fn complete_join(&mut self, cx: &mut ClientContext<'_>) {
        let Some(partitions) = self.membership.brought.take() else {
            return;
        };
        self.membership.state = MemberState::Stable;
        self.membership.prepared = false;
        self.start_auto_commit(cx);
        if partitions.iter().any(|partition| !self.subscription.contains(&partition.topic)) {
            // The subscription has changed since the join: what was assigned is not taken, and the member joins again.
            self.membership.ask_rejoin("assignment does not match the subscription");
            return;
        }
        self.membership.last_assigned = Some((partitions.clone(), self.membership.generation_id));
        let before = self.assignment();
        let revoked: Vec<TopicPartition> = before.iter().filter(|partition| !partitions.contains(partition)).cloned().collect();
        let mut added: Vec<TopicPartition> = partitions.iter().filter(|partition| !before.contains(partition)).cloned().collect();
        sort(&mut added);
        if !revoked.is_empty() {
            // Someone else waits for these: the next rebalance hands them on.
            self.tell_listener(cx, false, revoked);
            self.membership.ask_rejoin("need to revoke partitions and re-join");
        }
        self.keep_assignment(partitions);
        let partitions: Rc<[TopicPartition]> = added.into();
        cx.trace(TraceEvent::PartitionsAssigned { client: cx.id, partitions: partitions.clone() });
        cx.emit(Event::PartitionsAssigned { consumer: cx.id, partitions });
    }

    // ---- heartbeats, also between polls

    fn start_heartbeats(&mut self, cx: &mut ClientContext<'_>) {
        self.membership.heartbeat_stamp += 1;
        self.membership.heartbeat = None;
        self.set_heartbeat_timer(cx);
    }

    fn set_heartbeat_timer(&mut self, cx: &mut ClientContext<'_>) {
        let stamp = self.membership.heartbeat_stamp;
        cx.timer(Span::from_ms(self.config.heartbeat_interval_ms), ClientTimer::Heartbeat { stamp });
    }

    pub(super) fn heartbeat_due(&mut self, cx: &mut ClientContext<'_>, stamp: u64) {
        if stamp != self.membership.heartbeat_stamp || !self.membership.is_alive() || self.is_closing() {
            return;
        }
        self.set_heartbeat_timer(cx);
        if self.coordinator.is_none() {
            self.find_coordinator(cx);
        }
        let (Some(broker), Some(group_id), Some(member_id), None) =
            (self.coordinator, self.config.group_id.clone(), self.membership.member_id.clone(), self.membership.heartbeat)
        else {
            return;
        };
        let request = HeartbeatRequest {
            group_id,
            generation_id: self.membership.generation_id,
            member_id,
            group_instance_id: self.config.group_instance_id.clone(),
        };
        self.membership.last_heartbeat = Some(cx.now);
        self.membership.heartbeat = Some(cx.request(Target::Coordinator(broker), Request::Heartbeat(request)));
    }

    pub(super) fn heartbeat_answered(&mut self, cx: &mut ClientContext<'_>, correlation: u32, response: &HeartbeatResponse) {
        if self.membership.heartbeat != Some(correlation) {
            return;
        }
        self.membership.heartbeat = None;
        match response.error {
            None => {}
            Some(ErrorCode::RebalanceInProgress) if self.membership.is_settled() => {
                self.membership.ask_rejoin("group is already rebalancing");
            }
            Some(ErrorCode::RebalanceInProgress) => {}
            Some(error @ (ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration)) => {
                self.membership.refused(error, &format!("encountered {error} from the heartbeat"));
            }
            // Another consumer has taken its place. It keeps its generation: joining again would only fence that one.
            Some(error @ ErrorCode::FencedInstanceId) => self.error = Some(ConsumerError::Broker(error)),
            Some(error) => self.coordinator_failed(cx, error),
        }
    }

    /// True if it was a request of the membership whose answer will not come.
    pub(super) fn membership_lost(&mut self, cx: &mut ClientContext<'_>, correlation: u32) -> bool {
        if self.membership.heartbeat == Some(correlation) {
            self.membership.heartbeat = None;
            self.coordinator_failed(cx, ErrorCode::NotCoordinator);
        } else if self.membership.request == Some(correlation) {
            self.membership.request = None;
            self.join_failed(cx, ErrorCode::NotCoordinator);
        } else {
            return false;
        }
        true
    }

    // ---- leaving

    /// Sees to it that a program which does not poll for max.poll.interval.ms is noticed.
    pub(super) fn watch_poll_interval(&mut self, cx: &mut ClientContext<'_>) {
        if self.is_group_managed() && self.membership.poll_interval_timer_at.is_none() {
            let at = cx.now + Span::from_ms(self.config.max_poll_interval_ms);
            self.membership.poll_interval_timer_at = Some(at);
            cx.timer_at(at, ClientTimer::MaxPollInterval);
        }
    }

    pub(super) fn poll_interval_due(&mut self, cx: &mut ClientContext<'_>) {
        self.membership.poll_interval_timer_at = None;
        if !self.is_group_managed() || self.is_closing() {
            return;
        }
        let interval = Span::from_ms(self.config.max_poll_interval_ms);
        let last = if self.is_polling() { cx.now } else { self.last_poll.unwrap_or(cx.now) };
        let deadline = last + interval;
        if deadline > cx.now {
            self.membership.poll_interval_timer_at = Some(deadline);
            cx.timer_at(deadline, ClientTimer::MaxPollInterval);
        } else if self.modern.is_some() {
            self.go_stale(cx);
        } else if self.membership.is_alive() {
            self.leave_group(cx, "consumer poll timeout has expired.");
        }
    }

    /// Leaves the group, if it is a member or on the way to it; a static member says nothing and stays until its session
    /// times out, and so does one whose generation was refused.
    /// True if a LeaveGroup is on its way.
    pub(super) fn leave_group(&mut self, cx: &mut ClientContext<'_>, reason: &str) -> bool {
        if self.modern.is_some() {
            return self.leave_modern(cx);
        }
        let mut correlation = None;
        let counted = self.membership.is_member() || self.membership.prepared;
        let member_id = self.membership.member_id.clone().filter(|_| counted);
        if let (Some(broker), Some(group_id), Some(member_id), None) =
            (self.coordinator, self.config.group_id.clone(), member_id, &self.config.group_instance_id)
        {
            let request = LeaveGroupRequest { group_id, member_id, group_instance_id: None, reason: reason.to_owned() };
            correlation = Some(cx.request(Target::Coordinator(broker), Request::LeaveGroup(request)));
        }
        if self.kind == SubscriptionKind::Topics {
            self.membership.reset_generation(reason);
        }
        self.membership.request = correlation;
        correlation.is_some()
    }
}

/// What `AbstractCoordinator.JoinGroupResponseHandler` writes to the log before it throws.
fn log_fatal(cx: &mut ClientContext<'_>, error: ErrorCode) {
    let fatal = [
        ErrorCode::InconsistentGroupProtocol,
        ErrorCode::InvalidSessionTimeout,
        ErrorCode::InvalidGroupId,
        ErrorCode::GroupMaxSizeReached,
    ];
    if fatal.contains(&error) {
        let text = format!("JoinGroup failed due to fatal error: {}", error.message()).into();
        let logger = "org.apache.kafka.clients.consumer.internals.ConsumerCoordinator";
        cx.emit(Event::Logged { client: cx.id, level: "ERROR", text, logger });
    }
}
