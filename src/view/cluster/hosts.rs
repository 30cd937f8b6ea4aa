//! Nodes and programs, and the links between them.

use std::rc::Rc;

use crate::base::{BrokerId, SortedSet};
use crate::engine::broker::Broker;
use crate::engine::network::LinkFault;
use crate::engine::world::World;
use crate::view::parts::selection::HostSpot;
use crate::view::parts::text;

/// With more nodes than this, only links with a fault are drawn: all others would hide them.
const NODES_MAX: usize = 8;

/// A controller that is a node of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ControllerCard {
    pub id: BrokerId,
    /// With its number where there are several.
    pub name: String,
    /// `leads`, `follows` or `down`; empty where there is one.
    pub state: &'static str,
    pub leads: bool,
    pub running: bool,
}

pub(super) fn controllers(world: &World) -> Vec<ControllerCard> {
    let quorum = &world.cluster().quorum;
    let alone = quorum.voters.len() == 1;
    let apart = quorum.voters.iter().filter(|(id, _)| world.broker(**id).is_none());
    apart
        .map(|(id, voter)| {
            let leads = quorum.leader == Some(*id);
            let state = match (alone, voter.running) {
                (true, _) => "",
                (_, false) => "down",
                _ if leads => "leads",
                _ => "follows",
            };
            let name = if alone { "Controller".to_owned() } else { format!("Controller {id}") };
            ControllerCard { id: *id, name, state, leads, running: voter.running }
        })
        .collect()
}

/// What a broker's process does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Process {
    Running,
    /// Suspended: it keeps all it has and answers nothing.
    Frozen,
    /// It has begun, and waits until it reaches the controller.
    Starting,
    Down,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BrokerCard {
    pub id: BrokerId,
    pub process: Process,
    /// The controller takes it for dead: it leads nothing and is in no ISR.
    pub fenced: bool,
    /// It hears nothing of changes of the metadata.
    pub out_of_touch: bool,
    /// It is the controller as well.
    pub controller: bool,
    pub leads: usize,
    pub coordinates: usize,
    pub disk: DiskView,
    /// `running`, `frozen`, `fenced`, `starting` or `down`.
    pub state: &'static str,
    /// What there is to add to it; empty where nothing is.
    pub note: &'static str,
}

/// What a broker's process leaves behind when it ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DiskView {
    pub replicas: usize,
    pub size_bytes: u64,
    /// Each write takes this much longer; 0 for a disk as it should be.
    pub slow_ms: u64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkView {
    pub one: HostSpot,
    pub other: HostSpot,
    pub cut: bool,
    /// Each message takes this much longer.
    pub slow_ms: u64,
    /// Of 100 messages so many are lost once and sent again.
    pub loss_percent: u32,
}

impl LinkView {
    pub fn is_sound(&self) -> bool {
        !self.cut && self.slow_ms == 0 && self.loss_percent == 0
    }

    /// How it is, in two words.
    pub fn state(&self) -> String {
        match self {
            Self { cut: true, .. } => "cut".to_owned(),
            Self { slow_ms: 1.., .. } => format!("+{} ms", self.slow_ms),
            Self { loss_percent: 1.., .. } => format!("{} % lost", self.loss_percent),
            _ => "sound".to_owned(),
        }
    }
}

/// One word for how a broker is.
pub fn broker_state(world: &World, broker: &Broker) -> &'static str {
    match process(world, broker) {
        Process::Down => "down",
        Process::Starting => "starting",
        Process::Frozen => "frozen",
        Process::Running if !world.cluster().is_active(broker.id) => "fenced",
        Process::Running => "running",
    }
}

pub(super) fn process(world: &World, broker: &Broker) -> Process {
    match broker.running {
        false if broker.starting => Process::Starting,
        false => Process::Down,
        true if world.is_frozen(broker.id) => Process::Frozen,
        true => Process::Running,
    }
}

