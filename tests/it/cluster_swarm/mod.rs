//! Clusters under a swarm of faults: brokers that crash, stop, freeze and lose their disks, links that are slow, lossy and
//! cut. After every step the witness looks; then all is put right, and everything must come to rest.
//!
//! What is done is done by lines of a session script. A seed that fails prints it: it opens in the page.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

mod checks;

use kafka_playground::base::{Prng, SimTime};
use kafka_playground::engine::World;
use kafka_playground::session::Session;

use checks::Witness;

/// Kinds of faults. A seed has some of them.
const KINDS: &[&str] =
    &["crash", "stop", "freeze", "cut", "client cut", "controller cut", "slow link", "lossy link", "slow disk", "wipe"];

struct Topic {
    name: String,
    partitions: u64,
    min_isr: u64,
}

struct Swarm {
    seed: u64,
    chance: Prng,
    session: Session,
    witness: Witness,
    brokers: u64,
    topics: Vec<Topic>,
    /// How many disks may still go without a promise being broken.
    disks_to_lose: u64,
    next_name: u64,
}

impl Swarm {
    fn new(seed: u64) -> Self {
        let mut chance = Prng::new(seed, "cluster swarm");
        let brokers = chance.between(3, 7);
        let header = format!(
            "! seed {seed}\n! brokers {brokers}\n! broker broker.session.timeout.ms={}\n! broker replica.lag.time.max.ms={}\n\
             ! broker offsets.topic.num.partitions=3\n! broker group.initial.rebalance.delay.ms=0\n",
            chance.between(3, 9) * 1000,
            chance.between(2, 10) * 1000,
        );
        let session = Session::open(&header, &[]).unwrap();
        let witness = Witness::default();
        Self { seed, chance, session, witness, brokers, topics: Vec::new(), disks_to_lose: 0, next_name: 0 }
    }

    fn fail(&self, what: &str) -> ! {
        panic!("seed {}: {what}\n\nThe session, to be opened in the page:\n\n{}", self.seed, self.session.script());
    }

    /// A line of the script. One that does not fit what is (a broker that is down already) changes nothing.
    fn line(&mut self, line: &str) {
        let _ = self.session.input(line);
        self.look();
    }

    fn look(&mut self) {
        if let Err(what) = self.witness.look(self.session.world()) {
            self.fail(&what);
        }
    }

    fn pass(&mut self, ms: u64) {
        let until = SimTime(self.session.now().0 + ms * 1000);
        let mut steps = 0;
        while self.session.world().next_time().is_some_and(|at| at <= until) {
            self.session.step();
            self.look();
            steps += 1;
            if steps > 3 * ms + 20_000 {
                let dues: Vec<String> = self.world().agenda().iter().take(30).map(|(at, due)| format!("{at:?} {due:?}")).collect();
                self.fail(&format!("it does not settle; what is due:\n{}", dues.join("\n")));
            }
        }
        let left = until.since(self.session.now());
        self.session.advance(left, 1);
    }

    fn world(&self) -> &World {
        self.session.world()
    }

    fn bootstrap(&self) -> String {
        (1..=self.brokers).map(|broker| format!("localhost:{}", 9091 + broker)).collect::<Vec<_>>().join(",")
    }

    fn name(&mut self, kind: &str, topic: &str) -> String {
        self.next_name += 1;
        format!("{kind}-{topic}-{}", self.next_name)
    }

    fn create_topics(&mut self, unclean: bool) {
        for number in 0..self.chance.between(1, 3) {
            let factor = self.chance.between(1, self.brokers.min(4));
            let min_isr = self.chance.between(1, factor.min(3));
            let topic = Topic { name: format!("t{number}"), partitions: self.chance.between(1, 4), min_isr };
            let unclean = if unclean { " --config unclean.leader.election.enable=true" } else { "" };
            let line = format!(
                "$ kafka-topics.sh --bootstrap-server {} --create --topic {} --partitions {} --replication-factor {factor} \
                 --config min.insync.replicas={min_isr}{unclean}",
                self.bootstrap(),
                topic.name,
                topic.partitions
            );
            self.line(&line);
            self.pass(1500);
            self.topics.push(topic);
        }
        self.disks_to_lose = self.topics.iter().map(|topic| topic.min_isr - 1).min().unwrap_or(0);
    }

    fn start_producer(&mut self) {
        let at = self.chance.below(self.topics.len() as u64) as usize;
        let topic = self.topics[at].name.clone();
        let name = self.name("p", &topic);
        let acks = ["all", "all", "all", "1", "0"][self.chance.below(5) as usize];
        let (records, rate) = (self.chance.between(20, 150), self.chance.between(5, 60));
        let line = format!(
            "@{name} $ kafka-producer-perf-test.sh --topic {topic} --num-records {records} --record-size 20 --throughput {rate} \
             --producer-props bootstrap.servers={} acks={acks} retry.backoff.ms=100",
            self.bootstrap()
        );
        self.line(&line);
    }

    /// A reader of one partition, or a member of a group.
    fn start_reader(&mut self) {
        let at = self.chance.below(self.topics.len() as u64) as usize;
        let (topic, partitions) = (self.topics[at].name.clone(), self.topics[at].partitions);
        let (kind, which) = match self.chance.below(2) {
            0 => ("ra", format!("--partition {} --offset earliest", self.chance.below(partitions))),
            _ => ("rg", format!("--group g-{topic} --from-beginning")),
        };
        let name = self.name(kind, &topic);
        let line = format!(
            "@{name} $ kafka-console-consumer.sh --bootstrap-server {} --topic {topic} {which} --formatter-property \
             print.partition=true --formatter-property print.offset=true --command-property group.protocol=classic",
            self.bootstrap()
        );
        self.line(&line);
    }

