//! The script lines behind the page's buttons: each is what a person would have typed.
//!
//! A function returns *blocks*. A block is one input of the session: a command, with the lines that are typed into it.
//! Where there are several, each waits until the program that `waits_for` names has ended.

use std::fmt::{self, Write as _};

use super::group_kind::GroupKind;
use crate::base::{BrokerId, TopicPartition, put_in_order, sort};
use crate::engine::client::partitioner::partition_for_key;
use crate::engine::world::World;
use crate::session::line::is_own;
pub use crate::session::queue::{free_terminal, waits_for};

/// Where the tools connect to, as an option: up to three brokers, so that one that is down does not keep a tool out. Brokers
/// that run come first.
pub struct Bootstrap(String);

impl Bootstrap {
    pub fn of(world: &World) -> Self {
        let mut brokers: Vec<(bool, BrokerId)> = world.brokers().map(|broker| (!broker.running, broker.id)).collect();
        sort(&mut brokers);
        brokers.truncate(3);
        put_in_order(&mut brokers, &|(_, one), (_, other)| one < other);
        let addresses: Vec<String> = brokers.iter().map(|(_, id)| format!("localhost:{}", id.port())).collect();
        Self(format!("--bootstrap-server {}", addresses.join(",")))
    }
}

impl fmt::Display for Bootstrap {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A word as the shell reads it: bare where that is safe, else in single quotes. A line end would begin another line of
/// the script, so it becomes a space: Kafka then refuses the name in its own words.
pub fn quote(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./:=,+@%^".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace(['\n', '\r'], " ").replace('\'', r"'\''"))
}

pub fn create_topic(
    at: &Bootstrap,
    name: &str,
    partitions: Option<i32>,
    configs: &std::collections::BTreeMap<String, String>,
) -> Vec<String> {
    create_replicated(at, name, partitions, None, configs)
}

/// The same with a replication factor of its own.
pub fn create_replicated(
    at: &Bootstrap,
    name: &str,
    partitions: Option<i32>,
    replication_factor: Option<i32>,
    configs: &std::collections::BTreeMap<String, String>,
) -> Vec<String> {
    let mut line = format!("$ kafka-topics.sh --create --topic {}", quote(name));
    if let Some(partitions) = partitions {
        let _ = write!(line, " --partitions {partitions}");
    }
    if let Some(factor) = replication_factor {
        let _ = write!(line, " --replication-factor {factor}");
    }
    for (key, value) in configs {
        let _ = write!(line, " --config {}", quote(&format!("{key}={value}")));
    }
    vec![format!("{line} {at}")]
}

pub fn delete_topic(at: &Bootstrap, name: &str) -> Vec<String> {
    vec![format!("$ kafka-topics.sh --delete --topic {} {at}", quote(name))]
}

pub fn describe_topic(at: &Bootstrap, name: &str) -> Vec<String> {
    vec![format!("$ kafka-topics.sh --describe --topic {} {at}", quote(name))]
}

/// Raises a topic's partition count to `count`.
pub fn add_partitions(at: &Bootstrap, topic: &str, count: i32) -> Vec<String> {
    vec![format!("$ kafka-topics.sh --alter --topic {} --partitions {count} {at}", quote(topic))]
}

/// Moves the log's start to `before`, through a file as the tool wants it.
pub fn delete_records(at: &Bootstrap, partition: &TopicPartition, before: i64) -> Vec<String> {
    let topic = serde_json::Value::from(partition.topic.as_str());
    let json = format!(
        "{{\"partitions\": [{{\"topic\": {topic}, \"partition\": {}, \"offset\": {before}}}], \"version\": 1}}",
        partition.partition
    );
    vec![
        format!("$ cat > delete-records.json\n> {json}\n^D"),
        format!("$ kafka-delete-records.sh --offset-json-file delete-records.json {at}"),
    ]
}

/// A record to send by hand.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewRecord {
    pub topic: String,
    /// `None`: a null key.
    pub key: Option<String>,
    /// `None`: a null value, which is a tombstone.
    pub value: Option<String>,
    pub headers: Vec<(String, Option<String>)>,
}

