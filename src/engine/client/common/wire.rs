//! A client's connections (`NetworkClient`, `ClusterConnectionStates`).
//!
//! ```text
//!  state     │ on                          │ does                                        │ next
//!  none      │ a request, backoff over     │ sends it: it opens the connection           │ opening
//!            │ a request, backoff not over │ keeps it until it is                        │ none
//!  opening   │ an answer                   │                                             │ open
//!            │ refused                     │ WARN; its requests are lost; longer backoff │ none
//!  open      │ the broker ends             │ its requests are lost; shortest backoff     │ none
//!  any       │ a request has timed out     │ closes it: its requests are lost            │ none
//! ```
//!
//! Backoffs are reconnect.backoff.ms, twice as long after each failure up to reconnect.backoff.max.ms. Until the first
//! metadata the client knows the servers it was given, by the numbers -1, -2 …; the coordinator has a connection of its own.

use crate::base::{BrokerId, SimTime, SortedMap, Span};
use crate::engine::network::Loss;
use crate::engine::protocol::Request;

/// `reconnect.backoff.ms` and `reconnect.backoff.max.ms`.
const RECONNECT_BACKOFF_MS: u64 = 50;
const RECONNECT_BACKOFF_MAX_MS: u64 = 1000;

/// Where a request goes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Target {
    Broker(BrokerId),
    /// The group's coordinator, over a connection of its own.
    Coordinator(BrokerId),
    /// The broker that has the least to do (`leastLoadedNode`).
    Any,
}

/// The end of a connection, as a client names it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Node {
    /// One of `bootstrap.servers`, by its place.
    Bootstrap(u32),
    Broker(BrokerId),
    Coordinator(BrokerId),
}

#[derive(Clone, Hash, Debug, Default)]
struct Connection {
    open: bool,
    opening: bool,
    failures: u32,
    /// No attempt to connect before.
    not_before: SimTime,
    last_attempt: Option<SimTime>,
}

/// A request that waits for its node.
#[derive(Clone, Hash, Debug)]
pub struct Held {
    pub correlation: u32,
    pub to: Target,
    pub request: Request,
}

#[derive(Clone, Hash, Debug, Default)]
pub struct Wire {
    bootstrap: Vec<BrokerId>,
    /// The brokers of the last metadata; none before the first.
    nodes: Vec<BrokerId>,
    connections: SortedMap<Node, Connection>,
    /// Requests without an answer yet.
    sent: SortedMap<u32, Node>,
    held: Vec<Held>,
    timer_at: Option<SimTime>,
    pub request_timeout: Span,
}

impl Wire {
    pub(in crate::engine) fn new(bootstrap: Vec<BrokerId>, request_timeout: Span) -> Self {
        Self { bootstrap, request_timeout, ..Self::default() }
    }

    /// The broker at a node's address.
    pub fn broker(&self, node: Node) -> BrokerId {
        match node {
            Node::Bootstrap(at) => self.bootstrap.get(at as usize).copied().unwrap_or(BrokerId(0)),
            Node::Broker(broker) | Node::Coordinator(broker) => broker,
        }
    }

    /// Are the servers that it was given all that the client knows?
    pub fn is_bootstrapping(&self) -> bool {
        self.nodes.is_empty()
    }

    pub fn learn(&mut self, brokers: &[BrokerId]) {
        if !brokers.is_empty() {
            self.nodes = brokers.to_vec();
        }
    }

    /// Is the broker one of the last metadata?
    pub fn knows(&self, broker: BrokerId) -> bool {
        self.nodes.contains(&broker)
    }

    fn candidates(&self) -> Vec<Node> {
        if self.nodes.is_empty() {
            return (0..self.bootstrap.len() as u32).map(Node::Bootstrap).collect();
        }
        self.nodes.iter().copied().map(Node::Broker).collect()
    }

    fn not_before(&self, node: Node) -> SimTime {
        match self.connections.get(&node) {
            Some(connection) if !connection.open && !connection.opening => connection.not_before,
            _ => SimTime::ZERO,
        }
    }

    fn load(&self, node: Node) -> usize {
        self.sent.values().filter(|sent| **sent == node).count()
    }

    /// `NetworkClient.leastLoadedNode`, which begins at a node by chance; here it begins at the first.
    fn least_loaded(&self, now: SimTime) -> Option<Node> {
        let candidates = self.candidates();
        let is = |node: &Node, open: bool| {
            self.connections.get(node).is_some_and(|connection| if open { connection.open } else { connection.opening })
        };
        let open = candidates.iter().filter(|node| is(node, true)).min_by_key(|node| self.load(**node));
        let opening = || candidates.iter().find(|node| is(node, false));
        let free = candidates.iter().filter(|node| self.not_before(**node) <= now);
        let last_attempt = |node: &Node| self.connections.get(node).and_then(|connection| connection.last_attempt);
        open.or_else(opening).or_else(|| free.min_by_key(|node| last_attempt(node))).copied()
    }

