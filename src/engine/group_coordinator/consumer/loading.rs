//! A group of the consumer protocol as the records of `__consumer_offsets` say it is (`GroupMetadataManager.replay`,
//! `onLoaded`): read when a coordinator begins. Sessions begin anew, and so does the time to give up partitions.

use std::rc::Rc;

use super::target;
use super::work::ConsumerWork;
use crate::base::{GroupId, MemberId, SimTime, SortedMap, SortedSet, Timestamp};
use crate::engine::broker::Broker;
use crate::engine::group::records::Names;
use crate::engine::group::records::partitions;
use crate::engine::group::{ClassicMember, ConsumerGroup, ConsumerMember, GroupTimer, ReconciliationState, ResolvedRegex};
use crate::engine::node::{NodeContext, Outcome};
use crate::engine::wire::{ClassicProtocol, ConsumerGroupMemberMetadataValue, OffsetsRecord, consumer_protocol};

/// The groups read so far.
pub type Groups = SortedMap<GroupId, Rc<ConsumerGroup>>;

/// Takes a record in; one of another kind of group is passed over.
pub fn replay(groups: &mut Groups, names: &Names, record: &OffsetsRecord) {
    use OffsetsRecord::*;
    match record {
        ConsumerGroupMetadata(key, None) => {
            groups.remove(&key.group_id);
        }
        ConsumerGroupMetadata(key, Some(value)) => {
            let group = group(groups, &key.group_id);
            (group.group_epoch, group.metadata_hash) = (value.epoch, value.metadata_hash);
        }
        ConsumerGroupTargetAssignmentMetadata(key, Some(value)) => {
            let group = group(groups, &key.group_id);
            group.assignment_epoch = value.assignment_epoch;
            let at = Some(value.assignment_timestamp).filter(|at| *at != Timestamp::default());
            group.assigned_at = at.map(SimTime::from_timestamp);
        }
        ConsumerGroupRegularExpression(key, Some(value)) => {
            let (topics, at) = (value.topics.iter().cloned().collect(), SimTime::from_timestamp(value.timestamp));
            group(groups, &key.group_id).regexes.insert(key.regular_expression.clone(), ResolvedRegex::read(topics, at));
        }
        ConsumerGroupTargetAssignmentMember(key, Some(value)) => {
            let target: SortedSet<_> =
                partitions(&value.topic_partitions, names).into_iter().map(|(partition, _)| partition).collect();
            group(groups, &key.group_id).target.insert(key.member_id.clone(), target.into_iter().collect());
        }
        ConsumerGroupMemberMetadata(key, Some(value)) => {
            let group = group(groups, &key.group_id);
            let member = subscribed(member(group, &key.member_id), value);
            group.put(member);
        }
        ConsumerGroupCurrentMemberAssignment(key, Some(value)) => {
            let group = group(groups, &key.group_id);
            let mut member = member(group, &key.member_id);
            (member.epoch, member.previous_epoch) = (value.member_epoch, value.previous_member_epoch);
            member.state = ReconciliationState::of_number(value.state);
            member.assigned = partitions(&value.assigned_partitions, names).into_iter().collect();
            member.pending_revocation = partitions(&value.partitions_pending_revocation, names).into_iter().collect();
            group.put(member);
        }
        ConsumerGroupRegularExpression(key, None) => {
            known(groups, &key.group_id).map(|group| group.regexes.remove(key.regular_expression.as_str()));
        }
        ConsumerGroupTargetAssignmentMember(key, None) => {
            known(groups, &key.group_id).map(|group| group.target.remove(&key.member_id));
        }
        ConsumerGroupMemberMetadata(key, None) => {
            known(groups, &key.group_id).map(|group| group.remove(&key.member_id));
        }
        ConsumerGroupCurrentMemberAssignment(key, None) => {
            let Some(group) = known(groups, &key.group_id) else { return };
            let Some(mut member) = group.members.get(&key.member_id).map(|member| member.as_ref().clone()) else { return };
            (member.epoch, member.previous_epoch) = (-1, -1);
            (member.assigned, member.pending_revocation) = (SortedMap::new(), SortedMap::new());
            group.put(member);
        }
        _ => {}
    }
}

fn group<'g>(groups: &'g mut Groups, group_id: &GroupId) -> &'g mut ConsumerGroup {
    Rc::make_mut(groups.get_or_insert_with(group_id.clone(), || Rc::new(ConsumerGroup::new())))
}

fn known<'g>(groups: &'g mut Groups, group_id: &GroupId) -> Option<&'g mut ConsumerGroup> {
    groups.get_mut(group_id).map(Rc::make_mut)
}

/// A copy of what is known of a member, or a new one.
fn member(group: &ConsumerGroup, member_id: &MemberId) -> ConsumerMember {
    let known = group.members.get(member_id).map(|known| known.as_ref().clone());
    known.unwrap_or_else(|| ConsumerMember::new(member_id.clone()))
}

