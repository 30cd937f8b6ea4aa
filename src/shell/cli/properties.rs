//! `key=value` settings of the tools' clients, as `--command-property` and property files give them.

use crate::base::SortedMap;
use crate::shell::cli::exception::Exception;

/// Settings by name.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Properties {
    values: SortedMap<String, String>,
}

impl Properties {
    /// `CommandLineUtils.parseKeyValueArgs`: a word without `=` is a key with an empty value.
    pub fn from_words<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut properties = Self::default();
        for word in words {
            let (key, value) = word.split_once('=').unwrap_or((word, ""));
            properties.set(key, value);
        }
        properties
    }

    /// `Properties.load`: lines of `key=value`, comments after `#` or `!`.
    pub fn from_file(text: &str) -> Self {
        let mut properties = Self::default();
        for line in text.lines().map(str::trim_start) {
            if line.is_empty() || line.starts_with(['#', '!']) {
                continue;
            }
            let (key, value) = line.split_once(['=', ':']).unwrap_or((line, ""));
            properties.set(key.trim_end(), value.trim_start());
        }
        properties
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    pub fn into_pairs(self) -> Vec<(String, String)> {
        self.values.into_iter().collect()
    }

    pub fn set(&mut self, key: &str, value: &str) {
        self.values.insert(key.to_owned(), value.to_owned());
    }

    /// Sets what is not set yet.
    pub fn set_default(&mut self, key: &str, value: &str) {
        if self.get(key).is_none() {
            self.set(key, value);
        }
    }

    /// An option's value wins over a property, and a property over the option's default
    /// (`CommandLineUtils.maybeMergeOptions`).
    pub fn merge(&mut self, key: &str, option: Option<impl ToString>, default: impl ToString) {
        match option {
            Some(value) => self.set(key, &value.to_string()),
            None => self.set_default(key, &default.to_string()),
        }
    }

    /// These win over those that are there.
    pub fn add_all(&mut self, others: &Properties) {
        self.values.extend(others.values.iter().map(|(key, value)| (key.clone(), value.clone())));
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    pub fn is_true(&self, key: &str) -> bool {
        self.get(key).is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
    }
}

pub fn config_exception(message: &str) -> Exception {
    Exception::java("org.apache.kafka.common.config.ConfigException", message)
}

/// A value that a setting cannot have.
pub fn invalid(value: &str, key: &str, why: &str) -> Exception {
    config_exception(&format!("Invalid value {value} for configuration {key}: {why}"))
}
