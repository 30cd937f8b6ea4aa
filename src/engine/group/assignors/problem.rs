//! What the sticky assignors work on: members, topics and partitions by number, with what each member claims to own
//! (`AbstractStickyAssignor.allSubscriptionsEqual`) and the racks (`RackInfo`).

use super::numbered::{Numbered, Topic};
use super::{AssignableTopic, Assignment};
use crate::base::{SortedMap, SortedSet, TopicName, TopicPartition, put_in_order};
use crate::engine::protocol::{JoinedMember, UserData};

/// The generation of a member that has never been in one.
const DEFAULT_GENERATION: i32 = -1;

pub(super) struct Problem<'a> {
    /// By member id.
    pub members: Vec<&'a JoinedMember>,
    pub all: Numbered<'a>,
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
        let subscriptions: Vec<&[TopicName]> = ordered.iter().map(|member| member.subscription.topics.as_slice()).collect();
        let all = Numbered::new(topics, &subscriptions);
        let racks = Racks::new(&all.topics, &ordered);
        let mut problem = Self {
            claims: vec![Vec::new(); ordered.len()],
            owned: vec![Vec::new(); ordered.len()],
            contested: SortedSet::new(),
            previous: SortedMap::new(),
            members: ordered,
            all,
            racks,
        };
        problem.read_claims(cooperative);
        problem
    }

    /// A partition belongs to who claims it with the highest generation; to nobody when two do.
    fn read_claims(&mut self, cooperative: bool) {
        let mut owner_of: Vec<Option<usize>> = vec![None; self.all.topic_of.len()];
        let mut max_generation = DEFAULT_GENERATION;
        let mut near = 0;
        let members = self.members.clone();
        for (at, member) in members.iter().enumerate() {
            let (partitions, generation) = claim(member, cooperative);
            let generation = generation.unwrap_or(DEFAULT_GENERATION);
            max_generation = max_generation.max(generation);
            let claims: Vec<usize> = partitions.iter().filter_map(|partition| self.all.number(partition, &mut near)).collect();
            self.owned[at].reserve(claims.len());
            for partition in claims.iter().copied() {
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
            self.claims[at] = claims;
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
        self.all.named(self.members.iter().map(|member| &member.member_id), assignment)
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
    fn new(topics: &[Topic<'a>], members: &[&'a JoinedMember]) -> Self {
        let member: Vec<Option<&str>> =
            members.iter().map(|member| member.subscription.rack_id.as_deref().filter(|rack| !rack.is_empty())).collect();
        let mut replicas: Vec<&[String]> = Vec::new();
        for topic in topics {
            replicas.extend((0..topic.count).map(|at| topic.info.replica_racks.get(at).map_or(&[][..], Vec::as_slice)));
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
