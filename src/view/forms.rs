//! What a form says while it is filled in: which names are free, which rule a value breaks, what a switch would change.
//!
//! What Kafka would refuse is not guessed: its own checks are asked, in its own order, and nothing is done. A remark puts
//! into a sentence what that means here; Kafka's words go with it.

use std::rc::Rc;

use super::group::{GroupKind, Groups, board, groups};
use crate::base::{GroupId, TopicPartition};
use crate::engine::World;
use crate::engine::client::Client;
use crate::engine::configs;
use crate::engine::controller::{check_addition, check_creation};
use crate::engine::log::Header;
use crate::engine::log::record::batch_size_upper_bound;
use crate::engine::protocol::{CreatePartitionsRequest, ErrorCode, NewTopic};
use crate::session::ScenarioEntry;
use crate::shell::tools::topics::{COLLISION, FACTOR_RANGE, PARTITIONS_RANGE};
use crate::view::parts::clients::{self, is_service};
use crate::view::parts::commands::NewRecord;
use crate::view::parts::logs::group_offsets;
use crate::view::parts::row::leader_replica;
use crate::view::parts::text::{self, count, grouped};

/// How much a remark weighs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Weight {
    /// Good to know.
    Note,
    /// It can be done, and most likely should not.
    Warning,
    /// It would be refused.
    Wrong,
}

/// A sentence about a field, and what Kafka says of the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remark {
    pub field: &'static str,
    pub weight: Weight,
    pub sentence: String,
    pub kafka: Option<String>,
    /// A value that would do, to be taken by a press.
    pub instead: Option<String>,
}

impl Remark {
    fn new(field: &'static str, weight: Weight, sentence: impl Into<String>) -> Self {
        Self { field, weight, sentence: sentence.into(), kafka: None, instead: None }
    }

    /// Something that is wrong and of which Kafka would never hear.
    pub fn plain(field: &'static str, sentence: impl Into<String>) -> Self {
        Self::new(field, Weight::Wrong, sentence)
    }

    pub fn warning(field: &'static str, sentence: impl Into<String>) -> Self {
        Self::new(field, Weight::Warning, sentence)
    }

    fn wrong(field: &'static str, sentence: impl Into<String>, kafka: impl Into<String>) -> Self {
        Self { kafka: Some(kafka.into()), ..Self::new(field, Weight::Wrong, sentence) }
    }

    fn kafka(mut self, words: impl Into<String>) -> Self {
        self.kafka = Some(words.into());
        self
    }

    fn instead(mut self, value: impl Into<String>) -> Self {
        self.instead = Some(value.into());
        self
    }
}

/// Would any of them be refused?
pub fn is_wrong(remarks: &[Remark]) -> bool {
    remarks.iter().any(|remark| remark.weight == Weight::Wrong)
}

// ---- a number that was typed

/// What the tools say of an option's value that is no number.
fn whole(field: &'static str, option: &str, text: &str) -> Result<i32, Remark> {
    let text = text.trim();
    text.parse::<i32>().map_err(|_| {
        let sentence = if text.is_empty() { "A whole number is wanted." } else { "This is no whole number." };
        Remark::wrong(field, sentence, format!("Cannot parse argument '{text}' of option {option}"))
    })
}

// ---- topics

/// A topic as it is filled in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TopicForm {
    pub name: String,
    pub partitions: String,
    pub replication_factor: String,
    pub min_insync_replicas: String,
    /// Empty: the default.
    pub retention_ms: String,
    pub compacted: bool,
}

/// A topic's name that is free: `rides`, or `rides-2` where there is one, or one too much like it.
pub fn free_topic(world: &World, wanted: &str) -> String {
    let names = (1u32..).map(|number| if number == 1 { wanted.to_owned() } else { format!("{wanted}-{number}") });
    let is_free =
        |name: &String| !matches!(name_error(world, name), Some((ErrorCode::TopicAlreadyExists | ErrorCode::InvalidTopic, _)));
    // A name that is not legal is never free: then it stays as it is.
    names.take(10_000).find(is_free).unwrap_or_else(|| wanted.to_owned())
}

fn new_topic(name: &str, partitions: i32, replication_factor: i16) -> NewTopic {
    let (partitions, replication_factor) = (Some(partitions), Some(replication_factor));
    NewTopic { name: name.into(), partitions, replication_factor, replica_assignment: Vec::new(), configs: Vec::new() }
}

