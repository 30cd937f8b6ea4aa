//! Lives here: the two tours of consumer groups: who reads what, and the consumer that never came back.
//! Never here: what a group does: the coordinator and the clients decide that.

pub mod clerk;
mod facts;
pub mod never_came_back;
pub mod who_reads_what;

use crate::engine::world::ProgramEntry;
use crate::engine::{Program, World};
use crate::scenario::parts::cast::{Role, role};
use crate::scenario::parts::tour::{Ring, Scene, Subject};

/// The topic that all groups read: four partitions, keyed orders.
pub const ORDERS: &str = "orders";

/// A group, and the members of it that a step speaks of.
const fn group(name: &'static str, rings: &'static [Ring]) -> Scene {
    Scene { group: Some(name), rings, ..Scene::GROUPS }
}

const fn member(number: u8, name: &'static str) -> Ring {
    Ring { number, subject: Subject::Member(name) }
}

/// What both begin with. The orders come from the producer of Kafka's own system tests: two a second, with eight keys.
macro_rules! opening {
    ($name:literal, $more:literal) => {
        concat!(
            "! scenario ",
            $name,
            "\n! seed 11\n! latency 20\n",
            "$ kafka-topics.sh --create --topic orders --partitions 4 --bootstrap-server localhost:9092\n",
            $more,
            "@till $ kafka-verifiable-producer.sh --topic orders --throughput 2 --repeating-keys 8 --bootstrap-server localhost:9092\n",
        )
    };
}

pub const WHO_READS_WHAT: &str = opening!("who-reads-what", "");
/// A new group waits 3 s for members (group.initial.rebalance.delay.ms): the orders come after that.
pub const NEVER_CAME_BACK: &str = opening!("never-came-back", "$ start-service clerk-1\n$ start-service clerk-2\n$ sleep 5\n");

/// A new run of a service; `None` if there is none of that name.
pub fn service(name: &str) -> Option<Box<dyn Program>> {
    let max_poll_records = match name {
        "clerk-1" | "clerk-2" => clerk::MAX_POLL_RECORDS,
        "small-clerk" => clerk::FEW_POLL_RECORDS,
        _ => return None,
    };
    Some(Box::new(clerk::Clerk::new(name, max_poll_records)))
}

/// The clerks that have been started.
pub(super) fn cast(world: &World) -> Vec<Role> {
    let part = |entry: &ProgramEntry| {
        let clerk = entry.state::<clerk::Clerk>()?;
        let (group, says) = (Some(clerk::CLERKS.to_owned()), clerk.core.says.clone());
        Some(Role { group, says, ..role(world, &entry.name, "Reads orders, and takes its time for each.") })
    };
    let mut cast: Vec<Role> = world.latest_programs().filter_map(part).collect();
    crate::base::put_in_order(&mut cast, &|one, other| one.name < other.name);
    cast
}
