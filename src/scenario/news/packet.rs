//! What the newsroom sends: one JSON object for each packet, keyed by its channel.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::scenario::parts::fields::{Fields, WrongField};

/// The channels. With two partitions, `world`, `weather` and `sports` share one, `local` and `business` the other.
pub const CHANNELS: &[&str] = &["world", "weather", "sports", "local", "business"];

/// What a packet carries.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
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
#[serde(rename_all = "camelCase", try_from = "Value")]
pub struct Packet {
    pub channel: String,
    pub kind: PacketKind,
    /// Counts the channel's packets from 1, within a broadcast.
    pub sequence: u64,
    /// Names the newsroom's run: sequence numbers of another run have nothing to do with these.
    pub broadcast: u64,
    pub text: String,
    /// Number of the frame; 0 for what is no video.
    pub frame: u32,
}

impl TryFrom<Value> for Packet {
    type Error = WrongField;

    fn try_from(value: Value) -> Result<Self, WrongField> {
        let fields = Fields(value);
        let kind = match fields.text("kind")?.as_str() {
            "headline" => PacketKind::Headline,
            "alert" => PacketKind::Alert,
            "video" => PacketKind::Video,
            _ => return Err(Fields::unknown("kind")),
        };
        Ok(Self {
            channel: fields.text("channel")?,
            kind,
            sequence: fields.unsigned("sequence")?,
            broadcast: fields.unsigned("broadcast")?,
            text: fields.text("text")?,
            frame: fields.count("frame")?,
        })
    }
}
