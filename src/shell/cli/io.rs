//! What a tool works with: the program's context, and the tool's own output, timers and clients.

use std::collections::VecDeque;

use crate::base::{BrokerId, ClientId, Span};
use crate::engine::client::{ConsumerConfig, ProducerConfig, ShareConsumerConfig};
use crate::engine::program::Context;
use crate::shell::cli::options::Refusal;
use crate::shell::cli::time::log_time;

/// What a tool did that its shell has to route.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Said {
    Out(String),
    /// Output without a line's end.
    Begun(String),
    Error(String),
    /// A line for a file.
    File(String, String),
    /// A command of its own: `timeout` and `xargs` run some. Whether it reads what is there to read.
    Run(Vec<String>, bool),
    /// A signal for that command.
    Signal(Signal),
    Exit(i32),
}

/// What a signal means to a command.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Signal {
    /// It may tidy up: INT, TERM and HUP.
    Ends,
    /// Java prints its threads and goes on, others end: QUIT.
    EndsAllButJava,
    Kills,
    Nothing,
}

/// The lowest digits of a timer's token are the tool's own.
pub(crate) const TOKENS: u64 = 1 << 32;

/// Passed to a tool with each event.
pub struct Io<'a, 'w> {
    pub context: &'a mut Context<'w>,
    /// Which of the shell's tasks it is.
    pub(crate) task: u64,
    /// The brokers at the addresses of `--bootstrap-server`.
    pub(crate) servers: &'a [BrokerId],
    pub(crate) clients: &'a mut Vec<ClientId>,
    /// The line that comes with this event has no end: it is the last one.
    pub(crate) unended: bool,
    pub(crate) said: &'a mut VecDeque<(u64, Said)>,
}

impl Io<'_, '_> {
    /// A line of standard output.
    pub fn print(&mut self, line: impl Into<String>) {
        self.say(Said::Out(line.into()));
    }

    /// Standard output that need not end with a line's end.
    pub fn write(&mut self, text: &str) {
        let mut lines = text.split('\n');
        let mut last = lines.next().unwrap_or_default();
        for next in lines {
            self.print(last);
            last = next;
        }
        if !last.is_empty() {
            self.say(Said::Begun(last.to_owned()));
        }
    }

    /// The line of this event again, with its end if it has one.
    pub fn repeat(&mut self, line: &str) {
        match self.unended {
            true => self.write(line),
            false => self.print(line),
        }
    }

    /// A line of standard error.
    pub fn error(&mut self, line: impl Into<String>) {
        self.say(Said::Error(line.into()));
    }

    /// The last lines of the tool, and its end.
    pub fn refuse(&mut self, refusal: Refusal) {
        if refusal.output {
            refusal.lines.into_iter().for_each(|line| self.print(line));
        } else {
            self.errors(refusal.lines);
        }
        self.exit(refusal.code);
    }

    pub fn errors(&mut self, lines: Vec<String>) {
        lines.into_iter().for_each(|line| self.error(line));
    }

    /// A line at the end of a file.
    pub fn append(&mut self, file: &str, line: &str) {
        self.say(Said::File(file.to_owned(), line.to_owned()));
    }

    /// A line as the tools' logger writes it, to standard error.
    pub fn log(&mut self, level: &str, text: &str, logger: &str) {
        let time = log_time(self.context.now().timestamp());
        self.error(format!("[{time}] {level} {text} ({logger})"));
    }

    /// Ends the tool. What it has opened is closed.
    pub fn exit(&mut self, code: i32) {
        self.say(Said::Exit(code));
    }

    pub fn timer(&mut self, delay: Span, token: u64) {
        self.context.timer(delay, self.task * TOKENS + token);
    }

    pub fn admin(&mut self, client_id: &str) -> ClientId {
        let client = self.context.admin_at(client_id, self.servers);
        self.owns(client)
    }

    fn owns(&mut self, client: ClientId) -> ClientId {
        self.clients.push(client);
        client
    }

    pub fn producer(&mut self, mut config: ProducerConfig) -> ClientId {
        config.bootstrap_servers = self.servers.to_vec();
        let client = self.context.producer(config);
        self.owns(client)
    }

    pub fn consumer(&mut self, mut config: ConsumerConfig) -> ClientId {
        config.bootstrap_servers = self.servers.to_vec();
        let client = self.context.consumer(config);
        self.owns(client)
    }

    pub fn share_consumer(&mut self, mut config: ShareConsumerConfig) -> ClientId {
        config.bootstrap_servers = self.servers.to_vec();
        let client = self.context.share_consumer(config);
        self.owns(client)
    }

    pub(crate) fn say(&mut self, said: Said) {
        self.said.push_back((self.task, said));
    }
}
