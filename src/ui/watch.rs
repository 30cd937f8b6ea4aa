//! What the page does beside drawing: it listens to the window, keeps the settings, runs the clock and tells what happens.
//! One effect begins it, and one looks after each drawing at what has changed.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::clock::Clock;
use super::hooks::{self, Page, document, window};
use super::state::{Do, Notice, Settings, Theme};
use super::{keys, open, panic, storage};
use crate::view::narrate::narrate;

/// While the clock runs, sentences are gathered for so long: a screen reader must be able to keep up.
const GATHER_MS: u32 = 2500;

/// The same while it stands still.
const PAUSED_MS: u32 = 50;

/// What is known of the last drawing.
pub struct Watch {
    /// The page as it was drawn last.
    pub page: Page,
    pub clock: Clock,
    settings: Option<Settings>,
    /// What was put into the address last.
    address: Option<String>,
    asks: bool,
    /// Revision and play of the last look at what to tell.
    told: (u64, bool),
    /// The trace's index up to which it was told.
    next: u64,
    timer: Option<Timeout>,
}

impl Watch {
    pub fn new(page: Page) -> Self {
        let next = page.session.look().world().trace().end();
        let told = (page.ui.revision, page.ui.playing);
        Self { page, clock: Clock::default(), settings: None, address: None, asks: false, told, next, timer: None }
    }
}

pub type Watched = Rc<RefCell<Watch>>;

/// Tells what there is to tell, and listens; what is returned keeps listening until it is dropped.
pub fn begin(watched: &Watched, first: &[Do]) -> [EventListener; 3] {
    let page = watched.borrow().page.clone();
    for action in first {
        page.dispatch(action.clone());
    }
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
    let session = page.session.clone();
    let hidden: Heard = Box::new(move |_| {
        let _ = storage::save(&session);
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
    [hear(&window(), "pagehide", hidden), hear(&window(), "hashchange", address), hear(&document(), "keydown", key)]
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
    let asks = page.ui.fork.is_some();
    if !std::mem::replace(&mut watched.borrow_mut().asks, asks) && asks {
        hooks::focus(hooks::element(".notice-ask .button-strong"));
    }
    Clock::drawn(watched);
    tell_soon(watched);
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
    let seen = (watch.page.ui.revision, watch.page.ui.playing);
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
    let narration = {
        let session = page.session.look();
        let world = session.world();
        narrate(world, next.min(world.trace().end()))
    };
    watched.borrow_mut().next = narration.next;
    if !narration.sentences.is_empty() {
        page.dispatch(Do::Said(narration.sentences.join(" ")));
    }
}
