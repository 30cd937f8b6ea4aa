//! The tour "Who reads what". Each step's condition is a question to the world, so that it holds from wherever one is.

use super::facts::{PARTITIONS, classic, commits_everywhere, is_all_read, is_stable, members, modern, owned_by, shares};
use super::{group, member};
use crate::base::Span;
use crate::engine::World;
use crate::scenario::parts::facts;
use crate::scenario::parts::tour::{Goal, Prediction, Step, Tour};

const KITCHEN: &str = "kitchen";
const AUDIT: &str = "audit";
const ARCHIVE: &str = "archive";

/// A console consumer in a terminal of its own.
macro_rules! consumer {
    ($terminal:literal, $group:literal, $more:literal) => {
        concat!(
            "@",
            $terminal,
            " $ kafka-console-consumer.sh --topic orders --group ",
            $group,
            " --formatter-property print.partition=true",
            $more,
            " --bootstrap-server localhost:9092"
        )
    };
}

pub const TOUR: Tour = Tour {
    steps: &[
        Step {
            title: "One reads everything",
            text: "A till writes orders to a topic, `orders`, of four partitions. One consumer, `c1`, joins the group `kitchen`. \
                   It is alone in it, so all four partitions are its own.",
            scene: group(KITCHEN, &[member(1, "c1")]),
            prediction: None,
            run: &[consumer!("c1", "kitchen", "")],
            done_text: "`c1` [1] owns partitions 0 to 3. Groups shows since when.",
            done: |world| is_all_read(world, KITCHEN) && commits_everywhere(world, KITCHEN),
            limit: Span::from_secs(60),
        },
        Step {
            title: "A second joins",
            text: "`c2` joins the same group. `c1` [1] learns of it with its next heartbeat, at most 3 seconds later.",
            scene: group(KITCHEN, &[member(1, "c1"), member(2, "c2")]),
            prediction: Some(Prediction {
                question: "Four partitions, two members. Who reads what then?",
                choices: &["Both read all four", "Each reads two", "`c2` waits until `c1` leaves"],
                answer: 1,
                because: "Within a group a partition has one owner. Kafka’s default list of assignors works as `range`: 4 / 2 = 2 \
                          in a row for each. It is eager: both gave up everything first, and for a moment nobody read.",
            }),
            run: &[consumer!("c2", "kitchen", "")],
            done_text: "Two each, for `c1` [1] and for `c2` [2]. In Groups the rebalance stands step by step.",
            done: |world| is_settled(world, ["c1", "c2"]),
            limit: Span::from_secs(60),
        },
        Step {
            title: "A third",
            text: "Now `c3`. Four does not divide by three, and a partition cannot be split.",
            scene: group(KITCHEN, &[member(1, "c3")]),
            prediction: Some(Prediction {
                question: "How are four partitions shared by three members?",
                choices: &["2, 1 and 1", "1 each, and one stays unread", "They take turns"],
                answer: 0,
                because: "4 / 3 = 1, and 1 is left over: `range` gives it to the first member by id. “Why this assignment?” in \
                          Groups does this sum for any group.",
            }),
            run: &[consumer!("c3", "kitchen", "")],
            done_text: "Two, one and one. The third is [1]; ask Groups why.",
            done: |world| is_settled(world, ["c1", "c2", "c3"]),
            limit: Span::from_secs(60),
        },
        Step {
            title: "One too many",
            text: "Two more join: five members, four partitions.",
            scene: group(KITCHEN, &[member(1, "c4"), member(2, "c5")]),
            prediction: Some(Prediction {
                question: "What does the fifth member read?",
                choices: &["Half of a partition", "The same as another member", "Nothing"],
                answer: 2,
                because: "No partition is left. It stays a member, sends heartbeats, and would take over if another left. More \
                          readers at once need more partitions.",
            }),
            run: &[consumer!("c4", "kitchen", ""), consumer!("c5", "kitchen", "")],
            done_text: "With `c4` [1] and `c5` [2], four members own one partition each, and one owns none.",
            done: |world| is_all_read(world, KITCHEN) && idle(world, KITCHEN) >= 1,
            limit: Span::from_secs(60),
        },
        Step {
            title: "Another group reads it all again",
            text: "`a1` joins another group, `audit`, and begins at the first order.",
            scene: group(AUDIT, &[member(1, "a1")]),
            prediction: Some(Prediction {
                question: "What does that change for the `kitchen`?",
                choices: &["It loses partitions to `audit`", "It misses the orders that `audit` reads", "Nothing"],
                answer: 2,
                because: "Reading takes nothing away. Each group has its own members, its own assignment and its own committed \
                          offsets. Only within a group are partitions shared out.",
            }),
            run: &[consumer!("a1", "audit", " --from-beginning --command-property group.protocol=consumer")],
            done_text: "`a1` [1] has read every order from the first on. The `kitchen` did not notice.",
            done: |world| is_all_read(world, AUDIT) && has_read_all(world, AUDIT) && is_all_read(world, KITCHEN),
            limit: Span::from_secs(60),
        },
        Step {
            title: "A rebalance without a stop",
            text: "`audit` uses the newer protocol (KIP-848): its coordinator assigns, and tells each member with its heartbeat what \
                   to change. Now `a2` joins it.",
            scene: group(AUDIT, &[member(1, "a1"), member(2, "a2")]),
            prediction: Some(Prediction {
                question: "What does `a1` do meanwhile?",
                choices: &[
                    "It stops reading until `a2` has its share",
                    "It reads on, and gives up two partitions",
                    "It keeps all four",
                ],
                answer: 1,
                because: "Only what changes hands pauses: `a1` gave up two partitions and kept two. With `range` the whole `kitchen` \
                          stopped; `cooperative-sticky`, of the older protocol, spares what stays too, but needs two rounds.",
            }),
            run: &[consumer!("a2", "audit", " --command-property group.protocol=consumer")],
            done_text: "Two each, for `a1` [1] and `a2` [2]. Compare “no reader” in Groups for `audit` and for `kitchen`.",
            done: |world| shares(world, AUDIT, ["a1", "a2"]) == [2, 2] && is_stable(world, AUDIT),
            limit: Span::from_secs(60),
        },
        Step {
            title: "Members with a name",
            text: "`s1` and `s2` are static members of a third group: each has a `group.instance.id`, a name that outlives a restart.",
            scene: group(ARCHIVE, &[member(1, "s1"), member(2, "s2")]),
            prediction: None,
            run: &[
                consumer!("s1", "archive", " --command-property group.instance.id=s1"),
                consumer!("s2", "archive", " --command-property group.instance.id=s2"),
            ],
            done_text: "Two each, for `s1` [1] and for `s2` [2] by name.",
            done: |world| named(world) == 2 && is_stable(world, ARCHIVE) && shares(world, ARCHIVE, ["s1", "s2"]) == [2, 2],
            limit: Span::from_secs(60),
        },
        Step {
            title: "A restart that nobody notices",
            text: "`s1` is stopped, and started again five seconds later: a new version is rolled out.",
            scene: group(ARCHIVE, &[member(1, "s1"), member(2, "s2")]),
            prediction: Some(Prediction {
                question: "What becomes of the partitions of `s1` meanwhile?",
                choices: &["`s2` takes them, and gives them back", "They wait for `s1`", "They stay with `s2`"],
                answer: 1,
                because: "A static member does not leave when it stops. Its partitions wait, unread, until `session.timeout.ms` (45 s \
                          by default); whoever comes back under the name gets them. The generation is the same: no rebalance.",
            }),
            run: &["@s1 ^C", "$ sleep 5", consumer!("s1", "archive", " --command-property group.instance.id=s1")],
            done_text: "`s1` [1] has its two again, and `s2` [2] was never interrupted.",
            done: came_back_by_name,
            limit: Span::from_secs(60),
        },
    ],
    goals: &[
        Goal {
            text: "Let a member go without a partition.",
            met: |world| is_all_read(world, KITCHEN) && idle(world, KITCHEN) >= 1,
        },
        Goal {
            text: "Let two groups read every order, each for itself.",
            met: |world| commits_everywhere(world, KITCHEN) && commits_everywhere(world, AUDIT),
        },
        Goal {
            text: "Share partitions under the newer protocol.",
            met: |world| modern(world, AUDIT).is_some_and(|group| group.members.len() >= 2) && is_all_read(world, AUDIT),
        },
        Goal { text: "Restart a member without a rebalance.", met: came_back_by_name },
    ],
};

