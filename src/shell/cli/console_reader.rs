//! What the console consumers have in common, of the classic kind and of share groups: they read until they have enough, print
//! each record, and tell how many they were.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::hash::Hash;

use super::clients::load;
use super::config_def;
use super::deserializer::cannot_be_cast;
use super::exception::Exception;
use super::exit::{Done, Stop};
use super::formatter::{Formatter, Unprintable};
use super::io::Io;
use super::options::{Given, OptionError, Refusal};
use super::process::Command;
use super::properties::Properties;
use super::time::log_time;
use crate::base::java::{hash_order, string_hash};
use crate::base::{ClientId, Offset, SimTime, SortedMap, Span, TopicPartition};
use crate::engine::log::RecordView;
use crate::engine::log::batch::LOG_APPEND_TIME;
use crate::engine::program::Event;
use crate::engine::protocol::AcknowledgeType;

/// Without --timeout-ms a poll never ends; it is given again after a day.
const FOREVER: Span = Span::from_secs(86_400);

/// The timer of the record that is being processed.
const RECORD_TOKEN: u64 = 0;

/// Where a console consumer has its records from.
pub trait Source: Clone + Hash + Debug {
    /// Records of one batch that a poll returns.
    type Run: Clone + Hash + Debug;

    /// The tool's class.
    const LOGGER: &'static str;

    fn given(&self) -> &Given;

    fn client(&self) -> Option<ClientId>;

    /// Reads the options to their end, in the order in which the tool does, and makes the consumer. Gives `--timeout-ms`.
    fn open(&mut self, io: &mut Io<'_, '_>) -> Done<(Formatter, Option<u64>)>;

    fn poll(&self, io: &mut Io<'_, '_>, client: ClientId, timeout: Span);

    /// What a poll returned, or the exception that it threw; `None` for other events.
    fn polled(&self, event: &Event, io: &Io<'_, '_>) -> Option<Result<Vec<Self::Run>, Exception>>;

    fn batch(run: &Self::Run) -> Batch<'_>;

    /// Takes the first record out of a run.
    fn take_one(run: &mut Self::Run) -> Self::Run;

    fn is_empty(run: &Self::Run) -> bool;

    /// A record has been printed.
    fn printed(&self, _io: &mut Io<'_, '_>, _partition: &TopicPartition, _offset: Offset) {}

    /// The option by which a record that cannot be printed does not end the tool, and the word for what becomes of it.
    const ON_ERROR: (&'static str, &'static str);

    /// A record cannot be printed: what its formatter throws.
    fn unprintable(&self, io: &mut Io<'_, '_>, partition: &TopicPartition, offset: Offset, why: Unprintable) -> Exception;

    /// Records from these offsets on were polled, and are more than `--max-messages`.
    fn unread(&self, _io: &mut Io<'_, '_>, _from: SortedMap<TopicPartition, Offset>) {}

    /// What it says of each record; `None` where there is nothing to say.
    fn acknowledges(&self) -> Option<AcknowledgeType> {
        None
    }

    /// How the client's log lines begin.
    fn log_prefix(&self) -> String;
}

/// The records of a run.
pub struct Batch<'r> {
    pub topic_partition: &'r TopicPartition,
    pub attributes: i16,
    pub records: Vec<RecordView<'r>>,
    /// How often a share group was given them.
    pub delivery_count: Option<u16>,
}

/// A console consumer as it runs.
#[derive(Clone, Hash, Debug)]
pub struct ConsoleReader<S: Source> {
    source: S,
    formatter: Option<Formatter>,
    max_messages: i32,
    timeout: Option<Span>,
    processed: u64,
    /// When it began to wait for a record.
    waiting_since: SimTime,
    /// What the last poll returned and is not processed yet, where each record takes its time.
    unprocessed: VecDeque<S::Run>,
    /// Asked to end: it does so when it would poll again, as by `consumer.wakeup()`.
    interrupted: bool,
    /// The exit code, once the consumer is closing.
    ending: Option<i32>,
    /// What is told after the count.
    last_words: Vec<String>,
}

impl<S: Source> ConsoleReader<S> {
    pub fn new(source: S) -> Self {
        Self {
            source,
            formatter: None,
            max_messages: -1,
            timeout: None,
            processed: 0,
            waiting_since: SimTime::ZERO,
            unprocessed: VecDeque::new(),
            interrupted: false,
            ending: None,
            last_words: Vec::new(),
        }
    }

    fn start(&mut self, io: &mut Io<'_, '_>) {
        match self.source.open(io) {
            Ok((formatter, timeout_ms)) => {
                self.formatter = Some(formatter);
                self.timeout = timeout_ms.map(Span::from_ms);
            }
            Err(Stop::Thrown(thrown)) => {
                io.refuse(Refusal::lines(unknown_error(io, S::LOGGER, thrown), 1));
                return;
            }
            Err(stop) => {
                io.refuse(stop.uncaught());
                return;
            }
        }
        match self.source.given().int("max-messages") {
            Ok(max) => self.max_messages = max.unwrap_or(-1),
            Err(error) => self.thrown(io, error.into()),
        }
        self.receive(io);
    }

