//! The way of a person through a tour: the step that is shown, what was chosen, what was seen and when, the goals won.
//!
//! ```text
//!            begin                 done holds
//! Ready ───────────────▶ Running ─────────────▶ Done
//!   ▲ asks or types        │ limit is over        stays so in this history
//!   └─ undone, replaced    ▼
//!                        Stuck
//! ```
//!
//! A step that asks nothing and types nothing is running from when it is shown. *Skip* plays to the end of a step at full
//! speed: its lines are given, each when a person would, and time passes until the step is done or its limit is over. All of
//! it holds for a history: what was seen in one that was replaced is forgotten, and known again when that is undone.

use serde::{Deserialize, Serialize};

use crate::base::Span;
use crate::scenario::parts::tour::{Step, Tour};
use crate::session::queue::{Given, blocks};
use crate::session::{Moment, Queue, Session};

/// How a step stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It waits for an answer, or for its lines to be given.
    Ready,
    Running,
    Done,
    /// It took longer than it should.
    Stuck,
}

/// What is known of one step.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Passage {
    /// The answer that was chosen.
    choice: Option<usize>,
    /// Where it was first shown.
    come: Option<Moment>,
    /// After the last of its lines that was given.
    begun: Option<Moment>,
    fulfilled: Option<Moment>,
}

/// Where a person is in a tour. Kept with the session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Walk {
    step: usize,
    passages: Vec<Passage>,
    /// By goal.
    won: Vec<Option<Moment>>,
    queue: Queue,
    /// The step whose lines are in the queue.
    queue_of: usize,
    /// Plays at full speed until this step is shown; the number of steps: to the end of the last.
    skips_to: Option<usize>,
    /// The step let the clock run; it stops when the step is done.
    pub plays: bool,
    /// Where it was looked at last: the world is the same there.
    #[serde(skip)]
    looked: Option<Moment>,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            step: 0,
            passages: Vec::new(),
            won: Vec::new(),
            queue: Queue::lenient(),
            queue_of: 0,
            skips_to: None,
            plays: false,
            looked: None,
        }
    }
}

/// What came of looking on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Followed {
    pub given: Given,
    /// The step that is shown was done for the first time.
    pub fulfilled: bool,
    /// A goal was won, or the step's first place was noted.
    pub noted: bool,
}

/// How far a skip has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Skipped {
    /// The dues were used up before.
    Working,
    /// It is where it was to go.
    Arrived,
    /// It goes no further: a line was refused, or nothing happens any more.
    Stopped(Given),
}

/// Dues between two looks at the goals while skipping.
const GOALS_EVERY: u64 = 64;

impl Walk {
    /// A walk that begins by playing to where a step begins.
    pub fn to_step(tour: &Tour, step: usize) -> Self {
        let step = step.min(tour.steps.len().saturating_sub(1));
        Self { skips_to: (step > 0).then_some(step), ..Self::default() }
    }

    /// As it was kept, within the bounds of this tour.
    pub fn fitted(mut self, tour: &Tour) -> Self {
        self.step = self.at(tour);
        self.queue_of = self.queue_of.min(tour.steps.len());
        self.passages.truncate(tour.steps.len());
        self.won.truncate(tour.goals.len());
        self
    }

    // ---- looking

    /// The index of the step that is shown.
    pub fn at(&self, tour: &Tour) -> usize {
        self.step.min(tour.steps.len().saturating_sub(1))
    }

    /// The same without the tour; it may lie past its end.
    pub fn step_index(&self) -> usize {
        self.step
    }

