//! Settings of topics (`LogConfig`).

use super::Kind::{Bool, Int, IntOrNone, List, Long, OneOf, Ratio, ThrottledReplicas};
use super::{Config, INT_MAX, Settings, config, typed};

/// All of them, in the order in which Kafka checks them.
pub const TOPIC_CONFIGS: &[Config] = &[
    config("segment.bytes", "1073741824", Int(1048576, INT_MAX)),
    config("segment.ms", "604800000", Long(1)),
    config("segment.jitter.ms", "0", Long(0)),
    config("segment.index.bytes", "10485760", Int(4, INT_MAX)),
    config("flush.messages", "9223372036854775807", Long(1)),
    config("flush.ms", "9223372036854775807", Long(0)),
    config("retention.bytes", "-1", Long(i64::MIN)),
    config("retention.ms", "604800000", Long(-1)),
    config("max.message.bytes", "1048588", Int(0, INT_MAX)),
    config("max.decompressed.message.bytes", "2147483639", Int(1, 2147483639)),
    config("index.interval.bytes", "4096", Int(0, INT_MAX)),
    config("delete.retention.ms", "86400000", Long(0)),
    config("min.compaction.lag.ms", "0", Long(0)),
    config("max.compaction.lag.ms", "9223372036854775807", Long(1)),
    config("file.delete.delay.ms", "60000", Long(0)),
    config("min.cleanable.dirty.ratio", "0.5", Ratio),
    config("cleanup.policy", "delete", List(&["compact", "delete"])),
    config("unclean.leader.election.enable", "false", Bool),
    config("min.insync.replicas", "1", Int(1, INT_MAX)),
    config("compression.type", "producer", OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"])),
    config("compression.gzip.level", "-1", IntOrNone(1, 9)),
    config("compression.lz4.level", "9", Int(1, 17)),
    config("compression.zstd.level", "3", Int(-131072, 22)),
    config("preallocate", "false", Bool),
    config("message.timestamp.type", "CreateTime", OneOf(&["CreateTime", "LogAppendTime"])),
    config("message.timestamp.before.max.ms", "9223372036854775807", Long(0)),
    config("message.timestamp.after.max.ms", "3600000", Long(0)),
    config("leader.replication.throttled.replicas", "", ThrottledReplicas),
    config("follower.replication.throttled.replicas", "", ThrottledReplicas),
    config("remote.storage.enable", "false", Bool),
    config("local.retention.ms", "-2", Long(-2)),
    config("local.retention.bytes", "-2", Long(-2)),
    config("remote.log.copy.disable", "false", Bool),
    config("remote.copy.lag.ms", "0", Long(-1)),
    config("remote.copy.lag.bytes", "-1", Long(-1)),
    config("remote.log.delete.on.disable", "false", Bool),
    config("errors.deadletterqueue.group.enable", "false", Bool),
];

pub fn topic_config(name: &str) -> Option<&'static Config> {
    TOPIC_CONFIGS.iter().find(|config| config.name == name)
}

/// Does a setting take this value?
pub fn check_topic_config(name: &str, value: &str) -> Result<(), String> {
    topic_config(name).ok_or_else(|| format!("Unknown topic config name: {name}"))?.check(value)
}

/// `LogConfig.validate` of all that a topic has of its own, with Kafka's words for what is wrong.
pub fn validate_topic(own: &Settings) -> Result<(), String> {
    if let Some(unknown) = own.keys().find(|name| topic_config(name).is_none()) {
        return Err(format!("Unknown topic config name: {unknown}"));
    }
    TOPIC_CONFIGS.iter().try_for_each(|config| own.get(config.name).map_or(Ok(()), |value| config.check(value)))
}

/// The broker's setting that gives a topic's setting its default (`ServerTopicConfigSynonyms`).
pub(super) fn broker_name(name: &str) -> Option<String> {
    Some(match name {
        "cleanup.policy"
        | "index.interval.bytes"
        | "local.retention.bytes"
        | "local.retention.ms"
        | "message.timestamp.after.max.ms"
        | "message.timestamp.before.max.ms"
        | "message.timestamp.type"
        | "preallocate"
        | "remote.copy.lag.bytes"
        | "remote.copy.lag.ms"
        | "retention.bytes"
        | "retention.ms"
        | "segment.bytes" => format!("log.{name}"),
        "delete.retention.ms" | "max.compaction.lag.ms" | "min.compaction.lag.ms" => format!("log.cleaner.{name}"),
        "compression.gzip.level"
        | "compression.lz4.level"
        | "compression.type"
        | "compression.zstd.level"
        | "max.decompressed.message.bytes"
        | "min.insync.replicas"
        | "unclean.leader.election.enable" => name.to_owned(),
        "file.delete.delay.ms" => "log.segment.delete.delay.ms".to_owned(),
        "flush.messages" => "log.flush.interval.messages".to_owned(),
        "flush.ms" => "log.flush.interval.ms".to_owned(),
        "max.message.bytes" => "message.max.bytes".to_owned(),
        "min.cleanable.dirty.ratio" => "log.cleaner.min.cleanable.ratio".to_owned(),
        "segment.index.bytes" => "log.index.size.max.bytes".to_owned(),
        "segment.jitter.ms" => "log.roll.jitter.ms".to_owned(),
        "segment.ms" => "log.roll.ms".to_owned(),
        _ => return None,
    })
}

typed! {
    /// Settings of a topic that the engine acts on.
    TopicConfigs {
        cleanup_policy: std::rc::Rc<[String]> = "cleanup.policy",
        max_message_bytes: u64 = "max.message.bytes",
        message_timestamp_type: String = "message.timestamp.type",
        min_insync_replicas: usize = "min.insync.replicas",
        segment_bytes: u64 = "segment.bytes",
        segment_ms: u64 = "segment.ms",
        unclean_leader_election: bool = "unclean.leader.election.enable",
    }
}

impl TopicConfigs {
    /// What a topic's own settings come to, and those that it has from the brokers.
    pub fn of(own: &Settings, inherited: &Settings) -> Self {
        let value = |name| own.get(name).or_else(|| inherited.get(name));
        Self::read(|name| topic_config(name).map_or("", |config| config.in_effect(value(name))))
    }

    pub fn is_compacted(&self) -> bool {
        self.cleanup_policy.iter().any(|policy| policy == "compact")
    }

    pub fn is_deleted(&self) -> bool {
        self.cleanup_policy.iter().any(|policy| policy == "delete")
    }

    /// Does the broker put the time of the append in place of the record's own?
    pub fn stamps_appends(&self) -> bool {
        self.message_timestamp_type == "LogAppendTime"
    }
}
