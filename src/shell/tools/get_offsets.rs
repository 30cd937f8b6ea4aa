//! `kafka-get-offsets.sh` (`org.apache.kafka.tools.GetOffsetShell`).

use crate::base::java::{hash_order, parse_number, partition_hash, split, string_hash};
use crate::base::{Offset, Timestamp, TopicPartition, put_in_order, sort};
use crate::engine::protocol::{ErrorCode, OffsetSpec, TopicMetadata};
use crate::shell::cli::admin_command::{Admin, AdminCommand};
use crate::shell::cli::bootstrap::check_bootstrap;
use crate::shell::cli::exception::{Exception, exception_line};
use crate::shell::cli::exit::Done;
use crate::shell::cli::options::{self, Given, Opt, Refusal, flag, require, with};
use crate::shell::cli::queries::description_order;
use crate::shell::cli::topic_filter::TopicFilter;

pub const OPTIONS: &[Opt] = &[
    with("bootstrap-server", "String: HOST1:PORT1,...", "Where the cluster is (needed)."),
    with("command-config", "String: config file", "A file with settings for the admin client."),
    flag("exclude-internal-topics", "Leave Kafka's own topics out."),
    flag("help", "Show this page."),
    with("partitions", "String: partition ids", "Only these partitions, 0,1,2."),
    with("time", "String", "A timestamp, -1 or latest, -2 or earliest, -3 or max-timestamp (default: latest)."),
    with("topic", "String: topic", "The topic; a regular expression."),
    with("topic-partitions", "String", "Topics with partitions: topic1:1,topic2:0-3,topic3."),
    flag("version", "Show Kafka's version."),
];

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct GetOffsets {
    given: Given,
}

fn occurred(message: &str) -> Refusal {
    Refusal::lines([format!("Error occurred: {message}")], 1)
}

fn failed(thrown: Exception) -> Refusal {
    let mut refusal = thrown.reported();
    refusal.lines[0].insert_str(0, "Error occurred: ");
    refusal
}

pub fn read(words: &[String]) -> Result<GetOffsets, Refusal> {
    let about = "An interactive shell for getting topic-partition offsets.";
    let given = options::read(OPTIONS, words, about, |error| occurred(&error.message()))?;
    require(&given, &["bootstrap-server"])?;
    check_bootstrap(given.value("bootstrap-server").map_err(|error| failed(error.into()))?)?;
    if given.has("topic-partitions") && (given.has("topic") || given.has("partitions")) {
        return Err(occurred("--topic-partitions cannot be used with --topic or --partitions"));
    }
    Ok(GetOffsets { given })
}

impl AdminCommand for GetOffsets {
    fn client_id(&self) -> &'static str {
        "GetOffsetShell"
    }

    fn run(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        self.offsets(admin)?;
        Ok(0)
    }

    fn fail(&self, admin: &mut Admin<'_, '_, '_>, thrown: Exception) -> i32 {
        admin.refuse(failed(thrown))
    }
}

/// What a call says that has looked for a partition's leader until its time was over. Kafka's admin client looks without a
/// pause, and tells how often.
fn leader_not_found(now: Timestamp) -> String {
    let (call, tries, now) = ("listOffsets(api=METADATA)", 1, now.0);
    format!(
        "org.apache.kafka.common.errors.TimeoutException: Call(callName={call}, deadlineMs={now}, tries={tries}, \
         nextAllowedTryMs={now}) timed out at {now} after {tries} attempt(s)"
    )
}

/// What `--time` asks for; `None` for what lies in tiered storage, where there is nothing.
type Spec = Option<OffsetSpec>;

impl GetOffsets {
    fn offsets(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let (spec, filter) = (self.spec()?, self.filter()?);
        admin.check_client(&self.given)?;
        let mut topics = admin.all_topics()??;
        topics.retain(|topic| filter.allows_topic(topic) && !(topic.internal && self.given.has("exclude-internal-topics")));
        hash_order(&mut topics, 16, |topic| string_hash(topic.name.as_str()));
        description_order(&mut topics);
        let mut wanted: Vec<TopicPartition> = Vec::new();
        for topic in &topics {
            let partitions = topic.partitions.iter().map(|partition| TopicPartition::new(topic.name.as_str(), partition.partition));
            wanted.extend(partitions.filter(|partition| filter.allows(partition)));
        }
        if wanted.is_empty() {
            return Err(occurred("Could not match any topic-partitions with the specified filters").into());
        }
        let Some(spec) = spec else { return Ok(()) };
        let listed = admin.offsets(&wanted, spec)??;
        let failed = listed.iter().filter_map(|(partition, found)| Some((partition, found.error?)));
        let mut failed: Vec<_> = failed.filter(|(_, error)| *error != ErrorCode::RequestTimedOut).collect();
        // A hash table of partitions is put into one of topics, which becomes the request.
        hash_order(&mut failed, 16, |(partition, _)| partition_hash(partition));
        let mut topics: Vec<&str> = failed.iter().map(|(partition, _)| partition.topic.as_str()).collect();
        sort(&mut topics);
        topics.dedup();
        hash_order(&mut topics, 16, |topic| string_hash(topic));
        let place = |partition: &TopicPartition| topics.iter().position(|topic| *topic == partition.topic.as_str());
        put_in_order(&mut failed, &|(one, _), (other, _)| place(one) < place(other));
        for (partition, error) in failed {
            let what = format!("ListOffsets request for topic partition {partition} failed due to an unexpected error {error}");
            admin.log_error(self.client_id(), &what, "internals.ListOffsetsHandler");
        }
        let found = || wanted.iter().filter_map(|partition| listed.get(partition));
        for (partition, error) in found().filter_map(|found| Some((&found.topic_partition, found.error?))) {
            let why = match error {
                ErrorCode::RequestTimedOut => leader_not_found(admin.now()),
                error => exception_line(error),
            };
            admin.error(format!("Skip getting offsets for topic-partition {partition} due to error: {why}"));
        }
        let offsets = found().filter_map(|found| Some((&found.topic_partition, found.offset?)));
        let mut offsets: Vec<(&TopicPartition, Offset)> = offsets.collect();
        // By the name with its number, as text.
        put_in_order(&mut offsets, &|(one, _), (other, _)| one.to_string() < other.to_string());
        for (partition, offset) in offsets {
            admin.print(format!("{}:{}:{offset}", partition.topic, partition.partition));
        }
        Ok(())
    }

