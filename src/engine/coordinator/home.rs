//! Where a group lives: its partition of `__consumer_offsets`.

use crate::base::{GroupId, TopicPartition};
use crate::engine::broker::Broker;
use crate::engine::coordinator;
use crate::engine::metadata::{OFFSETS_TOPIC, group_partition};
use crate::engine::node::{NodeContext, Outcome};
use crate::engine::wire::Record;

/// The partition of `__consumer_offsets` that a group lives in, and whether this broker leads it.
pub fn home(cx: &NodeContext<'_>, broker: &Broker, group_id: &GroupId) -> Option<TopicPartition> {
    let topic = cx.metadata.topic(OFFSETS_TOPIC)?;
    let partition = group_partition(group_id, broker.group_homes(cx.configs));
    (topic.partition(partition)?.leader == Some(broker.id)).then(|| TopicPartition::new(OFFSETS_TOPIC, partition))
}

/// Appends records to the group's partition of `__consumer_offsets`, as one batch.
pub fn append(cx: &NodeContext<'_>, broker: &Broker, group_id: &GroupId, records: &[Record], outcome: &mut Outcome) {
    if let Some(partition) = home(cx, broker, group_id) {
        coordinator::append(cx, broker, &partition, records, outcome);
    }
}
