//! Settings of brokers (`AbstractKafkaConfig`), as far as the engine acts on them.

use std::rc::Rc;

use super::Kind::{Bool, Int, List, Long, OneOfAnyCase, Short, Text};
use super::{Config, INT_MAX, INT_MIN, SHORT_MAX, config, in_effect, typed};
use crate::base::{SortedMap, Span};

/// By name.
pub const BROKER_CONFIGS: &[Config] = &[
    config("auto.create.topics.enable", "true", Bool),
    config("auto.leader.rebalance.enable", "true", Bool),
    config("broker.heartbeat.interval.ms", "2000", Int(INT_MIN, INT_MAX)),
    config("broker.session.timeout.ms", "9000", Int(INT_MIN, INT_MAX)),
    config("default.replication.factor", "1", Int(INT_MIN, INT_MAX)),
    config("group.consumer.assignment.interval.ms", "1000", Int(0, INT_MAX)),
    config("group.consumer.assignors", "uniform,range", List(&[])),
    config("group.consumer.heartbeat.interval.ms", "5000", Int(1, INT_MAX)),
    config("group.consumer.max.size", "2147483647", Int(1, INT_MAX)),
    config(
        "group.consumer.migration.policy",
        "bidirectional",
        OneOfAnyCase(&["DISABLED", "DOWNGRADE", "UPGRADE", "BIDIRECTIONAL"]),
    ),
    config("group.consumer.session.timeout.ms", "45000", Int(1, INT_MAX)),
    config("group.initial.rebalance.delay.ms", "3000", Int(INT_MIN, INT_MAX)),
    config("group.max.session.timeout.ms", "1800000", Int(INT_MIN, INT_MAX)),
    config("group.max.size", "2147483647", Int(1, INT_MAX)),
    config("group.min.session.timeout.ms", "6000", Int(INT_MIN, INT_MAX)),
    config("group.share.max.size", "200", Int(1, 1000)),
    config("leader.imbalance.check.interval.seconds", "300", Long(1)),
    config("num.partitions", "1", Int(1, INT_MAX)),
    config("offset.metadata.max.bytes", "4096", Int(INT_MIN, INT_MAX)),
    config("offsets.retention.check.interval.ms", "600000", Long(1)),
    config("offsets.retention.minutes", "10080", Int(1, INT_MAX)),
    config("offsets.topic.num.partitions", "50", Int(1, INT_MAX)),
    config("offsets.topic.replication.factor", "3", Short(1, SHORT_MAX)),
    config("offsets.topic.segment.bytes", "104857600", Int(1, INT_MAX)),
    config("replica.fetch.backoff.ms", "1000", Int(0, INT_MAX)),
    config("replica.fetch.max.bytes", "1048576", Int(0, INT_MAX)),
    config("replica.fetch.response.max.bytes", "10485760", Int(0, INT_MAX)),
    config("replica.fetch.wait.max.ms", "500", Int(INT_MIN, INT_MAX)),
    config("replica.lag.time.max.ms", "30000", Long(i64::MIN)),
    config("replica.selector.class", "", Text),
    config("share.coordinator.snapshot.update.records.per.snapshot", "500", Int(0, 500)),
    config("share.coordinator.state.topic.min.isr", "2", Short(1, SHORT_MAX)),
    config("share.coordinator.state.topic.num.partitions", "50", Int(1, INT_MAX)),
    config("share.coordinator.state.topic.replication.factor", "3", Short(1, SHORT_MAX)),
    config("share.coordinator.state.topic.segment.bytes", "104857600", Int(1, INT_MAX)),
];

typed! {
    /// The same, typed.
    BrokerConfigs {
        auto_create_topics: bool = "auto.create.topics.enable",
        auto_leader_rebalance: bool = "auto.leader.rebalance.enable",
        broker_heartbeat_interval: Span = "broker.heartbeat.interval.ms",
        broker_session_timeout: Span = "broker.session.timeout.ms",
        default_replication_factor: i32 = "default.replication.factor",
        /// The first is for members that ask for none.
        group_consumer_assignors: Rc<[String]> = "group.consumer.assignors",
        group_consumer_max_size: usize = "group.consumer.max.size",
        group_consumer_migration_policy: String = "group.consumer.migration.policy",
        group_initial_rebalance_delay: Span = "group.initial.rebalance.delay.ms",
        group_max_session_timeout: Span = "group.max.session.timeout.ms",
        group_max_size: usize = "group.max.size",
        group_min_session_timeout: Span = "group.min.session.timeout.ms",
        group_share_max_size: usize = "group.share.max.size",
        leader_imbalance_check_interval_seconds: u64 = "leader.imbalance.check.interval.seconds",
        num_partitions: i32 = "num.partitions",
        offset_metadata_max_bytes: usize = "offset.metadata.max.bytes",
        offsets_retention_check_interval: Span = "offsets.retention.check.interval.ms",
        offsets_retention_minutes: u64 = "offsets.retention.minutes",
        offsets_topic_num_partitions: i32 = "offsets.topic.num.partitions",
        offsets_topic_replication_factor: usize = "offsets.topic.replication.factor",
        offsets_topic_segment_bytes: u64 = "offsets.topic.segment.bytes",
        replica_fetch_backoff: Span = "replica.fetch.backoff.ms",
        replica_fetch_max_bytes: u64 = "replica.fetch.max.bytes",
        replica_fetch_response_max_bytes: u64 = "replica.fetch.response.max.bytes",
        replica_fetch_wait_max_ms: u64 = "replica.fetch.wait.max.ms",
        replica_lag_time_max: Span = "replica.lag.time.max.ms",
        replica_selector_class: String = "replica.selector.class",
        share_update_records_per_snapshot: u64 = "share.coordinator.snapshot.update.records.per.snapshot",
        share_state_topic_min_isr: usize = "share.coordinator.state.topic.min.isr",
        share_state_topic_num_partitions: i32 = "share.coordinator.state.topic.num.partitions",
        share_state_topic_replication_factor: usize = "share.coordinator.state.topic.replication.factor",
        share_state_topic_segment_bytes: u64 = "share.coordinator.state.topic.segment.bytes",
    }
}

impl BrokerConfigs {
    /// What a broker's own settings come to.
    pub fn of(own: &SortedMap<String, String>) -> Self {
        Self::read(|name| in_effect(BROKER_CONFIGS, own, name))
    }

    /// May groups change between the classic and the consumer protocol in this direction, `upgrade` or `downgrade`
    /// (`ConsumerGroupMigrationPolicy`)?
    pub fn may_migrate(&self, direction: &str) -> bool {
        let policy = &self.group_consumer_migration_policy;
        policy.eq_ignore_ascii_case("bidirectional") || policy.eq_ignore_ascii_case(direction)
    }
}

/// Settings that a broker can be given while it runs: the throttles of a reassignment, in bytes per second.
pub const BROKER_THROTTLES: &[Config] = &[
    config("follower.replication.throttled.rate", "9223372036854775807", Long(0)),
    config("leader.replication.throttled.rate", "9223372036854775807", Long(0)),
    config("replica.alter.log.dirs.io.max.bytes.per.second", "9223372036854775807", Long(0)),
];

/// The same as `validate` for one of `BROKER_THROTTLES`.
pub fn validate_broker(name: &str, value: &str) -> Result<(), String> {
    let config = BROKER_THROTTLES.iter().find(|config| config.name == name);
    config.ok_or_else(|| format!("Unknown broker config name: {name}"))?.check(value)
}
