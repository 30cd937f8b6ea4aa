//! Messages on their way from host to host: exactly what the agenda says will arrive.

use std::rc::Rc;

use crate::base::{ClientId, SimTime, TopicPartition};
use crate::engine::network::{Body, Endpoint, Message};
use crate::engine::protocol::{Request, Response};
use crate::engine::world::World;
use crate::view::parts::flights::{FlyingRecord, Load, in_the_air, loads, progress, request_loads, response_loads};
use crate::view::parts::selection::HostSpot;
use crate::view::parts::text;

/// Records of one message that are drawn singly.
const RECORDS_DRAWN: usize = 2;

/// A message between two hosts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClusterFlight {
    /// Stays the same while it flies.
    pub id: String,
    pub from: HostSpot,
    pub to: HostSpot,
    pub is_response: bool,
    /// Followers' fetches and their answers.
    pub replicates: bool,
    /// The request's name in Kafka's protocol guide; a response has the name of what it answers.
    pub name: &'static str,
    /// The client that asks or is told; `None` between brokers.
    pub client: Option<ClientId>,
    /// The partitions that it is about, as far as it names them.
    pub partitions: Vec<TopicPartition>,
    /// What it is, in words: `Fetch response: 3 records of rides-1`.
    pub label: String,
    pub record_count: u32,
    /// The first of them.
    pub records: Vec<FlyingRecord>,
    /// 0 where it left, 1000 where it arrives.
    pub progress: u16,
}

/// What is in the air at `at`, the moment that is shown, soonest to arrive first; and how much more than `max` there is.
pub fn cluster_flights(world: &World, at: SimTime, max: usize) -> (Vec<ClusterFlight>, usize) {
    in_the_air(world, at, max, |message, arrives_at| flight(world, message, arrives_at, at))
}

fn flight(world: &World, message: &Message, arrives_at: SimTime, at: SimTime) -> Option<ClusterFlight> {
    let (from, to) = (spot(world, message.from)?, spot(world, message.to)?);
    if from == to {
        return None;
    }
    let (name, is_response, loads) = match &message.body {
        Body::Request(request) => (request.name(), false, request_loads(request)),
        Body::Response(response) => (response.name(), true, loads_of(response)),
        Body::Lost(_) | Body::Closed => ("Connection lost", true, Vec::new()),
    };
    let replicates = match &message.body {
        Body::Request(request) => matches!(**request, Request::ReplicaFetch(_)),
        Body::Response(response) => matches!(**response, Response::ReplicaFetch(_)),
        Body::Lost(_) | Body::Closed => false,
    };
    let record_count = loads.iter().map(|load| load.record_count).sum();
    Some(ClusterFlight {
        id: format!("{}-{}-{}-{is_response}", message.from, message.to, message.correlation),
        label: label(name, matches!(message.body, Body::Response(_)), record_count, &loads),
        name,
        client: match (message.from, message.to) {
            (Endpoint::Client(client), _) | (_, Endpoint::Client(client)) => Some(client),
            _ => None,
        },
        partitions: partitions(&message.body, &loads),
        from,
        to,
        is_response,
        replicates,
        record_count,
        records: loads.into_iter().flat_map(|load| load.records).take(RECORDS_DRAWN).collect(),
        progress: progress(message.sent_at, arrives_at, at),
    })
}

/// The partitions that a message names: those it fetches or asks to have acknowledged, or has records of.
fn partitions(body: &Body, loads: &[Load]) -> Vec<TopicPartition> {
    let asked = match body {
        Body::Request(request) => match &**request {
            Request::Fetch(fetch) => fetch.partitions.iter().map(|each| each.topic_partition.clone()).collect(),
            Request::ReplicaFetch(fetch) => fetch.partitions.iter().map(|each| each.topic_partition.clone()).collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    loads.iter().map(|load| load.topic_partition.clone()).chain(asked).collect()
}

fn loads_of(response: &Response) -> Vec<Load> {
    match response {
        Response::ReplicaFetch(fetch) => loads(fetch.partitions.iter().map(|fetched| (&fetched.topic_partition, &fetched.batches))),
        other => response_loads(other),
    }
}

fn label(name: &str, is_answer: bool, record_count: u32, loads: &[Load]) -> String {
    let kind = if is_answer { " response" } else { "" };
    match loads {
        [] => format!("{name}{kind}"),
        [one] => format!("{name}{kind}: {} of {}", text::count(record_count, "record"), one.topic_partition),
        many => format!("{name}{kind}: {} of {} partitions", text::count(record_count, "record"), many.len()),
    }
}

/// `None` for a client whose program is gone.
fn spot(world: &World, endpoint: Endpoint) -> Option<HostSpot> {
    match endpoint {
        Endpoint::Broker(id) => Some(HostSpot::of_node(world, id)),
        Endpoint::Client(client) => {
            let name: Rc<str> = world.client(client).and_then(|client| world.program(client.owner))?.name.clone();
            Some(HostSpot::Program(name))
        }
    }
}
