//! Small topologies of Kafka Streams against what the real TopologyTestDriver says of them: outputs, dropped records, the text of
//! `Topology#describe`, and what goes to changelog and repartition topics, byte by byte.

mod topologies;

use crate::vectors;
use kafka_playground::streams::Raw;
use kafka_playground::streams::store::StoreSpec;
use kafka_playground::streams::task::driver::Output;
use kafka_playground::streams::topology::{OwnTopic, Subtopology};
use kafka_playground::streams::{Input, Task, TestDriver, Topology};
use serde_json::{Value, json};
use topologies::build;

fn rows(text: &str) -> impl Iterator<Item = Value> + '_ {
    text.lines().filter(|line| !line.is_empty()).map(|line| serde_json::from_str(line).expect("a row is JSON"))
}

/// Runs a row's inputs. What came of each, by the number of the input.
fn run(row: &Value) -> (TestDriver, Vec<(usize, Output)>) {
    let topology = build(row["ops"].as_array().expect("ops"));
    let mut driver = TestDriver::new(topology, 0);
    let mut outputs = Vec::new();
    for (index, input) in row["inputs"].as_array().expect("inputs").iter().enumerate() {
        let made = match input["advance_wall_ms"].as_i64() {
            Some(by_ms) => driver.advance_wall_clock(by_ms),
            None => driver.pipe(Input {
                topic: input["topic"].as_str().expect("topic"),
                key: input["key"].as_str().map(str::as_bytes),
                value: input["value"].as_str().map(str::as_bytes),
                timestamp: input["timestamp"].as_i64().expect("timestamp"),
            }),
        };
        outputs.extend(made.expect("no operator throws").into_iter().map(|output| (index, output)));
    }
    (driver, outputs)
}

/// A row of `outputs`, as the recording has it: key and window from the JSON that the last operator made of the key.
fn shown((after_input, output): &(usize, Output)) -> Value {
    let json = |bytes: &Option<Vec<u8>>| -> Value {
        serde_json::from_slice(bytes.as_deref().expect("both are there")).expect("both are JSON")
    };
    let mut row = json!({ "after_input": after_input });
    for (name, value) in json(&output.key).as_object().expect("the key is an object") {
        row[name] = value.clone();
    }
    row["value"] = json(&output.value);
    row["timestamp"] = output.timestamp.into();
    row
}

fn check(row: &Value) -> Result<(), String> {
    let (driver, outputs) = run(row);
    let made: Vec<Value> = outputs.iter().filter(|(_, output)| output.topic == "out").map(shown).collect();
    let expected = row["outputs"].as_array().expect("outputs");
    if &made != expected {
        let lines = |rows: &[Value]| rows.iter().map(|row| format!("  {row}\n")).collect::<String>();
        return Err(format!("made\n{}expected\n{}", lines(&made), lines(expected)));
    }
    if Some(driver.dropped().len() as u64) != row["dropped_records"].as_u64() {
        return Err(format!("dropped {:?}, expected {}", driver.dropped(), row["dropped_records"]));
    }
    Ok(())
}

/// The description, and what went to internal topics.
fn check_inside(row: &Value, inside: &Value) -> Result<(), String> {
    let (driver, outputs) = run(row);
    let described = driver.task().topology().describe();
    let expected = inside["describe"].as_str().expect("describe");
    if described != expected {
        return Err(format!("described\n{described}\nexpected\n{expected}"));
    }
    let prefix = format!("vectors-{}-", row["name"].as_str().expect("name"));
    check_topics(driver.task().topology(), &prefix, inside["internal_topics"].as_array().expect("internal_topics"))?;
    let hex =
        |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    let made = outputs.iter().filter(|(_, output)| output.topic != "out").map(|(after_input, output)| {
        json!({ "after_input": after_input, "topic": format!("{prefix}{}", output.topic), "key_hex": hex(&output.key),
            "value_hex": hex(&output.value), "timestamp": output.timestamp })
    });
    let mut expected = inside["changelogs"].as_array().expect("changelogs").clone();
    for record in &mut expected {
        record.as_object_mut().expect("a record").remove("headers");
    }
    // Kafka writes what a buffer has changed in the order of a hash set.
    let sorted = |rows: Vec<Value>| {
        let (mut buffers, others): (Vec<Value>, Vec<Value>) = rows.into_iter().partition(|row| row["timestamp"].is_null());
        buffers.sort_by_key(|row| (row["after_input"].as_u64(), row["key_hex"].to_string()));
        (buffers, others)
    };
    let (made, expected) = (sorted(made.collect()), sorted(expected));
    if made != expected {
        let lines = |(buffers, others): &(Vec<Value>, Vec<Value>)| {
            others.iter().chain(buffers).map(|row| format!("  {row}\n")).collect::<String>()
        };
        return Err(format!("wrote\n{}expected\n{}", lines(&made), lines(&expected)));
    }
    Ok(())
}

