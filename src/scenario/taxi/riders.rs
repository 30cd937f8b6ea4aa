//! riders: passengers who want to go somewhere, and board when their taxi has arrived.
//!
//! - On a timer, a passenger without an open ride asks for one: `ride_requested`.
//! - On reading `arrival`: `trip_start`. On reading `trip_end`: the passenger may ask again.

use super::city::PLACES;
use super::events::{RIDES, RideEvent};
use crate::base::Span;
use crate::engine::client::AutoOffsetReset;
use crate::engine::program::{Behaviour, Context, Event, PolledRecords};
use crate::scenario::parts::core::{ServiceCore, consumer_config};

pub const RIDERS: [&str; 6] = ["ana", "ben", "cleo", "dev", "eva", "finn"];

const REQUEST: u64 = 1;

#[derive(Clone, Hash, Debug, Default)]
pub struct Riders {
    pub core: ServiceCore,
    /// Who is on the way or waits: (rider, ride). At most one ride for each rider.
    pub open: Vec<(&'static str, String)>,
    pub requested: u32,
    pub boarded: u32,
}

impl Behaviour for Riders {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        if self.core.routine(&event, context) {
            return;
        }
        match event {
            Event::Started => {
                self.core.open_producer(context, "riders");
                self.core.open_consumer(context, consumer_config("riders", "riders", AutoOffsetReset::Earliest), RIDES);
                let first = context.chance().between(1000, 2500);
                context.timer(Span::from_ms(first), REQUEST);
            }
            Event::Timer { token: REQUEST } => {
                self.request(context);
                let next = context.chance().between(4000, 8000);
                context.timer(Span::from_ms(next), REQUEST);
            }
            Event::Polled { records, .. } => self.read(context, &records),
            Event::Tell(words) => {
                self.core.tell_replay(&words, context);
            }
            _ => {}
        }
    }
}

impl Riders {
    fn request(&mut self, context: &mut Context<'_>) {
        let free: Vec<&'static str> =
            RIDERS.iter().copied().filter(|rider| self.open.iter().all(|(open, _)| open != rider)).collect();
        let pick = context.chance().below(free.len() as u64);
        let Some(rider) = free.get(pick as usize).copied() else {
            self.core.say(context, "everyone waits for a taxi or is in one".to_owned());
            return;
        };
        let from = context.chance().below(PLACES.len() as u64);
        let further = context.chance().between(1, PLACES.len() as u64 - 1);
        let to = (from + further) % PLACES.len() as u64;
        let (pickup, dropoff) = (PLACES[from as usize].name, PLACES[to as usize].name);
        // A ride is named after the second in which it is asked for, so that a riders service that was started again,
        // and remembers nothing, never takes a name twice.
        let ride = format!("ride-{}", context.now().ms() / 1000);
        let event = RideEvent::RideRequested {
            ride_id: ride.clone(),
            rider_id: rider.to_owned(),
            pickup: pickup.to_owned(),
            dropoff: dropoff.to_owned(),
        };
        self.core.send(context, RIDES, &ride, &event);
        self.core.say(context, format!("{rider} asks for {ride}: {pickup} to {dropoff}"));
        self.open.push((rider, ride));
        self.requested = self.requested.saturating_add(1);
    }

    fn read(&mut self, context: &mut Context<'_>, records: &PolledRecords) {
        for (partition, record) in records.iter() {
            match RideEvent::read(&record) {
                Ok(RideEvent::Arrival { ride_id, driver_id }) => {
                    let rider = self.open.iter().find(|(_, ride)| *ride == ride_id).map_or("the passenger", |(rider, _)| rider);
                    self.core.say(context, format!("{rider} boards {driver_id}'s taxi ({ride_id})"));
                    self.boarded = self.boarded.saturating_add(1);
                    let event = RideEvent::TripStart { ride_id: ride_id.clone(), driver_id };
                    self.core.send(context, RIDES, &ride_id, &event);
                }
                Ok(RideEvent::TripEnd { ride_id, .. }) => self.open.retain(|(_, ride)| *ride != ride_id),
                Ok(_) => {}
                Err(why) => self.core.skip(context, partition, &record, why),
            }
        }
        self.core.poll_after(context, records);
    }
}
