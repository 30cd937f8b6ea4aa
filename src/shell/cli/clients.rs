//! Clients of the tools as their settings make them (`KafkaProducer`, `KafkaConsumer`, `KafkaShareConsumer`: what their
//! constructors check, in Kafka's order), and how sends fail.

use super::client_settings::{CONSUMER, PRODUCER};
use super::config_def::{self, ASSIGNOR, METRICS_REPORTER, PARTITIONER, Settings, kafka_exception, not_an_instance};
use super::exception::Exception;
use super::exit::Done;
use super::io::Io;
use super::options::Refusal;
use super::properties::{Properties, config_exception, invalid};
use crate::base::TopicPartition;
use crate::engine::client::{
    Acks, AutoOffsetReset, ConsumerConfig, GroupProtocol, Partitioner, ProducerConfig, ShareConsumerConfig,
};
use crate::engine::metadata::check_instance_id;
use crate::engine::program::SendError;
use crate::engine::protocol::{ErrorCode, ShareAcquireMode};

/// Producers and consumers have interceptors of different kinds; there are none of either.
const INTERCEPTOR: &str = "an interceptor";

/// The settings in a file, if one is named (`Utils.loadProps`).
pub fn load(io: &Io<'_, '_>, file: Option<&str>) -> Result<Properties, Exception> {
    let Some(file) = file else { return Ok(Properties::default()) };
    match io.context.read_file(file) {
        Some(text) => Ok(Properties::from_file(&text)),
        None => Err(Exception::java("java.nio.file.NoSuchFileException", file)),
    }
}

/// What all kinds of clients check next to each setting alone (`CommonClientConfigs`).
fn post_process(settings: &Settings<'_>, io: &mut Io<'_, '_>) -> Result<(), Exception> {
    const LOGGER: &str = "org.apache.kafka.clients.CommonClientConfigs";
    if uses_sasl(settings) && settings.get("sasl.mechanism").is_none_or(str::is_empty) {
        let why = "When the security.protocol configuration enables SASL, mechanism must be non-null and non-empty string.";
        return Err(invalid("null", "sasl.mechanism", why));
    }
    for (first, most, what) in [
        ("retry.backoff.ms", "retry.backoff.max.ms", "backoff"),
        ("socket.connection.setup.timeout.ms", "socket.connection.setup.timeout.max.ms", "connection setup timeout"),
    ] {
        let (one, other) = (settings.number(first), settings.number(most));
        if one > other {
            let text = format!(
                "Configuration '{first}' with value '{one}' is greater than configuration '{most}' with value '{other}'. A static \
                 {what} with value '{other}' will be applied."
            );
            io.log("WARN", &text, LOGGER);
        }
    }
    if settings.is_given("reconnect.backoff.ms") && !settings.is_given("reconnect.backoff.max.ms") {
        let text =
            "Disabling exponential reconnect backoff because reconnect.backoff.ms is set, but reconnect.backoff.max.ms is not.";
        io.log("WARN", text, LOGGER);
    }
    Ok(())
}

fn uses_sasl(settings: &Settings<'_>) -> bool {
    settings.text("security.protocol").to_ascii_uppercase().starts_with("SASL_")
}

/// The last thing that a client makes: without a login there is no connection by SASL.
fn check_login(settings: &Settings<'_>) -> Result<(), Exception> {
    if !uses_sasl(settings) || settings.is_given("sasl.jaas.config") {
        return Ok(());
    }
    let why = "Could not find a 'KafkaClient' entry in the JAAS configuration. System property 'java.security.auth.login.config' \
               is not set";
    Err(kafka_exception("Failed to create new NetworkClient").because(Exception::illegal_argument(why)))
}

/// What a client's constructor throws.
fn not_constructed(client: &str, why: Exception) -> Exception {
    kafka_exception(&format!("Failed to construct {client}")).because(why)
}

// ---- producers

