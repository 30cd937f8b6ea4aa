//! One partition across all brokers: the same offsets in each replica, so that they can be compared.
//!
//! ```text
//!             broker 1       broker 2       broker 3
//!   slot 3    {12 }
//!             ----------------------------------------  high watermark 12
//!   slot 2    [11 ]          [11 ]          [11 ]
//!   slot 1    [10 ]          [10 ]          [10 ]
//!   slot 0    [ 9 ]          [ 9 ]          [ 9 ]
//! ```

use std::rc::Rc;

use crate::base::{BrokerId, Offset, TopicPartition};
use crate::engine::broker::Replica;
use crate::engine::log::Batch;
use crate::engine::metadata::{PartitionState, Topic};
use crate::engine::world::World;
use crate::view::parts::text;

/// Slots kept at the high watermark where the log's end is further away than the row is high; in a low row one.
const SLOTS_BELOW_GAP: usize = 2;
const LOW: usize = 3;

/// Most slots of one row, whatever is asked for.
const SLOTS_MAX: usize = 32;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClusterRow {
    pub topic_partition: TopicPartition,
    pub leader: Option<BrokerId>,
    pub leader_epoch: i32,
    pub isr: Vec<BrokerId>,
    pub elr: Vec<BrokerId>,
    /// In sync must be so many for acks=all.
    pub min_isr: usize,
    pub health: Health,
    /// The leader's; without a leader the largest on a disk.
    pub high_watermark: i64,
    pub log_end_offset: i64,
    /// What is drawn, oldest first.
    pub slots: Vec<Slot>,
    /// So many slots lie below the high watermark.
    pub below_high_watermark: usize,
    /// One for each broker that should hold it or does, by id.
    pub replicas: Vec<ReplicaView>,
}

/// How a partition is, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Health {
    Fine,
    /// Fewer in sync than there are replicas.
    UnderReplicated,
    /// Fewer in sync than min.insync.replicas: acks=all is refused.
    UnderMinIsr,
    /// No leader.
    Offline,
}

