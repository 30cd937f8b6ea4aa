//! What a person can do to a broker or to a link: each is one line of the script.

use super::hosts::{LinkView, Process, link, process};
use crate::base::BrokerId;
use crate::engine::world::World;
use crate::session::{Input, Session, fault};
use crate::view::parts::selection::HostSpot;

/// How much slower a click makes a disk or a link, and how much a click makes a link lose. Other numbers can be typed.
const SLOW_DISK_MS: u64 = 500;
const SLOW_LINK_MS: u64 = 500;
const LOSS_PERCENT: u32 = 30;

/// Something that can be done to a host or a link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    pub label: &'static str,
    /// What it does, in one sentence.
    pub hint: &'static str,
    /// The command, without the script's `$`.
    pub line: String,
    /// The key that does it while the host or link has the focus.
    pub key: &'static str,
    pub icon: &'static str,
    /// Takes something away, where the others can be put right again.
    pub destructive: bool,
    /// Why it cannot be done now.
    pub disabled: Option<&'static str>,
}

impl Fault {
    /// The line as the script has it.
    pub fn block(&self) -> String {
        format!("$ {}", self.line)
    }

    fn new(label: &'static str, key: &'static str, icon: &'static str, line: String, hint: &'static str) -> Self {
        Self { label, hint, line, key, icon, destructive: false, disabled: None }
    }

    fn disabled_if(mut self, condition: bool, why: &'static str) -> Self {
        self.disabled = condition.then_some(why);
        self
    }

    fn destructive(mut self) -> Self {
        self.destructive = true;
        self
    }
}

/// What can be done to a broker and its disk. The same list in each state, in the same order; none for a broker that is not there.
pub fn broker_faults(world: &World, id: BrokerId) -> Vec<Fault> {
    let Some(broker) = world.broker(id) else { return Vec::new() };
    let process = process(world, broker);
    let (down, frozen) = (process == Process::Down, process == Process::Frozen);
    let first = match down {
        true => Fault::new("Start", "K", "play", format!("start-broker {id}"), "On the disk that it has."),
        false => Fault::new(
            "Stop cleanly",
            "K",
            "power",
            format!("kill-broker {id}"),
            "SIGTERM: it hands its partitions over, then ends.",
        ),
    };
    let pause = match frozen {
        true => Fault::new("Thaw", "F", "play", format!("thaw-broker {id}"), "SIGCONT: it goes on where it was."),
        false => Fault::new("Freeze", "F", "pause", format!("freeze-broker {id}"), "SIGSTOP: it keeps all and answers nothing.")
            .disabled_if(down, "Its process is down."),
    };
    let slow = match broker.slow_disk.0 {
        0 => Fault::new(
            "Slow its disk",
            "D",
            "disk",
            format!("slow-disk {id} {SLOW_DISK_MS}"),
            "Each write takes half a second longer.",
        ),
        _ => Fault::new("Mend its disk", "D", "disk", format!("slow-disk {id} 0"), "Writes are quick again."),
    };
    vec![
        first,
        Fault::new("Crash", "C", "kill", format!("kill-broker {id} --crash"), "SIGKILL: gone without a word. Its disk stays.")
            .disabled_if(down, "Its process is down."),
        pause,
        slow,
        Fault::new("Replace its disk", "R", "disk", format!("wipe-disk {id}"), "It crashes, and its disk is empty for good.")
            .destructive(),
    ]
}

/// What can be done to one of several controllers; nothing to the only one, without which nothing could be shown.
pub fn controller_faults(world: &World, id: BrokerId) -> Vec<Fault> {
    let quorum = &world.cluster().quorum;
    if quorum.voters.len() < 2 || !quorum.voters.contains_key(&id) {
        return Vec::new();
    }
    let running = quorum.is_running(id);
    let line = |verb: &str| format!("{verb}-controller {id}");
    vec![
        match running {
            false => Fault::new("Start", "K", "play", line("start"), "It takes part in the next vote."),
            true => Fault::new("Stop cleanly", "K", "power", line("kill"), "SIGTERM: if it leads, the others vote at once."),
        },
        Fault::new(
            "Crash",
            "C",
            "kill",
            format!("{} --crash", line("kill")),
            "SIGKILL: if it leads, the others vote after two seconds of silence.",
        )
        .disabled_if(!running, "Its process is down."),
    ]
}

/// What can be done to the link between two hosts.
pub fn link_faults(world: &World, one: &HostSpot, other: &HostSpot) -> Vec<Fault> {
    let now = link(world, one, other);
    let pair = format!("{} {}", one.word(), other.word());
    vec![
        Fault::new("Cut", "X", "cut", format!("cut {pair}"), "Nothing gets through until it is mended.")
            .disabled_if(now.cut, "It is cut."),
        Fault::new("Slow", "W", "clock", format!("slow-link {pair} {SLOW_LINK_MS}"), "Each message takes half a second longer.")
            .disabled_if(now.slow_ms == SLOW_LINK_MS, "It is slow."),
        Fault::new(
            "Make it lossy",
            "Y",
            "loss",
            format!("lossy-link {pair} {LOSS_PERCENT}"),
            "30 of 100 messages are lost once; TCP sends them again.",
        )
        .disabled_if(now.loss_percent == LOSS_PERCENT, "It is lossy."),
        Fault::new("Mend", "H", "check", format!("heal {pair}"), "As a link should be.")
            .disabled_if(LinkView::is_sound(&now), "There is nothing to mend."),
    ]
}

/// The last line behind the cursor that did something to a host or a link.
pub fn last_fault(session: &Session) -> Option<&Input> {
    session.inputs_behind().iter().rev().find(|input| is_fault(&input.text))
}

/// Does a block of the script do something to a host or a link?
fn is_fault(block: &str) -> bool {
    let command = block.lines().next().unwrap_or_default();
    let command = command.split_once("$ ").map_or("", |(_, command)| command);
    fault::is_line(command)
}
