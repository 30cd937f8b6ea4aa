//! The topics that a topology needs for itself, and the tasks that there are: what an application tells its group.

use super::{Operator, Topology};
use crate::streams::store::StoreKind;
use std::collections::BTreeSet;
use std::rc::Rc;

/// A topic that the application makes for itself (`RepartitionTopicConfig`, `UnwindowedUnversionedChangelogTopicConfig`,
/// `WindowedChangelogTopicConfig`). Names are without the application's id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OwnTopic {
    pub name: String,
    /// `None`: as many as the topics that it depends on.
    pub partitions: Option<i32>,
    pub configs: Vec<(&'static str, String)>,
}

/// A kind of task: what it reads, and what it keeps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subtopology {
    pub number: usize,
    /// Topics of others.
    pub sources: Vec<Rc<str>>,
    pub repartition_sources: Vec<OwnTopic>,
    pub repartition_sinks: Vec<String>,
    pub changelogs: Vec<OwnTopic>,
    /// Sources of either kind that must have the same number of partitions.
    pub copartitions: Vec<Vec<Rc<str>>>,
}

/// windowstore.changelog.additional.retention.ms
const ADDITIONAL_RETENTION_MS: i64 = 86_400_000;

impl Topology {
    /// All kinds of tasks, by their number.
    pub fn task_kinds(&self) -> Vec<Subtopology> {
        (0..self.subtopologies).filter(|number| !self.is_global(*number)).map(|number| self.task_kind(number)).collect()
    }

    fn task_kind(&self, number: usize) -> Subtopology {
        let (mut sources, mut repartition_sources, mut repartition_sinks) = (Vec::new(), Vec::new(), Vec::new());
        let mut stores: BTreeSet<usize> = BTreeSet::new();
        for node in self.nodes.iter().filter(|node| node.subtopology == number) {
            stores.extend(node.stores.iter().filter(|store| self.stores[**store].logged));
            match &node.operator {
                Operator::Source { topics, .. } => {
                    for topic in topics {
                        match self.internal_topics.iter().find(|internal| internal.name == *topic) {
                            Some(internal) => repartition_sources.push(repartition(topic, internal.partitions)),
                            None => sources.push(topic.clone()),
                        }
                    }
                }
                Operator::Sink { topic, internal: true, .. } => repartition_sinks.push(topic.to_string()),
                _ => {}
            }
        }
        sources.sort();
        sources.dedup();
        repartition_sources.sort_by(|one, two| one.name.cmp(&two.name));
        let changelogs = stores.into_iter().map(|store| self.changelog(store)).collect();
        let mine = |node: &usize| self.nodes[*node].subtopology == number;
        let copartitions = self.copartitions.iter().filter(|group| group.iter().any(mine));
        let topics = copartitions.map(|group| {
            let topics = group.iter().filter(|node| mine(node)).filter_map(|node| match &self.nodes[*node].operator {
                Operator::Source { topics, .. } => topics.first().cloned(),
                _ => None,
            });
            topics.collect()
        });
        Subtopology { number, sources, repartition_sources, repartition_sinks, changelogs, copartitions: topics.collect() }
    }

    fn changelog(&self, store: usize) -> OwnTopic {
        let spec = &self.stores[store];
        let mut configs = vec![("message.timestamp.type", "CreateTime".to_owned())];
        let windowed = match spec.kind {
            // Two records of a key at one time must both stay, so nothing may be compacted.
            StoreKind::Window { retention_ms, duplicates: true, .. } => Some(("delete", retention_ms)),
            StoreKind::Window { retention_ms, .. } | StoreKind::Session { retention_ms, .. } => {
                Some(("compact,delete", retention_ms))
            }
            _ => None,
        };
        configs.push(("cleanup.policy", windowed.map_or("compact", |(policy, _)| policy).to_owned()));
        if let Some((_, retention_ms)) = windowed {
            configs.push(("retention.ms", retention_ms.saturating_add(ADDITIONAL_RETENTION_MS).to_string()));
        }
        OwnTopic { name: format!("{}-changelog", spec.name), partitions: None, configs }
    }
}

fn repartition(name: &str, partitions: Option<i32>) -> OwnTopic {
    let configs = [
        ("message.timestamp.type", "CreateTime"),
        ("cleanup.policy", "delete"),
        ("segment.bytes", "52428800"),
        ("retention.ms", "-1"),
    ];
    OwnTopic { name: name.to_owned(), partitions, configs: configs.map(|(name, value)| (name, value.to_owned())).into() }
}
