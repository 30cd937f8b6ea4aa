//! A share group as the records of `__consumer_offsets` say it is (`GroupMetadataManager.replay`, `onLoaded`): read when a
//! coordinator begins. The sessions of its members begin anew.

use std::rc::Rc;

use super::heartbeat;
use crate::base::{GroupId, SimTime, SortedMap, Timestamp, TopicName, TopicPartition};
use crate::engine::group::records::{self, Names};
use crate::engine::group::{ShareGroup, ShareMember, group_hash};
use crate::engine::node::{BrokerTimer, NodeContext, Outcome};
use crate::engine::share::ShareTimer;
use crate::engine::wire::{MemberKey, OffsetsRecord, TopicPartitions, TopicPartitionsInfo};

/// The groups read so far.
pub type Groups = SortedMap<GroupId, Rc<ShareGroup>>;

/// Takes a record in; one of another kind of group is passed over.
pub fn replay(groups: &mut Groups, names: &Names, record: &OffsetsRecord, now: SimTime) {
    use OffsetsRecord::*;
    match record {
        ShareGroupMetadata(key, None) => {
            groups.remove(&key.group_id);
        }
        ShareGroupMetadata(key, Some(value)) => {
            let group = group(groups, &key.group_id);
            (group.group_epoch, group.metadata_hash) = (value.epoch, value.metadata_hash);
        }
        ShareGroupTargetAssignmentMetadata(key, Some(value)) => {
            let group = group(groups, &key.group_id);
            group.assignment_epoch = value.assignment_epoch;
            let at = Some(value.assignment_timestamp).filter(|at| *at != Timestamp::default());
            group.assigned_at = at.map(SimTime::from_timestamp);
        }
        ShareGroupTargetAssignmentMember(key, Some(value)) => {
            let target = partitions(&value.topic_partitions, names);
            group(groups, &key.group_id).target.insert(key.member_id.clone(), target);
        }
        ShareGroupStatePartitionMetadata(key, Some(value)) => {
            let group = group(groups, &key.group_id);
            let initializing = topics(&value.initializing_topics, names);
            group.initializing = initializing.into_iter().map(|(topic, partitions)| (topic, (partitions, now))).collect();
            group.initialized = topics(&value.initialized_topics, names);
        }
        ShareGroupMemberMetadata(key, Some(value)) => {
            let member = member(groups, key, now);
            member.rack_id = value.rack_id.clone();
            member.client_id = value.client_id.clone();
            member.client_host = value.client_host.clone();
            member.topics = value.subscribed_topic_names.iter().cloned().collect();
        }
        ShareGroupCurrentMemberAssignment(key, Some(value)) => {
            let member = member(groups, key, now);
            (member.member_epoch, member.previous_epoch) = (value.member_epoch, value.previous_member_epoch);
            member.assignment = partitions(&value.assigned_partitions, names);
        }
        ShareGroupMemberMetadata(key, None) => {
            groups.get_mut(&key.group_id).map(|group| Rc::make_mut(group).members.remove(&key.member_id));
        }
        ShareGroupTargetAssignmentMember(key, None) => {
            groups.get_mut(&key.group_id).map(|group| Rc::make_mut(group).target.remove(&key.member_id));
        }
        _ => {}
    }
}

fn group<'g>(groups: &'g mut Groups, group_id: &GroupId) -> &'g mut ShareGroup {
    Rc::make_mut(groups.get_or_insert_with(group_id.clone(), || Rc::new(ShareGroup::new())))
}

fn member<'g>(groups: &'g mut Groups, key: &MemberKey, now: SimTime) -> &'g mut ShareMember {
    let new = || ShareMember::new(String::new(), String::new(), now);
    group(groups, &key.group_id).members.get_or_insert_with(key.member_id.clone(), new)
}

/// A topic that is gone is left out, also where another has its name now.
fn topics(topics: &[TopicPartitionsInfo], names: &Names) -> SortedMap<TopicName, Vec<i32>> {
    topics.iter().filter_map(|topic| Some((names.get(&topic.topic_id)?.clone(), topic.partitions.clone()))).collect()
}

