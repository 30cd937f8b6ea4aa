//! `--delete-offsets` of `kafka-consumer-groups.sh` and `kafka-streams-groups.sh`.

use super::admin_command::{Admin, ask};
use super::exception::{Exception, exception_line};
use super::exit::Done;
use super::reset_offsets::listed_partitions;
use crate::base::java::{hash_order, partition_set, string_hash};
use crate::base::{GroupId, TopicPartition, put_in_order};
use crate::engine::ErrorCode;
use crate::engine::client::CallError;
use crate::engine::protocol::OffsetDeleteRequest;

/// Partitions, and what is wrong with topics that are not there: those have -1 as their partition.
pub type Found = (Vec<TopicPartition>, Vec<(TopicPartition, Option<String>)>);

/// The partitions of `topic` or `topic:0,1`.
pub fn partitions_of<'a>(admin: &mut Admin<'_, '_, '_>, arguments: impl Iterator<Item = &'a str>) -> Done<Found> {
    let (mut listed, whole): (Vec<&str>, Vec<&str>) = arguments.partition(|argument| argument.contains(':'));
    hash_order(&mut listed, 16, |argument| string_hash(argument));
    let mut partitions = Vec::new();
    for argument in listed {
        partitions.extend(listed_partitions(argument)?);
    }
    let mut missing = Vec::new();
    for (name, topic) in admin.describe_topics(whole)? {
        match topic {
            Ok(topic) => {
                let of_topic = topic.partitions.iter().map(|known| TopicPartition::new(name, known.partition));
                partitions.extend(of_topic);
            }
            Err(thrown) => missing.push((TopicPartition::new(name, -1), Some(thrown.line()))),
        }
    }
    Ok((partitions, missing))
}

/// Deletes a group's offsets of these partitions, and tells what became of each.
pub fn delete_offsets(admin: &mut Admin<'_, '_, '_>, group: &GroupId, (partitions, mut results): Found) -> Done {
    let partitions = partition_set(partitions);
    let request = OffsetDeleteRequest { group_id: group.clone(), partitions: partitions.clone() };
    let (top, answers) = match ask!(admin, OffsetDelete(request)) {
        Err(error) => (Some(error), Vec::new()),
        Ok(response) => (response.error.map(CallError::from), response.partitions),
    };
    let answer = |partition: &TopicPartition| match &top {
        Some(error) => Some(Exception::code(error.clone()).line()),
        None => answers.iter().find(|(known, _)| known == partition).and_then(|(_, error)| *error).map(exception_line),
    };
    let wrong = match top.as_ref().map(CallError::code) {
        Some(error @ (ErrorCode::InvalidGroupId | ErrorCode::GroupIdNotFound | ErrorCode::NonEmptyGroup)) => {
            Some(error.message().to_owned())
        }
        Some(error) => Some(format!("Encountered some unknown error: {error}")),
        None if partitions.iter().any(|partition| answer(partition).is_some()) => {
            Some("Encountered some partition-level error, see the follow-up details.".to_owned())
        }
        None => None,
    };
    match wrong {
        Some(what) => {
            admin.print("");
            admin.print(format!("Error: {what}"));
        }
        None => admin.print(format!("Request succeeded for deleting offsets from group {group}.")),
    }
    let told = |partition: TopicPartition| {
        let error = answer(&partition);
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
