//! Runs a command line: starts the tools of each pipeline, passes lines between them, and ends with the last one's code.

use std::collections::VecDeque;

use super::commands;
use crate::base::{BrokerId, ClientId};
use crate::engine::program::{Behaviour, Context, Event};
use crate::engine::protocol::AcknowledgeType;
use crate::shell::bash::ast::{Condition, Here, List, Redirect, SimpleCommand};
use crate::shell::bash::lexer::STATUS;
use crate::shell::cli::bootstrap;
use crate::shell::cli::io::{Io, STAGES_MAX, Said};
use crate::shell::cli::options::usage_page;
use crate::shell::cli::process::{Command, Process};
use crate::shell::tools;

/// The program behind one line in a terminal.
#[derive(Clone, Hash, Debug)]
pub struct Shell {
    list: List,
    /// The pipeline that runs.
    at: usize,
    stages: Vec<Stage>,
    /// Typed lines and `^D` that the first tool has not been given yet.
    input_ended: bool,
    said: VecDeque<(u64, Said)>,
    last_code: i32,
    /// What goes to files, until the end of the event: a file that grew line by line would be copied for each.
    writes: Vec<(String, String)>,
}

#[derive(Clone, Hash, Debug)]
struct Stage {
    process: Process,
    name: String,
    clients: Vec<ClientId>,
    /// The brokers at the addresses that the command names.
    servers: Vec<BrokerId>,
    partial: String,
    /// What stands in the terminal without a line's end, from this tool.
    begun: String,
    code: Option<i32>,
    output: Option<Redirect>,
    errors: Option<Redirect>,
    merged: bool,
}

/// Where a tool prints its page of options.
const USAGE: &str = "<usage>";

/// Rounds of passing lines between tools within one event.
const ROUNDS_MAX: usize = 1_000_000;

impl Shell {
    pub fn new(list: List) -> Self {
        Self { list, at: 0, stages: Vec::new(), input_ended: false, said: VecDeque::new(), last_code: 0, writes: Vec::new() }
    }

    /// Is there a tool that takes what is typed? One whose input is a file or a here-document takes nothing.
    pub fn reads_input(&self) -> bool {
        let Some((_, pipeline)) = self.list.pipelines.get(self.at) else { return false };
        if self.list.pipelines.iter().any(|(_, pipeline)| pipeline.commands.iter().any(waits_for_lines)) {
            return true;
        }
        let given = pipeline.commands.first().is_some_and(|command| command.input.is_some() || command.here.is_some());
        let reads = self.stages.first().is_some_and(|stage| stage.code.is_none() && stage.process.reads_input());
        reads && !given && !self.input_ended
    }

    /// Is there a console consumer among the tools that run?
    pub fn reads_records(&self) -> bool {
        self.stages.iter().any(|stage| stage.code.is_none() && stage.process.reads_records())
    }

    /// What the share consumer among the tools says of each record; `None` if no share consumer runs.
    pub fn acknowledges(&self) -> Option<AcknowledgeType> {
        self.stages.iter().find_map(|stage| stage.process.acknowledges())
    }

    /// Starts the next pipeline whose condition holds; exits when there is none.
    fn next(&mut self, context: &mut Context<'_>) {
        loop {
            let Some((condition, pipeline)) = self.list.pipelines.get(self.at) else {
                context.exit(self.last_code);
                return;
            };
            let runs = match condition {
                Condition::Always => true,
                Condition::Success => self.last_code == 0,
                Condition::Failure => self.last_code != 0,
            };
            if runs && (pipeline.commands.len() as u64) <= STAGES_MAX {
                let commands = pipeline.commands.clone();
                self.begin(context, commands);
                return;
            }
            self.at += 1;
        }
    }

    /// The here-document whose lines are being typed.
    fn open_here(&mut self) -> Option<&mut Here> {
        let commands = self.list.pipelines.iter_mut().flat_map(|(_, pipeline)| &mut pipeline.commands);
        commands.filter_map(|command| command.here.as_mut()).find(|here| here.until.is_some())
    }

