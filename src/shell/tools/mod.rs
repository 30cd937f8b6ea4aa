//! Lives here: Kafka's tools, a file or folder for each under its name without `kafka-`, and the table by which all are found.
//! Never here: what several tools share, which is in `cli`, and bash.

pub(crate) mod broker_api_versions;
pub(crate) mod cluster;
pub(crate) mod configs;
pub(crate) mod console_consumer;
pub(crate) mod console_producer;
pub(crate) mod console_share_consumer;
pub(crate) mod consumer_groups;
pub(crate) mod consumer_perf_test;
pub(crate) mod delete_records;
pub(crate) mod features;
pub(crate) mod get_offsets;
pub(crate) mod groups;
pub(crate) mod leader_election;
pub mod log_dirs;
pub(crate) mod metadata_quorum;
pub(crate) mod producer_perf_test;
pub(crate) mod reassign_partitions;
pub(crate) mod share_groups;
pub mod topics;
pub(crate) mod verifiable;

use crate::engine::program::Event;
use crate::engine::share::AcknowledgeType;
use crate::shell::bash::builtins::{self, Word};
use crate::shell::bash::wrapper::{self, Wrapper};
use crate::shell::cli::admin_command::Dialogue;
use crate::shell::cli::bootstrap;
use crate::shell::cli::io::Io;
use crate::shell::cli::options::{self, Opt, Refusal};
use crate::shell::cli::time::log_time;
use crate::shell::tools::broker_api_versions::ApiVersions;
use crate::shell::tools::cluster::Cluster;
use crate::shell::tools::configs::Configs;
use crate::shell::tools::console_consumer::ConsoleConsumer;
use crate::shell::tools::console_producer::ConsoleProducer;
use crate::shell::tools::console_share_consumer::ConsoleShareConsumer;
use crate::shell::tools::consumer_groups::ConsumerGroups;
use crate::shell::tools::consumer_perf_test::ConsumerPerf;
use crate::shell::tools::delete_records::DeleteRecords;
use crate::shell::tools::features::Features;
use crate::shell::tools::get_offsets::GetOffsets;
use crate::shell::tools::groups::Groups;
use crate::shell::tools::leader_election::LeaderElection;
use crate::shell::tools::log_dirs::LogDirs;
use crate::shell::tools::metadata_quorum::MetadataQuorum;
use crate::shell::tools::producer_perf_test::ProducerPerf;
use crate::shell::tools::reassign_partitions::ReassignPartitions;
use crate::shell::tools::share_groups::ShareGroups;
use crate::shell::tools::topics::Topics;
use crate::shell::tools::verifiable::{VerifiableConsumer, VerifiableProducer};

/// A command that runs.
#[derive(Clone, Hash, Debug)]
pub enum Tool {
    Configs(Dialogue<Configs>),
    DeleteRecords(Dialogue<DeleteRecords>),
    GetOffsets(Dialogue<GetOffsets>),
    Groups(Dialogue<Groups>),
    ConsumerGroups(Dialogue<ConsumerGroups>),
    Topics(Dialogue<Topics>),
    Producer(Box<ConsoleProducer>),
    Consumer(Box<ConsoleConsumer>),
    ShareConsumer(Box<ConsoleShareConsumer>),
    ShareGroups(Dialogue<ShareGroups>),
    Word(Word),
    Wrapper(Box<Wrapper>),
    /// Ended before it began.
    Refused(Refusal),
    ApiVersions(Dialogue<ApiVersions>),
    Cluster(Dialogue<Cluster>),
    Features(Dialogue<Features>),
    LeaderElection(Dialogue<LeaderElection>),
    LogDirs(Dialogue<LogDirs>),
    MetadataQuorum(Dialogue<MetadataQuorum>),
    ProducerPerf(Box<ProducerPerf>),
    ReassignPartitions(Dialogue<ReassignPartitions>),
    ConsumerPerf(Box<ConsumerPerf>),
    VerifiableProducer(Box<VerifiableProducer>),
    VerifiableConsumer(Box<VerifiableConsumer>),
}

