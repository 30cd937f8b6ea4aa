//! All state of a simulation in one value, and its one way forward: `step()`.
//!
//! A step takes the next due from the agenda, lets its handler look at the world, and applies what the handler returned.
//! Everything that follows at the same instant inside a client or program happens within the step.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::agenda::{Agenda, Due};
use super::broker::{Asked, Broker};
use super::client::{
    Admin, Client, ClientContext, ClientEffect, ClientKind, Consumer, ConsumerConfig, Producer, ProducerConfig, ShareConsumer,
    ShareConsumerConfig, Wire,
};
use super::configs::BrokerConfigs;
use super::controller;
use super::coordinator;
use super::invariants;
use super::network::{Body, Endpoint, Loss, Message, Network, RequestRef};
use super::node::NodeContext;
use super::program::{Context, Event, Program};
use super::protocol::{Recipient, Request, Response};
use super::trace::{TraceEntry, TraceEvent};
use crate::base::{
    BrokerId, Chunked, ClientId, Derived, Prng, ProgramId, SimTime, SortedMap, SortedSet, Span, TopicName, TopicPartition,
    WorldHasher, sort,
};
use crate::engine::coordinator::group::loading::without_coordinator;
use crate::engine::group::Loaded;
use crate::engine::metadata::{Cluster, TopicChange};
use crate::engine::node::{BrokerTimer, Change, Outcome};
use crate::engine::{node, server};

/// Events that may follow one another within one step. A program that never stops asking would hang the page.
const EVENTS_PER_STEP_MAX: usize = 100_000;

/// Trace entries kept.
const TRACE_KEPT: usize = 64 * 1024;

/// Bytes that a file may have.
const FILE_MAX: u64 = 16 * 1024 * 1024;

/// `request.timeout.ms` of an admin client.
const ADMIN_REQUEST_TIMEOUT_MS: u64 = 30_000;

/// Lines of output kept for each program.
const OUTPUT_KEPT: usize = 100 * 1024;

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

/// How a program fares.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ProgramStatus {
    Running,
    Exited {
        code: i32,
        at: SimTime,
    },
    /// SIGKILL: gone without a word.
    Killed {
        at: SimTime,
    },
}

/// One run of a program.
pub struct ProgramEntry {
    pub id: ProgramId,
    pub name: Rc<str>,
    pub started_at: SimTime,
    pub status: ProgramStatus,
    pub output: Chunked<OutputLine>,
    /// How long it takes for each record that it reads, where a person has said so.
    pub record_time: Option<Span>,
    /// `None` only while the program handles an event.
    program: Option<Box<dyn Program>>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OutputLine {
    pub at: SimTime,
    pub text: Rc<str>,
}

/// A text file, as the pieces that were written to it: to write more costs the same however long it is.
#[derive(Clone, Hash, Debug, Default)]
struct File {
    pieces: Chunked<Rc<str>>,
    bytes: u64,
}

impl File {
    fn text(&self) -> Rc<str> {
        match (self.pieces.last(), self.pieces.len()) {
            (None, _) => "".into(),
            (Some(only), 1) => only.clone(),
            _ => self.pieces.iter().map(Rc::as_ref).collect::<String>().into(),
        }
    }
}

impl ProgramEntry {
    pub fn is_running(&self) -> bool {
        self.status == ProgramStatus::Running
    }

    /// The program's state, if it is a `T`.
    pub fn state<T: 'static>(&self) -> Option<&T> {
        self.program.as_ref()?.as_any().downcast_ref()
    }
}

impl Clone for ProgramEntry {
    fn clone(&self) -> Self {
        Self {
            id: self.id,
            name: self.name.clone(),
            started_at: self.started_at,
            status: self.status,
            output: self.output.clone(),
            record_time: self.record_time,
            program: self.program.as_ref().map(|program| program.copy()),
        }
    }
}

