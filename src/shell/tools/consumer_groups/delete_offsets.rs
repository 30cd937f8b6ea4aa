//! `--delete-offsets`.

use super::ConsumerGroups;
use crate::base::{GroupId, TopicPartition, sort};
use crate::engine::ErrorCode;
use crate::engine::protocol::OffsetDeleteRequest;
use crate::shell::cli::admin_command::{Admin, ask};
use crate::shell::cli::exception::{Exception, exception_line};
use crate::shell::cli::exit::Done;
use crate::shell::cli::reset_offsets::exists;

impl ConsumerGroups {
    pub(super) fn delete_offsets(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let group: GroupId = self.given.value("group")?.unwrap_or_default().into();
        let topics = admin.all_topics()?.map_err(Exception::code)?;
        // Partitions, or -1 if the topic does not exist.
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
        let known: Vec<TopicPartition> = partitions.iter().filter(|partition| exists(&topics, partition)).cloned().collect();
        let request = OffsetDeleteRequest { group_id: group.clone(), partitions: known };
        let (top, results) = match ask!(admin, OffsetDelete(request)) {
            Err(error) => (Some(error.code()), Vec::new()),
            Ok(response) => (response.error, response.partitions),
        };
        let result = |partition: &TopicPartition| match top {
            Some(error) => Some(error),
            None if !exists(&topics, partition) => Some(ErrorCode::UnknownTopicOrPartition),
            None => results.iter().find(|(known, _)| known == partition).and_then(|(_, error)| *error),
        };
        let failed = partitions.iter().any(|partition| partition.partition >= 0 && result(partition).is_some());
        match top {
            Some(error) => {
                admin.print("");
                admin.print(format!("Error: {}", error.message()));
            }
            None if failed => {
                admin.print("");
                admin.print("Error: Encountered some partition-level error, see the follow-up details.");
            }
            None => admin.print(format!("Request succeeded for deleting offsets from group {group}.")),
        }
        admin.print("");
        admin.print(format!("{:<15} {:<10} {:<15}", "TOPIC", "PARTITION", "STATUS"));
        for partition in &partitions {
            let status = match result(partition) {
                None => format!("{:<15}", "Successful"),
                Some(error) => format!("Error: {}", exception_line(error)),
            };
            let number = if partition.partition < 0 { "-".to_owned() } else { partition.partition.to_string() };
            admin.print(format!("{:<15} {number:<10} {status}", partition.topic.as_str()));
        }
        Ok(())
    }
}
