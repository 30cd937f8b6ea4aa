//! `kafka-verifiable-producer.sh` and `kafka-verifiable-consumer.sh` (`org.apache.kafka.tools.VerifiableProducer` and
//! `VerifiableConsumer`): what they do, they say in lines of JSON.

use serde_json::Value;

use crate::base::{ClientId, Offset, SimTime, SortedMap, Span, Timestamp, TopicPartition};
use crate::engine::program::{Event, NewRecord, PolledRecords};
use crate::shell::cli::argparse::{Failure as Misread, Kind, USAGE, Usage};
use crate::shell::cli::io::Io;
use crate::shell::cli::java::Thrown;
use crate::shell::cli::options::{Given, Opt, Refusal, flag, with};
use crate::shell::cli::properties::Properties;
use crate::shell::cli::throughput::{Pace, RECORDS_MAX, Throttle};
use crate::shell::tools::console_consumer::options;
use crate::shell::tools::console_producer::{Failure, load, producer_config};

pub const PRODUCER_OPTIONS: &[Opt] = &[
    with("topic", "topic", "Where the records go (needed)."),
    with("max-messages", "Integer", "How many records; -1: until it is called off (default: -1)."),
    with("throughput", "Integer", "So many records in a second; -1: as fast as they go (default: -1)."),
    with("acks", "0, 1, -1", "Which replicas must have a record (default: -1)."),
    with("producer.config", "file", "Older name of --command-config."),
    with("message-create-time", "Long: ms", "The first record's timestamp."),
    with("value-prefix", "Integer", "What stands in front of values."),
    with("repeating-keys", "Integer", "Keys are from 0 to this, again and again."),
    with("command-config", "file", "A file with settings of the producer."),
    with("bootstrap-server", "server(s)", "Where the cluster is (needed)."),
];

const PRODUCER: Usage = Usage {
    tool: "verifiable-producer",
    about: "Sends numbers and says of each what became of it.",
    options: PRODUCER_OPTIONS,
    required: &["topic"],
    one_of: (&["bootstrap-server"], true),
    kinds: &[
        ("max-messages", Kind::Integer),
        ("throughput", Kind::Integer),
        ("acks", Kind::IntegerChoice(&["0", "1", "-1"])),
        ("message-create-time", Kind::Long),
        ("value-prefix", Kind::Integer),
        ("repeating-keys", Kind::Integer),
    ],
    ..USAGE
};

const PRODUCER_TOOL: &str = "kafka-verifiable-producer.sh";

#[derive(Clone, Hash, Debug)]
pub struct VerifiableProducer {
    given: Given,
    client: Option<ClientId>,
    client_id: String,
    sent: u64,
    acked: u64,
    /// Key and number of each record that is not acknowledged yet.
    open: SortedMap<u64, (Option<u64>, u64)>,
    begun_at: SimTime,
    waits: bool,
    ended: bool,
}

pub fn read_producer(words: &[String]) -> Result<VerifiableProducer, Refusal> {
    let given = called(&PRODUCER, words)?;
    let number = |name: &str| integer(&given, name).unwrap_or(-1);
    let wanted = number("max-messages");
    if wanted > RECORDS_MAX || (wanted < 0 && number("throughput") < 0) {
        let what = format!("more than {RECORDS_MAX} records");
        let why = "they would not fit into the page; --max-messages and --throughput keep it in bounds";
        return Err(Refusal::not_simulated(PRODUCER_TOOL, &what, why));
    }
    Ok(VerifiableProducer {
        given,
        client: None,
        client_id: String::new(),
        sent: 0,
        acked: 0,
        open: SortedMap::new(),
        begun_at: SimTime::ZERO,
        waits: false,
        ended: false,
    })
}

fn called(usage: &Usage, words: &[String]) -> Result<Given, Refusal> {
    if words.is_empty() {
        return Err(usage.refusal(Misread::Help, 0));
    }
    usage.parse(words).map(|(given, _)| given).map_err(|failure| usage.refusal(failure, 1))
}

fn integer(given: &Given, name: &str) -> Option<i64> {
    given.values(name).next().and_then(|text| text.parse().ok())
}

