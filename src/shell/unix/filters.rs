//! Commands that turn lines into lines: cat, head, grep, sort, uniq, tr, cut and their like, from standard input or from files.

use std::rc::Rc;

use super::builtins::misused;
use super::given::Given;
use super::grep::{self, Grep};
use super::lines;
use super::printf::{Spoken, Words, escape};
use super::sort::{self, Sort};
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
pub(super) enum Kind {
    Cat { flags: Vec<char>, number: u64, blank: bool },
    Head { lines: i64, bytes: Option<u64>, kept: Vec<Rc<str>> },
    Tail { lines: u64, from: bool, number: u64, kept: Vec<(Rc<str>, bool)> },
    Grep(Grep),
    Count { what: Vec<char>, sums: [u64; 4], total: [u64; 4] },
    Sort(Sort),
    Uniq { flags: Vec<char>, last: Option<Rc<str>>, count: u64 },
    Translate { from: Vec<char>, to: Vec<char>, flags: Vec<char> },
    Cut { delimiter: char, between: String, by_field: bool, only: bool, ranges: Vec<(u32, u32)> },
    Reverse,
    Backwards(Vec<(Rc<str>, bool)>),
    Numbered(u64),
    Paste { serial: bool, delimiters: Vec<char>, lines: Vec<Rc<str>> },
}

/// Reads a command's words: what it does, and the files that it reads.
pub(super) type Reader = fn(&[String]) -> Result<(Kind, Vec<String>), Spoken>;

/// Starts the command `name`, or says why its options are wrong; `None` if the name is unknown.
pub fn find(name: &str, arguments: &[String]) -> Option<Result<Filter, Spoken>> {
    let (name, make): (_, Reader) = match name {
        "cat" => ("cat", |words| {
            let given =
                Given::read("cat", words, "AbeEnstTuv", "", &[("number", 'n'), ("show-all", 'A'), ("number-nonblank", 'b')])?;
            Ok((Kind::Cat { flags: given.flags, number: 0, blank: false }, given.rest))
        }),
        "head" => ("head", head),
        "tail" => ("tail", tail),
        "grep" => ("grep", grep::read),
        "egrep" => ("grep", |words| grep::read(&[&["-E".to_owned()], words].concat())),
        "wc" => ("wc", |words| {
            let long = [("lines", 'l'), ("words", 'w'), ("bytes", 'c'), ("chars", 'm')];
            let given = Given::read("wc", words, "lwcm", "", &long)?;
            let what = if given.flags.is_empty() { vec!['l', 'w', 'c'] } else { given.flags };
            Ok((Kind::Count { what, sums: [0; 4], total: [0; 4] }, given.rest))
        }),
        "sort" => ("sort", sort::read),
        "uniq" => ("uniq", |words| {
            let given = Given::read("uniq", words, "cdui", "", &[("count", 'c'), ("repeated", 'd'), ("unique", 'u')])?;
            Ok((Kind::Uniq { flags: given.flags, last: None, count: 0 }, given.rest))
        }),
        "tr" => ("tr", translate),
        "cut" => ("cut", cut),
        "rev" => ("rev", |words| Ok((Kind::Reverse, Given::read("rev", words, "", "", &[])?.rest))),
        "tac" => ("tac", |words| Ok((Kind::Backwards(Vec::new()), Given::read("tac", words, "", "", &[])?.rest))),
        "nl" => ("nl", |words| Ok((Kind::Numbered(0), Given::read("nl", words, "", "", &[])?.rest))),
        "paste" => ("paste", paste),
        _ => return None,
    };
    Some(make(arguments).map(|(kind, files)| Filter { name, files, kind, code: 0 }))
}

/// `-n 5`, `-5`; `head -n -5` is all but the last five.
fn count(name: &str, given: &Given) -> Result<String, Spoken> {
    let text = given.value('n').unwrap_or("10").to_owned();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
    match digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Err(Spoken::error([format!("{name}: invalid number of lines: ‘{text}’")], 1)),
        false => Ok(text),
    }
}

