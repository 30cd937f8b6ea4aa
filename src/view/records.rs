//! The Records view: a table of records, filtered, a screenful at a time.

use std::rc::Rc;

use super::row::leader_replica;
use super::text::{self, ValueText};
use crate::base::{Offset, Timestamp, TopicPartition, put_in_order};
use crate::engine::broker::Replica;
use crate::engine::log::RecordView;
use crate::engine::world::World;

/// Records looked at for one table. A filter that fits nothing gives up there and says so.
pub const SCAN_MAX: usize = 50_000;

/// Where the table begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum From {
    /// The latest records that fit.
    #[default]
    Tail,
    Beginning,
    /// This offset, in every partition shown.
    Offset(Offset),
    /// The first record at or after this time, in every partition shown.
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

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RecordTable {
    /// Ordered by timestamp, then partition and offset; within a partition always by offset.
    pub rows: Vec<RecordRow>,
    /// Records that were looked at.
    pub scanned: usize,
    /// The search stopped at `SCAN_MAX`: what lies further was not looked at.
    pub gave_up: bool,
    /// More records may fit after the last row (before the first, when read from the tail).
    pub more: bool,
}

/// The records of a topic that fit, at most `max`.
pub fn record_rows(world: &World, topic: &str, filter: &RecordFilter, max: usize) -> RecordTable {
    let Some(state) = world.cluster().topic(topic) else {
        return RecordTable::default();
    };
    let count = state.partitions.len() as i32;
    let chosen = (0..count).filter(|partition| filter.partition.is_none_or(|only| only == *partition));
    let partitions: Vec<(TopicPartition, &Replica)> = chosen
        .filter_map(|partition| {
            let partition = TopicPartition::new(topic, partition);
            let replica = leader_replica(world, &partition)?;
            Some((partition, replica))
        })
        .collect();
    match filter.from {
        From::Tail => tail(&partitions, filter, max),
        _ => forward(&partitions, filter, max),
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

fn start(replica: &Replica, from: From) -> Option<Offset> {
    let log = &replica.log;
    match from {
        From::Beginning | From::Tail => Some(log.log_start_offset()),
        From::Offset(offset) => Some(offset.max(log.log_start_offset())),
        From::Time(timestamp) => log.offset_by_timestamp(timestamp).map(|(offset, _)| offset),
    }
}

/// Takes the partitions' records in order of time, as a merge of their logs.
fn forward(partitions: &[(TopicPartition, &Replica)], filter: &RecordFilter, max: usize) -> RecordTable {
    let mut table = RecordTable::default();
    let mut cursors: Vec<_> = partitions
        .iter()
        .filter_map(|(partition, replica)| {
            let from = start(replica, filter.from)?;
            let records = replica
                .log
                .batches_from(from)
                .filter(|batch| !batch.is_control())
                .flat_map(|batch| batch.records())
                .filter(move |record| record.offset >= from);
            Some((partition, records.peekable()))
        })
        .collect();
    loop {
        let next = cursors
            .iter_mut()
            .enumerate()
            .filter_map(|(at, (_, records))| records.peek().map(|record| (record.timestamp, at)))
            .min();
        let Some((_, at)) = next else { return table };
        if table.rows.len() >= max || table.scanned >= SCAN_MAX {
            table.gave_up = table.rows.len() < max;
            table.more = true;
            return table;
        }
        let (partition, records) = &mut cursors[at];
        if let Some(record) = records.next() {
            table.scanned += 1;
            if fits(partition, &record, filter) {
                table.rows.push(row(partition, &record));
            }
        }
    }
}

/// The latest `max` that fit: of each partition, reaching back in growing steps until enough are found.
fn tail(partitions: &[(TopicPartition, &Replica)], filter: &RecordFilter, max: usize) -> RecordTable {
    let mut table = RecordTable::default();
    let budget = SCAN_MAX / partitions.len().max(1);
    for (partition, replica) in partitions {
        let mut found: Vec<RecordRow> = Vec::new();
        let (start, mut to) = (replica.log.log_start_offset(), replica.log.log_end_offset());
        let (mut step, mut scanned) = (max.max(1) as i64, 0);
        while found.len() < max && to > start {
            if scanned >= budget {
                (table.gave_up, table.more) = (true, true);
                break;
            }
            let from = Offset(to.0.saturating_sub(step)).max(start);
            let mut part = Vec::new();
            replica.log.for_each_record(from, to, |record| {
                scanned += 1;
                if fits(partition, &record, filter) {
                    part.push(row(partition, &record));
                }
                true
            });
            part.append(&mut found);
            found = part;
            to = from;
            step = step.saturating_mul(2).min(budget as i64);
        }
        table.more |= to > start || found.len() > max;
        table.scanned += scanned;
        let extra = found.len().saturating_sub(max);
        table.rows.extend(found.drain(extra..));
    }
    // Timestamps may go backwards inside a partition: a stable sort by time would break the offsets' order there, so
    // each record counts as no earlier than the one before it.
    let mut latest = (None, i64::MIN);
    let mut keyed: Vec<((i64, i32, i64), RecordRow)> = Vec::with_capacity(table.rows.len());
    for row in std::mem::take(&mut table.rows) {
        let partition = row.topic_partition.partition;
        latest =
            if latest.0 == Some(partition) { (latest.0, row.timestamp.max(latest.1)) } else { (Some(partition), row.timestamp) };
        keyed.push(((latest.1, partition, row.offset), row));
    }
    put_in_order(&mut keyed, &|(one, _), (other, _)| one < other);
    table.more |= keyed.len() > max;
    let extra = keyed.len().saturating_sub(max);
    table.rows = keyed.drain(extra..).map(|(_, row)| row).collect();
    table
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
    part.is_empty() || bytes.is_some_and(|bytes| text::bytes_text(bytes).contains(part))
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
