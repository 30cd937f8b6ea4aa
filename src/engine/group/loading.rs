//! A coordinator's partition of `__consumer_offsets`: read when its leader begins, let go when it is led elsewhere, and no
//! answer before what it stands on is committed (`CoordinatorRuntime`, `ClassicGroup.onLoaded`, `onUnloaded`).
//!
//! ```text
//!  event                        │ what follows
//!  the broker leads a new epoch │ all records are read: groups, members, offsets; each member's session begins anew
//!  another broker leads         │ all is dropped; who waits is told NOT_COORDINATOR
//!  a handler has answered       │ with several replicas the answer waits for the high watermark to pass what was written
//! ```
//!
//! Simpler than Kafka: reading takes no time, so COORDINATOR_LOAD_IN_PROGRESS is never answered.

use std::rc::Rc;

use super::consumer::loading::Names;
use super::records::{GROUP_METADATA_KEY, OFFSET_COMMIT_KEY, Reader};
use super::{ConsumerGroup, Group, GroupState, GroupTimer, Member, ShareGroup, consumer, expiry, refused, share};
use crate::base::{BrokerId, GroupId, MemberId, Offset, SimTime, SortedMap, Span, Timestamp, TopicPartition};
use crate::engine::broker::{Broker, BrokerTimer, Change, Outcome, Replica};
use crate::engine::controller::{OFFSETS_TOPIC, group_partition};
use crate::engine::coordinator;
use crate::engine::error::ErrorCode;
use crate::engine::network::RequestRef;
use crate::engine::node::NodeContext;
use crate::engine::protocol::{CommittedOffset, Response, Subscription, UserData};

/// What a partition of `__consumer_offsets` says.
#[derive(Clone, Hash, Debug, Default)]
pub struct Loaded {
    pub groups: SortedMap<GroupId, Rc<Group>>,
    pub consumer_groups: SortedMap<GroupId, Rc<ConsumerGroup>>,
    pub share_groups: SortedMap<GroupId, Rc<ShareGroup>>,
    pub committed: SortedMap<GroupId, SortedMap<TopicPartition, CommittedOffset>>,
}

/// Partitions have changed: coordinators begin or end with them, and answers that waited may go.
pub fn on_progress(cx: &NodeContext<'_>, broker: &Broker, partitions: &[TopicPartition], outcome: &mut Outcome) {
    let Some(topic) = cx.metadata.topic(OFFSETS_TOPIC) else { return };
    for partition in partitions.iter().filter(|partition| partition.topic.as_str() == OFFSETS_TOPIC) {
        let Some(state) = topic.partition(partition.partition) else { continue };
        let coordinates = broker.coordinates.get(&partition.partition).copied();
        let leads = (state.leader == Some(broker.id)).then_some(state.leader_epoch);
        if coordinates != leads {
            let count = topic.partitions.len() as i32;
            if coordinates.is_some() {
                let_go(broker, partition, count, outcome);
            }
            let loaded = leads.map(|epoch| (epoch, load(cx, broker, partition, outcome)));
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
        coordinator::release(broker, partition, leads, |response| refused(response, ErrorCode::NotCoordinator), outcome);
    }
}

/// Is the group kept in this partition?
pub fn lives_in(group: &GroupId, partition: i32, partitions: i32) -> bool {
    group_partition(group, partitions) == partition
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
        answers.extend(member.awaiting_join.map(|to| (to, super::join_refused(id, ErrorCode::NotCoordinator))));
        answers.extend(member.awaiting_sync.map(|to| (to, super::sync_refused(ErrorCode::NotCoordinator))));
    }
    answers
}

// ---- reading

/// See `World::groups_without_coordinator`.
pub(in crate::engine) fn without_coordinator(cx: &NodeContext<'_>, brokers: &SortedMap<BrokerId, Rc<Broker>>) -> Option<Loaded> {
    let topic = cx.metadata.topic(OFFSETS_TOPIC)?;
    let has_one = |partition: &i32| brokers.values().any(|broker| broker.running && broker.coordinates.contains_key(partition));
    let lost: Vec<i32> = (0..topic.partitions.len() as i32).filter(|partition| !has_one(partition)).collect();
    if lost.is_empty() {
        return None;
    }
    let (mut loaded, names) = (Loaded::default(), consumer::loading::names(cx));
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
    for group in loaded.committed.keys().filter(|group| !loaded.consumer_groups.contains_key(*group)) {
        loaded.groups.get_or_insert_with(group.clone(), || Rc::new(Group::new(now)));
    }
}

fn read(loaded: &mut Loaded, names: &Names, replica: &Replica, now: SimTime) {
    for batch in replica.log.batches_from(replica.log.log_start_offset()) {
        for record in batch.records() {
            if let Some(key) = record.key {
                // A record of a shape that is not known here is left alone.
                let _ = take_in(loaded, names, key, record.value, now);
            }
        }
    }
}