    /// Takes a line, or the end of input, into a here-document. When the last one is complete, the commands begin.
    fn fill_here(&mut self, context: &mut Context<'_>, line: Option<&str>) {
        let Some(here) = self.open_here() else { return };
        match line {
            Some(line) if here.until.as_deref() != Some(line) => here.text += &format!("{line}\n"),
            Some(_) => here.until = None,
            None => {
                while let Some(here) = self.open_here() {
                    here.until = None;
                }
                self.input_ended = true;
            }
        }
        if self.open_here().is_none() {
            self.next(context);
        }
    }

    fn begin(&mut self, context: &mut Context<'_>, commands: Vec<SimpleCommand>) {
        let mut inputs = Vec::new();
        self.stages.clear();
        let status = self.last_code.to_string();
        for mut command in commands {
            for word in command.words.iter_mut().filter(|word| word.contains(STATUS)) {
                *word = word.replace(STATUS, &status);
            }
            let input = command.input.clone();
            let file = input.as_ref().map(|name| match name.as_str() {
                "/dev/null" => Ok("".into()),
                name => context.read_file(name).ok_or_else(|| name.to_owned()),
            });
            let text = command.here.map(|here| Ok(here.text.into())).or(file);
            let process = match &text {
                Some(Err(name)) => Process::failed(format!("bash: line 1: {name}: No such file or directory"), 1),
                _ => commands::find(&command.words),
            };
            if let Some(redirect) = command.output.as_ref().filter(|redirect| !redirect.append) {
                context.create_file(&redirect.file);
            }
            inputs.push(text.and_then(Result::ok));
            self.stages.push(Stage {
                process,
                name: command.words.first().cloned().unwrap_or_default(),
                clients: Vec::new(),
                servers: bootstrap::brokers(&command.words),
                partial: String::new(),
                begun: String::new(),
                code: None,
                output: command.output,
                errors: command.errors,
                merged: command.merged,
            });
        }
        for stage in 0..self.stages.len() {
            self.tell(context, stage, Event::Started);
        }
        for (stage, input) in inputs.into_iter().enumerate() {
            if let Some(text) = input {
                for line in text.lines() {
                    self.tell(context, stage, Event::Line(line.into()));
                }
                self.tell(context, stage, Event::EndOfInput);
            }
        }
        if self.input_ended {
            self.tell(context, 0, Event::EndOfInput);
        }
    }

    fn tell(&mut self, context: &mut Context<'_>, at: usize, event: Event) {
        let Some(stage) = self.stages.get_mut(at).filter(|stage| stage.code.is_none()) else {
            return;
        };
        let mut io = Io {
            context,
            stage: at as u64,
            servers: &stage.servers,
            clients: &mut stage.clients,
            partial: &mut stage.partial,
            said: &mut self.said,
        };
        stage.process.on(event, &mut io);
    }

    /// Passes on what the tools said, until all is quiet.
    fn route(&mut self, context: &mut Context<'_>) {
        for _ in 0..ROUNDS_MAX {
            let Some((at, said)) = self.said.pop_front() else {
                break;
            };
            self.pass(context, at as usize, said);
        }
        for (file, text) in std::mem::take(&mut self.writes) {
            if !context.append_file(&file, &text) {
                // What goes on writing would go on for ever.
                context.print(format!("bash: line 1: {file}: No space left on device"));
                self.interrupt(context);
                self.route(context);
                return;
            }
        }
        if !self.stages.is_empty() && self.stages.iter().all(|stage| stage.code.is_some()) && self.said.is_empty() {
            self.last_code = self.stages.last().and_then(|stage| stage.code).unwrap_or(0);
            self.at += 1;
            self.next(context);
            if !self.said.is_empty() {
                self.route(context);
            }
        }
    }

