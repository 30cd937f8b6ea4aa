//! The house's own rules, read off the source text: which room may import which, that a folder says what lives in it, that the
//! browser stays in its two rooms and sees the world through the view alone, and that no file grows past what a head holds or
//! names somebody's machine. `circles` holds who imports whom, `sheets` the page's classes, `map` what ARCHITECTURE.md says.

mod circles;
mod map;
mod sheets;
mod tokens;

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, lowest first: a room imports only those before it. `ui` and `js` stand side by side and are the browser's.
const ROOMS: [&str; 7] = ["base", "engine", "streams", "shell", "session", "scenario", "view"];
const BROWSER_ROOMS: [&str; 2] = ["ui", "js"];
/// Past this a file has to be split.
const FILE_LINES_MAX: usize = 600;
/// Folders of text that is ours.
const OURS: [&str; 7] = ["src", "tests", "www", "docs", "scripts", "benches", ".ci"];
const OURS_ENDINGS: [&str; 11] = ["rs", "mjs", "css", "html", "md", "toml", "txt", "json", "jsonl", "js", ""];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder`, sorted, without what tests write.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path);
        } else if !path.ends_with("tests/e2e/out") {
            files.extend(files_below(&path));
        }
    }
    files
}

fn rust_sources() -> Vec<(PathBuf, String)> {
    let mut sources = Vec::new();
    for path in files_below(&root().join("src")) {
        if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).expect("a source file is text");
            sources.push((path.strip_prefix(root()).expect("below the root").to_path_buf(), text));
        }
    }
    assert!(sources.len() > 20, "only {} source files: is this looking in the right place?", sources.len());
    sources
}

/// The room that a path such as `src/engine/world.rs` lies in; none for lib.rs, main.rs and bin/.
fn room_of(path: &Path) -> Option<&str> {
    let mut parts = path.iter().skip(1).filter_map(|part| part.to_str());
    let room = parts.next()?.trim_end_matches(".rs");
    (ROOMS.contains(&room) || BROWSER_ROOMS.contains(&room)).then_some(room)
}

/// Whether `room` may import `other`.
fn may_import(room: &str, other: &str) -> bool {
    if room == other {
        return true;
    }
    let height = |name: &str| ROOMS.iter().position(|known| *known == name).unwrap_or(ROOMS.len());
    match room {
        // The browser's rooms see plain structs and the session, never the engine behind them.
        "ui" => ["base", "session", "scenario", "view"].contains(&other),
        "js" => ["base", "session", "view"].contains(&other),
        _ => height(other) < height(room),
    }
}

/// The code of a line, without a comment at its end. A `//` inside a string only makes this look at less.
fn code_of(line: &str) -> &str {
    line.split("//").next().unwrap_or("")
}

/// The names right after each `crate::` in a line, also inside `use crate::{a::…, b::…}`.
fn rooms_named(text: &str) -> Vec<(usize, String)> {
    let code: String = text.lines().map(|line| code_of(line).to_string() + "\n").collect();
    let mut named = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let line = code[..at].lines().count().max(1);
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            named.extend(list_heads(list).into_iter().map(|head| (line, head)));
        } else {
            named.push((line, rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()));
        }
    }
    named
}

/// The first name of each entry of `a::b, c::{d, e}, f}`: what stands before the brace is closed, at depth one.
fn list_heads(list: &str) -> Vec<String> {
    let (mut heads, mut head, mut depth, mut open) = (Vec::new(), String::new(), 1, true);
    for letter in list.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => {
                heads.push(std::mem::take(&mut head));
                open = true;
            }
            ':' => open = false,
            _ if open && depth == 1 && (letter.is_alphanumeric() || letter == '_') => head.push(letter),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    heads.push(head);
    heads
}

fn forbidden_imports(path: &Path, text: &str) -> Vec<String> {
    let Some(room) = room_of(path) else { return Vec::new() };
    let known = |name: &str| ROOMS.contains(&name) || BROWSER_ROOMS.contains(&name);
    rooms_named(text)
        .into_iter()
        .filter(|(_, name)| known(name) && !may_import(room, name))
        .map(|(line, name)| format!("{}:{line}: `{room}` may not import `{name}`", path.display()))
        .collect()
}

