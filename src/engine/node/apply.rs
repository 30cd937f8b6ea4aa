//! The one place that writes to brokers and to the cluster's metadata.

use std::rc::Rc;

use super::Change;
use crate::base::{BrokerId, Offset, Prng, SimTime, SortedMap, TopicId, TopicName, TopicPartition};
use crate::engine::broker::{self, Broker, Replica};
use crate::engine::metadata::{Cluster, PartitionState, RegistrationChange, TopicChange, lives_in};

/// `ProducerIdsBlock.PRODUCER_ID_BLOCK_SIZE`.
const PRODUCER_ID_BLOCK: i64 = 1000;

/// Carries out a change. `touched` gets the replicas that have something to react to.
pub fn apply(
    cluster: &mut Rc<Cluster>,
    brokers: &mut SortedMap<BrokerId, Rc<Broker>>,
    ids: &mut Prng,
    now: SimTime,
    change: Change,
    touched: &mut Vec<(BrokerId, TopicPartition)>,
) {
    match change {
        Change::Append { broker, partition, batch } => {
            let config = cluster.log_config(broker, &partition.topic);
            with_broker(brokers, broker, |broker| {
                let Some(replica) = broker.replica_mut(&partition) else { return };
                let end_before = replica.log.log_end_offset();
                replica.epochs.begin(batch.partition_leader_epoch, batch.base_offset);
                replica.remember(&batch);
                replica.log.append(batch, config, now);
                mark_dirty(cluster, broker, &partition, end_before);
            });
            touched.push((broker, partition));
        }
        Change::HighWatermark { broker, partition, high_watermark } => {
            with_broker(brokers, broker, |broker| {
                if let Some(replica) = broker.replica_mut(&partition) {
                    replica.high_watermark = replica.high_watermark.max(high_watermark);
                }
                mark_dirty(cluster, broker, &partition, Offset(i64::MAX));
            });
            touched.push((broker, partition));
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
        Change::ConsumerGroup { broker, group_id, group } => {
            with_broker(brokers, broker, |broker| {
                match group {
                    Some(group) => broker.consumer_groups.insert(group_id, group),
                    None => broker.consumer_groups.remove(&group_id),
                };
            });
        }
        Change::ShareGroup { broker, group_id, group } => {
            with_broker(brokers, broker, |broker| {
                match group {
                    Some(group) => broker.share_groups.insert(group_id, group),
                    None => broker.share_groups.remove(&group_id),
                };
            });
        }
        Change::StreamsGroup { broker, group_id, group } => {
            with_broker(brokers, broker, |broker| {
                match group {
                    Some(group) => broker.streams_groups.insert(group_id, group),
                    None => broker.streams_groups.remove(&group_id),
                };
            });
        }
        Change::TopicErrors { broker, errors } => with_broker(brokers, broker, |broker| {
            broker.topic_errors.retain(|_, (until, _)| now < *until);
            broker.topic_errors.extend(errors);
        }),
        Change::MemberHeard { broker, group_id, member_id } => {
            with_broker(brokers, broker, |broker| {
                if let Some(group) = broker.groups.get_mut(&group_id) {
                    Rc::make_mut(group).heard_of(&member_id, now);
                }
                if let Some(group) = broker.consumer_groups.get_mut(&group_id) {
                    Rc::make_mut(group).heard_of(&member_id, now);
                }
                if let Some(group) = broker.streams_groups.get_mut(&group_id) {
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
        Change::Share { broker, change } => {
            touched.extend(change.touches().into_iter().map(|partition| (broker, partition)));
            with_broker(brokers, broker, |broker| broker.share.apply(*change));
        }
        Change::GroupConfigs { group_id, configs } => Rc::make_mut(cluster).set_group_configs(group_id, configs),
        Change::ProducerIdGiven { broker } => with_broker(brokers, broker, |broker| {
            if broker.producer_ids.0 == broker.producer_ids.1 {
                let first = cluster.next_producer_id;
                broker.producer_ids = (first, first + PRODUCER_ID_BLOCK);
                Rc::make_mut(cluster).next_producer_id += PRODUCER_ID_BLOCK;
            }
            broker.producer_ids.0 += 1;
        }),
        Change::BrokerConfigured { broker, configs, clears_elr } => {
            Rc::make_mut(cluster).configure(broker, configs, clears_elr);
        }
        Change::Topic(change) => touched.extend(apply_topic(cluster, brokers, ids, now, *change)),
        Change::Replication { broker, change } => with_broker(brokers, broker, |broker| broker::apply(broker, now, change)),
        Change::HearsAll { broker } => touched.extend(hear_all(cluster, brokers, broker, now)),
        Change::Registration(change) => {
            Rc::make_mut(cluster).register(now, change);
            if let RegistrationChange::Unfenced(broker) = change {
                with_broker(brokers, broker, |broker| broker.listening = true);
                touched.extend(may_rejoin(cluster, broker));
            }
        }
        Change::Asks { broker, asked } => with_broker(brokers, broker, |broker| {
            broker.asked.insert(broker.next_correlation, asked);
            broker.next_correlation = broker.next_correlation.wrapping_add(1);
        }),
        Change::Answered { broker, correlation } => with_broker(brokers, broker, |broker| {
            broker.asked.remove(&correlation);
        }),
        Change::Coordinates { broker, partition, partitions, loaded } => with_broker(brokers, broker, |broker| {
            broker.groups.retain(|group, _| !lives_in(group, partition, partitions));
            broker.consumer_groups.retain(|group, _| !lives_in(group, partition, partitions));
            broker.share_groups.retain(|group, _| !lives_in(group, partition, partitions));
            broker.streams_groups.retain(|group, _| !lives_in(group, partition, partitions));
            broker.committed.retain(|group, _| !lives_in(group, partition, partitions));
            broker.coordinates.remove(&partition);
            broker.strays.remove(&partition);
            if let Some((epoch, loaded)) = loaded {
                broker.coordinates.insert(partition, epoch);
                broker.groups.extend(loaded.groups);
                broker.consumer_groups.extend(loaded.consumer_groups);
                broker.share_groups.extend(loaded.share_groups);
                broker.streams_groups.extend(loaded.streams_groups);
                broker.committed.extend(loaded.committed);
                if !loaded.strays.is_empty() {
                    broker.strays.insert(partition, loaded.strays);
                }
            }
        }),
        Change::Hold { broker, partition, held } => with_broker(brokers, broker, |broker| {
            broker.held.get_or_default(partition).push(held);
        }),
        Change::Release { broker, partition, count } => with_broker(brokers, broker, |broker| {
            if let Some(held) = broker.held.get_mut(&partition) {
                held.drain(..count.min(held.len()));
                if held.is_empty() {
                    broker.held.remove(&partition);
                }
            }
        }),
    }
}

fn apply_topic(
    cluster: &mut Rc<Cluster>,
    brokers: &mut SortedMap<BrokerId, Rc<Broker>>,
    ids: &mut Prng,
    now: SimTime,
    change: TopicChange,
) -> Vec<(BrokerId, TopicPartition)> {
    let topic = change.topic().clone();
    let changed = match &change {
        TopicChange::Partition { partition, .. } => Some(*partition),
        _ => None,
    };
    let configured = matches!(change, TopicChange::Configured { .. });
    Rc::make_mut(cluster).apply(ids, change);
    if configured {
        // With another min.insync.replicas too, the high watermark stays until a follower or the in-sync set moves.
        return Vec::new();
    }
    let Some(state) = cluster.topic(topic.as_str()) else {
        return forget_topic(brokers, &topic);
    };
    let mut touched = Vec::new();
    for (at, partition) in state.partitions.iter().enumerate() {
        if changed.is_some_and(|changed| changed != at as i32) {
            continue;
        }
        let name = TopicPartition::new(topic.clone(), at as i32);
        for (id, broker) in brokers.iter_mut() {
            if !partition.replicas.contains(id) && !broker.replicas.contains_key(&name) {
                continue;
            }
            if broker.learns() {
                settle(Rc::make_mut(broker), &name, state.topic_id, partition, now);
            } else {
                continue;
            }
            touched.push((*id, name.clone()));
        }
    }
    touched
}

/// Leaders that may take this broker into their in-sync sets now.
fn may_rejoin(cluster: &Cluster, broker: BrokerId) -> Vec<(BrokerId, TopicPartition)> {
    let mut leaders = Vec::new();
    for (name, topic) in cluster.topics() {
        for (at, state) in topic.partitions.iter().enumerate() {
            if let Some(leader) = state.leader
                && state.replicas.contains(&broker)
                && !state.isr.contains(&broker)
            {
                leaders.push((leader, TopicPartition::new(name.clone(), at as i32)));
            }
        }
    }
    leaders
}

fn hear_all(
    cluster: &Rc<Cluster>,
    brokers: &mut SortedMap<BrokerId, Rc<Broker>>,
    id: BrokerId,
    now: SimTime,
) -> Vec<(BrokerId, TopicPartition)> {
    let mut touched = Vec::new();
    with_broker(brokers, id, |broker| {
        broker.stale = None;
        let gone = |partition: &TopicPartition| {
            cluster.topic(partition.topic.as_str()).and_then(|topic| topic.partition(partition.partition)).is_none()
        };
        let gone: Vec<TopicPartition> = broker.replicas.keys().filter(|partition| gone(partition)).cloned().collect();
        for partition in gone {
            broker::leave_roles(broker, &partition);
            broker.replicas.remove(&partition);
        }
        for (topic, state) in cluster.topics() {
            for (at, partition) in state.partitions.iter().enumerate() {
                let name = TopicPartition::new(topic.clone(), at as i32);
                if partition.replicas.contains(&id) || broker.replicas.contains_key(&name) {
                    settle(broker, &name, state.topic_id, partition, now);
                    touched.push((id, name));
                }
            }
        }
    });
    touched
}

/// Makes a broker's replica what the metadata says: there or not, leader or follower.
fn settle(broker: &mut Broker, name: &TopicPartition, topic_id: TopicId, partition: &PartitionState, now: SimTime) {
    if !partition.replicas.contains(&broker.id) {
        broker::leave_roles(broker, name);
        broker.replicas.remove(name);
        return;
    }
    // What lies there may be of an earlier topic with this name.
    if broker.replicas.get(name).is_some_and(|replica| replica.topic_id != topic_id) {
        broker.replicas.remove(name);
    }
    broker.replicas.get_or_insert_with(name, || Rc::new(Replica::new(topic_id, now)));
    broker::take_role(broker, name, partition);
}

/// A topic is deleted. A broker that does not hear of it keeps its replicas until it does.
/// What waits for its partitions is answered at once (`Partition.delete`).
fn forget_topic(brokers: &mut SortedMap<BrokerId, Rc<Broker>>, topic: &TopicName) -> Vec<(BrokerId, TopicPartition)> {
    let mut touched = Vec::new();
    for broker in brokers.values_mut().filter(|broker| broker.learns()) {
        let broker = Rc::make_mut(broker);
        let gone: Vec<TopicPartition> = broker.replicas.keys().filter(|partition| partition.topic == *topic).cloned().collect();
        for partition in gone {
            broker::leave_roles(broker, &partition);
            broker.replicas.remove(&partition);
            touched.push((broker.id, partition));
        }
        for group in broker.share_groups.values_mut().filter(|group| group.initialized.contains_key(topic)) {
            Rc::make_mut(group).forget_topic(topic);
        }
        broker.share.forget_topic(topic);
    }
    touched
}

/// The log or the high watermark of a partition has changed: where this broker leads it, as far as it knows, its followers have
/// something to be told.
fn mark_dirty(cluster: &Cluster, broker: &mut Broker, partition: &TopicPartition, end_before: Offset) {
    let stale = broker.stale.clone();
    let state = stale.as_deref().unwrap_or(cluster).partition(partition).map(|(_, state)| state);
    if let Some(state) = state.filter(|state| state.leader == Some(broker.id)) {
        broker::mark_dirty(broker, partition, &state.replicas, end_before);
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
