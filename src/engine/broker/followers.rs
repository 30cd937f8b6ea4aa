//! What a broker knows of its followers and of its leaders, and what changes it (`ReplicaState`, `ReplicaFetcherThread`).

use super::Broker;
use crate::base::{BrokerId, Offset, PartitionMap, PartitionSet, SimTime, TopicPartition};
use crate::engine::metadata::PartitionState;
use crate::engine::network::RequestRef;
use crate::engine::protocol::ProducePartition;

/// What a follower fetches from one leader.
#[derive(Clone, Hash, Debug, Default)]
pub struct Fetcher {
    pub partitions: PartitionSet,
    /// Positions that the leader has not been told of yet.
    pub changed: PartitionSet,
    pub forgotten: PartitionSet,
    pub in_flight: bool,
    /// The leader knows the session.
    pub established: bool,
    /// Not before the backoff is over.
    pub waits: bool,
}

/// What a leader knows of one follower.
#[derive(Clone, Hash, Debug, Default)]
pub struct FetchSession {
    pub partitions: PartitionMap<FollowerState>,
    /// Partitions that the follower has not been told all about.
    pub dirty: PartitionSet,
    pub last_fetch: SimTime,
    /// The follower's registration at its last fetch.
    pub replica_epoch: i64,
    pub parked: Option<(RequestRef, SimTime)>,
}

/// How far a follower is in one partition (`ReplicaState`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FollowerState {
    pub log_end_offset: Offset,
    /// When it last had all that the leader had. Holds while it lags; one that does not lag was in sync at its last fetch.
    pub caught_up_at: SimTime,
    pub fetched_at: SimTime,
    pub leader_end_at_fetch: Offset,
    pub told_high_watermark: Offset,
}

/// A produce with acks=all that waits for its replicas.
#[derive(Clone, Hash, Debug)]
pub struct DelayedProduce {
    pub partitions: Vec<ProducePartition>,
    /// For each partition without an error: what the high watermark must reach.
    pub required: Vec<Option<Offset>>,
}

/// A follower was told a partition's high watermark, and all records or not.
#[derive(Debug)]
pub struct Told {
    pub partition: TopicPartition,
    pub high_watermark: Offset,
    pub all: bool,
}

#[derive(Debug)]
pub enum ReplicationChange {
    /// A follower's fetch has arrived.
    Fetched {
        replica_epoch: i64,
        follower: BrokerId,
        full: bool,
        positions: Vec<(TopicPartition, Offset)>,
        forgotten: Vec<TopicPartition>,
    },
    Told {
        follower: BrokerId,
        told: Vec<Told>,
    },
    Parked {
        follower: BrokerId,
        parked: Option<(RequestRef, SimTime)>,
    },
    /// The fetcher's request has left.
    Asked {
        leader: BrokerId,
    },
    /// The fetcher's request is answered.
    Answered {
        leader: BrokerId,
        established: bool,
        waits: bool,
    },
    /// The leader has to be told of these.
    Moved {
        leader: BrokerId,
        partitions: Vec<TopicPartition>,
    },
    Truncate {
        partition: TopicPartition,
        offset: Offset,
    },
    Restart {
        partition: TopicPartition,
        offset: Offset,
    },
    PendingIsr {
        partition: TopicPartition,
        isr: Option<Vec<BrokerId>>,
    },
    Delay {
        request: RequestRef,
        delayed: Option<DelayedProduce>,
    },
}

