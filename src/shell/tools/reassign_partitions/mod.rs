//! Lives here: `kafka-reassign-partitions.sh` (`org.apache.kafka.tools.reassign.ReassignPartitionsCommand`): its options
//! and actions (here), the files that it reads and writes (`plan`), its throttles (`throttles`), where replicas lie (`dirs`).
//! Never here: what the controller makes of a reassignment.

mod dirs;
mod plan;
mod throttles;

use crate::base::java::{hash_order, parse_number, split, string_hash};
use crate::base::{BrokerId, SortedMap, TopicName, TopicPartition, sort};
use crate::engine::controller::placement::{UsableBroker, place};
use crate::engine::protocol::{AlterReassignmentsRequest, MetadataRequest, MetadataResponse, OngoingReassignment};
use crate::shell::cli::admin_command::{Admin, AdminCommand, ask};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::{Done, Stop};
use crate::shell::cli::json;
use crate::shell::cli::options::{self, Given, Opt, OptionError, Refusal, flag, maybe, require, with};
use crate::shell::cli::queries::joined;
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

/// An exception of which the message alone is told.
const TERSE: &str = "org.apache.kafka.tools.TerseException";

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

pub fn read(words: &[String]) -> Result<ReassignPartitions, Refusal> {
    let about = "This tool helps to move topic partitions between replicas.";
    let given = options::read(OPTIONS, words, about, OptionError::uncaught)?;
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

impl AdminCommand for ReassignPartitions {
    fn run(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        admin.check_client(&self.given)?;
        if ["bootstrap-server", "bootstrap-controller"]
            .iter()
            .any(|option| self.given.has(option) && !self.given.has_argument(option))
        {
            let lines = ["Error: null", "java.lang.NullPointerException", "<stack>", ""];
            return Err(Refusal::lines(lines, 1).on_output().into());
        }
        if self.given.has("verify") {
            self.verify(admin)?;
        } else if self.given.has("generate") {
            self.generate(admin)?;
        } else if self.given.has("execute") {
            self.execute(admin)?;
        } else if self.given.has("cancel") {
            self.cancel(admin)?;
        } else {
            list(admin)?;
        }
        Ok(0)
    }

    fn fail(&self, admin: &mut Admin<'_, '_, '_>, thrown: Exception) -> i32 {
        if thrown.class == TERSE {
            thrown.message.lines().for_each(|line| admin.print(line));
            return 1;
        }
        admin.print(format!("Error: {}", thrown.message));
        thrown.stack().into_iter().for_each(|line| admin.print(line));
        admin.print("");
        1
    }
}

impl ReassignPartitions {
    fn file(&self, admin: &Admin<'_, '_, '_>, option: &str) -> Done<std::rc::Rc<str>> {
        let name = self.given.value(option)?.unwrap_or_default();
        Ok(admin.read_file(name).ok_or_else(|| json::unreadable(name))?)
    }

    fn verify(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let plan = Plan::parse(&self.file(admin, "reassignment-json-file")?)?;
        let ongoing = ongoing(admin)?;
        let found = |partition: &TopicPartition| ongoing.iter().any(|known| known.topic_partition == *partition);
        let settled = plan.partitions.iter().map(|(partition, _)| partition).filter(|partition| !found(partition));
        let names = topic_set(settled);
        let metadata = if names.is_empty() { None } else { Some(describe(admin, names)?) };
        let mut wanted = plan.partitions.clone();
        sort(&mut wanted);
        admin.print("Status of partition reassignment:");
        for (partition, replicas) in &wanted {
            if found(partition) {
                admin.print(format!("Reassignment of partition {partition} is still in progress."));
                continue;
            }
            let current = replicas_of(metadata.as_ref(), partition)?;
            admin.print(if current == *replicas {
                format!("Reassignment of partition {partition} is completed.")
            } else {
                let (current, wanted) = (joined(&current, ","), joined(replicas, ","));
                format!(
                    "There is no active reassignment of partition {partition}, but replica set is {current} rather than {wanted}."
                )
            });
        }
        let moved = dirs::tell_moves(admin, &plan.log_dirs)?;
        if ongoing.is_empty() && moved && !self.given.has("preserve-throttles") {
            throttles::clear(admin, &plan, "")?;
        }
        Ok(())
    }

    fn generate(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let text = self.file(admin, "topics-to-move-json-file")?;
        let mut brokers: Vec<BrokerId> = Vec::new();
        for word in split(self.given.value("broker-list")?.unwrap_or_default(), ',') {
            let broker = BrokerId(parse_number(word).ok_or_else(|| Exception::number(word))?);
            if brokers.contains(&broker) {
                return Err(Exception::command_failed(&format!("Broker list contains duplicate entries: [{broker}]")).into());
            }
            brokers.push(broker);
        }
        let topics = plan::topics(&text)?;
        let metadata = describe_existing(admin, topic_set_of(topics))?;
        let current = current_replicas(&metadata, |_| true);
        let dirs = dirs::of_live_replicas(admin, &current, &metadata.brokers)?;
        let known = admin.cluster()??;
        let rack = |id| known.racks.get(id).filter(|_| !self.given.has("disable-rack-aware")).cloned();
        let usable = known.brokers.iter().filter(|broker| brokers.contains(broker));
        let usable: Vec<UsableBroker> = usable.map(|id| UsableBroker { id: *id, rack: rack(id), fenced: false }).collect();
        if usable.iter().any(|broker| broker.rack.is_none()) && usable.iter().any(|broker| broker.rack.is_some()) {
            return Err(Exception::operation(RACKS_MISSING).into());
        }
        let mut proposed = Vec::new();
        for topic in &metadata.topics {
            let factor = topic.partitions.first().map_or(0, |partition| partition.replicas.len());
            let chance = admin.chance();
            let placed = place(&usable, topic.partitions.len() as i32, factor as i16, &mut |bound| chance.below(bound))
                .map_err(|why| Exception::api("InvalidReplicationFactorException", &why))?;
            let placed = placed.into_iter().enumerate();
            proposed.extend(placed.map(|(at, replicas)| (TopicPartition::new(topic.name.clone(), at as i32), replicas)));
        }
        admin.print("Current partition replica assignment");
        admin.print(as_json(&current, &dirs));
        admin.print("");
        admin.print("Proposed partition reassignment configuration");
        admin.print(as_json(&proposed, &SortedMap::new()));
        Ok(())
    }

    fn execute(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let text = self.file(admin, "reassignment-json-file")?;
        let throttle = self.given.long("throttle")?.filter(|rate| *rate >= 0);
        let dirs_throttle = self.given.long("replica-alter-log-dirs-throttle")?.filter(|rate| *rate >= 0);
        let timeout_ms = self.given.long("timeout")?.unwrap_or(10_000);
        let plan = Plan::parse(&text)?;
        plan.check()?;
        let ongoing = ongoing(admin)?;
        if !self.given.has("additional") && !ongoing.is_empty() {
            return Err(terse(BUSY));
        }
        let known = admin.cluster()??.brokers;
        if let Some(stranger) = plan.brokers().into_iter().find(|broker| !known.contains(broker)) {
            return Err(Exception::command_failed(&format!("Unknown broker id {stranger}")).into());
        }
        let current = plan.current(admin, known)?;
        if throttle.is_some() || dirs_throttle.is_some() {
            admin.print(VERIFY_LATER);
        }
        if let Some(rate) = throttle {
            throttles::set(admin, &plan, &ongoing, &current, rate)?;
        }
        if let Some(rate) = dirs_throttle {
            throttles::set_for_dirs(admin, &plan, rate)?;
        }
        let targets = plan.partitions.iter().map(|(partition, replicas)| (partition.clone(), Some(replicas.clone())));
        let allow = !self.given.has("disallow-replication-factor-change");
        if let Some(errors) = alter(admin, targets.collect(), allow)? {
            return Err(terse(&format!("Error reassigning partition(s):\n{errors}")));
        }
        let mut names: Vec<&TopicPartition> = plan.partitions.iter().map(|(partition, _)| partition).collect();
        sort(&mut names);
        admin.print(format!("Successfully started partition reassignment{} for {}", plural(names.len()), joined(&names, ",")));
        dirs::move_replicas(admin, plan.log_dirs, timeout_ms)
    }

    fn cancel(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let text = self.file(admin, "reassignment-json-file")?;
        self.given.long("timeout")?;
        let plan = Plan::parse(&text)?;
        let ongoing = ongoing(admin)?;
        let active = ongoing.iter().map(|known| &known.topic_partition);
        let active: Vec<&TopicPartition> =
            active.filter(|known| plan.partitions.iter().any(|(wanted, _)| wanted == *known)).collect();
        if active.is_empty() {
            admin.print("None of the specified partition reassignments are active.");
        } else {
            let targets = active.iter().map(|partition| ((*partition).clone(), None)).collect();
            let plural = plural(active.len());
            if let Some(errors) = alter(admin, targets, true)? {
                let plural = if errors.lines().count() == 1 { "" } else { "s" };
                return Err(terse(&format!("Error cancelling partition reassignment{plural} for:\n{errors}")));
            }
            admin.print(format!("Successfully cancelled partition reassignment{plural} for: {}", joined(&active, ",")));
        }
        // The line is not ended here: a broker has one folder, so no replica moves between folders.
        let moves = "None of the specified partition moves are active.";
        if self.given.has("preserve-throttles") {
            admin.print(moves);
            return Ok(());
        }
        throttles::clear(admin, &plan, moves)
    }
}

fn list(admin: &mut Admin<'_, '_, '_>) -> Done {
    let ongoing = ongoing(admin)?;
    if ongoing.is_empty() {
        admin.print("No partition reassignments found.");
        return Ok(());
    }
    admin.print("Current partition reassignments:");
    for known in ongoing {
        let part = |name: &str, replicas: &[BrokerId]| match replicas {
            [] => String::new(),
            replicas => format!(" {name}: {}.", joined(replicas, ",")),
        };
        let (partition, replicas) = (&known.topic_partition, joined(&known.replicas, ","));
        let changes = part("adding", &known.adding) + &part("removing", &known.removing);
        admin.print(format!("{partition}: replicas: {replicas}.{changes}"));
    }
    Ok(())
}

// ---- what the actions ask

/// What is being moved, by partition.
fn ongoing(admin: &mut Admin<'_, '_, '_>) -> Done<Vec<OngoingReassignment>> {
    Ok(ask!(admin, ListReassignments)?.partitions)
}

fn describe(admin: &mut Admin<'_, '_, '_>, topics: Vec<TopicName>) -> Done<MetadataResponse> {
    Ok(ask!(admin, Metadata(MetadataRequest { topics: Some(topics), allow_auto_topic_creation: false }))?)
}

/// The same, where a topic that is not there is an error.
fn describe_existing(admin: &mut Admin<'_, '_, '_>, topics: Vec<TopicName>) -> Done<MetadataResponse> {
    let metadata = describe(admin, topics)?;
    match metadata.topics.iter().find(|topic| topic.error.is_some()) {
        Some(topic) => Err(unknown_partition(&format!("Topic {} not found.", topic.name))),
        None => Ok(metadata),
    }
}

/// Begins or (`None`) cancels reassignments. The partitions that are refused, each with its reason, line by line.
fn alter(
    admin: &mut Admin<'_, '_, '_>,
    partitions: Vec<(TopicPartition, Option<Vec<BrokerId>>)>,
    allow_replication_factor_change: bool,
) -> Done<Option<String>> {
    let request = AlterReassignmentsRequest { partitions, allow_replication_factor_change };
    let mut results = ask!(admin, AlterReassignments(request))?.partitions;
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
            Err(Exception::java("java.lang.IndexOutOfBoundsException", &what).into())
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

fn terse(message: &str) -> Stop {
    Exception::java(TERSE, message).into()
}

fn unknown_partition(message: &str) -> Stop {
    Exception::api("UnknownTopicOrPartitionException", message).execution().into()
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
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
