//! Settings of the tools' clients, checked as Kafka's `ProducerConfig`, `ConsumerConfig` and `ShareConsumerConfig` do, and how
//! sends fail.

use super::exception::Exception;
use super::exit::Done;
use super::io::Io;
use super::options::Refusal;
use super::properties::{Properties, config_exception, invalid};
use super::time::parse_duration;
use crate::base::TopicPartition;
use crate::engine::client::{Acks, AutoOffsetReset, ConsumerConfig, GroupProtocol, ProducerConfig, ShareConsumerConfig};
use crate::engine::metadata::check_instance_id;
use crate::engine::program::SendError;
use crate::engine::protocol::{ErrorCode, ShareAcquireMode};

/// The settings in a file, if one is named (`Utils.loadProps`).
pub fn load(io: &Io<'_, '_>, file: Option<&str>) -> Result<Properties, Exception> {
    let Some(file) = file else { return Ok(Properties::default()) };
    match io.context.read_file(file) {
        Some(text) => Ok(Properties::from_file(&text)),
        None => Err(Exception::java("java.nio.file.NoSuchFileException", file)),
    }
}

/// The settings that the simulated producer knows, checked as `ProducerConfig` does.
pub fn producer_config(tool: &str, properties: &Properties) -> Done<ProducerConfig> {
    let int = i64::from(i32::MAX);
    let defaults = ProducerConfig::default();
    let number = |key: &str, max: i64, default: u64| {
        properties.unsigned(key, i64::from(key == "max.in.flight.requests.per.connection"), max, default)
    };
    let acks = match properties.get("acks").unwrap_or("all") {
        "all" | "-1" => Acks::All,
        "1" => Acks::Leader,
        "0" => Acks::None,
        other => return Err(invalid(other, "acks", "String must be one of: all, -1, 0, 1").into()),
    };
    let codec = properties.get("compression.type").unwrap_or("none");
    if !["none", "gzip", "snappy", "lz4", "zstd"].contains(&codec) {
        return Err(invalid(codec, "compression.type", "String must be one of: none, gzip, snappy, lz4, zstd").into());
    }
    if properties.get("transactional.id").is_some() {
        return Err(Refusal::not_simulated(tool, "transactional.id", "there are no transactions here yet").into());
    }
    if let Some(class) = properties.get("partitioner.class").filter(|class| !class.is_empty()) {
        let what = format!("partitioner.class={class}");
        return Err(Refusal::not_simulated(tool, &what, "only the default partitioner is").into());
    }
    let idempotence = properties.boolean("enable.idempotence")?;
    let explicit = |key: &str| idempotence == Some(true) && properties.get(key).is_some();
    if explicit("acks") && acks != Acks::All {
        let why = "Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.";
        return Err(config_exception(why).into());
    }
    Ok(ProducerConfig {
        bootstrap_servers: Vec::new(),
        client_id: properties.get("client.id").unwrap_or_default().to_owned(),
        acks,
        batch_size: usize::try_from(number("batch.size", int, 16_384)?).unwrap_or(16_384),
        linger_ms: number("linger.ms", i64::MAX, defaults.linger_ms)?,
        max_in_flight: usize::try_from(number("max.in.flight.requests.per.connection", int, 5)?.max(1)).unwrap_or(5),
        enable_idempotence: idempotence.unwrap_or(acks == Acks::All),
        max_request_size: number("max.request.size", int, defaults.max_request_size)?,
        max_block_ms: number("max.block.ms", i64::MAX, defaults.max_block_ms)?,
        request_timeout_ms: number("request.timeout.ms", int, defaults.request_timeout_ms)?,
        delivery_timeout_ms: number("delivery.timeout.ms", int, defaults.delivery_timeout_ms)?,
        retry_backoff_ms: number("retry.backoff.ms", i64::MAX, defaults.retry_backoff_ms)?,
        retries: u32::try_from(number("retries", int, u64::from(defaults.retries))?).unwrap_or(defaults.retries),
        metadata_max_age_ms: number("metadata.max.age.ms", i64::MAX, defaults.metadata_max_age_ms)?,
    })
}

