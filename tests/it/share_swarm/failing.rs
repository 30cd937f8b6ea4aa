//! The same with brokers that end, crash and freeze, one at a time.

use std::collections::BTreeSet;

use kafka_playground::base::{BrokerId, ClientId, Offset, Prng, SimTime, TopicPartition};
use kafka_playground::engine::client::{AcknowledgementMode, ShareConsumerConfig};
use kafka_playground::engine::invariants::share_state_as_written;
use kafka_playground::engine::program::{Behaviour, Context, Event};
use kafka_playground::engine::protocol::{
    AcknowledgeType, AlterConfigsRequest, ConfigResource, CreateTopicsRequest, NewTopic, Request,
};
use kafka_playground::engine::{World, WorldConfig};

use super::{GROUP, PAUSE};
use crate::programs::{Caller, fill, run_for};

/// Accepts all that it gets, and waits for the word that it is accepted.
#[derive(Clone, Hash, Debug, Default)]
struct Careful {
    consumer: Option<ClientId>,
    in_hand: Vec<(TopicPartition, Offset)>,
    given: Vec<(SimTime, TopicPartition, Offset)>,
    accepted: Vec<(SimTime, TopicPartition, Offset)>,
}

impl Behaviour for Careful {
    fn on(&mut self, event: Event, cx: &mut Context<'_>) {
        match event {
            Event::Started => {
                let mut config = ShareConsumerConfig::new("careful", GROUP.into());
                config.acknowledgement_mode = AcknowledgementMode::Explicit;
                config.max_poll_records = 7;
                let consumer = cx.share_consumer(config);
                self.consumer = Some(consumer);
                cx.share_subscribe(consumer, &["jobs"]);
                cx.share_poll(consumer, PAUSE);
            }
            Event::SharePolled { consumer, runs } => {
                for run in runs.iter() {
                    for record in run.records() {
                        self.given.push((cx.now(), run.topic_partition.clone(), record.offset));
                        self.in_hand.push((run.topic_partition.clone(), record.offset));
                        cx.share_acknowledge(consumer, &run.topic_partition, record.offset, AcknowledgeType::Accept);
                    }
                }
                match runs.is_empty() {
                    true => cx.share_poll(consumer, PAUSE),
                    false => cx.share_commit(consumer),
                }
            }
            Event::ShareCommitted { consumer, result } => {
                let in_hand = std::mem::take(&mut self.in_hand);
                if result.is_ok() {
                    self.accepted.extend(in_hand.into_iter().map(|(partition, offset)| (cx.now(), partition, offset)));
                }
                cx.share_poll(consumer, PAUSE);
            }
            Event::SharePollFailed { consumer, .. } => cx.share_poll(consumer, PAUSE),
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

fn begin(world: &mut World) {
    let jobs = NewTopic {
        name: "jobs".into(),
        partitions: Some(2),
        replication_factor: Some(3),
        replica_assignment: Vec::new(),
        configs: vec![("min.insync.replicas".to_owned(), "2".to_owned())],
    };
    let set = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
    let changes = vec![
        set("share.auto.offset.reset", "earliest"),
        set("share.delivery.count.limit", "10"),
        set("share.record.lock.duration.ms", "15000"),
    ];
    let calls = vec![
        Request::CreateTopics(CreateTopicsRequest { topics: vec![jobs] }),
        Request::AlterConfigs(AlterConfigsRequest { resource: ConfigResource::Group(GROUP.into()), changes }),
    ];
    world.start_program("admin", Box::new(Caller(calls)));
    run_for(world, 500);
}

pub(super) fn swarm(seed: u64) -> u64 {
    let mut chance = Prng::new(seed, "failing share swarm");
    let mut world = World::new(WorldConfig { seed, brokers: 3, ..WorldConfig::default() });
    begin(&mut world);
    let mut down: Option<BrokerId> = None;
    for round in 0..24 {
        let name = format!("w{}", chance.below(3));
        let running = world.program_named(&name).filter(|entry| entry.is_running()).map(|entry| entry.id);
        match (running, chance.below(4)) {
            (None, _) => drop(world.start_program(&name, Box::new(Careful::default()))),
            (Some(id), 0) => world.kill_program(id),
            (Some(id), 1) => world.send_event(id, Event::Interrupt),
            _ => fill(&mut world, "jobs", chance.below(2) as i32, 1 + chance.below(20) as usize),
        }
        if round % 3 == 2 {
            match down.take() {
                Some(broker) => {
                    world.thaw_broker(broker);
                    world.start_broker(broker);
                }
                None => {
                    let broker = BrokerId(1 + chance.below(3) as i32);
                    match chance.below(3) {
                        0 => world.stop_broker(broker, false),
                        1 => world.stop_broker(broker, true),
                        _ => world.freeze_broker(broker),
                    }
                    down = Some(broker);
                }
            }
        }
        run_for(&mut world, chance.between(10, 6000));
        share_state_as_written(&world).unwrap();
    }
    if let Some(broker) = down {
        world.thaw_broker(broker);
        world.start_broker(broker);
    }
    heal(&mut world);
    world.hash()
}

fn heal(world: &mut World) {
    let careful: Vec<_> = world.latest_programs().filter(|entry| entry.is_running()).map(|entry| entry.id).collect();
    careful.into_iter().for_each(|id| world.kill_program(id));
    world.start_program("last", Box::new(Careful::default()));
    run_for(world, 150_000);
    share_state_as_written(world).unwrap();
    let workers = || world.programs().filter_map(|entry| entry.state::<Careful>());
    let given: BTreeSet<_> = workers().flat_map(|worker| worker.given.iter().cloned()).collect();
    let accepted: BTreeSet<_> = workers().flat_map(|worker| worker.accepted.iter().cloned()).collect();
    for (at, partition, offset) in &accepted {
        let again = given.iter().find(|(later, other, same)| later > at && (other, same) == (partition, offset));
        assert_eq!(again, None, "{partition} {offset} is given though it was accepted at {at:?}");
    }
    for partition in (0..2).map(|partition| TopicPartition::new("jobs", partition)) {
        let leader = world.cluster().topic("jobs").unwrap().partition(partition.partition).unwrap().leader.unwrap();
        let broker = world.broker(leader).unwrap();
        let end = broker.replica(&partition).unwrap().log.log_end_offset();
        for offset in (0..end.0).map(Offset) {
            assert!(given.iter().any(|(_, other, same)| (other, *same) == (&partition, offset)), "{partition} {offset} is lost");
        }
        let share = broker.share.partitions.iter().find(|((_, shared), _)| *shared == partition).map(|(_, share)| share);
        assert_eq!(share.map(|share| share.start_offset), Some(end), "{partition}: the start is at the end");
    }
    assert!(!accepted.is_empty());
}
