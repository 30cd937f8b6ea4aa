//! What the share coordinator writes to `__share_group_state`, in Kafka's own binary format, and the same as text.
//!
//! ```text
//!  key    type int16 (0 = ShareSnapshot, 1 = ShareUpdate)   groupId string   topicId uuid   partition int32
//!  value  version int16 = 0   snapshotEpoch int32   stateEpoch int32 (snapshot only)   leaderEpoch int32
//!         startOffset int64   createTimestamp, writeTimestamp int64 (snapshot only)
//!         stateBatches compact [ firstOffset, lastOffset int64   deliveryState int8   deliveryCount int16   no tags ]
//!         tagged fields: 0 = deliveryCompleteCount int32
//! ```
//!
//! A snapshot is all that there is to know, an update what has changed since. A null value is a tombstone.

use std::fmt::Write as _;

use super::partition::StateBatch;
use super::state::{ShareGroupOffset, combine};
use super::{RecordState, ShareKey};
use crate::base::{GroupId, Offset, Timestamp, TopicId};
use crate::engine::group::records::{Reader, Record};

const SNAPSHOT: i16 = 0;
const UPDATE: i16 = 1;
const VALUE_VERSION: i16 = 0;

fn key_bytes(kind: i16, key: &ShareKey, topic_id: TopicId) -> Vec<u8> {
    let group = key.0.as_str().as_bytes();
    let mut bytes = kind.to_be_bytes().to_vec();
    bytes.extend((group.len() as i16).to_be_bytes());
    bytes.extend(group);
    bytes.extend(topic_id.0.to_be_bytes());
    bytes.extend(key.1.partition.to_be_bytes());
    bytes
}

fn put_batches(bytes: &mut Vec<u8>, batches: &[StateBatch]) {
    let mut count = batches.len() as u32 + 1;
    while count >= 0x80 {
        bytes.push(count as u8 | 0x80);
        count >>= 7;
    }
    bytes.push(count as u8);
    for batch in batches {
        bytes.extend(batch.first_offset.0.to_be_bytes());
        bytes.extend(batch.last_offset.0.to_be_bytes());
        bytes.push(batch.state.id());
        bytes.extend(batch.delivery_count.to_be_bytes());
        bytes.push(0);
    }
}

/// The tagged fields: -1, "not known", is the default and left out.
fn put_delivery_complete_count(bytes: &mut Vec<u8>, count: i64) {
    match i32::try_from(count) {
        Ok(count) if count >= 0 => {
            bytes.extend([1, 0, 4]);
            bytes.extend(count.to_be_bytes());
        }
        _ => bytes.push(0),
    }
}

/// All that is kept of a share partition.
pub(super) fn snapshot(key: &ShareKey, topic_id: TopicId, state: &ShareGroupOffset, now: Timestamp) -> Record {
    let mut value = VALUE_VERSION.to_be_bytes().to_vec();
    for epoch in [state.snapshot_epoch, state.state_epoch, state.leader_epoch] {
        value.extend(epoch.to_be_bytes());
    }
    for number in [state.start_offset.0, now.0, now.0] {
        value.extend(number.to_be_bytes());
    }
    put_batches(&mut value, &state.batches);
    put_delivery_complete_count(&mut value, state.delivery_complete_count);
    (key_bytes(SNAPSHOT, key, topic_id), Some(value))
}

/// What has changed: `batches`, and the rest as it is now.
pub(super) fn update(key: &ShareKey, topic_id: TopicId, state: &ShareGroupOffset, batches: &[StateBatch]) -> Record {
    let mut value = VALUE_VERSION.to_be_bytes().to_vec();
    value.extend(state.snapshot_epoch.to_be_bytes());
    value.extend(state.leader_epoch.to_be_bytes());
    value.extend(state.start_offset.0.to_be_bytes());
    put_batches(&mut value, batches);
    put_delivery_complete_count(&mut value, state.delivery_complete_count);
    (key_bytes(UPDATE, key, topic_id), Some(value))
}

/// Nothing is kept any more.
pub(super) fn tombstone(key: &ShareKey, topic_id: TopicId) -> Record {
    (key_bytes(SNAPSHOT, key, topic_id), None)
}

