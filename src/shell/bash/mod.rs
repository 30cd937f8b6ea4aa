//! Lives here: the little bash: from a typed line to commands, their pipes and files.
//! Never here: the commands of Unix, which are in `unix`, and Kafka. Its tools are found by name in the table of `tools`, and what a broker does is the engine's.

mod arithmetic;
pub mod ast;
mod commands;
mod conditional;
mod expand;
pub mod fault_lines;
mod glob;
pub mod help;
mod hint;
mod interpreter;
mod lexer;
pub mod parser;
mod redirects;
mod run;
mod shell_commands;
mod signals;
mod streams;
mod variables;
mod wrapper;

pub use hint::{Hint, hint};
pub use run::Shell;
