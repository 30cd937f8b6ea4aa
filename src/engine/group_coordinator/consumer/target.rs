//! The target assignment: when it is computed anew, and by which assignor (`TargetAssignmentBuilder`).

use std::borrow::Cow;
use std::rc::Rc;

use super::work::ConsumerWork;
use crate::base::{MemberId, SortedSet, TopicName, TopicPartition, sort};
use crate::engine::group::assignors::{AssignableTopic, TargetMember, uniform};
use crate::engine::group::{ConsumerGroup, TopicMetadata, Topics, assignors, consumer_records, group_hash};
use crate::engine::metadata::Cluster;
use crate::engine::trace::GroupReason;

/// What the cluster knows of the topics that the group subscribes to; those that do not exist are left out.
fn metadata_of(cluster: &Cluster, group: &ConsumerGroup) -> Topics {
    let named = group.members.values().flat_map(|member| member.subscribed_topics.iter());
    let matched = group.regexes.values().flat_map(|resolved| resolved.topics.iter());
    let wanted: SortedSet<&TopicName> = named.chain(matched).collect();
    wanted.into_iter().filter_map(|name| Some((name.clone(), TopicMetadata::of(cluster, name)?))).collect()
}

/// Have the group's topics changed since it last looked?
pub(super) fn topics_have_changed(cluster: &Cluster, group: &ConsumerGroup) -> bool {
    let as_before =
        |(name, before): (&TopicName, &TopicMetadata)| TopicMetadata::of(cluster, name).is_some_and(|now| now == *before);
    if !group.topics.iter().all(as_before) {
        return true;
    }
    let is_new = |name: &TopicName| !group.topics.contains_key(name) && cluster.topic(name.as_str()).is_some();
    group.members.values().any(|member| member.subscribed_topics.iter().any(is_new))
        || group.regexes.values().any(|resolved| resolved.topics.iter().any(is_new))
}

/// Looks at the topics without asking for anything: those of a group that was classic until now.
pub(super) fn remember_topics(work: &mut ConsumerWork<'_>) {
    work.group.topics = metadata_of(work.cx.metadata, &work.group);
    work.group.metadata_hash = group_hash(&work.group.topics);
}

/// The same for a group that was read from its records: if the topics are others than those, the next heartbeat will see.
pub(super) fn remember_topics_of_records(work: &mut ConsumerWork<'_>) {
    let topics = metadata_of(work.cx.metadata, &work.group);
    if group_hash(&topics) == work.group.metadata_hash {
        work.group.topics = topics;
    }
}

/// Looks at the topics again; a change of theirs, or one of the group's own, asks for a new target.
pub(super) fn update_metadata(work: &mut ConsumerWork<'_>, bump: bool) {
    let topics = metadata_of(work.cx.metadata, &work.group);
    let changed = topics != work.group.topics;
    work.group.metadata_hash = group_hash(&topics);
    work.group.topics = topics;
    if bump || changed {
        work.bump_group_epoch();
    }
    if changed {
        work.because(GroupReason::TopicsChanged);
    }
}

/// Computes the target for the group epoch, unless the last was computed less than the assignment interval ago.
pub(super) fn update_target(work: &mut ConsumerWork<'_>) {
    if work.group.assignment_epoch >= work.group.group_epoch {
        return;
    }
    let interval = work.configs().consumer_assignment_interval;
    if work.group.assigned_at.is_some_and(|at| work.now() < at + interval) {
        return;
    }
    for (member_id, partitions) in changes(&work.group) {
        work.write(consumer_records::target_assignment(&work.group_id, &member_id, &partitions, &work.group));
        work.group.target.insert(member_id, partitions);
    }
    work.group.assignment_epoch = work.group.group_epoch;
    work.group.assigned_at = Some(work.now());
    work.write(consumer_records::target_metadata(&work.group_id, &work.group));
}

/// The members whose target is another now, with their partitions in order.
fn changes(group: &ConsumerGroup) -> Vec<(MemberId, Rc<[TopicPartition]>)> {
    let subscribed: Vec<SortedSet<TopicName>> = group.members.values().map(|member| group.topics_of(member)).collect();
    let member = |(at, (member_id, member)): (usize, (&MemberId, &Rc<crate::engine::group::ConsumerMember>))| TargetMember {
        member_id: member_id.clone(),
        group_instance_id: member.instance_id.clone(),
        topics: &subscribed[at],
        previous: group.target_of(member_id),
    };
    let members: Vec<TargetMember<'_>> = group.members.iter().enumerate().map(member).collect();
    let topic = |(name, topic): (&TopicName, &TopicMetadata)| {
        (name.clone(), AssignableTopic { partition_count: topic.partition_count, replica_racks: Vec::new() })
    };
    let topics = group.topics.iter().map(topic).collect();
    let assignor = group.preferred_assignor().unwrap_or(uniform::NAME);
    let assignment = assignors::assign_target(assignor, &topics, &members).unwrap_or_default();
    let change = |(member_id, mut partitions): (MemberId, Cow<'_, [TopicPartition]>)| {
        if let Cow::Owned(partitions) = &mut partitions {
            sort(partitions);
        }
        let is_as_before = group.target.get(&member_id).is_some_and(|before| **before == *partitions);
        (!is_as_before).then(|| (member_id, partitions.into()))
    };
    assignment.into_iter().filter_map(change).collect()
}
