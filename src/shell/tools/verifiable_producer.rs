//! `kafka-verifiable-producer.sh` (`org.apache.kafka.tools.VerifiableProducer`).

use crate::base::{ClientId, SortedMap, Timestamp};
use crate::engine::program::{Event, NewRecord};
use crate::shell::cli::argparse::{Kind, Usage};
use crate::shell::cli::clients::{producer_config, send_error, sender_died};
use crate::shell::cli::exit::Done;
use crate::shell::cli::io::Io;
use crate::shell::cli::options::{Given, Opt, Refusal, with};
use crate::shell::cli::process::Command;
use crate::shell::cli::throughput::{RECORDS_MAX, Throttle};
use crate::shell::cli::verifiable::{say, settings, text};

pub const OPTIONS: &[Opt] = &[
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

const USAGE: Usage = Usage {
    tool: "verifiable-producer",
    about: "Sends numbers and says of each what became of it.",
    options: OPTIONS,
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
    ..Usage::NONE
};

const TOOL: &str = "kafka-verifiable-producer.sh";

#[derive(Clone, Hash, Debug, Default)]
pub struct VerifiableProducer {
    given: Given,
    client: Option<ClientId>,
    client_id: String,
    sent: u64,
    acked: u64,
    /// Key and number of each record that is not acknowledged yet.
    open: SortedMap<u64, (Option<u64>, u64)>,
    throttle: Throttle,
    ended: bool,
}

pub fn read(words: &[String]) -> Result<VerifiableProducer, Refusal> {
    let given = USAGE.read(words)?;
    let number = |name: &str| given.integer(name).unwrap_or(-1);
    let wanted = number("max-messages");
    if wanted > RECORDS_MAX || (wanted < 0 && number("throughput") < 0) {
        let what = format!("more than {RECORDS_MAX} records");
        let why = "they would not fit into the page; --max-messages and --throughput keep it in bounds";
        return Err(Refusal::not_simulated(TOOL, &what, why));
    }
    Ok(VerifiableProducer { given, ..VerifiableProducer::default() })
}

impl VerifiableProducer {
    fn start(&mut self, io: &mut Io<'_, '_>) -> Done {
        let mut properties = settings(&USAGE, &self.given, "producer.config", io)?;
        properties.set("acks", self.given.values("acks").next().unwrap_or("-1"));
        // No retries, so that none of the records changes its place.
        properties.set("retries", "0");
        let config = producer_config(TOOL, &properties, io)?;
        self.client_id = if config.client_id.is_empty() { "producer-1".to_owned() } else { config.client_id.clone() };
        self.client = Some(io.producer(config));
        self.throttle = Throttle::begin(io, self.target().saturating_mul(1000));
        say(io, "startup_complete", "");
        self.send(io);
        Ok(())
    }

    /// Records in a second; below 0 as many as there are.
    fn target(&self) -> i64 {
        self.given.integer("throughput").unwrap_or(-1)
    }

    fn value(&self, number: u64) -> String {
        match self.given.integer("value-prefix") {
            Some(prefix) => format!("{prefix}.{number}"),
            None => number.to_string(),
        }
    }

    fn send(&mut self, io: &mut Io<'_, '_>) {
        let Some(client) = self.client.filter(|_| !self.ended) else { return };
        let wanted = self.given.integer("max-messages").unwrap_or(-1);
        let wanted = u64::try_from(wanted).unwrap_or(RECORDS_MAX.cast_unsigned());
        let keys = self.given.integer("repeating-keys").and_then(|keys| u64::try_from(keys).ok()).filter(|keys| *keys > 0);
        let created = self.given.integer("message-create-time").filter(|at| *at >= 0);
        let topic = self.given.values("topic").next().unwrap_or_default().to_owned();
        let elapsed = self.throttle.elapsed(io);
        while self.sent < wanted && self.throttle.lets_pass(io, self.sent) {
            let key = keys.map(|keys| self.sent % keys);
            let (key_text, value) = (key.map(|key| key.to_string()), self.value(self.sent));
            let timestamp = created.map(|created| Timestamp(created + elapsed.ms().cast_signed()));
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
        let elapsed = self.throttle.elapsed(io).ms();
        let average = if elapsed == 0 { 0.0 } else { 1000.0 * (self.acked as f64 / elapsed as f64) };
        let target = self.target();
        let (sent, acked) = (self.sent, self.acked);
        let rest = format!("\"sent\":{sent},\"acked\":{acked},\"target_throughput\":{target},\"avg_throughput\":{average:?}");
        say(io, "tool_data", &rest);
        io.exit(0);
    }
}

impl Command for VerifiableProducer {
    fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match event {
            Event::Started => self.start(io).unwrap_or_else(|stop| io.refuse(stop.uncaught())),
            Event::Timer { .. } => {
                self.throttle.go_on();
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
                            let thrown = send_error(&topic_partition, error, topic_partition.topic.as_str(), 60_000);
                            let (class, message) = (text(&format!("class {}", thrown.class)), text(&thrown.message));
                            let rest = format!("{record},\"exception\":{class},\"message\":{message},\"topic\":{topic}");
                            say(io, "producer_send_error", &rest);
                        }
                    }
                }
            }
            Event::Interrupt => self.end(io),
            Event::SenderDied { .. } => sender_died(io, &self.client_id),
            Event::Logged { level, text, logger, .. } => {
                io.log(level, &format!("[Producer clientId={}] {text}", self.client_id), logger);
            }
            Event::Closed { .. } => self.closed(io),
            _ => {}
        }
    }
}
