//! The few commands of a Unix shell that people put around Kafka's: echo, cat, seq and others.

use std::rc::Rc;

use super::io::Io;
use crate::base::Span;
use crate::engine::program::Event;

/// Lines that `seq` and `yes` print at most.
const LINES_MAX: i64 = 100_000;

/// One of them, at work.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Word {
    /// Prints and ends.
    Says {
        text: String,
        code: i32,
    },
    Cat {
        files: Vec<String>,
    },
    Head {
        left: u64,
    },
    Tail {
        count: usize,
        lines: Vec<Rc<str>>,
    },
    Grep {
        pattern: String,
        invert: bool,
        ignore_case: bool,
        found: bool,
    },
    /// `wc -l`
    Count {
        lines: u64,
    },
    Sort {
        reverse: bool,
        lines: Vec<Rc<str>>,
    },
    Tee {
        files: Vec<String>,
    },
    Sleep {
        span: Span,
    },
    List,
    Remove {
        files: Vec<String>,
        force: bool,
    },
}

/// The command `name`; `None` where there is none.
pub fn find(name: &str, arguments: &[String]) -> Option<Word> {
    let files = || arguments.iter().filter(|word| !word.starts_with('-')).cloned().collect::<Vec<_>>();
    let flag = |flag: &str| arguments.iter().any(|word| word == flag);
    Some(match name {
        "true" | ":" => Word::Says { text: String::new(), code: 0 },
        "false" => Word::Says { text: String::new(), code: 1 },
        "echo" => echo(arguments),
        "printf" => Word::Says { text: printf(arguments), code: 0 },
        "seq" => seq(arguments),
        "cat" => Word::Cat { files: files() },
        "head" => Word::Head { left: count(arguments).unwrap_or(10) },
        "tail" => Word::Tail { count: usize::try_from(count(arguments).unwrap_or(10)).unwrap_or(10), lines: Vec::new() },
        "grep" => Word::Grep {
            pattern: files().into_iter().next().unwrap_or_default(),
            invert: flag("-v"),
            ignore_case: flag("-i"),
            found: false,
        },
        "wc" if flag("-l") => Word::Count { lines: 0 },
        "sort" => Word::Sort { reverse: flag("-r"), lines: Vec::new() },
        "tee" => Word::Tee { files: files() },
        "sleep" => sleep(arguments),
        "ls" => Word::List,
        "rm" => Word::Remove { files: files(), force: flag("-f") },
        _ => return None,
    })
}

fn complain(text: String) -> Word {
    Word::Says { text: text + "\n", code: 1 }
}

fn echo(arguments: &[String]) -> Word {
    let (mut escapes, mut newline, mut from) = (false, true, 0);
    for word in arguments {
        match word.as_str() {
            "-e" => escapes = true,
            "-n" => newline = false,
            "-ne" | "-en" => (escapes, newline) = (true, false),
            _ => break,
        }
        from += 1;
    }
    let text = arguments[from..].join(" ");
    let text = if escapes { unescape(&text) } else { text };
    Word::Says { text: if newline { text + "\n" } else { text }, code: 0 }
}

/// `\n`, `\t` and `\\`, as echo -e and printf read them.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match (char, if char == '\\' { chars.next() } else { None }) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some('t')) => out.push('\t'),
            ('\\', Some('r')) => out.push('\r'),
            ('\\', Some('\\')) => out.push('\\'),
            ('\\', Some(other)) => out.extend(['\\', other]),
            (char, _) => out.push(char),
        }
    }
    out
}

/// `%s`, `%d` and `%%`; the format is used again while arguments are left.
fn printf(arguments: &[String]) -> String {
    let Some((format, values)) = arguments.split_first() else {
        return String::new();
    };
    let format = unescape(format);
    let mut values = values.iter();
    let mut out = String::new();
    loop {
        let before = values.len();
        let mut chars = format.chars();
        while let Some(char) = chars.next() {
            match (char, if char == '%' { chars.next() } else { None }) {
                ('%', Some('s' | 'd' | 'i' | 'b')) => out.push_str(values.next().map_or("", String::as_str)),
                ('%', Some('%')) => out.push('%'),
                ('%', Some(other)) => out.extend(['%', other]),
                (char, _) => out.push(char),
            }
        }
        if values.len() == 0 || values.len() == before {
            return out;
        }
    }
}

fn seq(arguments: &[String]) -> Word {
    let mut numbers = Vec::new();
    for word in arguments {
        match word.parse::<i64>() {
            Ok(number) => numbers.push(number),
            Err(_) => return complain(format!("seq: invalid floating point argument: '{word}'")),
        }
    }
    let (first, step, last) = match numbers.as_slice() {
        [last] => (1, 1, *last),
        [first, last] => (*first, 1, *last),
        [first, step, last] if *step != 0 => (*first, *step, *last),
        _ => return complain("seq: missing operand".to_owned()),
    };
    let mut text = String::new();
    let mut number = first;
    for _ in 0..LINES_MAX {
        if (step > 0 && number > last) || (step < 0 && number < last) {
            break;
        }
        text.push_str(&format!("{number}\n"));
        number = number.saturating_add(step);
    }
    Word::Says { text, code: 0 }
}

