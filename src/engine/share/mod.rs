//! Lives here: share partitions (KIP-932): what of a partition's records each share group has been given and is done
//! with, share sessions, and what a share coordinator keeps of that in `__share_group_state`.
//! Never here: what a request does to them (that is `share_partition/` and `share_coordinator/`), and who is in a share group.

mod acknowledge;
mod awaiting;
mod in_flight;
mod partition;
pub mod records;
mod session;
mod state;

use std::rc::Rc;

pub use acknowledge::Refusal;
pub use awaiting::{Awaiting, StateAsk, Then};
pub use in_flight::{InFlight, InFlightBatch, Limits};
pub use partition::{SharePartition, Wish};
pub use session::ShareSession;
pub(in crate::engine) use state::{UNINITIALIZED, combine};

use crate::base::{ClientId, GroupId, MemberId, Offset, SimTime, SortedMap, TopicName, TopicPartition};
use crate::engine::network::RequestRef;
use crate::engine::protocol::{ErrorCode, Request, ShareGroupOffset, StateResult};

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
    /// Requests that wait for the answers of share coordinators and leaders, in order.
    pub awaiting: Vec<Awaiting>,
}

/// A share fetch whose acknowledgements are done and that waits for records.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ParkedShareFetch {
    pub from: RequestRef,
    pub request: Rc<Request>,
    /// The partitions of the session, in the order in which they are looked at.
    pub partitions: Vec<TopicPartition>,
    /// What became of the request's acknowledgements.
    pub acknowledged: Vec<(TopicPartition, Option<ErrorCode>)>,
    /// How many share coordinators have not answered yet that were told of them.
    pub left: u32,
    /// What was acknowledged may be lost.
    pub is_lost: bool,
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
    Await(Awaiting),
    /// A share coordinator or a leader has answered, in part or (`is_done`) all that it was asked, for a request that waits.
    Answered {
        to: RequestRef,
        is_done: bool,
        states: Vec<(ShareKey, StateResult)>,
        ends: Vec<(TopicPartition, Offset)>,
    },
    /// A request that waited goes on.
    Released(RequestRef),
}

impl ShareChange {
    /// Partitions that are to be looked at after it: fetches may wait for one.
    pub fn touches(&self) -> Vec<TopicPartition> {
        match self {
            Self::Partition { key, .. } => vec![key.1.clone()],
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
    /// A share coordinator that could not be reached is looked for again.
    AskAgain(Rc<StateAsk>),
}

impl ShareBroker {
    /// Called by `apply` only.
    pub(in crate::engine) fn apply(&mut self, change: ShareChange) {
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
            ShareChange::Await(awaiting) => self.awaiting.push(awaiting),
            ShareChange::Answered { to, is_done, states, ends } => self.take_answer(to, is_done, states, ends),
            ShareChange::Released(request) => self.awaiting.retain(|awaiting| awaiting.to != request),
        }
    }

    fn take_answer(
        &mut self,
        to: RequestRef,
        is_done: bool,
        states: Vec<(ShareKey, StateResult)>,
        ends: Vec<(TopicPartition, Offset)>,
    ) {
        let count = u32::from(is_done);
        if let Some(parked) = self.parked.iter_mut().find(|parked| parked.from == to) {
            parked.left = parked.left.saturating_sub(count);
            parked.is_lost |= states.iter().any(|(_, result)| result.is_err());
        } else if let Some(awaiting) = self.awaiting.iter_mut().find(|awaiting| awaiting.to == to) {
            awaiting.left = awaiting.left.saturating_sub(count);
            awaiting.states.extend(states);
            awaiting.ends.extend(ends);
        }
    }

    /// A topic is gone, and its records with it. Called by `apply` only.
    pub(in crate::engine) fn forget_topic(&mut self, topic: &TopicName) {
        self.partitions.retain(|(_, partition), _| partition.topic != *topic);
        for kept in self.keeps.values_mut() {
            kept.states.retain(|(_, partition), _| partition.topic != *topic);
        }
    }
}

fn put<K: Ord, V>(map: &mut SortedMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    };
}

/// What a partition of `__share_group_state` says, to the broker that leads it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Kept {
    pub leader_epoch: i32,
    /// How far share partitions are.
    pub states: SortedMap<ShareKey, Rc<ShareGroupOffset>>,
}
