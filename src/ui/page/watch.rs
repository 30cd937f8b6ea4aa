//! What the page does beside drawing: it listens to the window, keeps the settings, runs the clock and tells what happens.
//! One effect begins it, and one looks after each drawing at what has changed.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::clock::Clock;
use super::keys;
use crate::ui::app::hooks::{self, Page, document, window};
use crate::ui::app::open;
use crate::ui::app::panic;
use crate::ui::app::state::{Do, Notice, Room, Settings, StageView, TerminalPlace, Theme};
use crate::ui::app::storage;
use crate::ui::panes::story;
use crate::ui::parts::placing;
use crate::view::View;
use crate::view::inspect::Selection;

/// While the clock runs, sentences are gathered for so long: a screen reader must be able to keep up.
const GATHER_MS: u32 = 2500;

/// The same while it stands still.
const PAUSED_MS: u32 = 50;

/// What decides where the card of what is chosen lies.
#[derive(Clone, PartialEq)]
struct Shape {
    presenter: bool,
    selection: Option<Selection>,
    settings: (StageView, bool, usize, TerminalPlace),
    unfolded: usize,
}

/// What is known of the last drawing.
pub struct Watch {
    /// The page as it was drawn last.
    pub page: Page,
    pub clock: Clock,
    settings: Option<Settings>,
    /// What was put into the address last.
    address: Option<String>,
    shape: Option<Shape>,
    step: Option<story::Shown>,
    asks: bool,
    /// What had the focus last, to know when it is lost.
    focused: Option<web_sys::HtmlElement>,
    /// It was inside the story.
    in_story: bool,
    /// What had the focus when the page asked something.
    asked_from: Option<web_sys::HtmlElement>,
    /// Revision and play of the last look at what to tell.
    told: (u64, bool),
    /// The trace's index up to which it was told.
    next: u64,
    timer: Option<Timeout>,
}

impl Watch {
    pub fn new(page: Page) -> Self {
        let next = View::of(&page.session.look()).trace_range().end;
        let told = (page.ui.revision, page.ui.clock.runs());
        Self {
            page,
            clock: Clock::default(),
            settings: None,
            shape: None,
            address: None,
            step: None,
            asks: false,
            focused: None,
            in_story: false,
            asked_from: None,
            told,
            next,
            timer: None,
        }
    }
}

pub type Watched = Rc<RefCell<Watch>>;

/// Listens; what is returned keeps listening until it is dropped.
pub fn begin(watched: &Watched) -> [EventListener; 6] {
    let page = watched.borrow().page.clone();
    panic::remember(&page.session.look().script());
    // Changed from outside of the page.
    let latest = watched.clone();
    page.frames.on_touch(Callback::from(move |()| {
        let page = latest.borrow().page.clone();
        page.follow();
        page.touch();
    }));
    Clock::install(watched);
    // A page that is left in the middle of a play keeps where it was.
    let latest = watched.clone();
    let hidden: Heard = Box::new(move |_| {
        let page = latest.borrow().page.clone();
        // Who has seen the first screen alone has no session to come back to.
        if page.ui.start.is_none() {
            let _ = storage::save(&page.session);
        }
    });
    let latest = watched.clone();
    let address: Heard = Box::new(move |_| {
        let page = latest.borrow().page.clone();
        open::follow_address(&page);
    });
    let latest = watched.clone();
    let key: Heard = Box::new(move |event| {
        if let Some(event) = event.dyn_ref::<KeyboardEvent>()
            && !event.default_prevented()
        {
            let page = latest.borrow().page.clone();
            keys::on_key(&page, event);
        }
    });
    let latest = watched.clone();
    let resized: Heard = Box::new(move |_| {
        let page = latest.borrow().page.clone();
        let room = room();
        if page.ui.room != room {
            page.dispatch(Do::Room(room));
        }
        if page.ui.selection.is_some() {
            placing::soon();
        }
    });
    let latest = watched.clone();
    let focused: Heard = Box::new(move |event| {
        let focused: Option<web_sys::HtmlElement> = event.target().and_then(|target| target.dyn_into().ok());
        let mut watch = latest.borrow_mut();
        watch.in_story = focused.as_ref().is_some_and(|focused| focused.closest(".story").is_ok_and(|story| story.is_some()));
        watch.focused = focused;
    });
    let latest = watched.clone();
    let left: Heard = Box::new(move |event| {
        if event.dyn_ref::<FocusEvent>().is_some_and(|event| event.related_target().is_none()) {
            keep_focus(&latest);
        }
    });
    [
        hear(&document(), "focusin", focused),
        hear(&document(), "focusout", left),
        hear(&window(), "resize", resized),
        hear(&window(), "pagehide", hidden),
        hear(&window(), "hashchange", address),
        hear(&document(), "keydown", key),
    ]
}

/// How much room the window has now. The sheets ask the same (`layout.css`).
pub fn room() -> Room {
    let fits = |query: &str| window().match_media(query).ok().flatten().is_some_and(|query| query.matches());
    if fits("(width < 40rem)") {
        Room::Phone
    } else if fits("(width < 75rem), (height < 40rem)") {
        Room::Caption
    } else {
        Room::Wide
    }
}

