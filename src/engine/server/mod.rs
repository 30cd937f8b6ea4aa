//! Lives here: what a broker does with whatever reaches it (`KafkaApis`): who handles a request, an answer, a timer, a change.
//! Never here: the handling itself, but for what a broker tells of itself and of the cluster as a whole.

mod describe;

use std::rc::Rc;

use crate::base::{Span, TopicPartition};
use crate::engine::broker::{Asked, Broker};
use crate::engine::network::RequestRef;
use crate::engine::node::{BrokerTimer, Change, NodeContext, Outcome};
use crate::engine::partition::{fetch, produce, replication};
use crate::engine::protocol::{Recipient, Request, Response};
use crate::engine::share::ShareTimer;
use crate::engine::share_partition::persister;
use crate::engine::{controller, group_coordinator, share_coordinator, share_partition};

/// A request has arrived.
pub fn handle(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &Rc<Request>) -> Outcome {
    match request.as_ref() {
        Request::Produce(produce) => produce::produce(cx, broker, from, produce),
        Request::Fetch(_) => fetch::fetch(cx, broker, from, request),
        Request::ListOffsets(list) => fetch::list_offsets(cx, broker, from, list),
        Request::ApiVersions => Outcome::answer(from, Response::ApiVersions),
        Request::OffsetsForLeaderEpoch(asked) => fetch::epoch_ends(cx, broker, from, asked),
        Request::DeleteRecords(delete) => fetch::delete_records(cx, broker, from, delete),
        Request::DescribeLogDirs(_) | Request::DescribeCluster | Request::DescribeQuorum => {
            describe::handle(cx, broker, from, request)
        }
        Request::ReplicaFetch(fetch) => replication::fetch(cx, broker, from, fetch),
        Request::ShareFetch(_) => share_partition::fetch(cx, broker, from, request),
        Request::ShareAcknowledge(acknowledge) => share_partition::acknowledge(cx, broker, from, acknowledge),
        Request::ShareGroupState(asked) => share_coordinator::handle(cx, broker, from, asked),
        _ => match request.recipient() {
            Recipient::Coordinator(_) | Recipient::Coordinators(_) | Recipient::AllBrokers => {
                group_coordinator::handle(cx, broker, from, request)
            }
            // The controller is another node: a broker does not answer.
            Recipient::ActiveController => Outcome::default(),
            _ => controller::handle(cx, broker, from, request),
        },
    }
}

pub fn on_timer(cx: &NodeContext<'_>, broker: &Broker, timer: BrokerTimer) -> Outcome {
    match timer {
        BrokerTimer::FetchExpires { request } => fetch::expired(cx, broker, request),
        BrokerTimer::Group { group, timer } => group_coordinator::on_timer(cx, broker, group, timer),
        BrokerTimer::OffsetsExpiration { partition, epoch } => group_coordinator::expiry::look(cx, broker, partition, epoch),
        BrokerTimer::ReplicaFetchExpires { follower, request } => replication::expired(cx, broker, follower, request),
        BrokerTimer::ProduceExpires { request } => replication::produce_expired(cx, broker, request),
        BrokerTimer::FetchBackoff { leader } => replication::backoff_over(broker, leader),
        BrokerTimer::IsrExpiration => replication::shrink(cx, broker),
        BrokerTimer::Heartbeat => heartbeat(cx),
        BrokerTimer::TopicAutoCreated { topic } => controller::auto_created(cx, broker, topic),
        BrokerTimer::BrokerSession { .. }
        | BrokerTimer::RebalanceLeaders
        | BrokerTimer::ElectUnclean
        | BrokerTimer::QuorumElection
        | BrokerTimer::MetadataArrives => Outcome::default(),
        BrokerTimer::Share(timer @ (ShareTimer::Session { .. } | ShareTimer::Initialize { .. })) => {
            group_coordinator::on_share_timer(cx, broker, timer)
        }
        BrokerTimer::Share(timer) => share_partition::on_timer(cx, broker, timer),
    }
}

/// Tells the controller that this broker lives.
fn heartbeat(cx: &NodeContext<'_>) -> Outcome {
    let interval = cx.configs.broker_heartbeat_interval.max(Span::from_ms(1));
    let controller = cx.metadata.quorum.leader;
    Outcome {
        requests: controller.map(|controller| (controller, Request::BrokerHeartbeat, Asked::Heartbeat)).into_iter().collect(),
        timers: vec![(cx.now + interval, BrokerTimer::Heartbeat)],
        ..Outcome::default()
    }
}

/// A request of the broker's own is answered; or not, and never will be.
pub fn on_response(cx: &NodeContext<'_>, broker: &Broker, correlation: u32, response: Option<&Response>) -> Outcome {
    let Some(asked) = broker.asked.get(&correlation) else { return Outcome::default() };
    let mut outcome = match (asked, response) {
        (Asked::Fetch(leader), Some(Response::ReplicaFetch(response))) => replication::answered(cx, broker, *leader, response),
        (Asked::Fetch(leader), _) => replication::lost(cx, broker, *leader),
        (Asked::AlterPartition(partition), _) => replication::isr_answered(broker, partition),
        (Asked::Heartbeat, _) => Outcome::default(),
        (Asked::ShareState(ask), Some(Response::ShareGroupState(response))) => persister::answered(cx, broker, ask, Some(response)),
        (Asked::ShareState(ask), _) => persister::answered(cx, broker, ask, None),
        (Asked::Ends(request), Some(Response::ListOffsets(response))) => persister::ends_answered(broker, *request, Some(response)),
        (Asked::Ends(request), _) => persister::ends_answered(broker, *request, None),
        (Asked::InternalTopics { topics, errors_kept }, response) => {
            let made = if let Some(Response::CreateTopics(response)) = response { Some(response) } else { None };
            group_coordinator::internal_topics_answered(cx, broker, topics, *errors_kept, made)
        }
    };
    outcome.changes.push(Change::Answered { broker: broker.id, correlation });
    outcome
}

/// These partitions have changed: what waited for them may go on now.
pub fn on_progress(cx: &NodeContext<'_>, broker: &Broker, partitions: &[TopicPartition]) -> Outcome {
    let mut outcome = replication::progressed(cx, broker, partitions);
    group_coordinator::loading::on_progress(cx, broker, partitions, &mut outcome);
    group_coordinator::release_awaiting(cx, broker, &mut outcome);
    share_coordinator::on_progress(cx, broker, partitions, &mut outcome);
    if let Some(fetches) = fetch::progressed(cx, broker, partitions) {
        outcome.merge(fetches);
    }
    if let Some(shared) = share_partition::progressed(cx, broker, partitions) {
        outcome.merge(shared);
    }
    outcome
}
