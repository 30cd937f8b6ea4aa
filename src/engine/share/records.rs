//! What the share coordinator writes to `__share_group_state` (`ShareCoordinatorRecordHelpers`), and what it says when it is
//! read back (`ShareCoordinatorShard.replay`). The bytes follow from the tables in `wire::coordinator_records`.

use super::ShareKey;
use super::state::combine;
use crate::base::{Timestamp, TopicId};
use crate::engine::protocol::{RecordState, ShareGroupOffset, StateBatch};
use crate::engine::wire::{PersistedBatch, Record, SharePartitionKey, ShareSnapshotValue, ShareStateRecord, ShareUpdateValue};

fn key_of(key: &ShareKey, topic_id: TopicId) -> SharePartitionKey {
    SharePartitionKey { group_id: key.0.clone(), topic_id, partition: key.1.partition }
}

fn persisted(batches: &[StateBatch]) -> Vec<PersistedBatch> {
    let persisted = |batch: &StateBatch| PersistedBatch {
        first_offset: batch.first_offset,
        last_offset: batch.last_offset,
        delivery_state: batch.state.id() as i8,
        delivery_count: batch.delivery_count as i16,
    };
    batches.iter().map(persisted).collect()
}

/// -1: not known.
fn complete_count(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(-1).max(-1)
}

/// All that is kept of a share partition.
pub(in crate::engine) fn snapshot(key: &ShareKey, topic_id: TopicId, state: &ShareGroupOffset, now: Timestamp) -> Record {
    let value = ShareSnapshotValue {
        snapshot_epoch: state.snapshot_epoch,
        state_epoch: state.state_epoch,
        leader_epoch: state.leader_epoch,
        start_offset: state.start_offset,
        delivery_complete_count: complete_count(state.delivery_complete_count),
        create_timestamp: now,
        write_timestamp: now,
        state_batches: persisted(&state.batches),
    };
    ShareStateRecord::Snapshot(key_of(key, topic_id), Some(value)).write()
}

/// What has changed: `batches`, and the rest as it is now.
pub(in crate::engine) fn update(key: &ShareKey, topic_id: TopicId, state: &ShareGroupOffset, batches: &[StateBatch]) -> Record {
    let value = ShareUpdateValue {
        snapshot_epoch: state.snapshot_epoch,
        leader_epoch: state.leader_epoch,
        start_offset: state.start_offset,
        delivery_complete_count: complete_count(state.delivery_complete_count),
        state_batches: persisted(batches),
    };
    ShareStateRecord::Update(key_of(key, topic_id), Some(value)).write()
}

/// Nothing is kept any more.
pub(in crate::engine) fn tombstone(key: &ShareKey, topic_id: TopicId) -> Record {
    ShareStateRecord::Snapshot(key_of(key, topic_id), None).write()
}

fn batches_of(batches: &[PersistedBatch]) -> Option<Vec<StateBatch>> {
    let batch = |batch: &PersistedBatch| {
        Some(StateBatch {
            first_offset: batch.first_offset,
            last_offset: batch.last_offset,
            state: RecordState::from_id(batch.delivery_state as u8)?,
            delivery_count: u16::try_from(batch.delivery_count).ok()?,
        })
    };
    batches.iter().map(batch).collect()
}

/// The state that a snapshot says.
pub(in crate::engine) fn from_snapshot(value: &ShareSnapshotValue) -> Option<ShareGroupOffset> {
    Some(ShareGroupOffset {
        snapshot_epoch: value.snapshot_epoch,
        state_epoch: value.state_epoch,
        leader_epoch: value.leader_epoch,
        start_offset: value.start_offset,
        delivery_complete_count: value.delivery_complete_count.into(),
        batches: combine(&[], &batches_of(&value.state_batches)?, value.start_offset).into(),
        updates: 0,
    })
}

/// The state after an update.
pub(in crate::engine) fn updated(before: &ShareGroupOffset, value: &ShareUpdateValue) -> Option<ShareGroupOffset> {
    Some(ShareGroupOffset {
        snapshot_epoch: value.snapshot_epoch,
        state_epoch: before.state_epoch,
        leader_epoch: value.leader_epoch,
        start_offset: value.start_offset,
        delivery_complete_count: value.delivery_complete_count.into(),
        batches: combine(&before.batches, &batches_of(&value.state_batches)?, value.start_offset).into(),
        updates: before.updates + 1,
    })
}
