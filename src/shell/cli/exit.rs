//! How a tool ends other than well.

use super::exception::Exception;
use super::options::{OptionError, Refusal};
use crate::engine::client::CallError;

/// Why a tool, or a part of it, does not go on.
#[derive(Debug)]
pub enum Stop {
    /// A call to the cluster is open: the command is run again when its answer is there.
    Waiting,
    /// The tool prints these lines to standard error and ends with their code.
    Refused(Refusal),
    /// An option's argument cannot be read. Tools differ in how they tell this and other exceptions.
    Options(OptionError),
    Thrown(Exception),
}

pub type Done<T = ()> = Result<T, Stop>;

impl Stop {
    /// How a tool ends whose `main` catches no exception.
    pub fn uncaught(self) -> Refusal {
        self.told(Exception::uncaught)
    }

    /// How a tool ends whose `main` prints exceptions as most do.
    pub fn reported(self) -> Refusal {
        self.told(Exception::reported)
    }

    fn told(self, tell: fn(Exception) -> Refusal) -> Refusal {
        match self {
            Self::Waiting => Refusal::lines::<String>([], 1),
            Self::Refused(refusal) => refusal,
            Self::Options(error) => tell(error.into()),
            Self::Thrown(thrown) => tell(thrown),
        }
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<OptionError> for Stop {
    fn from(error: OptionError) -> Self {
        Self::Options(error)
    }
}

impl From<Exception> for Stop {
    fn from(thrown: Exception) -> Self {
        Self::Thrown(thrown)
    }
}

/// How a tool ends that prints an exception's `toString()` alone.
pub fn told(error: CallError) -> Refusal {
    Refusal::lines([Exception::code(error).line()], 1)
}

/// As the `get` of the call's future throws it.
impl From<CallError> for Stop {
    fn from(error: CallError) -> Self {
        Self::Thrown(Exception::code(error).execution())
    }
}
