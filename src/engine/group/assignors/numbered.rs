//! Topics, partitions and subscriptions by number: what assignors calculate with.

use std::ops::Range;
use std::rc::Rc;

use super::{AssignableTopic, Assignment};
use crate::base::{MemberId, SortedMap, SortedSet, TopicName, TopicPartition};

/// A topic that somebody subscribes to and that has partitions.
pub(super) struct Topic<'a> {
    pub name: &'a TopicName,
    pub info: &'a AssignableTopic,
    /// The number of its first partition, and how many it has.
    pub first: usize,
    pub count: usize,
}

pub(super) struct Numbered<'a> {
    /// By name.
    pub topics: Vec<Topic<'a>>,
    /// For each partition its topic.
    pub topic_of: Vec<usize>,
    /// For each member its topics, in the order of its subscription. Neighbours with the same subscription share it.
    pub subscribed: Vec<Rc<[usize]>>,
    /// Do all members subscribe to the same topics? Members without any do not count, as long as all before them have none
    /// either (`AbstractStickyAssignor.allSubscriptionsEqual`).
    pub equal: bool,
}

impl<'a> Numbered<'a> {
    pub fn new(all: &'a SortedMap<TopicName, AssignableTopic>, subscriptions: &[&'a [TopicName]]) -> Self {
        let is_as_before = |at: usize| at > 0 && subscriptions[at] == subscriptions[at - 1];
        let mut wanted: SortedSet<&TopicName> = SortedSet::new();
        let mut first: SortedSet<&TopicName> = SortedSet::new();
        let mut equal = true;
        for (_, names) in subscriptions.iter().enumerate().filter(|(at, _)| !is_as_before(*at)) {
            wanted.extend(*names);
            if first.is_empty() {
                first = names.iter().collect();
                continue;
            }
            equal &= names.len() == first.len() && names.iter().all(|name| first.contains(name));
        }
        let mut numbered = Self { topics: Vec::new(), topic_of: Vec::new(), subscribed: Vec::new(), equal };
        for (name, info) in all.iter().filter(|(name, _)| wanted.contains(*name)) {
            let count = usize::try_from(info.partition_count).unwrap_or(0);
            if count > 0 {
                let first = numbered.topic_of.len();
                numbered.topic_of.resize(first + count, numbered.topics.len());
                numbered.topics.push(Topic { name, info, first, count });
            }
        }
        for (at, names) in subscriptions.iter().enumerate() {
            let topics = match numbered.subscribed.last() {
                Some(before) if is_as_before(at) => before.clone(),
                _ => names.iter().filter_map(|name| numbered.topic(name)).collect(),
            };
            numbered.subscribed.push(topics);
        }
        numbered
    }

    fn topic(&self, name: &TopicName) -> Option<usize> {
        self.topics.binary_search_by(|topic| topic.name.cmp(name)).ok()
    }

    /// `near`: the topic of the last one that was looked for; it is mostly the same.
    pub fn number(&self, partition: &TopicPartition, near: &mut usize) -> Option<usize> {
        // The very same text, mostly: that is seen without reading it.
        let is_it = |topic: &Topic<'_>| Rc::ptr_eq(&topic.name.0, &partition.topic.0) || *topic.name == partition.topic;
        if !self.topics.get(*near).is_some_and(is_it) {
            *near = self.topic(&partition.topic)?;
        }
        let topic = &self.topics[*near];
        usize::try_from(partition.partition).ok().filter(|at| *at < topic.count).map(|at| topic.first + at)
    }

    pub fn partitions_of(&self, topic: usize) -> Range<usize> {
        let topic = &self.topics[topic];
        topic.first..topic.first + topic.count
    }

    /// For each topic the members that subscribe to it, in order.
    pub fn subscribers(&self) -> Vec<Vec<usize>> {
        let mut subscribers: Vec<Vec<usize>> = vec![Vec::new(); self.topics.len()];
        for (member, topics) in self.subscribed.iter().enumerate() {
            for topic in topics.iter() {
                let subscribers = &mut subscribers[*topic];
                // A subscription may name a topic twice.
                if subscribers.last() != Some(&member) {
                    subscribers.push(member);
                }
            }
        }
        subscribers
    }

    /// The place of a partition in its topic.
    pub fn place(&self, partition: usize) -> usize {
        partition - self.topics[self.topic_of[partition]].first
    }

    pub fn names(&self, partitions: &[usize]) -> Vec<TopicPartition> {
        let topic = |partition: usize| self.topics[self.topic_of[partition]].name.clone();
        partitions.iter().map(|partition| TopicPartition::new(topic(*partition), self.place(*partition) as i32)).collect()
    }

    pub fn named<'m>(&self, members: impl Iterator<Item = &'m MemberId>, assignment: &[Vec<usize>]) -> Assignment {
        members.cloned().zip(assignment.iter().map(|partitions| self.names(partitions))).collect()
    }
}
