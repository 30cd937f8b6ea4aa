//! Programs, the controller, and the brokers: each broker's process above its disk.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::spot_name;
use crate::base::BrokerId;
use crate::ui::app::hooks::{self, Page};
use crate::ui::app::state::Do;
use crate::ui::parts::icon::icon;
use crate::ui::parts::menu::{Menu, MenuItem};
use crate::ui::parts::rings::{class_of, ring_badge};
use crate::view::View;
use crate::view::cluster::{self, BrokerCard, ClusterView, ControllerCard, Fault, HostSpot, LinkView, Process};
use crate::view::inspect::Selection;
use crate::view::stage::{Ringed, Target};
use crate::view::text::count;

/// The items of a menu of faults: those that can be done now.
pub fn fault_items(page: &Page, faults: &[Fault]) -> Vec<MenuItem> {
    faults
        .iter()
        .filter(|fault| fault.disabled.is_none())
        .map(|fault| {
            let mut item = MenuItem::new(fault.icon, fault.label, page.giving(vec![fault.block()]));
            item.hint = Some(format!("{} {}", fault.hint, fault.block()).into());
            item
        })
        .collect()
}

/// What a key does to the host or link that has the focus. False where it is no key of a fault.
fn fault_key(page: &Page, faults: &[Fault], event: &KeyboardEvent) -> bool {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return false;
    }
    let fault = faults.iter().find(|fault| event.key().eq_ignore_ascii_case(fault.key));
    let Some(fault) = fault else { return false };
    event.prevent_default();
    event.stop_propagation();
    if fault.disabled.is_none() {
        page.give(&[fault.block()]);
    }
    true
}

/// The keys of a host or a link that has no others.
pub fn on_fault_key(page: &Page, faults: Vec<Fault>) -> Callback<KeyboardEvent> {
    let page = page.clone();
    Callback::from(move |event: KeyboardEvent| {
        fault_key(&page, &faults, &event);
    })
}

pub fn programs(page: &Page, view: &ClusterView) -> Html {
    if view.programs.is_empty() {
        return html! {};
    }
    html! {
        <section class="cluster-programs" aria-label="Programs">
            { for view.programs.iter().map(|name| program(page, view, name)) }
            if view.program_count > view.programs.len() {
                <span class="quiet">{ format!("and {} more", view.program_count - view.programs.len()) }</span>
            }
        </section>
    }
}

/// A program with clients. Its menu cuts its links; a link that is not sound shows on it.
fn program(page: &Page, view: &ClusterView, name: &Rc<str>) -> Html {
    let own = HostSpot::Program(name.clone());
    let broken: Vec<&LinkView> = view.links.iter().filter(|link| link.one == own || link.other == own).collect();
    let to = |link: &LinkView| if link.one == own { link.other.clone() } else { link.one.clone() };
    let mut items = Vec::new();
    for card in &view.brokers {
        let other = HostSpot::Broker(card.id);
        let line = match broken.iter().any(|link| to(link) == other) {
            true => ("check", format!("Mend the link to broker {}", card.id), format!("heal {} {}", own.word(), card.id)),
            false => ("cut", format!("Cut from broker {}", card.id), format!("cut {} {}", own.word(), card.id)),
        };
        let (icon, label, line) = line;
        let mut item = MenuItem::new(icon, "", page.giving(vec![format!("$ {line}")]));
        (item.label, item.hint) = (label.into(), Some(format!("$ {line}").into()));
        items.push(item);
    }
    for card in &view.brokers {
        let selection = Selection::Link { one: own.clone(), other: HostSpot::Broker(card.id) };
        let mut item = MenuItem::new("info", "", page.doing(Do::Select(Some(selection))));
        item.label = format!("Inspect the link to broker {}", card.id).into();
        items.push(item);
    }
    html! {
        <div key={name.to_string()} class={classes!("program", (!broken.is_empty()).then_some("program-broken"))}
            data-spot={spot_name(&own)} data-ring={format!("program-{name}")}>
            <Menu label={format!("Links of {name}")} {items}>
                <span class="program-name">{ name.to_string() }</span>
                { for broken.iter().map(|link| html! {
                    <span class="badge badge-notice">{ format!("{} {}", to(link).title(), link.state()) }</span>
                }) }
            </Menu>
        </div>
    }
}

/// The controller and the brokers, in one row.
pub fn nodes(page: &Page, view: &ClusterView, rings: &[Ringed]) -> Html {
    html! {
        <div class="cluster-nodes">
            <div class="controllers">{ for view.controllers.iter().map(|card| controller(page, card, rings)) }</div>
            { for view.brokers.iter().map(|card| broker(page, card, rings)) }
        </div>
    }
}

