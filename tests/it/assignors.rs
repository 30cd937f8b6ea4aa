//! Who gets which partition, against Kafka's own assignors (`tests/vectors/assignors.jsonl`).

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use kafka_playground::base::SortedMap;
use std::rc::Rc;

use kafka_playground::base::{MemberId, TopicName, TopicPartition};
use kafka_playground::engine::group::assignors::{self, AssignableTopic};
use kafka_playground::engine::protocol::{JoinedMember, Subscription};
use serde_json::Value;

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn pairs(value: &Value) -> Vec<TopicPartition> {
    let pairs = value.as_array().into_iter().flatten();
    pairs.map(|pair| TopicPartition::new(pair[0].as_str().unwrap(), pair[1].as_i64().unwrap() as i32)).collect()
}

fn topics(row: &Value) -> SortedMap<TopicName, AssignableTopic> {
    let topic = |topic: &Value| {
        let partition_count = topic["partitions"].as_i64().unwrap() as i32;
        let replica_racks = topic["replica_racks"].as_array().into_iter().flatten().map(texts).collect();
        (TopicName::from(topic["name"].as_str().unwrap()), AssignableTopic { partition_count, replica_racks })
    };
    row["topics"].as_array().unwrap().iter().map(topic).collect()
}

fn members(row: &Value) -> Vec<JoinedMember> {
    let member = |member: &Value| JoinedMember {
        member_id: MemberId::from(member["member_id"].as_str().unwrap()),
        group_instance_id: member["group_instance_id"].as_str().map(str::to_owned),
        subscription: Rc::new(Subscription {
            topics: texts(&member["subscription"]).into_iter().map(TopicName::from).collect(),
            owned_partitions: pairs(&member["owned"]),
            generation_id: member["generation"].as_i64().unwrap() as i32,
            rack_id: member["rack"].as_str().map(str::to_owned),
        }),
    };
    row["members"].as_array().unwrap().iter().map(member).collect()
}

#[test]
fn range_assigns_as_kafka_does() {
    let rows = include_str!("../vectors/assignors.jsonl").lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut checked = 0;
    for row in rows.filter(|row| row["assignor"] == "range") {
        let mut assignment = assignors::assign("range", &topics(&row), &members(&row)).unwrap();
        let mut expected: assignors::Assignment = row["assignment"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(member, partitions)| (MemberId::from(member.as_str()), pairs(partitions)))
            .collect();
        for partitions in assignment.values_mut().chain(expected.values_mut()) {
            partitions.sort();
        }
        assert_eq!(assignment, expected, "{} step {}", row["scenario"], row["step"]);
        checked += 1;
    }
    assert_eq!(checked, 107);
}
