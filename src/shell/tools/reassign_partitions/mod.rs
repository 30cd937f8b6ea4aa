//! Lives here: `kafka-reassign-partitions.sh` (`org.apache.kafka.tools.reassign.ReassignPartitionsCommand`): its options
//! and actions (here), the files that it reads and writes (`plan`), its throttles (`throttles`), where replicas lie (`dirs`).
//! Never here: what the controller makes of a reassignment.

mod dirs;
mod plan;
mod throttles;

use crate::base::{BrokerId, SortedMap, TopicName, TopicPartition, sort};
use crate::engine::ErrorCode;
use crate::engine::controller::placement::{UsableBroker, place};
use crate::engine::protocol::{
    AlterReassignmentsRequest, DescribeClusterResponse, MetadataRequest, MetadataResponse, OngoingReassignment, Request, Response,
};
use crate::shell::cli::admin_command::{Desk, Errand, Step, Waiting};
use crate::shell::cli::java::{Thrown, hash_order, partition_hash, string_hash};
use crate::shell::cli::json;
use crate::shell::cli::options::{Given, Opt, OptionError, Refusal, flag, help_or_version, maybe, parse, require, with};
use plan::{Plan, as_json};

pub const OPTIONS: &[Opt] = &[
    flag("additional", "With --execute: beside what is being moved already."),
    maybe("bootstrap-controller", "bootstrap controller to connect to", "The controllers, with --cancel and --list."),
    maybe("bootstrap-server", "Server(s) to use for bootstrapping", "Where the cluster is (this or --bootstrap-controller)."),
    with("broker-list", "String: brokerlist", "With --generate: the brokers to move to: 1,2."),
    flag("cancel", "Go back to what was before."),
    with("command-config", "String: Admin client property file", "A file with settings for the admin client."),
    flag("disable-rack-aware", "With --generate: leave racks out of account."),
    flag("disallow-replication-factor-change", "With --execute: refuse more or fewer replicas than before."),
    flag("execute", "Begin to move replicas."),
    flag("generate", "Propose a plan."),
    flag("help", "Show this page."),
    flag("list", "Show what is being moved."),
    flag("preserve-throttles", "With --verify and --cancel: leave throttles as they are."),
    with(
        "reassignment-json-file",
        "String: manual assignment json file path",
        r#"The plan: {"version":1,"partitions":[{"topic":"events","partition":0,"replicas":[1,2]}]}."#,
    ),
    with("replica-alter-log-dirs-throttle", "Long: replicaAlterLogDirsThrottle", "Bytes per second between folders of a broker."),
    with("throttle", "Long: throttle", "With --execute: bytes per second between brokers."),
    with("timeout", "Long: timeout", "Milliseconds that moves between folders may take to begin (default: 10000)."),
    with(
        "topics-to-move-json-file",
        "String: topics to reassign json file path",
        r#"With --generate: {"version":1,"topics":[{"topic":"events"}]}."#,
    ),
    flag("verify", "Show how far a plan is, and take its throttles away when it is done."),
    flag("version", "Show Kafka's version."),
];

const ACTIONS: &[&str] = &["generate", "execute", "verify", "cancel", "list"];

/// Which options must be given with an action, and which others may.
const RULES: &[(&str, &[&str], &[&str])] = &[
    ("verify", &["reassignment-json-file"], &["preserve-throttles"]),
    ("generate", &["topics-to-move-json-file", "broker-list"], &["disable-rack-aware"]),
    (
        "execute",
        &["reassignment-json-file"],
        &["additional", "throttle", "replica-alter-log-dirs-throttle", "timeout", "disallow-replication-factor-change"],
    ),
    ("cancel", &["reassignment-json-file"], &["preserve-throttles", "timeout", "bootstrap-controller"]),
    ("list", &[], &["bootstrap-controller"]),
];

const RACKS_MISSING: &str = "Not all brokers have rack information. Add --disable-rack-aware in command line to make replica assignment \
                             without rack information.";

const BUSY: &str = "Cannot execute because there is an existing partition assignment.  Use --additional to override this and create \
                    a new partition assignment in addition to the existing one. The --additional flag can also be used to change \
                    the throttle by resubmitting the current reassignment.";

const VERIFY_LATER: &str = "Warning: You must run --verify periodically, until the reassignment completes, to ensure the throttle is \
                            removed.";

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ReassignPartitions {
    given: Given,
}

