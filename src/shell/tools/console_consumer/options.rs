//! The options of `kafka-console-consumer.sh` (`ConsoleConsumerOptions`).

use crate::base::put_in_order;
use crate::engine::client::{AutoOffsetReset, ConsumerConfig, GroupProtocol};
use crate::engine::controller::check_instance_id;
use crate::shell::cli::formatter::Formatter;
use crate::shell::cli::io::Io;
use crate::shell::cli::java::Thrown;
use crate::shell::cli::options::{Given, Opt, Refusal, flag, help_or_version, parse, require, with};
use crate::shell::cli::properties::{Properties, invalid};
use crate::shell::cli::time::{log_time, parse_duration};
use crate::shell::tools::console_producer::{Failure, load};

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

const ABOUT: &str = "This tool helps to read data from Kafka topics and outputs it to standard output.";

const RENAMED: &[(&str, &str)] =
    &[("property", "formatter-property"), ("consumer-property", "command-property"), ("consumer.config", "command-config")];

/// What the consumer is to do.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Plan {
    pub config: ConsumerConfig,
    pub topic: String,
    pub include: Option<String>,
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
    if words.is_empty() {
        return Err(Refusal::usage(ABOUT));
    }
    let given = parse(OPTIONS, words).map_err(|error| Refusal::usage(error.message()))?;
    help_or_version(OPTIONS, &given, ABOUT)?;
    if given.has("topic") == given.has("include") {
        return Err(Refusal::usage("Exactly one of the following arguments is required: [topic], [include]"));
    }
    if given.has("partition") {
        if !given.has("topic") {
            return Err(Refusal::usage("The topic is required when partition is specified."));
        }
        if given.has("from-beginning") && given.has("offset") {
            return Err(Refusal::usage("Options from-beginning and offset cannot be specified together."));
        }
    } else if given.has("offset") {
        return Err(Refusal::usage("The partition is required when offset is specified."));
    }
    for (older, newer) in RENAMED {
        if given.has(older) && given.has(newer) {
            return Err(Refusal::usage(format!("Options --{older} and --{newer} cannot be specified together.")));
        }
    }
    require(&given, &["bootstrap-server"])?;
    Ok(given)
}

/// An exception that nothing catches.
fn uncaught(mut stack: Vec<String>) -> Refusal {
    if let Some(first) = stack.first_mut() {
        first.insert_str(0, "Exception in thread \"main\" ");
    }
    Refusal::lines(stack, 1)
}

/// What `main` logs of an exception.
fn unknown_error(io: &Io<'_, '_>, thrown: Thrown) -> Refusal {
    let time = log_time(io.context.now().timestamp());
    let head = format!("[{time}] ERROR Unknown error when running consumer:  (org.apache.kafka.tools.consumer.ConsoleConsumer)");
    Refusal::lines(std::iter::once(head).chain(thrown.stack), 1)
}

/// `cause`: an exception of `org.apache.kafka.common.errors`, with its message.
fn not_constructed(cause: &str) -> Thrown {
    let mut thrown = Thrown::java("org.apache.kafka.common.KafkaException", "Failed to construct kafka consumer");
    thrown.stack.push(format!("Caused by: org.apache.kafka.common.errors.{cause}"));
    thrown
}

/// Reads the options to their end, in the order in which the tool does.
pub fn plan(given: &Given, io: &mut Io<'_, '_>) -> Result<Plan, Refusal> {
    for (older, newer) in RENAMED {
        if given.has(older) {
            let text = "is deprecated and will be removed in a future version. Use";
            io.print(format!("Option --{older} {text} --{newer} instead."));
        }
    }
    let one = |name: &str| given.value(name).map_err(|error| uncaught(error.stack()));
    let file = match one("consumer.config")? {
        Some(file) => Some(file),
        None => one("command-config")?,
    };
    let mut properties = match file {
        Some(file) => load(io, file).map_err(|thrown| uncaught(thrown.stack))?,
        None => Properties::default(),
    };
    let file_group = properties.get("group.id").map(str::to_owned);
    let extra = Properties::from_words(given.values("consumer-property").chain(given.values("command-property")));
    let group = group_id(given, file_group, &extra)?;
    properties.add_all(&extra);
    offset_reset(given, &mut properties)?;
    let partition = given.int("partition").map_err(|error| uncaught(error.stack()))?;
    let offset = offset(given)?;
    let timeout_ms = given.long("timeout-ms").map_err(|error| uncaught(error.stack()))?;
    let formatter = formatter(given, io)?;
    let isolation = one("isolation-level")?.unwrap_or("read_uncommitted");
    properties.set("isolation.level", isolation);
    let mut config = consumer_config(&properties).map_err(|failure| match failure {
        Failure::Thrown(thrown) => unknown_error(io, thrown),
        Failure::Options(error) => uncaught(error.stack()),
        Failure::NotSimulated(what) => Refusal::lines([what], 1),
    })?;
    if group.as_deref().is_some_and(|group| group.trim().is_empty()) {
        let why = "InvalidGroupIdException: The configured group.id should not be an empty string or whitespace.";
        return Err(unknown_error(io, not_constructed(why)));
    }
    config.group_id = Some(match group {
        Some(group) => group.into(),
        None => {
            if properties.get("enable.auto.commit").is_none() {
                config.enable_auto_commit = false;
            }
            format!("console-consumer-{}", io.context.chance().below(100_000)).into()
        }
    });
    Ok(Plan {
        config,
        topic: one("topic")?.unwrap_or_default().to_owned(),
        include: one("include")?.map(str::to_owned),
        partition,
        offset,
        timeout_ms: timeout_ms.and_then(|ms| u64::try_from(ms).ok()),
        formatter,
    })
}

