//! The arithmetic behind a number, with the numbers at hand.

use super::text;
use crate::base::java::string_hash;
use crate::engine::client::partitioner::{murmur2, partition_for_key};

/// Why a record with this key lies in `partition` of a topic that has `partition_count` partitions now.
pub fn partition_of_key(key: &[u8], partition: i32, partition_count: i32) -> String {
    let hash = murmur2(key);
    let positive = hash & i32::MAX;
    let by_key = partition_for_key(key, partition_count);
    let sum = format!(
        "murmur2({}) = {hash:#010x}; {hash:#010x} & 0x7fffffff = {positive}; {positive} % {partition_count} = {by_key}",
        key_text(key)
    );
    if by_key == partition {
        let partitions = text::count(partition_count, "partition");
        return format!("Same key, same partition, as long as the topic has {partitions}: its producer hashes the key. {sum}.");
    }
    match (1..partition_count).rev().find(|count| partition_for_key(key, *count) == partition) {
        Some(before) => format!(
            "{sum}, yet the record is in {partition}: {positive} % {before} = {partition}, as when the topic had {}. Adding \
             partitions moves no record. (Or the sender named the partition.)",
            text::count(before, "partition")
        ),
        None => format!("{sum}, yet the record is in {partition}: its sender named the partition, or hashes keys in another way."),
    }
}

/// Why a record without a key lies where it does.
pub fn partition_of_null_key() -> String {
    "It has no key, so its producer chose: a producer stays on one partition (the sticky one) until about batch.size (16384) \
     bytes went there, then takes another at random. That is not round robin. A record written from this page comes from a new \
     console producer each time, and each of those begins with a random partition of its own."
        .to_owned()
}

fn key_text(key: &[u8]) -> String {
    match std::str::from_utf8(key) {
        Ok(key) => format!("\"{}\"", text::preview(key, 40)),
        Err(_) => text::preview(&text::hex(key), 40),
    }
}

/// Kafka's LOG-END-OFFSET, which is the high watermark, − committed.
pub fn lag(log_end_offset: i64, committed_offset: Option<i64>) -> String {
    match committed_offset {
        Some(committed) => {
            format!(
                "LOG-END-OFFSET {log_end_offset} − committed {committed} = {}. Counted in offsets: the end of what can be read (the \
                 high watermark) minus the next record to be read.",
                (log_end_offset - committed).max(0)
            )
        }
        None => "Nothing is committed yet, so there is nothing to subtract. That is not 0: where reading begins is up to \
                 auto.offset.reset."
            .to_owned(),
    }
}

/// What the range assignor gives to the member at `place` (from 0) of `members` in this order, in one topic of `partitions`.
///
/// ```text
///  7 partitions, 3 members:  7 / 3 = 2, 7 % 3 = 1    [0 1 2][3 4][5 6]
/// ```
pub fn range(topic: &str, partitions: usize, members: usize, place: usize, order: &str) -> String {
    let members = members.max(1);
    let (each, extra) = (partitions / members, partitions % members);
    let first = place * each + place.min(extra);
    let count = each + usize::from(place < extra);
    let sum = format!("{topic}: {partitions} / {members} = {each}, {partitions} % {members} = {extra}");
    let rule = match extra {
        0 => format!("each of the {} gets {each}", text::count(members as i64, "member")),
        1 => format!("the first member gets {}, the others {each}", each + 1),
        _ => format!("the first {extra} members get {}, the others {each}", each + 1),
    };
    let own = match count {
        0 => "nothing is left for it".to_owned(),
        1 => format!("it gets partition {first}"),
        _ => format!("it gets partitions {first} to {}", first + count - 1),
    };
    if members == 1 {
        return format!("{topic}: {}, and no other member wants them: {own}.", text::count(partitions as i64, "partition"));
    }
    format!("{sum}: {rule}. As number {} in order of {order} {own}.", place + 1)
}

/// What the assignors order members by (`AbstractPartitionAssignor.MemberInfo`).
pub fn order(has_static_member: bool) -> &'static str {
    if has_static_member { "group.instance.id, then of member ids," } else { "member ids," }
}

/// Why this partition of `__consumer_offsets`, and so this broker, keeps a group.
pub fn coordinator(group: &str, partition_count: i32) -> String {
    // `Utils.abs`: the smallest number has no positive counterpart and becomes 0.
    let positive = string_hash(group).checked_abs().unwrap_or(0);
    let partition = positive % partition_count.max(1);
    format!(
        "abs(hash(\"{}\")) = {positive}; {positive} % {partition_count} = {partition}: the leader of __consumer_offsets-{partition} \
         coordinates this group.",
        text::preview(group, 40)
    )
}
