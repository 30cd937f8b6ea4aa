//! `kafka-console-share-consumer.sh` (`org.apache.kafka.tools.consumer.ConsoleShareConsumer`).

use crate::base::{ClientId, Offset, Span, TopicPartition};
use crate::engine::client::{AcknowledgementMode, ShareConsumerConfig, ShareError, ShareRun};
use crate::engine::program::Event;
use crate::engine::protocol::AcknowledgeType;
use crate::shell::cli::clients::{load, share_consumer_config};
use crate::shell::cli::console_reader::{
    Batch, ConsoleReader, Source, checked_topic, forbid_renamed, formatter, formatter_properties, group_id, warn_of_renamed,
};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::formatter::{Formatter, Unprintable};
use crate::shell::cli::io::Io;
use crate::shell::cli::options::{self, Given, Opt, OptionError, Refusal, flag, require, with};
use crate::shell::cli::properties::Properties;

pub const OPTIONS: &[Opt] = &[
    with("bootstrap-server", "String: server to connect to", "Where the cluster is (needed)."),
    with("command-config", "String: config file", "A file with settings of the consumer."),
    with("command-property", "String: consumer_prop", "A setting of the consumer, key=value; may be repeated."),
    with("consumer-config", "String: config file", "Older name of --command-config."),
    with("consumer-property", "String: consumer_prop", "Older name of --command-property."),
    flag("enable-systest-events", "Log events of the consumer's life."),
    with("formatter", "String: class", "The class that prints records."),
    with("formatter-config", "String: config file", "A file with settings of the formatter."),
    with(
        "formatter-property",
        "String: prop",
        "What is printed: print.key, print.offset, print.delivery (how often delivered) ...",
    ),
    with("group", "String: share group id", "The share group; console-share-consumer without it."),
    flag("help", "Show this page."),
    with("key-deserializer", "String: deserializer for keys", "The class that reads keys."),
    with("max-messages", "Integer: num_messages", "Stop after so many records."),
    with("property", "String: prop", "Older name of --formatter-property."),
    flag("reject", "Reject each record: it is given to nobody any more."),
    flag("reject-message-on-error", "Reject a record that cannot be printed, in place of stopping."),
    flag("release", "Release each record: it is given to a consumer of the group again."),
    with("timeout-ms", "Integer: timeout_ms", "Stop when no record came for so long."),
    with("topic", "String: topic", "What to read (needed)."),
    with("value-deserializer", "String: deserializer for values", "The class that reads values."),
    flag("version", "Show Kafka's version."),
];

const TOOL: &str = "kafka-console-share-consumer.sh";
const ABOUT: &str = "This tool helps to read data from Kafka topics using share groups and outputs it to standard output.";
const DEFAULT_ID: &str = "console-share-consumer";

const RENAMED: &[(&str, &str)] = &[("consumer-property", "command-property"), ("consumer-config", "command-config")];
const RENAMED_OF_FORMATTER: &[(&str, &str)] = &[("property", "formatter-property")];

/// The share consumer behind the tool.
#[derive(Clone, Hash, Debug)]
pub struct ConsoleShareConsumer {
    given: Given,
    client: Option<ClientId>,
    config: Option<ShareConsumerConfig>,
}

pub fn read(words: &[String]) -> Result<ConsoleReader<ConsoleShareConsumer>, Refusal> {
    let given = options::read(OPTIONS, words, ABOUT, OptionError::usage)?;
    if !given.has("topic") {
        return Err(Refusal::usage("--topic is a required argument"));
    }
    require(&given, &["bootstrap-server"])?;
    if given.has("reject") && given.has("release") {
        return Err(Refusal::usage("At most one of --reject and --release may be specified."));
    }
    forbid_renamed(&given, RENAMED)?;
    Ok(ConsoleReader::new(ConsoleShareConsumer { given, client: None, config: None }))
}

impl Source for ConsoleShareConsumer {
    type Run = ShareRun;

    const LOGGER: &'static str = "org.apache.kafka.tools.consumer.ConsoleShareConsumer";

    const ON_ERROR: (&'static str, &'static str) = ("reject-message-on-error", "rejecting");

    fn given(&self) -> &Given {
        &self.given
    }

    fn client(&self) -> Option<ClientId> {
        self.client
    }

