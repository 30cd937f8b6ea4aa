//! What is typed into terminals: each line becomes an input of the session, or waits for one that reads it.

use std::cell::RefCell;
use std::rc::Rc;

use super::hooks::{self, Page};
use super::state::{Do, Fork, Room, TerminalPlace};
use super::storage;
use crate::base::Span;
use crate::session::script::MAIN_TERMINAL;
use crate::view::terminal::{self, Tab, Typed};

/// Lines given within one frame; the others follow in the next ones.
const AT_ONCE: usize = 100;

/// Lines that may wait; more is no typing but an accident.
pub const WAITING_MAX: usize = 2000;

/// Simulated time that a command gets where the clock stands still: by then one that runs on has settled. A new group
/// alone waits three seconds for further members (group.initial.rebalance.delay.ms), and a story's network is slow.
const LENT_TO_COMMAND: Span = Span::from_secs(10);

/// The same for a line that a program reads: the console producer lingers for one second.
const LENT_TO_LINE: Span = Span::from_secs(2);

/// The prompt that has the focus, or would have it.
pub const PROMPT: &str = ".terminal-prompt textarea";

impl Page {
    /// Lines as they were typed or pasted. In the past it asks first, since they set aside what lay ahead.
    pub fn type_lines(&self, name: &Rc<str>, lines: Vec<String>) {
        let ahead = self.session.look().would_set_aside();
        match ahead {
            Some(ahead) if lines.iter().any(|line| !line.trim().is_empty()) => {
                let fork = Fork { blocks: lines, ahead, of_tour: false, terminal: Some(name.clone()) };
                self.dispatch(Do::Fork(Some(fork)));
            }
            _ => self.type_now(name, lines),
        }
    }

    pub fn type_now(&self, name: &Rc<str>, lines: Vec<String>) {
        let mut ahead = self.ui.ahead.clone();
        // An interrupt drops what was typed ahead, as a real terminal does.
        if lines.iter().any(|line| line == "^C") {
            ahead.retain(|(terminal, _)| terminal != name);
        }
        ahead.extend(lines.into_iter().map(|line| (name.clone(), line)));
        let refused = ahead.len() > WAITING_MAX;
        ahead.truncate(WAITING_MAX);
        self.dispatch(Do::Refused(
            refused.then(|| (name.clone(), format!("at most {WAITING_MAX} lines wait; the rest was dropped"))),
        ));
        let ran = terminal::tab(&self.session.look(), name, 0).runs;
        self.type_ahead(ahead);
        self.lend_the_clock(name, if ran { LENT_TO_LINE } else { LENT_TO_COMMAND });
    }

    /// Gives as many of the lines as are read now; the others wait.
    pub fn type_ahead(&self, lines: Vec<(Rc<str>, String)>) {
        let before = lines.len();
        let mut given = false;
        let mut waits: Vec<(Rc<str>, String)> = Vec::new();
        let mut count = 0;
        for (name, line) in lines {
            let held = count >= AT_ONCE || (line != "^C" && waits.iter().any(|(other, _)| *other == name));
            let typed = if held { Typed::Waits } else { terminal::typed(&self.session.look(), &name, &line) };
            match typed {
                Typed::Waits => waits.push((name, line)),
                Typed::Nothing => {}
                Typed::Give(block) => {
                    count += 1;
                    let outcome = self.session.change().input(&block);
                    match outcome {
                        Ok(()) => given = true,
                        Err(error) => {
                            self.put_back(&name, &line);
                            self.dispatch(Do::Refused(Some((name, format!("{line}: {error}")))));
                        }
                    }
                }
            }
        }
        if given {
            self.dispatch(Do::Dismiss("paused"));
            self.dispatch(Do::Command(None));
            self.save();
            self.touch();
        }
        if waits.len() != before || waits != self.ui.ahead {
            self.dispatch(Do::Ahead(waits));
        }
    }

    /// Puts a line that came to nothing at its prompt again.
    pub fn put_back(&self, name: &Rc<str>, line: &str) {
        keep_draft(name, line);
        self.dispatch(Do::PutBack);
        focus_prompt();
    }

    /// Where the clock stands still, it runs until what was typed has come to something.
    fn lend_the_clock(&self, name: &Rc<str>, span: Span) {
        let (runs, now) = {
            let session = self.session.look();
            (terminal::tab(&session, name, 0).runs, session.now())
        };
        let stands = !self.ui.playing || !self.ui.lent.is_empty();
        if stands && runs {
            let mut lent = self.ui.lent.clone();
            let before = lent.iter().find(|(other, _)| other == name).map_or(now, |(_, until)| *until);
            lent.retain(|(other, _)| other != name);
            lent.push((name.clone(), before.max(now + span)));
            self.dispatch(Do::Lend(lent));
        }
    }

    /// Stops the clock again that ran for commands.
    pub fn give_back_the_clock(&self) {
        let mut lent = self.ui.lent.clone();
        {
            let session = self.session.look();
            let now = session.now();
            let waits = |name: &Rc<str>| self.ui.ahead.iter().any(|(other, _)| other == name);
            lent.retain(|(name, until)| now < *until && (terminal::tab(&session, name, 0).runs || waits(name)));
        }
        if lent.len() < self.ui.lent.len() {
            let stops = lent.is_empty();
            self.dispatch(Do::Lend(lent));
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

    /// The terminal that is shown.
    pub fn active_terminal(&self) -> Tab {
        let tabs = self.terminals();
        let active = tabs.iter().find(|tab| *tab.name == *self.ui.settings.terminal.active).or(tabs.first());
        active.cloned().unwrap_or_else(|| terminal::tab(&self.session.look(), MAIN_TERMINAL, 0))
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
            place.active.clone_from(&name);
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

/// Gives the prompt the focus, once it has been drawn.
pub fn focus_prompt() {
    gloo_timers::callback::Timeout::new(30, || hooks::focus(hooks::element(PROMPT))).forget();
}
