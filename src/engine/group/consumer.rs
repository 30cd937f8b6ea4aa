//! A group of the consumer protocol (KIP-848), as its coordinator keeps it.

use std::rc::Rc;

use super::topics::Topics;
use crate::base::{MemberId, SimTime, SortedMap, SortedSet, Span, TopicName, TopicPartition};
use crate::engine::protocol::Subscription;

/// Group and assignment epoch of a new group.
const FIRST_EPOCH: i32 = 1;

/// A group of the consumer protocol (`ConsumerGroup`).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ConsumerGroup {
    pub group_epoch: i32,
    /// The group epoch that `target` was computed for.
    pub assignment_epoch: i32,
    /// When that was; `None` for a group without members.
    pub assigned_at: Option<SimTime>,
    /// Topics subscribed to, as they were when the group last looked, and the same as a number for the records.
    pub topics: Topics,
    pub(in crate::engine) metadata_hash: i64,
    pub members: SortedMap<MemberId, Rc<ConsumerMember>>,
    /// group.instance.id and the member that has it.
    pub static_members: SortedMap<String, MemberId>,
    /// What each member is to own, sorted.
    pub target: SortedMap<MemberId, Rc<[TopicPartition]>>,
    /// Regular expressions of members, and the topics that match.
    pub regexes: SortedMap<String, ResolvedRegex>,
    /// Partitions that a member owns or has not given up yet, with its epoch.
    pub(in crate::engine) owned: SortedMap<TopicPartition, i32>,
    /// Its expressions are being resolved.
    pub(in crate::engine) regex_timer: bool,
}

/// `org.apache.kafka.coordinator.group.modern.MemberState`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReconciliationState {
    /// Owns what its epoch gives it.
    Stable,
    /// Has been told to give partitions up and has not said that it did.
    UnrevokedPartitions,
    /// Waits for partitions that others have not given up.
    UnreleasedPartitions,
}

impl ReconciliationState {
    /// As records have it.
    pub fn number(self) -> i8 {
        match self {
            Self::Stable => 0,
            Self::UnrevokedPartitions => 1,
            Self::UnreleasedPartitions => 2,
        }
    }

    pub fn of_number(number: i8) -> Self {
        match number {
            1 => Self::UnrevokedPartitions,
            2 => Self::UnreleasedPartitions,
            _ => Self::Stable,
        }
    }

    /// Kafka's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stable => "STABLE",
            Self::UnrevokedPartitions => "UNREVOKED_PARTITIONS",
            Self::UnreleasedPartitions => "UNRELEASED_PARTITIONS",
        }
    }
}

/// `ConsumerGroupState`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConsumerGroupState {
    Empty,
    /// The group epoch has grown, and there is no target assignment for it yet.
    Assigning,
    /// Members are on their way to their targets.
    Reconciling,
    Stable,
    /// Dropped.
    Dead,
}

impl ConsumerGroupState {
    /// As Kafka's tools write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Assigning => "Assigning",
            Self::Reconciling => "Reconciling",
            Self::Stable => "Stable",
            Self::Dead => "Dead",
        }
    }
}

/// A member of such a group (`ConsumerGroupMember`).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ConsumerMember {
    pub member_id: MemberId,
    pub instance_id: Option<String>,
    pub rack_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub rebalance_timeout: Span,
    pub subscribed_topics: SortedSet<TopicName>,
    /// Empty: none.
    pub subscribed_regex: String,
    pub server_assignor: Option<String>,
    pub state: ReconciliationState,
    /// -2 for a static member that is away.
    pub epoch: i32,
    pub previous_epoch: i32,
    /// What it may own, with the epoch since when.
    pub assigned: SortedMap<TopicPartition, i32>,
    /// What it has been told to give up.
    pub pending_revocation: SortedMap<TopicPartition, i32>,
    /// For a member that speaks the classic protocol.
    pub classic: Option<ClassicMember>,
    pub timers: MemberTimers,
}

/// What a member of the classic protocol has told about itself.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ClassicMember {
    pub session_timeout: Span,
    pub protocols: Vec<(String, Rc<Subscription>)>,
}

/// When a member is given up, unless what is waited for happens before.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct MemberTimers {
    pub session_timeout: Span,
    pub session_deadline: SimTime,
    pub(in crate::engine) session_timer_at: SimTime,
    /// Until when it has to give up partitions, and the epoch that it is then no longer to have.
    pub revocation: Option<(SimTime, i32)>,
    /// A classic member has to join again, and to ask for its assignment.
    pub join: Option<SimTime>,
    pub sync: Option<SimTime>,
}

impl ConsumerMember {
    pub(in crate::engine) fn new(member_id: MemberId) -> Self {
        Self {
            member_id,
            instance_id: None,
            rack_id: None,
            client_id: String::new(),
            client_host: String::new(),
            rebalance_timeout: Span::ZERO,
            subscribed_topics: SortedSet::new(),
            subscribed_regex: String::new(),
            server_assignor: None,
            state: ReconciliationState::Stable,
            epoch: 0,
            previous_epoch: -1,
            assigned: SortedMap::new(),
            pending_revocation: SortedMap::new(),
            classic: None,
            timers: MemberTimers::default(),
        }
    }

    /// Does it own what the assignment epoch gives it?
    pub fn is_reconciled_to(&self, assignment_epoch: i32) -> bool {
        self.state == ReconciliationState::Stable && self.epoch == assignment_epoch
    }

