//! Tables from topics, and what is made of their rows one by one (`KTableSource`, `KTableFilter`, `KTableMapValues`,
//! `KTableRepartitionMap`).

use super::{Failure, Reason, Run};
use crate::streams::topology::Operator;
use crate::streams::values::expression::{Expression, Scope};
use crate::streams::values::value::{Record, Value};

impl Run<'_> {
    pub(super) fn table_source(&mut self, node: usize, record: &Record, store: Option<usize>, old: bool) -> Result<(), Failure> {
        if record.key.is_none() {
            self.drop(node, record, Reason::NullKey);
            return Ok(());
        }
        let Some(store) = store else { return self.forward(node, &record.with_value(record.value.clone())) };
        let before = self.stored(store, record)?.map(|(value, _)| value);
        // An older record than the row's replaces it all the same: a table follows its topic.
        let change = Record { old: before, ..record.clone() };
        self.put(store, &change);
        self.forward_change(node, &change, old)
    }

    pub(super) fn table_derived(&mut self, node: usize, record: &Record) -> Result<(), Failure> {
        let topology = self.topology;
        let (Operator::TableFilter { store, old, .. } | Operator::TableMap { store, old, .. }) = &topology.nodes[node].operator
        else {
            return Ok(());
        };
        let value = self.derive(node, record, record.value.as_ref())?;
        let before = match store {
            _ if !old => None,
            Some(store) => self.stored(*store, record)?.map(|(value, _)| value),
            None => self.derive(node, record, record.old.as_ref())?,
        };
        let filters = matches!(topology.nodes[node].operator, Operator::TableFilter { .. });
        if filters && *old && value.is_none() && before.is_none() {
            return Ok(());
        }
        let change = Record { key: record.key.clone(), value, old: before, timestamp: record.timestamp };
        if let Some(store) = store {
            self.put(*store, &change);
        }
        self.forward_change(node, &change, *old)
    }

    /// What a filter or a map makes of one value. Of nothing it makes nothing.
    fn derive(&self, node: usize, record: &Record, value: Option<&Value>) -> Result<Option<Value>, Failure> {
        let Some(value) = value else { return Ok(None) };
        let scope = Scope::of(record).with_value(Some(value));
        match &self.topology.nodes[node].operator {
            Operator::TableFilter { test, not, .. } => Ok((self.holds(node, test, scope)? != *not).then(|| value.clone())),
            Operator::TableMap { value, .. } => Ok(self.evaluate(node, value, scope)?.present()),
            _ => Ok(None),
        }
    }

    pub(super) fn table_group(
        &mut self,
        node: usize,
        record: &Record,
        key: &Expression,
        value: &Expression,
    ) -> Result<(), Failure> {
        if record.key.is_none() {
            return Err(Failure { node, problem: "Record key for the grouping KTable should not be null.".into() });
        }
        let old = self.grouped(node, record, record.old.as_ref(), key, value)?;
        let new = self.grouped(node, record, record.value.as_ref(), key, value)?;
        let change = |key: &Value, value: Option<&Value>, old: Option<&Value>| Record {
            key: Some(key.clone()),
            value: value.cloned(),
            old: old.cloned(),
            timestamp: record.timestamp,
        };
        match (&old, &new) {
            (Some((old_key, old)), Some((key, new))) if old_key == key => self.forward(node, &change(key, Some(new), Some(old))),
            _ => {
                if let Some((key, old)) = &old {
                    self.forward(node, &change(key, None, Some(old)))?;
                }
                if let Some((key, new)) = &new {
                    self.forward(node, &change(key, Some(new), None))?;
                }
                Ok(())
            }
        }
    }

    /// The key and value of a row in its group, if both are there.
    fn grouped(
        &self,
        node: usize,
        record: &Record,
        row: Option<&Value>,
        key: &Expression,
        value: &Expression,
    ) -> Result<Option<(Value, Value)>, Failure> {
        let Some(row) = row else { return Ok(None) };
        let scope = Scope::of(record).with_value(Some(row));
        let key = self.evaluate(node, key, scope)?.present();
        let value = self.evaluate(node, value, scope)?.present();
        Ok(key.zip(value))
    }
}
