//! The log of one replica: segments of shared batches.
//!
//! ```text
//!            segment 0            segment 4096 (active)
//!          [batch][batch]…      [batch][batch]
//!          ^ log_start_offset                 ^ log_end_offset (the next record's offset)
//! ```
//!
//! Copying a log copies pointers to segments; writing to a copy copies the active segment's last chunk, once. The active segment
//! lies in place: it is written to with each batch.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::batch::Batch;
use super::record::RecordView;
use crate::base::{Chunked, Derived, Offset, SimTime, Timestamp};

/// What a log must know of its topic's configs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LogConfig {
    pub segment_bytes: u64,
    pub segment_ms: u64,
}

/// So many of the last batches of a segment are looked through one by one before the others are searched.
const NEWEST: usize = 4;

/// A run of batches that is one file in Kafka. The last one of a log is active: written to.
#[derive(Clone, Hash, Debug)]
pub struct Segment {
    pub base_offset: Offset,
    pub size_bytes: u64,
    pub max_timestamp: Timestamp,
    pub created: SimTime,
    /// Of the first batch, -1 if there is none.
    first_timestamp: Derived<Timestamp>,
    pub batches: Chunked<Rc<Batch>>,
}

#[derive(Clone, Debug)]
pub struct PartitionLog {
    log_start_offset: Offset,
    log_end_offset: Offset,
    active: Segment,
    /// Those before the active one.
    rolled: Vec<Rc<Segment>>,
}

/// As a list of segments and two offsets.
impl Hash for PartitionLog {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.rolled.len() + 1);
        self.segments().for_each(|segment| segment.hash(state));
        (self.log_start_offset, self.log_end_offset).hash(state);
    }
}

impl PartitionLog {
    pub fn new(now: SimTime) -> Self {
        Self::beginning_at(Offset::ZERO, now)
    }

    fn beginning_at(offset: Offset, now: SimTime) -> Self {
        Self { log_start_offset: offset, log_end_offset: offset, active: Segment::new(offset, now), rolled: Vec::new() }
    }

    pub fn log_start_offset(&self) -> Offset {
        self.log_start_offset
    }

    /// The offset that the next record gets.
    pub fn log_end_offset(&self) -> Offset {
        self.log_end_offset
    }

