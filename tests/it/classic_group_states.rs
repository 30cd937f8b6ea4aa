//! Walks every cell of the table that `engine/group/classic.rs` opens with: a group and its members in a state, a request,
//! its answer, and what the group is then, as Kafka's own coordinator answered (`tests/vectors/classic-group-states.txt`).

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use kafka_playground::base::{GroupId, MemberId, Offset, ProgramId, Timestamp, TopicPartition};
use kafka_playground::engine::program::{Behaviour, Context, Event};
use kafka_playground::engine::protocol::{
    CommittedOffset, DescribeGroupsRequest, FindCoordinatorRequest, HeartbeatRequest, JoinGroupRequest, JoinGroupResponse,
    LeaveGroupRequest, OffsetCommitRequest, Request, Response, Subscription, SyncGroupRequest,
};
use kafka_playground::engine::{ErrorCode, World, WorldConfig};

use crate::programs::{create_topics, run_for};
use crate::vectors;

/// As in `ClassicGroupStates.java`, in milliseconds.
const SETTLE: u64 = 400;
const DELAY: u64 = 1500;
const REBALANCE: u64 = 3000;
const SESSION: u64 = 8000;
const LONG_SESSION: u64 = 60_000;

pub const GROUP: &str = "g";

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

/// A group that is taken from step to step.
pub struct Walk {
    pub world: World,
    session_timeout_ms: fn(&str) -> u64,
    rebalance_timeout_ms: u64,
    /// The ids that members have, and the names of all ids there were.
    pub ids: BTreeMap<String, MemberId>,
    names: BTreeMap<MemberId, String>,
    pub generations: BTreeMap<String, i32>,
    led: BTreeMap<String, Vec<MemberId>>,
    /// Requests without an answer, by who asked.
    waiting: BTreeMap<String, ProgramId>,
}

fn instance(name: &str) -> Option<String> {
    name.starts_with(char::is_uppercase).then(|| format!("i-{}", &name[..1]))
}

fn or_ok(error: Option<ErrorCode>) -> String {
    error.map_or("ok".to_owned(), |error| error.to_string())
}

impl Walk {
    fn new() -> Self {
        let session = |name: &str| if name.eq_ignore_ascii_case("m") { SESSION } else { LONG_SESSION };
        Self::with(&[("group.max.size", "3")], session, REBALANCE)
    }

    /// With more settings of the broker, and other timeouts of members.
    pub fn with(settings: &[(&str, &str)], session_timeout_ms: fn(&str) -> u64, rebalance_timeout_ms: u64) -> Self {
        Self::on_brokers(1, settings, session_timeout_ms, rebalance_timeout_ms)
    }

    /// The same on so many brokers.
    pub fn on_brokers(
        brokers: u32,
        settings: &[(&str, &str)],
        session_timeout_ms: fn(&str) -> u64,
        rebalance_timeout_ms: u64,
    ) -> Self {
        let delay = DELAY.to_string();
        let settings = settings.iter().copied().chain([("group.initial.rebalance.delay.ms", delay.as_str())]);
        let broker_configs = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut world = World::new(WorldConfig { brokers, broker_configs, ..WorldConfig::default() });
        create_topics(&mut world, &[("t", 4), ("u", 1)]);
        let mut walk = Self {
            world,
            session_timeout_ms,
            rebalance_timeout_ms,
            ids: BTreeMap::new(),
            names: BTreeMap::new(),
            generations: BTreeMap::new(),
            led: BTreeMap::new(),
            waiting: BTreeMap::new(),
        };
        walk.ask(Request::FindCoordinator(FindCoordinatorRequest { group_id: GROUP.into() }));
        run_for(&mut walk.world, 500);
        walk
    }

    pub fn ask(&mut self, request: Request) -> ProgramId {
        let id = self.world.start_program("asker", Box::new(Asker(request, None)));
        run_for(&mut self.world, SETTLE);
        id
    }

    pub fn answer(&self, id: ProgramId) -> Option<Response> {
        self.world.program(id).unwrap().state::<Asker>().unwrap().1.clone()
    }

    /// `z` and `Z` were never there.
    pub fn id(&self, name: &str) -> MemberId {
        if name.eq_ignore_ascii_case("z") { "z".into() } else { self.ids.get(name).cloned().unwrap_or_else(|| "".into()) }
    }

