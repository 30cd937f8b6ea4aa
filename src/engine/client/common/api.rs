//! What a program and its clients tell each other (the public types of `org.apache.kafka.clients`): records to send, records
//! read, errors, and the events in which all of it reaches the program.

use std::rc::Rc;

use crate::base::{BrokerId, ClientId, Offset, Timestamp, TopicName, TopicPartition};
use crate::engine::log::{Batch, Header, RecordView};
use crate::engine::protocol::{ErrorCode, Response};

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
    /// A command from the page, for programs that know some ("replay").
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
        /// The lines of the exception that is told with it.
        thrown: Vec<String>,
    },
    /// The thread that sends a producer's batches has ended by a stack overflow: nothing is sent or told any more.
    SenderDied {
        client: ClientId,
    },
    /// The client has closed: it has left its group, and its last requests are answered.
    Closed {
        client: ClientId,
    },
}

/// Why a record could not be sent.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum SendError {
    /// A broker's error.
    Broker(ErrorCode),
    /// The topic did not appear in the metadata within max.block.ms.
    /// `error`: what the last metadata said of it.
    TopicNotPresent { error: Option<ErrorCode> },
    /// The metadata had said before that the topic's name is not valid.
    KnownInvalidTopic,
    /// The record alone is larger than max.request.size.
    RecordTooLarge { size: u64, max: u64 },
    /// The record alone is larger than buffer.memory.
    LargerThanMemory { size: u64 },
    /// A batch for it is larger than buffer.memory: not the send fails, the call throws.
    BatchLargerThanMemory { size: u64, limit: u64 },
    /// There was no memory for a batch in what was left of max.block.ms.
    MemoryExhausted { size: u64, ms: u64, total: u64, available: u64, poolable: u64 },
    /// The partition given does not exist.
    InvalidPartition,
    /// delivery.timeout.ms is over.
    Expired { records: i32, ms: u64 },
    /// The connection was lost, and all retries were used up.
    Disconnected { broker: BrokerId, timed_out: bool },
}

impl SendError {
    /// Its error code in Kafka's protocol.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Broker(error) => *error,
            Self::TopicNotPresent { .. } | Self::InvalidPartition => ErrorCode::UnknownTopicOrPartition,
            Self::KnownInvalidTopic => ErrorCode::InvalidTopic,
            Self::RecordTooLarge { .. } | Self::LargerThanMemory { .. } | Self::BatchLargerThanMemory { .. } => {
                ErrorCode::MessageTooLarge
            }
            Self::MemoryExhausted { .. } | Self::Expired { .. } | Self::Disconnected { timed_out: true, .. } => {
                ErrorCode::RequestTimedOut
            }
            Self::Disconnected { .. } => ErrorCode::NetworkException,
        }
    }

    /// The message, where it is not the code's own.
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

/// What a consumer's poll throws.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ConsumerError {
    /// No committed offset and `auto.offset.reset=none` (`NoOffsetForPartitionException`).
    NoOffsetForPartition(TopicPartition),
    /// The position lies outside the log and `auto.offset.reset=none`.
    OffsetOutOfRange(TopicPartition),
    /// Records that were read are no longer in the log, and `auto.offset.reset=none` (`LogTruncationException`). `divergent`:
    /// where the leader's log differs from what was read, as `OffsetAndMetadata` writes it.
    LogTruncation {
        partition: TopicPartition,
        divergent: Option<String>,
    },
    /// The name of a topic is not valid.
    InvalidTopic(TopicName),
    Broker(ErrorCode),
    /// A broker's error with a message of its own.
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
    /// What the partitioner looks at in place of the key.
    pub partition_key: Option<&'a [u8]>,
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

/// What a share consumer's poll throws.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ShareError {
    /// Explicit mode, and not all records of the last poll have been acknowledged (`IllegalStateException`).
    Unacknowledged,
    InvalidTopic(TopicName),
    /// The coordinator's refusal, with its message.
    Broker(ErrorCode, Rc<str>),
}

/// The records `from..=to` of one batch, which have all been delivered `delivery_count` times.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShareRun {
    pub topic_partition: TopicPartition,
    pub batch: Rc<Batch>,
    pub from: Offset,
    pub to: Offset,
    pub delivery_count: u16,
}

impl ShareRun {
    pub fn records(&self) -> impl Iterator<Item = RecordView<'_>> {
        self.batch.records().filter(|record| record.offset >= self.from && record.offset <= self.to)
    }
}

/// Why a call has failed.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum CallError {
    /// A broker's word.
    Broker(ErrorCode),
    /// There was nobody to ask in all the time.
    NoNode {
        /// As `KafkaAdminClient` calls it.
        call: &'static str,
    },
    /// It was asked, and not answered until its time was over.
    Unanswered(Box<Unanswered>),
}

/// What `KafkaAdminClient.Call` tells of itself then; times in ms since 1970.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Unanswered {
    pub call: &'static str,
    pub deadline: Timestamp,
    pub now: Timestamp,
    pub next_try: Timestamp,
    /// Times that it was tried again.
    pub tries: u32,
    pub correlation: u32,
    /// The node, by its number.
    pub node: String,
}

impl CallError {
    /// As a code, for what carries nothing else.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Broker(error) => *error,
            Self::NoNode { .. } | Self::Unanswered(_) => ErrorCode::RequestTimedOut,
        }
    }
}

impl From<ErrorCode> for CallError {
    fn from(error: ErrorCode) -> Self {
        Self::Broker(error)
    }
}
