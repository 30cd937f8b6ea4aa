//! Lives here: the admin client (`KafkaAdminClient`, `AdminApiDriver`): splits a call by the brokers that it is for, asks each
//! of them, again where Kafka's client would, and puts the answers together.
//! Never here: what a broker does with a request.
//!
//! ```text
//!  request                                   │ goes to
//!  ListOffsets, DeleteRecords                │ the leader of each partition, as the metadata tells
//!  about groups                              │ the coordinator of each group
//!  ListGroups                                │ every broker
//!  DescribeLogDirs, a broker's settings       │ the broker that it names
//!  anything else                             │ any broker: it passes on what is for the controller
//! ```
//!
//! What a broker does not lead or coordinate (any more), and what a lost connection took along, is looked up anew after
//! retry.backoff.ms, until default.api.timeout.ms is over.

mod parts;

use std::rc::Rc;

use parts::Step;

use super::{ClientContext, ClientTimer, Event, Target};
use crate::base::{SimTime, SortedMap, Span, Timestamp};
use crate::engine::client::{CallError, Unanswered};
use crate::engine::protocol::{FindCoordinatorRequest, MetadataRequest, Request, Response};

/// `retry.backoff.ms` and `retry.backoff.max.ms`.
const RETRY_BACKOFF_MS: u64 = 100;
const RETRY_BACKOFF_MAX_MS: u64 = 1000;

/// `default.api.timeout.ms`.
pub const API_TIMEOUT: Span = Span::from_secs(60);

#[derive(Clone, Hash, Debug, Default)]
pub struct Admin {
    next_call: u64,
    next_part: u64,
    calls: SortedMap<u64, Call>,
    parts: SortedMap<u64, Part>,
    /// Which part a request in flight belongs to.
    in_flight: SortedMap<u32, u64>,
}

#[derive(Clone, Hash, Debug)]
struct Call {
    request: Request,
    deadline: SimTime,
    answers: Vec<Response>,
}

/// What is asked of one broker, or is still to be split.
#[derive(Clone, Hash, Debug)]
struct Part {
    call: u64,
    request: Request,
    step: Step,
    tries: u32,
}

impl Admin {
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a call; `Event::Answered` carries the number returned here.
    pub fn call(&mut self, cx: &mut ClientContext<'_>, request: Request, timeout: Span) -> u64 {
        let number = self.next_call;
        self.next_call += 1;
        let deadline = cx.now + timeout;
        cx.timer_at(deadline, ClientTimer::CallTimeout { call: number });
        self.calls.insert(number, Call { request: request.clone(), deadline, answers: Vec::new() });
        for (step, request) in parts::split_by_kind(request) {
            let part = self.add(Part { call: number, request, step, tries: 0 });
            // Without any time no node is looked for.
            if timeout > Span::ZERO {
                self.ask(cx, part);
            }
        }
        self.finish_if_done(cx, number);
        number
    }

    fn begin(&mut self, cx: &mut ClientContext<'_>, part: Part) {
        let number = self.add(part);
        self.ask(cx, number);
    }

    fn add(&mut self, part: Part) -> u64 {
        let number = self.next_part;
        self.next_part += 1;
        self.parts.insert(number, part);
        number
    }

    fn ask(&mut self, cx: &mut ClientContext<'_>, number: u64) {
        let Some(part) = self.parts.get(&number) else { return };
        let any = |topics| Request::Metadata(MetadataRequest { topics: Some(topics), allow_auto_topic_creation: false });
        let (to, request) = match &part.step {
            Step::Any => (Target::Any, part.request.clone()),
            Step::At(broker) => (Target::Broker(*broker), part.request.clone()),
            Step::Leaders => (Target::Any, any(parts::topics_of(&part.request))),
            Step::Brokers => (Target::Any, any(Vec::new())),
            Step::Coordinator(group_id) => {
                let find = FindCoordinatorRequest { group_id: group_id.clone() };
                (Target::Any, Request::FindCoordinator(find))
            }
        };
        let correlation = cx.request(to, request);
        self.in_flight.insert(correlation, number);
    }

