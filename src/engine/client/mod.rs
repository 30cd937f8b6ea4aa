//! Lives here: producer, consumer, share consumer and admin client, as actors: a call, an answer or a timer in; requests,
//! timers and events for their program out. An actor reads and writes only itself; the world carries out what it asks for.
//! Never here: a broker's state.

pub mod admin;
mod api;
pub mod consumer;
mod membership;
pub mod metadata;
pub mod partitioner;
pub mod producer;
pub mod share_consumer;
pub mod wire;

pub use admin::{API_TIMEOUT, Admin, CallError, Unanswered};
pub use api::{ConsumerError, Event, NewRecord, PolledRecords, RecordRun, SeekTo, SendError, ShareError, ShareRun};
pub use consumer::{AutoOffsetReset, Consumer, ConsumerConfig, GroupProtocol};
pub use membership::ModernState;
pub use metadata::Metadata;
pub use producer::{Acks, Producer, ProducerConfig};
pub use share_consumer::{AcknowledgementMode, ShareConsumer, ShareConsumerConfig};
use wire::{Held, Node};
pub use wire::{Target, Wire};

use std::rc::Rc;

use super::network::Loss;
use super::protocol::{Request, Response};
use super::trace::TraceEvent;
use crate::base::{BrokerId, ClientId, Prng, ProgramId, SimTime, Span};

const NETWORK_LOGGER: &str = "org.apache.kafka.clients.NetworkClient";

/// A timer of a client. A timer whose stamp is not the client's latest was cancelled and is ignored.
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
    /// Producer: batches that could not leave may be older than delivery.timeout.ms.
    DeliveryTimeout,
    /// Producer or admin: try again after retry.backoff.ms.
    Retry { stamp: u64 },
    /// Admin: default.api.timeout.ms is over for this call.
    CallTimeout { call: u64 },
    /// A node may be connected to again (all kinds of clients).
    Reconnect,
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
    /// Consumer: the rebalance listener has returned; continue the join.
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
    /// Its connections.
    pub(super) wire: Wire,
    pub kind: ClientKind,
}

#[derive(Clone, Hash, Debug)]
pub enum ClientKind {
    Producer(Box<Producer>),
    Consumer(Box<Consumer>),
    Admin(Box<Admin>),
    Share(Box<ShareConsumer>),
}

/// What a client asks the world to do.
#[derive(Debug)]
pub enum ClientEffect {
    Request {
        correlation: u32,
        to: BrokerId,
        request: Rc<Request>,
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
    /// The client has ended; emitted after its last events.
    Gone,
}

/// A client's view of the world while it handles something.
pub struct ClientContext<'a> {
    pub id: ClientId,
    pub now: SimTime,
    /// Chance for clients (partitions for null keys, jitter of backoffs), a stream of its own.
    pub chance: &'a mut Prng,
    pub next_correlation: &'a mut u32,
    pub wire: &'a mut Wire,
    pub effects: &'a mut Vec<ClientEffect>,
}

impl ClientContext<'_> {
    /// Sends a request; the answer comes to `on_response` with the number returned here.
    pub fn request(&mut self, to: Target, request: Request) -> u32 {
        let correlation = *self.next_correlation;
        *self.next_correlation = correlation.wrapping_add(1);
        self.dispatch(Held { correlation, to, request });
        correlation
    }

    /// Sends a request, or keeps it until its node may be connected to again.
    fn dispatch(&mut self, held: Held) {
        match self.wire.place(held.to, self.now) {
            Ok(node) => {
                self.wire.sends(held.correlation, node, self.now);
                let to = self.wire.broker(node);
                let request = Rc::new(held.request);
                self.effects.push(ClientEffect::Request { correlation: held.correlation, to, request });
            }
            Err(at) => {
                self.wire.hold(held);
                self.wake_at(at);
            }
        }
    }

    /// Sees to it that the client looks again at this moment.
    pub fn wake_at(&mut self, at: SimTime) {
        if self.wire.needs_timer(at) {
            self.timer_at(at, ClientTimer::Reconnect);
        }
    }

    /// A line of the client's own log.
    pub fn log(&mut self, level: &'static str, text: impl Into<std::rc::Rc<str>>, logger: &'static str) {
        self.emit(Event::Logged { client: self.id, level, text: text.into(), logger });
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
        if !cx.wire.answered(correlation) {
            return;
        }
        if let Response::Metadata(metadata) = response {
            cx.wire.learn(&metadata.brokers);
        }
        match &mut self.kind {
            ClientKind::Producer(producer) => producer.on_response(cx, correlation, response),
            ClientKind::Consumer(consumer) => consumer.on_response(cx, correlation, response),
            ClientKind::Admin(admin) => admin.on_response(cx, correlation, response),
            ClientKind::Share(consumer) => consumer.on_response(cx, correlation, response),
        }
    }

    /// A request will never be answered: the connection is gone, or it took too long.
    pub fn on_lost(&mut self, cx: &mut ClientContext<'_>, correlation: u32, loss: Loss) {
        if let Some(node) = cx.wire.node_of(correlation) {
            self.disconnected(cx, node, loss);
        }
    }

    /// A broker has ended.
    pub fn on_closed(&mut self, cx: &mut ClientContext<'_>, broker: BrokerId) {
        for node in cx.wire.connections_to(broker) {
            self.disconnected(cx, node, Loss::Closed);
        }
    }

    /// `NetworkClient.processDisconnection`.
    fn disconnected(&mut self, cx: &mut ClientContext<'_>, node: Node, loss: Loss) {
        let (lost, refused) = cx.wire.close(node, loss, cx.now);
        if refused {
            let text = format!("Connection to node {} could not be established. Node may not be available.", cx.wire.name(node));
            cx.log("WARN", text, NETWORK_LOGGER);
        }
        let is_admin = matches!(self.kind, ClientKind::Admin(_));
        if cx.wire.is_bootstrapping() && !is_admin && matches!(node, Node::Bootstrap(_)) {
            let text = format!("Bootstrap broker {} disconnected", cx.wire.description(node));
            cx.log("WARN", text, NETWORK_LOGGER);
        }
        for correlation in lost {
            match &mut self.kind {
                ClientKind::Producer(producer) => producer.on_lost(cx, correlation, node, loss),
                ClientKind::Consumer(consumer) => consumer.on_lost(cx, correlation),
                ClientKind::Admin(admin) => admin.on_lost(cx, correlation),
                ClientKind::Share(consumer) => consumer.on_lost(cx, correlation),
            }
        }
        match &mut self.kind {
            ClientKind::Producer(producer) => producer.on_disconnect(cx),
            ClientKind::Consumer(consumer) => consumer.on_disconnect(cx, node),
            ClientKind::Share(consumer) => consumer.on_disconnect(cx, node),
            ClientKind::Admin(_) => {}
        }
    }

    /// How long it waits for an answer.
    pub fn request_timeout(&self) -> Span {
        self.wire.request_timeout
    }

    pub fn is_connected_to(&self, broker: BrokerId) -> bool {
        !self.wire.connections_to(broker).is_empty()
    }

    pub fn on_timer(&mut self, cx: &mut ClientContext<'_>, timer: ClientTimer) {
        if timer == ClientTimer::Reconnect {
            for held in cx.wire.take_held(cx.now) {
                cx.dispatch(held);
            }
        }
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