    fn join(&self, name: &str, how: &str) -> Request {
        let topics = if how == "other" { vec!["t".into(), "u".into()] } else { vec!["t".into()] };
        let assignors = match how {
            "both" => vec!["roundrobin", "range"],
            "roundrobin" => vec!["roundrobin"],
            _ => vec!["range"],
        };
        let subscription = || Subscription { topics: topics.clone(), ..Subscription::default() }.into();
        Request::JoinGroup(JoinGroupRequest {
            group_id: GROUP.into(),
            session_timeout_ms: (self.session_timeout_ms)(name),
            rebalance_timeout_ms: self.rebalance_timeout_ms,
            member_id: Some(self.id(name)).filter(|id| !id.as_str().is_empty()),
            group_instance_id: instance(name),
            client_id: name.to_owned(),
            protocols: assignors.into_iter().map(|assignor| (assignor.to_owned(), subscription())).collect(),
            reason: String::new(),
        })
    }

    /// A leader gives partition 0 to the first of its members by name, 1 to the second, and so on.
    fn sync(&self, name: &str, generation_id: i32) -> Request {
        let mut members = self.led.get(name).cloned().unwrap_or_default();
        members.sort_by_key(|id| self.names[id].clone());
        let given = |(at, member): (usize, MemberId)| (member, vec![TopicPartition::new("t", at as i32)]);
        Request::SyncGroup(SyncGroupRequest {
            group_id: GROUP.into(),
            generation_id,
            member_id: self.id(name),
            group_instance_id: instance(name),
            assignments: members.into_iter().enumerate().map(given).collect(),
        })
    }

    fn commit(&self, name: &str, generation_id: i32) -> Request {
        let is_outside = name == "-";
        let committed =
            CommittedOffset { offset: Offset(0), leader_epoch: None, metadata: "".into(), commit_timestamp: Timestamp(0) };
        Request::OffsetCommit(OffsetCommitRequest {
            group_id: GROUP.into(),
            generation_id: if is_outside { -1 } else { generation_id },
            member_id: Some(self.id(name)).filter(|id| !is_outside && !id.as_str().is_empty()),
            group_instance_id: instance(name),
            offsets: vec![(TopicPartition::new("t", 0), committed)],
        })
    }

    /// One step: its answer, or `waits` if there is none within the time to settle.
    pub fn step(&mut self, what: &str) -> String {
        let words: Vec<&str> = what.split(' ').collect();
        let pause = match words[0] {
            "delay" => Some(DELAY + 100),
            "session" => Some(SESSION + 300),
            "rest" => Some(5000),
            "rebalance" => Some(REBALANCE + 300),
            _ => None,
        };
        if let Some(pause) = pause {
            run_for(&mut self.world, pause);
            return String::new();
        }
        let name = words[1];
        let last = self.generations.get(name).copied().unwrap_or(1);
        let generation_id = words.get(2).and_then(|word| word.parse().ok()).unwrap_or(last);
        let (group_id, group_instance_id) = (GroupId::from(GROUP), instance(name));
        let request = match words[0] {
            "join" => self.join(name, words.get(2).copied().unwrap_or("range")),
            "sync" => self.sync(name, generation_id),
            "beat" => {
                let member_id = self.id(name);
                Request::Heartbeat(HeartbeatRequest { group_id, generation_id, member_id, group_instance_id })
            }
            "leave" | "remove" => {
                let member_id = if words[0] == "leave" { self.id(name) } else { "".into() };
                Request::LeaveGroup(LeaveGroupRequest { group_id, member_id, group_instance_id, reason: String::new() })
            }
            "commit" => self.commit(name, generation_id),
            other => panic!("{other}"),
        };
        let asked = self.ask(request);
        match self.answer(asked) {
            Some(response) => {
                self.told(name, &response);
                self.answers();
                self.told(name, &response)
            }
            None => {
                self.waiting.insert(format!("{} {name}", words[0]), asked);
                "waits".to_owned()
            }
        }
    }

    fn told(&mut self, name: &str, response: &Response) -> String {
        match response {
            Response::JoinGroup(answer) => self.joined(name, answer),
            Response::SyncGroup(answer) if answer.error.is_none() => {
                let partitions: Vec<String> = answer.assignment.iter().map(|given| given.partition.to_string()).collect();
                format!("ok [{}]", partitions.join(" "))
            }
            Response::SyncGroup(answer) => or_ok(answer.error),
            Response::Heartbeat(answer) => or_ok(answer.error),
            Response::LeaveGroup(answer) => or_ok(answer.error),
            Response::OffsetCommit(answer) => or_ok(answer.partitions[0].1),
            other => format!("{other:?}"),
        }
    }

