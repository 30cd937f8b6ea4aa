//! Lives here: `kafka-console-producer.sh` (`org.apache.kafka.tools.ConsoleProducer`), and its reader of lines (`line_reader`).
//! Never here: how a producer batches and sends.

mod line_reader;

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crate::base::java::read_lines;
use crate::base::{ClientId, TopicPartition};
use crate::engine::program::{Event, NewRecord, SendError};
use crate::shell::cli::bootstrap::check_bootstrap;
use crate::shell::cli::clients::{load, producer_config, send_error, sender_died};
use crate::shell::cli::config_def;
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::{Done, Stop};
use crate::shell::cli::io::Io;
use crate::shell::cli::options::{self, Given, Opt, OptionError, Refusal, flag, maybe, require, with};
use crate::shell::cli::process::Command;
use crate::shell::cli::properties::Properties;
use line_reader::LineReader;

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

/// Older options, with their new names.
const RENAMED: &[(&str, &str)] =
    &[("producer-property", "command-property"), ("producer.config", "command-config"), ("property", "reader-property")];

/// A console producer as it runs.
#[derive(Clone, Hash, Debug, Default)]
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
    let given = options::read(OPTIONS, words, ABOUT, OptionError::usage)?;
    require(&given, &["topic"])?;
    for (older, newer) in RENAMED {
        if given.has(older) && given.has(newer) {
            return Err(Refusal::usage(format!("Options --{newer} and --{older} cannot be specified together.")));
        }
    }
    check_bootstrap(given.value("bootstrap-server").map_err(first_line)?)?;
    let topic = given.value("topic").map_err(first_line)?.unwrap_or_default().to_owned();
    Ok(ConsoleProducer { given, topic, ..ConsoleProducer::default() })
}

fn first_line(error: OptionError) -> Refusal {
    Refusal::lines([error.message()], 1)
}

impl ConsoleProducer {
    fn start(&mut self, io: &mut Io<'_, '_>) -> Done {
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
        let config = producer_config("kafka-console-producer.sh", &properties, io)?;
        self.client_id.clone_from(&config.client_id);
        self.max_block_ms = config.max_block_ms;
        self.client = Some(io.producer(config));
        Ok(())
    }

    fn reader(&self, io: &Io<'_, '_>) -> Done<LineReader> {
        if let Some(class) = self.given.value("line-reader")?
            && class != "org.apache.kafka.tools.LineMessageReader"
        {
            if config_def::class(class).is_some() {
                let what = "The reader must implement org.apache.kafka.tools.api.RecordReader interface";
                return Err(Exception::illegal_argument(what).into());
            }
            return Err(Exception::java("java.lang.ClassNotFoundException", class).into());
        }
        let mut properties = load(io, self.given.value("reader-config")?)?;
        let words = self.given.values("property").chain(self.given.values("reader-property"));
        properties.add_all(&Properties::from_words(words));
        Ok(LineReader::new(&properties)?)
    }

    /// `ConsoleProducerOptions.producerProps`.
    fn properties(&self, io: &Io<'_, '_>) -> Done<Properties> {
        let given = &self.given;
        let file = match given.value("producer.config")? {
            Some(file) => Some(file),
            None => given.value("command-config")?,
        };
        let mut properties = load(io, file)?;
        let words = given.values("producer-property").chain(given.values("command-property"));
        properties.add_all(&Properties::from_words(words));
        properties.set("bootstrap.servers", given.value("bootstrap-server")?.unwrap_or_default());
        let codec = given.value("compression-codec")?.filter(|codec| !codec.is_empty());
        properties.set("compression.type", codec.unwrap_or(if given.has("compression-codec") { "gzip" } else { "none" }));
        properties.set_default("client.id", "console-producer");
        properties.merge("linger.ms", given.long("timeout")?, 1000);
        properties.merge("acks", given.value("request-required-acks")?, "-1");
        properties.merge("request.timeout.ms", given.int("request-timeout-ms")?, 1500);
        properties.merge("retries", given.int("message-send-max-retries")?, 3);
        properties.merge("retry.backoff.ms", given.long("retry-backoff-ms")?, 100);
        properties.merge("send.buffer.bytes", given.int("socket-buffer-size")?, 102_400);
        properties.merge("buffer.memory", given.long("max-memory-bytes")?, 32 << 20);
        properties.merge("batch.size", given.int("batch-size")?, 16_384);
        properties.merge("batch.size", given.int("max-partition-memory-bytes")?, 16_384);
        properties.merge("metadata.max.age.ms", given.long("metadata-expiry-ms")?, 300_000);
        properties.merge("max.block.ms", given.long("max-block-ms")?, 60_000);
        Ok(properties)
    }

    fn line(&mut self, io: &mut Io<'_, '_>, line: &str) {
        let Some(client) = self.client else { return };
        match self.reader.read(line) {
            Err(thrown) => {
                io.errors(thrown.stack());
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

    /// A send throws: it is the last one, whatever else was read meanwhile.
    fn thrown(&mut self, io: &mut Io<'_, '_>, thrown: Exception) {
        if self.ending != Some(1) {
            io.errors(thrown.stack());
            self.end(io, 1);
            self.ending = Some(1);
        }
    }

    fn delivered(&mut self, io: &mut Io<'_, '_>, partition: &TopicPartition, sends: &[u64], result: Result<(), SendError>) {
        for send in sends {
            let Some((key, value)) = self.open.remove(send) else { continue };
            let Err(error) = &result else { continue };
            let thrown = send_error(partition, error, &self.topic, self.max_block_ms);
            if matches!(error, SendError::BatchLargerThanMemory { .. }) {
                self.thrown(io, thrown);
                continue;
            }
            if self.given.has("sync") {
                io.errors(thrown.execution().stack());
                self.end(io, 1);
                continue;
            }
            let size = |size: Option<usize>| size.map_or("null".to_owned(), |size| format!("{size} bytes"));
            let what = format!("key: {}, value: {}", size(key), size(value));
            let text = format!("Error when sending message to topic {} with {what} with error:", self.topic);
            io.log("ERROR", &text, "org.apache.kafka.clients.producer.internals.ErrorLoggingCallback");
            io.errors(thrown.stack());
        }
    }
}

impl Command for ConsoleProducer {
    fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match event {
            Event::Started => {
                if let Err(stop) = self.start(io) {
                    self.ending = Some(1);
                    io.refuse(match stop {
                        Stop::Options(error) => first_line(error),
                        Stop::Thrown(thrown) => Refusal::lines(thrown.stack(), 1),
                        stop => stop.uncaught(),
                    });
                }
            }
            Event::Line(line) if self.ending.is_none() => {
                match line.contains('\r') {
                    true => self.lines.extend(read_lines(&line).map(Rc::from)),
                    false => self.lines.push_back(line),
                }
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
            Event::SenderDied { .. } => sender_died(io, &self.client_id),
            Event::Logged { level, text, logger, .. } => {
                io.log(level, &format!("[Producer clientId={}] {text}", self.client_id), logger);
            }
            Event::Closed { .. } => io.exit(self.ending.unwrap_or(0)),
            _ => {}
        }
    }

    fn reads_input(&self) -> bool {
        true
    }
}
