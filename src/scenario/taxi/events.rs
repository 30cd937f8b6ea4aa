//! What is written to `rides` and `payments`: one JSON object for each record, keyed by the ride's id.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::engine::log::RecordView;
use crate::scenario::parts::fields::{Fields, WrongField};

/// The topic with the lives of all rides.
pub const RIDES: &str = "rides";
/// The topic with what billing did.
pub const PAYMENTS: &str = "payments";

/// Ids longer than this are nonsense.
const ID_CHARS_MAX: usize = 40;

/// The life of a ride, in order. Each is written by the service that it is natural to, on reading the one before.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "eventType", rename_all = "snake_case", rename_all_fields = "camelCase", try_from = "Value")]
pub enum RideEvent {
    /// riders, when someone wants to go somewhere.
    RideRequested { ride_id: String, rider_id: String, pickup: String, dropoff: String },
    /// dispatch, on reading the request.
    RideOffered { ride_id: String, driver_id: String, rider_id: String, pickup: String, dropoff: String },
    /// drivers, on reading the offer.
    RideAccepted { ride_id: String, driver_id: String },
    /// drivers, at the pickup.
    Arrival { ride_id: String, driver_id: String },
    /// riders, on reading the arrival: the passenger boards.
    TripStart { ride_id: String, driver_id: String },
    /// drivers, every second on the way.
    Telemetry { ride_id: String, driver_id: String, x: i32, y: i32, speed: i32 },
    /// drivers, at the destination.
    TripEnd {
        ride_id: String,
        driver_id: String,
        rider_id: String,
        /// Grid units driven with the passenger.
        distance: u32,
        /// Seconds with the passenger.
        seconds: u32,
    },
}

/// What billing did about a ride that ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "eventType", rename_all = "snake_case", rename_all_fields = "camelCase", try_from = "Value")]
pub enum PaymentEvent {
    FareCalculated { ride_id: String, rider_id: String, driver_id: String, fare_cents: i64 },
    WalletCharged { ride_id: String, rider_id: String, fare_cents: i64 },
    DriverPaid { ride_id: String, driver_id: String, paid_cents: i64 },
}

/// For records typed by hand that leave the name out.
const SOMEONE: &str = "someone";

impl TryFrom<Value> for RideEvent {
    type Error = WrongField;

    fn try_from(value: Value) -> Result<Self, WrongField> {
        let fields = Fields(value);
        let kind = fields.text("eventType")?;
        let ride_id = fields.text("rideId")?;
        let driver_id = || fields.text("driverId");
        let rider_id = || fields.text_or("riderId", SOMEONE);
        let (pickup, dropoff) = (|| fields.text("pickup"), || fields.text("dropoff"));
        Ok(match kind.as_str() {
            "ride_requested" => Self::RideRequested { ride_id, rider_id: rider_id()?, pickup: pickup()?, dropoff: dropoff()? },
            "ride_offered" => Self::RideOffered {
                ride_id,
                driver_id: driver_id()?,
                rider_id: rider_id()?,
                pickup: pickup()?,
                dropoff: dropoff()?,
            },
            "ride_accepted" => Self::RideAccepted { ride_id, driver_id: driver_id()? },
            "arrival" => Self::Arrival { ride_id, driver_id: driver_id()? },
            "trip_start" => Self::TripStart { ride_id, driver_id: driver_id()? },
            "telemetry" => Self::Telemetry {
                ride_id,
                driver_id: driver_id()?,
                x: fields.int("x")?,
                y: fields.int("y")?,
                speed: fields.int("speed")?,
            },
            "trip_end" => Self::TripEnd {
                ride_id,
                driver_id: fields.text_or("driverId", SOMEONE)?,
                rider_id: rider_id()?,
                distance: fields.count("distance")?,
                seconds: fields.count("seconds")?,
            },
            _ => return Err(Fields::unknown("eventType")),
        })
    }
}

impl TryFrom<Value> for PaymentEvent {
    type Error = WrongField;

