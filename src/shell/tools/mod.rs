//! Lives here: Kafka's tools, a file or folder for each under its name without `kafka-`, and the table by which all are found.
//! Never here: what several tools share, which is in `cli`, and bash.

mod broker_api_versions;
mod cluster;
mod configs;
mod console_consumer;
mod console_producer;
mod console_share_consumer;
mod consumer_groups;
mod consumer_perf_test;
mod delete_records;
mod features;
mod get_offsets;
mod groups;
mod leader_election;
mod log_dirs;
mod metadata_quorum;
mod producer_perf_test;
mod reassign_partitions;
mod run_class;
mod share_consumer_perf_test;
mod share_groups;
mod streams_groups;
pub mod topics;
mod verifiable_consumer;
mod verifiable_producer;

use crate::shell::cli::admin_command::AdminProcess;
use crate::shell::cli::bootstrap;
use crate::shell::cli::options::{self, Opt, Refusal};
use crate::shell::cli::process::Process;

/// What the shell knows of a Kafka tool.
pub struct ToolInfo {
    /// As typed, without `.sh`.
    pub name: &'static str,
    pub about: &'static str,
    pub options: &'static [Opt],
    /// Lines to try.
    pub examples: &'static [&'static str],
    start: fn(&[String]) -> Result<Process, Refusal>,
}

