//! `kafka-configs.sh` (`org.apache.kafka.tools.ConfigCommand`): settings of topics, brokers and groups.

use crate::base::java::{hash_order, string_hash};
use crate::base::{BrokerId, Span, TopicName};
use crate::engine::client::{API_TIMEOUT, CallError};
use crate::engine::configs::{ConfigEntry, ConfigSource};
use crate::engine::metadata::check_name;
use crate::engine::protocol::{AlterConfigsRequest, ConfigResource, DescribeConfigsRequest};
use crate::shell::cli::admin_command::{Admin, AdminCommand, ask};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::options::{self, Given, Opt, Refusal, flag, forbid, one_action, with};
use crate::shell::cli::properties::Properties;
use crate::shell::cli::queries::duplicates;

pub const OPTIONS: &[Opt] = &[
    with("add-config", "String", "Settings to set: k1=v1,k2=[v1,v2]."),
    with("add-config-file", "String", "A file with settings to set."),
    flag("all", "With --describe: all settings, also those with their defaults."),
    flag("alter", "Change settings."),
    with("bootstrap-controller", "String", "The controllers."),
    with("bootstrap-server", "String: server to connect to", "Where the cluster is (needed)."),
    with("broker", "String", "A broker's id."),
    flag("broker-defaults", "What holds for all brokers."),
    with("broker-logger", "String", "A broker's id, for its loggers."),
    with("client", "String", "A client's id."),
    flag("client-defaults", "What holds for all clients."),
    with("client-metrics", "String", "A subscription of client metrics."),
    with("command-config", "String: file", "A file with settings for the admin client."),
    with("delete-config", "String", "Settings to delete: k1,k2.").separated_by(','),
    flag("describe", "Show settings."),
    flag("entity-default", "What holds for all entities of the type."),
    with("entity-name", "String", "The entity: a topic's name, a broker's or a group's id."),
    with("entity-type", "String", "What kind of entity: topics, brokers or groups."),
    with("group", "String", "A group's id."),
    flag("help", "Show this page."),
    with("ip", "String", "An address."),
    flag("ip-defaults", "What holds for all addresses."),
    with("topic", "String", "The topic's name."),
    with("user", "String", "A user's name."),
    flag("user-defaults", "What holds for all users."),
    flag("version", "Show Kafka's version."),
];

const TOOL: &str = "kafka-configs.sh";

const TYPES: &[&str] = &["broker-loggers", "topics", "clients", "users", "brokers", "ips", "client-metrics", "groups"];

/// Options that name an entity, and its type; then those for what holds for all entities of a type.
const ENTITIES: &[(&str, &str)] = &[
    ("topic", "topics"),
    ("client", "clients"),
    ("user", "users"),
    ("broker", "brokers"),
    ("broker-logger", "broker-loggers"),
    ("ip", "ips"),
    ("client-metrics", "client-metrics"),
    ("group", "groups"),
    ("client-defaults", "clients"),
    ("user-defaults", "users"),
    ("broker-defaults", "brokers"),
    ("ip-defaults", "ips"),
];

/// Types of which something holds for all entities.
const WITH_DEFAULTS: &[&str] = &["users", "clients", "brokers", "ips"];

/// How long the answer to a description is waited for.
const DESCRIBE_TIMEOUT: Span = Span::from_secs(30);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Configs {
    given: Given,
    /// One of `TYPES`.
    kind: String,
    /// Empty for what holds for all entities; `None`: each of them.
    name: Option<String>,
}

fn told(message: impl Into<String>) -> Refusal {
    Refusal::lines([message.into()], 1)
}

/// The type of one entity, from that of several.
fn single(kind: &str) -> &str {
    &kind[..kind.len() - 1]
}

pub fn read(words: &[String]) -> Result<Configs, Refusal> {
    let about =
        "This tool helps to manipulate and describe entity config for a topic, client, user, broker, ip, client-metrics or group";
    let given = options::read(OPTIONS, words, about, |error| told(error.message()))?;
    one_action(&given, &["describe", "alter"], "--describe, --alter")?;
    forbid(&given, "describe", &["add-config", "delete-config"])?;
    let kind = kind(&given)?.to_owned();
    let names = names(&given)?;
    let any_named = names.iter().any(|name| !name.is_empty());
    if any_named && kind.starts_with("broker") {
        check_ids(&given, &kind)?;
    }
    let with_defaults = WITH_DEFAULTS.contains(&kind.as_str());
    if given.has("alter") {
        check_alter(&given, &kind, any_named, with_defaults && !names.is_empty())?;
    } else if !with_defaults && given.has("entity-default") {
        return Err(told(format!("--entity-default must not be specified with --describe of {kind}")));
    } else if kind == "broker-loggers" && !any_named {
        return Err(told(format!("An entity name must be specified with --describe of {kind}")));
    }
    if given.has("alter") && names.len() != 1 {
        return Err(told("An entity name must be specified for every entity type"));
    }
    let name = names.into_iter().next();
    check_simulated(&given, &kind, name.as_deref())?;
    if let (true, "topics", Some(name)) = (given.has("describe"), kind.as_str(), &name) {
        check_name(name).map_err(told)?;
    }
    Ok(Configs { given, kind, name })
}

