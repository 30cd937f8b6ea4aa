//! A topic's settings as the tools check and print them.

use crate::base::SortedMap;
use crate::base::java::{hash_order, string_hash};
use crate::engine::configs::{self, ConfigEntry, ConfigSource};
use crate::shell::cli::config_def;
use crate::shell::cli::exception::Exception;

/// `LogConfig.validate`, which the tools call before they send anything.
pub fn check(changes: &[(String, String)]) -> Result<(), Exception> {
    let unknown = changes.iter().any(|(name, _)| configs::topic_config(name).is_none());
    let changes: SortedMap<String, String> = changes.iter().cloned().collect();
    configs::validate_topic(&changes).map_err(|why| match unknown {
        true => Exception::api("InvalidConfigurationException", &why),
        false => Exception::java("org.apache.kafka.common.config.ConfigException", &why),
    })
}

/// What is logged of the first list among settings that has something twice.
pub fn twice_in_list(changes: &[(String, String)]) -> Option<String> {
    let mut lists = changes.iter().filter(|(name, _)| configs::topic_config(name).is_some_and(|config| config.is_list()));
    lists.find_map(|(name, value)| {
        let items: Vec<&str> = value.split(',').map(str::trim).collect();
        config_def::twice_in_list(name, &items)
    })
}

/// The `Configs:` column: what differs from the defaults, in the order in which a hash table made as they came has them.
pub fn in_describe(mut entries: Vec<ConfigEntry>) -> String {
    hash_order(&mut entries, 16, |entry| string_hash(&entry.name));
    let told = entries.iter().filter(|entry| entry.source() != ConfigSource::Default);
    let shown: Vec<String> = told.map(|entry| format!("{}={}", entry.name, entry.value.as_deref().unwrap_or("null"))).collect();
    shown.join(",")
}
