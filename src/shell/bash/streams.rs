//! Where commands read from and write to.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::shell::unix::lines;

/// Where a command reads from and writes to. An input is known by its number; none is an empty one.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Streams {
    pub input: Option<u32>,
    pub output: Sink,
    pub errors: Sink,
}

impl Streams {
    /// Standard output is 1, standard error 2.
    pub fn put(&mut self, stream: u8, sink: Sink) {
        match stream {
            2 => self.errors = sink,
            _ => self.output = sink,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Sink {
    Terminal,
    Null,
    File(Rc<str>),
    Pipe(u32),
    /// It becomes part of a command's words: that task keeps it.
    Words(u32),
}

/// Lines that were not read yet, each with whether it has no end.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Input {
    pub lines: VecDeque<(Rc<str>, bool)>,
    /// A line whose end has not come.
    pub begun: String,
    pub ended: bool,
}

impl Input {
    /// A text that is there from the beginning.
    pub fn of(text: &str) -> Self {
        let mut lines: VecDeque<(Rc<str>, bool)> = lines(text).map(|line| (line.into(), false)).collect();
        if let Some(last) = lines.back_mut() {
            last.1 = !text.ends_with('\n');
        }
        Self { lines, begun: String::new(), ended: true }
    }

    /// Takes what is written; `ended`: with a line's end.
    pub fn take(&mut self, text: &str, ended: bool) {
        match ended {
            true => {
                let line = std::mem::take(&mut self.begun) + text;
                self.lines.push_back((line.into(), false));
            }
            false => self.begun.push_str(text),
        }
    }

    /// No more comes.
    pub fn end(&mut self) {
        if !self.begun.is_empty() {
            let begun = std::mem::take(&mut self.begun);
            self.lines.push_back((begun.into(), true));
        }
        self.ended = true;
    }
}
