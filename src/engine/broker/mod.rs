//! Lives here: what a broker is: its replicas, its followers and leaders, the groups it coordinates, the requests that wait.
//! Never here: what it does with a request (that is `partition/` and the coordinators): `node::apply` alone writes.

mod followers;
mod leader_epochs;
mod purgatory;
mod replica;

use std::rc::Rc;

pub use followers::{DelayedProduce, FetchSession, Fetcher, FollowerState, ReplicationChange, Told};
pub(in crate::engine) use followers::{apply, leave_roles, mark_dirty, take_role};
pub(in crate::engine) use purgatory::as_fetch;
pub use purgatory::{Delayed, ParkedFetch, Purgatory};
pub use replica::{Replica, SequenceCheck};

use crate::base::{BrokerId, GroupId, Offset, PartitionMap, SimTime, SortedMap, Span, TopicName, TopicPartition};
use crate::engine::configs::BrokerConfigs;
use crate::engine::group::{ConsumerGroup, Group, ShareGroup, StreamsGroup};
use crate::engine::metadata::Cluster;
use crate::engine::network::{Message, RequestRef};
use crate::engine::protocol::{CommittedOffset, ListedGroup, Response};
use crate::engine::share::{ShareBroker, StateAsk};

/// One broker: its replicas, the groups it coordinates, the fetches that wait.
#[derive(Clone, Hash, Debug)]
pub struct Broker {
    pub id: BrokerId,
    pub replicas: PartitionMap<Rc<Replica>>,
    /// Groups of the classic protocol.
    pub groups: SortedMap<GroupId, Rc<Group>>,
    /// Groups of the consumer protocol.
    pub consumer_groups: SortedMap<GroupId, Rc<ConsumerGroup>>,
    pub share_groups: SortedMap<GroupId, Rc<ShareGroup>>,
    /// Streams groups. A group id is in one of the four.
    pub streams_groups: SortedMap<GroupId, Rc<StreamsGroup>>,
    /// Committed offsets of each group, as replayed from this broker's partitions of `__consumer_offsets`.
    pub committed: SortedMap<GroupId, SortedMap<TopicPartition, CommittedOffset>>,
    /// Fetches that wait for `min_bytes` (the fetch purgatory).
    pub parked: Purgatory<ParkedFetch>,
    /// False while its process is down; what is on its disk stays.
    pub running: bool,
    /// Clients can connect: not before the controller has let it in (`enableRequestProcessing`).
    pub listening: bool,
    /// Its process has begun, and waits for the controller before it does anything.
    pub starting: bool,
    /// The process did not end in an orderly way, or the disk was wiped: the end of its logs is not to be trusted.
    pub unclean: bool,
    /// What it knows of the cluster while it hears nothing of changes; `None`: all there is.
    pub stale: Option<Rc<Cluster>>,
    /// Each write to its disk takes this much longer.
    pub slow_disk: Span,
    /// Produce requests with acks=all that wait for their replicas (the produce purgatory).
    pub delayed: Purgatory<DelayedProduce>,
    /// Leader epochs of the partitions of `__consumer_offsets` whose groups it coordinates.
    pub coordinates: SortedMap<i32, i32>,
    /// How many partitions of `__consumer_offsets` there were when it started; where there was no such topic, those that are
    /// set count (`GroupCoordinatorService.startup`).
    pub offsets_partitions: Option<i32>,
    /// What it has read of groups in partitions of `__consumer_offsets` that are not their home: they are listed, and no more.
    pub strays: SortedMap<i32, Vec<ListedGroup>>,
    /// The coordinator's answers that wait until what they stand on is committed, in order.
    pub held: SortedMap<TopicPartition, Vec<HeldAnswers>>,
    /// As follower: what it fetches, by leader.
    pub fetchers: SortedMap<BrokerId, Fetcher>,
    /// As leader: what it knows of each follower.
    pub sessions: SortedMap<BrokerId, FetchSession>,
    /// Its own requests that are not answered.
    pub asked: SortedMap<u32, Asked>,
    pub next_correlation: u32,
    /// Share sessions and partitions, and what it keeps as share coordinator (KIP-932).
    pub share: ShareBroker,
    /// Requests for the controller, which is out of reach: they are passed on when it is not.
    pub forwarded: Vec<Message>,
    /// Internal topics of streams groups that could not be made: what was wrong, and until when that is told.
    pub topic_errors: SortedMap<TopicName, (SimTime, Rc<str>)>,
    /// Producer ids that it may still give away: from the first to before the second (`ProducerIdManager`).
    pub producer_ids: (i64, i64),
}

