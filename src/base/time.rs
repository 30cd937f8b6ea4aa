//! Simulated time. It has nothing to do with the wall clock: it moves only when the world steps.

use std::fmt;
use std::ops::{Add, Sub};

/// A moment, in microseconds since the simulation began.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct SimTime(pub u64);

/// A length of time, in microseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span(pub u64);

/// A record's timestamp: milliseconds since 1970, as on the wire. -1 is "none".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Timestamp(pub i64);

/// The simulation begins at 2026-01-01T00:00:00Z, whatever day it is.
pub const EPOCH_MS: i64 = 1_767_225_600_000;

impl SimTime {
    pub const ZERO: SimTime = SimTime(0);

    pub fn from_ms(ms: u64) -> Self {
        SimTime(ms.saturating_mul(1000))
    }

    /// Whole milliseconds since the simulation began.
    pub fn ms(self) -> u64 {
        self.0 / 1000
    }

    /// This moment on the simulated wall clock.
    /// The moment of a timestamp that a world has written; its beginning for an earlier one.
    pub fn from_timestamp(timestamp: Timestamp) -> Self {
        Self::from_ms(u64::try_from(timestamp.0 - EPOCH_MS).unwrap_or(0))
    }

    pub fn timestamp(self) -> Timestamp {
        Timestamp(EPOCH_MS + self.ms() as i64)
    }

    pub fn since(self, earlier: SimTime) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    pub const ZERO: Span = Span(0);

    pub const fn from_us(us: u64) -> Self {
        Span(us)
    }

    pub const fn from_ms(ms: u64) -> Self {
        Span(ms.saturating_mul(1000))
    }

    pub const fn half(self) -> Self {
        Span(self.0 / 2)
    }

    pub const fn from_secs(secs: u64) -> Self {
        Span(secs.saturating_mul(1_000_000))
    }

    pub const fn ms(self) -> u64 {
        self.0 / 1000
    }
}

impl Add<Span> for SimTime {
    type Output = SimTime;
    fn add(self, span: Span) -> SimTime {
        SimTime(self.0.saturating_add(span.0))
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl Sub<Span> for SimTime {
    type Output = SimTime;
    fn sub(self, span: Span) -> SimTime {
        SimTime(self.0.saturating_sub(span.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Year, month and day of a day counted from 1970 (Howard Hinnant's `civil_from_days`).
pub fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}
