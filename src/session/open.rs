//! Opening a script: makes its world and gives its lines, each when a person would.

use std::fmt;

use super::act::InputError;
use super::fault;
use super::script::{self, Line, MAIN_TERMINAL, ScriptError};
use super::{Advanced, Catalog, Session};
use crate::base::{SimTime, Span};

/// Dues that opening a script may take; more is no session but an accident.
pub(super) const DUES_MAX: u64 = 5_000_000;

/// A foreground command that has not ended by then is left running.
const FOREGROUND_MAX: Span = Span::from_secs(600);

/// A command in another terminal has settled by then.
const SETTLE: Span = Span::from_secs(3);

/// After a line typed in another terminal (the console producer lingers for one second).
const TYPED: Span = Span::from_ms(1600);

const LOOK: Span = Span::from_secs(1);

/// Why a script cannot be opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OpenError {
    Script(ScriptError),
    UnknownScenario {
        name: String,
        known: Vec<&'static str>,
    },
    Refused {
        text: String,
        error: InputError,
    },
    /// Too many things happened.
    TooLong,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Script(error) => write!(f, "This is no session script: {error}."),
            Self::UnknownScenario { name, known } => {
                write!(f, "There is no scenario '{name}'. The scenarios are: {}.", known.join(", "))
            }
            Self::Refused { text, error } => write!(f, "The script stops at '{text}': {error}."),
            Self::TooLong => write!(f, "The script does not end: more than {DUES_MAX} things happened."),
        }
    }
}

impl Session {
    /// Opens a script and plays it to its end.
    pub fn open(text: &str, catalog: Catalog) -> Result<Session, OpenError> {
        let script = script::parse(text).map_err(OpenError::Script)?;
        let scenario = match script.scenario() {
            None => None,
            Some(name) => Some(*catalog.iter().find(|entry| entry.name == name).ok_or_else(|| OpenError::UnknownScenario {
                name: name.chars().take(60).collect(),
                known: catalog.iter().map(|entry| entry.name).collect(),
            })?),
        };
        let mut session = Session::with_config(script.world_config(), scenario, catalog);
        session.title = script.title;
        for block in script.blocks {
            if let Some(at) = block.at {
                session.pass(at.since(session.now()))?;
            }
            session.give(&block)?;
        }
        if let Some(end) = script.end {
            session.pass(end.since(session.now()))?;
        }
        session.restore_undo(usize::MAX);
        Ok(session)
    }

    /// Gives a block and waits as a person would, unless the next one says when it comes.
    fn give(&mut self, block: &script::Block) -> Result<(), OpenError> {
        let Some(first) = block.lines.first() else { return Ok(()) };
        if let Line::Sleep(span) = first {
            return self.pass(*span);
        }
        if let Line::Look { .. } = first {
            return self.pass(LOOK);
        }
        self.input(&block.text).map_err(|error| OpenError::Refused { text: block.text.chars().take(200).collect(), error })?;
        match first {
            _ if block.next_is_timed => Ok(()),
            Line::Command { command, .. } if fault::pause_after(command).is_some() => {
                self.pass(fault::pause_after(command).unwrap_or_default())
            }
            Line::Command { terminal, .. } if terminal == MAIN_TERMINAL => self.wait_for_exit(terminal, FOREGROUND_MAX),
            Line::Command { .. } => self.pass(SETTLE),
            Line::Typed { .. } => self.pass(TYPED),
            Line::EndOfInput { terminal } | Line::Interrupt { terminal } => self.wait_for_exit(terminal, FOREGROUND_MAX),
            _ => Ok(()),
        }
    }

    fn pass(&mut self, span: Span) -> Result<(), OpenError> {
        match self.advance(span, DUES_MAX.saturating_sub(self.cursor())) {
            Advanced::There => Ok(()),
            Advanced::DuesUsedUp => Err(OpenError::TooLong),
        }
    }

    /// Lets things happen until the program in a terminal has ended.
    pub fn wait_for_exit(&mut self, terminal: &str, at_most: Span) -> Result<(), OpenError> {
        let until: SimTime = self.now() + at_most;
        loop {
            let running = self.world().program_named(terminal).is_some_and(|program| program.is_running());
            let next = self.world().next_time();
            if !running || next.is_none_or(|next| next > until) {
                return Ok(());
            }
            if self.cursor() > DUES_MAX {
                return Err(OpenError::TooLong);
            }
            self.step();
        }
    }
}
