//! Lives here: the page, for a browser. `page` puts it together from `panes` and `stage`, which are made of `parts`; `app` is
//! what it remembers and does; `first` is what a first visit sees.
//! Never here: what Kafka does, what a story is about, or state that the session or the view could answer for.

mod app;
mod first;
mod page;
mod panes;
mod parts;
mod stage;

pub use app::handle::{Frames, SessionHandle};

use std::cell::RefCell;
use std::rc::Rc;

use crate::session::Session;
use app::{hooks, open, panic};

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
    let props = page::AppProps { session, frames, first: Rc::new(opened.first), start: opened.start };
    yew::Renderer::<page::App>::with_root_and_props(root, props).render();
}