/// What the client throws or gives to the callback.
pub fn send_error(partition: &TopicPartition, error: &SendError, topic: &str, max_block_ms: u64) -> Exception {
    let timeout = |what: &str| Exception::api("TimeoutException", what);
    match error {
        // Nothing else makes a record invalid here; this exception is one of the few outside of `errors`.
        SendError::Broker(ErrorCode::InvalidRecord) => {
            let what = format!("Compacted topic cannot accept message without key in topic partition {partition}");
            Exception::without_frames("org.apache.kafka.common.InvalidRecordException", &what)
        }
        SendError::Broker(ErrorCode::InvalidTopic) => {
            Exception::api("InvalidTopicException", &format!("Invalid topics: [{topic}]"))
        }
        SendError::Broker(error) => Exception::code(*error),
        SendError::TopicNotPresent { error } => {
            let thrown = timeout(&format!("Topic {topic} not present in metadata after {max_block_ms} ms."));
            match error {
                Some(error) => thrown.because(Exception::code(*error)),
                None => thrown,
            }
        }
        SendError::RecordTooLarge { size, max } => {
            let why = "which is the value of the max.request.size configuration.";
            let what = format!("The message is {size} bytes when serialized which is larger than {max}, {why}");
            Exception::api("RecordTooLargeException", &what)
        }
        SendError::InvalidPartition => timeout("The partition does not exist."),
        SendError::Expired { records, ms } => {
            let why = "The request has not been sent, or no server response has been received yet.";
            timeout(&format!("Expiring {records} record(s) for {partition}:{ms} ms has passed since batch creation. {why}"))
        }
        SendError::Disconnected { broker, timed_out } => {
            let why = if *timed_out { " due to timeout" } else { "" };
            Exception::api(error.code().exception(), &format!("Disconnected from node {broker}{why}"))
        }
    }
}

/// Settings of which the least is 1 and not 0.
const FROM_ONE: &[&str] = &["max.poll.records", "max.poll.interval.ms"];

