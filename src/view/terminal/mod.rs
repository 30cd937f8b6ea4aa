//! Lives here: what a terminal shows, read from the session: its tabs, its `screen`, and how a line is completed (`complete`).
//! Never here: what becomes of a line that is typed (`session::line`, `session::typing`), and what a program prints.

mod complete;
mod screen;
mod statement;

pub use complete::{Completion, complete};
pub use screen::{Row, Screen};

use std::rc::Rc;

use crate::session::Session;
use crate::session::line::terminal_of;
use crate::session::script::MAIN_TERMINAL;

/// How a terminal stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tab {
    pub name: Rc<str>,
    /// As the tab has it.
    pub label: String,
    pub runs: bool,
    /// The program that runs reads what is typed.
    pub reads: bool,
    /// Inputs that it has had.
    pub inputs: usize,
}

/// The terminals that something was typed into, the main one first.
pub fn tabs(session: &Session) -> Vec<Tab> {
    let mut names: Vec<(&str, usize)> = vec![(MAIN_TERMINAL, 0)];
    for input in session.inputs_behind() {
        let name = terminal_of(&input.text);
        match names.iter_mut().find(|(known, _)| *known == name) {
            Some((_, inputs)) => *inputs += 1,
            None => names.push((name, 1)),
        }
    }
    names.into_iter().map(|(name, inputs)| tab(session, name, inputs)).collect()
}

/// A terminal as it stands, with the inputs it has had.
pub fn tab(session: &Session, name: &str, inputs: usize) -> Tab {
    let label = match name.strip_prefix('t').and_then(|number| number.parse::<u32>().ok()) {
        _ if name == MAIN_TERMINAL => "1".to_owned(),
        Some(number) => number.to_string(),
        None => name.to_owned(),
    };
    Tab { name: name.into(), label, runs: session.runs(name), reads: session.reads(name), inputs }
}
