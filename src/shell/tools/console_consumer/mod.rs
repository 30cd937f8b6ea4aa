//! Lives here: `kafka-console-consumer.sh` (`org.apache.kafka.tools.consumer.ConsoleConsumer`), and its options (`options`).
//! Never here: how a consumer fetches, and how a record is printed.

pub(crate) mod options;

use options::{OffsetArgument, Plan};
use std::collections::VecDeque;

use crate::base::{ClientId, Offset, Pattern, SimTime, SortedMap, Span, TopicPartition};
use crate::engine::client::GroupProtocol;
use crate::engine::log::batch::LOG_APPEND_TIME;
use crate::engine::program::{ConsumerError, Event, PolledRecords, RecordRun, SeekTo};
use crate::shell::cli::formatter::Formatter;
use crate::shell::cli::io::Io;
use crate::shell::cli::java::exception_line;
use crate::shell::cli::options::{Given, Refusal};

/// Without --timeout-ms a poll never ends; it is given again after a day.
const FOREVER: Span = Span::from_secs(86_400);

/// The timer of the record that is being processed.
const RECORD_TOKEN: u64 = 0;

const NOTICE: &str = "The consumer rebalance protocol (KIP-848) is production-ready! Set group.protocol=consumer to try it out. \
                      See https://kafka.apache.org/documentation/#consumer_rebalance_protocol";

const LOGGER: &str = "org.apache.kafka.tools.consumer.ConsoleConsumer";

/// A console consumer at work.
#[derive(Clone, Hash, Debug)]
pub struct ConsoleConsumer {
    given: Given,
    plan: Option<Plan>,
    client: Option<ClientId>,
    formatter: Option<Formatter>,
    max_messages: i32,
    timeout: Option<Span>,
    processed: u64,
    /// When it began to wait for a record.
    waiting_since: SimTime,
    /// What the last poll returned and is not processed yet, where each record takes its time.
    unprocessed: VecDeque<RecordRun>,
    /// Asked to end: it does so when it would poll again, as by `consumer.wakeup()`.
    interrupted: bool,
    /// The exit code, once the consumer is closing.
    ending: Option<i32>,
    /// What is told after the count.
    last_words: Vec<String>,
}

