//! The members of a group: where each stands, and what it reads since when.

use std::rc::Rc;

use super::coordinators::Groups;
use super::coordinators::Kept;
use super::history::History;
use super::words;
use crate::base::{ClientId, GroupId, MemberId, SimTime, SortedSet, TopicPartition, put_in_order};
use crate::engine::client::consumer::MemberState;
use crate::engine::client::{Client, Consumer, ModernState};
use crate::engine::group::{ConsumerGroup, ConsumerMember, Group, GroupState, Member, ReconciliationState};
use crate::engine::world::World;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnedPartition {
    pub topic_partition: TopicPartition,
    /// Since when its member reads it; `None`: for longer than the trace goes back.
    pub since: Option<SimTime>,
    /// Its member reads it now; false: it is the coordinator's word alone, the member is gone or has not taken it in.
    pub reads: bool,
    /// Has been told to give it up.
    pub revoking: bool,
    /// Share groups: other members that have it as well.
    pub shared_with: Vec<Rc<str>>,
}

/// Where a member stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MemberStanding {
    /// On its way to become a member.
    Joining,
    /// Its program has ended, and its coordinator has not noticed yet.
    Gone,
    Leaving,
    /// It has left, since its program did not poll in time.
    Left,
    /// Its coordinator has put it out.
    Fenced,
    Failed,
    Stable,
    /// Classic: its JoinGroup has come, and waits for the others.
    Joined,
    /// Classic: the others wait for it.
    NotJoined,
    /// Classic: the leader, while it runs the assignor.
    Assigns,
    /// Classic: it waits for what the leader hands in.
    AwaitsSync,
    /// A static member of the consumer protocol that has left for a while.
    Away,
    /// Its next heartbeat brings it another assignment.
    BehindTarget,
    /// Consumer protocol: it is to give partitions up.
    GivesUp,
    /// Consumer protocol: others have not given up yet what it is to get.
    Waits,
}

impl MemberStanding {
    pub fn word(self) -> &'static str {
        match self {
            Self::Joining => "joining",
            Self::Gone => "gone",
            Self::Leaving => "leaving",
            Self::Left => "left",
            Self::Fenced => "fenced",
            Self::Failed => "failed",
            Self::Stable => "stable",
            Self::Joined => "joined",
            Self::NotJoined => "not joined yet",
            Self::Assigns => "assigns",
            Self::AwaitsSync => "awaits sync",
            Self::Away => "away",
            Self::BehindTarget => "behind the target",
            Self::GivesUp => "gives up",
            Self::Waits => "waits",
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberCard {
    /// The program's name; of a member that is none of ours its client id.
    pub name: Rc<str>,
    /// `None` until its coordinator counts it.
    pub member_id: Option<MemberId>,
    pub client: Option<ClientId>,
    pub client_id: Rc<str>,
    pub instance_id: Option<Rc<str>>,
    pub state: MemberStanding,
    /// More of that: its epoch, whom it waits for, until when.
    pub note: String,
    pub leader: bool,
    pub partitions: Vec<OwnedPartition>,
    /// Consumer protocol: what its target holds that it cannot have yet, and who has it.
    pub waits_for: Vec<(TopicPartition, Option<Rc<str>>)>,
    /// The topics that it subscribes to.
    pub topics: Vec<Rc<str>>,
    /// How long it takes for each record, where that was set.
    pub record_ms: Option<u64>,
    /// Its program has ended, and the coordinator still counts it.
    pub gone: bool,
    /// A program of its name runs, be it another member by now.
    pub runs: bool,
    /// It is a member of a share group.
    pub shares: bool,
    /// Share groups: what it says of each record; `None` where that is not known.
    pub says: Option<Says>,
}

/// What a console share consumer says of each record that it has printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Says {
    #[default]
    Accept,
    Release,
    Reject,
}

impl Says {
    pub const ALL: [Says; 3] = [Says::Accept, Says::Release, Says::Reject];

    pub fn label(self) -> &'static str {
        match self {
            Self::Accept => "accept: it is done",
            Self::Release => "release: it is to come again",
            Self::Reject => "reject: nobody is to get it",
        }
    }

    /// What its card says of a member.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Accept => "accepts",
            Self::Release => "releases",
            Self::Reject => "rejects",
        }
    }

    /// The option of the console share consumer.
    pub(super) fn option(self) -> &'static str {
        match self {
            Self::Accept => "",
            Self::Release => " --release",
            Self::Reject => " --reject",
        }
    }
}

type Own<'w> = (&'w Client, &'w Consumer);

