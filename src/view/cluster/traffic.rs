//! What is in flight, put in order for the eye: equal messages are one bead, and each lane says what runs on it.
//!
//! ```text
//!   programs   ──┬──────────────┬──        one lane down to each broker, one up from it
//!     Fetch ×3 ▾ │ ▴ Produce    │
//!                ▼              ▲
//!            broker 1 ──●── broker 2       one between each two nodes, both ways
//! ```

use super::flights::{ClusterFlight, cluster_flights};
use crate::base::{ClientId, SimTime, put_in_order};
use crate::engine::client::{Client, ClientKind};
use crate::engine::world::World;
use crate::view::parts::selection::HostSpot;
use crate::view::parts::selection::Selection;

/// Messages looked at.
const FLIGHTS_MAX: usize = 500;

/// Beads drawn; what is beyond them is in the lanes' words.
const BEADS_MAX: usize = 60;

/// A longer name of a request is cut in front: the end says what it does.
const NAME_MAX: usize = 14;

/// Equal messages on one way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bead {
    /// Stays the same while the first of them flies.
    pub id: String,
    pub from: HostSpot,
    pub to: HostSpot,
    /// The request's name; a response has the name of what it answers.
    pub name: &'static str,
    pub is_response: bool,
    pub replicates: bool,
    pub count: usize,
    /// It carries records: the first one's hue, `None` (grey) for a null key.
    pub record: Option<Option<u16>>,
    /// Of the first of them: 0 where it left, 1000 where it arrives.
    pub progress: u16,
    /// It has to do with what is selected, or nothing is.
    pub concerns: bool,
}

/// A way that messages take.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Way {
    /// From programs to a node.
    To(HostSpot),
    /// From a node to programs.
    From(HostSpot),
    /// Between two nodes, in both directions.
    Between(HostSpot, HostSpot),
}

/// What runs on a way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lane {
    pub way: Way,
    pub count: usize,
    /// The kind that matters most, with its count: `Fetch ×3`, and how many there are of others.
    pub words: String,
    /// All kinds.
    pub title: String,
    pub concerns: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Traffic {
    pub beads: Vec<Bead>,
    /// The lanes that something runs on, in order.
    pub lanes: Vec<Lane>,
}

/// What is in the air at `at`, with what is selected in front of all else.
pub fn traffic(world: &World, at: SimTime, selection: Option<&Selection>) -> Traffic {
    let (flights, _) = cluster_flights(world, at, FLIGHTS_MAX);
    let flights: Vec<(ClusterFlight, bool)> = flights
        .into_iter()
        .map(|flight| {
            let concerns = selection.is_none_or(|selection| concerns(world, &flight, selection));
            (flight, concerns)
        })
        .collect();
    let mut beads: Vec<Bead> = Vec::new();
    for (flight, concerns) in &flights {
        add_bead(&mut beads, flight, *concerns);
    }
    let last = |bead: &Bead| (!bead.concerns, bead.record.is_none());
    put_in_order(&mut beads, &|one, other| last(one) < last(other));
    beads.truncate(BEADS_MAX);
    Traffic { beads, lanes: lanes(&flights) }
}

/// A bead's flights are equal: their hosts, what they are, and whether they carry records.
fn add_bead(beads: &mut Vec<Bead>, flight: &ClusterFlight, concerns: bool) {
    let record = (flight.record_count > 0).then(|| flight.records.first().and_then(|record| record.hue));
    let same = |bead: &&mut Bead| {
        bead.from == flight.from
            && bead.to == flight.to
            && bead.name == flight.name
            && bead.is_response == flight.is_response
            && bead.record.is_some() == record.is_some()
            && bead.concerns == concerns
    };
    match beads.iter_mut().find(same) {
        Some(bead) => bead.count += 1,
        None => beads.push(Bead {
            id: flight.id.clone(),
            from: flight.from.clone(),
            to: flight.to.clone(),
            name: flight.name,
            is_response: flight.is_response,
            replicates: flight.replicates,
            count: 1,
            record,
            progress: flight.progress,
            concerns,
        }),
    }
}

/// `None` between programs, which do not talk to each other.
fn way(flight: &ClusterFlight) -> Option<Way> {
    let is_program = |spot: &HostSpot| matches!(spot, HostSpot::Program(_));
    let (from, to) = (flight.from.clone(), flight.to.clone());
    match (is_program(&from), is_program(&to)) {
        (true, true) => None,
        (true, false) => Some(Way::To(to)),
        (false, true) => Some(Way::From(from)),
        (false, false) if from <= to => Some(Way::Between(from, to)),
        (false, false) => Some(Way::Between(to, from)),
    }
}

/// Messages of one kind in a lane.
struct Kind {
    name: &'static str,
    count: usize,
    records: bool,
    concerns: bool,
}

