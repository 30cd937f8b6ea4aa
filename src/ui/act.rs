//! Everything that changes the session from the page, clock apart: inputs, steps, undo, other sessions.
//!
//! An input is a block: one line of the script, or a command with the lines typed into it. A button may stand for several
//! blocks; each waits in the queue until the one before has ended, as it would in a terminal.

use super::hooks::Page;
use super::state::{Do, Fork, Notice, Queue};
use super::storage;
use super::typing::focus_prompt;
use crate::session::{InputError, Session};
use crate::view::commands::{in_free_terminal, waits_for};
use crate::view::outcome::outcome;

/// Joins what is typed into a command to that command: each block is given at once.
pub fn blocks(lines: &[String]) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    for line in lines {
        let typed = line.starts_with('>') || line.starts_with('^');
        match blocks.last_mut() {
            Some(block) if typed => {
                block.push('\n');
                block.push_str(line);
            }
            _ => blocks.push(line.clone()),
        }
    }
    blocks
}

/// Is this refused because things are so already?
fn is_so_already(block: &str, error: &InputError) -> bool {
    let first = block.lines().next().unwrap_or_default();
    let stops = ["$ stop-service ", "$ kill-service "].iter().any(|verb| first.starts_with(verb)) || first.ends_with(" ^C");
    let broker = (first.starts_with("$ kill-broker ") && error.0.ends_with("is not running"))
        || (first.starts_with("$ start-broker ") && error.0.ends_with("is running"));
    broker || error.0.ends_with("is running already: stop it first") || (stops && error.0.ends_with("has ended: start it first"))
}

impl Queue {
    /// Does the program that the last block started still run?
    fn is_held(&self, session: &Session) -> bool {
        let waits_for = self.waits_for.as_deref();
        waits_for.and_then(|name| session.world().program_named(name)).is_some_and(|program| program.is_running())
    }
}

impl Page {
    /// Gives script lines as a person would. In the past it asks first, since that sets aside what lay ahead.
    pub fn give(&self, lines: &[String]) {
        let blocks = blocks(lines);
        if !blocks.is_empty() && !self.asks_to_fork(&blocks, false) {
            self.give_now(blocks, false);
        }
    }

    /// Asks, where what lies ahead would be set aside.
    pub fn asks_to_fork(&self, blocks: &[String], of_tour: bool) -> bool {
        let ahead = self.session.look().would_set_aside();
        if let Some(ahead) = ahead {
            self.dispatch(Do::Fork(Some(Fork { blocks: blocks.to_vec(), ahead, of_tour, terminal: None })));
        }
        ahead.is_some()
    }

    /// Not after all: what was typed stands at its prompt again.
    pub fn cancel_fork(&self) {
        let Some(fork) = self.ui.fork.clone() else { return };
        self.dispatch(Do::Fork(None));
        if let Some(terminal) = fork.terminal {
            self.put_back(&terminal, &fork.blocks.join("\n"));
        }
    }

    /// Gives the blocks that wait for a yes.
    pub fn confirm_fork(&self, at_the_end: bool) {
        let Some(fork) = self.ui.fork.clone() else { return };
        self.dispatch(Do::Fork(None));
        if at_the_end {
            let end = self.session.look().end_cursor();
            self.session.change().seek(end);
            let end_time = self.session.look().end_time();
            self.session.change().seek_time(end_time);
        }
        match (fork.terminal, fork.of_tour) {
            (Some(terminal), _) => {
                self.type_now(&terminal, fork.blocks);
                focus_prompt();
            }
            (None, true) => self.begin_now(fork.blocks),
            (None, false) => self.give_now(fork.blocks, false),
        }
    }

    pub fn give_now(&self, blocks: Vec<String>, of_tour: bool) {
        let mut queue = self.ui.queue.clone();
        queue.blocks.extend(in_free_terminal(self.session.look().world(), blocks));
        queue.of_tour = of_tour;
        self.run_queue(queue);
    }

