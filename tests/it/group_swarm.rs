//! Groups of both protocols under a swarm of starts, stops, kills and stalls; then everything heals and must come to rest.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use kafka_playground::base::{ClientId, Offset, Prng, Span, TopicPartition};
use kafka_playground::engine::client::{AutoOffsetReset, ConsumerConfig, GroupProtocol};
use kafka_playground::engine::invariants::committed_within_logs;
use kafka_playground::engine::program::{Behaviour, Context, Event};
use kafka_playground::engine::{World, WorldConfig};

use crate::programs::{create_topics, fill, run_for};

#[derive(Clone, Hash, Debug)]
struct Worker {
    instance: Option<String>,
    assignors: Vec<String>,
    protocol: GroupProtocol,
    consumer: Option<ClientId>,
    stalled: bool,
    seen: BTreeSet<(i32, i64)>,
}

impl Worker {
    fn new(instance: Option<String>, assignors: Vec<String>, protocol: GroupProtocol) -> Self {
        Self { instance, assignors, protocol, consumer: None, stalled: false, seen: BTreeSet::new() }
    }
}

impl Behaviour for Worker {
    fn on(&mut self, event: Event, cx: &mut Context<'_>) {
        match event {
            Event::Started => {
                let consumer = cx.consumer(ConsumerConfig {
                    client_id: "worker".to_owned(),
                    group_id: Some("swarm".into()),
                    group_instance_id: self.instance.clone(),
                    auto_offset_reset: AutoOffsetReset::Earliest,
                    auto_commit_interval_ms: 300,
                    session_timeout_ms: 6000,
                    heartbeat_interval_ms: 500,
                    max_poll_interval_ms: 4000,
                    assignors: self.assignors.clone(),
                    group_protocol: self.protocol,
                    ..ConsumerConfig::default()
                });
                self.consumer = Some(consumer);
                cx.subscribe(consumer, &["rides"]);
                cx.poll(consumer, Span::from_ms(100));
            }
            Event::Polled { consumer, records } => {
                self.seen.extend(records.iter().map(|(partition, record)| (partition.partition, record.offset.0)));
                if !self.stalled {
                    cx.poll(consumer, Span::from_ms(100));
                }
            }
            // A static member whose place is not free yet is fatal for a consumer of the newer protocol: it starts anew.
            Event::PollFailed { .. } if self.protocol == GroupProtocol::Consumer => cx.exit(1),
            Event::PollFailed { consumer, .. } => cx.poll(consumer, Span::from_ms(100)),
            Event::Tell(word) => {
                self.stalled = word.as_ref() == "stall";
                if let (Some(consumer), false) = (self.consumer, self.stalled) {
                    cx.poll(consumer, Span::from_ms(100));
                }
            }
            Event::Interrupt => {
                if let Some(consumer) = self.consumer {
                    cx.close(consumer);
                }
            }
            Event::Closed { .. } => cx.exit(0),
            _ => {}
        }
    }
}

/// What the workers of a swarm are set to: all have an assignor in common, in lists of their own.
fn assignors(chance: &mut Prng, common: &str) -> Vec<String> {
    let mut names: Vec<String> = vec![common.to_owned()];
    if common != "cooperative-sticky" {
        for name in ["range", "roundrobin", "sticky", "cooperative-sticky"] {
            if name != common && chance.below(3) == 0 {
                names.insert(chance.below(names.len() as u64 + 1) as usize, name.to_owned());
            }
        }
    }
    names
}

/// No partition belongs to two members of a generation or an epoch: not at the coordinator, and not among consumers that
/// are in it.
fn one_owner(world: &World) {
    let mut owners: BTreeSet<(i32, TopicPartition)> = BTreeSet::new();
    for client in world.clients() {
        if let Some(consumer) = world.consumer(client.id).filter(|consumer| consumer.generation_id() >= 0) {
            for partition in consumer.assignment() {
                assert!(owners.insert((consumer.generation_id(), partition.clone())), "two members own {partition}");
            }
        }
    }
    for group in world.brokers().filter_map(|broker| broker.groups.get("swarm")) {
        let given: Vec<&TopicPartition> = group.members.values().flat_map(|member| &member.assignment).collect();
        assert_eq!(given.iter().collect::<BTreeSet<_>>().len(), given.len(), "a partition is assigned twice");
    }
    for group in world.brokers().filter_map(|broker| broker.consumer_groups.get("swarm")) {
        let owned: Vec<&TopicPartition> = group.members.values().flat_map(|member| member.owned()).collect();
        assert_eq!(owned.iter().collect::<BTreeSet<_>>().len(), owned.len(), "a partition is owned twice");
    }
    assert_eq!(world.failure(), None);
}

/// A group's offsets do not go back by themselves.
fn only_forward(world: &World, marks: &mut BTreeMap<TopicPartition, Offset>) {
    for (partition, committed) in world.brokers().filter_map(|broker| broker.committed.get("swarm")).flatten() {
        let before = marks.insert(partition.clone(), committed.offset);
        assert!(before.is_none_or(|before| before <= committed.offset), "{partition}: the committed offset went back");
    }
}

/// Which protocols the members of a swarm have.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Protocols {
    Classic,
    Consumer,
    /// Any, so that the group goes from one to the other and back.
    Mixed,
}

impl Protocols {
    fn draw(self, chance: &mut Prng) -> GroupProtocol {
        match self {
            Self::Classic => GroupProtocol::Classic,
            Self::Consumer => GroupProtocol::Consumer,
            Self::Mixed if chance.below(2) == 0 => GroupProtocol::Classic,
            Self::Mixed => GroupProtocol::Consumer,
        }
    }
}

