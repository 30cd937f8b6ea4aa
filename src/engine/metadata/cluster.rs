//! The cluster as the metadata log says it is (`MetadataImage`).

use std::rc::Rc;

use super::quorum::Quorum;
use super::registration::{Registration, RegistrationChange};
use super::topic::{PartitionState, Topic, TopicChange, random_uuid};
use crate::base::{BrokerId, Derived, GroupId, Prng, SimTime, SortedMap, TopicId, TopicName, TopicPartition, sort};
use crate::engine::configs::{self, Settings, Sources, TopicConfigs};
use crate::engine::log::LogConfig;

/// Stands for all brokers where settings are given to one or to all.
pub const EVERY_BROKER: BrokerId = BrokerId(-1);

/// The first node that is a controller and no broker; a single broker is both, unless controllers are asked for.
pub const CONTROLLER: BrokerId = BrokerId(100);

/// What KRaft's metadata log says, as all brokers see it at once.
#[derive(Clone, Hash, Debug)]
pub struct Cluster {
    /// Those that are registered, by number.
    pub broker_ids: Vec<BrokerId>,
    /// What the controller knows of each broker; of one that is not registered, what it was when it was.
    pub registrations: SortedMap<BrokerId, Registration>,
    /// The active controller; where there is none now, the last one.
    pub controller: BrokerId,
    /// The controllers among themselves.
    pub quorum: Quorum,
    /// Settings that brokers were given while they run; those of `EVERY_BROKER` count where a broker has none of its own.
    pub broker_configs: SortedMap<BrokerId, Settings>,
    /// Those that all brokers were started with.
    started_with: Derived<Rc<Settings>>,
    /// What topics have from the settings of brokers: for `EVERY_BROKER`, and for those where it differs.
    inherited: Derived<SortedMap<BrokerId, Rc<Settings>>>,
    topics: SortedMap<TopicName, Rc<Topic>>,
    pub next_producer_id: i64,
    /// Settings of groups, as far as they have some of their own.
    pub(in crate::engine) group_configs: SortedMap<GroupId, Settings>,
}

impl Cluster {
    /// `racks`: of the first brokers, in their order. `started_with`: the settings of all.
    pub fn new(broker_ids: &[BrokerId], racks: &[String], controllers: u32, started_with: &Settings, seed: u64) -> Self {
        let register = |(at, id): (usize, &BrokerId)| {
            (*id, Registration { rack: racks.get(at).filter(|rack| !rack.is_empty()).cloned(), ..Registration::default() })
        };
        let apart = controllers > 1 || broker_ids.len() > 1;
        let voters: Vec<BrokerId> = match apart {
            true => (0..controllers.max(1) as i32).map(|at| BrokerId(CONTROLLER.0 + at)).collect(),
            false => vec![BrokerId(1)],
        };
        let quorum = Quorum::new(&voters, seed);
        let mut cluster = Self {
            broker_ids: broker_ids.to_vec(),
            controller: quorum.leader.unwrap_or(CONTROLLER),
            quorum,
            registrations: broker_ids.iter().enumerate().map(register).collect(),
            broker_configs: SortedMap::new(),
            started_with: Derived(Rc::new(started_with.clone())),
            inherited: Derived::default(),
            topics: SortedMap::new(),
            next_producer_id: 0,
            group_configs: SortedMap::new(),
        };
        cluster.inherit();
        cluster
    }

