//! The city map, as the city-map service last read it.

use yew::prelude::*;

use crate::scenario::taxi::{CityMapView, Taxi, TaxiStatus};
use crate::view::text::hue;

pub fn city(map: &CityMapView) -> Html {
    let stale = !map.power.is_on();
    html! {
        <figure class={classes!("city", stale.then_some("city-stale"))}>
            <div class="city-ground" style={format!("aspect-ratio:{}/{}", map.width + 2, map.height + 2)}>
                { streets(map) }
                { for map.places.iter().map(|place| html! {
                    <span key={place.name} class={classes!("place", (place.x > map.width - 3).then_some("place-left"))}
                        style={at(map, place.x, place.y)}>{ place.name }</span>
                }) }
                { for map.waiting.iter().map(|passenger| html! {
                    <span key={format!("w-{}", passenger.ride)} class="passenger"
                        style={format!("{};--hue:{}", at(map, passenger.x, passenger.y), hue(passenger.ride.as_bytes()))}
                        title={format!("{} waits to be picked up ({})", passenger.rider, passenger.ride)}>
                        { &passenger.rider }
                    </span>
                }) }
                { for map.taxis.iter().map(|taxi| taxi_html(map, taxi)) }
                if stale {
                    <p class="city-note">{ format!("city-map is {}: the map stands still", map.power.word()) }</p>
                }
            </div>
            <figcaption class="visually-hidden">{ words(map) }</figcaption>
        </figure>
    }
}

/// A point of the grid, as percent of the ground; half a unit of margin lies around the grid… and half around that.
fn percent(value: i32, size: i32) -> f64 {
    f64::from(value + 1) / f64::from(size + 2) * 100.0
}

fn at(map: &CityMapView, x: i32, y: i32) -> String {
    format!("left:{:.2}%;top:{:.2}%", percent(x, map.width), percent(y, map.height))
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

fn taxi_html(map: &CityMapView, taxi: &Taxi) -> Html {
    let (class, sign) = match taxi.status {
        TaxiStatus::Free => ("taxi taxi-free", "○"),
        TaxiStatus::ToPickup => ("taxi taxi-pickup", "▸"),
        TaxiStatus::Waiting => ("taxi taxi-waiting", "‖"),
        TaxiStatus::OnTrip => ("taxi taxi-trip", "●"),
    };
    let style = format!("{};{}", at(map, taxi.x, taxi.y), taxi_hue(taxi).unwrap_or_default());
    html! {
        <span key={taxi.driver.clone()} {class} {style} title={taxi_words(taxi)}>
            <span aria-hidden="true">{ sign }</span>{ &taxi.driver }
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