fn controller(page: &Page, card: &ControllerCard, rings: &[Ringed]) -> Html {
    let target = Target::Broker(card.id.0);
    let selection = Selection::Broker(card.id);
    let selected = page.ui.selection.as_ref() == Some(&selection);
    let faults = cluster::controller_faults(View::of(&page.session.look()).into(), card.id);
    let onkeydown = on_fault_key(page, faults);
    let spot = if card.state.is_empty() { HostSpot::Controller } else { HostSpot::Voter(card.id) };
    let process = match (card.running, card.leads) {
        (false, _) => "process process-down",
        (_, true) if !card.state.is_empty() => "process process-leads",
        _ => "process",
    };
    html! {
        <div class="node node-controller">
            <div class={classes!(process, class_of(rings, &target))} data-spot={spot_name(&spot)} data-ring={target.name()}>
                { ring_badge(rings, &target) }
                <button type="button" class="node-name" aria-pressed={selected.to_string()} {onkeydown}
                    onclick={page.doing(Do::Select(Some(selection)))}>
                    { card.name.clone() }
                    if !card.state.is_empty() { <span class="controller-state">{ card.state }</span> }
                </button>
            </div>
        </div>
    }
}

fn broker(page: &Page, card: &BrokerCard, rings: &[Ringed]) -> Html {
    let target = Target::Broker(card.id.0);
    let faults = cluster::broker_faults(View::of(&page.session.look()).into(), card.id);
    let selection = Selection::Broker(card.id);
    let selected = page.ui.selection.as_ref() == Some(&selection);
    let onkeydown = {
        let (page, faults) = (page.clone(), faults.clone());
        Callback::from(move |event: KeyboardEvent| {
            if !fault_key(&page, &faults, &event) {
                walk(&event);
            }
        })
    };
    let class = match (card.process, card.fenced) {
        (Process::Running, false) => "process process-running",
        (Process::Running, true) | (Process::Starting, _) => "process process-fenced",
        (Process::Frozen, _) => "process process-frozen",
        (Process::Down, _) => "process process-down",
    };
    let keys: Vec<&str> = faults.iter().map(|fault| fault.key).collect();
    let select = page.doing(Do::Select(Some(selection.clone())));
    html! {
        <div key={card.id.0} class="node" data-broker={card.id.to_string()} {onkeydown}>
            <div class={classes!(class, class_of(rings, &target))} data-spot={spot_name(&HostSpot::Broker(card.id))} data-ring={target.name()}>
                { ring_badge(rings, &target) }
                <div class="process-head">
                    <button type="button" class="node-name" aria-pressed={selected.to_string()} aria-keyshortcuts={keys.join(" ")}
                        onclick={select}>{ format!("Broker {}", card.id) }</button>
                    <span class="process-tools">
                        { for faults.first().map(|fault| tool(page, card.id, fault)) }
                        <Menu label={format!("Faults of broker {}", card.id)} end=true
                            items={fault_items(page, &faults)}>{ icon("more") }</Menu>
                    </span>
                </div>
                <p class="process-state"><span class="process-sign" aria-hidden="true"></span><span class="process-word">{ card.state }</span>
                    if !card.note.is_empty() { <span class="quiet">{ format!(" · {}", card.note) }</span> }
                    <span class="process-facts quiet">{ facts(card) }</span>
                </p>
            </div>
            <div class={classes!("disk", (card.disk.replicas == 0).then_some("disk-empty"))}>
                { icon("disk") }<span class="disk-words"><span class="visually-hidden">{ format!("Disk of broker {}: ", card.id) }</span>
                    { card.disk.words() }</span>
                if card.disk.slow_ms > 0 { <span class="badge badge-notice">{ format!("+{} ms", card.disk.slow_ms) }</span> }
            </div>
        </div>
    }
}

fn facts(card: &BrokerCard) -> String {
    let mut words = format!(":{} · leads {}", card.id.port(), card.leads);
    if card.coordinates > 0 {
        words += &format!(" · {}", count(card.coordinates as i64, "group"));
    }
    if card.controller {
        words += " · controller";
    }
    words
}

/// The first of the faults, at hand: stop it, or start it.
fn tool(page: &Page, id: BrokerId, fault: &Fault) -> Html {
    let label = format!("{}: broker {id}", fault.label);
    html! {
        <button type="button" class="icon-button" aria-label={label.clone()} title={format!("{label} ({}) {}", fault.key, fault.block())}
            onclick={page.giving(vec![fault.block()])}>{ icon(fault.icon) }</button>
    }
}

/// Left and right walk from broker to broker.
fn walk(event: &KeyboardEvent) {
    let by = match event.key().as_str() {
        "ArrowRight" => 1,
        "ArrowLeft" => -1,
        _ => return,
    };
    let Ok(nodes) = hooks::document().query_selector_all(".cluster-nodes .node-name") else { return };
    let here = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let node = here.and_then(|here| here.closest(".node").ok().flatten());
    let name = node.and_then(|node| node.query_selector(".node-name").ok().flatten()).map(web_sys::Node::from);
    let at = (0..nodes.length()).find(|at| nodes.item(*at) == name);
    let next = at.and_then(|at| u32::try_from(at as i32 + by).ok()).and_then(|next| nodes.item(next));
    if let Some(next) = next.and_then(|next| next.dyn_into::<web_sys::HtmlElement>().ok()) {
        event.prevent_default();
        hooks::focus(Some(next));
    }
}
