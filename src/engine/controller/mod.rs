//! Lives here: the cluster's metadata, and the requests that read or change it: topics, partitions, configs, who leads.
//! Never here: logs and groups.

pub mod brokers;
pub mod elections;
mod names;
pub mod placement;
pub mod quorum;
pub mod reassignment;
mod requests;
mod settings;

use std::rc::Rc;

pub use brokers::{Registration, RegistrationChange};
pub use names::{check_instance_id, check_name};
pub use requests::{OFFSETS_TOPIC, check_addition, check_creation, group_partition, handle, make_share_state_topic};

use self::quorum::Quorum;
use super::configs::{self, TopicConfigs};
use super::log::LogConfig;
use crate::base::{BrokerId, Derived, GroupId, Prng, SortedMap, TopicId, TopicName, TopicPartition};

/// The first node that is a controller and no broker; a single broker is both, unless controllers are asked for.
pub const CONTROLLER: BrokerId = BrokerId(100);

/// What KRaft's metadata log says, as all brokers see it at once.
#[derive(Clone, Hash, Debug)]
pub struct Cluster {
    pub broker_ids: Vec<BrokerId>,
    /// What the controller knows of each broker.
    pub registrations: SortedMap<BrokerId, Registration>,
    /// The active controller; where there is none now, the last one.
    pub controller: BrokerId,
    /// The controllers among themselves.
    pub quorum: Quorum,
    /// Settings that brokers were given while they run.
    pub broker_configs: SortedMap<BrokerId, SortedMap<String, String>>,
    topics: SortedMap<TopicName, Rc<Topic>>,
    pub next_producer_id: i64,
    /// Settings of groups, as far as they have some of their own.
    group_configs: SortedMap<GroupId, SortedMap<String, String>>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Topic {
    pub topic_id: TopicId,
    pub internal: bool,
    pub partitions: Vec<PartitionState>,
    /// The topic's own settings; all others have their defaults.
    pub configs: SortedMap<String, String>,
    /// What these come to.
    pub settings: Derived<Rc<TopicConfigs>>,
}

/// `PartitionRegistration`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PartitionState {
    pub replicas: Vec<BrokerId>,
    pub isr: Vec<BrokerId>,
    pub elr: Vec<BrokerId>,
    pub last_known_elr: Vec<BrokerId>,
    pub leader: Option<BrokerId>,
    pub leader_epoch: i32,
    pub partition_epoch: i32,
    /// Replicas that a reassignment brings in, and those that it takes away (KIP-455).
    pub adding: Vec<BrokerId>,
    pub removing: Vec<BrokerId>,
    /// The leader was elected unclean and has not reported itself recovered (`LeaderRecoveryState`).
    pub recovering: bool,
}

/// A change of the metadata.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TopicChange {
    Created {
        name: TopicName,
        internal: bool,
        replicas: Vec<Vec<BrokerId>>,
        configs: SortedMap<String, String>,
    },
    PartitionsAdded {
        name: TopicName,
        replicas: Vec<Vec<BrokerId>>,
    },
    Configured {
        name: TopicName,
        configs: SortedMap<String, String>,
        /// No replica outside of the ISR is eligible any more (`ClearElrRecord`).
        clears_elr: bool,
    },
    Deleted {
        name: TopicName,
    },
    /// One partition is led or replicated in another way.
    Partition {
        name: TopicName,
        partition: i32,
        state: PartitionState,
    },
}

impl TopicChange {
    pub fn topic(&self) -> &TopicName {
        match self {
            Self::Created { name, .. }
            | Self::PartitionsAdded { name, .. }
            | Self::Configured { name, .. }
            | Self::Deleted { name }
            | Self::Partition { name, .. } => name,
        }
    }
}

impl Topic {
    pub fn partition(&self, partition: i32) -> Option<&PartitionState> {
        self.partitions.get(usize::try_from(partition).ok()?)
    }

    /// A setting's value: the topic's own, else the default.
    pub fn config(&self, name: &str) -> &str {
        match self.configs.get(name) {
            Some(own) => own,
            None => configs::topic_config(name).map_or("", |config| config.default),
        }
    }

