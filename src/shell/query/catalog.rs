//! What is known when a statement is planned: topics, what was declared or created before, and the fields that the last records of
//! the topics have which the statement names.

use super::{LOOK_TIME, same_statement, sources};
use crate::base::{ClientId, Offset, SimTime, Span, TopicPartition};
use crate::engine::client::ConsumerConfig;
use crate::engine::program::{Context, PolledRecords, SeekTo};
use crate::engine::protocol::{ListOffsetsRequest, MetadataResponse, OffsetSpec, Request, Response};
use crate::streams::Serde;
use crate::streams::query::plan::{Catalog, Plan, Topic, plan};
use crate::streams::query::{self, Statement};
use std::collections::BTreeMap;

/// How many of the last records of a partition are looked at.
pub const RECORDS: i64 = 100;

/// Where statements are kept that later ones build on.
pub const FILE: &str = "queries.sql";

/// A look into topics.
#[derive(Clone, Hash, Debug, Default)]
pub(super) struct Look {
    pub(super) catalog: Catalog,
    consumer: Option<ClientId>,
    asked: Option<u64>,
    ends: BTreeMap<TopicPartition, Offset>,
    until: SimTime,
}

impl Look {
    /// The topics that there are, and what statements before this one have said of them.
    pub(super) fn learn_topics(&mut self, response: &MetadataResponse, cx: &Context<'_>, text: &str) {
        self.catalog.topics =
            response.topics.iter().map(|topic| Topic::new(topic.name.as_str(), topic.partitions.len() as i32)).collect();
        learn_statements(&mut self.catalog, &cx.read_file(FILE).unwrap_or_default(), text);
    }

    /// True if there is something to look at.
    pub(super) fn begin(&mut self, cx: &mut Context<'_>, admin: Option<ClientId>, statement: &Statement) -> bool {
        let names = sources(statement);
        let known = |name: &String| {
            let of_topic =
                self.catalog.topics.iter().find(|topic| topic.name.eq_ignore_ascii_case(name)).map(|topic| topic.name.clone());
            let declared = self.catalog.sources.iter().find(|source| source.name.eq_ignore_ascii_case(name));
            declared.map(|source| source.topic.clone()).or(of_topic)
        };
        let topics: Vec<String> = names.iter().filter_map(known).collect();
        let of = |name: &String| {
            let partitions = self.catalog.topic(name).map_or(0, |topic| topic.partitions);
            (0..partitions).map(|number| TopicPartition::new(name.as_str(), number)).collect::<Vec<_>>()
        };
        let partitions: Vec<TopicPartition> = topics.iter().flat_map(of).collect();
        let Some(admin) = admin.filter(|_| !partitions.is_empty()) else { return false };
        let partitions = partitions.into_iter().map(|partition| (partition, OffsetSpec::Latest)).collect();
        self.asked = Some(cx.call(admin, Request::ListOffsets(ListOffsetsRequest { partitions })));
        true
    }

    pub(super) fn reads_by(&self, consumer: ClientId) -> bool {
        self.consumer == Some(consumer)
    }

    /// The ends of the partitions. True if the look is over.
    pub(super) fn answered(&mut self, cx: &mut Context<'_>, call: u64, response: Option<&Response>) -> bool {
        if self.asked != Some(call) {
            return false;
        }
        self.asked = None;
        let Some(Response::ListOffsets(response)) = response else { return true };
        let listed = response.partitions.iter().filter_map(|listed| Some((listed.topic_partition.clone(), listed.offset?)));
        self.ends = listed.filter(|(_, end)| end.0 > 0).collect();
        if self.ends.is_empty() {
            return true;
        }
        let consumer =
            cx.consumer(ConsumerConfig { client_id: "query".to_owned(), enable_auto_commit: false, ..ConsumerConfig::default() });
        cx.assign(consumer, self.ends.keys().cloned().collect());
        for (partition, end) in &self.ends {
            cx.seek(consumer, partition, SeekTo::Offset(Offset((end.0 - RECORDS).max(0))));
        }
        self.consumer = Some(consumer);
        self.until = cx.now() + LOOK_TIME;
        cx.poll(consumer, Span::from_ms(200));
        false
    }

    /// True if the look is over.
    pub(super) fn polled(&mut self, cx: &mut Context<'_>, records: &PolledRecords) -> bool {
        let Some(consumer) = self.consumer else { return false };
        for (partition, record) in records.iter() {
            let value = record.value.and_then(|bytes| Serde::Json.deserialize(bytes).ok());
            let topic = self.catalog.topics.iter_mut().find(|topic| topic.name == partition.topic.as_str());
            if let (Some(value), Some(topic)) = (value, topic) {
                topic.learn(&value);
            }
        }
        let is_read = |(partition, end): (&TopicPartition, &Offset)| {
            cx.position(consumer, partition).is_some_and(|position| position >= *end)
        };
        if self.ends.iter().all(is_read) || cx.now() >= self.until {
            cx.kill(consumer);
            self.consumer = None;
            return true;
        }
        cx.poll(consumer, Span::from_ms(200));
        false
    }
}

/// Takes what the statements of `FILE` have said into the catalog; but not the one that is typed now: the same again is one more
/// instance of it.
pub fn learn_statements(catalog: &mut Catalog, file: &str, typed: &str) {
    for earlier in statements(file).into_iter().filter(|earlier| !same_statement(earlier, typed)) {
        let Ok(statement) = query::parse(&earlier) else { continue };
        match plan(catalog, &earlier, &statement, "") {
            Ok(Plan::Declare(declared)) => catalog.declare(&declared),
            Ok(Plan::Query(plan)) => {
                let name = plan.name.clone().unwrap_or_default();
                catalog.started(&plan, &name);
            }
            _ => {}
        }
    }
}

/// The statements of a text, each without what ends it.
fn statements(text: &str) -> Vec<String> {
    let Ok(statements) = query::parse_script(text) else { return Vec::new() };
    statements.iter().map(|(_, span)| span.of(text).to_owned()).collect()
}

fn earlier(cx: &Context<'_>) -> Vec<String> {
    statements(&cx.read_file(FILE).unwrap_or_default())
}

/// Keeps a statement for later ones.
pub(super) fn remember(cx: &mut Context<'_>, text: &str) {
    let known = earlier(cx).iter().any(|earlier| same_statement(earlier, text));
    if !known {
        cx.append_file(FILE, &format!("{};\n", text.trim_end_matches(';')));
    }
}

/// Forgets the statement that made a stream or a table.
pub(super) fn forget(cx: &mut Context<'_>, name: &str) {
    let makes = |text: &String| match query::parse(text) {
        Ok(Statement::Create(create)) => create.name.text.eq_ignore_ascii_case(name),
        _ => false,
    };
    let kept: Vec<String> = earlier(cx).into_iter().filter(|text| !makes(text)).collect();
    cx.create_file(FILE);
    for text in kept {
        cx.append_file(FILE, &format!("{text};\n"));
    }
}
