//! How a call is split among brokers, what of an answer has to be asked again, and how answers are put together.

use crate::base::{BrokerId, GroupId, SortedMap, TopicName, TopicPartition, sort};
use crate::engine::protocol::{
    AlterConfigsRequest, ConfigResource, DeleteGroupsRequest, DeleteGroupsResponse, DeleteRecordsRequest, DeleteRecordsResponse,
    DescribeConfigsRequest, DescribeConfigsResponse, DescribeGroupsRequest, DescribeGroupsResponse, ErrorCode, ListGroupsResponse,
    ListOffsetsRequest, ListOffsetsResponse, ListedOffset, MetadataResponse, Recipient, Request, Response,
};

/// Whom a part is for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Step {
    /// Any broker.
    Any,
    At(BrokerId),
    /// Metadata is asked for the leaders of its partitions.
    Leaders,
    /// Metadata is asked for all brokers.
    Brokers,
    /// The group's coordinator is looked for.
    Coordinator(GroupId),
}

pub(super) fn step_of(request: &Request) -> Step {
    let of_broker = |resource: &ConfigResource| if let ConfigResource::Broker(broker) = resource { Some(*broker) } else { None };
    let broker = match request {
        Request::AlterConfigs(AlterConfigsRequest { resource, .. }) => of_broker(resource),
        Request::DescribeConfigs(request) => request.resources.first().and_then(of_broker),
        _ => None,
    };
    if let Some(broker) = broker {
        return Step::At(broker);
    }
    match request.recipient() {
        Recipient::Leaders => Step::Leaders,
        Recipient::AllBrokers => Step::Brokers,
        Recipient::Broker(broker) => Step::At(broker),
        Recipient::Coordinator(group_id) => Step::Coordinator(group_id.clone()),
        Recipient::Coordinators(groups) => groups.first().cloned().map_or(Step::Any, Step::Coordinator),
        // The last two are asked by brokers, never by an admin.
        Recipient::AnyBroker | Recipient::Controller | Recipient::ShareCoordinator(_) | Recipient::ActiveController => Step::Any,
    }
}

/// The parts that a call begins with: one for each group, and for the settings of each broker.
pub(super) fn split_by_kind(request: Request) -> Vec<(Step, Request)> {
    let parts: Vec<Request> = match request {
        Request::DescribeGroups(request) => {
            let one = |group| Request::DescribeGroups(DescribeGroupsRequest { groups: vec![group] });
            request.groups.into_iter().map(one).collect()
        }
        Request::DeleteGroups(request) => {
            let one = |group| Request::DeleteGroups(DeleteGroupsRequest { groups: vec![group] });
            request.groups.into_iter().map(one).collect()
        }
        Request::DescribeConfigs(request) => {
            let (brokers, others): (Vec<_>, Vec<_>) =
                request.resources.into_iter().partition(|resource| matches!(resource, ConfigResource::Broker(_)));
            let parts = brokers.into_iter().map(|broker| vec![broker]).chain((!others.is_empty()).then_some(others));
            parts.map(|resources| Request::DescribeConfigs(DescribeConfigsRequest { resources })).collect()
        }
        request => vec![request],
    };
    parts.into_iter().map(|request| (step_of(&request), request)).collect()
}

pub(super) fn topics_of(request: &Request) -> Vec<TopicName> {
    let mut topics: Vec<TopicName> = match request {
        Request::ListOffsets(request) => request.partitions.iter().map(|(partition, _)| partition.topic.clone()).collect(),
        Request::DeleteRecords(request) => request.partitions.iter().map(|(partition, _)| partition.topic.clone()).collect(),
        _ => Vec::new(),
    };
    sort(&mut topics);
    topics.dedup();
    topics
}

