//! Those who only read `rides`: analytics, city-map, rider-phone. Each is a group of its own, so each gets every record.

use super::city::{self, DRIVERS};
use super::events::{RIDE_EVENTS, RIDES, RideEvent};
use super::stage::TaxiStatus;
use crate::base::Timestamp;
use crate::base::time::EPOCH_MS;
use crate::engine::client::AutoOffsetReset;
use crate::engine::program::{Behaviour, Context, Event, PolledRecords};
use crate::scenario::parts::core::{ServiceCore, consumer_config};

/// Minutes kept for "rides per minute"; beyond that the oldest is dropped.
const MINUTES_MAX: usize = 10;
/// Taxis on the map; a further driver's telemetry is skipped.
const TAXIS_MAX: usize = 12;
/// Rides the map knows; beyond that the oldest is forgotten.
const RIDES_MAX: usize = 32;
/// km/h; what claims more is shown as this.
const SPEED_MAX: i32 = 300;
/// A ride that is silent for this long (by the records' timestamps) is given up by the phone for a newer one.
const SILENCE_MS: i64 = 60_000;

/// Counts events, and rides in each minute. Its counts are of this run: stopped and started, it counts on from its
/// committed offset, from zero.
#[derive(Clone, Hash, Debug, Default)]
pub struct Analytics {
    pub core: ServiceCore,
    /// By `RideEvent::kind`.
    pub counts: [u64; RIDE_EVENTS.len()],
    /// Rides requested, by minute since the simulation began, oldest first.
    pub rides_per_minute: Vec<(u64, u32)>,
}

/// A record's time, in whole milliseconds since the simulation began.
fn since_start_ms(timestamp: Timestamp) -> u64 {
    u64::try_from(timestamp.0.saturating_sub(EPOCH_MS)).unwrap_or(0)
}

/// Opens the one consumer of a service that only reads; its group has the service's name.
fn open(core: &mut ServiceCore, context: &mut Context<'_>, name: &str) {
    core.open_consumer(context, consumer_config(name, name, AutoOffsetReset::Earliest), RIDES);
}

impl Behaviour for Analytics {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        if self.core.routine(&event, context) {
            return;
        }
        match event {
            Event::Started => open(&mut self.core, context, "analytics"),
            Event::Polled { records, .. } => self.read(context, &records),
            Event::Tell(words) => {
                if self.core.tell_replay(&words, context) {
                    self.counts = Default::default();
                    self.rides_per_minute.clear();
                }
            }
            _ => {}
        }
    }
}

impl Analytics {
    fn read(&mut self, context: &mut Context<'_>, records: &PolledRecords) {
        for (partition, record) in records.iter() {
            match RideEvent::read(&record) {
                Ok(event) => {
                    if let Some(count) = self.counts.get_mut(usize::from(event.kind())) {
                        *count = count.saturating_add(1);
                    }
                    let minute = since_start_ms(record.timestamp) / 60_000;
                    // A timestamp is the producer's word: one from the future would push the real minutes out.
                    if event.kind() == 0 && minute <= context.now().ms() / 60_000 {
                        self.count_minute(minute);
                    }
                }
                Err(why) => self.core.skip(context, partition, &record, why),
            }
        }
        self.core.poll_after(context, records);
    }

    fn count_minute(&mut self, minute: u64) {
        match self.rides_per_minute.binary_search_by_key(&minute, |(known, _)| *known) {
            Ok(at) => self.rides_per_minute[at].1 = self.rides_per_minute[at].1.saturating_add(1),
            Err(at) => self.rides_per_minute.insert(at, (minute, 1)),
        }
        if self.rides_per_minute.len() > MINUTES_MAX {
            self.rides_per_minute.remove(0);
        }
    }
}

/// Draws the taxis where the log says they are. What it has not read, it does not show.
#[derive(Clone, Hash, Debug)]
pub struct CityMap {
    pub core: ServiceCore,
    pub taxis: Vec<MapTaxi>,
    pub rides: Vec<MapRide>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MapTaxi {
    pub driver: String,
    pub at: (i32, i32),
    pub status: TaxiStatus,
    pub ride: Option<String>,
    pub speed: i32,
    pub reported_at_ms: u64,
}

/// A ride that has not ended.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MapRide {
    pub ride: String,
    pub rider: String,
    pub pickup: (i32, i32),
    pub dropoff: (i32, i32),
    pub boarded: bool,
}

