//! Lines that wait: each is given once the program that the one before started or stopped has ended, as a person would type
//! them. It is kept with the session, so that a reload goes on with it.
//!
//! ```text
//! blocks        $ stop-service wallets │ $ sleep 2 │ $ start-service wallets
//! given when    at once                │ wallets   │ 2 s later
//!                                      │ has ended │
//! ```
//!
//! A queue belongs to a place in the history: in the past it waits, and it is dropped where that place is gone.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::act::{InputError, Refusal};
use super::moment::Moment;
use super::script::{self, Line, MAIN_TERMINAL};
use super::{Session, fault};
use crate::base::{SimTime, Span};
use crate::engine::World;

/// Blocks that may wait; more is no page's doing.
const BLOCKS_MAX: usize = 1000;

/// Blocks that wait for what came before them.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Queue {
    blocks: VecDeque<String>,
    hold: Hold,
    /// Where the last one was given, or the first was put in.
    from: Option<Moment>,
    /// One that is refused because things are so already is passed over.
    lenient: bool,
}

/// What the next block waits for.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
enum Hold {
    #[default]
    Nothing,
    /// The program of this name must have ended.
    Program(String),
    /// In simulated microseconds.
    Until(u64),
}

/// What came of giving what can be given.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Given {
    pub count: usize,
    /// The block that was refused, and why: those after it were dropped.
    pub refused: Option<(String, InputError)>,
}

impl Queue {
    /// A queue that passes over what is so already.
    pub fn lenient() -> Self {
        Self { lenient: true, ..Self::default() }
    }

    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Puts blocks behind those that wait.
    pub fn add(&mut self, session: &Session, blocks: Vec<String>) {
        if self.blocks.is_empty() {
            self.hold = Hold::Nothing;
            self.from = Some(session.moment());
        }
        self.blocks.extend(in_free_terminal(session.world(), blocks));
        self.blocks.truncate(BLOCKS_MAX);
    }

    pub fn clear(&mut self) {
        *self = Self { lenient: self.lenient, ..Self::default() };
    }

    /// Gives as many blocks as can be given now.
    pub fn give(&mut self, session: &mut Session) -> Given {
        let mut given = Given::default();
        if self.blocks.is_empty() {
            return given;
        }
        if self.from.is_some_and(|from| !session.knows(&from)) {
            self.clear();
            return given;
        }
        while !self.is_held(session)
            && let Some(block) = self.blocks.pop_front()
        {
            if let Some(span) = pause(&block) {
                self.hold = Hold::Until((session.now() + span).0);
                continue;
            }
            match session.input(&block) {
                Ok(()) => {
                    given.count += 1;
                    self.hold = waits_for(&block).map_or(Hold::Nothing, Hold::Program);
                    self.from = Some(session.moment());
                }
                Err(error) if self.lenient && error.kind == Refusal::SoAlready => self.hold = Hold::Nothing,
                Err(error) => {
                    self.clear();
                    given.refused = Some((block, error));
                }
            }
        }
        given
    }

    /// The moment that the next block waits for, if it waits for one.
    pub fn waits_until(&self) -> Option<SimTime> {
        match self.hold {
            Hold::Until(at) if !self.blocks.is_empty() => Some(SimTime(at)),
            _ => None,
        }
    }

    fn is_held(&self, session: &Session) -> bool {
        // What lies ahead is not set aside by lines that nobody gives now: only where they were put in they are.
        if session.would_set_aside().is_some() && self.from != Some(session.moment()) {
            return true;
        }
        match &self.hold {
            Hold::Nothing => false,
            Hold::Program(name) => session.world().program_named(name).is_some_and(|program| program.is_running()),
            Hold::Until(at) => session.now().0 < *at,
        }
    }
}

/// The time that `$ sleep` lets pass.
fn pause(block: &str) -> Option<Span> {
    match script::parse_block(block).ok()?.lines.first() {
        Some(Line::Sleep(span)) => Some(*span),
        _ => None,
    }
}

/// Joins what is typed into a command to that command: each block is given at once.
pub fn blocks<T: AsRef<str>>(lines: &[T]) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    for line in lines.iter().map(AsRef::as_ref) {
        let typed = line.starts_with('>') || line.starts_with('^');
        match blocks.last_mut() {
            Some(block) if typed => {
                block.push('\n');
                block.push_str(line);
            }
            _ => blocks.push(line.to_owned()),
        }
    }
    blocks
}

/// The program that must have ended before the block after this one is given.
pub fn waits_for(block: &str) -> Option<String> {
    let first = block.lines().next()?;
    if let Some(command) = first.strip_prefix("$ ") {
        let mut words = command.split_whitespace();
        return match words.next()? {
            "stop-service" => words.next().map(str::to_owned),
            "start-service" | "kill-service" | "tell-service" => None,
            _ if fault::is_line(command) => None,
            _ => Some(MAIN_TERMINAL.to_owned()),
        };
    }
    let (terminal, rest) = first.strip_prefix('@')?.split_once(' ')?;
    matches!(rest, "^C" | "^D").then(|| terminal.to_owned())
}

/// The first of `c1`, `c2`, … that nothing running is called. An ended run's name is taken again.
pub fn free_terminal(world: &World, prefix: &str) -> String {
    let taken = |name: &String| world.program_named(name).is_some_and(|program| program.is_running());
    (1u32..).map(|number| format!("{prefix}{number}")).find(|name| !taken(name)).unwrap_or_default()
}

/// The same blocks in a terminal that is free: while a command runs in the main one, nothing else can run there.
fn in_free_terminal(world: &World, blocks: Vec<String>) -> Vec<String> {
    if !world.program_named(MAIN_TERMINAL).is_some_and(|program| program.is_running()) {
        return blocks;
    }
    let terminal = free_terminal(world, "t");
    let is_tool = |block: &str| waits_for(block).as_deref() == Some(MAIN_TERMINAL);
    let moved = |block: String| match is_tool(&block) && pause(&block).is_none() {
        true => block.lines().map(|line| format!("@{terminal} {line}")).collect(),
        false => vec![block],
    };
    blocks.into_iter().flat_map(moved).collect()
}
