//! The script lines that add, stop, crash, slow and change members.

use std::fmt::Write as _;
use std::rc::Rc;

use super::members::{MemberCard, Says};
use crate::engine::metadata::check_instance_id;
use crate::engine::world::World;
use crate::session::ScenarioEntry;
use crate::view::parts::clients::is_service;
use crate::view::parts::commands::{self, Bootstrap};

/// How long a slowed member takes for each record.
const SLOW_MS: u64 = 2000;

/// The same for a member of a share group: long enough to see that it holds records.
const SLOW_SHARE_MS: u64 = 10_000;

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
    /// A share consumer (KIP-932): the coordinator's simple assignor.
    Share,
}

impl Strategy {
    pub const ALL: [Strategy; 8] = [
        Strategy::Default,
        Strategy::Range,
        Strategy::RoundRobin,
        Strategy::Sticky,
        Strategy::CooperativeSticky,
        Strategy::Uniform,
        Strategy::RemoteRange,
        Strategy::Share,
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
            Self::Share => "share (KIP-932)",
        }
    }

    fn properties(self) -> Vec<String> {
        let class = |name: &str| vec![format!("partition.assignment.strategy=org.apache.kafka.clients.consumer.{name}Assignor")];
        match self {
            Self::Default | Self::Share => Vec::new(),
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
    /// `group.instance.id`; empty: a dynamic member. A share consumer has none.
    pub instance_id: String,
    /// `max.poll.interval.ms`; empty: Kafka's default.
    pub max_poll_interval_ms: String,
    /// Share consumers: what they say of each record.
    pub says: Says,
    /// Share consumers: records taken at a time, by `share.acquire.mode=record_limit`; empty: whole batches, as by default.
    pub max_poll_records: String,
}

/// May a static member be called so?
pub fn is_instance_id(id: &str) -> bool {
    check_instance_id(id).is_ok()
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
    let shares = member.strategy == Strategy::Share;
    let mut properties = member.strategy.properties();
    let mut set = |key: &str, value: &str| {
        if !value.trim().is_empty() {
            properties.push(format!("{key}={}", value.trim()));
        }
    };
    if shares {
        if !member.max_poll_records.trim().is_empty() {
            set("share.acquire.mode", "record_limit");
        }
        set("max.poll.records", &member.max_poll_records);
    } else {
        set("group.instance.id", &member.instance_id);
    }
    set("max.poll.interval.ms", &member.max_poll_interval_ms);
    let at = Bootstrap::of(world);
    let mut blocks = match shares {
        true => commands::start_share_consumer(&at, terminal, &member.topic, &member.group),
        false => commands::start_consumer(&at, terminal, &member.topic, Some(&member.group), false),
    };
    if let Some(line) = blocks.last_mut() {
        if shares {
            line.push_str(member.says.option());
        }
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

/// What can be done to a member now. One whose program has ended can be started again, if that is a service.
pub fn member_acts(scenario: Option<&ScenarioEntry>, card: &MemberCard) -> Vec<MemberAct> {
    let name: &Rc<str> = &card.name;
    let is_service = is_service(scenario, name);
    let act = |label, icon, key, hint, blocks| MemberAct { label, icon, key, hint, blocks };
    if card.gone {
        let again = match card.instance_id {
            Some(_) => "It joins as the static member that it was, and has its partitions back.",
            None => "It joins as a new member: the coordinator counts the old one until its session is over.",
        };
        let start = act("Start again", "play", "S", again, commands::start_service(name));
        return Vec::from_iter(Some(start).filter(|_| is_service && !card.runs));
    }
    let stop = if is_service { commands::stop_service(name) } else { commands::interrupt(name) };
    let slow = |ms: u64| vec![format!("$ slow-consumer {name} {ms}")];
    if card.shares {
        let quicker = "It takes no longer for a record than it did before.";
        return vec![
            act("Stop", "stop", "S", "It sends what it has to say of its records, gives the others back, and leaves.", stop),
            act(
                "Crash",
                "kill",
                "C",
                "Gone without a word. Its connection breaks: what it holds is available again at once. It is a member until its \
                 session is over.",
                commands::kill_service(name),
            ),
            match card.record_ms {
                None => act(
                    "Slow it",
                    "clock",
                    "W",
                    "It takes 10 s for each record. It holds all that it took meanwhile, and its locks may time out.",
                    slow(SLOW_SHARE_MS),
                ),
                Some(_) => act("Quick again", "clock", "W", quicker, slow(0)),
            },
        ];
    }
    let leaves = match card.instance_id {
        None => "It commits, gives up its partitions and leaves: the group rebalances at once.",
        Some(_) => "It commits and ends. Its group.instance.id keeps its place, and its partitions, until its session is over.",
    };
    vec![
        act("Stop", "stop", "S", leaves, stop),
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
