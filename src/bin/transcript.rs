//! Runs session scripts and prints their transcripts, or checks stored ones against what the engine does now.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kafka_playground::scenario::CATALOG;
use kafka_playground::session::transcript::{diff, run, script_of};

const USAGE: &str = "usage: transcript run FILE.session\n       transcript check [--quiet] PATH...";

/// Transcripts that differ, with the reason; next to the transcripts.
const KNOWN_DIFFERENCES: &str = "known-differences.txt";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["run", file] => run_one(Path::new(file)),
        ["check", "--quiet", paths @ ..] if !paths.is_empty() => check(paths, true),
        ["check", paths @ ..] if !paths.is_empty() => check(paths, false),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn run_one(file: &Path) -> ExitCode {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{}: {error}", file.display());
            return ExitCode::from(2);
        }
    };
    // In a session every line counts; a transcript's outputs are left out.
    let script = if file.extension().is_some_and(|extension| extension == "session") { text } else { script_of(&text) };
    match run(&script, CATALOG) {
        Ok(transcript) => {
            print!("{transcript}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: {error}", file.display());
            ExitCode::FAILURE
        }
    }
}

/// The transcripts that the paths mean: files, or all in a folder.
fn transcripts(paths: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in paths.iter().map(Path::new) {
        if !path.is_dir() {
            found.push(path.to_path_buf());
            continue;
        }
        let Ok(entries) = std::fs::read_dir(path) else { continue };
        let mut inside: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        inside.retain(|path| path.extension().is_some_and(|ending| ending == "txt") && !path.ends_with(KNOWN_DIFFERENCES));
        inside.sort();
        found.append(&mut inside);
    }
    found
}

/// `NAME: reason`, one a line.
fn known_differences(folder: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(folder.join(KNOWN_DIFFERENCES)).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(':')).map(|(name, why)| (name.trim().to_owned(), why.trim().to_owned())).collect()
}

fn check(paths: &[&str], quiet: bool) -> ExitCode {
    let (mut passed, mut failed, mut known) = (0, 0, 0);
    for path in transcripts(paths) {
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let differences = known_differences(path.parent().unwrap_or(Path::new(".")));
        let difference = match std::fs::read_to_string(&path) {
            Err(error) => error.to_string(),
            Ok(stored) => match run(&script_of(&stored), CATALOG) {
                Err(error) => format!("{error}\n"),
                Ok(now) => diff(&stored, &now),
            },
        };
        match (difference.is_empty(), differences.get(&name)) {
            (true, None) => passed += 1,
            (true, Some(_)) => {
                println!("{name}: is listed in {KNOWN_DIFFERENCES} and yet agrees: take it out of the list");
                failed += 1;
            }
            (false, Some(why)) => {
                known += 1;
                if !quiet {
                    println!("{name}: differs as known: {why}");
                }
            }
            (false, None) => {
                println!("{name}: differs");
                if !quiet {
                    print!("{difference}");
                }
                failed += 1;
            }
        }
    }
    let known = if known == 0 { String::new() } else { format!(", {known} known differences") };
    println!("{passed} passed, {failed} failed{known}");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
