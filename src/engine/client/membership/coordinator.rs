//! The look-up of a group's coordinator (`CoordinatorRequestManager`, `AbstractCoordinator.lookupCoordinator`).

use crate::base::{BrokerId, GroupId, Span};
use crate::engine::client::common::metadata::backoff;
use crate::engine::client::common::wire::Node;
use crate::engine::client::{ClientContext, ClientTimer, Target};
use crate::engine::protocol::{ErrorCode, FindCoordinatorRequest, FindCoordinatorResponse, Request};

#[derive(Clone, Hash, Debug, Default)]
pub struct CoordinatorLookup {
    /// `None` for a consumer without a group: there is nothing to look for.
    group_id: Option<GroupId>,
    retry_backoff: Span,
    broker: Option<BrokerId>,
    in_flight: Option<u32>,
    /// Nothing is sent to the coordinator, or to find it, before the backoff is over.
    is_backing_off: bool,
    /// Failures in a row.
    failures: u32,
}

impl CoordinatorLookup {
    pub fn new(group_id: Option<GroupId>, retry_backoff_ms: u64) -> Self {
        Self { group_id, retry_backoff: Span::from_ms(retry_backoff_ms), ..Self::default() }
    }

    pub fn broker(&self) -> Option<BrokerId> {
        self.broker
    }

    pub fn is_known(&self) -> bool {
        self.broker.is_some()
    }

    /// Is the coordinator known, and is no backoff going on?
    pub fn is_ready(&self) -> bool {
        self.is_known() && !self.is_backing_off
    }

    /// Sends a request to the coordinator; `None` while that is not known.
    pub fn request(&self, cx: &mut ClientContext<'_>, request: Request) -> Option<u32> {
        Some(cx.request(Target::Coordinator(self.broker?), request))
    }

    /// Asks any broker who the coordinator is, unless that is known or asked already.
    pub fn find(&mut self, cx: &mut ClientContext<'_>) {
        if let Some(group_id) = &self.group_id
            && self.broker.is_none()
            && self.in_flight.is_none()
            && !self.is_backing_off
        {
            let request = Request::FindCoordinator(FindCoordinatorRequest { group_id: group_id.clone() });
            self.in_flight = Some(cx.request(Target::Any, request));
        }
    }

    pub fn answered(&mut self, cx: &mut ClientContext<'_>, correlation: u32, response: &FindCoordinatorResponse) {
        if self.in_flight.take_if(|in_flight| *in_flight == correlation).is_none() {
            return;
        }
        match (response.error, response.coordinator) {
            (None, Some(broker)) => (self.broker, self.failures) = (Some(broker), 0),
            _ => self.back_off(cx),
        }
    }

    /// True if it was a look-up whose answer will not come.
    pub fn on_lost(&mut self, cx: &mut ClientContext<'_>, correlation: u32) -> bool {
        let lost = self.in_flight.take_if(|in_flight| *in_flight == correlation).is_some();
        if lost {
            self.back_off(cx);
        }
        lost
    }

    /// A connection has ended: the coordinator may have moved.
    pub fn on_disconnect(&mut self, node: Node) {
        self.broker.take_if(|broker| node == Node::Coordinator(*broker));
    }

    pub fn backoff_over(&mut self) {
        self.is_backing_off = false;
    }

    /// The coordinator has moved, is loading or does not know: it is asked, or looked for, again after a while.
    pub fn failed(&mut self, cx: &mut ClientContext<'_>, error: ErrorCode) {
        if error != ErrorCode::CoordinatorLoadInProgress {
            self.broker = None;
        }
        self.back_off(cx);
    }

    fn back_off(&mut self, cx: &mut ClientContext<'_>) {
        if !self.is_backing_off {
            self.is_backing_off = true;
            cx.timer(backoff(self.retry_backoff, self.failures), ClientTimer::CoordinatorRetry);
            self.failures += 1;
        }
    }
}
