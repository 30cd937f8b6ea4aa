//! Lives here: the inspector: the facts of what is selected, why they are so, and what can be done with it.
//! Never here: the doing: an action is the lines that a person would type.

mod clients;
mod cluster;
mod groups;
mod share;
mod topics;

pub use crate::view::parts::selection::Selection;
pub use topics::writer;

use std::rc::Rc;

use crate::base::TopicPartition;
use crate::engine::world::World;
use crate::session::ScenarioEntry;
use crate::view::parts::commands::{self, NewRecord};
use crate::view::parts::text::ValueText;

/// One line of the inspector.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fact {
    pub label: &'static str,
    pub value: String,
    /// Why it is so, with the numbers at hand.
    pub why: Option<String>,
    /// What else it leads to.
    pub link: Option<Selection>,
}

/// What an action must be asked for before it can run. The page fills in a form and calls `commands`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Form {
    /// `like`: the record that is sent once more.
    Produce {
        topic: Rc<str>,
        partition: Option<i32>,
        like: Option<Rc<NewRecord>>,
    },
    StartConsumer {
        topic: Rc<str>,
        group: Option<Rc<str>>,
    },
    AddPartitions {
        topic: Rc<str>,
        current: i32,
    },
    ResetOffsets {
        group: Rc<str>,
        topic: Rc<str>,
    },
    Seek {
        service: Rc<str>,
        topic_partition: TopicPartition,
        position: i64,
        /// All that the consumer reads.
        partitions: Vec<SeekRange>,
        /// Its `auto.offset.reset`.
        reset: &'static str,
    },
    DeleteRecords {
        topic_partition: TopicPartition,
        high_watermark: i64,
    },
}

/// A partition in which a consumer can be moved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeekRange {
    pub topic_partition: TopicPartition,
    pub position: i64,
    pub log_start_offset: i64,
    pub high_watermark: i64,
}

/// Something that can be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Action {
    pub label: String,
    /// The inputs that do it, as `commands` makes them. With a form: what its first values give.
    pub blocks: Vec<String>,
    /// The same for a real cluster: commands, or the client's call; `None` where there is neither (a crash).
    pub command: Option<String>,
    pub form: Option<Form>,
    /// Takes something away.
    pub destructive: bool,
    /// Why it cannot be done now.
    pub disabled: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inspection {
    /// `Record`, `Partition`, …
    pub kind: &'static str,
    pub title: String,
    pub facts: Vec<Fact>,
    /// A record's value.
    pub value: Option<ValueText>,
    pub actions: Vec<Action>,
}

/// What is to be said about the selection; `None` when it is gone. The scenario tells which programs are its services.
pub fn inspect(world: &World, scenario: Option<&ScenarioEntry>, selection: &Selection) -> Option<Inspection> {
    match selection {
        Selection::Record { topic_partition, offset } => topics::record(world, topic_partition, *offset),
        Selection::Partition(partition) => topics::partition(world, partition),
        Selection::Topic(topic) => topics::topic(world, topic),
        Selection::Broker(broker) => cluster::broker(world, *broker),
        Selection::Replica { topic_partition, broker } => cluster::replica(world, topic_partition, *broker),
        Selection::Link { one, other } => cluster::link_of(world, one, other),
        Selection::Producer(client) => clients::producer(world, scenario, *client),
        Selection::Consumer(client) if world.share_consumer(*client).is_some() => share::consumer(world, scenario, *client),
        Selection::Consumer(client) => clients::consumer(world, scenario, *client),
        Selection::Group(group) => groups::group(world, scenario, group),
    }
}

impl Fact {
    fn new(label: &'static str, value: impl ToString) -> Self {
        Self { label, value: value.to_string(), why: None, link: None }
    }

    fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    fn link(mut self, link: Selection) -> Self {
        self.link = Some(link);
        self
    }
}

impl Action {
    fn new(label: impl Into<String>, blocks: Vec<String>) -> Self {
        let command = commands::real_commands(&blocks);
        Self { label: label.into(), blocks, command, form: None, destructive: false, disabled: None }
    }

    fn form(mut self, form: Form) -> Self {
        self.form = Some(form);
        self
    }

    /// What no command does from outside, a real consumer does in its own code.
    fn in_code(mut self, call: String) -> Self {
        self.command = Some(call);
        self
    }

    fn destructive(mut self) -> Self {
        self.destructive = true;
        self
    }

    fn disabled_if(mut self, condition: bool, why: &str) -> Self {
        if condition {
            self.disabled = Some(why.to_owned());
        }
        self
    }
}
