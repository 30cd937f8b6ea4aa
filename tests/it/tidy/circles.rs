//! Who imports whom, file by file and folder by folder: no circles.
//!
//! A file imports the file in which a name that it uses is defined, however the name came there. A `pub use` of something below
//! the own module is a facade and no import; a `pub(in …)` is none. A file belongs to the folder that it lies in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::tokens::{Token, tokens};
use super::{report, rust_sources};

/// Files of one circle; more are too many to be read as one.
const CIRCLE_MAX: usize = 12;

type Names = Vec<String>;

/// A file of the crate, read for its imports.
#[derive(Default)]
struct Module {
    file: PathBuf,
    /// The paths that it names, from the crate's root.
    named: Vec<Names>,
    /// What it passes on under a name: the path from the crate's root.
    passes_on: BTreeMap<String, Names>,
    /// What it passes on whole.
    passes_on_all: Vec<Names>,
    /// The items that it defines.
    defines: BTreeSet<String>,
}

struct Crate(BTreeMap<Names, Module>);

/// `src/a/mod.rs` → `a`; `None` for programs and the crate's root, which everything is below.
fn module_path(file: &Path) -> Option<Names> {
    let mut names: Names = file.with_extension("").iter().skip(1).map(|part| part.to_string_lossy().into_owned()).collect();
    if names.last().is_some_and(|last| last == "mod") {
        names.pop();
    }
    let is_program = names.first().is_some_and(|first| ["bin", "lib", "main"].contains(&first.as_str()));
    (!is_program).then_some(names)
}

impl Crate {
    fn of(sources: &[(PathBuf, String)]) -> Self {
        let modules = sources.iter().filter_map(|(file, _)| {
            let module = Module { file: file.clone(), ..Module::default() };
            Some((module_path(file)?, module))
        });
        let mut all = Self(modules.collect());
        for (file, text) in sources {
            if let Some(path) = module_path(file) {
                let read = all.read(&path, file, &tokens(text));
                all.0.insert(path, read);
            }
        }
        all
    }

    fn read(&self, path: &Names, file: &Path, tokens: &[Token]) -> Module {
        let mut module = Module { file: file.to_owned(), ..Module::default() };
        // Modules that the file names by their last name: those below it, and those that it imports.
        let mut known: BTreeMap<String, Names> = BTreeMap::new();
        for child in self.0.keys().filter(|child| child.len() == path.len() + 1 && child.starts_with(path)) {
            known.extend(child.last().map(|name| (name.clone(), child.clone())));
        }
        let (mut paths, mut at) = (Vec::new(), 0);
        while let Some(token) = tokens.get(at) {
            let public = at > 0 && (tokens[at - 1].is_name("pub") || tokens[at - 1].is(')'));
            if token.is_name("pub") && tokens.get(at + 1).is_some_and(|next| next.is('(')) {
                at += tokens[at..].iter().position(|token| token.is(')')).unwrap_or(0);
            } else if token.is_name("use") {
                let len = tokens[at..].iter().position(|token| token.is(';')).unwrap_or(1);
                for (name, used) in use_tree(&mut tokens[at + 1..at + len].iter().peekable(), &[]) {
                    let Some(used) = self.rooted(path, &known, &used) else { continue };
                    if public && name == "*" {
                        module.passes_on_all.push(used[..used.len() - 1].to_vec());
                    } else if public {
                        module.passes_on.insert(name.clone(), used.clone());
                    }
                    if !(public && used.starts_with(path)) {
                        module.named.push(used.clone());
                    }
                    if self.0.contains_key(&used) {
                        known.insert(name, used);
                    }
                }
                at += len;
            } else if let Some(name) = token.name() {
                let defined = at > 0 && tokens[at - 1].name().is_some_and(|before| DEFINES.contains(&before));
                if defined {
                    module.defines.insert(name.to_owned());
                }
                let mut names = vec![name.to_owned()];
                while let (Some(Token::Path), Some(Token::Name(next))) = (tokens.get(at + 1), tokens.get(at + 2)) {
                    names.push(next.clone());
                    at += 2;
                }
                paths.push(names);
            }
            at += 1;
        }
        module.named.extend(paths.iter().filter(|names| names.len() > 1).filter_map(|names| self.rooted(path, &known, names)));
        module
    }

