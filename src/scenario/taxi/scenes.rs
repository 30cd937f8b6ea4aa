//! How the stage stands at each step of the taxi tour, and what it rings: the records that a step speaks of are looked for in
//! the logs.

use super::billing::Billing;
use super::events::{PAYMENTS, RIDES};
use super::stage::BillingPhase;
use super::wallets::Wallets;
use crate::base::{Offset, TopicPartition};
use crate::engine::World;
use crate::scenario::parts::facts::{self, last_record, record_of};
use crate::scenario::parts::tour::{Ring, Scene, Subject};

type Found = Option<(TopicPartition, Offset)>;

const fn record(number: u8, find: fn(&World) -> Found) -> Ring {
    Ring { number, subject: Subject::Record(find) }
}

const fn card(number: u8, name: &'static str) -> Ring {
    Ring { number, subject: Subject::Card(name) }
}

const fn broker(number: u8, id: i32) -> Ring {
    Ring { number, subject: Subject::Broker(id) }
}

/// A ride from its request to its acceptance.
pub const ROW_OF_RECORDS: Scene = Scene {
    topics: &[RIDES],
    cards: &["city-map", "dispatch", "drivers"],
    group: Some("city-map"),
    rings: &[
        record(1, |world| of_ride(world, RIDES, "ride_requested", &accepted_ride(world)?)),
        record(2, |world| of_ride(world, RIDES, "ride_offered", &accepted_ride(world)?)),
        record(3, |world| of_ride(world, RIDES, "ride_accepted", &accepted_ride(world)?)),
    ],
    ..Scene::LOGS
};

/// A ride from its first record to its last.
pub const ONE_PARTITION: Scene = Scene {
    topics: &[RIDES],
    cards: &["city-map"],
    group: Some("city-map"),
    rings: &[
        record(1, |world| of_ride(world, RIDES, "ride_requested", &whole_ride(world)?)),
        record(2, |world| of_ride(world, RIDES, "trip_end", &whole_ride(world)?)),
    ],
    ..Scene::LOGS
};

pub const BILLING_READS: Scene = Scene {
    cards: &["billing", "wallets"],
    group: Some("billing"),
    rings: &[
        card(1, "billing"),
        record(2, |world| of_ride(world, PAYMENTS, "driver_paid", &paid_and_committed(world)?)),
        record(3, |world| of_ride(world, RIDES, "trip_end", &paid_and_committed(world)?)),
    ],
    ..Scene::LOGS
};

pub const MAP: Scene =
    Scene { topics: &[RIDES], cards: &["city-map"], group: Some("city-map"), rings: &[card(1, "city-map")], ..Scene::LOGS };

pub const BILLING: Scene =
    Scene { cards: &["billing", "wallets"], group: Some("billing"), rings: &[card(1, "billing")], ..Scene::LOGS };

/// The ride that billing has charged and not committed.
pub const NOT_COMMITTED: Scene = Scene {
    cards: &["billing", "wallets"],
    group: Some("billing"),
    rings: &[
        card(1, "billing"),
        record(2, |world| of_ride(world, RIDES, "trip_end", &held_ride(world)?)),
        record(3, |world| of_ride(world, PAYMENTS, "wallet_charged", &held_ride(world)?)),
    ],
    ..Scene::LOGS
};

/// The same ride, charged once and once more.
pub const CHARGED_TWICE: Scene = Scene {
    cards: &["wallets", "billing"],
    group: Some("billing"),
    rings: &[
        record(1, |world| of_ride(world, RIDES, "trip_end", &held_ride(world)?)),
        record(2, |world| record_of(world, PAYMENTS, "wallet_charged", &held_ride(world)?, 0)),
        record(3, |world| record_of(world, PAYMENTS, "wallet_charged", &held_ride(world)?, 1)),
        card(3, "wallets"),
    ],
    ..Scene::LOGS
};

pub const WALLETS: Scene =
    Scene { topics: &[PAYMENTS], cards: &["wallets"], group: Some("wallets"), rings: &[card(1, "wallets")], ..Scene::LOGS };

pub const ANALYTICS: Scene = Scene {
    cards: &["analytics", "billing"],
    group: Some("analytics"),
    rings: &[card(1, "analytics"), card(2, "billing")],
    ..Scene::LOGS
};

pub const FIRST_BROKER: Scene = Scene { rings: &[broker(1, 1)], ..Scene::CLUSTER };

fn of_ride(world: &World, topic: &str, kind: &'static str, ride: &str) -> Found {
    record_of(world, topic, kind, ride, 0)
}

/// The ride that was accepted last.
fn accepted_ride(world: &World) -> Option<String> {
    last_record(world, RIDES, "ride_accepted").map(|(_, _, key)| key)
}

/// The ride that ended last; before one has, the one that was asked for last.
fn whole_ride(world: &World) -> Option<String> {
    let last = last_record(world, RIDES, "trip_end").or_else(|| last_record(world, RIDES, "ride_requested"));
    last.map(|(_, _, key)| key)
}

/// Rides, from the last one charged on, that are looked at for one that billing is through with.
const LOOKED_AT_MAX: usize = 4;

/// The last ride whose driver is paid and whose end lies before what billing has committed.
pub fn paid_and_committed(world: &World) -> Option<String> {
    let committed = facts::committed(world, "billing");
    let is_through = |ride: &str| {
        let end = of_ride(world, RIDES, "trip_end", ride);
        end.is_some_and(|(partition, offset)| committed.iter().any(|(known, upto)| *known == partition && *upto > offset))
    };
    let paid = facts::state::<Wallets>(world, "wallets")?.rides.iter().rev().filter(|ride| ride.driver_paid);
    paid.take(LOOKED_AT_MAX).find(|ride| is_through(&ride.ride)).map(|ride| ride.ride.clone())
}

/// The ride that billing holds at its breakpoint, or held there when it was killed; else the last that was charged twice.
fn held_ride(world: &World) -> Option<String> {
    let held = facts::runs(world, "billing").filter_map(|entry| entry.state::<Billing>());
    let mut held =
        held.filter(|billing| billing.phase == BillingPhase::AtBreakpoint).filter_map(|billing| billing.current.as_ref());
    let twice = || facts::state::<Wallets>(world, "wallets")?.charged_twice.last().cloned();
    held.next().map(|bill| bill.ride.clone()).or_else(twice)
}
