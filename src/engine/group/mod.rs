//! Lives here: the group coordinator: classic groups, committed offsets, assignors.
//! Never here: the consumer (that is `client/`).

pub mod assignors;

use std::rc::Rc;

use super::broker::{Broker, Outcome};
use super::network::RequestRef;
use super::protocol::Request;
use super::world::World;
use crate::base::GroupId;

#[derive(Clone, Hash, Debug)]
pub struct Group {}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum GroupTimer {}

pub fn handle(_world: &World, _broker: &Broker, _from: RequestRef, _request: &Rc<Request>) -> Outcome {
    Outcome::default()
}

pub fn on_timer(_world: &World, _broker: &Broker, _group: GroupId, _timer: GroupTimer) -> Outcome {
    Outcome::default()
}
