//! The tasks of a command line: starts commands, passes lines between them, and tells who waits for them how they ended.

use std::collections::VecDeque;
use std::rc::Rc;

use super::ast::{Command, Here, List, Part, Word};
use super::commands::{self, Found};
use super::interpreter::{Interpreter, Progress, Waits};
use super::parser::{Parsed, document};
use super::streams::{Input, Sink, Streams};
use super::variables::Variables;
use crate::base::{BrokerId, ClientId};
use crate::engine::program::{Behaviour, Context, Event};
use crate::engine::protocol::AcknowledgeType;
use crate::shell::cli::bootstrap;
use crate::shell::cli::io::{Io, Said, TOKENS};
use crate::shell::cli::options::usage_page;
use crate::shell::cli::process::{Command as _, Process};
use crate::shell::tools;

/// The program behind one line in a terminal.
#[derive(Clone, Hash, Debug)]
pub struct Shell {
    list: Rc<List>,
    heres: Vec<Here>,
    /// What is wrong with the line, and the code that it ends with.
    refused: Option<(Vec<String>, i32)>,
    /// In the order in which they began.
    pub(super) tasks: Vec<Task>,
    inputs: Vec<(u32, Input)>,
    next_id: u32,
    /// Interpreters that can go on.
    ready: VecDeque<u32>,
    said: VecDeque<(u64, Said)>,
    /// What stands in the terminal without a line's end.
    begun: String,
    /// What goes to files, until the end of the event: a file that grew line by line would be copied for each.
    writes: Vec<(String, String)>,
}

/// A command that runs, or a shell that runs commands.
#[derive(Clone, Hash, Debug)]
pub(super) struct Task {
    pub(super) id: u32,
    /// Who waits for it.
    pub(super) parent: Option<u32>,
    pub(super) runs: Runs,
    pub(super) name: String,
    pub(super) clients: Vec<ClientId>,
    /// The brokers at the addresses that the command names.
    servers: Vec<BrokerId>,
    streams: Streams,
    /// Inputs that go with it.
    owned: Vec<u32>,
    /// The pipe that ends with it.
    feeds: Option<u32>,
    /// What it said, where that becomes part of a command's words.
    said: String,
}

#[derive(Clone, Hash, Debug)]
pub(super) enum Runs {
    Command(Process),
    Shell(Box<Interpreter>),
    /// The interpreter is at work this very moment.
    Out,
}

/// What is typed is the input of this number.
const TYPED: u32 = 0;

/// The shell of the line itself.
const FIRST: u32 = 1;

/// Where a tool prints its page of options.
const USAGE: &str = "<usage>";

/// What happens within one event at most.
const ROUNDS_MAX: usize = 1_000_000;

/// Tasks at a time: commands that start themselves stop there.
const TASKS_MAX: usize = 300;

impl Shell {
    pub fn new(parsed: Parsed) -> Self {
        Self {
            list: parsed.list,
            heres: parsed.heres,
            refused: None,
            tasks: Vec::new(),
            inputs: vec![(TYPED, Input::default())],
            next_id: FIRST,
            ready: VecDeque::new(),
            said: VecDeque::new(),
            begun: String::new(),
            writes: Vec::new(),
        }
    }

    /// A line that bash would not take.
    pub fn refused(lines: Vec<String>, code: i32) -> Self {
        Self { refused: Some((lines, code)), ..Self::new(Parsed { list: Rc::default(), heres: Vec::new() }) }
    }

    /// Is there a command that takes what is typed? One whose input is a file or a here-document takes nothing.
    pub fn reads_input(&self) -> bool {
        let open = self.input(TYPED).is_some_and(|input| !input.ended);
        self.heres.iter().any(|here| !here.complete) || (open && self.reader(TYPED).is_some())
    }

    /// Is there a console consumer among the tools that run?
    pub fn reads_records(&self) -> bool {
        self.commands().any(|process| process.reads_records())
    }

    /// What the share consumer among the tools says of each record; `None` if no share consumer runs.
    pub fn acknowledges(&self) -> Option<AcknowledgeType> {
        self.commands().find_map(|process| process.acknowledges())
    }

    fn commands(&self) -> impl Iterator<Item = &Process> {
        self.tasks.iter().filter_map(|task| if let Runs::Command(process) = &task.runs { Some(process) } else { None })
    }

