//! Who gets which partition, against Kafka's own assignors (`tests/vectors/assignors*.jsonl`).

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use std::rc::Rc;

use kafka_playground::base::{MemberId, SortedMap, SortedSet, TopicName, TopicPartition};
use kafka_playground::engine::group::assignors::{self, AssignableTopic, Assignment, TargetMember};
use kafka_playground::engine::protocol::{JoinedMember, Subscription, UserData};
use serde_json::Value;

use crate::vectors;

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

/// What the eager sticky assignor knows of earlier rounds travels in its own data, without a generation beside it.
fn subscription(assignor: &str, member: &Value) -> Subscription {
    let (owned, generation_id) = (pairs(&member["owned"]), member["generation"].as_i64().unwrap() as i32);
    let topics = texts(&member["subscription"]).into_iter().map(TopicName::from).collect();
    let rack_id = member["rack"].as_str().map(str::to_owned);
    match assignor {
        "sticky" if generation_id < 0 => Subscription { topics, rack_id, generation_id: -1, ..Subscription::default() },
        "sticky" => {
            let user_data = UserData::Owned { partitions: owned, generation_id };
            Subscription { topics, rack_id, user_data, generation_id: -1, ..Subscription::default() }
        }
        _ => Subscription { topics, rack_id, owned_partitions: owned, generation_id, user_data: UserData::None },
    }
}

fn members(row: &Value) -> Vec<JoinedMember> {
    let member = |member: &Value| JoinedMember {
        member_id: MemberId::from(member["member_id"].as_str().unwrap()),
        group_instance_id: member["group_instance_id"].as_str().map(str::to_owned),
        subscription: Rc::new(subscription(row["assignor"].as_str().unwrap(), member)),
    };
    row["members"].as_array().unwrap().iter().map(member).collect()
}

fn rows(text: &str) -> impl Iterator<Item = Value> {
    text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap())
}

fn expected(row: &Value) -> Assignment {
    let assignment = row["assignment"].as_object().unwrap().iter();
    assignment.map(|(member, partitions)| (MemberId::from(member.as_str()), pairs(partitions))).collect()
}

/// Where Kafka's answer hangs on the order of a hash map, only how many partitions the members get is compared, and that
/// each partition is there as often as in Kafka's answer.
fn check(row: &Value, mut ours: Assignment) {
    let mut kafkas = expected(row);
    for partitions in ours.values_mut().chain(kafkas.values_mut()) {
        partitions.sort();
    }
    let what = format!("{} {} step {}", row["assignor"], row["scenario"], row["step"]);
    if row["unordered"] != true {
        assert_eq!(ours, kafkas, "{what}");
        return;
    }
    let sizes = |assignment: &Assignment| {
        let mut sizes: Vec<usize> = assignment.values().map(Vec::len).collect();
        sizes.sort_unstable();
        sizes
    };
    let all = |assignment: &Assignment| {
        let mut all: Vec<TopicPartition> = assignment.values().flatten().cloned().collect();
        all.sort();
        all
    };
    assert_eq!(sizes(&ours), sizes(&kafkas), "{what}");
    assert_eq!(all(&ours), all(&kafkas), "{what}");
}

#[test]
fn client_assignors_assign_as_kafkas_do() {
    let mut checked: SortedMap<String, u32> = SortedMap::new();
    let vectors = vectors::read("assignors.jsonl");
    for row in rows(&vectors.text) {
        let assignor = row["assignor"].as_str().unwrap().to_owned();
        check(&row, assignors::assign(&assignor, &topics(&row), &members(&row)).unwrap());
        *checked.get_or_default(assignor) += 1;
    }
    let counts: Vec<(&str, u32)> = checked.iter().map(|(assignor, count)| (assignor.as_str(), *count)).collect();
    if vectors.own {
        assert_eq!(counts, [("cooperative-sticky", 132), ("range", 107), ("roundrobin", 107), ("sticky", 107)]);
    }
}

#[test]
fn coordinator_assignors_assign_as_kafkas_do() {
    let mut checked = 0;
    let vectors = vectors::read("assignors-consumer-protocol.jsonl");
    for row in rows(&vectors.text) {
        let given = row["members"].as_array().unwrap();
        let wanted: Vec<SortedSet<TopicName>> =
            given.iter().map(|member| texts(&member["subscription"]).into_iter().map(TopicName::from).collect()).collect();
        let previous: Vec<Vec<TopicPartition>> = given.iter().map(|member| pairs(&member["previous"])).collect();
        let mut members: Vec<TargetMember<'_>> = given
            .iter()
            .enumerate()
            .map(|(at, member)| TargetMember {
                member_id: MemberId::from(member["member_id"].as_str().unwrap()),
                group_instance_id: member["group_instance_id"].as_str().map(str::to_owned),
                topics: &wanted[at],
                previous: &previous[at],
            })
            .collect();
        members.sort_by(|one, other| one.member_id.cmp(&other.member_id));
        let assignor = row["assignor"].as_str().unwrap();
        let ours = assignors::assign_target(assignor, &topics(&row), &members).unwrap();
        check(&row, ours.into_iter().map(|(member, partitions)| (member, partitions.into_owned())).collect());
        checked += 1;
    }
    vectors.counted(checked, 214);
}
