//! Lives here: `kafka-topics.sh` (`org.apache.kafka.tools.TopicCommand`), with `--describe` in `describe` and
//! `--topic-id` in `uuid`.
//! Never here: what the controller makes of a topic.

mod describe;
mod uuid;

use crate::base::java::{parse_number, split};
use crate::base::{BrokerId, TopicId, TopicName};
use crate::engine::ErrorCode;
use crate::engine::protocol::{
    CreatePartitionsRequest, CreateTopicsRequest, DeleteTopicsRequest, NewTopic, TopicMetadata, TopicResult,
};
use crate::shell::cli::admin_command::{Admin, AdminCommand, ask};
use crate::shell::cli::config_def;
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::options::{
    Given, Opt, OptionError, Refusal, flag, forbid, help_or_version, one_action, parse, require, with,
};
use crate::shell::cli::queries::{duplicates, joined};
use crate::shell::cli::time::log_time;
use crate::shell::cli::topic_configs;
use crate::shell::cli::topic_filter::TopicFilter;

pub const OPTIONS: &[Opt] = &[
    flag("alter", "Raise a topic's number of partitions."),
    flag("at-min-isr-partitions", "With --describe: only partitions whose ISR is as small as it may be."),
    with("bootstrap-server", "String: server to connect to", "Where the cluster is (needed)."),
    with("command-config", "String: file", "A file with settings for the admin client."),
    with("config", "String: name=value", "With --create: a setting of the topic; may be repeated."),
    flag("create", "Make a topic."),
    flag("delete", "Delete topics."),
    with("delete-config", "String: name", "No longer supported."),
    flag("describe", "Show topics with their partitions."),
    flag("exclude-internal", "Leave Kafka's own topics out."),
    flag("help", "Show this page."),
    flag("if-exists", "With --alter, --delete, --describe: a missing topic is no error."),
    flag("if-not-exists", "With --create: an existing topic is no error."),
    flag("list", "Show the names of all topics."),
    with("partition-size-limit-per-response", "Integer", "Partitions that one answer may hold."),
    with("partitions", "Integer", "How many partitions the topic has, or will have."),
    with("replica-assignment", "String", "Brokers for each partition: 1:2,2:3 is two partitions of two replicas."),
    with("replication-factor", "Integer", "Copies of each partition."),
    with("topic", "String: topic", "The topic; a regular expression, but not with --create."),
    with("topic-id", "String: topic-id", "With --describe: the topic's id."),
    flag("topics-with-overrides", "With --describe: only topics that have settings of their own."),
    flag("unavailable-partitions", "With --describe: only partitions without a leader."),
    flag("under-min-isr-partitions", "With --describe: only partitions whose ISR is too small."),
    flag("under-replicated-partitions", "With --describe: only partitions with replicas outside the ISR."),
    flag("version", "Show Kafka's version."),
];

const ACTIONS: &[&str] = &["alter", "create", "describe", "list", "delete"];
/// Options of --describe that show only partitions in some trouble.
pub(crate) const REPORTS: &[&str] =
    &["under-replicated-partitions", "under-min-isr-partitions", "at-min-isr-partitions", "unavailable-partitions"];

/// What the tool says of numbers before it asks anybody.
pub const FACTOR_RANGE: &str = "The replication factor must be between 1 and 32767 inclusive";
pub const PARTITIONS_RANGE: &str = "The partitions must be greater than 0";

/// What it says of every name with one of the two signs.
pub const COLLISION: &str = "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. \
                         To avoid issues it is best to use either, but not both.";

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Topics {
    pub(crate) given: Given,
}

