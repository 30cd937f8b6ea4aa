//! What Java makes of texts and numbers, and in which order its hash tables list them: some of what Kafka prints or places
//! follows from that.

use super::{BrokerId, TopicPartition, put_in_order, sort};

/// `String.hashCode`, over UTF-16 units.
pub fn string_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()))
}

/// `TopicPartition.hashCode`.
pub fn partition_hash(partition: &TopicPartition) -> i32 {
    31i32.wrapping_mul(partition.partition.wrapping_add(31)).wrapping_add(string_hash(partition.topic.as_str()))
}

/// Puts entries in the order in which a `HashMap` made for `capacity` of them lists them, when they were put in as they
/// lie here.
pub fn hash_order<T>(entries: &mut [T], capacity: usize, hash: impl Fn(&T) -> i32) {
    let mut buckets = capacity.max(1).next_power_of_two();
    // It doubles when more than three quarters are in use.
    while entries.len() > buckets * 3 / 4 {
        buckets *= 2;
    }
    let bucket = |entry: &T| {
        let hash = hash(entry).cast_unsigned();
        (hash ^ hash >> 16) as usize & (buckets - 1)
    };
    put_in_order(entries, &|one, other| bucket(one) < bucket(other));
}

/// Brokers, each once, in the order of a `HashSet` of their ids.
pub fn broker_set(brokers: impl IntoIterator<Item = BrokerId>) -> Vec<BrokerId> {
    let mut set: Vec<BrokerId> = brokers.into_iter().collect();
    sort(&mut set);
    set.dedup();
    hash_order(&mut set, 16, |broker| broker.0);
    set
}
