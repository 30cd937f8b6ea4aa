//! Dates and durations as the tools write and read them. Simulated time knows no other zone than UTC.

use crate::base::Timestamp;
use crate::base::time::civil;

pub(crate) const DAYS: &[&str] = &["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

pub(crate) const MONTHS: &[&str] = &["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const DAY_MS: i64 = 86_400_000;

/// As log lines begin: `2026-01-01 00:00:01,234`.
pub fn log_time(at: Timestamp) -> String {
    let (year, month, day) = civil(at.0.div_euclid(DAY_MS));
    let ms = at.0.rem_euclid(DAY_MS);
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!("{year:04}-{month:02}-{day:02} {hours:02}:{minutes:02}:{seconds:02},{:03}", ms % 1000)
}

/// Days from 1970 to a date (`days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// `Utils.getDateTime`: `YYYY-MM-DDTHH:mm:SS.sss`, with an optional zone.
pub fn parse_datetime(text: &str) -> Result<Timestamp, String> {
    let unparseable = || format!("Unparseable date: \"{text}\"");
    let Some((date, time)) = text.split_once('T') else {
        return Err("Error parsing timestamp. It does not contain a 'T' according to ISO8601 format".to_owned());
    };
    let (time, zone_minutes) = match time.find(['Z', '+', '-']) {
        None => (time, 0),
        Some(at) => (&time[..at], zone(&time[at..]).ok_or_else(unparseable)?),
    };
    let mut date_parts = date.split('-').map(|part| part.parse::<i64>().ok());
    let mut time_parts = time.split([':', '.']).map(|part| part.parse::<i64>().ok());
    let mut date_part = || date_parts.next().flatten().ok_or_else(unparseable);
    let mut time_part = || time_parts.next().flatten().ok_or_else(unparseable);
    let (year, month, day) = (date_part()?, date_part()?, date_part()?);
    let (hours, minutes, seconds, ms) = (time_part()?, time_part()?, time_part()?, time_part()?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(-9999..=9999).contains(&year) {
        return Err(unparseable());
    }
    let minutes = hours.saturating_mul(60).saturating_add(minutes).saturating_sub(zone_minutes);
    let ms = minutes.saturating_mul(60_000).saturating_add(seconds.saturating_mul(1000)).saturating_add(ms);
    Ok(Timestamp((days(year, month, day) * DAY_MS).saturating_add(ms)))
}

fn zone(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text[1..].chars().filter(|char| *char != ':').collect();
    let number: i64 = digits.parse().ok()?;
    match digits.len() {
        2 => Some(sign * number * 60),
        4 => Some(sign * (number / 100 * 60 + number % 100)),
        _ => None,
    }
}

/// `Duration.parse`: `P1DT2H3M4.5S`, in milliseconds.
pub fn parse_duration(text: &str) -> Option<i64> {
    let upper = text.to_ascii_uppercase();
    let (sign, rest) = match upper.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, upper.strip_prefix('+').unwrap_or(&upper)),
    };
    let mut rest = rest.strip_prefix('P')?;
    let (mut total, mut in_time, mut parts) = (0i64, false, 0);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T') {
            if in_time {
                return None;
            }
            in_time = true;
            rest = after;
            continue;
        }
        let at = rest.find(|char: char| char.is_ascii_alphabetic())?;
        let number = &rest[..at];
        let unit = match (&rest[at..=at], in_time) {
            ("D", false) => DAY_MS,
            ("H", true) => 3_600_000,
            ("M", true) => 60_000,
            ("S", true) => 1000,
            _ => return None,
        };
        total = total.checked_add(amount(number, unit)?)?;
        parts += 1;
        rest = &rest[at + 1..];
    }
    (parts > 0).then_some(total.checked_mul(sign)?)
}

/// `number` times `unit`, where only seconds may have a fraction.
fn amount(number: &str, unit: i64) -> Option<i64> {
    match number.split_once('.') {
        Some((whole, part)) if unit == 1000 && part.bytes().all(|byte| byte.is_ascii_digit()) => {
            let whole_ms = whole.parse::<i64>().ok()?.checked_mul(1000)?;
            let part_ms: i64 = format!("{part:0<3}")[..3].parse().ok()?;
            Some(if whole.starts_with('-') { whole_ms - part_ms } else { whole_ms + part_ms })
        }
        Some(_) => None,
        None => number.parse::<i64>().ok()?.checked_mul(unit),
    }
}
