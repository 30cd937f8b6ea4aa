//! Lives here: the Cluster view as it is drawn: hosts, links, disks with their replicas, messages between hosts.
//! Never here: what a fault's line is, or why a replica is not in sync: `view::cluster` and `view::inspect` say that.
//!
//! ```text
//!   programs     rider  driver  billing
//!             ─┬──────────┬──────────┬────── lanes to and from each broker, with what runs on them in words
//!                      ┌──────────o──────────┐
//!   links    ┌────o────┬─────o────┬─────o────┐       an arc between each two nodes, with a button on it
//!       controller  broker 1   broker 2   broker 3   processes
//!                   [ disk 1 ] [ disk 2 ] [ disk 3 ]
//!         rides-0     ▤ ★        ▤          ▤        the same offsets side by side, the high watermark across
//! ```

mod flights;
mod hosts;
mod links;
mod rows;

use yew::prelude::*;

use crate::ui::app::hooks::{Page, PageProps, use_size};
use crate::ui::app::state::Do;
use crate::ui::parts::command::command;
use crate::ui::parts::icon::icon;
use crate::ui::parts::rings::current_rings;
use crate::view::View;
use crate::view::cluster::{self, ClusterView, ClusterWindow, HostSpot, LinkView, last_fault, layout};
use crate::view::commands::Bootstrap;
use crate::view::text::count;
use flights::FlightLayer;

/// Rows drawn beyond those that fit.
const ROWS_BEYOND: usize = 2;

/// No row is lower, in CSS pixels.
const ROW_MIN: usize = 60;

/// The root's letter size before it is known, in CSS pixels.
const REM: f64 = 16.0;

#[component]
pub fn Cluster(props: &PageProps) -> Html {
    let page = &props.page;
    let first = use_state_eq(|| 0usize);
    let (area, picture, probe) = (use_node_ref(), use_node_ref(), use_node_ref());
    let (width, height) = use_size(area.clone());
    let rem = use_rem(&probe);
    let rows_max = height.max(0) as usize / ROW_MIN + 2 * ROWS_BEYOND;
    let from = first.saturating_sub(ROWS_BEYOND);
    let shown = |slots: usize| ClusterWindow {
        internal: page.ui.settings.internal,
        rows: from..from + rows_max,
        slots,
        ..ClusterWindow::default()
    };
    let (view, layout) = {
        let session = page.session.look();
        let counted = cluster::cluster(View::of(&session).into(), &ClusterWindow { rows: 0..0, ..shown(1) });
        let tenths = |pixels: i32| (f64::from(pixels) * 10.0 / rem).max(0.0) as u32;
        let inner = tenths(width).saturating_sub(2 * PADDING);
        let layout = layout(inner, tenths(height), counted.brokers.len(), counted.row_count);
        (cluster::cluster(View::of(&session).into(), &shown(layout.slots)), layout)
    };
    let onscroll = {
        let (first, probe) = (first.clone(), probe.clone());
        Callback::from(move |event: Event| {
            let (Some(target), Some(probe)) = (event.target_dyn_into::<web_sys::Element>(), probe.cast::<web_sys::HtmlElement>())
            else {
                return;
            };
            let row = probe.offset_height().max(1);
            let above = probe.get_bounding_client_rect().top() - target.get_bounding_client_rect().top();
            first.set((-above).max(0.0) as usize / row as usize);
        })
    };
    {
        // In a low window the brokers come first; what is above them is a scroll away.
        let (area, picture) = (area.clone(), picture.clone());
        use_effect_with(layout.low, move |low| {
            let nodes =
                picture.cast::<web_sys::Element>().and_then(|picture| picture.query_selector(".cluster-nodes").ok().flatten());
            if let (true, Some(area), Some(nodes)) = (*low, area.cast::<web_sys::Element>(), nodes) {
                let above = nodes.get_bounding_client_rect().top() - area.get_bounding_client_rect().top();
                area.set_scroll_top(area.scroll_top() + above as i32);
            }
        });
    }
    // A window past the end would draw nothing.
    let rows = view.row_count;
    {
        let first = first.clone();
        use_effect_with(rows, move |rows| first.set((*first).min(*rows)));
    }
    let after = rows.saturating_sub(from + view.rows.len());
    let (brokers, label) = (view.brokers.len(), layout.label);
    let style = format!("--brokers:{brokers};--cluster-label:{}.{}rem;--cluster-slots:{}", label / 10, label % 10, layout.slots);
    let class = classes!("cluster", layout.narrow.then_some("cluster-narrow"), (layout.slots > 3).then_some("cluster-tall"));
    let place = |height: usize| format!("height:calc({height} * var(--cluster-row))");
    let rings = current_rings(page);
    let broken: Vec<LinkView> = view.links.iter().filter(|link| !link.is_sound()).cloned().collect();
    html! {
        <section {class} {style} aria-label="Cluster">
            { toolbar(page, &view) }
            <div class="cluster-scroll" ref={area} {onscroll}>
                <div class="cluster-picture" ref={picture.clone()}>
                    { hosts::programs(page, &view) }
                    if !view.programs.is_empty() { <div class="cluster-lanes" aria-hidden="true"></div> }
                    { links::links(page, &view) }
                    { hosts::nodes(page, &view, &rings) }
                    <div class="cluster-rows">
                        <div class="cluster-disks" aria-hidden="true">
                            { for view.brokers.iter().map(|card| html! {
                                <span key={card.id.0} class={classes!("disk-column", (card.disk.replicas == 0).then_some("disk-empty"))}></span>
                            }) }
                        </div>
                        <div class="cluster-row-probe" ref={probe} aria-hidden="true"></div>
                        if view.row_count == 0 { { no_topics(page, &view) } }
                        <div style={place(from.min(rows))}></div>
                        { for view.rows.iter().map(|row| rows::row_html(page, &view, row, &rings, layout.narrow)) }
                        <div style={place(after)}></div>
                    </div>
                    <FlightLayer page={page.clone()} {picture} {layout} {width} {rem} {broken} />
                </div>
            </div>
        </section>
    }
}

