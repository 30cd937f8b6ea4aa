//! `--delete-offsets`.

use super::ConsumerGroups;
use crate::base::java::{hash_order, partition_set, string_hash};
use crate::base::{GroupId, TopicPartition, put_in_order};
use crate::engine::protocol::OffsetDeleteRequest;
use crate::shell::cli::admin_command::{Admin, ask};
use crate::shell::cli::exception::exception_line;
use crate::shell::cli::exit::Done;
use crate::shell::cli::reset_offsets::listed_partitions;

impl ConsumerGroups {
    pub(super) fn delete_offsets(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let group: GroupId = self.given.value("group")?.unwrap_or_default().into();
        let (mut listed, whole): (Vec<&str>, Vec<&str>) = self.given.values("topic").partition(|argument| argument.contains(':'));
        hash_order(&mut listed, 16, |argument| string_hash(argument));
        let mut partitions = Vec::new();
        for argument in listed {
            partitions.extend(listed_partitions(argument)?);
        }
        // What became of each partition; -1 for a topic that is not there.
        let mut results: Vec<(TopicPartition, Option<String>)> = Vec::new();
        for (name, topic) in admin.describe_topics(whole)? {
            match topic {
                Ok(topic) => {
                    let of_topic = topic.partitions.iter().map(|known| TopicPartition::new(name, known.partition));
                    partitions.extend(of_topic);
                }
                Err(thrown) => results.push((TopicPartition::new(name, -1), Some(thrown.line()))),
            }
        }
        let partitions = partition_set(partitions);
        let request = OffsetDeleteRequest { group_id: group.clone(), partitions: partitions.clone() };
        let (top, answers) = match ask!(admin, OffsetDelete(request)) {
            Err(error) => (Some(error.code()), Vec::new()),
            Ok(response) => (response.error, response.partitions),
        };
        let answer = |partition: &TopicPartition| {
            top.or_else(|| answers.iter().find(|(known, _)| known == partition).and_then(|(_, error)| *error))
        };
        match top {
            Some(error) => {
                admin.print("");
                admin.print(format!("Error: {}", error.message()));
            }
            None if partitions.iter().any(|partition| answer(partition).is_some()) => {
                admin.print("");
                admin.print("Error: Encountered some partition-level error, see the follow-up details.");
            }
            None => admin.print(format!("Request succeeded for deleting offsets from group {group}.")),
        }
        let told = |partition: TopicPartition| {
            let error = answer(&partition).map(exception_line);
            (partition, error)
        };
        results.extend(partitions.into_iter().map(told));
        // By the name with its number, as text.
        let key = |partition: &TopicPartition| format!("{}{}", partition.topic, partition.partition);
        put_in_order(&mut results, &|(one, _), (other, _)| key(one) < key(other));
        let width = results.iter().map(|(partition, _)| partition.topic.as_str().len()).max().unwrap_or(0).max(15);
        admin.print("");
        admin.print(format!("{:<width$} {:<10} {:<15}", "TOPIC", "PARTITION", "STATUS"));
        for (partition, error) in results {
            let number = if partition.partition < 0 { "-".to_owned() } else { partition.partition.to_string() };
            let status = error.map_or("Successful".to_owned(), |error| format!("Error: {error}"));
            admin.print(format!("{:<width$} {number:<10} {status:<15}", partition.topic.as_str()));
        }
        Ok(())
    }
}