/// Group, topic, partition and type of a record's key; `None` where the bytes are of another shape.
pub(super) fn read_key(key: &[u8]) -> Option<(GroupId, TopicId, i32, i16)> {
    let mut fields = Reader { bytes: key };
    let kind = fields.i16()?;
    let group_id = GroupId::from(fields.string()?);
    let topic_id = TopicId(u128::from_be_bytes(fields.take(16)?.try_into().ok()?));
    Some((group_id, topic_id, fields.i32()?, kind))
}

/// The state after a record, and after what was there before it.
pub(super) fn read_value(kind: i16, value: &[u8], before: Option<&ShareGroupOffset>) -> Option<ShareGroupOffset> {
    let mut fields = Reader { bytes: value };
    fields.i16()?;
    let snapshot_epoch = fields.i32()?;
    let state_epoch = if kind == SNAPSHOT { fields.i32()? } else { before?.state_epoch };
    let leader_epoch = fields.i32()?;
    let start_offset = Offset(fields.i64()?);
    if kind == SNAPSHOT {
        fields.take(16)?;
    }
    let mut batches = Vec::new();
    for _ in 1..fields.unsigned_varint()? {
        let (first_offset, last_offset) = (Offset(fields.i64()?), Offset(fields.i64()?));
        let state = RecordState::from_id(*fields.take(1)?.first()?)?;
        let delivery_count = u16::try_from(fields.i16()?).ok()?;
        fields.unsigned_varint()?;
        batches.push(StateBatch { first_offset, last_offset, state, delivery_count });
    }
    let mut delivery_complete_count = -1;
    if fields.unsigned_varint()? > 0 {
        fields.take(2)?;
        delivery_complete_count = fields.i32()?.into();
    }
    let (earlier, updates) = match before.filter(|_| kind == UPDATE) {
        Some(before) => (before.batches.as_ref(), before.updates + 1),
        None => (&[][..], 0),
    };
    let batches = combine(earlier, &batches, start_offset).into();
    Some(ShareGroupOffset { snapshot_epoch, state_epoch, leader_epoch, start_offset, delivery_complete_count, batches, updates })
}

/// A record as `ShareGroupStateMessageFormatter` prints it; `None` where the bytes are of another shape.
pub fn to_json(key: &[u8], value: Option<&[u8]>) -> Option<String> {
    let mut fields = Reader { bytes: key };
    let kind = fields.i16()?;
    let group = fields.string()?;
    let topic_id = TopicId(u128::from_be_bytes(fields.take(16)?.try_into().ok()?));
    let partition = fields.i32()?;
    let mut json = format!(
        r#"{{"key":{{"type":{kind},"data":{{"groupId":"{group}","topicId":"{topic_id}","partition":{partition}}}}},"value":"#
    );
    match value {
        None => json += "null}",
        Some(value) => {
            let _ = write!(json, "{}}}", value_json(kind, value)?);
        }
    }
    Some(json)
}

fn value_json(kind: i16, value: &[u8]) -> Option<String> {
    let mut fields = Reader { bytes: value };
    let version = fields.i16()?;
    let mut json = format!(r#"{{"version":{version},"data":{{"snapshotEpoch":{}"#, fields.i32()?);
    if kind == SNAPSHOT {
        let _ = write!(json, r#","stateEpoch":{}"#, fields.i32()?);
    }
    let _ = write!(json, r#","leaderEpoch":{},"startOffset":{}"#, fields.i32()?, fields.i64()?);
    let times = if kind == SNAPSHOT { Some((fields.i64()?, fields.i64()?)) } else { None };
    let mut batches = Vec::new();
    for _ in 1..fields.unsigned_varint()? {
        let (first, last) = (fields.i64()?, fields.i64()?);
        let state = *fields.take(1)?.first()?;
        let count = fields.i16()?;
        fields.unsigned_varint()?;
        batches.push(format!(r#"{{"firstOffset":{first},"lastOffset":{last},"deliveryState":{state},"deliveryCount":{count}}}"#));
    }
    if fields.unsigned_varint()? > 0 {
        fields.take(2)?;
        let _ = write!(json, r#","deliveryCompleteCount":{}"#, fields.i32()?);
    }
    if let Some((created, written)) = times {
        let _ = write!(json, r#","createTimestamp":{created},"writeTimestamp":{written}"#);
    }
    let _ = write!(json, r#","stateBatches":[{}]}}}}"#, batches.join(","));
    Some(json)
}
