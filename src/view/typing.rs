//! What is typed into terminals before it is an input: lines that wait for their turn, lines that are none, and the clock
//! that runs for a command where it stood still.
//!
//! ```text
//! a line ─▸ nothing runs there, or what runs reads it ─▸ the session takes it ─▸ an input
//!        │                                            └▸ it does not ─▸ a refusal: printed below the line, as bash does
//!        └▸ what runs reads nothing ─▸ it waits until that has ended
//! ```
//!
//! The session keeps inputs alone, so a refused line is kept here, with its place among them.

use std::rc::Rc;

use super::terminal::{self, Typed};
use crate::base::{SimTime, Span};
use crate::session::{Input, Session};

/// A line, and the terminal that it was typed into.
pub type TypedLine = (Rc<str>, String);

/// Lines given within one frame; the others follow in the next ones.
pub const AT_ONCE: usize = 100;

/// Lines that may wait; more is no typing but an accident.
pub const WAITING_MAX: usize = 2000;

/// Refusals kept; beyond them the oldest is forgotten.
pub const REFUSED_MAX: usize = 200;

/// Simulated time that a command gets where the clock stands still: by then one that runs on has settled. A new group
/// alone waits three seconds for further members (group.initial.rebalance.delay.ms), and a story's network is slow.
const LENT_TO_COMMAND: Span = Span::from_secs(10);

/// The same for a line that a program reads: the console producer lingers for one second.
const LENT_TO_LINE: Span = Span::from_secs(2);

/// A line that the session did not take.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    pub terminal: Rc<str>,
    /// As it was typed; `None` where lines were dropped that are not shown.
    pub line: Option<Rc<str>>,
    /// As a shell would print it.
    pub why: Rc<str>,
    pub at: SimTime,
    /// A program ran there: the line was for that.
    pub into_program: bool,
    /// Inputs before it.
    pub after: usize,
    cursor: u64,
    /// The input right before it, which tells whether this is still the history that it was typed in.
    last: Option<Input>,
}

impl Refusal {
    fn new(session: &Session, terminal: &Rc<str>, line: Option<&str>, why: &str) -> Self {
        let after = session.inputs_applied();
        Self {
            terminal: terminal.clone(),
            line: line.map(Rc::from),
            why: why.into(),
            at: session.now(),
            into_program: terminal::tab(session, terminal, 0).runs,
            after,
            cursor: session.cursor(),
            last: after.checked_sub(1).and_then(|at| session.inputs().get(at)).cloned(),
        }
    }

    /// Has it been typed by now, in this history?
    pub fn is_behind(&self, session: &Session) -> bool {
        let last = self.after.checked_sub(1).and_then(|at| session.inputs().get(at));
        self.after <= session.inputs_applied() && self.cursor <= session.cursor() && last == self.last.as_ref()
    }
}

/// Keeps what was refused last.
pub fn keep_refused(kept: &mut Vec<Refusal>, more: Vec<Refusal>) {
    kept.extend(more);
    let extra = kept.len().saturating_sub(REFUSED_MAX);
    kept.drain(..extra);
}

/// Puts lines behind those that wait. What does not fit is dropped, and said.
pub fn line_up(session: &Session, waiting: &mut Vec<TypedLine>, name: &Rc<str>, lines: Vec<String>) -> Option<Refusal> {
    // An interrupt drops what was typed ahead, as a real terminal does.
    if lines.iter().any(|line| line == "^C") {
        waiting.retain(|(terminal, _)| terminal != name);
    }
    waiting.extend(lines.into_iter().map(|line| (name.clone(), line)));
    let too_many = waiting.len() > WAITING_MAX;
    waiting.truncate(WAITING_MAX);
    let why = || format!("bash: at most {WAITING_MAX} lines wait here; the rest was dropped");
    too_many.then(|| Refusal::new(session, name, None, &why()))
}

/// What has become of lines that waited.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Given {
    /// Inputs that the session has taken.
    pub count: usize,
    pub waits: Vec<TypedLine>,
    pub refused: Vec<Refusal>,
}

/// Gives as many of the lines as are read now. One terminal's lines keep their order.
pub fn give(session: &mut Session, lines: Vec<TypedLine>) -> Given {
    let mut given = Given::default();
    for (name, line) in lines {
        let full = given.count + given.refused.len() >= AT_ONCE;
        let held = full || (line != "^C" && given.waits.iter().any(|(other, _)| *other == name));
        let typed = if held { Typed::Waits } else { terminal::typed(session, &name, &line) };
        match typed {
            Typed::Waits => given.waits.push((name, line)),
            Typed::Nothing => {}
            Typed::Give(block) => match session.input(&block) {
                Ok(()) => given.count += 1,
                Err(error) => {
                    let why = format!("bash: {error}");
                    given.refused.push(Refusal::new(session, &name, Some(line.trim()), &why));
                }
            },
        }
    }
    given
}

/// The lines of a terminal that wait.
pub fn waiting<'a>(lines: &'a [TypedLine], name: &'a str) -> impl Iterator<Item = &'a str> {
    lines.iter().filter(move |(terminal, _)| **terminal == *name).map(|(_, line)| line.as_str())
}

/// The commands typed in this session in order, those that were refused among them.
pub fn commands(session: &Session, refused: &[Refusal]) -> Vec<String> {
    let mut all = Vec::new();
    let behind: Vec<&Refusal> = refused.iter().filter(|refusal| !refusal.into_program && refusal.is_behind(session)).collect();
    let refused_after = |after: usize| behind.iter().filter(move |refusal| refusal.after == after);
    for (at, command) in terminal::commands_by_input(session) {
        all.extend(refused_after(at).filter_map(|refusal| refusal.line.as_ref()).map(|line| line.to_string()));
        all.extend(command);
    }
    all
}

// ---- the clock

/// The clock stood still when commands were typed: it runs until each has ended, or until a moment.
pub type Lent = Vec<(Rc<str>, SimTime)>;

/// What the clock is lent to once something was typed there. `ran`: a program read it.
pub fn lend(session: &Session, lent: &Lent, name: &Rc<str>, ran: bool) -> Option<Lent> {
    if !terminal::tab(session, name, 0).runs {
        return None;
    }
    let now = session.now();
    let before = lent.iter().find(|(other, _)| other == name).map_or(now, |(_, until)| *until);
    let until = before.max(now + if ran { LENT_TO_LINE } else { LENT_TO_COMMAND });
    let others = lent.iter().filter(|(other, _)| other != name).cloned();
    Some(others.chain([(name.clone(), until)]).collect())
}

/// What the clock is still lent to, where that has become less.
pub fn give_back(session: &Session, lent: &Lent, lines: &[TypedLine]) -> Option<Lent> {
    let now = session.now();
    let busy = |name: &Rc<str>| terminal::tab(session, name, 0).runs || waiting(lines, name).next().is_some();
    let left: Lent = lent.iter().filter(|(name, until)| now < *until && busy(name)).cloned().collect();
    (left.len() < lent.len()).then_some(left)
}
