//! The taxi story, played natively: rides from request to payment, and what stopping and killing services does to them.

use kafka_playground::base::TopicPartition;
use kafka_playground::engine::World;
use kafka_playground::scenario::facts;
use kafka_playground::scenario::taxi::events::{PaymentEvent, RIDE_EVENTS, RideEvent};
use kafka_playground::scenario::taxi::{self, BillingPhase, TaxiStatus};

use super::scenario_support::{Story, records};

fn story() -> Story {
    Story::open("taxi-booking", 7)
}

fn rides(world: &World) -> Vec<(TopicPartition, RideEvent)> {
    records(world, "rides").into_iter().map(|(at, value)| (at, serde_json::from_slice(&value).expect("an event"))).collect()
}

/// Rides that have ended, and for each how often its wallet was charged.
fn charges(world: &World) -> Vec<(String, usize)> {
    let payments: Vec<PaymentEvent> =
        records(world, "payments").iter().filter_map(|(_, value)| serde_json::from_slice(value).ok()).collect();
    let ended = records(world, "rides").into_iter().filter_map(|(_, value)| match serde_json::from_slice(&value) {
        Ok(RideEvent::TripEnd { ride_id, .. }) => Some(ride_id),
        _ => None,
    });
    ended
        .map(|ride| {
            let charged =
                |payment: &&PaymentEvent| matches!(payment, PaymentEvent::WalletCharged { ride_id, .. } if *ride_id == ride);
            let times = payments.iter().filter(charged).count();
            (ride, times)
        })
        .collect()
}

#[test]
fn a_ride_goes_from_request_to_payment() {
    let mut story = story();
    story.until("a driver is paid", 120, |world| taxi::wallets(world).rides.iter().any(|ride| ride.driver_paid));
    let world = story.world();
    let paid = taxi::wallets(world).rides.iter().find(|ride| ride.driver_paid).unwrap().clone();
    let life: Vec<(TopicPartition, RideEvent)> =
        rides(world).into_iter().filter(|(_, event)| event.ride_id() == paid.ride).collect();
    assert!(life.iter().all(|(at, _)| *at == life[0].0), "all records of a ride are in one partition");
    let kinds: Vec<u8> = life.iter().map(|(_, event)| event.kind()).collect();
    let mut stages = kinds.clone();
    stages.retain(|kind| RIDE_EVENTS[usize::from(*kind)] != "telemetry");
    assert_eq!(stages, [0, 1, 2, 3, 4, 6], "in the order of a ride's life");
    assert!(kinds.contains(&5), "with telemetry on the way");
    assert_eq!(paid.times, 1);
    let rider = taxi::wallets(world).riders.into_iter().find(|rider| rider.name == paid.rider).unwrap();
    assert_eq!(rider.cents, 10_000 - paid.fare_cents);
}

#[test]
fn taxis_move_a_few_units_each_second_and_along_the_streets() {
    let mut story = story();
    story.pass(120);
    let mut last: std::collections::BTreeMap<String, (i32, i32)> = std::collections::BTreeMap::new();
    let mut moves = 0;
    // Telemetry of one driver is in several partitions: put it back into the order of time.
    for event in super::scenario_support::by_time(story.world(), "rides") {
        if let Ok(RideEvent::Telemetry { driver_id, x, y, .. }) = serde_json::from_slice(&event) {
            assert!(taxi::city::AVENUES.contains(&x) || taxi::city::STREETS.contains(&y), "({x}, {y}) is no street");
            if let Some((from_x, from_y)) = last.insert(driver_id, (x, y)) {
                assert!((from_x - x).abs() + (from_y - y).abs() <= 3);
                moves += 1;
            }
        }
    }
    assert!(moves > 30, "{moves} moves in two minutes");
}

