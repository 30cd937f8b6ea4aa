//! What a consumer does: positions, commits, resets, seeks, pauses, and what its group makes of its absence.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use std::rc::Rc;

use kafka_playground::base::{ClientId, MemberId, Offset, Span, TopicPartition};
use kafka_playground::engine::client::consumer::MemberState;
use kafka_playground::engine::client::{AutoOffsetReset, ConsumerConfig};
use kafka_playground::engine::invariants::committed_within_logs;
use kafka_playground::engine::program::{Behaviour, ConsumerError, Context, Event, SeekTo};
use kafka_playground::engine::protocol::{DeleteGroupsRequest, DeleteRecordsRequest, Request};
use kafka_playground::engine::trace::GoneReason;
use kafka_playground::engine::wire::OffsetsRecord;
use kafka_playground::engine::{ErrorCode, TraceEvent, World, WorldConfig};
use kafka_playground::view::coordinator_records::describe;

use crate::programs::{Caller, create_topics, fill, run_for};

/// Polls all the time and notes what it gets; does what it is told.
#[derive(Clone, Hash, Debug)]
struct App {
    config: ConsumerConfig,
    /// Partitions of `rides` to take without group management; none to subscribe.
    assign: Vec<i32>,
    poll_timeout_ms: u64,
    consumer: Option<ClientId>,
    polls: bool,
    got: Vec<(i32, i64)>,
    batches: Vec<u32>,
    empty_polls: u32,
    error: Option<ConsumerError>,
    committed: Vec<Result<(), ErrorCode>>,
    assigned: u32,
    /// Commits inside `onPartitionsRevoked`.
    commits_on_revoke: bool,
}

impl App {
    fn new(config: ConsumerConfig) -> Box<Self> {
        Box::new(Self {
            config,
            assign: Vec::new(),
            poll_timeout_ms: 100,
            consumer: None,
            polls: true,
            got: Vec::new(),
            batches: Vec::new(),
            empty_polls: 0,
            error: None,
            committed: Vec::new(),
            assigned: 0,
            commits_on_revoke: false,
        })
    }

    fn poll(&self, cx: &mut Context<'_>) {
        if let Some(consumer) = self.consumer
            && self.polls
        {
            cx.poll(consumer, Span::from_ms(self.poll_timeout_ms));
        }
    }

    fn told(&mut self, word: &str, cx: &mut Context<'_>) {
        let Some(consumer) = self.consumer else { return };
        let first = TopicPartition::new("rides", 0);
        match word {
            "stop" => self.polls = false,
            "go on" => {
                self.polls = true;
                self.poll(cx);
            }
            "commit" => cx.commit(consumer, None),
            "pause" => cx.pause(consumer, &[first]),
            "resume" => cx.resume(consumer, &[first]),
            "beginning" => cx.seek(consumer, &first, SeekTo::Beginning),
            "end" => cx.seek(consumer, &first, SeekTo::End),
            "unsubscribe" => cx.subscribe(consumer, &[]),
            other => cx.seek(consumer, &first, SeekTo::Offset(Offset(other.parse().unwrap()))),
        }
    }
}

impl Behaviour for App {
    fn on(&mut self, event: Event, cx: &mut Context<'_>) {
        match event {
            Event::Started => {
                let consumer = cx.consumer(self.config.clone());
                self.consumer = Some(consumer);
                if self.assign.is_empty() {
                    cx.subscribe(consumer, &["rides"]);
                } else {
                    cx.assign(consumer, self.assign.iter().map(|at| TopicPartition::new("rides", *at)).collect());
                }
                self.poll(cx);
            }
            Event::Polled { records, .. } => {
                self.got.extend(records.iter().map(|(partition, record)| (partition.partition, record.offset.0)));
                match records.count() {
                    0 => self.empty_polls += 1,
                    count => self.batches.push(count),
                }
                self.poll(cx);
            }
            Event::PollFailed { error, .. } => self.error = Some(error),
            Event::Committed { result, .. } => self.committed.push(result),
            Event::PartitionsAssigned { .. } => self.assigned += 1,
            Event::PartitionsRevoked { consumer, .. } if self.commits_on_revoke => cx.commit(consumer, None),
            Event::Tell(word) => self.told(&word, cx),
            Event::Interrupt => {
                self.polls = false;
                if let Some(consumer) = self.consumer {
                    cx.close(consumer);
                }
            }
            Event::Closed { .. } => cx.exit(0),
            _ => {}
        }
    }
}

