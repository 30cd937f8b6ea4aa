//! Dates and durations as the tools write and read them. Simulated time knows no other zone than UTC.

use super::exception::Exception;
use crate::base::Timestamp;
use crate::base::java::split;
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

/// `Utils.getDateTime`: `YYYY-MM-DDTHH:mm:SS.sss`, with an optional zone. What follows is not looked at.
pub fn parse_datetime(text: &str) -> Result<Timestamp, String> {
    let Some(time) = split(text, 'T').get(1).copied() else {
        return Err("Error parsing timestamp. It does not contain a 'T' according to ISO8601 format".to_owned());
    };
    let text = if time.contains(['Z', '+', '-']) { text.to_owned() } else { format!("{text}Z") };
    read_date(&text, true).or_else(|| read_date(&text, false)).ok_or_else(|| format!("Unparseable date: \"{text}\""))
}

/// `SimpleDateFormat` of `yyyy-MM-dd'T'HH:mm:ss.SSSXXX`, or with `X` alone at its end, when it is not lenient.
fn read_date(text: &str, zone_has_minutes: bool) -> Option<Timestamp> {
    let mut rest = text;
    let mut fields = [0i64; 7];
    for (field, end) in fields.iter_mut().zip(["-", "-", "T", ":", ":", ".", ""]) {
        rest = blanks_skipped(rest);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        *field = rest[..digits].parse().ok()?;
        rest = rest[digits..].strip_prefix(end)?;
    }
    let [year, month, day, hours, minutes, seconds, ms] = fields;
    let in_range = (1..=292_278_994).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_of_month(year, month)).contains(&day)
        && !is_skipped(year, month, day)
        && hours < 24
        && minutes < 60
        && seconds < 60
        && ms < 1000;
    let zone_minutes = read_zone(blanks_skipped(rest), zone_has_minutes)?;
    // `GregorianCalendar` knows no zone further west or east.
    if !in_range || !(-13 * 60..=14 * 60).contains(&zone_minutes) {
        return None;
    }
    let minutes = hours * 60 + minutes - zone_minutes;
    Some(Timestamp((days(year, month, day).saturating_mul(DAY_MS)).saturating_add(minutes * 60_000 + seconds * 1000 + ms)))
}

