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
//! Eager protocol: all partitions are given up before each join (`onPartitionsRevoked`; `onPartitionsLost` if the generation was
//! lost).
//! Cooperative protocol (KIP-429): a member keeps its partitions while it joins. It then gives up those that the new assignment
//! does not contain, and joins again at once.

use std::rc::Rc;

use super::core::Core;
use super::membership::Committer;
use super::snapshot::Snapshot;
use super::{COORDINATOR_LOGGER, SubscriptionKind};
use crate::base::{MemberId, SimTime, SortedSet, Span, TopicName, TopicPartition, sort};
use crate::engine::client::{ClientContext, ClientTimer, ConsumerError};
use crate::engine::group::assignors::{self, sticky};
use crate::engine::protocol::{
    ErrorCode, HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, JoinedMember, LeaveGroupRequest, Request,
    Response, Subscription, SyncGroupRequest, SyncGroupResponse, UserData,
};

/// The state of a member of a classic group.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum MemberState {
    /// Not in a generation.
    #[default]
    Unjoined,
    /// Commits its positions before it joins.
    Committing,
    /// The rebalance listener is told which partitions are given up.
    Revoking,
    /// JoinGroup is on its way or waits at the coordinator.
    Joining,
    /// SyncGroup is on its way or waits for the leader, or the leader waits for metadata.
    Syncing,
    Stable,
}

#[derive(Clone, Hash, Debug, Default)]
pub(super) struct ClassicMember {
    pub(super) state: MemberState,
    pub(super) generation_id: i32,
    pub(super) member_id: Option<MemberId>,
    pub(super) protocol_name: String,
    pub(super) last_heartbeat: Option<SimTime>,
    pub(super) retry_waits: bool,
    /// JoinGroup, SyncGroup or LeaveGroup on its way.
    request: Option<u32>,
    heartbeat: Option<u32>,
    heartbeat_stamp: u64,
    /// Why the member has to join again, while it is Stable or on the way to.
    rejoin_reason: Option<Rc<str>>,
    /// The partitions were given up for the join that is going on.
    prepared: bool,
    joined_subscription: SortedSet<TopicName>,
    /// Leader: the members that it has to find partitions for.
    to_assign: Option<Vec<JoinedMember>>,
    /// Leader: the metadata that its assignment was computed from.
    assigned_from: Option<Snapshot>,
    /// The assignment from SyncGroup, until the next poll applies it.
    brought: Option<Vec<TopicPartition>>,
    /// What the member was last assigned and in which generation: the sticky assignors remember it, also when it is lost.
    last_assigned: Option<(Vec<TopicPartition>, i32)>,
}

impl ClassicMember {
    pub(super) fn new() -> Self {
        Self { generation_id: -1, ..Self::default() }
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

    fn is_member(&self) -> bool {
        self.generation_id >= 0 && self.member_id.is_some()
    }

    /// May it commit in its generation? Not while it joins another one: its partitions may belong to another member there
    /// (`AbstractCoordinator.generationIfStable`).
    fn is_settled(&self) -> bool {
        self.is_member()
            && match self.state {
                MemberState::Unjoined | MemberState::Joining => false,
                MemberState::Syncing => self.brought.is_some(),
                MemberState::Committing | MemberState::Revoking | MemberState::Stable => true,
            }
    }

    pub(super) fn is_waiting_for(&self, correlation: u32) -> bool {
        self.request == Some(correlation) || self.heartbeat == Some(correlation)
    }

    pub(super) fn answered(&mut self, core: &mut Core, cx: &mut ClientContext<'_>, response: &Response) {
        match response {
            Response::JoinGroup(response) => self.join_answered(core, cx, response),
            Response::SyncGroup(response) => self.sync_answered(core, cx, response),
            Response::Heartbeat(response) => self.heartbeat_answered(core, cx, response),
            _ => {}
        }
    }

    pub(super) fn committer(&self) -> Committer<'_> {
        let refusal = match self.state {
            _ if self.is_settled() => None,
            MemberState::Joining | MemberState::Syncing => Some(ErrorCode::RebalanceInProgress),
            // Between two tries to join.
            MemberState::Unjoined if self.prepared => Some(ErrorCode::RebalanceInProgress),
            _ => Some(ErrorCode::UnknownMemberId),
        };
        Committer { member_id: self.member_id.as_ref(), generation_id: self.generation_id, refusal }
    }

