//! `--reset-offsets` (`GroupOffsetsResetter`): plans new offsets, and commits them with `--execute`.

use super::{ConsumerGroups, Done, SCENARIOS};
use crate::base::{GroupId, Offset, SortedMap, Timestamp, TopicPartition, put_in_order, sort};
use crate::engine::ErrorCode;
use crate::engine::client::CallError;
use crate::engine::controller::check_name;
use crate::engine::protocol::{CommittedOffset, OffsetCommitRequest, OffsetSpec, Request, Response};
use crate::shell::cli::admin_command::{Desk, Step};
use crate::shell::cli::java::{Thrown, exception_line, hash_order, partition_hash};
use crate::shell::cli::options::{Given, OptionError, Refusal};
use crate::shell::cli::time::{parse_datetime, parse_duration};

const LOGGER: &str = "org.apache.kafka.tools.GroupOffsetsResetter";

/// New offsets of one group.
pub(crate) type GroupPlan = SortedMap<TopicPartition, Offset>;

/// Ends the tool with usage, or fails as a command does.
pub(crate) enum Stop {
    Refused(Refusal),
    Thrown(Thrown),
}

impl From<Thrown> for Stop {
    fn from(thrown: Thrown) -> Self {
        Self::Thrown(thrown)
    }
}

impl From<OptionError> for Stop {
    fn from(error: OptionError) -> Self {
        Self::Thrown(error.into())
    }
}

impl From<ErrorCode> for Stop {
    fn from(error: ErrorCode) -> Self {
        CallError::from(error).into()
    }
}

impl From<CallError> for Stop {
    fn from(error: CallError) -> Self {
        Self::Thrown(Thrown::code(error).execution())
    }
}

pub(crate) type Plan<T> = Result<T, Stop>;

/// `?` for a result inside a step.
macro_rules! go {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(error) => return Ok(Err(error.into())),
        }
    };
}

impl ConsumerGroups {
    pub(crate) fn reset(&self, desk: &mut Desk<'_, '_, '_>) -> Step<Result<Done, Refusal>> {
        Ok(match self.reset_groups(desk)? {
            Ok(()) => Ok(Ok(())),
            Err(Stop::Thrown(thrown)) => Ok(Err(thrown)),
            Err(Stop::Refused(refusal)) => Err(refusal),
        })
    }

    fn reset_groups(&self, desk: &mut Desk<'_, '_, '_>) -> Step<Plan<()>> {
        let file = go!(plan_from_file(desk, &self.given));
        let groups = go!(self.wanted(desk)?);
        let mut plans: Vec<(GroupId, GroupPlan)> = Vec::new();
        for group in groups {
            let state = match desk.described_group(&group)? {
                Ok(found) => found.state,
                Err(CallError::Broker(ErrorCode::GroupIdNotFound)) => "Dead",
                Err(error) => return Ok(Err(error.into())),
            };
            if !matches!(state, "Empty" | "Dead") {
                desk.print("");
                desk.print(format!(
                    "Error: Assignments can only be reset if the group '{group}' is inactive, but the current state is {state}."
                ));
                plans.push((group, GroupPlan::new()));
                continue;
            }
            let partitions = go!(self.partitions(desk, &group)?);
            let plan = go!(self.plan(desk, &group, partitions, file.as_ref())?);
            if self.given.has("execute") && !plan.is_empty() {
                go!(commit(desk, &group, &plan)?);
            }
            plans.push((group, plan));
        }
        print_plans(desk, &self.given, plans);
        Ok(Ok(()))
    }

    /// The partitions to reset: those of `--topic`, or all that the group has offsets of.
    fn partitions(&self, desk: &mut Desk<'_, '_, '_>, group: &GroupId) -> Step<Plan<Vec<TopicPartition>>> {
        if self.given.has("all-topics") {
            return Ok(desk.committed(group)?.map(|committed| committed.into_keys().collect()).map_err(Stop::from));
        }
        if !self.given.has("topic") {
            if self.given.has("from-file") {
                return Ok(Ok(Vec::new()));
            }
            let what = "One of the reset scopes should be defined: --all-topics, --topic.";
            return Ok(Err(Stop::Refused(Refusal::usage(what))));
        }
        topic_partitions(desk, self.given.values("topic"))
    }

