//! The share coordinator: keeps how far share groups are, for the leaders and group coordinators that ask it
//! (`ShareCoordinatorService`, `ShareCoordinatorShard`). It leads a partition of `__share_group_state` and has in memory what
//! that says.

use std::rc::Rc;

use crate::base::{TopicId, TopicPartition};
use crate::engine::broker::Broker;
use crate::engine::coordinator;
use crate::engine::metadata::STATE_TOPIC;
use crate::engine::network::RequestRef;
use crate::engine::node::{Change, NodeContext, Outcome};
use crate::engine::protocol::{
    ErrorCode, Response, ShareGroupOffset, ShareGroupStateRequest, ShareGroupStateResponse, StateBatch, StateOperation,
    StateResult, StateWrite,
};
use crate::engine::share::{Kept, ShareChange, ShareKey, combine, records};
use crate::engine::wire::Record;

pub fn handle(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &ShareGroupStateRequest) -> Outcome {
    let home = TopicPartition::new(STATE_TOPIC, request.home);
    let Some(kept) = broker.share.keeps.get(&home.partition) else {
        return Outcome::answer(from, Response::ShareGroupState(request.refused(ErrorCode::NotCoordinator)));
    };
    let mut shard = Shard { cx, kept, states: Vec::new(), records: Vec::new() };
    let mut partitions = Vec::new();
    for (partition, operation) in &request.partitions {
        let key = (request.group_id.clone(), partition.clone());
        partitions.push((partition.clone(), shard.carry_out(&key, operation)));
    }
    let response = ShareGroupStateResponse { api_key: request.api_key(), partitions };
    let mut outcome = Outcome::answer(from, Response::ShareGroupState(response));
    for (key, state) in shard.states {
        let change = ShareChange::State { partition: home.partition, key, state };
        outcome.changes.push(Change::Share { broker: broker.id, change: Box::new(change) });
    }
    coordinator::append(cx, broker, &home, &shard.records, &mut outcome);
    coordinator::hold(cx, broker, Some(home), outcome)
}

/// What is kept, with what a request changes of it.
struct Shard<'a> {
    cx: &'a NodeContext<'a>,
    kept: &'a Kept,
    states: Vec<(ShareKey, Option<Rc<ShareGroupOffset>>)>,
    records: Vec<Record>,
}

impl Shard<'_> {
    fn state(&self, key: &ShareKey) -> Option<Rc<ShareGroupOffset>> {
        match self.states.iter().rev().find(|(changed, _)| changed == key) {
            Some((_, state)) => state.clone(),
            None => self.kept.states.get(key).cloned(),
        }
    }

    fn carry_out(&mut self, key: &ShareKey, operation: &StateOperation) -> StateResult {
        let topic = self.cx.metadata.topic(key.1.topic.as_str()).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let (topic_id, before) = (topic.topic_id, self.state(key));
        match (operation, before) {
            (StateOperation::Initialize { state_epoch, start_offset }, before) => {
                let state = ShareGroupOffset::initialized(*start_offset, *state_epoch, before.as_deref());
                self.write_snapshot(key, topic_id, state);
            }
            (StateOperation::Read { .. } | StateOperation::Write { .. }, None) => return Err(ErrorCode::UnknownServerError),
            (StateOperation::Read { leader_epoch } | StateOperation::Write { leader_epoch, .. }, Some(before))
                if *leader_epoch < before.leader_epoch =>
            {
                return Err(ErrorCode::FencedLeaderEpoch);
            }
            (StateOperation::Read { leader_epoch }, Some(before)) => {
                // `readStateAndMaybeUpdateLeaderEpoch`
                if before.leader_epoch != *leader_epoch {
                    self.write_update(key, topic_id, ShareGroupOffset { leader_epoch: *leader_epoch, ..(*before).clone() }, &[]);
                }
            }
            (StateOperation::Write { write, .. }, Some(before)) => {
                let StateWrite { start_offset, delivery_complete_count, batches } = write;
                self.write_update(key, topic_id, before.updated(*start_offset, *delivery_complete_count, batches), batches);
            }
            (StateOperation::Delete, None) | (StateOperation::ReadSummary, _) => {}
            (StateOperation::Delete, Some(_)) => self.write(key, records::tombstone(key, topic_id), None),
        }
        Ok(self.state(key))
    }

    fn write_snapshot(&mut self, key: &ShareKey, topic_id: TopicId, state: ShareGroupOffset) {
        let record = records::snapshot(key, topic_id, &state, self.cx.now.timestamp());
        self.write(key, record, Some(state));
    }

    fn write_update(&mut self, key: &ShareKey, topic_id: TopicId, state: ShareGroupOffset, batches: &[StateBatch]) {
        if u64::from(state.updates) >= self.cx.configs.share_update_records_per_snapshot {
            let snapshot_epoch = state.snapshot_epoch + 1;
            return self.write_snapshot(key, topic_id, ShareGroupOffset { snapshot_epoch, updates: 0, ..state });
        }
        let record = records::update(key, topic_id, &state, &combine(&[], batches, state.start_offset));
        self.write(key, record, Some(ShareGroupOffset { updates: state.updates + 1, ..state }));
    }

    fn write(&mut self, key: &ShareKey, record: Record, state: Option<ShareGroupOffset>) {
        self.records.push(record);
        self.states.push((key.clone(), state.map(Rc::new)));
    }
}
