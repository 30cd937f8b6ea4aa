//! The way through time. Inputs are kept, worlds are copied sparsely; any moment is a copy and the steps after it.
//!
//! ```text
//! cursor   0 ──────── 1024 ──────── 2048 ───────┬──▶ end
//! copies   ●            ●             ●         │
//! inputs   ▲    ▲                  ▲            │ here: everything ahead is kept until something else is done
//! ```
//!
//! An input at T comes after everything due until T, so the place of an input follows from its time alone.

use std::rc::Rc;

use super::act::{Actor, InputError};
use super::{Text, moment};
use crate::base::SimTime;
use crate::engine::World;

/// Steps between two copies. Going back costs at most this many steps: within a frame also in a browser.
const COPY_EVERY: u64 = 1024;

/// Copies kept; beyond it every second one of the older half is dropped.
const COPIES_MAX: usize = 128;

/// Changes of the inputs that can be undone.
const UNDO_MAX: usize = 1000;

/// What a person did, and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Input {
    pub at: SimTime,
    pub text: Text,
    /// Cursor right before it.
    pub cursor: u64,
    /// Tells it and all before it from others.
    pub(super) fingerprint: u64,
}

/// How far an advance came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Advanced {
    /// To the moment asked for.
    There,
    /// The number of dues was used up before.
    DuesUsedUp,
}

/// The world and how many inputs it has seen.
#[derive(Clone)]
struct State {
    world: World,
    applied: usize,
}

impl State {
    fn cursor(&self) -> u64 {
        self.world.steps() + self.applied as u64
    }
}

/// All inputs, and how far the session has been with them.
#[derive(Clone)]
struct History {
    inputs: Rc<Vec<Input>>,
    end_cursor: u64,
    end_time: SimTime,
}

pub(super) struct Timeline {
    state: State,
    now: SimTime,
    history: History,
    /// By cursor, the first one at 0.
    copies: Vec<State>,
    undo: Vec<History>,
    redo: Vec<History>,
}

impl Timeline {
    pub(super) fn new(world: World) -> Self {
        let state = State { world, applied: 0 };
        let history = History { inputs: Rc::default(), end_cursor: state.cursor(), end_time: SimTime::ZERO };
        Self { copies: vec![state.clone()], state, now: SimTime::ZERO, history, undo: Vec::new(), redo: Vec::new() }
    }

    pub(super) fn world(&self) -> &World {
        &self.state.world
    }

    pub(super) fn cursor(&self) -> u64 {
        self.state.cursor()
    }

    pub(super) fn end_cursor(&self) -> u64 {
        self.history.end_cursor
    }

    pub(super) fn now(&self) -> SimTime {
        self.now
    }

    pub(super) fn end_time(&self) -> SimTime {
        self.history.end_time
    }

    pub(super) fn inputs(&self) -> &[Input] {
        &self.history.inputs
    }

    pub(super) fn inputs_applied(&self) -> usize {
        self.state.applied
    }

    pub(super) fn would_set_aside(&self) -> Option<usize> {
        let ahead = self.history.inputs.len() - self.state.applied;
        (ahead > 0 || self.cursor() < self.history.end_cursor).then_some(ahead)
    }

    // ---- moving

    pub(super) fn step(&mut self, actor: Actor) -> bool {
        let moved = self.forward(actor, None);
        if moved {
            self.now = self.state.world.now();
            self.note_end();
        }
        moved
    }

    pub(super) fn seek(&mut self, actor: Actor, cursor: u64) {
        self.go_back_to_copy(|state| state.cursor() <= cursor);
        while self.cursor() < cursor && self.forward(actor, None) {
            self.copy_near(cursor);
        }
        self.now = self.state.world.now();
        self.note_end();
    }

    pub(super) fn seek_time(&mut self, actor: Actor, at: SimTime) {
        self.go_back_to_copy(|state| state.world.now() <= at);
        while self.forward(actor, Some(at)) {}
        self.now = at;
        self.note_end();
    }

    /// To a cursor, and to a moment after it at which nothing more has happened.
    pub(super) fn seek_between(&mut self, actor: Actor, cursor: u64, at: SimTime) {
        self.seek(actor, cursor);
        let input = self.history.inputs.get(self.state.applied).map(|input| input.at);
        let next = [self.state.world.next_time(), input].into_iter().flatten().min();
        self.now = self.now.max(next.map_or(at, |next| next.min(at)));
        self.note_end();
    }

    pub(super) fn advance_to(&mut self, actor: Actor, to: SimTime, dues_max: u64) -> Advanced {
        for _ in 0..dues_max {
            if !self.forward(actor, Some(to)) {
                self.now = self.now.max(to);
                self.note_end();
                return Advanced::There;
            }
        }
        self.now = self.state.world.now();
        self.note_end();
        Advanced::DuesUsedUp
    }

    /// The next due or input, whichever comes first; none later than `limit`. False when there is none.
    fn forward(&mut self, actor: Actor, limit: Option<SimTime>) -> bool {
        let due = self.state.world.next_time();
        let input = self.history.inputs.get(self.state.applied);
        let next = match (due, input) {
            (Some(due), Some(input)) => due.min(input.at),
            (Some(due), None) => due,
            (None, Some(input)) => input.at,
            (None, None) => return false,
        };
        if limit.is_some_and(|limit| next > limit) {
            return false;
        }
        match input {
            Some(input) if due.is_none_or(|due| due > input.at) => {
                // An input was carried out once before it was taken in; it cannot fail on the same world.
                let outcome = actor.act(&mut self.state.world, input.at, &input.text);
                debug_assert!(outcome.is_ok(), "an input that was taken in is refused on replay");
                self.state.applied += 1;
            }
            _ => {
                self.state.world.step();
            }
        }
        self.copy_now_and_then();
        true
    }