pub fn producer_config(tool: &str, properties: &Properties, io: &mut Io<'_, '_>) -> Done<ProducerConfig> {
    let settings = Settings::parse(PRODUCER, properties, io)?;
    post_process(&settings, io)?;
    let enable_idempotence = idempotence(&settings)?;
    let constructed = constructed_producer(&settings, io);
    let delivery_timeout_ms = constructed.map_err(|why| not_constructed("kafka producer", why))?;
    if properties.get("transactional.id").is_some() {
        return Err(Refusal::not_simulated(tool, "transactional.id", "there are no transactions here yet").into());
    }
    Ok(ProducerConfig {
        bootstrap_servers: Vec::new(),
        client_id: settings.text("client.id"),
        acks: acks(&settings),
        batch_size: settings.small("batch.size") as usize,
        linger_ms: linger_ms(&settings),
        max_in_flight: settings.small("max.in.flight.requests.per.connection") as usize,
        enable_idempotence,
        max_request_size: settings.unsigned("max.request.size"),
        max_block_ms: settings.unsigned("max.block.ms"),
        buffer_memory: settings.unsigned("buffer.memory"),
        request_timeout_ms: settings.unsigned("request.timeout.ms"),
        delivery_timeout_ms,
        retry_backoff_ms: settings.unsigned("retry.backoff.ms").min(settings.unsigned("retry.backoff.max.ms")),
        retries: settings.small("retries"),
        metadata_max_age_ms: settings.unsigned("metadata.max.age.ms"),
        partitioner: if settings.is_given("partitioner.class") { Partitioner::RoundRobin } else { Partitioner::BuiltIn },
        adaptive_partitioning: settings.boolean("partitioner.adaptive.partitioning.enable"),
        partitioner_ignore_keys: settings.boolean("partitioner.ignore.keys"),
        partitioner_availability_timeout_ms: settings.unsigned("partitioner.availability.timeout.ms"),
        partitioner_rack_aware: settings.boolean("partitioner.rack.aware"),
        client_rack: settings.text("client.rack"),
    })
}

fn acks(settings: &Settings<'_>) -> Acks {
    match settings.get("acks") {
        Some("0") => Acks::None,
        Some("1") => Acks::Leader,
        _ => Acks::All,
    }
}

/// `ProducerConfig.postProcessAndValidateIdempotenceConfigs`. Says whether the producer is idempotent.
fn idempotence(settings: &Settings<'_>) -> Result<bool, Exception> {
    let wanted = settings.is_given("enable.idempotence");
    let mut enabled = settings.boolean("enable.idempotence");
    if enabled {
        for (fits, why) in [
            (settings.number("retries") != 0, "Must set retries to non-zero when using the idempotent producer."),
            (
                acks(settings) == Acks::All,
                "Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.",
            ),
        ] {
            if wanted && !fits {
                return Err(config_exception(why));
            }
            enabled &= fits;
        }
        let in_flight = settings.number("max.in.flight.requests.per.connection");
        if in_flight > 5 {
            return Err(config_exception(&format!(
                "To use the idempotent producer, max.in.flight.requests.per.connection must be set to at most 5. Current value is \
                 {in_flight}."
            )));
        }
    }
    if !enabled && settings.is_given("transactional.id") {
        return Err(config_exception("Cannot set a transactional.id without also enabling idempotence."));
    }
    if settings.boolean("transaction.two.phase.commit.enable") && settings.is_given("transaction.timeout.ms") {
        let why = "Cannot set transaction.timeout.ms when transaction.two.phase.commit.enable is set to true. Transactions will \
                   not expire with two-phase commit enabled.";
        return Err(config_exception(why));
    }
    Ok(enabled)
}

/// An `Int` in Kafka, whatever was given.
fn linger_ms(settings: &Settings<'_>) -> u64 {
    settings.unsigned("linger.ms").min(u64::from(i32::MAX.cast_unsigned()))
}