fn check_topics(topology: &Topology, prefix: &str, expected: &[Value]) -> Result<(), String> {
    let shown = |subtopology: usize, kind: &str, topic: &OwnTopic| {
        let configs: serde_json::Map<String, Value> =
            topic.configs.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
        let mut shown =
            json!({ "topic": format!("{prefix}{}", topic.name), "kind": kind, "subtopology": subtopology, "config": configs });
        if let Some(partitions) = topic.partitions {
            shown["partitions"] = partitions.into();
        }
        shown
    };
    let of = |kind: Subtopology| {
        let repartition = kind.repartition_sources.iter().map(|topic| shown(kind.number, "repartition", topic));
        let changelogs = kind.changelogs.iter().map(|topic| shown(kind.number, "changelog", topic));
        repartition.chain(changelogs).collect::<Vec<_>>()
    };
    let sorted = |mut rows: Vec<Value>| {
        rows.sort_by_key(|row| row["topic"].to_string());
        rows
    };
    let (made, expected) = (sorted(topology.task_kinds().into_iter().flat_map(of).collect()), sorted(expected.to_vec()));
    if made == expected { Ok(()) } else { Err(format!("topics\n{made:#?}\nexpected\n{expected:#?}")) }
}

fn report(failures: Vec<(String, String)>) {
    let all: String = failures.iter().map(|(name, why)| format!("{name}: {why}\n")).collect();
    assert!(failures.is_empty(), "{} of the rows differ:\n{all}", failures.len());
}

fn name(row: &Value) -> String {
    row["name"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn topologies_give_what_kafka_streams_gives() {
    for (file, own) in [("streams.jsonl", 62), ("streams-more.jsonl", 168)] {
        let vectors = vectors::read(file);
        let mut count = 0;
        let failures =
            rows(&vectors.text).inspect(|_| count += 1).filter_map(|row| Some((name(&row), check(&row).err()?))).collect();
        report(failures);
        vectors.counted(count, own);
    }
}

#[test]
fn topologies_are_described_and_write_to_internal_topics_as_in_kafka_streams() {
    let (plain, inside, more) =
        (vectors::read("streams.jsonl"), vectors::read("streams-describe.jsonl"), vectors::read("streams-more.jsonl"));
    let insides: Vec<Value> = rows(&inside.text).collect();
    let of = |row: &Value| insides.iter().find(|inside| inside["name"] == row["name"]).cloned();
    let plain: Vec<(Value, Value)> = rows(&plain.text).filter_map(|row| of(&row).map(|inside| (row, inside))).collect();
    let own = rows(&more.text).map(|row| (row.clone(), row));
    let mut count = 0;
    let all = plain.into_iter().chain(own).inspect(|_| count += 1);
    let failures = all.filter_map(|(row, inside)| Some((name(&row), check_inside(&row, &inside).err()?))).collect();
    report(failures);
    more.counted(count, 230);
}

/// A task that reads the changelogs of another has its stores.
#[test]
fn stores_come_back_from_their_changelogs() {
    let (plain, more) = (vectors::read("streams.jsonl"), vectors::read("streams-more.jsonl"));
    let mut failures = Vec::new();
    for row in rows(&plain.text).chain(rows(&more.text)) {
        let (driver, outputs) = run(&row);
        let topology = driver.task().topology();
        let mut restored = Task::new(topology, None, 0, 0, 0);
        for (_, output) in outputs {
            let of = |spec: &StoreSpec| output.topic.strip_suffix("-changelog") == Some(&*spec.name);
            let Some(place) = topology.stores.iter().position(of) else { continue };
            let timestamp = output.timestamp.unwrap_or(0);
            let record = Raw { key: output.key, value: output.value, timestamp, offset: 0 };
            restored.restore(place, &record).expect("a changelog can be read");
        }
        for (place, spec) in topology.stores.iter().enumerate().filter(|(_, spec)| spec.logged) {
            let (live, back) = (driver.task().store(place), restored.store(place));
            if live != back {
                failures.push((name(&row), format!("{}\n{live:?}\nbut restored\n{back:?}", spec.name)));
            }
        }
    }
    report(failures);
}
