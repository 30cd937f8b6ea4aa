//! Rings: what the tour's step speaks of, with the number that its text has for it.

use yew::prelude::*;

use crate::base::TopicPartition;
use crate::scenario::tour::Scene;
use crate::ui::app::hooks::Page;
use crate::view::View;
use crate::view::stage::{self, Ringed, Target};

/// The scene of the tour's step that is shown.
pub fn current_scene(page: &Page) -> Option<&'static Scene> {
    page.step_shown().map(|step| &step.scene)
}

/// What is ringed now.
pub fn current_rings(page: &Page) -> Vec<Ringed> {
    current_scene(page).map(|scene| stage::rings(View::of(&page.session.look()).into(), scene)).unwrap_or_default()
}

/// The offsets of a partition that are ringed: its strip shows them.
pub fn pins(rings: &[Ringed], partition: &TopicPartition) -> Vec<i64> {
    let pinned = rings.iter().filter_map(|ring| match &ring.target {
        Target::Record(at, offset) if at == partition => Some(*offset),
        _ => None,
    });
    pinned.collect()
}

/// The class of something that is ringed.
pub fn class_of(rings: &[Ringed], target: &Target) -> Option<&'static str> {
    rings.iter().any(|ring| ring.target == *target).then_some("ring")
}

/// The number of something that is ringed, in its corner.
pub fn ring_badge(rings: &[Ringed], target: &Target) -> Html {
    let numbers: Vec<String> = rings.iter().filter(|ring| ring.target == *target).map(|ring| ring.number.to_string()).collect();
    match numbers.is_empty() {
        true => html! {},
        false => html! { <span class="ring-number" data-ring-number={numbers.join(" ")}>{ numbers.join(", ") }</span> },
    }
}
