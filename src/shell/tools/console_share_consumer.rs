//! `kafka-console-share-consumer.sh` (`org.apache.kafka.tools.consumer.ConsoleShareConsumer`).

use std::collections::VecDeque;

use crate::base::{ClientId, SimTime, Span, put_in_order};
use crate::engine::client::{AcknowledgementMode, ShareConsumerConfig, ShareError, ShareRun};
use crate::engine::log::batch::LOG_APPEND_TIME;
use crate::engine::program::Event;
use crate::engine::share::{AcknowledgeType, ShareAcquireMode};
use crate::shell::cli::formatter::Formatter;
use crate::shell::cli::io::Io;
use crate::shell::cli::java::Thrown;
use crate::shell::cli::options::{Given, Opt, Refusal, flag, help_or_version, parse, require, with};
use crate::shell::cli::properties::{Properties, invalid};
use crate::shell::cli::time::log_time;
use crate::shell::tools::console_producer::load;

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
const LOGGER: &str = "org.apache.kafka.tools.consumer.ConsoleShareConsumer";
const DEFAULT_ID: &str = "console-share-consumer";

/// Without --timeout-ms a poll never ends; it is given again after a day.
const FOREVER: Span = Span::from_secs(86_400);

/// The timer of the record that is being processed.
const RECORD_TOKEN: u64 = 0;

/// Settings that a share consumer does not have (`ShareConsumerConfig.SHARE_GROUP_UNSUPPORTED_CONFIGS`).
const UNSUPPORTED: &[&str] = &[
    "auto.offset.reset",
    "enable.auto.commit",
    "group.instance.id",
    "isolation.level",
    "partition.assignment.strategy",
    "interceptor.classes",
    "session.timeout.ms",
    "heartbeat.interval.ms",
    "group.protocol",
    "group.remote.assignor",
];

/// A console share consumer at work.
#[derive(Clone, Hash, Debug)]
pub struct ConsoleShareConsumer {
    given: Given,
    client: Option<ClientId>,
    config: Option<ShareConsumerConfig>,
    formatter: Option<Formatter>,
    max_messages: i32,
    timeout: Option<Span>,
    processed: u64,
    /// When it began to wait for a record.
    waiting_since: SimTime,
    /// What the last poll returned and is not processed yet, where each record takes its time.
    unprocessed: VecDeque<ShareRun>,
    /// Asked to end: it does so when it would poll again, as by `consumer.wakeup()`.
    interrupted: bool,
    /// The exit code, once the consumer is closing.
    ending: Option<i32>,
    /// What is told after the count.
    last_words: Vec<String>,
}

pub fn read(words: &[String]) -> Result<ConsoleShareConsumer, Refusal> {
    if words.is_empty() {
        return Err(Refusal::usage(ABOUT));
    }
    let given = parse(OPTIONS, words).map_err(|error| Refusal::usage(error.message()))?;
    help_or_version(OPTIONS, &given, ABOUT)?;
    if !given.has("topic") {
        return Err(Refusal::usage("--topic is a required argument"));
    }
    require(&given, &["bootstrap-server"])?;
    if given.has("reject") && given.has("release") {
        return Err(Refusal::usage("At most one of --reject and --release may be specified."));
    }
    for kind in ["property", "config"] {
        let (older, newer) = (format!("consumer-{kind}"), format!("command-{kind}"));
        if given.has(&older) && given.has(&newer) {
            return Err(Refusal::usage(format!("Options --{older} and --{newer} cannot be specified together.")));
        }
    }
    Ok(ConsoleShareConsumer {
        given,
        client: None,
        config: None,
        formatter: None,
        max_messages: -1,
        timeout: None,
        processed: 0,
        waiting_since: SimTime::ZERO,
        unprocessed: VecDeque::new(),
        interrupted: false,
        ending: None,
        last_words: Vec::new(),
    })
}

/// An exception that nothing catches.
fn uncaught(mut stack: Vec<String>) -> Refusal {
    if let Some(first) = stack.first_mut() {
        first.insert_str(0, "Exception in thread \"main\" ");
    }
    Refusal::lines(stack, 1)
}

/// What `main` logs of an exception.
fn unknown_error(io: &Io<'_, '_>, stack: Vec<String>) -> Refusal {
    let time = log_time(io.context.now().timestamp());
    let head = format!("[{time}] ERROR Unknown error when running consumer:  ({LOGGER})");
    Refusal::lines(std::iter::once(head).chain(stack), 1)
}

impl ConsoleShareConsumer {
    fn start(&mut self, io: &mut Io<'_, '_>) {
        match self.plan(io) {
            Ok(()) => self.receive(io),
            Err(refusal) => {
                refusal.lines.into_iter().for_each(|line| io.error(line));
                io.exit(refusal.code);
            }
        }
    }

