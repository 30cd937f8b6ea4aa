//! `kafka-delete-records.sh` (`org.apache.kafka.tools.DeleteRecordsCommand`).

use serde_json::Value;

use super::dialogue::{Desk, Errand, Step};
use super::java::{Thrown, exception_line};
use super::options::{Given, Opt, Refusal, flag, help_or_version, parse, require, with};
use crate::base::{Offset, TopicPartition};
use crate::engine::ErrorCode;
use crate::engine::protocol::{DeleteRecordsRequest, Request, Response};

pub const OPTIONS: &[Opt] = &[
    with("bootstrap-server", "String: server(s)", "Where the cluster is (needed)."),
    with("command-config", "String: file", "A file with settings for the admin client."),
    flag("help", "Show this page."),
    with("offset-json-file", "String: file", "A JSON file with the new first offset of each partition (needed)."),
    flag("version", "Show Kafka's version."),
];

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DeleteRecords {
    file: String,
}

pub fn read(words: &[String]) -> Result<DeleteRecords, Refusal> {
    let thrown =
        |message: String, stack: Vec<String>| Refusal::lines(std::iter::once(message).chain(stack).chain([String::new()]), 1);
    let given: Given = parse(OPTIONS, words).map_err(|error| thrown(error.message(), error.stack()))?;
    let about = "This tool helps to delete records of the given partitions down to the specified offset.";
    if given.is_empty() {
        return Err(Refusal::usage(about));
    }
    help_or_version(OPTIONS, &given, about)?;
    require(&given, &["bootstrap-server", "offset-json-file"])?;
    let file = given.value("offset-json-file").map_err(|error| thrown(error.message(), error.stack()))?;
    Ok(DeleteRecords { file: file.unwrap_or_default().to_owned() })
}

impl Errand for DeleteRecords {
    fn run(&self, desk: &mut Desk<'_, '_, '_>) -> Step<i32> {
        let offsets = match self.offsets(desk) {
            Ok(offsets) => offsets,
            Err(thrown) => {
                desk.error(thrown.message);
                thrown.stack.into_iter().for_each(|line| desk.error(line));
                desk.error("");
                return Ok(1);
            }
        };
        desk.print("Executing records delete operation");
        desk.print("Records delete operation completed:");
        if offsets.is_empty() {
            return Ok(0);
        }
        let request = DeleteRecordsRequest { partitions: offsets.clone() };
        let results = match desk.call(Request::DeleteRecords(request))? {
            Ok(response) => match response.as_ref() {
                Response::DeleteRecords(response) => response.partitions.clone(),
                _ => Vec::new(),
            },
            Err(error) => offsets.iter().map(|(partition, _)| (partition.clone(), Err(error.code()))).collect(),
        };
        for (partition, result) in &results {
            if let Err(error) = result
                && *error != ErrorCode::RequestTimedOut
            {
                let what =
                    format!("DeleteRecords request for topic partition {partition} failed due to an unexpected error {error}");
                let text = format!("[AdminClient clientId=adminclient-1] {what}");
                desk.log("ERROR", &text, "org.apache.kafka.clients.admin.internals.DeleteRecordsHandler");
            }
        }
        for (partition, result) in results {
            desk.print(match result {
                Ok(low_watermark) => format!("partition: {partition}\tlow_watermark: {low_watermark}"),
                Err(ErrorCode::RequestTimedOut) => {
                    let what = "Timed out waiting for a node assignment. Call: deleteRecords";
                    format!("partition: {partition}\terror: org.apache.kafka.common.errors.TimeoutException: {what}")
                }
                Err(error) => format!("partition: {partition}\terror: {}", exception_line(error)),
            });
        }
        Ok(0)
    }
}

fn mapping(message: &str) -> Thrown {
    Thrown::java("com.fasterxml.jackson.databind.JsonMappingException", message)
}

impl DeleteRecords {
    /// `parseOffsetJsonStringWithoutDedup`, and the check for what is there twice.
    fn offsets(&self, desk: &Desk<'_, '_, '_>) -> Result<Vec<(TopicPartition, Offset)>, Thrown> {
        let Some(text) = desk.read_file(&self.file) else {
            let message = format!("Unable to read file {}", self.file);
            let stack = vec![
                format!("java.io.IOException: {message}"),
                "<stack>".to_owned(),
                format!("Caused by: java.nio.file.NoSuchFileException: {}", self.file),
                "<stack>".to_owned(),
            ];
            return Err(Thrown { message, stack });
        };
        let operation = |message: &str| Thrown::java("org.apache.kafka.tools.AdminOperationException", message);
        let json: Value = serde_json::from_str(&text).map_err(|_| operation("The input string is not a valid JSON"))?;
        let Value::Object(fields) = &json else {
            return Err(mapping(&format!("Expected JSON object, received {json}")));
        };
        match fields.get("version") {
            None => {}
            Some(version) if version.as_i64() == Some(1) => {}
            Some(version) if version.is_i64() => {
                return Err(operation(&format!("Not supported version field value {version}")));
            }
            Some(other) => return Err(mapping(&format!("Expected `Integer` value, received {other}"))),
        }
        let partitions = match fields.get("partitions") {
            None => return Err(operation("Missing partitions field")),
            Some(Value::Array(partitions)) => partitions,
            Some(other) => return Err(mapping(&format!("Expected JSON array, received {other}"))),
        };
        let mut offsets: Vec<(TopicPartition, Offset)> = Vec::new();
        let mut twice: Vec<String> = Vec::new();
        for item in partitions {
            let field = |name: &str| item.get(name).ok_or_else(|| mapping(&format!("No such field exists: `{name}`")));
            let number = |name: &str, kind: &str| {
                let value = field(name)?;
                value.as_i64().ok_or_else(|| mapping(&format!("Expected `{kind}` value, received {value}")))
            };
            let topic = field("topic")?;
            let topic = topic.as_str().ok_or_else(|| mapping(&format!("Expected `String` value, received {topic}")))?;
            let partition = i32::try_from(number("partition", "Integer")?).unwrap_or(i32::MAX);
            let partition = TopicPartition::new(topic, partition);
            let offset = Offset(number("offset", "Long")?);
            if offsets.iter().any(|(known, _)| *known == partition) {
                twice.push(partition.to_string());
            }
            offsets.push((partition, offset));
        }
        if !twice.is_empty() {
            let message = format!("Offset json file contains duplicate topic partitions: {}", twice.join(","));
            return Err(Thrown::java("org.apache.kafka.tools.AdminCommandFailedException", &message));
        }
        Ok(offsets)
    }
}
