//! The live news story as plain structs, read from the services' own state: what a person would draw.

use super::packet::PacketKind;
use crate::scenario::power::Power;

/// All of the news story that can be drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewsStage {
    pub newsroom: NewsroomView,
    /// tv-1 to tv-3 always, and every other that was ever switched on.
    pub tvs: Vec<TvView>,
    /// transcription-1 and transcription-2 always, and every other that was ever started.
    pub transcription: Vec<DeskView>,
}

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
    /// The latest headlines and alerts, newest first.
    pub ticker: Vec<TickerLine>,
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

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TickerLine {
    pub kind: PacketKind,
    pub channel: String,
    pub sequence: u64,
    pub text: String,
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
