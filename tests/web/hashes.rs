//! Kafka's hash, compiled to wasm: 32-bit arithmetic must come out as it does natively and in Java.

use kafka_playground::engine::client::partitioner::{murmur2, partition_for_key};
use wasm_bindgen_test::wasm_bindgen_test;

/// Rows as Kafka's own classes gave them.
const ROWS: &str = include_str!("../vectors/partitioner.jsonl");

fn bytes_from_hex(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("two hex digits")).collect()
}

#[wasm_bindgen_test]
fn keys_hash_and_land_as_in_kafka() {
    let mut checked = 0;
    for line in ROWS.lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("a row is JSON");
        let (Some(hex), Some(hash)) = (row["key_hex"].as_str(), row["murmur2"].as_i64()) else { continue };
        let key = bytes_from_hex(hex);
        assert_eq!(i64::from(murmur2(&key)), hash, "murmur2 of {hex}");
        for (partitions, expected) in row["partitions"].as_object().expect("partitions by count") {
            let partitions: i32 = partitions.parse().expect("a count");
            assert_eq!(Some(i64::from(partition_for_key(&key, partitions))), expected.as_i64(), "{hex} over {partitions}");
        }
        checked += 1;
    }
    assert!(checked > 100, "only {checked} rows were checked: has the file's form changed?");
}
