//! The options of `kafka-console-consumer.sh` (`ConsoleConsumerOptions`).

use crate::base::java::parse_number;
use crate::engine::client::ConsumerConfig;
use crate::shell::cli::clients::{consumer_config, load};
use crate::shell::cli::console_reader::{forbid_renamed, formatter, formatter_properties, group_id, warn_of_renamed};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::formatter::Formatter;
use crate::shell::cli::io::Io;
use crate::shell::cli::options::{self, Given, Opt, OptionError, Refusal, flag, require, with};
use crate::shell::cli::properties::Properties;

pub const OPTIONS: &[Opt] = &[
    with("bootstrap-server", "String: server to connect to", "Where the cluster is (needed)."),
    with("command-config", "String: config file", "A file with settings of the consumer."),
    with("command-property", "String: key=value", "A setting of the consumer; may be repeated."),
    with("consumer-property", "String: key=value", "Older name of --command-property."),
    with("consumer.config", "String: config file", "Older name of --command-config."),
    flag("enable-systest-events", "Log events of the consumer's life."),
    with("formatter", "String: class", "The class that prints records."),
    with("formatter-config", "String: config file", "A file with settings of the formatter."),
    with("formatter-property", "String: key=value", "What is printed: print.key, print.offset, print.timestamp ..."),
    flag("from-beginning", "Begin with the first record where the group has no committed offset."),
    with("group", "String: group id", "The consumer's group."),
    flag("help", "Show this page."),
    with("include", "String: regex", "Read all topics that fit a regular expression."),
    with("isolation-level", "String", "read_committed or read_uncommitted (the default)."),
    with("key-deserializer", "String: class", "The class that reads keys."),
    with("max-messages", "Integer", "Stop after so many records."),
    with("offset", "String", "With --partition: an offset, earliest or latest."),
    with("partition", "Integer", "Read this partition alone, without a group."),
    with("property", "String: key=value", "Older name of --formatter-property."),
    flag("skip-message-on-error", "Go on after a record that cannot be printed."),
    with("timeout-ms", "Long", "Stop when no record came for so long."),
    with("topic", "String: topic", "What to read."),
    with("value-deserializer", "String: class", "The class that reads values."),
    flag("version", "Show Kafka's version."),
];

const TOOL: &str = "kafka-console-consumer.sh";
const ABOUT: &str = "This tool helps to read data from Kafka topics and outputs it to standard output.";

const RENAMED: &[(&str, &str)] = &[("consumer-property", "command-property"), ("consumer.config", "command-config")];
const RENAMED_OF_FORMATTER: &[(&str, &str)] = &[("property", "formatter-property")];

/// What the consumer is to do: its options with their defaults.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ConsoleConsumerOptions {
    pub config: ConsumerConfig,
    pub partition: Option<i32>,
    pub offset: OffsetArgument,
    pub timeout_ms: Option<u64>,
    pub formatter: Formatter,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OffsetArgument {
    Earliest,
    Latest,
    At(i64),
}

pub fn read(words: &[String]) -> Result<Given, Refusal> {
    let given = options::read(OPTIONS, words, ABOUT, OptionError::usage)?;
    if given.has("topic") == given.has("include") {
        return Err(Refusal::usage("Exactly one of the following arguments is required: [topic], [include]"));
    }
    if given.int("partition").map_err(OptionError::uncaught)?.is_some() {
        if !given.has("topic") {
            return Err(Refusal::usage("The topic is required when partition is specified."));
        }
        if given.has("from-beginning") && given.has("offset") {
            return Err(Refusal::usage("Options from-beginning and offset cannot be specified together."));
        }
    } else if given.has("offset") {
        return Err(Refusal::usage("The partition is required when offset is specified."));
    }
    forbid_renamed(&given, RENAMED)?;
    require(&given, &["bootstrap-server"])?;
    Ok(given)
}

/// Reads the options to their end, in the order in which the tool does.
pub fn parse_all(given: &Given, io: &mut Io<'_, '_>) -> Done<ConsoleConsumerOptions> {
    warn_of_renamed(io, given, RENAMED);
    let file = match given.value("consumer.config")? {
        Some(file) => Some(file),
        None => given.value("command-config")?,
    };
    let mut properties = load(io, file).map_err(Exception::uncaught)?;
    let extra = Properties::from_words(given.values("consumer-property").chain(given.values("command-property")));
    let places = [given.value("group")?, properties.get("group.id"), extra.get("group.id")];
    let group = group_id(places, "--consumer.config")?;
    if group.is_some() && given.has("partition") {
        return Err(Refusal::usage("Options group and partition cannot be specified together.").into());
    }
    properties.add_all(&extra);
    offset_reset(given, &mut properties)?;
    properties.set("bootstrap.servers", given.value("bootstrap-server")?.unwrap_or_default());
    properties.set_default("client.id", "console-consumer");
    properties.merge("isolation.level", given.value("isolation-level")?, "read_uncommitted");
    if group.is_none() {
        properties.set_default("enable.auto.commit", "false");
    }
    let group = group.unwrap_or_else(|| format!("console-consumer-{}", io.context.chance().below(100_000)));
    properties.set("group.id", &group);
    let partition = given.int("partition")?;
    let offset = offset(given)?;
    let timeout_ms = given.long("timeout-ms")?;
    let class = given.value("formatter").map_err(OptionError::usage)?;
    let why_not = "it reads records of transactions, of which there are none here";
    formatter(TOOL, class, &Properties::default(), why_not)?;
    forbid_renamed(given, RENAMED_OF_FORMATTER)?;
    warn_of_renamed(io, given, RENAMED_OF_FORMATTER);
    let shown = formatter_properties(given, io)?;
    let formatter = formatter(TOOL, class, &shown, why_not)?.with_deserializers(&shown, io);
    let config = consumer_config(&properties, io)?;
    Ok(ConsoleConsumerOptions {
        config,
        partition,
        offset,
        timeout_ms: timeout_ms.and_then(|ms| u64::try_from(ms).ok()),
        formatter,
    })
}

fn offset_reset(given: &Given, properties: &mut Properties) -> Result<(), Refusal> {
    let beginning = given.has("from-beginning");
    match properties.get("auto.offset.reset") {
        Some(reset) if beginning && reset != "earliest" => Err(Refusal::lines(
            [format!("Can't simultaneously specify --from-beginning and 'auto.offset.reset={reset}', please remove one option")],
            1,
        )),
        Some(_) => Ok(()),
        None => {
            properties.set("auto.offset.reset", if beginning { "earliest" } else { "latest" });
            Ok(())
        }
    }
}

fn offset(given: &Given) -> Done<OffsetArgument> {
    let Some(text) = given.value("offset")? else {
        return Ok(if given.has("from-beginning") { OffsetArgument::Earliest } else { OffsetArgument::Latest });
    };
    match text.to_ascii_lowercase().as_str() {
        "earliest" => Ok(OffsetArgument::Earliest),
        "latest" => Ok(OffsetArgument::Latest),
        _ => match parse_number::<i64>(text) {
            Some(offset) if offset >= 0 => Ok(OffsetArgument::At(offset)),
            _ => Err(Refusal::usage(format!(
                "The provided offset value '{text}' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long."
            ))
            .into()),
        },
    }
}
