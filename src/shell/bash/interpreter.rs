//! Goes through a list of commands: a stack of what is still to do, which waits for tasks, for a line, or for the time.
//!
//! ```text
//! waits for     goes on when
//! tasks         all of them have ended: the last one's code is `$?`
//! a command     it has ended: what it said takes its place in the words
//! a line        there is one to read
//! time          a loop has gone round often
//! ```

use std::collections::VecDeque;
use std::rc::Rc;

use super::ast::{Command, Condition, Kind, List, Part, Word};
use super::expand::{Expander, Failure};
use super::glob::Mark;
use super::run::Shell;
use super::streams::Streams;
use super::variables::Variables;
use super::{conditional, glob, shell_commands};
use crate::base::Span;
use crate::engine::program::Context;
use crate::shell::cli::io::TOKENS;

/// Turns of loops until time passes: else one without end would never let anything else happen.
const TURNS_AT_ONCE: u64 = 100;

/// How long so many turns take.
const TURNS_TAKE: Span = Span::from_ms(10);

/// What lies on the stack at most: a function may call itself.
const FRAMES_MAX: usize = 1000;

/// Who goes through a list: the shell of a line, or one of its subshells.
#[derive(Clone, Hash, Debug)]
pub struct Interpreter {
    pub(super) variables: Variables,
    frames: Vec<Frame>,
    pub(super) streams: Streams,
    pub(super) waits: Waits,
    /// The code of the last command in the words of the one that runs.
    captured: Option<i32>,
    turns: u64,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Waits {
    Nothing,
    /// These have to end, and the last one's code counts.
    Tasks(Vec<(u32, Option<i32>)>),
    /// What this one says is put into the command on top of the stack.
    Capture(u32),
    /// A line from that input.
    Line(u32),
    Time,
}

/// What is still to do.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Frame {
    List {
        list: Rc<List>,
        at: usize,
    },
    Negate,
    Run(Box<Command>),
    For {
        name: String,
        values: VecDeque<String>,
        body: Rc<List>,
    },
    Count {
        test: Word,
        next: Word,
        body: Rc<List>,
        first: bool,
    },
    While {
        until: bool,
        test: Rc<List>,
        body: Rc<List>,
        tested: bool,
        /// Whether the body ran before.
        begun: bool,
        /// What it ended with.
        code: i32,
    },
    If {
        branches: Rc<[(Rc<List>, Rc<List>)]>,
        otherwise: Rc<List>,
        at: usize,
    },
    /// `read` with its words, once there is a line.
    Read {
        words: Vec<String>,
        separators: String,
        streams: Streams,
        owned: Vec<u32>,
    },
    /// Redirections of a loop or a function end here.
    Restore {
        streams: Streams,
        owned: Vec<u32>,
    },
    /// A function ends here.
    Return(Vec<String>),
}

/// What came of a step.
pub(super) enum Progress {
    Again,
    Waits,
    Ended(i32),
}

/// What one of the shell's own commands asks of it.
pub(super) enum Asked {
    /// It has ended.
    Done(i32),
    /// `read`, which may have to wait.
    Read,
    /// So many loops are left, or begin their next turn.
    Leave { loops: usize, goes_on: bool },
    /// The function is over.
    Return(i32),
    /// The shell is over.
    Exit(i32),
    /// `eval`
    List(Rc<List>),
    /// What follows is a command in its own right.
    Run(Vec<String>),
    /// It is none of the shell's own.
    Other,
}

impl Interpreter {
    pub fn new(list: Rc<List>, variables: Variables, streams: Streams) -> Self {
        let frames = vec![Frame::List { list, at: 0 }];
        Self { variables, frames, streams, waits: Waits::Nothing, captured: None, turns: 0 }
    }

