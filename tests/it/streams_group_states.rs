//! Walks every cell of the table that `engine/group_coordinator/streams` opens with: a member in a state, a request, its answer,
//! and what the member is then.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use kafka_playground::base::{GroupId, Offset, Timestamp, TopicPartition};
use kafka_playground::engine::group::streams::{TaskId, task_ids};
use kafka_playground::engine::protocol::{
    CommittedOffset, CreatePartitionsRequest, FindCoordinatorRequest, OffsetCommitRequest, Request, Response,
    StreamsGroupHeartbeatRequest, StreamsTopology, Subtopology, TaskIds,
};
use kafka_playground::engine::{ErrorCode, World, WorldConfig};

use crate::programs::{create_topics, run_for};
use crate::streams_groups::{ask, heartbeat};

/// State of member `m`, what happens, the answer (epoch, active tasks; `-` for "as before"), and the member then: state, epoch,
/// tasks, and after `/` those to give up. `b` and `a` are other members, `n` is `m`'s next run. All are of processes of their
/// own.
const CELLS: &str = "
none       | m 0                 | ok 2 [0 1]            | STABLE 2 [0 1]
none       | m 5                 | GROUP_ID_NOT_FOUND    | none
none       | m -1                | GROUP_ID_NOT_FOUND    | none
none, of a | m 0                 | ok 3 []               | UNRELEASED_TASKS 3 []
none, of a | m 5                 | UNKNOWN_MEMBER_ID     | none
none, of a | m -1                | UNKNOWN_MEMBER_ID     | none
delayed    | m 1                 | ok 1 - delayed        | STABLE 1 []
delayed    | delay over, m 1     | ok 2 [0 1]            | STABLE 2 [0 1]
delayed    | b 0, delay over, m 1 | ok 3 [1]             | STABLE 3 [1]
delayed    | m -1                | ok -1 -               | none
stable     | m 3                 | ok 3 -                | STABLE 3 [0]
stable     | m 3 [0]             | ok 3 -                | STABLE 3 [0]
stable     | m 3 [7]             | INVALID_REQUEST       | STABLE 3 [0]
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
unrevoked  | m 2                 | ok 2 -                | UNREVOKED_TASKS 2 [0] / [1]
unrevoked  | m 2 [0 1]           | ok 2 -                | UNREVOKED_TASKS 2 [0] / [1]
unrevoked  | m 2 [0]             | ok 3 -                | STABLE 3 [0]
unrevoked  | m 0                 | ok 3 [0]              | STABLE 3 [0]
unrevoked  | m 3                 | FENCED_MEMBER_EPOCH   | UNREVOKED_TASKS 2 [0] / [1]
unrevoked  | m -1                | ok -1 -               | none
unrevoked  | b -1, m 2           | ok 2 -                | UNREVOKED_TASKS 2 [0] / [1]
unrevoked  | b -1, m 2 [0]       | ok 4 -                | UNRELEASED_TASKS 4 [0]
unrevoked  | b -1, m 2 [0], m 4  | ok 4 [0 1]            | STABLE 4 [0 1]
unrevoked  | timeout over        |                       | none
unrevoked  | session over        |                       | none
unreleased | m 3                 | ok 3 -                | UNRELEASED_TASKS 3 []
unreleased | m 0                 | ok 3 []               | UNRELEASED_TASKS 3 []
unreleased | m 2 [0]             | FENCED_MEMBER_EPOCH   | UNRELEASED_TASKS 3 []
unreleased | m 4                 | FENCED_MEMBER_EPOCH   | UNRELEASED_TASKS 3 []
unreleased | a 2, m 3            | ok 3 -                | UNRELEASED_TASKS 3 []
unreleased | a 2, a 2 [0], m 3   | ok 3 [1]              | STABLE 3 [1]
unreleased | a -1, m 3           | ok 4 [0 1]            | STABLE 4 [0 1]
unreleased | m -1                | ok -1 -               | none
unreleased | session over        |                       | none
static     | m 2                 | ok 2 -                | STABLE 2 [0 1]
static     | m -1                | ok -1 -               | none
static     | m -2                | ok -2 -               | STABLE -2 [0 1]
static     | m 0                 | UNRELEASED_INSTANCE_ID | STABLE 2 [0 1]
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
stable     | commit z -1 [0]     | UNKNOWN_MEMBER_ID     | STABLE 3 [0]
unrevoked  | commit m 2 [1]      | ok                    | UNREVOKED_TASKS 2 [0] / [1]
none       | commit m -1 [0]     | ok                    | none
";

const GROUP: &str = "g";

fn topology() -> StreamsTopology {
    let reads = Subtopology { subtopology_id: "0".to_owned(), source_topics: vec!["t".into()], ..Subtopology::default() };
    StreamsTopology { epoch: 0, subtopologies: vec![reads] }
}

/// `[0 1]` as tasks.
fn tasks(text: &str) -> Vec<TaskIds> {
    let numbers = text.trim_matches(['[', ']']).split_whitespace().map(|number| number.parse().unwrap());
    let tasks: Vec<TaskId> = numbers.map(|number| TaskId::new("0", number)).collect();
    task_ids(&tasks)
}