/// Why an action does not go on.
enum Stop {
    Waiting,
    /// `TerseException`: its message alone is told.
    Terse(String),
    Thrown(Thrown),
}

type Done<T = ()> = Result<T, Stop>;

impl Stop {
    /// With another exception as its cause.
    fn because(self, cause: Thrown) -> Self {
        match self {
            Self::Thrown(thrown) => Self::Thrown(thrown.because(cause)),
            other => other,
        }
    }
}

impl From<Waiting> for Stop {
    fn from(_: Waiting) -> Self {
        Self::Waiting
    }
}

impl From<Thrown> for Stop {
    fn from(thrown: Thrown) -> Self {
        Self::Thrown(thrown)
    }
}

impl From<OptionError> for Stop {
    fn from(error: OptionError) -> Self {
        Self::Thrown(error.into())
    }
}

pub fn read(words: &[String]) -> Result<ReassignPartitions, Refusal> {
    let uncaught = |error: OptionError| {
        let mut stack = error.stack();
        if let Some(first) = stack.first_mut() {
            *first = format!("Exception in thread \"main\" {first}");
        }
        Refusal::lines(stack, 1)
    };
    let given = parse(OPTIONS, words).map_err(uncaught)?;
    let about = "This tool helps to move topic partitions between replicas.";
    if given.is_empty() {
        return Err(Refusal::usage(about));
    }
    help_or_version(OPTIONS, &given, about).map_err(Refusal::with_code_of_help)?;
    check(&given)?;
    Ok(ReassignPartitions { given })
}

/// `validateAndParseArgs`.
fn check(given: &Given) -> Result<(), Refusal> {
    let actions: Vec<&str> = ACTIONS.iter().copied().filter(|action| given.has(action)).collect();
    let [action] = actions.as_slice() else {
        let names: Vec<String> = ACTIONS.iter().map(|action| format!("--{action}")).collect();
        return Err(Refusal::usage(format!("Command must include exactly one action: {}", names.join(", "))));
    };
    match (given.has("bootstrap-server"), given.has("bootstrap-controller")) {
        (true, true) => return Err(Refusal::usage("Please don't specify both --bootstrap-server and --bootstrap-controller")),
        (false, false) => return Err(Refusal::usage("Please specify either --bootstrap-server or --bootstrap-controller")),
        _ => {}
    }
    let Some((_, needed, allowed)) = RULES.iter().find(|(name, ..)| name == action) else { return Ok(()) };
    require(given, needed)?;
    let fits = |name: &str| {
        name == *action
            || needed.contains(&name)
            || allowed.contains(&name)
            || matches!(name, "bootstrap-server" | "command-config")
    };
    match given.names().find(|name| !fits(name)) {
        Some(other) => Err(Refusal::usage(format!("Option \"[{other}]\" can't be used with action \"[{action}]\""))),
        None => Ok(()),
    }
}

impl Errand for ReassignPartitions {
    fn run(&self, desk: &mut Desk<'_, '_, '_>) -> Step<i32> {
        let done = if self.given.has("verify") {
            self.verify(desk)
        } else if self.given.has("generate") {
            self.generate(desk)
        } else if self.given.has("execute") {
            self.execute(desk)
        } else if self.given.has("cancel") {
            self.cancel(desk)
        } else {
            list(desk)
        };
        match done {
            Ok(()) => Ok(0),
            Err(Stop::Waiting) => Err(Waiting),
            Err(Stop::Terse(message)) => {
                message.lines().for_each(|line| desk.print(line));
                Ok(1)
            }
            Err(Stop::Thrown(thrown)) => {
                desk.print(format!("Error: {}", thrown.message));
                thrown.stack.into_iter().for_each(|line| desk.print(line));
                desk.print("");
                Ok(1)
            }
        }
    }
}

impl ReassignPartitions {
    fn file(&self, desk: &Desk<'_, '_, '_>, option: &str) -> Done<std::rc::Rc<str>> {
        let name = self.given.value(option)?.unwrap_or_default();
        Ok(desk.read_file(name).ok_or_else(|| json::unreadable(name))?)
    }

