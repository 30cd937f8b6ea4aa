//! Lives here: the group coordinator: groups of the classic and the consumer protocol and share groups, committed offsets,
//! the records that all are kept in, assignors.
//! Never here: the consumer (that is `client/`).

pub mod assignors;
mod classic;
pub mod consumer;
pub mod expiry;
pub mod loading;
mod offsets;
mod rebalance;
pub mod records;
mod requests;
mod share;
mod work;

use std::rc::Rc;

pub use consumer::{ConsumerGroup, ConsumerGroupState, ConsumerMember, ReconciliationState};
pub(in crate::engine) use share::records::difference as share_group_records;
pub use share::{ShareGroup, ShareGroupState, ShareMember, on_state as on_share_state, on_timer as on_share_timer};
pub(in crate::engine) use work::append;

use super::broker::{Broker, Outcome};
use super::coordinator;
use super::network::RequestRef;
use super::node::NodeContext;
use super::protocol::{Recipient, Request, Subscription};
use crate::base::{GroupId, MemberId, SimTime, SortedMap, Span, TopicName, TopicPartition};
use crate::engine::metadata::{OFFSETS_TOPIC, group_partition};
use crate::engine::protocol::ErrorCode;

/// `ClassicGroupState`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum GroupState {
    /// No members; offsets may be left.
    Empty,
    /// Waits for members to join.
    PreparingRebalance,
    /// Waits for the leader's assignment.
    CompletingRebalance,
    Stable,
    /// Being dropped.
    Dead,
}

impl GroupState {
    /// As Kafka's tools write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
            Self::Dead => "Dead",
        }
    }
}

/// A classic group, as its coordinator keeps it.
#[derive(Clone, Hash, Debug)]
pub struct Group {
    pub state: GroupState,
    pub state_since: SimTime,
    /// 0 before the first rebalance is over.
    pub generation_id: i32,
    /// `consumer`; empty for a group that only ever held offsets.
    pub protocol_type: String,
    /// The assignor chosen for this generation.
    pub protocol_name: Option<String>,
    pub leader: Option<MemberId>,
    pub members: SortedMap<MemberId, Member>,
    /// Ids that were given out with `MEMBER_ID_REQUIRED`, and when they are forgotten.
    pub pending_members: SortedMap<MemberId, SimTime>,
    /// group.instance.id and the member that has it.
    pub static_members: SortedMap<String, MemberId>,
    /// When those who have not joined by then are dropped.
    pub join_deadline: Option<SimTime>,
    /// When those who have not asked for their assignment by then are dropped.
    pub sync_deadline: Option<SimTime>,
    /// First rebalance of a group: how much longer it may still be held back for more members.
    initial_delay_left: Option<Span>,
    new_member_added: bool,
}

/// A member of a classic group (`ClassicGroupMember`).
#[derive(Clone, Hash, Debug)]
pub struct Member {
    pub member_id: MemberId,
    pub group_instance_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub session_timeout: Span,
    pub rebalance_timeout: Span,
    pub protocols: Vec<(String, Rc<Subscription>)>,
    pub assignment: Vec<TopicPartition>,
    /// When the member is given up unless it is heard of before.
    pub session_deadline: SimTime,
    session_timer_at: SimTime,
    /// Has not been through a rebalance yet.
    is_new: bool,
    /// A JoinGroup that waits for its answer.
    pub awaiting_join: Option<RequestRef>,
    /// A SyncGroup that waits for its answer.
    pub awaiting_sync: Option<RequestRef>,
    /// Has not asked for this generation's assignment yet.
    pending_sync: bool,
}

impl Member {
    /// What the member told about itself for this assignor.
    pub fn subscription(&self, protocol: &str) -> Option<&Rc<Subscription>> {
        self.protocols.iter().find(|(name, _)| name == protocol).map(|(_, subscription)| subscription)
    }
}

impl Group {
    fn new(now: SimTime) -> Self {
        Self {
            state: GroupState::Empty,
            state_since: now,
            generation_id: 0,
            protocol_type: String::new(),
            protocol_name: None,
            leader: None,
            members: SortedMap::new(),
            pending_members: SortedMap::new(),
            static_members: SortedMap::new(),
            join_deadline: None,
            sync_deadline: None,
            initial_delay_left: None,
            new_member_added: false,
        }
    }

    /// Does a member subscribe to the topic?
    pub fn subscribes_to(&self, topic: &TopicName) -> bool {
        self.members.values().any(|member| member.protocols.iter().any(|(_, subscription)| subscription.topics.contains(topic)))
    }

    /// Takes a member's session forward: it was heard of.
    pub(in crate::engine) fn heard_of(&mut self, member_id: &MemberId, now: SimTime) {
        if let Some(member) = self.members.get_mut(member_id) {
            member.session_deadline = now + member.session_timeout;
        }
    }
}

