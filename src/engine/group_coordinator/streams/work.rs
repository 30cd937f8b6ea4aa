//! A streams group that a handler is changing: a copy of it, and what is to be returned.

use std::rc::Rc;

use super::{Refusal, is_of_another_kind, not_a_streams_group};
use crate::base::{GroupId, MemberId, SimTime, Span};
use crate::engine::broker::Broker;
use crate::engine::configs::GroupConfigs;
use crate::engine::coordinator::home::append;
use crate::engine::group::streams::{StreamsGroup, StreamsGroupState, StreamsMember, records};
use crate::engine::group::{GroupState, GroupTimer, records as classic_records};
use crate::engine::network::RequestRef;
use crate::engine::node::{BrokerTimer, Change, NodeContext, Outcome};
use crate::engine::protocol::{ErrorCode, Response};
use crate::engine::trace::{AnyGroupState, GoneReason, GroupReason, TraceEvent};
use crate::engine::wire::Record;

pub struct StreamsWork<'a> {
    pub cx: &'a NodeContext<'a>,
    pub broker: &'a Broker,
    pub group_id: GroupId,
    pub group: StreamsGroup,
    pub outcome: Outcome,
    /// The request that is being answered, where there is one.
    pub from: Option<RequestRef>,
    /// It was not there before.
    pub is_new: bool,
    /// State and group epoch before.
    pub before: (StreamsGroupState, i32),
    reason: Option<GroupReason>,
    records: Vec<Record>,
}

impl<'a> StreamsWork<'a> {
    /// On a copy of the group; `None` if there is no streams group of that id.
    pub fn on(cx: &'a NodeContext<'a>, broker: &'a Broker, group_id: &GroupId) -> Option<Self> {
        let group = broker.streams_groups.get(group_id)?.as_ref().clone();
        Some(Self::with(cx, broker, group_id, group, false))
    }

    /// On a group that has been read and that the broker does not have yet.
    pub fn with(cx: &'a NodeContext<'a>, broker: &'a Broker, group_id: &GroupId, group: StreamsGroup, is_new: bool) -> Self {
        let before = (group.state(), group.group_epoch);
        let (group_id, outcome) = (group_id.clone(), Outcome::default());
        Self { cx, broker, group_id, group, outcome, from: None, is_new, before, reason: None, records: Vec::new() }
    }

    /// The group; when a member joins, also a new one, which may take the place of a classic group without members
    /// (`getOrCreateStreamsGroup`, `getStreamsGroupOrThrow`).
    pub fn find_or_make(cx: &'a NodeContext<'a>, broker: &'a Broker, group_id: &GroupId, joins: bool) -> Result<Self, Refusal> {
        if let Some(work) = Self::on(cx, broker, group_id) {
            return Ok(work);
        }
        let new = || Self::with(cx, broker, group_id, StreamsGroup::new(), true);
        match broker.groups.get(group_id) {
            Some(classic) if joins && classic.state == GroupState::Empty => {
                let mut work = new();
                work.because(GroupReason::UpgradedEmpty);
                work.write(classic_records::group_tombstone(group_id));
                work.outcome.changes.push(Change::Group { broker: broker.id, group_id: group_id.clone(), group: None });
                Ok(work)
            }
            _ if is_of_another_kind(broker, group_id) => Err(not_a_streams_group(group_id)),
            _ if joins => Ok(new()),
            _ => Err((ErrorCode::GroupIdNotFound, format!("Streams group {group_id} not found."))),
        }
    }

    /// What holds for this group.
    pub fn configs(&self) -> GroupConfigs {
        self.cx.group_configs(&self.group_id)
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

    /// Why the group's state changes, for the trace: the first reason given counts.
    pub fn because(&mut self, reason: GroupReason) {
        self.reason.get_or_insert(reason);
    }

    /// The group epoch grows: a new target assignment is due.
    pub fn bump_group_epoch(&mut self) {
        self.group.group_epoch += 1;
        self.write(records::group_epoch(&self.group_id, &self.group));
    }

    /// A member's place, in the group and as a record.
    pub fn put_current(&mut self, member: StreamsMember) {
        self.write(records::current_assignment(&self.group_id, &member));
        self.group.put(member);
    }

    /// The member is gone, with what it ran.
    pub fn remove(&mut self, member_id: &MemberId) {
        self.group.remove(member_id);
        for tombstone in records::member_tombstones(&self.group_id, member_id) {
            self.write(tombstone);
        }
    }

    /// The member was heard of: its session begins anew.
    pub fn renew_session(&mut self, member_id: &MemberId, timeout: Span) {
        let now = self.now();
        let Some(member) = self.group.members.get_mut(member_id) else {
            return;
        };
        let timers = &mut Rc::make_mut(member).timers;
        let deadline = now + timeout;
        timers.session_timeout = timeout;
        timers.session_deadline = deadline;
        if timers.session_timer_at <= now || timers.session_timer_at > deadline {
            timers.session_timer_at = deadline;
            self.timer(deadline, GroupTimer::Session { member: member_id.clone() });
        }
    }

    pub fn joined(&mut self, member_id: &MemberId) {
        let (group, by) = (self.group_id.clone(), self.from.and_then(|request| request.client()));
        self.outcome.trace.push(TraceEvent::MemberJoined { group, member: member_id.clone(), by });
    }

    pub fn gone(&mut self, member_id: &MemberId, reason: GoneReason) {
        let group = self.group_id.clone();
        self.outcome.trace.push(TraceEvent::MemberGone { group, member: member_id.clone(), reason });
    }

    pub fn finish(mut self) -> Outcome {
        let state = self.group.state();
        if self.before != (state, self.group.group_epoch) {
            self.outcome.trace.push(TraceEvent::GroupState {
                group: self.group_id.clone(),
                state: AnyGroupState::Streams(state),
                generation_id: self.group.group_epoch,
                reason: self.reason.clone(),
            });
        }
        append(self.cx, self.broker, &self.group_id, &self.records, &mut self.outcome);
        let (broker, group_id) = (self.broker.id, self.group_id);
        self.outcome.changes.push(Change::StreamsGroup { broker, group_id, group: Some(Rc::new(self.group)) });
        self.outcome
    }
}
