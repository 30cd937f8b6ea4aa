//! Commands that turn lines into lines: head, grep, sort, uniq, tr, cut and their like, from standard input or from files.

use std::rc::Rc;

use crate::base::{Pattern, put_in_order};
use crate::engine::program::Event;
use crate::shell::cli::io::Io;
use crate::shell::cli::process::Command;

/// One of these commands as it runs.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Filter {
    name: &'static str,
    /// Read instead of standard input.
    files: Vec<String>,
    kind: Kind,
    code: i32,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Kind {
    Head { left: u64 },
    Tail { count: u32, lines: Vec<Rc<str>> },
    Grep(Grep),
    Count { what: Vec<char>, lines: u64, words: u64, bytes: u64 },
    Sort { flags: Vec<char>, lines: Vec<Rc<str>> },
    Uniq { flags: Vec<char>, last: Option<Rc<str>>, count: u64 },
    Translate { from: Vec<char>, to: Vec<char>, delete: bool, squeeze: bool },
    Cut { delimiter: char, by_field: bool, ranges: Vec<(u32, u32)> },
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Grep {
    flags: Vec<char>,
    pattern: Pattern,
    found: u64,
    line: u64,
}

/// Flags, options with a value, and the other words.
#[derive(Default)]
struct Given {
    flags: Vec<char>,
    values: Vec<(char, String)>,
    rest: Vec<String>,
}

/// Reads single-letter options: `-n 3`, `-n3`, `-rn`; `-3` counts as `-n 3` where `n` takes a value.
fn split(arguments: &[String], with_value: &str) -> Result<Given, String> {
    let mut given = Given::default();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            given.rest.push(word.clone());
            continue;
        };
        if with_value.contains('n') && letters.bytes().all(|byte| byte.is_ascii_digit()) {
            given.values.push(('n', letters.to_owned()));
            continue;
        }
        for (at, letter) in letters.char_indices() {
            if !with_value.contains(letter) {
                given.flags.push(letter);
                continue;
            }
            let attached = &letters[at + letter.len_utf8()..];
            let value = if attached.is_empty() { words.next().cloned() } else { Some(attached.to_owned()) };
            given.values.push((letter, value.ok_or_else(|| format!("option requires an argument -- '{letter}'"))?));
            break;
        }
    }
    Ok(given)
}

impl Given {
    fn value(&self, option: char) -> Option<&str> {
        self.values.iter().find(|(letter, _)| *letter == option).map(|(_, value)| value.as_str())
    }

    fn number(&self) -> Result<u64, String> {
        self.value('n').map_or(Ok(10), |text| text.parse().map_err(|_| format!("invalid number of lines: '{text}'")))
    }

    /// Refuses what the command knows in Unix and not here.
    fn only(&self, known: &str) -> Result<(), String> {
        match self.flags.iter().find(|flag| !known.contains(**flag)) {
            Some(flag) => Err(format!("-{flag} is not simulated")),
            None => Ok(()),
        }
    }
}

/// Reads a command's words: what it does, and the files that it reads.
type Reader = fn(&[String]) -> Result<(Kind, Vec<String>), String>;

/// Starts the command `name`, or says why its options are wrong; `None` if the name is unknown.
pub fn find(name: &str, arguments: &[String]) -> Option<Result<Filter, String>> {
    let (name, make): (_, Reader) = match name {
        "head" => ("head", |words| {
            let given = split(words, "n")?;
            given.only("q")?;
            Ok((Kind::Head { left: given.number()? }, given.rest))
        }),
        "tail" => ("tail", |words| {
            let given = split(words, "n")?;
            given.only("q")?;
            Ok((Kind::Tail { count: u32::try_from(given.number()?).unwrap_or(u32::MAX), lines: Vec::new() }, given.rest))
        }),
        "grep" => ("grep", grep),
        "wc" => ("wc", |words| {
            let given = split(words, "")?;
            given.only("lwc")?;
            let what = if given.flags.is_empty() { vec!['l', 'w', 'c'] } else { given.flags };
            Ok((Kind::Count { what, lines: 0, words: 0, bytes: 0 }, given.rest))
        }),
        "sort" => ("sort", |words| {
            let given = split(words, "")?;
            given.only("rnu")?;
            Ok((Kind::Sort { flags: given.flags, lines: Vec::new() }, given.rest))
        }),
        "uniq" => ("uniq", |words| {
            let given = split(words, "")?;
            given.only("cdu")?;
            Ok((Kind::Uniq { flags: given.flags, last: None, count: 0 }, given.rest))
        }),
        "tr" => ("tr", translate),
        "cut" => ("cut", cut),
        _ => return None,
    };
    let made = make(arguments).map_err(|why| format!("{name}: {why}"));
    Some(made.map(|(kind, files)| Filter { name, files, kind, code: 0 }))
}