    fn spec(&self) -> Done<Spec> {
        let text = self.given.value("time")?.unwrap_or("latest");
        let number = match text {
            "latest" => -1,
            "earliest" => -2,
            "max-timestamp" => -3,
            "earliest-local" => -4,
            "latest-tiered" => -5,
            "earliest-pending-upload" => -6,
            text => parse_number(text).ok_or_else(|| {
                occurred(&format!(
                    "Malformed time argument {text}. Please use -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or \
                     earliest-local / -5 or latest-tiered / -6 or earliest-pending-upload, or a specified long format timestamp"
                ))
            })?,
        };
        Ok(match number {
            -1 => Some(OffsetSpec::Latest),
            -2 | -4 => Some(OffsetSpec::Earliest),
            -3 => Some(OffsetSpec::MaxTimestamp),
            -5 | -6 => None,
            number => Some(OffsetSpec::Timestamp(Timestamp(number))),
        })
    }

    fn filter(&self) -> Done<Filter> {
        let one = |name: &str| self.given.value(name);
        if let Some(rules) = one("topic-partitions")? {
            let rules = split(rules, ',').into_iter().map(Rule::parse).collect::<Result<Vec<_>, _>>()?;
            return Ok(Filter { rules, partitions: None });
        }
        let partitions = match one("partitions")?.filter(|text| !text.is_empty()) {
            None => None,
            Some(text) => {
                let numbers: Option<Vec<i32>> = split(text, ',').into_iter().map(parse_number).collect();
                let what = format!("--partitions expects a comma separated list of numeric partition ids, but received: {text}");
                Some(numbers.ok_or_else(|| occurred(&what))?).filter(|numbers| !numbers.is_empty())
            }
        };
        let topic = TopicFilter::new(one("topic")?.unwrap_or(".*"))?;
        Ok(Filter { rules: vec![Rule { topic, from: 0, to: i32::MAX }], partitions })
    }
}

struct Filter {
    rules: Vec<Rule>,
    partitions: Option<Vec<i32>>,
}

impl Filter {
    fn allows_topic(&self, topic: &TopicMetadata) -> bool {
        self.rules.iter().any(|rule| rule.topic.allows(topic.name.as_str()))
    }

    fn allows(&self, partition: &TopicPartition) -> bool {
        self.rules.iter().any(|rule| rule.allows(partition))
            && self.partitions.as_ref().is_none_or(|wanted| wanted.contains(&partition.partition))
    }
}

/// `topic:from-to`, `to` exclusive.
struct Rule {
    topic: TopicFilter,
    from: i32,
    to: i32,
}

impl Rule {
    fn parse(text: &str) -> Result<Self, Exception> {
        let wrong = || {
            let what = format!("Invalid rule specification: {text}");
            Exception::java("org.apache.kafka.tools.TerseException", &what).runtime()
        };
        let (topic, range) = text.split_once(':').unwrap_or((text, ""));
        let ends: Vec<&str> = range.split('-').collect();
        if !ends.iter().all(|end| end.bytes().all(|byte| byte.is_ascii_digit())) {
            return Err(wrong());
        }
        let topic = TopicFilter::new(if topic.is_empty() { ".*" } else { topic })?;
        let bound = |text: &str, default: i32| match text {
            "" => Ok(default),
            text => text.parse().map_err(|_| Exception::number(text)),
        };
        let (from, to) = match ends[..] {
            [""] => (0, i32::MAX),
            [only] => (bound(only, 0)?, bound(only, 0)?.saturating_add(1)),
            [from, to] => (bound(from, 0)?, bound(to, i32::MAX)?),
            _ => return Err(wrong()),
        };
        Ok(Self { topic, from, to })
    }

    fn allows(&self, partition: &TopicPartition) -> bool {
        (self.from..self.to).contains(&partition.partition) && self.topic.allows(partition.topic.as_str())
    }
}
