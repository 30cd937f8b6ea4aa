//! A record that a share group has been given and is not done with (`InFlightState`, `InFlightBatch`).
//!
//! | state ↓ request → | acquire | accept | release | reject, gap | renew | lock times out |
//! | --- | --- | --- | --- | --- | --- | --- |
//! | Available | Acquired, delivery count + 1 | no | no | no | no | – |
//! | Acquired, below the limit | passed over | Acknowledged | Available | Archived | Acquired, new lock | Available |
//! | Acquired, at the limit | passed over | Acknowledged | Archived | Archived | Acquired, new lock | Archived |
//! | Acknowledged | passed over | no | no | no | no | – |
//! | Archived | passed over | no | no | no | no | – |
//!
//! "no" is `INVALID_RECORD_STATE`, as it is for a member that does not hold the record. Acknowledged and Archived are
//! final: what is in them at the start of a share partition leaves it.

use crate::base::{MemberId, Offset, SimTime, Span};
use crate::engine::configs::GroupConfigs;
use crate::engine::protocol::RecordState;

/// What holds for a share partition, from the settings of the group and of the broker.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Limits {
    /// share.delivery.count.limit
    pub delivery_count_max: u16,
    /// share.partition.max.record.locks
    pub records_max: i64,
    /// share.record.lock.duration.ms
    pub lock_duration: Span,
    /// share.renew.acknowledge.enable
    pub renew: bool,
}

impl Limits {
    /// What a group's settings come to.
    pub fn of(configs: &GroupConfigs) -> Self {
        Self {
            delivery_count_max: u16::try_from(configs.share_delivery_count_limit).unwrap_or(u16::MAX),
            records_max: i64::try_from(configs.share_partition_max_record_locks).unwrap_or(i64::MAX),
            lock_duration: configs.share_record_lock_duration,
            renew: configs.share_renew_acknowledge,
        }
    }
}

/// The state of one record, or of all records of a batch.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct InFlight {
    pub state: RecordState,
    /// How often it has been given to a member.
    pub delivery_count: u16,
    /// Who holds it; of an acquired one only.
    pub member: Option<MemberId>,
    /// When the hold ends by itself; of an acquired one only.
    pub locked_until: Option<SimTime>,
}

impl InFlight {
    pub(in crate::engine) fn acquired(member: &MemberId, delivery_count: u16, locked_until: SimTime) -> Self {
        Self { state: RecordState::Acquired, delivery_count, member: Some(member.clone()), locked_until: Some(locked_until) }
    }

    /// Gives an available record to a member.
    pub(in crate::engine) fn acquire(&mut self, member: &MemberId, locked_until: SimTime) {
        *self = Self::acquired(member, self.delivery_count + 1, locked_until);
    }

    /// Takes an acquired record from its member. One to be available that was delivered often enough is archived.
    pub(in crate::engine) fn give_up(&mut self, to: RecordState, limits: &Limits) -> RecordState {
        let exhausted = to == RecordState::Available && self.delivery_count >= limits.delivery_count_max;
        self.state = if exhausted { RecordState::Archived } else { to };
        self.member = None;
        self.locked_until = None;
        self.state
    }

    /// Takes over how long another view of the same record has it locked.
    pub(in crate::engine) fn take_lock(&mut self, other: &Self) {
        if self.state == RecordState::Acquired && other.state == RecordState::Acquired {
            self.locked_until = other.locked_until;
        }
    }

    pub(in crate::engine) fn is_held_by(&self, member: &MemberId) -> bool {
        self.state == RecordState::Acquired && self.member.as_ref() == Some(member)
    }

    pub(in crate::engine) fn is_available(&self) -> bool {
        self.state == RecordState::Available
    }
}

/// Records that were acquired together. They share a state until something happens to some of them only.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct InFlightBatch {
    pub first_offset: Offset,
    /// Inclusive.
    pub last_offset: Offset,
    /// One state for all records, or, when split, one for each.
    states: Vec<InFlight>,
    is_split: bool,
}

impl InFlightBatch {
    pub(in crate::engine) fn new(first_offset: Offset, last_offset: Offset, state: InFlight) -> Self {
        Self { first_offset, last_offset, states: vec![state], is_split: false }
    }

    pub(in crate::engine) fn count(&self) -> i64 {
        self.last_offset.0 - self.first_offset.0 + 1
    }

    /// The state of all its records; `None` when they are apart.
    pub(in crate::engine) fn whole(&self) -> Option<&InFlight> {
        self.states.first().filter(|_| !self.is_split)
    }

    pub(in crate::engine) fn whole_mut(&mut self) -> Option<&mut InFlight> {
        let apart = self.is_split;
        self.states.first_mut().filter(|_| !apart)
    }

    /// Lets each record have a state of its own from now on.
    pub(in crate::engine) fn split(&mut self) {
        if let (false, Some(state)) = (self.is_split, self.states.first().cloned()) {
            self.states.resize(usize::try_from(self.count()).unwrap_or(1), state);
            self.is_split = true;
        }
    }

    /// Each offset with its state, of a batch that is split.
    pub(in crate::engine) fn each_mut(&mut self) -> impl Iterator<Item = (Offset, &mut InFlight)> {
        let first = self.first_offset;
        self.states.iter_mut().enumerate().map(move |(at, state)| (first.plus(at as i64), state))
    }

    /// Each offset with its state.
    pub fn each(&self) -> impl Iterator<Item = (Offset, &InFlight)> {
        (self.first_offset.0..=self.last_offset.0)
            .filter_map(|offset| self.state_at(Offset(offset)).map(|state| (Offset(offset), state)))
    }

    /// The state of a record that lies in the batch.
    pub fn state_at(&self, offset: Offset) -> Option<&InFlight> {
        if offset < self.first_offset || offset > self.last_offset {
            return None;
        }
        if !self.is_split {
            return self.states.first();
        }
        self.states.get(usize::try_from(offset.0 - self.first_offset.0).ok()?)
    }

    /// Runs of records with the same state: first and last offset of each, and the state.
    pub fn runs(&self) -> Vec<(Offset, Offset, &InFlight)> {
        if let Some(state) = self.whole() {
            return vec![(self.first_offset, self.last_offset, state)];
        }
        let mut runs: Vec<(Offset, Offset, &InFlight)> = Vec::new();
        for (offset, state) in self.each() {
            match runs.last_mut() {
                Some((_, last, same)) if *same == state => *last = offset,
                _ => runs.push((offset, offset, state)),
            }
        }
        runs
    }
}
