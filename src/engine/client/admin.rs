//! The admin client: one request at a time to the broker that it is for, asked again where Kafka's client would.

use std::rc::Rc;

use super::{ClientContext, ClientTimer, Target};
use crate::base::{BrokerId, GroupId, SortedMap, Span};
use crate::engine::error::ErrorCode;
use crate::engine::program::Event;
use crate::engine::protocol::{FindCoordinatorRequest, Request, Response};

/// `retry.backoff.ms`, and how often it is tried: until `default.api.timeout.ms` (60 s).
const RETRY_BACKOFF: Span = Span::from_ms(100);
const TRIES_MAX: u32 = 600;

#[derive(Clone, Hash, Debug, Default)]
pub struct Admin {
    next_call: u64,
    calls: SortedMap<u64, Call>,
    /// Which call a request in flight belongs to.
    in_flight: SortedMap<u32, u64>,
}

#[derive(Clone, Hash, Debug)]
struct Call {
    request: Request,
    coordinator: Option<BrokerId>,
    tries: u32,
}

impl Admin {
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a call; `Event::Answered` carries the number returned here.
    pub fn call(&mut self, cx: &mut ClientContext<'_>, request: Request) -> u64 {
        let number = self.next_call;
        self.next_call += 1;
        self.calls.insert(number, Call { request, coordinator: None, tries: 0 });
        self.try_call(cx, number);
        number
    }

    fn try_call(&mut self, cx: &mut ClientContext<'_>, number: u64) {
        let Some(call) = self.calls.get_mut(&number) else {
            return;
        };
        call.tries += 1;
        let correlation = match (group_of(&call.request), call.coordinator) {
            (Some(group_id), None) => {
                let group_id = group_id.clone();
                cx.request(Target::Bootstrap, Request::FindCoordinator(FindCoordinatorRequest { group_id }))
            }
            (_, Some(broker)) => cx.request(Target::Broker(broker), call.request.clone()),
            (None, None) => {
                let to = match &call.request {
                    Request::DescribeLogDirs(asked) => Target::Broker(asked.broker),
                    _ => Target::Bootstrap,
                };
                cx.request(to, call.request.clone())
            }
        };
        self.in_flight.insert(correlation, number);
    }

    pub fn on_response(&mut self, cx: &mut ClientContext<'_>, correlation: u32, response: &Response) {
        let Some(number) = self.in_flight.remove(&correlation) else {
            return;
        };
        let Some(call) = self.calls.get_mut(&number) else {
            return;
        };
        if let Response::FindCoordinator(found) = response
            && !matches!(call.request, Request::FindCoordinator(_))
        {
            call.coordinator = found.coordinator;
            match found.coordinator {
                Some(_) => self.try_call(cx, number),
                None if call.tries < TRIES_MAX => cx.timer(RETRY_BACKOFF, ClientTimer::Retry { stamp: number }),
                None => self.finish(cx, number, Err(found.error.unwrap_or(ErrorCode::CoordinatorNotAvailable))),
            }
            return;
        }
        // The leader of a partition is looked for until it is there (`PartitionLeaderStrategy`).
        let missing = |response: &Response| match response {
            Response::DeleteRecords(response) => {
                response.partitions.iter().any(|(_, result)| *result == Err(ErrorCode::UnknownTopicOrPartition))
            }
            _ => false,
        };
        if call.tries < TRIES_MAX && missing(response) {
            cx.timer(RETRY_BACKOFF, ClientTimer::Retry { stamp: number });
            return;
        }
        self.finish(cx, number, Ok(Rc::new(response.clone())));
    }

    /// Asks again, elsewhere if need be: a coordinator is looked for anew.
    pub fn on_lost(&mut self, cx: &mut ClientContext<'_>, correlation: u32) {
        let Some(number) = self.in_flight.remove(&correlation) else { return };
        let Some(call) = self.calls.get_mut(&number) else { return };
        call.coordinator = None;
        if call.tries < TRIES_MAX {
            cx.timer(RETRY_BACKOFF, ClientTimer::Retry { stamp: number });
        } else {
            self.finish(cx, number, Err(ErrorCode::RequestTimedOut));
        }
    }

    fn finish(&mut self, cx: &mut ClientContext<'_>, number: u64, result: Result<Rc<Response>, ErrorCode>) {
        self.calls.remove(&number);
        cx.emit(Event::Answered { admin: cx.id, call: number, result });
    }

    pub fn on_timer(&mut self, cx: &mut ClientContext<'_>, timer: ClientTimer) {
        if let ClientTimer::Retry { stamp } = timer {
            self.try_call(cx, stamp);
        }
    }
}

/// The group whose coordinator a request is for.
fn group_of(request: &Request) -> Option<&GroupId> {
    match request {
        Request::OffsetCommit(request) => Some(&request.group_id),
        Request::OffsetFetch(request) => Some(&request.group_id),
        Request::OffsetDelete(request) => Some(&request.group_id),
        Request::LeaveGroup(request) => Some(&request.group_id),
        Request::DescribeGroups(request) => request.groups.first(),
        Request::DeleteGroups(request) => request.groups.first(),
        Request::ShareGroupDescribe(request) => request.groups.first(),
        Request::DescribeShareGroupOffsets(request) => Some(&request.group_id),
        Request::AlterShareGroupOffsets(request) => Some(&request.group_id),
        Request::DeleteShareGroupOffsets(request) => Some(&request.group_id),
        _ => None,
    }
}