    /// Heartbeats are sent in these states.
    pub(super) fn is_alive(&self) -> bool {
        self.is_member() && !matches!(self.state, MemberState::Unjoined | MemberState::Joining)
    }

    fn ask_rejoin(&mut self, reason: &str) {
        self.rejoin_reason.get_or_insert_with(|| reason.into());
    }

    /// Forgets the generation, since the coordinator refused it. What the member still holds is lost. The member id stays if
    /// only the generation is wrong: the group still counts on that member (`AbstractCoordinator.resetStateOnResponseError`).
    fn refused(&mut self, core: &mut Core, error: ErrorCode, reason: &str) {
        let member_id = self.member_id.take().filter(|_| error == ErrorCode::IllegalGeneration);
        self.reset_generation(core, reason);
        self.member_id = member_id;
    }

    /// A commit was refused.
    pub(super) fn commit_refused(&mut self, core: &mut Core, error: ErrorCode, generation_id: i32) {
        match error {
            ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration if generation_id == self.generation_id => {
                self.refused(core, error, "the coordinator no longer knows this generation");
            }
            ErrorCode::RebalanceInProgress => self.ask_rejoin("offset commit failed since group is already rebalancing"),
            ErrorCode::FencedInstanceId => core.fail(error),
            _ => {}
        }
    }

    /// Forgets the generation and the member id. What the member still holds is lost.
    fn reset_generation(&mut self, core: &mut Core, reason: &str) {
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
        core.listener.is_running = false;
        self.prepared = false;
        self.rejoin_reason = Some(reason.into());
    }

    // ---- joining, inside a poll

    pub(super) fn join_if_needed(&mut self, core: &mut Core, cx: &mut ClientContext<'_>) {
        if !core.is_group_managed() {
            return;
        }
        if self.state == MemberState::Syncing && self.brought.is_some() {
            self.complete_join(core, cx);
        }
        if self.state == MemberState::Stable
            && let Some(reason) = self.rejoin_reason(core)
        {
            self.ask_rejoin(&reason);
            core.has_committed = false;
            if core.commit_before_rebalance(cx, self.committer()) {
                self.state = MemberState::Committing;
                return;
            }
            self.give_up(core, cx);
        }
        if self.state == MemberState::Committing && core.has_committed {
            self.give_up(core, cx);
        }
        if self.state == MemberState::Unjoined && !self.retry_waits {
            if self.prepared {
                self.send_join(core, cx);
            } else {
                self.give_up(core, cx);
            }
        }
        if self.state == MemberState::Revoking && !core.listener.is_running && core.pending_commits() == 0 {
            let kept = self.kept_through_join(core);
            core.keep_assignment(kept);
            self.prepared = true;
            self.send_join(core, cx);
        }
    }

    /// `ConsumerCoordinator.rejoinNeededOrPending`.
    fn rejoin_reason(&self, core: &Core) -> Option<String> {
        if let Some(reason) = &self.rejoin_reason {
            return Some(reason.to_string());
        }
        if let Some(change) = self.assigned_from.as_ref().and_then(|snapshot| snapshot.change(&core.metadata)) {
            return Some(format!("cached metadata has changed: {change}"));
        }
        (self.joined_subscription != core.subscription).then(|| "subscription has changed".to_owned())
    }

    /// Calls the rebalance listener before a join, if there is something to tell.
    fn give_up(&mut self, core: &mut Core, cx: &mut ClientContext<'_>) {
        if !core.coordinator.is_known() {
            return;
        }
        let told = self.tell_given_up(core, cx);
        self.state = MemberState::Revoking;
        if told {
            core.listener.run(cx);
        }
    }

