//! Whether the clock runs. Where it stood still when a command was typed, it is lent to that command: it runs until the command has
//! ended or has had time enough, and stops by itself.
//!
//! ```text
//!            play                    typed, and a program runs
//! Runs ◀────────────── Stands ─────────────────────────────────▶ Lent
//!   └───── pause ────────▶ ▲ ◀── each command has ended, or its time is up ──┘
//! ```

use std::rc::Rc;

use super::Session;
use super::typing::Typing;
use crate::base::{SimTime, Span};

/// Simulated time that a command gets: by then one that runs on has settled. A new group alone waits three seconds for further
/// members (group.initial.rebalance.delay.ms), and a story's network is slow.
const LENT_TO_COMMAND: Span = Span::from_secs(10);

/// The same for a line that a program reads: the console producer lingers for one second.
const LENT_TO_LINE: Span = Span::from_secs(2);

/// The clock of a page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Clock {
    runs: bool,
    /// The terminals that it is lent to, each until a moment. None of them while a person lets it run.
    lent: Vec<(Rc<str>, SimTime)>,
}

impl Clock {
    pub fn runs(&self) -> bool {
        self.runs
    }

    /// A person lets it run, or stops it.
    pub fn play(&mut self, runs: bool) {
        *self = Self { runs, lent: Vec::new() };
    }

    /// The clock once something was typed there, if that is another. `into_program`: a program read it.
    pub fn lend(&self, session: &Session, name: &Rc<str>, into_program: bool) -> Option<Self> {
        if (self.runs && self.lent.is_empty()) || !session.runs(name) {
            return None;
        }
        let now = session.now();
        let before = self.lent.iter().find(|(other, _)| other == name).map_or(now, |(_, until)| *until);
        let until = before.max(now + if into_program { LENT_TO_LINE } else { LENT_TO_COMMAND });
        let others = self.lent.iter().filter(|(other, _)| other != name).cloned();
        Some(Self { runs: true, lent: others.chain([(name.clone(), until)]).collect() })
    }

    /// The clock without those that need it no more, if there are such. It stops when none is left.
    pub fn give_back(&self, session: &Session, typing: &Typing) -> Option<Self> {
        let busy = |name: &Rc<str>| session.runs(name) || typing.waiting(name).next().is_some();
        let needs = |(name, until): &&(Rc<str>, SimTime)| session.now() < *until && busy(name);
        let lent: Vec<_> = self.lent.iter().filter(needs).cloned().collect();
        (lent.len() < self.lent.len()).then_some(Self { runs: !lent.is_empty(), lent })
    }
}
