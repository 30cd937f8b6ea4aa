//! Lives here: the Cluster view as it is drawn: hosts, links, disks with their replicas, messages between hosts.
//! Never here: what a fault's line is, or why a replica is not in sync: `view::cluster` and `view::inspect` say that.
//!
//! ```text
//!   programs     rider  driver  billing
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

use crate::base::BrokerId;
use crate::ui::command::command;
use crate::ui::hooks::{Page, PageProps, window};
use crate::ui::icon::icon;
use crate::ui::state::Do;
use crate::ui::topbar::opening_empty;
use crate::view::cluster::{ClusterView, ClusterWindow, cluster, last_fault};
use crate::view::commands::Bootstrap;
use crate::view::text::count;
use flights::FlightLayer;

/// Offsets drawn of each partition.
const SLOTS: usize = 5;

/// Rows drawn beyond those that fit.
const ROWS_BEYOND: usize = 2;

/// No row is lower, in CSS pixels.
const ROW_MIN: usize = 100;

#[component]
pub fn Cluster(props: &PageProps) -> Html {
    let page = &props.page;
    let first = use_state_eq(|| 0usize);
    let (picture, probe) = (use_node_ref(), use_node_ref());
    let height = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(900.0) as usize;
    let rows_max = height / ROW_MIN + 2 * ROWS_BEYOND;
    let from = first.saturating_sub(ROWS_BEYOND);
    let shown = ClusterWindow {
        internal: page.ui.settings.internal,
        rows: from..from + rows_max,
        slots: SLOTS,
        ..ClusterWindow::default()
    };
    let view = cluster(page.session.look().world(), &shown);
    let onscroll = {
        let (first, probe) = (first.clone(), probe.clone());
        Callback::from(move |event: Event| {
            let (Some(target), Some(probe)) = (event.target_dyn_into::<web_sys::Element>(), probe.cast::<web_sys::HtmlElement>())
            else {
                return;
            };
            let row = probe.offset_height().max(1);
            first.set((target.scroll_top() - probe.offset_top()).max(0) as usize / row as usize);
        })
    };
    // A window past the end would draw nothing.
    let rows = view.row_count;
    {
        let first = first.clone();
        use_effect_with(rows, move |rows| first.set((*first).min(*rows)));
    }
    let after = rows.saturating_sub(from + view.rows.len());
    let style = format!("--brokers:{}", view.brokers.len());
    let place = |height: usize| format!("height:calc({height} * var(--cluster-row))");
    html! {
        <section class="cluster" aria-label="Cluster">
            { toolbar(page, &view) }
            <div class="cluster-scroll" {onscroll}>
                <div class="cluster-picture" ref={picture.clone()} {style}>
                    { hosts::programs(page, &view) }
                    { links::links(page, &view) }
                    { hosts::nodes(page, &view) }
                    <div class="cluster-rows">
                        <div class="cluster-disks" aria-hidden="true">
                            { for view.brokers.iter().map(|card| html! {
                                <span key={card.id.0} class={classes!("disk-column", (card.disk.replicas == 0).then_some("disk-empty"))}></span>
                            }) }
                        </div>
                        <div class="cluster-row-probe" ref={probe} aria-hidden="true"></div>
                        if view.row_count == 0 { { no_topics(page, &view) } }
                        <div style={place(from.min(rows))}></div>
                        { for view.rows.iter().map(|row| rows::row_html(page, &view, row)) }
                        <div style={place(after)}></div>
                    </div>
                    <FlightLayer page={page.clone()} {picture} />
                </div>
            </div>
        </section>
    }
}

/// How all partitions are, and the last fault as the line that it is.
fn toolbar(page: &Page, view: &ClusterView) -> Html {
    let session = page.session.look();
    let fault = last_fault(&session);
    let is_last = fault.is_some() && session.inputs()[..session.inputs_applied()].last() == fault;
    let line = fault.map(|input| input.text.lines().next().unwrap_or_default().to_owned());
    let mends = view.links.iter().any(|link| !link.is_sound());
    let internal = page.ui.settings.internal;
    html! {
        <div class="toolbar cluster-toolbar">
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
        Bootstrap::of(page.session.look().world())
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
                    <button type="button" class="button" onclick={opening_empty(page, 3)}>{ "Begin with three brokers" }</button>
                }
            </div>
        </div>
    }
}

/// How a node is found in the picture.
fn node_spot(id: BrokerId) -> String {
    format!("node-{id}")
}
