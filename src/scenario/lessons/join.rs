//! What does it cost that a third member joins, and that one leaves? Three protocols, one script.

use super::{Lesson, LessonStep, Looks, Setting, Variant};

const SCRIPT: &str = "\
# A member joins
! seed 7
! brokers 1
! latency 50
! at 0
$ kafka-topics.sh --bootstrap-server {bootstrap} --create --topic rides --partitions 6
! at 2
@p $ kafka-verifiable-producer.sh --bootstrap-server {bootstrap} --topic rides --throughput 2
! at 4
@c1 $ kafka-console-consumer.sh --bootstrap-server {bootstrap} --topic rides --group g --command-property group.protocol={protocol} --command-property {assignor}
! at 5
@c2 $ kafka-console-consumer.sh --bootstrap-server {bootstrap} --topic rides --group g --command-property group.protocol={protocol} --command-property {assignor}
! at 30
@c3 $ kafka-console-consumer.sh --bootstrap-server {bootstrap} --topic rides --group g --command-property group.protocol={protocol} --command-property {assignor}
! at 45
@c2 ^C
! at 60
";

pub(super) const LESSON: Lesson = Lesson {
    name: "join",
    title: "A member joins",
    text: "Two consumers share six partitions. A third joins, later one leaves. The same script runs three times; only the way \
           in which the group hands out its partitions differs. Watch how long nobody reads a partition, and which partitions \
           change their reader without need.",
    script: SCRIPT,
    brokers: 1,
    variants: &[
        Variant {
            title: "Eager: all stop, then all share",
            settings: &[
                Setting { placeholder: "{protocol}", value: "classic", shown: "group.protocol=classic" },
                Setting {
                    placeholder: "{assignor}",
                    value: "partition.assignment.strategy=org.apache.kafka.clients.consumer.RangeAssignor",
                    shown: "RangeAssignor",
                },
            ],
        },
        Variant {
            title: "Cooperative: what moves stops",
            settings: &[
                Setting { placeholder: "{protocol}", value: "classic", shown: "group.protocol=classic" },
                Setting {
                    placeholder: "{assignor}",
                    value: "partition.assignment.strategy=org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
                    shown: "CooperativeStickyAssignor",
                },
            ],
        },
        Variant {
            title: "KIP-848: each is led on its own",
            settings: &[
                Setting { placeholder: "{protocol}", value: "consumer", shown: "group.protocol=consumer" },
                Setting {
                    placeholder: "{assignor}",
                    value: "group.remote.assignor=uniform",
                    shown: "group.remote.assignor=uniform",
                },
            ],
        },
    ],
    steps: &[
        LessonStep {
            at_seconds: 29,
            title: "Two members, six partitions",
            text: "Each of the two reads three partitions. All three groups are at rest.",
        },
        LessonStep {
            at_seconds: 31,
            title: "A third wants to join",
            text: "The two of a classic group have not heard of it: they read on until a heartbeat, one each 3 seconds, tells them. \
                   With KIP-848 a member’s heartbeat has already told it what to give up, and it has stopped there.",
        },
        LessonStep {
            at_seconds: 33,
            title: "Who gives up what",
            text: "Eager: both gave up all they had, joined again and were given their shares; for a moment nobody read anything. \
                   Cooperative: each gave up only what is to move, and reads the rest on. Nobody has taken it over yet.",
        },
        LessonStep {
            at_seconds: 44,
            title: "The third has its share",
            text: "Cooperative takes two rounds: the third hears of the second one by a heartbeat. With KIP-848 it learns by a \
                   heartbeat, one each 5 seconds, what is free. Both moved two partitions; the range assignor moved one more.",
        },
        LessonStep {
            at_seconds: 46,
            title: "One leaves",
            text: "The second consumer is stopped, and says goodbye. In the classic groups its partitions wait until the others have \
                   heard of it. With KIP-848 one of them is read again already.",
        },
        LessonStep {
            at_seconds: 60,
            title: "The bill",
            text: "Only eager stopped the whole group, twice, and seven times a partition went back to the reader that had it. It was short: all heard of \
                   it at once, and nobody was busy. With the others what stays never pauses; what moves waits for \
                   heartbeats, so here their sum is larger.",
        },
    ],
    looks: Looks::Readers { group: "g", from_seconds: 28, changes_seconds: &[30, 45] },
};
