//! Share partitions, their kept state and share groups while a handler changes them: copies, and what is to be returned.
//! `finish` makes the outcome; all records for one partition of a topic go into one batch, and answers wait for them.
//!
//! Simpler than Kafka: what one broker has to ask a share coordinator for on another, and what it writes there, takes no time.

use std::rc::Rc;

use super::acknowledge::StateWrite;
use super::records;
use super::state::{STATE_TOPIC, ShareGroupOffset, combine, state_partition};
use super::{HeldShareAnswer, Kept, ParkedShareFetch, ShareChange, ShareKey, SharePartition, ShareTimer, StateCommit};
use crate::base::{GroupId, Offset, SimTime, SortedMap, TopicId, TopicPartition};
use crate::engine::broker::{self, Broker, BrokerTimer, Change, Outcome};
use crate::engine::error::ErrorCode;
use crate::engine::group::records::Record;
use crate::engine::group::{ShareGroup, append, share_group_records};
use crate::engine::log::BatchBuilder;
use crate::engine::log::batch::NO_PRODUCER_ID;
use crate::engine::network::RequestRef;
use crate::engine::node::NodeContext;
use crate::engine::protocol::Response;

pub struct ShareWork<'a> {
    pub cx: &'a NodeContext<'a>,
    pub broker: &'a Broker,
    pub outcome: Outcome,
    partitions: SortedMap<ShareKey, Option<SharePartition>>,
    states: SortedMap<ShareKey, Option<ShareGroupOffset>>,
    /// For `__share_group_state`, with the leaders of its partitions.
    records: SortedMap<TopicPartition, (&'a Broker, Vec<Record>)>,
    groups: SortedMap<GroupId, ShareGroup>,
    answers: Vec<(RequestRef, Response, Vec<StateCommit>)>,
    parked: Option<ParkedShareFetch>,
}

/// The share coordinator of a share partition: who leads the partition of `__share_group_state` that keeps it.
pub struct Keeper<'a> {
    pub broker: &'a Broker,
    pub kept: &'a Kept,
    pub home: TopicPartition,
    /// Of the share partition's topic.
    topic_id: TopicId,
}

impl<'a> ShareWork<'a> {
    pub fn new(cx: &'a NodeContext<'a>, broker: &'a Broker) -> Self {
        Self {
            cx,
            broker,
            outcome: Outcome::default(),
            partitions: SortedMap::new(),
            states: SortedMap::new(),
            records: SortedMap::new(),
            groups: SortedMap::new(),
            answers: Vec::new(),
            parked: None,
        }
    }

    pub fn now(&self) -> SimTime {
        self.cx.now
    }

    /// Answers, when all that is written here is committed.
    pub fn answer(&mut self, to: RequestRef, response: Response) {
        self.answer_after(to, response, Vec::new());
    }

    /// The same, and when these earlier writes are.
    pub(super) fn answer_after(&mut self, to: RequestRef, response: Response, writes: Vec<StateCommit>) {
        self.answers.push((to, response, writes));
    }

    /// Has a fetch wait.
    pub(super) fn park(&mut self, parked: ParkedShareFetch) {
        self.parked = Some(parked);
    }

    pub fn timer(&mut self, at: SimTime, timer: ShareTimer) {
        self.outcome.timers.push((at, BrokerTimer::Share(timer)));
    }

    pub fn change(&mut self, change: ShareChange) {
        self.outcome.changes.push(Change::Share { broker: self.broker.id, change });
    }

    /// Puts a share group in place of what was there, and writes down what has changed.
    pub fn put_group(&mut self, group_id: &GroupId, group: ShareGroup) {
        self.groups.insert(group_id.clone(), group);
    }

    // ---- share partitions

    pub(super) fn partition(&self, key: &ShareKey) -> Option<&SharePartition> {
        match self.partitions.get(key) {
            Some(changed) => changed.as_ref(),
            None => self.broker.share.partitions.get(key).map(Rc::as_ref),
        }
    }