    fn plan(
        &self,
        desk: &mut Desk<'_, '_, '_>,
        group: &GroupId,
        partitions: Vec<TopicPartition>,
        file: Option<&SortedMap<GroupId, GroupPlan>>,
    ) -> Step<Plan<GroupPlan>> {
        let given = &self.given;
        if given.has("to-offset") {
            let offset = Offset(go!(given.long("to-offset")).unwrap_or(0));
            return clamp(desk, partitions.into_iter().map(|partition| (partition, offset)).collect());
        }
        if given.has("to-earliest") {
            return Ok(desk.known_offsets(&partitions, OffsetSpec::Earliest)?.map_err(Stop::from));
        }
        if given.has("to-latest") {
            return Ok(desk.known_offsets(&partitions, OffsetSpec::Latest)?.map_err(Stop::from));
        }
        if given.has("shift-by") {
            let shift = go!(given.long("shift-by")).unwrap_or(0);
            let committed = go!(desk.committed(group)?);
            let mut wanted = GroupPlan::new();
            for partition in partitions {
                let Some(current) = committed.get(&partition) else {
                    let what = format!("Cannot shift offset for partition {partition} since there is no current committed offset");
                    return Ok(Err(Stop::Thrown(Thrown::java("java.lang.IllegalArgumentException", &what))));
                };
                wanted.insert(partition, Offset(current.offset.0.saturating_add(shift)));
            }
            return clamp(desk, wanted);
        }
        if given.has("to-datetime") {
            let text = go!(given.value("to-datetime")).unwrap_or_default();
            let at = go!(parse_datetime(text).map_err(|why| parse_exception(&why)));
            return by_time(desk, &partitions, at);
        }
        if given.has("by-duration") {
            let text = go!(given.value("by-duration")).unwrap_or_default();
            let Some(ms) = parse_duration(text) else {
                let what = "Text cannot be parsed to a Duration";
                return Ok(Err(Stop::Thrown(Thrown::java("java.time.format.DateTimeParseException", what))));
            };
            let at = Timestamp(desk.started_at().0.saturating_sub(ms));
            return by_time(desk, &partitions, at);
        }
        if let Some(file) = file {
            let Some(plan) = file.get(group) else {
                desk.print("");
                desk.print(format!("Error: No reset plan for group {group} found."));
                return Ok(Ok(GroupPlan::new()));
            };
            go!(check_names(desk, plan));
            return clamp(desk, plan.clone());
        }
        if given.has("to-current") {
            let committed = go!(desk.committed(group)?);
            let without: Vec<TopicPartition> =
                partitions.iter().filter(|partition| !committed.contains_key(partition)).cloned().collect();
            let mut plan = go!(desk.known_offsets(&without, OffsetSpec::Latest)?);
            let with = partitions.into_iter().filter_map(|partition| Some((partition.clone(), committed.get(&partition)?.offset)));
            plan.extend(with);
            return Ok(Ok(plan));
        }
        let mut names: Vec<String> = SCENARIOS.iter().map(|name| format!("[{name}]")).collect();
        put_in_order(&mut names, &|one, other| one < other);
        let what = format!("Option '[reset-offsets]' requires one of the following scenarios: [{}]", names.join(", "));
        Ok(Err(Stop::Refused(Refusal::usage(what))))
    }
}

/// `printOffsetsToReset`, or the plans as CSV.
pub(crate) fn print_plans(desk: &mut Desk<'_, '_, '_>, given: &Given, plans: Vec<(GroupId, GroupPlan)>) {
    let rows = plans.iter().flat_map(|(group, plan)| plan.iter().map(move |(partition, offset)| (group, partition, offset)));
    if given.has("export") {
        let alone = given.values("group").count() == 1;
        for (group, plan) in &plans {
            let mut rows: Vec<_> = plan.iter().collect();
            hash_order(&mut rows, 16, |(partition, _)| partition_hash(partition));
            for (partition, offset) in rows {
                let row = format!("{},{},{offset}", partition.topic, partition.partition);
                desk.print(if alone { row } else { format!("{group},{row}") });
            }
        }
        desk.print("");
        return;
    }
    let width = |least: usize, names: &mut dyn Iterator<Item = usize>| names.max().unwrap_or(0).max(least);
    let group_width = width(15, &mut rows.clone().map(|(group, ..)| group.as_str().len()));
    let topic_width = width(15, &mut rows.clone().map(|(_, partition, _)| partition.topic.as_str().len()));
    let line = |group: &str, topic: &str, partition: &str, offset: &str| {
        format!("{group:<group_width$} {topic:<topic_width$} {partition:<10} {offset}")
    };
    desk.print("");
    desk.print(line("GROUP", "TOPIC", "PARTITION", "NEW-OFFSET"));
    for (group, partition, offset) in rows {
        desk.print(line(group.as_str(), partition.topic.as_str(), &partition.partition.to_string(), &offset.to_string()));
    }
}

