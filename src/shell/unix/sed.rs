//! `sed` in its everyday forms: `s`, `p`, `d`, `q`, `=`, `y`, `a`, `i`, `c` and `{…}`, each with addresses.

use std::rc::Rc;

use super::builtins::misused;
use super::given::Given;
use super::printf::Spoken;
use super::regex::{Groups, Regex};
use crate::engine::program::Event;
use crate::shell::cli::io::Io;
use crate::shell::cli::process::Command;

/// A script, and where in its input it is.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Sed {
    steps: Vec<Step>,
    /// `-n`
    quiet: bool,
    /// `-i`: what comes out takes the file's place.
    in_place: bool,
    files: Vec<String>,
    /// The next line: whether it is the last one is known only when there is another.
    next: Option<(Rc<str>, bool)>,
    number: u64,
    out: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Step {
    from: Option<Address>,
    to: Option<Address>,
    negated: bool,
    /// Within a range: up to this line, if that is known.
    within: bool,
    until: u64,
    what: What,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Address {
    Line(u64),
    Last,
    Fits(Regex),
    /// `+N`: so many lines more.
    More(u64),
    /// `FIRST~STEP`
    Each(u64, u64),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum What {
    Replace { regex: Regex, with: Vec<Piece>, global: bool, number: usize, prints: bool },
    Translate(Vec<(char, char)>),
    Print,
    Delete,
    Number,
    Quit { prints: bool, code: i32 },
    Append(String),
    Insert(String),
    Change(String),
    Group(Vec<Step>),
}

/// A part of what `s` puts in.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Piece {
    Text(String),
    Group(usize),
    /// `\U`, `\L`, `\u`, `\l`, `\E`
    Case(char),
}

/// `sed [-nEi] SCRIPT FILES`
pub fn read(arguments: &[String]) -> Result<Sed, Spoken> {
    let long = [("quiet", 'n'), ("silent", 'n'), ("regexp-extended", 'E'), ("in-place", 'i'), ("expression", 'e')];
    let mut given = Given::read("sed", arguments, "nErisu", "e", &long)?;
    let scripts: Vec<String> = given.all('e').map(str::to_owned).collect();
    let script = if !scripts.is_empty() {
        scripts.join("\n")
    } else if given.rest.is_empty() {
        return Err(misused("sed", "no script was given: sed 's/a/b/' FILE", 1));
    } else {
        given.rest.remove(0)
    };
    let chars: Vec<char> = script.chars().collect();
    let extended = given.flags.contains(&'E') || given.flags.contains(&'r');
    let mut parser = Parser { chars: &chars, at: 0, extended };
    let steps =
        parser.steps(false).map_err(|why| Spoken::error([format!("sed: -e expression #1, char {}: {why}", parser.at)], 1))?;
    let has = |flag: char| given.flags.contains(&flag);
    let (quiet, in_place) = (has('n'), has('i'));
    Ok(Sed { steps, quiet, in_place, files: given.rest, next: None, number: 0, out: Vec::new() })
}

struct Parser<'a> {
    chars: &'a [char],
    at: usize,
    extended: bool,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn eat(&mut self, char: char) -> bool {
        let found = self.peek() == Some(char);
        self.at += usize::from(found);
        found
    }

    fn skip(&mut self, what: &str) {
        while self.peek().is_some_and(|char| what.contains(char)) {
            self.at += 1;
        }
    }

    fn steps(&mut self, inside: bool) -> Result<Vec<Step>, String> {
        let mut steps = Vec::new();
        loop {
            self.skip(" \t\n;");
            match self.peek() {
                None if inside => return Err("unmatched `{'".to_owned()),
                None | Some('#') => return Ok(steps),
                Some('}') if inside => {
                    self.at += 1;
                    return Ok(steps);
                }
                Some(_) => steps.push(self.step()?),
            }
        }
    }

    fn step(&mut self) -> Result<Step, String> {
        let from = self.address()?;
        let to = if from.is_some() && self.eat(',') {
            self.skip(" ");
            Some(self.address()?.ok_or("unexpected `,'")?)
        } else {
            None
        };
        self.skip(" ");
        let negated = self.eat('!');
        self.skip(" !");
        let Some(char) = self.peek() else { return Err("missing command".to_owned()) };
        self.at += 1;
        let what = match char {
            's' => self.replace()?,
            'y' => {
                let mark = self.peek().ok_or("unterminated `y' command")?;
                self.at += 1;
                let (from, to) = (self.until(mark, 'y')?, self.until(mark, 'y')?);
                if from.chars().count() != to.chars().count() {
                    return Err("strings for `y' command are different lengths".to_owned());
                }
                What::Translate(from.chars().zip(to.chars()).collect())
            }
            'p' => What::Print,
            'd' => What::Delete,
            '=' => What::Number,
            'q' | 'Q' => {
                self.skip(" ");
                let digits: String = self.chars[self.at..].iter().take_while(|char| char.is_ascii_digit()).collect();
                self.at += digits.len();
                What::Quit { prints: char == 'q', code: digits.parse().unwrap_or(0) }
            }
            'a' => What::Append(self.text()?),
            'i' => What::Insert(self.text()?),
            'c' => What::Change(self.text()?),
            '{' => What::Group(self.steps(true)?),
            'b' | 't' | 'T' | ':' | 'n' | 'N' | 'D' | 'P' | 'h' | 'H' | 'g' | 'G' | 'x' | 'r' | 'w' | 'e' | 'l' | 'z' => {
                return Err(format!("command `{char}' is not simulated"));
            }
            char => return Err(format!("unknown command: `{char}'")),
        };
        self.skip(" \t");
        match self.peek() {
            None | Some('\n' | ';' | '#' | '}') => {}
            Some(_) if matches!(what, What::Group(_)) => {}
            Some(_) => {
                self.at += 1;
                let option = matches!(what, What::Replace { .. });
                return Err(if option { "unknown option to `s'" } else { "extra characters after command" }.to_owned());
            }
        }
        Ok(Step { from, to, negated, within: false, until: 0, what })
    }

    fn number(&mut self) -> Option<u64> {
        let digits: String = self.chars[self.at..].iter().take_while(|char| char.is_ascii_digit()).collect();
        self.at += digits.len();
        digits.parse().ok()
    }

    fn address(&mut self) -> Result<Option<Address>, String> {
        Ok(match self.peek() {
            Some('0'..='9') => {
                let number = self.number().unwrap_or(u64::MAX);
                match self.eat('~') {
                    true => Some(Address::Each(number, self.number().unwrap_or(0))),
                    false => Some(Address::Line(number)),
                }
            }
            Some('$') => {
                self.at += 1;
                Some(Address::Last)
            }
            Some('+') => {
                self.at += 1;
                Some(Address::More(self.number().unwrap_or(0)))
            }
            Some(mark @ ('/' | '\\')) => {
                self.at += 1;
                let mark = if mark == '/' {
                    mark
                } else {
                    self.at += 1;
                    *self.chars.get(self.at - 1).ok_or("unterminated address regex")?
                };
                let text = self.until(mark, ' ').map_err(|_| "unterminated address regex")?;
                let ignores_case = self.eat('I');
                Some(Address::Fits(self.regex(&text, ignores_case)?))
            }
            _ => None,
        })
    }

    fn regex(&self, text: &str, ignores_case: bool) -> Result<Regex, String> {
        let regex = if self.extended { Regex::extended(text, ignores_case) } else { Regex::plain(text, ignores_case) };
        regex.ok_or_else(|| "Invalid preceding regular expression".to_owned())
    }

    /// Text up to a mark, which may stand in it after a backslash.
    fn until(&mut self, mark: char, command: char) -> Result<String, String> {
        let mut text = String::new();
        let mut class = false;
        loop {
            let Some(char) = self.peek() else { return Err(format!("unterminated `{command}' command")) };
            self.at += 1;
            match char {
                char if char == mark && !class => return Ok(text),
                '\\' => {
                    let Some(next) = self.peek() else { continue };
                    self.at += 1;
                    match next {
                        next if next == mark => text.push(next),
                        'n' if !class => text.push('\n'),
                        next => text.extend(['\\', next]),
                    }
                }
                char => {
                    class = (class || (char == '[' && command != 'y')) && char != ']';
                    text.push(char);
                }
            }
        }
    }

    fn replace(&mut self) -> Result<What, String> {
        let mark = self.peek().ok_or("unterminated `s' command")?;
        self.at += 1;
        let pattern = self.until(mark, 's')?;
        let with = self.replacement(mark)?;
        let (mut global, mut prints, mut number, mut ignores_case) = (false, false, 1, false);
        while let Some(flag) = self.peek() {
            match flag {
                'g' => global = true,
                'p' => prints = true,
                'i' | 'I' => ignores_case = true,
                '1'..='9' => {
                    number = usize::try_from(self.number().unwrap_or(1)).unwrap_or(usize::MAX);
                    continue;
                }
                _ => break,
            }
            self.at += 1;
        }
        Ok(What::Replace { regex: self.regex(&pattern, ignores_case)?, with, global, number, prints })
    }

    fn replacement(&mut self, mark: char) -> Result<Vec<Piece>, String> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        loop {
            let Some(char) = self.peek() else { return Err("unterminated `s' command".to_owned()) };
            self.at += 1;
            let piece = match char {
                char if char == mark => break,
                '&' => Piece::Group(0),
                '\\' => {
                    let next = self.peek().unwrap_or('\\');
                    self.at += 1;
                    match next {
                        '0'..='9' => Piece::Group(next.to_digit(10).unwrap_or(0) as usize),
                        'U' | 'L' | 'u' | 'l' | 'E' => Piece::Case(next),
                        'n' => Piece::Text("\n".to_owned()),
                        't' => Piece::Text("\t".to_owned()),
                        next => Piece::Text(next.into()),
                    }
                }
                char => Piece::Text(char.into()),
            };
            match piece {
                Piece::Text(more) => text += &more,
                piece => {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                    pieces.push(piece);
                }
            }
        }
        pieces.push(Piece::Text(text));
        Ok(pieces)
    }

    /// What `a`, `i` and `c` are followed by, up to the line's end.
    fn text(&mut self) -> Result<String, String> {
        self.skip(" \t");
        if self.eat('\\') {
            self.skip(" \t\n");
        }
        let text: String = self.chars[self.at..].iter().take_while(|char| **char != '\n').collect();
        self.at += text.chars().count();
        if text.is_empty() { Err("expected \\ after `a', `c' or `i'".to_owned()) } else { Ok(text) }
    }
}

