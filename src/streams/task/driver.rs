//! `TopologyTestDriver`: runs a topology without a cluster, all of it as one task with one partition.

use super::{Done, Task, take_global};
use crate::streams::processor::Sent;
use crate::streams::processor::{Dropped, Failure};
use crate::streams::store::Store;
use crate::streams::topology::{Operator, Punctuation, Topology};
use crate::streams::values::{Context, Raw};
use std::collections::BTreeMap;
use std::rc::Rc;

#[derive(Clone, Debug, Hash)]
pub struct TestDriver {
    topology: Rc<Topology>,
    task: Task,
    globals: Vec<Option<Store>>,
    offsets: BTreeMap<Rc<str>, i64>,
    now: i64,
    dropped: Vec<Dropped>,
}

/// A record as it comes in, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    pub topic: &'a str,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub timestamp: i64,
}

/// What went to a topic that the topology does not read itself, or to a changelog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Without the application's id; changelogs end with `-changelog`.
    pub topic: String,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub timestamp: Option<i64>,
}

impl TestDriver {
    pub fn new(topology: Topology, emit_interval_ms: i64) -> Self {
        let topology = Rc::new(topology);
        let task = Task::new(&topology, None, 0, emit_interval_ms, 0);
        let globals = topology.stores.iter().map(|spec| spec.global.then(|| spec.make())).collect();
        Self { task, globals, offsets: BTreeMap::new(), now: 0, dropped: Vec::new(), topology }
    }

    /// All that operators have dropped so far (`dropped-records-total`).
    pub fn dropped(&self) -> &[Dropped] {
        &self.dropped
    }

    pub fn task(&self) -> &Task {
        &self.task
    }

    /// Gives a record to the topology, and everything that comes of it back to it, until nothing waits.
    ///
    /// # Errors
    /// What ends a stream thread.
    pub fn pipe(&mut self, input: Input) -> Result<Vec<Output>, Failure> {
        let (key, value) = (input.key.map(<[u8]>::to_vec), input.value.map(<[u8]>::to_vec));
        let mut outputs = Vec::new();
        self.put(input.topic, key, value, input.timestamp)?;
        self.work(&mut outputs)?;
        Ok(outputs)
    }

    fn put(&mut self, topic: &str, key: Option<Vec<u8>>, value: Option<Vec<u8>>, timestamp: i64) -> Result<(), Failure> {
        let offset = self.offsets.entry(topic.into()).or_insert(-1);
        *offset += 1;
        let raw = Raw { key, value, timestamp, offset: *offset };
        let global =
            self.topology.sources_of(topic).find(|source| self.topology.is_global(self.topology.nodes[*source].subtopology));
        if let Some(source) = global {
            return self.put_global(source, topic, &raw);
        }
        self.task.enqueue(topic, raw);
        Ok(())
    }

    /// The global thread reads a table for all tasks.
    fn put_global(&mut self, source: usize, topic: &str, raw: &Raw) -> Result<(), Failure> {
        let context = Context { topic: topic.into(), partition: 0, offset: raw.offset, timestamp: raw.timestamp, now: self.now };
        self.dropped.extend(take_global(&self.topology, &mut self.globals, source, &context, raw)?);
        Ok(())
    }

    fn work(&mut self, outputs: &mut Vec<Output>) -> Result<(), Failure> {
        while let Some(done) = self.task.process(&mut self.globals, self.now) {
            self.collect(done?, outputs)?;
            let ticks = self.task.punctuate(Punctuation::StreamTime, &mut self.globals, self.now)?;
            self.collect(ticks, outputs)?;
            let sent = self.task.commit();
            self.collect(Done { sent, dropped: Vec::new() }, outputs)?;
        }
        Ok(())
    }

    /// Moves the wall clock, in milliseconds.
    ///
    /// # Errors
    /// What ends a stream thread.
    pub fn advance_wall_clock(&mut self, by_ms: i64) -> Result<Vec<Output>, Failure> {
        self.now += by_ms;
        let mut outputs = Vec::new();
        let done = self.task.punctuate(Punctuation::WallClock, &mut self.globals, self.now)?;
        self.collect(done, &mut outputs)?;
        self.work(&mut outputs)?;
        Ok(outputs)
    }

    /// What is for the topology itself goes back to it; all of it is an output.
    fn collect(&mut self, done: Done, outputs: &mut Vec<Output>) -> Result<(), Failure> {
        self.dropped.extend(done.dropped);
        let topology = self.topology.clone();
        for sent in done.sent {
            match sent {
                Sent::Changelog { store, key, value, timestamp } => {
                    let topic = format!("{}-changelog", topology.stores[store].name);
                    outputs.push(Output { topic, key: Some(key), value, timestamp });
                }
                Sent::Record { sink, key, value, timestamp, .. } => {
                    let Operator::Sink { topic, .. } = &topology.nodes[sink].operator else { continue };
                    outputs.push(Output {
                        topic: topic.to_string(),
                        key: key.clone(),
                        value: value.clone(),
                        timestamp: Some(timestamp),
                    });
                    self.put(topic, key, value, timestamp)?;
                }
            }
        }
        Ok(())
    }
}
