//! Requests about topics (`ReplicationControlManager`), and who coordinates a group.

use super::placement::{self, UsableBroker};
use super::{brokers, reassignment, settings};
use crate::base::{BrokerId, GroupId, Prng, SortedMap, Span, TopicId, TopicName};
use crate::engine::broker::Broker;
use crate::engine::configs;
use crate::engine::metadata::{Cluster, OFFSETS_TOPIC, STATE_TOPIC, Topic, TopicChange, check_name, collides, group_partition};
use crate::engine::network::RequestRef;
use crate::engine::node::{BrokerTimer, Change, NodeContext, Outcome};
use crate::engine::protocol::{
    CreatePartitionsRequest, CreatePartitionsResponse, CreateTopicsRequest, CreateTopicsResponse, DeleteTopicsRequest,
    DeleteTopicsResponse, ErrorCode, FindCoordinatorResponse, InitProducerIdResponse, ListConfigResourcesResponse, MetadataRequest,
    MetadataResponse, NewTopic, PartitionMetadata, Request, Response, TopicMetadata, TopicResult,
};
use crate::engine::trace::TraceEvent;

/// Partitions that one request may create (`QuorumController.MAX_RECORDS_PER_USER_OP`).
const PARTITIONS_PER_REQUEST_MAX: i32 = 10_000;

pub fn handle(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &Request) -> Outcome {
    let mut outcome = Outcome::default();
    let response = match request {
        Request::Metadata(request) => {
            let creates = request.allow_auto_topic_creation && reaches_controller(broker);
            Response::Metadata(metadata(cx, &mut outcome, request, creates))
        }
        Request::InitProducerId => Response::InitProducerId(init_producer_id(cx, broker, &mut outcome)),
        Request::FindCoordinator(request) => {
            Response::FindCoordinator(find_coordinator(cx, broker, &mut outcome, &request.group_id))
        }
        Request::CreateTopics(request) => Response::CreateTopics(create_topics(cx, &mut outcome, request)),
        Request::DeleteTopics(request) => Response::DeleteTopics(delete_topics(cx, &mut outcome, request)),
        Request::CreatePartitions(request) => Response::CreatePartitions(create_partitions(cx, &mut outcome, request)),
        Request::AlterConfigs(request) => Response::AlterConfigs(settings::alter(cx, request, &mut outcome)),
        Request::DescribeConfigs(request) => Response::DescribeConfigs(settings::describe(cx, broker, request)),
        Request::ElectLeaders(request) => Response::ElectLeaders(reassignment::elect_leaders(cx, request, &mut outcome)),
        Request::AlterReassignments(request) => Response::AlterReassignments(reassignment::alter(cx, request, &mut outcome)),
        Request::UnregisterBroker(request) => Response::UnregisterBroker(brokers::unregister(cx, request.broker, &mut outcome)),
        Request::ListReassignments => Response::ListReassignments(reassignment::list(cx)),
        Request::ListConfigResources => {
            let groups = cx.metadata.group_configs.keys().cloned().collect();
            Response::ListConfigResources(ListConfigResourcesResponse { groups })
        }
        _ => {
            debug_assert!(false, "broker {} sent a request to the wrong room", broker.id);
            return outcome;
        }
    };
    outcome.responses.push((from, response));
    outcome
}

/// From the broker's block; a new block comes from the controller, and until then the client has to ask again.
fn init_producer_id(cx: &NodeContext<'_>, broker: &Broker, outcome: &mut Outcome) -> InitProducerIdResponse {
    let (next, end) = broker.producer_ids;
    if next == end && !reaches_controller(broker) {
        return InitProducerIdResponse { error: Some(ErrorCode::CoordinatorLoadInProgress), producer_id: -1, producer_epoch: -1 };
    }
    outcome.changes.push(Change::ProducerIdGiven { broker: broker.id });
    let producer_id = if next == end { cx.metadata.next_producer_id } else { next };
    InitProducerIdResponse { error: None, producer_id, producer_epoch: 0 }
}

/// Can the broker have the controller do something?
fn reaches_controller(broker: &Broker) -> bool {
    broker.stale.is_none()
}

