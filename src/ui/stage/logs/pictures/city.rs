//! The city map, as the city-map service last read it.

use yew::prelude::*;

use crate::scenario::taxi::{CityMapView, Taxi, TaxiStatus};
use crate::view::text::hue;

pub fn city(map: &CityMapView, size: (i32, i32)) -> Html {
    let stale = !map.power.is_on();
    let labels = Labels::of(map, size);
    html! {
        <figure class={classes!("city", stale.then_some("city-stale"))}>
            { streets(map) }
            { for map.places.iter().map(|place| html! {
                <span key={format!("d-{}", place.name)} class="place-dot" style={at(map, f64::from(place.x), f64::from(place.y))}></span>
            }) }
            { for labels.places.iter().map(|(name, x, y)| html! {
                <span key={*name} class="place" style={at(map, *x, *y)}><span>{ *name }</span></span>
            }) }
            { for map.waiting.iter().zip(&labels.waiting).map(|(passenger, (x, y))| html! {
                <span key={format!("w-{}", passenger.ride)} class="passenger"
                    style={format!("{};--hue:{}", at(map, *x, *y), hue(passenger.ride.as_bytes()))}
                    title={format!("{} waits to be picked up ({})", passenger.rider, passenger.ride)}><span>{ &passenger.rider }</span></span>
            }) }
            { for map.taxis.iter().zip(&labels.taxis).map(|(taxi, (x, y))| taxi_html(map, taxi, *x, *y)) }
            if stale {
                <p class="city-note">{ format!("city-map is {}: the map stands still", map.power.word()) }</p>
            }
            <figcaption class="visually-hidden">{ words(map) }</figcaption>
        </figure>
    }
}

/// Where the names stand, in grid units: none over another. A place whose name has no room keeps its dot.
#[derive(Default)]
struct Labels {
    places: Vec<(&'static str, f64, f64)>,
    waiting: Vec<(f64, f64)>,
    taxis: Vec<(f64, f64)>,
    /// What is taken: centre and half sizes.
    taken: Vec<[f64; 4]>,
    /// A line's half height.
    line_half: f64,
}

/// A letter's width, and a line's half height, in sixteenths of a rem.
const LETTER: f64 = 8.6;
const LINE_HALF: f64 = 13.0;

/// How far from its point, in half widths and lines, a name that must be seen may stand.
const RINGS: i32 = 6;

/// How many letters of the usual width a name is as long as.
fn letters(name: &str) -> f64 {
    let width = |letter| match letter {
        'M' | 'W' | 'm' | 'w' => 1.6,
        'f' | 'i' | 'j' | 'l' | 'r' | 't' => 0.7,
        _ if letter.is_uppercase() => 1.2,
        _ => 1.0,
    };
    name.chars().map(width).sum()
}

impl Labels {
    fn of(map: &CityMapView, (width, height): (i32, i32)) -> Self {
        let size = (f64::from(map.width), f64::from(map.height));
        // How long a letter, and how tall a line, is on the grid.
        let letter = LETTER * (size.0 + 2.0) / f64::from(width.max(120));
        let line_half = LINE_HALF * (size.1 + 2.0) / f64::from(height.max(80));
        let line = line_half * 2.0 + 0.1;
        let mut labels = Self { line_half, ..Self::default() };
        for taxi in &map.taxis {
            let (x, y, half) =
                (f64::from(taxi.x), f64::from(taxi.y), taxi.driver.chars().count() as f64 * letter / 2.0 + letter * 2.0);
            let beside = [
                (0.0, 0.0),
                (0.0, -line),
                (0.0, line),
                (half * 2.0, 0.0),
                (-half * 2.0, 0.0),
                (0.0, -2.0 * line),
                (0.0, 2.0 * line),
            ];
            let (at, _) = labels.place(size, (x, y), half, &beside, true);
            labels.taxis.push(at);
        }
        for passenger in &map.waiting {
            let half = passenger.rider.chars().count() as f64 * letter / 2.0 + letter;
            let away = half + letter;
            let beside =
                [(-away, 0.0), (away, 0.0), (0.0, -line), (0.0, line), (-away, -line), (away, -line), (-away, line), (away, line)];
            let (at, _) = labels.place(size, (f64::from(passenger.x), f64::from(passenger.y)), half, &beside, true);
            labels.waiting.push(at);
        }
        for place in map.places {
            let half = letters(place.name) * letter / 2.0;
            let (away, below) = (half + letter * 0.6, line_half * 0.9);
            let beside = [(away, below), (-away, below), (away, -below), (-away, -below)];
            let (at, free) = labels.place(size, (f64::from(place.x), f64::from(place.y)), half, &beside, false);
            if free {
                labels.places.push((place.name, at.0, at.1));
            } else {
                labels.taken.pop();
            }
        }
        labels
    }

