//! The trace, read for groups. No drawing reads it from its start: what has been read is kept, and only what came since is
//! read on.
//!
//! ```text
//!  trace     [· · · · · · · · · · · ·│· · ·]
//!  a reading  kept from before ──────┤ read now     the same trace, further on
//!             dropped, read anew                    another one: the world went back, or took another way
//! ```

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::history::{History, Past};
use super::news::{News, Recently};
use crate::base::{BrokerId, Chunked, ClientId, GroupId, MemberId, SimTime, SortedMap, TopicPartition};
use crate::engine::metadata::{OFFSETS_TOPIC, group_partition};
use crate::engine::trace::{TraceEntry, TraceEvent};
use crate::engine::world::World;
use crate::view::parts::clients::{consumers, share_consumers};

/// Changes of a coordinator that are kept, of each partition of `__consumer_offsets`.
const COORDINATORS_MAX: usize = 8;

/// Crashed clients that are kept.
const CRASHES_MAX: usize = 256;

/// Groups that are kept; beyond them those without members go.
const GROUPS_MAX: usize = 1024;

/// Readings kept: that of the page's world, and one of another.
const READINGS_MAX: usize = 2;

/// A group, as far as the trace has been read.
#[derive(Default)]
struct Group {
    past: Past,
    recently: Recently,
}

/// A partition of `__consumer_offsets`: all groups in it have the same coordinator.
struct Home {
    coordinator: Option<BrokerId>,
    /// When it changed, in words.
    told: Vec<(SimTime, String)>,
}

/// A client whose program has crashed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Crash {
    pub at: SimTime,
    pub name: Rc<str>,
    pub client: ClientId,
    /// The member that it was.
    pub member: MemberId,
}

#[derive(Default)]
struct Reading {
    /// What has been read; it shares its chunks with the world's trace.
    read: Chunked<TraceEntry>,
    groups: SortedMap<GroupId, Group>,
    /// The group that a client is or was a member of.
    clients: SortedMap<ClientId, GroupId>,
    homes: SortedMap<i32, Home>,
    crashes: VecDeque<Crash>,
}

thread_local! {
    /// The latest first. What is read of a trace depends on the trace alone: keeping it only saves reading it again.
    static READINGS: RefCell<Vec<Reading>> = const { RefCell::new(Vec::new()) };
}

/// Asks the reading of the world's trace, read to its end.
fn read<R>(world: &World, ask: impl FnOnce(&Reading) -> R) -> R {
    READINGS.with_borrow_mut(|readings| {
        let known = readings.iter().position(|reading| world.trace().continues(&reading.read));
        let mut reading = match known {
            Some(at) => readings.remove(at),
            None => Reading::of_now(world),
        };
        reading.read_on(world);
        let answer = ask(&reading);
        readings.insert(0, reading);
        readings.truncate(READINGS_MAX);
        answer
    })
}

/// What a group has been through.
pub fn history(world: &World, id: &GroupId) -> History {
    read(world, |reading| {
        let mut history = reading.groups.get(id).map_or_else(History::default, |group| group.past.history(world.now()));
        let home = home(world, id).and_then(|partition| reading.homes.get(&partition));
        history.coordinators = home.map_or_else(Vec::new, |home| home.told.clone());
        history
    })
}

/// What happened to a share group's records and members lately, the latest first.
pub(super) fn news(world: &World, id: &GroupId, delivery_count_max: u16) -> Vec<News> {
    read(world, |reading| reading.groups.get(id).map_or_else(Vec::new, |group| group.recently.told(delivery_count_max)))
}

/// The crash of a client that was a member of a group.
pub fn crash(world: &World, client: ClientId) -> Option<Crash> {
    read(world, |reading| reading.crashes.iter().find(|crash| crash.client == client).cloned())
}

/// The number of the group's partition of `__consumer_offsets`.
fn home(world: &World, id: &GroupId) -> Option<i32> {
    world.cluster().topic(OFFSETS_TOPIC)?;
    Some(group_partition(id, world.group_homes()))
}

impl Reading {
    /// One that has read nothing yet. Where the trace no longer has its beginning, it knows who is in a group now.
    fn of_now(world: &World) -> Self {
        let mut reading = Self::default();
        if world.trace().start() == 0 {
            return reading;
        }
        let classic = consumers(world)
            .filter_map(|(client, consumer)| Some((client, consumer.config().group_id.as_ref()?, consumer.member_id()?)));
        let shares = share_consumers(world)
            .filter_map(|(client, consumer)| Some((client, &consumer.config().group_id, consumer.member_id()?)));
        for (client, group, member) in classic.chain(shares) {
            reading.clients.insert(client.id, group.clone());
            reading.groups.get_or_default(group.clone()).past.learn(world, member, client.id, client.owner);
        }
        reading
    }

