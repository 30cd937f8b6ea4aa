//! Lives here: settings of topics, brokers and groups: their names, Kafka's defaults, which values they take (`ConfigDef`), and
//! what they come to as typed structs, read once when they change.
//! Never here: settings of clients (`client/`), and what a setting does.

mod broker;
mod dynamic;
mod group;
mod sources;
mod topic;

use std::rc::Rc;

pub use broker::{BrokerConfig, BrokerConfigs, broker_config, broker_configs, validate_start};
pub use dynamic::validate_broker;
pub use group::{GROUP_CONFIGS, GroupConfigs, Reset, validate_group};
pub use sources::{ConfigEntry, ConfigSource, ConfigSynonym, Settings, Sources, inherited};
pub use topic::{TOPIC_CONFIGS, TopicConfigs, check_topic_config, topic_config, validate_topic};

use crate::base::Span;

/// A setting that topics, brokers or groups can have.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    pub name: &'static str,
    pub default: &'static str,
    pub kind: Kind,
}

/// Which values a setting takes: the type and the validator of its `ConfigDef`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Short(i64, i64),
    /// A whole number, from the first to the second.
    Int(i64, i64),
    /// At least so much.
    Long(i64),
    Bool,
    /// The same, or -1.
    IntOrNone(i64, i64),
    /// A number of any size.
    Double,
    /// From 0 to 1.
    Ratio,
    OneOf(&'static [&'static str]),
    /// The same in upper or lower case.
    OneOfAnyCase(&'static [&'static str]),
    /// Of these, or of anything if there are none.
    List(&'static [&'static str]),
    /// `ShareGroupAutoOffsetResetStrategy.Validator`.
    AutoOffsetReset,
    /// `ThrottledReplicaListValidator`: `0:1,1:2`, partitions with brokers.
    ThrottledReplicas,
    Text,
    /// Text that nobody is told.
    Password,
}

pub(in crate::engine) const SHORT_MAX: i64 = i16::MAX as i64;
pub(in crate::engine) const INT_MIN: i64 = i32::MIN as i64;
pub(in crate::engine) const INT_MAX: i64 = i32::MAX as i64;

const fn config(name: &'static str, default: &'static str, kind: Kind) -> Config {
    Config { name, default, kind }
}

impl Kind {
    /// Reads type and valid values as `ConfigDef` words them: `INT [1,...,9]`.
    fn read(text: &'static str) -> Self {
        let (of_type, valid) = text.split_once(' ').unwrap_or((text, ""));
        let inside = |text: &'static str| text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        let bounds: Vec<i64> = valid.split(&['[', ',', ']', ' '][..]).filter_map(|number| number.parse().ok()).collect();
        let (least, most) = (bounds.first().copied(), bounds.get(1).copied());
        let choices = |text: &'static str| -> &'static [&'static str] {
            let choices: Vec<&str> = inside(text).map_or(Vec::new(), |text| text.split(", ").collect());
            choices.leak()
        };
        match of_type {
            "SHORT" => Self::Short(least.unwrap_or(!SHORT_MAX), most.unwrap_or(SHORT_MAX)),
            "INT" if valid.ends_with("or -1") => Self::IntOrNone(least.unwrap_or(INT_MIN), most.unwrap_or(INT_MAX)),
            "INT" => Self::Int(least.unwrap_or(INT_MIN), most.unwrap_or(INT_MAX)),
            "LONG" => Self::Long(least.unwrap_or(i64::MIN)),
            "DOUBLE" if valid == "[0,...,1]" => Self::Ratio,
            "DOUBLE" => Self::Double,
            "BOOLEAN" => Self::Bool,
            "LIST" => Self::List(choices(valid)),
            "PASSWORD" => Self::Password,
            _ => match valid.strip_prefix("(case insensitive) ") {
                Some(valid) => Self::OneOfAnyCase(choices(valid)),
                None if valid.is_empty() => Self::Text,
                None => Self::OneOf(choices(valid)),
            },
        }
    }
}