fn in_group(reset: AutoOffsetReset) -> ConsumerConfig {
    ConsumerConfig {
        client_id: "app".to_owned(),
        group_id: Some("billing".into()),
        auto_offset_reset: reset,
        assignors: vec!["range".to_owned()],
        ..ConsumerConfig::default()
    }
}

/// One broker, topic `rides`, groups that do not wait for more members.
fn world_with(partitions: i32) -> World {
    let broker_configs = [("group.initial.rebalance.delay.ms".to_owned(), "0".to_owned())].into();
    let mut world = World::new(WorldConfig { broker_configs, ..WorldConfig::default() });
    create_topics(&mut world, &[("rides", partitions)]);
    world
}

fn start(world: &mut World, name: &str, app: Box<App>) {
    world.start_program(name, app);
    run_for(world, 500);
}

fn app<'w>(world: &'w World, name: &str) -> &'w App {
    world.program_named(name).unwrap().state::<App>().unwrap()
}

fn offsets(world: &World, name: &str) -> Vec<i64> {
    app(world, name).got.iter().map(|(_, offset)| *offset).collect()
}

fn tell(world: &mut World, name: &str, word: &str) {
    let id = world.program_named(name).unwrap().id;
    world.send_event(id, Event::Tell(word.into()));
}

fn interrupt(world: &mut World, name: &str) {
    let id = world.program_named(name).unwrap().id;
    world.send_event(id, Event::Interrupt);
    run_for(world, 200);
}

fn committed(world: &World) -> Option<i64> {
    let first = TopicPartition::new("rides", 0);
    committed_within_logs(world).unwrap();
    world.brokers().find_map(|broker| broker.committed.get("billing")?.get(&first)).map(|committed| committed.offset.0)
}

fn call(world: &mut World, request: Request) {
    world.start_program("admin", Box::new(Caller(vec![request])));
    run_for(world, 100);
}

#[test]
fn the_reset_policy_counts_only_without_a_committed_offset() {
    let mut world = world_with(1);
    fill(&mut world, "rides", 0, 10);
    start(&mut world, "late", App::new(in_group(AutoOffsetReset::Latest)));
    assert_eq!(offsets(&world, "late"), [0; 0], "latest misses what was there before");
    fill(&mut world, "rides", 0, 2);
    assert_eq!(offsets(&world, "late"), [10, 11]);
    interrupt(&mut world, "late");
    assert_eq!(committed(&world), Some(12), "a close commits");
    start(&mut world, "early", App::new(in_group(AutoOffsetReset::Earliest)));
    assert_eq!(offsets(&world, "early"), [0; 0], "earliest does not go back behind the committed offset");
    start(&mut world, "none", App::new(ConsumerConfig { group_id: Some("other".into()), ..in_group(AutoOffsetReset::None) }));
    assert_eq!(app(&world, "none").error, Some(ConsumerError::NoOffsetForPartition(TopicPartition::new("rides", 0))));
}

#[test]
fn auto_commit_takes_what_earlier_polls_returned_and_a_crash_repeats_the_rest() {
    let mut world = world_with(1);
    fill(&mut world, "rides", 0, 10);
    start(&mut world, "app", App::new(in_group(AutoOffsetReset::Earliest)));
    assert_eq!(offsets(&world, "app"), (0..10).collect::<Vec<_>>());
    assert_eq!(committed(&world), None, "nothing is committed before auto.commit.interval.ms");
    run_for(&mut world, 5000);
    assert_eq!(committed(&world), Some(10));
    fill(&mut world, "rides", 0, 5);
    let id = world.program_named("app").unwrap().id;
    assert_eq!(offsets(&world, "app").len(), 15);
    world.kill_program(id);
    assert_eq!(committed(&world), Some(10), "SIGKILL commits nothing");
    world.start_program("app", App::new(in_group(AutoOffsetReset::Earliest)));
    run_for(&mut world, 30_000);
    assert_eq!(offsets(&world, "app"), [0; 0], "the dead member holds its partition until its session is over");
    run_for(&mut world, 20_000);
    assert_eq!(offsets(&world, "app"), [10, 11, 12, 13, 14], "at least once: read again");
}

