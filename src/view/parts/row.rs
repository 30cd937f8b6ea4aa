//! One partition as a row of record cells: only those in the window are read, however long the log is.
//!
//! ```text
//!   log start                     high watermark   log end
//!      v                                v             v
//!      [ 0 ][ 1 ] … [ 7 ][ 8 ][ 9 ][10 ]{11 }{12 }{13 }
//!                   '------ window ------'
//! ```

use std::rc::Rc;

use super::logs::group_offsets;
use super::text;
use crate::base::{Offset, TopicPartition};
use crate::engine::broker::Replica;
use crate::engine::log::{Batch, RecordView};
use crate::engine::world::World;
use crate::scenario::cast::event_word;

/// Most cells in one row, whatever is asked for.
pub const CELLS_MAX: usize = 512;

/// Characters of a value that a cell can show.
const PREVIEW_CHARS: usize = 48;

/// Where a window begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RowStart {
    /// At the latest records: the window ends at the log's end.
    Tail,
    /// At this offset, or at the first one after it that still holds a record.
    From(Offset),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordCell {
    pub offset: i64,
    /// `None`: a null key.
    pub key: Option<Rc<str>>,
    /// 0 to 359, from the key; `None` (grey) for a null key.
    pub hue: Option<u16>,
    /// What happened, where the value says so.
    pub word: Option<Rc<str>>,
    /// One line of the value; empty for a tombstone.
    pub value_preview: Rc<str>,
    /// The value is null.
    pub tombstone: bool,
    /// A transaction's marker: takes an offset, is no record.
    pub control: bool,
    /// Written and not yet visible: at or above the high watermark.
    pub above_high_watermark: bool,
    /// Groups whose committed offset lies beyond this record.
    pub committed_by: Vec<Rc<str>>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartitionRow {
    pub topic_partition: TopicPartition,
    pub cells: Vec<RecordCell>,
    pub log_start_offset: i64,
    pub high_watermark: i64,
    pub log_end_offset: i64,
    /// Records lie before the first cell.
    pub has_earlier: bool,
    /// Records lie after the last cell.
    pub has_later: bool,
    /// Records that were read to make this row: bounded by the window and one batch, never by the log.
    pub records_read: usize,
}

/// The window of `cells_max` records of a partition, as its leader has them. `None` for a partition that is not there.
pub fn partition_row(world: &World, partition: &TopicPartition, start: RowStart, cells_max: usize) -> Option<PartitionRow> {
    let replica = leader_replica(world, partition)?;
    let cells_max = cells_max.min(CELLS_MAX);
    let (log_start, log_end) = (replica.log.log_start_offset(), replica.log.log_end_offset());
    let mut row = PartitionRow {
        topic_partition: partition.clone(),
        cells: Vec::with_capacity(cells_max),
        log_start_offset: log_start.0,
        high_watermark: replica.high_watermark.0,
        log_end_offset: log_end.0,
        has_earlier: false,
        has_later: false,
        records_read: 0,
    };
    let committed = group_offsets(world, partition);
    match start {
        RowStart::From(from) => fill(&mut row, replica, &committed, from.max(log_start), cells_max),
        RowStart::Tail => {
            // Offsets may have gaps, so the window may have to reach further back than it has cells.
            let mut reach = cells_max as i64;
            loop {
                let from = Offset(log_end.0.saturating_sub(reach)).max(log_start);
                row.cells.clear();
                fill(&mut row, replica, &committed, from, usize::MAX);
                if row.cells.len() >= cells_max || from == log_start || reach > 64 * cells_max as i64 {
                    break;
                }
                reach = reach.saturating_mul(4).max(1);
            }
            let extra = row.cells.len().saturating_sub(cells_max);
            row.cells.drain(..extra);
        }
    }
    row.has_earlier = row.cells.first().map_or(row.log_start_offset < row.log_end_offset, |cell| cell.offset > log_start.0);
    row.has_later = row.cells.last().is_some_and(|cell| cell.offset + 1 < log_end.0);
    Some(row)
}

fn fill(row: &mut PartitionRow, replica: &Replica, committed: &[(Rc<str>, Offset)], from: Offset, cells_max: usize) {
    for batch in replica.log.batches_from(from) {
        for record in batch.records() {
            if row.cells.len() >= cells_max {
                return;
            }
            row.records_read += 1;
            if record.offset >= from {
                let cell = cell(&row.topic_partition, batch, &record, replica.high_watermark, committed);
                row.cells.push(cell);
            }
        }
    }
}

fn cell(
    partition: &TopicPartition,
    batch: &Batch,
    record: &RecordView<'_>,
    high_watermark: Offset,
    committed: &[(Rc<str>, Offset)],
) -> RecordCell {
    let (key, value_preview) = match text::decoded(partition, record) {
        Some((key, value)) => (Some(text::preview(&key, PREVIEW_CHARS)), text::preview(&value, PREVIEW_CHARS)),
        None => {
            let preview = |bytes: &[u8]| text::bytes_preview(bytes, PREVIEW_CHARS);
            (record.key.map(preview), record.value.map(preview).unwrap_or_default())
        }
    };
    RecordCell {
        offset: record.offset.0,
        key: key.map(Into::into),
        hue: record.key.map(text::hue),
        word: record.value.filter(|_| !batch.is_control()).and_then(event_word).map(Into::into),
        value_preview: value_preview.into(),
        tombstone: record.value.is_none() && !batch.is_control(),
        control: batch.is_control(),
        above_high_watermark: record.offset >= high_watermark,
        committed_by: committed.iter().filter(|(_, offset)| *offset > record.offset).map(|(group, _)| group.clone()).collect(),
    }
}

/// The leader's replica; while there is no leader, the first that is left on a disk.
pub fn leader_replica<'w>(world: &'w World, partition: &TopicPartition) -> Option<&'w Replica> {
    let state = world.cluster().topic(partition.topic.as_str())?.partition(partition.partition)?;
    let holders = state.leader.iter().chain(&state.replicas);
    holders.filter_map(|holder| world.broker(*holder)?.replica(partition)).next()
}