impl Command for Sed {
    fn reads_input(&self) -> bool {
        self.files.is_empty()
    }

    fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match event {
            Event::Started if !self.files.is_empty() => self.read_files(io),
            Event::Line(line) => {
                let unended = io.unended;
                if let Some(code) = self.take(Some((line, unended)), io) {
                    io.exit(code);
                }
            }
            Event::EndOfInput => {
                let code = self.take(None, io).unwrap_or(0);
                io.exit(code);
            }
            Event::Interrupt => io.exit(130),
            _ => {}
        }
    }
}

impl Sed {
    fn read_files(&mut self, io: &mut Io<'_, '_>) {
        let mut code = 0;
        for file in self.files.clone() {
            let Some(text) = io.context.read_file(&file) else {
                io.error(format!("sed: can't read {file}: No such file or directory"));
                code = 2;
                continue;
            };
            let count = text.lines().count();
            for (at, line) in text.lines().enumerate() {
                let unended = at + 1 == count && !text.ends_with('\n');
                if let Some(code) = self.take(Some((line.into(), unended)), io) {
                    io.exit(code);
                    return;
                }
            }
            if self.in_place {
                self.take(None, io);
                self.number = 0;
                io.context.create_file(&file);
                for line in std::mem::take(&mut self.out) {
                    io.append(&file, &line);
                }
            }
        }
        let ended = self.take(None, io);
        io.exit(ended.unwrap_or(code));
    }

