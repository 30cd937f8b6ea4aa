//! Redirections: what a command reads from and writes to, in the order in which they are written.

use super::ast::{How, Redirect};
use super::expand::{Expander, Failure};
use super::interpreter::Interpreter;
use super::run::Shell;
use super::streams::{Sink, Streams};
use crate::engine::program::Context;

impl Interpreter {
    /// The streams of a command with these redirections, and the inputs that end with it. `None` where a file is not there.
    pub(super) fn redirected(
        &mut self,
        redirects: &[Redirect],
        shell: &mut Shell,
        context: &mut Context<'_>,
    ) -> Result<Option<(Streams, Vec<u32>)>, Failure> {
        let mut streams = self.streams.clone();
        let mut owned = Vec::new();
        for redirect in redirects {
            let target = match redirect.how {
                How::Here(number) => {
                    let word = shell.document(number);
                    Expander { variables: &mut self.variables, context }.text(&word)?
                }
                _ => Expander { variables: &mut self.variables, context }.text(&redirect.target)?,
            };
            match redirect.how {
                How::Here(_) => owned.push(shell.text_input(&target)),
                How::HereString => owned.push(shell.text_input(&(target + "\n"))),
                How::Read if target == "/dev/null" => {
                    streams.input = None;
                    continue;
                }
                How::Read if target == "/dev/stdin" => continue,
                How::Read => match context.read_file(&target) {
                    Some(text) => owned.push(shell.text_input(&text)),
                    None => {
                        shell.complain(context, &self.streams, &format!("bash: line 1: {target}: No such file or directory"));
                        shell.drop_inputs(&owned);
                        self.variables.code = 1;
                        return Ok(None);
                    }
                },
                How::Same => {
                    let sink = match target.as_str() {
                        "1" => streams.output.clone(),
                        "2" => streams.errors.clone(),
                        "0" => continue,
                        _ => Sink::Null,
                    };
                    streams.put(redirect.stream, sink);
                    continue;
                }
                How::Write | How::Append | How::WriteBoth | How::AppendBoth => {
                    let append = matches!(redirect.how, How::Append | How::AppendBoth);
                    let sink = match target.as_str() {
                        "/dev/null" => Sink::Null,
                        "/dev/stdout" => streams.output.clone(),
                        "/dev/stderr" => streams.errors.clone(),
                        file => {
                            if !append {
                                shell.create_file(context, file);
                            }
                            Sink::File(file.into())
                        }
                    };
                    if matches!(redirect.how, How::WriteBoth | How::AppendBoth) {
                        streams.put(1, sink.clone());
                        streams.put(2, sink);
                    } else {
                        streams.put(redirect.stream, sink);
                    }
                    continue;
                }
            }
            streams.input = owned.last().copied();
        }
        Ok(Some((streams, owned)))
    }
}
