//! Lives here: share groups (KIP-932) as their coordinator keeps them: members, epochs, who reads which partitions, and
//! where a group begins to read.
//! Never here: which member holds which record (that is `engine/share/`).
//!
//! | request ↓ state → | no group | Empty | Stable |
//! | --- | --- | --- | --- |
//! | heartbeat, epoch 0 | the group is made, joined → Stable | joined → Stable | joined, or joined again → Stable |
//! | heartbeat of a member, its epoch or the one before | `GROUP_ID_NOT_FOUND` | `UNKNOWN_MEMBER_ID` | its epoch now → Stable |
//! | heartbeat of a member, another epoch | `GROUP_ID_NOT_FOUND` | `UNKNOWN_MEMBER_ID` | `FENCED_MEMBER_EPOCH` → Stable |
//! | heartbeat of a stranger, another epoch than 0 | `GROUP_ID_NOT_FOUND` | `UNKNOWN_MEMBER_ID` | `UNKNOWN_MEMBER_ID` → Stable |
//! | leave (epoch -1) of a member | `GROUP_ID_NOT_FOUND` | `UNKNOWN_MEMBER_ID` | gone → Stable, or Empty after the last |
//! | leave of a stranger | `GROUP_ID_NOT_FOUND` | `UNKNOWN_MEMBER_ID` | `UNKNOWN_MEMBER_ID` → Stable |
//! | a member's session times out | – | – | gone → Stable, or Empty after the last |
//! | describe | `GROUP_ID_NOT_FOUND` | described | described |
//! | describe offsets | none | described | described |
//! | alter offsets | the group is made → Empty | done → Empty | `NON_EMPTY_GROUP` → Stable |
//! | delete offsets | `GROUP_ID_NOT_FOUND` | done → Empty | `NON_EMPTY_GROUP` → Stable |
//! | delete group | `GROUP_ID_NOT_FOUND` | gone | `NON_EMPTY_GROUP` → Stable |
//!
//! Where the id is a classic group's, heartbeats and altering get `GROUP_ID_NOT_FOUND`; a classic member that wants to
//! join a share group gets `INCONSISTENT_GROUP_PROTOCOL`.

mod heartbeat;
pub(super) mod loading;
mod offsets;
pub(super) mod records;
mod requests;

use std::hash::{Hash, Hasher};

use crate::base::{GroupId, MemberId, SimTime, SortedMap, SortedSet, TopicId, TopicName, TopicPartition, WorldHasher};
use crate::engine::broker::{Broker, Outcome};
use crate::engine::network::RequestRef;
use crate::engine::node::NodeContext;
use crate::engine::protocol::{ErrorCode, Request};
use crate::engine::share::{Awaiting, ShareTimer, Then};

pub(super) use requests::{delete, listed, state_to_delete};

/// A share group (`ShareGroup`).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShareGroup {
    /// Grows with each change of members, of what they read and of the topics' partitions.
    pub group_epoch: i32,
    /// The group epoch that the target assignment was made for.
    pub assignment_epoch: i32,
    pub assigned_at: Option<SimTime>,
    pub members: SortedMap<MemberId, ShareMember>,
    /// Who is to read what.
    pub target: SortedMap<MemberId, Vec<TopicPartition>>,
    /// The topics read, as they were when they were last looked at.
    pub metadata: Vec<(TopicName, TopicId, i32)>,
    /// The same as one number, as the records have it.
    metadata_hash: i64,
    /// Partitions whose share state is being made, since when.
    pub initializing: SortedMap<TopicName, (Vec<i32>, SimTime)>,
    /// Partitions whose share state is there: these can be assigned.
    pub initialized: SortedMap<TopicName, Vec<i32>>,
}

/// A member of a share group (`ShareGroupMember`).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShareMember {
    /// The group epoch whose assignment the member has.
    pub member_epoch: i32,
    pub previous_epoch: i32,
    pub client_id: String,
    pub client_host: String,
    pub rack_id: Option<String>,
    pub topics: SortedSet<TopicName>,
    pub assignment: Vec<TopicPartition>,
    /// When the member is given up unless it is heard of before.
    pub session_deadline: SimTime,
    /// When the coordinator looks at that next.
    session_timer_at: SimTime,
}

