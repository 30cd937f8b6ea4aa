//! The script lines that add, stop, crash, slow and change members.

use std::fmt::Write as _;
use std::rc::Rc;

use super::MemberCard;
use crate::engine::world::World;
use crate::session::ScenarioEntry;
use crate::view::commands::{self, Bootstrap};

/// How long a slowed member takes for each record.
const SLOW_MS: u64 = 2000;

/// Who assigns, and by which rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Strategy {
    /// Kafka's default list: works as range until range is taken out.
    #[default]
    Default,
    Range,
    RoundRobin,
    Sticky,
    CooperativeSticky,
    /// `group.protocol=consumer`, the coordinator's default assignor.
    Uniform,
    /// `group.protocol=consumer` with `group.remote.assignor=range`.
    RemoteRange,
}

impl Strategy {
    pub const ALL: [Strategy; 7] = [
        Strategy::Default,
        Strategy::Range,
        Strategy::RoundRobin,
        Strategy::Sticky,
        Strategy::CooperativeSticky,
        Strategy::Uniform,
        Strategy::RemoteRange,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Self::Default => "classic, Kafka’s default list",
            Self::Range => "classic, range",
            Self::RoundRobin => "classic, round robin",
            Self::Sticky => "classic, sticky",
            Self::CooperativeSticky => "classic, cooperative sticky",
            Self::Uniform => "consumer (KIP-848), uniform",
            Self::RemoteRange => "consumer (KIP-848), range",
        }
    }

    fn properties(self) -> Vec<String> {
        let class = |name: &str| vec![format!("partition.assignment.strategy=org.apache.kafka.clients.consumer.{name}Assignor")];
        match self {
            Self::Default => Vec::new(),
            Self::Range => class("Range"),
            Self::RoundRobin => class("RoundRobin"),
            Self::Sticky => class("Sticky"),
            Self::CooperativeSticky => class("CooperativeSticky"),
            Self::Uniform => vec!["group.protocol=consumer".to_owned()],
            Self::RemoteRange => vec!["group.protocol=consumer".to_owned(), "group.remote.assignor=range".to_owned()],
        }
    }
}

/// A member to be started, as a console consumer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewMember {
    pub topic: String,
    pub group: String,
    pub strategy: Strategy,
    /// `group.instance.id`; empty: a dynamic member.
    pub instance_id: String,
    /// `max.poll.interval.ms`; empty: Kafka's default.
    pub max_poll_interval_ms: String,
}

/// Three partitions to share.
pub fn create_topic(world: &World) -> Vec<String> {
    commands::create_topic(&Bootstrap::of(world), "rides", Some(3), &std::collections::BTreeMap::new())
}

/// Starts a member in a terminal that is free.
pub fn add_member(world: &World, member: &NewMember) -> Vec<String> {
    start(world, &commands::free_terminal(world, "c"), member)
}

/// Stops a member in its terminal, and starts it there with other settings.
pub fn restart_member(world: &World, name: &str, member: &NewMember) -> Vec<String> {
    let mut blocks = commands::interrupt(name);
    blocks.extend(start(world, name, member));
    blocks
}

fn start(world: &World, terminal: &str, member: &NewMember) -> Vec<String> {
    let mut properties = member.strategy.properties();
    for (key, value) in [("group.instance.id", &member.instance_id), ("max.poll.interval.ms", &member.max_poll_interval_ms)] {
        if !value.trim().is_empty() {
            properties.push(format!("{key}={}", value.trim()));
        }
    }
    let mut blocks = commands::start_consumer(&Bootstrap::of(world), terminal, &member.topic, Some(&member.group), false);
    if let Some(line) = blocks.last_mut() {
        for property in properties {
            let _ = write!(line, " --command-property {}", commands::quote(&property));
        }
    }
    blocks
}

/// Something that can be done to a member.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberAct {
    pub label: &'static str,
    pub icon: &'static str,
    /// The key that does it while the member has the focus.
    pub key: &'static str,
    pub hint: &'static str,
    pub blocks: Vec<String>,
}

/// What can be done to a member now; nothing to one whose program has ended.
pub fn member_acts(scenario: Option<&ScenarioEntry>, card: &MemberCard) -> Vec<MemberAct> {
    if card.gone {
        return Vec::new();
    }
    let name: &Rc<str> = &card.name;
    let is_service = scenario.is_some_and(|scenario| (scenario.service)(name).is_some());
    let stop = if is_service { commands::stop_service(name) } else { commands::interrupt(name) };
    let slow = |ms: u64| vec![format!("$ slow-consumer {name} {ms}")];
    let act = |label, icon, key, hint, blocks| MemberAct { label, icon, key, hint, blocks };
    vec![
        act("Stop", "stop", "S", "It commits, gives up its partitions and leaves: the group rebalances at once.", stop),
        act(
            "Crash",
            "kill",
            "C",
            "Gone without a word: its partitions wait until its session is over.",
            commands::kill_service(name),
        ),
        match card.record_ms {
            None => act("Slow it", "clock", "W", "It takes 2 s for each record, and polls that much later.", slow(SLOW_MS)),
            Some(_) => act("Quick again", "clock", "W", "It takes no longer for a record than it did before.", slow(0)),
        },
    ]
}
