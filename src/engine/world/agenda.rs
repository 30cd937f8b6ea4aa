//! What is due, ordered by time and then by the order in which it was put there.

use std::collections::BTreeMap;

use super::program::Event;
use crate::base::{BrokerId, ClientId, ProgramId, SimTime};
use crate::engine::client::ClientTimer;
use crate::engine::network::{Message, RequestRef};
use crate::engine::node::BrokerTimer;

/// One thing that is scheduled.
#[derive(Clone, Hash, Debug)]
pub enum Due {
    /// A request reaches its broker, or a response its client.
    Arrive(Message),
    BrokerTimer {
        broker: BrokerId,
        timer: BrokerTimer,
    },
    ClientTimer {
        client: ClientId,
        timer: ClientTimer,
    },
    /// Who has sent this request gives it up unless it is answered.
    TimesOut(RequestRef),
    /// A program learns something from one of its clients, or a timer of its own runs out.
    ProgramEvent {
        program: ProgramId,
        event: Event,
    },
}

#[derive(Clone, Hash, Debug, Default)]
pub struct Agenda {
    next_sequence: u64,
    dues: BTreeMap<(SimTime, u64), Due>,
}

impl Agenda {
    pub fn push(&mut self, at: SimTime, due: Due) {
        self.dues.insert((at, self.next_sequence), due);
        self.next_sequence += 1;
    }

    /// Calls off what a broker has set itself to do.
    pub fn forget_timers(&mut self, of: BrokerId) {
        self.dues.retain(|_, due| !matches!(due, Due::BrokerTimer { broker, .. } if *broker == of));
    }

    pub fn next_time(&self) -> Option<SimTime> {
        self.dues.first_key_value().map(|((at, _), _)| *at)
    }

    pub fn pop(&mut self) -> Option<(SimTime, Due)> {
        self.dues.pop_first().map(|((at, _), due)| (at, due))
    }

    /// All that is due, soonest first.
    pub fn iter(&self) -> impl Iterator<Item = (SimTime, &Due)> {
        self.dues.iter().map(|((at, _), due)| (*at, due))
    }

    pub fn len(&self) -> usize {
        self.dues.len()
    }

    pub fn is_empty(&self) -> bool {
        self.dues.is_empty()
    }
}
