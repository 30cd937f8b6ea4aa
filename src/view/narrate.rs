//! What happened, in words: sentences for the live region, marks for the timeline.

use crate::base::SimTime;
use crate::engine::world::World;

/// Most sentences at a time: a screen reader must be able to keep up.
pub const SENTENCES_MAX: usize = 4;

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Narration {
    pub sentences: Vec<String>,
    /// Where to go on: the trace's index after the last entry told.
    pub next: u64,
}

/// What happened from trace index `since` on, grouped, the most telling first.
pub fn narrate(world: &World, since: u64) -> Narration {
    let _ = since;
    Narration { sentences: Vec::new(), next: world.trace().end() }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MarkKind {
    Topic,
    Rebalance,
    Program,
    Fault,
    Said,
}

/// A moment of note on the timeline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    pub at: SimTime,
    pub step: u64,
    pub kind: MarkKind,
    pub text: String,
}

/// The marks from trace index `since` on, and where to go on.
pub fn marks(world: &World, since: u64) -> (Vec<Mark>, u64) {
    let _ = since;
    (Vec::new(), world.trace().end())
}