    fn has_enough(&self) -> bool {
        let wants_more = u64::try_from(self.max_messages).is_ok_and(|max| self.processed < max);
        !wants_more && self.max_messages != -1
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

    fn poll(&self, io: &mut Io<'_, '_>) {
        if let Some(client) = self.source.client() {
            self.source.poll(io, client, self.timeout.unwrap_or(FOREVER));
        }
    }

    fn polled(&mut self, io: &mut Io<'_, '_>, runs: Vec<S::Run>) {
        if runs.is_empty() {
            match self.timeout {
                Some(timeout) if io.context.now().since(self.waiting_since) >= timeout => {
                    self.failed(io, vec!["org.apache.kafka.common.errors.TimeoutException".to_owned()]);
                }
                _ => self.poll(io),
            }
        } else if io.context.record_time().is_some() {
            self.unprocessed = runs.into();
            self.wait_for_record(io);
        } else if self.process(io, &runs) {
            self.receive(io);
        }
    }

    /// The first of the waiting records is being worked on.
    fn wait_for_record(&self, io: &mut Io<'_, '_>) {
        io.timer(io.context.record_time().unwrap_or(Span::ZERO), RECORD_TOKEN);
    }

    /// The time for a record is over. Without more of it to wait for, the rest is done at once.
    fn record_done(&mut self, io: &mut Io<'_, '_>) {
        let done: Vec<S::Run> = match io.context.record_time() {
            Some(_) if !self.has_enough() => self.take_one().into_iter().collect(),
            _ => std::mem::take(&mut self.unprocessed).into(),
        };
        if !self.process(io, &done) {
            return;
        }
        if self.unprocessed.is_empty() { self.receive(io) } else { self.wait_for_record(io) }
    }

    fn take_one(&mut self) -> Option<S::Run> {
        let run = self.unprocessed.front_mut()?;
        let one = S::take_one(run);
        if S::is_empty(run) {
            self.unprocessed.pop_front();
        }
        Some(one)
    }

    /// Prints records. False when that fails.
    fn process(&mut self, io: &mut Io<'_, '_>, runs: &[S::Run]) -> bool {
        let mut unread: SortedMap<TopicPartition, Offset> = SortedMap::new();
        for run in runs {
            let Batch { topic_partition, attributes, records, delivery_count } = S::batch(run);
            let log_append = attributes & LOG_APPEND_TIME != 0;
            for record in records {
                if self.has_enough() {
                    unread.get_or_insert_with(topic_partition.clone(), || record.offset);
                    break;
                }
                self.processed += 1;
                let Some(formatter) = &self.formatter else { return false };
                match formatter.format(topic_partition, &record, log_append, delivery_count) {
                    Ok(text) => io.write(&text),
                    Err(why) => {
                        let thrown = self.source.unprintable(io, topic_partition, record.offset, why);
                        let (option, what) = S::ON_ERROR;
                        if !self.source.given().has(option) {
                            self.thrown(io, thrown);
                            return false;
                        }
                        io.log("ERROR", &format!("Error processing message, {what} this message: "), S::LOGGER);
                        io.errors(thrown.stack());
                        continue;
                    }
                }
                self.source.printed(io, topic_partition, record.offset);
            }
        }
        self.source.unread(io, unread);
        true
    }

    fn failed(&mut self, io: &mut Io<'_, '_>, stack: Vec<String>) {
        io.log("ERROR", "Error processing message, terminating consumer process: ", S::LOGGER);
        io.errors(stack);
        self.end(io, 0);
    }

    /// An exception that the tool does not expect: told at the very end, with status 1.
    fn thrown(&mut self, io: &mut Io<'_, '_>, thrown: Exception) {
        self.last_words.extend(unknown_error(io, S::LOGGER, thrown));
        self.end(io, 1);
    }

    fn end(&mut self, io: &mut Io<'_, '_>, code: i32) {
        if self.ending.is_some() {
            return;
        }
        self.ending = Some(code);
        match self.source.client() {
            Some(client) => io.context.close(client),
            None => io.exit(code),
        }
    }

    fn closed(&mut self, io: &mut Io<'_, '_>) {
        io.write(""); // What is left of a line comes first.
        io.error(format!("Processed a total of {} messages", self.processed));
        if self.source.given().has("enable-systest-events") {
            io.print("shutdown_complete");
        }
        io.refuse(Refusal::lines(std::mem::take(&mut self.last_words), self.ending.unwrap_or(0)));
    }
}

impl<S: Source> Command for ConsoleReader<S> {
    fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match event {
            Event::Started => self.start(io),
            // What the last poll returned is still processed: only the next one is woken up.
            Event::Interrupt if !self.unprocessed.is_empty() => self.interrupted = true,
            Event::Interrupt => self.end(io, 130),
            Event::Timer { token: RECORD_TOKEN } if self.ending.is_none() => self.record_done(io),
            Event::Logged { level, text, logger, thrown, .. } => {
                io.log(level, &format!("[{}] {text}", self.source.log_prefix()), logger);
                io.errors(thrown);
            }
            Event::Closed { client } if Some(client) == self.source.client() => self.closed(io),
            event if self.ending.is_none() => match self.source.polled(&event, io) {
                Some(Ok(runs)) => self.polled(io, runs),
                Some(Err(thrown)) => self.failed(io, thrown.stack()),
                None => {}
            },
            _ => {}
        }
    }

