//! A batch of ours has the size and the checksum of the broker's own (`record-batches/`).

use kafka_playground::base::Timestamp;
use kafka_playground::engine::log::{BatchBuilder, Header};
use serde_json::Value;

use crate::vectors;

/// Text, `..._hex` when it is not clean text, or null.
fn bytes(holder: &Value, name: &str) -> Option<Vec<u8>> {
    if let Some(hex) = holder[format!("{name}_hex")].as_str() {
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
        return Some((0..hex.len()).step_by(2).map(byte).collect());
    }
    holder[name].as_str().map(|text| text.as_bytes().to_vec())
}

fn check(json: &str) -> usize {
    let file: Value = serde_json::from_str(json).expect("JSON");
    let batches = file["batches"].as_array().expect("batches");
    for expected in batches {
        let number = |name: &str| expected[name].as_i64().expect("a number");
        let mut builder = BatchBuilder::new(0);
        for record in expected["records"].as_array().expect("records") {
            let header = |header: &Value| Header {
                key: header["key"].as_str().unwrap_or_default().to_owned(),
                value: bytes(header, "value"),
            };
            let headers: Vec<Header> = record["headers"].as_array().expect("headers").iter().map(header).collect();
            let timestamp = Timestamp(record["timestamp"].as_i64().expect("a timestamp"));
            builder.push(timestamp, bytes(record, "key").as_deref(), bytes(record, "value").as_deref(), &headers);
        }
        let batch = builder.build(number("producer_id"), number("producer_epoch") as i16, number("base_sequence") as i32);
        assert_eq!(batch.size_bytes() as i64, number("size"));
        assert_eq!(i64::from(batch.crc), number("crc"));
        assert_eq!(batch.max_timestamp.0, number("max_timestamp"));
        let read: Vec<_> =
            batch.records().map(|record| (record.key.map(<[u8]>::to_vec), record.value.map(<[u8]>::to_vec))).collect();
        let written: Vec<_> =
            expected["records"].as_array().expect("records").iter().map(|r| (bytes(r, "key"), bytes(r, "value"))).collect();
        assert_eq!(read, written);
    }
    batches.len()
}

#[test]
fn sizes_and_checksums_are_kafkas() {
    let files = ["plain", "headers", "idempotent", "tombstones", "indexed"];
    let files = files.map(|name| vectors::read(&format!("record-batches/{name}.json")));
    let checked: usize = files.iter().map(|file| check(&file.text)).sum();
    assert!(checked == 25 || files.iter().any(|file| !file.own), "{checked} batches");
}

/// The page's checksum by tables against the processor's own, at every length around a word and from any start.
#[test]
fn both_ways_to_the_checksum_agree() {
    use kafka_playground::base::crc32c;
    assert_eq!(crc32c::append_by_table(0, b"123456789"), 0xe306_9283, "the check value of CRC-32C");
    let bytes: Vec<u8> = (0..200u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for from in 0..9 {
        for to in from..bytes.len() {
            let start = crc32c::append(0, &bytes[..from]);
            assert_eq!(crc32c::append_by_table(start, &bytes[from..to]), crc32c::append(start, &bytes[from..to]), "{from}..{to}");
        }
    }
}
