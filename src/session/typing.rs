//! What is typed into terminals before it is an input: lines that wait for their turn, and lines that are none.
//!
//! ```text
//! a line ─▸ nothing runs there, or what runs reads it ─▸ the session takes it ─▸ an input
//!        │                                            └▸ it does not ─▸ a refusal: printed below the line, as bash does
//!        └▸ what runs reads nothing ─▸ it waits until that has ended
//! ```
//!
//! The session keeps inputs alone, so a refused line is kept here, with its place among them.

use std::rc::Rc;

use super::line::{self, Typed};
use super::{Input, Session};
use crate::base::SimTime;

/// A line, and the terminal that it was typed into.
pub type TypedLine = (Rc<str>, String);

/// Lines given at once; the others follow when the page looks again, at its next frame.
const AT_ONCE: usize = 100;

/// Lines that may wait; more is no typing but an accident.
pub const WAITING_MAX: usize = 2000;

/// Refusals kept; beyond them the oldest is forgotten.
const REFUSED_MAX: usize = 200;

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
        Self {
            terminal: terminal.clone(),
            line: line.map(Rc::from),
            why: why.into(),
            at: session.now(),
            into_program: session.runs(terminal),
            after: session.inputs_applied(),
            cursor: session.cursor(),
            last: session.inputs_behind().last().cloned(),
        }
    }

    /// Has it been typed by now, in this history?
    pub fn is_behind(&self, session: &Session) -> bool {
        let last = self.after.checked_sub(1).and_then(|at| session.inputs().get(at));
        self.after <= session.inputs_applied() && self.cursor <= session.cursor() && last == self.last.as_ref()
    }
}

/// What a person has typed that is no input, or none yet.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Typing {
    /// Lines whose terminal runs a program that does not read them: they wait, as in a real terminal.
    waits: Vec<TypedLine>,
    refused: Vec<Refusal>,
}

/// What has become of lines that waited.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Given {
    /// Inputs that the session has taken.
    pub taken: usize,
    pub refused: usize,
}

impl Typing {
    pub fn waits(&self) -> &[TypedLine] {
        &self.waits
    }

    pub fn refused(&self) -> &[Refusal] {
        &self.refused
    }

    /// The lines of a terminal that wait.
    pub fn waiting<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.waits.iter().filter(move |(terminal, _)| **terminal == *name).map(|(_, line)| line.as_str())
    }

    /// Forgets the lines that wait: they belong to a future that may not come.
    pub fn drop_waiting(&mut self) {
        self.waits.clear();
    }

    /// Takes lines as they were typed or pasted, and gives those that are read now.
    pub fn type_lines(&mut self, session: &mut Session, name: &Rc<str>, lines: Vec<String>) -> Given {
        // An interrupt drops what was typed ahead, as a real terminal does.
        if lines.iter().any(|line| line == "^C") {
            self.waits.retain(|(terminal, _)| terminal != name);
        }
        self.waits.extend(lines.into_iter().map(|line| (name.clone(), line)));
        let too_many = self.waits.len() > WAITING_MAX;
        self.waits.truncate(WAITING_MAX);
        let mut given = self.give(session);
        if too_many {
            let why = format!("bash: at most {WAITING_MAX} lines wait here; the rest was dropped");
            self.refuse(Refusal::new(session, name, None, &why));
            given.refused += 1;
        }
        given
    }

    /// Gives as many of the waiting lines as are read now. One terminal's lines keep their order.
    pub fn give(&mut self, session: &mut Session) -> Given {
        let mut given = Given::default();
        for (name, line) in std::mem::take(&mut self.waits) {
            let full = given.taken + given.refused >= AT_ONCE;
            let held = full || (line != "^C" && self.waiting(&name).next().is_some());
            match if held { Typed::Waits } else { line::typed(session, &name, &line) } {
                Typed::Waits => self.waits.push((name, line)),
                Typed::Nothing => {}
                Typed::Give(block) => match session.input(&block) {
                    Ok(()) => given.taken += 1,
                    Err(error) => {
                        self.refuse(Refusal::new(session, &name, Some(line.trim()), &format!("bash: {error}")));
                        given.refused += 1;
                    }
                },
            }
        }
        given
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.refused.push(refusal);
        let extra = self.refused.len().saturating_sub(REFUSED_MAX);
        self.refused.drain(..extra);
    }

    /// The commands typed in this session in order, those that were refused among them; not what the page's buttons told
    /// services.
    pub fn commands(&self, session: &Session) -> Vec<String> {
        let is_command = |refusal: &&Refusal| !refusal.into_program && refusal.is_behind(session);
        let behind: Vec<&Refusal> = self.refused.iter().filter(is_command).collect();
        let refused_after = |after: usize| behind.iter().filter(move |refusal| refusal.after == after);
        let given =
            session.inputs_behind().iter().map(|input| line::command_of(&input.text).filter(|command| !line::is_own(command)));
        let mut all = Vec::new();
        for (at, command) in given.chain([None]).enumerate() {
            all.extend(refused_after(at).filter_map(|refusal| refusal.line.as_ref()).map(|line| line.to_string()));
            all.extend(command);
        }
        all
    }
}
