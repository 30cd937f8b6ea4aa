//! Why a member has what it has: the assignor's rule with the numbers at hand. The assignor itself is asked again, with what
//! the members told it, and its answer is compared with what they were given.

use std::rc::Rc;

use super::coordinators::Kept;
use super::{Groups, History, words};
use crate::base::{BrokerId, GroupId, MemberId, SortedMap, SortedSet, TopicName, TopicPartition, put_in_order};
use crate::engine::group::assignors::{self, AssignableTopic, Assignment, TargetMember, range, roundrobin, sticky, uniform};
use crate::engine::group::{ConsumerGroup, Group, GroupState, Member};
use crate::engine::metadata::PartitionState;
use crate::engine::protocol::{JoinedMember, UserData};
use crate::engine::world::World;
use crate::view::parts::explain;
use crate::view::parts::text::count;

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Why {
    /// Who worked it out, and by which rule.
    pub rule: String,
    /// For each member with its name, in the assignor's order: what it got, and why.
    pub members: Vec<(MemberId, Rc<str>, String)>,
    /// What the rule leaves over for now.
    pub rest: Option<String>,
    /// The assignor, asked again, says the same; `None` where it was not asked.
    pub agrees: Option<bool>,
}

/// The coordinator's assignor for a group of the consumer protocol.
pub(super) fn server_assignor(world: &World, group: &ConsumerGroup) -> String {
    let default = || world.broker_configs().group_consumer_assignors.first().map_or(uniform::NAME, String::as_str);
    group.preferred_assignor().unwrap_or_else(default).to_owned()
}

/// `None` where there are no members, or nothing has been assigned yet.
pub fn why(world: &World, id: &GroupId, history: &History) -> Option<Why> {
    match Groups::of(world).kept(id).1 {
        Kept::Classic(group) => classic(world, group, history),
        Kept::Consumer(group) => of_consumer_group(world, group, history),
        Kept::Share(group) => super::share_why::why(group, history),
        Kept::Nowhere => None,
    }
}

fn topics_of<'a>(world: &World, names: impl Iterator<Item = &'a TopicName>) -> SortedMap<TopicName, AssignableTopic> {
    let topic = |name: &TopicName| {
        let cluster = world.cluster();
        let partitions = &cluster.topic(name.as_str())?.partitions;
        let live = |replicas: &[BrokerId]| replicas.iter().copied().filter(|id| cluster.is_active(*id)).collect::<Vec<_>>();
        let racks = |state: &PartitionState| cluster.racks_of(&live(&state.replicas)).values().cloned().collect();
        let replica_racks = partitions.iter().map(racks).collect();
        Some((name.clone(), AssignableTopic { partition_count: partitions.len() as i32, replica_racks }))
    };
    names.filter_map(topic).collect()
}

/// What the texts are made of.
struct Numbers<'a> {
    topics: &'a SortedMap<TopicName, AssignableTopic>,
    /// In the assignor's order.
    members: Vec<(&'a MemberId, Rc<str>, SortedSet<&'a TopicName>)>,
    partitions: usize,
    /// What they are ordered by.
    order: &'static str,
}

