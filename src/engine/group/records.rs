//! What the coordinator writes to `__consumer_offsets`, in Kafka's own binary format, and the same as text.
//!
//! ```text
//!  key    version int16 = 1   group string   topic string   partition int32            OffsetCommitKey
//!  value  version int16 = 4   offset int64   leaderEpoch int32   metadata compact string   commitTimestamp int64
//!         tagged fields: 0 = topicId uuid
//!
//!  key    version int16 = 2   group string                                             GroupMetadataKey
//!  value  version int16 = 3   protocolType string   generation int32   protocol, leader nullable string
//!         currentStateTimestamp int64   members [ memberId string, groupInstanceId nullable string, clientId, clientHost
//!         string, rebalanceTimeout, sessionTimeout int32, subscription, assignment bytes ]
//! ```
//!
//! A string is an int16 length and UTF-8 (compact: one more than the length as an unsigned varint), bytes are an int32
//! length and the bytes, -1 is null. A null value is a tombstone: the offset or the group is gone.

use std::fmt::Write as _;

use super::{Group, Member};
use crate::base::{GroupId, TopicId, TopicName, TopicPartition};
use crate::engine::protocol::{CommittedOffset, Subscription, UserData};

/// Key and value of a record.
pub type Record = (Vec<u8>, Option<Vec<u8>>);

pub const OFFSET_COMMIT_KEY: i16 = 1;
pub const GROUP_METADATA_KEY: i16 = 2;
const OFFSET_COMMIT_VALUE_VERSION: i16 = 4;
const GROUP_METADATA_VALUE_VERSION: i16 = 3;
/// `ConsumerProtocolSubscription` and `ConsumerProtocolAssignment`.
const CONSUMER_PROTOCOL_VERSION: i16 = 3;

/// Writes the fields of a record, one after another.
#[derive(Default)]
pub(super) struct Writer {
    pub bytes: Vec<u8>,
}

impl Writer {
    pub fn i16(&mut self, value: i16) -> &mut Self {
        self.bytes.extend_from_slice(&value.to_be_bytes());
        self
    }

    pub fn i32(&mut self, value: i32) -> &mut Self {
        self.bytes.extend_from_slice(&value.to_be_bytes());
        self
    }

    pub fn i64(&mut self, value: i64) -> &mut Self {
        self.bytes.extend_from_slice(&value.to_be_bytes());
        self
    }

    pub fn string(&mut self, text: &str) -> &mut Self {
        self.i16(text.len() as i16);
        self.bytes.extend_from_slice(text.as_bytes());
        self
    }

    pub fn unsigned_varint(&mut self, mut value: u32) -> &mut Self {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
        self
    }

    pub fn compact_string(&mut self, text: &str) -> &mut Self {
        self.unsigned_varint(text.len() as u32 + 1);
        self.bytes.extend_from_slice(text.as_bytes());
        self
    }

    fn nullable(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.string(text),
            None => self.i16(-1),
        }
    }

    fn nested(&mut self, bytes: &[u8]) -> &mut Self {
        self.i32(bytes.len() as i32);
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Partitions by topic: `[topic string, [partition int32]]`.
    fn partitions(&mut self, partitions: &[TopicPartition]) -> &mut Self {
        let mut topics: Vec<(&TopicName, Vec<i32>)> = Vec::new();
        for partition in partitions {
            match topics.iter_mut().find(|(topic, _)| *topic == &partition.topic) {
                Some((_, numbers)) => numbers.push(partition.partition),
                None => topics.push((&partition.topic, vec![partition.partition])),
            }
        }
        self.i32(topics.len() as i32);
        for (topic, numbers) in topics {
            self.string(topic.as_str()).i32(numbers.len() as i32);
            for number in numbers {
                self.i32(number);
            }
        }
        self
    }
}

