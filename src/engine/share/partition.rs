//! A share partition: a topic's partition as one share group reads it (`SharePartition`).
//!
//! ```text
//!          start_offset                        end_offset
//!               ▼                                  ▼
//!   ── done ────┤ in flight: acquired by members,  ├──── not given to anyone yet ────
//!               │ available again, or done already │
//! ```
//!
//! - Several members read it at once; each record is held by at most one of them, until it acknowledges it or its lock
//!   times out.
//! - The start (SPSO) moves past records that are acknowledged or archived, and never back. In between, no more than
//!   share.partition.max.record.locks records are in flight.
//! - A record that was delivered share.delivery.count.limit times is archived instead of coming again. When it was so
//!   half as often, fewer are handed out together, and the last time it comes alone (KIP-1206).
//!
//! What happens to an acquired record is in `acknowledge.rs`.

use std::rc::Rc;

use super::in_flight::{InFlight, InFlightBatch, Limits};
use crate::base::{MemberId, Offset, SimTime};
use crate::engine::log::Batch;
use crate::engine::protocol::{AcquiredRecords, RecordState, ShareAcquireMode, StateBatch};

/// Below this limit of deliveries nothing is handed out in smaller numbers.
const THROTTLE_FROM: u16 = 2;

impl AcquiredRecords {
    fn count(&self) -> i64 {
        self.last_offset.0 - self.first_offset.0 + 1
    }
}

/// What a fetch asks a share partition for.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    pub member: &'a MemberId,
    pub mode: ShareAcquireMode,
    /// Records that a client wants to acknowledge together.
    pub batch_size: i64,
    pub records_max: i64,
    /// Where the log was read from.
    pub fetch_offset: Offset,
    pub now: SimTime,
}

/// What a state that was read back leaves open: records from here to `end_offset` that are in no batch of it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(in crate::engine) struct GapWindow {
    pub(in crate::engine) end_offset: Offset,
    pub(in crate::engine) gap_start_offset: Offset,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SharePartition {
    /// The first record that is not done with (SPSO).
    pub start_offset: Offset,
    /// The last record in flight (SPEO); `start_offset` while nothing was ever in flight after it.
    pub end_offset: Offset,
    pub leader_epoch: i32,
    pub state_epoch: i32,
    /// Records after the start that are acknowledged or archived.
    pub delivery_complete_count: i64,
    /// By first offset, without overlap.
    pub(in crate::engine) batches: Vec<InFlightBatch>,
    pub(in crate::engine) gap: Option<GapWindow>,
    /// When the next look at locks is due.
    pub(in crate::engine) lock_timer_at: Option<SimTime>,
}

impl SharePartition {
    /// As it is when nothing is in flight.
    pub fn new(start_offset: Offset, leader_epoch: i32, state_epoch: i32) -> Self {
        Self {
            start_offset,
            end_offset: start_offset,
            leader_epoch,
            state_epoch,
            delivery_complete_count: 0,
            batches: Vec::new(),
            gap: None,
            lock_timer_at: None,
        }
    }

    /// As it is when its state has been read back (`maybeInitialize`): records that were acquired are available again.
    pub fn restored(start_offset: Offset, leader_epoch: i32, state_epoch: i32, batches: &[StateBatch]) -> Self {
        let mut partition = Self::new(start_offset, leader_epoch, state_epoch);
        let mut gap_start_offset = None;
        let mut previous_last = start_offset.plus(-1);
        for batch in batches {
            if gap_start_offset.is_none() && batch.first_offset > previous_last.plus(1) {
                gap_start_offset = Some(previous_last.plus(1));
            }
            previous_last = batch.last_offset;
            let state = InFlight { state: batch.state, delivery_count: batch.delivery_count, member: None, locked_until: None };
            let restored = InFlightBatch::new(batch.first_offset, batch.last_offset, state);
            if batch.state.is_terminal() {
                partition.delivery_complete_count += restored.count();
            }
            partition.batches.push(restored);
        }
        if let Some(last) = partition.batches.last() {
            partition.end_offset = last.last_offset;
            let end_offset = partition.end_offset;
            partition.gap = gap_start_offset.map(|gap_start_offset| GapWindow { end_offset, gap_start_offset });
            partition.move_start();
        }
        partition
    }

    pub fn batches(&self) -> &[InFlightBatch] {
        &self.batches
    }

    /// Each record in flight, in order.
    pub fn records(&self) -> impl Iterator<Item = (Offset, &InFlight)> {
        self.batches.iter().flat_map(InFlightBatch::each).filter(|(offset, _)| *offset >= self.start_offset)
    }

