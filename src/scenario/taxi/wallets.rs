//! wallets: what each rider and driver has, worked out from `payments` alone.
//!
//! It keeps no database: when it starts it reads `payments` from the beginning and adds everything up again. It sees when a
//! ride was charged twice.

use std::collections::VecDeque;

use super::city::DRIVERS;
use super::events::{PAYMENTS, PaymentEvent};
use super::riders::RIDERS;
use crate::base::SortedMap;
use crate::engine::client::AutoOffsetReset;
use crate::engine::program::{Behaviour, Context, Event, PolledRecords};
use crate::scenario::parts::core::{Rebuild, ServiceCore, consumer_config};

/// What a rider begins with.
const START_CENTS: i64 = 10_000;
/// People with a wallet; a record about one more is skipped.
const PEOPLE_MAX: usize = 32;
/// Rides remembered, newest first; an older ride that is charged again counts as new.
const RIDES_MAX: usize = 128;
/// Twice-charged rides remembered; beyond that the oldest is forgotten.
const TWICE_MAX: usize = 32;

#[derive(Clone, Hash, Debug)]
pub struct Wallets {
    pub core: ServiceCore,
    pub rebuild: Rebuild,
    pub riders: SortedMap<String, i64>,
    pub drivers: SortedMap<String, i64>,
    pub rides: VecDeque<ChargedRide>,
    pub charged_twice: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ChargedRide {
    pub ride: String,
    pub rider: String,
    pub fare_cents: i64,
    pub times: u32,
    pub driver_paid: bool,
}

impl Default for Wallets {
    fn default() -> Self {
        Self {
            core: ServiceCore::default(),
            rebuild: Rebuild::default(),
            riders: RIDERS.iter().map(|name| ((*name).to_owned(), START_CENTS)).collect(),
            drivers: DRIVERS.iter().map(|(name, _)| ((*name).to_owned(), 0)).collect(),
            rides: VecDeque::new(),
            charged_twice: Vec::new(),
        }
    }
}

impl Behaviour for Wallets {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        if self.core.routine(&event, context) || self.rebuild.answered(&event) {
            return;
        }
        match event {
            Event::Started => {
                self.core.open_consumer(context, consumer_config("wallets", "wallets", AutoOffsetReset::Earliest), PAYMENTS);
            }
            Event::PartitionsAssigned { partitions, .. } => self.rebuild.assigned(&mut self.core, &partitions, context),
            Event::Polled { records, .. } => self.read(context, &records),
            Event::Tell(words) => self.core.not_understood(&words, "nothing; wallets only add up", context),
            _ => {}
        }
    }
}

impl Wallets {
    fn read(&mut self, context: &mut Context<'_>, records: &PolledRecords) {
        for (partition, record) in records.iter() {
            if let Err(why) = PaymentEvent::read(&record).and_then(|event| self.take_in(context, event)) {
                self.core.skip(context, partition, &record, why);
            }
        }
        if self.rebuild.progressed(&self.core, context) && self.core.read > 0 {
            self.core.say(context, "has added up all payments so far".to_owned());
        }
        self.core.poll_after(context, records);
    }

    fn take_in(&mut self, context: &mut Context<'_>, event: PaymentEvent) -> Result<(), &'static str> {
        match event {
            PaymentEvent::FareCalculated { .. } => Ok(()),
            PaymentEvent::WalletCharged { ride_id, rider_id, fare_cents } => {
                add(&mut self.riders, &rider_id, -fare_cents, START_CENTS)?;
                self.charged(context, ride_id, rider_id, fare_cents);
                Ok(())
            }
            PaymentEvent::DriverPaid { ride_id, driver_id, paid_cents } => {
                add(&mut self.drivers, &driver_id, paid_cents, 0)?;
                if let Some(ride) = self.rides.iter_mut().find(|ride| ride.ride == ride_id) {
                    ride.driver_paid = true;
                }
                Ok(())
            }
        }
    }

    fn charged(&mut self, context: &mut Context<'_>, ride: String, rider: String, fare_cents: i64) {
        if let Some(known) = self.rides.iter_mut().find(|known| known.ride == ride) {
            known.times = known.times.saturating_add(1);
            if !self.charged_twice.contains(&ride) {
                self.charged_twice.push(ride.clone());
                if self.charged_twice.len() > TWICE_MAX {
                    self.charged_twice.remove(0);
                }
            }
            self.core.say(context, format!("{rider} was charged twice for {ride}"));
            return;
        }
        self.rides.push_front(ChargedRide { ride, rider, fare_cents, times: 1, driver_paid: false });
        self.rides.truncate(RIDES_MAX);
    }
}

fn add(balances: &mut SortedMap<String, i64>, name: &str, cents: i64, start: i64) -> Result<(), &'static str> {
    if !balances.contains_key(name) && balances.len() >= PEOPLE_MAX {
        return Err("too many wallets");
    }
    let balance = balances.get_or_insert_with(name.to_owned(), || start);
    *balance = balance.saturating_add(cents);
    Ok(())
}
