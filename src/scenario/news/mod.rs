//! Lives here: the live news story: the newsroom, the TVs, the transcription desks.
//! Never here: what a broker does, and how the picture is drawn.

pub mod newsroom;
pub mod packet;
mod scenes;
mod stage;
pub mod tour;
pub mod transcription;
pub mod tv;

pub use packet::PacketKind;
pub use stage::*;

use crate::engine::Program;

/// What the story begins with. A new group waits 3 s for members (group.initial.rebalance.delay.ms), and the TVs begin with
/// what is written from then on: the newsroom comes after that. Broker 1 leads the first partition: the tour lets it crash.
pub const SCRIPT: &str = "\
! scenario live-news
! seed 7
! brokers 3
! latency 150
$ kafka-topics.sh --create --topic news --replica-assignment 1:2:3,2:3:1 --config min.insync.replicas=2 --bootstrap-server localhost:9092
$ start-service tv-1
$ start-service tv-2
$ start-service tv-3
$ sleep 5
$ start-service newsroom
";

/// Highest number of a set or desk.
const NUMBER_MAX: u32 = 99;

/// A new run of a service: `newsroom`, `tv-N`, `transcription-N`; `None` if the story has none of that name.
pub fn service(name: &str) -> Option<Box<dyn Program>> {
    if name == "newsroom" {
        return Some(Box::new(newsroom::Newsroom::default()));
    }
    let (kind, number) = numbered(name)?;
    (1..=NUMBER_MAX).contains(&number).then_some(())?;
    match kind {
        "tv" => Some(Box::new(tv::Tv::new(name))),
        "transcription" => Some(Box::new(transcription::Desk::new(name))),
        _ => None,
    }
}

/// `tv-3` → (`tv`, 3). Only as it is written: not `tv-03`.
fn numbered(name: &str) -> Option<(&str, u32)> {
    let (kind, number) = name.rsplit_once('-')?;
    let parsed = number.parse::<u32>().ok()?;
    (parsed.to_string() == number).then_some((kind, parsed))
}