fn head(words: &[String]) -> Result<(Kind, Vec<String>), Spoken> {
    let given = Given::read("head", words, "q", "nc", &[("lines", 'n'), ("bytes", 'c'), ("quiet", 'q')])?;
    let bytes = given.value('c').map(|text| text.parse::<u64>());
    let bytes = bytes.transpose().map_err(|_| misused("head", "a number of bytes is needed after -c", 1))?;
    let lines = count("head", &given)?.parse().unwrap_or(i64::MAX);
    Ok((Kind::Head { lines, bytes, kept: Vec::new() }, given.rest))
}

fn tail(words: &[String]) -> Result<(Kind, Vec<String>), Spoken> {
    let given = Given::read("tail", words, "q", "n", &[("lines", 'n'), ("quiet", 'q')])?;
    let text = count("tail", &given)?;
    let lines = text.trim_start_matches(['-', '+']).parse().unwrap_or(u64::MAX);
    Ok((Kind::Tail { lines, from: text.starts_with('+'), number: 0, kept: Vec::new() }, given.rest))
}

fn paste(words: &[String]) -> Result<(Kind, Vec<String>), Spoken> {
    let given = Given::read("paste", words, "s", "d", &[("serial", 's'), ("delimiters", 'd')])?;
    let mut files = given.rest.clone();
    files.retain(|file| file != "-");
    let serial = given.flags.contains(&'s');
    if !serial && files.len() > 1 {
        return Err(misused("paste", "several files side by side are not simulated", 1));
    }
    let delimiters: Vec<char> = unescaped(given.value('d').unwrap_or("\t")).chars().collect();
    // `paste - -` puts so many lines into one.
    let beside = given.rest.iter().filter(|file| *file == "-").count().max(1);
    let lines = if serial { Vec::new() } else { vec!["".into(); beside] };
    Ok((Kind::Paste { serial, delimiters, lines }, files))
}

fn translate(words: &[String]) -> Result<(Kind, Vec<String>), Spoken> {
    let long = [("delete", 'd'), ("squeeze-repeats", 's'), ("complement", 'c')];
    let given = Given::read("tr", words, "dscC", "", &long)?;
    let has = |flag: char| given.flags.contains(&flag);
    let sets: Vec<Vec<char>> = given.rest.iter().map(|text| set(text)).collect();
    let (from, to) = match sets.as_slice() {
        [] => return Err(misused("tr", "missing operand", 1)),
        [from] if has('d') || has('s') => (from.clone(), if has('s') { from.clone() } else { Vec::new() }),
        [_] => {
            let why = format!("missing operand after ‘{}’", given.rest[0]);
            let mut spoken = misused("tr", &why, 1);
            spoken.said.insert(1, Words::Error("Two strings must be given when translating.".to_owned()));
            return Err(spoken);
        }
        [from, to] => (from.clone(), to.clone()),
        _ => return Err(misused("tr", &format!("extra operand ‘{}’", given.rest[2]), 1)),
    };
    Ok((Kind::Translate { from, to, flags: given.flags }, Vec::new()))
}

/// All escapes of a text.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let taken = escape(&rest[at + 1..], false, &mut out);
        rest = rest[at + 1..].char_indices().nth(taken).map_or("", |(end, _)| &rest[at + 1 + end..]);
    }
    out + rest
}

