//! Definitions of a client's settings, and how Kafka reads and checks their values (`ConfigDef`, `AbstractConfig`).

use super::exception::Exception;
use super::io::Io;
use super::properties::{Properties, config_exception, invalid};
use super::time::parse_duration;

pub const LOGGER: &str = "org.apache.kafka.common.config.ConfigDef";

/// What `ConfigDef.parseValue` logs of a list that has something twice.
pub fn twice_in_list(name: &str, values: &[&str]) -> Option<String> {
    let once = distinct(values);
    let (given, left) = (values.join(", "), once.join(", "));
    let what = "contains duplicate values. Duplicates will be removed.";
    let change = format!("The original value is: [{given}], the updated value is: [{left}]");
    (once.len() != values.len()).then(|| format!("Configuration key \"{name}\" {what} {change}"))
}

/// `ConfigDef.Type`; a password is a text here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Type {
    Boolean,
    Text,
    Int,
    Short,
    Long,
    Double,
    List,
    Class,
}

/// `ConfigDef.Validator`.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    Any,
    AtLeast(i64),
    Between(i64, i64),
    Fraction(f64, f64),
    OneOf(&'static [&'static str]),
    /// Upper and lower case do not differ; the words in the order in which Java's set lists them.
    AnyCase(&'static [&'static str]),
    NonEmpty,
    /// `ValidList`: no value twice, and none empty.
    Distinct,
    /// The level of gzip.
    GzipLevel,
    /// `auto.offset.reset`.
    OffsetReset,
    /// One of two, told in other words.
    Either {
        words: [&'static str; 2],
        any_case: bool,
    },
}

/// One setting of a kind of client.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    name: &'static str,
    kind: Type,
    /// As text; `None` where there is none, or null.
    default: Option<&'static str>,
    rule: Rule,
}

pub const fn setting(name: &'static str, kind: Type, default: Option<&'static str>, rule: Rule) -> Setting {
    Setting { name, kind, default, rule }
}

/// All settings of a kind of client, in the order in which Kafka checks them: the first that is wrong is told.
pub type Definition = &'static [&'static [Setting]];

/// Classes that Kafka can load, with what they are instances of; all others are not found.
pub const CLASSES: &[(&str, Option<&str>)] = &[
    ("java.lang.Object", None),
    ("java.lang.String", None),
    ("java.lang.Integer", None),
    ("org.apache.kafka.common.metrics.JmxReporter", Some(METRICS_REPORTER)),
    ("org.apache.kafka.clients.producer.RoundRobinPartitioner", Some(PARTITIONER)),
    ("org.apache.kafka.clients.consumer.RangeAssignor", Some(ASSIGNOR)),
    ("org.apache.kafka.clients.consumer.RoundRobinAssignor", Some(ASSIGNOR)),
    ("org.apache.kafka.clients.consumer.StickyAssignor", Some(ASSIGNOR)),
    ("org.apache.kafka.clients.consumer.CooperativeStickyAssignor", Some(ASSIGNOR)),
    ("org.apache.kafka.common.serialization.ByteArraySerializer", None),
    ("org.apache.kafka.common.serialization.ByteArrayDeserializer", None),
    ("org.apache.kafka.common.serialization.StringSerializer", None),
    ("org.apache.kafka.common.serialization.StringDeserializer", None),
    ("org.apache.kafka.common.serialization.LongSerializer", None),
    ("org.apache.kafka.common.serialization.LongDeserializer", None),
    ("org.apache.kafka.common.serialization.IntegerSerializer", None),
    ("org.apache.kafka.common.serialization.IntegerDeserializer", None),
];

pub const METRICS_REPORTER: &str = "org.apache.kafka.common.metrics.MetricsReporter";
pub const PARTITIONER: &str = "org.apache.kafka.clients.producer.Partitioner";
pub const ASSIGNOR: &str = "org.apache.kafka.clients.consumer.ConsumerPartitionAssignor";

