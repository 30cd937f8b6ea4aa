//! What several admin commands ask: the cluster, its topics, its groups, offsets.

use super::admin_command::{Admin, ask};
use super::exception::{Exception, exception_line};
use super::exit::Done;
use crate::base::java::{copied_order, hash_order, string_hash};
use crate::base::{BrokerId, GroupId, Offset, SortedMap, TopicName, TopicPartition, sort};
use crate::engine::ErrorCode;
use crate::engine::client::CallError;
use crate::engine::metadata::{CONTROLLER, check_name};
use crate::engine::protocol::{
    CommittedOffset, ConsumerGroupDescribeRequest, DeleteGroupsRequest, DescribeClusterResponse, DescribeGroupsRequest,
    DescribedGroup, ListOffsetsRequest, ListedGroup, ListedOffset, MetadataRequest, OffsetFetchRequest, OffsetSpec, TopicMetadata,
};

/// An answer, or how the call failed.
type Asked<T> = Done<Result<T, CallError>>;

/// Where the logs of a broker lie: this, and its id.
pub const LOG_DIR: &str = "/var/lib/kafka/data-";

/// The port that a controller listens at: from 9192 on.
pub fn controller_port(id: BrokerId) -> i32 {
    if id.0 < CONTROLLER.0 { 9191 + id.0 } else { 9192 + id.0 - CONTROLLER.0 }
}

/// Brokers, topics or partitions as a list: `1,2,3`.
pub fn joined<T: ToString>(items: impl IntoIterator<Item = T>, separator: &str) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(separator)
}

/// What is in a list more than once (`ToolsUtils.duplicates`).
pub fn duplicates<T: Copy + PartialEq>(list: &[T]) -> Vec<T> {
    let mut twice = Vec::new();
    for (at, item) in list.iter().enumerate() {
        if list[..at].contains(item) && !twice.contains(item) {
            twice.push(*item);
        }
    }
    twice
}

/// What `PartitionLeaderStrategy` makes of a partition whose topic has no valid name.
pub fn invalid_topic(partition: &TopicPartition) -> Exception {
    let what = format!("Failed to fetch metadata for partition {partition} due to invalid topic `{}`", partition.topic);
    Exception::api("InvalidTopicException", &what)
}

/// Puts described topics in the order in which the client gives them: it keeps them in a map made for their number, copies
/// that, and gathers the answers in one like the first.
pub fn description_order(topics: &mut [TopicMetadata]) {
    let count = topics.len();
    for capacity in [count, count * 4 / 3 + 1, count] {
        hash_order(topics, capacity, |topic| string_hash(topic.name.as_str()));
    }
}

