//! The functions of queries over texts.

use super::Value;
use super::expression::shown;
use super::scalar::{Scalar, count, text};

/// Longer texts are not made, in bytes: no record could hold them.
const LENGTH_MAX: usize = 1 << 20;

/// Of arguments of which none is null. Numbers count as their digits.
pub(super) fn of(function: &Scalar, first: &Value, rest: &[Value]) -> Value {
    let of = shown(first);
    match (function, rest) {
        (Scalar::Len, []) => count(of.chars().count()),
        (Scalar::Lcase, []) => text(of.to_lowercase()),
        (Scalar::Ucase, []) => text(of.to_uppercase()),
        (Scalar::Trim, []) => text(of.trim().to_owned()),
        (Scalar::Concat, _) => rest.iter().try_fold(of, |all, part| limited(all + &shown(part))).map_or(Value::Null, text),
        (Scalar::Substring, [Value::Long(from)]) => substring(&of, *from, i64::MAX),
        (Scalar::Substring, [Value::Long(from), Value::Long(length)]) => substring(&of, *from, *length),
        (Scalar::Replace, [old, new]) => replaced(&of, &shown(old), &shown(new)),
        (Scalar::Split, [at]) => split(&of, &shown(at)),
        (Scalar::Instr, [part]) => match of.find(&shown(part)) {
            Some(at) => count(of[..at].chars().count() + 1),
            None => Value::Long(0),
        },
        (Scalar::Like, [pattern]) => Value::Bool(like(&of, &shown(pattern))),
        _ => Value::Null,
    }
}

fn limited(text: String) -> Option<String> {
    (text.len() <= LENGTH_MAX).then_some(text)
}

fn substring(of: &str, from: i64, length: i64) -> Value {
    let size = i64::try_from(of.chars().count()).unwrap_or(i64::MAX);
    let start = if from < 0 { size.saturating_add(from).max(0) } else { (from - 1).max(0) };
    let place = |number: i64| usize::try_from(number.max(0)).unwrap_or(usize::MAX);
    text(of.chars().skip(place(start)).take(place(length)).collect())
}

fn replaced(of: &str, old: &str, new: &str) -> Value {
    if old.is_empty() {
        return text(of.to_owned());
    }
    let more = of.matches(old).count().saturating_mul(new.len());
    if more > LENGTH_MAX { Value::Null } else { limited(of.replace(old, new)).map_or(Value::Null, text) }
}

/// An empty delimiter splits into characters.
fn split(of: &str, at: &str) -> Value {
    if at.is_empty() {
        return Value::List(of.chars().map(|letter| text(letter.to_string())).collect());
    }
    Value::List(of.split(at).map(Value::text).collect())
}

/// Goes back only to the last `%`: time is at most the product of the lengths.
fn like(of: &str, pattern: &str) -> bool {
    let (of, pattern): (Vec<char>, Vec<char>) = (of.chars().collect(), pattern.chars().collect());
    let (mut at, mut place, mut last) = (0, 0, None);
    while at < of.len() {
        match pattern.get(place) {
            Some('%') => {
                last = Some((place, at));
                place += 1;
            }
            Some(letter) if *letter == '_' || *letter == of[at] => {
                (at, place) = (at + 1, place + 1);
            }
            _ => {
                let Some((percent, from)) = last else { return false };
                last = Some((percent, from + 1));
                (at, place) = (from + 1, percent + 1);
            }
        }
    }
    pattern[place..].iter().all(|letter| *letter == '%')
}
