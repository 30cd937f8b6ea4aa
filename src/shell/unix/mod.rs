//! Lives here: the small commands of Unix that people put around Kafka's tools, and the texts and regular expressions that they take.
//! Never here: the language of bash, and the commands that are part of it.

mod builtins;
mod filters;
mod given;
mod grep;
pub mod printf;
pub mod regex;
mod sed;
mod seq;
mod sort;

pub use builtins::{Builtin, complain, find, span};

/// The lines of a text: what ends them is a line feed alone.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    let whole = text.strip_suffix('\n').unwrap_or(text);
    whole.split('\n').filter(move |_| !text.is_empty())
}
