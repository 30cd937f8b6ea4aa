//! Facts of a record, a partition, a topic.

use std::rc::Rc;

use super::super::records::record_row;
use super::cluster::{elr_words, high_watermark_words, leader_words, list};
use super::{Action, Fact, Form, Inspection, Selection};
use crate::base::{ClientId, Offset, TopicName, TopicPartition};
use crate::engine::broker::Replica;
use crate::engine::client::{Client, ClientKind};
use crate::engine::configs;
use crate::engine::log::{Batch, Header, RecordView};
use crate::engine::metadata::{OFFSETS_TOPIC, PartitionState, Topic};
use crate::engine::world::World;
use crate::view::parts::commands::{self, Bootstrap, NewRecord};
use crate::view::parts::explain;
use crate::view::parts::logs::{self, group_offsets};
use crate::view::parts::row::leader_replica;
use crate::view::parts::text;

pub(super) fn record(world: &World, partition: &TopicPartition, offset: Offset) -> Option<Inspection> {
    let topic = world.cluster().topic(partition.topic.as_str())?;
    let replica = leader_replica(world, partition)?;
    let row = record_row(world, partition, offset)?;
    let batch = replica.log.batches_from(offset).next()?;
    let raw = batch.records().find(|record| record.offset == offset)?;
    let count = topic.partitions.len() as i32;
    let why_partition = match raw.key {
        _ if partition.topic.as_str() == OFFSETS_TOPIC => {
            "The coordinator writes a group's offsets to the partition that the hash of the group id gives.".to_owned()
        }
        Some(key) => explain::partition_of_key(key, partition.partition, count),
        None => explain::partition_of_null_key(),
    };
    let mut facts = vec![
        key_fact(row.key.as_deref()),
        Fact::new("Topic", &partition.topic).link(Selection::Topic(partition.topic.clone())),
        Fact::new("Partition", partition.partition).why(why_partition).link(Selection::Partition(partition.clone())),
        Fact::new("Offset", offset).why(format!(
            "The leader of {partition} numbers its records as it appends them. An offset is never given twice, and says nothing \
             about other partitions."
        )),
        timestamp_fact(topic, row.timestamp, &row.time),
    ];
    facts.extend(
        row.headers.iter().map(|(key, value)| Fact::new("Header", format!("{key}: {}", value.as_deref().unwrap_or("null")))),
    );
    if row.value == text::ValueText::Null {
        facts.push(
            Fact::new("Value", "null").why("A tombstone: in a compacted topic it deletes its key. An empty value would not."),
        );
    }
    facts.push(visible_fact(replica, offset));
    facts.push(read_by_fact(world, partition, offset));
    facts.push(batch_fact(batch, offset));
    facts.extend(producer_fact(world, batch));
    facts.push(Fact::new("Size", text::size_text(row.size_bytes.into())).why("In the log, with the record's own header."));
    let actions = send_again(&Bootstrap::of(world), partition, raw).into_iter().collect();
    let title = format!("{partition} @ {offset}");
    Some(Inspection { kind: "Record", title, facts, value: Some(row.value), actions })
}

/// The same record once more, as far as the console producer can say it.
fn send_again(at: &Bootstrap, partition: &TopicPartition, record: RecordView<'_>) -> Option<Action> {
    let text = |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8(bytes.to_vec())).transpose().ok();
    let header = |header: Header| Some((header.key, text(header.value.as_deref())?));
    let again = NewRecord {
        topic: partition.topic.to_string(),
        key: text(record.key)?,
        value: text(record.value)?,
        headers: record.headers().into_iter().map(header).collect::<Option<_>>()?,
    };
    let blocks = commands::produce(at, &again).ok()?;
    let form = Form::Produce { topic: partition.topic.0.clone(), partition: None, like: Some(Rc::new(again)) };
    Some(Action::new("Send it again", blocks).form(form))
}

