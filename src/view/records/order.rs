//! All records of some partitions as one list, in order of time, of which any part can be read alone.
//!
//! A record's *position* is the number of offsets that lie before it: in one partition it is the offset, over several the sum
//! of the offsets at which time cuts them. Nothing is counted or sorted for that: a cut is searched for.
//!
//! ```text
//!   time ─────────────▶        T
//!   p0   [ 0 ][ 1 ]   [ 2 ] ┊   [ 3 ]      cut at 3
//!   p1       [ 0 ]          ┊[ 1 ][ 2 ]    cut at 1      position of the next record: 3 + 1 = 4
//! ```
//!
//! Timestamps may go back inside a partition, offsets do not. So a record counts as of its *key*: the least time at which the
//! search for a cut passes it. Keys never go back, and where timestamps do not, they are the timestamps.

use std::cell::{Cell, RefCell};

use super::From;
use crate::base::{Offset, Timestamp, TopicPartition};
use crate::engine::log::{PartitionLog, RecordView, Segment};
use crate::engine::world::World;
use crate::view::parts::row::leader_replica;

/// Some partitions' records, as their leaders have them at this moment.
pub struct RecordList<'w> {
    parts: Vec<Part<'w>>,
    read: Cell<usize>,
}

struct Part<'w> {
    partition: TopicPartition,
    log: &'w PartitionLog,
    /// The batch that was looked into last, by its first offset: of each record the latest time up to it, and its offset.
    known: RefCell<(i64, Vec<(i64, i64)>)>,
}

struct Keyed<'w> {
    key: i64,
    /// A transaction's marker: takes an offset, is no record.
    control: bool,
    record: RecordView<'w>,
}

/// A record in its place.
pub struct Placed<'l, 'w> {
    pub position: i64,
    pub partition: &'l TopicPartition,
    pub record: RecordView<'w>,
}

impl<'w> RecordList<'w> {
    /// A topic's records, or those of one of its partitions. Without such a topic it is empty.
    pub fn of(world: &'w World, topic: &str, partition: Option<i32>) -> Self {
        let count = world.cluster().topic(topic).map_or(0, |topic| topic.partitions.len() as i32);
        let chosen = (0..count).filter(|at| partition.is_none_or(|only| only == *at));
        let parts = chosen
            .filter_map(|at| {
                let partition = TopicPartition::new(topic, at);
                let log = &leader_replica(world, &partition)?.log;
                Some(Part { partition, log, known: RefCell::new((-1, Vec::new())) })
            })
            .collect();
        Self { parts, read: Cell::new(0) }
    }

    /// The position of the first record.
    pub fn first(&self) -> i64 {
        self.parts.iter().map(|part| part.log.log_start_offset().0).sum()
    }

    /// The position of the next record that is written.
    pub fn end(&self) -> i64 {
        self.parts.iter().map(|part| part.log.log_end_offset().0).sum()
    }

    /// Records that were looked at so far: what a picture costs.
    pub fn records_read(&self) -> usize {
        self.read.get()
    }

