//! Walks every cell of the table that `engine/group/consumer` opens with: a member in a state, a request, its answer, and
//! what the member is then.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use kafka_playground::base::{GroupId, Offset, Timestamp, TopicPartition};
use kafka_playground::engine::program::{Behaviour, Context, Event};
use kafka_playground::engine::protocol::{
    CommittedOffset, ConsumerGroupHeartbeatRequest, FindCoordinatorRequest, HeartbeatRequest, JoinGroupRequest,
    OffsetCommitRequest, Request, Response, Subscription, SyncGroupRequest,
};
use kafka_playground::engine::{World, WorldConfig};

use crate::programs::{create_topics, run_for};

/// State of member `m`, what happens, the answer (epoch, partitions; `-` for "as before"), and the member then: state, epoch,
/// partitions, and after `/` those to give up. `b` and `a` are other members, `n` is `m`'s next run.
const CELLS: &str = "
none       | m 0                 | ok 2 [0 1]            | STABLE 2 [0 1]
none       | m 5                 | GROUP_ID_NOT_FOUND    | none
none       | m -1                | GROUP_ID_NOT_FOUND    | none
none, of a | m 0                 | ok 3 []               | UNRELEASED_PARTITIONS 3 []
none, of a | m 5                 | UNKNOWN_MEMBER_ID     | none
none, of a | m -1                | UNKNOWN_MEMBER_ID     | none
stable     | m 3                 | ok 3 -                | STABLE 3 [0]
stable     | m 3 all [0]         | ok 3 [0]              | STABLE 3 [0]
stable     | m 0                 | ok 3 [0]              | STABLE 3 [0]
stable     | m 2 [0]             | ok 3 -                | STABLE 3 [0]
stable     | m 2 [0 1]           | FENCED_MEMBER_EPOCH   | STABLE 3 [0]
stable     | m 2                 | FENCED_MEMBER_EPOCH   | STABLE 3 [0]
stable     | m 1 [0]             | FENCED_MEMBER_EPOCH   | STABLE 3 [0]
stable     | m 4                 | FENCED_MEMBER_EPOCH   | STABLE 3 [0]
stable     | m -1                | ok -1 -               | none
stable     | b -1, m 3           | ok 4 [0 1]            | STABLE 4 [0 1]
stable     | c 0, m 3            | ok 4 -                | STABLE 4 [0]
stable     | b -1, d 0, m 3      | ok 5 -                | STABLE 5 [0]
stable     | 4 partitions, m 3   | ok 4 [0 3]            | STABLE 4 [0 3]
stable     | session over        |                       | none
unrevoked  | m 2                 | ok 2 -                | UNREVOKED_PARTITIONS 2 [0] / [1]
unrevoked  | m 2 [0 1]           | ok 2 -                | UNREVOKED_PARTITIONS 2 [0] / [1]
unrevoked  | m 2 [0]             | ok 3 -                | STABLE 3 [0]
unrevoked  | m 0                 | ok 3 [0]              | STABLE 3 [0]
unrevoked  | m 3                 | FENCED_MEMBER_EPOCH   | UNREVOKED_PARTITIONS 2 [0] / [1]
unrevoked  | m -1                | ok -1 -               | none
unrevoked  | b -1, m 2           | ok 2 -                | UNREVOKED_PARTITIONS 2 [0] / [1]
unrevoked  | b -1, m 2 [0]       | ok 4 [0 1]            | STABLE 4 [0 1]
unrevoked  | timeout over        |                       | none
unrevoked  | session over        |                       | none
unreleased | m 3                 | ok 3 -                | UNRELEASED_PARTITIONS 3 []
unreleased | m 0                 | ok 3 []               | UNRELEASED_PARTITIONS 3 []
unreleased | m 2 [0]             | FENCED_MEMBER_EPOCH   | UNRELEASED_PARTITIONS 3 []
unreleased | m 4                 | FENCED_MEMBER_EPOCH   | UNRELEASED_PARTITIONS 3 []
unreleased | a 2, m 3            | ok 3 -                | UNRELEASED_PARTITIONS 3 []
unreleased | a 2, a 2 [0], m 3   | ok 3 [1]              | STABLE 3 [1]
unreleased | a -1, m 3           | ok 4 [0 1]            | STABLE 4 [0 1]
unreleased | m -1                | ok -1 -               | none
unreleased | session over        |                       | none
static     | m 2                 | ok 2 -                | STABLE 2 [0 1]
static     | m -1                | ok -1 -               | none
static     | m -2                | ok -2 -               | STABLE -2 [0 1]
static     | n 0                 | UNRELEASED_INSTANCE_ID | STABLE 2 [0 1]
static     | n 2                 | FENCED_INSTANCE_ID    | STABLE 2 [0 1]
static     | n -1                | FENCED_INSTANCE_ID    | STABLE 2 [0 1]
static     | session over        |                       | none
left       | n 0                 | ok 2 [0 1]            | none
left       | n 0, n 2            | ok 2 -                | none
left       | m 2                 | FENCED_MEMBER_EPOCH   | STABLE -2 [0 1]
left       | m 0                 | ok 2 [0 1]            | STABLE 2 [0 1]
left       | n 2                 | FENCED_INSTANCE_ID    | STABLE -2 [0 1]
left       | m -1                | ok -1 -               | none
left       | session over        |                       | none
stable     | commit m 3 [0]      | ok                    | STABLE 3 [0]
stable     | commit m 2 [0]      | ok                    | STABLE 3 [0]
stable     | commit m 2 [1]      | STALE_MEMBER_EPOCH    | STABLE 3 [0]
stable     | commit m 1 [0]      | STALE_MEMBER_EPOCH    | STABLE 3 [0]
stable     | commit m 4 [0]      | STALE_MEMBER_EPOCH    | STABLE 3 [0]
stable     | commit z 3 [0]      | UNKNOWN_MEMBER_ID     | STABLE 3 [0]
unrevoked  | commit m 2 [1]      | ok                    | UNREVOKED_PARTITIONS 2 [0] / [1]
none       | commit m -1 [0]     | ok                    | none
old        | beat m 3            | ok                    | STABLE 3 [0 1]
old        | beat m 4            | ILLEGAL_GENERATION    | STABLE 3 [0 1]
old        | sync m 3            | ok [0 1]              | STABLE 3 [0 1]
old        | b 0, beat m 3       | REBALANCE_IN_PROGRESS | STABLE 3 [0 1]
old        | b 0, sync m 3       | REBALANCE_IN_PROGRESS | STABLE 3 [0 1]
old        | b 0, join m [0 1]   | ok 3                  | UNREVOKED_PARTITIONS 3 [0] / [1]
old        | b 0, join m [0 1], beat m 3 | REBALANCE_IN_PROGRESS | UNREVOKED_PARTITIONS 3 [0] / [1]
old        | b 0, join m [0 1], sync m 3 | ok [0]        | UNREVOKED_PARTITIONS 3 [0] / [1]
old        | b 0, join m []      | ok 4                  | STABLE 4 [0]
old        | b 0, join m [], sync m 4 | ok [0]           | STABLE 4 [0]
old        | commit m 3 [0]      | ok                    | STABLE 3 [0 1]
old        | commit m 4 [0]      | ILLEGAL_GENERATION    | STABLE 3 [0 1]
";

