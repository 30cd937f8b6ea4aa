//! A coordinator's partition of `__consumer_offsets`: read when its leader begins, let go when it is led elsewhere, and no
//! answer before what it stands on is committed (`CoordinatorRuntime`, `ClassicGroup.onLoaded`, `onUnloaded`).
//!
//! ```text
//!  event                        │ what follows
//!  the broker leads a new epoch │ all records are read: groups, members, offsets; each member's session begins anew
//!                               │ a group that does not fall into this partition, since there are more than before, is listed only
//!  another broker leads         │ all is dropped; who waits is told NOT_COORDINATOR
//!  a handler has answered       │ with several replicas the answer waits for the high watermark to pass what was written
//! ```
//!
//! Simpler than Kafka: reading takes no time, so COORDINATOR_LOAD_IN_PROGRESS is never answered.

use std::rc::Rc;

use super::requests::listed;
use super::{consumer, expiry, share, streams};
use crate::base::{BrokerId, GroupId, SimTime, SortedMap, TopicPartition};
use crate::engine::broker::{Broker, Replica};
use crate::engine::coordinator;
use crate::engine::group::records::Names;
use crate::engine::group::{Group, GroupState, GroupTimer, Loaded, Member};
use crate::engine::metadata::{OFFSETS_TOPIC, lives_in};
use crate::engine::network::RequestRef;
use crate::engine::node::{BrokerTimer, Change, NodeContext, Outcome};
use crate::engine::protocol::{CommittedOffset, ErrorCode, JoinGroupResponse, Response, SyncGroupResponse};
use crate::engine::wire::{GroupMetadataValue, MemberMetadata, OffsetCommitValue, OffsetsRecord, consumer_protocol};

/// Partitions have changed: coordinators begin or end with them, and answers that waited may go.
pub fn on_progress(cx: &NodeContext<'_>, broker: &Broker, partitions: &[TopicPartition], outcome: &mut Outcome) {
    let count = broker.group_homes(cx.configs);
    for (partition, leads) in coordinator::homes(cx, broker, OFFSETS_TOPIC, partitions) {
        let coordinates = broker.coordinates.get(&partition.partition).copied();
        if coordinates != leads {
            if coordinates.is_some() {
                let_go(broker, partition, count, outcome);
            }
            let loaded = leads.map(|epoch| (epoch, Box::new(load(cx, broker, partition, outcome))));
            if let Some(epoch) = leads {
                expiry::look_again(cx, partition.partition, epoch, outcome);
            }
            outcome.changes.push(Change::Coordinates {
                broker: broker.id,
                partition: partition.partition,
                partitions: count,
                loaded,
            });
        }
        let leads = leads.is_some() && coordinates == leads;
        coordinator::release(broker, partition, leads, outcome);
    }
}

/// Tells all who wait for a group of this partition to ask elsewhere.
fn let_go(broker: &Broker, partition: &TopicPartition, partitions: i32, outcome: &mut Outcome) {
    for (_, group) in broker.groups.iter().filter(|(group, _)| lives_in(group, partition.partition, partitions)) {
        for (to, response) in waiting(group) {
            outcome.responses.push((to, response));
        }
    }
}

fn waiting(group: &Group) -> Vec<(RequestRef, Response)> {
    let mut answers = Vec::new();
    for member in group.members.values() {
        let id = Some(&member.member_id);
        answers.extend(
            member.awaiting_join.map(|to| (to, Response::JoinGroup(JoinGroupResponse::refused(id, ErrorCode::NotCoordinator)))),
        );
        answers.extend(
            member.awaiting_sync.map(|to| (to, Response::SyncGroup(SyncGroupResponse::refused(ErrorCode::NotCoordinator)))),
        );
    }
    answers
}

// ---- reading

/// See `World::groups_without_coordinator`.
pub fn without_coordinator(cx: &NodeContext<'_>, brokers: &SortedMap<BrokerId, Rc<Broker>>) -> Option<Loaded> {
    let topic = cx.metadata.topic(OFFSETS_TOPIC)?;
    let has_one = |partition: &i32| brokers.values().any(|broker| broker.running && broker.coordinates.contains_key(partition));
    let lost: Vec<i32> = (0..topic.partitions.len() as i32).filter(|partition| !has_one(partition)).collect();
    if lost.is_empty() {
        return None;
    }
    let (mut loaded, names) = (Loaded::default(), cx.metadata.topic_names());
    for partition in lost {
        let Some(state) = topic.partition(partition) else { continue };
        let partition = TopicPartition::new(OFFSETS_TOPIC, partition);
        // The copy that will lead: the first in sync whose broker runs. Where none does, what lies on a disk.
        let in_sync = |id: &&BrokerId| state.isr.contains(*id) && brokers.get(*id).is_some_and(|broker| broker.running);
        let mut next = state.replicas.iter().filter(in_sync).chain(&state.replicas);
        if let Some(replica) = next.find_map(|id| brokers.get(id)?.replica(&partition)) {
            read(&mut loaded, &names, replica, cx.now);
        }
    }
    complete(&mut loaded, cx.now);
    Some(loaded)
}

/// A group that has committed and no more is a group all the same.
fn complete(loaded: &mut Loaded, now: SimTime) {
    loaded.committed.retain(|_, committed| !committed.is_empty());
    let is_modern = |group: &GroupId| loaded.consumer_groups.contains_key(group) || loaded.streams_groups.contains_key(group);
    for group in loaded.committed.keys().filter(|group| !is_modern(group)) {
        loaded.groups.get_or_insert_with(group.clone(), || Rc::new(Group::new(now)));
    }
}

