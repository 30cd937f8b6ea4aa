//! The tour of the taxi story. Each step's condition is a question to the world, so that it holds from wherever one is.

use super::billing::Billing;
use super::drivers::Drivers;
use super::scenes;
use super::stage::BillingPhase;
use super::wallets::Wallets;
use super::watchers::{Analytics, CityMap};
use crate::base::{BrokerId, Offset, Span, TopicPartition};
use crate::engine::World;
use crate::engine::world::{ProgramEntry, ProgramStatus};
use crate::scenario::parts::facts;
use crate::scenario::parts::tour::{Goal, Prediction, Step, Tour};

pub const TOUR: Tour = Tour {
    steps: &[
        Step {
            title: "A ride is a row of records",
            text: "Someone asks for a ride: `riders` writes `ride_requested` [1] to the topic `rides`. `dispatch` reads it and writes \
                   `ride_offered` [2]; `drivers` reads that and writes `ride_accepted` [3]. No service calls another: each reads the log \
                   and writes to it. The small number on a record is its offset, its place in the log.",
            scene: scenes::ROW_OF_RECORDS,
            prediction: None,
            run: &[],
            done_text: "A driver has accepted. Select a record to see its key and value.",
            done: |world| count(world, ACCEPTED) >= 1,
            limit: Span::from_secs(60),
        },
        Step {
            title: "The key decides where",
            text: "A topic is cut into partitions, here three: each is a log of its own, with offsets of its own. Every record of a \
                   ride has the ride's id as its key.",
            scene: scenes::ONE_PARTITION,
            prediction: Some(Prediction {
                question: "A ride's first record lies in one partition. Where will its other records go?",
                choices: &["To the three partitions in turn", "To the same partition", "To the emptiest partition"],
                answer: 1,
                because: "The producer works the partition out from the key, so a ride's records keep their order: \
                          `(murmur2(key) & 0x7fffffff) % partitions`. Between partitions there is no order.",
            }),
            run: &[],
            done_text: "A whole ride, from `ride_requested` [1] to `trip_end` [2], lies in one partition, in order.",
            done: |world| count(world, ENDED) >= 1,
            limit: Span::from_secs(120),
        },
        Step {
            title: "Billing reads the same records",
            text: "`billing` [1] reads as a consumer group of its own: one program, or several copies that share the partitions, with \
                   one place in the log. On `trip_end` it calculates the fare, charges the wallet, pays the driver and writes each of \
                   these to `payments`. Only then does it commit its offset.",
            scene: scenes::BILLING_READS,
            prediction: None,
            run: &[],
            done_text: "A driver is paid [2]. The committed offset of `billing`, its ▲, is past that ride’s `trip_end` [3]: done.",
            done: |world| {
                let paid = wallets(world).is_some_and(|wallets| wallets.rides.iter().any(|ride| ride.driver_paid));
                paid && scenes::paid_and_committed(world).is_some()
            },
            limit: Span::from_secs(60),
        },
        Step {
            title: "Switch the map off",
            text: "The map [1] is drawn by a service that reads `rides`, as a group of its own. It is about to be stopped.",
            scene: scenes::MAP,
            prediction: Some(Prediction {
                question: "What will the taxis do while `city-map` is off?",
                choices: &["They stop and wait", "They drive on, unseen", "Their `telemetry` is refused"],
                answer: 1,
                because: "Producers do not know who reads: `telemetry` is appended as before. Lag counts the offsets between a group's \
                          committed offset and the end of what can be read. Those who run have some too, since they commit every 5 seconds; \
                          only that of `city-map` keeps growing.",
            }),
            run: &["$ stop-service city-map"],
            done_text: "The picture stands still, and the lag of `city-map` grows.",
            done: |world| !facts::is_on(world, "city-map") && facts::lag(world, "city-map").is_some_and(|lag| lag >= 15),
            limit: Span::from_secs(90),
        },
        Step {
            title: "Switch it on again",
            text: "`city-map` [1] starts anew, with nothing that it has read in its memory. The brokers keep the group's committed \
                   offset.",
            scene: scenes::MAP,
            prediction: Some(Prediction {
                question: "Where does `city-map` begin to read?",
                choices: &["At its committed offset", "At the end of the log", "At the beginning of the log"],
                answer: 0,
                because: "The committed offset is the next record to read, so it misses nothing. Only a group that has committed \
                          nothing begins elsewhere: where `auto.offset.reset` says.",
            }),
            run: &["$ start-service city-map"],
            done_text: "It has caught up: the taxis are where the log says.",
            done: |world| {
                facts::runs(world, "city-map").count() > 1
                    && facts::is_on(world, "city-map")
                    && caught_up(world, "city-map")
                    && read_some::<CityMap>(world, "city-map")
            },
            limit: Span::from_secs(60),
        },
        Step {
            title: "Billing crashes",
            text: "`billing` [1] is about to be killed while taxis are on the road: a crash, without a goodbye. Rides go on and end.",
            scene: scenes::BILLING,
            prediction: Some(Prediction {
                question: "What becomes of the rides that end while `billing` is down?",
                choices: &["They are free", "They are charged later", "They cannot end"],
                answer: 1,
                because: "Their `trip_end` records stay in the log. Reading deletes nothing, and not reading loses nothing.",
            }),
            run: &["$ kill-service billing"],
            done_text: "Records pile up after the committed offset of `billing`: its lag grows, and no commit lowers it.",
            done: |world| !facts::is_on(world, "billing") && facts::lag(world, "billing").is_some_and(|lag| lag >= 20),
            limit: Span::from_secs(120),
        },
        Step {
            title: "Billing comes back",
            text: "The new `billing` [1] joins its group. The coordinator still waits for the one that crashed, until \
                   `session.timeout.ms` is over: 10 s here, 45 s by default. Then the partitions are given to the new one.",
            scene: scenes::BILLING,
            prediction: None,
            run: &["$ start-service billing"],
            done_text: "Every ride that ended meanwhile is charged.",
            done: |world| {
                facts::runs(world, "billing").count() > 1 && billing(world).is_some_and(|billing| billed_all(world, billing))
            },
            limit: Span::from_secs(120),
        },
        Step {
            title: "Between charging and committing",
            text: "`billing` [1] is told to stand still at its weakest moment: the wallet is charged, and the offset is not \
                   committed. Wait for the next ride to end.",
            scene: scenes::NOT_COMMITTED,
            prediction: None,
            run: &["$ tell-service billing breakpoint on"],
            done_text: "The wallet is charged [3], and nothing is committed: the ▲ has not passed the ride’s end [2].",
            done: |world| billing(world).is_some_and(|billing| billing.phase == BillingPhase::AtBreakpoint),
            limit: Span::from_secs(120),
        },
        Step {
            title: "Crash at the worst moment",
            text: "In this state `billing` is about to be killed, and then started again.",
            scene: scenes::CHARGED_TWICE,
            prediction: Some(Prediction {
                question: "How often is the wallet charged for that ride?",
                choices: &["Never", "Once", "Twice"],
                answer: 2,
                because: "The new `billing` begins at the ▲, and so reads the ride’s end [1] again: at-least-once. A \
                          charge is not undone by a crash. It would take an idempotency key, such as the ride's id, to refuse the \
                          second one.",
            }),
            run: &["$ kill-service billing", "$ start-service billing"],
            done_text: "`wallets` has seen it: charged [2], and charged again [3].",
            done: charged_twice_after_the_breakpoint,
            limit: Span::from_secs(60),
        },
        Step {
            title: "The log is the memory",
            text: "`wallets` [1] keeps the balances in its memory alone, with no database. It is about to be stopped and started again.",
            scene: scenes::WALLETS,
            prediction: Some(Prediction {
                question: "How will it know the balances then?",
                choices: &["It will not: all begin at 100.00", "From the log, payment by payment", "From the last payments alone"],
                answer: 1,
                because: "A program may choose where it begins: `wallets` seeks to the beginning of `payments` and adds everything up again, the double \
                          charge too. Its ▲ does not move: a seek changes the position, not the committed offset.",
            }),
            run: &["$ stop-service wallets", "$ sleep 2", "$ start-service wallets"],
            done_text: "The balances are worked out from the log, with what was paid meanwhile.",
            done: |world| {
                facts::runs(world, "wallets").count() > 1
                    && facts::is_on(world, "wallets")
                    && wallets(world).is_some_and(|wallets| wallets.rebuild.is_done() && !wallets.rides.is_empty())
            },
            limit: Span::from_secs(60),
        },
        Step {
            title: "Read it all again",
            text: "`analytics` [1] is told to go back to the beginning. A seek moves its position; it commits nothing by itself.",
            scene: scenes::ANALYTICS,
            prediction: Some(Prediction {
                question: "Does `billing` charge the old rides again, now that `analytics` reads them again?",
                choices: &["Yes, each of them", "No, `billing` is not affected", "Only those of the last minute"],
                answer: 1,
                because: "Each group has its own position. What one group reads, or reads again, is nothing to another.",
            }),
            run: &["$ tell-service analytics replay beginning"],
            done_text: "All events are counted again, from the first ride on.",
            done: |world| {
                analytics(world).is_some_and(|analytics| analytics.core.replays >= 1)
                    && facts::is_on(world, "analytics")
                    && facts::behind(world, "analytics").is_some_and(|behind| behind <= CAUGHT_UP_LAG)
            },
            limit: Span::from_secs(60),
        },
        Step {
            title: "A disk is lost",
            text: "The view Cluster shows three brokers. Each keeps a copy of every payment. Broker 1 [1] leads a partition of `payments`; \
                   it is about to crash, and to lose its disk for ever.",
            scene: scenes::FIRST_BROKER,
            prediction: Some(Prediction {
                question: "What will become of the payments that broker 1 has?",
                choices: &["They are lost", "They are kept: the others have them", "`billing` has to write them again"],
                answer: 1,
                because: "`billing` writes with `acks=all`: a payment counts as written when all in-sync replicas have it, at least two \
                          (`min.insync.replicas`). One of these leads now. It is so whichever broker is lost.",
            }),
            run: &["$ wipe-disk 1"],
            done_text: "Every payment is there. Select one and ask: is my record safe?",
            done: |world| without_broker(world, FIRST_BROKER) && wallets_find_all(world),
            limit: Span::from_secs(60),
        },
        Step {
            title: "Three settings",
            text: "`replication.factor=3`, `min.insync.replicas=2` and `acks=all` keep a payment together. Broker 1 [1] starts with its \
                   empty disk and fetches all of it anew.",
            scene: scenes::FIRST_BROKER,
            prediction: Some(Prediction {
                question: "Suppose `billing` wrote with `acks=1`, and the leader’s disk is lost just after its answer. The payment?",
                choices: &[
                    "Kept: the followers have it",
                    "Lost, though `billing` was told that it is written",
                    "Sent again by `billing`",
                ],
                answer: 1,
                because: "`acks=1` is answered when the leader alone has it. `replication.factor=1` leaves no other copy. \
                          `min.insync.replicas=1` lets `acks=all` mean the leader alone. Each of them alone is enough to lose it.",
            }),
            run: &["$ start-broker 1"],
            done_text: "Broker 1 has fetched everything, and is in sync: three copies again.",
            done: |world| {
                world.broker(FIRST_BROKER).is_some_and(|broker| broker.running)
                    && ["rides", "payments"].iter().all(|topic| facts::is_in_sync(world, topic, FIRST_BROKER))
            },
            limit: Span::from_secs(60),
        },
    ],
    goals: &[
        Goal {
            text: "Let three drivers be paid.",
            met: |world| wallets(world).is_some_and(|wallets| wallets.drivers.values().filter(|cents| **cents > 0).count() >= 3),
        },
        Goal { text: "Kill `drivers` and start it again: no ride is forgotten.", met: no_ride_is_forgotten },
        Goal {
            text: "Lose a broker, and keep every payment.",
            met: |world| {
                let out = world.cluster().broker_ids.iter().any(|id| without_broker(world, *id));
                out && wallets_find_all(world)
            },
        },
        Goal {
            text: "Have a ride charged twice.",
            met: |world| wallets(world).is_some_and(|wallets| !wallets.charged_twice.is_empty()),
        },
        Goal {
            text: "Write a record to `rides` that makes no sense, and see that the services go on.",
            met: |world| billing(world).is_some_and(|billing| billing.core.skipped >= 1) && facts::is_on(world, "billing"),
        },
    ],
};