impl Config {
    /// The value in effect: the own one if the setting takes it, else the default.
    fn in_effect<'a>(&self, own: Option<&'a String>) -> &'a str {
        own.map(String::as_str).filter(|value| self.check(value).is_ok()).unwrap_or(self.default)
    }

    pub fn is_list(&self) -> bool {
        matches!(self.kind, Kind::List(_))
    }

    /// A value as `ConfigDef` writes it that has read it.
    pub fn told(&self, value: &str) -> String {
        let value = value.trim();
        match self.kind {
            Kind::Bool => value.to_ascii_lowercase(),
            // What is there twice is taken out.
            Kind::List(_) => {
                let mut items: Vec<&str> = Vec::new();
                for item in value.split(',').map(str::trim) {
                    if !items.contains(&item) {
                        items.push(item);
                    }
                }
                items.join(",")
            }
            _ => value.to_owned(),
        }
    }

    /// `ConfigDef.parse` and its validators, with Kafka's words for what is wrong.
    pub fn check(&self, value: &str) -> Result<(), String> {
        let name = self.name;
        let invalid = |why: &str| Err(format!("Invalid value {value} for configuration {name}: {why}"));
        let whole = |of_type: &str, least: i64, most: i64, type_max: i64| match value.trim().parse::<i64>() {
            Ok(number) if number <= type_max && number >= !type_max => match number {
                number if number < least => invalid(&format!("Value must be at least {least}")),
                number if number > most => invalid(&format!("Value must be no more than {most}")),
                _ => Ok(()),
            },
            _ => invalid(&format!("Not a number of type {of_type}")),
        };
        match self.kind {
            Kind::Short(least, most) => whole("SHORT", least, most, SHORT_MAX),
            Kind::Int(least, most) => whole("INT", least, most, INT_MAX),
            Kind::IntOrNone(least, most) => match whole("INT", INT_MIN, INT_MAX, INT_MAX) {
                Ok(()) if value.trim() != "-1" && whole("INT", least, most, INT_MAX).is_err() => {
                    invalid(&format!("Value must be between {least} and {most} or equal to -1"))
                }
                checked => checked,
            },
            Kind::Long(least) => whole("LONG", least, i64::MAX, i64::MAX),
            Kind::Bool if !matches!(value.trim().to_ascii_lowercase().as_str(), "true" | "false") => {
                invalid("Expected value to be either true or false")
            }
            Kind::Double if !is_decimal(value.trim()) => invalid("Not a number of type DOUBLE"),
            Kind::Ratio => match parse_millionths(value) {
                None => invalid("Not a number of type DOUBLE"),
                Some(number) if number > 1_000_000 => Err(out_of_ratio(name, value, "no more than 1")),
                Some(number) if number < 0 => Err(out_of_ratio(name, value, "at least 0")),
                Some(_) => Ok(()),
            },
            Kind::OneOf(choices) if !choices.contains(&value) => Err(not_one_of(name, value, choices)),
            Kind::OneOfAnyCase(choices) if !choices.iter().any(|choice| choice.eq_ignore_ascii_case(value)) => {
                invalid(&format!("String must be one of (case insensitive): {}", choices.join(", ")))
            }
            Kind::List(choices) if !choices.is_empty() => check_list(name, value.trim(), choices),
            Kind::ThrottledReplicas if !is_throttled_replicas(value) => Err(format!(
                "Invalid value [{}] for configuration {name}: {name} must be the literal '*' or a list of replicas in the following \
                 format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
                value.trim().split(',').map(str::trim).collect::<Vec<_>>().join(", ")
            )),
            Kind::AutoOffsetReset if Reset::parse(value).is_none() => invalid(&format!(
                "Invalid value `{value}` for configuration {name}. The value must be either 'earliest', 'latest' or of the format \
                 'by_duration:<PnDTnHnMn.nS>'."
            )),
            _ => Ok(()),
        }
    }
}

fn is_throttled_replicas(value: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_replica = |text: &str| text.split_once(':').is_some_and(|(partition, broker)| is_number(partition) && is_number(broker));
    let items = || value.split(',').map(str::trim);
    items().all(|item| item.is_empty() || is_replica(item)) || items().collect::<String>() == "*"
}

fn not_one_of(name: &str, value: &str, choices: &[&str]) -> String {
    format!("Invalid value {value} for configuration {name}: String must be one of: {}", choices.join(", "))
}

/// `ValidList.validateIndividualValues`. What is there twice was taken out before.
fn check_list(name: &str, value: &str, choices: &[&str]) -> Result<(), String> {
    let items: Vec<&str> = if value.is_empty() { Vec::new() } else { value.split(',').map(str::trim).collect() };
    items.iter().try_for_each(|item| match *item {
        "" => Err(format!("Configuration '{name}' values must not be empty.")),
        item if choices.contains(&item) => Ok(()),
        item => Err(not_one_of(name, item, choices)),
    })
}

/// The value is told as Java writes a double.
fn out_of_ratio(name: &str, value: &str, bound: &str) -> String {
    let point = if value.contains('.') { "" } else { ".0" };
    format!("Invalid value {}{point} for configuration {name}: Value must be {bound}", value.trim())
}

/// A decimal number, such as `-1.5E308`.
fn is_decimal(text: &str) -> bool {
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let digits = number.strip_prefix(['-', '+']).unwrap_or(number).replacen('.', "", 1);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && exponent.parse::<i32>().is_ok()
}

/// A decimal number in millionths: the engine has no floats.
fn parse_millionths(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && part.is_empty() || part.len() > 6 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let part: i64 = format!("{part:0<6}").parse().ok()?;
    whole.checked_mul(1_000_000)?.checked_add(part)?.checked_mul(sign)
}

/// A type that a setting's text is read as.
trait Setting: Sized {
    /// `text` is one that the setting takes.
    fn read(text: &str) -> Self;
}

impl Setting for bool {
    fn read(text: &str) -> Self {
        text.trim().eq_ignore_ascii_case("true")
    }
}

/// A negative number means that there is no limit.
impl Setting for u64 {
    fn read(text: &str) -> Self {
        text.trim().parse::<i64>().ok().and_then(|number| u64::try_from(number).ok()).unwrap_or(u64::MAX)
    }
}

impl Setting for usize {
    fn read(text: &str) -> Self {
        usize::try_from(u64::read(text)).unwrap_or(usize::MAX)
    }
}

impl Setting for i32 {
    fn read(text: &str) -> Self {
        text.trim().parse().unwrap_or(i32::MAX)
    }
}

/// In milliseconds.
impl Setting for Span {
    fn read(text: &str) -> Self {
        Span::from_ms(u64::read(text))
    }
}

impl Setting for String {
    fn read(text: &str) -> Self {
        text.to_owned()
    }
}

/// A list.
impl Setting for Rc<[String]> {
    fn read(text: &str) -> Self {
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }
}

impl Setting for Reset {
    fn read(text: &str) -> Self {
        Reset::parse(text).unwrap_or(Reset::Latest)
    }
}

/// A struct of typed settings, each with its name: `read` makes one from their texts.
macro_rules! typed {
    ($(#[$meta:meta])* $struct:ident { $($(#[$doc:meta])* $field:ident: $type:ty = $name:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct $struct { $($(#[$doc])* pub $field: $type,)* }

        impl $struct {
            fn read<'a>(text: impl Fn(&'static str) -> &'a str) -> Self {
                Self { $($field: $crate::engine::configs::Setting::read(text($name)),)* }
            }
        }
    };
}
use typed;
