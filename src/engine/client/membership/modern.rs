//! A member whose coordinator works out the assignment: its epoch and its heartbeats, which go on between polls
//! (`AbstractMembershipManager`, `AbstractHeartbeatRequestManager`; KIP-848 and KIP-932).

use super::CoordinatorLookup;
use crate::base::{MemberId, SimTime, Span};
use crate::engine::client::{ClientContext, ClientTimer};
use crate::engine::metadata::random_uuid;
use crate::engine::protocol::{ErrorCode, JOIN_EPOCH, Request};

/// `org.apache.kafka.clients.consumer.internals.MemberState`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum ModernState {
    #[default]
    Unsubscribed,
    Joining,
    Reconciling,
    Acknowledging,
    Stable,
    Fenced,
    /// Has left because its program did not poll.
    Stale,
    Fatal,
    Leaving,
}

/// The names of the request and of the classes that log about it.
pub struct HeartbeatLog {
    pub request: &'static str,
    pub heartbeats: &'static str,
    pub membership: &'static str,
}

#[derive(Clone, Hash, Debug, Default)]
pub struct ModernMember {
    pub state: ModernState,
    pub epoch: i32,
    /// Made up by the member itself, for its whole life.
    pub member_id: Option<MemberId>,
    pub last_heartbeat: Option<SimTime>,
    retry_backoff: Span,
    /// The heartbeat that is not answered yet.
    heartbeat: Option<u32>,
    /// The heartbeat that leaves the group, not answered yet.
    leave: Option<u32>,
    /// From the coordinator's last answer; 0 before the first.
    interval: Span,
    next_heartbeat: Option<SimTime>,
    /// No heartbeat before this: the last one was refused.
    backoff_until: SimTime,
    /// The latest timer's stamp; earlier timers are ignored.
    timer_stamp: u64,
}

impl ModernMember {
    pub fn new(retry_backoff_ms: u64) -> Self {
        Self { retry_backoff: Span::from_ms(retry_backoff_ms), ..Self::default() }
    }

    pub fn is_member(&self) -> bool {
        self.epoch > 0
    }

    /// Is it in the group, or on the way into it?
    pub fn is_in_group(&self) -> bool {
        use ModernState::{Acknowledging, Joining, Reconciling, Stable};
        matches!(self.state, Joining | Reconciling | Acknowledging | Stable)
    }

    pub fn is_leave(&self, correlation: u32) -> bool {
        self.leave == Some(correlation)
    }

    pub fn is_timer(&self, stamp: u64) -> bool {
        self.timer_stamp == stamp
    }

    pub fn join(&mut self) {
        self.epoch = JOIN_EPOCH;
        self.state = ModernState::Joining;
    }

    pub fn id(&mut self, cx: &mut ClientContext<'_>) -> MemberId {
        self.member_id.get_or_insert_with(|| random_uuid(cx.chance).to_string().into()).clone()
    }

    // ---- heartbeats

    /// Is a heartbeat to be sent now? While it has to wait for the backoff, a timer is set.
    pub fn is_due(&mut self, cx: &mut ClientContext<'_>) -> bool {
        let at_once = matches!(self.state, ModernState::Joining | ModernState::Acknowledging);
        let due = at_once || self.next_heartbeat.is_some_and(|at| cx.now >= at);
        if self.heartbeat.is_some() || !due {
            return false;
        }
        if cx.now < self.backoff_until {
            self.wake_at(cx, self.backoff_until);
            return false;
        }
        true
    }

    fn wake_at(&mut self, cx: &mut ClientContext<'_>, at: SimTime) {
        self.timer_stamp += 1;
        cx.timer_at(at, ClientTimer::Heartbeat { stamp: self.timer_stamp });
    }

    /// The next heartbeat is due now.
    pub fn beat_at_once(&mut self, now: SimTime) {
        self.next_heartbeat = Some(now);
    }

