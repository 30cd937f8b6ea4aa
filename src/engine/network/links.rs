//! Links between hosts: how long a message takes. Messages of one sender to one receiver never overtake each other.

use std::rc::Rc;

use super::message::{Body, Endpoint, Message, RequestRef};
use crate::base::{BrokerId, ClientId, Prng, SimTime, SortedMap, Span};

/// What a link joins: a node of the cluster, or the host that a program runs on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Host {
    Node(BrokerId),
    Program(Rc<str>),
}

/// What is wrong with a link, in both directions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct LinkFault {
    /// Nothing gets through.
    pub cut: bool,
    /// Each message takes this much longer.
    pub slow: Span,
    /// Of a hundred messages so many are lost once and sent again by TCP.
    pub loss_percent: u32,
}

/// A message between brokers takes this part of the time of one between a client and a broker.
const NEARER: u64 = 3;

/// How long TCP waits before it sends a lost segment again.
const RETRANSMISSION: Span = Span::from_ms(200);

#[derive(Clone, Hash, Debug)]
pub struct Network {
    latency: Span,
    /// Each message takes `latency` and up to this much more.
    jitter: Span,
    chance: Prng,
    /// When the last message on each way arrives.
    last_arrival: SortedMap<(Endpoint, Endpoint), SimTime>,
    /// Links that are not as they should be; the lesser host first.
    faults: SortedMap<(Host, Host), LinkFault>,
    /// Messages on cut links: TCP sends them again until the link is mended or the one who asked gives up.
    held: Vec<(Host, Host, Message)>,
}

impl Network {
    pub fn new(latency: Span, jitter: Span, chance: Prng) -> Self {
        Self { latency, jitter, chance, last_arrival: SortedMap::new(), faults: SortedMap::new(), held: Vec::new() }
    }

    /// When a message that leaves now arrives.
    pub fn arrival(&mut self, from: Endpoint, to: Endpoint, now: SimTime, fault: LinkFault) -> SimTime {
        let lost = fault.loss_percent > 0 && self.chance.below(100) < fault.loss_percent.into();
        let now = now + fault.slow + if lost { RETRANSMISSION } else { Span::ZERO };
        // Brokers stand nearer to one another than their clients do.
        let nearer = if matches!((from, to), (Endpoint::Broker(_), Endpoint::Broker(_))) { NEARER } else { 1 };
        let at = now + Span(self.latency.0 / nearer) + Span(self.chance.below(self.jitter.0 / nearer + 1));
        let last = self.last_arrival.get_or_default((from, to));
        *last = at.max(*last);
        *last
    }

    pub fn faults(&self) -> impl Iterator<Item = (&(Host, Host), &LinkFault)> {
        self.faults.iter()
    }

    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    /// What is wrong between two hosts.
    pub fn fault(&self, one: Host, other: Host) -> LinkFault {
        self.faults.get(&pair(one, other)).copied().unwrap_or_default()
    }

    /// Mends all links.
    pub fn mend(&mut self) {
        self.faults = SortedMap::new();
    }

    /// Keeps a message whose link is cut.
    pub fn hold(&mut self, from: Host, to: Host, message: Message) {
        self.held.push((from, to, message));
    }

    /// Messages that a mended link lets through now, in order.
    pub fn release(&mut self) -> Vec<(Host, Host, Message)> {
        let (free, held) =
            std::mem::take(&mut self.held).into_iter().partition(|(from, to, _)| !self.fault(from.clone(), to.clone()).cut);
        self.held = held;
        free
    }

    /// Gives up a request: neither it nor its answer gets through any more.
    pub fn give_up(&mut self, request: RequestRef) {
        self.held.retain(|(_, _, message)| {
            let asked_by = match message.body {
                Body::Request(_) => message.from,
                Body::Response(_) | Body::Lost(_) | Body::Closed => message.to,
            };
            asked_by != request.from || message.correlation != request.correlation
        });
    }

    /// Sets what is wrong between two hosts; the default mends it.
    pub fn set_fault(&mut self, one: Host, other: Host, fault: LinkFault) {
        match fault == LinkFault::default() {
            true => self.faults.remove(&pair(one, other)),
            false => self.faults.insert(pair(one, other), fault),
        };
    }

    /// Forgets a client that is gone.
    pub fn forget(&mut self, client: ClientId) {
        let gone = Endpoint::Client(client);
        self.last_arrival.retain(|(from, to), _| *from != gone && *to != gone);
    }
}

fn pair(one: Host, other: Host) -> (Host, Host) {
    if one <= other { (one, other) } else { (other, one) }
}
