//! Where the ninth step of the taxi tour begins, as its address opens it: for tests natively and in the browser.

use kafka_playground::scenario::walk::{Skipped, Walk};
use kafka_playground::scenario::{CATALOG, tour};
use kafka_playground::session::Session;

/// The hash of the world there, natively and in every browser.
pub const KEPT: &str = include_str!("../walk.txt");

pub fn hash() -> u64 {
    let entry = CATALOG.iter().find(|entry| entry.name == "taxi-booking").expect("the story");
    let tour = tour(entry.name).expect("its tour");
    let mut session = Session::open(entry.script, CATALOG).expect("its script");
    let mut walk = Walk::to_step(tour, 8);
    while walk.play_on(tour, &mut session, 500) == Skipped::Working {}
    assert_eq!(walk.at(tour), 8);
    session.hash()
}