fn shown<'t>(tasks: impl IntoIterator<Item = &'t i32>) -> String {
    let numbers: Vec<String> = tasks.into_iter().map(ToString::to_string).collect();
    format!("[{}]", numbers.join(" "))
}

fn beat(state: &str, member: &str, epoch: i32, owned: &str) -> StreamsGroupHeartbeatRequest {
    let is_static = matches!(state, "static" | "left") && matches!(member, "m" | "n");
    let mut request = heartbeat(GROUP, member, epoch, (epoch == 0).then(topology));
    request.instance_id = is_static.then(|| "i".to_owned());
    if is_static && epoch == 0 {
        request.process_id = Some("of i".to_owned());
    }
    if owned.starts_with('[') {
        (request.active_tasks, request.standby_tasks, request.warmup_tasks) =
            (Some(tasks(owned)), Some(Vec::new()), Some(Vec::new()));
    }
    request
}

/// One step of a cell, and its answer as the table has it.
fn step(world: &mut World, state: &str, what: &str) -> String {
    let (first, rest) = what.split_once(' ').unwrap();
    let waits_ms = match first {
        "session" => 7000,
        "timeout" => 2100,
        "delay" => 1000,
        "4" => {
            let request = CreatePartitionsRequest { topic: "t".into(), count: 4, replica_assignment: None };
            ask(world, Request::CreatePartitions(request));
            return String::new();
        }
        _ => 0,
    };
    if waits_ms > 0 {
        run_for(world, waits_ms);
        return String::new();
    }
    let mut words = rest.splitn(3, ' ');
    let request = if first == "commit" {
        let (member, epoch) = (words.next().unwrap(), words.next().unwrap().parse().unwrap());
        let committed =
            CommittedOffset { offset: Offset(0), leader_epoch: None, metadata: "".into(), commit_timestamp: Timestamp(0) };
        let of = |tasks: TaskIds| tasks.partitions.into_iter().map(|number| TopicPartition::new("t", number)).collect::<Vec<_>>();
        let partitions = tasks(words.next().unwrap()).into_iter().flat_map(of);
        Request::OffsetCommit(OffsetCommitRequest {
            group_id: GroupId::from(GROUP),
            generation_id: epoch,
            member_id: (epoch >= 0).then(|| member.into()),
            group_instance_id: None,
            offsets: partitions.map(|partition| (partition, committed.clone())).collect(),
        })
    } else {
        let (epoch, owned) = rest.split_once(' ').unwrap_or((rest, ""));
        Request::StreamsGroupHeartbeat(beat(state, first, epoch.parse().unwrap(), owned))
    };
    let or_ok = |error: Option<ErrorCode>, ok: String| error.map_or(ok, |error| error.to_string());
    match ask(world, request) {
        Response::StreamsGroupHeartbeat(answer) => {
            let numbers = |tasks: &Vec<TaskIds>| shown(tasks.iter().flat_map(|tasks| &tasks.partitions));
            let active = answer.active_tasks.as_ref().map_or("-".to_owned(), numbers);
            let delayed = if answer.status.is_empty() { "" } else { " delayed" };
            or_ok(answer.error.map(|(error, _)| error), format!("ok {} {active}{delayed}", answer.member_epoch))
        }
        Response::OffsetCommit(answer) => or_ok(answer.partitions[0].1, "ok".to_owned()),
        other => format!("{other:?}"),
    }
}

/// Brings member `m` into a state.
fn begin(state: &str) -> World {
    let delay = if state == "delayed" { "500" } else { "0" };
    let broker_configs = [
        ("group.streams.assignment.interval.ms", "0"),
        ("group.streams.session.timeout.ms", "6000"),
        ("group.streams.initial.rebalance.delay.ms", delay),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut world = World::new(WorldConfig { broker_configs: broker_configs.into(), ..WorldConfig::default() });
    create_topics(&mut world, &[("t", 2)]);
    ask(&mut world, Request::FindCoordinator(FindCoordinatorRequest { group_id: GROUP.into() }));
    run_for(&mut world, 500);
    let steps: &[&str] = match state {
        "none" => &[],
        "none, of a" => &["a 0"],
        "delayed" => &["m 0"],
        "stable" => &["m 0", "b 0", "m 2", "m 2 [0]", "b 3"],
        "unrevoked" => &["m 0", "b 0", "m 2"],
        "unreleased" => &["a 0", "m 0"],
        "static" => &["m 0"],
        "left" => &["m 0", "m -2"],
        other => panic!("{other}"),
    };
    for what in steps {
        let answer = step(&mut world, state, what);
        assert!(answer.starts_with("ok"), "{state}: {what}: {answer}");
    }
    world
}

fn member_now(world: &World) -> String {
    let group = world.brokers().find_map(|broker| broker.streams_groups.get(GROUP));
    let Some(member) = group.and_then(|group| group.members.get("m")) else {
        return "none".to_owned();
    };
    let pending = shown(member.pending_revocation.active.keys().map(|task| &task.partition));
    let pending = if pending == "[]" { String::new() } else { format!(" / {pending}") };
    let active = shown(member.assigned.active.keys().map(|task| &task.partition));
    format!("{} {} {active}{pending}", member.state.name(), member.epoch)
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
