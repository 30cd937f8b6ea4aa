//! `kafka-delete-records.sh` (`org.apache.kafka.tools.DeleteRecordsCommand`).

use crate::base::{Offset, TopicPartition};
use crate::engine::ErrorCode;
use crate::engine::protocol::DeleteRecordsRequest;
use crate::shell::cli::admin_command::{Admin, AdminCommand, ask};
use crate::shell::cli::exception::{Exception, exception_line};
use crate::shell::cli::exit::Done;
use crate::shell::cli::json;
use crate::shell::cli::options::{self, Given, Opt, OptionError, Refusal, flag, require, with};
use crate::shell::cli::queries::{duplicates, invalid_topic, joined};

pub const OPTIONS: &[Opt] = &[
    with("bootstrap-server", "String: server(s)", "Where the cluster is (needed)."),
    with("command-config", "String: file", "A file with settings for the admin client."),
    flag("help", "Show this page."),
    with("offset-json-file", "String: file", "A JSON file with the new first offset of each partition (needed)."),
    flag("version", "Show Kafka's version."),
];

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DeleteRecords {
    given: Given,
}

pub fn read(words: &[String]) -> Result<DeleteRecords, Refusal> {
    let about = "This tool helps to delete records of the given partitions down to the specified offset.";
    let given = options::read(OPTIONS, words, about, OptionError::reported)?;
    require(&given, &["bootstrap-server", "offset-json-file"])?;
    Ok(DeleteRecords { given })
}

impl AdminCommand for DeleteRecords {
    fn run(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        admin.check_client(&self.given)?;
        let offsets = self.offsets(admin)?;
        admin.print("Executing records delete operation");
        admin.print("Records delete operation completed:");
        if offsets.is_empty() {
            return Ok(0);
        }
        let request = DeleteRecordsRequest { partitions: offsets.clone() };
        let results = match ask!(admin, DeleteRecords(request)) {
            Ok(response) => response.partitions,
            Err(error) => offsets.iter().map(|(partition, _)| (partition.clone(), Err(error.code()))).collect(),
        };
        let mut invalid: Vec<&TopicPartition> = Vec::new();
        for (partition, _) in results.iter().filter(|(_, result)| *result == Err(ErrorCode::InvalidTopic)) {
            if !invalid.iter().any(|known| known.topic == partition.topic) {
                admin.log_invalid_topic(self.client_id(), &partition.topic);
            }
            invalid.push(partition);
        }
        for (partition, result) in &results {
            if let Err(error) = result
                && !matches!(error, ErrorCode::RequestTimedOut | ErrorCode::InvalidTopic)
            {
                let what =
                    format!("DeleteRecords request for topic partition {partition} failed due to an unexpected error {error}");
                admin.log_error(self.client_id(), &what, "internals.DeleteRecordsHandler");
            }
        }
        for (partition, result) in results {
            admin.print(match result {
                Ok(low_watermark) => format!("partition: {partition}\tlow_watermark: {low_watermark}"),
                Err(ErrorCode::RequestTimedOut) => {
                    let what = "Timed out waiting for a node assignment. Call: deleteRecords";
                    format!("partition: {partition}\terror: org.apache.kafka.common.errors.TimeoutException: {what}")
                }
                Err(ErrorCode::InvalidTopic) => format!("partition: {partition}\terror: {}", invalid_topic(&partition).line()),
                Err(error) => format!("partition: {partition}\terror: {}", exception_line(error)),
            });
        }
        Ok(0)
    }
}

impl DeleteRecords {
    /// `parseOffsetJsonStringWithoutDedup`, and the check for what is there twice.
    fn offsets(&self, admin: &Admin<'_, '_, '_>) -> Result<Vec<(TopicPartition, Offset)>, Exception> {
        let file = self.given.value("offset-json-file")?.unwrap_or_default();
        let text = admin.read_file(file).ok_or_else(|| json::unreadable(file))?;
        let fields = json::parse(&text).ok_or_else(|| Exception::operation("The input string is not a valid JSON"))??;
        let version = fields.get("version").map_or(Ok(1), json::int)?;
        if version != 1 {
            return Err(Exception::operation(&format!("Not supported version field value {version}")));
        }
        let partitions = fields.get("partitions").ok_or_else(|| Exception::operation("Missing partitions field"))?;
        let mut offsets: Vec<(TopicPartition, Offset)> = Vec::new();
        for item in json::array(partitions)? {
            let item = json::object(item)?;
            let topic = json::string(json::field(item, "topic")?)?;
            let partition = TopicPartition::new(topic, json::int(json::field(item, "partition")?)?);
            offsets.push((partition, Offset(json::long(json::field(item, "offset")?)?)));
        }
        let twice = duplicates(&offsets.iter().map(|(partition, _)| partition).collect::<Vec<_>>());
        if !twice.is_empty() {
            let message = format!("Offset json file contains duplicate topic partitions: {}", joined(twice, ","));
            return Err(Exception::command_failed(&message));
        }
        Ok(offsets)
    }
}