/// `-n 3`, `-n3` and `-3`.
fn count(arguments: &[String]) -> Option<u64> {
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if word == "-n" {
            return words.next()?.parse().ok();
        }
        if let Some(number) = word.strip_prefix("-n").or_else(|| word.strip_prefix('-')) {
            return number.parse().ok();
        }
    }
    None
}

/// Seconds, with a fraction; `m` for minutes.
fn sleep(arguments: &[String]) -> Word {
    let word = arguments.first().map_or("", String::as_str);
    let (number, unit_us) = match word.strip_suffix('m') {
        Some(number) => (number, 60_000_000),
        None => (word.strip_suffix('s').unwrap_or(word), 1_000_000),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let part_us = format!("{part:0<6}").get(..6).and_then(|digits| digits.parse::<u64>().ok());
    match (whole.parse::<u64>(), part_us) {
        (Ok(whole), Some(part)) if unit_us == 1_000_000 => {
            Word::Sleep { span: Span::from_us(whole.saturating_mul(unit_us) + part) }
        }
        (Ok(whole), _) => Word::Sleep { span: Span::from_us(whole.saturating_mul(unit_us)) },
        _ => complain(format!("sleep: invalid time interval '{word}'")),
    }
}

impl Word {
    pub(super) fn reads_input(&self) -> bool {
        match self {
            Self::Cat { files } => files.is_empty(),
            Self::Head { .. }
            | Self::Tail { .. }
            | Self::Grep { .. }
            | Self::Count { .. }
            | Self::Sort { .. }
            | Self::Tee { .. } => true,
            _ => false,
        }
    }

    pub(super) fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match event {
            Event::Started => self.start(io),
            Event::Line(line) => self.line(io, line),
            Event::EndOfInput => self.end(io),
            Event::Timer { .. } => io.exit(0),
            Event::Interrupt => io.exit(130),
            _ => {}
        }
    }

    fn start(&mut self, io: &mut Io<'_, '_>) {
        match self {
            Self::Says { text, code } => {
                let (text, code) = (std::mem::take(text), *code);
                match code {
                    0 => io.write(&text),
                    _ => text.lines().for_each(|line| io.error(line)),
                }
                io.exit(code);
            }
            Self::Cat { files } if !files.is_empty() => {
                let mut code = 0;
                for file in std::mem::take(files) {
                    match io.context.read_file(&file) {
                        Some(text) => io.write(&text),
                        None => {
                            io.error(format!("cat: {file}: No such file or directory"));
                            code = 1;
                        }
                    }
                }
                io.exit(code);
            }
            Self::Head { left: 0 } => io.exit(0),
            Self::Sleep { span } => {
                let span = *span;
                io.timer(span, 0);
            }
            Self::List => {
                for name in io.context.file_names() {
                    io.print(name);
                }
                io.exit(0);
            }
            Self::Remove { files, force } => {
                let (files, force) = (std::mem::take(files), *force);
                let mut code = 0;
                for file in files {
                    if io.context.read_file(&file).is_none() && !force {
                        io.error(format!("rm: cannot remove '{file}': No such file or directory"));
                        code = 1;
                    }
                    io.context.write_file(&file, None);
                }
                io.exit(code);
            }
            Self::Tee { files } => files.iter().for_each(|file| io.context.write_file(file, Some("".into()))),
            _ => {}
        }
    }

    fn line(&mut self, io: &mut Io<'_, '_>, line: Rc<str>) {
        match self {
            Self::Cat { .. } => io.print(&*line),
            Self::Head { left } => {
                *left = left.saturating_sub(1);
                let done = *left == 0;
                io.print(&*line);
                if done {
                    io.exit(0);
                }
            }
            Self::Tail { count, lines } => {
                lines.push(line);
                if lines.len() > *count {
                    lines.remove(0);
                }
            }
            Self::Grep { pattern, invert, ignore_case, found } => {
                let has = match ignore_case {
                    true => line.to_ascii_lowercase().contains(&pattern.to_ascii_lowercase()),
                    false => line.contains(pattern.as_str()),
                };
                if has != *invert {
                    *found = true;
                    io.print(&*line);
                }
            }
            Self::Count { lines } => *lines += 1,
            Self::Sort { lines, .. } => lines.push(line),
            Self::Tee { files } => {
                for file in files.iter() {
                    let before = io.context.read_file(file).unwrap_or_else(|| "".into());
                    io.context.write_file(file, Some(format!("{before}{line}\n").into()));
                }
                io.print(&*line);
            }
            _ => {}
        }
    }

    fn end(&mut self, io: &mut Io<'_, '_>) {
        match self {
            Self::Cat { .. } | Self::Head { .. } | Self::Tee { .. } => io.exit(0),
            Self::Tail { lines, .. } => {
                std::mem::take(lines).iter().for_each(|line| io.print(&**line));
                io.exit(0);
            }
            Self::Grep { found, .. } => {
                let code = i32::from(!*found);
                io.exit(code);
            }
            Self::Count { lines } => {
                let lines = *lines;
                io.print(lines.to_string());
                io.exit(0);
            }
            Self::Sort { reverse, lines } => {
                lines.sort();
                if *reverse {
                    lines.reverse();
                }
                std::mem::take(lines).iter().for_each(|line| io.print(&**line));
                io.exit(0);
            }
            _ => {}
        }
    }
}