    fn verify(&self, desk: &mut Desk<'_, '_, '_>) -> Done {
        let plan = Plan::parse(&self.file(desk, "reassignment-json-file")?)?;
        let ongoing = ongoing(desk)?;
        let found = |partition: &TopicPartition| ongoing.iter().any(|known| known.topic_partition == *partition);
        let settled = plan.partitions.iter().map(|(partition, _)| partition).filter(|partition| !found(partition));
        let names = topic_set(settled);
        let metadata = if names.is_empty() { None } else { Some(describe(desk, names)?) };
        let mut wanted = plan.partitions.clone();
        sort(&mut wanted);
        desk.print("Status of partition reassignment:");
        for (partition, replicas) in &wanted {
            if found(partition) {
                desk.print(format!("Reassignment of partition {partition} is still in progress."));
                continue;
            }
            let current = replicas_of(metadata.as_ref(), partition)?;
            desk.print(if current == *replicas {
                format!("Reassignment of partition {partition} is completed.")
            } else {
                let (current, wanted) = (joined(&current), joined(replicas));
                format!(
                    "There is no active reassignment of partition {partition}, but replica set is {current} rather than {wanted}."
                )
            });
        }
        let moved = dirs::tell_moves(desk, &plan.log_dirs)?;
        if ongoing.is_empty() && moved && !self.given.has("preserve-throttles") {
            throttles::clear(desk, &plan, "")?;
        }
        Ok(())
    }

    fn generate(&self, desk: &mut Desk<'_, '_, '_>) -> Done {
        let text = self.file(desk, "topics-to-move-json-file")?;
        let mut brokers: Vec<BrokerId> = Vec::new();
        for word in self.given.value("broker-list")?.unwrap_or_default().split(',') {
            let broker = BrokerId(word.parse().map_err(|_| Thrown::number(word))?);
            if brokers.contains(&broker) {
                return Err(failed(&format!("Broker list contains duplicate entries: [{broker}]")));
            }
            brokers.push(broker);
        }
        let topics = plan::topics(&text)?;
        let metadata = describe_existing(desk, topic_set_of(topics))?;
        let current = current_replicas(&metadata, |_| true);
        let dirs = dirs::of_live_replicas(desk, &current, &metadata.brokers)?;
        let known = described_cluster(desk)?;
        let rack = |id| known.racks.get(id).filter(|_| !self.given.has("disable-rack-aware")).cloned();
        let usable = known.brokers.iter().filter(|broker| brokers.contains(broker));
        let usable: Vec<UsableBroker> = usable.map(|id| UsableBroker { id: *id, rack: rack(id), fenced: false }).collect();
        if usable.iter().any(|broker| broker.rack.is_none()) && usable.iter().any(|broker| broker.rack.is_some()) {
            return Err(Thrown::java("org.apache.kafka.tools.AdminOperationException", RACKS_MISSING).into());
        }
        let mut proposed = Vec::new();
        for topic in &metadata.topics {
            let factor = topic.partitions.first().map_or(0, |partition| partition.replicas.len());
            let chance = desk.chance();
            let placed = place(&usable, topic.partitions.len() as i32, factor as i16, &mut |bound| chance.below(bound))
                .map_err(|why| Thrown::api("InvalidReplicationFactorException", &why))?;
            let placed = placed.into_iter().enumerate();
            proposed.extend(placed.map(|(at, replicas)| (TopicPartition::new(topic.name.clone(), at as i32), replicas)));
        }
        desk.print("Current partition replica assignment");
        desk.print(as_json(&current, &dirs));
        desk.print("");
        desk.print("Proposed partition reassignment configuration");
        desk.print(as_json(&proposed, &SortedMap::new()));
        Ok(())
    }

