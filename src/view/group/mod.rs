//! Lives here: what the Groups view shows: a group as its coordinator keeps it, its members with their two clocks, its
//! rebalances as steps, a share group's records in flight, why each member has what it has, and the lines that add, stop,
//! crash and slow members.
//! Never here: what a group does: the coordinator and the clients decide that.

mod clocks;
mod history;
mod lines;
mod members;
mod share;
mod steps;
mod why;
pub mod words;

pub use clocks::{Clock, ClockState, clocks};
pub use history::{History, history};
pub use lines::{MemberAct, NewMember, Says, Strategy, add_member, create_topic, is_instance_id, member_acts, restart_member};
pub use members::{MemberCard, OwnedPartition};
pub use share::{Cell, News, NewsKind, Run, ShareBoard, SharePartitionRow, Standing};
pub use steps::{Lane, Rebalance, Segment, Step, StepKind};
pub use why::{Why, why};
pub(super) use why::{racks_matter, server_assignor};

use std::rc::Rc;

use super::logs;
use crate::base::{BrokerId, GroupId, SimTime, SortedSet, TopicPartition};
use crate::engine::group::{ConsumerGroup, Group, ShareGroup};
use crate::engine::world::World;

/// Partitions without a reader that are named.
const UNREAD_MAX: usize = 64;

/// A group at a moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupBoard {
    pub group_id: Rc<str>,
    /// `classic, eager`, `classic, cooperative`, `consumer (KIP-848)`, `share (KIP-932)`; of an empty group what it was, or nothing.
    pub protocol: &'static str,
    pub state: Rc<str>,
    /// The classic generation.
    pub generation: Option<i32>,
    /// Group and assignment epoch of the consumer and of the share protocol.
    pub epochs: Option<(i32, i32)>,
    pub coordinator: Option<BrokerId>,
    /// The classic leader's name.
    pub leader: Option<Rc<str>>,
    pub assignor: Option<Rc<str>>,
    /// What the group waits for, and until when.
    pub deadline: Option<(SimTime, &'static str)>,
    /// Topics that members subscribe to, by name.
    pub topics: Vec<Rc<str>>,
    pub members: Vec<MemberCard>,
    /// Partitions of those topics that nobody reads, and since when; `None`: since before the trace begins, or never read.
    pub unread: Vec<(TopicPartition, Option<SimTime>)>,
    pub history: History,
    /// Of a share group.
    pub share: Option<ShareBoard>,
}

impl GroupBoard {
    /// In a sentence, for the live region and the head of the view.
    pub fn summary(&self) -> String {
        let mut members = super::text::count(self.members.iter().filter(|card| card.member_id.is_some()).count() as i64, "member");
        match self.members.iter().filter(|card| card.state == "joining").count() {
            0 => {}
            joining => members.push_str(&format!(", {joining} joining")),
        }
        let number = match (self.generation, self.epochs) {
            (_, Some((group, target))) if group == target => format!(", epoch {group}"),
            (_, Some((group, target))) => format!(", group epoch {group}, assignment epoch {target}"),
            (Some(generation), None) => format!(", generation {generation}"),
            (None, None) => String::new(),
        };
        format!("{} is {} with {members}{number}.", self.group_id, self.state)
    }

    /// What a new member has to bring to fit in with the others.
    pub fn strategy(&self) -> Strategy {
        if self.share.is_some() {
            return Strategy::Share;
        }
        match (self.protocol.starts_with("consumer"), self.assignor.as_deref()) {
            (true, Some("range")) => Strategy::RemoteRange,
            (true, _) => Strategy::Uniform,
            (false, Some("roundrobin")) => Strategy::RoundRobin,
            (false, Some("sticky")) => Strategy::Sticky,
            (false, Some("cooperative-sticky")) => Strategy::CooperativeSticky,
            (false, _) => Strategy::Default,
        }
    }
}

/// All groups that there is something to show of, by id.
pub fn groups(world: &World) -> Vec<GroupId> {
    let modern = world.brokers().flat_map(|broker| broker.consumer_groups.keys()).cloned();
    let all: SortedSet<GroupId> = logs::groups(world).into_iter().chain(modern).chain(share_groups(world)).collect();
    all.into_iter().collect()
}

/// The share groups among them: those that a coordinator knows, or that a running share consumer names.
pub fn share_groups(world: &World) -> SortedSet<GroupId> {
    let known = world.brokers().flat_map(|broker| broker.share_groups.keys()).cloned();
    known.chain(share::all_consumers(world).map(|(_, consumer)| consumer.config().group_id.clone())).collect()
}

/// Its type, as Kafka's tools write it in small letters: `classic`, `consumer` or `share`.
pub fn type_of(world: &World, id: &GroupId) -> &'static str {
    match kept(world, id).1 {
        Kept::Modern(_) => "consumer",
        Kept::Share(_) => "share",
        Kept::Classic(_) => "classic",
        Kept::Nowhere if share_groups(world).contains(id) => "share",
        Kept::Nowhere => "classic",
    }
}

/// A group as its coordinator keeps it.
enum Kept {
    Classic(Rc<Group>),
    Modern(Rc<ConsumerGroup>),
    Share(Rc<ShareGroup>),
    Nowhere,
}

