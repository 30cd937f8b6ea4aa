//! The way forward: a step takes the next due from the agenda, lets its handler look at the world, and applies what that returned.

use std::collections::VecDeque;
use std::rc::Rc;

use super::World;
use super::agenda::Due;
use super::invariants;
use super::program::{Context, Event};
use crate::base::{BrokerId, ProgramId, SimTime, SortedMap, SortedSet, TopicName, TopicPartition, sort};
use crate::engine::broker::{Asked, Broker};
use crate::engine::network::{Body, Endpoint, Loss, Message, RequestRef};
use crate::engine::node::{self, BrokerTimer, Change, NodeContext, Outcome};
use crate::engine::protocol::{Recipient, Request, Response};
use crate::engine::trace::{TraceEntry, TraceEvent};
use crate::engine::{controller, group_coordinator, server};

/// Events that may follow one another within one step. A program that never stops asking would hang the page.
const EVENTS_PER_STEP_MAX: usize = 100_000;

/// Trace entries kept.
const TRACE_KEPT: usize = 64 * 1024;

impl World {
    /// Handles the next due. False when nothing is due any more, or the simulation has stopped.
    pub fn step(&mut self) -> bool {
        if self.failure.is_some() {
            return false;
        }
        let Some((at, due)) = self.agenda.pop() else {
            return false;
        };
        self.now = at;
        self.steps += 1;
        self.handle(due);
        self.drain_pending();
        self.check();
        true
    }

    /// Lets time pass to `at`, where nothing is due before it.
    pub fn advance_clock(&mut self, at: SimTime) {
        debug_assert!(self.agenda.next_time().is_none_or(|next| next >= at), "time would jump over a due");
        self.now = self.now.max(at);
    }

    fn handle(&mut self, due: Due) {
        let Some(due) = self.hold_back(due) else { return };
        match due {
            Due::Arrive(message) => self.arrive(message),
            Due::BrokerTimer { broker, timer } => {
                match timer {
                    BrokerTimer::MetadataArrives => return self.catch_up_with_metadata(broker),
                    BrokerTimer::QuorumElection => return self.elect_controller(),
                    _ => {}
                }
                let outcome = match self.brokers.get(&broker) {
                    Some(known) if !known.running => return,
                    Some(known) => server::on_timer(&self.node(known), known, timer),
                    None => controller::brokers::on_timer(&self.informed(), timer),
                };
                self.carry_out(broker, outcome);
            }
            Due::TimesOut(request) => {
                self.network.give_up(request);
                self.stop_forwarding(request);
                self.lose(request);
            }
            Due::ClientTimer { client, timer } => {
                self.with_client(client, |client, cx| client.on_timer(cx, timer));
            }
            Due::ProgramEvent { program, event } => self.pending.push_back((program, event)),
        }
    }

    pub(super) fn arrive(&mut self, message: Message) {
        let reference = RequestRef { from: message.from, correlation: message.correlation };
        match (message.to, message.body) {
            (Endpoint::Broker(id), Body::Request(request)) => {
                let outcome = match self.brokers.get(&id) {
                    _ if self.cluster.quorum.leader == Some(id) && request.recipient() == Recipient::ActiveController => {
                        controller::brokers::handle(&self.informed(), reference, &request)
                    }
                    // Nobody listens: the connection is refused, or was reset.
                    Some(broker) if !broker.running || !broker.listening && matches!(message.from, Endpoint::Client(_)) => {
                        return self.send_lost(id, reference, Loss::Refused);
                    }
                    Some(broker) => server::handle(&self.node(broker), broker, reference, &request),
                    None => return self.send_lost(id, reference, Loss::Refused),
                };
                self.carry_out(id, outcome);
            }
            (Endpoint::Broker(id), Body::Response(response)) => self.broker_answered(id, message.correlation, Some(&response)),
            (Endpoint::Broker(id), Body::Lost(_)) => self.broker_answered(id, message.correlation, None),
            (Endpoint::Client(client), Body::Response(response)) => {
                self.with_client(client, |client, cx| client.on_response(cx, message.correlation, &response));
            }
            (Endpoint::Client(client), Body::Lost(loss)) => {
                self.with_client(client, |client, cx| client.on_lost(cx, message.correlation, loss));
            }
            (Endpoint::Client(client), Body::Closed) => {
                if let Endpoint::Broker(broker) = message.from {
                    self.with_client(client, |client, cx| client.on_closed(cx, broker));
                }
            }
            (Endpoint::Broker(_), Body::Closed) => debug_assert!(false, "brokers learn of each other by their requests"),
            (Endpoint::Client(_), Body::Request(_)) => debug_assert!(false, "nobody asks a client"),
        }
    }

    fn broker_answered(&mut self, id: BrokerId, correlation: u32, response: Option<&Response>) {
        if let Some(broker) = self.brokers.get(&id).filter(|broker| broker.running) {
            let outcome = server::on_response(&self.node(broker), broker, correlation, response);
            self.carry_out(id, outcome);
        }
    }

    /// What this broker can know now.
    pub fn node<'a>(&'a self, broker: &'a Broker) -> NodeContext<'a> {
        NodeContext { metadata: broker.stale.as_deref().unwrap_or(&self.cluster), node: broker.id, ..self.informed() }
    }