fn subscribed(member: ConsumerMember, value: &ConsumerGroupMemberMetadataValue) -> ConsumerMember {
    let protocol = |protocol: &ClassicProtocol| {
        let subscription = consumer_protocol::read_subscription(&protocol.metadata).unwrap_or_default();
        (protocol.name.clone(), Rc::new(subscription))
    };
    ConsumerMember {
        instance_id: value.instance_id.clone(),
        rack_id: value.rack_id.clone(),
        client_id: value.client_id.clone(),
        client_host: value.client_host.clone(),
        subscribed_topics: value.subscribed_topic_names.iter().cloned().collect(),
        subscribed_regex: value.subscribed_topic_regex.clone().unwrap_or_default(),
        rebalance_timeout: value.rebalance_timeout_ms,
        server_assignor: value.server_assignor.clone(),
        classic: value.classic_member_metadata.as_ref().map(|classic| ClassicMember {
            session_timeout: classic.session_timeout_ms,
            protocols: classic.supported_protocols.iter().map(protocol).collect(),
        }),
        ..member
    }
}

/// All has been read: the topics as they are now, if they are still those of the records, and the timers.
pub fn begin(
    cx: &NodeContext<'_>,
    broker: &Broker,
    group_id: &GroupId,
    group: &ConsumerGroup,
    outcome: &mut Outcome,
) -> ConsumerGroup {
    let mut work = ConsumerWork::with(cx, broker, group_id, group.clone());
    target::remember_topics_of_records(&mut work);
    let session_timeout = work.configs().consumer_session_timeout;
    let ids: Vec<MemberId> = work.group.members.keys().cloned().collect();
    for member_id in ids {
        work.renew_session(&member_id, session_timeout);
        let now = work.now();
        let Some(member) = work.member_mut(&member_id) else { continue };
        if member.state == ReconciliationState::UnrevokedPartitions {
            let deadline = now + member.rebalance_timeout;
            member.timers.revocation = Some((deadline, member.epoch));
            work.timer(deadline, GroupTimer::Revocation { member: member_id });
        }
    }
    outcome.timers.append(&mut work.outcome.timers);
    work.group
}

#[cfg(test)]
mod tests {
    // A test may panic: that is how it fails.
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::base::{Span, TopicId, TopicName, TopicPartition};

    use crate::engine::group::{TopicMetadata, consumer_records};
    use crate::engine::protocol::{Subscription, UserData};
    use crate::engine::wire::Record;

    fn group() -> ConsumerGroup {
        let topic = TopicMetadata { topic_id: TopicId(7), partition_count: 3, racks: Vec::new() };
        let [zero, one] = [0, 1].map(|partition| TopicPartition::new("t", partition));
        let modern = ConsumerMember {
            instance_id: Some("i".to_owned()),
            rack_id: Some("r".to_owned()),
            client_id: "c".to_owned(),
            client_host: "/h".to_owned(),
            subscribed_topics: ["t", "u"].map(TopicName::from).into_iter().collect(),
            subscribed_regex: "x.*".to_owned(),
            server_assignor: Some("range".to_owned()),
            state: ReconciliationState::UnrevokedPartitions,
            epoch: 3,
            previous_epoch: 2,
            assigned: [(zero.clone(), 2)].into(),
            pending_revocation: [(one.clone(), 3)].into(),
            ..ConsumerMember::new("modern".into())
        };
        let subscription = Subscription {
            topics: vec!["t".into()],
            owned_partitions: vec![one],
            generation_id: 3,
            rack_id: None,
            user_data: UserData::Generation(3),
        };
        let protocols = vec![("cooperative-sticky".to_owned(), Rc::new(subscription))];
        let classic = Some(ClassicMember { session_timeout: Span::from_secs(45), protocols });
        let old = ConsumerMember { classic, epoch: 2, ..ConsumerMember::new("old".into()) };
        let mut group = ConsumerGroup { group_epoch: 4, assignment_epoch: 3, metadata_hash: 5, ..ConsumerGroup::new() };
        group.assigned_at = Some(SimTime::from_ms(1234));
        group.topics.insert("t".into(), topic);
        group.put(modern);
        group.put(old);
        group.target.insert("modern".into(), vec![zero].into());
        group.target.insert("old".into(), Rc::from([]));
        group
    }

    fn read(written: &[Record]) -> Groups {
        let (mut groups, names) = (Groups::new(), [(TopicId(7), "t".into())].into());
        for (key, value) in written {
            replay(&mut groups, &names, &OffsetsRecord::read(key, value.as_deref()).unwrap());
        }
        groups
    }

    #[test]
    fn a_group_is_read_as_it_was_written() {
        let group = group();
        let mut expected = group.clone();
        expected.topics = SortedMap::new();
        let mut written = consumer_records::whole_group(&"g".into(), &group);
        let groups = read(&written);
        assert_eq!(groups.get("g").unwrap().as_ref(), &expected);
        written.extend(consumer_records::group_tombstones(&"g".into(), &group));
        assert!(read(&written).is_empty(), "nothing is left of a group that was dropped");
    }
}