pub fn read(words: &[String]) -> Result<Topics, Refusal> {
    let given = parse(OPTIONS, words).map_err(OptionError::reported)?;
    if words.is_empty() {
        return Err(Refusal::usage("Create, delete, describe, or change a topic."));
    }
    help_or_version(OPTIONS, &given, "This tool helps to create, delete, describe, or change a topic.")?;
    one_action(&given, ACTIONS, "--list, --describe, --create, --alter or --delete")?;
    match check_required(&given).and_then(|()| check_forbidden(&given)) {
        Ok(()) => Ok(Topics { given }),
        Err(mut refusal) => {
            if given.has("delete-config") {
                refusal.lines.insert(0, DELETE_CONFIG.to_owned());
            }
            Err(refusal)
        }
    }
}

/// Told before anything else is looked at.
const DELETE_CONFIG: &str = "delete-config option is no longer supported and deprecated since version 4.0. The config will be fully \
                             removed in future releases.";

const BOTH_NAMED: &str =
    "Only topic id will be used when both --topic and --topic-id are specified and topicId is not Uuid.ZERO_UUID";

fn check_required(given: &Given) -> Result<(), Refusal> {
    if !given.has("bootstrap-server") {
        return Err(Exception::illegal_argument("--bootstrap-server must be specified").reported());
    }
    if given.has("describe") && given.has("if-exists") && !given.has("topic") && !given.has("topic-id") {
        return Err(Refusal::usage("--topic or --topic-id is required to describe a topic"));
    }
    if !given.has("list") && !given.has("describe") {
        require(given, &["topic"])?;
    }
    if given.has("alter") {
        if given.has("config") {
            return Err(Refusal::usage(
                "Option combination \"[[config], [bootstrap-server]]\" can't be used with option \"[alter]\" (To alter topic \
                 configurations, the kafka-configs tool can be used.)",
            ));
        }
        require(given, &["partitions"])?;
    }
    Ok(())
}

fn check_forbidden(given: &Given) -> Result<(), Refusal> {
    let without = |but: &[&str]| -> Vec<&'static str> { ACTIONS.iter().copied().filter(|action| !but.contains(action)).collect() };
    forbid(given, "config", &without(&["alter", "create"]))?;
    forbid(given, "partitions", &without(&["alter", "create"]))?;
    forbid(given, "replication-factor", &without(&["create"]))?;
    forbid(given, "replica-assignment", &without(&["create", "alter"]))?;
    if given.has("create") {
        forbid(given, "replica-assignment", &["partitions", "replication-factor"])?;
    }
    for report in REPORTS {
        let others: Vec<&str> = without(&["describe"]).into_iter().chain(["topics-with-overrides"]).collect();
        forbid(given, report, &others)?;
    }
    let others: Vec<&str> = without(&["describe"]).into_iter().chain(REPORTS.iter().copied()).collect();
    forbid(given, "topics-with-overrides", &others)?;
    forbid(given, "if-exists", &without(&["alter", "delete", "describe"]))?;
    forbid(given, "if-not-exists", &without(&["create"]))?;
    forbid(given, "exclude-internal", &without(&["list", "describe"]))
}

impl AdminCommand for Topics {
    fn run(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        if self.given.has("delete-config") {
            admin.error(DELETE_CONFIG);
        }
        admin.check_client(&self.given).map_err(Exception::reported)?;
        if self.given.has("create") {
            self.create(admin)?;
        } else if self.given.has("alter") {
            self.alter(admin)?;
        } else if self.given.has("list") {
            self.list(admin)?;
        } else if self.given.has("describe") {
            self.describe(admin)?;
        } else {
            self.delete(admin)?;
        }
        Ok(0)
    }

    fn fail(&self, admin: &mut Admin<'_, '_, '_>, thrown: Exception) -> i32 {
        admin.print(format!("Error while executing topic command : {}", thrown.message));
        admin.errors(thrown.stack_after(&format!("[{}] ERROR ", log_time(admin.now()))));
        admin.error(" (org.apache.kafka.tools.TopicCommand)");
        1
    }
}

