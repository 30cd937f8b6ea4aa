//! One record on its way through the operators of a task: depth first, as Kafka forwards.

use super::Sent;
use crate::streams::store::Store;
use crate::streams::topology::{Operator, Topology};
use crate::streams::values::Context;
use crate::streams::values::expression::{Expression, Problem, Scope};
use crate::streams::values::serde::serialize_change;
use crate::streams::values::value::{Record, Value, Window};
use std::rc::Rc;

/// What a record may touch while it is processed.
pub struct Run<'a> {
    pub topology: &'a Topology,
    /// By their place in the topology. Those of global tables are the instance's.
    pub stores: &'a mut [Option<Store>],
    pub globals: &'a mut [Option<Store>],
    /// By the node.
    pub clocks: &'a mut [Clock],
    pub context: &'a Context,
    /// How long a result of a closed window, or of an outer join, waits for the next on the wall clock.
    pub emit_interval_ms: i64,
    pub sent: Vec<Sent>,
    pub dropped: Vec<Dropped>,
}

/// What an operator remembers of time, in milliseconds.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Clock {
    /// The highest timestamp that it has seen.
    pub stream_time: i64,
    /// Up to where it has sent the results of windows that are closed.
    pub emitted_to: i64,
    /// On the wall clock.
    pub next_emit: i64,
    /// The earliest record that waits for a partner.
    pub earliest: i64,
}

impl Default for Clock {
    fn default() -> Self {
        Self { stream_time: -1, emitted_to: -1, next_emit: 0, earliest: i64::MAX }
    }
}

impl Clock {
    pub fn observe(&mut self, time: i64) {
        self.stream_time = self.stream_time.max(time);
    }
}

/// A record that an operator left out, and counted (`dropped-records-total`).
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Dropped {
    pub node: usize,
    pub reason: Reason,
    pub timestamp: i64,
}

#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Reason {
    NullKey,
    NullKeyOrValue,
    /// Its window has closed: stream time is later than its end and the grace after it.
    Late {
        window: Window,
        closed_at: i64,
        stream_time: i64,
    },
    /// So old that the store has no room for it any more.
    Expired {
        store: Rc<str>,
    },
    NullForeignKey,
    InvalidTimestamp,
    /// The answer of a foreign-key join to a row that has changed since.
    Outdated,
}

/// What ends a stream thread, unless a handler says that records like this one are to be left out.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Failure {
    pub node: usize,
    pub problem: Problem,
}

