//! `RocksDBTimestampedStore`: the latest value of each key with its timestamp.

use crate::streams::Value;
use std::collections::BTreeMap;
use std::ops::Bound;

#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct KeyValueStore {
    /// By the bytes of the key.
    entries: BTreeMap<Vec<u8>, (Value, i64)>,
}

impl KeyValueStore {
    /// The value and its timestamp.
    pub fn get(&self, key: &[u8]) -> Option<&(Value, i64)> {
        self.entries.get(key)
    }

    pub fn put(&mut self, key: Vec<u8>, value: Option<Value>, timestamp: i64) {
        match value {
            Some(value) => self.entries.insert(key, (value, timestamp)),
            None => self.entries.remove(&key),
        };
    }

    /// All keys that begin so, in order.
    pub fn prefix(&self, prefix: &[u8]) -> impl Iterator<Item = (&Vec<u8>, &(Value, i64))> {
        let range = (Bound::Included(prefix), Bound::Unbounded);
        self.entries.range::<[u8], _>(range).take_while(move |(key, _)| key.starts_with(prefix))
    }

    pub fn entries(&self) -> impl Iterator<Item = (&Vec<u8>, &(Value, i64))> {
        self.entries.iter()
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
