//! Lives here: `kafka-console-consumer.sh` (`org.apache.kafka.tools.consumer.ConsoleConsumer`), and its options (`options`).
//! Never here: how a consumer fetches, and what it has in common with the console share consumer.

mod options;

use crate::base::{ClientId, Offset, Pattern, SortedMap, Span, TopicPartition};
use crate::engine::client::GroupProtocol;
use crate::engine::program::{ConsumerError, Event, RecordRun, SeekTo};
use crate::shell::cli::clients::check_assignors;
use crate::shell::cli::console_reader::{Batch, ConsoleReader, Source, checked_topic};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::formatter::{Formatter, Unprintable};
use crate::shell::cli::io::Io;
use crate::shell::cli::options::{Given, Refusal};
pub use options::OPTIONS;
use options::{ConsoleConsumerOptions, OffsetArgument};

const NOTICE: &str = "The consumer rebalance protocol (KIP-848) is production-ready! Set group.protocol=consumer to try it out. \
                      See https://kafka.apache.org/documentation/#consumer_rebalance_protocol";

/// The consumer behind `kafka-console-consumer.sh`.
#[derive(Clone, Hash, Debug)]
pub struct ConsoleConsumer {
    given: Given,
    options: Option<ConsoleConsumerOptions>,
    client: Option<ClientId>,
}

pub fn read(words: &[String]) -> Result<ConsoleReader<ConsoleConsumer>, Refusal> {
    Ok(ConsoleReader::new(ConsoleConsumer { given: options::read(words)?, options: None, client: None }))
}

impl Source for ConsoleConsumer {
    type Run = RecordRun;

    const LOGGER: &'static str = "org.apache.kafka.tools.consumer.ConsoleConsumer";

    const ON_ERROR: (&'static str, &'static str) = ("skip-message-on-error", "skipping");

    fn given(&self) -> &Given {
        &self.given
    }

    fn client(&self) -> Option<ClientId> {
        self.client
    }

    fn open(&mut self, io: &mut Io<'_, '_>) -> Done<(Formatter, Option<u64>)> {
        let options = options::parse_all(&self.given, io)?;
        let client = io.consumer(options.config.clone());
        self.client = Some(client);
        if options.partition.is_none() && options.config.group_protocol == GroupProtocol::Classic {
            io.error(NOTICE);
        }
        let topic = self.given.value("topic").map_err(Exception::from)?.unwrap_or_default();
        if let Some(partition) = options.partition {
            if topic.trim().is_empty() {
                let what = "Topic partitions to assign to cannot have null or empty topic";
                return Err(Exception::illegal_argument(what).into());
            }
            let topic_partition = TopicPartition::new(topic, partition);
            io.context.assign(client, vec![topic_partition.clone()]);
            let to = match options.offset {
                OffsetArgument::Earliest => SeekTo::Beginning,
                OffsetArgument::Latest => SeekTo::End,
                OffsetArgument::At(offset) => SeekTo::Offset(Offset(offset)),
            };
            io.context.seek(client, &topic_partition, to);
        } else {
            match self.given.value("include").map_err(Exception::from)? {
                None => {
                    let topic = checked_topic(topic)?;
                    check_assignors(&options.config)?;
                    io.context.subscribe(client, &[topic]);
                }
                Some(text) => {
                    let thrown = |what: String| Exception::java("java.util.regex.PatternSyntaxException", &what);
                    let pattern = Pattern::java(text).map_err(thrown)?;
                    if text.is_empty() {
                        return Err(Exception::illegal_argument("Topic pattern to subscribe to cannot be empty").into());
                    }
                    check_assignors(&options.config)?;
                    io.context.subscribe_pattern(client, pattern);
                }
            }
        }
        let opened = (options.formatter.clone(), options.timeout_ms);
        self.options = Some(options);
        Ok(opened)
    }

