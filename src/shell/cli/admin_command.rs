//! Commands that ask the cluster one question after another and print what they learn: written as straight functions.
//!
//! Nothing may block, so a command is run from its beginning each time an answer arrives: [`Admin::call`] gives the answers
//! that came already, in order, and stops the run at the first question that is still open. What an earlier run has
//! printed is not printed again. A command that depends on nothing but its options and its answers so behaves as if it
//! had waited.

use std::hash::Hash;
use std::rc::Rc;

use super::config_def;
use super::exception::Exception;
use super::exit::{Done, Stop};
use super::io::Io;
use super::options::{Given, Refusal};
use super::process::Command;
use crate::base::{BrokerId, ClientId, Prng, Span, Timestamp};
use crate::engine::client::{API_TIMEOUT, CallError};
use crate::engine::program::Event;
use crate::engine::protocol::{ErrorCode, Request, Response};

/// The `client.id` of an admin client that was given none.
pub const CLIENT_ID: &str = "adminclient-1";

/// A command that is carried out with an admin client.
pub trait AdminCommand {
    /// The `client.id` of the admin client.
    fn client_id(&self) -> &'static str {
        CLIENT_ID
    }

    /// How long the tool lets a call take.
    fn timeout(&self) -> Span {
        API_TIMEOUT
    }

    /// Gives the exit code.
    fn run(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32>;

    /// Tells an exception, and gives the exit code.
    fn fail(&self, admin: &mut Admin<'_, '_, '_>, thrown: Exception) -> i32 {
        admin.refuse(thrown.reported())
    }
}

/// A timer of [`Admin::sleep`]. Its end is kept among the answers.
const SLEEP_OVER: u64 = 0;

type Answer = Result<Rc<Response>, CallError>;

/// An admin command that runs.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AdminProcess<C> {
    command: C,
    client: Option<ClientId>,
    answers: Vec<Answer>,
    /// Lines printed so far.
    printed: u32,
    started_at: Timestamp,
    open_call: Option<u64>,
}

/// What a command works with: the admin client, and the tool's output.
pub struct Admin<'d, 'a, 'w> {
    io: &'d mut Io<'a, 'w>,
    client: ClientId,
    answers: &'d [Answer],
    /// Calls and sleeps of this run, and lines that it has printed.
    asked: usize,
    said: u32,
    printed: &'d mut u32,
    started_at: Timestamp,
    open_call: &'d mut Option<u64>,
    timeout: Span,
}

impl<C: AdminCommand> AdminProcess<C> {
    pub fn new(command: C) -> Self {
        Self { command, client: None, answers: Vec::new(), printed: 0, started_at: Timestamp(0), open_call: None }
    }
}

impl<C: AdminCommand> Command for AdminProcess<C> {
    fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match event {
            Event::Started => {
                self.client = Some(io.admin(self.command.client_id()));
                self.started_at = io.context.now().timestamp();
            }
            Event::Answered { call, result, .. } if self.open_call == Some(call) => {
                self.open_call = None;
                self.answers.push(result);
            }
            Event::Timer { token: SLEEP_OVER } => self.answers.push(Err(ErrorCode::RequestTimedOut.into())),
            Event::Interrupt => {
                io.exit(130);
                return;
            }
            Event::Logged { level, text, logger, .. } => {
                io.log(level, &format!("[AdminClient clientId={}] {text}", self.command.client_id()), logger);
                return;
            }
            _ => return,
        }
        let Some(client) = self.client else { return };
        let mut admin = Admin {
            io,
            client,
            answers: &self.answers,
            asked: 0,
            said: 0,
            printed: &mut self.printed,
            started_at: self.started_at,
            open_call: &mut self.open_call,
            timeout: self.command.timeout(),
        };
        let code = match self.command.run(&mut admin) {
            Ok(code) => code,
            Err(Stop::Waiting) => return,
            Err(Stop::Refused(refusal)) => admin.refuse(refusal),
            Err(Stop::Options(error)) => self.command.fail(&mut admin, error.into()),
            Err(Stop::Thrown(thrown)) => self.command.fail(&mut admin, thrown),
        };
        io.exit(code);
    }
}