    /// The batch that holds this offset, or the last one before it.
    pub(in crate::engine) fn floor(&self, offset: Offset) -> Option<usize> {
        self.batches.partition_point(|batch| batch.first_offset <= offset).checked_sub(1)
    }

    fn is_past_all_batches(&self) -> bool {
        self.batches.last().is_none_or(|last| self.start_offset > last.last_offset)
    }

    fn gap_start(&self) -> Option<Offset> {
        self.gap.as_ref().filter(|gap| gap.end_offset == self.end_offset).map(|gap| gap.gap_start_offset)
    }

    fn in_flight_count(&self) -> i64 {
        if self.batches.is_empty() { 0 } else { self.end_offset.0 - self.start_offset.0 + 1 }
    }

    /// Where the log is to be read from for the next member that asks.
    pub fn next_fetch_offset(&self) -> Offset {
        if self.is_past_all_batches() {
            return self.end_offset;
        }
        let mut gap_start = self.gap_start();
        for batch in &self.batches {
            if let Some(gap) = gap_start {
                if batch.first_offset > gap {
                    return gap;
                }
                gap_start = Some(gap.max(batch.last_offset.plus(1)));
            }
            let available = match batch.whole() {
                Some(state) => state.is_available().then_some(batch.first_offset),
                None => batch.each().find(|(_, state)| state.is_available()).map(|(offset, _)| offset),
            };
            if let Some(offset) = available {
                return offset;
            }
        }
        self.end_offset.plus(1)
    }

    /// Is there something to give, or room for more?
    pub fn can_acquire(&self, limits: &Limits) -> bool {
        self.next_fetch_offset() != self.end_offset.plus(1) || self.in_flight_count() < limits.records_max
    }

    /// Gives records of the batches just read to a member. Those that others hold or that are done with are left out.
    pub fn acquire(&mut self, wish: &Wish<'_>, read: &[Rc<Batch>], limits: &Limits) -> Vec<AcquiredRecords> {
        let (Some(first), Some(last)) = (read.first(), read.last()) else {
            return Vec::new();
        };
        if wish.records_max <= 0 || last.last_offset() < self.start_offset {
            return Vec::new();
        }
        let (last_offset, records_max) = self.most_to_acquire(wish, last.last_offset(), limits);
        if records_max <= 0 {
            return Vec::new();
        }
        self.archive_stale(wish.fetch_offset, first.base_offset);
        let mut base_offset = first.base_offset;
        match self.floor(base_offset).map(|at| &self.batches[at]) {
            None => base_offset = base_offset.max(self.start_offset),
            Some(floor) if floor.last_offset >= base_offset => base_offset = floor.first_offset,
            Some(_) => {}
        }
        let from = first.base_offset.min(base_offset);
        let known: Vec<Offset> = self
            .batches
            .iter()
            .map(|batch| batch.first_offset)
            .filter(|offset| *offset >= from && *offset <= last_offset)
            .collect();
        if known.is_empty() {
            return self.acquire_new(wish, read, base_offset, last_offset, records_max, limits);
        }
        self.acquire_known(wish, read, &known, base_offset, last_offset, records_max, limits)
    }

    /// `lastOffsetAndMaxRecordsToAcquire`: with all locks in use, only what is in flight already can be had again.
    fn most_to_acquire(&self, wish: &Wish<'_>, last_offset: Offset, limits: &Limits) -> (Offset, i64) {
        let free = wish.records_max.min(limits.records_max - self.in_flight_count());
        if free <= 0 && wish.fetch_offset <= self.end_offset {
            let left = self.end_offset.0 - wish.fetch_offset.0 + 1;
            return (last_offset.min(self.end_offset), wish.records_max.min(left));
        }
        (last_offset, free)
    }