    /// Reads the options to their end, in the order in which the tool does, and makes the consumer.
    fn plan(&mut self, io: &mut Io<'_, '_>) -> Result<(), Refusal> {
        let given = &self.given;
        let one = |name: &str| given.value(name).map_err(|error| uncaught(error.stack()));
        for kind in ["property", "config"] {
            if given.has(&format!("consumer-{kind}")) {
                let text = "is deprecated and will be removed in a future version. Use";
                io.print(format!("Option --consumer-{kind} {text} --command-{kind} instead."));
            }
        }
        let file = one("command-config")?.or(one("consumer-config")?);
        let mut properties = match file {
            Some(file) => load(io, file).map_err(|thrown| uncaught(thrown.stack))?,
            None => Properties::default(),
        };
        let extra = Properties::from_words(given.values("command-property").chain(given.values("consumer-property")));
        let group = group_id(one("group")?, properties.get("group.id"), extra.get("group.id"))?;
        properties.add_all(&extra);
        let formatter = formatter(given, io)?;
        let timeout = given.int("timeout-ms").map_err(|error| unknown_error(io, error.stack()))?;
        self.timeout = timeout.and_then(|ms| u64::try_from(ms).ok()).map(Span::from_ms);
        let mut config = config(&properties, &group).map_err(|thrown| unknown_error(io, thrown.stack))?;
        config.acknowledgement_mode = AcknowledgementMode::Explicit;
        let client = io.share_consumer(config.clone());
        io.context.share_subscribe(client, &[one("topic")?.unwrap_or_default()]);
        self.client = Some(client);
        self.config = Some(config);
        self.formatter = Some(formatter);
        match given.int("max-messages") {
            Ok(max) => self.max_messages = max.unwrap_or(-1),
            Err(error) => {
                let stack = error.stack();
                self.thrown(io, stack);
            }
        }
        Ok(())
    }

    fn has_enough(&self) -> bool {
        self.max_messages >= 0 && self.processed >= u64::from(self.max_messages.unsigned_abs())
    }

    /// `ConsumerWrapper.receive`: waits for the next record.
    fn receive(&mut self, io: &mut Io<'_, '_>) {
        if self.ending.is_some() {
            return;
        }
        if self.has_enough() {
            self.end(io, 0);
            return;
        }
        if self.interrupted {
            self.end(io, 130);
            return;
        }
        self.waiting_since = io.context.now();
        self.poll(io);
    }

    fn poll(&mut self, io: &mut Io<'_, '_>) {
        if let Some(client) = self.client {
            io.context.share_poll(client, self.timeout.unwrap_or(FOREVER));
        }
    }

    fn polled(&mut self, io: &mut Io<'_, '_>, runs: &[ShareRun]) {
        if self.ending.is_some() {
            return;
        }
        if runs.is_empty() {
            match self.timeout {
                Some(timeout) if io.context.now().since(self.waiting_since) >= timeout => {
                    self.failed(io, vec!["org.apache.kafka.common.errors.TimeoutException".to_owned()]);
                }
                _ => self.poll(io),
            }
            return;
        }
        if io.context.record_time().is_some() {
            self.unprocessed = runs.iter().cloned().collect();
            self.wait_for_record(io);
        } else if self.process(io, runs) {
            self.receive(io);
        }
    }

    /// The first of the waiting records is being worked on.
    fn wait_for_record(&self, io: &mut Io<'_, '_>) {
        io.timer(io.context.record_time().unwrap_or(Span::ZERO), RECORD_TOKEN);
    }

    /// The time for a record is over. Without more of it to wait for, the rest is done at once.
    fn record_done(&mut self, io: &mut Io<'_, '_>) {
        let done: Vec<ShareRun> = match io.context.record_time() {
            Some(_) if !self.has_enough() => self.take_one().into_iter().collect(),
            _ => std::mem::take(&mut self.unprocessed).into(),
        };
        if !self.process(io, &done) {
            return;
        }
        if self.unprocessed.is_empty() { self.receive(io) } else { self.wait_for_record(io) }
    }

    fn take_one(&mut self) -> Option<ShareRun> {
        let run = self.unprocessed.front_mut()?;
        let offset = run.records().map(|record| record.offset).next();
        let one = ShareRun { to: offset.unwrap_or(run.to), ..run.clone() };
        run.from = one.to.plus(1);
        if run.records().next().is_none() {
            self.unprocessed.pop_front();
        }
        Some(one)
    }

