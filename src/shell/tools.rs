//! All commands by name. One table feeds running, help and completion.

use super::bootstrap;
use super::configs::{self, Configs};
use super::consumer::{self, ConsoleConsumer};
use super::consumer_options;
use super::delete_records::{self, DeleteRecords};
use super::dialogue::Dialogue;
use super::get_offsets::{self, GetOffsets};
use super::groups::{self, ConsumerGroups};
use super::io::Io;
use super::kafka_groups::{self, Groups};
use super::options::{self, Opt, Refusal};
use super::producer::{self, ConsoleProducer};
use super::time::log_time;
use super::topics::{self, Topics};
use super::words::{self, Word};
use super::wrapper::{self, Wrapper};
use crate::engine::program::Event;

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
    Word(Word),
    Wrapper(Box<Wrapper>),
    /// Ended before it began.
    Refused(Refusal),
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
        name: "kafka-configs",
        about: "Shows and changes the settings of topics.",
        options: configs::OPTIONS,
        start: |words| Ok(Tool::Configs(Dialogue::new(configs::read(words)?))),
    },
    ToolInfo {
        name: "kafka-console-consumer",
        about: "Reads records and prints them.",
        options: consumer_options::OPTIONS,
        start: |words| Ok(Tool::Consumer(Box::new(consumer::read(words)?))),
    },
    ToolInfo {
        name: "kafka-console-producer",
        about: "Sends each line typed as a record.",
        options: producer::OPTIONS,
        start: |words| Ok(Tool::Producer(Box::new(producer::read(words)?))),
    },
    ToolInfo {
        name: "kafka-consumer-groups",
        about: "Shows groups with their offsets and lag, and resets or deletes them.",
        options: groups::OPTIONS,
        start: |words| Ok(Tool::ConsumerGroups(Dialogue::new(groups::read(words)?))),
    },
    ToolInfo {
        name: "kafka-delete-records",
        about: "Deletes the records before an offset.",
        options: delete_records::OPTIONS,
        start: |words| Ok(Tool::DeleteRecords(Dialogue::new(delete_records::read(words)?))),
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
        options: kafka_groups::OPTIONS,
        start: |words| Ok(Tool::Groups(Dialogue::new(kafka_groups::read(words)?))),
    },
    ToolInfo {
        name: "kafka-topics",
        about: "Creates, lists, describes, alters and deletes topics.",
        options: topics::OPTIONS,
        start: |words| Ok(Tool::Topics(Dialogue::new(topics::read(words)?))),
    },
];

/// Tools of Kafka's that exist and are not simulated, with the reason.
const NOT_SIMULATED: &[(&str, &str)] = &[
    ("kafka-acls", "there is no security here"),
    ("kafka-broker-api-versions", "there are no versions of requests here"),
    ("kafka-client-metrics", "clients send no metrics here"),
    ("kafka-cluster", "there is one cluster only"),
    ("kafka-console-share-consumer", "there are no share groups here yet"),
    ("kafka-consumer-perf-test", "simulated time says nothing about speed"),
    ("kafka-dump-log", "logs are not files here"),
    ("kafka-features", "features are fixed here"),
    ("kafka-leader-election", "this version simulates one broker"),
    ("kafka-log-dirs", "logs are not files here"),
    ("kafka-metadata-quorum", "there is no quorum of controllers here"),
    ("kafka-producer-perf-test", "simulated time says nothing about speed"),
    ("kafka-reassign-partitions", "this version simulates one broker"),
    ("kafka-replica-verification", "this version simulates one broker"),
    ("kafka-share-groups", "there are no share groups here yet"),
    ("kafka-storage", "logs are not files here"),
    ("kafka-streams-groups", "there are no streams groups here"),
    ("kafka-transactions", "there are no transactions here yet"),
    ("kafka-verifiable-consumer", "it serves Kafka's own tests"),
    ("kafka-verifiable-producer", "it serves Kafka's own tests"),
    ("kafka-verifiable-share-consumer", "it serves Kafka's own tests"),
];

/// Commands in commands, at most.
const DEPTH_MAX: usize = 8;

/// A tool's name without any `bin/` in front and without `.sh`: people write all of these.
pub(super) fn bare_name(word: &str) -> &str {
    let base = word.rsplit_once("bin/").map_or(word, |(_, base)| base);
    base.strip_suffix(".sh").unwrap_or(base)
}

/// The command that these words start.
pub(super) fn find(words: &[String]) -> Tool {
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
    match words::find(base, arguments) {
        Some(word) => Tool::Word(word),
        None if first.contains('/') => failed(format!("bash: line 1: {first}: No such file or directory"), 127),
        None => failed(format!("bash: line 1: {first}: command not found"), 127),
    }
}

fn refused_by_servers(info: &ToolInfo, arguments: &[String]) -> Option<Refusal> {
    let given = options::parse(info.options, arguments).ok()?;
    bootstrap::refuse(info.name, given.values("bootstrap-server").next()?)
}

pub(super) fn failed(line: String, code: i32) -> Tool {
    Tool::Refused(Refusal { lines: vec![line], code })
}

impl Tool {
    pub(super) fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match self {
            Self::ConsumerGroups(dialogue) => dialogue.on(event, io),
            Self::Configs(dialogue) => dialogue.on(event, io),
            Self::DeleteRecords(dialogue) => dialogue.on(event, io),
            Self::GetOffsets(dialogue) => dialogue.on(event, io),
            Self::Groups(dialogue) => dialogue.on(event, io),
            Self::Topics(dialogue) => dialogue.on(event, io),
            Self::Producer(producer) => producer.on(event, io),
            Self::Consumer(consumer) => consumer.on(event, io),
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
