//! What is in flight, drawn over the picture: records on their way to a partition, or from one to a reader. Where a flight
//! is follows from the moment that is shown; nothing moves when the clock does not.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::base::TopicPartition;
use crate::ui::hooks::{Page, use_moment};
use crate::view::flights::{Flight, FlyingRecord, Load, Spot, flights};

/// Flights drawn singly; beyond them there is a count.
const FLIGHTS_MAX: usize = 60;

/// Records of one request drawn singly. A response shows one: each group's reader gets its own response with the same records.
const RECORDS_MAX: usize = 3;

/// Flights of one partition nearer to each other than this are one chip with a count, in CSS pixels.
const NEAR: Point = Point { x: 96.0, y: 26.0 };

/// On a picture narrower than this the columns lie below one another, and a chip keeps its distance from the edges.
const NARROW: f64 = 704.0;

/// Half the width of a chip, about.
const CHIP_HALF: f64 = 72.0;

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
    let width = picture.get_bounding_client_rect().width();
    let mut chips: Vec<Chip> = Vec::new();
    for flight in &air.flights {
        for load in &flight.loads {
            let Some(mut point) = place(&picture, flight, load) else { continue };
            if width < NARROW {
                point.x = point.x.clamp(CHIP_HALF.min(width / 2.0), (width - CHIP_HALF).max(width / 2.0));
            }
            match chips.iter_mut().find(|chip| chip.is_near(flight, load, point)) {
                Some(chip) => chip.copies += 1,
                None => chips.push(Chip { flight, load, point, copies: 1 }),
            }
        }
    }
    html! {
        <div class="flights" aria-hidden="true">
            { for chips.iter().map(chip_html) }
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

/// One or more loads of one partition at about one place.
struct Chip<'f> {
    flight: &'f Flight,
    load: &'f Load,
    point: Point,
    copies: usize,
}

impl Chip<'_> {
    fn is_near(&self, flight: &Flight, load: &Load, point: Point) -> bool {
        self.flight.is_response == flight.is_response
            && self.load.topic_partition == load.topic_partition
            && (self.point.x - point.x).abs() < NEAR.x
            && (self.point.y - point.y).abs() < NEAR.y
    }
}

/// Where a load is in the picture; `None` where one of its ends is not on the page.
fn place(picture: &web_sys::Element, flight: &Flight, load: &Load) -> Option<Point> {
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
    Some(Point { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part })
}

fn chip_html(chip: &Chip) -> Html {
    let Chip { flight, load, point, copies } = chip;
    let records_max = if flight.is_response { 1 } else { RECORDS_MAX };
    let shown = load.records.len().min(records_max);
    let more = (load.record_count as usize).saturating_sub(shown);
    let key = format!("{}-{}-{}-{}", flight.id.0, flight.id.1, flight.id.2, load.topic_partition);
    html! {
        <div {key} class={if flight.is_response { "flight flight-response" } else { "flight" }}
            style={format!("transform:translate({:.1}px,{:.1}px)", point.x, point.y)}>
            <div class="flight-chip" title={flight.label.clone()}>
                { for load.records.iter().take(shown).map(record_html) }
                if more > 0 { <span class="flight-more">{ format!("+{more}") }</span> }
                if *copies > 1 { <span class="flight-copies">{ format!("×{copies}") }</span> }
            </div>
        </div>
    }
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
