//! `kafka-verifiable-consumer.sh` (`org.apache.kafka.tools.VerifiableConsumer`).

use serde_json::Value;

use crate::base::{ClientId, Offset, Span, TopicPartition};
use crate::engine::program::{Event, PolledRecords};
use crate::shell::cli::argparse::{Kind, Usage};
use crate::shell::cli::clients::{check_assignors, consumer_config};
use crate::shell::cli::exit::Done;
use crate::shell::cli::io::Io;
use crate::shell::cli::options::{Given, Opt, Refusal, flag, with};
use crate::shell::cli::process::Command;
use crate::shell::cli::verifiable::{say, settings, text};

pub const OPTIONS: &[Opt] = &[
    with("bootstrap-server", "server(s)", "Where the cluster is (needed)."),
    with("topic", "topic", "What to read (needed)."),
    with("group-protocol", "String", "classic or consumer (default: classic)."),
    with("group-remote-assignor", "String", "The assignor of the newer protocol."),
    with("group-id", "String", "The consumer's group (needed)."),
    with("group-instance-id", "String", "The id of a static member."),
    with("max-messages", "Integer", "Stop after so many records; -1: never (default: -1)."),
    with("session-timeout", "Integer: ms", "The session's timeout."),
    flag("verbose", "Say each record."),
    flag("enable-autocommit", "Commit offsets now and then, not after each poll."),
    with("close-timeout", "Integer: ms", "How long the close may take."),
    with("reset-policy", "String", "earliest, latest or none (default: earliest)."),
    with("assignment-strategy", "String: class", "The class that assigns partitions."),
    with("consumer.config", "file", "Older name of --command-config."),
    with("command-config", "file", "A file with settings of the consumer."),
];

const USAGE: Usage = Usage {
    tool: "verifiable-consumer",
    about: "Reads records and says what it got and committed.",
    options: OPTIONS,
    required: &["group-id", "topic", "bootstrap-server"],
    kinds: &[("max-messages", Kind::Integer), ("session-timeout", Kind::Integer), ("close-timeout", Kind::Integer)],
    ..Usage::NONE
};

const TOOL: &str = "kafka-verifiable-consumer.sh";

/// A poll ends when records come; it is given again after a day.
const FOREVER: Span = Span::from_secs(86_400);

#[derive(Clone, Hash, Debug, Default)]
pub struct VerifiableConsumer {
    given: Given,
    client: Option<ClientId>,
    client_id: String,
    consumed: u64,
    /// What is being committed.
    committing: Vec<(TopicPartition, Offset)>,
    /// The exit code, once it was called off.
    interrupted: Option<i32>,
    closing: bool,
}

pub fn read(words: &[String]) -> Result<VerifiableConsumer, Refusal> {
    let given = USAGE.read(words)?;
    match given.values("group-protocol").next().map(str::to_uppercase).as_deref() {
        None | Some("CLASSIC" | "CONSUMER") => {}
        Some(other) => {
            let what = format!("No enum constant org.apache.kafka.clients.consumer.GroupProtocol.{other}");
            let head = format!("Exception in thread \"main\" java.lang.IllegalArgumentException: {what}");
            return Err(Refusal::lines([head, "<stack>".to_owned()], 1));
        }
    }
    Ok(VerifiableConsumer { given, ..VerifiableConsumer::default() })
}

fn partition_json(partition: &TopicPartition) -> String {
    format!("\"topic\":{},\"partition\":{}", text(partition.topic.as_str()), partition.partition)
}

impl VerifiableConsumer {
    fn start(&mut self, io: &mut Io<'_, '_>) -> Done {
        let mut properties = settings(&USAGE, &self.given, "consumer.config", io)?;
        let autocommit = if self.given.has("enable-autocommit") { "true" } else { "false" };
        properties.set("enable.auto.commit", autocommit);
        properties.set("auto.offset.reset", self.given.values("reset-policy").next().unwrap_or("earliest"));
        let given = |option: &str| self.given.values(option).next();
        let protocol = given("group-protocol").unwrap_or("classic");
        properties.set("group.protocol", protocol);
        if !protocol.eq_ignore_ascii_case("consumer") {
            let range = "org.apache.kafka.clients.consumer.RangeAssignor";
            properties.set("partition.assignment.strategy", given("assignment-strategy").unwrap_or(range));
        } else if let Some(assignor) = given("group-remote-assignor") {
            properties.set("group.remote.assignor", assignor);
        }
        for (option, setting) in [("session-timeout", "session.timeout.ms"), ("group-instance-id", "group.instance.id")] {
            if let Some(value) = given(option) {
                properties.set(setting, value);
            }
        }
        let group = self.given.values("group-id").next().unwrap_or_default().to_owned();
        properties.set("group.id", &group);
        let config = consumer_config(&properties, io)?;
        check_assignors(&config)?;
        self.client_id.clone_from(&config.client_id);
        let client = io.consumer(config);
        self.client = Some(client);
        say(io, "startup_complete", "");
        let topic = self.given.values("topic").next().unwrap_or_default().to_owned();
        io.context.subscribe(client, &[&topic]);
        self.go_on(io);
        Ok(())
    }

