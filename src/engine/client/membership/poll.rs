//! When a program polls: how long the poll that is going on may take, and whether it polls often enough
//! (max.poll.interval.ms).

use crate::base::{SimTime, Span};
use crate::engine::client::{ClientContext, ClientTimer};

/// What returning from a poll costs: time goes on even for a program that polls without a timeout.
pub const POLL_COST: Span = Span::from_us(10);

/// A close that is not done by then ends anyway (`ConsumerUtils.DEFAULT_CLOSE_TIMEOUT_MS`).
pub const CLOSE_TIMEOUT: Span = Span::from_secs(30);

#[derive(Clone, Hash, Debug, Default)]
pub struct PollClock {
    max_interval: Span,
    deadline: Option<SimTime>,
    timer_at: Option<SimTime>,
    last_poll: Option<SimTime>,
    interval_timer_at: Option<SimTime>,
}

impl PollClock {
    pub fn new(max_poll_interval_ms: u64) -> Self {
        Self { max_interval: Span::from_ms(max_poll_interval_ms), ..Self::default() }
    }

    pub fn begin(&mut self, now: SimTime, timeout: Span) {
        self.last_poll = Some(now);
        self.deadline = Some(now + timeout);
    }

    pub fn end(&mut self, now: SimTime) {
        self.deadline = None;
        self.last_poll = Some(now);
    }

    /// The poll that is going on ends without a result: the consumer is being closed.
    pub fn cancel(&mut self) {
        self.deadline = None;
    }

    /// When the poll that is going on gives up.
    pub fn deadline(&self) -> Option<SimTime> {
        self.deadline
    }

    /// When the program was last inside a poll: what max.poll.interval.ms counts from.
    pub fn last_poll(&self) -> Option<SimTime> {
        self.last_poll
    }

    /// Sets a timer for the end of a poll that has to wait, unless one is set that comes early enough: many short polls leave
    /// few timers behind.
    pub fn set_timer(&mut self, cx: &mut ClientContext<'_>) {
        if let Some(deadline) = self.deadline
            && self.timer_at.is_none_or(|at| at > deadline)
        {
            self.timer_at = Some(deadline);
            cx.timer_at(deadline, ClientTimer::PollTimeout);
        }
    }

    pub fn timer_over(&mut self, now: SimTime) {
        self.timer_at.take_if(|at| *at == now);
    }

    /// From now on a program that does not poll for max.poll.interval.ms is noticed.
    pub fn watch_interval(&mut self, cx: &mut ClientContext<'_>) {
        if self.interval_timer_at.is_none() {
            self.check_interval_at(cx, cx.now + self.max_interval);
        }
    }

    fn check_interval_at(&mut self, cx: &mut ClientContext<'_>, at: SimTime) {
        self.interval_timer_at = Some(at);
        cx.timer_at(at, ClientTimer::MaxPollInterval);
    }

    /// The timer for max.poll.interval.ms: has the program not polled for so long? Only asked `while_watched`: a consumer that
    /// is a member and is not being closed.
    pub fn is_interval_over(&mut self, cx: &mut ClientContext<'_>, while_watched: bool) -> bool {
        self.interval_timer_at = None;
        let last = self.last_poll.filter(|_| self.deadline.is_none()).unwrap_or(cx.now);
        let ends = last + self.max_interval;
        if while_watched && ends > cx.now {
            self.check_interval_at(cx, ends);
        }
        while_watched && ends <= cx.now
    }
}