    /// What a member keeps while it joins: nothing with the eager protocol, and with the cooperative one what it subscribes
    /// to, unless its generation is lost.
    fn kept_through_join(&self, core: &Core) -> Vec<TopicPartition> {
        if !is_cooperative(core) || !self.is_member() {
            return Vec::new();
        }
        core.partitions.keys().filter(|partition| core.subscription.contains(&partition.topic)).cloned().collect()
    }

    /// Calls the listener before a join: revoked, of an eager member with an empty list too; lost only with partitions.
    /// True if it was called.
    fn tell_given_up(&mut self, core: &mut Core, cx: &mut ClientContext<'_>) -> bool {
        let lost = !self.is_member();
        let kept = self.kept_through_join(core);
        let given_up: Vec<TopicPartition> = core.partitions.keys().filter(|partition| !kept.contains(partition)).cloned().collect();
        if given_up.is_empty() && (lost || is_cooperative(core)) {
            return false;
        }
        core.tell_given_up(cx, lost, given_up);
        true
    }

    fn send_join(&mut self, core: &mut Core, cx: &mut ClientContext<'_>) {
        let (true, Some(group_id)) = (core.coordinator.is_known(), core.config.group_id.clone()) else {
            self.state = MemberState::Unjoined;
            return;
        };
        let subscription = Subscription {
            topics: core.subscription.iter().cloned().collect(),
            owned_partitions: core.assignment(),
            generation_id: self.generation_id,
            rack_id: core.config.rack(),
            ..Subscription::default()
        };
        let reason = self.rejoin_reason.take().map_or(String::new(), |reason| reason.to_string());
        let with_data = |assignor: &String| {
            let user_data = self.user_data(assignor);
            (assignor.clone(), Rc::new(Subscription { user_data, ..subscription.clone() }))
        };
        let request = JoinGroupRequest {
            group_id,
            session_timeout_ms: core.config.session_timeout_ms,
            rebalance_timeout_ms: core.config.max_poll_interval_ms,
            member_id: self.member_id.clone(),
            group_instance_id: core.config.group_instance_id.clone(),
            client_id: core.config.client_id.clone(),
            protocols: core.config.assignors.iter().map(with_data).collect(),
            reason,
        };
        self.joined_subscription = core.subscription.clone();
        self.assigned_from = None;
        self.brought = None;
        self.state = MemberState::Joining;
        self.request = core.coordinator.request(cx, Request::JoinGroup(request));
    }

    fn join_answered(&mut self, core: &mut Core, cx: &mut ClientContext<'_>, response: &JoinGroupResponse) {
        self.request = None;
        match response.error {
            None => {}
            Some(ErrorCode::MemberIdRequired) => {
                self.member_id = response.member_id.clone();
                self.state = MemberState::Unjoined;
                return;
            }
            Some(error) => {
                log_fatal(cx, error);
                self.join_failed(core, cx, error);
                if let (ErrorCode::GroupMaxSizeReached, Some(group)) = (error, &core.config.group_id) {
                    let why = format!("Consumer group {group} already has the configured maximum number of members.");
                    core.error = Some(ConsumerError::Told(error, why.into()));
                }
                return;
            }
        }
        self.generation_id = response.generation_id;
        self.member_id = response.member_id.clone();
        self.protocol_name = response.protocol_name.clone();
        self.state = MemberState::Syncing;
        self.start_heartbeats(core, cx);
        if response.leader.is_some() && response.leader == response.member_id {
            let topics: SortedSet<TopicName> =
                response.members.iter().flat_map(|member| member.subscription.topics.iter().cloned()).collect();
            // The leader keeps an eye on all topics of the group, not only on its own.
            core.metadata.want_only(cx, topics);
            self.to_assign = Some(response.members.clone());
            self.assign_as_leader(core, cx);
        } else {
            core.metadata.want_only(cx, core.subscription.iter().cloned());
            self.send_sync(core, cx, Vec::new());
        }
    }

