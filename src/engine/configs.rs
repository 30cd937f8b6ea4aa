//! Topic settings: names, defaults and limits as Kafka 4.4 has them (`LogConfig`), and the broker settings in use.

use super::controller::Topic;

/// A setting that a topic can have.
#[derive(Clone, Copy, Debug)]
pub struct TopicConfig {
    pub name: &'static str,
    pub default: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Whole {
        min: i64,
        max: i64,
    },
    Bool,
    /// From 0 to 1.
    Ratio,
    OneOf(&'static [&'static str]),
    List(&'static [&'static str]),
    Text,
}

use Kind::{Bool, List, OneOf, Ratio, Text, Whole};

/// All of them, by name.
pub const TOPIC_CONFIGS: &[TopicConfig] = &[
    TopicConfig { name: "cleanup.policy", default: "delete", kind: List(&["compact", "delete"]) },
    TopicConfig { name: "compression.gzip.level", default: "-1", kind: Whole { min: 1, max: 9 } },
    TopicConfig { name: "compression.lz4.level", default: "9", kind: Whole { min: 1, max: 17 } },
    TopicConfig {
        name: "compression.type",
        default: "producer",
        kind: OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]),
    },
    TopicConfig { name: "compression.zstd.level", default: "3", kind: Whole { min: -131072, max: 22 } },
    TopicConfig { name: "delete.retention.ms", default: "86400000", kind: Whole { min: 0, max: i64::MAX } },
    TopicConfig { name: "errors.deadletterqueue.group.enable", default: "false", kind: Bool },
    TopicConfig { name: "file.delete.delay.ms", default: "60000", kind: Whole { min: 0, max: i64::MAX } },
    TopicConfig { name: "flush.messages", default: "9223372036854775807", kind: Whole { min: 1, max: i64::MAX } },
    TopicConfig { name: "flush.ms", default: "9223372036854775807", kind: Whole { min: 0, max: i64::MAX } },
    TopicConfig { name: "follower.replication.throttled.replicas", default: "", kind: Text },
    TopicConfig { name: "index.interval.bytes", default: "4096", kind: Whole { min: 0, max: i32::MAX as i64 } },
    TopicConfig { name: "leader.replication.throttled.replicas", default: "", kind: Text },
    TopicConfig { name: "local.retention.bytes", default: "-2", kind: Whole { min: -2, max: i64::MAX } },
    TopicConfig { name: "local.retention.ms", default: "-2", kind: Whole { min: -2, max: i64::MAX } },
    TopicConfig { name: "max.compaction.lag.ms", default: "9223372036854775807", kind: Whole { min: 1, max: i64::MAX } },
    TopicConfig { name: "max.decompressed.message.bytes", default: "2147483639", kind: Whole { min: 1, max: 2147483639 } },
    TopicConfig { name: "max.message.bytes", default: "1048588", kind: Whole { min: 0, max: i32::MAX as i64 } },
    TopicConfig { name: "message.timestamp.after.max.ms", default: "3600000", kind: Whole { min: 0, max: i64::MAX } },
    TopicConfig { name: "message.timestamp.before.max.ms", default: "9223372036854775807", kind: Whole { min: 0, max: i64::MAX } },
    TopicConfig { name: "message.timestamp.type", default: "CreateTime", kind: OneOf(&["CreateTime", "LogAppendTime"]) },
    TopicConfig { name: "min.cleanable.dirty.ratio", default: "0.5", kind: Ratio },
    TopicConfig { name: "min.compaction.lag.ms", default: "0", kind: Whole { min: 0, max: i64::MAX } },
    TopicConfig { name: "min.insync.replicas", default: "1", kind: Whole { min: 1, max: i32::MAX as i64 } },
    TopicConfig { name: "preallocate", default: "false", kind: Bool },
    TopicConfig { name: "remote.copy.lag.bytes", default: "-1", kind: Whole { min: -1, max: i64::MAX } },
    TopicConfig { name: "remote.copy.lag.ms", default: "0", kind: Whole { min: -1, max: i64::MAX } },
    TopicConfig { name: "remote.log.copy.disable", default: "false", kind: Bool },
    TopicConfig { name: "remote.log.delete.on.disable", default: "false", kind: Bool },
    TopicConfig { name: "remote.storage.enable", default: "false", kind: Bool },
    TopicConfig { name: "retention.bytes", default: "-1", kind: Whole { min: i64::MIN, max: i64::MAX } },
    TopicConfig { name: "retention.ms", default: "604800000", kind: Whole { min: -1, max: i64::MAX } },
    TopicConfig { name: "segment.bytes", default: "1073741824", kind: Whole { min: 1048576, max: i32::MAX as i64 } },
    TopicConfig { name: "segment.index.bytes", default: "10485760", kind: Whole { min: 4, max: i32::MAX as i64 } },
    TopicConfig { name: "segment.jitter.ms", default: "0", kind: Whole { min: 0, max: i64::MAX } },
    TopicConfig { name: "segment.ms", default: "604800000", kind: Whole { min: 1, max: i64::MAX } },
    TopicConfig { name: "unclean.leader.election.enable", default: "false", kind: Bool },
];

pub fn topic_config(name: &str) -> Option<&'static TopicConfig> {
    TOPIC_CONFIGS.iter().find(|config| config.name == name)
}