/// Asks one thing and keeps the answer.
#[derive(Clone, Hash, Debug)]
struct Asker(Request, Option<Response>);

impl Behaviour for Asker {
    fn on(&mut self, event: Event, cx: &mut Context<'_>) {
        match event {
            Event::Started => {
                let admin = cx.admin("asker");
                cx.call(admin, self.0.clone());
            }
            Event::Answered { result: Ok(response), .. } => self.1 = Some(response.as_ref().clone()),
            _ => {}
        }
    }
}

fn ask(world: &mut World, request: Request) -> Response {
    let id = world.start_program("asker", Box::new(Asker(request, None)));
    run_for(world, 20);
    world.program(id).unwrap().state::<Asker>().unwrap().1.clone().unwrap()
}

const GROUP: &str = "g";

/// `[0 1]` as partitions.
fn partitions(text: &str) -> Vec<TopicPartition> {
    let numbers = text.trim_matches(['[', ']']).split_whitespace();
    numbers.map(|number| TopicPartition::new("t", number.parse().unwrap())).collect()
}

fn shown<'p>(partitions: impl IntoIterator<Item = &'p TopicPartition>) -> String {
    let numbers: Vec<String> = partitions.into_iter().map(|partition| partition.partition.to_string()).collect();
    format!("[{}]", numbers.join(" "))
}

