//! Where a setting's value comes from, and which of several counts (`DynamicBrokerConfig`, `ConfigHelper`).

use super::broker::{BrokerConfig, broker_config, broker_configs};
use super::group::GROUP_CONFIGS;
use super::topic::{TOPIC_CONFIGS, broker_name};
use crate::base::SortedMap;

/// Values by name.
pub type Settings = SortedMap<String, String>;

/// From where a value comes; of several the first counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ConfigSource {
    DynamicTopic,
    DynamicGroup,
    /// A broker's own, given while it runs.
    DynamicBroker,
    /// That of all brokers, given while they run.
    DynamicDefaultBroker,
    /// What a broker was started with.
    StaticBroker,
    Default,
}

impl ConfigSource {
    /// Those of brokers.
    const OF_BROKERS: [Self; 4] = [Self::DynamicBroker, Self::DynamicDefaultBroker, Self::StaticBroker, Self::Default];

    /// As the tools write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::DynamicTopic => "DYNAMIC_TOPIC_CONFIG",
            Self::DynamicGroup => "DYNAMIC_GROUP_CONFIG",
            Self::DynamicBroker => "DYNAMIC_BROKER_CONFIG",
            Self::DynamicDefaultBroker => "DYNAMIC_DEFAULT_BROKER_CONFIG",
            Self::StaticBroker => "STATIC_BROKER_CONFIG",
            Self::Default => "DEFAULT_CONFIG",
        }
    }
}

/// A value that a setting has from one source, maybe under another name.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ConfigSynonym {
    pub source: ConfigSource,
    pub name: String,
    /// `None` where nobody is told.
    pub value: Option<String>,
}

/// A setting as a broker describes it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ConfigEntry {
    pub name: String,
    /// `None` where there is none, or nobody is told.
    pub value: Option<String>,
    pub sensitive: bool,
    /// The one that counts comes first.
    pub synonyms: Vec<ConfigSynonym>,
}

impl ConfigEntry {
    pub fn source(&self) -> ConfigSource {
        self.synonyms.first().map_or(ConfigSource::Default, |first| first.source)
    }
}

/// The settings that count at one broker.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    pub own: Option<&'a Settings>,
    /// Of all brokers.
    pub all: Option<&'a Settings>,
    pub started_with: &'a Settings,
}

const MIN_ISR: &str = "min.insync.replicas";

impl<'a> Sources<'a> {
    fn at(&self, source: ConfigSource, name: &str) -> Option<&'a str> {
        let own = |settings: Option<&'a Settings>| settings?.get(name).map(String::as_str);
        match source {
            ConfigSource::DynamicBroker => own(self.own),
            // A new cluster sets it for all brokers (KIP-966).
            ConfigSource::DynamicDefaultBroker if name == MIN_ISR => {
                own(self.all).or_else(|| own(Some(self.started_with))).or(Some("1"))
            }
            ConfigSource::DynamicDefaultBroker => own(self.all),
            ConfigSource::StaticBroker => own(Some(self.started_with)),
            _ => broker_config(name)?.default(),
        }
    }

    /// All that a setting of brokers has been given, in the order in which it counts, with the names that it was given
    /// under.
    fn given<'n>(&self, name: &'n str) -> Vec<(ConfigSource, &'n str, &'a str)> {
        let names: Vec<&str> = units(name).map_or(vec![name], <[&str]>::to_vec);
        let at = |source| names.iter().filter_map(move |name| Some((source, *name, self.at(source, name)?)));
        ConfigSource::OF_BROKERS.into_iter().flat_map(at).collect()
    }

    /// What a setting of brokers was given under this very name; `None` if that is its default.
    pub fn told(&self, name: &str) -> Option<&'a str> {
        let given = ConfigSource::OF_BROKERS.into_iter().filter(|source| *source != ConfigSource::Default);
        given.filter_map(|source| self.at(source, name)).next()
    }

    /// A setting's value under this very name. One that is given while a broker runs takes away what it was started with
    /// in another unit (`overrideProps`).
    pub fn value(&self, name: &str) -> Option<&'a str> {
        let (source, first, value) = *self.given(name).first()?;
        match source {
            _ if first == name => Some(value),
            ConfigSource::DynamicBroker | ConfigSource::DynamicDefaultBroker => broker_config(name)?.default(),
            _ => self.told(name).or_else(|| broker_config(name)?.default()),
        }
    }

    /// `ConfigHelper.configSynonyms`.
    fn synonyms(&self, name: &str, sensitive: bool) -> Vec<ConfigSynonym> {
        self.given(name)
            .into_iter()
            .skip_while(|(_, first, _)| *first != name)
            .map(|(source, name, value)| synonym(source, name, (!sensitive).then_some(value)))
            .collect()
    }

    /// All settings of a broker.
    pub fn broker_entries(&self) -> Vec<ConfigEntry> {
        let shown = |known: &&BrokerConfig| !known.hidden || self.told(known.config.name).is_some();
        let unknown = self.own.into_iter().chain(self.all).flat_map(Settings::keys).map(String::as_str);
        let known = broker_configs().iter().filter(shown).map(|known| known.config.name);
        let mut names: Vec<&str> = known.chain(unknown.filter(|name| broker_config(name).is_none())).collect();
        crate::base::sort(&mut names);
        names.dedup();
        names.into_iter().map(|name| self.broker_entry(name, self.value(name))).collect()
    }

    /// Those that are set for all brokers.
    pub fn default_entries(&self) -> Vec<ConfigEntry> {
        let mut names: Vec<&str> = self.all.into_iter().flat_map(Settings::keys).map(String::as_str).collect();
        names.retain(|name| *name != MIN_ISR);
        names.push(MIN_ISR);
        let entry = |name| {
            let mut entry = self.broker_entry(name, self.at(ConfigSource::DynamicDefaultBroker, name));
            entry.synonyms.retain(|synonym| synonym.source == ConfigSource::DynamicDefaultBroker);
            entry
        };
        names.into_iter().map(entry).collect()
    }

    fn broker_entry(&self, name: &str, value: Option<&str>) -> ConfigEntry {
        let known = broker_config(name);
        let sensitive = known.is_none_or(|known| known.config.kind == super::Kind::Password);
        let told = |value: &str| known.map_or(value.to_owned(), |known| known.config.told(value));
        ConfigEntry {
            name: name.to_owned(),
            value: value.filter(|_| !sensitive).map(told),
            sensitive,
            synonyms: self.synonyms(name, sensitive),
        }
    }

    /// All settings of a topic that has these of its own.
    pub fn topic_entries(&self, own: &Settings) -> Vec<ConfigEntry> {
        let inherited = inherited(*self);
        let entry = |config: &super::Config| {
            let value = own.get(config.name).or_else(|| inherited.get(config.name)).map_or(config.default, String::as_str);
            let of_brokers = broker_name(config.name).map_or(Vec::new(), |name| self.synonyms(&name, false));
            entry(config, value, ConfigSource::DynamicTopic, own, of_brokers)
        };
        TOPIC_CONFIGS.iter().map(entry).collect()
    }

    /// All settings of a group that has these of its own.
    pub fn group_entries(&self, own: &Settings) -> Vec<ConfigEntry> {
        let entry = |known: &super::group::GroupConfig| {
            let (config, name) = (&known.config, known.broker_name);
            let value = own.get(config.name).map(String::as_str).or_else(|| self.value(name)).unwrap_or(config.default);
            let mut of_brokers = self.synonyms(name, false);
            if of_brokers.is_empty() {
                of_brokers.push(synonym(ConfigSource::Default, name, Some(config.default)));
            }
            entry(config, value, ConfigSource::DynamicGroup, own, of_brokers)
        };
        let shown = |known: &&super::group::GroupConfig| !known.hidden || own.contains_key(known.config.name);
        GROUP_CONFIGS.iter().filter(shown).map(entry).collect()
    }
}