    fn reads_records(&self) -> bool {
        true
    }

    fn acknowledges(&self) -> Option<AcknowledgeType> {
        self.source.acknowledges()
    }
}

/// What `main` logs of an exception.
fn unknown_error(io: &Io<'_, '_>, logger: &str, thrown: Exception) -> Vec<String> {
    let time = log_time(io.context.now().timestamp());
    let head = format!("[{time}] ERROR Unknown error when running consumer:  ({logger})");
    std::iter::once(head).chain(thrown.stack()).collect()
}

// ---- options

/// Older options do not go with their newer names.
pub fn forbid_renamed(given: &Given, renamed: &[(&str, &str)]) -> Result<(), Refusal> {
    match renamed.iter().find(|(older, newer)| given.has(older) && given.has(newer)) {
        Some((older, newer)) => Err(Refusal::usage(format!("Options --{older} and --{newer} cannot be specified together."))),
        None => Ok(()),
    }
}

pub fn warn_of_renamed(io: &mut Io<'_, '_>, given: &Given, renamed: &[(&str, &str)]) {
    for (older, newer) in renamed.iter().filter(|(older, _)| given.has(older)) {
        let text = "is deprecated and will be removed in a future version. Use";
        io.print(format!("Option --{older} {text} --{newer} instead."));
    }
}

/// The group's id from the places where it was given, which must agree.
pub fn group_id(places: [Option<&str>; 3], config_option: &str) -> Result<Option<String>, Refusal> {
    let mut groups: Vec<&str> = Vec::new();
    for place in places.into_iter().flatten() {
        if !groups.contains(&place) {
            groups.push(place);
        }
    }
    hash_order(&mut groups, 16, |group| string_hash(group));
    if groups.len() > 1 {
        let groups: Vec<String> = groups.iter().map(|group| format!("'{group}'")).collect();
        return Err(Refusal::usage(format!(
            "The group ids provided in different places (directly using '--group', via '--consumer-property', or via \
             '{config_option}') do not match. Detected group ids: {}",
            groups.join(", ")
        )));
    }
    Ok(groups.first().map(|group| (*group).to_owned()))
}

/// A topic that a consumer can subscribe to.
pub fn checked_topic(topic: &str) -> Result<&str, Exception> {
    let what = "Topic collection to subscribe to cannot contain null or empty topic";
    if topic.trim().is_empty() { Err(Exception::illegal_argument(what)) } else { Ok(topic) }
}

/// Settings of the formatter: those of `--formatter-config`, and then those of the options.
pub fn formatter_properties(given: &Given, io: &Io<'_, '_>) -> Done<Properties> {
    let file = given.value("formatter-config").map_err(OptionError::usage)?;
    let mut properties = load(io, file).map_err(|thrown| Refusal::usage(thrown.message))?;
    for (option, setting) in [("key-deserializer", "key.deserializer"), ("value-deserializer", "value.deserializer")] {
        if let Some(class) = given.value(option).map_err(OptionError::usage)?.filter(|class| !class.is_empty()) {
            properties.set(setting, class);
        }
    }
    properties.add_all(&Properties::from_words(given.values("property").chain(given.values("formatter-property"))));
    Ok(properties)
}

/// The formatter of that class.
pub fn formatter(tool: &str, class: Option<&str>, properties: &Properties, why_not: &str) -> Result<Formatter, Refusal> {
    Formatter::new(class, properties).ok_or_else(|| match class.unwrap_or_default() {
        class @ ("org.apache.kafka.tools.consumer.TransactionLogMessageFormatter"
        | "org.apache.kafka.tools.consumer.ShareGroupMessageFormatter") => {
            Refusal::not_simulated(tool, &format!("--formatter {class}"), why_not)
        }
        // The class of which those for coordinators' topics are made: nobody makes one of it alone.
        class @ "org.apache.kafka.tools.consumer.CoordinatorRecordMessageFormatter" => Refusal::usage(format!("{class}.<init>()")),
        class if config_def::class(class).is_some() => {
            Refusal::usage(cannot_be_cast(class, "org.apache.kafka.common.MessageFormatter"))
        }
        class => Refusal::usage(class),
    })
}
