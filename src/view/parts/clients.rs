//! Clients by what they do, and by whom they belong to.

use std::rc::Rc;

use crate::engine::client::{Client, ClientKind, Consumer, ShareConsumer};
use crate::engine::world::World;
use crate::session::ScenarioEntry;

pub fn consumers(world: &World) -> impl Iterator<Item = (&Client, &Consumer)> {
    world.clients().filter_map(|client| match &client.kind {
        ClientKind::Consumer(consumer) => Some((client, consumer.as_ref())),
        _ => None,
    })
}

pub fn share_consumers(world: &World) -> impl Iterator<Item = (&Client, &ShareConsumer)> {
    world.clients().filter_map(|client| match &client.kind {
        ClientKind::Share(consumer) => Some((client, consumer.as_ref())),
        _ => None,
    })
}

/// The name of the program that owns a client; the client id where there is none.
pub fn owner_name(world: &World, client: &Client) -> Rc<str> {
    match world.program(client.owner) {
        Some(program) => program.name.clone(),
        None => client.client_id.as_str().into(),
    }
}

/// Is a program of this name a service of the story?
pub fn is_service(scenario: Option<&ScenarioEntry>, name: &str) -> bool {
    scenario.is_some_and(|scenario| (scenario.service)(name).is_some())
}
