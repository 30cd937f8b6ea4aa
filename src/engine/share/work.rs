//! Share partitions and their kept state while a handler changes them: copies, and what is to be returned.
//! `finish` makes the outcome; all records for one partition of `__share_group_state` go into one batch.

use std::rc::Rc;

use super::acknowledge::StateWrite;
use super::records;
use super::state::{STATE_TOPIC, ShareGroupOffset, combine, state_partition};
use super::{KeptChange, ShareChange, ShareKey, SharePartition, ShareTimer};
use crate::base::{Offset, SimTime, SortedMap, TopicId, TopicPartition};
use crate::engine::broker::{self, Broker, BrokerTimer, Change, Outcome};
use crate::engine::group::records::Record;
use crate::engine::log::BatchBuilder;
use crate::engine::log::batch::NO_PRODUCER_ID;
use crate::engine::network::RequestRef;
use crate::engine::protocol::Response;
use crate::engine::world::World;

pub struct ShareWork<'a> {
    pub world: &'a World,
    pub broker: &'a Broker,
    pub outcome: Outcome,
    partitions: SortedMap<ShareKey, Option<SharePartition>>,
    states: SortedMap<ShareKey, Option<ShareGroupOffset>>,
    records: SortedMap<TopicPartition, Vec<Record>>,
}

impl<'a> ShareWork<'a> {
    pub fn new(world: &'a World, broker: &'a Broker) -> Self {
        Self {
            world,
            broker,
            outcome: Outcome::default(),
            partitions: SortedMap::new(),
            states: SortedMap::new(),
            records: SortedMap::new(),
        }
    }

    pub fn now(&self) -> SimTime {
        self.world.now()
    }

    pub fn answer(&mut self, to: RequestRef, response: Response) {
        self.outcome.responses.push((to, response));
    }

    pub fn timer(&mut self, at: SimTime, timer: ShareTimer) {
        self.outcome.timers.push((at, BrokerTimer::Share(timer)));
    }

    pub fn change(&mut self, change: ShareChange) {
        self.outcome.changes.push(Change::Share { broker: self.broker.id, change });
    }

    pub fn keep(&mut self, change: KeptChange) {
        self.outcome.changes.push(Change::Kept(change));
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
        let (_, leader_epoch) = broker::led(self.world, self.broker, &key.1).ok()?;
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

    /// Where a share partition's state is kept, and the id of its topic.
    fn home(&self, key: &ShareKey) -> Option<(TopicPartition, TopicId)> {
        let cluster = self.world.cluster();
        let topic_id = cluster.topic(key.1.topic.as_str())?.topic_id;
        let topic = cluster.topic(STATE_TOPIC)?;
        Some((state_partition(key, topic_id, topic.partitions.len() as i32), topic_id))
    }

    pub fn state(&self, key: &ShareKey) -> Option<&ShareGroupOffset> {
        match self.states.get(key) {
            Some(changed) => changed.as_ref(),
            None => self.world.cluster().shares.states.get(key).map(Rc::as_ref),
        }
    }

    /// Sets a start anew, or has share.auto.offset.reset decide it (`initializeState`).
    pub fn initialize(&mut self, key: &ShareKey, start_offset: Offset, state_epoch: i32) {
        let state = ShareGroupOffset::initialized(start_offset, state_epoch, self.state(key));
        self.write_snapshot(key, state);
    }

    fn write_snapshot(&mut self, key: &ShareKey, state: ShareGroupOffset) {
        if let Some((home, topic_id)) = self.home(key) {
            let record = records::snapshot(key, topic_id, &state, self.now().timestamp());
            self.records.get_or_default(home).push(record);
            self.states.insert(key.clone(), Some(state));
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
        let per_snapshot: u32 =
            self.world.broker_config("share.coordinator.snapshot.update.records.per.snapshot").parse().unwrap_or(500);
        if state.updates >= per_snapshot {
            let snapshot_epoch = state.snapshot_epoch + 1;
            self.write_snapshot(key, ShareGroupOffset { snapshot_epoch, updates: 0, ..state });
        } else if let Some((home, topic_id)) = self.home(key) {
            let batches = combine(&[], batches, state.start_offset);
            let record = records::update(key, topic_id, &state, &batches);
            self.records.get_or_default(home).push(record);
            self.states.insert(key.clone(), Some(ShareGroupOffset { updates: state.updates + 1, ..state }));
        }
    }

    /// Keeps nothing any more (`deleteState`).
    pub fn delete_state(&mut self, key: &ShareKey) {
        if self.state(key).is_some()
            && let Some((home, topic_id)) = self.home(key)
        {
            self.records.get_or_default(home).push(records::tombstone(key, topic_id));
            self.states.insert(key.clone(), None);
        }
    }

    pub fn finish(mut self) -> Outcome {
        for (key, partition) in std::mem::take(&mut self.partitions) {
            self.change(ShareChange::Partition { key, partition: partition.map(Rc::new) });
        }
        for (key, state) in std::mem::take(&mut self.states) {
            self.keep(KeptChange::State { key, state: state.map(Rc::new) });
        }
        for (home, records) in &self.records {
            let mut builder = BatchBuilder::new(0);
            for (key, value) in records {
                builder.push(self.now().timestamp(), Some(key), value.as_deref(), &[]);
            }
            let leader = self.world.cluster().topic(STATE_TOPIC).and_then(|topic| topic.partition(home.partition)?.leader);
            if let Some(keeper) = leader.and_then(|leader| self.world.broker(leader))
                && let Some(mut appended) = broker::append_own(self.world, keeper, home, builder.build(NO_PRODUCER_ID, -1, -1))
            {
                self.outcome.changes.append(&mut appended.changes);
                self.outcome.responses.append(&mut appended.responses);
                self.outcome.timers.append(&mut appended.timers);
                self.outcome.trace.append(&mut appended.trace);
            }
        }
        self.outcome
    }
}