fn grep(words: &[String]) -> Result<(Kind, Vec<String>), String> {
    let mut given = split(words, "e")?;
    given.only("vicnEFqo")?;
    if given.flags.contains(&'o') {
        return Err("-o is not simulated".to_owned());
    }
    let pattern = match given.value('e') {
        Some(pattern) => pattern.to_owned(),
        None if given.rest.is_empty() => return Err("a pattern is missing: grep PATTERN".to_owned()),
        None => given.rest.remove(0),
    };
    let has = |flag: char| given.flags.contains(&flag);
    let pattern = if has('i') { pattern.to_ascii_lowercase() } else { pattern };
    let pattern =
        Pattern::new(&expression(&pattern, has('E'), has('F'))).ok_or_else(|| format!("Invalid expression: {pattern}"))?;
    Ok((Kind::Grep(Grep { flags: given.flags, pattern, found: 0, line: 0 }), given.rest))
}

/// As a pattern for the whole line. Plain expressions take the characters for groups and counts as they are.
fn expression(text: &str, extended: bool, fixed: bool) -> String {
    let (mut inner, mut before, mut after) = (text, ".*", ".*");
    if !fixed {
        (inner, before) = inner.strip_prefix('^').map_or((inner, before), |rest| (rest, ""));
        (inner, after) = inner.strip_suffix('$').map_or((inner, after), |rest| (rest, ""));
    }
    let literal = match (extended, fixed) {
        (_, true) => r"\.[]*+?(){}|^$",
        (true, _) => "",
        _ => "+?(){}|",
    };
    let mut out = String::new();
    for char in inner.chars() {
        if literal.contains(char) {
            out.push('\\');
        }
        out.push(char);
    }
    format!("{before}({out}){after}")
}

fn translate(words: &[String]) -> Result<(Kind, Vec<String>), String> {
    let given = split(words, "")?;
    given.only("ds")?;
    let delete = given.flags.contains(&'d');
    match given.rest.as_slice() {
        [from] if delete => Ok((Kind::Translate { from: set(from), to: Vec::new(), delete, squeeze: false }, Vec::new())),
        [from] if given.flags.contains(&'s') => {
            Ok((Kind::Translate { from: set(from), to: set(from), delete, squeeze: true }, Vec::new()))
        }
        [from, to] if !delete => {
            let squeeze = given.flags.contains(&'s');
            Ok((Kind::Translate { from: set(from), to: set(to), delete, squeeze }, Vec::new()))
        }
        _ => Err("two sets of characters are needed, or -d and one: tr a-z A-Z".to_owned()),
    }
}

/// `a-z`, `\n`, `[:upper:]`: the characters that a set of `tr` means.
fn set(text: &str) -> Vec<char> {
    let named =
        [("[:lower:]", "a-z"), ("[:upper:]", "A-Z"), ("[:digit:]", "0-9"), ("[:space:]", " \t\n\r"), ("[:alpha:]", "A-Za-z")];
    let text = named.iter().fold(text.to_owned(), |text, (name, range)| text.replace(name, range));
    let chars: Vec<char> = crate::shell::bash::builtins::unescape(&text).chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = chars.get(at).copied() {
        match (chars.get(at + 1), chars.get(at + 2).copied()) {
            (Some('-'), Some(last)) if first <= last && u32::from(last) - u32::from(first) < 0x1000 => {
                found.extend(first..=last);
                at += 3;
            }
            _ => {
                found.push(first);
                at += 1;
            }
        }
    }
    found
}

