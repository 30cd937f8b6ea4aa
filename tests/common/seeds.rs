//! Same seed, same world: the list of hashes that is checked natively and in the browser.

use kafka_playground::base::Span;
use kafka_playground::scenario::{CATALOG, is_tour};
use kafka_playground::session::Session;

/// Dues that each world handles.
const DUES: u64 = 10_000;

const SEEDS: std::ops::RangeInclusive<u64> = 1..=24;

/// One world for each seed, the stories in turn, with a service killed and started again on the way.
fn world_hash(seed: u64) -> (&'static str, u64) {
    let stories: Vec<_> = CATALOG.iter().filter(|entry| !is_tour(entry.name)).collect();
    let entry = stories[seed as usize % stories.len()];
    let script = entry.script.lines().filter(|line| !line.starts_with("! seed")).collect::<Vec<_>>().join("\n");
    let mut session = Session::open(&format!("! seed {seed}\n{script}\n"), CATALOG).expect("a story opens");
    let victim = session.world().latest_programs().nth(seed as usize % 5).map(|program| program.name.to_string());
    let victim = victim.expect("a story has services");
    session.advance(Span::from_ms(3000 + 100 * seed), DUES);
    // Programs that have ended by themselves cannot be killed: then there is nothing to do.
    if session.input(&format!("$ kill-service {victim}")).is_ok() {
        session.advance(Span::from_secs(2), DUES);
        let _ = session.input(&format!("$ start-service {victim}"));
    }
    while session.world().steps() < DUES && session.step() {}
    assert!(session.world().failure().is_none(), "seed {seed}: {:?}", session.world().failure());
    assert!(session.world().steps() >= DUES, "seed {seed}: nothing is due after {} dues", session.world().steps());
    (entry.name, session.hash())
}

/// The list as it is now, to be compared with the one that is kept.
pub fn list() -> String {
    SEEDS
        .map(|seed| {
            let (scenario, hash) = world_hash(seed);
            format!("{seed} {scenario} {hash:016x}\n")
        })
        .collect()
}

pub const KEPT: &str = include_str!("../seeds.txt");
