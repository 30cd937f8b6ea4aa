//! Lives here: a task: one partition of a subtopology, with its stores, its queues and its clocks (`StreamTask`); and a `driver` that
//! runs a topology without a cluster.
//! Never here: clients, and who has which task (that is `app` and the group).

pub mod driver;

use crate::streams::processor::{Clock, Dropped, Failure, Reason, Run, Sent};
use crate::streams::store::Store;
use crate::streams::topology::{Extractor, Operator, Punctuation, Topology};
use crate::streams::values::serde::deserialize_change;
use crate::streams::values::value::Record;
use crate::streams::values::{Context, Raw, Scope, Serde};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// What came of one record or one punctuation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Done {
    pub sent: Vec<Sent>,
    pub dropped: Vec<Dropped>,
}

#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Task {
    topology: Rc<Topology>,
    /// By their place in the topology. `None`: another subtopology's, or a global table's.
    stores: Vec<Option<Store>>,
    clocks: Vec<Clock>,
    queues: BTreeMap<usize, Queue>,
    punctuations: Vec<Schedule>,
    partition: i32,
    /// The highest timestamp of all records that it has taken.
    stream_time: i64,
    emit_interval_ms: i64,
}

/// Records of a source that wait, and the highest timestamp that has been read of it.
#[derive(Clone, Debug, PartialEq, Hash)]
struct Queue {
    waiting: VecDeque<(Rc<str>, Raw)>,
    partition_time: i64,
}

#[derive(Clone, Debug, PartialEq, Hash)]
struct Schedule {
    node: usize,
    by: Punctuation,
    interval_ms: i64,
    /// `None`: as soon as there is a stream time.
    next: Option<i64>,
}

impl Task {
    /// A task of one subtopology, or of all at once, which only a driver without a cluster does.
    ///
    /// `emit_interval_ms`: how often, on the wall clock, results of closed windows and of outer joins go out at most. Kafka: 1000.
    pub fn new(topology: &Rc<Topology>, subtopology: Option<usize>, partition: i32, emit_interval_ms: i64, now: i64) -> Self {
        let mine = |number: usize| subtopology.is_none_or(|subtopology| subtopology == number);
        let mut stores: Vec<Option<Store>> = vec![None; topology.stores.len()];
        let mut queues = BTreeMap::new();
        let mut punctuations = Vec::new();
        for (index, node) in topology.nodes.iter().enumerate().filter(|(_, node)| mine(node.subtopology)) {
            for store in node.stores.iter().filter(|store| !topology.stores[**store].global) {
                stores[*store].get_or_insert_with(|| topology.stores[*store].make());
            }
            match &node.operator {
                Operator::Source { .. } if !topology.is_global(node.subtopology) => {
                    queues.insert(index, Queue { waiting: VecDeque::new(), partition_time: -1 });
                }
                Operator::Punctuate { interval_ms, by, .. } => {
                    let next = (*by == Punctuation::WallClock).then(|| now + interval_ms);
                    punctuations.push(Schedule { node: index, by: *by, interval_ms: *interval_ms, next });
                }
                _ => {}
            }
        }
        let clocks = vec![Clock::default(); topology.nodes.len()];
        Self { topology: topology.clone(), stores, clocks, queues, punctuations, partition, stream_time: -1, emit_interval_ms }
    }

    pub fn topology(&self) -> &Rc<Topology> {
        &self.topology
    }

    pub fn store(&self, place: usize) -> Option<&Store> {
        self.stores.get(place)?.as_ref()
    }

    pub fn stream_time(&self) -> i64 {
        self.stream_time
    }

    /// Puts a record of a topic behind those that wait. False if the task does not read that topic.
    pub fn enqueue(&mut self, topic: &str, record: Raw) -> bool {
        let source = self.topology.sources_of(topic).find(|source| self.queues.contains_key(source));
        let Some(queue) = source.and_then(|source| self.queues.get_mut(&source)) else { return false };
        queue.waiting.push_back((topic.into(), record));
        true
    }

    pub fn waiting(&self) -> usize {
        self.queues.values().map(|queue| queue.waiting.len()).sum()
    }

