//! What of a partition a share group has been given, and is not done with.
//!
//! ```text
//!          start (SPSO)                        end              high watermark
//!               ▼                               ▼                     ▼
//!   ── done ────┤ 4✓ │ 5 c1 │ 6 c1 │ 7○ │ 8 c2 │ not given out yet    │
//! ```

use std::rc::Rc;

use super::History;
use super::words;
use crate::base::{BrokerId, GroupId, Offset, SimTime, SortedSet, TopicPartition};
use crate::engine::group::ShareGroup;
use crate::engine::protocol::{RecordState, ShareGroupOffset};
use crate::engine::share::{InFlight, ShareKey, SharePartition};
use crate::engine::world::World;
use crate::view::parts::row::leader_replica;

/// Rows drawn of a group.
const ROWS_MAX: usize = 32;

/// Runs drawn of a partition.
const RUNS_MAX: usize = 200;

/// Cells drawn of a partition.
const CELLS_MAX: usize = 48;

/// Records of one run that have a cell each; of a longer one all have one together.
const SINGLE_MAX: i64 = 8;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    Available,
    Acquired,
    Acknowledged,
    Archived,
    /// Between records in flight, and not in flight itself: nobody was given it, or there is no record.
    Open,
}

impl Standing {
    /// In one sign: states are told without colour.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Available => "○",
            Self::Acquired => "●",
            Self::Acknowledged => "✓",
            Self::Archived => "×",
            Self::Open => "·",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Acquired => "acquired",
            Self::Acknowledged => "acknowledged",
            Self::Archived => "archived",
            Self::Open => "not given out",
        }
    }

    /// What that means, in a sentence.
    pub fn why(self) -> &'static str {
        match self {
            Self::Available => "The next member that asks gets it.",
            Self::Acquired => {
                "One member has it, and nobody else gets it until that member says what became of it or the lock is over."
            }
            Self::Acknowledged => "Done with. It leaves when all before it are done with too: then the start moves on.",
            Self::Archived => "Nobody gets it any more: it was rejected, or delivered as often as the limit allows.",
            Self::Open => "It was not given to anyone yet.",
        }
    }
}

/// Records side by side that stand alike.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    pub first: i64,
    /// Inclusive.
    pub last: i64,
    pub standing: Standing,
    /// How often they have been given to a member.
    pub delivery_count: u16,
    /// Who holds them; of acquired ones only.
    pub holder: Option<Rc<str>>,
    /// When the hold ends by itself; of acquired ones only.
    pub locked_until: Option<SimTime>,
}

impl Run {
    /// `3–7`, or `3`.
    pub fn range(&self) -> String {
        range(self.first, self.last)
    }

    /// `acquired by c1, delivery 2 of 5`.
    pub fn words(&self, delivery_count_max: u16) -> String {
        let count = self.delivery_count;
        match (self.standing, &self.holder) {
            (Standing::Acquired, Some(holder)) => format!("acquired by {holder}, delivery {count} of {delivery_count_max}"),
            (Standing::Open, _) => Standing::Open.word().to_owned(),
            (Standing::Available, _) if count == 0 => "available, not delivered yet".to_owned(),
            (standing, _) => format!("{}, delivered {count} of {delivery_count_max} times", standing.word()),
        }
    }
}

/// A place in the strip: one record, or a long run of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cell<'r> {
    pub first: i64,
    /// Inclusive.
    pub last: i64,
    pub run: &'r Run,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SharePartitionRow {
    pub topic_partition: TopicPartition,
    /// The members that are assigned it.
    pub readers: Vec<Rc<str>>,
    /// The leader, which hands out the records.
    pub leader: Option<BrokerId>,
    /// Where the group begins (SPSO): the first record that is not done with. `None` until its first fetch decides it.
    pub start_offset: Option<i64>,
    /// The end of what was handed out, exclusive.
    pub end_offset: i64,
    pub high_watermark: Option<i64>,
    /// Records after the start that are done with.
    pub done: i64,
    /// From the start to the end, without a gap.
    pub runs: Vec<Run>,
    /// Records up to the end that are in none of these runs: there are too many.
    pub left_out: i64,
    /// Nobody reads it now: this is what the share coordinator keeps, without locks.
    pub kept: bool,
}

