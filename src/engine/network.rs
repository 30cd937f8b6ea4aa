//! Links between hosts: how long a message takes. Messages of one sender to one receiver never overtake each other.

use std::rc::Rc;

use super::protocol::{Request, Response};
use crate::base::{BrokerId, ClientId, Prng, SimTime, SortedMap, Span};

/// Who sends and receives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Endpoint {
    Client(ClientId),
    Broker(BrokerId),
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
}

/// Which request a response belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RequestRef {
    pub from: ClientId,
    pub correlation: u32,
}

#[derive(Clone, Hash, Debug)]
pub struct Network {
    latency: Span,
    /// Each message takes `latency` and up to this much more.
    jitter: Span,
    chance: Prng,
    /// When the last message on each way arrives.
    last_arrival: SortedMap<(Endpoint, Endpoint), SimTime>,
}

impl Network {
    pub fn new(latency: Span, jitter: Span, chance: Prng) -> Self {
        Self { latency, jitter, chance, last_arrival: SortedMap::new() }
    }

    /// When a message that leaves now arrives.
    pub fn arrival(&mut self, from: Endpoint, to: Endpoint, now: SimTime) -> SimTime {
        let at = now + self.latency + Span(self.chance.below(self.jitter.0 + 1));
        let last = self.last_arrival.get_or_default((from, to));
        *last = at.max(*last);
        *last
    }

    /// Forgets a client that is gone.
    pub fn forget(&mut self, client: ClientId) {
        let gone = Endpoint::Client(client);
        self.last_arrival.retain(|(from, to), _| *from != gone && *to != gone);
    }
}