/// Sends one record with the console producer. Why not, when it cannot be said: the tool reads line by line.
pub fn produce(at: &Bootstrap, record: &NewRecord) -> Result<Vec<String>, String> {
    let header_texts: Vec<&str> =
        record.headers.iter().flat_map(|(key, value)| [Some(key.as_str()), value.as_deref()]).flatten().collect();
    let key_and_value = [record.key.as_deref(), record.value.as_deref()].into_iter().flatten();
    let texts: Vec<&str> = key_and_value.chain(header_texts.iter().copied()).collect();
    if texts.iter().any(|text| text.contains(['\n', '\r'])) {
        return Err("The console producer reads one record per line: write the text on one line.".to_owned());
    }
    if record.topic.is_empty() {
        return Err("A record needs a topic.".to_owned());
    }
    let mut unused = Unused::default();
    let mut line = String::new();
    let mut properties: Vec<(&str, String)> = Vec::new();
    let null_is_used = record.value.is_none() || record.headers.iter().any(|(_, value)| value.is_none());
    let null_marker = if null_is_used { marker(&texts) } else { String::new() };
    if !record.headers.is_empty() {
        let [between, inside, after] = [",;", "=", "~"].map(|usual| unused.separator(usual, &header_texts));
        for (at, (key, value)) in record.headers.iter().enumerate() {
            if at > 0 {
                line.push(between);
            }
            let _ = write!(line, "{key}{inside}{}", value.as_deref().unwrap_or(&null_marker));
        }
        line.push(after);
        properties.push(("parse.headers", "true".to_owned()));
        properties.push(("headers.delimiter", after.to_string()));
        properties.push(("headers.separator", between.to_string()));
        properties.push(("headers.key.separator", inside.to_string()));
    }
    if let Some(key) = &record.key {
        // Only the first one counts, so the value may have it too.
        let separator = unused.separator(":=", &[key]);
        let _ = write!(line, "{key}{separator}");
        properties.push(("parse.key", "true".to_owned()));
        properties.push(("key.separator", separator.to_string()));
    }
    line.push_str(record.value.as_deref().unwrap_or(&null_marker));
    if null_is_used {
        properties.push(("null.marker", null_marker));
    }
    let mut command = format!("$ kafka-console-producer.sh --topic {} {at}", quote(&record.topic));
    for (name, value) in properties {
        let _ = write!(command, " --reader-property {}", quote(&format!("{name}={value}")));
    }
    Ok(vec![format!("{command}\n> {line}\n^D")])
}

/// Hands out separators, each only once.
#[derive(Default)]
struct Unused {
    given: Vec<char>,
}

impl Unused {
    /// One that occurs in none of the texts: of the usual ones, else the first sign that is free. None that a regular
    /// expression reads in its own way, since `headers.separator` is one; no quotes, no blanks.
    fn separator(&mut self, usual: &str, texts: &[&str]) -> char {
        let rare = "~!%@&;,:=/_#<>".chars().chain('\u{a1}'..='\u{d7ff}');
        let free = |sign: &char| !self.given.contains(sign) && !texts.iter().any(|text| text.contains(*sign));
        let sign = usual.chars().chain(rare).find(free).unwrap_or('\u{1}');
        self.given.push(sign);
        sign
    }
}

/// A word for null that equals no text. No separator can be in it.
fn marker(texts: &[&str]) -> String {
    let mut marker = "NULL".to_owned();
    while texts.contains(&marker.as_str()) {
        marker.push('L');
    }
    marker
}

/// A key that the default partitioner puts into this partition: the console producer cannot name a partition.
pub fn key_for_partition(partition: i32, partition_count: i32) -> Option<String> {
    (1..10_000).map(|number| format!("key-{number}")).find(|key| partition_for_key(key.as_bytes(), partition_count) == partition)
}

/// The partition that the default partitioner puts a key into.
pub fn partition_of(key: &str, partition_count: i32) -> i32 {
    partition_for_key(key.as_bytes(), partition_count)
}

/// A console consumer in the background, in a terminal of its own.
pub fn start_consumer(at: &Bootstrap, terminal: &str, topic: &str, group: Option<&str>, from_beginning: bool) -> Vec<String> {
    let mut line = format!("@{terminal} $ kafka-console-consumer.sh --topic {}", quote(topic));
    if let Some(group) = group {
        let _ = write!(line, " --group {}", quote(group));
    }
    if from_beginning {
        line += " --from-beginning";
    }
    vec![format!("{line} {at}")]
}

