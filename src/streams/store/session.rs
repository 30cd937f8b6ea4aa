//! `RocksDBSessionStore`: values by key and session.

use super::Retention;
use crate::streams::Value;
use crate::streams::values::value::{Window, Windowed};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Hash)]
pub struct SessionStore {
    retention: Retention,
    time_first: bool,
    /// By the number of the segment of the session's end, then by the bytes of `SessionKeySchema` (key, end, start) or, with the
    /// time first, of `TimeFirstSessionKeySchema`.
    segments: BTreeMap<i64, BTreeMap<Vec<u8>, (Windowed, Value)>>,
}

impl SessionStore {
    pub fn new(retention_ms: i64, time_first: bool) -> Self {
        Self { retention: Retention::new(retention_ms), time_first, segments: BTreeMap::new() }
    }

    pub fn changelog_key(key: &[u8], window: Window) -> Vec<u8> {
        [key, &window.end.to_be_bytes(), &window.start.to_be_bytes()].concat()
    }

    fn store_key(&self, key: &[u8], window: Window) -> Vec<u8> {
        if self.time_first {
            [&window.end.to_be_bytes()[..], &window.start.to_be_bytes(), key].concat()
        } else {
            Self::changelog_key(key, window)
        }
    }

    /// False where the session's segment is gone already.
    pub fn put(&mut self, key: &[u8], session: Windowed, value: Value) -> bool {
        self.retention.observe(session.window.end);
        let segment = self.retention.segment(session.window.end);
        let first = self.retention.first_segment();
        if segment < first {
            return false;
        }
        while self.segments.first_key_value().is_some_and(|(segment, _)| *segment < first) {
            self.segments.pop_first();
        }
        let key = self.store_key(key, session.window);
        self.segments.entry(segment).or_default().insert(key, (session, value));
        true
    }

    pub fn remove(&mut self, key: &[u8], window: Window) {
        self.retention.observe(window.end);
        let key = self.store_key(key, window);
        if let Some(segment) = self.segments.get_mut(&self.retention.segment(window.end)) {
            segment.remove(&key);
        }
    }

    pub fn get(&self, key: &[u8], window: Window) -> Option<&Value> {
        if window.end < self.retention.first_time() {
            return None;
        }
        let segment = self.segments.get(&self.retention.segment(window.end))?;
        segment.get(&self.store_key(key, window)).map(|(_, value)| value)
    }

    /// The sessions of a key that end at a time or later and begin at another or earlier, in the order of their ends.
    pub fn of_key(&self, key: &[u8], earliest_end: i64, latest_start: i64) -> Vec<(Windowed, Value)> {
        let from = if self.time_first { earliest_end } else { earliest_end.max(self.retention.first_time()) };
        let fits = |window: Window| window.end >= from && window.start <= latest_start;
        let mut found = Vec::new();
        for (_, segment) in self.segments.range(self.retention.segment(from)..) {
            let first = self.store_key(key, Window { start: 0, end: from.max(0) });
            let of_key = |bytes: &[u8]| {
                bytes.len() == key.len() + 16 && if self.time_first { bytes.ends_with(key) } else { bytes.starts_with(key) }
            };
            // With the key first, all of a key lie together.
            let range = segment.range(first..).take_while(|(bytes, _)| self.time_first || bytes.starts_with(key));
            found.extend(
                range.filter(|(bytes, (session, _))| of_key(bytes) && fits(session.window)).map(|(_, entry)| entry.clone()),
            );
        }
        found
    }

    /// The sessions that end within a time, both ends included, of a store that has the time first: by end, start and key.
    pub fn ending(&self, from: i64, to: i64) -> Vec<&(Windowed, Value)> {
        let range = from.to_be_bytes().to_vec()..to.saturating_add(1).to_be_bytes().to_vec();
        let segments = self.segments.range(self.retention.segment(from)..=self.retention.segment(to));
        segments.flat_map(|(_, segment)| segment.range(range.clone()).map(|(_, entry)| entry)).collect()
    }

    pub fn entries(&self) -> impl Iterator<Item = &(Windowed, Value)> {
        self.segments.values().flat_map(BTreeMap::values)
    }
}
