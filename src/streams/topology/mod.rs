//! Lives here: topologies: nodes that are sources, operators and sinks, as `StreamsBuilder` of Kafka Streams makes them, with the
//! names and numbers that it gives; what a topology looks like (`describe`).
//! Never here: what an operator does (that is `processor`).

mod builder;
mod describe;
mod foreign_key;
mod grouped;
mod internal;
mod joins;
mod operator;
mod tables;

pub use builder::{KStream, StreamsBuilder};
pub use grouped::{Grouped, Materialized, Windows};
pub use internal::{OwnTopic, Subtopology};
pub use joins::{GlobalKTable, JoinWindows};
pub use operator::{Aggregator, Extractor, Getter, JoinKind, Operator, Punctuation, StreamJoin};
pub use tables::KTable;

use super::store::StoreSpec;
use std::rc::Rc;

/// What a program of streams does, whole. It never changes once it is built.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Topology {
    /// In the order in which Kafka adds them: a node comes after those that it reads from.
    pub nodes: Vec<Node>,
    pub stores: Vec<StoreSpec>,
    /// How many groups of connected nodes there are, those of global tables included. Each but those is a kind of task.
    pub subtopologies: usize,
    pub internal_topics: Vec<InternalTopic>,
    /// Sources whose topics must have the same number of partitions, since something joins them.
    pub copartitions: Vec<Vec<usize>>,
}

#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Node {
    pub name: Rc<str>,
    pub operator: Operator,
    /// Places in `Topology::nodes`.
    pub parents: Vec<usize>,
    pub children: Vec<usize>,
    /// Places in `Topology::stores`.
    pub stores: Vec<usize>,
    pub subtopology: usize,
}

/// A repartition topic, without the application's id before its name.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct InternalTopic {
    pub name: Rc<str>,
    /// As given to `repartition`; otherwise as many as the topics that it comes from.
    pub partitions: Option<i32>,
}

impl Topology {
    /// The nodes that read a topic. An internal topic is known by its name without the application's id.
    pub fn sources_of<'a>(&'a self, topic: &'a str) -> impl Iterator<Item = usize> + 'a {
        let reads = move |node: &Node| match &node.operator {
            Operator::Source { topics, .. } => topics.iter().any(|read| &**read == topic),
            _ => false,
        };
        self.nodes.iter().enumerate().filter(move |(_, node)| reads(node)).map(|(index, _)| index)
    }

    /// Whether a subtopology is that of a global table.
    pub fn is_global(&self, subtopology: usize) -> bool {
        let global = |store: &usize| self.stores[*store].global;
        self.nodes.iter().any(|node| {
            node.subtopology == subtopology
                && matches!(node.operator, Operator::TableSource { .. })
                && node.stores.iter().any(global)
        })
    }
}