fn key_fact(key: Option<&str>) -> Fact {
    match key {
        Some("") => Fact::new("Key", "(empty)").why("An empty key is a key: it is hashed like any other."),
        Some(key) => Fact::new("Key", key),
        None => Fact::new("Key", "null").why("No key: nothing ties this record to others, and the producer chose the partition."),
    }
}

fn timestamp_fact(topic: &Topic, timestamp: i64, time: &str) -> Fact {
    let why = match topic.config("message.timestamp.type") {
        "LogAppendTime" => "LogAppendTime: the broker's clock when it appended the record.",
        _ => "CreateTime: the producer's clock when the record was handed to it. It may go backwards in a log; offsets never do.",
    };
    Fact::new("Timestamp", format!("{time} UTC")).why(format!("{timestamp} ms since 1970. {why}"))
}

fn visible_fact(replica: &Replica, offset: Offset) -> Fact {
    let high_watermark = replica.high_watermark;
    if offset < high_watermark {
        Fact::new("Visible", "yes")
            .why(format!("Offset {offset} is below the high watermark {high_watermark}: consumers can read it."))
    } else {
        Fact::new("Visible", "not yet").why(format!(
            "Offset {offset} is at or above the high watermark {high_watermark}: not all in-sync replicas have it yet."
        ))
    }
}

fn read_by_fact(world: &World, partition: &TopicPartition, offset: Offset) -> Fact {
    let offsets = group_offsets(world, partition);
    let past: Vec<&str> = offsets.iter().filter(|(_, committed)| *committed > offset).map(|(group, _)| group.as_ref()).collect();
    let value = if past.is_empty() { "no group".to_owned() } else { past.join(", ") };
    Fact::new("Committed by", value).why(
        "Groups whose committed offset lies beyond this record. Reading deletes nothing: the record stays until retention or \
         compaction takes it.",
    )
}

fn batch_fact(batch: &Batch, offset: Offset) -> Fact {
    let value = format!("{} to {}", batch.base_offset, batch.last_offset());
    let place = offset.0 - batch.base_offset.0 + 1;
    Fact::new("Batch", value).why(format!(
        "The producer sent it as number {place} of {} in one batch of {}. Batches are what is written, replicated and fetched.",
        text::count(batch.record_count, "record"),
        text::size_text(batch.size_bytes())
    ))
}

/// The producer that sent a record, while it runs; one without idempotence left no trace in the log.
pub fn writer(world: &World, partition: &TopicPartition, offset: Offset) -> Option<ClientId> {
    let batch = leader_replica(world, partition)?.log.batches_from(offset).next()?;
    writer_of(world, batch).map(|client| client.id)
}

fn writer_of<'w>(world: &'w World, batch: &Batch) -> Option<&'w Client> {
    let identity = (batch.producer_id >= 0).then_some((batch.producer_id, batch.producer_epoch))?;
    let sent = |client: &&Client| matches!(&client.kind, ClientKind::Producer(producer) if producer.identity() == Some(identity));
    world.clients().find(sent)
}

fn producer_fact(world: &World, batch: &Batch) -> Option<Fact> {
    if batch.producer_id < 0 {
        return None;
    }
    let owner = writer_of(world, batch);
    let name = owner.and_then(|client| world.program(client.owner)).map(|program| format!(" ({})", program.name));
    let mut fact = Fact::new("Producer id", format!("{}{}", batch.producer_id, name.unwrap_or_default())).why(format!(
        "Epoch {}, first sequence {}. With these the broker tells a retry of the same batch from new records: idempotence.",
        batch.producer_epoch, batch.base_sequence
    ));
    fact.link = owner.map(|client| Selection::Producer(client.id));
    Some(fact)
}

