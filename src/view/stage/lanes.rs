//! What is in flight: records on the lane of their partition, and what readers have been sent, beside their cards.

use std::rc::Rc;

use super::{Reader, short_key};
use crate::base::{ClientId, SimTime, TopicPartition};
use crate::engine::world::World;
use crate::view::parts::flights::{Flight, Load, Spot, flights};

/// Messages in the air that are looked at.
const FLIGHTS_MAX: usize = 400;

/// Records on one lane nearer to each other than this are one, with a count: in thousandths of the way.
const NEAR: u16 = 220;

/// A produce request's records for one partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Flier {
    /// The same while it flies.
    pub key: String,
    pub client: ClientId,
    pub topic_partition: TopicPartition,
    /// 0 where it left, 1000 where it arrives.
    pub progress: u16,
    /// Of the first record: what happened.
    pub word: Option<Rc<str>>,
    pub record_key: Option<Rc<str>>,
    /// `None` (grey) for a null key.
    pub hue: Option<u16>,
    pub records: u32,
}

/// Records on their way to a reader.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hop {
    /// Which of the readers it goes to.
    pub reader: usize,
    pub progress: u16,
    pub hue: Option<u16>,
    pub records: u32,
    /// Keys of records that it carries, as far as they are known.
    pub keys: Vec<Rc<str>>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lanes {
    pub written: Vec<Flier>,
    pub read: Vec<Hop>,
}

/// What is in the air at `at`, the moment that is shown.
pub fn lanes(world: &World, readers: &[Reader], at: SimTime) -> Lanes {
    let air = flights(world, at, FLIGHTS_MAX);
    let mut lanes = Lanes::default();
    for flight in &air.flights {
        let client = match (&flight.from, &flight.to) {
            (Spot::Client { client, .. }, _) | (_, Spot::Client { client, .. }) => *client,
            _ => continue,
        };
        for load in &flight.loads {
            if flight.is_response {
                read(&mut lanes.read, readers, client, flight, load)
            } else {
                written(&mut lanes.written, client, flight, load)
            }
        }
    }
    lanes
}

fn written(fliers: &mut Vec<Flier>, client: ClientId, flight: &Flight, load: &Load) {
    let near =
        |flier: &&mut Flier| flier.topic_partition == load.topic_partition && flier.progress.abs_diff(flight.progress) < NEAR;
    if let Some(flier) = fliers.iter_mut().find(near) {
        flier.records += load.record_count;
        return;
    }
    let first = load.records.first();
    fliers.push(Flier {
        key: format!("{}-{}-{}", flight.id.0, flight.id.1, load.topic_partition),
        client,
        topic_partition: load.topic_partition.clone(),
        progress: flight.progress,
        word: first.and_then(|record| record.word.clone()),
        record_key: first.and_then(|record| record.key.as_ref()).map(|key| short_key(key, "", true)),
        hue: first.and_then(|record| record.hue),
        records: load.record_count,
    });
}

fn read(hops: &mut Vec<Hop>, readers: &[Reader], client: ClientId, flight: &Flight, load: &Load) {
    let Some(reader) = readers.iter().position(|reader| reader.clients.contains(&client)) else { return };
    let keys = load.records.iter().filter_map(|record| record.key.clone());
    if let Some(hop) = hops.iter_mut().find(|hop| hop.reader == reader) {
        hop.records += load.record_count;
        hop.keys.extend(keys);
        return;
    }
    let hue = load.records.first().and_then(|record| record.hue);
    hops.push(Hop { reader, progress: flight.progress, hue, records: load.record_count, keys: keys.collect() });
}