pub fn read(words: &[String]) -> Result<ConsoleConsumer, Refusal> {
    let given = options::read(words)?;
    Ok(ConsoleConsumer {
        given,
        plan: None,
        client: None,
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

impl ConsoleConsumer {
    fn start(&mut self, io: &mut Io<'_, '_>) {
        let plan = match options::plan(&self.given, io) {
            Ok(plan) => plan,
            Err(refusal) => {
                refusal.lines.into_iter().for_each(|line| io.error(line));
                io.exit(refusal.code);
                return;
            }
        };
        let client = io.consumer(plan.config.clone());
        self.client = Some(client);
        self.formatter = Some(plan.formatter.clone());
        self.timeout = plan.timeout_ms.map(Span::from_ms);
        if let Some(partition) = plan.partition {
            let topic_partition = TopicPartition::new(plan.topic.as_str(), partition);
            io.context.assign(client, vec![topic_partition.clone()]);
            let to = match plan.offset {
                OffsetArgument::Earliest => SeekTo::Beginning,
                OffsetArgument::Latest => SeekTo::End,
                OffsetArgument::At(offset) => SeekTo::Offset(Offset(offset)),
            };
            io.context.seek(client, &topic_partition, to);
        } else {
            if plan.config.group_protocol == GroupProtocol::Classic {
                io.error(NOTICE);
            }
            match &plan.include {
                None => io.context.subscribe(client, &[plan.topic.as_str()]),
                Some(text) => match Pattern::new(text) {
                    Some(pattern) => io.context.subscribe_pattern(client, pattern),
                    None => {
                        io.log("ERROR", "Unknown error when running consumer: ", LOGGER);
                        let complaint = format!("java.util.regex.PatternSyntaxException: {}", Pattern::complaint(text));
                        complaint.split('\n').for_each(|line| io.error(line));
                        io.error("<stack>");
                        io.exit(1);
                        return;
                    }
                },
            }
        }
        self.plan = Some(plan);
        match self.given.int("max-messages") {
            Ok(max) => self.max_messages = max.unwrap_or(-1),
            Err(error) => {
                self.thrown(io, error.stack());
                return;
            }
        }
        self.receive(io);
    }

    /// `ConsumerWrapper.receive`: waits for the next record.
    fn receive(&mut self, io: &mut Io<'_, '_>) {
        if self.max_messages >= 0 && self.processed >= u64::from(self.max_messages.unsigned_abs()) {
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
            io.context.poll(client, self.timeout.unwrap_or(FOREVER));
        }
    }

    fn polled(&mut self, io: &mut Io<'_, '_>, records: &PolledRecords) {
        if self.ending.is_some() {
            return;
        }
        if records.is_empty() {
            match self.timeout {
                Some(timeout) if io.context.now().since(self.waiting_since) >= timeout => {
                    self.failed(io, vec!["org.apache.kafka.common.errors.TimeoutException".to_owned()]);
                }
                _ => self.poll(io),
            }
            return;
        }
        if io.context.record_time().is_some() {
            self.unprocessed = records.runs.iter().cloned().collect();
            self.wait_for_record(io);
        } else if self.process(io, &records.runs) {
            self.receive(io);
        }
    }

    /// The first of the waiting records is being worked on.
    fn wait_for_record(&self, io: &mut Io<'_, '_>) {
        io.timer(io.context.record_time().unwrap_or(Span::ZERO), RECORD_TOKEN);
    }

    /// The time for a record is over. Without more of it to wait for, the rest is done at once.
    fn record_done(&mut self, io: &mut Io<'_, '_>) {
        let is_full = self.max_messages >= 0 && self.processed >= u64::from(self.max_messages.unsigned_abs());
        let done: Vec<RecordRun> = match io.context.record_time() {
            Some(_) if !is_full => self.take_one().into_iter().collect(),
            _ => std::mem::take(&mut self.unprocessed).into(),
        };
        if !self.process(io, &done) {
            return;
        }
        if self.unprocessed.is_empty() { self.receive(io) } else { self.wait_for_record(io) }
    }

    fn take_one(&mut self) -> Option<RecordRun> {
        let run = self.unprocessed.front_mut()?;
        let offset = run.batch.records().map(|record| record.offset).find(|offset| *offset >= run.from && *offset < run.to);
        let after = offset.map_or(run.to, |offset| Offset(offset.0 + 1));
        let one = RecordRun { to: after, count: 1, ..run.clone() };
        run.from = after;
        run.count = run.count.saturating_sub(1);
        if run.count == 0 {
            self.unprocessed.pop_front();
        }
        Some(one)
    }

    /// Prints records. False when that fails.
    fn process(&mut self, io: &mut Io<'_, '_>, runs: &[RecordRun]) -> bool {
        let mut unconsumed: SortedMap<TopicPartition, Offset> = SortedMap::new();
        for run in runs {
            let log_append = run.batch.attributes & LOG_APPEND_TIME != 0;
            for record in run.batch.records().filter(|record| record.offset >= run.from && record.offset < run.to) {
                if self.max_messages >= 0 && self.processed >= u64::from(self.max_messages.unsigned_abs()) {
                    unconsumed.get_or_insert_with(run.topic_partition.clone(), || record.offset);
                    continue;
                }
                self.processed += 1;
                match self.formatter.as_ref().map(|formatter| formatter.format(&run.topic_partition, &record, log_append)) {
                    Some(Ok(text)) => io.write(&text),
                    Some(Err(why)) => {
                        let what = format!("Could not read record at offset {} due to: {why}", record.offset);
                        let frames = || "<stack>".to_owned();
                        let cause = format!("Caused by: java.lang.RuntimeException: {why}");
                        self.thrown(io, vec![format!("java.lang.RuntimeException: {what}"), frames(), cause, frames()]);
                        return false;
                    }
                    None => {}
                }
            }
        }
        if let Some(client) = self.client {
            for (topic_partition, offset) in unconsumed {
                io.context.seek(client, &topic_partition, SeekTo::Offset(offset));
            }
        }
        true
    }

    fn poll_failed(&mut self, io: &mut Io<'_, '_>, error: &ConsumerError) {
        let lines = match error {
            ConsumerError::NoOffsetForPartition(partition) => {
                let class = "org.apache.kafka.clients.consumer.NoOffsetForPartitionException";
                let what = format!("{class}: Undefined offset with no reset policy for partitions: [{partition}]");
                vec![what, "<stack>".to_owned()]
            }
            ConsumerError::OffsetOutOfRange(partition) => {
                let class = "org.apache.kafka.clients.consumer.OffsetOutOfRangeException";
                let place = self.client.map(|client| io.context.fetch_position(client, partition)).unwrap_or_default();
                let what = format!("{class}: Fetch position {place} is out of range for partition {partition}");
                vec![what, "<stack>".to_owned()]
            }
            ConsumerError::LogTruncation { partition, divergent } => {
                let class = "org.apache.kafka.clients.consumer.LogTruncationException";
                let what = match divergent {
                    Some(end) => format!("Truncated partitions detected with divergent offsets {{{partition}={end}}}"),
                    None => format!("Truncated partitions detected with unknown divergent offsets [{partition}]"),
                };
                vec![format!("{class}: {what}"), "<stack>".to_owned()]
            }
            ConsumerError::InvalidTopic(topic) => {
                vec![format!("org.apache.kafka.common.errors.InvalidTopicException: Invalid topics: [{topic}]")]
            }
            ConsumerError::Broker(error) => vec![exception_line(*error)],
            ConsumerError::Told(error, text) => vec![format!("org.apache.kafka.common.errors.{}: {text}", error.exception())],
        };
        self.failed(io, lines);
    }

    fn failed(&mut self, io: &mut Io<'_, '_>, exception: Vec<String>) {
        io.log("ERROR", "Error processing message, terminating consumer process: ", LOGGER);
        exception.into_iter().for_each(|line| io.error(line));
        self.end(io, 0);
    }

    /// An exception that the tool does not expect: told at the very end, with status 1.
    fn thrown(&mut self, io: &mut Io<'_, '_>, stack: Vec<String>) {
        let time = crate::shell::cli::time::log_time(io.context.now().timestamp());
        self.last_words.push(format!("[{time}] ERROR Unknown error when running consumer:  ({LOGGER})"));
        self.last_words.extend(stack);
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
            Event::Polled { records, .. } => self.polled(io, &records),
            Event::PollFailed { error, .. } if self.ending.is_none() => self.poll_failed(io, &error),
            // What the last poll returned is still processed: only the next one is woken up.
            Event::Interrupt if !self.unprocessed.is_empty() => self.interrupted = true,
            Event::Interrupt => self.end(io, 130),
            Event::Timer { token: RECORD_TOKEN } if self.ending.is_none() => self.record_done(io),
            Event::Logged { level, text, logger, .. } => {
                let config = self.plan.as_ref().map(|plan| &plan.config);
                let client_id = config.map_or("console-consumer", |config| config.client_id.as_str());
                let group = config.and_then(|config| config.group_id.as_ref()).map_or(String::new(), |group| group.to_string());
                let instance = config.and_then(|config| config.group_instance_id.as_ref());
                let instance = instance.map_or(String::new(), |id| format!("instanceId={id}, "));
                io.log(level, &format!("[Consumer {instance}clientId={client_id}, groupId={group}] {text}"), logger);
            }
            Event::Closed { client } if Some(client) == self.client => self.closed(io),
            _ => {}
        }
    }
}
