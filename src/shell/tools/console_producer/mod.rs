//! Lives here: `kafka-console-producer.sh` (`org.apache.kafka.tools.ConsoleProducer`), and its reader of lines (`line_reader`).
//! Never here: how a producer batches and sends.

mod line_reader;

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crate::base::{ClientId, TopicPartition};
use crate::engine::client::{Acks, ProducerConfig};
use crate::engine::error::ErrorCode;
use crate::engine::program::{Event, NewRecord, SendError};
use crate::shell::cli::bootstrap::check_bootstrap;
use crate::shell::cli::io::Io;
use crate::shell::cli::java::Thrown;
use crate::shell::cli::options::{Given, Opt, OptionError, Refusal, flag, help_or_version, maybe, parse, require, with};
use crate::shell::cli::properties::{Properties, invalid};
use crate::shell::tools::console_producer::line_reader::LineReader;

pub const OPTIONS: &[Opt] = &[
    with("batch-size", "Integer: size", "Bytes of a batch that is sent without waiting (batch.size, 16384)."),
    with("bootstrap-server", "String: server to connect to", "Where the cluster is (needed)."),
    with("command-config", "String: config file", "A file with settings of the producer."),
    with("command-property", "String: key=value", "A setting of the producer; may be repeated."),
    maybe("compression-codec", "String: codec", "none, gzip (also when left out), snappy, lz4 or zstd."),
    flag("help", "Show this page."),
    with("line-reader", "String: class", "The class that reads lines."),
    with("max-block-ms", "Long", "How long a send may wait for its topic (max.block.ms, 60000)."),
    with("max-memory-bytes", "Long", "Memory for records that wait (buffer.memory)."),
    with("max-partition-memory-bytes", "Integer", "Older name of --batch-size."),
    with("message-send-max-retries", "Integer", "How often a batch is sent again (retries, 3)."),
    with("metadata-expiry-ms", "Long", "Age at which metadata is asked for again (metadata.max.age.ms, 300000)."),
    with("producer-property", "String: key=value", "Older name of --command-property."),
    with("producer.config", "String: config file", "Older name of --command-config."),
    with("property", "String: key=value", "Older name of --reader-property."),
    with("reader-config", "String: config file", "A file with settings of the line reader."),
    with("reader-property", "String: key=value", "How lines are read: parse.key, key.separator, parse.headers, null.marker ..."),
    with("request-required-acks", "String", "0, 1 or all: which replicas must have it (acks, -1)."),
    with("request-timeout-ms", "Integer", "How long an answer may take (request.timeout.ms, 1500)."),
    with("retry-backoff-ms", "Long", "Wait before a retry (retry.backoff.ms, 100)."),
    with("socket-buffer-size", "Integer", "Size of the TCP buffer."),
    flag("sync", "Wait for each record's acknowledgement before the next."),
    with("timeout", "Long: ms", "How long a batch waits for more records (linger.ms, 1000)."),
    with("topic", "String: topic", "Where the records go (needed)."),
    flag("version", "Show Kafka's version."),
];

const ABOUT: &str = "This tool helps to read data from standard input and publish it to Kafka.";

/// Older options, their new names and whether both may be given.
const RENAMED: &[(&str, &str)] =
    &[("producer-property", "command-property"), ("producer.config", "command-config"), ("property", "reader-property")];

/// A console producer at work.
#[derive(Clone, Hash, Debug)]
pub struct ConsoleProducer {
    given: Given,
    topic: String,
    reader: LineReader,
    client: Option<ClientId>,
    client_id: String,
    max_block_ms: u64,
    /// Sizes of key and value of each record that is not acknowledged yet.
    open: BTreeMap<u64, (Option<usize>, Option<usize>)>,
    /// Lines that wait for the acknowledgement of the one before, with `--sync`.
    lines: VecDeque<Rc<str>>,
    input_ended: bool,
    /// The exit code, once the producer is closing.
    ending: Option<i32>,
}

pub fn read(words: &[String]) -> Result<ConsoleProducer, Refusal> {
    let given = parse(OPTIONS, words).map_err(|error| Refusal::usage(error.message()))?;
    if given.is_empty() {
        return Err(Refusal::usage(ABOUT));
    }
    help_or_version(OPTIONS, &given, ABOUT)?;
    require(&given, &["topic"])?;
    for (older, newer) in RENAMED {
        if given.has(older) && given.has(newer) {
            return Err(Refusal::usage(format!("Options --{newer} and --{older} cannot be specified together.")));
        }
    }
    check_bootstrap(given.value("bootstrap-server").map_err(first_line)?)?;
    let topic = given.value("topic").map_err(first_line)?.unwrap_or_default().to_owned();
    Ok(ConsoleProducer {
        given,
        topic,
        reader: LineReader::default(),
        client: None,
        client_id: String::new(),
        max_block_ms: 0,
        open: BTreeMap::new(),
        lines: VecDeque::new(),
        input_ended: false,
        ending: None,
    })
}