/// `--topic`, `--partitions` and the rest of them, read as `CommandTopicPartition` does.
struct Wanted {
    name: String,
    partitions: Option<i32>,
    replication_factor: Option<i32>,
    replica_assignment: Vec<Vec<BrokerId>>,
    configs: Vec<(String, String)>,
}

impl Topics {
    fn wanted(&self, admin: &mut Admin<'_, '_, '_>) -> Done<Wanted> {
        let given = &self.given;
        let name = given.value("topic")?.unwrap_or_default().to_owned();
        let partitions = given.int("partitions")?;
        let replication_factor = given.int("replication-factor")?;
        let replica_assignment = match given.value("replica-assignment")? {
            Some(text) if !text.is_empty() => parse_assignment(text)?,
            _ => Vec::new(),
        };
        let mut configs: Vec<(String, String)> = Vec::new();
        for text in given.values("config") {
            // `\s*=\s*` lies between the parts.
            let &[key, value] = split(text.trim_end(), '=').as_slice() else {
                return Err(Exception::illegal_argument(
                    "requirement failed: Invalid topic config: all configs to be added must be in the format \"key=val\".",
                )
                .into());
            };
            let (key, value) = (key.trim(), value.trim());
            configs.retain(|(known, _)| known != key);
            configs.push((key.to_owned(), value.to_owned()));
        }
        if let Some(warning) = topic_configs::twice_in_list(&configs) {
            admin.log("WARN", &warning, config_def::LOGGER);
        }
        topic_configs::check(&configs)?;
        Ok(Wanted { name, partitions, replication_factor, replica_assignment, configs })
    }

    fn create(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let wanted = self.wanted(admin)?;
        if wanted.name.contains(['.', '_']) {
            admin.print(COLLISION);
        }
        if wanted.replication_factor.is_some_and(|factor| !(1..=32_767).contains(&factor)) {
            return Err(Exception::illegal_argument(FACTOR_RANGE).into());
        }
        if wanted.partitions.is_some_and(|partitions| partitions < 1) {
            return Err(Exception::illegal_argument(PARTITIONS_RANGE).into());
        }
        if wanted.name.is_empty() {
            let what = "The given topic name '' cannot be represented in a request.";
            return Err(Exception::api("InvalidTopicException", what).into());
        }
        let request = CreateTopicsRequest {
            topics: vec![NewTopic {
                name: wanted.name.as_str().into(),
                partitions: wanted.partitions,
                replication_factor: wanted.replication_factor.map(|factor| factor as i16),
                replica_assignment: wanted.replica_assignment,
                configs: wanted.configs,
            }],
        };
        let results = ask!(admin, CreateTopics(request)).map_err(Exception::code)?.topics;
        match results.into_iter().find_map(|result| result.error) {
            None => admin.print(format!("Created topic {}.", wanted.name)),
            Some((ErrorCode::TopicAlreadyExists, _)) if self.given.has("if-not-exists") => {}
            Some((error, message)) => return Err(Exception::api(error.exception(), &message).into()),
        }
        Ok(())
    }

    /// The topics that `--topic` means, or all, by name. With `internal` false Kafka's own are left out.
    fn matching(&self, admin: &mut Admin<'_, '_, '_>) -> Done<Vec<TopicMetadata>> {
        let all = admin.all_topics()?.map_err(Exception::code)?;
        let filter = self.given.value("topic")?.map(TopicFilter::new).transpose()?;
        let exclude_internal = self.given.has("exclude-internal");
        let found = all.into_iter().filter(|topic| {
            let wanted = filter.as_ref().is_none_or(|filter| filter.allows(topic.name.as_str()));
            wanted && !(exclude_internal && topic.internal)
        });
        Ok(found.collect())
    }

    /// The same, where a name that fits nothing is an error.
    fn existing(&self, admin: &mut Admin<'_, '_, '_>) -> Done<Vec<TopicMetadata>> {
        let topics = self.matching(admin)?;
        match self.given.value("topic")? {
            Some(name) if topics.is_empty() && !name.is_empty() && !self.given.has("if-exists") => {
                Err(Exception::illegal_argument(&format!("Topic '{name}' does not exist as expected")).into())
            }
            _ => Ok(topics),
        }
    }

