//! A program: a story's service or a command-line tool. It runs on its own host, owns clients, and reacts to events.
//!
//! The engine knows no program; it calls `on` when something happens and the program answers through its `Context`.
//! Nothing blocks: what a real client would wait for comes back as a later event.

use std::any::Any;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::World;
use crate::base::{BrokerId, ClientId, Offset, Pattern, Prng, ProgramId, SimTime, Span, TopicName, TopicPartition};
pub use crate::engine::client::StreamsTasks;
use crate::engine::client::{API_TIMEOUT, ConsumerConfig, ProducerConfig, ShareConsumerConfig};
pub use crate::engine::client::{ConsumerError, Event, NewRecord, PolledRecords, RecordRun, SeekTo, SendError};
use crate::engine::protocol::AcknowledgeType;
use crate::engine::protocol::{Request, StreamsStatus};
use crate::engine::trace::TraceEvent;

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

/// All that a program can do to the world.
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

    /// Random numbers for programs, in a stream apart from the engine's.
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

    /// Ends the program. Clients that are still open end without leaving their groups.
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
        self.world.with_consumer(consumer, |consumer, _| consumer.pause(partitions));
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

    /// Inside a rebalance listener: it does not return before `release_rebalance`, which a program calls when what it has sent and
    /// committed is done.
    pub fn hold_rebalance(&mut self, consumer: ClientId) {
        self.world.with_consumer(consumer, |consumer, _| consumer.hold_rebalance());
    }

    pub fn release_rebalance(&mut self, consumer: ClientId) {
        self.world.with_consumer(consumer, |consumer, cx| consumer.release_rebalance(cx));
    }

    /// The tasks of a member of a streams group; inside its listener, those that it is being told.
    pub fn streams_tasks(&self, consumer: ClientId) -> StreamsTasks {
        self.world.consumer(consumer).and_then(|consumer| consumer.streams_tasks().cloned()).unwrap_or_default()
    }

    /// What the coordinator of a streams group says of the group, beside the tasks.
    pub fn streams_status(&self, consumer: ClientId) -> Vec<(StreamsStatus, String)> {
        self.world.consumer(consumer).map(|consumer| consumer.streams_status().to_vec()).unwrap_or_default()
    }

    /// What a client's lines in a log begin with.
    pub fn log_prefix(&self, client: ClientId) -> String {
        self.world.client(client).map(|client| client.log_prefix()).unwrap_or_default()
    }

    /// The records of a partition that the consumer has not been given yet, as far as it knows the partition's end.
    pub fn lag(&self, consumer: ClientId, partition: &TopicPartition) -> Option<Offset> {
        self.world.consumer(consumer).and_then(|consumer| consumer.lag(partition))
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

    /// Closes a client: a producer flushes, a consumer commits (with auto-commit) and leaves its group.
    /// `Event::Closed` when that is done.
    pub fn close(&mut self, client: ClientId) {
        self.world.close_client(client);
    }

    /// SIGKILL for the process that the client is in: it is gone without a word.
    pub fn kill(&mut self, client: ClientId) {
        self.world.remove_client(client);
    }

    /// Is the client still there?
    pub fn is_open(&self, client: ClientId) -> bool {
        self.world.client(client).is_some()
    }
}
