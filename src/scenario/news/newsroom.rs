//! newsroom: sends packets of all channels, keyed by channel, each with its channel's next sequence number.

use super::packet::{CHANNELS, Packet, PacketKind};
use crate::base::Span;
use crate::engine::program::{Behaviour, Context, Event};
use crate::scenario::parts::core::ServiceCore;

/// The topic that everything is sent to.
pub const NEWS: &str = "news";

const SEND: u64 = 1;
/// A story is one headline (or alert) and this many frames of video.
const STORY_PACKETS: u64 = 5;

#[derive(Clone, Hash, Debug, Default)]
pub struct Newsroom {
    pub core: ServiceCore,
    /// In the order of `CHANNELS`.
    pub channels: Vec<OnAir>,
    pub produced: u64,
    /// Names this run: when it began.
    broadcast: u64,
}

/// A channel's state.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct OnAir {
    pub sequence: u64,
    pub headline: String,
}

impl Behaviour for Newsroom {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        if self.core.routine(&event, context) {
            return;
        }
        match event {
            Event::Started => {
                self.channels = CHANNELS.iter().map(|_| OnAir::default()).collect();
                self.broadcast = context.now().ms();
                self.core.open_producer(context, "newsroom");
                context.timer(Span::from_ms(500), SEND);
            }
            Event::Timer { token: SEND } => {
                self.send(context);
                let next = context.chance().between(200, 500);
                context.timer(Span::from_ms(next), SEND);
            }
            Event::Tell(words) => self.tell(context, &words),
            _ => {}
        }
    }
}

impl Newsroom {
    fn send(&mut self, context: &mut Context<'_>) {
        let pick = context.chance().below(CHANNELS.len() as u64) as usize;
        let (Some(channel), Some(on_air)) = (CHANNELS.get(pick).copied(), self.channels.get(pick)) else {
            return;
        };
        let place_in_story = on_air.sequence % STORY_PACKETS;
        if place_in_story > 0 {
            let text = on_air.headline.clone();
            self.put(context, pick, PacketKind::Video, text, place_in_story as u32);
            return;
        }
        let texts = headlines(channel);
        let text = texts[context.chance().below(texts.len() as u64) as usize];
        let alert = channel == "weather" && context.chance().below(3) == 0;
        if alert {
            self.put(context, pick, PacketKind::Alert, format!("Warning: {text}"), 0);
        } else {
            self.put(context, pick, PacketKind::Headline, text.to_owned(), 0);
        }
    }

    fn put(&mut self, context: &mut Context<'_>, channel: usize, kind: PacketKind, text: String, frame: u32) {
        let (Some(name), Some(on_air)) = (CHANNELS.get(channel).copied(), self.channels.get_mut(channel)) else {
            return;
        };
        on_air.sequence += 1;
        if kind != PacketKind::Video {
            on_air.headline.clone_from(&text);
        }
        let sequence = on_air.sequence;
        if kind == PacketKind::Alert {
            self.core.say(context, format!("{name} {sequence}: {text}"));
        }
        let packet = Packet { channel: name.to_owned(), kind, sequence, broadcast: self.broadcast, text, frame };
        self.core.send(context, NEWS, name, &packet);
        self.produced += 1;
    }

    /// `alert TEXT`: a weather alert at once; `headline CHANNEL TEXT`.
    fn tell(&mut self, context: &mut Context<'_>, words: &str) {
        let text = |words: &str| words.trim().chars().take(TEXT_CHARS_MAX).collect::<String>();
        let (first, rest) = words.trim().split_once(' ').unwrap_or((words.trim(), ""));
        let (second, last) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
        match (first, CHANNELS.iter().position(|channel| *channel == second)) {
            ("alert", _) if !rest.trim().is_empty() => self.put(context, 1, PacketKind::Alert, text(rest), 0),
            ("headline", Some(channel)) if !last.trim().is_empty() => {
                self.put(context, channel, PacketKind::Headline, text(last), 0);
            }
            _ => self.core.not_understood(words, "alert TEXT, headline CHANNEL TEXT", context),
        }
    }
}

/// Longer texts are cut.
pub const TEXT_CHARS_MAX: usize = 120;

fn headlines(channel: &str) -> &'static [&'static str] {
    match channel {
        "world" => &[
            "Leaders agree on a climate pact",
            "Old trade route opens again",
            "Talks go on through the night",
            "A vote ends in a tie",
        ],
        "weather" => &["Rain in the north", "Storm over the coast", "Sun in the south", "Fog in the valleys"],
        "sports" => {
            &["The final goes to penalties", "A record falls in the marathon", "The champion is out", "Rain delays the match"]
        }
        "local" => {
            &["The old bridge is open again", "Market moves to the square", "Library stays open late", "New trams from Monday"]
        }
        _ => &["Shares close higher", "Two banks merge", "Coffee gets dearer", "Chip maker builds a plant"],
    }
}