    /// The first of the places beside a point that is free and on the map; for what must be seen else the nearest around it.
    /// Without one it stands at the point, and this is false.
    fn place(&mut self, size: (f64, f64), (x, y): (f64, f64), half: f64, beside: &[(f64, f64)], must: bool) -> ((f64, f64), bool) {
        let keep = |x: f64| x.clamp(half - 1.0, (size.0 + 1.0 - half).max(half - 1.0));
        let is_free = |x: f64, y: f64| {
            let on_map =
                x - half >= -1.0 && x + half <= size.0 + 1.0 && y - self.line_half >= -1.2 && y + self.line_half <= size.1 + 1.2;
            let clear =
                |[ox, oy, width, height]: &[f64; 4]| (x - ox).abs() >= half + width || (y - oy).abs() >= self.line_half + height;
            on_map && self.taken.iter().all(clear)
        };
        let line = self.line_half * 2.0 + 0.1;
        let around = (1..=if must { RINGS } else { 0 }).flat_map(|ring: i32| {
            let side = move |at: i32| (-ring..=ring).map(move |other| (at, other));
            let edges = side(-ring).chain(side(ring));
            edges.flat_map(|(at, other)| [(at, other), (other, at)]).map(|(dx, dy)| (f64::from(dx) * half, f64::from(dy) * line))
        });
        let mut moved = beside.iter().copied().chain(around).map(|(dx, dy)| (keep(x + dx), y + dy));
        let found = moved.find(|(x, y)| is_free(*x, *y));
        let at = found.unwrap_or((keep(x), y));
        self.taken.push([at.0, at.1, half, self.line_half]);
        (at, found.is_some())
    }
}

/// A point of the grid, in percent of the picture; half a unit of margin lies around the grid, and half around that.
fn at(map: &CityMapView, x: f64, y: f64) -> String {
    let percent = |value: f64, size: i32| (value + 1.0) / f64::from(size + 2) * 100.0;
    format!("translate:{:.2}cqw {:.2}cqh", percent(x, map.width), percent(y, map.height))
}

fn streets(map: &CityMapView) -> Html {
    let (width, height) = (map.width + 2, map.height + 2);
    html! {
        <svg class="streets" viewBox={format!("0 0 {width} {height}")} preserveAspectRatio="none" aria-hidden="true">
            { for map.streets.iter().map(|y| {
                let y = (y + 1).to_string();
                html! { <line x1="0" y1={y.clone()} x2={width.to_string()} y2={y} /> }
            }) }
            { for map.avenues.iter().map(|x| {
                let x = (x + 1).to_string();
                html! { <line x1={x.clone()} y1="0" x2={x} y2={height.to_string()} /> }
            }) }
            { for map.taxis.iter().filter(|taxi| !taxi.path.is_empty()).map(path) }
        </svg>
    }
}

fn path(taxi: &Taxi) -> Html {
    let corners = std::iter::once((taxi.x, taxi.y)).chain(taxi.path.iter().copied());
    let points = corners.map(|(x, y)| format!("{},{}", x + 1, y + 1)).collect::<Vec<_>>().join(" ");
    let class = if taxi.status == TaxiStatus::OnTrip { "way way-trip" } else { "way" };
    html! { <polyline key={taxi.driver.clone()} {class} {points} style={taxi_hue(taxi)} /> }
}

fn taxi_hue(taxi: &Taxi) -> Option<String> {
    taxi.ride.as_ref().map(|ride| format!("--hue:{}", hue(ride.as_bytes())))
}

fn taxi_html(map: &CityMapView, taxi: &Taxi, x: f64, y: f64) -> Html {
    let (class, sign) = match taxi.status {
        TaxiStatus::Free => ("taxi taxi-free", "○"),
        TaxiStatus::ToPickup => ("taxi taxi-pickup", "▸"),
        TaxiStatus::Waiting => ("taxi taxi-waiting", "‖"),
        TaxiStatus::OnTrip => ("taxi taxi-trip", "●"),
    };
    let style = format!("{};{}", at(map, x, y), taxi_hue(taxi).unwrap_or_default());
    html! {
        <span key={taxi.driver.clone()} {class} {style} title={taxi_words(taxi)}>
            <span><span aria-hidden="true">{ sign }{ " " }</span>{ &taxi.driver }</span>
        </span>
    }
}

fn taxi_words(taxi: &Taxi) -> String {
    let doing = match taxi.status {
        TaxiStatus::Free => "free",
        TaxiStatus::ToPickup => "on the way to the pickup",
        TaxiStatus::Waiting => "waits at the pickup",
        TaxiStatus::OnTrip => "on a trip",
    };
    match &taxi.ride {
        Some(ride) => format!("{}: {doing}, {ride}, {} km/h", taxi.driver, taxi.speed),
        None => format!("{}: {doing}", taxi.driver),
    }
}

fn words(map: &CityMapView) -> String {
    let taxis = map.taxis.iter().map(taxi_words).collect::<Vec<_>>().join("; ");
    let waiting = map.waiting.iter().map(|passenger| passenger.rider.clone()).collect::<Vec<_>>().join(", ");
    match waiting.is_empty() {
        true => format!("City map. {taxis}."),
        false => format!("City map. {taxis}. Waiting: {waiting}."),
    }
}