/// One line about what happened.
fn say(io: &mut Io<'_, '_>, name: &str, rest: &str) {
    let at = io.context.now().timestamp();
    let comma = if rest.is_empty() { "" } else { "," };
    io.print(format!("{{\"timestamp\":{at},\"name\":\"{name}\"{comma}{rest}}}"));
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// The client's settings: those of a file, if one is named.
fn settings(given: &Given, older: &str, io: &mut Io<'_, '_>) -> Result<Properties, Failure> {
    if given.has(older) {
        let words = "has been deprecated and will be removed in a future version. Use --command-config instead.";
        io.print(format!("Option --{older} {words}"));
    }
    match given.values(older).chain(given.values("command-config")).next() {
        Some(file) => Ok(load(io, file)?),
        None => Ok(Properties::default()),
    }
}

impl VerifiableProducer {
    fn start(&mut self, io: &mut Io<'_, '_>) -> Result<(), Failure> {
        let mut properties = settings(&self.given, "producer.config", io)?;
        properties.set("acks", self.given.values("acks").next().unwrap_or("-1"));
        // No retries, so that none of the records changes its place.
        properties.set("retries", "0");
        let config = producer_config(PRODUCER_TOOL, &properties)?;
        self.client_id = if config.client_id.is_empty() { "producer-1".to_owned() } else { config.client_id.clone() };
        self.client = Some(io.producer(config));
        self.begun_at = io.context.now();
        say(io, "startup_complete", "");
        self.send(io);
        Ok(())
    }

    fn value(&self, number: u64) -> String {
        match integer(&self.given, "value-prefix") {
            Some(prefix) => format!("{prefix}.{number}"),
            None => number.to_string(),
        }
    }

    fn send(&mut self, io: &mut Io<'_, '_>) {
        let Some(client) = self.client.filter(|_| !self.ended) else { return };
        let wanted = integer(&self.given, "max-messages").unwrap_or(-1);
        let wanted = u64::try_from(wanted).unwrap_or(RECORDS_MAX.cast_unsigned());
        let throttle = Throttle { per_second: integer(&self.given, "throughput").unwrap_or(-1) };
        let keys = integer(&self.given, "repeating-keys").and_then(|keys| u64::try_from(keys).ok()).filter(|keys| *keys > 0);
        let created = integer(&self.given, "message-create-time").filter(|at| *at >= 0);
        let topic = self.given.values("topic").next().unwrap_or_default().to_owned();
        let elapsed = io.context.now().since(self.begun_at);
        while self.sent < wanted && !self.waits {
            match throttle.pace(self.sent, elapsed) {
                Pace::Now => {}
                Pace::After(wait) => {
                    self.waits = true;
                    io.timer(wait, 0);
                    return;
                }
                Pace::Never => return,
            }
            let key = keys.map(|keys| self.sent % keys);
            let (key_text, value) = (key.map(|key| key.to_string()), self.value(self.sent));
            let timestamp = created.map(|created| Timestamp(created + (elapsed.0 / 1000).cast_signed()));
            let new = NewRecord {
                topic: &topic,
                timestamp,
                key: key_text.as_deref().map(str::as_bytes),
                value: Some(value.as_bytes()),
                ..NewRecord::default()
            };
            let send = io.context.send(client, new);
            self.open.insert(send, (key, self.sent));
            self.sent += 1;
        }
        if self.sent >= wanted {
            self.end(io);
        }
    }

    fn end(&mut self, io: &mut Io<'_, '_>) {
        if self.ended {
            return;
        }
        self.ended = true;
        match self.client {
            Some(client) => io.context.close(client),
            None => io.exit(0),
        }
    }

    fn closed(&self, io: &mut Io<'_, '_>) {
        say(io, "shutdown_complete", "");
        let elapsed = io.context.now().since(self.begun_at).0 / 1000;
        let average = if elapsed == 0 { 0.0 } else { 1000.0 * (self.acked as f64 / elapsed as f64) };
        let target = integer(&self.given, "throughput").unwrap_or(-1);
        let (sent, acked) = (self.sent, self.acked);
        let rest = format!("\"sent\":{sent},\"acked\":{acked},\"target_throughput\":{target},\"avg_throughput\":{average:?}");
        say(io, "tool_data", &rest);
        io.exit(0);
    }

    pub fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match event {
            Event::Started => {
                if let Err(failure) = self.start(io) {
                    refuse(&PRODUCER, failure, io);
                }
            }
            Event::Timer { .. } => {
                self.waits = false;
                self.send(io);
            }
            Event::Delivered { topic_partition, sends, result, .. } => {
                for (at, send) in sends.iter().enumerate() {
                    let Some((key, number)) = self.open.remove(send) else { continue };
                    let key = key.map_or("null".to_owned(), |key| format!("\"{key}\""));
                    let record = format!("\"key\":{key},\"value\":\"{}\"", self.value(number));
                    let topic = text(topic_partition.topic.as_str());
                    match &result {
                        Ok(first) => {
                            self.acked += 1;
                            let (offset, partition) = (first.plus(at as i64), topic_partition.partition);
                            let rest = format!("{record},\"offset\":{offset},\"topic\":{topic},\"partition\":{partition}");
                            say(io, "producer_send_success", &rest);
                        }
                        Err(error) => {
                            let lines = crate::shell::tools::console_producer::send_error(
                                &topic_partition,
                                error,
                                topic_partition.topic.as_str(),
                                60_000,
                            );
                            let (class, message) =
                                lines.first().and_then(|line| line.split_once(": ")).unwrap_or(("java.lang.Exception", ""));
                            let (class, message) = (text(&format!("class {class}")), text(message));
                            let rest = format!("{record},\"exception\":{class},\"message\":{message},\"topic\":{topic}");
                            say(io, "producer_send_error", &rest);
                        }
                    }
                }
            }
            Event::Interrupt => self.end(io),
            Event::Logged { level, text, logger, .. } => {
                io.log(level, &format!("[Producer clientId={}] {text}", self.client_id), logger);
            }
            Event::Closed { .. } => self.closed(io),
            _ => {}
        }
    }
}