    /// Computes the assignment once the metadata says something about every topic.
    pub(super) fn assign_as_leader(&mut self, core: &mut Core, cx: &mut ClientContext<'_>) {
        let Some(members) = &self.to_assign else { return };
        let topics: SortedSet<&TopicName> = members.iter().flat_map(|member| &member.subscription.topics).collect();
        let settled = |topic: &str| core.metadata.partition_count(topic).is_some() || core.metadata.error(topic).is_some();
        if !topics.iter().all(|topic| settled(topic.as_str())) {
            return;
        }
        let snapshot = Snapshot::take(&core.metadata, topics.into_iter(), core.config.rack().is_some());
        let racks_matter = members.iter().any(|member| member.subscription.rack_id.is_some());
        let assignable = snapshot.assignable(&core.metadata, racks_matter);
        let assignment = assignors::assign(&self.protocol_name, &assignable, members);
        self.to_assign = None;
        self.assigned_from = Some(snapshot);
        match assignment {
            Some(assignment) => self.send_sync(core, cx, assignment.into_iter().collect()),
            None => self.join_failed(core, cx, ErrorCode::InconsistentGroupProtocol),
        }
    }

    fn send_sync(&mut self, core: &mut Core, cx: &mut ClientContext<'_>, assignments: Vec<(MemberId, Vec<TopicPartition>)>) {
        let (Some(group_id), Some(member_id)) = (core.config.group_id.clone(), self.member_id.clone()) else { return };
        let request = SyncGroupRequest {
            group_id,
            generation_id: self.generation_id,
            member_id,
            group_instance_id: core.config.group_instance_id.clone(),
            assignments,
        };
        self.request = core.coordinator.request(cx, Request::SyncGroup(request));
        if self.request.is_none() {
            self.state = MemberState::Unjoined;
        }
    }

    fn sync_answered(&mut self, core: &mut Core, cx: &mut ClientContext<'_>, response: &SyncGroupResponse) {
        self.request = None;
        match response.error {
            None => {
                self.brought = Some(response.assignment.clone());
                self.rejoin_reason = None;
            }
            Some(error) => self.join_failed(core, cx, error),
        }
    }

    /// JoinGroup or SyncGroup was refused, or its connection was lost.
    fn join_failed(&mut self, core: &mut Core, cx: &mut ClientContext<'_>, error: ErrorCode) {
        match error {
            ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration => {
                self.refused(core, error, &format!("encountered {error} from the coordinator"));
            }
            ErrorCode::RebalanceInProgress => {
                self.state = MemberState::Unjoined;
                self.ask_rejoin("a new rebalance began before this one was over");
            }
            ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable | ErrorCode::CoordinatorLoadInProgress => {
                self.state = MemberState::Unjoined;
                core.coordinator.failed(cx, error);
                if !self.retry_waits {
                    self.retry_waits = true;
                    cx.timer(Span::from_ms(core.config.retry_backoff_ms), ClientTimer::RejoinRetry);
                }
            }
            _ => {
                self.state = MemberState::Unjoined;
                core.fail(error);
            }
        }
    }

    fn complete_join(&mut self, core: &mut Core, cx: &mut ClientContext<'_>) {
        let Some(partitions) = self.brought.take() else { return };
        self.state = MemberState::Stable;
        self.prepared = false;
        core.start_auto_commit(cx);
        if partitions.iter().any(|partition| !core.subscription.contains(&partition.topic)) {
            // The subscription has changed since the join: what was assigned is not taken, and the member joins again.
            self.ask_rejoin("assignment does not match the subscription");
            return;
        }
        self.last_assigned = Some((partitions.clone(), self.generation_id));
        let before = core.assignment();
        let revoked: Vec<TopicPartition> = before.iter().filter(|partition| !partitions.contains(partition)).cloned().collect();
        let mut added: Vec<TopicPartition> = partitions.iter().filter(|partition| !before.contains(partition)).cloned().collect();
        sort(&mut added);
        if !revoked.is_empty() {
            // Someone else waits for these: the next rebalance hands them on.
            core.tell_given_up(cx, false, revoked);
            self.ask_rejoin("need to revoke partitions and re-join");
        }
        core.keep_assignment(partitions);
        core.tell_assigned(cx, added);
    }

    // ---- heartbeats, also between polls