/// `a-z`, `\n`, `[:upper:]`: the characters that a set of `tr` means.
fn set(text: &str) -> Vec<char> {
    let named = [
        ("[:lower:]", "a-z"),
        ("[:upper:]", "A-Z"),
        ("[:digit:]", "0-9"),
        ("[:space:]", " \t\n\r\u{b}\u{c}"),
        ("[:blank:]", " \t"),
        ("[:alpha:]", "A-Za-z"),
        ("[:alnum:]", "0-9A-Za-z"),
        ("[:punct:]", "!-/:-@[-`{-~"),
    ];
    let text = named.iter().fold(text.to_owned(), |text, (name, range)| text.replace(name, range));
    let chars: Vec<char> = unescaped(&text).chars().collect();
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

fn cut(words: &[String]) -> Result<(Kind, Vec<String>), Spoken> {
    let long = [
        ("delimiter", 'd'),
        ("fields", 'f'),
        ("characters", 'c'),
        ("bytes", 'b'),
        ("only-delimited", 's'),
        ("output-delimiter", 'o'),
    ];
    let given = Given::read("cut", words, "s", "dfcbo", &long)?;
    let by_field = given.value('f').is_some();
    let list = given.value('f').or(given.value('c')).or(given.value('b'));
    let Some(list) = list else {
        return Err(misused("cut", "you must specify a list of bytes, characters, or fields", 1));
    };
    let mut ranges = Vec::new();
    for part in list.split([',', ' ']) {
        let (from, to) = part.split_once('-').map_or((part, part), |(from, to)| (from, to));
        let number = |text: &str, default| if text.is_empty() { Ok(default) } else { text.parse::<u32>() };
        let what = if by_field { "field" } else { "byte/character position" };
        match (number(from, 1), number(to, u32::MAX)) {
            _ if part == "-" => return Err(misused("cut", "invalid range with no endpoint: -", 1)),
            (Ok(0), _) => {
                let what = if by_field { "fields are" } else { "byte/character positions are" };
                return Err(misused("cut", &format!("{what} numbered from 1"), 1));
            }
            (Ok(from), Ok(to)) if from <= to && !part.is_empty() => ranges.push((from, to)),
            (Ok(_), Ok(_)) => return Err(misused("cut", "invalid decreasing range", 1)),
            _ => return Err(misused("cut", &format!("invalid {what} value ‘{list}’"), 1)),
        }
    }
    let mut delimiter = given.value('d').unwrap_or("\t").chars();
    let (Some(delimiter), None) = (delimiter.next(), delimiter.next()) else {
        return Err(misused("cut", "the delimiter must be a single character", 1));
    };
    let between = given.value('o').map_or_else(|| if by_field { delimiter.to_string() } else { String::new() }, str::to_owned);
    Ok((Kind::Cut { delimiter, between, by_field, only: given.flags.contains(&'s'), ranges }, given.rest))
}

impl Command for Filter {
    fn reads_input(&self) -> bool {
        self.files.is_empty()
    }

    fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match event {
            Event::Started if self.files == ["-"] => self.files.clear(),
            Event::Started if !self.files.is_empty() => self.read_files(io),
            Event::Started if matches!(self.kind, Kind::Head { lines: 0, bytes: None, .. }) => io.exit(0),
            Event::Line(line) => {
                if self.line(io, line) {
                    io.exit(self.code);
                }
            }
            Event::EndOfInput => self.end(io),
            Event::Interrupt => io.exit(130),
            _ => {}
        }
    }
}