/// A file of settings that is not there is a misread word for these tools; what else is wrong they do not catch.
fn refuse(usage: &Usage, failure: Failure, io: &mut Io<'_, '_>) {
    let lines = match failure {
        Failure::Thrown(thrown) if thrown.line().contains("NoSuchFileException") => {
            usage.refusal(Misread::Wrong(thrown.message), 1).lines
        }
        failure => failure.uncaught(),
    };
    lines.into_iter().for_each(|line| io.error(line));
    io.exit(1);
}

pub const CONSUMER_OPTIONS: &[Opt] = &[
    with("bootstrap-server", "server(s)", "Where the cluster is (needed)."),
    with("topic", "topic", "What to read (needed)."),
    with("group-protocol", "String", "classic or consumer (default: classic)."),
    with("group-remote-assignor", "String", "The assignor of the newer protocol."),
    with("group-id", "String", "The consumer's group (needed)."),
    with("group-instance-id", "String", "The id of a static member."),
    with("max-messages", "Integer", "Stop after so many records; -1: never (default: -1)."),
    with("session-timeout", "Integer: ms", "The session's timeout."),
    flag("verbose", "Say each record."),
    flag("enable-autocommit", "Commit offsets now and then, not after each poll."),
    with("close-timeout", "Integer: ms", "How long the close may take."),
    with("reset-policy", "String", "earliest, latest or none (default: earliest)."),
    with("assignment-strategy", "String: class", "The class that assigns partitions."),
    with("consumer.config", "file", "Older name of --command-config."),
    with("command-config", "file", "A file with settings of the consumer."),
];

const CONSUMER: Usage = Usage {
    tool: "verifiable-consumer",
    about: "Reads records and says what it got and committed.",
    options: CONSUMER_OPTIONS,
    required: &["group-id", "topic", "bootstrap-server"],
    kinds: &[("max-messages", Kind::Integer), ("session-timeout", Kind::Integer), ("close-timeout", Kind::Integer)],
    ..USAGE
};

const CONSUMER_TOOL: &str = "kafka-verifiable-consumer.sh";

/// A poll ends when records come; it is given again after a day.
const FOREVER: Span = Span::from_secs(86_400);

#[derive(Clone, Hash, Debug)]
pub struct VerifiableConsumer {
    given: Given,
    client: Option<ClientId>,
    client_id: String,
    consumed: u64,
    /// What is being committed.
    committing: Vec<(TopicPartition, Offset)>,
    /// The exit code, once it was called off.
    interrupted: Option<i32>,
    closing: bool,
}

