//! Lives here: the little bash: from a typed line to commands, their pipes and files, and the small commands of Unix.
//! Never here: Kafka. Its tools are found by name in the table of `tools`, and what a broker does is the engine's.

pub mod ast;
mod builtins;
mod commands;
pub mod fault_lines;
mod filters;
pub mod help;
mod hint;
pub mod lexer;
mod run;
mod wrapper;

pub use hint::{Hint, hint};
pub use run::Shell;
