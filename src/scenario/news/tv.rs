//! A television set: a consumer group of its own, so that it gets everything, and goes on where it was switched off.
//!
//! auto.offset.reset is latest: a set that was never on begins with what comes from now on. Sequence numbers tell what is
//! missing or seen before:
//!
//! ```text
//! sequence = highest + 1   new
//!          ≤ highest       repeated (a replay, or a crash before a commit)
//!          > highest + 1   the numbers between were missed
//! ```

use super::newsroom::{NEWS, TEXT_CHARS_MAX};
use super::packet::{Packet, PacketKind};
use crate::base::time::EPOCH_MS;
use crate::engine::client::AutoOffsetReset;
use crate::engine::log::RecordView;
use crate::engine::program::{Behaviour, Context, Event, PolledRecords};
use crate::scenario::parts::core::{ServiceCore, consumer_config};

/// Channels; packets of a further one are skipped.
const CHANNELS_MAX: usize = 16;
const CHANNEL_CHARS_MAX: usize = 24;
/// No newsroom gets that far; sums of what lies below it are safe.
const SEQUENCE_MAX: u64 = 1_000_000_000_000;

#[derive(Clone, Hash, Debug)]
pub struct Tv {
    name: String,
    pub core: ServiceCore,
    pub channels: Vec<Heard>,
    /// The latest packet, and when it was written (ms since the simulation began).
    pub screen: Option<(Packet, u64)>,
    pub received: u64,
    /// Packets read in this run that had been written before it began.
    pub behind_at_start: u64,
    /// When this run began, in ms since the simulation did.
    started_at_ms: u64,
}

/// What the set knows of one channel.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Heard {
    pub channel: String,
    pub broadcast: u64,
    /// Sequence number of the first packet that this run read.
    pub first: u64,
    pub highest: u64,
    pub latest: u64,
    pub missed: u64,
    pub repeated: u64,
    pub headline: String,
}

impl Tv {
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            core: ServiceCore::default(),
            channels: Vec::new(),
            screen: None,
            received: 0,
            behind_at_start: 0,
            started_at_ms: 0,
        }
    }

    pub fn heard(&self, channel: &str) -> Option<&Heard> {
        self.channels.iter().find(|heard| heard.channel == channel)
    }
}

impl Behaviour for Tv {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        if self.core.routine(&event, context) {
            return;
        }
        match event {
            Event::Started => {
                self.started_at_ms = context.now().ms();
                let config = consumer_config(&self.name, &self.name, AutoOffsetReset::Latest);
                self.core.open_consumer(context, config, NEWS);
            }
            Event::Polled { records, .. } => self.read(context, &records),
            Event::Tell(words) => {
                self.core.tell_replay(&words, context);
            }
            _ => {}
        }
    }
}

impl Tv {
    fn read(&mut self, context: &mut Context<'_>, records: &PolledRecords) {
        for (partition, record) in records.iter() {
            let shown = read_packet(&record).and_then(|packet| self.show(packet, &record));
            if let Err(why) = shown {
                self.core.skip(context, partition, &record, why);
            }
        }
        self.core.poll_after(context, records);
    }

    fn show(&mut self, packet: Packet, record: &RecordView<'_>) -> Result<(), &'static str> {
        match self.channels.iter().position(|heard| heard.channel == packet.channel) {
            Some(at) => self.channels[at].take_in(&packet),
            None if self.channels.len() >= CHANNELS_MAX => return Err("too many channels"),
            None => self.channels.push(Heard::new(&packet)),
        }
        let written_at_ms = written_at_ms(record);
        if written_at_ms < self.started_at_ms && self.core.replays == 0 {
            self.behind_at_start += 1;
        }
        self.screen = Some((packet, written_at_ms));
        self.received += 1;
        Ok(())
    }
}

impl Heard {
    fn new(packet: &Packet) -> Self {
        Self {
            channel: packet.channel.clone(),
            broadcast: packet.broadcast,
            first: packet.sequence,
            highest: packet.sequence,
            latest: packet.sequence,
            missed: 0,
            repeated: 0,
            headline: packet.text.clone(),
        }
    }

    fn take_in(&mut self, packet: &Packet) {
        if packet.kind != PacketKind::Video {
            self.headline.clone_from(&packet.text);
        }
        self.latest = packet.sequence;
        if packet.broadcast < self.broadcast {
            // From an earlier run of the newsroom: only a replay leads there.
            self.repeated += 1;
        } else if packet.broadcast > self.broadcast {
            // The newsroom was started anew, and counts from 1 again.
            (self.broadcast, self.highest) = (packet.broadcast, packet.sequence);
        } else if packet.sequence <= self.highest {
            self.repeated += 1;
        } else {
            self.missed = self.missed.saturating_add(packet.sequence - self.highest - 1);
            self.highest = packet.sequence;
        }
    }
}

/// A record's time, in ms since the simulation began.
fn written_at_ms(record: &RecordView<'_>) -> u64 {
    u64::try_from(record.timestamp.0.saturating_sub(EPOCH_MS)).unwrap_or(0)
}

/// Reads a record's value. Anyone may write to the topic, so anything may be in it.
pub fn read_packet(record: &RecordView<'_>) -> Result<Packet, &'static str> {
    let value = record.value.ok_or("its value is null")?;
    let mut packet: Packet = serde_json::from_slice(value).map_err(|_| "its value is no packet")?;
    if packet.sequence > SEQUENCE_MAX {
        return Err("its sequence number is too high");
    }
    // A broadcast is named after the moment at which it began: one that is to come would make all others look old.
    if packet.broadcast > written_at_ms(record) {
        return Err("its broadcast lies in the future");
    }
    if packet.channel.is_empty() || packet.channel.chars().count() > CHANNEL_CHARS_MAX {
        return Err("its channel is empty or too long");
    }
    if packet.text.chars().count() > TEXT_CHARS_MAX {
        packet.text = packet.text.chars().take(TEXT_CHARS_MAX).collect();
    }
    Ok(packet)
}
