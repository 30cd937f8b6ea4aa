//! `help` and `help TOOL`: what there is, in few words, with lines to try.

use crate::shell::bash::builtins::{Word, complain};
use crate::shell::bash::fault_lines::FAULT_LINES;
use crate::shell::cli::options::usage_page;
use crate::shell::tools::{TOOLS, bare_name};

/// What stands before a line to try. The page makes it a button.
pub const EXAMPLE: &str = "  $ ";

/// Lines to try, by tool.
const EXAMPLES: &[(&str, &[&str])] = &[
    ("kafka-broker-api-versions", &["kafka-broker-api-versions.sh --bootstrap-server localhost:9092"]),
    (
        "kafka-cluster",
        &[
            "kafka-cluster.sh cluster-id --bootstrap-server localhost:9092",
            "kafka-cluster.sh list-endpoints --bootstrap-server localhost:9092",
        ],
    ),
    (
        "kafka-configs",
        &[
            "kafka-configs.sh --describe --topic events --bootstrap-server localhost:9092",
            "kafka-configs.sh --alter --topic events --add-config retention.ms=60000 --bootstrap-server localhost:9092",
        ],
    ),
    (
        "kafka-console-consumer",
        &[
            "kafka-console-consumer.sh --topic events --from-beginning --bootstrap-server localhost:9092",
            "kafka-console-consumer.sh --topic events --group readers --formatter-property print.partition=true \
             --formatter-property print.offset=true --bootstrap-server localhost:9092",
        ],
    ),
    (
        "kafka-console-producer",
        &[
            "kafka-console-producer.sh --topic events --bootstrap-server localhost:9092",
            "kafka-console-producer.sh --topic events --reader-property parse.key=true --reader-property key.separator=: \
             --bootstrap-server localhost:9092",
            "seq 1 10 | kafka-console-producer.sh --topic events --bootstrap-server localhost:9092",
        ],
    ),
    (
        "kafka-console-share-consumer",
        &[
            "kafka-console-share-consumer.sh --topic events --group workers --bootstrap-server localhost:9092",
            "kafka-console-share-consumer.sh --topic events --group workers --release --formatter-property print.delivery=true \
             --bootstrap-server localhost:9092",
        ],
    ),
    (
        "kafka-consumer-groups",
        &[
            "kafka-consumer-groups.sh --list --bootstrap-server localhost:9092",
            "kafka-consumer-groups.sh --describe --group readers --bootstrap-server localhost:9092",
            "kafka-consumer-groups.sh --reset-offsets --group readers --topic events --to-earliest --dry-run \
             --bootstrap-server localhost:9092",
        ],
    ),
    (
        "kafka-consumer-perf-test",
        &["kafka-consumer-perf-test.sh --topic events --num-records 1000 --bootstrap-server localhost:9092"],
    ),
    (
        "kafka-delete-records",
        &[
            r#"echo '{"version":1,"partitions":[{"topic":"events","partition":0,"offset":1}]}' > delete.json"#,
            "kafka-delete-records.sh --offset-json-file delete.json --bootstrap-server localhost:9092",
        ],
    ),
    ("kafka-features", &["kafka-features.sh --bootstrap-server localhost:9092 describe"]),
    ("kafka-get-offsets", &["kafka-get-offsets.sh --topic events --bootstrap-server localhost:9092"]),
    ("kafka-groups", &["kafka-groups.sh --list --bootstrap-server localhost:9092"]),
    (
        "kafka-leader-election",
        &[
            "kafka-leader-election.sh --election-type preferred --all-topic-partitions --bootstrap-server localhost:9092",
            "kafka-leader-election.sh --election-type unclean --topic events --partition 0 --bootstrap-server localhost:9092",
        ],
    ),
    ("kafka-log-dirs", &["kafka-log-dirs.sh --describe --topic-list events --bootstrap-server localhost:9092"]),
    (
        "kafka-metadata-quorum",
        &[
            "kafka-metadata-quorum.sh --bootstrap-server localhost:9092 describe --status",
            "kafka-metadata-quorum.sh --bootstrap-server localhost:9092 describe --replication",
        ],
    ),
    (
        "kafka-producer-perf-test",
        &["kafka-producer-perf-test.sh --topic events --num-records 1000 --record-size 100 --throughput 500 \
           --bootstrap-server localhost:9092"],
    ),
    (
        "kafka-reassign-partitions",
        &[
            r#"echo '{"version":1,"partitions":[{"topic":"events","partition":0,"replicas":[1]}]}' > plan.json"#,
            "kafka-reassign-partitions.sh --execute --reassignment-json-file plan.json --bootstrap-server localhost:9092",
            "kafka-reassign-partitions.sh --verify --reassignment-json-file plan.json --bootstrap-server localhost:9092",
            "kafka-reassign-partitions.sh --list --bootstrap-server localhost:9092",
        ],
    ),
    (
        "kafka-share-groups",
        &[
            "kafka-share-groups.sh --list --state --bootstrap-server localhost:9092",
            "kafka-share-groups.sh --describe --group workers --bootstrap-server localhost:9092",
            "kafka-share-groups.sh --reset-offsets --group workers --topic events --to-earliest --execute \
             --bootstrap-server localhost:9092",
        ],
    ),
    (
        "kafka-topics",
        &[
            "kafka-topics.sh --create --topic events --partitions 3 --bootstrap-server localhost:9092",
            "kafka-topics.sh --list --bootstrap-server localhost:9092",
            "kafka-topics.sh --describe --topic events --bootstrap-server localhost:9092",
        ],
    ),
    (
        "kafka-verifiable-consumer",
        &["kafka-verifiable-consumer.sh --topic events --group-id readers --max-messages 10 --bootstrap-server localhost:9092"],
    ),
    (
        "kafka-verifiable-producer",
        &["kafka-verifiable-producer.sh --topic events --max-messages 10 --bootstrap-server localhost:9092"],
    ),
];

