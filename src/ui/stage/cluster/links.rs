//! The links between nodes: an arc for each, with a button on it.

use yew::prelude::*;

use super::hosts::{fault_items, on_fault_key};
use crate::ui::app::hooks::Page;
use crate::ui::app::state::Do;
use crate::ui::parts::icon::icon;
use crate::ui::parts::menu::{Menu, MenuItem};
use crate::view::View;
use crate::view::cluster::{self, ClusterView, HostSpot, LinkView};
use crate::view::inspect::Selection;

/// A node's place in the row: 0 is the controller's column. `None` for a program.
pub fn place(view: &ClusterView, spot: &HostSpot) -> Option<usize> {
    match spot {
        HostSpot::Controller | HostSpot::Voter(_) => view.controllers.first().map(|_| 0),
        HostSpot::Broker(id) => view.brokers.iter().position(|card| card.id == *id).map(|at| at + 1),
        HostSpot::Program(_) => None,
    }
}

pub fn links(page: &Page, view: &ClusterView) -> Html {
    let arcs: Vec<(&LinkView, usize, usize)> = view
        .links
        .iter()
        .filter_map(|link| {
            let (one, other) = (place(view, &link.one)?, place(view, &link.other)?);
            // Controllers share a column.
            (one != other).then_some((link, one.min(other), one.max(other)))
        })
        .collect();
    let levels = arcs.iter().map(|(_, from, to)| to - from).max().unwrap_or(0);
    html! {
        <section class="cluster-links" aria-label="Links" style={format!("--levels:{levels}")}>
            { for arcs.into_iter().map(|(link, from, to)| arc(page, link, from, to, levels)) }
        </section>
    }
}

/// The middle of a column, from the left of the picture.
fn middle(place: usize) -> String {
    match place {
        0 => "var(--cluster-label) / 2".to_owned(),
        place => format!(
            "var(--cluster-label) + var(--cluster-gap) + {} * (var(--cluster-column) + var(--cluster-gap)) + var(--cluster-column) / 2",
            place - 1
        ),
    }
}

fn arc(page: &Page, link: &LinkView, from: usize, to: usize, levels: usize) -> Html {
    let level = to - from;
    // Arcs that share an end stand beside one another there, the longest outside.
    let aside = (levels - level + 1) * 6;
    let style = format!(
        "left:calc({} + {aside}px);width:calc(({}) - ({}) - {}px);--level:{level}",
        middle(from),
        middle(to),
        middle(from),
        2 * aside
    );
    let class = match link {
        LinkView { cut: true, .. } => "arc arc-cut",
        LinkView { slow_ms: 1.., .. } => "arc arc-slow",
        LinkView { loss_percent: 1.., .. } => "arc arc-lossy",
        _ => "arc",
    };
    let faults = cluster::link_faults(View::of(&page.session.look()).into(), &link.one, &link.other);
    let mut items = fault_items(page, &faults);
    let selection = Selection::Link { one: link.one.clone(), other: link.other.clone() };
    items.push(MenuItem::new("info", "Inspect the link", page.doing(Do::Select(Some(selection)))));
    let onkeydown = on_fault_key(page, faults);
    let state = link.state();
    let label = format!("Link between {} and {}: {state}", link.one.title(), link.other.title());
    let sign = match link {
        LinkView { cut: true, .. } => icon("cut"),
        LinkView { slow_ms: 1.., .. } => icon("clock"),
        LinkView { loss_percent: 1.., .. } => icon("loss"),
        _ => html! { <span class="arc-dot" aria-hidden="true"></span> },
    };
    html! {
        <div key={format!("{from}-{to}")} {class} {style} {onkeydown} data-arc={super::arc_name(&link.one, &link.other)}>
            <Menu {label} {items}>
                { sign }
                if !link.is_sound() { <span>{ state }</span> }
            </Menu>
        </div>
    }
}
