//! The files that say what is to be moved where.

use serde_json::{Value, json as json_value};

use super::{current_replicas, describe_existing, dirs, topic_set, unknown_partition};
use crate::base::java::{broker_set, hash_order, partition_hash};
use crate::base::{BrokerId, SortedMap, TopicName, TopicPartition};
use crate::shell::cli::admin_command::Admin;
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::json;
use crate::shell::cli::queries::{duplicates, joined};

/// A replica: a partition on a broker.
pub(super) type Replica = (TopicPartition, BrokerId);

/// The folder that stands for whichever the broker takes.
const ANY_DIR: &str = "any";

/// `--reassignment-json-file`.
pub(super) struct Plan {
    pub partitions: Vec<(TopicPartition, Vec<BrokerId>)>,
    /// Replicas for which a folder is named.
    pub log_dirs: SortedMap<Replica, String>,
}

/// The version of a file, which must be 1.
fn check_version(fields: &serde_json::Map<String, Value>) -> Result<(), Exception> {
    match fields.get("version").map_or(Ok(1), json::int)? {
        1 => Ok(()),
        other => Err(Exception::operation(&format!("Not supported version field value {other}"))),
    }
}

/// `--topics-to-move-json-file`.
pub(super) fn topics(text: &str) -> Result<Vec<TopicName>, Exception> {
    let fields = json::parse(text).ok_or_else(|| Exception::operation("The input string is not a valid JSON"))??;
    check_version(&fields)?;
    let mut topics: Vec<TopicName> = Vec::new();
    for item in fields.get("topics").map_or(Ok(&Vec::new()), json::array)? {
        let topic: TopicName = json::string(json::field(json::object(item)?, "topic")?)?.into();
        if topics.contains(&topic) {
            return Err(Exception::command_failed(&format!("List of topics to reassign contains duplicate entries: [{topic}]")));
        }
        topics.push(topic);
    }
    Ok(topics)
}

impl Plan {
    pub fn parse(text: &str) -> Result<Self, Exception> {
        let fields = json::parse(text).ok_or_else(|| {
            let parse_error = "com.fasterxml.jackson.core.JsonParseException";
            if text.is_empty() {
                let why = "The input string shouldn't be empty\n at [Source: UNKNOWN; byte offset: #UNKNOWN]";
                return Exception::operation(why).because(Exception::java(parse_error, why));
            }
            Exception::operation(&format!("{parse_error}: The input string is not a valid JSON"))
        })??;
        check_version(&fields)?;
        let mut plan = Self { partitions: Vec::new(), log_dirs: SortedMap::new() };
        for item in fields.get("partitions").map_or(Ok(&Vec::new()), json::array)? {
            plan.add(item)?;
        }
        Ok(plan)
    }

    fn add(&mut self, item: &Value) -> Result<(), Exception> {
        let fields = json::object(item)?;
        let topic = json::string(json::field(fields, "topic")?)?;
        let partition = TopicPartition::new(topic, json::int(json::field(fields, "partition")?)?);
        let replicas = json::list(json::field(fields, "replicas")?, json::int)?;
        let dirs = match fields.get("log_dirs") {
            Some(dirs) => json::list(dirs, json::string)?,
            None => vec![ANY_DIR; replicas.len()],
        };
        if replicas.len() != dirs.len() {
            return Err(Exception::command_failed(&format!(
                "Size of replicas list [{}] is different from size of log dirs list [{}] for partition {partition}",
                joined(replicas, ", "),
                dirs.join(", ")
            )));
        }
        let replicas: Vec<BrokerId> = replicas.into_iter().map(BrokerId).collect();
        for (broker, dir) in replicas.iter().zip(dirs).filter(|(_, dir)| *dir != ANY_DIR) {
            self.log_dirs.insert((partition.clone(), *broker), dir.to_owned());
        }
        self.partitions.push((partition, replicas));
        Ok(())
    }

    /// `parseExecuteAssignmentArgs`: what a plan that is carried out must not be.
    pub fn check(&self) -> Result<(), Exception> {
        if self.partitions.is_empty() {
            return Err(Exception::command_failed("Partition reassignment list cannot be empty"));
        }
        if self.partitions.iter().any(|(_, replicas)| replicas.is_empty()) {
            return Err(Exception::command_failed("Partition replica list cannot be empty"));
        }
        let names: Vec<&TopicPartition> = self.partitions.iter().map(|(partition, _)| partition).collect();
        let mut twice = duplicates(&names);
        if !twice.is_empty() {
            hash_order(&mut twice, 16, |partition| partition_hash(partition));
            let what = format!("Partition reassignment contains duplicate topic partitions: {}", joined(twice, ","));
            return Err(Exception::command_failed(&what));
        }
        let mut wrong = Vec::new();
        for (partition, replicas) in &self.partitions {
            let twice = broker_set(duplicates(replicas));
            if !twice.is_empty() {
                wrong.push(format!("{partition} contains multiple entries for {}", joined(twice, ",")));
            }
        }
        if !wrong.is_empty() {
            return Err(Exception::command_failed(&format!(
                "Partition replica lists may not contain duplicate entries: {}",
                wrong.join(". ")
            )));
        }
        Ok(())
    }

    /// The brokers that shall have replicas.
    pub fn brokers(&self) -> Vec<BrokerId> {
        broker_set(self.partitions.iter().flat_map(|(_, replicas)| replicas).copied())
    }

    /// Tells where the plan's partitions are now, for the way back.
    pub fn current(&self, admin: &mut Admin<'_, '_, '_>, alive: Vec<BrokerId>) -> Done<Vec<(TopicPartition, Vec<BrokerId>)>> {
        let metadata = describe_existing(admin, topic_set(self.partitions.iter().map(|(partition, _)| partition)))?;
        let planned = |partition: &TopicPartition| self.partitions.iter().any(|(wanted, _)| wanted == partition);
        let current = current_replicas(&metadata, planned);
        let missing = self.partitions.iter().map(|(partition, _)| partition);
        let mut missing: Vec<TopicPartition> =
            missing.filter(|wanted| !current.iter().any(|(known, _)| known == *wanted)).cloned().collect();
        if !missing.is_empty() {
            hash_order(&mut missing, 16, partition_hash);
            return Err(unknown_partition(&format!("Unable to find partition: {}", joined(missing, ", "))));
        }
        let dirs = dirs::of_live_replicas(admin, &current, &alive)?;
        admin.print("Current partition replica assignment");
        admin.print("");
        admin.print(as_json(&current, &dirs));
        admin.print("");
        admin.print("Save this to use as the --reassignment-json-file option during rollback");
        Ok(current)
    }
}

/// `formatAsReassignmentJson`.
pub(super) fn as_json(partitions: &[(TopicPartition, Vec<BrokerId>)], dirs: &SortedMap<Replica, String>) -> String {
    let rows = partitions.iter().map(|(partition, replicas)| {
        let dir = |broker: &BrokerId| dirs.get(&(partition.clone(), *broker)).map_or(ANY_DIR, String::as_str);
        json_value!({
            "topic": partition.topic.as_str(),
            "partition": partition.partition,
            "replicas": replicas.iter().map(|broker| broker.0).collect::<Vec<_>>(),
            "log_dirs": replicas.iter().map(dir).collect::<Vec<_>>(),
        })
    });
    json_value!({ "version": 1, "partitions": rows.collect::<Vec<_>>() }).to_string()
}
