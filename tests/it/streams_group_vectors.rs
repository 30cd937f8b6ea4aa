//! Who gets which task, what a topology asks of topics, and the records of streams groups, against Kafka's own classes
//! (`tests/vectors/streams-groups.jsonl`, made by `tests/vectors/StreamsGroupVectors.java`). A member's steps towards its target
//! are checked where they are made.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use std::rc::Rc;

use kafka_playground::base::{MemberId, Offset, SortedMap};
use kafka_playground::engine::group::streams::assignor::{AssignableMember, assign};
use kafka_playground::engine::group::streams::{AssignedTasks, ConfiguredSubtopology, TaskId, TaskSet, configure};
use kafka_playground::engine::protocol::{
    CopartitionGroup, DescribedSubtopology, ErrorCode, StreamsTopology, Subtopology, TopicInfo,
};
use kafka_playground::engine::wire::OffsetsRecord;
use kafka_playground::engine::{World, WorldConfig};
use serde_json::{Value, json};

use crate::programs::create_topics;
use crate::vectors;

fn rows(kind: &str, own: usize, check: impl Fn(&Value)) {
    let vectors = vectors::read("streams-groups.jsonl");
    let rows = vectors.text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let rows: Vec<Value> = rows.filter(|row| row["kind"] == kind).collect();
    rows.iter().for_each(check);
    vectors.counted(rows.len(), own);
}

fn array(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// `0_1`, or `0_1@3`: the task, and what stands after it.
fn task(value: &Value) -> (TaskId, i64) {
    let (task, number) = text(value).split_once('@').unwrap_or((text(value), "0"));
    let (id, partition) = task.split_once('_').unwrap();
    (TaskId::new(id, partition.parse().unwrap()), number.parse().unwrap())
}

fn tasks(value: &Value) -> TaskSet {
    array(value).iter().map(|value| task(value).0).collect()
}

fn told(tasks: &TaskSet) -> Value {
    let mut told: Vec<String> = tasks.iter().map(ToString::to_string).collect();
    told.sort();
    json!(told)
}

#[test]
fn tasks_are_assigned_as_in_kafka() {
    rows("assign", 300, |row| {
        let subtopology = |of: &Value| {
            let changelog = TopicInfo { name: "c".into(), partitions: 1, replication_factor: 0, topic_configs: Vec::new() };
            let state_changelog_topics = if of[2] == true { vec![changelog] } else { Vec::new() };
            let topics = DescribedSubtopology {
                subtopology_id: text(&of[0]).to_owned(),
                source_topics: Vec::new(),
                repartition_sink_topics: Vec::new(),
                state_changelog_topics,
                repartition_source_topics: Vec::new(),
            };
            (text(&of[0]).to_owned(), ConfiguredSubtopology { number_of_tasks: of[1].as_i64().unwrap() as i32, topics })
        };
        let subtopologies: SortedMap<String, ConfiguredSubtopology> =
            array(&row["subtopologies"]).iter().map(subtopology).collect();
        let member = |told: &Value| {
            let active = tasks(&told["active"]).into_iter().map(|task| (task, 0)).collect();
            let assigned = AssignedTasks { active, standby: tasks(&told["standby"]), warmup: TaskSet::new() };
            let offsets = array(&told["offsets"]).iter().map(task).map(|(task, offset)| (task, Offset(offset)));
            (MemberId::from(text(&told["id"])), Rc::<str>::from(text(&told["process"])), assigned, offsets.collect())
        };
        let members: Vec<(MemberId, Rc<str>, AssignedTasks, SortedMap<TaskId, Offset>)> =
            array(&row["members"]).iter().map(member).collect();
        let assignable = members.iter().map(|(member_id, process_id, assigned, offsets)| AssignableMember {
            member_id,
            process_id,
            assigned,
            offsets: Some(offsets),
        });
        let assigned = assign(assignable.collect(), &subtopologies, row["replicas"].as_u64().unwrap() as usize);
        let assigned: Vec<Value> =
            assigned.iter().map(|(id, tasks)| json!([id.as_str(), told(&tasks.active), told(&tasks.standby)])).collect();
        assert_eq!(json!(assigned), row["result"], "{row}");
    });
}

fn infos(value: &Value) -> Vec<TopicInfo> {
    let info = |topic: &Value| TopicInfo {
        name: text(&topic[0]).into(),
        partitions: topic[1].as_i64().unwrap() as i32,
        replication_factor: topic[2].as_i64().unwrap() as i16,
        topic_configs: vec![("cleanup.policy".to_owned(), "compact".to_owned())],
    };
    array(value).iter().map(info).collect()
}

fn subtopology(told: &Value) -> Subtopology {
    let places = |value: &Value| array(value).iter().map(|place| place.as_i64().unwrap() as i16).collect();
    let group = |group: &Value| CopartitionGroup {
        source_topics: places(&group[0]),
        source_topic_regex: Vec::new(),
        repartition_source_topics: places(&group[1]),
    };
    let names = |value: &Value| array(value).iter().map(|name| text(name).into()).collect();
    Subtopology {
        subtopology_id: text(&told["id"]).to_owned(),
        source_topics: names(&told["sources"]),
        source_topic_regex: Vec::new(),
        state_changelog_topics: infos(&told["changelogs"]),
        repartition_sink_topics: names(&told["sinks"]),
        repartition_source_topics: infos(&told["repartition"]),
        copartition_groups: array(&told["groups"]).iter().map(group).collect(),
    }
}

#[test]
fn topologies_are_configured_as_in_kafka() {
    rows("topics", 300, |row| {
        let mut world = World::new(WorldConfig::default());
        let there: Vec<(&str, i32)> =
            array(&row["cluster"]).iter().map(|topic| (text(&topic[0]), topic[1].as_i64().unwrap() as i32)).collect();
        create_topics(&mut world, &there);
        let subtopologies = array(&row["topology"]).iter().map(subtopology).collect();
        let topology = StreamsTopology { epoch: 0, subtopologies }.in_order();
        let result = match configure(world.cluster(), &topology) {
            Ok(configured) => {
                let problem = configured.problem.map(|(status, words)| json!([status.code(), words]));
                let create = configured.internal_topics_to_be_created.iter();
                let create: Vec<Value> = create
                    .map(|topic| json!([topic.name.as_str(), topic.partitions, topic.replication_factor.unwrap_or(-1)]))
                    .collect();
                let tasks = configured.subtopologies.iter().flatten();
                let tasks: Vec<Value> = tasks.map(|(id, subtopology)| json!([id, subtopology.number_of_tasks])).collect();
                json!({ "problem": problem, "create": create, "tasks": tasks })
            }
            Err((ErrorCode::StreamsInvalidTopology, words)) => {
                json!({ "error": "StreamsInvalidTopologyException", "words": words })
            }
            Err((error, _)) => json!({ "error": error.name() }),
        };
        assert_eq!(result, row["result"], "{row}");
    });
}

fn bytes(value: &Value) -> Option<Vec<u8>> {
    let hex = value.as_str()?;
    Some((0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect())
}

#[test]
fn records_have_kafkas_bytes_and_json() {
    rows("record", 15, |row| {
        let (key, value) = (bytes(&row["key"]).unwrap(), bytes(&row["value"]));
        let record = OffsetsRecord::read(&key, value.as_deref()).unwrap();
        assert_eq!(record.write(), (key, value), "{row}");
        assert_eq!(serde_json::from_str::<Value>(&record.to_json()).unwrap(), row["json"]);
    });
}
