//! What only a share group (KIP-932) has: its settings, the records in flight in each partition, what happened to them lately.

use super::in_flight::{self, SharePartitionRow};
use super::news::News;
use super::{Groups, History, reading};
use crate::base::{GroupId, Span};
use crate::engine::group::ShareGroup;
use crate::engine::share::Limits;
use crate::engine::world::World;
use crate::view::parts::clients::owner_name;

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
    let (partitions, partitions_more) = in_flight::rows(world, id, group, history);
    ShareBoard {
        delivery_count_max: limits.delivery_count_max,
        lock_duration: limits.lock_duration,
        records_max: limits.records_max,
        partitions,
        partitions_more,
        news: reading::news(world, id, limits.delivery_count_max),
    }
}
