//! Lives here: producer, consumer, share consumer and admin client, as actors: a call, an answer or a timer in; requests, timers and
//! events for their program out. An actor reads and writes only itself; the world carries out what it asks for.
//! Never here: a broker's state.

pub mod admin;
pub mod consumer;
pub mod metadata;
pub mod partitioner;
pub mod producer;
pub mod share_consumer;

pub use admin::Admin;
pub use consumer::{AutoOffsetReset, Consumer, ConsumerConfig};
pub use metadata::Metadata;
pub use producer::{Acks, Producer, ProducerConfig};
pub use share_consumer::{AcknowledgementMode, ShareConsumer, ShareConsumerConfig, ShareError, ShareRun};

use super::program::Event;
use super::protocol::{Request, Response};
use super::trace::TraceEvent;
use crate::base::{BrokerId, ClientId, Prng, ProgramId, SimTime, Span};

/// A timer of a client. A stamp that is no longer the client's own is a timer that was called off.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ClientTimer {
    /// Producer: look for batches whose linger is over.
    Linger,
    /// Ask for metadata again after a backoff (all kinds of clients).
    MetadataRetry,
    /// Metadata older than metadata.max.age.ms is asked for again.
    MetadataAge,
    /// Producer: records that waited max.block.ms for their topic are given up.
    MaxBlock,
    /// Producer or admin: try again after retry.backoff.ms.
    Retry { stamp: u64 },
    /// Consumer: the next heartbeat is due.
    Heartbeat { stamp: u64 },
    /// Consumer: auto.commit.interval.ms is over while a poll waits.
    AutoCommit,
    /// Consumer: a poll's timeout is over, if it is still the poll that it was set for.
    PollTimeout,
    /// Consumer: max.poll.interval.ms may be over.
    MaxPollInterval,
    /// Consumer: look for the coordinator again.
    CoordinatorRetry,
    /// Consumer: the rebalance listener has had its say; go on with the join.
    ListenerDone { stamp: u64 },
    /// Consumer: join again after retry.backoff.ms.
    RejoinRetry,
    /// Consumer: the close has taken too long, it ends without its last answers.
    CloseTimeout,
}

/// A client, its program and its wire.
#[derive(Clone, Hash, Debug)]
pub struct Client {
    pub id: ClientId,
    pub owner: ProgramId,
    /// `client.id`, as brokers see it.
    pub client_id: String,
    pub next_correlation: u32,
    /// The brokers that it may ask: those of `bootstrap.servers`, then those of the last metadata.
    pub nodes: Vec<BrokerId>,
    pub kind: ClientKind,
}

#[derive(Clone, Hash, Debug)]
pub enum ClientKind {
    Producer(Box<Producer>),
    Consumer(Box<Consumer>),
    Admin(Box<Admin>),
    Share(Box<ShareConsumer>),
}

/// Where a request goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    Broker(BrokerId),
    /// A broker of `bootstrap.servers`.
    Bootstrap,
}

/// What a client asks the world to do.
#[derive(Debug)]
pub enum ClientEffect {
    Request {
        correlation: u32,
        to: Target,
        request: Request,
    },
    Timer {
        at: SimTime,
        timer: ClientTimer,
    },
    /// For the owner, within this step.
    Emit(Event),
    /// For the owner, in a step of its own.
    EmitAt(SimTime, Event),
    Trace(TraceEvent),
    /// The client has ended; emitted after its last words.
    Gone,
}

/// A client's view of the world while it handles something.
pub struct ClientContext<'a> {
    pub id: ClientId,
    pub now: SimTime,
    /// Chance for clients (partitions for null keys, jitter of backoffs), a stream of its own.
    pub chance: &'a mut Prng,
    pub next_correlation: &'a mut u32,
    pub effects: &'a mut Vec<ClientEffect>,
}

impl ClientContext<'_> {
    /// Sends a request; the answer comes to `on_response` with the number returned here.
    pub fn request(&mut self, to: Target, request: Request) -> u32 {
        let correlation = *self.next_correlation;
        *self.next_correlation = correlation.wrapping_add(1);
        self.effects.push(ClientEffect::Request { correlation, to, request });
        correlation
    }

    pub fn timer(&mut self, delay: Span, timer: ClientTimer) {
        self.timer_at(self.now + delay, timer);
    }

    pub fn timer_at(&mut self, at: SimTime, timer: ClientTimer) {
        self.effects.push(ClientEffect::Timer { at, timer });
    }

    /// Tells the program, within this step.
    pub fn emit(&mut self, event: Event) {
        self.effects.push(ClientEffect::Emit(event));
    }

    /// Tells the program in a step of its own, later.
    pub fn emit_after(&mut self, delay: Span, event: Event) {
        self.effects.push(ClientEffect::EmitAt(self.now + delay, event));
    }

    pub fn trace(&mut self, event: TraceEvent) {
        self.effects.push(ClientEffect::Trace(event));
    }

    /// The client has nothing more to do: it ends, and its program gets `Event::Closed`.
    pub fn gone(&mut self) {
        self.effects.push(ClientEffect::Gone);
    }
}

impl Client {
    pub fn on_response(&mut self, cx: &mut ClientContext<'_>, correlation: u32, response: &Response) {
        if let Response::Metadata(metadata) = response
            && !metadata.brokers.is_empty()
        {
            self.nodes = metadata.brokers.clone();
        }
        match &mut self.kind {
            ClientKind::Producer(producer) => producer.on_response(cx, correlation, response),
            ClientKind::Consumer(consumer) => consumer.on_response(cx, correlation, response),
            ClientKind::Admin(admin) => admin.on_response(cx, correlation, response),
            ClientKind::Share(consumer) => consumer.on_response(cx, correlation, response),
        }
    }

    /// A request will never be answered: the connection is gone, or it took too long.
    pub fn on_lost(&mut self, cx: &mut ClientContext<'_>, correlation: u32) {
        match &mut self.kind {
            ClientKind::Producer(producer) => producer.on_lost(cx, correlation),
            ClientKind::Consumer(consumer) => consumer.on_lost(cx, correlation),
            ClientKind::Admin(admin) => admin.on_lost(cx, correlation),
            ClientKind::Share(consumer) => consumer.on_lost(cx, correlation),
        }
    }

    pub fn on_timer(&mut self, cx: &mut ClientContext<'_>, timer: ClientTimer) {
        match &mut self.kind {
            ClientKind::Producer(producer) => producer.on_timer(cx, timer),
            ClientKind::Consumer(consumer) => consumer.on_timer(cx, timer),
            ClientKind::Admin(admin) => admin.on_timer(cx, timer),
            ClientKind::Share(consumer) => consumer.on_timer(cx, timer),
        }
    }

    pub fn close(&mut self, cx: &mut ClientContext<'_>) {
        match &mut self.kind {
            ClientKind::Producer(producer) => producer.close(cx),
            ClientKind::Consumer(consumer) => consumer.close(cx),
            ClientKind::Admin(_) => cx.gone(),
            ClientKind::Share(consumer) => consumer.close(cx),
        }
    }
}
