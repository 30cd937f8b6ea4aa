//! Messages on their way between hosts, on the arcs that join them; and the links of programs that are not sound.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::links::place;
use super::node_spot;
use crate::ui::hooks::{Page, use_moment};
use crate::view::cluster::{ClusterFlight, ClusterView, ClusterWindow, HostSpot, LinkView, cluster, cluster_flights};
use crate::view::flights::FlyingRecord;

/// Messages drawn singly; beyond them there is a count.
const FLIGHTS_MAX: usize = 40;

/// Height of one level of arcs, as the style has it.
const LEVEL_REM: f64 = 1.375;

#[derive(Properties, PartialEq)]
pub struct FlightLayerProps {
    pub page: Page,
    /// The element that the messages are placed in.
    pub picture: NodeRef,
}

#[derive(Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
}

#[component]
pub fn FlightLayer(props: &FlightLayerProps) -> Html {
    let page = &props.page;
    use_moment(&page.frames);
    let session = page.session.look();
    let Some(picture) = props.picture.cast::<web_sys::Element>() else {
        return html! { <div class="flights" aria-hidden="true"></div> };
    };
    let (flights, more) = cluster_flights(session.world(), session.now(), FLIGHTS_MAX);
    let view = cluster(session.world(), &ClusterWindow { rows: 0..0, ..ClusterWindow::default() });
    html! {
        <div class="flights" aria-hidden="true">
            <svg class="wires">
                { for view.links.iter().filter(|link| !link.is_sound()).filter_map(|link| wire(&picture, &view, link)) }
            </svg>
            { for flights.iter().filter_map(|flight| flight_html(&picture, &view, flight)) }
            if more > 0 { <span class="flights-more">{ format!("and {more} more in flight") }</span> }
        </div>
    }
}

fn spot_name(view: &ClusterView, spot: &HostSpot) -> Option<String> {
    Some(match spot {
        HostSpot::Controller => node_spot(view.controllers.first()?.id),
        HostSpot::Broker(id) | HostSpot::Voter(id) => node_spot(*id),
        HostSpot::Program(name) => format!("program-{name}"),
    })
}

/// The middle of a host's edge: the upper one of a node, the lower one of a program. `None` where it is not on the page.
fn edge(picture: &web_sys::Element, view: &ClusterView, spot: &HostSpot) -> Option<Point> {
    let name = spot_name(view, spot)?;
    let all = picture.query_selector_all("[data-spot]").ok()?;
    let elements = (0..all.length()).filter_map(|at| all.item(at)?.dyn_into::<web_sys::Element>().ok());
    let element = elements.into_iter().find(|element| element.get_attribute("data-spot").as_deref() == Some(&*name))?;
    let (own, outer) = (element.get_bounding_client_rect(), picture.get_bounding_client_rect());
    let y = if matches!(spot, HostSpot::Program(_)) { own.bottom() } else { own.top() };
    (own.height() > 0.0).then(|| Point { x: own.left() + own.width() / 2.0 - outer.left(), y: y - outer.top() })
}

/// Where a message is: on the arc between two nodes, else straight between its hosts.
fn point(picture: &web_sys::Element, view: &ClusterView, flight: &ClusterFlight) -> Option<Point> {
    let (from, to) = (edge(picture, view, &flight.from)?, edge(picture, view, &flight.to)?);
    let part = f64::from(flight.progress) / 1000.0;
    let levels = match (place(view, &flight.from), place(view, &flight.to)) {
        (Some(one), Some(other)) => one.abs_diff(other) as f64,
        _ => return Some(Point { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }),
    };
    // Up, across, and down again, at one speed.
    let rise = levels * LEVEL_REM * 16.0;
    let across = (to.x - from.x).abs();
    let gone = part * (2.0 * rise + across);
    let sign = if to.x < from.x { -1.0 } else { 1.0 };
    Some(if gone < rise {
        Point { x: from.x, y: from.y - gone }
    } else if gone < rise + across {
        Point { x: from.x + sign * (gone - rise), y: from.y - rise }
    } else {
        Point { x: to.x, y: to.y - (2.0 * rise + across - gone) }
    })
}

fn flight_html(picture: &web_sys::Element, view: &ClusterView, flight: &ClusterFlight) -> Option<Html> {
    let point = point(picture, view, flight)?;
    let class =
        classes!("flight", "hop", flight.is_response.then_some("flight-response"), flight.replicates.then_some("hop-replicates"));
    let shown = flight.records.len() as u32;
    // What clients ask and are told all the time is a dot: words would hide the picture.
    let between_nodes = place(view, &flight.from).is_some() && place(view, &flight.to).is_some();
    Some(html! {
        <div key={flight.id.clone()} {class} style={format!("transform:translate({:.1}px,{:.1}px)", point.x, point.y)}>
            <div class="flight-chip" title={flight.label.clone()}>
                if flight.records.is_empty() && (flight.replicates || between_nodes) {
                    <span class="hop-name">{ flight.label.clone() }</span>
                } else if flight.records.is_empty() {
                    <span class="hop-dot"></span>
                } else {
                    { for flight.records.iter().map(record_html) }
                    if flight.record_count > shown { <span class="flight-more">{ format!("+{}", flight.record_count - shown) }</span> }
                }
            </div>
        </div>
    })
}

fn record_html(record: &FlyingRecord) -> Html {
    let style = record.hue.map(|hue| format!("--hue:{hue}"));
    html! {
        <span class={classes!("flight-record", record.hue.is_none().then_some("cell-null"))} {style}>
            { record.key.as_deref().unwrap_or("null").to_owned() }
        </span>
    }
}

/// A line from a program to a node, where their link is not sound.
fn wire(picture: &web_sys::Element, view: &ClusterView, link: &LinkView) -> Option<Html> {
    if place(view, &link.one).is_some() && place(view, &link.other).is_some() {
        return None;
    }
    let (one, other) = (edge(picture, view, &link.one)?, edge(picture, view, &link.other)?);
    let class = if link.cut { "wire wire-cut" } else { "wire" };
    let at = |value: f64| format!("{value:.1}");
    Some(html! {
        <line {class} x1={at(one.x)} y1={at(one.y)} x2={at(other.x)} y2={at(other.y)} />
    })
}
