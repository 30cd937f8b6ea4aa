//! Members of a streams group that come, go, fall silent and lose answers, with topics that grow, settings that change and a
//! coordinator that ends and begins anew: whatever they do, no task is ever active twice (the world checks that after each step),
//! and once they are left in peace all tasks run.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use kafka_playground::base::Prng;
use kafka_playground::engine::group::streams::{TaskId, by_task};
use kafka_playground::engine::protocol::{
    AlterConfigsRequest, ConfigResource, CreatePartitionsRequest, DescribedStreamsGroup, DescribedTasks, FindCoordinatorRequest,
    Request, Response, StreamsGroupDescribeRequest, StreamsTopology, Subtopology, TopicInfo,
};
use kafka_playground::engine::{World, WorldConfig};

use crate::programs::{create_topics, run_for};
use crate::streams_groups::{ask, heartbeat};

const GROUP: &str = "app";
const STEPS: usize = 150;

/// What a member knows.
struct Member {
    id: String,
    process: String,
    epoch: i32,
    owned: DescribedTasks,
    /// What it has said that it owns.
    told: Option<DescribedTasks>,
    /// It has missed an answer. Kafka tells tasks once: it may not know of some until they change again, or it joins again.
    missed: bool,
}

struct Swarm {
    world: World,
    chance: Prng,
    members: Vec<Member>,
    born: usize,
    partitions: i32,
    replicas: usize,
}

fn topology() -> StreamsTopology {
    let changelog = TopicInfo { name: "app-changelog".into(), partitions: 0, replication_factor: 0, topic_configs: Vec::new() };
    let of = |id: &str, source: &str, state_changelog_topics| Subtopology {
        subtopology_id: id.to_owned(),
        source_topics: vec![source.into()],
        state_changelog_topics,
        ..Subtopology::default()
    };
    StreamsTopology { epoch: 0, subtopologies: vec![of("0", "grows", Vec::new()), of("1", "counted", vec![changelog])] }
}

impl Swarm {
    fn new(seed: u64) -> Self {
        let configs = [
            ("group.streams.session.timeout.ms", "6000"),
            ("group.streams.heartbeat.interval.ms", "1000"),
            ("group.streams.initial.rebalance.delay.ms", if seed.is_multiple_of(2) { "0" } else { "500" }),
            ("group.streams.assignment.interval.ms", if seed.is_multiple_of(3) { "700" } else { "0" }),
        ];
        let broker_configs = configs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let mut world = World::new(WorldConfig { seed, broker_configs, ..WorldConfig::default() });
        create_topics(&mut world, &[("grows", 2), ("counted", 3)]);
        ask(&mut world, Request::FindCoordinator(FindCoordinatorRequest { group_id: GROUP.into() }));
        run_for(&mut world, 500);
        Self { world, chance: Prng::new(seed, "swarm"), members: Vec::new(), born: 0, partitions: 2, replicas: 0 }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.chance.below(bound as u64) as usize
    }

    fn step(&mut self) {
        match self.below(24) {
            0 | 1 if self.members.len() < 5 => {
                self.born += 1;
                let process = format!("p{}", self.below(3));
                let (owned, told) = (DescribedTasks::default(), None);
                self.members.push(Member { id: format!("m{}", self.born), process, epoch: 0, owned, told, missed: false });
            }
            2 if !self.members.is_empty() => {
                let at = self.below(self.members.len());
                let gone = self.members.remove(at);
                // Half of them only fall silent.
                if self.below(2) == 0 && gone.epoch > 0 {
                    ask(&mut self.world, Request::StreamsGroupHeartbeat(heartbeat(GROUP, &gone.id, -1, None)));
                }
            }
            3 if self.partitions < 5 => {
                self.partitions += 1;
                let request = CreatePartitionsRequest { topic: "grows".into(), count: self.partitions, replica_assignment: None };
                ask(&mut self.world, Request::CreatePartitions(request));
            }
            4 => {
                self.replicas = self.below(3);
                let changes = vec![("streams.num.standby.replicas".to_owned(), Some(self.replicas.to_string()))];
                let request = AlterConfigsRequest { resource: ConfigResource::Group(GROUP.into()), changes };
                ask(&mut self.world, Request::AlterConfigs(request));
            }
            5 => {
                let crash = self.below(2) == 0;
                let id = self.world.brokers().next().unwrap().id;
                self.world.stop_broker(id, crash);
                run_for(&mut self.world, 200);
                self.world.start_broker(id);
                run_for(&mut self.world, 2000);
            }
            6 | 7 => {
                let ms = 100 + self.below(3000) as u64;
                run_for(&mut self.world, ms);
            }
            _ if !self.members.is_empty() => {
                let (at, loses) = (self.below(self.members.len()), self.below(5) == 0);
                self.beat(at, loses);
            }
            _ => {}
        }
    }

