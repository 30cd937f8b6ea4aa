//! Lives here: all state of a simulation in one value, its one way forward, `step()`, and what a person or a program can do to it.
//! Never here: what a node or a client does with what reaches it: a world hands it over, and carries out what comes back.
//!
//! A step takes the next due from the agenda, lets its handler look at the world, and applies what the handler returned.
//! Everything that follows at the same instant inside a client or program happens within the step.

pub mod agenda;
mod clients;
mod faults;
pub mod invariants;
pub mod program;
mod programs;
mod quorum;
pub mod safety;
mod step;

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

pub use programs::{OutputLine, ProgramEntry, ProgramStatus};

use self::agenda::{Agenda, Due};
use self::programs::File;
use crate::base::{BrokerId, Chunked, ClientId, Derived, Prng, ProgramId, SimTime, SortedMap, Span, WorldHasher};
use crate::engine::broker::Broker;
use crate::engine::client::{Client, ClientEffect, ClientKind, Consumer, Event, Producer, ShareConsumer};
use crate::engine::configs::BrokerConfigs;
use crate::engine::group::Loaded;
use crate::engine::group_coordinator::loading::without_coordinator;
use crate::engine::metadata::Cluster;
use crate::engine::network::Network;
use crate::engine::trace::TraceEntry;

/// What a world is made from.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct WorldConfig {
    pub seed: u64,
    pub brokers: u32,
    /// Controllers, where they are nodes of their own; with 1, a single broker is its own.
    pub controllers: u32,
    /// One way between a client and a broker.
    pub latency: Span,
    /// Up to this much more.
    pub jitter: Span,
    /// `broker.rack` of the brokers, in their order; those beyond the list have none.
    pub racks: Vec<String>,
    /// Broker settings that differ from Kafka's defaults.
    pub broker_configs: SortedMap<String, String>,
}

impl Default for WorldConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            brokers: 1,
            controllers: 1,
            latency: Span::from_us(400),
            jitter: Span::from_us(200),
            racks: Vec::new(),
            broker_configs: SortedMap::new(),
        }
    }
}

/// A stream of chance for each concern.
#[derive(Clone, Hash, Debug)]
struct Streams {
    clients: Prng,
    programs: Prng,
    ids: Prng,
}

#[derive(Clone)]
pub struct World {
    config: Rc<WorldConfig>,
    configs: Derived<Rc<BrokerConfigs>>,
    now: SimTime,
    steps: u64,
    agenda: Agenda,
    network: Network,
    streams: Streams,
    cluster: Rc<Cluster>,
    brokers: SortedMap<BrokerId, Rc<Broker>>,
    clients: SortedMap<ClientId, Rc<Client>>,
    programs: SortedMap<ProgramId, Rc<ProgramEntry>>,
    /// The latest run of each name.
    names: SortedMap<Rc<str>, ProgramId>,
    /// The folder that all programs work in: text files, by name.
    files: SortedMap<Rc<str>, Rc<File>>,
    next_client: u32,
    /// The program of each client that there ever was, the first client's first. Not hashed: it decides nothing.
    owners: Chunked<ProgramId>,
    next_program: u32,
    /// Brokers whose process is suspended, with what has come for them since.
    frozen: SortedMap<BrokerId, Vec<Due>>,
    trace: Chunked<TraceEntry>,
    /// What waits to be told to programs within this step.
    pending: VecDeque<(ProgramId, Event)>,
    /// Empty: room for what a client asks for, used again and again.
    effects: Vec<ClientEffect>,
    /// Why the simulation has stopped: an invariant does not hold.
    failure: Option<Rc<str>>,
}

impl World {
    pub fn new(config: WorldConfig) -> Self {
        let seed = config.seed;
        let broker_ids: Vec<BrokerId> = (1..=config.brokers.max(1) as i32).map(BrokerId).collect();
        let mut world = Self {
            now: SimTime::ZERO,
            steps: 0,
            agenda: Agenda::default(),
            network: Network::new(config.latency, config.jitter, Prng::new(seed, "network")),
            streams: Streams {
                clients: Prng::new(seed, "clients"),
                programs: Prng::new(seed, "programs"),
                ids: Prng::new(seed, "ids"),
            },
            cluster: Rc::new(Cluster::new(&broker_ids, &config.racks, config.controllers, &config.broker_configs, seed)),
            brokers: broker_ids.iter().map(|id| (*id, Rc::new(Broker::new(*id)))).collect(),
            clients: SortedMap::new(),
            programs: SortedMap::new(),
            names: SortedMap::new(),
            files: SortedMap::new(),
            next_client: 1,
            owners: Chunked::default(),
            next_program: 1,
            frozen: SortedMap::new(),
            trace: Chunked::default(),
            pending: VecDeque::new(),
            effects: Vec::new(),
            failure: None,
            configs: Derived(Rc::new(BrokerConfigs::of(&config.broker_configs, broker_ids.len()))),
            config: Rc::new(config),
        };
        world.begin_background_work();
        world
    }

