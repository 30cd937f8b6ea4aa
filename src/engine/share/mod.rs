//! Lives here: share partitions (KIP-932): what of a partition's records each share group has been given and is done
//! with, share sessions, and the share coordinator that keeps this in `__share_group_state`.
//! Never here: who is a member of a share group and which partitions it reads (that is `group/share/`).

mod acknowledge;
mod fetch;
mod hold;
mod in_flight;
mod loading;
mod partition;
pub mod records;
mod session;
mod state;
mod work;

use std::rc::Rc;

pub use acknowledge::{AcknowledgementBatch, Refusal, StateWrite};
pub use fetch::{acknowledge, disconnected, fetch, on_timer, progressed};
pub use hold::{HeldShareAnswer, StateCommit};
pub use in_flight::{AcknowledgeType, InFlight, InFlightBatch, Limits, RecordState};
pub(super) use loading::load;
pub use loading::{Kept, on_progress};
pub use partition::{AcquiredRecords, ShareAcquireMode, SharePartition, StateBatch, Wish};
pub use session::ShareSession;
pub use state::{STATE_TOPIC, ShareGroupOffset, state_partition};
pub use work::{Keeper, ShareWork};

use super::network::RequestRef;
use super::protocol::Request;
use crate::base::{ClientId, GroupId, MemberId, Offset, SimTime, SortedMap, TopicName, TopicPartition};

/// A share group's part of one partition.
pub type ShareKey = (GroupId, TopicPartition);

/// What a broker that leads partitions has to do with share groups.
#[derive(Clone, Hash, Debug, Default)]
pub struct ShareBroker {
    /// Share sessions with it.
    pub sessions: SortedMap<(GroupId, MemberId), ShareSession>,
    /// Share partitions of the partitions that it leads.
    pub partitions: SortedMap<ShareKey, Rc<SharePartition>>,
    /// Share fetches that wait for something to give, the longest waiting first.
    pub parked: Vec<ParkedShareFetch>,
    /// As share coordinator: what it keeps, by partition of `__share_group_state`.
    pub keeps: SortedMap<i32, Kept>,
    /// Answers that wait until what they stand on is committed in `__share_group_state`, in order.
    pub held: Vec<HeldShareAnswer>,
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
    /// What was written for them.
    pub writes: Vec<StateCommit>,
    pub deadline: SimTime,
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
    /// What the broker keeps of a partition of `__share_group_state`, in place of what it did.
    Keeps {
        partition: i32,
        kept: Option<Kept>,
    },
    /// A share partition's state, in that partition.
    State {
        partition: i32,
        key: ShareKey,
        state: Option<Rc<ShareGroupOffset>>,
    },
    Hold(HeldShareAnswer),
    /// An answer that waited has gone.
    Released(RequestRef),
}

impl ShareChange {
    /// Partitions that are to be looked at after it: fetches may wait for one, or an answer for what is committed already.
    pub fn touches(&self) -> Vec<TopicPartition> {
        match self {
            Self::Partition { key, .. } => vec![key.1.clone()],
            Self::Hold(held) => held.writes.iter().map(|write| write.home.clone()).collect(),
            _ => Vec::new(),
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
    /// Share state is to be made for what a group has begun to read, with these starts.
    Initialize { group_id: GroupId, starts: Vec<(TopicPartition, Offset)> },
    /// A request that had to wait for a share coordinator is handled again; it has waited so often.
    Again { from: RequestRef, request: Rc<Request>, tries: u32 },
}

impl ShareBroker {
    /// Called by `apply` only.
    pub(super) fn apply(&mut self, change: ShareChange) {
        match change {
            ShareChange::Session { group_id, member_id, session } => put(&mut self.sessions, (group_id, member_id), session),
            ShareChange::Partition { key, partition } => put(&mut self.partitions, key, partition),
            ShareChange::Park(parked) => self.parked.push(parked),
            ShareChange::Unpark(request) => self.parked.retain(|parked| parked.from != request),
            ShareChange::Keeps { partition, kept } => put(&mut self.keeps, partition, kept),
            ShareChange::State { partition, key, state } => {
                if let Some(kept) = self.keeps.get_mut(&partition) {
                    put(&mut kept.states, key, state);
                }
            }
            ShareChange::Hold(held) => self.held.push(held),
            ShareChange::Released(request) => self.held.retain(|held| held.to != request),
        }
    }

    /// A topic is gone, and its records with it. Called by `apply` only.
    pub(super) fn forget_topic(&mut self, topic: &TopicName) {
        self.partitions.retain(|(_, partition), _| partition.topic != *topic);
        for kept in self.keeps.values_mut() {
            kept.states.retain(|(_, partition), _| partition.topic != *topic);
        }
    }

    /// Does an answer wait for this partition of `__share_group_state`?
    pub(super) fn awaits(&self, partition: &TopicPartition) -> bool {
        self.held.iter().flat_map(|held| &held.writes).any(|write| write.home == *partition)
    }
}

fn put<K: Ord, V>(map: &mut SortedMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    };
}
