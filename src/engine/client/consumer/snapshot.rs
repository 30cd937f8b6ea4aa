//! What a group's leader makes its assignment of, and what of that is otherwise by now (`ConsumerCoordinator.MetadataSnapshot`,
//! `AbstractPartitionAssignor`).

use crate::base::{BrokerId, SortedMap, TopicName, sort};
use crate::engine::client::Metadata;
use crate::engine::client::common::metadata::ReplicaRacks;
use crate::engine::group::assignors::AssignableTopic;

/// The topics of the group as the leader knew them.
#[derive(Clone, Hash, Debug)]
pub(super) struct Snapshot {
    topics: SortedMap<TopicName, Topic>,
    /// `Metadata.version`
    version: u64,
}

#[derive(Clone, Hash, Debug)]
struct Topic {
    /// `None` where the topic is not known.
    partition_count: Option<i32>,
    /// Partition by partition; empty for a leader that has no rack itself.
    racks: Vec<ReplicaRacks>,
}

impl Snapshot {
    /// `with_racks`: the leader has a `client.rack`. Without one it takes no notice of replicas that move.
    pub fn take<'a>(metadata: &Metadata, topics: impl Iterator<Item = &'a TopicName>, with_racks: bool) -> Self {
        let topic = |name: &'a TopicName| {
            let racks = if with_racks { metadata.replica_racks(name.as_str()).collect() } else { Vec::new() };
            (name.clone(), Topic { partition_count: metadata.partition_count(name.as_str()), racks })
        };
        Self { topics: topics.map(topic).collect(), version: metadata.version }
    }

    /// For the assignors; topics that are not known are left out. `with_racks`: a member has a `client.rack`.
    pub fn assignable(&self, metadata: &Metadata, with_racks: bool) -> SortedMap<TopicName, AssignableTopic> {
        let topic = |(name, topic): (&TopicName, &Topic)| {
            let racks = metadata.replica_racks(name.as_str()).filter(|_| with_racks);
            let replica_racks = racks.map(|racks| names(&racks)).collect();
            Some((name.clone(), AssignableTopic { partition_count: topic.partition_count?, replica_racks }))
        };
        self.topics.iter().filter_map(topic).collect()
    }

    /// What has changed since then so that the group has to rebalance, in words.
    pub fn change(&self, metadata: &Metadata) -> Option<String> {
        if self.version == metadata.version {
            return None;
        }
        self.topics.iter().find_map(|(name, topic)| {
            let now = metadata.partition_count(name.as_str());
            if now != topic.partition_count {
                let (before, now) = (topic.partition_count.unwrap_or(0), now.unwrap_or(0));
                return Some(format!("topic {name} had {before} partitions and has {now}"));
            }
            let moved =
                topic.racks.iter().zip(metadata.replica_racks(name.as_str())).position(|(old, new)| !is_equivalent(old, &new));
            moved.map(|partition| format!("replicas of {name}-{partition} are in other racks"))
        })
    }
}

/// Each rack once.
fn names(racks: &ReplicaRacks) -> Vec<String> {
    let mut names: Vec<String> = racks.online.iter().map(|(_, rack)| rack.to_string()).collect();
    sort(&mut names);
    names.dedup();
    names
}

/// `PartitionRackInfo.equivalentTo`: a broker that goes down, or comes back, changes nothing.
fn is_equivalent(one: &ReplicaRacks, other: &ReplicaRacks) -> bool {
    let accounted_for = |these: &ReplicaRacks, those: &ReplicaRacks| {
        let has =
            |(broker, rack): &(BrokerId, _)| those.online.iter().any(|(_, other)| other == rack) || those.offline.contains(broker);
        these.online.iter().all(has)
    };
    accounted_for(one, other) && accounted_for(other, one)
}