    /// The topic and the offset of the record that `process` would take.
    pub fn head(&self) -> Option<(Rc<str>, i64)> {
        let heads = self.queues.values().filter_map(|queue| queue.waiting.front());
        heads.min_by_key(|(_, record)| record.timestamp).map(|(topic, record)| (topic.clone(), record.offset))
    }

    /// Whether no earlier record can still come of a partition that has none waiting (KIP-695): its end must be known, and read
    /// up to. `lag`: the records of a topic that are still to come.
    pub fn is_processable(&self, lag: impl Fn(&str) -> Option<i64>) -> bool {
        let is_read = |source: &usize| match &self.topology.nodes[*source].operator {
            Operator::Source { topics, .. } => topics.iter().all(|topic| lag(topic) == Some(0)),
            _ => true,
        };
        self.waiting() > 0 && self.queues.iter().all(|(source, queue)| !queue.waiting.is_empty() || is_read(source))
    }

    /// Takes the waiting record with the lowest timestamp through the topology. `None` if none waits.
    ///
    /// # Errors
    /// What could not be read, and what an operator throws.
    pub fn process(&mut self, globals: &mut [Option<Store>], now: i64) -> Option<Result<Done, Failure>> {
        let head = |queue: &Queue| queue.waiting.front().map(|(_, record)| record.timestamp);
        let (source, _) =
            self.queues.iter().filter_map(|(source, queue)| Some((*source, head(queue)?))).min_by_key(|(_, time)| *time)?;
        let (topic, raw) = self.queues.get_mut(&source)?.waiting.pop_front()?;
        Some(self.take(source, topic, raw, globals, now))
    }

    fn take(&mut self, source: usize, topic: Rc<str>, raw: Raw, globals: &mut [Option<Store>], now: i64) -> Result<Done, Failure> {
        let topology = self.topology.clone();
        let mut record = read(&topology, source, &raw)?;
        let partition_time = self.queues.get(&source).map_or(-1, |queue| queue.partition_time);
        if record.timestamp < 0 {
            match extractor(&topology, source) {
                Extractor::Skip => {
                    let reason = Reason::InvalidTimestamp;
                    return Ok(Done {
                        dropped: vec![Dropped { node: source, reason, timestamp: raw.timestamp }],
                        ..Done::default()
                    });
                }
                Extractor::PartitionTime if partition_time >= 0 => record.timestamp = partition_time,
                _ => {
                    let problem = "Input record has invalid (negative) timestamp.".into();
                    return Err(Failure { node: source, problem });
                }
            }
        }
        if let Some(queue) = self.queues.get_mut(&source) {
            queue.partition_time = partition_time.max(record.timestamp);
        }
        self.stream_time = self.stream_time.max(record.timestamp);
        let context = Context { topic, partition: self.partition, offset: raw.offset, timestamp: record.timestamp, now };
        self.run(&context, globals, |run| run.process(source, &record))
    }

    fn run(
        &mut self,
        context: &Context,
        globals: &mut [Option<Store>],
        act: impl FnOnce(&mut Run) -> Result<(), Failure>,
    ) -> Result<Done, Failure> {
        let topology = self.topology.clone();
        let mut run = Run {
            topology: &topology,
            stores: &mut self.stores,
            globals,
            clocks: &mut self.clocks,
            context,
            emit_interval_ms: self.emit_interval_ms,
            sent: Vec::new(),
            dropped: Vec::new(),
        };
        act(&mut run)?;
        Ok(Done { sent: run.sent, dropped: run.dropped })
    }