/// What the shell knows of a Kafka tool.
pub struct ToolInfo {
    /// As typed, without `.sh`.
    pub name: &'static str,
    pub about: &'static str,
    pub options: &'static [Opt],
    start: fn(&[String]) -> Result<Tool, Refusal>,
}

/// Kafka's tools, by name.
pub const TOOLS: &[ToolInfo] = &[
    ToolInfo {
        name: "kafka-broker-api-versions",
        about: "Shows which requests a broker takes.",
        options: broker_api_versions::OPTIONS,
        start: |words| Ok(Tool::ApiVersions(Dialogue::new(broker_api_versions::read(words)?))),
    },
    ToolInfo {
        name: "kafka-cluster",
        about: "Shows the cluster's id and endpoints.",
        options: cluster::OPTIONS,
        start: |words| Ok(Tool::Cluster(Dialogue::new(cluster::read(words)?))),
    },
    ToolInfo {
        name: "kafka-configs",
        about: "Shows and changes the settings of topics and groups.",
        options: configs::OPTIONS,
        start: |words| Ok(Tool::Configs(Dialogue::new(configs::read(words)?))),
    },
    ToolInfo {
        name: "kafka-console-consumer",
        about: "Reads records and prints them.",
        options: console_consumer::options::OPTIONS,
        start: |words| Ok(Tool::Consumer(Box::new(console_consumer::read(words)?))),
    },
    ToolInfo {
        name: "kafka-console-producer",
        about: "Sends each line typed as a record.",
        options: console_producer::OPTIONS,
        start: |words| Ok(Tool::Producer(Box::new(console_producer::read(words)?))),
    },
    ToolInfo {
        name: "kafka-console-share-consumer",
        about: "Reads records one by one, in a share group.",
        options: console_share_consumer::OPTIONS,
        start: |words| Ok(Tool::ShareConsumer(Box::new(console_share_consumer::read(words)?))),
    },
    ToolInfo {
        name: "kafka-consumer-groups",
        about: "Shows groups with their offsets and lag, and resets or deletes them.",
        options: consumer_groups::OPTIONS,
        start: |words| Ok(Tool::ConsumerGroups(Dialogue::new(consumer_groups::read(words)?))),
    },
    ToolInfo {
        name: "kafka-consumer-perf-test",
        about: "Reads records and tells how fast they came.",
        options: consumer_perf_test::OPTIONS,
        start: |words| Ok(Tool::ConsumerPerf(Box::new(consumer_perf_test::read(words)?))),
    },
    ToolInfo {
        name: "kafka-delete-records",
        about: "Deletes the records before an offset.",
        options: delete_records::OPTIONS,
        start: |words| Ok(Tool::DeleteRecords(Dialogue::new(delete_records::read(words)?))),
    },
    ToolInfo {
        name: "kafka-features",
        about: "Shows the features of the cluster.",
        options: features::OPTIONS,
        start: |words| Ok(Tool::Features(Dialogue::new(features::read(words)?))),
    },
    ToolInfo {
        name: "kafka-get-offsets",
        about: "Shows where partitions begin and end.",
        options: get_offsets::OPTIONS,
        start: |words| Ok(Tool::GetOffsets(Dialogue::new(get_offsets::read(words)?))),
    },
    ToolInfo {
        name: "kafka-groups",
        about: "Lists groups of all kinds.",
        options: groups::OPTIONS,
        start: |words| Ok(Tool::Groups(Dialogue::new(groups::read(words)?))),
    },
    ToolInfo {
        name: "kafka-leader-election",
        about: "Gives partitions another leader.",
        options: leader_election::OPTIONS,
        start: |words| Ok(Tool::LeaderElection(Dialogue::new(leader_election::read(words)?))),
    },
    ToolInfo {
        name: "kafka-log-dirs",
        about: "Shows how much each partition takes on disk.",
        options: log_dirs::OPTIONS,
        start: |words| Ok(Tool::LogDirs(Dialogue::new(log_dirs::read(words)?))),
    },
    ToolInfo {
        name: "kafka-metadata-quorum",
        about: "Shows the quorum of controllers.",
        options: metadata_quorum::OPTIONS,
        start: |words| Ok(Tool::MetadataQuorum(Dialogue::new(metadata_quorum::read(words)?))),
    },
    ToolInfo {
        name: "kafka-producer-perf-test",
        about: "Sends records and tells how fast they were taken.",
        options: producer_perf_test::OPTIONS,
        start: |words| Ok(Tool::ProducerPerf(Box::new(producer_perf_test::read(words)?))),
    },
    ToolInfo {
        name: "kafka-reassign-partitions",
        about: "Moves partitions to other brokers.",
        options: reassign_partitions::OPTIONS,
        start: |words| Ok(Tool::ReassignPartitions(Dialogue::new(reassign_partitions::read(words)?))),
    },
    ToolInfo {
        name: "kafka-share-groups",
        about: "Shows share groups with where they are, and resets or deletes them.",
        options: share_groups::OPTIONS,
        start: |words| Ok(Tool::ShareGroups(Dialogue::new(share_groups::read(words)?))),
    },
    ToolInfo {
        name: "kafka-topics",
        about: "Creates, lists, describes, alters and deletes topics.",
        options: topics::OPTIONS,
        start: |words| Ok(Tool::Topics(Dialogue::new(topics::read(words)?))),
    },
    ToolInfo {
        name: "kafka-verifiable-consumer",
        about: "Reads records and says in JSON what it got.",
        options: verifiable::CONSUMER_OPTIONS,
        start: |words| Ok(Tool::VerifiableConsumer(Box::new(verifiable::read_consumer(words)?))),
    },
    ToolInfo {
        name: "kafka-verifiable-producer",
        about: "Sends numbers and says in JSON what became of them.",
        options: verifiable::PRODUCER_OPTIONS,
        start: |words| Ok(Tool::VerifiableProducer(Box::new(verifiable::read_producer(words)?))),
    },
];