    /// A path as it is written in a module, from the crate's root; `None` where it leads out of the crate or to a local name.
    fn rooted(&self, module: &[String], known: &BTreeMap<String, Names>, written: &[String]) -> Option<Names> {
        let (first, rest) = written.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([module, rest].concat()),
            "super" => {
                let ups = written.iter().take_while(|name| *name == "super").count();
                Some([&module[..module.len().checked_sub(ups)?], &written[ups..]].concat())
            }
            name => Some([known.get(name)?.as_slice(), rest].concat()),
        }
    }

    /// The file in which what a path names is defined; `None` for the crate's root.
    fn defined_in(&self, path: &[String], hops_left: usize) -> Option<&Names> {
        let len = (1..=path.len()).rev().find(|len| self.0.contains_key(&path[..*len]))?;
        let (name, module) = self.0.get_key_value(&path[..len])?;
        let (Some(item), true) = (path.get(len), hops_left > 0) else { return Some(name) };
        if let Some(to) = module.passes_on.get(item) {
            return self.defined_in(&[to, &path[len + 1..]].concat(), hops_left - 1);
        }
        let through = module.passes_on_all.iter().filter_map(|all| self.defined_in(all, hops_left - 1));
        let defining = through.into_iter().find(|through| self.0[*through].defines.contains(item));
        Some(defining.unwrap_or(name))
    }

    /// What each file imports.
    fn imports(&self) -> BTreeMap<&Path, BTreeSet<&Path>> {
        let of = |(own, module): (&Names, &'_ Module)| -> BTreeSet<&Path> {
            let found = module.named.iter().filter_map(|path| self.defined_in(path, HOPS_MAX)).filter(|found| *found != own);
            found.map(|found| self.0[found].file.as_path()).collect()
        };
        self.0.iter().map(|entry| (entry.1.file.as_path(), of(entry))).collect()
    }
}

const DEFINES: [&str; 8] = ["fn", "struct", "enum", "const", "static", "type", "trait", "mod"];

/// Facades that pass a name on to one another.
const HOPS_MAX: usize = 8;

/// The names that a `use` gives, each with its path: `a::{b, c as d}` → b: a::b, d: a::c.
fn use_tree<'t>(tokens: &mut std::iter::Peekable<impl Iterator<Item = &'t Token>>, before: &[String]) -> Vec<(String, Names)> {
    let (mut uses, mut path) = (Vec::new(), before.to_vec());
    let mut alias = None;
    let mut finish = |path: &mut Names, alias: &mut Option<String>| {
        if path.len() > before.len() {
            // `a::{self}` is `a`.
            path.pop_if(|last| last == "self" && !before.is_empty());
            uses.extend(path.last().cloned().map(|last| (alias.take().unwrap_or(last), path.clone())));
        }
        *path = before.to_vec();
    };
    let mut lists = Vec::new();
    while let Some(token) = tokens.next() {
        match token {
            Token::Name(word) if word == "as" => alias = tokens.next().and_then(Token::name).map(str::to_owned),
            Token::Name(name) => path.push(name.clone()),
            Token::Sign('*') => path.push("*".to_owned()),
            Token::Sign('{') => {
                lists.extend(use_tree(tokens, &path));
                path = before.to_vec();
            }
            Token::Sign(',') => finish(&mut path, &mut alias),
            Token::Sign('}') => break,
            _ => {}
        }
    }
    finish(&mut path, &mut alias);
    uses.extend(lists);
    uses
}

