//! Exceptions as the tools print them.

use crate::engine::client::{CallError, Unanswered};
use crate::shell::cli::options::{OptionError, Refusal};

/// An exception, as Java prints it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Exception {
    pub class: String,
    pub message: String,
    /// The lines of its stack trace below the first: `<stack>` for its frames, then its causes.
    pub below: Vec<String>,
}

impl Exception {
    /// One with stack frames.
    pub fn java(class: &str, message: &str) -> Self {
        Self { below: vec!["<stack>".to_owned()], ..Self::without_frames(class, message) }
    }

    /// One of `org.apache.kafka.common.errors`, which have no frames.
    pub fn api(class: &str, message: &str) -> Self {
        Self::without_frames(&format!("org.apache.kafka.common.errors.{class}"), message)
    }

    pub fn without_frames(class: &str, message: &str) -> Self {
        Self { class: class.to_owned(), message: message.to_owned(), below: Vec::new() }
    }

    /// The exception that stands for an error code, with its default text; or for a call that nobody answered.
    pub fn code(error: impl Into<CallError>) -> Self {
        match error.into() {
            CallError::Broker(error) => Self::api(error.exception(), error.message()),
            CallError::NoNode { call } => {
                Self::api("TimeoutException", &format!("Timed out waiting for a node assignment. Call: {call}"))
            }
            CallError::Unanswered(call) => {
                let Unanswered { call: name, deadline, now, next_try, tries, correlation, node } = call.as_ref();
                let what = format!(
                    "Call(callName={name}, deadlineMs={}, tries={tries}, nextAllowedTryMs={}) timed out at {} after {tries} \
                     attempt(s)",
                    deadline.0, next_try.0, now.0
                );
                let why =
                    format!("Cancelled {name} request with correlation id {correlation} due to node {node} being disconnected");
                Self::api("TimeoutException", &what).because(Self::api("DisconnectException", &why))
            }
        }
    }

    /// `NumberFormatException`.
    pub fn number(text: &str) -> Self {
        Self::java("java.lang.NumberFormatException", &crate::shell::cli::options::number_format(text))
    }

    /// How most tools end by an exception: their `main` prints its message, its stack and an empty line.
    pub fn reported(self) -> Refusal {
        Refusal::lines(std::iter::once(self.message.clone()).chain(self.stack()).chain([String::new()]), 1)
    }

    /// How a tool ends whose `main` does not catch it.
    pub fn uncaught(self) -> Refusal {
        Refusal::lines(self.stack_after("Exception in thread \"main\" "), 1)
    }

    /// The exception's `toString()`.
    pub fn line(&self) -> String {
        format!("{}: {}", self.class, self.message)
    }

    /// Its stack trace.
    pub fn stack(self) -> Vec<String> {
        self.stack_after("")
    }

    /// Its stack trace, with a text before the first line.
    pub fn stack_after(self, before: &str) -> Vec<String> {
        let lines = std::iter::once(format!("{before}{}", self.line())).chain(self.below);
        // A message may have several lines.
        lines.flat_map(|line| line.split('\n').map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    /// With another exception as its cause.
    pub fn because(mut self, cause: Self) -> Self {
        self.below.push(format!("Caused by: {}", cause.line()));
        self.below.extend(cause.below);
        self
    }

    /// `ExecutionException` around it, as a future's `get` throws.
    pub fn execution(self) -> Self {
        Self::java("java.util.concurrent.ExecutionException", &self.line()).because(self)
    }

    /// `RuntimeException` around it.
    pub fn runtime(self) -> Self {
        Self::java("java.lang.RuntimeException", &self.line()).because(self)
    }

    /// `AdminOperationException`, which some tools throw for input that they cannot use.
    pub fn operation(message: &str) -> Self {
        Self::java("org.apache.kafka.tools.AdminOperationException", message)
    }

    /// `AdminCommandFailedException`.
    pub fn command_failed(message: &str) -> Self {
        Self::java("org.apache.kafka.tools.AdminCommandFailedException", message)
    }

    /// An `IllegalArgumentException` or one of the kinds of it.
    pub fn is_illegal_argument(&self) -> bool {
        matches!(self.class.as_str(), "java.lang.IllegalArgumentException" | "java.lang.NumberFormatException")
    }

    /// `IllegalArgumentException`.
    pub fn illegal_argument(message: &str) -> Self {
        Self::java("java.lang.IllegalArgumentException", message)
    }
}

impl From<OptionError> for Exception {
    fn from(error: OptionError) -> Self {
        Self { below: error.below(), ..Self::without_frames(error.class(), &error.message()) }
    }
}

impl OptionError {
    pub fn reported(self) -> Refusal {
        Exception::from(self).reported()
    }

    pub fn uncaught(self) -> Refusal {
        Exception::from(self).uncaught()
    }
}

/// `org.apache.kafka.common.errors.X: text`, the usual `toString()` of an error code.
pub fn exception_line(error: impl Into<CallError>) -> String {
    Exception::code(error).line()
}