    fn list(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let topics = self.matching(admin)?;
        if topics.is_empty() {
            admin.print("");
        }
        topics.iter().for_each(|topic| admin.print(topic.name.as_str()));
        Ok(())
    }

    fn alter(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let wanted = self.wanted(admin)?;
        let mut failed = Ok(());
        for topic in self.existing(admin)? {
            let known = topic.partitions.len();
            let assignment = Some(&wanted.replica_assignment).filter(|assignment| !assignment.is_empty());
            let replica_assignment = assignment.map(|assignment| assignment.iter().skip(known).cloned().collect());
            let count = wanted.partitions.unwrap_or(0);
            let request = CreatePartitionsRequest { topic: topic.name, count, replica_assignment };
            let result = ask!(admin, CreatePartitions(request)).map_err(Exception::code);
            failed = failed.and(result.and_then(|response| outcome(&response.result)));
        }
        Ok(failed?)
    }

    fn delete(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let topics: Vec<TopicName> = self.existing(admin)?.into_iter().map(|topic| topic.name).collect();
        if topics.is_empty() {
            return Ok(());
        }
        let response = ask!(admin, DeleteTopics(DeleteTopicsRequest { topics })).map_err(Exception::code)?;
        Ok(response.topics.iter().try_for_each(outcome)?)
    }

    fn described(&self, admin: &mut Admin<'_, '_, '_>) -> Done<Vec<TopicMetadata>> {
        if ["if-exists", "topic", "topic-id"].iter().all(|option| self.given.has(option)) {
            admin.print(BOTH_NAMED);
        }
        let id = self.given.value("topic-id")?;
        let wanted = id.map_or(Ok(TopicId(0)), uuid::parse)?;
        let Some(id) = id.filter(|_| wanted != TopicId(0)) else {
            let topics = self.existing(admin)?;
            if !topics.is_empty() {
                self.given.int("partition-size-limit-per-response")?;
            }
            return Ok(topics);
        };
        let all = admin.all_topics()?.map_err(Exception::code)?;
        let found: Vec<_> = all.into_iter().filter(|topic| topic.topic_id == wanted).collect();
        if found.is_empty() && !self.given.has("if-exists") {
            return Err(Exception::illegal_argument(&format!("TopicId '{id}' does not exist as expected")).into());
        }
        Ok(found)
    }
}

fn outcome(result: &TopicResult) -> Result<(), Exception> {
    match &result.error {
        Some((error, message)) => Err(Exception::api(error.exception(), message)),
        None => Ok(()),
    }
}

/// `TopicCommand.parseReplicaAssignment`: `1:2,2:3`.
fn parse_assignment(text: &str) -> Result<Vec<Vec<BrokerId>>, Exception> {
    let mut partitions: Vec<Vec<BrokerId>> = Vec::new();
    for (at, list) in split(text, ',').into_iter().enumerate() {
        let broker = |word: &str| parse_number(word).map(BrokerId).ok_or_else(|| Exception::number(word));
        let replicas: Vec<BrokerId> = split(list, ':').into_iter().map(str::trim).map(broker).collect::<Result<_, _>>()?;
        let twice = duplicates(&replicas);
        if !twice.is_empty() {
            let message = format!("Partition replica lists may not contain duplicate entries: {}", joined(twice, ","));
            return Err(Exception::command_failed(&message));
        }
        if partitions.first().is_some_and(|first| first.len() != replicas.len()) {
            let ids: Vec<String> = replicas.iter().map(ToString::to_string).collect();
            let message = format!("Partition {at} has different replication factor: [{}]", ids.join(", "));
            return Err(Exception::operation(&message));
        }
        partitions.push(replicas);
    }
    Ok(partitions)
}
