//! `run(line)`: a line as typed, and what it prints.

use serde::Serialize;

use crate::base::ProgramId;
use crate::engine::world::World;
use crate::session::line;
use crate::session::queue::waits_for;
use crate::session::script::{self, Line};
use crate::session::{Patience, PlayError, Session, Wait};
use crate::view::outcome::exit_code;

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
    let (terminal, is_own) = match block.lines.first() {
        Some(Line::Command { terminal, command }) => (terminal, line::is_service_command(command)),
        Some(
            Line::Typed { terminal, .. } | Line::EndOfInput { terminal } | Line::Interrupt { terminal } | Line::Look { terminal },
        ) => (terminal, false),
        _ => {
            session.input(&text).map_err(|error| error.to_string())?;
            return Ok(RunResult { output: String::new(), exit_code: Some(0) });
        }
    };
    let before = Printed::so_far(session.world(), terminal);
    let cursor_max = session.cursor() + DUES_MAX;
    let mut played = session.play(&block, &Patience::CALLER, cursor_max);
    // A service that is told to stop takes its time.
    if let (Ok(()), Some(program)) = (&played, waits_for(&block.text)) {
        played = session.wait(Wait::Exit(program, Patience::CALLER.foreground), cursor_max);
    }
    played.map_err(|error| match error {
        PlayError::Refused(error) => error.to_string(),
        PlayError::TooLong => format!("more than {DUES_MAX} things happened: the command does not settle"),
    })?;
    if is_own {
        return Ok(RunResult { output: String::new(), exit_code: Some(0) });
    }
    Ok(before.since(session.world(), terminal))
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
        RunResult { output: lines.join("\n"), exit_code: exit_code(program) }
    }
}