    fn joined(&mut self, name: &str, answer: &JoinGroupResponse) -> String {
        let is_known = matches!(answer.error, None | Some(ErrorCode::MemberIdRequired));
        if let Some(member_id) = answer.member_id.clone().filter(|_| is_known && !name.eq_ignore_ascii_case("z")) {
            self.ids.insert(name.to_owned(), member_id.clone());
            self.names.insert(member_id, name.to_owned());
        }
        if answer.error.is_some() {
            return or_ok(answer.error);
        }
        self.generations.insert(name.to_owned(), answer.generation_id);
        let mut told = format!("ok {} {}", answer.generation_id, answer.protocol_name);
        if answer.leader == answer.member_id {
            let members: Vec<MemberId> = answer.members.iter().map(|member| member.member_id.clone()).collect();
            told += &format!(" leads {}", self.shown(&members));
            self.led.insert(name.to_owned(), members);
        }
        told + if answer.skip_assignment { " skips" } else { "" }
    }

    fn shown(&self, members: &[MemberId]) -> String {
        let mut names: Vec<&str> = members.iter().map(|id| self.names.get(id).map_or("?", String::as_str)).collect();
        names.sort_unstable();
        format!("[{}]", names.join(" "))
    }

    fn describe(&mut self) -> String {
        let asked = self.ask(Request::DescribeGroups(DescribeGroupsRequest { groups: vec![GROUP.into()] }));
        let Some(Response::DescribeGroups(answer)) = self.answer(asked) else { panic!("no description") };
        let Ok(group) = &answer.groups[0].1 else { return "Dead []".to_owned() };
        let name = |id, client_id| self.names.get(id).cloned().unwrap_or(format!("{client_id}?"));
        let mut members: Vec<String> = group.members.iter().map(|member| name(&member.member_id, &member.client_id)).collect();
        members.sort_unstable();
        format!("{} [{}]", group.state, members.join(" "))
    }

    /// The answers to requests that waited, since it was last asked.
    pub fn late(&mut self) -> String {
        // Twice: what a leader is told has ids that come with the other answers.
        self.answers();
        let answers = self.answers();
        self.waiting.retain(|what, _| !answers.iter().any(|(answered, _)| answered == what));
        answers.into_iter().map(|(what, told)| format!("; {what}: {told}")).collect()
    }

    /// The answers that have come to requests that wait, and the ids in them.
    fn answers(&mut self) -> Vec<(String, String)> {
        let mut answers = Vec::new();
        for (what, asked) in self.waiting.clone() {
            if let Some(response) = self.answer(asked) {
                let name = what.split(' ').nth(1).unwrap();
                let told = self.told(name, &response);
                answers.push((what, told));
            }
        }
        answers
    }
}

fn walk(begin: &str, steps: &str) -> String {
    let mut walk = Walk::new();
    for what in begin.split(", ").filter(|what| !what.is_empty()) {
        walk.step(what);
        walk.late();
    }
    let mut last = String::new();
    for what in steps.split(", ") {
        walk.late();
        last = walk.step(what);
    }
    let late = walk.late();
    format!("{last} | {}{late}", walk.describe())
}

#[test]
fn every_cell_of_the_table_is_as_kafkas_coordinator_answered() {
    let mut begins: BTreeMap<String, String> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut checked = 0;
    let vectors = vectors::read("classic-group-states.txt");
    for line in vectors.text.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.splitn(3, '|').map(str::trim).collect();
        if let Some(state) = columns[0].strip_prefix("= ") {
            let step = |what: &str| begins.get(what).cloned().unwrap_or_else(|| what.to_owned());
            let steps = columns[1].split(", ").map(step).collect::<Vec<_>>().join(", ");
            begins.insert(state.to_owned(), steps);
            continue;
        }
        let [state, steps, expected] = columns[..] else { panic!("{line}") };
        let ours = walk(&begins[state], steps);
        if !expected.split(" or ").any(|expected| expected == ours.trim()) {
            wrong.push(format!("{state} | {steps}\n    kafka: {expected}\n    here:  {}", ours.trim()));
        }
        checked += 1;
    }
    assert!(wrong.is_empty(), "{} of {checked} cells are otherwise:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked > 300 || !vectors.own, "only {checked} cells");
}