/// The settings that the simulated consumer knows, checked as `ConsumerConfig` does.
pub fn consumer_config(properties: &Properties) -> Result<ConsumerConfig, Exception> {
    let int = i64::from(i32::MAX);
    let defaults = ConsumerConfig::default();
    let number = |key: &str, max: i64, default: u64| properties.unsigned(key, i64::from(FROM_ONE.contains(&key)), max, default);
    let boolean = |key: &str, default: bool| -> Result<bool, Exception> { Ok(properties.boolean(key)?.unwrap_or(default)) };
    let reset = properties.get("auto.offset.reset").unwrap_or("latest");
    let duration = reset.strip_prefix("by_duration:").and_then(parse_duration);
    let auto_offset_reset = match (reset, duration.and_then(|ms| u64::try_from(ms).ok())) {
        ("earliest", _) => AutoOffsetReset::Earliest,
        ("latest", _) => AutoOffsetReset::Latest,
        ("none", _) => AutoOffsetReset::None,
        (_, Some(ms)) => AutoOffsetReset::ByDuration { ms },
        (other, None) => {
            let why = format!(
                "Invalid value `{other}` for configuration auto.offset.reset. The value must be either 'earliest', 'latest', 'none' \
                 or of the format 'by_duration:<PnDTnHnMn.nS.>'."
            );
            return Err(invalid(other, "auto.offset.reset", &why));
        }
    };
    let isolation = properties.get("isolation.level").unwrap_or("read_uncommitted");
    if !["read_committed", "read_uncommitted"].contains(&isolation) {
        let why = "String must be one of: read_committed, read_uncommitted";
        return Err(invalid(isolation, "isolation.level", why));
    }
    let group_protocol = group_protocol(properties)?;
    let instance_id = properties.get("group.instance.id");
    if instance_id == Some("") {
        return Err(invalid("", "group.instance.id", "String must be non-empty"));
    }
    if let Some(Err(why)) = instance_id.map(check_instance_id) {
        return Err(not_constructed("InvalidConfigurationException", &why.to_string()));
    }
    let given = |key: &str| properties.get(key).filter(|value| !value.trim().is_empty());
    Ok(ConsumerConfig {
        group_protocol,
        remote_assignor: given("group.remote.assignor").map(str::to_owned),
        client_id: properties.get("client.id").unwrap_or("console-consumer").to_owned(),
        group_instance_id: instance_id.map(str::to_owned),
        auto_offset_reset,
        enable_auto_commit: boolean("enable.auto.commit", true)?,
        auto_commit_interval_ms: number("auto.commit.interval.ms", int, defaults.auto_commit_interval_ms)?,
        max_poll_records: u32::try_from(number("max.poll.records", int, 500)?.max(1)).unwrap_or(500),
        max_poll_interval_ms: number("max.poll.interval.ms", int, defaults.max_poll_interval_ms)?,
        session_timeout_ms: number("session.timeout.ms", int, defaults.session_timeout_ms)?,
        heartbeat_interval_ms: number("heartbeat.interval.ms", int, defaults.heartbeat_interval_ms)?,
        fetch_min_bytes: number("fetch.min.bytes", int, defaults.fetch_min_bytes)?,
        fetch_max_wait_ms: number("fetch.max.wait.ms", int, defaults.fetch_max_wait_ms)?,
        fetch_max_bytes: number("fetch.max.bytes", int, defaults.fetch_max_bytes)?,
        max_partition_fetch_bytes: number("max.partition.fetch.bytes", int, defaults.max_partition_fetch_bytes)?,
        metadata_max_age_ms: number("metadata.max.age.ms", i64::MAX, defaults.metadata_max_age_ms)?,
        retry_backoff_ms: number("retry.backoff.ms", i64::MAX, defaults.retry_backoff_ms)?,
        client_rack: properties.get("client.rack").unwrap_or_default().to_owned(),
        request_timeout_ms: number("request.timeout.ms", int, defaults.request_timeout_ms)?,
        allow_auto_create_topics: boolean("allow.auto.create.topics", true)?,
        assignors: assignors(properties),
        ..defaults
    })
}

/// Settings that go with the other protocol only, in Kafka's order.
const OF_CONSUMER_PROTOCOL: &[&str] = &["group.remote.assignor"];
const OF_CLASSIC_PROTOCOL: &[&str] = &["partition.assignment.strategy", "heartbeat.interval.ms", "session.timeout.ms"];

/// `group.protocol`, and `ConsumerConfig.checkUnsupportedConfigsPostProcess`.
fn group_protocol(properties: &Properties) -> Result<GroupProtocol, Exception> {
    let (protocol, name, unsupported) = match properties.get("group.protocol").map(str::to_ascii_lowercase).as_deref() {
        None | Some("classic") => (GroupProtocol::Classic, "CLASSIC", OF_CONSUMER_PROTOCOL),
        Some("consumer") => (GroupProtocol::Consumer, "CONSUMER", OF_CLASSIC_PROTOCOL),
        Some(_) => {
            let other = properties.get("group.protocol").unwrap_or_default();
            let why = "String must be one of (case insensitive): CONSUMER, CLASSIC";
            return Err(invalid(other, "group.protocol", why));
        }
    };
    let given = |key: &&&str| properties.get(key).is_some_and(|value| !value.trim().is_empty());
    let wrong: Vec<&str> = unsupported.iter().filter(given).copied().collect();
    if wrong.is_empty() {
        return Ok(protocol);
    }
    let what = format!("{} cannot be set when group.protocol={name}", wrong.join(", "));
    Err(config_exception(&what))
}

