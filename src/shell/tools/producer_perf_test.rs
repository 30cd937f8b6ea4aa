//! `kafka-producer-perf-test.sh` (`org.apache.kafka.tools.ProducerPerformance`), on simulated time.

use std::rc::Rc;

use crate::base::java::split;
use crate::base::{ClientId, SimTime, TopicPartition};
use crate::engine::program::{Event, NewRecord, SendError};
use crate::shell::cli::argparse::{Failure, Kind, Usage};
use crate::shell::cli::clients::{load, producer_config, send_error, sender_died};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::io::Io;
use crate::shell::cli::options::{Given, Opt, Refusal, deprecated, flag, with};
use crate::shell::cli::process::Command;
use crate::shell::cli::throughput::{Latencies, SplittableRandom, Throttle, check_size};

const TOOL: &str = "kafka-producer-perf-test.sh";

pub const OPTIONS: &[Opt] = &[
    with("bootstrap-server", "server(s)", "Where the cluster is."),
    with("topic", "topic", "Where the records go (needed)."),
    with("num-records", "Long", "How many records (needed)."),
    with("payload-delimiter", "String", "What separates payloads in the file (default: a new line)."),
    with("throughput", "records/s", "So many records in a second; -1: as fast as they go (needed)."),
    with("producer-props", "key=value ...", "Older name of --command-property."),
    with("command-property", "key=value ...", "Settings of the producer."),
    with("producer.config", "file", "Older name of --command-config."),
    with("command-config", "file", "A file with settings of the producer."),
    flag("print-metrics", "Show the client's metrics at the end."),
    with("transactional-id", "String", "The transactional id."),
    with("transaction-duration-ms", "Long", "How long a transaction lasts."),
    with("warmup-records", "Long", "Records that the second summary leaves out (default: 0)."),
    with("reporting-interval", "ms", "How often progress is told (default: 5000)."),
    with("record-key-range", "Integer", "Keys are from 0 to this."),
    with("key-distribution", "String", "none, range or random (default: none)."),
    with("random-seed", "Long", "What the payloads are drawn from (default: 0)."),
    with("record-size", "bytes", "Size of each record's value."),
    with("payload-file", "file", "A file to take the values from."),
    flag("payload-monotonic", "Values are 0, 1, 2 ..."),
];

const USAGE: Usage = Usage {
    tool: "kafka-producer-perf-test",
    about: "Sends records and tells how fast they were taken.",
    options: OPTIONS,
    required: &["throughput", "num-records", "topic"],
    one_of: (&["record-size", "payload-file", "payload-monotonic"], true),
    kinds: &[
        ("num-records", Kind::Long),
        ("throughput", Kind::Double),
        ("transaction-duration-ms", Kind::Long),
        ("warmup-records", Kind::Long),
        ("reporting-interval", Kind::Long),
        ("record-key-range", Kind::Integer),
        ("random-seed", Kind::Long),
        ("record-size", Kind::Integer),
    ],
    many: &["producer-props", "command-property"],
    ..Usage::NONE
};

/// `buffer.memory`: a send waits while records of so many bytes are not acknowledged.
const BUFFER_MEMORY: u64 = 32 << 20;

#[derive(Clone, Hash, Debug, Default)]
pub struct ProducerPerf {
    given: Given,
    topic: Rc<str>,
    client: Option<ClientId>,
    client_id: String,
    max_block_ms: u64,
    random: SplittableRandom,
    payloads: Rc<[String]>,
    sent: u64,
    open: u64,
    open_bytes: u64,
    throttle: Throttle,
    /// From which send on records were handed over when.
    handed: Vec<(u64, SimTime)>,
    sizes: Option<u64>,
    total: Latencies,
    steady: Latencies,
    steady_since: SimTime,
    window: Latencies,
    window_since: SimTime,
    ended: bool,
}

fn wrong(message: &str) -> Refusal {
    USAGE.refusal(Failure::Wrong(message.to_owned()), 1)
}

pub fn read(words: &[String]) -> Result<ProducerPerf, Refusal> {
    let given = USAGE.read(words)?;
    check(&given)?;
    let count = given.integer("num-records").unwrap_or(0);
    check_size(TOOL, count, given.integer("record-size").unwrap_or(16))?;
    Ok(ProducerPerf {
        topic: given.values("topic").next().unwrap_or_default().into(),
        random: SplittableRandom::new(given.integer("random-seed").unwrap_or(0)),
        sizes: u64::try_from(given.integer("record-size").unwrap_or(-1)).ok(),
        given,
        ..ProducerPerf::default()
    })
}