pub(super) fn cards(world: &World) -> Vec<BrokerCard> {
    let mut leads: Vec<(BrokerId, usize)> = world.brokers().map(|broker| (broker.id, 0)).collect();
    for leader in world.cluster().topics().flat_map(|(_, topic)| &topic.partitions).filter_map(|partition| partition.leader) {
        if let Some((_, count)) = leads.iter_mut().find(|(id, _)| *id == leader) {
            *count += 1;
        }
    }
    world.brokers().zip(leads).map(|(broker, (_, leads))| card_of(world, broker, leads)).collect()
}

/// One broker's card.
pub fn card(world: &World, broker: &Broker) -> BrokerCard {
    let partitions = world.cluster().topics().flat_map(|(_, topic)| &topic.partitions);
    card_of(world, broker, partitions.filter(|partition| partition.leader == Some(broker.id)).count())
}

fn card_of(world: &World, broker: &Broker, leads: usize) -> BrokerCard {
    let process = process(world, broker);
    let fenced = !world.cluster().is_active(broker.id);
    let note = match (process, fenced) {
        (Process::Running, true) => "it has no leave to lead yet",
        (Process::Running, false) if broker.stale.is_some() => "hears nothing from the controller",
        (Process::Running, false) => "",
        (Process::Starting, _) => "the controller is out of reach",
        (_, true) => "fenced",
        (_, false) => "not noticed yet",
    };
    BrokerCard {
        id: broker.id,
        process,
        fenced,
        out_of_touch: broker.stale.is_some(),
        controller: world.cluster().controller == broker.id,
        leads,
        coordinates: broker.groups.len() + broker.consumer_groups.len() + broker.share_groups.len() + broker.streams_groups.len(),
        disk: DiskView {
            replicas: broker.replicas.len(),
            size_bytes: broker.replicas.values().map(|replica| replica.log.size_bytes()).sum(),
            slow_ms: broker.slow_disk.ms(),
        },
        state: broker_state(world, broker),
        note,
    }
}

/// The running programs that talk to the cluster, by name.
pub fn programs(world: &World) -> Vec<Rc<str>> {
    let owners = world.clients().filter_map(|client| world.program(client.owner));
    let names: SortedSet<Rc<str>> = owners.filter(|program| program.is_running()).map(|program| program.name.clone()).collect();
    names.into_iter().collect()
}

pub(super) fn links(world: &World) -> Vec<LinkView> {
    // Of several controllers brokers talk to the one that leads.
    let leader = world.cluster().quorum.leader.filter(|leader| world.broker(*leader).is_none());
    let apart = leader.map(|leader| HostSpot::of_node(world, leader));
    let nodes: Vec<HostSpot> = apart.into_iter().chain(world.brokers().map(|broker| HostSpot::Broker(broker.id))).collect();
    let mut links = Vec::new();
    if nodes.len() <= NODES_MAX {
        for (at, one) in nodes.iter().enumerate() {
            links.extend(nodes[at + 1..].iter().map(|other| link(world, one, other)));
        }
    }
    for (one, other) in world.network().faults().map(|((one, other), _)| (HostSpot::of(world, one), HostSpot::of(world, other))) {
        let known = |link: &LinkView| (link.one == one && link.other == other) || (link.one == other && link.other == one);
        if !links.iter().any(known) {
            links.push(link(world, &one, &other));
        }
    }
    links
}

/// The link between two hosts.
pub fn link(world: &World, one: &HostSpot, other: &HostSpot) -> LinkView {
    let LinkFault { cut, slow, loss_percent } = world.network().fault(one.host(world), other.host(world));
    LinkView { one: one.clone(), other: other.clone(), cut, slow_ms: slow.ms(), loss_percent }
}

impl DiskView {
    /// `3 replicas, 12 KB`, or that it is empty.
    pub fn words(&self) -> String {
        match self.replicas {
            0 => "empty".to_owned(),
            replicas => format!("{}, {}", text::count(replicas as i64, "replica"), text::size_text(self.size_bytes)),
        }
    }
}
