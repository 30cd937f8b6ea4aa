//! Tools that ask the cluster one question after another and print what they learn: written as straight functions.
//!
//! Nothing may block, so a function is run from its beginning each time an answer arrives: `Desk::call` gives the answers
//! that came already, in order, and stops the run at the first question that is still open. What a former run has
//! printed is not printed again. A function that depends on nothing but its command and its answers so behaves as if it
//! had waited.

use std::rc::Rc;

use crate::base::{ClientId, Prng, Span, Timestamp};
use crate::engine::client::{API_TIMEOUT, CallError};
use crate::engine::error::ErrorCode;
use crate::engine::program::Event;
use crate::engine::protocol::{Request, Response};
use crate::shell::cli::io::Io;

/// A command that is carried out with an admin client.
pub trait Errand {
    /// The `client.id` of the admin client.
    fn client_id(&self) -> &'static str {
        "adminclient-1"
    }

    /// How long the tool lets a call take.
    fn timeout(&self) -> Span {
        API_TIMEOUT
    }

    /// Gives the exit code.
    fn run(&self, desk: &mut Desk<'_, '_, '_>) -> Step<i32>;
}

/// A timer of `Desk::sleep`. Its end is kept among the answers.
const SLEEP_OVER: u64 = 0;

/// `Err(Waiting)` until the answer to an open question is there.
pub type Step<T> = Result<T, Waiting>;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiting;

type Answer = Result<Rc<Response>, CallError>;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Dialogue<E> {
    errand: E,
    admin: Option<ClientId>,
    answers: Vec<Answer>,
    /// Lines printed so far.
    printed: u32,
    started_at: Timestamp,
    open_call: Option<u64>,
}

/// What an errand works with.
pub struct Desk<'d, 'a, 'w> {
    io: &'d mut Io<'a, 'w>,
    admin: ClientId,
    answers: &'d [Answer],
    asked: usize,
    said: u32,
    printed: &'d mut u32,
    started_at: Timestamp,
    open_call: &'d mut Option<u64>,
    timeout: Span,
}

impl<E: Errand> Dialogue<E> {
    pub fn new(errand: E) -> Self {
        Self { errand, admin: None, answers: Vec::new(), printed: 0, started_at: Timestamp(0), open_call: None }
    }

    pub fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match event {
            Event::Started => {
                self.admin = Some(io.admin(self.errand.client_id()));
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
                io.log(level, &format!("[AdminClient clientId={}] {text}", self.errand.client_id()), logger);
                return;
            }
            _ => return,
        }
        let Some(admin) = self.admin else { return };
        let mut desk = Desk {
            io,
            admin,
            answers: &self.answers,
            asked: 0,
            said: 0,
            printed: &mut self.printed,
            started_at: self.started_at,
            open_call: &mut self.open_call,
            timeout: self.errand.timeout(),
        };
        if let Ok(code) = self.errand.run(&mut desk) {
            io.exit(code);
        }
    }
}

impl Desk<'_, '_, '_> {
    /// Asks the cluster.
    pub fn call(&mut self, request: Request) -> Step<Answer> {
        let at = self.asked;
        self.asked += 1;
        match self.answers.get(at) {
            Some(answer) => Ok(answer.clone()),
            None => {
                let call = self.io.context.call_within(self.admin, request, self.timeout);
                *self.open_call = Some(call);
                Err(Waiting)
            }
        }
    }

    /// Lets time pass.
    pub fn sleep(&mut self, time: Span) -> Step<()> {
        let at = self.asked;
        self.asked += 1;
        if at < self.answers.len() {
            return Ok(());
        }
        self.io.timer(time, SLEEP_OVER);
        Err(Waiting)
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

    pub fn log(&mut self, level: &str, text: &str, logger: &str) {
        if self.is_new() {
            self.io.log(level, text, logger);
        }
    }

    pub fn read_file(&self, name: &str) -> Option<Rc<str>> {
        self.io.context.read_file(name)
    }

    pub fn broker_address(&self, broker: crate::base::BrokerId) -> String {
        self.io.context.broker_address(broker)
    }
}
