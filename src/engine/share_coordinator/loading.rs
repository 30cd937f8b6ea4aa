//! A share coordinator's partition of `__share_group_state`: read when its leader begins, let go when it is led elsewhere
//! (`ShareCoordinatorShard.replay`).
//!
//! Simpler than Kafka: reading takes no time, so COORDINATOR_LOAD_IN_PROGRESS is never answered.

use std::rc::Rc;

use crate::base::{Offset, SortedMap, TopicPartition};
use crate::engine::broker::Broker;
use crate::engine::coordinator;
use crate::engine::metadata::STATE_TOPIC;
use crate::engine::node::{Change, NodeContext, Outcome};
use crate::engine::protocol::ShareGroupOffset;
use crate::engine::share::{Kept, ShareChange, ShareKey, records};
use crate::engine::wire::ShareStateRecord;

/// Partitions have changed: share coordinators begin or end with them, and answers that waited may go.
pub fn on_progress(cx: &NodeContext<'_>, broker: &Broker, partitions: &[TopicPartition], outcome: &mut Outcome) {
    for (partition, leads) in coordinator::homes(cx, broker, STATE_TOPIC, partitions) {
        let kept = broker.share.keeps.get(&partition.partition).map(|kept| kept.leader_epoch);
        let still_leads = leads.is_some() && kept == leads;
        coordinator::release(broker, partition, still_leads, outcome);
        if kept != leads {
            let kept = leads.map(|leader_epoch| Kept { leader_epoch, states: load(cx, broker, partition) });
            let change = ShareChange::Keeps { partition: partition.partition, kept };
            outcome.changes.push(Change::Share { broker: broker.id, change: Box::new(change) });
        }
    }
}

/// All that the log says.
pub fn load(cx: &NodeContext<'_>, broker: &Broker, partition: &TopicPartition) -> SortedMap<ShareKey, Rc<ShareGroupOffset>> {
    let mut states: SortedMap<ShareKey, Rc<ShareGroupOffset>> = SortedMap::new();
    let Some(replica) = broker.replica(partition).filter(|replica| replica.log.log_end_offset() > Offset::ZERO) else {
        return states;
    };
    let names = cx.metadata.topic_names();
    for record in coordinator::written(replica) {
        // A record of a shape that is not known here is left alone, and so is one of a topic that is gone.
        let Some(record) = record.key.and_then(|key| ShareStateRecord::read(key, record.value)) else { continue };
        let (ShareStateRecord::Snapshot(key, _) | ShareStateRecord::Update(key, _)) = &record;
        let Some(name) = names.get(&key.topic_id) else { continue };
        let key = (key.group_id.clone(), TopicPartition::new(name.clone(), key.partition));
        let state = match &record {
            ShareStateRecord::Snapshot(_, Some(value)) => records::from_snapshot(value),
            ShareStateRecord::Update(_, Some(value)) => states.get(&key).and_then(|before| records::updated(before, value)),
            ShareStateRecord::Snapshot(_, None) | ShareStateRecord::Update(_, None) => {
                states.remove(&key);
                continue;
            }
        };
        if let Some(state) = state {
            states.insert(key, Rc::new(state));
        }
    }
    states
}