    /// The settings that count at a broker.
    pub fn sources(&self, broker: BrokerId) -> Sources<'_> {
        let given = |broker| self.broker_configs.get(&broker);
        Sources { own: given(broker), all: given(EVERY_BROKER), started_with: &self.started_with }
    }

    /// What a topic's settings come to at a broker.
    pub(in crate::engine) fn settings_at(&self, broker: BrokerId, topic: &Topic) -> Rc<TopicConfigs> {
        match self.inherited.get(&broker) {
            Some(inherited) => Rc::new(TopicConfigs::of(&topic.configs, inherited)),
            None => topic.settings.0.clone(),
        }
    }

    /// Puts the settings of a broker, or of all, in place of what was there. Called by `apply` only.
    pub(in crate::engine) fn configure(&mut self, broker: BrokerId, configs: Settings, clears_elr: bool) {
        self.broker_configs.insert(broker, configs);
        self.inherit();
        for topic in self.topics.values_mut().filter(|_| clears_elr) {
            Rc::make_mut(topic).clear_elr();
        }
    }

    fn inherit(&mut self) {
        let of_all = configs::inherited(self.sources(EVERY_BROKER));
        let own = self.broker_configs.keys().map(|broker| (*broker, configs::inherited(self.sources(*broker))));
        let mut inherited: SortedMap<BrokerId, Rc<Settings>> =
            own.filter(|(_, own)| *own != of_all).map(|(broker, own)| (broker, Rc::new(own))).collect();
        let of_all = Rc::new(of_all);
        for topic in self.topics.values_mut().filter(|topic| *topic.inherited.0 != *of_all) {
            let topic = Rc::make_mut(topic);
            topic.inherited = Derived(of_all.clone());
            topic.settle();
        }
        inherited.insert(EVERY_BROKER, of_all);
        self.inherited = Derived(inherited);
    }

    pub fn topic(&self, name: &str) -> Option<&Topic> {
        self.topics.get(name).map(Rc::as_ref)
    }

    /// A topic with its name as all the cluster shares it.
    pub fn named_topic(&self, name: &TopicName) -> Option<(&TopicName, &Topic)> {
        self.topics.get_key_value(name).map(|(name, topic)| (name, topic.as_ref()))
    }

    /// A partition and its topic.
    pub fn partition(&self, partition: &TopicPartition) -> Option<(&Topic, &PartitionState)> {
        let topic = self.topics.get(&partition.topic)?;
        Some((topic, topic.partition(partition.partition)?))
    }

    pub fn has(&self, partition: &TopicPartition) -> bool {
        self.partition(partition).is_some()
    }

    pub fn topics(&self) -> impl Iterator<Item = (&TopicName, &Topic)> {
        self.topics.iter().map(|(name, topic)| (name, topic.as_ref()))
    }

    /// What topics are called, by the ids that records name them by.
    pub fn topic_names(&self) -> SortedMap<TopicId, TopicName> {
        self.topics().map(|(name, topic)| (topic.topic_id, name.clone())).collect()
    }

    /// The settings that a group has of its own.
    pub fn group_configs(&self, group_id: &GroupId) -> Option<&Settings> {
        self.group_configs.get(group_id)
    }

    /// Called by `apply` only.
    pub(in crate::engine) fn set_group_configs(&mut self, group_id: GroupId, configs: Settings) {
        if configs.is_empty() {
            self.group_configs.remove(&group_id);
        } else {
            self.group_configs.insert(group_id, configs);
        }
    }

    pub(in crate::engine) fn log_config(&self, broker: BrokerId, topic: &TopicName) -> LogConfig {
        let settings = self.topics.get(topic).map(|topic| self.settings_at(broker, topic));
        settings.map_or(LogConfig { segment_bytes: u64::MAX, segment_ms: u64::MAX }, |settings| LogConfig {
            segment_bytes: settings.segment_bytes,
            segment_ms: settings.segment_ms,
        })
    }

    /// A new partition: in sync are those that live.
    fn new_partition(&self, replicas: Vec<BrokerId>) -> PartitionState {
        let mut state = PartitionState::new(replicas);
        state.isr.retain(|replica| self.is_active(*replica));
        state.leader = state.isr.first().copied();
        state
    }

    /// Called by `apply` only.
    pub(in crate::engine) fn apply(&mut self, ids: &mut Prng, change: TopicChange) {
        match change {
            TopicChange::Created { name, internal, replicas, configs } => {
                let partitions = replicas.into_iter().map(|replicas| self.new_partition(replicas)).collect();
                let inherited = Derived(self.inherited.get(&EVERY_BROKER).cloned().unwrap_or_default());
                let settings = Derived(Rc::new(TopicConfigs::of(&configs, &inherited)));
                let topic = Topic { topic_id: random_uuid(ids), internal, partitions, configs, inherited, settings };
                self.topics.insert(name, Rc::new(topic));
            }
            TopicChange::PartitionsAdded { name, replicas } => {
                let added: Vec<PartitionState> = replicas.into_iter().map(|replicas| self.new_partition(replicas)).collect();
                if let Some(topic) = self.topics.get_mut(&name) {
                    Rc::make_mut(topic).partitions.extend(added);
                }
            }
            TopicChange::Configured { name, configs, clears_elr } => {
                if let Some(topic) = self.topics.get_mut(&name).map(Rc::make_mut) {
                    topic.configs = configs;
                    topic.settle();
                    if clears_elr {
                        topic.clear_elr();
                    }
                }
            }
            TopicChange::Deleted { name } => {
                self.topics.remove(&name);
            }
            TopicChange::Partition { name, partition, state } => {
                if let Some(topic) = self.topics.get_mut(&name)
                    && let Some(old) = Rc::make_mut(topic).partitions.get_mut(partition.max(0) as usize)
                {
                    *old = state;
                }
            }
        }
    }
}

impl Cluster {
    /// Is the broker registered and not fenced: may it lead, and be in sync?
    pub fn is_active(&self, broker: BrokerId) -> bool {
        self.registrations.get(&broker).is_some_and(|registration| !registration.fenced)
    }

    /// `broker.rack` of those among these brokers that have one.
    pub fn racks_of<'a>(&self, brokers: impl IntoIterator<Item = &'a BrokerId>) -> SortedMap<BrokerId, String> {
        let rack = |id: &BrokerId| Some((*id, self.registrations.get(id)?.rack.clone()?));
        brokers.into_iter().filter_map(rack).collect()
    }

    /// Which of a broker's registrations is in force.
    pub fn registration_epoch(&self, broker: BrokerId) -> i64 {
        self.registrations.get(&broker).map_or(0, |registration| registration.epoch)
    }

    /// Called by `apply` only.
    pub(in crate::engine) fn register(&mut self, now: SimTime, change: RegistrationChange) {
        let (RegistrationChange::Registered(broker)
        | RegistrationChange::Heard(broker)
        | RegistrationChange::Fenced(broker)
        | RegistrationChange::Unfenced(broker)
        | RegistrationChange::Unregistered(broker)) = change;
        let Some(registration) = self.registrations.get_mut(&broker) else { return };
        match change {
            RegistrationChange::Registered(_) => {
                registration.epoch += 1;
                if !self.broker_ids.contains(&broker) {
                    self.broker_ids.push(broker);
                    sort(&mut self.broker_ids);
                }
            }
            RegistrationChange::Unregistered(_) => {
                registration.fenced = true;
                self.broker_ids.retain(|id| *id != broker);
            }
            RegistrationChange::Heard(_) => registration.last_heartbeat = now,
            RegistrationChange::Fenced(_) => registration.fenced = true,
            RegistrationChange::Unfenced(_) => registration.fenced = false,
        }
    }
}