/// `partition.assignment.strategy`: classes, by the names that the protocol has for them.
fn assignors(properties: &Properties) -> Vec<String> {
    let Some(text) = properties.get("partition.assignment.strategy") else {
        return ConsumerConfig::default().assignors;
    };
    let name = |class: &str| match class.trim().trim_start_matches("org.apache.kafka.clients.consumer.") {
        "RangeAssignor" => "range".to_owned(),
        "RoundRobinAssignor" => "roundrobin".to_owned(),
        "StickyAssignor" => "sticky".to_owned(),
        "CooperativeStickyAssignor" => "cooperative-sticky".to_owned(),
        other => other.to_owned(),
    };
    text.split(',').map(name).collect()
}

/// What the consumer's constructor throws; the cause is one of `org.apache.kafka.common.errors`.
pub fn not_constructed(class: &str, why: &str) -> Exception {
    let failed = Exception::java("org.apache.kafka.common.KafkaException", "Failed to construct kafka consumer");
    failed.because(Exception::api(class, why))
}

/// Settings that a share consumer does not have (`ShareConsumerConfig.SHARE_GROUP_UNSUPPORTED_CONFIGS`).
const UNSUPPORTED: &[&str] = &[
    "auto.offset.reset",
    "enable.auto.commit",
    "group.instance.id",
    "isolation.level",
    "partition.assignment.strategy",
    "interceptor.classes",
    "session.timeout.ms",
    "heartbeat.interval.ms",
    "group.protocol",
    "group.remote.assignor",
];

/// The settings that the simulated share consumer knows, checked as `ShareConsumerConfig` does.
pub fn share_consumer_config(properties: &Properties, group: &str) -> Result<ShareConsumerConfig, Exception> {
    let int = i64::from(i32::MAX);
    let client_id = properties.get("client.id").unwrap_or("console-share-consumer");
    let defaults = ShareConsumerConfig::new(client_id, group.into());
    let number = |key: &str, min: i64, max: i64, default: u64| properties.unsigned(key, min, max, default);
    let max_poll_records = u32::try_from(number("max.poll.records", 1, int, 500)?).unwrap_or(500);
    let mode = properties.get("share.acquire.mode").unwrap_or("batch_optimized");
    let acquire_mode = match mode {
        "batch_optimized" => ShareAcquireMode::BatchOptimized,
        "record_limit" => ShareAcquireMode::RecordLimit,
        other => {
            let key = "share.acquire.mode";
            let why = format!(
                "Invalid value `{other}` for configuration {key}. The value must either be 'batch_optimized' or 'record_limit'."
            );
            return Err(invalid(other, key, &why));
        }
    };
    if let Some(key) = UNSUPPORTED.iter().find(|key| properties.get(key).is_some()) {
        return Err(config_exception(&format!("{key} cannot be set when using a share group.")));
    }
    if group.trim().is_empty() {
        let why = "You must provide a valid group.id in the consumer configuration.";
        let failed = Exception::java("org.apache.kafka.common.KafkaException", "Failed to construct Kafka share consumer");
        return Err(failed.because(Exception::api("InvalidGroupIdException", why)));
    }
    Ok(ShareConsumerConfig {
        acquire_mode,
        max_poll_records,
        max_poll_interval_ms: number("max.poll.interval.ms", 1, int, defaults.max_poll_interval_ms)?,
        fetch_min_bytes: number("fetch.min.bytes", 0, int, defaults.fetch_min_bytes)?,
        fetch_max_wait_ms: number("fetch.max.wait.ms", 0, int, defaults.fetch_max_wait_ms)?,
        fetch_max_bytes: number("fetch.max.bytes", 0, int, defaults.fetch_max_bytes)?,
        metadata_max_age_ms: number("metadata.max.age.ms", 0, i64::MAX, defaults.metadata_max_age_ms)?,
        request_timeout_ms: number("request.timeout.ms", 0, int, defaults.request_timeout_ms)?,
        retry_backoff_ms: number("retry.backoff.ms", 0, i64::MAX, defaults.retry_backoff_ms)?,
        allow_auto_create_topics: properties.boolean("allow.auto.create.topics")?.unwrap_or(true),
        client_rack: properties.get("client.rack").unwrap_or_default().to_owned(),
        ..defaults
    })
}
