//! Records as topics have them, and what goes with one through a topology.

use crate::engine::log::RecordView;
use std::rc::Rc;

/// What a record comes with, as far as operators see it (`RecordContext`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Context {
    pub topic: Rc<str>,
    pub partition: i32,
    pub offset: i64,
    /// Of the record that came in, in milliseconds.
    pub timestamp: i64,
    /// The wall clock.
    pub now: i64,
}

/// A record of a topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Raw {
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub timestamp: i64,
    pub offset: i64,
}

impl Raw {
    pub fn of(record: &RecordView<'_>) -> Self {
        Self {
            key: record.key.map(<[u8]>::to_vec),
            value: record.value.map(<[u8]>::to_vec),
            timestamp: record.timestamp.0,
            offset: record.offset.0,
        }
    }
}
