//! The Logs view: producers, topics with their partitions, groups with their members.

use std::ops::Range;
use std::rc::Rc;

use super::group::{MemberCard, board, share_groups};
use super::row::leader_replica;
use crate::base::{
    BrokerId, ClientId, GroupId, MemberId, Offset, ProgramId, SimTime, SortedMap, SortedSet, TopicName, TopicPartition,
    put_in_order,
};
use crate::engine::client::consumer::SubscriptionKind;
use crate::engine::client::{Client, ClientKind, Consumer};
use crate::engine::controller::{OFFSETS_TOPIC, Topic, group_partition};
use crate::engine::group::{ConsumerGroup, ConsumerMember, Group, GroupState};
use crate::engine::trace::TraceEvent;
use crate::engine::world::World;

/// What of the Logs view is on the screen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogsWindow {
    /// Show `__consumer_offsets` too.
    pub internal: bool,
    /// Which topics, counted in order of name.
    pub topics: Range<usize>,
    /// At most so many partitions of each topic, from 0 on; more by `partitions`.
    pub partitions_max: usize,
    /// At most so many producers, consumers without group, groups, and members of each.
    pub rows_max: usize,
}

impl Default for LogsWindow {
    fn default() -> Self {
        Self { internal: false, topics: 0..12, partitions_max: 12, rows_max: 24 }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LogsView {
    pub producers: Vec<ProducerView>,
    pub producer_count: usize,
    pub topics: Vec<TopicView>,
    /// All topics that could be shown, also outside the window.
    pub topic_count: usize,
    pub groups: Vec<GroupView>,
    pub group_count: usize,
    /// Share groups: what they read is in the Groups view.
    pub share_groups: Vec<ShareGroupView>,
    /// Consumers without a group: they read what they were assigned by hand.
    pub consumers: Vec<ConsumerView>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProducerView {
    pub client: ClientId,
    pub program: ProgramId,
    /// The program's name.
    pub name: Rc<str>,
    pub client_id: Rc<str>,
    /// Where records without a key go now, for each topic: the sticky partition.
    pub sticky: Vec<TopicPartition>,
    /// Records that wait: for metadata, for linger.ms, or for a free request.
    pub queued_records: usize,
    /// Batches that are sent and not acknowledged.
    pub in_flight: Vec<InFlightBatch>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InFlightBatch {
    pub topic_partition: TopicPartition,
    pub record_count: i32,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TopicView {
    pub name: Rc<str>,
    pub internal: bool,
    pub compacted: bool,
    pub partition_count: usize,
    pub replication_factor: usize,
    /// The first of them, as many as the window allows.
    pub partitions: Vec<PartitionView>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartitionView {
    pub topic_partition: TopicPartition,
    pub leader: Option<BrokerId>,
    /// The leader's process runs; one that has just died leads until the controller has noticed.
    pub leader_runs: bool,
    pub log_start_offset: i64,
    /// Readers see what lies below it.
    pub high_watermark: i64,
    /// The offset that the next record gets.
    pub log_end_offset: i64,
    pub size_bytes: u64,
    pub markers: Vec<Marker>,
}

/// Where a group, or a consumer without one, stands in a partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Marker {
    /// `None`: a consumer outside of any group.
    pub group: Option<Rc<str>>,
    /// The consumer that owns the partition now.
    pub client: Option<ClientId>,
    /// That consumer's program.
    pub name: Option<Rc<str>>,
    /// The offset of the next record that the consumer will be given.
    pub position: Option<i64>,
    /// The group's mark: where reading goes on after a restart.
    pub committed_offset: Option<i64>,
    /// High watermark − committed, as `kafka-consumer-groups.sh` has it; `None` while nothing is committed, which is not 0.
    pub lag: Option<i64>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupView {
    pub group_id: Rc<str>,
    /// `Stable`, `PreparingRebalance`, `CompletingRebalance`, `Empty`, `Dead`.
    pub state: Rc<str>,
    pub generation_id: Option<i32>,
    /// The assignor in use.
    pub protocol: Option<Rc<str>>,
    pub coordinator: Option<BrokerId>,
    /// The coordinator's members, and consumers that are about to join (without a member id).
    pub members: Vec<MemberView>,
    /// Members that the coordinator counts.
    pub member_count: usize,
    pub lags: Vec<PartitionLag>,
    /// Sum of the lags that are known.
    pub total_lag: i64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShareGroupView {
    pub group_id: Rc<str>,
    /// `Stable`, `Empty`; nothing before its coordinator knows it.
    pub state: Rc<str>,
    pub members: Vec<MemberCard>,
    /// Records that are not done with; `None` where that is not known of any partition.
    pub lag: Option<i64>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberView {
    /// The program's name, where the member is one of ours; else its client id.
    pub name: Rc<str>,
    /// Its client; of one that is gone by a crash, the one that it was.
    pub client: Option<ClientId>,
    pub client_id: Rc<str>,
    /// Not known until the coordinator gave one.
    pub member_id: Option<Rc<str>>,
    pub group_instance_id: Option<Rc<str>>,
    /// The topics that it wants, as it told the coordinator.
    pub subscription: Vec<Rc<str>>,
    pub assignment: Vec<TopicPartition>,
    /// In the group, with nothing to read: more members than partitions, or a rebalance is going on.
    pub idle: bool,
    /// Still counted by the coordinator, though its program is gone: until the session times out (a static member also
    /// after a clean stop).
    pub gone: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartitionLag {
    pub topic_partition: TopicPartition,
    pub committed_offset: Option<i64>,
    pub log_end_offset: i64,
    pub lag: Option<i64>,
    /// Who reads it now.
    pub member: Option<Rc<str>>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsumerView {
    pub client: ClientId,
    pub program: ProgramId,
    pub name: Rc<str>,
    pub client_id: Rc<str>,
    pub group: Option<Rc<str>>,
    /// What it reads, with its position.
    pub positions: Vec<(TopicPartition, Option<i64>)>,
}

/// The Logs view, as far as it is on the screen.
pub fn logs(world: &World, window: &LogsWindow) -> LogsView {
    let shown: Vec<_> = world.cluster().topics().filter(|(_, topic)| window.internal || !topic.internal).collect();
    let groups = groups(world);
    LogsView {
        producers: producers(world).take(window.rows_max).collect(),
        producer_count: producers(world).count(),
        topic_count: shown.len(),
        topics: shown
            .iter()
            .skip(window.topics.start)
            .take(window.topics.len())
            .map(|(name, topic)| topic_view(world, name, topic, window.partitions_max))
            .collect(),
        group_count: groups.len(),
        groups: groups.iter().take(window.rows_max).map(|id| group_view(world, id, window.rows_max)).collect(),
        share_groups: share_groups(world).iter().take(window.rows_max).filter_map(|id| share_group_view(world, id)).collect(),
        consumers: consumers(world)
            .filter(|(_, consumer)| consumer.config().group_id.is_none())
            .take(window.rows_max)
            .map(|(client, consumer)| consumer_view(world, client, consumer))
            .collect(),
    }
}

/// Some partitions of a topic; none for a topic that is not there.
pub fn partitions(world: &World, topic: &str, range: Range<usize>) -> Vec<PartitionView> {
    let Some(state) = world.cluster().topic(topic) else {
        return Vec::new();
    };
    (range.start..range.end.min(state.partitions.len()))
        .filter_map(|partition| partition_view(world, &TopicPartition::new(topic, partition as i32)))
        .collect()
}

fn topic_view(world: &World, name: &TopicName, topic: &Topic, partitions_max: usize) -> TopicView {
    TopicView {
        name: name.0.clone(),
        internal: topic.internal,
        compacted: topic.settings.is_compacted(),
        partition_count: topic.partitions.len(),
        replication_factor: topic.replication_factor(),
        partitions: partitions(world, name.as_str(), 0..partitions_max),
    }
}

/// One partition; `None` if it is not there.
pub fn partition_view(world: &World, partition: &TopicPartition) -> Option<PartitionView> {
    let state = world.cluster().topic(partition.topic.as_str())?.partition(partition.partition)?;
    let replica = leader_replica(world, partition)?;
    Some(PartitionView {
        topic_partition: partition.clone(),
        leader: state.leader,
        leader_runs: state.leader.and_then(|leader| world.broker(leader)).is_some_and(|leader| leader.running),
        log_start_offset: replica.log.log_start_offset().0,
        high_watermark: replica.high_watermark.0,
        log_end_offset: replica.log.log_end_offset().0,
        size_bytes: replica.log.size_bytes(),
        markers: markers(world, partition, replica.high_watermark),
    })
}

fn markers(world: &World, partition: &TopicPartition, high_watermark: Offset) -> Vec<Marker> {
    let mut markers: Vec<Marker> = group_offsets(world, partition)
        .into_iter()
        .map(|(group, committed)| Marker {
            group: Some(group),
            client: None,
            name: None,
            position: None,
            committed_offset: Some(committed.0),
            lag: Some((high_watermark.0 - committed.0).max(0)),
        })
        .collect();
    for (client, consumer) in consumers(world).filter(|(_, consumer)| consumer.assignment().contains(partition)) {
        let group = consumer.config().group_id.as_ref().map(|group| group.0.clone());
        let at = group.as_ref().and_then(|group| markers.iter().position(|marker| marker.group.as_ref() == Some(group)));
        let mut marker = match at {
            Some(at) => markers.remove(at),
            None => Marker { group, client: None, name: None, position: None, committed_offset: None, lag: None },
        };
        marker.client = Some(client.id);
        marker.name = Some(owner_name(world, client));
        marker.position = consumer.position(partition).map(|offset| offset.0);
        markers.insert(at.unwrap_or(markers.len()), marker);
    }
    markers
}

/// The committed offset of each group that has one in this partition, by group id.
pub fn group_offsets(world: &World, partition: &TopicPartition) -> Vec<(Rc<str>, Offset)> {
    let lost = world.groups_without_coordinator();
    let mut offsets: Vec<(Rc<str>, Offset)> = world
        .brokers()
        .flat_map(|broker| &broker.committed)
        .chain(lost.iter().flat_map(|lost| &lost.committed))
        .filter_map(|(group, offsets)| Some((group.0.clone(), offsets.get(partition)?.offset)))
        .collect();
    put_in_order(&mut offsets, &|one, other| one < other);
    offsets
}

fn producers(world: &World) -> impl Iterator<Item = ProducerView> {
    world.clients().filter_map(|client| match &client.kind {
        ClientKind::Producer(producer) => Some(ProducerView {
            client: client.id,
            program: client.owner,
            name: owner_name(world, client),
            client_id: client.client_id.as_str().into(),
            sticky: producer.sticky_partitions().map(|(topic, at)| TopicPartition::new(topic.clone(), at)).collect(),
            queued_records: producer.queued_records(),
            in_flight: producer
                .in_flight_batches()
                .map(|(partition, record_count)| InFlightBatch { topic_partition: partition.clone(), record_count })
                .collect(),
        }),
        _ => None,
    })
}

pub(super) fn consumers(world: &World) -> impl Iterator<Item = (&Client, &Consumer)> {
    world.clients().filter_map(|client| match &client.kind {
        ClientKind::Consumer(consumer) => Some((client, consumer.as_ref())),
        _ => None,
    })
}

pub(super) fn owner_name(world: &World, client: &Client) -> Rc<str> {
    match world.program(client.owner) {
        Some(program) => program.name.clone(),
        None => client.client_id.as_str().into(),
    }
}

/// One consumer; `None` if it is gone.
pub fn consumer(world: &World, id: ClientId) -> Option<ConsumerView> {
    Some(consumer_view(world, world.client(id)?, world.consumer(id)?))
}

fn consumer_view(world: &World, client: &Client, consumer: &Consumer) -> ConsumerView {
    ConsumerView {
        client: client.id,
        program: client.owner,
        name: owner_name(world, client),
        client_id: client.client_id.as_str().into(),
        group: consumer.config().group_id.as_ref().map(|group| group.0.clone()),
        positions: consumer
            .assignment()
            .into_iter()
            .map(|partition| {
                let position = consumer.position(&partition).map(|offset| offset.0);
                (partition, position)
            })
            .collect(),
    }
}

/// All groups that a coordinator knows, that hold offsets, or that a running consumer names.
pub fn groups(world: &World) -> Vec<GroupId> {
    let lost = world.groups_without_coordinator();
    let lost = lost.iter().flat_map(|lost| lost.groups.keys().chain(lost.committed.keys())).cloned();
    let known = world.brokers().flat_map(|broker| broker.groups.keys().chain(broker.committed.keys())).cloned().chain(lost);
    let named = consumers(world).filter_map(|(_, consumer)| consumer.config().group_id.clone());
    let all: SortedSet<GroupId> = known.chain(named).collect();
    all.into_iter().collect()
}

/// The state that is told of a group whose coordinator is gone, until another has read what was written of it.
pub const NO_COORDINATOR: &str = "without a coordinator";

/// One group, with at most `rows_max` members and partitions.
pub fn group_view(world: &World, id: &GroupId, rows_max: usize) -> GroupView {
    let has_coordinator = world.brokers().any(|broker| broker.groups.contains_key(id) || broker.consumer_groups.contains_key(id));
    let lost = if has_coordinator { None } else { world.groups_without_coordinator() };
    let kept = world.brokers().find_map(|broker| Some((Some(broker.id), broker.groups.get(id)?.as_ref())));
    let kept = kept.or_else(|| Some((None, lost.as_ref()?.groups.get(id)?.as_ref())));
    let group = kept.map(|(_, group)| group);
    let modern = world.brokers().find_map(|broker| Some((Some(broker.id), broker.consumer_groups.get(id)?.as_ref())));
    let modern = modern.or_else(|| Some((None, lost.as_ref()?.consumer_groups.get(id)?.as_ref())));
    let modern = modern.filter(|(_, modern)| !modern.members.is_empty());
    let mut members = members(world, id, group, modern.map(|(_, modern)| modern));
    let mut lags = lags(world, id, &members);
    let total_lag = lags.iter().filter_map(|lag| lag.lag).sum();
    let member_count = members.iter().filter(|member| member.member_id.is_some()).count();
    members.truncate(rows_max);
    lags.truncate(rows_max);
    GroupView {
        group_id: id.0.clone(),
        state: match modern {
            _ if !has_coordinator && (group.is_some() || modern.is_some()) => NO_COORDINATOR.into(),
            Some((_, modern)) => modern.state().name().into(),
            None => group.map_or(GroupState::Empty, |group| group.state).name().into(),
        },
        generation_id: match modern {
            Some((_, modern)) => Some(modern.group_epoch),
            None => group.map(|group| group.generation_id).filter(|generation| *generation > 0),
        },
        protocol: match modern {
            Some((_, modern)) => Some(super::group::server_assignor(world, modern).into()),
            None => group.and_then(|group| group.protocol_name.as_deref()).filter(|name| !name.is_empty()).map(Into::into),
        },
        coordinator: modern
            .and_then(|(broker, _)| broker)
            .or(kept.and_then(|(broker, _)| broker))
            .or_else(|| coordinator(world, id)),
        members,
        member_count,
        lags,
        total_lag,
    }
}

fn share_group_view(world: &World, id: &GroupId) -> Option<ShareGroupView> {
    let board = board(world, id)?;
    let lags = board.share?.partitions.into_iter().filter_map(|partition| partition.lag());
    let lag = lags.reduce(|sum, lag| sum + lag);
    Some(ShareGroupView { group_id: board.group_id, state: board.state, members: board.members, lag })
}

/// The leader of the group's partition of `__consumer_offsets`, once that topic is there.
pub(super) fn coordinator(world: &World, id: &GroupId) -> Option<BrokerId> {
    let topic = world.cluster().topic(OFFSETS_TOPIC)?;
    topic.partition(group_partition(id, topic.partitions.len() as i32))?.leader
}

/// The members that the coordinator counts, and after them the consumers that are on their way to become some.
fn members(world: &World, id: &GroupId, group: Option<&Group>, modern: Option<&ConsumerGroup>) -> Vec<MemberView> {
    let mut consumers: Vec<(&Client, &Consumer)> = consumers(world)
        .filter(|(_, consumer)| consumer.config().group_id.as_ref() == Some(id) && consumer.kind() != SubscriptionKind::Manual)
        .collect();
    let mut members = Vec::new();
    for member in group.iter().flat_map(|group| group.members.values()) {
        let at = consumers.iter().position(|(_, consumer)| consumer.member_id() == Some(&member.member_id));
        let own = at.map(|at| consumers.remove(at));
        let crashed = if own.is_none() { crashed_member(world, &member.member_id) } else { None };
        let protocol = group.and_then(|group| group.protocol_name.as_deref());
        let subscription = protocol
            .and_then(|protocol| member.subscription(protocol))
            .or_else(|| member.protocols.first().map(|(_, subscription)| subscription));
        // While all is stable, what the coordinator gave and what the consumer has are the same; in between the consumer
        // knows better what it reads.
        let assignment = own.map_or_else(|| member.assignment.clone(), |(_, consumer)| consumer.assignment());
        members.push(MemberView {
            name: match (own, &crashed) {
                (Some((client, _)), _) => owner_name(world, client),
                (None, Some((_, name))) => name.clone(),
                (None, None) => member.client_id.as_str().into(),
            },
            client: own.map(|(client, _)| client.id).or(crashed.map(|(client, _)| client)),
            client_id: member.client_id.as_str().into(),
            member_id: Some(member.member_id.0.clone()),
            group_instance_id: member.group_instance_id.as_deref().map(Into::into),
            subscription: subscription.iter().flat_map(|wanted| &wanted.topics).map(|topic| topic.0.clone()).collect(),
            idle: assignment.is_empty(),
            assignment,
            gone: own.is_none(),
        });
    }
    for member in modern.iter().flat_map(|modern| modern.members.values()) {
        let at = consumers.iter().position(|(_, consumer)| consumer.member_id() == Some(&member.member_id));
        members.push(modern_member(world, member, at.map(|at| consumers.remove(at))));
    }
    members.extend(consumers.into_iter().map(|(client, consumer)| joining(world, client, consumer)));
    members
}

/// A member of a group of the consumer protocol.
fn modern_member(world: &World, member: &ConsumerMember, own: Option<(&Client, &Consumer)>) -> MemberView {
    let crashed = if own.is_none() { crashed_member(world, &member.member_id) } else { None };
    let assignment = own.map_or_else(|| member.owned().cloned().collect(), |(_, consumer)| consumer.assignment());
    MemberView {
        name: match (own, &crashed) {
            (Some((client, _)), _) => owner_name(world, client),
            (None, Some((_, name))) => name.clone(),
            (None, None) => member.client_id.as_str().into(),
        },
        client: own.map(|(client, _)| client.id).or(crashed.map(|(client, _)| client)),
        client_id: member.client_id.as_str().into(),
        member_id: Some(member.member_id.0.clone()),
        group_instance_id: member.instance_id.as_deref().map(Into::into),
        subscription: member.subscribed_topics.iter().map(|topic| topic.0.clone()).collect(),
        idle: assignment.is_empty(),
        assignment,
        gone: own.is_none(),
    }
}

/// The client that was this member, and its program's name, where that has crashed.
fn crashed_member(world: &World, member: &MemberId) -> Option<(ClientId, Rc<str>)> {
    crashes(world).find_map(|(_, name, clients)| {
        let (client, _) = clients.iter().find(|(_, known)| known.as_ref() == Some(member))?;
        Some((*client, name.clone()))
    })
}

/// A crashed program's clients.
type Crashed<'w> = (SimTime, &'w Rc<str>, &'w [(ClientId, Option<MemberId>)]);

/// The latest crashes first.
fn crashes(world: &World) -> impl Iterator<Item = Crashed<'_>> {
    world.trace().iter().rev().filter_map(|entry| match &entry.event {
        TraceEvent::ProgramKilled { name, clients, .. } => Some((entry.at, name, &**clients)),
        _ => None,
    })
}

/// A consumer that is gone by a crash, while its group's coordinator still counts it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GoneMember {
    pub name: Rc<str>,
    pub crashed_at: SimTime,
    pub group: GroupId,
    pub assignment: Vec<TopicPartition>,
    /// When the coordinator gives it up.
    pub session_deadline: SimTime,
}

/// What became of a consumer that crashed.
pub fn gone_member(world: &World, id: ClientId) -> Option<GoneMember> {
    let (crashed_at, name, member) = crashes(world).find_map(|(at, name, clients)| {
        let (_, member) = clients.iter().find(|(client, _)| *client == id)?;
        Some((at, name.clone(), member.clone()?))
    })?;
    let counted = world.brokers().flat_map(|broker| &broker.groups).find_map(|(group, state)| {
        let member = state.members.get(&member)?;
        Some((group.clone(), member.assignment.clone(), member.session_deadline))
    });
    let (group, assignment, deadline) = counted?;
    Some(GoneMember { name, crashed_at, group, assignment, session_deadline: deadline })
}

/// A consumer that the coordinator does not count yet, or no longer.
fn joining(world: &World, client: &Client, consumer: &Consumer) -> MemberView {
    let assignment = consumer.assignment();
    MemberView {
        name: owner_name(world, client),
        client: Some(client.id),
        client_id: client.client_id.as_str().into(),
        member_id: None,
        group_instance_id: consumer.config().group_instance_id.as_deref().map(Into::into),
        subscription: consumer.subscription().map(|topic| topic.0.clone()).collect(),
        idle: assignment.is_empty(),
        assignment,
        gone: false,
    }
}

fn lags(world: &World, id: &GroupId, members: &[MemberView]) -> Vec<PartitionLag> {
    let mut rows = SortedMap::new();
    let held = world.brokers().find_map(|broker| broker.committed.get(id));
    let lost = if held.is_none() { world.groups_without_coordinator() } else { None };
    let committed = held.or_else(|| lost.as_ref()?.committed.get(id));
    for (partition, committed) in committed.into_iter().flatten() {
        rows.insert(partition.clone(), (Some(committed.offset.0), None));
    }
    for member in members {
        for partition in &member.assignment {
            rows.get_or_insert_with(partition.clone(), || (None, None)).1 = Some(member.name.clone());
        }
    }
    rows.into_iter()
        .filter_map(|(partition, (committed_offset, member))| {
            let log_end_offset = leader_replica(world, &partition)?.high_watermark.0;
            let lag = committed_offset.map(|committed| (log_end_offset - committed).max(0));
            Some(PartitionLag { topic_partition: partition, committed_offset, log_end_offset, lag, member })
        })
        .collect()
}
