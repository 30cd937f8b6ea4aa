//! `UniformAssignor` of the group coordinator (KIP-848): balanced over all topics, and sticky.
//!
//! - Same subscription for all (`UniformHomogeneousAssignmentBuilder`): each member keeps up to its quota; what is over
//!   and what nobody had goes to those below theirs, in order. Who may have one more: the first to need it, unless there
//!   are still enough others.
//! - Else (`UniformHeterogeneousAssignmentBuilder`): what nobody had goes to the least loaded subscriber, topics with
//!   many partitions for each subscriber first; then topic by topic the most loaded gives to the least loaded.
//!
//! Where Kafka goes through a hash map of members, they are taken by member id here.

use super::numbered::Numbered;
use super::{AssignableTopic, TargetAssignment, TargetMember};
use crate::base::{SortedMap, TopicName};

/// The name in `group.remote.assignor` and in `group.consumer.assignors`.
pub const NAME: &str = "uniform";

/// How often all topics are gone over at most.
const ROUNDS_MAX: usize = 16;

pub fn assign<'a>(topics: &SortedMap<TopicName, AssignableTopic>, members: &[TargetMember<'a>]) -> TargetAssignment<'a> {
    let Some(first) = members.first() else {
        return TargetAssignment::new();
    };
    let subscriptions: Vec<&[TopicName]> = members.iter().map(|member| member.topics.as_slice()).collect();
    let all = Numbered::new(topics, &subscriptions);
    if all.equal && !first.topics.is_empty() {
        return assign_alike(&all, members);
    }
    let mut unlike = Unlike::new(all, members);
    unlike.assign();
    let targets = unlike.kept.iter().map(|kept| unlike.all.names(kept).into());
    members.iter().map(|member| member.member_id.clone()).zip(targets).collect()
}

/// All members subscribe to the same topics. Of most members nothing is written down: they keep what they had.
fn assign_alike<'a>(all: &Numbered<'_>, members: &[TargetMember<'a>]) -> TargetAssignment<'a> {
    let partition_count = all.topic_of.len();
    let least = partition_count / members.len();
    let mut extra = partition_count % members.len();
    let mut is_owned = vec![false; partition_count];
    let (mut over, mut kept, mut near) = (Vec::new(), Vec::with_capacity(least + 1), 0);
    // For each member that gets another target what it keeps, and how many it gets.
    let mut changes: Vec<Option<(Vec<usize>, usize)>> = Vec::with_capacity(members.len());
    for (at, member) in members.iter().enumerate() {
        kept.clear();
        kept.extend(member.previous.iter().filter_map(|partition| all.number(partition, &mut near)));
        kept.iter().for_each(|partition| is_owned[*partition] = true);
        let may_have_extra = extra > 0;
        let quota = least + usize::from(may_have_extra);
        over.extend(kept.drain(quota.min(kept.len())..));
        let spares_extra = kept.len() < quota && may_have_extra && members.len() - at > extra;
        if may_have_extra && !spares_extra {
            extra -= 1;
        }
        let room = (quota - usize::from(spares_extra)).saturating_sub(kept.len());
        let changed = room > 0 || kept.len() != member.previous.len();
        changes.push(changed.then(|| (kept.clone(), room)));
    }
    let nobodys = (0..partition_count).filter(|partition| !is_owned[*partition]);
    let mut unassigned = nobodys.chain(over);
    let target = |(member, change): (&TargetMember<'a>, Option<(Vec<usize>, usize)>)| {
        let partitions = match change {
            None => member.previous.into(),
            Some((mut kept, room)) => {
                kept.reserve(room);
                kept.extend(unassigned.by_ref().take(room));
                all.names(&kept).into()
            }
        };
        (member.member_id.clone(), partitions)
    };
    members.iter().zip(changes).map(target).collect()
}

/// Members subscribe to different topics.
struct Unlike<'a> {
    all: Numbered<'a>,
    /// For each member its partitions: what it had and may keep, and then more.
    kept: Vec<Vec<usize>>,
    /// For each partition its owner.
    owner: Vec<Option<usize>>,
}

impl<'a> Unlike<'a> {
    fn new(all: Numbered<'a>, members: &[TargetMember<'_>]) -> Self {
        let mut owner = vec![None; all.topic_of.len()];
        let mut near = 0;
        let had = |(at, member): (usize, &TargetMember<'_>)| {
            let may = |partition: &usize| all.subscribed[at].contains(&all.topic_of[*partition]);
            let kept = member.previous.iter().filter_map(|partition| all.number(partition, &mut near)).filter(may);
            kept.inspect(|partition| owner[*partition] = Some(at)).collect()
        };
        let kept = members.iter().enumerate().map(had).collect();
        Self { all, kept, owner }
    }

    fn assign(&mut self) {
        let subscribers = self.all.subscribers();
        let mut order: Vec<usize> = (0..subscribers.len()).collect();
        let weight = |topic: usize| (self.all.topics[topic].count, subscribers[topic].len());
        // More partitions for each subscriber first, then fewer subscribers.
        order.sort_by(|one, other| {
            let ((one_count, one_members), (other_count, other_members)) = (weight(*one), weight(*other));
            (other_count * one_members).cmp(&(one_count * other_members)).then(one_members.cmp(&other_members))
        });
        for topic in &order {
            let mut balancer = Balancer::new(&self.kept, &subscribers[*topic]);
            for partition in self.all.partitions_of(*topic) {
                if self.owner[partition].is_none() {
                    let member = balancer.next_least(&self.kept);
                    self.give(partition, member);
                }
            }
        }
        order.retain(|topic| subscribers[*topic].len() >= 2);
        self.balance(&order, &subscribers);
    }

    fn balance(&mut self, order: &[usize], subscribers: &[Vec<usize>]) {
        let mut quiet_since = None;
        for _ in 0..ROUNDS_MAX {
            for topic in order {
                if quiet_since == Some(*topic) {
                    return;
                }
                if self.balance_topic(*topic, &subscribers[*topic]) > 0 {
                    quiet_since = None;
                } else {
                    quiet_since.get_or_insert(*topic);
                }
            }
        }
    }

    /// Gives how many partitions have moved.
    fn balance_topic(&mut self, topic: usize, subscribers: &[usize]) -> usize {
        let mut balancer = Balancer::new(&self.kept, subscribers);
        if balancer.spread(&self.kept) <= 1 {
            return 0;
        }
        // Each subscriber's partitions of the topic: it gives the last one first.
        let mut of_topic: SortedMap<usize, Vec<usize>> = SortedMap::new();
        for partition in self.all.partitions_of(topic) {
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
