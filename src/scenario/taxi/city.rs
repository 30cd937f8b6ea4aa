//! The city: a grid of streets with places at some of its corners.
//!
//! The city runs sixty times as fast as Kafka: a second on the map is a minute of driving. One grid unit is 300 m, so two
//! units in a second are 36 km/h.

/// Somewhere to be picked up or dropped off. Always on a corner of two streets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Place {
    pub name: &'static str,
    pub x: i32,
    pub y: i32,
}

pub const WIDTH: i32 = 24;
pub const HEIGHT: i32 = 14;

/// x of the streets that run up and down.
pub const AVENUES: &[i32] = &[2, 6, 10, 14, 18, 22];
/// y of the streets that run left to right.
pub const STREETS: &[i32] = &[1, 4, 7, 10, 13];

pub const PLACES: &[Place] = &[
    Place { name: "Airport", x: 22, y: 1 },
    Place { name: "Station", x: 10, y: 7 },
    Place { name: "Harbour", x: 2, y: 13 },
    Place { name: "Museum", x: 14, y: 4 },
    Place { name: "University", x: 6, y: 4 },
    Place { name: "Stadium", x: 18, y: 10 },
    Place { name: "Hospital", x: 6, y: 10 },
    Place { name: "Market", x: 14, y: 10 },
    Place { name: "Park", x: 2, y: 1 },
    Place { name: "Opera", x: 18, y: 4 },
];

/// km/h that one grid unit in a second stands for.
pub const KMH_PER_UNIT: i32 = 18;

/// The place with this name.
pub fn place(name: &str) -> Option<&'static Place> {
    PLACES.iter().find(|place| place.name == name)
}

/// Is it on the map?
pub fn contains(x: i32, y: i32) -> bool {
    (0..=WIDTH).contains(&x) && (0..=HEIGHT).contains(&y)
}

/// Grid units from one point to another, along the streets.
pub fn distance(from: (i32, i32), to: (i32, i32)) -> i32 {
    (from.0 - to.0).abs() + (from.1 - to.1).abs()
}

/// One unit on the way: first left or right along the street, then up or down the avenue.
pub fn step(from: (i32, i32), to: (i32, i32)) -> (i32, i32) {
    if from.0 != to.0 { (from.0 + (to.0 - from.0).signum(), from.1) } else { (from.0, from.1 + (to.1 - from.1).signum()) }
}

/// The corners from here to there, the end last; empty when already there.
pub fn path(from: (i32, i32), to: (i32, i32)) -> Vec<(i32, i32)> {
    let corner = (to.0, from.1);
    let mut path = Vec::new();
    if corner != from && corner != to {
        path.push(corner);
    }
    if from != to {
        path.push(to);
    }
    path
}

/// The drivers, and where they wait before their first ride.
pub const DRIVERS: [(&str, (i32, i32)); 4] = [("mia", (10, 7)), ("omar", (22, 1)), ("lea", (2, 13)), ("jan", (18, 10))];
