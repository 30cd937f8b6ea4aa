//! Runs a script as a person at several terminals would, and writes down what each command printed.

use std::collections::BTreeMap;
use std::fmt;

use super::normalise::Normaliser;
use crate::base::{ProgramId, Span};
use crate::engine::world::ProgramStatus;
use crate::session::fault;
use crate::session::open::{DUES_MAX, OpenError};
use crate::session::script::{self, Block, Header, Line, MAIN_TERMINAL, ScriptError};
use crate::session::{Catalog, InputError, Patience, Session, Wait};

/// What the recorded clusters were set to where Kafka's defaults would make a recording wait.
const SETTINGS: &str = "! broker group.initial.rebalance.delay.ms=0\n! broker broker.session.timeout.ms=6000\n";

/// A real tool takes half a second before it does anything; what lies between two commands depends on it.
const TOOL_START: Span = Span::from_ms(600);

/// A client in another terminal takes longer, until it has joined its group.
const CLIENT_START: Span = Span::from_ms(1500);

/// How long a tool that has done its work takes to end: what it wrote has come to the clients that run by then.
const TOOL_END: Span = Span::from_ms(50);

/// Why a script has no transcript.
#[derive(Debug)]
pub enum TranscriptError {
    Script(ScriptError),
    Open(OpenError),
    Refused {
        line: String,
        error: InputError,
    },
    /// Too many things happened.
    TooLong,
}

impl fmt::Display for TranscriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Script(error) => write!(f, "This is no session script: {error}."),
            Self::Open(error) => error.fmt(f),
            Self::Refused { line, error } => write!(f, "The script stops at '{line}': {error}."),
            Self::TooLong => write!(f, "The script does not end."),
        }
    }
}

struct Runner {
    session: Session,
    normaliser: Normaliser,
    /// How much of each program's output was shown.
    shown: BTreeMap<ProgramId, u64>,
    /// The command in each terminal.
    commands: BTreeMap<String, String>,
    out: Vec<String>,
}

/// The transcript of a script, outputs normalised.
pub fn run(text: &str, catalog: Catalog) -> Result<String, TranscriptError> {
    let script = script::parse(text).map_err(TranscriptError::Script)?;
    let headers: Vec<&str> = text.lines().filter(|line| line.starts_with('!') && !is_moment(line)).collect();
    // A session that was saved says by its seed or story how its world was made; a recording was made with the recorder's.
    let saved = script.headers.iter().any(|header| matches!(header, Header::Seed(_) | Header::Scenario(_)));
    let settings = if saved { "" } else { SETTINGS };
    let session = Session::open(&format!("{settings}{}\n", headers.join("\n")), catalog).map_err(TranscriptError::Open)?;
    let mut runner =
        Runner { session, normaliser: Normaliser::default(), shown: BTreeMap::new(), commands: BTreeMap::new(), out: Vec::new() };
    if let Some(title) = &script.title {
        runner.out.push(format!("# {title}"));
    }
    runner.out.extend(headers.into_iter().map(str::to_owned));
    for block in &script.blocks {
        if let Some(at) = block.at {
            runner.out.push(format!("! at {}", script::format_seconds(at.0)));
            runner.wait(Wait::Pass(at.since(runner.session.now())))?;
        }
        runner.out.extend(block.text.lines().map(|line| line.trim_end().to_owned()));
        runner.block(block)?;
    }
    Ok(runner.out.join("\n") + "\n")
}

/// `! at`: says when the next line comes, unlike the other lines with an exclamation mark, which make the world.
fn is_moment(line: &str) -> bool {
    line.strip_prefix('!').is_some_and(|rest| rest.trim_start().starts_with("at "))
}

impl Runner {
    fn block(&mut self, block: &Block) -> Result<(), TranscriptError> {
        let Some(first) = block.lines.first() else { return Ok(()) };
        // What was typed, and in which terminal the output is shown then; with the exit code, where it ends by itself.
        let shown = match first {
            Line::Comment(_) | Line::Header(_) | Line::At(_) => return Ok(()),
            Line::Sleep(_) => None,
            Line::Look { terminal } => Some((terminal, true)),
            Line::Command { command, .. } if fault::pause_after(command).is_some() => {
                self.give(&block.text)?;
                None
            }
            Line::Command { terminal, command } if terminal == MAIN_TERMINAL => {
                if block.at.is_none() {
                    self.wait(Wait::Pass(TOOL_START))?;
                }
                let ends = block.lines.iter().any(|line| matches!(line, Line::EndOfInput { .. }));
                // Without anything typed, standard input is /dev/null.
                let text = if ends { block.text.clone() } else { format!("{}\n^D", block.text) };
                self.commands.insert(terminal.clone(), command.clone());
                self.give(&text)?;
                Some((terminal, true))
            }
            Line::Command { terminal, command } => {
                if block.at.is_none() {
                    self.wait(Wait::Pass(CLIENT_START))?;
                }
                self.commands.insert(terminal.clone(), command.clone());
                self.give(&block.text)?;
                None
            }
            // The command may have ended; then nobody reads the line.
            Line::Typed { .. } => {
                let _ = self.session.input(&block.text);
                None
            }
            Line::EndOfInput { terminal } => {
                self.give(&block.text)?;
                Some((terminal, true))
            }
            Line::Interrupt { terminal } => {
                if block.at.is_none() {
                    self.wait(Wait::Pass(TOOL_END))?;
                }
                let _ = self.session.input(&block.text);
                Some((terminal, false))
            }
        };
        if let Some(wait) = Patience::RECORDER.wait_after(block) {
            self.wait(wait)?;
        }
        if let Some((terminal, with_code)) = shown {
            self.show(terminal, with_code);
        }
        Ok(())
    }

    fn give(&mut self, text: &str) -> Result<(), TranscriptError> {
        let refused = |error| TranscriptError::Refused { line: text.lines().next().unwrap_or_default().to_owned(), error };
        self.session.input(text).map_err(refused)
    }

    fn wait(&mut self, wait: Wait) -> Result<(), TranscriptError> {
        self.session.wait(wait, DUES_MAX).map_err(|_| TranscriptError::TooLong)
    }

    /// Writes down what a terminal's command printed since it was last shown, and its exit code.
    fn show(&mut self, terminal: &str, with_code: bool) {
        let Some(program) = self.session.world().program_named(terminal) else { return };
        let from = self.shown.get(&program.id).copied().unwrap_or(0);
        let lines: Vec<String> = program.output.iter_from(from).map(|line| line.text.to_string()).collect();
        self.shown.insert(program.id, program.output.end());
        let command = self.commands.get(terminal).cloned().unwrap_or_default();
        let code = match program.status {
            ProgramStatus::Exited { code, .. } if with_code && code != 0 => Some(code),
            ProgramStatus::Running if terminal == MAIN_TERMINAL => {
                self.out.push("still running".to_owned());
                None
            }
            _ => None,
        };
        self.out.extend(self.normaliser.output(&command, &lines));
        self.out.extend(code.map(|code| format!("[{code}]")));
    }
}
