//! What travels: requests and answers, between whom, and why one is lost.

use std::fmt;
use std::rc::Rc;

use crate::base::{BrokerId, ClientId, SimTime};
use crate::engine::protocol::{Request, Response};

/// Who sends and receives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Endpoint {
    Client(ClientId),
    Broker(BrokerId),
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(client) => client.fmt(f),
            Self::Broker(broker) => write!(f, "broker {broker}"),
        }
    }
}

/// Which request a response belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RequestRef {
    pub from: Endpoint,
    pub correlation: u32,
}

impl RequestRef {
    /// The client that asks; `None` for a request of another node.
    pub fn client(&self) -> Option<ClientId> {
        match self.from {
            Endpoint::Client(id) => Some(id),
            Endpoint::Broker(_) => None,
        }
    }
}

/// A request or a response on its way.
#[derive(Clone, Hash, Debug)]
pub struct Message {
    pub sent_at: SimTime,
    pub from: Endpoint,
    pub to: Endpoint,
    /// Chosen by the client, repeated in the response.
    pub correlation: u32,
    pub body: Body,
}

#[derive(Clone, Hash, Debug)]
pub enum Body {
    Request(Rc<Request>),
    Response(Rc<Response>),
    /// To who has asked: there is no answer.
    Lost(Loss),
    /// To a client: the broker's process has ended, and its end of their connections with it.
    Closed,
}

/// Why a request is not answered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Loss {
    /// Nobody listens there.
    Refused,
    /// The process has ended meanwhile.
    Closed,
    TimedOut,
}
