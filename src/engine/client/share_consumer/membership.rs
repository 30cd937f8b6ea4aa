//! A share consumer in its group (`ShareMembershipManager`, `ShareHeartbeatRequestManager`).
//!
//! | state | what follows |
//! | --- | --- |
//! | Unsubscribed | subscribe → Joining with the next poll |
//! | Joining | heartbeat with epoch 0; answered → Stable |
//! | Stable | a heartbeat each interval that the coordinator told; fenced or unknown → Joining; no poll for max.poll.interval.ms → Stale |
//! | Stale | has left; the next poll → Joining |
//! | Fatal | an error that nothing helps against; each poll throws it once |
//! | Leaving | heartbeat with epoch -1 |

use std::rc::Rc;

use super::{ShareConsumer, ShareError};
use crate::base::{MemberId, SimTime, Span, TopicId, TopicPartition};
use crate::engine::client::metadata::backoff;
use crate::engine::client::{ClientContext, ClientTimer, Target};
use crate::engine::error::ErrorCode;
use crate::engine::program::Event;
use crate::engine::protocol::{FindCoordinatorRequest, Request, ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse};

const HEARTBEATS: &str = "org.apache.kafka.clients.consumer.internals.ShareHeartbeatRequestManager";
const MEMBERSHIP: &str = "org.apache.kafka.clients.consumer.internals.ShareMembershipManager";

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ShareMemberState {
    Unsubscribed,
    Joining,
    Stable,
    Stale,
    Fatal,
    Leaving,
}

#[derive(Clone, Hash, Debug)]
pub(super) struct ShareMembership {
    pub(super) state: ShareMemberState,
    /// Made up by the member itself, for its whole life.
    pub(super) member_id: Option<MemberId>,
    pub(super) member_epoch: i32,
    pub(super) assignment: Vec<TopicPartition>,
    in_flight: Option<u32>,
    /// When the next heartbeat is due.
    due: SimTime,
    timer_at: Option<SimTime>,
    /// The topics have not been told yet.
    tells_topics: bool,
}

impl ShareMembership {
    pub(super) fn new() -> Self {
        Self {
            state: ShareMemberState::Unsubscribed,
            member_id: None,
            member_epoch: 0,
            assignment: Vec::new(),
            in_flight: None,
            due: SimTime::ZERO,
            timer_at: None,
            tells_topics: true,
        }
    }

    pub(super) fn subscribed(&mut self, cx: &mut ClientContext<'_>) {
        if self.member_id.is_none() {
            let id = cx.chance.next_u128();
            self.member_id = Some(TopicId(id).to_string().into());
        }
        self.tells_topics = true;
        self.due = cx.now;
    }

    /// A poll makes a member of who is none.
    pub(super) fn polled(&mut self) {
        if matches!(self.state, ShareMemberState::Unsubscribed | ShareMemberState::Stale) {
            self.join();
        }
    }

    fn join(&mut self) {
        self.state = ShareMemberState::Joining;
        self.member_epoch = 0;
        self.assignment.clear();
        self.tells_topics = true;
        self.due = SimTime::ZERO;
    }

    fn is_member(&self) -> bool {
        matches!(self.state, ShareMemberState::Joining | ShareMemberState::Stable)
    }
}

impl ShareConsumer {
    pub(super) fn find_coordinator(&mut self, cx: &mut ClientContext<'_>) {
        let needed = self.membership.is_member() || self.membership.state == ShareMemberState::Leaving;
        if needed && self.coordinator.is_none() && self.finding_coordinator.is_none() && !self.coordinator_retry_waits {
            let group_id = self.config.group_id.clone();
            let request = Request::FindCoordinator(FindCoordinatorRequest { group_id });
            self.finding_coordinator = Some(cx.request(Target::Any, request));
        }
    }

    pub(super) fn wait_for_coordinator(&mut self, cx: &mut ClientContext<'_>) {
        self.coordinator = None;
        if !self.coordinator_retry_waits {
            self.coordinator_retry_waits = true;
            let wait = backoff(Span::from_ms(self.config.retry_backoff_ms), self.coordinator_misses);
            self.coordinator_misses += 1;
            cx.timer(wait, ClientTimer::CoordinatorRetry);
        }
    }

    pub(super) fn heartbeat_if_due(&mut self, cx: &mut ClientContext<'_>) {
        let (Some(broker), Some(member_id)) = (self.coordinator, self.membership.member_id.clone()) else { return };
        if !self.membership.is_member() || self.membership.in_flight.is_some() {
            return;
        }
        if cx.now < self.membership.due {
            if self.membership.timer_at.is_none_or(|at| at <= cx.now || at > self.membership.due) {
                self.membership.timer_at = Some(self.membership.due);
                cx.timer_at(self.membership.due, ClientTimer::Heartbeat { stamp: 0 });
            }
            return;
        }
        let joins = self.membership.state == ShareMemberState::Joining;
        let tells = joins || self.membership.tells_topics;
        self.membership.tells_topics = false;
        let request = ShareGroupHeartbeatRequest {
            group_id: self.config.group_id.clone(),
            member_id,
            member_epoch: if joins { 0 } else { self.membership.member_epoch },
            client_id: self.config.client_id.clone(),
            rack_id: Some(self.config.client_rack.clone()).filter(|rack| joins && !rack.is_empty()),
            subscribed_topics: tells.then(|| self.subscription.iter().cloned().collect()),
        };
        self.membership.in_flight = Some(cx.request(Target::Coordinator(broker), Request::ShareGroupHeartbeat(request)));
    }