fn metadata(cx: &NodeContext<'_>, outcome: &mut Outcome, request: &MetadataRequest, creates: bool) -> MetadataResponse {
    let cluster = cx.metadata;
    let mut topics = Vec::new();
    match &request.topics {
        None => topics.extend(cluster.topics().map(|(name, topic)| topic_metadata(name, topic))),
        Some(names) => {
            for name in names {
                topics.push(match cluster.named_topic(name) {
                    Some((name, topic)) => topic_metadata(name, topic),
                    None => unknown_topic(cx, outcome, name, creates),
                });
            }
        }
    }
    let brokers: Vec<BrokerId> = cluster.broker_ids.iter().filter(|broker| cluster.is_active(**broker)).copied().collect();
    MetadataResponse { racks: cluster.racks_of(&brokers), brokers, controller: cluster.controller, topics }
}

fn topic_metadata(name: &TopicName, topic: &Topic) -> TopicMetadata {
    let partitions = topic.partitions.iter().enumerate().map(|(at, state)| PartitionMetadata {
        partition: at as i32,
        leader: state.leader,
        leader_epoch: state.leader_epoch,
        replicas: state.replicas.clone(),
        isr: state.isr.clone(),
        elr: state.elr.clone(),
        last_known_elr: state.last_known_elr.clone(),
    });
    TopicMetadata {
        name: name.clone(),
        topic_id: topic.topic_id,
        error: None,
        internal: topic.internal,
        partitions: partitions.collect(),
    }
}

/// How long it takes until a topic that a client asked for is there: the controller is asked, and its record is to be written
/// and heard of (`AutoTopicCreationManager`). Those who ask meanwhile are told that it is unknown as well.
const AUTO_CREATION_TAKES: Span = Span::from_ms(30);

/// Auto-creation answers "unknown" and creates; the client's next question finds the topic.
fn unknown_topic(cx: &NodeContext<'_>, outcome: &mut Outcome, name: &TopicName, allowed: bool) -> TopicMetadata {
    let error = if check_name(name.as_str()).is_err() {
        ErrorCode::InvalidTopic
    } else {
        if allowed && cx.configs.auto_create_topics {
            outcome.timers.push((cx.now + AUTO_CREATION_TAKES, BrokerTimer::TopicAutoCreated { topic: name.clone() }));
        }
        ErrorCode::UnknownTopicOrPartition
    };
    TopicMetadata { name: name.clone(), topic_id: TopicId::default(), error: Some(error), internal: false, partitions: Vec::new() }
}

/// Makes a topic that a client asked for, unless it is there by now.
pub fn auto_created(cx: &NodeContext<'_>, broker: &Broker, topic: TopicName) -> Outcome {
    let mut outcome = Outcome::default();
    let internal = topic.as_str() == OFFSETS_TOPIC;
    let new =
        NewTopic { name: topic, partitions: None, replication_factor: None, replica_assignment: Vec::new(), configs: Vec::new() };
    if reaches_controller(broker)
        && let Ok(change) = creation(cx, &new, internal)
    {
        push_created(&mut outcome, change);
    }
    outcome
}

fn push_created(outcome: &mut Outcome, change: TopicChange) {
    if let TopicChange::Created { name, replicas, .. } = &change {
        outcome.trace.push(TraceEvent::TopicCreated { topic: name.clone(), partitions: replicas.len() as i32 });
    }
    outcome.changes.push(Change::Topic(Box::new(change)));
}

fn find_coordinator(cx: &NodeContext<'_>, broker: &Broker, outcome: &mut Outcome, group: &GroupId) -> FindCoordinatorResponse {
    let Some(topic) = cx.metadata.topic(OFFSETS_TOPIC) else {
        // GroupCoordinatorService and AutoTopicCreationManager: the topic is made on first use.
        let new = NewTopic {
            name: OFFSETS_TOPIC.into(),
            partitions: Some(cx.configs.offsets_topic_num_partitions),
            replication_factor: i16::try_from(cx.configs.offsets_topic_replication_factor).ok(),
            replica_assignment: Vec::new(),
            configs: vec![
                ("cleanup.policy".to_owned(), "compact".to_owned()),
                ("compression.type".to_owned(), "producer".to_owned()),
                ("segment.bytes".to_owned(), cx.configs.offsets_topic_segment_bytes.to_string()),
            ],
        };
        if reaches_controller(broker)
            && let Ok(change) = creation(cx, &new, true)
        {
            push_created(outcome, change);
        }
        return FindCoordinatorResponse { error: Some(ErrorCode::CoordinatorNotAvailable), coordinator: None };
    };
    let partition = group_partition(group, broker.group_homes(cx.configs));
    let leader = topic.partition(partition).and_then(|state| state.leader);
    FindCoordinatorResponse { error: leader.is_none().then_some(ErrorCode::CoordinatorNotAvailable), coordinator: leader }
}

