//! `kafka-log-dirs.sh` (`org.apache.kafka.tools.LogDirsCommand`).

use crate::base::BrokerId;
use crate::base::java::{broker_set, hash_order, partition_hash};
use crate::engine::protocol::{DescribeLogDirsRequest, LogDirPartition};
use crate::shell::cli::admin_command::{Admin, AdminCommand, ask};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::{Done, told};
use crate::shell::cli::options::{self, Given, Opt, OptionError, Refusal, flag, require, with};
use crate::shell::cli::queries::{LOG_DIR, joined};

pub const OPTIONS: &[Opt] = &[
    with("bootstrap-server", "String: server(s)", "Where the cluster is (needed)."),
    with("broker-list", "String: broker list", "The brokers asked: 0,1,2 (default: all)."),
    with("command-config", "String: file", "A file with settings for the admin client."),
    flag("describe", "Show what lies in the log folders (needed)."),
    flag("help", "Show this page."),
    with("topic-list", "String: topic list", "The topics shown: topic1,topic2 (default: all)."),
    flag("version", "Show Kafka's version."),
];

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LogDirs {
    given: Given,
}

pub fn read(words: &[String]) -> Result<LogDirs, Refusal> {
    let about = "This tool helps to query log directory usage on the specified brokers.";
    let given = options::read(OPTIONS, words, about, OptionError::reported)?;
    require(&given, &["bootstrap-server", "describe"])?;
    Ok(LogDirs { given })
}

/// The words of a list, without empty ones.
fn list(text: Option<&str>) -> Vec<&str> {
    text.unwrap_or_default().split(',').map(str::trim).filter(|word| !word.is_empty()).collect()
}

impl AdminCommand for LogDirs {
    fn client_id(&self) -> &'static str {
        "log-dirs-tool"
    }

    fn run(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        admin.check_client(&self.given)?;
        let topics = list(self.given.value("topic-list")?);
        let known = admin.cluster()??.brokers;
        let mut asked = self.brokers()?;
        if asked.is_empty() {
            asked.clone_from(&known);
        }
        let strangers: Vec<BrokerId> = asked.iter().copied().filter(|id| !known.contains(id)).collect();
        if !strangers.is_empty() {
            let (strangers, known) = (joined(strangers, ","), joined(known, ","));
            let what = "The given brokers do not exist from --broker-list";
            return Err(Refusal::lines([format!("ERROR: {what}: {strangers}. Current existent brokers: {known}")], 1).into());
        }
        admin.print("Querying brokers for log directories information");
        let mut brokers = Vec::new();
        for broker in &asked {
            let response = ask!(admin, DescribeLogDirs(DescribeLogDirsRequest { broker: *broker })).map_err(told)?;
            brokers.push(broker_json(*broker, response.partitions, &topics));
        }
        admin.print(format!("Received log directory information from brokers {}", joined(asked, ",")));
        admin.print(format!("{{\"brokers\":[{}],\"version\":1}}", brokers.join(",")));
        Ok(0)
    }
}

impl LogDirs {
    fn brokers(&self) -> Result<Vec<BrokerId>, Exception> {
        let words = list(self.given.value("broker-list")?);
        let ids: Result<Vec<BrokerId>, Exception> =
            words.into_iter().map(|word| word.parse().map(BrokerId).map_err(|_| Exception::number(word))).collect();
        Ok(broker_set(ids?))
    }
}

/// What is shown goes from the client's hash map into another one.
fn broker_json(broker: BrokerId, mut partitions: Vec<LogDirPartition>, topics: &[&str]) -> String {
    hash_order(&mut partitions, 16, |row| partition_hash(&row.partition));
    partitions.retain(|row| topics.is_empty() || topics.contains(&row.partition.topic.as_str()));
    hash_order(&mut partitions, 16, |row| partition_hash(&row.partition));
    let rows: Vec<String> = partitions
        .iter()
        .map(|row| {
            let (partition, size) = (&row.partition, row.size_bytes);
            format!("{{\"partition\":\"{partition}\",\"size\":{size},\"offsetLag\":0,\"isFuture\":false}}")
        })
        .collect();
    let folder = format!("{LOG_DIR}{broker}");
    let dir = format!("{{\"partitions\":[{}],\"error\":null,\"logDir\":\"{folder}\"}}", rows.join(","));
    format!("{{\"broker\":{broker},\"logDirs\":[{dir}]}}")
}