/// A console share consumer in the background, in a terminal of its own.
pub fn start_share_consumer(at: &Bootstrap, terminal: &str, topic: &str, group: &str) -> Vec<String> {
    let (topic, group) = (quote(topic), quote(group));
    vec![format!("@{terminal} $ kafka-console-share-consumer.sh --topic {topic} --group {group} {at}")]
}

/// Stops a program started with `@name $ …`, as Ctrl-C does: it says goodbye.
pub fn interrupt(terminal: &str) -> Vec<String> {
    vec![format!("@{terminal} ^C")]
}

pub fn start_service(name: &str) -> Vec<String> {
    vec![format!("$ start-service {name}")]
}

pub fn stop_service(name: &str) -> Vec<String> {
    vec![format!("$ stop-service {name}")]
}

/// A crash: gone without a goodbye. It takes a terminal's program as well as a service.
pub fn kill_service(name: &str) -> Vec<String> {
    vec![format!("$ kill-service {name}")]
}

/// Moves a service's position in one partition. Nothing is committed by that.
pub fn seek(service: &str, partition: &TopicPartition, offset: i64) -> Vec<String> {
    vec![format!("$ tell-service {service} seek {partition} {offset}")]
}

/// The call by which a consumer's own code moves its position.
pub fn seek_call(partition: &TopicPartition, offset: i64) -> String {
    let topic = serde_json::Value::from(partition.topic.as_str());
    format!("consumer.seek(new TopicPartition({topic}, {}), {offset})", partition.partition)
}

/// Commits a service's positions now, without waiting for its auto-commit.
pub fn commit(service: &str) -> Vec<String> {
    vec![format!("$ tell-service {service} commit")]
}

pub fn describe_group(at: &Bootstrap, kind: GroupKind, group: &str) -> Vec<String> {
    let tool = group_tool(kind);
    vec![format!("$ {tool} --describe --group {} {at}", quote(group))]
}

/// Drops a group with its offsets. It must have no members.
pub fn delete_group(at: &Bootstrap, kind: GroupKind, group: &str) -> Vec<String> {
    vec![format!("$ {} --delete --group {} {at}", group_tool(kind), quote(group))]
}

fn group_tool(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::Classic | GroupKind::Consumer => "kafka-consumer-groups.sh",
        GroupKind::Share => "kafka-share-groups.sh",
    }
}

/// Where `reset_offsets` moves a group to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ResetTo {
    Earliest,
    Latest,
    Offset(i64),
    /// By so many records, back when negative.
    ShiftBy(i64),
}

/// Moves a group's committed offsets in a topic, or in one partition of it. Running services of the group are stopped
/// before and started after, since the group must be inactive.
pub fn reset_offsets(
    at: &Bootstrap,
    group: &str,
    topic: &str,
    partition: Option<i32>,
    to: &ResetTo,
    services: &[&str],
) -> Vec<String> {
    let scope = match partition {
        Some(partition) => quote(&format!("{topic}:{partition}")),
        None => quote(topic),
    };
    let to = match to {
        ResetTo::Earliest => "--to-earliest".to_owned(),
        ResetTo::Latest => "--to-latest".to_owned(),
        ResetTo::Offset(offset) => format!("--to-offset {offset}"),
        ResetTo::ShiftBy(records) => format!("--shift-by {records}"),
    };
    let reset = format!("$ kafka-consumer-groups.sh --reset-offsets --group {} --topic {scope} {to} --execute {at}", quote(group));
    let stop = services.iter().flat_map(|name| stop_service(name));
    stop.chain([reset]).chain(services.iter().flat_map(|name| start_service(name))).collect()
}

/// The blocks as they would be typed at a real cluster's prompt: without the script's marks. `None` where a real cluster has
/// no such command.
pub fn real_commands(blocks: &[String]) -> Option<String> {
    let mut out = String::new();
    for line in blocks.iter().flat_map(|block| block.lines()) {
        let line = match line.strip_prefix('@').and_then(|rest| rest.split_once(' ')) {
            Some((_, rest)) => rest,
            None => line,
        };
        match line.strip_prefix("$ ") {
            Some(command) if is_own(command) => {}
            Some(command) => {
                let _ = writeln!(out, "{command}");
            }
            None => {
                let _ = writeln!(out, "{}", line.strip_prefix("> ").unwrap_or(line));
            }
        }
    }
    let out = out.trim_end();
    (!out.is_empty() && out != "^C").then(|| out.to_owned())
}
