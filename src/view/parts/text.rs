//! How bytes, times and numbers are written on the screen.

use super::coordinator_records::describe;
use crate::base::time::civil;
use crate::base::{SimTime, Timestamp, TopicPartition};
use crate::engine::log::RecordView;
use crate::engine::metadata::OFFSETS_TOPIC;
use crate::engine::wire::OffsetsRecord;

/// Bytes as text where they are UTF-8, else as hex: `0x00ff…`.
pub fn bytes_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => hex(bytes),
    }
}

/// `0x` and two digits for each byte.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold("0x".to_owned(), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The first `chars_max` characters on one line, with `…` where something was cut. Line ends and tabs become spaces.
pub fn preview(text: &str, chars_max: usize) -> String {
    let mut out: String = text.chars().take(chars_max).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if text.chars().nth(chars_max).is_some() {
        out.pop();
        out.push('…');
    }
    out
}

/// A text that is cut in front, where keys differ least: `…119` of `ride-119` in four letters.
pub fn ending(text: &str, chars_max: usize) -> String {
    let count = text.chars().count();
    if count <= chars_max {
        return text.to_owned();
    }
    let end: String = text.chars().skip(count + 1 - chars_max.max(1)).collect();
    format!("…{}", end.trim_start_matches(|char: char| !char.is_alphanumeric()))
}

/// A preview of bytes that may be long: no more of them is looked at than can be shown.
pub fn bytes_preview(bytes: &[u8], chars_max: usize) -> String {
    let looked_at = &bytes[..bytes.len().min(chars_max.saturating_mul(4).saturating_add(4))];
    match std::str::from_utf8(looked_at) {
        Ok(text) => preview(text, chars_max),
        // The cut may have gone through a character: that alone does not make it binary.
        Err(error) if error.error_len().is_none() && looked_at.len() < bytes.len() => {
            preview(std::str::from_utf8(&looked_at[..error.valid_up_to()]).unwrap_or(""), chars_max)
        }
        Err(_) => preview(&hex(&bytes[..bytes.len().min(chars_max)]), chars_max),
    }
}

/// The hue of a key, 0 to 359: the same key has the same colour everywhere and always. FNV-1a, with a last mix so that
/// keys that differ in one character lie far apart.
pub fn hue(key: &[u8]) -> u16 {
    // Keys that count (ride-7, ride-8) step by the golden angle, so that neighbours differ most. The seed of the hash is
    // one under which the stories' other keys lie far apart.
    let digits = key.iter().rev().take_while(|byte| byte.is_ascii_digit()).count().min(9);
    let (name, number) = key.split_at(key.len() - digits);
    let number = number.iter().fold(0u32, |number, digit| number * 10 + u32::from(digit - b'0'));
    let hash = name.iter().fold(0x2_e9f6u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    let mixed = (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d);
    (((mixed ^ (mixed >> 12)) % 360 + number % 360 * 137) % 360) as u16
}

/// `2026-01-01 00:00:12.430` (UTC); `none` for -1.
pub fn timestamp_text(timestamp: Timestamp) -> String {
    if timestamp.0 < 0 {
        return "none".to_owned();
    }
    let (days, ms) = (timestamp.0.div_euclid(86_400_000), timestamp.0.rem_euclid(86_400_000));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{:03}", ms % 1000)
}

/// The clock: `00:12.430`, with hours in front once there are any.
pub fn clock_text(at: SimTime) -> String {
    let ms = at.ms();
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    let hours = if hours > 0 { format!("{hours}:") } else { String::new() };
    format!("{hours}{minutes:02}:{seconds:02}.{:03}", ms % 1000)
}

/// `999 B`, `1.2 KiB`, `3.4 MiB`.
pub fn size_text(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..1024 => return format!("{bytes} B"),
        1024..1_048_576 => (1024, "KiB"),
        1_048_576..1_073_741_824 => (1_048_576, "MiB"),
        _ => (1_073_741_824, "GiB"),
    };
    let tenths = bytes / (unit / 4) * 10 / 4;
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

/// `1,234,567`: a number that is read, not copied.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        out.push('-');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 record`, `2 records`.
pub fn count(number: impl Into<i64>, what: &str) -> String {
    let number = number.into();
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Key and value of a record of `__consumer_offsets` in words; `None` for all other topics' records.
pub fn decoded(partition: &TopicPartition, record: &RecordView<'_>) -> Option<(String, String)> {
    if partition.topic.as_str() != OFFSETS_TOPIC {
        return None;
    }
    let words = describe(&OffsetsRecord::read(record.key?, record.value)?);
    let (key, value) = words.split_once(": ").unwrap_or((&words, ""));
    Some((key.to_owned(), value.to_owned()))
}

/// A value as it is best read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ValueText {
    /// A null value: a tombstone.
    Null,
    /// Indented anew; nothing re-ordered, no number touched.
    Json(String),
    Text(String),
    /// Not UTF-8: `0x…`.
    Hex(String),
}

impl ValueText {
    pub fn of(value: Option<&[u8]>) -> Self {
        match value.map(|value| (value, std::str::from_utf8(value))) {
            None => Self::Null,
            Some((value, Err(_))) => Self::Hex(hex(value)),
            Some((_, Ok(text))) => match indent_json(text) {
                Some(json) => Self::Json(json),
                None => Self::Text(text.to_owned()),
            },
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Null => "null",
            Self::Json(text) | Self::Text(text) | Self::Hex(text) => text,
        }
    }
}

/// JSON objects and arrays with two spaces of indent, token by token, so that `1.0`, `1e3`, double keys and the order of
/// keys stay as they were written. `None` for what is no JSON, and for plain words and numbers.
fn indent_json(text: &str) -> Option<String> {
    let text = text.trim();
    if !text.starts_with(['{', '[']) || serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return None;
    }
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if in_string {
            out.push(letter);
            in_string = escaped || letter != '"';
            escaped = letter == '\\' && !escaped;
            continue;
        }
        match letter {
            '"' => {
                in_string = true;
                out.push('"');
            }
            '{' | '[' => {
                while letters.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                out.push(letter);
                match letters.next_if(|next| matches!(next, '}' | ']')) {
                    Some(close) => out.push(close),
                    None => {
                        depth += 1;
                        line(&mut out, depth);
                    }
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(letter);
            }
            ',' => {
                out.push(',');
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            letter if letter.is_ascii_whitespace() => {}
            letter => out.push(letter),
        }
    }
    Some(out)
}
