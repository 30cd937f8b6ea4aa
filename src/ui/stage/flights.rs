//! What is in flight, drawn over the picture: records on their way to a partition, or from one to a reader. Where a flight
//! is follows from the moment that is shown; nothing moves when the clock does not.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::base::TopicPartition;
use crate::ui::hooks::{Page, use_moment};
use crate::view::flights::{Flight, FlyingRecord, Load, Spot, flights};

/// Flights drawn singly; beyond them there is a count.
const FLIGHTS_MAX: usize = 60;

/// Records of one flight drawn singly.
const RECORDS_MAX: usize = 3;

#[derive(Properties, PartialEq)]
pub struct FlightLayerProps {
    pub page: Page,
    /// The element that the flights are placed in.
    pub picture: NodeRef,
}

#[component]
pub fn FlightLayer(props: &FlightLayerProps) -> Html {
    let page = &props.page;
    use_moment(&page.frames);
    let session = page.session.look();
    let air = flights(session.world(), session.now(), FLIGHTS_MAX);
    let Some(picture) = props.picture.cast::<web_sys::Element>() else {
        return html! { <div class="flights" aria-hidden="true"></div> };
    };
    let drawn: Vec<Html> = air.flights.iter().flat_map(|flight| flight_html(&picture, flight)).collect();
    html! {
        <div class="flights" aria-hidden="true">
            { for drawn }
            if air.more > 0 { <span class="flights-more">{ format!("and {} more in flight", air.more) }</span> }
        </div>
    }
}

/// A point in the picture.
#[derive(Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
}

fn flight_html(picture: &web_sys::Element, flight: &Flight) -> Vec<Html> {
    flight.loads.iter().enumerate().filter_map(|(at, load)| load_html(picture, flight, load, at)).collect()
}

fn load_html(picture: &web_sys::Element, flight: &Flight, load: &Load, at: usize) -> Option<Html> {
    let client = match (&flight.from, &flight.to) {
        (Spot::Client { client, .. }, _) | (_, Spot::Client { client, .. }) => *client,
        _ => return None,
    };
    let tail = find(picture, &tail_spot(&load.topic_partition))?;
    let actor = find(picture, &format!("client-{client}"))?;
    // A producer is left at its right edge, a reader is reached at its left one.
    let (from, to) = if flight.is_response { (tail, at_edge(actor, true)) } else { (at_edge(actor, false), tail) };
    let (from, to) = (centre(from), centre(to));
    let part = f64::from(flight.progress) / 1000.0;
    let (x, y) = (from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part);
    let more = load.record_count as usize - load.records.len().min(RECORDS_MAX).min(load.record_count as usize);
    let key = format!("{}-{}-{}-{at}", flight.id.0, flight.id.1, flight.id.2);
    Some(html! {
        <div {key} class={classes!("flight", flight.is_response.then_some("flight-response"))}
            style={format!("transform:translate({x:.1}px,{y:.1}px)")} title={flight.label.clone()}>
            { for load.records.iter().take(RECORDS_MAX).map(record_html) }
            if more > 0 { <span class="flight-more">{ format!("+{more}") }</span> }
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

fn tail_spot(partition: &TopicPartition) -> String {
    format!("tail-{partition}")
}

/// Where an element lies in the picture: left, top, width, height.
#[derive(Clone, Copy)]
struct Area {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

/// `None` where it is not on the page (folded away, or scrolled out of the window of rows).
fn find(picture: &web_sys::Element, spot: &str) -> Option<Area> {
    let element = picture.query_selector(&format!("[data-spot=\"{spot}\"]")).ok().flatten()?;
    let element: web_sys::HtmlElement = element.dyn_into().ok()?;
    let (own, outer) = (element.get_bounding_client_rect(), picture.get_bounding_client_rect());
    (own.height() > 0.0).then(|| Area {
        left: own.left() - outer.left(),
        top: own.top() - outer.top(),
        width: own.width(),
        height: own.height(),
    })
}

/// The edge of an actor, as an area without width.
fn at_edge(area: Area, left: bool) -> Area {
    Area { left: if left { area.left } else { area.left + area.width }, width: 0.0, ..area }
}

fn centre(area: Area) -> Point {
    Point { x: area.left + area.width / 2.0, y: area.top + area.height / 2.0 }
}
