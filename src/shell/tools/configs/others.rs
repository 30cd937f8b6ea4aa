//! `kafka-configs.sh` for what is no topic. Only groups can be set here; of the others it shows what holds by default.

use crate::base::{GroupId, SortedMap};
use crate::engine::configs::{Config, GROUP_CONFIGS};
use crate::engine::protocol::DescribeConfigsRequest;
use crate::shell::cli::admin_command::{Admin, ask};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::{Done, told};
use crate::shell::cli::options::{Given, OptionError, Refusal};

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

/// Reads which entity of `kind` is meant.
pub fn read(tool: &str, kind: &str, given: &Given) -> Result<Other, Refusal> {
    let told = |error: OptionError| Refusal::lines([error.message()], 1);
    let not_simulated = |what: &str| Refusal::not_simulated(tool, what, "only topics and groups can be configured here");
    if given.has("alter") && kind != "groups" {
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
    pub fn describe(&self, admin: &mut Admin<'_, '_, '_>, all: bool) -> Done {
        match self {
            Self::Nothing => {}
            Self::Group(group) => {
                let own = group_configs(admin)?.remove(group);
                if !all && own.is_none() {
                    let known = admin.listed_groups()?.is_ok_and(|groups| groups.iter().any(|known| known.group_id == *group));
                    if !known {
                        admin.print(format!("The group '{group}' doesn't exist and doesn't have dynamic config."));
                        return Ok(());
                    }
                }
                print_group(admin, group, &own.unwrap_or_default(), all);
            }
            Self::Groups => {
                let mut groups = group_configs(admin)?;
                for group in admin.listed_groups()?.unwrap_or_default() {
                    groups.get_or_default(group.group_id);
                }
                groups.iter().for_each(|(group, own)| print_group(admin, group, own, false));
            }
            Self::Brokers { id, defaults } => return brokers(admin, *id, *defaults),
        }
        Ok(())
    }
}

fn brokers(admin: &mut Admin<'_, '_, '_>, id: Option<i32>, defaults: bool) -> Done {
    let cluster = admin.cluster()?.map_err(told)?;
    if let Some(id) = id.filter(|id| !cluster.brokers.iter().any(|broker| broker.0 == *id)) {
        admin.print(format!("The broker '{id}' doesn't exist and doesn't have dynamic config."));
        return Ok(());
    }
    let wanted = cluster.brokers.iter().filter(|broker| !defaults && id.is_none_or(|id| broker.0 == id));
    let request = DescribeConfigsRequest { brokers: wanted.copied().collect(), ..DescribeConfigsRequest::default() };
    let response = ask!(admin, DescribeConfigs(request)).map_err(|error| Exception::code(error).execution().reported())?;
    for (broker, own) in response.brokers {
        admin.print(format!("Dynamic configs for broker {broker} are:"));
        for (name, value) in own {
            admin.print(format!("  {name}={value} sensitive=false synonyms={{DYNAMIC_BROKER_CONFIG:{name}={value}}}"));
        }
    }
    if id.is_none() {
        admin.print("Default configs for brokers in the cluster are:");
        let name = "min.insync.replicas";
        admin.print(format!("  {name}=1 sensitive=false synonyms={{DYNAMIC_DEFAULT_BROKER_CONFIG:{name}=1}}"));
    }
    Ok(())
}

/// The groups that have settings of their own.
fn group_configs(admin: &mut Admin<'_, '_, '_>) -> Done<SortedMap<GroupId, SortedMap<String, String>>> {
    Ok(ask!(admin, DescribeGroupConfigs).map(|response| response.groups).unwrap_or_default())
}

fn print_group(admin: &mut Admin<'_, '_, '_>, group: &GroupId, own: &SortedMap<String, String>, all: bool) {
    admin.print(format!("{} configs for group {group} are:", if all { "All" } else { "Dynamic" }));
    for known in GROUP_CONFIGS {
        let Config { name, default, .. } = known.config;
        let set = own.get(name);
        if set.is_none() && !all {
            continue;
        }
        let mut synonyms = set.map_or(String::new(), |value| format!("DYNAMIC_GROUP_CONFIG:{name}={value}, "));
        synonyms += &format!("DEFAULT_CONFIG:{}={default}", known.broker_name);
        let value = set.map_or(default, String::as_str);
        admin.print(format!("  {name}={value} sensitive=false synonyms={{{synonyms}}}"));
    }
}
