//! What the page's shortcuts do. They work wherever no text is being written; `app::shortcuts` lists them for the help.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::ui::app::hooks::{self, Page, focus_soon, takes_keys};
use crate::ui::app::state::{Dialog, Do, StageView};
use crate::ui::first;
use crate::ui::parts::placing;
use crate::ui::stage::LEGEND;

/// What a key that was pressed anywhere does.
pub fn on_key(page: &Page, event: &KeyboardEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    if target.as_ref().is_some_and(takes_keys) {
        return;
    }
    let command = event.ctrl_key() || event.meta_key();
    if page.ui.start.is_some() {
        // What the keys would do is not in sight.
        if !command && !event.alt_key() {
            first::on_key(page, event);
        }
        return;
    }
    if command {
        match (event.key().to_ascii_lowercase().as_str(), event.shift_key()) {
            ("z", false) => page.undo(),
            ("z", true) | ("y", _) => page.redo(),
            _ => return,
        }
        event.prevent_default();
        return;
    }
    if event.alt_key() {
        return;
    }
    // Space and Enter belong to the button that has the focus.
    let on_button = target.as_ref().is_some_and(|target| {
        let is_button = matches!(target.tag_name().as_str(), "BUTTON" | "A" | "SUMMARY");
        // Not to a button of the clock that a pointer has brought the focus to.
        let by_pointer = || target.matches(".clock button:not(:focus-visible)").unwrap_or(false);
        is_button && !by_pointer()
    });
    if page.ui.presenter && presents(page, event) {
        event.prevent_default();
        return;
    }
    let speed = page.ui.settings.speed;
    match event.key().as_str() {
        " " if !on_button => page.play(!page.ui.clock.runs()),
        "." => page.step(),
        "," => page.back(),
        "Home" => page.to_start(),
        "End" => page.to_end(),
        "+" | "=" => page.dispatch(Do::Speed(speed.shifted(1))),
        "-" => page.dispatch(Do::Speed(speed.shifted(-1))),
        "1" => page.dispatch(Do::View(StageView::Logs)),
        "2" => page.dispatch(Do::View(StageView::Cluster)),
        "3" => page.dispatch(Do::View(StageView::Records)),
        "4" => page.dispatch(Do::View(StageView::Groups)),
        "s" | "S" => page.to_story(),
        "i" | "I" => page.to_inspector(),
        "`" => page.to_terminal(),
        "l" | "L" => page.dispatch(Do::Open(Dialog::CommandLog)),
        "p" | "P" => page.dispatch(Do::Presenter(!page.ui.presenter)),
        "?" => page.dispatch(Do::Open(Dialog::Help)),
        "Escape" if page.ui.fork.is_some() => page.cancel_fork(),
        "Escape" if page.ui.selection.is_some() => page.deselect(),
        "Escape" if page.ui.is_unfolded(LEGEND) => page.dispatch(Do::Fold(LEGEND.to_owned())),
        "Escape" if page.ui.presenter => page.dispatch(Do::Presenter(false)),
        _ => return,
    }
    event.prevent_default();
}

/// What a clicker's keys do while the stage fills the window.
fn presents(page: &Page, event: &KeyboardEvent) -> bool {
    match event.key().as_str() {
        "PageDown" => page.go_on(),
        "PageUp" => page.go_back_step(),
        " " => page.play(!page.ui.clock.runs()),
        _ => return false,
    }
    true
}

impl Page {
    /// Unfolds the story and gives it the focus.
    pub fn to_story(&self) {
        self.dispatch(Do::StoryFolded(false));
        focus_soon(".story");
    }

    /// Gives the focus to what is told of the selection.
    pub fn to_inspector(&self) {
        focus_soon(".inspector");
    }

    /// Closes the card of what is chosen. A focus that was inside goes back to what was chosen.
    pub fn deselect(&self) {
        let inside = hooks::document().active_element().is_some_and(|at| at.closest(".inspector").ok().flatten().is_some());
        let back = placing::chosen().filter(|_| inside).and_then(|chosen| chosen.closest("button, [tabindex]").ok().flatten());
        self.dispatch(Do::Select(None));
        hooks::focus(back.and_then(|back| back.dyn_into().ok()));
    }
}
