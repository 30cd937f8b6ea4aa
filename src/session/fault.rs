//! The lines that do something to the cluster itself. A real cluster's operator would do it with signals, cables and disks.
//!
//! ```text
//! kill-broker N [--crash]     SIGTERM: it hands its partitions over and ends; with --crash SIGKILL
//! start-broker N              starts it on the disk that it has
//! kill-controller N [--crash] the same for one of three controllers; start-controller N
//! freeze-broker N             SIGSTOP: it stands still; thaw-broker N lets it go on
//! wipe-disk N                 the broker crashes and its disk is replaced by an empty one
//! slow-disk N MS              each write takes MS longer; 0 mends it
//! cut HOSTS HOSTS             nothing passes between any of these and any of those
//! slow-link HOSTS HOSTS MS    each message takes MS longer
//! lossy-link HOSTS HOSTS PCT  so many of 100 messages are lost once and sent again
//! slow-consumer NAME MS       the program takes MS for each record that it reads, and polls that much later; 0: as before
//! heal [HOSTS HOSTS]          mends these links, or all
//!
//! HOSTS: nodes by number, `controller` (all of them), and programs by name, with commas between them; `all` for every
//! other host
//! ```

use super::act::InputError;
use crate::base::{BrokerId, ProgramId, Span};
use crate::engine::World;
use crate::engine::client::ClientKind;
use crate::engine::network::{Host, LinkFault};
use crate::shell::Shell;
use crate::shell::bash::fault_lines::FAULT_LINES;

/// The words that begin such a line.
const VERBS: &[&str] = &[
    "kill-broker",
    "start-broker",
    "kill-controller",
    "start-controller",
    "freeze-broker",
    "thaw-broker",
    "wipe-disk",
    "slow-disk",
    "cut",
    "slow-link",
    "lossy-link",
    "slow-consumer",
    "heal",
];

/// Longest delay of a disk or a link.
const SLOW_MS_MAX: u64 = 60_000;

/// Longest time for a record: longer than max.poll.interval.ms is by default.
const RECORD_MS_MAX: u64 = 600_000;

/// Is it such a line, and no command of the shell? `cut` is both: that of the shell does nothing without options, and that of
/// the playground has none.
pub fn is_line(command: &str) -> bool {
    let mut words = command.split_whitespace();
    let verb = words.next().unwrap_or_default();
    VERBS.contains(&verb) && !(verb == "cut" && words.any(|word| word.starts_with('-')))
}

/// How long a person waits after such a line in a script without times: until a crash is noticed, or a start is over.
pub fn pause_after(command: &str) -> Option<Span> {
    let mut words = command.split_whitespace();
    match words.next()? {
        "kill-broker" if words.any(|word| word == "--crash") => Some(Span::from_secs(8)),
        "kill-broker" => Some(Span::from_secs(1)),
        "kill-controller" => Some(Span::from_secs(4)),
        "start-broker" | "start-controller" => Some(Span::from_secs(2)),
        _ => None,
    }
}

/// Carries a line out. `None` when it is a command of the shell.
pub(super) fn act(world: &mut World, command: &str) -> Option<Result<(), InputError>> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let (verb, args) = words.split_first()?;
    let named = |error: InputError| InputError { text: format!("{verb}: {}", error.text), ..error };
    is_line(command).then(|| carry_out(world, verb, args).map_err(named))
}

fn carry_out(world: &mut World, verb: &str, args: &[&str]) -> Result<(), InputError> {
    match (verb, args) {
        ("kill-broker", [id]) => {
            let id = to_stop(world, id)?;
            world.stop_broker(id, false);
        }
        ("kill-broker", [id, "--crash"] | ["--crash", id]) => {
            let id = to_stop(world, id)?;
            world.stop_broker(id, true);
        }
        ("start-broker", [id]) => {
            let id = broker(world, id)?;
            if world.broker(id).is_some_and(|broker| broker.running || broker.starting) {
                return Err(InputError::so_already(format!("broker {id} is running")));
            }
            world.start_broker(id);
        }
        ("kill-controller", [id]) => {
            let id = controller(world, id, true)?;
            world.stop_controller(id, false);
        }
        ("kill-controller", [id, "--crash"] | ["--crash", id]) => {
            let id = controller(world, id, true)?;
            world.stop_controller(id, true);
        }
        ("start-controller", [id]) => {
            let id = controller(world, id, false)?;
            world.start_controller(id);
        }
        ("freeze-broker", [id]) => {
            let id = running(world, id)?;
            if world.is_frozen(id) {
                return Err(InputError::so_already(format!("broker {id} is frozen already")));
            }
            world.freeze_broker(id);
        }
        ("thaw-broker", [id]) => {
            let id = broker(world, id)?;
            if !world.is_frozen(id) {
                return Err(InputError::so_already(format!("broker {id} is not frozen")));
            }
            world.thaw_broker(id);
        }
        ("wipe-disk", [id]) => {
            let id = broker(world, id)?;
            world.wipe_disk(id);
        }
        ("slow-disk", [id, ms]) => {
            let id = broker(world, id)?;
            world.slow_disk(id, Span::from_ms(milliseconds(ms, SLOW_MS_MAX)?));
        }
        ("cut", [ones, others]) => link(world, ones, others, LinkFault { cut: true, ..LinkFault::default() })?,
        ("slow-link", [ones, others, ms]) => {
            let slow = Span::from_ms(milliseconds(ms, SLOW_MS_MAX)?);
            link(world, ones, others, LinkFault { slow, ..LinkFault::default() })?;
        }
        ("lossy-link", [ones, others, percent]) => {
            let loss_percent = percent.parse().ok().filter(|percent| *percent <= 100);
            let loss_percent = loss_percent.ok_or_else(|| format!("'{percent}' is no number from 0 to 100"))?;
            link(world, ones, others, LinkFault { loss_percent, ..LinkFault::default() })?;
        }
        ("slow-consumer", [name, ms]) => {
            let id = reader(world, name)?;
            world.slow_program(id, Span::from_ms(milliseconds(ms, RECORD_MS_MAX)?));
        }
        ("heal", []) => world.heal_links(),
        ("heal", [ones, others]) => link(world, ones, others, LinkFault::default())?,
        _ => return Err(format!("use it as: {}", usage(verb)).into()),
    }
    Ok(())
}

