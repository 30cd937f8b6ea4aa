//! From a record to what the console consumer prints: `DefaultMessageFormatter`, and those for `__consumer_offsets`
//! and `__share_group_state`.

use crate::base::TopicPartition;
use crate::engine::log::RecordView;
use crate::engine::wire::{OffsetsRecord, ShareStateRecord};
use crate::shell::cli::deserializer::Deserializer;
use crate::shell::cli::exception::Exception;
use crate::shell::cli::io::Io;
use crate::shell::cli::properties::Properties;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Formatter {
    kind: Kind,
    timestamp: bool,
    partition: bool,
    offset: bool,
    epoch: bool,
    delivery: bool,
    headers: bool,
    key: bool,
    value: bool,
    key_separator: String,
    line_separator: String,
    headers_separator: String,
    null_literal: String,
    key_deserializer: Option<Deserializer>,
    value_deserializer: Option<Deserializer>,
    headers_deserializer: Option<Deserializer>,
}

/// Why a record cannot be printed.
pub enum Unprintable {
    /// It is none that a formatter of an internal topic knows.
    Unread(&'static str),
    /// A deserializer throws.
    Thrown(Exception),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Kind {
    Default,
    NoOp,
    /// Records of `__consumer_offsets` about committed offsets.
    Offsets,
    /// Records of `__consumer_offsets` about classic groups.
    Groups,
    /// Records of `__share_group_state`.
    ShareState,
}

impl Formatter {
    /// `None` if the class is unknown.
    pub fn new(class: Option<&str>, properties: &Properties) -> Option<Self> {
        let kind = match class {
            None => Kind::Default,
            Some(class) => match class.strip_prefix("org.apache.kafka.tools.consumer.")? {
                "DefaultMessageFormatter" | "LoggingMessageFormatter" => Kind::Default,
                "NoOpMessageFormatter" => Kind::NoOp,
                "OffsetsMessageFormatter" => Kind::Offsets,
                "group.share.ShareGroupStateMessageFormatter" => Kind::ShareState,
                "GroupMetadataMessageFormatter" => Kind::Groups,
                _ => return None,
            },
        };
        let text = |key: &str, default: &str| properties.get(key).unwrap_or(default).to_owned();
        Some(Self {
            kind,
            timestamp: properties.is_true("print.timestamp"),
            partition: properties.is_true("print.partition"),
            offset: properties.is_true("print.offset"),
            epoch: properties.is_true("print.epoch"),
            delivery: properties.is_true("print.delivery"),
            headers: properties.is_true("print.headers"),
            key: properties.is_true("print.key"),
            value: properties.get("print.value").is_none() || properties.is_true("print.value"),
            key_separator: text("key.separator", "\t"),
            line_separator: text("line.separator", "\n"),
            headers_separator: text("headers.separator", ","),
            null_literal: text("null.literal", "null"),
            key_deserializer: None,
            value_deserializer: None,
            headers_deserializer: None,
        })
    }

    /// Makes the deserializers that are named; those that cannot be made are told, and bytes are shown as they are.
    pub fn with_deserializers(mut self, properties: &Properties, io: &mut Io<'_, '_>) -> Self {
        if self.kind != Kind::Default {
            return self;
        }
        for (name, deserializer) in [
            ("key.deserializer", &mut self.key_deserializer),
            ("value.deserializer", &mut self.value_deserializer),
            ("headers.deserializer", &mut self.headers_deserializer),
        ] {
            let Some(class) = properties.get(name) else { continue };
            match Deserializer::named(class) {
                Ok(found) => *deserializer = Some(found),
                Err(thrown) => {
                    let text = format!("Unable to instantiate a deserializer from {class}");
                    io.log("ERROR", &text, "org.apache.kafka.tools.consumer.DefaultMessageFormatter");
                    io.errors(thrown.stack());
                }
            }
        }
        self
    }

    /// The record as printed, line separator included, or why it cannot be. `log_append`: the topic's timestamps are the
    /// broker's. `delivery_count`: how often a share group was given it.
    pub fn format(
        &self,
        topic_partition: &TopicPartition,
        record: &RecordView<'_>,
        log_append: bool,
        delivery_count: Option<u16>,
    ) -> Result<String, Unprintable> {
        match self.kind {
            Kind::Default => {}
            Kind::NoOp => return Ok(String::new()),
            Kind::ShareState => {
                let record = record.key.and_then(|key| ShareStateRecord::read(key, record.value));
                return Ok(record.map(|record| record.to_json()).unwrap_or_default());
            }
            // Nothing ends the line, and a record of another kind is passed over (`CoordinatorRecordMessageFormatter`).
            Kind::Offsets | Kind::Groups => {
                if record.key.is_some_and(|key| key.len() < 2) {
                    return Err(Unprintable::Unread("Could not read version from key's buffer."));
                }
                let record = record.key.and_then(|key| OffsetsRecord::read(key, record.value));
                let wanted = record.filter(|record| match record {
                    OffsetsRecord::OffsetCommit(..) => self.kind == Kind::Offsets,
                    OffsetsRecord::GroupMetadata(..) => self.kind == Kind::Groups,
                    _ => false,
                });
                return Ok(wanted.map(|record| record.to_json()).unwrap_or_default());
            }
        }
        let mut columns = Vec::new();
        if self.timestamp {
            let kind = if log_append { "LogAppendTime" } else { "CreateTime" };
            columns.push(if record.timestamp.0 < 0 { "NO_TIMESTAMP".to_owned() } else { format!("{kind}:{}", record.timestamp) });
        }
        if self.partition {
            columns.push(format!("Partition:{}", topic_partition.partition));
        }
        if self.offset {
            columns.push(format!("Offset:{}", record.offset));
        }
        if self.epoch {
            columns.push("Epoch:NOT_PRESENT".to_owned());
        }
        if self.delivery {
            columns.push(delivery_count.map_or("Delivery:NOT_PRESENT".to_owned(), |count| format!("Delivery:{count}")));
        }
        if self.headers {
            columns.push(self.headers(record)?);
        }
        if self.key {
            columns.push(self.bytes(self.key_deserializer, record.key)?);
        }
        if self.value {
            columns.push(self.bytes(self.value_deserializer, record.value)?);
        }
        Ok(if columns.is_empty() { String::new() } else { columns.join(&self.key_separator) + &self.line_separator })
    }

    fn headers(&self, record: &RecordView<'_>) -> Result<String, Unprintable> {
        if record.header_count() == 0 {
            return Ok("NO_HEADERS".to_owned());
        }
        let mut texts = Vec::new();
        for header in record.headers() {
            texts.push(format!("{}:{}", header.key, self.bytes(self.headers_deserializer, header.value.as_deref())?));
        }
        Ok(texts.join(&self.headers_separator))
    }

    fn bytes(&self, deserializer: Option<Deserializer>, bytes: Option<&[u8]>) -> Result<String, Unprintable> {
        let bytes = bytes.unwrap_or(self.null_literal.as_bytes());
        deserializer.unwrap_or(Deserializer::Text).print(bytes).map_err(Unprintable::Thrown)
    }
}