/// Is the group kitchen at rest, all of it read, and is each of these a member?
fn is_settled<const N: usize>(world: &World, names: [&str; N]) -> bool {
    let joined = names.iter().all(|name| owned_by(world, KITCHEN, name).is_some());
    joined && members(world, KITCHEN) >= N && is_all_read(world, KITCHEN)
}

/// Running members that own nothing.
fn idle(world: &World, group: &str) -> usize {
    let running = world.latest_programs().filter_map(|program| owned_by(world, group, &program.name));
    running.filter(Vec::is_empty).count().min(members(world, group).saturating_sub(PARTITIONS))
}

/// Has the group committed nearly all that there is? Orders come all the time, and offsets are committed every 5 s.
fn has_read_all(world: &World, group: &str) -> bool {
    const NEARLY: i64 = 12;
    commits_everywhere(world, group) && facts::lag(world, group).is_some_and(|lag| lag <= NEARLY)
}

/// Static members of the group archive.
fn named(world: &World) -> usize {
    classic(world, ARCHIVE).map_or(0, |group| group.static_members.len())
}

/// Has s1 started anew in the same generation? Each member that joined made one at most.
fn came_back_by_name(world: &World) -> bool {
    let generation = classic(world, ARCHIVE).map_or(0, |group| group.generation_id);
    facts::runs(world, "s1").count() > 1
        && named(world) == 2
        && generation <= 2
        && is_stable(world, ARCHIVE)
        && shares(world, ARCHIVE, ["s1", "s2"]) == [2, 2]
}
