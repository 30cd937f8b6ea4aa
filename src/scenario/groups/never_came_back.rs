//! The tour "The consumer that never came back". Each step's condition is a question to the world, so that it holds from
//! wherever one is.

use super::clerk::{CLERKS, Clerk};
use super::facts::{
    PARTITIONS, commits_everywhere, is_ahead, is_all_read, is_printed_twice, is_stable, killed_for, members, owned_by, shares,
};
use super::{group, member};
use crate::base::Span;
use crate::engine::World;
use crate::scenario::parts::facts;
use crate::scenario::parts::power::Power;
use crate::scenario::parts::tour::{Goal, Prediction, Step, Tour};

const KITCHEN: &str = "kitchen";
const COOKS: [&str; 4] = ["c1", "c2", "c3", "c4"];

/// A console consumer of the kitchen. It commits rarely, so that a crash always leaves something uncommitted.
macro_rules! cook {
    ($terminal:literal, $more:literal) => {
        concat!(
            "@",
            $terminal,
            " $ kafka-console-consumer.sh --topic orders --group kitchen --from-beginning --formatter-property print.partition=true",
            " --command-property auto.commit.interval.ms=15000",
            $more,
            " --bootstrap-server localhost:9092"
        )
    };
}

pub const TOUR: Tour = Tour {
    steps: &[
        Step {
            title: "One partition each",
            text: "Four consumers join the group `kitchen` and print the orders that they have processed. Each commits its offsets \
                   every 15 seconds (`auto.commit.interval.ms`; 5 seconds by default).",
            scene: group(KITCHEN, &[member(1, "c2")]),
            prediction: None,
            run: &[cook!("c1", ""), cook!("c2", ""), cook!("c3", " --command-property session.timeout.ms=10000"), cook!("c4", "")],
            done_text: "One partition each, committed once. `c2` [1] has printed more since then.",
            done: |world| {
                shares(world, KITCHEN, COOKS) == [1; 4]
                    && is_all_read(world, KITCHEN)
                    && commits_everywhere(world, KITCHEN)
                    && is_ahead(world, KITCHEN, "c2")
            },
            limit: Span::from_secs(60),
        },
        Step {
            title: "One dies",
            text: "`c2` [1] crashes. It sends no goodbye, and no heartbeat any more. The others are told nothing.",
            scene: group(KITCHEN, &[member(1, "c2")]),
            prediction: None,
            run: &["$ kill-service c2"],
            done_text: "Nobody reads the partition of `c2`, and orders pile up in it. In Groups its session clock runs down.",
            done: |world| {
                let unnoticed = members(world, KITCHEN) > running(world, KITCHEN);
                unnoticed && killed_for(world, "c2").is_some_and(|ago| ago >= Span::from_secs(10))
            },
            limit: Span::from_secs(30),
        },
        Step {
            title: "How long?",
            text: "The coordinator waits. It cannot tell a dead consumer from a slow network.",
            scene: group(KITCHEN, &[]),
            prediction: Some(Prediction {
                question: "How long after the crash does someone else read that partition?",
                choices: &["About 3 seconds", "About 45 seconds", "5 minutes"],
                answer: 1,
                because: "`session.timeout.ms` is 45 s by default, counted from the last heartbeat (one each 3 s). Then the \
                          coordinator removes `c2`, and a rebalance gives its partition to another.",
            }),
            run: &[],
            done_text: "The coordinator has given `c2` up. Its partition has a new owner.",
            done: |world| killed_for(world, "c2").is_some() && is_all_read(world, KITCHEN),
            limit: Span::from_secs(90),
        },
        Step {
            title: "Printed twice",
            text: "`c2` had printed orders that it had not committed yet. Compare its terminal with that of the new owner.",
            scene: group(KITCHEN, &[]),
            prediction: Some(Prediction {
                question: "Where does the new owner begin?",
                choices: &[
                    "After the last order that `c2` printed",
                    "At the offset that `c2` committed last",
                    "At the end of the log",
                ],
                answer: 1,
                because: "The committed offset is all that the group knows. What was processed after it is processed again: \
                          at-least-once. No order is lost; some come twice.",
            }),
            run: &[],
            done_text: "The last order that `c2` printed stands in another terminal too.",
            done: |world| is_printed_twice(world, "c2"),
            limit: Span::from_secs(60),
        },
        Step {
            title: "A shorter session",
            text: "`c3` was started with `session.timeout.ms=10000`. Now it crashes as well.",
            scene: group(KITCHEN, &[]),
            prediction: Some(Prediction {
                question: "What does the shorter timeout cost?",
                choices: &["Nothing: it is always better", "A pause of 10 s counts as a crash", "Three times as many heartbeats"],
                answer: 1,
                because: "The crash is noticed after 10 s at most. But a member that a network fault or a long pause keeps silent \
                          for 10 s is given up too, and its partitions move for nothing.",
            }),
            run: &["$ kill-service c3"],
            done_text: "Given up after 10 seconds, and read by another.",
            done: |world| killed_for(world, "c3").is_some() && is_all_read(world, KITCHEN),
            limit: Span::from_secs(40),
        },
        Step {
            title: "A goodbye",
            text: "`c4` is stopped, not killed: it commits, leaves its group and ends.",
            scene: group(KITCHEN, &[member(1, "c1")]),
            prediction: Some(Prediction {
                question: "How long are its partitions unread?",
                choices: &["45 seconds", "3 seconds at most", "Until `c4` is back"],
                answer: 1,
                because: "It left (`LeaveGroup`), so the rebalance began at once. `c1` joins it with its next heartbeat, and begins \
                          where `c4` had committed: nothing is read twice. Close a consumer, and it does all this.",
            }),
            run: &["@c4 ^C"],
            done_text: "`c1` [1] owns all four, a moment after the goodbye.",
            done: |world| facts::power(world, "c4") == Power::Stopped && is_all_read(world, KITCHEN),
            limit: Span::from_secs(30),
        },
        Step {
            title: "Alive, but too slow",
            text: "Two clerks, a group of their own, commit when all that a poll returned is done. They have to poll again within \
                   15 seconds (`max.poll.interval.ms`; 5 minutes by default). Now `clerk-1` [1] takes 6 seconds for each order.",
            scene: group(CLERKS, &[member(1, "clerk-1"), member(2, "clerk-2")]),
            prediction: Some(Prediction {
                question: "Its heartbeats go on. Does it keep its partitions?",
                choices: &["Yes: it is alive", "No: it leaves by itself", "No: the coordinator removes it"],
                answer: 1,
                because: "Heartbeats come from a thread of their own. The consumer itself sees that poll is overdue, and leaves: \
                          another may get on with the work.",
            }),
            run: &["$ slow-consumer clerk-1 6000"],
            done_text: "The poll clock of `clerk-1` ran out. `clerk-2` [2] has its partitions.",
            done: |world| facts::is_on(world, "clerk-1") && owns_all_but(world, "clerk-1"),
            limit: Span::from_secs(90),
        },
        Step {
            title: "Too late to commit",
            text: "`clerk-1` [1] knows nothing of it yet. It finishes its orders, and then commits them.",
            scene: group(CLERKS, &[member(1, "clerk-1"), member(2, "clerk-2")]),
            prediction: Some(Prediction {
                question: "What becomes of this commit?",
                choices: &["It counts", "It is refused", "It waits until `clerk-1` is back"],
                answer: 1,
                because: "Whoever is no member may not commit (`CommitFailedException`): the partitions are another’s now, who reads \
                          the same orders again. `clerk-1` polls, and joins anew.",
            }),
            run: &[],
            done_text: "Refused. All that work was done twice: `clerk-2` [2] reads the same orders.",
            done: |world| refused(world, "clerk-1") >= 1,
            limit: Span::from_secs(120),
        },
        Step {
            title: "Smaller portions",
            text: "`clerk-1` [1] is quick again. A new one, `small-clerk`, is as slow as it was, but takes two orders with each poll \
                   at most: `max.poll.records=2`, not 500.",
            scene: group(CLERKS, &[member(1, "clerk-1"), member(2, "small-clerk")]),
            prediction: Some(Prediction {
                question: "6 seconds for each order. Does `small-clerk` stay a member?",
                choices: &["Yes", "No: it leaves as well"],
                answer: 0,
                because: "2 × 6 s = 12 s, less than 15 s. It polls in time, and its commits count. It is as slow as before: its lag \
                          grows, until there are more members, or faster ones.",
            }),
            run: &["$ slow-consumer clerk-1 0", "$ start-service small-clerk", "$ slow-consumer small-clerk 6000"],
            done_text: "`small-clerk` [2]: three portions done and committed, none refused.",
            done: stays,
            limit: Span::from_secs(180),
        },
    ],
    goals: &[
        Goal { text: "Have an order processed twice.", met: |world| COOKS.iter().any(|name| is_printed_twice(world, name)) },
        Goal {
            text: "Let a consumer say goodbye, and another read on.",
            met: |world| facts::power(world, "c4") == Power::Stopped && is_all_read(world, KITCHEN),
        },
        Goal {
            text: "Have a commit refused.",
            met: |world| ["clerk-1", "clerk-2", "small-clerk"].iter().any(|name| refused(world, name) >= 1),
        },
        Goal { text: "Keep a slow member in its group.", met: stays },
    ],
};

/// Running programs with a consumer of the group.
fn running(world: &World, group: &str) -> usize {
    world.latest_programs().filter(|program| owned_by(world, group, &program.name).is_some()).count()
}

/// Is this clerk no member any more, and all read by others? It thinks of its partitions as its own until it polls.
fn owns_all_but(world: &World, name: &str) -> bool {
    let others = world.latest_programs().filter(|program| &*program.name != name);
    let owned = others.filter_map(|program| owned_by(world, CLERKS, &program.name));
    members(world, CLERKS) < running(world, CLERKS)
        && is_stable(world, CLERKS)
        && owned.map(|owned| owned.len()).sum::<usize>() == PARTITIONS
}

fn refused(world: &World, name: &str) -> u32 {
    facts::state::<Clerk>(world, name).map_or(0, |clerk| clerk.refused)
}

/// Does the clerk with small portions commit, slow as it is?
fn stays(world: &World) -> bool {
    let slow = world.program_named("small-clerk").is_some_and(|program| program.is_running() && program.record_time.is_some());
    let clerk = facts::state::<Clerk>(world, "small-clerk");
    slow && clerk.is_some_and(|clerk| clerk.committed >= 3)
}
