//! How the stage stands at each step of the news tour, and what it rings.

use super::newsroom::NEWS;
use crate::scenario::parts::facts::last_record_of;
use crate::scenario::parts::tour::{Ring, Scene, Subject};

const fn card(number: u8, name: &'static str) -> Ring {
    Ring { number, subject: Subject::Card(name) }
}

pub const ON_AIR: Scene = Scene {
    cards: &["tv-1", "tv-2", "tv-3"],
    group: Some("tv-1"),
    rings: &[Ring { number: 1, subject: Subject::Pen("newsroom") }, card(2, "tv-1")],
    ..Scene::LOGS
};

pub const CHANNEL: Scene = Scene {
    cards: &["tv-1"],
    group: Some("tv-1"),
    rings: &[Ring { number: 1, subject: Subject::Record(|world| last_record_of(world, NEWS, "weather")) }],
    ..Scene::LOGS
};

pub const TV_1: Scene = Scene { cards: &["tv-1", "tv-2"], group: Some("tv-1"), rings: &[card(1, "tv-1")], ..Scene::LOGS };
pub const TV_2: Scene = Scene { cards: &["tv-2", "tv-1"], group: Some("tv-2"), rings: &[card(1, "tv-2")], ..Scene::LOGS };
pub const TV_3: Scene = Scene { cards: &["tv-3", "tv-1"], group: Some("tv-3"), rings: &[card(1, "tv-3")], ..Scene::LOGS };
pub const TV_4: Scene = Scene { cards: &["tv-4", "tv-1"], group: Some("tv-4"), rings: &[card(1, "tv-4")], ..Scene::LOGS };

const DESKS: Option<&str> = Some("transcription");

pub const DESK: Scene = Scene { cards: &["transcription-1"], group: DESKS, rings: &[card(1, "transcription-1")], ..Scene::LOGS };
pub const TWO_DESKS: Scene = Scene {
    cards: &["transcription-2", "transcription-1"],
    group: DESKS,
    rings: &[card(1, "transcription-1"), card(2, "transcription-2")],
    ..Scene::LOGS
};
pub const THREE_DESKS: Scene = Scene {
    cards: &["transcription-3", "transcription-2", "transcription-1"],
    group: DESKS,
    rings: &[card(1, "transcription-3")],
    ..Scene::LOGS
};
pub const ONE_LEAVES: Scene = Scene {
    cards: &["transcription-1", "transcription-3", "transcription-2"],
    group: DESKS,
    rings: &[card(1, "transcription-1")],
    ..Scene::LOGS
};

pub const FIRST_BROKER: Scene = Scene { rings: &[Ring { number: 1, subject: Subject::Broker(1) }], ..Scene::CLUSTER };
