//! Defaults, against Kafka's own (`tests/vectors/config-defaults.json`).

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use kafka_playground::engine::client::{Acks, AutoOffsetReset, ConsumerConfig, ProducerConfig};
use kafka_playground::engine::configs::{Kind, TOPIC_CONFIGS, broker_configs};
use kafka_playground::session::script;
use serde_json::{Value, json};

use crate::vectors;

fn defaults(section: &str) -> Value {
    let all: Value = serde_json::from_str(&vectors::read("config-defaults.json").text).unwrap();
    all[section].clone()
}

/// A default as text, as a config file would have it.
fn text(default: &Value) -> String {
    match default {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

#[test]
fn topics_have_kafkas_settings_and_defaults() {
    let expected = defaults("topic");
    let expected: Vec<(&String, String)> =
        expected.as_object().unwrap().iter().map(|(name, config)| (name, text(&config["default"]))).collect();
    for (name, default) in &expected {
        let ours = TOPIC_CONFIGS.iter().find(|config| config.name == name.as_str());
        assert_eq!(ours.map(|config| config.default), Some(default.as_str()), "{name}");
    }
    assert_eq!(TOPIC_CONFIGS.len(), expected.len());
}

#[test]
fn brokers_have_kafkas_settings_and_defaults() {
    let expected = defaults("broker");
    let shown = || broker_configs().iter().filter(|known| !known.hidden).map(|known| known.config);
    assert_eq!(shown().count(), expected.as_object().unwrap().len());
    for config in shown() {
        let theirs = &expected[config.name];
        let default = match &theirs["default"] {
            Value::String(text) if text == "(required)" => String::new(),
            default => text(default).replace("e308", "E308").replace("e+308", "E308"),
        };
        assert_eq!(default, config.default, "{}", config.name);
        // Validators that only look for emptiness count as none, and classes as texts.
        let valid = theirs["valid"].as_str().filter(|valid| !valid.starts_with("non-")).unwrap_or("");
        let of_type = theirs["type"].as_str().unwrap().replace("CLASS", "STRING");
        assert_eq!((of_type.as_str(), valid), as_kafka_tells(config.kind), "{}", config.name);
    }
}

#[test]
fn a_session_starts_brokers_with_settings_that_kafka_knows() {
    let what = |line: &str| script::parse(line).err().map(|error| error.what);
    assert_eq!(what("! broker min.insync.replicas=2"), None);
    assert_eq!(what("! broker a.b=2").as_deref(), Some("! broker: brokers have no setting a.b"));
    let at_least = "! broker: Invalid value 0 for configuration num.partitions: Value must be at least 1";
    assert_eq!(what("! broker num.partitions=0").as_deref(), Some(at_least));
}

/// A kind as `ConfigDef` words it: the type, and the validator.
fn as_kafka_tells(kind: Kind) -> (&'static str, &'static str) {
    let number = |kind, least: i64, most: i64, type_max: i64| -> (&'static str, &'static str) {
        let valid = match (least, most) {
            (least, most) if least == !type_max && most == type_max => String::new(),
            (least, most) if most == type_max => format!("[{least},...]"),
            (least, most) => format!("[{least},...,{most}]"),
        };
        (kind, valid.leak())
    };
    match kind {
        Kind::Short(least, most) => number("SHORT", least, most, i64::from(i16::MAX)),
        Kind::Int(least, most) => number("INT", least, most, i64::from(i32::MAX)),
        Kind::IntOrNone(least, most) => ("INT", format!("[{least},...,{most}] or -1").leak()),
        Kind::Long(least) => number("LONG", least, i64::MAX, i64::MAX),
        Kind::Double => ("DOUBLE", ""),
        Kind::Ratio => ("DOUBLE", "[0,...,1]"),
        Kind::Bool => ("BOOLEAN", ""),
        Kind::Password => ("PASSWORD", ""),
        Kind::OneOf(choices) => ("STRING", format!("[{}]", choices.join(", ")).leak()),
        Kind::OneOfAnyCase(choices) => ("STRING", format!("(case insensitive) [{}]", choices.join(", ")).leak()),
        Kind::List([]) => ("LIST", ""),
        Kind::List(choices) => ("LIST", format!("[{}]", choices.join(", ")).leak()),
        _ => ("STRING", ""),
    }
}

#[test]
fn producers_have_kafkas_defaults() {
    let ours = ProducerConfig::default();
    assert_eq!(ours.acks, Acks::All);
    let ours = [
        ("acks", json!("all")),
        ("client.id", json!(ours.client_id)),
        ("batch.size", json!(ours.batch_size)),
        ("linger.ms", json!(ours.linger_ms)),
        ("max.in.flight.requests.per.connection", json!(ours.max_in_flight)),
        ("enable.idempotence", json!(ours.enable_idempotence)),
        ("max.request.size", json!(ours.max_request_size)),
        ("max.block.ms", json!(ours.max_block_ms)),
        ("request.timeout.ms", json!(ours.request_timeout_ms)),
        ("delivery.timeout.ms", json!(ours.delivery_timeout_ms)),
        ("retry.backoff.ms", json!(ours.retry_backoff_ms)),
        ("retries", json!(ours.retries)),
        ("metadata.max.age.ms", json!(ours.metadata_max_age_ms)),
    ];
    let expected = defaults("producer");
    for (name, value) in ours {
        assert_eq!(text(&value), text(&expected[name]["default"]), "{name}");
    }
}

#[test]
fn consumers_have_kafkas_defaults() {
    let ours = ConsumerConfig::default();
    assert_eq!(ours.auto_offset_reset, AutoOffsetReset::Latest);
    assert_eq!((&ours.group_id, &ours.group_instance_id), (&None, &None));
    let ours_by_name = [
        ("auto.offset.reset", json!("latest")),
        ("client.id", json!(ours.client_id)),
        ("enable.auto.commit", json!(ours.enable_auto_commit)),
        ("auto.commit.interval.ms", json!(ours.auto_commit_interval_ms)),
        ("max.poll.records", json!(ours.max_poll_records)),
        ("max.poll.interval.ms", json!(ours.max_poll_interval_ms)),
        ("session.timeout.ms", json!(ours.session_timeout_ms)),
        ("heartbeat.interval.ms", json!(ours.heartbeat_interval_ms)),
        ("fetch.min.bytes", json!(ours.fetch_min_bytes)),
        ("fetch.max.wait.ms", json!(ours.fetch_max_wait_ms)),
        ("fetch.max.bytes", json!(ours.fetch_max_bytes)),
        ("max.partition.fetch.bytes", json!(ours.max_partition_fetch_bytes)),
        ("metadata.max.age.ms", json!(ours.metadata_max_age_ms)),
        ("retry.backoff.ms", json!(ours.retry_backoff_ms)),
        ("allow.auto.create.topics", json!(ours.allow_auto_create_topics)),
    ];
    let expected = defaults("consumer");
    for (name, value) in ours_by_name {
        assert_eq!(text(&value), text(&expected[name]["default"]), "{name}");
    }
    // Kafka names classes; the protocol has their short names.
    let classes = text(&expected["partition.assignment.strategy"]["default"]);
    assert!(classes.contains("RangeAssignor") && classes.contains("CooperativeStickyAssignor"), "{classes}");
    assert_eq!(ours.assignors, ["range", "cooperative-sticky"]);
}