    // ---- what interpreters ask for

    /// A task for a list that runs in a shell of its own.
    pub(super) fn subshell(&mut self, parent: u32, interpreter: &Interpreter, list: Rc<List>) -> u32 {
        self.shell_task(parent, list, interpreter.variables.clone(), interpreter.streams.clone(), Vec::new())
    }

    /// The same, whose output is kept.
    pub(super) fn capture(&mut self, parent: u32, interpreter: &Interpreter, list: Rc<List>) -> u32 {
        let streams = Streams { output: Sink::Words(self.next_id), ..interpreter.streams.clone() };
        self.shell_task(parent, list, interpreter.variables.clone(), streams, Vec::new())
    }

    /// The tasks of a pipeline, each in a shell of its own.
    pub(super) fn pipeline(&mut self, parent: u32, interpreter: &Interpreter, commands: &[Command]) -> Vec<(u32, Option<i32>)> {
        let mut tasks = Vec::new();
        let mut input = interpreter.streams.input;
        for (at, command) in commands.iter().enumerate() {
            let mut streams = Streams { input, ..interpreter.streams.clone() };
            let owned = if at > 0 { input.into_iter().collect() } else { Vec::new() };
            let pipe = (at + 1 < commands.len()).then(|| self.add_input(Input::default()));
            if let Some(pipe) = pipe {
                streams.output = Sink::Pipe(pipe);
            }
            let task = self.shell_task(parent, Rc::new(List::of(command.clone())), interpreter.variables.clone(), streams, owned);
            if let Some(task) = self.task(task) {
                task.feeds = pipe;
            }
            tasks.push((task, None));
            input = pipe;
        }
        tasks
    }

    fn shell_task(&mut self, parent: u32, list: Rc<List>, variables: Variables, streams: Streams, owned: Vec<u32>) -> u32 {
        let interpreter = Interpreter::new(list, variables, streams.clone());
        let id = self.add_task(Some(parent), Runs::Shell(Box::new(interpreter)), String::new(), streams, owned);
        self.ready.push_back(id);
        id
    }

