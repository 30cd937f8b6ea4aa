//! The partition of a record whose program names none: by its key, or the sticky one of the moment, which is drawn anew
//! after `batch.size` bytes (`BuiltInPartitioner`, KIP-794); or all in turn (`RoundRobinPartitioner`).
//!
//! Where a topic's queues differ in length, brokers that are quicker get more: a partition's weight is by how many batches its
//! queue is shorter than one more than the longest.

use super::config::ProducerConfig;
use crate::base::java::{hash_order, partition_hash};
use crate::base::{BrokerId, Prng, SimTime, SortedMap, Span, TopicName, TopicPartition};
use crate::engine::client::common::metadata::{Leaders, Metadata};
use crate::engine::client::common::partitioner::partition_for_key;

/// The partition of the moment for records without key.
#[derive(Clone, Copy, Hash, Debug)]
pub(super) struct Sticky {
    pub(super) partition: i32,
    pub(super) produced_bytes: usize,
}

/// `RecordAccumulator.PartitionerConfig`, and what is known of brokers' speed.
#[derive(Clone, Hash, Debug)]
pub(super) struct BuiltIn {
    adaptive: bool,
    ignores_keys: bool,
    availability_timeout: Span,
    /// `client.rack`, where partitions that are led there are preferred.
    rack: Option<String>,
    /// When a broker was last found ready to be sent to, and when it was last looked at with records for it.
    latencies: SortedMap<BrokerId, (SimTime, SimTime)>,
}

/// The queues of a topic, as the choice among its partitions sees them.
pub(super) struct Queues<'q> {
    pub(super) leaders: &'q Leaders,
    /// Every partition has been written to.
    pub(super) all_used: bool,
    /// Batches that wait, by partition.
    pub(super) length: &'q dyn Fn(usize) -> usize,
}

impl BuiltIn {
    pub(super) fn new(config: &ProducerConfig) -> Self {
        Self {
            adaptive: config.adaptive_partitioning,
            ignores_keys: config.partitioner_ignore_keys,
            availability_timeout: Span::from_ms(config.partitioner_availability_timeout_ms),
            rack: config.partitioner_rack_aware.then(|| config.client_rack.clone()),
            latencies: SortedMap::new(),
        }
    }

    /// The partition by a record's key, if it is to count.
    pub(super) fn by_key(&self, key: Option<&[u8]>, partition_count: i32) -> Option<i32> {
        key.filter(|_| !self.ignores_keys).map(|key| partition_for_key(key, partition_count))
    }

    /// `RecordAccumulator.updateNodeLatencyStats`
    pub(super) fn looked_at(&mut self, broker: BrokerId, now: SimTime, ready: bool) {
        if self.availability_timeout == Span::ZERO {
            return;
        }
        let (drained, looked) = self.latencies.get_or_insert_with(broker, || (now, now));
        *looked = now;
        if ready {
            *drained = now;
        }
    }

    fn is_slow(&self, broker: BrokerId) -> bool {
        let latency = self.latencies.get(&broker);
        latency.is_some_and(|(drained, looked)| looked.since(*drained) > self.availability_timeout)
    }

    /// `BuiltInPartitioner.nextPartition`, with the loads as `updatePartitionLoadStats` reckons them.
    pub(super) fn next(&self, chance: &mut Prng, metadata: &Metadata, queues: &Queues<'_>) -> Sticky {
        let led = || queues.leaders.iter().enumerate().filter_map(|(at, (leader, _))| Some((at, (*leader)?)));
        let quick = || led().filter(|(_, leader)| !self.is_slow(*leader));
        let length = |(at, _): (usize, BrokerId)| (queues.length)(at);
        let first = quick().next().map(length);
        let differ = quick().count() < queues.leaders.len() || quick().any(|partition| Some(length(partition)) != first);
        let adapts = self.adaptive && queues.leaders.len() > 1 && queues.all_used && first.is_some() && differ;
        let is_candidate = |leader: BrokerId| !(adapts && self.is_slow(leader));
        let is_near = |leader: BrokerId| self.rack.as_deref().is_some_and(|rack| metadata.rack(leader) == Some(rack));
        let any_near = led().any(|(_, leader)| is_candidate(leader) && is_near(leader));
        let candidates = || led().filter(|(_, leader)| is_candidate(*leader) && (!any_near || is_near(*leader)));
        let longest = candidates().map(length).max().unwrap_or(0);
        let weight = |partition| if adapts { longest + 1 - length(partition) } else { 1 };
        let total: usize = candidates().map(weight).sum();
        let partition = if total == 0 {
            // Nobody leads any of them.
            chance.below(queues.leaders.len() as u64) as usize
        } else {
            let mut drawn = chance.below(total as u64) as usize;
            let drawn = candidates().find(|partition| {
                let here = drawn < weight(*partition);
                drawn = drawn.saturating_sub(weight(*partition));
                here
            });
            drawn.map_or(0, |(at, _)| at)
        };
        Sticky { partition: partition as i32, produced_bytes: 0 }
    }
}

/// `RoundRobinPartitioner`: how far each topic is, and its partitions in the order in which `Cluster` lists them.
#[derive(Clone, Hash, Debug, Default)]
pub(super) struct Turns {
    topics: SortedMap<TopicName, Turn>,
}

#[derive(Clone, Hash, Debug, Default)]
struct Turn {
    next: u32,
    order: Vec<i32>,
    /// The metadata that the order is of.
    version: u64,
}

impl Turns {
    pub(super) fn next(&mut self, metadata: &Metadata, topic: &TopicName, leaders: &Leaders) -> i32 {
        let turn = self.topics.get_or_default(topic.clone());
        if turn.order.is_empty() || turn.version != metadata.version {
            turn.order = available(metadata, topic, leaders);
            turn.version = metadata.version;
        }
        let at = turn.next as usize % turn.order.len().max(1);
        turn.next = turn.next.wrapping_add(1) & i32::MAX.cast_unsigned();
        turn.order.get(at).copied().unwrap_or(0)
    }
}

/// The partitions of a topic that have a leader, or else all; in the order of a `HashMap` of all partitions that are known.
fn available(metadata: &Metadata, topic: &TopicName, leaders: &Leaders) -> Vec<i32> {
    if leaders.iter().all(|(leader, _)| leader.is_none()) {
        return (0..leaders.len()).map(|at| at as i32).collect();
    }
    let mut known: Vec<TopicPartition> = metadata.partitions().collect();
    let capacity = known.len();
    hash_order(&mut known, capacity, partition_hash);
    let listed = known.into_iter().filter(|partition| partition.topic == *topic && metadata.leader(partition).is_some());
    listed.map(|partition| partition.partition).collect()
}
