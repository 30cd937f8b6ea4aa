//! ARCHITECTURE.md is a map: what it names is there, and what is there is on it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{BROWSER_ROOMS, ROOMS, report, root};

/// The rooms and parts that a map names, as paths below `src/`: `engine/world`.
///
/// In the tables the first column names them, below the room that the line before the table is about (`Inside the engine`) or
/// with the room's own name (`session/{act,fault}`); in the text a path does, `` `view::stage` ``, up to what it has inside.
fn named(map: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let mut inside = "";
    for line in map.lines() {
        if let Some(rest) = line.strip_prefix("Inside the ") {
            inside = rest.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or("");
        } else if line.starts_with('#') {
            inside = "";
        }
        let (cell, text) = match line.strip_prefix("| ") {
            Some(row) => row.split_once('|').unwrap_or((row, "")),
            None => ("", line),
        };
        for name in in_ticks(cell).into_iter().flat_map(spread) {
            let name = name.trim_start_matches("src/").trim_end_matches('/');
            let known = name.split('/').next().is_some_and(is_room);
            if known {
                named.insert(name.to_owned());
            } else if is_room(inside) {
                named.insert(format!("{inside}/{name}"));
            }
        }
        for name in in_ticks(text).into_iter().flat_map(spread) {
            let path = name.replace("::", "/");
            let parts: Vec<&str> = path.split('/').collect();
            let is_path = parts.len() > 1 && is_room(parts[0]);
            let lower = parts.iter().take_while(|part| part.chars().all(|letter| letter.is_lowercase() || letter == '_'));
            let part: Vec<&str> = lower.copied().collect();
            if is_path && part.len() > 1 {
                named.insert(part.join("/"));
            }
        }
    }
    named
}

fn is_room(name: &str) -> bool {
    ROOMS.contains(&name) || BROWSER_ROOMS.contains(&name)
}

/// What stands between a line's backticks.
fn in_ticks(line: &str) -> Vec<&str> {
    line.split('`').skip(1).step_by(2).collect()
}

/// `a/{b,c}` → `a/b`, `a/c`.
fn spread(name: &str) -> Vec<String> {
    match name.split_once('{').and_then(|(start, rest)| Some((start, rest.strip_suffix('}')?))) {
        Some((start, list)) => list.split(',').map(|part| format!("{start}{}", part.trim())).collect(),
        None => vec![name.to_owned()],
    }
}

/// Each part of a room, as a path below `src/`: the files and folders that lie in it.
fn parts_of(room: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(room).expect("a room is a folder").flatten();
    let parts = entries.map(|entry| entry.path().with_extension("")).filter(|path| !path.ends_with("mod"));
    parts.filter_map(|path| Some(path.strip_prefix(root().join("src")).ok()?.to_string_lossy().into_owned())).collect()
}

#[test]
fn the_map_shows_what_is_there() {
    let named = named(&fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the map is text"));
    let there = |name: &String| root().join("src").join(name).is_dir() || root().join("src").join(format!("{name}.rs")).is_file();
    // A room that is not built yet is on the map before it is there.
    let missing = named.iter().filter(|name| name.contains('/') && !there(name));
    let mut broken: Vec<String> = missing.map(|name| format!("ARCHITECTURE.md names src/{name}, which is not there")).collect();
    for room in ROOMS.iter().chain(&BROWSER_ROOMS).filter(|room| root().join("src").join(room).is_dir()) {
        let mut all = parts_of(&root().join("src").join(room));
        all.insert((*room).to_owned());
        let unnamed = all.into_iter().filter(|part| !named.contains(part));
        broken.extend(unnamed.map(|part| format!("src/{part} is not on the map")));
    }
    report("ARCHITECTURE.md names each room and each part that lies in one, and nothing else:", broken);
}

#[test]
fn the_map_check_sees_what_it_should() {
    let map = "| `src/view/` | what `shell/bash/x` has |\n\nInside the engine:\n\n| `world` | `broker` |\n| `broker/`, `wire/` | |\n\n\
               Inside the others:\n\n| `ui/{a,b}` | |\n\n## Text\n\n`view::stage::plan`, `view::View`, `step()`, `ui/x` and `row`.";
    let named = named(map);
    let expected =
        ["engine/broker", "engine/wire", "engine/world", "shell/bash/x", "ui/a", "ui/b", "ui/x", "view", "view/stage/plan"];
    assert!(named.iter().eq(&expected), "{named:?}");
    assert!(parts_of(&root().join("src/base")).contains("base/ids") && !parts_of(&root().join("src/base")).contains("base/mod"));
}
