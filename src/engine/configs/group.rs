//! Settings of groups (`GroupConfig`).

use super::Kind::{AutoOffsetReset, Bool, Int, OneOf, Text};
use super::{Config, INT_MAX, Kind, Settings, Sources, typed};
use crate::base::Span;

/// A setting that a group can have.
#[derive(Clone, Copy, Debug)]
pub struct GroupConfig {
    pub config: Config,
    /// The broker's setting that holds where the group has none; the same name if there is none.
    pub broker_name: &'static str,
    /// The broker's own limits for it, which are checked after the type.
    limits: Option<(i64, i64)>,
}

const fn group(name: &'static str, broker_name: &'static str, default: &'static str, kind: Kind) -> GroupConfig {
    GroupConfig { config: Config { name, default, kind }, broker_name, limits: None }
}

/// A number of at least `least`, with limits.
const fn ranged(
    name: &'static str,
    broker_name: &'static str,
    default: &'static str,
    least: i64,
    min: i64,
    max: i64,
) -> GroupConfig {
    GroupConfig { limits: Some((min, max)), ..group(name, broker_name, default, Int(least, INT_MAX)) }
}

/// All of them, in the order in which Kafka checks them.
pub const GROUP_CONFIGS: &[GroupConfig] = &[
    ranged("consumer.session.timeout.ms", "group.consumer.session.timeout.ms", "45000", 1, 45_000, 60_000),
    ranged("consumer.heartbeat.interval.ms", "group.consumer.heartbeat.interval.ms", "5000", 1, 5000, 15_000),
    ranged("consumer.assignment.interval.ms", "group.consumer.assignment.interval.ms", "1000", 0, 0, 15_000),
    ranged("share.session.timeout.ms", "group.share.session.timeout.ms", "45000", 1, 45_000, 60_000),
    ranged("share.heartbeat.interval.ms", "group.share.heartbeat.interval.ms", "5000", 1, 5000, 15_000),
    ranged("share.record.lock.duration.ms", "group.share.record.lock.duration.ms", "30000", 1000, 15_000, 60_000),
    ranged("share.delivery.count.limit", "group.share.delivery.count.limit", "5", 2, 2, 10),
    ranged("share.partition.max.record.locks", "group.share.partition.max.record.locks", "2000", 100, 100, 4000),
    group("share.auto.offset.reset", "share.auto.offset.reset", "latest", AutoOffsetReset),
    group("share.isolation.level", "share.isolation.level", "read_uncommitted", OneOf(&["read_committed", "read_uncommitted"])),
    group("share.renew.acknowledge.enable", "share.renew.acknowledge.enable", "true", Bool),
    ranged("share.assignment.interval.ms", "group.share.assignment.interval.ms", "1000", 0, 0, 15_000),
    ranged("streams.session.timeout.ms", "group.streams.session.timeout.ms", "45000", 1, 45_000, 60_000),
    ranged("streams.heartbeat.interval.ms", "group.streams.heartbeat.interval.ms", "5000", 1, 5000, 15_000),
    ranged("streams.num.standby.replicas", "group.streams.num.standby.replicas", "0", 0, 0, 2),
    group("streams.initial.rebalance.delay.ms", "group.streams.initial.rebalance.delay.ms", "3000", Int(0, INT_MAX)),
    ranged("streams.assignment.interval.ms", "group.streams.assignment.interval.ms", "1000", 0, 0, 15_000),
    group("streams.rack.aware.assignment.tags", "group.streams.rack.aware.assignment.tags", "", Text),
    group("streams.assignor.name", "group.streams.assignors", "sticky", Text),
    group("errors.deadletterqueue.topic.name", "errors.deadletterqueue.topic.name", "", Text),
    group("errors.deadletterqueue.copy.record.enable", "errors.deadletterqueue.copy.record.enable", "false", Bool),
];

/// `GroupConfig.validate` of all that a group has of its own, with Kafka's words for what is wrong.
pub fn validate_group(own: &Settings) -> Result<(), String> {
    if let Some(unknown) = own.keys().find(|name| !GROUP_CONFIGS.iter().any(|known| known.config.name == name.as_str())) {
        return Err(format!("Unknown group config name: {unknown}"));
    }
    let own = || GROUP_CONFIGS.iter().filter_map(|known| Some((known, own.get(known.config.name)?)));
    own().try_for_each(|(known, value)| known.config.check(value))?;
    own().try_for_each(|(known, value)| match (known.limits, value.trim().parse::<i64>()) {
        (Some((min, max)), Ok(number)) if number < min || number > max => {
            Err(format!("{} must be in the range {min} to {max} inclusive.", known.config.name))
        }
        _ => Ok(()),
    })
}

typed! {
    /// What holds for a group.
    GroupConfigs {
        consumer_assignment_interval: Span = "consumer.assignment.interval.ms",
        consumer_heartbeat_interval: Span = "consumer.heartbeat.interval.ms",
        consumer_session_timeout: Span = "consumer.session.timeout.ms",
        share_assignment_interval: Span = "share.assignment.interval.ms",
        share_auto_offset_reset: Reset = "share.auto.offset.reset",
        share_delivery_count_limit: i32 = "share.delivery.count.limit",
        share_heartbeat_interval: Span = "share.heartbeat.interval.ms",
        share_partition_max_record_locks: u64 = "share.partition.max.record.locks",
        share_record_lock_duration: Span = "share.record.lock.duration.ms",
        share_renew_acknowledge: bool = "share.renew.acknowledge.enable",
        share_session_timeout: Span = "share.session.timeout.ms",
    }
}

impl GroupConfigs {
    /// The group's own settings, else the broker's, else the defaults.
    pub fn of(own: Option<&Settings>, broker: Sources<'_>) -> Self {
        Self::read(|name| {
            let Some(known) = GROUP_CONFIGS.iter().find(|known| known.config.name == name) else { return "" };
            let text = own.and_then(|own| own.get(name)).map(String::as_str).or_else(|| broker.told(known.broker_name));
            text.filter(|text| known.config.check(text).is_ok()).unwrap_or(known.config.default)
        })
    }
}

/// Where a share partition without a start begins (`ShareGroupAutoOffsetResetStrategy`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reset {
    Earliest,
    Latest,
    /// At the first record that is at most so old.
    ByDuration {
        ms: i64,
    },
}

impl Reset {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "earliest" => Some(Self::Earliest),
            "latest" => Some(Self::Latest),
            _ => Some(Self::ByDuration { ms: duration_ms(text.strip_prefix("by_duration:")?)? }),
        }
    }
}

/// `PnDTnHnMn.nS` in milliseconds, for lengths of time that are not negative.
fn duration_ms(text: &str) -> Option<i64> {
    let text = text.strip_prefix('P')?;
    let (days, rest) = text.split_once('T').unwrap_or((text, ""));
    let mut total: i64 = 0;
    let mut number = String::new();
    for letter in days.chars().chain(rest.chars()) {
        if letter.is_ascii_digit() || letter == '.' {
            number.push(letter);
            continue;
        }
        let unit_ms = match letter {
            'D' => 86_400_000,
            'H' => 3_600_000,
            'M' => 60_000,
            'S' => 1000,
            _ => return None,
        };
        let (whole, part) = number.split_once('.').unwrap_or((&number, ""));
        let thousandths: i64 = format!("{:0<3.3}", part).parse().ok()?;
        total = total.checked_add(whole.parse::<i64>().ok()?.checked_mul(unit_ms)?)?.checked_add(thousandths * unit_ms / 1000)?;
        number.clear();
    }
    (number.is_empty() && !text.is_empty()).then_some(total)
}