/// `parseTopicPartitionsToReset`: the partitions of `topic` or `topic:0,1`, which must be there.
pub(crate) fn topic_partitions<'a>(
    desk: &mut Desk<'_, '_, '_>,
    arguments: impl Iterator<Item = &'a str>,
) -> Step<Plan<Vec<TopicPartition>>> {
    let topics = go!(desk.all_topics()?);
    let mut partitions = Vec::new();
    for argument in arguments {
        let (topic, list) = argument.split_once(':').map_or((argument, None), |(topic, list)| (topic, Some(list)));
        let known = topics.iter().find(|known| known.name.as_str() == topic);
        match list {
            None => match known {
                Some(known) => {
                    partitions.extend(known.partitions.iter().map(|partition| TopicPartition::new(topic, partition.partition)))
                }
                None => return Ok(Err(Stop::Thrown(Thrown::code(ErrorCode::UnknownTopicOrPartition)))),
            },
            Some(list) => {
                for word in list.split(',') {
                    let Ok(partition) = word.parse::<i32>() else {
                        let what = format!("Invalid partition '{word}' specified in topic arg '{argument}''");
                        return Ok(Err(Stop::Refused(Refusal::usage(what))));
                    };
                    partitions.push(TopicPartition::new(topic, partition));
                }
            }
        }
    }
    sort(&mut partitions);
    partitions.dedup();
    let exists = |wanted: &&TopicPartition| {
        topics
            .iter()
            .any(|topic| topic.name == wanted.topic && topic.partitions.iter().any(|known| known.partition == wanted.partition))
    };
    let missing: Vec<String> = partitions.iter().filter(|wanted| !exists(wanted)).map(ToString::to_string).collect();
    if !missing.is_empty() {
        let what = format!("The partitions \"{}\" do not exist", missing.join(","));
        return Ok(Err(Stop::Thrown(Thrown::api("UnknownTopicOrPartitionException", &what))));
    }
    Ok(Ok(partitions))
}