impl Hash for ProgramEntry {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.id, &self.name, self.started_at, self.status, &self.output, self.record_time).hash(state);
        if let Some(program) = &self.program {
            program.hash_into(state);
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
    pub(super) agenda: Agenda,
    pub(super) network: Network,
    streams: Streams,
    cluster: Rc<Cluster>,
    pub(super) brokers: SortedMap<BrokerId, Rc<Broker>>,
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
    pub(super) frozen: SortedMap<BrokerId, Vec<Due>>,
    trace: Chunked<TraceEntry>,
    /// What waits to be told to programs within this step.
    pending: VecDeque<(ProgramId, Event)>,
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
            cluster: Rc::new(Cluster::new(&broker_ids, &config.racks, config.controllers, seed)),
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
            failure: None,
            configs: Derived(Rc::new(BrokerConfigs::of(&config.broker_configs))),
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

    pub(super) fn cluster_rc(&self) -> Rc<Cluster> {
        self.cluster.clone()
    }

    pub(super) fn cluster_mut(&mut self) -> &mut Cluster {
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

    // ---- going on

    /// Handles the next due. False when nothing is due any more, or the simulation has stopped.
    pub fn step(&mut self) -> bool {
        if self.failure.is_some() {
            return false;
        }
        let Some((at, due)) = self.agenda.pop() else {
            return false;
        };
        self.now = at;
        self.steps += 1;
        self.handle(due);
        self.drain_pending();
        self.check();
        true
    }

    /// Lets time pass to `at`, where nothing is due before it.
    pub fn advance_clock(&mut self, at: SimTime) {
        debug_assert!(self.agenda.next_time().is_none_or(|next| next >= at), "time would jump over a due");
        self.now = self.now.max(at);
    }

    fn handle(&mut self, due: Due) {
        let Some(due) = self.hold_back(due) else { return };
        match due {
            Due::Arrive(message) => self.arrive(message),
            Due::BrokerTimer { broker, timer } => {
                match timer {
                    BrokerTimer::MetadataArrives => return self.catch_up_with_metadata(broker),
                    BrokerTimer::QuorumElection => return self.elect_controller(),
                    _ => {}
                }
                let outcome = match self.brokers.get(&broker) {
                    Some(known) if !known.running => return,
                    Some(known) => server::on_timer(&self.node(known), known, timer),
                    None => controller::brokers::on_timer(&self.informed(), timer),
                };
                self.carry_out(broker, outcome);
            }
            Due::TimesOut(request) => {
                self.network.give_up(request);
                self.stop_forwarding(request);
                self.lose(request);
            }
            Due::ClientTimer { client, timer } => {
                self.with_client(client, |client, cx| client.on_timer(cx, timer));
            }
            Due::ProgramEvent { program, event } => self.pending.push_back((program, event)),
        }
    }

    pub(super) fn arrive(&mut self, message: Message) {
        let reference = RequestRef { from: message.from, correlation: message.correlation };
        match (message.to, message.body) {
            (Endpoint::Broker(id), Body::Request(request)) => {
                let outcome = match self.brokers.get(&id) {
                    _ if self.cluster.quorum.leader == Some(id) && request.recipient() == Recipient::ActiveController => {
                        controller::brokers::handle(&self.informed(), reference, &request)
                    }
                    // Nobody listens: the connection is refused, or was reset.
                    Some(broker) if !broker.running || !broker.listening && matches!(message.from, Endpoint::Client(_)) => {
                        return self.send_lost(id, reference, Loss::Refused);
                    }
                    Some(broker) => server::handle(&self.node(broker), broker, reference, &request),
                    None => return self.send_lost(id, reference, Loss::Refused),
                };
                self.carry_out(id, outcome);
            }
            (Endpoint::Broker(id), Body::Response(response)) => self.broker_answered(id, message.correlation, Some(&response)),
            (Endpoint::Broker(id), Body::Lost(_)) => self.broker_answered(id, message.correlation, None),
            (Endpoint::Client(client), Body::Response(response)) => {
                self.with_client(client, |client, cx| client.on_response(cx, message.correlation, &response));
            }
            (Endpoint::Client(client), Body::Lost(loss)) => {
                self.with_client(client, |client, cx| client.on_lost(cx, message.correlation, loss));
            }
            (Endpoint::Client(client), Body::Closed) => {
                if let Endpoint::Broker(broker) = message.from {
                    self.with_client(client, |client, cx| client.on_closed(cx, broker));
                }
            }
            (Endpoint::Broker(_), Body::Closed) => debug_assert!(false, "brokers learn of each other by their requests"),
            (Endpoint::Client(_), Body::Request(_)) => debug_assert!(false, "nobody asks a client"),
        }
    }

    fn broker_answered(&mut self, id: BrokerId, correlation: u32, response: Option<&Response>) {
        if let Some(broker) = self.brokers.get(&id).filter(|broker| broker.running) {
            let outcome = server::on_response(&self.node(broker), broker, correlation, response);
            self.carry_out(id, outcome);
        }
    }

    /// What this broker can know now.
    pub fn node<'a>(&'a self, broker: &'a Broker) -> NodeContext<'a> {
        NodeContext { metadata: broker.stale.as_deref().unwrap_or(&self.cluster), ..self.informed() }
    }

    /// What a node can know that has heard of every change of the metadata, as the active controller has.
    pub fn informed(&self) -> NodeContext<'_> {
        NodeContext {
            now: self.now,
            metadata: &self.cluster,
            configs: &self.configs,
            seed: self.config.seed,
            given: &self.config.broker_configs,
        }
    }

    /// Applies what a node's handler returned, and what follows from that on all brokers at once.
    pub(super) fn carry_out(&mut self, node: BrokerId, outcome: Outcome) {
        let mut queue = VecDeque::from([(node, outcome)]);
        while let Some((node, mut outcome)) = queue.pop_front() {
            self.tell_of_deleted_topics(&mut outcome);
            for event in outcome.trace {
                self.record(event);
            }
            let mut touched: SortedMap<BrokerId, Vec<TopicPartition>> = SortedMap::new();
            let mut moved = Vec::with_capacity(outcome.changes.len());
            for change in outcome.changes {
                self.apply(change, &mut moved);
            }
            for (broker, partition) in moved {
                touched.get_or_default(broker).push(partition);
            }
            if outcome.wakes || !outcome.touched.is_empty() {
                touched.get_or_default(node).extend(outcome.touched);
            }
            for (at, timer) in outcome.timers {
                self.agenda.push(at, Due::BrokerTimer { broker: node, timer });
            }
            for (to, response) in outcome.responses {
                self.respond(node, to, response);
            }
            for (to, request, asked) in outcome.requests {
                self.ask(node, to, request, asked);
            }
            for (broker, mut partitions) in touched {
                // Each once: what waited would else be let go twice.
                sort(&mut partitions);
                partitions.dedup();
                if let Some(known) = self.brokers.get(&broker).filter(|known| known.running) {
                    queue.push_back((broker, server::on_progress(&self.node(known), known, &partitions)));
                }
            }
        }
    }

    /// Every coordinator that hears of a topic's end drops what groups have committed for it.
    fn tell_of_deleted_topics(&self, outcome: &mut Outcome) {
        let deleted = |change: &Change| match change {
            Change::Topic(TopicChange::Deleted { name }) => Some(name.clone()),
            _ => None,
        };
        let topics: SortedSet<TopicName> = outcome.changes.iter().filter_map(deleted).collect();
        for broker in self.brokers().filter(|broker| broker.learns()) {
            coordinator::group::expiry::topics_deleted(&self.informed(), broker, &topics, outcome);
        }
    }

    /// The one place where a broker's or the cluster's state changes.
    fn apply(&mut self, change: Change, touched: &mut Vec<(BrokerId, TopicPartition)>) {
        let now = self.now;
        node::apply(&mut self.cluster, &mut self.brokers, &mut self.streams.ids, now, change, touched);
    }

    fn respond(&mut self, node: BrokerId, to: RequestRef, response: Response) {
        if matches!(to.from, Endpoint::Client(client) if !self.clients.contains_key(&client)) {
            return;
        }
        let arrives = self.send(Endpoint::Broker(node), to.from, to.correlation, Body::Response(Rc::new(response)));
        if let Endpoint::Client(client) = to.from {
            self.record(TraceEvent::ResponseSent { client, broker: node, arrives });
        }
    }

    /// A request of a broker's own.
    fn ask(&mut self, node: BrokerId, to: BrokerId, request: Request, asked: Asked) {
        let Some(correlation) = self.brokers.get(&node).map(|broker| broker.next_correlation) else { return };
        self.apply(Change::Asks { broker: node, asked }, &mut Vec::new());
        self.send(Endpoint::Broker(node), Endpoint::Broker(to), correlation, Body::Request(Rc::new(request)));
    }

    fn drain_pending(&mut self) {
        for _ in 0..EVENTS_PER_STEP_MAX {
            let Some((program, event)) = self.pending.pop_front() else {
                return;
            };
            self.tell(program, event);
        }
        self.failure = Some(format!("more than {EVENTS_PER_STEP_MAX} events followed one another without time passing").into());
    }

    fn tell(&mut self, id: ProgramId, event: Event) {
        let Some(entry) = self.programs.get_mut(&id) else {
            return;
        };
        if !entry.is_running() {
            return;
        }
        let Some(mut program) = Rc::make_mut(entry).program.take() else {
            return;
        };
        program.handle(event, &mut Context::new(self, id));
        if let Some(entry) = self.programs.get_mut(&id) {
            Rc::make_mut(entry).program = Some(program);
        }
    }

    fn check(&mut self) {
        if cfg!(debug_assertions)
            && self.failure.is_none()
            && let Err(report) = invariants::check(self)
        {
            self.failure = Some(report.into());
        }
    }

    // ---- programs, from outside

    /// Starts a program under a name. An earlier run of that name must have ended.
    pub fn start_program(&mut self, name: &str, program: Box<dyn Program>) -> ProgramId {
        let id = ProgramId(self.next_program);
        self.next_program += 1;
        let name: Rc<str> = name.into();
        let entry = ProgramEntry {
            id,
            name: name.clone(),
            started_at: self.now,
            status: ProgramStatus::Running,
            output: Chunked::default(),
            record_time: None,
            program: Some(program),
        };
        self.programs.insert(id, Rc::new(entry));
        self.names.insert(name.clone(), id);
        self.record(TraceEvent::ProgramStarted { program: id, name });
        self.send_event(id, Event::Started);
        id
    }

    /// Hands an event to a program now: a line typed, `^D`, an interrupt, a word.
    pub fn send_event(&mut self, program: ProgramId, event: Event) {
        self.pending.push_back((program, event));
        self.drain_pending();
    }

    /// Makes a program take so long for each record that it reads from now on; zero: as long as it does by itself.
    pub fn slow_program(&mut self, id: ProgramId, per_record: Span) {
        if let Some(entry) = self.programs.get_mut(&id) {
            Rc::make_mut(entry).record_time = (per_record > Span::ZERO).then_some(per_record);
            self.record(TraceEvent::ProgramSlow { program: id, per_record });
        }
    }

    /// The program that owns a client, also after the client is gone.
    pub fn owner(&self, client: ClientId) -> Option<ProgramId> {
        self.owners.get(u64::from(client.0).checked_sub(1)?).copied()
    }

    /// SIGKILL: the program and its clients are gone. Requests already on their way still arrive.
    pub fn kill_program(&mut self, id: ProgramId) {
        let at = self.now;
        self.end_program(id, ProgramStatus::Killed { at });
    }

    fn end_program(&mut self, id: ProgramId, status: ProgramStatus) {
        let Some(entry) = self.programs.get_mut(&id) else {
            return;
        };
        if !entry.is_running() {
            return;
        }
        let entry = Rc::make_mut(entry);
        entry.status = status;
        let name = entry.name.clone();
        let owned: Vec<ClientId> = self.clients().filter(|client| client.owner == id).map(|client| client.id).collect();
        let member = |client: &ClientId| {
            let shares = self.share_consumer(*client).and_then(|consumer| consumer.member_id());
            let member = self.consumer(*client).and_then(|consumer| consumer.member_id()).or(shares);
            (*client, member.cloned())
        };
        let clients: Rc<[_]> = owned.iter().map(member).collect();
        for client in owned {
            self.remove_client(client);
        }
        self.record(match status {
            ProgramStatus::Exited { code, .. } => TraceEvent::ProgramExited { program: id, name, code },
            _ => TraceEvent::ProgramKilled { program: id, name, clients },
        });
    }

    // ---- what programs ask for (see `Context`)

    pub(super) fn program_chance(&mut self) -> &mut Prng {
        &mut self.streams.programs
    }

    pub(super) fn program_timer(&mut self, program: ProgramId, delay: Span, token: u64) {
        let at = self.now + delay;
        self.agenda.push(at, Due::ProgramEvent { program, event: Event::Timer { token } });
    }

    pub(super) fn program_output(&mut self, program: ProgramId, text: Rc<str>) {
        let at = self.now;
        if let Some(entry) = self.programs.get_mut(&program) {
            let output = &mut Rc::make_mut(entry).output;
            output.push(OutputLine { at, text });
            output.keep_last(OUTPUT_KEPT);
        }
    }

    /// Makes a file empty, or anew.
    pub(super) fn create_file(&mut self, name: &str) {
        self.files.insert(name.into(), Rc::default());
    }

    pub(super) fn remove_file(&mut self, name: &str) {
        self.files.remove(name);
    }

    /// Writes at a file's end, and makes it where there is none. False when it would become too long.
    pub(super) fn append_file(&mut self, name: &str, text: Rc<str>) -> bool {
        let file = Rc::make_mut(self.files.get_or_default(name.into()));
        let fits = file.bytes + text.len() as u64 <= FILE_MAX;
        if fits && !text.is_empty() {
            file.bytes += text.len() as u64;
            file.pieces.push(text);
        }
        fits
    }

    pub(super) fn program_exit(&mut self, program: ProgramId, code: i32) {
        let at = self.now;
        self.end_program(program, ProgramStatus::Exited { code, at });
    }

    pub(super) fn record(&mut self, event: TraceEvent) {
        self.trace.push(TraceEntry { at: self.now, step: self.steps, event });
        self.trace.keep_last(TRACE_KEPT);
    }

    // ---- clients

    pub(super) fn open_producer(&mut self, owner: ProgramId, config: ProducerConfig) -> ClientId {
        let client_id = config.client_id.clone();
        let wire = self.wire(config.bootstrap_servers.clone(), config.request_timeout_ms);
        self.open_client(owner, client_id, wire, ClientKind::Producer(Box::new(Producer::new(config))))
    }

    pub(super) fn open_consumer(&mut self, owner: ProgramId, config: ConsumerConfig) -> ClientId {
        let client_id = config.client_id.clone();
        let wire = self.wire(config.bootstrap_servers.clone(), config.request_timeout_ms);
        self.open_client(owner, client_id, wire, ClientKind::Consumer(Box::new(Consumer::new(config))))
    }

    pub(super) fn open_share_consumer(&mut self, owner: ProgramId, config: ShareConsumerConfig) -> ClientId {
        let client_id = config.client_id.clone();
        let wire = self.wire(config.bootstrap_servers.clone(), config.request_timeout_ms);
        self.open_client(owner, client_id, wire, ClientKind::Share(Box::new(ShareConsumer::new(config))))
    }

    pub(super) fn open_admin(&mut self, owner: ProgramId, client_id: &str, servers: Vec<BrokerId>) -> ClientId {
        let wire = self.wire(servers, ADMIN_REQUEST_TIMEOUT_MS);
        self.open_client(owner, client_id.to_owned(), wire, ClientKind::Admin(Box::new(Admin::new())))
    }

    /// A client that names no servers knows all brokers.
    fn wire(&self, servers: Vec<BrokerId>, request_timeout_ms: u64) -> Wire {
        let servers = if servers.is_empty() { self.brokers.keys().copied().collect() } else { servers };
        Wire::new(servers, Span::from_ms(request_timeout_ms))
    }

    fn open_client(&mut self, owner: ProgramId, client_id: String, wire: Wire, kind: ClientKind) -> ClientId {
        let id = ClientId(self.next_client);
        self.next_client += 1;
        self.owners.push(owner);
        self.clients.insert(id, Rc::new(Client { id, owner, client_id, next_correlation: 0, wire, kind }));
        id
    }

    fn remove_client(&mut self, id: ClientId) {
        self.end_share_sessions(id);
        self.clients.remove(&id);
        self.network.forget(id);
    }

    pub(super) fn close_client(&mut self, id: ClientId) {
        self.with_client(id, |client, cx| client.close(cx));
    }

    pub(super) fn with_producer<R>(
        &mut self,
        id: ClientId,
        call: impl FnOnce(&mut Producer, &mut ClientContext<'_>) -> R,
    ) -> Option<R> {
        self.with_client(id, |client, cx| match &mut client.kind {
            ClientKind::Producer(producer) => Some(call(producer, cx)),
            _ => None,
        })?
    }

    pub(super) fn with_consumer<R>(
        &mut self,
        id: ClientId,
        call: impl FnOnce(&mut Consumer, &mut ClientContext<'_>) -> R,
    ) -> Option<R> {
        self.with_client(id, |client, cx| match &mut client.kind {
            ClientKind::Consumer(consumer) => Some(call(consumer, cx)),
            _ => None,
        })?
    }

    pub(super) fn with_share_consumer<R>(
        &mut self,
        id: ClientId,
        call: impl FnOnce(&mut ShareConsumer, &mut ClientContext<'_>) -> R,
    ) -> Option<R> {
        self.with_client(id, |client, cx| match &mut client.kind {
            ClientKind::Share(consumer) => Some(call(consumer, cx)),
            _ => None,
        })?
    }

    pub(super) fn with_admin<R>(&mut self, id: ClientId, call: impl FnOnce(&mut Admin, &mut ClientContext<'_>) -> R) -> Option<R> {
        self.with_client(id, |client, cx| match &mut client.kind {
            ClientKind::Admin(admin) => Some(call(admin, cx)),
            _ => None,
        })?
    }

    /// Runs a client's handler and carries out what it asks for. `None` if there is no such client (any more).
    fn with_client<R>(&mut self, id: ClientId, handler: impl FnOnce(&mut Client, &mut ClientContext<'_>) -> R) -> Option<R> {
        let client = Rc::make_mut(self.clients.get_mut(&id)?);
        let owner = client.owner;
        let mut effects = Vec::new();
        let mut next_correlation = client.next_correlation;
        let mut wire = std::mem::take(&mut client.wire);
        let result = handler(
            client,
            &mut ClientContext {
                id,
                now: self.now,
                chance: &mut self.streams.clients,
                next_correlation: &mut next_correlation,
                wire: &mut wire,
                effects: &mut effects,
            },
        );
        client.next_correlation = next_correlation;
        client.wire = wire;
        for effect in effects {
            self.carry_out_client(id, owner, effect);
        }
        Some(result)
    }

    fn carry_out_client(&mut self, id: ClientId, owner: ProgramId, effect: ClientEffect) {
        match effect {
            ClientEffect::Request { correlation, to, request } => {
                let broker = to;
                let name = request.name();
                let body = Body::Request(request);
                let arrives = self.send(Endpoint::Client(id), Endpoint::Broker(broker), correlation, body);
                self.record(TraceEvent::RequestSent { client: id, broker, name, arrives });
            }
            ClientEffect::Timer { at, timer } => self.agenda.push(at, Due::ClientTimer { client: id, timer }),
            ClientEffect::Emit(event) => self.pending.push_back((owner, event)),
            ClientEffect::EmitAt(at, event) => self.agenda.push(at, Due::ProgramEvent { program: owner, event }),
            ClientEffect::Trace(event) => self.record(event),
            ClientEffect::Gone => {
                self.remove_client(id);
                self.pending.push_back((owner, Event::Closed { client: id }));
            }
        }
    }
}
