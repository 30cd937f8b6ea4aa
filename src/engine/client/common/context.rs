//! A client's view of the world while it handles something, and what it asks the world to do.

use std::rc::Rc;

use super::Event;
use super::wire::{Held, Target, Wire};
use crate::base::{BrokerId, ClientId, Prng, SimTime, Span};
use crate::engine::protocol::Request;
use crate::engine::trace::TraceEvent;

/// A timer of a client. A timer whose stamp is not the client's latest was cancelled and is ignored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ClientTimer {
    /// Producer: look for batches whose linger is over.
    Linger,
    /// Ask for metadata again after a backoff (all kinds of clients).
    MetadataRetry,
    /// Metadata older than metadata.max.age.ms is asked for again.
    MetadataAge,
    /// Producer: a send that has waited max.block.ms is given up.
    MaxBlock,
    /// Producer: the send that waited has returned, and its program gives the next record.
    NextSend,
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

/// What a client asks the world to do.
#[derive(Clone, Debug)]
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
    pub fn dispatch(&mut self, held: Held) {
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
    pub fn log(&mut self, level: &'static str, text: impl Into<Rc<str>>, logger: &'static str) {
        self.log_thrown(level, text, logger, Vec::new());
    }

    /// The same with an exception, below which its stack stands.
    pub fn log_thrown(&mut self, level: &'static str, text: impl Into<Rc<str>>, logger: &'static str, thrown: Vec<String>) {
        self.emit(Event::Logged { client: self.id, level, text: text.into(), logger, thrown });
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
