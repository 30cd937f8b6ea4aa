//! Settings of an application (`StreamsConfig`).

use crate::base::{BrokerId, Span};
use crate::engine::world::program::Context;
use std::rc::Rc;

/// With Kafka's defaults; times in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StreamsConfig {
    /// `application.id`: the group's id, and what the names of its own topics begin with.
    pub application_id: Rc<str>,
    /// `client.id`; none is made of the application's id.
    pub client_id: Option<String>,
    /// `bootstrap.servers`; none stands for all brokers.
    pub bootstrap_servers: Vec<BrokerId>,
    /// `group.instance.id`
    pub group_instance_id: Option<String>,
    pub commit_interval_ms: i64,
    pub poll_ms: u64,
    /// `repartition.purge.interval.ms`: how often what has been read is deleted from repartition topics.
    pub repartition_purge_interval_ms: i64,
    /// How often results of closed windows and outer joins go out at most.
    pub emit_interval_ms: i64,
    /// A topic whose records go to the program in place of a broker.
    pub taken: Option<Rc<str>>,
    /// The token of its timers, for a program that has others.
    pub timer: u64,
    /// `processing.exception.handler`, `deserialization.exception.handler`
    pub on_failure: ExceptionHandler,
}

/// What becomes of a record that cannot be read, or that an operator throws at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExceptionHandler {
    /// The thread ends.
    LogAndFail,
    /// The record is left out, and counted.
    LogAndContinue,
}

impl StreamsConfig {
    pub fn new(application_id: &str) -> Self {
        Self {
            application_id: application_id.into(),
            client_id: None,
            bootstrap_servers: Vec::new(),
            group_instance_id: None,
            commit_interval_ms: 30_000,
            poll_ms: 100,
            repartition_purge_interval_ms: 30_000,
            emit_interval_ms: 1000,
            taken: None,
            timer: 0,
            on_failure: ExceptionHandler::LogAndFail,
        }
    }

    pub(super) fn poll(&self) -> Span {
        Span::from_ms(self.poll_ms)
    }

    /// The application's id and a UUID, as Streams makes it.
    pub(super) fn client_id(&self, cx: &mut Context<'_>) -> String {
        match &self.client_id {
            Some(client_id) => client_id.clone(),
            None => format!("{}-{}", self.application_id, uuid(cx)),
        }
    }
}

/// A random UUID, drawn from the programs' chance.
pub(super) fn uuid(cx: &mut Context<'_>) -> String {
    let (high, low) = (cx.chance().next_u64(), cx.chance().next_u64());
    let (high, low) = (high & !0xf000 | 0x4000, low & !(0b11 << 62) | 0b10 << 62);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}