fn name_error(world: &World, name: &str) -> Option<(ErrorCode, String)> {
    let error = check_creation(&world.informed(), &new_topic(name, 1, 1)).err()?;
    // That no broker runs is not the name's fault.
    matches!(error.0, ErrorCode::InvalidTopic | ErrorCode::TopicAlreadyExists).then_some(error)
}

pub fn check_topic(world: &World, form: &TopicForm) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = check_topic_name(world, form.name.trim()).into_iter().collect();
    remarks.extend(check_partition_count(world, &form.partitions));
    let brokers = broker_count(world);
    if brokers > 1 {
        remarks.extend(check_replicas(world, form, brokers));
    }
    if !form.retention_ms.trim().is_empty() && !form.compacted {
        remarks.push(check_retention(form.retention_ms.trim()));
    }
    remarks
}

/// Brokers that are registered with the controller.
pub fn broker_count(world: &World) -> usize {
    world.cluster().broker_ids.len()
}

/// Replicas that a new topic gets where nobody says otherwise: three, or as many as there are brokers.
pub fn usual_replicas(world: &World) -> usize {
    broker_count(world).clamp(1, 3)
}

fn check_topic_name(world: &World, name: &str) -> Option<Remark> {
    const FIELD: &str = "name";
    if name.is_empty() {
        return Some(Remark::wrong(FIELD, "A topic needs a name.", "The given topic name '' cannot be represented in a request."));
    }
    match name_error(world, name) {
        None if name.contains(['.', '_']) => {
            let sentence = "It can be used. Most keep to one of “.” and “_”, since in the names of metrics both are the same.";
            Some(Remark::new(FIELD, Weight::Note, sentence).kafka(COLLISION))
        }
        None => None,
        Some((ErrorCode::TopicAlreadyExists, words)) => {
            let free = free_topic(world, name);
            Some(Remark::wrong(FIELD, format!("There is a topic {name} already; {free} is free."), words).instead(free))
        }
        Some((_, words)) => Some(Remark::wrong(FIELD, name_sentence(name, &words), words)),
    }
}

/// Which of the rules for names it breaks.
fn name_sentence(name: &str, words: &str) -> String {
    if let Some((_, other)) = words.split_once("collides with existing topic: ") {
        return format!(
            "There is a topic {other}: the two differ only in “.” and “_”, which are the same in the names of metrics."
        );
    }
    let legal = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    match name.chars().find(|letter| !legal(*letter)) {
        Some(' ') => "A name has no spaces: only letters from a to z, digits, “.”, “_” and “-”.".to_owned(),
        Some(letter) => format!("“{letter}” cannot be used: only letters from a to z, digits, “.”, “_” and “-”."),
        None if name.len() > 249 => format!("A name has at most 249 characters; this one has {}.", name.len()),
        None => format!("“{name}” stands for a folder, so it is no name."),
    }
}

/// A name that is checked for nothing but the numbers beside it.
const SOME_NAME: &str = "a-name-that-no-topic-has";

fn check_partition_count(world: &World, text: &str) -> Option<Remark> {
    const FIELD: &str = "partitions";
    let partitions = match whole(FIELD, "partitions", text) {
        Ok(partitions) => partitions,
        Err(remark) => return Some(remark),
    };
    if partitions < 1 {
        return Some(Remark::wrong(FIELD, "A topic has at least one partition.", PARTITIONS_RANGE));
    }
    let (error, words) = check_creation(&world.informed(), &new_topic(SOME_NAME, partitions, 1)).err()?;
    let sentence = "One request makes at most 10,000 partitions.";
    (error == ErrorCode::PolicyViolation).then(|| Remark::wrong(FIELD, sentence, words))
}

fn check_replicas(world: &World, form: &TopicForm, brokers: usize) -> Vec<Remark> {
    const FIELD: &str = "replicas";
    let factor = match whole(FIELD, "replication-factor", &form.replication_factor) {
        Ok(factor) => factor,
        Err(remark) => return vec![remark],
    };
    if !(1..=32_767).contains(&factor) {
        return vec![Remark::wrong(FIELD, "There is at least one replica: the leader’s.", FACTOR_RANGE)];
    }
    if let Err((_, words)) = check_creation(&world.informed(), &new_topic(SOME_NAME, 1, factor as i16)) {
        let sentence = format!("There are {}, and each keeps at most one replica of a partition.", count(brokers as i64, "broker"));
        return vec![Remark::wrong(FIELD, sentence, words)];
    }
    check_min_insync(&form.min_insync_replicas, factor).into_iter().collect()
}