pub(super) fn partition(world: &World, partition: &TopicPartition) -> Option<Inspection> {
    let topic = world.cluster().topic(partition.topic.as_str())?;
    let state = topic.partition(partition.partition)?;
    let view = logs::partition_view(world, partition)?;
    let segments = leader_replica(world, partition)?.log.segments().count();
    let (start, end) = (view.log_start_offset, view.log_end_offset);
    let mut facts = vec![
        Fact::new("Topic", &partition.topic).link(Selection::Topic(partition.topic.clone())),
        leader_fact(state),
        Fact::new("Log start", start).why(if start == 0 {
            "The first offset that can be read. Nothing has been deleted yet."
        } else {
            "The first offset that can still be read: what lay below was deleted, by retention or by kafka-delete-records.sh. \
             Offsets do not change when that happens."
        }),
        Fact::new("High watermark", view.high_watermark).why(high_watermark_words(world, partition, topic, state)),
        Fact::new("Log end", end)
            .why(format!("The offset that the next record will get: one past the last one{}.", last_of(start, end))),
    ];
    for marker in &view.markers {
        let Some(group) = &marker.group else { continue };
        let lag = marker.lag.map_or_else(|| "-".to_owned(), |lag| lag.to_string());
        let fact = Fact::new("Lag", format!("{group}: {lag}")).why(explain::lag(end, marker.committed_offset));
        facts.push(fact.link(Selection::Group(group.as_ref().into())));
    }
    facts.extend(replica_facts(topic, partition, state));
    facts.push(
        Fact::new("Size", text::size_text(view.size_bytes))
            .why(format!("In {}. Retention removes whole segments.", text::count(segments as i64, "segment"))),
    );
    let at = &Bootstrap::of(world);
    let mut actions = topic_actions(world, at, &partition.topic, topic);
    let example = commands::key_for_partition(partition.partition, topic.partitions.len() as i32);
    if let Some(action) = actions.iter_mut().find(|action| matches!(action.form, Some(Form::Produce { .. }))) {
        let record =
            NewRecord { topic: partition.topic.to_string(), key: example, value: Some("hello".to_owned()), ..NewRecord::default() };
        *action = Action::new("Send a record", commands::produce(at, &record).unwrap_or_default()).form(Form::Produce {
            topic: partition.topic.0.clone(),
            partition: Some(partition.partition),
            like: None,
        });
    }
    actions.retain(|action| !action.destructive);
    actions.push(
        Action::new("Delete records", commands::delete_records(at, partition, view.high_watermark))
            .form(Form::DeleteRecords { topic_partition: partition.clone(), high_watermark: view.high_watermark })
            .destructive()
            .disabled_if(start == view.high_watermark, "There are no records to delete.")
            .disabled_if(
                topic.settings.is_compacted() && !topic.settings.is_deleted(),
                "The topic is only compacted: Kafka refuses to delete its records by offset (POLICY_VIOLATION).",
            ),
    );
    Some(Inspection { kind: "Partition", title: partition.to_string(), facts, value: None, actions })
}

fn last_of(start: i64, end: i64) -> String {
    if end > start { format!(" ({})", end - 1) } else { String::new() }
}

fn leader_fact(state: &PartitionState) -> Fact {
    let value = state.leader.map_or_else(|| "none".to_owned(), |leader| format!("broker {leader}"));
    let fact = Fact::new("Leader", value).why(leader_words(state));
    match state.leader {
        Some(leader) => fact.link(Selection::Broker(leader)),
        None => fact,
    }
}

/// Who keeps it, and who of them is in sync.
fn replica_facts(topic: &Topic, partition: &TopicPartition, state: &PartitionState) -> Vec<Fact> {
    let min_isr = topic.settings.min_insync_replicas;
    let mut facts = vec![
        Fact::new("Replicas", list(&state.replicas)).why("The brokers that keep a copy; the first is the preferred leader."),
        Fact::new("In sync", list(&state.isr)).why(format!(
            "The ISR: acks=all waits for these, and only for these. With fewer than {min_isr} (min.insync.replicas) it is refused."
        )),
    ];
    if !state.elr.is_empty() {
        facts.push(Fact::new("ELR", list(&state.elr)).why(elr_words(state)));
    }
    if state.replicas.len() > 1 {
        facts.extend(state.replicas.iter().map(|replica| {
            let selection = Selection::Replica { topic_partition: partition.clone(), broker: *replica };
            Fact::new("Replica", format!("on broker {replica}")).link(selection)
        }));
    }
    facts
}

