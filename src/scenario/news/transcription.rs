//! A transcription desk: writes down what it hears. All desks share one group, so each packet is written down once.

use std::collections::VecDeque;

use super::newsroom::NEWS;
use super::packet::PacketKind;
use super::tv::read_packet;
use crate::engine::client::AutoOffsetReset;
use crate::engine::program::{Behaviour, Context, Event, PolledRecords};
use crate::scenario::parts::core::{ServiceCore, consumer_config};

/// The group of all desks.
pub const GROUP: &str = "transcription";
/// Lines kept; beyond that the oldest is dropped.
const LINES_MAX: usize = 8;

#[derive(Clone, Hash, Debug)]
pub struct Desk {
    name: String,
    pub core: ServiceCore,
    /// Newest last.
    pub lines: VecDeque<String>,
    pub written: u64,
}

impl Desk {
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), core: ServiceCore::default(), lines: VecDeque::new(), written: 0 }
    }
}

impl Behaviour for Desk {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        if self.core.routine(&event, context) {
            return;
        }
        match event {
            Event::Started => {
                // A new desk has to write down all there is, not only what comes.
                let config = consumer_config(&self.name, GROUP, AutoOffsetReset::Earliest);
                self.core.open_consumer(context, config, NEWS);
            }
            Event::Polled { records, .. } => self.read(context, &records),
            Event::PartitionsAssigned { partitions, .. } => {
                let names: Vec<String> = partitions.iter().map(ToString::to_string).collect();
                let text = if names.is_empty() {
                    "is idle: no partition is left".to_owned()
                } else {
                    format!("reads {}", names.join(", "))
                };
                self.core.say(context, text);
            }
            Event::Tell(words) => {
                self.core.tell_replay(&words, context);
            }
            _ => {}
        }
    }
}

impl Desk {
    fn read(&mut self, context: &mut Context<'_>, records: &PolledRecords) {
        for (partition, record) in records.iter() {
            match read_packet(&record) {
                Ok(packet) => {
                    let note = if packet.kind == PacketKind::Video { format!("(frame {}) ", packet.frame) } else { String::new() };
                    self.lines.push_back(format!("{} {}: {note}{}", packet.channel, packet.sequence, packet.text));
                    if self.lines.len() > LINES_MAX {
                        self.lines.pop_front();
                    }
                    self.written += 1;
                }
                Err(why) => self.core.skip(context, partition, &record, why),
            }
        }
        self.core.poll_after(context, records);
    }
}