    /// What it says of each record that it has printed.
    pub fn acknowledges(&self) -> AcknowledgeType {
        match (self.given.has("reject"), self.given.has("release")) {
            (true, _) => AcknowledgeType::Reject,
            (_, true) => AcknowledgeType::Release,
            _ => AcknowledgeType::Accept,
        }
    }

    /// Prints records, and says of each what the options have it say. False when that fails.
    fn process(&mut self, io: &mut Io<'_, '_>, runs: &[ShareRun]) -> bool {
        let Some(client) = self.client else { return false };
        let kind = self.acknowledges();
        for run in runs {
            let log_append = run.batch.attributes & LOG_APPEND_TIME != 0;
            for record in run.records() {
                if self.has_enough() {
                    break;
                }
                self.processed += 1;
                let formatter = self.formatter.as_ref();
                let text = formatter.map(|formatter| {
                    formatter.format_delivered(&run.topic_partition, &record, log_append, Some(run.delivery_count))
                });
                match text {
                    Some(Ok(text)) => io.write(&text),
                    Some(Err(why)) => {
                        io.context.share_acknowledge(client, &run.topic_partition, record.offset, AcknowledgeType::Reject);
                        self.thrown(io, vec![format!("java.lang.RuntimeException: {why}"), "<stack>".to_owned()]);
                        return false;
                    }
                    None => {}
                }
                io.context.share_acknowledge(client, &run.topic_partition, record.offset, kind);
            }
        }
        true
    }

    fn poll_failed(&mut self, io: &mut Io<'_, '_>, error: &ShareError) {
        let line = match error {
            ShareError::Unacknowledged => {
                "java.lang.IllegalStateException: All records must be acknowledged in explicit acknowledgement mode.".to_owned()
            }
            ShareError::InvalidTopic(topic) => {
                format!("org.apache.kafka.common.errors.InvalidTopicException: Invalid topics: [{topic}]")
            }
            ShareError::Broker(error, words) => format!("org.apache.kafka.common.errors.{}: {words}", error.exception()),
        };
        self.failed(io, vec![line]);
    }

    fn failed(&mut self, io: &mut Io<'_, '_>, exception: Vec<String>) {
        io.log("ERROR", "Error processing message, terminating consumer process: ", LOGGER);
        exception.into_iter().for_each(|line| io.error(line));
        self.end(io, 0);
    }

    /// An exception that the tool does not expect: told at the very end, with status 1.
    fn thrown(&mut self, io: &mut Io<'_, '_>, stack: Vec<String>) {
        let refusal = unknown_error(io, stack);
        self.last_words.extend(refusal.lines);
        self.end(io, 1);
    }

    fn end(&mut self, io: &mut Io<'_, '_>, code: i32) {
        if self.ending.is_some() {
            return;
        }
        self.ending = Some(code);
        match self.client {
            Some(client) => io.context.close(client),
            None => io.exit(code),
        }
    }

    fn closed(&mut self, io: &mut Io<'_, '_>) {
        io.write(""); // What is left of a line comes first.
        io.error(format!("Processed a total of {} messages", self.processed));
        if self.given.has("enable-systest-events") {
            io.print("shutdown_complete");
        }
        std::mem::take(&mut self.last_words).into_iter().for_each(|line| io.error(line));
        io.exit(self.ending.unwrap_or(0));
    }

    pub fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match event {
            Event::Started => self.start(io),
            Event::SharePolled { runs, .. } => self.polled(io, &runs),
            Event::SharePollFailed { error, .. } if self.ending.is_none() => self.poll_failed(io, &error),
            // What the last poll returned is still processed: only the next one is woken up.
            Event::Interrupt if !self.unprocessed.is_empty() => self.interrupted = true,
            Event::Interrupt => self.end(io, 130),
            Event::Timer { token: RECORD_TOKEN } if self.ending.is_none() => self.record_done(io),
            Event::Logged { level, text, logger, .. } => {
                let client_id = self.config.as_ref().map_or(DEFAULT_ID, |config| config.client_id.as_str());
                let group = self.config.as_ref().map_or(String::new(), |config| config.group_id.to_string());
                io.log(level, &format!("[ShareConsumer clientId={client_id}, groupId={group}] {text}"), logger);
            }
            Event::Closed { client } if Some(client) == self.client => self.closed(io),
            _ => {}
        }
    }
}

