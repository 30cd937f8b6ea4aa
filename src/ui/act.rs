//! Everything that changes the session from the page, clock apart: inputs, steps, undo, other sessions.
//!
//! An input is a block: one line of the script, or a command with the lines typed into it. A button may stand for several
//! blocks; each waits in the queue until the one before has ended, as it would in a terminal.

use super::hooks::Page;
use super::state::{Do, Notice};
use super::storage;
use crate::session::Session;
use crate::session::script::MAIN_TERMINAL;

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

/// Does the page's own terminal still run a command?
fn is_busy(session: &Session) -> bool {
    session.world().program_named(MAIN_TERMINAL).is_some_and(|program| program.is_running())
}

/// Must the block before have ended? A command in the page's own terminal must, and a service that was told to stop.
fn may_go_on(session: &Session, block: &str) -> bool {
    if !block.starts_with('$') {
        return true;
    }
    let mut words = block.trim_start_matches('$').split_whitespace();
    match (words.next(), words.next()) {
        (Some("start-service"), Some(name)) => {
            !is_busy(session) && !session.world().program_named(name).is_some_and(|program| program.is_running())
        }
        (Some("stop-service" | "kill-service" | "tell-service"), _) => true,
        (Some("kafka-consumer-groups.sh"), _) => !is_busy(session) && !stopping(session),
        _ => !is_busy(session),
    }
}

/// Is a service still saying goodbye? The group is active until it has.
fn stopping(session: &Session) -> bool {
    let last = session.inputs()[..session.inputs_applied()].iter().rev().take_while(|input| input.text.starts_with("$ stop-service "));
    last.filter_map(|input| session.world().program_named(input.text.trim_start_matches("$ stop-service ").trim()))
        .any(|program| program.is_running())
}

impl Page {
    /// Gives script lines as a person would. In the past it asks first, since that sets aside what lay ahead.
    pub fn give(&self, lines: &[String]) {
        let blocks = blocks(lines);
        if blocks.is_empty() {
            return;
        }
        if let Some(ahead) = self.session.look().would_set_aside() {
            self.dispatch(Do::Fork(Some((blocks, ahead))));
            return;
        }
        self.give_now(blocks);
    }

    /// Gives the blocks that wait for a yes.
    pub fn confirm_fork(&self, at_the_end: bool) {
        let Some((blocks, _)) = self.ui.fork.clone() else { return };
        self.dispatch(Do::Fork(None));
        if at_the_end {
            let end = self.session.look().end_cursor();
            self.session.change().seek(end);
            let end_time = self.session.look().end_time();
            self.session.change().seek_time(end_time);
        }
        self.give_now(blocks);
    }

    fn give_now(&self, blocks: Vec<String>) {
        let mut queue = self.ui.queue.clone();
        queue.extend(blocks);
        self.run_queue(queue);
    }

    /// Gives as many of the waiting blocks as can be given now.
    pub fn run_queue(&self, mut queue: Vec<String>) {
        let mut given = false;
        while let Some(block) = queue.first() {
            if !may_go_on(&self.session.look(), block) {
                break;
            }
            let block = queue.remove(0);
            let outcome = self.session.change().input(&block);
            match outcome {
                Ok(()) => given = true,
                Err(error) => {
                    queue.clear();
                    let text = format!("“{}” was not done: {error}.", block.lines().next().unwrap_or_default());
                    self.dispatch(Do::Tell(Notice::alert("input", text)));
                }
            }
        }
        if given {
            self.dispatch(Do::Dismiss("input"));
            if !self.ui.playing {
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
        self.move_in_time(|session| {
            session.step();
        });
    }

    pub fn back(&self) {
        self.move_in_time(|session| {
            session.back();
        });
    }

    /// Stops the clock, since a person now moves time by hand.
    pub fn move_in_time(&self, change: impl FnOnce(&mut Session)) {
        if self.ui.playing {
            self.dispatch(Do::Play(false));
        }
        if !self.ui.queue.is_empty() {
            let waits = self.ui.queue.clone();
            change(&mut self.session.change());
            self.touch();
            self.run_queue(waits);
            return;
        }
        change(&mut self.session.change());
        self.dispatch(Do::Dismiss("paused"));
        self.touch();
    }

    pub fn undo(&self) {
        self.dispatch(Do::Queue(Vec::new()));
        let done = self.session.change().undo();
        self.after_undo(done);
    }

    pub fn redo(&self) {
        self.dispatch(Do::Queue(Vec::new()));
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
                *self.session.change() = session;
                self.dispatch(Do::Opened);
                self.save();
                self.touch();
            }
            Err(why) => self.dispatch(Do::Tell(Notice::alert("open", why))),
        }
    }
}
