//! `kafka-share-consumer-perf-test.sh` (`org.apache.kafka.tools.ShareConsumerPerformance`), on simulated time.

use super::consumer_perf_test::{date, one_of};
use crate::base::{ClientId, SimTime, Span};
use crate::engine::client::ShareRun;
use crate::engine::program::Event;
use crate::shell::cli::clients::{load, share_consumer_config};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::io::Io;
use crate::shell::cli::options::{self, Given, Opt, OptionError, Refusal, flag, forbid, require, with};
use crate::shell::cli::process::Command;
use crate::shell::cli::properties::Properties;
use crate::shell::cli::throughput::ratio;

const TOOL: &str = "kafka-share-consumer-perf-test.sh";

pub const OPTIONS: &[Opt] = &[
    with("bootstrap-server", "String: server to connect to", "Where the cluster is (needed)."),
    with("command-config", "String: config file", "A file with settings of the share consumers."),
    with("command-property", "String: prop1=val1", "A setting of the share consumers; may be repeated."),
    with("consumer.config", "String: config file", "Older name of --command-config."),
    with("date-format", "String: date format", "How times are printed."),
    with("fetch-size", "Integer: size", "Bytes in one answer (fetch.max.bytes, 1048576)."),
    with("group", "String: gid", "The share group (default: perf-share-consumer)."),
    flag("help", "Show this page."),
    flag("hide-header", "Leave the header out."),
    with("messages", "Long: count", "Older name of --num-records."),
    with("num-records", "Long: count", "How many records to read (needed)."),
    flag("print-metrics", "Show the clients' metrics at the end."),
    with("reporting-interval", "Long: interval_ms", "How often progress is told (default: 5000)."),
    flag("show-consumer-stats", "Tell of each share consumer at the end."),
    flag("show-detailed-stats", "Tell the progress."),
    with("socket-buffer-size", "Integer: size", "Size of the TCP buffer."),
    with("threads", "Integer: count", "How many share consumers (default: 1)."),
    with("timeout", "Long: milliseconds", "Stop when no record came for so long (default: 10000)."),
    with("topic", "String: topic", "What to read (needed)."),
    flag("version", "Show Kafka's version."),
];

/// The tool's own header: without the columns of a rebalance.
const HEADER: &str = "start.time, end.time, data.consumed.in.MB, MB.sec, nMsg.sec, data.consumed.in.nMsg, fetch.time.ms";

/// How long one poll waits.
const POLL: Span = Span::from_ms(100);

/// Share consumers in one run.
const THREADS_MAX: i32 = 100;

#[derive(Clone, Hash, Debug, Default)]
pub struct SharePerf {
    given: Given,
    wanted: i64,
    timeout_ms: i64,
    interval_ms: i64,
    readers: Vec<Reader>,
    begun_at: SimTime,
    ended_at: SimTime,
    stage: Stage,
}

/// What all of its share consumers do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
enum Stage {
    #[default]
    Reads,
    Commits,
    Closes,
}

#[derive(Clone, Hash, Debug)]
struct Reader {
    client: ClientId,
    client_id: String,
    records: u64,
    bytes: u64,
    last_record_at: SimTime,
    reported_at: SimTime,
    /// Records and bytes, as they were last told.
    reported: (u64, u64),
    /// Done with what the stage asks for.
    done: bool,
}

pub fn read(words: &[String]) -> Result<SharePerf, Refusal> {
    let about = "This tool is used to verify the share consumer performance.";
    let given = options::read(OPTIONS, words, about, OptionError::usage)?;
    require(&given, &["topic", "bootstrap-server"])?;
    one_of(&given, "messages", "num-records")?;
    forbid(&given, "consumer.config", &["command-config"])?;
    if given.has("print-metrics") {
        return Err(Refusal::not_simulated(TOOL, "--print-metrics", "clients keep no metrics here"));
    }
    if given.has("date-format") {
        return Err(Refusal::not_simulated(TOOL, "--date-format", "dates have one form here"));
    }
    Ok(SharePerf { given, ..SharePerf::default() })
}