/// Kafka's tools, by name.
pub const TOOLS: &[ToolInfo] = &[
    ToolInfo {
        name: "kafka-broker-api-versions",
        about: "Shows which requests a broker takes.",
        options: broker_api_versions::OPTIONS,
        examples: &["kafka-broker-api-versions.sh --bootstrap-server localhost:9092"],
        start: |words| Ok(Process::new(13, AdminProcess::new(broker_api_versions::read(words)?))),
    },
    ToolInfo {
        name: "kafka-cluster",
        about: "Shows the cluster's id and endpoints.",
        options: cluster::OPTIONS,
        examples: &[
            "kafka-cluster.sh cluster-id --bootstrap-server localhost:9092",
            "kafka-cluster.sh list-endpoints --bootstrap-server localhost:9092",
        ],
        start: |words| Ok(Process::new(14, AdminProcess::new(cluster::read(words)?))),
    },
    ToolInfo {
        name: "kafka-configs",
        about: "Shows and changes the settings of topics, brokers and groups.",
        options: configs::OPTIONS,
        examples: &[
            "kafka-configs.sh --describe --topic events --bootstrap-server localhost:9092",
            "kafka-configs.sh --alter --topic events --add-config retention.ms=60000 --bootstrap-server localhost:9092",
        ],
        start: |words| Ok(Process::new(0, AdminProcess::new(configs::read(words)?))),
    },
    ToolInfo {
        name: "kafka-console-consumer",
        about: "Reads records and prints them.",
        options: console_consumer::OPTIONS,
        examples: &[
            "kafka-console-consumer.sh --topic events --from-beginning --bootstrap-server localhost:9092",
            "kafka-console-consumer.sh --topic events --group readers --formatter-property print.partition=true \
             --formatter-property print.offset=true --bootstrap-server localhost:9092",
        ],
        start: |words| Ok(Process::new(7, console_consumer::read(words)?)),
    },
    ToolInfo {
        name: "kafka-console-producer",
        about: "Sends each line typed as a record.",
        options: console_producer::OPTIONS,
        examples: &[
            "kafka-console-producer.sh --topic events --bootstrap-server localhost:9092",
            "kafka-console-producer.sh --topic events --reader-property parse.key=true --reader-property key.separator=: \
             --bootstrap-server localhost:9092",
            "seq 1 10 | kafka-console-producer.sh --topic events --bootstrap-server localhost:9092",
        ],
        start: |words| Ok(Process::new(6, console_producer::read(words)?)),
    },
    ToolInfo {
        name: "kafka-console-share-consumer",
        about: "Reads records one by one, in a share group.",
        options: console_share_consumer::OPTIONS,
        examples: &[
            "kafka-console-share-consumer.sh --topic events --group workers --bootstrap-server localhost:9092",
            "kafka-console-share-consumer.sh --topic events --group workers --release --formatter-property print.delivery=true \
             --bootstrap-server localhost:9092",
        ],
        start: |words| Ok(Process::new(8, console_share_consumer::read(words)?)),
    },
    ToolInfo {
        name: "kafka-consumer-groups",
        about: "Shows groups with their offsets and lag, and resets or deletes them.",
        options: consumer_groups::OPTIONS,
        examples: &[
            "kafka-consumer-groups.sh --list --bootstrap-server localhost:9092",
            "kafka-consumer-groups.sh --describe --group readers --bootstrap-server localhost:9092",
            "kafka-consumer-groups.sh --reset-offsets --group readers --topic events --to-earliest --dry-run \
             --bootstrap-server localhost:9092",
        ],
        start: |words| Ok(Process::new(4, AdminProcess::new(consumer_groups::read(words)?))),
    },
    ToolInfo {
        name: "kafka-consumer-perf-test",
        about: "Reads records and tells how fast they came.",
        options: consumer_perf_test::OPTIONS,
        examples: &["kafka-consumer-perf-test.sh --topic events --num-records 1000 --bootstrap-server localhost:9092"],
        start: |words| Ok(Process::new(21, consumer_perf_test::read(words)?)),
    },
    ToolInfo {
        name: "kafka-delete-records",
        about: "Deletes the records before an offset.",
        options: delete_records::OPTIONS,
        examples: &[
            r#"echo '{"version":1,"partitions":[{"topic":"events","partition":0,"offset":1}]}' > delete.json"#,
            "kafka-delete-records.sh --offset-json-file delete.json --bootstrap-server localhost:9092",
        ],
        start: |words| Ok(Process::new(1, AdminProcess::new(delete_records::read(words)?))),
    },
    ToolInfo {
        name: "kafka-features",
        about: "Shows the features of the cluster.",
        options: features::OPTIONS,
        examples: &["kafka-features.sh --bootstrap-server localhost:9092 describe"],
        start: |words| Ok(Process::new(15, AdminProcess::new(features::read(words)?))),
    },
    ToolInfo {
        name: "kafka-get-offsets",
        about: "Shows where partitions begin and end.",
        options: get_offsets::OPTIONS,
        examples: &["kafka-get-offsets.sh --topic events --bootstrap-server localhost:9092"],
        start: |words| Ok(Process::new(2, AdminProcess::new(get_offsets::read(words)?))),
    },
    ToolInfo {
        name: "kafka-groups",
        about: "Lists groups of all kinds.",
        options: groups::OPTIONS,
        examples: &["kafka-groups.sh --list --bootstrap-server localhost:9092"],
        start: |words| Ok(Process::new(3, AdminProcess::new(groups::read(words)?))),
    },
    ToolInfo {
        name: "kafka-leader-election",
        about: "Gives partitions another leader.",
        options: leader_election::OPTIONS,
        examples: &[
            "kafka-leader-election.sh --election-type preferred --all-topic-partitions --bootstrap-server localhost:9092",
            "kafka-leader-election.sh --election-type unclean --topic events --partition 0 --bootstrap-server localhost:9092",
        ],
        start: |words| Ok(Process::new(16, AdminProcess::new(leader_election::read(words)?))),
    },
    ToolInfo {
        name: "kafka-log-dirs",
        about: "Shows how much each partition takes on disk.",
        options: log_dirs::OPTIONS,
        examples: &["kafka-log-dirs.sh --describe --topic-list events --bootstrap-server localhost:9092"],
        start: |words| Ok(Process::new(17, AdminProcess::new(log_dirs::read(words)?))),
    },
    ToolInfo {
        name: "kafka-metadata-quorum",
        about: "Shows the quorum of controllers.",
        options: metadata_quorum::OPTIONS,
        examples: &[
            "kafka-metadata-quorum.sh --bootstrap-server localhost:9092 describe --status",
            "kafka-metadata-quorum.sh --bootstrap-server localhost:9092 describe --replication",
        ],
        start: |words| Ok(Process::new(18, AdminProcess::new(metadata_quorum::read(words)?))),
    },
    ToolInfo {
        name: "kafka-producer-perf-test",
        about: "Sends records and tells how fast they were taken.",
        options: producer_perf_test::OPTIONS,
        examples: &["kafka-producer-perf-test.sh --topic events --num-records 1000 --record-size 100 --throughput 500 \
           --bootstrap-server localhost:9092"],
        start: |words| Ok(Process::new(19, producer_perf_test::read(words)?)),
    },
    ToolInfo {
        name: "kafka-reassign-partitions",
        about: "Moves partitions to other brokers.",
        options: reassign_partitions::OPTIONS,
        examples: &[
            r#"echo '{"version":1,"partitions":[{"topic":"events","partition":0,"replicas":[1]}]}' > plan.json"#,
            "kafka-reassign-partitions.sh --execute --reassignment-json-file plan.json --bootstrap-server localhost:9092",
            "kafka-reassign-partitions.sh --verify --reassignment-json-file plan.json --bootstrap-server localhost:9092",
            "kafka-reassign-partitions.sh --list --bootstrap-server localhost:9092",
        ],
        start: |words| Ok(Process::new(20, AdminProcess::new(reassign_partitions::read(words)?))),
    },
    ToolInfo {
        name: "kafka-share-consumer-perf-test",
        about: "Reads records in a share group and tells how fast they came.",
        options: share_consumer_perf_test::OPTIONS,
        examples: &[
            "kafka-share-consumer-perf-test.sh --topic events --num-records 1000 --timeout 2000 --bootstrap-server localhost:9092",
        ],
        start: |words| Ok(Process::new(24, share_consumer_perf_test::read(words)?)),
    },
    ToolInfo {
        name: "kafka-share-groups",
        about: "Shows share groups with where they are, and resets or deletes them.",
        options: share_groups::OPTIONS,
        examples: &[
            "kafka-share-groups.sh --list --state --bootstrap-server localhost:9092",
            "kafka-share-groups.sh --describe --group workers --bootstrap-server localhost:9092",
            "kafka-share-groups.sh --reset-offsets --group workers --topic events --to-earliest --execute \
             --bootstrap-server localhost:9092",
        ],
        start: |words| Ok(Process::new(9, AdminProcess::new(share_groups::read(words)?))),
    },
    ToolInfo {
        name: "kafka-streams-groups",
        about: "Shows groups of streams applications with their lag and tasks, and resets or deletes them.",
        options: streams_groups::OPTIONS,
        examples: &[
            "kafka-streams-groups.sh --list --state --bootstrap-server localhost:9092",
            "kafka-streams-groups.sh --describe --all-groups --members --bootstrap-server localhost:9092",
            "kafka-streams-groups.sh --describe --all-groups --bootstrap-server localhost:9092",
        ],
        start: |words| Ok(Process::new(27, AdminProcess::new(streams_groups::read(words)?))),
    },
    ToolInfo {
        name: "kafka-topics",
        about: "Creates, lists, describes, alters and deletes topics.",
        options: topics::OPTIONS,
        examples: &[
            "kafka-topics.sh --create --topic events --partitions 3 --bootstrap-server localhost:9092",
            "kafka-topics.sh --list --bootstrap-server localhost:9092",
            "kafka-topics.sh --describe --topic events --bootstrap-server localhost:9092",
        ],
        start: |words| Ok(Process::new(5, AdminProcess::new(topics::read(words)?))),
    },
    ToolInfo {
        name: "kafka-run-class",
        about: "Runs a class: the word count of Kafka's quickstart.",
        options: run_class::OPTIONS,
        examples: &["echo group.protocol=streams > app.properties && \
             kafka-run-class.sh org.apache.kafka.streams.examples.wordcount.WordCountDemo app.properties"],
        start: |words| Ok(Process::new(26, run_class::read(words)?)),
    },
    ToolInfo {
        name: "kafka-verifiable-consumer",
        about: "Reads records and says in JSON what it got.",
        options: verifiable_consumer::OPTIONS,
        examples: &[
            "kafka-verifiable-consumer.sh --topic events --group-id readers --max-messages 10 --bootstrap-server localhost:9092",
        ],
        start: |words| Ok(Process::new(23, verifiable_consumer::read(words)?)),
    },
    ToolInfo {
        name: "kafka-verifiable-producer",
        about: "Sends numbers and says in JSON what became of them.",
        options: verifiable_producer::OPTIONS,
        examples: &["kafka-verifiable-producer.sh --topic events --max-messages 10 --bootstrap-server localhost:9092"],
        start: |words| Ok(Process::new(22, verifiable_producer::read(words)?)),
    },
];

