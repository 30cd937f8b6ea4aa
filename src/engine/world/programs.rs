//! Programs and what they ask for: their output, their timers, the files of the folder that all of them work in.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::World;
use super::agenda::Due;
use super::program::{Event, Program};
use crate::base::{Chunked, ClientId, Prng, ProgramId, SimTime, Span};
use crate::engine::trace::TraceEvent;

/// Bytes that a file may have.
const FILE_MAX: u64 = 16 * 1024 * 1024;

/// Lines of output kept for each program.
const OUTPUT_KEPT: usize = 100 * 1024;

/// How a program fares.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ProgramStatus {
    Running,
    Exited {
        code: i32,
        at: SimTime,
    },
    /// SIGKILL: gone without a word.
    Killed {
        at: SimTime,
    },
}

/// One run of a program.
pub struct ProgramEntry {
    pub id: ProgramId,
    pub name: Rc<str>,
    pub started_at: SimTime,
    pub status: ProgramStatus,
    pub output: Chunked<OutputLine>,
    /// How long it takes for each record that it reads, where a person has said so.
    pub record_time: Option<Span>,
    /// `None` only while the program handles an event.
    pub(super) program: Option<Box<dyn Program>>,
}

impl ProgramEntry {
    pub fn is_running(&self) -> bool {
        self.status == ProgramStatus::Running
    }

    /// The program's state, if it is a `T`.
    pub fn state<T: 'static>(&self) -> Option<&T> {
        self.program.as_ref()?.as_any().downcast_ref()
    }
}

impl Clone for ProgramEntry {
    fn clone(&self) -> Self {
        Self {
            id: self.id,
            name: self.name.clone(),
            started_at: self.started_at,
            status: self.status,
            output: self.output.clone(),
            record_time: self.record_time,
            program: self.program.as_ref().map(|program| program.copy()),
        }
    }
}

impl Hash for ProgramEntry {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.id, &self.name, self.started_at, self.status, &self.output, self.record_time).hash(state);
        if let Some(program) = &self.program {
            program.hash_into(state);
        }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OutputLine {
    pub at: SimTime,
    pub text: Rc<str>,
}

/// A text file, as the pieces that were written to it: to write more costs the same however long it is.
#[derive(Clone, Hash, Debug, Default)]
pub(super) struct File {
    pieces: Chunked<Rc<str>>,
    bytes: u64,
}

impl File {
    pub(super) fn text(&self) -> Rc<str> {
        match (self.pieces.last(), self.pieces.len()) {
            (None, _) => "".into(),
            (Some(only), 1) => only.clone(),
            _ => self.pieces.iter().map(Rc::as_ref).collect::<String>().into(),
        }
    }
}

impl World {
    /// Starts a program under a name. An earlier run of that name must have ended.
    pub fn start_program(&mut self, name: &str, program: Box<dyn Program>) -> ProgramId {
        let id = ProgramId(self.next_program);
        self.next_program += 1;
        let name: Rc<str> = name.into();
        let entry = ProgramEntry {
            id,
            name: name.clone(),
            started_at: self.now,
            status: ProgramStatus::Running,
            output: Chunked::default(),
            record_time: None,
            program: Some(program),
        };
        self.programs.insert(id, Rc::new(entry));
        self.names.insert(name.clone(), id);
        self.record(TraceEvent::ProgramStarted { program: id, name });
        self.send_event(id, Event::Started);
        id
    }

    /// Hands an event to a program now: a line typed, `^D`, an interrupt, a word.
    pub fn send_event(&mut self, program: ProgramId, event: Event) {
        self.pending.push_back((program, event));
        self.drain_pending();
    }

    /// Makes a program take so long for each record that it reads from now on; zero: as long as it does by itself.
    pub fn slow_program(&mut self, id: ProgramId, per_record: Span) {
        if let Some(entry) = self.programs.get_mut(&id) {
            Rc::make_mut(entry).record_time = (per_record > Span::ZERO).then_some(per_record);
            self.record(TraceEvent::ProgramSlow { program: id, per_record });
        }
    }

    /// The program that owns a client, also after the client is gone.
    pub fn owner(&self, client: ClientId) -> Option<ProgramId> {
        self.owners.get(u64::from(client.0).checked_sub(1)?).copied()
    }

    /// SIGKILL: the program and its clients are gone. Requests already on their way still arrive.
    pub fn kill_program(&mut self, id: ProgramId) {
        let at = self.now;
        self.end_program(id, ProgramStatus::Killed { at });
    }

    fn end_program(&mut self, id: ProgramId, status: ProgramStatus) {
        let Some(entry) = self.programs.get_mut(&id) else {
            return;
        };
        if !entry.is_running() {
            return;
        }
        let entry = Rc::make_mut(entry);
        entry.status = status;
        let name = entry.name.clone();
        let owned: Vec<ClientId> = self.clients().filter(|client| client.owner == id).map(|client| client.id).collect();
        let member = |client: &ClientId| {
            let shares = self.share_consumer(*client).and_then(|consumer| consumer.member_id());
            let member = self.consumer(*client).and_then(|consumer| consumer.member_id()).or(shares);
            (*client, member.cloned())
        };
        let clients: Rc<[_]> = owned.iter().map(member).collect();
        for client in owned {
            self.remove_client(client);
        }
        self.record(match status {
            ProgramStatus::Exited { code, .. } => TraceEvent::ProgramExited { program: id, name, code },
            _ => TraceEvent::ProgramKilled { program: id, name, clients },
        });
    }

    // ---- what programs ask for (see `Context`)

    pub(super) fn program_chance(&mut self) -> &mut Prng {
        &mut self.streams.programs
    }

    pub(super) fn program_timer(&mut self, program: ProgramId, delay: Span, token: u64) {
        let at = self.now + delay;
        self.agenda.push(at, Due::ProgramEvent { program, event: Event::Timer { token } });
    }

    pub(super) fn program_output(&mut self, program: ProgramId, text: Rc<str>) {
        let at = self.now;
        if let Some(entry) = self.programs.get_mut(&program) {
            let output = &mut Rc::make_mut(entry).output;
            output.push(OutputLine { at, text });
            output.keep_last(OUTPUT_KEPT);
        }
    }

    /// Makes a file empty, or anew.
    pub(super) fn create_file(&mut self, name: &str) {
        self.files.insert(name.into(), Rc::default());
    }

    pub(super) fn remove_file(&mut self, name: &str) {
        self.files.remove(name);
    }

    /// Writes at a file's end, and makes it where there is none. False when it would become too long.
    pub(super) fn append_file(&mut self, name: &str, text: Rc<str>) -> bool {
        let file = Rc::make_mut(self.files.get_or_default(name.into()));
        let fits = file.bytes + text.len() as u64 <= FILE_MAX;
        if fits && !text.is_empty() {
            file.bytes += text.len() as u64;
            file.pieces.push(text);
        }
        fits
    }

    pub(super) fn program_exit(&mut self, program: ProgramId, code: i32) {
        let at = self.now;
        self.end_program(program, ProgramStatus::Exited { code, at });
    }
}