impl SharePartitionRow {
    /// Records that can be read and were given to nobody yet.
    pub fn ahead(&self) -> i64 {
        self.high_watermark.map_or(0, |end| (end - self.end_offset).max(0))
    }

    /// Records that are not done with.
    pub fn lag(&self) -> Option<i64> {
        Some((self.high_watermark? - self.start_offset? - self.done).max(0))
    }

    /// The strip's cells, and how many records have none.
    pub fn cells(&self) -> (Vec<Cell<'_>>, i64) {
        let mut cells = Vec::new();
        for run in &self.runs {
            if run.last - run.first < SINGLE_MAX {
                cells.extend((run.first..=run.last).map(|offset| Cell { first: offset, last: offset, run }));
            } else {
                cells.push(Cell { first: run.first, last: run.last, run });
            }
        }
        let more: i64 = cells.iter().skip(CELLS_MAX).map(|cell| cell.last - cell.first + 1).sum();
        cells.truncate(CELLS_MAX);
        (cells, more + self.left_out)
    }

    /// Where it stands, in a sentence.
    pub fn summary(&self) -> String {
        let Some(start) = self.start_offset else {
            return "No start yet: share.auto.offset.reset decides it when the first member fetches.".to_owned();
        };
        let counts: Vec<String> = [Standing::Available, Standing::Acquired, Standing::Acknowledged, Standing::Archived]
            .into_iter()
            .filter_map(|standing| {
                let runs = self.runs.iter().filter(|run| run.standing == standing);
                let number: i64 = runs.map(|run| run.last - run.first + 1).sum();
                (number > 0).then(|| format!("{number} {}", standing.word()))
            })
            .collect();
        let flight = match (counts.as_slice(), self.ahead()) {
            ([], 0) => format!("Nothing is in flight, and nothing waits: the next record is offset {}.", self.end_offset),
            ([], _) => "Nothing is in flight.".to_owned(),
            (counts, _) if self.left_out > 0 => format!("In flight: {}, and {} more.", counts.join(", "), self.left_out),
            (counts, _) => format!("In flight: {}.", counts.join(", ")),
        };
        format!("Start {start}. {flight}")
    }
}

/// `3–7`, or `3`.
pub(super) fn range(first: i64, last: i64) -> String {
    if first == last { first.to_string() } else { format!("{first}–{last}") }
}

/// The group's partitions by name, and how many there are beyond those.
pub fn rows(world: &World, id: &GroupId, group: Option<&ShareGroup>, history: &History) -> (Vec<SharePartitionRow>, usize) {
    let mut all: SortedSet<TopicPartition> = SortedSet::new();
    if let Some(group) = group {
        let initialized = group.initialized.iter();
        let initializing = group.initializing.iter().map(|(topic, (partitions, _))| (topic, partitions));
        for (topic, partitions) in initialized.chain(initializing) {
            all.extend(partitions.iter().map(|partition| TopicPartition::new(topic.clone(), *partition)));
        }
    }
    let more = all.len().saturating_sub(ROWS_MAX);
    (all.iter().take(ROWS_MAX).map(|partition| row(world, id, group, partition, history)).collect(), more)
}

