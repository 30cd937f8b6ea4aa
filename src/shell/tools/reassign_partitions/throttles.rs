//! The throttles of a reassignment: settings that are made and taken away. Nothing here is slowed down by them.

use super::plan::Plan;
use super::{plural, topic_set};
use crate::base::java::broker_set;
use crate::base::{BrokerId, SortedMap, TopicName, TopicPartition, sort};
use crate::engine::client::{API_TIMEOUT, CallError};
use crate::engine::protocol::{AlterConfigsRequest, ConfigResource, OngoingReassignment};
use crate::shell::cli::admin_command::{Admin, ask};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::queries::joined;

const LEADER_RATE: &str = "leader.replication.throttled.rate";
const FOLLOWER_RATE: &str = "follower.replication.throttled.rate";
const DIRS_RATE: &str = "replica.alter.log.dirs.io.max.bytes.per.second";
const LEADER_REPLICAS: &str = "leader.replication.throttled.replicas";
const FOLLOWER_REPLICAS: &str = "follower.replication.throttled.replicas";

/// A partition's way: the brokers that have it, and those that get it.
struct Move {
    sources: Vec<BrokerId>,
    destinations: Vec<BrokerId>,
}

type Moves = SortedMap<TopicName, SortedMap<i32, Move>>;

/// `calculateProposedMoveMap`: what moves already, and what the plan moves.
fn moves(plan: &Plan, ongoing: &[OngoingReassignment], current: &[(TopicPartition, Vec<BrokerId>)]) -> Moves {
    let mut moves = Moves::new();
    for known in ongoing {
        let sources = known.replicas.iter().filter(|broker| !known.adding.contains(broker)).copied().collect();
        let way = Move { sources, destinations: known.adding.clone() };
        moves.get_or_default(known.topic_partition.topic.clone()).insert(known.topic_partition.partition, way);
    }
    for (partition, replicas) in &plan.partitions {
        let of_topic = moves.get_or_default(partition.topic.clone());
        let begun = of_topic.get(&partition.partition).map(|way| way.sources.clone());
        let now = || current.iter().find(|(known, _)| known == partition).map_or(Vec::new(), |(_, replicas)| replicas.clone());
        let sources = begun.unwrap_or_else(now);
        let destinations = replicas.iter().filter(|broker| !sources.contains(broker)).copied().collect();
        of_topic.insert(partition.partition, Move { sources, destinations });
    }
    moves
}

/// `0:1,0:2`: partitions and brokers, in the order of their texts.
fn replicas(moves: &SortedMap<i32, Move>, side: fn(&Move) -> &[BrokerId]) -> String {
    let pairs = moves.iter().flat_map(|(partition, way)| side(way).iter().map(move |broker| format!("{partition}:{broker}")));
    let mut pairs: Vec<String> = pairs.collect();
    sort(&mut pairs);
    pairs.dedup();
    pairs.join(",")
}

/// `--throttle`.
pub(super) fn set(
    admin: &mut Admin<'_, '_, '_>,
    plan: &Plan,
    ongoing: &[OngoingReassignment],
    current: &[(TopicPartition, Vec<BrokerId>)],
    rate: i64,
) -> Done {
    let moves = moves(plan, ongoing, current);
    for (topic, of_topic) in &moves {
        let leaders = replicas(of_topic, |way| &way.sources);
        let followers = replicas(of_topic, |way| &way.destinations);
        let changes = vec![(LEADER_REPLICAS.to_owned(), Some(leaders)), (FOLLOWER_REPLICAS.to_owned(), Some(followers))];
        alter(admin, ConfigResource::Topic(topic.clone()), changes)?;
    }
    let ways = moves.values().flat_map(SortedMap::values);
    let brokers = broker_set(ways.flat_map(|way| way.sources.iter().chain(&way.destinations)).copied());
    let rates = [LEADER_RATE, FOLLOWER_RATE].map(|name| (name.to_owned(), Some(rate.to_string())));
    alter_brokers(admin, &brokers, &rates)?;
    admin.print(format!("The inter-broker throttle limit was set to {rate} B/s"));
    Ok(())
}

/// `--replica-alter-log-dirs-throttle`.
pub(super) fn set_for_dirs(admin: &mut Admin<'_, '_, '_>, plan: &Plan, rate: i64) -> Done {
    let brokers = broker_set(plan.log_dirs.keys().map(|(_, broker)| *broker));
    alter_brokers(admin, &brokers, &[(DIRS_RATE.to_owned(), Some(rate.to_string()))])?;
    admin.print(format!("The replica-alter-dir throttle limit was set to {rate} B/s"));
    Ok(())
}

/// `clearAllThrottles`. `before` stands at the beginning of the first line.
pub(super) fn clear(admin: &mut Admin<'_, '_, '_>, plan: &Plan, before: &str) -> Done {
    let alive = admin.cluster()??.brokers;
    let brokers = broker_set(alive.iter().copied().chain(plan.brokers()));
    admin.print(format!("{before}Clearing broker-level throttles on broker{} {}", plural(brokers.len()), joined(&brokers, ",")));
    let none = [LEADER_RATE, FOLLOWER_RATE, DIRS_RATE].map(|name| (name.to_owned(), None));
    alter_brokers(admin, &brokers, &none)?;
    let topics = topic_set(plan.partitions.iter().map(|(partition, _)| partition));
    let names: Vec<&str> = topics.iter().map(TopicName::as_str).collect();
    admin.print(format!("Clearing topic-level throttles on topic{} {}", plural(topics.len()), names.join(",")));
    for topic in topics {
        let none = [LEADER_REPLICAS, FOLLOWER_REPLICAS].map(|name| (name.to_owned(), None));
        alter(admin, ConfigResource::Topic(topic), none.to_vec())?;
    }
    Ok(())
}

/// Each broker is asked to change its own settings. Where one is not in the metadata, the client waits for it in vain.
fn alter_brokers(admin: &mut Admin<'_, '_, '_>, brokers: &[BrokerId], changes: &[(String, Option<String>)]) -> Done {
    let alive = admin.cluster()??.brokers;
    for broker in brokers.iter().filter(|broker| alive.contains(broker)) {
        alter(admin, ConfigResource::Broker(*broker), changes.to_vec())?;
    }
    if brokers.iter().any(|broker| !alive.contains(broker)) {
        admin.sleep(API_TIMEOUT)?;
        return Err(CallError::NoNode { call: "incrementalAlterConfigs" }.into());
    }
    Ok(())
}

fn alter(admin: &mut Admin<'_, '_, '_>, resource: ConfigResource, changes: Vec<(String, Option<String>)>) -> Done {
    match ask!(admin, AlterConfigs(AlterConfigsRequest { resource, changes }))?.error {
        Some((error, message)) => Err(Exception::api(error.exception(), &message).execution().into()),
        None => Ok(()),
    }
}
