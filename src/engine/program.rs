//! A program: a story's service or a command-line tool. It runs on its own host, owns clients, and reacts to events.
//!
//! The engine knows no program; it calls `on` when something happens and the program answers through its `Context`.
//! Nothing blocks: what a real client would wait for comes back as a later event.

use std::any::Any;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::client::{API_TIMEOUT, CallError, ConsumerConfig, ProducerConfig, ShareConsumerConfig, ShareError, ShareRun};
use super::error::ErrorCode;
use super::log::{Batch, Header, RecordView};
use super::protocol::{Request, Response};
use super::share::AcknowledgeType;
use super::trace::TraceEvent;
use super::world::World;
use crate::base::{BrokerId, ClientId, Offset, Pattern, Prng, ProgramId, SimTime, Span, Timestamp, TopicName, TopicPartition};

/// What a program learns.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Event {
    /// The program begins. Always the first event.
    Started,
    /// A timer of its own ran out.
    Timer {
        token: u64,
    },
    /// A line of standard input.
    Line(Rc<str>),
    /// Standard input ended (`^D`).
    EndOfInput,
    /// SIGINT or SIGTERM: close the clients and exit.
    Interrupt,
    /// A word from the person at the page, for programs that understand some ("replay").
    Tell(Rc<str>),
    /// A batch was acknowledged or given up. `sends` are the numbers that `Context::send` returned, in order of offset.
    Delivered {
        producer: ClientId,
        topic_partition: TopicPartition,
        sends: Rc<[u64]>,
        result: Result<Offset, SendError>,
    },
    /// All that had been sent before `Context::flush` is done.
    Flushed {
        producer: ClientId,
    },
    /// A poll returned; with no records when its timeout was over. The consumer does nothing until the next poll.
    Polled {
        consumer: ClientId,
        records: PolledRecords,
    },
    /// `ConsumerRebalanceListener`, called inside a poll or a close.
    PartitionsAssigned {
        consumer: ClientId,
        partitions: Rc<[TopicPartition]>,
    },
    PartitionsRevoked {
        consumer: ClientId,
        partitions: Rc<[TopicPartition]>,
    },
    PartitionsLost {
        consumer: ClientId,
        partitions: Rc<[TopicPartition]>,
    },
    /// A commit asked for with `Context::commit` is done.
    Committed {
        consumer: ClientId,
        result: Result<(), ErrorCode>,
    },
    /// A poll failed as it would by throwing, and is over.
    PollFailed {
        consumer: ClientId,
        error: ConsumerError,
    },
    /// A poll of a share consumer returned; with no records when its timeout was over.
    SharePolled {
        consumer: ClientId,
        runs: Rc<[ShareRun]>,
    },
    /// A poll of a share consumer failed as it would by throwing, and is over.
    SharePollFailed {
        consumer: ClientId,
        error: ShareError,
    },
    /// Acknowledgements sent with `Context::share_commit` are done.
    ShareCommitted {
        consumer: ClientId,
        result: Result<(), ErrorCode>,
    },
    /// The answer to `Context::call`.
    Answered {
        admin: ClientId,
        call: u64,
        result: Result<Rc<Response>, CallError>,
    },
    /// A line that the client's own logger writes at WARN or ERROR, without the client's prefix.
    Logged {
        client: ClientId,
        level: &'static str,
        text: Rc<str>,
        logger: &'static str,
    },
    /// A client asked to close has said goodbye and is gone.
    Closed {
        client: ClientId,
    },
}

/// Why a record could not be sent.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum SendError {
    /// The broker's word.
    Broker(ErrorCode),
    /// The topic did not appear in the metadata within max.block.ms.
    /// `error`: what the last metadata said of it.
    TopicNotPresent { error: Option<ErrorCode> },
    /// The record alone is larger than max.request.size.
    RecordTooLarge { size: u64, max: u64 },
    /// The partition given does not exist.
    InvalidPartition,
    /// delivery.timeout.ms is over.
    Expired { records: i32, ms: u64 },
    /// The connection was lost, and no try was left.
    Disconnected { broker: BrokerId, timed_out: bool },
}

