//! `^C`, and what `timeout` sends.

use super::run::{Runs, Shell};
use crate::engine::program::{Context, Event};
use crate::shell::cli::io::Signal;
use crate::shell::tools;

impl Shell {
    /// A task is gone at once, with all that it started.
    pub(super) fn kill(&mut self, context: &mut Context<'_>, id: u32, code: i32) {
        let children: Vec<u32> = self.tasks.iter().filter(|task| task.parent == Some(id)).map(|task| task.id).collect();
        for child in children {
            self.kill(context, child, code);
        }
        if let Some(task) = self.task(id) {
            for client in std::mem::take(&mut task.clients) {
                context.kill(client);
            }
        }
        self.end(context, id, code);
    }

    /// A signal for the command that this task runs.
    pub(super) fn signal(&mut self, context: &mut Context<'_>, parent: u32, signal: Signal) {
        let Some(child) = self.tasks.iter().find(|task| task.parent == Some(parent)) else { return };
        let (id, java) = (child.id, tools::named(&child.name).is_some());
        match signal {
            Signal::Nothing => {}
            Signal::EndsAllButJava if java => {}
            Signal::Ends if matches!(child.runs, Runs::Command(_)) => self.tell(context, id, Event::Interrupt, false),
            Signal::Kills | Signal::Ends | Signal::EndsAllButJava => self.kill(context, id, 137),
        }
    }

    /// `^C`. Tools tidy up and bash goes on with the line, as with any program that sees to the signal itself; what dies of
    /// it takes the line with it. A loop that may have no end is called off in any case.
    pub(super) fn interrupt(&mut self, context: &mut Context<'_>, all: bool) {
        let tools = self.tasks.iter().any(|task| tools::named(&task.name).is_some());
        let round = self.tasks.iter().any(|task| matches!(&task.runs, Runs::Shell(shell) if shell.goes_round()));
        let ids: Vec<u32> = self.tasks.iter().map(|task| task.id).collect();
        if all || !tools || round {
            for id in ids.iter().rev() {
                self.call_off(context, *id);
            }
        }
        for id in ids {
            self.tell(context, id, Event::Interrupt, false);
        }
    }

    fn call_off(&mut self, context: &mut Context<'_>, id: u32) {
        let Some(task) = self.task(id).filter(|task| matches!(task.runs, Runs::Shell(_))) else { return };
        if let Runs::Shell(mut interpreter) = std::mem::replace(&mut task.runs, Runs::Out) {
            let over = interpreter.call_off(self);
            if let Some(task) = self.task(id) {
                task.runs = Runs::Shell(interpreter);
            }
            if over {
                self.end(context, id, 130);
            }
        }
    }
}