/// The partitions that `keep` accepts, as a request of the same kind; `None` for none.
fn only(request: &Request, keep: impl Fn(&TopicPartition) -> bool) -> Option<Request> {
    match request {
        Request::ListOffsets(request) => {
            let partitions: Vec<_> = request.partitions.iter().filter(|(partition, _)| keep(partition)).cloned().collect();
            (!partitions.is_empty()).then_some(Request::ListOffsets(ListOffsetsRequest { partitions }))
        }
        Request::DeleteRecords(request) => {
            let partitions: Vec<_> = request.partitions.iter().filter(|(partition, _)| keep(partition)).cloned().collect();
            (!partitions.is_empty()).then_some(Request::DeleteRecords(DeleteRecordsRequest { partitions }))
        }
        _ => None,
    }
}

fn partitions_of(request: &Request) -> Vec<TopicPartition> {
    match request {
        Request::ListOffsets(request) => request.partitions.iter().map(|(partition, _)| partition.clone()).collect(),
        Request::DeleteRecords(request) => request.partitions.iter().map(|(partition, _)| partition.clone()).collect(),
        _ => Vec::new(),
    }
}

/// The answer that refuses these partitions.
fn refusal(request: &Request, refused: impl Fn(&TopicPartition) -> Option<ErrorCode>) -> Option<Response> {
    let errors = partitions_of(request).into_iter().filter_map(|partition| Some((refused(&partition)?, partition)));
    let response = match request {
        Request::ListOffsets(_) => Response::ListOffsets(ListOffsetsResponse {
            partitions: errors.map(|(error, partition)| ListedOffset::refused(partition, error)).collect(),
        }),
        Request::DeleteRecords(_) => Response::DeleteRecords(DeleteRecordsResponse {
            partitions: errors.map(|(error, partition)| (partition, Err(error))).collect(),
        }),
        _ => return None,
    };
    Some(response)
}

pub(super) struct ByLeader {
    pub(super) led: Vec<(BrokerId, Request)>,
    /// Without a leader, or without a place in the metadata: looked up again (`PartitionLeaderStrategy`).
    pub(super) rest: Option<Request>,
    pub(super) refused: Option<Response>,
}

pub(super) fn by_leader(request: &Request, metadata: &MetadataResponse) -> ByLeader {
    let mut leaders: SortedMap<TopicPartition, BrokerId> = SortedMap::new();
    let mut invalid = Vec::new();
    for topic in &metadata.topics {
        if topic.error == Some(ErrorCode::InvalidTopic) {
            invalid.push(topic.name.clone());
        }
        let known = topic.partitions.iter();
        leaders.extend(known.filter_map(|known| Some((TopicPartition::new(topic.name.clone(), known.partition), known.leader?))));
    }
    let mut brokers: Vec<BrokerId> = leaders.values().copied().collect();
    sort(&mut brokers);
    brokers.dedup();
    let led = |broker: BrokerId| Some((broker, only(request, |partition| leaders.get(partition) == Some(&broker))?));
    ByLeader {
        led: brokers.into_iter().filter_map(led).collect(),
        rest: only(request, |partition| !leaders.contains_key(partition) && !invalid.contains(&partition.topic)),
        refused: refusal(request, |partition| invalid.contains(&partition.topic).then_some(ErrorCode::InvalidTopic)),
    }
}

pub(super) struct Sorted {
    /// What counts of the answer.
    pub(super) answer: Option<Response>,
    /// To be asked of another broker, after a new look-up.
    pub(super) elsewhere: Option<Request>,
    /// To be asked of the same broker.
    pub(super) again: Option<Request>,
}

/// What a broker's error means for whom to ask next.
fn is_elsewhere(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::NotLeaderOrFollower
            | ErrorCode::LeaderNotAvailable
            | ErrorCode::NotCoordinator
            | ErrorCode::CoordinatorNotAvailable
    )
}

fn is_again(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::CoordinatorLoadInProgress
            | ErrorCode::UnknownTopicOrPartition
            | ErrorCode::OffsetNotAvailable
            | ErrorCode::RequestTimedOut
    )
}

