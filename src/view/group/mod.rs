//! Lives here: a group as the page shows it, in the Groups view, the Logs view and the inspector: what its coordinator keeps
//! of it, where it stands in what it reads, its members with their two clocks, its rebalances as steps, a share group's
//! records in flight, why each member has what it has, and the lines that add, stop, crash and slow members.
//! Never here: what a group does: the coordinator and the clients decide that.

mod clocks;
mod coordinators;
mod history;
mod in_flight;
mod lines;
mod members;
mod news;
mod reading;
mod share;
mod share_members;
mod share_why;
mod steps;
mod why;
pub mod words;

pub use crate::view::parts::group_kind::GroupKind;
pub use clocks::{Clock, ClockState, clocks};
pub use coordinators::{Groups, groups};
pub use history::{History, Reads};
pub use in_flight::{Cell, Run, SharePartitionRow, Standing};
pub use lines::{MemberAct, NewMember, Strategy, add_member, create_topic, is_instance_id, member_acts, restart_member};
pub use members::{MemberCard, MemberStanding, OwnedPartition, Says};
pub use news::{News, NewsKind};
pub use reading::{Crash, crash, history};
pub use share::ShareBoard;
pub use steps::{Lane, Rebalance, Segment, Step, StepKind};
pub use why::{Why, why};

use std::rc::Rc;

use crate::base::{BrokerId, GroupId, SimTime, SortedMap, SortedSet, TopicPartition};
use crate::engine::group::{Group, GroupState};
use crate::engine::trace::AnyGroupState;
use crate::engine::world::World;
use crate::view::parts::row::leader_replica;
use coordinators::Kept;

/// Partitions without a reader that are named.
const UNREAD_MAX: usize = 64;

/// How a group's members agree on who reads what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GroupProtocol {
    /// Nobody speaks one: it holds offsets alone, or its first member is on its way.
    Unknown,
    /// Of a group without members.
    Classic,
    /// All give up everything before they join again.
    ClassicEager,
    /// Members keep what does not move.
    ClassicCooperative,
    Consumer,
    Share,
}

impl GroupProtocol {
    /// Nothing for one that is not known.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::Classic => "classic",
            Self::ClassicEager => "classic, eager",
            Self::ClassicCooperative => "classic, cooperative",
            Self::Consumer => "consumer (KIP-848)",
            Self::Share => "share (KIP-932)",
        }
    }
}

/// Where a group stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GroupStanding {
    /// No coordinator keeps it: it holds offsets alone, or its first member is on its way.
    Unknown,
    /// Its coordinator is gone, and no other has read yet what was written of the group.
    NoCoordinator,
    Is(AnyGroupState),
}

impl GroupStanding {
    /// As Kafka's tools write it, where Kafka has a word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => GroupState::Empty.name(),
            Self::NoCoordinator => "without a coordinator",
            Self::Is(state) => state.name(),
        }
    }

    pub fn is_stable(self) -> bool {
        use crate::engine::group::{ConsumerGroupState, ShareGroupState};
        matches!(
            self,
            Self::Is(
                AnyGroupState::Classic(GroupState::Stable)
                    | AnyGroupState::Consumer(ConsumerGroupState::Stable)
                    | AnyGroupState::Share(ShareGroupState::Stable)
            )
        )
    }

    /// It has no members.
    pub fn is_empty(self) -> bool {
        use crate::engine::group::{ConsumerGroupState, ShareGroupState};
        matches!(
            self,
            Self::Unknown
                | Self::Is(
                    AnyGroupState::Classic(GroupState::Empty)
                        | AnyGroupState::Consumer(ConsumerGroupState::Empty)
                        | AnyGroupState::Share(ShareGroupState::Empty)
                )
        )
    }

    /// The members of a classic group wait for each other.
    pub fn is_classic_rebalance(self) -> bool {
        matches!(self, Self::Is(AnyGroupState::Classic(GroupState::PreparingRebalance | GroupState::CompletingRebalance)))
    }
}

