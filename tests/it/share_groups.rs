//! Share groups as their coordinator runs them: each cell of the table that `group/share` opens with, and each of the one
//! that `share/in_flight` opens with.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use std::rc::Rc;

use kafka_playground::base::{BrokerId, GroupId, MemberId, Offset, SimTime, Span, Timestamp, TopicPartition};
use kafka_playground::engine::broker::Broker;
use kafka_playground::engine::client::ShareConsumerConfig;
use kafka_playground::engine::group::ShareGroup;
use kafka_playground::engine::invariants::share_state_as_written;
use kafka_playground::engine::log::{Batch, BatchBuilder};
use kafka_playground::engine::program::{Behaviour, Context, Event};
use kafka_playground::engine::protocol::{
    AcknowledgeType, AcknowledgementBatch, AlterShareGroupOffsetsRequest, CreateTopicsRequest, DeleteGroupsRequest,
    DeleteShareGroupOffsetsRequest, DescribeShareGroupOffsetsRequest, NewTopic, RecordState, Request, Response, ShareAcquireMode,
    ShareGroupDescribeRequest, ShareGroupHeartbeatRequest,
};
use kafka_playground::engine::share::{Limits, SharePartition, Wish};
use kafka_playground::engine::{ErrorCode, World, WorldConfig};

use crate::programs::{create_topics, fill, run_for};

/// Sends one request after another; keeps the last answer.
#[derive(Clone, Hash, Debug)]
struct Asker {
    request: Request,
    answer: Option<Rc<Response>>,
}

impl Behaviour for Asker {
    fn on(&mut self, event: Event, cx: &mut Context<'_>) {
        match event {
            Event::Started => {
                let admin = cx.admin("admin");
                cx.call(admin, self.request.clone());
            }
            Event::Answered { result, .. } => {
                self.answer = result.ok();
                cx.exit(0);
            }
            _ => {}
        }
    }
}

const GROUP: &str = "workers";

fn ask(world: &mut World, request: Request) -> Response {
    let id = world.start_program("asker", Box::new(Asker { request, answer: None }));
    run_for(world, 3000);
    world.program(id).unwrap().state::<Asker>().unwrap().answer.as_ref().expect("an answer").as_ref().clone()
}

fn heartbeat(member: &str, epoch: i32) -> Request {
    Request::ShareGroupHeartbeat(ShareGroupHeartbeatRequest {
        group_id: GROUP.into(),
        member_id: member.into(),
        member_epoch: epoch,
        client_id: "test".to_owned(),
        rack_id: Some("a".to_owned()).filter(|_| epoch == 0),
        subscribed_topics: (epoch == 0).then(|| vec!["jobs".into()]),
    })
}

fn offsets() -> Request {
    Request::DescribeShareGroupOffsets(DescribeShareGroupOffsetsRequest { group_id: GROUP.into() })
}

fn group(world: &World) -> Option<&ShareGroup> {
    world.brokers().find_map(|broker| broker.share_groups.get(&GroupId::from(GROUP))).map(Rc::as_ref)
}

fn state(world: &World) -> &'static str {
    group(world).map_or("none", |group| group.state().name())
}

/// A world in which the group is in a state; Stable has one member, "m".
fn in_state(state: &str) -> World {
    let mut world = World::new(WorldConfig::default());
    create_topics(&mut world, &[("jobs", 2)]);
    ask(&mut world, offsets());
    if state != "none" {
        ask(&mut world, heartbeat("m", 0));
    }
    if state == "Empty" {
        ask(&mut world, heartbeat("m", -1));
    }
    assert_eq!(self::state(&world), state);
    world
}

/// What a response says is wrong; "" for nothing.
fn error(response: &Response) -> &'static str {
    let error = match response {
        Response::ShareGroupHeartbeat(response) => response.error.as_ref().map(|(error, _)| *error),
        Response::ShareGroupDescribe(response) => response.groups[0].1.as_ref().err().map(|(error, _)| *error),
        Response::DescribeShareGroupOffsets(response) => response.error,
        Response::AlterShareGroupOffsets(response) => response.error.as_ref().map(|(error, _)| *error),
        Response::DeleteShareGroupOffsets(response) => response.error.as_ref().map(|(error, _)| *error),
        Response::DeleteGroups(response) => response.groups[0].1,
        other => panic!("not an answer to share groups: {other:?}"),
    };
    error.map_or("", ErrorCode::name)
}