/// Tools of Kafka's that exist and are not simulated, with the reason.
const NOT_SIMULATED: &[(&str, &str)] = &[
    ("kafka-acls", "there is no security here"),
    ("kafka-client-metrics", "clients send no metrics here"),
    ("kafka-dump-log", "logs are not files here"),
    ("kafka-replica-verification", "replicas are compared after every step here, in the tests"),
    ("kafka-storage", "logs are not files here"),
    ("kafka-streams-groups", "there are no streams groups here"),
    ("kafka-transactions", "there are no transactions here yet"),
    ("kafka-verifiable-share-consumer", "it serves Kafka's own tests"),
];

/// Commands in commands, at most.
const DEPTH_MAX: usize = 8;

/// A tool's name without any `bin/` in front and without `.sh`: people write all of these.
pub(crate) fn bare_name(word: &str) -> &str {
    let base = word.rsplit_once("bin/").map_or(word, |(_, base)| base);
    base.strip_suffix(".sh").unwrap_or(base)
}

/// The command that these words start.
pub(crate) fn find(words: &[String]) -> Tool {
    let Some((first, arguments)) = words.split_first() else {
        return failed(String::new(), 0);
    };
    let base = first.rsplit_once("bin/").map_or(first.as_str(), |(_, base)| base);
    let name = bare_name(first);
    if let Some(info) = TOOLS.iter().find(|info| info.name == name) {
        let started = (info.start)(arguments).and_then(|tool| match refused_by_servers(info, arguments) {
            Some(refusal) => Err(refusal),
            None => Ok(tool),
        });
        return started.unwrap_or_else(Tool::Refused);
    }
    if let Some((_, why)) = NOT_SIMULATED.iter().find(|(known, _)| *known == name) {
        return failed(format!("{first}: this tool is not simulated: {why}"), 1);
    }
    // Else a line could nest commands without end.
    if words.iter().filter(|word| matches!(word.as_str(), "timeout" | "xargs")).count() > DEPTH_MAX {
        return failed(format!("{base}: more than {DEPTH_MAX} commands in each other"), 1);
    }
    let wrapped = match base {
        "timeout" => Some(wrapper::timeout(arguments)),
        "xargs" => Some(wrapper::xargs(arguments)),
        _ => None,
    };
    if let Some(wrapped) = wrapped {
        return wrapped.map_or_else(|why| failed(why, 1), |wrapper| Tool::Wrapper(Box::new(wrapper)));
    }
    match builtins::find(base, arguments) {
        Some(word) => Tool::Word(word),
        None if first.contains('/') => failed(format!("bash: line 1: {first}: No such file or directory"), 127),
        None => failed(format!("bash: line 1: {first}: command not found"), 127),
    }
}

