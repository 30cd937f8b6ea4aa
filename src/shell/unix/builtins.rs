//! The few commands of a Unix shell that people put around Kafka's: echo, cat, seq and others.

use super::filters::{self, Filter};
use super::printf::{self, Spoken, Words};
use super::sed::{self, Sed};
use super::seq::Seq;
use crate::base::time::civil;
use crate::base::{Span, Timestamp};
use crate::engine::program::Event;
use crate::shell::cli::io::Io;
use crate::shell::cli::process::Command;
use crate::shell::cli::time::{DAYS, MONTHS};

/// Lines that one `seq` or `yes` prints at once; then a little time passes.
const LINES_AT_ONCE: usize = 100_000;

/// One of these commands as it runs.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Builtin {
    /// Prints and ends.
    Says(Spoken),
    Filter(Filter),
    Sed(Sed),
    Date {
        format: Option<String>,
    },
    Tee {
        files: Vec<String>,
        append: bool,
    },
    Sleep {
        span: Span,
    },
    Seq(Seq),
    /// `yes`: the same without end.
    Yes {
        line: String,
    },
    List {
        files: Vec<String>,
    },
    Touch {
        files: Vec<String>,
    },
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
        return Some(found.map_or_else(Builtin::Says, Builtin::Filter));
    }
    let says = |text: String| Builtin::Says(Spoken::text(text));
    Some(match name {
        "true" | ":" => says(String::new()),
        "false" => Builtin::Says(Spoken { said: Vec::new(), code: 1 }),
        "echo" => Builtin::Says(printf::echo(arguments)),
        "printf" => Builtin::Says(printf::printf(arguments)),
        "seq" => Seq::read(arguments).map_or_else(Builtin::Says, Builtin::Seq),
        "sed" => sed::read(arguments).map_or_else(Builtin::Says, Builtin::Sed),
        "yes" => Builtin::Yes { line: if arguments.is_empty() { "y".to_owned() } else { arguments.join(" ") } },
        "tee" => Builtin::Tee { files: files(), append: flag("-a") || flag("--append") },
        "sleep" => sleep(arguments),
        "date" => Builtin::Date { format: arguments.iter().find_map(|word| word.strip_prefix('+')).map(str::to_owned) },
        // What a terminal shows is the page's: it clears and lists what was typed. Without one, bash prints nothing either.
        "clear" | "history" => says(String::new()),
        "ls" => match arguments.iter().find(|word| word.starts_with('-') && word.as_str() != "-1") {
            Some(option) => complain(format!("ls: {option} is not simulated"), 2),
            None => Builtin::List { files: files() },
        },
        "touch" => Builtin::Touch { files: files() },
        "rm" => Builtin::Remove { files: files(), force: flag("-f") || flag("-rf") },
        "basename" => says(base_name(arguments) + "\n"),
        _ => return None,
    })
}

/// Lines of standard error, and the code.
pub fn complain(text: impl Into<String>, code: i32) -> Builtin {
    Builtin::Says(Spoken::error([text.into()], code))
}

/// What GNU's commands say of words that they do not take.
pub(super) fn misused(name: &str, why: &str, code: i32) -> Spoken {
    Spoken::error([format!("{name}: {why}"), format!("Try '{name} --help' for more information.")], code)
}

/// `basename PATH [SUFFIX]`
fn base_name(arguments: &[String]) -> String {
    let path = arguments.first().map_or("", |path| path.trim_end_matches('/'));
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    let suffix = arguments.get(1).filter(|suffix| *suffix != name);
    suffix.and_then(|suffix| name.strip_suffix(suffix.as_str())).unwrap_or(name).to_owned()
}

