//! Which settings of brokers may change while they run (`DynamicBrokerConfig.validate`).

use super::broker::{BrokerConfig, Change, broker_config, broker_configs};
use super::{Settings, Sources};
use crate::base::java::{hash_order, string_hash};

/// They change at one listener of a broker only, with its name before theirs (`SslConfigs.RECONFIGURABLE_CONFIGS`).
const OF_LISTENERS: &[&str] = &[
    "ssl.key.password",
    "ssl.keystore.certificate.chain",
    "ssl.keystore.key",
    "ssl.keystore.location",
    "ssl.keystore.password",
    "ssl.keystore.type",
    "ssl.truststore.certificates",
    "ssl.truststore.location",
    "ssl.truststore.password",
    "ssl.truststore.type",
];

/// Numbers of threads, which at most double and at most halve at once, in the order in which they are checked.
const THREADS: &[&str] = &["background.threads", "num.recovery.threads.per.data.dir", "num.replica.fetchers", "num.io.threads"];

/// May a broker, or all of them if `of_all`, have these settings while it runs? `before`: what counts now at the broker
/// that is asked. The words for what is wrong are Kafka's.
pub fn validate_broker(settings: &Settings, of_all: bool, before: Sources<'_>) -> Result<(), String> {
    let base =
        |name: &str| name.strip_prefix("listener.name.").and_then(|rest| rest.split_once('.')).map(|(_, base)| base.to_owned());
    let refuse = |what: &str, wrong: &dyn Fn(&str) -> bool| {
        let mut names: Vec<&str> = settings.keys().map(String::as_str).filter(|name| wrong(name)).collect();
        hash_order(&mut names, 16, |name| string_hash(name));
        if names.is_empty() { Ok(()) } else { Err(format!("{what}: [{}]", names.join(", "))) }
    };
    let changes = |name: &str, change: Change| broker_config(name).is_some_and(|known| known.change == change);
    refuse("Cannot update these configs dynamically", &|name| changes(name, Change::AtStart))?;
    let only_listeners = "These security configs can be dynamically updated only per-listener using the listener prefix";
    refuse(only_listeners, &|name| OF_LISTENERS.contains(&name))?;
    for BrokerConfig { config, .. } in broker_configs().iter().filter(|known| known.changes()) {
        let of_listener = settings.iter().find(|(name, _)| base(name).as_deref() == Some(config.name));
        if let Some(value) = settings.get(config.name).or(of_listener.map(|(_, value)| value)) {
            config.check(value)?;
        }
    }
    if of_all {
        let what = "Cannot update these configs at default cluster level, broker id must be specified";
        refuse(what, &|name| changes(name, Change::OfBroker) || base(name).is_some())?;
    }
    let after = match of_all {
        true => Sources { all: Some(settings), ..before },
        false => Sources { own: Some(settings), ..before },
    };
    together(after)?;
    reconfigured(before, after).map_err(|why| {
        format!(
            "Invalid value org.apache.kafka.common.config.ConfigException: {why} for configuration Invalid dynamic configuration"
        )
    })
}

fn number(sources: Sources<'_>, name: &str) -> Option<i64> {
    sources.value(name)?.trim().parse().ok()
}

/// `KafkaConfig.validateValues`.
fn together(after: Sources<'_>) -> Result<(), String> {
    let required = |holds: bool, what: &str| if holds { Ok(()) } else { Err(format!("requirement failed: {what}")) };
    let at_least = |name: &str, least: i64| number(after, name).is_none_or(|number| number >= least);
    required(at_least("log.roll.ms", 1), "log.roll.ms must be greater than or equal to 1")?;
    required(at_least("log.roll.jitter.ms", 0), "log.roll.jitter.ms must be greater than or equal to 0")?;
    let retention = "log.retention.ms must be unlimited (-1) or, greater than or equal to 1";
    required(number(after, "log.retention.ms") != Some(0), retention)?;
    let threads = number(after, "log.cleaner.threads").unwrap_or(1);
    if threads == 0 {
        return Err("/ by zero".to_owned());
    }
    let each = number(after, "log.cleaner.dedupe.buffer.size").unwrap_or(0) / threads;
    required(each > 1 << 20, "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.")
}

/// What the parts of a broker say to a change of their settings.
fn reconfigured(before: Sources<'_>, after: Sources<'_>) -> Result<(), String> {
    for name in THREADS {
        let (Some(old), Some(new)) = (number(before, name), number(after, name)) else { continue };
        let failed = format!("Dynamic thread count update validation failed for {name}={new}");
        if new < old / 2 {
            return Err(format!("{failed}, value should be at least half the current value {old}"));
        }
        if new > old * 2 {
            return Err(format!("{failed}, value should not be greater than double the current value {old}"));
        }
    }
    let cleaners = |sources| number(sources, "log.cleaner.threads");
    match (cleaners(before), cleaners(after)) {
        (Some(old), Some(new)) if new < old / 2 => {
            Err(format!("Log cleaner threads cannot be reduced to less than half the current value {old}"))
        }
        (Some(old), Some(new)) if new > old * 2 => {
            Err(format!("Log cleaner threads cannot be increased to more than double the current value {old}"))
        }
        _ => Ok(()),
    }
}