    fn any_broker(&mut self) -> u64 {
        self.chance.between(1, self.brokers)
    }

    fn fault(&mut self, kind: &str) {
        let (one, other) = (self.any_broker(), self.any_broker());
        let line = match kind {
            "crash" => format!("$ kill-broker {one} --crash"),
            "stop" => format!("$ kill-broker {one}"),
            "freeze" => format!("$ freeze-broker {one}"),
            "cut" => format!("$ cut {one} {other}"),
            "controller cut" => format!("$ cut controller {one}"),
            "slow link" => format!("$ slow-link {one} {other} {}", self.chance.between(1, 800)),
            "lossy link" => format!("$ lossy-link {one} {other} {}", self.chance.between(1, 60)),
            "slow disk" => format!("$ slow-disk {one} {}", self.chance.between(0, 500)),
            "client cut" => {
                let names: Vec<String> = self.world().latest_programs().map(|program| program.name.to_string()).collect();
                let name = &names[self.chance.below(names.len() as u64) as usize];
                format!("$ cut {name} {one}")
            }
            _ => {
                if !self.witness.lossy {
                    if self.disks_to_lose == 0 {
                        return;
                    }
                    self.disks_to_lose -= 1;
                }
                self.witness.lost_disk = true;
                format!("$ wipe-disk {one}")
            }
        };
        self.line(&line);
    }

    fn mend(&mut self) {
        let one = self.any_broker();
        let line = match self.chance.below(3) {
            0 => format!("$ start-broker {one}"),
            1 => format!("$ thaw-broker {one}"),
            _ => "$ heal".to_owned(),
        };
        self.line(&line);
    }

    fn heal(&mut self) {
        self.line("$ heal");
        for broker in 1..=self.brokers {
            self.line(&format!("$ thaw-broker {broker}"));
            self.line(&format!("$ start-broker {broker}"));
            self.line(&format!("$ slow-disk {broker} 0"));
        }
        self.pass(90_000);
    }

    /// All replicas are in sync and equal, but for partitions whose last copy went with a disk.
    fn converged(&self) -> Result<(), String> {
        let world = self.world();
        for (name, topic) in world.cluster().topics() {
            for (at, state) in topic.partitions.iter().enumerate() {
                let Some(leader) = state.leader else {
                    if self.witness.lossy || self.witness.lost_disk && topic.internal {
                        continue;
                    }
                    return Err(format!("{name}-{at} has no leader"));
                };
                let partition = kafka_playground::base::TopicPartition::new(name.clone(), at as i32);
                let log = |broker| world.broker(broker)?.replica(&partition);
                let end = log(leader).map(|replica| (replica.log.log_end_offset(), replica.log.log_end_offset()));
                for replica in &state.replicas {
                    if !state.isr.contains(replica) {
                        return Err(format!("{partition}: broker {replica} is not in sync, {state:?}"));
                    }
                    let ends = log(*replica).map(|replica| (replica.log.log_end_offset(), replica.high_watermark));
                    if ends != end {
                        return Err(format!("{partition}: broker {replica} is at {ends:?}, the leader {leader} at {end:?}"));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Runs one seed; how many batches were promised and how many records read.
fn swarm(seed: u64) -> (u64, u64) {
    let mut swarm = Swarm::new(seed);
    // One seed in four breaks promises on purpose: then only the rest is checked.
    swarm.witness.lossy = swarm.chance.below(4) == 0;
    let unclean = swarm.witness.lossy && swarm.chance.below(2) == 0;
    let kinds: Vec<&str> = KINDS.iter().copied().filter(|_| swarm.chance.below(2) == 0).collect();
    swarm.create_topics(unclean);
    for _ in 0..swarm.chance.between(1, 4) {
        swarm.start_producer();
        swarm.start_reader();
    }
    for _ in 0..swarm.chance.between(5, 25) {
        match swarm.chance.below(10) {
            0 => swarm.start_producer(),
            1 => swarm.start_reader(),
            2..=4 => swarm.mend(),
            _ if kinds.is_empty() => {}
            _ => {
                let kind = kinds[swarm.chance.below(kinds.len() as u64) as usize];
                swarm.fault(kind);
            }
        }
        let pause = swarm.chance.between(10, 4000);
        swarm.pass(pause);
    }
    swarm.heal();
    // A group commits now and then: what is in flight has to arrive.
    for _ in 0..50 {
        if swarm.converged().is_ok() {
            break;
        }
        swarm.pass(50);
    }
    if let Err(what) = swarm.converged() {
        swarm.fail(&what);
    }
    let promised = if swarm.witness.lossy { Ok(0) } else { swarm.witness.promises_kept() };
    let read = if swarm.witness.lossy { Ok(()) } else { swarm.witness.read_to_the_end(swarm.world()) };
    match (promised, read) {
        (Ok(promised), Ok(())) => (promised, swarm.witness.records_read),
        (Err(what), _) | (_, Err(what)) => swarm.fail(&what),
    }
}

/// `CLUSTER_SEEDS=FROM..TO` asks for others than the usual run has.
fn seeds() -> std::ops::RangeInclusive<u64> {
    let asked = std::env::var("CLUSTER_SEEDS").ok();
    let bounds = asked.as_deref().and_then(|asked| asked.split_once(".."));
    match bounds.and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?))) {
        Some((from, to)) => from..=to,
        None => 1..=300,
    }
}

#[test]
fn a_cluster_keeps_its_promises() {
    let (mut promised, mut read) = (0, 0);
    for seed in seeds() {
        let (batches, records) = swarm(seed);
        promised += batches;
        read += records;
    }
    assert!(promised > 0 && read > 0, "the swarm does something: {promised} batches promised, {read} records read");
}
