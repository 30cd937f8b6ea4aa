//! What a terminal shows, read from the session: what was typed there, and what the programs have printed, at the moment.
//!
//! ```text
//! inputs    $ a          @main > x     ^D        $ b              what a person did, in order
//! output       1 2 3 4 │        5 6 │       7 8       1 2 …       a program's lines; cut where something was typed
//! items     ▸a 1 2 3 4   >x     5 6   ^D    7 8  ▸b  1 2 …        one for each line; only a screenful is ever made
//! ```

use std::ops::Range;
use std::rc::Rc;

use crate::base::{ProgramId, SimTime};
use crate::engine::world::{ProgramEntry, ProgramStatus, World};
use crate::session::line::{command_of, is_own};
use crate::session::script::{self, Line, MAIN_TERMINAL};
use crate::session::typing::Refusal;
use crate::session::{Input, Session};
use crate::shell::bash::help;
use crate::shell::{self, Hint};
use crate::view::trouble::explain;

/// Lines of output looked back at for what was thrown.
const LOOK_BACK: u64 = 4;

/// A line that stands for the frames of a Java stack trace.
const STACK: &str = "<stack>";

/// A line on the screen.
#[derive(Clone, PartialEq, Debug)]
pub enum Row {
    Command {
        text: Rc<str>,
        at: SimTime,
        /// Its exit status, where that says that it failed.
        failed: Option<i32>,
    },
    /// What was typed into a program.
    Typed(Rc<str>),
    /// `^C` or `^D`.
    Key(&'static str),
    /// What was done to a service or the cluster, by a button of the page or a line in the first terminal.
    Page(Rc<str>),
    Output(Rc<str>),
    /// Why the line above is no input.
    Refused(Rc<str>),
    /// A line to try, of the tools' help: the command in it.
    Example(Rc<str>),
    /// Frames of a stack trace, folded; what was thrown, in plain words.
    Stack(&'static str),
    /// The playground's word beside an answer.
    Hint(Rc<Hint>),
}

#[derive(Clone, Debug)]
enum Own {
    Command { program: Option<ProgramId>, at: SimTime },
    Typed,
    Key(&'static str),
    Page,
    Listed,
    Refused,
    Hint(Rc<Hint>),
}

#[derive(Clone, Debug)]
enum Piece {
    /// One item of our own.
    Own {
        own: Own,
        text: Rc<str>,
    },
    Output(Output),
}

/// Lines of a program between two things typed.
#[derive(Clone, Debug)]
struct Output {
    program: ProgramId,
    from: u64,
    /// `None`: as far as it has printed.
    to: Option<u64>,
    /// Screen rows of the first 1, 2, 3 … lines.
    rows: Vec<u32>,
    examples: bool,
}

/// A terminal's screen: what it shows, laid out for a width. It keeps what it has read, so that a look costs what is new.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    terminal: String,
    columns: usize,
    applied: usize,
    cursor: u64,
    pieces: Vec<Piece>,
    /// Programs of the terminal's name that the inputs read so far have started.
    started: usize,
    /// Refusals read so far.
    refused: Vec<Refusal>,
    /// Before each piece: items, and rows on the screen. One more at the end.
    places: Vec<(usize, u64)>,
}

impl Screen {
    /// Reads what the session has now, with the lines that it did not take, each below what was typed before it.
    pub fn update(&mut self, session: &Session, terminal: &str, columns: usize, refused: &[Refusal]) {
        let columns = columns.max(8);
        let (applied, cursor) = (session.inputs_applied(), session.cursor());
        let is_ours = |refusal: &&Refusal| *refusal.terminal == *terminal && refusal.is_behind(session);
        let refused: Vec<&Refusal> = refused.iter().filter(is_ours).collect();
        // One that comes between inputs that have been read already cannot be put there any more.
        let (old, new) = refused.split_at(self.refused.len().min(refused.len()));
        let fits = old.len() == self.refused.len()
            && old.iter().zip(&self.refused).all(|(one, other)| **one == *other)
            && new.iter().all(|refusal| refusal.after >= self.applied);
        let same = self.terminal == terminal && self.columns == columns;
        let grows = same && fits && self.applied <= applied && self.cursor <= cursor;
        if !grows {
            *self = Self { terminal: terminal.to_owned(), columns, ..Self::default() };
        }
        let programs: Vec<&ProgramEntry> =
            session.world().programs().filter(|program| *program.name == *self.terminal.as_str()).collect();
        let from = self.refused.len();
        let mut refused = refused.into_iter().skip(from).peekable();
        for at in self.applied..=applied {
            while let Some(refusal) = refused.next_if(|refusal| refusal.after <= at) {
                self.read_refusal(refusal, &programs);
            }
            if at < applied {
                self.read(session, at, &programs);
            }
        }
        (self.applied, self.cursor) = (applied, cursor);
        self.lay_out(session.world());
    }

    fn read_refusal(&mut self, refusal: &Refusal, programs: &[&ProgramEntry]) {
        match &refusal.line {
            Some(line) if refusal.into_program => self.typed(refusal.at, Own::Typed, line, programs),
            Some(line) => self.own(Own::Command { program: None, at: refusal.at }, line),
            None => {}
        }
        self.own(Own::Refused, &refusal.why);
        self.refused.push(refusal.clone());
    }

    fn read(&mut self, session: &Session, at: usize, programs: &[&ProgramEntry]) {
        let input = &session.inputs()[at];
        let Ok(block) = script::parse_block(&input.text) else { return };
        for line in &block.lines {
            match line {
                Line::Command { terminal, command } => self.read_command(session, input, at, terminal, command, programs),
                Line::Typed { terminal, text } if *terminal == self.terminal => self.typed(input.at, Own::Typed, text, programs),
                Line::EndOfInput { terminal } if *terminal == self.terminal => self.typed(input.at, Own::Key("^D"), "^D", programs),
                Line::Interrupt { terminal } if *terminal == self.terminal => self.typed(input.at, Own::Key("^C"), "^C", programs),
                _ => {}
            }
        }
    }

    fn read_command(
        &mut self,
        session: &Session,
        input: &Input,
        at: usize,
        terminal: &str,
        command: &str,
        programs: &[&ProgramEntry],
    ) {
        let is_ours = *terminal == self.terminal;
        if is_own(command) {
            // A service has its own name, which may be a terminal's too.
            let mut words = command.split_whitespace();
            self.started += usize::from(words.next() == Some("start-service") && words.next() == Some(&self.terminal));
            // What the page does by its buttons it does in the first terminal: elsewhere somebody has typed it.
            if is_ours && terminal == MAIN_TERMINAL {
                self.own(Own::Page, command);
            } else if is_ours {
                self.own(Own::Command { program: None, at: input.at }, command);
            }
            return;
        }
        if !is_ours {
            return;
        }
        let program = programs.get(self.started).copied();
        self.started += 1;
        let shown = command.trim_end_matches(';').trim_end();
        if shown == "clear" {
            self.pieces.clear();
            return;
        }
        self.own(Own::Command { program: program.map(|program| program.id), at: input.at }, shown);
        if shown == "history" {
            let known = session.inputs()[..=at].iter().filter_map(|input| command_of(&input.text));
            for (number, command) in known.filter(|command| !is_own(command)).enumerate() {
                self.own(Own::Listed, &format!("{:>5}  {command}", number + 1));
            }
        }
        if let Some(program) = program {
            self.pieces.push(Piece::Output(Output {
                program: program.id,
                from: 0,
                to: None,
                rows: Vec::new(),
                examples: shown.split_whitespace().next() == Some("help"),
            }));
        }
        if let Some(hint) = shell::hint(shown) {
            self.own(Own::Hint(Rc::new(hint)), "");
        }
    }

    fn own(&mut self, own: Own, text: &str) {
        self.pieces.push(Piece::Own { own, text: text.into() });
    }

    /// Something typed into a program: what that had printed before stands above it.
    fn typed(&mut self, at: SimTime, own: Own, text: &str, programs: &[&ProgramEntry]) {
        // A hint stays below all that belongs to its command.
        let hint = self.pieces.pop_if(|piece| matches!(piece, Piece::Own { own: Own::Hint(_), .. }));
        let mut next = None;
        if let Some(Piece::Output(output)) = self.pieces.last_mut()
            && let Some(program) = programs.iter().find(|program| program.id == output.program)
        {
            let to = program.output.partition_point(|line| line.at < at).max(output.from);
            output.to = Some(to);
            output.rows.truncate((to - output.from) as usize);
            next = Some(Output { from: to, to: None, rows: Vec::new(), ..output.clone() });
        }
        self.own(own, text);
        self.pieces.extend(next.map(Piece::Output));
        self.pieces.extend(hint);
    }

    /// Counts the rows of what is new.
    fn lay_out(&mut self, world: &World) {
        self.places.clear();
        let (mut items, mut rows) = (0, 0);
        for piece in &mut self.pieces {
            self.places.push((items, rows));
            match piece {
                Piece::Own { own, text } => {
                    items += 1;
                    rows += match own {
                        Own::Hint(hint) => {
                            let now = hint.now.as_deref().map_or(0, |now| height(now, self.columns) + 2);
                            u64::from(height(&hint.why, self.columns) + now)
                        }
                        _ => u64::from(height(text, self.columns.saturating_sub(2))),
                    };
                }
                Piece::Output(output) => {
                    output.count(world, self.columns);
                    items += output.rows.len();
                    rows += u64::from(output.rows.last().copied().unwrap_or(0));
                }
            }
        }
        self.places.push((items, rows));
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.places.last().map_or(0, |place| place.0)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many rows of the screen they take.
    pub fn height(&self) -> u64 {
        self.places.last().map_or(0, |place| place.1)
    }

    /// Rows above an item.
    pub fn rows_above(&self, item: usize) -> u64 {
        let Some(at) = self.piece_of(item) else { return self.height() };
        let (first, above) = self.places[at];
        let within = match &self.pieces[at] {
            Piece::Output(output) => (item - first).checked_sub(1).map_or(0, |before| u64::from(output.rows[before])),
            Piece::Own { .. } => 0,
        };
        above + within
    }

    /// The item that is drawn at a row.
    pub fn item_at(&self, row: u64) -> usize {
        let at = self.places.partition_point(|place| place.1 <= row).saturating_sub(1);
        let (first, above) = self.places.get(at).copied().unwrap_or_default();
        match self.pieces.get(at) {
            Some(Piece::Output(output)) => first + output.rows.partition_point(|end| above + u64::from(*end) <= row),
            _ => first,
        }
    }

    fn piece_of(&self, item: usize) -> Option<usize> {
        if item >= self.len() {
            return None;
        }
        self.places.partition_point(|place| place.0 <= item).checked_sub(1)
    }

    /// Some of the items, as they are drawn.
    pub fn rows(&self, session: &Session, items: Range<usize>) -> Vec<Row> {
        items.filter_map(|item| self.row(session.world(), item)).collect()
    }

    fn row(&self, world: &World, item: usize) -> Option<Row> {
        let at = self.piece_of(item)?;
        match &self.pieces[at] {
            Piece::Own { own, text } => Some(match own {
                Own::Command { program, at } => {
                    let failed = program.and_then(|id| world.program(id)).and_then(failed);
                    Row::Command { text: text.clone(), at: *at, failed }
                }
                Own::Typed => Row::Typed(text.clone()),
                Own::Key(key) => Row::Key(key),
                Own::Page => Row::Page(text.clone()),
                Own::Listed => Row::Output(text.clone()),
                Own::Refused => Row::Refused(text.clone()),
                Own::Hint(hint) => Row::Hint(hint.clone()),
            }),
            Piece::Output(output) => output.row(world, (item - self.places[at].0) as u64),
        }
    }

    /// An item's text as a terminal has it; `None` for what is no part of it.
    fn text(&self, world: &World, item: usize) -> Option<String> {
        Some(match self.row(world, item)? {
            Row::Command { text, .. } => format!("$ {text}"),
            Row::Typed(text) => format!("> {text}"),
            Row::Key(key) => key.to_owned(),
            Row::Output(text) | Row::Refused(text) => text.to_string(),
            Row::Example(text) => format!("{}{text}", help::EXAMPLE),
            Row::Stack(_) => STACK.to_owned(),
            Row::Page(_) | Row::Hint(_) => return None,
        })
    }

    /// All that was typed and printed, to be copied.
    pub fn all_text(&self, session: &Session) -> String {
        (0..self.len()).filter_map(|item| self.text(session.world(), item)).fold(String::new(), |all, line| all + &line + "\n")
    }

    /// The last items that are part of the terminal's text.
    pub fn latest(&self, session: &Session, count: usize) -> Vec<(usize, String)> {
        let items = self.len().saturating_sub(count)..self.len();
        items.filter_map(|item| Some((item, self.text(session.world(), item)?))).collect()
    }

    /// The items that hold a text, whatever its case.
    pub fn find(&self, session: &Session, wanted: &str) -> Vec<usize> {
        let wanted = wanted.to_lowercase();
        if wanted.is_empty() {
            return Vec::new();
        }
        let holds = |item: &usize| self.text(session.world(), *item).is_some_and(|text| text.to_lowercase().contains(&wanted));
        (0..self.len()).filter(holds).collect()
    }
}

impl Output {
    /// Counts the lines that are new, and forgets those that the program keeps no more.
    fn count(&mut self, world: &World, columns: usize) {
        let Some(program) = world.program(self.program) else { return };
        let start = program.output.start();
        if start > self.from {
            self.from = start;
            self.rows.clear();
        }
        let to = self.to.unwrap_or(u64::MAX).min(program.output.end());
        let mut total = self.rows.last().copied().unwrap_or(0);
        for at in self.from + self.rows.len() as u64..to {
            let text = program.output.get(at).map_or("", |line| &line.text);
            total += match self.stack(program, at, text) {
                Some(why) => height(why, columns) + 1,
                None => height(text, columns),
            };
            self.rows.push(total);
        }
    }

    /// What was thrown, where the line stands for a stack trace.
    fn stack(&self, program: &ProgramEntry, at: u64, text: &str) -> Option<&'static str> {
        (text == STACK).then(|| {
            let from = at.saturating_sub(LOOK_BACK).max(self.from);
            let above: Vec<&str> = (from..at).rev().filter_map(|at| program.output.get(at)).map(|line| &*line.text).collect();
            explain(&above)
        })
    }

    fn row(&self, world: &World, line: u64) -> Option<Row> {
        let program = world.program(self.program)?;
        let at = self.from + line;
        let text = &program.output.get(at)?.text;
        if let Some(why) = self.stack(program, at, text) {
            return Some(Row::Stack(why));
        }
        match text.strip_prefix(help::EXAMPLE) {
            Some(command) if self.examples => Some(Row::Example(command.into())),
            _ => Some(Row::Output(text.clone())),
        }
    }
}

/// The status of a program that failed. An interrupt by hand (130) and a request to end (143) are no failures.
fn failed(program: &ProgramEntry) -> Option<i32> {
    match program.status {
        ProgramStatus::Exited { code, .. } if !matches!(code, 0 | 130 | 143) => Some(code),
        _ => None,
    }
}

/// Rows of the screen that a line takes, broken at so many columns.
fn height(text: &str, columns: usize) -> u32 {
    let width = match text.is_ascii() && !text.contains('\t') {
        true => text.len(),
        false => text.chars().fold(0, |at, char| match char {
            '\t' => (at / 8 + 1) * 8,
            // Letters of East Asia and signs take two columns.
            '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' => at + 2,
            '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f000}'.. => at + 2,
            _ => at + 1,
        }),
    };
    u32::try_from(width.div_ceil(columns.max(1)).max(1)).unwrap_or(u32::MAX)
}