/// The topics as one number. Kafka's is XXH3; this one changes when that would.
fn hash_of(metadata: &[(TopicName, TopicId, i32)]) -> i64 {
    if metadata.is_empty() {
        return 0;
    }
    let mut hasher = WorldHasher::default();
    metadata.hash(&mut hasher);
    hasher.finish() as i64
}

impl ShareMember {
    fn new(client_id: String, client_host: String, now: SimTime) -> Self {
        Self {
            member_epoch: 0,
            previous_epoch: -1,
            client_id,
            client_host,
            rack_id: None,
            topics: SortedSet::new(),
            assignment: Vec::new(),
            session_deadline: now,
            session_timer_at: now,
        }
    }

    /// It has time until then to be heard of, and is looked at then.
    fn watch(&mut self, deadline: SimTime) {
        self.session_deadline = deadline;
        self.session_timer_at = deadline;
    }
}

impl ShareGroup {
    pub(super) fn new() -> Self {
        Self {
            group_epoch: 1,
            assignment_epoch: 0,
            assigned_at: None,
            members: SortedMap::new(),
            target: SortedMap::new(),
            metadata: Vec::new(),
            metadata_hash: 0,
            initializing: SortedMap::new(),
            initialized: SortedMap::new(),
        }
    }

    fn set_metadata(&mut self, metadata: Vec<(TopicName, TopicId, i32)>) {
        self.metadata_hash = hash_of(&metadata);
        self.metadata = metadata;
    }

    /// A topic is gone. Called by `apply` only.
    pub(in crate::engine) fn forget_topic(&mut self, topic: &TopicName) {
        self.initialized.remove(topic);
    }

    pub fn state(&self) -> ShareGroupState {
        if self.members.is_empty() { ShareGroupState::Empty } else { ShareGroupState::Stable }
    }
}

/// `ShareGroupState`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShareGroupState {
    Empty,
    Stable,
}

impl ShareGroupState {
    /// As Kafka's tools write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Stable => "Stable",
        }
    }
}

pub(super) fn handle(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &Request) -> Outcome {
    match request {
        Request::ShareGroupHeartbeat(heartbeat) => heartbeat::heartbeat(cx, broker, from, heartbeat),
        Request::ShareGroupDescribe(describe) => requests::describe(cx, broker, from, describe),
        Request::DescribeShareGroupOffsets(describe) => offsets::describe(cx, broker, from, describe),
        Request::AlterShareGroupOffsets(alter) => offsets::alter(cx, broker, from, alter),
        Request::DeleteShareGroupOffsets(delete) => offsets::delete(cx, broker, from, delete),
        _ => Outcome::default(),
    }
}

/// Share coordinators and leaders have answered all that was asked for this.
pub fn on_state(cx: &NodeContext<'_>, broker: &Broker, awaiting: &Awaiting, then: &Then) -> Outcome {
    match then {
        Then::Initialized { group_id, starts } => heartbeat::initialized(cx, broker, group_id, starts, &awaiting.states),
        Then::DescribeOffsets => offsets::described(awaiting),
        Then::DeleteGroups(request) => super::requests::delete_with_state(cx, broker, awaiting.to, request, &awaiting.states),
        Then::Answer(response) => Outcome::answer(awaiting.to, response.clone()),
    }
}

/// Handles a timer of share groups.
pub fn on_timer(cx: &NodeContext<'_>, broker: &Broker, timer: ShareTimer) -> Outcome {
    match timer {
        ShareTimer::Session { group_id, member_id } => heartbeat::session_due(cx, broker, &group_id, &member_id),
        ShareTimer::Initialize { group_id, starts } => heartbeat::initialize(cx, broker, group_id, starts),
        _ => Outcome::default(),
    }
}

/// What is wrong, in the broker's words.
type Refused = (ErrorCode, String);

fn not_found(words: String) -> Refused {
    (ErrorCode::GroupIdNotFound, words)
}

/// A copy of the group to change; `Ok(None)` where there is none by that id.
fn find(broker: &Broker, group_id: &GroupId) -> Result<Option<ShareGroup>, Refused> {
    match broker.share_groups.get(group_id) {
        Some(group) => Ok(Some(group.as_ref().clone())),
        None if broker.groups.contains_key(group_id) || broker.consumer_groups.contains_key(group_id) => {
            Err(not_found(format!("Group {group_id} is not a share group.")))
        }
        None => Ok(None),
    }
}
