//! Requests and responses that are on their way: exactly what the agenda says will arrive.

use std::rc::Rc;

use super::text;
use crate::base::{BrokerId, ClientId, SimTime, TopicPartition};
use crate::engine::agenda::Due;
use crate::engine::log::Batch;
use crate::engine::network::{Body, Endpoint, Message};
use crate::engine::protocol::{Request, Response};
use crate::engine::world::World;
use crate::scenario::cast::event_word;

/// Records of one batch that are drawn singly; more become a count.
const RECORDS_DRAWN: usize = 3;

/// Messages on their way looked at in the agenda. Beyond it the picture is a flow with a count.
const DUES_LOOKED_AT: usize = 4096;

/// Where a flight begins or ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Spot {
    /// A client, with its program's name.
    Client {
        client: ClientId,
        name: Rc<str>,
    },
    Broker(BrokerId),
}

/// A message on its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Flight {
    /// Stays the same while it flies: client, its request's number, and whether this is the answer.
    pub id: (ClientId, u32, bool),
    pub from: Spot,
    pub to: Spot,
    /// The request's name in Kafka's protocol guide; a response has the name of what it answers.
    pub name: &'static str,
    pub is_response: bool,
    /// What it carries, in words: `Produce: 3 records to rides-1`.
    pub label: String,
    /// Records that it carries, by partition. Empty for all but Produce requests and Fetch responses.
    pub loads: Vec<Load>,
    pub sent_at: SimTime,
    pub arrives_at: SimTime,
    /// 0 where it left, 1000 where it arrives.
    pub progress: u16,
}

/// The records of one partition in a flight.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Load {
    pub topic_partition: TopicPartition,
    pub record_count: u32,
    /// The first of them.
    pub records: Vec<FlyingRecord>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FlyingRecord {
    pub key: Option<Rc<str>>,
    /// `None` (grey) for a null key.
    pub hue: Option<u16>,
    /// What happened, where the value says so.
    pub word: Option<Rc<str>>,
}

/// What is in the air at `at`, the moment that is shown (not before the world's own), soonest to arrive first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Flights {
    pub flights: Vec<Flight>,
    /// Messages in the air that did not fit into `flights`.
    pub more: usize,
}

pub fn flights(world: &World, at: SimTime, max: usize) -> Flights {
    let (flights, more) = in_the_air(world, at, max, |message, arrives_at| flight(world, message, arrives_at, at));
    Flights { flights, more }
}

/// What is in the air at `at`, as it is drawn, soonest to arrive first; and how much more than `max` there is.
pub(in crate::view) fn in_the_air<T>(
    world: &World,
    at: SimTime,
    max: usize,
    draw: impl Fn(&Message, SimTime) -> Option<T>,
) -> (Vec<T>, usize) {
    let dues = world.agenda().iter().take(DUES_LOOKED_AT).filter(|(arrives_at, _)| *arrives_at >= at);
    let mut drawn = dues.filter_map(|(arrives_at, due)| match due {
        Due::Arrive(message) => draw(message, arrives_at),
        _ => None,
    });
    (drawn.by_ref().take(max).collect(), drawn.count())
}

fn flight(world: &World, message: &Message, arrives_at: SimTime, at: SimTime) -> Option<Flight> {
    let (client, is_response) = match (message.from, message.to) {
        (Endpoint::Client(client), _) => (client, false),
        (_, Endpoint::Client(client)) => (client, true),
        _ => return None,
    };
    let (name, loads) = match &message.body {
        Body::Request(request) => (request.name(), request_loads(request)),
        Body::Response(response) => (response.name(), response_loads(response)),
        Body::Lost(_) | Body::Closed => ("Disconnect", Vec::new()),
    };
    Some(Flight {
        id: (client, message.correlation, is_response),
        from: spot(world, message.from),
        to: spot(world, message.to),
        name,
        is_response,
        label: label(name, is_response, &loads),
        loads,
        sent_at: message.sent_at,
        arrives_at,
        progress: progress(message.sent_at, arrives_at, at),
    })
}

/// How far a flight is at `at`, in thousandths.
pub fn progress(sent_at: SimTime, arrives_at: SimTime, at: SimTime) -> u16 {
    let whole = arrives_at.since(sent_at).0;
    if whole == 0 {
        return 1000;
    }
    let done = at.since(sent_at).0.min(whole);
    (u128::from(done) * 1000 / u128::from(whole)) as u16
}

fn spot(world: &World, endpoint: Endpoint) -> Spot {
    match endpoint {
        Endpoint::Broker(broker) => Spot::Broker(broker),
        Endpoint::Client(client) => {
            let program = world.client(client).and_then(|client| world.program(client.owner));
            Spot::Client { client, name: program.map_or_else(|| "gone".into(), |program| program.name.clone()) }
        }
    }
}

pub(in crate::view) fn request_loads(request: &Request) -> Vec<Load> {
    match request {
        Request::Produce(produce) => produce.batches.iter().map(|(partition, batch)| load(partition, [batch])).collect(),
        _ => Vec::new(),
    }
}

pub(in crate::view) fn response_loads(response: &Response) -> Vec<Load> {
    match response {
        Response::Fetch(fetch) => loads(fetch.partitions.iter().map(|fetched| (&fetched.topic_partition, &fetched.batches))),
        Response::ShareFetch(fetch) => loads(fetch.partitions.iter().map(|fetched| (&fetched.topic_partition, &fetched.batches))),
        _ => Vec::new(),
    }
}

/// What was fetched, of partitions that had something.
pub(in crate::view) fn loads<'b>(fetched: impl Iterator<Item = (&'b TopicPartition, &'b Vec<Rc<Batch>>)>) -> Vec<Load> {
    fetched.filter(|(_, batches)| !batches.is_empty()).map(|(partition, batches)| load(partition, batches)).collect()
}

fn load<'b>(partition: &TopicPartition, batches: impl IntoIterator<Item = &'b Rc<Batch>>) -> Load {
    let mut load = Load { topic_partition: partition.clone(), record_count: 0, records: Vec::new() };
    for batch in batches.into_iter().filter(|batch| !batch.is_control()) {
        load.record_count += u32::try_from(batch.record_count).unwrap_or(0);
        let room = RECORDS_DRAWN.saturating_sub(load.records.len());
        load.records.extend(batch.records().take(room).map(|record| FlyingRecord {
            key: record.key.map(|key| text::bytes_preview(key, 24).into()),
            hue: record.key.map(text::hue),
            word: record.value.and_then(event_word).map(Into::into),
        }));
    }
    load
}

fn label(name: &str, is_response: bool, loads: &[Load]) -> String {
    let kind = if is_response { " response" } else { "" };
    let way = if is_response { "from" } else { "to" };
    match loads {
        [] => format!("{name}{kind}"),
        [one] => format!("{name}{kind}: {} {way} {}", text::count(one.record_count, "record"), one.topic_partition),
        many => {
            let records: u32 = many.iter().map(|load| load.record_count).sum();
            format!("{name}{kind}: {} {way} {} partitions", text::count(records, "record"), many.len())
        }
    }
}
