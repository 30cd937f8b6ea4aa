//! Lives here: the page: Yew components and hooks, the browser's clock, its storage, its keyboard.
//! Never here: what Kafka does, what a story is about, or state that the session or the view could answer for.

mod act;
mod alerts;
mod app;
mod clock;
mod command;
mod dialogs;
mod first;
mod forms;
mod handle;
mod hooks;
mod icon;
mod inspector;
mod keys;
mod menu;
mod open;
mod panic;
mod placing;
mod presenter;
mod records;
mod safety;
mod stage;
mod state;
mod storage;
mod story;
mod terminal;
mod timeline;
mod topbar;
mod transport;
mod typing;
mod walk;
mod watch;

pub use handle::{Frames, SessionHandle};

use std::cell::RefCell;
use std::rc::Rc;

use crate::session::Session;

/// Puts the page into the document. `attach` is given the live session before the page is drawn, and what to call when
/// something else than the page has changed it.
pub fn start(attach: impl FnOnce(Rc<RefCell<Session>>, Rc<dyn Fn()>)) {
    panic::install();
    let opened = open::first();
    let session = SessionHandle::new(opened.session, opened.way);
    let frames = Frames::default();
    let touched = frames.clone();
    attach(session.shared(), Rc::new(move || touched.touch()));
    let Some(root) = hooks::document().get_element_by_id("page") else {
        return;
    };
    // What stood there until now looks like what is drawn in its place within the same frame.
    root.set_inner_html("");
    let props = app::AppProps { session, frames, first: Rc::new(opened.first), start: opened.start };
    yew::Renderer::<app::App>::with_root_and_props(root, props).render();
}
