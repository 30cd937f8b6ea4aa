//! Lives here: the stories: services that are real clients of the simulated cluster, their stages, their tours.
//! Never here: Kafka's own behaviour, the page, and anything that a service could know only by looking past its clients.

pub mod core;
pub mod facts;
pub mod fields;
pub mod lessons;
pub mod news;
pub mod power;
pub mod taxi;
pub mod tour;

use crate::session::ScenarioEntry;

/// The stories that a session can be of.
pub const CATALOG: &[ScenarioEntry] = &[
    ScenarioEntry { name: "taxi-booking", title: "Taxi booking", script: taxi::SCRIPT, service: taxi::service },
    ScenarioEntry { name: "live-news", title: "Live news", script: news::SCRIPT, service: news::service },
];

/// The tour of a story, by the story's name.
pub fn tour(scenario: &str) -> Option<&'static tour::Tour> {
    match scenario {
        "taxi-booking" => Some(&taxi::tour::TOUR),
        "live-news" => Some(&news::tour::TOUR),
        _ => None,
    }
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