impl<'a> Numbers<'a> {
    fn new(
        topics: &'a SortedMap<TopicName, AssignableTopic>,
        members: impl Iterator<Item = (&'a MemberId, Option<&'a str>, SortedSet<&'a TopicName>)>,
        history: &History,
    ) -> Self {
        let mut keyed: Vec<_> = members.collect();
        // Static members first, by instance id, then the others by member id.
        put_in_order(&mut keyed, &|one, other| (one.1.is_none(), one.1, one.0) < (other.1.is_none(), other.1, other.0));
        let order = explain::order(keyed.iter().any(|(_, instance_id, _)| instance_id.is_some()));
        let named = keyed.into_iter().map(|(member, _, wanted)| {
            let name = history.name_of(member);
            (member, name, wanted)
        });
        let partitions = topics.values().map(|topic| topic.partition_count.max(0) as usize).sum();
        Self { topics, members: named.collect(), partitions, order }
    }

    /// `7 partitions / 3 members = 2 each, and 1 gets one more`.
    fn share(&self) -> String {
        let members = self.members.len().max(1);
        let (each, extra) = (self.partitions / members, self.partitions % members);
        let over = match extra {
            0 => String::new(),
            1 => ", and one of them gets 1 more".to_owned(),
            _ => format!(", and {extra} of them get 1 more"),
        };
        format!("{} / {} = {each} each{over}.", count(self.partitions as i64, "partition"), count(members as i64, "member"))
    }

    /// Topic by topic.
    fn range(&self, at: usize) -> String {
        let wanted = self.topics.iter().filter(|(topic, _)| self.members[at].2.contains(topic));
        let sentences = wanted.map(|(topic, info)| {
            let rivals: Vec<usize> = (0..self.members.len()).filter(|other| self.members[*other].2.contains(topic)).collect();
            let place = rivals.iter().position(|rival| *rival == at).unwrap_or(0);
            explain::range(topic.as_str(), info.partition_count.max(0) as usize, rivals.len(), place, self.order)
        });
        sentences.collect::<Vec<_>>().join(" ")
    }

    fn roundrobin(&self, at: usize, got: &[TopicPartition]) -> String {
        let members = self.members.len();
        format!("Number {} of {members} in the circle: it gets {}.", at + 1, words::partitions(got))
    }
}

/// `It had a, keeps b, gives up c and gets d.`
fn kept_words(had: &[TopicPartition], got: &[TopicPartition]) -> String {
    let kept: Vec<&TopicPartition> = got.iter().filter(|partition| had.contains(partition)).collect();
    let lost: Vec<&TopicPartition> = had.iter().filter(|partition| !got.contains(partition)).collect();
    let new: Vec<&TopicPartition> = got.iter().filter(|partition| !had.contains(partition)).collect();
    let mut parts = Vec::new();
    if !kept.is_empty() {
        parts.push(format!("keeps {}", words::partitions(kept)));
    }
    if !lost.is_empty() {
        parts.push(format!("gives up {}", words::partitions(lost)));
    }
    if !new.is_empty() {
        parts.push(format!("gets {}", words::partitions(new)));
    }
    let before = if had.is_empty() { "It had nothing".to_owned() } else { format!("It had {}", words::partitions(had)) };
    match parts.as_slice() {
        [] => format!("{before}, and gets nothing."),
        parts => format!("{before}; it {}.", parts.join(", ")),
    }
}

// ---- the classic protocol

fn classic(world: &World, group: &Group, history: &History) -> Option<Why> {
    let protocol = group.protocol_name.as_deref().filter(|_| group.state == GroupState::Stable)?;
    let joined = joined(group, protocol);
    let topics = topics_of(world, joined.iter().flat_map(|member| &member.subscription.topics));
    let again = assignors::assign(protocol, &topics, &joined)?;
    let racks_matter = differs_without_racks(protocol, &topics, &joined, &again);
    let given: Assignment = group.members.values().map(|member| (member.member_id.clone(), member.assignment.clone())).collect();
    let with_wants = joined.iter().map(|member| {
        let wants: SortedSet<&TopicName> = member.subscription.topics.iter().collect();
        (&member.member_id, member.group_instance_id.as_deref(), wants)
    });
    let numbers = Numbers::new(&topics, with_wants, history);
    let leader = group.leader.as_ref().map_or_else(|| "Its leader".into(), |leader| history.name_of(leader));
    let rule = match protocol {
        range::NAME if racks_matter => {
            format!(
                "topic by topic, members in order of {} each first what has a replica in its rack, then of what is left.",
                numbers.order
            )
        }
        range::NAME => {
            format!("topic by topic, members in order of {} each a run of partitions that lie side by side.", numbers.order)
        }
        roundrobin::NAME => {
            let order = numbers.order.trim_end_matches(',');
            format!("all {} in a row, dealt one by one in order of {order}.", count(numbers.partitions as i64, "partition"))
        }
        sticky::NAME => format!("balanced, and members keep what they had as far as that allows. {}", numbers.share()),
        _ => format!(
            "balanced, members keep what they had as far as that allows, and nobody gets what another has not given up. {}",
            numbers.share()
        ),
    };
    let empty: Vec<TopicPartition> = Vec::new();
    let members = numbers.members.iter().enumerate().map(|(at, (member, name, _))| {
        let got = given.get(*member).unwrap_or(&empty);
        let text = match protocol {
            range::NAME if racks_matter => near(&topics, rack_of(&joined, member), got),
            range::NAME => numbers.range(at),
            roundrobin::NAME => numbers.roundrobin(at, got),
            _ if racks_matter => {
                format!("{} {}", kept_words(&claims(&joined, member), got), near(&topics, rack_of(&joined, member), got))
            }
            _ => kept_words(&claims(&joined, member), got),
        };
        (MemberId::clone(member), name.clone(), text)
    });
    let members = members.collect();
    let handed_out: SortedSet<&TopicPartition> = given.values().flatten().collect();
    let withheld: Vec<TopicPartition> = all(&topics).filter(|partition| !handed_out.contains(partition)).collect();
    let rest = (protocol == sticky::COOPERATIVE_NAME && !withheld.is_empty()).then(|| {
        format!(
            "{} goes to nobody in this generation: it moves, so who has it gives it up first, and then all join again.",
            words::partitions(&withheld)
        )
    });
    Some(Why {
        rule: format!("{leader}, the leader, ran the {protocol} assignor: {rule}"),
        members,
        rest,
        agrees: Some(same(&again, &given)),
    })
}

/// The members as the group's leader was told of them.
fn joined(group: &Group, protocol: &str) -> Vec<JoinedMember> {
    let member = |member: &Member| JoinedMember {
        member_id: member.member_id.clone(),
        group_instance_id: member.group_instance_id.clone(),
        subscription: member.subscription(protocol).cloned().unwrap_or_default(),
    };
    group.members.values().map(member).collect()
}

fn differs_without_racks(
    protocol: &str,
    topics: &SortedMap<TopicName, AssignableTopic>,
    joined: &[JoinedMember],
    assignment: &Assignment,
) -> bool {
    if joined.iter().all(|member| member.subscription.rack_id.is_none()) {
        return false;
    }
    let plain = |info: &AssignableTopic| AssignableTopic { partition_count: info.partition_count, replica_racks: Vec::new() };
    let topics = topics.iter().map(|(name, info)| (name.clone(), plain(info))).collect();
    assignors::assign(protocol, &topics, joined).is_some_and(|plain| !same(&plain, assignment))
}

fn rack_of<'a>(joined: &'a [JoinedMember], member: &MemberId) -> Option<&'a str> {
    joined.iter().find(|other| other.member_id == *member)?.subscription.rack_id.as_deref()
}