/// Reads `--from-file`: `topic,partition,offset` for one `--group`, else with the group in front.
pub(crate) fn plan_from_file(desk: &Desk<'_, '_, '_>, given: &Given) -> Plan<Option<SortedMap<GroupId, GroupPlan>>> {
    let Some(path) = given.value("from-file")? else {
        return Ok(None);
    };
    let Some(text) = desk.read_file(path) else {
        let inner = format!("java.io.IOException: Unable to read file {path}");
        let stack = vec![
            format!("java.lang.RuntimeException: {inner}"),
            "<stack>".to_owned(),
            format!("Caused by: {inner}"),
            "<stack>".to_owned(),
            format!("Caused by: java.nio.file.NoSuchFileException: {path}"),
            "<stack>".to_owned(),
        ];
        return Err(Thrown { message: inner, stack }.into());
    };
    let alone = given.values("group").count() == 1;
    let only: GroupId = given.values("group").next().unwrap_or_default().into();
    let mut plans: SortedMap<GroupId, GroupPlan> = SortedMap::new();
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
fn csv_error(text: &str) -> Thrown {
    let class = "com.fasterxml.jackson.databind.exc.InvalidFormatException";
    let inner = format!("{class}: Cannot deserialize value of type `int` from String \"{text}\": not a valid `int` value");
    wrapped(&inner)
}

/// `ParseException` inside a `RuntimeException`.
pub(crate) fn parse_exception(why: &str) -> Thrown {
    wrapped(&format!("java.text.ParseException: {why}"))
}

fn wrapped(inner: &str) -> Thrown {
    let stack = vec![
        format!("java.lang.RuntimeException: {inner}"),
        "<stack>".to_owned(),
        format!("Caused by: {inner}"),
        "<stack>".to_owned(),
    ];
    Thrown { message: inner.to_owned(), stack }
}

/// The admin client does not look for a topic that the brokers call illegal.
fn check_names(desk: &mut Desk<'_, '_, '_>, plan: &GroupPlan) -> Plan<()> {
    let Some(partition) = plan.keys().find(|partition| check_name(partition.topic.as_str()).is_err()) else {
        return Ok(());
    };
    let topic = &partition.topic;
    let text =
        format!("[AdminClient clientId=adminclient-1] Received invalid topic error for topic {topic} in `Metadata` response");
    desk.log("ERROR", &text, "org.apache.kafka.clients.admin.internals.PartitionLeaderStrategy");
    desk.error(exception_line(ErrorCode::InvalidTopic));
    let what = format!("Failed to fetch metadata for partition {partition} due to invalid topic `{topic}`");
    let inner = Thrown::api("InvalidTopicException", &what).execution();
    let mut stack = vec![format!("java.lang.RuntimeException: {}", inner.line()), "<stack>".to_owned()];
    stack.push(format!("Caused by: {}", inner.line()));
    stack.extend(inner.stack.iter().skip(1).cloned());
    Err(Thrown { message: inner.line().to_owned(), stack }.into())
}

/// `checkOffsetsRange`: what lies outside of the log is moved to its nearer end, with a warning.
pub(crate) fn clamp(desk: &mut Desk<'_, '_, '_>, wanted: GroupPlan) -> Step<Plan<GroupPlan>> {
    let partitions: Vec<TopicPartition> = wanted.keys().cloned().collect();
    let earliest = go!(desk.known_offsets(&partitions, OffsetSpec::Earliest)?);
    let latest = go!(desk.known_offsets(&partitions, OffsetSpec::Latest)?);
    let mut plan = GroupPlan::new();
    let mut wanted: Vec<_> = wanted.into_iter().collect();
    hash_order(&mut wanted, 16, |(partition, _)| partition_hash(partition));
    for (partition, offset) in wanted {
        let mut new = offset;
        let mut warn = |desk: &mut Desk<'_, '_, '_>, side: &str, end: Offset| {
            let text =
                format!("New offset ({offset}) is {side} offset for topic partition {partition}. Value will be set to {end}.");
            desk.log("WARN", &text, LOGGER);
            new = end;
        };
        if let Some(end) = latest.get(&partition).filter(|end| offset > **end) {
            warn(desk, "higher than latest", *end);
        } else if let Some(start) = earliest.get(&partition).filter(|start| offset < **start) {
            warn(desk, "lower than earliest", *start);
        }
        plan.insert(partition, new);
    }
    Ok(Ok(plan))
}

/// The first record at or after a time; the end, with a warning, where there is none.
pub(crate) fn by_time(desk: &mut Desk<'_, '_, '_>, partitions: &[TopicPartition], at: Timestamp) -> Step<Plan<GroupPlan>> {
    let mut plan = go!(desk.known_offsets(partitions, OffsetSpec::Timestamp(at))?);
    let without: Vec<TopicPartition> = partitions.iter().filter(|partition| !plan.contains_key(partition)).cloned().collect();
    for partition in &without {
        desk.print("");
        desk.print(format!(
            "Warn: Partition {} from topic {} is empty. Falling back to latest known offset.",
            partition.partition, partition.topic
        ));
    }
    plan.extend(go!(desk.known_offsets(&without, OffsetSpec::Latest)?));
    Ok(Ok(plan))
}

fn commit(desk: &mut Desk<'_, '_, '_>, group: &GroupId, plan: &GroupPlan) -> Step<Plan<()>> {
    let offsets = plan.iter().map(|(partition, offset)| {
        let committed =
            CommittedOffset { offset: *offset, leader_epoch: None, metadata: "".into(), commit_timestamp: Timestamp(0) };
        (partition.clone(), committed)
    });
    let request = OffsetCommitRequest {
        group_id: group.clone(),
        generation_id: -1,
        member_id: None,
        group_instance_id: None,
        offsets: offsets.collect(),
    };
    let response = go!(desk.call(Request::OffsetCommit(request))?);
    if let Response::OffsetCommit(response) = response.as_ref()
        && let Some(error) = response.partitions.iter().find_map(|(_, error)| *error)
    {
        let names: Vec<String> = plan.keys().map(ToString::to_string).collect();
        let what = format!("Failed altering group offsets for the following partitions: [{}]", names.join(", "));
        return Ok(Err(Stop::Thrown(Thrown::api(error.exception(), &what))));
    }
    Ok(Ok(()))
}