fn read(loaded: &mut Loaded, names: &Names, replica: &Replica, now: SimTime) {
    for record in coordinator::written(replica) {
        // A record of a shape that is not known here is left alone.
        if let Some(record) = record.key.and_then(|key| OffsetsRecord::read(key, record.value)) {
            replay(loaded, names, record, now);
        }
    }
}

fn load(cx: &NodeContext<'_>, broker: &Broker, partition: &TopicPartition, outcome: &mut Outcome) -> Loaded {
    let (mut loaded, names) = (Loaded::default(), cx.metadata.topic_names());
    let Some(replica) = broker.replica(partition) else { return loaded };
    read(&mut loaded, &names, replica, cx.now);
    complete(&mut loaded, cx.now);
    let count = broker.group_homes(cx.configs);
    let at_home = |id: &GroupId| lives_in(id, partition.partition, count);
    loaded.strays = listed(&loaded.groups, &loaded.consumer_groups, &loaded.share_groups, &loaded.streams_groups);
    loaded.strays.retain(|stray| !at_home(&stray.group_id));
    loaded.groups.retain(|id, _| at_home(id));
    loaded.consumer_groups.retain(|id, _| at_home(id));
    loaded.share_groups.retain(|id, _| at_home(id));
    loaded.streams_groups.retain(|id, _| at_home(id));
    loaded.committed.retain(|id, _| at_home(id));
    for (id, group) in &loaded.groups {
        begin_timers(id, group, outcome);
    }
    for (id, group) in loaded.consumer_groups.iter_mut() {
        *group = Rc::new(consumer::loading::begin(cx, broker, id, group, outcome));
    }
    for (id, group) in loaded.share_groups.iter_mut() {
        share::loading::begin(cx, id, Rc::make_mut(group), outcome);
    }
    for (id, group) in loaded.streams_groups.iter_mut() {
        *group = Rc::new(streams::loading::begin(cx, broker, id, group, outcome));
    }
    loaded
}

/// Each member has a whole session before it.
fn begin_timers(id: &GroupId, group: &Group, outcome: &mut Outcome) {
    for member in group.members.values() {
        let timer = GroupTimer::Session { member: member.member_id.clone() };
        outcome.timers.push((member.session_deadline, BrokerTimer::Group { group: id.clone(), timer }));
    }
}

/// `GroupCoordinatorShard.replay`.
fn replay(loaded: &mut Loaded, names: &Names, record: OffsetsRecord, now: SimTime) {
    match record {
        OffsetsRecord::OffsetCommit(key, value) => {
            let partition = TopicPartition::new(key.topic, key.partition);
            let committed = loaded.committed.get_or_default(key.group);
            match value {
                None => committed.remove(&partition),
                Some(value) => committed.insert(partition, committed_offset(value)),
            };
        }
        OffsetsRecord::GroupMetadata(key, value) => {
            match value {
                None => loaded.groups.remove(&key.group),
                Some(value) => loaded.groups.insert(key.group, Rc::new(classic_group(value, now))),
            };
        }
        record => {
            consumer::loading::replay(&mut loaded.consumer_groups, names, &record);
            share::loading::replay(&mut loaded.share_groups, names, &record, now);
            streams::loading::replay(&mut loaded.streams_groups, &record);
        }
    }
}

fn committed_offset(value: OffsetCommitValue) -> CommittedOffset {
    CommittedOffset {
        offset: value.offset,
        leader_epoch: Some(value.leader_epoch).filter(|epoch| *epoch >= 0),
        metadata: value.metadata,
        commit_timestamp: value.commit_timestamp,
    }
}

fn classic_group(value: GroupMetadataValue, now: SimTime) -> Group {
    let mut group = Group::new(now);
    group.protocol_type = value.protocol_type;
    group.generation_id = value.generation;
    group.protocol_name = value.protocol;
    group.leader = value.leader;
    group.state_since = SimTime::from_timestamp(value.current_state_timestamp);
    for member in value.members {
        let member = self::member(member, group.protocol_name.as_deref().unwrap_or_default(), now);
        if let Some(instance) = &member.group_instance_id {
            group.static_members.insert(instance.clone(), member.member_id.clone());
        }
        group.members.insert(member.member_id.clone(), member);
    }
    group.state = if group.members.is_empty() { GroupState::Empty } else { GroupState::Stable };
    group
}

fn member(member: MemberMetadata, protocol: &str, now: SimTime) -> Member {
    let subscription = consumer_protocol::read_subscription(&member.subscription).unwrap_or_default();
    Member {
        member_id: member.member_id,
        group_instance_id: member.group_instance_id,
        client_id: member.client_id,
        client_host: member.client_host,
        session_timeout: member.session_timeout,
        rebalance_timeout: member.rebalance_timeout,
        protocols: vec![(protocol.to_owned(), Rc::new(subscription))],
        assignment: consumer_protocol::read_assignment(&member.assignment).unwrap_or_default(),
        session_deadline: now + member.session_timeout,
        session_timer_at: now + member.session_timeout,
        is_new: false,
        awaiting_join: None,
        awaiting_sync: None,
        pending_sync: false,
    }
}