impl Health {
    pub fn words(self) -> &'static str {
        match self {
            Self::Fine => "",
            Self::UnderReplicated => "under-replicated",
            Self::UnderMinIsr => "under min ISR",
            Self::Offline => "offline",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Slot {
    Offset(i64),
    /// Offsets that there is no room for: from the first up to, not with, the last.
    Gap(i64, i64),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReplicaView {
    pub broker: BrokerId,
    pub leader: bool,
    pub in_isr: bool,
    pub in_elr: bool,
    /// A reassignment brings it in, or takes it away.
    pub adding: bool,
    pub removing: bool,
    /// False: it belongs here, and the disk has nothing of it.
    pub on_disk: bool,
    /// Its process runs and answers.
    pub alive: bool,
    pub log_start_offset: i64,
    pub high_watermark: i64,
    pub log_end_offset: i64,
    /// The epoch of its last record; -1 for an empty log.
    pub last_epoch: i32,
    /// What it holds of each slot.
    pub held: Vec<Held>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Held {
    Nothing,
    /// Of a gap it holds all, or only some.
    Part {
        all: bool,
    },
    Record {
        offset: i64,
        key: Option<Rc<str>>,
        /// `None` (grey) for a null key.
        hue: Option<u16>,
        tombstone: bool,
        control: bool,
        above_high_watermark: bool,
        /// The leader has another record here, or none: this one will go.
        diverges: bool,
    },
}

pub(super) fn health(topic: &Topic, state: &PartitionState) -> Health {
    match state {
        PartitionState { leader: None, .. } => Health::Offline,
        _ if state.isr.len() < min_isr(topic, state) => Health::UnderMinIsr,
        _ if state.isr.len() < state.replicas.len() => Health::UnderReplicated,
        _ => Health::Fine,
    }
}

/// min.insync.replicas, but never more than there are replicas.
fn min_isr(topic: &Topic, state: &PartitionState) -> usize {
    topic.settings.min_insync_replicas.min(state.replicas.len())
}

/// One partition as all brokers have it; `None` for one that is not there.
pub fn row(world: &World, partition: &TopicPartition, slots_max: usize) -> Option<ClusterRow> {
    let topic = world.cluster().topic(partition.topic.as_str())?;
    let state = topic.partition(partition.partition)?;
    let held: Vec<(BrokerId, Option<&Replica>)> = world
        .brokers()
        .map(|broker| (broker.id, broker.replica(partition)))
        .filter(|(id, replica)| replica.is_some() || state.replicas.contains(id))
        .collect();
    let leading = state.leader.and_then(|leader| world.broker(leader)?.replica(partition));
    let logs = || held.iter().filter_map(|(_, replica)| *replica);
    let largest = |of: &dyn Fn(&Replica) -> Offset| logs().map(of).max().unwrap_or(Offset::ZERO);
    let high_watermark = leading.map_or_else(|| largest(&|replica| replica.high_watermark), |leader| leader.high_watermark);
    let end = largest(&|replica| replica.log.log_end_offset());
    let start = logs().map(|replica| replica.log.log_start_offset()).min().unwrap_or(Offset::ZERO);
    let slots = slots(start.0, high_watermark.0, end.0, slots_max.clamp(1, SLOTS_MAX));
    let below = slots.iter().filter(|slot| matches!(slot, Slot::Offset(offset) if *offset < high_watermark.0)).count();
    let reader = Reader { partition, slots: &slots, high_watermark, leading };
    let replicas = held
        .iter()
        .map(|(id, replica)| {
            let empty = || Offset::ZERO;
            ReplicaView {
                broker: *id,
                leader: state.leader == Some(*id),
                in_isr: state.isr.contains(id),
                in_elr: state.elr.contains(id),
                adding: state.adding.contains(id),
                removing: state.removing.contains(id),
                on_disk: replica.is_some(),
                alive: world.broker(*id).is_some_and(|broker| broker.running) && !world.is_frozen(*id),
                log_start_offset: replica.map_or_else(empty, |replica| replica.log.log_start_offset()).0,
                high_watermark: replica.map_or_else(empty, |replica| replica.high_watermark).0,
                log_end_offset: replica.map_or_else(empty, |replica| replica.log.log_end_offset()).0,
                last_epoch: replica.map_or(-1, Replica::last_epoch),
                held: replica.map_or_else(|| vec![Held::Nothing; slots.len()], |replica| reader.held(replica)),
            }
        })
        .collect();
    Some(ClusterRow {
        topic_partition: partition.clone(),
        leader: state.leader,
        leader_epoch: state.leader_epoch,
        isr: state.isr.clone(),
        elr: state.elr.clone(),
        min_isr: min_isr(topic, state),
        health: health(topic, state),
        high_watermark: high_watermark.0,
        log_end_offset: end.0,
        below_high_watermark: below,
        slots,
        replicas,
    })
}

/// The offsets to draw: the last ones, and those at the high watermark where that lies further back.
fn slots(start: i64, high_watermark: i64, end: i64, max: usize) -> Vec<Slot> {
    let below = if max <= LOW { 1 } else { SLOTS_BELOW_GAP as i64 };
    let max = max as i64;
    let from = (end - max).max(start);
    let offsets = |from: i64, to: i64| (from..to).map(Slot::Offset);
    // The line shows with at least one record below it, where there is one.
    if high_watermark > from || high_watermark <= start || max < below + 2 {
        return offsets(from, end).collect();
    }
    let first = (high_watermark - below).max(start);
    let after_gap = end - (max - (high_watermark - first) - 1);
    offsets(first, high_watermark).chain([Slot::Gap(high_watermark, after_gap)]).chain(offsets(after_gap, end)).collect()
}

/// Reads the records of the slots from each replica.
struct Reader<'w> {
    partition: &'w TopicPartition,
    slots: &'w [Slot],
    high_watermark: Offset,
    leading: Option<&'w Replica>,
}

impl Reader<'_> {
    fn held(&self, replica: &Replica) -> Vec<Held> {
        let (start, end) = (replica.log.log_start_offset().0, replica.log.log_end_offset().0);
        let mut held = Vec::with_capacity(self.slots.len());
        for slot in self.slots {
            held.push(match *slot {
                Slot::Gap(from, _) if end <= from => Held::Nothing,
                Slot::Gap(_, to) => Held::Part { all: end >= to },
                Slot::Offset(offset) if offset < start || offset >= end => Held::Nothing,
                Slot::Offset(offset) => self.record(replica, Offset(offset)).unwrap_or(Held::Nothing),
            });
        }
        held
    }

    /// `None` where compaction or a marker has left no record at the offset.
    fn record(&self, replica: &Replica, offset: Offset) -> Option<Held> {
        let batch = batch_at(replica, offset)?;
        let record = batch.records().find(|record| record.offset == offset)?;
        let key = match text::decoded(self.partition, &record) {
            Some((key, _)) => Some(text::preview(&key, 24)),
            None => record.key.map(|key| text::bytes_preview(key, 24)),
        };
        let diverges = self.leading.is_some_and(|leader| {
            let other = batch_at(leader, offset);
            other.is_none_or(|other| other.partition_leader_epoch != batch.partition_leader_epoch)
        });
        Some(Held::Record {
            offset: offset.0,
            key: key.map(Into::into),
            hue: record.key.map(text::hue),
            tombstone: record.value.is_none() && !batch.is_control(),
            control: batch.is_control(),
            above_high_watermark: offset >= self.high_watermark,
            diverges,
        })
    }
}

/// The batch that holds an offset.
fn batch_at(replica: &Replica, offset: Offset) -> Option<&Rc<Batch>> {
    replica.log.batches_from(offset).next().filter(|batch| batch.base_offset <= offset && offset <= batch.last_offset())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(start: i64, high_watermark: i64, end: i64) -> String {
        drawn_in(6, start, high_watermark, end)
    }

    fn drawn_in(max: usize, start: i64, high_watermark: i64, end: i64) -> String {
        let words = slots(start, high_watermark, end, max).into_iter().map(|slot| match slot {
            Slot::Offset(offset) => offset.to_string(),
            Slot::Gap(from, to) => format!("({from}..{to})"),
        });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_last_offsets_are_drawn_and_the_high_watermark_always() {
        assert_eq!(drawn(0, 0, 0), "");
        assert_eq!(drawn(0, 3, 3), "0 1 2");
        assert_eq!(drawn(0, 20, 20), "14 15 16 17 18 19");
        assert_eq!(drawn(0, 15, 20), "14 15 16 17 18 19");
        assert_eq!(drawn(0, 14, 20), "12 13 (14..17) 17 18 19");
        assert_eq!(drawn(0, 10, 500), "8 9 (10..497) 497 498 499");
        assert_eq!(drawn(9, 10, 500), "9 (10..496) 496 497 498 499");
        assert_eq!(drawn_in(3, 0, 20, 20), "17 18 19");
        assert_eq!(drawn_in(3, 0, 10, 500), "9 (10..499) 499");
        // Nothing lies below the line: there is nothing to keep there.
        assert_eq!(drawn(0, 0, 500), "494 495 496 497 498 499");
    }
}
