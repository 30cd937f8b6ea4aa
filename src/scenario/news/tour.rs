//! The tour of the news story. Each step's condition is a question to the world, so that it holds from wherever one is.

use super::scenes;
use super::tv::Tv;
use crate::base::{BrokerId, Span};
use crate::engine::World;
use crate::scenario::parts::facts;
use crate::scenario::parts::tour::{Goal, Prediction, Step, Tour};

pub const TOUR: Tour = Tour {
    steps: &[
        Step {
            title: "On air",
            text: "`newsroom` [1] writes packets to the topic `news`: headlines, weather alerts, frames of video. Three TVs read \
                   them: `tv-1` [2] is one. Each TV is a consumer group of its own.",
            scene: scenes::ON_AIR,
            prediction: None,
            run: &[],
            done_text: "All three show the same news.",
            done: |world| ["tv-1", "tv-2", "tv-3"].iter().all(|name| received(world, name) >= 5),
            limit: Span::from_secs(60),
        },
        Step {
            title: "A channel stays in order",
            text: "A packet's key is its channel. Each channel counts its packets: a TV would notice a missing number.",
            scene: scenes::CHANNEL,
            prediction: Some(Prediction {
                question: "The next weather packet is written. To which of the two partitions?",
                choices: &["To the one with fewer records", "To the one that all weather packets are in", "To both"],
                answer: 1,
                because: "Same key, same partition: `(murmur2(\"weather\") & 0x7fffffff) % 2`. Inside a partition the order holds, so \
                          the sequence numbers arrive one after the other.",
            }),
            run: &[],
            done_text: "Six weather packets, none missed, all in one partition: [1] is the latest.",
            done: |world| tv(world, "tv-1").and_then(|tv| tv.heard("weather")).is_some_and(|heard| heard.highest >= 6),
            limit: Span::from_secs(120),
        },
        Step {
            title: "One more TV",
            text: "A fourth TV [1] is bought and switched on. Its group is new.",
            scene: scenes::TV_4,
            prediction: Some(Prediction {
                question: "What does `tv-4` get?",
                choices: &[
                    "A quarter of the packets",
                    "All packets, from the first on",
                    "All packets that are written from now on",
                ],
                answer: 2,
                because: "Different groups: each gets everything. A group without a committed offset begins \
                          where `auto.offset.reset` says, and its default is `latest`: what was there before is not shown.",
            }),
            run: &["$ start-service tv-4"],
            done_text: "`tv-4` shows everything that is new, and the others lost nothing by it.",
            done: |world| facts::is_on(world, "tv-4") && received(world, "tv-4") >= 5,
            limit: Span::from_secs(60),
        },
        Step {
            title: "Switch one off",
            text: "`tv-2` [1] is switched off. It commits its offsets and leaves its group. The newsroom goes on.",
            scene: scenes::TV_2,
            prediction: None,
            run: &["$ stop-service tv-2"],
            done_text: "LAG is the end of what can be read minus the committed offset: so many packets wait for `tv-2`.",
            done: |world| !facts::is_on(world, "tv-2") && facts::lag(world, "tv-2").is_some_and(|lag| lag >= 20),
            limit: Span::from_secs(90),
        },
        Step {
            title: "Switch it on again",
            text: "`tv-2` [1] starts anew. The set itself remembers nothing.",
            scene: scenes::TV_2,
            prediction: Some(Prediction {
                question: "What does `tv-2` show first?",
                choices: &["What is on right now", "The packet after the last one it showed", "The very first packet"],
                answer: 1,
                because: "The group's committed offset is the next record to read. `auto.offset.reset` does not apply where \
                          there is one.",
            }),
            run: &["$ start-service tv-2"],
            done_text: "It has caught up, and no number is missing.",
            done: |world| {
                facts::runs(world, "tv-2").count() > 1
                    && facts::is_on(world, "tv-2")
                    && received(world, "tv-2") >= 20
                    && facts::lag(world, "tv-2").is_some_and(|lag| lag <= CAUGHT_UP_LAG)
            },
            limit: Span::from_secs(60),
        },
        Step {
            title: "A crash is not a goodbye",
            text: "The plug of `tv-3` [1] is pulled, and put in again. It could not commit. Offsets are committed every 5 s. The \
                   group waits for the old member until `session.timeout.ms` is over: 10 s here, 45 s by default.",
            scene: scenes::TV_3,
            prediction: Some(Prediction {
                question: "What does `tv-3` show when it is back?",
                choices: &[
                    "Packets of the last seconds again, then the rest",
                    "Nothing of what came meanwhile",
                    "Only what is on right now",
                ],
                answer: 0,
                because: "It begins at the last committed offset, which may lie some seconds back: at-least-once. Better \
                          twice than never.",
            }),
            run: &["$ kill-service tv-3", "$ start-service tv-3"],
            done_text: "`tv-3` is back. Numbers that it had shown before are counted as repeated.",
            done: |world| facts::runs(world, "tv-3").count() > 1 && facts::is_on(world, "tv-3") && received(world, "tv-3") >= 5,
            limit: Span::from_secs(90),
        },
        Step {
            title: "Replay",
            text: "`tv-1` [1] is told to go back to the beginning. That moves its position. Its committed offset stays until the \
                   next commit.",
            scene: scenes::TV_1,
            prediction: Some(Prediction {
                question: "What happens to the other TVs?",
                choices: &["They go back too", "Nothing", "They wait for `tv-1`"],
                answer: 1,
                because: "Reading deletes nothing, and each group has its own position. The records were there all the time.",
            }),
            run: &["$ tell-service tv-1 replay beginning"],
            done_text: "Old packets on `tv-1`, new ones on the others.",
            done: |world| tv(world, "tv-1").is_some_and(|tv| tv.core.replays >= 1 && repeated(tv) >= 20),
            limit: Span::from_secs(60),
        },
        Step {
            title: "A desk writes everything down",
            text: "`transcription-1` [1] writes down what it hears. It begins with the first packet: its `auto.offset.reset` is `earliest`.",
            scene: scenes::DESK,
            prediction: None,
            run: &["$ start-service transcription-1"],
            done_text: "Alone in its group, a member has all partitions.",
            done: |world| facts::is_settled(world, "transcription-1") && desks(world).iter().sum::<usize>() == 2,
            limit: Span::from_secs(60),
        },
        Step {
            title: "Two share the work",
            text: "`transcription-2` [2] joins the same group. The group rebalances.",
            scene: scenes::TWO_DESKS,
            prediction: Some(Prediction {
                question: "Two members, two partitions: who reads what?",
                choices: &["Both read everything", "One partition each", "The second waits until the first stops"],
                answer: 1,
                because: "Inside a group each partition belongs to one member, so each packet is written down once. The \
                          TVs are a broadcast; the desks are a split.",
            }),
            run: &["$ start-service transcription-2"],
            done_text: "One partition each, for [1] and [2].",
            done: |world| shared_by_two(world) && settled_desks(world) >= 2,
            limit: Span::from_secs(60),
        },
        Step {
            title: "One too many",
            text: "A third desk [1] joins.",
            scene: scenes::THREE_DESKS,
            prediction: Some(Prediction {
                question: "Three members, two partitions: what does the third get?",
                choices: &["A third of each partition", "Nothing", "The newest packets of both"],
                answer: 1,
                because: "A partition is never divided. Members beyond the number of partitions are idle, ready to take \
                          over.",
            }),
            run: &["$ start-service transcription-3"],
            done_text: "One of the three is idle.",
            done: |world| shared_by_two(world) && settled_desks(world) >= 3,
            limit: Span::from_secs(60),
        },
        Step {
            title: "The idle one takes over",
            text: "`transcription-1` [1] says goodbye. A clean leave is noticed at once.",
            scene: scenes::ONE_LEAVES,
            prediction: None,
            run: &["$ stop-service transcription-1"],
            done_text: "The two that are left have one partition each, and go on where the group had committed.",
            done: |world| !facts::is_on(world, "transcription-1") && shared_by_two(world) && settled_desks(world) >= 2,
            limit: Span::from_secs(60),
        },
        Step {
            title: "A broker dies mid-broadcast",
            text: "The view Cluster shows three brokers. Each keeps a copy of both partitions, and broker 1 [1] leads the first. Now \
                   broker 1 crashes.",
            scene: scenes::FIRST_BROKER,
            prediction: Some(Prediction {
                question: "What do the TVs miss?",
                choices: &[
                    "All that broker 1 had stored",
                    "The packets of those seconds until another broker leads",
                    "Nothing: they stand still for some seconds, then go on",
                ],
                answer: 2,
                because: "After 9 s without a heartbeat (`broker.session.timeout.ms`) the controller lets another in-sync replica \
                          lead, and it has every committed packet. What the newsroom could not send meanwhile it sends again.",
            }),
            run: &["$ kill-broker 1 --crash"],
            done_text: "Another broker leads, and the TVs are at the end again. No number is missing.",
            done: |world| {
                facts::is_out(world, FIRST_BROKER) && facts::is_led_without(world, "news", FIRST_BROKER) && all_caught_up(world)
            },
            limit: Span::from_secs(120),
        },
        Step {
            title: "It comes back",
            text: "Broker 1 [1] starts on the disk that it has. Its copy ends where it crashed.",
            scene: scenes::FIRST_BROKER,
            prediction: Some(Prediction {
                question: "Who leads the first partition when broker 1 is back?",
                choices: &["Broker 1, at once", "The broker that leads it now", "Nobody, until broker 1 has caught up"],
                answer: 1,
                because: "It comes back as a follower, fetches what it missed, and is in sync again. Leadership goes back to the \
                          preferred replica later: every 5 minutes, or by `kafka-leader-election.sh`.",
            }),
            run: &["$ start-broker 1"],
            done_text: "Broker 1 has fetched what it missed. Three copies again.",
            done: |world| {
                world.broker(FIRST_BROKER).is_some_and(|broker| broker.running) && facts::is_in_sync(world, "news", FIRST_BROKER)
            },
            limit: Span::from_secs(60),
        },
    ],
    goals: &[
        Goal { text: "Have five TVs on at once.", met: |world| sets_on(world) >= 5 },
        Goal {
            text: "Lose a broker, and let every TV that is on show every number.",
            met: |world| {
                let out = world
                    .cluster()
                    .broker_ids
                    .iter()
                    .any(|id| facts::is_out(world, *id) && facts::is_led_without(world, "news", *id));
                out && all_caught_up(world) && super::tvs(world).iter().all(|tv| !tv.power.is_on() || tv.missed == 0)
            },
        },
        Goal {
            text: "Let a TV be 100 packets behind, then catch up without a gap.",
            met: |world| {
                // A set that reads more than a hundred packets that were written before it was switched on.
                super::tvs(world).iter().any(|tv| tv.power.is_on() && tv.missed == 0 && caught_up_from_afar(world, &tv.name))
            },
        },
        Goal {
            text: "Replay a TV from an offset or a time.",
            met: |world| tvs(world).any(|(_, tv)| tv.core.replays >= 1 && repeated(tv) >= 1),
        },
        Goal {
            text: "Write a packet that makes no sense, and see that the TVs go on.",
            met: |world| tvs(world).any(|(name, tv)| tv.core.skipped >= 1 && facts::is_on(world, name)),
        },
    ],
};

