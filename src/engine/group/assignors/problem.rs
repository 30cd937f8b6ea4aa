//! What the sticky assignors work on: members, topics and partitions by number, with what each member claims to own
//! (`AbstractStickyAssignor.allSubscriptionsEqual`) and the racks (`RackInfo`).

use super::{AssignableTopic, Assignment};
use crate::base::{SortedMap, SortedSet, TopicName, TopicPartition, put_in_order};
use crate::engine::protocol::{JoinedMember, UserData};

/// The generation of a member that has never been in one.
const DEFAULT_GENERATION: i32 = -1;

/// A topic: its name, the number of its first partition, and how many it has.
pub(super) struct Topic<'a> {
    pub name: &'a TopicName,
    pub first: usize,
    pub count: usize,
}

pub(super) struct Problem<'a> {
    /// By member id.
    pub members: Vec<&'a JoinedMember>,
    /// By name.
    pub topics: Vec<Topic<'a>>,
    /// For each partition its topic.
    pub topic_of: Vec<usize>,
    /// For each member the topics that it subscribes to and that exist, in the order of its subscription.
    pub subscribed: Vec<Vec<usize>>,
    /// Do all members subscribe to the same topics?
    pub equal: bool,
    /// For each member the partitions that it says it owns.
    pub claims: Vec<Vec<usize>>,
    /// The same, doubts removed.
    pub owned: Vec<Vec<usize>>,
    /// Claimed by two members of the same generation: nobody's.
    pub contested: SortedSet<usize>,
    /// Who owned a partition in an older generation, and in which.
    pub previous: SortedMap<usize, (usize, i32)>,
    pub racks: Racks<'a>,
}

impl<'a> Problem<'a> {
    pub fn new(topics: &'a SortedMap<TopicName, AssignableTopic>, members: &'a [JoinedMember], cooperative: bool) -> Self {
        let mut ordered: Vec<&JoinedMember> = members.iter().collect();
        put_in_order(&mut ordered, &|one, other| one.member_id < other.member_id);
        let mut numbered = Vec::new();
        let mut topic_of = Vec::new();
        let wanted: SortedSet<&TopicName> = members.iter().flat_map(|member| &member.subscription.topics).collect();
        for (name, info) in topics.iter().filter(|(name, _)| wanted.contains(*name)) {
            let count = usize::try_from(info.partition_count).unwrap_or(0);
            if count > 0 {
                topic_of.resize(topic_of.len() + count, numbered.len());
                numbered.push(Topic { name, first: topic_of.len() - count, count });
            }
        }
        let racks = Racks::new(&numbered, topics, &ordered);
        let mut problem = Self {
            subscribed: Vec::new(),
            equal: true,
            claims: vec![Vec::new(); ordered.len()],
            owned: vec![Vec::new(); ordered.len()],
            contested: SortedSet::new(),
            previous: SortedMap::new(),
            members: ordered,
            topics: numbered,
            topic_of,
            racks,
        };
        problem.read_subscriptions();
        problem.read_claims(cooperative);
        problem
    }

    fn topic(&self, name: &TopicName) -> Option<usize> {
        self.topics.binary_search_by(|topic| topic.name.cmp(name)).ok()
    }

    fn number(&self, partition: &TopicPartition) -> Option<usize> {
        let topic = &self.topics[self.topic(&partition.topic)?];
        let at = usize::try_from(partition.partition).ok().filter(|at| *at < topic.count)?;
        Some(topic.first + at)
    }

    pub fn name(&self, partition: usize) -> TopicPartition {
        let topic = &self.topics[self.topic_of[partition]];
        TopicPartition::new(topic.name.clone(), (partition - topic.first) as i32)
    }

    fn read_subscriptions(&mut self) {
        let mut first: SortedSet<&TopicName> = SortedSet::new();
        for member in &self.members {
            let topics = &member.subscription.topics;
            if first.is_empty() {
                first = topics.iter().collect();
            } else if topics.len() != first.len() || topics.iter().any(|topic| !first.contains(topic)) {
                self.equal = false;
            }
            self.subscribed.push(topics.iter().filter_map(|topic| self.topic(topic)).collect());
        }
    }

