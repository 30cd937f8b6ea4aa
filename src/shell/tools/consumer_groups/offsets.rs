//! Looking up offsets: what `--describe`, `--reset-offsets` and `--delete-offsets` share, and the last of them.

use super::{ConsumerGroups, Done};
use crate::base::{GroupId, Offset, SortedMap, TopicPartition, sort};
use crate::engine::ErrorCode;
use crate::engine::client::CallError;
use crate::engine::protocol::{
    CommittedOffset, ListOffsetsRequest, ListedOffset, OffsetDeleteRequest, OffsetFetchRequest, OffsetSpec, Request, Response,
};
use crate::shell::cli::admin_command::{Desk, Step};
use crate::shell::cli::java::{Thrown, exception_line};

impl Desk<'_, '_, '_> {
    /// All that a group has committed.
    pub(crate) fn committed(&mut self, group: &GroupId) -> Step<Result<SortedMap<TopicPartition, CommittedOffset>, CallError>> {
        let request = OffsetFetchRequest { group_id: group.clone(), member: None, partitions: None };
        Ok(self.call(Request::OffsetFetch(request))?.and_then(|response| match response.as_ref() {
            Response::OffsetFetch(response) => match response.error {
                Some(error) => Err(error.into()),
                None => {
                    let known = response.partitions.iter().cloned();
                    Ok(known.filter_map(|(partition, offset)| Some((partition, offset?))).collect())
                }
            },
            _ => Err(ErrorCode::UnknownServerError.into()),
        }))
    }

    /// One kind of offset of each partition.
    pub(crate) fn offsets(
        &mut self,
        partitions: &[TopicPartition],
        spec: OffsetSpec,
    ) -> Step<Result<SortedMap<TopicPartition, ListedOffset>, CallError>> {
        if partitions.is_empty() {
            return Ok(Ok(SortedMap::new()));
        }
        let partitions = partitions.iter().map(|partition| (partition.clone(), spec)).collect();
        let request = ListOffsetsRequest { partitions };
        Ok(self.call(Request::ListOffsets(request))?.map(|response| match response.as_ref() {
            Response::ListOffsets(response) => {
                response.partitions.iter().map(|listed| (listed.topic_partition.clone(), listed.clone())).collect()
            }
            _ => SortedMap::new(),
        }))
    }

    /// The same, without what could not be looked up.
    pub(crate) fn known_offsets(
        &mut self,
        partitions: &[TopicPartition],
        spec: OffsetSpec,
    ) -> Step<Result<SortedMap<TopicPartition, Offset>, CallError>> {
        Ok(self.offsets(partitions, spec)?.map(|listed| {
            let known = listed.into_iter();
            known.filter_map(|(partition, listed)| Some((partition, listed.offset.filter(|_| listed.error.is_none())?))).collect()
        }))
    }
}

impl ConsumerGroups {
    pub(crate) fn delete_offsets(&self, desk: &mut Desk<'_, '_, '_>) -> Step<Done> {
        let group: GroupId = match self.given.value("group") {
            Ok(group) => group.unwrap_or_default().into(),
            Err(error) => return Ok(Err(error.into())),
        };
        let topics = match desk.all_topics()? {
            Ok(topics) => topics,
            Err(error) => return Ok(Err(Thrown::code(error))),
        };
        // Partitions, or -1 for a topic that there is not.
        let mut partitions: Vec<TopicPartition> = Vec::new();
        for argument in self.given.values("topic") {
            let (topic, list) = argument.split_once(':').unwrap_or((argument, ""));
            let known = topics.iter().find(|known| known.name.as_str() == topic);
            let wanted: Vec<i32> = if list.is_empty() {
                known.map_or(vec![-1], |known| known.partitions.iter().map(|partition| partition.partition).collect())
            } else {
                list.split(',').filter_map(|partition| partition.trim().parse().ok()).collect()
            };
            partitions.extend(wanted.into_iter().map(|partition| TopicPartition::new(topic, partition)));
        }
        sort(&mut partitions);
        let exists = |wanted: &TopicPartition| {
            topics
                .iter()
                .any(|topic| topic.name == wanted.topic && topic.partitions.iter().any(|known| known.partition == wanted.partition))
        };
        let known: Vec<TopicPartition> = partitions.iter().filter(|partition| exists(partition)).cloned().collect();
        let request = OffsetDeleteRequest { group_id: group.clone(), partitions: known };
        let (top, results) = match desk.call(Request::OffsetDelete(request))? {
            Err(error) => (Some(error.code()), Vec::new()),
            Ok(response) => match response.as_ref() {
                Response::OffsetDelete(response) => (response.error, response.partitions.clone()),
                _ => (None, Vec::new()),
            },
        };
        let result = |partition: &TopicPartition| match top {
            Some(error) => Some(error),
            None if !exists(partition) => Some(ErrorCode::UnknownTopicOrPartition),
            None => results.iter().find(|(known, _)| known == partition).and_then(|(_, error)| *error),
        };
        let failed = partitions.iter().any(|partition| partition.partition >= 0 && result(partition).is_some());
        match top {
            Some(error) => {
                desk.print("");
                desk.print(format!("Error: {}", error.message()));
            }
            None if failed => {
                desk.print("");
                desk.print("Error: Encountered some partition-level error, see the follow-up details.");
            }
            None => desk.print(format!("Request succeeded for deleting offsets from group {group}.")),
        }
        desk.print("");
        desk.print(format!("{:<15} {:<10} {:<15}", "TOPIC", "PARTITION", "STATUS"));
        for partition in &partitions {
            let status = match result(partition) {
                None => format!("{:<15}", "Successful"),
                Some(error) => format!("Error: {}", exception_line(error)),
            };
            let number = if partition.partition < 0 { "-".to_owned() } else { partition.partition.to_string() };
            desk.print(format!("{:<15} {number:<10} {status}", partition.topic.as_str()));
        }
        Ok(Ok(()))
    }
}
