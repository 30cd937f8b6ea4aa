//! Lives here: share partitions (KIP-932): what of a partition's records each share group has been given and is done
//! with, share sessions, and the share coordinator that keeps this in `__share_group_state`.
//! Never here: who is a member of a share group and which partitions it reads (that is `group/share/`).

mod acknowledge;
mod configs;
mod fetch;
mod in_flight;
mod partition;
pub mod records;
mod session;
mod state;
mod work;

use std::rc::Rc;

pub use acknowledge::{AcknowledgementBatch, Refusal, StateWrite};
pub use configs::{GROUP_CONFIGS, group_number, limits, validate_group_config};
pub use fetch::{acknowledge, disconnected, fetch, on_timer, progressed};
pub use in_flight::{AcknowledgeType, InFlight, InFlightBatch, Limits, RecordState};
pub use partition::{AcquiredRecords, ShareAcquireMode, SharePartition, StateBatch, Wish};
pub use session::ShareSession;
pub use state::{STATE_TOPIC, ShareGroupOffset, state_partition};
pub use work::ShareWork;

use super::group::ShareGroup;
use super::network::RequestRef;
use super::protocol::Request;
use crate::base::{ClientId, GroupId, MemberId, SimTime, SortedMap, TopicName, TopicPartition};

/// A share group's part of one partition.
pub type ShareKey = (GroupId, TopicPartition);

/// What coordinators of share groups keep. Kafka's read it back from their topics when they begin to lead; here whoever
/// leads has it at once.
#[derive(Clone, Hash, Debug, Default)]
pub struct ShareKept {
    pub groups: SortedMap<GroupId, Rc<ShareGroup>>,
    /// How far share partitions are, as `__share_group_state` has it.
    pub states: SortedMap<ShareKey, Rc<ShareGroupOffset>>,
}

/// What a broker that leads partitions has to do with share groups.
#[derive(Clone, Hash, Debug, Default)]
pub struct ShareBroker {
    /// Share sessions with it.
    pub sessions: SortedMap<(GroupId, MemberId), ShareSession>,
    /// Share partitions of the partitions that it leads.
    pub partitions: SortedMap<ShareKey, Rc<SharePartition>>,
    /// Share fetches that wait for something to give, the longest waiting first.
    pub parked: Vec<ParkedShareFetch>,
}

/// A share fetch whose acknowledgements are done and that waits for records.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ParkedShareFetch {
    pub from: RequestRef,
    pub request: Rc<Request>,
    /// The partitions of the session, in the order in which they are looked at.
    pub partitions: Vec<TopicPartition>,
    /// What became of the request's acknowledgements.
    pub acknowledged: Vec<(TopicPartition, Option<super::error::ErrorCode>)>,
    pub deadline: SimTime,
}

/// A change of what coordinators keep. `None` drops a thing.
#[derive(Debug)]
pub enum KeptChange {
    Group { group_id: GroupId, group: Option<Rc<ShareGroup>> },
    State { key: ShareKey, state: Option<Rc<ShareGroupOffset>> },
}

/// A change of a broker's share sessions and partitions. `None` drops a thing.
#[derive(Debug)]
pub enum ShareChange {
    Session {
        group_id: GroupId,
        member_id: MemberId,
        session: Option<ShareSession>,
    },
    /// Whoever waits for the partition may now get something.
    Partition {
        key: ShareKey,
        partition: Option<Rc<SharePartition>>,
    },
    Park(ParkedShareFetch),
    Unpark(RequestRef),
}

impl ShareChange {
    /// The partition that waiting fetches are to be looked at for.
    pub fn touches(&self) -> Option<TopicPartition> {
        match self {
            Self::Partition { key, .. } => Some(key.1.clone()),
            _ => None,
        }
    }
}

/// A timer of a broker's share partitions.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ShareTimer {
    /// A waiting share fetch is answered with what there is.
    FetchExpires { request: RequestRef },
    /// Locks may have timed out.
    Locks { key: ShareKey },
    /// A client's connection is gone, and with it its share sessions.
    Disconnected { client: ClientId },
    /// A member's session with its group may be over.
    Session { group_id: GroupId, member_id: MemberId },
    /// Share state is to be made for what a group has begun to read.
    Initialize { group_id: GroupId },
    /// A request that had to wait for `__share_group_state` is handled again.
    Again { from: RequestRef, request: Rc<Request> },
}

impl ShareBroker {
    /// Called by `apply` only.
    pub(super) fn apply(&mut self, change: ShareChange) {
        match change {
            ShareChange::Session { group_id, member_id, session } => put(&mut self.sessions, (group_id, member_id), session),
            ShareChange::Partition { key, partition } => put(&mut self.partitions, key, partition),
            ShareChange::Park(parked) => self.parked.push(parked),
            ShareChange::Unpark(request) => self.parked.retain(|parked| parked.from != request),
        }
    }

    /// A topic is gone, and its records with it. Called by `apply` only.
    pub(super) fn forget_topic(&mut self, topic: &TopicName) {
        self.partitions.retain(|(_, partition), _| partition.topic != *topic);
    }
}

impl ShareKept {
    /// Called by `apply` only.
    pub(super) fn apply(&mut self, change: KeptChange) {
        match change {
            KeptChange::Group { group_id, group } => put(&mut self.groups, group_id, group),
            KeptChange::State { key, state } => put(&mut self.states, key, state),
        }
    }

    /// A topic is gone. Called by `apply` only.
    pub(super) fn forget_topic(&mut self, topic: &TopicName) {
        self.states.retain(|(_, partition), _| partition.topic != *topic);
        for group in self.groups.values_mut() {
            if group.initialized.contains_key(topic) {
                Rc::make_mut(group).initialized.remove(topic);
            }
        }
    }
}

fn put<K: Ord, V>(map: &mut SortedMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    };
}
