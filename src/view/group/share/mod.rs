//! Lives here: share groups (KIP-932) in the Groups view: their members, the records in flight in each partition with who
//! holds them, what happened to records lately, and why each member has what it has.
//! Never here: who gets which record: `engine/share` decides that.

mod members;
mod news;
mod partitions;
mod why;

pub use news::{News, NewsKind};
pub use partitions::{Cell, Run, SharePartitionRow, Standing};

pub(super) use members::cards;
pub(super) use news::Recently;
pub(super) use why::why;

use std::rc::Rc;

use super::{Groups, History, reading};
use crate::base::{GroupId, Span, sort};
use crate::engine::group::ShareGroup;
use crate::engine::share::Limits;
use crate::engine::world::World;
use crate::view::clients::owner_name;

/// What only a share group has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShareBoard {
    /// share.delivery.count.limit
    pub delivery_count_max: u16,
    /// share.record.lock.duration.ms
    pub lock_duration: Span,
    /// share.partition.max.record.locks
    pub records_max: i64,
    /// The partitions that it reads or has read, by name.
    pub partitions: Vec<SharePartitionRow>,
    /// Partitions beyond those.
    pub partitions_more: usize,
    /// What happened lately, the latest first.
    pub news: Vec<News>,
}

/// The group's members of now and of before. A share group does not rebalance: nobody waits for another, so there are no
/// steps to tell.
pub(super) fn names(groups: &Groups<'_>, id: &GroupId) -> History {
    let mut history = History { members: reading::history(groups.world, id).members, ..History::default() };
    for (client, consumer) in groups.share_consumers(id) {
        if let Some(member) = consumer.member_id() {
            history.members.insert(member.clone(), (client.id, owner_name(groups.world, client)));
        }
    }
    history
}

pub(super) fn share_board(world: &World, id: &GroupId, group: Option<&ShareGroup>, history: &History) -> ShareBoard {
    let limits = Limits::of(&world.informed().group_configs(id));
    let (partitions, partitions_more) = partitions::rows(world, id, group, history);
    ShareBoard {
        delivery_count_max: limits.delivery_count_max,
        lock_duration: limits.lock_duration,
        records_max: limits.records_max,
        partitions,
        partitions_more,
        news: reading::news(world, id, limits.delivery_count_max),
    }
}

/// The names of members, in order.
fn names_of<'m>(history: &History, members: impl Iterator<Item = &'m crate::base::MemberId>) -> Vec<Rc<str>> {
    let mut names: Vec<Rc<str>> = members.map(|member| history.name_of(member)).collect();
    sort(&mut names);
    names
}
