//! `kafka-log-dirs.sh` (`org.apache.kafka.tools.LogDirsCommand`).

use crate::base::BrokerId;
use crate::engine::protocol::{DescribeLogDirsRequest, LogDirPartition, Request, Response};
use crate::shell::cli::admin_command::{Desk, Errand, Step};
use crate::shell::cli::java::{Thrown, broker_set, exception_line, hash_order, partition_hash};
use crate::shell::cli::options::{Given, Opt, Refusal, flag, help_or_version, parse, require, with};

pub const OPTIONS: &[Opt] = &[
    with("bootstrap-server", "String: server(s)", "Where the cluster is (needed)."),
    with("broker-list", "String: broker list", "The brokers asked: 0,1,2 (default: all)."),
    with("command-config", "String: file", "A file with settings for the admin client."),
    flag("describe", "Show what lies in the log folders (needed)."),
    flag("help", "Show this page."),
    with("topic-list", "String: topic list", "The topics shown: topic1,topic2 (default: all)."),
    flag("version", "Show Kafka's version."),
];

/// Where the logs of a broker lie, as far as anybody can tell.
pub const LOG_DIR: &str = "/var/lib/kafka/data-";

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LogDirs {
    given: Given,
}

pub fn read(words: &[String]) -> Result<LogDirs, Refusal> {
    let about = "This tool helps to query log directory usage on the specified brokers.";
    let given = parse(OPTIONS, words).map_err(|error| Thrown::from(error).uncaught())?;
    if given.is_empty() {
        return Err(Refusal::usage(about));
    }
    help_or_version(OPTIONS, &given, about).map_err(Refusal::with_code_of_help)?;
    require(&given, &["bootstrap-server", "describe"])?;
    Ok(LogDirs { given })
}

/// The words of a list, without empty ones.
fn list(text: Option<&str>) -> Vec<&str> {
    text.unwrap_or_default().split(',').map(str::trim).filter(|word| !word.is_empty()).collect()
}

impl Errand for LogDirs {
    fn client_id(&self) -> &'static str {
        "log-dirs-tool"
    }

    fn run(&self, desk: &mut Desk<'_, '_, '_>) -> Step<i32> {
        Ok(match self.describe(desk)? {
            Ok(code) => code,
            Err(thrown) => {
                thrown.uncaught().lines.into_iter().for_each(|line| desk.error(line));
                1
            }
        })
    }
}

impl LogDirs {
    fn describe(&self, desk: &mut Desk<'_, '_, '_>) -> Step<Result<i32, Thrown>> {
        let topics = match self.given.value("topic-list") {
            Ok(topics) => list(topics),
            Err(error) => return Ok(Err(error.into())),
        };
        let known = match desk.call(Request::DescribeCluster)? {
            Ok(response) => match response.as_ref() {
                Response::DescribeCluster(response) => response.brokers.clone(),
                _ => Vec::new(),
            },
            Err(error) => return Ok(Err(Thrown::code(error).execution())),
        };
        let asked = match self.brokers() {
            Ok(asked) if asked.is_empty() => known.clone(),
            Ok(asked) => asked,
            Err(thrown) => return Ok(Err(thrown)),
        };
        let strangers: Vec<BrokerId> = asked.iter().copied().filter(|id| !known.contains(id)).collect();
        if !strangers.is_empty() {
            desk.error(format!(
                "ERROR: The given brokers do not exist from --broker-list: {}. Current existent brokers: {}",
                joined(&strangers),
                joined(&known)
            ));
            return Ok(Ok(1));
        }
        desk.print("Querying brokers for log directories information");
        let mut brokers = Vec::new();
        for broker in &asked {
            let response = match desk.call(Request::DescribeLogDirs(DescribeLogDirsRequest { broker: *broker }))? {
                Ok(response) => response,
                Err(error) => {
                    desk.error(exception_line(error));
                    return Ok(Ok(1));
                }
            };
            if let Response::DescribeLogDirs(response) = response.as_ref() {
                brokers.push(broker_json(*broker, response.partitions.clone(), &topics));
            }
        }
        desk.print(format!("Received log directory information from brokers {}", joined(&asked)));
        desk.print(format!("{{\"brokers\":[{}],\"version\":1}}", brokers.join(",")));
        Ok(Ok(0))
    }

    fn brokers(&self) -> Result<Vec<BrokerId>, Thrown> {
        let words = list(self.given.value("broker-list")?);
        let ids: Result<Vec<BrokerId>, Thrown> =
            words.into_iter().map(|word| word.parse().map(BrokerId).map_err(|_| Thrown::number(word))).collect();
        Ok(broker_set(ids?))
    }
}

fn joined(ids: &[BrokerId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// In the order of the client's hash map.
fn broker_json(broker: BrokerId, mut partitions: Vec<LogDirPartition>, topics: &[&str]) -> String {
    hash_order(&mut partitions, 16, |row| partition_hash(&row.partition));
    let shown = partitions.iter().filter(|row| topics.is_empty() || topics.contains(&row.partition.topic.as_str()));
    let rows: Vec<String> = shown
        .map(|row| {
            let (partition, size) = (&row.partition, row.size_bytes);
            format!("{{\"partition\":\"{partition}\",\"size\":{size},\"offsetLag\":0,\"isFuture\":false}}")
        })
        .collect();
    let folder = format!("{LOG_DIR}{broker}");
    let dir = format!("{{\"partitions\":[{}],\"error\":null,\"logDir\":\"{folder}\"}}", rows.join(","));
    format!("{{\"broker\":{broker},\"logDirs\":[{dir}]}}")
}
