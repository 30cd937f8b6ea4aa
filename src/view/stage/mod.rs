//! Lives here: the stage of the Logs view as one picture: who writes, the log, who reads and what each reader makes of it;
//! what of it folds and grows in the room there is; where its parts lie.
//! Never here: the browser. Lengths are sixteenths of a rem, so that a larger root size makes all of it larger.

mod lanes;
mod marks;
mod plan;
mod readers;
mod rings;
mod strip;

pub use lanes::{Flier, Hop, Lanes, lanes};
pub use marks::{Chosen, Others, Place};
pub use plan::{CardForm, CardPlan, CardWish, Density, Plan, Room, RowPlan, Shape, TopicPlan, TopicWish, Wishes, plan};
pub use readers::{Member, Reader, ReaderKind};
pub use rings::{Ringed, Target, rings};
pub use strip::{Item, Strip, common_prefix, short_key, strip};

use std::rc::Rc;

use crate::base::{ClientId, SortedSet, put_in_order};
use crate::engine::client::ClientKind;
use crate::engine::world::World;
use crate::scenario::cast;
use crate::scenario::cast::Role;
use crate::view::parts::logs::{PartitionView, partitions};

/// What of the stage is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Window {
    /// Show Kafka's own topics too.
    pub internal: bool,
    /// At most so many topics, by name.
    pub topics_max: usize,
    /// At most so many partitions of each topic, but for those named in `whole`.
    pub partitions_max: usize,
    /// Topics whose partitions are all asked for.
    pub whole: Vec<Rc<str>>,
    /// At most so many members of a group.
    pub members_max: usize,
}

impl Default for Window {
    fn default() -> Self {
        Self { internal: false, topics_max: 12, partitions_max: 12, whole: Vec::new(), members_max: 24 }
    }
}

/// Who writes, the log, who reads.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stage {
    pub topics: Vec<Topic>,
    /// All topics that could be shown, also outside the window.
    pub topic_count: usize,
    pub readers: Vec<Reader>,
    /// Services that only write and have something to show.
    pub boards: Vec<Role>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Topic {
    pub name: Rc<str>,
    pub internal: bool,
    pub compacted: bool,
    pub partition_count: usize,
    /// Who writes to it.
    pub pens: Vec<Pen>,
    /// The first of them, as many as the window allows.
    pub partitions: Vec<PartitionView>,
    /// Offsets in the partitions above.
    pub offsets: i64,
}

impl Topic {
    /// The groups that have committed in it, by name.
    pub fn groups(&self) -> SortedSet<Rc<str>> {
        let marks = self.partitions.iter().flat_map(|partition| &partition.markers);
        marks.filter(|marker| marker.committed_offset.is_some()).filter_map(|marker| marker.group.clone()).collect()
    }
}

/// A producer beside a topic that it writes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pen {
    pub name: Rc<str>,
    /// Its producer, while it runs.
    pub client: Option<ClientId>,
    /// It runs.
    pub on: bool,
    /// What it waits for, in words: records that are on their way, or not sent yet.
    pub busy: Option<String>,
}

/// The stage at a moment.
pub fn stage(world: &World, scenario: Option<&str>, window: &Window) -> Stage {
    let roles = cast(world, scenario);
    let shown: Vec<_> = world.cluster().topics().filter(|(_, topic)| window.internal || !topic.internal).collect();
    let mut order: Vec<usize> = (0..shown.len()).collect();
    // A story's topics stand in the order in which its records meet them: the one that most services write to comes first.
    let writers = |at: usize| roles.iter().filter(|role| role.writes.contains(&shown[at].0.as_str())).count();
    put_in_order(&mut order, &|one, other| (writers(*other), *one) < (writers(*one), *other));
    let topics = order.iter().take(window.topics_max).map(|at| {
        let (name, topic) = shown[*at];
        let most = if window.whole.contains(&name.0) { usize::MAX } else { window.partitions_max };
        let partitions = partitions(world, name.as_str(), 0..most);
        Topic {
            name: name.0.clone(),
            internal: topic.internal,
            compacted: topic.settings.is_compacted(),
            partition_count: topic.partitions.len(),
            pens: pens(world, &roles, name.as_str()),
            offsets: partitions.iter().map(|partition| partition.log_end_offset - partition.log_start_offset).sum(),
            partitions,
        }
    });
    Stage {
        topics: topics.collect(),
        topic_count: shown.len(),
        readers: readers::readers(world, &roles, window.members_max),
        boards: roles.iter().filter(|role| role.group.is_none() && role.picture.is_some()).cloned().collect(),
    }
}

/// Who writes to a topic: services of the story that do by trade, and whoever else has given records for it.
fn pens(world: &World, roles: &[Role], topic: &str) -> Vec<Pen> {
    let mut pens: Vec<Pen> = roles
        .iter()
        .filter(|role| role.writes.contains(&topic) && world.program_named(&role.name).is_some())
        .map(|role| Pen { name: role.name.as_str().into(), client: None, on: role.power.is_on(), busy: None })
        .collect();
    for client in world.clients() {
        let ClientKind::Producer(producer) = &client.kind else { continue };
        let name = crate::view::parts::clients::owner_name(world, client);
        let known = pens.iter().position(|pen| pen.name == name);
        if known.is_none() && !producer.topics().any(|known| known.as_str() == topic) {
            continue;
        }
        let sent: i32 = producer.in_flight_batches().filter(|(tp, _)| tp.topic.as_str() == topic).map(|(_, count)| count).sum();
        let busy = match (sent, producer.queued_records()) {
            (0, 0) => None,
            (0, queued) => Some(format!("{queued} waiting")),
            (sent, _) => Some(format!("{sent} in flight")),
        };
        let pen = Pen { name, client: Some(client.id), on: true, busy };
        match known {
            Some(at) => pens[at] = pen,
            None => pens.push(pen),
        }
    }
    pens
}