    /// All that it may still own.
    pub fn owned(&self) -> impl Iterator<Item = &TopicPartition> {
        self.assigned.keys().chain(self.pending_revocation.keys())
    }

    /// Is what it says about itself the same? Its place in the group does not count.
    pub(in crate::engine) fn tells_the_same(&self, other: &Self) -> bool {
        let told = |member: &Self| {
            let subscribed = (member.subscribed_topics.clone(), member.subscribed_regex.clone());
            let client = (member.client_id.clone(), member.client_host.clone(), member.rebalance_timeout);
            (member.instance_id.clone(), member.rack_id.clone(), client, subscribed, member.server_assignor.clone())
        };
        told(self) == told(other) && self.classic == other.classic
    }
}

impl ConsumerGroup {
    pub(in crate::engine) fn new() -> Self {
        Self {
            group_epoch: FIRST_EPOCH,
            assignment_epoch: FIRST_EPOCH,
            assigned_at: None,
            topics: SortedMap::new(),
            metadata_hash: 0,
            members: SortedMap::new(),
            static_members: SortedMap::new(),
            target: SortedMap::new(),
            regexes: SortedMap::new(),
            owned: SortedMap::new(),
            regex_timer: false,
        }
    }

    pub fn state(&self) -> ConsumerGroupState {
        if self.members.is_empty() {
            ConsumerGroupState::Empty
        } else if self.group_epoch > self.assignment_epoch {
            ConsumerGroupState::Assigning
        } else if self.members.values().all(|member| member.is_reconciled_to(self.assignment_epoch)) {
            ConsumerGroupState::Stable
        } else {
            ConsumerGroupState::Reconciling
        }
    }

    /// Does a member subscribe to the topic, by name or by expression?
    pub fn subscribes_to(&self, topic: &TopicName) -> bool {
        self.members.values().any(|member| member.subscribed_topics.contains(topic))
            || self.regexes.values().any(|resolved| resolved.topics.contains(topic))
    }

    /// What a member is to own.
    pub fn target_of(&self, member_id: &MemberId) -> &[TopicPartition] {
        self.target.get(member_id).map_or(&[], |target| target)
    }

    /// The topics that a member subscribes to, by name and by expression.
    pub(in crate::engine) fn topics_of(&self, member: &ConsumerMember) -> SortedSet<TopicName> {
        let resolved = self.regexes.get(&member.subscribed_regex).into_iter().flat_map(|resolved| resolved.topics.iter());
        member.subscribed_topics.iter().chain(resolved).cloned().collect()
    }

    /// The assignor that most members ask for (`computePreferredServerAssignor`).
    pub fn preferred_assignor(&self) -> Option<&'static str> {
        let votes = |name: &str| self.members.values().filter(|member| member.server_assignor.as_deref() == Some(name)).count();
        let best = super::assignors::SERVER_ASSIGNORS.iter().rev().max_by_key(|name| votes(name))?;
        (votes(best) > 0).then_some(*best)
    }

    pub(in crate::engine) fn is_owned(&self, partition: &TopicPartition) -> bool {
        self.owned.contains_key(partition)
    }

    /// Puts a member in place of what it was.
    pub(in crate::engine) fn put(&mut self, member: ConsumerMember) {
        if let Some(before) = self.members.get(&member.member_id).cloned() {
            self.disown(&before);
            if let Some(instance_id) = &before.instance_id {
                self.static_members.remove(instance_id);
            }
        }
        for partition in member.owned() {
            let known = self.owned.get_or_insert_with(partition.clone(), || member.epoch);
            *known = member.epoch.max(*known);
        }
        if let Some(instance_id) = &member.instance_id {
            self.static_members.insert(instance_id.clone(), member.member_id.clone());
        }
        self.members.insert(member.member_id.clone(), Rc::new(member));
    }

    pub(in crate::engine) fn remove(&mut self, member_id: &MemberId) -> Option<Rc<ConsumerMember>> {
        let member = self.members.remove(member_id)?;
        self.disown(&member);
        self.target.remove(member_id);
        if let Some(instance_id) = &member.instance_id
            && self.static_members.get(instance_id) == Some(member_id)
        {
            self.static_members.remove(instance_id);
        }
        Some(member)
    }

    /// What the member owned is free, unless someone else owns it in a later epoch.
    fn disown(&mut self, member: &ConsumerMember) {
        for partition in member.owned() {
            if self.owned.get(partition) == Some(&member.epoch) {
                self.owned.remove(partition);
            }
        }
    }

    /// Takes a member's session forward: it was heard of.
    pub(in crate::engine) fn heard_of(&mut self, member_id: &MemberId, now: SimTime) {
        if let Some(member) = self.members.get_mut(member_id) {
            let timers = &mut Rc::make_mut(member).timers;
            timers.session_deadline = now + timers.session_timeout;
        }
    }
}

/// The topics that an expression matches (`ResolvedRegularExpression`).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ResolvedRegex {
    pub topics: SortedSet<TopicName>,
    pub resolved_at: SimTime,
    /// What topics there were: changes with each that is made.
    pub(in crate::engine) topics_mark: u128,
}

impl ResolvedRegex {
    /// As a record has it. What topics there were is not known: all are looked at again when that is due.
    pub(in crate::engine) fn read(topics: SortedSet<TopicName>, resolved_at: SimTime) -> Self {
        Self { topics, resolved_at, topics_mark: 0 }
    }
}
