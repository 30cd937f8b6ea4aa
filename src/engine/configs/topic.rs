//! Settings of topics (`LogConfig`).

use super::Kind::{Bool, Int, List, Long, OneOf, Ratio, Text};
use super::{Config, INT_MAX, config, in_effect, typed};
use crate::base::SortedMap;

/// All of them, by name.
pub const TOPIC_CONFIGS: &[Config] = &[
    config("cleanup.policy", "delete", List(&["compact", "delete"])),
    config("compression.gzip.level", "-1", Int(1, 9)),
    config("compression.lz4.level", "9", Int(1, 17)),
    config("compression.type", "producer", OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"])),
    config("compression.zstd.level", "3", Int(-131072, 22)),
    config("delete.retention.ms", "86400000", Long(0)),
    config("errors.deadletterqueue.group.enable", "false", Bool),
    config("file.delete.delay.ms", "60000", Long(0)),
    config("flush.messages", "9223372036854775807", Long(1)),
    config("flush.ms", "9223372036854775807", Long(0)),
    config("follower.replication.throttled.replicas", "", Text),
    config("index.interval.bytes", "4096", Int(0, INT_MAX)),
    config("leader.replication.throttled.replicas", "", Text),
    config("local.retention.bytes", "-2", Long(-2)),
    config("local.retention.ms", "-2", Long(-2)),
    config("max.compaction.lag.ms", "9223372036854775807", Long(1)),
    config("max.decompressed.message.bytes", "2147483639", Int(1, 2147483639)),
    config("max.message.bytes", "1048588", Int(0, INT_MAX)),
    config("message.timestamp.after.max.ms", "3600000", Long(0)),
    config("message.timestamp.before.max.ms", "9223372036854775807", Long(0)),
    config("message.timestamp.type", "CreateTime", OneOf(&["CreateTime", "LogAppendTime"])),
    config("min.cleanable.dirty.ratio", "0.5", Ratio),
    config("min.compaction.lag.ms", "0", Long(0)),
    config("min.insync.replicas", "1", Int(1, INT_MAX)),
    config("preallocate", "false", Bool),
    config("remote.copy.lag.bytes", "-1", Long(-1)),
    config("remote.copy.lag.ms", "0", Long(-1)),
    config("remote.log.copy.disable", "false", Bool),
    config("remote.log.delete.on.disable", "false", Bool),
    config("remote.storage.enable", "false", Bool),
    config("retention.bytes", "-1", Long(i64::MIN)),
    config("retention.ms", "604800000", Long(-1)),
    config("segment.bytes", "1073741824", Int(1048576, INT_MAX)),
    config("segment.index.bytes", "10485760", Int(4, INT_MAX)),
    config("segment.jitter.ms", "0", Long(0)),
    config("segment.ms", "604800000", Long(1)),
    config("unclean.leader.election.enable", "false", Bool),
];

pub fn topic_config(name: &str) -> Option<&'static Config> {
    TOPIC_CONFIGS.iter().find(|config| config.name == name)
}

/// `LogConfig.validate`, with Kafka's words for what is wrong.
pub fn validate(name: &str, value: &str) -> Result<(), String> {
    topic_config(name).ok_or_else(|| format!("Unknown topic config name: {name}"))?.check(value)
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
    /// What a topic's own settings come to.
    pub fn of(own: &SortedMap<String, String>) -> Self {
        Self::read(|name| in_effect(TOPIC_CONFIGS, own, name))
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
