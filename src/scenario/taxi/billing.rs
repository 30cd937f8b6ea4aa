//! billing: charges the wallet for each ride that ended, pays the driver, and only then commits (at-least-once).
//!
//! ```text
//! trip_end read → fare_calculated → [the wallet's API, 300 ms] → wallet_charged → [the bank, 200 ms] → driver_paid
//!   → all acknowledged → (breakpoint) → commit of offset + 1 → the next trip_end
//! ```
//!
//! enable.auto.commit is off. Killed before the commit, it reads the ride again when it is back, and charges again: the
//! wallet lies outside Kafka and has no idempotency key. A clean stop ends the ride it works on first.

use std::collections::VecDeque;

use super::events::{PAYMENTS, PaymentEvent, RIDES, RideEvent};
use super::stage::BillingPhase;
use crate::base::{Offset, Span, TopicPartition};
use crate::engine::client::{AutoOffsetReset, ConsumerConfig};
use crate::engine::program::{Behaviour, Context, Event, PolledRecords};
use crate::scenario::parts::core::{ServiceCore, consumer_config};

const CHARGED: u64 = 1;
const PAID: u64 = 2;
/// How long the wallet's API takes, and the bank's.
const CHARGE_TIME: Span = Span::from_ms(300);
const PAY_TIME: Span = Span::from_ms(200);
/// max.poll.records: bounds the queue.
const POLL_RECORDS_MAX: u32 = 100;
/// A fare: base, and for each grid unit; the driver gets four fifths.
const BASE_CENTS: i64 = 250;
const UNIT_CENTS: i64 = 90;
/// Longer than any trip in this city; what claims more is billed as this.
const DISTANCE_MAX: u32 = 1000;

#[derive(Clone, Hash, Debug, Default)]
pub struct Billing {
    pub core: ServiceCore,
    pub phase: BillingPhase,
    pub breakpoint: bool,
    pub current: Option<Bill>,
    /// Ended rides of the last poll that still wait.
    pub queue: VecDeque<Bill>,
    /// Rides charged in this run.
    pub charged: u32,
    /// Records were read since the last commit.
    uncommitted: bool,
    /// An interrupt came while a ride was being charged.
    stopping: bool,
}

/// A ride to charge.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Bill {
    pub ride: String,
    pub rider: String,
    pub driver: String,
    pub fare_cents: i64,
    /// Where its trip_end was read.
    pub read_at: (TopicPartition, Offset),
}

impl Behaviour for Billing {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        if matches!(event, Event::Interrupt) && self.current.is_some() {
            self.stopping = true;
            self.queue.clear();
            if self.phase == BillingPhase::AtBreakpoint {
                self.commit_current(context);
            }
            return;
        }
        if self.core.routine(&event, context) {
            return;
        }
        match event {
            Event::Started => {
                self.core.open_producer(context, "billing");
                let config = ConsumerConfig {
                    enable_auto_commit: false,
                    max_poll_records: POLL_RECORDS_MAX,
                    ..consumer_config("billing", "billing", AutoOffsetReset::Earliest)
                };
                self.core.open_consumer(context, config, RIDES);
            }
            Event::Polled { records, .. } => self.read(context, &records),
            Event::Timer { token: CHARGED } => self.charged(context),
            Event::Timer { token: PAID } => self.paid(context),
            Event::Flushed { .. } if self.phase == BillingPhase::Charged => self.settled(context),
            Event::Committed { result, .. } if self.phase == BillingPhase::Committing => {
                if let Err(error) = result {
                    self.core.say(context, format!("the commit was refused ({error:?}): this will be read again"));
                }
                self.committed(context);
            }
            Event::Tell(words) => self.tell(context, &words),
            _ => {}
        }
    }
}