#[test]
fn every_cell_of_the_group_table() {
    let jobs = || TopicPartition::new("jobs", 0);
    let describe = || Request::ShareGroupDescribe(ShareGroupDescribeRequest { groups: vec![GROUP.into()] });
    let alter = || {
        let offsets = vec![(jobs(), Offset(0))];
        Request::AlterShareGroupOffsets(AlterShareGroupOffsetsRequest { group_id: GROUP.into(), offsets })
    };
    let delete_offsets = || {
        let topics = vec!["jobs".into()];
        Request::DeleteShareGroupOffsets(DeleteShareGroupOffsetsRequest { group_id: GROUP.into(), topics })
    };
    let delete = || Request::DeleteGroups(DeleteGroupsRequest { groups: vec![GROUP.into()] });
    // request, then for none, Empty and Stable: what is wrong, and the state after it.
    type Cell = (&'static str, &'static str);
    let rows: Vec<(&str, Request, [Cell; 3])> = vec![
        ("epoch 0 of a stranger", heartbeat("n", 0), [("", "Stable"), ("", "Stable"), ("", "Stable")]),
        ("epoch 0 of a member", heartbeat("m", 0), [("", "Stable"), ("", "Stable"), ("", "Stable")]),
        ("its epoch", heartbeat("m", 2), [("GROUP_ID_NOT_FOUND", "none"), ("UNKNOWN_MEMBER_ID", "Empty"), ("", "Stable")]),
        (
            "an epoch too great",
            heartbeat("m", 7),
            [("GROUP_ID_NOT_FOUND", "none"), ("UNKNOWN_MEMBER_ID", "Empty"), ("FENCED_MEMBER_EPOCH", "Stable")],
        ),
        (
            "an epoch too small",
            heartbeat("m", 1),
            [("GROUP_ID_NOT_FOUND", "none"), ("UNKNOWN_MEMBER_ID", "Empty"), ("FENCED_MEMBER_EPOCH", "Stable")],
        ),
        (
            "a stranger",
            heartbeat("n", 2),
            [("GROUP_ID_NOT_FOUND", "none"), ("UNKNOWN_MEMBER_ID", "Empty"), ("UNKNOWN_MEMBER_ID", "Stable")],
        ),
        ("leave", heartbeat("m", -1), [("GROUP_ID_NOT_FOUND", "none"), ("UNKNOWN_MEMBER_ID", "Empty"), ("", "Empty")]),
        (
            "leave of a stranger",
            heartbeat("n", -1),
            [("GROUP_ID_NOT_FOUND", "none"), ("UNKNOWN_MEMBER_ID", "Empty"), ("UNKNOWN_MEMBER_ID", "Stable")],
        ),
        ("describe", describe(), [("GROUP_ID_NOT_FOUND", "none"), ("", "Empty"), ("", "Stable")]),
        ("describe offsets", offsets(), [("", "none"), ("", "Empty"), ("", "Stable")]),
        ("alter offsets", alter(), [("", "Empty"), ("", "Empty"), ("NON_EMPTY_GROUP", "Stable")]),
        ("delete offsets", delete_offsets(), [("GROUP_ID_NOT_FOUND", "none"), ("", "Empty"), ("NON_EMPTY_GROUP", "Stable")]),
        ("delete", delete(), [("GROUP_ID_NOT_FOUND", "none"), ("", "none"), ("NON_EMPTY_GROUP", "Stable")]),
    ];
    for (name, request, cells) in rows {
        for (before, (wrong, after)) in ["none", "Empty", "Stable"].into_iter().zip(cells) {
            let mut world = in_state(before);
            let answer = ask(&mut world, request.clone());
            assert_eq!((error(&answer), state(&world)), (wrong, after), "{name} in {before}: {answer:?}");
        }
    }
}

#[test]
fn a_member_that_is_not_heard_of_is_gone_after_its_session() {
    let mut world = in_state("Stable");
    ask(&mut world, heartbeat("n", 0));
    run_for(&mut world, 30_000);
    ask(&mut world, heartbeat("n", 0));
    run_for(&mut world, 20_000);
    assert_eq!((state(&world), group(&world).unwrap().members.len()), ("Stable", 1), "m is gone, n was heard of");
    run_for(&mut world, 30_000);
    assert_eq!(state(&world), "Empty");
}

