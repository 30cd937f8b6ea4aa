//! The question before the past is changed: something different that is done there drops what lies ahead, so a person is asked.
//!
//! ```text
//! a wish ─▸ nothing lies ahead ─▸ it is done
//!        └▸ something does ─▸ asked ─▸ act here │ go to the end and act there │ not after all
//! ```

use std::rc::Rc;

use super::Session;

/// What a person wants to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wish {
    /// Give these blocks, each once the one before has ended.
    Give(Vec<String>),
    /// Type these lines into a terminal.
    Type { terminal: Rc<str>, lines: Vec<String> },
    /// Begin the step of the tour: its lines are given.
    Begin,
    /// Play to the end of the tour's step.
    Skip,
}

/// A wish that waits for a yes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fork {
    pub wish: Wish,
    /// The number of inputs that it sets aside.
    pub ahead: usize,
}

impl Session {
    /// The wish, if it can be done without a question.
    pub fn ask_first(&self, wish: Wish) -> Result<Wish, Fork> {
        let does_nothing = match &wish {
            Wish::Give(blocks) => blocks.is_empty(),
            Wish::Type { lines, .. } => lines.iter().all(|line| line.trim().is_empty()),
            Wish::Begin | Wish::Skip => false,
        };
        match self.would_set_aside() {
            Some(ahead) if !does_nothing => Err(Fork { wish, ahead }),
            _ => Ok(wish),
        }
    }
}
