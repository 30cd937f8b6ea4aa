//! drivers: the fleet. It keeps no database: when it starts it reads `rides` from the beginning and knows again which ride
//! is where; then it goes on driving.
//!
//! ```text
//! ride_offered → (driver free: ride_accepted) → to the pickup, telemetry each second → arrival
//!   → [trip_start read] → to the destination, telemetry each second → trip_end
//! ```
//!
//! A ride offered twice, or one that has ended, is not driven again: its id is remembered.

use std::collections::VecDeque;

use super::city::{self, DRIVERS, KMH_PER_UNIT, Place};
use super::events::{RIDES, RideEvent};
use crate::base::Span;
use crate::engine::client::AutoOffsetReset;
use crate::engine::program::{Behaviour, Context, Event, PolledRecords};
use crate::scenario::parts::core::{Rebuild, ServiceCore, consumer_config};

const TICK: u64 = 1;
const SECOND: Span = Span::from_ms(1000);
/// Open rides; further offers are declined.
const OPEN_MAX: usize = 32;
/// Ended rides remembered; beyond that the oldest is forgotten.
const ENDED_MAX: usize = 256;

#[derive(Clone, Hash, Debug)]
pub struct Drivers {
    pub core: ServiceCore,
    pub rebuild: Rebuild,
    pub fleet: Vec<Driver>,
    /// In the order in which they were offered.
    pub rides: Vec<OpenRide>,
    ended: VecDeque<String>,
    pub accepted: u32,
    pub declined: u32,
    pub completed: u32,
}

#[derive(Clone, Hash, Debug)]
pub struct Driver {
    pub name: &'static str,
    pub at: (i32, i32),
}

#[derive(Clone, Hash, Debug)]
pub struct OpenRide {
    pub ride: String,
    pub rider: String,
    pub driver: &'static str,
    pub pickup: Place,
    pub dropoff: Place,
    pub leg: Leg,
    /// With the passenger: grid units, seconds.
    pub distance: u32,
    pub seconds: u32,
}

/// How far a ride has come.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Leg {
    Offered,
    ToPickup,
    AtPickup,
    OnTrip,
}

impl Default for Drivers {
    fn default() -> Self {
        Self {
            core: ServiceCore::default(),
            rebuild: Rebuild::default(),
            fleet: DRIVERS.iter().map(|(name, at)| Driver { name, at: *at }).collect(),
            rides: Vec::new(),
            ended: VecDeque::new(),
            accepted: 0,
            declined: 0,
            completed: 0,
        }
    }
}

impl Behaviour for Drivers {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        if self.core.routine(&event, context) || self.rebuild.answered(&event) {
            return;
        }
        match event {
            Event::Started => {
                self.core.open_producer(context, "drivers");
                self.core.open_consumer(context, consumer_config("drivers", "drivers", AutoOffsetReset::Earliest), RIDES);
                context.timer(SECOND, TICK);
            }
            Event::PartitionsAssigned { partitions, .. } => self.rebuild.assigned(&mut self.core, &partitions, context),
            Event::Timer { token: TICK } => {
                if self.rebuild.is_done() {
                    self.drive(context);
                }
                context.timer(SECOND, TICK);
            }
            Event::Polled { records, .. } => self.read(context, &records),
            Event::Tell(words) => self.core.not_understood(&words, "nothing; drivers only drive", context),
            _ => {}
        }
    }
}

impl Drivers {
    /// Is a ride under way, or remembered as ended?
    pub fn knows(&self, ride: &str) -> bool {
        self.rides.iter().any(|open| open.ride == ride) || self.ended.iter().any(|ended| ended == ride)
    }

    fn read(&mut self, context: &mut Context<'_>, records: &PolledRecords) {
        for (partition, record) in records.iter() {
            if let Err(why) = RideEvent::read(&record).and_then(|event| self.take_in(event)) {
                self.core.skip(context, partition, &record, why);
            }
        }
        if self.rebuild.progressed(&self.core, context) && !self.rides.is_empty() {
            let count = self.rides.len();
            self.core.say(context, format!("has read what happened so far: {count} rides are open"));
        }
        if self.rebuild.is_done() {
            self.accept_what_can_be(context);
        }
        self.core.poll_after(context, records);
    }