    /// A copy to change, while the broker leads the partition; `put` takes it back.
    pub(super) fn take(&self, key: &ShareKey) -> Option<SharePartition> {
        let (_, leader_epoch) = broker::led(self.cx, self.broker, &key.1).ok()?;
        self.partition(key).filter(|share| share.leader_epoch == leader_epoch).cloned()
    }

    /// Puts a share partition in place, and sees to it that its locks end in time.
    pub(super) fn put(&mut self, key: ShareKey, mut partition: SharePartition) {
        if let Some(at) = partition.next_lock_end()
            && partition.lock_timer_at.is_none_or(|armed| armed > at || armed <= self.now())
        {
            partition.lock_timer_at = Some(at);
            self.timer(at, ShareTimer::Locks { key: key.clone() });
        }
        if self.partition(&key) != Some(&partition) {
            self.partitions.insert(key, Some(partition));
        }
    }

    pub(super) fn forget(&mut self, key: ShareKey) {
        self.partitions.insert(key, None);
    }

    // ---- what is kept

    /// The share coordinator of a share partition, as far as this broker knows the cluster and reaches it.
    pub fn keeper(&self, key: &ShareKey) -> Result<Keeper<'a>, ErrorCode> {
        self.find_keeper(key).ok_or(ErrorCode::CoordinatorNotAvailable)
    }

    fn find_keeper(&self, key: &ShareKey) -> Option<Keeper<'a>> {
        let metadata = self.cx.metadata;
        let topic_id = metadata.topic(key.1.topic.as_str())?.topic_id;
        let topic = metadata.topic(STATE_TOPIC)?;
        let home = state_partition(key, topic_id, topic.partitions.len() as i32);
        let broker = self.cx.world.broker(topic.partition(home.partition)?.leader?)?;
        let kept = broker.share.keeps.get(&home.partition)?;
        let there = broker.id == self.broker.id || self.cx.world.reaches(self.broker.id, broker.id);
        (broker.running && there).then_some(Keeper { broker, kept, home, topic_id })
    }

    /// What is kept of a share partition; `None` also where its share coordinator cannot be asked.
    pub fn state(&self, key: &ShareKey) -> Option<&ShareGroupOffset> {
        match self.states.get(key) {
            Some(changed) => changed.as_ref(),
            None => self.find_keeper(key)?.kept.states.get(key).map(Rc::as_ref),
        }
    }

    /// Sets a start anew, or has share.auto.offset.reset decide it (`initializeState`).
    pub fn initialize(&mut self, key: &ShareKey, start_offset: Offset, state_epoch: i32) {
        let state = ShareGroupOffset::initialized(start_offset, state_epoch, self.state(key));
        self.write_snapshot(key, state);
    }

    fn write_snapshot(&mut self, key: &ShareKey, state: ShareGroupOffset) {
        if let Some(keeper) = self.find_keeper(key) {
            let record = records::snapshot(key, keeper.topic_id, &state, self.now().timestamp());
            self.write(key, &keeper, record, Some(state));
        }
    }

    /// Keeps a change of a share partition (`writeState`).
    pub(super) fn persist(&mut self, key: &ShareKey, write: &StateWrite) {
        let Some(before) = self.state(key) else { return };
        let state = before.updated(write.start_offset, write.delivery_complete_count, &write.batches);
        self.write_update(key, state, &write.batches);
    }

    /// A leader reads what its predecessor has kept, and is known from then on (`readStateAndMaybeUpdateLeaderEpoch`).
    pub(super) fn read_state(&mut self, key: &ShareKey, leader_epoch: i32) -> Option<ShareGroupOffset> {
        let state = self.state(key)?.clone();
        if state.leader_epoch != leader_epoch {
            self.write_update(key, ShareGroupOffset { leader_epoch, ..state.clone() }, &[]);
        }
        Some(state)
    }

    fn write_update(&mut self, key: &ShareKey, state: ShareGroupOffset, batches: &[super::StateBatch]) {
        let per_snapshot = self.cx.configs.share_update_records_per_snapshot;
        if u64::from(state.updates) >= per_snapshot {
            let snapshot_epoch = state.snapshot_epoch + 1;
            self.write_snapshot(key, ShareGroupOffset { snapshot_epoch, updates: 0, ..state });
        } else if let Some(keeper) = self.find_keeper(key) {
            let batches = combine(&[], batches, state.start_offset);
            let record = records::update(key, keeper.topic_id, &state, &batches);
            self.write(key, &keeper, record, Some(ShareGroupOffset { updates: state.updates + 1, ..state }));
        }
    }

    fn write(&mut self, key: &ShareKey, keeper: &Keeper<'a>, record: Record, state: Option<ShareGroupOffset>) {
        self.records.get_or_insert_with(keeper.home.clone(), || (keeper.broker, Vec::new())).1.push(record);
        self.states.insert(key.clone(), state);
    }

    /// Keeps nothing any more (`deleteState`).
    pub fn delete_state(&mut self, key: &ShareKey) {
        if self.state(key).is_some()
            && let Some(keeper) = self.find_keeper(key)
        {
            let tombstone = records::tombstone(key, keeper.topic_id);
            self.write(key, &keeper, tombstone, None);
        }
    }

    pub fn finish(mut self) -> Outcome {
        for (key, partition) in std::mem::take(&mut self.partitions) {
            self.change(ShareChange::Partition { key, partition: partition.map(Rc::new) });
        }
        let keys: Vec<ShareKey> = self.states.keys().cloned().collect();
        let keepers: Vec<(ShareKey, Option<Keeper<'a>>)> = keys.iter().map(|key| (key.clone(), self.find_keeper(key))).collect();
        for (key, keeper) in keepers {
            let (Some(keeper), Some(state)) = (keeper, self.states.remove(&key)) else { continue };
            let change = ShareChange::State { partition: keeper.home.partition, key, state: state.map(Rc::new) };
            self.outcome.changes.push(Change::Share { broker: keeper.broker.id, change });
        }
        let mut writes = Vec::new();
        for (home, (keeper, records)) in std::mem::take(&mut self.records) {
            writes.extend(self.append(home, keeper, &records));
        }
        for (group_id, group) in std::mem::take(&mut self.groups) {
            let before = self.broker.share_groups.get(&group_id).map(Rc::as_ref);
            let records = share_group_records(self.cx.metadata, &group_id, before, Some(&group));
            append(self.cx, self.broker, &group_id, &records, &mut self.outcome);
            let (broker, group) = (self.broker.id, Some(Rc::new(group)));
            self.outcome.changes.push(Change::ShareGroup { broker, group_id, group });
        }
        for (to, response, mut waits) in std::mem::take(&mut self.answers) {
            waits.extend(writes.iter().cloned());
            if waits.is_empty() {
                self.outcome.responses.push((to, response));
            } else {
                let keys = keys.clone();
                self.change(ShareChange::Hold(HeldShareAnswer { to, response, writes: waits, keys }));
            }
        }
        if let Some(parked) = self.parked.take() {
            self.change(ShareChange::Park(ParkedShareFetch { writes, ..parked }));
        }
        self.outcome
    }

    /// Appends what was written for one partition of `__share_group_state` to its leader's log. With several replicas it is
    /// not committed yet.
    fn append(&mut self, home: TopicPartition, keeper: &Broker, records: &[Record]) -> Option<StateCommit> {
        let mut builder = BatchBuilder::new(0);
        for (key, value) in records {
            builder.push(self.now().timestamp(), Some(key), value.as_deref(), &[]);
        }
        let batch = builder.build(NO_PRODUCER_ID, -1, -1);
        let mut appended = broker::append_own(self.cx, keeper, &home, batch)?;
        let offset = appended.changes.iter().find_map(|change| match change {
            Change::Append { partition, batch, .. } if *partition == home => Some(batch.next_offset()),
            _ => None,
        });
        self.outcome.changes.append(&mut appended.changes);
        self.outcome.timers.append(&mut appended.timers);
        self.outcome.trace.append(&mut appended.trace);
        let state = self.cx.metadata.topic(STATE_TOPIC)?.partition(home.partition)?;
        let leader_epoch = state.leader_epoch;
        (state.replicas.len() > 1).then_some(StateCommit { home, keeper: keeper.id, leader_epoch, offset: offset? })
    }
}
