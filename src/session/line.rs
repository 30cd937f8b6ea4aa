//! A line as a person types it into a terminal: what becomes of it, and what a script's line says of where it was typed.

use super::script::MAIN_TERMINAL;
use super::{Session, fault};
use crate::shell::bash::parser::is_open;

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

/// Joins lines that end in a backslash to the next one, as bash does, and those of a loop or a condition. The last may be left
/// open.
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
        open = joined.last().is_some_and(|last| ends_in_backslash(last));
    }
    let mut whole = Vec::new();
    let mut rest = joined.as_slice();
    while let Some((line, after)) = rest.split_first() {
        let (text, count) = block(line, after).unwrap_or((line.clone(), 0));
        whole.push(text);
        rest = &after[count..];
    }
    whole
}

/// A loop or a condition that begins in a line, in one line, and how many more it takes; `None` if it does not end.
fn block(first: &str, after: &[String]) -> Option<(String, usize)> {
    let mut text = first.to_owned();
    if !is_open_block(&text) {
        return None;
    }
    for (at, line) in after.iter().enumerate() {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') {
            let last = text.split_whitespace().last().unwrap_or_default();
            let joins = matches!(last, "do" | "then" | "else" | "in" | "{" | "(" | "|" | "&&" | "||") || text.ends_with(';');
            text = format!("{}{}{line}", text.trim_end(), if joins { " " } else { "; " });
        }
        if !is_open(&text) {
            return Some((text, at + 1));
        }
    }
    None
}

/// Does it begin a loop or a condition that has not ended?
fn is_open_block(text: &str) -> bool {
    let text = text.trim_start().trim_start_matches("$ ");
    let first = text.split_whitespace().next().unwrap_or_default();
    matches!(first, "for" | "while" | "until" | "if" | "case" | "{" | "(") && is_open(text)
}

/// Is there more to come before a shell would do anything with what was typed?
pub fn is_continued(text: &str) -> bool {
    let joined = join_continued(lines_of(text));
    ends_in_backslash(text) || joined.first().is_some_and(|first| is_open_block(first))
}

/// Does it end in a backslash that is not itself quoted by one?
fn ends_in_backslash(line: &str) -> bool {
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
    is_service_command(command) || fault::is_line(command)
}
