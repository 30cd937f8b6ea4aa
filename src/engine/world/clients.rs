//! Clients: opened and closed for programs, and what they ask the world for.

use std::rc::Rc;

use super::World;
use super::agenda::Due;
use super::program::Event;
use crate::base::{BrokerId, ClientId, ProgramId, Span};
use crate::engine::client::{
    Admin, Client, ClientContext, ClientEffect, ClientKind, Consumer, ConsumerConfig, Producer, ProducerConfig, ShareConsumer,
    ShareConsumerConfig, Wire,
};
use crate::engine::network::{Body, Endpoint};
use crate::engine::trace::TraceEvent;

/// `request.timeout.ms` of an admin client.
const ADMIN_REQUEST_TIMEOUT_MS: u64 = 30_000;

impl World {
    pub(super) fn open_producer(&mut self, owner: ProgramId, config: ProducerConfig) -> ClientId {
        let client_id = config.client_id.clone();
        let wire = self.wire(config.bootstrap_servers.clone(), config.request_timeout_ms);
        self.open_client(owner, client_id, wire, ClientKind::Producer(Box::new(Producer::new(config))))
    }

    pub(super) fn open_consumer(&mut self, owner: ProgramId, config: ConsumerConfig) -> ClientId {
        let client_id = config.client_id.clone();
        let wire = self.wire(config.bootstrap_servers.clone(), config.request_timeout_ms);
        self.open_client(owner, client_id, wire, ClientKind::Consumer(Box::new(Consumer::new(config))))
    }

    pub(super) fn open_share_consumer(&mut self, owner: ProgramId, config: ShareConsumerConfig) -> ClientId {
        let client_id = config.client_id.clone();
        let wire = self.wire(config.bootstrap_servers.clone(), config.request_timeout_ms);
        self.open_client(owner, client_id, wire, ClientKind::Share(Box::new(ShareConsumer::new(config))))
    }

    pub(super) fn open_admin(&mut self, owner: ProgramId, client_id: &str, servers: Vec<BrokerId>) -> ClientId {
        let wire = self.wire(servers, ADMIN_REQUEST_TIMEOUT_MS);
        self.open_client(owner, client_id.to_owned(), wire, ClientKind::Admin(Box::new(Admin::new())))
    }

    /// A client that names no servers knows all brokers.
    fn wire(&self, servers: Vec<BrokerId>, request_timeout_ms: u64) -> Wire {
        let servers = if servers.is_empty() { self.brokers.keys().copied().collect() } else { servers };
        Wire::new(servers, Span::from_ms(request_timeout_ms))
    }

    fn open_client(&mut self, owner: ProgramId, client_id: String, wire: Wire, kind: ClientKind) -> ClientId {
        let id = ClientId(self.next_client);
        self.next_client += 1;
        self.owners.push(owner);
        self.clients.insert(id, Rc::new(Client { id, owner, client_id, next_correlation: 0, wire, kind }));
        id
    }

    pub(super) fn remove_client(&mut self, id: ClientId) {
        self.end_share_sessions(id);
        self.clients.remove(&id);
        self.network.forget(id);
    }

    pub(super) fn close_client(&mut self, id: ClientId) {
        self.with_client(id, |client, cx| client.close(cx));
    }

    pub(super) fn with_producer<R>(
        &mut self,
        id: ClientId,
        call: impl FnOnce(&mut Producer, &mut ClientContext<'_>) -> R,
    ) -> Option<R> {
        self.with_client(id, |client, cx| match &mut client.kind {
            ClientKind::Producer(producer) => Some(call(producer, cx)),
            _ => None,
        })?
    }

    pub(super) fn with_consumer<R>(
        &mut self,
        id: ClientId,
        call: impl FnOnce(&mut Consumer, &mut ClientContext<'_>) -> R,
    ) -> Option<R> {
        self.with_client(id, |client, cx| match &mut client.kind {
            ClientKind::Consumer(consumer) => Some(call(consumer, cx)),
            _ => None,
        })?
    }

    pub(super) fn with_share_consumer<R>(
        &mut self,
        id: ClientId,
        call: impl FnOnce(&mut ShareConsumer, &mut ClientContext<'_>) -> R,
    ) -> Option<R> {
        self.with_client(id, |client, cx| match &mut client.kind {
            ClientKind::Share(consumer) => Some(call(consumer, cx)),
            _ => None,
        })?
    }

    pub(super) fn with_admin<R>(&mut self, id: ClientId, call: impl FnOnce(&mut Admin, &mut ClientContext<'_>) -> R) -> Option<R> {
        self.with_client(id, |client, cx| match &mut client.kind {
            ClientKind::Admin(admin) => Some(call(admin, cx)),
            _ => None,
        })?
    }

    /// Runs a client's handler and carries out what it asks for. `None` if there is no such client (any more).
    pub(super) fn with_client<R>(
        &mut self,
        id: ClientId,
        handler: impl FnOnce(&mut Client, &mut ClientContext<'_>) -> R,
    ) -> Option<R> {
        let client = Rc::make_mut(self.clients.get_mut(&id)?);
        let owner = client.owner;
        let mut effects = std::mem::take(&mut self.effects);
        let mut next_correlation = client.next_correlation;
        let mut wire = std::mem::take(&mut client.wire);
        let result = handler(
            client,
            &mut ClientContext {
                id,
                now: self.now,
                chance: &mut self.streams.clients,
                next_correlation: &mut next_correlation,
                wire: &mut wire,
                effects: &mut effects,
            },
        );
        client.next_correlation = next_correlation;
        client.wire = wire;
        for effect in effects.drain(..) {
            self.carry_out_client(id, owner, effect);
        }
        self.effects = effects;
        Some(result)
    }

    fn carry_out_client(&mut self, id: ClientId, owner: ProgramId, effect: ClientEffect) {
        match effect {
            ClientEffect::Request { correlation, to, request } => {
                let broker = to;
                let name = request.name();
                let body = Body::Request(request);
                let arrives = self.send(Endpoint::Client(id), Endpoint::Broker(broker), correlation, body);
                self.record(TraceEvent::RequestSent { client: id, broker, name, arrives });
            }
            ClientEffect::Timer { at, timer } => self.agenda.push(at, Due::ClientTimer { client: id, timer }),
            ClientEffect::Emit(event) => self.pending.push_back((owner, event)),
            ClientEffect::EmitAt(at, event) => self.agenda.push(at, Due::ProgramEvent { program: owner, event }),
            ClientEffect::Trace(event) => self.record(event),
            ClientEffect::Gone => {
                self.remove_client(id);
                self.pending.push_back((owner, Event::Closed { client: id }));
            }
        }
    }
}
