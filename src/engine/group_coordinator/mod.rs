//! Lives here: the group coordinator (`GroupCoordinatorService`): what is done with requests and timers of groups of the classic
//! and the consumer protocol, of share groups and of streams groups, and with committed offsets.
//! Never here: what a group is and the records that it is kept in (that is `engine/group/`), and the consumer (`client/`).

mod classic;
mod consumer;
pub mod expiry;
pub mod loading;
mod offsets;
mod requests;
mod share;
mod streams;

use std::rc::Rc;

pub use share::on_timer as on_share_timer;
pub use streams::internal_topics_answered;

use crate::base::GroupId;
use crate::engine::broker::Broker;
use crate::engine::coordinator;
use crate::engine::coordinator::home::home;
use crate::engine::group::GroupTimer;
use crate::engine::network::RequestRef;
use crate::engine::node::{Change, NodeContext, Outcome};
use crate::engine::protocol::{ErrorCode, Recipient, Request};
use crate::engine::share::{Awaiting, ShareChange, Then};
use crate::engine::share_partition::persister;

/// The group that a request is about, where it is about one.
fn group_of(request: &Request) -> Option<&GroupId> {
    match request.recipient() {
        Recipient::Coordinator(group_id) => Some(group_id),
        _ => None,
    }
}

pub fn handle(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &Rc<Request>) -> Outcome {
    let outcome = answer(cx, broker, from, request);
    coordinator::hold(cx, broker, group_of(request).and_then(|group| home(cx, broker, group)), outcome)
}

fn answer(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &Rc<Request>) -> Outcome {
    if let Some(group_id) = group_of(request) {
        let refused =
            if group_id.as_str().is_empty() && !matches!(request.as_ref(), Request::OffsetCommit(_) | Request::OffsetFetch(_)) {
                Some(ErrorCode::InvalidGroupId)
            } else if home(cx, broker, group_id).is_none() {
                Some(ErrorCode::NotCoordinator)
            } else {
                None
            };
        let refused = refused.or_else(|| another_kind_refuses(broker, request, group_id));
        if let Some(error) = refused {
            return request.refused(error).map_or_else(Outcome::default, |response| Outcome::answer(from, response));
        }
    }
    // A group of the consumer protocol also takes in members of the classic one, as long as it is not empty.
    let is_modern = |group_id: &GroupId| broker.consumer_groups.get(group_id).is_some_and(|group| !group.members.is_empty());
    match request.as_ref() {
        Request::ConsumerGroupHeartbeat(heartbeat) => consumer::heartbeat(cx, broker, from, heartbeat),
        Request::ConsumerGroupDescribe(describe) => consumer::describe(cx, broker, from, describe),
        Request::SyncGroup(sync) if is_modern(&sync.group_id) => consumer::classic_sync(cx, broker, from, sync),
        Request::Heartbeat(heartbeat) if is_modern(&heartbeat.group_id) => consumer::classic_heartbeat(cx, broker, from, heartbeat),
        Request::LeaveGroup(leave) if is_modern(&leave.group_id) => consumer::classic_leave(cx, broker, from, leave),
        Request::JoinGroup(join) if is_modern(&join.group_id) => consumer::classic_join(cx, broker, from, join),
        Request::JoinGroup(join) => classic::join(cx, broker, from, join),
        Request::SyncGroup(sync) => classic::sync(cx, broker, from, sync),
        Request::Heartbeat(heartbeat) => classic::heartbeat(broker, from, heartbeat),
        Request::LeaveGroup(leave) => classic::leave(cx, broker, from, leave),
        Request::OffsetCommit(commit) => offsets::commit(cx, broker, from, commit),
        Request::OffsetFetch(fetch) => offsets::fetch(broker, from, fetch),
        Request::OffsetDelete(delete) => offsets::delete(cx, broker, from, delete),
        Request::ListGroups => requests::list(cx, broker, from),
        Request::DescribeGroups(describe) => requests::describe(cx, broker, from, describe),
        Request::DeleteGroups(_) => requests::delete(cx, broker, from, request),
        Request::StreamsGroupHeartbeat(heartbeat) => streams::heartbeat(cx, broker, from, heartbeat),
        Request::StreamsGroupDescribe(describe) => streams::describe(cx, broker, from, describe),
        _ => share::handle(cx, broker, from, request),
    }
}

/// A share group and a streams group have no members of the classic kind, and the former no offsets. A streams group without
/// members makes room for a classic one.
fn another_kind_refuses(broker: &Broker, request: &Request, group_id: &GroupId) -> Option<ErrorCode> {
    let is_share = broker.share_groups.contains_key(group_id);
    let streams = broker.streams_groups.get(group_id);
    let makes_room = streams.is_some_and(|group| group.members.is_empty());
    match request {
        _ if !is_share && streams.is_none() => None,
        Request::JoinGroup(_) => Some(ErrorCode::InconsistentGroupProtocol).filter(|_| !makes_room),
        Request::SyncGroup(_) | Request::Heartbeat(_) | Request::LeaveGroup(_) => Some(ErrorCode::UnknownMemberId),
        Request::OffsetCommit(_) | Request::OffsetFetch(_) | Request::OffsetDelete(_) => {
            is_share.then_some(ErrorCode::GroupIdNotFound)
        }
        _ => None,
    }
}

pub fn on_timer(cx: &NodeContext<'_>, broker: &Broker, group_id: GroupId, timer: GroupTimer) -> Outcome {
    let home = home(cx, broker, &group_id);
    let outcome = match timer {
        timer if broker.consumer_groups.contains_key(&group_id) => consumer::on_timer(cx, broker, &group_id, &timer),
        timer if broker.streams_groups.contains_key(&group_id) => streams::on_timer(cx, broker, &group_id, &timer),
        timer => classic::on_timer(cx, broker, &group_id, timer),
    };
    coordinator::hold(cx, broker, home, outcome)
}

/// Requests that have waited for share coordinators and leaders, and for nobody any more, go on.
pub fn release_awaiting(cx: &NodeContext<'_>, broker: &Broker, outcome: &mut Outcome) {
    for awaiting in broker.share.awaiting.iter().filter(|awaiting| awaiting.left == 0) {
        let released = ShareChange::Released(awaiting.to);
        outcome.changes.push(Change::Share { broker: broker.id, change: Box::new(released) });
        outcome.merge(go_on(cx, broker, awaiting));
    }
}

/// All that was asked for this is answered.
fn go_on(cx: &NodeContext<'_>, broker: &Broker, awaiting: &Awaiting) -> Outcome {
    match &awaiting.then {
        Then::Answer(response) => {
            let is_lost = awaiting.states.iter().any(|(_, result)| result.is_err());
            let response = if is_lost { persister::refused(response) } else { response.clone() };
            Outcome::answer(awaiting.to, response)
        }
        Then::Initialized { group_id, starts } => share::initialized(cx, broker, group_id, starts, &awaiting.states),
        Then::DescribeOffsets => share::described(awaiting),
        Then::DeleteGroups(request) => requests::delete_with_state(cx, broker, awaiting.to, request, &awaiting.states),
    }
}
