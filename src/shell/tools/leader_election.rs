//! `kafka-leader-election.sh` (`org.apache.kafka.tools.LeaderElectionCommand`).

use crate::base::TopicPartition;
use crate::base::java::{hash_order, partition_hash};
use crate::engine::ErrorCode;
use crate::engine::client::CallError;
use crate::engine::protocol::{ElectLeadersRequest, Election};
use crate::shell::cli::admin_command::{Admin, AdminCommand, ask};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::json;
use crate::shell::cli::options::{self, Given, Opt, OptionError, Refusal, deprecated, flag, forbid, with};
use crate::shell::cli::queries::{duplicates, joined};

pub const OPTIONS: &[Opt] = &[
    with("admin.config", "config file", "Older name of --command-config."),
    flag("all-topic-partitions", "All partitions that need an election."),
    with("bootstrap-server", "host:port", "Where the cluster is (needed)."),
    with("command-config", "Config file", "A file with settings for the admin client."),
    with("election-type", "election type", "preferred: the first replica; unclean: any live one, with loss (needed)."),
    flag("help", "Show this page."),
    with("partition", "Integer: partition id", "The partition of --topic."),
    with("path-to-json-file", "Path to JSON file", r#"A file with partitions: {"partitions":[{"topic":"events","partition":1}]}."#),
    with("topic", "topic name", "The topic."),
    flag("version", "Show Kafka's version."),
];

const TYPES: &[&str] = &["PREFERRED", "UNCLEAN"];

/// Of these, one must be given.
const SCOPES: &[&str] = &["topic", "all-topic-partitions", "path-to-json-file"];

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LeaderElection {
    given: Given,
}

pub fn read(words: &[String]) -> Result<LeaderElection, Refusal> {
    let about = "This tool attempts to elect a new leader for a set of topic partitions. The type of elections supported are \
                 preferred replicas and unclean replicas.";
    let given = options::read(OPTIONS, words, about, OptionError::reported)?;
    check(&given)?;
    Ok(LeaderElection { given })
}

/// `LeaderElectionCommandOptions.validate`.
fn check(given: &Given) -> Result<(), Refusal> {
    let failed = |message: &str| Err(Exception::command_failed(message).reported());
    let missing: Vec<&str> = ["bootstrap-server", "election-type"].into_iter().filter(|name| !given.has(name)).collect();
    if !missing.is_empty() {
        return failed(&format!("Missing required option(s): {}", missing.join(", ")));
    }
    forbid(given, "admin.config", &["command-config"])?;
    if SCOPES.iter().filter(|scope| given.has(scope)).count() != 1 {
        return failed(&format!("One and only one of the following options is required: {}", SCOPES.join(", ")));
    }
    match (given.has("topic"), given.has("partition")) {
        (true, false) => failed("Missing required option(s): partition"),
        (false, true) => failed("Option partition is only allowed if topic is used"),
        _ => Ok(()),
    }
}

impl AdminCommand for LeaderElection {
    fn run(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        let (kind, partitions) = self.wanted(admin)?;
        if self.given.has("admin.config") {
            admin.print(deprecated("admin.config", "command-config"));
        }
        admin.check_client(&self.given)?;
        let election = if kind == TYPES[0] { Election::Preferred } else { Election::Unclean };
        let request = ElectLeadersRequest { election, partitions };
        let mut results = ask!(admin, ElectLeaders(request)).map_err(|error| unanswered(admin, error))?.partitions;
        hash_order(&mut results, 16, |(partition, _)| partition_hash(partition));
        tell(admin, kind, &results)?;
        Ok(0)
    }
}

impl LeaderElection {
    /// The kind of election, and the partitions; `None` for all.
    fn wanted(&self, admin: &Admin<'_, '_, '_>) -> Result<(&'static str, Option<Vec<TopicPartition>>), Exception> {
        let given = &self.given;
        let kind = given.choice("election-type", TYPES)?.unwrap_or_default();
        let listed = match given.value("path-to-json-file")? {
            Some(file) => Some(from_file(admin, file)?),
            None => None,
        };
        let topic = given.value("topic")?;
        let single = given.int("partition")?.and_then(|partition| Some(vec![TopicPartition::new(topic?, partition)]));
        Ok((kind, listed.or(single)))
    }
}

/// What has become of each partition.
fn tell(
    admin: &mut Admin<'_, '_, '_>,
    kind: &str,
    results: &[(TopicPartition, Option<(ErrorCode, String)>)],
) -> Result<(), Exception> {
    let names = |wanted: fn(Option<ErrorCode>) -> bool| {
        let fitting = results.iter().filter(|(_, error)| wanted(error.as_ref().map(|(error, _)| *error)));
        fitting.map(|(partition, _)| partition.to_string()).collect::<Vec<_>>().join(", ")
    };
    let succeeded = names(|error| error.is_none());
    if !succeeded.is_empty() {
        admin.print(format!("Successfully completed leader election ({kind}) for partitions {succeeded}"));
    }
    let not_needed = names(|error| error == Some(ErrorCode::ElectionNotNeeded));
    if !not_needed.is_empty() {
        admin.print(format!("Valid replica already elected for partitions {not_needed}"));
    }
    let failures = results.iter().filter_map(|(partition, error)| Some((partition, error.as_ref()?)));
    let failures: Vec<_> = failures.filter(|(_, (error, _))| *error != ErrorCode::ElectionNotNeeded).collect();
    if failures.is_empty() {
        return Ok(());
    }
    let mut thrown = Exception::command_failed(&format!("{} replica(s) could not be elected", failures.len()));
    for (partition, (error, message)) in failures {
        let why = Exception::api(error.exception(), message);
        admin.print(format!("Error completing leader election ({kind}) for partition: {partition}: {}", why.line()));
        thrown.below.push(format!("\tSuppressed: {}", why.line()));
    }
    Err(thrown)
}

/// No answer came, or none about partitions.
fn unanswered(admin: &mut Admin<'_, '_, '_>, error: CallError) -> Exception {
    let timed_out = error.code() == ErrorCode::RequestTimedOut;
    let cause = Exception::code(error);
    if !timed_out {
        return cause.execution().runtime();
    }
    let message = "Timeout waiting for election results";
    admin.print(message);
    Exception::command_failed(message).because(cause)
}

/// `parseReplicaElectionData`.
fn from_file(admin: &Admin<'_, '_, '_>, file: &str) -> Result<Vec<TopicPartition>, Exception> {
    let text = admin.read_file(file).ok_or_else(|| json::unreadable(file).runtime())?;
    let fields = json::parse(&text).ok_or_else(|| Exception::operation("Replica election data is empty"))?;
    let fields = fields.map_err(Exception::runtime)?;
    let listed = fields.get("partitions");
    let listed = listed.ok_or_else(|| Exception::operation("Replica election data is missing \"partitions\" field"))?;
    let partitions = json::array(listed).and_then(|items| items.iter().map(named).collect());
    let partitions: Vec<TopicPartition> = partitions.map_err(Exception::runtime)?;
    let mut twice = duplicates(&partitions.iter().collect::<Vec<_>>());
    if !twice.is_empty() {
        hash_order(&mut twice, 16, |partition| partition_hash(partition));
        let what = format!("Replica election data contains duplicate partitions: [{}]", joined(twice, ", "));
        return Err(Exception::operation(&what));
    }
    Ok(partitions)
}

fn named(item: &serde_json::Value) -> Result<TopicPartition, Exception> {
    let fields = json::object(item)?;
    let topic = json::string(json::field(fields, "topic")?)?;
    Ok(TopicPartition::new(topic, json::int(json::field(fields, "partition")?)?))
}
