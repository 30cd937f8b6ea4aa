//! The grammar of types and of time spans.

use super::ast::Duration;
use super::expr::DataType;
use super::lexer::Lexeme;
use super::missing::{self, Place};
use super::parser::{Parsed, Parser, Shown};
use super::words::{Keyword, nearest};

const A_TYPE: Shown = Shown::As("a type such as STRING, BIGINT or DOUBLE");
const A_UNIT: Shown = Shown::As("a unit of time such as SECONDS or MINUTES");

/// Types without parts, by the first of their names.
const PLAIN_TYPES: [(Keyword, DataType); 7] = [
    (Keyword::Boolean, DataType::Boolean),
    (Keyword::Int, DataType::Int),
    (Keyword::Integer, DataType::Int),
    (Keyword::Bigint, DataType::Bigint),
    (Keyword::Double, DataType::Double),
    (Keyword::String, DataType::String),
    (Keyword::Varchar, DataType::String),
];

/// The units with their milliseconds, the largest first: the name for one, the name for several.
pub(super) const UNITS: [(Keyword, Keyword, i64); 5] = [
    (Keyword::Day, Keyword::Days, 24 * 60 * 60 * 1000),
    (Keyword::Hour, Keyword::Hours, 60 * 60 * 1000),
    (Keyword::Minute, Keyword::Minutes, 60 * 1000),
    (Keyword::Second, Keyword::Seconds, 1000),
    (Keyword::Millisecond, Keyword::Milliseconds, 1),
];

/// What people write for the units.
const SHORT_UNITS: [(&str, Keyword); 14] = [
    ("MS", Keyword::Milliseconds),
    ("MSEC", Keyword::Milliseconds),
    ("MSECS", Keyword::Milliseconds),
    ("MILLIS", Keyword::Milliseconds),
    ("S", Keyword::Seconds),
    ("SEC", Keyword::Seconds),
    ("SECS", Keyword::Seconds),
    ("M", Keyword::Minutes),
    ("MIN", Keyword::Minutes),
    ("MINS", Keyword::Minutes),
    ("H", Keyword::Hours),
    ("HR", Keyword::Hours),
    ("HRS", Keyword::Hours),
    ("D", Keyword::Days),
];

/// The unit that a word is, or is meant to be.
pub(super) fn unit_meant(word: &str) -> Option<Keyword> {
    let short = SHORT_UNITS.iter().find(|(short, _)| short.eq_ignore_ascii_case(word)).map(|(_, unit)| *unit);
    let names = || UNITS.iter().flat_map(|(one, several, _)| [several.text(), one.text()]);
    short.or_else(|| Keyword::of(nearest(word, names())?))
}

impl Parser<'_> {
    pub fn data_type(&mut self) -> Parsed<DataType> {
        missing::refuse(self, Place::Type)?;
        for (keyword, data_type) in &PLAIN_TYPES {
            if self.accept_as(*keyword, A_TYPE) {
                return Ok(data_type.clone());
            }
        }
        if self.accept_as(Keyword::Array, A_TYPE) {
            self.expect_sign("<")?;
            let item = self.nested(Self::data_type)?;
            self.expect_sign(">")?;
            return Ok(DataType::Array(Box::new(item)));
        }
        if self.accept_as(Keyword::Map, A_TYPE) {
            self.expect_sign("<")?;
            if !(self.accept_as(Keyword::String, Shown::Itself) || self.accept_as(Keyword::Varchar, Shown::Quiet)) {
                return Err(self.unexpected().with_hint("The keys of a JSON object are texts: MAP<STRING, …>."));
            }
            self.expect_sign(",")?;
            let value = self.nested(Self::data_type)?;
            self.expect_sign(">")?;
            return Ok(DataType::Map(Box::new(value)));
        }
        Err(self.unexpected())
    }

    /// `5 MINUTES`
    pub fn duration(&mut self) -> Parsed<Duration> {
        let start = self.span();
        if matches!(self.lexeme(), Lexeme::Decimal) {
            let message = "A time span takes a whole number.";
            return Err(self.error(start, message).with_hint("Take a smaller unit: 1500 MILLISECONDS, 90 SECONDS."));
        }
        let number = self.whole_number()?;
        for (one, several, ms) in UNITS {
            if self.accept_as(several, A_UNIT) || self.accept_as(one, A_UNIT) {
                let span = start.to(self.span_before());
                let Some(ms) = number.checked_mul(ms) else {
                    let message = "This time span is too long: its milliseconds do not fit into 64 bits.";
                    return Err(self.error(span, message));
                };
                return Ok(Duration { ms, span });
            }
        }
        let error = self.unexpected();
        let Lexeme::Word(_) = self.lexeme() else {
            let hint = format!("Say what is counted: {number} SECONDS, {number} MINUTES.");
            return Err(if error.hint.is_some() { error } else { error.with_hint(hint) });
        };
        Err(match unit_meant(self.here()) {
            Some(unit) => error.with_hint(format!("Did you mean {}?", unit.text())),
            None => {
                error.with_hint("The units are MILLISECONDS, SECONDS, MINUTES, HOURS and DAYS; longer times are counted in DAYS.")
            }
        })
    }

    /// A time span that is more than 0, for what `of` says.
    pub fn duration_not_zero(&mut self, of: &str) -> Parsed<Duration> {
        let duration = self.duration()?;
        if duration.ms == 0 {
            self.complain(|parser| parser.error(duration.span, format!("{of} has to be more than 0.")))?;
        }
        Ok(duration)
    }
}