fn check_min_insync(text: &str, factor: i32) -> Option<Remark> {
    const FIELD: &str = "min.insync.replicas";
    if let Err(words) = configs::check_topic_config(FIELD, text) {
        return Some(Remark::wrong(FIELD, "A whole number from 1 on is wanted.", words));
    }
    let least: i32 = text.trim().parse().ok()?;
    if least > factor {
        // Partition.effectiveMinIsr and ReplicationControlManager.getTopicEffectiveMinIsr.
        let sentence = format!("Kafka takes it, and counts no more than there are replicas: it works as {factor}.");
        return Some(Remark::warning(FIELD, sentence).instead(factor.to_string()));
    }
    let all = least == factor && factor > 1;
    let sentence = "As many as there are replicas: while one broker is down, nothing can be written with acks=all.";
    all.then(|| Remark::warning(FIELD, sentence).kafka(ErrorCode::NotEnoughReplicas.message()))
}

fn check_retention(text: &str) -> Remark {
    const FIELD: &str = "retention.ms";
    match configs::check_topic_config(FIELD, text) {
        Err(words) => Remark::wrong(FIELD, "Milliseconds are wanted, or -1 to keep records for ever.", words),
        Ok(()) => {
            let ms: i64 = text.parse().unwrap_or(-1);
            let sentence = match ms {
                -1 => "Records are kept for ever.".to_owned(),
                ms => format!("A segment is deleted when its latest record is older than {}.", span_words(ms)),
            };
            Remark::new(FIELD, Weight::Note, sentence)
        }
    }
}

