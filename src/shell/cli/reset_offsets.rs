//! `--reset-offsets` of the group tools (`GroupOffsetsResetter`): new offsets of groups, from options or a file.

use super::admin_command::{Admin, CLIENT_ID, ask};
use super::csv::read_row;
use super::exception::Exception;
use super::exit::Done;
use super::group_command::Table;
use super::json;
use super::options::{Given, Refusal};
use super::queries::{invalid_topic, joined};
use super::time::{parse_datetime, parse_duration};
use crate::base::java::{hash_order, partition_set, split, string_hash};
use crate::base::{GroupId, Offset, SortedMap, Timestamp, TopicPartition, put_in_order};
use crate::engine::ErrorCode;
use crate::engine::client::CallError;
use crate::engine::protocol::{CommittedOffset, OffsetCommitRequest, OffsetSpec};

const LOGGER: &str = "org.apache.kafka.tools.GroupOffsetsResetter";

/// New offsets of one group.
pub type NewOffsets = SortedMap<TopicPartition, Offset>;

/// Those that `--from-file` has for each group.
pub type FromFile = SortedMap<GroupId, NewOffsets>;

/// What is to be reset, and how.
pub struct Reset<'g> {
    pub given: &'g Given,
    /// As given: a partition may be there twice.
    pub partitions: Vec<TopicPartition>,
    pub identities: Identities,
}

