//! The internal topics of a topology: the coordinator has them made (`KafkaApis.handleStreamsGroupHeartbeat`,
//! `DefaultAutoTopicCreationManager.createStreamsInternalTopics`).
//!
//! Each heartbeat that finds some missing asks for them, but for those that are being made, and those whose making has failed
//! less than two heartbeat intervals ago: what was wrong is told meanwhile.

use std::rc::Rc;

use super::work::StreamsWork;
use crate::base::java::{hash_order, string_hash};
use crate::base::{SimTime, Span, TopicName};
use crate::engine::broker::{Asked, Broker};
use crate::engine::group::streams::ConfiguredTopology;
use crate::engine::node::{Change, NodeContext, Outcome};
use crate::engine::protocol::{CreateTopicsRequest, CreateTopicsResponse, ErrorCode, NewTopic, Request, StreamsStatus};

/// Errors told of those that could not be made.
const ERRORS_TOLD: usize = 3;

/// Asks the controller, by way of this broker, for the topics that are missing.
pub(super) fn create(work: &mut StreamsWork<'_>, topology: &ConfiguredTopology, heartbeat_interval: Span) {
    let (broker, now) = (work.broker, work.now());
    let in_flight = |name: &TopicName| {
        broker.asked.values().any(|asked| matches!(asked, Asked::InternalTopics { topics, .. } if topics.contains(name)))
    };
    let has_failed = |name: &TopicName| broker.topic_errors.get(name).is_some_and(|(until, _)| now < *until);
    let to_create = topology.internal_topics_to_be_created.iter();
    let topics: Vec<NewTopic> = to_create.filter(|topic| !has_failed(&topic.name) && !in_flight(&topic.name)).cloned().collect();
    if topics.is_empty() {
        return;
    }
    let names: Rc<[TopicName]> = topics.iter().map(|topic| topic.name.clone()).collect();
    let asked = Asked::InternalTopics { topics: names, errors_kept: Span(heartbeat_interval.0.saturating_mul(2)) };
    work.outcome.requests.push((broker.id, Request::CreateTopics(CreateTopicsRequest { topics }), asked));
}

/// What is wrong with the topics, and what went wrong as they were to be made.
pub(super) fn status(work: &StreamsWork<'_>, topology: &ConfiguredTopology) -> Option<(StreamsStatus, String)> {
    let (status, mut detail) = topology.problem.clone()?;
    let why = |topic: &NewTopic| work.broker.topic_errors.get(&topic.name).filter(|(until, _)| work.now() < *until);
    let to_create = topology.internal_topics_to_be_created.iter();
    let mut failed: Vec<(&TopicName, &str)> = to_create.filter_map(|topic| Some((&topic.name, &*why(topic)?.1))).collect();
    hash_order(&mut failed, 16, |(name, _)| string_hash(name.as_str()));
    if !failed.is_empty() {
        let told: Vec<String> = failed.iter().take(ERRORS_TOLD).map(|(name, why)| format!("{name} ({why})")).collect();
        let more = failed.len().saturating_sub(ERRORS_TOLD);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        detail += &format!("; Creation failed: {}{more}.", told.join(", "));
    }
    Some((status, detail))
}

/// The controller has answered; or has not, and never will. `errors_kept`: for how long an error is told.
pub fn answered(
    cx: &NodeContext<'_>,
    broker: &Broker,
    topics: &[TopicName],
    errors_kept: Span,
    response: Option<&CreateTopicsResponse>,
) -> Outcome {
    let until = cx.now + errors_kept;
    let error = |name: &TopicName, why: &str| (name.clone(), (until, Rc::from(why)));
    let errors: Vec<(TopicName, (SimTime, Rc<str>))> = match response {
        None => topics.iter().map(|name| error(name, ErrorCode::RequestTimedOut.message())).collect(),
        Some(response) => {
            let failed = response.topics.iter().filter_map(|topic| Some((&topic.name, topic.error.as_ref()?)));
            failed.map(|(name, (_, why))| error(name, why)).collect()
        }
    };
    Outcome { changes: vec![Change::TopicErrors { broker: broker.id, errors }], ..Outcome::default() }
}
