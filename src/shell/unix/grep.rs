//! `grep`: lines that an expression fits.

use super::filters::Kind;
use super::given::Given;
use super::printf::Spoken;
use super::regex::Regex;
use crate::shell::cli::io::Io;

/// What is looked for, and what was found.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Grep {
    flags: Vec<char>,
    patterns: Vec<Regex>,
    /// `-m`: lines to find.
    most: Option<u64>,
    /// `-A`, `-B`: lines after and before those that fit.
    after: u64,
    before: usize,
    /// Lines that did not fit, for `-B`.
    kept: Vec<String>,
    /// How many lines after the last one that fitted are still to print.
    due: u64,
    /// The last line that was printed.
    printed: u64,
    file: Option<String>,
    found: u64,
    any: bool,
    line: u64,
}

pub(super) fn read(words: &[String]) -> Result<(Kind, Vec<String>), Spoken> {
    let long = [
        ("ignore-case", 'i'),
        ("invert-match", 'v'),
        ("count", 'c'),
        ("line-number", 'n'),
        ("extended-regexp", 'E'),
        ("fixed-strings", 'F'),
        ("quiet", 'q'),
        ("only-matching", 'o'),
        ("word-regexp", 'w'),
        ("line-regexp", 'x'),
        ("regexp", 'e'),
        ("max-count", 'm'),
        ("after-context", 'A'),
        ("before-context", 'B'),
        ("context", 'C'),
        ("no-filename", 'h'),
    ];
    // `-n` numbers lines here, and so `-3` is a context.
    let mut given = Given::read("grep", words, "vicnEFqowxhsG", "emABC", &long)?;
    let patterns: Vec<String> = match given.value('e') {
        Some(_) => given.all('e').map(str::to_owned).collect(),
        None if given.rest.is_empty() => {
            let errors =
                vec!["Usage: grep [OPTION]... PATTERNS [FILE]...".to_owned(), "Try 'grep --help' for more information.".to_owned()];
            return Err(Spoken::error(errors, 2));
        }
        None => vec![given.rest.remove(0)],
    };
    let has = |flag: char| given.flags.contains(&flag);
    let mut compiled = Vec::new();
    for pattern in patterns.iter().flat_map(|pattern| pattern.split('\n')) {
        let regex = match (has('F'), has('E')) {
            (true, _) => Some(Regex::fixed(pattern, has('i'))),
            (_, true) => Regex::extended(pattern, has('i')),
            _ => Regex::plain(pattern, has('i')),
        };
        let Some(mut regex) = regex else {
            return Err(Spoken::error([format!("grep: Invalid regular expression: {pattern}")], 2));
        };
        for edge in ['w', 'x'].into_iter().filter(|edge| has(*edge)) {
            regex = regex.between(edge);
        }
        compiled.push(regex);
    }
    let number = |option: char| match given.value(option) {
        None => Ok(None),
        Some(text) => text.parse::<u64>().map(Some).map_err(|_| {
            Spoken::error(
                [format!("grep: {text}: invalid {}", if option == 'm' { "max count" } else { "context length argument" })],
                2,
            )
        }),
    };
    let context = number('C')?.unwrap_or(0);
    let grep = Grep {
        most: number('m')?,
        after: number('A')?.unwrap_or(context),
        before: usize::try_from(number('B')?.unwrap_or(context)).unwrap_or(usize::MAX),
        flags: given.flags.clone(),
        patterns: compiled,
        kept: Vec::new(),
        due: 0,
        printed: 0,
        file: None,
        found: 0,
        any: false,
        line: 0,
    };
    Ok((Kind::Grep(grep), given.rest))
}

impl Grep {
    fn has(&self, flag: char) -> bool {
        self.flags.contains(&flag)
    }

    /// The lines that follow are of this file, one of several.
    pub fn of(&mut self, file: &str) {
        self.file = Some(file.to_owned()).filter(|_| !self.has('h'));
    }

    pub fn found_any(&self) -> bool {
        self.any
    }

    /// What stands before a line. `mark`: `:` where it fits, `-` beside one that does.
    fn before(&self, mark: char, line: u64) -> String {
        let file = self.file.as_ref().map_or(String::new(), |file| format!("{file}{mark}"));
        let number = if self.has('n') { format!("{line}{mark}") } else { String::new() };
        file + &number
    }

    /// Takes a line; true when no more are wanted.
    pub fn line(&mut self, io: &mut Io<'_, '_>, line: &str) -> bool {
        self.line += 1;
        let fits = self.patterns.iter().any(|pattern| pattern.find(line).is_some());
        if fits == self.has('v') {
            self.beside(io, line);
            return false;
        }
        self.found += 1;
        self.any = true;
        match (self.has('q'), self.has('c')) {
            (true, _) => return true,
            (_, true) => {}
            _ if self.has('o') => {
                let before = self.before(':', self.line);
                for part in self.parts(line).into_iter().filter(|_| !self.has('v')) {
                    io.print(format!("{before}{part}"));
                }
            }
            _ => {
                let kept = std::mem::take(&mut self.kept);
                let first = self.line - kept.len() as u64;
                if self.printed > 0 && self.printed + 1 < first && self.after + self.before as u64 > 0 {
                    io.print("--");
                }
                for (at, line) in kept.iter().enumerate() {
                    io.print(format!("{}{line}", self.before('-', first + at as u64)));
                }
                io.print(format!("{}{line}", self.before(':', self.line)));
                self.printed = self.line;
                self.due = self.after;
            }
        }
        self.most == Some(self.found) && self.end(io)
    }

    /// A line that does not fit, but may stand beside one that does.
    fn beside(&mut self, io: &mut Io<'_, '_>, line: &str) {
        if self.due > 0 {
            self.due -= 1;
            self.printed = self.line;
            io.print(format!("{}{line}", self.before('-', self.line)));
        } else if self.before > 0 && !self.has('c') && !self.has('o') && !self.has('q') {
            self.kept.push(line.to_owned());
            if self.kept.len() > self.before {
                self.kept.remove(0);
            }
        }
    }

    /// The parts of a line that fit.
    fn parts(&self, line: &str) -> Vec<String> {
        let chars: Vec<char> = line.chars().collect();
        let mut found = Vec::new();
        let mut at = 0;
        while at <= chars.len() {
            let matches = self.patterns.iter().filter_map(|pattern| pattern.find_from(&chars, at)?[0]);
            // The first one, and of those the longest.
            let Some((from, to)) = matches.min_by_key(|(from, to)| (*from, usize::MAX - *to)) else { break };
            if to > from {
                found.push(chars[from..to].iter().collect());
            }
            at = if to > from { to } else { to + 1 };
        }
        found
    }

    /// The end of a file, or of all: true, since no more is wanted.
    pub fn end(&mut self, io: &mut Io<'_, '_>) -> bool {
        if self.has('c') && !self.has('q') {
            let file = self.file.as_ref().map_or(String::new(), |file| format!("{file}:"));
            io.print(format!("{file}{}", self.found));
        }
        (self.found, self.line, self.printed, self.due) = (0, 0, 0, 0);
        self.kept.clear();
        true
    }
}