type Heard = Box<dyn FnMut(&Event)>;

fn hear(target: &web_sys::EventTarget, name: &'static str, heard: Heard) -> EventListener {
    EventListener::new_with_options(target, name, EventListenerOptions::enable_prevent_default(), heard)
}

/// Looks at what differs from the drawing before.
pub fn drawn(watched: &Watched) {
    let page = watched.borrow().page.clone();
    if watched.borrow().settings.as_ref() != Some(&page.ui.settings) {
        watched.borrow_mut().settings = Some(page.ui.settings.clone());
        keep_settings(&page);
    }
    let address = open::address_of(&page);
    if watched.borrow().address.as_ref() != Some(&address) {
        open::put_in_address(&address);
        watched.borrow_mut().address = Some(address);
    }
    // It may give the focus to something, which is heard.
    let (before, in_story) = (watched.borrow().step.clone(), watched.borrow().in_story);
    let shown = story::drawn(&page, before, in_story);
    watched.borrow_mut().step = Some(shown);
    let asks = page.ui.fork.is_some();
    if std::mem::replace(&mut watched.borrow_mut().asks, asks) != asks {
        ask(watched, asks);
    }
    keep_focus(watched);
    shape(watched, &page);
    Clock::drawn(watched);
    tell_soon(watched);
}

/// What the drawing is laid out by: where it has changed, the root is told, and the card of what is chosen is placed anew.
fn shape(watched: &Watched, page: &Page) {
    let ui = &page.ui;
    let shape = Shape {
        presenter: ui.presenter,
        selection: ui.selection.clone(),
        settings: (ui.settings.view, ui.settings.story_folded, page.session.way().walk.step_index(), ui.settings.terminal.clone()),
        unfolded: ui.unfolded.len(),
    };
    let before = watched.borrow().shape.clone();
    if before.as_ref() == Some(&shape) {
        return;
    }
    if before.is_some_and(|before| before.presenter) != shape.presenter
        && let Some(root) = document().document_element()
    {
        let shown =
            if shape.presenter { root.set_attribute("data-presenter", "") } else { root.remove_attribute("data-presenter") };
        debug_assert!(shown.is_ok(), "an attribute with a legal name can be set");
    }
    if shape.selection.is_some() {
        placing::soon();
    }
    watched.borrow_mut().shape = Some(shape);
}

/// The question takes the focus, and its answer gives it back.
fn ask(watched: &Watched, asks: bool) {
    let before = watched.borrow_mut().asked_from.take();
    if asks {
        let from = watched.borrow().focused.clone();
        watched.borrow_mut().asked_from = from;
        hooks::focus(hooks::element(".notice-ask .button-strong"));
    } else {
        hooks::focus(before.filter(|before| before.is_connected()));
    }
}

/// A little later, so that whoever knows better what comes next has given it the focus.
const LOST_MS: u32 = 60;

/// Where what had the focus is gone, the stage takes it, or the window that is open over it: it is never the page's body.
fn keep_focus(watched: &Watched) {
    let lost = |watched: &Watched| {
        let nowhere = document().active_element().is_none_or(|active| active.tag_name() == "BODY");
        // What is still to be seen was left by a press beside it.
        nowhere && watched.borrow().focused.as_ref().is_some_and(|at| !at.is_connected() || at.get_client_rects().length() == 0)
    };
    if !lost(watched) {
        return;
    }
    let watched = watched.clone();
    Timeout::new(LOST_MS, move || {
        if lost(&watched) {
            watched.borrow_mut().focused = None;
            hooks::focus(hooks::element("dialog[open] button").or_else(|| hooks::element(".stage")));
        }
    })
    .forget();
}

/// Keeps the settings, and shows the theme.
fn keep_settings(page: &Page) {
    let settings = &page.ui.settings;
    if let Some(root) = document().document_element() {
        let shown = match settings.theme {
            Theme::System => root.remove_attribute("data-theme"),
            Theme::Light => root.set_attribute("data-theme", "light"),
            Theme::Dark => root.set_attribute("data-theme", "dark"),
        };
        debug_assert!(shown.is_ok(), "an attribute with a legal name can be set");
    }
    if let Err(why) = storage::save_settings(settings) {
        page.dispatch(Do::Tell(Notice::status("settings", why)));
    }
}

/// Puts what the picture shows into words, for those who hear it, a little later.
fn tell_soon(watched: &Watched) {
    let mut watch = watched.borrow_mut();
    let seen = (watch.page.ui.revision, watch.page.ui.clock.runs());
    if std::mem::replace(&mut watch.told, seen) == seen || (seen.1 && watch.timer.is_some()) {
        return;
    }
    let later = watched.clone();
    watch.timer = Some(Timeout::new(if seen.1 { GATHER_MS } else { PAUSED_MS }, move || tell(&later)));
}

fn tell(watched: &Watched) {
    let (page, next) = {
        let mut watch = watched.borrow_mut();
        watch.timer = None;
        (watch.page.clone(), watch.next)
    };
    let narration = View::of(&page.session.look()).narration(next);
    watched.borrow_mut().next = narration.next;
    if !narration.sentences.is_empty() {
        page.dispatch(Do::Said(narration.sentences.join(" ")));
    }
}
