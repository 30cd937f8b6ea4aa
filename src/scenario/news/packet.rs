//! What the newsroom sends: one JSON object for each packet, keyed by its channel.

use serde::{Deserialize, Serialize};

/// The channels. With two partitions, `world`, `weather` and `sports` share one, `local` and `business` the other.
pub const CHANNELS: &[&str] = &["world", "weather", "sports", "local", "business"];

/// What a packet carries.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PacketKind {
    Headline,
    /// A weather alert.
    Alert,
    /// One frame of a video.
    Video,
}

/// A packet.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Packet {
    pub channel: String,
    pub kind: PacketKind,
    /// Counts the channel's packets from 1, within a broadcast.
    pub sequence: u64,
    /// Names the newsroom's run: sequence numbers of another run have nothing to do with these.
    pub broadcast: u64,
    pub text: String,
    /// Number of the frame; 0 for what is no video.
    #[serde(default)]
    pub frame: u32,
}