#[test]
fn the_map_stands_still_without_city_map_and_catches_up_after() {
    let mut story = story();
    story.pass(40);
    story.give("$ stop-service city-map");
    story.pass(1);
    let frozen = taxi::map(story.world());
    story.pass(20);
    let later = taxi::map(story.world());
    assert_eq!(frozen.taxis, later.taxis, "nobody moves them");
    let lag = facts::lag(story.world(), "city-map");
    assert!(lag.unwrap() > 10, "lag {lag:?}");
    story.give("$ start-service city-map");
    story.pass(10);
    let map = taxi::map(story.world());
    let newest = map.taxis.iter().map(|taxi| taxi.reported_at_ms).max().unwrap();
    assert!(story.world().now().ms() - newest < 3000, "the latest report is fresh");
    assert!(map.taxis.iter().any(|taxi| taxi.status != TaxiStatus::Free && !taxi.path.is_empty()));
}

#[test]
fn billing_killed_mid_trip_charges_every_ride_when_it_is_back() {
    for kill_at in [31, 37, 44] {
        let mut story = story();
        story.pass(kill_at);
        story.give("$ kill-service billing");
        story.pass(30);
        assert!(charges(story.world()).iter().any(|(_, times)| *times == 0), "some ride ended meanwhile");
        story.give("$ start-service billing");
        story.give("$ stop-service riders");
        story.pass(90);
        let charged = charges(story.world());
        assert!(charged.len() >= 5, "{charged:?}");
        assert!(charged.iter().all(|(_, times)| *times >= 1), "{charged:?}");
        assert!(charged.iter().filter(|(_, times)| *times > 1).count() <= 1, "at most the one it worked on: {charged:?}");
    }
}

#[test]
fn a_crash_between_charge_and_commit_charges_that_ride_twice_and_no_other() {
    let mut story = story();
    story.pass(30);
    story.give("$ tell-service billing breakpoint on");
    story.until("billing stands still", 120, |world| taxi::billing(world).phase == BillingPhase::AtBreakpoint);
    let ride = taxi::billing(story.world()).ride.unwrap();
    story.give("$ kill-service billing");
    story.give("$ start-service billing");
    story.pass(40);
    let twice: Vec<String> = charges(story.world()).into_iter().filter(|(_, times)| *times == 2).map(|(ride, _)| ride).collect();
    assert_eq!(twice, std::slice::from_ref(&ride));
    assert_eq!(taxi::wallets(story.world()).charged_twice, [ride]);
    assert!(charges(story.world()).iter().all(|(_, times)| *times <= 2));
}

#[test]
fn a_clean_stop_ends_the_ride_that_billing_works_on() {
    let mut story = story();
    story.until("billing charges", 120, |world| taxi::billing(world).phase == BillingPhase::Charging);
    story.give("$ stop-service billing");
    story.pass(5);
    assert!(!facts::is_on(story.world(), "billing"), "it has ended");
    story.give("$ start-service billing");
    story.pass(60);
    let charged = charges(story.world());
    assert!(charged.iter().all(|(_, times)| *times <= 1), "{charged:?}");
    assert!(charged.len() >= 3, "{charged:?}");
}

#[test]
fn drivers_and_wallets_know_again_what_the_log_says() {
    let mut story = story();
    story.pass(60);
    for name in ["drivers", "wallets", "dispatch", "riders"] {
        story.give(&format!("$ kill-service {name}"));
    }
    story.pass(15);
    let open = open_rides(story.world());
    let before = taxi::wallets(story.world());
    assert!(!open.is_empty(), "some rides are under way");
    for name in ["drivers", "wallets", "dispatch", "riders"] {
        story.give(&format!("$ start-service {name}"));
    }
    story.pass(120);
    let ended: Vec<String> = charges(story.world()).into_iter().map(|(ride, _)| ride).collect();
    assert!(open.iter().all(|ride| ended.contains(ride)), "{open:?} in {ended:?}");
    let mut once = ended.clone();
    once.dedup();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), ended.len(), "no ride is driven twice: {ended:?}");
    let after = taxi::wallets(story.world());
    assert!(
        before.rides.iter().all(|ride| after.rides.iter().any(|again| again.ride == ride.ride)),
        "old charges are counted again"
    );
}