/// `7 days`, `1.5 minutes`: the largest unit that it reaches.
fn span_words(ms: i64) -> String {
    let units = [("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000), ("second", 1_000)];
    match units.into_iter().find(|(_, unit)| ms >= *unit) {
        Some((name, unit)) if ms % unit == 0 => count(ms / unit, name),
        Some((name, unit)) => format!("{}.{} {name}s", grouped(ms / unit), ms % unit * 10 / unit),
        None => format!("{ms} ms"),
    }
}

/// The number of partitions that a topic shall have.
pub fn check_more_partitions(world: &World, topic: &str, text: &str) -> Vec<Remark> {
    const FIELD: &str = "partitions";
    let wanted = match whole(FIELD, "partitions", text) {
        Ok(wanted) => wanted,
        Err(remark) => return vec![remark],
    };
    let request = CreatePartitionsRequest { topic: topic.into(), count: wanted, replica_assignment: None };
    let Err((error, words)) = check_addition(&world.informed(), &request) else { return Vec::new() };
    let current = world.cluster().topic(topic).map_or(0, |topic| topic.partitions.len() as i32);
    let sentence = match error {
        ErrorCode::InvalidPartitions if wanted == current => format!("It has {current} already."),
        ErrorCode::InvalidPartitions => format!("It has {current}: partitions can be added, never taken away."),
        ErrorCode::PolicyViolation => "One request makes at most 10,000 partitions.".to_owned(),
        ErrorCode::InvalidReplicationFactor => "Too few brokers run for this topic’s replicas.".to_owned(),
        _ => format!("There is no topic {topic}."),
    };
    vec![Remark::wrong(FIELD, sentence, words)]
}

// ---- records

/// Does the topic keep only the last record of each key, and delete none by age?
pub fn needs_keys(world: &World, topic: &str) -> bool {
    world.cluster().topic(topic).is_some_and(|topic| topic.settings.is_compacted())
}

/// A record to be written, as the producer and the topic's leader take it.
pub fn check_record(world: &World, record: &NewRecord) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let topic = &record.topic;
    if needs_keys(world, topic) {
        if record.key.is_none() {
            let words = format!("Compacted topic cannot accept message without key in topic partition {topic}-0");
            remarks.push(Remark::wrong("key", format!("{topic} is compacted, so each of its records needs a key."), words));
        }
    } else if record.value.is_none() {
        let sentence = format!("{topic} is not compacted: a null value is a record like any other there, and deletes nothing.");
        remarks.push(Remark::new("value", Weight::Note, sentence));
    }
    remarks.extend(check_size(world, record));
    remarks
}

/// `max.request.size` of the producer, and the topic's `max.message.bytes`.
fn check_size(world: &World, record: &NewRecord) -> Option<Remark> {
    const REQUEST_MAX: i64 = 1_048_576;
    let bytes = |text: &Option<String>| text.as_ref().map(|text| text.as_bytes().to_vec());
    let headers: Vec<Header> = record.headers.iter().map(|(key, value)| Header { key: key.clone(), value: bytes(value) }).collect();
    let (key, value) = (record.key.as_deref().map(str::as_bytes), record.value.as_deref().map(str::as_bytes));
    let size = batch_size_upper_bound(key, value, &headers) as i64;
    if size > REQUEST_MAX {
        let words = format!(
            "The message is {size} bytes when serialized which is larger than {REQUEST_MAX}, which is the value of the \
             max.request.size configuration."
        );
        let sentence = format!("With {} bytes it is longer than a producer sends (max.request.size).", grouped(size));
        return Some(Remark::wrong("value", sentence, words));
    }
    let most = world.cluster().topic(&record.topic)?.settings.max_message_bytes;
    let sentence = format!("With {} bytes it is longer than {} takes (max.message.bytes={most}).", grouped(size), record.topic);
    (size > most as i64).then(|| Remark::wrong("value", sentence, ErrorCode::MessageTooLarge.message()))
}

// ---- groups

/// The clients that read in this group.
fn readers<'w>(world: &'w World, group: &'w str) -> impl Iterator<Item = &'w Client> {
    let in_group = move |id: &GroupId| id.as_str() == group;
    clients::consumers(world)
        .filter(move |(_, consumer)| consumer.config().group_id.as_ref().is_some_and(in_group))
        .map(|(client, _)| client)
}

/// The service that reads in this group, or did when it ran last.
pub fn service_of(world: &World, scenario: Option<&ScenarioEntry>, group: &str) -> Option<Rc<str>> {
    let running = readers(world, group).map(|client| clients::owner_name(world, client)).find(|name| is_service(scenario, name));
    // One that does not run: in the stories a service's group has its name.
    running.or_else(|| is_service(scenario, group).then(|| group.into()))
}

/// The story's services that read in this group now.
pub fn services_of_group(world: &World, scenario: Option<&ScenarioEntry>, group: &str) -> Vec<String> {
    let programs = readers(world, group).filter_map(|client| world.program(client.owner)).filter(|program| program.is_running());
    let mut names: Vec<String> =
        programs.map(|program| program.name.to_string()).filter(|name| is_service(scenario, name)).collect();
    names.dedup();
    names
}

/// A group's name that nobody uses: `my-group`, `my-group-2`, …
pub fn free_group(world: &World, scenario: Option<&ScenarioEntry>) -> String {
    let known = groups(world);
    let names = (1u32..10_000).map(|number| if number == 1 { "my-group".to_owned() } else { format!("my-group-{number}") });
    let taken = |name: &String| known.iter().any(|group| group.as_str() == name) || service_of(world, scenario, name).is_some();
    names.into_iter().find(|name| !taken(name)).unwrap_or_else(|| "my-group".to_owned())
}

/// A group that a console consumer shall join.
pub fn check_group(world: &World, scenario: Option<&ScenarioEntry>, group: &str) -> Vec<Remark> {
    const FIELD: &str = "group";
    if group.is_empty() {
        return Vec::new();
    }
    let id = GroupId::from(group);
    let groups = Groups::of(world);
    if groups.kind(&id) == Some(GroupKind::Share) {
        let sentence = format!("{group} is a share group: a consumer cannot join it.");
        let remark = Remark::wrong(FIELD, sentence, ErrorCode::InconsistentGroupProtocol.message());
        return vec![remark.instead(free_group(world, scenario))];
    }
    if let Some(service) = service_of(world, scenario, group) {
        let sentence = if *service == *group {
            format!("{group} is a service of the story: in its group this consumer would take partitions away from it.")
        } else {
            format!("{service} reads in {group}: this consumer would take partitions away from it.")
        };
        return vec![Remark::warning(FIELD, sentence).instead(free_group(world, scenario))];
    }
    let members = groups.board(&id).map_or(0, |board| board.member_count());
    if members == 0 {
        return Vec::new();
    }
    let sentence = format!("{group} has {} already: they share the partitions.", count(members as i64, "member"));
    vec![Remark::new(FIELD, Weight::Note, sentence)]
}

/// What `--from-beginning` does for a consumer of a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FromBeginning {
    /// The group has committed nothing in the topic, or there is no group.
    Works,
    /// Only in these partitions: in the others there is a committed offset.
    In(Vec<i32>),
    Nothing,
}

