//! Handles that components are given instead of the model: equal when they point at the same thing.

use std::cell::{Cell, Ref, RefCell, RefMut};
use std::rc::Rc;

use yew::Callback;

use crate::session::Session;

/// The live session. Opening another one puts it into the same place, so a handle never goes stale.
#[derive(Clone)]
pub struct SessionHandle(Rc<RefCell<Session>>);

impl SessionHandle {
    pub fn new(session: Session) -> Self {
        Self(Rc::new(RefCell::new(session)))
    }

    pub fn look(&self) -> Ref<'_, Session> {
        self.0.borrow()
    }

    /// For what changes the session: `act.rs` and `clock.rs` only.
    pub(super) fn change(&self) -> RefMut<'_, Session> {
        self.0.borrow_mut()
    }

    pub fn shared(&self) -> Rc<RefCell<Session>> {
        self.0.clone()
    }
}

impl PartialEq for SessionHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
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
    pub(super) fn on_touch(&self, listener: Callback<()>) {
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
