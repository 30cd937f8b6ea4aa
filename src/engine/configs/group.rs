//! Settings of groups (`GroupConfig`).

use std::rc::Rc;

use super::Kind::{AutoOffsetReset, Bool, Int, OneOf, Text};
use super::{Config, INT_MAX, Kind, Settings, Sources, typed};
use crate::base::Span;

/// A setting that a group can have.
#[derive(Clone, Copy, Debug)]
pub struct GroupConfig {
    pub config: Config,
    /// The broker's setting that holds where the group has none; the same name if there is none.
    pub broker_name: &'static str,
    /// Kafka's own (`defineInternal`): not shown unless it is set.
    pub hidden: bool,
}

const fn group(name: &'static str, broker_name: &'static str, default: &'static str, kind: Kind) -> GroupConfig {
    GroupConfig { config: Config { name, default, kind }, broker_name, hidden: false }
}

const fn hidden(config: GroupConfig) -> GroupConfig {
    GroupConfig { hidden: true, ..config }
}

/// A number of at least `least`.
const fn number(name: &'static str, broker_name: &'static str, default: &'static str, least: i64) -> GroupConfig {
    group(name, broker_name, default, Int(least, INT_MAX))
}

/// All of them, in the order in which Kafka checks them.
pub const GROUP_CONFIGS: &[GroupConfig] = &[
    number("consumer.session.timeout.ms", "group.consumer.session.timeout.ms", "45000", 1),
    number("consumer.heartbeat.interval.ms", "group.consumer.heartbeat.interval.ms", "5000", 1),
    number("consumer.assignment.interval.ms", "group.consumer.assignment.interval.ms", "1000", 0),
    hidden(group("consumer.assignor.offload.enable", "group.consumer.assignor.offload.enable", "true", Bool)),
    number("share.session.timeout.ms", "group.share.session.timeout.ms", "45000", 1),
    number("share.heartbeat.interval.ms", "group.share.heartbeat.interval.ms", "5000", 1),
    number("share.record.lock.duration.ms", "group.share.record.lock.duration.ms", "30000", 1000),
    number("share.delivery.count.limit", "group.share.delivery.count.limit", "5", 2),
    number("share.partition.max.record.locks", "group.share.partition.max.record.locks", "2000", 100),
    group("share.auto.offset.reset", "share.auto.offset.reset", "latest", AutoOffsetReset),
    group("share.isolation.level", "share.isolation.level", "read_uncommitted", OneOf(&["read_committed", "read_uncommitted"])),
    group("share.renew.acknowledge.enable", "share.renew.acknowledge.enable", "true", Bool),
    number("share.assignment.interval.ms", "group.share.assignment.interval.ms", "1000", 0),
    hidden(group("share.assignor.offload.enable", "group.share.assignor.offload.enable", "true", Bool)),
    number("streams.session.timeout.ms", "group.streams.session.timeout.ms", "45000", 1),
    number("streams.heartbeat.interval.ms", "group.streams.heartbeat.interval.ms", "5000", 1),
    number("streams.num.standby.replicas", "group.streams.num.standby.replicas", "0", 0),
    number("streams.initial.rebalance.delay.ms", "group.streams.initial.rebalance.delay.ms", "3000", 0),
    number("streams.assignment.interval.ms", "group.streams.assignment.interval.ms", "1000", 0),
    hidden(group("streams.assignor.offload.enable", "group.streams.assignor.offload.enable", "true", Bool)),
    hidden(number("streams.task.offset.interval.ms", "group.streams.task.offset.interval.ms", "60000", 1)),
    hidden(number("streams.num.warmup.replicas", "group.streams.num.warmup.replicas", "2", 0)),
    group("streams.rack.aware.assignment.tags", "group.streams.rack.aware.assignment.tags", "", Text),
    hidden(number("streams.acceptable.recovery.lag", "group.streams.acceptable.recovery.lag", "10000", 0)),
    group("streams.assignor.name", "group.streams.assignors", "sticky", Text),
    group("errors.deadletterqueue.topic.name", "errors.deadletterqueue.topic.name", "", Text),
    group("errors.deadletterqueue.copy.record.enable", "errors.deadletterqueue.copy.record.enable", "false", Bool),
];