impl Default for CityMap {
    fn default() -> Self {
        let stand = |(driver, at): &(&str, (i32, i32))| MapTaxi {
            driver: (*driver).to_owned(),
            at: *at,
            status: TaxiStatus::Free,
            ride: None,
            speed: 0,
            reported_at_ms: 0,
        };
        Self { core: ServiceCore::default(), taxis: DRIVERS.iter().map(stand).collect(), rides: Vec::new() }
    }
}

impl Behaviour for CityMap {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        if self.core.routine(&event, context) {
            return;
        }
        match event {
            Event::Started => open(&mut self.core, context, "city-map"),
            Event::Polled { records, .. } => {
                for (partition, record) in records.iter() {
                    let taken = RideEvent::read(&record).and_then(|event| self.take_in(event, since_start_ms(record.timestamp)));
                    if let Err(why) = taken {
                        self.core.skip(context, partition, &record, why);
                    }
                }
                self.core.poll_after(context, &records);
            }
            Event::Tell(words) => {
                self.core.tell_replay(&words, context);
            }
            _ => {}
        }
    }
}

impl CityMap {
    fn take_in(&mut self, event: RideEvent, at_ms: u64) -> Result<(), &'static str> {
        match event {
            RideEvent::RideRequested { ride_id, rider_id, pickup, dropoff } => {
                let (Some(from), Some(to)) = (city::place(&pickup), city::place(&dropoff)) else {
                    return Err("no such place in this city");
                };
                self.rides.retain(|known| known.ride != ride_id);
                let (pickup, dropoff) = ((from.x, from.y), (to.x, to.y));
                self.rides.push(MapRide { ride: ride_id, rider: rider_id, pickup, dropoff, boarded: false });
                if self.rides.len() > RIDES_MAX {
                    self.rides.remove(0);
                }
            }
            RideEvent::RideOffered { .. } => {}
            RideEvent::RideAccepted { ride_id, driver_id } => {
                self.set(&driver_id, &ride_id, TaxiStatus::ToPickup, at_ms)?;
            }
            RideEvent::Arrival { ride_id, driver_id } => {
                self.set(&driver_id, &ride_id, TaxiStatus::Waiting, at_ms)?.speed = 0;
            }
            RideEvent::TripStart { ride_id, driver_id } => {
                self.set(&driver_id, &ride_id, TaxiStatus::OnTrip, at_ms)?;
                self.rides.iter_mut().filter(|known| known.ride == ride_id).for_each(|known| known.boarded = true);
            }
            RideEvent::Telemetry { driver_id, x, y, speed, .. } => {
                if !city::contains(x, y) {
                    return Err("not on the map");
                }
                let taxi = self.taxi(&driver_id)?;
                (taxi.at, taxi.speed, taxi.reported_at_ms) = ((x, y), speed.clamp(0, SPEED_MAX), at_ms);
            }
            RideEvent::TripEnd { ride_id, driver_id, .. } => {
                self.rides.retain(|known| known.ride != ride_id);
                let taxi = self.taxi(&driver_id)?;
                (taxi.status, taxi.ride, taxi.speed, taxi.reported_at_ms) = (TaxiStatus::Free, None, 0, at_ms);
            }
        }
        Ok(())
    }

    fn taxi(&mut self, driver: &str) -> Result<&mut MapTaxi, &'static str> {
        if let Some(at) = self.taxis.iter().position(|taxi| taxi.driver == driver) {
            return Ok(&mut self.taxis[at]);
        }
        if self.taxis.len() >= TAXIS_MAX {
            return Err("too many taxis for this map");
        }
        let (status, ride) = (TaxiStatus::Free, None);
        self.taxis.push(MapTaxi { driver: driver.to_owned(), at: (0, 0), status, ride, speed: 0, reported_at_ms: 0 });
        self.taxis.last_mut().ok_or("no taxi")
    }

    fn set(&mut self, driver: &str, ride: &str, status: TaxiStatus, at_ms: u64) -> Result<&mut MapTaxi, &'static str> {
        let taxi = self.taxi(driver)?;
        (taxi.status, taxi.ride, taxi.reported_at_ms) = (status, Some(ride.to_owned()), at_ms);
        Ok(taxi)
    }
}

