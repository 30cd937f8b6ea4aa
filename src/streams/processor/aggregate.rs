//! Aggregates without windows (`KStreamAggregate`, `KStreamReduce`, `KTableAggregate`, `KTableReduce`).

use super::{Failure, Reason, Run};
use crate::streams::store::Store;
use crate::streams::topology::Aggregator;
use crate::streams::values::expression::Scope;
use crate::streams::values::value::{Record, Value};

impl Run<'_> {
    pub(super) fn aggregate(
        &mut self,
        node: usize,
        record: &Record,
        store: usize,
        by: &Aggregator,
        old: bool,
    ) -> Result<(), Failure> {
        if record.key.is_none() || record.value.is_none() {
            self.drop(node, record, Reason::NullKeyOrValue);
            return Ok(());
        }
        let row = self.stored(store, record)?;
        let timestamp = row.as_ref().map_or(record.timestamp, |(_, timestamp)| record.timestamp.max(*timestamp));
        // The old row of one that was not there is the first value, not nothing.
        let before = row.map(|(value, _)| value).or_else(|| by.initial.clone().present());
        let value = self.added(node, by, record, record.value.as_ref(), before.as_ref())?;
        let change = Record { key: record.key.clone(), value, old: before, timestamp };
        self.put(store, &change);
        self.forward_change(node, &change, old)
    }

    /// What an aggregate becomes with one more value.
    pub(super) fn added(
        &self,
        node: usize,
        by: &Aggregator,
        record: &Record,
        value: Option<&Value>,
        before: Option<&Value>,
    ) -> Result<Option<Value>, Failure> {
        let other = before.or_else(|| (by.initial != Value::Null).then_some(&by.initial));
        let scope = Scope::of(record).with_value(value).with_other(other);
        Ok(self.evaluate(node, &by.add, scope)?.present())
    }

    /// Puts a record's value into a plain store and its changelog.
    pub(super) fn put(&mut self, store: usize, record: &Record) {
        let Some(key) = &record.key else { return };
        let bytes = self.key_bytes(store, key);
        if let Some(Store::KeyValue(entries)) = self.store(store) {
            entries.put(bytes.clone(), record.value.clone(), record.timestamp);
        }
        // A tombstone of the changelog has the time of the record that it comes from.
        let timestamp = if record.value.is_some() { record.timestamp } else { self.context.timestamp };
        self.log(store, bytes, record.value.as_ref(), timestamp);
    }

    pub(super) fn table_aggregate(
        &mut self,
        node: usize,
        record: &Record,
        store: usize,
        by: &Aggregator,
        old: bool,
    ) -> Result<(), Failure> {
        if record.key.is_none() {
            let problem = "Record key for KTable aggregate operator should not be null.".into();
            return Err(Failure { node, problem });
        }
        let row = self.stored(store, record)?;
        let latest = row.as_ref().map_or(record.timestamp, |(_, timestamp)| record.timestamp.max(*timestamp));
        let before = row.map(|(value, _)| value);
        let reduce = by.initial == Value::Null;
        let mut timestamp = record.timestamp;
        let mut between = before.clone();
        if let (Some(removed), Some(aggregate), Some(subtract)) = (&record.old, &before, &by.subtract) {
            let scope = Scope::of(record).with_value(Some(removed)).with_other(Some(aggregate));
            between = self.evaluate(node, subtract, scope)?.present();
            timestamp = latest;
        }
        let mut value = between.clone();
        if record.value.is_some() {
            value = self.added(node, by, record, record.value.as_ref(), between.as_ref())?;
            // A reduce that starts anew takes the record's time.
            if !reduce || between.is_some() {
                timestamp = latest;
            }
        }
        let change = Record { key: record.key.clone(), value, old: before, timestamp };
        self.put(store, &change);
        self.forward_change(node, &change, old)
    }
}