    /// Gives as many of the waiting blocks as can be given now.
    pub fn run_queue(&self, mut queue: Queue) {
        let mut given = false;
        while !queue.blocks.is_empty() && !queue.is_held(&self.session.look()) {
            let block = queue.blocks.remove(0);
            let outcome = self.session.change().input(&block);
            match outcome {
                Ok(()) => {
                    given = true;
                    self.show_outcome();
                    queue.waits_for = waits_for(&block);
                }
                Err(error) if queue.of_tour && is_so_already(&block, &error) => {}
                Err(error) => {
                    if std::mem::take(&mut queue).of_tour {
                        self.dispatch(Do::Unbegin);
                    }
                    let text = format!("“{}” was not done: {error}.", block.lines().next().unwrap_or_default());
                    // A form's mistakes are told in the form.
                    self.dispatch(match self.ui.dialog {
                        Some(_) => Do::FormError(Some(text)),
                        None => Do::Tell(Notice::alert("input", text)),
                    });
                }
            }
        }
        if given {
            self.dispatch(Do::Dismiss("input"));
            if !self.ui.playing && !queue.of_tour {
                let text = "Given. The clock is paused: play or step to see what follows.";
                self.dispatch(Do::Tell(Notice::status("paused", text)));
            }
            self.save();
            self.touch();
        }
        if queue != self.ui.queue {
            self.dispatch(Do::Queue(queue));
        }
    }

    /// Shows what the input that was just given comes to, if it is a command.
    fn show_outcome(&self) {
        let input = {
            let session = self.session.look();
            let last = session.inputs_applied().checked_sub(1).and_then(|at| session.inputs().get(at));
            last.filter(|input| outcome(&session, input).is_some()).cloned()
        };
        if input.is_some() {
            self.dispatch(Do::Command(input));
        }
    }

    /// Keeps the session in the browser's storage; says so when that cannot be done.
    pub fn save(&self) {
        if let Err(why) = storage::save(&self.session.look()) {
            self.dispatch(Do::Tell(Notice::alert("storage", why).with_file("session.kafka", self.session.look().script())));
        }
    }

    /// Draws what the session is now.
    pub fn touch(&self) {
        self.dispatch(Do::Touch);
        self.frames.emit();
    }

    // ---- moving in time

    pub fn play(&self, playing: bool) {
        self.dispatch(Do::Play(playing));
        self.dispatch(Do::Dismiss("paused"));
        if !playing {
            self.save();
        }
    }

    pub fn step(&self) {
        self.move_in_time(&|session| {
            session.step();
        });
    }

    pub fn back(&self) {
        self.move_in_time(&|session| {
            session.back();
        });
    }

    /// Stops the clock, since a person now moves time by hand.
    pub fn move_in_time(&self, change: &dyn Fn(&mut Session)) {
        if self.ui.playing {
            self.dispatch(Do::Play(false));
        }
        let before = self.session.look().cursor();
        change(&mut self.session.change());
        self.dispatch(Do::Dismiss("paused"));
        self.touch();
        if self.session.look().cursor() >= before {
            self.run_queue(self.ui.queue.clone());
            self.type_ahead(self.ui.ahead.clone());
        } else {
            self.drop_what_waits();
        }
    }

    /// What was to follow belongs to a future that may not come.
    fn drop_what_waits(&self) {
        if !self.ui.queue.blocks.is_empty() {
            self.dispatch(Do::Queue(Queue::default()));
        }
        if !self.ui.ahead.is_empty() {
            self.dispatch(Do::Ahead(Vec::new()));
        }
    }

    pub fn undo(&self) {
        self.drop_what_waits();
        let done = self.session.change().undo();
        self.after_undo(done);
    }

    pub fn redo(&self) {
        self.drop_what_waits();
        let done = self.session.change().redo();
        self.after_undo(done);
    }

    fn after_undo(&self, done: bool) {
        if done {
            self.dispatch(Do::Play(false));
            self.save();
            self.touch();
        }
    }

    // ---- other sessions

    /// Puts another session in place of this one.
    pub fn open(&self, opened: Result<Session, String>) {
        match opened {
            Ok(session) => {
                let before = std::mem::replace(&mut *self.session.change(), session);
                self.dispatch(Do::Opened);
                if !before.inputs().is_empty() && before.can_undo() {
                    let words = "Another session is open. The one before can be kept as a file.";
                    self.dispatch(Do::Tell(Notice::status("before", words).with_file("session-before.kafka", before.script())));
                }
                self.save();
                self.touch();
            }
            Err(why) => self.dispatch(Do::Tell(Notice::alert("open", why))),
        }
    }
}