impl Filter {
    fn read_files(&mut self, io: &mut Io<'_, '_>) {
        let fresh = self.kind.clone();
        let several = self.files.len() > 1;
        let mut any = false;
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
            match &mut self.kind {
                Kind::Head { .. } | Kind::Tail { .. } if several => {
                    self.finish(io, None);
                    self.kind = fresh.clone();
                    io.print(format!("{}==> {file} <==", if any { "\n" } else { "" }));
                }
                Kind::Grep(grep) if several => grep.of(&file),
                _ => {}
            }
            any = true;
            let count = lines(&text).count();
            for (at, line) in lines(&text).enumerate() {
                io.unended = at + 1 == count && !text.ends_with('\n');
                if self.line(io, line.into()) {
                    break;
                }
            }
            if matches!(self.kind, Kind::Count { .. } | Kind::Grep(_)) {
                self.finish(io, Some(&file));
            }
        }
        if let Kind::Count { what, total, .. } = &self.kind
            && several
        {
            io.print(counts(what, total, Some("total"), true));
        } else if !matches!(self.kind, Kind::Count { .. } | Kind::Grep(_)) {
            self.finish(io, None);
        }
        io.exit(self.code.max(self.own_code()));
    }

    fn own_code(&self) -> i32 {
        match &self.kind {
            Kind::Grep(grep) => i32::from(grep.found_any()) ^ 1,
            _ => 0,
        }
    }

    /// Takes a line; true when no more are wanted.
    fn line(&mut self, io: &mut Io<'_, '_>, line: Rc<str>) -> bool {
        match &mut self.kind {
            Kind::Cat { flags, number, blank } => cat(flags, number, blank, &line, io),
            Kind::Head { bytes: Some(left), .. } => {
                let end = if io.unended { "" } else { "\n" };
                let text: Vec<u8> = line.bytes().chain(end.bytes()).take(usize::try_from(*left).unwrap_or(usize::MAX)).collect();
                *left -= text.len() as u64;
                io.write(&String::from_utf8_lossy(&text));
                return *left == 0;
            }
            Kind::Head { lines, kept, .. } if *lines < 0 => {
                kept.push(line);
                if kept.len() as u64 > lines.unsigned_abs() {
                    let line = kept.remove(0);
                    io.print(&*line);
                }
            }
            Kind::Head { lines, .. } => {
                if *lines > 0 {
                    io.repeat(&line);
                }
                *lines = (*lines - 1).max(0);
                return *lines == 0;
            }
            Kind::Tail { lines, from: true, number, .. } => {
                *number += 1;
                if *number >= *lines {
                    io.repeat(&line);
                }
            }
            Kind::Tail { lines, kept, .. } => {
                kept.push((line, io.unended));
                if kept.len() as u64 > *lines {
                    kept.remove(0);
                }
            }
            Kind::Grep(grep) => return grep.line(io, &line),
            Kind::Count { sums, .. } => {
                let end = u64::from(!io.unended);
                let more =
                    [end, line.split_whitespace().count() as u64, line.len() as u64 + end, line.chars().count() as u64 + end];
                sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            }
            Kind::Sort(sort) => sort.lines.push(line),
            Kind::Uniq { flags, last, count } => {
                let same = |other: &Rc<str>| match flags.contains(&'i') {
                    true => other.to_lowercase() == line.to_lowercase(),
                    false => *other == line,
                };
                if last.as_ref().is_some_and(same) {
                    *count += 1;
                } else {
                    tell_unique(io, flags, last.replace(line), *count);
                    *count = 1;
                }
            }
            Kind::Translate { from, to, flags } => {
                let end = if io.unended { None } else { Some('\n') };
                let text = translated(&line, end, from, to, flags);
                io.write(&text);
            }
            Kind::Cut { delimiter, between, by_field, only, ranges } => {
                let wanted =
                    |at: usize| ranges.iter().any(|(from, to)| u32::try_from(at + 1).is_ok_and(|at| (*from..=*to).contains(&at)));
                if !*by_field {
                    let kept = line.chars().enumerate().filter(|(at, _)| wanted(*at));
                    io.print(kept.map(|(_, char)| char.to_string()).collect::<Vec<_>>().join(between));
                } else if line.contains(*delimiter) {
                    let kept = line.split(*delimiter).enumerate().filter(|(at, _)| wanted(*at));
                    io.print(kept.map(|(_, field)| field).collect::<Vec<_>>().join(between));
                } else if !*only {
                    // A line without the delimiter is given whole.
                    io.print(&*line);
                }
            }
            Kind::Reverse => io.repeat(&line.chars().rev().collect::<String>()),
            Kind::Backwards(lines) => lines.push((line, io.unended)),
            Kind::Numbered(number) => {
                if line.is_empty() {
                    io.print("       ");
                } else {
                    *number += 1;
                    io.print(format!("{number:>6}\t{line}"));
                }
            }
            Kind::Paste { serial: true, lines, .. } => lines.push(line),
            Kind::Paste { delimiters, lines, .. } => {
                // The empty ones at the end are those that are still to come.
                let count = lines.len();
                lines.push(line);
                lines.remove(0);
                let full = lines.iter().all(|line| !line.is_empty()) || count == 1;
                if full {
                    io.print(joined(lines, delimiters));
                    lines.iter_mut().for_each(|line| *line = "".into());
                }
            }
        }
        false
    }

    fn end(&mut self, io: &mut Io<'_, '_>) {
        self.finish(io, None);
        io.exit(self.code.max(self.own_code()));
    }

    /// What is said at the end of the input, or of a file.
    fn finish(&mut self, io: &mut Io<'_, '_>, file: Option<&str>) {
        match &mut self.kind {
            Kind::Tail { kept, .. } => {
                for (line, unended) in std::mem::take(kept) {
                    io.unended = unended;
                    io.repeat(&line);
                }
            }
            Kind::Grep(grep) => {
                grep.end(io);
            }
            Kind::Count { what, sums, total } => {
                let text = counts(what, sums, file, file.is_some() && self.files.len() > 1);
                total.iter_mut().zip(std::mem::take(sums)).for_each(|(total, sum)| *total += sum);
                io.print(text);
            }
            Kind::Sort(sort) => sort.print(io),
            Kind::Uniq { flags, last, count } => tell_unique(io, flags, last.take(), *count),
            Kind::Backwards(lines) => {
                for (line, unended) in std::mem::take(lines).into_iter().rev() {
                    io.unended = unended;
                    io.repeat(&line);
                }
            }
            Kind::Paste { serial, delimiters, lines } => {
                if *serial || lines.iter().any(|line| !line.is_empty()) {
                    lines.retain(|line| *serial || !line.is_empty());
                    io.print(joined(lines, delimiters));
                    lines.clear();
                }
            }
            _ => {}
        }
    }
}

