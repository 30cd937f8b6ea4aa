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
    /// The beginning of a line, before something else is said.
    Begun(String),
    Error(String),
    /// A line for a file.
    File(String, String),
    Exit(i32),
}

/// Most stages of one pipeline; a timer's token carries the stage in its lowest digits.
pub(crate) const STAGES_MAX: u64 = 64;

/// Passed to a tool with each event.
pub struct Io<'a, 'w> {
    pub context: &'a mut Context<'w>,
    pub(crate) stage: u64,
    /// The brokers at the addresses of `--bootstrap-server`.
    pub(crate) servers: &'a [BrokerId],
    pub(crate) clients: &'a mut Vec<ClientId>,
    /// Output after the last line's end.
    pub(crate) partial: &'a mut String,
    pub(crate) said: &'a mut VecDeque<(u64, Said)>,
}

impl Io<'_, '_> {
    /// A line of standard output.
    pub fn print(&mut self, line: impl Into<String>) {
        let line = std::mem::take(self.partial) + &line.into();
        self.say(Said::Out(line));
    }

    /// Standard output that need not end with a line's end.
    pub fn write(&mut self, text: &str) {
        let mut lines = text.split('\n');
        let mut last = lines.next().unwrap_or_default();
        for next in lines {
            self.print(last);
            last = next;
        }
        self.partial.push_str(last);
    }

    /// A line of standard error.
    pub fn error(&mut self, line: impl Into<String>) {
        if !self.partial.is_empty() {
            let begun = std::mem::take(self.partial);
            self.say(Said::Begun(begun));
        }
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
        if !self.partial.is_empty() {
            self.print("");
        }
        self.say(Said::Exit(code));
    }

    pub fn timer(&mut self, delay: Span, token: u64) {
        self.context.timer(delay, token * STAGES_MAX + self.stage);
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

    fn say(&mut self, said: Said) {
        self.said.push_back((self.stage, said));
    }
}