fn group_id(given: &Given, file: Option<String>, extra: &Properties) -> Result<Option<String>, Refusal> {
    let option = given.value("group").map_err(|error| uncaught(error.stack()))?.map(str::to_owned);
    let mut groups: Vec<String> = Vec::new();
    for group in [option, extra.get("group.id").map(str::to_owned), file].into_iter().flatten() {
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    if groups.len() > 1 {
        put_in_order(&mut groups, &|one, other| one < other);
        let groups: Vec<String> = groups.iter().map(|group| format!("'{group}'")).collect();
        return Err(Refusal::usage(format!(
            "The group ids provided in different places (directly using '--group', via '--consumer-property', or via \
             '--consumer.config') do not match. Detected group ids: {}",
            groups.join(", ")
        )));
    }
    if !groups.is_empty() && given.has("partition") {
        return Err(Refusal::usage("Options group and partition cannot be specified together."));
    }
    Ok(groups.pop())
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

fn offset(given: &Given) -> Result<OffsetArgument, Refusal> {
    let Some(text) = given.value("offset").map_err(|error| uncaught(error.stack()))? else {
        return Ok(if given.has("from-beginning") { OffsetArgument::Earliest } else { OffsetArgument::Latest });
    };
    match text.to_ascii_lowercase().as_str() {
        "earliest" => Ok(OffsetArgument::Earliest),
        "latest" => Ok(OffsetArgument::Latest),
        _ => match text.parse::<i64>() {
            Ok(offset) if offset >= 0 => Ok(OffsetArgument::At(offset)),
            _ => Err(Refusal::usage(format!(
                "The provided offset value '{text}' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long."
            ))),
        },
    }
}

fn formatter(given: &Given, io: &Io<'_, '_>) -> Result<Formatter, Refusal> {
    let class = given.value("formatter").map_err(|error| uncaught(error.stack()))?;
    let mut properties = match given.value("formatter-config").map_err(|error| uncaught(error.stack()))? {
        Some(file) => load(io, file).map_err(|thrown| Refusal::usage(thrown.message))?,
        None => Properties::default(),
    };
    properties.add_all(&Properties::from_words(given.values("property").chain(given.values("formatter-property"))));
    for option in ["key-deserializer", "value-deserializer"] {
        if let Some(class) = given.value(option).map_err(|error| uncaught(error.stack()))?
            && !class.ends_with(".StringDeserializer")
            && !class.ends_with(".ByteArrayDeserializer")
        {
            return Err(Refusal::not_simulated(
                "kafka-console-consumer.sh",
                &format!("--{option} {class}"),
                "bytes are shown as text, as the default deserializer does",
            ));
        }
    }
    Formatter::new(class, &properties).ok_or_else(|| {
        let class = class.unwrap_or_default();
        if class.starts_with("org.apache.kafka.tools.consumer.") {
            let why = "it reads records of transactions, of which there are none here";
            return Refusal::not_simulated("kafka-console-consumer.sh", &format!("--formatter {class}"), why);
        }
        Refusal::usage(class)
    })
}

/// The settings that the simulated consumer knows, checked as `ConsumerConfig` does.
/// Settings of which the least is 1 and not 0.
const FROM_ONE: &[&str] = &["max.poll.records", "max.poll.interval.ms"];

pub(crate) fn consumer_config(properties: &Properties) -> Result<ConsumerConfig, Failure> {
    let int = i64::from(i32::MAX);
    let defaults = ConsumerConfig::default();
    let number = |key: &str, max: i64, default: u64| -> Result<u64, Failure> {
        let number = properties.number(key, i64::from(FROM_ONE.contains(&key)), max)?;
        Ok(number.and_then(|number| u64::try_from(number).ok()).unwrap_or(default))
    };
    let boolean = |key: &str, default: bool| -> Result<bool, Failure> { Ok(properties.boolean(key)?.unwrap_or(default)) };
    let reset = properties.get("auto.offset.reset").unwrap_or("latest");
    let duration = reset.strip_prefix("by_duration:").and_then(parse_duration);
    let auto_offset_reset = match (reset, duration.and_then(|ms| u64::try_from(ms).ok())) {
        ("earliest", _) => AutoOffsetReset::Earliest,
        ("latest", _) => AutoOffsetReset::Latest,
        ("none", _) => AutoOffsetReset::None,
        (_, Some(ms)) => AutoOffsetReset::ByDuration { ms },
        (other, None) => {
            let why = format!(
                "Invalid value `{other}` for configuration auto.offset.reset. The value must be either 'earliest', 'latest', 'none' \
                 or of the format 'by_duration:<PnDTnHnMn.nS.>'."
            );
            return Err(invalid(other, "auto.offset.reset", &why).into());
        }
    };
    let isolation = properties.get("isolation.level").unwrap_or("read_uncommitted");
    if !["read_committed", "read_uncommitted"].contains(&isolation) {
        let why = "String must be one of: read_committed, read_uncommitted";
        return Err(invalid(isolation, "isolation.level", why).into());
    }
    let group_protocol = group_protocol(properties)?;
    let instance_id = properties.get("group.instance.id");
    if instance_id == Some("") {
        return Err(invalid("", "group.instance.id", "String must be non-empty").into());
    }
    if let Some(Err(why)) = instance_id.map(check_instance_id) {
        return Err(not_constructed(&format!("InvalidConfigurationException: {why}")).into());
    }
    let given = |key: &str| properties.get(key).filter(|value| !value.trim().is_empty());
    Ok(ConsumerConfig {
        group_protocol,
        remote_assignor: given("group.remote.assignor").map(str::to_owned),
        client_id: properties.get("client.id").unwrap_or("console-consumer").to_owned(),
        group_instance_id: instance_id.map(str::to_owned),
        auto_offset_reset,
        enable_auto_commit: boolean("enable.auto.commit", true)?,
        auto_commit_interval_ms: number("auto.commit.interval.ms", int, defaults.auto_commit_interval_ms)?,
        max_poll_records: u32::try_from(number("max.poll.records", int, 500)?.max(1)).unwrap_or(500),
        max_poll_interval_ms: number("max.poll.interval.ms", int, defaults.max_poll_interval_ms)?,
        session_timeout_ms: number("session.timeout.ms", int, defaults.session_timeout_ms)?,
        heartbeat_interval_ms: number("heartbeat.interval.ms", int, defaults.heartbeat_interval_ms)?,
        fetch_min_bytes: number("fetch.min.bytes", int, defaults.fetch_min_bytes)?,
        fetch_max_wait_ms: number("fetch.max.wait.ms", int, defaults.fetch_max_wait_ms)?,
        fetch_max_bytes: number("fetch.max.bytes", int, defaults.fetch_max_bytes)?,
        max_partition_fetch_bytes: number("max.partition.fetch.bytes", int, defaults.max_partition_fetch_bytes)?,
        metadata_max_age_ms: number("metadata.max.age.ms", i64::MAX, defaults.metadata_max_age_ms)?,
        retry_backoff_ms: number("retry.backoff.ms", i64::MAX, defaults.retry_backoff_ms)?,
        client_rack: properties.get("client.rack").unwrap_or_default().to_owned(),
        request_timeout_ms: number("request.timeout.ms", int, defaults.request_timeout_ms)?,
        allow_auto_create_topics: boolean("allow.auto.create.topics", true)?,
        assignors: assignors(properties),
        ..defaults
    })
}

/// Settings that go with the other protocol only, in Kafka's order.
const OF_CONSUMER_PROTOCOL: &[&str] = &["group.remote.assignor"];
const OF_CLASSIC_PROTOCOL: &[&str] = &["partition.assignment.strategy", "heartbeat.interval.ms", "session.timeout.ms"];

/// `group.protocol`, and `ConsumerConfig.checkUnsupportedConfigsPostProcess`.
fn group_protocol(properties: &Properties) -> Result<GroupProtocol, Failure> {
    let (protocol, name, unsupported) = match properties.get("group.protocol").map(str::to_ascii_lowercase).as_deref() {
        None | Some("classic") => (GroupProtocol::Classic, "CLASSIC", OF_CONSUMER_PROTOCOL),
        Some("consumer") => (GroupProtocol::Consumer, "CONSUMER", OF_CLASSIC_PROTOCOL),
        Some(_) => {
            let other = properties.get("group.protocol").unwrap_or_default();
            let why = "String must be one of (case insensitive): CONSUMER, CLASSIC";
            return Err(invalid(other, "group.protocol", why).into());
        }
    };
    let given = |key: &&&str| properties.get(key).is_some_and(|value| !value.trim().is_empty());
    let wrong: Vec<&str> = unsupported.iter().filter(given).copied().collect();
    if wrong.is_empty() {
        return Ok(protocol);
    }
    let what = format!("{} cannot be set when group.protocol={name}", wrong.join(", "));
    Err(Thrown::java("org.apache.kafka.common.config.ConfigException", &what).into())
}

/// `partition.assignment.strategy`: classes, by the names that the protocol has for them.
fn assignors(properties: &Properties) -> Vec<String> {
    let Some(text) = properties.get("partition.assignment.strategy") else {
        return ConsumerConfig::default().assignors;
    };
    let name = |class: &str| match class.trim().trim_start_matches("org.apache.kafka.clients.consumer.") {
        "RangeAssignor" => "range".to_owned(),
        "RoundRobinAssignor" => "roundrobin".to_owned(),
        "StickyAssignor" => "sticky".to_owned(),
        "CooperativeStickyAssignor" => "cooperative-sticky".to_owned(),
        other => other.to_owned(),
    };
    text.split(',').map(name).collect()
}
