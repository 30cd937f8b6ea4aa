//! Settings of groups (`GroupConfig`), and what they come to for a share partition.

use super::in_flight::Limits;
use crate::base::{GroupId, Span};
use crate::engine::world::World;

/// A setting that a group can have.
#[derive(Clone, Copy, Debug)]
pub struct GroupConfig {
    pub name: &'static str,
    /// The broker's setting that holds where the group has none; the same name where there is none.
    pub broker_name: &'static str,
    pub default: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// At least the first; from the second to the third where the broker's limits are narrower.
    Whole(i64, i64, i64),
    Bool,
    OneOf(&'static [&'static str]),
    AutoOffsetReset,
    Text,
}

use Kind::{AutoOffsetReset, Bool, OneOf, Text, Whole};

const fn config(name: &'static str, broker_name: &'static str, default: &'static str, kind: Kind) -> GroupConfig {
    GroupConfig { name, broker_name, default, kind }
}

const INT: i64 = i32::MAX as i64;

/// All of them, by name.
pub const GROUP_CONFIGS: &[GroupConfig] = &[
    config("consumer.assignment.interval.ms", "group.consumer.assignment.interval.ms", "1000", Whole(0, 0, 15_000)),
    config("consumer.heartbeat.interval.ms", "group.consumer.heartbeat.interval.ms", "5000", Whole(1, 5000, 15_000)),
    config("consumer.session.timeout.ms", "group.consumer.session.timeout.ms", "45000", Whole(1, 45_000, 60_000)),
    config("errors.deadletterqueue.copy.record.enable", "errors.deadletterqueue.copy.record.enable", "false", Bool),
    config("errors.deadletterqueue.topic.name", "errors.deadletterqueue.topic.name", "", Text),
    config("share.assignment.interval.ms", "group.share.assignment.interval.ms", "1000", Whole(0, 0, 15_000)),
    config("share.auto.offset.reset", "share.auto.offset.reset", "latest", AutoOffsetReset),
    config("share.delivery.count.limit", "group.share.delivery.count.limit", "5", Whole(2, 2, 10)),
    config("share.heartbeat.interval.ms", "group.share.heartbeat.interval.ms", "5000", Whole(1, 5000, 15_000)),
    config("share.isolation.level", "share.isolation.level", "read_uncommitted", OneOf(&["read_committed", "read_uncommitted"])),
    config("share.partition.max.record.locks", "group.share.partition.max.record.locks", "2000", Whole(100, 100, 4000)),
    config("share.record.lock.duration.ms", "group.share.record.lock.duration.ms", "30000", Whole(1000, 15_000, 60_000)),
    config("share.renew.acknowledge.enable", "share.renew.acknowledge.enable", "true", Bool),
    config("share.session.timeout.ms", "group.share.session.timeout.ms", "45000", Whole(1, 45_000, 60_000)),
    config("streams.assignment.interval.ms", "group.streams.assignment.interval.ms", "1000", Whole(0, 0, 15_000)),
    config("streams.assignor.name", "group.streams.assignors", "sticky", Text),
    config("streams.heartbeat.interval.ms", "group.streams.heartbeat.interval.ms", "5000", Whole(1, 5000, 15_000)),
    config("streams.initial.rebalance.delay.ms", "group.streams.initial.rebalance.delay.ms", "3000", Whole(0, 0, INT)),
    config("streams.num.standby.replicas", "group.streams.num.standby.replicas", "0", Whole(0, 0, 2)),
    config("streams.rack.aware.assignment.tags", "group.streams.rack.aware.assignment.tags", "", Text),
    config("streams.session.timeout.ms", "group.streams.session.timeout.ms", "45000", Whole(1, 45_000, 60_000)),
];

/// `GroupConfig.validate`, with Kafka's words for what is wrong.
pub fn validate_group_config(name: &str, value: &str) -> Result<(), String> {
    let Some(config) = GROUP_CONFIGS.iter().find(|config| config.name == name) else {
        return Err(format!("Unknown group config name: {name}"));
    };
    let invalid = |why: String| Err(format!("Invalid value {value} for configuration {name}: {why}"));
    match config.kind {
        Whole(least, min, max) => match value.trim().parse::<i64>() {
            Err(_) => invalid("Not a number of type INT".to_owned()),
            Ok(number) if number < least => invalid(format!("Value must be at least {least}")),
            Ok(number) if number < min || number > max => Err(format!("{name} must be in the range {min} to {max} inclusive.")),
            Ok(_) => Ok(()),
        },
        Bool if !matches!(value.trim().to_ascii_lowercase().as_str(), "true" | "false") => {
            invalid("Expected value to be either true or false".to_owned())
        }
        OneOf(choices) if !choices.contains(&value) => invalid(format!("String must be one of: {}", choices.join(", "))),
        AutoOffsetReset if Reset::parse(value).is_none() => invalid(format!(
            "Invalid value `{value}` for configuration {name}. The value must be either 'earliest', 'latest' or of the format \
             'by_duration:<PnDTnHnMn.nS>'."
        )),
        _ => Ok(()),
    }
}

/// Where a share partition without a start begins (`ShareGroupAutoOffsetResetStrategy`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Reset {
    Earliest,
    Latest,
    /// At the first record that is at most so old.
    ByDuration {
        ms: i64,
    },
}

impl Reset {
    fn parse(text: &str) -> Option<Self> {
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

/// A group's setting: its own, else the broker's.
fn text<'w>(world: &'w World, group_id: &GroupId, name: &str) -> &'w str {
    if let Some(own) = world.cluster().group_configs(group_id).and_then(|configs| configs.get(name)) {
        return own;
    }
    let Some(config) = GROUP_CONFIGS.iter().find(|config| config.name == name) else { return "" };
    match world.config().broker_configs.get(config.broker_name) {
        Some(broker) => broker,
        None => config.default,
    }
}

/// The same as a number; 0 where it is none.
pub fn group_number(world: &World, group_id: &GroupId, name: &str) -> u64 {
    text(world, group_id, name).trim().parse().unwrap_or(0)
}

/// What holds for a group's share partitions now.
pub fn limits(world: &World, group_id: &GroupId) -> Limits {
    let number = |name| group_number(world, group_id, name);
    Limits {
        delivery_count_max: u16::try_from(number("share.delivery.count.limit")).unwrap_or(5),
        records_max: number("share.partition.max.record.locks") as i64,
        lock_duration: Span::from_ms(number("share.record.lock.duration.ms")),
        renew: text(world, group_id, "share.renew.acknowledge.enable") == "true",
    }
}

pub(super) fn reset(world: &World, group_id: &GroupId) -> Reset {
    Reset::parse(text(world, group_id, "share.auto.offset.reset")).unwrap_or(Reset::Latest)
}
