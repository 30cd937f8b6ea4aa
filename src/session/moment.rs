//! A place in a session's history that can be kept: it says by itself whether the history still holds it.

use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::Session;
use super::timeline::Input;
use crate::base::{SimTime, WorldHasher};

/// Somewhere between two things that happened. The world there follows from the inputs before it, so it stays known as long
/// as these are the same, and none is put between them and it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Moment {
    /// Things that have happened until there.
    pub cursor: u64,
    /// When that is, in simulated microseconds.
    pub at_us: u64,
    /// The inputs before it: their number, and what is told of them all by the last one.
    inputs: u64,
    fingerprint: u64,
}

impl Moment {
    pub fn at(&self) -> SimTime {
        SimTime(self.at_us)
    }

    /// Is the world the same at both? Between two things that happen only the clock moves.
    pub fn is_same_world(&self, other: &Self) -> bool {
        Self { at_us: 0, ..*self } == Self { at_us: 0, ..*other }
    }
}

/// What tells an input, and all before it, from others.
pub(super) fn fingerprint(before: Option<&Input>, at: SimTime, text: &str) -> u64 {
    let mut hasher = WorldHasher::default();
    before.map_or(0, |input| input.fingerprint).hash(&mut hasher);
    at.0.hash(&mut hasher);
    text.hash(&mut hasher);
    hasher.finish()
}

impl Session {
    /// Where the session is now.
    pub fn moment(&self) -> Moment {
        let applied = self.inputs_applied();
        let last = applied.checked_sub(1).and_then(|at| self.inputs().get(at));
        Moment {
            cursor: self.cursor(),
            at_us: self.now().0,
            inputs: applied as u64,
            fingerprint: last.map_or(0, |input| input.fingerprint),
        }
    }

    /// Does the history still hold this moment, before the cursor or ahead of it?
    pub fn knows(&self, moment: &Moment) -> bool {
        let Ok(count) = usize::try_from(moment.inputs) else { return false };
        let inputs = self.inputs();
        if count > inputs.len() || moment.cursor > self.end_cursor() {
            return false;
        }
        let last = count.checked_sub(1).and_then(|at| inputs.get(at));
        let same = last.map_or(0, |input| input.fingerprint) == moment.fingerprint;
        let begins = last.is_none_or(|input| input.cursor < moment.cursor);
        same && begins && inputs.get(count).is_none_or(|next| next.cursor >= moment.cursor)
    }

    /// Is it known, and not ahead?
    pub fn has_passed(&self, moment: &Moment) -> bool {
        self.cursor() >= moment.cursor && self.knows(moment)
    }
}
