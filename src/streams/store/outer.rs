//! The list store of outer and left stream joins: records that have no partner yet.

use crate::streams::Value;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct OuterJoinStore {
    /// By the bytes of `TimestampedKeyAndJoinSide`.
    entries: BTreeMap<Vec<u8>, Waiting>,
}

/// Which of the two streams of a join.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    Left,
    Right,
}

#[derive(Clone, Debug, PartialEq, Hash)]
struct Waiting {
    key: Value,
    timestamp: i64,
    side: Side,
    values: Vec<Value>,
}

/// A record that waits.
#[derive(Clone, Debug, PartialEq)]
pub struct WaitingRecord {
    pub store_key: Vec<u8>,
    pub key: Value,
    pub timestamp: i64,
    pub side: Side,
    pub value: Value,
}

impl OuterJoinStore {
    pub fn store_key(key: &[u8], timestamp: i64, side: Side) -> Vec<u8> {
        [&timestamp.to_be_bytes()[..], &[u8::from(side == Side::Left)], key].concat()
    }

    pub fn add(&mut self, store_key: Vec<u8>, key: &Value, timestamp: i64, side: Side, value: Value) {
        let waiting = Waiting { key: key.clone(), timestamp, side, values: Vec::new() };
        self.entries.entry(store_key).or_insert(waiting).values.push(value);
    }

    /// Whether there was something to remove.
    pub fn remove(&mut self, store_key: &[u8]) -> bool {
        self.entries.remove(store_key).is_some()
    }

    /// The values under a key: what goes to the changelog.
    pub fn values(&self, store_key: &[u8]) -> Option<&[Value]> {
        self.entries.get(store_key).map(|waiting| &*waiting.values)
    }

    /// All records, by time, right before left, then by key.
    pub fn all(&self) -> Vec<WaitingRecord> {
        let each = |(store_key, waiting): (&Vec<u8>, &Waiting)| {
            let Waiting { key, timestamp, side, values } = waiting.clone();
            let store_key = store_key.clone();
            let record = move |value| WaitingRecord { store_key: store_key.clone(), key: key.clone(), timestamp, side, value };
            values.into_iter().map(record).collect::<Vec<_>>()
        };
        self.entries.iter().flat_map(each).collect()
    }
}
