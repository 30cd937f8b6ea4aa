//! `--reset-offsets` of the group tools: new offsets of groups, from options or a file.

use super::admin_command::Admin;
use super::exception::Exception;
use super::exit::Done;
use super::group_command::Table;
use super::json;
use super::options::{Given, Refusal};
use super::queries::joined;
use super::time::parse_datetime;
use crate::base::java::{hash_order, partition_hash};
use crate::base::{GroupId, Offset, SortedMap, Timestamp, TopicPartition, sort};
use crate::engine::ErrorCode;
use crate::engine::protocol::{OffsetSpec, TopicMetadata};

const LOGGER: &str = "org.apache.kafka.tools.GroupOffsetsResetter";

/// New offsets of one group.
pub type NewOffsets = SortedMap<TopicPartition, Offset>;

/// Those that `--from-file` has for each group.
pub type FromFile = SortedMap<GroupId, NewOffsets>;

/// The new offsets where it is one of the scenarios that both tools have. `current`: where the group is now.
pub fn common(
    admin: &mut Admin<'_, '_, '_>,
    given: &Given,
    partitions: &[TopicPartition],
    current: impl Fn(&mut Admin<'_, '_, '_>) -> Done<NewOffsets>,
) -> Done<Option<NewOffsets>> {
    Ok(Some(if let Some(offset) = given.longs("to-offset")?.first() {
        within_log(admin, partitions.iter().map(|partition| (partition.clone(), Offset(*offset))).collect())?
    } else if given.has("to-earliest") {
        admin.known_offsets(partitions, OffsetSpec::Earliest)??
    } else if given.has("to-latest") {
        admin.known_offsets(partitions, OffsetSpec::Latest)??
    } else if let Some(text) = given.values("to-datetime").next() {
        let at = parse_datetime(text).map_err(|why| Exception::java("java.text.ParseException", &why).runtime())?;
        by_time(admin, partitions, at)?
    } else if given.has("to-current") {
        let current = current(admin)?;
        let without: Vec<TopicPartition> =
            partitions.iter().filter(|partition| !current.contains_key(partition)).cloned().collect();
        let mut plan = admin.known_offsets(&without, OffsetSpec::Latest)??;
        plan.extend(partitions.iter().filter_map(|partition| Some((partition.clone(), *current.get(partition)?))));
        plan
    } else {
        return Ok(None);
    }))
}

/// `printOffsetsToReset`, or the plans as CSV.
pub fn print_plans(admin: &mut Admin<'_, '_, '_>, given: &Given, plans: &[(GroupId, NewOffsets)]) {
    if given.has("export") {
        let alone = given.values("group").count() == 1;
        for (group, plan) in plans {
            let mut rows: Vec<_> = plan.iter().collect();
            hash_order(&mut rows, 16, |(partition, _)| partition_hash(partition));
            for (partition, offset) in rows {
                let row = format!("{},{},{offset}", partition.topic, partition.partition);
                admin.print(if alone { row } else { format!("{group},{row}") });
            }
        }
        admin.print("");
        return;
    }
    let rows = plans.iter().flat_map(|(group, plan)| plan.iter().map(move |(partition, offset)| (group, partition, offset)));
    let rows: Vec<_> = rows.collect();
    let mut table = Table::of(&rows);
    table.column("GROUP", 15, |(group, ..)| group.to_string());
    table.column("TOPIC", 15, |(_, partition, _)| partition.topic.to_string());
    table.column("PARTITION", 10, |(_, partition, _)| partition.partition.to_string());
    table.column("NEW-OFFSET", 0, |(.., offset)| offset.to_string());
    table.print(admin);
}

/// Does one of the topics have this partition?
pub fn exists(topics: &[TopicMetadata], wanted: &TopicPartition) -> bool {
    let topic = topics.iter().find(|topic| topic.name == wanted.topic);
    topic.is_some_and(|topic| topic.partitions.iter().any(|known| known.partition == wanted.partition))
}

/// `parseTopicPartitionsToReset`: the partitions of `topic` or `topic:0,1`, which must be there.
pub fn topic_partitions<'a>(admin: &mut Admin<'_, '_, '_>, arguments: impl Iterator<Item = &'a str>) -> Done<Vec<TopicPartition>> {
    let topics = admin.all_topics()??;
    let mut partitions = Vec::new();
    for argument in arguments {
        let (topic, list) = argument.split_once(':').map_or((argument, None), |(topic, list)| (topic, Some(list)));
        let known = topics.iter().find(|known| known.name.as_str() == topic);
        match list {
            None => match known {
                Some(known) => {
                    partitions.extend(known.partitions.iter().map(|partition| TopicPartition::new(topic, partition.partition)))
                }
                None => return Err(Exception::code(ErrorCode::UnknownTopicOrPartition).into()),
            },
            Some(list) => {
                for word in list.split(',') {
                    let Ok(partition) = word.parse::<i32>() else {
                        let what = format!("Invalid partition '{word}' specified in topic arg '{argument}''");
                        return Err(Refusal::usage(what).into());
                    };
                    partitions.push(TopicPartition::new(topic, partition));
                }
            }
        }
    }
    sort(&mut partitions);
    partitions.dedup();
    let missing: Vec<&TopicPartition> = partitions.iter().filter(|wanted| !exists(&topics, wanted)).collect();
    if !missing.is_empty() {
        let what = format!("The partitions \"{}\" do not exist", joined(missing, ","));
        return Err(Exception::api("UnknownTopicOrPartitionException", &what).into());
    }
    Ok(partitions)
}

