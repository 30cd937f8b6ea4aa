//! Lives here: what a group is: of the classic and the consumer protocol, share groups and streams groups; the records of
//! `__consumer_offsets` that they are kept in, assignors.
//! Never here: what a request does to a group (that is `group_coordinator/`), and the consumer (`client/`).

pub mod assignors;
mod classic;
mod consumer;
pub mod consumer_records;
pub mod records;
mod share;
pub mod share_records;
pub mod streams;
mod topics;

use std::rc::Rc;

pub use classic::{Group, GroupState, Member};
pub use consumer::{
    ClassicMember, ConsumerGroup, ConsumerGroupState, ConsumerMember, MemberTimers, ReconciliationState, ResolvedRegex,
};
pub use share::{ShareGroup, ShareGroupState, ShareMember};
pub use streams::{StreamsGroup, StreamsGroupState};
pub use topics::{TopicMetadata, Topics, group_hash};

use crate::base::{GroupId, MemberId, SortedMap, TopicPartition};
use crate::engine::protocol::{CommittedOffset, ListedGroup};

/// A timer of a group. One that no longer stands for a deadline of the group does nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum GroupTimer {
    Join,
    Sync,
    Session {
        member: MemberId,
    },
    PendingMember {
        member: MemberId,
    },
    /// Consumer protocol and streams groups: partitions or tasks were not given up in time.
    Revocation {
        member: MemberId,
    },
    /// Consumer protocol: a classic member has not joined again in time, or has not asked for its assignment.
    ClassicJoin {
        member: MemberId,
    },
    ClassicSync {
        member: MemberId,
    },
    /// Consumer protocol: the group's regular expressions are resolved.
    Regex,
    /// Streams groups: the first assignment has waited for members long enough.
    InitialRebalance,
}

/// What a partition of `__consumer_offsets` says.
#[derive(Clone, Hash, Debug, Default)]
pub struct Loaded {
    pub groups: SortedMap<GroupId, Rc<Group>>,
    pub consumer_groups: SortedMap<GroupId, Rc<ConsumerGroup>>,
    pub share_groups: SortedMap<GroupId, Rc<ShareGroup>>,
    pub streams_groups: SortedMap<GroupId, Rc<StreamsGroup>>,
    pub committed: SortedMap<GroupId, SortedMap<TopicPartition, CommittedOffset>>,
    /// Groups that have their home elsewhere.
    pub strays: Vec<ListedGroup>,
}