/// The lines to try of a tool.
pub fn examples(tool: &str) -> &'static [&'static str] {
    EXAMPLES.iter().find(|(name, _)| *name == tool).map_or(&[], |(_, examples)| examples)
}

/// `help`, or `help TOOL`.
pub(crate) fn help(tool: Option<&str>) -> Word {
    let text = match tool {
        None => overview(),
        Some(tool) => match page(bare_name(tool)) {
            Some(page) => page,
            None => return complain(format!("help: there is no Kafka tool '{tool}' here; 'help' alone lists them")),
        },
    };
    Word::Says { text, code: 0 }
}

fn overview() -> String {
    let mut text = "Kafka's tools, as they come with Kafka 4.4. More about one: help kafka-topics.sh\n\n".to_owned();
    for info in TOOLS {
        text += &format!("  {:<36}{}\n", format!("{}.sh", info.name), info.about);
    }
    text += "\nAround them: cat clear cut date echo false grep head help history ls printf rm seq sleep sort tail tee timeout tr\n\
             true uniq wc xargs, pipes, redirections, && || ; and here-documents.\n\n\
             Faults of the cluster (HOSTS: brokers by number, controller, programs by name, all):\n";
    for (verb, arguments, about) in FAULT_LINES {
        text += &format!("  {:<44}{about}\n", format!("{verb} {arguments}"));
    }
    text += "\nA command that reads lines takes what you type; ^D ends its input, ^C ends the command.\n\nTo begin with:\n";
    for tool in ["kafka-topics", "kafka-console-producer", "kafka-console-consumer"] {
        text += &format!("{EXAMPLE}{}\n", examples(tool).first().unwrap_or(&""));
    }
    text
}

fn page(tool: &str) -> Option<String> {
    let info = TOOLS.iter().find(|info| info.name == tool)?;
    let mut text = format!("{}.sh\n{}\n\nFor example:\n", info.name, info.about);
    for example in examples(tool) {
        text += &format!("{EXAMPLE}{example}\n");
    }
    text += "\nAll its options:\n";
    for line in usage_page(info.options) {
        text += &format!("{line}\n");
    }
    Some(text)
}
