//! What happened, in order: for animation, narration and tests. Nothing reads it to decide what happens next.

use std::rc::Rc;

use crate::base::{BrokerId, ClientId, GroupId, MemberId, Offset, ProgramId, SimTime, Span, TopicName, TopicPartition};
use crate::engine::group::{ConsumerGroupState, GroupState, ReconciliationState, ShareGroupState};
use crate::engine::network::{Host, LinkFault};
use crate::engine::protocol::ErrorCode;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TraceEntry {
    pub at: SimTime,
    /// The world's step in which it happened.
    pub step: u64,
    pub event: TraceEvent,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TraceEvent {
    RequestSent {
        client: ClientId,
        broker: BrokerId,
        name: &'static str,
        arrives: SimTime,
    },
    ResponseSent {
        client: ClientId,
        broker: BrokerId,
        arrives: SimTime,
    },
    TopicCreated {
        topic: TopicName,
        partitions: i32,
    },
    TopicDeleted {
        topic: TopicName,
    },
    PartitionsAdded {
        topic: TopicName,
        partitions: i32,
    },
    ConfigAltered {
        topic: TopicName,
    },
    /// A batch was written to a leader's log.
    Appended {
        topic_partition: TopicPartition,
        base_offset: Offset,
        record_count: i32,
        client: Option<ClientId>,
    },
    /// A batch was refused.
    ProduceRefused {
        topic_partition: TopicPartition,
        error: ErrorCode,
    },
    HighWatermark {
        topic_partition: TopicPartition,
        high_watermark: Offset,
    },
    RecordsDeleted {
        topic_partition: TopicPartition,
        log_start_offset: Offset,
    },
    /// A poll returned records to its program.
    Polled {
        client: ClientId,
        record_count: u32,
    },
    OffsetsCommitted {
        group: GroupId,
        offsets: Rc<[(TopicPartition, Offset)]>,
    },
    OffsetsReset {
        client: ClientId,
        topic_partition: TopicPartition,
        position: Offset,
    },
    /// A group's state or epoch changed.
    GroupState {
        group: GroupId,
        state: AnyGroupState,
        /// The classic generation; the group epoch of the other kinds.
        generation_id: i32,
        /// `None`: only the epoch changed, with nothing to say why.
        reason: Option<GroupReason>,
    },
    MemberJoined {
        group: GroupId,
        member: MemberId,
        /// The client that asked.
        by: Option<ClientId>,
    },
    MemberStep {
        group: GroupId,
        member: MemberId,
        step: MemberStep,
    },
    MemberGone {
        group: GroupId,
        member: MemberId,
        reason: GoneReason,
    },
    /// Something happened to records of a share partition. Offsets are inclusive.
    ShareRecords {
        group: GroupId,
        /// `None` when nobody asked for it.
        member: Option<MemberId>,
        topic_partition: TopicPartition,
        first_offset: Offset,
        last_offset: Offset,
        delivery_count: u16,
        what: ShareStep,
    },
    PartitionsAssigned {
        client: ClientId,
        partitions: Rc<[TopicPartition]>,
    },
    PartitionsRevoked {
        client: ClientId,
        partitions: Rc<[TopicPartition]>,
    },
    PartitionsLost {
        client: ClientId,
        partitions: Rc<[TopicPartition]>,
    },
    ProgramStarted {
        program: ProgramId,
        name: Rc<str>,
    },
    ProgramExited {
        program: ProgramId,
        name: Rc<str>,
        code: i32,
    },
    ProgramKilled {
        program: ProgramId,
        name: Rc<str>,
        /// Its clients, with the member ids of those that were in a group: the coordinator knows them for a while yet.
        clients: Rc<[(ClientId, Option<MemberId>)]>,
    },
    BrokerStarted {
        broker: BrokerId,
    },
    /// `crash`: without a word to the controller.
    BrokerStopped {
        broker: BrokerId,
        crash: bool,
    },
    /// The controller takes it for dead: it leads nothing and is in no ISR.
    BrokerFenced {
        broker: BrokerId,
    },
    BrokerUnfenced {
        broker: BrokerId,
    },
    ControllerStarted {
        controller: BrokerId,
    },
    /// `crash`: without a word to the others.
    ControllerStopped {
        controller: BrokerId,
        crash: bool,
    },
    /// The leader of the controllers is gone, and there is no other yet.
    ControllerLost,
    ControllerElected {
        controller: BrokerId,
        epoch: i32,
    },
    LeaderElected {
        topic_partition: TopicPartition,
        leader: Option<BrokerId>,
        leader_epoch: i32,
    },
    IsrChanged {
        topic_partition: TopicPartition,
        isr: Rc<[BrokerId]>,
    },
    BrokerFrozen {
        broker: BrokerId,
    },
    BrokerThawed {
        broker: BrokerId,
    },
    DiskWiped {
        broker: BrokerId,
    },
    /// Each write takes this much longer.
    DiskSlow {
        broker: BrokerId,
        slow: Span,
    },
    LinksChanged {
        ones: Rc<[Host]>,
        others: Rc<[Host]>,
        fault: LinkFault,
    },
    LinksMended,
    /// From now on the program takes so long for each record that it reads; zero: as it did before.
    ProgramSlow {
        program: ProgramId,
        per_record: Span,
    },
    /// A program's own words about what it just did, for the story.
    Said {
        program: ProgramId,
        text: Rc<str>,
    },
}

/// A group's state. Which of the three it is tells the group's kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnyGroupState {
    Classic(GroupState),
    Consumer(ConsumerGroupState),
    Share(ShareGroupState),
}

impl AnyGroupState {
    /// As Kafka's tools write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Classic(state) => state.name(),
            Self::Consumer(state) => state.name(),
            Self::Share(state) => state.name(),
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
    /// Consumer protocol: a static member has left for a while.
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
    /// Consumer protocol: a member's epoch, or what it is to own, has changed.
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
    /// Consumer protocol: it had to give partitions up.
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
