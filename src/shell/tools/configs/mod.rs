//! Lives here: `kafka-configs.sh` (`org.apache.kafka.tools.ConfigCommand`): topics and groups (here), and the other kinds (`others`).
//! Never here: what a setting does.

mod others;

use crate::base::{SortedMap, TopicName};
use crate::engine::configs::TOPIC_CONFIGS;
use crate::engine::metadata::check_name;
use crate::engine::protocol::{AlterConfigsRequest, AlterGroupConfigsRequest, ConfigResource, DescribeConfigsRequest};
use crate::shell::cli::admin_command::{Admin, AdminCommand, ask};
use crate::base::java::{hash_order, string_hash};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::options::{self, Given, Opt, Refusal, flag, forbid, require, with};
use crate::shell::cli::properties::Properties;
use crate::shell::cli::topic_configs;
use others::Other;

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
    with("delete-config", "String", "Settings to delete: k1,k2."),
    flag("describe", "Show settings."),
    flag("entity-default", "What holds for all entities of the type."),
    with("entity-name", "String", "The entity: a topic's name."),
    with("entity-type", "String", "What kind of entity: topics."),
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

/// Options that name an entity, and its type.
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

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Configs {
    given: Given,
    topic: Option<String>,
    /// What is described in place of topics.
    other: Option<Other>,
}

fn told(message: impl Into<String>) -> Refusal {
    Refusal::lines([message.into()], 1)
}

pub fn read(words: &[String]) -> Result<Configs, Refusal> {
    let about =
        "This tool helps to manipulate and describe entity config for a topic, client, user, broker, ip, client-metrics or group";
    let given = options::read(OPTIONS, words, about, |error| told(error.message()))?;
    if given.has("alter") == given.has("describe") {
        return Err(Refusal::usage("Command must include exactly one action: --describe, --alter"));
    }
    forbid(&given, "describe", &["add-config", "add-config-file", "delete-config"])?;
    let other = match kind(&given)? {
        "topics" => None,
        kind => Some(others::read(TOOL, kind, &given)?),
    };
    let topic = if other.is_none() { entity(&given)? } else { None };
    require(&given, &["bootstrap-server"])
        .map_err(|_| told("Either --bootstrap-server or --bootstrap-controller must be specified."))?;
    if let Some(name) = &topic
        && let Err(why) = check_name(name)
    {
        if given.has("describe") {
            return Err(told(why));
        }
        let head = format!("Error while executing config command with args '{}'", words.join(" "));
        let thrown = Exception::api("InvalidTopicException", &why).execution();
        return Err(Refusal::lines(std::iter::once(head).chain(thrown.stack()), 1));
    }
    if given.has("alter") {
        if topic.is_none() && !matches!(other, Some(Other::Group(_))) {
            let kind = if other.is_none() { "topics" } else { "groups" };
            return Err(told(format!("An entity name must be specified with --alter of {kind}")));
        }
        if !given.has("add-config") && !given.has("add-config-file") && !given.has("delete-config") {
            return Err(told("At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter"));
        }
        if given.has("add-config") && given.has("add-config-file") {
            return Err(told("Only one of --add-config or --add-config-file must be specified"));
        }
    }
    Ok(Configs { given, topic, other })
}

/// The type of entity that is meant.
fn kind(given: &Given) -> Result<&str, Refusal> {
    let mut types: Vec<&str> = given.values("entity-type").collect();
    types.extend(ENTITIES.iter().filter(|(option, _)| given.has(option)).map(|(_, kind)| *kind));
    let Some(first) = types.first().copied() else {
        return Err(told("At least one entity type must be specified"));
    };
    if let Some(unknown) = types.iter().find(|kind| !TYPES.contains(kind)) {
        return Err(told(format!(
            "Invalid entity type {unknown}, the entity type must be one of {} with a --bootstrap-server or --bootstrap-controller \
             argument",
            TYPES.join(", ")
        )));
    }
    if types.len() > 1 && types[1..].contains(&first) {
        return Err(told(format!("Duplicate entity type(s) specified: {first}")));
    }
    Ok(first)
}

/// The topic that is meant.
fn entity(given: &Given) -> Result<Option<String>, Refusal> {
    let one = |name: &str| given.value(name).map_err(|error| told(error.message()));
    if given.has("entity-default") {
        let action = if given.has("alter") { "alter" } else { "describe" };
        return Err(told(format!("--entity-default must not be specified with --{action} of topics")));
    }
    match one("topic")? {
        Some(topic) => Ok(Some(topic.to_owned())),
        None => Ok(one("entity-name")?.map(str::to_owned)),
    }
}

