//! A command that runs: one of Kafka's tools, or one of bash's own.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};

use super::bootstrap;
use super::io::Io;
use super::options::Refusal;
use super::time::log_time;
use crate::engine::program::Event;
use crate::engine::protocol::AcknowledgeType;

/// What a command does. Implement this, with `Clone`, `Hash` and `Debug`, to be run as a [`Process`].
pub trait Command {
    fn on(&mut self, event: Event, io: &mut Io<'_, '_>);

    /// The command that it ran has ended.
    fn ended(&mut self, _code: i32, _io: &mut Io<'_, '_>) {}

    /// Does it read standard input?
    fn reads_input(&self) -> bool {
        false
    }

    /// Is it a console consumer, which can be made to take its time for each record?
    fn reads_records(&self) -> bool {
        false
    }

    /// What a share consumer says of each record; `None` for all other commands.
    fn acknowledges(&self) -> Option<AcknowledgeType> {
        None
    }
}

/// A command of any type, as the shell keeps it.
trait AnyCommand: Command + Debug {
    fn copy(&self) -> Box<dyn AnyCommand>;
    fn hash_into(&self, hasher: &mut dyn Hasher);
}

impl<C: Command + Clone + Hash + Debug + 'static> AnyCommand for C {
    fn copy(&self) -> Box<dyn AnyCommand> {
        Box::new(self.clone())
    }

    fn hash_into(&self, mut hasher: &mut dyn Hasher) {
        self.hash(&mut hasher);
    }
}

/// A command that runs.
#[derive(Debug)]
pub struct Process {
    /// Tells in the world's hash which command it is.
    tag: isize,
    command: Box<dyn AnyCommand>,
}

impl Process {
    /// The tags of bash's commands; those of the tools are in their table.
    pub const BUILTIN: isize = 10;
    pub const WRAPPER: isize = 11;
    const REFUSED: isize = 12;

    pub fn new(tag: isize, command: impl Command + Clone + Hash + Debug + 'static) -> Self {
        Self { tag, command: Box::new(command) }
    }

    /// A command that ends before it has begun.
    pub fn refused(refusal: Refusal) -> Self {
        Self::new(Self::REFUSED, refusal)
    }

    /// The same, with one line.
    pub fn failed(line: String, code: i32) -> Self {
        Self::refused(Refusal::lines([line], code))
    }
}

impl Clone for Process {
    fn clone(&self) -> Self {
        Self { tag: self.tag, command: self.command.copy() }
    }
}

impl Hash for Process {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.tag.hash(state);
        self.command.hash_into(state);
    }
}

impl Command for Process {
    fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        self.command.on(event, io);
    }

    fn ended(&mut self, code: i32, io: &mut Io<'_, '_>) {
        self.command.ended(code, io);
    }

    fn reads_input(&self) -> bool {
        self.command.reads_input()
    }

    fn reads_records(&self) -> bool {
        self.command.reads_records()
    }

    fn acknowledges(&self) -> Option<AcknowledgeType> {
        self.command.acknowledges()
    }
}

impl Command for Refusal {
    fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        if matches!(event, Event::Started) {
            let time = format!("[{}]", log_time(io.context.now().timestamp()));
            let lines = std::mem::take(&mut self.lines).into_iter().map(|line| line.replace(bootstrap::NOW, &time));
            io.refuse(Refusal { lines: lines.collect(), ..*self });
        }
    }
}
