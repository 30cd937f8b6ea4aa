//! Questions to the world that both tours ask: who is a member, who owns what, what was printed.

use crate::base::{GroupId, Span, TopicPartition};
use crate::engine::World;
use crate::engine::client::Consumer;
use crate::engine::group::{ConsumerGroup, ConsumerGroupState, Group, GroupState};
use crate::engine::world::{ProgramEntry, ProgramStatus};
use crate::scenario::parts::facts;

/// Partitions of the topic.
pub const PARTITIONS: usize = 4;

pub fn classic<'w>(world: &'w World, group: &str) -> Option<&'w Group> {
    let group = GroupId::from(group);
    world.brokers().find_map(|broker| broker.groups.get(&group)).map(|group| &**group)
}

pub fn modern<'w>(world: &'w World, group: &str) -> Option<&'w ConsumerGroup> {
    let group = GroupId::from(group);
    world.brokers().find_map(|broker| broker.consumer_groups.get(&group)).map(|group| &**group)
}

/// Members that the coordinator knows, of either protocol.
pub fn members(world: &World, group: &str) -> usize {
    let classic = classic(world, group).map_or(0, |group| group.members.len());
    classic + modern(world, group).map_or(0, |group| group.members.len())
}

/// Has every member that the coordinator knows what it is to have?
pub fn is_stable(world: &World, group: &str) -> bool {
    classic(world, group).is_some_and(|group| group.state == GroupState::Stable)
        || modern(world, group).is_some_and(|group| group.state() == ConsumerGroupState::Stable)
}

/// A running program's consumer of the group.
fn consumer<'w>(world: &'w World, group: &str, name: &str) -> Option<&'w Consumer> {
    let program = world.program_named(name).filter(|program| program.is_running())?;
    let clients = world.clients().filter(|client| client.owner == program.id);
    let mut consumers = clients.filter_map(|client| world.consumer(client.id));
    consumers.find(|consumer| consumer.config().group_id.as_ref().is_some_and(|id| &*id.0 == group))
}

/// Partitions that it owns; `None` where there is no such consumer.
pub fn owned_by(world: &World, group: &str, name: &str) -> Option<Vec<TopicPartition>> {
    consumer(world, group, name).map(Consumer::assignment)
}

/// Has it read more of a partition than the group has committed there? Two records more: the latest may not be printed yet.
pub fn is_ahead(world: &World, group: &str, name: &str) -> bool {
    let Some(consumer) = consumer(world, group, name) else { return false };
    let owned = consumer.assignment();
    let mut committed = facts::committed(world, group).into_iter().filter(|(partition, _)| owned.contains(partition));
    committed.any(|(partition, offset)| consumer.position(&partition).is_some_and(|position| position.0 >= offset.0 + 2))
}

/// How many partitions each of these owns.
pub fn shares<const N: usize>(world: &World, group: &str, names: [&str; N]) -> [usize; N] {
    names.map(|name| owned_by(world, group, name).map_or(0, |owned| owned.len()))
}

/// Is each partition read by a running member, and the group at rest?
pub fn is_all_read(world: &World, group: &str) -> bool {
    let owned = world.latest_programs().filter_map(|program| owned_by(world, group, &program.name));
    is_stable(world, group) && owned.map(|owned| owned.len()).sum::<usize>() == PARTITIONS
}

/// Has the group committed in every partition?
pub fn commits_everywhere(world: &World, group: &str) -> bool {
    facts::committed(world, group).iter().filter(|(_, offset)| offset.0 > 0).count() == PARTITIONS
}

/// How long ago the latest run was killed; `None` where it was not.
pub fn killed_for(world: &World, name: &str) -> Option<Span> {
    match world.program_named(name)?.status {
        ProgramStatus::Killed { at } => Some(world.now().since(at)),
        _ => None,
    }
}

/// Lines with a record, as the console consumer prints them with print.partition=true.
fn printed(program: &ProgramEntry) -> impl DoubleEndedIterator<Item = &str> {
    program.output.iter().map(|line| &*line.text).filter(|line| line.starts_with("Partition:"))
}

/// Has someone else printed the last record that a killed program had printed?
pub fn is_printed_twice(world: &World, name: &str) -> bool {
    facts::runs(world, name).filter(|run| matches!(run.status, ProgramStatus::Killed { .. })).any(|killed| {
        let last = printed(killed).next_back();
        let mut others = world.programs().filter(|program| program.id != killed.id && program.name != killed.name);
        last.is_some_and(|last| others.any(|other| printed(other).any(|line| line == last)))
    })
}
