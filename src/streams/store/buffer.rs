//! `InMemoryTimeOrderedKeyValueChangeBuffer`: changes that a `suppress` holds back.

use crate::streams::{Context, Record, Serde, Value};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct SuppressBuffer {
    /// When a key was first buffered, by the bytes of the key.
    times: BTreeMap<Vec<u8>, i64>,
    changes: BTreeMap<(i64, Vec<u8>), Buffered>,
    /// Keys that have changed since the last commit.
    dirty: BTreeSet<Vec<u8>>,
}

#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Buffered {
    /// The row as it was before the first change that is held.
    pub prior: Option<Value>,
    pub change: Record,
    /// Of the record that made the change.
    pub context: Context,
}

impl Buffered {
    /// As `BufferValue` is written, with the time that it is held by.
    pub fn changelog_value(&self, serde: &Serde, time: i64) -> Vec<u8> {
        let Context { topic, partition, offset, .. } = &self.context;
        let mut bytes = Vec::new();
        bytes.extend(self.change.timestamp.to_be_bytes());
        bytes.extend(offset.to_be_bytes());
        put_sized(&mut bytes, Some(topic.as_bytes()));
        bytes.extend(partition.to_be_bytes());
        // No headers.
        bytes.extend(0i32.to_be_bytes());
        let part = |value: &Option<Value>| value.as_ref().map(|value| serde.serialize(value));
        let (prior, old) = (part(&self.prior), part(&self.change.old));
        put_sized(&mut bytes, prior.as_deref());
        match old {
            Some(old) if Some(&old) == prior.as_ref() => bytes.extend(SAME_AS_PRIOR.to_be_bytes()),
            old => put_sized(&mut bytes, old.as_deref()),
        }
        put_sized(&mut bytes, part(&self.change.value).as_deref());
        bytes.extend(time.to_be_bytes());
        bytes
    }
}

/// In place of a length.
pub(super) const SAME_AS_PRIOR: i32 = -2;

fn put_sized(bytes: &mut Vec<u8>, part: Option<&[u8]>) {
    bytes.extend(part.map_or(-1, |part| part.len() as i32).to_be_bytes());
    bytes.extend(part.unwrap_or_default());
}

impl SuppressBuffer {
    /// A key that is held already keeps its place.
    pub fn put(&mut self, time: i64, key: Vec<u8>, change: Record, context: Context) {
        let time = *self.times.entry(key.clone()).or_insert(time);
        self.dirty.insert(key.clone());
        match self.changes.entry((time, key)) {
            std::collections::btree_map::Entry::Occupied(mut held) => {
                let prior = held.get().prior.clone();
                held.insert(Buffered { prior, change, context });
            }
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(Buffered { prior: change.old.clone(), change, context });
            }
        }
    }

    /// The first change, if its time is not after another.
    pub fn pop_until(&mut self, time: i64) -> Option<Record> {
        let first = self.changes.first_entry().filter(|first| first.key().0 <= time)?;
        let ((_, key), buffered) = first.remove_entry();
        self.times.remove(&key);
        self.dirty.insert(key);
        Some(buffered.change)
    }

    pub fn get(&self, key: &[u8]) -> Option<&Buffered> {
        let time = self.times.get(key)?;
        self.changes.get(&(*time, key.to_vec()))
    }

    /// The keys that have changed since the last commit, each with its time and what is held of it.
    pub fn commit(&mut self) -> Vec<(Vec<u8>, Option<(i64, Buffered)>)> {
        let dirty = std::mem::take(&mut self.dirty);
        let held = |key: &Vec<u8>| Some((*self.times.get(key)?, self.get(key)?.clone()));
        dirty
            .into_iter()
            .map(|key| {
                let held = held(&key);
                (key, held)
            })
            .collect()
    }

    /// Puts what the changelog says of a key in its place.
    pub fn restore(&mut self, key: Vec<u8>, held: Option<(i64, Buffered)>) {
        if let Some(time) = self.times.remove(&key) {
            self.changes.remove(&(time, key.clone()));
        }
        if let Some((time, held)) = held {
            self.times.insert(key.clone(), time);
            self.changes.insert((time, key), held);
        }
    }

    pub fn len(&self) -> usize {
        self.changes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}