pub fn from_beginning(world: &World, topic: &str, group: &str) -> FromBeginning {
    let partitions = world.cluster().topic(topic).map_or(0, |topic| topic.partitions.len() as i32);
    let committed = |at: &i32| group_offsets(world, &TopicPartition::new(topic, *at)).iter().any(|(id, _)| **id == *group);
    let open: Vec<i32> = (0..partitions).filter(|at| !committed(at)).collect();
    match open.len() as i32 {
        _ if group.is_empty() => FromBeginning::Works,
        left if left == partitions => FromBeginning::Works,
        0 => FromBeginning::Nothing,
        _ => FromBeginning::In(open),
    }
}

/// The topics in which a group has committed something, by name.
pub fn topics_of_group(world: &World, group: &str) -> Vec<Rc<str>> {
    let board = board(world, &GroupId::from(group));
    let lags = board.iter().flat_map(|board| &board.lags);
    let mut topics: Vec<Rc<str>> = lags.map(|lag| lag.topic_partition.topic.0.clone()).collect();
    topics.dedup();
    topics
}

// ---- offsets

/// An offset before which records shall be deleted; -1 stands for the high watermark.
pub fn check_delete_records(world: &World, partition: &TopicPartition, text: &str) -> Vec<Remark> {
    const FIELD: &str = "offset";
    let Ok(before) = text.trim().parse::<i64>() else {
        return vec![Remark::plain(FIELD, "An offset is a whole number; -1 stands for the high watermark.")];
    };
    let Some(replica) = leader_replica(world, partition) else { return Vec::new() };
    let (start, high_watermark) = (replica.log.log_start_offset().0, replica.high_watermark.0);
    if before < -1 || before > high_watermark {
        let sentence = format!("No consumer sees offset {before}: the high watermark is {high_watermark}.");
        let sentence = if before < -1 { "Offsets begin at 0; -1 stands for the high watermark.".to_owned() } else { sentence };
        return vec![Remark::wrong(FIELD, sentence, ErrorCode::OffsetOutOfRange.message())];
    }
    let until = if before < 0 { high_watermark } else { before };
    let sentence = match until - start {
        ..=0 => format!("The log begins at {start}: nothing lies before this offset, so nothing is deleted."),
        gone => format!("{} go{}.", text::count(gone, "offset"), if gone == 1 { "es" } else { "" }),
    };
    vec![Remark::new(FIELD, if until <= start { Weight::Warning } else { Weight::Note }, sentence)]
}

/// An offset that a group shall be reset to, in one partition or in all of them.
pub fn check_reset(world: &World, topic: &str, only: Option<i32>, to: i64) -> Vec<Remark> {
    const FIELD: &str = "offset";
    let count = world.cluster().topic(topic).map_or(0, |topic| topic.partitions.len() as i32);
    let partitions = (0..count).filter(|at| only.is_none_or(|only| only == *at)).map(|at| TopicPartition::new(topic, at));
    let mut outside = Vec::new();
    for partition in partitions {
        let Some(replica) = leader_replica(world, &partition) else { continue };
        let (start, end) = (replica.log.log_start_offset().0, replica.high_watermark.0);
        let moved = to.clamp(start, end);
        if moved != to {
            let side = if to > end { "higher than latest" } else { "lower than earliest" };
            let words =
                format!("New offset ({to}) is {side} offset for topic partition {partition}. Value will be set to {moved}.");
            outside.push((partition, moved, words));
        }
    }
    let Some((partition, moved, words)) = outside.first() else { return Vec::new() };
    let sentence = match outside.len() {
        1 => format!("{partition} has no offset {to}: there it becomes {moved}."),
        several => format!("In {several} partitions no record has offset {to}: there it becomes the nearest end of the log."),
    };
    vec![Remark::warning(FIELD, sentence).kafka(words.clone())]
}
