//! The services of a story as the stage needs them: each is one card, whatever clients it has.

use std::borrow::Cow;

use serde::Deserialize;

use super::facts;
use super::power::Power;
use crate::engine::World;

/// A service, and what it makes of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Role {
    pub name: String,
    /// One plain sentence about what the service is for.
    pub job: &'static str,
    /// The topics that it writes to.
    pub writes: &'static [&'static str],
    /// Its consumer group; `None` for one that only writes.
    pub group: Option<String>,
    pub power: Power,
    /// In a few words, what it makes of the log at this moment.
    pub says: String,
    pub picture: Option<Picture>,
    /// What it can be told: what the menu says, and the words of `tell-service`.
    pub tells: &'static [(&'static str, &'static str)],
}

/// What there is to draw of a service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Picture {
    City,
    Phone,
    Billing,
    Wallets,
    Analytics,
    Screen,
    Desk,
    /// What the newsroom has on air. It reads nothing: its board stands below the log.
    Newsroom,
}

/// What a service that reads each record again without harm can be told.
pub const REPLAYS: &[(&str, &str)] = &[("Replay from the beginning", "replay beginning"), ("Jump to the end", "replay end")];

/// A role that says nothing yet, and has nothing to draw.
pub(in crate::scenario) fn role(world: &World, name: &str, job: &'static str) -> Role {
    Role {
        name: name.to_owned(),
        job,
        writes: &[],
        group: Some(name.to_owned()),
        power: facts::power(world, name),
        says: String::new(),
        picture: None,
        tells: &[],
    }
}

/// The names under which an event is found in a record's value.
#[derive(Deserialize)]
struct Named<'v> {
    #[serde(borrow, rename = "eventType", alias = "kind")]
    event: Cow<'v, str>,
}

/// What happened, by a record's value: the field that the stories name their events by, in words that fit on a box.
/// `None` for a value that has no such field.
pub fn event_word(value: &[u8]) -> Option<String> {
    let named: Named<'_> = serde_json::from_slice(value).ok()?;
    let word = match &*named.event {
        "ride_requested" => "requested",
        "ride_offered" => "offered",
        "ride_accepted" => "accepted",
        "fare_calculated" => "fare",
        "wallet_charged" => "charged",
        "driver_paid" => "paid",
        other => other,
    };
    Some(word.replace('_', " "))
}

/// Does a service keep nothing and read its topics from the beginning each time it starts, whatever is committed?
pub fn rereads(service: &str) -> bool {
    ["drivers", "wallets"].contains(&service)
}

/// Does a service understand `replay` and `seek`? Those that move money or only add up read each record once.
pub fn can_seek(service: &str) -> bool {
    let by_number = ["tv-", "transcription-"].iter().any(|kind| service.starts_with(kind));
    by_number || ["riders", "dispatch", "city-map", "rider-phone", "analytics"].contains(&service)
}
