//! When is an acknowledged record lost? Three payments, two accidents, and the two settings that decide.

use super::{Lesson, LessonStep, Looks, Setting, Variant};

const SCRIPT: &str = "\
# The lost record
! seed 7
! brokers 3
! at 0
$ kafka-topics.sh --bootstrap-server {bootstrap} --create --topic payments --replica-assignment 1:2:3 --config min.insync.replicas={min}
! at 3
@p $ kafka-console-producer.sh --bootstrap-server {bootstrap} --topic payments --request-required-acks {acks} --message-send-max-retries 2147483647
! at 4
@p > ride-1 paid
! at 7
$ slow-link 1 2,3 3000
! at 8
@p > ride-2 paid
! at 11
$ kill-broker 1 --crash
! at 24
$ heal
! at 25
$ start-broker 1
! at 35
$ kill-broker 1
! at 37
$ kill-broker 3
! at 39
@p > ride-3 paid
! at 45
$ wipe-disk 2
! at 56
$ start-broker 1
! at 58
$ start-broker 3
! at 70
$ kafka-leader-election.sh --bootstrap-server {bootstrap} --election-type unclean --topic payments --partition 0
! at 90
";

pub(super) const LESSON: Lesson = Lesson {
    name: "lost-record",
    title: "The lost record",
    text: "Three payments go to a topic with three replicas, and twice something breaks. The same script runs three times; only \
           acks and min.insync.replicas differ. Which payments were promised, and which are still there at the end?",
    script: SCRIPT,
    brokers: 3,
    variants: &[
        Variant {
            title: "The leader’s word is enough",
            settings: &[
                Setting { placeholder: "{acks}", shown: "acks=1", value: "1" },
                Setting { placeholder: "{min}", shown: "min.insync.replicas=1", value: "1" },
            ],
        },
        Variant {
            title: "All that are in sync, be it one",
            settings: &[
                Setting { placeholder: "{acks}", shown: "acks=all", value: "all" },
                Setting { placeholder: "{min}", shown: "min.insync.replicas=1", value: "1" },
            ],
        },
        Variant {
            title: "At least two in sync",
            settings: &[
                Setting { placeholder: "{acks}", shown: "acks=all", value: "all" },
                Setting { placeholder: "{min}", shown: "min.insync.replicas=2", value: "2" },
            ],
        },
    ],
    steps: &[
        LessonStep { at_seconds: 6, title: "All is well", text: "The first payment is on three brokers, and committed." },
        LessonStep {
            at_seconds: 10,
            title: "A slow network, and a second payment",
            text: "What the leader sends to the others now takes three seconds. With acks=1 the producer is told “written” all the \
                   same; with acks=all it waits.",
        },
        LessonStep {
            at_seconds: 23,
            title: "The leader crashes",
            text: "Broker 2 takes over. It never saw the second payment. With acks=all nobody had been promised it: the producer \
                   sent it again, to the new leader, and was told “written” then.",
        },
        LessonStep {
            at_seconds: 34,
            title: "The old leader comes back",
            text: "It had the second payment, the new leader had not: it truncates its log to what both have. With acks=1 the \
                   payment is gone, though it was acknowledged.",
        },
        LessonStep {
            at_seconds: 44,
            title: "Two brokers down, and a third payment",
            text: "One replica is in sync. For min.insync.replicas=1 that is enough, also with acks=all: the third payment is \
                   acknowledged, and there is one copy of it. With 2 the leader refuses, and the producer goes on trying.",
        },
        LessonStep {
            at_seconds: 69,
            title: "The last leader’s disk dies",
            text: "Brokers 1 and 3 are back. With min.insync.replicas=1 neither may lead: only broker 2 was in sync. With 2, \
                   broker 3 was kept as an eligible leader, leads, and has taken the third payment.",
        },
        LessonStep {
            at_seconds: 90,
            title: "An unclean election",
            text: "Somebody decides that going on is worth more than the records: broker 1 is made leader although it was not in \
                   sync. The third payment was acknowledged, and is lost for good. Where two had to be in sync, nothing was lost.",
        },
    ],
    looks: Looks::Replicas { topic: "payments", producer: "p", records: &["ride-1 paid", "ride-2 paid", "ride-3 paid"] },
};
