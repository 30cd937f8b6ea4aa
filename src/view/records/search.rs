//! What fits a filter, looked for a little at a time: from where a person begins, back from the latest record or onwards.

use super::order::RecordList;
use super::{From, RecordFilter, TableRow, fits, table_row};
use crate::base::TopicPartition;

/// Records that are kept as found; with more the search is over.
pub const FOUND_MAX: usize = 10_000;

/// Records looked at before a person is asked whether to go on.
const ASK_AFTER: usize = 100_000;

/// Records looked at in one go when looking backwards.
const BLOCK: i64 = 2_000;

/// A search over a list of records. What is looked at is one run of positions, which grows at its ends.
///
/// ```text
///   first …… low [ looked at: found, found, … ] high …… end
///          ◀── back (from the latest)            ──▶ onwards, and with what arrives
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Search {
    /// Does it look back from where it began?
    back: bool,
    low: i64,
    high: i64,
    looked_at: usize,
    /// How many were found before the place where it began.
    found_before: usize,
    /// Looked at no further than this without being asked.
    allowed: usize,
    /// Position, partition and offset of what fits, in order.
    found: Vec<(i64, TopicPartition, i64)>,
}

impl Search {
    pub fn begin(list: &RecordList<'_>, from: From) -> Self {
        let place = list.place(from);
        Self {
            back: from == From::Tail,
            low: place,
            high: place,
            looked_at: 0,
            found_before: 0,
            allowed: ASK_AFTER,
            found: Vec::new(),
        }
    }

    /// Looks at no more than `budget` further records, and only while fewer than `wanted` are found; with a transaction's
    /// markers and the batch it stops in, that is what it reads. True: call again to find more.
    pub fn go_on(&mut self, list: &RecordList<'_>, filter: &RecordFilter, wanted: usize, budget: usize) -> bool {
        let mut left = budget;
        // What has arrived is looked at first, so that the latest is never missed.
        if self.high < list.end() && (self.back || self.wants(wanted)) {
            self.onwards(list, filter, wanted, &mut left);
        }
        while self.back && left > 0 && self.low > list.first() && self.wants(wanted) {
            self.backwards(list, filter, &mut left);
        }
        self.wants(wanted) && !self.is_over(list)
    }

    fn wants(&self, wanted: usize) -> bool {
        self.found.len() < wanted.min(FOUND_MAX) && self.looked_at < self.allowed
    }

    fn onwards(&mut self, list: &RecordList<'_>, filter: &RecordFilter, wanted: usize, left: &mut usize) {
        let mut high = list.end();
        list.each(self.high, |placed| {
            if *left == 0 || self.found.len() >= FOUND_MAX || (!self.back && !self.wants(wanted)) {
                high = placed.position;
                return false;
            }
            *left -= 1;
            self.looked_at += 1;
            if fits(placed.partition, &placed.record, filter) {
                self.found.push((placed.position, placed.partition.clone(), placed.record.offset.0));
            }
            true
        });
        self.high = high;
    }

    fn backwards(&mut self, list: &RecordList<'_>, filter: &RecordFilter, left: &mut usize) {
        let to = self.low;
        let from = to.saturating_sub(BLOCK.min(*left as i64)).max(list.first());
        let mut found = Vec::new();
        let mut looked_at = 0;
        list.each(from, |placed| {
            if placed.position >= to {
                return false;
            }
            looked_at += 1;
            if fits(placed.partition, &placed.record, filter) {
                found.push((placed.position, placed.partition.clone(), placed.record.offset.0));
            }
            true
        });
        self.found_before += found.len();
        found.append(&mut self.found);
        self.found = found;
        self.low = from;
        self.looked_at += looked_at;
        // A stretch of offsets without records costs a look as well.
        *left = left.saturating_sub(looked_at.max(1));
    }

    /// All there is was looked at, or as much was found as is kept.
    pub fn is_over(&self, list: &RecordList<'_>) -> bool {
        let onwards = self.high < list.end();
        let back = self.back && self.low > list.first();
        self.found.len() >= FOUND_MAX || !(onwards || back)
    }

    /// It waits for a person to say that it should go on.
    pub fn asks(&self, list: &RecordList<'_>) -> bool {
        self.looked_at >= self.allowed && !self.is_over(list)
    }

    /// A person has said so.
    pub fn search_on(&mut self) {
        self.allowed = self.looked_at + ASK_AFTER;
    }

    pub fn looked_at(&self) -> usize {
        self.looked_at
    }

    /// How many were found by looking back: so much further down do the others stand.
    pub fn found_before(&self) -> usize {
        self.found_before
    }

    pub fn found(&self) -> usize {
        self.found.len()
    }

    /// Where a record stands among what was found.
    pub fn index_of(&self, partition: &TopicPartition, offset: i64) -> Option<usize> {
        self.found.iter().position(|(_, other, at)| other == partition && *at == offset)
    }

    /// Some of what was found, from the `from`th on. What has been deleted since is left out.
    pub fn rows(&self, list: &RecordList<'_>, from: usize, max: usize) -> Vec<TableRow> {
        let wanted = self.found.iter().skip(from).take(max);
        let row = |(position, partition, offset): &(i64, TopicPartition, i64)| {
            list.one(partition, *offset, |placed| TableRow { position: *position, ..table_row(&placed) })
        };
        wanted.filter_map(row).collect()
    }
}