/// What a class is an instance of, if it can be loaded at all.
pub fn class(name: &str) -> Option<Option<&'static str>> {
    CLASSES.iter().find(|(known, _)| *known == name).map(|(_, interface)| *interface)
}

/// The settings of a client: what was given, checked, and else the defaults.
pub struct Settings<'p> {
    definition: Definition,
    given: &'p Properties,
}

impl<'p> Settings<'p> {
    /// `AbstractConfig`'s constructor: checks all settings in the definition's order.
    pub fn parse(definition: Definition, given: &'p Properties, io: &mut Io<'_, '_>) -> Result<Self, Exception> {
        for setting in definition.iter().copied().flatten() {
            if let Some(value) = given.get(setting.name) {
                setting.check(value, io)?;
            }
        }
        Ok(Self { definition, given })
    }

    /// Was it given?
    pub fn is_given(&self, name: &str) -> bool {
        self.given.get(name).is_some()
    }

    /// Its text; `None` for null.
    pub fn get(&self, name: &str) -> Option<&str> {
        let default = || self.definition.iter().copied().flatten().find(|setting| setting.name == name)?.default;
        self.given.get(name).map(trim).or_else(default)
    }

    pub fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    pub fn number(&self, name: &str) -> i64 {
        self.get(name).and_then(|value| value.parse().ok()).unwrap_or(0)
    }

    /// A number that is not negative.
    pub fn unsigned(&self, name: &str) -> u64 {
        u64::try_from(self.number(name)).unwrap_or(0)
    }

    /// The same, of a setting that is an `Int`.
    pub fn small(&self, name: &str) -> u32 {
        u32::try_from(self.number(name)).unwrap_or(0)
    }

