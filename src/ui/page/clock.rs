//! The one place where wall time becomes simulated time. While the clock runs, each animation frame lets as much
//! simulated time pass as wall time went by, times the speed.
//!
//! A gap of more than half a second (a tab in the background, a laptop's lid) lets no time pass. A frame handles dues for
//! some milliseconds at most: under heavy load the simulation falls behind the wall clock, the page never freezes.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::watch::Watched;
use crate::base::Span;
use crate::scenario::walk::Skipped;
use crate::ui::app::hooks::{Page, wall_ms, window};
use crate::ui::app::state::Do;

/// A longer gap between two frames is no time that anyone watched.
const GAP_MAX_MS: f64 = 500.0;

/// Wall time that a frame may spend on dues: so much, or half of what has gone by, where that is more. A slow machine draws
/// fewer frames and keeps the clock.
const BUDGET_MS: f64 = 8.0;

/// The page is drawn anew at most so often while the clock runs; what flies and the clock's hand move with each frame.
const DRAW_EVERY_MS: f64 = 100.0;

/// Of the wall time, at most this part goes into drawing the page anew.
const DRAW_PART: f64 = 0.15;
/// The same while a step is skipped: the page shows how far it is, and takes clicks.
const SKIP_BUDGET_MS: f64 = 30.0;

/// Dues handled between two looks at the wall clock.
const DUES_AT_ONCE: u64 = 64;

/// The session is saved this often while it plays.
const SAVE_EVERY_MS: f64 = 5000.0;

/// The clock's place between two frames.
#[derive(Default)]
pub struct Clock {
    /// What the browser calls on a frame; `None` before the page has begun and after it has gone.
    frame: Option<Closure<dyn FnMut(f64)>>,
    /// A frame was asked for and has not come.
    asked: bool,
    /// The frame before, while the clock runs.
    last: Option<f64>,
    saved: f64,
    stopped: bool,
    /// Simulated time that is owed: a frame had not enough wall time for it.
    owed: Span,
    /// When the page is drawn anew next, and what has happened since it was.
    draw_at: f64,
    drawn_cursor: u64,
}

impl Clock {
    pub fn install(watched: &Watched) {
        let held = watched.clone();
        watched.borrow_mut().clock.frame = Some(Closure::new(move |at: f64| Self::frame(&held, at)));
    }

    /// No frame does anything from now on.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// Asks for frames while the clock runs.
    pub fn drawn(watched: &Watched) {
        let mut watch = watched.borrow_mut();
        if watch.page.ui.clock.runs() || watch.page.skips() {
            watch.clock.ask();
        } else {
            watch.clock.last = None;
            watch.clock.owed = Span::ZERO;
        }
    }

    fn ask(&mut self) {
        if let Some(frame) = &self.frame
            && !self.asked
        {
            // Refused only where the window is going away.
            self.asked = window().request_animation_frame(frame.as_ref().unchecked_ref()).is_ok();
        }
    }

    fn frame(watched: &Watched, at: f64) {
        let (page, gap, saves) = {
            let mut watch = watched.borrow_mut();
            let runs = watch.page.ui.clock.runs() || watch.page.skips();
            let clock = &mut watch.clock;
            clock.asked = false;
            if !runs || clock.stopped {
                return;
            }
            clock.ask();
            let gap = clock.last.replace(at).map_or(0.0, |before| at - before);
            let saves = at - clock.saved > SAVE_EVERY_MS;
            if saves {
                clock.saved = at;
            }
            (watch.page.clone(), gap, saves)
        };
        if page.skips() {
            skip(&page);
        } else if (0.0..=GAP_MAX_MS).contains(&gap) {
            pass(watched, &page, at, gap);
        }
        if saves {
            page.save();
        }
    }
}

/// Plays on to the end of a step that is skipped, for as long as a frame may last: nobody watches single records then.
fn skip(page: &Page) {
    let began = wall_ms();
    while page.skip_on(DUES_AT_ONCE) == Skipped::Working && wall_ms() - began < SKIP_BUDGET_MS {}
    page.dispatch(Do::Touch);
    page.frames.emit();
}

/// Lets `wall_ms` pass on the wall, up to the frame at `at`.
fn pass(watched: &Watched, page: &Page, at: f64, wall_ms: f64) {
    let owed = watched.borrow().clock.owed;
    // Milliseconds times thousandths are microseconds.
    let span = Span((wall_ms * f64::from(page.ui.settings.speed.0)) as u64) + owed;
    let left = advance(page, span, (wall_ms / 2.0).max(BUDGET_MS));
    let most = Span((GAP_MAX_MS * f64::from(page.ui.settings.speed.0)) as u64);
    watched.borrow_mut().clock.owed = left.min(most);
    let (cursor, failed) = {
        let session = page.session.look();
        (session.cursor(), session.failure().is_some())
    };
    if failed {
        page.dispatch(Do::Play(false));
    }
    page.frames.emit();
    page.follow();
    page.type_ahead();
    page.give_back_the_clock();
    draw(watched, page, at, cursor);
}

/// Draws the page anew, if something has happened and it was not drawn just now.
fn draw(watched: &Watched, page: &Page, at: f64, cursor: u64) {
    let due = {
        let clock = &watched.borrow().clock;
        at >= clock.draw_at && cursor != clock.drawn_cursor
    };
    if due {
        let began = wall_ms();
        page.dispatch(Do::Touch);
        let clock = &mut watched.borrow_mut().clock;
        clock.drawn_cursor = cursor;
        clock.draw_at = at + DRAW_EVERY_MS.max((wall_ms() - began) / DRAW_PART);
    }
}

/// Lets things happen for so much simulated time, or until the wall time is used up; returns the simulated time that is left.
fn advance(page: &Page, span: Span, budget_ms: f64) -> Span {
    let began = wall_ms();
    let mut session = page.session.change();
    let target = session.now() + span;
    loop {
        let left = target.since(session.now());
        if session.advance(left, DUES_AT_ONCE) == crate::session::Advanced::There {
            return Span::ZERO;
        }
        if session.failure().is_some() {
            return Span::ZERO;
        }
        if wall_ms() - began > budget_ms {
            return target.since(session.now());
        }
    }
}
