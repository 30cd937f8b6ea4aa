//! Which leader wrote what of a log (`LeaderEpochFileCache`).

use std::hash::{Hash, Hasher};

use crate::base::Offset;

/// Each leader epoch that has left records, and the offset at which it begins, in order.
#[derive(Clone, Debug, Default)]
pub struct LeaderEpochs {
    /// In place, since every batch is compared with it.
    latest: Option<(i32, Offset)>,
    earlier: Vec<(i32, Offset)>,
}

/// As one list.
impl Hash for LeaderEpochs {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let all = self.earlier.iter().chain(&self.latest);
        state.write_usize(all.clone().count());
        all.for_each(|epoch| epoch.hash(state));
    }
}

impl LeaderEpochs {
    pub fn latest(&self) -> Option<(i32, Offset)> {
        self.latest
    }

    /// An epoch begins at an offset. Epochs that would begin there or later have left no record.
    pub(in crate::engine) fn begin(&mut self, epoch: i32, at: Offset) {
        if self.latest.is_none_or(|(latest, _)| latest < epoch) {
            self.truncate_to(at);
            self.earlier.extend(self.latest.replace((epoch, at)));
        }
    }

    /// Forgets epochs that begin at `end` or later.
    pub(super) fn truncate_to(&mut self, end: Offset) {
        while self.latest.is_some_and(|(_, start)| start >= end) {
            self.latest = self.earlier.pop();
        }
    }

    /// The largest epoch up to this one, and where the one after it begins; `None`: no epoch is that small, or none comes after.
    pub(super) fn up_to(&self, epoch: i32) -> (Option<i32>, Option<Offset>) {
        if let Some((latest, _)) = self.latest.filter(|(latest, _)| *latest <= epoch) {
            return (Some(latest), None);
        }
        let after = self.earlier.partition_point(|(known, _)| *known <= epoch);
        let next = self.earlier.get(after).copied().or(self.latest);
        (after.checked_sub(1).map(|at| self.earlier[at].0), next.map(|(_, start)| start))
    }
}