/// A timer of a group. One that no longer stands for a deadline of the group does nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum GroupTimer {
    Join,
    Sync,
    Session {
        member: MemberId,
    },
    PendingMember {
        member: MemberId,
    },
    /// Consumer protocol: partitions were not given up in time.
    Revocation {
        member: MemberId,
    },
    /// Consumer protocol: a classic member has not joined again in time, or has not asked for its assignment.
    ClassicJoin {
        member: MemberId,
    },
    ClassicSync {
        member: MemberId,
    },
    /// Consumer protocol: the group's regular expressions are resolved.
    Regex,
}

/// The group that a request is about, where it is about one.
fn group_of(request: &Request) -> Option<&GroupId> {
    match request.recipient() {
        Recipient::Coordinator(group_id) => Some(group_id),
        _ => None,
    }
}

/// The partition of `__consumer_offsets` that a group lives in, and whether this broker leads it.
fn home(cx: &NodeContext<'_>, broker: &Broker, group_id: &GroupId) -> Option<TopicPartition> {
    let topic = cx.metadata.topic(OFFSETS_TOPIC)?;
    let partition = group_partition(group_id, topic.partitions.len() as i32);
    (topic.partition(partition)?.leader == Some(broker.id)).then(|| TopicPartition::new(OFFSETS_TOPIC, partition))
}

pub fn handle(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &Rc<Request>) -> Outcome {
    let outcome = answer(cx, broker, from, request);
    coordinator::hold(cx, broker, group_of(request).and_then(|group| home(cx, broker, group)), outcome)
}

fn answer(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &Rc<Request>) -> Outcome {
    if let Some(group_id) = group_of(request) {
        let refused =
            if group_id.as_str().is_empty() && !matches!(request.as_ref(), Request::OffsetCommit(_) | Request::OffsetFetch(_)) {
                Some(ErrorCode::InvalidGroupId)
            } else if home(cx, broker, group_id).is_none() {
                Some(ErrorCode::NotCoordinator)
            } else {
                None
            };
        let refused = refused.or_else(|| share_group_refuses(broker, request, group_id));
        if let Some(error) = refused {
            return request.refused(error).map_or_else(Outcome::default, |response| Outcome::answer(from, response));
        }
    }
    // A group of the consumer protocol also takes in members of the classic one, as long as it is not empty.
    let is_modern = |group_id: &GroupId| broker.consumer_groups.get(group_id).is_some_and(|group| !group.members.is_empty());
    match request.as_ref() {
        Request::ConsumerGroupHeartbeat(heartbeat) => consumer::heartbeat(cx, broker, from, heartbeat),
        Request::ConsumerGroupDescribe(describe) => consumer::describe(cx, broker, from, describe),
        Request::SyncGroup(sync) if is_modern(&sync.group_id) => consumer::classic_sync(cx, broker, from, sync),
        Request::Heartbeat(heartbeat) if is_modern(&heartbeat.group_id) => consumer::classic_heartbeat(cx, broker, from, heartbeat),
        Request::LeaveGroup(leave) if is_modern(&leave.group_id) => consumer::classic_leave(cx, broker, from, leave),
        Request::JoinGroup(join) => classic::join(cx, broker, from, join),
        Request::SyncGroup(sync) => classic::sync(cx, broker, from, sync),
        Request::Heartbeat(heartbeat) => classic::heartbeat(broker, from, heartbeat),
        Request::LeaveGroup(leave) => classic::leave(cx, broker, from, leave),
        Request::OffsetCommit(commit) => offsets::commit(cx, broker, from, commit),
        Request::OffsetFetch(fetch) => offsets::fetch(broker, from, fetch),
        Request::OffsetDelete(delete) => offsets::delete(cx, broker, from, delete),
        Request::ListGroups => requests::list(broker, from),
        Request::DescribeGroups(describe) => requests::describe(cx, broker, from, describe),
        Request::DeleteGroups(_) => requests::delete(cx, broker, from, request),
        _ => share::handle(cx, broker, from, request),
    }
}

/// A share group has no members and no offsets of the classic kind.
fn share_group_refuses(broker: &Broker, request: &Request, group_id: &GroupId) -> Option<ErrorCode> {
    broker.share_groups.get(group_id)?;
    match request {
        Request::JoinGroup(_) => Some(ErrorCode::InconsistentGroupProtocol),
        Request::SyncGroup(_) | Request::Heartbeat(_) | Request::LeaveGroup(_) => Some(ErrorCode::UnknownMemberId),
        Request::OffsetCommit(_) | Request::OffsetFetch(_) | Request::OffsetDelete(_) => Some(ErrorCode::GroupIdNotFound),
        _ => None,
    }
}

pub fn on_timer(cx: &NodeContext<'_>, broker: &Broker, group_id: GroupId, timer: GroupTimer) -> Outcome {
    let home = home(cx, broker, &group_id);
    let outcome = match timer {
        timer if broker.consumer_groups.contains_key(&group_id) => consumer::on_timer(cx, broker, &group_id, &timer),
        timer => rebalance::on_timer(cx, broker, &group_id, timer),
    };
    coordinator::hold(cx, broker, home, outcome)
}
