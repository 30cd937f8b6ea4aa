//! The few commands of a Unix shell that people put around Kafka's: echo, cat, seq and others.

use std::rc::Rc;

use crate::base::time::civil;
use crate::base::{Span, Timestamp};
use crate::engine::program::Event;
use crate::shell::bash::filters::{self, Filter};
use crate::shell::bash::help;
use crate::shell::cli::io::Io;
use crate::shell::cli::process::Command;
use crate::shell::cli::time::{DAYS, MONTHS};

/// Lines that `seq` and `yes` print at most.
const LINES_MAX: i64 = 100_000;

/// One of these commands as it runs.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Builtin {
    /// Prints and ends.
    Says {
        text: String,
        code: i32,
    },
    Cat {
        files: Vec<String>,
    },
    Filter(Filter),
    Date {
        format: Option<String>,
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

/// Starts the command `name`; `None` if the name is unknown.
pub fn find(name: &str, arguments: &[String]) -> Option<Builtin> {
    let files = || arguments.iter().filter(|word| !word.starts_with('-')).cloned().collect::<Vec<_>>();
    let flag = |flag: &str| arguments.iter().any(|word| word == flag);
    if let Some(found) = filters::find(name, arguments) {
        return Some(found.map_or_else(complain, Builtin::Filter));
    }
    Some(match name {
        "true" | ":" => Builtin::Says { text: String::new(), code: 0 },
        "false" => Builtin::Says { text: String::new(), code: 1 },
        "echo" => echo(arguments),
        "printf" => Builtin::Says { text: printf(arguments), code: 0 },
        "seq" => seq(arguments),
        "cat" => Builtin::Cat { files: files() },
        "tee" => Builtin::Tee { files: files() },
        "sleep" => sleep(arguments),
        "date" => Builtin::Date { format: arguments.iter().find_map(|word| word.strip_prefix('+')).map(str::to_owned) },
        // What a terminal shows is the page's: it clears and lists what was typed. Without one, bash prints nothing either.
        "clear" | "history" => Builtin::Says { text: String::new(), code: 0 },
        "help" => help::help(arguments.first().map(String::as_str)),
        "ls" => Builtin::List,
        "rm" => Builtin::Remove { files: files(), force: flag("-f") },
        _ => return None,
    })
}

pub(super) fn complain(text: String) -> Builtin {
    Builtin::Says { text: text + "\n", code: 1 }
}

fn echo(arguments: &[String]) -> Builtin {
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
    Builtin::Says { text: if newline { text + "\n" } else { text }, code: 0 }
}

/// `\n`, `\t` and `\\`, as echo -e and printf read them.
pub(super) fn unescape(text: &str) -> String {
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

fn seq(arguments: &[String]) -> Builtin {
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
    Builtin::Says { text, code: 0 }
}

fn sleep(arguments: &[String]) -> Builtin {
    let word = arguments.first().map_or("", String::as_str);
    match span(word) {
        Some(span) => Builtin::Sleep { span },
        None => complain(format!("sleep: invalid time interval '{word}'")),
    }
}

/// Seconds, with a fraction; or a whole number of `m` or `h`.
pub(super) fn span(word: &str) -> Option<Span> {
    let minutes = |number: &str, each: u64| number.parse::<u64>().ok().map(|number| Span::from_secs(number.saturating_mul(each)));
    if let Some(number) = word.strip_suffix('m') {
        return minutes(number, 60);
    }
    if let Some(number) = word.strip_suffix('h') {
        return minutes(number, 3600);
    }
    let number = word.strip_suffix('s').unwrap_or(word);
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let part_us: u64 = format!("{part:0<6}").get(..6)?.parse().ok()?;
    Some(Span::from_us(whole.parse::<u64>().ok()?.saturating_mul(1_000_000).saturating_add(part_us)))
}

impl Command for Builtin {
    fn reads_input(&self) -> bool {
        match self {
            Self::Cat { files } => files.is_empty(),
            Self::Filter(filter) => filter.reads_input(),
            Self::Tee { .. } => true,
            _ => false,
        }
    }

    fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        if let Self::Filter(filter) = self {
            filter.on(event, io);
            return;
        }
        match event {
            Event::Started => self.start(io),
            Event::Line(line) => self.line(io, line),
            Event::EndOfInput if self.reads_input() => io.exit(0),
            Event::Timer { .. } => io.exit(0),
            Event::Interrupt => io.exit(130),
            _ => {}
        }
    }
}

impl Builtin {
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
            Self::Date { format } => {
                let text = date(io.context.now().timestamp(), format.as_deref());
                io.print(text);
                io.exit(0);
            }
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
                    io.context.remove_file(&file);
                }
                io.exit(code);
            }
            Self::Tee { files } => files.iter().for_each(|file| io.context.create_file(file)),
            _ => {}
        }
    }

    fn line(&mut self, io: &mut Io<'_, '_>, line: Rc<str>) {
        match self {
            Self::Cat { .. } => io.print(&*line),
            Self::Tee { files } => {
                for file in files.iter() {
                    io.append(file, &line);
                }
                io.print(&*line);
            }
            _ => {}
        }
    }
}

/// `date` with its usual format, or with what follows a `+`.
fn date(at: Timestamp, format: Option<&str>) -> String {
    let format = format.unwrap_or("%a %b %e %H:%M:%S UTC %Y");
    let (year, month, day) = civil(at.0.div_euclid(86_400_000));
    let seconds = at.0.div_euclid(1000).rem_euclid(86_400);
    // 1970 began on a Thursday.
    let name = |names: &[&'static str], at: i64| usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or("");
    let weekday = name(DAYS, (at.0.div_euclid(86_400_000) + 4).rem_euclid(7));
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(char) = chars.next() {
        match (char, if char == '%' { chars.next() } else { None }) {
            ('%', Some('Y')) => out += &year.to_string(),
            ('%', Some('m')) => out += &format!("{month:02}"),
            ('%', Some('d')) => out += &format!("{day:02}"),
            ('%', Some('e')) => out += &format!("{day:>2}"),
            ('%', Some('H')) => out += &format!("{:02}", seconds / 3600),
            ('%', Some('M')) => out += &format!("{:02}", seconds / 60 % 60),
            ('%', Some('S')) => out += &format!("{:02}", seconds % 60),
            ('%', Some('F')) => out += &format!("{year}-{month:02}-{day:02}"),
            ('%', Some('T')) => out += &format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60),
            ('%', Some('a')) => out += weekday,
            ('%', Some('b')) => out += name(MONTHS, month - 1),
            ('%', Some('s')) => out += &at.0.div_euclid(1000).to_string(),
            ('%', Some('3')) if chars.as_str().starts_with('N') => {
                chars.next();
                out += &format!("{:03}", at.0.rem_euclid(1000));
            }
            ('%', Some('%')) => out.push('%'),
            ('%', Some(other)) => out.extend(['%', other]),
            (char, _) => out.push(char),
        }
    }
    out
}
