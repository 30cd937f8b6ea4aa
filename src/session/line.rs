//! A line as a person types it into a terminal: what becomes of it, and what a script's line says of where it was typed.

use super::script::MAIN_TERMINAL;
use super::{Session, fault};

/// Commands for a story's services: they start no tool.
const SERVICE_VERBS: [&str; 4] = ["start-service", "stop-service", "kill-service", "tell-service"];

/// What becomes of a line that is typed into a terminal now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Typed {
    /// The script line to give.
    Give(String),
    /// The program that runs reads nothing: as in a real terminal, the line waits until it has ended.
    Waits,
    /// An empty line, or a comment.
    Nothing,
}

/// `^C` and `^D` stand for the keys.
pub fn typed(session: &Session, terminal: &str, line: &str) -> Typed {
    let (key, runs) = (line.trim(), session.runs(terminal));
    match key {
        "^C" | "^D" if runs => Typed::Give(format!("@{terminal} {key}")),
        "^C" | "^D" => Typed::Nothing,
        _ if session.reads(terminal) => Typed::Give(format!("@{terminal} > {line}")),
        _ if runs => Typed::Waits,
        _ => command(terminal, line),
    }
}

fn command(terminal: &str, line: &str) -> Typed {
    // As it is copied from a tutorial, with the prompt in front.
    let line = line.trim();
    let line = line.strip_prefix("$ ").unwrap_or(line).trim();
    if line.is_empty() || line.starts_with('#') {
        return Typed::Nothing;
    }
    if terminal != MAIN_TERMINAL {
        return Typed::Give(format!("@{terminal} $ {line}"));
    }
    // A `$ sleep 1` alone lets time jump; a command that sleeps takes its time as others do.
    let end = if line.starts_with("sleep ") && !line.contains(['|', ';', '&', '>']) { ";" } else { "" };
    Typed::Give(format!("$ {line}{end}"))
}

/// Joins lines that end in a backslash to the next one, as bash does. The last may be left open.
pub fn join_continued(lines: Vec<String>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let mut open = false;
    for line in lines {
        match joined.last_mut() {
            Some(last) if open => {
                last.pop();
                last.push_str(line.trim_start());
            }
            _ => joined.push(line),
        }
        open = joined.last().is_some_and(|last| is_continued(last));
    }
    joined
}

/// Does it end in a backslash that is not itself quoted by one?
pub fn is_continued(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// Text as it was pasted or typed, as lines; control characters that end or interrupt become `^D` and `^C`.
pub fn lines_of(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\u{3}', "\n^C\n").replace('\u{4}', "\n^D\n");
    text.split('\n').map(str::to_owned).collect()
}

/// The terminal that an input is for. Comments may stand above its first line.
pub fn terminal_of(text: &str) -> &str {
    let first = text.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
    first.strip_prefix('@').and_then(|rest| rest.split_whitespace().next()).unwrap_or(MAIN_TERMINAL)
}

/// The command that an input starts, as it was typed.
pub fn command_of(text: &str) -> Option<String> {
    let first = text.lines().find(|line| !line.starts_with('#'))?;
    let rest = match first.strip_prefix('@') {
        Some(rest) => rest.split_once(' ')?.1,
        None => first,
    };
    Some(rest.strip_prefix('$')?.trim().trim_end_matches(';').to_owned())
}

/// Is it a command for a service of the story?
pub fn is_service_command(command: &str) -> bool {
    SERVICE_VERBS.contains(&command.split_whitespace().next().unwrap_or_default())
}

/// Is it a command of the playground: for a service of the story, or for the cluster?
pub fn is_own(command: &str) -> bool {
    let verb = command.split_whitespace().next().unwrap_or_default();
    is_service_command(command) || fault::VERBS.contains(&verb)
}
