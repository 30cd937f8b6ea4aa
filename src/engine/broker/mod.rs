//! Lives here: what a broker does with a request: produce, fetch, list offsets, delete records; its replicas.
//! Never here: topics as a whole (that is `controller/`), groups (`group/`), and any direct change of state: a handler
//! reads its context and its own state, returns an `Outcome`; `apply` alone writes.

mod apply;
mod describe;
mod fetch;
mod produce;
mod purgatory;
pub mod replica;
pub mod replication;

use std::rc::Rc;

pub use apply::apply;
pub(super) use fetch::led;
pub use purgatory::Purgatory;
pub use replica::Replica;
pub use replication::{DelayedProduce, FetchSession, Fetcher, FollowerState, ReplicationChange};

use super::controller;
use super::group::loading::Loaded;
use super::group::{self, ConsumerGroup, Group, GroupTimer, ShareGroup};
use super::log::Batch;
use super::network::{Message, RequestRef};
use super::node::NodeContext;
use super::protocol::{CommittedOffset, FetchRequest, Recipient, Request, Response};
use super::share::{self, ShareBroker, ShareChange, ShareTimer, StateAsk};
use super::trace::TraceEvent;
use crate::base::{BrokerId, GroupId, MemberId, Offset, PartitionMap, SimTime, SortedMap, Span, TopicPartition};
use crate::engine::metadata::{Cluster, RegistrationChange, TopicChange};

/// One broker: its replicas, the groups it coordinates, the fetches that wait.
#[derive(Clone, Hash, Debug)]
pub struct Broker {
    pub id: BrokerId,
    pub replicas: PartitionMap<Rc<Replica>>,
    /// Groups of the classic protocol.
    pub groups: SortedMap<GroupId, Rc<Group>>,
    /// Groups of the consumer protocol.
    pub consumer_groups: SortedMap<GroupId, Rc<ConsumerGroup>>,
    /// Share groups. A group id is in one of the three.
    pub share_groups: SortedMap<GroupId, Rc<ShareGroup>>,
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
}

#[derive(Clone, Hash, Debug)]
pub struct ParkedFetch {
    pub request: Rc<Request>,
    pub deadline: SimTime,
}

impl Broker {
    pub fn new(id: BrokerId) -> Self {
        Self {
            id,
            replicas: PartitionMap::new(),
            groups: SortedMap::new(),
            consumer_groups: SortedMap::new(),
            share_groups: SortedMap::new(),
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
            held: SortedMap::new(),
            fetchers: SortedMap::new(),
            sessions: SortedMap::new(),
            asked: SortedMap::new(),
            next_correlation: 0,
            share: ShareBroker::default(),
            forwarded: Vec::new(),
            producer_ids: (0, 0),
        }
    }

    /// Does it hear of a change of the metadata at once?
    pub(in crate::engine) fn learns(&self) -> bool {
        self.running && self.stale.is_none()
    }

    fn replica_mut(&mut self, partition: &TopicPartition) -> Option<&mut Replica> {
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
        self.committed.clear();
        self.parked.clear();
        self.delayed.clear();
        self.coordinates.clear();
        self.held.clear();
        self.fetchers.clear();
        self.sessions.clear();
        self.asked.clear();
        self.stale = None;
        self.share = ShareBroker::default();
        self.forwarded.clear();
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

/// A timer of a broker.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum BrokerTimer {
    FetchExpires {
        request: RequestRef,
    },
    Group {
        group: GroupId,
        timer: GroupTimer,
    },
    /// A coordinator looks for offsets and groups that have had their time. `epoch` is its leader epoch when that was set.
    OffsetsExpiration {
        partition: i32,
        epoch: i32,
    },
    /// A follower's fetch has waited long enough.
    ReplicaFetchExpires {
        follower: BrokerId,
        request: RequestRef,
    },
    /// A produce with acks=all has waited for its timeout.
    ProduceExpires {
        request: RequestRef,
    },
    /// replica.fetch.backoff.ms is over.
    FetchBackoff {
        leader: BrokerId,
    },
    /// Looks for followers that lag, every half replica.lag.time.max.ms.
    IsrExpiration,
    /// It hears of the cluster's metadata again.
    MetadataArrives,
    /// The controllers vote.
    QuorumElection,
    /// The next heartbeat to the controller.
    Heartbeat,
    /// Of the controller: a broker may have been silent for broker.session.timeout.ms.
    BrokerSession {
        broker: BrokerId,
    },
    /// Of the controller: gives leadership back to preferred replicas.
    RebalanceLeaders,
    Share(ShareTimer),
    /// Of the controller: elects leaders where records may be lost rather than wait.
    ElectUnclean,
}

/// What a handler returns: changes to apply, answers to send, timers to set, and what to note in the trace.
#[derive(Debug, Default)]
pub struct Outcome {
    pub changes: Vec<Change>,
    pub responses: Vec<(RequestRef, Response)>,
    pub timers: Vec<(SimTime, BrokerTimer)>,
    pub trace: Vec<TraceEvent>,
    /// Requests to other nodes.
    pub requests: Vec<(BrokerId, Request, Asked)>,
    /// Partitions that have to be looked at again, whether they have changed or not.
    pub touched: Vec<TopicPartition>,
    /// The fetchers have something to do.
    pub wakes: bool,
}

impl Outcome {
    pub fn answer(to: RequestRef, response: Response) -> Self {
        Self { responses: vec![(to, response)], ..Self::default() }
    }

