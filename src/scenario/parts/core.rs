//! What all services have in common: their clients, the poll loop, a clean end, and the words that a person can tell them.
//!
//! ```text
//! Started → poll → Polled (process) → the time that processing takes → poll → …
//! Interrupt → close all clients → Closed, Closed → exit 0
//! ```

use serde::Serialize;

use crate::base::time::EPOCH_MS;
use crate::base::{ClientId, GroupId, Offset, Span, Timestamp, TopicPartition};
use crate::engine::client::{AutoOffsetReset, ConsumerConfig, ProducerConfig};
use crate::engine::log::RecordView;
use crate::engine::program::{Context, Event, NewRecord, PolledRecords, SeekTo};
use crate::engine::protocol::{ListOffsetsRequest, OffsetSpec, Request, Response};

/// How long a poll waits for records.
pub const POLL_TIMEOUT: Span = Span::from_ms(1000);
/// What it takes to process one record.
const RECORD_TIME: Span = Span::from_us(500);
/// After a poll that failed.
const POLL_RETRY: Span = Span::from_ms(1000);
/// session.timeout.ms of the services. Kafka's default is 45 s; with 10 s a crash is noticed while one looks on.
pub const SESSION_TIMEOUT_MS: u64 = 10_000;
/// The services' own timers use tokens below this.
const POLL_TOKEN: u64 = u64::MAX;

/// A change of position that a person asked for; done between two polls, as a program with one thread would.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Replay {
    To(SeekTo),
    Time(Timestamp),
    /// One partition alone.
    One(TopicPartition, Offset),
}

/// The common part of a service.
#[derive(Clone, Hash, Debug, Default)]
pub struct ServiceCore {
    consumer: Option<ClientId>,
    producer: Option<ClientId>,
    admin: Option<ClientId>,
    closing: bool,
    /// A replay that waits for the poll under way to end.
    replay: Option<Replay>,
    /// The ListOffsets call of a replay by time.
    time_call: Option<u64>,
    /// Replays done in this run.
    pub replays: u32,
    /// Records that made no sense, and were skipped.
    pub skipped: u32,
    /// Records read.
    pub read: u64,
    /// Records that the broker acknowledged.
    pub acknowledged: u64,
    /// Records given up by the producer.
    pub failed: u64,
    /// The service's latest words.
    pub says: String,
}

/// A consumer's settings as the services have them: Kafka's defaults, but for the session timeout.
pub fn consumer_config(name: &str, group: &str, reset: AutoOffsetReset) -> ConsumerConfig {
    ConsumerConfig {
        client_id: name.to_owned(),
        group_id: Some(GroupId::from(group)),
        auto_offset_reset: reset,
        session_timeout_ms: SESSION_TIMEOUT_MS,
        ..ConsumerConfig::default()
    }
}

impl ServiceCore {
    // ---- looking

    pub fn consumer(&self) -> Option<ClientId> {
        self.consumer
    }

    // ---- opening

    /// Opens a consumer, subscribes it and polls.
    pub fn open_consumer(&mut self, context: &mut Context<'_>, config: ConsumerConfig, topic: &str) {
        let consumer = context.consumer(config);
        self.consumer = Some(consumer);
        context.subscribe(consumer, &[topic]);
        context.poll(consumer, POLL_TIMEOUT);
    }

    pub fn open_producer(&mut self, context: &mut Context<'_>, name: &str) {
        let config = ProducerConfig { client_id: name.to_owned(), ..ProducerConfig::default() };
        self.producer = Some(context.producer(config));
    }

    // ---- doing

    /// Says what was done, for the story, and keeps it for the service's card.
    pub fn say(&mut self, context: &mut Context<'_>, text: String) {
        self.says.clone_from(&text);
        context.say(text);
    }

    /// Sends a value as JSON.
    pub fn send(&mut self, context: &mut Context<'_>, topic: &str, key: &str, value: &impl Serialize) {
        let (Some(producer), Ok(json)) = (self.producer, serde_json::to_vec(value)) else {
            return;
        };
        context.send(producer, NewRecord { topic, key: Some(key.as_bytes()), value: Some(&json), ..NewRecord::default() });
    }

    pub fn flush(&mut self, context: &mut Context<'_>) {
        if let Some(producer) = self.producer {
            context.flush(producer);
        }
    }

    /// Commits these offsets, or the positions when `None`.
    pub fn commit(&mut self, context: &mut Context<'_>, offsets: Option<Vec<(TopicPartition, Offset)>>) {
        if let Some(consumer) = self.consumer {
            context.commit(consumer, offsets);
        }
    }

    /// Notes a record that makes no sense to this service.
    pub fn skip(&mut self, context: &mut Context<'_>, partition: &TopicPartition, record: &RecordView<'_>, why: &str) {
        self.skipped = self.skipped.saturating_add(1);
        self.say(context, format!("skipped {partition} @ {}: {why}", record.offset));
    }