/// The type of entity that is meant.
fn kind(given: &Given) -> Result<&str, Refusal> {
    let mut types: Vec<&str> = given.values("entity-type").collect();
    types.extend(ENTITIES.iter().filter(|(option, _)| given.has(option)).map(|(_, kind)| *kind));
    let twice = duplicates(&types);
    if !twice.is_empty() {
        return Err(told(format!("Duplicate entity type(s) specified: {}", twice.join(","))));
    }
    if !given.has("bootstrap-server") && !given.has("bootstrap-controller") {
        return Err(told("Either --bootstrap-server or --bootstrap-controller must be specified."));
    }
    if let Some(unknown) = types.iter().find(|kind| !TYPES.contains(kind)) {
        return Err(told(format!(
            "Invalid entity type {unknown}, the entity type must be one of {} with a --bootstrap-server or --bootstrap-controller \
             argument",
            TYPES.join(", ")
        )));
    }
    let Some(first) = types.first().copied() else {
        return Err(told("At least one entity type must be specified"));
    };
    if types.len() > 1 && !types.iter().all(|kind| ["users", "clients"].contains(kind)) {
        return Err(told("Only 'users' and 'clients' entity types may be specified together"));
    }
    let generic = ["entity-name", "entity-type", "entity-default"].iter().any(|option| given.has(option));
    if generic && ENTITIES.iter().any(|(option, _)| given.has(option)) {
        return Err(told("--entity-{type,name,default} should not be used in conjunction with specific entity flags"));
    }
    Ok(first)
}

/// The entities that are named, with an empty name for what holds for all.
fn names(given: &Given) -> Result<Vec<String>, Refusal> {
    let mut names: Vec<&str> = Vec::new();
    let mut named = given.values("entity-name");
    for option in given.names() {
        match option {
            "entity-name" => names.extend(named.next()),
            "entity-default" => names.push(""),
            _ => {}
        }
    }
    for (option, _) in ENTITIES.iter().filter(|(option, _)| given.has(option)) {
        names.push(given.value(option).map_err(|error| told(error.message()))?.unwrap_or_default());
    }
    if given.has("bootstrap-server") && given.has("bootstrap-controller") {
        return Err(told("Only one of --bootstrap-server or --bootstrap-controller can be specified"));
    }
    Ok(names.into_iter().map(str::to_owned).collect())
}

fn check_ids(given: &Given, kind: &str) -> Result<(), Refusal> {
    for option in ["entity-name", "broker", "broker-logger"] {
        let id = given.value(option).map_err(|error| told(error.message()))?;
        if let Some(id) = id.filter(|id| id.parse::<i32>().is_err()) {
            return Err(told(format!("The entity name for {kind} must be a valid integer broker id, but it is: {id}")));
        }
    }
    Ok(())
}

fn check_alter(given: &Given, kind: &str, named: bool, defaults: bool) -> Result<(), Refusal> {
    if !named && !defaults {
        return Err(told(match WITH_DEFAULTS.contains(&kind) {
            true => "An entity-name or default entity must be specified with --alter of users, clients, brokers or ips".to_owned(),
            false => format!("An entity name must be specified with --alter of {kind}"),
        }));
    }
    if given.has("add-config") && given.has("add-config-file") {
        return Err(told("Only one of --add-config or --add-config-file must be specified"));
    }
    if !["add-config", "add-config-file", "delete-config"].iter().any(|option| given.has(option)) {
        return Err(told("At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter"));
    }
    Ok(())
}

