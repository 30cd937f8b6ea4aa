//! What is typed into terminals: each line becomes an input of the session, or waits for one that reads it.

use std::cell::RefCell;
use std::rc::Rc;

use crate::session::Wish;
use crate::session::script::MAIN_TERMINAL;
use crate::session::typing::Given;
use crate::ui::app::hooks::{self, Page};
use crate::ui::app::state::{Do, Room, Side, TerminalPlace};
use crate::ui::app::storage;
use crate::view::terminal::{self, Tab};

/// The prompt that has the focus, or would have it.
pub const PROMPT: &str = ".terminal-side-used .terminal-prompt textarea";

impl Page {
    /// Lines as they were typed or pasted.
    pub fn type_lines(&self, name: &Rc<str>, lines: Vec<String>) {
        self.wish(Wish::Type { terminal: name.clone(), lines });
    }

    pub fn type_now(&self, name: &Rc<str>, lines: Vec<String>) {
        let into_program = self.session.look().runs(name);
        let given = self.session.change_way().typing.type_lines(&mut self.session.change(), name, lines);
        self.after_typed(given);
        // Where the clock stands still, it runs until what was typed has come to something.
        let lent = self.ui.clock.lend(&self.session.look(), name, into_program);
        if let Some(lent) = lent {
            self.dispatch(Do::Clock(lent));
        }
        self.touch();
    }

    /// Gives as many of the lines that wait as are read now.
    pub fn type_ahead(&self) {
        if !self.session.way().typing.waits().is_empty() {
            let given = self.session.change_way().typing.give(&mut self.session.change());
            self.after_typed(given);
        }
    }

    fn after_typed(&self, given: Given) {
        if given.taken > 0 {
            self.dispatch(Do::Dismiss("paused"));
            self.dispatch(Do::Command(None));
            self.save();
        }
        if given != Given::default() {
            self.touch();
        }
    }

    /// Puts a line that came to nothing at its prompt again.
    pub fn put_back(&self, name: &Rc<str>, line: &str) {
        keep_draft(name, line);
        self.dispatch(Do::PutBack);
        focus_prompt();
    }

    /// Stops the clock again that ran for commands.
    pub fn give_back_the_clock(&self) {
        let left = self.ui.clock.give_back(&self.session.look(), &self.session.way().typing);
        if let Some(left) = left {
            let stops = !left.runs();
            self.dispatch(Do::Clock(left));
            if stops {
                self.save();
            }
        }
    }

    // ---- terminals

    /// The terminals there are: what was typed into, and what was opened by hand.
    pub fn terminals(&self) -> Vec<Tab> {
        let session = self.session.look();
        let place = &self.ui.settings.terminal;
        let mut tabs = terminal::tabs(&session);
        for name in &place.opened {
            if !tabs.iter().any(|tab| *tab.name == **name) {
                tabs.push(terminal::tab(&session, name, 0));
            }
        }
        tabs.retain(|tab| !place.closed.iter().any(|(name, inputs)| *tab.name == **name && tab.inputs <= *inputs));
        tabs
    }

    /// The terminals that are shown: one, or two side by side.
    pub fn shown_terminals(&self) -> (Tab, Option<Tab>) {
        let tabs = self.terminals();
        let place = &self.ui.settings.terminal;
        let left = tabs.iter().find(|tab| *tab.name == *place.active).or(tabs.first()).cloned();
        let left = left.unwrap_or_else(|| terminal::tab(&self.session.look(), MAIN_TERMINAL, 0));
        // One that is gone, after a step back say, gives its place to any other.
        let others: Vec<&Tab> = tabs.iter().filter(|tab| tab.name != left.name).collect();
        let right = others.iter().find(|tab| *tab.name == *place.beside).or(others.first());
        let right = right.filter(|_| place.is_split()).map(|tab| (*tab).clone());
        (left, right)
    }

    /// The terminal that was used last, of those that are shown.
    pub fn active_terminal(&self) -> Tab {
        match (self.shown_terminals(), self.ui.settings.terminal.used()) {
            ((_, Some(right)), Side::Right) => right,
            ((left, _), _) => left,
        }
    }

    pub fn terminal_is_open(&self) -> bool {
        let by_itself = || self.ui.room != Room::Phone && self.session.look().scenario().is_none();
        self.ui.settings.terminal.open.unwrap_or_else(by_itself)
    }

    /// Changes how the pane is laid out.
    pub fn place_terminal(&self, change: impl FnOnce(&mut TerminalPlace)) {
        let mut place = self.ui.settings.terminal.clone();
        change(&mut place);
        self.dispatch(Do::Terminal(place));
    }

    /// The first of 2, 3, … that no terminal is called.
    pub fn new_terminal(&self) -> String {
        let tabs = self.terminals();
        let name = (2u32..).map(|number| format!("t{number}")).find(|name| !tabs.iter().any(|tab| *tab.name == **name));
        name.unwrap_or_default()
    }

    /// Opens the pane and gives the prompt the focus.
    pub fn to_terminal(&self) {
        self.dispatch(Do::Presenter(false));
        self.place_terminal(|place| place.open = Some(true));
        focus_prompt();
    }

    pub fn toggle_terminal(&self) {
        let open = self.terminal_is_open();
        self.place_terminal(|place| place.open = Some(!open));
        match open {
            true => hooks::focus(hooks::element(".terminal-handle")),
            false => focus_prompt(),
        }
    }

    /// Runs a command that was clicked: in the terminal that is shown, or in another where a program runs in that.
    pub fn run_in_terminal(&self, command: &str) {
        let active = self.active_terminal();
        let free = if active.runs { self.terminals().into_iter().find(|tab| !tab.runs) } else { Some(active) };
        let name = free.map_or_else(|| self.new_terminal(), |tab| tab.name.to_string());
        storage::remember_command(command);
        self.place_terminal(|place| {
            place.open = Some(true);
            place.closed.retain(|(closed, _)| *closed != name);
            if name != MAIN_TERMINAL && !place.opened.contains(&name) {
                place.opened.push(name.clone());
            }
            place.show(place.used(), &name);
        });
        self.type_lines(&name.into(), vec![command.to_owned()]);
        focus_prompt();
    }
}

thread_local! {
    /// What has been typed at each prompt and not been given yet.
    static DRAFTS: RefCell<Vec<(Rc<str>, String)>> = const { RefCell::new(Vec::new()) };
}

/// What stood at a terminal's prompt when it was last shown.
pub fn draft(name: &Rc<str>) -> String {
    DRAFTS.with_borrow(|drafts| drafts.iter().find(|(other, _)| other == name).map(|(_, text)| text.clone()).unwrap_or_default())
}

pub fn keep_draft(name: &Rc<str>, text: &str) {
    DRAFTS.with_borrow_mut(|drafts| {
        drafts.retain(|(other, _)| other != name);
        if !text.is_empty() {
            drafts.push((name.clone(), text.to_owned()));
        }
    });
}

/// How often the prompt is looked for that is about to be drawn: for three seconds, on a slow machine.
const LOOKS: u32 = 100;

/// Gives the prompt the focus, once it has been drawn.
pub fn focus_prompt() {
    focus_when_drawn(LOOKS);
}

fn focus_when_drawn(looks: u32) {
    let look = move || match hooks::element(PROMPT) {
        None if looks > 0 => focus_when_drawn(looks - 1),
        prompt => hooks::focus(prompt),
    };
    gloo_timers::callback::Timeout::new(30, look).forget();
}
