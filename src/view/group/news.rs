//! What happened to a share group's records and members lately, as the trace tells it.

use std::collections::VecDeque;
use std::rc::Rc;

use super::history::Names;
use super::in_flight::range;
use super::words;
use crate::base::{MemberId, SimTime, TopicPartition};
use crate::engine::trace::{ShareStep, TraceEvent};

/// Lines told; what was before them is not kept.
const NEWS_MAX: usize = 24;

/// So many are told one by one, the way of a record among them; of those before, what repeats is one line.
const SINGLE: usize = 12;

/// Records given to members that are remembered: whose lock it was that timed out.
const GIVEN_MAX: usize = 1024;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NewsKind {
    Records(ShareStep),
    Came,
    Went,
}

impl NewsKind {
    /// In one sign.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Records(ShareStep::Acquired) => "●",
            Self::Records(ShareStep::Accepted) => "✓",
            Self::Records(ShareStep::Released | ShareStep::Forgotten) => "↺",
            Self::Records(ShareStep::LockTimedOut) => "!",
            Self::Records(ShareStep::Rejected | ShareStep::Archived) => "×",
            Self::Came => "→",
            Self::Went => "←",
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
    step: ShareStep,
    member: Option<Rc<str>>,
    /// Who had the record before: the member, or the last one that it was given to.
    holder: Option<Rc<str>>,
    partition: TopicPartition,
    first: i64,
    last: i64,
    count: u16,
}

enum What {
    Records(Happened),
    Member { kind: NewsKind, text: String },
}

struct Line {
    at: SimTime,
    what: What,
    times: usize,
}

/// What happened to a group lately, while it is read event by event.
#[derive(Default)]
pub(in crate::view::group) struct Recently {
    /// The latest, one by one, the oldest first.
    single: VecDeque<Line>,
    /// Those before. What is the same but for the records is one line: who did what in which partition, while the same members
    /// were there. Without this a thousand records accepted would push out of sight that a member crashed.
    earlier: VecDeque<Line>,
    given: VecDeque<(TopicPartition, i64, i64, Rc<str>)>,
}

impl Recently {
    /// Something that happened to the group, or to a program of one of its members.
    pub fn event(&mut self, names: &Names, at: SimTime, event: &TraceEvent) {
        let name = |member: &MemberId| names.get(member).map_or_else(|| Rc::clone(&member.0), |(_, name)| name.clone());
        match event {
            TraceEvent::ShareRecords { member, topic_partition, first_offset, last_offset, delivery_count, what, .. } => {
                let member = member.as_ref().map(name);
                let holder = member.clone().or_else(|| self.holder(topic_partition, first_offset.0));
                let (first, last, count) = (first_offset.0, last_offset.0, *delivery_count);
                self.records(at, Happened { step: *what, member, holder, partition: topic_partition.clone(), first, last, count });
            }
            TraceEvent::MemberJoined { member, .. } => {
                self.member(at, NewsKind::Came, format!("{} joins the group", name(member)));
            }
            TraceEvent::MemberGone { member, reason, .. } => {
                self.member(at, NewsKind::Went, words::goes(&name(member), reason));
            }
            TraceEvent::ProgramKilled { clients, .. } => {
                for (_, name) in clients.iter().filter_map(|(_, member)| names.get(member.as_ref()?)) {
                    self.member(at, NewsKind::Went, format!("{name} crashes: its connection breaks"));
                }
            }
            _ => {}
        }
    }

    /// Who was last given a record.
    fn holder(&self, partition: &TopicPartition, offset: i64) -> Option<Rc<str>> {
        let is_it = |given: &&(TopicPartition, i64, i64, Rc<str>)| given.0 == *partition && (given.1..=given.2).contains(&offset);
        self.given.iter().rev().find(is_it).map(|given| given.3.clone())
    }

    fn member(&mut self, at: SimTime, kind: NewsKind, text: String) {
        self.push(Line { at, what: What::Member { kind, text }, times: 1 });
    }

    fn records(&mut self, at: SimTime, new: Happened) {
        if let (ShareStep::Acquired, Some(member)) = (new.step, &new.member) {
            self.given.push_back((new.partition.clone(), new.first, new.last, member.clone()));
            if self.given.len() > GIVEN_MAX {
                self.given.pop_front();
            }
        }
        // Neighbours that go together are one.
        if let Some(Line { at: known, what: What::Records(last), .. }) = self.single.back_mut()
            && last.last + 1 == new.first
            && (*known, last.step, last.count) == (at, new.step, new.count)
            && (&last.member, &last.partition) == (&new.member, &new.partition)
        {
            last.last = new.last;
            return;
        }
        self.push(Line { at, what: What::Records(new), times: 1 });
    }

    fn push(&mut self, line: Line) {
        self.single.push_back(line);
        if self.single.len() <= SINGLE {
            return;
        }
        let Some(mut line) = self.single.pop_front() else { return };
        let since_members = self.earlier.iter().rposition(|earlier| matches!(earlier.what, What::Member { .. }));
        let same = |earlier: &Line| match (&earlier.what, &line.what) {
            (What::Records(one), What::Records(other)) => {
                (one.step, &one.member, &one.partition) == (other.step, &other.member, &other.partition)
            }
            _ => false,
        };
        let from = since_members.map_or(0, |at| at + 1);
        if let Some(at) = (from..self.earlier.len()).find(|at| same(&self.earlier[*at]))
            && let Some(earlier) = self.earlier.remove(at)
        {
            line.times += earlier.times;
        }
        self.earlier.push_back(line);
        if self.earlier.len() > NEWS_MAX - SINGLE {
            self.earlier.pop_front();
        }
    }

    /// The latest first.
    pub fn told(&self, delivery_count_max: u16) -> Vec<News> {
        let news = |line: &Line| match &line.what {
            What::Records(happened) => News {
                at: line.at,
                kind: NewsKind::Records(happened.step),
                text: in_words(happened, delivery_count_max),
                times: line.times,
            },
            What::Member { kind, text } => News { at: line.at, kind: *kind, text: text.clone(), times: line.times },
        };
        self.single.iter().rev().chain(self.earlier.iter().rev()).map(news).collect()
    }
}

fn in_words(happened: &Happened, max: u16) -> String {
    let records = format!("{} {}", happened.partition, range(happened.first, happened.last));
    let (holder, count) = (happened.holder.as_deref().unwrap_or("a member"), happened.count);
    match happened.step {
        ShareStep::Acquired => format!("{records} acquired by {holder}: delivery {count} of {max}"),
        ShareStep::Accepted => format!("{records} accepted by {holder}: done"),
        ShareStep::Released => format!("{records} released by {holder} after delivery {count} of {max}: available again"),
        ShareStep::Rejected => format!("{records} rejected by {holder}: archived, nobody gets it again"),
        ShareStep::LockTimedOut => {
            format!("{records}: the lock of {holder} timed out after delivery {count} of {max}: available again")
        }
        ShareStep::Archived if count < max => format!("{records} archived: there is no such record to deliver"),
        ShareStep::Archived if happened.member.is_some() => {
            format!("{records} released by {holder} after the last delivery, {count} of {max}: archived")
        }
        ShareStep::Archived => {
            format!("{records}: the lock of {holder} timed out after the last delivery, {count} of {max}: archived")
        }
        ShareStep::Forgotten => {
            format!("{records}: the leader no longer knows that {holder} has it: available again, and this delivery does not count")
        }
    }
}
