//! A group of the classic protocol, as its coordinator keeps it.

use std::rc::Rc;

use crate::base::{MemberId, SimTime, SortedMap, Span, TopicName, TopicPartition};
use crate::engine::network::RequestRef;
use crate::engine::protocol::Subscription;

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
    pub(in crate::engine) initial_delay_left: Option<Span>,
    pub(in crate::engine) new_member_added: bool,
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
    pub(in crate::engine) session_timer_at: SimTime,
    /// Has not been through a rebalance yet.
    pub(in crate::engine) is_new: bool,
    /// A JoinGroup that waits for its answer.
    pub awaiting_join: Option<RequestRef>,
    /// A SyncGroup that waits for its answer.
    pub awaiting_sync: Option<RequestRef>,
    /// Has not asked for this generation's assignment yet.
    pub(in crate::engine) pending_sync: bool,
}

impl Member {
    /// What the member told about itself for this assignor.
    pub fn subscription(&self, protocol: &str) -> Option<&Rc<Subscription>> {
        self.protocols.iter().find(|(name, _)| name == protocol).map(|(_, subscription)| subscription)
    }
}

impl Group {
    pub(in crate::engine) fn new(now: SimTime) -> Self {
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