/// Runs the swarm of one seed and gives the hash of the world at its end.
fn swarm(seed: u64, protocols: Protocols) -> u64 {
    let mut chance = Prng::new(seed, "swarm");
    let broker_configs = [
        ("group.initial.rebalance.delay.ms".to_owned(), chance.between(0, 2000).to_string()),
        ("group.consumer.session.timeout.ms".to_owned(), "6000".to_owned()),
        ("group.consumer.heartbeat.interval.ms".to_owned(), "500".to_owned()),
    ]
    .into();
    let mut world = World::new(WorldConfig { seed, brokers: 3, broker_configs, ..WorldConfig::default() });
    create_topics(&mut world, &[("rides", 4)]);
    let mut seen: BTreeSet<(i32, i64)> = BTreeSet::new();
    let statics = chance.below(2) == 1;
    let common = ["range", "roundrobin", "sticky", "cooperative-sticky"][chance.below(4) as usize];
    let mut marks = BTreeMap::new();
    for _ in 0..30 {
        let name = format!("w{}", chance.below(5));
        let running = world.program_named(&name).filter(|entry| entry.is_running()).map(|entry| entry.id);
        match (running, chance.below(5)) {
            (None, _) => {
                if let Some(ended) = world.program_named(&name).and_then(|entry| entry.state::<Worker>()) {
                    seen.extend(&ended.seen);
                }
                let instance = statics.then(|| name.clone());
                let assignors = assignors(&mut chance, common);
                let protocol = protocols.draw(&mut chance);
                world.start_program(&name, Box::new(Worker::new(instance, assignors, protocol)));
            }
            (Some(id), 0) => world.kill_program(id),
            (Some(id), 1) => world.send_event(id, Event::Interrupt),
            (Some(id), 2) => world.send_event(id, Event::Tell("stall".into())),
            (Some(id), 3) => world.send_event(id, Event::Tell("go on".into())),
            _ => fill(&mut world, "rides", chance.below(4) as i32, 50),
        }
        let pause = chance.between(1, 3000);
        for _ in 0..10 {
            run_for(&mut world, pause / 10);
            one_owner(&world);
            only_forward(&world, &mut marks);
        }
        committed_within_logs(&world).unwrap();
    }
    let protocol = protocols.draw(&mut chance);
    heal(&mut world, &mut seen, common, protocol);
    world.hash()
}

/// Everyone who runs goes on, and at least one runs: then the group is stable, owns everything and has read everything.
fn heal(world: &mut World, seen: &mut BTreeSet<(i32, i64)>, common: &str, protocol: GroupProtocol) {
    world.start_program("last", Box::new(Worker::new(None, vec![common.to_owned()], protocol)));
    let workers: Vec<_> = world.latest_programs().filter(|entry| entry.state::<Worker>().is_some()).map(|entry| entry.id).collect();
    for id in workers {
        world.send_event(id, Event::Tell("go on".into()));
    }
    run_for(world, 60_000);
    for entry in world.latest_programs() {
        if let Some(worker) = entry.state::<Worker>() {
            seen.extend(&worker.seen);
        }
    }
    let classic = world.brokers().find_map(|broker| broker.groups.get("swarm")).map(|group| {
        let owned = group.members.values().map(|member| member.assignment.len()).sum::<usize>();
        (group.state.name(), owned, group.members.len())
    });
    let modern = world.brokers().find_map(|broker| broker.consumer_groups.get("swarm")).map(|group| {
        let owned = group.members.values().map(|member| member.assigned.len()).sum::<usize>();
        (group.state(), owned, group.members.len())
    });
    assert!(classic.is_none() || modern.is_none(), "a group has one protocol");
    let running = world.programs().filter(|entry| entry.is_running() && entry.state::<Worker>().is_some()).count();
    assert_eq!(classic.or(modern), Some(("Stable", 4, running)), "stable, all is owned, and members are those that run");
    for broker in world.brokers() {
        for (partition, replica) in broker.replicas.iter().filter(|(partition, _)| partition.topic.as_str() == "rides") {
            let all = (0..replica.log.log_end_offset().0).all(|offset| seen.contains(&(partition.partition, offset)));
            assert!(all, "{partition}: every record was read at least once");
        }
        if let Some(committed) = broker.committed.get("swarm") {
            let leads = |partition| world.brokers().find_map(|broker| broker.replica(partition));
            for (partition, mark) in committed {
                assert_eq!(leads(partition).map(|replica| replica.log.log_end_offset()), Some(mark.offset), "{partition}");
            }
        }
    }
}

/// GROUP_SEEDS asks for more than the usual run has.
fn seeds() -> u64 {
    std::env::var("GROUP_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(200)
}

fn recovers(protocols: Protocols) {
    for seed in 1..=seeds() {
        let result = std::panic::catch_unwind(|| swarm(seed, protocols));
        assert!(result.is_ok(), "seed {seed} failed");
    }
    assert_eq!(swarm(7, protocols), swarm(7, protocols), "the same seed gives the same world");
}

#[test]
fn a_group_recovers_from_whatever_its_members_do() {
    recovers(Protocols::Classic);
}

#[test]
fn a_group_of_the_consumer_protocol_recovers_too() {
    recovers(Protocols::Consumer);
}

#[test]
fn a_group_recovers_on_its_way_from_one_protocol_to_the_other() {
    recovers(Protocols::Mixed);
}
