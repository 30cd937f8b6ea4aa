//! The live news story as plain structs, read from the services' own state: what a person would draw.

use super::newsroom::{NEWS, Newsroom};
use super::numbered;
use super::packet::{CHANNELS, PacketKind};
use super::transcription::Desk;
use super::tv::{Heard, Tv};
use crate::base::SortedSet;
use crate::engine::World;
use crate::engine::client::partitioner::partition_for_key;
use crate::scenario::parts::cast::{Picture, REPLAYS, Role, role};
use crate::scenario::parts::facts;
use crate::scenario::parts::power::Power;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewsroomView {
    pub power: Power,
    /// Packets handed to the producer by this run.
    pub produced: u64,
    /// Packets that the broker acknowledged.
    pub acknowledged: u64,
    pub channels: Vec<ChannelOnAir>,
}

/// A channel as the newsroom sends it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChannelOnAir {
    pub channel: &'static str,
    /// Number of its latest packet; 0 before the first.
    pub sequence: u64,
    /// Where its key leads: the partition, once `news` exists.
    pub partition: Option<i32>,
    pub headline: String,
}

/// A television set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TvView {
    /// Its service's name, which is also its group: `tv-1`.
    pub name: String,
    pub power: Power,
    /// What is on the screen; `None` before the first packet. A set that is off keeps its last picture here.
    pub screen: Option<Screen>,
    pub channels: Vec<TvChannel>,
    /// Packets that this run read.
    pub received: u64,
    /// Sequence numbers that never came (over all channels, from the set's last run on).
    pub missed: u64,
    /// Packets that had been seen before (a replay, or a crash before a commit).
    pub repeated: u64,
    pub skipped: u32,
    /// Log end − committed; `None` before the first commit.
    pub lag: Option<i64>,
    /// Is it showing packets that lie behind what it had already seen?
    pub replaying: bool,
}

/// The picture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Screen {
    pub kind: PacketKind,
    pub channel: String,
    pub sequence: u64,
    /// The latest headline of that channel that the set has read.
    pub headline: String,
    /// The packet's own text.
    pub text: String,
    /// Number of the video frame, for a picture that moves.
    pub frame: u32,
    /// Simulated ms since the start at which the packet was written.
    pub written_at_ms: u64,
}

/// What a set knows of one channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TvChannel {
    pub channel: String,
    /// Sequence number of the latest packet read.
    pub sequence: u64,
    pub missed: u64,
    pub repeated: u64,
}

/// A desk that writes down what it hears. All desks share the group `transcription`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeskView {
    pub name: String,
    pub power: Power,
    /// Partitions of `news` that it reads now; empty while it is idle.
    pub partitions: Vec<i32>,
    /// Lines written by this run.
    pub written: u64,
    pub skipped: u32,
    /// The latest lines, newest last.
    pub lines: Vec<String>,
}

/// tv-1 to tv-3 always, and every other that was ever switched on.
pub fn tvs(world: &World) -> Vec<TvView> {
    names(world, "tv", 3).iter().map(|name| tv(world, name)).collect()
}

/// transcription-1 and transcription-2 always, and every other that was ever started.
pub fn desks(world: &World) -> Vec<DeskView> {
    names(world, "transcription", 2).iter().map(|name| desk(world, name)).collect()
}

/// All services of the story: the newsroom, the TVs, the desks.
pub fn cast(world: &World) -> Vec<Role> {
    let newsroom = newsroom(world);
    let on_air = Role {
        writes: &[NEWS],
        group: None,
        says: format!("{} of {} acknowledged", newsroom.acknowledged, newsroom.produced),
        picture: Some(Picture::Newsroom),
        ..role(world, "newsroom", "Writes packets of five channels.")
    };
    let set = |tv: TvView| {
        let mut says = format!("{} read", packets(tv.received));
        if tv.missed > 0 {
            says += &format!(", {} missed", tv.missed);
        }
        if tv.repeated > 0 {
            says += &format!(", {} again", tv.repeated);
        }
        let job = "Shows each packet that it reads.";
        Role { says, picture: Some(Picture::Screen), tells: REPLAYS, ..role(world, &tv.name, job) }
    };
    let writer = |desk: DeskView| {
        let partitions = desk.partitions.iter().map(|partition| format!("news-{partition}")).collect::<Vec<_>>().join(", ");
        let says = match (desk.power.is_on(), partitions.is_empty()) {
            (false, _) => String::new(),
            (true, true) => "idle".to_owned(),
            (true, false) => format!("{partitions}: {} written down", packets(desk.written)),
        };
        let job = "Writes down what it hears; all desks share one group.";
        Role {
            group: Some("transcription".to_owned()),
            says,
            picture: Some(Picture::Desk),
            tells: REPLAYS,
            ..role(world, &desk.name, job)
        }
    };
    std::iter::once(on_air).chain(tvs(world).into_iter().map(set)).chain(desks(world).into_iter().map(writer)).collect()
}