/// Makes the topic that share groups keep their state in (`ShareCoordinatorService.shareGroupStateTopicConfigs`).
pub fn make_share_state_topic(cx: &NodeContext<'_>, outcome: &mut Outcome) {
    let config = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let new = NewTopic {
        name: STATE_TOPIC.into(),
        partitions: Some(cx.configs.share_state_topic_num_partitions),
        replication_factor: i16::try_from(cx.configs.share_state_topic_replication_factor).ok(),
        replica_assignment: Vec::new(),
        configs: vec![
            config("cleanup.policy", "delete"),
            config("compression.type", "producer"),
            config("min.insync.replicas", &cx.configs.share_state_topic_min_isr.to_string()),
            config("retention.ms", "-1"),
            config("segment.bytes", &cx.configs.share_state_topic_segment_bytes.to_string()),
        ],
    };
    if let Ok(change) = creation(cx, &new, true) {
        push_created(outcome, change);
    }
}

fn create_topics(cx: &NodeContext<'_>, outcome: &mut Outcome, request: &CreateTopicsRequest) -> CreateTopicsResponse {
    let mut topics: Vec<TopicResult> = Vec::new();
    for new in &request.topics {
        let twice = topics.iter().any(|earlier| earlier.name == new.name && earlier.error.is_none());
        let result =
            if twice { Err((ErrorCode::InvalidRequest, "Duplicate topic name.".to_owned())) } else { creation(cx, new, false) };
        let error = match result {
            Ok(change) => {
                push_created(outcome, change);
                None
            }
            Err(error) => Some(error),
        };
        topics.push(TopicResult { name: new.name.clone(), error });
    }
    CreateTopicsResponse { topics }
}

/// What a request to create the topic would be answered, as with `validateOnly`: nothing is created.
pub fn check_creation(cx: &NodeContext<'_>, new: &NewTopic) -> Result<(), (ErrorCode, String)> {
    creation(cx, new, false).map(drop)
}

/// The same for partitions to be added.
pub fn check_addition(cx: &NodeContext<'_>, request: &CreatePartitionsRequest) -> Result<(), (ErrorCode, String)> {
    addition(cx, request).map(drop)
}

/// `ReplicationControlManager.createTopic`: the checks, in its order.
fn creation(cx: &NodeContext<'_>, new: &NewTopic, internal: bool) -> Result<TopicChange, (ErrorCode, String)> {
    let cluster = cx.metadata;
    let name = new.name.as_str();
    check_name(name).map_err(|why| (ErrorCode::InvalidTopic, why))?;
    if cluster.topic(name).is_some() {
        return Err((ErrorCode::TopicAlreadyExists, format!("Topic '{name}' already exists.")));
    }
    if name.contains(['.', '_'])
        && let Some((other, _)) = cluster.topics().find(|(other, _)| collides(other.as_str(), name))
    {
        return Err((ErrorCode::InvalidTopic, format!("Topic '{name}' collides with existing topic: {other}")));
    }
    let configs: SortedMap<String, String> = new.configs.iter().cloned().collect();
    configs::validate_topic(&configs).map_err(|why| (ErrorCode::InvalidConfig, why))?;
    let replicas = if new.replica_assignment.is_empty() {
        let partitions = new.partitions.unwrap_or(cx.configs.num_partitions);
        if partitions < 1 {
            return Err((
                ErrorCode::InvalidPartitions,
                "Number of partitions was set to an invalid non-positive value.".to_owned(),
            ));
        }
        let factor = new.replication_factor.unwrap_or(cx.configs.default_replication_factor as i16);
        check_count(partitions)?;
        if factor < 1 {
            let why = "Replication factor must be larger than 0, or -1 to use the default value.".to_owned();
            return Err((ErrorCode::InvalidReplicationFactor, why));
        }
        place(cx, &new.name, 0, partitions, factor)
            .map_err(|(error, why)| (error, format!("Unable to replicate the partition {factor} time(s): {why}")))?
    } else {
        assigned(cluster, &new.replica_assignment, 0, None)?
    };
    Ok(TopicChange::Created { name: new.name.clone(), internal, replicas, configs })
}

fn check_count(partitions: i32) -> Result<(), (ErrorCode, String)> {
    if partitions > PARTITIONS_PER_REQUEST_MAX {
        return Err((ErrorCode::PolicyViolation, "Excessively large number of partitions per request.".to_owned()));
    }
    Ok(())
}