fn cut(words: &[String]) -> Result<(Kind, Vec<String>), String> {
    let given = split(words, "dfcb")?;
    given.only("")?;
    let by_field = given.value('f').is_some();
    let list = given.value('f').or(given.value('c')).or(given.value('b'));
    let Some(list) = list else {
        return Err("you must specify a list of bytes, characters, or fields".to_owned());
    };
    let mut ranges = Vec::new();
    for part in list.split(',') {
        let (from, to) = part.split_once('-').map_or((part, part), |(from, to)| (from, to));
        let number = |text: &str, default| if text.is_empty() { Ok(default) } else { text.parse::<u32>() };
        match (number(from, 1), number(to, u32::MAX)) {
            (Ok(from), Ok(to)) if from > 0 && from <= to => ranges.push((from, to)),
            _ => return Err(format!("invalid list: '{list}'")),
        }
    }
    let mut delimiter = given.value('d').unwrap_or("\t").chars();
    let (Some(delimiter), None) = (delimiter.next(), delimiter.next()) else {
        return Err("the delimiter must be a single character".to_owned());
    };
    Ok((Kind::Cut { delimiter, by_field, ranges }, given.rest))
}

impl Command for Filter {
    fn reads_input(&self) -> bool {
        self.files.is_empty()
    }

    fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match event {
            Event::Started if !self.files.is_empty() => self.read_files(io),
            Event::Started if matches!(self.kind, Kind::Head { left: 0 }) => io.exit(0),
            Event::Line(line) if self.files.is_empty() => {
                if self.line(io, line) {
                    io.exit(0);
                }
            }
            Event::EndOfInput if self.files.is_empty() => self.end(io),
            Event::Interrupt => io.exit(130),
            _ => {}
        }
    }
}

impl Filter {
    fn read_files(&mut self, io: &mut Io<'_, '_>) {
        for file in self.files.clone() {
            let Some(text) = io.context.read_file(&file) else {
                let missing = match self.name {
                    "head" | "tail" => format!("cannot open '{file}' for reading"),
                    "sort" => format!("cannot read: {file}"),
                    _ => file,
                };
                io.error(format!("{}: {missing}: No such file or directory", self.name));
                self.code = if matches!(self.name, "grep" | "sort") { 2 } else { 1 };
                continue;
            };
            for line in text.lines() {
                if self.line(io, line.into()) {
                    break;
                }
            }
        }
        self.end(io);
    }

    /// Takes a line; true when no more are wanted.
    fn line(&mut self, io: &mut Io<'_, '_>, line: Rc<str>) -> bool {
        match &mut self.kind {
            Kind::Head { left } => {
                if *left > 0 {
                    io.print(&*line);
                }
                *left = left.saturating_sub(1);
                return *left == 0;
            }
            Kind::Tail { count, lines } => {
                lines.push(line);
                if lines.len() > *count as usize {
                    lines.remove(0);
                }
            }
            Kind::Grep(grep) => return grep.line(io, &line),
            Kind::Count { lines, words, bytes, .. } => {
                *lines += 1;
                *words += line.split_whitespace().count() as u64;
                *bytes += line.len() as u64 + 1;
            }
            Kind::Sort { lines, .. } => lines.push(line),
            Kind::Uniq { flags, last, count } => {
                if last.as_ref() == Some(&line) {
                    *count += 1;
                } else {
                    tell_unique(io, flags, last.replace(line), *count);
                    *count = 1;
                }
            }
            Kind::Translate { .. } => self.translate(io, &line),
            Kind::Cut { delimiter, by_field, ranges } => {
                let wanted =
                    |at: usize| ranges.iter().any(|(from, to)| u32::try_from(at + 1).is_ok_and(|at| (*from..=*to).contains(&at)));
                if !*by_field {
                    let kept = line.chars().enumerate().filter(|(at, _)| wanted(*at));
                    io.print(kept.map(|(_, char)| char).collect::<String>());
                } else if line.contains(*delimiter) {
                    let kept = line.split(*delimiter).enumerate().filter(|(at, _)| wanted(*at));
                    io.print(kept.map(|(_, field)| field).collect::<Vec<_>>().join(&delimiter.to_string()));
                } else {
                    // A line without the delimiter is given whole.
                    io.print(&*line);
                }
            }
        }
        false
    }