    fn execute(&self, desk: &mut Desk<'_, '_, '_>) -> Done {
        let text = self.file(desk, "reassignment-json-file")?;
        let throttle = self.given.long("throttle")?.filter(|rate| *rate >= 0);
        let dirs_throttle = self.given.long("replica-alter-log-dirs-throttle")?.filter(|rate| *rate >= 0);
        let timeout_ms = self.given.long("timeout")?.unwrap_or(10_000);
        let plan = Plan::parse(&text)?;
        plan.check()?;
        let ongoing = ongoing(desk)?;
        if !self.given.has("additional") && !ongoing.is_empty() {
            return Err(Stop::Terse(BUSY.to_owned()));
        }
        let known = cluster(desk)?;
        if let Some(stranger) = plan.brokers().into_iter().find(|broker| !known.contains(broker)) {
            return Err(failed(&format!("Unknown broker id {stranger}")));
        }
        let current = plan.current(desk, known)?;
        if throttle.is_some() || dirs_throttle.is_some() {
            desk.print(VERIFY_LATER);
        }
        if let Some(rate) = throttle {
            throttles::set(desk, &plan, &ongoing, &current, rate)?;
        }
        if let Some(rate) = dirs_throttle {
            throttles::set_for_dirs(desk, &plan, rate)?;
        }
        let targets = plan.partitions.iter().map(|(partition, replicas)| (partition.clone(), Some(replicas.clone())));
        let allow = !self.given.has("disallow-replication-factor-change");
        if let Some(errors) = alter(desk, targets.collect(), allow)? {
            return Err(Stop::Terse(format!("Error reassigning partition(s):\n{errors}")));
        }
        let mut names: Vec<&TopicPartition> = plan.partitions.iter().map(|(partition, _)| partition).collect();
        sort(&mut names);
        desk.print(format!("Successfully started partition reassignment{} for {}", plural(names.len()), listed(&names)));
        dirs::move_replicas(desk, plan.log_dirs, timeout_ms)
    }

    fn cancel(&self, desk: &mut Desk<'_, '_, '_>) -> Done {
        let text = self.file(desk, "reassignment-json-file")?;
        self.given.long("timeout")?;
        let plan = Plan::parse(&text)?;
        let ongoing = ongoing(desk)?;
        let active = ongoing.iter().map(|known| &known.topic_partition);
        let active: Vec<&TopicPartition> =
            active.filter(|known| plan.partitions.iter().any(|(wanted, _)| wanted == *known)).collect();
        if active.is_empty() {
            desk.print("None of the specified partition reassignments are active.");
        } else {
            let targets = active.iter().map(|partition| ((*partition).clone(), None)).collect();
            let plural = plural(active.len());
            if let Some(errors) = alter(desk, targets, true)? {
                let plural = if errors.lines().count() == 1 { "" } else { "s" };
                return Err(Stop::Terse(format!("Error cancelling partition reassignment{plural} for:\n{errors}")));
            }
            desk.print(format!("Successfully cancelled partition reassignment{plural} for: {}", listed(&active)));
        }
        // The line is not ended here: a broker has one folder, so no replica moves between folders.
        let moves = "None of the specified partition moves are active.";
        if self.given.has("preserve-throttles") {
            desk.print(moves);
            return Ok(());
        }
        throttles::clear(desk, &plan, moves)
    }
}

fn list(desk: &mut Desk<'_, '_, '_>) -> Done {
    let ongoing = ongoing(desk)?;
    if ongoing.is_empty() {
        desk.print("No partition reassignments found.");
        return Ok(());
    }
    desk.print("Current partition reassignments:");
    for known in ongoing {
        let part = |name: &str, replicas: &[BrokerId]| match replicas {
            [] => String::new(),
            replicas => format!(" {name}: {}.", joined(replicas)),
        };
        let (partition, replicas) = (&known.topic_partition, joined(&known.replicas));
        let changes = part("adding", &known.adding) + &part("removing", &known.removing);
        desk.print(format!("{partition}: replicas: {replicas}.{changes}"));
    }
    Ok(())
}

// ---- what the actions ask

/// A question whose answer cannot be an error of its own.
fn ask<T>(desk: &mut Desk<'_, '_, '_>, request: Request, read: impl Fn(&Response) -> Option<T>) -> Done<T> {
    let response = desk.call(request)?.map_err(|error| Thrown::code(error).execution())?;
    Ok(read(&response).ok_or_else(|| Thrown::code(ErrorCode::UnknownServerError).execution())?)
}

/// What is being moved, by partition.
fn ongoing(desk: &mut Desk<'_, '_, '_>) -> Done<Vec<OngoingReassignment>> {
    ask(desk, Request::ListReassignments, |response| match response {
        Response::ListReassignments(response) => Some(response.partitions.clone()),
        _ => None,
    })
}

/// The brokers that live.
fn cluster(desk: &mut Desk<'_, '_, '_>) -> Done<Vec<BrokerId>> {
    Ok(described_cluster(desk)?.brokers)
}

fn described_cluster(desk: &mut Desk<'_, '_, '_>) -> Done<DescribeClusterResponse> {
    ask(desk, Request::DescribeCluster, |response| match response {
        Response::DescribeCluster(cluster) => Some(cluster.clone()),
        _ => None,
    })
}

