//! The page's shortcuts. They work wherever no text is being written; the help dialog shows this table.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::first;
use super::hooks::{self, Page, takes_keys};
use super::placing;
use super::stage::LEGEND;
use super::state::{Dialog, Do, StageView};

/// A shortcut, as the help shows it.
pub struct Shortcut {
    pub keys: &'static [&'static str],
    pub does: &'static str,
}

/// Everything that keys do.
pub const SHORTCUTS: &[Shortcut] = &[
    Shortcut { keys: &["Space"], does: "Play or pause" },
    Shortcut { keys: &["P"], does: "Presenter: the stage fills the window; again, or Esc: leave" },
    Shortcut { keys: &["PgDn"], does: "In the presenter: on, to what the step shows or to the next one" },
    Shortcut { keys: &["PgUp"], does: "In the presenter: a step back" },
    Shortcut { keys: &["."], does: "Step: the next thing that happens" },
    Shortcut { keys: &[","], does: "Step back" },
    Shortcut { keys: &["Home"], does: "To the beginning" },
    Shortcut { keys: &["End"], does: "To the latest moment" },
    Shortcut { keys: &["+"], does: "Faster" },
    Shortcut { keys: &["−"], does: "Slower" },
    Shortcut { keys: &["Ctrl", "Z"], does: "Undo the last input" },
    Shortcut { keys: &["Ctrl", "Shift", "Z"], does: "Redo" },
    Shortcut { keys: &["1"], does: "Logs" },
    Shortcut { keys: &["2"], does: "Cluster" },
    Shortcut { keys: &["3"], does: "Records" },
    Shortcut { keys: &["4"], does: "Groups" },
    Shortcut { keys: &["S"], does: "To the story; unfolds it" },
    Shortcut { keys: &["I"], does: "To the card of what is chosen" },
    Shortcut { keys: &["`"], does: "To the terminal" },
    Shortcut { keys: &["L"], does: "Command log" },
    Shortcut { keys: &["←", "→"], does: "In a partition, the timeline or a lesson: walk" },
    Shortcut { keys: &["Esc"], does: "Close, cancel, or select nothing" },
    Shortcut { keys: &["?"], does: "This help" },
];

/// What keys do in the terminal.
pub const IN_TERMINAL: &[Shortcut] = &[
    Shortcut { keys: &["Enter"], does: "Run the command, or give the line to the program that runs" },
    Shortcut { keys: &["Ctrl", "C"], does: "Interrupt the program (with text selected: copy)" },
    Shortcut { keys: &["Ctrl", "D"], does: "End the program’s input" },
    Shortcut { keys: &["Tab"], does: "Complete; where there is nothing to complete, go on to the next control" },
    Shortcut { keys: &["Esc", "Tab"], does: "Leave without completing" },
    Shortcut { keys: &["↑", "↓"], does: "Earlier and later commands" },
    Shortcut { keys: &["Ctrl", "R"], does: "Search the earlier commands; again: the next older" },
    Shortcut { keys: &["Ctrl", "L"], does: "Clear the screen" },
    Shortcut { keys: &["Ctrl", "U"], does: "Drop the line" },
    Shortcut { keys: &["Ctrl", "F"], does: "Find in the output" },
    Shortcut { keys: &["Ctrl", "Enter"], does: "Let the clock run, where a program waits" },
    Shortcut { keys: &["Ctrl", "\\"], does: "Two terminals side by side, or one" },
    Shortcut { keys: &["F6"], does: "To the other one of two" },
];

/// What keys do on a broker, a link or a replica of the Cluster view.
pub const IN_CLUSTER: &[Shortcut] = &[
    Shortcut { keys: &["K"], does: "On a broker: stop it cleanly, or start it" },
    Shortcut { keys: &["C"], does: "On a broker: let it crash" },
    Shortcut { keys: &["F"], does: "On a broker: freeze or thaw it" },
    Shortcut { keys: &["D"], does: "On a broker: slow its disk, or mend it" },
    Shortcut { keys: &["R"], does: "On a broker: replace its disk by an empty one" },
    Shortcut { keys: &["X"], does: "On a link: cut it" },
    Shortcut { keys: &["W"], does: "On a link: slow it" },
    Shortcut { keys: &["Y"], does: "On a link: make it lossy" },
    Shortcut { keys: &["H"], does: "On a link: mend it" },
    Shortcut { keys: &["←", "→"], does: "To the next broker or replica" },
    Shortcut { keys: &["↑", "↓"], does: "On a replica: walk over its records" },
];

/// What keys do in the Groups view.
pub const IN_GROUP: &[Shortcut] = &[
    Shortcut { keys: &["S"], does: "On a member: stop it; it leaves the group, unless it is static" },
    Shortcut { keys: &["C"], does: "On a member: let it crash" },
    Shortcut { keys: &["W"], does: "On a member: let it take its time for each record, or no more" },
    Shortcut { keys: &["↑", "↓"], does: "To the next member, or step of a rebalance" },
    Shortcut { keys: &["Enter"], does: "On a step: take the clock there" },
];

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
        " " if !on_button => page.play(!page.ui.playing),
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
        " " => page.play(!page.ui.playing),
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

/// Gives something the focus that may be there only once the page has been drawn.
fn focus_soon(selector: &'static str) {
    gloo_timers::callback::Timeout::new(30, move || hooks::focus(hooks::element(selector))).forget();
}
