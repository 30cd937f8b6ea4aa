//! What leaders, members and share coordinators say of the records of a share group (KIP-932).

use crate::base::Offset;

/// `RecordState`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RecordState {
    Available,
    /// Given to a member, which holds it until its lock times out.
    Acquired,
    Acknowledged,
    /// Given up: rejected, delivered too often, or no longer in the log.
    Archived,
}

impl RecordState {
    /// The number that stands for it in `__share_group_state`.
    pub fn id(self) -> u8 {
        match self {
            Self::Available => 0,
            Self::Acquired => 1,
            Self::Acknowledged => 2,
            Self::Archived => 4,
        }
    }

    /// The state that a number stands for.
    pub fn from_id(id: u8) -> Option<Self> {
        [Self::Available, Self::Acquired, Self::Acknowledged, Self::Archived].into_iter().find(|state| state.id() == id)
    }

    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Acknowledged | Self::Archived)
    }
}

/// What a member says of a record (`AcknowledgeType`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AcknowledgeType {
    /// There is no record at this offset.
    Gap,
    Accept,
    Release,
    Reject,
    /// Not done yet: the lock begins anew (KIP-1222).
    Renew,
}

/// What a member says of the records from first to last offset (inclusive): the same of all, or of each its own.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AcknowledgementBatch {
    pub first_offset: Offset,
    pub last_offset: Offset,
    pub types: Vec<AcknowledgeType>,
}

/// Records that a member was given: first and last offset, and how often they have been delivered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AcquiredRecords {
    pub first_offset: Offset,
    /// Inclusive.
    pub last_offset: Offset,
    pub delivery_count: u16,
}

/// `ShareAcquireMode`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum ShareAcquireMode {
    /// Whole record batches, also beyond the number of records asked for.
    #[default]
    BatchOptimized,
    /// No more records than asked for (KIP-1206).
    RecordLimit,
}