fn sleep(arguments: &[String]) -> Builtin {
    if arguments.is_empty() {
        return Builtin::Says(misused("sleep", "missing operand", 1));
    }
    let mut sum = Span::ZERO;
    for word in arguments {
        if let Some(option) = word.strip_prefix('-').and_then(|letters| letters.chars().next()) {
            return Builtin::Says(misused("sleep", &format!("invalid option -- '{option}'"), 1));
        }
        match span(word) {
            Some(span) => sum = sum + span,
            None => return Builtin::Says(misused("sleep", &format!("invalid time interval ‘{word}’"), 1)),
        }
    }
    Builtin::Sleep { span: sum }
}

/// Seconds, with a fraction, or with a unit: `s`, `m`, `h` or `d`.
pub fn span(word: &str) -> Option<Span> {
    let units = [('s', 1_u64), ('m', 60), ('h', 3600), ('d', 86_400)];
    let unit = units.into_iter().find(|(unit, _)| word.ends_with(*unit));
    let (number, each) = unit.map_or((word, 1), |(unit, each)| (word.trim_end_matches(unit), each));
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if word.len() > number.len() + 1 || (whole.is_empty() && part.is_empty()) || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part_us: u64 = format!("{part:0<6}").get(..6)?.parse().ok()?;
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    Some(Span::from_us(whole.saturating_mul(1_000_000).saturating_add(part_us).saturating_mul(each)))
}

impl Command for Builtin {
    fn reads_input(&self) -> bool {
        match self {
            Self::Filter(filter) => filter.reads_input(),
            Self::Sed(sed) => sed.reads_input(),
            Self::Tee { .. } => true,
            _ => false,
        }
    }

    fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match (self, event) {
            (Self::Filter(filter), event) => filter.on(event, io),
            (Self::Sed(sed), event) => sed.on(event, io),
            (Self::Tee { files, .. }, Event::Line(line)) => {
                for file in files.iter() {
                    io.append(file, &line);
                }
                io.repeat(&line);
            }
            (Self::Tee { .. }, Event::EndOfInput) => io.exit(0),
            (builtin, Event::Started) => builtin.start(io),
            (builtin @ (Self::Seq(_) | Self::Yes { .. }), Event::Timer { .. }) => builtin.goes_on(io),
            (_, Event::Timer { .. }) => io.exit(0),
            (_, Event::Interrupt) => io.exit(130),
            _ => {}
        }
    }
}

impl Builtin {
    fn start(&mut self, io: &mut Io<'_, '_>) {
        match self {
            Self::Says(Spoken { said, code }) => {
                for words in std::mem::take(said) {
                    match words {
                        Words::Text(text) => io.write(&text),
                        Words::Error(line) => io.error(line),
                    }
                }
                io.exit(*code);
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
            Self::Seq(_) | Self::Yes { .. } => self.goes_on(io),
            Self::List { files } => list(&std::mem::take(files), io),
            Self::Touch { files } => {
                for file in files.iter() {
                    if io.context.read_file(file).is_none() {
                        io.context.create_file(file);
                    }
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
            Self::Tee { files, append: false } => files.iter().for_each(|file| io.context.create_file(file)),
            Self::Tee { .. } | Self::Filter(_) | Self::Sed(_) => {}
        }
    }

    /// Prints the next lines of many.
    fn goes_on(&mut self, io: &mut Io<'_, '_>) {
        let over = match self {
            Self::Seq(seq) => seq.print(LINES_AT_ONCE, io),
            Self::Yes { line } => {
                (0..LINES_AT_ONCE / 100).for_each(|_| io.print(line.as_str()));
                false
            }
            _ => true,
        };
        if over {
            io.exit(0);
        } else {
            io.timer(Span::from_ms(10), 0);
        }
    }
}

fn list(files: &[String], io: &mut Io<'_, '_>) {
    let names = io.context.file_names();
    let mut code = 0;
    for file in files.iter().filter(|file| !names.contains(file)) {
        io.error(format!("ls: cannot access '{file}': No such file or directory"));
        code = 2;
    }
    for name in names.into_iter().filter(|name| if files.is_empty() { !name.starts_with('.') } else { files.contains(name) }) {
        io.print(name);
    }
    io.exit(code);
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