    /// Closes all clients; the program ends when the last has said goodbye.
    pub fn close(&mut self, context: &mut Context<'_>) {
        self.closing = true;
        // What was handed to the producer goes out first: it flushes as it closes.
        for client in [self.consumer, self.producer, self.admin].into_iter().flatten() {
            context.close(client);
        }
        self.exit_when_closed(context);
    }

    fn exit_when_closed(&mut self, context: &mut Context<'_>) {
        if self.closing && [self.consumer, self.producer, self.admin].iter().all(Option::is_none) {
            context.exit(0);
        }
    }

    /// Polls again once these records are processed.
    pub fn poll_after(&mut self, context: &mut Context<'_>, records: &PolledRecords) {
        let count = records.count();
        self.read = self.read.saturating_add(count.into());
        if count == 0 {
            self.poll(context);
        } else {
            let each = context.record_time().unwrap_or(RECORD_TIME);
            context.timer(Span(each.0.saturating_mul(count.into())), POLL_TOKEN);
        }
    }

    /// Polls, after the replay that may have been asked for.
    pub fn poll(&mut self, context: &mut Context<'_>) {
        let Some(consumer) = self.consumer else {
            return;
        };
        if self.closing {
            return;
        }
        match self.replay.take() {
            Some(Replay::To(to)) => self.seek_all(context, consumer, to),
            Some(Replay::Time(timestamp)) => self.ask_offsets_by_time(context, consumer, timestamp),
            Some(Replay::One(partition, offset)) => {
                context.seek(consumer, &partition, SeekTo::Offset(offset));
                self.replays = self.replays.saturating_add(1);
            }
            None => {}
        }
        context.poll(consumer, POLL_TIMEOUT);
    }

    fn seek_all(&mut self, context: &mut Context<'_>, consumer: ClientId, to: SeekTo) {
        for partition in context.assignment(consumer) {
            context.seek(consumer, &partition, to);
        }
        self.replays = self.replays.saturating_add(1);
    }

    fn admin(&mut self, context: &mut Context<'_>) -> ClientId {
        *self.admin.get_or_insert_with(|| context.admin("service-admin"))
    }

    /// `consumer.offsetsForTimes`, through an admin client.
    fn ask_offsets_by_time(&mut self, context: &mut Context<'_>, consumer: ClientId, timestamp: Timestamp) {
        let partitions = context.assignment(consumer);
        self.time_call = Some(self.list_offsets(context, partitions, OffsetSpec::Timestamp(timestamp)));
    }

    /// Asks for offsets; `Event::Answered` carries the number returned here.
    pub fn list_offsets(&mut self, context: &mut Context<'_>, partitions: Vec<TopicPartition>, spec: OffsetSpec) -> u64 {
        let admin = self.admin(context);
        let partitions = partitions.into_iter().map(|partition| (partition, spec)).collect();
        context.call(admin, Request::ListOffsets(ListOffsetsRequest { partitions }))
    }

    fn seek_by_time(&mut self, context: &mut Context<'_>, response: &Response) {
        let (Some(consumer), Response::ListOffsets(listed)) = (self.consumer, response) else {
            return;
        };
        let mine = context.assignment(consumer);
        for found in listed.partitions.iter().filter(|found| mine.contains(&found.topic_partition)) {
            // No record at or after that time: nothing to repeat there.
            let to = found.offset.map_or(SeekTo::End, SeekTo::Offset);
            context.seek(consumer, &found.topic_partition, to);
        }
        self.replays = self.replays.saturating_add(1);
    }

    // ---- events that every service answers alike

    /// Handles what is the same in every service. True when nothing is left for the service to do.
    pub fn routine(&mut self, event: &Event, context: &mut Context<'_>) -> bool {
        match event {
            Event::Interrupt => self.close(context),
            Event::Closed { client } => {
                for slot in [&mut self.consumer, &mut self.producer, &mut self.admin] {
                    if *slot == Some(*client) {
                        *slot = None;
                    }
                }
                self.exit_when_closed(context);
            }
            Event::PollFailed { error, .. } => {
                self.say(context, format!("the poll failed: {error:?}; trying again"));
                context.timer(POLL_RETRY, POLL_TOKEN);
            }
            Event::Timer { token: POLL_TOKEN } => self.poll(context),
            Event::Delivered { sends, result, topic_partition, .. } => {
                let count = sends.len() as u64;
                match result {
                    Ok(_) => self.acknowledged = self.acknowledged.saturating_add(count),
                    Err(error) => {
                        self.failed = self.failed.saturating_add(count);
                        let topic = &topic_partition.topic;
                        self.say(context, format!("could not write to {topic}: {error:?}"));
                    }
                }
            }
            Event::Tell(words) if words.trim() == "commit" && self.consumer.is_some() => {
                self.commit(context, None);
                self.say(context, "commits its positions".to_owned());
            }
            Event::Answered { call, result, .. } if self.time_call == Some(*call) => {
                self.time_call = None;
                match result {
                    Ok(response) => self.seek_by_time(context, response),
                    Err(error) => self.say(context, format!("could not look up that time: {error:?}")),
                }
            }
            // What a closing consumer still returns is nobody's any more.
            Event::Polled { .. } | Event::Timer { .. } if self.closing => {}
            _ => return false,
        }
        true
    }

