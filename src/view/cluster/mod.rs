//! Lives here: the Cluster view: brokers with their disks, the links between hosts, each partition's replicas side by side,
//! and what goes from host to host.
//! Never here: faults themselves: what a person can do to a host or a link is a line of the script.

mod faults;
mod flights;
mod hosts;
mod layout;
mod rows;
mod traffic;

pub use crate::view::parts::selection::HostSpot;
pub use faults::{Fault, broker_faults, controller_faults, last_fault, link_faults};
pub use flights::{ClusterFlight, cluster_flights};
pub use hosts::{BrokerCard, ControllerCard, DiskView, LinkView, Process, broker_state, card, link, programs};
pub use layout::{ClusterLayout, layout};
pub use rows::{ClusterRow, Health, Held, ReplicaView, Slot, row};
pub use traffic::{Bead, Lane, Traffic, Way, traffic};

use std::ops::Range;
use std::rc::Rc;

use crate::base::TopicPartition;
use crate::engine::world::World;

/// What of the Cluster view is on the screen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClusterWindow {
    /// Show `__consumer_offsets` too.
    pub internal: bool,
    /// Which partitions, counted over all topics in order of name.
    pub rows: Range<usize>,
    /// Offsets drawn of each partition.
    pub slots: usize,
    /// Programs drawn.
    pub programs_max: usize,
}

impl Default for ClusterWindow {
    fn default() -> Self {
        Self { internal: false, rows: 0..8, slots: 6, programs_max: 12 }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClusterView {
    /// The controllers, where they are nodes of their own.
    pub controllers: Vec<ControllerCard>,
    pub brokers: Vec<BrokerCard>,
    /// Links between nodes, and all that are not as they should be.
    pub links: Vec<LinkView>,
    /// Running programs that have clients, by name.
    pub programs: Vec<Rc<str>>,
    pub program_count: usize,
    pub rows: Vec<ClusterRow>,
    /// All partitions that could be shown, also outside the window.
    pub row_count: usize,
    /// Partitions that are not as they should be, counted over all that could be shown.
    pub offline: usize,
    pub under_min_isr: usize,
    pub under_replicated: usize,
}

/// The Cluster view, as far as it is on the screen.
pub fn cluster(world: &World, window: &ClusterWindow) -> ClusterView {
    let all_programs = programs(world);
    let mut view = ClusterView {
        controllers: hosts::controllers(world),
        brokers: hosts::cards(world),
        links: hosts::links(world),
        program_count: all_programs.len(),
        programs: all_programs.into_iter().take(window.programs_max).collect(),
        ..ClusterView::default()
    };
    for (name, topic) in world.cluster().topics().filter(|(_, topic)| window.internal || !topic.internal) {
        for (at, state) in topic.partitions.iter().enumerate() {
            match rows::health(topic, state) {
                Health::Fine => {}
                Health::UnderReplicated => view.under_replicated += 1,
                Health::UnderMinIsr => view.under_min_isr += 1,
                Health::Offline => view.offline += 1,
            }
            if window.rows.contains(&view.row_count) {
                view.rows.extend(row(world, &TopicPartition::new(name.clone(), at as i32), window.slots));
            }
            view.row_count += 1;
        }
    }
    view
}