/// Takes an answer apart (the handlers in `org.apache.kafka.clients.admin.internals`).
pub(super) fn sort_out(request: &Request, response: &Response) -> Sorted {
    let errors: SortedMap<TopicPartition, ErrorCode> = match response {
        Response::ListOffsets(response) => {
            response.partitions.iter().filter_map(|listed| Some((listed.topic_partition.clone(), listed.error?))).collect()
        }
        Response::DeleteRecords(response) => {
            response.partitions.iter().filter_map(|(partition, result)| Some((partition.clone(), result.err()?))).collect()
        }
        _ => return whole(request, response),
    };
    let elsewhere = |partition: &TopicPartition| errors.get(partition).copied().is_some_and(is_elsewhere);
    let again = |partition: &TopicPartition| errors.get(partition).copied().is_some_and(is_again);
    let counts = |partition: &TopicPartition| !elsewhere(partition) && !again(partition);
    let mut answer = response.clone();
    match &mut answer {
        Response::ListOffsets(response) => response.partitions.retain(|listed| counts(&listed.topic_partition)),
        Response::DeleteRecords(response) => response.partitions.retain(|(partition, _)| counts(partition)),
        _ => {}
    }
    Sorted { answer: Some(answer), elsewhere: only(request, elsewhere), again: only(request, again) }
}

/// An answer that counts as a whole, or not at all.
fn whole(request: &Request, response: &Response) -> Sorted {
    let error = match response {
        Response::DescribeGroups(response) => response.groups.iter().find_map(|(_, described)| described.as_ref().err().copied()),
        Response::ConsumerGroupDescribe(response) => {
            response.groups.iter().find_map(|(_, described)| described.as_ref().err().copied())
        }
        Response::DeleteGroups(response) => response.groups.iter().find_map(|(_, error)| *error),
        Response::OffsetFetch(response) => response.error,
        Response::OffsetDelete(response) => response.error,
        Response::OffsetCommit(response) => response.partitions.iter().find_map(|(_, error)| *error),
        Response::LeaveGroup(response) => response.error,
        Response::ShareGroupDescribe(response) => {
            response.groups.iter().find_map(|(_, described)| described.as_ref().err().map(|(error, _)| *error))
        }
        Response::StreamsGroupDescribe(response) => {
            response.groups.iter().find_map(|(_, described)| described.as_ref().err().map(|(error, _)| *error))
        }
        Response::DescribeShareGroupOffsets(response) => response.error,
        Response::AlterShareGroupOffsets(response) => response.error.as_ref().map(|(error, _)| *error),
        Response::DeleteShareGroupOffsets(response) => response.error.as_ref().map(|(error, _)| *error),
        _ => None,
    };
    match error {
        Some(error) if is_elsewhere(error) => Sorted { answer: None, elsewhere: Some(request.clone()), again: None },
        Some(ErrorCode::CoordinatorLoadInProgress) => Sorted { answer: None, elsewhere: None, again: Some(request.clone()) },
        _ => Sorted { answer: Some(response.clone()), elsewhere: None, again: None },
    }
}

/// What was found, in the order in which it was asked.
fn in_order<K: Ord + Clone, V>(asked: impl Iterator<Item = K>, found: impl Iterator<Item = (K, V)>) -> Vec<(K, V)> {
    let mut found: SortedMap<K, V> = found.collect();
    asked.filter_map(|key| Some((key.clone(), found.remove(&key)?))).collect()
}

/// The parts of all answers of one kind.
macro_rules! all {
    ($answers:expr, $kind:ident, $parts:ident) => {
        $answers
            .into_iter()
            .filter_map(|answer| if let Response::$kind(answer) = answer { Some(answer.$parts) } else { None })
            .flatten()
    };
}

