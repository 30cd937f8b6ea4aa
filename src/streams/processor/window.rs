//! Aggregates in tumbling and hopping windows (`KStreamWindowAggregate`), and what they share with sliding ones.

use super::{Failure, Reason, Run};
use crate::streams::store::{Store, WindowEntry, WindowStore};
use crate::streams::topology::{Aggregator, Operator};
use crate::streams::values::value::{Record, Value, Window};

/// The windows that a time belongs to, in order.
pub(super) fn windows_of(timestamp: i64, size_ms: i64, advance_ms: i64) -> impl Iterator<Item = Window> {
    let first = (timestamp - size_ms + advance_ms).max(0) / advance_ms * advance_ms;
    let starts = std::iter::successors(Some(first), move |start| start.checked_add(advance_ms));
    starts.take_while(move |start| *start <= timestamp).map(move |start| Window { start, end: start.saturating_add(size_ms) })
}

/// How an aggregate in windows is kept and sent.
#[derive(Clone, Copy)]
pub(super) struct Windowing<'a> {
    pub node: usize,
    pub store: usize,
    pub by: &'a Aggregator,
    pub old: bool,
    /// One result for each window, once it is closed.
    pub on_close: bool,
}

impl Run<'_> {
    pub(super) fn window_aggregate(&mut self, node: usize, record: &Record) -> Result<(), Failure> {
        let topology = self.topology;
        let Operator::WindowAggregate { store, size_ms, advance_ms, grace_ms, on_close, by, old } = &topology.nodes[node].operator
        else {
            return Ok(());
        };
        let windowing = Windowing { node, store: *store, by, old: *old, on_close: *on_close };
        let Some(key) = &record.key else {
            self.drop(node, record, Reason::NullKey);
            return Ok(());
        };
        self.clocks[node].observe(record.timestamp);
        let stream_time = self.clocks[node].stream_time;
        let closed_at = stream_time - grace_ms;
        for window in windows_of(record.timestamp, *size_ms, *advance_ms) {
            if window.end <= closed_at {
                self.drop(node, record, Reason::Late { window, closed_at, stream_time });
                continue;
            }
            let entry = self.window(*store, key, window.start);
            let timestamp = entry.as_ref().map_or(record.timestamp, |(_, timestamp)| record.timestamp.max(*timestamp));
            let before = entry.map(|(value, _)| value).or_else(|| by.initial.clone().present());
            let value = self.added(node, by, record, record.value.as_ref(), before.as_ref())?;
            self.put_window(windowing, record, key, window.start, value.clone(), timestamp);
            self.forward_window(windowing, key, window, value, before, timestamp)?;
        }
        if !on_close || !self.may_emit(node, closed_at) {
            return Ok(());
        }
        let emitted_to = self.clocks[node].emitted_to;
        let to = closed_at - size_ms;
        let from = if emitted_to == -1 { 0 } else { (emitted_to - size_ms).max(0) + 1 };
        let same = |one, two| windows_of(one, *size_ms, *advance_ms).eq(windows_of(two, *size_ms, *advance_ms));
        if to < 0 || emitted_to != -1 && same(to, from - 1) {
            return Ok(());
        }
        self.emit_closed(windowing, *size_ms, closed_at, (from, to))
    }

    /// The value of a key in a window, with its timestamp.
    pub(super) fn window(&mut self, store: usize, key: &Value, start: i64) -> Option<(Value, i64)> {
        let bytes = self.key_bytes(store, key);
        match self.store(store) {
            Some(Store::Window(store)) => store.get(&bytes, start).map(|entry| (entry.value.clone(), entry.timestamp)),
            _ => None,
        }
    }

    pub(super) fn put_window(
        &mut self,
        windowing: Windowing,
        record: &Record,
        key: &Value,
        start: i64,
        value: Option<Value>,
        timestamp: i64,
    ) {
        let Some(value) = value else { return };
        let store = windowing.store;
        let bytes = self.key_bytes(store, key);
        let entry = WindowEntry { key: key.clone(), start, value: value.clone(), timestamp };
        let (sequence, kept) = match self.store(store) {
            Some(Store::Window(store)) => {
                let sequence = store.next_sequence();
                (sequence, store.put(&bytes, sequence, entry))
            }
            _ => return,
        };
        if !kept {
            self.drop(windowing.node, record, Reason::Expired { store: self.topology.stores[store].name.clone() });
        }
        self.log(store, WindowStore::changelog_key(&bytes, start, sequence), Some(&value), timestamp);
    }

    pub(super) fn forward_window(
        &mut self,
        windowing: Windowing,
        key: &Value,
        window: Window,
        value: Option<Value>,
        old: Option<Value>,
        timestamp: i64,
    ) -> Result<(), Failure> {
        if windowing.on_close {
            return Ok(());
        }
        let change = Record { key: Some(Value::windowed(key.clone(), window)), value, old, timestamp };
        self.forward_change(windowing.node, &change, windowing.old)
    }

    /// Whether results of closed windows may go out: at most once in the interval of the wall clock.
    pub(super) fn may_emit(&mut self, node: usize, closed_at: i64) -> bool {
        let (now, interval) = (self.context.now, self.emit_interval_ms);
        let clock = &mut self.clocks[node];
        if now < clock.next_emit {
            return false;
        }
        clock.next_emit = now + interval;
        clock.emitted_to == -1 || clock.emitted_to < closed_at
    }

    /// Sends the windows that begin within a time, both ends included.
    pub(super) fn emit_closed(
        &mut self,
        windowing: Windowing,
        length_ms: i64,
        closed_at: i64,
        within: (i64, i64),
    ) -> Result<(), Failure> {
        let entries: Vec<WindowEntry> = match self.store(windowing.store) {
            Some(Store::Window(store)) => store.fetch_all(within.0, within.1).into_iter().cloned().collect(),
            _ => Vec::new(),
        };
        for entry in entries {
            let window = Window { start: entry.start, end: entry.start.saturating_add(length_ms) };
            let key = Some(Value::windowed(entry.key, window));
            let change = Record { key, value: Some(entry.value), old: None, timestamp: entry.timestamp };
            self.forward(windowing.node, &change)?;
        }
        self.clocks[windowing.node].emitted_to = closed_at;
        Ok(())
    }
}
