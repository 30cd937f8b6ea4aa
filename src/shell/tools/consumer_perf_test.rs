//! `kafka-consumer-perf-test.sh` (`org.apache.kafka.tools.ConsumerPerformance`), on simulated time.

use crate::base::{ClientId, Pattern, SimTime, Span};
use crate::engine::program::{Event, PolledRecords};
use crate::shell::cli::clients::{consumer_config, load};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::io::Io;
use crate::shell::cli::options::{self, Given, Opt, OptionError, Refusal, flag, forbid, require, with};
use crate::shell::cli::process::Command;
use crate::shell::cli::properties::Properties;
use crate::shell::cli::throughput::{CONSUMER_HEADER, ratio};
use crate::shell::cli::time::log_time;

const TOOL: &str = "kafka-consumer-perf-test.sh";

pub const OPTIONS: &[Opt] = &[
    with("bootstrap-server", "String: server(s)", "Where the cluster is (needed)."),
    with("command-config", "String: config file", "A file with settings of the consumer."),
    with("command-property", "String: key=value", "A setting of the consumer; may be repeated."),
    with("consumer.config", "String: config file", "Older name of --command-config."),
    with("date-format", "String: date format", "How times are printed."),
    with("fetch-size", "Integer: size", "Bytes of one partition in one answer (max.partition.fetch.bytes, 1048576)."),
    flag("from-latest", "Begin at the end where the group has no committed offset."),
    with("group", "String: gid", "The consumer's group (default: perf-consumer- and a number)."),
    flag("help", "Show this page."),
    flag("hide-header", "Leave the header out."),
    with("include", "String: Java regex", "Read all topics that fit a regular expression."),
    with("messages", "Long: count", "Older name of --num-records."),
    with("num-records", "Long: count", "How many records to read (needed)."),
    flag("print-metrics", "Show the client's metrics at the end."),
    with("reporting-interval", "Integer: ms", "How often progress is told (default: 5000)."),
    flag("show-detailed-stats", "Tell the progress instead of the total."),
    with("socket-buffer-size", "Integer: size", "Size of the TCP buffer."),
    with("timeout", "Long: ms", "Stop when no record came for so long (default: 10000)."),
    with("topic", "String: topic", "What to read."),
    flag("version", "Show Kafka's version."),
];

/// How long one poll waits.
const POLL: Span = Span::from_ms(100);

#[derive(Clone, Hash, Debug, Default)]
pub struct ConsumerPerf {
    given: Given,
    group: String,
    client: Option<ClientId>,
    wanted: i64,
    timeout_ms: u64,
    interval_ms: u64,
    begun_at: SimTime,
    /// When it last had no partitions, and how long it had none in all.
    joining_since: SimTime,
    joined_ms: u64,
    last_record_at: SimTime,
    reported_at: SimTime,
    records: u64,
    bytes: u64,
    reported: (u64, u64, u64),
    ended: bool,
}

pub fn read(words: &[String]) -> Result<ConsumerPerf, Refusal> {
    let about = "This tool is used to verify the consumer performance.";
    let given = options::read(OPTIONS, words, about, OptionError::usage)?;
    require(&given, &["bootstrap-server"])?;
    one_of(&given, "topic", "include")?;
    one_of(&given, "messages", "num-records")?;
    forbid(&given, "consumer.config", &["command-config"])?;
    if given.has("print-metrics") {
        return Err(Refusal::not_simulated(TOOL, "--print-metrics", "clients keep no metrics here"));
    }
    if given.has("date-format") {
        return Err(Refusal::not_simulated(TOOL, "--date-format", "dates have one form here"));
    }
    Ok(ConsumerPerf { given, ..ConsumerPerf::default() })
}

/// `CommandLineUtils.checkOneOfArgs`.
pub(super) fn one_of(given: &Given, one: &str, other: &str) -> Result<(), Refusal> {
    if given.has(one) == given.has(other) {
        return Err(Refusal::usage(format!("Exactly one of the following arguments is required: [{one}], [{other}]")));
    }
    Ok(())
}

impl ConsumerPerf {
    fn detailed(&self) -> bool {
        self.given.has("show-detailed-stats")
    }

    fn start(&mut self, io: &mut Io<'_, '_>) -> Done {
        if self.given.has("messages") {
            io.print("Warning: --messages is deprecated. Use --num-records instead.");
        }
        if self.given.has("consumer.config") {
            io.print("Warning: --consumer.config is deprecated. Use --command-config instead.");
        }
        if !self.given.has("hide-header") {
            io.print(if self.detailed() {
                CONSUMER_HEADER.replace("start.time, end.time", "time, threadId")
            } else {
                CONSUMER_HEADER.to_owned()
            });
        }
        let wanted = match self.given.long("num-records")? {
            Some(wanted) => wanted,
            None => self.given.long("messages")?.unwrap_or(0),
        };
        let interval = i64::from(self.given.int("reporting-interval")?.unwrap_or(5000));
        if interval <= 0 {
            let what = "Reporting interval must be greater than 0.";
            return Err(Exception::illegal_argument(what).into());
        }
        self.wanted = wanted;
        self.interval_ms = interval.cast_unsigned();
        // As the real one: the option is read as it is, and a number that is none leaves the default.
        self.timeout_ms = self.given.values("timeout").next().and_then(|text| text.parse().ok()).unwrap_or(10_000);
        let file = self.given.values("consumer.config").chain(self.given.values("command-config")).next();
        let mut properties = load(io, file)?;
        properties.add_all(&Properties::from_words(self.given.values("command-property")));
        if properties.get("client.id").is_none() {
            properties.set("client.id", "perf-consumer-client");
        }
        let fetch = self.given.int("fetch-size")?.unwrap_or(1 << 20);
        properties.set("max.partition.fetch.bytes", &fetch.to_string());
        properties.set("auto.offset.reset", if self.given.has("from-latest") { "latest" } else { "earliest" });
        self.group = match self.given.value("group")? {
            Some(group) => group.to_owned(),
            None => format!("perf-consumer-{}", io.context.chance().below(100_000)),
        };
        properties.set("group.id", &self.group);
        let config = consumer_config(&properties, io)?;
        let client = io.consumer(config);
        self.client = Some(client);
        let now = io.context.now();
        (self.begun_at, self.joining_since, self.last_record_at, self.reported_at) = (now, now, now, now);
        match self.given.value("topic")? {
            Some(topic) => io.context.subscribe(client, &[topic]),
            None => {
                let thrown = |what: String| Exception::java("java.util.regex.PatternSyntaxException", &what);
                let pattern = Pattern::java(self.given.value("include")?.unwrap_or_default()).map_err(thrown)?;
                io.context.subscribe_pattern(client, pattern);
            }
        }
        self.go_on(io);
        Ok(())
    }

