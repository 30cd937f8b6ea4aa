//! Which partition a key goes to, against `org.apache.kafka.common.utils.Utils.murmur2` (`tests/vectors/partitioner.jsonl`).

use kafka_playground::engine::client::partitioner::{murmur2, partition_for_key};
use serde_json::Value;

use crate::vectors;

#[test]
fn keys_go_where_kafka_sends_them() {
    let mut checked = 0;
    let vectors = vectors::read("partitioner.jsonl");
    for line in vectors.text.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let hex = row["key_hex"].as_str().unwrap();
        let key: Vec<u8> = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
        if let Some(text) = row["key"].as_str() {
            assert_eq!(key, text.as_bytes(), "key {hex}");
        }
        assert_eq!(i64::from(murmur2(&key)), row["murmur2"].as_i64().unwrap(), "murmur2 of {hex}");
        for (count, partition) in row["partitions"].as_object().unwrap() {
            let count = count.parse().unwrap();
            assert_eq!(i64::from(partition_for_key(&key, count)), partition.as_i64().unwrap(), "{hex} among {count}");
        }
        checked += 1;
    }
    vectors.counted(checked, 416);
}