    /// Calls `visit` with each record from a position on, until it returns false.
    pub fn each(&self, from: i64, mut visit: impl FnMut(Placed<'_, 'w>) -> bool) {
        let cut = self.cut(from);
        let mut queues: Vec<_> = self.parts.iter().zip(&cut).map(|(part, from)| self.keyed(part, *from).peekable()).collect();
        let offset_of = |at: usize, next: Option<&Keyed<'w>>| {
            next.map_or_else(|| self.parts[at].log.log_end_offset().0, |keyed| keyed.record.offset.0)
        };
        let mut next: Vec<i64> = queues.iter_mut().enumerate().map(|(at, queue)| offset_of(at, queue.peek())).collect();
        loop {
            let first = queues.iter_mut().enumerate().filter_map(|(at, queue)| Some((queue.peek()?.key, at))).min();
            let Some((_, at)) = first else { return };
            let Some(Keyed { record, control, .. }) = queues[at].next() else { return };
            let position = next.iter().sum();
            if !control && !visit(Placed { position, partition: &self.parts[at].partition, record }) {
                return;
            }
            next[at] = offset_of(at, queues[at].peek());
        }
    }

    /// One record, if it is there.
    pub fn one<R>(&self, partition: &TopicPartition, offset: i64, with: impl FnOnce(Placed<'_, 'w>) -> R) -> Option<R> {
        let part = self.parts.iter().find(|part| part.partition == *partition)?;
        let keyed = self.keyed(part, offset.max(part.log.log_start_offset().0)).next()?;
        let there = keyed.record.offset.0 == offset && !keyed.control;
        there.then(|| with(Placed { position: offset, partition: &part.partition, record: keyed.record }))
    }

    /// The position of a record, or of the first one after it in its partition.
    pub fn position(&self, partition: &TopicPartition, offset: i64) -> i64 {
        let found = self.parts.iter().position(|part| part.partition == *partition);
        found.map_or_else(|| self.end(), |at| self.position_in(at, offset))
    }

    fn position_in(&self, at: usize, offset: i64) -> i64 {
        let part = &self.parts[at];
        let Some(Keyed { key, record, .. }) = self.keyed(part, offset.max(part.log.log_start_offset().0)).next() else {
            return self.end();
        };
        if self.parts.len() == 1 {
            return record.offset.0;
        }
        let before = |other: usize| self.passed(other, if other < at { key } else { key - 1 });
        (0..self.parts.len()).map(|other| if other == at { record.offset.0 } else { before(other) }).sum()
    }

    /// Where a person wants to begin.
    pub fn place(&self, from: From) -> i64 {
        match from {
            From::Tail => self.end(),
            From::Beginning => self.first(),
            // The first one of any partition: what comes before it has lower offsets.
            From::Offset(offset) => {
                let there = (0..self.parts.len()).filter(|at| offset < self.parts[*at].log.log_end_offset());
                there.map(|at| self.position_in(at, offset.0)).min().unwrap_or_else(|| self.end())
            }
            From::Time(Timestamp(time)) => (0..self.parts.len()).map(|at| self.passed(at, time - 1)).sum(),
        }
    }

    /// For each partition the offset of its first record at or after a position.
    fn cut(&self, position: i64) -> Vec<i64> {
        let starts = self.parts.iter().map(|part| part.log.log_start_offset().0);
        if position <= self.first() {
            return starts.collect();
        }
        if position >= self.end() {
            return self.parts.iter().map(|part| part.log.log_end_offset().0).collect();
        }
        if self.parts.len() == 1 {
            return vec![position];
        }
        // The least time at which more than `position` offsets are passed. A record without a timestamp has -1.
        let latest = self.parts.iter().map(|part| part.log.max_timestamp().0).max().unwrap_or(0);
        let (mut low, mut high) = (-2, latest);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            let passed: i64 = (0..self.parts.len()).map(|at| self.passed(at, middle)).sum();
            if passed > position { high = middle } else { low = middle }
        }
        let mut cut: Vec<i64> = (0..self.parts.len()).map(|at| self.passed(at, high - 1)).collect();
        let mut left = position - cut.iter().sum::<i64>();
        for (at, offset) in cut.iter_mut().enumerate() {
            let taken = (self.passed(at, high) - *offset).min(left).max(0);
            *offset += taken;
            left -= taken;
        }
        cut
    }

    /// A partition's records from an offset on, each with its key.
    fn keyed<'l>(&'l self, part: &Part<'w>, from: i64) -> impl Iterator<Item = Keyed<'w>> + use<'l, 'w> {
        let (log, from) = (part.log, Offset(from));
        let segments: Vec<&Segment> = log.segments().collect();
        let first = segments.partition_point(|segment| segment.next_offset() <= from);
        let records = (first..segments.len()).flat_map(move |at| {
            let segment = segments[at];
            let of_segment = bounds(segments.len(), |at| segments[at].max_timestamp.0, at);
            let batches = &segment.batches;
            let first = batches.partition_point(|batch| batch.last_offset() < from);
            batches.iter_from(first).zip(first..).flat_map(move |(batch, index)| {
                let of_batch = bounds(batches.len(), |at| batch_time(segment, at), (index - batches.start()) as usize);
                let mut latest = i64::MIN;
                batch.records().map(move |record| {
                    self.read.set(self.read.get() + 1);
                    latest = latest.max(record.timestamp.0);
                    Keyed { key: inside(of_segment, inside(of_batch, latest)), control: batch.is_control(), record }
                })
            })
        });
        records.filter(move |keyed| keyed.record.offset >= from)
    }

    /// The offset of a partition's first record whose key is above `time`.
    fn passed(&self, at: usize, time: i64) -> i64 {
        let part = &self.parts[at];
        let (start, end) = (part.log.log_start_offset().0, part.log.log_end_offset().0);
        let segments: Vec<&Segment> = part.log.segments().collect();
        let segment = passed(segments.len(), |at| segments[at].max_timestamp.0, time);
        let found = segments[segment..].iter().enumerate().find_map(|(nth, segment)| {
            let batches = &segment.batches;
            // All of the segments behind the first one that was not passed lie above.
            let batch = if nth == 0 { passed(batches.len(), |at| batch_time(segment, at), time) } else { 0 };
            let batch = batches.get(batches.start() + batch as u64)?;
            let mut known = part.known.borrow_mut();
            if known.0 != batch.base_offset.0 {
                let mut latest = i64::MIN;
                let records = batch.records().map(|record| {
                    latest = latest.max(record.timestamp.0);
                    (latest, record.offset.0)
                });
                *known = (batch.base_offset.0, records.collect());
                self.read.set(self.read.get() + known.1.len());
            }
            let above = if nth == 0 { known.1.partition_point(|(latest, _)| *latest <= time) } else { 0 };
            Some(known.1.get(above).map_or(batch.next_offset().0, |(_, offset)| *offset))
        });
        found.unwrap_or(end).clamp(start, end)
    }
}