/// Do drivers run again after a crash, and go on with every ride that the crashed run had under way?
fn no_ride_is_forgotten(world: &World) -> bool {
    let Some(now) = facts::state::<Drivers>(world, "drivers").filter(|_| facts::is_on(world, "drivers")) else {
        return false;
    };
    let killed = |run: &&ProgramEntry| matches!(run.status, ProgramStatus::Killed { .. });
    let crashed = facts::runs(world, "drivers").skip(1).find(killed).and_then(|run| run.state::<Drivers>());
    let kept = |crashed: &Drivers| !crashed.rides.is_empty() && crashed.rides.iter().all(|open| now.knows(&open.ride));
    now.rebuild.is_done() && now.completed >= 1 && crashed.is_some_and(kept)
}

/// The broker whose disk the tour takes away: it leads a partition of each topic.
const FIRST_BROKER: BrokerId = BrokerId(1);

/// Is the broker out, and is all led by others?
fn without_broker(world: &World, broker: BrokerId) -> bool {
    facts::is_out(world, broker) && ["rides", "payments"].iter().all(|topic| facts::is_led_without(world, topic, broker))
}

/// Drivers were paid, and the logs hold all that wallets has read of it.
fn wallets_find_all(world: &World) -> bool {
    let paid = wallets(world).is_some_and(|wallets| wallets.rides.iter().any(|ride| ride.driver_paid));
    let consumer = wallets(world).and_then(|wallets| wallets.core.consumer()).and_then(|id| world.consumer(id));
    let holds =
        |partition: &TopicPartition, position: Offset| facts::log_end_offset(world, partition).is_some_and(|end| end >= position);
    paid && consumer.is_some_and(|consumer| {
        let assignment = consumer.assignment();
        !assignment.is_empty()
            && assignment.iter().all(|partition| consumer.position(partition).is_some_and(|position| holds(partition, position)))
    })
}

