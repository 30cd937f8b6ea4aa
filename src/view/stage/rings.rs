//! What a step of the tour speaks of: where it is in the world now.

use std::rc::Rc;

use crate::base::TopicPartition;
use crate::engine::world::World;
use crate::scenario::tour::{Scene, Subject};

/// Something on the page that can be ringed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    Card(Rc<str>),
    Pen(Rc<str>),
    Topic(Rc<str>),
    Partition(TopicPartition),
    Record(TopicPartition, i64),
    Broker(i32),
    Replica(TopicPartition, i32),
    Member(Rc<str>),
}

impl Target {
    /// The name by which its element is found on the page: `data-ring`.
    pub fn name(&self) -> String {
        match self {
            Self::Card(name) => format!("card-{name}"),
            Self::Pen(name) => format!("pen-{name}"),
            Self::Topic(name) => format!("topic-{name}"),
            Self::Partition(partition) => format!("partition-{partition}"),
            Self::Record(partition, offset) => format!("record-{partition}-{offset}"),
            Self::Broker(id) => format!("broker-{id}"),
            Self::Replica(partition, broker) => format!("replica-{partition}-{broker}"),
            Self::Member(name) => format!("member-{name}"),
        }
    }
}

/// A target with the numbers that the step's text has for it: mostly one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ringed {
    pub target: Target,
    pub number: u8,
}

/// The rings of a scene that have something to be around now.
pub fn rings(world: &World, scene: &Scene) -> Vec<Ringed> {
    scene.rings.iter().filter_map(|ring| Some(Ringed { target: target(world, &ring.subject)?, number: ring.number })).collect()
}

fn target(world: &World, subject: &Subject) -> Option<Target> {
    Some(match subject {
        Subject::Card(name) => Target::Card((*name).into()),
        Subject::Pen(name) => Target::Pen((*name).into()),
        Subject::Record(find) => {
            let (partition, offset) = find(world)?;
            Target::Record(partition, offset.0)
        }
        Subject::Broker(id) => Target::Broker(*id),
        Subject::Member(name) => Target::Member((*name).into()),
    })
}