#[test]
fn a_member_may_come_back_with_the_epoch_before() {
    let mut world = in_state("Stable");
    // The share state is there by now, so the second heartbeat brings a new epoch, with partitions.
    let Response::ShareGroupHeartbeat(second) = ask(&mut world, heartbeat("m", 2)) else { panic!("another answer") };
    assert_eq!((second.member_epoch, second.assignment.map(|partitions| partitions.len())), (3, Some(2)));
    // Its answer was lost: the member asks again with the old epoch.
    let again = ask(&mut world, heartbeat("m", 2));
    assert_eq!(error(&again), "");
    assert_eq!(error(&ask(&mut world, heartbeat("m", 1))), "FENCED_MEMBER_EPOCH");
}

fn limits() -> Limits {
    Limits { delivery_count_max: 2, records_max: 100, lock_duration: Span::from_secs(30), renew: true }
}

fn one_record() -> Vec<Rc<Batch>> {
    let mut builder = BatchBuilder::new(0);
    builder.push(Timestamp(0), None, Some(b"v"), &[]);
    vec![Rc::new(builder.build(-1, -1, -1))]
}

fn acquire(share: &mut SharePartition, member: &str) -> bool {
    let member = MemberId::from(member);
    let wish = Wish {
        member: &member,
        mode: ShareAcquireMode::BatchOptimized,
        batch_size: 500,
        records_max: 500,
        fetch_offset: Offset::ZERO,
        now: SimTime::ZERO,
    };
    !share.acquire(&wish, &one_record(), &limits()).is_empty()
}

fn say(share: &mut SharePartition, member: &str, kind: AcknowledgeType) -> bool {
    let batch = AcknowledgementBatch { first_offset: Offset::ZERO, last_offset: Offset::ZERO, types: vec![kind] };
    share.acknowledge(&member.into(), &[batch], SimTime::from_ms(1000), &limits()).is_ok()
}

/// A record of a share partition in a state; one more follows, so that it stays in flight when it is done with.
fn record_in(state: RecordState, deliveries: u16) -> SharePartition {
    let mut share = SharePartition::new(Offset::ZERO, 0, 1);
    for delivery in 1..=deliveries {
        assert!(acquire(&mut share, "m"));
        if delivery < deliveries {
            assert!(say(&mut share, "m", AcknowledgeType::Release));
        }
    }
    let kind = match state {
        RecordState::Available => Some(AcknowledgeType::Release),
        RecordState::Acquired => None,
        RecordState::Acknowledged => Some(AcknowledgeType::Accept),
        RecordState::Archived => Some(AcknowledgeType::Reject),
    };
    if let Some(kind) = kind {
        assert!(say(&mut share, "m", kind));
    }
    share
}

/// The state of the record; a start beyond it says that it is done with.
fn state_of(share: &SharePartition) -> Option<RecordState> {
    share.records().next().map(|(_, state)| state.state)
}

#[test]
fn every_cell_of_the_record_table() {
    use AcknowledgeType::{Accept, Gap, Reject, Release, Renew};
    use RecordState::{Acknowledged, Acquired, Archived, Available};
    for (state, deliveries) in [(Available, 1), (Acquired, 1), (Acquired, 2), (Acknowledged, 1), (Archived, 1)] {
        // Acquire.
        let mut share = record_in(state, deliveries);
        let given = acquire(&mut share, "n");
        assert_eq!(given, state == Available, "acquire in {state:?}");
        if given {
            let (_, record) = share.records().next().unwrap();
            assert_eq!((record.state, record.delivery_count), (Acquired, deliveries + 1));
        }
        // What the holder may say, and another may not.
        for kind in [Accept, Release, Reject, Gap, Renew] {
            let mut share = record_in(state, deliveries);
            let before = share.clone();
            assert!(!say(&mut share, "n", kind) || state.is_terminal(), "{kind:?} of another member in {state:?}");
            assert_eq!(state_of(&share), state_of(&before));
            let taken = say(&mut share, "m", kind);
            // Before the start all is done with: nothing is said against it.
            assert_eq!(taken, state == Acquired || state.is_terminal(), "{kind:?} in {state:?}");
            if state == Acquired {
                let wanted = match kind {
                    Release if deliveries < 2 => Some(Available),
                    Renew => Some(Acquired),
                    _ => None,
                };
                assert_eq!(state_of(&share), wanted, "{kind:?} after {deliveries} deliveries");
            }
        }
        // The lock.
        let mut share = record_in(state, deliveries);
        assert!(share.time_out_locks(SimTime::from_ms(29_999), &limits()).is_empty(), "the lock holds for 30 s");
        let writes = share.time_out_locks(SimTime::from_ms(30_000), &limits());
        assert_eq!(writes.len(), usize::from(state == Acquired), "lock time-out in {state:?}");
        if state == Acquired {
            assert_eq!(state_of(&share), (deliveries < 2).then_some(Available));
        }
    }
}

