//! Lives here: what a broker does with a request: produce, fetch, list offsets, delete records; its replicas.
//! Never here: topics as a whole (that is `controller/`), groups (`group/`), and any direct change of state: a handler
//! reads the world and returns an `Outcome`; `apply` alone writes.

mod apply;
mod describe;
mod fetch;
mod produce;
pub mod replica;

use std::rc::Rc;

pub use apply::apply;
pub use replica::Replica;

use super::controller::{self, TopicChange};
use super::group::{self, Group, GroupTimer};
use super::log::Batch;
use super::network::RequestRef;
use super::protocol::{CommittedOffset, FetchRequest, Request, Response};
use super::trace::TraceEvent;
use super::world::World;
use crate::base::{BrokerId, GroupId, MemberId, Offset, SimTime, SortedMap, TopicPartition};

/// One broker: its replicas, the groups it coordinates, the fetches that wait.
#[derive(Clone, Hash, Debug)]
pub struct Broker {
    pub id: BrokerId,
    pub replicas: SortedMap<TopicPartition, Rc<Replica>>,
    pub groups: SortedMap<GroupId, Rc<Group>>,
    /// Committed offsets of each group, as replayed from this broker's partitions of `__consumer_offsets`.
    pub committed: SortedMap<GroupId, SortedMap<TopicPartition, CommittedOffset>>,
    /// Fetches that wait for `min_bytes` (the fetch purgatory).
    pub parked: SortedMap<RequestRef, ParkedFetch>,
}

#[derive(Clone, Hash, Debug)]
pub struct ParkedFetch {
    pub request: Rc<Request>,
    pub deadline: SimTime,
}

impl Broker {
    pub fn new(id: BrokerId) -> Self {
        Self { id, replicas: SortedMap::new(), groups: SortedMap::new(), committed: SortedMap::new(), parked: SortedMap::new() }
    }

    pub fn replica(&self, partition: &TopicPartition) -> Option<&Replica> {
        self.replicas.get(partition).map(Rc::as_ref)
    }
}

/// A timer of a broker.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BrokerTimer {
    FetchExpires { request: RequestRef },
    Group { group: GroupId, timer: GroupTimer },
}

/// What a handler returns: changes to apply, answers to send, timers to set, and what to note in the trace.
#[derive(Debug, Default)]
pub struct Outcome {
    pub changes: Vec<Change>,
    pub responses: Vec<(RequestRef, Response)>,
    pub timers: Vec<(SimTime, BrokerTimer)>,
    pub trace: Vec<TraceEvent>,
}

impl Outcome {
    pub fn answer(to: RequestRef, response: Response) -> Self {
        Self { responses: vec![(to, response)], ..Self::default() }
    }
}

/// A change to a broker's or the cluster's state.
#[derive(Debug)]
pub enum Change {
    /// Writes a batch, its offsets already set, to a replica.
    Append {
        broker: BrokerId,
        partition: TopicPartition,
        batch: Rc<Batch>,
    },
    HighWatermark {
        broker: BrokerId,
        partition: TopicPartition,
        high_watermark: Offset,
    },
    LogStart {
        broker: BrokerId,
        partition: TopicPartition,
        log_start_offset: Offset,
    },
    ParkFetch {
        broker: BrokerId,
        request: RequestRef,
        parked: ParkedFetch,
    },
    UnparkFetch {
        broker: BrokerId,
        request: RequestRef,
    },
    /// Puts a group in place of what was there; `None` drops it.
    Group {
        broker: BrokerId,
        group_id: GroupId,
        group: Option<Rc<Group>>,
    },
    /// A member gave a sign of life: its session begins anew.
    MemberHeard {
        broker: BrokerId,
        group_id: GroupId,
        member_id: MemberId,
    },
    /// Sets committed offsets (`None` drops one).
    Committed {
        broker: BrokerId,
        group_id: GroupId,
        offsets: Vec<(TopicPartition, Option<CommittedOffset>)>,
    },
    /// Drops all committed offsets of a group.
    ForgetCommitted {
        broker: BrokerId,
        group_id: GroupId,
    },
    Topic(TopicChange),
    ProducerIdGiven,
}

impl Change {
    /// The partition whose parked fetches may now be answered.
    pub fn touches(&self) -> Option<TopicPartition> {
        match self {
            Self::HighWatermark { partition, .. } => Some(partition.clone()),
            _ => None,
        }
    }
}

/// A request has arrived.
pub fn handle(world: &World, id: BrokerId, from: RequestRef, request: &Rc<Request>) -> Outcome {
    let Some(broker) = world.broker(id) else {
        return Outcome::default();
    };
    match request.as_ref() {
        Request::Produce(produce) => produce::produce(world, broker, from, produce),
        Request::Fetch(_) => fetch::fetch(world, broker, from, request),
        Request::ListOffsets(list) => fetch::list_offsets(world, broker, from, list),
        Request::DeleteRecords(delete) => fetch::delete_records(world, broker, from, delete),
        Request::DescribeLogDirs(_) | Request::DescribeCluster | Request::DescribeQuorum => {
            describe::handle(world, broker, from, request)
        }
        Request::Metadata(_)
        | Request::InitProducerId
        | Request::FindCoordinator(_)
        | Request::CreateTopics(_)
        | Request::DeleteTopics(_)
        | Request::CreatePartitions(_)
        | Request::AlterConfigs(_)
        | Request::DescribeConfigs(_) => controller::handle(world, id, from, request),
        Request::JoinGroup(_)
        | Request::SyncGroup(_)
        | Request::Heartbeat(_)
        | Request::LeaveGroup(_)
        | Request::OffsetCommit(_)
        | Request::OffsetFetch(_)
        | Request::ListGroups
        | Request::DescribeGroups(_)
        | Request::DeleteGroups(_)
        | Request::OffsetDelete(_) => group::handle(world, broker, from, request),
    }
}

pub fn on_timer(world: &World, id: BrokerId, timer: BrokerTimer) -> Outcome {
    let Some(broker) = world.broker(id) else {
        return Outcome::default();
    };
    match timer {
        BrokerTimer::FetchExpires { request } => fetch::expired(world, broker, request),
        BrokerTimer::Group { group, timer } => group::on_timer(world, broker, group, timer),
    }
}

/// High watermarks of these partitions have moved: fetches that waited for them may be answered now.
pub fn on_progress(world: &World, id: BrokerId, partitions: &[TopicPartition]) -> Option<Outcome> {
    fetch::progressed(world, world.broker(id)?, partitions)
}

/// Appends a batch that the broker itself writes (a coordinator's), as the leader of the partition. `None` if it does
/// not lead it.
pub fn append_own(world: &World, broker: &Broker, partition: &TopicPartition, batch: Batch) -> Option<Outcome> {
    produce::append(world, broker, partition, &Rc::new(batch), None)
}

pub(super) fn as_fetch(request: &Request) -> Option<&FetchRequest> {
    match request {
        Request::Fetch(fetch) => Some(fetch),
        _ => None,
    }
}