/// A partition that a group reads, or has committed an offset in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartitionLag {
    pub topic_partition: TopicPartition,
    pub committed_offset: Option<i64>,
    /// The high watermark, which Kafka's tools call LOG-END-OFFSET.
    pub log_end_offset: i64,
    /// High watermark − committed, as `kafka-consumer-groups.sh` has it; `None` while nothing is committed, which is not 0. Of a
    /// share group: records that are not done with.
    pub lag: Option<i64>,
    /// Who reads it now; in a share group several may.
    pub member: Option<Rc<str>>,
}

/// A group at a moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupBoard {
    pub group_id: Rc<str>,
    pub kind: GroupKind,
    pub protocol: GroupProtocol,
    pub state: GroupStanding,
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
    /// The members that the coordinator counts, and consumers that are on their way to become some, by name.
    pub members: Vec<MemberCard>,
    /// By partition.
    pub lags: Vec<PartitionLag>,
    /// Partitions of those topics that nobody reads, and since when; `None`: since before the trace begins, or never read.
    pub unread: Vec<(TopicPartition, Option<SimTime>)>,
    pub history: History,
    /// Of a share group.
    pub share: Option<ShareBoard>,
}

impl GroupBoard {
    /// Members that the coordinator counts.
    pub fn member_count(&self) -> usize {
        self.members.iter().filter(|card| card.member_id.is_some()).count()
    }

    /// Sum of the lags that are known; `None` where none is.
    pub fn lag(&self) -> Option<i64> {
        self.lags.iter().filter_map(|lag| lag.lag).reduce(|sum, lag| sum + lag)
    }

    /// In a sentence, for the live region and the head of the view.
    pub fn summary(&self) -> String {
        let mut members = crate::view::parts::text::count(self.member_count() as i64, "member");
        match self.members.iter().filter(|card| card.state == MemberStanding::Joining).count() {
            0 => {}
            joining => members.push_str(&format!(", {joining} joining")),
        }
        let number = match (self.generation, self.epochs) {
            (_, Some((group, target))) if group == target => format!(", epoch {group}"),
            (_, Some((group, target))) => format!(", group epoch {group}, assignment epoch {target}"),
            (Some(generation), None) => format!(", generation {generation}"),
            (None, None) => String::new(),
        };
        format!("{} is {} with {members}{number}.", self.group_id, self.state.word())
    }

    /// What a new member has to bring to fit in with the others.
    pub fn strategy(&self) -> Strategy {
        match (self.protocol, self.assignor.as_deref()) {
            (GroupProtocol::Share, _) => Strategy::Share,
            (GroupProtocol::Consumer, Some("range")) => Strategy::RemoteRange,
            (GroupProtocol::Consumer, _) => Strategy::Uniform,
            (_, Some("roundrobin")) => Strategy::RoundRobin,
            (_, Some("sticky")) => Strategy::Sticky,
            (_, Some("cooperative-sticky")) => Strategy::CooperativeSticky,
            _ => Strategy::Default,
        }
    }
}

/// The group with this id; `None` where nobody knows it.
pub fn board(world: &World, id: &GroupId) -> Option<GroupBoard> {
    Groups::of(world).board(id)
}

