//! `UniformAssignor` of the group coordinator (KIP-848): balanced over all topics, and sticky.
//!
//! - Same subscription for all (`UniformHomogeneousAssignmentBuilder`): each member keeps up to its quota; what is over
//!   and what nobody had goes to those below theirs, in order. Who may have one more: the first to need it, unless there
//!   are still enough others.
//! - Else (`UniformHeterogeneousAssignmentBuilder`): what nobody had goes to the least loaded subscriber, topics with
//!   many partitions for each subscriber first; then topic by topic the most loaded gives to the least loaded.
//!
//! Where Kafka goes through a hash map of members, they are taken by member id here.

use super::{AssignableTopic, Assignment, TargetMember};
use crate::base::{SortedMap, SortedSet, TopicName, TopicPartition};

/// The name in `group.remote.assignor` and in `group.consumer.assignors`.
pub const NAME: &str = "uniform";

/// How often all topics are gone over at most.
const ROUNDS_MAX: usize = 16;

pub fn assign(topics: &SortedMap<TopicName, AssignableTopic>, members: &[TargetMember<'_>]) -> Assignment {
    let Some(first) = members.first() else {
        return Assignment::new();
    };
    let mut uniform = Uniform::new(topics, members);
    if members.iter().all(|member| member.topics == first.topics) {
        uniform.assign_alike();
    } else {
        uniform.assign_unlike();
    }
    let named = |(member, partitions): (&TargetMember<'_>, &Vec<usize>)| {
        let partitions = partitions.iter().map(|partition| uniform.name(*partition)).collect();
        (member.member_id.clone(), partitions)
    };
    members.iter().zip(&uniform.kept).map(named).collect()
}

struct Uniform<'a> {
    /// Name, first partition's number and partition count of each subscribed topic.
    topics: Vec<(&'a TopicName, usize, usize)>,
    topic_of: Vec<usize>,
    /// For each topic its subscribers.
    subscribers: Vec<Vec<usize>>,
    /// For each member its partitions: what it had and may keep, and then more.
    kept: Vec<Vec<usize>>,
    /// For each partition its owner.
    owner: Vec<Option<usize>>,
}

impl<'a> Uniform<'a> {
    fn new(all: &'a SortedMap<TopicName, AssignableTopic>, members: &[TargetMember<'_>]) -> Self {
        let wanted: SortedSet<&TopicName> = members.iter().flat_map(|member| member.topics.iter()).collect();
        let (mut topics, mut topic_of) = (Vec::new(), Vec::new());
        for (name, info) in all.iter().filter(|(name, _)| wanted.contains(*name)) {
            let count = usize::try_from(info.partition_count).unwrap_or(0);
            topic_of.resize(topic_of.len() + count, topics.len());
            topics.push((name, topic_of.len() - count, count));
        }
        let mut uniform = Self {
            subscribers: vec![Vec::new(); topics.len()],
            kept: vec![Vec::new(); members.len()],
            owner: vec![None; topic_of.len()],
            topics,
            topic_of,
        };
        for (at, member) in members.iter().enumerate() {
            let subscribed: Vec<usize> = member.topics.iter().filter_map(|topic| uniform.topic(topic)).collect();
            for topic in subscribed {
                uniform.subscribers[topic].push(at);
            }
            let may = |partition: &&TopicPartition| member.topics.contains(&partition.topic);
            let had = member.previous.iter().filter(may);
            for partition in had.filter_map(|partition| uniform.number(partition)).collect::<Vec<_>>() {
                uniform.kept[at].push(partition);
                uniform.owner[partition] = Some(at);
            }
        }
        uniform
    }

    fn topic(&self, name: &TopicName) -> Option<usize> {
        self.topics.binary_search_by(|(known, ..)| (*known).cmp(name)).ok()
    }

    fn number(&self, partition: &TopicPartition) -> Option<usize> {
        let (_, first, count) = self.topics[self.topic(&partition.topic)?];
        usize::try_from(partition.partition).ok().filter(|at| *at < count).map(|at| first + at)
    }

    fn name(&self, partition: usize) -> TopicPartition {
        let (name, first, _) = self.topics[self.topic_of[partition]];
        TopicPartition::new(name.clone(), (partition - first) as i32)
    }

    fn unassigned(&self) -> Vec<usize> {
        (0..self.owner.len()).filter(|partition| self.owner[*partition].is_none()).collect()
    }

    fn assign_alike(&mut self) {
        let members = self.kept.len();
        let least = self.owner.len() / members;
        let mut extra = self.owner.len() % members;
        let mut unassigned = self.unassigned();
        let mut room = Vec::with_capacity(members);
        for (at, kept) in self.kept.iter_mut().enumerate() {
            let may_have_extra = extra > 0;
            let quota = least + usize::from(may_have_extra);
            unassigned.extend(kept.drain(quota.min(kept.len())..));
            let spares_extra = kept.len() < quota && may_have_extra && members - at > extra;
            if may_have_extra && !spares_extra {
                extra -= 1;
            }
            room.push((quota - usize::from(spares_extra)).saturating_sub(kept.len()));
        }
        let mut left = unassigned.into_iter();
        for (kept, room) in self.kept.iter_mut().zip(room) {
            kept.extend(left.by_ref().take(room));
        }
    }

    fn assign_unlike(&mut self) {
        let mut order: Vec<usize> = (0..self.topics.len()).filter(|topic| !self.subscribers[*topic].is_empty()).collect();
        let weight = |topic: usize| (self.topics[topic].2, self.subscribers[topic].len());
        // More partitions for each subscriber first, then fewer subscribers.
        order.sort_by(|one, other| {
            let ((one_count, one_members), (other_count, other_members)) = (weight(*one), weight(*other));
            (other_count * one_members).cmp(&(one_count * other_members)).then(one_members.cmp(&other_members))
        });
        for topic in &order {
            let (_, first, count) = self.topics[*topic];
            let mut balancer = Balancer::new(&self.kept, &self.subscribers[*topic]);
            for partition in first..first + count {
                if self.owner[partition].is_none() {
                    let member = balancer.next_least(&self.kept);
                    self.give(partition, member);
                }
            }
        }
        order.retain(|topic| self.subscribers[*topic].len() >= 2);
        self.balance(&order);
    }

    fn balance(&mut self, order: &[usize]) {
        let mut quiet_since = None;
        for _ in 0..ROUNDS_MAX {
            for topic in order {
                if quiet_since == Some(*topic) {
                    return;
                }
                if self.balance_topic(*topic) > 0 {
                    quiet_since = None;
                } else {
                    quiet_since.get_or_insert(*topic);
                }
            }
        }
    }

    /// Gives how many partitions have moved.
    fn balance_topic(&mut self, topic: usize) -> usize {
        let mut balancer = Balancer::new(&self.kept, &self.subscribers[topic]);
        if balancer.spread(&self.kept) <= 1 {
            return 0;
        }
        let (_, first, count) = self.topics[topic];
        // Each subscriber's partitions of the topic: it gives the last one first.
        let mut of_topic: SortedMap<usize, Vec<usize>> = SortedMap::new();
        for partition in first..first + count {
            if let Some(owner) = self.owner[partition] {
                of_topic.get_or_default(owner).push(partition);
            }
        }
        let mut moved = 0;
        while !balancer.is_balanced() {
            let partition = loop {
                let Some(member) = balancer.next_most(&self.kept) else {
                    return moved;
                };
                match of_topic.get_mut(&member).and_then(Vec::pop) {
                    Some(partition) => break partition,
                    None => balancer.exclude_most(),
                }
            };
            let to = balancer.next_least(&self.kept);
            if balancer.is_balanced() {
                break;
            }
            self.give(partition, to);
            moved += 1;
        }
        moved
    }

    fn give(&mut self, partition: usize, member: usize) {
        if let Some(owner) = self.owner[partition].replace(member) {
            self.kept[owner].retain(|owned| *owned != partition);
        }
        self.kept[member].push(partition);
    }
}