    fn poll(&self, io: &mut Io<'_, '_>, client: ClientId, timeout: Span) {
        io.context.poll(client, timeout);
    }

    fn polled(&self, event: &Event, io: &Io<'_, '_>) -> Option<Result<Vec<RecordRun>, Exception>> {
        match event {
            Event::Polled { records, .. } => Some(Ok(records.runs.clone())),
            Event::PollFailed { error, .. } => Some(Err(self.thrown_by(error, io))),
            _ => None,
        }
    }

    fn batch(run: &RecordRun) -> Batch<'_> {
        let records = run.batch.records().filter(|record| record.offset >= run.from && record.offset < run.to);
        let (topic_partition, attributes) = (&run.topic_partition, run.batch.attributes);
        Batch { topic_partition, attributes, records: records.collect(), delivery_count: None }
    }

    fn take_one(run: &mut RecordRun) -> RecordRun {
        let offset = Self::batch(run).records.first().map(|record| record.offset);
        let after = offset.map_or(run.to, |offset| offset.plus(1));
        let one = RecordRun { to: after, count: 1, ..run.clone() };
        run.from = after;
        run.count = run.count.saturating_sub(1);
        one
    }

    fn is_empty(run: &RecordRun) -> bool {
        run.count == 0
    }

    fn unprintable(&self, _io: &mut Io<'_, '_>, _partition: &TopicPartition, offset: Offset, why: Unprintable) -> Exception {
        let why = match why {
            Unprintable::Thrown(thrown) => return thrown,
            Unprintable::Unread(why) => why,
        };
        let runtime = |message: &str| Exception::java("java.lang.RuntimeException", message);
        runtime(&format!("Could not read record at offset {offset} due to: {why}")).because(runtime(why))
    }

    fn unread(&self, io: &mut Io<'_, '_>, from: SortedMap<TopicPartition, Offset>) {
        let Some(client) = self.client else { return };
        for (topic_partition, offset) in from {
            io.context.seek(client, &topic_partition, SeekTo::Offset(offset));
        }
    }

    fn log_prefix(&self) -> String {
        let config = self.options.as_ref().map(|options| &options.config);
        let client_id = config.map_or("console-consumer", |config| config.client_id.as_str());
        let group = config.and_then(|config| config.group_id.as_ref()).map_or(String::new(), |group| group.to_string());
        let instance = config.and_then(|config| config.group_instance_id.as_ref());
        let instance = instance.map_or(String::new(), |id| format!("instanceId={id}, "));
        format!("Consumer {instance}clientId={client_id}, groupId={group}")
    }
}

impl ConsoleConsumer {
    fn thrown_by(&self, error: &ConsumerError, io: &Io<'_, '_>) -> Exception {
        let java = |class: &str, what: String| Exception::java(&format!("org.apache.kafka.clients.consumer.{class}"), &what);
        match error {
            ConsumerError::NoOffsetForPartition(partition) => {
                let what = format!("Undefined offset with no reset policy for partitions: [{partition}]");
                java("NoOffsetForPartitionException", what)
            }
            ConsumerError::OffsetOutOfRange(partition) => {
                let place = self.client.map(|client| io.context.fetch_position(client, partition)).unwrap_or_default();
                let what = format!("Fetch position {place} is out of range for partition {partition}");
                java("OffsetOutOfRangeException", what)
            }
            ConsumerError::LogTruncation { partition, divergent } => {
                let what = match divergent {
                    Some(end) => format!("Truncated partitions detected with divergent offsets {{{partition}={end}}}"),
                    None => format!("Truncated partitions detected with unknown divergent offsets [{partition}]"),
                };
                java("LogTruncationException", what)
            }
            ConsumerError::InvalidTopic(topic) => Exception::api("InvalidTopicException", &format!("Invalid topics: [{topic}]")),
            ConsumerError::Broker(error) => Exception::code(*error),
            ConsumerError::Told(error, text) => Exception::api(error.exception(), text),
        }
    }
}