/// The group, and its coordinator; without one, what was last written of the group.
fn kept(world: &World, id: &GroupId) -> (Option<BrokerId>, Kept) {
    for broker in world.brokers() {
        if let Some(group) = broker.consumer_groups.get(id).filter(|group| !group.members.is_empty()) {
            return (Some(broker.id), Kept::Modern(group.clone()));
        }
        if let Some(group) = broker.share_groups.get(id) {
            return (Some(broker.id), Kept::Share(group.clone()));
        }
        if let Some(group) = broker.groups.get(id) {
            return (Some(broker.id), Kept::Classic(group.clone()));
        }
        if let Some(group) = broker.consumer_groups.get(id) {
            return (Some(broker.id), Kept::Modern(group.clone()));
        }
    }
    let Some(lost) = world.groups_without_coordinator() else { return (None, Kept::Nowhere) };
    let modern = lost.consumer_groups.get(id).filter(|group| !group.members.is_empty());
    let kept = match (modern, lost.share_groups.get(id), lost.groups.get(id)) {
        (Some(group), ..) => Kept::Modern(group.clone()),
        (_, Some(group), _) => Kept::Share(group.clone()),
        (.., Some(group)) => Kept::Classic(group.clone()),
        _ => Kept::Nowhere,
    };
    (None, kept)
}

/// The group with this id; `None` where nobody knows it.
pub fn board(world: &World, id: &GroupId) -> Option<GroupBoard> {
    if !groups(world).contains(id) {
        return None;
    }
    let (coordinator, kept) = kept(world, id);
    let lost = coordinator.is_none() && !matches!(kept, Kept::Nowhere);
    let shares = match &kept {
        Kept::Share(group) => Some(Some(&**group)),
        Kept::Nowhere if !share::consumers(world, id).is_empty() => Some(None),
        _ => None,
    };
    let history = if shares.is_some() { share::names(world, id) } else { history(world, id) };
    let members = match shares {
        Some(group) => share::cards(world, id, group, &history),
        None => members::cards(world, id, &kept, &history),
    };
    let name_of =
        |member: &crate::base::MemberId| history.members.get(member).map_or_else(|| member.0.clone(), |(_, name)| name.clone());
    let mut board = GroupBoard {
        group_id: id.0.clone(),
        protocol: "",
        state: "Empty".into(),
        generation: None,
        epochs: None,
        coordinator: coordinator.or_else(|| logs::coordinator(world, id)),
        leader: None,
        assignor: None,
        deadline: None,
        topics: topics(&members),
        unread: Vec::new(),
        members,
        history: History::default(),
        share: shares.map(|group| share::share_board(world, id, group, &history)),
    };
    match &kept {
        Kept::Classic(group) => {
            board.protocol = classic_protocol(group);
            board.state = group.state.name().into();
            board.generation = Some(group.generation_id).filter(|generation| *generation > 0);
            board.leader = group.leader.as_ref().map(name_of).filter(|_| !group.members.is_empty());
            board.assignor = group.protocol_name.as_deref().filter(|name| !name.is_empty()).map(Into::into);
            board.deadline = match (group.join_deadline, group.sync_deadline) {
                (Some(at), _) if group.generation_id == 0 => Some((at, "waits for more members until")),
                (Some(at), _) => Some((at, "waits for members to join again until")),
                (None, Some(at)) => Some((at, "waits for members to ask for their assignment until")),
                (None, None) => None,
            };
        }
        Kept::Modern(group) => {
            board.protocol = "consumer (KIP-848)";
            board.state = group.state().name().into();
            board.epochs = Some((group.group_epoch, group.assignment_epoch));
            board.assignor = Some(why::server_assignor(world, group).into());
        }
        Kept::Share(group) => {
            board.state = group.state().name().into();
            board.epochs = Some((group.group_epoch, group.assignment_epoch));
            board.assignor = Some(crate::engine::group::assignors::simple::NAME.into());
        }
        Kept::Nowhere => {}
    }
    if lost {
        board.state = logs::NO_COORDINATOR.into();
    }
    if board.share.is_some() {
        board.protocol = "share (KIP-932)";
        board.history = history;
        return Some(board);
    }
    board.unread = unread(world, &board, &history);
    board.history = history;
    Some(board)
}

/// Does the group's assignor let members keep their partitions while they join?
fn classic_protocol(group: &Group) -> &'static str {
    let cooperative = |member: &crate::engine::group::Member| {
        let names: Vec<String> = member.protocols.iter().map(|(name, _)| name.clone()).collect();
        crate::engine::group::assignors::is_cooperative(&names)
    };
    match group.members.is_empty() {
        true => "classic",
        false if group.members.values().all(cooperative) => "classic, cooperative",
        false => "classic, eager",
    }
}

fn topics(members: &[MemberCard]) -> Vec<Rc<str>> {
    let all: SortedSet<Rc<str>> = members.iter().flat_map(|member| member.topics.iter().cloned()).collect();
    all.into_iter().collect()
}

fn unread(world: &World, board: &GroupBoard, history: &History) -> Vec<(TopicPartition, Option<SimTime>)> {
    let read: SortedSet<&TopicPartition> = board
        .members
        .iter()
        .filter(|member| !member.gone)
        .flat_map(|member| member.partitions.iter().filter(|owned| owned.reads).map(|owned| &owned.topic_partition))
        .collect();
    let partitions = board.topics.iter().flat_map(|topic| {
        let count = world.cluster().topic(topic).map_or(0, |topic| topic.partitions.len());
        (0..count as i32).map(|partition| TopicPartition::new(topic.as_ref(), partition))
    });
    let nobody = partitions.filter(|partition| !read.contains(partition));
    nobody.take(UNREAD_MAX).map(|partition| (partition.clone(), history.since(&partition))).collect()
}