fn first_line(error: OptionError) -> Refusal {
    Refusal::lines([error.message()], 1)
}

/// What can go wrong before the first record is sent.
pub(crate) enum Failure {
    Options(OptionError),
    Thrown(Thrown),
    NotSimulated(String),
}

impl Failure {
    /// As a tool prints it that does not catch it.
    pub(crate) fn uncaught(self) -> Vec<String> {
        match self {
            Self::Options(error) => error.stack(),
            Self::NotSimulated(what) => vec![what],
            Self::Thrown(thrown) => {
                let mut lines = thrown.stack;
                if let Some(first) = lines.first_mut() {
                    *first = format!("Exception in thread \"main\" {first}");
                }
                lines
            }
        }
    }
}

impl From<OptionError> for Failure {
    fn from(error: OptionError) -> Self {
        Self::Options(error)
    }
}

impl From<Thrown> for Failure {
    fn from(thrown: Thrown) -> Self {
        Self::Thrown(thrown)
    }
}

impl ConsoleProducer {
    fn start(&mut self, io: &mut Io<'_, '_>) -> Result<(), Failure> {
        for (older, newer) in RENAMED {
            if self.given.has(older) {
                let text = "is deprecated and will be removed in a future version. Use";
                io.print(format!("Warning: --{older} {text} --{newer} instead."));
            }
        }
        if self.given.has("max-partition-memory-bytes") {
            io.print("Warning: --max-partition-memory-bytes is deprecated and will be removed in Apache Kafka 5.0. Use --batch-size instead.");
        }
        self.reader = self.reader(io)?;
        let properties = self.properties(io)?;
        let config = producer_config("kafka-console-producer.sh", &properties)?;
        self.client_id.clone_from(&config.client_id);
        self.max_block_ms = config.max_block_ms;
        self.client = Some(io.producer(config));
        Ok(())
    }

    fn reader(&self, io: &Io<'_, '_>) -> Result<LineReader, Failure> {
        if let Some(class) = self.given.value("line-reader")?
            && class != "org.apache.kafka.tools.LineMessageReader"
        {
            return Err(Thrown { message: class.to_owned(), stack: class_not_found(class) }.into());
        }
        let mut properties = match self.given.value("reader-config")? {
            Some(file) => load(io, file)?,
            None => Properties::default(),
        };
        let words = self.given.values("property").chain(self.given.values("reader-property"));
        properties.add_all(&Properties::from_words(words));
        Ok(LineReader::new(&properties)?)
    }

    /// `ConsoleProducerOptions.producerProps`.
    fn properties(&self, io: &Io<'_, '_>) -> Result<Properties, Failure> {
        let given = &self.given;
        let file = match given.value("producer.config")? {
            Some(file) => Some(file),
            None => given.value("command-config")?,
        };
        let mut properties = match file {
            Some(file) => load(io, file)?,
            None => Properties::default(),
        };
        let words = given.values("producer-property").chain(given.values("command-property"));
        properties.add_all(&Properties::from_words(words));
        if given.has("compression-codec") {
            let codec = given.value("compression-codec")?.filter(|codec| !codec.is_empty()).unwrap_or("gzip");
            properties.set("compression.type", codec);
        }
        let defaults = [
            ("timeout", "linger.ms", "1000"),
            ("request-timeout-ms", "request.timeout.ms", "1500"),
            ("metadata-expiry-ms", "metadata.max.age.ms", "300000"),
            ("max-block-ms", "max.block.ms", "60000"),
            ("message-send-max-retries", "retries", "3"),
            ("retry-backoff-ms", "retry.backoff.ms", "100"),
            ("batch-size", "batch.size", "16384"),
        ];
        for (option, setting, default) in defaults {
            match given.long(option)? {
                Some(number) => properties.set(setting, &number.to_string()),
                None if properties.get(setting).is_none() => properties.set(setting, default),
                None => {}
            }
        }
        if let Some(size) = given.int("max-partition-memory-bytes")? {
            properties.set("batch.size", &size.to_string());
        }
        match given.value("request-required-acks")? {
            Some(acks) => properties.set("acks", acks),
            None if properties.get("acks").is_none() => properties.set("acks", "-1"),
            None => {}
        }
        if properties.get("client.id").is_none() {
            properties.set("client.id", "console-producer");
        }
        Ok(properties)
    }

