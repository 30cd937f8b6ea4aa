//! Groups of both protocols on three brokers under a swarm of faults: members that start, leave, crash, stall, are slow, and
//! lose touch; brokers that crash, freeze and stop, the coordinator's first of all, so that its partition of
//! `__consumer_offsets` moves. After every step the promises are looked at; then all is put right, and the group must come to
//! rest: stable, all partitions owned, everything read.
//!
//! A seed that fails prints what was done.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use kafka_playground::base::{
    BrokerId, ClientId, GroupId, MemberId, Offset, Prng, ProgramId, SimTime, Span, TopicName, TopicPartition,
};
use kafka_playground::engine::broker::Broker;
use kafka_playground::engine::client::consumer::MemberState;
use kafka_playground::engine::client::{AutoOffsetReset, Consumer, ConsumerConfig, GroupProtocol, ModernState};
use kafka_playground::engine::metadata::lives_in;
use kafka_playground::engine::network::{Host, LinkFault};
use kafka_playground::engine::program::{Behaviour, Context, Event};
use kafka_playground::engine::protocol::{CreateTopicsRequest, NewTopic, Request};
use kafka_playground::engine::world::ProgramEntry;
use kafka_playground::engine::{World, WorldConfig};

use crate::programs::{Caller, Filler};

const GROUP: &str = "swarm";
const TOPIC: &str = "rides";
const PARTITIONS: i32 = 4;
const OFFSETS: &str = "__consumer_offsets";

#[derive(Clone, Hash, Debug)]
struct Worker {
    instance: Option<String>,
    assignors: Vec<String>,
    protocol: GroupProtocol,
    remote_assignor: Option<String>,
    consumer: Option<ClientId>,
    stalled: bool,
    /// How long it works on what a poll has brought.
    work: Span,
    seen: BTreeSet<(i32, i64)>,
}

impl Worker {
    fn poll(&self, cx: &mut Context<'_>) {
        if let (Some(consumer), false) = (self.consumer, self.stalled) {
            cx.poll(consumer, Span::from_ms(100));
        }
    }
}

