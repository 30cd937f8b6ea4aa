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

/// The first of each ten decimal digits that a `char` of Java can be.
const ZEROS: &[u16] = &[
    0x0030, 0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0de6, 0x0e50, 0x0ed0,
    0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900,
    0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
];

/// `Integer.parseInt` or `Long.parseLong`: a sign, and digits of any script. `None` for what is no such number.
pub fn parse_number<N: std::str::FromStr>(text: &str) -> Option<N> {
    let digit = |char: char| {
        let unit = u32::from(char);
        ZEROS.iter().map(|zero| unit.wrapping_sub(u32::from(*zero))).find(|value| *value < 10)
    };
    let (sign, digits) = if text.starts_with(['+', '-']) { text.split_at(1) } else { ("", text) };
    let digits: Option<String> = digits.chars().map(|char| char::from_digit(digit(char)?, 10)).collect();
    (sign.to_owned() + &digits?).parse().ok()
}

/// `String.split` at a character: empty parts at the end are left out.
pub fn split(text: &str, at: char) -> Vec<&str> {
    let mut parts: Vec<&str> = text.split(at).collect();
    let alone = parts.len() == 1;
    while !alone && parts.last().is_some_and(|last| last.is_empty()) {
        parts.pop();
    }
    parts
}

/// The lines that `BufferedReader.readLine` makes of one that ends with a line feed: a carriage return ends one too, and both
/// together are one end.
pub fn read_lines(line: &str) -> impl Iterator<Item = &str> {
    line.strip_suffix('\r').unwrap_or(line).split('\r')
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

/// The keys of a `HashMap` made for `capacity` of them that `computeIfAbsent` was called with, in the order in which it lists
/// them: it puts a new one before the others of its bucket, and has the table grow only with the next call.
pub fn computed_order<'k>(calls: impl Iterator<Item = &'k str>, capacity: usize) -> Vec<&'k str> {
    let mut buckets = capacity.max(1).next_power_of_two();
    let mut keys: Vec<&str> = Vec::new();
    for key in calls {
        if keys.len() > buckets * 3 / 4 {
            buckets *= 2;
        }
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys.reverse();
    let bucket = |key: &str| {
        let hash = string_hash(key).cast_unsigned();
        (hash ^ hash >> 16) as usize & (buckets - 1)
    };
    put_in_order(&mut keys, &|one, other| bucket(one) < bucket(other));
    keys
}

/// Brokers, each once, in the order of a `HashSet` of their ids.
pub fn broker_set(brokers: impl IntoIterator<Item = BrokerId>) -> Vec<BrokerId> {
    let mut set: Vec<BrokerId> = brokers.into_iter().collect();
    sort(&mut set);
    set.dedup();
    hash_order(&mut set, 16, |broker| broker.0);
    set
}

/// Partitions, each once, in the order of a `HashSet` of them.
pub fn partition_set(partitions: impl IntoIterator<Item = TopicPartition>) -> Vec<TopicPartition> {
    let mut set: Vec<TopicPartition> = partitions.into_iter().collect();
    sort(&mut set);
    set.dedup();
    hash_order(&mut set, 16, partition_hash);
    set
}

/// Puts entries of a `HashMap`, which lie here in its order, in that of a copy of it: `new HashMap(map)`.
pub fn copied_order<T>(entries: &mut [T], hash: impl Fn(&T) -> i32) {
    // Room for them in three quarters of it.
    let capacity = entries.len() * 4 / 3 + 1;
    hash_order(entries, capacity, hash);
}
