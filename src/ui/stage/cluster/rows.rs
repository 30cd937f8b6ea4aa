//! A partition's replicas on all disks: the same offsets at the same height, the high watermark as a line across.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::base::Offset;
use crate::ui::app::hooks::{self, Page};
use crate::ui::app::state::Do;
use crate::ui::parts::icon::icon;
use crate::ui::parts::rings::{class_of, ring_badge};
use crate::view::cluster::{ClusterRow, ClusterView, Health, Held, ReplicaView, Slot};
use crate::view::inspect::Selection;
use crate::view::stage::{Ringed, Target};
use crate::view::text;

/// Letters of a key that are shown beside its offset; in a narrow column.
const KEY: usize = 8;
const KEY_NARROW: usize = 4;

/// `narrow`: there is room for the end of a key alone.
pub fn row_html(page: &Page, view: &ClusterView, row: &ClusterRow, rings: &[Ringed], narrow: bool) -> Html {
    let tp = &row.topic_partition;
    let target = Target::Partition(tp.clone());
    let selection = Selection::Partition(tp.clone());
    let selected = page.ui.selection.as_ref() == Some(&selection);
    let line = format!("--below:{}", row.below_high_watermark);
    html! {
        <section key={tp.to_string()} class={classes!("cluster-row", class_of(rings, &target))} aria-label={format!("Partition {tp}")}
            data-ring={target.name()}>
            { ring_badge(rings, &target) }
            { head(page, row, selection, selected) }
            <div class="cluster-row-body">
                <span class="watermark" style={line} aria-hidden="true"></span>
                { for view.brokers.iter().map(|card| {
                    match row.replicas.iter().find(|replica| replica.broker == card.id) {
                        Some(replica) => replica_html(page, row, replica, rings, narrow),
                        None => html! { <span key={card.id.0} class="replica-none"></span> },
                    }
                }) }
            </div>
        </section>
    }
}

/// What holds of all replicas: who is in sync, and up to where a record is committed.
fn head(page: &Page, row: &ClusterRow, selection: Selection, selected: bool) -> Html {
    let list = |brokers: &[crate::base::BrokerId]| brokers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let facts = match row.elr.is_empty() {
        true => format!("ISR {}", list(&row.isr)),
        false => format!("ISR {} · ELR {}", list(&row.isr), list(&row.elr)),
    };
    let title = format!("Leader epoch {}. In-sync replicas: {}.", row.leader_epoch, list(&row.isr));
    html! {
        <header class="cluster-row-head">
            <h3><button type="button" class="name-button" aria-pressed={selected.to_string()}
                onclick={page.doing(Do::Select(Some(selection)))}>{ row.topic_partition.to_string() }</button></h3>
            <p class="cluster-row-isr" {title}>{ facts }
                if row.health != Health::Fine {
                    <span class="cluster-row-health" title={row.health.words()}>{ icon("warn") }<span>{ row.health.words() }</span></span>
                }
            </p>
            <p class="cluster-row-watermark" title="High watermark: what lies below is committed">{ format!("HW {}", row.high_watermark) }</p>
            <p class="cluster-row-epoch">{ format!("epoch {}", row.leader_epoch) }</p>
        </header>
    }
}

fn replica_html(page: &Page, row: &ClusterRow, replica: &ReplicaView, rings: &[Ringed], narrow: bool) -> Html {
    let letters = if narrow { KEY_NARROW } else { KEY };
    let tp = &row.topic_partition;
    let selection = Selection::Replica { topic_partition: tp.clone(), broker: replica.broker };
    let pressed = page.ui.selection.as_ref() == Some(&selection);
    let chosen = match &page.ui.selection {
        Some(Selection::Record { topic_partition, offset }) if topic_partition == tp => Some(offset.0),
        _ => None,
    };
    let onkeydown = {
        let (page, row) = (page.clone(), row.clone());
        Callback::from(move |event: KeyboardEvent| on_key(&page, &row, chosen, &event))
    };
    let target = Target::Replica(tp.clone(), replica.broker.0);
    let class = classes!(
        "replica",
        class_of(rings, &target),
        replica.leader.then_some("replica-leader"),
        (!replica.in_isr).then_some("replica-out"),
        replica.in_elr.then_some("replica-elr"),
        (!replica.alive).then_some("replica-still"),
        (!replica.on_disk).then_some("replica-empty"),
    );
    let role = match replica {
        ReplicaView { leader: true, .. } => "leader",
        ReplicaView { adding: true, .. } => "adding",
        ReplicaView { removing: true, .. } => "removing",
        _ => "follower",
    };
    let sync = match replica {
        ReplicaView { in_isr: true, .. } => "in sync",
        ReplicaView { in_elr: true, .. } => "in the ELR",
        _ => "not in sync",
    };
    let end = match replica.on_disk {
        true => format!("end {}", replica.log_end_offset),
        false => "not on disk".to_owned(),
    };
    let other_epoch = replica.on_disk && replica.last_epoch != row.leader_epoch && replica.last_epoch >= 0;
    html! {
        <div key={replica.broker.0} {class} data-ring={target.name()}>
            { ring_badge(rings, &target) }
            <div class="stack" aria-hidden="true">
                { for row.slots.iter().zip(&replica.held).map(|(slot, held)| slot_html(page, row, slot, held, chosen, letters)) }
            </div>
            <button type="button" class="replica-words" aria-pressed={pressed.to_string()} {onkeydown}
                onclick={page.doing(Do::Select(Some(selection)))}>
                <span class="visually-hidden">{ format!("{tp} on broker {}: ", replica.broker) }</span>
                <span class="replica-role">{ if replica.leader { "★ leader" } else { role } }</span>
                <span class="replica-sync">{ sync }</span>
                <span class="replica-end">{ end }
                    if other_epoch { <span class="replica-epoch">{ format!(" epoch {}", replica.last_epoch) }</span> }
                </span>
            </button>
        </div>
    }
}

