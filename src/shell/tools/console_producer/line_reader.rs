//! `LineMessageReader`: from a typed line to a record.

use crate::engine::log::Header;
use crate::shell::cli::exception::Exception;
use crate::shell::cli::properties::Properties;

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct LineReader {
    parse_key: bool,
    parse_headers: bool,
    ignore_error: bool,
    key_separator: String,
    headers_delimiter: String,
    headers_separator: String,
    headers_key_separator: String,
    null_marker: Option<String>,
    line_number: u64,
}

/// A record as read from a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadRecord {
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<Header>,
}

fn kafka_exception(message: String) -> Exception {
    Exception::java("org.apache.kafka.common.KafkaException", &message)
}

impl LineReader {
    /// `configure`, with its checks in its order.
    pub fn new(properties: &Properties) -> Result<Self, Exception> {
        let text = |key: &str, default: &str| properties.get(key).unwrap_or(default).to_owned();
        let reader = Self {
            parse_key: properties.is_true("parse.key"),
            parse_headers: properties.is_true("parse.headers"),
            ignore_error: properties.is_true("ignore.error"),
            key_separator: text("key.separator", "\t"),
            headers_delimiter: text("headers.delimiter", "\t"),
            headers_separator: text("headers.separator", ","),
            headers_key_separator: text("headers.key.separator", ":"),
            null_marker: properties.get("null.marker").map(str::to_owned),
            line_number: 0,
        };
        let differ = |one: (&str, &str), other: (&str, &str)| {
            if one.1 == other.1 { Err(kafka_exception(format!("{} and {} may not be equal", one.0, other.0))) } else { Ok(()) }
        };
        let delimiter = ("headers.delimiter", reader.headers_delimiter.as_str());
        let separator = ("headers.separator", reader.headers_separator.as_str());
        let key_separator = ("headers.key.separator", reader.headers_key_separator.as_str());
        differ(delimiter, separator)?;
        differ(delimiter, key_separator)?;
        differ(separator, key_separator)?;
        if let Some(marker) = &reader.null_marker {
            let marker = ("null.marker", marker.as_str());
            differ(marker, ("key.separator", &reader.key_separator))?;
            differ(marker, separator)?;
            differ(marker, delimiter)?;
            differ(marker, key_separator)?;
        }
        Ok(reader)
    }

    pub fn read(&mut self, line: &str) -> Result<ReadRecord, Exception> {
        self.line_number += 1;
        let mut rest = line;
        let headers =
            if self.parse_headers { self.cut(line, &mut rest, &self.headers_delimiter, "headers delimiter")? } else { None };
        let key = if self.parse_key { self.cut(line, &mut rest, &self.key_separator, "key separator")? } else { None };
        let headers = match headers.filter(|headers| !self.is_null(headers)) {
            Some(headers) => self.headers(headers)?,
            None => Vec::new(),
        };
        let bytes = |text: &str| (!self.is_null(text)).then(|| text.as_bytes().to_vec());
        Ok(ReadRecord { key: key.and_then(bytes), value: bytes(rest), headers })
    }

    fn is_null(&self, text: &str) -> bool {
        self.null_marker.as_deref() == Some(text)
    }

    /// Cuts the field before `separator` off `rest`.
    fn cut<'l>(&self, line: &str, rest: &mut &'l str, separator: &str, name: &str) -> Result<Option<&'l str>, Exception> {
        match rest.split_once(separator) {
            Some((field, after)) => {
                *rest = after;
                Ok(Some(field))
            }
            None if self.ignore_error => Ok(None),
            None => Err(kafka_exception(format!("No {name} found on line number {}: '{line}'", self.line_number))),
        }
    }

    fn headers(&self, text: &str) -> Result<Vec<Header>, Exception> {
        // Java's split drops empty fields at the end.
        let mut pairs: Vec<&str> = text.split(self.headers_separator.as_str()).collect();
        while pairs.len() > 1 && pairs.last().is_some_and(|last| last.is_empty()) {
            pairs.pop();
        }
        let mut headers = Vec::new();
        for pair in pairs {
            let Some((key, value)) = pair.split_once(self.headers_key_separator.as_str()) else {
                if self.ignore_error {
                    headers.push(Header { key: pair.to_owned(), value: None });
                    continue;
                }
                let place = format!("in pair '{pair}' on line number {}", self.line_number);
                return Err(kafka_exception(format!("No header key separator found {place}")));
            };
            if self.is_null(key) {
                let marker = self.null_marker.as_deref().unwrap_or_default();
                let why = format!("Header keys should not be equal to the null marker '{marker}' as they can't be null");
                return Err(kafka_exception(why));
            }
            headers.push(Header { key: key.to_owned(), value: (!self.is_null(value)).then(|| value.as_bytes().to_vec()) });
        }
        Ok(headers)
    }
}
