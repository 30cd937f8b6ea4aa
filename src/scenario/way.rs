//! What goes on beside a session and is kept with it: the walk through its tour, lines that were clicked and wait, and what is
//! typed. Whoever looks on calls `follow` after something has happened.

use serde::{Deserialize, Serialize};

use super::tour;
use super::walk::{Followed, Walk};
use crate::scenario::parts::tour::Tour;
use crate::session::queue::Given;
use crate::session::{Queue, Session, Typing};

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Way {
    /// The story whose tour it is.
    pub story: Option<String>,
    pub walk: Walk,
    /// What was clicked and waits for what was clicked before.
    pub queue: Queue,
    /// The story was opened by its name, so the address says where the walk is.
    pub named: bool,
    #[serde(skip)]
    pub typing: Typing,
}

/// The tour of the session's story.
fn tour_of(session: &Session) -> Option<&'static Tour> {
    tour(session.scenario()?.name)
}

impl Way {
    /// The way of a session that was just opened.
    pub fn of(session: &Session) -> Self {
        Self { story: session.scenario().map(|entry| entry.name.to_owned()), ..Self::default() }
    }

    fn is_of(&self, session: &Session) -> bool {
        self.story.as_deref() == session.scenario().map(|entry| entry.name)
    }

    /// As it was kept with a session; what another tour's walk says is dropped.
    pub fn fitted(self, session: &Session) -> Self {
        match tour_of(session).filter(|_| self.is_of(session)) {
            Some(tour) => Self { walk: self.walk.fitted(tour), ..self },
            None => Self { queue: self.queue, ..Self::of(session) },
        }
    }

    /// Looks on after something has happened: gives what has waited for it, and lets the walk through the tour see it.
    pub fn follow(&mut self, session: &mut Session) -> (Given, Followed) {
        // Another session was put in its place.
        if !self.is_of(session) {
            *self = Self::of(session);
        }
        let given = self.queue.give(session);
        (given, tour_of(session).map(|tour| self.walk.follow(tour, session)).unwrap_or_default())
    }
}
