//! What must hold after every step of a cluster, kept by someone who only looks on.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use kafka_playground::base::{BrokerId, ClientId, Offset, ProgramId, TopicPartition};
use kafka_playground::engine::World;
use kafka_playground::engine::agenda::Due;
use kafka_playground::engine::broker::Broker;
use kafka_playground::engine::client::Acks;
use kafka_playground::engine::log::Batch;
use kafka_playground::engine::metadata::PartitionState;
use kafka_playground::engine::network::{Body, Endpoint};
use kafka_playground::engine::protocol::Response;

/// Topics that the checks are about; the coordinator's own topic is looked at like any other.
#[derive(Default)]
pub struct Witness {
    /// What was committed of each partition, in order: it never changes.
    committed: BTreeMap<TopicPartition, Vec<Rc<Batch>>>,
    /// Who led each epoch.
    leaders: BTreeMap<(TopicPartition, i32), BrokerId>,
    /// How far each replica was compared with what was committed.
    compared: BTreeMap<(BrokerId, TopicPartition), Offset>,
    /// Batches that a leader has acknowledged with acks=all.
    promised: BTreeMap<(TopicPartition, Offset), Rc<Batch>>,
    /// Lines of each program that were read, and the next offset of each partition that it has to print.
    read: BTreeMap<ProgramId, (u64, BTreeMap<TopicPartition, i64>)>,
    /// How far the members of the groups have come together: one group reads each topic.
    read_by_group: BTreeMap<TopicPartition, i64>,
    /// Records may have been lost by what was done: only what cannot depend on them is checked.
    pub lossy: bool,
    /// Partitions that an unclean election was made of, be it of the last known leader (KIP-966): the last in-sync replica
    /// lost its disk and the others had crashed, so nobody knows what is missing.
    unclean: BTreeSet<TopicPartition>,
    /// A disk was lost.
    pub lost_disk: bool,
    pub records_read: u64,
}

impl Witness {
    pub fn look(&mut self, world: &World) -> Result<(), String> {
        if let Some(failure) = world.failure() {
            return Err(failure.to_owned());
        }
        self.promises(world);
        for (name, topic) in world.cluster().topics() {
            for (at, state) in topic.partitions.iter().enumerate() {
                let partition = TopicPartition::new(name.clone(), at as i32);
                self.one_leader(&partition, state)?;
                // The coordinator's own topic asks for one replica in sync, as by default: a disk may take records with it.
                if state.recovering {
                    self.unclean.insert(partition.clone());
                }
                let at_risk = self.lossy || self.lost_disk && topic.internal || self.unclean.contains(&partition);
                if !at_risk {
                    for broker in world.brokers().filter(|broker| broker.running) {
                        self.high_watermark(world, &partition, broker)?;
                    }
                    self.replicas_agree(world, &partition)?;
                }
            }
        }
        self.readers(world)
    }

    /// One leader in an epoch: by the metadata, and by what was written with it.
    fn one_leader(&mut self, partition: &TopicPartition, state: &PartitionState) -> Result<(), String> {
        let Some(leader) = state.leader else { return Ok(()) };
        let known = self.leaders.entry((partition.clone(), state.leader_epoch)).or_insert(leader);
        if *known != leader {
            return Err(format!("{partition}: epoch {} is led by {known} and by {leader}", state.leader_epoch));
        }
        Ok(())
    }

    /// Never above the log end of a replica that is in sync; nothing that was committed is taken back.
    fn high_watermark(&mut self, world: &World, partition: &TopicPartition, broker: &Broker) -> Result<(), String> {
        // A broker that is cut off goes by what it knew, and leads on.
        let topic = world.node(broker).metadata.topic(partition.topic.as_str());
        let state = topic.and_then(|topic| topic.partition(partition.partition)).filter(|state| state.leader == Some(broker.id));
        let (Some(state), Some(replica)) = (state, broker.replica(partition)) else { return Ok(()) };
        // What one that is cut off takes for in sync may have lost its disk since.
        for in_sync in state.isr.iter().filter(|_| broker.stale.is_none()) {
            let end =
                world.broker(*in_sync).and_then(|broker| broker.replica(partition)).map(|replica| replica.log.log_end_offset());
            if let Some(end) = end.filter(|end| *end < replica.high_watermark) {
                return Err(format!(
                    "{partition}: on broker {} the high watermark {} lies above the log end {end} of broker {in_sync}, which is in sync: {state:?}",
                    broker.id, replica.high_watermark
                ));
            }
        }
        let committed = self.committed.entry(partition.clone()).or_default();
        let known = committed.last().map_or(Offset::ZERO, |batch| batch.next_offset());
        if replica.log.log_end_offset() < known && broker.stale.is_none() {
            return Err(format!(
                "{partition}: the leader's log ends at {}, and {known} was committed",
                replica.log.log_end_offset()
            ));
        }
        let new = replica.log.batches_from(known).take_while(|batch| batch.next_offset() <= replica.high_watermark);
        for batch in new {
            if is_written_twice(committed, batch) {
                return Err(format!("{partition}: the batch at {} was written twice", batch.base_offset));
            }
            committed.push(batch.clone());
        }
        Ok(())
    }