    fn line(&mut self, io: &mut Io<'_, '_>, line: &str) {
        let Some(client) = self.client else { return };
        match self.reader.read(line) {
            Err(thrown) => {
                thrown.stack.into_iter().for_each(|line| io.error(line));
                self.end(io, 1);
            }
            Ok(record) => {
                let new = NewRecord {
                    topic: &self.topic,
                    key: record.key.as_deref(),
                    value: record.value.as_deref(),
                    headers: &record.headers,
                    ..NewRecord::default()
                };
                let send = io.context.send(client, new);
                self.open.insert(send, (record.key.map(|key| key.len()), record.value.map(|value| value.len())));
            }
        }
    }

    /// Takes lines as far as `--sync` allows, and closes when there are no more.
    fn go_on(&mut self, io: &mut Io<'_, '_>) {
        let sync = self.given.has("sync");
        while self.ending.is_none() && (!sync || self.open.is_empty()) {
            match self.lines.pop_front() {
                Some(line) => self.line(io, &line),
                None if self.input_ended => self.end(io, 0),
                None => return,
            }
        }
    }

    fn end(&mut self, io: &mut Io<'_, '_>, code: i32) {
        if self.ending.is_some() {
            return;
        }
        self.ending = Some(code);
        self.lines.clear();
        match self.client {
            Some(client) => io.context.close(client),
            None => io.exit(code),
        }
    }

    fn delivered(&mut self, io: &mut Io<'_, '_>, partition: &TopicPartition, sends: &[u64], result: Result<(), SendError>) {
        for send in sends {
            let Some((key, value)) = self.open.remove(send) else { continue };
            let Err(error) = &result else { continue };
            let lines = send_error(partition, error, &self.topic, self.max_block_ms);
            if self.given.has("sync") {
                let mut lines = lines.into_iter();
                let first = lines.next().unwrap_or_default();
                io.error(format!("java.util.concurrent.ExecutionException: {first}"));
                io.error("<stack>");
                io.error(format!("Caused by: {first}"));
                lines.for_each(|line| io.error(line));
                self.end(io, 1);
                continue;
            }
            let size = |size: Option<usize>| size.map_or("null".to_owned(), |size| format!("{size} bytes"));
            let what = format!("key: {}, value: {}", size(key), size(value));
            let text = format!("Error when sending message to topic {} with {what} with error:", self.topic);
            io.log("ERROR", &text, "org.apache.kafka.clients.producer.internals.ErrorLoggingCallback");
            lines.into_iter().for_each(|line| io.error(line));
        }
    }

    pub fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match event {
            Event::Started => {
                if let Err(failure) = self.start(io) {
                    match failure {
                        Failure::Options(error) => io.error(error.message()),
                        Failure::Thrown(thrown) => thrown.stack.into_iter().for_each(|line| io.error(line)),
                        Failure::NotSimulated(what) => io.error(what),
                    }
                    self.ending = Some(1);
                    io.exit(1);
                }
            }
            Event::Line(line) if self.ending.is_none() => {
                self.lines.push_back(line);
                self.go_on(io);
            }
            Event::EndOfInput => {
                self.input_ended = true;
                self.go_on(io);
            }
            Event::Interrupt => self.end(io, 130),
            Event::Delivered { topic_partition, sends, result, .. } => {
                self.delivered(io, &topic_partition, &sends, result.map(|_| ()));
                self.go_on(io);
            }
            Event::Logged { level, text, logger, .. } => {
                io.log(level, &format!("[Producer clientId={}] {text}", self.client_id), logger);
            }
            Event::Closed { .. } => io.exit(self.ending.unwrap_or(0)),
            _ => {}
        }
    }
}