    fn start_heartbeats(&mut self, core: &mut Core, cx: &mut ClientContext<'_>) {
        self.heartbeat_stamp += 1;
        self.heartbeat = None;
        self.set_heartbeat_timer(core, cx);
    }

    fn set_heartbeat_timer(&mut self, core: &mut Core, cx: &mut ClientContext<'_>) {
        let stamp = self.heartbeat_stamp;
        cx.timer(Span::from_ms(core.config.heartbeat_interval_ms), ClientTimer::Heartbeat { stamp });
    }

    pub(super) fn heartbeat_due(&mut self, core: &mut Core, cx: &mut ClientContext<'_>, stamp: u64) {
        if stamp != self.heartbeat_stamp || !self.is_alive() || core.is_closing() {
            return;
        }
        self.set_heartbeat_timer(core, cx);
        core.coordinator.find(cx);
        let (true, Some(group_id), Some(member_id), None) =
            (core.coordinator.is_known(), core.config.group_id.clone(), self.member_id.clone(), self.heartbeat)
        else {
            return;
        };
        let request = HeartbeatRequest {
            group_id,
            generation_id: self.generation_id,
            member_id,
            group_instance_id: core.config.group_instance_id.clone(),
        };
        self.last_heartbeat = Some(cx.now);
        self.heartbeat = core.coordinator.request(cx, Request::Heartbeat(request));
    }

    fn heartbeat_answered(&mut self, core: &mut Core, cx: &mut ClientContext<'_>, response: &HeartbeatResponse) {
        self.heartbeat = None;
        match response.error {
            None => {}
            Some(ErrorCode::RebalanceInProgress) if self.is_settled() => {
                self.ask_rejoin("group is already rebalancing");
            }
            Some(ErrorCode::RebalanceInProgress) => {}
            Some(error @ (ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration)) => {
                self.refused(core, error, &format!("encountered {error} from the heartbeat"));
            }
            // Another consumer has taken its place.
            Some(error @ ErrorCode::FencedInstanceId) => {
                let instance = core.config.group_instance_id.clone().unwrap_or_default();
                let text = format!("Caught fenced group.instance.id Optional[{instance}] error in heartbeat thread");
                cx.log("ERROR", text, COORDINATOR_LOGGER);
                self.refused(core, error, &format!("encountered {error} from the heartbeat"));
                core.fail(error);
            }
            Some(error) => core.coordinator.failed(cx, error),
        }
    }

    /// True if it was a request of the membership whose answer will not come.
    pub(super) fn on_lost(&mut self, core: &mut Core, cx: &mut ClientContext<'_>, correlation: u32) -> bool {
        if self.heartbeat.take_if(|heartbeat| *heartbeat == correlation).is_some() {
            core.coordinator.failed(cx, ErrorCode::NotCoordinator);
        } else if self.request.take_if(|request| *request == correlation).is_some() {
            self.join_failed(core, cx, ErrorCode::NotCoordinator);
        } else {
            return false;
        }
        true
    }

    /// Leaves the group. LeaveGroup is sent by dynamic members in a generation, or about to join one; others stay in the group
    /// until their session times out. True if a LeaveGroup was sent.
    pub(super) fn leave_group(&mut self, core: &mut Core, cx: &mut ClientContext<'_>, reason: &str) -> bool {
        let mut correlation = None;
        let counted = self.is_member() || self.prepared;
        let member_id = self.member_id.clone().filter(|_| counted);
        if let (Some(group_id), Some(member_id), None) = (core.config.group_id.clone(), member_id, &core.config.group_instance_id) {
            let request = LeaveGroupRequest { group_id, member_id, group_instance_id: None, reason: reason.to_owned() };
            correlation = core.coordinator.request(cx, Request::LeaveGroup(request));
        }
        if core.kind == SubscriptionKind::Topics {
            self.reset_generation(core, reason);
        }
        self.request = correlation;
        correlation.is_some()
    }
}

fn is_cooperative(core: &Core) -> bool {
    assignors::is_cooperative(&core.config.assignors)
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
        let text = format!("JoinGroup failed due to fatal error: {}", error.message());
        cx.log("ERROR", text, COORDINATOR_LOGGER);
    }
}
