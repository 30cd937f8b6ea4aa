//! What would become of a record if disks were lost: tried on copies of the world, not reasoned.
//!
//! ```text
//!  for each one and each two of the partition's replicas:
//!    a copy of the world ─▸ these disks are wiped, their brokers stay down ─▸ time passes until the controller has
//!    noticed and somebody leads, or for a bounded time ─▸ does the leader have the record?
//! ```

use std::rc::Rc;

use super::World;
use crate::base::{BrokerId, Offset, Span, TopicPartition};
use crate::engine::broker::{Broker, Replica};
use crate::engine::log::Batch;

/// Beyond the session timeout a broker's loss is noticed, and a leader chosen, within this.
const SETTLES: Span = Span::from_secs(4);

/// Steps that one trial may take; beyond them it is judged as it stands.
const STEPS_MAX: u64 = 300_000;

/// Replicas of which pairs are tried; a partition with more has its first ones tried.
const REPLICAS_MAX: usize = 5;

/// How a record fares.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    /// A leader has it.
    Kept { leader: BrokerId },
    /// Nobody leads, so it cannot be read; these disks still have it.
    Offline { copies: Vec<BrokerId> },
    /// No leader will have it again.
    Lost,
}

/// What losing some disks does to a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trial {
    pub lost: Vec<BrokerId>,
    pub fate: Fate,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Safety {
    /// The disks that hold the record now.
    pub copies: Vec<BrokerId>,
    /// It lies below the high watermark.
    pub committed: bool,
    /// Each disk of a replica, then each two.
    pub trials: Vec<Trial>,
    /// Steps that the copies took together.
    pub steps: u64,
}

/// Tries the loss of each one and each two of a partition's disks. `None` where there is no record at the offset.
pub fn safety(world: &World, partition: &TopicPartition, offset: Offset) -> Option<Safety> {
    let state = world.cluster().topic(partition.topic.as_str())?.partition(partition.partition)?;
    let holders = state.leader.iter().chain(&state.replicas);
    let replica = holders.filter_map(|holder| world.broker(*holder)?.replica(partition)).next()?;
    let record = Record { partition, offset, batch: batch_at(replica, offset)?.clone() };
    let mut safety =
        Safety { copies: record.copies(world), committed: offset < replica.high_watermark, trials: Vec::new(), steps: 0 };
    let replicas = &state.replicas[..state.replicas.len().min(REPLICAS_MAX)];
    let ones = replicas.iter().map(|one| vec![*one]);
    let twos = replicas.iter().enumerate().flat_map(|(at, one)| replicas[at + 1..].iter().map(|other| vec![*one, *other]));
    for lost in ones.chain(twos) {
        let fate = record.fate(world, &lost, &mut safety.steps);
        safety.trials.push(Trial { lost, fate });
    }
    Some(safety)
}

/// The record that is asked about: known by its place and its batch's content.
struct Record<'a> {
    partition: &'a TopicPartition,
    offset: Offset,
    batch: Rc<Batch>,
}

impl Record<'_> {
    fn is_in(&self, world: &World, broker: BrokerId) -> bool {
        let replica = world.broker(broker).and_then(|broker| broker.replica(self.partition));
        replica.and_then(|replica| batch_at(replica, self.offset)).is_some_and(|batch| *batch == self.batch)
    }

    fn copies(&self, world: &World) -> Vec<BrokerId> {
        world.brokers().map(|broker| broker.id).filter(|id| self.is_in(world, *id)).collect()
    }

    fn fate(&self, world: &World, lost: &[BrokerId], steps: &mut u64) -> Fate {
        let mut world = world.clone();
        for id in lost {
            world.wipe_disk(*id);
        }
        let deadline = world.now() + world.broker_configs().broker_session_timeout + SETTLES;
        let mut taken = 0;
        while taken < STEPS_MAX && !self.is_settled(&world, lost) && world.next_time().is_some_and(|next| next <= deadline) {
            world.step();
            taken += 1;
        }
        *steps += taken;
        match self.leader(&world) {
            Some(leader) if self.is_in(&world, leader) => Fate::Kept { leader },
            Some(_) => Fate::Lost,
            None => match self.copies(&world) {
                copies if copies.is_empty() => Fate::Lost,
                copies => Fate::Offline { copies },
            },
        }
    }

    fn leader(&self, world: &World) -> Option<BrokerId> {
        world.cluster().topic(self.partition.topic.as_str())?.partition(self.partition.partition)?.leader
    }

    /// Somebody who lives leads, and knows it.
    fn is_settled(&self, world: &World, lost: &[BrokerId]) -> bool {
        let Some(topic) = world.cluster().topic(self.partition.topic.as_str()) else { return true };
        let Some(state) = topic.partition(self.partition.partition) else { return true };
        let Some(leader) = state.leader.filter(|leader| !lost.contains(leader)) else { return false };
        let knows = |broker: &Broker| {
            broker.running && broker.replica(self.partition).is_some_and(|replica| replica.leader_epoch == state.leader_epoch)
        };
        !world.is_frozen(leader) && world.broker(leader).is_some_and(knows)
    }
}

/// The batch that holds an offset.
fn batch_at(replica: &Replica, offset: Offset) -> Option<&Rc<Batch>> {
    replica.log.batches_from(offset).next().filter(|batch| batch.base_offset <= offset && offset <= batch.last_offset())
}
