//! The groups that there are, and who keeps each of them.

use crate::base::{BrokerId, GroupId, SortedMap, SortedSet, TopicPartition};
use crate::engine::client::consumer::SubscriptionKind;
use crate::engine::client::{Client, Consumer, ShareConsumer};
use crate::engine::group::{ConsumerGroup, Group, Loaded, ShareGroup};
use crate::engine::metadata::{OFFSETS_TOPIC, group_partition};
use crate::engine::protocol::CommittedOffset;
use crate::engine::world::World;
use crate::view::parts::clients::{consumers, share_consumers};
use crate::view::parts::group_kind::GroupKind;

/// A group as its coordinator keeps it.
#[derive(Clone, Copy)]
pub(super) enum Kept<'w> {
    Classic(&'w Group),
    Consumer(&'w ConsumerGroup),
    Share(&'w ShareGroup),
    Nowhere,
}

/// The groups of a world at a moment. What is asked for each of them is looked up once.
pub struct Groups<'w> {
    pub world: &'w World,
    /// What was written of groups whose coordinator is gone.
    lost: Option<Loaded>,
    /// The running consumers that name a group. Those that chose their partitions by hand are not among them.
    consumers: SortedMap<GroupId, Vec<(&'w Client, &'w Consumer)>>,
    shares: SortedMap<GroupId, Vec<(&'w Client, &'w ShareConsumer)>>,
    /// All that a coordinator keeps, that hold offsets, or that a running consumer names.
    ids: SortedSet<GroupId>,
}

impl<'w> Groups<'w> {
    pub fn of(world: &'w World) -> Self {
        let lost = world.groups_without_coordinator();
        let mut ids: SortedSet<GroupId> = SortedSet::new();
        for broker in world.brokers() {
            ids.extend(broker.groups.keys().chain(broker.consumer_groups.keys()).cloned());
            ids.extend(broker.share_groups.keys().chain(broker.committed.keys()).cloned());
        }
        if let Some(lost) = &lost {
            ids.extend(lost.groups.keys().chain(lost.consumer_groups.keys()).cloned());
            ids.extend(lost.share_groups.keys().chain(lost.committed.keys()).cloned());
        }
        // Streams groups have no board yet, whatever they have committed.
        let streams = world.brokers().flat_map(|broker| broker.streams_groups.keys());
        for id in streams.chain(lost.iter().flat_map(|lost| lost.streams_groups.keys())) {
            ids.remove(id);
        }
        let mut groups = Self { world, lost, consumers: SortedMap::new(), shares: SortedMap::new(), ids };
        for (client, consumer) in consumers(world) {
            let Some(group) = &consumer.config().group_id else { continue };
            groups.ids.insert(group.clone());
            if consumer.kind() != SubscriptionKind::Manual {
                groups.consumers.get_or_default(group.clone()).push((client, consumer));
            }
        }
        for (client, consumer) in share_consumers(world) {
            let group = &consumer.config().group_id;
            groups.ids.insert(group.clone());
            groups.shares.get_or_default(group.clone()).push((client, consumer));
        }
        groups
    }

    /// By id.
    pub fn ids(&self) -> impl Iterator<Item = &GroupId> {
        self.ids.iter()
    }

    /// `None` where nobody knows the group. One that only holds offsets is classic.
    pub fn kind(&self, id: &GroupId) -> Option<GroupKind> {
        match self.kept(id).1 {
            Kept::Consumer(_) => Some(GroupKind::Consumer),
            Kept::Share(_) => Some(GroupKind::Share),
            Kept::Nowhere if self.shares.contains_key(id) => Some(GroupKind::Share),
            Kept::Classic(_) | Kept::Nowhere => self.ids.contains(id).then_some(GroupKind::Classic),
        }
    }

    pub(super) fn consumers(&self, id: &GroupId) -> &[(&'w Client, &'w Consumer)] {
        self.consumers.get(id).map_or(&[], Vec::as_slice)
    }

    pub(super) fn share_consumers(&self, id: &GroupId) -> &[(&'w Client, &'w ShareConsumer)] {
        self.shares.get(id).map_or(&[], Vec::as_slice)
    }

    /// The group, and its coordinator; without one, what was last written of the group.
    pub(super) fn kept(&self, id: &GroupId) -> (Option<BrokerId>, Kept<'_>) {
        if let Some((broker, kept)) = coordinated(self.world, id) {
            return (Some(broker), kept);
        }
        let Some(lost) = &self.lost else { return (None, Kept::Nowhere) };
        let kept = latest(lost.consumer_groups.get(id), lost.share_groups.get(id), lost.groups.get(id));
        (None, kept.unwrap_or(Kept::Nowhere))
    }

    /// What the group has committed.
    pub(super) fn committed(&self, id: &GroupId) -> Option<&SortedMap<TopicPartition, CommittedOffset>> {
        let held = self.world.brokers().find_map(|broker| broker.committed.get(id));
        held.or_else(|| self.lost.as_ref()?.committed.get(id))
    }

    /// The leader of the group's partition of `__consumer_offsets`, once that topic is there.
    pub(super) fn coordinator(&self, id: &GroupId) -> Option<BrokerId> {
        let topic = self.world.cluster().topic(OFFSETS_TOPIC)?;
        topic.partition(group_partition(id, self.world.group_homes()))?.leader
    }
}

/// The group, and the broker that coordinates it.
pub(super) fn coordinated<'w>(world: &'w World, id: &GroupId) -> Option<(BrokerId, Kept<'w>)> {
    world.brokers().find_map(|broker| {
        let kept = latest(broker.consumer_groups.get(id), broker.share_groups.get(id), broker.groups.get(id))?;
        Some((broker.id, kept))
    })
}

/// Of what is kept under one id: an empty group of the consumer protocol comes last.
fn latest<'w>(
    consumer: Option<&'w std::rc::Rc<ConsumerGroup>>,
    share: Option<&'w std::rc::Rc<ShareGroup>>,
    classic: Option<&'w std::rc::Rc<Group>>,
) -> Option<Kept<'w>> {
    match (consumer, share, classic) {
        (Some(group), ..) if !group.members.is_empty() => Some(Kept::Consumer(group)),
        (_, Some(group), _) => Some(Kept::Share(group)),
        (.., Some(group)) => Some(Kept::Classic(group)),
        (Some(group), None, None) => Some(Kept::Consumer(group)),
        (None, None, None) => None,
    }
}

/// All groups that there is something to show of, by id.
pub fn groups(world: &World) -> Vec<GroupId> {
    Groups::of(world).ids().cloned().collect()
}