    /// A partition belongs to who claims it with the highest generation; to nobody when two do.
    fn read_claims(&mut self, cooperative: bool) {
        let mut owner_of: Vec<Option<usize>> = vec![None; self.topic_of.len()];
        let mut max_generation = DEFAULT_GENERATION;
        let members = self.members.clone();
        for (at, member) in members.iter().enumerate() {
            let (partitions, generation) = claim(member, cooperative);
            let generation = generation.unwrap_or(DEFAULT_GENERATION);
            max_generation = max_generation.max(generation);
            self.claims[at] = partitions.iter().filter_map(|partition| self.number(partition)).collect();
            for partition in self.claims[at].clone() {
                if let Some(other) = owner_of[partition] {
                    let other_generation = members[other].subscription.generation_id;
                    if generation < other_generation {
                        continue;
                    }
                    self.owned[other].retain(|owned| *owned != partition);
                    if generation == other_generation {
                        self.contested.insert(partition);
                        owner_of[partition] = Some(at);
                        continue;
                    }
                }
                self.owned[at].push(partition);
                owner_of[partition] = Some(at);
            }
        }
        for (at, member) in members.iter().enumerate() {
            let (_, generation) = claim(member, cooperative);
            let older = generation.map_or(max_generation > DEFAULT_GENERATION, |generation| generation < max_generation);
            if !older {
                continue;
            }
            let generation = generation.unwrap_or(DEFAULT_GENERATION);
            for partition in self.claims[at].clone() {
                if self.previous.get(&partition).is_none_or(|(_, known)| generation > *known) {
                    self.previous.insert(partition, (at, generation));
                }
            }
        }
    }

    pub fn named(&self, assignment: &[Vec<usize>]) -> Assignment {
        let named = |partitions: &Vec<usize>| partitions.iter().map(|partition| self.name(*partition)).collect();
        self.members.iter().map(|member| member.member_id.clone()).zip(assignment.iter().map(named)).collect()
    }
}

/// What a member says it owns, and of which generation (`memberData`). Eager members have given all up by the time they
/// join: theirs is remembered in the assignor's own data.
fn claim(member: &JoinedMember, cooperative: bool) -> (&[TopicPartition], Option<i32>) {
    let subscription = &member.subscription;
    match &subscription.user_data {
        UserData::Owned { partitions, generation_id } if !cooperative => (partitions, Some(*generation_id)),
        _ if !cooperative => (&[], None),
        _ if subscription.generation_id >= 0 => (&subscription.owned_partitions, Some(subscription.generation_id)),
        UserData::Generation(generation_id) => (&subscription.owned_partitions, Some(*generation_id)),
        _ => (&subscription.owned_partitions, None),
    }
}

/// Racks, where they play a part: when members and replicas share some and not every partition is in all of them.
pub(super) struct Racks<'a> {
    pub matter: bool,
    member: Vec<Option<&'a str>>,
    replicas: Vec<&'a [String]>,
}

impl<'a> Racks<'a> {
    fn new(numbered: &[Topic<'a>], topics: &'a SortedMap<TopicName, AssignableTopic>, members: &[&'a JoinedMember]) -> Self {
        let member: Vec<Option<&str>> =
            members.iter().map(|member| member.subscription.rack_id.as_deref().filter(|rack| !rack.is_empty())).collect();
        let mut replicas: Vec<&[String]> = Vec::new();
        for topic in numbered {
            let racks = topics.get(topic.name).map_or(&[][..], |info| &info.replica_racks);
            replicas.extend((0..topic.count).map(|at| racks.get(at).map_or(&[][..], Vec::as_slice)));
        }
        let set = |racks: &&'a [String]| racks.iter().map(String::as_str).collect::<SortedSet<&str>>();
        let matter = member.iter().any(Option::is_some) && {
            let all: SortedSet<&str> = replicas.iter().flat_map(|racks| racks.iter()).map(String::as_str).collect();
            member.iter().flatten().any(|rack| all.contains(rack)) && !replicas.iter().all(|racks| set(racks) == all)
        };
        Self { matter, member, replicas }
    }

    /// Does the member want another rack than the partition has?
    pub fn mismatch(&self, member: usize, partition: usize) -> bool {
        self.matter && self.member[member].is_some() && !self.share(member, partition)
    }

    /// Does the member have a rack, and a replica of the partition in it?
    pub fn share(&self, member: usize, partition: usize) -> bool {
        self.matter && self.member[member].is_some_and(|rack| self.replicas[partition].iter().any(|replica| replica == rack))
    }

    /// How many members are in the racks of a partition.
    pub fn members_near(&self, partition: usize) -> usize {
        let racks: SortedSet<&str> = self.replicas[partition].iter().map(String::as_str).collect();
        self.member.iter().flatten().filter(|rack| racks.contains(*rack)).count()
    }
}