fn heartbeat(state: &str, member: &str, epoch: i32, rest: &str) -> Request {
    let joins = epoch == 0;
    let all = joins || rest.starts_with("all");
    let owned = rest.trim_start_matches("all ").trim();
    let is_static = matches!(state, "static" | "left") && matches!(member, "m" | "n");
    Request::ConsumerGroupHeartbeat(ConsumerGroupHeartbeatRequest {
        group_id: GROUP.into(),
        member_id: member.into(),
        member_epoch: epoch,
        instance_id: is_static.then(|| "i".to_owned()),
        rack_id: None,
        client_id: member.to_owned(),
        rebalance_timeout_ms: all.then_some(2000),
        subscribed_topic_names: all.then(|| vec!["t".into()]),
        subscribed_topic_regex: None,
        server_assignor: None,
        topic_partitions: if joins { Some(Vec::new()) } else { owned.starts_with('[').then(|| partitions(owned)) },
    })
}

fn join(member: &str, owned: &str) -> Request {
    let subscription = Subscription { topics: vec!["t".into()], owned_partitions: partitions(owned), ..Subscription::default() };
    Request::JoinGroup(JoinGroupRequest {
        group_id: GROUP.into(),
        session_timeout_ms: 6000,
        rebalance_timeout_ms: 2000,
        member_id: Some(member.into()),
        group_instance_id: None,
        client_id: member.to_owned(),
        protocols: vec![("range".to_owned(), subscription.into())],
        reason: String::new(),
    })
}

/// One step of a cell, and its answer as the table has it.
fn step(world: &mut World, state: &str, what: &str) -> String {
    let (first, rest) = what.split_once(' ').unwrap();
    match first {
        "session" => {
            run_for(world, 7000);
            return String::new();
        }
        "timeout" => {
            run_for(world, 2100);
            return String::new();
        }
        "4" => {
            let request = kafka_playground::engine::protocol::CreatePartitionsRequest {
                topic: "t".into(),
                count: 4,
                replica_assignment: None,
            };
            ask(world, Request::CreatePartitions(request));
            return String::new();
        }
        _ => {}
    }
    let group_id = GroupId::from(GROUP);
    let mut words = rest.splitn(3, ' ');
    let request = match first {
        "commit" => {
            let (member, epoch) = (words.next().unwrap(), words.next().unwrap().parse().unwrap());
            let committed =
                CommittedOffset { offset: Offset(0), leader_epoch: None, metadata: "".into(), commit_timestamp: Timestamp(0) };
            let offsets = partitions(words.next().unwrap()).into_iter().map(|partition| (partition, committed.clone())).collect();
            let member_id = (epoch >= 0).then(|| member.into());
            Request::OffsetCommit(OffsetCommitRequest {
                group_id,
                generation_id: epoch,
                member_id,
                group_instance_id: None,
                offsets,
            })
        }
        "beat" | "sync" => {
            let (member_id, generation_id) = (words.next().unwrap().into(), words.next().unwrap().parse().unwrap());
            let group_instance_id = None;
            if first == "beat" {
                Request::Heartbeat(HeartbeatRequest { group_id, generation_id, member_id, group_instance_id })
            } else {
                let assignments = Vec::new();
                Request::SyncGroup(SyncGroupRequest { group_id, generation_id, member_id, group_instance_id, assignments })
            }
        }
        "join" => {
            let (member, owned) = rest.split_once(' ').unwrap();
            join(member, owned)
        }
        member => {
            let (epoch, owned) = rest.split_once(' ').unwrap_or((rest, ""));
            heartbeat(state, member, epoch.parse().unwrap(), owned)
        }
    };
    let or_ok = |error: Option<kafka_playground::engine::ErrorCode>, ok: String| error.map_or(ok, |error| error.to_string());
    match ask(world, request) {
        Response::ConsumerGroupHeartbeat(answer) => {
            let assignment = answer.assignment.as_ref().map_or("-".to_owned(), shown);
            or_ok(answer.error, format!("ok {} {assignment}", answer.member_epoch))
        }
        Response::OffsetCommit(answer) => or_ok(answer.partitions[0].1, "ok".to_owned()),
        Response::Heartbeat(answer) => or_ok(answer.error, "ok".to_owned()),
        Response::SyncGroup(answer) => or_ok(answer.error, format!("ok {}", shown(&answer.assignment))),
        Response::JoinGroup(answer) => or_ok(answer.error, format!("ok {}", answer.generation_id)),
        other => format!("{other:?}"),
    }
}