    /// Does one thing.
    pub(super) fn step(&mut self, me: u32, shell: &mut Shell, context: &mut Context<'_>) -> Progress {
        self.waits = Waits::Nothing;
        self.variables.now = context.now();
        if self.frames.len() > FRAMES_MAX {
            shell.complain(context, &self.streams, "bash: line 1: functions in functions without end");
            self.frames.clear();
            self.variables.code = 1;
        }
        let Some(frame) = self.frames.pop() else { return Progress::Ended(self.variables.code) };
        match frame {
            Frame::List { list, at } => self.list(me, list, at, shell),
            Frame::Negate => self.variables.code = i32::from(self.variables.code == 0),
            Frame::Run(mut command) => match command.open() {
                Some(Part::Command { list, .. }) => {
                    let list = list.clone();
                    self.frames.push(Frame::Run(command));
                    self.waits = Waits::Capture(shell.capture(me, self, list));
                }
                _ => {
                    if let Err(failure) = self.execute(me, *command, shell, context) {
                        shell.complain(context, &self.streams, &failure.text);
                        self.unwind(shell, |_| false);
                        self.variables.code = failure.code;
                    }
                }
            },
            Frame::For { name, mut values, body } => {
                if let Some(value) = values.pop_front() {
                    self.variables.set(&name, value);
                    self.frames.push(Frame::For { name, values, body: body.clone() });
                    self.turn(me, body, context);
                }
            }
            Frame::Count { test, next, body, first } => self.count(me, (test, next, body, first), shell, context),
            Frame::While { until, test, body, tested, begun, code } => {
                if !tested {
                    let code = if begun { self.variables.code } else { 0 };
                    self.frames.push(Frame::While { until, test: test.clone(), body, tested: true, begun, code });
                    self.frames.push(Frame::List { list: test, at: 0 });
                } else if (self.variables.code == 0) != until {
                    self.frames.push(Frame::While { until, test, body: body.clone(), tested: false, begun: true, code });
                    self.turn(me, body, context);
                } else {
                    self.variables.code = code;
                }
            }
            Frame::If { branches, otherwise, at } => {
                let next = match branches.get(at) {
                    Some((_, body)) if self.variables.code == 0 => body.clone(),
                    _ => match branches.get(at + 1) {
                        Some((test, _)) => {
                            let test = test.clone();
                            self.frames.push(Frame::If { branches, otherwise, at: at + 1 });
                            test
                        }
                        None => {
                            // Its branch still sees what the test ended with.
                            if otherwise.pipelines.is_empty() {
                                self.variables.code = 0;
                            }
                            otherwise
                        }
                    },
                };
                self.frames.push(Frame::List { list: next, at: 0 });
            }
            Frame::Read { words, separators, streams, owned } => self.read((words, separators), streams, owned, shell, context),
            Frame::Restore { streams, owned } => {
                self.streams = streams;
                shell.drop_inputs(&owned);
            }
            Frame::Return(parameters) => self.variables.parameters = parameters,
        }
        if self.waits == Waits::Nothing { Progress::Again } else { Progress::Waits }
    }

    fn list(&mut self, me: u32, list: Rc<List>, at: usize, shell: &mut Shell) {
        let Some((condition, pipeline)) = list.pipelines.get(at) else { return };
        self.frames.push(Frame::List { list: list.clone(), at: at + 1 });
        let runs = match condition {
            Condition::Always => true,
            Condition::Success => self.variables.code == 0,
            Condition::Failure => self.variables.code != 0,
        };
        if !runs {
            return;
        }
        if pipeline.negated {
            self.frames.push(Frame::Negate);
        }
        match pipeline.commands.as_slice() {
            [command] => self.frames.push(Frame::Run(Box::new(command.clone()))),
            commands => self.waits = Waits::Tasks(shell.pipeline(me, self, commands)),
        }
    }

    /// A turn of a loop begins.
    fn turn(&mut self, me: u32, body: Rc<List>, context: &mut Context<'_>) {
        self.frames.push(Frame::List { list: body, at: 0 });
        self.turns += 1;
        if self.turns.is_multiple_of(TURNS_AT_ONCE) {
            context.timer(TURNS_TAKE, u64::from(me) * TOKENS);
            self.waits = Waits::Time;
        }
    }

    fn count(
        &mut self,
        me: u32,
        (test, next, body, first): (Word, Word, Rc<List>, bool),
        shell: &mut Shell,
        context: &mut Context<'_>,
    ) {
        let mut expander = Expander { variables: &mut self.variables, context };
        let goes_on = (if first { Ok(0) } else { expander.number(&next) }).and_then(|_| match test.0.is_empty() {
            true => Ok(1),
            false => expander.number(&test),
        });
        match goes_on {
            Err(failure) => {
                shell.complain(context, &self.streams, &failure.text);
                self.variables.code = 1;
            }
            Ok(0) => {}
            Ok(_) => {
                self.frames.push(Frame::Count { test, next, body: body.clone(), first: false });
                self.turn(me, body, context);
            }
        }
    }

