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
//!
//! An assignment counts as soon as it is there: nothing has to be given up for it, so there is no reconciliation.

use super::ShareConsumer;
use crate::base::TopicPartition;
use crate::engine::client::membership::{HeartbeatLog, ModernMember, ModernState};
use crate::engine::client::{ClientContext, ShareError};
use crate::engine::protocol::{LEAVE_EPOCH, Request, ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse};

const LOG: HeartbeatLog = HeartbeatLog {
    request: "ShareGroupHeartbeatRequest",
    heartbeats: "org.apache.kafka.clients.consumer.internals.ShareHeartbeatRequestManager",
    membership: "org.apache.kafka.clients.consumer.internals.ShareMembershipManager",
};

#[derive(Clone, Hash, Debug)]
pub(super) struct ShareMember {
    pub(super) modern: ModernMember,
    pub(super) assignment: Vec<TopicPartition>,
    /// The topics have not been told yet.
    tells_topics: bool,
}

impl ShareMember {
    pub(super) fn new(retry_backoff_ms: u64) -> Self {
        Self { modern: ModernMember::new(retry_backoff_ms), assignment: Vec::new(), tells_topics: true }
    }

    pub(super) fn subscribed(&mut self, cx: &mut ClientContext<'_>) {
        self.tells_topics = true;
        self.modern.beat_at_once(cx.now);
    }

    /// The first poll joins the group, and so does one after it was left because there was none for too long.
    pub(super) fn polled(&mut self) {
        if matches!(self.modern.state, ModernState::Unsubscribed | ModernState::Stale) {
            self.join();
        }
    }

    fn join(&mut self) {
        self.modern.join();
        self.assignment.clear();
        self.tells_topics = true;
    }
}

impl ShareConsumer {
    pub(super) fn beat_if_due(&mut self, cx: &mut ClientContext<'_>) {
        let modern = &mut self.member.modern;
        if modern.is_in_group() || modern.state == ModernState::Leaving {
            self.coordinator.find(cx);
        }
        if self.coordinator.is_known() && modern.is_in_group() && modern.is_due(cx) {
            let request = self.heartbeat_request(cx);
            self.member.tells_topics = false;
            self.member.modern.beat(cx, &self.coordinator, request);
        }
    }

    fn heartbeat_request(&mut self, cx: &mut ClientContext<'_>) -> Request {
        let member = &mut self.member;
        let joins = member.modern.state == ModernState::Joining;
        let tells_topics = (joins || member.tells_topics) && member.modern.epoch >= 0;
        Request::ShareGroupHeartbeat(ShareGroupHeartbeatRequest {
            group_id: self.config.group_id.clone(),
            member_id: member.modern.id(cx),
            member_epoch: member.modern.epoch,
            client_id: self.config.client_id.clone(),
            rack_id: Some(self.config.client_rack.clone()).filter(|rack| joins && !rack.is_empty()),
            subscribed_topics: tells_topics.then(|| self.subscription.iter().cloned().collect()),
        })
    }

    pub(super) fn heartbeat_answered(&mut self, cx: &mut ClientContext<'_>, response: &ShareGroupHeartbeatResponse) {
        let member = &mut self.member;
        let Some((error, words)) = &response.error else {
            if member.modern.accepted(cx, response.member_epoch, response.heartbeat_interval_ms) {
                member.modern.state = ModernState::Stable;
                if let Some(assignment) = &response.assignment {
                    self.take_assignment(cx, assignment);
                }
            }
            return;
        };
        member.tells_topics = true;
        member.modern.refused(cx, &mut self.coordinator, *error);
        match member.modern.state {
            ModernState::Fenced => member.join(),
            ModernState::Fatal => {
                member.modern.log_fatal(cx, &LOG, *error, words, None);
                member.assignment.clear();
                self.error = Some(ShareError::Broker(*error, words.as_str().into()));
            }
            _ => {}
        }
    }

    fn take_assignment(&mut self, cx: &mut ClientContext<'_>, assignment: &[TopicPartition]) {
        if self.member.assignment != assignment {
            self.member.assignment = assignment.to_vec();
            if assignment.iter().any(|partition| self.metadata.leader(partition).is_none()) {
                self.metadata.request_update(cx);
            }
        }
    }

    /// True if it was a heartbeat whose answer will not come.
    pub(super) fn heartbeat_lost(&mut self, cx: &mut ClientContext<'_>, correlation: u32) -> bool {
        let lost = self.member.modern.on_lost(cx, &mut self.coordinator, correlation);
        self.member.tells_topics |= lost;
        lost
    }

    /// Leaves the group for good. True when an answer is to be waited for.
    pub(super) fn leave_group(&mut self, cx: &mut ClientContext<'_>) -> bool {
        let was_member = self.member.modern.is_in_group() && self.member.modern.is_member();
        self.member.modern.state = ModernState::Leaving;
        was_member && self.send_leave(cx)
    }

    fn send_leave(&mut self, cx: &mut ClientContext<'_>) -> bool {
        self.member.modern.epoch = LEAVE_EPOCH;
        let request = self.heartbeat_request(cx);
        self.member.modern.leave(cx, &self.coordinator, request)
    }

    /// max.poll.interval.ms is over: leaves, so that others get its records.
    pub(super) fn go_stale(&mut self, cx: &mut ClientContext<'_>) {
        if self.member.modern.is_in_group() {
            self.send_leave(cx);
            self.member.modern.state = ModernState::Stale;
            self.member.assignment.clear();
        }
    }
}