    /// All segments, the active one last.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &Segment> + Clone {
        self.segments_from(0)
    }

    fn segments_from(&self, at: usize) -> impl DoubleEndedIterator<Item = &Segment> + Clone {
        let rolled = self.rolled.get(at..).unwrap_or_default();
        rolled.iter().map(Rc::as_ref).chain(Some(&self.active).filter(|_| at <= self.rolled.len()))
    }

    pub fn size_bytes(&self) -> u64 {
        self.segments().map(|segment| segment.size_bytes).sum()
    }

    /// Largest timestamp of any record, -1 if there is none.
    pub fn max_timestamp(&self) -> Timestamp {
        self.segments().map(|segment| segment.max_timestamp).max().unwrap_or(Timestamp(-1))
    }

    /// Appends a batch that already has its offsets. It must begin at or after the log's end.
    pub fn append(&mut self, batch: Rc<Batch>, config: LogConfig, now: SimTime) {
        debug_assert!(batch.base_offset >= self.log_end_offset, "offsets never go back");
        if self.active.must_roll(&batch, config, now) {
            let full = std::mem::replace(&mut self.active, Segment::new(batch.base_offset, now));
            self.rolled.push(Rc::new(full));
        }
        self.log_end_offset = batch.next_offset();
        self.active.push(batch);
    }

    /// Moves the log's start forward (delete-records, retention) and drops the segments that lie wholly below it.
    pub fn advance_log_start(&mut self, offset: Offset) {
        self.log_start_offset = self.log_start_offset.max(offset.min(self.log_end_offset));
        let start = self.log_start_offset;
        // The active segment stays, even when nothing in it is left.
        let keep_from = self.rolled.partition_point(|segment| segment.next_offset() <= start);
        self.rolled.drain(..keep_from);
    }

    /// Drops all batches that reach `offset` or lie above it: a follower gives up what its leader does not have.
    pub fn truncate_to(&mut self, offset: Offset) {
        if offset >= self.log_end_offset {
            return;
        }
        while self.active.base_offset >= offset
            && let Some(before) = self.rolled.pop()
        {
            self.active = Rc::unwrap_or_clone(before);
        }
        let mut kept = Segment::new(self.active.base_offset, self.active.created);
        let below = self.active.batches.iter().take_while(|batch| batch.last_offset() < offset);
        below.for_each(|batch| kept.push(batch.clone()));
        self.log_end_offset = kept.next_offset().max(self.log_start_offset.min(offset));
        self.active = kept;
        self.log_start_offset = self.log_start_offset.min(self.log_end_offset);
    }

    /// Begins anew at an offset: the leader's log begins above all that was here.
    pub fn restart_at(&mut self, offset: Offset, now: SimTime) {
        *self = Self::beginning_at(offset, now);
    }

    /// The batches from the one that holds `offset` on.
    pub fn batches_from(&self, offset: Offset) -> impl Iterator<Item = &Rc<Batch>> {
        let first = if offset >= self.log_end_offset {
            self.rolled.len() + 1
        } else if offset >= self.active.base_offset {
            self.rolled.len()
        } else {
            self.rolled.partition_point(|segment| segment.base_offset <= offset).saturating_sub(1)
        };
        self.segments_from(first).flat_map(move |segment| segment.batches.iter_from(segment.place_of(offset)))
    }

    /// Calls `row` with each record from `from` (log start at the earliest) to `to` (exclusive) until it returns false.
    pub fn for_each_record(&self, from: Offset, to: Offset, mut row: impl FnMut(RecordView<'_>) -> bool) {
        let from = from.max(self.log_start_offset);
        for batch in self.batches_from(from) {
            for record in batch.records() {
                if record.offset >= to {
                    return;
                }
                if record.offset >= from && !row(record) {
                    return;
                }
            }
        }
    }

    /// The first record at or above the log start whose timestamp is at least `timestamp`, looked for only in the first
    /// *segment* whose largest timestamp is high enough, as Kafka does (`UnifiedLog.fetchOffsetByTimestamp`).
    pub fn offset_by_timestamp(&self, timestamp: Timestamp) -> Option<(Offset, Timestamp)> {
        let segment = self.segments().find(|segment| segment.max_timestamp >= timestamp)?;
        segment
            .batches
            .iter()
            .filter(|batch| batch.max_timestamp >= timestamp && batch.last_offset() >= self.log_start_offset)
            .flat_map(|batch| batch.records())
            .find(|record| record.timestamp >= timestamp && record.offset >= self.log_start_offset)
            .map(|record| (record.offset, record.timestamp))
    }
}

impl Segment {
    fn new(base_offset: Offset, created: SimTime) -> Self {
        let none = Timestamp(-1);
        Self {
            base_offset,
            size_bytes: 0,
            max_timestamp: none,
            created,
            first_timestamp: Derived(none),
            batches: Chunked::default(),
        }
    }

    /// One past the last record in it.
    pub fn next_offset(&self) -> Offset {
        self.batches.last().map_or(self.base_offset, |batch| batch.next_offset())
    }

    /// The place of the first batch that reaches `offset`.
    fn place_of(&self, offset: Offset) -> u64 {
        // Most read the newest batches.
        let newest = (self.batches.start()..self.batches.end()).rev().take(NEWEST);
        let before =
            newest.map(|at| (at, self.batches.get(at))).find(|(_, batch)| batch.is_some_and(|batch| batch.last_offset() < offset));
        match before {
            Some((at, _)) => at + 1,
            None => self.batches.partition_point(|batch| batch.last_offset() < offset),
        }
    }

    fn push(&mut self, batch: Rc<Batch>) {
        if self.batches.is_empty() {
            self.first_timestamp.0 = batch.max_timestamp;
        }
        self.size_bytes += batch.size_bytes();
        self.max_timestamp = self.max_timestamp.max(batch.max_timestamp);
        self.batches.push(batch);
    }

    /// `LogSegment.shouldRoll`: the batch does not fit, or the segment's first batch is older than segment.ms.
    fn must_roll(&self, batch: &Batch, config: LogConfig, now: SimTime) -> bool {
        if self.batches.is_empty() {
            return false;
        }
        let first_timestamp = self.first_timestamp.0;
        let age_ms = if first_timestamp.0 >= 0 && batch.max_timestamp.0 >= 0 {
            batch.max_timestamp.0 - first_timestamp.0
        } else {
            now.since(self.created).ms() as i64
        };
        self.size_bytes + batch.size_bytes() > config.segment_bytes || age_ms > config.segment_ms as i64
    }
}