/// `ProducerPerformance.ConfigPostProcessor`.
fn check(given: &Given) -> Result<(), Refusal> {
    for (name, least, message) in [
        ("num-records", 1, "--num-records should be greater than zero."),
        ("warmup-records", 0, "The value for --warmup-records must be greater than or equal to zero, and less than --num-records."),
        ("record-size", 1, "--record-size should be greater than zero."),
    ] {
        if given.integer(name).unwrap_or(least) < least {
            return Err(wrong(message));
        }
    }
    if given.integer("warmup-records").unwrap_or(0) >= given.integer("num-records").unwrap_or(0) {
        return Err(wrong(
            "The value for --warmup-records must be strictly fewer than the number of records in the test, --num-records.",
        ));
    }
    let servers = ["bootstrap-server", "command-property", "producer-props", "producer.config", "command-config"];
    if !servers.iter().any(|name| given.has(name)) {
        return Err(wrong(
            "At least one of --bootstrap-server, --command-property, --producer-props, --producer.config or --command-config must \
             be specified.",
        ));
    }
    if given.integer("reporting-interval").unwrap_or(5000) <= 0 {
        return Err(wrong("--reporting-interval should be greater than zero."));
    }
    let distribution = given.values("key-distribution").next().unwrap_or("none");
    if !["none", "range", "random"].contains(&distribution) {
        return Err(wrong(&format!(
            "argument --key-distribution: invalid choice: '{distribution}' (choose from {{none,range,random}})"
        )));
    }
    if distribution != "none" && !given.has("record-key-range") {
        return Err(wrong("--record-key-range is required when --key-distribution is 'range' or 'random'."));
    }
    for (name, why) in [
        ("print-metrics", "clients keep no metrics here"),
        ("transactional-id", "there are no transactions here yet"),
        ("transaction-duration-ms", "there are no transactions here yet"),
    ] {
        if given.has(name) {
            return Err(Refusal::not_simulated(TOOL, &format!("--{name}"), why));
        }
    }
    if distribution == "random" {
        return Err(Refusal::not_simulated(TOOL, "--key-distribution random", "only none and range are"));
    }
    Ok(())
}

impl ProducerPerf {
    fn count(&self) -> u64 {
        u64::try_from(self.given.integer("num-records").unwrap_or(0)).unwrap_or(0)
    }

    fn warmup(&self) -> u64 {
        u64::try_from(self.given.integer("warmup-records").unwrap_or(0)).unwrap_or(0)
    }

    fn start(&mut self, io: &mut Io<'_, '_>) -> Done {
        for (older, newer) in [("producer-props", "command-property"), ("producer.config", "command-config")] {
            if self.given.has(older) {
                io.print(deprecated(older, newer));
            }
        }
        if let Some(file) = self.given.values("payload-file").next().map(str::to_owned) {
            self.payloads = self.read_payloads(io, &file)?;
        }
        let file = self.given.values("producer.config").chain(self.given.values("command-config")).next();
        let mut properties = load(io, file)?;
        let words = self.given.values("producer-props").chain(self.given.values("command-property"));
        for word in words {
            match split(word, '=').as_slice() {
                [key, value] => properties.set(key, value),
                _ => return Err(Exception::illegal_argument(&format!("Invalid property: {word}")).into()),
            }
        }
        if properties.get("client.id").is_none() {
            properties.set("client.id", "perf-producer-client");
        }
        let config = producer_config(TOOL, &properties, io)?;
        self.client_id.clone_from(&config.client_id);
        self.max_block_ms = config.max_block_ms;
        self.client = Some(io.producer(config));
        if self.warmup() > 0 {
            io.print(format!(
                "Warmup first {} records. Steady state results will print after the complete test summary.",
                self.warmup()
            ));
        }
        self.throttle = Throttle::begin(io, self.throughput());
        let now = io.context.now();
        (self.window_since, self.steady_since) = (now, now);
        self.send(io);
        Ok(())
    }

    fn read_payloads(&self, io: &mut Io<'_, '_>, file: &str) -> Result<Rc<[String]>, Exception> {
        io.print(format!("Reading payloads from: {file}"));
        let text = io.context.read_file(file).filter(|text| !text.is_empty());
        let Some(text) = text else {
            let what = "File does not exist or empty file provided.";
            return Err(Exception::illegal_argument(what));
        };
        let delimiter = self.given.values("payload-delimiter").next().unwrap_or("\n");
        let delimiter = if delimiter == "\\n" { "\n" } else { delimiter };
        let mut payloads: Vec<String> = text.split(delimiter).map(str::to_owned).collect();
        while payloads.last().is_some_and(String::is_empty) {
            payloads.pop();
        }
        io.print(format!("Number of records read: {}", payloads.len()));
        Ok(payloads.into())
    }