fn describe(desk: &mut Desk<'_, '_, '_>, topics: Vec<TopicName>) -> Done<MetadataResponse> {
    let request = Request::Metadata(MetadataRequest { topics: Some(topics), allow_auto_topic_creation: false });
    ask(desk, request, |response| match response {
        Response::Metadata(response) => Some(response.clone()),
        _ => None,
    })
}

/// The same, where a topic that is not there is an error.
fn describe_existing(desk: &mut Desk<'_, '_, '_>, topics: Vec<TopicName>) -> Done<MetadataResponse> {
    let metadata = describe(desk, topics)?;
    match metadata.topics.iter().find(|topic| topic.error.is_some()) {
        Some(topic) => Err(unknown_partition(&format!("Topic {} not found.", topic.name))),
        None => Ok(metadata),
    }
}

/// Begins or (`None`) cancels reassignments. The partitions that are refused, each with its reason, line by line.
fn alter(
    desk: &mut Desk<'_, '_, '_>,
    partitions: Vec<(TopicPartition, Option<Vec<BrokerId>>)>,
    allow_replication_factor_change: bool,
) -> Done<Option<String>> {
    let request = AlterReassignmentsRequest { partitions, allow_replication_factor_change };
    let mut results = ask(desk, Request::AlterReassignments(request), |response| match response {
        Response::AlterReassignments(response) => Some(response.partitions.clone()),
        _ => None,
    })?;
    sort(&mut results);
    let errors = results.iter().filter_map(|(partition, error)| Some(format!("{partition}: {}", error.as_ref()?.1)));
    let errors: Vec<String> = errors.collect();
    Ok((!errors.is_empty()).then(|| errors.join("\n")))
}

/// `topicDescriptionFutureToState`: no replicas where there is no such topic or partition.
fn replicas_of(metadata: Option<&MetadataResponse>, partition: &TopicPartition) -> Done<Vec<BrokerId>> {
    let topic = metadata.and_then(|metadata| metadata.topics.iter().find(|topic| topic.name == partition.topic));
    let Some(topic) = topic.filter(|topic| topic.error.is_none()) else { return Ok(Vec::new()) };
    let (at, count) = (partition.partition, topic.partitions.len());
    match topic.partitions.iter().find(|known| known.partition == at) {
        Some(known) => Ok(known.replicas.clone()),
        None if at > count as i32 => Ok(Vec::new()),
        None => {
            let what = format!("Index {at} out of bounds for length {count}");
            Err(Thrown::java("java.lang.IndexOutOfBoundsException", &what).into())
        }
    }
}

/// The replicas of described partitions, by partition.
fn current_replicas(metadata: &MetadataResponse, wanted: impl Fn(&TopicPartition) -> bool) -> Vec<(TopicPartition, Vec<BrokerId>)> {
    let mut current = Vec::new();
    for topic in &metadata.topics {
        for partition in &topic.partitions {
            let name = TopicPartition::new(topic.name.clone(), partition.partition);
            if wanted(&name) {
                current.push((name, partition.replicas.clone()));
            }
        }
    }
    sort(&mut current);
    current
}

// ---- words

fn failed(message: &str) -> Stop {
    Thrown::java("org.apache.kafka.tools.AdminCommandFailedException", message).into()
}

fn unknown_partition(message: &str) -> Stop {
    Thrown::api("UnknownTopicOrPartitionException", message).execution().into()
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn joined(brokers: &[BrokerId]) -> String {
    brokers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn listed(partitions: &[&TopicPartition]) -> String {
    partitions.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn topic_set<'p>(partitions: impl Iterator<Item = &'p TopicPartition>) -> Vec<TopicName> {
    topic_set_of(partitions.map(|partition| partition.topic.clone()))
}

fn topic_set_of(topics: impl IntoIterator<Item = TopicName>) -> Vec<TopicName> {
    let mut set: Vec<TopicName> = Vec::new();
    for topic in topics {
        if !set.contains(&topic) {
            set.push(topic);
        }
    }
    hash_order(&mut set, 16, |topic| string_hash(topic.as_str()));
    set
}

fn partition_set(mut partitions: Vec<TopicPartition>) -> String {
    hash_order(&mut partitions, 16, partition_hash);
    partitions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