    pub(super) fn heartbeat_answered(
        &mut self,
        cx: &mut ClientContext<'_>,
        correlation: u32,
        response: &ShareGroupHeartbeatResponse,
    ) {
        if self.membership.in_flight != Some(correlation) {
            return;
        }
        self.membership.in_flight = None;
        if self.membership.state == ShareMemberState::Leaving {
            cx.gone();
            return;
        }
        let Some((error, words)) = &response.error else {
            self.membership.due = cx.now + Span::from_ms(response.heartbeat_interval_ms);
            self.membership.member_epoch = response.member_epoch;
            self.membership.state = ShareMemberState::Stable;
            if let Some(assignment) = &response.assignment {
                self.take_assignment(cx, assignment);
            }
            return;
        };
        self.membership.tells_topics = true;
        self.membership.due = cx.now + Span::from_ms(self.config.retry_backoff_ms);
        match error {
            ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable => self.wait_for_coordinator(cx),
            ErrorCode::CoordinatorLoadInProgress => {}
            ErrorCode::FencedMemberEpoch | ErrorCode::UnknownMemberId => self.membership.join(),
            error => {
                let heading = match error {
                    ErrorCode::InvalidRequest | ErrorCode::GroupMaxSizeReached => format!("failed due to {error}"),
                    _ => format!("failed due to unexpected error {error}"),
                };
                self.log(cx, format!("ShareGroupHeartbeatRequest {heading}: {words}"), HEARTBEATS);
                let (id, epoch) = (self.membership.member_id.clone(), self.membership.member_epoch);
                let id = id.map_or(String::new(), |id| id.to_string());
                self.log(cx, format!("Member {id} with epoch {epoch} transitioned to fatal state"), MEMBERSHIP);
                self.membership.state = ShareMemberState::Fatal;
                self.membership.assignment.clear();
                self.error = Some(ShareError::Broker(*error, Rc::from(words.as_str())));
            }
        }
    }

    fn log(&self, cx: &mut ClientContext<'_>, text: String, logger: &'static str) {
        cx.emit(Event::Logged { client: cx.id, level: "ERROR", text: text.into(), logger });
    }

    fn take_assignment(&mut self, cx: &mut ClientContext<'_>, assignment: &[TopicPartition]) {
        if self.membership.assignment != assignment {
            self.membership.assignment = assignment.to_vec();
            if assignment.iter().any(|partition| self.metadata.leader(partition).is_none()) {
                self.metadata.request_update(cx);
            }
        }
    }

    /// True if it was a heartbeat whose answer will not come.
    pub(super) fn heartbeat_lost(&mut self, cx: &mut ClientContext<'_>, correlation: u32) -> bool {
        if self.membership.in_flight != Some(correlation) {
            return false;
        }
        self.membership.in_flight = None;
        self.membership.tells_topics = true;
        if self.membership.state == ShareMemberState::Leaving {
            cx.gone();
        } else {
            self.wait_for_coordinator(cx);
        }
        true
    }

    /// True when an answer is to be waited for.
    pub(super) fn leave_group(&mut self, cx: &mut ClientContext<'_>) -> bool {
        let was_member = self.membership.is_member() && self.membership.member_epoch > 0;
        self.membership.state = ShareMemberState::Leaving;
        self.send_leave(cx, was_member)
    }

    fn send_leave(&mut self, cx: &mut ClientContext<'_>, was_member: bool) -> bool {
        let (Some(broker), Some(member_id), true) = (self.coordinator, self.membership.member_id.clone(), was_member) else {
            return false;
        };
        let request = ShareGroupHeartbeatRequest {
            group_id: self.config.group_id.clone(),
            member_id,
            member_epoch: -1,
            client_id: self.config.client_id.clone(),
            rack_id: None,
            subscribed_topics: None,
        };
        self.membership.in_flight = Some(cx.request(Target::Coordinator(broker), Request::ShareGroupHeartbeat(request)));
        true
    }

    // ---- max.poll.interval.ms

    pub(super) fn watch_poll_interval(&mut self, cx: &mut ClientContext<'_>) {
        if self.poll_interval_timer_at.is_none() {
            let at = cx.now + Span::from_ms(self.config.max_poll_interval_ms);
            self.poll_interval_timer_at = Some(at);
            cx.timer_at(at, ClientTimer::MaxPollInterval);
        }
    }

    /// A program that has not polled for too long leaves its group.
    pub(super) fn poll_interval_due(&mut self, cx: &mut ClientContext<'_>) {
        let Some(last) = self.last_poll else { return };
        let ends = last + Span::from_ms(self.config.max_poll_interval_ms);
        if self.poll_deadline.is_some() || cx.now < ends {
            let at = if self.poll_deadline.is_some() { cx.now + Span::from_ms(self.config.max_poll_interval_ms) } else { ends };
            self.poll_interval_timer_at = Some(at);
            cx.timer_at(at, ClientTimer::MaxPollInterval);
        } else if self.membership.is_member() {
            self.send_leave(cx, true);
            self.membership.in_flight = None;
            self.membership.state = ShareMemberState::Stale;
            self.membership.assignment.clear();
        }
    }
}