    fn payload(&mut self) -> Vec<u8> {
        if let Some(size) = self.sizes {
            return (0..size).map(|_| b'A' + self.random.below(26).cast_unsigned() as u8).collect();
        }
        if self.payloads.is_empty() {
            return self.sent.to_string().into_bytes();
        }
        let at = self.random.below(i32::try_from(self.payloads.len()).unwrap_or(i32::MAX));
        self.payloads.get(at.cast_unsigned() as usize).map(|text| text.clone().into_bytes()).unwrap_or_default()
    }

    /// Records in a thousand seconds.
    fn throughput(&self) -> i64 {
        let wanted = self.given.values("throughput").next().and_then(|text| text.trim().parse::<f64>().ok());
        wanted.map_or(-1, |wanted| (wanted * 1000.0) as i64)
    }

    /// Hands over records as far as throughput and memory allow.
    fn send(&mut self, io: &mut Io<'_, '_>) {
        let Some(client) = self.client else { return };
        let range = self.given.integer("record-key-range").unwrap_or(0).cast_unsigned().max(1);
        let keyed = self.given.values("key-distribution").next() == Some("range");
        let now = io.context.now();
        while self.sent < self.count() && self.open_bytes < BUFFER_MEMORY && self.throttle.lets_pass(io, self.sent) {
            let value = self.payload();
            let key = keyed.then(|| (self.sent % range).to_string());
            let new = NewRecord {
                topic: &self.topic,
                key: key.as_deref().map(str::as_bytes),
                value: Some(&value),
                ..NewRecord::default()
            };
            let send = io.context.send(client, new);
            if self.handed.last().is_none_or(|(_, at)| *at != now) {
                self.handed.push((send, now));
            }
            if self.sent == self.warmup() {
                self.steady_since = now;
            }
            self.sent += 1;
            self.open += 1;
            self.open_bytes += value.len() as u64;
        }
        self.finish_if_done(io);
    }

    fn delivered(&mut self, io: &mut Io<'_, '_>, partition: &TopicPartition, sends: &[u64], result: Result<(), &SendError>) {
        let now = io.context.now();
        let interval = self.given.integer("reporting-interval").unwrap_or(5000).cast_unsigned();
        for send in sends {
            self.open = self.open.saturating_sub(1);
            // Payloads of a file differ in size; what waits is then reckoned from the first of them.
            let bytes = self.sizes.unwrap_or_else(|| self.payloads.first().map_or(8, |text| text.len() as u64));
            self.open_bytes = if self.open == 0 { 0 } else { self.open_bytes.saturating_sub(bytes) };
            if let Err(error) = result {
                let thrown = send_error(partition, error, &self.topic, self.max_block_ms);
                if matches!(error, SendError::BatchLargerThanMemory { .. }) {
                    // The call throws, and nothing catches it.
                    io.refuse(thrown.uncaught());
                    return;
                }
                io.errors(thrown.stack());
                continue;
            }
            let at = self.handed.partition_point(|(first, _)| first <= send);
            let since = at.checked_sub(1).and_then(|at| self.handed.get(at));
            let latency = since.map_or(self.throttle.elapsed(io), |(_, since)| now.since(*since)).ms();
            self.total.record(latency, bytes);
            if self.warmup() > 0 && self.total.count > self.warmup() {
                self.steady.record(latency, bytes);
            }
            self.window.record(latency, bytes);
            let elapsed = now.since(self.window_since).ms();
            if elapsed >= interval {
                io.print(std::mem::take(&mut self.window).window(elapsed));
                self.window_since = now;
            }
        }
        self.send(io);
    }

    fn finish_if_done(&mut self, io: &mut Io<'_, '_>) {
        if self.ended || self.sent < self.count() || self.open > 0 {
            return;
        }
        self.ended = true;
        let now = io.context.now();
        io.print(self.total.total("", self.throttle.elapsed(io).ms()));
        if self.warmup() > 0 {
            io.print(self.steady.total(" steady state", now.since(self.steady_since).ms()));
        }
        match self.client {
            Some(client) => io.context.close(client),
            None => io.exit(0),
        }
    }
}

impl Command for ProducerPerf {
    fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match event {
            Event::Started => self.start(io).unwrap_or_else(|stop| io.refuse(stop.uncaught())),
            Event::Timer { .. } => {
                self.throttle.go_on();
                self.send(io);
            }
            Event::Delivered { topic_partition, sends, result, .. } => {
                self.delivered(io, &topic_partition, &sends, result.as_ref().map(|_| ()));
            }
            Event::Interrupt => io.exit(130),
            Event::SenderDied { .. } => sender_died(io, &self.client_id),
            Event::Logged { level, text, logger, .. } => {
                io.log(level, &format!("[Producer clientId={}] {text}", self.client_id), logger);
            }
            Event::Closed { .. } => io.exit(0),
            _ => {}
        }
    }
}
