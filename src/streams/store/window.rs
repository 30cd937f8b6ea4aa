//! `RocksDBTimestampedWindowStore`: values by key and the start of a window.

use super::Retention;
use crate::streams::Value;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Hash)]
pub struct WindowStore {
    retention: Retention,
    duplicates: bool,
    time_first: bool,
    /// The last number given to a record, where duplicates are kept.
    sequence: u32,
    /// By the number of the segment, then by the bytes of `WindowKeySchema` (key, start, sequence) or, with the time first, of
    /// `TimeFirstWindowKeySchema`.
    segments: BTreeMap<i64, BTreeMap<Vec<u8>, WindowEntry>>,
}

#[derive(Clone, Debug, PartialEq, Hash)]
pub struct WindowEntry {
    pub key: Value,
    pub start: i64,
    pub value: Value,
    pub timestamp: i64,
}

impl WindowStore {
    pub fn new(retention_ms: i64, duplicates: bool, time_first: bool) -> Self {
        let retention = Retention::new(retention_ms);
        Self { retention, duplicates, time_first, sequence: 0, segments: BTreeMap::new() }
    }

    /// The number that the next record gets, where duplicates are kept. It is counted even for a record that is too old.
    pub fn next_sequence(&mut self) -> u32 {
        if self.duplicates {
            self.sequence = (self.sequence + 1) & 0x7fff_ffff;
        }
        self.sequence
    }

    /// A number that the changelog has: the next one comes after it.
    pub fn count_sequence(&mut self, sequence: u32) {
        self.sequence = if self.duplicates { self.sequence.max(sequence) } else { 0 };
    }

    pub fn remove(&mut self, key: &[u8], start: i64, sequence: u32) {
        self.retention.observe(start);
        let key = self.store_key(key, start, sequence);
        if let Some(segment) = self.segments.get_mut(&self.retention.segment(start)) {
            segment.remove(&key);
        }
    }

    /// The key in the changelog: always with the time last.
    pub fn changelog_key(key: &[u8], start: i64, sequence: u32) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(key.len() + 12);
        bytes.extend(key);
        bytes.extend(start.to_be_bytes());
        bytes.extend(sequence.to_be_bytes());
        bytes
    }

    fn store_key(&self, key: &[u8], start: i64, sequence: u32) -> Vec<u8> {
        if !self.time_first {
            return Self::changelog_key(key, start, sequence);
        }
        let mut bytes = Vec::with_capacity(key.len() + 12);
        bytes.extend(start.to_be_bytes());
        bytes.extend(key);
        bytes.extend(sequence.to_be_bytes());
        bytes
    }

    /// False where the window's segment is gone already: nothing is kept then ("Skipping record for expired segment").
    pub fn put(&mut self, key: &[u8], sequence: u32, entry: WindowEntry) -> bool {
        self.retention.observe(entry.start);
        let segment = self.retention.segment(entry.start);
        let first = self.retention.first_segment();
        if segment < first {
            return false;
        }
        while self.segments.first_key_value().is_some_and(|(segment, _)| *segment < first) {
            self.segments.pop_first();
        }
        let key = self.store_key(key, entry.start, sequence);
        self.segments.entry(segment).or_default().insert(key, entry);
        true
    }

    /// The window of a key that begins at a time, where no duplicates are kept.
    pub fn get(&self, key: &[u8], start: i64) -> Option<&WindowEntry> {
        if start < self.retention.first_time() {
            return None;
        }
        self.segments.get(&self.retention.segment(start))?.get(&self.store_key(key, start, self.sequence))
    }

    /// The earliest start that a range finds: one millisecond earlier with the time first.
    fn first_time(&self) -> i64 {
        self.retention.first_time() - i64::from(self.time_first)
    }

    /// The windows of a key that begin within a time, both ends included, in order.
    pub fn fetch(&self, key: &[u8], from: i64, to: i64) -> Vec<&WindowEntry> {
        let from = from.max(self.first_time());
        if to < from {
            return Vec::new();
        }
        let segments = self.segments.range(self.retention.segment(from)..=self.retention.segment(to));
        let mut found = Vec::new();
        for (_, segment) in segments {
            if self.time_first {
                let range = from.max(0).to_be_bytes().to_vec()..to.saturating_add(1).to_be_bytes().to_vec();
                let of_key = |bytes: &[u8]| bytes.len() == key.len() + 12 && &bytes[8..8 + key.len()] == key;
                found.extend(segment.range(range).filter(|(bytes, _)| of_key(bytes)).map(|(_, entry)| entry));
            } else {
                let range = self.store_key(key, from.max(0), 0)..=self.store_key(key, to, 0x7fff_ffff);
                let of_key = |bytes: &[u8]| bytes.len() == key.len() + 12 && bytes.starts_with(key);
                found.extend(segment.range(range).filter(|(bytes, _)| of_key(bytes)).map(|(_, entry)| entry));
            }
        }
        found
    }

    /// All windows that begin within a time, both ends included, by time and then by key, of a store that has the time first.
    pub fn fetch_all(&self, from: i64, to: i64) -> Vec<&WindowEntry> {
        let from = from.max(self.first_time());
        if to < from {
            return Vec::new();
        }
        let range = from.max(0).to_be_bytes().to_vec()..to.saturating_add(1).to_be_bytes().to_vec();
        let segments = self.segments.range(self.retention.segment(from)..=self.retention.segment(to));
        segments.flat_map(|(_, segment)| segment.range(range.clone()).map(|(_, entry)| entry)).collect()
    }

    pub fn entries(&self) -> impl Iterator<Item = &WindowEntry> {
        self.segments.values().flat_map(BTreeMap::values)
    }
}