    pub fn step(&self, tour: &'static Tour) -> Option<&'static Step> {
        tour.steps.get(self.at(tour))
    }

    pub fn choice(&self) -> Option<usize> {
        self.passage(self.step).choice
    }

    /// Where a skip that is under way leads: the step that it will show.
    pub fn skips_to(&self) -> Option<usize> {
        self.skips_to
    }

    /// Do lines of a step wait to be given?
    pub fn has_lines_waiting(&self) -> bool {
        !self.queue.is_empty()
    }

    pub fn standing(&self, tour: &Tour, session: &Session) -> Standing {
        let at = self.at(tour);
        let (passage, Some(step)) = (self.passage(at), tour.steps.get(at)) else { return Standing::Done };
        let passed = |moment: Option<Moment>| moment.filter(|moment| session.has_passed(moment));
        if passed(passage.fulfilled).is_some() {
            return Standing::Done;
        }
        let begun = passed(passage.begun);
        if begun.is_none() && waits_for_a_person(step) {
            return Standing::Ready;
        }
        // Nothing is judged before all of the step's lines were given.
        if !self.queue.is_empty() {
            return Standing::Running;
        }
        if (step.done)(session.world()) {
            return Standing::Done;
        }
        let from = begun.or(passed(passage.come));
        let late = from.is_some_and(|from| session.now().since(from.at()) > step.limit);
        if late { Standing::Stuck } else { Standing::Running }
    }

    /// Where the step that is shown belongs, when that lies ahead.
    pub fn belongs_ahead(&self, session: &Session) -> Option<Moment> {
        let passage = self.passage(self.step);
        let places = [passage.begun, passage.come].into_iter().flatten();
        places.filter(|place| session.knows(place)).find(|place| !session.has_passed(place))
    }

    /// Where a step was done, in this history.
    pub fn seen(&self, step: usize, session: &Session) -> Option<Moment> {
        self.passage(step).fulfilled.filter(|moment| session.knows(moment))
    }

    /// Where a goal was won, in this history.
    pub fn won(&self, goal: usize, session: &Session) -> Option<Moment> {
        self.won.get(goal).copied().flatten().filter(|moment| session.knows(moment))
    }

    /// Is the last step shown, and was it done in this history?
    pub fn is_over(&self, tour: &Tour, session: &Session) -> bool {
        let at = self.at(tour);
        at + 1 == tour.steps.len() && (self.seen(at, session).is_some() || self.standing(tour, session) == Standing::Done)
    }

    // ---- going

    pub fn choose(&mut self, choice: usize) {
        self.passage_mut(self.step).choice = Some(choice);
    }

    /// Shows a step. What was begun goes on.
    pub fn go_to(&mut self, tour: &Tour, session: &Session, step: usize) {
        self.step = step.min(tour.steps.len().saturating_sub(1));
        (self.skips_to, self.plays, self.looked) = (None, false, None);
        self.note_place(session);
    }

    /// Shows a step of a session that somebody has shared: one that has happened there is done here too.
    pub fn come_to(&mut self, tour: &Tour, session: &Session, step: usize) {
        self.go_to(tour, session, step);
        if tour.steps.get(self.step).is_some_and(|step| (step.done)(session.world())) {
            let moment = session.moment();
            let passage = self.passage_mut(self.step);
            (passage.begun, passage.fulfilled) = (Some(moment), Some(moment));
        }
    }

    /// Gives the lines of the step that is shown, those that can be given now; the others wait.
    pub fn begin(&mut self, tour: &Tour, session: &mut Session) -> Given {
        let at = self.at(tour);
        let Some(step) = tour.steps.get(at) else { return Given::default() };
        self.queue.add(session, blocks(step.run));
        self.queue_of = at;
        self.looked = None;
        let moment = session.moment();
        let passage = self.passage_mut(at);
        (passage.begun, passage.fulfilled) = (Some(moment), None);
        self.give(session)
    }

    /// Looks on after time has moved: gives lines that have waited, notes what is done and won.
    pub fn follow(&mut self, tour: &Tour, session: &mut Session) -> Followed {
        let given = self.give(session);
        // Between two things that happen there is nothing new to see, and a page looks at each frame.
        let here = session.moment();
        if self.looked.is_some_and(|looked| looked.is_same_world(&here)) && given == Given::default() {
            return Followed::default();
        }
        self.looked = Some(here);
        let fulfilled = self.note_done(tour, session);
        let noted = self.note_place(session) | self.note_goals(tour, session);
        Followed { given, fulfilled, noted }
    }

    /// Does a skip of the step that is shown give lines? Not where it was done in this history.
    pub fn skip_gives_lines(&self, tour: &'static Tour, session: &Session) -> bool {
        let gives = self.step(tour).is_some_and(|step| !step.run.is_empty());
        gives && self.seen(self.at(tour), session).is_none() && self.standing(tour, session) == Standing::Ready
    }

    /// Plays to the end of the step that is shown, and shows the next one then.
    pub fn skip(&mut self, tour: &Tour) {
        self.skips_to = Some(self.at(tour) + 1);
    }

    pub fn stop_skipping(&mut self) {
        self.skips_to = None;
    }

    /// Goes on with a skip, handling at most `dues_max` dues. However it is cut into calls, the same things happen.
    pub fn play_on(&mut self, tour: &Tour, session: &mut Session, dues_max: u64) -> Skipped {
        for count in 1..=dues_max {
            let Some(to) = self.skips_to else { return Skipped::Arrived };
            self.note_place(session);
            let at = self.at(tour);
            let given;
            match self.standing(tour, session) {
                Standing::Done | Standing::Stuck => {
                    self.note_done(tour, session);
                    self.note_goals(tour, session);
                    if at + 1 >= to.min(tour.steps.len()) {
                        self.go_to(tour, session, at + 1);
                        return Skipped::Arrived;
                    }
                    self.step = at + 1;
                    continue;
                }
                Standing::Ready => match self.seen(at, session) {
                    Some(seen) => {
                        session.go_to(&seen);
                        continue;
                    }
                    None => given = self.begin(tour, session),
                },
                Standing::Running => given = self.give(session),
            }
            if given.refused.is_some() {
                return Skipped::Stopped(given);
            }
            if count % GOALS_EVERY == 0 {
                self.note_goals(tour, session);
            }
            if session.world().failure().is_some() || !self.pass(session) {
                self.skips_to = None;
                return Skipped::Stopped(given);
            }
        }
        Skipped::Working
    }

    /// The next thing happens, or time passes until the next line is given. False at the end of all things.
    fn pass(&self, session: &mut Session) -> bool {
        let next = session.world().next_time();
        match self.queue.waits_until().filter(|until| next.is_none_or(|next| next > *until)) {
            Some(until) => {
                let wait: Span = until.since(session.now());
                session.advance(wait, 1);
                true
            }
            None => session.step(),
        }
    }

    // ---- noting

    fn give(&mut self, session: &mut Session) -> Given {
        let given = self.queue.give(session);
        let of = self.queue_of;
        if given.refused.is_some() {
            self.passage_mut(of).begun = None;
            (self.skips_to, self.plays) = (None, false);
        } else if given.count > 0 {
            self.passage_mut(of).begun = Some(session.moment());
        }
        given
    }

    /// True when the step is done for the first time in this history.
    fn note_done(&mut self, tour: &Tour, session: &Session) -> bool {
        let at = self.at(tour);
        let fresh = self.seen(at, session).is_none() && self.standing(tour, session) == Standing::Done;
        if fresh {
            self.passage_mut(at).fulfilled = Some(session.moment());
        }
        fresh
    }

    /// Notes where the step was first shown, unless this history knows it.
    fn note_place(&mut self, session: &Session) -> bool {
        let fresh = self.passage(self.step).come.is_none_or(|come| !session.knows(&come));
        if fresh {
            self.passage_mut(self.step).come = Some(session.moment());
        }
        fresh
    }

    fn note_goals(&mut self, tour: &Tour, session: &Session) -> bool {
        self.won.resize(tour.goals.len(), None);
        let mut fresh = false;
        for (at, goal) in tour.goals.iter().enumerate() {
            if self.won(at, session).is_none() && (goal.met)(session.world()) {
                self.won[at] = Some(session.moment());
                fresh = true;
            }
        }
        fresh
    }

    fn passage(&self, step: usize) -> Passage {
        self.passages.get(step).cloned().unwrap_or_default()
    }

    fn passage_mut(&mut self, step: usize) -> &mut Passage {
        if self.passages.len() <= step {
            self.passages.resize(step + 1, Passage::default());
        }
        &mut self.passages[step]
    }
}

/// Does a step wait for an answer, or for being begun?
pub fn waits_for_a_person(step: &Step) -> bool {
    !step.run.is_empty() || step.prediction.is_some()
}
