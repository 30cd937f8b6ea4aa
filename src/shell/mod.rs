//! Lives here: Kafka's command-line tools.
//! Never here: the script format.

use crate::engine::Program;

/// A line that is no command at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShellError(pub String);

impl std::fmt::Display for ShellError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

pub fn start(command_line: &str) -> Result<Box<dyn Program>, ShellError> {
    Err(ShellError(format!("{command_line}: command not found")))
}