fn partitions(topics: &[TopicPartitions], names: &Names) -> Vec<TopicPartition> {
    records::partitions(topics, names).into_iter().map(|(partition, _)| partition).collect()
}

/// All has been read: the topics as they are now, if they are still those of the records, and a whole session for each
/// member.
pub fn begin(cx: &NodeContext<'_>, group_id: &GroupId, group: &mut ShareGroup, outcome: &mut Outcome) {
    let topics = heartbeat::topics(cx.metadata, group);
    if group_hash(&topics) == group.metadata_hash {
        group.topics = topics;
    }
    let deadline = cx.now + cx.group_configs(group_id).share_session_timeout;
    for (member_id, member) in group.members.iter_mut() {
        member.watch(deadline);
        let timer = ShareTimer::Session { group_id: group_id.clone(), member_id: member_id.clone() };
        outcome.timers.push((deadline, BrokerTimer::Share(timer)));
    }
}

#[cfg(test)]
mod tests {
    // A test may panic: that is how it fails.
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::base::{BrokerId, Prng};
    use crate::engine::group::share_records::difference;
    use crate::engine::metadata::{Cluster, TopicChange};
    use crate::engine::wire::Record;

    fn cluster() -> Cluster {
        let mut cluster = Cluster::new(&[BrokerId(1)], &[], 1, &SortedMap::new(), 1);
        let replicas = vec![vec![BrokerId(1)]; 3];
        let jobs = TopicChange::Created { name: "jobs".into(), internal: false, replicas, configs: SortedMap::new() };
        cluster.apply(&mut Prng::new(1, "ids"), jobs);
        cluster
    }

    fn group() -> ShareGroup {
        let [zero, one] = [0, 1].map(|partition| TopicPartition::new("jobs", partition));
        let mut member = ShareMember::new("c".to_owned(), "/h".to_owned(), SimTime::ZERO);
        (member.member_epoch, member.previous_epoch) = (3, 2);
        member.topics = [TopicName::from("jobs")].into_iter().collect();
        member.assignment = vec![zero.clone()];
        member.rack_id = Some("r".to_owned());
        let mut group = ShareGroup::new();
        (group.group_epoch, group.assignment_epoch, group.metadata_hash) = (4, 3, 5);
        group.assigned_at = Some(SimTime::from_ms(1234));
        group.target = [("m".into(), vec![zero, one])].into();
        group.members = [("m".into(), member)].into();
        group.initializing = [("jobs".into(), (vec![2], SimTime::ZERO))].into();
        group.initialized = [("jobs".into(), vec![0, 1])].into();
        group
    }

    fn read(cluster: &Cluster, written: &[Record]) -> Groups {
        let names: Names = cluster.topics().map(|(name, topic)| (topic.topic_id, name.clone())).collect();
        let mut groups = Groups::new();
        for (key, value) in written {
            replay(&mut groups, &names, &OffsetsRecord::read(key, value.as_deref()).unwrap(), SimTime::ZERO);
        }
        groups
    }

    #[test]
    fn a_group_is_read_as_it_was_written() {
        let (cluster, group, id) = (cluster(), group(), GroupId::from("g"));
        let mut written = difference(&cluster, &id, None, Some(&group));
        assert_eq!(read(&cluster, &written).get("g").unwrap().as_ref(), &group);
        let mut later = group.clone();
        later.members = SortedMap::new();
        later.target = SortedMap::new();
        later.group_epoch = 5;
        later.initializing = SortedMap::new();
        written.extend(difference(&cluster, &id, Some(&group), Some(&later)));
        assert_eq!(read(&cluster, &written).get("g").unwrap().as_ref(), &later);
        assert!(difference(&cluster, &id, Some(&later), Some(&later)).is_empty(), "nothing has changed");
        written.extend(difference(&cluster, &id, Some(&later), None));
        assert!(read(&cluster, &written).is_empty(), "nothing is left of a group that was dropped");
    }
}
