//! Replaces what differs from run to run, by the rules that the recordings were made with.

use crate::base::{put_in_order, sort};
use std::collections::BTreeMap;

use crate::shell::cli::queries::LOG_DIR;

/// Numbers ids in the order in which they first appear.
#[derive(Clone, Debug, Default)]
pub(super) struct Normaliser {
    members: BTreeMap<String, usize>,
    groups: BTreeMap<String, usize>,
}

/// Finds what begins at a place in a line: its length, or `None`.
type Matcher = fn(&[char], usize) -> Option<usize>;

fn digits(chars: &[char], at: usize, count: usize) -> bool {
    chars.get(at..at + count).is_some_and(|part| part.iter().all(char::is_ascii_digit))
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

/// A boundary of words at `at`.
fn boundary(chars: &[char], at: usize) -> bool {
    let before = at > 0 && chars.get(at - 1).is_some_and(|char| is_word(*char));
    let after = chars.get(at).is_some_and(|char| is_word(*char));
    before != after
}

/// `9999-99-99?99:99:99?999`, with `?` as given; the length is 23.
fn is_date(chars: &[char], at: usize, between: &[char], fraction: &[char]) -> bool {
    let is = |offset: usize, wanted: &[char]| chars.get(at + offset).is_some_and(|char| wanted.contains(char));
    digits(chars, at, 4)
        && is(4, &['-'])
        && digits(chars, at + 5, 2)
        && is(7, &['-'])
        && digits(chars, at + 8, 2)
        && is(10, between)
        && digits(chars, at + 11, 2)
        && is(13, &[':'])
        && digits(chars, at + 14, 2)
        && is(16, &[':'])
        && digits(chars, at + 17, 2)
        && is(19, fraction)
        && digits(chars, at + 20, 3)
}

fn log_time(chars: &[char], at: usize) -> Option<usize> {
    (chars[at] == '[' && is_date(chars, at + 1, &[' '], &[',']) && chars.get(at + 24) == Some(&']')).then_some(25)
}

fn date(chars: &[char], at: usize) -> Option<usize> {
    if !boundary(chars, at) || !is_date(chars, at, &['T', ' '], &['.', ',', ':']) {
        return None;
    }
    let zone = match chars.get(at + 23) {
        Some('Z') => 1,
        Some('+' | '-') if digits(chars, at + 24, 2) => match chars.get(at + 26) {
            Some(':') if digits(chars, at + 27, 2) => 6,
            _ if digits(chars, at + 26, 2) => 5,
            _ => 0,
        },
        _ => 0,
    };
    Some(23 + zone)
}

/// Milliseconds since 1970, of these years.
fn epoch_ms(chars: &[char], at: usize) -> Option<usize> {
    let fits = boundary(chars, at)
        && chars[at] == '1'
        && chars.get(at + 1).is_some_and(|char| ('6'..='9').contains(char))
        && digits(chars, at, 13)
        && boundary(chars, at + 13);
    fits.then_some(13)
}

/// `8-4-4-4-12` hexadecimal digits.
fn uuid(chars: &[char], at: usize) -> Option<usize> {
    if !boundary(chars, at) || !boundary(chars, at + 36) {
        return None;
    }
    let part = chars.get(at..at + 36)?;
    let fits = part.iter().enumerate().all(|(offset, char)| match offset {
        8 | 13 | 18 | 23 => *char == '-',
        _ => char.is_ascii_digit() || ('a'..='f').contains(char),
    });
    fits.then_some(36)
}

/// Kafka's own way to write an id: 22 characters alone in a column, or after `memberId=`.
fn short_uuid(chars: &[char], at: usize) -> Option<usize> {
    let part = chars.get(at..at + 22)?;
    if !part.iter().all(|char| is_word(*char) || *char == '-') {
        return None;
    }
    let after = chars.get(at + 22);
    if at >= 9 && chars[at - 9..at].iter().collect::<String>() == "memberId=" && boundary(chars, at + 22) {
        return Some(22);
    }
    let alone = at > 0 && chars[at - 1].is_whitespace() && after.is_none_or(|char| char.is_whitespace());
    let mixed = part.iter().any(char::is_ascii_lowercase) && part.iter().any(char::is_ascii_uppercase);
    (alone && mixed && !is_camel_case(part)).then_some(22)
}

/// A name LikeThis.
fn is_camel_case(part: &[char]) -> bool {
    let mut lower = 1;
    for (at, char) in part.iter().enumerate() {
        match char {
            char if char.is_ascii_uppercase() && (at == 0 || lower > 0) => lower = 0,
            char if char.is_ascii_lowercase() && at > 0 => lower += 1,
            _ => return false,
        }
    }
    lower > 0
}

/// Replaces every match, from left to right.
fn replace(line: &str, matcher: Matcher, mut new: impl FnMut(&str, Option<char>) -> String) -> String {
    let chars: Vec<char> = line.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < chars.len() {
        match matcher(&chars, at) {
            Some(length) => {
                let old: String = chars[at..at + length].iter().collect();
                out.push_str(&new(&old, chars.get(at + length).copied()));
                at += length;
            }
            None => {
                out.push(chars[at]);
                at += 1;
            }
        }
    }
    out
}

/// Replaces the word of legal characters after each `mark`, when `fits` says so.
fn replace_after(line: &str, mark: &str, legal: fn(char) -> bool, mut new: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(mark) {
        let (before, after) = rest.split_at(at + mark.len());
        let end = after.find(|char| !legal(char)).unwrap_or(after.len());
        out.push_str(before);
        match new(&after[..end]) {
            Some(text) => out.push_str(&text),
            None => out.push_str(&after[..end]),
        }
        rest = &after[end..];
    }
    out + rest
}

fn number(known: &mut BTreeMap<String, usize>, kind: &str, value: &str) -> String {
    let next = known.len() + 1;
    format!("<{kind}-{}>", known.entry(value.to_owned()).or_insert(next))
}

/// Lists in messages that the tools print in the order of a hash table.
fn sort_list(line: String) -> String {
    for (mark, end) in [("Valid states are: ", ""), ("takes one of these options: ", ""), ("scenarios: [", "]")] {
        if let Some(at) = line.find(mark) {
            let (before, after) = line.split_at(at + mark.len());
            let (list, tail) = match after.strip_suffix(end).filter(|_| !end.is_empty()) {
                Some(list) => (list, end),
                None => (after, ""),
            };
            let mut items: Vec<&str> = list.split(", ").collect();
            sort(&mut items);
            return format!("{before}{}{tail}", items.join(", "));
        }
    }
    line
}

impl Normaliser {
    pub(super) fn line(&mut self, line: &str) -> String {
        let id = |char: char| is_word(char) || char == '-';
        let line = replace_after(line, "TopicId: ", id, |id| (id.chars().count() == 22).then(|| "<topic-id>".to_owned()));
        let line = replace(&line, log_time, |_, _| "[<timestamp>]".to_owned());
        let line = replace(&line, date, |_, _| "<timestamp>".to_owned());
        let line = replace(&line, epoch_ms, |_, _| "<timestamp>".to_owned());
        let digit = |char: char| char.is_ascii_digit();
        // The coordinator's connection: the last of all ids, less the broker's.
        let line = replace_after(&line, "node ", digit, |node| {
            let broker = i32::MAX.checked_sub(node.parse().ok()?)?;
            (broker < 1000).then(|| format!("+{broker}"))
        });
        let line = replace_after(&line, "correlation id ", digit, |digits| (!digits.is_empty()).then(|| "<n>".to_owned()));
        let line = replace_after(&line, "(localhost/127.0.0.1:", digit, |port| {
            (!port.is_empty() && !port.starts_with("90") && !port.starts_with("91")).then(|| "<port>".to_owned())
        });
        let line = replace_after(&line, LOG_DIR, digit, |broker| (!broker.is_empty()).then(|| format!("<data-{broker}>")));
        let line = line.replace(&format!("{LOG_DIR}<data-"), "/<data-");
        let line = sort_list(line);
        let mut member = |old: &str, after: Option<char>| {
            let new = number(&mut self.members, "member", old);
            let pad = if after == Some(' ') { old.chars().count().saturating_sub(new.len()) } else { 0 };
            new + &" ".repeat(pad)
        };
        let line = replace(&line, uuid, &mut member);
        let mut line = replace(&line, short_uuid, &mut member);
        for prefix in ["console-consumer-", "console-share-consumer-"] {
            line = replace_after(&line, prefix, is_word, |word| {
                let is_number = (1..=5).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
                is_number.then(|| number(&mut self.groups, "group", word))
            });
        }
        line.trim_end().to_owned()
    }

    /// The output of one command, made comparable.
    pub(super) fn output(&mut self, command: &str, lines: &[String]) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for raw in sort_rows(command, lines) {
            let in_usage = out.last().is_some_and(|last| last == "<usage>");
            let begins_usage = raw == "<usage>" || raw.starts_with("usage: ") || is_usage_head(&raw);
            if begins_usage || in_usage {
                if begins_usage && !in_usage {
                    out.push("<usage>".to_owned());
                } else if is_error_after_usage(&raw) {
                    out.push(raw);
                }
                continue;
            }
            if raw == "<stack>" {
                if out.last().is_none_or(|last| last != "<stack>") {
                    out.push(raw);
                }
                continue;
            }
            let line = self.line(&raw);
            if line.starts_with("[<timestamp>]") && out.contains(&line) {
                continue;
            }
            out.push(line);
        }
        out
    }
}