/// `KafkaProducer`'s constructor. Gives the delivery timeout.
fn constructed_producer(settings: &Settings<'_>, io: &mut Io<'_, '_>) -> Result<u64, Exception> {
    let prefix = format!("[Producer clientId={}]", settings.text("client.id"));
    let mut warn = |text: &str| {
        io.log("WARN", &format!("{prefix} {text}"), "org.apache.kafka.clients.producer.KafkaProducer");
    };
    settings.check_instances("metric.reporters", METRICS_REPORTER)?;
    if let Some(class) = settings.get("partitioner.class")
        && config_def::class(class) != Some(Some(PARTITIONER))
    {
        return Err(not_an_instance(class, PARTITIONER));
    }
    settings.check_instances("interceptor.classes", INTERCEPTOR)?;
    let mut delivery_timeout_ms = settings.unsigned("delivery.timeout.ms");
    let least = (linger_ms(settings) + settings.unsigned("request.timeout.ms")).min(u64::from(i32::MAX.cast_unsigned()));
    if delivery_timeout_ms < least {
        let rule = "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms";
        if settings.is_given("delivery.timeout.ms") {
            return Err(config_exception(rule));
        }
        warn(&format!("{rule}. Setting it to {least}."));
        delivery_timeout_ms = least;
    }
    if settings.text("buffer.memory.allocation.strategy").eq_ignore_ascii_case("incremental") {
        let batch_size = settings.number("batch.size").max(1);
        if batch_size < CHUNK_SIZE {
            warn(&format!(
                "Ignoring buffer.memory.allocation.strategy=incremental and falling back to full: batch.size is {batch_size} bytes, \
                 below the {CHUNK_SIZE} byte chunk size, so a batch cannot fill a single chunk."
            ));
        } else if settings.get("compression.type") != Some("none") {
            let why = "The incremental buffer.memory.allocation.strategy does not support compression yet. compression.type must be \
                       set to none.";
            return Err(config_exception(why));
        }
    }
    check_login(settings)?;
    Ok(delivery_timeout_ms)
}

/// `ChunkedRecordAccumulator`: memory that is allocated bit by bit comes in pieces of this size.
const CHUNK_SIZE: i64 = 16_384;

