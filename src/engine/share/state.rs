//! The share coordinator's memory (`ShareCoordinatorShard`, `ShareGroupOffset`): how far share groups are.
//!
//! A share partition writes here what changed, and the start it had before; a broker that begins to lead the partition
//! reads it back. Records that are only acquired are not written: they are available again to the next reader.

use std::rc::Rc;

use crate::base::Offset;
use crate::engine::protocol::{ShareGroupOffset, StateBatch};

/// No start yet: share.auto.offset.reset decides.
pub const UNINITIALIZED: Offset = Offset(-1);

impl ShareGroupOffset {
    /// As a start is set, by a new group or by a reset.
    pub fn initialized(start_offset: Offset, state_epoch: i32, before: Option<&Self>) -> Self {
        Self {
            snapshot_epoch: before.map_or(0, |before| before.snapshot_epoch + 1),
            state_epoch,
            leader_epoch: 0,
            start_offset,
            delivery_complete_count: if start_offset == UNINITIALIZED { -1 } else { 0 },
            batches: Rc::new([]),
            updates: 0,
        }
    }

    /// Takes a change in. The start never goes back (`generateShareStateRecord`).
    pub fn updated(&self, start_offset: Offset, delivery_complete_count: i64, batches: &[StateBatch]) -> Self {
        let count = match start_offset.cmp(&self.start_offset) {
            std::cmp::Ordering::Less => self.delivery_complete_count,
            std::cmp::Ordering::Equal => self.delivery_complete_count.max(delivery_complete_count),
            std::cmp::Ordering::Greater => delivery_complete_count,
        };
        let start_offset = start_offset.max(self.start_offset);
        Self {
            start_offset,
            delivery_complete_count: count,
            batches: combine(&self.batches, batches, start_offset).into(),
            ..self.clone()
        }
    }
}

/// Earlier batches with later ones laid over them, without what lies before the start; neighbours that are alike become
/// one (`PersisterStateBatchCombiner`).
pub(in crate::engine) fn combine(earlier: &[StateBatch], later: &[StateBatch], start_offset: Offset) -> Vec<StateBatch> {
    let mut batches: Vec<StateBatch> = earlier.to_vec();
    for new in later {
        let mut rest = Vec::with_capacity(batches.len() + 2);
        for old in batches {
            if old.last_offset < new.first_offset || old.first_offset > new.last_offset {
                rest.push(old);
                continue;
            }
            if old.first_offset < new.first_offset {
                rest.push(StateBatch { last_offset: new.first_offset.plus(-1), ..old });
            }
            if old.last_offset > new.last_offset {
                rest.push(StateBatch { first_offset: new.last_offset.plus(1), ..old });
            }
        }
        let at = rest.partition_point(|batch| batch.first_offset < new.first_offset);
        rest.insert(at, *new);
        batches = rest;
    }
    let mut combined: Vec<StateBatch> = Vec::new();
    for batch in batches.into_iter().filter(|batch| batch.last_offset >= start_offset) {
        let batch = StateBatch { first_offset: batch.first_offset.max(start_offset), ..batch };
        match combined.last_mut() {
            Some(last)
                if last.last_offset.plus(1) == batch.first_offset
                    && last.state == batch.state
                    && last.delivery_count == batch.delivery_count =>
            {
                last.last_offset = batch.last_offset;
            }
            _ => combined.push(batch),
        }
    }
    combined
}