/// The members that the coordinator counts and the consumers that are on their way, by name.
pub(super) fn cards(groups: &Groups<'_>, id: &GroupId, kept: &Kept<'_>, history: &History) -> Vec<MemberCard> {
    let world = groups.world;
    let mut consumers: Vec<Own<'_>> = groups.consumers(id).to_vec();
    // A static member whose JoinGroup waits at the coordinator does not know its member id yet.
    let mut take = |member: &MemberId, waiting_as: Option<&str>| {
        let at = consumers.iter().position(|(_, consumer)| match consumer.member_id() {
            Some(id) => id == member,
            None => waiting_as.is_some() && consumer.config().group_instance_id.as_deref() == waiting_as,
        })?;
        Some(consumers.remove(at))
    };
    let mut cards: Vec<MemberCard> = match kept {
        Kept::Classic(group) => group
            .members
            .values()
            .map(|member| {
                let instance_id = member.group_instance_id.as_deref().filter(|_| member.awaiting_join.is_some());
                let own = take(&member.member_id, instance_id);
                classic(world, group, member, own, history)
            })
            .collect(),
        Kept::Consumer(group) => group
            .members
            .values()
            .map(|member| {
                let own = take(&member.member_id, None);
                of_consumer_group(world, group, member, own, history)
            })
            .collect(),
        Kept::Share(_) | Kept::Nowhere => Vec::new(),
    };
    cards.extend(consumers.into_iter().map(|own| uncounted(world, own, history)));
    put_in_order(&mut cards, &|one, other| one.name < other.name);
    cards
}

/// The card with what does not depend on the protocol.
pub(super) fn card(
    world: &World,
    member: Option<&MemberId>,
    client_id: &str,
    own: Option<&Client>,
    history: &History,
) -> MemberCard {
    let known = member.and_then(|member| history.members.get(member));
    let program = own.and_then(|client| world.program(client.owner));
    let name: Rc<str> = match (program, known) {
        (Some(program), _) => program.name.clone(),
        (None, Some((_, name))) => name.clone(),
        (None, None) => client_id.into(),
    };
    MemberCard {
        runs: world.program_named(&name).is_some_and(|program| program.is_running()),
        name,
        member_id: member.cloned(),
        client: own.map(|client| client.id).or(known.map(|(client, _)| *client)),
        client_id: client_id.into(),
        instance_id: None,
        state: MemberStanding::Joining,
        note: String::new(),
        leader: false,
        partitions: Vec::new(),
        waits_for: Vec::new(),
        topics: Vec::new(),
        record_ms: program.and_then(|program| program.record_time).map(|span| span.ms()),
        gone: own.is_none(),
        shares: false,
        says: None,
    }
}

fn classic(world: &World, group: &Group, member: &Member, own: Option<Own<'_>>, history: &History) -> MemberCard {
    let mut card = card(world, Some(&member.member_id), &member.client_id, own.map(|(client, _)| client), history);
    card.instance_id = member.group_instance_id.as_deref().map(Into::into);
    card.leader = group.leader.as_ref() == Some(&member.member_id);
    let protocol = group.protocol_name.as_deref().and_then(|protocol| member.subscription(protocol));
    let subscription = protocol.or_else(|| member.protocols.first().map(|(_, subscription)| subscription));
    card.topics = subscription.iter().flat_map(|wanted| &wanted.topics).map(|topic| topic.0.clone()).collect();
    use MemberStanding as S;
    (card.state, card.note) = match group.state {
        _ if card.gone => (S::Gone, "its coordinator has not noticed yet".to_owned()),
        GroupState::PreparingRebalance if member.awaiting_join.is_some() => (S::Joined, waits_for_joins(group, history)),
        GroupState::PreparingRebalance => (S::NotJoined, own.map_or(String::new(), |(_, consumer)| doing(consumer).to_owned())),
        GroupState::CompletingRebalance if card.leader && member.awaiting_sync.is_none() => {
            (S::Assigns, "it works out who gets what".to_owned())
        }
        GroupState::CompletingRebalance => (S::AwaitsSync, "waits for the leader’s assignment".to_owned()),
        _ if member.awaiting_sync.is_some() => (S::AwaitsSync, String::new()),
        _ => (S::Stable, String::new()),
    };
    let assigned: Vec<TopicPartition> = match own {
        Some((_, consumer)) => consumer.assignment(),
        None => member.assignment.clone(),
    };
    card.partitions = owned(&assigned, own.is_some(), &[], history);
    card
}

fn waits_for_joins(group: &Group, history: &History) -> String {
    let missing = group.members.values().filter(|member| member.awaiting_join.is_none());
    let names: Vec<Rc<str>> = missing.map(|member| history.name_of(&member.member_id)).collect();
    match (names.as_slice(), group.generation_id) {
        ([], 0) => "waits for more members: group.initial.rebalance.delay.ms".to_owned(),
        ([], _) => String::new(),
        (names, _) => format!("waits for {}", words::names(names)),
    }
}

