//! The taxi story as plain structs, read from the services' own state: what a person would draw.
//!
//! The map shows what the *city-map* service has read, not where the drivers are: with city-map off, it stands still.

use super::billing::Billing;
use super::city::{self, Place};
use super::events::RIDE_EVENTS;
use super::wallets::Wallets;
use super::watchers::{Analytics, CityMap, MapRide, MapTaxi, RiderPhone};
use super::{SERVICES, core};
use crate::base::SortedMap;
use crate::engine::World;
use crate::scenario::parts::cast::{Picture, REPLAYS, Role, can_seek, role};
use crate::scenario::parts::facts;
use crate::scenario::parts::power::Power;

/// The map: `0..=width` by `0..=height` grid units, y downwards. Streets run along whole lines of the grid.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CityMapView {
    /// Of the city-map service: anything but running means that the picture is old.
    pub power: Power,
    pub width: i32,
    pub height: i32,
    /// x of each street that runs up and down.
    pub avenues: &'static [i32],
    /// y of each street that runs left to right.
    pub streets: &'static [i32],
    pub places: &'static [Place],
    pub taxis: Vec<Taxi>,
    /// Passengers who wait to be picked up.
    pub waiting: Vec<WaitingPassenger>,
}

/// A taxi where city-map last heard of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taxi {
    pub driver: String,
    pub x: i32,
    pub y: i32,
    pub status: TaxiStatus,
    /// The ride it is on.
    pub ride: Option<String>,
    /// Corners that it will pass, its target last; empty when it stands.
    pub path: Vec<(i32, i32)>,
    /// km/h.
    pub speed: i32,
    /// Simulated ms since the start at which the record that says so was written.
    pub reported_at_ms: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum TaxiStatus {
    #[default]
    Free,
    ToPickup,
    /// At the pickup; the passenger has not boarded.
    Waiting,
    OnTrip,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WaitingPassenger {
    pub ride: String,
    pub rider: String,
    pub x: i32,
    pub y: i32,
}

/// What the newest ride's passenger sees.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PhoneView {
    pub power: Power,
    /// `None` until the phone has read of a ride.
    pub ride: Option<String>,
    pub rider: String,
    /// Plain words: "looking for a driver", "mia is on her way", …
    pub status: String,
    pub driver: Option<String>,
    /// Whole seconds until the pickup or the destination, as of the last record read.
    pub eta_seconds: Option<u32>,
    pub pickup: String,
    pub dropoff: String,
    /// 0 requested, 1 offered, 2 accepted, 3 arrived, 4 on trip, 5 at the destination: dots on a line.
    pub stage: u8,
}

/// What billing is doing now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BillingView {
    pub power: Power,
    pub phase: BillingPhase,
    /// The ride it works on.
    pub ride: Option<String>,
    pub fare_cents: Option<i64>,
    /// Is it told to stop between charging and committing?
    pub breakpoint: bool,
    /// Rides charged by this run.
    pub charged: u32,
}