    fn pass(&mut self, context: &mut Context<'_>, at: usize, said: Said) {
        let Some(stage) = self.stages.get_mut(at).filter(|stage| stage.code.is_none()) else {
            return;
        };
        let last = at + 1 == self.list.pipelines.get(self.at).map_or(1, |(_, pipeline)| pipeline.commands.len());
        // On a terminal what is said as an error goes on where the output's line stands.
        let together = stage.merged || (last && stage.output.is_none() && stage.errors.is_none());
        let said = match said {
            Said::File(file, line) => {
                self.write(file, &line);
                return;
            }
            Said::Begun(text) => {
                stage.begun.push_str(&text);
                return;
            }
            Said::Out(line) => Said::Out(std::mem::take(&mut stage.begun) + &line),
            Said::Error(line) if together => Said::Error(std::mem::take(&mut stage.begun) + &line),
            Said::Exit(code) if !stage.begun.is_empty() => {
                self.said.push_front((at as u64, Said::Exit(code)));
                Said::Out(std::mem::take(&mut stage.begun))
            }
            said => said,
        };
        let (line, redirect, error) = match said {
            Said::Begun(_) | Said::File(..) => return,
            Said::Out(line) => (line, stage.output.clone(), false),
            Said::Error(line) if stage.merged => (line, stage.output.clone(), false),
            Said::Error(line) => (line, stage.errors.clone(), true),
            Said::Exit(code) => {
                stage.code = Some(code);
                for client in std::mem::take(&mut stage.clients) {
                    if context.is_open(client) {
                        context.close(client);
                    }
                }
                self.tell(context, at + 1, Event::EndOfInput);
                return;
            }
        };
        if line == USAGE
            && let Some(info) = tools::named(&stage.name)
        {
            let page = usage_page(info.options).into_iter().rev();
            page.for_each(|line| self.said.push_front((at as u64, if error { Said::Error(line) } else { Said::Out(line) })));
            return;
        }
        match redirect {
            Some(redirect) if redirect.file == "/dev/null" => {}
            Some(redirect) => self.write(redirect.file, &line),
            None if last || error => context.print(line),
            None => match self.stages.get(at + 1).is_some_and(|next| next.code.is_some()) {
                // SIGPIPE: nobody reads any more.
                true => self.said.push_front((at as u64, Said::Exit(141))),
                false => self.tell(context, at + 1, Event::Line(line.into())),
            },
        }
    }

    fn write(&mut self, file: String, line: &str) {
        let known = self.writes.iter().position(|(known, _)| *known == file);
        let at = known.unwrap_or_else(|| {
            self.writes.push((file, String::new()));
            self.writes.len() - 1
        });
        if let Some((_, text)) = self.writes.get_mut(at) {
            text.push_str(line);
            text.push('\n');
        }
    }

    /// The whole line is called off, not only the pipeline that runs.
    fn interrupt(&mut self, context: &mut Context<'_>) {
        self.list.pipelines.truncate(self.at + 1);
        for stage in 0..self.stages.len() {
            self.tell(context, stage, Event::Interrupt);
        }
    }

    fn owner(&self, client: ClientId) -> Option<usize> {
        self.stages.iter().position(|stage| stage.clients.contains(&client))
    }
}

fn waits_for_lines(command: &SimpleCommand) -> bool {
    command.here.as_ref().is_some_and(|here| here.until.is_some())
}

impl Behaviour for Shell {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        match event {
            Event::Started if self.open_here().is_none() => self.next(context),
            Event::Started => {}
            Event::Line(line) if self.open_here().is_some() => self.fill_here(context, Some(&line)),
            Event::EndOfInput if self.open_here().is_some() => self.fill_here(context, None),
            Event::Interrupt if self.open_here().is_some() => context.exit(130),
            Event::Line(_) => self.tell(context, 0, event),
            Event::EndOfInput => {
                self.input_ended = true;
                self.tell(context, 0, event);
            }
            Event::Timer { token } => {
                self.tell(context, (token % STAGES_MAX) as usize, Event::Timer { token: token / STAGES_MAX });
            }
            Event::Interrupt => self.interrupt(context),
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
                if let Some(stage) = self.owner(client) {
                    self.tell(context, stage, event);
                }
            }
        }
        self.route(context);
    }
}