    /// Takes the latest copy that `fits`, unless the present state fits and is later.
    fn go_back_to_copy(&mut self, fits: impl Fn(&State) -> bool) {
        let copy = self.copies.iter().rev().find(|copy| fits(copy));
        if let Some(copy) = copy
            && (!fits(&self.state) || copy.cursor() > self.cursor())
        {
            self.state = copy.clone();
        }
    }

    fn note_end(&mut self) {
        self.history.end_cursor = self.history.end_cursor.max(self.cursor());
        self.history.end_time = self.history.end_time.max(self.now);
    }

    // ---- copies

    fn copy_now_and_then(&mut self) {
        let last = self.copies.last().map_or(0, State::cursor);
        if self.cursor() >= last + COPY_EVERY {
            self.copies.push(self.state.clone());
            self.thin_copies();
        }
    }

    /// While going to a cursor far behind the last copy: one copy close before it, so that further steps back are short.
    fn copy_near(&mut self, target: u64) {
        let here = self.cursor();
        if target - here != COPY_EVERY / 2 {
            return;
        }
        let at = self.copies.partition_point(|copy| copy.cursor() <= here);
        if at > 0 && here - self.copies[at - 1].cursor() >= COPY_EVERY {
            self.copies.insert(at, self.state.clone());
            self.thin_copies();
        }
    }

    fn thin_copies(&mut self) {
        if self.copies.len() <= COPIES_MAX {
            return;
        }
        let half = self.copies.len() / 2;
        let mut at = 0;
        self.copies.retain(|_| {
            at += 1;
            at > half || at % 2 == 1
        });
    }

    // ---- inputs

    pub(super) fn input(&mut self, actor: Actor, text: Text) -> Result<(), InputError> {
        let at = self.now.max(self.state.world.now());
        // What is still due at this very moment comes first.
        let mut ready = self.state.clone();
        while ready.world.next_time().is_some_and(|due| due <= at) {
            ready.world.step();
        }
        let mut tried = ready.clone();
        actor.act(&mut tried.world, at, &text)?;
        tried.applied += 1;
        let mut inputs = self.history.inputs[..ready.applied].to_vec();
        let fingerprint = moment::fingerprint(inputs.last(), at, &text);
        inputs.push(Input { at, text, cursor: ready.cursor(), fingerprint });
        self.undo.push(self.history.clone());
        if self.undo.len() > UNDO_MAX {
            self.undo.remove(0);
        }
        self.redo.clear();
        let here = ready.cursor();
        self.copies.retain(|copy| copy.cursor() <= here);
        self.now = at;
        self.history = History { inputs: Rc::new(inputs), end_cursor: tried.cursor(), end_time: at };
        self.state = tried;
        self.copies.push(self.state.clone());
        self.thin_copies();
        Ok(())
    }

    /// What a script did before it was opened is not for undoing: only what came after its first `kept` inputs is, one
    /// input at a time.
    pub(super) fn undo_down_to(&mut self, kept: usize) {
        self.undo.clear();
        let inputs = &self.history.inputs;
        let first = kept.max(inputs.len().saturating_sub(UNDO_MAX));
        self.undo = inputs
            .iter()
            .enumerate()
            .skip(first)
            .map(|(count, next)| History { inputs: Rc::new(inputs[..count].to_vec()), end_cursor: next.cursor, end_time: next.at })
            .collect();
    }

    pub(super) fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    pub(super) fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    pub(super) fn undo(&mut self, actor: Actor) -> bool {
        let Some(earlier) = self.undo.pop() else { return false };
        let later = self.replace(actor, earlier);
        self.redo.push(later);
        true
    }

    pub(super) fn redo(&mut self, actor: Actor) -> bool {
        let Some(later) = self.redo.pop() else { return false };
        let earlier = self.replace(actor, later);
        self.undo.push(earlier);
        // Doing again lands after the input, as doing did.
        if self.forward(actor, None) {
            self.now = self.state.world.now();
        }
        true
    }

    /// Puts another history in place and goes to where the two part.
    fn replace(&mut self, actor: Actor, history: History) -> History {
        let common = self.history.inputs.iter().zip(history.inputs.iter()).take_while(|(one, other)| one == other).count();
        let parting =
            [self.history.inputs.get(common), history.inputs.get(common)].into_iter().flatten().min_by_key(|input| input.cursor);
        let (cursor, at) = parting.map_or((self.cursor(), self.now), |input| (input.cursor, input.at));
        self.copies.retain(|copy| copy.cursor() <= cursor);
        let before = std::mem::replace(&mut self.history, history);
        if self.cursor() > cursor || self.state.applied > common {
            let copy = self.copies.iter().rev().find(|copy| copy.cursor() <= cursor && copy.applied <= common);
            if let Some(copy) = copy {
                self.state = copy.clone();
            }
        }
        while self.cursor() < cursor && self.forward(actor, None) {}
        self.now = at;
        before
    }
}
