//! The one way to give a block of a script and to wait for what comes of it. How long is a matter of [`Patience`].

use super::script::{Block, Line, MAIN_TERMINAL};
use super::{Advanced, InputError, Session, fault};
use crate::base::Span;

/// How long whoever gives a block waits for what comes of it.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// A command in the main terminal that has not ended by then is left running; one that was interrupted too.
    pub foreground: Span,
    /// A command in another terminal has settled by then.
    pub settle: Span,
    /// After a line that was typed into a program (the console producer lingers for one second).
    pub typed: Span,
    pub look: Span,
    /// Waits after a fault until it is noticed (`fault::pause_after`).
    pub faults: bool,
}

impl Patience {
    /// A person at a terminal, whose script has no times.
    pub const PERSON: Self = Self {
        foreground: Span::from_secs(600),
        settle: Span::from_secs(3),
        typed: Span::from_ms(1600),
        look: Span::from_secs(1),
        faults: true,
    };

    /// A caller of the API, who lets time pass after a fault as it likes.
    pub const CALLER: Self = Self { faults: false, ..Self::PERSON };

    /// The recorder of transcripts: of another terminal it waits for a second of quiet.
    pub const RECORDER: Self = Self { foreground: Span::from_secs(120), settle: Span::from_ms(1200), ..Self::PERSON };

    /// What is waited for once a block was given.
    pub fn wait_after(&self, block: &Block) -> Option<Wait> {
        Some(match block.lines.first()? {
            Line::Sleep(span) => Wait::Pass(*span),
            Line::Look { .. } => Wait::Pass(self.look),
            Line::Command { terminal, command } => match fault::pause_after(command).filter(|_| self.faults) {
                Some(pause) => Wait::Pass(pause),
                None if terminal == MAIN_TERMINAL => Wait::Exit(terminal.clone(), self.foreground),
                None => Wait::Pass(self.settle),
            },
            Line::Typed { .. } => Wait::Pass(self.typed),
            Line::EndOfInput { terminal } | Line::Interrupt { terminal } => Wait::Exit(terminal.clone(), self.foreground),
            Line::Comment(_) | Line::Header(_) | Line::At(_) => return None,
        })
    }
}

/// What is waited for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wait {
    Pass(Span),
    /// Until the program of this name has ended, but no longer than so.
    Exit(String, Span),
}

/// Why a block could not be played.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PlayError {
    Refused(InputError),
    /// The cursor has come to where it was to stop at the latest.
    TooLong,
}

impl Session {
    /// Gives a block and waits. More has happened than was thought possible where the cursor comes to `cursor_max`.
    pub fn play(&mut self, block: &Block, patience: &Patience, cursor_max: u64) -> Result<(), PlayError> {
        let is_input = !matches!(block.lines.first(), None | Some(Line::Sleep(_) | Line::Look { .. }));
        if is_input {
            self.input(&block.text).map_err(PlayError::Refused)?;
        }
        match patience.wait_after(block) {
            // Where the next one says itself when it comes, nobody waits.
            Some(wait) if !(is_input && block.next_is_timed) => self.wait(wait, cursor_max),
            _ => Ok(()),
        }
    }

    /// Lets things happen until what is waited for has come.
    pub fn wait(&mut self, wait: Wait, cursor_max: u64) -> Result<(), PlayError> {
        let (program, at_most) = match wait {
            Wait::Pass(span) => {
                return match self.advance(span, cursor_max.saturating_sub(self.cursor())) {
                    Advanced::There => Ok(()),
                    Advanced::DuesUsedUp => Err(PlayError::TooLong),
                };
            }
            Wait::Exit(program, at_most) => (program, at_most),
        };
        let until = self.now() + at_most;
        while self.runs(&program) && self.world().next_time().is_some_and(|next| next <= until) {
            if self.cursor() > cursor_max {
                return Err(PlayError::TooLong);
            }
            self.step();
        }
        Ok(())
    }
}