    /// A heartbeat, whose answer may be lost on its way back.
    fn beat(&mut self, at: usize, loses: bool) {
        let member = &mut self.members[at];
        let mut request = heartbeat(GROUP, &member.id, member.epoch, (member.epoch == 0).then(topology));
        request.process_id = request.process_id.map(|_| member.process.clone());
        if member.epoch > 0 && member.told.as_ref() != Some(&member.owned) {
            let DescribedTasks { active_tasks, standby_tasks, warmup_tasks } = member.owned.clone();
            (request.active_tasks, request.standby_tasks) = (Some(active_tasks), Some(standby_tasks));
            request.warmup_tasks = Some(warmup_tasks);
        }
        let told = Some(member.owned.clone());
        let Response::StreamsGroupHeartbeat(answer) = ask(&mut self.world, Request::StreamsGroupHeartbeat(request)) else {
            panic!("another answer")
        };
        if loses {
            // It does not know what has been heard of it.
            (member.told, member.missed) = (None, true);
        } else if answer.error.is_some() {
            (member.epoch, member.owned, member.told) = (0, DescribedTasks::default(), None);
        } else {
            member.told = told;
            member.epoch = answer.member_epoch;
            if let (Some(active_tasks), Some(standby_tasks), Some(warmup_tasks)) =
                (answer.active_tasks, answer.standby_tasks, answer.warmup_tasks)
            {
                member.owned = DescribedTasks { active_tasks, standby_tasks, warmup_tasks };
            }
        }
    }

    fn describe(&mut self) -> DescribedStreamsGroup {
        let request = StreamsGroupDescribeRequest { groups: vec![GROUP.into()] };
        match ask(&mut self.world, Request::StreamsGroupDescribe(request)) {
            Response::StreamsGroupDescribe(response) => response.groups[0].1.clone().unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// All go on without trouble, until those that fell silent are given up and the others have what they should.
    fn settle(&mut self) {
        for member in self.members.iter_mut().filter(|member| member.missed) {
            (member.epoch, member.owned, member.told) = (0, DescribedTasks::default(), None);
        }
        for _ in 0..20 {
            (0..self.members.len()).for_each(|at| self.beat(at, false));
            run_for(&mut self.world, 500);
        }
    }

    fn check(&mut self, seed: u64) {
        let described = self.describe();
        assert_eq!((described.state, described.members.len()), ("Stable", self.members.len()), "seed {seed}");
        let mut active: Vec<TaskId> = Vec::new();
        let mut copies = 0;
        for member in &described.members {
            assert_eq!(member.assignment, member.target_assignment, "seed {seed}");
            let known = self.members.iter().find(|known| known.id == member.member_id.as_str()).unwrap();
            assert_eq!((&known.owned, known.epoch), (&member.assignment, member.member_epoch), "seed {seed}");
            active.extend(by_task(&member.assignment.active_tasks));
            copies += by_task(&member.assignment.standby_tasks).count();
        }
        active.sort();
        let grows = (0..self.partitions).map(|partition| TaskId::new("0", partition));
        let all: Vec<TaskId> = grows.chain((0..3).map(|partition| TaskId::new("1", partition))).collect();
        assert_eq!(active, all, "seed {seed}");
        let mut processes: Vec<&String> = self.members.iter().map(|member| &member.process).collect();
        processes.sort();
        processes.dedup();
        assert_eq!(copies, 3 * self.replicas.min(processes.len() - 1), "seed {seed}");
    }
}

#[test]
fn all_tasks_run_once_whatever_members_do() {
    for seed in 1..=24 {
        let mut swarm = Swarm::new(seed);
        for _ in 0..STEPS {
            swarm.step();
            assert_eq!(swarm.world.failure(), None, "seed {seed}");
        }
        if swarm.members.is_empty() {
            continue;
        }
        swarm.settle();
        swarm.check(seed);
    }
}