/// Accepts all that it gets.
#[derive(Clone, Hash, Debug, Default)]
struct Reader(Vec<i64>);

impl Behaviour for Reader {
    fn on(&mut self, event: Event, cx: &mut Context<'_>) {
        let timeout = Span::from_ms(200);
        match event {
            Event::Started => {
                let consumer = cx.share_consumer(ShareConsumerConfig::new("reader", GROUP.into()));
                cx.share_subscribe(consumer, &["jobs"]);
                cx.share_poll(consumer, timeout);
            }
            Event::SharePolled { consumer, runs } => {
                self.0.extend(runs.iter().flat_map(|run| run.records().map(|record| record.offset.0)));
                cx.share_poll(consumer, timeout);
            }
            _ => {}
        }
    }
}

/// Who coordinates the group, and who keeps how far it is.
fn coordinators(world: &World) -> (BrokerId, BrokerId) {
    let coordinator = world.brokers().find(|broker| broker.share_groups.contains_key(&GroupId::from(GROUP))).unwrap();
    let keeps = |broker: &&Broker| broker.share.keeps.values().any(|kept| !kept.states.is_empty());
    (coordinator.id, world.brokers().find(keeps).unwrap().id)
}

/// How many records the group is not done with.
fn lag(world: &mut World) -> Option<i64> {
    let Response::DescribeShareGroupOffsets(response) = ask(world, offsets()) else { panic!("another answer") };
    response.partitions.first()?.1?.lag
}

/// A group that reads one partition on three brokers; then one of them is killed without a word.
fn survives(seed: u64, who: fn(&World) -> BrokerId) {
    let mut world = World::new(WorldConfig { seed, brokers: 3, ..WorldConfig::default() });
    let jobs = NewTopic {
        name: "jobs".into(),
        partitions: Some(1),
        replication_factor: Some(3),
        replica_assignment: Vec::new(),
        configs: Vec::new(),
    };
    ask(&mut world, Request::CreateTopics(CreateTopicsRequest { topics: vec![jobs] }));
    let reader = world.start_program("reader", Box::new(Reader::default()));
    run_for(&mut world, 15_000);
    fill(&mut world, "jobs", 0, 5);
    run_for(&mut world, 2000);
    assert_eq!(world.program(reader).unwrap().state::<Reader>().unwrap().0, [0, 1, 2, 3, 4]);
    assert_eq!(lag(&mut world), Some(0));
    let (before, killed) = (group(&world).unwrap().clone(), who(&world));
    world.stop_broker(killed, true);
    run_for(&mut world, 30_000);
    let (coordinator, keeper) = coordinators(&world);
    assert!(coordinator != killed && keeper != killed, "others lead now");
    let after = group(&world).unwrap();
    assert!(before.members.keys().eq(after.members.keys()), "the member is still the same");
    assert_eq!((before.group_epoch, &before.initialized), (after.group_epoch, &after.initialized), "and nothing was begun anew");
    assert_eq!(lag(&mut world), Some(0), "what is done with was read back");
    fill(&mut world, "jobs", 0, 5);
    run_for(&mut world, 10_000);
    assert_eq!(world.program(reader).unwrap().state::<Reader>().unwrap().0, (0..10).collect::<Vec<i64>>());
    assert_eq!(lag(&mut world), Some(0));
    share_state_as_written(&world).unwrap();
}

#[test]
fn a_group_goes_on_when_its_coordinator_is_gone() {
    (1..=5).for_each(|seed| survives(seed, |world| coordinators(world).0));
}

#[test]
fn a_group_goes_on_when_its_share_coordinator_is_gone() {
    (1..=5).for_each(|seed| survives(seed, |world| coordinators(world).1));
}
