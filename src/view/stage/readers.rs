//! Who reads: one card for each service of the story, and one for each other group or consumer.

use std::rc::Rc;

use crate::base::{ClientId, GroupId, SortedSet, TopicPartition};
use crate::engine::world::World;
use crate::scenario::cast::{Picture, Role};
use crate::scenario::power::Power;
use crate::view::group::{board, share_groups};
use crate::view::logs::{self, GroupView, group_view};
use crate::view::text::count;

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
    /// Kafka's name of the group's state, where that is not `Stable`.
    pub state: Option<Rc<str>>,
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
    for role in roles {
        let Some(group) = &role.group else { continue };
        told.insert(group.as_str());
        let view = group_view(world, &GroupId::from(group.as_str()), usize::MAX);
        readers.push(service(role, view, members_max));
    }
    for id in logs::groups(world) {
        if !told.contains(&id.as_str()) {
            readers.push(group(group_view(world, &id, usize::MAX), members_max));
        }
    }
    readers.extend(share_groups(world).iter().filter_map(|id| share(world, id, members_max)));
    let alone: Vec<_> = logs::consumers(world).filter(|(_, consumer)| consumer.config().group_id.is_none()).collect();
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
fn service(role: &Role, view: GroupView, members_max: usize) -> Reader {
    let alone = *view.group_id == *role.name;
    let own = |name: &Option<Rc<str>>| name.as_deref() == Some(&role.name);
    let lags: Vec<i64> = view.lags.iter().filter(|lag| alone || own(&lag.member)).filter_map(|lag| lag.lag).collect();
    let clients = view.members.iter().filter(|member| *member.name == *role.name).filter_map(|member| member.client);
    Reader {
        group: Some(view.group_id.clone()),
        lag: (!lags.is_empty()).then(|| lags.iter().sum()),
        state: unsettled(&view, role.power),
        writes: role.writes.iter().map(|topic| (*topic).into()).collect(),
        reads: topics_of(&view),
        says: if role.power.is_on() { role.says.clone() } else { off_words(role) },
        job: role.job,
        picture: role.picture,
        tells: role.tells,
        clients: clients.collect(),
        members: if alone && view.members.len() > 1 { members(&view, members_max) } else { Vec::new() },
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

/// The group's state, while that is worth a word: it runs, and is not stable.
fn unsettled(view: &GroupView, power: Power) -> Option<Rc<str>> {
    (power.is_on() && !matches!(&*view.state, "Stable" | "Empty")).then(|| view.state.clone())
}

fn group(view: GroupView, members_max: usize) -> Reader {
    let says = match view.members.as_slice() {
        [] => "no members".to_owned(),
        [one] if one.gone => format!("{} is gone, not noticed yet", one.name),
        [one] => one.name.to_string(),
        many => count(many.len() as i64, "member"),
    };
    Reader {
        group: Some(view.group_id.clone()),
        lag: view.lags.iter().any(|lag| lag.lag.is_some()).then_some(view.total_lag),
        state: (&*view.state != "Stable").then(|| view.state.clone()),
        reads: topics_of(&view),
        says,
        clients: view.members.iter().filter_map(|member| member.client).collect(),
        members: members(&view, members_max),
        ..reader(&view.group_id, ReaderKind::Group)
    }
}

fn members(view: &GroupView, most: usize) -> Vec<Member> {
    let one = |member: &logs::MemberView| Member {
        key: member.member_id.clone().unwrap_or_else(|| member.name.clone()),
        name: member.name.clone(),
        client: member.client,
        words: if member.gone {
            "gone, not noticed yet".to_owned()
        } else if member.idle {
            "idle".to_owned()
        } else {
            assignment_words(&member.assignment)
        },
        gone: member.gone,
        idle: member.idle,
    };
    view.members.iter().take(most).map(one).collect()
}

fn topics_of(view: &GroupView) -> Vec<Rc<str>> {
    let assigned = view.members.iter().flat_map(|member| &member.assignment);
    let committed = view.lags.iter().map(|lag| &lag.topic_partition);
    let topics: SortedSet<Rc<str>> = assigned.chain(committed).map(|partition| partition.topic.0.clone()).collect();
    topics.into_iter().collect()
}

/// A share group has no place in a partition to mark: its records in flight are in the Groups view.
fn share(world: &World, id: &GroupId, members_max: usize) -> Option<Reader> {
    let board = board(world, id)?;
    let partitions = board.share?.partitions;
    let lag = partitions.iter().filter_map(|partition| partition.lag()).reduce(|sum, lag| sum + lag);
    let reads: SortedSet<Rc<str>> = partitions.iter().map(|row| row.topic_partition.topic.0.clone()).collect();
    let members = board.members.iter().take(members_max).map(|card| {
        let owned: Vec<TopicPartition> = card.partitions.iter().map(|owned| owned.topic_partition.clone()).collect();
        Member {
            key: card.member_id.as_ref().map_or_else(|| card.name.clone(), |id| id.0.clone()),
            name: card.name.clone(),
            client: card.client,
            words: if card.gone { "gone, not noticed yet".to_owned() } else { assignment_words(&owned) },
            gone: card.gone,
            idle: owned.is_empty(),
        }
    });
    Some(Reader {
        lag,
        state: (&*board.state != "Stable" && !board.state.is_empty()).then(|| board.state.clone()),
        reads: reads.into_iter().collect(),
        says: format!("share group, {}", count(board.members.len() as i64, "member")),
        clients: board.members.iter().filter_map(|card| card.client).collect(),
        members: members.collect(),
        ..reader(&board.group_id, ReaderKind::Share)
    })
}

type Own<'w> = (&'w crate::engine::client::Client, &'w crate::engine::client::Consumer);

fn no_group(world: &World, consumers: &[Own<'_>], members_max: usize) -> Reader {
    let member = |(client, consumer): &Own<'_>| {
        let assignment = consumer.assignment();
        Member {
            key: client.id.to_string().into(),
            name: logs::owner_name(world, client),
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
fn assignment_words(assignment: &[TopicPartition]) -> String {
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
