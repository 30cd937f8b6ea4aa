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

/// `840 ms`, `3.2 s`, `45 s`, `4 min 12 s`: three figures at most, the last one rounded.
pub fn span(span: Span) -> String {
    let ms = span.ms();
    let rounded = |unit: u64| (ms + unit / 2) / unit;
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..9950 => format!("{}.{} s", rounded(100) / 10, rounded(100) % 10),
        9950..119_500 => format!("{} s", rounded(1000)),
        119_500..7_199_500 => format!("{} min {} s", rounded(1000) / 60, rounded(1000) % 60),
        _ => format!("{} h {} min", rounded(60_000) / 60, rounded(60_000) % 60),
    }
}

/// `0.002 s`, `45.613 s`: time since a beginning, to the millisecond.
pub fn offset(span: Span) -> String {
    format!("{}.{:03} s", span.ms() / 1000, span.ms() % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_not_cut() {
        let words = |ms: u64| span(Span::from_ms(ms));
        assert_eq!([words(999), words(3_249), words(3_250), words(9_949)], ["999 ms", "3.2 s", "3.3 s", "9.9 s"]);
        assert_eq!([words(9_950), words(44_501), words(119_499)], ["10 s", "45 s", "119 s"]);
        assert_eq!([words(119_500), words(252_499), words(7_199_499)], ["2 min 0 s", "4 min 12 s", "119 min 59 s"]);
        assert_eq!([words(7_199_500), words(7_230_000)], ["2 h 0 min", "2 h 1 min"]);
    }
}