    fn open(&mut self, io: &mut Io<'_, '_>) -> Done<(Formatter, Option<u64>)> {
        let given = &self.given;
        warn_of_renamed(io, given, RENAMED);
        let file = given.value("command-config")?.or(given.value("consumer-config")?);
        let mut properties = load(io, file).map_err(Exception::uncaught)?;
        let extra = Properties::from_words(given.values("command-property").chain(given.values("consumer-property")));
        let places = [given.value("group")?, properties.get("group.id"), extra.get("group.id")];
        let group = group_id(places, "--consumer-config")?.unwrap_or(DEFAULT_ID.to_owned());
        properties.add_all(&extra);
        let class = given.value("formatter").map_err(OptionError::usage)?;
        let why_not = "it reads records of transactions";
        formatter(TOOL, class, &Properties::default(), why_not)?;
        forbid_renamed(given, RENAMED_OF_FORMATTER)?;
        warn_of_renamed(io, given, RENAMED_OF_FORMATTER);
        let shown = formatter_properties(given, io)?;
        let formatter = formatter(TOOL, class, &shown, why_not)?.with_deserializers(&shown, io);
        let timeout_ms = given.int("timeout-ms").map_err(Exception::from)?;
        properties.set("bootstrap.servers", given.value("bootstrap-server")?.unwrap_or_default());
        properties.set_default("client.id", DEFAULT_ID);
        properties.set("group.id", &group);
        properties.set("share.acknowledgement.mode", "explicit");
        let mut config = share_consumer_config(&properties, io)?;
        config.acknowledgement_mode = AcknowledgementMode::Explicit;
        let client = io.share_consumer(config.clone());
        let topic = given.value("topic").map_err(Exception::from)?.unwrap_or_default();
        io.context.share_subscribe(client, &[checked_topic(topic)?]);
        self.client = Some(client);
        self.config = Some(config);
        Ok((formatter, timeout_ms.and_then(|ms| u64::try_from(ms).ok())))
    }

    fn poll(&self, io: &mut Io<'_, '_>, client: ClientId, timeout: Span) {
        io.context.share_poll(client, timeout);
    }

    fn polled(&self, event: &Event, _io: &Io<'_, '_>) -> Option<Result<Vec<ShareRun>, Exception>> {
        match event {
            Event::SharePolled { runs, .. } => Some(Ok(runs.to_vec())),
            Event::SharePollFailed { error, .. } => Some(Err(thrown_by(error))),
            _ => None,
        }
    }

    fn batch(run: &ShareRun) -> Batch<'_> {
        let (topic_partition, attributes) = (&run.topic_partition, run.batch.attributes);
        Batch { topic_partition, attributes, records: run.records().collect(), delivery_count: Some(run.delivery_count) }
    }

    fn take_one(run: &mut ShareRun) -> ShareRun {
        let offset = run.records().map(|record| record.offset).next();
        let one = ShareRun { to: offset.unwrap_or(run.to), ..run.clone() };
        run.from = one.to.plus(1);
        one
    }

    fn is_empty(run: &ShareRun) -> bool {
        run.records().next().is_none()
    }

    fn printed(&self, io: &mut Io<'_, '_>, partition: &TopicPartition, offset: Offset) {
        self.acknowledge(io, partition, offset, self.acknowledge_type());
    }

    fn unprintable(&self, io: &mut Io<'_, '_>, partition: &TopicPartition, offset: Offset, why: Unprintable) -> Exception {
        self.acknowledge(io, partition, offset, AcknowledgeType::Reject);
        match why {
            Unprintable::Thrown(thrown) => thrown,
            Unprintable::Unread(why) => Exception::java("java.lang.RuntimeException", why),
        }
    }

    fn acknowledges(&self) -> Option<AcknowledgeType> {
        Some(self.acknowledge_type())
    }

    fn log_prefix(&self) -> String {
        let client_id = self.config.as_ref().map_or(DEFAULT_ID, |config| config.client_id.as_str());
        let group = self.config.as_ref().map_or(String::new(), |config| config.group_id.to_string());
        format!("ShareConsumer clientId={client_id}, groupId={group}")
    }
}

impl ConsoleShareConsumer {
    /// What it says of each record that it has printed.
    fn acknowledge_type(&self) -> AcknowledgeType {
        match (self.given.has("reject"), self.given.has("release")) {
            (true, _) => AcknowledgeType::Reject,
            (_, true) => AcknowledgeType::Release,
            _ => AcknowledgeType::Accept,
        }
    }

    fn acknowledge(&self, io: &mut Io<'_, '_>, partition: &TopicPartition, offset: Offset, how: AcknowledgeType) {
        if let Some(client) = self.client {
            io.context.share_acknowledge(client, partition, offset, how);
        }
    }
}

fn thrown_by(error: &ShareError) -> Exception {
    match error {
        ShareError::Unacknowledged => {
            let what = "All records must be acknowledged in explicit acknowledgement mode.";
            Exception::without_frames("java.lang.IllegalStateException", what)
        }
        ShareError::InvalidTopic(topic) => Exception::api("InvalidTopicException", &format!("Invalid topics: [{topic}]")),
        ShareError::Broker(error, words) => Exception::api(error.exception(), words),
    }
}
