//! A group that a handler is changing: a copy of it, and what is to be returned. `finish` makes the outcome.

use std::rc::Rc;

use crate::base::{GroupId, MemberId, SimTime, Span};
use crate::engine::broker::Broker;
use crate::engine::coordinator::home::append;
use crate::engine::group::{ConsumerGroup, Group, GroupState, GroupTimer, Member, consumer_records, records, streams};
use crate::engine::network::RequestRef;
use crate::engine::node::{BrokerTimer, Change, NodeContext, Outcome};
use crate::engine::protocol::Response;
use crate::engine::trace::{AnyGroupState, GroupReason, TraceEvent};
use crate::engine::wire::Record;

pub struct Work<'a> {
    pub cx: &'a NodeContext<'a>,
    pub broker: &'a Broker,
    pub group_id: GroupId,
    pub group: Group,
    pub outcome: Outcome,
    records: Vec<Record>,
}

impl<'a> Work<'a> {
    /// On a copy of the group; `None` if there is no such group.
    pub fn on(cx: &'a NodeContext<'a>, broker: &'a Broker, group_id: &GroupId) -> Option<Self> {
        let group = broker.groups.get(group_id)?.as_ref().clone();
        Some(Self::with(cx, broker, group_id, group))
    }

    /// On a copy of the group, or on a new one.
    pub fn on_or_new(cx: &'a NodeContext<'a>, broker: &'a Broker, group_id: &GroupId) -> Self {
        Self::on(cx, broker, group_id).unwrap_or_else(|| Self::with(cx, broker, group_id, Group::new(cx.now)))
    }

    /// On this group.
    pub fn with(cx: &'a NodeContext<'a>, broker: &'a Broker, group_id: &GroupId, group: Group) -> Self {
        Self { cx, broker, group_id: group_id.clone(), group, outcome: Outcome::default(), records: Vec::new() }
    }

    pub fn now(&self) -> SimTime {
        self.cx.now
    }

    pub fn answer(&mut self, to: RequestRef, response: Response) {
        self.outcome.responses.push((to, response));
    }

    pub fn timer(&mut self, at: SimTime, timer: GroupTimer) {
        self.outcome.timers.push((at, BrokerTimer::Group { group: self.group_id.clone(), timer }));
    }

    /// A record for `__consumer_offsets`; all of an outcome go into one batch.
    pub fn write(&mut self, record: Record) {
        self.records.push(record);
    }

    pub fn member_mut(&mut self, member_id: &MemberId) -> Option<&mut Member> {
        self.group.members.get_mut(member_id)
    }

    pub fn transition(&mut self, state: GroupState, reason: GroupReason) {
        self.group.state = state;
        self.group.state_since = self.now();
        self.outcome.trace.push(TraceEvent::GroupState {
            group: self.group_id.clone(),
            state: AnyGroupState::Classic(state),
            generation_id: self.group.generation_id,
            reason: Some(reason),
        });
    }

    /// The member was heard of: its session begins anew.
    pub fn renew_session(&mut self, member_id: &MemberId, timeout: Option<Span>) {
        let now = self.now();
        let Some(member) = self.group.members.get_mut(member_id) else {
            return;
        };
        let deadline = now + timeout.unwrap_or(member.session_timeout);
        member.session_deadline = deadline;
        if member.session_timer_at <= now || member.session_timer_at > deadline {
            member.session_timer_at = deadline;
            self.timer(deadline, GroupTimer::Session { member: member_id.clone() });
        }
    }

    pub fn write_group(&mut self) {
        let record = records::group_metadata(&self.group_id, &self.group);
        self.write(record);
    }

    /// An empty group of the consumer protocol makes room for this one.
    pub fn take_place_of(&mut self, empty: &ConsumerGroup) {
        self.records.extend(consumer_records::group_tombstones(&self.group_id, empty));
        let (broker, group_id) = (self.broker.id, self.group_id.clone());
        self.outcome.changes.push(Change::ConsumerGroup { broker, group_id, group: None });
    }

    /// The same for a streams group without members.
    pub fn take_place_of_streams(&mut self) {
        self.records.extend(streams::records::group_tombstones(&self.group_id));
        let (broker, group_id) = (self.broker.id, self.group_id.clone());
        self.outcome.changes.push(Change::StreamsGroup { broker, group_id, group: None });
    }

    pub fn finish(mut self) -> Outcome {
        append(self.cx, self.broker, &self.group_id, &self.records, &mut self.outcome);
        self.outcome.changes.push(Change::Group {
            broker: self.broker.id,
            group_id: self.group_id,
            group: (self.group.state != GroupState::Dead).then(|| Rc::new(self.group)),
        });
        self.outcome
    }
}