/// `It is in rack c, which has a replica of rides 1, 2.`
fn near(topics: &SortedMap<TopicName, AssignableTopic>, rack: Option<&str>, got: &[TopicPartition]) -> String {
    let Some(rack) = rack else { return format!("It is in no rack, and gets {}.", words::partitions(got)) };
    let is_near = |partition: &&TopicPartition| {
        let racks = &topics.get(&partition.topic).map_or(&[][..], |info| &info.replica_racks);
        let at = usize::try_from(partition.partition).unwrap_or(usize::MAX);
        racks.get(at).is_some_and(|racks| racks.iter().any(|replica| replica == rack))
    };
    let (near, far): (Vec<&TopicPartition>, Vec<&TopicPartition>) = got.iter().partition(is_near);
    match (near.is_empty(), far.is_empty()) {
        (true, true) => format!("It is in rack {rack}, and gets nothing."),
        (false, true) => format!("It is in rack {rack}, which has a replica of {}.", words::partitions(near)),
        (true, false) => format!("It is in rack {rack}, and gets {} from elsewhere.", words::partitions(far)),
        _ => {
            let (near, far) = (words::partitions(near), words::partitions(far));
            format!("It is in rack {rack}, which has a replica of {near}; {far} it gets from elsewhere.")
        }
    }
}

/// What a member told the assignor that it had.
fn claims(joined: &[JoinedMember], member: &MemberId) -> Vec<TopicPartition> {
    let Some(told) = joined.iter().find(|other| other.member_id == *member) else { return Vec::new() };
    match &told.subscription.user_data {
        UserData::Owned { partitions, .. } => partitions.clone(),
        _ => told.subscription.owned_partitions.clone(),
    }
}

