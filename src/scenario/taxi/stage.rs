//! The taxi story as plain structs, read from the services' own state: what a person would draw.
//!
//! The map shows what the *city-map* service has read, not where the drivers are: with city-map off, it stands still.

use super::city::Place;
use crate::scenario::power::{Power, ServiceCard};

/// All of the taxi story that can be drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaxiStage {
    pub map: CityMapView,
    pub phone: PhoneView,
    pub billing: BillingView,
    pub wallets: WalletsView,
    pub analytics: AnalyticsView,
    /// All services of the story, in the order in which a ride meets them.
    pub services: Vec<ServiceCard>,
}

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
    /// Rides of the last poll that still wait.
    pub queued: u32,
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