    /// Goes through the batches that are in flight already, and on to new ones behind them.
    #[expect(clippy::too_many_arguments, reason = "one step of acquire, with all that it has found out")]
    fn acquire_known(
        &mut self,
        wish: &Wish<'_>,
        read: &[Rc<Batch>],
        known: &[Offset],
        base_offset: Offset,
        last_offset: Offset,
        mut records_max: i64,
        limits: &Limits,
    ) -> Vec<AcquiredRecords> {
        let first_offset = read.first().map_or(base_offset, |first| first.base_offset);
        let mut acquired: Vec<AcquiredRecords> = Vec::new();
        let mut count = 0;
        let mut gap_from = base_offset;
        let mut last_known = base_offset;
        for batch_offset in known {
            last_known = self.last_offset_of(*batch_offset);
            if count >= records_max {
                continue;
            }
            if self.gap_start().is_some() {
                if gap_from < *batch_offset {
                    let new = self.acquire_new(wish, read, gap_from, batch_offset.plus(-1), records_max - count, limits);
                    count += new.iter().map(AcquiredRecords::count).sum::<i64>();
                    acquired.extend(new);
                }
                gap_from = last_known.plus(1);
                if count >= records_max {
                    continue;
                }
            }
            let left = records_max - count;
            let Some(at) = self.floor(*batch_offset) else { continue };
            let throttled = self.is_throttled(at, first_offset, last_offset, limits);
            if throttled && count > 0 {
                records_max = 0;
                continue;
            }
            let batch = &mut self.batches[at];
            let full = batch.first_offset >= first_offset && batch.last_offset <= last_offset;
            let in_part = wish.mode == ShareAcquireMode::RecordLimit && batch.count() > left;
            if !full || batch.whole().is_none() || in_part || throttled {
                if batch.whole().is_some_and(|state| !state.is_available()) {
                    continue;
                }
                batch.split();
                let before = acquired.len();
                acquire_some(batch, wish, left, first_offset, last_offset, limits, &mut acquired);
                let some: i64 = acquired[before..].iter().map(AcquiredRecords::count).sum();
                count += some;
                if throttled && some > 0 {
                    records_max = 0;
                }
                continue;
            }
            let (first_offset, last_offset, size) = (batch.first_offset, batch.last_offset, batch.count());
            if let Some(state) = batch.whole_mut().filter(|state| state.is_available()) {
                state.acquire(wish.member, wish.now + limits.lock_duration);
                acquired.push(AcquiredRecords { first_offset, last_offset, delivery_count: state.delivery_count });
                count += size;
            }
        }
        if count < records_max && last_known < last_offset {
            acquired.extend(self.acquire_new(wish, read, last_known.plus(1), last_offset, records_max - count, limits));
        }
        if let Some(last) = acquired.last() {
            self.move_gap(last.last_offset.plus(1));
        }
        acquired
    }

    fn last_offset_of(&self, first_offset: Offset) -> Offset {
        self.floor(first_offset).map_or(first_offset, |at| self.batches[at].last_offset)
    }

    /// Records that have not been in flight.
    fn acquire_new(
        &mut self,
        wish: &Wish<'_>,
        read: &[Rc<Batch>],
        first_offset: Offset,
        last_offset: Offset,
        records_max: i64,
        limits: &Limits,
    ) -> Vec<AcquiredRecords> {
        let mut first = first_offset;
        if self.batches.is_empty() && self.end_offset > first {
            first = self.end_offset;
        }
        let mut last = last_offset;
        if records_max < last.0 - first.0 + 1 {
            last = end_of_batch(read, first.plus(records_max - 1));
            if self.gap_start().is_some() {
                last = last.min(last_offset);
            }
        }
        let by_record = wish.mode == ShareAcquireMode::RecordLimit;
        let locked_until = wish.now + limits.lock_duration;
        let mut acquired = Vec::new();
        let mut from = first;
        if !by_record && last.0 - first.0 + 1 > wish.batch_size {
            for batch in read.iter().take_while(|batch| batch.base_offset <= last) {
                if batch.base_offset.0 - from.0 >= wish.batch_size {
                    acquired.push(AcquiredRecords {
                        first_offset: from,
                        last_offset: batch.base_offset.plus(-1),
                        delivery_count: 1,
                    });
                    from = batch.base_offset;
                }
            }
        }
        acquired.push(AcquiredRecords { first_offset: from, last_offset: last, delivery_count: 1 });
        for records in &acquired {
            let state = InFlight::acquired(wish.member, 1, locked_until);
            self.insert(InFlightBatch::new(records.first_offset, records.last_offset, state));
        }
        if by_record && let Some(records) = acquired.first_mut().filter(|records| records.count() > records_max) {
            // The rest of the record batch is in flight too, for whoever asks next.
            records.last_offset = records.first_offset.plus(records_max - 1);
            let kept = records.last_offset;
            if let Some(at) = self.floor(records.first_offset) {
                self.batches[at].split();
                for (_, state) in self.batches[at].each_mut().filter(|(offset, _)| *offset > kept) {
                    *state = InFlight { state: RecordState::Available, delivery_count: 0, member: None, locked_until: None };
                }
            }
        }
        if self.batches.first().is_some_and(|batch| batch.first_offset == first) {
            self.start_offset = self.start_offset.max(first);
        }
        self.end_offset = self.end_offset.max(last);
        if let Some(end) = acquired.last() {
            self.move_gap(end.last_offset.plus(1));
        }
        acquired
    }