/// The group's id from where it was given; all must agree.
fn group_id(option: Option<&str>, file: Option<&str>, extra: Option<&str>) -> Result<String, Refusal> {
    let mut groups: Vec<&str> = Vec::new();
    for group in [option, file, extra].into_iter().flatten() {
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    if groups.len() > 1 {
        put_in_order(&mut groups, &|one, other| one < other);
        let groups: Vec<String> = groups.iter().map(|group| format!("'{group}'")).collect();
        return Err(Refusal::usage(format!(
            "The group ids provided in different places (directly using '--group', via '--consumer-property', or via \
             '--consumer-config') do not match. Detected group ids: {}",
            groups.join(", ")
        )));
    }
    Ok(groups.first().copied().unwrap_or(DEFAULT_ID).to_owned())
}

fn formatter(given: &Given, io: &mut Io<'_, '_>) -> Result<Formatter, Refusal> {
    let class = given.value("formatter").map_err(|error| uncaught(error.stack()))?;
    if Formatter::new(class, &Properties::default()).is_none() {
        let class = class.unwrap_or_default();
        if class.starts_with("org.apache.kafka.tools.consumer.") {
            return Err(Refusal::not_simulated(TOOL, &format!("--formatter {class}"), "it reads records of transactions"));
        }
        return Err(Refusal::usage(class));
    }
    if given.has("property") && given.has("formatter-property") {
        return Err(Refusal::usage("Options --property and --formatter-property cannot be specified together."));
    }
    if given.has("property") {
        let text = "is deprecated and will be removed in a future version. Use";
        io.print(format!("Option --property {text} --formatter-property instead."));
    }
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
            let why = "bytes are shown as text, as the default deserializer does";
            return Err(Refusal::not_simulated(TOOL, &format!("--{option} {class}"), why));
        }
    }
    Formatter::new(class, &properties).ok_or_else(|| Refusal::usage(class.unwrap_or_default()))
}

/// The settings that the simulated share consumer knows, checked as `ShareConsumerConfig` does.
fn config(properties: &Properties, group: &str) -> Result<ShareConsumerConfig, Thrown> {
    let int = i64::from(i32::MAX);
    let class = "org.apache.kafka.common.config.ConfigException";
    let client_id = properties.get("client.id").unwrap_or(DEFAULT_ID);
    let defaults = ShareConsumerConfig::new(client_id, group.into());
    let number = |key: &str, min: i64, max: i64, default: u64| -> Result<u64, Thrown> {
        let number = properties.number(key, min, max)?;
        Ok(number.and_then(|number| u64::try_from(number).ok()).unwrap_or(default))
    };
    let max_poll_records = u32::try_from(number("max.poll.records", 1, int, 500)?).unwrap_or(500);
    let mode = properties.get("share.acquire.mode").unwrap_or("batch_optimized");
    let acquire_mode = match mode {
        "batch_optimized" => ShareAcquireMode::BatchOptimized,
        "record_limit" => ShareAcquireMode::RecordLimit,
        other => {
            let key = "share.acquire.mode";
            let why = format!(
                "Invalid value `{other}` for configuration {key}. The value must either be 'batch_optimized' or 'record_limit'."
            );
            return Err(invalid(other, key, &why));
        }
    };
    if let Some(key) = UNSUPPORTED.iter().find(|key| properties.get(key).is_some()) {
        return Err(Thrown::java(class, &format!("{key} cannot be set when using a share group.")));
    }
    if group.trim().is_empty() {
        let stack = vec![
            "org.apache.kafka.common.KafkaException: Failed to construct Kafka share consumer".to_owned(),
            "<stack>".to_owned(),
            "Caused by: org.apache.kafka.common.errors.InvalidGroupIdException: You must provide a valid group.id in the consumer \
             configuration."
                .to_owned(),
        ];
        return Err(Thrown { message: String::new(), stack });
    }
    Ok(ShareConsumerConfig {
        acquire_mode,
        max_poll_records,
        max_poll_interval_ms: number("max.poll.interval.ms", 1, int, defaults.max_poll_interval_ms)?,
        fetch_min_bytes: number("fetch.min.bytes", 0, int, defaults.fetch_min_bytes)?,
        fetch_max_wait_ms: number("fetch.max.wait.ms", 0, int, defaults.fetch_max_wait_ms)?,
        fetch_max_bytes: number("fetch.max.bytes", 0, int, defaults.fetch_max_bytes)?,
        metadata_max_age_ms: number("metadata.max.age.ms", 0, i64::MAX, defaults.metadata_max_age_ms)?,
        request_timeout_ms: number("request.timeout.ms", 0, int, defaults.request_timeout_ms)?,
        retry_backoff_ms: number("retry.backoff.ms", 0, i64::MAX, defaults.retry_backoff_ms)?,
        allow_auto_create_topics: properties.boolean("allow.auto.create.topics")?.unwrap_or(true),
        client_rack: properties.get("client.rack").unwrap_or_default().to_owned(),
        ..defaults
    })
}
