//! `timeout` and `xargs`: commands that run other commands.

use std::collections::VecDeque;

use super::commands::is_known;
use crate::base::Span;
use crate::engine::program::Event;
use crate::shell::cli::io::{Io, Said, Signal};
use crate::shell::cli::options::Refusal;
use crate::shell::cli::process::{Command, Process};
use crate::shell::unix::span;

/// Commands that one `xargs` runs at most.
const RUNS_MAX: usize = 1000;

/// `timeout` as it was asked for, and what has come of it.
#[derive(Clone, Hash, Debug)]
struct Timeout {
    span: Span,
    /// The signal, and its number.
    signal: (Signal, i32),
    /// Until it is followed by KILL.
    kill_after: Option<Span>,
    /// It ends with the command's own code.
    preserves: bool,
    /// What it says when it sends a signal.
    says: Option<String>,
    command: Vec<String>,
    expired: bool,
    killed: bool,
}

const EXPIRES: u64 = 0;
const KILLS: u64 = 1;

/// Signals by name, with their number.
const SIGNALS: &[(&str, i32)] = &[
    ("HUP", 1),
    ("INT", 2),
    ("QUIT", 3),
    ("ILL", 4),
    ("TRAP", 5),
    ("ABRT", 6),
    ("BUS", 7),
    ("FPE", 8),
    ("KILL", 9),
    ("USR1", 10),
    ("SEGV", 11),
    ("USR2", 12),
    ("PIPE", 13),
    ("ALRM", 14),
    ("TERM", 15),
    ("CHLD", 17),
    ("CONT", 18),
    ("STOP", 19),
];

fn signal(word: &str) -> Option<(Signal, i32)> {
    let name = word.to_ascii_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    let number = match name.parse::<i32>() {
        Ok(number) => Some(number).filter(|number| (0..=64).contains(number)),
        Err(_) => SIGNALS.iter().find(|(known, _)| *known == name).map(|(_, number)| *number),
    }?;
    let means = match number {
        0 | 17 | 18 | 23 | 28 => Signal::Nothing,
        1 | 2 | 15 => Signal::Ends,
        3 => Signal::EndsAllButJava,
        _ => Signal::Kills,
    };
    Some((means, number))
}

fn wrong(why: String) -> Process {
    let lines = [why, "Try 'timeout --help' for more information.".to_owned()];
    let lines = lines.into_iter().filter(|line| !line.is_empty());
    Process::refused(Refusal::lines::<String>(lines, 125))
}

/// `timeout [-s SIGNAL] [-k DURATION] DURATION COMMAND`
pub fn timeout(arguments: &[String]) -> Process {
    let mut timeout = Timeout {
        span: Span::ZERO,
        signal: (Signal::Ends, 15),
        kill_after: None,
        preserves: false,
        says: None,
        command: Vec::new(),
        expired: false,
        killed: false,
    };
    let mut verbose = false;
    let mut words = arguments.iter().peekable();
    while let Some(word) = words.next_if(|word| word.len() > 1 && word.starts_with('-')) {
        if word == "--" {
            break;
        }
        let mut options: Vec<(char, Option<String>)> = Vec::new();
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value.to_owned())));
            let short = match name {
                "signal" => 's',
                "kill-after" => 'k',
                "preserve-status" => 'p',
                "foreground" => 'f',
                "verbose" => 'v',
                _ => return wrong(format!("timeout: unrecognized option '{word}'")),
            };
            options.push((short, value));
        } else {
            let letters = &word[1..];
            for (at, letter) in letters.char_indices() {
                if !"skv".contains(letter) {
                    return wrong(format!("timeout: invalid option -- '{letter}'"));
                }
                let rest = &letters[at + 1..];
                let takes = letter != 'v';
                options.push((letter, if takes && !rest.is_empty() { Some(rest.to_owned()) } else { None }));
                if takes {
                    break;
                }
            }
        }
        for (option, value) in options {
            let value = match option {
                's' | 'k' => match value.or_else(|| words.next().cloned()) {
                    Some(value) => value,
                    None => return wrong(format!("timeout: option requires an argument -- '{option}'")),
                },
                _ => String::new(),
            };
            match option {
                's' => match signal(&value) {
                    Some(signal) => timeout.signal = signal,
                    None => return wrong(format!("timeout: ‘{value}’: invalid signal")),
                },
                'k' => match span(&value) {
                    Some(span) => timeout.kill_after = Some(span),
                    None => return wrong(format!("timeout: invalid time interval ‘{value}’")),
                },
                'p' => timeout.preserves = true,
                'v' => verbose = true,
                _ => {}
            }
        }
    }
    let Some(duration) = words.next() else { return wrong(String::new()) };
    timeout.command = words.cloned().collect();
    if timeout.command.is_empty() {
        return wrong(String::new());
    }
    match span(duration) {
        Some(span) => timeout.span = span,
        None => return wrong(format!("timeout: invalid time interval ‘{duration}’")),
    }
    let command = &timeout.command[0];
    if !is_known(command) {
        return Process::failed(format!("timeout: failed to run command ‘{command}’: No such file or directory"), 127);
    }
    if verbose {
        let name = SIGNALS.iter().find(|(_, number)| *number == timeout.signal.1).map_or("", |(name, _)| name);
        timeout.says = Some(format!("timeout: sending signal {name} to command ‘{command}’"));
    }
    Process::new(Process::WRAPPER, timeout)
}