    fn insert(&mut self, batch: InFlightBatch) {
        let at = self.batches.partition_point(|known| known.first_offset < batch.first_offset);
        debug_assert!(self.batches.get(at).is_none_or(|next| next.first_offset > batch.last_offset), "batches do not overlap");
        self.batches.insert(at, batch);
    }

    fn move_gap(&mut self, offset: Offset) {
        if let Some(gap) = &mut self.gap {
            if gap.end_offset == self.end_offset && offset <= gap.end_offset {
                gap.gap_start_offset = offset;
            } else {
                self.gap = None;
            }
        }
    }

    /// `shouldThrottleRecordsDelivery`: has an available record of the batch been delivered half as often as it may be?
    fn is_throttled(&self, at: usize, first: Offset, last: Offset, limits: &Limits) -> bool {
        let batch = &self.batches[at];
        let from = throttled_from(limits);
        match batch.whole() {
            Some(state) => state.is_available() && state.delivery_count >= from,
            None => batch
                .each()
                .filter(|(offset, state)| *offset >= first && *offset <= last && state.is_available())
                .any(|(_, state)| state.delivery_count >= from),
        }
    }

    /// `maybeArchiveStaleBatches`: the log has nothing between what was asked for and what came: compaction took it.
    fn archive_stale(&mut self, fetch_offset: Offset, base_offset: Offset) {
        if fetch_offset < base_offset {
            self.delivery_complete_count += self.archive_available(fetch_offset, base_offset);
        }
    }

    /// Archives what is available from `from` to before `to`, and says how many that were.
    pub(in crate::engine) fn archive_available(&mut self, from: Offset, to: Offset) -> i64 {
        let mut archived = 0;
        let touched = |batch: &&mut InFlightBatch| batch.first_offset < to && batch.last_offset >= from;
        for batch in self.batches.iter_mut().filter(touched) {
            let full = batch.first_offset >= from && batch.last_offset < to;
            let size = batch.count();
            match batch.whole_mut() {
                Some(state) if !state.is_available() => {}
                Some(state) if full => {
                    state.state = RecordState::Archived;
                    archived += size;
                }
                _ => {
                    batch.split();
                    for (_, state) in
                        batch.each_mut().filter(|(offset, state)| *offset >= from && *offset < to && state.is_available())
                    {
                        state.state = RecordState::Archived;
                        archived += 1;
                    }
                }
            }
        }
        archived
    }
}

fn throttled_from(limits: &Limits) -> u16 {
    limits.delivery_count_max.div_ceil(2).max(THROTTLE_FROM)
}

/// `acquireSubsetBatchRecords`: available records of a split batch, fewer the more often they have failed.
fn acquire_some(
    batch: &mut InFlightBatch,
    wish: &Wish<'_>,
    records_max: i64,
    first: Offset,
    last: Offset,
    limits: &Limits,
    acquired: &mut Vec<AcquiredRecords>,
) {
    let from = throttled_from(limits);
    let size = batch.count();
    let has_last_attempt = limits.delivery_count_max > THROTTLE_FROM;
    let mut count = 0;
    let mut throttled_max = None;
    let mut some: Vec<AcquiredRecords> = Vec::new();
    for (offset, state) in batch.each_mut() {
        if offset < first || (offset <= last && !state.is_available()) {
            continue;
        }
        if offset > last {
            break;
        }
        let delivered = state.delivery_count;
        if has_last_attempt && delivered == limits.delivery_count_max - 1 && count > 0 {
            break;
        }
        if delivered >= from && throttled_max.is_none() {
            throttled_max = Some((size >> (delivered - from + 1).min(62)).max(1));
        }
        state.acquire(wish.member, wish.now + limits.lock_duration);
        count += 1;
        let delivery_count = state.delivery_count;
        match some.last_mut() {
            Some(run) if run.last_offset.plus(1) == offset && run.delivery_count == delivery_count => run.last_offset = offset,
            _ => some.push(AcquiredRecords { first_offset: offset, last_offset: offset, delivery_count }),
        }
        let alone = has_last_attempt && delivery_count == limits.delivery_count_max;
        let enough = wish.mode == ShareAcquireMode::RecordLimit && count == records_max;
        if alone || enough || throttled_max == Some(count) {
            break;
        }
    }
    acquired.append(&mut some);
}

/// The record batch's end, for a wish that ends inside one (`lastOffsetFromBatchWithRequestOffset`).
fn end_of_batch(read: &[Rc<Batch>], offset: Offset) -> Offset {
    let holder = read.iter().take_while(|batch| batch.base_offset <= offset).last();
    holder.map(|batch| batch.last_offset()).filter(|last| *last >= offset).unwrap_or(offset)
}