/// The padding of the picture at either side, in tenths of the root's letter size.
const PADDING: u32 = 8;

/// The root's letter size in CSS pixels, by a probe that is ten of them wide.
#[hook]
fn use_rem(probe: &NodeRef) -> f64 {
    let rem = use_state_eq(|| REM);
    {
        let (rem, probe) = (rem.clone(), probe.clone());
        use_effect(move || {
            let width = probe.cast::<web_sys::HtmlElement>().map_or(0, |probe| probe.offset_width());
            if width > 0 {
                rem.set(f64::from(width) / 10.0);
            }
        });
    }
    *rem
}

/// How all partitions are, and the last fault as the line that it is.
fn toolbar(page: &Page, view: &ClusterView) -> Html {
    let session = page.session.look();
    let fault = last_fault(&session);
    let is_last = fault.is_some() && session.inputs_behind().last() == fault;
    let line = fault.map(|input| input.text.lines().next().unwrap_or_default().to_owned());
    let mends = view.links.iter().any(|link| !link.is_sound());
    let internal = page.ui.settings.internal;
    html! {
        <div class="cluster-toolbar">
            <p class="cluster-health" role="status">{ health(view) }</p>
            if let Some(line) = line {
                <p class="cluster-last" title={line.clone()}><span class="quiet">{ "last: " }</span><code>{ line }</code></p>
                if is_last && session.can_undo() {
                    { tool("undo", "", "Undo it", page.acting(Page::undo)) }
                }
            }
            <div class="toolbar-end">
                if mends {
                    { tool("check", "Mend", " all links", page.giving(vec!["$ heal".to_owned()])) }
                }
                <button type="button" class="button button-quiet" aria-pressed={internal.to_string()}
                    title="Show Kafka's own topics, __consumer_offsets above all" onclick={page.doing(Do::Internal(!internal))}>
                    { icon(if internal { "check" } else { "plus" }) }{ "internal" }
                </button>
            </div>
        </div>
    }
}

/// A button of the toolbar. A narrow stage does not show the rest of its label.
fn tool(sign: &str, label: &'static str, rest: &'static str, onclick: Callback<MouseEvent>) -> Html {
    html! {
        <button type="button" class="button cluster-tool" title={[label, rest].concat()} {onclick}>
            { icon(sign) }<span>{ label }<span class="cluster-tool-rest">{ rest }</span></span>
        </button>
    }
}

fn health(view: &ClusterView) -> Html {
    let counts = [(view.offline, "offline"), (view.under_min_isr, "under min ISR"), (view.under_replicated, "under-replicated")];
    let partitions = count(view.row_count as i64, "partition");
    let wrong: Vec<String> =
        counts.into_iter().filter(|(number, _)| *number > 0).map(|(number, words)| format!("{number} {words}")).collect();
    html! {
        <>
            <span class={classes!((!wrong.is_empty()).then_some("cluster-count"))}>{ partitions }</span>
            { for wrong.into_iter().map(|words| html! { <span class="badge badge-notice" title={words.clone()}>{ words }</span> }) }
        </>
    }
}

/// An empty cluster that shows how it is filled: as many replicas as there are brokers, up to three.
fn no_topics(page: &Page, view: &ClusterView) -> Html {
    let replicas = view.brokers.len().min(3);
    let line = format!(
        "$ kafka-topics.sh --create --topic rides --partitions 3 --replication-factor {replicas} {}",
        Bootstrap::of(View::of(&page.session.look()).into())
    );
    html! {
        <div class="empty">
            <h3>{ "There is nothing to keep yet" }</h3>
            <p>{ format!("A topic’s partitions are spread over the brokers, and each partition is kept by as many as the replication \
                          factor says. This command makes three partitions, each on {}:", count(replicas as i64, "broker")) }</p>
            { command(page, line.trim_start_matches("$ ")) }
            <div class="row">
                <button type="button" class="button button-strong" onclick={page.giving(vec![line.clone()])}>
                    { icon("terminal") }{ "Type it for me" }
                </button>
                if view.brokers.len() == 1 {
                    <button type="button" class="button" onclick={page.opening_empty(3)}>{ "Begin with three brokers" }</button>
                }
            </div>
        </div>
    }
}

/// How a host is found in the picture.
fn spot_name(spot: &HostSpot) -> String {
    match spot {
        HostSpot::Controller => "controller".to_owned(),
        HostSpot::Voter(id) => format!("controller-{id}"),
        HostSpot::Broker(id) => format!("broker-{id}"),
        HostSpot::Program(name) => format!("program-{name}"),
    }
}

/// How the arc between two nodes is found.
fn arc_name(one: &HostSpot, other: &HostSpot) -> String {
    format!("{}|{}", spot_name(one), spot_name(other))
}