/// Members from the least to the most loaded, taken from both ends (`MemberAssignmentBalancer`).
///
/// ```text
///   [ least loaded, in turn │ … │ most loaded, in turn │ excluded ]
///                           ▲ least_end                ▲ most_end
/// ```
struct Balancer {
    sorted: Vec<usize>,
    least_end: usize,
    least_load: isize,
    next_least: usize,
    most_start: usize,
    most_end: usize,
    most_load: isize,
    /// One past the next most loaded.
    next_most: usize,
}

impl Balancer {
    fn new(kept: &[Vec<usize>], members: &[usize]) -> Self {
        let mut sorted = members.to_vec();
        sorted.sort_by_key(|member| (kept[*member].len(), *member));
        let load = |member: Option<&usize>| member.map_or(0, |member| kept[*member].len() as isize);
        let count = sorted.len();
        Self {
            least_end: 0,
            least_load: load(sorted.first()) - 1,
            next_least: 0,
            most_start: count,
            most_end: count,
            most_load: load(sorted.last()) + 1,
            next_most: count,
            sorted,
        }
    }

    fn spread(&self, kept: &[Vec<usize>]) -> usize {
        let load = |member: Option<&usize>| member.map_or(0, |member| kept[*member].len());
        load(self.sorted.last()) - load(self.sorted.first())
    }

    fn next_least(&mut self, kept: &[Vec<usize>]) -> usize {
        if self.next_least >= self.least_end {
            self.least_load += 1;
            while self.least_end < self.sorted.len() && kept[self.sorted[self.least_end]].len() as isize == self.least_load {
                self.least_end += 1;
            }
            self.next_least = 0;
        }
        self.next_least += 1;
        self.sorted[self.next_least - 1]
    }

    fn next_most(&mut self, kept: &[Vec<usize>]) -> Option<usize> {
        if self.next_most <= self.most_start {
            if self.most_end <= self.most_start && self.most_start > 0 {
                self.most_load = kept[self.sorted[self.most_start - 1]].len() as isize;
            } else {
                self.most_load -= 1;
            }
            while self.most_start > 0 && kept[self.sorted[self.most_start - 1]].len() as isize == self.most_load {
                self.most_start -= 1;
            }
            self.next_most = self.most_end;
        }
        self.next_most = self.next_most.checked_sub(1)?;
        Some(self.sorted[self.next_most])
    }

    /// The member that `next_most` gave has nothing to give.
    fn exclude_most(&mut self) {
        self.most_end -= 1;
        self.sorted.swap(self.next_most, self.most_end);
    }

    fn is_balanced(&self) -> bool {
        self.most_load - self.least_load <= 1
    }
}
