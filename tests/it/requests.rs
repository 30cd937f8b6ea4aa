//! The table of requests: keys and names are those that a real broker says it takes.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use kafka_playground::engine::protocol::API_KEYS;

/// What only controllers take, and no broker lists.
const OF_CONTROLLERS: [&str; 2] = ["AlterPartition", "BrokerHeartbeat"];

#[test]
fn requests_have_kafkas_keys_and_names() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let listed = fs::read_to_string(folder.join("252-broker-api-versions.txt")).unwrap();
    for (key, name) in API_KEYS.iter().filter(|(_, name)| !OF_CONTROLLERS.contains(name)) {
        assert!(listed.contains(&format!("\t{name}({key}): ")), "{name} ({key})");
    }
}