fn check_simulated(given: &Given, kind: &str, name: Option<&str>) -> Result<(), Refusal> {
    let what = match kind {
        _ if given.has("bootstrap-controller") => "--bootstrap-controller".to_owned(),
        "topics" | "brokers" | "groups" => return Ok(()),
        "broker-loggers" => "the loggers of a broker".to_owned(),
        kind if given.has("alter") => format!("configuration of {kind}"),
        "client-metrics" if !given.has("all") => return Ok(()),
        kind if name.is_some() => format!("--describe of one of the {kind}"),
        _ => return Ok(()),
    };
    Err(Refusal::not_simulated(TOOL, &what, "topics, brokers and groups can be configured here, through brokers"))
}

impl AdminCommand for Configs {
    fn run(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        self.given.value("bootstrap-server").map_err(|error| told(error.message()))?;
        admin.check_client(&self.given)?;
        if self.given.has("alter") {
            self.alter(admin)?
        } else {
            self.describe(admin)?
        }
        Ok(0)
    }

    fn fail(&self, admin: &mut Admin<'_, '_, '_>, thrown: Exception) -> i32 {
        admin.error(format!("Error while executing config command with args '{}'", self.given.words.join(" ")));
        admin.errors(thrown.stack());
        1
    }
}

impl Configs {
    fn resource(&self, name: &str) -> ConfigResource {
        match self.kind.as_str() {
            "topics" => ConfigResource::Topic(name.into()),
            "groups" => ConfigResource::Group(name.into()),
            _ => name.parse().map_or(ConfigResource::Brokers, |id| ConfigResource::Broker(BrokerId(id))),
        }
    }

    fn alter(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let name = self.name.as_deref().unwrap_or_default();
        let added = self.added(admin)?;
        let deleted = self.given.values("delete-config");
        let mut changes: Vec<(String, Option<String>)> = deleted.map(|name| (name.trim().to_owned(), None)).collect();
        changes.extend(added.into_pairs().into_iter().map(|(name, value)| (name, Some(value))));
        let resource = self.resource(name);
        if let ConfigResource::Broker(broker) = resource
            && !admin.cluster()??.brokers.contains(&broker)
        {
            admin.sleep(API_TIMEOUT)?;
            return Err(CallError::NoNode { call: "incrementalAlterConfigs" }.into());
        }
        if let Some((error, message)) = ask!(admin, AlterConfigs(AlterConfigsRequest { resource, changes }))?.error {
            return Err(Exception::api(error.exception(), &message).execution().into());
        }
        admin.print(match name {
            "" => format!("Completed updating default config for {} in the cluster.", self.kind),
            name => format!("Completed updating config for {} {name}.", single(&self.kind)),
        });
        Ok(())
    }

    /// `parseConfigsToBeAdded`.
    fn added(&self, admin: &Admin<'_, '_, '_>) -> Done<Properties> {
        let mut added = Properties::default();
        if let Some(file) = self.given.value("add-config-file").map_err(|error| told(error.message()))? {
            let text = admin.read_file(file).ok_or_else(|| Exception::java("java.nio.file.NoSuchFileException", file))?;
            added = Properties::from_file(&text);
        }
        if let Some(text) = self.given.value("add-config").map_err(|error| told(error.message()))? {
            let mut parts = split(text, ',');
            while parts.len() > 1 && parts.last() == Some(&"") {
                parts.pop();
            }
            for part in parts {
                let [name, value] = split(part, '=')[..] else {
                    return Err(told(
                        "Invalid entity config: all configs to be added must be in the format \"key=val\" or  \
                         \"key=[val1,val2]\" to group values which contain commas.",
                    )
                    .into());
                };
                added.set(name.trim(), value.replace(['[', ']'], "").trim());
            }
        }
        let wrong = |name: &&str| !name.chars().all(|char| char.is_ascii_alphanumeric() || "$._-".contains(char));
        if let Some(wrong) = added.keys().find(wrong) {
            return Err(told(format!("Invalid character found for config key: {wrong}")).into());
        }
        Ok(added)
    }