impl Admin<'_, '_, '_> {
    /// What `PartitionLeaderStrategy` logs of a topic that has no valid name.
    pub fn log_invalid_topic(&mut self, client_id: &str, topic: &TopicName) {
        let text = format!("Received invalid topic error for topic {topic} in `Metadata` response");
        self.log_error(client_id, &text, "internals.PartitionLeaderStrategy");
        self.error(exception_line(ErrorCode::InvalidTopic));
    }

    /// The cluster's id and brokers.
    pub fn cluster(&mut self) -> Asked<DescribeClusterResponse> {
        Ok(ask!(self, DescribeCluster))
    }

    /// All topics with their partitions, by name.
    pub fn all_topics(&mut self) -> Asked<Vec<TopicMetadata>> {
        let request = MetadataRequest { topics: None, allow_auto_topic_creation: false };
        Ok(ask!(self, Metadata(request)).map(|response| response.topics))
    }

    /// `describeTopics`: each of these topics once, in the order of a hash table, or why it cannot be described.
    pub fn describe_topics<'n>(
        &mut self,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Done<Vec<(&'n str, Result<TopicMetadata, Exception>)>> {
        let mut names: Vec<&str> = names.into_iter().collect();
        sort(&mut names);
        names.dedup();
        let capacity = names.len();
        hash_order(&mut names, capacity, |name| string_hash(name));
        copied_order(&mut names, |name| string_hash(name));
        // Nobody is asked for a name that no request can carry.
        let topics = if names.iter().all(|name| name.is_empty()) { Ok(Vec::new()) } else { self.all_topics()? };
        let described = |name: &str| match &topics {
            _ if name.is_empty() => {
                let what = "The given topic name '' cannot be represented in a request.";
                Err(Exception::api("InvalidTopicException", what))
            }
            Err(error) => Err(Exception::code(error.clone())),
            Ok(topics) => match topics.iter().find(|known| known.name.as_str() == name) {
                Some(known) => Ok(known.clone()),
                None if check_name(name).is_err() => Err(Exception::code(ErrorCode::InvalidTopic)),
                None => Err(Exception::code(ErrorCode::UnknownTopicOrPartition)),
            },
        };
        Ok(names.into_iter().map(|name| (name, described(name))).collect())
    }

    /// `allTopicNames`: all of them, or why the first cannot be described.
    pub fn described_topics<'n>(
        &mut self,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Done<Result<Vec<TopicMetadata>, Exception>> {
        let described: Result<Vec<TopicMetadata>, _> = self.describe_topics(names)?.into_iter().map(|(_, topic)| topic).collect();
        Ok(described.map(|mut topics| {
            let capacity = topics.len();
            hash_order(&mut topics, capacity, |topic| string_hash(topic.name.as_str()));
            topics
        }))
    }

    /// All groups, each once, in the order of a hash map of their names into which they were put as they came (`ListGroupsResults`).
    pub fn listed_groups(&mut self) -> Asked<Vec<ListedGroup>> {
        Ok(ask!(self, ListGroups).map(|response| {
            let mut groups: Vec<ListedGroup> = Vec::with_capacity(response.groups.len());
            for group in response.groups {
                // One that lies in two partitions of __consumer_offsets comes twice, and the last word counts.
                match groups.iter_mut().find(|known| known.group_id == group.group_id) {
                    Some(known) => *known = group,
                    None => groups.push(group),
                }
            }
            hash_order(&mut groups, 16, |group| string_hash(group.group_id.as_str()));
            groups
        }))
    }

    pub fn described_group(&mut self, group: &GroupId) -> Asked<DescribedGroup> {
        let groups = vec![group.clone()];
        let first = |groups: Vec<(GroupId, Result<DescribedGroup, ErrorCode>)>| {
            groups.into_iter().next().map_or(Err(ErrorCode::GroupIdNotFound), |(_, described)| described)
        };
        // Groups of the consumer protocol first; any other is asked for as a classic group.
        let request = ConsumerGroupDescribeRequest { groups: groups.clone() };
        match ask!(self, ConsumerGroupDescribe(request)).map(|response| first(response.groups)) {
            Ok(Err(ErrorCode::GroupIdNotFound)) => {}
            Ok(described) => return Ok(described.map_err(CallError::from)),
            Err(error) => return Ok(Err(error)),
        }
        let response = ask!(self, DescribeGroups(DescribeGroupsRequest { groups }));
        Ok(response.and_then(|response| Ok(first(response.groups)?)))
    }

    pub fn delete_group(&mut self, group: &GroupId) -> Asked<()> {
        let response = ask!(self, DeleteGroups(DeleteGroupsRequest { groups: vec![group.clone()] }));
        Ok(response.and_then(|response| match response.groups.first() {
            Some((_, Some(error))) => Err((*error).into()),
            _ => Ok(()),
        }))
    }

    /// All that a group has committed.
    pub fn committed(&mut self, group: &GroupId) -> Asked<SortedMap<TopicPartition, CommittedOffset>> {
        let request = OffsetFetchRequest { group_id: group.clone(), member: None, partitions: None };
        Ok(ask!(self, OffsetFetch(request)).and_then(|response| match response.error {
            Some(error) => Err(error.into()),
            None => {
                let known = response.partitions.iter().cloned();
                Ok(known.filter_map(|(partition, offset)| Some((partition, offset?))).collect())
            }
        }))
    }

    /// One kind of offset of each partition.
    pub fn offsets(&mut self, partitions: &[TopicPartition], spec: OffsetSpec) -> Asked<SortedMap<TopicPartition, ListedOffset>> {
        if partitions.is_empty() {
            return Ok(Ok(SortedMap::new()));
        }
        let partitions = partitions.iter().map(|partition| (partition.clone(), spec)).collect();
        Ok(ask!(self, ListOffsets(ListOffsetsRequest { partitions }))
            .map(|response| response.partitions.iter().map(|listed| (listed.topic_partition.clone(), listed.clone())).collect()))
    }

    /// The same, without what could not be looked up.
    pub fn known_offsets(&mut self, partitions: &[TopicPartition], spec: OffsetSpec) -> Asked<SortedMap<TopicPartition, Offset>> {
        Ok(self.offsets(partitions, spec)?.map(|listed| {
            let known = listed.into_iter();
            known.filter_map(|(partition, listed)| Some((partition, listed.offset.filter(|_| listed.error.is_none())?))).collect()
        }))
    }
}