/// The identity hashes of the JVM that a message tells in place of what an `OffsetSpec` is. They come from a generator of the
/// main thread that begins alike in every run: which of them it is follows from how many objects were hashed before, and that
/// is mostly the same for the same options.
#[derive(Clone, Copy)]
pub struct Identities {
    /// Of `EarliestSpec` and `LatestSpec`.
    pub end: &'static str,
    /// Of `LatestSpec` where it is asked for by `--to-current`.
    pub current: &'static str,
    /// Of two `TimestampSpec`, for `--to-datetime`.
    pub datetime: [&'static str; 2],
}

impl Reset<'_> {
    /// The new offsets where it is one of the scenarios that both tools have. `current`: where the group is now.
    pub fn common(
        &self,
        admin: &mut Admin<'_, '_, '_>,
        current: impl Fn(&mut Admin<'_, '_, '_>) -> Done<NewOffsets>,
    ) -> Done<Option<NewOffsets>> {
        let (given, partitions) = (self.given, &self.partitions);
        Ok(Some(if let Some(offset) = given.longs("to-offset")?.first() {
            each_once(partitions, |_| [offset, offset])?;
            within_log(admin, partitions.iter().map(|partition| (partition.clone(), Offset(*offset))).collect())?
        } else if given.has("to-earliest") {
            each_once(partitions, |_| [self.identities.end; 2].map(|identity| spec_text("Earliest", identity)))?;
            log_offsets(admin, partitions, OffsetSpec::Earliest)?
        } else if given.has("to-latest") {
            latest(admin, partitions, self.identities.end)?
        } else if let Some(text) = given.values("to-datetime").next() {
            let at = parse_datetime(text).map_err(|why| Exception::java("java.text.ParseException", &why).runtime())?;
            self.by_time(admin, at, self.identities.datetime)?
        } else if given.has("to-current") {
            let current = current(admin)?;
            let (with, without): (Vec<_>, Vec<_>) = partitions.iter().cloned().partition(|known| current.contains_key(known));
            let offset = |partition: &TopicPartition| current.get(partition).copied().unwrap_or(Offset(0));
            let told = |partition: &TopicPartition| {
                format!("OffsetAndMetadata{{offset={}, leaderEpoch=null, metadata=''}}", offset(partition))
            };
            each_once(&with, |partition| [told(partition), told(partition)])?;
            let mut plan = latest(admin, &without, self.identities.current)?;
            plan.extend(with.iter().map(|partition| (partition.clone(), offset(partition))));
            plan
        } else {
            return Ok(None);
        }))
    }

    /// The same for `--shift-by` and `--by-duration`. `identities`: those of the two `TimestampSpec` of the latter.
    pub fn moved(
        &self,
        admin: &mut Admin<'_, '_, '_>,
        current: impl Fn(&mut Admin<'_, '_, '_>) -> Done<NewOffsets>,
        identities: [&str; 2],
    ) -> Done<Option<NewOffsets>> {
        let (given, partitions) = (self.given, &self.partitions);
        if let Some(text) = given.value("by-duration")? {
            let at = parse_duration(text)?.before(admin.started_at())?;
            return self.by_time(admin, at, identities).map(Some);
        }
        let Some(shift) = given.long("shift-by")? else { return Ok(None) };
        let current = current(admin)?;
        let mut wanted = NewOffsets::new();
        for (at, partition) in partitions.iter().enumerate() {
            let Some(offset) = current.get(partition) else {
                let what = format!("Cannot shift offset for partition {partition} since there is no current committed offset");
                return Err(Refusal::usage(what).into());
            };
            let shifted = offset.0.wrapping_add(shift);
            each_once(&partitions[..=at], |_| [shifted, shifted])?;
            wanted.insert(partition.clone(), Offset(shifted));
        }
        within_log(admin, wanted).map(Some)
    }

    /// `getLogTimestampOffsets`: the first record at or after a time; the end, with a warning, if there is no such record.
    fn by_time(&self, admin: &mut Admin<'_, '_, '_>, at: Timestamp, identities: [&str; 2]) -> Done<NewOffsets> {
        each_once(&self.partitions, |_| identities.map(|identity| spec_text("Timestamp", identity)))?;
        let mut plan = log_offsets(admin, &self.partitions, OffsetSpec::Timestamp(at))?;
        let without = partition_set(self.partitions.iter().filter(|partition| !plan.contains_key(*partition)).cloned());
        for partition in &without {
            admin.print("");
            admin.print(format!(
                "Warn: Partition {} from topic {} is empty. Falling back to latest known offset.",
                partition.partition, partition.topic
            ));
        }
        plan.extend(log_offsets(admin, &without, OffsetSpec::Latest)?);
        Ok(plan)
    }
}

fn latest(admin: &mut Admin<'_, '_, '_>, partitions: &[TopicPartition], identity: &str) -> Done<NewOffsets> {
    each_once(partitions, |_| [identity; 2].map(|identity| spec_text("Latest", identity)))?;
    log_offsets(admin, partitions, OffsetSpec::Latest)
}

/// `Collectors.toMap` takes no partition twice. `values`: what it tells that the two of one would be.
fn each_once<V: ToString>(partitions: &[TopicPartition], values: impl Fn(&TopicPartition) -> [V; 2]) -> Done {
    let again = partitions.iter().enumerate().find(|(at, partition)| partitions[..*at].contains(partition));
    let Some((_, twice)) = again else { return Ok(()) };
    let [one, other] = values(twice).map(|value| value.to_string());
    let what = format!("Duplicate key {twice} (attempted merging values {one} and {other})");
    Err(Exception::java("java.lang.IllegalStateException", &what).into())
}

/// `Object.toString` of an `OffsetSpec`.
fn spec_text(kind: &str, identity: &str) -> String {
    format!("org.apache.kafka.clients.admin.OffsetSpec${kind}Spec@{identity}")
}

/// The lines of plans: group, partition, new offset.
pub type Row<'p> = (&'p GroupId, TopicPartition, Offset);

pub fn rows(plans: &[(GroupId, NewOffsets)]) -> Vec<Row<'_>> {
    let mut plans: Vec<_> = plans.iter().collect();
    hash_order(&mut plans, 16, |(group, _)| string_hash(group.as_str()));
    plans
        .into_iter()
        .flat_map(|(group, plan)| {
            let partitions = partition_set(plan.keys().cloned()).into_iter();
            partitions.filter_map(move |partition| {
                let offset = plan.get(&partition).copied()?;
                Some((group, partition, offset))
            })
        })
        .collect()
}

/// `printOffsetsToReset`, or the plans as CSV.
pub fn print_plans(admin: &mut Admin<'_, '_, '_>, given: &Given, plans: &[(GroupId, NewOffsets)]) {
    if plans.is_empty() {
        admin.print("");
        return;
    }
    let rows = rows(plans);
    if given.has("export") {
        export(admin, given, &rows);
        return;
    }
    let mut table = Table::of(&rows);
    table.column("GROUP", 15, |(group, ..)| group.to_string());
    table.column("TOPIC", 15, |(_, partition, _)| partition.topic.to_string());
    table.column("PARTITION", 10, |(_, partition, _)| partition.partition.to_string());
    table.column("NEW-OFFSET", 0, |(.., offset)| offset.to_string());
    table.print(admin);
}