/// What a member does before it joins.
fn doing(consumer: &Consumer) -> &'static str {
    match consumer.member_state() {
        _ if !consumer.is_polling() => "processes records: it joins inside a poll",
        MemberState::Committing => "commits first",
        MemberState::Revoking => "gives up its partitions first",
        MemberState::Joining => "its JoinGroup is on its way",
        MemberState::Stable => "its next heartbeat will tell it",
        MemberState::Unjoined | MemberState::Syncing => "",
    }
}

fn of_consumer_group(
    world: &World,
    group: &ConsumerGroup,
    member: &ConsumerMember,
    own: Option<Own<'_>>,
    history: &History,
) -> MemberCard {
    let mut card = card(world, Some(&member.member_id), &member.client_id, own.map(|(client, _)| client), history);
    card.instance_id = member.instance_id.as_deref().map(Into::into);
    let matched = group.regexes.get(&member.subscribed_regex).into_iter().flat_map(|resolved| resolved.topics.iter());
    let topics: SortedSet<Rc<str>> = member.subscribed_topics.iter().chain(matched).map(|topic| topic.0.clone()).collect();
    card.topics = topics.into_iter().collect();
    let owner = |partition: &TopicPartition| {
        let other = group.members.values().find(|other| other.owned().any(|owned| owned == partition))?;
        history.members.get(&other.member_id).map(|(_, name)| name.clone())
    };
    let free = |partition: &&TopicPartition| !member.assigned.contains_key(*partition);
    let target = group.target_of(&member.member_id);
    card.waits_for = target.iter().filter(free).map(|partition| (partition.clone(), owner(partition))).collect();
    card.state = match member.state {
        _ if member.epoch == crate::engine::protocol::LEAVE_STATIC_EPOCH => MemberStanding::Away,
        _ if card.gone => MemberStanding::Gone,
        ReconciliationState::Stable if member.epoch != group.assignment_epoch => MemberStanding::BehindTarget,
        ReconciliationState::Stable => MemberStanding::Stable,
        ReconciliationState::UnrevokedPartitions => MemberStanding::GivesUp,
        ReconciliationState::UnreleasedPartitions => MemberStanding::Waits,
    };
    card.note = match (card.state, &member.timers.revocation) {
        (MemberStanding::Away, _) => "a static member that will be back: its partitions wait".to_owned(),
        (MemberStanding::Gone, _) => format!("epoch {}; its coordinator has not noticed yet", member.epoch),
        (_, Some((until, _))) => {
            let left = until.since(world.now().min(*until));
            format!("epoch {}; has {} left to give them up", member.epoch, words::span(left))
        }
        _ => format!("epoch {}", member.epoch),
    };
    let revoking: Vec<TopicPartition> = member.pending_revocation.keys().cloned().collect();
    let assigned: Vec<TopicPartition> = match own {
        Some((_, consumer)) => consumer.assignment(),
        None => member.owned().cloned().collect(),
    };
    card.partitions = owned(&assigned, own.is_some(), &revoking, history);
    card
}

/// A consumer that the coordinator does not count: not yet, or no longer.
fn uncounted(world: &World, own: Own<'_>, history: &History) -> MemberCard {
    let (client, consumer) = own;
    let mut card = card(world, None, &client.client_id, Some(client), history);
    card.instance_id = consumer.config().group_instance_id.as_deref().map(Into::into);
    card.topics = consumer.subscription().map(|topic| topic.0.clone()).collect();
    let was_member = !consumer.assignment().is_empty();
    (card.state, card.note) = match (consumer.modern_state(), was_member) {
        _ if consumer.is_closing() => (MemberStanding::Leaving, String::new()),
        (Some(ModernState::Stale), _) | (None, true) => {
            (MemberStanding::Left, "did not poll in time; it joins again with its next poll".to_owned())
        }
        (Some(ModernState::Fenced), _) => (MemberStanding::Fenced, "gives all up, then joins again".to_owned()),
        (Some(ModernState::Fatal), _) => (MemberStanding::Failed, String::new()),
        _ => (MemberStanding::Joining, doing(consumer).to_owned()),
    };
    // What it still has in hand is not its any more: someone else may read it by now.
    card
}

fn owned(partitions: &[TopicPartition], reads: bool, revoking: &[TopicPartition], history: &History) -> Vec<OwnedPartition> {
    let one = |partition: &TopicPartition| OwnedPartition {
        topic_partition: partition.clone(),
        since: history.since(partition),
        reads,
        revoking: revoking.contains(partition),
        shared_with: Vec::new(),
    };
    partitions.iter().map(one).collect()
}