/// A committed offset.
pub fn offset_commit(group: &GroupId, partition: &TopicPartition, committed: &CommittedOffset, topic_id: TopicId) -> Record {
    let mut value = Writer::default();
    value.i16(OFFSET_COMMIT_VALUE_VERSION).i64(committed.offset.0).i32(committed.leader_epoch.unwrap_or(-1));
    value.compact_string(&committed.metadata).i64(committed.commit_timestamp.0);
    value.unsigned_varint(1).unsigned_varint(0).unsigned_varint(16);
    value.bytes.extend_from_slice(&topic_id.0.to_be_bytes());
    (offset_key(group, partition), Some(value.bytes))
}

/// A committed offset is gone.
pub fn offset_tombstone(group: &GroupId, partition: &TopicPartition) -> Record {
    (offset_key(group, partition), None)
}

fn offset_key(group: &GroupId, partition: &TopicPartition) -> Vec<u8> {
    let mut key = Writer::default();
    key.i16(OFFSET_COMMIT_KEY).string(group.as_str()).string(partition.topic.as_str()).i32(partition.partition);
    key.bytes
}

fn group_key(group: &GroupId) -> Vec<u8> {
    let mut key = Writer::default();
    key.i16(GROUP_METADATA_KEY).string(group.as_str());
    key.bytes
}

/// The group is gone.
pub fn group_tombstone(group: &GroupId) -> Record {
    (group_key(group), None)
}

/// A group's generation, with its members and what each was assigned.
pub(super) fn group_metadata(group_id: &GroupId, group: &Group) -> Record {
    let mut value = Writer::default();
    let leader = group.leader.as_ref().filter(|_| !group.members.is_empty()).map(|leader| leader.as_str());
    value.i16(GROUP_METADATA_VALUE_VERSION).string(&group.protocol_type).i32(group.generation_id);
    value
        .nullable(group.protocol_name.as_deref())
        .nullable(leader)
        .i64(group.state_since.timestamp().0)
        .i32(group.members.len() as i32);
    let protocol = group.protocol_name.as_deref().unwrap_or_default();
    for member in group.members.values() {
        put_member(&mut value, member, protocol);
    }
    (group_key(group_id), Some(value.bytes))
}

fn put_member(value: &mut Writer, member: &Member, protocol: &str) {
    let milliseconds = |span: crate::base::Span| i32::try_from(span.ms()).unwrap_or(i32::MAX);
    value.string(member.member_id.as_str()).nullable(member.group_instance_id.as_deref());
    value.string(&member.client_id).string(&member.client_host);
    value.i32(milliseconds(member.rebalance_timeout)).i32(milliseconds(member.session_timeout));
    let subscription = member.subscription(protocol).map(|subscription| subscription_bytes(subscription)).unwrap_or_default();
    value.nested(&subscription).nested(&assignment_bytes(&member.assignment));
}

pub(super) fn subscription_bytes(subscription: &Subscription) -> Vec<u8> {
    let mut bytes = Writer::default();
    bytes.i16(CONSUMER_PROTOCOL_VERSION).i32(subscription.topics.len() as i32);
    for topic in &subscription.topics {
        bytes.string(topic.as_str());
    }
    put_user_data(&mut bytes, &subscription.user_data);
    bytes.partitions(&subscription.owned_partitions).i32(subscription.generation_id);
    bytes.nullable(subscription.rack_id.as_deref());
    bytes.bytes
}

/// `STICKY_ASSIGNOR_USER_DATA_V1` and `COOPERATIVE_STICKY_ASSIGNOR_USER_DATA_V0`.
fn put_user_data(bytes: &mut Writer, user_data: &UserData) {
    let mut data = Writer::default();
    match user_data {
        UserData::None => {
            bytes.i32(-1);
            return;
        }
        UserData::Owned { partitions, generation_id } => data.partitions(partitions).i32(*generation_id),
        UserData::Generation(generation_id) => data.i32(*generation_id),
    };
    bytes.nested(&data.bytes);
}

fn assignment_bytes(partitions: &[TopicPartition]) -> Vec<u8> {
    let mut bytes = Writer::default();
    bytes.i16(CONSUMER_PROTOCOL_VERSION).partitions(partitions).i32(-1);
    bytes.bytes
}

// ---- as text