    fn describe(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let all = self.given.has("all");
        let names = match &self.name {
            None => self.all_names(admin)?,
            Some(name) if all || self.is_there(admin, name)? => vec![name.clone()],
            Some(name) => {
                admin.print(format!("The {} '{name}' doesn't exist and doesn't have dynamic config.", single(&self.kind)));
                return Ok(());
            }
        };
        if names.is_empty() {
            return Ok(());
        }
        let title = |name: &str| match name {
            "" if self.kind == "brokers" => "Default configs for brokers in the cluster are:".to_owned(),
            name => format!("{} configs for {} {name} are:", if all { "All" } else { "Dynamic" }, single(&self.kind)),
        };
        let resources: Vec<ConfigResource> = names.iter().map(|name| self.resource(name)).collect();
        if let Some(ConfigResource::Broker(broker)) = resources.first()
            && !admin.cluster()??.brokers.contains(broker)
        {
            names.iter().for_each(|name| admin.print(title(name)));
            admin.sleep(DESCRIBE_TIMEOUT)?;
            let head = format!("Error while executing config command with args '{}'", self.given.words.join(" "));
            return Err(Refusal::lines([head.as_str(), "java.util.concurrent.TimeoutException", "<stack>"], 1).into());
        }
        let described = ask!(admin, DescribeConfigs(DescribeConfigsRequest { resources }))
            .map_err(|error| Exception::code(error).execution().reported())?;
        for (name, (resource, entries)) in names.iter().zip(described.resources) {
            admin.print(title(name));
            let mut entries = entries.map_err(|error| Exception::api(error.exception(), "").execution())?;
            crate::base::put_in_order(&mut entries, &|one, other| one.name < other.name);
            for entry in entries.iter().filter(|entry| all || entry.source() == dynamic_source(&resource)) {
                admin.print(line(entry));
            }
        }
        Ok(())
    }

    fn all_names(&self, admin: &mut Admin<'_, '_, '_>) -> Done<Vec<String>> {
        let mut names: Vec<String> = match self.kind.as_str() {
            "topics" => {
                let mut topics: Vec<TopicName> = admin.all_topics()??.into_iter().map(|topic| topic.name).collect();
                hash_order(&mut topics, 16, |name| string_hash(name.as_str()));
                return Ok(topics.iter().map(ToString::to_string).collect());
            }
            "brokers" => {
                let ids = admin.cluster()??.brokers.into_iter().map(|broker| broker.to_string());
                return Ok(ids.chain([String::new()]).collect());
            }
            "groups" => self.groups(admin)?,
            _ => Vec::new(),
        };
        crate::base::sort(&mut names);
        names.dedup();
        Ok(names)
    }

    /// Those that are there, and those that have settings.
    fn groups(&self, admin: &mut Admin<'_, '_, '_>) -> Done<Vec<String>> {
        let listed = admin.listed_groups()?.unwrap_or_default().into_iter().map(|group| group.group_id);
        let configured = ask!(admin, ListConfigResources).map(|response| response.groups).unwrap_or_default();
        Ok(listed.chain(configured).map(|group| group.to_string()).collect())
    }

    fn is_there(&self, admin: &mut Admin<'_, '_, '_>, name: &str) -> Done<bool> {
        Ok(match self.kind.as_str() {
            "topics" => admin.all_topics()??.iter().any(|topic| topic.name.as_str() == name),
            "brokers" => name.is_empty() || admin.cluster()??.brokers.iter().any(|broker| broker.to_string() == name),
            "groups" => self.groups(admin)?.iter().any(|group| group == name),
            _ => false,
        })
    }
}

/// The parts between these characters, but for those inside of brackets: `(?=[^\]]*(?:\[|$))` follows each.
fn split(text: &str, at: char) -> Vec<&str> {
    let outside = |(index, _): &(usize, &str)| {
        let rest = &text[index + 1..];
        rest.find(']').is_none_or(|end| rest[..end].contains('['))
    };
    let mut parts = Vec::new();
    let mut begin = 0;
    for (index, _) in text.match_indices(at).filter(outside) {
        parts.push(&text[begin..index]);
        begin = index + 1;
    }
    parts.push(&text[begin..]);
    parts
}

fn dynamic_source(resource: &ConfigResource) -> ConfigSource {
    match resource {
        ConfigResource::Topic(_) => ConfigSource::DynamicTopic,
        ConfigResource::Group(_) => ConfigSource::DynamicGroup,
        ConfigResource::Broker(_) => ConfigSource::DynamicBroker,
        ConfigResource::Brokers => ConfigSource::DynamicDefaultBroker,
    }
}

fn line(entry: &ConfigEntry) -> String {
    let told = |value: &Option<String>| value.clone().unwrap_or_else(|| "null".to_owned());
    let synonyms: Vec<String> = entry
        .synonyms
        .iter()
        .map(|synonym| format!("{}:{}={}", synonym.source.name(), synonym.name, told(&synonym.value)))
        .collect();
    format!("  {}={} sensitive={} synonyms={{{}}}", entry.name, told(&entry.value), entry.sensitive, synonyms.join(", "))
}
