//! In which folders of their brokers replicas lie. A broker has one here, so a replica is there or not.

use super::plan::Replica;
use super::{plural, terse};
use crate::base::java::broker_set;
use crate::base::{BrokerId, SortedMap, Span, TopicPartition, put_in_order};
use crate::engine::protocol::DescribeLogDirsRequest;
use crate::shell::cli::admin_command::{Admin, ask};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::queries::LOG_DIR;

/// Between two looks for replicas that are not there yet.
const PAUSE_MS: i64 = 100;

/// The folders of replicas on brokers that live (`getReplicaToLogDir`).
pub(super) fn of_live_replicas(
    admin: &mut Admin<'_, '_, '_>,
    partitions: &[(TopicPartition, Vec<BrokerId>)],
    alive: &[BrokerId],
) -> Done<SortedMap<Replica, String>> {
    let replicas = partitions.iter().flat_map(|(partition, brokers)| brokers.iter().map(|broker| (partition.clone(), *broker)));
    let replicas: Vec<Replica> = replicas.filter(|(_, broker)| alive.contains(broker)).collect();
    of_replicas(admin, &replicas)
}

fn of_replicas(admin: &mut Admin<'_, '_, '_>, replicas: &[Replica]) -> Done<SortedMap<Replica, String>> {
    let mut dirs = SortedMap::new();
    for broker in broker_set(replicas.iter().map(|(_, broker)| *broker)) {
        let found = ask!(admin, DescribeLogDirs(DescribeLogDirsRequest { broker }))?.partitions;
        for (partition, _) in replicas.iter().filter(|(_, on)| *on == broker) {
            if found.iter().any(|row| row.partition == *partition) {
                dirs.insert((partition.clone(), broker), format!("{LOG_DIR}{broker}"));
            }
        }
    }
    Ok(dirs)
}

/// Tells of the replicas for which a folder was named (`replicaMoveStatesToString`), and whether all of them are settled.
pub(super) fn tell_moves(admin: &mut Admin<'_, '_, '_>, wanted: &SortedMap<Replica, String>) -> Done<bool> {
    let alive = if wanted.is_empty() { Vec::new() } else { admin.cluster()??.brokers };
    let mut replicas: Vec<Replica> = wanted.keys().cloned().collect();
    put_in_order(&mut replicas, &|one, other| (one.1, &one.0) < (other.1, &other.0));
    let live: Vec<Replica> = replicas.iter().filter(|(_, broker)| alive.contains(broker)).cloned().collect();
    let found = of_replicas(admin, &live)?;
    for replica in &replicas {
        let (partition, broker) = replica;
        admin.print(match (found.get(replica), wanted.get(replica)) {
            (None, _) => format!(
                "Partition {partition} is not found in any live log dir on broker {broker}. There is likely an offline log directory \
                 on the broker."
            ),
            (Some(current), Some(target)) if current != target => {
                format!("Partition {partition} on broker {broker} is not being moved from log dir {current} to {target}.")
            }
            _ => format!("Reassignment of replica {partition}-{broker} completed successfully."),
        });
    }
    if replicas.is_empty() {
        admin.print("");
    }
    Ok(replicas.iter().all(|replica| found.contains_key(replica)))
}

/// Asks brokers to put replicas into named folders, as soon as the replicas are there (`executeMoves`).
pub(super) fn move_replicas(admin: &mut Admin<'_, '_, '_>, wanted: SortedMap<Replica, String>, timeout_ms: i64) -> Done {
    let mut pending: Vec<(Replica, String)> = wanted.into_iter().collect();
    put_in_order(&mut pending, &|((one, on), _), ((other, with), _)| (on, one) < (with, other));
    let mut waited_ms = 0;
    while !pending.is_empty() {
        let replicas: Vec<Replica> = pending.iter().map(|(replica, _)| replica.clone()).collect();
        let found = of_replicas(admin, &replicas)?;
        let mut left = Vec::new();
        for ((partition, broker), dir) in pending {
            let replica = (partition, broker);
            if dir != format!("{LOG_DIR}{broker}") {
                let what = "The user-specified log directory is not found in the broker config.";
                let cause = Exception::api("LogDirNotFoundException", what).execution();
                let what = format!("Failed to alter dir for {}-{broker}", replica.0);
                return Err(Exception::command_failed(&what).because(cause).into());
            }
            if found.contains_key(&replica) {
                let TopicPartition { topic, partition } = &replica.0;
                let what = "Successfully started moving log directory to";
                admin.print(format!("{what} {dir} for replica {topic}-{partition} with broker {broker} "));
            } else {
                left.push((replica, dir));
            }
        }
        pending = left;
        if pending.is_empty() {
            break;
        }
        if waited_ms >= timeout_ms {
            let names: Vec<String> = pending.iter().map(|((partition, broker), _)| format!("{partition}-{broker}")).collect();
            let plural = plural(names.len());
            let what = format!("Timed out before log directory move{plural} could be started for: {}", names.join(","));
            return Err(terse(&what));
        }
        admin.sleep(Span::from_ms(PAUSE_MS as u64))?;
        waited_ms += PAUSE_MS;
    }
    Ok(())
}
