//! Lives here: what a person did, as text (`script`), and the way through time (`timeline`): step, back, seek, undo; what a person is
//! about to do: lines typed ahead (`typing`), lines that wait (`queue`), the question before a `fork`; and whether the `clock` runs.
//! Never here: a screen, and what the stories are about.

mod act;
mod clock;
pub mod fault;
mod fork;
pub mod line;
mod link;
mod moment;
mod open;
mod play;
pub mod queue;
pub mod script;
mod timeline;
pub mod transcript;
pub mod typing;

pub use act::{InputError, Refusal};
pub use clock::Clock;
pub use fork::{Fork, Wish};
pub use link::{LinkError, link_to_script, script_to_link};
pub use moment::Moment;
pub use open::OpenError;
pub use play::{Patience, PlayError, Wait};
pub use queue::Queue;
pub use script::{Line, ScriptError};
pub use timeline::{Advanced, Input};
pub use typing::Typing;

use std::rc::Rc;

use crate::base::{SimTime, Span};
use crate::engine::world::ProgramEntry;
use crate::engine::{Program, World, WorldConfig};
use crate::shell::Shell;
use timeline::Timeline;

/// A story that a session can be of: its name in `! scenario NAME`, how it begins, and its services.
#[derive(Clone, Copy, Debug)]
pub struct ScenarioEntry {
    pub name: &'static str,
    pub title: &'static str,
    /// The script that opens it.
    pub script: &'static str,
    /// The service with this name, freshly started.
    pub service: fn(&str) -> Option<Box<dyn Program>>,
}

/// The stories that there are.
pub type Catalog = &'static [ScenarioEntry];

/// A live session: a world, what was done to it, and where in its history we are.
pub struct Session {
    catalog: Catalog,
    scenario: Option<ScenarioEntry>,
    title: Option<String>,
    timeline: Timeline,
    revision: u64,
    /// Inputs that opening it gave.
    opened_with: usize,
}

impl Session {
    /// An empty world: so many brokers, no topics, no scenario. From five brokers on it has three controllers.
    pub fn empty(seed: u64, brokers: u32, catalog: Catalog) -> Self {
        let controllers = if brokers < 5 { 1 } else { 3 };
        Self::with_config(WorldConfig { seed, brokers, controllers, ..WorldConfig::default() }, None, catalog)
    }

    fn with_config(config: WorldConfig, scenario: Option<ScenarioEntry>, catalog: Catalog) -> Self {
        Self { catalog, scenario, title: None, timeline: Timeline::new(World::new(config)), revision: 0, opened_with: 0 }
    }

    // ---- looking

    pub fn world(&self) -> &World {
        self.timeline.world()
    }

    /// How the world was made: its seed, its brokers.
    pub fn config(&self) -> &WorldConfig {
        self.world().config()
    }

    /// What no longer holds that always should: the simulation has stopped.
    pub fn failure(&self) -> Option<&str> {
        self.world().failure()
    }

    pub fn catalog(&self) -> Catalog {
        self.catalog
    }

    pub fn scenario(&self) -> Option<&ScenarioEntry> {
        self.scenario.as_ref()
    }

    /// The script's first comment.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// How many things have happened until here: dues handled and inputs given.
    pub fn cursor(&self) -> u64 {
        self.timeline.cursor()
    }

    /// The furthest that this session has been.
    pub fn end_cursor(&self) -> u64 {
        self.timeline.end_cursor()
    }

    /// The simulated time to show: between two dues it is later than the world's.
    pub fn now(&self) -> SimTime {
        self.timeline.now()
    }

    pub fn end_time(&self) -> SimTime {
        self.timeline.end_time()
    }

    /// Grows with every change: redraw when it differs.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// All inputs, those ahead of the cursor included.
    pub fn inputs(&self) -> &[Input] {
        self.timeline.inputs()
    }

    /// How many inputs lie behind the cursor.
    pub fn inputs_applied(&self) -> usize {
        self.timeline.inputs_applied()
    }

    /// The inputs behind the cursor.
    pub fn inputs_behind(&self) -> &[Input] {
        &self.inputs()[..self.inputs_applied()]
    }

    /// Does a program of this name run? A terminal's program has the terminal's name.
    pub fn runs(&self, name: &str) -> bool {
        self.running(name).is_some()
    }

    /// Does the program that runs in this terminal read what is typed?
    pub fn reads(&self, terminal: &str) -> bool {
        self.running(terminal).and_then(|program| program.state::<Shell>()).is_some_and(Shell::reads_input)
    }

    fn running(&self, name: &str) -> Option<&ProgramEntry> {
        self.world().program_named(name).filter(|program| program.is_running())
    }

    /// Does something lie ahead that an input given now would replace? The number of inputs set aside, if so.
    pub fn would_set_aside(&self) -> Option<usize> {
        self.timeline.would_set_aside()
    }

    // ---- moving in time

