//! The one place where wall time becomes simulated time. While the clock runs, each animation frame lets as much
//! simulated time pass as wall time went by, times the speed.
//!
//! A gap of more than half a second (a tab in the background, a laptop's lid) lets no time pass. A frame handles dues for
//! some milliseconds at most: under heavy load the simulation falls behind the wall clock, the page never freezes.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use yew::prelude::*;

use super::hooks::{Page, window};
use super::state::{Do, Notice};
use crate::base::Span;

/// A longer gap between two frames is no time that anyone watched.
const GAP_MAX_MS: f64 = 500.0;

/// Wall time that a frame may spend on dues.
const BUDGET_MS: f64 = 8.0;

/// Dues handled between two looks at the wall clock.
const DUES_AT_ONCE: u64 = 64;

/// The session is saved this often while it plays.
const SAVE_EVERY_MS: f64 = 5000.0;

/// Lets `frame` be called on each animation frame while `playing`, with the frame's time in ms.
#[hook]
fn use_animation_frames(playing: bool, frame: Rc<RefCell<dyn FnMut(f64)>>) {
    use_effect_with(playing, move |playing| {
        let alive = Rc::new(RefCell::new(*playing));
        if *playing {
            let holder: Rc<RefCell<Option<Closure<dyn FnMut(f64)>>>> = Rc::default();
            let (inner, alive) = (holder.clone(), alive.clone());
            *holder.borrow_mut() = Some(Closure::new(move |at: f64| {
                if !*alive.borrow() {
                    // The closure lets go of itself: nothing asks for it any more.
                    inner.borrow_mut().take();
                    return;
                }
                frame.borrow_mut()(at);
                ask(&inner);
            }));
            ask(&holder);
        }
        move || *alive.borrow_mut() = false
    });
}

fn ask(holder: &Rc<RefCell<Option<Closure<dyn FnMut(f64)>>>>) {
    if let Some(closure) = holder.borrow().as_ref() {
        // Refused only where the window is going away.
        let _ = window().request_animation_frame(closure.as_ref().unchecked_ref());
    }
}

/// Owns the clock. Called once, by the app.
#[hook]
pub fn use_clock(page: &Page) {
    let latest = use_mut_ref(|| page.clone());
    *latest.borrow_mut() = page.clone();
    let last = use_mut_ref(|| None::<f64>);
    let saved = use_mut_ref(|| 0.0_f64);
    if !page.ui.playing {
        *last.borrow_mut() = None;
    }
    let frame = use_memo((), |()| {
        let frame: Rc<RefCell<dyn FnMut(f64)>> = Rc::new(RefCell::new(move |at: f64| {
            let page = latest.borrow().clone();
            let before = last.borrow_mut().replace(at);
            let gap = before.map_or(0.0, |before| at - before);
            if !(0.0..=GAP_MAX_MS).contains(&gap) {
                return;
            }
            pass(&page, gap);
            if at - *saved.borrow() > SAVE_EVERY_MS {
                *saved.borrow_mut() = at;
                page.save();
            }
        }));
        frame
    });
    use_animation_frames(page.ui.playing, (*frame).clone());
}

/// Lets `wall_ms` pass on the wall.
fn pass(page: &Page, wall_ms: f64) {
    // Milliseconds times thousandths are microseconds.
    let span = Span((wall_ms * f64::from(page.ui.settings.speed.0)) as u64);
    let before = page.session.look().cursor();
    advance(page, span);
    let (after, failed) = {
        let session = page.session.look();
        (session.cursor(), session.world().failure().is_some())
    };
    if failed {
        page.dispatch(Do::Play(false));
    }
    if after != before {
        page.dispatch(Do::Touch);
    }
    page.frames.emit();
    if !page.ui.queue.blocks.is_empty() {
        page.run_queue(page.ui.queue.clone());
    }
}

fn advance(page: &Page, span: Span) {
    let Some(performance) = window().performance() else {
        return;
    };
    let began = performance.now();
    let mut session = page.session.change();
    let target = session.now() + span;
    loop {
        let left = target.since(session.now());
        if session.advance(left, DUES_AT_ONCE) == crate::session::Advanced::There || performance.now() - began > BUDGET_MS {
            return;
        }
        if session.world().failure().is_some() {
            return;
        }
    }
}

/// What is told when an invariant does not hold any more.
pub fn failure_notice(page: &Page) -> Option<Notice> {
    let session = page.session.look();
    let report = session.world().failure()?;
    let text = format!(
        "The simulation has stopped, because something holds that never should: {report}. This is an error of the playground, \
         not yours. Step back or undo to go on from before it, and keep the session as a file to report it."
    );
    Some(Notice::alert("failure", text).with_file("session.kafka", session.script()))
}