impl Command for Timeout {
    fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match event {
            Event::Started => {
                if self.span > Span::ZERO {
                    io.timer(self.span, EXPIRES);
                }
                io.say(Said::Run(std::mem::take(&mut self.command), true));
            }
            Event::Timer { token: EXPIRES } => {
                self.expired = true;
                self.killed = self.signal.1 == 9;
                if let Some(says) = self.says.take() {
                    io.error(says);
                }
                if let Some(span) = self.kill_after {
                    io.timer(span, KILLS);
                }
                io.say(Said::Signal(self.signal.0));
            }
            Event::Timer { token: KILLS } => {
                self.killed = true;
                io.say(Said::Signal(Signal::Kills));
            }
            _ => {}
        }
    }

    fn ended(&mut self, code: i32, io: &mut Io<'_, '_>) {
        io.exit(match code {
            // It ends itself as the command ended.
            _ if self.killed => 137,
            _ if self.expired && self.preserves => 128 + self.signal.1,
            _ if self.expired => 124,
            code => code,
        });
    }
}

/// `xargs` as it was asked for.
#[derive(Clone, Hash, Debug)]
struct Xargs {
    command: Vec<String>,
    /// `-n`: words for one command.
    most: usize,
    /// `-I`: what each line replaces.
    replace: Option<String>,
    /// `-r`: nothing runs for no words.
    for_words_only: bool,
    /// `-d`: instead of blanks.
    delimiter: Option<char>,
    lines: Vec<String>,
    /// Commands that are still to run.
    queue: VecDeque<Vec<String>>,
    runs: bool,
    code: i32,
}

/// `xargs [-n COUNT] [-I WORD] COMMAND`
pub fn xargs(arguments: &[String]) -> Process {
    let mut rest = arguments;
    let mut xargs = Xargs {
        command: vec!["echo".to_owned()],
        most: usize::MAX,
        replace: None,
        for_words_only: false,
        delimiter: None,
        lines: Vec::new(),
        queue: VecDeque::new(),
        runs: false,
        code: 0,
    };
    let failed = |why: String| Process::failed(why, 1);
    while let Some((option, after)) = rest.split_first().filter(|(option, _)| option.len() > 1 && option.starts_with('-')) {
        if matches!(option.as_str(), "-r" | "--no-run-if-empty") {
            xargs.for_words_only = true;
            rest = after;
            continue;
        }
        let known = ["-n", "-I", "-d", "-L", "-P"].into_iter().find(|known| option.starts_with(known));
        let Some(known) = known else { return failed(format!("xargs: {option} is not simulated")) };
        let (value, after) = match (&option[2..], after.split_first()) {
            ("", Some((value, after))) => (value.as_str(), after),
            ("", None) => return failed(format!("xargs: option requires an argument -- '{}'", &known[1..])),
            (value, _) => (value, after),
        };
        match known {
            "-I" => xargs.replace = Some(value.to_owned()),
            "-d" => xargs.delimiter = if value == "\\n" { Some('\n') } else { value.chars().next() },
            // One after the other is one of the orders that there may be.
            "-P" => {}
            "-L" if value != "1" => return failed(format!("xargs: -L {value} is not simulated")),
            _ => match value.parse().ok().filter(|most| *most > 0) {
                Some(most) => xargs.most = most,
                None => return failed(format!("xargs: invalid number \"{value}\" for -n option")),
            },
        }
        rest = after;
    }
    if !rest.is_empty() {
        xargs.command = rest.to_vec();
    }
    Process::new(Process::WRAPPER, xargs)
}

impl Command for Xargs {
    fn reads_input(&self) -> bool {
        !self.runs
    }

    fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match event {
            Event::Line(line) => self.lines.push(line.to_string()),
            Event::EndOfInput if !self.runs => {
                self.runs = true;
                self.plan();
                self.next(io);
            }
            Event::Interrupt if !self.runs => io.exit(130),
            _ => {}
        }
    }

    fn ended(&mut self, code: i32, io: &mut Io<'_, '_>) {
        match code {
            0 => {}
            130 => {
                self.queue.clear();
                self.code = 130;
            }
            127 => self.code = 127,
            _ => self.code = 123,
        }
        self.next(io);
    }
}

impl Xargs {
    fn plan(&mut self) {
        let command = self.command.clone();
        if let Some(mark) = self.replace.as_ref().filter(|mark| !mark.is_empty()) {
            let lines = self.lines.iter().map(|line| line.trim_start()).filter(|line| !line.is_empty()).take(RUNS_MAX);
            let with = |line: &str| command.iter().map(|word| word.replace(mark.as_str(), line)).collect();
            self.queue.extend(lines.map(with));
            return;
        }
        let words: Vec<String> = match self.delimiter {
            Some(mark) => self.lines.join("\n").split(mark).map(str::to_owned).collect(),
            None => self.lines.iter().flat_map(|line| words(line)).collect(),
        };
        if words.is_empty() && !self.for_words_only {
            self.queue.push_back(command.clone());
        }
        let most = self.most.min(words.len()).max(1);
        self.queue.extend(words.chunks(most).take(RUNS_MAX).map(|words| [command.as_slice(), words].concat()));
    }

    /// Runs the next command. Its standard input is /dev/null.
    fn next(&mut self, io: &mut Io<'_, '_>) {
        match self.queue.pop_front() {
            Some(command) if !is_known(&command[0]) => {
                io.error(format!("xargs: {}: No such file or directory", command[0]));
                io.exit(127);
            }
            Some(command) => io.say(Said::Run(command, false)),
            None => io.exit(self.code),
        }
    }
}

/// Quotes and backslashes keep blanks, as in a shell.
fn words(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        match char {
            '\'' | '"' => {
                let inner = chars.by_ref().take_while(|inner| *inner != char).collect::<String>();
                word.get_or_insert_default().push_str(&inner);
            }
            '\\' => word.get_or_insert_default().extend(chars.next()),
            char if char.is_whitespace() => found.extend(word.take()),
            char => word.get_or_insert_default().push(char),
        }
    }
    found.extend(word);
    found
}