impl Behaviour for Worker {
    fn on(&mut self, event: Event, cx: &mut Context<'_>) {
        match event {
            Event::Started => {
                let consumer = cx.consumer(ConsumerConfig {
                    client_id: "worker".to_owned(),
                    group_id: Some(GROUP.into()),
                    group_instance_id: self.instance.clone(),
                    auto_offset_reset: AutoOffsetReset::Earliest,
                    auto_commit_interval_ms: 300,
                    session_timeout_ms: 6000,
                    heartbeat_interval_ms: 500,
                    max_poll_interval_ms: 4000,
                    assignors: self.assignors.clone(),
                    group_protocol: self.protocol,
                    remote_assignor: self.remote_assignor.clone(),
                    ..ConsumerConfig::default()
                });
                self.consumer = Some(consumer);
                cx.subscribe(consumer, &[TOPIC]);
                cx.poll(consumer, Span::from_ms(100));
            }
            Event::Polled { records, .. } => {
                self.seen.extend(records.iter().map(|(partition, record)| (partition.partition, record.offset.0)));
                if self.work == Span::ZERO { self.poll(cx) } else { cx.timer(self.work, 0) }
            }
            Event::Timer { .. } => self.poll(cx),
            // A static member whose place is not free yet is fatal for a consumer of the newer protocol: it starts anew.
            Event::PollFailed { .. } if self.protocol == GroupProtocol::Consumer => cx.exit(1),
            Event::PollFailed { .. } => self.poll(cx),
            Event::Tell(word) => {
                let is_idle = self.stalled;
                self.stalled = word.as_ref() == "stall";
                self.work = if word.as_ref() == "slow" { Span::from_ms(900) } else { Span::ZERO };
                if is_idle {
                    self.poll(cx);
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

/// What the workers of a swarm are set to: all like the same assignor best, and have others besides. With another order, a group
/// may have chosen what not all have; the record in `__consumer_offsets` has only the chosen one, so that the next coordinator
/// refuses those others for as long as such a member stays (`GroupMetadataManager.replay`).
fn assignors(chance: &mut Prng, common: &str) -> Vec<String> {
    let mut names: Vec<String> = vec![common.to_owned()];
    if common != "cooperative-sticky" {
        for name in ["range", "roundrobin", "sticky", "cooperative-sticky"] {
            if name != common && chance.below(3) == 0 {
                names.insert(chance.between(1, names.len() as u64) as usize, name.to_owned());
            }
        }
    }
    names
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

/// No partition belongs to two members of a generation or an epoch: not at a coordinator, and not among consumers that have got
/// their partitions in it. One on the way to them may still have those of an earlier generation, with a cooperative assignor: it
/// gives up what is no longer its own when it is told.
///
/// In a group that goes from one protocol to the other only those count that the coordinator knows: it begins again at epoch 1
/// when it is empty at that moment, and a member that does not know yet that it was dropped may be at the same number.
fn one_owner(world: &World, protocols: Protocols) -> Result<(), String> {
    let known = coordinator(world).filter(|_| protocols == Protocols::Mixed);
    let is_known = |member_id: &MemberId| {
        let classic = |broker: &Broker| broker.groups.get(GROUP).is_some_and(|group| group.members.contains_key(member_id));
        let modern = |broker: &Broker| broker.consumer_groups.get(GROUP).is_some_and(|group| group.members.contains_key(member_id));
        protocols != Protocols::Mixed || known.is_some_and(|broker| classic(broker) || modern(broker))
    };
    let mut owners: BTreeSet<(i32, TopicPartition)> = BTreeSet::new();
    for consumer in world.clients().filter_map(|client| world.consumer(client.id)) {
        // One that has heard what it is to give up, or to get, still has what it had.
        let settled = consumer.member_state() == MemberState::Stable && consumer.modern_state() != Some(ModernState::Reconciling);
        let counts = settled && consumer.member_id().is_some_and(is_known);
        for partition in consumer.assignment().into_iter().filter(|_| counts) {
            let generation = consumer.generation_id();
            if !owners.insert((generation, partition.clone())) {
                return Err(format!("two members own {partition} in generation {generation}"));
            }
        }
    }
    for broker in world.brokers() {
        let classic = broker.groups.get(GROUP).into_iter();
        let mut given: Vec<&TopicPartition> =
            classic.flat_map(|group| group.members.values()).flat_map(|member| &member.assignment).collect();
        let modern = broker.consumer_groups.get(GROUP).into_iter();
        given.extend(modern.flat_map(|group| group.members.values()).flat_map(|member| member.owned()));
        if given.iter().collect::<BTreeSet<_>>().len() != given.len() {
            return Err(format!("broker {} has given a partition twice", broker.id));
        }
    }
    world.failure().map_or(Ok(()), |failure| Err(format!("{failure:?}")))
}

/// The broker that coordinates the group, if it leads the group's partition and all that it has written there is committed.
fn coordinator(world: &World) -> Option<&Broker> {
    let topic = world.cluster().topic(OFFSETS)?;
    let count = topic.partitions.len() as i32;
    let number = (0..count).find(|number| lives_in(&GroupId::from(GROUP), *number, count))?;
    let state = topic.partition(number)?;
    let broker = world.broker(state.leader?).filter(|broker| broker.running)?;
    let replica = broker.replica(&TopicPartition::new(OFFSETS, number))?;
    let settled = replica.high_watermark == replica.log.log_end_offset();
    (settled && broker.coordinates.get(&number) == Some(&state.leader_epoch)).then_some(broker)
}

struct Swarm {
    seed: u64,
    chance: Prng,
    world: World,
    protocols: Protocols,
    statics: bool,
    common: &'static str,
    remote_assignor: Option<String>,
    seen: BTreeSet<(i32, i64)>,
    /// The offsets that were committed.
    marks: BTreeMap<TopicPartition, Offset>,
    /// The broker that is down or frozen.
    down: Option<BrokerId>,
    script: Vec<String>,
}

impl Swarm {
    fn new(seed: u64, protocols: Protocols) -> Self {
        let mut chance = Prng::new(seed, "swarm");
        let broker_configs = [
            ("group.initial.rebalance.delay.ms", chance.between(0, 2000).to_string()),
            ("group.consumer.session.timeout.ms", "6000".to_owned()),
            ("group.consumer.heartbeat.interval.ms", "500".to_owned()),
            ("offsets.topic.num.partitions", "3".to_owned()),
            ("broker.session.timeout.ms", (chance.between(4, 9) * 1000).to_string()),
            ("replica.lag.time.max.ms", (chance.between(2, 8) * 1000).to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let world = World::new(WorldConfig { seed, brokers: 3, broker_configs, ..WorldConfig::default() });
        let statics = chance.below(2) == 1;
        let common = ["range", "roundrobin", "sticky", "cooperative-sticky"][chance.below(4) as usize];
        let remote_assignor = [None, Some("uniform"), Some("range")][chance.below(3) as usize].map(str::to_owned);
        let (seen, marks, script) = (BTreeSet::new(), BTreeMap::new(), Vec::new());
        let mut swarm = Self { seed, chance, world, protocols, statics, common, remote_assignor, seen, marks, down: None, script };
        let topic = NewTopic {
            name: TopicName::from(TOPIC),
            partitions: Some(PARTITIONS),
            replication_factor: Some(3),
            replica_assignment: Vec::new(),
            configs: Vec::new(),
        };
        let create = Request::CreateTopics(CreateTopicsRequest { topics: vec![topic] });
        swarm.world.start_program("admin", Box::new(Caller(vec![create])));
        swarm.pass(500);
        swarm
    }

    fn fail(&self, what: &str) -> ! {
        panic!(
            "seed {}, {:?}: {what}\n\nWhat was done:\n{}\n\nThe members:\n{}",
            self.seed,
            self.protocols,
            self.script.join("\n"),
            self.members()
        );
    }

    fn members(&self) -> String {
        let told = |entry: &ProgramEntry| {
            let consumer = entry.state::<Worker>()?.consumer.and_then(|client| self.world.consumer(client))?;
            let (state, generation) = (consumer.member_state(), consumer.generation_id());
            let owned: Vec<String> = consumer.assignment().iter().map(TopicPartition::to_string).collect();
            Some(format!("{}: {:?}, {state:?} in {generation}, owns {owned:?}", entry.name, consumer.member_id()))
        };
        self.world.latest_programs().filter_map(told).collect::<Vec<_>>().join("\n")
    }

    fn note(&mut self, what: String) {
        self.script.push(format!("{:>10} ms  {what}", self.world.now().0 / 1000));
    }

    fn pass(&mut self, ms: u64) {
        let until = SimTime(self.world.now().0 + ms * 1000);
        while self.world.next_time().is_some_and(|at| at <= until) {
            self.world.step();
            self.look();
        }
        self.world.advance_clock(until);
    }

    fn look(&mut self) {
        let kept = one_owner(&self.world, self.protocols).and_then(|()| self.only_forward());
        if let Err(what) = kept {
            self.fail(&what);
        }
    }

    /// A group's offsets do not go back by themselves, whoever coordinates it.
    fn only_forward(&mut self) -> Result<(), String> {
        let Some(broker) = coordinator(&self.world) else { return Ok(()) };
        let committed = broker.committed.get(GROUP);
        for (partition, before) in &self.marks {
            let now = committed.and_then(|committed| committed.get(partition)).map(|committed| committed.offset);
            if now.is_none_or(|now| now < *before) {
                return Err(format!("{partition}: the committed offset went back from {before} to {now:?}"));
            }
        }
        let committed = committed.into_iter().flatten();
        self.marks.extend(committed.map(|(partition, committed)| (partition.clone(), committed.offset)));
        Ok(())
    }

    fn start(&mut self, name: &str) {
        if let Some(ended) = self.world.program_named(name).and_then(|entry| entry.state::<Worker>()) {
            self.seen.extend(&ended.seen);
        }
        let assignors = assignors(&mut self.chance, self.common);
        let protocol = self.protocols.draw(&mut self.chance);
        self.note(format!("{name} starts: {protocol:?}, {assignors:?}"));
        let worker = Worker {
            instance: self.statics.then(|| name.to_owned()),
            assignors,
            protocol,
            remote_assignor: self.remote_assignor.clone(),
            consumer: None,
            stalled: false,
            work: Span::ZERO,
            seen: BTreeSet::new(),
        };
        self.world.start_program(name, Box::new(worker));
    }

    fn tell(&mut self, name: &str, id: ProgramId, word: &str) {
        self.note(format!("{name}: {word}"));
        self.world.send_event(id, Event::Tell(word.into()));
    }

    fn fill(&mut self) {
        let partition = self.chance.below(PARTITIONS as u64) as i32;
        self.note(format!("50 records for {TOPIC}-{partition}"));
        self.world.start_program("filler", Box::new(Filler { topic: TOPIC, partition, count: 50 }));
    }

    /// Something happens to a member.
    fn disturb_member(&mut self) {
        let name = format!("w{}", self.chance.below(5));
        let running = self.world.program_named(&name).filter(|entry| entry.is_running()).map(|entry| entry.id);
        let Some(id) = running else { return self.start(&name) };
        match self.chance.below(8) {
            0 => {
                self.note(format!("{name} crashes"));
                self.world.kill_program(id);
            }
            1 => {
                self.note(format!("{name} leaves"));
                self.world.send_event(id, Event::Interrupt);
            }
            2 => self.tell(&name, id, "stall"),
            3 => self.tell(&name, id, "slow"),
            4 => self.tell(&name, id, "go on"),
            5 => self.link(&name, LinkFault { cut: true, ..LinkFault::default() }),
            6 => {
                let slow = Span::from_ms(self.chance.between(1, 3000));
                self.link(&name, LinkFault { slow, ..LinkFault::default() });
            }
            _ => {
                self.note("all links are mended".to_owned());
                self.world.heal_links();
            }
        }
    }

    /// The link to the coordinator, or to all brokers.
    fn link(&mut self, name: &str, fault: LinkFault) {
        let all: Vec<BrokerId> = self.world.brokers().map(|broker| broker.id).collect();
        let brokers = match coordinator(&self.world) {
            Some(coordinator) if self.chance.below(2) == 0 => vec![coordinator.id],
            _ => all,
        };
        self.note(format!("the links of {name} to {brokers:?}: {fault:?}"));
        let nodes: Vec<Host> = brokers.into_iter().map(Host::Node).collect();
        self.world.set_link(&[Host::Program(name.into())], &nodes, fault);
    }

    /// A broker goes or comes back, mostly the coordinator's. One at a time: the others keep what is committed.
    fn disturb_broker(&mut self) {
        if let Some(id) = self.down.take() {
            self.note(format!("broker {id} is back"));
            self.world.thaw_broker(id);
            self.world.start_broker(id);
            return;
        }
        let any = BrokerId(self.chance.between(1, 3) as i32);
        let id = coordinator(&self.world).map(|broker| broker.id).filter(|_| self.chance.below(4) > 0).unwrap_or(any);
        self.down = Some(id);
        match self.chance.below(3) {
            0 => {
                self.note(format!("broker {id} crashes"));
                self.world.stop_broker(id, true);
            }
            1 => {
                self.note(format!("broker {id} stops"));
                self.world.stop_broker(id, false);
            }
            _ => {
                self.note(format!("broker {id} freezes"));
                self.world.freeze_broker(id);
            }
        }
    }

    /// All is put right, and a member is there: then the group is stable, owns everything and has read everything.
    fn heal(&mut self) {
        self.note("all is put right".to_owned());
        self.world.heal_links();
        for id in self.world.brokers().map(|broker| broker.id).collect::<Vec<_>>() {
            self.world.thaw_broker(id);
            self.world.start_broker(id);
        }
        self.statics = false;
        self.start("last");
        let workers = self.world.latest_programs().filter(|entry| entry.state::<Worker>().is_some());
        for id in workers.map(|entry| entry.id).collect::<Vec<_>>() {
            self.world.send_event(id, Event::Tell("go on".into()));
        }
        let mut tries = 0;
        while let Err(what) = self.at_rest() {
            if tries == 180 {
                self.fail(&format!("no rest after three minutes: {what}"));
            }
            tries += 1;
            self.pass(1000);
        }
        self.pass(10_000);
        // Members commit now and then: what is on its way to the replicas at this moment has to arrive.
        for _ in 0..20 {
            if coordinator(&self.world).is_some() {
                break;
            }
            self.pass(5);
        }
        if let Err(what) = self.at_rest() {
            self.fail(&format!("it does not stay at rest: {what}"));
        }
    }

    fn at_rest(&self) -> Result<(), String> {
        let world = &self.world;
        let broker = coordinator(world).ok_or("no coordinator")?;
        let (classic, modern) = (broker.groups.get(GROUP), broker.consumer_groups.get(GROUP));
        let (state, members, given) = match (classic, modern) {
            (Some(group), None) => {
                (group.state.name(), group.members.len(), group.members.values().map(|member| member.assignment.len()).sum())
            }
            (None, Some(group)) => (
                group.state().name(),
                group.members.len(),
                group.members.values().map(|member| member.assigned.len()).sum::<usize>(),
            ),
            _ => return Err("a group has one protocol".to_owned()),
        };
        let running = world.programs().filter(|entry| entry.is_running() && entry.state::<Worker>().is_some()).count();
        if (state, members, given) != ("Stable", running, PARTITIONS as usize) {
            return Err(format!("{state} with {members} members, {running} run, {given} partitions given"));
        }
        // What the consumers believe is what the coordinator says.
        let mut owners: Vec<TopicPartition> =
            world.clients().filter_map(|client| world.consumer(client.id)).flat_map(Consumer::assignment).collect();
        owners.sort();
        if owners != (0..PARTITIONS).map(|partition| TopicPartition::new(TOPIC, partition)).collect::<Vec<_>>() {
            return Err(format!("the consumers own {owners:?}"));
        }
        let workers = world.latest_programs().filter_map(|entry| entry.state::<Worker>());
        let seen: BTreeSet<&(i32, i64)> = workers.flat_map(|worker| &worker.seen).chain(&self.seen).collect();
        for number in 0..PARTITIONS {
            let partition = TopicPartition::new(TOPIC, number);
            let leader = world.cluster().topic(TOPIC).and_then(|topic| topic.partition(number)).and_then(|state| state.leader);
            let replica = leader.and_then(|leader| world.broker(leader)).and_then(|broker| broker.replica(&partition));
            let end = replica.ok_or(format!("{partition} has no leader"))?.log.log_end_offset();
            let committed =
                broker.committed.get(GROUP).and_then(|committed| committed.get(&partition)).map(|committed| committed.offset);
            if end > Offset(0) && committed != Some(end) {
                return Err(format!("{partition}: committed {committed:?} of {end}"));
            }
            if let Some(offset) = (0..end.0).find(|offset| !seen.contains(&(number, *offset))) {
                return Err(format!("{partition}: nobody has read {offset}"));
            }
        }
        Ok(())
    }
}

/// Runs the swarm of one seed and gives the hash of the world at its end.
fn swarm(seed: u64, protocols: Protocols) -> u64 {
    let mut swarm = Swarm::new(seed, protocols);
    for _ in 0..30 {
        match swarm.chance.below(8) {
            0 => swarm.disturb_broker(),
            1 | 2 => swarm.fill(),
            _ => swarm.disturb_member(),
        }
        let pause = swarm.chance.between(1, 3000);
        swarm.pass(pause);
    }
    swarm.heal();
    swarm.world.hash()
}

/// `GROUP_SEEDS=FROM..TO` asks for others than the usual run has.
fn seeds() -> std::ops::RangeInclusive<u64> {
    let asked = std::env::var("GROUP_SEEDS").ok();
    let bounds = asked.as_deref().and_then(|asked| asked.split_once(".."));
    match bounds.and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?))) {
        Some((from, to)) => from..=to,
        None => 1..=200,
    }
}

/// Seeds that have found something: a position validated with a leader of the past, an answer dropped that waited to be
/// committed, commits on the way into another generation (as a follower, and in a group of both protocols), a member id
/// dropped with the generation.
const FOUND: [u64; 5] = [232, 347, 3486, 4902, 8351];

fn recovers(protocols: Protocols) {
    let failed: Vec<u64> =
        seeds().chain(FOUND).filter(|seed| std::panic::catch_unwind(|| swarm(*seed, protocols)).is_err()).collect();
    assert!(failed.is_empty(), "{} seeds failed: {failed:?}", failed.len());
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