fn joined(lines: &[Rc<str>], delimiters: &[char]) -> String {
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        if at > 0 && !delimiters.is_empty() {
            text.extend(delimiters.get((at - 1) % delimiters.len()));
        }
        text.push_str(line);
    }
    text
}

/// The counts that were asked for, in wc's own order.
fn counts(what: &[char], sums: &[u64; 4], file: Option<&str>, several: bool) -> String {
    let kinds = ['l', 'w', 'm', 'c'];
    let sum = |kind: char| match kind {
        'l' => sums[0],
        'w' => sums[1],
        'c' => sums[2],
        _ => sums[3],
    };
    let asked: Vec<u64> = kinds.into_iter().filter(|kind| what.contains(kind)).map(sum).collect();
    // From standard input it does not know beforehand how wide the numbers will be; of files it knows their sizes.
    let width = match file {
        _ if asked.len() == 1 && !several => 1,
        None => 7,
        Some(_) => sums[2].to_string().len(),
    };
    let mut text: Vec<String> = asked.iter().map(|number| format!("{number:>width$}")).collect();
    text.extend(file.map(str::to_owned));
    text.join(" ")
}

fn cat(flags: &[char], number: &mut u64, blank: &mut bool, line: &str, io: &mut Io<'_, '_>) {
    let has = |flag: char| flags.contains(&flag);
    if has('s') && line.is_empty() && *blank {
        return;
    }
    *blank = line.is_empty();
    let mut text = String::new();
    if has('b') && !line.is_empty() || has('n') && !has('b') {
        *number += 1;
        text += &format!("{number:>6}\t");
    }
    let (tabs, ends, marks) =
        (has('A') || has('T') || has('t'), has('A') || has('E') || has('e'), has('A') || has('v') || has('e') || has('t'));
    if !tabs && !marks {
        text += line;
    } else {
        for byte in line.bytes() {
            let meta = byte >= 0x80;
            let low = byte & 0x7f;
            match byte {
                b'\t' if !tabs => text.push('\t'),
                b'\t' => text += "^I",
                _ if !marks => text.push(char::from(byte)),
                _ => {
                    text += if meta { "M-" } else { "" };
                    match low {
                        0..=31 => text.extend(['^', char::from(low + 64)]),
                        127 => text += "^?",
                        low => text.push(char::from(low)),
                    }
                }
            }
        }
    }
    if ends && !io.unended {
        text.push('$');
    }
    io.repeat(&text);
}

fn translated(line: &str, end: Option<char>, from: &[char], to: &[char], flags: &[char]) -> String {
    let has = |flag: char| flags.contains(&flag);
    let complement = has('c') || has('C');
    let mut out = String::new();
    for char in line.chars().chain(end) {
        let found = from.iter().rposition(|known| *known == char);
        let new = match (found.is_some() != complement, found) {
            (false, _) => char,
            (true, _) if has('d') => continue,
            (true, Some(at)) => to.get(at).or(to.last()).copied().unwrap_or(char),
            // The second set goes on with its last character.
            (true, None) if to != from => to.last().copied().unwrap_or(char),
            (true, None) => char,
        };
        let squeezed = has('s') && (to.contains(&new) || (complement && !from.contains(&new)));
        if !(squeezed && out.ends_with(new)) {
            out.push(new);
        }
    }
    out
}

fn tell_unique(io: &mut Io<'_, '_>, flags: &[char], line: Option<Rc<str>>, count: u64) {
    let Some(line) = line else { return };
    if flags.contains(&'d') && count < 2 || flags.contains(&'u') && count > 1 {
        return;
    }
    io.print(if flags.contains(&'c') { format!("{count:>7} {line}") } else { line.to_string() });
}
