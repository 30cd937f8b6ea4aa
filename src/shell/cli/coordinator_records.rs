//! Records of `__consumer_offsets` as JSON, as the console consumer's formatters for them print it
//! (`OffsetsMessageFormatter`, `GroupMetadataMessageFormatter`, after Kafka's `CoordinatorRecordJsonConverters`).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};

use crate::base::TopicId;
use crate::engine::group::records::{GROUP_METADATA_KEY, OFFSET_COMMIT_KEY, Reader};

/// Which records are wanted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RecordKind {
    Offsets,
    Groups,
}

/// The record as one line of JSON without line end; `None` for a record of another kind.
pub fn to_json(wanted: RecordKind, key: &[u8], value: Option<&[u8]>) -> Option<String> {
    let mut key = Reader { bytes: key };
    let version = key.i16()?;
    let (key, value) = match (wanted, version) {
        (RecordKind::Offsets, 0 | OFFSET_COMMIT_KEY) => (offset_key(&mut key)?, value.map(offset_value)),
        (RecordKind::Groups, GROUP_METADATA_KEY) => (object([("group", key.string()?.into())]), value.map(group_value)),
        _ => return None,
    };
    let value = match value {
        None => Value::Null,
        Some(value) => value?,
    };
    Some(object([("key", object([("type", version.into()), ("data", key)])), ("value", value)]).to_string())
}

/// Fields in the order in which they are given.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

fn offset_key(key: &mut Reader<'_>) -> Option<Value> {
    Some(object([("group", key.string()?.into()), ("topic", key.string()?.into()), ("partition", key.i32()?.into())]))
}

fn offset_value(bytes: &[u8]) -> Option<Value> {
    let mut value = Reader { bytes };
    let version = value.i16()?;
    let (offset, leader_epoch) = (value.i64()?, value.i32()?);
    let (metadata, committed) = (value.compact_string()?, value.i64()?);
    // One tagged field, the topic's id: its tag and its length come first.
    let tagged = value.unsigned_varint()? == 1 && value.unsigned_varint()? == 0 && value.unsigned_varint()? == 16;
    let topic_id = if tagged { TopicId(u128::from_be_bytes(value.take(16)?.try_into().ok()?)) } else { TopicId::default() };
    let data = object([
        ("offset", offset.into()),
        ("leaderEpoch", leader_epoch.into()),
        ("metadata", metadata.into()),
        ("commitTimestamp", committed.into()),
        ("topicId", topic_id.to_string().into()),
    ]);
    Some(object([("version", version.into()), ("data", data)]))
}

fn group_value(bytes: &[u8]) -> Option<Value> {
    let mut value = Reader { bytes };
    let version = value.i16()?;
    let (protocol_type, generation) = (value.string()?, value.i32()?);
    let (protocol, leader, since) = (value.nullable()?, value.nullable()?, value.i64()?);
    let members: Option<Vec<Value>> = (0..value.i32()?).map(|_| member(&mut value)).collect();
    let data = object([
        ("protocolType", protocol_type.into()),
        ("generation", generation.into()),
        ("protocol", protocol.into()),
        ("leader", leader.into()),
        ("currentStateTimestamp", since.into()),
        ("members", members?.into()),
    ]);
    Some(object([("version", version.into()), ("data", data)]))
}

fn member(value: &mut Reader<'_>) -> Option<Value> {
    Some(object([
        ("memberId", value.string()?.into()),
        ("groupInstanceId", value.nullable()?.into()),
        ("clientId", value.string()?.into()),
        ("clientHost", value.string()?.into()),
        ("rebalanceTimeout", value.i32()?.into()),
        ("sessionTimeout", value.i32()?.into()),
        ("subscription", BASE64_STANDARD.encode(value.nested()?.bytes).into()),
        ("assignment", BASE64_STANDARD.encode(value.nested()?.bytes).into()),
    ]))
}
