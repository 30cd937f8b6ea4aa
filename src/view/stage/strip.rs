//! A partition's records as a strip: the window of them that fits, or, where a step has pinned records that lie far apart,
//! those, with folds for what lies between.
//!
//! ```text
//! quarters   0        4        8    10       14
//!            [ 69 ][ 70 ] ··64·· [ 135 ] ¦ 136      a record takes four quarters of a cell, a fold two
//! ```

use std::rc::Rc;

use crate::base::{Offset, SortedSet, TopicPartition};
use crate::engine::world::World;
use crate::view::parts::row::{PartitionRow, RecordCell, RowStart, partition_row};

/// A part of the strip.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Item {
    Cell(RecordCell),
    /// Offsets that are left out between two records.
    Fold(i64),
}

impl Item {
    /// How long it is, in quarters of a cell.
    pub fn quarters(&self) -> i32 {
        match self {
            Self::Cell(_) => 4,
            Self::Fold(_) => 2,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Strip {
    pub topic_partition: TopicPartition,
    pub items: Vec<Item>,
    pub log_start_offset: i64,
    pub high_watermark: i64,
    pub log_end_offset: i64,
    pub has_earlier: bool,
    pub has_later: bool,
}

impl Strip {
    /// Its length, in quarters of a cell.
    pub fn quarters(&self) -> i32 {
        self.items.iter().map(Item::quarters).sum()
    }

    pub fn cells(&self) -> impl DoubleEndedIterator<Item = &RecordCell> {
        self.items.iter().filter_map(|item| match item {
            Item::Cell(cell) => Some(cell),
            Item::Fold(_) => None,
        })
    }

    fn of(row: PartitionRow) -> Self {
        Self {
            topic_partition: row.topic_partition,
            items: row.cells.into_iter().map(Item::Cell).collect(),
            log_start_offset: row.log_start_offset,
            high_watermark: row.high_watermark,
            log_end_offset: row.log_end_offset,
            has_earlier: row.has_earlier,
            has_later: row.has_later,
        }
    }
}

/// The strip of a partition with room for `cells_max` records. Records in `pins` are on it, if the window follows the log's
/// end. `None` for a partition that is not there.
pub fn strip(world: &World, partition: &TopicPartition, start: RowStart, cells_max: usize, pins: &[i64]) -> Option<Strip> {
    let row = partition_row(world, partition, start, cells_max)?;
    let shown = |offset: &i64| row.cells.iter().any(|cell| cell.offset == *offset);
    let there = |offset: &i64| (row.log_start_offset..row.log_end_offset).contains(offset);
    let pins: Vec<i64> = pins.iter().copied().filter(there).collect();
    if start != RowStart::Tail || pins.iter().all(shown) {
        return Some(Strip::of(row));
    }
    let runs = runs(&pins, row.log_start_offset, row.log_end_offset, cells_max);
    let mut strip = Strip { items: Vec::new(), has_later: false, ..Strip::of(row) };
    let mut last = None;
    for (from, until) in runs {
        let Some(part) = partition_row(world, partition, RowStart::From(Offset(from)), (until - from) as usize) else { continue };
        let cells = part.cells.into_iter().take_while(|cell| cell.offset < until);
        for cell in cells {
            if let Some(last) = last.filter(|last| cell.offset > last + 1) {
                strip.items.push(Item::Fold(cell.offset - last - 1));
            }
            last = Some(cell.offset);
            strip.items.push(Item::Cell(cell));
        }
    }
    // The log's end may not have found room.
    if let Some(left) = last.map(|last| strip.log_end_offset - last - 1).filter(|left| *left > 0) {
        strip.items.push(Item::Fold(left));
    }
    let first = strip.cells().next().map(|cell| cell.offset);
    strip.has_earlier = first.is_some_and(|first| first > strip.log_start_offset);
    Some(strip)
}

/// Which offsets are shown, as runs: the pinned ones, the log's end, and as many beside them as there is room for.
fn runs(pins: &[i64], log_start: i64, log_end: i64, cells_max: usize) -> Vec<(i64, i64)> {
    let room = cells_max as i32 * 4;
    let mut shown: SortedSet<i64> = pins.iter().copied().take(cells_max.saturating_sub(1).max(1)).collect();
    let near: Vec<i64> = std::iter::once(log_end - 1).chain(pins.iter().copied()).collect();
    'wider: for away in 0..cells_max as i64 {
        for (at, centre) in near.iter().enumerate() {
            let beside: &[i64] = if at == 0 { &[-away] } else { &[-away, away] };
            for by in beside {
                let offset = centre + by;
                if (log_start..log_end).contains(&offset) && !shown.contains(&offset) {
                    shown.insert(offset);
                    if length(&shown) > room {
                        shown.remove(&offset);
                        if away > 0 {
                            break 'wider;
                        }
                    }
                }
            }
        }
    }
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for offset in shown {
        match runs.last_mut() {
            Some((_, until)) if *until == offset => *until += 1,
            _ => runs.push((offset, offset + 1)),
        }
    }
    runs
}

/// The length of a strip of these offsets, in quarters of a cell.
fn length(offsets: &SortedSet<i64>) -> i32 {
    let mut before: Option<i64> = None;
    offsets.iter().fold(0, |length, offset| {
        let fold = before.replace(*offset).is_some_and(|before| before + 1 < *offset);
        length + 4 + if fold { 2 } else { 0 }
    })
}

/// Characters of a key that fit below a record's word, and of one that has a line of its own.
const KEY_CHARS: usize = 5;
const TALL_KEY_CHARS: usize = 9;

/// What all keys of a topic in sight begin with, up to where they differ or a number begins: `ride-`. Shorter than three
/// characters, it is nothing.
pub fn common_prefix<'k>(keys: impl Iterator<Item = &'k str>) -> String {
    let mut prefix: Option<&str> = None;
    for key in keys {
        let Some(known) = prefix else {
            prefix = Some(key);
            continue;
        };
        let same = known.char_indices().zip(key.chars()).take_while(|((_, one), other)| one == other).last();
        prefix = Some(&known[..same.map_or(0, |((at, letter), _)| at + letter.len_utf8())]);
    }
    // A number is cut before its first digit: `ride-1` of ride-118 and ride-119 would say too little.
    let prefix = prefix.unwrap_or_default().trim_end_matches(|letter: char| letter.is_ascii_digit());
    if prefix.chars().count() < 3 { String::new() } else { prefix.to_owned() }
}

/// A key as it fits on a record: cut in front, where the keys differ least. `tall`: it has a line of its own.
pub fn short_key(key: &str, prefix: &str, tall: bool) -> Rc<str> {
    let length = key.chars().count();
    let most = if tall { TALL_KEY_CHARS } else { KEY_CHARS };
    if length <= most {
        return key.into();
    }
    if let Some(rest) = key.strip_prefix(prefix).filter(|rest| !prefix.is_empty() && !rest.is_empty())
        && rest.chars().count() <= most
    {
        return format!("…{rest}").into();
    }
    let tail: String = key.chars().skip(length - most + 1).collect();
    format!("…{tail}").into()
}
