//! Lives here: Kafka's command-line tools and the small part of bash around them, as programs.
//! Never here: the script format, the page, and what a broker does.

pub mod api_versions;
pub mod argparse;
pub mod ast;
pub mod bootstrap;
pub mod cluster;
pub mod configs;
pub mod consumer;
pub mod consumer_options;
pub mod consumer_perf;
mod coordinator_records;
pub mod delete_records;
mod describe_topics;
pub mod dialogue;
pub mod fault_lines;
pub mod features;
pub mod figures;
pub mod filter;
pub mod filters;
pub mod formatter;
pub mod get_offsets;
pub mod groups;
pub mod help;
mod hint;
pub mod io;
pub mod java;
pub mod json;
pub mod kafka_groups;
pub mod leader_election;
pub mod lexer;
pub mod log_dirs;
pub mod options;
pub mod other_configs;
pub mod producer;
pub mod producer_perf;
pub mod properties;
pub mod quorum;
pub mod reader;
pub mod reassign;
mod run;
pub mod share_consumer;
pub mod share_groups;
pub mod time;
pub mod tools;
pub mod topic_configs;
pub mod topics;
pub mod verifiable;
pub mod words;
pub mod wrapper;

use crate::engine::Program;
pub use hint::{Hint, hint};
pub use run::Shell;

/// A line that is no command at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShellError(pub String);

impl std::fmt::Display for ShellError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The program that a command line starts. Whatever is wrong with a command itself, the program prints, as the real one
/// does; only what bash itself would not take is an error here.
pub fn start(command_line: &str) -> Result<Box<dyn Program>, ShellError> {
    let list = ast::parse(command_line).map_err(ShellError)?;
    if list.pipelines.is_empty() {
        return Err(ShellError("there is no command in this line".to_owned()));
    }
    Ok(Box::new(Shell::new(list)))
}
