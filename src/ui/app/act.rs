//! Everything that changes the session from the page, clock apart: inputs, steps, undo, other sessions.
//!
//! An input is a block: one line of the script, or a command with the lines typed into it. A button may stand for several
//! blocks; each waits in the session's queue until the one before has ended, as it would in a terminal.

use yew::{Callback, MouseEvent};

use crate::scenario::lessons::Lesson;
use crate::scenario::way::Way;
use crate::session::queue::{Given, blocks};
use crate::session::{Input, Session, Wish};
use crate::ui::app::hooks::Page;
use crate::ui::app::open::{self, CATALOG};
use crate::ui::app::state::{Dialog, Do, LessonPlace, Notice};
use crate::ui::app::storage;
use crate::ui::app::typing::focus_prompt;
use crate::view::address;
use crate::view::outcome::outcome;

impl Page {
    /// Gives script lines as a person would.
    pub fn give(&self, lines: &[String]) {
        self.wish(Wish::Give(blocks(lines)));
    }

    /// Does what a person wants; in the past it asks first, since that sets aside what lies ahead.
    pub fn wish(&self, wish: Wish) {
        let asked = self.session.look().ask_first(wish);
        match asked {
            Ok(wish) => self.fulfil(wish),
            Err(fork) => self.dispatch(Do::Fork(Some(fork))),
        }
    }

    fn fulfil(&self, wish: Wish) {
        match wish {
            Wish::Give(blocks) => self.give_now(blocks),
            Wish::Type { terminal, lines } => self.type_now(&terminal, lines),
            Wish::Begin => self.begin_now(),
            Wish::Skip => self.skip_now(),
        }
    }

    /// Not after all: what was typed stands at its prompt again.
    pub fn cancel_fork(&self) {
        let Some(fork) = self.ui.fork.clone() else { return };
        self.dispatch(Do::Fork(None));
        if let Wish::Type { terminal, lines } = fork.wish {
            self.put_back(&terminal, &lines.join("\n"));
        }
    }

    /// Does what waits for a yes.
    pub fn confirm_fork(&self, at_the_end: bool) {
        let Some(fork) = self.ui.fork.clone() else { return };
        self.dispatch(Do::Fork(None));
        if at_the_end {
            self.session.change().seek_end();
        }
        let typed = matches!(fork.wish, Wish::Type { .. });
        self.fulfil(fork.wish);
        if typed {
            focus_prompt();
        }
    }

    fn give_now(&self, blocks: Vec<String>) {
        if blocks.is_empty() {
            return;
        }
        self.stop_skipping();
        self.session.change_way().queue.add(&self.session.look(), blocks);
        self.follow();
    }

    /// Looks on after something has happened: gives what has waited for it, and lets the walk through the tour see it.
    pub fn follow(&self) {
        let before = self.session.look().inputs_applied();
        let (given, followed) = self.session.change_way().follow(&mut self.session.change());
        if given.count > 0 && !self.ui.clock.runs() {
            let text = "Given. The clock is paused: play or step to see what follows.";
            self.dispatch(Do::Tell(Notice::status("paused", text)));
        }
        self.after_given(&given, before);
        self.after_given(&followed.given, before);
        if followed.fulfilled {
            self.after_step();
        }
        if followed.fulfilled || followed.noted {
            self.touch();
        }
    }

    /// Shows what was given, or why it was refused; `before`: inputs that there were before.
    pub fn after_given(&self, given: &Given, before: usize) {
        if let Some((block, error)) = &given.refused {
            let text = format!("“{}” was not done: {error}.", block.lines().next().unwrap_or_default());
            // A form's mistakes are told in the form.
            self.dispatch(match self.ui.dialog {
                Some(_) => Do::FormError(Some(text)),
                None => Do::Tell(Notice::alert("input", text)),
            });
        } else if given.count > 0 {
            self.dispatch(Do::Dismiss("input"));
        }
        if given.count > 0 {
            self.show_outcome(before);
        }
        if given.count > 0 || given.refused.is_some() {
            self.save();
            self.touch();
        }
    }

    /// Shows what the latest of the inputs that were just given comes to, if one is a command.
    fn show_outcome(&self, before: usize) {
        let input = {
            let session = self.session.look();
            let given = session.inputs().get(before..session.inputs_applied()).unwrap_or_default();
            let shown = |input: &&Input| outcome(&session, input).is_some();
            given.iter().rev().find(shown).cloned()
        };
        if input.is_some() {
            self.dispatch(Do::Command(input));
        }
    }