impl SendError {
    /// The code that stands for it.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Broker(error) => *error,
            Self::TopicNotPresent { .. } | Self::InvalidPartition => ErrorCode::UnknownTopicOrPartition,
            Self::RecordTooLarge { .. } => ErrorCode::MessageTooLarge,
            Self::Expired { .. } | Self::Disconnected { timed_out: true, .. } => ErrorCode::RequestTimedOut,
            Self::Disconnected { .. } => ErrorCode::NetworkException,
        }
    }

    /// What is said about it beside its code.
    fn message(&self) -> Option<String> {
        match self {
            Self::Disconnected { broker, timed_out } => {
                let why = if *timed_out { " due to timeout" } else { "" };
                Some(format!("Disconnected from node {broker}{why}"))
            }
            _ => None,
        }
    }

    /// As `Sender.formatErrMsg` writes it.
    pub fn detail(&self) -> String {
        let message = self.message().map_or(String::new(), |message| format!(". Error Message: {message}"));
        format!("{}{message}", self.code())
    }

    /// The `toString` of the exception that stands for it.
    pub fn exception(&self) -> String {
        let code = self.code();
        let message = self.message().unwrap_or_else(|| code.message().to_owned());
        format!("org.apache.kafka.common.errors.{}: {message}", code.exception())
    }
}

/// What a poll throws.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ConsumerError {
    /// No committed offset and `auto.offset.reset=none` (`NoOffsetForPartitionException`).
    NoOffsetForPartition(TopicPartition),
    /// The position lies outside the log and `auto.offset.reset=none`.
    OffsetOutOfRange(TopicPartition),
    /// Records that were read are no longer in the log, and `auto.offset.reset=none` (`LogTruncationException`). `divergent`:
    /// where the leader's log parts from what was read, as `OffsetAndMetadata` writes it.
    LogTruncation {
        partition: TopicPartition,
        divergent: Option<String>,
    },
    /// A topic's name is not a legal one.
    InvalidTopic(TopicName),
    Broker(ErrorCode),
    /// The broker's word with a text of its own.
    Told(ErrorCode, Rc<str>),
}

/// Records as a poll returns them: parts of shared batches.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct PolledRecords {
    pub runs: Vec<RecordRun>,
}

/// The records `from..to` (exclusive) of one batch.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RecordRun {
    pub topic_partition: TopicPartition,
    pub batch: Rc<Batch>,
    pub from: Offset,
    pub to: Offset,
    pub count: u32,
}

impl PolledRecords {
    pub fn iter(&self) -> impl Iterator<Item = (&TopicPartition, RecordView<'_>)> {
        self.runs.iter().flat_map(|run| {
            run.batch
                .records()
                .filter(move |record| record.offset >= run.from && record.offset < run.to)
                .map(move |record| (&run.topic_partition, record))
        })
    }

    pub fn count(&self) -> u32 {
        self.runs.iter().map(|run| run.count).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }
}

/// A record to send.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewRecord<'a> {
    pub topic: &'a str,
    /// `None`: the partitioner decides.
    pub partition: Option<i32>,
    /// `None`: now.
    pub timestamp: Option<Timestamp>,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub headers: &'a [Header],
}

/// Where a seek goes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SeekTo {
    Offset(Offset),
    Beginning,
    End,
}

/// What runs on a host. Implement this, with `Clone` and `Hash`, to be a `Program`.
pub trait Behaviour {
    fn on(&mut self, event: Event, context: &mut Context<'_>);
}

/// A behaviour as the world keeps it.
pub trait Program {
    fn handle(&mut self, event: Event, context: &mut Context<'_>);
    fn copy(&self) -> Box<dyn Program>;
    fn hash_into(&self, hasher: &mut dyn Hasher);
    fn as_any(&self) -> &dyn Any;
}

impl<T: Behaviour + Clone + Hash + 'static> Program for T {
    fn handle(&mut self, event: Event, context: &mut Context<'_>) {
        self.on(event, context);
    }

    fn copy(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }

    fn hash_into(&self, mut hasher: &mut dyn Hasher) {
        self.hash(&mut hasher);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A program's hands: all that it can do to the world.
pub struct Context<'w> {
    world: &'w mut World,
    program: ProgramId,
}

impl<'w> Context<'w> {
    pub(super) fn new(world: &'w mut World, program: ProgramId) -> Self {
        Self { world, program }
    }

    pub fn id(&self) -> ProgramId {
        self.program
    }

