//! Who reads: one card for each service of the story, and one for each other group or consumer.

use std::rc::Rc;

use crate::base::{ClientId, GroupId, SortedSet, TopicPartition};
use crate::engine::world::World;
use crate::scenario::cast::{Picture, Role};
use crate::scenario::power::Power;
use crate::view::group::{GroupBoard, GroupKind, GroupStanding, Groups, MemberCard};
use crate::view::parts::clients;
use crate::view::parts::text::count;

/// What a card stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReaderKind {
    /// A service of the story, with its switch.
    Service(Power),
    /// A consumer group of others.
    Group,
    /// A share group.
    Share,
    /// Consumers that are in no group.
    NoGroup,
}

/// A reader, and what it makes of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reader {
    pub name: Rc<str>,
    pub kind: ReaderKind,
    pub group: Option<Rc<str>>,
    /// High watermark − committed, over what it reads; `None` before anything is committed.
    pub lag: Option<i64>,
    /// The group's state, where that is not `Stable`.
    pub state: Option<GroupStanding>,
    /// Topics that it writes to.
    pub writes: Vec<Rc<str>>,
    /// Topics that it reads, or has committed offsets in.
    pub reads: Vec<Rc<str>>,
    /// In a few words, what it makes of the log.
    pub says: String,
    /// What it is for.
    pub job: &'static str,
    pub picture: Option<Picture>,
    pub tells: &'static [(&'static str, &'static str)],
    pub members: Vec<Member>,
    /// The consumers that read for it: what is fetched for them flies to this card.
    pub clients: Vec<ClientId>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// Stays the same while it is a member.
    pub key: Rc<str>,
    pub name: Rc<str>,
    pub client: Option<ClientId>,
    /// What it reads, or why it reads nothing.
    pub words: String,
    pub gone: bool,
    pub idle: bool,
}

pub(super) fn readers(world: &World, roles: &[Role], members_max: usize) -> Vec<Reader> {
    let mut readers = Vec::new();
    let mut told: SortedSet<&str> = SortedSet::new();
    let groups = Groups::of(world);
    for role in roles {
        let Some(group) = &role.group else { continue };
        told.insert(group.as_str());
        readers.push(service(role, group, groups.board(&GroupId::from(group.as_str())), members_max));
    }
    let (shares, others): (Vec<&GroupId>, Vec<&GroupId>) =
        groups.ids().filter(|id| !told.contains(&id.as_str())).partition(|id| groups.kind(id) == Some(GroupKind::Share));
    readers.extend(others.into_iter().chain(shares).filter_map(|id| groups.board(id)).map(|board| group(board, members_max)));
    let alone: Vec<_> = clients::consumers(world).filter(|(_, consumer)| consumer.config().group_id.is_none()).collect();
    if !alone.is_empty() {
        readers.push(no_group(world, &alone, members_max));
    }
    readers
}

/// A reader with nothing to show yet.
fn reader(name: &str, kind: ReaderKind) -> Reader {
    Reader {
        name: name.into(),
        kind,
        group: None,
        lag: None,
        state: None,
        writes: Vec::new(),
        reads: Vec::new(),
        says: String::new(),
        job: "",
        picture: None,
        tells: &[],
        members: Vec::new(),
        clients: Vec::new(),
    }
}

/// A service's card. Services that share a group have a card each: its lag is that of the partitions that it reads.
fn service(role: &Role, group: &str, board: Option<GroupBoard>, members_max: usize) -> Reader {
    let alone = *group == *role.name;
    let own = |name: &Option<Rc<str>>| name.as_deref() == Some(&role.name);
    let of_board = board.iter().flat_map(|board| &board.lags);
    let lag = of_board.filter(|lag| alone || own(&lag.member)).filter_map(|lag| lag.lag).reduce(|sum, lag| sum + lag);
    let cards = board.as_ref().map_or(&[][..], |board| &board.members);
    let clients = cards.iter().filter(|member| *member.name == *role.name).filter_map(|member| member.client);
    Reader {
        group: Some(group.into()),
        lag,
        state: board
            .as_ref()
            .map(|board| board.state)
            .filter(|state| role.power.is_on() && !state.is_stable() && !state.is_empty()),
        writes: role.writes.iter().map(|topic| (*topic).into()).collect(),
        reads: board.as_ref().map_or_else(Vec::new, topics_of),
        says: if role.power.is_on() { role.says.clone() } else { off_words(role) },
        job: role.job,
        picture: role.picture,
        tells: role.tells,
        clients: clients.collect(),
        members: if alone && cards.len() > 1 { members(cards, members_max) } else { Vec::new() },
        ..reader(&role.name, ReaderKind::Service(role.power))
    }
}

