//! Every stored transcript agrees with what the engine does now, but for those that are listed; and those do differ.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use kafka_playground::session::transcript::{diff, run, script_of};

#[test]
fn the_tools_print_what_a_real_kafka_prints() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let list = fs::read_to_string(folder.join("known-differences.txt")).expect("the list of known differences");
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let known: BTreeMap<&str, &str> = lines.filter_map(|line| line.split_once(": ")).collect();
    let mut report = String::new();
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("the transcripts").flatten() {
        let path = entry.path();
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name == "known-differences" || path.is_dir() {
            continue;
        }
        count += 1;
        let stored = fs::read_to_string(&path).expect("a transcript");
        let difference = run(&script_of(&stored), &[]).map_or_else(|error| error.to_string(), |now| diff(&stored, &now));
        match (difference.is_empty(), known.contains_key(name.as_str())) {
            (false, false) => report += &format!("{name} differs:\n{difference}\n"),
            (true, true) => report += &format!("{name} agrees: take it out of known-differences.txt\n"),
            _ => {}
        }
    }
    assert!(count >= 160, "only {count} transcripts");
    assert!(report.is_empty(), "{report}");
}