/// What is told of the end of a producer's thread (`KafkaThread`).
pub fn sender_died(io: &mut Io<'_, '_>, client_id: &str) {
    let text = format!("Uncaught exception in thread 'kafka-producer-network-thread | {client_id}':");
    io.log("ERROR", &text, "org.apache.kafka.common.utils.internals.KafkaThread");
    io.errors(vec!["java.lang.StackOverflowError".to_owned(), "<stack>".to_owned()]);
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
        SendError::KnownInvalidTopic => Exception::api("InvalidTopicException", topic),
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
        SendError::LargerThanMemory { size } => {
            let why = "which is larger than the total memory buffer you have configured with the buffer.memory configuration.";
            Exception::api("RecordTooLargeException", &format!("The message is {size} bytes when serialized {why}"))
        }
        SendError::BatchLargerThanMemory { size, limit } => Exception::illegal_argument(&format!(
            "Attempt to allocate {size} bytes, but there is a hard limit of {limit} on memory allocations."
        )),
        SendError::MemoryExhausted { size, ms, total, available, poolable } => {
            let what = format!(
                "Failed to allocate {size} bytes within the configured max blocking time {ms} ms. Total memory: {total} bytes. \
                 Available memory: {available} bytes. Poolable size: {poolable} bytes"
            );
            Exception::without_frames("org.apache.kafka.clients.producer.BufferExhaustedException", &what)
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

// ---- consumers

/// `group.id` is among the properties.
pub fn consumer_config(properties: &Properties, io: &mut Io<'_, '_>) -> Result<ConsumerConfig, Exception> {
    let settings = Settings::parse(CONSUMER, properties, io)?;
    post_process(&settings, io)?;
    let instance_id = settings.get("group.instance.id");
    let check_instance = || match instance_id.map(check_instance_id) {
        Some(Err(why)) => Err(Exception::api("InvalidConfigurationException", &why)),
        _ => Ok(()),
    };
    if settings.text("client.id").is_empty() {
        check_instance()?;
    }
    let group_protocol = group_protocol(&settings)?;
    warn_of_idle_connections(&settings, group_protocol, io);
    let constructed = check_instance().and_then(|()| constructed_consumer(&settings, group_protocol));
    constructed.map_err(|why| not_constructed("kafka consumer", why))?;
    let reset = settings.get("auto.offset.reset").unwrap_or_default();
    let defaults = ConsumerConfig::default();
    Ok(ConsumerConfig {
        group_protocol,
        remote_assignor: settings.get("group.remote.assignor").filter(|name| !name.is_empty()).map(str::to_owned),
        client_id: client_id(&settings, instance_id),
        group_id: settings.get("group.id").map(Into::into),
        group_instance_id: instance_id.map(str::to_owned),
        auto_offset_reset: match (reset, config_def::reset_duration(reset)) {
            ("earliest", _) => AutoOffsetReset::Earliest,
            ("none", _) => AutoOffsetReset::None,
            (_, Some(ms)) => AutoOffsetReset::ByDuration { ms },
            _ => AutoOffsetReset::Latest,
        },
        enable_auto_commit: settings.boolean("enable.auto.commit"),
        auto_commit_interval_ms: settings.unsigned("auto.commit.interval.ms"),
        max_poll_records: settings.small("max.poll.records"),
        max_poll_interval_ms: settings.unsigned("max.poll.interval.ms"),
        session_timeout_ms: settings.unsigned("session.timeout.ms"),
        heartbeat_interval_ms: settings.unsigned("heartbeat.interval.ms"),
        fetch_min_bytes: settings.unsigned("fetch.min.bytes"),
        fetch_max_wait_ms: settings.unsigned("fetch.max.wait.ms"),
        fetch_max_bytes: settings.unsigned("fetch.max.bytes"),
        max_partition_fetch_bytes: settings.unsigned("max.partition.fetch.bytes"),
        metadata_max_age_ms: settings.unsigned("metadata.max.age.ms"),
        retry_backoff_ms: settings.unsigned("retry.backoff.ms").min(settings.unsigned("retry.backoff.max.ms")),
        client_rack: settings.text("client.rack"),
        request_timeout_ms: settings.unsigned("request.timeout.ms"),
        allow_auto_create_topics: settings.boolean("allow.auto.create.topics"),
        assignors: settings.list("partition.assignment.strategy").into_iter().map(assignor).collect(),
        ..defaults
    })
}

/// `ConsumerConfig.maybeOverrideClientId`.
fn client_id(settings: &Settings<'_>, instance_id: Option<&str>) -> String {
    match settings.text("client.id") {
        id if id.is_empty() => format!("consumer-{}-{}", settings.text("group.id"), instance_id.unwrap_or("1")),
        id => id,
    }
}

/// A consumer of the classic protocol cannot subscribe without an assignor (`throwIfNoAssignorsConfigured`).
pub fn check_assignors(config: &ConsumerConfig) -> Result<(), Exception> {
    if config.group_protocol == GroupProtocol::Consumer || !config.assignors.is_empty() {
        return Ok(());
    }
    let why = "Must configure at least one partition assigner class name to partition.assignment.strategy configuration property";
    Err(Exception::java("java.lang.IllegalStateException", why))
}

/// Settings that go with the other protocol or with share groups only, in Kafka's order.
const NOT_CLASSIC: &[&str] = &["group.remote.assignor", "share.acknowledgement.mode", "share.acquire.mode"];
const NOT_CONSUMER: &[&str] = &[
    "partition.assignment.strategy",
    "heartbeat.interval.ms",
    "session.timeout.ms",
    "share.acknowledgement.mode",
    "share.acquire.mode",
];

/// `group.protocol`, and `ConsumerConfig.checkUnsupportedConfigsPostProcess`.
fn group_protocol(settings: &Settings<'_>) -> Result<GroupProtocol, Exception> {
    let (protocol, name, unsupported) = match settings.text("group.protocol").eq_ignore_ascii_case("consumer") {
        true => (GroupProtocol::Consumer, "CONSUMER", NOT_CONSUMER),
        false => (GroupProtocol::Classic, "CLASSIC", NOT_CLASSIC),
    };
    let given = |key: &&&str| settings.is_given(key) && settings.get(key).is_some_and(|value| !value.trim().is_empty());
    let wrong: Vec<&str> = unsupported.iter().filter(given).copied().collect();
    if wrong.is_empty() {
        return Ok(protocol);
    }
    Err(config_exception(&format!("{} cannot be set when group.protocol={name}", wrong.join(", "))))
}

fn warn_of_idle_connections(settings: &Settings<'_>, protocol: GroupProtocol, io: &mut Io<'_, '_>) {
    let (idle, interval) = (settings.number("connections.max.idle.ms"), settings.number("max.poll.interval.ms"));
    if protocol == GroupProtocol::Classic && idle >= 0 && idle < interval {
        let text = format!(
            "Configuration 'connections.max.idle.ms' with value '{idle}' is lower than configuration 'max.poll.interval.ms' with \
             value '{interval}'. This may cause the connection to the group coordinator to be closed during an ongoing rebalance, \
             which can prolong or disrupt group rejoin."
        );
        io.log("WARN", &text, "org.apache.kafka.clients.consumer.ConsumerConfig");
    }
}

/// The constructors of `ClassicKafkaConsumer` and `AsyncKafkaConsumer`.
fn constructed_consumer(settings: &Settings<'_>, protocol: GroupProtocol) -> Result<(), Exception> {
    let check_group = || match settings.get("group.id") {
        Some("") => {
            let why = "The configured group.id should not be an empty string or whitespace.";
            Err(Exception::api("InvalidGroupIdException", why))
        }
        _ => Ok(()),
    };
    let is_classic = protocol == GroupProtocol::Classic;
    if is_classic {
        check_group()?;
    }
    settings.check_instances("metric.reporters", METRICS_REPORTER)?;
    settings.check_instances("interceptor.classes", INTERCEPTOR)?;
    if !is_classic {
        check_group()?;
    }
    check_login(settings)?;
    if !is_classic {
        return Ok(());
    }
    for name in settings.list("partition.assignment.strategy") {
        match config_def::class(name) {
            None => {
                let lost = kafka_exception(&format!("{name} ClassNotFoundException exception occurred"));
                return Err(lost.because(Exception::java("java.lang.ClassNotFoundException", name)));
            }
            Some(found) if found != Some(ASSIGNOR) => return Err(not_an_instance(name, ASSIGNOR)),
            Some(_) => {}
        }
    }
    let (heartbeat, session) = (settings.number("heartbeat.interval.ms"), settings.number("session.timeout.ms"));
    if heartbeat >= session {
        return Err(Exception::illegal_argument("Heartbeat must be set lower than the session timeout"));
    }
    if heartbeat < 0 {
        return Err(Exception::illegal_argument(&format!("Invalid negative timeout {heartbeat}")));
    }
    Ok(())
}

/// The name that the protocol has for an assignor's class.
fn assignor(class: &str) -> String {
    let name = match class.trim_start_matches("org.apache.kafka.clients.consumer.") {
        "RangeAssignor" => "range",
        "RoundRobinAssignor" => "roundrobin",
        "StickyAssignor" => "sticky",
        "CooperativeStickyAssignor" => "cooperative-sticky",
        other => other,
    };
    name.to_owned()
}

// ---- share consumers

/// Settings that a share consumer does not have (`ShareConsumerConfig.SHARE_GROUP_UNSUPPORTED_CONFIGS`).
const NOT_SHARE: &[&str] = &[
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

/// `group.id` is among the properties.
pub fn share_consumer_config(properties: &Properties, io: &mut Io<'_, '_>) -> Result<ShareConsumerConfig, Exception> {
    let wrong: Vec<&str> = NOT_SHARE.iter().filter(|key| properties.get(key).is_some()).copied().collect();
    if !wrong.is_empty() {
        return Err(config_exception(&format!("{} cannot be set when using a share group.", wrong.join(", "))));
    }
    let settings = Settings::parse(CONSUMER, properties, io)?;
    post_process(&settings, io)?;
    warn_of_idle_connections(&settings, GroupProtocol::Classic, io);
    constructed_share_consumer(&settings).map_err(|why| not_constructed("Kafka share consumer", why))?;
    let record_limit = settings.text("share.acquire.mode").eq_ignore_ascii_case("record_limit");
    Ok(ShareConsumerConfig {
        acquire_mode: if record_limit { ShareAcquireMode::RecordLimit } else { ShareAcquireMode::BatchOptimized },
        max_poll_records: settings.small("max.poll.records"),
        max_poll_interval_ms: settings.unsigned("max.poll.interval.ms"),
        fetch_min_bytes: settings.unsigned("fetch.min.bytes"),
        fetch_max_wait_ms: settings.unsigned("fetch.max.wait.ms"),
        fetch_max_bytes: settings.unsigned("fetch.max.bytes"),
        metadata_max_age_ms: settings.unsigned("metadata.max.age.ms"),
        request_timeout_ms: settings.unsigned("request.timeout.ms"),
        retry_backoff_ms: settings.unsigned("retry.backoff.ms").min(settings.unsigned("retry.backoff.max.ms")),
        allow_auto_create_topics: settings.boolean("allow.auto.create.topics"),
        client_rack: settings.text("client.rack"),
        ..ShareConsumerConfig::new(&client_id(&settings, None), settings.text("group.id").as_str().into())
    })
}

/// The constructor of `ShareConsumerImpl`.
fn constructed_share_consumer(settings: &Settings<'_>) -> Result<(), Exception> {
    if settings.text("group.id").is_empty() {
        let why = "You must provide a valid group.id in the consumer configuration.";
        return Err(Exception::api("InvalidGroupIdException", why));
    }
    settings.check_instances("metric.reporters", METRICS_REPORTER)?;
    check_login(settings)
}