/// Places in `RIDE_EVENTS`.
const ACCEPTED: usize = 2;
const ENDED: usize = 6;
/// So few records behind counts as caught up: telemetry comes all the time, and offsets are committed in steps.
const CAUGHT_UP_LAG: i64 = 8;

fn analytics(world: &World) -> Option<&Analytics> {
    facts::state(world, "analytics")
}

fn wallets(world: &World) -> Option<&Wallets> {
    facts::state(world, "wallets")
}

fn billing(world: &World) -> Option<&Billing> {
    facts::state(world, "billing")
}

/// Events of a kind that analytics has counted.
fn count(world: &World, kind: usize) -> u64 {
    analytics(world).map_or(0, |analytics| analytics.counts[kind])
}

fn caught_up(world: &World, group: &str) -> bool {
    facts::lag(world, group).is_some_and(|lag| lag <= CAUGHT_UP_LAG)
}

/// Has billing read what is written, and is nothing left to charge?
fn billed_all(world: &World, billing: &Billing) -> bool {
    let read_all = billing.core.consumer().and_then(|id| world.consumer(id)).is_some_and(|consumer| {
        let at_end = |partition: &TopicPartition| {
            // Telemetry comes all the time: the end itself is reached for moments only.
            let end = facts::log_end_offset(world, partition);
            let read = consumer.position(partition);
            end.zip(read).is_some_and(|(end, read)| end.0 - read.0 <= CAUGHT_UP_LAG)
        };
        let assignment = consumer.assignment();
        !assignment.is_empty() && assignment.iter().all(at_end)
    });
    read_all && billing.queue.is_empty() && billing.phase == BillingPhase::Waiting
}

/// Has this run read anything?
fn read_some<T: 'static>(world: &World, name: &str) -> bool {
    let entry = world.program_named(name).filter(|entry| entry.state::<T>().is_some());
    entry.and_then(super::core).is_some_and(|core| core.read > 0)
}

/// A billing that died at its breakpoint left a ride charged and not committed; the one that came after charged it again.
fn charged_twice_after_the_breakpoint(world: &World) -> bool {
    let twice = |ride: &str| wallets(world).is_some_and(|wallets| wallets.charged_twice.iter().any(|charged| charged == ride));
    facts::runs(world, "billing")
        .skip(1)
        .filter_map(|entry| entry.state::<Billing>())
        .any(|dead| dead.phase == BillingPhase::AtBreakpoint && dead.current.as_ref().is_some_and(|bill| twice(&bill.ride)))
}