fn blanks_skipped(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

/// Before October 1582 every fourth year is a leap year.
fn days_of_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year < 1582 || year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The days that the Gregorian calendar left out when it began.
fn is_skipped(year: i64, month: i64, day: i64) -> bool {
    (year, month) == (1582, 10) && (5..=14).contains(&day)
}

/// `Z`, or a sign with `hh:mm` or `hh`, in minutes.
fn read_zone(text: &str, with_minutes: bool) -> Option<i64> {
    let sign = match text.bytes().next()? {
        b'Z' => return Some(0),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let number = |at: usize, end: i64| {
        let digits = text.get(at..at + 2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        digits.parse::<i64>().ok().filter(|number| *number < end)
    };
    let hours = number(1, 24)?;
    let minutes = match with_minutes {
        true if text[3..].starts_with(':') => number(4, 60)?,
        true => return None,
        false => 0,
    };
    Some(sign * (hours * 60 + minutes))
}

/// `java.time.Duration`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Duration {
    pub seconds: i64,
    /// 0 to 999,999,999.
    pub nanos: i64,
}

impl Duration {
    /// Down to a whole millisecond, as long as it can be told in 64 bits.
    pub fn ms(&self) -> Option<i64> {
        self.seconds.checked_mul(1000)?.checked_add(self.nanos / 1_000_000)
    }

    /// `Instant.minus`, and its `toEpochMilli`.
    pub fn before(&self, now: Timestamp) -> Result<Timestamp, Exception> {
        let overflow = || Exception::java("java.lang.ArithmeticException", "long overflow");
        let seconds = now.0.div_euclid(1000).checked_sub(self.seconds).ok_or_else(overflow)?;
        if !(-31_557_014_167_219_200..=31_556_889_864_403_199).contains(&seconds) {
            return Err(Exception::java("java.time.DateTimeException", "Instant exceeds minimum or maximum instant"));
        }
        let nanos = now.0.rem_euclid(1000) * 1_000_000 - self.nanos;
        let ms = seconds.checked_mul(1000).and_then(|ms| ms.checked_add(nanos.div_euclid(1_000_000)));
        ms.map(Timestamp).ok_or_else(overflow)
    }
}

/// `Duration.parse`: `P1DT2H3M4.5S`.
pub fn parse_duration(text: &str) -> Result<Duration, Exception> {
    let unparseable = || duration_error("");
    let upper = text.to_ascii_uppercase();
    let (negated, rest) = match upper.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, upper.strip_prefix('+').unwrap_or(&upper)),
    };
    let mut rest = rest.strip_prefix('P').ok_or_else(unparseable)?;
    let days = take_amount(&mut rest, 'D');
    let in_time = rest.strip_prefix('T');
    rest = in_time.unwrap_or(rest);
    let mut of_time = |unit| in_time.and_then(|_| take_amount(&mut rest, unit));
    let (hours, minutes, seconds) = (of_time('H'), of_time('M'), of_time('S'));
    let none_of_time = hours.is_none() && minutes.is_none() && seconds.is_none();
    if !rest.is_empty() || (none_of_time && (in_time.is_some() || days.is_none())) {
        return Err(unparseable());
    }
    let (whole, fraction) = seconds.map_or(("0", ""), |text| text.split_once(['.', ',']).unwrap_or((text, "")));
    let mut total = 0i64;
    let units = [(days, 86_400, "days"), (hours, 3600, "hours"), (minutes, 60, "minutes"), (Some(whole), 1, "seconds")];
    let overflow = || Exception::java("java.lang.ArithmeticException", "long overflow");
    let mut amounts = [0i64; 4];
    for (amount, (text, unit, name)) in amounts.iter_mut().zip(units) {
        let number = text.map_or(Ok(0), parse_long);
        let seconds = number.and_then(|number| number.checked_mul(unit).ok_or_else(overflow));
        *amount = seconds.map_err(|why| duration_error(&format!(": {name}")).because(why))?;
    }
    // Added from the end, as Java does, which overflows in its own cases.
    for amount in amounts.into_iter().rev() {
        total = total.checked_add(amount).ok_or_else(|| duration_error(": overflow").because(overflow()))?;
    }
    let nanos: i64 = format!("{fraction:0<9}").parse().map_err(|_| unparseable())?;
    let negative = whole.starts_with('-') != negated;
    let seconds = if negated { total.checked_neg().ok_or_else(overflow)? } else { total };
    Ok(match negative && nanos > 0 {
        true => Duration { seconds: seconds.saturating_sub(1), nanos: 1_000_000_000 - nanos },
        false => Duration { seconds, nanos },
    })
}

fn duration_error(what: &str) -> Exception {
    Exception::java("java.time.format.DateTimeParseException", &format!("Text cannot be parsed to a Duration{what}"))
}

/// Takes a number with its unit from the front of a text: a sign and digits, of seconds also up to nine behind a point.
fn take_amount<'t>(rest: &mut &'t str, unit: char) -> Option<&'t str> {
    let text = *rest;
    let (number, after) = text.split_at(text.find(|char: char| char.is_ascii_alphabetic())?);
    let (whole, fraction) = match number.split_once(['.', ',']) {
        Some((whole, fraction)) if unit == 'S' && fraction.len() <= 9 => (whole, fraction),
        Some(_) => return None,
        None => (number, ""),
    };
    let digits = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if digits.is_empty() || !are_digits(digits) || !are_digits(fraction) {
        return None;
    }
    *rest = after.strip_prefix(unit)?;
    Some(number)
}

/// `Long.parseLong` of a part of a text, where only its size can be wrong.
fn parse_long(text: &str) -> Result<i64, Exception> {
    text.parse().map_err(|_| {
        // Told is the first digit that leads out of the range.
        let fits = |end: &usize| text.get(..=*end).is_some_and(|begin| begin == "-" || begin.parse::<i64>().is_ok());
        let at = (0..text.len()).take_while(fits).count();
        Exception::java("java.lang.NumberFormatException", &format!("Error at index {at} in: \"{text}\""))
    })
}