fn slot_html(page: &Page, row: &ClusterRow, slot: &Slot, held: &Held, chosen: Option<i64>, letters: usize) -> Html {
    match (slot, held) {
        (_, Held::Record { offset, key, hue, tombstone, control, above_high_watermark, diverges }) => {
            let selection = Selection::Record { topic_partition: row.topic_partition.clone(), offset: Offset(*offset) };
            let class = classes!(
                "held",
                "slot-record",
                above_high_watermark.then_some("cell-above"),
                diverges.then_some("slot-diverges"),
                hue.is_none().then_some("cell-null"),
                (chosen == Some(*offset)).then_some("slot-chosen"),
            );
            let words = match key {
                _ if *control => "◆".to_owned(),
                _ if *tombstone => "✕".to_owned(),
                Some(key) => text::ending(key, letters),
                None => String::new(),
            };
            let state = match (diverges, above_high_watermark) {
                (true, _) => "the leader has no such record; this one will be truncated",
                (_, true) => "not committed yet",
                _ => "committed",
            };
            let title = match key {
                Some(key) => format!("offset {offset}, {key}: {state}"),
                None => format!("offset {offset}: {state}"),
            };
            html! {
                <span key={*offset} {class} style={hue.map(|hue| format!("--hue:{hue}"))} {title}
                    onclick={page.doing(Do::Select(Some(selection)))}>
                    <span>{ offset }</span><span class="slot-key">{ words }</span>
                </span>
            }
        }
        (Slot::Gap(from, to), Held::Part { all }) => html! {
            <span key={*from} class="held slot-gap" title={format!("offsets {from} to {}", to - 1)}>
                { if *all { format!("⋮ {} more", to - from) } else { "⋮ some".to_owned() } }
            </span>
        },
        (Slot::Offset(from) | Slot::Gap(from, _), _) => html! { <span key={*from} class="held"></span> },
    }
}

/// Up and down walk over the records, left and right over the replicas.
fn on_key(page: &Page, row: &ClusterRow, chosen: Option<i64>, event: &KeyboardEvent) {
    let by = match event.key().as_str() {
        "ArrowUp" => 1,
        "ArrowDown" => -1,
        key @ ("ArrowLeft" | "ArrowRight") => {
            event.prevent_default();
            return to_neighbour(event, key == "ArrowRight");
        }
        _ => return,
    };
    event.prevent_default();
    let offsets: Vec<i64> = row
        .slots
        .iter()
        .filter_map(|slot| match slot {
            Slot::Offset(offset) => Some(*offset),
            Slot::Gap(..) => None,
        })
        .collect();
    let at = chosen.and_then(|chosen| offsets.iter().position(|offset| *offset == chosen));
    let next = match at {
        Some(at) => offsets.get((at as i64 + by).try_into().unwrap_or(usize::MAX)),
        None => offsets.last(),
    };
    if let Some(next) = next {
        page.dispatch(Do::Select(Some(Selection::Record { topic_partition: row.topic_partition.clone(), offset: Offset(*next) })));
    }
}

fn to_neighbour(event: &KeyboardEvent, right: bool) {
    let here = event.current_target().and_then(|here| here.dyn_into::<web_sys::Element>().ok());
    let mut cell = here.and_then(|here| here.parent_element());
    while let Some(now) = cell {
        cell = if right { now.next_element_sibling() } else { now.previous_element_sibling() };
        let button = cell.as_ref().and_then(|cell| cell.query_selector(".replica-words").ok().flatten());
        if let Some(button) = button.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
            return hooks::focus(Some(button));
        }
    }
}
