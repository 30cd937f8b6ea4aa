//! What of a group goes by itself: offsets that are too old, and groups that are empty and hold none
//! (`GroupCoordinatorShard.cleanupGroupMetadata`, `OffsetMetadataManager.cleanupExpiredOffsets`; KIP-211).
//!
//! ```text
//!  group                        │ an offset is kept for offsets.retention.minutes after │ and longer
//!  classic, never had a member  │ it was committed                                      │
//!  classic, Empty               │ the group became Empty                                │
//!  classic, rebalancing         │                                                       │ while that lasts
//!  classic, Stable              │ it was committed                                      │ while a member subscribes to its topic
//!  of the consumer protocol     │ it was committed                                      │ while a member subscribes to its topic
//!  streams                      │ it was committed                                      │ while it has a member and reads its topic
//! ```
//!
//! A coordinator looks each offsets.retention.check.interval.ms after it has read its partition, and writes all tombstones of a
//! look in one batch. Share groups hold no such offsets, and stay. Not here: offsets with an expiry of their own, which only
//! clients before Kafka 2.1 commit.

use super::offsets::{drop_group, drop_offsets, is_subscribed};
use crate::base::{GroupId, SortedSet, Span, TopicName, TopicPartition};
use crate::engine::broker::Broker;
use crate::engine::coordinator::home::{append, home};
use crate::engine::group::GroupState;
use crate::engine::metadata::{OFFSETS_TOPIC, lives_in};
use crate::engine::node::{BrokerTimer, NodeContext, Outcome};
use crate::engine::protocol::CommittedOffset;
use crate::engine::trace::GroupReason;
use crate::engine::wire::Record;

/// Has the coordinator of this partition look once more; `epoch` is that of its leader.
pub(super) fn look_again(cx: &NodeContext<'_>, partition: i32, epoch: i32, outcome: &mut Outcome) {
    let at = cx.now + cx.configs.offsets_retention_check_interval;
    outcome.timers.push((at, BrokerTimer::OffsetsExpiration { partition, epoch }));
}

/// Time to look. Nothing happens when the broker coordinates this partition no more, or does so anew.
pub fn look(cx: &NodeContext<'_>, broker: &Broker, partition: i32, epoch: i32) -> Outcome {
    let mut outcome = Outcome::default();
    let topic = cx.metadata.topic(OFFSETS_TOPIC);
    let Some(_) = topic.filter(|_| broker.coordinates.get(&partition) == Some(&epoch)) else { return outcome };
    look_again(cx, partition, epoch, &mut outcome);
    let count = broker.group_homes(cx.configs);
    let groups = broker.groups.keys().chain(broker.consumer_groups.keys()).chain(broker.streams_groups.keys());
    let groups: Vec<&GroupId> = groups.filter(|group| lives_in(group, partition, count)).collect();
    let Some(first) = groups.first().filter(|group| home(cx, broker, group).is_some()) else { return outcome };
    let tombstones: Vec<Record> = groups.iter().flat_map(|group| expire(cx, broker, group, &mut outcome)).collect();
    append(cx, broker, first, &tombstones, &mut outcome);
    outcome
}

/// Drops what is too old of a group; gives the tombstones.
fn expire(cx: &NodeContext<'_>, broker: &Broker, group_id: &GroupId, outcome: &mut Outcome) -> Vec<Record> {
    let (classic, modern) = (broker.groups.get(group_id), broker.consumer_groups.get(group_id));
    let kept_since = |committed: &CommittedOffset| match classic {
        Some(group) if group.protocol_type.is_empty() => Some(committed.commit_timestamp),
        Some(group) => match group.state {
            GroupState::Empty => Some(group.state_since.timestamp()),
            GroupState::Stable => Some(committed.commit_timestamp),
            _ => None,
        },
        None => Some(committed.commit_timestamp),
    };
    let now = cx.now.timestamp().0;
    let retention_ms = i64::try_from(retention(cx).ms()).unwrap_or(i64::MAX);
    let is_old = |(partition, committed): &(&TopicPartition, &CommittedOffset)| {
        let since = kept_since(committed).filter(|_| !is_subscribed(broker, group_id, &partition.topic));
        since.is_some_and(|since| now.saturating_sub(since.0) >= retention_ms)
    };
    let committed = broker.committed.get(group_id).into_iter().flatten();
    let (old, young): (Vec<_>, Vec<_>) = committed.partition(is_old);
    let is_empty = classic.is_some_and(|group| group.state == GroupState::Empty)
        || modern.is_some_and(|group| group.members.is_empty())
        || broker.streams_groups.get(group_id).is_some_and(|group| group.members.is_empty());
    if young.is_empty() && is_empty {
        let reason = if old.is_empty() { GroupReason::Unused } else { GroupReason::OffsetsExpired };
        return drop_group(broker, group_id, reason, outcome);
    }
    drop_offsets(broker, group_id, old.into_iter().map(|(partition, _)| partition.clone()).collect(), outcome)
}

fn retention(cx: &NodeContext<'_>) -> Span {
    Span::from_secs(cx.configs.offsets_retention_minutes.saturating_mul(60))
}

/// A broker that was out of touch hears of the topics that were deleted meanwhile; `cx` has the new metadata.
pub fn catch_up(cx: &NodeContext<'_>, broker: &Broker, outcome: &mut Outcome) {
    let Some(stale) = &broker.stale else { return };
    let is_there = |name: &TopicName, id| cx.metadata.topic(name.as_str()).is_some_and(|topic| topic.topic_id == id);
    let gone = stale.topics().filter(|(name, topic)| !is_there(name, topic.topic_id));
    topics_deleted(cx, broker, &gone.map(|(name, _)| name.clone()).collect(), outcome);
}

/// Drops what groups have committed for topics that are deleted (`GroupCoordinatorShard.onTopicsDeleted`): one batch of
/// tombstones in each partition that has offsets of these topics.
pub fn topics_deleted(cx: &NodeContext<'_>, broker: &Broker, topics: &SortedSet<TopicName>, outcome: &mut Outcome) {
    let Some(offsets_topic) = cx.metadata.topic(OFFSETS_TOPIC) else { return };
    if topics.contains(OFFSETS_TOPIC) {
        return;
    }
    let count = broker.group_homes(cx.configs);
    for (partition, epoch) in &broker.coordinates {
        let state = offsets_topic.partition(*partition);
        if state.is_none_or(|state| (state.leader, state.leader_epoch) != (Some(broker.id), *epoch)) {
            continue;
        }
        let mut tombstones = Vec::new();
        let mut one_of_them = None;
        for (group_id, committed) in broker.committed.iter().filter(|(group, _)| lives_in(group, *partition, count)) {
            let gone = committed.keys().filter(|partition| topics.contains(&partition.topic)).cloned().collect();
            tombstones.extend(drop_offsets(broker, group_id, gone, outcome));
            one_of_them = Some(group_id);
        }
        if let Some(group_id) = one_of_them {
            append(cx, broker, group_id, &tombstones, outcome);
        }
    }
}