    /// Takes the next line, or the end, and works on the one before it. The code, if it quits.
    fn take(&mut self, next: Option<(Rc<str>, bool)>, io: &mut Io<'_, '_>) -> Option<i32> {
        let last = next.is_none();
        let (line, unended) = std::mem::replace(&mut self.next, next)?;
        self.number += 1;
        let mut work = Work { line: line.to_string(), number: self.number, last, after: Vec::new(), said: Vec::new(), ends: None };
        let ended = work.all(&mut self.steps);
        let prints = match work.ends {
            Some(Ends::Deleted) => false,
            Some(Ends::Quits { prints, .. }) => prints && !self.quiet,
            None => !self.quiet,
        };
        debug_assert_eq!(ended, work.ends.is_some());
        let mut said = work.said;
        if prints {
            said.push(work.line);
        }
        let count = said.len();
        said.extend(work.after);
        for (at, line) in said.iter().enumerate() {
            io.unended = unended && at + 1 == count && count == said.len() && prints;
            match self.in_place {
                true => self.out.push(line.clone()),
                false => io.repeat(line),
            }
        }
        match work.ends {
            Some(Ends::Quits { code, .. }) => Some(code),
            _ => None,
        }
    }
}

/// How the work on a line ends before the script does.
#[derive(Clone, Copy)]
enum Ends {
    Deleted,
    Quits { prints: bool, code: i32 },
}