fn load(cx: &NodeContext<'_>, broker: &Broker, partition: &TopicPartition, outcome: &mut Outcome) -> Loaded {
    let (mut loaded, names) = (Loaded::default(), consumer::loading::names(cx));
    let Some(replica) = broker.replica(partition) else { return loaded };
    read(&mut loaded, &names, replica, cx.now);
    complete(&mut loaded, cx.now);
    for (id, group) in &loaded.groups {
        begin_timers(id, group, outcome);
    }
    for (id, group) in loaded.consumer_groups.iter_mut() {
        *group = Rc::new(consumer::loading::begin(cx, broker, id, group, outcome));
    }
    for (id, group) in loaded.share_groups.iter_mut() {
        share::loading::begin(cx, id, Rc::make_mut(group), outcome);
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

fn take_in(loaded: &mut Loaded, names: &Names, key: &[u8], value: Option<&[u8]>, now: SimTime) -> Option<()> {
    let mut key = Reader { bytes: key };
    let kind = key.i16()?;
    match kind {
        0 | OFFSET_COMMIT_KEY => {
            let group = GroupId::from(key.string()?);
            let partition = TopicPartition::new(key.string()?, key.i32()?);
            let committed = loaded.committed.get_or_default(group);
            match value {
                None => committed.remove(&partition),
                Some(value) => committed.insert(partition, committed_offset(value)?),
            };
        }
        GROUP_METADATA_KEY => {
            let group = GroupId::from(key.string()?);
            match value {
                None => loaded.groups.remove(&group),
                Some(value) => loaded.groups.insert(group, Rc::new(classic_group(value, now)?)),
            };
        }
        kind if consumer::records::is_one(kind) => {
            consumer::loading::take_in(&mut loaded.consumer_groups, names, kind, key, value)?;
        }
        kind if share::records::is_one(kind) => {
            share::loading::take_in(&mut loaded.share_groups, names, kind, key, value, now)?;
        }
        _ => {}
    }
    Some(())
}

fn committed_offset(bytes: &[u8]) -> Option<CommittedOffset> {
    let mut value = Reader { bytes };
    value.i16()?;
    let (offset, leader_epoch) = (value.i64()?, value.i32()?);
    let metadata = value.compact_string()?;
    Some(CommittedOffset {
        offset: Offset(offset),
        leader_epoch: (leader_epoch >= 0).then_some(leader_epoch),
        metadata: metadata.into(),
        commit_timestamp: Timestamp(value.i64()?),
    })
}

fn classic_group(bytes: &[u8], now: SimTime) -> Option<Group> {
    let mut value = Reader { bytes };
    let mut group = Group::new(now);
    value.i16()?;
    group.protocol_type = value.string()?.to_owned();
    group.generation_id = value.i32()?;
    group.protocol_name = value.nullable()?.map(str::to_owned);
    group.leader = value.nullable()?.map(MemberId::from);
    group.state_since = SimTime::from_timestamp(Timestamp(value.i64()?));
    for _ in 0..value.i32()? {
        let member = member(&mut value, group.protocol_name.as_deref().unwrap_or_default(), now)?;
        if let Some(instance) = &member.group_instance_id {
            group.static_members.insert(instance.clone(), member.member_id.clone());
        }
        group.members.insert(member.member_id.clone(), member);
    }
    group.state = if group.members.is_empty() { GroupState::Empty } else { GroupState::Stable };
    Some(group)
}

fn member(value: &mut Reader<'_>, protocol: &str, now: SimTime) -> Option<Member> {
    let member_id = MemberId::from(value.string()?);
    let group_instance_id = value.nullable()?.map(str::to_owned);
    let (client_id, client_host) = (value.string()?.to_owned(), value.string()?.to_owned());
    let milliseconds = |number: i32| Span::from_ms(u64::try_from(number).unwrap_or(0));
    let (rebalance_timeout, session_timeout) = (milliseconds(value.i32()?), milliseconds(value.i32()?));
    let subscription = subscription(value.nested()?).unwrap_or_default();
    let mut assigned = value.nested()?;
    assigned.i16();
    Some(Member {
        member_id,
        group_instance_id,
        client_id,
        client_host,
        session_timeout,
        rebalance_timeout,
        protocols: vec![(protocol.to_owned(), Rc::new(subscription))],
        assignment: assigned.partitions().unwrap_or_default(),
        session_deadline: now + session_timeout,
        session_timer_at: now + session_timeout,
        is_new: false,
        awaiting_join: None,
        awaiting_sync: None,
        pending_sync: false,
    })
}

pub(super) fn subscription(mut value: Reader<'_>) -> Option<Subscription> {
    value.i16()?;
    let mut subscription = Subscription::default();
    for _ in 0..value.i32()? {
        subscription.topics.push(value.string()?.into());
    }
    subscription.user_data = user_data(&mut value)?;
    subscription.owned_partitions = value.partitions()?;
    subscription.generation_id = value.i32()?;
    subscription.rack_id = value.nullable()?.map(str::to_owned);
    Some(subscription)
}

/// Tells the two kinds apart by their length: only one has partitions before the generation.
fn user_data(value: &mut Reader<'_>) -> Option<UserData> {
    let length = value.i32()?;
    let Ok(length) = usize::try_from(length) else { return Some(UserData::None) };
    let mut data = Reader { bytes: value.take(length)? };
    if length == 4 {
        return Some(UserData::Generation(data.i32()?));
    }
    let partitions = data.partitions()?;
    Some(UserData::Owned { partitions, generation_id: data.i32()? })
}
