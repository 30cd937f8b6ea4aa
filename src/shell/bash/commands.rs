//! Which command a name starts: one of Kafka's tools, one of bash's own, or a script.

use std::rc::Rc;

use super::ast::List;
use super::parser::{ParseError, parse};
use super::{help, wrapper};
use crate::shell::cli::options::Refusal;
use crate::shell::cli::process::Process;
use crate::shell::tools;
use crate::shell::unix;

/// Commands of Unix that are known to be missing, and what does their work.
pub const LACKING: &[(&str, &str)] = &[
    ("alias", "write the command out"),
    ("awk", "cut, grep, sed and read take a line apart"),
    ("cd", "there is one folder"),
    ("cp", "cat FILE > OTHER"),
    ("curl", "nothing here leaves the page"),
    ("jq", "grep and cut"),
    ("kcat", "kafka-console-consumer.sh and kafka-console-producer.sh"),
    ("kill", "^C ends a command"),
    ("less", "cat"),
    ("mapfile", "while read"),
    ("mkdir", "there is one folder"),
    ("more", "cat"),
    ("mv", "cat FILE > OTHER; rm FILE"),
    ("nano", "cat > FILE"),
    ("nohup", "open another terminal"),
    ("pwd", "there is one folder"),
    ("source", "there are no scripts in files"),
    ("sudo", "all is allowed"),
    ("trap", "^C ends a command"),
    ("vi", "cat > FILE"),
    ("vim", "cat > FILE"),
    ("watch", "while true; do …; sleep 2; done"),
];

/// What was found.
pub enum Found {
    Command(Process),
    /// `bash -c`
    Script {
        list: Rc<List>,
        parameters: Vec<String>,
    },
}

/// The command that these words start.
pub(super) fn find(words: &[String]) -> Found {
    let Some((first, arguments)) = words.split_first() else {
        return Found::Command(Process::failed(String::new(), 0));
    };
    if let Some(tool) = tools::start(first, arguments) {
        return Found::Command(tool);
    }
    let base = first.rsplit_once("bin/").map_or(first.as_str(), |(_, base)| base);
    let process = match base {
        "bash" | "sh" => return script(base, arguments),
        "timeout" => wrapper::timeout(arguments),
        "xargs" => wrapper::xargs(arguments),
        "help" => Process::new(Process::BUILTIN, help::help(arguments.first().map(String::as_str))),
        _ => match unix::find(base, arguments) {
            Some(builtin) => Process::new(Process::BUILTIN, builtin),
            None => Process::failed(unknown(first, base), 127),
        },
    };
    Found::Command(process)
}

/// Is there such a command? Those that run others ask before they do.
pub(super) fn is_known(word: &str) -> bool {
    let base = word.rsplit_once("bin/").map_or(word, |(_, base)| base);
    matches!(base, "bash" | "sh" | "timeout" | "xargs" | "help")
        || tools::start(word, &[]).is_some()
        || unix::find(base, &[]).is_some()
        || LACKING.iter().any(|(name, _)| *name == base)
}

fn unknown(word: &str, base: &str) -> String {
    match LACKING.iter().find(|(name, _)| *name == base) {
        Some((_, instead)) => format!("bash: {base} is not simulated: {instead}"),
        None if word.contains('/') => format!("bash: line 1: {word}: No such file or directory"),
        None => format!("bash: line 1: {word}: command not found"),
    }
}

/// `bash -c COMMANDS NAME WORDS`
fn script(name: &str, arguments: &[String]) -> Found {
    let [option, text, rest @ ..] = arguments else {
        return Found::Command(Process::failed(format!("{name}: only {name} -c COMMANDS is simulated"), 2));
    };
    if option != "-c" {
        return Found::Command(Process::failed(format!("{name}: only {name} -c COMMANDS is simulated"), 2));
    }
    let refused = |lines: Vec<String>, code| Found::Command(Process::refused(Refusal::lines::<String>(lines, code)));
    match parse(text) {
        Ok(parsed) if parsed.heres.is_empty() => {
            Found::Script { list: parsed.list, parameters: rest.iter().skip(1).cloned().collect() }
        }
        Ok(_) => refused(vec![format!("{name}: a here-document in its commands is not simulated")], 2),
        Err(ParseError::Syntax(lines, code)) => refused(lines, code),
        Err(ParseError::Lacking(why)) => refused(vec![format!("{name}: {why}")], 2),
    }
}
