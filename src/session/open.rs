//! Opening a script: makes its world and gives its lines, each when a person would.

use std::fmt;

use super::act::InputError;
use super::play::{Patience, PlayError, Wait};
use super::script::{self, ScriptError};
use super::{Catalog, Session};

/// Dues that opening a script may take; more is no session but an accident.
pub(super) const DUES_MAX: u64 = 5_000_000;

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

/// The error of a script, of what went wrong at this block.
fn failed(text: &str) -> impl Fn(PlayError) -> OpenError {
    move |error| match error {
        PlayError::Refused(error) => OpenError::Refused { text: text.chars().take(200).collect(), error },
        PlayError::TooLong => OpenError::TooLong,
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
                session.wait(Wait::Pass(at.since(session.now())), DUES_MAX).map_err(failed(""))?;
            }
            session.play(&block, &Patience::PERSON, DUES_MAX).map_err(failed(&block.text))?;
        }
        if let Some(end) = script.end {
            session.wait(Wait::Pass(end.since(session.now())), DUES_MAX).map_err(failed(""))?;
        }
        session.restore_undo(usize::MAX);
        Ok(session)
    }
}