    /// Does what a person tells a service that reads: `replay …`, `seek …`. False, with a word of it, where it is told something
    /// else.
    pub fn tell_replay(&mut self, words: &str, context: &mut Context<'_>) -> bool {
        let split: Vec<&str> = words.split_whitespace().collect();
        let Some(replay) = replay(&split) else {
            self.not_understood(words, REPLAY_WORDS, context);
            return false;
        };
        if self.consumer.is_none_or(|consumer| context.assignment(consumer).is_empty()) {
            self.say(context, "has no partition to replay".to_owned());
            return true;
        }
        if let (Replay::One(partition, _), Some(consumer)) = (&replay, self.consumer)
            && !context.assignment(consumer).contains(partition)
        {
            self.say(context, format!("does not read {partition} now"));
            return true;
        }
        self.replay = Some(replay);
        self.say(context, format!("goes to {}; nothing is committed by that", split[1..].join(" ")));
        true
    }

    /// Words that the service does not understand.
    pub fn not_understood(&mut self, words: &str, known: &str, context: &mut Context<'_>) {
        let shown: String = words.chars().take(40).collect();
        self.say(context, format!("does not understand \"{shown}\"; try: {known}"));
    }
}

/// Milliseconds since the simulation began, or since 1970: no session is long enough for the two to be confused.
fn timestamp(ms: i64) -> Timestamp {
    if ms >= EPOCH_MS { Timestamp(ms) } else { Timestamp(EPOCH_MS + ms) }
}

/// `replay beginning | end | offset N | time MS`, and `seek TOPIC-PARTITION OFFSET` for one partition alone; `None` for other words.
fn replay(words: &[&str]) -> Option<Replay> {
    let number = |text: &str| text.parse::<i64>().ok().filter(|number| *number >= 0);
    Some(match words {
        ["replay", "beginning"] => Replay::To(SeekTo::Beginning),
        ["replay", "end"] => Replay::To(SeekTo::End),
        ["replay", "offset", offset] => Replay::To(SeekTo::Offset(Offset(number(offset)?))),
        ["replay", "time", ms] => Replay::Time(timestamp(number(ms)?)),
        ["seek", partition, offset] => {
            let (topic, partition) = partition.rsplit_once('-')?;
            let partition = partition.parse().ok().filter(|number: &i32| *number >= 0)?;
            Replay::One(TopicPartition::new(topic, partition), Offset(number(offset)?))
        }
        _ => return None,
    })
}

/// What a service that reads can be told.
const REPLAY_WORDS: &str = "replay beginning, replay end, replay offset N, replay time MS, seek TOPIC-PARTITION OFFSET, commit";

/// Reads a topic from its beginning to where it ended at the start, to rebuild what a service must know.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub enum Rebuild {
    /// No partition assigned yet.
    #[default]
    Waiting,
    /// Asked where the partitions end.
    Asked {
        call: u64,
    },
    /// Reading up to these offsets.
    Reading {
        until: Vec<(TopicPartition, Offset)>,
    },
    Done,
}

impl Rebuild {
    pub fn is_done(&self) -> bool {
        *self == Self::Done
    }

    /// On the first assignment of a run: everything from the beginning. Later ones go on where the group committed.
    pub fn assigned(&mut self, core: &mut ServiceCore, partitions: &[TopicPartition], context: &mut Context<'_>) {
        let (Self::Waiting, Some(consumer), false) = (&*self, core.consumer(), partitions.is_empty()) else {
            return;
        };
        for partition in partitions {
            context.seek(consumer, partition, SeekTo::Beginning);
        }
        let call = core.list_offsets(context, partitions.to_vec(), OffsetSpec::Latest);
        *self = Self::Asked { call };
    }

    /// True when the event was the answer that this waits for.
    pub fn answered(&mut self, event: &Event) -> bool {
        let (Self::Asked { call: asked }, Event::Answered { call, result, .. }) = (&*self, event) else {
            return false;
        };
        if asked != call {
            return false;
        }
        let until = match result.as_deref() {
            Ok(Response::ListOffsets(listed)) => listed
                .partitions
                .iter()
                .map(|found| (found.topic_partition.clone(), found.offset.unwrap_or(Offset::ZERO)))
                .collect(),
            // Without an answer it takes what it has read so far for all there is.
            _ => Vec::new(),
        };
        *self = Self::Reading { until };
        true
    }

    /// After a poll: is everything read? True once, when it becomes so.
    pub fn progressed(&mut self, core: &ServiceCore, context: &Context<'_>) -> bool {
        let (Self::Reading { until }, Some(consumer)) = (&*self, core.consumer()) else {
            return false;
        };
        let done = until.iter().all(|(partition, end)| {
            *end == Offset::ZERO || context.position(consumer, partition).is_some_and(|position| position >= *end)
        });
        if done {
            *self = Self::Done;
        }
        done
    }
}
