//! `kafka-configs.sh --describe` for what is no topic. Nothing of it can be set here, so it shows what holds by default.

use super::dialogue::{Desk, Step};
use super::java::Thrown;
use super::options::{Given, OptionError, Refusal};
use crate::base::GroupId;
use crate::engine::protocol::{DescribeConfigsRequest, Request, Response};

/// An entity, or all of a type.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Other {
    /// One broker, or `None` for all of them; `defaults` for what holds for all.
    Brokers {
        id: Option<i32>,
        defaults: bool,
    },
    Group(GroupId),
    Groups,
    /// Types of which nothing is set.
    Nothing,
}

/// Settings of a group by name, with what the broker calls its default and that value.
const GROUP_CONFIGS: &[(&str, &str, &str)] = &[
    ("consumer.assignment.interval.ms", "group.consumer.assignment.interval.ms", "1000"),
    ("consumer.heartbeat.interval.ms", "group.consumer.heartbeat.interval.ms", "5000"),
    ("consumer.session.timeout.ms", "group.consumer.session.timeout.ms", "45000"),
    ("errors.deadletterqueue.copy.record.enable", "errors.deadletterqueue.copy.record.enable", "false"),
    ("errors.deadletterqueue.topic.name", "errors.deadletterqueue.topic.name", ""),
    ("share.assignment.interval.ms", "group.share.assignment.interval.ms", "1000"),
    ("share.auto.offset.reset", "share.auto.offset.reset", "latest"),
    ("share.delivery.count.limit", "group.share.delivery.count.limit", "5"),
    ("share.heartbeat.interval.ms", "group.share.heartbeat.interval.ms", "5000"),
    ("share.isolation.level", "share.isolation.level", "read_uncommitted"),
    ("share.partition.max.record.locks", "group.share.partition.max.record.locks", "2000"),
    ("share.record.lock.duration.ms", "group.share.record.lock.duration.ms", "30000"),
    ("share.renew.acknowledge.enable", "share.renew.acknowledge.enable", "true"),
    ("share.session.timeout.ms", "group.share.session.timeout.ms", "45000"),
    ("streams.assignment.interval.ms", "group.streams.assignment.interval.ms", "1000"),
    ("streams.assignor.name", "group.streams.assignors", "sticky"),
    ("streams.heartbeat.interval.ms", "group.streams.heartbeat.interval.ms", "5000"),
    ("streams.initial.rebalance.delay.ms", "group.streams.initial.rebalance.delay.ms", "3000"),
    ("streams.num.standby.replicas", "group.streams.num.standby.replicas", "0"),
    ("streams.rack.aware.assignment.tags", "group.streams.rack.aware.assignment.tags", ""),
    ("streams.session.timeout.ms", "group.streams.session.timeout.ms", "45000"),
];

/// Reads which entity of `kind` is meant.
pub fn read(tool: &str, kind: &str, given: &Given) -> Result<Other, Refusal> {
    let told = |error: OptionError| Refusal::lines([error.message()], 1);
    let not_simulated = |what: &str| Refusal::not_simulated(tool, what, "only topics can be configured here");
    if given.has("alter") {
        return Err(not_simulated(&format!("configuration of {kind}")));
    }
    let single = kind.strip_suffix('s').unwrap_or(kind);
    let name = match given.value(single).map_err(told)? {
        Some(name) => Some(name),
        None => given.value("entity-name").map_err(told)?,
    };
    match (kind, name) {
        ("brokers", _) if given.has("all") => Err(not_simulated("--describe --all of brokers")),
        ("brokers", None) => {
            let defaults = given.has("broker-defaults") || given.has("entity-default");
            Ok(Other::Brokers { id: None, defaults })
        }
        ("brokers", Some(name)) => match name.parse() {
            Ok(id) => Ok(Other::Brokers { id: Some(id), defaults: false }),
            Err(_) => {
                let what = "The entity name for brokers must be a valid integer broker id, but it is";
                Err(Refusal::lines([format!("{what}: {name}")], 1))
            }
        },
        ("groups", Some(name)) => Ok(Other::Group(name.into())),
        ("groups", None) => Ok(Other::Groups),
        ("broker-loggers", _) => Err(not_simulated("the loggers of a broker")),
        (_, None) => Ok(Other::Nothing),
        (_, Some(_)) => Err(not_simulated(&format!("--describe of one of the {kind}"))),
    }
}

impl Other {
    pub fn describe(&self, desk: &mut Desk<'_, '_, '_>, all: bool) -> Step<i32> {
        match self {
            Self::Nothing => {}
            Self::Group(group) if all => {
                desk.print(format!("All configs for group {group} are:"));
                for (name, broker_name, default) in GROUP_CONFIGS {
                    let synonyms = format!("{{DEFAULT_CONFIG:{broker_name}={default}}}");
                    desk.print(format!("  {name}={default} sensitive=false synonyms={synonyms}"));
                }
            }
            Self::Group(group) => {
                let known = desk.listed_groups()?.is_ok_and(|groups| groups.iter().any(|known| known.group_id == *group));
                desk.print(match known {
                    true => format!("Dynamic configs for group {group} are:"),
                    false => format!("The group '{group}' doesn't exist and doesn't have dynamic config."),
                });
            }
            Self::Groups => {
                for group in desk.listed_groups()?.unwrap_or_default() {
                    desk.print(format!("Dynamic configs for group {} are:", group.group_id));
                }
            }
            Self::Brokers { id, defaults } => return self.brokers(desk, *id, *defaults),
        }
        Ok(0)
    }

    fn brokers(&self, desk: &mut Desk<'_, '_, '_>, id: Option<i32>, defaults: bool) -> Step<i32> {
        let Some(cluster) = desk.cluster()? else { return Ok(1) };
        if let Some(id) = id.filter(|id| !cluster.brokers.iter().any(|broker| broker.0 == *id)) {
            desk.print(format!("The broker '{id}' doesn't exist and doesn't have dynamic config."));
            return Ok(0);
        }
        let wanted = cluster.brokers.iter().filter(|broker| !defaults && id.is_none_or(|id| broker.0 == id));
        let request = DescribeConfigsRequest { brokers: wanted.copied().collect(), ..DescribeConfigsRequest::default() };
        let response = match desk.call(Request::DescribeConfigs(request))? {
            Ok(response) => response,
            Err(error) => {
                desk.thrown(Thrown::code(error).execution());
                return Ok(1);
            }
        };
        if let Response::DescribeConfigs(response) = response.as_ref() {
            for (broker, own) in &response.brokers {
                desk.print(format!("Dynamic configs for broker {broker} are:"));
                for (name, value) in own {
                    desk.print(format!("  {name}={value} sensitive=false synonyms={{DYNAMIC_BROKER_CONFIG:{name}={value}}}"));
                }
            }
        }
        if id.is_none() {
            desk.print("Default configs for brokers in the cluster are:");
            let name = "min.insync.replicas";
            desk.print(format!("  {name}=1 sensitive=false synonyms={{DYNAMIC_DEFAULT_BROKER_CONFIG:{name}=1}}"));
        }
        Ok(0)
    }
}