/// What the client throws or gives to the callback.
pub(crate) fn send_error(partition: &TopicPartition, error: &SendError, topic: &str, max_block_ms: u64) -> Vec<String> {
    let api = |class: &str, message: String| Thrown::api(class, &message).stack;
    match error {
        // Nothing else makes a record invalid here; this exception is one of the few outside of `errors`.
        SendError::Broker(ErrorCode::InvalidRecord) => {
            let what = format!("Compacted topic cannot accept message without key in topic partition {partition}");
            vec![format!("org.apache.kafka.common.InvalidRecordException: {what}")]
        }
        SendError::Broker(ErrorCode::InvalidTopic) => api("InvalidTopicException", format!("Invalid topics: [{topic}]")),
        SendError::Broker(error) => Thrown::code(*error).stack,
        SendError::TopicNotPresent { error } => {
            let what = format!("Topic {topic} not present in metadata after {} ms.", max_block_ms);
            let mut lines = api("TimeoutException", what);
            lines.extend(error.map(|error| format!("Caused by: {}", Thrown::code(error).line())));
            lines
        }
        SendError::RecordTooLarge { size, max } => {
            let why = "which is the value of the max.request.size configuration.";
            let what = format!("The message is {size} bytes when serialized which is larger than {max}, {why}");
            api("RecordTooLargeException", what)
        }
        SendError::InvalidPartition => api("TimeoutException", "The partition does not exist.".to_owned()),
        SendError::Expired { records, ms } => {
            let why = "The request has not been sent, or no server response has been received yet.";
            let what = format!("Expiring {records} record(s) for {partition}:{ms} ms has passed since batch creation. {why}");
            api("TimeoutException", what)
        }
        SendError::Disconnected { .. } => vec![error.exception()],
    }
}

pub fn class_not_found(class: &str) -> Vec<String> {
    vec![format!("java.lang.ClassNotFoundException: {class}"), "<stack>".to_owned()]
}

/// `Utils.loadProps`.
pub fn load(io: &Io<'_, '_>, file: &str) -> Result<Properties, Thrown> {
    match io.context.read_file(file) {
        Some(text) => Ok(Properties::from_file(&text)),
        None => Err(Thrown::java("java.nio.file.NoSuchFileException", file)),
    }
}

/// The settings that the simulated producer knows, checked as `ProducerConfig` does.
pub(crate) fn producer_config(tool: &str, properties: &Properties) -> Result<ProducerConfig, Failure> {
    let int = i64::from(i32::MAX);
    let defaults = ProducerConfig::default();
    let number = |key: &str, max: i64, default: u64| -> Result<u64, Thrown> {
        Ok(properties
            .number(key, i64::from(key == "max.in.flight.requests.per.connection"), max)?
            .and_then(|number| u64::try_from(number).ok())
            .unwrap_or(default))
    };
    let acks = match properties.get("acks").unwrap_or("all") {
        "all" | "-1" => Acks::All,
        "1" => Acks::Leader,
        "0" => Acks::None,
        other => return Err(invalid(other, "acks", "String must be one of: all, -1, 0, 1").into()),
    };
    let codec = properties.get("compression.type").unwrap_or("none");
    if !["none", "gzip", "snappy", "lz4", "zstd"].contains(&codec) {
        return Err(invalid(codec, "compression.type", "String must be one of: none, gzip, snappy, lz4, zstd").into());
    }
    if properties.get("transactional.id").is_some() {
        let why = format!("{tool}: transactional.id is not simulated: there are no transactions here yet");
        return Err(Failure::NotSimulated(why));
    }
    if let Some(class) = properties.get("partitioner.class").filter(|class| !class.is_empty()) {
        let why = format!("{tool}: partitioner.class={class} is not simulated: only the default partitioner is");
        return Err(Failure::NotSimulated(why));
    }
    let idempotence = properties.boolean("enable.idempotence")?;
    let explicit = |key: &str| idempotence == Some(true) && properties.get(key).is_some();
    if explicit("acks") && acks != Acks::All {
        let why = "Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.";
        return Err(Thrown::java("org.apache.kafka.common.config.ConfigException", why).into());
    }
    Ok(ProducerConfig {
        bootstrap_servers: Vec::new(),
        client_id: properties.get("client.id").unwrap_or_default().to_owned(),
        acks,
        batch_size: usize::try_from(number("batch.size", int, 16_384)?).unwrap_or(16_384),
        linger_ms: number("linger.ms", i64::MAX, defaults.linger_ms)?,
        max_in_flight: usize::try_from(number("max.in.flight.requests.per.connection", int, 5)?.max(1)).unwrap_or(5),
        enable_idempotence: idempotence.unwrap_or(acks == Acks::All),
        max_request_size: number("max.request.size", int, defaults.max_request_size)?,
        max_block_ms: number("max.block.ms", i64::MAX, defaults.max_block_ms)?,
        request_timeout_ms: number("request.timeout.ms", int, defaults.request_timeout_ms)?,
        delivery_timeout_ms: number("delivery.timeout.ms", int, defaults.delivery_timeout_ms)?,
        retry_backoff_ms: number("retry.backoff.ms", i64::MAX, defaults.retry_backoff_ms)?,
        retries: u32::try_from(number("retries", int, u64::from(defaults.retries))?).unwrap_or(defaults.retries),
        metadata_max_age_ms: number("metadata.max.age.ms", i64::MAX, defaults.metadata_max_age_ms)?,
    })
}
