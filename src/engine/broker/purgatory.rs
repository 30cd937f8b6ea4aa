//! Requests that wait for something to happen to their partitions (`DelayedOperationPurgatory`).

use std::rc::Rc;

use super::DelayedProduce;
use crate::base::{Derived, PartitionMap, SimTime, SortedMap, TopicPartition};
use crate::engine::network::RequestRef;
use crate::engine::protocol::{FetchRequest, Request};

/// A request that waits, and the partitions that can end its wait.
pub trait Delayed {
    fn watches(&self) -> impl Iterator<Item = &TopicPartition>;
}

impl Delayed for ParkedFetch {
    fn watches(&self) -> impl Iterator<Item = &TopicPartition> {
        as_fetch(&self.request).into_iter().flat_map(|fetch| &fetch.partitions).map(|wanted| &wanted.topic_partition)
    }
}

impl Delayed for DelayedProduce {
    fn watches(&self) -> impl Iterator<Item = &TopicPartition> {
        self.partitions.iter().map(|written| &written.topic_partition)
    }
}

/// Waiting requests, found by the partition that has moved.
#[derive(Clone, Hash, Debug)]
pub struct Purgatory<T> {
    waiting: SortedMap<RequestRef, T>,
    watchers: Derived<PartitionMap<Vec<RequestRef>>>,
}

// Not derived: that would ask for `T: Default`.
impl<T> Default for Purgatory<T> {
    fn default() -> Self {
        Self { waiting: SortedMap::new(), watchers: Derived(PartitionMap::new()) }
    }
}

impl<T: Delayed> Purgatory<T> {
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub fn get(&self, request: &RequestRef) -> Option<&T> {
        self.waiting.get(request)
    }

    pub fn keys(&self) -> impl Iterator<Item = &RequestRef> {
        self.waiting.keys()
    }

    pub fn insert(&mut self, request: RequestRef, delayed: T) {
        self.remove(&request);
        for partition in delayed.watches() {
            self.watchers.0.get_or_insert_with(partition, Vec::new).push(request);
        }
        self.waiting.insert(request, delayed);
    }

    pub fn remove(&mut self, request: &RequestRef) {
        let Some(delayed) = self.waiting.remove(request) else { return };
        for partition in delayed.watches() {
            if let Some(watchers) = self.watchers.0.get_mut(partition) {
                watchers.retain(|watcher| watcher != request);
            }
        }
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The requests that wait for one of these partitions, in the order of their clients and numbers.
    pub fn touched(&self, partitions: &[TopicPartition]) -> impl Iterator<Item = (RequestRef, &T)> {
        let watchers = partitions.iter().filter_map(|partition| self.watchers.0.get(partition)).flatten();
        let mut requests: Vec<RequestRef> = if self.is_empty() { Vec::new() } else { watchers.copied().collect() };
        requests.sort_unstable();
        requests.dedup();
        requests.into_iter().filter_map(|request| Some((request, self.waiting.get(&request)?)))
    }
}

pub(in crate::engine) fn as_fetch(request: &Request) -> Option<&FetchRequest> {
    match request {
        Request::Fetch(fetch) => Some(fetch),
        _ => None,
    }
}

#[derive(Clone, Hash, Debug)]
pub struct ParkedFetch {
    pub request: Rc<Request>,
    pub deadline: SimTime,
}
