//! Topics and their partitions: who has replicas, who leads, and what changes of that (`PartitionRegistration`).

use std::rc::Rc;

use crate::base::{BrokerId, Derived, Prng, TopicId, TopicName};
use crate::engine::configs::{self, Settings, TopicConfigs};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Topic {
    pub topic_id: TopicId,
    pub internal: bool,
    pub partitions: Vec<PartitionState>,
    /// The topic's own settings; all others are as the brokers have them.
    pub configs: Settings,
    /// What it has from the brokers.
    pub(super) inherited: Derived<Rc<Settings>>,
    /// What these come to.
    pub settings: Derived<Rc<TopicConfigs>>,
}

impl Topic {
    pub fn partition(&self, partition: i32) -> Option<&PartitionState> {
        self.partitions.get(usize::try_from(partition).ok()?)
    }

    /// A setting's value: the topic's own, else that of all brokers, else the default.
    pub fn config(&self, name: &str) -> &str {
        match self.configs.get(name).or_else(|| self.inherited.get(name)) {
            Some(told) => told,
            None => configs::topic_config(name).map_or("", |config| config.default),
        }
    }

    pub fn replication_factor(&self) -> usize {
        self.partitions.first().map_or(0, |partition| partition.replicas.len())
    }

    /// Works out anew what its settings come to.
    pub(super) fn settle(&mut self) {
        self.settings = Derived(Rc::new(TopicConfigs::of(&self.configs, &self.inherited)));
    }

    /// No replica outside of the ISR is eligible any more (`ClearElrRecord`).
    pub(super) fn clear_elr(&mut self) {
        let eligible = |partition: &&mut PartitionState| !partition.elr.is_empty() || !partition.last_known_elr.is_empty();
        for partition in self.partitions.iter_mut().filter(eligible) {
            partition.elr.clear();
            partition.last_known_elr.clear();
            partition.partition_epoch += 1;
        }
    }
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

/// A change of the metadata.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TopicChange {
    Created {
        name: TopicName,
        internal: bool,
        replicas: Vec<Vec<BrokerId>>,
        configs: Settings,
    },
    PartitionsAdded {
        name: TopicName,
        replicas: Vec<Vec<BrokerId>>,
    },
    Configured {
        name: TopicName,
        configs: Settings,
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

    pub fn deleted(&self) -> Option<&TopicName> {
        match self {
            Self::Deleted { name } => Some(name),
            _ => None,
        }
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