impl SharePerf {
    fn start(&mut self, io: &mut Io<'_, '_>) -> Done {
        if self.given.has("messages") {
            io.print("Warning: --messages is deprecated. Use --num-records instead.");
        }
        if self.given.has("consumer.config") {
            io.print("Warning: --consumer.config is deprecated. Use --command-config instead.");
        }
        if !self.given.has("hide-header") {
            io.print(HEADER);
        }
        self.wanted = self.given.long("messages")?.or(self.given.long("num-records")?).unwrap_or(0);
        self.timeout_ms = self.given.long("timeout")?.unwrap_or(10_000);
        self.interval_ms = self.given.long("reporting-interval")?.unwrap_or(5000);
        let threads = self.given.int("threads")?.unwrap_or(1).clamp(0, THREADS_MAX);
        let now = io.context.now();
        for number in 1..=threads {
            let mut properties = self.properties(io)?;
            let mut client_id = properties.get("client.id").unwrap_or_default().to_owned();
            if threads > 1 {
                client_id += &format!("-{number}");
                properties.set("client.id", &client_id);
            }
            let config = share_consumer_config(&properties, io)?;
            let client = io.share_consumer(config);
            let (records, bytes, reported) = (0, 0, (0, 0));
            self.readers.push(Reader {
                client,
                client_id,
                records,
                bytes,
                last_record_at: now,
                reported_at: now,
                reported,
                done: false,
            });
        }
        self.begun_at = now;
        let topic = self.given.value("topic")?.unwrap_or_default().to_owned();
        for reader in 0..self.readers.len() {
            io.context.share_subscribe(self.readers[reader].client, &[topic.as_str()]);
            self.go_on(reader, io);
        }
        Ok(())
    }

    fn properties(&self, io: &mut Io<'_, '_>) -> Done<Properties> {
        let file = self.given.values("consumer.config").chain(self.given.values("command-config")).next();
        let mut properties = load(io, file)?;
        properties.add_all(&Properties::from_words(self.given.values("command-property")));
        properties.set("bootstrap.servers", self.given.value("bootstrap-server")?.unwrap_or_default());
        properties.set("group.id", self.given.value("group")?.unwrap_or("perf-share-consumer"));
        properties.set("receive.buffer.bytes", &self.given.int("socket-buffer-size")?.unwrap_or(1 << 21).to_string());
        properties.set("fetch.max.bytes", &self.given.int("fetch-size")?.unwrap_or(1 << 20).to_string());
        properties.set("check.crcs", "false");
        properties.set_default("client.id", "perf-share-consumer-client");
        Ok(properties)
    }

    fn at(&self, client: ClientId) -> Option<usize> {
        self.readers.iter().position(|reader| reader.client == client)
    }

    fn sum(&self) -> (u64, u64) {
        self.readers.iter().fold((0, 0), |(records, bytes), reader| (records + reader.records, bytes + reader.bytes))
    }

    fn has_enough(&self) -> bool {
        i64::try_from(self.sum().0).unwrap_or(i64::MAX) >= self.wanted
    }

    fn go_on(&mut self, at: usize, io: &mut Io<'_, '_>) {
        let enough = self.has_enough();
        let reader = &mut self.readers[at];
        let waited = i64::try_from(io.context.now().since(reader.last_record_at).ms()).unwrap_or(i64::MAX);
        if !enough && waited <= self.timeout_ms {
            io.context.share_poll(reader.client, POLL);
            return;
        }
        reader.done = true;
        if self.readers.iter().all(|reader| reader.done) {
            self.commit(io);
        }
    }

    fn polled(&mut self, client: ClientId, runs: &[ShareRun], io: &mut Io<'_, '_>) -> Done {
        let Some(at) = self.at(client).filter(|_| self.stage == Stage::Reads) else { return Ok(()) };
        let now = io.context.now();
        let reader = &mut self.readers[at];
        for record in runs.iter().flat_map(ShareRun::records) {
            reader.last_record_at = now;
            reader.records += 1;
            reader.bytes += (record.key.map_or(0, <[u8]>::len) + record.value.map_or(0, <[u8]>::len)) as u64;
            if self.interval_ms <= 0 {
                return Err(Exception::illegal_argument("Reporting interval must be greater than 0.").execution().into());
            }
            if i64::try_from(now.since(reader.reported_at).ms()).is_ok_and(|since| since >= self.interval_ms) {
                if self.given.has("show-detailed-stats") {
                    io.print(reader.progress(now, at + 1));
                }
                (reader.reported_at, reader.reported) = (now, (reader.records, reader.bytes));
            }
        }
        self.go_on(at, io);
        Ok(())
    }