    fn translate(&mut self, io: &mut Io<'_, '_>, line: &str) {
        let Kind::Translate { from, to, delete, squeeze } = &self.kind else { return };
        let mut out = String::new();
        for char in line.chars().chain(['\n']) {
            let new = match from.iter().rposition(|known| *known == char) {
                None => char,
                Some(_) if *delete => continue,
                // The second set goes on with its last character.
                Some(at) => to.get(at).or(to.last()).copied().unwrap_or(char),
            };
            if !(*squeeze && to.contains(&new) && out.ends_with(new)) {
                out.push(new);
            }
        }
        io.write(&out);
    }

    fn end(&mut self, io: &mut Io<'_, '_>) {
        let mut code = self.code;
        match &mut self.kind {
            Kind::Tail { lines, .. } => std::mem::take(lines).iter().for_each(|line| io.print(&**line)),
            Kind::Grep(grep) => {
                if grep.flags.contains(&'c') {
                    io.print(grep.found.to_string());
                }
                code = code.max(i32::from(grep.found == 0));
            }
            Kind::Count { what, lines, words, bytes } => {
                let number = |kind: &char| match kind {
                    'l' => *lines,
                    'w' => *words,
                    _ => *bytes,
                };
                let mut text: Vec<String> = what.iter().map(|kind| number(kind).to_string()).collect();
                if what.len() > 1 {
                    text.iter_mut().for_each(|number| *number = format!("{number:>7}"));
                }
                text.extend(self.files.first().cloned());
                io.print(text.join(" "));
            }
            Kind::Sort { flags, lines } => {
                sort(flags, lines);
                std::mem::take(lines).iter().for_each(|line| io.print(&**line));
            }
            Kind::Uniq { flags, last, count } => tell_unique(io, flags, last.take(), *count),
            _ => {}
        }
        io.exit(code);
    }
}

impl Grep {
    fn line(&mut self, io: &mut Io<'_, '_>, line: &str) -> bool {
        let has = |flag: char| self.flags.contains(&flag);
        self.line += 1;
        let fits = if has('i') { self.pattern.matches(&line.to_ascii_lowercase()) } else { self.pattern.matches(line) };
        if fits == has('v') {
            return false;
        }
        self.found += 1;
        match (has('q'), has('c'), has('n')) {
            (true, ..) => return true,
            (_, true, _) => {}
            (_, _, true) => io.print(format!("{}:{line}", self.line)),
            _ => io.print(line),
        }
        false
    }
}

fn tell_unique(io: &mut Io<'_, '_>, flags: &[char], line: Option<Rc<str>>, count: u64) {
    let Some(line) = line else { return };
    if flags.contains(&'d') && count < 2 || flags.contains(&'u') && count > 1 {
        return;
    }
    io.print(if flags.contains(&'c') { format!("{count:>7} {line}") } else { line.to_string() });
}

fn sort(flags: &[char], lines: &mut Vec<Rc<str>>) {
    put_in_order(lines, &|one, other| one < other);
    if flags.contains(&'n') {
        let number = |line: &Rc<str>| {
            let text = line.trim_start();
            let digits = text.strip_prefix('-').unwrap_or(text);
            let end = digits.find(|char: char| !char.is_ascii_digit()).unwrap_or(digits.len());
            let number: i64 = digits[..end].parse().unwrap_or(0);
            if text.starts_with('-') { -number } else { number }
        };
        put_in_order(lines, &|one, other| number(one) < number(other));
    }
    if flags.contains(&'u') {
        lines.dedup();
    }
    if flags.contains(&'r') {
        lines.reverse();
    }
}