    fn add_task(&mut self, parent: Option<u32>, runs: Runs, name: String, streams: Streams, owned: Vec<u32>) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        let (clients, servers, said) = (Vec::new(), Vec::new(), String::new());
        self.tasks.push(Task { id, parent, runs, name, clients, servers, streams, owned, feeds: None, said });
        id
    }

    /// Starts a command by its words.
    pub(super) fn spawn(
        &mut self,
        context: &mut Context<'_>,
        parent: u32,
        words: Vec<String>,
        streams: Streams,
        owned: Vec<u32>,
    ) -> u32 {
        let found = if self.tasks.len() < TASKS_MAX {
            commands::find(&words)
        } else {
            Found::Command(Process::failed("bash: fork: Resource temporarily unavailable".to_owned(), 254))
        };
        let name = words.first().cloned().unwrap_or_default();
        let process = match found {
            Found::Command(process) => process,
            Found::Script { list, parameters } => {
                let variables = Variables::new(context.now(), parameters);
                return self.shell_task(parent, list, variables, streams, owned);
            }
        };
        let id = self.add_task(Some(parent), Runs::Command(process), name, streams.clone(), owned);
        if let Some(task) = self.task(id) {
            task.servers = bootstrap::brokers(&words);
        }
        self.tell(context, id, Event::Started, false);
        match streams.input {
            Some(input) => self.deliver(context, input),
            None => self.tell(context, id, Event::EndOfInput, false),
        }
        id
    }

    pub(super) fn document(&self, number: usize) -> Word {
        let Some(here) = self.heres.get(number) else { return Word::default() };
        match here.literal {
            true => Word(vec![Part::Quoted(here.text.clone())]),
            false => document(&here.text).unwrap_or_else(|_| Word::text(here.text.clone())),
        }
    }

    fn add_input(&mut self, input: Input) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        self.inputs.push((id, input));
        id
    }

    /// A text as an input.
    pub(super) fn text_input(&mut self, text: &str) -> u32 {
        self.add_input(Input::of(text))
    }

    pub(super) fn drop_inputs(&mut self, gone: &[u32]) {
        self.inputs.retain(|(id, _)| !gone.contains(id));
    }

    /// The next line, or the end of input; `None` where it has to be waited for.
    pub(super) fn read_line(&mut self, input: u32) -> Option<Option<(Rc<str>, bool)>> {
        let Some(input) = self.input_mut(input) else { return Some(None) };
        match input.lines.pop_front() {
            Some(line) => Some(Some(line)),
            None if input.ended => Some(None),
            None => None,
        }
    }

    /// A line of standard error of the shell itself.
    pub(super) fn complain(&mut self, context: &mut Context<'_>, streams: &Streams, text: &str) {
        self.put(context, &streams.errors, text, true);
    }

    pub(super) fn create_file(&mut self, context: &mut Context<'_>, file: &str) {
        self.writes.retain(|(known, _)| known != file);
        context.create_file(file);
    }

    // ---- inside

    pub(super) fn task(&mut self, id: u32) -> Option<&mut Task> {
        let at = self.tasks.binary_search_by_key(&id, |task| task.id).ok()?;
        self.tasks.get_mut(at)
    }

    fn input(&self, id: u32) -> Option<&Input> {
        self.inputs.iter().find(|(known, _)| *known == id).map(|(_, input)| input)
    }

    fn input_mut(&mut self, id: u32) -> Option<&mut Input> {
        self.inputs.iter_mut().find(|(known, _)| *known == id).map(|(_, input)| input)
    }

    /// Who reads the next line of an input.
    fn reader(&self, input: u32) -> Option<&Task> {
        self.tasks.iter().rev().find(|task| match &task.runs {
            Runs::Command(process) => task.streams.input == Some(input) && process.reads_input(),
            Runs::Shell(interpreter) => interpreter.waits == Waits::Line(input),
            Runs::Out => false,
        })
    }

    /// Hands lines to who reads them, and the end of input.
    fn deliver(&mut self, context: &mut Context<'_>, input: u32) {
        while let Some(reader) = self.reader(input) {
            let (id, waits) = (reader.id, matches!(reader.runs, Runs::Shell(_)));
            let Some(source) = self.input_mut(input) else { return };
            if source.lines.is_empty() && !source.ended {
                return;
            }
            if waits {
                self.wake(id);
                return;
            }
            let ended = source.ended && source.lines.is_empty();
            match source.lines.pop_front() {
                Some((line, unended)) => self.tell(context, id, Event::Line(line), unended),
                None => self.tell(context, id, Event::EndOfInput, false),
            }
            if ended {
                return;
            }
        }
    }

    fn end_input(&mut self, context: &mut Context<'_>, input: u32) {
        if let Some(source) = self.input_mut(input) {
            source.end();
            self.deliver(context, input);
        }
    }

    fn wake(&mut self, id: u32) {
        if let Some(Task { runs: Runs::Shell(interpreter), .. }) = self.task(id)
            && interpreter.waits != Waits::Nothing
        {
            interpreter.waits = Waits::Nothing;
            self.ready.push_back(id);
        }
    }

    pub(super) fn tell(&mut self, context: &mut Context<'_>, id: u32, event: Event, unended: bool) {
        self.with_command(context, id, unended, |process, io| process.on(event, io));
    }

    fn with_command(
        &mut self,
        context: &mut Context<'_>,
        id: u32,
        unended: bool,
        handle: impl FnOnce(&mut Process, &mut Io<'_, '_>),
    ) {
        let Ok(at) = self.tasks.binary_search_by_key(&id, |task| task.id) else { return };
        let Some(Task { runs: Runs::Command(process), servers, clients, .. }) = self.tasks.get_mut(at) else { return };
        let said = &mut self.said;
        handle(process, &mut Io { context, task: u64::from(id), servers, clients, unended, said });
    }

    /// Goes on until all is quiet.
    fn route(&mut self, context: &mut Context<'_>) {
        for _ in 0..ROUNDS_MAX {
            if let Some(id) = self.ready.pop_front() {
                self.flush(context);
                self.proceed(context, id);
            } else if let Some((id, said)) = self.said.pop_front() {
                self.pass(context, u32::try_from(id).unwrap_or(0), said);
            } else {
                break;
            }
        }
        self.flush(context);
    }

    fn proceed(&mut self, context: &mut Context<'_>, id: u32) {
        let Some(task) = self.task(id) else { return };
        let mut interpreter = match std::mem::replace(&mut task.runs, Runs::Out) {
            Runs::Shell(interpreter) => interpreter,
            runs => {
                task.runs = runs;
                return;
            }
        };
        let mut rounds = 0;
        let progress = loop {
            match interpreter.step(id, self, context) {
                Progress::Again if rounds < ROUNDS_MAX => rounds += 1,
                progress => break progress,
            }
        };
        if let Some(task) = self.task(id) {
            task.runs = Runs::Shell(interpreter);
        }
        match progress {
            Progress::Ended(code) => self.end(context, id, code),
            // What it waits for may be there already.
            _ => match self.task(id).map(|task| &task.runs) {
                Some(Runs::Shell(interpreter)) if let Waits::Line(input) = interpreter.waits => self.deliver(context, input),
                _ => {}
            },
        }
    }

    fn flush(&mut self, context: &mut Context<'_>) {
        for (file, text) in std::mem::take(&mut self.writes) {
            if !context.append_file(&file, &text) {
                // What goes on writing would go on for ever.
                context.print(format!("bash: line 1: {file}: No space left on device"));
                self.interrupt(context, true);
                return;
            }
        }
    }

    fn pass(&mut self, context: &mut Context<'_>, id: u32, said: Said) {
        let Some(task) = self.task(id) else { return };
        let (line, error, ended) = match said {
            Said::File(file, line) => return self.write(&file, &line, true),
            Said::Exit(code) => return self.end(context, id, code),
            Said::Run(words, reads) => {
                let streams = Streams { input: task.streams.input.filter(|_| reads), ..task.streams.clone() };
                self.spawn(context, id, words, streams, Vec::new());
                return;
            }
            Said::Signal(signal) => return self.signal(context, id, signal),
            Said::Begun(line) => (line, false, false),
            Said::Out(line) => (line, false, true),
            Said::Error(line) => (line, true, true),
        };
        if line == USAGE
            && let Some(info) = tools::named(&task.name)
        {
            let said = |line| if error { Said::Error(line) } else { Said::Out(line) };
            let page = usage_page(info.options).into_iter().rev();
            page.for_each(|line| self.said.push_front((u64::from(id), said(line))));
            return;
        }
        let sink = if error { &task.streams.errors } else { &task.streams.output };
        let (sink, own) = (sink.clone(), matches!(task.name.as_str(), "echo" | "printf"));
        let parent = task.parent.filter(|parent| own && *parent != FIRST);
        if !self.put(context, &sink, &line, ended) {
            // SIGPIPE: nobody reads any more. What bash does itself, it dies of itself.
            match parent {
                Some(parent) => self.kill(context, parent, 141),
                None => self.said.push_front((u64::from(id), Said::Exit(141))),
            }
        }
    }

    /// Writes to a sink; false where nobody reads.
    fn put(&mut self, context: &mut Context<'_>, sink: &Sink, text: &str, ended: bool) -> bool {
        match sink {
            Sink::Null => {}
            Sink::Terminal if ended => context.print(std::mem::take(&mut self.begun) + text),
            Sink::Terminal => self.begun.push_str(text),
            Sink::File(file) => self.write(file, text, ended),
            Sink::Words(id) => {
                if let Some(task) = self.task(*id) {
                    task.said.push_str(text);
                    task.said.push_str(if ended { "\n" } else { "" });
                }
            }
            Sink::Pipe(id) => {
                let Some(input) = self.input_mut(*id) else { return false };
                input.take(text, ended);
                self.deliver(context, *id);
            }
        }
        true
    }

    fn write(&mut self, file: &str, text: &str, ended: bool) {
        let known = self.writes.iter().position(|(known, _)| known == file);
        let at = known.unwrap_or_else(|| {
            self.writes.push((file.to_owned(), String::new()));
            self.writes.len() - 1
        });
        if let Some((_, written)) = self.writes.get_mut(at) {
            written.push_str(text);
            written.push_str(if ended { "\n" } else { "" });
        }
    }

    /// A task is over: what it had open is closed, and who waits for it goes on.
    pub(super) fn end(&mut self, context: &mut Context<'_>, id: u32, code: i32) {
        let Ok(at) = self.tasks.binary_search_by_key(&id, |task| task.id) else { return };
        let task = self.tasks.remove(at);
        for client in task.clients {
            if context.is_open(client) {
                context.close(client);
            }
        }
        self.drop_inputs(&task.owned);
        if let Some(pipe) = task.feeds {
            self.end_input(context, pipe);
        }
        let Some(parent) = task.parent else {
            if !self.begun.is_empty() {
                context.print(std::mem::take(&mut self.begun));
            }
            self.flush(context);
            context.exit(code);
            return;
        };
        let goes_on = match self.task(parent).map(|task| &mut task.runs) {
            Some(Runs::Shell(interpreter)) => interpreter.ended(id, code, task.said),
            _ => false,
        };
        if goes_on {
            self.wake(parent);
        }
        self.with_command(context, parent, false, |process, io| process.ended(code, io));
    }

    /// Takes a line, or the end of input, into a here-document. When the last one is complete, the commands begin.
    fn fill_here(&mut self, context: &mut Context<'_>, line: Option<&str>) {
        let Some(here) = self.heres.iter_mut().find(|here| !here.complete) else { return };
        match line {
            Some(line) => {
                let line = if here.strip { line.trim_start_matches('\t') } else { line };
                here.complete = line == here.until;
                if !here.complete {
                    here.text += &format!("{line}\n");
                }
            }
            None => {
                self.heres.iter_mut().for_each(|here| here.complete = true);
                self.end_input(context, TYPED);
            }
        }
        self.begin(context);
    }

    /// Begins, unless lines of a here-document are to come.
    fn begin(&mut self, context: &mut Context<'_>) {
        if let Some((lines, code)) = self.refused.take() {
            lines.into_iter().for_each(|line| context.print(line));
            context.exit(code);
            return;
        }
        if self.heres.iter().any(|here| !here.complete) {
            return;
        }
        let streams = Streams { input: Some(TYPED), output: Sink::Terminal, errors: Sink::Terminal };
        let variables = Variables::new(context.now(), Vec::new());
        let interpreter = Interpreter::new(self.list.clone(), variables, streams.clone());
        let id = self.add_task(None, Runs::Shell(Box::new(interpreter)), String::new(), streams, Vec::new());
        self.ready.push_back(id);
    }
}