fn batch_time(segment: &Segment, at: usize) -> i64 {
    let batches = &segment.batches;
    batches.get(batches.start() + at as u64).map_or(i64::MAX, |batch| batch.max_timestamp.0)
}

/// How many items a search passes that looks for the first one later than `time`. It steps by powers of two from the front,
/// so what comes behind the last item changes nothing; a later time never passes fewer.
fn passed(count: usize, time_of: impl Fn(usize) -> i64, time: i64) -> usize {
    let (mut passed, mut step) = (0, count.next_power_of_two());
    while step > 0 {
        if passed + step <= count && time_of(passed + step - 1) <= time {
            passed += step;
        }
        step /= 2;
    }
    passed
}

/// The least time at which that search passes `item`: the same steps, taken for all times at once.
fn passes_at(count: usize, time_of: impl Fn(usize) -> i64, item: usize) -> i64 {
    let (mut passed, mut step) = (0, count.next_power_of_two());
    let (mut needed, mut least) = (i64::MIN, i64::MAX);
    while step > 0 {
        let probe = passed + step - 1;
        if probe < count {
            let time = time_of(probe).max(needed);
            if probe <= item {
                // Only by this step does it come so far.
                needed = time;
                passed += step;
            } else {
                // This step alone leads beyond.
                least = least.min(time);
            }
        }
        step /= 2;
    }
    least.min(needed)
}

/// When a search passes what lies in an item at `time`, by the item's own bounds.
fn inside((from, beyond): (i64, i64), time: i64) -> i64 {
    beyond.min(from.max(time))
}

/// From when on a search stops at an item, and from when beyond it.
fn bounds(count: usize, time_of: impl Fn(usize) -> i64, item: usize) -> (i64, i64) {
    let from = item.checked_sub(1).map_or(i64::MIN, |before| passes_at(count, &time_of, before));
    (from, passes_at(count, &time_of, item))
}
