//! Lives here: Kafka's command-line tools and the small part of bash around them, as programs. `bash` runs a line, `unix` has
//! its small commands, `tools` Kafka's tools, `cli` what the tools are made of; each imports only what is named after it.
//! Never here: the script format, the page, and what a broker does.

pub mod bash;
pub mod cli;
pub mod query;
pub mod tools;
pub mod unix;

use crate::engine::Program;
use bash::parser::{self, ParseError};
pub use bash::{Hint, Shell, hint};

/// A line that is no command at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShellError(pub String);

impl std::fmt::Display for ShellError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The program that a command line starts. Whatever is wrong with a command itself, the program prints, as the real one
/// does; only what the shell here does not know is an error.
pub fn start(command_line: &str) -> Result<Box<dyn Program>, ShellError> {
    if query::is_statement(command_line) {
        return Ok(Box::new(query::Query::new(command_line)));
    }
    match parser::parse(command_line) {
        Ok(parsed) if parsed.list.pipelines.is_empty() => Err(ShellError("there is no command in this line".to_owned())),
        Ok(parsed) => Ok(Box::new(Shell::new(parsed))),
        Err(ParseError::Syntax(lines, code)) => Ok(Box::new(Shell::refused(lines, code))),
        Err(ParseError::Lacking(why)) => Err(ShellError(why)),
    }
}