    fn commit(&mut self, io: &mut Io<'_, '_>) {
        self.ended_at = io.context.now();
        if self.given.has("show-consumer-stats") {
            for (at, reader) in self.readers.iter().enumerate() {
                let figures = self.figures(reader.records, reader.bytes);
                let head = format!("Share consumer {} having client id {}", at + 1, reader.client_id);
                io.print(format!("{head} consumption metrics- {figures}"));
            }
        }
        if !self.has_enough() {
            io.print(format!(
                "WARNING: Exiting before consuming the expected number of records: timeout ({} ms) exceeded. You can use the \
                 --timeout option to increase the timeout.",
                self.timeout_ms
            ));
        }
        self.stage = Stage::Commits;
        for reader in &mut self.readers {
            reader.done = false;
            io.context.share_commit(reader.client);
        }
    }

    fn committed(&mut self, client: ClientId, io: &mut Io<'_, '_>) {
        let Some(at) = self.at(client).filter(|_| self.stage == Stage::Commits) else { return };
        self.readers[at].done = true;
        if self.readers.iter().all(|reader| reader.done) {
            let (records, bytes) = self.sum();
            io.print(self.figures(records, bytes));
            self.stage = Stage::Closes;
            for reader in &mut self.readers {
                reader.done = false;
                io.context.close(reader.client);
            }
        }
    }

    fn closed(&mut self, client: ClientId, io: &mut Io<'_, '_>) {
        let Some(at) = self.at(client) else { return };
        self.readers[at].done = true;
        if self.stage == Stage::Closes && self.readers.iter().all(|reader| reader.done) {
            io.exit(0);
        }
    }

    fn figures(&self, records: u64, bytes: u64) -> String {
        let elapsed = self.ended_at.since(self.begun_at).ms();
        format!(
            "{}, {}, {}, {}, {}, {records}, {elapsed}",
            date(self.begun_at),
            date(self.ended_at),
            ratio(bytes, 1 << 20, 4),
            ratio(bytes * 1000, elapsed << 20, 4),
            ratio(records * 1000, elapsed, 4)
        )
    }
}

impl Reader {
    /// `printShareConsumerProgress`.
    fn progress(&self, now: SimTime, number: usize) -> String {
        let elapsed = now.since(self.reported_at).ms();
        let (records, bytes) = (self.records - self.reported.0, self.bytes - self.reported.1);
        format!(
            "{}, {}, {}, {}, {}, {}, {elapsed} for share consumer {number}",
            date(self.reported_at),
            date(now),
            ratio(self.bytes, 1 << 20, 4),
            ratio(bytes * 1000, elapsed << 20, 4),
            ratio(records * 1000, elapsed, 4),
            self.records
        )
    }
}

impl Command for SharePerf {
    fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        let done = match event {
            Event::Started => self.start(io),
            Event::SharePolled { consumer, runs } => self.polled(consumer, &runs, io),
            Event::SharePollFailed { error, .. } => {
                io.error(format!("{TOOL}: {error:?}"));
                io.exit(1);
                Ok(())
            }
            Event::ShareCommitted { consumer, .. } => {
                self.committed(consumer, io);
                Ok(())
            }
            Event::Interrupt => {
                io.exit(130);
                Ok(())
            }
            Event::Logged { client, level, text, logger, thrown } => {
                let name = self.at(client).map_or("", |at| self.readers[at].client_id.as_str());
                let group = self.given.values("group").next().unwrap_or("perf-share-consumer");
                io.log(level, &format!("[ShareConsumer clientId={name}, groupId={group}] {text}"), logger);
                io.errors(thrown);
                Ok(())
            }
            Event::Closed { client } => {
                self.closed(client, io);
                Ok(())
            }
            _ => Ok(()),
        };
        done.unwrap_or_else(|stop| io.refuse(stop.reported()));
    }
}
