//! Who read which partition of a group over a stretch of time, and what that comes to.

use std::rc::Rc;

use super::group::{History, Lane, Reads, words};
use crate::base::{SimTime, Span, sort};

/// A stretch of time of a group, as far as it has gone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Readers {
    pub from: SimTime,
    /// How far the scale goes: the same in all runs and at all steps.
    pub until: SimTime,
    pub now: SimTime,
    /// By partition, from the beginning until now.
    pub lanes: Vec<Lane>,
    /// The longest time for which nobody read a partition, without a break.
    pub longest: Span,
    /// Times that a partition had no reader for a while, and got the same one again.
    pub in_vain: usize,
    /// Times that a partition went from one reader to another.
    pub moved: usize,
    /// How many of these the members' numbers of partitions ask for.
    pub needed: usize,
    /// Steps of the rebalances, as the Groups view counts them.
    pub steps: usize,
}

impl Readers {
    /// `changes`: when members come and go.
    pub fn new(history: &History, (from, until): (SimTime, SimTime), now: SimTime, changes: &[SimTime]) -> Self {
        let lanes = history.lanes(from, now);
        let gaps = lanes.iter().flat_map(|lane| lane.segments.iter().filter(|segment| segment.owner.is_none()));
        let longest = gaps.map(|gap| gap.until.since(gap.from)).max().unwrap_or(Span::ZERO);
        let in_vain = |lane: &Lane| {
            lane.segments.windows(3).filter(|three| three[1].owner.is_none() && three[0].owner == three[2].owner).count()
        };
        // What a change leads to is settled when the next one comes.
        let rests = changes.iter().skip(1).copied().filter(|change| *change < now).chain([now]);
        let mut owners = Owners::at(history, from);
        let (mut moved, mut needed) = (0, 0);
        for rest in rests {
            let next = Owners::at(history, rest);
            moved += owners.moved(&next);
            needed += owners.needed(&next);
            owners = next;
        }
        let steps = history.rebalances.iter().flat_map(|rebalance| &rebalance.steps);
        Self {
            from,
            until,
            now,
            longest,
            in_vain: lanes.iter().map(in_vain).sum(),
            moved,
            needed,
            steps: steps.filter(|step| step.at >= from && step.at <= now).count(),
            lanes,
        }
    }

    /// How long nobody read, over all partitions together.
    pub fn unread(&self) -> Span {
        self.lanes.iter().fold(Span::ZERO, |sum, lane| sum + lane.unread())
    }

    /// How long nobody read any partition: the world stood still.
    pub fn stopped(&self) -> Span {
        let gaps = |lane: &Lane| -> Vec<(SimTime, SimTime)> {
            let gaps = lane.segments.iter().filter(|segment| segment.owner.is_none());
            gaps.map(|gap| (gap.from, gap.until)).collect()
        };
        let Some((first, others)) = self.lanes.split_first() else { return Span::ZERO };
        let mut common = gaps(first);
        for lane in others {
            let own = gaps(lane);
            let both = |(from, until): &(SimTime, SimTime)| -> Vec<(SimTime, SimTime)> {
                own.iter().map(|gap| (gap.0.max(*from), gap.1.min(*until))).filter(|gap| gap.1 > gap.0).collect()
            };
            common = common.iter().flat_map(both).collect();
        }
        common.iter().fold(Span::ZERO, |sum, gap| sum + gap.1.since(gap.0))
    }

    /// Partitions that had no reader for a while.
    pub fn interrupted(&self) -> usize {
        self.lanes.iter().filter(|lane| lane.unread() > Span::ZERO).count()
    }

    /// Moves that were not needed.
    pub fn needless(&self) -> usize {
        self.moved.saturating_sub(self.needed)
    }

    /// The figures below the lanes: what is counted, and how much it is.
    pub fn figures(&self) -> Vec<(&'static str, String)> {
        let moved = match (self.moved, self.needless()) {
            (moved, 0) => moved.to_string(),
            (moved, needless) => format!("{moved}, {needless} without need"),
        };
        vec![
            ("Stop the world: no partition read", words::span(self.stopped())),
            ("Without a reader, all partitions together", words::span(self.unread())),
            ("The longest without a reader", words::span(self.longest)),
            ("Partitions interrupted", format!("{} of {}", self.interrupted(), self.lanes.len())),
            ("Interrupted, and back to the same reader", self.in_vain.to_string()),
            ("Partitions moved", moved),
            ("Steps of rebalances", self.steps.to_string()),
        ]
    }

    /// In words, for who does not see the picture.
    pub fn words(&self) -> Vec<String> {
        let lane = |lane: &Lane| format!("partition {}: {}", lane.topic_partition.partition, lane_words(lane));
        let figure = |(what, how_much): (&str, String)| format!("{}: {how_much}", what);
        self.lanes.iter().map(lane).chain(self.figures().into_iter().map(figure)).collect()
    }
}

/// Who reads a partition now, and for how long nobody did.
pub fn lane_words(lane: &Lane) -> String {
    let reader = lane.segments.last().and_then(|segment| segment.owner.as_deref()).unwrap_or("nobody");
    match lane.unread() {
        Span::ZERO => format!("read by {reader}"),
        unread => format!("read by {reader}, by nobody for {}", words::span(unread)),
    }
}

/// The last reader of each partition at a moment.
struct Owners(Vec<Option<Rc<str>>>);

impl Owners {
    fn at(history: &History, at: SimTime) -> Self {
        let last = |readers: &Rc<Reads>| {
            readers.iter().filter(|(since, _)| *since <= at).filter_map(|(_, reader)| reader.clone()).next_back()
        };
        Self(history.readers.values().map(last).collect())
    }

    fn count(&self, reader: &str) -> usize {
        self.0.iter().flatten().filter(|owner| &***owner == reader).count()
    }

    fn moved(&self, next: &Self) -> usize {
        self.0.iter().zip(&next.0).filter(|(before, after)| before != after).count()
    }

    /// How many must move for each reader to come to its number of partitions: those that it has more than before.
    fn needed(&self, next: &Self) -> usize {
        let mut readers: Vec<&Rc<str>> = next.0.iter().flatten().collect();
        sort(&mut readers);
        readers.dedup();
        readers.iter().map(|reader| next.count(reader).saturating_sub(self.count(reader))).sum()
    }
}