    /// What the log says. While it rebuilds, all of it counts; later, its own words come back to it and change nothing.
    fn take_in(&mut self, event: RideEvent) -> Result<(), &'static str> {
        let rebuilding = !self.rebuild.is_done();
        match event {
            RideEvent::RideOffered { ride_id, driver_id, rider_id, pickup, dropoff } => {
                return self.offered(ride_id, rider_id, &driver_id, &pickup, &dropoff);
            }
            RideEvent::RideAccepted { ride_id, .. } if rebuilding => self.advance(&ride_id, Leg::Offered, Leg::ToPickup),
            RideEvent::Arrival { ride_id, .. } if rebuilding => self.advance(&ride_id, Leg::ToPickup, Leg::AtPickup),
            RideEvent::TripStart { ride_id, .. } => self.advance(&ride_id, Leg::AtPickup, Leg::OnTrip),
            RideEvent::Telemetry { ride_id, driver_id, x, y, .. } if rebuilding => self.was_at(&ride_id, &driver_id, (x, y)),
            RideEvent::TripEnd { ride_id, .. } => self.end(&ride_id),
            _ => {}
        }
        Ok(())
    }

    fn offered(&mut self, ride: String, rider: String, driver: &str, from: &str, to: &str) -> Result<(), &'static str> {
        if self.ended.contains(&ride) || self.rides.iter().any(|open| open.ride == ride) {
            return Ok(());
        }
        let driver = DRIVERS.iter().find(|(name, _)| *name == driver).ok_or("no such driver")?.0;
        let (Some(pickup), Some(dropoff)) = (city::place(from), city::place(to)) else {
            return Err("no such place in this city");
        };
        if self.rides.len() >= OPEN_MAX {
            self.declined = self.declined.saturating_add(1);
            return Err("too many open rides");
        }
        let (pickup, dropoff) = (*pickup, *dropoff);
        self.rides.push(OpenRide { ride, rider, driver, pickup, dropoff, leg: Leg::Offered, distance: 0, seconds: 0 });
        Ok(())
    }

    fn advance(&mut self, ride: &str, from: Leg, to: Leg) {
        if let Some(open) = self.rides.iter_mut().find(|open| open.ride == ride && open.leg == from) {
            open.leg = to;
        }
    }

    fn was_at(&mut self, ride: &str, driver: &str, at: (i32, i32)) {
        let Some(driver) = self.fleet.iter_mut().find(|known| known.name == driver && city::contains(at.0, at.1)) else {
            return;
        };
        let moved = city::distance(driver.at, at);
        driver.at = at;
        if let Some(open) = self.rides.iter_mut().find(|open| open.ride == ride && open.leg == Leg::OnTrip) {
            open.distance = open.distance.saturating_add(moved.unsigned_abs());
            open.seconds = open.seconds.saturating_add(1);
        }
    }

    fn end(&mut self, ride: &str) {
        self.rides.retain(|open| open.ride != ride);
        if !self.ended.iter().any(|ended| ended == ride) {
            self.ended.push_back(ride.to_owned());
            if self.ended.len() > ENDED_MAX {
                self.ended.pop_front();
            }
        }
    }

    /// Each driver who has no ride under way accepts the oldest offer.
    fn accept_what_can_be(&mut self, context: &mut Context<'_>) {
        for (driver, _) in DRIVERS {
            let busy = self.rides.iter().any(|open| open.driver == driver && open.leg != Leg::Offered);
            let Some(open) = self.rides.iter_mut().find(|open| open.driver == driver && !busy) else {
                continue;
            };
            open.leg = Leg::ToPickup;
            let ride_id = open.ride.clone();
            self.accepted = self.accepted.saturating_add(1);
            self.core.say(context, format!("{driver} accepts {ride_id}"));
            let event = RideEvent::RideAccepted { ride_id: ride_id.clone(), driver_id: driver.to_owned() };
            self.core.send(context, RIDES, &ride_id, &event);
        }
    }

    /// One second of driving for all.
    fn drive(&mut self, context: &mut Context<'_>) {
        let mut events = Vec::new();
        for driver in &mut self.fleet {
            let moving = |open: &&mut OpenRide| open.driver == driver.name && matches!(open.leg, Leg::ToPickup | Leg::OnTrip);
            let Some(open) = self.rides.iter_mut().find(moving) else {
                continue;
            };
            let target = if open.leg == Leg::ToPickup { open.pickup } else { open.dropoff };
            let target = (target.x, target.y);
            let units = context.chance().between(1, 3).min(city::distance(driver.at, target).unsigned_abs().into()) as i32;
            for _ in 0..units {
                driver.at = city::step(driver.at, target);
            }
            let (ride_id, driver_id) = (open.ride.clone(), driver.name.to_owned());
            let speed = units * KMH_PER_UNIT;
            let (x, y) = driver.at;
            events.push(RideEvent::Telemetry { ride_id: ride_id.clone(), driver_id: driver_id.clone(), x, y, speed });
            if open.leg == Leg::OnTrip {
                open.distance = open.distance.saturating_add(units.unsigned_abs());
                open.seconds = open.seconds.saturating_add(1);
            }
            if driver.at != target {
                continue;
            }
            if open.leg == Leg::ToPickup {
                open.leg = Leg::AtPickup;
                events.push(RideEvent::Arrival { ride_id, driver_id });
            } else {
                let (rider_id, distance, seconds) = (open.rider.clone(), open.distance, open.seconds);
                events.push(RideEvent::TripEnd { ride_id, driver_id, rider_id, distance, seconds });
            }
        }
        for event in events {
            self.report(context, &event);
        }
        self.accept_what_can_be(context);
    }

    fn report(&mut self, context: &mut Context<'_>, event: &RideEvent) {
        self.core.send(context, RIDES, event.ride_id(), event);
        match event {
            RideEvent::Arrival { ride_id, driver_id } => {
                self.core.say(context, format!("{driver_id} is at the pickup of {ride_id}"))
            }
            RideEvent::TripEnd { ride_id, driver_id, distance, .. } => {
                self.completed = self.completed.saturating_add(1);
                self.core.say(context, format!("{driver_id} ends {ride_id} after {distance} units"));
                self.end(ride_id);
            }
            _ => {}
        }
    }
}
