//! Who leads a partition, and whether the position is still part of its log (KIP-320).
//!
//! ```text
//!  the metadata tells of another leader, or epoch
//!    position without an epoch (a seek, a reset) ─▸ goes on at the new leader
//!    position with the epoch of the record before ─▸ OffsetsForLeaderEpoch: where does that epoch end there?
//!         at the position or behind it ─▸ goes on
//!         before it: what was read is lost ─▸ back to that end; without a reset policy the poll throws
//! ```
//!
//! A partition without a leader keeps its last one: that is asked until another is known.

use super::AutoOffsetReset;
use super::core::Core;
use super::fetching::PartitionState;
use crate::base::{BrokerId, Offset, SortedMap, Span, TopicPartition};
use crate::engine::client::{ClientContext, ConsumerError, Target};
use crate::engine::protocol::{EpochAsked, OffsetsForLeaderEpochRequest, OffsetsForLeaderEpochResponse, Request};

const LOGGER: &str = "org.apache.kafka.clients.consumer.internals.SubscriptionState";

impl Core {
    /// Takes over what the metadata says of leaders.
    pub(super) fn note_leaders(&mut self) {
        for (partition, state) in self.partitions.iter_mut() {
            let (Some(leader), Some(epoch)) = (self.metadata.leader(partition), self.metadata.leader_epoch(partition)) else {
                continue;
            };
            if state.leader == Some((leader, epoch)) {
                continue;
            }
            state.leader = Some((leader, epoch));
            state.preferred = None;
            state.begin_validation();
            if state.validating {
                self.buffered.retain(|buffered| buffered.partition != *partition);
            }
        }
    }

    /// Asks the leaders for the ends of the epochs that positions belong to.
    pub(super) fn validate_positions(&mut self, cx: &mut ClientContext<'_>) {
        let mut by_leader: SortedMap<BrokerId, Vec<(EpochAsked, Offset)>> = SortedMap::new();
        let mut outdated = Vec::new();
        for (partition, state) in self.partitions.iter().filter(|(_, state)| state.validating) {
            let (Some((leader, current_leader_epoch)), Some(leader_epoch), Some(position)) =
                (state.leader, state.last_epoch, state.position)
            else {
                continue;
            };
            let asked = |asked: &Vec<(TopicPartition, Offset)>| asked.iter().any(|(other, _)| other == partition);
            if self.is_stale(state, cx.now) || self.validations.values().any(asked) {
                continue;
            }
            // The offset was committed in an epoch that the metadata does not know yet: its leader is one of the past
            // (`Metadata.updateLastSeenEpochIfNewer`).
            if leader_epoch > current_leader_epoch {
                outdated.push(partition.clone());
                continue;
            }
            let topic_partition = partition.clone();
            let ask = EpochAsked { topic_partition, current_leader_epoch, leader_epoch };
            by_leader.get_or_default(leader).push((ask, position));
        }
        for partition in outdated {
            self.look_again(cx, &partition);
        }
        for (leader, asked) in by_leader {
            let positions = asked.iter().map(|(ask, position)| (ask.topic_partition.clone(), *position)).collect();
            let partitions = asked.into_iter().map(|(ask, _)| ask).collect();
            let request = Request::OffsetsForLeaderEpoch(OffsetsForLeaderEpochRequest { partitions });
            let correlation = cx.request(Target::Broker(leader), request);
            self.validations.insert(correlation, positions);
        }
    }

    pub(super) fn validation_answered(
        &mut self,
        cx: &mut ClientContext<'_>,
        correlation: u32,
        response: &OffsetsForLeaderEpochResponse,
    ) {
        let Some(asked) = self.validations.remove(&correlation) else { return };
        for end in &response.partitions {
            let partition = &end.topic_partition;
            let position = asked.iter().find(|(other, _)| other == partition).map(|(_, position)| *position);
            let Some(state) = self.partitions.get_mut(partition).filter(|state| state.validating && state.position == position)
            else {
                continue;
            };
            if end.error.is_some() {
                self.look_again(cx, partition);
                continue;
            }
            match end.end {
                Some((_, offset)) if position.is_some_and(|position| position <= offset) => state.validating = false,
                end => self.truncated(cx, partition, end),
            }
        }
    }

    pub(super) fn validation_lost(&mut self, cx: &mut ClientContext<'_>, correlation: u32) {
        for (partition, _) in self.validations.remove(&correlation).unwrap_or_default() {
            self.look_again(cx, &partition);
        }
    }

    /// The leader's log ends, in the epoch that was read, before the position.
    fn truncated(&mut self, cx: &mut ClientContext<'_>, partition: &TopicPartition, end: Option<(i32, Offset)>) {
        let description = self.fetch_position(partition);
        let Some(state) = self.partitions.get_mut(partition) else { return };
        if self.config.auto_offset_reset == AutoOffsetReset::None {
            let divergent =
                end.map(|(epoch, offset)| format!("OffsetAndMetadata{{offset={offset}, leaderEpoch={epoch}, metadata=''}}"));
            let broker = divergent.as_ref().map_or(String::new(), |end| format!(" (the end offset from the broker is {end})"));
            let at = format!("Truncation detected for partition {partition} at offset {description}{broker}");
            cx.log("WARN", format!("{at}, but no reset policy is set"), LOGGER);
            self.error = Some(ConsumerError::LogTruncation { partition: partition.clone(), divergent });
            return;
        }
        match end {
            Some((epoch, offset)) => {
                state.position = Some(offset);
                state.last_epoch = Some(epoch);
                state.validating = false;
            }
            None => self.reset_by_policy(vec![partition.clone()], cx.now.timestamp()),
        }
    }

    /// Asks for newer metadata. The partition is asked for again when it has come, or after retry.backoff.ms.
    pub(super) fn look_again(&mut self, cx: &mut ClientContext<'_>, partition: &TopicPartition) {
        let version = self.metadata.version;
        if let Some(state) = self.partitions.get_mut(partition) {
            let until = cx.now + Span::from_ms(self.config.retry_backoff_ms);
            state.stale_metadata = Some((version, until));
            state.preferred = None;
            cx.wake_at(until);
            self.metadata.request_update(cx);
        }
    }

    /// `FetchPosition.toString`
    pub fn fetch_position(&self, partition: &TopicPartition) -> String {
        let state = self.partitions.get(partition);
        let position = state.and_then(|state| state.position).unwrap_or_default();
        let epoch =
            state.and_then(|state| state.last_epoch).map_or("Optional.empty".to_owned(), |epoch| format!("Optional[{epoch}]"));
        let (leader, leader_epoch) = match state.and_then(|state| state.leader) {
            Some((leader, epoch)) => {
                let address = format!("localhost:{}", leader.port());
                let rack = self.metadata.rack(leader).unwrap_or("null");
                (format!("Optional[{address} (id: {leader} rack: {rack} isFenced: false)]"), epoch.to_string())
            }
            None => ("Optional.empty".to_owned(), "absent".to_owned()),
        };
        let current = format!("LeaderAndEpoch{{leader={leader}, epoch={leader_epoch}}}");
        format!("FetchPosition{{offset={position}, offsetEpoch={epoch}, currentLeader={current}}}")
    }
}

impl PartitionState {
    /// After the position or the leader has changed.
    pub(super) fn begin_validation(&mut self) {
        self.validating = self.position.is_some() && self.last_epoch.is_some() && self.leader.is_some();
    }
}
