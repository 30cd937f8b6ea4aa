//! A topic's settings as the tools check and print them.

use crate::base::SortedMap;
use crate::engine::configs;
use crate::shell::cli::exception::Exception;

/// `LogConfig.validate`, which the tools call before they send anything.
pub fn check(changes: &[(String, String)]) -> Result<(), Exception> {
    if let Some((unknown, _)) = changes.iter().find(|(name, _)| configs::topic_config(name).is_none()) {
        return Err(Exception::api("InvalidConfigurationException", &format!("Unknown topic config name: {unknown}")));
    }
    for (name, value) in changes {
        configs::validate(name, value).map_err(|why| Exception::java("org.apache.kafka.common.config.ConfigException", &why))?;
    }
    Ok(())
}

/// The order in which brokers give a topic's settings: that of a hash table, as recorded from Kafka.
const BROKER_ORDER: &[&str] = &[
    "compression.type",
    "errors.deadletterqueue.group.enable",
    "remote.copy.lag.bytes",
    "remote.log.delete.on.disable",
    "leader.replication.throttled.replicas",
    "remote.storage.enable",
    "min.insync.replicas",
    "segment.jitter.ms",
    "remote.log.copy.disable",
    "local.retention.ms",
    "cleanup.policy",
    "flush.ms",
    "follower.replication.throttled.replicas",
    "compression.lz4.level",
    "segment.bytes",
    "retention.ms",
    "compression.gzip.level",
    "remote.copy.lag.ms",
    "flush.messages",
    "compression.zstd.level",
    "max.compaction.lag.ms",
    "file.delete.delay.ms",
    "max.message.bytes",
    "min.compaction.lag.ms",
    "message.timestamp.type",
    "local.retention.bytes",
    "preallocate",
    "index.interval.bytes",
    "min.cleanable.dirty.ratio",
    "unclean.leader.election.enable",
    "retention.bytes",
    "delete.retention.ms",
    "message.timestamp.after.max.ms",
    "max.decompressed.message.bytes",
    "message.timestamp.before.max.ms",
    "segment.ms",
    "segment.index.bytes",
];

/// The `Configs:` column. `min.insync.replicas` always shows: new clusters set it for all brokers (KIP-966).
pub fn in_describe(own: &SortedMap<String, String>) -> String {
    let mut shown = Vec::new();
    for name in BROKER_ORDER {
        match own.get(*name) {
            Some(value) => shown.push(format!("{name}={value}")),
            None if *name == "min.insync.replicas" => shown.push(format!("{name}=1")),
            None => {}
        }
    }
    shown.join(",")
}

/// The broker's setting that gives a topic's setting its default (`ServerTopicConfigSynonyms`), where there is one that
/// has a default of its own.
pub fn broker_synonym(name: &str) -> Option<String> {
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
        "max.message.bytes" => "message.max.bytes".to_owned(),
        "min.cleanable.dirty.ratio" => "log.cleaner.min.cleanable.ratio".to_owned(),
        "segment.index.bytes" => "log.index.size.max.bytes".to_owned(),
        _ => return None,
    })
}