    /// Takes all of another outcome in.
    pub fn merge(&mut self, mut other: Self) {
        self.changes.append(&mut other.changes);
        self.responses.append(&mut other.responses);
        self.timers.append(&mut other.timers);
        self.trace.append(&mut other.trace);
        self.requests.append(&mut other.requests);
        self.touched.append(&mut other.touched);
        self.wakes |= other.wakes;
    }

    pub(super) fn replication(&mut self, broker: &Broker, change: ReplicationChange) {
        self.changes.push(Change::Replication { broker: broker.id, change });
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
    /// The same for a group of the consumer protocol.
    ConsumerGroup {
        broker: BrokerId,
        group_id: GroupId,
        group: Option<Rc<ConsumerGroup>>,
    },
    /// The same for a share group.
    ShareGroup {
        broker: BrokerId,
        group_id: GroupId,
        group: Option<Rc<ShareGroup>>,
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
    /// Puts the settings of a broker in place of what was there.
    BrokerConfigured {
        broker: BrokerId,
        configs: SortedMap<String, String>,
    },
    /// A broker has given the next of its producer ids away; where it had none, it took a block first.
    ProducerIdGiven {
        broker: BrokerId,
    },
    Replication {
        broker: BrokerId,
        change: ReplicationChange,
    },
    /// The broker knows of all of the cluster's metadata, and takes its roles by it.
    HearsAll {
        broker: BrokerId,
    },
    /// Who is registered, fenced, heard of.
    Registration(RegistrationChange),
    /// A correlation of the broker's own.
    Asks {
        broker: BrokerId,
        asked: Asked,
    },
    Answered {
        broker: BrokerId,
        correlation: u32,
    },
    /// What the broker coordinates of a partition of `__consumer_offsets`, in place of what it did: nothing, or what the
    /// log says at the beginning of a leader epoch.
    Coordinates {
        broker: BrokerId,
        partition: i32,
        /// How many there are, which says whose home it is.
        partitions: i32,
        loaded: Option<(i32, Loaded)>,
    },
    /// Answers that wait for the high watermark of a partition of `__consumer_offsets`.
    Hold {
        broker: BrokerId,
        partition: TopicPartition,
        held: HeldAnswers,
    },
    /// The first so many of them have gone.
    Release {
        broker: BrokerId,
        partition: TopicPartition,
        count: usize,
    },
    /// Share sessions or partitions, or what a share coordinator keeps.
    Share {
        broker: BrokerId,
        change: ShareChange,
    },
    /// Puts a group's own settings in place of those it had.
    GroupConfigs {
        group_id: GroupId,
        configs: SortedMap<String, String>,
    },
}

/// A request has arrived.
pub fn handle(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &Rc<Request>) -> Outcome {
    match request.as_ref() {
        Request::Produce(produce) => produce::produce(cx, broker, from, produce),
        Request::Fetch(_) => fetch::fetch(cx, broker, from, request),
        Request::ListOffsets(list) => fetch::list_offsets(cx, broker, from, list),
        Request::ApiVersions => Outcome::answer(from, Response::ApiVersions),
        Request::OffsetsForLeaderEpoch(asked) => fetch::epoch_ends(cx, broker, from, asked),
        Request::DeleteRecords(delete) => fetch::delete_records(cx, broker, from, delete),
        Request::DescribeLogDirs(_) | Request::DescribeCluster | Request::DescribeQuorum => {
            describe::handle(cx, broker, from, request)
        }
        Request::ReplicaFetch(fetch) => replication::fetch(cx, broker, from, fetch),
        Request::ShareFetch(_) => share::fetch(cx, broker, from, request),
        Request::ShareAcknowledge(acknowledge) => share::acknowledge(cx, broker, from, acknowledge),
        Request::ShareGroupState(asked) => share::coordinator::handle(cx, broker, from, asked),
        _ => match request.recipient() {
            Recipient::Coordinator(_) | Recipient::Coordinators(_) | Recipient::AllBrokers => {
                group::handle(cx, broker, from, request)
            }
            // The controller is another node: a broker does not answer.
            Recipient::ActiveController => Outcome::default(),
            _ => controller::handle(cx, broker, from, request),
        },
    }
}

pub fn on_timer(cx: &NodeContext<'_>, broker: &Broker, timer: BrokerTimer) -> Outcome {
    match timer {
        BrokerTimer::FetchExpires { request } => fetch::expired(cx, broker, request),
        BrokerTimer::Group { group, timer } => group::on_timer(cx, broker, group, timer),
        BrokerTimer::OffsetsExpiration { partition, epoch } => group::expiry::look(cx, broker, partition, epoch),
        BrokerTimer::ReplicaFetchExpires { follower, request } => replication::expired(cx, broker, follower, request),
        BrokerTimer::ProduceExpires { request } => replication::produce_expired(cx, broker, request),
        BrokerTimer::FetchBackoff { leader } => replication::backoff_over(broker, leader),
        BrokerTimer::IsrExpiration => replication::shrink(cx, broker),
        BrokerTimer::Heartbeat => heartbeat(cx),
        BrokerTimer::BrokerSession { .. }
        | BrokerTimer::RebalanceLeaders
        | BrokerTimer::ElectUnclean
        | BrokerTimer::QuorumElection
        | BrokerTimer::MetadataArrives => Outcome::default(),
        BrokerTimer::Share(timer) => share::on_timer(cx, broker, timer),
    }
}

/// Tells the controller that this broker lives.
fn heartbeat(cx: &NodeContext<'_>) -> Outcome {
    let interval = cx.configs.broker_heartbeat_interval.max(Span::from_ms(1));
    let controller = cx.metadata.quorum.leader;
    Outcome {
        requests: controller.map(|controller| (controller, Request::BrokerHeartbeat, Asked::Heartbeat)).into_iter().collect(),
        timers: vec![(cx.now + interval, BrokerTimer::Heartbeat)],
        ..Outcome::default()
    }
}

/// A request of the broker's own is answered; or not, and never will be.
pub fn on_response(cx: &NodeContext<'_>, broker: &Broker, correlation: u32, response: Option<&Response>) -> Outcome {
    let Some(asked) = broker.asked.get(&correlation) else { return Outcome::default() };
    let mut outcome = match (asked, response) {
        (Asked::Fetch(leader), Some(Response::ReplicaFetch(response))) => replication::answered(cx, broker, *leader, response),
        (Asked::Fetch(leader), _) => replication::lost(cx, broker, *leader),
        (Asked::AlterPartition(partition), _) => replication::isr_answered(broker, partition),
        (Asked::Heartbeat, _) => Outcome::default(),
        (Asked::ShareState(ask), Some(Response::ShareGroupState(response))) => {
            share::persister::answered(cx, broker, ask, Some(response))
        }
        (Asked::ShareState(ask), _) => share::persister::answered(cx, broker, ask, None),
        (Asked::Ends(request), Some(Response::ListOffsets(response))) => {
            share::persister::ends_answered(broker, *request, Some(response))
        }
        (Asked::Ends(request), _) => share::persister::ends_answered(broker, *request, None),
    };
    outcome.changes.push(Change::Answered { broker: broker.id, correlation });
    outcome
}

/// These partitions have changed: what waited for them may go on now.
pub fn on_progress(cx: &NodeContext<'_>, broker: &Broker, partitions: &[TopicPartition]) -> Outcome {
    let mut outcome = replication::progressed(cx, broker, partitions);
    group::loading::on_progress(cx, broker, partitions, &mut outcome);
    share::on_progress(cx, broker, partitions, &mut outcome);
    if let Some(fetches) = fetch::progressed(cx, broker, partitions) {
        outcome.merge(fetches);
    }
    if let Some(shared) = share::progressed(cx, broker, partitions) {
        outcome.merge(shared);
    }
    outcome
}

/// Appends a batch that the broker itself writes (a coordinator's), as the leader of the partition. `None` if it does
/// not lead it.
pub fn append_own(cx: &NodeContext<'_>, broker: &Broker, partition: &TopicPartition, batch: Batch) -> Option<Outcome> {
    produce::append(cx, broker, partition, &Rc::new(batch), None)
}

pub(super) fn as_fetch(request: &Request) -> Option<&FetchRequest> {
    match request {
        Request::Fetch(fetch) => Some(fetch),
        _ => None,
    }
}