/// Reads the fields of a record, one after another; `None` where the bytes are of another shape.
pub struct Reader<'a> {
    pub bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(taken)
    }

    pub fn i16(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    pub fn i32(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    pub fn i64(&mut self) -> Option<i64> {
        Some(i64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    pub fn nullable(&mut self) -> Option<Option<&'a str>> {
        match self.i16()? {
            -1 => Some(None),
            length => std::str::from_utf8(self.take(usize::try_from(length).ok()?)?).ok().map(Some),
        }
    }

    pub fn string(&mut self) -> Option<&'a str> {
        self.nullable()?
    }

    pub fn nested(&mut self) -> Option<Reader<'a>> {
        let length = usize::try_from(self.i32()?).ok()?;
        Some(Reader { bytes: self.take(length)? })
    }

    pub fn unsigned_varint(&mut self) -> Option<u32> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = *self.take(1)?.first()?;
            value |= u32::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    pub fn compact_string(&mut self) -> Option<&'a str> {
        let length = self.unsigned_varint()?.checked_sub(1)?;
        std::str::from_utf8(self.take(usize::try_from(length).ok()?)?).ok()
    }

    pub fn compact_nullable(&mut self) -> Option<Option<&'a str>> {
        match self.unsigned_varint()? {
            0 => Some(None),
            length => std::str::from_utf8(self.take(usize::try_from(length - 1).ok()?)?).ok().map(Some),
        }
    }

    pub fn partitions(&mut self) -> Option<Vec<TopicPartition>> {
        let mut partitions = Vec::new();
        for _ in 0..self.i32()? {
            let topic = self.string()?;
            for _ in 0..self.i32()? {
                partitions.push(TopicPartition::new(topic, self.i32()?));
            }
        }
        Some(partitions)
    }
}

/// A record of `__consumer_offsets` in plain words; `None` if it is none that is known here.
pub fn describe_record(key: &[u8], value: Option<&[u8]>) -> Option<String> {
    let mut key = Reader { bytes: key };
    let kind = key.i16()?;
    match kind {
        0 | OFFSET_COMMIT_KEY => {
            let (group, topic, partition) = (key.string()?, key.string()?, key.i32()?);
            let Some(value) = value else {
                return Some(format!("group {group}, {topic}-{partition}: committed offset dropped"));
            };
            let mut value = Reader { bytes: value };
            value.i16()?;
            Some(format!("group {group}, {topic}-{partition}: committed offset {}", value.i64()?))
        }
        GROUP_METADATA_KEY => {
            let group = key.string()?;
            match value {
                None => Some(format!("group {group}: dropped")),
                Some(value) => describe_group(group, value),
            }
        }
        kind if super::consumer::records::is_one(kind) => super::consumer::loading::describe(kind, key, value),
        kind if super::share::records::is_one(kind) => super::share::loading::describe(kind, key, value),
        _ => None,
    }
}

fn describe_group(group: &str, value: &[u8]) -> Option<String> {
    let mut value = Reader { bytes: value };
    value.i16()?;
    value.string()?;
    let generation_id = value.i32()?;
    let (protocol, leader) = (value.nullable()?, value.nullable()?);
    value.i64()?;
    let count = value.i32()?;
    if count == 0 {
        return Some(format!("group {group}, generation {generation_id}: no members"));
    }
    let mut text = format!("group {group}, generation {generation_id}, assignor {}", protocol.unwrap_or("none"));
    if let Some(leader) = leader {
        let _ = write!(text, ", leader {leader}");
    }
    for _ in 0..count {
        let member = value.string()?;
        value.nullable()?;
        value.string()?;
        value.string()?;
        value.i32()?;
        value.i32()?;
        value.nested()?;
        let mut assignment = value.nested()?;
        assignment.i16()?;
        let partitions: Vec<String> = assignment.partitions()?.iter().map(ToString::to_string).collect();
        let partitions = if partitions.is_empty() { "nothing".to_owned() } else { partitions.join(", ") };
        let _ = write!(text, "; {member} has {partitions}");
    }
    Some(text)
}