fn row(
    world: &World,
    id: &GroupId,
    group: Option<&ShareGroup>,
    partition: &TopicPartition,
    history: &History,
) -> SharePartitionRow {
    let key: ShareKey = (id.clone(), partition.clone());
    let known = world.cluster().topic(partition.topic.as_str()).and_then(|topic| topic.partition(partition.partition));
    let leader = known.and_then(|state| state.leader);
    let live = leader.and_then(|leader| world.broker(leader)?.share.partitions.get(&key));
    let members = group.into_iter().flat_map(|group| group.members.iter());
    let readers = members.filter(|(_, member)| member.assignment.contains(partition)).map(|(member, _)| member);
    let mut row = SharePartitionRow {
        topic_partition: partition.clone(),
        readers: history.names_of(readers),
        leader,
        start_offset: None,
        end_offset: 0,
        high_watermark: leader_replica(world, partition).map(|replica| replica.high_watermark.0),
        done: 0,
        runs: Vec::new(),
        left_out: 0,
        kept: live.is_none(),
    };
    match (live, kept(world, &key)) {
        (Some(share), _) => of_leader(&mut row, share, history),
        (None, Some(state)) if state.start_offset.0 >= 0 => of_coordinator(&mut row, state),
        _ => {}
    }
    row
}

/// What a share coordinator keeps of a share partition. Where several say that they do, the one whose word is the latest.
fn kept<'w>(world: &'w World, key: &ShareKey) -> Option<&'w ShareGroupOffset> {
    let all = world.brokers().filter(|broker| broker.running).flat_map(|broker| broker.share.keeps.values());
    all.filter_map(|kept| Some((kept.leader_epoch, kept.states.get(key)?)))
        .max_by_key(|(epoch, _)| *epoch)
        .map(|(_, state)| &**state)
}

fn of_leader(row: &mut SharePartitionRow, share: &SharePartition, history: &History) {
    row.start_offset = Some(share.start_offset.0);
    row.end_offset = share.start_offset.0;
    row.done = share.delivery_complete_count;
    for (first, last, state) in share.batches().iter().flat_map(|batch| batch.runs()) {
        let run = of_state(first.max(share.start_offset), last, state, history);
        add(row, run);
    }
}

fn of_coordinator(row: &mut SharePartitionRow, state: &ShareGroupOffset) {
    row.start_offset = Some(state.start_offset.0);
    row.end_offset = state.start_offset.0;
    row.done = state.delivery_complete_count.max(0);
    for batch in state.batches.iter() {
        let run = Run {
            first: batch.first_offset.max(state.start_offset).0,
            last: batch.last_offset.0,
            standing: standing(batch.state),
            delivery_count: batch.delivery_count,
            holder: None,
            locked_until: None,
        };
        add(row, run);
    }
}

fn of_state(first: Offset, last: Offset, state: &InFlight, history: &History) -> Run {
    Run {
        first: first.0,
        last: last.0,
        standing: standing(state.state),
        delivery_count: state.delivery_count,
        holder: state.member.as_ref().map(|member| history.name_of(member)),
        locked_until: state.locked_until,
    }
}

fn standing(state: RecordState) -> Standing {
    match state {
        RecordState::Available => Standing::Available,
        RecordState::Acquired => Standing::Acquired,
        RecordState::Acknowledged => Standing::Acknowledged,
        RecordState::Archived => Standing::Archived,
    }
}

/// Adds a run, and before it what lies between.
fn add(row: &mut SharePartitionRow, run: Run) {
    if run.last < run.first {
        return;
    }
    if row.runs.len() >= RUNS_MAX {
        row.left_out += run.last + 1 - row.end_offset;
        row.end_offset = run.last + 1;
        return;
    }
    if run.first > row.end_offset && row.start_offset.is_some() {
        let (first, last) = (row.end_offset, run.first - 1);
        row.runs.push(Run { first, last, standing: Standing::Open, delivery_count: 0, holder: None, locked_until: None });
    }
    row.end_offset = run.last + 1;
    match row.runs.last_mut() {
        Some(last) if Run { first: last.first, last: run.last, ..run.clone() } == Run { last: run.last, ..last.clone() } => {
            last.last = run.last;
        }
        _ => row.runs.push(run),
    }
}

impl SharePartitionRow {
    /// `c1 and c2 read it`, or that nobody does.
    pub fn readers_words(&self) -> String {
        match self.readers.as_slice() {
            [] => "nobody reads it".to_owned(),
            [one] => format!("{one} reads it"),
            all => format!("{} read it together", words::names(all)),
        }
    }
}
