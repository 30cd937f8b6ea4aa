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
pub(super) use why::why;

use std::rc::Rc;

use super::History;
use crate::base::{GroupId, Span, sort};
use crate::engine::client::{Client, ClientKind, ShareConsumer};
use crate::engine::group::ShareGroup;
use crate::engine::share::Limits;
use crate::engine::trace::TraceEvent;
use crate::engine::world::World;

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

/// The share consumers of a group.
pub(super) fn consumers<'w>(world: &'w World, id: &GroupId) -> Vec<(&'w Client, &'w ShareConsumer)> {
    let own = all_consumers(world).filter(|(_, consumer)| consumer.config().group_id == *id);
    own.collect()
}

/// All share consumers.
pub(super) fn all_consumers(world: &World) -> impl Iterator<Item = (&Client, &ShareConsumer)> {
    world.clients().filter_map(|client| match &client.kind {
        ClientKind::Share(consumer) => Some((client, consumer.as_ref())),
        _ => None,
    })
}

/// The group's members of now and of before, as far as the trace goes back. A share group does not rebalance: nobody waits
/// for another, so there are no steps to tell.
pub(super) fn names(world: &World, id: &GroupId) -> History {
    let mut history = History::default();
    let name = |program| world.program(program).map(|program| program.name.clone());
    for entry in world.trace().iter() {
        if let TraceEvent::MemberJoined { group, member, by: Some(client) } = &entry.event
            && group == id
        {
            let name = world.owner(*client).and_then(name).unwrap_or_else(|| member.0.clone());
            history.members.insert(member.clone(), (*client, name));
        }
    }
    for (client, consumer) in consumers(world, id) {
        if let Some(member) = consumer.member_id() {
            let name = name(client.owner).unwrap_or_else(|| client.client_id.as_str().into());
            history.members.insert(member.clone(), (client.id, name));
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
        news: news::news(world, id, limits.delivery_count_max, history),
    }
}

/// The names of members, in order.
fn names_of<'m>(history: &History, members: impl Iterator<Item = &'m crate::base::MemberId>) -> Vec<Rc<str>> {
    let mut names: Vec<Rc<str>> = members.map(|member| name_of(history, member)).collect();
    sort(&mut names);
    names
}

/// A member's name; its id where nobody knows its program.
fn name_of(history: &History, member: &crate::base::MemberId) -> Rc<str> {
    history.members.get(member).map_or_else(|| member.0.clone(), |(_, name)| name.clone())
}