    /// The next thing due, or the next input of the recorded future. False at the end of all things.
    pub fn step(&mut self) -> bool {
        self.revision += 1;
        self.timeline.step(self.actor())
    }

    /// Back by one. False at the beginning.
    pub fn back(&mut self) -> bool {
        match self.cursor().checked_sub(1) {
            Some(before) => {
                self.seek(before);
                true
            }
            None => false,
        }
    }

    /// To any cursor; beyond the end the simulation goes on as far as something is due.
    pub fn seek(&mut self, cursor: u64) {
        self.revision += 1;
        self.timeline.seek(self.actor(), cursor);
    }

    /// To the state at a moment: everything due until then has happened, nothing later.
    pub fn seek_time(&mut self, at: SimTime) {
        self.revision += 1;
        self.timeline.seek_time(self.actor(), at);
    }

    /// To the furthest moment that the session has been at.
    pub fn seek_end(&mut self) {
        let (cursor, time) = (self.end_cursor(), self.end_time());
        self.seek(cursor);
        if self.now() < time {
            self.seek_time(time);
        }
    }

    /// To a moment that the history holds; elsewhere as near as it goes.
    pub fn go_to(&mut self, moment: &Moment) {
        self.revision += 1;
        self.timeline.seek_between(self.actor(), moment.cursor, moment.at());
    }

    /// To where it was when it was kept: a cursor, and a moment after it at which nothing more had happened.
    pub fn come_back_to(&mut self, cursor: u64, now: SimTime) {
        if cursor < self.cursor() {
            self.seek(cursor);
        }
        let is_quiet = self.world().next_time().is_none_or(|next| next > now);
        if now > self.now() && now <= self.end_time() && is_quiet {
            self.advance(now.since(self.now()), 1);
        }
    }

    /// Lets time pass, handling at most `dues_max` dues; says how far it came.
    pub fn advance(&mut self, span: Span, dues_max: u64) -> Advanced {
        self.revision += 1;
        let to = self.now() + span;
        self.timeline.advance_to(self.actor(), to, dues_max)
    }

    // ---- acting

    /// Gives an input now: one line of the script, or a command with the lines typed into it. In the past it replaces
    /// what lay ahead (`undo` brings that back). What cannot be done is refused and changes nothing.
    pub fn input(&mut self, text: &str) -> Result<(), InputError> {
        let block = script::parse_block(text).map_err(|error| InputError::wrong(error.to_string()))?;
        if let Some(Line::Sleep(span)) = block.lines.first() {
            // Time that passes is no input: it shows in when the next one comes.
            self.advance(*span, open::DUES_MAX);
            return Ok(());
        }
        self.timeline.input(self.actor(), text.into())?;
        self.revision += 1;
        Ok(())
    }

    /// Inputs that opening it gave: they are not for undoing.
    pub fn opened_with(&self) -> usize {
        self.opened_with
    }

    /// Makes what came after its first `opened_with` inputs undoable again, as it was before the session was kept.
    pub fn restore_undo(&mut self, opened_with: usize) {
        self.opened_with = opened_with.min(self.inputs().len());
        self.timeline.undo_down_to(self.opened_with);
    }

    pub fn can_undo(&self) -> bool {
        self.timeline.can_undo()
    }

    pub fn can_redo(&self) -> bool {
        self.timeline.can_redo()
    }

    /// Takes back the last change of the inputs, and goes to the moment before it.
    pub fn undo(&mut self) -> bool {
        self.revision += 1;
        self.timeline.undo(self.actor())
    }

    pub fn redo(&mut self) -> bool {
        self.revision += 1;
        self.timeline.redo(self.actor())
    }

    // ---- keeping

    /// The whole session as text: `open` with it gives the same session.
    pub fn script(&self) -> String {
        self.script_of(self.inputs(), self.end_time())
    }

    /// The session from its beginning to the cursor: what lies ahead is left out.
    pub fn script_until_now(&self) -> String {
        self.script_of(self.inputs_behind(), self.now())
    }

    fn script_of(&self, inputs: &[Input], end: SimTime) -> String {
        let scenario = self.scenario.as_ref().map(|entry| entry.name);
        script::write(self.title.as_deref(), scenario, self.world().config(), inputs, end)
    }

    /// The share link's fragment, without `#`.
    pub fn link(&self) -> String {
        format!("s={}", script_to_link(&self.script()))
    }

    /// The link to the session as `script_until_now` has it.
    pub fn link_until_now(&self) -> String {
        format!("s={}", script_to_link(&self.script_until_now()))
    }

    /// The hash of the world at the cursor.
    pub fn hash(&self) -> u64 {
        self.world().hash()
    }

    fn actor(&self) -> act::Actor {
        act::Actor { service: self.scenario.map(|entry| entry.service) }
    }
}

/// Text that is shared between the script and the timeline's copies.
pub(crate) type Text = Rc<str>;