fn report(rule: &str, broken: Vec<String>) {
    assert!(broken.is_empty(), "{rule}\n  {}", broken.join("\n  "));
}

#[test]
fn a_room_imports_only_rooms_before_it() {
    let broken = rust_sources().iter().flat_map(|(path, text)| forbidden_imports(path, text)).collect();
    report("ARCHITECTURE.md lists the rooms; a room may import those above it in that list only:", broken);
}

#[test]
fn the_import_check_sees_what_it_should() {
    let seen = |path: &str, text: &str| forbidden_imports(Path::new(path), text).len();
    assert_eq!(seen("src/engine/a.rs", "use crate::base::Offset;\nuse crate::engine::World;"), 0);
    assert_eq!(seen("src/base/a.rs", "use crate::engine::World;"), 1);
    assert_eq!(seen("src/engine/a.rs", "use crate::{base::X, shell::{Lexer, base}, view};"), 2);
    assert_eq!(seen("src/shell/a.rs", "fn f() { crate::session::run(); } // crate::view"), 1);
    assert_eq!(seen("src/ui/a.rs", "use crate::{view::Rows, js::Playground};"), 1);
    assert_eq!(seen("src/ui/a.rs", "use crate::engine::World;"), 1);
    assert_eq!(seen("src/main.rs", "use crate::ui::Page;"), 0);
}

#[test]
fn every_source_folder_belongs_to_a_room() {
    let mut broken = Vec::new();
    for entry in fs::read_dir(root().join("src")).expect("src is there").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let known = ROOMS.contains(&name.as_str()) || BROWSER_ROOMS.contains(&name.as_str()) || name == "bin";
        if entry.path().is_dir() && !known {
            broken.push(format!("src/{name} is no room of ARCHITECTURE.md"));
        }
    }
    report("A new room needs a place in ARCHITECTURE.md and in this test's list:", broken);
}

#[test]
fn every_folder_says_what_lives_there_and_what_never_does() {
    let mut broken = Vec::new();
    for (path, text) in rust_sources().iter().filter(|(path, _)| path.ends_with("mod.rs")) {
        let opening: Vec<&str> = text.lines().take_while(|line| line.starts_with("//!")).collect();
        let says_lives = opening.first().is_some_and(|line| line.starts_with("//! Lives here:"));
        let says_never = opening.iter().any(|line| line.starts_with("//! Never here:"));
        if !(says_lives && says_never) {
            broken.push(path.display().to_string());
        }
    }
    report("A mod.rs opens with `//! Lives here: …`, then `//! Never here: …`:", broken);
}

#[test]
fn the_browser_stays_in_its_rooms() {
    let library = fs::read_to_string(root().join("src/lib.rs")).expect("lib.rs is text");
    let mut broken = Vec::new();
    let mut line_before = "";
    for line in library.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let browser = BROWSER_ROOMS.iter().any(|room| line.ends_with(&format!("mod {room};")));
        if browser && line_before != "#[cfg(target_arch = \"wasm32\")]" {
            broken.push(format!("src/lib.rs: `{line}` needs #[cfg(target_arch = \"wasm32\")] on the line before"));
        }
        line_before = line;
    }
    for (path, text) in rust_sources() {
        if room_of(&path).is_some_and(|room| ROOMS.contains(&room)) {
            for (at, line) in text.lines().enumerate() {
                if ["yew::", "web_sys", "js_sys", "wasm_bindgen"].iter().any(|name| code_of(line).contains(name)) {
                    broken.push(format!("{}:{}: {}", path.display(), at + 1, line.trim()));
                }
            }
        }
    }
    report("yew, web-sys and their like live in `ui` and `js` alone, and only for wasm32:", broken);
}

/// Does a line reach for the simulation past the view's door?
fn reaches_past_the_view(line: &str) -> bool {
    names_the_world(line) || code_of(line).contains(".world()") || code_of(line).contains("engine::")
}