/// `exportOffsetsToCsv`.
pub fn export(admin: &mut Admin<'_, '_, '_>, given: &Given, rows: &[Row<'_>]) {
    let alone = given.values("group").count() == 1;
    for (group, partition, offset) in rows {
        let row = format!("{},{},{offset}", partition.topic, partition.partition);
        admin.print(if alone { row } else { format!("{group},{row}") });
    }
    admin.print("");
}

/// Commits a plan (`alterConsumerGroupOffsets`, `alterStreamsGroupOffsets`).
pub fn commit(admin: &mut Admin<'_, '_, '_>, group: &GroupId, plan: &NewOffsets) -> Done {
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
    let response = ask!(admin, OffsetCommit(request)).map_err(Exception::code)?;
    let Some(error) = response.partitions.iter().find_map(|(_, error)| *error) else { return Ok(()) };
    let failed = response.partitions.iter().filter(|(_, error)| error.is_some()).map(|(partition, _)| partition.clone());
    let partitions = joined(partition_set(failed), ", ");
    let what = format!("Failed altering group offsets for the following partitions: [{partitions}]");
    Err(Exception::api(error.exception(), &what).into())
}

/// What is said where no scenario was given.
pub fn no_scenario(scenarios: &[&str]) -> Refusal {
    let mut names: Vec<String> = scenarios.iter().map(|name| format!("[{name}]")).collect();
    put_in_order(&mut names, &|one, other| one < other);
    Refusal::usage(format!("Option '[reset-offsets]' requires one of the following scenarios: [{}]", names.join(", ")))
}

/// `parseTopicPartitionsToReset`: the partitions of `topic` or `topic:0,1`, as given, and then those of whole topics.
pub fn topic_partitions<'a>(admin: &mut Admin<'_, '_, '_>, arguments: impl Iterator<Item = &'a str>) -> Done<Vec<TopicPartition>> {
    let (listed, whole): (Vec<&str>, Vec<&str>) = arguments.partition(|argument| argument.contains(':'));
    let mut partitions = Vec::new();
    for argument in listed {
        partitions.extend(listed_partitions(argument)?);
    }
    for topic in admin.described_topics(whole)?? {
        partitions.extend(topic.partitions.iter().map(|known| TopicPartition::new(topic.name.clone(), known.partition)));
    }
    Ok(partitions)
}

/// `parseTopicsWithPartitions`: the partitions of `topic:0,1`.
pub fn listed_partitions(argument: &str) -> Done<Vec<TopicPartition>> {
    let parts = split(argument, ':');
    let [topic, list] = parts.as_slice() else {
        return Err(Refusal::usage(format!("Invalid topic arg '{argument}', expected topic name and partitions")).into());
    };
    let number = |word: &str| match word.parse::<i32>() {
        Ok(partition) => Ok(TopicPartition::new(*topic, partition)),
        Err(_) => Err(Refusal::usage(format!("Invalid partition '{word}' specified in topic arg '{argument}''")).into()),
    };
    split(list, ',').into_iter().map(number).collect()
}

/// `checkAllTopicPartitionsValid`: they are there, and have leaders.
pub fn check_partitions(admin: &mut Admin<'_, '_, '_>, partitions: &[TopicPartition]) -> Done {
    let topics = admin.described_topics(partitions.iter().map(|partition| partition.topic.as_str()))?;
    let topics = topics.map_err(|thrown| thrown.execution().runtime())?;
    let known = |wanted: &&TopicPartition| {
        let topic = topics.iter().find(|topic| topic.name == wanted.topic);
        topic.is_some_and(|topic| topic.partitions.iter().any(|known| known.partition == wanted.partition))
    };
    let missing: Vec<_> = partitions.iter().filter(|partition| !known(partition)).collect();
    if !missing.is_empty() {
        let what = format!("The partitions \"{}\" do not exist", joined(missing, ","));
        return Err(Exception::api("UnknownTopicOrPartitionException", &what).into());
    }
    let led = topics.iter().flat_map(|topic| {
        let without = topic.partitions.iter().filter(|known| known.leader.is_none());
        without.map(|known| TopicPartition::new(topic.name.clone(), known.partition))
    });
    let without_leader: Vec<_> = led.filter(|partition| partitions.contains(partition)).collect();
    if !without_leader.is_empty() {
        let what = format!("The partitions \"{}\" have no leader", joined(without_leader, ","));
        return Err(Exception::api("LeaderNotAvailableException", &what).into());
    }
    Ok(())
}