    pub fn boolean(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Its values, each once.
    pub fn list(&self, name: &str) -> Vec<&str> {
        distinct(&list(self.get(name).unwrap_or_default()))
    }

    /// A setting of several classes (`AbstractConfig.getConfiguredInstances`).
    pub fn check_instances(&self, name: &str, interface: &str) -> Result<(), Exception> {
        for name in self.list(name) {
            match class(name) {
                None => {
                    let lost = kafka_exception(&format!("Class {name} cannot be found"));
                    return Err(lost.because(Exception::java("java.lang.ClassNotFoundException", name)));
                }
                Some(found) if found != Some(interface) => {
                    return Err(Exception::java("java.lang.ClassCastException", &format!("class {name}")));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

pub fn kafka_exception(message: &str) -> Exception {
    Exception::java("org.apache.kafka.common.KafkaException", message)
}

/// A class that is there, and is something else.
pub fn not_an_instance(class: &str, interface: &str) -> Exception {
    kafka_exception(&format!("class {class} is not an instance of {interface}"))
}

/// `String.trim`.
fn trim(text: &str) -> &str {
    text.trim_matches(|char| char <= ' ')
}

/// The values of a list, as they are written.
fn list(text: &str) -> Vec<&str> {
    match trim(text) {
        "" => Vec::new(),
        text => text.split(',').map(str::trim).collect(),
    }
}

fn distinct<'a>(values: &[&'a str]) -> Vec<&'a str> {
    let mut once: Vec<&str> = Vec::new();
    values.iter().for_each(|value| {
        if !once.contains(value) {
            once.push(value);
        }
    });
    once
}

impl Setting {
    /// `ConfigDef.parseType`, and the validator.
    fn check(&self, raw: &str, io: &mut Io<'_, '_>) -> Result<(), Exception> {
        let value = trim(raw);
        let not_a_number = |kind: &str| invalid(raw, self.name, &format!("Not a number of type {kind}"));
        let whole = |min: i64, max: i64, kind: &str| {
            let number = value.parse::<i64>().ok().filter(|number| (min..=max).contains(number));
            number.ok_or_else(|| not_a_number(kind))
        };
        match self.kind {
            Type::Boolean if !value.eq_ignore_ascii_case("true") && !value.eq_ignore_ascii_case("false") => {
                Err(invalid(raw, self.name, "Expected value to be either true or false"))
            }
            Type::Int => self.check_whole(whole(i64::from(i32::MIN), i64::from(i32::MAX), "INT")?),
            Type::Short => self.check_whole(whole(i64::from(i16::MIN), i64::from(i16::MAX), "SHORT")?),
            Type::Long => self.check_whole(whole(i64::MIN, i64::MAX, "LONG")?),
            Type::Double => self.check_fraction(value.parse().map_err(|_| not_a_number("DOUBLE"))?),
            Type::Class if class(value).is_none() => Err(invalid(raw, self.name, &format!("Class {raw} could not be found."))),
            Type::List => self.check_list(&list(value), io),
            Type::Boolean | Type::Class => Ok(()),
            Type::Text => self.check_text(value),
        }
    }

    fn check_whole(&self, number: i64) -> Result<(), Exception> {
        let wrong = |why: String| Err(invalid(&number.to_string(), self.name, &why));
        match self.rule {
            Rule::AtLeast(min) | Rule::Between(min, _) if number < min => wrong(format!("Value must be at least {min}")),
            Rule::Between(_, max) if number > max => wrong(format!("Value must be no more than {max}")),
            Rule::GzipLevel if number > 9 || (number < 1 && number != -1) => {
                wrong("Value must be between 1 and 9 or equal to -1".to_owned())
            }
            _ => Ok(()),
        }
    }

    fn check_fraction(&self, number: f64) -> Result<(), Exception> {
        let wrong = |why: String| Err(invalid(&format!("{number:?}"), self.name, &why));
        match self.rule {
            Rule::Fraction(min, _) if number < min => wrong(format!("Value must be at least {min:?}")),
            Rule::Fraction(_, max) if number > max => wrong(format!("Value must be no more than {max:?}")),
            _ => Ok(()),
        }
    }

    fn check_list(&self, values: &[&str], io: &mut Io<'_, '_>) -> Result<(), Exception> {
        if let Some(text) = twice_in_list(self.name, values) {
            io.log("WARN", &text, LOGGER);
        }
        match values.contains(&"") {
            true => Err(config_exception(&format!("Configuration '{}' values must not be empty.", self.name))),
            false => Ok(()),
        }
    }

    fn check_text(&self, value: &str) -> Result<(), Exception> {
        let wrong = |why: &str| Err(invalid(value, self.name, why));
        let told = |what: &str| wrong(&format!("Invalid value `{value}` for configuration {}. {what}", self.name));
        match self.rule {
            Rule::OneOf(words) if !words.contains(&value) => wrong(&format!("String must be one of: {}", words.join(", "))),
            Rule::AnyCase(words) if !words.iter().any(|word| word.eq_ignore_ascii_case(value)) => {
                wrong(&format!("String must be one of (case insensitive): {}", words.join(", ")))
            }
            Rule::NonEmpty if value.is_empty() => wrong("String must be non-empty"),
            Rule::Either { words, any_case } => {
                let is = |word: &&str| *word == value || (any_case && word.eq_ignore_ascii_case(value));
                match words.iter().any(is) {
                    true => Ok(()),
                    false => told(&format!("The value must either be '{}' or '{}'.", words[0], words[1])),
                }
            }
            Rule::OffsetReset if !["earliest", "latest", "none"].contains(&value) && reset_duration(value).is_none() => {
                told("The value must be either 'earliest', 'latest', 'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'.")
            }
            _ => Ok(()),
        }
    }
}

/// The milliseconds of `by_duration:PnDTnHnMn.nS`.
pub fn reset_duration(text: &str) -> Option<u64> {
    text.strip_prefix("by_duration:").and_then(|text| parse_duration(text).ok()?.ms()).and_then(|ms| u64::try_from(ms).ok())
}
