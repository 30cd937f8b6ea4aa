//! A share group (KIP-932), as its coordinator keeps it.

use super::topics::{Topics, group_hash};
use crate::base::{MemberId, SimTime, SortedMap, SortedSet, TopicName, TopicPartition};

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
    pub topics: Topics,
    /// The same as one number, as the records have it.
    pub(in crate::engine) metadata_hash: i64,
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
    pub(in crate::engine) session_timer_at: SimTime,
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

impl ShareMember {
    pub(in crate::engine) fn new(client_id: String, client_host: String, now: SimTime) -> Self {
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
    pub(in crate::engine) fn watch(&mut self, deadline: SimTime) {
        self.session_deadline = deadline;
        self.session_timer_at = deadline;
    }
}

impl ShareGroup {
    pub(in crate::engine) fn new() -> Self {
        Self {
            group_epoch: 1,
            assignment_epoch: 0,
            assigned_at: None,
            members: SortedMap::new(),
            target: SortedMap::new(),
            topics: Topics::new(),
            metadata_hash: 0,
            initializing: SortedMap::new(),
            initialized: SortedMap::new(),
        }
    }

    pub(in crate::engine) fn set_topics(&mut self, topics: Topics) {
        self.metadata_hash = group_hash(&topics);
        self.topics = topics;
    }

    /// A topic is gone. Called by `apply` only.
    pub(in crate::engine) fn forget_topic(&mut self, topic: &TopicName) {
        self.initialized.remove(topic);
    }

    pub fn state(&self) -> ShareGroupState {
        if self.members.is_empty() { ShareGroupState::Empty } else { ShareGroupState::Stable }
    }
}
