//! What a person does in a tour: begin a step, go on, skip. The walk itself lies in `scenario::walk`.

use std::rc::Rc;

use crate::scenario::tour::{Step, Tour};
use crate::scenario::walk::{Skipped, Standing, Walk};
use crate::session::{Moment, Session, Wish};
use crate::ui::app::hooks::Page;
use crate::ui::app::state::{Do, StageView};

impl Page {
    /// Arranges the stage for the step that is shown.
    pub fn arrange(&self) {
        if let Some(step) = self.step_shown() {
            self.dispatch(Do::Arrange(&step.scene));
        }
    }

    pub fn step_shown(&self) -> Option<&'static Step> {
        let tour = self.session.tour()?;
        self.session.way().walk.step(tour)
    }

    pub fn standing(&self, tour: &Tour) -> Standing {
        self.session.way().walk.standing(tour, &self.session.look())
    }

    fn walk<T>(&self, change: impl FnOnce(&'static Tour, &mut Walk, &mut Session) -> T) -> Option<T> {
        let tour = self.session.tour()?;
        let mut session = self.session.change();
        let mut way = self.session.change_way();
        Some(change(tour, &mut way.walk, &mut session))
    }

    pub fn choose(&self, choice: usize) {
        self.walk(|_, walk, _| walk.choose(choice));
        self.save();
        self.touch();
    }

    /// Gives the step's lines and lets time pass; in the past it asks first.
    pub fn begin(&self) {
        match self.step_shown() {
            Some(step) if !step.run.is_empty() => self.wish(Wish::Begin),
            _ => self.begin_now(),
        }
    }

    pub fn begin_now(&self) {
        let was_playing = self.ui.clock.runs();
        self.play(true);
        let before = self.session.look().inputs_applied();
        let given = self.walk(|tour, walk, session| {
            walk.plays = !was_playing;
            walk.begin(tour, session)
        });
        let Some(given) = given else { return };
        if given.refused.is_some() && !was_playing {
            self.play(false);
        }
        self.after_given(&given, before);
        self.follow();
        self.save();
        self.touch();
    }

    /// Lets the clock run until the step is done.
    pub fn play_until_done(&self) {
        self.play(true);
        self.walk(|_, walk, _| walk.plays = true);
    }

    /// Stops the clock when the step that has let it run is done.
    pub fn after_step(&self) {
        let stops = self.walk(|_, walk, _| std::mem::take(&mut walk.plays)).unwrap_or_default();
        if stops {
            self.play(false);
        }
        self.save();
    }

    /// Shows another step. One that was come to before takes the clock with it: text and picture are of one moment.
    pub fn go_to_step(&self, step: usize) {
        let place = self.walk(|tour, walk, session| {
            walk.go_to(tour, session, step);
            walk.seen(step, session).or_else(|| walk.belongs_ahead(session))
        });
        self.session.change_way().named = true;
        self.arrange();
        if let Some(moment) = place.flatten() {
            self.show_moment(moment);
        }
        self.follow();
        self.save();
        self.touch();
    }

    /// What the one button that goes on does: it begins the step, lets time pass, or goes to the next one.
    pub fn go_on(&self) {
        let Some(tour) = self.session.tour() else { return };
        let at = self.session.way().walk.at(tour);
        match self.standing(tour) {
            _ if self.skips() => {}
            Standing::Ready => self.begin(),
            Standing::Running if !self.ui.clock.runs() => self.play_until_done(),
            Standing::Running => {}
            Standing::Done | Standing::Stuck if at + 1 < tour.steps.len() => self.go_to_step(at + 1),
            Standing::Done | Standing::Stuck => {}
        }
    }

    pub fn go_back_step(&self) {
        let at = self.session.way().walk.step_index();
        self.go_to_step(at.saturating_sub(1));
    }

    /// Plays to the end of the step that is shown; in the past it asks first, unless it was done in this history.
    pub fn skip(&self) {
        match self.walk(|tour, walk, session| walk.skip_gives_lines(tour, session)) {
            Some(true) => self.wish(Wish::Skip),
            _ => self.skip_now(),
        }
    }

    pub fn skip_now(&self) {
        // What was chosen by hand for this step is let go.
        self.arrange();
        // The step had let the clock run.
        if self.walk(|_, walk, _| std::mem::take(&mut walk.plays)) == Some(true) {
            self.play(false);
        }
        self.walk(|tour, walk, _| walk.skip(tour));
        self.touch();
    }

    /// Is a step being skipped?
    pub fn skips(&self) -> bool {
        self.session.way().walk.skips_to().is_some()
    }

    pub fn stop_skipping(&self) {
        if self.skips() {
            self.walk(|_, walk, _| walk.stop_skipping());
            self.touch();
        }
    }

    /// Goes on with the skip that is under way.
    pub fn skip_on(&self, dues_max: u64) -> Skipped {
        let before = self.session.look().inputs_applied();
        let skipped = self.walk(|tour, walk, session| walk.play_on(tour, session, dues_max)).unwrap_or(Skipped::Arrived);
        match &skipped {
            Skipped::Working => return skipped,
            Skipped::Arrived => {
                self.session.change_way().named = true;
                if let Some(step) = self.step_shown() {
                    self.dispatch(Do::Arrive(&step.scene));
                }
            }
            Skipped::Stopped(given) => self.after_given(given, before),
        }
        self.follow();
        self.save();
        self.touch();
        skipped
    }

    /// Turns to the Groups view with this group.
    pub fn show_group(&self, group: Rc<str>) {
        self.dispatch(Do::Group(Some(group)));
        self.dispatch(Do::View(StageView::Groups));
    }

    /// Takes the clock to a moment of the history.
    pub fn show_moment(&self, moment: Moment) {
        self.move_in_time(&|session| session.go_to(&moment));
    }
}