    /// Keeps the session in the browser's storage; says so when that cannot be done.
    pub fn save(&self) {
        if let Err(why) = storage::save(&self.session) {
            self.dispatch(Do::Tell(Notice::alert("storage", why).with_file("session.kafka", self.session.look().script())));
        }
    }

    /// Draws what the session is now.
    pub fn touch(&self) {
        self.dispatch(Do::Touch);
        self.frames.emit();
    }

    // ---- moving in time

    pub fn play(&self, playing: bool) {
        self.stop_skipping();
        self.dispatch(Do::Play(playing));
        self.dispatch(Do::Dismiss("paused"));
        if !playing {
            self.save();
        }
    }

    pub fn step(&self) {
        self.move_in_time(&|session| {
            session.step();
        });
    }

    pub fn back(&self) {
        self.move_in_time(&|session| {
            session.back();
        });
    }

    /// Stops the clock, since a person now moves time by hand.
    pub fn move_in_time(&self, change: &dyn Fn(&mut Session)) {
        self.stop_skipping();
        if self.ui.clock.runs() {
            self.dispatch(Do::Play(false));
        }
        let before = self.session.look().cursor();
        change(&mut self.session.change());
        self.dispatch(Do::Dismiss("paused"));
        self.touch();
        self.follow();
        // Not within the condition: the look would last as long as what follows it.
        let forward = self.session.look().cursor() >= before;
        match forward {
            true => self.type_ahead(),
            false => self.session.change_way().typing.drop_waiting(),
        }
    }

    pub fn undo(&self) {
        self.stop_skipping();
        self.session.change_way().typing.drop_waiting();
        let done = self.session.change().undo();
        self.after_undo(done);
    }

    pub fn redo(&self) {
        self.stop_skipping();
        self.session.change_way().typing.drop_waiting();
        let done = self.session.change().redo();
        self.after_undo(done);
    }

    fn after_undo(&self, done: bool) {
        if done {
            self.dispatch(Do::Play(false));
            self.follow();
            self.save();
            self.touch();
        }
    }

    // ---- other sessions

    /// Puts another session in place of this one.
    pub fn open(&self, opened: Result<Session, String>) {
        self.open_on(opened.map(|session| (Way::of(&session), session)));
    }

    /// Opens a story from its beginning, in its own view.
    pub fn open_story(&self, name: &str) {
        self.open_on(address::entry(name).and_then(|entry| open::story(entry, 0)));
    }

    /// Opens a story.
    pub fn opening(&self, name: &'static str) -> Callback<MouseEvent> {
        let page = self.clone();
        Callback::from(move |_: MouseEvent| page.open_story(name))
    }

    /// Opens the empty playground.
    pub fn opening_empty(&self, brokers: u32) -> Callback<MouseEvent> {
        let page = self.clone();
        Callback::from(move |_: MouseEvent| page.open(Ok(Session::empty(1, brokers, CATALOG))))
    }

    /// Opens a lesson over the page; the session stays.
    pub fn opening_lesson(&self, lesson: &'static Lesson) -> Callback<MouseEvent> {
        self.doing(Do::Open(Dialog::Lesson(LessonPlace { lesson, step: 0 })))
    }

    /// Puts another session in place, with where its walk is.
    pub fn open_on(&self, opened: Result<(Way, Session), String>) {
        match opened {
            Ok((way, session)) => {
                let before = std::mem::replace(&mut *self.session.change(), session);
                *self.session.change_way() = way;
                self.dispatch(Do::Opened);
                if !before.inputs().is_empty() && before.can_undo() {
                    let words = "Another session is open. The one before can be kept as a file.";
                    self.dispatch(Do::Tell(Notice::status("before", words).with_file("session-before.kafka", before.script())));
                }
                self.arrange();
                self.follow();
                self.save();
                self.touch();
            }
            Err(why) => self.dispatch(Do::Tell(Notice::alert("open", why))),
        }
    }
}

/// What is told when an invariant does not hold any more.
pub fn failure_notice(page: &Page) -> Option<Notice> {
    let session = page.session.look();
    let report = session.failure()?;
    let text = format!(
        "The simulation has stopped, because something holds that never should: {report}. This is an error of the playground, \
         not yours. Step back or undo to go on from before it, and keep the session as a file to report it."
    );
    Some(Notice::alert("failure", text).with_file("session.kafka", session.script()))
}