/// What a broker has asked of another node.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Asked {
    Fetch(BrokerId),
    AlterPartition(TopicPartition),
    Heartbeat,
    /// A share coordinator, for its state.
    ShareState(Rc<StateAsk>),
    /// The leaders of partitions, for their ends; with the request that this is for.
    Ends(RequestRef),
    /// To make internal topics of a streams group. What goes wrong is told for so long.
    InternalTopics {
        topics: Rc<[TopicName]>,
        errors_kept: Span,
    },
}

impl Broker {
    pub fn new(id: BrokerId) -> Self {
        Self {
            id,
            replicas: PartitionMap::new(),
            groups: SortedMap::new(),
            consumer_groups: SortedMap::new(),
            share_groups: SortedMap::new(),
            streams_groups: SortedMap::new(),
            committed: SortedMap::new(),
            parked: Purgatory::default(),
            running: true,
            listening: true,
            starting: false,
            unclean: false,
            stale: None,
            slow_disk: Span::ZERO,
            delayed: Purgatory::default(),
            coordinates: SortedMap::new(),
            offsets_partitions: None,
            strays: SortedMap::new(),
            held: SortedMap::new(),
            fetchers: SortedMap::new(),
            sessions: SortedMap::new(),
            asked: SortedMap::new(),
            next_correlation: 0,
            share: ShareBroker::default(),
            forwarded: Vec::new(),
            topic_errors: SortedMap::new(),
            producer_ids: (0, 0),
        }
    }

    /// Into how many partitions of `__consumer_offsets` groups fall for it.
    pub(in crate::engine) fn group_homes(&self, configs: &BrokerConfigs) -> i32 {
        self.offsets_partitions.unwrap_or(configs.offsets_topic_num_partitions)
    }

    /// Does it hear of a change of the metadata at once?
    pub(in crate::engine) fn learns(&self) -> bool {
        self.running && self.stale.is_none()
    }

    pub(in crate::engine) fn replica_mut(&mut self, partition: &TopicPartition) -> Option<&mut Replica> {
        self.replicas.get_mut(partition).map(Rc::make_mut)
    }

    /// Requests that have come and are not answered yet.
    pub fn waiting_requests(&self) -> Vec<RequestRef> {
        let members = self.groups.values().flat_map(|group| group.members.values());
        let joins = members.flat_map(|member| member.awaiting_join.into_iter().chain(member.awaiting_sync));
        let followers = self.sessions.values().filter_map(|session| session.parked).map(|(request, _)| request);
        let shared =
            self.share.parked.iter().map(|parked| parked.from).chain(self.share.awaiting.iter().map(|awaiting| awaiting.to));
        let held = self.held.values().flatten().flat_map(|held| held.answers.iter().map(|(request, _)| *request));
        self.parked.keys().chain(self.delayed.keys()).copied().chain(joins).chain(followers).chain(held).chain(shared).collect()
    }

    /// The process is gone, and with it all that was not on disk.
    pub fn stop(&mut self, crash: bool) {
        self.running = false;
        self.listening = false;
        self.starting = false;
        self.unclean = crash;
        self.groups.clear();
        self.consumer_groups.clear();
        self.share_groups.clear();
        self.streams_groups.clear();
        self.committed.clear();
        self.parked.clear();
        self.delayed.clear();
        self.coordinates.clear();
        self.strays.clear();
        self.held.clear();
        self.fetchers.clear();
        self.sessions.clear();
        self.asked.clear();
        self.stale = None;
        self.share = ShareBroker::default();
        self.forwarded.clear();
        self.topic_errors.clear();
        self.producer_ids = (0, 0);
        for replica in self.replicas.values_mut() {
            let replica = Rc::make_mut(replica);
            replica.pending_isr = None;
            replica.leader_epoch = -1;
        }
    }

    pub fn replica(&self, partition: &TopicPartition) -> Option<&Replica> {
        self.replicas.get(partition).map(Rc::as_ref)
    }
}

/// Answers that go out when the high watermark has reached an offset.
#[derive(Clone, Hash, Debug)]
pub struct HeldAnswers {
    pub offset: Offset,
    pub answers: Vec<(RequestRef, Response)>,
}
