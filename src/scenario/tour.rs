//! What a tour is made of: steps that say one thing, may ask what will happen, type a few lines, and are done when the
//! world says so.

use crate::base::Span;
use crate::engine::World;

/// A guided way through a story.
#[derive(Debug)]
pub struct Tour {
    pub steps: &'static [Step],
    /// What can be reached in any order, beside the steps.
    pub goals: &'static [Goal],
}

/// One step of a tour.
#[derive(Debug)]
pub struct Step {
    pub title: &'static str,
    /// Two or three short sentences with one idea.
    pub text: &'static str,
    /// The consumer group that the step is about: the view Groups shows it.
    pub group: Option<&'static str>,
    /// Asked before the step's lines run.
    pub prediction: Option<Prediction>,
    /// Script lines that are issued when the step begins (after its prediction), as a person would type them. One
    /// that is refused because things are so already (a service that runs is started) is passed over.
    pub run: &'static [&'static str],
    /// What the learner may be shown while the step waits, and once it is done.
    pub done_text: &'static str,
    /// Met in the world? Time is let pass until then.
    pub done: fn(&World) -> bool,
    /// How much simulated time the step may take at most before it is called stuck.
    pub limit: Span,
}

/// A question with one right answer.
#[derive(Debug)]
pub struct Prediction {
    pub question: &'static str,
    pub choices: &'static [&'static str],
    /// Index of the right choice.
    pub answer: usize,
    /// Why that is the answer.
    pub because: &'static str,
}

/// Something to reach, judged by the world alone.
#[derive(Debug)]
pub struct Goal {
    pub text: &'static str,
    pub met: fn(&World) -> bool,
}
