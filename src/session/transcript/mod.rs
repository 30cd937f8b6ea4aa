//! Lives here: transcripts: a script with the outputs filled in, as they are recorded from a real Kafka; running one,
//! making its outputs comparable, and showing where two differ.
//! Never here: files (that is `bin/transcript.rs`).

mod diff;
mod normalise;
mod run;

pub use diff::diff;
pub use run::{TranscriptError, run};

/// The script in a transcript: its lines without the outputs.
pub fn script_of(transcript: &str) -> String {
    let lines = transcript.lines().filter(|line| is_script_line(line));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// No output looks like one of these.
fn is_script_line(line: &str) -> bool {
    let named = |line: &str| {
        let name_ends = line.find(' ');
        name_ends.is_some_and(|at| at > 1 && matches!(line[at + 1..].chars().next(), Some('$' | '>' | '?' | '^')))
    };
    match line.chars().next() {
        Some('$' | '#' | '!' | '>') => true,
        Some('^') => line.starts_with("^D"),
        Some('@') => named(line),
        _ => false,
    }
}