    pub fn on_response(&mut self, cx: &mut ClientContext<'_>, correlation: u32, response: &Response) {
        let Some(number) = self.in_flight.remove(&correlation) else { return };
        let Some(part) = self.parts.remove(&number) else { return };
        let call = part.call;
        match (&part.step, response) {
            (Step::Leaders, Response::Metadata(metadata)) => {
                let split = parts::by_leader(&part.request, metadata);
                self.answered(call, split.refused);
                for (leader, request) in split.led {
                    self.begin(cx, Part { request, step: Step::At(leader), ..part.clone() });
                }
                if let Some(request) = split.rest {
                    self.retry(cx, Part { request, ..part });
                }
            }
            (Step::Brokers, Response::Metadata(metadata)) => {
                for broker in &metadata.brokers {
                    self.begin(cx, Part { step: Step::At(*broker), ..part.clone() });
                }
            }
            (Step::Coordinator(_), Response::FindCoordinator(found)) => match found.coordinator {
                Some(broker) => self.begin(cx, Part { step: Step::At(broker), ..part }),
                None => self.retry(cx, part),
            },
            _ => {
                let sorted = parts::sort_out(&part.request, response);
                self.answered(call, sorted.answer);
                if let Some(request) = sorted.elsewhere {
                    let step = parts::step_of(&request);
                    self.retry(cx, Part { request, step, ..part.clone() });
                }
                if let Some(request) = sorted.again {
                    self.retry(cx, Part { request, ..part });
                }
            }
        }
        self.finish_if_done(cx, call);
    }

    /// Asks again, elsewhere if need be.
    pub fn on_lost(&mut self, cx: &mut ClientContext<'_>, correlation: u32) {
        let Some(number) = self.in_flight.remove(&correlation) else { return };
        let Some(part) = self.parts.remove(&number) else { return };
        let step = match &part.step {
            // Each broker is asked for what it alone has.
            Step::At(broker) if matches!(part.request, Request::ListGroups) => Step::At(*broker),
            _ => parts::step_of(&part.request),
        };
        self.retry(cx, Part { step, ..part });
    }

    fn retry(&mut self, cx: &mut ClientContext<'_>, mut part: Part) {
        let backoff = RETRY_BACKOFF_MS << part.tries.min(8);
        part.tries += 1;
        let number = self.add(part);
        cx.timer(Span::from_ms(backoff.min(RETRY_BACKOFF_MAX_MS)), ClientTimer::Retry { stamp: number });
    }

    fn answered(&mut self, number: u64, answer: Option<Response>) {
        if let Some(call) = self.calls.get_mut(&number) {
            call.answers.extend(answer);
        }
    }

    fn finish_if_done(&mut self, cx: &mut ClientContext<'_>, number: u64) {
        if self.parts.values().any(|part| part.call == number) {
            return;
        }
        if let Some(call) = self.calls.remove(&number) {
            let result = Ok(Rc::new(parts::merged(&call.request, call.answers)));
            cx.emit(Event::Answered { admin: cx.id, call: number, result });
        }
    }

    /// default.api.timeout.ms is over: what is not answered fails.
    fn time_out(&mut self, cx: &mut ClientContext<'_>, number: u64) {
        let Some(call) = self.calls.get(&number).filter(|call| cx.now >= call.deadline) else { return };
        let name = parts::call_name(&call.request);
        let open: Vec<u64> = self.parts.iter().filter(|(_, part)| part.call == number).map(|(part, _)| *part).collect();
        let asked = self.in_flight.iter().find(|(_, part)| open.contains(part)).map(|(correlation, _)| *correlation);
        let tries = open.iter().filter_map(|part| self.parts.get(part)).map(|part| part.tries).max().unwrap_or(0);
        let left: Vec<Part> = open.into_iter().filter_map(|part| self.parts.remove(&part)).collect();
        let failed: Option<Vec<Response>> = left.iter().map(|part| parts::timed_out(&part.request)).collect();
        match failed {
            Some(failed) => {
                failed.into_iter().for_each(|answer| self.answered(number, Some(answer)));
                self.finish_if_done(cx, number);
            }
            None => {
                let deadline = call.deadline.timestamp();
                self.calls.remove(&number);
                let now = cx.now.timestamp();
                let next_try = Timestamp(now.0 + RETRY_BACKOFF_MS as i64);
                let unanswered = asked.and_then(|correlation| {
                    let node = cx.wire.number(cx.wire.node_of(correlation)?);
                    Some(Unanswered { call: name, deadline, now, next_try, tries: tries.max(1), correlation, node })
                });
                let result = Err(match unanswered {
                    Some(unanswered) => CallError::Unanswered(Box::new(unanswered)),
                    None => CallError::NoNode { call: name },
                });
                cx.emit(Event::Answered { admin: cx.id, call: number, result });
            }
        }
    }

    pub fn on_timer(&mut self, cx: &mut ClientContext<'_>, timer: ClientTimer) {
        match timer {
            ClientTimer::Retry { stamp } => self.ask(cx, stamp),
            ClientTimer::CallTimeout { call } => self.time_out(cx, call),
            _ => {}
        }
    }
}
