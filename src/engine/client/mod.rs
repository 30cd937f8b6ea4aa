//! Lives here: producer, consumer, share consumer and admin client, as actors: a call, an answer or a timer in; requests,
//! timers and events for their program out. An actor reads and writes only itself; the world carries out what it asks for.
//! Never here: a broker's state.

pub mod admin;
pub mod common;
pub mod consumer;
mod membership;
pub mod producer;
pub mod share_consumer;

pub use admin::{API_TIMEOUT, Admin};
pub use common::{
    CallError, ClientContext, ClientEffect, ClientTimer, ConsumerError, Event, Metadata, NewRecord, PolledRecords, RecordRun,
    SeekTo, SendError, ShareError, ShareRun, Target, Unanswered, Wire, partitioner,
};
pub use consumer::{AutoOffsetReset, Consumer, ConsumerConfig, GroupProtocol, StreamsRebalanceData, StreamsTasks};
pub use membership::ModernState;
pub use producer::{Acks, Partitioner, Producer, ProducerConfig};
pub use share_consumer::{AcknowledgementMode, ShareConsumer, ShareConsumerConfig};

use crate::base::{BrokerId, ClientId, GroupId, ProgramId, Span};
use crate::engine::client::common::Node;
use crate::engine::network::Loss;
use crate::engine::protocol::Response;

const NETWORK_LOGGER: &str = "org.apache.kafka.clients.NetworkClient";

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

impl Client {
    /// What its lines in a log begin with (`LogContext`).
    pub fn log_prefix(&self) -> String {
        let id = &self.client_id;
        match &self.kind {
            ClientKind::Producer(_) => format!("[Producer clientId={id}]"),
            ClientKind::Admin(_) => format!("[AdminClient clientId={id}]"),
            ClientKind::Share(share) => format!("[ShareConsumer clientId={id}, groupId={}]", share.config().group_id),
            ClientKind::Consumer(consumer) => {
                let config = consumer.config();
                let instance = config.group_instance_id.as_ref().map(|instance| format!("instanceId={instance}, "));
                let group = config.group_id.as_ref().map_or("null", GroupId::as_str);
                format!("[Consumer {}clientId={id}, groupId={group}]", instance.unwrap_or_default())
            }
        }
    }

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