    fn read_on(&mut self, world: &World) {
        for entry in world.trace().iter_from(self.read.end()) {
            self.entry(world, entry);
        }
        self.read = world.trace().clone();
    }

    fn entry(&mut self, world: &World, entry: &TraceEntry) {
        let (at, event) = (entry.at, &entry.event);
        match event {
            TraceEvent::GroupState { group, .. }
            | TraceEvent::MemberStep { group, .. }
            | TraceEvent::MemberGone { group, .. }
            | TraceEvent::ShareRecords { group, .. } => self.group(world, group, at, event),
            TraceEvent::MemberJoined { group, by, .. } => {
                if let Some(client) = by {
                    self.clients.insert(*client, group.clone());
                }
                self.group(world, group, at, event);
            }
            TraceEvent::PartitionsAssigned { client, .. }
            | TraceEvent::PartitionsRevoked { client, .. }
            | TraceEvent::PartitionsLost { client, .. } => {
                if let Some(group) = self.clients.get(client).cloned() {
                    self.group(world, &group, at, event);
                }
            }
            TraceEvent::ProgramKilled { name, clients, .. } => {
                let mut groups: Vec<GroupId> = clients.iter().filter_map(|(client, _)| self.clients.get(client).cloned()).collect();
                groups.dedup();
                groups.iter().for_each(|group| self.group(world, group, at, event));
                for (client, member) in clients.iter().filter_map(|(client, member)| Some((*client, member.clone()?))) {
                    self.crashes.push_front(Crash { at, name: name.clone(), client, member });
                }
                self.crashes.truncate(CRASHES_MAX);
            }
            TraceEvent::ProgramExited { program, .. } => {
                let own = self.groups.values_mut().filter(|group| group.past.has_client_of(*program));
                own.for_each(|group| group.past.event(world, at, event));
            }
            TraceEvent::LeaderElected { topic_partition, leader, .. } if topic_partition.topic.as_str() == OFFSETS_TOPIC => {
                self.coordinated_by(world, at, topic_partition, *leader);
            }
            TraceEvent::BrokerStopped { broker, crash: true } => self.broker_crashed(world, at, *broker),
            _ => {}
        }
    }

    fn group(&mut self, world: &World, id: &GroupId, at: SimTime, event: &TraceEvent) {
        if self.groups.len() >= GROUPS_MAX && !self.groups.contains_key(id) {
            self.groups.retain(|_, group| group.past.has_members());
            let groups = &self.groups;
            self.clients.retain(|_, group| groups.contains_key(group));
        }
        let group = self.groups.get_or_default(id.clone());
        group.past.event(world, at, event);
        group.recently.event(&group.past.names, at, event);
    }

    fn home(&mut self, world: &World, partition: i32) -> &mut Home {
        self.homes.get_or_insert_with(partition, || {
            let state = world.cluster().topic(OFFSETS_TOPIC).and_then(|topic| topic.partition(partition));
            // A new partition is led by the first of its replicas.
            Home { coordinator: state.and_then(|state| state.replicas.first().copied()), told: Vec::new() }
        })
    }

    fn coordinated_by(&mut self, world: &World, at: SimTime, partition: &TopicPartition, leader: Option<BrokerId>) {
        let home = self.home(world, partition.partition);
        let before = std::mem::replace(&mut home.coordinator, leader);
        match leader {
            _ if before == leader && leader.is_some() => {}
            Some(leader) => {
                home.tell(at, format!("Broker {leader} leads {partition} now, has read the group from it, and coordinates it."));
            }
            None => home.tell(at, format!("No broker leads {partition}: the group has no coordinator.")),
        }
    }

    fn broker_crashed(&mut self, world: &World, at: SimTime, broker: BrokerId) {
        let partitions = world.cluster().topic(OFFSETS_TOPIC).map_or(0, |topic| topic.partitions.len() as i32);
        for partition in 0..partitions {
            let home = self.home(world, partition);
            if home.coordinator == Some(broker) {
                let text = format!(
                    "Broker {broker}, its coordinator, crashes. Members read on with what they have; nobody hears their heartbeats and \
                     commits until the controller has noticed."
                );
                home.tell(at, text);
            }
        }
    }
}

impl Home {
    fn tell(&mut self, at: SimTime, text: String) {
        self.told.push((at, text));
        if self.told.len() > COORDINATORS_MAX {
            self.told.remove(0);
        }
    }
}