    /// Before metadata is asked for: where no node can be asked now, the client begins anew with the servers that it was given
    /// and forgets what it knew (metadata.recovery.strategy=rebootstrap, KIP-899). True if it does.
    pub fn rebootstrap(&mut self, now: SimTime) -> bool {
        let lost = !self.nodes.is_empty() && self.least_loaded(now).is_none();
        if lost {
            self.nodes.clear();
        }
        lost
    }

    /// The node for a request, or when to try again.
    pub fn place(&self, to: Target, now: SimTime) -> Result<Node, SimTime> {
        let node = match to {
            Target::Broker(broker) => Node::Broker(broker),
            Target::Coordinator(broker) => Node::Coordinator(broker),
            Target::Any => match self.least_loaded(now) {
                Some(node) => node,
                None => return Err(self.candidates().into_iter().map(|node| self.not_before(node)).min().unwrap_or(now)),
            },
        };
        match self.not_before(node) {
            at if at > now => Err(at),
            _ => Ok(node),
        }
    }

    /// From when on a request would leave at once.
    pub fn free_at(&self, broker: BrokerId) -> SimTime {
        self.not_before(Node::Broker(broker))
    }

    /// Is a connection to the broker open? Being opened?
    pub fn state(&self, broker: BrokerId) -> (bool, bool) {
        self.connections.get(&Node::Broker(broker)).map_or((false, false), |connection| (connection.open, connection.opening))
    }

    pub fn sends(&mut self, correlation: u32, node: Node, now: SimTime) {
        let connection = self.connections.get_or_default(node);
        if !connection.open && !connection.opening {
            connection.opening = true;
            connection.last_attempt = Some(now);
        }
        self.sent.insert(correlation, node);
    }

    pub fn hold(&mut self, held: Held) {
        self.held.push(held);
    }

    /// What may try again now. Nothing when an earlier timer has taken this one's place: else each would set the next, and
    /// there would be ever more of them.
    pub fn take_held(&mut self, now: SimTime) -> Vec<Held> {
        if self.timer_at != Some(now) {
            return Vec::new();
        }
        self.timer_at = None;
        std::mem::take(&mut self.held)
    }

    /// Is a timer for this moment to be set?
    pub fn needs_timer(&mut self, at: SimTime) -> bool {
        let needed = self.timer_at.is_none_or(|armed| armed > at);
        if needed {
            self.timer_at = Some(at);
        }
        needed
    }

    /// An answer has come; false when nobody waits for it any more.
    pub fn answered(&mut self, correlation: u32) -> bool {
        let Some(node) = self.sent.remove(&correlation) else { return false };
        let connection = self.connections.get_or_default(node);
        (connection.open, connection.opening, connection.failures) = (true, false, 0);
        true
    }

    /// A request that no answer comes to: acks=0.
    pub fn forget(&mut self, correlation: u32) {
        self.sent.remove(&correlation);
    }

    pub fn node_of(&self, correlation: u32) -> Option<Node> {
        self.sent.get(&correlation).copied()
    }

    /// The connections to a broker that are open, or being opened.
    pub fn connections_to(&self, broker: BrokerId) -> Vec<Node> {
        let there =
            |(node, connection): &(&Node, &Connection)| self.broker(**node) == broker && (connection.open || connection.opening);
        self.connections.iter().filter(there).map(|(node, _)| *node).collect()
    }

    /// Ends a connection; its requests, and whether it was refused rather than lost.
    pub fn close(&mut self, node: Node, loss: Loss, now: SimTime) -> (Vec<u32>, bool) {
        let connection = self.connections.get_or_default(node);
        let refused = loss == Loss::Refused && !connection.open;
        let backoff = (RECONNECT_BACKOFF_MS << connection.failures.min(8)).min(RECONNECT_BACKOFF_MAX_MS);
        connection.failures += 1;
        (connection.open, connection.opening) = (false, false);
        connection.not_before = now + Span::from_ms(backoff);
        let lost: Vec<u32> = self.sent.iter().filter(|(_, sent)| **sent == node).map(|(correlation, _)| *correlation).collect();
        for correlation in &lost {
            self.sent.remove(correlation);
        }
        (lost, refused)
    }

    /// `2 (localhost/127.0.0.1:9093)`, as a log names a node.
    pub fn name(&self, node: Node) -> String {
        format!("{} (localhost/127.0.0.1:{})", self.number(node), self.port(node))
    }

    /// `localhost:9092 (id: -1 rack: null isFenced: false)`
    pub fn description(&self, node: Node) -> String {
        format!("localhost:{} (id: {} rack: null isFenced: false)", self.port(node), self.number(node))
    }

    pub fn number(&self, node: Node) -> String {
        match node {
            Node::Bootstrap(at) => (-1 - i64::from(at)).to_string(),
            Node::Broker(broker) => broker.to_string(),
            // A connection of its own, named as Kafka's clients name it.
            Node::Coordinator(broker) => (i32::MAX - broker.0).to_string(),
        }
    }

    fn port(&self, node: Node) -> i32 {
        self.broker(node).port()
    }
}