/// A service that is off keeps its last words, after what became of it.
fn off_words(role: &Role) -> String {
    match (role.power, role.says.is_empty()) {
        (Power::Absent, _) | (_, true) => role.power.word().to_owned(),
        (power, false) => format!("{}: {}", power.word(), role.says),
    }
}

/// A group that belongs to no story. A share group has no place in a partition to mark: its records in flight are in the
/// Groups view.
fn group(board: GroupBoard, members_max: usize) -> Reader {
    let shares = board.kind == GroupKind::Share;
    let says = match board.members.as_slice() {
        all if shares => format!("share group, {}", count(all.len() as i64, "member")),
        [] => "no members".to_owned(),
        [one] if one.gone => format!("{} is gone, not noticed yet", one.name),
        [one] => one.name.to_string(),
        many => count(many.len() as i64, "member"),
    };
    Reader {
        group: Some(board.group_id.clone()).filter(|_| !shares),
        lag: board.lag(),
        state: Some(board.state).filter(|state| !state.is_stable()),
        reads: topics_of(&board),
        says,
        clients: board.members.iter().filter_map(|member| member.client).collect(),
        members: members(&board.members, members_max),
        ..reader(&board.group_id, if shares { ReaderKind::Share } else { ReaderKind::Group })
    }
}

fn members(cards: &[MemberCard], most: usize) -> Vec<Member> {
    let one = |card: &MemberCard| {
        let idle = card.partitions.is_empty();
        Member {
            key: card.member_id.as_ref().map_or_else(|| card.name.clone(), |id| id.0.clone()),
            name: card.name.clone(),
            client: card.client,
            words: match (card.gone, idle) {
                (true, _) => "gone, not noticed yet".to_owned(),
                (_, true) => "idle".to_owned(),
                _ => assignment_words(card.partitions.iter().map(|owned| &owned.topic_partition)),
            },
            gone: card.gone,
            idle,
        }
    };
    cards.iter().take(most).map(one).collect()
}

fn topics_of(board: &GroupBoard) -> Vec<Rc<str>> {
    let owned = board.members.iter().flat_map(|member| &member.partitions).map(|owned| &owned.topic_partition);
    let topics = owned.chain(board.lags.iter().map(|lag| &lag.topic_partition)).map(|partition| partition.topic.0.clone());
    topics.collect::<SortedSet<Rc<str>>>().into_iter().collect()
}

type Own<'w> = (&'w crate::engine::client::Client, &'w crate::engine::client::Consumer);

fn no_group(world: &World, consumers: &[Own<'_>], members_max: usize) -> Reader {
    let member = |(client, consumer): &Own<'_>| {
        let assignment = consumer.assignment();
        Member {
            key: client.id.to_string().into(),
            name: clients::owner_name(world, client),
            client: Some(client.id),
            idle: assignment.is_empty(),
            words: assignment_words(&assignment),
            gone: false,
        }
    };
    let assigned = consumers.iter().flat_map(|(_, consumer)| consumer.assignment());
    let reads: SortedSet<Rc<str>> = assigned.map(|partition| partition.topic.0.clone()).collect();
    Reader {
        reads: reads.into_iter().collect(),
        says: count(consumers.len() as i64, "consumer"),
        clients: consumers.iter().map(|(client, _)| client.id).collect(),
        members: consumers.iter().take(members_max).map(member).collect(),
        ..reader("no group", ReaderKind::NoGroup)
    }
}

/// `rides 0, 1 · payments 0`.
fn assignment_words<'p>(assignment: impl IntoIterator<Item = &'p TopicPartition>) -> String {
    let mut topics: Vec<(&str, Vec<String>)> = Vec::new();
    for partition in assignment {
        let topic = partition.topic.as_str();
        match topics.iter_mut().find(|(known, _)| *known == topic) {
            Some((_, partitions)) => partitions.push(partition.partition.to_string()),
            None => topics.push((topic, vec![partition.partition.to_string()])),
        }
    }
    topics.into_iter().map(|(topic, partitions)| format!("{topic} {}", partitions.join(", "))).collect::<Vec<_>>().join(" · ")
}