/// The answers of all parts as one, in the order in which it was asked.
pub(super) fn merged(request: &Request, mut answers: Vec<Response>) -> Response {
    match request {
        Request::ListOffsets(request) => {
            let found = all!(answers, ListOffsets, partitions).map(|listed| (listed.topic_partition.clone(), listed));
            let asked = request.partitions.iter().map(|(partition, _)| partition.clone());
            let partitions = in_order(asked, found).into_iter().map(|(_, listed)| listed).collect();
            Response::ListOffsets(ListOffsetsResponse { partitions })
        }
        Request::DeleteRecords(request) => {
            let asked = request.partitions.iter().map(|(partition, _)| partition.clone());
            let partitions = in_order(asked, all!(answers, DeleteRecords, partitions));
            Response::DeleteRecords(DeleteRecordsResponse { partitions })
        }
        Request::ListGroups => Response::ListGroups(ListGroupsResponse { groups: all!(answers, ListGroups, groups).collect() }),
        Request::DescribeGroups(request) => {
            let groups = in_order(request.groups.iter().cloned(), all!(answers, DescribeGroups, groups));
            Response::DescribeGroups(DescribeGroupsResponse { groups })
        }
        Request::DeleteGroups(request) => {
            let groups = in_order(request.groups.iter().cloned(), all!(answers, DeleteGroups, groups));
            Response::DeleteGroups(DeleteGroupsResponse { groups })
        }
        Request::DescribeConfigs(request) => {
            let resources = in_order(request.resources.iter().cloned(), all!(answers, DescribeConfigs, resources));
            Response::DescribeConfigs(DescribeConfigsResponse { resources })
        }
        _ => answers.pop().unwrap_or(Response::BrokerHeartbeat),
    }
}

/// The answer of a part whose time is over; `None` where the call fails as a whole.
pub(super) fn timed_out(request: &Request) -> Option<Response> {
    refusal(request, |_| Some(ErrorCode::RequestTimedOut))
}

/// The name that `KafkaAdminClient` gives a call.
pub(super) fn call_name(request: &Request) -> &'static str {
    match request {
        Request::Metadata(_) => "listTopics",
        Request::CreateTopics(_) => "createTopics",
        Request::DeleteTopics(_) => "deleteTopics",
        Request::CreatePartitions(_) => "createPartitions",
        Request::AlterConfigs(_) => "incrementalAlterConfigs",
        Request::DescribeConfigs(_) => "describeBrokerConfigs",
        Request::DeleteRecords(_) => "deleteRecords(api=METADATA)",
        Request::ListOffsets(_) => "listOffsets(api=METADATA)",
        Request::ListGroups => "findAllBrokers",
        Request::DescribeGroups(_) | Request::ConsumerGroupDescribe(_) => "describeConsumerGroups(api=FIND_COORDINATOR)",
        Request::DeleteGroups(_) => "deleteConsumerGroups(api=FIND_COORDINATOR)",
        Request::ShareGroupDescribe(_) => "describeShareGroups(api=FIND_COORDINATOR)",
        Request::StreamsGroupDescribe(_) => "describeStreamsGroups(api=FIND_COORDINATOR)",
        Request::DescribeShareGroupOffsets(_) => "describeShareGroupOffsets(api=FIND_COORDINATOR)",
        Request::AlterShareGroupOffsets(_) => "alterShareGroupOffsets(api=FIND_COORDINATOR)",
        Request::DeleteShareGroupOffsets(_) => "deleteShareGroupOffsets(api=FIND_COORDINATOR)",
        Request::OffsetDelete(_) => "offsetDelete(api=FIND_COORDINATOR)",
        Request::OffsetFetch(_) => "offsetFetch(api=FIND_COORDINATOR)",
        Request::OffsetCommit(_) => "offsetCommit(api=FIND_COORDINATOR)",
        Request::DescribeCluster => "listNodes",
        Request::DescribeLogDirs(_) => "describeLogDirs",
        Request::DescribeQuorum => "describeMetadataQuorum",
        Request::ElectLeaders(_) => "electLeaders",
        Request::AlterReassignments(_) => "alterPartitionReassignments",
        Request::UnregisterBroker(_) => "unregisterBroker",
        Request::ListReassignments => "listPartitionReassignments",
        _ => request.name(),
    }
}