impl Run<'_> {
    /// # Errors
    /// Where an expression of an operator would throw in Java.
    pub fn process(&mut self, node: usize, record: &Record) -> Result<(), Failure> {
        let topology = self.topology;
        match &topology.nodes[node].operator {
            Operator::Source { .. } | Operator::PassThrough => self.forward(node, record),
            Operator::Punctuate { .. } => self.forward(node, record),
            Operator::Sink { .. } => {
                self.send(node, record);
                Ok(())
            }
            Operator::DropNullKeys => {
                if record.key.is_some() {
                    self.forward(node, record)?;
                }
                Ok(())
            }
            Operator::Filter { test, not } => {
                if self.holds(node, test, Scope::of(record))? != *not {
                    self.forward(node, record)?;
                }
                Ok(())
            }
            Operator::Map { key, value } => {
                let mut mapped = record.clone();
                if let Some(key) = key {
                    mapped.key = self.evaluate(node, key, Scope::of(record))?.present();
                }
                if let Some(value) = value {
                    mapped.value = self.evaluate(node, value, Scope::of(record))?.present();
                }
                self.forward(node, &mapped)
            }
            Operator::FlatMap { elements, key, value } => self.flat_map(node, record, elements, key.as_ref(), value),
            Operator::Branch { tests } => {
                let mut chosen = tests.len();
                for (index, test) in tests.iter().enumerate() {
                    if self.holds(node, test, Scope::of(record))? {
                        chosen = index;
                        break;
                    }
                }
                match topology.nodes[node].children.get(chosen) {
                    Some(child) => self.process(*child, record),
                    None => Ok(()),
                }
            }
            Operator::ToStream => self.forward(node, &record.with_value(record.value.clone())),
            Operator::Aggregate { store, by, old } => self.aggregate(node, record, *store, by, *old),
            Operator::WindowAggregate { .. } => self.window_aggregate(node, record),
            Operator::SlidingAggregate { .. } => self.sliding_aggregate(node, record),
            Operator::SessionAggregate { .. } => self.session_aggregate(node, record),
            Operator::TableSource { store, old } => self.table_source(node, record, *store, *old),
            Operator::TableFilter { .. } | Operator::TableMap { .. } => self.table_derived(node, record),
            Operator::TableGroup { key, value } => self.table_group(node, record, key, value),
            Operator::TableAggregate { store, by, old } => self.table_aggregate(node, record, *store, by, *old),
            Operator::TableJoin { .. } => self.table_join(node, record),
            Operator::TableMerge { store, old } => {
                if let Some(store) = store {
                    self.put(*store, record);
                }
                self.forward_change(node, record, *old)
            }
            Operator::JoinWindow { store } => self.join_window(node, record, *store),
            Operator::StreamJoin(join) => self.stream_join(node, record, join),
            Operator::StreamTableJoin { .. } => self.stream_table_join(node, record),
            Operator::Suppress { .. } => self.suppress(node, record),
            Operator::SubscriptionSend { .. } => self.subscription_send(node, record),
            Operator::SubscriptionReceive { .. } => self.subscription_receive(node, record),
            Operator::SubscriptionJoin { .. } => self.subscription_join(node, record),
            Operator::ForeignTableJoin { .. } => self.foreign_table_join(node, record),
            Operator::ResponseJoin { .. } => self.response_join(node, record),
        }
    }

    pub(super) fn forward(&mut self, node: usize, record: &Record) -> Result<(), Failure> {
        let topology = self.topology;
        topology.nodes[node].children.iter().try_for_each(|child| self.process(*child, record))
    }

    /// A change of a table: with the old row only where the next operators asked for it (`TimestampedTupleForwarder`).
    pub(super) fn forward_change(&mut self, node: usize, record: &Record, old: bool) -> Result<(), Failure> {
        if old || record.old.is_none() {
            return self.forward(node, record);
        }
        self.forward(node, &record.with_value(record.value.clone()))
    }

    fn flat_map(
        &mut self,
        node: usize,
        record: &Record,
        elements: &Expression,
        key: Option<&Expression>,
        value: &Expression,
    ) -> Result<(), Failure> {
        let Value::List(elements) = self.evaluate(node, elements, Scope::of(record))? else { return Ok(()) };
        for element in elements.iter() {
            let scope = Scope::of(record).with_other(Some(element));
            let mut mapped = record.with_value(self.evaluate(node, value, scope)?.present());
            if let Some(key) = key {
                mapped.key = self.evaluate(node, key, scope)?.present();
            }
            self.forward(node, &mapped)?;
        }
        Ok(())
    }

    pub(super) fn evaluate(&self, node: usize, expression: &Expression, scope: Scope) -> Result<Value, Failure> {
        expression.evaluate(scope).map_err(|problem| Failure { node, problem })
    }

    pub(super) fn holds(&self, node: usize, test: &Expression, scope: Scope) -> Result<bool, Failure> {
        test.holds(scope).map_err(|problem| Failure { node, problem })
    }

    pub(super) fn drop(&mut self, node: usize, record: &Record, reason: Reason) {
        self.dropped.push(Dropped { node, reason, timestamp: record.timestamp });
    }

    pub(super) fn store(&mut self, place: usize) -> Option<&mut Store> {
        let global = self.topology.stores[place].global;
        if global { self.globals[place].as_mut() } else { self.stores[place].as_mut() }
    }

    pub(super) fn key_bytes(&self, store: usize, key: &Value) -> Vec<u8> {
        self.topology.stores[store].key.serialize(key)
    }

    /// Adds what changed in a store to its changelog.
    pub(super) fn log(&mut self, store: usize, key: Vec<u8>, value: Option<&Value>, timestamp: i64) {
        let spec = &self.topology.stores[store];
        if spec.logged {
            let value = value.map(|value| spec.value.serialize(value));
            self.sent.push(Sent::Changelog { store, key, value, timestamp: Some(timestamp) });
        }
    }

    fn send(&mut self, node: usize, record: &Record) {
        let Operator::Sink { key: key_serde, value: value_serde, changes, .. } = &self.topology.nodes[node].operator else {
            return;
        };
        let key = record.key.as_ref().map(|key| key_serde.serialize(key));
        let value = if *changes {
            serialize_change(value_serde, record.value.as_ref(), record.old.as_ref())
        } else {
            record.value.as_ref().map(|value| value_serde.serialize(value))
        };
        let partition_key = match &record.key {
            Some(windowed @ Value::Windowed(_)) => Some(crate::streams::values::serde::partition_bytes(key_serde, windowed)),
            _ => None,
        };
        let partition = match &record.value {
            Some(Value::Response(response)) => response.primary_partition,
            _ => None,
        };
        self.sent.push(Sent::Record { sink: node, key, value, timestamp: record.timestamp, partition_key, partition });
    }
}
