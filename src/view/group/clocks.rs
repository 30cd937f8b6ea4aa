//! The two clocks of a member. One is the coordinator's: time since it last heard of the member. The other is the
//! member's own: time since its program last polled.
//!
//! ```text
//!  session   ████████████░░░░   the coordinator gives the member up when it is empty; each heartbeat fills it
//!  poll      ██████░░░░░░░░░░   the member leaves by itself when it is empty; each poll fills it
//! ```

use super::coordinators::{Kept, coordinated};
use crate::base::{ClientId, GroupId, MemberId, SimTime, Span};
use crate::engine::world::World;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClockState {
    Runs,
    /// It does not run now: the member waits for an answer of the coordinator's, or is inside a poll.
    Stands,
    Over,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clock {
    pub left: Span,
    pub total: Span,
    pub state: ClockState,
}

impl Clock {
    /// One that runs down until a moment.
    pub fn until(deadline: SimTime, total: Span, now: SimTime) -> Self {
        let left = deadline.since(now.min(deadline));
        let state = if left == Span::ZERO { ClockState::Over } else { ClockState::Runs };
        Self { left, total: total.max(left), state }
    }

    fn stands(mut self) -> Self {
        self.state = ClockState::Stands;
        self
    }

    /// What is left, in thousandths of the whole.
    pub fn thousandths(&self) -> u64 {
        self.left.0.saturating_mul(1000) / self.total.0.max(1)
    }
}

/// Session and poll clock of a member at a moment; each `None` where there is none.
pub fn clocks(
    world: &World,
    now: SimTime,
    id: &GroupId,
    member: Option<&MemberId>,
    client: Option<ClientId>,
) -> (Option<Clock>, Option<Clock>) {
    // Without a coordinator nobody counts.
    let session = member.zip(coordinated(world, id)).and_then(|(member, (_, kept))| match kept {
        Kept::Classic(group) => {
            let member = group.members.get(member)?;
            let clock = Clock::until(member.session_deadline, member.session_timeout, now);
            let waits = member.awaiting_join.is_some() || member.awaiting_sync.is_some();
            Some(if waits { clock.stands() } else { clock })
        }
        Kept::Consumer(group) => {
            let timers = &group.members.get(member)?.timers;
            Some(Clock::until(timers.session_deadline, timers.session_timeout, now))
        }
        Kept::Share(group) => {
            let timeout = world.informed().group_configs(id).share_session_timeout;
            Some(Clock::until(group.members.get(member)?.session_deadline, timeout, now))
        }
        Kept::Nowhere => None,
    });
    let poll = client.and_then(|client| {
        let (max_ms, is_polling, last) = match (world.consumer(client), world.share_consumer(client)) {
            (Some(consumer), _) => (consumer.config().max_poll_interval_ms, consumer.is_polling(), consumer.last_poll()),
            (None, Some(consumer)) => (consumer.config().max_poll_interval_ms, consumer.is_polling(), consumer.last_poll()),
            (None, None) => return None,
        };
        let total = Span::from_ms(max_ms);
        if is_polling {
            return Some(Clock { left: total, total, state: ClockState::Stands });
        }
        Some(Clock::until(last? + total, total, now))
    });
    (session, poll)
}
