//! What happened, in order: for animation, narration and tests. Nothing reads it to decide what happens next.

use std::rc::Rc;

use crate::base::{BrokerId, ClientId, GroupId, MemberId, Offset, ProgramId, SimTime, Span, TopicName, TopicPartition};
use crate::engine::network::{Host, LinkFault};
use crate::engine::protocol::ErrorCode;
use crate::engine::trace::{AnyGroupState, GoneReason, GroupReason, MemberStep, ShareStep};

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