fn synonym(source: ConfigSource, name: &str, value: Option<&str>) -> ConfigSynonym {
    ConfigSynonym { source, name: name.to_owned(), value: value.map(str::to_owned) }
}

/// A setting of a topic or group, with what it is at the broker after its own.
fn entry(config: &super::Config, value: &str, source: ConfigSource, own: &Settings, of_brokers: Vec<ConfigSynonym>) -> ConfigEntry {
    let value = config.told(value);
    let own = own.contains_key(config.name).then(|| synonym(source, config.name, Some(&value)));
    let synonyms = own.into_iter().chain(of_brokers).collect();
    ConfigEntry { name: config.name.to_owned(), value: Some(value), sensitive: false, synonyms }
}

/// Names under which the same thing is set in other units; the first that is set counts (`brokerConfigSynonyms`).
fn units(name: &str) -> Option<&'static [&'static str]> {
    const UNITS: [&[&str]; 3] = [
        &["log.roll.ms", "log.roll.hours"],
        &["log.roll.jitter.ms", "log.roll.jitter.hours"],
        &["log.retention.ms", "log.retention.minutes", "log.retention.hours"],
    ];
    match name {
        "log.flush.interval.ms" => Some(&["log.flush.interval.ms", "log.flush.scheduler.interval.ms"]),
        _ => UNITS.into_iter().find(|names| names.contains(&name)),
    }
}

/// What topics have from a broker's settings where they have none of their own (`extractLogConfigMap`): all that differs
/// from the defaults.
pub fn inherited(broker: Sources<'_>) -> Settings {
    let one = |config: &super::Config| {
        let name = broker_name(config.name)?;
        let (_, given, value) = *broker.given(&name).first()?;
        let unit_ms = match given.rsplit('.').next() {
            Some("minutes") => 60_000,
            Some("hours") => 3_600_000,
            _ => 0,
        };
        let value = match value.trim().parse::<i64>() {
            // Any negative time is without end.
            Ok(time) if config.name == "retention.ms" && time < 0 => "-1".to_owned(),
            Ok(time) if unit_ms > 0 => time.saturating_mul(unit_ms).to_string(),
            _ => value.to_owned(),
        };
        (value != config.default && config.check(&value).is_ok()).then(|| (config.name.to_owned(), value))
    };
    TOPIC_CONFIGS.iter().filter_map(one).collect()
}
