//! What a broker tells of itself and of the cluster as a whole.

use crate::base::{BrokerId, Offset, Prng, SimTime, Timestamp, TopicId};
use crate::engine::broker::Broker;
use crate::engine::metadata::quorum::Voter;
use crate::engine::metadata::random_uuid;
use crate::engine::network::RequestRef;
use crate::engine::node::{NodeContext, Outcome};
use crate::engine::protocol::{
    DescribeClusterResponse, DescribeLogDirsResponse, DescribeQuorumResponse, LogDirPartition, QuorumReplica, Request, Response,
};

/// The controller writes a record each `metadata.max.idle.interval.ms`, also when nothing happens.
const IDLE_RECORD_MS: u64 = 500;

/// Records that a freshly formatted cluster's metadata log begins with: features, registrations and the like.
const FIRST_RECORDS: u64 = 16;

pub fn handle(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &Request) -> Outcome {
    Outcome::answer(
        from,
        match request {
            Request::DescribeLogDirs(_) => Response::DescribeLogDirs(log_dirs(broker)),
            Request::DescribeQuorum => Response::DescribeQuorum(quorum(cx)),
            _ => Response::DescribeCluster(cluster(cx)),
        },
    )
}

fn log_dirs(broker: &Broker) -> DescribeLogDirsResponse {
    let partitions = broker.replicas.iter();
    let partitions = partitions
        .map(|(partition, replica)| LogDirPartition { partition: partition.clone(), size_bytes: replica.log.size_bytes() });
    DescribeLogDirsResponse { partitions: partitions.collect() }
}

fn cluster(cx: &NodeContext<'_>) -> DescribeClusterResponse {
    let known = cx.metadata;
    let (brokers, fenced) = known.broker_ids.iter().partition(|id| known.is_active(**id));
    let controllers = known.quorum.voters.keys().copied().collect();
    DescribeClusterResponse { cluster_id: cluster_id(cx), controllers, brokers, fenced, racks: known.racks_of(&known.broker_ids) }
}

/// The seed says it, so that a session's cluster is the same wherever it is replayed.
fn cluster_id(cx: &NodeContext<'_>) -> TopicId {
    random_uuid(&mut Prng::new(cx.seed, "cluster id"))
}

/// There is no log of the metadata: how long it would be is reckoned from the time. A controller that was down when the
/// leader began is unknown to it.
fn quorum(cx: &NodeContext<'_>) -> DescribeQuorumResponse {
    let end_at = |at: SimTime| Offset(i64::try_from(FIRST_RECORDS + at.ms() / IDLE_RECORD_MS).unwrap_or(i64::MAX));
    let log_end_offset = end_at(cx.now);
    let leader = cx.metadata.controller;
    let quorum = &cx.metadata.quorum;
    let seed = cx.seed;
    let directory = |id: BrokerId| random_uuid(&mut Prng::new(seed, &format!("directory of {id}")));
    let replica = |id, directory_id, at: SimTime| QuorumReplica {
        id,
        directory_id,
        log_end_offset: end_at(at),
        last_fetch: at.timestamp(),
        last_caught_up: at.timestamp(),
    };
    let voter = |(id, voter): (&BrokerId, &Voter)| match voter.running {
        true => replica(*id, None, cx.now),
        false if voter.stopped_at >= quorum.leader_since => replica(*id, None, voter.stopped_at),
        false => QuorumReplica {
            id: *id,
            directory_id: None,
            log_end_offset: Offset(-1),
            last_fetch: Timestamp(-1),
            last_caught_up: Timestamp(-1),
        },
    };
    // One that is not registered follows the log all the same.
    let others = cx.metadata.registrations.keys().copied().filter(|id| *id != leader);
    DescribeQuorumResponse {
        leader,
        leader_epoch: quorum.leader_epoch,
        high_watermark: log_end_offset,
        voters: quorum.voters.iter().map(voter).collect(),
        observers: others.map(|id| replica(id, Some(directory(id)), cx.now)).collect(),
    }
}
