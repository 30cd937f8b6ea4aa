//! The script lines behind the page's buttons: each is what a person would have typed.

use std::collections::BTreeMap;

use crate::base::TopicPartition;

/// Where all tools connect to.
pub const BOOTSTRAP: &str = "--bootstrap-server localhost:9092";

/// A word as the shell reads it: bare where that is safe, else in single quotes.
pub fn quote(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./:=,+@%^".contains(letter);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

pub fn create_topic(name: &str, partitions: Option<i32>, configs: &BTreeMap<String, String>) -> Vec<String> {
    let mut line = format!("$ kafka-topics.sh --create --topic {}", quote(name));
    if let Some(partitions) = partitions {
        line += &format!(" --partitions {partitions}");
    }
    for (key, value) in configs {
        line += &format!(" --config {}", quote(&format!("{key}={value}")));
    }
    vec![format!("{line} {BOOTSTRAP}")]
}

pub fn delete_topic(name: &str) -> Vec<String> {
    vec![format!("$ kafka-topics.sh --delete --topic {} {BOOTSTRAP}", quote(name))]
}

pub fn add_partitions(topic: &str, count: i32) -> Vec<String> {
    vec![format!("$ kafka-topics.sh --alter --topic {} --partitions {count} {BOOTSTRAP}", quote(topic))]
}

pub fn delete_records(_partition: &TopicPartition, _before: i64) -> Vec<String> {
    Vec::new()
}

/// A record to send by hand.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewRecord {
    pub topic: String,
    /// `None`: the partitioner decides.
    pub partition: Option<i32>,
    /// `None`: a null key.
    pub key: Option<String>,
    /// `None`: a null value, which is a tombstone.
    pub value: Option<String>,
    pub headers: Vec<(String, String)>,
}

/// Lines that send one record with the console producer; why not, when it cannot say it.
pub fn produce(_record: &NewRecord) -> Result<Vec<String>, String> {
    Err("not yet".to_owned())
}

/// A console consumer in the background, under a name of its own.
pub fn start_consumer(name: &str, topic: &str, group: Option<&str>, from_beginning: bool) -> Vec<String> {
    let mut line = format!("@{name} $ kafka-console-consumer.sh --topic {}", quote(topic));
    if let Some(group) = group {
        line += &format!(" --group {}", quote(group));
    }
    if from_beginning {
        line += " --from-beginning";
    }
    vec![format!("{line} {BOOTSTRAP}")]
}

/// Stops a program started with `@name $ …`, as Ctrl-C does: it says goodbye.
pub fn interrupt(name: &str) -> Vec<String> {
    vec![format!("@{name} ^C")]
}

pub fn start_service(name: &str) -> Vec<String> {
    vec![format!("$ start-service {name}")]
}

pub fn stop_service(name: &str) -> Vec<String> {
    vec![format!("$ stop-service {name}")]
}

/// A crash: gone without a goodbye.
pub fn kill_service(name: &str) -> Vec<String> {
    vec![format!("$ kill-service {name}")]
}

pub fn seek(service: &str, partition: &TopicPartition, offset: i64) -> Vec<String> {
    vec![format!("$ tell-service {service} seek {partition} {offset}")]
}

pub fn commit(service: &str) -> Vec<String> {
    vec![format!("$ tell-service {service} commit")]
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
pub fn reset_offsets(group: &str, topic: &str, partition: Option<i32>, to: &ResetTo, services: &[&str]) -> Vec<String> {
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
    let reset =
        format!("$ kafka-consumer-groups.sh --group {} --topic {scope} --reset-offsets {to} --execute {BOOTSTRAP}", quote(group));
    let stop = services.iter().flat_map(|name| stop_service(name));
    stop.chain([reset]).chain(services.iter().flat_map(|name| start_service(name))).collect()
}