/// The line that is worked on.
struct Work {
    line: String,
    number: u64,
    last: bool,
    /// What `a` puts after it.
    after: Vec<String>,
    said: Vec<String>,
    ends: Option<Ends>,
}

impl Work {
    /// Does the steps; true if the line is done with.
    fn all(&mut self, steps: &mut [Step]) -> bool {
        steps.iter_mut().any(|step| self.is_meant(step) != step.negated && self.step(&mut step.what))
    }

    fn fits(&self, address: &Address) -> bool {
        match address {
            Address::Line(number) => *number == self.number,
            Address::Last => self.last,
            Address::Fits(regex) => regex.find(&self.line).is_some(),
            Address::Each(first, 0) => *first == self.number,
            Address::Each(first, step) => self.number >= *first && (self.number - first).is_multiple_of(*step),
            Address::More(_) => false,
        }
    }

    fn is_meant(&self, step: &mut Step) -> bool {
        let Some(from) = &step.from else { return true };
        let Some(to) = &step.to else { return self.fits(from) };
        if step.within {
            step.within = match to {
                Address::More(_) | Address::Line(_) => self.number < step.until,
                to => !self.fits(to),
            };
            return true;
        }
        if !self.fits(from) {
            return false;
        }
        step.until = match to {
            Address::More(more) => self.number + more,
            Address::Line(line) => *line,
            _ => u64::MAX,
        };
        // A range that ends before it begins is one line.
        step.within = step.until > self.number && !(self.last && matches!(to, Address::Last));
        true
    }

    fn step(&mut self, what: &mut What) -> bool {
        match what {
            What::Replace { regex, with, global, number, prints } => {
                if let Some(line) = replaced(&self.line, regex, with, *global, *number) {
                    self.line = line;
                    if *prints {
                        self.said.push(self.line.clone());
                    }
                }
            }
            What::Translate(pairs) => {
                let turn = |char| pairs.iter().find(|(from, _)| *from == char).map_or(char, |(_, to)| *to);
                self.line = self.line.chars().map(turn).collect();
            }
            What::Print => self.said.push(self.line.clone()),
            What::Number => self.said.push(self.number.to_string()),
            What::Delete => self.ends = Some(Ends::Deleted),
            What::Quit { prints, code } => self.ends = Some(Ends::Quits { prints: *prints, code: *code }),
            What::Append(text) => self.after.push(text.clone()),
            What::Insert(text) => self.said.push(text.clone()),
            What::Change(text) => {
                self.said.push(text.clone());
                self.ends = Some(Ends::Deleted);
            }
            What::Group(steps) => return self.all(steps),
        }
        self.ends.is_some()
    }
}

/// The line with what fits replaced; `None` where nothing does.
fn replaced(line: &str, regex: &Regex, with: &[Piece], global: bool, number: usize) -> Option<String> {
    let chars: Vec<char> = line.chars().collect();
    let mut out = String::new();
    let (mut at, mut count, mut changed) = (0, 0, false);
    let mut last_end = None;
    while let Some(groups) = regex.find_from(&chars, at) {
        let Some((from, to)) = groups[0] else { break };
        out.extend(&chars[at..from]);
        // Nothing right after a match is no match of its own.
        let empty_again = from == to && last_end == Some(from);
        if !empty_again {
            count += 1;
            if count >= number {
                changed = true;
                put(&mut out, with, &groups, &chars);
            } else {
                out.extend(&chars[from..to]);
            }
        }
        last_end = Some(to);
        at = to;
        if from == to {
            out.extend(chars.get(at));
            at += 1;
        }
        if at > chars.len() || (changed && !global) {
            break;
        }
    }
    out.extend(chars.get(at..).unwrap_or_default());
    changed.then_some(out)
}

fn put(out: &mut String, with: &[Piece], groups: &Groups, chars: &[char]) {
    let (mut all, mut one) = (' ', ' ');
    for piece in with {
        let text: String = match piece {
            Piece::Text(text) => text.clone(),
            Piece::Group(number) => match groups.get(*number).copied().flatten() {
                Some((from, to)) => chars[from..to].iter().collect(),
                None => String::new(),
            },
            Piece::Case(case @ ('u' | 'l')) => {
                one = *case;
                continue;
            }
            Piece::Case(case) => {
                all = *case;
                continue;
            }
        };
        for char in text.chars() {
            match (std::mem::replace(&mut one, ' '), all) {
                ('u', _) | (' ', 'U') => out.extend(char.to_uppercase()),
                ('l', _) | (' ', 'L') => out.extend(char.to_lowercase()),
                _ => out.push(char),
            }
        }
    }
}
