//! What a broker asks of share coordinators, and who waits for the answers (`DefaultStatePersister`, `PersisterStateManager`).
//!
//! ```text
//!  leader of a partition    ─ Read, Write ────────────▸ share coordinator      a share fetch, or an acknowledgement, waits
//!  coordinator of a group   ─ Initialize, Delete,     ▸ (leader of a partition
//!                             ReadSummary ────────────   of __share_group_state)   a request waits
//! ```
//!
//! A coordinator that cannot be reached, or that is none any more, is looked for again after a second, five times in all.

use std::rc::Rc;

use super::fetch;
use super::work::ShareWork;
use crate::base::{BrokerId, Offset, Span, TopicPartition};
use crate::engine::broker::{Asked, Broker};
use crate::engine::controller::make_share_state_topic;
use crate::engine::metadata::{STATE_TOPIC, state_partition};
use crate::engine::network::RequestRef;
use crate::engine::node::{BrokerTimer, Change, NodeContext, Outcome};
use crate::engine::protocol::{
    ErrorCode, ListOffsetsResponse, Request, Response, ShareGroupStateResponse, StateOperation, StateResult,
};
use crate::engine::share::{ShareChange, ShareKey, ShareTimer, StateAsk};

/// How long the persister waits before it looks for the share coordinator again.
pub const PERSISTER_BACKOFF: Span = Span::from_secs(1);
/// How often it looks (`PersisterStateManager.MAX_FIND_COORD_ATTEMPTS`).
const TRIES: u32 = 5;

/// What is said of acknowledgements that may be lost.
const LOST: ErrorCode = ErrorCode::CoordinatorNotAvailable;

/// The partition of `__share_group_state` that keeps a share partition, if both topics are there.
pub fn home(cx: &NodeContext<'_>, key: &ShareKey) -> Option<i32> {
    let topic_id = cx.metadata.topic(key.1.topic.as_str())?.topic_id;
    let homes = cx.metadata.topic(STATE_TOPIC)?.partitions.len() as i32;
    Some(state_partition(key, topic_id, homes).partition)
}

/// Sends a question on its way, or looks for the coordinator again later. Who looks first makes the topic of them all, where
/// the controller hears of that.
pub fn send(cx: &NodeContext<'_>, broker: &Broker, mut ask: StateAsk, outcome: &mut Outcome) {
    let topic = cx.metadata.topic(STATE_TOPIC);
    if topic.is_none() && broker.stale.is_none() {
        make_share_state_topic(cx, outcome);
    }
    if let (i32::MIN..0, Some((partition, _))) = (ask.request.home, ask.request.partitions.first()) {
        ask.request.home = home(cx, &(ask.request.group_id.clone(), partition.clone())).unwrap_or(ask.request.home);
    }
    match topic.and_then(|topic| topic.partition(ask.request.home)?.leader) {
        Some(leader) => {
            let request = Request::ShareGroupState(ask.request.clone());
            outcome.requests.push((leader, request, Asked::ShareState(Rc::new(ask))));
        }
        None => {
            let failed = ask.request.refused(ErrorCode::CoordinatorNotAvailable);
            outcome.merge(answered(cx, broker, &ask, Some(&failed)));
        }
    }
}

fn is_worth_another_try(result: &StateResult) -> bool {
    matches!(result, Err(ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable | ErrorCode::CoordinatorLoadInProgress))
}

/// A share coordinator has answered; or there will be no answer.
pub fn answered(cx: &NodeContext<'_>, broker: &Broker, ask: &StateAsk, response: Option<&ShareGroupStateResponse>) -> Outcome {
    let lost;
    let response = match response {
        Some(response) => response,
        None => {
            lost = ask.request.refused(ErrorCode::CoordinatorNotAvailable);
            &lost
        }
    };
    let mut again = ask.request.clone();
    again.partitions.clear();
    let mut work = ShareWork::new(cx, broker);
    let mut states = Vec::new();
    for ((partition, operation), (_, result)) in ask.request.partitions.iter().zip(&response.partitions) {
        if is_worth_another_try(result) && ask.tries + 1 < TRIES {
            again.partitions.push((partition.clone(), operation.clone()));
            continue;
        }
        let key: ShareKey = (ask.request.group_id.clone(), partition.clone());
        match (operation, result) {
            (StateOperation::Read { leader_epoch }, Ok(Some(state))) => fetch::loaded(&mut work, &key, *leader_epoch, state),
            // What was not kept is read anew from what is.
            (StateOperation::Write { .. }, Err(_)) => fetch::forget(&mut work, &key),
            _ => {}
        }
        states.push((key, result.clone()));
    }
    let mut outcome = work.finish();
    let is_done = again.partitions.is_empty();
    if !is_done {
        let ask = StateAsk { request: again, tries: ask.tries + 1, waits: ask.waits };
        outcome.timers.push((cx.now + PERSISTER_BACKOFF, BrokerTimer::Share(ShareTimer::AskAgain(Rc::new(ask)))));
    }
    if let Some(to) = ask.waits {
        tell(broker, to, is_done, states, Vec::new(), &mut outcome);
    }
    outcome
}

/// The leader of some partitions has said where they end; or it does not answer, and they have no end.
pub fn ends_answered(broker: &Broker, to: RequestRef, response: Option<&ListOffsetsResponse>) -> Outcome {
    let mut outcome = Outcome::default();
    let listed = response.into_iter().flat_map(|response| &response.partitions);
    let ends = listed.filter_map(|listed| Some((listed.topic_partition.clone(), listed.offset?))).collect();
    tell(broker, to, true, Vec::new(), ends, &mut outcome);
    outcome
}

fn tell(
    broker: &Broker,
    to: RequestRef,
    is_done: bool,
    states: Vec<(ShareKey, StateResult)>,
    ends: Vec<(TopicPartition, Offset)>,
    outcome: &mut Outcome,
) {
    let change = ShareChange::Answered { to, is_done, states, ends };
    outcome.changes.push(Change::Share { broker: broker.id, change: Box::new(change) });
    outcome.wakes = true;
}

/// Which partitions each leader is to be asked for.
pub fn by_leader(cx: &NodeContext<'_>, partitions: impl Iterator<Item = TopicPartition>) -> Vec<(BrokerId, Vec<TopicPartition>)> {
    let mut leaders: Vec<(BrokerId, Vec<TopicPartition>)> = Vec::new();
    for partition in partitions {
        let topic = cx.metadata.topic(partition.topic.as_str());
        let Some(leader) = topic.and_then(|topic| topic.partition(partition.partition)?.leader) else { continue };
        match leaders.iter_mut().find(|(known, _)| *known == leader) {
            Some((_, partitions)) => partitions.push(partition),
            None => leaders.push((leader, vec![partition])),
        }
    }
    leaders
}

/// An answer of the same kind that says that what was told is not kept.
pub fn refused(response: &Response) -> Response {
    let mut refused = response.clone();
    match &mut refused {
        Response::ShareFetch(response) => response.partitions.iter_mut().for_each(|partition| {
            partition.acknowledge_error.get_or_insert(LOST);
        }),
        Response::ShareAcknowledge(response) => response.partitions.iter_mut().for_each(|(_, own)| {
            own.get_or_insert(LOST);
        }),
        _ => return response.refused(LOST),
    }
    refused
}