    /// What a node can know that has heard of every change of the metadata, as the active controller has.
    pub fn informed(&self) -> NodeContext<'_> {
        NodeContext {
            now: self.now,
            metadata: &self.cluster,
            configs: &self.configs,
            seed: self.config.seed,
            node: self.cluster.controller,
        }
    }

    /// Applies what a node's handler returned, and what follows from that on all brokers at once.
    pub(super) fn carry_out(&mut self, node: BrokerId, outcome: Outcome) {
        // What follows is nearly always of the node itself, and alone.
        let mut next = Some((node, outcome));
        let mut queue = VecDeque::new();
        while let Some((node, mut outcome)) = next.take().or_else(|| queue.pop_front()) {
            self.tell_of_deleted_topics(&mut outcome);
            for event in outcome.trace {
                self.record(event);
            }
            let mut moved = Vec::with_capacity(outcome.changes.len());
            for change in outcome.changes {
                self.apply(change, &mut moved);
            }
            let mut own = outcome.touched;
            let mut touched: SortedMap<BrokerId, Vec<TopicPartition>> = SortedMap::new();
            for (broker, partition) in moved {
                if broker == node { own.push(partition) } else { touched.get_or_default(broker).push(partition) }
            }
            let own = (outcome.wakes || !own.is_empty()).then_some(own);
            for (at, timer) in outcome.timers {
                self.agenda.push(at, Due::BrokerTimer { broker: node, timer });
            }
            for (to, response) in outcome.responses {
                self.respond(node, to, response);
            }
            for (to, request, asked) in outcome.requests {
                self.ask(node, to, request, asked);
            }
            if touched.is_empty() && queue.is_empty() {
                next = own.and_then(|own| self.progress(node, own));
                continue;
            }
            touched.extend(own.map(|own| (node, own)));
            queue.extend(touched.into_iter().filter_map(|(broker, partitions)| self.progress(broker, partitions)));
        }
    }

    /// What a broker makes of a change of these partitions.
    fn progress(&self, broker: BrokerId, mut partitions: Vec<TopicPartition>) -> Option<(BrokerId, Outcome)> {
        let known = self.brokers.get(&broker).filter(|known| known.running)?;
        // Each once: what waited would else be let go twice.
        sort(&mut partitions);
        partitions.dedup();
        Some((broker, server::on_progress(&self.node(known), known, &partitions)))
    }

    /// Every coordinator that hears of a topic's end drops what groups have committed for it.
    fn tell_of_deleted_topics(&self, outcome: &mut Outcome) {
        let deleted = |change: &Change| match change {
            Change::Topic(change) => change.deleted().cloned(),
            _ => None,
        };
        let topics: SortedSet<TopicName> = outcome.changes.iter().filter_map(deleted).collect();
        if topics.is_empty() {
            return;
        }
        for broker in self.brokers().filter(|broker| broker.learns()) {
            group_coordinator::expiry::topics_deleted(&self.informed(), broker, &topics, outcome);
        }
    }

    /// The one place where a broker's or the cluster's state changes.
    fn apply(&mut self, change: Change, touched: &mut Vec<(BrokerId, TopicPartition)>) {
        let now = self.now;
        node::apply(&mut self.cluster, &mut self.brokers, &mut self.streams.ids, now, change, touched);
    }

    fn respond(&mut self, node: BrokerId, to: RequestRef, response: Response) {
        if matches!(to.from, Endpoint::Client(client) if !self.clients.contains_key(&client)) {
            return;
        }
        let arrives = self.send(Endpoint::Broker(node), to.from, to.correlation, Body::Response(Rc::new(response)));
        if let Endpoint::Client(client) = to.from {
            self.record(TraceEvent::ResponseSent { client, broker: node, arrives });
        }
    }

    /// A request of a broker's own.
    fn ask(&mut self, node: BrokerId, to: BrokerId, request: Request, asked: Asked) {
        let Some(correlation) = self.brokers.get(&node).map(|broker| broker.next_correlation) else { return };
        self.apply(Change::Asks { broker: node, asked }, &mut Vec::new());
        self.send(Endpoint::Broker(node), Endpoint::Broker(to), correlation, Body::Request(Rc::new(request)));
    }

    pub(super) fn drain_pending(&mut self) {
        for _ in 0..EVENTS_PER_STEP_MAX {
            let Some((program, event)) = self.pending.pop_front() else {
                return;
            };
            self.tell(program, event);
        }
        self.failure = Some(format!("more than {EVENTS_PER_STEP_MAX} events followed one another without time passing").into());
    }

    fn tell(&mut self, id: ProgramId, event: Event) {
        let Some(entry) = self.programs.get_mut(&id) else {
            return;
        };
        if !entry.is_running() {
            return;
        }
        let Some(mut program) = Rc::make_mut(entry).program.take() else {
            return;
        };
        program.handle(event, &mut Context::new(self, id));
        if let Some(entry) = self.programs.get_mut(&id) {
            Rc::make_mut(entry).program = Some(program);
        }
    }

    fn check(&mut self) {
        if cfg!(debug_assertions)
            && self.failure.is_none()
            && let Err(report) = invariants::check(self)
        {
            self.failure = Some(report.into());
        }
    }

    pub(super) fn record(&mut self, event: TraceEvent) {
        self.trace.push(TraceEntry { at: self.now, step: self.steps, event });
        self.trace.keep_last(TRACE_KEPT);
    }
}
