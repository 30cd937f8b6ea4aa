//! `timeout` and `xargs`: commands that run other commands.

use std::collections::VecDeque;

use super::commands;
use crate::base::Span;
use crate::engine::program::Event;
use crate::engine::protocol::AcknowledgeType;
use crate::shell::cli::io::{Io, Said};
use crate::shell::cli::process::{Command, Process};

/// A command inside another.
#[derive(Clone, Hash, Debug)]
pub struct Wrapper {
    kind: Kind,
    /// The command that runs.
    inner: Option<Process>,
}

#[derive(Clone, Hash, Debug)]
enum Kind {
    Timeout {
        span: Span,
        expired: bool,
    },
    Xargs {
        command: Vec<String>,
        /// `-n`: words for one command.
        most: u32,
        /// `-I`: what each line replaces.
        replace: Option<String>,
        lines: Vec<String>,
        /// Commands that are still to run.
        queue: VecDeque<Vec<String>>,
        code: i32,
    },
}

/// Commands that one `xargs` runs at most.
const RUNS_MAX: usize = 1000;

/// A timer of the wrapper's own: tools count theirs from 0.
const EXPIRES: u64 = u32::MAX as u64;

/// `timeout SECONDS COMMAND`.
pub fn timeout(arguments: &[String]) -> Result<Wrapper, String> {
    let [seconds, command @ ..] = arguments else {
        return Err("timeout: missing operand".to_owned());
    };
    let Some(span) = super::builtins::span(seconds) else {
        return Err(format!("timeout: invalid time interval '{seconds}'"));
    };
    if command.is_empty() {
        return Err("timeout: missing operand".to_owned());
    }
    Ok(Wrapper { kind: Kind::Timeout { span, expired: false }, inner: Some(commands::find(command)) })
}

/// `xargs [-n COUNT] [-I WORD] COMMAND`.
pub fn xargs(arguments: &[String]) -> Result<Wrapper, String> {
    let mut rest = arguments;
    let (mut most, mut replace) = (u32::MAX, None);
    loop {
        let (option, value, after) = match rest {
            [option, value, after @ ..] if option == "-n" || option == "-I" => (option.as_str(), value.as_str(), after),
            [option, after @ ..] if option.len() > 2 && (option.starts_with("-n") || option.starts_with("-I")) => {
                (&option[..2], &option[2..], after)
            }
            [option, ..] if option.starts_with('-') => return Err(format!("xargs: {option} is not simulated")),
            _ => break,
        };
        match option {
            "-I" => replace = Some(value.to_owned()),
            _ => {
                most =
                    value.parse().ok().filter(|most| *most > 0).ok_or(format!("xargs: invalid number \"{value}\" for -n option"))?
            }
        }
        rest = after;
    }
    let command = if rest.is_empty() { vec!["echo".to_owned()] } else { rest.to_vec() };
    let kind = Kind::Xargs { command, most, replace, lines: Vec::new(), queue: VecDeque::new(), code: 0 };
    Ok(Wrapper { kind, inner: None })
}

impl Command for Wrapper {
    fn reads_input(&self) -> bool {
        matches!(self.kind, Kind::Xargs { .. }) || self.inner.as_ref().is_some_and(Process::reads_input)
    }

    fn reads_records(&self) -> bool {
        self.inner.as_ref().is_some_and(Process::reads_records)
    }

    fn acknowledges(&self) -> Option<AcknowledgeType> {
        self.inner.as_ref().and_then(Process::acknowledges)
    }

    fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match &mut self.kind {
            Kind::Timeout { span, expired } => {
                let mut event = event;
                match event {
                    Event::Started if *span > Span::ZERO => io.timer(*span, EXPIRES),
                    Event::Timer { token: EXPIRES } => {
                        *expired = true;
                        event = Event::Interrupt;
                    }
                    _ => {}
                }
                let expired = *expired;
                if let Some(code) = self.tell(event, io) {
                    io.exit(if expired { 124 } else { code });
                }
            }
            Kind::Xargs { lines, .. } => match event {
                Event::Line(line) if self.inner.is_none() => lines.push(line.to_string()),
                Event::EndOfInput if self.inner.is_none() => {
                    self.plan();
                    self.run(io);
                }
                Event::Interrupt if self.inner.is_none() => io.exit(130),
                _ => {
                    if let Some(code) = self.tell(event, io) {
                        self.ended(code);
                        self.run(io);
                    }
                }
            },
        }
    }
}

impl Wrapper {
    /// Passes an event on; the code, if the command ends by it.
    fn tell(&mut self, event: Event, io: &mut Io<'_, '_>) -> Option<i32> {
        self.inner.as_mut()?.on(event, io);
        let mine = io.stage;
        let at = io.said.iter().position(|(stage, said)| *stage == mine && matches!(said, Said::Exit(_)))?;
        match io.said.remove(at) {
            Some((_, Said::Exit(code))) => Some(code),
            _ => None,
        }
    }

    fn plan(&mut self) {
        let Kind::Xargs { command, most, replace, lines, queue, .. } = &mut self.kind else { return };
        if let Some(mark) = replace.as_ref().filter(|mark| !mark.is_empty()) {
            let lines = lines.iter().map(|line| line.trim_start()).filter(|line| !line.is_empty()).take(RUNS_MAX);
            queue.extend(lines.map(|line| command.iter().map(|word| word.replace(mark.as_str(), line)).collect::<Vec<_>>()));
            return;
        }
        let words: Vec<String> = lines.iter().flat_map(|line| line.split_whitespace()).map(str::to_owned).collect();
        if words.is_empty() {
            queue.push_back(command.clone());
        }
        let most = (*most as usize).min(words.len()).max(1);
        queue.extend(words.chunks(most).take(RUNS_MAX).map(|words| command.iter().chain(words).cloned().collect::<Vec<_>>()));
    }

    fn ended(&mut self, ended: i32) {
        self.inner = None;
        let Kind::Xargs { code, queue, .. } = &mut self.kind else { return };
        match ended {
            0 => {}
            130 => {
                queue.clear();
                *code = 130;
            }
            127 => *code = 127,
            _ => *code = 123,
        }
    }

    /// Runs the next command until one has to wait.
    fn run(&mut self, io: &mut Io<'_, '_>) {
        while let Kind::Xargs { queue, code, .. } = &mut self.kind {
            let Some(command) = queue.pop_front() else {
                let code = *code;
                io.exit(code);
                return;
            };
            self.inner = Some(commands::find(&command));
            // Its standard input is /dev/null.
            let started = self.tell(Event::Started, io);
            match started.or_else(|| self.tell(Event::EndOfInput, io)) {
                Some(code) => self.ended(code),
                None => return,
            }
        }
    }
}
