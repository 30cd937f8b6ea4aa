//! `run(line)`: a line as typed, and what it prints.

use serde::Serialize;

use super::super::commands::waits_for;
use crate::base::{ProgramId, Span};
use crate::engine::world::{ProgramStatus, World};
use crate::session::script::{self, Line, MAIN_TERMINAL};
use crate::session::{Advanced, Session};

/// A command that has not ended by then is left running.
const FOREGROUND_MAX: Span = Span::from_secs(600);

/// A command in another terminal has settled by then, as when a script is opened.
const SETTLE: Span = Span::from_secs(3);

/// After a line typed (the console producer lingers for one second).
const TYPED: Span = Span::from_ms(1600);

const LOOK: Span = Span::from_secs(1);

/// Dues that one call may take.
const DUES_MAX: u64 = 2_000_000;

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunResult {
    /// What the program printed meanwhile.
    pub output: String,
    /// `null` while it still runs.
    pub exit_code: Option<i32>,
}

/// Gives a line to the session and lets simulated time pass until its command has ended, or has settled where it runs on.
pub fn run(session: &mut Session, line: &str) -> Result<RunResult, String> {
    let is_bare = !line.trim_start().starts_with(['$', '@', '#', '!', '>', '^']);
    let text = if is_bare { format!("$ {}", line.trim()) } else { line.trim_start().to_owned() };
    let block = script::parse_block(&text)
        .map_err(|error| format!("{error}; expected a command, '$ …', '@name $ …', '@name > …', '@name ^C' or '@name ^D'"))?;
    let (terminal, foreground, pass) = match block.lines.first() {
        Some(Line::Command { terminal, .. }) if terminal == MAIN_TERMINAL => (terminal.clone(), true, Span::ZERO),
        Some(Line::Command { terminal, .. }) => (terminal.clone(), false, SETTLE),
        Some(Line::Typed { terminal, .. }) => (terminal.clone(), false, TYPED),
        Some(Line::EndOfInput { terminal } | Line::Interrupt { terminal }) => (terminal.clone(), true, Span::ZERO),
        Some(Line::Look { terminal }) => (terminal.clone(), false, LOOK),
        _ => {
            session.input(&text).map_err(|error| error.to_string())?;
            return Ok(RunResult { output: String::new(), exit_code: Some(0) });
        }
    };
    let before = Printed::so_far(session.world(), &terminal);
    session.input(&text).map_err(|error| error.to_string())?;
    if foreground {
        let program = waits_for(&block.text).unwrap_or_else(|| terminal.clone());
        session.wait_for_exit(&program, FOREGROUND_MAX).map_err(|error| error.to_string())?;
    } else if session.advance(pass, DUES_MAX) == Advanced::DuesUsedUp {
        return Err(format!("more than {DUES_MAX} things happened: the command does not settle"));
    }
    let is_own_word = ["start-service", "stop-service", "kill-service", "tell-service"]
        .iter()
        .any(|word| matches!(block.lines.first(), Some(Line::Command { command, .. }) if command.starts_with(word)));
    if is_own_word {
        return Ok(RunResult { output: String::new(), exit_code: Some(0) });
    }
    Ok(before.since(session.world(), &terminal))
}

/// How much a terminal's program had printed.
struct Printed {
    program: Option<ProgramId>,
    lines: u64,
}

impl Printed {
    fn so_far(world: &World, terminal: &str) -> Self {
        match world.program_named(terminal) {
            Some(program) => Self { program: Some(program.id), lines: program.output.end() },
            None => Self { program: None, lines: 0 },
        }
    }

    fn since(&self, world: &World, terminal: &str) -> RunResult {
        let Some(program) = world.program_named(terminal) else {
            return RunResult { output: String::new(), exit_code: None };
        };
        let from = if self.program == Some(program.id) { self.lines } else { 0 };
        let lines: Vec<&str> = program.output.iter_from(from).map(|line| line.text.as_ref()).collect();
        let exit_code = match program.status {
            ProgramStatus::Running => None,
            ProgramStatus::Exited { code, .. } => Some(code),
            // 128 + SIGKILL, as a shell says it.
            ProgramStatus::Killed { .. } => Some(137),
        };
        RunResult { output: lines.join("\n"), exit_code }
    }
}