    fn try_from(value: Value) -> Result<Self, WrongField> {
        let fields = Fields(value);
        let kind = fields.text("eventType")?;
        let ride_id = fields.text("rideId")?;
        let (rider_id, driver_id) = (|| fields.text("riderId"), || fields.text("driverId"));
        let fare_cents = || fields.signed("fareCents");
        Ok(match kind.as_str() {
            "fare_calculated" => {
                Self::FareCalculated { ride_id, rider_id: rider_id()?, driver_id: driver_id()?, fare_cents: fare_cents()? }
            }
            "wallet_charged" => Self::WalletCharged { ride_id, rider_id: rider_id()?, fare_cents: fare_cents()? },
            "driver_paid" => Self::DriverPaid { ride_id, driver_id: driver_id()?, paid_cents: fields.signed("paidCents")? },
            _ => return Err(Fields::unknown("eventType")),
        })
    }
}

/// Names of the ride events, in the order of a ride's life.
pub const RIDE_EVENTS: [&str; 7] =
    ["ride_requested", "ride_offered", "ride_accepted", "arrival", "trip_start", "telemetry", "trip_end"];

impl RideEvent {
    /// Place in `RIDE_EVENTS`.
    pub fn kind(&self) -> u8 {
        match self {
            Self::RideRequested { .. } => 0,
            Self::RideOffered { .. } => 1,
            Self::RideAccepted { .. } => 2,
            Self::Arrival { .. } => 3,
            Self::TripStart { .. } => 4,
            Self::Telemetry { .. } => 5,
            Self::TripEnd { .. } => 6,
        }
    }

    pub fn ride_id(&self) -> &str {
        match self {
            Self::RideRequested { ride_id, .. }
            | Self::RideOffered { ride_id, .. }
            | Self::RideAccepted { ride_id, .. }
            | Self::Arrival { ride_id, .. }
            | Self::TripStart { ride_id, .. }
            | Self::Telemetry { ride_id, .. }
            | Self::TripEnd { ride_id, .. } => ride_id,
        }
    }

    /// Reads a record's value. Anyone may write to the topic, so anything may be in it.
    pub fn read(record: &RecordView<'_>) -> Result<Self, &'static str> {
        let event: Self = parse(record)?;
        let ids = match &event {
            Self::RideRequested { ride_id, rider_id, .. } => [ride_id, rider_id, rider_id],
            Self::RideOffered { ride_id, driver_id, rider_id, .. } | Self::TripEnd { ride_id, driver_id, rider_id, .. } => {
                [ride_id, driver_id, rider_id]
            }
            Self::RideAccepted { ride_id, driver_id }
            | Self::Arrival { ride_id, driver_id }
            | Self::TripStart { ride_id, driver_id }
            | Self::Telemetry { ride_id, driver_id, .. } => [ride_id, driver_id, driver_id],
        };
        if ids.into_iter().all(|id| is_id(id)) { Ok(event) } else { Err(NO_ID) }
    }
}

impl PaymentEvent {
    /// Reads a record's value, as careful as `RideEvent::read`.
    pub fn read(record: &RecordView<'_>) -> Result<Self, &'static str> {
        let event: Self = parse(record)?;
        let (ids, cents) = match &event {
            Self::FareCalculated { ride_id, rider_id, fare_cents, .. } | Self::WalletCharged { ride_id, rider_id, fare_cents } => {
                ([ride_id, rider_id], *fare_cents)
            }
            Self::DriverPaid { ride_id, driver_id, paid_cents } => ([ride_id, driver_id], *paid_cents),
        };
        if !ids.into_iter().all(|id| is_id(id)) {
            return Err(NO_ID);
        }
        if (0..=MONEY_MAX_CENTS).contains(&cents) { Ok(event) } else { Err("no sane amount of money") }
    }
}

const NO_ID: &str = "an id is empty or too long";

/// More than that is no fare.
const MONEY_MAX_CENTS: i64 = 100_000_000;

fn parse<T: for<'a> Deserialize<'a>>(record: &RecordView<'_>) -> Result<T, &'static str> {
    let value = record.value.ok_or("its value is null")?;
    serde_json::from_slice(value).map_err(|_| "its value is no event of this story")
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.chars().count() <= ID_CHARS_MAX
}