/// A passenger's phone. It follows one ride to its end, then the newest that was requested since.
#[derive(Clone, Hash, Debug, Default)]
pub struct RiderPhone {
    pub core: ServiceCore,
    pub trip: Option<PhoneTrip>,
    /// The newest ride requested while another is followed.
    next: Option<PhoneTrip>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PhoneTrip {
    pub ride: String,
    pub rider: String,
    pub pickup: city::Place,
    pub dropoff: city::Place,
    pub driver: Option<String>,
    pub taxi_at: Option<(i32, i32)>,
    /// 0 requested … 5 at the destination, as in `PhoneView::stage`.
    pub stage: u8,
    /// Timestamp of the last record about it.
    heard_at: Timestamp,
}

impl Behaviour for RiderPhone {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        if self.core.routine(&event, context) {
            return;
        }
        match event {
            Event::Started => open(&mut self.core, context, "rider-phone"),
            Event::Polled { records, .. } => {
                for (partition, record) in records.iter() {
                    match RideEvent::read(&record) {
                        Ok(event) => self.take_in(event, record.timestamp),
                        Err(why) => self.core.skip(context, partition, &record, why),
                    }
                }
                self.core.poll_after(context, &records);
            }
            Event::Tell(words) => {
                if self.core.tell_replay(&words, context) {
                    (self.trip, self.next) = (None, None);
                }
            }
            _ => {}
        }
    }
}

impl RiderPhone {
    fn take_in(&mut self, event: RideEvent, timestamp: Timestamp) {
        if let RideEvent::RideRequested { ride_id, rider_id, pickup, dropoff } = event {
            let (Some(pickup), Some(dropoff)) = (city::place(&pickup), city::place(&dropoff)) else {
                return;
            };
            self.next = Some(PhoneTrip {
                ride: ride_id,
                rider: rider_id,
                pickup: *pickup,
                dropoff: *dropoff,
                driver: None,
                taxi_at: None,
                stage: 0,
                heard_at: timestamp,
            });
        } else {
            for trip in [&mut self.trip, &mut self.next].into_iter().flatten() {
                trip.take_in(&event, timestamp);
            }
        }
        let over =
            self.trip.as_ref().is_none_or(|trip| trip.stage == 5 || timestamp.0.saturating_sub(trip.heard_at.0) > SILENCE_MS);
        if over && self.next.is_some() {
            self.trip = self.next.take();
        }
    }
}

impl PhoneTrip {
    fn take_in(&mut self, event: &RideEvent, timestamp: Timestamp) {
        if event.ride_id() != self.ride {
            return;
        }
        self.heard_at = timestamp;
        match event {
            RideEvent::RideRequested { .. } => {}
            RideEvent::RideOffered { driver_id, .. } => (self.driver, self.stage) = (Some(driver_id.clone()), self.stage.max(1)),
            RideEvent::RideAccepted { driver_id, .. } => (self.driver, self.stage) = (Some(driver_id.clone()), self.stage.max(2)),
            RideEvent::Arrival { .. } => self.stage = self.stage.max(3),
            RideEvent::TripStart { .. } => self.stage = self.stage.max(4),
            RideEvent::Telemetry { x, y, .. } if city::contains(*x, *y) => self.taxi_at = Some((*x, *y)),
            RideEvent::Telemetry { .. } => {}
            RideEvent::TripEnd { .. } => self.stage = 5,
        }
    }

    /// Whole seconds to the next stop at the usual two units in a second, as of the last record read.
    pub fn eta_seconds(&self) -> Option<u32> {
        let to = match self.stage {
            2 => self.pickup,
            4 => self.dropoff,
            _ => return None,
        };
        Some(city::distance(self.taxi_at?, (to.x, to.y)).unsigned_abs().div_ceil(2))
    }
}