/// Replicas for `count` new partitions of a topic that has `first` already.
fn place(
    cx: &NodeContext<'_>,
    name: &TopicName,
    first: i32,
    count: i32,
    factor: i16,
) -> Result<Vec<Vec<BrokerId>>, (ErrorCode, String)> {
    let registered = cx.metadata.registrations.iter().filter(|(id, _)| cx.metadata.broker_ids.contains(*id));
    let brokers: Vec<UsableBroker> =
        registered.map(|(id, known)| UsableBroker { id: *id, rack: known.rack.clone(), fenced: known.fenced }).collect();
    // A handler changes nothing, not even a stream of chance: each question has its own.
    let mut chance = Prng::new(cx.seed, &format!("placement of {name} from {first}"));
    placement::place(&brokers, count, factor, &mut |bound| chance.below(bound))
        .map_err(|why| (ErrorCode::InvalidReplicationFactor, why))
}

/// Replicas assigned by hand, for the partitions from `first` on. `factor`: how many replicas each must have.
fn assigned(
    cluster: &Cluster,
    assignment: &[Vec<BrokerId>],
    first: i32,
    factor: Option<usize>,
) -> Result<Vec<Vec<BrokerId>>, (ErrorCode, String)> {
    for (at, replicas) in assignment.iter().enumerate() {
        let factor = factor.or_else(|| assignment[..at].first().map(Vec::len));
        placement::check_replicas(&cluster.broker_ids, replicas, factor)?;
        if !replicas.iter().any(|replica| cluster.is_active(*replica)) {
            let partition = first + at as i32;
            let what = format!("All brokers specified in the manual partition assignment for partition {partition}");
            return Err((ErrorCode::InvalidReplicaAssignment, format!("{what} are fenced or in controlled shutdown.")));
        }
    }
    Ok(assignment.to_vec())
}

fn delete_topics(cx: &NodeContext<'_>, outcome: &mut Outcome, request: &DeleteTopicsRequest) -> DeleteTopicsResponse {
    let mut topics = Vec::new();
    for name in &request.topics {
        let error = if cx.metadata.topic(name.as_str()).is_some() {
            outcome.trace.push(TraceEvent::TopicDeleted { topic: name.clone() });
            outcome.changes.push(Change::Topic(Box::new(TopicChange::Deleted { name: name.clone() })));
            None
        } else {
            Some((ErrorCode::UnknownTopicOrPartition, ErrorCode::UnknownTopicOrPartition.message().to_owned()))
        };
        topics.push(TopicResult { name: name.clone(), error });
    }
    DeleteTopicsResponse { topics }
}

fn create_partitions(cx: &NodeContext<'_>, outcome: &mut Outcome, request: &CreatePartitionsRequest) -> CreatePartitionsResponse {
    let error = match addition(cx, request) {
        Ok(replicas) => {
            outcome.trace.push(TraceEvent::PartitionsAdded { topic: request.topic.clone(), partitions: request.count });
            outcome.changes.push(Change::Topic(Box::new(TopicChange::PartitionsAdded { name: request.topic.clone(), replicas })));
            None
        }
        Err(error) => Some(error),
    };
    CreatePartitionsResponse { result: TopicResult { name: request.topic.clone(), error } }
}

fn addition(cx: &NodeContext<'_>, request: &CreatePartitionsRequest) -> Result<Vec<Vec<BrokerId>>, (ErrorCode, String)> {
    let name = &request.topic;
    let Some(topic) = cx.metadata.topic(name.as_str()) else {
        return Err((ErrorCode::UnknownTopicOrPartition, ErrorCode::UnknownTopicOrPartition.message().to_owned()));
    };
    let current = topic.partitions.len() as i32;
    if request.count == current {
        return Err((ErrorCode::InvalidPartitions, format!("Topic already has {current} partition(s).")));
    }
    if request.count < current {
        return Err((
            ErrorCode::InvalidPartitions,
            format!("The topic {name} currently has {current} partition(s); {} would not be an increase.", request.count),
        ));
    }
    let added = request.count - current;
    check_count(added)?;
    let Some(assignment) = &request.replica_assignment else {
        return place(cx, name, current, added, topic.replication_factor() as i16);
    };
    if assignment.len() != added as usize {
        let given = assignment.len();
        return Err((
            ErrorCode::InvalidReplicaAssignment,
            format!("Attempted to add {added} additional partition(s), but only {given} assignment(s) were specified."),
        ));
    }
    assigned(cx.metadata, assignment, current, Some(topic.replication_factor()))
}