/// `checkOffsetsRange`: what lies outside of the log is moved to its nearer end, with a warning.
fn within_log(admin: &mut Admin<'_, '_, '_>, wanted: NewOffsets) -> Done<NewOffsets> {
    let partitions = partition_set(wanted.keys().cloned());
    let earliest = log_offsets(admin, &partitions, OffsetSpec::Earliest)?;
    let latest = log_offsets(admin, &partitions, OffsetSpec::Latest)?;
    let mut plan = wanted;
    for partition in partitions {
        let Some(offset) = plan.get(&partition).copied() else { continue };
        let higher = latest.get(&partition).filter(|end| offset > **end).map(|end| ("higher than latest", *end));
        let lower = || earliest.get(&partition).filter(|start| offset < **start).map(|start| ("lower than earliest", *start));
        if let Some((side, end)) = higher.or_else(lower) {
            let text =
                format!("New offset ({offset}) is {side} offset for topic partition {partition}. Value will be set to {end}.");
            admin.log("WARN", &text, LOGGER);
            plan.insert(partition, end);
        }
    }
    Ok(plan)
}

/// `getLogOffsets`.
fn log_offsets(admin: &mut Admin<'_, '_, '_>, partitions: &[TopicPartition], spec: OffsetSpec) -> Done<NewOffsets> {
    Ok(listed_offsets(admin, partitions, spec)?.map_err(|thrown| thrown.execution().runtime())?)
}

/// `listOffsets`. Without what has no such offset; one that cannot be asked for fails all.
pub fn listed_offsets(
    admin: &mut Admin<'_, '_, '_>,
    partitions: &[TopicPartition],
    spec: OffsetSpec,
) -> Done<Result<NewOffsets, Exception>> {
    let listed = match admin.offsets(partitions, spec)? {
        Ok(listed) => listed,
        Err(error) => return Ok(Err(Exception::code(error))),
    };
    let mut failed = None;
    for partition in partition_set(listed.keys().cloned()) {
        let Some(error) = listed.get(&partition).and_then(|listed| listed.error) else { continue };
        let topic = &partition.topic;
        let thrown = match error {
            ErrorCode::InvalidTopic => {
                admin.log_invalid_topic(CLIENT_ID, topic);
                invalid_topic(&partition)
            }
            ErrorCode::RequestTimedOut => Exception::code(CallError::NoNode { call: "listOffsets(api=METADATA)" }),
            error => {
                let text = format!("ListOffsets request for topic partition {partition} failed due to an unexpected error {error}");
                admin.log_error(CLIENT_ID, &text, "internals.ListOffsetsHandler");
                Exception::code(error)
            }
        };
        failed = failed.or(Some(thrown));
    }
    if let Some(thrown) = failed {
        return Ok(Err(thrown));
    }
    Ok(Ok(listed.into_iter().filter_map(|(partition, listed)| Some((partition, listed.offset?))).collect()))
}

/// Reads `--from-file`: lines of `topic,partition,offset` for one `--group`, or with the group in front.
pub fn from_file(admin: &Admin<'_, '_, '_>, given: &Given) -> Done<Option<FromFile>> {
    let Some(path) = given.values("from-file").next() else {
        return Ok(None);
    };
    let text = admin.read_file(path).ok_or_else(|| json::unreadable(path).runtime())?;
    let lines = split(&text, '\n');
    let mut groups = given.values("group");
    let only = groups.next().filter(|_| groups.next().is_none());
    let only = only.filter(|_| lines.first().is_some_and(|line| read_row(line, false).is_ok()));
    let mut plans = FromFile::new();
    for line in lines {
        let row = read_row(line, only.is_none()).map_err(Exception::runtime)?;
        if row.offset < 0 {
            return Err(Refusal::usage("Invalid negative offset").into());
        }
        let group = only.map_or(row.group, str::to_owned);
        let partition = TopicPartition::new(row.topic, row.partition);
        plans.get_or_default(group.into()).insert(partition, Offset(row.offset));
    }
    Ok(Some(plans))
}

/// `resetFromFile`: what a file has for one group.
pub fn plan_of(admin: &mut Admin<'_, '_, '_>, group: &GroupId, plans: &FromFile) -> Done<NewOffsets> {
    let Some(plan) = plans.get(group) else {
        admin.print("");
        admin.print(format!("Error: No reset plan for group {group} found."));
        return Ok(NewOffsets::new());
    };
    within_log(admin, plan.clone())
}