fn refused_by_servers(info: &ToolInfo, arguments: &[String]) -> Option<Refusal> {
    let given = options::parse(info.options, arguments).ok()?;
    bootstrap::refuse(info.name, given.values("bootstrap-server").next()?)
}

pub(crate) fn failed(line: String, code: i32) -> Tool {
    Tool::Refused(Refusal { lines: vec![line], code })
}

impl Tool {
    pub(crate) fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match self {
            Self::ConsumerGroups(dialogue) => dialogue.on(event, io),
            Self::ApiVersions(dialogue) => dialogue.on(event, io),
            Self::Cluster(dialogue) => dialogue.on(event, io),
            Self::Features(dialogue) => dialogue.on(event, io),
            Self::LeaderElection(dialogue) => dialogue.on(event, io),
            Self::LogDirs(dialogue) => dialogue.on(event, io),
            Self::MetadataQuorum(dialogue) => dialogue.on(event, io),
            Self::ReassignPartitions(dialogue) => dialogue.on(event, io),
            Self::Configs(dialogue) => dialogue.on(event, io),
            Self::DeleteRecords(dialogue) => dialogue.on(event, io),
            Self::GetOffsets(dialogue) => dialogue.on(event, io),
            Self::Groups(dialogue) => dialogue.on(event, io),
            Self::Topics(dialogue) => dialogue.on(event, io),
            Self::ConsumerPerf(perf) => perf.on(event, io),
            Self::VerifiableProducer(producer) => producer.on(event, io),
            Self::VerifiableConsumer(consumer) => consumer.on(event, io),
            Self::ProducerPerf(perf) => perf.on(event, io),
            Self::Producer(producer) => producer.on(event, io),
            Self::Consumer(consumer) => consumer.on(event, io),
            Self::ShareConsumer(consumer) => consumer.on(event, io),
            Self::ShareGroups(dialogue) => dialogue.on(event, io),
            Self::Word(word) => word.on(event, io),
            Self::Wrapper(wrapper) => wrapper.on(event, io),
            Self::Refused(refusal) => {
                if matches!(event, Event::Started) {
                    let time = format!("[{}]", log_time(io.context.now().timestamp()));
                    for line in std::mem::take(&mut refusal.lines) {
                        io.error(line.replace(bootstrap::NOW, &time));
                    }
                    io.exit(refusal.code);
                }
            }
        }
    }

    /// Is it a console consumer, which can be made to take its time for each record?
    pub fn reads_records(&self) -> bool {
        match self {
            Self::Consumer(_) | Self::ShareConsumer(_) => true,
            Self::Wrapper(wrapper) => wrapper.reads_records(),
            _ => false,
        }
    }

    /// What a share consumer says of each record; `None` for all other tools.
    pub fn acknowledges(&self) -> Option<AcknowledgeType> {
        match self {
            Self::ShareConsumer(consumer) => Some(consumer.acknowledges()),
            Self::Wrapper(wrapper) => wrapper.acknowledges(),
            _ => None,
        }
    }

    /// Does it read standard input?
    pub fn reads_input(&self) -> bool {
        match self {
            Self::Producer(_) => true,
            Self::Word(word) => word.reads_input(),
            Self::Wrapper(wrapper) => wrapper.reads_input(),
            _ => false,
        }
    }
}