impl Billing {
    fn read(&mut self, context: &mut Context<'_>, records: &PolledRecords) {
        for (partition, record) in records.iter() {
            match RideEvent::read(&record) {
                Ok(RideEvent::TripEnd { ride_id, rider_id, driver_id, distance, .. }) => self.queue.push_back(Bill {
                    ride: ride_id,
                    rider: rider_id,
                    driver: driver_id,
                    fare_cents: BASE_CENTS + UNIT_CENTS * i64::from(distance.min(DISTANCE_MAX)),
                    read_at: (partition.clone(), record.offset),
                }),
                Ok(_) => {}
                Err(why) => self.core.skip(context, partition, &record, why),
            }
        }
        self.core.read = self.core.read.saturating_add(records.count().into());
        self.uncommitted |= !records.is_empty();
        self.next(context);
    }

    /// The next ride of this poll; after the last, a commit of all that was read, and the next poll.
    fn next(&mut self, context: &mut Context<'_>) {
        if self.stopping {
            self.core.close(context);
            return;
        }
        if let Some(bill) = self.queue.pop_front() {
            let event = PaymentEvent::FareCalculated {
                ride_id: bill.ride.clone(),
                rider_id: bill.rider.clone(),
                driver_id: bill.driver.clone(),
                fare_cents: bill.fare_cents,
            };
            self.core.send(context, PAYMENTS, &bill.ride, &event);
            self.phase = BillingPhase::Charging;
            self.current = Some(bill);
            context.timer(CHARGE_TIME, CHARGED);
        } else if self.uncommitted {
            self.uncommitted = false;
            self.phase = BillingPhase::Committing;
            self.core.commit(context, None);
        } else {
            self.phase = BillingPhase::Waiting;
            self.core.poll(context);
        }
    }

    fn charged(&mut self, context: &mut Context<'_>) {
        let Some(bill) = self.current.clone() else {
            return;
        };
        let event =
            PaymentEvent::WalletCharged { ride_id: bill.ride.clone(), rider_id: bill.rider.clone(), fare_cents: bill.fare_cents };
        self.core.send(context, PAYMENTS, &bill.ride, &event);
        self.charged = self.charged.saturating_add(1);
        self.phase = BillingPhase::Charged;
        self.core.say(context, format!("charged {} {} for {}", bill.rider, money(bill.fare_cents), bill.ride));
        context.timer(PAY_TIME, PAID);
    }

    fn paid(&mut self, context: &mut Context<'_>) {
        let Some(bill) = self.current.clone() else {
            return;
        };
        let paid_cents = bill.fare_cents * 4 / 5;
        let event = PaymentEvent::DriverPaid { ride_id: bill.ride.clone(), driver_id: bill.driver, paid_cents };
        self.core.send(context, PAYMENTS, &bill.ride, &event);
        self.core.flush(context);
    }

    /// All payments are acknowledged: what is left is the commit.
    fn settled(&mut self, context: &mut Context<'_>) {
        if self.breakpoint && !self.stopping {
            self.phase = BillingPhase::AtBreakpoint;
            let ride = self.current.as_ref().map_or("", |bill| &bill.ride).to_owned();
            self.core.say(context, format!("stands at its breakpoint: {ride} is charged, and not committed"));
        } else {
            self.commit_current(context);
        }
    }

    fn commit_current(&mut self, context: &mut Context<'_>) {
        if let Some(bill) = &self.current {
            let (partition, offset) = bill.read_at.clone();
            self.phase = BillingPhase::Committing;
            self.core.commit(context, Some(vec![(partition, offset.plus(1))]));
        }
    }

    fn committed(&mut self, context: &mut Context<'_>) {
        self.current = None;
        self.next(context);
    }

    fn tell(&mut self, context: &mut Context<'_>, words: &str) {
        match words.trim() {
            "breakpoint" | "breakpoint on" => {
                self.breakpoint = true;
                self.core.say(context, "will stand still between charging and committing".to_owned());
            }
            "breakpoint off" | "continue" => {
                self.breakpoint = false;
                if self.phase == BillingPhase::AtBreakpoint {
                    self.commit_current(context);
                }
            }
            other => self.core.not_understood(other, "breakpoint on, breakpoint off", context),
        }
    }
}

/// Cents as a person writes them.
pub fn money(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}