/// ```text
/// Waiting → Charging → Charged → Committing → Waiting
///                         ↳ AtBreakpoint ↗  (only while the breakpoint is set)
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum BillingPhase {
    /// Reads on.
    #[default]
    Waiting,
    /// The call to the wallet is under way.
    Charging,
    /// Charged; payments not acknowledged or the driver not paid yet.
    Charged,
    /// Charged and paid, and held before the commit.
    AtBreakpoint,
    Committing,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WalletsView {
    pub power: Power,
    pub riders: Vec<Balance>,
    pub drivers: Vec<Balance>,
    /// The latest rides that were charged, newest first.
    pub rides: Vec<RideCharge>,
    /// Rides that were charged more than once, oldest first.
    pub charged_twice: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Balance {
    pub name: String,
    pub cents: i64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RideCharge {
    pub ride: String,
    pub rider: String,
    pub fare_cents: i64,
    /// How often the wallet was charged for it.
    pub times: u32,
    pub driver_paid: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AnalyticsView {
    pub power: Power,
    /// Records read by this run, by event type, in the order of a ride's life.
    pub counts: Vec<(String, u64)>,
    /// Rides requested in each minute of simulated time, by the records' timestamps, oldest first.
    pub rides_per_minute: Vec<(u64, u32)>,
}

/// All services of the story, in the order in which a ride meets them.
pub fn cast(world: &World) -> Vec<Role> {
    SERVICES.iter().map(|(name, job)| part(world, name, job)).collect()
}

fn part(world: &World, name: &str, job: &'static str) -> Role {
    let mut role = role(world, name, job);
    role.says = world.program_named(name).and_then(core).map(|core| core.says.clone()).unwrap_or_default();
    match name {
        "riders" | "dispatch" | "drivers" => role.writes = &["rides"],
        "billing" => {
            role.writes = &["payments"];
            role.picture = Some(Picture::Billing);
            let billing = billing(world);
            role.says = match (&billing.ride, billing.fare_cents) {
                (Some(ride), Some(cents)) => format!("{ride}, fare {}", money(cents)),
                _ => format!("{} charged since it started", billing.charged),
            };
        }
        "city-map" => {
            role.picture = Some(Picture::City);
            let map = map(world);
            let busy = map.taxis.iter().filter(|taxi| taxi.status != TaxiStatus::Free).count();
            role.says = format!("{busy} of {} taxis on the way", map.taxis.len());
        }
        "rider-phone" => {
            role.picture = Some(Picture::Phone);
            let phone = phone(world);
            role.says = match phone.eta_seconds {
                Some(seconds) => format!("{}: in {seconds} s", phone.rider),
                None if phone.ride.is_some() => format!("{}: {}", phone.rider, phone.status),
                None => phone.status,
            };
        }
        "wallets" => {
            role.picture = Some(Picture::Wallets);
            let wallets = wallets(world);
            let last = wallets.rides.first();
            role.says = match (wallets.charged_twice.last(), last) {
                (Some(ride), _) => format!("charged twice: {ride}"),
                (None, Some(last)) => format!("last: {} {}", last.rider, money(last.fare_cents)),
                (None, None) => "no payment yet".to_owned(),
            };
        }
        "analytics" => {
            role.picture = Some(Picture::Analytics);
            let events: u64 = analytics(world).counts.iter().map(|(_, count)| count).sum();
            role.says = count(events as i64, "event");
        }
        _ => {}
    }
    if can_seek(name) {
        role.tells = REPLAYS;
    }
    role
}

/// Cents as money, with a true minus.
pub fn money(cents: i64) -> String {
    let sign = if cents < 0 { "−" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

fn count(number: i64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

pub fn map(world: &World) -> CityMapView {
    let known = facts::state::<CityMap>(world, "city-map");
    let taxis = known.iter().flat_map(|known| known.taxis.iter().map(|taxi| taxi_view(taxi, &known.rides))).collect();
    let waiting = known
        .iter()
        .flat_map(|known| known.rides.iter().filter(|ride| !ride.boarded))
        .map(|ride| WaitingPassenger { ride: ride.ride.clone(), rider: ride.rider.clone(), x: ride.pickup.0, y: ride.pickup.1 })
        .collect();
    CityMapView {
        power: facts::power(world, "city-map"),
        width: city::WIDTH,
        height: city::HEIGHT,
        avenues: city::AVENUES,
        streets: city::STREETS,
        places: city::PLACES,
        taxis,
        waiting,
    }
}

fn taxi_view(taxi: &MapTaxi, rides: &[MapRide]) -> Taxi {
    let ride = rides.iter().find(|ride| Some(&ride.ride) == taxi.ride.as_ref());
    let target = match (taxi.status, ride) {
        (TaxiStatus::ToPickup, Some(ride)) => Some(ride.pickup),
        (TaxiStatus::OnTrip, Some(ride)) => Some(ride.dropoff),
        _ => None,
    };
    Taxi {
        driver: taxi.driver.clone(),
        x: taxi.at.0,
        y: taxi.at.1,
        status: taxi.status,
        ride: taxi.ride.clone(),
        path: target.map(|target| city::path(taxi.at, target)).unwrap_or_default(),
        speed: taxi.speed,
        reported_at_ms: taxi.reported_at_ms,
    }
}

pub fn phone(world: &World) -> PhoneView {
    let power = facts::power(world, "rider-phone");
    let Some(trip) = facts::state::<RiderPhone>(world, "rider-phone").and_then(|phone| phone.trip.as_ref()) else {
        return PhoneView {
            power,
            ride: None,
            rider: String::new(),
            status: "no ride yet".to_owned(),
            driver: None,
            eta_seconds: None,
            pickup: String::new(),
            dropoff: String::new(),
            stage: 0,
        };
    };
    let driver = trip.driver.as_deref().unwrap_or("a driver");
    let status = match trip.stage {
        0 => "looking for a driver".to_owned(),
        1 => format!("asking {driver}"),
        2 => format!("{driver} is on the way to you"),
        3 => format!("{driver} waits at {}", trip.pickup.name),
        4 => format!("on the way to {}", trip.dropoff.name),
        _ => format!("arrived at {}", trip.dropoff.name),
    };
    PhoneView {
        power,
        ride: Some(trip.ride.clone()),
        rider: trip.rider.clone(),
        status,
        driver: trip.driver.clone(),
        eta_seconds: trip.eta_seconds(),
        pickup: trip.pickup.name.to_owned(),
        dropoff: trip.dropoff.name.to_owned(),
        stage: trip.stage,
    }
}

pub fn billing(world: &World) -> BillingView {
    let power = facts::power(world, "billing");
    let known = facts::state::<Billing>(world, "billing");
    let current = known.and_then(|billing| billing.current.as_ref());
    BillingView {
        power,
        phase: known.map_or(BillingPhase::Waiting, |billing| billing.phase),
        ride: current.map(|bill| bill.ride.clone()),
        fare_cents: current.map(|bill| bill.fare_cents),
        breakpoint: known.is_some_and(|billing| billing.breakpoint),
        charged: known.map_or(0, |billing| billing.charged),
    }
}

pub fn wallets(world: &World) -> WalletsView {
    let power = facts::power(world, "wallets");
    let Some(known) = facts::state::<Wallets>(world, "wallets") else {
        return WalletsView { power, riders: Vec::new(), drivers: Vec::new(), rides: Vec::new(), charged_twice: Vec::new() };
    };
    let balances = |of: &SortedMap<String, i64>| {
        of.iter().map(|(name, cents)| Balance { name: name.clone(), cents: *cents }).collect::<Vec<_>>()
    };
    let rides = known.rides.iter().map(|ride| RideCharge {
        ride: ride.ride.clone(),
        rider: ride.rider.clone(),
        fare_cents: ride.fare_cents,
        times: ride.times,
        driver_paid: ride.driver_paid,
    });
    WalletsView {
        power,
        riders: balances(&known.riders),
        drivers: balances(&known.drivers),
        rides: rides.collect(),
        charged_twice: known.charged_twice.clone(),
    }
}

pub fn analytics(world: &World) -> AnalyticsView {
    let power = facts::power(world, "analytics");
    let known = facts::state::<Analytics>(world, "analytics");
    let count = |kind: usize| known.map_or(0, |known| known.counts[kind]);
    AnalyticsView {
        power,
        counts: RIDE_EVENTS.iter().enumerate().map(|(kind, name)| ((*name).to_owned(), count(kind))).collect(),
        rides_per_minute: known.map(|known| known.rides_per_minute.clone()).unwrap_or_default(),
    }
}