pub fn read_consumer(words: &[String]) -> Result<VerifiableConsumer, Refusal> {
    let given = called(&CONSUMER, words)?;
    match given.values("group-protocol").next().map(str::to_uppercase).as_deref() {
        None | Some("CLASSIC" | "CONSUMER") => {}
        Some(other) => {
            let what = format!("No enum constant org.apache.kafka.clients.consumer.GroupProtocol.{other}");
            let head = format!("Exception in thread \"main\" java.lang.IllegalArgumentException: {what}");
            return Err(Refusal::lines([head, "<stack>".to_owned()], 1));
        }
    }
    Ok(VerifiableConsumer {
        given,
        client: None,
        client_id: String::new(),
        consumed: 0,
        committing: Vec::new(),
        interrupted: None,
        closing: false,
    })
}

/// A class of the consumer's settings that cannot be found.
fn no_class(class: &str) -> Thrown {
    let kafka = "org.apache.kafka.common.KafkaException";
    let mut thrown = Thrown::java(kafka, "Failed to construct kafka consumer");
    for caused in [
        format!("Caused by: {kafka}: {class} ClassNotFoundException exception occurred"),
        format!("Caused by: java.lang.ClassNotFoundException: {class}"),
    ] {
        thrown.stack.extend([caused, "<stack>".to_owned()]);
    }
    thrown
}

fn partition_json(partition: &TopicPartition) -> String {
    format!("\"topic\":{},\"partition\":{}", text(partition.topic.as_str()), partition.partition)
}

impl VerifiableConsumer {
    fn start(&mut self, io: &mut Io<'_, '_>) -> Result<(), Failure> {
        let mut properties = settings(&self.given, "consumer.config", io)?;
        let autocommit = if self.given.has("enable-autocommit") { "true" } else { "false" };
        properties.set("enable.auto.commit", autocommit);
        properties.set("auto.offset.reset", self.given.values("reset-policy").next().unwrap_or("earliest"));
        // `--group-protocol consumer` leaves out the settings of the classic protocol.
        let modern = self.given.values("group-protocol").next().is_some_and(|protocol| protocol.eq_ignore_ascii_case("consumer"));
        let of_protocol: &[(&str, &str)] = if modern {
            &[("group-protocol", "group.protocol"), ("group-remote-assignor", "group.remote.assignor")]
        } else {
            &[("session-timeout", "session.timeout.ms"), ("assignment-strategy", "partition.assignment.strategy")]
        };
        for (option, setting) in of_protocol.iter().chain(&[("group-instance-id", "group.instance.id")]).copied() {
            if let Some(value) = self.given.values(option).next() {
                properties.set(setting, value);
            }
        }
        let group = self.given.values("group-id").next().unwrap_or_default().to_owned();
        if properties.get("client.id").is_none() {
            properties.set("client.id", &format!("consumer-{group}-1"));
        }
        let assignors = properties.get("partition.assignment.strategy").unwrap_or_default();
        let unknown = |class: &&str| !class.is_empty() && !class.starts_with("org.apache.kafka.clients.consumer.");
        if let Some(class) = assignors.split(',').map(str::trim).find(unknown) {
            return Err(no_class(class).into());
        }
        let mut config = options::consumer_config(&properties)?;
        self.client_id.clone_from(&config.client_id);
        config.group_id = Some(group.as_str().into());
        let client = io.consumer(config);
        self.client = Some(client);
        say(io, "startup_complete", "");
        let topic = self.given.values("topic").next().unwrap_or_default().to_owned();
        io.context.subscribe(client, &[&topic]);
        self.go_on(io);
        Ok(())
    }

    /// Records that may still come.
    fn left(&self) -> u64 {
        match integer(&self.given, "max-messages").and_then(|max| u64::try_from(max).ok()) {
            Some(max) => max.saturating_sub(self.consumed),
            None => u64::MAX,
        }
    }

    fn go_on(&mut self, io: &mut Io<'_, '_>) {
        let Some(client) = self.client.filter(|_| !self.closing) else { return };
        if self.left() == 0 {
            self.closing = true;
            io.context.close(client);
        } else {
            io.context.poll(client, FOREVER);
        }
    }