fn usage(verb: &str) -> String {
    let line = FAULT_LINES.iter().find(|(known, ..)| *known == verb);
    line.map_or_else(String::new, |(verb, arguments, _)| format!("{verb} {arguments}"))
}

fn broker(world: &World, word: &str) -> Result<BrokerId, String> {
    let id = word.parse().map(BrokerId).ok().filter(|id| world.broker(*id).is_some());
    id.ok_or_else(|| format!("there is no broker '{}'; the brokers are {}", shorten(word), broker_list(world)))
}

fn running(world: &World, word: &str) -> Result<BrokerId, String> {
    let id = broker(world, word)?;
    match world.broker(id) {
        Some(broker) if broker.running || broker.starting => Ok(id),
        _ => Err(format!("broker {id} is not running")),
    }
}

/// The broker that is to end. One that does not run is no mistake.
fn to_stop(world: &World, word: &str) -> Result<BrokerId, InputError> {
    broker(world, word)?;
    running(world, word).map_err(InputError::so_already)
}

/// One of several controllers that runs, or does not.
fn controller(world: &World, word: &str, runs: bool) -> Result<BrokerId, InputError> {
    let quorum = &world.cluster().quorum;
    if quorum.voters.len() < 2 {
        let why = "this cluster has one controller, without which nothing could be shown: ! controllers 3 makes three";
        return Err(InputError::wrong(why));
    }
    let id = word.parse().map(BrokerId).ok().filter(|id| quorum.voters.contains_key(id));
    let list = || quorum.voters.keys().map(|id| id.to_string()).collect::<Vec<_>>().join(", ");
    let id = id.ok_or_else(|| format!("there is no controller '{}'; the controllers are {}", shorten(word), list()))?;
    match quorum.is_running(id) {
        is if is == runs => Ok(id),
        true => Err(InputError::so_already(format!("controller {id} is running"))),
        false => Err(InputError::so_already(format!("controller {id} is not running"))),
    }
}

fn broker_list(world: &World) -> String {
    world.brokers().map(|broker| broker.id.to_string()).collect::<Vec<_>>().join(", ")
}

fn milliseconds(word: &str, max: u64) -> Result<u64, String> {
    let ms = word.parse().ok().filter(|ms| *ms <= max);
    ms.ok_or_else(|| format!("'{}' is no number of milliseconds up to {max}", shorten(word)))
}

/// The running program with this name, if it reads records one by one.
fn reader(world: &World, name: &str) -> Result<ProgramId, String> {
    let program = world.program_named(name).filter(|program| program.is_running());
    let program = program.ok_or_else(|| format!("nothing that runs is called '{}'", shorten(name)))?;
    let reads = match program.state::<Shell>() {
        Some(shell) => shell.reads_records(),
        None => world.clients().any(|client| client.owner == program.id && matches!(client.kind, ClientKind::Consumer(_))),
    };
    if reads { Ok(program.id) } else { Err(format!("'{name}' reads no records: name a console consumer or a service that reads")) }
}

fn link(world: &mut World, ones: &str, others: &str, fault: LinkFault) -> Result<(), String> {
    let ones = hosts(world, ones)?;
    let others = hosts(world, others)?;
    world.set_link(&ones, &others, fault);
    Ok(())
}

fn hosts(world: &World, words: &str) -> Result<Vec<Host>, String> {
    if words == "all" {
        let brokers = world.brokers().map(|broker| Host::Node(broker.id));
        let programs = world.latest_programs().map(|program| Host::Program(program.name.clone()));
        return Ok(brokers.chain(controllers(world)).chain(programs).collect());
    }
    let mut hosts = Vec::new();
    for word in words.split(',') {
        match word {
            "controller" => hosts.extend(controllers(world)),
            _ => hosts.push(host(world, word)?),
        }
    }
    Ok(hosts)
}

fn controllers(world: &World) -> impl Iterator<Item = Host> {
    world.cluster().quorum.voters.keys().map(|id| Host::Node(*id))
}

fn host(world: &World, word: &str) -> Result<Host, String> {
    if let Some(known) = controllers(world).find(|known| matches!(known, Host::Node(id) if id.to_string() == word)) {
        return Ok(known);
    }
    if word.parse::<i32>().is_ok() {
        return broker(world, word).map(Host::Node);
    }
    match world.program_named(word) {
        Some(program) => Ok(Host::Program(program.name.clone())),
        None => Err(format!(
            "there is no host '{}': name brokers ({}), controller, or a program that was started",
            shorten(word),
            broker_list(world)
        )),
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}