    pub fn now(&self) -> SimTime {
        self.world.now()
    }

    /// Chance for programs, a stream apart from the engine's.
    pub fn chance(&mut self) -> &mut Prng {
        self.world.program_chance()
    }

    /// `Event::Timer { token }` after `delay`. It cannot be taken back: a program ignores a token it no longer wants.
    pub fn timer(&mut self, delay: Span, token: u64) {
        self.world.program_timer(self.program, delay, token);
    }

    /// How long this program is to take for each record that it reads; `None`: as long as it does by itself.
    pub fn record_time(&self) -> Option<Span> {
        self.world.program(self.program).and_then(|program| program.record_time)
    }

    /// A line of standard output.
    pub fn print(&mut self, line: impl Into<Rc<str>>) {
        self.world.program_output(self.program, line.into());
    }

    /// A file of the folder that all programs work in.
    pub fn read_file(&self, name: &str) -> Option<Rc<str>> {
        self.world.file(name)
    }

    /// The names of all files there.
    pub fn file_names(&self) -> Vec<String> {
        self.world.files().map(str::to_owned).collect()
    }

    /// Makes a file there, empty.
    pub fn create_file(&mut self, name: &str) {
        self.world.create_file(name);
    }

    pub fn remove_file(&mut self, name: &str) {
        self.world.remove_file(name);
    }

    /// Writes at the end of a file there. False when it would become too long, and nothing is written.
    pub fn append_file(&mut self, name: &str, text: &str) -> bool {
        self.world.append_file(name, text.into())
    }

    /// A broker's address, as clients see it.
    pub fn broker_address(&self, broker: BrokerId) -> String {
        format!("localhost:{}", broker.port())
    }

    /// The program's own words about what it did, for the story and the live region.
    pub fn say(&mut self, text: impl Into<Rc<str>>) {
        let program = self.program;
        self.world.record(TraceEvent::Said { program, text: text.into() });
    }

    /// Ends the program. Its clients are gone without a goodbye: close them first.
    pub fn exit(&mut self, code: i32) {
        self.world.program_exit(self.program, code);
    }

    pub fn producer(&mut self, config: ProducerConfig) -> ClientId {
        self.world.open_producer(self.program, config)
    }

    pub fn consumer(&mut self, config: ConsumerConfig) -> ClientId {
        self.world.open_consumer(self.program, config)
    }

    /// An admin client that knows all brokers.
    pub fn admin(&mut self, client_id: &str) -> ClientId {
        self.admin_at(client_id, &[])
    }

    /// `servers`: its `bootstrap.servers`; none stands for all brokers.
    pub fn admin_at(&mut self, client_id: &str, servers: &[BrokerId]) -> ClientId {
        self.world.open_admin(self.program, client_id, servers.to_vec())
    }

    /// Hands a record to the producer. Returns its number, which `Event::Delivered` repeats.
    pub fn send(&mut self, producer: ClientId, record: NewRecord<'_>) -> u64 {
        self.world.with_producer(producer, |producer, cx| producer.send(cx, record)).unwrap_or(0)
    }

    /// Sends what is waiting without its linger; `Event::Flushed` when all of it is done.
    pub fn flush(&mut self, producer: ClientId) {
        self.world.with_producer(producer, |producer, cx| producer.flush(cx));
    }

    pub fn subscribe(&mut self, consumer: ClientId, topics: &[&str]) {
        let topics = topics.iter().map(|topic| TopicName::from(*topic)).collect();
        self.world.with_consumer(consumer, |consumer, cx| consumer.subscribe(cx, topics));
    }

    /// Subscribes to all topics that fit, now and later. The client looks for them.
    pub fn subscribe_pattern(&mut self, consumer: ClientId, pattern: Pattern) {
        self.world.with_consumer(consumer, |consumer, cx| consumer.subscribe_pattern(cx, pattern));
    }

    /// The same by a regular expression that the coordinator looks for, with the consumer protocol only.
    pub fn subscribe_regex(&mut self, consumer: ClientId, regex: &str) {
        self.world.with_consumer(consumer, |consumer, cx| consumer.subscribe_regex(cx, regex));
    }

    pub fn assign(&mut self, consumer: ClientId, partitions: Vec<TopicPartition>) {
        self.world.with_consumer(consumer, |consumer, cx| consumer.assign(cx, partitions));
    }