    /// `onRecordsReceived`.
    fn polled(&mut self, io: &mut Io<'_, '_>, records: &PolledRecords) {
        let Some(client) = self.client.filter(|_| !self.closing && !records.is_empty()) else {
            self.go_on(io);
            return;
        };
        let mut seen: Vec<(TopicPartition, u64, Offset, Offset)> = Vec::new();
        let left = usize::try_from(self.left()).unwrap_or(usize::MAX);
        for (partition, record) in records.iter().take(left) {
            match seen.last_mut().filter(|(known, ..)| known == partition) {
                Some((_, count, _, last)) => (*count, *last) = (*count + 1, record.offset),
                None => seen.push((partition.clone(), 1, record.offset, record.offset)),
            }
            self.consumed += 1;
            if self.given.has("verbose") {
                let shown = |bytes: Option<&[u8]>| match bytes {
                    Some(bytes) => text(&String::from_utf8_lossy(bytes)),
                    None => Value::Null,
                };
                let (key, value) = (shown(record.key), shown(record.value));
                let rest = format!("\"key\":{key},\"value\":{value},{},\"offset\":{}", partition_json(partition), record.offset);
                say(io, "record_data", &rest);
            }
        }
        let rows: Vec<String> = seen
            .iter()
            .map(|(partition, count, first, last)| {
                format!("{{{},\"count\":{count},\"minOffset\":{first},\"maxOffset\":{last}}}", partition_json(partition))
            })
            .collect();
        say(io, "records_consumed", &format!("\"count\":{},\"partitions\":[{}]", records.count(), rows.join(",")));
        if self.given.has("enable-autocommit") {
            self.go_on(io);
            return;
        }
        self.committing = seen.into_iter().map(|(partition, _, _, last)| (partition, last.plus(1))).collect();
        io.context.commit(client, Some(self.committing.clone()));
    }

    fn committed(&mut self, io: &mut Io<'_, '_>, success: bool) {
        let offsets: Vec<String> = std::mem::take(&mut self.committing)
            .iter()
            .map(|(partition, offset)| format!("{{{},\"offset\":{offset}}}", partition_json(partition)))
            .collect();
        say(io, "offsets_committed", &format!("\"offsets\":[{}],\"success\":{success}", offsets.join(",")));
        self.go_on(io);
    }

    fn told(io: &mut Io<'_, '_>, name: &str, partitions: &[TopicPartition]) {
        let rows: Vec<String> = partitions.iter().map(|partition| format!("{{{}}}", partition_json(partition))).collect();
        say(io, name, &format!("\"partitions\":[{}]", rows.join(",")));
    }

    pub fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match event {
            Event::Started => {
                if let Err(failure) = self.start(io) {
                    refuse(&CONSUMER, failure, io);
                }
            }
            Event::Polled { records, .. } => self.polled(io, &records),
            Event::PollFailed { error, .. } => {
                io.error(format!("{CONSUMER_TOOL}: {error:?}"));
                io.exit(1);
            }
            Event::Committed { result, .. } if !self.committing.is_empty() => self.committed(io, result.is_ok()),
            Event::PartitionsAssigned { partitions, .. } => Self::told(io, "partitions_assigned", &partitions),
            Event::PartitionsRevoked { partitions, .. } | Event::PartitionsLost { partitions, .. } => {
                Self::told(io, "partitions_revoked", &partitions);
            }
            Event::Interrupt if self.interrupted.is_none() => {
                self.interrupted = Some(130);
                say(io, "shutdown_requested", "");
                match self.client.filter(|_| !self.closing) {
                    Some(client) => {
                        self.closing = true;
                        io.context.close(client);
                    }
                    None => io.exit(130),
                }
            }
            Event::Logged { level, text, logger, .. } => {
                let group = self.given.values("group-id").next().unwrap_or_default();
                io.log(level, &format!("[Consumer clientId={}, groupId={group}] {text}", self.client_id), logger);
            }
            Event::Closed { .. } => {
                say(io, "shutdown_complete", "");
                if self.interrupted.is_none() {
                    say(io, "shutdown_requested", "");
                }
                io.exit(self.interrupted.unwrap_or(0));
            }
            _ => {}
        }
    }
}