/// `ask!(admin, Kind(request))`: the cluster's answer of that kind, or how the call failed.
macro_rules! ask {
    ($admin:expr, $kind:ident $(($request:expr))?) => {
        match $admin.call(crate::engine::protocol::Request::$kind $(($request))?)? {
            Ok(response) => match response.as_ref() {
                crate::engine::protocol::Response::$kind(response) => Ok(response.clone()),
                _ => Err(crate::engine::client::CallError::Broker(crate::engine::ErrorCode::UnknownServerError)),
            },
            Err(error) => Err(error),
        }
    };
}
pub(crate) use ask;

impl Admin<'_, '_, '_> {
    /// Asks the cluster.
    pub fn call(&mut self, request: Request) -> Done<Answer> {
        let at = self.asked;
        self.asked += 1;
        match self.answers.get(at) {
            Some(answer) => Ok(answer.clone()),
            None => {
                let call = self.io.context.call_within(self.client, request, self.timeout);
                *self.open_call = Some(call);
                Err(Stop::Waiting)
            }
        }
    }

    /// Lets time pass.
    pub fn sleep(&mut self, time: Span) -> Done {
        let at = self.asked;
        self.asked += 1;
        if at < self.answers.len() {
            return Ok(());
        }
        self.io.timer(time, SLEEP_OVER);
        Err(Stop::Waiting)
    }

    /// Chance. Drawn from once all answers are there: a run that is stopped by a question draws anew.
    pub fn chance(&mut self) -> &mut Prng {
        self.io.context.chance()
    }

    /// When the tool began.
    pub fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// The time now, for lines that are printed now.
    pub fn now(&self) -> Timestamp {
        self.io.context.now().timestamp()
    }

    fn is_new(&mut self) -> bool {
        self.said += 1;
        let new = self.said > *self.printed;
        *self.printed = self.said.max(*self.printed);
        new
    }

    pub fn print(&mut self, line: impl Into<String>) {
        if self.is_new() {
            self.io.print(line);
        }
    }

    pub fn error(&mut self, line: impl Into<String>) {
        if self.is_new() {
            self.io.error(line);
        }
    }

    pub fn errors(&mut self, lines: Vec<String>) {
        lines.into_iter().for_each(|line| self.error(line));
    }

    /// Prints a refusal, and gives its exit code.
    pub fn refuse(&mut self, refusal: Refusal) -> i32 {
        if refusal.output {
            refusal.lines.into_iter().for_each(|line| self.print(line));
        } else {
            self.errors(refusal.lines);
        }
        refusal.code
    }

    pub fn log(&mut self, level: &str, text: &str, logger: &str) {
        if self.is_new() {
            self.io.log(level, text, logger);
        }
    }

    /// A line of the admin client's own logger, `org.apache.kafka.clients.admin` and what follows.
    pub fn log_error(&mut self, client_id: &str, text: &str, logger: &str) {
        self.log(
            "ERROR",
            &format!("[AdminClient clientId={client_id}] {text}"),
            &format!("org.apache.kafka.clients.admin.{logger}"),
        );
    }

    /// What a tool reads when it makes its client: the file of its settings must be there, and the servers given once.
    pub fn check_client(&mut self, given: &Given) -> Result<(), Exception> {
        let config = if given.has("admin.config") { "admin.config" } else { "command-config" };
        if let Some(file) = given.value(config)?.filter(|file| self.read_file(file).is_none()) {
            return Err(Exception::java("java.nio.file.NoSuchFileException", file));
        }
        if let Some(servers) = given.value("bootstrap-server")? {
            let servers: Vec<&str> = servers.split(',').map(str::trim).collect();
            if let Some(warning) = config_def::twice_in_list("bootstrap.servers", &servers) {
                self.log("WARN", &warning, config_def::LOGGER);
            }
        }
        Ok(())
    }

    pub fn read_file(&self, name: &str) -> Option<Rc<str>> {
        self.io.context.read_file(name)
    }

    pub fn broker_address(&self, broker: BrokerId) -> String {
        self.io.context.broker_address(broker)
    }
}