    pub fn beat(&mut self, cx: &mut ClientContext<'_>, coordinator: &CoordinatorLookup, request: Request) {
        self.heartbeat = coordinator.request(cx, request);
        self.last_heartbeat = Some(cx.now);
        if self.interval > Span::ZERO {
            let at = cx.now + self.interval;
            self.next_heartbeat = Some(at);
            self.wake_at(cx, at);
        }
    }

    /// Sends the heartbeat that leaves the group. False if the coordinator is not known: the session will time out there.
    pub fn leave(&mut self, cx: &mut ClientContext<'_>, coordinator: &CoordinatorLookup, request: Request) -> bool {
        self.leave = coordinator.request(cx, request);
        self.heartbeat = None;
        self.leave.is_some()
    }

    /// Is this the heartbeat that is on its way?
    pub fn beats(&self, correlation: u32) -> bool {
        self.heartbeat == Some(correlation)
    }

    /// An answer without an error. True if the member has taken over the epoch, as it has not left in the meantime.
    pub fn accepted(&mut self, cx: &mut ClientContext<'_>, epoch: i32, heartbeat_interval_ms: u64) -> bool {
        self.heartbeat = None;
        let interval = Span::from_ms(heartbeat_interval_ms);
        if interval != self.interval {
            let at = cx.now + interval;
            (self.interval, self.next_heartbeat) = (interval, Some(at));
            self.wake_at(cx, at);
        }
        let counts = self.is_in_group() && epoch >= 0;
        if counts {
            self.epoch = epoch;
        }
        counts
    }

    /// An answer with an error: afterwards the member is Fenced or Fatal, or its state is the same and it tries again.
    pub fn refused(&mut self, cx: &mut ClientContext<'_>, coordinator: &mut CoordinatorLookup, error: ErrorCode) {
        (self.heartbeat, self.next_heartbeat) = (None, Some(cx.now));
        match error {
            ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable => coordinator.failed(cx, error),
            ErrorCode::CoordinatorLoadInProgress => {
                self.backoff_until = cx.now + self.retry_backoff;
                self.wake_at(cx, self.backoff_until);
            }
            ErrorCode::FencedMemberEpoch | ErrorCode::UnknownMemberId => {
                (self.epoch, self.state) = (JOIN_EPOCH, ModernState::Fenced);
            }
            _ => self.state = ModernState::Fatal,
        }
    }

    /// True if it was a heartbeat whose answer will not come.
    pub fn on_lost(&mut self, cx: &mut ClientContext<'_>, coordinator: &mut CoordinatorLookup, correlation: u32) -> bool {
        if self.beats(correlation) {
            (self.heartbeat, self.next_heartbeat) = (None, Some(cx.now));
        } else if self.leave.take_if(|leave| *leave == correlation).is_none() {
            return false;
        }
        coordinator.failed(cx, ErrorCode::NotCoordinator);
        true
    }

    /// What the client writes to its log before the poll throws.
    pub fn log_fatal(
        &self,
        cx: &mut ClientContext<'_>,
        log: &HeartbeatLog,
        error: ErrorCode,
        message: &str,
        instance: Option<&str>,
    ) {
        let instance = instance.unwrap_or("null");
        let why = match error {
            ErrorCode::UnreleasedInstanceId => format!("unreleased instance id {instance}: {message}"),
            ErrorCode::FencedInstanceId => format!(
                "fenced instance id {instance}: {message}. This is expected in the case that the member was removed from the group \
                 by an admin client, and another member joined using the same group instance id."
            ),
            ErrorCode::InvalidRequest | ErrorCode::GroupMaxSizeReached | ErrorCode::UnsupportedAssignor => {
                format!("{error}: {message}")
            }
            _ => format!("unexpected error {error}: {message}"),
        };
        let member = self.member_id.as_ref().map_or("", |member_id| member_id.as_str());
        cx.log("ERROR", format!("{} failed due to {why}", log.request), log.heartbeats);
        cx.log("ERROR", format!("Member {member} with epoch {} transitioned to fatal state", self.epoch), log.membership);
    }
}
