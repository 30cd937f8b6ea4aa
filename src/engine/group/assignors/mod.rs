//! Lives here: who gets which partition: the assignors of the classic protocol, run by a group's leader
//! (`ConsumerPartitionAssignor`), and those that the coordinator runs itself (KIP-848).
//! Never here: the coordinator's state, and when an assignment takes effect.

mod general;
mod problem;
pub mod range;
pub mod roundrobin;
pub mod simple;
pub mod sticky;
pub mod uniform;

use crate::base::{MemberId, SortedMap, SortedSet, TopicName, TopicPartition};
use crate::engine::protocol::{JoinedMember, Subscription};

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
        range::NAME => Some(range::assign(topics, members)),
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

/// Runs an assignor of the coordinator, for members in order of their ids. `None` for one that is not known.
pub fn assign_target(
    name: &str,
    topics: &SortedMap<TopicName, AssignableTopic>,
    members: &[TargetMember<'_>],
) -> Option<Assignment> {
    match name {
        uniform::NAME => Some(uniform::assign(topics, members)),
        range::NAME => {
            // `org.apache.kafka.coordinator.group.assignor.RangeAssignor` does as that of the client, and knows no racks.
            let joined = |member: &TargetMember<'_>| {
                let topics = member.topics.iter().cloned().collect();
                JoinedMember {
                    member_id: member.member_id.clone(),
                    group_instance_id: member.group_instance_id.clone(),
                    subscription: Subscription { topics, ..Subscription::default() }.into(),
                }
            };
            Some(range::assign(topics, &members.iter().map(joined).collect::<Vec<_>>()))
        }
        _ => None,
    }
}

/// Static members first, by group.instance.id, then the others by member id (`AbstractPartitionAssignor.MemberInfo`).
fn in_assignor_order(members: &[JoinedMember]) -> Vec<&JoinedMember> {
    let mut ordered: Vec<&JoinedMember> = members.iter().collect();
    let key = |member: &JoinedMember| {
        let instance_id = member.group_instance_id.clone();
        (instance_id.is_none(), instance_id, member.member_id.clone())
    };
    ordered.sort_by_cached_key(|member| key(member));
    ordered
}