pub(in crate::engine) fn apply(broker: &mut Broker, now: SimTime, change: ReplicationChange) {
    match change {
        ReplicationChange::Fetched { follower, replica_epoch, full, positions, forgotten } => {
            let replicas = &broker.replicas;
            let session = broker.sessions.get_or_default(follower);
            if full {
                *session = FetchSession::default();
            }
            for partition in forgotten {
                session.partitions.remove(&partition);
                session.dirty.remove(&partition);
            }
            for (partition, offset) in positions {
                let end = replicas.get(&partition).map_or(Offset::ZERO, |replica| replica.log.log_end_offset());
                let state = session.partitions.get_or_insert_with(&partition, || FollowerState {
                    log_end_offset: offset,
                    caught_up_at: SimTime::ZERO,
                    fetched_at: SimTime::ZERO,
                    leader_end_at_fetch: Offset(i64::MAX),
                    told_high_watermark: Offset(-1),
                });
                if offset >= end {
                    state.caught_up_at = now;
                } else if offset >= state.leader_end_at_fetch {
                    state.caught_up_at = state.caught_up_at.max(state.fetched_at);
                }
                (state.log_end_offset, state.fetched_at, state.leader_end_at_fetch) = (offset, now, end);
                session.dirty.insert(&partition);
            }
            (session.last_fetch, session.replica_epoch) = (now, replica_epoch);
        }
        ReplicationChange::Told { follower, told } => {
            let Some(session) = broker.sessions.get_mut(&follower) else { return };
            for Told { partition, high_watermark, all } in told {
                if let Some(state) = session.partitions.get_mut(&partition) {
                    state.told_high_watermark = high_watermark;
                }
                if all {
                    session.dirty.remove(&partition);
                }
            }
        }
        ReplicationChange::Parked { follower, parked } => {
            broker.sessions.get_or_default(follower).parked = parked;
        }
        ReplicationChange::Asked { leader } => {
            let fetcher = broker.fetchers.get_or_default(leader);
            fetcher.in_flight = true;
            fetcher.changed.clear();
            fetcher.forgotten.clear();
        }
        ReplicationChange::Answered { leader, established, waits } => {
            let fetcher = broker.fetchers.get_or_default(leader);
            (fetcher.in_flight, fetcher.established, fetcher.waits) = (false, established, waits);
        }
        ReplicationChange::Moved { leader, partitions } => {
            if let Some(fetcher) = broker.fetchers.get_mut(&leader) {
                for partition in partitions {
                    if fetcher.partitions.contains(&partition) {
                        fetcher.changed.insert(&partition);
                    }
                }
            }
        }
        ReplicationChange::Truncate { partition, offset } => {
            if let Some(replica) = broker.replica_mut(&partition) {
                replica.truncate_to(offset);
            }
        }
        ReplicationChange::Restart { partition, offset } => {
            if let Some(replica) = broker.replica_mut(&partition) {
                replica.log.restart_at(offset, now);
                replica.truncate_to(offset);
                replica.high_watermark = offset;
            }
        }
        ReplicationChange::PendingIsr { partition, isr } => {
            if let Some(replica) = broker.replica_mut(&partition) {
                replica.pending_isr = isr;
            }
        }
        ReplicationChange::Delay { request, delayed } => match delayed {
            Some(delayed) => broker.delayed.insert(request, delayed),
            None => broker.delayed.remove(&request),
        },
    }
}

/// A leader's log or high watermark has changed: its followers have something to be told.
pub(in crate::engine) fn mark_dirty(broker: &mut Broker, partition: &TopicPartition, replicas: &[BrokerId], end_before: Offset) {
    for follower in replicas {
        let Some(session) = broker.sessions.get_mut(follower) else { continue };
        if let Some(state) = session.partitions.get_mut(partition) {
            if state.log_end_offset >= end_before {
                state.caught_up_at = state.caught_up_at.max(session.last_fetch);
            }
            session.dirty.insert(partition);
        }
    }
}

/// Makes a replica what the metadata says that it is: leader or follower of an epoch (`Partition.makeLeader`, `makeFollower`).
pub(in crate::engine) fn take_role(broker: &mut Broker, partition: &TopicPartition, state: &PartitionState) {
    let me = broker.id;
    let Some(replica) = broker.replica_mut(partition) else { return };
    if replica.leader_epoch == state.leader_epoch {
        return;
    }
    replica.leader_epoch = state.leader_epoch;
    replica.pending_isr = None;
    let leads = state.leader == Some(me);
    if leads {
        let end = replica.log.log_end_offset();
        replica.epochs.begin(state.leader_epoch, end);
    }
    leave_roles(broker, partition);
    if let (Some(leader), false) = (state.leader, leads) {
        let fetcher = broker.fetchers.get_or_default(leader);
        fetcher.partitions.insert(partition);
        fetcher.changed.insert(partition);
        fetcher.forgotten.remove(partition);
    }
}

/// Neither fetched nor served to followers any more.
pub(in crate::engine) fn leave_roles(broker: &mut Broker, partition: &TopicPartition) {
    for fetcher in broker.fetchers.values_mut() {
        if fetcher.partitions.remove(partition) {
            fetcher.changed.remove(partition);
            fetcher.forgotten.insert(partition);
        }
    }
    for session in broker.sessions.values_mut() {
        session.partitions.remove(partition);
        session.dirty.remove(partition);
    }
}
