//! Which command a name starts: one of Kafka's tools, or one of bash's own.

use super::{builtins, wrapper};
use crate::shell::cli::process::Process;
use crate::shell::tools;

/// Commands in commands, at most.
const DEPTH_MAX: usize = 8;

/// The command that these words start.
pub(super) fn find(words: &[String]) -> Process {
    let Some((first, arguments)) = words.split_first() else {
        return Process::failed(String::new(), 0);
    };
    if let Some(tool) = tools::start(first, arguments) {
        return tool;
    }
    let base = first.rsplit_once("bin/").map_or(first.as_str(), |(_, base)| base);
    // Else a line could nest commands without end.
    if words.iter().filter(|word| matches!(word.as_str(), "timeout" | "xargs")).count() > DEPTH_MAX {
        return Process::failed(format!("{base}: more than {DEPTH_MAX} commands in each other"), 1);
    }
    let wrapped = match base {
        "timeout" => Some(wrapper::timeout(arguments)),
        "xargs" => Some(wrapper::xargs(arguments)),
        _ => None,
    };
    if let Some(wrapped) = wrapped {
        return wrapped.map_or_else(|why| Process::failed(why, 1), |wrapper| Process::new(Process::WRAPPER, wrapper));
    }
    match builtins::find(base, arguments) {
        Some(builtin) => Process::new(Process::BUILTIN, builtin),
        None if first.contains('/') => Process::failed(format!("bash: line 1: {first}: No such file or directory"), 127),
        None => Process::failed(format!("bash: line 1: {first}: command not found"), 127),
    }
}
