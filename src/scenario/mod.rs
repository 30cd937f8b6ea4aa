//! Lives here: the stories: services that are real clients of the simulated cluster, their stages, their tours.
//! Never here: Kafka's own behaviour, the page, and anything that a service could know only by looking past its clients.

pub mod first;
pub mod groups;
pub mod lessons;
pub mod news;
mod parts;
pub mod taxi;
pub mod walk;
pub mod way;

pub use parts::cast::{can_seek, rereads};
pub use parts::{cast, facts, power, tour};

use crate::engine::World;
use crate::session::ScenarioEntry;
use parts::cast::Role;

/// The stories that a session can be of, then the tours that have no world of their own to show.
pub const CATALOG: &[ScenarioEntry] = &[
    ScenarioEntry { name: "taxi-booking", title: "Taxi booking", script: taxi::SCRIPT, service: taxi::service },
    ScenarioEntry { name: "live-news", title: "Live news", script: news::SCRIPT, service: news::service },
    ScenarioEntry { name: WHO_READS_WHAT, title: "Who reads what", script: groups::WHO_READS_WHAT, service: groups::service },
    ScenarioEntry {
        name: NEVER_CAME_BACK,
        title: "The consumer that never came back",
        script: groups::NEVER_CAME_BACK,
        service: groups::service,
    },
];

const WHO_READS_WHAT: &str = "who-reads-what";
const NEVER_CAME_BACK: &str = "never-came-back";

/// Is it a tour of one subject, and no story?
pub fn is_tour(scenario: &str) -> bool {
    [WHO_READS_WHAT, NEVER_CAME_BACK].contains(&scenario)
}

/// The tour of a story, by the story's name.
pub fn tour(scenario: &str) -> Option<&'static tour::Tour> {
    match scenario {
        "taxi-booking" => Some(&taxi::tour::TOUR),
        "live-news" => Some(&news::tour::TOUR),
        WHO_READS_WHAT => Some(&groups::who_reads_what::TOUR),
        NEVER_CAME_BACK => Some(&groups::never_came_back::TOUR),
        _ => None,
    }
}

/// What follows a tour: the next one, and a lesson about what it has shown.
pub fn after(scenario: &str) -> (Option<&'static ScenarioEntry>, Option<&'static lessons::Lesson>) {
    let at = CATALOG.iter().position(|entry| entry.name == scenario);
    let next = at.and_then(|at| CATALOG.iter().cycle().nth(at + 1));
    let about = if is_tour(scenario) { lessons::Looked::Readers } else { lessons::Looked::Replicas };
    (next, lessons::LESSONS.iter().copied().find(|lesson| lesson.looks.kind() == about))
}

/// The services of the story of this name, in the order in which a record meets them; none where there is no story.
pub fn cast(world: &World, scenario: Option<&str>) -> Vec<Role> {
    match scenario {
        Some("taxi-booking") => taxi::cast(world),
        Some("live-news") => news::cast(world),
        Some(_) => groups::cast(world),
        None => Vec::new(),
    }
}
