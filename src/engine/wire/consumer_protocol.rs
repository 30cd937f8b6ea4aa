//! What members of a classic group and their leader tell each other (`ConsumerProtocol`): bytes that the coordinator passes on
//! and keeps, and does not look into.

use serde_json::Value;

use super::codec::{Bytes, Field, Reader, Writer, fields, message};
use crate::base::{TopicName, TopicPartition};
use crate::engine::protocol::{Subscription, UserData};

/// `ConsumerProtocolSubscription` and `ConsumerProtocolAssignment`.
const VERSION: i16 = 3;

fields!(Subscription { topics, user_data, owned_partitions, generation_id, rack_id });

message! {
    ConsumerProtocolAssignment { assigned_partitions: Vec<TopicPartition>, user_data: Option<Bytes> }
    TopicPartitions { topic: TopicName, partitions: Vec<i32> }
}

/// Written by topic, each topic where its first partition stands.
impl Field for Vec<TopicPartition> {
    fn write(&self, out: &mut Writer) {
        let mut topics: Vec<TopicPartitions> = Vec::new();
        for TopicPartition { topic, partition } in self {
            match topics.iter_mut().find(|known| known.topic == *topic) {
                Some(known) => known.partitions.push(*partition),
                None => topics.push(TopicPartitions { topic: topic.clone(), partitions: vec![*partition] }),
            }
        }
        topics.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let topics: Vec<TopicPartitions> = Field::read(from)?;
        let of = |topic: &TopicPartitions, number: &i32| TopicPartition::new(topic.topic.clone(), *number);
        Some(topics.iter().flat_map(|topic| topic.partitions.iter().map(|number| of(topic, number))).collect())
    }

    fn json(&self) -> Value {
        self.iter().map(ToString::to_string).collect()
    }
}

/// `STICKY_ASSIGNOR_USER_DATA_V1` and `COOPERATIVE_STICKY_ASSIGNOR_USER_DATA_V0`, as nullable bytes.
impl Field for UserData {
    fn write(&self, out: &mut Writer) {
        let data = match self {
            Self::None => None,
            Self::Owned { partitions, generation_id } => {
                Some(Bytes([Writer::alone(partitions, false), Writer::alone(generation_id, false)].concat()))
            }
            Self::Generation(generation_id) => Some(Bytes(Writer::alone(generation_id, false))),
        };
        data.write(out);
    }

    /// Tells the two kinds apart by their length: only one has partitions before the generation.
    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let Some(Bytes(data)) = Field::read(from)? else { return Some(Self::None) };
        let mut data_from = Reader::plain(&data);
        if data.len() == 4 {
            return i32::read(&mut data_from).map(Self::Generation);
        }
        Some(Self::Owned { partitions: Field::read(&mut data_from)?, generation_id: Field::read(&mut data_from)? })
    }

    fn json(&self) -> Value {
        Bytes(Writer::alone(self, false)).json()
    }
}

pub fn write_subscription(subscription: &Subscription) -> Bytes {
    Bytes(Writer::versioned(VERSION, false, subscription))
}

/// `None` where the bytes are of another shape.
pub fn read_subscription(bytes: &Bytes) -> Option<Subscription> {
    Reader::versioned(VERSION, false, &bytes.0)
}

pub fn write_assignment(partitions: &[TopicPartition]) -> Bytes {
    let fields = ConsumerProtocolAssignment { assigned_partitions: partitions.to_vec(), user_data: None };
    Bytes(Writer::versioned(VERSION, false, &fields))
}

/// `None` where the bytes are of another shape.
pub fn read_assignment(bytes: &Bytes) -> Option<Vec<TopicPartition>> {
    Reader::versioned(VERSION, false, &bytes.0).map(|fields: ConsumerProtocolAssignment| fields.assigned_partitions)
}