#[test]
fn a_seek_moves_the_position_and_commits_nothing() {
    let mut world = world_with(1);
    fill(&mut world, "rides", 0, 6);
    let config = ConsumerConfig { enable_auto_commit: false, ..in_group(AutoOffsetReset::Earliest) };
    start(&mut world, "app", App::new(config));
    tell(&mut world, "app", "commit");
    run_for(&mut world, 100);
    assert_eq!((committed(&world), app(&world, "app").committed.as_slice()), (Some(6), [Ok(())].as_slice()));
    tell(&mut world, "app", "4");
    run_for(&mut world, 1000);
    assert_eq!(offsets(&world, "app"), [0, 1, 2, 3, 4, 5, 4, 5]);
    tell(&mut world, "app", "beginning");
    run_for(&mut world, 1000);
    assert_eq!(offsets(&world, "app")[8..], [0, 1, 2, 3, 4, 5]);
    tell(&mut world, "app", "0");
    tell(&mut world, "app", "end");
    run_for(&mut world, 1000);
    assert_eq!(offsets(&world, "app").len(), 14);
    assert_eq!(committed(&world), Some(6));
    interrupt(&mut world, "app");
    assert_eq!(committed(&world), Some(6), "without auto-commit a close commits nothing");
}

#[test]
fn a_paused_partition_gives_nothing_until_it_is_resumed() {
    let mut world = world_with(2);
    let mut app_two = App::new(ConsumerConfig { auto_offset_reset: AutoOffsetReset::Earliest, ..ConsumerConfig::default() });
    app_two.assign = vec![0, 1];
    start(&mut world, "app", app_two);
    tell(&mut world, "app", "pause");
    run_for(&mut world, 700);
    fill(&mut world, "rides", 0, 2);
    fill(&mut world, "rides", 1, 2);
    assert_eq!(app(&world, "app").got, [(1, 0), (1, 1)]);
    tell(&mut world, "app", "resume");
    run_for(&mut world, 1000);
    assert_eq!(app(&world, "app").got, [(1, 0), (1, 1), (0, 0), (0, 1)]);
    assert!(world.brokers().all(|broker| broker.groups.is_empty()), "without group.id there is no group");
}

#[test]
fn a_position_below_the_log_start_is_reset_by_policy() {
    let mut world = world_with(1);
    fill(&mut world, "rides", 0, 10);
    for name in ["early", "late", "none"] {
        start(&mut world, name, App::new(ConsumerConfig { group_id: Some(name.into()), ..in_group(AutoOffsetReset::Earliest) }));
        tell(&mut world, name, "stop");
        run_for(&mut world, 200);
        tell(&mut world, name, "3");
        interrupt(&mut world, name);
    }
    for name in ["early", "late", "none"] {
        let offset = world.brokers().find_map(|broker| broker.committed.get(name)?.values().next().cloned());
        assert_eq!(offset.map(|committed| committed.offset.0), Some(3), "{name}");
    }
    let partitions = vec![(TopicPartition::new("rides", 0), Offset(5))];
    call(&mut world, Request::DeleteRecords(DeleteRecordsRequest { partitions }));
    for (name, reset) in [("early", AutoOffsetReset::Earliest), ("late", AutoOffsetReset::Latest), ("none", AutoOffsetReset::None)]
    {
        start(&mut world, name, App::new(ConsumerConfig { group_id: Some(name.into()), ..in_group(reset) }));
        run_for(&mut world, 500);
    }
    assert_eq!(offsets(&world, "early"), [5, 6, 7, 8, 9]);
    assert_eq!(offsets(&world, "late"), [0; 0]);
    assert_eq!(app(&world, "none").error, Some(ConsumerError::OffsetOutOfRange(TopicPartition::new("rides", 0))));
}

#[test]
fn a_poll_returns_at_most_max_poll_records_and_time_goes_on_without_a_timeout() {
    let mut world = world_with(1);
    fill(&mut world, "rides", 0, 1200);
    let mut eager = App::new(in_group(AutoOffsetReset::Earliest));
    eager.poll_timeout_ms = 0;
    start(&mut world, "app", eager);
    let state = app(&world, "app");
    assert_eq!(state.got.len(), 1200);
    assert!(state.batches.iter().all(|count| *count <= 500) && state.batches.contains(&500), "{:?}", state.batches);
    assert!(state.empty_polls > 1000, "{}", state.empty_polls);
}