    // ---- looking

    pub fn config(&self) -> &WorldConfig {
        &self.config
    }

    pub fn now(&self) -> SimTime {
        self.now
    }

    /// How many dues have been handled.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    pub fn agenda(&self) -> &Agenda {
        &self.agenda
    }

    pub fn next_time(&self) -> Option<SimTime> {
        if self.failure.is_some() { None } else { self.agenda.next_time() }
    }

    /// The brokers' settings.
    pub fn broker_configs(&self) -> &BrokerConfigs {
        &self.configs
    }

    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    fn cluster_rc(&self) -> Rc<Cluster> {
        self.cluster.clone()
    }

    fn cluster_mut(&mut self) -> &mut Cluster {
        Rc::make_mut(&mut self.cluster)
    }

    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Is the broker's process suspended?
    pub fn is_frozen(&self, broker: BrokerId) -> bool {
        self.frozen.contains_key(&broker)
    }

    pub fn brokers(&self) -> impl Iterator<Item = &Broker> {
        self.brokers.values().map(Rc::as_ref)
    }

    pub fn broker(&self, id: BrokerId) -> Option<&Broker> {
        self.brokers.get(&id).map(Rc::as_ref)
    }

    /// Into how many partitions of `__consumer_offsets` groups fall, as the first broker that runs has it: each goes by how many
    /// there were when it started.
    pub fn group_homes(&self) -> i32 {
        let set = self.configs.offsets_topic_num_partitions;
        self.brokers.values().find(|broker| broker.running).map_or(set, |broker| broker.group_homes(&self.configs))
    }

    /// What the logs say of groups that no coordinator has loaded now: for who looks on, since no node knows it. `None` where
    /// each partition of `__consumer_offsets` has a coordinator.
    pub fn groups_without_coordinator(&self) -> Option<Loaded> {
        without_coordinator(&self.informed(), &self.brokers)
    }

    pub fn clients(&self) -> impl Iterator<Item = &Client> {
        self.clients.values().map(Rc::as_ref)
    }

    pub fn client(&self, id: ClientId) -> Option<&Client> {
        self.clients.get(&id).map(Rc::as_ref)
    }

    pub fn consumer(&self, id: ClientId) -> Option<&Consumer> {
        match &self.client(id)?.kind {
            ClientKind::Consumer(consumer) => Some(consumer),
            _ => None,
        }
    }

    pub fn share_consumer(&self, id: ClientId) -> Option<&ShareConsumer> {
        match &self.client(id)?.kind {
            ClientKind::Share(consumer) => Some(consumer),
            _ => None,
        }
    }

    pub fn producer(&self, id: ClientId) -> Option<&Producer> {
        match &self.client(id)?.kind {
            ClientKind::Producer(producer) => Some(producer),
            _ => None,
        }
    }

    pub fn programs(&self) -> impl DoubleEndedIterator<Item = &ProgramEntry> {
        self.programs.values().map(Rc::as_ref)
    }

    pub fn program(&self, id: ProgramId) -> Option<&ProgramEntry> {
        self.programs.get(&id).map(Rc::as_ref)
    }

    /// The latest run of the program with this name.
    pub fn program_named(&self, name: &str) -> Option<&ProgramEntry> {
        self.program(*self.names.get(name)?)
    }

    /// The latest run of each program, by name.
    pub fn latest_programs(&self) -> impl Iterator<Item = &ProgramEntry> {
        self.names.values().filter_map(|id| self.program(*id))
    }

    /// The names of the files of the folder that programs work in.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(Rc::as_ref)
    }

    pub fn file(&self, name: &str) -> Option<Rc<str>> {
        self.files.get(name).map(|file| file.text())
    }

    pub fn trace(&self) -> &Chunked<TraceEntry> {
        &self.trace
    }

    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// The hash of all state: equal worlds have equal hashes, on every machine. The trace is left out: it decides nothing.
    pub fn hash(&self) -> u64 {
        let mut world_hasher = WorldHasher::default();
        // As programs are hashed: so each type's hash is there once, not for each kind of hasher.
        let mut hasher: &mut dyn Hasher = &mut world_hasher;
        (&self.config, self.now, self.steps, &self.agenda, &self.network, &self.streams).hash(&mut hasher);
        (&self.cluster, &self.brokers, &self.clients, &self.programs, &self.names, &self.files).hash(&mut hasher);
        (self.next_client, self.next_program, &self.frozen).hash(&mut hasher);
        hasher.finish()
    }
}
