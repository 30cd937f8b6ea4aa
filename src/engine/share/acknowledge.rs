//! What becomes of acquired records: acknowledgements, the end of a session, locks that time out, and the start of a
//! share partition that moves on after them (the second half of `SharePartition`).

use super::in_flight::{InFlight, InFlightBatch, Limits};
use super::partition::SharePartition;
use crate::base::{MemberId, Offset, SimTime};
use crate::engine::protocol::{AcknowledgeType, AcknowledgementBatch, ErrorCode, RecordState, StateBatch, StateWrite};

impl AcknowledgementBatch {
    fn type_at(&self, offset: Offset) -> AcknowledgeType {
        let at = usize::try_from(offset.0 - self.first_offset.0).unwrap_or(0);
        let own = if self.types.len() > 1 { self.types.get(at) } else { self.types.first() };
        own.copied().unwrap_or(AcknowledgeType::Gap)
    }

    /// Does it say that the record is to be given to nobody any more?
    pub(in crate::engine) fn rejects(&self, offset: Offset) -> bool {
        (self.first_offset..=self.last_offset).contains(&offset) && self.type_at(offset) == AcknowledgeType::Reject
    }
}

/// An error with the broker's words for it.
pub type Refusal = (ErrorCode, &'static str);

const NOT_FOUND: Refusal =
    (ErrorCode::InvalidRecordState, "Batch record not found. The request batch offsets are not found in the cache.");
const FIRST_TOO_FAR: Refusal =
    (ErrorCode::InvalidRequest, "Batch record not found. The first offset in request is past acquired records.");
const LAST_TOO_FAR: Refusal =
    (ErrorCode::InvalidRequest, "Batch record not found. The last offset in request is past acquired records.");
const BATCH_NOT_ACQUIRED: Refusal =
    (ErrorCode::InvalidRecordState, "The batch cannot be acknowledged. The batch is not in the acquired state.");
const OFFSET_NOT_ACQUIRED: Refusal =
    (ErrorCode::InvalidRecordState, "The offset cannot be acknowledged. The offset is not acquired.");
const NOT_OWNER_OF_BATCH: Refusal = (ErrorCode::InvalidRecordState, "Member is not the owner of batch record");
const NOT_OWNER_OF_OFFSET: Refusal = (ErrorCode::InvalidRecordState, "Member is not the owner of offset");
const NO_RENEWAL: Refusal = (ErrorCode::InvalidRecordState, "Renewing acquisition locks is not enabled for the group.");

impl SharePartition {
    /// All of it, or with an error nothing. Nothing is written when locks were renewed only.
    pub fn acknowledge(
        &mut self,
        member: &MemberId,
        batches: &[AcknowledgementBatch],
        now: SimTime,
        limits: &Limits,
    ) -> Result<Option<StateWrite>, Refusal> {
        let mut changed = self.clone();
        let mut written = Vec::new();
        for batch in batches {
            // All of it is done with already.
            if batch.last_offset < changed.start_offset {
                continue;
            }
            if let Err(refusal) = changed.acknowledge_batch(member, batch, now, limits, &mut written) {
                self.keep_of_failed(&changed);
                return Err(refusal);
            }
        }
        *self = changed;
        Ok(self.written(written))
    }

    /// Of an acknowledgement that failed half way, batches that were split for it and locks that it renewed stay so.
    fn keep_of_failed(&mut self, changed: &Self) {
        for (batch, changed) in self.batches.iter_mut().zip(&changed.batches) {
            match (batch.whole_mut(), changed.whole()) {
                (Some(state), Some(changed)) => state.take_lock(changed),
                _ => {
                    batch.split();
                    for ((_, state), (_, changed)) in batch.each_mut().zip(changed.each()) {
                        state.take_lock(changed);
                    }
                }
            }
        }
    }

    fn acknowledge_batch(
        &mut self,
        member: &MemberId,
        wanted: &AcknowledgementBatch,
        now: SimTime,
        limits: &Limits,
        written: &mut Vec<StateBatch>,
    ) -> Result<(), Refusal> {
        let start_offset = self.start_offset;
        let starts_inside = wanted.first_offset < start_offset && wanted.last_offset >= start_offset;
        let first = match self.floor(wanted.first_offset) {
            None if starts_inside => self.floor(start_offset),
            found => found,
        };
        let first = first.ok_or(NOT_FOUND)?;
        let end = self.batches.partition_point(|batch| batch.first_offset <= wanted.last_offset);
        let last_known = self.batches.get(first..end).and_then(<[_]>::last).map(|batch| batch.last_offset).ok_or(NOT_FOUND)?;
        if last_known < wanted.first_offset {
            return Err(FIRST_TOO_FAR);
        }
        if wanted.last_offset > last_known {
            return Err(LAST_TOO_FAR);
        }
        let mut complete = 0;
        for batch in &mut self.batches[first..end] {
            if batch.last_offset < start_offset {
                continue;
            }
            if let Some(state) = batch.whole() {
                match &state.member {
                    None => return Err(BATCH_NOT_ACQUIRED),
                    Some(owner) if owner != member => return Err(NOT_OWNER_OF_BATCH),
                    Some(_) => {}
                }
            }
            let full = batch.first_offset >= wanted.first_offset && batch.last_offset <= wanted.last_offset;
            let start_moved = batch.first_offset < start_offset;
            let (first_offset, last_offset, size) = (batch.first_offset, batch.last_offset, batch.count());
            let together = full && wanted.types.len() == 1 && !start_moved;
            if let Some(state) = batch.whole_mut().filter(|_| together) {
                let kind = wanted.type_at(first_offset);
                if let Some(state) = acknowledge_one(state, kind, now, limits)? {
                    written.push(StateBatch { first_offset, last_offset, ..state });
                    complete += if state.state.is_terminal() { size } else { 0 };
                }
                continue;
            }
            batch.split();
            for (offset, state) in batch.each_mut() {
                if offset < wanted.first_offset || offset < start_offset || offset > wanted.last_offset {
                    continue;
                }
                if state.state != RecordState::Acquired {
                    return Err(OFFSET_NOT_ACQUIRED);
                }
                if !state.is_held_by(member) {
                    return Err(NOT_OWNER_OF_OFFSET);
                }
                if let Some(state) = acknowledge_one(state, wanted.type_at(offset), now, limits)? {
                    written.push(StateBatch { first_offset: offset, last_offset: offset, ..state });
                    complete += i64::from(state.state.is_terminal());
                }
            }
        }
        self.delivery_complete_count += complete;
        Ok(())
    }

    /// A member's session has ended: what it holds is available again, or archived after the last delivery.
    pub fn release_acquired(&mut self, member: &MemberId, limits: &Limits) -> Option<StateWrite> {
        let mut written = Vec::new();
        let start_offset = self.start_offset;
        let mut complete = 0;
        for batch in &mut self.batches {
            complete += give_up(batch, start_offset, limits, |_, state| state.is_held_by(member), &mut written);
        }
        self.delivery_complete_count += complete;
        self.written(written)
    }

    /// Ends the holds whose time is over, the earliest first. Each lock is kept on its own: one for a batch that was
    /// acquired whole, one for each record of a batch that is split.
    pub fn time_out_locks(&mut self, now: SimTime, limits: &Limits) -> Vec<StateWrite> {
        let mut writes = Vec::new();
        while let Some((at, first_offset)) = self.first_lock().filter(|(at, _)| *at <= now) {
            let start_offset = self.start_offset;
            let Some(found) = self.floor(first_offset) else { break };
            let mut written = Vec::new();
            let locked = |offset: Offset, state: &InFlight| offset == first_offset && state.locked_until == Some(at);
            self.delivery_complete_count += give_up(&mut self.batches[found], start_offset, limits, locked, &mut written);
            let Some(write) = self.written(written) else { break };
            writes.push(write);
        }
        writes
    }

    /// The lock that ends first: when, and the first record that it holds.
    fn first_lock(&self) -> Option<(SimTime, Offset)> {
        let locks = self.batches.iter().flat_map(InFlightBatch::runs);
        locks.filter_map(|(first, _, state)| Some((state.locked_until?, first))).min()
    }

    /// When the first of the locks ends.
    pub fn next_lock_end(&self) -> Option<SimTime> {
        self.first_lock().map(|(at, _)| at)
    }

    fn written(&mut self, batches: Vec<StateBatch>) -> Option<StateWrite> {
        if batches.is_empty() {
            return None;
        }
        let write = StateWrite { start_offset: self.start_offset, delivery_complete_count: self.delivery_complete_count, batches };
        self.move_start();
        Some(write)
    }

    /// The log has been cut: it begins after the start (`updateCacheAndOffsets`).
    pub fn log_start_moved(&mut self, log_start_offset: Offset) {
        if log_start_offset <= self.start_offset {
            return;
        }
        if self.batches.is_empty() {
            self.start_offset = log_start_offset;
            self.end_offset = log_start_offset;
            self.delivery_complete_count = 0;
            return;
        }
        let done = |(offset, state): &(Offset, &InFlight)| *offset < log_start_offset && state.state.is_terminal();
        let gone = self.records().filter(done).count() as i64;
        self.archive_available(self.start_offset, log_start_offset);
        self.start_offset = log_start_offset;
        self.delivery_complete_count -= gone;
        self.end_offset = self.end_offset.max(log_start_offset);
    }

    /// `maybeUpdateCachedStateAndOffsets`: the start moves past all records from it on that are done with.
    pub(in crate::engine) fn move_start(&mut self) {
        // Where the log has nothing at the start, the batch before it counts, as long as it is not split.
        let before = self.floor(self.start_offset).and_then(|at| self.batches.get(at));
        let at_start = before.and_then(|batch| batch.whole().or_else(|| batch.state_at(self.start_offset)));
        if !at_start.is_some_and(|state| state.state.is_terminal()) {
            return;
        }
        let Some((done_to, count)) = self.done_from_start() else { return };
        if self.batches.last().is_some_and(|last| last.last_offset == done_to) {
            self.start_offset = done_to.plus(1);
            self.end_offset = done_to.plus(1);
            self.batches.clear();
            self.delivery_complete_count = 0;
            return;
        }
        let Some(at) = self.floor(done_to) else { return };
        let mut gone = at;
        if self.batches[at].last_offset == done_to {
            let next = self.batches.get(at + 1).map_or(done_to.plus(1), |next| next.first_offset);
            self.start_offset = self.start_offset.max(next);
            if let Some(gap) = self.gap.as_ref().filter(|gap| gap.end_offset == self.end_offset) {
                self.start_offset = self.start_offset.min(gap.gap_start_offset);
            }
            gone = at + 1;
        } else {
            self.start_offset = self.start_offset.max(done_to.plus(1));
        }
        self.delivery_complete_count -= count;
        self.batches.drain(..gone);
    }

    /// The last of the records from the first batch on that are all done with, and how many of them lie after the start.
    fn done_from_start(&self) -> Option<(Offset, i64)> {
        let gap = self.gap.as_ref().filter(|gap| gap.end_offset == self.end_offset).map(|gap| gap.gap_start_offset);
        let mut done_to = None;
        let mut count = 0;
        'batches: for batch in &self.batches {
            if gap.is_some_and(|gap| batch.last_offset >= gap) {
                break;
            }
            for (offset, state) in batch.each() {
                if !state.state.is_terminal() {
                    break 'batches;
                }
                done_to = Some(offset);
                count += i64::from(offset >= self.start_offset);
            }
        }
        done_to.map(|done_to| (done_to, count))
    }
}

