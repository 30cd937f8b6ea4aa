//! Lives here: the little bash: from a typed line to commands, their pipes and files, and the small commands of Unix.
//! Never here: Kafka. Its tools are found by name in the table of `tools`, and what a broker does is the engine's.

mod arithmetic;
pub mod ast;
mod builtins;
mod commands;
mod conditional;
mod expand;
pub mod fault_lines;
mod filters;
mod given;
mod glob;
mod grep;
pub mod help;
mod hint;
mod interpreter;
mod lexer;
pub mod parser;
mod printf;
mod redirects;
mod regex;
mod run;
mod sed;
mod seq;
mod shell_commands;
mod signals;
mod sort;
mod streams;
mod variables;
mod wrapper;

pub use hint::{Hint, hint};
pub use run::Shell;
