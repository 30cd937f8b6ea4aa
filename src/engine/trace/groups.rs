//! What happens to groups and their members.

use std::rc::Rc;

use crate::base::{MemberId, TopicPartition};
use crate::engine::group::{ConsumerGroupState, GroupState, ReconciliationState, ShareGroupState, StreamsGroupState};

/// A group's state. Which of the four it is tells the group's kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnyGroupState {
    Classic(GroupState),
    Consumer(ConsumerGroupState),
    Share(ShareGroupState),
    Streams(StreamsGroupState),
}

impl AnyGroupState {
    /// As Kafka's tools write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Classic(state) => state.name(),
            Self::Consumer(state) => state.name(),
            Self::Share(state) => state.name(),
            Self::Streams(state) => state.name(),
        }
    }
}

/// Why a group's state changed. `client_reason` is what the client gave as its reason in the request; empty for none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GroupReason {
    Joins {
        member: MemberId,
        client_reason: Rc<str>,
    },
    JoinsAgain {
        member: MemberId,
        is_leader: bool,
        client_reason: Rc<str>,
    },
    /// A static member is back under another member id.
    Replaces {
        new: MemberId,
        old: MemberId,
        client_reason: Rc<str>,
    },
    Gone {
        member: MemberId,
        reason: GoneReason,
    },
    NoMembers,
    /// Classic protocol: members were dropped since they sent no SyncGroup in time.
    NotSynced,
    /// Classic protocol: all members have joined.
    AllJoined {
        members: usize,
    },
    /// Classic protocol: the leader's assignment has come.
    HandedIn {
        leader: MemberId,
    },
    /// Consumer protocol and streams groups: a static member has left for a while.
    Away {
        member: MemberId,
    },
    SubscriptionChanged {
        member: MemberId,
    },
    /// The members' regular expressions match other topics than before.
    MatchesChanged,
    /// Topics that members subscribe to were created, deleted, or have more partitions.
    TopicsChanged,
    /// Consumer protocol and streams groups: a member's epoch, or what it is to own, has changed.
    Reconciles {
        member: MemberId,
        epoch: i32,
    },
    /// From the classic protocol to the consumer protocol: it had no members.
    UpgradedEmpty,
    /// From the classic protocol to the consumer protocol: a member that speaks it has joined.
    Upgraded,
    /// Back to the classic protocol.
    Downgraded,
    /// The rebalance after it: the last member that spoke the consumer protocol is gone.
    DowngradedByLeave,
    /// The rebalance after it: the target assignment was older than the group epoch.
    DowngradedStale,
    Deleted,
    /// It had neither members nor offsets.
    Unused,
    OffsetsExpired,
}

/// Why a member is no longer in its group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GoneReason {
    /// `client_reason`: what the client gave as its reason; empty for none.
    Left { client_reason: Rc<str> },
    /// `setting` is how long a session lasts.
    SessionExpired { setting: &'static str },
    /// Classic members only.
    NotJoined,
    /// Classic members only.
    NotSynced,
    /// Consumer protocol and streams groups: it had to give partitions or tasks up.
    NotRevoked,
}

/// What happens to records of a share partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShareStep {
    /// Given to a member.
    Acquired,
    Accepted,
    Released,
    Rejected,
    /// The acquisition lock timed out: they are available again.
    LockTimedOut,
    /// They were delivered as often as the limit allows, or the log no longer has them.
    Archived,
    /// The leader no longer knows that a member has them: they are available again, and this delivery does not count.
    Forgotten,
}

/// What a member does on its way through a rebalance, as its coordinator sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MemberStep {
    /// Classic protocol: its heartbeat was answered with REBALANCE_IN_PROGRESS.
    Told,
    /// Classic protocol: its JoinGroup has come, and waits for those of the others.
    Rejoined,
    /// Consumer protocol: how far it may go towards its target (KIP-848).
    Reconciles {
        member_epoch: i32,
        state: ReconciliationState,
        assigned: Rc<[TopicPartition]>,
        pending_revocation: Rc<[TopicPartition]>,
    },
}