/// The brokers' limits for what a group may have, in the order in which they are checked (`GroupConfig.validateValues`).
const LIMITS: &[(&str, &str, &str)] = &[
    ("consumer.heartbeat.interval.ms", "group.consumer.min.heartbeat.interval.ms", "group.consumer.max.heartbeat.interval.ms"),
    ("consumer.session.timeout.ms", "group.consumer.min.session.timeout.ms", "group.consumer.max.session.timeout.ms"),
    ("consumer.assignment.interval.ms", "group.consumer.min.assignment.interval.ms", "group.consumer.max.assignment.interval.ms"),
    ("share.heartbeat.interval.ms", "group.share.min.heartbeat.interval.ms", "group.share.max.heartbeat.interval.ms"),
    ("share.session.timeout.ms", "group.share.min.session.timeout.ms", "group.share.max.session.timeout.ms"),
    ("share.record.lock.duration.ms", "group.share.min.record.lock.duration.ms", "group.share.max.record.lock.duration.ms"),
    ("share.delivery.count.limit", "group.share.min.delivery.count.limit", "group.share.max.delivery.count.limit"),
    (
        "share.partition.max.record.locks",
        "group.share.min.partition.max.record.locks",
        "group.share.max.partition.max.record.locks",
    ),
    ("share.assignment.interval.ms", "group.share.min.assignment.interval.ms", "group.share.max.assignment.interval.ms"),
    ("streams.heartbeat.interval.ms", "group.streams.min.heartbeat.interval.ms", "group.streams.max.heartbeat.interval.ms"),
    ("streams.session.timeout.ms", "group.streams.min.session.timeout.ms", "group.streams.max.session.timeout.ms"),
    ("streams.num.standby.replicas", "", "group.streams.max.standby.replicas"),
    ("streams.assignment.interval.ms", "group.streams.min.assignment.interval.ms", "group.streams.max.assignment.interval.ms"),
    ("streams.task.offset.interval.ms", "group.streams.min.task.offset.interval.ms", ""),
    ("streams.num.warmup.replicas", "", "group.streams.max.warmup.replicas"),
];

/// `GroupConfig.validate` of all that a group has of its own, with Kafka's words for what is wrong.
pub fn validate_group(own: &Settings, broker: Sources<'_>) -> Result<(), String> {
    if let Some(unknown) = own.keys().find(|name| !GROUP_CONFIGS.iter().any(|known| known.config.name == name.as_str())) {
        return Err(format!("Unknown group config name: {unknown}"));
    }
    let tags = own.get("streams.rack.aware.assignment.tags").map(|tags| tags.split(',').map(str::trim).collect::<Vec<_>>());
    if tags.is_some_and(|tags| tags.iter().enumerate().any(|(at, tag)| tags[..at].contains(tag))) {
        return Err("streams.rack.aware.assignment.tags must not contain duplicate tag keys.".to_owned());
    }
    let mut given = GROUP_CONFIGS.iter().filter_map(|known| Some((known, own.get(known.config.name)?)));
    given.try_for_each(|(known, value)| known.config.check(value))?;
    let number = |text: &str| text.trim().parse::<i64>().ok();
    let limit = |name: &str| broker.value(name).and_then(number);
    for (name, least, most) in LIMITS {
        let Some(value) = own.get(*name).and_then(|text| number(text)) else { continue };
        match (limit(least), limit(most)) {
            (Some(least), Some(most)) if value < least || value > most => {
                return Err(format!("{name} must be in the range {least} to {most} inclusive."));
            }
            (None, Some(most)) if value > most => return Err(format!("{name} must be less than or equal to {most}")),
            (Some(least), None) if value < least => return Err(format!("{name} must be greater than or equal to {least}")),
            _ => {}
        }
    }
    let assignors = broker.value("group.streams.assignors").unwrap_or_default();
    let known: Vec<&str> = assignors.split(',').map(str::trim).collect();
    if let Some(name) = own.get("streams.assignor.name").filter(|name| !known.contains(&name.as_str())) {
        let known = known.join(", ");
        return Err(format!(
            "streams.assignor.name '{name}' is not a registered task assignor. Registered assignors are: [{known}]."
        ));
    }
    for kind in ["consumer", "share", "streams"] {
        let (session, interval) = (format!("{kind}.session.timeout.ms"), format!("{kind}.heartbeat.interval.ms"));
        let effective = |name: &String| own.get(name).map(String::as_str).or(broker.value(&format!("group.{name}")));
        let given = own.get(&session).or(own.get(&interval)).is_some();
        if given && effective(&session).and_then(number) <= effective(&interval).and_then(number) {
            return Err(format!("{session} must be greater than {interval}"));
        }
    }
    match own.get("errors.deadletterqueue.topic.name").is_some_and(|name| name.starts_with("__")) {
        true => Err("errors.deadletterqueue.topic.name: DLQ topic name must not start with '__'".to_owned()),
        false => Ok(()),
    }
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
        streams_acceptable_recovery_lag: u64 = "streams.acceptable.recovery.lag",
        streams_assignment_interval: Span = "streams.assignment.interval.ms",
        /// A group has one, the broker a list whose first counts.
        streams_assignor_name: Rc<[String]> = "streams.assignor.name",
        streams_heartbeat_interval: Span = "streams.heartbeat.interval.ms",
        streams_initial_rebalance_delay: Span = "streams.initial.rebalance.delay.ms",
        streams_num_standby_replicas: usize = "streams.num.standby.replicas",
        streams_rack_aware_assignment_tags: Rc<[String]> = "streams.rack.aware.assignment.tags",
        streams_session_timeout: Span = "streams.session.timeout.ms",
        streams_task_offset_interval: Span = "streams.task.offset.interval.ms",
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