/// `ConfigDef.parse` and its validators, with Kafka's words for what is wrong.
pub fn validate(name: &str, value: &str) -> Result<(), String> {
    let Some(config) = topic_config(name) else {
        return Err(format!("Unknown topic config name: {name}"));
    };
    let invalid = |why: String| Err(format!("Invalid value {value} for configuration {name}: {why}"));
    match config.kind {
        Whole { min, max } => match value.trim().parse::<i64>() {
            Err(_) => invalid("Not a number of type ".to_owned() + if max == i64::MAX { "LONG" } else { "INT" }),
            Ok(number) if number < min => invalid(format!("Value must be at least {min}")),
            Ok(number) if number > max => invalid(format!("Value must be no more than {max}")),
            Ok(_) => Ok(()),
        },
        Bool if !matches!(value.trim().to_ascii_lowercase().as_str(), "true" | "false") => {
            invalid("Expected value to be either true or false".to_owned())
        }
        Ratio => match parse_millionths(value) {
            None => invalid("Not a number of type DOUBLE".to_owned()),
            // The value is told as Java writes a double.
            Some(number) if number > 1_000_000 => Err(out_of_ratio(name, value, "no more than 1")),
            Some(number) if number < 0 => Err(out_of_ratio(name, value, "at least 0")),
            Some(_) => Ok(()),
        },
        OneOf(choices) if !choices.contains(&value) => invalid(format!("String must be one of: {}", choices.join(", "))),
        List(choices) => {
            let wrong = value.split(',').map(str::trim).find(|item| !item.is_empty() && !choices.contains(item));
            match wrong {
                Some(_) => invalid(format!("String must be one of: {}", choices.join(", "))),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// Settings that a broker can be given while it runs: the throttles of a reassignment, in bytes per second.
pub const BROKER_THROTTLES: &[&str] =
    &["follower.replication.throttled.rate", "leader.replication.throttled.rate", "replica.alter.log.dirs.io.max.bytes.per.second"];

/// The same as `validate` for one of `BROKER_THROTTLES`.
pub fn validate_broker(name: &str, value: &str) -> Result<(), String> {
    let invalid = |why: &str| Err(format!("Invalid value {value} for configuration {name}: {why}"));
    match value.trim().parse::<i64>() {
        _ if !BROKER_THROTTLES.contains(&name) => Err(format!("Unknown broker config name: {name}")),
        Err(_) => invalid("Not a number of type LONG"),
        Ok(number) if number < 0 => invalid("Value must be at least 0"),
        Ok(_) => Ok(()),
    }
}

fn out_of_ratio(name: &str, value: &str, bound: &str) -> String {
    let point = if value.contains('.') { "" } else { ".0" };
    format!("Invalid value {}{point} for configuration {name}: Value must be {bound}", value.trim())
}

/// A decimal number in millionths: the engine has no floats.
fn parse_millionths(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && part.is_empty() || part.len() > 6 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let part: i64 = format!("{part:0<6}").parse().ok()?;
    whole.checked_mul(1_000_000)?.checked_add(part)?.checked_mul(sign)
}

pub fn is_compacted(topic: &Topic) -> bool {
    topic.config("cleanup.policy").split(',').any(|policy| policy.trim() == "compact")
}

pub fn is_deleted(topic: &Topic) -> bool {
    topic.config("cleanup.policy").split(',').any(|policy| policy.trim() == "delete")
}

/// Broker settings that the engine reads, with Kafka's defaults (`AbstractKafkaConfig`).
pub const BROKER_CONFIGS: &[(&str, &str)] = &[
    ("auto.create.topics.enable", "true"),
    ("auto.leader.rebalance.enable", "true"),
    ("broker.heartbeat.interval.ms", "2000"),
    ("broker.session.timeout.ms", "9000"),
    ("default.replication.factor", "1"),
    ("group.consumer.assignment.interval.ms", "1000"),
    ("group.consumer.assignors", "uniform,range"),
    ("group.consumer.heartbeat.interval.ms", "5000"),
    ("group.consumer.max.size", "2147483647"),
    ("group.consumer.migration.policy", "bidirectional"),
    ("group.consumer.session.timeout.ms", "45000"),
    ("group.initial.rebalance.delay.ms", "3000"),
    ("group.max.size", "2147483647"),
    ("group.max.session.timeout.ms", "1800000"),
    ("group.min.session.timeout.ms", "6000"),
    ("leader.imbalance.check.interval.seconds", "300"),
    ("group.share.max.size", "200"),
    ("num.partitions", "1"),
    ("offset.metadata.max.bytes", "4096"),
    ("offsets.retention.check.interval.ms", "600000"),
    ("offsets.retention.minutes", "10080"),
    ("offsets.topic.num.partitions", "50"),
    ("offsets.topic.replication.factor", "3"),
    ("offsets.topic.segment.bytes", "104857600"),
    ("replica.fetch.backoff.ms", "1000"),
    ("replica.fetch.max.bytes", "1048576"),
    ("replica.fetch.response.max.bytes", "10485760"),
    ("replica.fetch.wait.max.ms", "500"),
    ("replica.lag.time.max.ms", "30000"),
    ("share.coordinator.snapshot.update.records.per.snapshot", "500"),
    ("share.coordinator.state.topic.min.isr", "2"),
    ("share.coordinator.state.topic.num.partitions", "50"),
    ("share.coordinator.state.topic.replication.factor", "3"),
    ("share.coordinator.state.topic.segment.bytes", "104857600"),
];
