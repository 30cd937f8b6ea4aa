//! The inspector: the facts of what is selected, why they are so, and what can be done with it.

use std::rc::Rc;

use super::text::ValueText;
use crate::base::{BrokerId, ClientId, GroupId, Offset, TopicName, TopicPartition};
use crate::engine::world::World;

/// What is selected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Selection {
    Record { topic_partition: TopicPartition, offset: Offset },
    Partition(TopicPartition),
    Topic(TopicName),
    Producer(ClientId),
    Consumer(ClientId),
    Group(GroupId),
    Broker(BrokerId),
}

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
    Produce { topic: Rc<str>, partition: Option<i32> },
    StartConsumer { topic: Rc<str>, group: Option<Rc<str>> },
    AddPartitions { topic: Rc<str>, current: i32 },
    ResetOffsets { group: Rc<str>, topic: Rc<str> },
    Seek { service: Rc<str>, topic_partition: TopicPartition, position: i64 },
    DeleteRecords { topic_partition: TopicPartition, high_watermark: i64 },
}

/// Something that can be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Action {
    pub label: String,
    /// The script lines that do it; they are what the command log will show. With a form: an example, as filled in first.
    pub lines: Vec<String>,
    /// The same for a real cluster; `None` where a real one has no such command (a crash).
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

/// What is to be said about the selection; `None` when it is gone.
pub fn inspect(_world: &World, _selection: &Selection) -> Option<Inspection> {
    None
}
