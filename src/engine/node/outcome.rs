//! What a handler returns: what is to change, to be answered, asked, timed and told.

use std::rc::Rc;

use crate::base::{BrokerId, GroupId, MemberId, Offset, SimTime, SortedMap, TopicName, TopicPartition};
use crate::engine::broker::{Asked, Broker, HeldAnswers, ParkedFetch, ReplicationChange};
use crate::engine::group::{ConsumerGroup, Group, GroupTimer, Loaded, ShareGroup, StreamsGroup};
use crate::engine::log::Batch;
use crate::engine::metadata::{RegistrationChange, TopicChange};
use crate::engine::network::RequestRef;
use crate::engine::protocol::{CommittedOffset, Request, Response};
use crate::engine::share::{ShareChange, ShareTimer};
use crate::engine::trace::TraceEvent;

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

    pub(in crate::engine) fn replication(&mut self, broker: &Broker, change: ReplicationChange) {
        self.changes.push(Change::Replication { broker: broker.id, change });
    }
}

/// A change to a broker's or the cluster's state. The large and rare ones are boxed: a busy cluster makes many small ones.
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
    /// The same for a streams group.
    StreamsGroup {
        broker: BrokerId,
        group_id: GroupId,
        group: Option<Rc<StreamsGroup>>,
    },
    /// What went wrong with internal topics of streams groups that were to be made, and until when that is told.
    TopicErrors {
        broker: BrokerId,
        errors: Vec<(TopicName, (SimTime, Rc<str>))>,
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
    Topic(Box<TopicChange>),
    /// Puts the settings of a broker, or of `EVERY_BROKER`, in place of what was there.
    BrokerConfigured {
        broker: BrokerId,
        configs: SortedMap<String, String>,
        /// No replica outside of an ISR is eligible any more.
        clears_elr: bool,
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
        loaded: Option<(i32, Box<Loaded>)>,
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
        change: Box<ShareChange>,
    },
    /// Puts a group's own settings in place of those it had.
    GroupConfigs {
        group_id: GroupId,
        configs: SortedMap<String, String>,
    },
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
    /// A topic that a client asked for is made.
    TopicAutoCreated {
        topic: TopicName,
    },
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
