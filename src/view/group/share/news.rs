//! What happened to a share group's records and members lately, read from the trace.

use std::rc::Rc;

use super::name_of;
use super::partitions::range;
use crate::base::{GroupId, SimTime, TopicPartition};
use crate::engine::trace::{ShareStep, TraceEvent};
use crate::engine::world::World;
use crate::view::group::{History, words};

/// Lines told; before them, only the trace knows.
const NEWS_MAX: usize = 24;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NewsKind {
    Acquired,
    Accepted,
    Released,
    Rejected,
    TimedOut,
    Archived,
    Forgotten,
    Came,
    Went,
}

impl NewsKind {
    /// In one sign.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Acquired => "●",
            Self::Accepted => "✓",
            Self::Released | Self::Forgotten => "↺",
            Self::TimedOut => "!",
            Self::Rejected | Self::Archived => "×",
            Self::Came => "→",
            Self::Went => "←",
        }
    }

    fn of(step: ShareStep) -> Self {
        match step {
            ShareStep::Acquired => Self::Acquired,
            ShareStep::Accepted => Self::Accepted,
            ShareStep::Released => Self::Released,
            ShareStep::Rejected => Self::Rejected,
            ShareStep::LockTimedOut => Self::TimedOut,
            ShareStep::Forgotten => Self::Forgotten,
            ShareStep::Archived => Self::Archived,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct News {
    pub at: SimTime,
    pub kind: NewsKind,
    /// Of the latest, where it happened several times.
    pub text: String,
    /// How often it happened, since a member came or went.
    pub times: usize,
}

/// Records that the same happened to at the same moment.
struct Happened {
    at: SimTime,
    kind: NewsKind,
    member: Option<Rc<str>>,
    partition: TopicPartition,
    first: i64,
    last: i64,
    count: u16,
}

enum Entry {
    Records(Happened),
    Member(News),
}

/// The latest first.
pub fn news(world: &World, id: &GroupId, delivery_count_max: u16, history: &History) -> Vec<News> {
    let mut all: Vec<Entry> = Vec::new();
    for entry in world.trace().iter() {
        match &entry.event {
            TraceEvent::ShareRecords { group, member, topic_partition, first_offset, last_offset, delivery_count, what }
                if group == id =>
            {
                let happened = Happened {
                    at: entry.at,
                    kind: NewsKind::of(*what),
                    member: member.as_ref().map(|member| name_of(history, member)),
                    partition: topic_partition.clone(),
                    first: first_offset.0,
                    last: last_offset.0,
                    count: *delivery_count,
                };
                add(&mut all, happened);
            }
            TraceEvent::MemberJoined { group, member, .. } if group == id => {
                let text = format!("{} joins the group", name_of(history, member));
                all.push(Entry::Member(News { at: entry.at, kind: NewsKind::Came, text, times: 1 }));
            }
            TraceEvent::MemberGone { group, member, reason } if group == id => {
                let text = words::goes(&name_of(history, member), reason);
                all.push(Entry::Member(News { at: entry.at, kind: NewsKind::Went, text, times: 1 }));
            }
            TraceEvent::ProgramKilled { clients, .. } => {
                let own = clients.iter().filter_map(|(_, member)| history.members.get(member.as_ref()?));
                all.extend(own.map(|(_, name)| {
                    let text = format!("{name} crashes: its connection breaks");
                    Entry::Member(News { at: entry.at, kind: NewsKind::Went, text, times: 1 })
                }));
            }
            _ => {}
        }
    }
    told(&all, delivery_count_max)
}

/// So many are told one by one, the way of a record among them; of those before, what repeats is one line.
const SINGLE: usize = 12;

/// What is the same but for the records: who did what in which partition, while the same members were there. Without this
/// a thousand records accepted would push out of sight that a member crashed.
type Repeats<'e> = (usize, NewsKind, Option<&'e str>, &'e TopicPartition);

/// The latest first.
fn told(all: &[Entry], delivery_count_max: u16) -> Vec<News> {
    let mut told: Vec<(News, Option<Repeats<'_>>)> = Vec::new();
    let mut members_since = 0;
    for (at, entry) in all.iter().enumerate().rev() {
        match entry {
            Entry::Member(news) => {
                members_since += 1;
                told.push((news.clone(), None));
            }
            Entry::Records(happened) => {
                let repeats = (members_since, happened.kind, happened.member.as_deref(), &happened.partition);
                let repeats = Some(repeats).filter(|_| told.len() >= SINGLE);
                match told.iter_mut().find(|(_, known)| repeats.is_some() && *known == repeats) {
                    Some((news, _)) => news.times += 1,
                    None => {
                        let text = in_words(happened, holder(&all[..at], happened), delivery_count_max);
                        told.push((News { at: happened.at, kind: happened.kind, text, times: 1 }, repeats));
                    }
                }
            }
        }
        if told.len() > NEWS_MAX {
            break;
        }
    }
    told.truncate(NEWS_MAX);
    told.into_iter().map(|(news, _)| news).collect()
}

/// Puts neighbours that go together into one.
fn add(all: &mut Vec<Entry>, new: Happened) {
    if let Some(Entry::Records(last)) = all.last_mut()
        && last.last + 1 == new.first
        && (last.at, last.kind, last.count) == (new.at, new.kind, new.count)
        && (&last.member, &last.partition) == (&new.member, &new.partition)
    {
        last.last = new.last;
        return;
    }
    all.push(Entry::Records(new));
}

/// Who was given the record before that happened to it.
fn holder<'n>(before: &'n [Entry], happened: &'n Happened) -> Option<&'n str> {
    let given = |entry: &'n Entry| match entry {
        Entry::Records(given)
            if given.kind == NewsKind::Acquired
                && given.partition == happened.partition
                && (given.first..=given.last).contains(&happened.first) =>
        {
            given.member.as_deref()
        }
        _ => None,
    };
    happened.member.as_deref().or_else(|| before.iter().rev().find_map(given))
}

fn in_words(happened: &Happened, holder: Option<&str>, max: u16) -> String {
    let records = format!("{} {}", happened.partition, range(happened.first, happened.last));
    let (holder, count) = (holder.unwrap_or("a member"), happened.count);
    match happened.kind {
        NewsKind::Acquired => format!("{records} acquired by {holder}: delivery {count} of {max}"),
        NewsKind::Accepted => format!("{records} accepted by {holder}: done"),
        NewsKind::Released => format!("{records} released by {holder} after delivery {count} of {max}: available again"),
        NewsKind::Rejected => format!("{records} rejected by {holder}: archived, nobody gets it again"),
        NewsKind::TimedOut => format!("{records}: the lock of {holder} timed out after delivery {count} of {max}: available again"),
        NewsKind::Archived if count < max => format!("{records} archived: there is no such record to deliver"),
        NewsKind::Archived if happened.member.is_some() => {
            format!("{records} released by {holder} after the last delivery, {count} of {max}: archived")
        }
        NewsKind::Archived => {
            format!("{records}: the lock of {holder} timed out after the last delivery, {count} of {max}: archived")
        }
        NewsKind::Forgotten => {
            format!("{records}: the leader no longer knows that {holder} has it: available again, and this delivery does not count")
        }
        NewsKind::Came | NewsKind::Went => records,
    }
}
