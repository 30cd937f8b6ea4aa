//! Lives here: who gets which partition: the assignors of the classic protocol, run by a group's leader
//! (`ConsumerPartitionAssignor`), and those that the coordinator runs itself (KIP-848).
//! Never here: the coordinator's state, and when an assignment takes effect.

mod general;
mod numbered;
mod problem;
pub mod range;
pub mod roundrobin;
pub mod simple;
pub mod sticky;
pub mod uniform;

use std::borrow::Cow;

use crate::base::{MemberId, SortedMap, SortedSet, TopicName, TopicPartition};
use crate::engine::protocol::JoinedMember;

/// The assignors of the coordinator; the first is its default (`group.consumer.assignors`).
pub const SERVER_ASSIGNORS: &[&str] = &[uniform::NAME, range::NAME];

/// What an assignor is told of a topic.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct AssignableTopic {
    pub partition_count: i32,
    /// For each partition the racks of its replicas; empty where racks play no part.
    pub replica_racks: Vec<Vec<String>>,
}

/// Partitions for each member, members without any included.
pub type Assignment = SortedMap<MemberId, Vec<TopicPartition>>;

/// Runs the assignor that the group has chosen. `None` for one that is not known here.
pub fn assign(name: &str, topics: &SortedMap<TopicName, AssignableTopic>, members: &[JoinedMember]) -> Option<Assignment> {
    match name {
        range::NAME => Some(range::assign(topics, members.iter().map(Member::joined))),
        roundrobin::NAME => Some(roundrobin::assign(topics, members)),
        sticky::NAME => Some(sticky::assign(topics, members)),
        sticky::COOPERATIVE_NAME => Some(sticky::assign_cooperative(topics, members)),
        _ => None,
    }
}

/// Does a member keep its partitions while it joins again (`RebalanceProtocol.COOPERATIVE`)? Only if each of its assignors
/// can do with that.
pub fn is_cooperative(names: &[String]) -> bool {
    names.iter().all(|name| name == sticky::COOPERATIVE_NAME)
}

/// A member as the coordinator's assignors see it.
pub struct TargetMember<'a> {
    pub member_id: MemberId,
    pub group_instance_id: Option<String>,
    pub topics: &'a SortedSet<TopicName>,
    /// Its target assignment until now.
    pub previous: &'a [TopicPartition],
}

/// Partitions for each member, members without any included; borrowed where they are the ones of before.
pub type TargetAssignment<'a> = SortedMap<MemberId, Cow<'a, [TopicPartition]>>;

/// Runs an assignor of the coordinator, for members in order of their ids. `None` for one that is not known.
pub fn assign_target<'a>(
    name: &str,
    topics: &SortedMap<TopicName, AssignableTopic>,
    members: &[TargetMember<'a>],
) -> Option<TargetAssignment<'a>> {
    match name {
        uniform::NAME => Some(uniform::assign(topics, members)),
        // `org.apache.kafka.coordinator.group.assignor.RangeAssignor` does as that of the client.
        range::NAME => {
            let assignment = range::assign(topics, members.iter().map(Member::target));
            Some(assignment.into_iter().map(|(member_id, partitions)| (member_id, partitions.into())).collect())
        }
        _ => None,
    }
}

/// A member as the range and the round-robin assignor see it.
struct Member<'a> {
    member_id: &'a MemberId,
    group_instance_id: Option<&'a str>,
    topics: &'a [TopicName],
    rack: Option<&'a str>,
}

impl<'a> Member<'a> {
    fn joined(member: &'a JoinedMember) -> Self {
        let subscription = &member.subscription;
        let (topics, rack) = (subscription.topics.as_slice(), subscription.rack_id.as_deref());
        Self { member_id: &member.member_id, group_instance_id: member.group_instance_id.as_deref(), topics, rack }
    }

    /// The coordinator's assignors know no racks.
    fn target(member: &'a TargetMember<'_>) -> Self {
        let (topics, rack) = (member.topics.as_slice(), None);
        Self { member_id: &member.member_id, group_instance_id: member.group_instance_id.as_deref(), topics, rack }
    }
}

/// Static members first, by group.instance.id, then the others by member id (`AbstractPartitionAssignor.MemberInfo`).
fn in_assignor_order<'a>(members: impl Iterator<Item = Member<'a>>) -> Vec<Member<'a>> {
    let mut ordered: Vec<Member<'a>> = members.collect();
    let key = |member: &Member<'a>| (member.group_instance_id.is_none(), member.group_instance_id, member.member_id);
    ordered.sort_by(|one, other| key(one).cmp(&key(other)));
    ordered
}