/// The broker that the tour lets crash: it leads the first partition of news.
const FIRST_BROKER: BrokerId = BrokerId(1);

/// So few records behind counts as caught up: offsets are committed every few seconds only.
const CAUGHT_UP_LAG: i64 = 5;

fn tv<'w>(world: &'w World, name: &str) -> Option<&'w Tv> {
    facts::state(world, name)
}

/// All TVs that were ever switched on, each in its latest run.
fn tvs(world: &World) -> impl Iterator<Item = (&str, &Tv)> {
    world.latest_programs().filter_map(|entry| Some((&*entry.name, entry.state::<Tv>()?)))
}

fn sets_on(world: &World) -> usize {
    tvs(world).filter(|(name, _)| facts::is_on(world, name)).count()
}

/// Are TVs on, and all of them at the end of what is written?
fn all_caught_up(world: &World) -> bool {
    let mut on = tvs(world).filter(|(name, _)| facts::is_on(world, name)).peekable();
    on.peek().is_some() && on.all(|(name, _)| facts::behind(world, name).is_some_and(|behind| behind <= CAUGHT_UP_LAG))
}

/// Packets that a TV's latest run has read.
fn received(world: &World, name: &str) -> u64 {
    tv(world, name).map_or(0, |tv| tv.received)
}

fn repeated(tv: &Tv) -> u64 {
    tv.channels.iter().map(|heard| heard.repeated).sum()
}

/// Numbers of partitions of the desks that run, joined or not.
fn desks(world: &World) -> Vec<usize> {
    super::desks(world).iter().filter(|desk| desk.power.is_on()).map(|desk| desk.partitions.len()).collect()
}

/// Both partitions are read, by two desks.
fn shared_by_two(world: &World) -> bool {
    let desks = desks(world);
    desks.iter().sum::<usize>() == 2 && desks.iter().filter(|count| **count == 1).count() == 2
}

/// Desks that the group has told what is theirs, be it nothing.
fn settled_desks(world: &World) -> usize {
    super::desks(world).iter().filter(|desk| facts::is_settled(world, &desk.name)).count()
}

/// Did this run begin 100 packets or more behind, and is it at the end now?
fn caught_up_from_afar(world: &World, name: &str) -> bool {
    let behind = tv(world, name).map_or(0, |tv| tv.behind_at_start);
    behind >= 100 && facts::lag(world, name).is_some_and(|lag| lag <= CAUGHT_UP_LAG)
}