    /// Below its high watermark each replica holds what was committed.
    fn replicas_agree(&mut self, world: &World, partition: &TopicPartition) -> Result<(), String> {
        let Some(committed) = self.committed.get(partition) else { return Ok(()) };
        for broker in world.brokers() {
            let Some(replica) = broker.replica(partition) else {
                self.compared.remove(&(broker.id, partition.clone()));
                continue;
            };
            let compared = self.compared.entry((broker.id, partition.clone())).or_default();
            *compared = (*compared).min(replica.log.log_end_offset());
            if replica.high_watermark <= *compared {
                continue;
            }
            let from = committed.partition_point(|batch| batch.next_offset() <= *compared);
            let pairs = committed[from..].iter().zip(replica.log.batches_from(*compared));
            for (one, other) in pairs.take_while(|(one, _)| one.next_offset() <= replica.high_watermark) {
                if !Rc::ptr_eq(one, other) && one != other {
                    return Err(format!("{partition}: broker {} holds another batch at {}", broker.id, one.base_offset));
                }
                *compared = one.next_offset();
            }
        }
        Ok(())
    }

    /// Notes what leaders say that they have written for good.
    fn promises(&mut self, world: &World) {
        for (_, due) in world.agenda().iter() {
            let Due::Arrive(message) = due else { continue };
            let (Endpoint::Broker(_), Endpoint::Client(client), Body::Response(response)) =
                (message.from, message.to, &message.body)
            else {
                continue;
            };
            let Response::Produce(produce) = response.as_ref() else { continue };
            if message.sent_at != world.now() || !asks_all(world, client) {
                continue;
            }
            for answer in produce.partitions.iter().filter(|answer| answer.error.is_none()) {
                let partition = &answer.topic_partition;
                let first = world
                    .brokers()
                    .find_map(|broker| (Endpoint::Broker(broker.id) == message.from).then(|| broker.replica(partition))?);
                let batch = first.and_then(|replica| replica.log.batches_from(answer.base_offset).next());
                if let Some(batch) = batch {
                    self.promised.insert((partition.clone(), batch.base_offset), batch.clone());
                }
            }
        }
    }

    /// At the end: all that was promised is committed.
    pub fn promises_kept(&self) -> Result<u64, String> {
        for ((partition, offset), batch) in &self.promised {
            if self.unclean.contains(partition) {
                continue;
            }
            let committed = self.committed.get(partition).map_or(&[][..], Vec::as_slice);
            let at = committed.partition_point(|other| other.base_offset < *offset);
            if committed.get(at).is_none_or(|other| other != batch) {
                return Err(format!("{partition}: the batch at {offset} was acknowledged with acks=all and is gone"));
            }
        }
        Ok(self.promised.len() as u64)
    }

    /// Console consumers print what is committed, in order, and skip nothing.
    fn readers(&mut self, world: &World) -> Result<(), String> {
        for program in world.programs().filter(|program| program.name.starts_with('r')) {
            let (read, next) = self.read.entry(program.id).or_default();
            let end = program.output.end();
            if *read == end {
                continue;
            }
            let from = (*read).max(program.output.start());
            *read = end;
            for line in program.output.iter_from(from) {
                let Some((partition, offset)) = printed(topic_of(&program.name), &line.text) else { continue };
                self.records_read += 1;
                if self.lossy || self.unclean.contains(&partition) {
                    continue;
                }
                let committed = self.committed.get(&partition).and_then(|committed| committed.last());
                let end = committed.map_or(0, |batch| batch.next_offset().0);
                if offset >= end {
                    return Err(format!("{} printed {partition} {offset}, and only {end} are committed", program.name));
                }
                let alone = program.name.starts_with("ra");
                let next = if alone { &mut *next } else { &mut self.read_by_group };
                let wanted = next.entry(partition.clone()).or_default();
                // A group may read again what a member had not committed before it lost the partition.
                if offset > *wanted || alone && offset != *wanted {
                    return Err(format!("{} printed {partition} {offset} where {wanted} was next", program.name));
                }
                *wanted = (*wanted).max(offset + 1);
            }
        }
        Ok(())
    }

    /// At the end: a reader of one partition has printed all of it.
    pub fn read_to_the_end(&self, world: &World) -> Result<(), String> {
        for program in world.latest_programs().filter(|program| program.name.starts_with("ra") && program.is_running()) {
            let Some((_, next)) = self.read.get(&program.id) else { continue };
            for (partition, next) in next.iter().filter(|(partition, _)| !self.unclean.contains(partition)) {
                let end =
                    self.committed.get(partition).and_then(|committed| committed.last()).map_or(0, |batch| batch.next_offset().0);
                if *next != end {
                    return Err(format!("{} has read {partition} up to {next} of {end}", program.name));
                }
            }
        }
        Ok(())
    }
}

fn asks_all(world: &World, client: ClientId) -> bool {
    world.producer(client).is_some_and(|producer| producer.config().acks == Acks::All)
}

/// A retry that was taken for new records.
fn is_written_twice(committed: &[Rc<Batch>], batch: &Batch) -> bool {
    let same = |other: &Rc<Batch>| {
        (other.producer_id, other.producer_epoch, other.base_sequence)
            == (batch.producer_id, batch.producer_epoch, batch.base_sequence)
    };
    batch.producer_id >= 0 && committed.iter().rev().take(200).any(same)
}

/// The topic is the second part of a reader's name.
fn topic_of(name: &str) -> &str {
    name.split('-').nth(1).unwrap_or_default()
}

/// `Partition:0\tOffset:5\t…`
fn printed(topic: &str, line: &str) -> Option<(TopicPartition, i64)> {
    let mut fields = line.split('\t');
    let partition = fields.next()?.strip_prefix("Partition:")?.parse().ok()?;
    let offset = fields.next()?.strip_prefix("Offset:")?.parse().ok()?;
    Some((TopicPartition::new(topic, partition), offset))
}