impl Behaviour for Shell {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        let documents = self.heres.iter().any(|here| !here.complete);
        match event {
            Event::Started => self.begin(context),
            Event::Line(line) if documents => self.fill_here(context, Some(&line)),
            Event::EndOfInput if documents => self.fill_here(context, None),
            Event::Interrupt if documents => context.exit(130),
            Event::Line(line) => {
                if let Some(input) = self.input_mut(TYPED) {
                    input.lines.push_back((line, false));
                }
                self.deliver(context, TYPED);
            }
            Event::EndOfInput => self.end_input(context, TYPED),
            Event::Timer { token } => {
                let id = u32::try_from(token / TOKENS).unwrap_or(0);
                match self.task(id).map(|task| &task.runs) {
                    Some(Runs::Shell(interpreter)) if interpreter.waits == Waits::Time => self.wake(id),
                    _ => self.tell(context, id, Event::Timer { token: token % TOKENS }, false),
                }
            }
            Event::Interrupt => self.interrupt(context, false),
            Event::Tell(_) => {}
            Event::Delivered { producer: client, .. }
            | Event::Flushed { producer: client }
            | Event::Polled { consumer: client, .. }
            | Event::PartitionsAssigned { consumer: client, .. }
            | Event::PartitionsRevoked { consumer: client, .. }
            | Event::PartitionsLost { consumer: client, .. }
            | Event::Committed { consumer: client, .. }
            | Event::PollFailed { consumer: client, .. }
            | Event::SharePolled { consumer: client, .. }
            | Event::SharePollFailed { consumer: client, .. }
            | Event::ShareCommitted { consumer: client, .. }
            | Event::Answered { admin: client, .. }
            | Event::Logged { client, .. }
            | Event::SenderDied { client }
            | Event::Closed { client } => {
                if let Some(id) = self.tasks.iter().find(|task| task.clients.contains(&client)).map(|task| task.id) {
                    self.tell(context, id, event, false);
                }
            }
        }
        self.route(context);
    }
}