    /// Records that may still come.
    fn left(&self) -> u64 {
        match self.given.integer("max-messages").and_then(|max| u64::try_from(max).ok()) {
            Some(max) => max.saturating_sub(self.consumed),
            None => u64::MAX,
        }
    }

    fn go_on(&mut self, io: &mut Io<'_, '_>) {
        let Some(client) = self.client.filter(|_| !self.closing) else { return };
        if self.left() == 0 {
            self.closing = true;
            io.context.close(client);
        } else {
            io.context.poll(client, FOREVER);
        }
    }

    /// `onRecordsReceived`.
    fn polled(&mut self, io: &mut Io<'_, '_>, records: &PolledRecords) {
        let Some(client) = self.client.filter(|_| !self.closing && !records.is_empty()) else {
            self.go_on(io);
            return;
        };
        let mut seen: Vec<(TopicPartition, u64, Offset, Offset)> = Vec::new();
        let left = usize::try_from(self.left()).unwrap_or(usize::MAX);
        for (partition, record) in records.iter().take(left) {
            match seen.last_mut().filter(|(known, ..)| known == partition) {
                Some((_, count, _, last)) => (*count, *last) = (*count + 1, record.offset),
                None => seen.push((partition.clone(), 1, record.offset, record.offset)),
            }
            self.consumed += 1;
            if self.given.has("verbose") {
                let shown = |bytes: Option<&[u8]>| match bytes {
                    Some(bytes) => text(&String::from_utf8_lossy(bytes)),
                    None => Value::Null,
                };
                let (key, value) = (shown(record.key), shown(record.value));
                let rest = format!("\"key\":{key},\"value\":{value},{},\"offset\":{}", partition_json(partition), record.offset);
                say(io, "record_data", &rest);
            }
        }
        let rows: Vec<String> = seen
            .iter()
            .map(|(partition, count, first, last)| {
                format!("{{{},\"count\":{count},\"minOffset\":{first},\"maxOffset\":{last}}}", partition_json(partition))
            })
            .collect();
        say(io, "records_consumed", &format!("\"count\":{},\"partitions\":[{}]", records.count(), rows.join(",")));
        if self.given.has("enable-autocommit") {
            self.go_on(io);
            return;
        }
        self.committing = seen.into_iter().map(|(partition, _, _, last)| (partition, last.plus(1))).collect();
        io.context.commit(client, Some(self.committing.clone()));
    }

    fn committed(&mut self, io: &mut Io<'_, '_>, success: bool) {
        let offsets: Vec<String> = std::mem::take(&mut self.committing)
            .iter()
            .map(|(partition, offset)| format!("{{{},\"offset\":{offset}}}", partition_json(partition)))
            .collect();
        say(io, "offsets_committed", &format!("\"offsets\":[{}],\"success\":{success}", offsets.join(",")));
        self.go_on(io);
    }

    fn told(io: &mut Io<'_, '_>, name: &str, partitions: &[TopicPartition]) {
        let rows: Vec<String> = partitions.iter().map(|partition| format!("{{{}}}", partition_json(partition))).collect();
        say(io, name, &format!("\"partitions\":[{}]", rows.join(",")));
    }
}

impl Command for VerifiableConsumer {
    fn on(&mut self, event: Event, io: &mut Io<'_, '_>) {
        match event {
            Event::Started => self.start(io).unwrap_or_else(|stop| io.refuse(stop.uncaught())),
            Event::Polled { records, .. } => self.polled(io, &records),
            Event::PollFailed { error, .. } => {
                io.error(format!("{TOOL}: {error:?}"));
                io.exit(1);
            }
            Event::Committed { result, .. } if !self.committing.is_empty() => self.committed(io, result.is_ok()),
            Event::PartitionsAssigned { partitions, .. } => Self::told(io, "partitions_assigned", &partitions),
            Event::PartitionsRevoked { partitions, .. } | Event::PartitionsLost { partitions, .. } => {
                Self::told(io, "partitions_revoked", &partitions);
            }
            Event::Interrupt if self.interrupted.is_none() => {
                self.interrupted = Some(130);
                say(io, "shutdown_requested", "");
                match self.client.filter(|_| !self.closing) {
                    Some(client) => {
                        self.closing = true;
                        io.context.close(client);
                    }
                    None => io.exit(130),
                }
            }
            Event::Logged { level, text, logger, thrown, .. } => {
                let group = self.given.values("group-id").next().unwrap_or_default();
                io.log(level, &format!("[Consumer clientId={}, groupId={group}] {text}", self.client_id), logger);
                io.errors(thrown);
            }
            Event::Closed { .. } => {
                say(io, "shutdown_complete", "");
                if self.interrupted.is_none() {
                    say(io, "shutdown_requested", "");
                }
                io.exit(self.interrupted.unwrap_or(0));
            }
            _ => {}
        }
    }
}
