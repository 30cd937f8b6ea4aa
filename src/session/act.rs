//! Carrying out an input: what a line of the script does to the world.

use std::fmt;

use super::fault;
use super::script::{self, Line};
use crate::base::{ProgramId, SimTime};
use crate::engine::{Event, Program, World};
use crate::shell;

/// Why an input was refused. Nothing has changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InputError {
    pub kind: Refusal,
    pub text: String,
}

/// What kind of refusal it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// It cannot be done.
    Wrong,
    /// There is nothing to do: what is to be started runs, what is to be stopped has ended.
    SoAlready,
}

impl InputError {
    pub(super) fn wrong(text: impl Into<String>) -> Self {
        Self { kind: Refusal::Wrong, text: text.into() }
    }

    pub(super) fn so_already(text: impl Into<String>) -> Self {
        Self { kind: Refusal::SoAlready, text: text.into() }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<String> for InputError {
    fn from(text: String) -> Self {
        Self::wrong(text)
    }
}

/// Who carries inputs out: knows the story's services.
#[derive(Clone, Copy)]
pub(super) struct Actor {
    pub(super) service: Option<fn(&str) -> Option<Box<dyn Program>>>,
}

impl Actor {
    /// Gives an input at a moment. Everything due until then must have happened.
    pub(super) fn act(self, world: &mut World, at: SimTime, text: &str) -> Result<(), InputError> {
        let block = script::parse_block(text).map_err(|error| InputError::wrong(error.to_string()))?;
        world.advance_clock(at);
        let starts = matches!(block.lines.first(), Some(Line::Command { .. }));
        for line in &block.lines {
            match (self.line(world, line), line) {
                // What is typed into a command that has ended at once is read by nobody.
                (Err(_), Line::Typed { .. }) if starts => {}
                (result, _) => result?,
            }
        }
        Ok(())
    }

    fn line(self, world: &mut World, line: &Line) -> Result<(), InputError> {
        match line {
            Line::Command { terminal, command } => self.command(world, terminal, command),
            Line::Typed { terminal, text } => {
                let program = running(world, terminal)?;
                world.send_event(program, Event::Line(text.as_str().into()));
                Ok(())
            }
            Line::EndOfInput { terminal } => {
                // A command that has ended by itself no longer minds.
                if let Ok(program) = running(world, terminal) {
                    world.send_event(program, Event::EndOfInput);
                }
                Ok(())
            }
            Line::Interrupt { terminal } => {
                let program = to_stop(world, terminal)?;
                world.send_event(program, Event::Interrupt);
                Ok(())
            }
            Line::Comment(_) | Line::Header(_) | Line::At(_) | Line::Sleep(_) | Line::Look { .. } => Ok(()),
        }
    }

    fn command(self, world: &mut World, terminal: &str, command: &str) -> Result<(), InputError> {
        let mut words = command.split_whitespace();
        let verb = words.next().unwrap_or_default();
        let name = words.next();
        let wants = |what: &str| InputError::wrong(format!("{verb} wants {what}: {verb} NAME"));
        match verb {
            "start-service" => {
                let name = name.ok_or_else(|| wants("the name of a service"))?;
                let program = self.service.and_then(|service| service(name));
                let program = program.ok_or_else(|| InputError::wrong(format!("this story has no service '{name}'")))?;
                start(world, name, program)
            }
            "stop-service" => {
                let program = to_stop(world, name.ok_or_else(|| wants("the name of a service"))?)?;
                world.send_event(program, Event::Interrupt);
                Ok(())
            }
            "kill-service" => {
                let program = to_stop(world, name.ok_or_else(|| wants("the name of a service"))?)?;
                world.kill_program(program);
                Ok(())
            }
            "tell-service" => {
                let program = running(world, name.ok_or_else(|| wants("the name of a service"))?)?;
                let text = words.collect::<Vec<_>>().join(" ");
                world.send_event(program, Event::Tell(text.into()));
                Ok(())
            }
            _ => {
                if let Some(result) = fault::act(world, command) {
                    return result;
                }
                let program = shell::start(command).map_err(|error| InputError::wrong(error.to_string()))?;
                start(world, terminal, program)
            }
        }
    }
}

fn start(world: &mut World, name: &str, program: Box<dyn Program>) -> Result<(), InputError> {
    if world.program_named(name).is_some_and(|earlier| earlier.is_running()) {
        return Err(InputError::so_already(format!("'{name}' is running already: stop it first")));
    }
    world.start_program(name, program);
    Ok(())
}

fn running(world: &World, name: &str) -> Result<ProgramId, InputError> {
    match world.program_named(name) {
        Some(program) if program.is_running() => Ok(program.id),
        Some(_) => Err(InputError::wrong(format!("'{name}' has ended: start it first"))),
        None => Err(InputError::wrong(format!("nothing is called '{name}' here"))),
    }
}

/// The running program that is to end. One that has ended already is no mistake.
fn to_stop(world: &World, name: &str) -> Result<ProgramId, InputError> {
    let ended = world.program_named(name).is_some_and(|program| !program.is_running());
    running(world, name).map_err(|error| if ended { InputError::so_already(error.text) } else { error })
}
