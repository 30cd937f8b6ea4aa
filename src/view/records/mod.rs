//! Lives here: the Records view: a topic's records as one long list (`order`), what fits a filter (`search`), a row’s words,
//! and where rows stand (`scroll`).
//! Never here: how many rows fit, and where they are drawn.

mod order;
mod scroll;
mod search;

use std::rc::Rc;

use crate::base::{Offset, Timestamp, TopicPartition};
use crate::engine::log::RecordView;
use crate::engine::world::World;
use crate::view::parts::fields::{self, Field};
use crate::view::parts::row::leader_replica;
use crate::view::parts::text::{self, ValueText};

pub use order::{Placed, RecordList};
pub use scroll::{Extent, SPACE_MAX};
pub use search::{FOUND_MAX, Search};

/// Characters of a value or a field that a row can show.
const PREVIEW_CHARS: usize = 160;

/// Where the table begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum From {
    /// At the latest records.
    #[default]
    Tail,
    Beginning,
    /// At this offset; over several partitions, where the first of them has it.
    Offset(Offset),
    /// At the first record at or after this time.
    Time(Timestamp),
}

/// Which records to show. Empty texts fit everything.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RecordFilter {
    pub partition: Option<i32>,
    /// Part of the key's text. A null key fits only the empty text.
    pub key: String,
    /// Part of the value's text.
    pub value: String,
    pub from: From,
}

impl RecordFilter {
    /// Must records be looked into to tell which of them are shown?
    pub fn searches(&self) -> bool {
        !self.key.is_empty() || !self.value.is_empty()
    }
}

/// A record with all that can be said of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordRow {
    pub topic_partition: TopicPartition,
    pub offset: i64,
    pub timestamp: i64,
    /// `2026-01-01 00:00:12.430` (UTC).
    pub time: String,
    /// `None`: a null key.
    pub key: Option<String>,
    pub hue: Option<u16>,
    pub value: ValueText,
    /// The value on one line.
    pub value_preview: String,
    pub headers: Vec<(String, Option<String>)>,
    pub size_bytes: u32,
}

/// A record as a row of the table: what fits into a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableRow {
    pub position: i64,
    pub topic_partition: TopicPartition,
    pub offset: i64,
    pub timestamp: i64,
    /// `2026-01-01 00:00:12.430` (UTC).
    pub time: String,
    /// `None`: a null key.
    pub key: Option<String>,
    pub hue: Option<u16>,
    /// The value is null.
    pub tombstone: bool,
    /// The value on one line.
    pub value_preview: String,
    /// The fields of a value that is a JSON object.
    pub fields: Option<Vec<Field>>,
}

impl RecordList<'_> {
    /// The first `max` records from a position on.
    pub fn window(&self, from: i64, max: usize) -> Vec<TableRow> {
        let mut rows = Vec::new();
        self.each(from, |placed| {
            if rows.len() < max {
                rows.push(table_row(&placed));
            }
            rows.len() < max
        });
        rows
    }

    /// The last `max` records before a position. Offsets may have gaps, so it may have to reach further back than `max`.
    pub fn before(&self, to: i64, max: usize) -> Vec<TableRow> {
        let first = self.first();
        let mut reach = max as i64;
        loop {
            let from = to.saturating_sub(reach).max(first);
            let mut count = 0usize;
            self.each(from, |placed| {
                count += usize::from(placed.position < to);
                placed.position < to
            });
            if count >= max || from == first {
                let mut rows = Vec::new();
                let mut skipped = count.saturating_sub(max);
                self.each(from, |placed| {
                    if skipped > 0 {
                        skipped -= 1;
                    } else if placed.position < to {
                        rows.push(table_row(&placed));
                    }
                    placed.position < to
                });
                return rows;
            }
            reach = reach.saturating_mul(2).max(1);
        }
    }
}

/// One record; `None` if its offset holds none.
pub fn record_row(world: &World, partition: &TopicPartition, offset: Offset) -> Option<RecordRow> {
    let replica = leader_replica(world, partition)?;
    let mut found = None;
    replica.log.for_each_record(offset, offset.plus(1), |record| {
        found = Some(row(partition, &record));
        false
    });
    found
}

fn fits(partition: &TopicPartition, record: &RecordView<'_>, filter: &RecordFilter) -> bool {
    if filter.key.is_empty() && filter.value.is_empty() {
        return true;
    }
    match text::decoded(partition, record) {
        Some((key, value)) => key.contains(&filter.key) && value.contains(&filter.value),
        None => contains(record.key, &filter.key) && contains(record.value, &filter.value),
    }
}

fn contains(bytes: Option<&[u8]>, part: &str) -> bool {
    let held = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => text.contains(part),
        Err(_) => text::hex(bytes).contains(part),
    };
    part.is_empty() || bytes.is_some_and(held)
}

fn table_row(placed: &Placed<'_, '_>) -> TableRow {
    let (partition, record) = (placed.partition, &placed.record);
    let (key, value_preview, fields) = match text::decoded(partition, record) {
        Some((key, words)) => (Some(key), text::preview(&words, PREVIEW_CHARS), None),
        None => {
            let preview = |bytes: &[u8]| text::bytes_preview(bytes, PREVIEW_CHARS);
            (record.key.map(preview), record.value.map(preview).unwrap_or_default(), record.value.and_then(fields::of))
        }
    };
    TableRow {
        position: placed.position,
        topic_partition: partition.clone(),
        offset: record.offset.0,
        timestamp: record.timestamp.0,
        time: text::timestamp_text(record.timestamp),
        key,
        hue: record.key.map(text::hue),
        tombstone: record.value.is_none(),
        value_preview,
        fields,
    }
}

fn row(partition: &TopicPartition, record: &RecordView<'_>) -> RecordRow {
    let (key, value) = match text::decoded(partition, record) {
        Some((key, words)) => (Some(key), if record.value.is_some() { ValueText::Text(words) } else { ValueText::Null }),
        None => (record.key.map(text::bytes_text), ValueText::of(record.value)),
    };
    let value_preview = match &value {
        ValueText::Text(words) => text::preview(words, 120),
        _ => record.value.map(|value| text::bytes_preview(value, 120)).unwrap_or_default(),
    };
    RecordRow {
        topic_partition: partition.clone(),
        offset: record.offset.0,
        timestamp: record.timestamp.0,
        time: text::timestamp_text(record.timestamp),
        key,
        hue: record.key.map(text::hue),
        value,
        value_preview,
        headers: record.headers().into_iter().map(|header| (header.key, header.value.as_deref().map(text::bytes_text))).collect(),
        size_bytes: record.size_bytes,
    }
}

/// A topic's name as the table's heading needs it.
pub fn topic_names(world: &World, internal: bool) -> Vec<Rc<str>> {
    world.cluster().topics().filter(|(_, topic)| internal || !topic.internal).map(|(name, _)| name.0.clone()).collect()
}