/// Gives up those acquired records of a batch that are meant (a whole batch goes by its first record): available again,
/// or archived after the last delivery or before the start. Says how many after the start are done with by that.
fn give_up(
    batch: &mut InFlightBatch,
    start_offset: Offset,
    limits: &Limits,
    meant: impl Fn(Offset, &InFlight) -> bool,
    written: &mut Vec<StateBatch>,
) -> i64 {
    let (first_offset, last_offset, size) = (batch.first_offset, batch.last_offset, batch.count());
    let target = |offset: Offset| if offset < start_offset { RecordState::Archived } else { RecordState::Available };
    let start_inside = first_offset < start_offset && last_offset >= start_offset;
    if batch.whole().is_some_and(|state| !meant(first_offset, state)) {
        return 0;
    }
    if let Some(state) = batch.whole_mut().filter(|_| !start_inside) {
        let new = state.give_up(target(last_offset), limits);
        written.push(StateBatch { first_offset, last_offset, ..kept(state) });
        return if new.is_terminal() && last_offset >= start_offset { size } else { 0 };
    }
    let all = batch.whole().is_some();
    batch.split();
    let mut complete = 0;
    for (offset, state) in batch.each_mut().filter(|(offset, state)| all || meant(*offset, state)) {
        let new = state.give_up(target(offset), limits);
        written.push(StateBatch { first_offset: offset, last_offset: offset, ..kept(state) });
        complete += i64::from(new.is_terminal() && offset >= start_offset);
    }
    complete
}

/// A state as it is kept; the offsets are for the caller to set.
fn kept(state: &InFlight) -> StateBatch {
    StateBatch { first_offset: Offset::ZERO, last_offset: Offset::ZERO, state: state.state, delivery_count: state.delivery_count }
}

/// `None` when only the lock has changed.
fn acknowledge_one(
    state: &mut InFlight,
    kind: AcknowledgeType,
    now: SimTime,
    limits: &Limits,
) -> Result<Option<StateBatch>, Refusal> {
    let to = match kind {
        AcknowledgeType::Renew if !limits.renew => return Err(NO_RENEWAL),
        AcknowledgeType::Renew => {
            state.locked_until = Some(now + limits.lock_duration);
            return Ok(None);
        }
        AcknowledgeType::Accept => RecordState::Acknowledged,
        AcknowledgeType::Release => RecordState::Available,
        AcknowledgeType::Gap | AcknowledgeType::Reject => RecordState::Archived,
    };
    state.give_up(to, limits);
    Ok(Some(kept(state)))
}