/// Rides that were requested and have not ended.
fn open_rides(world: &World) -> Vec<String> {
    let mut open = Vec::new();
    for (_, event) in rides(world) {
        match event {
            RideEvent::RideRequested { ride_id, .. } => open.push(ride_id),
            RideEvent::TripEnd { ride_id, .. } => open.retain(|known| *known != ride_id),
            _ => {}
        }
    }
    open
}

#[test]
fn nonsense_is_skipped_counted_and_told() {
    let mut story = story();
    story.pass(5);
    let nonsense: [&[u8]; 10] = [
        b"",
        b"{",
        b"\xff\xfe",
        b"[1,2,3]",
        br#"{"eventType":"trip_end"}"#,
        br#"{"eventType":"trip_end","rideId":"","distance":3}"#,
        br#"{"eventType":"trip_end","rideId":"x","distance":-3}"#,
        br#"{"eventType":"telemetry","rideId":"x","driverId":"mia","x":2147483647,"y":-2147483648,"speed":1}"#,
        br#"{"eventType":"ride_requested","rideId":"x","pickup":"Moon","dropoff":"Mars"}"#,
        br#"{"eventType":"ride_offered","rideId":"x","driverId":"nobody","pickup":"Park","dropoff":"Opera"}"#,
    ];
    for value in nonsense {
        story.produce("rides", Some(b"x"), Some(value));
        story.produce("payments", None, Some(value));
    }
    story.produce("rides", None, None);
    story.produce("payments", Some(b"\xff"), None);
    // Far more than any trip, a name nobody knows, and a fortune: taken, within limits.
    story.produce("rides", Some(b"y"), Some(br#"{"eventType":"trip_end","rideId":"y","distance":4294967295}"#));
    let fortune = format!(r#"{{"eventType":"wallet_charged","rideId":"z","riderId":"ana","fareCents":{}}}"#, i64::MAX);
    story.produce("payments", Some(b"z"), Some(fortune.as_bytes()));
    story.pass(60);
    for (name, _) in taxi::SERVICES {
        assert!(facts::is_on(story.world(), name), "{name} is {}", facts::power(story.world(), name).word());
        let skipped = taxi::core(story.world().program_named(name).unwrap()).unwrap().skipped;
        assert!(skipped >= 7, "{name} skipped {skipped}");
    }
    let charged = charges(story.world());
    assert!(charged.iter().filter(|(_, times)| *times == 1).count() >= 4, "and the story goes on: {charged:?}");
    assert!(charged.iter().all(|(_, times)| *times <= 1), "{charged:?}");
    assert!(story.world().failure().is_none());
    let said = story.said();
    assert!(said.iter().any(|text| text.contains("skipped rides-") && text.contains("no such place")), "{said:?}");
}

#[test]
fn a_ride_typed_by_hand_is_driven_and_charged() {
    let mut story = story();
    story.give("$ stop-service riders");
    story.pass(2);
    let value = br#"{"eventType":"ride_requested","rideId":"my-ride","pickup":"Park","dropoff":"Opera"}"#;
    story.produce("rides", Some(b"my-ride"), Some(value));
    story.until("a taxi has come", 60, |world| {
        let here = |taxi: &taxi::Taxi| taxi.status == TaxiStatus::Waiting && taxi.ride.as_deref() == Some("my-ride");
        taxi::map(world).taxis.iter().any(here) && taxi::phone(world).stage == 3
    });
    let phone = taxi::phone(story.world());
    assert_eq!((phone.ride.as_deref(), phone.rider.as_str()), (Some("my-ride"), "someone"));
    assert_eq!(phone.status, format!("{} waits at Park", phone.driver.unwrap()));
    let value = br#"{"eventType":"trip_start","rideId":"my-ride","driverId":"me"}"#;
    story.produce("rides", Some(b"my-ride"), Some(value));
    story.until("it is charged", 60, |world| charges(world) == [("my-ride".to_owned(), 1)]);
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let hashes: Vec<u64> = (0..2)
        .map(|_| {
            let mut story = story();
            story.pass(45);
            story.world().hash()
        })
        .collect();
    assert_eq!(hashes[0], hashes[1]);
    let mut other = Story::open("taxi-booking", 8);
    other.pass(45);
    assert_ne!(hashes[0], other.world().hash());
}
