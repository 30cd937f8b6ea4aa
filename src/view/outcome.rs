//! What a command came to: its exit status, and what it printed.

use crate::engine::world::{ProgramEntry, ProgramStatus, World};
use crate::session::script::{self, Line};
use crate::session::{Input, Session};

/// Lines of output that are shown: the last ones.
const LINES_MAX: u64 = 100;

/// A command that was given, as it stands at the moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// The command as it was typed.
    pub command: String,
    pub terminal: String,
    /// `None` while it runs.
    pub exit_code: Option<i32>,
    /// What it printed; of a long output the end.
    pub output: String,
    /// Lines before those in `output`.
    pub lines_left_out: u64,
}

impl Outcome {
    /// Did it fail? An interrupt by hand (130), a request to end (143) and a crash by hand (137) are no failures.
    pub fn is_failure(&self) -> bool {
        self.exit_code.is_some_and(|code| !matches!(code, 0 | 130 | 137 | 143))
    }
}

/// What an input's command came to; `None` where it starts no command, or lies ahead of the moment.
pub fn outcome(session: &Session, input: &Input) -> Option<Outcome> {
    let behind = session.inputs_behind();
    // In order of the cursor, by which the input is found quickly.
    let at = behind.binary_search_by_key(&input.cursor, |known| known.cursor).ok()?;
    if behind[at] != *input {
        return None;
    }
    let block = script::parse_block(&input.text).ok()?;
    let Line::Command { terminal, command } = block.lines.first()? else { return None };
    run(session.world(), input, terminal, command)
}

/// How a program has ended; `None` while it runs.
pub(super) fn exit_code(program: &ProgramEntry) -> Option<i32> {
    match program.status {
        ProgramStatus::Running => None,
        ProgramStatus::Exited { code, .. } => Some(code),
        // 128 + SIGKILL, as a shell says it.
        ProgramStatus::Killed { .. } => Some(137),
    }
}

fn run(world: &World, input: &Input, terminal: &str, command: &str) -> Option<Outcome> {
    let program = world.programs().rev().find(|program| *program.name == *terminal && program.started_at == input.at)?;
    let from = program.output.end().saturating_sub(LINES_MAX).max(program.output.start());
    let lines: Vec<&str> = program.output.iter_from(from).map(|line| line.text.as_ref()).collect();
    Some(Outcome {
        command: command.to_owned(),
        terminal: terminal.to_owned(),
        exit_code: exit_code(program),
        output: lines.join("\n"),
        lines_left_out: from,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Span;

    fn given(line: &str) -> Outcome {
        let mut session = Session::empty(1, 1, &[]);
        session.input("$ kafka-topics.sh --create --topic rides --bootstrap-server localhost:9092").expect("a command");
        session.advance(Span::from_secs(5), 100_000);
        session.input(line).expect("a command");
        session.advance(Span::from_secs(5), 100_000);
        let input = session.inputs().last().expect("an input").clone();
        let outcome = outcome(&session, &input).expect("a command's outcome");
        session.seek(0);
        assert_eq!(super::outcome(&session, &input), None, "it lies ahead");
        outcome
    }

    #[test]
    fn a_refused_topic_is_a_failure_in_kafkas_words() {
        let again = given("$ kafka-topics.sh --create --topic rides --bootstrap-server localhost:9092");
        assert!(again.is_failure(), "{again:?}");
        assert!(again.output.contains("Topic 'rides' already exists."), "{}", again.output);
    }

    #[test]
    fn a_description_is_printed_and_no_failure() {
        let described = given("$ kafka-topics.sh --describe --topic rides --bootstrap-server localhost:9092");
        assert_eq!(described.exit_code, Some(0));
        assert!(described.output.contains("PartitionCount: 1"), "{}", described.output);
    }
}