pub(super) fn topic(world: &World, name: &TopicName) -> Option<Inspection> {
    let topic = world.cluster().topic(name.as_str())?;
    let count = topic.partitions.len();
    let records: i64 = (0..count)
        .filter_map(|at| leader_replica(world, &TopicPartition::new(name.clone(), at as i32)))
        .map(|replica| replica.log.log_end_offset().0 - replica.log.log_start_offset().0)
        .sum();
    let mut facts = vec![
        Fact::new("Partitions", count).why(
            "How many consumers of one group can share the work, and what a key's hash is divided by. It can grow, never shrink.",
        ),
        Fact::new("Replication factor", topic.replication_factor()).why("Each partition is kept by so many brokers."),
        Fact::new("Offsets in use", records).why(
            "Log end minus log start, summed over the partitions. It is the number of records as long as compaction and \
             transactions leave no gaps.",
        ),
        Fact::new("Topic id", topic.topic_id)
            .why("Made when the topic was created: a topic deleted and created again has another one."),
        cleanup_fact(topic),
    ];
    if topic.internal {
        facts.insert(0, Fact::new("Internal", "yes").why("Kafka keeps it for itself: groups and their committed offsets."));
    }
    let own = topic.configs.iter().filter(|(key, _)| key.as_str() != "cleanup.policy");
    facts.extend(own.map(|(key, value)| {
        let default = configs::topic_config(key).map_or("", |config| config.default);
        Fact::new("Config", format!("{key}={value}")).why(format!("Set for this topic. The default is {default}."))
    }));
    let actions = topic_actions(world, &Bootstrap::of(world), name, topic);
    Some(Inspection { kind: "Topic", title: name.to_string(), facts, value: None, actions })
}

fn cleanup_fact(topic: &Topic) -> Fact {
    let policy = topic.config("cleanup.policy");
    let why = if topic.settings.is_compacted() {
        "Compacted: at least the last record of each key is kept, older ones go later.".to_owned()
    } else {
        format!(
            "Segments whose newest record is older than retention.ms ({}) are deleted, read or not.",
            topic.config("retention.ms")
        )
    };
    Fact::new("Cleanup policy", policy).why(why)
}

fn topic_actions(world: &World, at: &Bootstrap, name: &TopicName, topic: &Topic) -> Vec<Action> {
    let count = topic.partitions.len() as i32;
    if topic.internal {
        return vec![Action::new("Describe", commands::describe_topic(at, name.as_str()))];
    }
    let shared: Rc<str> = name.0.clone();
    let record = NewRecord {
        topic: name.to_string(),
        key: Some("key-1".to_owned()),
        value: Some("hello".to_owned()),
        ..NewRecord::default()
    };
    let terminal = commands::free_terminal(world, "c");
    vec![
        Action::new("Send a record", commands::produce(at, &record).unwrap_or_default()).form(Form::Produce {
            topic: shared.clone(),
            partition: None,
            like: None,
        }),
        Action::new("Start a consumer", commands::start_consumer(at, &terminal, name.as_str(), Some("my-group"), true))
            .form(Form::StartConsumer { topic: shared.clone(), group: None }),
        Action::new("Add partitions", commands::add_partitions(at, name.as_str(), count + 1))
            .form(Form::AddPartitions { topic: shared, current: count }),
        Action::new("Describe", commands::describe_topic(at, name.as_str())),
        Action::new("Delete the topic", commands::delete_topic(at, name.as_str())).destructive(),
    ]
}