impl Groups<'_> {
    /// The group with this id; `None` where nobody knows it.
    pub fn board(&self, id: &GroupId) -> Option<GroupBoard> {
        let kind = self.kind(id)?;
        let (coordinator, kept) = self.kept(id);
        let mut board = GroupBoard {
            group_id: id.0.clone(),
            kind,
            protocol: GroupProtocol::Unknown,
            state: GroupStanding::Unknown,
            generation: None,
            epochs: None,
            coordinator: coordinator.or_else(|| self.coordinator(id)),
            leader: None,
            assignor: None,
            deadline: None,
            topics: Vec::new(),
            members: Vec::new(),
            lags: Vec::new(),
            unread: Vec::new(),
            history: History::default(),
            share: None,
        };
        match kind {
            GroupKind::Share => self.fill_share(&mut board, id, &kept),
            GroupKind::Classic | GroupKind::Consumer => self.fill(&mut board, id, &kept),
        }
        if coordinator.is_none() && board.state != GroupStanding::Unknown {
            board.state = GroupStanding::NoCoordinator;
        }
        Some(board)
    }

    fn fill(&self, board: &mut GroupBoard, id: &GroupId, kept: &Kept<'_>) {
        let history = history(self.world, id);
        board.members = members::cards(self, id, kept, &history);
        board.topics = topics(&board.members);
        match kept {
            Kept::Classic(group) => {
                board.protocol = classic_protocol(group);
                board.state = GroupStanding::Is(AnyGroupState::Classic(group.state));
                board.generation = Some(group.generation_id).filter(|generation| *generation > 0);
                let leader = group.leader.as_ref().filter(|_| !group.members.is_empty());
                board.leader = leader.map(|leader| history.name_of(leader));
                board.assignor = group.protocol_name.as_deref().filter(|name| !name.is_empty()).map(Into::into);
                board.deadline = match (group.join_deadline, group.sync_deadline) {
                    (Some(at), _) if group.generation_id == 0 => Some((at, "waits for more members until")),
                    (Some(at), _) => Some((at, "waits for members to join again until")),
                    (None, Some(at)) => Some((at, "waits for members to ask for their assignment until")),
                    (None, None) => None,
                };
            }
            Kept::Consumer(group) => {
                board.protocol = GroupProtocol::Consumer;
                board.state = GroupStanding::Is(AnyGroupState::Consumer(group.state()));
                board.epochs = Some((group.group_epoch, group.assignment_epoch));
                board.assignor = Some(why::server_assignor(self.world, group).into());
            }
            Kept::Share(_) | Kept::Nowhere => {}
        }
        board.lags = self.lags(id, &board.members);
        board.unread = unread(self.world, board, &history);
        board.history = history;
    }

    fn fill_share(&self, board: &mut GroupBoard, id: &GroupId, kept: &Kept<'_>) {
        let group = match kept {
            Kept::Share(group) => Some(*group),
            _ => None,
        };
        let history = share::names(self, id);
        board.protocol = GroupProtocol::Share;
        if let Some(group) = group {
            board.state = GroupStanding::Is(AnyGroupState::Share(group.state()));
            board.epochs = Some((group.group_epoch, group.assignment_epoch));
            board.assignor = Some(crate::engine::group::assignors::simple::NAME.into());
        }
        board.members = share_members::cards(self, id, group, &history);
        board.topics = topics(&board.members);
        let share = share::share_board(self.world, id, group, &history);
        let lag = |row: &SharePartitionRow| PartitionLag {
            topic_partition: row.topic_partition.clone(),
            committed_offset: None,
            log_end_offset: row.high_watermark.unwrap_or(0),
            lag: row.lag(),
            member: None,
        };
        board.lags = share.partitions.iter().map(lag).collect();
        board.share = Some(share);
        board.history = history;
    }

    /// Where the group stands in what it has committed, and in what its members read.
    fn lags(&self, id: &GroupId, members: &[MemberCard]) -> Vec<PartitionLag> {
        let mut rows: SortedMap<TopicPartition, (Option<i64>, Option<Rc<str>>)> = SortedMap::new();
        for (partition, committed) in self.committed(id).into_iter().flatten() {
            rows.insert(partition.clone(), (Some(committed.offset.0), None));
        }
        for member in members {
            for owned in &member.partitions {
                rows.get_or_default(owned.topic_partition.clone()).1 = Some(member.name.clone());
            }
        }
        let lag = |(topic_partition, (committed_offset, member)): (TopicPartition, (Option<i64>, Option<Rc<str>>))| {
            let log_end_offset = leader_replica(self.world, &topic_partition)?.high_watermark.0;
            let lag = committed_offset.map(|committed| (log_end_offset - committed).max(0));
            Some(PartitionLag { topic_partition, committed_offset, log_end_offset, lag, member })
        };
        rows.into_iter().filter_map(lag).collect()
    }
}

/// Does the group's assignor let members keep their partitions while they join?
fn classic_protocol(group: &Group) -> GroupProtocol {
    let cooperative = |member: &crate::engine::group::Member| {
        let names: Vec<String> = member.protocols.iter().map(|(name, _)| name.clone()).collect();
        crate::engine::group::assignors::is_cooperative(&names)
    };
    match group.members.is_empty() {
        true => GroupProtocol::Classic,
        false if group.members.values().all(cooperative) => GroupProtocol::ClassicCooperative,
        false => GroupProtocol::ClassicEager,
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