fn packets(number: u64) -> String {
    format!("{number} packet{}", if number == 1 { "" } else { "s" })
}

/// `kind-1` to `kind-least`, and every other that was ever started, in order of number.
fn names(world: &World, kind: &str, least: u32) -> Vec<String> {
    let started = world.latest_programs().filter_map(|entry| numbered(&entry.name)).filter(|(found, _)| *found == kind);
    let numbers: SortedSet<u32> = started.map(|(_, number)| number).chain(1..=least).collect();
    numbers.iter().map(|number| format!("{kind}-{number}")).collect()
}

pub fn newsroom(world: &World) -> NewsroomView {
    let known = facts::state::<Newsroom>(world, "newsroom");
    let partitions = world.cluster().topic(NEWS).map(|topic| topic.partitions.len() as i32);
    let channel = |at: usize, channel: &'static str| {
        let on_air = known.and_then(|newsroom| newsroom.channels.get(at));
        ChannelOnAir {
            channel,
            sequence: on_air.map_or(0, |on_air| on_air.sequence),
            partition: partitions.map(|count| partition_for_key(channel.as_bytes(), count)),
            headline: on_air.map(|on_air| on_air.headline.clone()).unwrap_or_default(),
        }
    };
    NewsroomView {
        power: facts::power(world, "newsroom"),
        produced: known.map_or(0, |newsroom| newsroom.produced),
        acknowledged: known.map_or(0, |newsroom| newsroom.core.acknowledged),
        channels: CHANNELS.iter().enumerate().map(|(at, name)| channel(at, name)).collect(),
    }
}

pub fn tv(world: &World, name: &str) -> TvView {
    let known = facts::state::<Tv>(world, name);
    let before = facts::state_before::<Tv>(world, name);
    let channels: Vec<TvChannel> = known
        .iter()
        .flat_map(|tv| &tv.channels)
        .map(|heard| channel(heard, before.and_then(|tv| tv.heard(&heard.channel))))
        .collect();
    TvView {
        name: name.to_owned(),
        power: facts::power(world, name),
        screen: known.and_then(screen),
        received: known.map_or(0, |tv| tv.received),
        missed: channels.iter().map(|channel| channel.missed).sum(),
        repeated: channels.iter().map(|channel| channel.repeated).sum(),
        skipped: known.map_or(0, |tv| tv.core.skipped),
        lag: facts::lag(world, name),
        replaying: known.is_some_and(|tv| tv.channels.iter().any(|heard| heard.latest < heard.highest)),
        channels,
    }
}

/// A set that was switched on again remembers nothing; what it missed or saw twice across the pause shows by comparing the
/// first packet of this run with the last of the run before.
fn channel(heard: &Heard, before: Option<&Heard>) -> TvChannel {
    let (mut missed, mut repeated) = (heard.missed, heard.repeated);
    if let Some(before) = before.filter(|before| before.broadcast == heard.broadcast) {
        missed += heard.first.saturating_sub(before.highest.saturating_add(1));
        repeated += (before.highest.min(heard.highest) + 1).saturating_sub(heard.first);
    }
    TvChannel { channel: heard.channel.clone(), sequence: heard.latest, missed, repeated }
}

fn screen(tv: &Tv) -> Option<Screen> {
    let (packet, written_at_ms) = tv.screen.as_ref()?;
    Some(Screen {
        kind: packet.kind,
        channel: packet.channel.clone(),
        sequence: packet.sequence,
        headline: tv.heard(&packet.channel).map(|heard| heard.headline.clone()).unwrap_or_default(),
        text: packet.text.clone(),
        frame: packet.frame,
        written_at_ms: *written_at_ms,
    })
}

pub fn desk(world: &World, name: &str) -> DeskView {
    let known = facts::state::<Desk>(world, name);
    let partitions = facts::assignment(world, name);
    DeskView {
        name: name.to_owned(),
        power: facts::power(world, name),
        partitions: partitions.iter().filter(|owned| owned.topic.as_str() == NEWS).map(|owned| owned.partition).collect(),
        written: known.map_or(0, |desk| desk.written),
        skipped: known.map_or(0, |desk| desk.core.skipped),
        lines: known.map(|desk| desk.lines.iter().cloned().collect()).unwrap_or_default(),
    }
}