    fn go_on(&mut self, io: &mut Io<'_, '_>) {
        let Some(client) = self.client.filter(|_| !self.ended) else { return };
        let enough = i64::try_from(self.records).is_ok_and(|records| records >= self.wanted);
        let waited = io.context.now().since(self.last_record_at).ms();
        if !enough && waited <= self.timeout_ms {
            io.context.poll(client, POLL);
            return;
        }
        if !enough {
            io.print(format!(
                "WARNING: Exiting before consuming the expected number of records: timeout ({} ms) exceeded. You can use the \
                 --timeout option to increase the timeout.",
                self.timeout_ms
            ));
        }
        self.ended = true;
        if !self.detailed() {
            self.total(io);
        }
        io.context.close(client);
    }

    fn polled(&mut self, io: &mut Io<'_, '_>, records: &PolledRecords) {
        let now = io.context.now();
        if !records.is_empty() {
            self.last_record_at = now;
        }
        for (_, record) in records.iter() {
            self.records += 1;
            self.bytes += (record.key.map_or(0, <[u8]>::len) + record.value.map_or(0, <[u8]>::len)) as u64;
        }
        if !records.is_empty() && now.since(self.reported_at).ms() >= self.interval_ms {
            if self.detailed() {
                self.progress(io);
            }
            self.reported_at = now;
            self.reported = (self.records, self.bytes, self.joined_ms);
        }
        self.go_on(io);
    }

    fn total(&self, io: &mut Io<'_, '_>) {
        let now = io.context.now();
        let elapsed = now.since(self.begun_at).ms();
        let fetched = elapsed.saturating_sub(self.joined_ms);
        let mb = |per_ms: u64| zero_if_none(self.bytes * 1000, per_ms << 20);
        let count = |per_ms: u64| zero_if_none(self.records * 1000, per_ms);
        io.print(format!(
            "{}, {}, {}, {}, {}, {}, {}, {fetched}, {}, {}",
            date(self.begun_at),
            date(now),
            ratio(self.bytes, 1 << 20, 4),
            mb(elapsed),
            self.records,
            count(elapsed),
            self.joined_ms,
            mb(fetched),
            count(fetched)
        ));
    }

    /// `printConsumerProgress`.
    fn progress(&self, io: &mut Io<'_, '_>) {
        let now = io.context.now();
        let elapsed = now.since(self.reported_at).ms();
        let (records, bytes, joined) = self.reported;
        let (records, bytes) = (self.records - records, self.bytes - bytes);
        let joined = self.joined_ms - joined;
        let fetched = elapsed.saturating_sub(joined);
        io.print(format!(
            "{}, 0, {}, {}, {}, {}, {joined}, {fetched}, {}, {}",
            date(now),
            ratio(self.bytes, 1 << 20, 4),
            zero_if_none(bytes * 1000, elapsed << 20),
            self.records,
            zero_if_none(records * 1000, elapsed),
            zero_if_none(bytes * 1000, fetched << 20),
            zero_if_none(records * 1000, fetched)
        ));
    }
}

impl Command for ConsumerPerf {
    fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match event {
            Event::Started => self.start(io).unwrap_or_else(|stop| io.refuse(stop.reported())),
            Event::Polled { records, .. } => self.polled(io, &records),
            Event::PollFailed { error, .. } => {
                io.error(format!("{TOOL}: {error:?}"));
                io.exit(1);
            }
            Event::PartitionsAssigned { .. } => self.joined_ms += io.context.now().since(self.joining_since).ms(),
            Event::PartitionsRevoked { .. } => self.joining_since = io.context.now(),
            Event::Interrupt => io.exit(130),
            Event::Logged { level, text, logger, thrown, .. } => {
                let head = format!("[Consumer clientId=perf-consumer-client, groupId={}]", self.group);
                io.log(level, &format!("{head} {text}"), logger);
                io.errors(thrown);
            }
            Event::Closed { client } if Some(client) == self.client => io.exit(0),
            _ => {}
        }
    }
}

/// As `ratio`, where the tool prints 0 for nothing in no time.
fn zero_if_none(numerator: u64, denominator: u64) -> String {
    if numerator == 0 { "0.0000".to_owned() } else { ratio(numerator, denominator, 4) }
}

/// `yyyy-MM-dd HH:mm:ss:SSS`
pub(super) fn date(at: SimTime) -> String {
    log_time(at.timestamp()).replace(',', ":")
}
