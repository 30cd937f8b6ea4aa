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

    /// A client's setting as a whole number; an error in `ConfigDef`'s words if its value is not one.
    pub fn number(&self, key: &str, min: i64, max: i64) -> Result<Option<i64>, Exception> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let kind = if max > i64::from(i32::MAX) { "LONG" } else { "INT" };
        let number: i64 = match value.trim().parse() {
            Ok(number) if number <= i64::from(i32::MAX) || kind == "LONG" => number,
            _ => return Err(invalid(value, key, &format!("Not a number of type {kind}"))),
        };
        match number {
            number if number < min => Err(invalid(value, key, &format!("Value must be at least {min}"))),
            number if number > max => Err(invalid(value, key, &format!("Value must be no more than {max}"))),
            number => Ok(Some(number)),
        }
    }

    /// The same for a setting that is not negative, with what holds when it is not given.
    pub fn unsigned(&self, key: &str, min: i64, max: i64, default: u64) -> Result<u64, Exception> {
        Ok(self.number(key, min, max)?.and_then(|number| u64::try_from(number).ok()).unwrap_or(default))
    }

    pub fn boolean(&self, key: &str) -> Result<Option<bool>, Exception> {
        match self.get(key) {
            None => Ok(None),
            Some(value) if value.trim().eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(value) if value.trim().eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(value) => Err(invalid(value, key, "Expected value to be either true or false")),
        }
    }
}

pub fn config_exception(message: &str) -> Exception {
    Exception::java("org.apache.kafka.common.config.ConfigException", message)
}

/// A value that a setting cannot have.
pub fn invalid(value: &str, key: &str, why: &str) -> Exception {
    config_exception(&format!("Invalid value {value} for configuration {key}: {why}"))
}
