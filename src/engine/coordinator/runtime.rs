//! What all coordinators have in common (`CoordinatorRuntime`): they write their records to the partition that is their home,
//! and no answer leaves before what it stands on is committed.

use crate::base::{Offset, TopicPartition};
use crate::engine::broker::{Broker, HeldAnswers, Replica};
use crate::engine::log::batch::NO_PRODUCER_ID;
use crate::engine::log::{BatchBuilder, RecordView};
use crate::engine::node::{Change, NodeContext, Outcome};
use crate::engine::partition::append_own;
use crate::engine::protocol::ErrorCode;
use crate::engine::wire::Record;

/// The homes among these partitions: those of the coordinators' topic, each with its leader epoch where this broker leads it.
pub fn homes<'a>(
    cx: &'a NodeContext<'_>,
    broker: &'a Broker,
    topic: &'a str,
    partitions: &'a [TopicPartition],
) -> impl Iterator<Item = (&'a TopicPartition, Option<i32>)> {
    partitions.iter().filter(move |partition| partition.topic.as_str() == topic).filter_map(move |home| {
        let (_, state) = cx.metadata.partition(home)?;
        Some((home, (state.leader == Some(broker.id)).then_some(state.leader_epoch)))
    })
}

/// All that is written in a copy of a home.
pub fn written(replica: &Replica) -> impl Iterator<Item = RecordView<'_>> {
    replica.log.batches_from(replica.log.log_start_offset()).flat_map(|batch| batch.records())
}

/// Appends records to a coordinator's home, as one batch. Nothing happens if the broker does not lead it.
pub fn append(cx: &NodeContext<'_>, broker: &Broker, home: &TopicPartition, records: &[Record], outcome: &mut Outcome) {
    if records.is_empty() {
        return;
    }
    let mut builder = BatchBuilder::new(0);
    for (key, value) in records {
        builder.push(cx.now.timestamp(), Some(key), value.as_deref(), &[]);
    }
    let batch = builder.build(NO_PRODUCER_ID, -1, -1);
    append_own(cx, broker, home, batch, outcome);
}

/// Keeps answers back until all that their home holds now, and what `outcome` adds to it, is committed.
pub fn hold(cx: &NodeContext<'_>, broker: &Broker, home: Option<TopicPartition>, mut outcome: Outcome) -> Outcome {
    let Some(partition) = home.filter(|_| !outcome.responses.is_empty()) else { return outcome };
    let replicas = cx.metadata.topic(partition.topic.as_str()).and_then(|topic| topic.partition(partition.partition));
    let (Some(state), Some(replica)) = (replicas, broker.replica(&partition)) else { return outcome };
    // Who does not coordinate writes nothing that could wait.
    if state.replicas.len() < 2 || state.leader != Some(broker.id) {
        return outcome;
    }
    let added = outcome.changes.iter().find_map(|change| match change {
        Change::Append { partition: to, batch, .. } if *to == partition => Some(batch.next_offset()),
        _ => None,
    });
    let offset = added.unwrap_or(replica.log.log_end_offset());
    if offset > replica.high_watermark {
        let answers = std::mem::take(&mut outcome.responses);
        outcome.changes.push(Change::Hold { broker: broker.id, partition, held: HeldAnswers { offset, answers } });
    }
    outcome
}

/// Lets those answers go that waited for the high watermark of `home`; all of them as refusals if the broker leads it no more.
pub fn release(broker: &Broker, home: &TopicPartition, leads: bool, outcome: &mut Outcome) {
    let Some(held) = broker.held.get(home) else { return };
    let high_watermark = broker.replica(home).map_or(Offset(-1), |replica| replica.high_watermark);
    let ready = if leads { held.iter().take_while(|held| held.offset <= high_watermark).count() } else { held.len() };
    for (to, response) in held.iter().take(ready).flat_map(|held| &held.answers) {
        let response = if leads { response.clone() } else { response.refused(ErrorCode::NotCoordinator) };
        outcome.responses.push((*to, response));
    }
    if ready > 0 {
        outcome.changes.push(Change::Release { broker: broker.id, partition: home.clone(), count: ready });
    }
}
