//! Lives here: state stores, one file for each kind, in the order and with the time limits of Kafka's RocksDB ones; and what of
//! them goes to changelog topics.
//! Never here: what operators keep in them.

mod buffer;
mod key_value;
mod outer;
mod restore;
mod session;
mod window;

pub use buffer::{Buffered, SuppressBuffer};
pub use key_value::KeyValueStore;
pub use outer::{OuterJoinStore, Side};
pub use session::SessionStore;
pub use window::{WindowEntry, WindowStore};

use super::Serde;
use std::rc::Rc;

/// A store of a topology, not yet made.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct StoreSpec {
    pub name: Rc<str>,
    pub kind: StoreKind,
    pub key: Serde,
    pub value: Serde,
    /// Whether what changes goes to a topic. A global table's own topic is its log.
    pub logged: bool,
    /// Whether each instance has all of it, fed by the global thread.
    pub global: bool,
}

/// Times in milliseconds.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum StoreKind {
    KeyValue,
    Window {
        retention_ms: i64,
        /// Two records of a key at one time are both kept: the stores of stream joins.
        duplicates: bool,
        /// Ordered by time before key: stores of windows that are sent when they close.
        time_first: bool,
    },
    Session {
        retention_ms: i64,
        time_first: bool,
    },
    /// Records of a stream join that have no partner yet.
    OuterJoin,
    Suppress,
}

#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Store {
    KeyValue(KeyValueStore),
    Window(WindowStore),
    Session(SessionStore),
    OuterJoin(OuterJoinStore),
    Suppress(SuppressBuffer),
}

impl StoreSpec {
    pub fn make(&self) -> Store {
        match self.kind {
            StoreKind::KeyValue => Store::KeyValue(KeyValueStore::default()),
            StoreKind::Window { retention_ms, duplicates, time_first } => {
                Store::Window(WindowStore::new(retention_ms, duplicates, time_first))
            }
            StoreKind::Session { retention_ms, time_first } => Store::Session(SessionStore::new(retention_ms, time_first)),
            StoreKind::OuterJoin => Store::OuterJoin(OuterJoinStore::default()),
            StoreKind::Suppress => Store::Suppress(SuppressBuffer::default()),
        }
    }
}

/// The segments of a store by time, as `AbstractSegments` has them: a segment is dropped when all of it is older than the retention.
#[derive(Clone, Debug, PartialEq, Hash)]
struct Retention {
    retention_ms: i64,
    segment_ms: i64,
    /// The highest time that the store has seen.
    stream_time: i64,
}

impl Retention {
    fn new(retention_ms: i64) -> Self {
        // As `Stores` chooses it.
        Self { retention_ms, segment_ms: (retention_ms / 2).max(60_000), stream_time: -1 }
    }

    fn segment(&self, time: i64) -> i64 {
        time / self.segment_ms
    }

    fn observe(&mut self, time: i64) {
        self.stream_time = self.stream_time.max(time);
    }

    fn first_segment(&self) -> i64 {
        self.segment(self.stream_time.saturating_sub(self.retention_ms))
    }

    /// What is older is not found any more, though its segment may still be there.
    fn first_time(&self) -> i64 {
        self.stream_time.saturating_sub(self.retention_ms).saturating_add(1)
    }
}