#[test]
fn a_new_group_waits_for_more_members_first() {
    let mut world = World::new(WorldConfig::default());
    create_topics(&mut world, &[("rides", 2)]);
    world.start_program("one", App::new(in_group(AutoOffsetReset::Earliest)));
    run_for(&mut world, 2500);
    assert_eq!(app(&world, "one").assigned, 0);
    world.start_program("two", App::new(in_group(AutoOffsetReset::Earliest)));
    run_for(&mut world, 2500);
    assert_eq!((app(&world, "one").assigned, app(&world, "two").assigned), (0, 0), "the second one makes it wait again");
    run_for(&mut world, 2000);
    assert_eq!((app(&world, "one").assigned, app(&world, "two").assigned), (1, 1));
    let group = world.brokers().find_map(|broker| broker.groups.get("billing")).unwrap();
    assert_eq!(group.generation_id, 1, "one rebalance for both");
}

#[test]
fn a_commit_in_the_revoke_callback_still_counts() {
    let mut world = world_with(2);
    fill(&mut world, "rides", 0, 4);
    let mut careful = App::new(ConsumerConfig { enable_auto_commit: false, ..in_group(AutoOffsetReset::Earliest) });
    careful.commits_on_revoke = true;
    start(&mut world, "one", careful);
    assert_eq!(committed(&world), None);
    start(&mut world, "two", App::new(in_group(AutoOffsetReset::Earliest)));
    run_for(&mut world, 4000);
    assert_eq!((committed(&world), app(&world, "one").committed.as_slice()), (Some(4), [Ok(())].as_slice()));
    assert_eq!((app(&world, "one").assigned, app(&world, "two").assigned), (2, 1));
}

/// `AbstractCoordinator.generationIfStable`: what it holds may be someone else's by the time it has joined.
#[test]
fn a_member_that_is_joining_commits_nothing_and_what_it_holds_then_is_lost() {
    for (assignor, result, lost) in [("range", Ok(()), 0), ("cooperative-sticky", Err(ErrorCode::RebalanceInProgress), 1)] {
        let mut world = world_with(2);
        fill(&mut world, "rides", 0, 4);
        let config = ConsumerConfig {
            enable_auto_commit: false,
            assignors: vec![assignor.to_owned()],
            ..in_group(AutoOffsetReset::Earliest)
        };
        start(&mut world, "one", App::new(config.clone()));
        start(&mut world, "two", App::new(config.clone()));
        run_for(&mut world, 8000);
        tell(&mut world, "two", "stop");
        start(&mut world, "three", App::new(config));
        run_for(&mut world, 4000);
        let one = app(&world, "one").consumer.unwrap();
        assert_eq!(world.consumer(one).unwrap().member_state(), MemberState::Joining, "it waits for the one that does not poll");
        tell(&mut world, "one", "commit");
        run_for(&mut world, 100);
        assert_eq!(app(&world, "one").committed, [result], "{assignor}: the eager one has nothing to commit");
        assert_eq!(committed(&world), None);
        interrupt(&mut world, "one");
        let is_lost = |event: &TraceEvent| matches!(event, TraceEvent::PartitionsLost { client, .. } if *client == one);
        assert_eq!(world.trace().iter().filter(|entry| is_lost(&entry.event)).count(), lost, "{assignor}");
    }
}

