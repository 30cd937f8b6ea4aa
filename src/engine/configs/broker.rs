//! Settings of brokers (`AbstractKafkaConfig`), as far as the engine acts on them.

use std::rc::Rc;
use std::sync::OnceLock;

use super::{Config, Kind, typed};
use crate::base::{SortedMap, Span};

/// A setting of brokers.
#[derive(Clone, Copy, Debug)]
pub struct BrokerConfig {
    pub config: Config,
    /// Of some there is none.
    pub has_default: bool,
    pub change: Change,
    /// No tool shows it as long as nobody sets it.
    pub hidden: bool,
}

/// Where a setting changes while a broker runs (`DynamicBrokerConfig`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// Nowhere: brokers have to start anew.
    AtStart,
    /// For one broker at a time.
    OfBroker,
    /// For one broker, or for all at once.
    OfCluster,
}

impl BrokerConfig {
    pub fn default(&self) -> Option<&'static str> {
        self.has_default.then_some(self.config.default)
    }

    /// May it change while a broker runs?
    pub fn changes(&self) -> bool {
        self.change != Change::AtStart
    }

    /// Reads a line of `broker.txt`.
    fn read(line: &'static str) -> Option<Self> {
        let [name, kind, change, default] = line.split('|').map(str::trim).collect::<Vec<_>>().try_into().ok()?;
        let (name, hidden) = name.strip_suffix(" (hidden)").map_or((name, false), |name| (name, true));
        let has_default = default != "null";
        let config = Config { name, default: if has_default { default } else { "" }, kind: Kind::read(kind) };
        let change = match change {
            "cluster" => Change::OfCluster,
            "broker" => Change::OfBroker,
            _ => Change::AtStart,
        };
        Some(Self { config, has_default, change, hidden })
    }
}

/// Those that change while brokers run come first, in the order in which Kafka checks them; the others by name.
pub fn broker_configs() -> &'static [BrokerConfig] {
    static TABLE: OnceLock<Vec<BrokerConfig>> = OnceLock::new();
    let lines = || include_str!("broker.txt").lines().filter(|line| !line.starts_with('#'));
    TABLE.get_or_init(|| lines().filter_map(BrokerConfig::read).collect())
}

pub fn broker_config(name: &str) -> Option<&'static BrokerConfig> {
    broker_configs().iter().find(|known| known.config.name == name)
}

/// A setting that brokers are started with.
pub fn validate_start(name: &str, value: &str) -> Result<(), String> {
    broker_config(name).ok_or_else(|| format!("brokers have no setting {name}"))?.config.check(value)
}

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
        group_streams_max_size: usize = "group.streams.max.size",
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
    /// What a broker's own settings come to in a cluster of so many brokers. Internal topics get no more replicas than it has,
    /// as long as nobody asked for more.
    pub fn of(own: &SortedMap<String, String>, brokers: usize) -> Self {
        let mut read = Self::read(|name| broker_config(name).map_or("", |known| known.config.in_effect(own.get(name))));
        let fit = |name: &str, count: &mut usize| {
            if !own.contains_key(name) {
                *count = (*count).min(brokers);
            }
        };
        fit("offsets.topic.replication.factor", &mut read.offsets_topic_replication_factor);
        fit("share.coordinator.state.topic.replication.factor", &mut read.share_state_topic_replication_factor);
        fit("share.coordinator.state.topic.min.isr", &mut read.share_state_topic_min_isr);
        read
    }

    /// May groups change between the classic and the consumer protocol in this direction, `upgrade` or `downgrade`
    /// (`ConsumerGroupMigrationPolicy`)?
    pub fn may_migrate(&self, direction: &str) -> bool {
        let policy = &self.group_consumer_migration_policy;
        policy.eq_ignore_ascii_case("bidirectional") || policy.eq_ignore_ascii_case(direction)
    }
}
