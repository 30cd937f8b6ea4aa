//! dispatch: offers each requested ride to the driver with the fewest open rides, the nearest among those.
//!
//! Reads `ride_requested` → writes `ride_offered`. From `telemetry` it knows where the taxis are, from `trip_end` that a
//! driver is free again. It may offer a ride twice after a crash (its commit came later than its offer): drivers know.

use super::city::{self, DRIVERS};
use super::events::{RIDES, RideEvent};
use crate::engine::client::AutoOffsetReset;
use crate::engine::program::{Behaviour, Context, Event, PolledRecords};
use crate::scenario::parts::core::{ServiceCore, consumer_config};

/// Open rides remembered for each driver; beyond that the oldest is forgotten.
const OPEN_MAX: usize = 16;

#[derive(Clone, Hash, Debug)]
pub struct Dispatch {
    pub core: ServiceCore,
    pub cabs: Vec<Cab>,
    pub offered: u32,
}

/// What dispatch believes of a driver.
#[derive(Clone, Hash, Debug)]
pub struct Cab {
    pub driver: &'static str,
    pub at: (i32, i32),
    pub open: Vec<String>,
}

impl Default for Dispatch {
    fn default() -> Self {
        let cabs = DRIVERS.iter().map(|(driver, at)| Cab { driver, at: *at, open: Vec::new() }).collect();
        Self { core: ServiceCore::default(), cabs, offered: 0 }
    }
}

impl Behaviour for Dispatch {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        if self.core.routine(&event, context) {
            return;
        }
        match event {
            Event::Started => {
                self.core.open_producer(context, "dispatch");
                self.core.open_consumer(context, consumer_config("dispatch", "dispatch", AutoOffsetReset::Earliest), RIDES);
            }
            Event::Polled { records, .. } => self.read(context, &records),
            Event::Tell(words) => {
                self.core.tell_replay(&words, context);
            }
            _ => {}
        }
    }
}

impl Dispatch {
    fn read(&mut self, context: &mut Context<'_>, records: &PolledRecords) {
        for (partition, record) in records.iter() {
            match RideEvent::read(&record) {
                Ok(RideEvent::RideRequested { ride_id, rider_id, pickup, dropoff }) => {
                    match (city::place(&pickup), city::place(&dropoff)) {
                        (Some(from), Some(_)) => self.offer(context, (from.x, from.y), (ride_id, rider_id, pickup, dropoff)),
                        _ => self.core.skip(context, partition, &record, "no such place in this city"),
                    }
                }
                Ok(RideEvent::Telemetry { driver_id, x, y, .. }) => {
                    if let Some(cab) = self.cabs.iter_mut().find(|cab| cab.driver == driver_id && city::contains(x, y)) {
                        cab.at = (x, y);
                    }
                }
                Ok(RideEvent::TripEnd { ride_id, .. }) => {
                    self.cabs.iter_mut().for_each(|cab| cab.open.retain(|open| *open != ride_id));
                }
                Ok(_) => {}
                Err(why) => self.core.skip(context, partition, &record, why),
            }
        }
        self.core.poll_after(context, records);
    }

    fn offer(&mut self, context: &mut Context<'_>, from: (i32, i32), ride: (String, String, String, String)) {
        let (ride_id, rider_id, pickup, dropoff) = ride;
        let Some(cab) = self.cabs.iter_mut().min_by_key(|cab| (cab.open.len(), city::distance(cab.at, from))) else {
            return;
        };
        cab.open.push(ride_id.clone());
        if cab.open.len() > OPEN_MAX {
            cab.open.remove(0);
        }
        let driver = cab.driver;
        let event = RideEvent::RideOffered { ride_id: ride_id.clone(), driver_id: driver.to_owned(), rider_id, pickup, dropoff };
        self.core.send(context, RIDES, &ride_id, &event);
        self.offered = self.offered.saturating_add(1);
        self.core.say(context, format!("offers {ride_id} to {driver}"));
    }
}