/// The circles: sets of things of which each can be reached from each other one.
fn circles<'n>(imports: &BTreeMap<&'n Path, BTreeSet<&'n Path>>) -> Vec<Vec<&'n Path>> {
    let reached = |from: &'n Path| -> BTreeSet<&'n Path> {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(at) = next.pop() {
            next.extend(imports.get(at).into_iter().flatten().copied().filter(|to| seen.insert(*to)));
        }
        seen
    };
    let reach: BTreeMap<&Path, BTreeSet<&Path>> = imports.keys().map(|from| (*from, reached(from))).collect();
    let mut circles: Vec<Vec<&Path>> = Vec::new();
    for (from, there) in reach.iter().filter(|(from, there)| there.contains(*from)) {
        if !circles.iter().any(|circle| circle.contains(from)) {
            circles.push(there.iter().copied().filter(|to| reach[to].contains(from)).collect());
        }
    }
    circles
}

/// What is wrong: circles of folders with the imports that make them, circles of too many files.
fn broken(sources: &[(PathBuf, String)]) -> Vec<String> {
    let all = Crate::of(sources);
    let imports = all.imports();
    let mut folders: BTreeMap<&Path, BTreeSet<&Path>> = BTreeMap::new();
    let folder = |file: &'_ Path| -> PathBuf { file.parent().unwrap_or(file).to_owned() };
    for (file, to) in &imports {
        let own = file.parent().unwrap_or(file);
        folders.entry(own).or_default().extend(to.iter().map(|to| to.parent().unwrap_or(to)).filter(|to| *to != own));
    }
    let mut broken = Vec::new();
    for circle in circles(&folders) {
        let inside = |from: &Path, to: &Path| from != to && circle.contains(&from) && circle.contains(&to);
        let edges = imports.iter().flat_map(|(from, to)| to.iter().map(move |to| (from, to)));
        let edges = edges.filter(|(from, to)| inside(&folder(from), &folder(to)));
        broken.extend(edges.map(|(from, to)| format!("{} imports {}", from.display(), to.display())));
    }
    for circle in circles(&imports).into_iter().filter(|circle| circle.len() > CIRCLE_MAX) {
        let names: Vec<String> = circle.iter().map(|file| file.display().to_string()).collect();
        broken.push(format!("a circle of {} files: {}", circle.len(), names.join(" ")));
    }
    broken
}

#[test]
fn no_folders_import_each_other() {
    report(
        &format!("Folders import each other in one direction only, and a circle of files has {CIRCLE_MAX} at most:"),
        broken(&rust_sources()),
    );
}

#[test]
fn the_circle_check_sees_what_it_should() {
    let seen = |files: &[(&str, &str)]| {
        let sources: Vec<(PathBuf, String)> = files.iter().map(|(path, text)| (path.into(), (*text).to_owned())).collect();
        broken(&sources)
    };
    let one_way = [("src/a/mod.rs", "pub mod x;"), ("src/a/x.rs", "use crate::b::y::{self, Y};"), ("src/b/mod.rs", "pub mod y;")];
    let back = |text: &'static str| [one_way.as_slice(), &[("src/b/y.rs", text)]].concat();
    assert_eq!(seen(&back("")), Vec::<String>::new());
    assert_eq!(seen(&back("use crate::a::x::X;")).len(), 2);
    assert_eq!(seen(&back("fn f() { crate::a::x::f() }")).len(), 2);
    assert_eq!(seen(&back("// crate::a::x::f()")).len(), 0);
    assert_eq!(seen(&back("pub(in crate::a) fn f() {}")).len(), 0);
    // By a facade: what it passes on is not its own, and to pass it on is no import.
    let facade = |text: &'static str| {
        [
            ("src/a/mod.rs", "pub use low::L; mod low; use high::H; pub fn own() {}"),
            ("src/a/low/mod.rs", ""),
            ("src/a/high/mod.rs", text),
        ]
    };
    assert_eq!(seen(&facade("use crate::a::L;")).len(), 0);
    assert_eq!(seen(&facade("use super::own;")).len(), 2);
    assert_eq!(seen(&facade("use super::*;")).len(), 2);
    // Many files of one folder.
    let names: Vec<(String, String)> =
        (0..=CIRCLE_MAX).map(|at| (format!("src/a/f{at}.rs"), format!("use super::f{};", (at + 1) % (CIRCLE_MAX + 1)))).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    assert_eq!(seen(&files).len(), 1);
    assert_eq!(seen(&files[1..]).len(), 0);
}