fn all(topics: &SortedMap<TopicName, AssignableTopic>) -> impl Iterator<Item = TopicPartition> {
    topics.iter().flat_map(|(name, info)| (0..info.partition_count).map(|at| TopicPartition::new(name.clone(), at)))
}

fn same(one: &Assignment, other: &Assignment) -> bool {
    let sorted = |assignment: &Assignment| {
        let sets =
            assignment.iter().map(|(member, partitions)| (member.clone(), partitions.iter().cloned().collect::<SortedSet<_>>()));
        sets.collect::<Vec<_>>()
    };
    sorted(one) == sorted(other)
}

// ---- the consumer protocol

fn of_consumer_group(world: &World, group: &ConsumerGroup, history: &History) -> Option<Why> {
    if group.members.is_empty() || group.group_epoch > group.assignment_epoch {
        return None;
    }
    let assignor = server_assignor(world, group);
    let wanted: Vec<SortedSet<TopicName>> = group
        .members
        .values()
        .map(|member| {
            let matched = group.regexes.get(&member.subscribed_regex).into_iter().flat_map(|resolved| resolved.topics.iter());
            member.subscribed_topics.iter().chain(matched).cloned().collect()
        })
        .collect();
    let topics = topics_of(world, wanted.iter().flat_map(|topics| topics.iter()));
    let targets: Vec<TargetMember<'_>> = group
        .members
        .values()
        .zip(&wanted)
        .map(|(member, topics)| TargetMember {
            member_id: member.member_id.clone(),
            group_instance_id: member.instance_id.clone(),
            topics,
            previous: group.target_of(&member.member_id),
        })
        .collect();
    let again = assignors::assign_target(&assignor, &topics, &targets)?;
    let again = again.into_iter().map(|(member, partitions)| (member, partitions.into_owned())).collect();
    let given: Assignment = group.members.keys().map(|member| (member.clone(), group.target_of(member).to_vec())).collect();
    let with_wants = group
        .members
        .values()
        .zip(&wanted)
        .map(|(member, topics)| (&member.member_id, member.instance_id.as_deref(), topics.iter().collect::<SortedSet<_>>()));
    let numbers = Numbers::new(&topics, with_wants, history);
    let rule = match assignor.as_str() {
        range::NAME => {
            format!("topic by topic, members in order of {} each a run of partitions that lie side by side.", numbers.order)
        }
        _ => format!("balanced, and members keep what their last target held as far as that allows. {}", numbers.share()),
    };
    let members = numbers.members.iter().enumerate().map(|(at, (member, name, _))| {
        let target = group.target_of(member);
        let text = if assignor == range::NAME { numbers.range(at) } else { since_epochs(group, member, target) };
        (MemberId::clone(member), name.clone(), text)
    });
    let members = members.collect();
    Some(Why {
        rule: format!("The coordinator ran the {assignor} assignor for group epoch {}: {rule}", group.assignment_epoch),
        members,
        rest: None,
        agrees: Some(same(&again, &given)),
    })
}

/// What a target holds, by the epoch since which the member has it.
fn since_epochs(group: &ConsumerGroup, member: &MemberId, target: &[TopicPartition]) -> String {
    let Some(member) = group.members.get(member) else { return String::new() };
    let mut epochs: SortedMap<i32, Vec<TopicPartition>> = SortedMap::new();
    let mut missing = Vec::new();
    for partition in target {
        match member.assigned.get(partition) {
            Some(epoch) => epochs.get_or_default(*epoch).push(partition.clone()),
            None => missing.push(partition.clone()),
        }
    }
    let mut parts: Vec<String> = epochs
        .iter()
        .map(|(epoch, partitions)| {
            let verb = if *epoch < group.assignment_epoch { "keeps" } else { "gets" };
            format!("{verb} {} (since epoch {epoch})", words::partitions(partitions))
        })
        .collect();
    if !missing.is_empty() {
        parts.push(format!("is to get {}, once others have given it up", words::partitions(&missing)));
    }
    if !member.pending_revocation.is_empty() {
        parts.push(format!("gives up {}", words::partitions(member.pending_revocation.keys())));
    }
    if parts.is_empty() {
        "It gets nothing: there are more members than partitions.".to_owned()
    } else {
        format!("It {}.", parts.join(", "))
    }
}
