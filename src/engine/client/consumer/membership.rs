//! The membership of a consumer, by either protocol: what the consumer asks of it, whichever it is.

use super::classic_member::{ClassicMember, MemberState};
use super::consumer_member::ConsumerMember;
use super::core::Core;
use super::{ConsumerConfig, GroupProtocol, SubscriptionKind};
use crate::base::{MemberId, SimTime};
use crate::engine::client::ClientContext;
use crate::engine::client::membership::ModernState;
use crate::engine::protocol::ErrorCode;

#[derive(Clone, Hash, Debug)]
pub(super) enum Membership {
    Classic(Box<ClassicMember>),
    Consumer(Box<ConsumerMember>),
}

/// As whom a member commits (`ConsumerGroupMetadata`).
#[derive(Clone, Copy)]
pub(super) struct Committer<'a> {
    pub(super) member_id: Option<&'a MemberId>,
    /// The generation, or the epoch.
    pub(super) generation_id: i32,
    /// Why it may not commit now.
    pub(super) refusal: Option<ErrorCode>,
}

impl Committer<'_> {
    /// Is it in the group, and not on the way into another generation?
    pub(super) fn is_settled(&self) -> bool {
        self.refusal.is_none()
    }
}

impl Membership {
    pub(super) fn new(config: &ConsumerConfig) -> Self {
        match config.group_protocol {
            GroupProtocol::Classic => Self::Classic(Box::new(ClassicMember::new())),
            GroupProtocol::Consumer => Self::Consumer(Box::new(ConsumerMember::new(config.retry_backoff_ms))),
        }
    }

    pub(super) fn classic(&self) -> Option<&ClassicMember> {
        match self {
            Self::Classic(member) => Some(member),
            Self::Consumer(_) => None,
        }
    }

    pub(super) fn modern_state(&self) -> Option<ModernState> {
        match self {
            Self::Classic(_) => None,
            Self::Consumer(member) => Some(member.modern.state),
        }
    }

    pub(super) fn last_heartbeat(&self) -> Option<SimTime> {
        match self {
            Self::Classic(member) => member.last_heartbeat,
            Self::Consumer(member) => member.modern.last_heartbeat,
        }
    }

    pub(super) fn committer(&self) -> Committer<'_> {
        match self {
            Self::Classic(member) => member.committer(),
            Self::Consumer(member) => member.committer(),
        }
    }

    /// Its part of a poll: joins, commits what is due, takes in what it was assigned.
    pub(super) fn poll(&mut self, core: &mut Core, cx: &mut ClientContext<'_>) {
        match self {
            // In this order: what is committed before a rebalance is not committed twice (`ApplicationEventProcessor`).
            Self::Consumer(member) => {
                member.reconcile(core, cx);
                core.auto_commit_if_due(cx, member.committer());
            }
            Self::Classic(member) => {
                member.join_if_needed(core, cx);
                // A member that has to join first commits as part of that, and one that knows no coordinator as soon as it does
                // (`ConsumerCoordinator.poll`).
                let has_joined = member.state == MemberState::Stable && core.coordinator.is_known();
                if core.kind == SubscriptionKind::Manual || has_joined {
                    core.auto_commit_if_due(cx, member.committer());
                }
            }
        }
    }

    /// Is this the request that leaves the group?
    pub(super) fn is_leave(&self, correlation: u32) -> bool {
        match self {
            Self::Classic(member) => member.is_waiting_for(correlation),
            Self::Consumer(member) => member.modern.is_leave(correlation),
        }
    }

    /// True if it was a request of the membership whose answer will not come.
    pub(super) fn on_lost(&mut self, core: &mut Core, cx: &mut ClientContext<'_>, correlation: u32) -> bool {
        match self {
            Self::Classic(member) => member.on_lost(core, cx, correlation),
            Self::Consumer(member) => member.on_lost(core, cx, correlation),
        }
    }

    /// The program has not polled for max.poll.interval.ms.
    pub(super) fn poll_interval_over(&mut self, core: &mut Core, cx: &mut ClientContext<'_>) {
        match self {
            Self::Classic(member) if member.is_alive() => {
                member.leave_group(core, cx, "consumer poll timeout has expired.");
            }
            Self::Classic(_) => {}
            Self::Consumer(member) => member.go_stale(core, cx),
        }
    }

    /// Leaves the group for good. True if a request that says so is on its way.
    pub(super) fn leave_group(&mut self, core: &mut Core, cx: &mut ClientContext<'_>, reason: &str) -> bool {
        match self {
            Self::Classic(member) => member.leave_group(core, cx, reason),
            Self::Consumer(member) => member.leave_group(core, cx),
        }
    }

    /// Where the member stands, in the words of the classic protocol.
    pub(super) fn member_state(&self, has_partitions: bool) -> MemberState {
        use ModernState::{Acknowledging, Joining, Reconciling, Stable};
        match self {
            Self::Classic(member) => member.state,
            Self::Consumer(member) => match member.modern.state {
                Joining => MemberState::Joining,
                Reconciling if !has_partitions => MemberState::Syncing,
                Reconciling | Acknowledging | Stable => MemberState::Stable,
                _ => MemberState::Unjoined,
            },
        }
    }
}
