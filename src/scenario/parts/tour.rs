//! What a tour is made of: steps that say one thing, may ask what will happen, type a few lines, and are done when the
//! world says so.

use serde::{Deserialize, Serialize};

use crate::base::{Offset, Span, TopicPartition};
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
    /// How the stage stands while the step is told.
    pub scene: Scene,
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

/// The views of the stage.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StageView {
    #[default]
    Logs,
    Cluster,
    Records,
    Groups,
}

/// How the stage stands: what a step arranges when it opens, and what "put back" restores.
#[derive(Debug)]
pub struct Scene {
    pub view: StageView,
    /// Topics whose partitions stay in sight when room is short, the most important first. Empty: all of them.
    pub topics: &'static [&'static str],
    /// Readers whose cards are open, the most important first.
    pub cards: &'static [&'static str],
    /// The group whose committed offsets fill the records; in the view Groups, the one that is shown.
    pub group: Option<&'static str>,
    /// What the step speaks of. The texts name a ring by its number: `[1]`.
    pub rings: &'static [Ring],
}

/// The same one, not one like it: rings ask the world by functions, which cannot be compared.
impl PartialEq for Scene {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Scene {
    /// The log and all who read it.
    pub const LOGS: Scene = Scene { view: StageView::Logs, topics: &[], cards: &[], group: None, rings: &[] };
    /// A group and its members.
    pub const GROUPS: Scene = Scene { view: StageView::Groups, ..Scene::LOGS };
    /// The brokers and their replicas.
    pub const CLUSTER: Scene = Scene { view: StageView::Cluster, ..Scene::LOGS };
}

/// A mark around something on the stage, with a number that the step's text names.
#[derive(Debug)]
pub struct Ring {
    pub number: u8,
    pub subject: Subject,
}

/// What a ring can be around.
#[derive(Debug)]
pub enum Subject {
    /// A reader's card, by the name of its service or group.
    Card(&'static str),
    /// A writer's name beside the topic that it writes to.
    Pen(&'static str),
    /// A record that the world is asked for; `None` while there is none.
    Record(fn(&World) -> Option<(TopicPartition, Offset)>),
    /// A broker's card in the view Cluster.
    Broker(i32),
    /// A member's card in the view Groups, by the name of its program.
    Member(&'static str),
}
