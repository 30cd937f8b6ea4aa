//! Partitions and times in the words of the Groups view.

use std::rc::Rc;

use crate::base::{Span, TopicPartition, sort};

/// Partitions of one topic that are named one by one.
const NAMED_MAX: usize = 12;

/// `rides 0, 1 · payments 0`; `nothing` for none. Of many only the first are named.
pub fn partitions<'a>(partitions: impl IntoIterator<Item = &'a TopicPartition>) -> String {
    let mut topics: Vec<(&str, Vec<i32>)> = Vec::new();
    for partition in partitions {
        let topic = partition.topic.as_str();
        match topics.iter_mut().find(|(known, _)| *known == topic) {
            Some((_, numbers)) => numbers.push(partition.partition),
            None => topics.push((topic, vec![partition.partition])),
        }
    }
    let words = topics.iter_mut().map(|(topic, numbers)| {
        sort(numbers);
        let named: Vec<String> = numbers.iter().take(NAMED_MAX).map(i32::to_string).collect();
        let more = numbers.len().saturating_sub(NAMED_MAX);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        format!("{topic} {}{more}", named.join(", "))
    });
    let words = words.collect::<Vec<_>>().join(" · ");
    if words.is_empty() { "nothing".to_owned() } else { words }
}

/// `c1`, `c1 and c2`, `c1, c2 and c3`.
pub fn names(names: &[Rc<str>]) -> String {
    match names {
        [] => "nobody".to_owned(),
        [one] => one.to_string(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `840 ms`, `3.2 s`, `45 s`, `4 min 12 s`: three figures at most.
pub fn span(span: Span) -> String {
    let ms = span.ms();
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..10_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        10_000..120_000 => format!("{} s", ms / 1000),
        120_000..7_200_000 => format!("{} min {} s", ms / 60_000, ms / 1000 % 60),
        _ => format!("{} h {} min", ms / 3_600_000, ms / 60_000 % 60),
    }
}

/// `0.002 s`, `45.613 s`: time since a beginning, to the millisecond.
pub fn offset(span: Span) -> String {
    format!("{}.{:03} s", span.ms() / 1000, span.ms() % 1000)
}
