//! Joins of tables by a foreign key (KIP-213), step by step:
//!
//! ```text
//! left row ─▸ send ─▸ topic ─▸ receive ─▸ join ───▸ topic ─▸ response join ─▸ result
//!                       right row ─▸ foreign join ─┘
//! ```

use super::{Failure, Reason, Run};
use crate::streams::Serde;
use crate::streams::store::Store;
use crate::streams::topology::Operator;
use crate::streams::values::expression::{Expression, Scope};
use crate::streams::values::hash128;
use crate::streams::values::value::{Instruction, Record, Response, Subscription, Value};
use std::rc::Rc;

impl Run<'_> {
    pub(super) fn subscription_send(&mut self, node: usize, record: &Record) -> Result<(), Failure> {
        let topology = self.topology;
        let Operator::SubscriptionSend { foreign_key, left, .. } = &topology.nodes[node].operator else { return Ok(()) };
        if record.key.is_none() || record.value.is_none() && record.old.is_none() {
            return Ok(());
        }
        let old = self.foreign_key(node, record, record.old.as_ref(), foreign_key)?;
        let new = self.foreign_key(node, record, record.value.as_ref(), foreign_key)?;
        let changed = old.is_some() && old != new;
        if *left {
            if changed {
                self.subscribe(node, record, old, Instruction::DeleteKeyNoPropagate)?;
            }
            return self.subscribe(node, record, new, Instruction::PropagateNullIfNoForeignValue);
        }
        match (old, new, record.value.is_some()) {
            (Some(old), None, there) => {
                if there {
                    self.drop(node, record, Reason::NullForeignKey);
                }
                self.subscribe(node, record, Some(old), Instruction::DeleteKeyAndPropagate)
            }
            (None, None, there) => {
                if there {
                    self.drop(node, record, Reason::NullForeignKey);
                }
                Ok(())
            }
            (Some(old), new, _) if changed => {
                self.subscribe(node, record, Some(old), Instruction::DeleteKeyNoPropagate)?;
                self.subscribe(node, record, new, Instruction::PropagateNullIfNoForeignValue)
            }
            (_, new, _) => self.subscribe(node, record, new, Instruction::PropagateOnlyIfForeignValue),
        }
    }

    fn foreign_key(&self, node: usize, record: &Record, row: Option<&Value>, key: &Expression) -> Result<Option<Value>, Failure> {
        match row {
            Some(row) => Ok(self.evaluate(node, key, Scope::of(record).with_value(Some(row)))?.present()),
            None => Ok(None),
        }
    }

    fn subscribe(
        &mut self,
        node: usize,
        record: &Record,
        foreign_key: Option<Value>,
        instruction: Instruction,
    ) -> Result<(), Failure> {
        let Operator::SubscriptionSend { value, .. } = &self.topology.nodes[node].operator else { return Ok(()) };
        let Some(primary_key) = record.key.clone() else { return Ok(()) };
        let hash = record.value.as_ref().map(|row| hash128(&value.serialize(row)));
        let primary_partition = self.context.partition;
        let subscription = Subscription { hash, instruction, primary_key, primary_partition };
        let value = Some(Value::Subscription(Rc::new(subscription)));
        self.forward(node, &Record { key: foreign_key, value, old: None, timestamp: record.timestamp })
    }

    pub(super) fn subscription_receive(&mut self, node: usize, record: &Record) -> Result<(), Failure> {
        let topology = self.topology;
        let Operator::SubscriptionReceive { store, foreign_serde, primary_serde } = &topology.nodes[node].operator else {
            return Ok(());
        };
        let Some(Value::Subscription(subscription)) = &record.value else { return Ok(()) };
        if record.key.is_none() && subscription.instruction != Instruction::PropagateNullIfNoForeignValue {
            self.drop(node, record, Reason::NullKey);
            return Ok(());
        }
        if let Some(foreign_key) = &record.key {
            let bytes = combined_bytes(foreign_serde, foreign_key, &primary_serde.serialize(&subscription.primary_key));
            let deletes =
                matches!(subscription.instruction, Instruction::DeleteKeyAndPropagate | Instruction::DeleteKeyNoPropagate);
            let value = if deletes { None } else { record.value.clone() };
            if let Some(Store::KeyValue(entries)) = self.store(*store) {
                entries.put(bytes.clone(), value.clone(), record.timestamp);
            }
            self.log(*store, bytes, value.as_ref(), record.timestamp);
        }
        let key = Value::Combined(Rc::new((record.key.clone(), subscription.primary_key.clone())));
        self.forward(node, &record.with_key(Some(key)))
    }

    pub(super) fn subscription_join(&mut self, node: usize, record: &Record) -> Result<(), Failure> {
        let topology = self.topology;
        let Operator::SubscriptionJoin { table, .. } = &topology.nodes[node].operator else { return Ok(()) };
        let (Some(Value::Combined(keys)), Some(Value::Subscription(subscription))) = (&record.key, &record.value) else {
            return Ok(());
        };
        let row = match &keys.0 {
            Some(foreign_key) => self.row(node, table, foreign_key)?,
            None => None,
        };
        let timestamp = row.as_ref().map_or(record.timestamp, |(_, timestamp)| record.timestamp.max(*timestamp));
        let foreign_value = match subscription.instruction {
            Instruction::DeleteKeyNoPropagate => return Ok(()),
            Instruction::PropagateOnlyIfForeignValue if row.is_none() => return Ok(()),
            Instruction::DeleteKeyAndPropagate => None,
            Instruction::PropagateNullIfNoForeignValue | Instruction::PropagateOnlyIfForeignValue => row.map(|(value, _)| value),
        };
        self.respond(node, &keys.1, subscription, foreign_value, timestamp)
    }

    fn respond(
        &mut self,
        node: usize,
        key: &Value,
        to: &Subscription,
        foreign_value: Option<Value>,
        timestamp: i64,
    ) -> Result<(), Failure> {
        let value = Some(Value::Response(Rc::new(Response {
            hash: to.hash,
            foreign_value,
            primary_partition: Some(to.primary_partition),
        })));
        self.forward(node, &Record { key: Some(key.clone()), value, old: None, timestamp })
    }

    /// A row of the right table has changed: all that have subscribed to it hear of it.
    pub(super) fn foreign_table_join(&mut self, node: usize, record: &Record) -> Result<(), Failure> {
        let topology = self.topology;
        let Operator::ForeignTableJoin { store, foreign_serde } = &topology.nodes[node].operator else { return Ok(()) };
        let Some(foreign_key) = &record.key else {
            self.drop(node, record, Reason::NullKey);
            return Ok(());
        };
        let prefix = combined_bytes(foreign_serde, foreign_key, &[]);
        let subscriptions: Vec<Value> = match self.store(*store) {
            Some(Store::KeyValue(store)) => store.prefix(&prefix).map(|(_, (value, _))| value.clone()).collect(),
            _ => Vec::new(),
        };
        for subscription in subscriptions {
            if let Value::Subscription(subscription) = subscription {
                self.respond(node, &subscription.primary_key, &subscription, record.value.clone(), record.timestamp)?;
            }
        }
        Ok(())
    }

    pub(super) fn response_join(&mut self, node: usize, record: &Record) -> Result<(), Failure> {
        let topology = self.topology;
        let Operator::ResponseJoin { table, value, joiner, left, .. } = &topology.nodes[node].operator else { return Ok(()) };
        let (Some(key), Some(Value::Response(response))) = (&record.key, &record.value) else { return Ok(()) };
        let row = self.row(node, table, key)?.map(|(value, _)| value);
        if row.as_ref().map(|row| hash128(&value.serialize(row))) != response.hash {
            self.drop(node, record, Reason::Outdated);
            return Ok(());
        }
        let nothing = response.foreign_value.is_none() && (!left || row.is_none());
        let scope =
            Scope { key: Some(key), value: row.as_ref(), other: response.foreign_value.as_ref(), timestamp: record.timestamp };
        let joined = if nothing { None } else { self.joined(node, joiner, scope)? };
        self.forward(node, &record.with_value(joined))
    }
}

/// `CombinedKeySchema`: the length of the foreign key, the foreign key, and what comes after it.
fn combined_bytes(serde: &Serde, foreign_key: &Value, primary_key: &[u8]) -> Vec<u8> {
    let foreign_key = serde.serialize(foreign_key);
    [&(foreign_key.len() as u32).to_be_bytes()[..], &foreign_key, primary_key].concat()
}