    fn execute(&mut self, me: u32, command: Command, shell: &mut Shell, context: &mut Context<'_>) -> Result<(), Failure> {
        if let Kind::Simple { assignments, words } = &command.kind {
            let mut expander = Expander { variables: &mut self.variables, context };
            let words = expander.words(words)?;
            let mut values = Vec::new();
            for assignment in assignments {
                let mut value = expander.text(&assignment.value)?;
                if assignment.append {
                    value = expander.variables.get(&assignment.name).unwrap_or_default() + &value;
                }
                // One after the other: `a=1 b=$a`.
                let before = expander.variables.get(&assignment.name);
                expander.variables.set(&assignment.name, value);
                values.push((assignment.name.clone(), before));
            }
            let Some((streams, owned)) = self.redirected(&command.redirects, shell, context)? else { return Ok(()) };
            let code = self.captured.take().unwrap_or(0);
            if words.is_empty() {
                self.variables.code = code;
                shell.drop_inputs(&owned);
                return Ok(());
            }
            self.simple(me, words, streams, owned, shell, context);
            // They were for that command alone.
            for (name, before) in values {
                match before {
                    Some(before) => self.variables.set(&name, before),
                    None => self.variables.unset(&name),
                }
            }
            return Ok(());
        }
        if let Kind::Function { name, body } = command.kind {
            self.variables.define(&name, body);
            self.variables.code = 0;
            return Ok(());
        }
        if !command.redirects.is_empty() {
            let Some((streams, owned)) = self.redirected(&command.redirects, shell, context)? else { return Ok(()) };
            let streams = std::mem::replace(&mut self.streams, streams);
            self.frames.push(Frame::Restore { streams, owned });
        }
        let mut expander = Expander { variables: &mut self.variables, context };
        match command.kind {
            Kind::For { name, words, body } => {
                let values = expander.words(&words)?.into();
                self.variables.code = 0;
                self.frames.push(Frame::For { name, values, body });
            }
            Kind::Count { first, test, next, body } => {
                expander.number(&first)?;
                self.frames.push(Frame::Count { test, next, body, first: true });
            }
            Kind::While { until, test, body } => {
                self.frames.push(Frame::While { until, test, body, tested: false, begun: false, code: 0 });
            }
            Kind::If { branches, otherwise } => {
                let test = branches.first().map(|(test, _)| test.clone()).unwrap_or_default();
                self.frames.push(Frame::If { branches, otherwise, at: 0 });
                self.frames.push(Frame::List { list: test, at: 0 });
            }
            Kind::Case { word, branches } => {
                let text: Vec<char> = expander.text(&word)?.chars().collect();
                let mut found = None;
                'branches: for (patterns, body) in branches.iter() {
                    for pattern in patterns {
                        if glob::fits(&expander.pattern(pattern)?, &text) {
                            found = Some(body.clone());
                            break 'branches;
                        }
                    }
                }
                self.variables.code = 0;
                self.frames.extend(found.map(|list| Frame::List { list, at: 0 }));
            }
            Kind::Group(list) => self.frames.push(Frame::List { list, at: 0 }),
            Kind::Subshell(list) => self.waits = Waits::Tasks(vec![(shell.subshell(me, self, list), None)]),
            Kind::Arithmetic(word) => self.variables.code = i32::from(expander.number(&word)? == 0),
            Kind::Conditional(words) => {
                let mut texts = Vec::new();
                for word in &words {
                    texts.push(expander.pattern(word)?);
                }
                self.variables.code = match conditional::holds(&texts, true, &mut self.variables, context) {
                    Ok(holds) => i32::from(!holds),
                    Err(why) => {
                        shell.complain(context, &self.streams, &format!("bash: line 1: {why}"));
                        2
                    }
                };
            }
            Kind::Simple { .. } | Kind::Function { .. } => {}
        }
        Ok(())
    }

    /// Runs a command by its words: a function, one of the shell's own, or any other.
    fn simple(
        &mut self,
        me: u32,
        words: Vec<String>,
        streams: Streams,
        owned: Vec<u32>,
        shell: &mut Shell,
        context: &mut Context<'_>,
    ) {
        let Some((name, arguments)) = words.split_first() else { return };
        if let Some(body) = self.variables.function(name).cloned() {
            let parameters = std::mem::replace(&mut self.variables.parameters, arguments.to_vec());
            let streams = std::mem::replace(&mut self.streams, streams);
            self.frames.push(Frame::Return(parameters));
            self.frames.push(Frame::Restore { streams, owned });
            self.frames.push(Frame::Run(Box::new((*body).clone())));
            return;
        }
        if name == "test" || name == "[" {
            self.variables.code = self.test(name, arguments, &streams, shell, context);
            shell.drop_inputs(&owned);
            return;
        }
        let mut complain = |text: &str| shell.complain(context, &streams, text);
        match shell_commands::run(name, arguments, &mut self.variables, &mut complain) {
            Asked::Read => {
                let separators = self.variables.separators();
                self.frames.push(Frame::Read { words: arguments.to_vec(), separators, streams, owned });
                return;
            }
            Asked::Run(words) => return self.simple(me, words, streams, owned, shell, context),
            Asked::Other => {
                let task = shell.spawn(context, me, words, streams, owned);
                self.waits = Waits::Tasks(vec![(task, None)]);
                return;
            }
            Asked::Done(code) => self.variables.code = code,
            Asked::List(list) => self.frames.push(Frame::List { list, at: 0 }),
            Asked::Exit(code) => {
                self.unwind(shell, |_| false);
                self.variables.code = code;
            }
            Asked::Return(code) => {
                if self.frames.iter().any(|frame| matches!(frame, Frame::Return(_))) {
                    self.unwind(shell, |frame| matches!(frame, Frame::Return(_)));
                }
                self.variables.code = code;
            }
            Asked::Leave { loops, goes_on } => self.leave(loops, goes_on, shell),
        }
        shell.drop_inputs(&owned);
    }

    fn test(&mut self, name: &str, arguments: &[String], streams: &Streams, shell: &mut Shell, context: &mut Context<'_>) -> i32 {
        let arguments = match arguments.split_last() {
            Some((last, arguments)) if name == "[" && last == "]" => arguments,
            _ if name == "[" => {
                shell.complain(context, streams, "bash: line 1: [: missing `]'");
                return 2;
            }
            _ => arguments,
        };
        let words: Vec<Vec<Mark>> = arguments.iter().map(|word| word.chars().map(|char| (char, true)).collect()).collect();
        match conditional::holds(&words, false, &mut self.variables, context) {
            Ok(holds) => i32::from(!holds),
            Err(why) => {
                shell.complain(context, streams, &format!("bash: line 1: {name}: {why}"));
                2
            }
        }
    }

    fn leave(&mut self, loops: usize, goes_on: bool, shell: &mut Shell) {
        let is_loop = |frame: &Frame| matches!(frame, Frame::For { .. } | Frame::Count { .. } | Frame::While { .. });
        self.variables.code = 0;
        for left in (0..loops).rev() {
            if !self.frames.iter().any(is_loop) {
                return;
            }
            self.unwind(shell, is_loop);
            if !(goes_on && left == 0) {
                self.frames.pop();
            }
        }
    }

    /// Drops what is to do, down to a frame that is kept.
    fn unwind(&mut self, shell: &mut Shell, stops: impl Fn(&Frame) -> bool) {
        while let Some(frame) = self.frames.pop() {
            if stops(&frame) {
                self.frames.push(frame);
                return;
            }
            match frame {
                Frame::Restore { streams, owned } => {
                    self.streams = streams;
                    shell.drop_inputs(&owned);
                }
                Frame::Return(parameters) => self.variables.parameters = parameters,
                _ => {}
            }
        }
    }

    fn read(
        &mut self,
        (words, separators): (Vec<String>, String),
        streams: Streams,
        owned: Vec<u32>,
        shell: &mut Shell,
        context: &mut Context<'_>,
    ) {
        let line = match streams.input {
            None => None,
            Some(input) => match shell.read_line(input) {
                Some(line) => line,
                None => {
                    self.waits = Waits::Line(input);
                    self.frames.push(Frame::Read { words, separators, streams, owned });
                    return;
                }
            },
        };
        let mut complain = |text: &str| shell.complain(context, &streams, text);
        self.variables.code = shell_commands::read(&words, line, &separators, &mut self.variables, &mut complain);
        shell.drop_inputs(&owned);
    }

    /// One of the tasks that it waits for has ended; true if it can go on.
    pub(super) fn ended(&mut self, task: u32, code: i32, said: String) -> bool {
        match &mut self.waits {
            Waits::Tasks(tasks) => {
                tasks.iter_mut().filter(|(id, _)| *id == task).for_each(|(_, known)| *known = Some(code));
                if tasks.iter().any(|(_, known)| known.is_none()) {
                    return false;
                }
                self.variables.code = tasks.last().and_then(|(_, code)| *code).unwrap_or(0);
                true
            }
            Waits::Capture(child) if *child == task => {
                self.captured = Some(code);
                self.variables.code = code;
                if let Some(Frame::Run(command)) = self.frames.last_mut()
                    && let Some(part) = command.open()
                    && let Part::Command { quoted, .. } = part
                {
                    *part = Part::Value { text: said.trim_end_matches('\n').to_owned(), quoted: *quoted };
                }
                true
            }
            _ => false,
        }
    }

    /// Is it in a loop that may have no end?
    pub(super) fn goes_round(&self) -> bool {
        self.frames.iter().any(|frame| matches!(frame, Frame::While { .. } | Frame::Count { .. }))
    }

    /// `^C`: nothing more is done. True if it waits for no task, and so ends now.
    pub(super) fn call_off(&mut self, shell: &mut Shell) -> bool {
        self.unwind(shell, |_| false);
        self.variables.code = 130;
        matches!(self.waits, Waits::Line(_) | Waits::Time | Waits::Nothing)
    }
}