    pub fn replication_factor(&self) -> usize {
        self.partitions.first().map_or(0, |partition| partition.replicas.len())
    }
}

impl Cluster {
    /// `racks`: of the first brokers, in their order.
    pub fn new(broker_ids: &[BrokerId], racks: &[String], controllers: u32, seed: u64) -> Self {
        let register = |(at, id): (usize, &BrokerId)| {
            (*id, Registration { rack: racks.get(at).filter(|rack| !rack.is_empty()).cloned(), ..Registration::default() })
        };
        let apart = controllers > 1 || broker_ids.len() > 1;
        let voters: Vec<BrokerId> = match apart {
            true => (0..controllers.max(1) as i32).map(|at| BrokerId(CONTROLLER.0 + at)).collect(),
            false => vec![BrokerId(1)],
        };
        let quorum = Quorum::new(&voters, seed);
        Self {
            broker_ids: broker_ids.to_vec(),
            controller: quorum.leader.unwrap_or(CONTROLLER),
            quorum,
            registrations: broker_ids.iter().enumerate().map(register).collect(),
            broker_configs: SortedMap::new(),
            topics: SortedMap::new(),
            next_producer_id: 0,
            group_configs: SortedMap::new(),
        }
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

    /// The settings that a group has of its own.
    pub fn group_configs(&self, group_id: &GroupId) -> Option<&SortedMap<String, String>> {
        self.group_configs.get(group_id)
    }

    /// Called by `apply` only.
    pub(super) fn set_group_configs(&mut self, group_id: GroupId, configs: SortedMap<String, String>) {
        if configs.is_empty() {
            self.group_configs.remove(&group_id);
        } else {
            self.group_configs.insert(group_id, configs);
        }
    }

    pub(super) fn log_config(&self, topic: &TopicName) -> LogConfig {
        let settings = self.topics.get(topic).map(|topic| &topic.settings);
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
    pub(super) fn apply(&mut self, ids: &mut Prng, change: TopicChange) {
        match change {
            TopicChange::Created { name, internal, replicas, configs } => {
                let partitions = replicas.into_iter().map(|replicas| self.new_partition(replicas)).collect();
                let settings = Derived(Rc::new(TopicConfigs::of(&configs)));
                let topic = Topic { topic_id: random_uuid(ids), internal, partitions, configs, settings };
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
                    topic.settings = Derived(Rc::new(TopicConfigs::of(&configs)));
                    topic.configs = configs;
                    let eligible =
                        |partition: &&mut PartitionState| !partition.elr.is_empty() || !partition.last_known_elr.is_empty();
                    for partition in topic.partitions.iter_mut().filter(|_| clears_elr).filter(eligible) {
                        partition.elr.clear();
                        partition.last_known_elr.clear();
                        partition.partition_epoch += 1;
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

impl PartitionState {
    pub fn new(replicas: Vec<BrokerId>) -> Self {
        Self {
            leader: replicas.first().copied(),
            isr: replicas.clone(),
            replicas,
            elr: Vec::new(),
            last_known_elr: Vec::new(),
            leader_epoch: 0,
            partition_epoch: 0,
            adding: Vec::new(),
            removing: Vec::new(),
            recovering: false,
        }
    }

    /// Does the first of its replicas lead it?
    pub fn has_preferred_leader(&self) -> bool {
        self.leader.is_some() && self.leader == self.replicas.first().copied()
    }

    /// Are replicas being added or taken away?
    pub fn is_reassigned(&self) -> bool {
        !self.adding.is_empty() || !self.removing.is_empty()
    }
}

/// `Uuid.randomUuid`: version 4, and never one whose text begins with a dash.
pub fn random_uuid(ids: &mut Prng) -> TopicId {
    loop {
        let bits = ids.next_u128();
        let bits = (bits & !(0xf << 76)) | (4 << 76);
        let bits = (bits & !(0b11 << 62)) | (0b10 << 62);
        let id = TopicId(bits);
        if !id.to_string().starts_with('-') {
            return id;
        }
    }
}
