//! What can be chosen, the hosts among it.

use std::rc::Rc;

use crate::base::{BrokerId, ClientId, GroupId, Offset, TopicName, TopicPartition};
use crate::engine::network::Host;
use crate::engine::world::World;

/// What is selected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Selection {
    Record {
        topic_partition: TopicPartition,
        offset: Offset,
    },
    Partition(TopicPartition),
    Topic(TopicName),
    Producer(ClientId),
    Consumer(ClientId),
    Group(GroupId),
    /// A broker, or the controller's node.
    Broker(BrokerId),
    Replica {
        topic_partition: TopicPartition,
        broker: BrokerId,
    },
    Link {
        one: HostSpot,
        other: HostSpot,
    },
}

/// A host, as the screen names it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum HostSpot {
    /// The controller's node, where there is one and it is no broker.
    Controller,
    /// One of several controllers.
    Voter(BrokerId),
    Broker(BrokerId),
    /// What a program runs on.
    Program(Rc<str>),
}

impl HostSpot {
    /// As a line of the script names it.
    pub fn word(&self) -> String {
        match self {
            Self::Controller => "controller".to_owned(),
            Self::Broker(id) | Self::Voter(id) => id.to_string(),
            Self::Program(name) => name.to_string(),
        }
    }

    /// As a sentence names it.
    pub fn title(&self) -> String {
        match self {
            Self::Controller => "the controller".to_owned(),
            Self::Voter(id) => format!("controller {id}"),
            Self::Broker(id) => format!("broker {id}"),
            Self::Program(name) => name.to_string(),
        }
    }

    pub(in crate::view) fn of(world: &World, host: &Host) -> Self {
        match host {
            Host::Node(id) => Self::of_node(world, *id),
            Host::Program(name) => Self::Program(name.clone()),
        }
    }

    pub(in crate::view) fn of_node(world: &World, id: BrokerId) -> Self {
        match world.cluster().quorum.voters.len() {
            _ if world.broker(id).is_some() => Self::Broker(id),
            1 => Self::Controller,
            _ => Self::Voter(id),
        }
    }

    pub(in crate::view) fn host(&self, world: &World) -> Host {
        match self {
            Self::Controller => Host::Node(world.cluster().controller),
            Self::Broker(id) | Self::Voter(id) => Host::Node(*id),
            Self::Program(name) => Host::Program(name.clone()),
        }
    }
}