/// Brings member `m` into a state.
fn begin(state: &str) -> World {
    let broker_configs = [
        ("group.consumer.assignment.interval.ms", "0"),
        ("group.consumer.session.timeout.ms", "6000"),
        ("group.initial.rebalance.delay.ms", "0"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut world = World::new(WorldConfig { broker_configs: broker_configs.into(), ..WorldConfig::default() });
    create_topics(&mut world, &[("t", 2)]);
    ask(&mut world, Request::FindCoordinator(FindCoordinatorRequest { group_id: GROUP.into() }));
    run_for(&mut world, 500);
    let steps: &[&str] = match state {
        "none" => &[],
        "none, of a" => &["a 0"],
        "stable" => &["m 0", "b 0", "m 2", "m 2 [0]", "b 3"],
        "unrevoked" => &["m 0", "b 0", "m 2"],
        "unreleased" => &["a 0", "m 0"],
        "static" => &["m 0"],
        "left" => &["m 0", "m -2"],
        "old" => return begin_old(world),
        other => panic!("{other}"),
    };
    for what in steps {
        let answer = step(&mut world, state, what);
        assert!(answer.starts_with("ok"), "{state}: {what}: {answer}");
    }
    world
}

/// A member of the classic protocol at epoch 3 that owns both partitions, in a group whose other member reads something else.
fn begin_old(mut world: World) -> World {
    let mut other = heartbeat("old", "y", 0, "");
    if let Request::ConsumerGroupHeartbeat(request) = &mut other {
        request.subscribed_topic_names = Some(vec!["elsewhere".into()]);
    }
    let Response::ConsumerGroupHeartbeat(answer) = ask(&mut world, other) else { panic!("no heartbeat") };
    assert_eq!((answer.error, answer.member_epoch), (None, 2));
    let Response::JoinGroup(answer) = ask(&mut world, join("m", "[]")) else { panic!("no join") };
    assert_eq!((answer.error, answer.generation_id), (None, 3));
    world
}

fn member_now(world: &World) -> String {
    let group = world.brokers().find_map(|broker| broker.consumer_groups.get(GROUP));
    let Some(member) = group.and_then(|group| group.members.get("m")) else {
        return "none".to_owned();
    };
    let pending = shown(member.pending_revocation.keys());
    let pending = if pending == "[]" { String::new() } else { format!(" / {pending}") };
    format!("{} {} {}{pending}", member.state.name(), member.epoch, shown(member.assigned.keys()))
}

#[test]
fn every_cell_of_the_table_is_as_it_says() {
    let mut wrong = Vec::new();
    let mut checked = 0;
    for cell in CELLS.lines().filter(|line| !line.is_empty()) {
        let columns: Vec<&str> = cell.split('|').map(str::trim).collect();
        let [state, request, answer, next] = columns[..] else { panic!("{cell}") };
        let mut world = begin(state);
        let mut last = String::new();
        for what in request.split(", ") {
            last = step(&mut world, state, what);
        }
        let now = member_now(&world);
        if (last.as_str(), now.as_str()) != (answer, next) {
            wrong.push(format!("{state} | {request} | {last} | {now}"));
        }
        checked += 1;
    }
    assert!(wrong.is_empty(), "these cells are otherwise:\n{}", wrong.join("\n"));
    assert_eq!(checked, CELLS.lines().count() - 1);
}
