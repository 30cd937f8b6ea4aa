//! Lives here: the taxi booking story: riders, dispatch, drivers, billing and those who watch.
//! Never here: what a broker does, and how the picture is drawn.

pub mod billing;
pub mod city;
pub mod dispatch;
pub mod drivers;
pub mod events;
pub mod riders;
mod scenes;
mod stage;
pub mod tour;
pub mod wallets;
pub mod watchers;

pub use events::RIDE_EVENTS;
pub use stage::*;

use crate::engine::Program;
use crate::engine::world::ProgramEntry;
use crate::scenario::parts::core::ServiceCore;

/// What the story begins with. A new group waits 3 s for members (group.initial.rebalance.delay.ms) before anyone reads:
/// the riders come after that. Broker 1 leads a partition of each topic: the tour takes its disk away.
pub const SCRIPT: &str = "\
! scenario taxi-booking
! seed 25
! brokers 3
! latency 150
$ kafka-topics.sh --create --topic rides --replica-assignment 1:2:3,2:3:1,3:1:2 --config min.insync.replicas=2 --bootstrap-server localhost:9092
$ kafka-topics.sh --create --topic payments --replica-assignment 1:2:3,2:3:1 --config min.insync.replicas=2 --bootstrap-server localhost:9092
$ start-service dispatch
$ start-service drivers
$ start-service billing
$ start-service wallets
$ start-service city-map
$ start-service rider-phone
$ start-service analytics
$ sleep 5
$ start-service riders
";

/// The services, in the order in which a ride meets them, and what each is for.
pub const SERVICES: [(&str, &str); 8] = [
    ("riders", "Passengers: they ask for rides, and board."),
    ("dispatch", "Offers each requested ride to a driver."),
    ("drivers", "The fleet: accepts, drives, reports each second where it is."),
    ("city-map", "Moves the taxis on the map as it reads."),
    ("rider-phone", "Shows one passenger where the taxi is."),
    ("billing", "Charges for each ride that ended, then commits."),
    ("wallets", "Adds up what everyone has, from payments alone."),
    ("analytics", "Counts events, and rides in each minute."),
];

/// A new run of a service; `None` if the story has none of that name.
pub fn service(name: &str) -> Option<Box<dyn Program>> {
    Some(match name {
        "riders" => Box::new(riders::Riders::default()),
        "dispatch" => Box::new(dispatch::Dispatch::default()),
        "drivers" => Box::new(drivers::Drivers::default()),
        "billing" => Box::new(billing::Billing::default()),
        "wallets" => Box::new(wallets::Wallets::default()),
        "city-map" => Box::new(watchers::CityMap::default()),
        "rider-phone" => Box::new(watchers::RiderPhone::default()),
        "analytics" => Box::new(watchers::Analytics::default()),
        _ => return None,
    })
}

/// The common part of one of these services.
pub fn core(entry: &ProgramEntry) -> Option<&ServiceCore> {
    match &*entry.name {
        "riders" => entry.state::<riders::Riders>().map(|service| &service.core),
        "dispatch" => entry.state::<dispatch::Dispatch>().map(|service| &service.core),
        "drivers" => entry.state::<drivers::Drivers>().map(|service| &service.core),
        "billing" => entry.state::<billing::Billing>().map(|service| &service.core),
        "wallets" => entry.state::<wallets::Wallets>().map(|service| &service.core),
        "city-map" => entry.state::<watchers::CityMap>().map(|service| &service.core),
        "rider-phone" => entry.state::<watchers::RiderPhone>().map(|service| &service.core),
        "analytics" => entry.state::<watchers::Analytics>().map(|service| &service.core),
        _ => None,
    }
}