#[test]
fn the_page_sees_the_world_through_the_door_alone() {
    let mut broken = Vec::new();
    for (path, text) in rust_sources() {
        if room_of(&path).is_some_and(|room| BROWSER_ROOMS.contains(&room)) {
            let lines = text.lines().enumerate().filter(|(_, line)| reaches_past_the_view(line));
            broken.extend(lines.map(|(at, line)| format!("{}:{}: {}", path.display(), at + 1, line.trim())));
        }
    }
    report("`ui` and `js` ask `view::View`, and never hold a `World`:", broken);
    assert!(reaches_past_the_view("    let world: &World = session.world();"));
    assert!(reaches_past_the_view("rows(session.world(), 0)") && reaches_past_the_view("use crate::engine::log;"));
    assert!(!reaches_past_the_view("{ \"on copies of this world\" } // World"));
}

#[test]
fn no_file_outgrows_a_head() {
    let mut broken = Vec::new();
    for (path, text) in rust_sources() {
        let lines = text.lines().count();
        if lines > FILE_LINES_MAX {
            broken.push(format!("{}: {lines} lines", path.display()));
        }
    }
    report(&format!("Over {FILE_LINES_MAX} lines a file has to be split:"), broken);
}

#[test]
fn no_file_names_a_machine() {
    // Put together here, so that this file does not name what it forbids.
    let forbidden: Vec<String> =
        [["/ho", "me/"], ["/ro", "ot/"], ["/Us", "ers/"], ["/wo", "rk/"], ["C:", "\\Users"]].map(|parts| parts.concat()).to_vec();
    let mut files: Vec<PathBuf> = OURS.iter().flat_map(|folder| files_below(&root().join(folder))).collect();
    files
        .extend(fs::read_dir(root()).expect("the root is there").flatten().map(|entry| entry.path()).filter(|path| path.is_file()));
    let mut broken = Vec::new();
    for path in files {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
        let ours = OURS_ENDINGS.contains(&ending) && !path.ends_with(".git");
        // A file that is no text has no paths to tell.
        let Some(text) = ours.then(|| fs::read_to_string(&path).ok()).flatten() else { continue };
        for (at, line) in text.lines().enumerate() {
            if let Some(found) = forbidden.iter().find(|found| line.contains(found.as_str())) {
                let shown = path.strip_prefix(root()).unwrap_or(&path).display();
                broken.push(format!("{shown}:{}: names {found}", at + 1));
            }
        }
    }
    report("A file must mean the same on every machine:", broken);
}

#[test]
fn the_lock_files_name_no_private_host() {
    let cargo = fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock is committed");
    let mut broken: Vec<String> = cargo
        .lines()
        .filter(|line| {
            line.starts_with("source = ") && *line != "source = \"registry+https://github.com/rust-lang/crates.io-index\""
        })
        .map(|line| format!("Cargo.lock: {line}"))
        .collect();
    let npm = fs::read_to_string(root().join("package-lock.json")).expect("package-lock.json is committed");
    broken
        .extend(npm.lines().filter(|line| line.contains("\"resolved\"")).map(|line| format!("package-lock.json: {}", line.trim())));
    report("Lock files hold versions and checksums, not where a mirror keeps them:", broken);
}

/// Where requests are handled: what a node does must follow from what that node can know.
const HANDLERS: [&str; 11] = [
    "src/engine/broker",
    "src/engine/controller",
    "src/engine/coordinator",
    "src/engine/group",
    "src/engine/group_coordinator",
    "src/engine/node",
    "src/engine/partition",
    "src/engine/server",
    "src/engine/share",
    "src/engine/share_coordinator",
    "src/engine/share_partition",
];

fn names_the_world(text: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.lines().any(|line| code_of(line).split(|letter| !is_word(letter)).any(|word| word == "World"))
}

#[test]
fn handlers_know_no_world() {
    assert!(names_the_world("fn f(world: &World) {}") && !names_the_world("WorldHasher // World"));
    let handlers = |path: &Path| HANDLERS.iter().any(|folder| path.starts_with(folder));
    let broken = rust_sources().into_iter().filter(|(path, text)| handlers(path) && names_the_world(text));
    report(
        "A handler gets a NodeContext, and asks other nodes by requests:",
        broken.map(|(path, _)| path.display().to_string()).collect(),
    );
}
