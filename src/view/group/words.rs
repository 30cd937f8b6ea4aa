//! Partitions, times and what happens to groups, in words.

use std::rc::Rc;

use crate::base::{MemberId, Span, TopicPartition, sort};
use crate::engine::trace::{GoneReason, GroupReason, ShareStep};

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

/// Why a group's state changed; `name` says who a member is.
pub fn reason(reason: &GroupReason, name: impl Fn(&MemberId) -> String) -> String {
    use GroupReason as R;
    match reason {
        R::Joins { member, client_reason } => with_client_reason(format!("{} joins", name(member)), client_reason),
        R::JoinsAgain { member, is_leader, client_reason } => {
            let leads = if *is_leader { ", the leader," } else { "" };
            with_client_reason(format!("{}{leads} joins again", name(member)), client_reason)
        }
        R::Replaces { new, old, client_reason } => {
            let what = format!("a static member is back: {} takes the place of {}", name(new), name(old));
            with_client_reason(what, client_reason)
        }
        R::Gone { member, reason } => format!("{} {}", name(member), gone(reason)),
        R::NoMembers => "no member is left".to_owned(),
        R::NotSynced => "members did not ask for their assignment in time".to_owned(),
        R::AllJoined { members: 1 } => "its only member has joined".to_owned(),
        R::AllJoined { members } => format!("all {members} members have joined"),
        R::HandedIn { leader } => format!("{}, the leader, has handed in the assignment", name(leader)),
        R::Away { member } => format!("{}, a static member, is away for a while", name(member)),
        R::SubscriptionChanged { member } => format!("the subscription of {} has changed", name(member)),
        R::MatchesChanged => "the topics that its regular expressions match have changed".to_owned(),
        R::TopicsChanged => "the topics subscribed to have changed".to_owned(),
        R::Reconciles { member, epoch } => format!("{} is at epoch {epoch}", name(member)),
        R::UpgradedEmpty => "the empty classic group has become one of the consumer protocol".to_owned(),
        R::Upgraded => "a member of the consumer protocol has joined: the classic group is upgraded".to_owned(),
        R::Downgraded => "no member of the consumer protocol is left: the group is classic again".to_owned(),
        R::DowngradedByLeave => "the last member of the consumer protocol is gone".to_owned(),
        R::DowngradedStale => "the group is classic again, and its assignment was not up to date".to_owned(),
        R::Deleted => "deleted by an administrator".to_owned(),
        R::Unused => "it is empty and holds no offsets".to_owned(),
        R::OffsetsExpired => "its offsets have expired".to_owned(),
    }
}

/// Why a member is gone.
pub fn gone(reason: &GoneReason) -> String {
    match reason {
        GoneReason::Left { client_reason } => with_client_reason("left".to_owned(), client_reason),
        GoneReason::SessionExpired { setting } => format!("session expired: no heartbeat within {setting}"),
        GoneReason::NotJoined => "did not join again within the rebalance timeout".to_owned(),
        GoneReason::NotSynced => "did not ask for its assignment within the rebalance timeout".to_owned(),
        GoneReason::NotRevoked => "did not give up its partitions within the rebalance timeout".to_owned(),
    }
}

/// With its first letter as at the beginning of a sentence.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

fn with_client_reason(what: String, client_reason: &str) -> String {
    if client_reason.is_empty() { what } else { format!("{what}: {client_reason}") }
}

/// That a member is gone, in a sentence without its full stop.
pub fn goes(name: &str, reason: &GoneReason) -> String {
    match reason {
        GoneReason::Left { client_reason } => with_client_reason(format!("{name} leaves the group"), client_reason),
        reason => format!("{name} is out of the group: {}", gone(reason)),
    }
}

/// What happened to records of a share partition, as the JavaScript API has it.
pub fn share_step(step: ShareStep) -> &'static str {
    match step {
        ShareStep::Acquired => "acquired",
        ShareStep::Accepted => "accepted",
        ShareStep::Released => "released",
        ShareStep::Rejected => "rejected",
        ShareStep::LockTimedOut => "lock timed out",
        ShareStep::Archived => "archived",
        ShareStep::Forgotten => "forgotten",
    }
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
