//! Handles that components are given instead of the model: equal when they point at the same thing.

use std::cell::{Cell, Ref, RefCell, RefMut};
use std::rc::Rc;

use yew::Callback;

use crate::scenario::tour;
use crate::scenario::tour::Tour;
use crate::scenario::way::Way;
use crate::session::Session;

/// The live session. Opening another one puts it into the same place, so a handle never goes stale.
#[derive(Clone)]
pub struct SessionHandle {
    session: Rc<RefCell<Session>>,
    way: Rc<RefCell<Way>>,
}

impl SessionHandle {
    pub fn new(session: Session, way: Way) -> Self {
        Self { session: Rc::new(RefCell::new(session)), way: Rc::new(RefCell::new(way)) }
    }

    pub fn look(&self) -> Ref<'_, Session> {
        self.session.borrow()
    }

    /// For what changes the session: the files beside this one, and the clock.
    pub(in crate::ui) fn change(&self) -> RefMut<'_, Session> {
        self.session.borrow_mut()
    }

    pub fn shared(&self) -> Rc<RefCell<Session>> {
        self.session.clone()
    }

    /// Where the walk through the tour is, and what waits.
    pub fn way(&self) -> Ref<'_, Way> {
        self.way.borrow()
    }

    pub(in crate::ui) fn change_way(&self) -> RefMut<'_, Way> {
        self.way.borrow_mut()
    }

    /// The tour of the session's story.
    pub fn tour(&self) -> Option<&'static Tour> {
        tour(self.look().scenario()?.name)
    }
}

impl PartialEq for SessionHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.session, &other.session)
    }
}

type Listeners = Vec<(u32, Callback<()>)>;

/// Tells the few components that draw the moment itself (the clock, the timeline, what is in flight) that it has moved,
/// without drawing all the others anew.
#[derive(Clone, Default)]
pub struct Frames {
    moved: Rc<RefCell<Listeners>>,
    touched: Rc<RefCell<Option<Callback<()>>>>,
    next: Rc<Cell<u32>>,
}

impl Frames {
    /// Calls `listener` whenever time has moved, until the returned number is given to `unlisten`.
    pub fn listen(&self, listener: Callback<()>) -> u32 {
        let id = self.next.get();
        self.next.set(id.wrapping_add(1));
        self.moved.borrow_mut().push((id, listener));
        id
    }

    pub fn unlisten(&self, id: u32) {
        self.moved.borrow_mut().retain(|(known, _)| *known != id);
    }

    pub fn emit(&self) {
        let listeners: Vec<Callback<()>> = self.moved.borrow().iter().map(|(_, listener)| listener.clone()).collect();
        for listener in listeners {
            listener.emit(());
        }
    }

    /// Who is told when the session was changed from outside of the page.
    pub(in crate::ui) fn on_touch(&self, listener: Callback<()>) {
        *self.touched.borrow_mut() = Some(listener);
    }

    /// The session was changed from outside of the page.
    pub fn touch(&self) {
        let listener = self.touched.borrow().clone();
        if let Some(listener) = listener {
            listener.emit(());
        }
    }
}

impl PartialEq for Frames {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.moved, &other.moved)
    }
}