/// Reads `--from-file`: `topic,partition,offset` for one `--group`, else with the group in front.
pub fn from_file(admin: &Admin<'_, '_, '_>, given: &Given) -> Done<Option<FromFile>> {
    let Some(path) = given.values("from-file").next() else {
        return Ok(None);
    };
    let text = admin.read_file(path).ok_or_else(|| json::unreadable(path).runtime())?;
    let alone = given.values("group").count() == 1;
    let only: GroupId = given.values("group").next().unwrap_or_default().into();
    let mut plans = FromFile::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let mut fields: Vec<&str> = line.split(',').map(|field| field.trim().trim_matches('"')).collect();
        // Numbers that a line leaves out are 0.
        fields.resize(fields.len().max(if alone { 3 } else { 4 }), "0");
        let (group, rest) = match fields.as_slice() {
            [topic, partition, offset] if alone => (only.clone(), [*topic, *partition, *offset]),
            [group, topic, partition, offset] => ((*group).into(), [*topic, *partition, *offset]),
            _ => return Err(csv_error(fields.get(1).copied().unwrap_or_default()).into()),
        };
        let partition = rest[1].parse::<i32>().map_err(|_| csv_error(rest[1]))?;
        let offset = rest[2].parse::<i64>().map_err(|_| csv_error(rest[2]))?;
        plans.get_or_default(group).insert(TopicPartition::new(rest[0], partition), Offset(offset));
    }
    Ok(Some(plans))
}

/// `InvalidFormatException` of the CSV library.
fn csv_error(text: &str) -> Exception {
    let class = "com.fasterxml.jackson.databind.exc.InvalidFormatException";
    let what = format!("Cannot deserialize value of type `int` from String \"{text}\": not a valid `int` value");
    Exception::java(class, &what).runtime()
}

/// `checkOffsetsRange`: what lies outside of the log is moved to its nearer end, with a warning.
pub fn within_log(admin: &mut Admin<'_, '_, '_>, wanted: NewOffsets) -> Done<NewOffsets> {
    let partitions: Vec<TopicPartition> = wanted.keys().cloned().collect();
    let earliest = admin.known_offsets(&partitions, OffsetSpec::Earliest)??;
    let latest = admin.known_offsets(&partitions, OffsetSpec::Latest)??;
    let mut plan = NewOffsets::new();
    let mut wanted: Vec<_> = wanted.into_iter().collect();
    hash_order(&mut wanted, 16, |(partition, _)| partition_hash(partition));
    for (partition, offset) in wanted {
        let mut new = offset;
        let mut warn = |admin: &mut Admin<'_, '_, '_>, side: &str, end: Offset| {
            let text =
                format!("New offset ({offset}) is {side} offset for topic partition {partition}. Value will be set to {end}.");
            admin.log("WARN", &text, LOGGER);
            new = end;
        };
        if let Some(end) = latest.get(&partition).filter(|end| offset > **end) {
            warn(admin, "higher than latest", *end);
        } else if let Some(start) = earliest.get(&partition).filter(|start| offset < **start) {
            warn(admin, "lower than earliest", *start);
        }
        plan.insert(partition, new);
    }
    Ok(plan)
}

/// The first record at or after a time; the end, with a warning, if there is no such record.
pub fn by_time(admin: &mut Admin<'_, '_, '_>, partitions: &[TopicPartition], at: Timestamp) -> Done<NewOffsets> {
    let mut plan = admin.known_offsets(partitions, OffsetSpec::Timestamp(at))??;
    let without: Vec<TopicPartition> = partitions.iter().filter(|partition| !plan.contains_key(partition)).cloned().collect();
    for partition in &without {
        admin.print("");
        admin.print(format!(
            "Warn: Partition {} from topic {} is empty. Falling back to latest known offset.",
            partition.partition, partition.topic
        ));
    }
    plan.extend(admin.known_offsets(&without, OffsetSpec::Latest)??);
    Ok(plan)
}