#[test]
fn heartbeats_go_on_between_polls_and_a_consumer_that_is_too_slow_leaves() {
    let mut world = world_with(1);
    start(&mut world, "app", App::new(ConsumerConfig { max_poll_interval_ms: 60_000, ..in_group(AutoOffsetReset::Earliest) }));
    tell(&mut world, "app", "stop");
    run_for(&mut world, 55_000);
    let consumer = |world: &World| world.consumer(app(world, "app").consumer.unwrap()).unwrap().clone();
    assert_eq!(consumer(&world).member_state(), MemberState::Stable, "55 s without a poll: heartbeats keep the session");
    assert!(world.now().since(consumer(&world).last_heartbeat().unwrap()) <= Span::from_ms(3000));
    run_for(&mut world, 10_000);
    assert_eq!((consumer(&world).member_state(), consumer(&world).generation_id()), (MemberState::Unjoined, -1));
    let gone = world.trace().iter().find_map(|entry| match &entry.event {
        TraceEvent::MemberGone { reason, .. } => Some(reason.clone()),
        _ => None,
    });
    let client_reason = "consumer poll timeout has expired.".into();
    assert_eq!(gone, Some(GoneReason::Left { client_reason }));
    tell(&mut world, "app", "commit");
    run_for(&mut world, 100);
    assert_eq!(app(&world, "app").committed, [Err(ErrorCode::UnknownMemberId)], "its commit fails");
    tell(&mut world, "app", "go on");
    run_for(&mut world, 1000);
    assert_eq!(consumer(&world).member_state(), MemberState::Stable);
}

#[test]
fn unsubscribing_leaves_the_group() {
    let mut world = world_with(1);
    start(&mut world, "app", App::new(in_group(AutoOffsetReset::Earliest)));
    let members = |world: &World| world.brokers().find_map(|broker| broker.groups.get("billing")).unwrap().members.len();
    assert_eq!(members(&world), 1);
    tell(&mut world, "app", "unsubscribe");
    run_for(&mut world, 100);
    assert_eq!(members(&world), 0);
}

#[test]
fn groups_and_offsets_are_records_of_consumer_offsets() {
    let mut world = world_with(2);
    fill(&mut world, "rides", 0, 3);
    start(&mut world, "app", App::new(in_group(AutoOffsetReset::Earliest)));
    let member: MemberId = world.consumer(app(&world, "app").consumer.unwrap()).unwrap().member_id().unwrap().clone();
    assert!(member.as_str().starts_with("app-") && member.as_str().len() == "app-".len() + 36, "{member}");
    interrupt(&mut world, "app");
    call(&mut world, Request::DeleteGroups(DeleteGroupsRequest { groups: vec!["billing".into()] }));
    let mut lines = Vec::new();
    for broker in world.brokers() {
        for (partition, replica) in &broker.replicas {
            if partition.topic.as_str() == "__consumer_offsets" {
                replica.log.for_each_record(Offset::ZERO, Offset(i64::MAX), |record| {
                    lines.extend(OffsetsRecord::read(record.key.unwrap(), record.value).map(|record| describe(&record)));
                    true
                });
            }
        }
    }
    assert_eq!(
        lines,
        [
            "group billing, generation 0: no members".to_owned(),
            format!("group billing, generation 1, assignor range, leader {member}; {member} has rides-0, rides-1"),
            "group billing, rides-0: committed offset 3".to_owned(),
            "group billing, rides-1: committed offset 0".to_owned(),
            "group billing, generation 2: no members".to_owned(),
            "group billing, rides-0: committed offset dropped".to_owned(),
            "group billing, rides-1: committed offset dropped".to_owned(),
            "group billing: dropped".to_owned(),
        ]
    );
    assert_eq!(committed(&world), None);
}

/// The bytes of a real broker's `__consumer_offsets`, for the same group with other ids and times.
#[test]
fn real_records_of_consumer_offsets_can_be_read() {
    let hex = |text: &str| -> Vec<u8> {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
        digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    };
    let key = hex("0001 0007 62696c6c696e67 0005 7269646573 00000000");
    let value = hex("0004 0000000000000003 00000000 01 000001a21096e90d 01 00 10 c31f19c188f145c1b4ee91a11f7ad823");
    let read = OffsetsRecord::read(&key, Some(&value)).unwrap();
    assert_eq!(describe(&read), "group billing, rides-0: committed offset 3");
    let committed = kafka_playground::engine::protocol::CommittedOffset {
        offset: Offset(3),
        leader_epoch: Some(0),
        metadata: Rc::from(""),
        commit_timestamp: kafka_playground::base::Timestamp(0x01a2_1096_e90d),
    };
    let topic_id = kafka_playground::base::TopicId(0xc31f_19c1_88f1_45c1_b4ee_91a1_1f7a_d823);
    let first = TopicPartition::new("rides", 0);
    let written = kafka_playground::engine::group::records::offset_commit(&"billing".into(), &first, &committed, topic_id);
    assert_eq!(written, (key, Some(value)));
}