/// `NAME: error: ...`
fn is_error_after_usage(line: &str) -> bool {
    let name = |name: &str| !name.is_empty() && name.chars().all(|char| is_word(char) || char == '.' || char == '-');
    line.split_once(": error: ").is_some_and(|(before, _)| name(before))
}

/// `Option   Description`
fn is_usage_head(line: &str) -> bool {
    line.strip_prefix("Option ").is_some_and(|rest| rest.trim_start().starts_with("Description"))
}

/// Sorts what the group tools print in the order of a hash table. Ids made up by clients do not count in that order.
fn sort_rows(command: &str, lines: &[String]) -> Vec<String> {
    let tool = command.split(' ').next().unwrap_or_default();
    if !(tool.starts_with("kafka-") && tool.ends_with("groups.sh")) {
        return lines.to_vec();
    }
    let mut result = Vec::new();
    let mut rows: Vec<String> = Vec::new();
    let bare = command.contains(" --list") && lines.iter().all(|line| !line.contains(' '));
    let mut in_table = bare;
    for line in lines {
        if in_table && !line.trim().is_empty() {
            rows.push(line.clone());
            continue;
        }
        put_in_order(&mut rows, &|one, other| row_key(one) < row_key(other));
        result.append(&mut rows);
        result.push(line.clone());
        in_table = line.starts_with("GROUP ");
    }
    put_in_order(&mut rows, &|one, other| row_key(one) < row_key(other));
    result.append(&mut rows);
    result
}

/// Numbers before words, each in their own order.
fn row_key(row: &str) -> Vec<(u8, u64, String)> {
    let row = replace(row, uuid, |_, _| String::new());
    let row = replace(&row, short_uuid, |_, _| String::new());
    let key = |word: &str| match word.parse::<u64>() {
        Ok(number) => (0, number, String::new()),
        Err(_) => (1, 0, word.to_owned()),
    };
    row.split_whitespace().map(key).collect()
}
