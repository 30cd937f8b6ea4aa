//! What members of a classic group and their leader tell each other (`ConsumerProtocol`): bytes that the coordinator passes on
//! and keeps, and does not look into.

use super::codec::{Bytes, Reader, Writer, message};
use crate::base::{TopicName, TopicPartition};
use crate::engine::protocol::{Subscription, UserData};

/// `ConsumerProtocolSubscription` and `ConsumerProtocolAssignment`: this and later ones have all the fields below.
const VERSION: i16 = 3;

message! {
    ConsumerProtocolSubscription {
        topics: Vec<TopicName>,
        user_data: Option<Bytes>,
        owned_partitions: Vec<TopicPartitions>,
        generation_id: i32,
        rack_id: Option<String>,
    }
    ConsumerProtocolAssignment { assigned_partitions: Vec<TopicPartitions>, user_data: Option<Bytes> }
    TopicPartitions { topic: TopicName, partitions: Vec<i32> }
    /// `STICKY_ASSIGNOR_USER_DATA_V1`.
    StickyUserData { previous_assignment: Vec<TopicPartitions>, generation: i32 }
    /// `COOPERATIVE_STICKY_ASSIGNOR_USER_DATA_V0`.
    CooperativeStickyUserData { generation: i32 }
}

fn by_topic(partitions: &[TopicPartition]) -> Vec<TopicPartitions> {
    let mut topics: Vec<TopicPartitions> = Vec::new();
    for TopicPartition { topic, partition } in partitions {
        match topics.iter_mut().find(|known| known.topic == *topic) {
            Some(known) => known.partitions.push(*partition),
            None => topics.push(TopicPartitions { topic: topic.clone(), partitions: vec![*partition] }),
        }
    }
    topics
}

fn each(topics: Vec<TopicPartitions>) -> Vec<TopicPartition> {
    let of_topic = |TopicPartitions { topic, partitions }: TopicPartitions| {
        partitions.into_iter().map(move |partition| TopicPartition::new(topic.clone(), partition))
    };
    topics.into_iter().flat_map(of_topic).collect()
}

pub fn write_subscription(subscription: &Subscription) -> Bytes {
    let plain = Writer::default();
    let user_data = match &subscription.user_data {
        UserData::None => None,
        UserData::Owned { partitions, generation_id } => {
            let data = StickyUserData { previous_assignment: by_topic(partitions), generation: *generation_id };
            Some(Bytes(plain.alone(&data)))
        }
        UserData::Generation(generation) => Some(Bytes(plain.alone(&CooperativeStickyUserData { generation: *generation }))),
    };
    let fields = ConsumerProtocolSubscription {
        topics: subscription.topics.clone(),
        user_data,
        owned_partitions: by_topic(&subscription.owned_partitions),
        generation_id: subscription.generation_id,
        rack_id: subscription.rack_id.clone(),
    };
    Bytes(Writer::versioned(VERSION, false, &fields))
}

/// `None` where the bytes are of another shape.
pub fn read_subscription(bytes: &Bytes) -> Option<Subscription> {
    let fields: ConsumerProtocolSubscription = Reader::versioned(VERSION, false, &bytes.0)?;
    let user_data = match fields.user_data {
        None => UserData::None,
        Some(Bytes(data)) => read_user_data(&data)?,
    };
    Some(Subscription {
        topics: fields.topics,
        owned_partitions: each(fields.owned_partitions),
        generation_id: fields.generation_id,
        rack_id: fields.rack_id,
        user_data,
    })
}

/// Tells the two kinds apart by their length: only one has partitions before the generation.
fn read_user_data(data: &[u8]) -> Option<UserData> {
    use super::Field as _;
    let mut from = Reader::plain(data);
    if data.len() == 4 {
        return CooperativeStickyUserData::read(&mut from).map(|data| UserData::Generation(data.generation));
    }
    let StickyUserData { previous_assignment, generation } = StickyUserData::read(&mut from)?;
    Some(UserData::Owned { partitions: each(previous_assignment), generation_id: generation })
}

pub fn write_assignment(partitions: &[TopicPartition]) -> Bytes {
    let fields = ConsumerProtocolAssignment { assigned_partitions: by_topic(partitions), user_data: None };
    Bytes(Writer::versioned(VERSION, false, &fields))
}

/// `None` where the bytes are of another shape.
pub fn read_assignment(bytes: &Bytes) -> Option<Vec<TopicPartition>> {
    let fields: ConsumerProtocolAssignment = Reader::versioned(VERSION, false, &bytes.0)?;
    Some(each(fields.assigned_partitions))
}