fn lanes(flights: &[(ClusterFlight, bool)]) -> Vec<Lane> {
    let mut ways: Vec<(Way, Vec<Kind>)> = Vec::new();
    for (flight, concerns) in flights {
        let Some(way) = way(flight) else { continue };
        let at = ways.iter().position(|(known, _)| *known == way).unwrap_or_else(|| {
            ways.push((way, Vec::new()));
            ways.len() - 1
        });
        let kinds = &mut ways[at].1;
        let records = flight.record_count > 0;
        match kinds.iter_mut().find(|kind| kind.name == flight.name) {
            Some(kind) => {
                kind.count += 1;
                kind.records |= records;
                kind.concerns |= concerns;
            }
            None => kinds.push(Kind { name: flight.name, count: 1, records, concerns: *concerns }),
        }
    }
    put_in_order(&mut ways, &|one, other| one.0 < other.0);
    ways.into_iter().map(|(way, kinds)| lane(way, kinds)).collect()
}

fn lane(way: Way, mut kinds: Vec<Kind>) -> Lane {
    let last = |kind: &Kind| (!kind.concerns, !kind.records, std::cmp::Reverse(kind.count), kind.name);
    put_in_order(&mut kinds, &|one, other| last(one) < last(other));
    let count = kinds.iter().map(|kind| kind.count).sum();
    let times = |name: &str, count: usize| if count > 1 { format!("{name} ×{count}") } else { name.to_owned() };
    let words = kinds.first().map_or_else(String::new, |kind| {
        let others = count - kind.count;
        let more = if others > 0 { format!(" +{others}") } else { String::new() };
        times(&short(kind.name), kind.count) + &more
    });
    let title = kinds.iter().map(|kind| times(kind.name, kind.count)).collect::<Vec<_>>().join(", ");
    Lane { way, count, words, title, concerns: kinds.iter().any(|kind| kind.concerns) }
}

/// `…GroupHeartbeat`: whole words from the end, as far as they fit.
fn short(name: &str) -> String {
    if name.len() <= NAME_MAX {
        return name.to_owned();
    }
    let mut starts = name.char_indices().filter(|(_, char)| char.is_ascii_uppercase()).map(|(at, _)| at);
    let from = starts.find(|at| name.len() - at <= NAME_MAX).unwrap_or(name.len() - NAME_MAX);
    format!("…{}", &name[from..])
}

/// Has a message to do with what is selected?
fn concerns(world: &World, flight: &ClusterFlight, selection: &Selection) -> bool {
    let touches = |spot: &HostSpot| flight.from == *spot || flight.to == *spot;
    match selection {
        Selection::Broker(id) => touches(&HostSpot::of_node(world, *id)),
        Selection::Link { one, other } => touches(one) && touches(other),
        Selection::Producer(client) | Selection::Consumer(client) => flight.client == Some(*client),
        Selection::Group(group) => flight.client.is_some_and(|client| is_member(world, client, group.as_str())),
        Selection::Topic(topic) => flight.partitions.iter().any(|partition| partition.topic == *topic),
        Selection::Partition(partition) | Selection::Record { topic_partition: partition, .. } => {
            flight.partitions.contains(partition)
        }
        Selection::Replica { topic_partition, broker } => {
            touches(&HostSpot::of_node(world, *broker)) && flight.partitions.contains(topic_partition)
        }
    }
}

fn is_member(world: &World, client: ClientId, group: &str) -> bool {
    match world.client(client) {
        Some(Client { kind: ClientKind::Consumer(consumer), .. }) => {
            consumer.config().group_id.as_ref().is_some_and(|id| id.as_str() == group)
        }
        Some(Client { kind: ClientKind::Share(share), .. }) => share.config().group_id.as_str() == group,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &'static str, count: usize, records: bool) -> Kind {
        Kind { name, count, records, concerns: true }
    }

    fn words(kinds: Vec<Kind>) -> (String, String) {
        let lane = lane(Way::To(HostSpot::Controller), kinds);
        (lane.words, lane.title)
    }

    #[test]
    fn equal_messages_are_counted_and_records_come_first() {
        assert_eq!(words(vec![kind("Fetch", 3, false)]), ("Fetch ×3".to_owned(), "Fetch ×3".to_owned()));
        assert_eq!(
            words(vec![kind("Fetch", 3, false), kind("Produce", 1, true)]),
            ("Produce +3".to_owned(), "Produce, Fetch ×3".to_owned())
        );
        assert_eq!(short("ConsumerGroupHeartbeat"), "…GroupHeartbeat");
        assert_eq!(short("AlterPartition"), "AlterPartition");
        assert_eq!(short("IncrementalAlterConfigs"), "…AlterConfigs");
    }
}
