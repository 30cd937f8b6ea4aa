//! The one place that writes to brokers and to the cluster's metadata.

use std::rc::Rc;

use super::{Broker, Change, Replica};
use crate::base::{BrokerId, Prng, SimTime, SortedMap, TopicPartition};
use crate::engine::controller::{Cluster, TopicChange};

pub fn apply(
    cluster: &mut Rc<Cluster>,
    brokers: &mut SortedMap<BrokerId, Rc<Broker>>,
    ids: &mut Prng,
    now: SimTime,
    change: Change,
) {
    match change {
        Change::Append { broker, partition, batch } => {
            let config = cluster.log_config(partition.topic.as_str());
            with_replica(brokers, broker, &partition, |replica| {
                replica.remember(&batch);
                replica.log.append(batch, config, now);
            });
        }
        Change::HighWatermark { broker, partition, high_watermark } => {
            with_replica(brokers, broker, &partition, |replica| {
                replica.high_watermark = replica.high_watermark.max(high_watermark);
            });
        }
        Change::LogStart { broker, partition, log_start_offset } => {
            with_replica(brokers, broker, &partition, |replica| replica.log.advance_log_start(log_start_offset));
        }
        Change::ParkFetch { broker, request, parked } => {
            with_broker(brokers, broker, |broker| {
                broker.parked.insert(request, parked);
            });
        }
        Change::UnparkFetch { broker, request } => {
            with_broker(brokers, broker, |broker| {
                broker.parked.remove(&request);
            });
        }
        Change::Group { broker, group_id, group } => {
            with_broker(brokers, broker, |broker| {
                match group {
                    Some(group) => broker.groups.insert(group_id, group),
                    None => broker.groups.remove(&group_id),
                };
            });
        }
        Change::MemberHeard { broker, group_id, member_id } => {
            with_broker(brokers, broker, |broker| {
                if let Some(group) = broker.groups.get_mut(&group_id) {
                    Rc::make_mut(group).heard_of(&member_id, now);
                }
            });
        }
        Change::Committed { broker, group_id, offsets } => {
            with_broker(brokers, broker, |broker| {
                let committed = broker.committed.get_or_default(group_id);
                for (partition, offset) in offsets {
                    match offset {
                        Some(offset) => committed.insert(partition, offset),
                        None => committed.remove(&partition),
                    };
                }
            });
        }
        Change::ForgetCommitted { broker, group_id } => {
            with_broker(brokers, broker, |broker| {
                broker.committed.remove(&group_id);
            });
        }
        Change::ProducerIdGiven => Rc::make_mut(cluster).next_producer_id += 1,
        Change::Topic(change) => apply_topic(cluster, brokers, ids, now, change),
    }
}

fn apply_topic(
    cluster: &mut Rc<Cluster>,
    brokers: &mut SortedMap<BrokerId, Rc<Broker>>,
    ids: &mut Prng,
    now: SimTime,
    change: TopicChange,
) {
    let topic = change.topic().clone();
    Rc::make_mut(cluster).apply(ids, change);
    let wanted: Vec<(TopicPartition, Vec<BrokerId>)> = match cluster.topic(topic.as_str()) {
        Some(state) => state
            .partitions
            .iter()
            .enumerate()
            .map(|(at, partition)| (TopicPartition::new(topic.clone(), at as i32), partition.replicas.clone()))
            .collect(),
        None => Vec::new(),
    };
    for (id, broker) in brokers.iter_mut() {
        let broker = Rc::make_mut(broker);
        if wanted.is_empty() {
            broker.replicas.retain(|partition, _| partition.topic != topic);
            for committed in broker.committed.values_mut() {
                committed.retain(|partition, _| partition.topic != topic);
            }
        }
        for (partition, replicas) in &wanted {
            if replicas.contains(id) {
                broker.replicas.get_or_insert_with(partition.clone(), || Rc::new(Replica::new(now)));
            }
        }
    }
}

fn with_broker(brokers: &mut SortedMap<BrokerId, Rc<Broker>>, id: BrokerId, write: impl FnOnce(&mut Broker)) {
    if let Some(broker) = brokers.get_mut(&id) {
        write(Rc::make_mut(broker));
    }
}

fn with_replica(
    brokers: &mut SortedMap<BrokerId, Rc<Broker>>,
    id: BrokerId,
    partition: &TopicPartition,
    write: impl FnOnce(&mut Replica),
) {
    with_broker(brokers, id, |broker| {
        if let Some(replica) = broker.replicas.get_mut(partition) {
            write(Rc::make_mut(replica));
        }
    });
}