    /// Runs the punctuations that are due: once each, however late they are.
    ///
    /// # Errors
    /// What an operator throws.
    pub fn punctuate(&mut self, by: Punctuation, globals: &mut [Option<Store>], now: i64) -> Result<Done, Failure> {
        let time = if by == Punctuation::StreamTime { self.stream_time } else { now };
        let mut done = Done::default();
        for index in 0..self.punctuations.len() {
            let Schedule { node, by: kind, interval_ms, next } = self.punctuations[index].clone();
            let due = next.unwrap_or(0);
            if kind != by || time < due || time < 0 {
                continue;
            }
            // The next one lies on the grid of the first.
            self.punctuations[index].next = Some(due + ((time - due) / interval_ms + 1) * interval_ms);
            let topology = self.topology.clone();
            let Operator::Punctuate { key, value, .. } = &topology.nodes[node].operator else { continue };
            let scope = Scope { key: None, value: None, other: None, timestamp: time };
            let evaluate = |expression: &crate::streams::values::Expression| {
                expression.evaluate(scope).map_err(|problem| Failure { node, problem })
            };
            let record = Record { key: evaluate(key)?.present(), value: evaluate(value)?.present(), old: None, timestamp: time };
            let context = Context { topic: "".into(), partition: self.partition, offset: -1, timestamp: time, now };
            let more = self.run(&context, globals, |run| run.process(node, &record))?;
            done.sent.extend(more.sent);
            done.dropped.extend(more.dropped);
        }
        Ok(done)
    }

    /// Applies a record of a store's changelog.
    ///
    /// # Errors
    /// What that store did not write.
    pub fn restore(&mut self, place: usize, record: &Raw) -> Result<(), crate::streams::values::serde::Unreadable> {
        let topology = self.topology.clone();
        match self.stores.get_mut(place) {
            Some(Some(store)) => store.restore(&topology.stores[place], record),
            _ => Ok(()),
        }
    }

    /// What goes to changelogs only when the task commits: the buffers of `suppress`.
    pub fn commit(&mut self) -> Vec<Sent> {
        let mut sent = Vec::new();
        for (place, store) in self.stores.iter_mut().enumerate() {
            let Some(Store::Suppress(buffer)) = store else { continue };
            let spec = &self.topology.stores[place];
            for (key, held) in buffer.commit() {
                let value = held.map(|(time, held)| held.changelog_value(&spec.value, time));
                sent.push(Sent::Changelog { store: place, key, value, timestamp: None });
            }
        }
        sent
    }
}

/// Takes a record of a global table's topic, as the global thread does for all tasks of an instance.
///
/// # Errors
/// What could not be read.
pub fn take_global(
    topology: &Topology,
    globals: &mut [Option<Store>],
    source: usize,
    context: &Context,
    raw: &Raw,
) -> Result<Vec<Dropped>, Failure> {
    let record = read(topology, source, raw)?;
    let mut clocks = vec![Clock::default(); topology.nodes.len()];
    let mut run = Run {
        topology,
        stores: &mut [],
        globals,
        clocks: &mut clocks,
        context,
        emit_interval_ms: 0,
        sent: Vec::new(),
        dropped: Vec::new(),
    };
    run.process(source, &record)?;
    Ok(run.dropped)
}

fn extractor(topology: &Topology, source: usize) -> Extractor {
    match &topology.nodes[source].operator {
        Operator::Source { extractor, .. } => *extractor,
        _ => Extractor::Fail,
    }
}

/// A record of a topic as the source's serdes read it.
///
/// # Errors
/// Bytes that a serde cannot read.
fn read(topology: &Topology, source: usize, raw: &Raw) -> Result<Record, Failure> {
    let Operator::Source { key, value, changes, .. } = &topology.nodes[source].operator else {
        return Err(Failure { node: source, problem: "This node is no source".into() });
    };
    let fail = |problem| Failure { node: source, problem };
    let one = |serde: &Serde, bytes: &Option<Vec<u8>>| bytes.as_deref().map(|bytes| serde.deserialize(bytes)).transpose();
    let read_key = one(key, &raw.key).map_err(fail)?;
    let (new, old) = match &raw.value {
        Some(bytes) if *changes => deserialize_change(value, bytes).map_err(fail)?,
        bytes => (one(value, bytes).map_err(fail)?, None),
    };
    // JSON's null is a value of its own there, and no value here.
    let present = |value: Option<crate::streams::values::Value>| value.and_then(crate::streams::values::Value::present);
    Ok(Record { key: present(read_key), value: present(new), old: present(old), timestamp: raw.timestamp })
}