/// Tools of Kafka's that exist and are not simulated, with the reason.
const NOT_SIMULATED: &[(&str, &str)] = &[
    ("kafka-acls", "there is no security here"),
    ("kafka-client-metrics", "clients send no metrics here"),
    ("kafka-dump-log", "logs are not files here"),
    ("kafka-replica-verification", "replicas are compared after every step here, in the tests"),
    ("kafka-storage", "logs are not files here"),
    ("kafka-transactions", "there are no transactions here yet"),
    ("kafka-verifiable-share-consumer", "it serves Kafka's own tests"),
];

/// A tool's name without any `bin/` in front and without `.sh`: people write all of these.
pub fn bare_name(word: &str) -> &str {
    let base = word.rsplit_once("bin/").map_or(word, |(_, base)| base);
    base.strip_suffix(".sh").unwrap_or(base)
}

/// The tool of that name, as typed.
pub fn named(word: &str) -> Option<&'static ToolInfo> {
    TOOLS.iter().find(|info| info.name == bare_name(word))
}

/// Starts the tool of that name, as typed; `None` if there is none in Kafka.
pub fn start(word: &str, arguments: &[String]) -> Option<Process> {
    if let Some(info) = named(word) {
        let started = (info.start)(arguments).and_then(|process| match refused_by_servers(info, arguments) {
            Some(refusal) => Err(refusal),
            None => Ok(process),
        });
        return Some(started.unwrap_or_else(Process::refused));
    }
    let (_, why) = NOT_SIMULATED.iter().find(|(known, _)| *known == bare_name(word))?;
    Some(Process::failed(format!("{word}: this tool is not simulated: {why}"), 1))
}

fn refused_by_servers(info: &ToolInfo, arguments: &[String]) -> Option<Refusal> {
    let given = options::parse(info.options, arguments).ok()?;
    bootstrap::refuse(info.name, given.values("bootstrap-server").next()?)
}
