//! `sort`: by whole lines or by fields of them.

use std::cmp::Ordering;
use std::rc::Rc;

use super::builtins::misused;
use super::filters::Kind;
use super::given::Given;
use super::printf::Spoken;
use crate::base::put_in_order;
use crate::shell::cli::io::Io;

/// What is sorted, and by what.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Sort {
    flags: Vec<char>,
    keys: Vec<Key>,
    delimiter: Option<char>,
    pub lines: Vec<Rc<str>>,
}

/// `-k 2,3n`: fields and characters count from 1; a character of 0 stands for the whole field.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Key {
    from: (usize, usize),
    to: Option<(usize, usize)>,
    flags: Vec<char>,
}

pub(super) fn read(words: &[String]) -> Result<(Kind, Vec<String>), Spoken> {
    let long = [
        ("numeric-sort", 'n'),
        ("reverse", 'r'),
        ("unique", 'u'),
        ("key", 'k'),
        ("field-separator", 't'),
        ("ignore-case", 'f'),
        ("stable", 's'),
        ("ignore-leading-blanks", 'b'),
    ];
    let given = Given::read("sort", words, "rnufsb", "kt", &long)?;
    let mut keys = Vec::new();
    for text in given.all('k') {
        keys.push(key(text).ok_or_else(|| misused("sort", &format!("invalid key: ‘{text}’"), 2))?);
    }
    let delimiter = match given.value('t') {
        None => None,
        Some("\\t") => Some('\t'),
        Some(text) if text.chars().count() == 1 => text.chars().next(),
        Some("") => return Err(Spoken::error(["sort: empty tab".to_owned()], 2)),
        Some(text) => {
            return Err(Spoken::error([format!("sort: multi-character tab ‘{text}’")], 2));
        }
    };
    Ok((Kind::Sort(Sort { flags: given.flags, keys, delimiter, lines: Vec::new() }), given.rest))
}

fn key(text: &str) -> Option<Key> {
    let mut flags = Vec::new();
    let mut place = |text: &str| -> Option<(usize, usize)> {
        let numbers = text.trim_end_matches(|char: char| "nrbf".contains(char));
        flags.extend(text[numbers.len()..].chars());
        let (field, char) = numbers.split_once('.').unwrap_or((numbers, "0"));
        Some((field.parse().ok().filter(|field| *field > 0)?, char.parse().ok()?))
    };
    let (from, to) = text.split_once(',').map_or((text, None), |(from, to)| (from, Some(to)));
    let from = place(from)?;
    let to = match to {
        Some(to) => Some(place(to)?),
        None => None,
    };
    Some(Key { from, to, flags })
}

impl Sort {
    pub fn print(&mut self, io: &mut Io<'_, '_>) {
        let mut lines = std::mem::take(&mut self.lines);
        put_in_order(&mut lines, &|one, other| self.compare(one, other) == Ordering::Less);
        if self.flags.contains(&'u') {
            lines.dedup_by(|one, other| self.by_keys(one, other) == Ordering::Equal);
        }
        lines.iter().for_each(|line| io.print(&**line));
    }

    fn compare(&self, one: &str, other: &str) -> Ordering {
        let last = || match (self.flags.contains(&'u') || self.flags.contains(&'s'), self.flags.contains(&'r')) {
            // Lines that are equal by their keys stay as they came.
            (true, _) => Ordering::Equal,
            (_, true) => other.cmp(one),
            _ => one.cmp(other),
        };
        self.by_keys(one, other).then_with(last)
    }

    fn by_keys(&self, one: &str, other: &str) -> Ordering {
        if self.keys.is_empty() {
            return turned(by(one, other, &self.flags), &self.flags);
        }
        for key in &self.keys {
            let flags = if key.flags.is_empty() { &self.flags } else { &key.flags };
            let found = by(&self.part(one, key), &self.part(other, key), flags);
            if found != Ordering::Equal {
                return turned(found, flags);
            }
        }
        Ordering::Equal
    }

    /// The part of a line that a key means.
    fn part(&self, line: &str, key: &Key) -> String {
        let chars: Vec<char> = line.chars().collect();
        let blanks = key.flags.contains(&'b') || self.flags.contains(&'b');
        let begin = |field: usize| {
            let mut at = 0;
            for _ in 1..field {
                at = self.field_end(&chars, at) + usize::from(self.delimiter.is_some());
            }
            at.min(chars.len())
        };
        let skip = |at: usize| at + chars[at..].iter().take_while(|char| blanks && **char == ' ').count();
        let from = (skip(begin(key.from.0)) + key.from.1.saturating_sub(1)).min(chars.len());
        let to = match key.to {
            None => chars.len(),
            Some((field, 0)) => self.field_end(&chars, begin(field)),
            Some((field, char)) => (skip(begin(field)) + char).min(chars.len()),
        };
        chars.get(from..to).unwrap_or_default().iter().collect()
    }

    /// Without a delimiter a field is blanks and what follows them.
    fn field_end(&self, chars: &[char], from: usize) -> usize {
        let from = from.min(chars.len());
        let rest = &chars[from..];
        from + match self.delimiter {
            Some(delimiter) => rest.iter().take_while(|char| **char != delimiter).count(),
            None => {
                let blanks = rest.iter().take_while(|char| char.is_whitespace()).count();
                blanks + rest[blanks..].iter().take_while(|char| !char.is_whitespace()).count()
            }
        }
    }
}

fn turned(found: Ordering, flags: &[char]) -> Ordering {
    if flags.contains(&'r') { found.reverse() } else { found }
}

fn by(one: &str, other: &str, flags: &[char]) -> Ordering {
    if flags.contains(&'n') {
        return number(one).cmp(&number(other));
    }
    if flags.contains(&'f') {
        return one.to_uppercase().cmp(&other.to_uppercase());
    }
    one.cmp(other)
}

/// The number at the beginning of a text, times a million.
fn number(text: &str) -> i128 {
    let text = text.trim_start();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let leading = |text: &str| text.chars().take_while(char::is_ascii_digit).take(25).collect::<String>();
    let whole_digits = leading(whole);
    let part = if whole_digits.len() == whole.len() { leading(part) } else { String::new() };
    let number = whole_digits.parse::<i128>().unwrap_or(0) * 1_000_000 + format!("{part:0<6}")[..6].parse::<i128>().unwrap_or(0);
    if text.starts_with('-') { -number } else { number }
}
