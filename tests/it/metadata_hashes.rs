//! The hash that a group's records keep of its topics, against `org.apache.kafka.coordinator.group.Utils`
//! (`tests/vectors/metadata-hashes.jsonl`, made by `tests/vectors/MetadataHashVectors.java`).

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use base64::Engine as _;
use kafka_playground::base::{TopicId, TopicName};
use kafka_playground::engine::group::{TopicMetadata, Topics, group_hash};
use serde_json::Value;

use crate::vectors;

fn texts(value: &Value) -> Vec<String> {
    let mut texts: Vec<String> = value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect();
    texts.sort();
    texts
}

#[test]
fn topics_hash_as_in_kafka() {
    let mut checked = 0;
    let vectors = vectors::read("metadata-hashes.jsonl");
    for line in vectors.text.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let mut topics = Topics::new();
        for topic in row["topics"].as_array().unwrap() {
            let name = TopicName::from(topic["name"].as_str().unwrap());
            let id = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(topic["topic_id"].as_str().unwrap()).unwrap();
            let racks: Vec<Vec<String>> = topic["racks"].as_array().unwrap().iter().map(texts).collect();
            let topic_id = TopicId(u128::from_be_bytes(id.try_into().unwrap()));
            let metadata = TopicMetadata { topic_id, partition_count: racks.len() as i32, racks };
            assert_eq!(metadata.hash(name.as_str()), topic["hash"].as_i64().unwrap(), "{name}");
            topics.insert(name, metadata);
        }
        assert_eq!(group_hash(&topics), row["group_hash"].as_i64().unwrap(), "{line}");
        checked += 1;
    }
    vectors.counted(checked, 60);
}