    /// Answered by one `Event::Polled` or `Event::PollFailed`, at the latest after `timeout`.
    pub fn poll(&mut self, consumer: ClientId, timeout: Span) {
        self.world.with_consumer(consumer, |consumer, cx| consumer.poll(cx, timeout));
    }

    /// Commits these offsets, or the positions when `None`. Answered by `Event::Committed`.
    pub fn commit(&mut self, consumer: ClientId, offsets: Option<Vec<(TopicPartition, Offset)>>) {
        self.world.with_consumer(consumer, |consumer, cx| consumer.commit(cx, offsets));
    }

    pub fn seek(&mut self, consumer: ClientId, partition: &TopicPartition, to: SeekTo) {
        self.world.with_consumer(consumer, |consumer, cx| consumer.seek(cx, partition, to));
    }

    pub fn pause(&mut self, consumer: ClientId, partitions: &[TopicPartition]) {
        self.world.with_consumer(consumer, |consumer, cx| consumer.pause(cx, partitions));
    }

    pub fn resume(&mut self, consumer: ClientId, partitions: &[TopicPartition]) {
        self.world.with_consumer(consumer, |consumer, cx| consumer.resume(cx, partitions));
    }

    pub fn share_consumer(&mut self, config: ShareConsumerConfig) -> ClientId {
        self.world.open_share_consumer(self.program, config)
    }

    pub fn share_subscribe(&mut self, consumer: ClientId, topics: &[&str]) {
        let topics = topics.iter().map(|topic| TopicName::from(*topic)).collect();
        self.world.with_share_consumer(consumer, |consumer, cx| consumer.subscribe(cx, topics));
    }

    /// Answered by one `Event::SharePolled` or `Event::SharePollFailed`, at the latest after `timeout`.
    pub fn share_poll(&mut self, consumer: ClientId, timeout: Span) {
        self.world.with_share_consumer(consumer, |consumer, cx| consumer.poll(cx, timeout));
    }

    /// Says of a record of the last poll what has become of it; it is told with the next poll, commit or close.
    pub fn share_acknowledge(&mut self, consumer: ClientId, partition: &TopicPartition, offset: Offset, kind: AcknowledgeType) {
        self.world.with_share_consumer(consumer, |consumer, _| consumer.acknowledge(partition, offset, kind));
    }

    /// Sends acknowledgements now. Answered by `Event::ShareCommitted`.
    pub fn share_commit(&mut self, consumer: ClientId) {
        self.world.with_share_consumer(consumer, |consumer, cx| consumer.commit(cx));
    }

    /// The partitions that the consumer owns now.
    pub fn assignment(&self, consumer: ClientId) -> Vec<TopicPartition> {
        self.world.consumer(consumer).map(|consumer| consumer.assignment()).unwrap_or_default()
    }

    /// The offset of the next record that the consumer would be given.
    pub fn position(&self, consumer: ClientId, partition: &TopicPartition) -> Option<Offset> {
        self.world.consumer(consumer).and_then(|consumer| consumer.position(partition))
    }

    /// The position with its epochs, as `FetchPosition` writes it.
    pub fn fetch_position(&self, consumer: ClientId, partition: &TopicPartition) -> String {
        self.world.consumer(consumer).map(|consumer| consumer.fetch_position(partition)).unwrap_or_default()
    }

    /// Sends a request to the broker that it is for (leader, coordinator or controller), and asks again where Kafka's
    /// admin client would. Answered by `Event::Answered` with the number returned here.
    pub fn call(&mut self, admin: ClientId, request: Request) -> u64 {
        self.call_within(admin, request, API_TIMEOUT)
    }

    /// The same, with another time than default.api.timeout.ms until it fails.
    pub fn call_within(&mut self, admin: ClientId, request: Request, timeout: Span) -> u64 {
        self.world.with_admin(admin, |admin, cx| admin.call(cx, request, timeout)).unwrap_or(0)
    }

    /// Says goodbye: a producer flushes, a consumer commits (with auto-commit) and leaves its group.
    /// `Event::Closed` when that is done.
    pub fn close(&mut self, client: ClientId) {
        self.world.close_client(client);
    }

    /// Is the client still there?
    pub fn is_open(&self, client: ClientId) -> bool {
        self.world.client(client).is_some()
    }
}
