//! Lives here: an instance of an application (`KafkaStreams` with one stream thread): its clients, the tasks that its group gives
//! it, and when it commits; how stores are restored (`restoring`).
//! Never here: what a task does with a record (that is `task`), and who gets which task (that is the group's coordinator).
//!
//! ```text
//!  poll ─▸ records into the queues of tasks ─▸ process all that can be ─▸ send ─▸ commit if it is time ─▸ poll …
//!   └▸ listener: tasks taken ─▸ flush, commit, close        tasks given ─▸ restore ─▸ run
//! ```
//!
//! Nothing of a store outlives the instance: another one begins with the changelog, as in a new container.

mod commit;
mod config;
mod globals;
mod group;
mod restoring;

pub use config::{ExceptionHandler, StreamsConfig};

use super::processor::Sent;
use super::processor::{Dropped, Failure};
use super::store::Store;
use super::task::{Done, Task};
use super::topology::{Operator, Punctuation, Topology};
use super::values::Raw;
use crate::base::{ClientId, Offset, Span, Timestamp, TopicPartition};
use crate::engine::client::{ConsumerConfig, NewRecord, PolledRecords, ProducerConfig, StreamsTasks};
use crate::engine::world::program::{Behaviour, Context, Event};
use commit::Commit;
use restoring::Restoring;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A subtopology and a partition of it: `0_1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId {
    pub subtopology: usize,
    pub partition: i32,
}

impl std::fmt::Display for TaskId {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}_{}", self.subtopology, self.partition)
    }
}

/// `KafkaStreams.State`, as far as one thread has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    Created,
    Rebalancing,
    Running,
    PendingShutdown,
    NotRunning,
    /// An operator has thrown, and the thread has ended.
    Error,
}

#[derive(Clone, Hash, Debug)]
pub struct StreamsApp {
    config: StreamsConfig,
    topology: Rc<Topology>,
    state: State,
    clients: Option<Clients>,
    tasks: BTreeMap<TaskId, Running>,
    /// The stores of global tables.
    globals: Vec<Option<Store>>,
    read_globals: globals::Globals,
    restoring: Restoring,
    commit: Option<Commit>,
    /// When the interval of commits began, in simulated milliseconds.
    committed_at: i64,
    purged_at: i64,
    dropped: u64,
    /// The last ones, for those who ask why.
    last_dropped: Vec<(TaskId, Dropped)>,
    failure: Option<Failure>,
    /// Records of the topic that the program takes itself: keys and values.
    rows: Vec<(Option<Vec<u8>>, Option<Vec<u8>>)>,
}

#[derive(Clone, Copy, Debug, Hash)]
struct Clients {
    consumer: ClientId,
    producer: ClientId,
    restorer: ClientId,
    admin: ClientId,
}

/// A task that the instance has.
#[derive(Clone, Hash, Debug)]
pub struct Running {
    task: Task,
    /// False for a standby, which only follows its changelogs.
    active: bool,
    /// All its stores are there.
    restored: bool,
    /// The next offset of each partition after the last record that was processed, since the last commit.
    consumed: BTreeMap<TopicPartition, Offset>,
}

/// How many dropped records are kept to be looked at.
const DROPPED_KEPT: usize = 32;

impl StreamsApp {
    pub fn new(config: StreamsConfig, topology: Topology) -> Self {
        let topology = Rc::new(topology);
        let globals = topology.stores.iter().map(|spec| spec.global.then(|| spec.make())).collect();
        Self {
            config,
            state: State::Created,
            clients: None,
            tasks: BTreeMap::new(),
            globals,
            read_globals: globals::Globals::default(),
            restoring: Restoring::default(),
            commit: None,
            committed_at: 0,
            purged_at: 0,
            dropped: 0,
            last_dropped: Vec::new(),
            failure: None,
            rows: Vec::new(),
            topology,
        }
    }

    pub fn state(&self) -> State {
        self.state
    }

    pub fn application_id(&self) -> &str {
        &self.config.application_id
    }

    /// The records of the topic that the program takes itself, keys and values, since it asked last.
    pub fn take_rows(&mut self) -> Vec<(Option<Vec<u8>>, Option<Vec<u8>>)> {
        std::mem::take(&mut self.rows)
    }

    /// The topics that are made for the application alone, by their full names.
    pub fn own_topics(&self) -> Vec<String> {
        let of = |kind: super::topology::Subtopology| {
            kind.repartition_sources.into_iter().chain(kind.changelogs).map(|topic| topic.name)
        };
        let names = self.topology.task_kinds().into_iter().flat_map(of);
        names.map(|name| format!("{}-{name}", self.config.application_id)).collect()
    }

    pub fn topology(&self) -> &Rc<Topology> {
        &self.topology
    }

    /// Those that are open.
    pub fn clients(&self) -> Vec<ClientId> {
        let all = self.clients.iter().flat_map(|clients| [clients.consumer, clients.producer, clients.restorer, clients.admin]);
        all.chain(self.read_globals.consumer).collect()
    }

    pub fn tasks(&self) -> impl Iterator<Item = (&TaskId, &Running)> {
        self.tasks.iter()
    }

    /// `dropped-records-total`
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    pub fn last_dropped(&self) -> &[(TaskId, Dropped)] {
        &self.last_dropped
    }

    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// How many records it has read of changelogs so far.
    pub fn restored_records(&self) -> u64 {
        self.restoring.records()
    }

    /// Everything that happens to the program that the instance is part of.
    pub fn react(&mut self, event: &Event, cx: &mut Context<'_>) {
        match event {
            Event::Started => self.start(cx),
            Event::Interrupt => self.close(cx),
            _ => {}
        }
        let Some(clients) = self.clients else { return };
        match event {
            Event::Polled { consumer, records } if *consumer == clients.consumer => self.polled(cx, records),
            Event::Polled { consumer, records } if *consumer == clients.restorer => self.restore(cx, records),
            Event::Polled { consumer, records } if Some(*consumer) == self.read_globals.consumer => self.read_globals(cx, records),
            Event::PollFailed { consumer, .. } if Some(*consumer) == self.read_globals.consumer => {
                cx.poll(*consumer, self.config.poll());
            }
            Event::PollFailed { consumer, .. } if *consumer == clients.consumer => cx.poll(clients.consumer, self.config.poll()),
            Event::PollFailed { consumer, .. } if *consumer == clients.restorer => self.poll_of_changelogs_failed(cx),
            Event::PartitionsAssigned { consumer, .. } if *consumer == clients.consumer => self.given(cx),
            Event::PartitionsRevoked { consumer, partitions } if *consumer == clients.consumer => self.taken(cx, partitions),
            Event::PartitionsLost { consumer, partitions } if *consumer == clients.consumer => self.lost(cx, partitions),
            Event::Flushed { producer } if *producer == clients.producer => self.flushed(cx),
            Event::Committed { consumer, result } if *consumer == clients.consumer => self.committed(cx, result.is_ok()),
            Event::Answered { admin, call, result } if *admin == clients.admin => {
                self.ends_answered(cx, *call, result.as_deref().ok());
                self.globals_answered(cx, *call, result.as_deref().ok());
            }
            Event::Timer { .. } => self.go_on(cx),
            Event::Closed { client } if *client == clients.consumer => self.left(cx),
            _ => {}
        }
    }

    /// `KafkaStreams#start`
    fn start(&mut self, cx: &mut Context<'_>) {
        let now = self.now(cx);
        (self.committed_at, self.purged_at) = (now, now);
        self.state = State::Rebalancing;
        let client_id = &self.config.client_id(cx);
        let member = group::consumer(&self.config, &self.topology, cx);
        let consumer = cx.consumer(ConsumerConfig {
            client_id: format!("{client_id}-StreamThread-1-consumer"),
            bootstrap_servers: self.config.bootstrap_servers.clone(),
            enable_auto_commit: false,
            allow_auto_create_topics: false,
            ..member
        });
        let producer = cx.producer(ProducerConfig {
            client_id: format!("{client_id}-StreamThread-1-producer"),
            bootstrap_servers: self.config.bootstrap_servers.clone(),
            // The default of Streams: a batch waits longer for more.
            linger_ms: 100,
            ..ProducerConfig::default()
        });
        let restorer = cx.consumer(ConsumerConfig {
            client_id: format!("{client_id}-StreamThread-1-restore-consumer"),
            bootstrap_servers: self.config.bootstrap_servers.clone(),
            enable_auto_commit: false,
            allow_auto_create_topics: false,
            max_poll_records: 1000,
            ..ConsumerConfig::default()
        });
        let admin = cx.admin_at(&format!("{client_id}-admin"), &self.config.bootstrap_servers);
        self.clients = Some(Clients { consumer, producer, restorer, admin });
        if !self.start_globals(cx, client_id) {
            self.join(cx);
        }
    }

    fn join(&mut self, cx: &mut Context<'_>) {
        let Some(Clients { consumer, .. }) = self.clients else { return };
        let sources = group::subscribed(&self.config, &self.topology);
        cx.subscribe(consumer, &sources.iter().map(String::as_str).collect::<Vec<_>>());
        cx.poll(consumer, self.config.poll());
    }

    fn now(&self, cx: &Context<'_>) -> i64 {
        cx.now().timestamp().0
    }

    /// A topic's name for others: topics of its own have the application's id before theirs.
    fn decorated(&self, topic: &str) -> String {
        group::decorated(&self.config, &self.topology, topic)
    }

    // ---- records

    fn polled(&mut self, cx: &mut Context<'_>, records: &PolledRecords) {
        for (partition, record) in records.iter() {
            let topic = group::plain(&self.config, &self.topology, partition.topic.as_str());
            let source = self.topology.sources_of(topic).next();
            let Some(subtopology) = source.map(|source| self.topology.nodes[source].subtopology) else { continue };
            let id = TaskId { subtopology, partition: partition.partition };
            let Some(running) = self.tasks.get_mut(&id) else { continue };
            let raw = Raw::of(&record);
            running.task.enqueue(topic, raw);
        }
        let count = self.process(cx);
        if self.state == State::Error {
            return;
        }
        match cx.record_time().filter(|_| count > 0) {
            Some(time) => cx.timer(Span(time.0.saturating_mul(count)), self.config.timer),
            None => self.go_on(cx),
        }
    }

    /// After the records of a poll: commits if it is time, and polls again.
    fn go_on(&mut self, cx: &mut Context<'_>) {
        let Some(clients) = self.clients else { return };
        if self.commit.is_some() || matches!(self.state, State::Error | State::NotRunning) {
            return;
        }
        if self.now(cx) - self.committed_at >= self.config.commit_interval_ms {
            self.begin_commit(cx, Commit::for_interval());
        } else {
            cx.poll(clients.consumer, self.config.poll());
        }
    }

    /// Takes all records that can be taken now through their tasks. How many these were.
    fn process(&mut self, cx: &mut Context<'_>) -> u64 {
        let Some(clients) = self.clients else { return 0 };
        let now = self.now(cx);
        let mut count = 0;
        let ids: Vec<TaskId> =
            self.tasks.iter().filter(|(_, running)| running.active && running.restored).map(|(id, _)| *id).collect();
        for id in ids {
            while let Some(mut running) = self.tasks.remove(&id) {
                let lag = |topic: &str| {
                    let topic = group::decorated(&self.config, &self.topology, topic);
                    cx.lag(clients.consumer, &TopicPartition::new(topic.as_str(), id.partition)).map(|lag| lag.0)
                };
                let head = running.task.is_processable(lag).then(|| running.task.head()).flatten();
                let done = head.as_ref().and_then(|_| running.task.process(&mut self.globals, now));
                if let Some((topic, offset)) = head {
                    let topic = self.decorated(&topic);
                    running.consumed.insert(TopicPartition::new(topic.as_str(), id.partition), Offset(offset + 1));
                }
                let ticks = running.task.punctuate(Punctuation::StreamTime, &mut self.globals, now);
                self.tasks.insert(id, running);
                let went_on = done.is_some();
                for made in done.into_iter().chain([ticks]) {
                    self.made(cx, id, made);
                }
                if !went_on || self.state == State::Error {
                    break;
                }
                count += 1;
            }
            if let Some(running) = self.tasks.get_mut(&id) {
                let ticks = running.task.punctuate(Punctuation::WallClock, &mut self.globals, now);
                self.made(cx, id, ticks);
            }
        }
        count
    }

    fn made(&mut self, cx: &mut Context<'_>, id: TaskId, made: Result<Done, Failure>) {
        match made {
            Ok(done) => {
                self.dropped += done.dropped.len() as u64;
                self.last_dropped.extend(done.dropped.into_iter().map(|dropped| (id, dropped)));
                let surplus = self.last_dropped.len().saturating_sub(DROPPED_KEPT);
                self.last_dropped.drain(..surplus);
                done.sent.into_iter().for_each(|sent| self.send(cx, id, sent));
            }
            Err(_) if self.config.on_failure == ExceptionHandler::LogAndContinue => self.dropped += 1,
            Err(failure) => self.fail(cx, failure),
        }
    }

    fn send(&mut self, cx: &mut Context<'_>, id: TaskId, sent: Sent) {
        let Some(clients) = self.clients else { return };
        match sent {
            Sent::Changelog { store, key, value, timestamp } => {
                let topic = format!("{}-{}-changelog", self.config.application_id, self.topology.stores[store].name);
                let timestamp = timestamp.map(Timestamp);
                let (key, value) = (Some(&*key), value.as_deref());
                let partition = Some(id.partition);
                cx.send(clients.producer, NewRecord { topic: &topic, partition, timestamp, key, value, ..NewRecord::default() });
            }
            Sent::Record { sink, key, value, timestamp, partition_key, partition } => {
                let topology = self.topology.clone();
                let Operator::Sink { topic, .. } = &topology.nodes[sink].operator else { return };
                if self.config.taken.as_ref() == Some(topic) {
                    self.rows.push((key, value));
                    return;
                }
                let topic = self.decorated(topic);
                cx.send(
                    clients.producer,
                    NewRecord {
                        topic: &topic,
                        partition,
                        timestamp: Some(Timestamp(timestamp)),
                        key: key.as_deref(),
                        partition_key: partition_key.as_deref(),
                        value: value.as_deref(),
                        ..NewRecord::default()
                    },
                );
            }
        }
    }

    /// An operator has thrown: the thread ends, without a commit and without a word to the group.
    fn fail(&mut self, cx: &mut Context<'_>, failure: Failure) {
        self.failure = Some(failure);
        self.state = State::Error;
        self.tasks.clear();
        if let Some(clients) = self.clients.take() {
            let silent = [clients.producer, clients.restorer, clients.admin].into_iter().chain(self.read_globals.consumer.take());
            silent.for_each(|client| cx.kill(client));
            cx.close(clients.consumer);
        }
    }

    // ---- tasks

    /// The group has given tasks: some are new, some go from standby to active or back.
    fn given(&mut self, cx: &mut Context<'_>) {
        let Some(clients) = self.clients else { return };
        let StreamsTasks { active, standby, warmup } = cx.streams_tasks(clients.consumer);
        let ids = |tasks: &[crate::engine::protocol::TaskIds]| -> Vec<TaskId> { group::task_ids(tasks) };
        let (active, standby) = (ids(&active), [ids(&standby), ids(&warmup)].concat());
        self.tasks.retain(|id, _| active.contains(id) || standby.contains(id));
        let now = self.now(cx);
        for (id, is_active) in active.iter().map(|id| (*id, true)).chain(standby.iter().map(|id| (*id, false))) {
            let topology = &self.topology;
            let running = self.tasks.entry(id).or_insert_with(|| Running {
                task: Task::new(topology, Some(id.subtopology), id.partition, self.config.emit_interval_ms, now),
                active: is_active,
                restored: false,
                consumed: BTreeMap::new(),
            });
            if running.active != is_active {
                running.active = is_active;
                running.restored = false;
            }
        }
        self.state = if self.state == State::PendingShutdown { self.state } else { State::Running };
        self.restore_what_is_new(cx);
    }

    /// Tasks are taken: what they have done is committed before someone else goes on with them.
    fn taken(&mut self, cx: &mut Context<'_>, partitions: &[TopicPartition]) {
        let Some(clients) = self.clients else { return };
        cx.hold_rebalance(clients.consumer);
        let ids = self.of_partitions(partitions);
        self.begin_commit(cx, Commit::for_revocation(ids));
    }

    fn lost(&mut self, cx: &mut Context<'_>, partitions: &[TopicPartition]) {
        for id in self.of_partitions(partitions) {
            self.tasks.remove(&id);
        }
        self.restore_what_is_new(cx);
    }

    fn of_partitions(&self, partitions: &[TopicPartition]) -> Vec<TaskId> {
        let reads = |id: &TaskId| {
            partitions.iter().any(|partition| {
                let topic = group::plain(&self.config, &self.topology, partition.topic.as_str());
                let mut sources = self.topology.sources_of(topic);
                partition.partition == id.partition
                    && sources.any(|source| self.topology.nodes[source].subtopology == id.subtopology)
            })
        };
        self.tasks.iter().filter(|(id, running)| running.active && reads(id)).map(|(id, _)| *id).collect()
    }

    // ---- the end

    /// `KafkaStreams#close`: commits, leaves, and ends.
    fn close(&mut self, cx: &mut Context<'_>) {
        if matches!(self.state, State::PendingShutdown | State::NotRunning | State::Error) {
            return;
        }
        self.state = State::PendingShutdown;
        match self.clients {
            // A commit that is going on is waited for.
            Some(clients) if self.commit.is_none() => cx.close(clients.consumer),
            Some(_) => {}
            None => self.state = State::NotRunning,
        }
    }

    fn left(&mut self, cx: &mut Context<'_>) {
        if let Some(clients) = self.clients.take() {
            cx.close(clients.producer);
            let silent = [clients.restorer, clients.admin].into_iter().chain(self.read_globals.consumer.take());
            silent.for_each(|client| cx.kill(client));
        }
        self.tasks.clear();
        self.state = State::NotRunning;
    }
}

impl Running {
    pub fn task(&self) -> &Task {
        &self.task
    }

    pub fn is_active(&self) -> bool {
        self.active
    }

    pub fn is_restored(&self) -> bool {
        self.restored
    }
}

/// An instance that is a program of its own.
impl Behaviour for StreamsApp {
    fn on(&mut self, event: Event, cx: &mut Context<'_>) {
        self.react(&event, cx);
        match self.state {
            State::NotRunning => cx.exit(0),
            State::Error => cx.exit(1),
            _ => {}
        }
    }
}