impl AdminCommand for Configs {
    fn run(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        match &self.other {
            _ if self.given.has("alter") => self.alter(admin)?,
            Some(other) => other.describe(admin, self.given.has("all"))?,
            None => self.describe(admin)?,
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
    fn alter(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let topic = self.topic.as_deref().unwrap_or_default();
        let mut changes: Vec<(String, Option<String>)> = Vec::new();
        changes.extend(self.added(admin)?.into_iter().map(|(name, value)| (name, Some(value))));
        let deleted = self.given.values("delete-config").flat_map(|text| text.split(','));
        changes.extend(deleted.map(|name| (name.trim().to_owned(), None)));
        let (entity, error) = match &self.other {
            Some(Other::Group(group_id)) => {
                let request = AlterGroupConfigsRequest { group_id: group_id.clone(), changes };
                (format!("group {group_id}"), ask!(admin, AlterGroupConfigs(request))?.error)
            }
            _ => {
                let request = AlterConfigsRequest { resource: ConfigResource::Topic(topic.into()), changes };
                (format!("topic {topic}"), ask!(admin, AlterConfigs(request))?.error)
            }
        };
        if let Some((error, message)) = error {
            return Err(Exception::api(error.exception(), &message).execution().into());
        }
        admin.print(format!("Completed updating config for {entity}."));
        Ok(())
    }

    /// `parseConfigsToBeAdded`: commas separate, but not inside of brackets.
    fn added(&self, admin: &Admin<'_, '_, '_>) -> Result<Vec<(String, String)>, Refusal> {
        if let Some(file) = self.given.values("add-config-file").next() {
            let text = admin.read_file(file).ok_or_else(|| told(format!("{file} (No such file or directory)")))?;
            return Ok(Properties::from_file(&text).into_pairs());
        }
        let mut pairs = Vec::new();
        for text in self.given.values("add-config") {
            let (mut depth, mut part) = (0, String::new());
            let mut parts = Vec::new();
            for char in text.chars() {
                match char {
                    '[' => depth += 1,
                    ']' => depth -= 1,
                    ',' if depth <= 0 => {
                        parts.push(std::mem::take(&mut part));
                        continue;
                    }
                    _ => {}
                }
                part.push(char);
            }
            parts.push(part);
            for part in parts {
                let Some((name, value)) = part.split_once('=').filter(|(_, value)| !value.contains('=')) else {
                    return Err(told(
                        "Invalid entity config: all configs to be added must be in the format \"key=val\" or  \
                         \"key=[val1,val2]\" to group values which contain commas.",
                    ));
                };
                pairs.push((name.trim().to_owned(), value.trim().replace(['[', ']'], "")));
            }
        }
        Ok(pairs)
    }

    fn describe(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let all = admin.all_topics()??;
        let names: Vec<TopicName> = match &self.topic {
            None => {
                let mut names: Vec<TopicName> = all.into_iter().map(|topic| topic.name).collect();
                hash_order(&mut names, 16, |name| string_hash(name.as_str()));
                names
            }
            Some(topic) => {
                if !all.iter().any(|known| known.name.as_str() == topic) {
                    admin.print(format!("The topic '{topic}' doesn't exist and doesn't have dynamic config."));
                    return Ok(());
                }
                vec![topic.as_str().into()]
            }
        };
        let request = DescribeConfigsRequest { topics: names, ..DescribeConfigsRequest::default() };
        for (topic, own) in ask!(admin, DescribeConfigs(request))?.topics {
            let own = own.unwrap_or_default();
            self.print_topic(admin, &topic, &own);
        }
        Ok(())
    }

    fn print_topic(&self, admin: &mut Admin<'_, '_, '_>, topic: &TopicName, own: &SortedMap<String, String>) {
        let all = self.given.has("all");
        admin.print(format!("{} configs for topic {topic} are:", if all { "All" } else { "Dynamic" }));
        for config in TOPIC_CONFIGS {
            let set = own.get(config.name);
            if set.is_none() && !all {
                continue;
            }
            let mut synonyms = Vec::new();
            if let Some(value) = set {
                synonyms.push(format!("DYNAMIC_TOPIC_CONFIG:{}={value}", config.name));
            }
            if config.name == "min.insync.replicas" {
                synonyms.push("DYNAMIC_DEFAULT_BROKER_CONFIG:min.insync.replicas=1".to_owned());
            }
            if let Some(broker_name) = topic_configs::broker_synonym(config.name) {
                synonyms.push(format!("DEFAULT_CONFIG:{broker_name}={}", config.default));
            }
            let value = set.map_or(config.default, String::as_str);
            admin.print(format!("  {}={value} sensitive=false synonyms={{{}}}", config.name, synonyms.join(", ")));
        }
    }
}
